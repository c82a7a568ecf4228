"""MailerLite, the interface of 2022 and later (developers.mailerlite.com/docs/campaigns.html; recorded answers in
mailerlite-nodejs; read 2026-11-26, never tried live).

An audience is a group, `75011449370445335`, or `everybody`: all active subscribers. A draft is a campaign; the page in
it comes back written anew, with a second head, comments and a style sheet. Content takes the plan “Advanced”.
"""

from collections.abc import Mapping
from itertools import count
from urllib.parse import quote

from msgspec import Struct, convert, field

from newsletter.deliver.drafts.shapes import EVERYBODY, Answer, Audience, Call, Draft, Steps, Wanted, with_widest

HAS_PREHEADER, FILLS, TAKES_PICTURES, TESTS = False, False, False, False
HOST, PAUSE, REMAINS = "connect.mailerlite.com", 0.0, ""

_PAGE = 100
# One that is not stated is `ready`, and no draft would be found.
_STATES = {"draft": "draft", "ready": "scheduled", "sent": "sent"}


class _Group(Struct):
    id: str
    name: str = ""
    active_count: int = 0


class _Meta(Struct):
    last_page: int = 1


class _Groups(Struct):
    data: list[_Group]
    meta: _Meta = field(default_factory=_Meta)


class _Email(Struct):
    subject: str | None = None
    from_name: str | None = None
    from_: str | None = field(default=None, name="from")
    reply_to: str | None = None
    content: str | None = None


class _Chosen(Struct):
    """The audience as its own web pages show it (recorded 2024; older accounts have `filter` only)."""

    included_groups: list[_Group] = field(default_factory=list)
    excluded_groups: list[object] = field(default_factory=list)
    included_segments: list[object] = field(default_factory=list)
    excluded_segments: list[object] = field(default_factory=list)
    all_active_subscribers: bool = False


class _Campaign(Struct):
    id: str
    status: str = ""
    emails: list[_Email] = field(default_factory=list)
    # [[{"operator": "in_any", "args": ["groups", ["42"]]}]]; [] is everybody.
    filter: object = None
    basic_filter_for_humans: object = None
    recipients_count: int | None = None
    finished_at: str | None = None
    is_currently_sending_out: bool = False
    missing_data: list[object] = field(default_factory=list)
    warnings: list[object] = field(default_factory=list)


class _One(Struct):
    data: _Campaign


class _Named(Struct):
    # Of a list, in which there are campaigns of every kind, nothing else is asked.
    id: str
    name: str = ""


class _Campaigns(Struct):
    data: list[_Named]
    meta: _Meta = field(default_factory=_Meta)


def base(url: str, key: str) -> str:
    """Return the one address that MailerLite has."""
    return f"{url or f'https://{HOST}'}/api"


def headers(user: str, key: str) -> Mapping[str, str]:
    """Return the header that carries the key."""
    return {"Authorization": f"Bearer {key}"}


def web(base: str) -> str:
    """Return where staff see it."""
    return base.removesuffix("/api").replace("//connect.", "//dashboard.")


def identity() -> Steps[str]:
    """Return nothing: only campaigns say whose they are, and a new account has none; a wrong key shows all the same."""
    yield Call(method="GET", path="/groups?limit=1")
    return ""


def audiences() -> Steps[tuple[Audience, ...]]:
    """Return the groups, and all active subscribers; segments are left out."""
    return (_everybody(), *(yield from _groups()))


def audience(id: str) -> Steps[Audience | None]:
    """Return a group with its active subscribers; how many all are, only a campaign says."""
    if id == EVERYBODY:
        return _everybody()
    return next((audience for audience in (yield from _groups()) if audience.id == id), None)


def marked(mark: str) -> Steps[tuple[str, ...]]:
    """Return the campaigns whose name ends in the mark: there is no search by it."""
    found: list[str] = []
    for status in _STATES:
        for number in count(1):
            path = f"/campaigns?filter%5Bstatus%5D={status}&limit={_PAGE}&page={number}"
            page = convert((yield Call(method="GET", path=path)).json, _Campaigns)
            found += [campaign.id for campaign in page.data if mark in campaign.name.split()]
            if not page.data or number >= page.meta.last_page:
                break
    return tuple(dict.fromkeys(found))


