"""newsletter drafts, newsletter pull, newsletter audiences: looking at what waits at the provider."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from newsletter import printable
from newsletter.cli import book, cache_of, choose, issues_of, month_option, newsroom_option, root_of, show, tell_choice

if TYPE_CHECKING:
    from newsletter.deliver.drafts.compare import Change
    from newsletter.deliver.drafts.known import Known
    from newsletter.deliver.drafts.shapes import Audience, Draft
    from newsletter.deliver.providers import Provider
    from newsletter.errors import Place
    from newsletter.model import Config, Item, Newsroom

_COLOURS = {
    "draft": "green",
    "scheduled": "cyan",
    "sent": "dim",
    "edited": "yellow",
    **dict.fromkeys(("gone", "unknown", "unread"), "red"),
}


class _Look(Struct, frozen=True, kw_only=True):
    """How a draft stands at its provider."""

    issue: str
    account: str
    draft: str
    there: str
    audience: str
    link: str
    on: str = ""
    # Marked sent in the newsroom.
    is_marked: bool = False

    @property
    def next(self) -> str:
        """The command that brings it on; none for one that is marked sent."""
        if self.is_marked:
            return ""
        if self.there == "sent":
            return f"newsletter sent {self.issue}{f' --on {self.on}' if self.on else ''}"
        return {
            "edited": f"newsletter pull {self.issue}",
            "gone": f"newsletter draft {self.issue} --over",
            "unknown": f"newsletter draft {self.issue}",
        }.get(self.there, "")


@click.command("drafts", short_help="Look how the drafts stand at the provider.")
@click.argument("issues", nargs=-1, metavar="[ISSUE]...")
@month_option
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@newsroom_option
@click.pass_context
def drafts_command(ctx: click.Context, issues: tuple[str, ...], month: str | None, as_json: bool) -> None:
    """Show how each draft of the month stands at its provider, and write it down for the board.

    As it was left (draft), edited there, scheduled, sending, sent, gone; unknown where an answer was lost, unread where
    the provider could not be asked. Nothing is changed there. 'newsletter sent' notes what was seen as sent.
    """
    from newsletter.cli.accounts import Accounts
    from newsletter.deliver.drafts.desk import Desk
    from newsletter.deliver.drafts.known import known_of, require_draft
    from newsletter.errors import NewsletterError
    from newsletter.issue.edition import editions
    from newsletter.read.load import load

    root = root_of(ctx)
    newsroom = load(root, cache_of(root, root / "build"))
    choice = choose(newsroom, issues, month)
    tell_choice(choice, remarks=False)
    # An issue may have lost its items since.
    named = [edition.id for edition in choice.editions]
    named += [empty.edition.id for empty in choice.missed if empty.edition]
    if not issues and choice.month:
        named = [edition.id for edition in editions(newsroom, choice.month)]
    ledger = book.read(root)
    accounts, desk = Accounts(newsroom.config, root), Desk(root=root, by=book.author(root), now=book.now)
    looks, exit_code = [], 0
    for issue_id in named:
        known = known_of(ledger, issue_id)
        if known.tried and not known.draft:
            # Asked for, and never answered: there is nothing yet to look at by its id.
            looks.append(_not_looked_at(known, issue_id, "unknown"))
            continue
        if not known.draft and not issues:
            continue
        try:
            require_draft(known, issue_id)
            account = accounts.of(_row(newsroom.config, known))
            draft = desk.looked_at(account, issue_id, is_shown=False)
        except NewsletterError as error:
            exit_code = max(exit_code, error.exit_code)
            show.failure(error)
            looks += [_not_looked_at(known, issue_id, "unread")] if known.draft else []
            continue
        looks.append(_look(known, draft, issue_id, is_marked=ledger.sent(issue_id) is not None))
    if as_json:
        show.document({"drafts": [_as_json(look) for look in looks]})
    else:
        _show(looks)
        for look in looks:
            if look.is_marked and look.there in {"draft", "edited"}:
                show.say(
                    f"{look.issue} is marked sent, and its draft still waits there",
                    f"send it there; or, if it is not to go out: newsletter sent {look.issue} --undo",
                )
            # On a terminal it stands in the row.
            if look.next and not sys.stdout.isatty():
                show.say(f"next: {look.next}")
        if not looks and not exit_code:
            show.say(f"no drafts in {choice.month}" if choice.month else "no drafts", "newsletter draft makes them")
    ctx.exit(exit_code)


@click.command("pull", short_help="Show what somebody edited in a draft, word by word.")
@click.argument("issue", metavar="ISSUE")
@month_option
@newsroom_option
@click.pass_context
def pull_command(ctx: click.Context, issue: str, month: str | None) -> None:
    """Show what is other in a draft than what was put there: [-ours-] {+theirs+}, and where the words come from.

    Take over by hand into the items what is to stay; 'newsletter draft ISSUE --over' then replaces what was shown here,
    and nothing that was edited since.
    """
    from newsletter.cli.accounts import Accounts
    from newsletter.deliver.drafts import compare
    from newsletter.deliver.drafts.desk import Desk
    from newsletter.deliver.drafts.known import known_of, require_draft
    from newsletter.deliver.drafts.pictures import pictures_of
    from newsletter.errors import CommandError
    from newsletter.read.load import load

    root = root_of(ctx)
    newsroom = load(root, cache_of(root, root / "build"))
    ids, _ = issues_of(newsroom, (issue,), month)
    if len(ids) > 1:
        raise CommandError(f"'{issue}' has several issues: {', '.join(ids)}", "name one of them")
    issue_id, ledger = ids[0], book.read(root)
    known = known_of(ledger, issue_id)
    require_draft(known, issue_id)
    account = Accounts(newsroom.config, root).of(_row(newsroom.config, known))
    draft = Desk(root=root, by=book.author(root), now=book.now).looked_at(account, issue_id)
    if draft is None:
        show.say(
            f"the draft of {issue_id} is gone: somebody deleted it at {account.label}",
            f"newsletter draft {issue_id} --over makes a new one",
        )
        ctx.exit(1)
    if draft.held == known.held:
        show.say(f"{issue_id} is at {account.label} as it was left: {known.link}")
        return
    ours = _put_there(newsroom, known, issue_id, has_preheader=account.adapter.HAS_PREHEADER)
    theirs = draft.html
    for address, name in pictures_of(ledger, account.name).items():
        theirs = theirs.replace(address, name)
    show.line((f"{issue_id} at {account.label}", "bold"), f"  {known.link}")
    count = 0
    for what, mine, other in (
        ("subject", ours.subject, draft.subject),
        ("preheader", ours.preheader, draft.preheader if account.adapter.HAS_PREHEADER else ours.preheader),
    ):
        if mine.split() != other.split():
            count += 1
            show.line()
            show.line((what, "bold"))
            _show_changes(compare.word_changes(mine, other), newsroom, issue_id)
    if found := compare.changes(ours.html, theirs):
        count += len(found)
        show.line()
        show.line(("words, links, pictures", "bold"))
        _show_changes(found, newsroom, issue_id)
    if not count:
        show.say("nothing that a reader sees is other: the sender, the list, the plain text or the markup is")
    show.say(
        "take over what is to stay into the items, then replace what was shown here",
        f"newsletter draft {issue_id} --over",
    )


@click.command("audiences", short_help="Show the lists of an account, as lines for newsletter.toml.")
@click.option(
    "--for", "provider", metavar="PROVIDER", required=True, help="The account: mailchimp, a [providers.NAME], …"
)
@newsroom_option
@click.pass_context
def audiences_command(ctx: click.Context, provider: str) -> None:
    """Show the lists, tags and segments of an account with their ids, as lines to paste into newsletter.toml.

    Nothing is changed there: the harmless first try of a key. A line begins with the audience that newsletter.toml has
    for it, else with what the provider calls it: write the audience of a chapter or publication in its place.
    """
    from newsletter.cli.accounts import Accounts
    from newsletter.deliver.providers import provider_named
    from newsletter.read.load import load

    root = root_of(ctx)
    newsroom = load(root, cache_of(root, root / "build"))
    row = provider_named(newsroom.config, provider)
    account = Accounts(newsroom.config, root).of(row)
    audiences = account.run(account.adapter.audiences())
    show.line(f"[providers.{row.name}.audiences]")
    for audience in audiences:
        show.line(_as_line(audience, row))
    stated = {target.id for target in row.audiences.values()}
    for target in row.audiences.values():
        if target.id not in {audience.id for audience in audiences}:
            show.say(f"'{target.id}' is in newsletter.toml, and {row.label} has no such list")
    missing = [alias for alias in _aliases(newsroom) if alias not in row.audiences]
    if missing and not stated.issuperset(audience.id for audience in audiences):
        show.say(
            f"these audiences have no line yet: {', '.join(missing)}",
            "write one of them in place of a list's name, and leave out the lists that no issue goes to",
        )


def _row(config: "Config", known: "Known") -> "Provider":
    """Return the row of the account that a draft lies in."""
    from newsletter.deliver.providers import provider_named

    return provider_named(config, known.account)


def _look(known: "Known", draft: "Draft | None", issue_id: str, *, is_marked: bool) -> _Look:
    from newsletter.deliver.drafts.known import standing

    return _Look(
        issue=issue_id,
        account=known.account,
        draft=known.draft,
        there=standing(known, draft),
        audience=known.list_name,
        link=known.link,
        on=draft.sent if draft else "",
        is_marked=is_marked,
    )


def _not_looked_at(known: "Known", issue_id: str, there: str) -> _Look:
    """Return what is known of a draft that could not be looked at."""
    return _Look(
        issue=issue_id,
        account=known.account,
        draft=known.draft,
        there=there,
        audience=known.list_name,
        link=known.link,
    )


def _as_json(look: _Look) -> dict[str, str]:
    keys = ("issue", "account", "draft", "there", "audience", "link", "on", "next")
    return {"list" if key == "audience" else key: getattr(look, key) for key in keys}


def _show(looks: list[_Look]) -> None:
    """Print a row a draft: issue, account, list, how it stands there, link."""
    if not sys.stdout.isatty():
        for look in looks:
            show.row((look.issue, look.account, look.audience, _words(look), look.link))
        return
    for look in looks:
        state = (f"  {_words(look)}", _COLOURS.get(look.there, ""))
        facts = [f"  {words}" for words in (f"{look.account}: {look.audience}", look.link) if words]
        show.card([(look.issue, "bold"), state, *facts, *([(f"  {look.next}", "cyan")] if look.next else []), ""])


def _words(look: _Look) -> str:
    on = f" on {look.on}" if look.on else ""
    return {"draft": "as it was left", "edited": "edited there"}.get(look.there, look.there) + on


def _put_there(newsroom: "Newsroom", known: "Known", issue_id: str, *, has_preheader: bool) -> "_Put":
    """Return what was put there: from the issue's folder, else as the issue is now, and then that is said."""
    from newsletter.deliver import folder
    from newsletter.line import Builder

    base = newsroom.root / "build"
    place = base / issue_id / known.account
    stated = folder.manifest(place)
    if stated and stated.get("made") == known.made:
        try:
            texts = [(place / name).read_text("utf-8") for name in ("subject.txt", "preheader.txt", "issue.html")]
            return _Put(subject=texts[0].strip(), preheader=texts[1].strip(), html=texts[2])
        except (OSError, UnicodeError):
            pass
    show.say("compared with the issue as it is now: what was put there is not in build/ any more")
    from newsletter.deliver.drafts.drafting import provider_for_drafts
    from newsletter.deliver.wrap import wrap

    provider = provider_for_drafts(_row(newsroom.config, known))
    made = Builder(newsroom, base, cache=cache_of(newsroom.root, base)).whole(issue_id, provider)
    wrapped = wrap(made.delivery, made.issue, provider)
    return _Put(subject=wrapped.subject, preheader=wrapped.preheader, html=wrapped.html)


