"""Action Network v2 (actionnetwork.org/docs/v2, changelog to 2024-08; read 2026-11-25, never tried live).

An audience is a query, `2d1e6c0a-…`, or `everybody` in the group. A draft is a message: the inner part of a page, which
gets the group's wrapper around it. How many it reaches is counted after it was made.
"""

from collections.abc import Mapping
from itertools import count
from urllib.parse import quote

from msgspec import Struct, ValidationError, convert, field

from newsletter.deliver.drafts.shapes import EVERYBODY, Audience, Call, Draft, Pause, Steps, Wanted
from newsletter.errors import ServerError

HAS_PREHEADER, FILLS, TAKES_PICTURES, TESTS = False, False, False, False
# It takes a new message, or a new target, every 30 seconds (as a connector by others has it).
HOST, PAUSE = "actionnetwork.org", 30.0
REMAINS = "Action Network put the group's default wrapper around it: choose another there if that is not the one"

_STATES = {"sending_by_timezone": "sending", "throttled": "sending"}
# Its help speaks of a minute for counting: so often it is waited that long.
_WAITS, _SECONDS = 12, 5.0
_OWN = "action_network:"
_EVERYBODY = Audience(id=EVERYBODY, name=EVERYBODY, is_everybody=True)


class _Link(Struct):
    href: str = ""


class _Links(Struct):
    own: _Link = field(default_factory=_Link, name="self")


class _Query(Struct):
    identifiers: list[str]
    name: str = ""
    links: _Links = field(default_factory=_Links, name="_links")


class _Message(Struct):
    identifiers: list[str]
    status: str = ""
    subject: str = ""
    body: str = ""
    sender: str = field(default="", name="from")
    reply_to: str = ""
    administrative_url: str = ""
    targets: list[_Link] | None = None
    total_targeted: int | None = None
    sent_start_date: str | None = None


class _Embedded(Struct):
    queries: list[_Query] = field(default_factory=list, name="osdi:queries")
    messages: list[_Message] = field(default_factory=list, name="osdi:messages")


class _Page(Struct):
    total_pages: int = 0
    embedded: _Embedded = field(default_factory=_Embedded, name="_embedded")


def base(url: str, key: str) -> str:
    """Return the address of its interface."""
    return f"{url or f'https://{HOST}'}/api/v2"


def headers(user: str, key: str) -> Mapping[str, str]:
    """Return the key, which belongs to one group."""
    return {"OSDI-API-Token": key}


def web(base: str) -> str:
    """Return where staff see it; a message tells its own address."""
    return base.removesuffix("/api/v2")


def identity() -> Steps[str]:
    """Return nothing, since no answer names the group; a wrong key shows by what it may not see."""
    yield Call(method="GET", path="/queries?page=1")
    return ""


def audiences() -> Steps[tuple[Audience, ...]]:
    """Return everybody and all queries; nobody can say before how many they find."""
    known = [_EVERYBODY]
    for number in count(1):
        page = convert((yield Call(method="GET", path=f"/queries?page={number}")).json, _Page)
        known += [Audience(id=_id(query.identifiers), name=query.name) for query in page.embedded.queries]
        if not page.embedded.queries or number >= page.total_pages:
            break
    return tuple(audience for audience in known if audience.id)


def audience(id: str) -> Steps[Audience | None]:
    """Return everybody, or a query."""
    if id == EVERYBODY:
        return _EVERYBODY
    query = yield from _query(id)
    return Audience(id=id, name=query.name) if query else None


def marked(mark: str) -> Steps[tuple[str, ...]]:
    """Return the group's messages with the mark in an identifier; there is no search by it."""
    found: list[str] = []
    for number in count(1):
        page = convert((yield Call(method="GET", path=f"/messages?page={number}")).json, _Page)
        found += [_id(message.identifiers) for message in page.embedded.messages if _has_mark(message, mark)]
        if not page.embedded.messages or number >= page.total_pages:
            break
    return tuple(found)


def read(id: str) -> Steps[Draft | None]:
    """Return the message as soon as it is counted whom it reaches; ServerError where that takes over a minute."""
    for left in reversed(range(_WAITS + 1)):
        answer = yield Call(method="GET", path=f"/messages/{quote(id, safe='')}", also=(404,))
        if answer.status == 404:
            return None
        message = convert(answer.json, _Message)
        if message.status != "calculating":
            return _draft(id, message)
        if left:
            yield Pause(seconds=_SECONDS, why="Action Network counts whom it reaches")
    raise ServerError(
        "Action Network still counts whom the message reaches", "run this again in some minutes: it looks there first"
    )


def create(wanted: Wanted, attempt: str) -> Steps[str]:
    """Make a message."""
    # An identifier must be the only one of its kind in all of Action Network, those of other groups and of messages
    # that were deleted among them; what a second one is answered is unknown. Our mark is known by how it begins.
    identifier = f"newsletter:{wanted.mark}-{attempt}"
    body = {**(yield from _body(wanted)), "identifiers": [identifier]}
    answer = yield Call(method="POST", path="/messages", json=body, changes=True)
    if draft_id := _id(convert(answer.json, _Message).identifiers):
        return draft_id
    raise ValidationError(f"no identifier of the message begins with {_OWN}")


def change(id: str, wanted: Wanted) -> Steps[None]:
    """Change it; whom it reaches is counted anew. The wrapper stays."""
    body = yield from _body(wanted)
    yield Call(method="PUT", path=f"/messages/{quote(id, safe='')}", json=body, changes=True)


def remarks(id: str) -> Steps[tuple[str, ...]]:
    """Return nothing: it has no such list."""
    yield from ()
    return ()


def _query(id: str) -> Steps[_Query | None]:
    answer = yield Call(method="GET", path=f"/queries/{quote(id, safe='')}", also=(404,))
    return convert(answer.json, _Query) if answer.status != 404 else None


def _body(wanted: Wanted) -> Steps[dict[str, object]]:
    """Return the fields of a message, the address of its query looked up."""
    targets: list[dict[str, str]] = []
    if wanted.audience.id != EVERYBODY:
        query = yield from _query(wanted.audience.id)
        # Without any target it would go to the whole list.
        if query is None or not query.links.own.href:
            raise ServerError(
                f"Action Network has no query {wanted.audience.id} any more", "newsletter audiences shows what it has"
            )
        targets = [{"href": query.links.own.href}]
    return {
        "name": wanted.name,
        "subject": wanted.subject,
        "body": wanted.html,
        "from": wanted.sender_name,
        "reply_to": wanted.reply_to or wanted.sender_address,
        "targets": targets,
    }


def _draft(id: str, message: _Message) -> Draft:
    targets = tuple(target.href.rstrip("/").rpartition("/")[2] for target in message.targets or ())
    return Draft(
        id=id,
        state=_STATES.get(message.status, message.status),
        subject=message.subject,
        html=message.body,
        sender_name=message.sender,
        reply_to=message.reply_to,
        audience=targets or (EVERYBODY,),
        link=message.administrative_url,
        readers=message.total_targeted,
        sent=(message.sent_start_date or "")[:10] if message.status == "sent" else "",
    )


def _id(identifiers: list[str]) -> str:
    """Return the id that addresses it: `d91b4b2e-…` of `action_network:d91b4b2e-…`."""
    return next((identifier.removeprefix(_OWN) for identifier in identifiers if identifier.startswith(_OWN)), "")


def _has_mark(message: _Message, mark: str) -> bool:
    own = f"newsletter:{mark}"
    return any(identifier == own or identifier.startswith(f"{own}-") for identifier in message.identifiers)
