"""MailerLite: the requests that its adapter makes, and what MailerLite does by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newsletter.deliver.drafts import compare, mailerlite
from newsletter.deliver.drafts.shapes import Audience, Draft
from newsletter.errors import NewsletterError, ServerError
from newsletter.line import Made
from tests.answers import line, ok, wanted_for
from tests.drafting import World, made_for, newsroom
from tests.driven import called
from tests.standins.mailerlite import MailerLite, tidied
from tests.test_drafts import world_of

GROUP = "75011449370445335"
WANTED = wanted_for(GROUP)
EMAIL = {
    "subject": "Trees & more",
    "from_name": "Example Network",
    "from": "news@network.example",
    "content": "<p>Two council members planted a tree</p>",
}
STATED = {"name": "2024-09/state-LPMN nl-0123456789", "emails": [EMAIL], "groups": [GROUP]}


def a_campaign(**more: Any) -> dict[str, Any]:
    return {
        "id": "129543796892370121",
        "account_id": "252151",
        "name": "2024-09/state-LPMN nl-0123456789",
        "type": "regular",
        "status": "draft",
        "missing_data": [],
        "filter": [[{"operator": "in_any", "args": ["groups", [GROUP]]}]],
        "updated_at": "2024-08-13 09:49:54",
        "finished_at": None,
        "emails": [{**EMAIL, "id": "1", "reply_to": "news@network.example", "plain_text": "Hello", "preheader": None}],
        "warnings": [],
        "recipients_count": 200,
        "is_currently_sending_out": False,
        **more,
    }


def chosen(**more: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        name: [] for name in ("included_groups", "excluded_groups", "included_segments", "excluded_segments")
    }
    return {**nothing, "all_active_subscribers": False, **more}


def read(**more: Any) -> Draft:
    draft = called(mailerlite.read("1"), ok({"data": a_campaign(**more)}))[1]
    assert draft
    return draft


def test_where_it_lies_and_how_the_key_goes_along() -> None:
    assert mailerlite.base("", "eyJ0") == "https://connect.mailerlite.com/api"
    assert mailerlite.base("http://127.0.0.1:8", "eyJ0") == "http://127.0.0.1:8/api"
    assert mailerlite.web("https://connect.mailerlite.com/api") == "https://dashboard.mailerlite.com"
    assert mailerlite.headers("newsletter", "eyJ0") == {"Authorization": "Bearer eyJ0"}
    calls, identity = called(mailerlite.identity(), ok({"data": [], "meta": {"last_page": 1}}))
    assert (list(map(line, calls)), identity) == (["GET /groups?limit=1"], "")


def test_all_pages_of_groups_are_read_and_everybody_is_one() -> None:
    minnesota = {"id": GROUP, "name": "Minnesota", "active_count": 200, "unsubscribed_count": 9}
    new_york = {"id": "75138838590129612", "name": "New York", "active_count": 900}
    pages = ok({"data": [minnesota], "meta": {"last_page": 2}}), ok({"data": [new_york], "meta": {"last_page": 2}})
    calls, audiences = called(mailerlite.audiences(), *pages)
    assert list(map(line, calls)) == [
        "GET /groups?limit=100&page=1&sort=name",
        "GET /groups?limit=100&page=2&sort=name",
    ]
    assert audiences == (
        Audience(id="everybody", name="All active subscribers", is_everybody=True),
        Audience(id=GROUP, name="Minnesota", readers=200),
        Audience(id="75138838590129612", name="New York", readers=900, is_widest=True),
    )
    assert called(mailerlite.audience(GROUP), *pages)[1] == audiences[1]
    assert called(mailerlite.audience("1"), *pages)[1] is None
    with pytest.raises(StopIteration) as end:
        next(mailerlite.audience("everybody"))
    assert end.value.value == audiences[0]


def test_the_mark_is_looked_for_in_every_state_which_must_be_stated_on_all_pages() -> None:
    ours = {"id": "1", "name": "2024-09/state-LPMN nl-0123456789"}
    other = {"id": "2", "name": "Copy of 2024-09/state-LPMN nl-01234567890"}
    pages = [([other], 2), ([ours], 2), ([], 1), ([ours, {"id": "3", "name": "nl-0123456789 "}], 1)]
    answers = [ok({"data": data, "meta": {"last_page": last}}) for data, last in pages]
    calls, found = called(mailerlite.marked("nl-0123456789"), *answers)
    assert list(map(line, calls)) == [
        "GET /campaigns?filter%5Bstatus%5D=draft&limit=100&page=1",
        "GET /campaigns?filter%5Bstatus%5D=draft&limit=100&page=2",
        "GET /campaigns?filter%5Bstatus%5D=ready&limit=100&page=1",
        "GET /campaigns?filter%5Bstatus%5D=sent&limit=100&page=1",
    ]
    assert found == ("1", "3")


def test_a_campaign_is_made_for_its_group() -> None:
    calls, made = called(mailerlite.create(WANTED, "op"), ok({"data": a_campaign()}, 201))
    (call,) = calls
    assert (line(call), call.changes, made) == ("POST /campaigns", True, "129543796892370121")
    assert call.json == {"type": "regular", **STATED}


def test_a_change_states_the_group_again() -> None:
    wanted = wanted_for(GROUP, reply_to="desk@network.example")
    calls, _ = called(mailerlite.change("1", wanted), ok({"data": a_campaign()}))
    (call,) = calls
    assert (line(call), call.changes) == ("PUT /campaigns/1", True)
    assert call.json == {**STATED, "emails": [{**EMAIL, "reply_to": "desk@network.example"}]}


def test_only_everybody_goes_without_a_group() -> None:
    calls, _ = called(mailerlite.create(wanted_for("everybody"), "op"), ok({"data": a_campaign()}, 201))
    assert calls[0].json == {"type": "regular", "name": STATED["name"], "emails": [EMAIL]}


def test_a_campaign_is_read_in_one_request() -> None:
    calls, draft = called(mailerlite.read("1"), ok({"data": a_campaign()}))
    assert [(line(call), call.also) for call in calls] == [("GET /campaigns/1", (404,))]
    assert draft == Draft(
        id="129543796892370121",
        state="draft",
        subject="Trees & more",
        html="<p>Two council members planted a tree</p>",
        sender_name="Example Network",
        sender_address="news@network.example",
        reply_to="news@network.example",
        audience=(GROUP,),
        link="/campaigns/129543796892370121/review",
    )
    assert called(mailerlite.read("1"), ok({"message": "Resource not found."}, 404))[1] is None


def test_states() -> None:
    assert read(status="ready").state == "scheduled"
    assert read(status="ready", is_currently_sending_out=True).state == "sending"
    sent = read(status="sent", finished_at="2022-12-31 22:00:07")
    assert (sent.state, sent.sent, sent.link) == ("sent", "2022-12-31", "/campaigns/129543796892370121")


@pytest.mark.parametrize(
    ("more", "audience"),
    [
        ({"filter": []}, ("everybody",)),
        ({"filter": [[{"operator": "in_any", "args": ["groups", ["42", "43"]]}]]}, ("42", "43")),
        ({"filter": [[{"operator": "not_in_any", "args": ["groups", ["42"]]}]]}, ("(a filter of its own)",)),
        ({"filter": [[{"operator": "in_any", "args": ["segments", ["42"]]}]]}, ("(a filter of its own)",)),
        ({"filter": None}, ()),
        ({"basic_filter_for_humans": chosen(all_active_subscribers=True)}, ("everybody",)),
        ({"basic_filter_for_humans": chosen(included_groups=[{"id": GROUP, "name": "Minnesota"}])}, (GROUP,)),
        ({"basic_filter_for_humans": chosen(included_segments=[{"id": "5"}])}, ("(segments)",)),
        (
            {"basic_filter_for_humans": chosen(included_groups=[{"id": GROUP}], excluded_groups=[{"id": "5"}])},
            (GROUP, "(without some)"),
        ),
        ({"basic_filter_for_humans": chosen()}, ()),
        # Where there is none in plain words, an empty list stands in its place.
        ({"basic_filter_for_humans": []}, (GROUP,)),
    ],
)
def test_whom_it_would_go_to(more: dict[str, Any], audience: tuple[str, ...]) -> None:
    assert read(**more).audience == audience


def test_only_of_everybody_the_campaign_says_how_many_they_are() -> None:
    assert read(filter=[], recipients_count=5200).readers == 5200
    assert read(recipients_count=200).readers is None


def test_what_stands_there_does_not_change_by_itself() -> None:
    assert read().held == read(updated_at="2024-09-09 09:09:09", recipients_count=201, settings={"track_opens": 1}).held


def test_what_is_missing_is_told() -> None:
    assert called(mailerlite.remarks("1"), ok({"data": a_campaign()}))[1] == ()
    lacking = a_campaign(missing_data=["sender"], warnings=["The address is not verified.", {"code": 1}])
    told = ("it lacks sender", "The address is not verified.")
    assert called(mailerlite.remarks("1"), ok({"data": lacking}))[1] == told


def test_a_page_that_was_written_anew_is_the_same() -> None:
    cells = "<table><tr><th>When</th><th>Where</th></tr><tr><td>Monday</td><td>Saint Paul</td></tr></table>"
    head = "<!doctype html><html><head><title>Trees</title></head>"
    page = f'{head}<body>{cells}<a href="{{$url}}">web</a></body></html>'
    anew = tidied(page)
    assert anew != page
    assert compare.page_differences(wanted_for(GROUP, html=page), Draft(id="1", state="draft", html=anew)) == ()
    edited = anew.replace("Saint Paul", "Duluth")
    assert compare.page_differences(wanted_for(GROUP, html=page), Draft(id="1", state="draft", html=edited)) == (
        "the words",
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return the issue as it is drafted there."""
    return made_for(newsroom(tmp_path_factory.mktemp("room")).root, "mailerlite", base_url="https://pictures.example")


