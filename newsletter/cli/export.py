"""newsletter export."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import cache_of, choose, month_option, newsroom_option, out_of, root_of, show, tell_choice

if TYPE_CHECKING:
    from newsletter.model import Newsroom

_PARTS = ("subject", "preheader", "html", "text")


@click.command("export", short_help="Write paste-ready files for an email provider, and a checklist.")
@click.argument("issue")
@month_option
@click.option("--for", "provider", metavar="PROVIDER", help="The provider that sends it: mailchimp, listmonk, …")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where to write; build/ if left out.")
@click.option("--copy", "part", type=click.Choice(_PARTS), help="Put one part on the clipboard as well.")
@click.option("--zip", "is_zip", is_flag=True, help="Add a zip of all files, to hand to somebody else.")
@newsroom_option
@click.pass_context
def export_command(
    ctx: click.Context,
    issue: str,
    month: str | None,
    provider: str | None,
    out: Path | None,
    part: str | None,
    is_zip: bool,
) -> None:
    """Write an issue for an email provider into build/MONTH/ISSUE/PROVIDER/: files to paste, pictures, handover.md.

    handover.md is a checklist: what to paste where, and what to look at before sending. Nothing is sent and no account
    is touched.

    PROVIDER is action-network, everyaction, mailchimp, constant-contact, campaign-monitor, sendgrid, brevo, buttondown,
    listmonk, html (none of them), or a name of [providers.NAME] in newsletter.toml; its provider if left out.
    """
    from newsletter.deliver import folder
    from newsletter.deliver.export import PARTS, export, with_manifest, zipped
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
    ids = issues_named(newsroom, issue, month)
    if part and len(ids) > 1:
        raise CommandError(f"'{issue}' has several issues: {', '.join(ids)}", "with --copy, name one of them")
    builder = Builder(newsroom, base, provider, cache)
    for issue_id in ids:
        made = builder.whole(issue_id)
        name = made.provider.name
        if part == "text" and not made.provider.has_text:
            raise CommandError(f"{made.provider.label} takes no plain text", "it makes its own from the HTML")
        files = export(made.issue, made.cover, made.email, made.delivery, made.provider, builder.findings(made))
        whole = f"{issue_id.replace('/', '-')}-{name}"
        if is_zip:
            files[f"{whole}.zip"] = zipped(files, whole)
        files = with_manifest(files, made.issue, made.email, made.delivery)
        path = folder.write(base, f"{issue_id}/{name}", files)
        show.line(str(show.near(path / f"{whole}.zip" if is_zip else path)))
        show.say(f"next: work through {show.near(path / 'handover.md')}")
        if part:
            from newsletter.cli.clipboard import copy

            # A line break behind a subject would send some forms off.
            words = files[PARTS[part]].decode()
            how = copy(words.rstrip("\n") if part in {"subject", "preheader"} else words)
            show.say(f"{PARTS[part]}: {how}")


def issues_named(newsroom: "Newsroom", word: str, month: str | None) -> list[str]:
    """Return the ids that a user means; what has no items ends in words: what is at fault, or would make it appear."""
    from newsletter.errors import ContentError, NewsletterError

    choice = choose(newsroom, (word,), month)
    tell_choice(choice)
    if choice.missed and choice.faults:
        raise ContentError(choice.faults)
    for empty in choice.missed:
        raise NewsletterError(f"{empty.name} has no items", empty.hint)
    return [edition.id for edition in choice.editions]
