"""An issue, the ledger, an account -> a draft there, or why not: it never doubles, never overwrites, never sends.

What is to be done is decided in decisions.py; here it is done, and written down before and after.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct, field
from msgspec.structs import replace

from newsletter.deliver import ledger
from newsletter.deliver.drafts import compare
from newsletter.deliver.drafts.account import Account, Busy
from newsletter.deliver.drafts.decisions import Drafting, Step, decided, given_up, link_of, require_readers, unlike
from newsletter.deliver.drafts.known import Known, known_of, require_draft, standing
from newsletter.deliver.drafts.pictures import (
    address_of,
    is_there,
    placed_of,
    require_addresses,
    require_loadable,
    uploads_of,
)
from newsletter.deliver.drafts.shapes import Audience, Draft, Steps, Value, Wanted
from newsletter.deliver.ledger import Entry, Ledger
from newsletter.errors import ContentError, DiskError, NewsletterError, ServerError, UnknownEndError
from newsletter.model import Picture
from newsletter.sockets import is_loopback

State = Literal["made", "updated", "up to date", "adopted"]
# Seconds within which a request may still be carried out for whose answer nobody waits any more.
_UNDER_WAY = 60.0
# How often a draft is begun anew when the provider is too busy for it.
_TRIES = 4


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of an issue's draft; `remarks` are what staff should know of it, a sentence and a hint each."""

    issue: str
    state: State
    audience: Audience
    link: str = ""
    remarks: tuple[tuple[str, str], ...] = ()


class Shown(Struct, frozen=True, kw_only=True):
    """What a draft would ask for, a request each as people read it: what changes something, what mails the test.

    `has_id`: the draft is there, so that its id is known; if not, ID stands for it.
    """

    changes: tuple[str, ...]
    tests: tuple[str, ...]
    has_id: bool


