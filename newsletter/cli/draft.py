"""newsletter draft, newsletter drafts, newsletter pull, newsletter audiences: drafts that wait at the provider."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from newsletter.cli import book, cache_of, issues_of, month_option, newsroom_option, root_of, show

if TYPE_CHECKING:
    from newsletter.cli.accounts import Accounts
    from newsletter.deliver.drafts.decisions import Drafting
    from newsletter.deliver.drafts.desk import Desk, Outcome, Shown
    from newsletter.deliver.ledger import Ledger
    from newsletter.deliver.providers import Provider
    from newsletter.errors import NewsletterError
    from newsletter.line import Builder, Made
    from newsletter.model import Newsroom

# Drafts in a row that the provider can't be asked about, before the rest of a month is left.
_MOST_FAILURES = 2


class _Drafted(Struct, frozen=True, kw_only=True):
    """What became of one issue, or what stopped it."""

    issue: str
    state: str
    audience: str = ""
    readers: int | None = None
    link: str = ""
    failure: "NewsletterError | None" = None


class _Asked(Struct, frozen=True, kw_only=True):
    """What the command line wants of each draft."""

    test: tuple[str, ...] = ()
    is_dry: bool = False
    is_over: bool = False
    readers: int | None = None


@click.command("draft", short_help="Put drafts at the provider; a person sends them there.")
@click.argument("issues", nargs=-1, metavar="[ISSUE]...")
@month_option
@click.option("--for", "provider", metavar="PROVIDER", help="The account: mailchimp, listmonk, a [providers.NAME], …")
@click.option("--test", "test", metavar="ADDRESS", multiple=True, help="Have the provider mail it to a colleague.")
@click.option("--dry-run", is_flag=True, help="Show what would be asked of the provider; change nothing there.")
@click.option("--over", is_flag=True, help="Replace what somebody edited there, as 'newsletter pull' has shown it.")
@click.option("--readers", type=click.IntRange(0), metavar="N", help="Confirm that the list has N readers.")
@newsroom_option
@click.pass_context
def draft_command(
    ctx: click.Context,
    issues: tuple[str, ...],
    month: str | None,
    provider: str | None,
    test: tuple[str, ...],
    dry_run: bool,
    over: bool,
    readers: int | None,
) -> None:
    """Make or change a draft of each issue at its provider, addressed to its list. Nothing is ever sent.

    Run it as often as you like: an issue has one draft, found again by a mark in it and by the ledger; what somebody
    edited there is told, and never overwritten. Without an ISSUE, every issue of the month that has not gone out.

    The list of an issue is its audience; [providers.NAME.audiences] in newsletter.toml says what the provider calls
    it, and 'newsletter audiences' shows what there is. The key is NEWSLETTER_KEY_NAME, or in the keyring; on a terminal
    you are asked.
    """
    from newsletter.cli.accounts import Accounts
    from newsletter.deliver.drafts.desk import Desk
    from newsletter.deliver.drafts.drafting import adapter_of
    from newsletter.deliver.proof import recipients
    from newsletter.deliver.providers import provider_named
    from newsletter.errors import CommandError
    from newsletter.line import Builder
    from newsletter.read.load import load

    root = root_of(ctx)
    cache = cache_of(root, root / "build")
    newsroom = load(root, cache)
    if provider:
        # What no issue could get right is told once.
        adapter_of(provider_named(newsroom.config, provider))
    # `--test a@… b@…` reads as one list to a person; to click the second is an argument.
    named = tuple(word for word in issues if "@" not in word)
    typed = (*test, *(word for word in issues if "@" in word))
    if typed and not test:
        raise CommandError(f"'{typed[0]}' is no issue", f"to have it mailed there: --test {typed[0]}")
    addresses = tuple(recipients(newsroom.config, typed, ())) if typed else ()
    _refuse_lists(newsroom, addresses)
    ids, is_good = issues_of(newsroom, named, month)
    if readers is not None and len(ids) > 1:
        raise CommandError(f"--readers {readers} can't be right for {len(ids)} issues", "name one of them")
    asked = _Asked(test=addresses, is_dry=dry_run, is_over=over, readers=readers)
    builder = Builder(newsroom, root / "build", provider, cache)
    accounts, ledger = Accounts(newsroom.config, root), book.read(root)
    desk = Desk(root=root, by=book.author(root), now=book.now)
    results: list[_Drafted] = []
    try:
        with _only_one(root):
            passed_over = set() if named else {issue_id for issue_id in ids if ledger.sent(issue_id)}
            for result in _results(builder, accounts, desk, ledger, ids, passed_over, asked):
                results.append(result)
    finally:
        # What was made before a Ctrl-C, too.
        if not asked.is_dry:
            _show(results)
    if any(result.state in {"made", "updated", "adopted"} and not result.failure for result in results):
        show.say("next: look at each there, send it there, then: newsletter sent ISSUE")
    codes = {result.failure.exit_code for result in results if result.failure} | ({1} if not is_good else set())
    ctx.exit(max(codes, default=0))


def _results(
    builder: "Builder",
    accounts: "Accounts",
    desk: "Desk",
    ledger: "Ledger",
    ids: list[str],
    passed_over: set[str],
    asked: _Asked,
) -> Iterator[_Drafted]:
    """Draft one issue after the other, and tell what stops them; those that are passed over have gone out."""
    told: set[str] = set()
    in_a_row = 0
    for number, issue_id in enumerate(ids):
        if issue_id in passed_over:
            yield _Drafted(issue=issue_id, state="sent")
            continue
        result = _result(builder, accounts, desk, ledger, issue_id, asked)
        if result.failure and str(result.failure) not in told:
            told.add(str(result.failure))
            show.failure(result.failure)
        yield result
        in_a_row = in_a_row + 1 if result.failure and result.failure.exit_code == 3 else 0
        left = len(ids) - number - 1
        if in_a_row == _MOST_FAILURES and left:
            show.say(f"{left} more {'issue is' if left == 1 else 'issues are'} not tried any more", colour="red")
            return


def _result(
    builder: "Builder", accounts: "Accounts", desk: "Desk", ledger: "Ledger", issue_id: str, asked: _Asked
) -> _Drafted:
    """Draft one issue; what stops it comes back in the result."""
    from msgspec.structs import replace

    from newsletter.deliver.drafts.desk import require_tests
    from newsletter.deliver.drafts.drafting import drafting_of
    from newsletter.errors import NewsletterError, ServerError, UnknownEndError

    drafting: Drafting | None = None
    outcome: Outcome | None = None
    try:
        made, provider = _made(builder, ledger, issue_id)
        account = accounts.of(provider)
        drafting = drafting_of(
            account,
            made.issue,
            made.email,
            provider,
            {picture.name: picture for picture in made.delivery.pictures},
            ledger,
            is_over=asked.is_over,
            readers=asked.readers,
        )
        if asked.is_dry:
            _show_requests(desk.shown(account, drafting, asked.test), issue_id, asked.test)
            if asked.test:
                require_tests(account, drafting, asked.test)
            return _Drafted(issue=issue_id, state="")
        outcome = desk.drafted(account, drafting)
        _export(builder, made, provider)
        for remark in outcome.remarks:
            show.say(*remark)
        if asked.test:
            desk.test(account, drafting, asked.test)
            show.say(f"{issue_id}: {provider.label} mails it to {', '.join(asked.test)}")
        return _drafted(outcome)
    except NewsletterError as error:
        if outcome:
            # The draft is there, whatever stopped its test or its files here.
            return replace(_drafted(outcome), failure=error)
        stopped = "failed" if isinstance(error, ServerError) else "refused"
        # What was made before something went wrong is there.
        state = "unknown" if isinstance(error, UnknownEndError) else desk.done.get(issue_id, stopped)
        audience = drafting.wanted.audience if drafting else None
        return _Drafted(
            issue=issue_id,
            state=state,
            audience=audience.name if audience else "",
            readers=audience.readers if audience else None,
            failure=error,
        )


def _made(builder: "Builder", ledger: "Ledger", issue_id: str) -> tuple["Made", "Provider"]:
    """Return the issue as its provider's interface takes it; raises NewsletterError for one that may not go there."""
    from newsletter.deliver.drafts.drafting import provider_for_drafts
    from newsletter.errors import NewsletterError
    from newsletter.model import Level

    if entry := ledger.sent(issue_id):
        raise NewsletterError(
            f"{issue_id} went out on {entry.more.get('on', entry.at.date())}, so it is not drafted any more",
            f"it never did: newsletter sent {issue_id} --undo",
        )
    issue, _ = builder.composed(issue_id)
    provider = provider_for_drafts(builder.provider_of(issue))
    made = builder.whole(issue_id, provider)
    errors = [finding for finding in builder.findings(made) if finding.level is Level.ERROR]
    if errors:
        many = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise NewsletterError(
            f"{issue_id} has {many}, the first at {errors[0].place}: {errors[0].message}",
            f"newsletter check {issue_id}",
        )
    return made, provider


