"""newsletter sent."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import book, cache_of, choose, month_option, newsroom_option, out_of, root_of, show

if TYPE_CHECKING:
    from newsletter.deliver.drafts.known import Known
    from newsletter.deliver.kept import Handed, Sources
    from newsletter.deliver.ledger import Entry
    from newsletter.model import Newsroom


@click.command("sent", short_help="Keep what went out, and write down that it did.")
@click.argument("issues", nargs=-1, required=True, metavar="ISSUE...")
@month_option
@click.option("--on", metavar="DATE", help="The day on which it went out, 2024-09-12; today if left out.")
@click.option("--undo", is_flag=True, help="It did not go out: take back what was kept and written down.")
@click.option("--again", is_flag=True, help="It went out once more: keep what was handed over since.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where it was built; build/ if left out.")
@newsroom_option
@click.pass_context
def sent_command(
    ctx: click.Context,
    issues: tuple[str, ...],
    month: str | None,
    on: str | None,
    undo: bool,
    again: bool,
    out: Path | None,
) -> None:
    """Say that an issue went out: what was handed over is kept in sent/MONTH/ISSUE/, with its items, and committed.

    That is the newest export of the issue, else its build; no mail is sent. The ledger (ledger.jsonl) has when it went
    out, and who said so. build/ may be deleted afterwards.
    """
    from newsletter.deliver.drafts.known import known_of
    from newsletter.errors import CommandError, NewsletterError
    from newsletter.read.load import load

    root = root_of(ctx)
    base = out_of(root, out)
    if undo and (on or again):
        given = "--on" if on else "--again"
        raise CommandError(f"--undo takes back what was written down, so it does not go with {given}", "leave one out")
    stated = _day(on)
    newsroom = load(root, cache_of(root, base))
    ids, is_good = _named(newsroom, base, issues, month)
    ledger = book.read(root)
    by = book.author(root)
    done = 0
    for issue_id in ids:
        try:
            if undo:
                _take_back(root, issue_id, ledger.sent(issue_id), by)
            else:
                known = known_of(ledger, issue_id)
                day = stated or _day_seen(known, issue_id) or date.today()
                _keep(newsroom, base, issue_id, ledger.sent(issue_id), day, by, again=again)
                _tell_unlike(known, issue_id)
            done += 1
        except NewsletterError as error:
            is_good = False
            show.failure(error)
    if done:
        show.say("next: git add ledger.jsonl sent, and commit")
    ctx.exit(0 if is_good else 1)


def _day_seen(known: "Known", issue_id: str) -> date | None:
    """Return the day on which the issue's draft went out, as `newsletter drafts` has seen it; None if it has not."""
    if known.there != "sent":
        return None
    try:
        day = date.fromisoformat(known.on)
    except ValueError:
        return None
    show.say(f"{issue_id} was seen as sent on {day}: that day is noted")
    return day


def _tell_unlike(known: "Known", issue_id: str) -> None:
    """Say where what went out is not what is kept, or where the last look at the issue's draft found it unsent."""
    if known.is_edited:
        show.say(f"{issue_id} was edited at the provider: what is kept are the words of the newsroom")
    if known.draft and known.there != "sent":
        show.say(
            f"{issue_id} has a draft that was not sent when it was last looked at",
            f"newsletter drafts {issue_id} looks again; if it never goes out: newsletter sent {issue_id} --undo",
        )


def _day(on: str | None) -> date | None:
    from newsletter.errors import CommandError
    from newsletter.read import values

    today = date.today()
    if on is None:
        return None
    try:
        day = values.day(on)
    except values.Refused as refused:
        raise CommandError(f"--on: {refused.message}", refused.hint) from None
    if day > today:
        raise CommandError(f"--on: {day} is still to come", "say it when it has gone out")
    return day


def _named(newsroom: "Newsroom", base: Path, words: tuple[str, ...], month: str | None) -> tuple[list[str], bool]:
    """Return the ids that are meant, and whether all of them are there: an issue may have lost its items since."""
    from newsletter.deliver import folder, kept

    choice = choose(newsroom, words, month)
    if choice.note:
        show.say(choice.note)
    ids = [edition.id for edition in choice.editions]
    is_good = True
    for empty in choice.missed:
        issue_id = empty.edition.id if empty.edition else ""
        if issue_id and (folder.manifest(base / issue_id) or kept.kept(newsroom.root, issue_id)):
            ids.append(issue_id)
        else:
            is_good = False
            show.say(f"{empty.name} has no items", empty.hint, colour="red")
    return ids, is_good


def _take_back(root: Path, issue_id: str, entry: "Entry | None", by: str) -> None:
    from newsletter.deliver import kept, ledger
    from newsletter.errors import NewsletterError

    if not entry:
        raise NewsletterError(f"{issue_id} is not marked sent", "newsletter status shows what is")
    ledger.add(root, book.now(), by, "sent", "done", issue_id, entry.made, undo=True)
    kept.forget(root, issue_id)
    show.line(issue_id)
    show.say(f"{issue_id} is not marked sent any more")


def _keep(
    newsroom: "Newsroom", base: Path, issue_id: str, entry: "Entry | None", day: date, by: str, *, again: bool
) -> None:
    from newsletter.deliver import kept, ledger
    from newsletter.errors import NewsletterError

    if entry and not again:
        who = f" by {entry.by}" if entry.by else ""
        raise NewsletterError(
            f"{issue_id} is marked sent already: on {entry.more.get('on', entry.at.date())}{who}",
            "it went out once more: --again; it never did: --undo",
        )
    handed = kept.handed_over(base, issue_id)
    made_from = kept.sources(newsroom, handed.manifest, _pictures(newsroom, issue_id))
    path = kept.keep(newsroom.root, handed, made_from, day.isoformat())
    provider = str(handed.manifest["provider"])
    ledger.add(
        newsroom.root,
        book.now(),
        by,
        "sent",
        "done",
        issue_id,
        str(handed.manifest["made"]),
        on=day.isoformat(),
        provider=provider,
    )
    show.line(str(show.near(path)))
    _tell(issue_id, handed, made_from)


def _tell(issue_id: str, handed: "Handed", made_from: "Sources") -> None:
    """Say what was kept, and how that differs from what lies there now."""
    show.say(f"{issue_id}: kept what lies in {show.near(handed.folder)}")
    for changed in handed.changed:
        show.say(f"{show.near(changed)} was changed after it was written, so that folder was not taken")
    for path in made_from.edited:
        show.say(f"{path} was edited since: the mail has its former words, its page on the site will have the new ones")
    for path in made_from.gone:
        show.say(f"{path} is gone: the mail has it, its page on the site won't")


def _pictures(newsroom: "Newsroom", issue_id: str) -> list[str]:
    """Return the paths of the issue's pictures, the logo among them, as far as it can be assembled today."""
    from newsletter.errors import NewsletterError
    from newsletter.issue.assemble import assemble
    from newsletter.issue.edition import edition_of
    from newsletter.look.pictures import paths_of

    try:
        return paths_of(assemble(newsroom, edition_of(newsroom, issue_id)))
    except NewsletterError:
        return []
