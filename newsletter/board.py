"""Newsroom, ledger, today -> the month's board: how far each issue is, and what to do next."""

import hashlib
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from newsletter.cores import spread
from newsletter.deliver.drafts.known import known_of
from newsletter.deliver.kept import exports
from newsletter.deliver.ledger import Ledger
from newsletter.errors import ContentError, NewsletterError
from newsletter.issue.edition import Edition, cards_of, edition_of, faults_of, is_waiting
from newsletter.line import Builder
from newsletter.model import Card, Level, Newsroom
from newsletter.read.config import audience_of, fill, resolve, words_of
from newsletter.read.files import Stamp, stamps

State = Literal["empty", "thin", "faulty", "ready", "proofed", "drafted", "sent"]
# Fewer items than a subject line names headlines: an issue that a reader opens for little.
FEW = 3
# What was done to an issue, the furthest first, by what the ledger calls it.
_DONE: tuple[tuple[State, tuple[Any, ...]], ...] = (
    ("drafted", ("draft", "change", "over", "seen")),
    ("proofed", ("proof", "test")),
)


class Standing(Struct, frozen=True, kw_only=True):
    """An issue as it would be built now: its digest, what the inbox shows, its length, how many errors it has.

    One at fault has no digest, and is as long as what of it can be read.
    """

    issue: str
    made: str = ""
    subject: str = ""
    words: int = 0
    minutes: int = 0
    errors: int = 0
    is_whole: bool = True


class Row(Struct, frozen=True, kw_only=True):
    """An issue on the board. `changed`: it is not any more what was proofed, drafted or sent.

    `own` items are tagged with no other chapter. `due` is the day by which its items are wanted, if anybody has said
    so; `late_days` count from there while they are missing. `next` is a command, "" where nothing is left to do.
    `stale` are the providers whose export is of another state of the issue. `there` is how its draft was seen at the
    provider, where that is not as it was left: `edited`, `gone`, `scheduled`, `sent`, …; `on` is when it was sent.
    """

    issue: str
    state: State
    changed: bool
    own: int
    shared: int
    words: int
    minutes: int
    due: date | None
    late_days: int
    contact: tuple[str, ...]
    subject: str
    next: str
    stale: tuple[str, ...] = ()
    there: str = ""
    on: str = ""


def board(
    builder: Builder,
    editions: Sequence[Edition],
    ledger: Ledger,
    today: date,
    done: Callable[[Standing], None] = lambda standing: None,
) -> list[Row]:
    """Return the rows of the issues, in their order; `done` hears of each that had to be made to know how it stands."""
    newsroom = builder.newsroom
    known: dict[str, Standing] = {}
    unknown = []
    for edition in editions:
        if not cards_of(newsroom, edition) and not faults_of(newsroom, edition):
            known[edition.id] = Standing(issue=edition.id)
        elif standing := _as_built(builder, edition.id):
            known[edition.id] = standing
        else:
            unknown.append(edition.id)
    known |= {standing.issue: standing for standing in spread(builder, _standing, unknown, done)}
    return [_row(builder, edition, known[edition.id], ledger, today) for edition in editions]


def is_own(card: Card, edition: Edition, newsroom: Newsroom) -> bool:
    """Tell whether an item is tagged with no other chapter than the issue's."""
    return not ({*card.chapters} & {*newsroom.config.chapters}) - {edition.tag}


def is_short(newsroom: Newsroom, edition: Edition) -> bool:
    """Tell whether an issue has too few items, or a chapter's none of its own."""
    cards = cards_of(newsroom, edition)
    has_own = edition.chapter is None or any(is_own(card, edition, newsroom) for card in cards)
    return len(cards) < FEW or not has_own


def late_by(newsroom: Newsroom, edition: Edition, ledger: Ledger, today: date) -> int:
    """Return for how many days items have been missing; 0 before they are due, and once the issue is on its way."""
    due, _ = due_of(newsroom, edition)
    if not due or today <= due or not is_short(newsroom, edition):
        return 0
    names = [name for _, names in _DONE for name in names]
    is_on_its_way = any(entry.state == "done" for entry in ledger.of(edition.id, *names))
    return 0 if is_on_its_way or ledger.sent(edition.id) else (today - due).days


