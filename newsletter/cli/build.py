"""newsletter build."""

import gc
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import cache_of, month_option, near, newsroom_option, out_of, root_of, show

if TYPE_CHECKING:
    from newsletter.errors import Fault
    from newsletter.line import Built
    from newsletter.model import Level, Newsroom


@click.command("build", short_help="Build issues: HTML, plain text, .eml, manifest.")
@click.argument("issues", nargs=-1, metavar="[ISSUE]...")
@month_option
@click.option("--for", "provider", metavar="PROVIDER", help="Whose merge tags to write: mailchimp, listmonk, …")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where to write; build/ if left out.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@newsroom_option
@click.pass_context
def build_command(
    ctx: click.Context,
    issues: tuple[str, ...],
    month: str | None,
    provider: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Build issues into build/MONTH/ISSUE/: issue.html, issue.txt, issue.eml, manifest.json, pictures.

    Without an ISSUE, every issue of the month that has items. An issue with a fault is not built: its last good
    build stays, and the others are built all the same.
    """
    from newsletter.deliver.folder import manifest
    from newsletter.line import Builder, Built, build_all
    from newsletter.read.load import load

    root = root_of(ctx)
    newsroom = load(root)
    # It stays to the end: no collection need look through it again, and no worker's copy of it be touched.
    gc.freeze()
    if provider:
        from newsletter.deliver.providers import provider_named

        provider_named(newsroom.config, provider)
    ids, empty = wanted_issues(newsroom, issues, month)
    where = out_of(root, out)
    builder = Builder(newsroom, where, provider, cache_of(root, where))
    with show.progress("building", len(ids), lambda built: built.issue) as done:
        results: list[Built] = list(build_all(builder, ids, done))
    # One template or picture can stop many issues; it is told once.
    faults = {(fault.place, fault.message): fault for one in results for fault in one.faults}
    faults |= {(fault.place, fault.message): fault for fault in newsroom.faults}
    show.faults([fault for _, fault in sorted(faults.items(), key=lambda pair: pair[0])])
    for failure in {str(one.failure): one.failure for one in results if one.failure}.values():
        show.failure(failure)
    _tell_empty(empty)
    for left in [builder.out / issue_id for issue_id, _ in empty if manifest(builder.out / issue_id)]:
        show.say(f"{near(left)} is from an earlier build, when it had items")
    if as_json:
        show.document(json_of(newsroom.faults, results))
    else:
        _show_rows(results)
    if faults or not all(one.is_good for one in results) or (empty and (issues or not results)):
        ctx.exit(1)


def wanted_issues(
    newsroom: "Newsroom", wanted: tuple[str, ...], month: str | None
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the ids to build, and those asked for that have nothing to show, with what would make them appear."""
    from newsletter.issue import assemble

    months = assemble.months(newsroom)
    newest = month or (months[-1] if months else "")
    if not newest and not any("/" in one for one in wanted):
        if newsroom.faults:
            # There are items, all of them at fault: that is told already.
            return [], []
        return [], [("this newsroom", 'write one: newsletter new item "What happened" --chapter CODE -m 2024-09')]
    if wanted:
        asked = [one for word in wanted for one in assemble.named(newsroom, word, newest)]
    else:
        asked = assemble.issue_ids(newsroom, newest)
    ids, empty = [], []
    for one in dict.fromkeys(asked):
        # A fault whose file does not say whom it concerns stops issues, but it makes none.
        is_faulty = any(fault.tags and fault.months for fault in assemble.faults_of(newsroom, one))
        if assemble.items_of(newsroom, one) or is_faulty:
            ids.append(one)
        else:
            empty.append((one, assemble.remedy(newsroom, one)))
    if not ids and not wanted:
        shown = ", ".join(months[-6:]) or "none"
        return [], [(newest, f"the months with items are {shown}")]
    return ids, empty


def _tell_empty(empty: list[tuple[str, str]]) -> None:
    """Say which issues have no items, and what would make the first of them appear."""
    if not empty:
        return
    named = ", ".join(issue_id for issue_id, _ in empty[:8]) + (f" and {len(empty) - 8} more" if len(empty) > 8 else "")
    issue_id, hint = empty[0]
    is_alone = len(empty) == 1
    show.say(
        f"{named} {'has' if is_alone else 'have'} no items, so {'it is' if is_alone else 'they are'} not built",
        hint if is_alone else f"for {issue_id}: {hint}",
    )


def _show_rows(results: Iterable["Built"]) -> None:
    good = [one for one in results if one.is_good]
    if not good:
        return
    if not sys.stdout.isatty():
        for one in good:
            show.row((one.issue, one.subject, one.items, one.html_bytes, _findings(one), near(one.path)))
        return
    where = near(os.path.commonpath([one.path for one in good]))
    if show.width() < 90:
        for one in good:
            told = f"{_counted(one.items, 'item')} · {_size(one)} · {_findings(one)}"
            show.card([(one.issue, "bold"), one.subject, (told, "dim"), ""])
        _tell_end(good, where)
        return
    columns = (
        ("issue", "left"),
        ("subject", "left"),
        ("items", "right"),
        ("of Gmail's 102 kB", "right"),
        ("findings", "left"),
    )
    show.table(columns, map(_cells, good))
    _tell_end(good, where)


def _cells(built: "Built") -> "tuple[show.Part, ...]":
    style = "red" if built.count(_level("error")) else "yellow" if built.count(_level("warning")) else "green"
    return (built.issue, "bold"), built.subject, str(built.items), _size(built), (_findings(built), style)


def _tell_end(good: "list[Built]", where: Path) -> None:
    show.say(f"written to {where}/")
    if any(one.findings for one in good):
        months = sorted({one.issue.partition("/")[0] for one in good})
        show.say(f"next: see what was found: newsletter check -m {months[0]}")


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

    def told(fault: "Fault") -> dict[str, object]:
        return {
            "file": fault.place.file,
            "line": fault.place.line,
            "message": fault.message,
            "hint": fault.hint,
        }

    return {
        "issues": [
            {
                "issue": one.issue,
                "built": one.is_good,
                "path": one.path,
                "subject": one.subject,
                "items": one.items,
                "html_bytes": one.html_bytes,
                "findings": {level: one.count(_level(level)) for level in ("error", "warning", "advice")},
                "faults": [told(fault) for fault in one.faults],
                "failure": str(one.failure or ""),
            }
            for one in results
        ],
        "faults": [told(fault) for fault in faults],
    }