class Desk(Struct, frozen=True, kw_only=True):
    """Where drafts are made: the newsroom's ledger, who works there, and what time it is."""

    root: Path
    by: str
    now: Callable[[], datetime]
    # When the last draft of this run was made or changed, by the account's clock.
    last: dict[str, float] = field(default_factory=dict)
    # What was made or changed in this run, by issue: that stays so, whatever went wrong after it.
    done: dict[str, State] = field(default_factory=dict)

    def drafted(self, account: Account, drafting: Drafting) -> Outcome:
        """Make, change or find the draft, and return what became of it.

        Raises NewsletterError for what a person must decide, ServerError for what the provider refuses,
        UnknownEndError where nobody knows.
        """
        return _patiently(account, lambda: self._once(account, drafting))

    def shown(self, account: Account, drafting: Drafting, addresses: Sequence[str] = ()) -> Shown:
        """Return the requests for a draft and for its test to the addresses; nothing is changed or written down.

        Raises as `drafted`, but for what only an answer to a change could tell.
        """
        book, adapter = ledger.read(self.root), account.adapter
        known = known_of(book, drafting.issue)
        draft = self._there(account, known, drafting.wanted)
        # Pictures that have no address yet go by their names.
        wanted = placed_of(account, drafting, book)
        step = decided(account, drafting, known, draft, wanted)
        require_readers(account, drafting, book)
        changes: list[str] = []
        draft_id = draft.id if draft else "ID"
        if step not in {"nothing", "adopt"}:
            require_addresses(account, drafting, is_here=_is_here(account))
            for picture in drafting.pictures if not drafting.has_base else ():
                if not address_of(book, account.name, picture):
                    changes += account.shown(adapter.upload(picture))
        if step == "make":
            changes += account.shown(adapter.create(wanted, "ATTEMPT"))
        if step == "make" and adapter.FILLS:
            changes += account.shown(adapter.fill(draft_id, wanted))
        if draft and step in {"fill", "change", "over"}:
            changes += account.shown(_changing(account, step, draft, wanted))
        tests = account.shown(adapter.test(draft_id, wanted, addresses)) if addresses and adapter.TESTS else ()
        return Shown(changes=tuple(changes), tests=tuple(tests), has_id=draft is not None)

    def looked_at(self, account: Account, issue_id: str, *, is_shown: bool = True) -> Draft | None:
        """Return the issue's draft as it stands there, None if it is gone, and write down that it was looked at.

        What `is_shown` to somebody may be replaced then. Raises NewsletterError where no draft is known.
        """
        known = known_of(ledger.read(self.root), issue_id)
        require_draft(known, issue_id)
        # What another account lacks is not gone, and what has the same id there is another mail.
        if mark_of(issue_id, account.identity) != known.mark:
            raise NewsletterError(
                f"the draft of {issue_id} lies in another account at {account.label} than the one with this key",
                f"give the key of that account ({known.link or known.draft}); {given_up(known)}",
            )
        draft = account.run(account.adapter.read(known.draft))
        if draft is None and known.list_id and account.run(account.adapter.audience(known.list_id)) is None:
            raise NewsletterError(
                f"neither the draft of {issue_id} nor its list {known.list_id} is in the account of this key",
                f"give the key of the account that has them; {given_up(known)}",
            )
        facts = {"account": account.name, "mark": known.mark, "draft": known.draft, "there": standing(known, draft)}
        facts |= {"on": draft.sent} if draft and draft.sent else {}
        # That there is nothing, one look shows.
        if is_shown or draft is None:
            facts["shown"] = draft.held if draft else "gone"
        last = [entry for entry in ledger.read(self.root).of(issue_id, "seen") if "there" in entry.more][-1:]
        if not last or any(last[0].more.get(key) != value for key, value in facts.items()):
            ledger.add(self.root, self.now(), self.by, "seen", "done", issue_id, known.made, **facts)
        return draft

    def test(self, account: Account, drafting: Drafting, addresses: Sequence[str]) -> None:
        """Have the provider mail the draft to the addresses; raises as `drafted`."""
        require_tests(account, drafting, addresses)
        book = ledger.read(self.root)
        known = known_of(book, drafting.issue)
        # By now each picture has an address.
        wanted = placed_of(account, drafting, book)

        facts = {"account": account.name, "draft": known.draft, "people": len(addresses)}
        try:
            self._noted(
                account, drafting, "test", lambda op: account.adapter.test(known.draft, wanted, addresses), facts
            )
        except Busy as busy:
            # Whether a test went out can't be looked up, so none is begun anew by itself.
            raise busy.error from None
        except UnknownEndError as error:
            hint = "ask whether it came before you run this again: that mails another one"
            raise UnknownEndError(error.message, hint, error.details) from None

    def _once(self, account: Account, drafting: Drafting) -> Outcome:
        book = ledger.read(self.root)
        known = known_of(book, drafting.issue)
        draft = self._there(account, known, drafting.wanted)
        if draft and not known.draft:
            self._found(account, drafting, draft)
        placed = placed_of(account, drafting, book)
        step = decided(account, drafting, known, draft, placed)
        require_readers(account, drafting, book)
        if step == "nothing" and draft:
            outcome = _outcome(account, drafting, draft, "up to date")
            return replace(outcome, remarks=unlike(account, drafting, known, draft))
        if step == "adopt" and draft:
            self._write_down(account, drafting, draft)
            return _outcome(account, drafting, draft, "up to date" if known.draft else "adopted")
        wanted = self._with_pictures(account, drafting, book)
        has_waited = self._waited(account, drafting, known, step)
        # What follows a last look at the draft is the change itself.
        steps = account.readied(_changing(account, step, draft, wanted)) if draft else None
        # All that takes its time, in which somebody may have edited or scheduled it, or made one elsewhere.
        is_looked_for = steps or has_waited or wanted != placed
        if is_looked_for and not _is_same(self._there(account, known, drafting.wanted), draft):
            return self._once(account, drafting)
        if draft and steps:
            self._change(account, drafting, draft, steps, step)
        draft_id = draft.id if draft else self._make(account, drafting, wanted)
        return self._checked(account, drafting, wanted, draft_id, "made" if step in {"make", "fill"} else "updated")

    def _found(self, account: Account, drafting: Drafting, draft: Draft) -> None:
        """Write down which draft has the mark: what then keeps us from it, `newsletter pull` can show."""
        facts = {
            "account": account.name,
            "mark": drafting.wanted.mark,
            "draft": draft.id,
            "link": link_of(account, draft),
        }
        ledger.add(self.root, self.now(), self.by, "seen", "done", drafting.issue, **facts)

    def _there(self, account: Account, known: Known, wanted: Wanted) -> Draft | None:
        """Return the issue's draft as it stands there; None if there is none, and none was."""
        is_known = known.draft and known.mark == wanted.mark
        # After a request without an answer there may be another one.
        if is_known and known.is_sure:
            return account.run(account.adapter.read(known.draft))
        marked = self._marked(account, wanted.mark)
        return account.run(account.adapter.read(known.draft)) if is_known and not marked else marked

    def _marked(self, account: Account, mark: str) -> Draft | None:
        draft_id = self._only(account, mark)
        return account.run(account.adapter.read(draft_id)) if draft_id else None

    def _only(self, account: Account, mark: str) -> str:
        """Return the id of the one mail with the mark, "" if there is none; raises where there are several."""
        ids = account.run(account.adapter.marked(mark))
        if len(ids) > 1:
            drafts = [draft for draft_id in ids if (draft := account.run(account.adapter.read(draft_id)))]
            details = [f"{draft.id} ({draft.state}): {link_of(account, draft)}" for draft in drafts]
            hint = f"delete all but one there ({mark} is in each), then run this again"
            if any(draft.state == "sent" for draft in drafts):
                # Nobody should throw away what shows who got it.
                hint = "one has gone out: delete the others there, then write it down: newsletter sent"
            raise NewsletterError(f"{account.label} has {len(ids)} mails of this issue", hint, details)
        return ids[0] if ids else ""

    def _with_pictures(self, account: Account, drafting: Drafting, book: Ledger) -> Wanted:
        """Return what is wanted with an address for each picture: uploaded, or below `picture_base_url`."""
        is_here = _is_here(account)
        require_addresses(account, drafting, is_here=is_here)
        if drafting.has_base or not drafting.pictures:
            return drafting.wanted
        addresses = {picture.name: address_of(book, account.name, picture) for picture in drafting.pictures}
        missing = [
            picture
            for picture in drafting.pictures
            if not is_there(account, drafting, addresses[picture.name], is_here=is_here)
        ]
        if missing:
            many = "1 picture" if len(missing) == 1 else f"{len(missing)} pictures"
            account.say(f"{drafting.issue}: uploading {many}")
        addresses |= {picture.name: self._uploaded(account, drafting, picture, book) for picture in missing}
        wanted = drafting.with_addresses(addresses)
        require_loadable(wanted.html, drafting.issue, is_here=is_here)
        for picture in missing:
            # A new picture may take its time to be there; a login before it does not go away.
            is_there(account, drafting, addresses[picture.name], is_here=is_here)
        return wanted

    def _uploaded(self, account: Account, drafting: Drafting, picture: Picture, book: Ledger) -> str:
        """Return a new address for a picture: that of an upload whose end nobody heard of, or of another one."""
        digest = _sha256(picture.content)
        facts = {"account": account.name, "name": picture.name, "sha256": digest}
        uploads = [entry for entry in uploads_of(book, account.name) if entry.more.get("sha256") == digest]
        ended = {entry.op for entry in uploads if entry.state in {"done", "failed"}}
        is_open = any(entry.op not in ended for entry in uploads)
        if is_open and (address := account.run(account.adapter.uploaded(picture.name))):
            ledger.add(self.root, self.now(), self.by, "picture", "done", drafting.issue, url=address, **facts)
            return address
        return self._noted(
            account, drafting, "picture", lambda op: account.adapter.upload(picture), facts, lambda url: {"url": url}
        )

    def _make(self, account: Account, drafting: Drafting, wanted: Wanted) -> str:
        adapter, facts = account.adapter, _facts(account, drafting)
        # What follows may be cut off, so the id is written down before.
        draft_id = self._noted(
            account, drafting, "draft", lambda op: adapter.create(wanted, op), facts, lambda id: {"draft": id}
        )
        self.last[account.name] = account.clock()
        if adapter.FILLS:
            facts = {**facts, "draft": draft_id}
            self._noted(account, drafting, "change", lambda op: adapter.fill(draft_id, wanted), facts)
        # Somebody else may have made one in the same moment.
        self._only(account, wanted.mark)
        return draft_id

    def _change(self, account: Account, drafting: Drafting, draft: Draft, steps: Steps[None], step: Step) -> None:
        facts = {**_facts(account, drafting), "draft": draft.id}
        do: ledger.Do = "over" if step == "over" else "change"
        self._noted(account, drafting, do, lambda op: steps, facts)
        self.last[account.name] = account.clock()

    def _checked(self, account: Account, drafting: Drafting, wanted: Wanted, draft_id: str, state: State) -> Outcome:
        """Read back what was made, write down how it stands, and return that; raises where it is not as wanted."""
        draft = account.run(account.adapter.read(draft_id))
        if draft is None:
            raise UnknownEndError(
                f"{account.label} said that the draft of {drafting.issue} is there, and has none",
                "run this again in some minutes",
            )
        differing = compare.differences(wanted, draft, with_preheader=account.adapter.HAS_PREHEADER)
        if draft.state != "draft":
            raise ServerError(
                f"{account.label} holds {drafting.issue} as '{draft.state}', not as a draft",
                f"look at it there now: {link_of(account, draft)}",
            )
        audience = drafting.wanted.audience
        if draft.readers is not None:
            audience = replace(audience, readers=draft.readers)
            drafting = replace(drafting, wanted=replace(drafting.wanted, audience=audience))
        if "the list" in differing:
            shown = ", ".join(draft.audience) or "no list at all"
            raise NewsletterError(
                f"{drafting.issue}: {account.label} was told the list {audience.id}, and the draft has {shown}",
                f"set the list there by hand, or delete the draft there: {link_of(account, draft)}",
            )
        with _noting(account, drafting, "draft" if state == "made" else "change"):
            self._write_down(account, drafting, draft, is_as_wanted=not differing)
        if differing:
            raise ServerError(
                f"{account.label} took the draft of {drafting.issue}, but {' and '.join(differing)} there "
                f"{'is' if differing == ('the subject',) else 'are'} not as sent",
                f"look at it there before it goes out: {link_of(account, draft)}",
            )
        require_readers(account, drafting, ledger.read(self.root), is_made=True)
        remarks = [(f"{account.label}: {remark}", "") for remark in account.run(account.adapter.remarks(draft_id))]
        if account.adapter.REMAINS:
            remarks.append((f"{drafting.issue}: {account.adapter.REMAINS}", ""))
        outcome = _outcome(account, drafting, draft, state)
        return replace(outcome, remarks=tuple(remarks))

    def _write_down(self, account: Account, drafting: Drafting, draft: Draft, *, is_as_wanted: bool = True) -> None:
        """Write down how the draft stands there."""
        facts = {**_facts(account, drafting), "draft": draft.id, "held": draft.held, "there": draft.state}
        readers = drafting.wanted.audience.readers if draft.readers is None else draft.readers
        facts |= {"readers": readers, "link": link_of(account, draft), "sender": draft.sender}
        # What is not as wanted is put there once more by the next run.
        facts |= {} if is_as_wanted else {"wanted": ""}
        ledger.add(self.root, self.now(), self.by, "seen", "done", drafting.issue, drafting.made, **facts)

    def _noted(
        self,
        account: Account,
        drafting: Drafting,
        do: ledger.Do,
        steps: Callable[[str], Steps[Value]],
        facts: Mapping[str, object],
        more: Callable[[Value], Mapping[str, object]] = lambda value: {},
    ) -> Value:
        """Carry out what changes something, with a line in the ledger before it and one after; `steps` get its `op`."""
        try:
            begun = ledger.begin(self.root, self.now(), self.by, do, drafting.issue, drafting.made, **facts)
        except DiskError as error:
            raise DiskError(error.at, error.reason, f"nothing was asked of {account.label}; make room first") from None
        value = self._ended(begun, lambda: account.run(steps(begun.op)))
        if do in {"draft", "change", "over"}:
            self.done.setdefault(drafting.issue, "made" if do == "draft" else "updated")
        with _noting(account, drafting, do):
            ledger.end(self.root, self.now(), begun, "done", **more(value))
        return value

    def _ended(self, begun: Entry, work: Callable[[], Value]) -> Value:
        """Return what the work returns; where it raises, write down whether anybody can know its end."""
        try:
            return work()
        except (NewsletterError, Busy) as error:
            # What an adapter itself refuses, it refuses before it asks for a change.
            state: ledger.State = "unknown" if isinstance(error, UnknownEndError) else "failed"
            try:
                ledger.end(self.root, self.now(), begun, state)
            except (DiskError, ContentError) as unnoted:
                # What is only begun is looked for like what is unknown; that must not hide what the provider said.
                if isinstance(error, NewsletterError):
                    error.details = (*error.details, f"nor can that be noted here: {unnoted.message}")
            raise
        except BaseException:
            # Ctrl-C, and our own bugs: the answer may be on its way.
            with suppress(DiskError, ContentError):
                ledger.end(self.root, self.now(), begun, "unknown")
            raise

    def _waited(self, account: Account, drafting: Drafting, known: Known, step: Step) -> bool:
        """Wait where a request may still be under way, and where the provider wants it; return whether that was so."""
        waits: list[tuple[float, str]] = []
        if step == "make" and known.tried:
            # Not longer, since a clock may have been put back.
            wait = min(_UNDER_WAY - (self.now() - known.tried).total_seconds(), _UNDER_WAY)
            waits.append((wait, f"the last draft of {drafting.issue} may still come about"))
        pause = account.adapter.PAUSE
        wait = self.last.get(account.name, -1e9) + pause - account.clock()
        waits.append((wait, f"{account.label} takes a draft every {pause:g} s"))
        wait, why = max(waits)
        if wait > 0:
            account.say(f"waiting {wait:.0f} s: {why}")
            account.sleep(wait)
        return wait > 0