def read(id: str) -> Steps[Draft | None]:
    """Return the campaign; its plain text is MailerLite's own, and none of ours."""
    answer = yield Call(method="GET", path=_path(id), also=(404,))
    if answer.status == 404:
        return None
    campaign = convert(answer.json, _One).data
    email = campaign.emails[0] if campaign.emails else _Email()
    audience = _audience_of(campaign)
    is_draft, is_sent = campaign.status == "draft", campaign.status == "sent"
    is_sending = campaign.status == "ready" and campaign.is_currently_sending_out
    return Draft(
        id=campaign.id,
        state="sending" if is_sending else _STATES.get(campaign.status, campaign.status),
        subject=email.subject or "",
        html=email.content or "",
        sender_name=email.from_name or "",
        sender_address=email.from_ or "",
        reply_to=email.reply_to or "",
        audience=audience,
        link=f"/campaigns/{campaign.id}{'/review' if is_draft else ''}",
        readers=campaign.recipients_count if audience == (EVERYBODY,) else None,
        sent=(campaign.finished_at or "")[:10] if is_sent else "",
    )


def create(wanted: Wanted, attempt: str) -> Steps[str]:
    """Make a campaign."""
    body = {"type": "regular", **_stated(wanted)}
    answer = yield Call(method="POST", path="/campaigns", json=body, changes=True)
    return convert(answer.json, _One).data.id


def change(id: str, wanted: Wanted) -> Steps[None]:
    """Put the whole campaign anew, its group as well: without one it would go to everybody."""
    yield Call(method="PUT", path=_path(id), json=_stated(wanted), changes=True)


def remarks(id: str) -> Steps[tuple[str, ...]]:
    """Return what MailerLite says is missing, and its warnings."""
    campaign = convert((yield Call(method="GET", path=_path(id))).json, _One).data
    missing = [f"it lacks {lacking}" for lacking in campaign.missing_data if isinstance(lacking, str)]
    return (*missing, *(warning for warning in campaign.warnings if isinstance(warning, str)))


def _path(id: str) -> str:
    return f"/campaigns/{quote(id, safe='')}"


def _groups() -> Steps[tuple[Audience, ...]]:
    groups: list[_Group] = []
    for number in count(1):
        answer: Answer = yield Call(method="GET", path=f"/groups?limit={_PAGE}&page={number}&sort=name")
        page = convert(answer.json, _Groups)
        groups += page.data
        if not page.data or number >= page.meta.last_page:
            break
    return with_widest(Audience(id=group.id, name=group.name, readers=group.active_count) for group in groups)


def _everybody() -> Audience:
    return Audience(id=EVERYBODY, name="All active subscribers", is_everybody=True)


def _stated(wanted: Wanted) -> dict[str, object]:
    email = {
        "subject": wanted.subject,
        "from_name": wanted.sender_name,
        "from": wanted.sender_address,
        "content": wanted.html,
    }
    # Left out, it is the sender's; it must be verified there as that is.
    if wanted.reply_to and wanted.reply_to != wanted.sender_address:
        email["reply_to"] = wanted.reply_to
    groups = {} if wanted.audience.id == EVERYBODY else {"groups": [wanted.audience.id]}
    return {"name": f"{wanted.name} {wanted.mark}", "emails": [email], **groups}


def _audience_of(campaign: _Campaign) -> tuple[str, ...]:
    """Return the groups; what else somebody chose there is named, so that it is seen."""
    if isinstance(campaign.basic_filter_for_humans, dict):
        chosen = convert(campaign.basic_filter_for_humans, _Chosen)
        return (
            *((EVERYBODY,) if chosen.all_active_subscribers else ()),
            *(group.id for group in chosen.included_groups),
            *(["(segments)"] if chosen.included_segments else ()),
            *(["(without some)"] if chosen.excluded_groups or chosen.excluded_segments else ()),
        )
    match campaign.filter:
        case []:
            return (EVERYBODY,)
        case [[{"operator": "in_any", "args": ["groups", [*groups]]}]]:
            return tuple(map(str, groups))
        case None:
            return ()
    return ("(a filter of its own)",)
