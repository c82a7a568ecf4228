"""Brevo v3 (brevo-python 5.1.0; rate limits as api-evangelist keeps them; read 2026-11-25, never tried live).

An audience is a list, `12`. A draft is an email campaign. Brevo takes 100 requests an hour for all but contacts: what
is there is read once, and never polled.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from urllib.parse import quote

from msgspec import Struct, convert, field

from newsletter.deliver.drafts.shapes import Answer, Audience, Call, Draft, Steps, Wanted, with_widest

HAS_PREHEADER, FILLS, TAKES_PICTURES, TESTS = True, False, False, True
HOST, PAUSE, REMAINS = "api.brevo.com", 0.0, ""

# The most that a page holds; left to itself, one of lists holds 10, one of campaigns 50.
_LISTS, _CAMPAIGNS = 50, 100
# The filter of the list spells some of them inProcess and inReview, an answer in_process and in_review.
_STATES = {
    "queued": "scheduled",
    "scheduled": "scheduled",
    "in_process": "sending",
    "inProcess": "sending",
    "in_review": "sending",
    "inReview": "sending",
}


class _Account(Struct, rename="camel"):
    # In snake case, unlike all the rest.
    organization: str = field(default="", name="organization_id")
    email: str = ""


class _List(Struct, rename="camel"):
    id: int
    name: str
    # totalSubscribers is being dropped, and reads 0.
    unique_subscribers: int = 0


class _Lists(Struct):
    lists: list[_List] = field(default_factory=list)


class _Sender(Struct):
    name: str | None = None
    email: str | None = None


class _Recipients(Struct, rename="camel"):
    lists: list[int] | None = None
    exclusion_lists: list[int] | None = None
    segments: list[int] | None = None
    excluded_segments: list[int] | None = None


class _Campaign(Struct, rename="camel"):
    id: int
    status: str = ""
    subject: str | None = None
    preview_text: str | None = None
    html_content: str | None = None
    sender: _Sender | None = None
    reply_to: str | None = None
    sent_date: str | None = None
    recipients: _Recipients | None = None


class _Named(Struct):
    # Of a list, in which there are campaigns of every kind, nothing else is asked.
    id: int
    name: str = ""


class _Campaigns(Struct):
    campaigns: list[_Named] = field(default_factory=list)


def base(url: str, key: str) -> str:
    """Return the one address that Brevo has."""
    if key.startswith("xsmtpsib-"):
        raise ValueError("this key is for sending by mail server; one for the interface begins with xkeysib-")
    return f"{url or f'https://{HOST}'}/v3"


def headers(user: str, key: str) -> Mapping[str, str]:
    """Return the header that Brevo has of its own."""
    return {"api-key": key}


def web(base: str) -> str:
    """Return where staff see it."""
    return base.removesuffix("/v3").replace("//api.", "//app.")


def identity() -> Steps[str]:
    """Return the organization's id, the login's address where an older account has none."""
    account = convert((yield Call(method="GET", path="/account")).json, _Account)
    return account.organization or account.email


def audiences() -> Steps[tuple[Audience, ...]]:
    """Return the lists; segments are left out, nobody can say how many they reach."""
    lists = yield from _lists()
    return with_widest(
        Audience(id=str(listed.id), name=listed.name, readers=listed.unique_subscribers) for listed in lists
    )


def audience(id: str) -> Steps[Audience | None]:
    """Return a list; its readers are the contacts in it, with those who are blocked from mails."""
    return next((audience for audience in (yield from audiences()) if audience.id == id), None)


def marked(mark: str) -> Steps[tuple[str, ...]]:
    """Return the campaigns whose name ends in the mark: there is no search by it."""
    found: list[str] = []
    for offset in count(step=_CAMPAIGNS):
        path = f"/emailCampaigns?limit={_CAMPAIGNS}&offset={offset}&sort=desc&excludeHtmlContent=true"
        page = convert((yield Call(method="GET", path=path)).json, _Campaigns).campaigns
        found += [str(campaign.id) for campaign in page if mark in campaign.name.split()]
        # What `count` counts, all of them or a page, is not said.
        if len(page) < _CAMPAIGNS:
            break
    # A campaign that somebody makes meanwhile moves the last one of a page to the next.
    return tuple(dict.fromkeys(found))


def read(id: str) -> Steps[Draft | None]:
    """Return the campaign."""
    answer = yield Call(method="GET", path=_path(id), also=(404,))
    if answer.status == 404:
        return None
    campaign = convert(answer.json, _Campaign)
    sender = campaign.sender or _Sender()
    return Draft(
        id=str(campaign.id),
        state=_STATES.get(campaign.status, campaign.status),
        subject=campaign.subject or "",
        preheader=campaign.preview_text or "",
        html=campaign.html_content or "",
        sender_name=sender.name or "",
        sender_address=sender.email or "",
        reply_to=campaign.reply_to or "",
        audience=_audience_of(campaign.recipients or _Recipients()),
        link=f"/marketing-campaign/edit/{campaign.id}",
        sent=(campaign.sent_date or "")[:10] if campaign.status == "sent" else "",
    )


def create(wanted: Wanted, attempt: str) -> Steps[str]:
    """Make a campaign; Brevo answers its id and nothing else."""
    body = {**_settings(wanted), "recipients": {"listIds": [int(wanted.audience.id)]}}
    answer = yield Call(method="POST", path="/emailCampaigns", json=body, changes=True)
    return str(convert(answer.json, _Campaign).id)


def change(id: str, wanted: Wanted) -> Steps[None]:
    """Change all but the list: a draft at another is not changed."""
    yield Call(method="PUT", path=_path(id), json=_settings(wanted), changes=True)


def remarks(id: str) -> Steps[tuple[str, ...]]:
    """Return what Brevo will put around the page, because the tag for it is not in there."""
    answer: Answer = yield Call(method="GET", path=_path(id))
    html = (convert(answer.json, _Campaign).html_content or "").replace(" ", "")
    parts = (("mirror", "header"), ("unsubscribe", "footer"))
    return tuple(
        f"the page has no {{{{ {tag} }}}}, so it gets a {part} of Brevo's"
        for tag, part in parts
        if f"{{{{{tag}}}}}" not in html
    )


def test(id: str, wanted: Wanted, addresses: Sequence[str]) -> Steps[None]:
    """Mail it to the addresses; there are 50 tests a day."""
    if not addresses:
        raise ValueError("without an address Brevo would mail everybody on its test list")
    yield Call(method="POST", path=f"{_path(id)}/sendTest", json={"emailTo": list(addresses)}, changes=True)


def _path(id: str) -> str:
    return f"/emailCampaigns/{quote(id, safe='')}"


def _lists() -> Steps[list[_List]]:
    lists: list[_List] = []
    for offset in count(step=_LISTS):
        answer: Answer = yield Call(method="GET", path=f"/contacts/lists?limit={_LISTS}&offset={offset}")
        page = convert(answer.json, _Lists).lists
        lists += page
        if len(page) < _LISTS:
            break
    return lists


def _audience_of(recipients: _Recipients) -> tuple[str, ...]:
    """Return the lists; what else somebody chose there is named, so that it is seen."""
    return (
        *map(str, recipients.lists or ()),
        *(f"segment {segment}" for segment in recipients.segments or ()),
        *(f"without {excluded}" for excluded in recipients.exclusion_lists or ()),
        *(f"without segment {excluded}" for excluded in recipients.excluded_segments or ()),
    )


def _settings(wanted: Wanted) -> dict[str, object]:
    # A date for sending would schedule it, here and in a change.
    return {
        "name": f"{wanted.name} {wanted.mark}",
        "sender": {"name": wanted.sender_name, "email": wanted.sender_address},
        "subject": wanted.subject,
        "previewText": wanted.preheader,
        "replyTo": wanted.reply_to or wanted.sender_address,
        "htmlContent": wanted.html,
        # The page has the tag of the web version; pictures stay links, as embedded ones reach 5000 readers at most.
        "mirrorActive": True,
        "inlineImageActivation": False,
    }
