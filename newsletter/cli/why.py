"""newsletter why."""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from newsletter.cli import cache_of, choose, month_option, newsroom_option, root_of, show

if TYPE_CHECKING:
    from newsletter.errors import Fault
    from newsletter.issue.edition import Edition
    from newsletter.issue.reasons import Reason
    from newsletter.model import Card, Newsroom

# That many issues that an item was never meant for are named one by one.
_FEW = 3


@click.command("why", short_help="Say why an item is, or is not, in an issue.")
@click.argument("word", metavar="ITEM|ISSUE")
@month_option
@newsroom_option
@click.pass_context
def why_command(ctx: click.Context, word: str, month: str | None) -> None:
    """Say why an ITEM is, or is not, in each issue of its months; why each item is, or is not, in an ISSUE.

    An ITEM is the name of its file, with or without .md, and is looked for in all months. Each reason comes with the
    line to change.
    """
    from newsletter.read.load import load

    root = root_of(ctx)
    newsroom = load(root, cache_of(root, root / "build"))
    if not _is_issue(newsroom, word):
        ctx.exit(0 if _tell_items(newsroom, word, month) else 1)
    choice = choose(newsroom, (word,), month)
    if choice.note:
        show.say(choice.note)
    meant = [*choice.editions, *(empty.edition for empty in choice.empty if empty.edition)]
    for edition in meant:
        _tell_issue(newsroom, edition)
    for empty in choice.missed:
        show.say(f"{empty.name} has no items", empty.hint, colour="red")
    ctx.exit(1 if choice.faults or choice.missed else 0)


def _is_issue(newsroom: "Newsroom", word: str) -> bool:
    """Tell whether the word can only be an issue, or is called as one; else it is the name of a file."""
    from newsletter.read.config import issue_names

    config = newsroom.config
    name = word.rpartition("/")[2]
    known = {*issue_names(config), *config.chapters, *config.publications}
    return name in known or (word.count("/") == 1 and word[:4].isdigit() and not name.endswith(".md"))


def _tell_items(newsroom: "Newsroom", word: str, month: str | None) -> bool:
    """Tell of each item of that name; return whether none of them is at fault. CommandError where there is none."""
    from newsletter.errors import CommandError, did_you_mean
    from newsletter.issue.naming import ENDING
    from newsletter.issue.reasons import faults_about
    from newsletter.read.config import issue_names

    def bare(path: str) -> str:
        return ENDING.sub("", path.casefold())

    whole = bare(word.removeprefix("./"))

    def is_meant(path: str) -> bool:
        return whole in {bare(path), bare(path.rpartition("/")[2])} or bare(path).endswith(f"/{whole}")

    cards = [card for card in newsroom.items.cards if is_meant(card.path)]
    broken = {fault.place.file for fault in newsroom.faults if is_meant(fault.place.file)}
    # Whoever wrote it down by its title.
    if not cards and not broken:
        from newsletter.issue.naming import plain

        cards = [item for item in newsroom.items if plain(word) in {plain(item.title), plain(item.headline)}]
    if not cards and not broken:
        stems = [ENDING.sub("", card.path.rpartition("/")[2]) for card in newsroom.items.cards]
        known = [*issue_names(newsroom.config), *newsroom.config.chapters, *dict.fromkeys(stems)]
        raise CommandError(f"no item and no issue is called '{word}'", did_you_mean(word, known))
    for path in sorted(broken):
        show.line((path, "bold"))
        for fault in faults_about(newsroom, path):
            _tell_fault(path, fault)
    for card in cards:
        _tell_item(newsroom, card, month)
    return not broken


def _tell_item(newsroom: "Newsroom", card: "Card", month: str | None) -> None:
    from newsletter.issue.edition import faults_of
    from newsletter.issue.reasons import editions_about, reasons

    item = newsroom.items.of(card)
    rows: list[tuple[Edition, list[Reason]]] = [
        (edition, reasons(newsroom, edition, card)) for edition in editions_about(newsroom, item.months, month)
    ]
    if not sys.stdout.isatty():
        for edition, found in rows:
            _print_row((edition.id, card.path), found)
        return
    show.line((card.path, "bold"), f"  {item.title}")
    others = [edition for edition, found in rows if found and all(reason.is_tag for reason in found)]
    if len(others) <= _FEW:
        others = []
    for edition, found in rows:
        if edition in others:
            continue
        _tell(edition.id, found)
        if not found and (faults := faults_of(newsroom, edition)):
            show.line("      but the issue is not built: ", (str(faults[0].place), "bold"), f": {faults[0].message}")
    if others:
        named = ", ".join(edition.name for edition in others[:6]) + (", …" if len(others) > 6 else "")
        show.line(f"  not in {len(others)} others, which it is not tagged for: ", named)
        show.line("      ", (str(item.place("chapters")), "bold"), ": add what shall run it to chapters")


def _tell_issue(newsroom: "Newsroom", edition: "Edition") -> None:
    from newsletter.issue.edition import cards_of, faults_of
    from newsletter.issue.reasons import reasons

    inside = {card.path for card in cards_of(newsroom, edition)}
    folders = tuple(f"issues/{month}/" for month in edition.months)
    concerned = [
        (card, reasons(newsroom, edition, card))
        for card in newsroom.items.cards
        if card.path in inside or not set(edition.months).isdisjoint(card.months) or card.path.startswith(folders)
    ]
    # First what is in it, then what was meant for it, then what never was.
    concerned.sort(key=lambda pair: (bool(pair[1]), any(reason.is_tag for reason in pair[1]), pair[0].path))
    faults = faults_of(newsroom, edition)
    if not sys.stdout.isatty():
        for card, found in concerned:
            _print_row((edition.id, card.path), found)
        for fault in faults:
            show.row((edition.id, fault.place.file, "not in it", fault.message, str(fault.place), fault.hint))
        return
    show.line((edition.id, "bold"))
    others = [card for card, found in concerned if any(reason.is_tag for reason in found)]
    hidden = {card.path for card in others} if len(others) > _FEW else set()
    for card, found in concerned:
        if card.path not in hidden:
            _tell(card.path, found)
    for fault in faults:
        _tell_fault(fault.place.file, fault)
    if hidden:
        show.line(f"  {len(hidden)} more items of the month are not tagged {edition.tag}")


def _tell(name: str, found: "Sequence[Reason]") -> None:
    show.line("  ", (name, ""), "  ", ("not in it", "yellow") if found else ("in it", "green"))
    for reason in found:
        show.line("      it ", reason.message)
        show.line("      ", (str(reason.place), "bold"), f": {reason.hint}")


def _tell_fault(name: str, fault: "Fault") -> None:
    show.line("  ", name, "  ", ("at fault", "red"))
    show.line("      ", (str(fault.place), "bold"), f": {fault.message}")
    if fault.hint:
        show.line("      ", ("hint:", "cyan"), f" {fault.hint}")


def _print_row(names: Iterable[str], found: "Sequence[Reason]") -> None:
    """Print a row for each reason: issue, item, whether it is in there, why not, where, and what to change."""
    if not found:
        show.row((*names, "in it", "", "", ""))
    for reason in found:
        show.row((*names, "not in it", f"it {reason.message}", str(reason.place), reason.hint))