def require_tests(account: Account, drafting: Drafting, addresses: Sequence[str]) -> None:
    """Raise NewsletterError where the provider mails no drafts to single addresses."""
    if not account.adapter.TESTS:
        raise NewsletterError(
            f"{account.label} mails no drafts to single addresses",
            f"newsletter proof {drafting.issue} --to {addresses[0]}",
        )


def _changing(account: Account, step: Step, draft: Draft, wanted: Wanted) -> Steps[None]:
    """Return the steps that bring a draft to what is wanted."""
    adapter = account.adapter
    return adapter.fill(draft.id, wanted) if step == "fill" else adapter.change(draft.id, wanted)


def _is_same(one: Draft | None, other: Draft | None) -> bool:
    """Tell whether nobody touched a draft between two looks; how many it reaches is counted anew by the provider."""
    if one is None or other is None:
        return one is other
    return (one.id, one.state, one.held) == (other.id, other.state, other.held)


def _is_here(account: Account) -> bool:
    return is_loopback(urlsplit(account.base).hostname or "")


@contextmanager
def _noting(account: Account, drafting: Drafting, do: ledger.Do) -> Iterator[None]:
    """Raise ServerError where the ledger can't take down what was done: it was done all the same."""
    try:
        yield
    except (DiskError, ContentError) as error:
        issue, label = drafting.issue, account.label
        done = {
            "draft": f"the draft of {issue} is made at {label}",
            "picture": f"a picture of {issue} is uploaded to {label}",
            "test": f"{label} mails the test of {issue}",
        }.get(do, f"the draft of {issue} is changed at {label}")
        looks = "" if do == "test" else f", then: newsletter draft {issue} (it finds by its mark what is there)"
        raise ServerError(
            f"{done}, and that could not be noted here: {error.message}",
            f"make room, or see what keeps ledger.jsonl from being written{looks}",
        ) from None