def _export(builder: "Builder", made: "Made", provider: "Provider") -> None:
    """Write what was handed over into the issue's folder, as export does: `newsletter sent` keeps it."""
    from newsletter.deliver import folder
    from newsletter.deliver.export import export, with_manifest

    files = export(made.issue, made.cover, made.email, made.delivery, provider)
    # A checklist for pasting would mislead.
    files = {name: content for name, content in files.items() if not name.endswith((".md", ".zip"))}
    files = with_manifest(files, made.issue, made.email, made.delivery)
    folder.write(builder.out, f"{made.issue.id}/{provider.name}", files)


@contextmanager
def _only_one(root: Path) -> Iterator[None]:
    from newsletter.errors import DiskError, NewsletterError
    from newsletter.writing import held

    with ExitStack() as stack:
        try:
            stack.enter_context(held(root / "drafts"))
        except BlockingIOError:
            message = "another newsletter command is making drafts in this newsroom"
            raise NewsletterError(message, "wait until it is done, then run this again") from None
        except OSError as error:
            # Without a line in the ledger nothing may be asked for.
            hint = "a draft is written down in the newsroom: see that you may write there"
            raise DiskError(str(root), (error.strerror or str(error)).lower(), hint) from None
        yield


def _refuse_lists(newsroom: "Newsroom", addresses: tuple[str, ...]) -> None:
    """Refuse a test to what this newsroom mails issues to."""
    from newsletter.deliver.providers import providers
    from newsletter.errors import CommandError
    from newsletter.read.config import audience_of, issue_names

    config = newsroom.config
    known = {audience_of(config, *pair).casefold() for pair in issue_names(config).values()}
    known |= {alias.casefold() for row in providers(config).values() for alias in row.audiences}
    for address in addresses:
        if address.casefold() in known:
            raise CommandError(f"{address} is a list, not a colleague", "name the people who are to look at it")