@pytest.fixture
def world(tmp_path: Path, made: Made) -> Iterator[World]:
    """Return an empty ledger and a fresh provider with two lists."""
    with MailerLite().open() as standin:
        yield world_of(tmp_path / "desk", standin, made)
        assert standin.mailed == []


def test_a_group_that_was_dropped_in_silence_is_told(world: World) -> None:
    assert isinstance(world.standin, MailerLite)
    world.standin.drops_groups = True
    with pytest.raises(NewsletterError, match=rf"was told the list {world.list_id}, and the draft has everybody"):
        world.draft()
    with pytest.raises(NewsletterError, match="is at another list: everybody"):
        world.draft()
    assert len(world.standin.mails()) == 1


def test_everybody_must_be_called_so(world: World) -> None:
    world.list_id = "everybody"
    with pytest.raises(NewsletterError, match="is everybody in the account"):
        world.draft()
    assert world.standin.mails() == {}
    world.whole_list = True
    outcome = world.draft()
    assert (outcome.state, outcome.audience.readers) == ("made", 5200)
    assert [mail["lists"] for mail in world.standin.mails().values()] == [["everybody"]]


def test_a_plan_without_html_of_ones_own_is_told(world: World) -> None:
    assert isinstance(world.standin, MailerLite)
    world.standin.is_advanced = False
    with pytest.raises(ServerError, match=r"refuses it \(422\): Content submission is only available on advanced plan"):
        world.draft()
    assert world.standin.mails() == {}


def test_an_account_whose_answers_have_no_audience_in_plain_words(world: World) -> None:
    assert isinstance(world.standin, MailerLite)
    world.standin.has_basic_filter = False
    assert world.draft().state == "made"
    assert world.draft().state == "up to date"
