"""Brevo: the requests that its adapter makes, and what Brevo does by itself."""

from typing import Any

import pytest

from newsletter.deliver.drafts import brevo
from newsletter.deliver.drafts.shapes import Audience, Draft
from tests.answers import line, ok, wanted_for
from tests.drafting import World, made_for, newsroom
from tests.driven import called
from tests.standins.brevo import Brevo
from tests.test_drafts import world_of

WANTED = wanted_for("12")
SETTINGS = {
    "name": "2024-09/state-LPMN nl-0123456789",
    "sender": {"name": "Example Network", "email": "news@network.example"},
    "subject": "Trees & more",
    "previewText": "A tree for every street",
    "replyTo": "news@network.example",
    "htmlContent": "<p>Two council members planted a tree</p>",
    "mirrorActive": True,
    "inlineImageActivation": False,
}


def a_list(number: int, readers: int) -> dict[str, Any]:
    return {"id": number, "name": f"List {number}", "uniqueSubscribers": readers, "totalSubscribers": 0, "folderId": 1}


def a_campaign(**more: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "name": "2024-09/state-LPMN nl-0123456789",
        "status": "draft",
        "subject": "Trees & more",
        "previewText": "A tree for every street",
        "sender": {"id": 3, "name": "Example Network", "email": "news@network.example"},
        "replyTo": "news@network.example",
        "htmlContent": "<p>Trees</p>",
        "createdAt": "2024-09-02T10:00:00.000Z",
        "modifiedAt": "2024-09-02T10:00:00.000Z",
        "recipients": {"lists": [12], "exclusionLists": []},
        **more,
    }


def test_where_it_lies_and_how_the_key_goes_along() -> None:
    assert brevo.base("", "xkeysib-1") == "https://api.brevo.com/v3"
    assert brevo.base("http://127.0.0.1:8", "xkeysib-1") == "http://127.0.0.1:8/v3"
    assert brevo.web("https://api.brevo.com/v3") == "https://app.brevo.com"
    assert brevo.headers("newsletter", "xkeysib-1") == {"api-key": "xkeysib-1"}
    with pytest.raises(ValueError, match="is for sending by mail server"):
        brevo.base("", "xsmtpsib-1")


def test_the_account_is_called_by_its_organization() -> None:
    calls, identity = called(brevo.identity(), ok({"organization_id": "6560d3", "email": "owner@network.example"}))
    assert list(map(line, calls)) == ["GET /account"]
    assert identity == "6560d3"
    assert called(brevo.identity(), ok({"email": "owner@network.example"}))[1] == "owner@network.example"


def test_all_pages_of_lists_are_read() -> None:
    pages = [
        ok({"count": 51, "lists": [a_list(n, 10) for n in range(1, 51)]}),
        ok({"count": 51, "lists": [a_list(99, 5)]}),
    ]
    calls, audiences = called(brevo.audiences(), *pages)
    assert list(map(line, calls)) == [
        "GET /contacts/lists?limit=50&offset=0",
        "GET /contacts/lists?limit=50&offset=50",
    ]
    assert len(audiences) == 51
    # Fifty are the widest, as they are equally wide.
    assert audiences[0] == Audience(id="1", name="List 1", readers=10, is_widest=True)
    assert audiences[-1] == Audience(id="99", name="List 99", readers=5)


def test_one_list() -> None:
    lists = ok({"count": 2, "lists": [a_list(11, 5000), a_list(12, 200)]})
    assert called(brevo.audience("12"), lists)[1] == Audience(id="12", name="List 12", readers=200)
    assert called(brevo.audience("11"), lists)[1] == Audience(id="11", name="List 11", readers=5000, is_widest=True)
    assert called(brevo.audience("012"), lists)[1] is None
    # Without any, the answer has no such key.
    assert called(brevo.audience("12"), ok({"count": 0}))[1] is None
    # An only list is not the widest of several.
    assert called(brevo.audience("12"), ok({"count": 1, "lists": [a_list(12, 9)]}))[1] == Audience(
        id="12", name="List 12", readers=9
    )


def test_the_mark_is_looked_for_on_all_pages_and_in_every_state() -> None:
    others = [{"id": number, "name": f"Letter {number}", "status": "sent"} for number in range(100, 200)]
    first = [{"id": 7, "name": "2024-09/state-LPMN nl-0123456789", "status": "sent"}, *others[:99]]
    # One was made meanwhile, so that the last of the first page is the first of the second.
    second = [others[98], {"id": 3, "name": "Copy of nl-0123456789", "status": "draft", "recipients": None}]
    calls, found = called(brevo.marked("nl-0123456789"), ok({"campaigns": first}), ok({"campaigns": second}))
    assert list(map(line, calls)) == [
        "GET /emailCampaigns?limit=100&offset=0&sort=desc&excludeHtmlContent=true",
        "GET /emailCampaigns?limit=100&offset=100&sort=desc&excludeHtmlContent=true",
    ]
    assert found == ("7", "3")
    assert called(brevo.marked("nl-0123456789"), ok({"count": 0}))[1] == ()
    # A longer one is another.
    longer = [{"id": 7, "name": "2024-09/state-LPMN nl-01234567890", "status": "draft"}]
    assert called(brevo.marked("nl-0123456789"), ok({"campaigns": longer}))[1] == ()
    assert called(brevo.marked("nl-0123456789"), ok({"campaigns": [first[0], first[0]]}))[1] == ("7",)


