"""newsletter export."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from newsletter.cli import cache_of, issues_of, month_option, newsroom_option, out_of, root_of, show

if TYPE_CHECKING:
    from newsletter.errors import NewsletterError
    from newsletter.line import Builder

_PARTS = ("subject", "preheader", "html", "text")


class _Exported(Struct, frozen=True, kw_only=True):
    """What became of one issue: where it lies, for whom, and how many errors it hands over; or what stopped it."""

    issue: str
    provider: str = ""
    path: str = ""
    archive: str = ""
    errors: int = 0
    failure: "NewsletterError | None" = None


@click.command("export", short_help="Write paste-ready files for an email provider, and a checklist.")
@click.argument("issues", nargs=-1, metavar="[ISSUE]...")
@month_option
@click.option("--for", "provider", metavar="PROVIDER", help="The provider that sends it: mailchimp, listmonk, …")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where to write; build/ if left out.")
@click.option("--copy", "part", type=click.Choice(_PARTS), help="Put one part on the clipboard as well.")
@click.option("--zip", "is_zip", is_flag=True, help="Add a zip of all files, to hand to somebody else.")
@newsroom_option
@click.pass_context
def export_command(
    ctx: click.Context,
    issues: tuple[str, ...],
    month: str | None,
    provider: str | None,
    out: Path | None,
    part: str | None,
    is_zip: bool,
) -> None:
    """Write issues for an email provider into build/MONTH/ISSUE/PROVIDER/: files to paste, pictures, handover.md.

    handover.md is a checklist: what to paste where, and what to look at before sending. Nothing is sent and no account
    is touched. Without an ISSUE, every issue of the month that has items; one with a fault is not exported, and the
    others are all the same.

    PROVIDER is action-network, everyaction, mailchimp, constant-contact, campaign-monitor, sendgrid, brevo, mailerlite,
    buttondown, listmonk, html (none of them), or a name of [providers.NAME] in newsletter.toml; its provider if left
    out.
    """
    from newsletter.cores import spread
    from newsletter.deliver.providers import provider_named
    from newsletter.errors import CommandError
    from newsletter.line import Builder
    from newsletter.read.load import load

    root = root_of(ctx)
    base = out_of(root, out)
    cache = cache_of(root, base)
    newsroom = load(root, cache)
    if provider:
        provider_named(newsroom.config, provider)
    ids, is_good = issues_of(newsroom, issues, month)
    if part and len(ids) > 1:
        given = f"'{issues[0]}' has" if len(issues) == 1 else "these are"
        raise CommandError(f"{given} several issues: {', '.join(ids)}", "with --copy, name one of them")
    builder = Builder(newsroom, base, provider, cache)
    work = partial(_export, part=part, is_zip=is_zip)
    with show.progress("exporting", len(ids), lambda exported: exported.issue) as done:
        results = list(spread(builder, work, ids, done))
    if len(results) == 1 and results[0].failure:
        raise results[0].failure
    show.failures(result.failure for result in results if result.failure)
    _show_rows(results)
    for result in results:
        if result.errors:
            counted = "1 error" if result.errors == 1 else f"{result.errors} errors"
            show.say(f"{result.issue} is handed over with {counted}: newsletter check {result.issue}", colour="red")
    written = [result for result in results if not result.failure]
    if len(written) == 1:
        show.say(f"next: work through {show.near(Path(written[0].path) / 'handover.md')}")
    elif written:
        show.say("next: work through the handover.md in each folder")
    if part and written:
        _copy(Path(written[0].path), part)
    ctx.exit(0 if is_good and len(written) == len(results) else 1)


def _export(builder: "Builder", issue_id: str, *, part: str | None, is_zip: bool) -> _Exported:
    """Write one issue; what stops it comes back in the result."""
    from newsletter.deliver import folder
    from newsletter.deliver.export import export, with_manifest, zipped
    from newsletter.errors import CommandError, NewsletterError
    from newsletter.model import Level

    try:
        made = builder.whole(issue_id)
        name = made.provider.name
        if part == "text" and not made.provider.has_text:
            raise CommandError(f"{made.provider.label} takes no plain text", "it makes its own from the HTML")
        findings = builder.findings(made)
        files = export(made.issue, made.cover, made.email, made.delivery, made.provider, findings)
        whole = f"{issue_id.replace('/', '-')}-{name}"
        if is_zip:
            files[f"{whole}.zip"] = zipped(files, whole)
        files = with_manifest(files, made.issue, made.email, made.delivery)
        path = folder.write(builder.out, f"{issue_id}/{name}", files)
    except NewsletterError as error:
        return _Exported(issue=issue_id, failure=error)
    return _Exported(
        issue=issue_id,
        provider=name,
        path=str(path),
        archive=str(path / f"{whole}.zip") if is_zip else "",
        errors=sum(finding.level is Level.ERROR for finding in findings),
    )


def _show_rows(results: list[_Exported]) -> None:
    """Print where an issue lies; of several, a row each."""
    if len(results) == 1:
        show.line(str(show.near(results[0].archive or results[0].path)))
        return
    if not sys.stdout.isatty():
        for result in results:
            where = show.near(result.archive or result.path) if result.path else ""
            show.row((result.issue, _state(result), result.provider, where))
        return
    if show.width() < 80:
        for result in results:
            show.card([(result.issue, "bold"), _painted(result), str(show.near(result.archive or result.path)), ""])
        return
    rows = ((result.issue, _painted(result), str(show.near(result.archive or result.path))) for result in results)
    show.table([("issue", "left"), ("state", "left"), ("folder", "left")], rows, unbroken=[0])


def _state(result: _Exported) -> str:
    if result.failure:
        return "not exported"
    return "exported" if not result.errors else f"{result.errors} error{'s' if result.errors > 1 else ''}"


def _painted(result: _Exported) -> "show.Part":
    return _state(result), "red" if result.failure or result.errors else "green"


def _copy(folder: Path, part: str) -> None:
    from newsletter.cli.clipboard import copy
    from newsletter.deliver.export import PARTS

    words = (folder / PARTS[part]).read_bytes().decode()
    # A line break behind a subject would send some forms off.
    how = copy(words.rstrip("\n") if part in {"subject", "preheader"} else words)
    show.say(f"{PARTS[part]}: {how}")
