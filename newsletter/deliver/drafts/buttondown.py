"""Buttondown v1, version 2026-04-01 (openapi.json and docs at 1bb7f01; read 2026-11-25, never tried live).

An audience is a tag, `tag_2n8…`, or `everybody` who gets mail. A draft is an email in naked mode: our page is whole.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any
from urllib.parse import quote

from msgspec import Struct, convert, field
from msgspec.structs import replace

from newsletter.deliver.drafts.shapes import EVERYBODY, Audience, Call, Draft, File, Steps, Wanted
from newsletter.model import Picture

HAS_PREHEADER, FILLS, TAKES_PICTURES, TESTS = False, False, True, True
HOST, PAUSE = "api.buttondown.com", 0.0
REMAINS = "Buttondown sends it under the newsletter's own name and address: see that they are the right ones"

# Without it, the version rules that the newsletter was set to once.
_VERSION = "2026-04-01"
_MARK = "newsletter"
_STATES = {"about_to_send": "sending", "in_flight": "sending", "throttled": "sending"}


class _Account(Struct):
    username: str


class _Tag(Struct):
    id: str
    name: str


class _Filter(Struct):
    field: str = ""
    operator: str = ""
    # The id of a tag; what others hold is theirs.
    value: object = ""


class _Filters(Struct):
    filters: list[_Filter] = field(default_factory=list)
    groups: list[object] = field(default_factory=list)
    predicate: str = "and"


class _Email(Struct):
    id: str
    status: str = ""
    subject: str = ""
    body: str = ""
    filters: _Filters | None = None
    metadata: dict[str, object] | None = None
    template: str | None = None
    publish_date: str | None = None


class _Page(Struct):
    results: list[Any]
    count: int = 0
    next: str | None = None


class _Image(Struct):
    image: str


def base(url: str, key: str) -> str:
    """Return the address of its interface."""
    return f"{url or f'https://{HOST}'}/v1"


def headers(user: str, key: str) -> Mapping[str, str]:
    """Return the key, and the version that all requests here are written for."""
    return {"Authorization": f"Token {key}", "X-API-Version": _VERSION}


def web(base: str) -> str:
    """Return where staff see it."""
    return base.removesuffix("/v1").replace("api.buttondown.com", "buttondown.com")


def identity() -> Steps[str]:
    """Return the user that the key belongs to; each newsletter of theirs has a key of its own."""
    answer = yield Call(method="GET", path="/accounts/me")
    return convert(answer.json, _Account).username


def audiences() -> Steps[tuple[Audience, ...]]:
    """Return everybody and all tags, each with those who get mail; segments are copied into a draft, so they are out.

    The widest is a tag that half of all have, and no other tag more: a small one among many small ones is not meant.
    """
    everybody = yield from _everybody()
    tags: list[Audience] = []
    for tag in (yield from _tags()):
        tags.append((yield from _counted(tag)))
    most = max((tag.readers or 0 for tag in tags), default=0)
    is_wide = len(tags) > 1 and _is_half(most, everybody)
    return (everybody, *(replace(tag, is_widest=is_wide and tag.readers == most) for tag in tags))


def audience(id: str) -> Steps[Audience | None]:
    """Return everybody, or a tag; the others are counted only where it might be the widest."""
    everybody = yield from _everybody()
    if id == EVERYBODY:
        return everybody
    tags = yield from _tags()
    own = next((tag for tag in tags if tag.id == id), None)
    if own is None:
        return None
    counted = yield from _counted(own)
    if not _is_half(counted.readers or 0, everybody):
        return counted
    others: list[int] = []
    for tag in tags:
        if tag.id != id:
            others.append((yield from _counted(tag)).readers or 0)
    return replace(counted, is_widest=bool(others) and (counted.readers or 0) >= max(others))


def marked(mark: str) -> Steps[tuple[str, ...]]:
    """Return the emails with the mark in their metadata: there is no search by it, and no state is left out."""
    found = [convert(email, _Email) for email in (yield from _all("/emails", "&excluded_fields=body"))]
    return tuple(email.id for email in found if (email.metadata or {}).get(_MARK) == mark)


def read(id: str) -> Steps[Draft | None]:
    """Return the email; it shows no sender of its own, and no plain text."""
    answer = yield Call(method="GET", path=f"/emails/{quote(id, safe='')}", also=(404,))
    if answer.status == 404:
        return None
    email = convert(answer.json, _Email)
    return Draft(
        id=email.id,
        state=_STATES.get(email.status, email.status),
        subject=email.subject,
        html=email.body,
        audience=_audience_of(email.filters or _Filters()),
        link=f"/emails/{email.id}",
        sent=(email.publish_date or "")[:10] if email.status == "sent" else "",
    )


def create(wanted: Wanted, attempt: str) -> Steps[str]:
    """Make a draft."""
    body = {**_body(wanted), "metadata": {_MARK: wanted.mark}}
    attempted = {"X-Idempotency-Key": attempt}
    answer = yield Call(method="POST", path="/emails", json=body, headers=attempted, changes=True)
    return convert(answer.json, _Email).id


def change(id: str, wanted: Wanted) -> Steps[None]:
    """Change it; what was scheduled a moment ago becomes a draft again by that."""
    yield Call(method="PATCH", path=f"/emails/{quote(id, safe='')}", json=_body(wanted), changes=True)


def remarks(id: str) -> Steps[tuple[str, ...]]:
    """Return that the page would be wrapped, where the plan has no naked mode."""
    email = convert((yield Call(method="GET", path=f"/emails/{quote(id, safe='')}")).json, _Email)
    if email.template == "naked":
        return ()
    return (f"the draft is not in naked mode, but in '{email.template or 'the usual one'}', which wraps the page",)


def uploaded(name: str) -> Steps[str]:
    """Return nothing: the same bytes get the same address, so a picture is uploaded once more and not looked for."""
    yield from ()
    return ""


def upload(picture: Picture) -> Steps[str]:
    """Put a picture into its store, which takes PNG, JPG, GIF and WebP."""
    file = File(field="image", name=picture.name, content=picture.content, content_type=picture.content_type)
    answer = yield Call(method="POST", path="/images", file=file, changes=True)
    return convert(answer.json, _Image).image


def test(id: str, wanted: Wanted, addresses: Sequence[str]) -> Steps[None]:
    """Mail it to the addresses, which need not be subscribers."""
    body = {"recipients": list(addresses)}
    yield Call(method="POST", path=f"/emails/{quote(id, safe='')}/send-draft", json=body, changes=True)


def _all(path: str, query: str = "") -> Steps[list[Any]]:
    """Return the results of all pages; the address of the next one is not followed, only that there is one counts."""
    found: list[Any] = []
    for number in count(1):
        page = convert((yield Call(method="GET", path=f"{path}?page={number}{query}")).json, _Page)
        found += page.results
        if not page.next or not page.results:
            break
    return found


def _tags() -> Steps[list[_Tag]]:
    return [convert(answered, _Tag) for answered in (yield from _all("/tags"))]


def _everybody() -> Steps[Audience]:
    readers = yield from _readers("")
    return Audience(id=EVERYBODY, name=EVERYBODY, readers=readers, is_everybody=True)


def _counted(tag: _Tag) -> Steps[Audience]:
    readers = yield from _readers(f"&tag={quote(tag.id, safe='')}")
    return Audience(id=tag.id, name=tag.name, readers=readers)


def _readers(query: str) -> Steps[int]:
    answer = yield Call(method="GET", path=f"/subscribers?type=regular{query}")
    return convert(answer.json, _Page).count


def _is_half(readers: int, everybody: Audience) -> bool:
    return readers > 0 and 2 * readers >= (everybody.readers or 0)


def _body(wanted: Wanted) -> dict[str, object]:
    tag = {"field": "subscriber.tags", "operator": "contains", "value": wanted.audience.id}
    return {
        "subject": wanted.subject,
        "body": wanted.html,
        # Left out, it is sent at once.
        "status": "draft",
        # None at all is everybody.
        "filters": {"filters": [] if wanted.audience.id == EVERYBODY else [tag], "groups": [], "predicate": "and"},
        "template": "naked",
    }


def _audience_of(stated: _Filters) -> tuple[str, ...]:
    if not stated.filters and not stated.groups:
        return (EVERYBODY,)
    is_tags = all(
        (condition.field, condition.operator) == ("subscriber.tags", "contains") for condition in stated.filters
    )
    if stated.groups or not is_tags or (stated.predicate != "or" and len(stated.filters) > 1):
        return ("(filters of its own)",)
    return tuple(str(condition.value) for condition in stated.filters)