class _Put(Struct, frozen=True, kw_only=True):
    """What was put there."""

    subject: str
    preheader: str
    html: str


def _show_changes(changes: "list[Change]", newsroom: "Newsroom", issue_id: str) -> None:
    for change in changes:
        place = _place_of(change, newsroom, issue_id)
        if place:
            show.line((f"  {place}", "dim"))
        parts: list[show.Part] = ["  ", f"… {change.before} " if change.before else ""]
        parts += [(f"[-{change.ours}-]", "red")] if change.ours else []
        parts += [(f"{{+{change.theirs}+}}", "green")] if change.theirs else []
        show.line(*parts, f" {change.after} …" if change.after else "")


def _place_of(change: "Change", newsroom: "Newsroom", issue_id: str) -> str:
    """Return the file that the words of ours stand in, as far as one of the issue's has them; "" if none has."""
    from newsletter.errors import NewsletterError
    from newsletter.issue.assemble import assemble
    from newsletter.issue.edition import edition_of

    try:
        issue = assemble(newsroom, edition_of(newsroom, issue_id))
    except NewsletterError:
        return ""
    before, after = change.before.split()[-3:], change.after.split()[:3]
    ours = change.ours.split()
    texts = [pair for story in issue.stories for pair in _texts_of(story.item)]
    # What stands around it may be another file's, or our own word for the section.
    for words in ((*before, *ours, *after), (*ours, *after), (*before, *ours), ours):
        wanted = _typed(" ".join(words)).split()
        for place, text in texts if wanted else ():
            if all(word in text for word in wanted):
                return str(place)
    return ""


