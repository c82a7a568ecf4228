"""newsletter list, newsletter status: what there is, and how far it is."""

import sys
from datetime import date
from typing import TYPE_CHECKING

import click

from newsletter.cli import (
    book,
    cache_of,
    choose,
    month_option,
    newsroom_option,
    root_of,
    show,
    tell_choice,
    tell_others,
)

if TYPE_CHECKING:
    from newsletter.board import Row
    from newsletter.model import Item, Newsroom

_COLOURS = {
    "empty": "dim",
    "thin": "yellow",
    "faulty": "red",
    "ready": "green",
    "proofed": "cyan",
    "drafted": "blue",
    "sent": "dim",
}


@click.command("list", short_help="List the items.")
@month_option
@click.option("--chapter", help="Only items with this chapter or publication among their tags.")
@newsroom_option
@click.pass_context
def list_command(ctx: click.Context, month: str | None, chapter: str | None) -> None:
    """List the items: month, tags, section, title, file; drafts and expired ones are marked."""
    from newsletter.errors import CommandError, did_you_mean
    from newsletter.issue.edition import concerning
    from newsletter.read.load import load

    root = root_of(ctx)
    newsroom = load(root, cache_of(root, root / "build"))
    known = [*newsroom.config.chapters, *newsroom.config.publications]
    if chapter and chapter not in known:
        raise CommandError(f"no chapter or publication is called '{chapter}'", did_you_mean(chapter, known))
    items = [
        item
        for item in newsroom.items
        if (not month or month in item.months) and (not chapter or chapter in item.chapters)
    ]
    faults = concerning(newsroom.faults, month, chapter)
    show.faults(faults)
    tell_others(len(newsroom.faults) - len(faults), "this list doesn't")
    if not items and not faults:
        show.say("no items" + (f" in {month}" if month else "") + (f" for {chapter}" if chapter else ""))
    _show(
        ("month", "tags", "section", "title", "file"),
        [
            (" ".join(item.months), " ".join(item.chapters), item.section, _title(item), item.path)
            for item in sorted(items, key=lambda item: (item.months, item.path))
        ],
    )
    ctx.exit(1 if faults else 0)


@click.command("status", short_help="Show the month's board: how far each issue is, and what is next.")
@month_option
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@newsroom_option
@click.pass_context
def status_command(ctx: click.Context, month: str | None, as_json: bool) -> None:
    """Show every issue of the month, how far it is, and the next step.

    Empty, thin (fewer than three items, or none of the chapter's own), faulty, ready, proofed, drafted, sent; what was
    changed since is said. Own items are tagged with no other chapter. Late is what is empty or thin after its due day.
    """
    from newsletter.board import as_json as json_of
    from newsletter.board import board
    from newsletter.deliver.drafts.known import known_of
    from newsletter.issue.edition import editions
    from newsletter.line import Builder
    from newsletter.read.load import load

    root = root_of(ctx)
    out = root / "build"
    newsroom = load(root, cache_of(root, out))
    choice = choose(newsroom, (), month)
    month = choice.month
    show.faults(choice.faults)
    tell_choice(choice)
    ledger = book.read(root)
    if not month:
        for empty in choice.empty:
            show.say(f"{empty.name} has no items", empty.hint)
        if as_json:
            show.document(json_of("", ()))
        return
    builder = Builder(newsroom, out, cache=cache_of(root, out))
    every = editions(newsroom, month)
    with show.progress("looking", len(every), lambda standing: standing.issue) as done:
        rows = board(builder, every, ledger, date.today(), done)
    if as_json:
        show.document(json_of(month, rows))
    else:
        _show_board(rows)
    for row in rows:
        for provider in row.stale:
            show.say(
                f"{row.issue} is not any more what was exported for {provider}",
                f"newsletter export {row.issue} --for {provider}",
            )
        # Cut off in the middle, or never answered.
        for entry in ledger.of(row.issue, "proof")[-1:]:
            if entry.state in {"begun", "unknown"}:
                message = f"{row.issue}: a proof of {entry.at:%Y-%m-%d} may have gone out, or not; nobody has said so"
                show.say(message, "ask a recipient before you send another")
        known = known_of(ledger, row.issue)
        if known.mark and not known.is_sure:
            message = f"{row.issue}: a draft may have been made or changed, or not; nobody has said so"
            show.say(message, f"newsletter draft {row.issue} looks there, and clears it up")
    _tell_waiting(newsroom, month, {covered for edition in every for covered in edition.months})
    ctx.exit(1 if choice.faults else 0)


