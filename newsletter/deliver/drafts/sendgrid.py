"""SendGrid Marketing Campaigns, single sends (sendgrid-oai tsg_mc_singlesends, _lists, _senders, tsg_suppressions,
tsg_user; read 2026-11-25, never tried live).

An audience is a list, `f2fe66a1-43f3-4e3a-87b1-c6a600d805f0`, or `everybody`: all contacts. A draft is a single send.
It mails no drafts to single addresses, and has no store for pictures.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, urlsplit

from msgspec import Struct, convert, field

from newsletter.deliver.drafts.shapes import EVERYBODY, Answer, Audience, Call, Draft, Steps, Wanted, with_widest

HAS_PREHEADER, FILLS, TAKES_PICTURES, TESTS = False, False, False, False
HOST, PAUSE, REMAINS = "api.sendgrid.com", 0.0, ""

# Of a page: the most that lists have, and what searches are asked for (their most is not said).
_LISTS, _FOUND = 1000, 50
_MOST_NAME = 100


class _Metadata(Struct):
    next: str | None = None


class _List(Struct):
    id: str
    name: str
    contact_count: int = 0


class _Lists(Struct):
    result: list[_List] = field(default_factory=list)
    metadata: _Metadata = field(default_factory=_Metadata, name="_metadata")


class _Contacts(Struct):
    contact_count: int | None = None


class _Mailbox(Struct):
    email: str = ""
    name: str | None = None


class _Sender(Struct):
    id: int
    verified: bool = False
    from_: _Mailbox = field(default_factory=_Mailbox, name="from")
    reply_to: _Mailbox = field(default_factory=_Mailbox)


class _Senders(Struct):
    results: list[_Sender] = field(default_factory=list)


class _Group(Struct):
    id: int
    is_default: bool = False


class _Audience(Struct):
    list_ids: list[str] | None = None
    segment_ids: list[str] | None = None
    all: bool | None = None


class _Content(Struct):
    subject: str | None = None
    html_content: str | None = None
    plain_content: str | None = None
    sender_id: int | None = None
    suppression_group_id: int | None = None
    custom_unsubscribe_url: str | None = None
    ip_pool: str | None = None


class _Warning(Struct):
    message: str = ""


class _Send(Struct):
    id: str
    status: str = ""
    send_at: str | None = None
    send_to: _Audience | None = None
    email_config: _Content | None = None
    warnings: list[_Warning] | None = None


class _Found(Struct):
    id: str
    categories: list[str] | None = None


class _Sends(Struct):
    result: list[_Found] = field(default_factory=list)
    metadata: _Metadata = field(default_factory=_Metadata, name="_metadata")


class _User(Struct):
    user_id: int


def base(url: str, key: str) -> str:
    """Return the one address that SendGrid has for these."""
    if not url and not re.fullmatch(r"SG\.[\w-]{16,}\.[\w-]{16,}", key, re.ASCII):
        raise ValueError("a key of SendGrid's has two dots and begins with SG: SG.0123456789abcdef….0123456789abcdef…")
    return f"{url or f'https://{HOST}'}/v3"


def headers(user: str, key: str) -> Mapping[str, str]:
    """Return the header that carries the key."""
    return {"Authorization": f"Bearer {key}"}


def web(base: str) -> str:
    """Return where staff see it."""
    return base.removesuffix("/v3").replace("//api.", "//mc.")


def identity() -> Steps[str]:
    """Return the id of the user, or subuser, whose key it is."""
    return str(convert((yield Call(method="GET", path="/user/username")).json, _User).user_id)


def audiences() -> Steps[tuple[Audience, ...]]:
    """Return the lists, and all contacts; segments are left out, they are counted by samples."""
    lists = yield from _audiences()
    return ((yield from _everybody()), *lists)


def audience(id: str) -> Steps[Audience | None]:
    """Return a list, or all contacts; its readers are the contacts on it, with those who have unsubscribed."""
    if id == EVERYBODY:
        return (yield from _everybody())
    return next((audience for audience in (yield from _audiences()) if audience.id == id), None)


def marked(mark: str) -> Steps[tuple[str, ...]]:
    """Return the single sends with the mark among their categories."""
    wanted = {"categories": [mark], "status": ["draft", "scheduled", "triggered"]}
    found: list[str] = []
    token: str | None = ""
    while token is not None:
        path = f"/marketing/singlesends/search?page_size={_FOUND}{_page(token)}"
        page = convert((yield Call(method="POST", path=path, json=wanted)).json, _Sends)
        found += [single_send.id for single_send in page.result if mark in (single_send.categories or ())]
        token = _next(page.metadata, token)
    return tuple(dict.fromkeys(found))


def read(id: str) -> Steps[Draft | None]:
    """Return the single send, and whom it comes from."""
    # Before the look at the draft itself, which is to be the last before a change.
    senders = yield from _senders()
    send = yield from _send(id)
    if send is None:
        return None
    content = send.email_config or _Content()
    # One that was deleted, or that the key may not see, is told by its number.
    unknown = _Sender(id=0, from_=_Mailbox(name=f"sender {content.sender_id}" if content.sender_id else ""))
    sender = next((candidate for candidate in senders if candidate.id == content.sender_id), unknown)
    return Draft(
        id=send.id,
        state="sent" if send.status == "triggered" else send.status,
        subject=content.subject or "",
        html=content.html_content or "",
        text=content.plain_content or "",
        sender_name=sender.from_.name or "",
        sender_address=sender.from_.email,
        reply_to=sender.reply_to.email,
        sender_id=str(content.sender_id or ""),
        audience=_audience_of(send.send_to or _Audience()),
        link=f"/single-sends/{send.id}/{'stats' if send.status == 'triggered' else 'editor'}",
        sent=(send.send_at or "")[:10] if send.status == "triggered" else "",
    )


def create(wanted: Wanted, attempt: str) -> Steps[str]:
    """Make a single send, from the verified sender with the issue's address."""
    is_all = wanted.audience.id == EVERYBODY
    body = {
        "name": wanted.name[:_MOST_NAME],
        "categories": [wanted.mark],
        "send_to": {"all": True} if is_all else {"list_ids": [wanted.audience.id]},
        "email_config": (yield from _content(wanted, _Content())),
    }
    answer = yield Call(method="POST", path="/marketing/singlesends", json=body, changes=True)
    return convert(answer.json, _Send).id