def _texts_of(item: "Item") -> "Iterator[tuple[Place, str]]":
    """Yield what an item says, each with its place: the keys that readers see, then the words line by line."""
    from newsletter.errors import Place

    for key in ("title", "headline", "summary", "link", "link_label", "image_alt", "image_credit", "source", "author"):
        if key in item.lines:
            yield item.place(key), str(getattr(item, key, ""))
    for number, line in enumerate(item.body.split("\n"), item.body_line):
        yield Place(file=item.path, line=number), line


def _typed(words: str) -> str:
    """Return words as they are typed as a rule, before quotation marks are set."""
    return words.translate(str.maketrans("‘’“”", "''\"\""))


def _as_line(audience: "Audience", row: "Provider") -> str:
    """Return a line of TOML for a list."""
    import json

    stated = {target.id: alias for alias, target in row.audiences.items()}
    name = printable.one_line(audience.name)
    alias = stated.get(audience.id, name)
    # A basic string of TOML is written as one of JSON.
    key, own = json.dumps(alias, ensure_ascii=False), json.dumps(audience.id)
    remarks = [] if alias == name else [name]
    remarks += [] if audience.readers is None else [f"{audience.readers:,} readers"]
    if audience.is_everybody or audience.is_widest:
        what = "everybody" if audience.is_everybody else "the widest list"
        # Whoever pastes all lines must not have said yes to that.
        is_meant = alias in row.audiences and row.audiences[alias].whole_list
        own = f"{{ id = {own}, whole_list = true }}" if is_meant else own
        remarks.append(what if is_meant else f"{what}: to mean it, {{ id = {own}, whole_list = true }}")
    told = ", ".join(remarks)
    return f"{key} = {own}{f'  # {told}' if told else ''}"


def _aliases(newsroom: "Newsroom") -> list[str]:
    """Return the audiences of all issues there can be, as far as newsletter.toml states them."""
    from newsletter.read.config import audience_of, issue_names

    config = newsroom.config
    pairs = issue_names(config).values()
    return list(dict.fromkeys(filter(None, (audience_of(config, *pair) for pair in pairs))))
