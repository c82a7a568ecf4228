"""Mailchimp Marketing 3.0 (Swagger 3.0.55; mailchimp-marketing 3.0.80; read 2026-11-25, never tried live).

An audience is a list, `4f2a91c0de`, or a saved segment or tag of one, `4f2a91c0de/12345`. A draft is a campaign; its
content is put in by a second request.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from itertools import count
from urllib.parse import quote

from msgspec import Struct, convert, field

from newsletter.deliver.drafts.shapes import Answer, Audience, Call, Draft, Steps, Wanted, with_widest
from newsletter.model import Picture

HAS_PREHEADER, FILLS, TAKES_PICTURES, TESTS = True, True, True, True
HOST, PAUSE, REMAINS = "api.mailchimp.com", 0.0, ""

_PAGE = 1000
# One that is paused may have gone out in part.
_STATES = {"save": "draft", "schedule": "scheduled", "canceling": "sending", "canceled": "sent"}


class _Stats(Struct):
    member_count: int = 0


class _List(Struct):
    id: str
    name: str
    stats: _Stats = field(default_factory=_Stats)


class _Lists(Struct):
    lists: list[_List]
    total_items: int = 0


class _Segment(Struct):
    id: int
    name: str
    member_count: int = 0


class _Segments(Struct):
    segments: list[_Segment]
    total_items: int = 0


class _Options(Struct):
    saved_segment_id: int = 0
    # Conditions that somebody put together in the web have no id.
    match: str = ""
    conditions: list[object] = field(default_factory=list)


class _Recipients(Struct):
    list_id: str = ""
    segment_opts: _Options | None = None


class _Settings(Struct):
    title: str = ""
    subject_line: str = ""
    preview_text: str = ""
    from_name: str = ""
    reply_to: str = ""


class _Campaign(Struct):
    id: str
    status: str = ""
    web_id: int = 0
    send_time: str | None = None
    recipients: _Recipients = field(default_factory=_Recipients)
    settings: _Settings = field(default_factory=_Settings)


class _Campaigns(Struct):
    campaigns: list[_Campaign]
    total_items: int = 0


class _Content(Struct):
    html: str = ""
    plain_text: str = ""


class _Account(Struct):
    account_id: str


class _Item(Struct):
    type: str
    heading: str = ""
    details: str = ""


class _Checklist(Struct):
    items: list[_Item] = field(default_factory=list)


class _Picture(Struct):
    name: str = ""
    full_size_url: str = ""


class _Pictures(Struct):
    files: list[_Picture]
    total_items: int = 0


def base(url: str, key: str) -> str:
    """Return the address of the data centre that the key names behind its dash."""
    centre = key.rpartition("-")[2]
    if url:
        return f"{url}/3.0"
    if not re.fullmatch(r"[A-Za-z0-9]{16,64}-[a-z]{2,3}[0-9]{1,3}", key):
        raise ValueError("a key of Mailchimp's ends in a dash and its data centre: 0123456789abcdef…-us19")
    return f"https://{centre}.api.mailchimp.com/3.0"


def headers(user: str, key: str) -> Mapping[str, str]:
    """Return HTTP basic authentication; any user will do."""
    token = base64.b64encode(f"{user or 'newsletter'}:{key}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


def web(base: str) -> str:
    """Return where staff see it."""
    return base.removesuffix("/3.0").replace(".api.mailchimp.com", ".admin.mailchimp.com")


def identity() -> Steps[str]:
    """Return the account's id."""
    answer = yield Call(method="GET", path="/?fields=account_id")
    return convert(answer.json, _Account).account_id


def audiences() -> Steps[tuple[Audience, ...]]:
    """Return the lists, and the saved segments and tags of each."""
    known: list[Audience] = []
    for audience in (yield from _lists()):
        known += [audience, *(_as_segment(audience, segment) for segment in (yield from _segments(audience.id)))]
    return tuple(known)


def audience(id: str) -> Steps[Audience | None]:
    """Return a list, or a segment of one; its readers are counted by Mailchimp now and then, not at this moment."""
    list_id, _, segment_id = id.partition("/")
    own = next((audience for audience in (yield from _lists()) if audience.id == list_id), None)
    if own is None or not segment_id:
        return own
    if not segment_id.isdecimal():
        return None
    answer = yield Call(method="GET", path=f"/lists/{quote(list_id, safe='')}/segments/{segment_id}", also=(404,))
    return None if answer.status == 404 else _as_segment(own, convert(answer.json, _Segment))


def marked(mark: str) -> Steps[tuple[str, ...]]:
    """Return the campaigns whose title ends in the mark: there is no search by it."""
    fields = "campaigns.id,campaigns.settings.title,total_items"
    found: list[str] = []
    for offset in count(step=_PAGE):
        path = f"/campaigns?count={_PAGE}&offset={offset}&sort_field=create_time&sort_dir=DESC&fields={fields}"
        page = convert((yield Call(method="GET", path=path)).json, _Campaigns)
        found += [campaign.id for campaign in page.campaigns if mark in campaign.settings.title.split()]
        if not page.campaigns or offset + _PAGE >= page.total_items:
            break
    return tuple(found)


def read(id: str) -> Steps[Draft | None]:
    """Return the campaign and its content."""
    own = f"/campaigns/{quote(id, safe='')}"
    answer = yield Call(method="GET", path=own, also=(404,))
    if answer.status == 404:
        return None
    campaign = convert(answer.json, _Campaign)
    content = convert((yield Call(method="GET", path=f"{own}/content")).json, _Content)
    settings = campaign.settings
    return Draft(
        id=campaign.id,
        state=_STATES.get(campaign.status, campaign.status),
        subject=settings.subject_line,
        preheader=settings.preview_text,
        html=content.html,
        text=content.plain_text,
        sender_name=settings.from_name,
        # The address that it comes from is the one for answers.
        reply_to=settings.reply_to,
        audience=_audience_of(campaign.recipients),
        link=_link(campaign),
        sent=(campaign.send_time or "")[:10] if campaign.status == "sent" else "",
    )