def change(id: str, wanted: Wanted) -> Steps[None]:
    """Change the content; its list is the one that it has, and what staff chose there beside it is kept."""
    send = yield from _send(id)
    content = yield from _content(wanted, (send and send.email_config) or _Content())
    path = f"/marketing/singlesends/{quote(id, safe='')}"
    yield Call(method="PATCH", path=path, json={"email_config": content}, changes=True)


def remarks(id: str) -> Steps[tuple[str, ...]]:
    """Return what it can't be sent without, and SendGrid's own warnings."""
    send = yield from _send(id)
    if send is None:
        return ()
    content, missing = send.email_config or _Content(), []
    if not content.sender_id:
        missing.append("it has no sender: none that is verified has the issue's address, so choose one there")
    if not content.suppression_group_id and not content.custom_unsubscribe_url:
        missing.append("it has no unsubscribe group: choose one there, it can't be sent without")
    return (*missing, *(warning.message for warning in send.warnings or () if warning.message))


def _send(id: str) -> Steps[_Send | None]:
    answer = yield Call(method="GET", path=f"/marketing/singlesends/{quote(id, safe='')}", also=(404,))
    return None if answer.status == 404 else convert(answer.json, _Send)


def _audiences() -> Steps[tuple[Audience, ...]]:
    lists: list[_List] = []
    token: str | None = ""
    while token is not None:
        path = f"/marketing/lists?page_size={_LISTS}{_page(token)}"
        page = convert((yield Call(method="GET", path=path)).json, _Lists)
        lists += page.result
        token = _next(page.metadata, token)
    return with_widest(Audience(id=listed.id, name=listed.name, readers=listed.contact_count) for listed in lists)


def _everybody() -> Steps[Audience]:
    answer = yield Call(method="GET", path="/marketing/contacts/count")
    readers = convert(answer.json, _Contacts).contact_count
    return Audience(id=EVERYBODY, name="All contacts", readers=readers, is_everybody=True)


def _senders() -> Steps[list[_Sender]]:
    # A key may be kept from seeing them.
    answer: Answer = yield Call(method="GET", path="/marketing/senders", also=(403, 404))
    return convert(answer.json, _Senders).results if answer.status == 200 else []


def _groups() -> Steps[list[_Group]]:
    answer: Answer = yield Call(method="GET", path="/asm/groups", also=(403, 404))
    return convert(answer.json, list[_Group]) if answer.status == 200 else []


def _content(wanted: Wanted, there: _Content) -> Steps[dict[str, object]]:
    """Return what the single send says, with sender and unsubscribe group: ours, else the ones that are there."""
    senders = [candidate for candidate in (yield from _senders()) if candidate.verified and _is(candidate, wanted)]
    senders.sort(key=lambda candidate: candidate.from_.name != wanted.sender_name)
    group = there.suppression_group_id
    if group is None and there.custom_unsubscribe_url is None:
        groups = yield from _groups()
        group = next((candidate.id for candidate in groups if candidate.is_default or len(groups) == 1), None)
    chosen = {
        "sender_id": senders[0].id if senders else there.sender_id,
        "suppression_group_id": group,
        "custom_unsubscribe_url": there.custom_unsubscribe_url,
        "ip_pool": there.ip_pool,
    }
    return {
        "subject": wanted.subject,
        "html_content": wanted.html,
        "plain_content": wanted.text,
        # Left unset, the text is made from the HTML; a design_id would displace both.
        "generate_plain_content": False,
        "editor": "code",
        **{name: value for name, value in chosen.items() if value is not None},
    }


def _is(sender: _Sender, wanted: Wanted) -> bool:
    return sender.from_.email.casefold() == wanted.sender_address.casefold()


def _audience_of(sent_to: _Audience) -> tuple[str, ...]:
    return (
        *((EVERYBODY,) if sent_to.all else ()),
        *(sent_to.list_ids or ()),
        *(f"segment {segment}" for segment in sent_to.segment_ids or ()),
    )


def _page(token: str) -> str:
    return f"&page_token={quote(token, safe='')}" if token else ""


def _next(metadata: _Metadata, token: str) -> str | None:
    """Return what the address of the next page calls it, None where there is no other."""
    tokens = parse_qs(urlsplit(metadata.next or "").query).get("page_token")
    return tokens[0] if tokens and tokens[0] != token else None