def _tell_waiting(newsroom: "Newsroom", month: str, months: set[str]) -> None:
    """Say how many drafts wait in the month, those that were imported apart."""
    cards = [card for card in newsroom.items.cards if card.is_draft and not months.isdisjoint(card.months)]
    imported = sum(bool(newsroom.items.of(card).made_from) for card in cards)
    for count, noun in ((len(cards) - imported, "draft"), (imported, "imported draft")):
        if count:
            show.say(f"{count} {noun}{' waits' if count == 1 else 's wait'} in {month}: newsletter list -m {month}")


def _show_board(rows: list["Row"]) -> None:
    """Print the board: two lines an issue on a terminal, a row of cells in a pipe."""
    if not sys.stdout.isatty():
        for row in rows:
            due = row.due.isoformat() if row.due else ""
            cells = (row.own, row.shared, row.words, row.minutes, due, row.late_days, " ".join(row.contact))
            show.row((row.issue, _state(row), *cells, row.subject, row.next))
        return
    if show.width() < 80:
        for row in rows:
            state = (_state(row), _COLOURS[row.state])
            facts = (state, (_items(row), ""), (_length(row), ""), _due(row), (row.next, "cyan"))
            show.card([(row.issue, "bold"), *((f"  {words}", look) for words, look in facts if words), ""])
        return
    table = [(row.issue, _state(row), _items(row), _length(row)) for row in rows]
    widths = [max(map(len, column)) + 2 for column in zip(*table, strict=True)]
    # What has no room beside the state stands below it.
    columns = 4 if sum(widths) <= show.width() else 3
    for row, texts in zip(rows, table, strict=True):
        looks = ("bold", _COLOURS[row.state], "", "")
        padded = [text.ljust(width) for text, width in zip(texts[:columns], widths, strict=False)]
        padded[-1] = padded[-1].rstrip()
        show.line(*zip(padded, looks, strict=False))
        for words, look in (*(((texts[3], ""),) if columns == 3 else ()), _due(row), (row.next, "cyan")):
            if words:
                show.line("  ", (words, look))


def _state(row: "Row") -> str:
    there = {"": "", "gone": ", gone there"}.get(row.there, f", {row.there} there")
    return f"{row.state}{there}, changed since" if row.changed else f"{row.state}{there}"


def _items(row: "Row") -> str:
    return f"{row.own} own, {row.shared} shared" if row.own + row.shared else "no items"


def _length(row: "Row") -> str:
    return f"{row.words:,} words, {row.minutes} min" if row.words else ""


def _due(row: "Row") -> "tuple[str, str]":
    """Return by when its items are wanted, and how to paint that; nothing once it is out of hands."""
    if not row.due or row.state in {"drafted", "sent"}:
        return "", ""
    if not row.late_days:
        return f"due {row.due}", "dim"
    who = f": {', '.join(row.contact)}" if row.contact else ""
    return f"late by {row.late_days} day{'' if row.late_days == 1 else 's'}{who}", "yellow"


def _title(item: "Item") -> str:
    marks = [
        *(["draft"] if item.is_draft else ["untouched"] if item.is_untouched else []),
        *([f"until {item.until}"] if item.until else []),
    ]
    return f"{item.title} ({', '.join(marks)})" if marks else item.title


def _show(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print rows: a table on a terminal, tab-separated lines in a pipe."""
    if not sys.stdout.isatty():
        for row in rows:
            show.row(row)
        return
    if not rows:
        return
    if show.width() < 80:
        for row in rows:
            show.card([(row[0], "bold"), *(f"  {cell}" for cell in row[1:])])
        return
    painted = ([(cell, "" if number else "bold") for number, cell in enumerate(row)] for row in rows)
    show.table([(column, "left") for column in columns], painted, unbroken=[0])