def create(wanted: Wanted, attempt: str) -> Steps[str]:
    """Make a campaign without content."""
    body = {"type": "regular", "recipients": _recipients(wanted), "settings": _settings(wanted)}
    answer = yield Call(method="POST", path="/campaigns", json=body, changes=True)
    return convert(answer.json, _Campaign).id


def fill(id: str, wanted: Wanted) -> Steps[None]:
    """Put HTML and text into it; a text that is left out would be made from the HTML."""
    content = {"html": wanted.html, "plain_text": wanted.text}
    yield Call(method="PUT", path=f"/campaigns/{quote(id, safe='')}/content", json=content, changes=True)


def change(id: str, wanted: Wanted) -> Steps[None]:
    """Change the settings, then the content."""
    # The list is the one that it has: a draft at another is not changed.
    yield Call(
        method="PATCH", path=f"/campaigns/{quote(id, safe='')}", json={"settings": _settings(wanted)}, changes=True
    )
    yield from fill(id, wanted)


def remarks(id: str) -> Steps[tuple[str, ...]]:
    """Return what its own checklist holds for an error."""
    answer = yield Call(method="GET", path=f"/campaigns/{quote(id, safe='')}/send-checklist")
    items = convert(answer.json, _Checklist).items
    return tuple(": ".join(filter(None, (item.heading, item.details))) for item in items if item.type == "error")


def uploaded(name: str) -> Steps[str]:
    """Return the newest picture of that name in the file manager."""
    for offset in count(step=_PAGE):
        path = f"/file-manager/files?count={_PAGE}&offset={offset}&type=image&sort_field=added_date&sort_dir=DESC"
        answer: Answer = yield Call(method="GET", path=path)
        page = convert(answer.json, _Pictures)
        for file in page.files:
            if file.name == name and file.full_size_url:
                return file.full_size_url
        if not page.files or offset + _PAGE >= page.total_items:
            break
    return ""


def upload(picture: Picture) -> Steps[str]:
    """Put a picture into the file manager."""
    body = {"name": picture.name, "file_data": base64.b64encode(picture.content).decode()}
    answer = yield Call(method="POST", path="/file-manager/files", json=body, changes=True)
    return convert(answer.json, _Picture).full_size_url


def test(id: str, wanted: Wanted, addresses: Sequence[str]) -> Steps[None]:
    """Mail it; merge tags stay as they are in tests."""
    body = {"test_emails": list(addresses), "send_type": "html"}
    yield Call(method="POST", path=f"/campaigns/{quote(id, safe='')}/actions/test", json=body, changes=True)


def _lists() -> Steps[tuple[Audience, ...]]:
    # Left to itself it shows ten.
    fields = "lists.id,lists.name,lists.stats.member_count,total_items"
    lists: list[_List] = []
    for offset in count(step=_PAGE):
        path = f"/lists?count={_PAGE}&offset={offset}&fields={fields}"
        page = convert((yield Call(method="GET", path=path)).json, _Lists)
        lists += page.lists
        if not page.lists or len(lists) >= page.total_items:
            break
    return with_widest(Audience(id=listed.id, name=listed.name, readers=listed.stats.member_count) for listed in lists)


def _segments(list_id: str) -> Steps[list[_Segment]]:
    segments: list[_Segment] = []
    for offset in count(step=_PAGE):
        path = f"/lists/{quote(list_id, safe='')}/segments?count={_PAGE}&offset={offset}"
        page = convert((yield Call(method="GET", path=path)).json, _Segments)
        segments += page.segments
        if not page.segments or len(segments) >= page.total_items:
            break
    return segments


def _as_segment(own: Audience, segment: _Segment) -> Audience:
    # One that holds the whole list is the list.
    is_all = bool(own.readers) and segment.member_count >= (own.readers or 0)
    name = f"{own.name}: {segment.name}"
    return Audience(id=f"{own.id}/{segment.id}", name=name, readers=segment.member_count, is_everybody=is_all)


def _recipients(wanted: Wanted) -> dict[str, object]:
    list_id, _, segment_id = wanted.audience.id.partition("/")
    if not segment_id:
        return {"list_id": list_id}
    return {"list_id": list_id, "segment_opts": {"saved_segment_id": int(segment_id)}}


def _audience_of(recipients: _Recipients) -> tuple[str, ...]:
    if not recipients.list_id:
        return ()
    options = recipients.segment_opts
    if options and options.saved_segment_id:
        return (f"{recipients.list_id}/{options.saved_segment_id}",)
    if options and options.conditions:
        return (f"{recipients.list_id}/(conditions of its own)",)
    return (recipients.list_id,)


def _settings(wanted: Wanted) -> dict[str, object]:
    # Left unset, the last three change the mail. A template_id would make later HTML vanish, and can't be unset.
    return {
        "title": f"{wanted.name} {wanted.mark}",
        "subject_line": wanted.subject,
        "preview_text": wanted.preheader,
        "from_name": wanted.sender_name,
        "reply_to": wanted.reply_to or wanted.sender_address,
        "auto_footer": False,
        "inline_css": False,
        "fb_comments": False,
    }


def _link(campaign: _Campaign) -> str:
    return f"/campaigns/{'edit' if campaign.status == 'save' else 'show/'}?id={campaign.web_id}"