def due_of(newsroom: Newsroom, edition: Edition) -> tuple[date | None, tuple[str, ...]]:
    """Return by which day the items of an issue are wanted, None if nobody has said so, and whom to ask for them."""
    front = newsroom.front_pages.get(edition.id)
    settings = resolve(newsroom.config, edition.publication, edition.chapter, front.own if front else {})
    words = words_of(newsroom.config, edition.chapter)
    contact = tuple(filter(None, (fill(address, words) for address in settings.contact)))
    if not settings.due:
        return None, contact
    year, month = int(edition.month[:4]), int(edition.month[5:])
    # The 31st of April is its last day.
    return date(year, month, min(settings.due, monthrange(year, month)[1])), contact


def _row(builder: Builder, edition: Edition, standing: Standing, ledger: Ledger, today: date) -> Row:
    newsroom = builder.newsroom
    cards = cards_of(newsroom, edition)
    own = sum(is_own(card, edition, newsroom) for card in cards)
    now: State = "ready"
    if not standing.is_whole or standing.errors:
        now = "faulty"
    elif not cards:
        now = "empty"
    elif is_short(newsroom, edition):
        now = "thin"
    state, changed = _furthest(ledger, edition.id, standing, now)
    due, contact = due_of(newsroom, edition)
    late_days = late_by(newsroom, edition, ledger, today)
    handed = {str(stated["provider"]): str(stated["made"]) for _, stated in exports(builder.out, edition.id)}
    known = known_of(ledger, edition.id)
    is_unlike = state == "drafted" and known.there != "draft"
    row = Row(
        issue=edition.id,
        state=state,
        changed=changed,
        own=own,
        shared=len(cards) - own,
        words=standing.words,
        minutes=standing.minutes,
        due=due,
        late_days=late_days,
        contact=contact,
        subject=standing.subject,
        next="",
        stale=tuple(name for name, made in handed.items() if standing.made and made != standing.made),
        there=known.there if is_unlike else "",
        on=known.on if is_unlike else "",
    )
    step = _next(
        newsroom, edition, row, is_handed=standing.made in handed.values(), has_account=_has_account(builder, edition)
    )
    return replace(row, next=step)


def _has_account(builder: Builder, edition: Edition) -> bool:
    """Tell whether newsletter.toml says at which list of an account the issue's draft is made."""
    newsroom = builder.newsroom
    if not any(isinstance(table, Mapping) and table.get("audiences") for table in newsroom.config.providers.values()):
        return False
    front = newsroom.front_pages.get(edition.id)
    own = front.own if front else {}
    settings = resolve(newsroom.config, edition.publication, edition.chapter, own)
    try:
        row = builder.providers.get(builder.provider or settings.provider)
    except ContentError:
        return False
    return row is not None and audience_of(newsroom.config, edition.publication, edition.chapter, own) in row.audiences


def _furthest(ledger: Ledger, issue_id: str, standing: Standing, now: State) -> tuple[State, bool]:
    """Return the furthest state of an issue, and whether it has changed since.

    What has gone out has gone out; an issue that was proofed and can't be built any more is at fault again.
    """
    if sent := ledger.sent(issue_id):
        return "sent", bool(sent.made) and sent.made != standing.made
    if now in {"empty", "faulty"}:
        return now, any(entry.state == "done" for entry in ledger.of(issue_id, "proof", "draft", "change", "over"))
    for state, names in _DONE:
        entries = [entry for entry in ledger.of(issue_id, *names) if entry.state == "done"]
        if entries:
            return state, entries[-1].made != standing.made
    return now, False


