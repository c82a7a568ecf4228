"""newsletter list, newsletter status: what there is, and how far it is."""

import sys
from typing import TYPE_CHECKING

import click

from newsletter.cli import month_option, newsroom_option, root_of, show

if TYPE_CHECKING:
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
    from newsletter.read.load import load

    newsroom = load(root_of(ctx))
    known = [*newsroom.config.chapters, *newsroom.config.publications]
    if chapter and chapter not in known:
        raise CommandError(f"no chapter or publication is called '{chapter}'", did_you_mean(chapter, known))
    items = [
        item
        for item in newsroom.items
        if (not month or month in item.months) and (not chapter or chapter in item.chapters)
    ]
    show.faults(newsroom.faults)
    if not items and not newsroom.faults:
        show.say("no items" + (f" in {month}" if month else "") + (f" for {chapter}" if chapter else ""))
    _show(
        ("month", "tags", "section", "title", "file"),
        [
            (" ".join(item.months), " ".join(item.chapters), item.section, _title(item), item.path)
            for item in sorted(items, key=lambda item: (item.months, item.path))
        ],
    )
    ctx.exit(1 if newsroom.faults else 0)


@click.command("status", short_help="Show which issues of a month are ready, thin, empty or faulty.")
@month_option
@newsroom_option
@click.pass_context
def status_command(ctx: click.Context, month: str | None) -> None:
    """Show every issue of the month: ready, thin (fewer than three items), empty, or faulty, and its subject."""
    from newsletter.issue import assemble
    from newsletter.read.load import load

    newsroom = load(root_of(ctx))
    months = assemble.months(newsroom)
    month = month or (months[-1] if months else None)
    show.faults(newsroom.faults)
    if month is None:
        if not newsroom.faults:
            show.say("there are no items yet", 'newsletter new item "What happened" --chapter CODE')
        ctx.exit(1 if newsroom.faults else 0)
    rows: list[tuple[str, ...]] = [
        (issue_id, *_state(newsroom, issue_id)) for issue_id in assemble.issue_ids(newsroom, month)
    ]
    _show(("issue", "state", "items", "subject"), rows)
    drafts = sum(item.is_draft and month in item.months for item in newsroom.items)
    if drafts:
        show.say(f"{drafts} {'draft waits' if drafts == 1 else 'drafts wait'} in {month}: newsletter list -m {month}")
    ctx.exit(1 if newsroom.faults else 0)


def _state(newsroom: "Newsroom", issue_id: str) -> tuple[str, str, str]:
    """Return the issue's state, its number of items, and its subject or what would make it appear."""
    from newsletter.errors import ContentError
    from newsletter.issue import assemble
    from newsletter.issue.compose import compose

    items = assemble.items_of(newsroom, issue_id)
    faults = assemble.faults_of(newsroom, issue_id)
    if any(fault.tags for fault in faults) or (faults and items):
        return "faulty", str(len(items)), f"{faults[0].place}: {faults[0].message}"
    if not items:
        return "empty", "0", assemble.remedy(newsroom, issue_id)
    try:
        subject = compose(assemble.assemble(newsroom, issue_id)).subject
    except ContentError as error:
        return "faulty", str(len(items)), f"{error.faults[0].place}: {error.faults[0].message}"
    return "thin" if len(items) < _THIN else "ready", str(len(items)), subject


def _title(item: "Item") -> str:
    marks = [*(["draft"] if item.is_draft else []), *([f"until {item.until}"] if item.until else [])]
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
            show.card([(row[0], "bold"), *((f"  {cell}", _COLOURS.get(cell, "")) for cell in row[1:])])
        return
    painted = (
        [(cell, _COLOURS.get(cell, "" if number else "bold")) for number, cell in enumerate(row)] for row in rows
    )
    show.table([(column, "left") for column in columns], painted, unbroken=[0])