def _drafted(outcome: "Outcome") -> _Drafted:
    audience = outcome.audience
    return _Drafted(
        issue=outcome.issue,
        state=outcome.state,
        audience=audience.name,
        readers=audience.readers,
        link=outcome.link,
    )


def _show_requests(shown: "Shown", issue_id: str, addresses: tuple[str, ...]) -> None:
    if not shown.changes:
        show.say(f"{issue_id}: nothing would change there")
    else:
        counted = "1 request" if len(shown.changes) == 1 else f"{len(shown.changes)} requests"
        show.say(f"{issue_id}: {counted} would change something there", bold=True)
    if shown.tests:
        show.say(f"{issue_id}: then the last request here would have it mailed to {', '.join(addresses)}", bold=True)
    requests = (*shown.changes, *shown.tests)
    if requests and not shown.has_id:
        show.say("ID stands for what the provider will call the draft")
    for request in requests:
        for line in request.splitlines():
            show.line(line)
        show.line()


_COLOURS = {"made": "green", "updated": "green", "adopted": "green", "up to date": "", "sent": "dim"}


def _show(results: list[_Drafted]) -> None:
    """Print a row an issue: issue, list, readers, state, link."""
    if not sys.stdout.isatty():
        for result in results:
            show.row(
                (
                    result.issue,
                    result.audience,
                    "" if result.readers is None else result.readers,
                    result.state,
                    result.link,
                )
            )
        return
    for result in results:
        state = (f"  {result.state}", "red" if result.failure else _COLOURS.get(result.state, "red"))
        facts = [f"  {words}" for words in (_list(result), result.link) if words]
        show.card([(result.issue, "bold"), state, *facts, ""])


def _list(result: _Drafted) -> str:
    return result.audience if result.readers is None else f"{result.audience}, {result.readers:,} readers"