def _patiently(account: Account, work: Callable[[], Value]) -> Value:
    """Return what the work returns, begun anew where the provider is too busy for it; raises as the work does."""
    for left in reversed(range(_TRIES)):
        try:
            return work()
        except Busy as busy:
            if not left:
                raise busy.error from None
            account.say(f"waiting {busy.seconds:g} s: {account.label} is asked too often")
            account.sleep(busy.seconds)
    raise AssertionError("the last try returns or raises")


def mark_of(issue_id: str, account: str) -> str:
    """Return what an issue's draft is found again by: `nl-` and ten hexadecimal digits."""
    return f"nl-{_sha256(f'{issue_id} {account}'.encode())[:10]}"


def _facts(account: Account, drafting: Drafting) -> dict[str, object]:
    audience = drafting.wanted.audience
    return {
        "account": account.name,
        "mark": drafting.wanted.mark,
        "audience": audience.id,
        "list": audience.name,
        "wanted": drafting.wanted.digest,
    }


def _outcome(account: Account, drafting: Drafting, draft: Draft, state: State) -> Outcome:
    audience = drafting.wanted.audience
    if draft.readers is not None:
        audience = replace(audience, readers=draft.readers)
    return Outcome(issue=drafting.issue, state=state, audience=audience, link=link_of(account, draft))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
