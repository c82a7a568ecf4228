"""newsletter list, newsletter status: what there is, and how far it is."""

import sys
from typing import TYPE_CHECKING

import click

from newsletter.cli import cache_of, choose, month_option, newsroom_option, root_of, show, tell_choice, tell_others

if TYPE_CHECKING:
    from newsletter.issue.edition import Edition
    from newsletter.model import Item, Newsroom

# Fewer items than a subject line names headlines: an issue that a reader opens for little.
_THIN = 3
_COLOURS = {"ready": "green", "thin": "yellow", "empty": "dim", "faulty": "red"}


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


@click.command("status", short_help="Show which issues of a month are ready, thin, empty or faulty.")
@month_option
@newsroom_option
@click.pass_context
def status_command(ctx: click.Context, month: str | None) -> None:
    """Show every issue of the month: ready, thin (fewer than three items), empty, or faulty, and its subject."""
    from newsletter.issue.edition import editions
    from newsletter.read.load import load

    root = root_of(ctx)
    newsroom = load(root, cache_of(root, root / "build"))
    choice = choose(newsroom, (), month)
    month = choice.month
    show.faults(choice.faults)
    tell_choice(choice)
    if not month:
        for empty in choice.empty:
            show.say(f"{empty.name} has no items", empty.hint)
        return
    rows: list[tuple[str, ...]] = [(edition.id, *_state(newsroom, edition)) for edition in editions(newsroom, month)]
    _show(("issue", "state", "items", "subject"), rows)
    drafts = sum(card.is_draft and month in card.months for card in newsroom.items.cards)
    if drafts:
        show.say(f"{drafts} {'draft waits' if drafts == 1 else 'drafts wait'} in {month}: newsletter list -m {month}")
    ctx.exit(1 if choice.faults else 0)


def _state(newsroom: "Newsroom", edition: "Edition") -> tuple[str, str, str]:
    """Return the issue's state, its number of items, and its subject or what would make it appear."""
    from newsletter.errors import ContentError
    from newsletter.issue.assemble import assemble
    from newsletter.issue.compose import compose
    from newsletter.issue.edition import faults_of, items_of, remedy

    items = items_of(newsroom, edition)
    faults = faults_of(newsroom, edition)
    if any(fault.tags for fault in faults) or (faults and items):
        return "faulty", str(len(items)), f"{faults[0].place}: {faults[0].message}"
    if not items:
        return "empty", "0", remedy(newsroom, edition)
    try:
        subject = compose(assemble(newsroom, edition)).subject
    except ContentError as error:
        return "faulty", str(len(items)), f"{error.faults[0].place}: {error.faults[0].message}"
    return "thin" if len(items) < _THIN else "ready", str(len(items)), subject


def _title(item: "Item") -> str:
    marks = [
        *(["draft"] if item.is_draft else ["untouched"] if item.is_untouched else []),
        *([f"until {item.until}"] if item.until else []),
    ]
    return f"{item.title} ({', '.join(marks)})" if marks else item.title


def _bare(column: str, cell: str) -> str:
    """Return a cell as it reads without the head of its column: `9` items are `9 items`."""
    return f"{cell} {'item' if cell == '1' else 'items'}" if column == "items" else cell


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
            cells = zip(columns, row, strict=True)
            told = [(f"  {_bare(column, cell)}", _COLOURS.get(cell, "")) for column, cell in cells]
            show.card([(row[0], "bold"), *told[1:]])
        return
    painted = (
        [(cell, _COLOURS.get(cell, "" if number else "bold")) for number, cell in enumerate(row)] for row in rows
    )
    show.table([(column, "left") for column in columns], painted, unbroken=[0])
