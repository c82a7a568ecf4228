"""newsletter build."""

import os
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import (
    all_option,
    cache_of,
    choose,
    month_option,
    newsroom_option,
    out_of,
    root_of,
    show,
    tell_choice,
)

if TYPE_CHECKING:
    from newsletter.errors import Fault
    from newsletter.issue.edition import Empty
    from newsletter.line import Built
    from newsletter.model import Level

# In the place of its findings: an issue with a fault has none.
_NOT_BUILT = "not built"


@click.command("build", short_help="Build issues: HTML, plain text, .eml, manifest.")
@click.argument("issues", nargs=-1, metavar="[ISSUE]...")
@month_option
@all_option
@click.option("--for", "provider", metavar="PROVIDER", help="Whose merge tags to write: mailchimp, listmonk, …")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where to write; build/ if left out.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@newsroom_option
@click.pass_context
def build_command(
    ctx: click.Context,
    issues: tuple[str, ...],
    month: str | None,
    every: bool,
    provider: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Build issues into build/MONTH/ISSUE/: issue.html, issue.txt, issue.eml, manifest.json, pictures.

    Without an ISSUE, every issue of the month that has items; with --all, of every month. An issue with a fault is not
    built: its last good build stays, and the others are built all the same.
    """
    from newsletter.deliver.folder import manifest
    from newsletter.line import Builder, Built, build_all
    from newsletter.read.load import load

    root = root_of(ctx)
    where = out_of(root, out)
    cache = cache_of(root, where)
    newsroom = load(root, cache)
    if provider:
        from newsletter.deliver.providers import provider_named

        provider_named(newsroom.config, provider)
    choice = choose(newsroom, issues, month, every=every)
    ids = [edition.id for edition in choice.editions]
    builder = Builder(newsroom, where, provider, cache)
    with show.progress("building", len(ids), lambda built: built.issue) as done:
        results: list[Built] = list(build_all(builder, ids, done))
    # One template or picture can stop many issues; it is told once.
    faults = {(fault.place, fault.message): fault for built in results for fault in built.faults}
    faults |= {(fault.place, fault.message): fault for fault in choice.faults}
    show.faults([fault for _, fault in sorted(faults.items(), key=lambda pair: pair[0])])
    for failure in {str(built.failure): built.failure for built in results if built.failure}.values():
        show.failure(failure)
    _tell_empty(choice.empty)
    tell_choice(choice)
    for left in [builder.out / empty.name for empty in choice.empty if manifest(builder.out / empty.name)]:
        show.say(f"{show.near(left)} is from an earlier build, when it had items")
    if as_json:
        show.document(json_of(choice.faults, results))
    else:
        _show_rows(results)
    _tell_left(results)
    if faults or not all(built.is_good for built in results) or choice.missed:
        ctx.exit(1)


def _tell_empty(empty: "Sequence[Empty]") -> None:
    """Say which issues have no items, and what would make the first of them appear."""
    if not empty:
        return
    named = ", ".join(issue.name for issue in empty[:8]) + (f" and {len(empty) - 8} more" if len(empty) > 8 else "")
    first = empty[0]
    is_alone = len(empty) == 1
    show.say(
        f"{named} {'has' if is_alone else 'have'} no items, so {'it is' if is_alone else 'they are'} not built",
        first.hint if is_alone else f"for {first.name}: {first.hint}",
    )


def _tell_left(results: "Sequence[Built]") -> None:
    """Say how many of several issues were not built, and which; what is at fault was said before."""
    left = [built.issue for built in results if not built.is_good]
    if left and len(results) > 1:
        named = ", ".join(left[:8]) + (f" and {len(left) - 8} more" if len(left) > 8 else "")
        show.say(f"{len(left)} of {len(results)} issues {'is' if len(left) == 1 else 'are'} not built: {named}")


def _show_rows(results: "Sequence[Built]") -> None:
    good = [built for built in results if built.is_good]
    if not good:
        return
    if not sys.stdout.isatty():
        # Whoever reads them reads of each where it lies.
        for built in good:
            show.row(
                (built.issue, built.subject, built.items, built.html_bytes, _findings(built), show.near(built.path))
            )
        return
    where = show.near(os.path.commonpath([built.path for built in good]))
    if show.width() < 90:
        for built in results:
            if built.is_good:
                counts = f"{_counted(built.items, 'item')} · {_size(built)} · {_findings(built)}"
                show.card([(built.issue, "bold"), built.subject, (counts, "dim"), ""])
            else:
                show.card([(built.issue, "bold"), (_NOT_BUILT, "red"), ""])
        _tell_end(good, where)
        return
    columns = (
        ("issue", "left"),
        ("subject", "left"),
        ("items", "right"),
        ("of Gmail's 102 kB", "right"),
        ("findings", "left"),
    )
    for number, (_, rows) in enumerate(groupby(results, _month)):
        # The rows of several months stand apart.
        if number:
            show.line()
        show.table(columns, map(_cells, rows))
    _tell_end(good, where)


def _cells(built: "Built") -> "tuple[show.Part, ...]":
    if not built.is_good:
        return (built.issue, "bold"), "", "", "", (_NOT_BUILT, "red")
    style = "red" if built.count(_level("error")) else "yellow" if built.count(_level("warning")) else "green"
    return (built.issue, "bold"), built.subject, str(built.items), _size(built), (_findings(built), style)


def _tell_end(good: "list[Built]", where: Path) -> None:
    show.say(f"written to {where}/")
    if any(built.findings for built in good):
        months = sorted({_month(built) for built in good})
        which = f"-m {months[0]}" if len(months) == 1 else "--all"
        show.say(f"next: see what was found: newsletter check {which}")


def _month(built: "Built") -> str:
    return built.issue.partition("/")[0]


def _size(built: "Built") -> str:
    from newsletter.model import GMAIL_BYTES

    return f"{built.html_bytes / 1000:.1f} kB, {built.html_bytes * 100 // GMAIL_BYTES} %"


def _findings(built: "Built") -> str:
    counted = [
        f"{number} advice" if level == "advice" else _counted(number, level)
        for level in ("error", "warning", "advice")
        if (number := built.count(_level(level)))
    ]
    return ", ".join(counted) or "clean"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _level(name: str) -> "Level":
    from newsletter.model import Level

    return Level(name)


def json_of(faults: Iterable["Fault"], results: Iterable["Built"]) -> dict[str, object]:
    """Return what `--json` prints: a row an issue, and the faults of the newsroom's files."""

    def described(fault: "Fault") -> dict[str, object]:
        return {
            "file": fault.place.file,
            "line": fault.place.line,
            "message": fault.message,
            "hint": fault.hint,
        }

    return {
        "issues": [
            {
                "issue": built.issue,
                "built": built.is_good,
                "path": built.path,
                "subject": built.subject,
                "items": built.items,
                "html_bytes": built.html_bytes,
                "findings": {level: built.count(_level(level)) for level in ("error", "warning", "advice")},
                "faults": [described(fault) for fault in built.faults],
                "failure": show.worded(built.failure) if built.failure else "",
            }
            for built in results
        ],
        "faults": [described(fault) for fault in faults],
    }