def test_a_campaign_is_made_in_one_request() -> None:
    calls, made = called(brevo.create(WANTED, "op"), ok({"id": 7}, 201))
    (call,) = calls
    assert (line(call), call.changes, made) == ("POST /emailCampaigns", True, "7")
    assert call.json == {**SETTINGS, "recipients": {"listIds": [12]}}


def test_a_change_leaves_the_list_alone() -> None:
    calls, _ = called(brevo.change("7", wanted_for("12", reply_to="desk@network.example")), ok(status=204))
    (call,) = calls
    assert (line(call), call.changes) == ("PUT /emailCampaigns/7", True)
    assert call.json == {**SETTINGS, "replyTo": "desk@network.example"}


def test_a_campaign_is_read_in_one_request() -> None:
    calls, draft = called(brevo.read("7"), ok(a_campaign()))
    assert [(line(call), call.also) for call in calls] == [("GET /emailCampaigns/7", (404,))]
    assert draft == Draft(
        id="7",
        state="draft",
        subject="Trees & more",
        preheader="A tree for every street",
        html="<p>Trees</p>",
        sender_name="Example Network",
        sender_address="news@network.example",
        reply_to="news@network.example",
        audience=("12",),
        link="/marketing-campaign/edit/7",
    )
    assert called(brevo.read("7"), ok({"code": "document_not_found"}, 404))[1] is None


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", "scheduled"),
        ("in_process", "sending"),
        ("inProcess", "sending"),
        ("in_review", "sending"),
        ("inReview", "sending"),
        ("suspended", "suspended"),
        ("archive", "archive"),
    ],
)
def test_states(status: str, state: str) -> None:
    draft = called(brevo.read("7"), ok(a_campaign(status=status)))[1]
    assert draft
    assert (draft.state, draft.sent) == (state, "")


def test_a_sent_campaign_says_when() -> None:
    draft = called(brevo.read("7"), ok(a_campaign(status="sent", sentDate="2024-09-05T14:00:00.000Z")))[1]
    assert draft
    assert (draft.state, draft.sent) == ("sent", "2024-09-05")


def test_whom_somebody_added_or_left_out_is_seen() -> None:
    recipients = {"lists": [12, 13], "exclusionLists": [4], "segments": [5], "excludedSegments": [6]}
    draft = called(brevo.read("7"), ok(a_campaign(recipients=recipients)))[1]
    assert draft
    assert draft.audience == ("12", "13", "segment 5", "without 4", "without segment 6")
    nothing: tuple[object, ...] = ({"lists": [], "exclusionLists": []}, {"lists": None}, None)
    for none in nothing:
        nobody = called(brevo.read("7"), ok(a_campaign(recipients=none)))[1]
        assert nobody
        assert nobody.audience == ()


def test_what_stands_there_does_not_change_by_itself() -> None:
    before = called(brevo.read("7"), ok(a_campaign()))[1]
    after = called(brevo.read("7"), ok(a_campaign(modifiedAt="2024-09-09T09:09:09.000Z", statistics={"sent": 3})))[1]
    assert before
    assert after
    assert before.held == after.held


def test_a_test_goes_to_the_addresses() -> None:
    calls, _ = called(brevo.test("7", WANTED, ["desk@network.example"]), ok(status=204))
    (call,) = calls
    assert (line(call), call.json) == ("POST /emailCampaigns/7/sendTest", {"emailTo": ["desk@network.example"]})
    # Without an address the whole test list would get it.
    with pytest.raises(ValueError, match="test list"):
        next(brevo.test("7", WANTED, []))


def test_what_brevo_puts_around_a_page_is_told() -> None:
    page = '<a href="{{ mirror }}">in the browser</a> <a href="{{unsubscribe}}">unsubscribe</a>'
    assert called(brevo.remarks("7"), ok(a_campaign(htmlContent=page)))[1] == ()
    assert called(brevo.remarks("7"), ok(a_campaign(htmlContent="<p>Trees</p>")))[1] == (
        "the page has no {{ mirror }}, so it gets a header of Brevo's",
        "the page has no {{ unsubscribe }}, so it gets a footer of Brevo's",
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a world with one issue."""
    folder = tmp_path_factory.mktemp("brevo")
    made = made_for(newsroom(folder / "room").root, "brevo", base_url="https://pictures.example")
    with Brevo().open() as standin:
        yield world_of(folder / "desk", standin, made)


def test_the_packaged_page_needs_nothing_around_it_and_few_requests(world: World) -> None:
    standin = world.standin
    assert isinstance(standin, Brevo)
    assert world.draft().remarks == ()
    (campaign,) = standin.campaigns.values()
    assert (campaign["header"], campaign["footer"]) == ("", "")
    # Of a hundred an hour: who it is, whether it is there, the draft, whether there is one, what stands there, remarks.
    assert standin.counted == 6
    world.draft()
    assert standin.counted == 8
    assert standin.mailed == []