def _next(newsroom: Newsroom, edition: Edition, row: Row, *, is_handed: bool, has_account: bool) -> str:
    """Return the command that brings an issue on."""
    if row.state in {"empty", "thin"}:
        months = set(edition.months)
        tagged = newsroom.by_tag.get(edition.tag, ())
        if any(is_waiting(card) and not months.isdisjoint(card.months) for card in tagged):
            return f"newsletter why {row.issue}"
        if row.late_days and edition.chapter:
            return f"newsletter remind -m {edition.month}"
        return f'newsletter new item "What happened" --chapter {edition.tag} -m {edition.month}'
    if row.state == "faulty":
        return f"newsletter check {row.issue}"
    if row.state == "ready" or (row.state == "proofed" and row.changed):
        return f"newsletter proof {row.issue} {'--to-contacts' if row.contact else '--to ADDRESS'}"
    if row.state == "proofed":
        return f"newsletter {'draft' if has_account else 'sent' if is_handed else 'export'} {row.issue}"
    if row.state == "drafted" and row.there in {"edited", "gone"}:
        return f"newsletter pull {row.issue}"
    if row.state == "drafted" and row.there == "sent":
        return f"newsletter sent {row.issue}{f' --on {row.on}' if row.on else ''}"
    if row.state == "drafted":
        # Whether it went out, a look there tells; who marks it sent by habit publishes what nobody got.
        return f"newsletter {'draft' if row.changed else 'drafts'} {row.issue}"
    return ""


def _as_built(builder: Builder, issue_id: str) -> Standing | None:
    """Return how an issue stands that lies there as it would be built now; None for any other."""
    stated = builder.built(issue_id)
    if not stated or "made" not in stated:
        return None
    return Standing(
        issue=issue_id,
        made=str(stated["made"]),
        subject=str(stated["subject"]),
        words=int(stated["words"]),
        minutes=int(stated["minutes"]),
        errors=int(stated["findings"][Level.ERROR.value]),
    )


def _standing(builder: Builder, issue_id: str) -> Standing:
    """Return how an issue stands, made for that; what was made of the same files is remembered."""
    if builder.unknown_rules or faults_of(builder.newsroom, edition_of(builder.newsroom, issue_id)):
        return _at_fault(builder, issue_id)
    inputs = builder.inputs(issue_id)
    key = hashlib.sha256(f"standing {inputs}".encode()).hexdigest()[:40] + ".standing"
    if inputs and (kept := _remembered(builder, key)):
        return kept
    from newsletter.deliver.folder import made_of
    from newsletter.issue.length import minutes_for, words

    try:
        made = builder.whole(issue_id)
    except ContentError:
        return _at_fault(builder, issue_id)
    count = words(made.issue)
    standing = Standing(
        issue=issue_id,
        made=made_of(made.email),
        subject=made.delivery.subject,
        words=count,
        minutes=minutes_for(count),
        errors=sum(finding.level is Level.ERROR for finding in builder.findings(made)),
    )
    if inputs and all(stamp.is_settled(builder.cache.settled) for stamp in made.pictures.values()):
        builder.cache.put(key, msgspec.json.encode((standing, made.pictures)))
    return standing


def _remembered(builder: Builder, key: str) -> Standing | None:
    try:
        kept = builder.cache.get(key)
        if not kept:
            return None
        standing, pictures = msgspec.json.decode(kept, type=tuple[Standing, dict[str, Stamp]])
    except (msgspec.MsgspecError, ValueError):
        return None
    return standing if stamps(builder.newsroom.root, pictures) == pictures else None


def _at_fault(builder: Builder, issue_id: str) -> Standing:
    from newsletter.issue.length import minutes_for, words

    try:
        issue, cover = builder.composed(issue_id)
    except NewsletterError:
        return Standing(issue=issue_id, is_whole=False)
    count = words(issue) if issue.stories else 0
    subject = cover.subject if issue.stories else ""
    return Standing(issue=issue_id, subject=subject, words=count, minutes=minutes_for(count), is_whole=False)


def as_json(month: str, rows: Iterable[Row]) -> Mapping[str, object]:
    """Return what `status --json` prints."""
    return {
        "month": month,
        "issues": [
            {
                "issue": row.issue,
                "state": row.state,
                "changed": row.changed,
                "own": row.own,
                "shared": row.shared,
                "words": row.words,
                "minutes": row.minutes,
                "due": row.due.isoformat() if row.due else None,
                "late_days": row.late_days,
                "contact": list(row.contact),
                "subject": row.subject,
                "next": row.next,
            }
            for row in rows
        ],
    }
