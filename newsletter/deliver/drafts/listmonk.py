"""listmonk 6.2 and 5 (source at 911e0b7 and the tags since v5.0.3, docs; read 2026-11-25, never tried live).

An audience is a list, `3`. A draft is a campaign in a template that holds nothing but its content: every other one, the
default one too, would put our page into a second one.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from email.utils import parseaddr, quote
from itertools import count
from typing import Any
from urllib.parse import quote as encoded

from msgspec import Struct, convert, field

from newsletter.deliver.drafts.shapes import Audience, Call, Draft, File, Steps, Wanted, with_widest
from newsletter.errors import NewsletterError
from newsletter.model import Picture

HAS_PREHEADER, FILLS, TAKES_PICTURES, TESTS = False, False, True, True
HOST, PAUSE, REMAINS = "", 0.0, ""

_STATES = {"running": "sending", "finished": "sent"}
_BARE = re.compile(r'\s*\{\{-?\s*template\s+"content"\s+\.\s*-?\}\}\s*')


class _Config(Struct):
    root_url: str


class _List(Struct):
    id: int
    name: str
    optin: str = ""
    # How many are `confirmed`, `unconfirmed`, `unsubscribed`; who is none of them is not counted.
    subscriber_statuses: dict[str, int] | None = None


class _Template(Struct):
    id: int
    type: str = "campaign"
    body: str = ""


class _Named(Struct):
    # Of a list or a picture that was deleted since, the campaign keeps the name alone.
    id: int | None = None


class _Campaign(Struct):
    id: int
    status: str = ""
    subject: str = ""
    body: str = ""
    altbody: str | None = None
    from_email: str = ""
    lists: list[_Named] | None = None
    media: list[_Named] | None = None
    headers: list[dict[str, str]] | None = None
    tags: list[str] | None = None
    started_at: str | None = None


class _Media(Struct):
    filename: str
    url: str


class _Page(Struct):
    results: list[Any] = field(default_factory=list)
    total: int = 0


class _Data(Struct):
    """What every answer comes in."""

    data: Any


def base(url: str, key: str) -> str:
    """Return the address of its interface, below where it lies."""
    return f"{url}/api"


def headers(user: str, key: str) -> Mapping[str, str]:
    """Return HTTP basic authentication: the user that the token belongs to."""
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{key}'.encode()).decode()}"}


def web(base: str) -> str:
    """Return where staff see it."""
    return base.removesuffix("/api")


def identity() -> Steps[str]:
    """Return the address that it believes to lie at, encrypted or not: it has no other name."""
    return (yield from _root()).partition("://")[2]


def audiences() -> Steps[tuple[Audience, ...]]:
    """Return the lists that the token may use."""
    lists = [convert(answered, _List) for answered in (yield from _all("/lists"))]
    return with_widest(Audience(id=str(listed.id), name=listed.name, readers=_readers(listed)) for listed in lists)


def audience(id: str) -> Steps[Audience | None]:
    """Return a list; NewsletterError where no draft can be made at any."""
    # Pictures are uploaded before there is a draft: what stops it is told before that.
    yield from _template()
    return next((audience for audience in (yield from audiences()) if audience.id == id), None)


def marked(mark: str) -> Steps[tuple[str, ...]]:
    """Return the campaigns with that tag."""
    found = [convert(answered, _Campaign) for answered in (yield from _all("/campaigns", f"&tag={mark}&no_body=true"))]
    return tuple(str(campaign.id) for campaign in found if mark in (campaign.tags or ()))


def read(id: str) -> Steps[Draft | None]:
    """Return the campaign; the same whether one looks before or after it went out."""
    campaign = yield from _campaign(id)
    if campaign is None:
        return None
    name, address = parseaddr(campaign.from_email)
    return Draft(
        id=str(campaign.id),
        state=_STATES.get(campaign.status, campaign.status),
        subject=campaign.subject,
        html=campaign.body,
        text=campaign.altbody or "",
        sender_name=name,
        sender_address=address,
        reply_to=next((header[name] for header in campaign.headers or () for name in header if _is_reply_to(name)), ""),
        audience=_ids(campaign.lists),
        link=f"/admin/campaigns/{campaign.id}",
        sent=(campaign.started_at or "")[:10] if campaign.status == "finished" else "",
    )


def create(wanted: Wanted, attempt: str) -> Steps[str]:
    """Make a campaign; new ones are drafts, whatever else is stated."""
    body = {**_body(wanted, (yield from _template())), "tags": [wanted.mark]}
    answer = yield Call(method="POST", path="/campaigns", json=body, changes=True)
    return str(convert(convert(answer.json, _Data).data, _Campaign).id)


def change(id: str, wanted: Wanted) -> Steps[None]:
    """Change a campaign, and keep what is not ours: pictures that are attached, headers, tags."""
    template = yield from _template()
    campaign = yield from _campaign(id)
    # One that was scheduled in the meantime would be changed all the same, and stay scheduled.
    if campaign is None or campaign.status != "draft":
        raise NewsletterError(
            f"{wanted.name} is no draft at listmonk any more: somebody scheduled or deleted it just now",
            "look at it there, then run this again",
        )
    body = _body(wanted, template)
    kept = [header for header in campaign.headers or () if not any(map(_is_reply_to, header))]
    tags = campaign.tags or []
    # What is attached is taken away by a change that does not name it.
    body |= {
        "media": [media.id for media in campaign.media or () if media.id is not None],
        "headers": [*kept, *body["headers"]],
        "tags": tags if wanted.mark in tags else [*tags, wanted.mark],
    }
    yield Call(method="PUT", path=f"/campaigns/{campaign.id}", json=body, changes=True)


def remarks(id: str) -> Steps[tuple[str, ...]]:
    """Return nothing: it has no such list."""
    yield from ()
    return ()


def uploaded(name: str) -> Steps[str]:
    """Return the picture with exactly that file name."""
    found = [convert(answered, _Media) for answered in (yield from _all("/media", f"&query={encoded(name)}"))]
    same = [media.url for media in found if media.filename == name]
    return (yield from _absolute(same[0])) if same else ""


def upload(picture: Picture) -> Steps[str]:
    """Put a picture among the media; another one of the same name gets a longer one there."""
    file = File(field="file", name=picture.name, content=picture.content, content_type=picture.content_type)
    answer = yield Call(method="POST", path="/media", file=file, changes=True)
    return (yield from _absolute(convert(convert(answer.json, _Data).data, _Media).url))


def test(id: str, wanted: Wanted, addresses: Sequence[str]) -> Steps[None]:
    """Mail it to those of the addresses that are subscribers; it refuses where none of them is."""
    # It mails what the request holds, not what the campaign does.
    body = {**_body(wanted, (yield from _template())), "subscribers": list(addresses)}
    yield Call(method="POST", path=f"/campaigns/{encoded(id, safe='')}/test", json=body, changes=True)


def _root() -> Steps[str]:
    answer = yield Call(method="GET", path="/config")
    return convert(convert(answer.json, _Data).data, _Config).root_url.rstrip("/")


def _all(path: str, query: str = "") -> Steps[list[Any]]:
    """Return the results of all pages; asked for `all`, it shows them on one."""
    found: list[Any] = []
    for number in count(1):
        answer = yield Call(method="GET", path=f"{path}?page={number}&per_page=all{query}")
        page = convert(convert(answer.json, _Data).data, _Page)
        found += page.results
        if not page.results or len(found) >= page.total:
            break
    return found


def _template() -> Steps[int]:
    """Return the id of the template that leaves the page as it is; NewsletterError where there is none."""
    answer = yield Call(method="GET", path="/templates")
    known = convert(convert(answer.json, _Data).data, list[_Template])
    bare = [template.id for template in known if template.type == "campaign" and _BARE.fullmatch(template.body)]
    if not bare:
        raise NewsletterError(
            "listmonk has no template that leaves a whole page as it is: each would wrap it into another",
            'add one there, under Campaigns > Templates, that holds nothing but {{ template "content" . }}',
        )
    return bare[0]


def _campaign(id: str) -> Steps[_Campaign | None]:
    # It answers 400 where there is none, in the language of its staff.
    answer = yield Call(method="GET", path=f"/campaigns/{_number(id)}", also=(400, 404))
    return convert(convert(answer.json, _Data).data, _Campaign) if answer.status < 300 else None


def _number(id: str) -> int:
    return int(id) if id.isdecimal() else 0


def _absolute(address: str) -> Steps[str]:
    """Return the address of a picture, which may go on from the root (filesystem store) or stand alone (S3)."""
    if "://" in address:
        return address
    return f"{(yield from _root())}/{address.lstrip('/')}"


def _body(wanted: Wanted, template: int) -> dict[str, Any]:
    # Without an address it would take its own. An unknown content_type would become richtext in silence.
    name, address = quote(wanted.sender_name), wanted.sender_address
    return {
        "name": wanted.name,
        "subject": wanted.subject,
        "lists": [int(wanted.audience.id)],
        "from_email": f'"{name}" <{address}>' if name and address else address,
        "type": "regular",
        "content_type": "html",
        "messenger": "email",
        "template_id": template,
        "body": wanted.html,
        "altbody": wanted.text,
        "headers": [{"Reply-To": wanted.reply_to}] if wanted.reply_to else [],
        "media": [],
    }


def _readers(own: _List) -> int | None:
    """Return whom a campaign to the list reaches: those who confirmed, or who did not leave where none is asked to.

    `subscriber_count` has those in it who left.
    """
    if own.subscriber_statuses is None:
        return None
    statuses = own.subscriber_statuses
    if own.optin == "double":
        return statuses.get("confirmed", 0)
    return sum(number for status, number in statuses.items() if status != "unsubscribed")


def _ids(named: list[_Named] | None) -> tuple[str, ...]:
    return tuple(str(named_list.id) for named_list in named or () if named_list.id is not None)


def _is_reply_to(name: str) -> bool:
    return name.casefold() == "reply-to"
