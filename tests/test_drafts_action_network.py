"""Action Network: the requests of a draft, and what bites there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from newsletter.deliver import ledger
from newsletter.deliver.drafts import action_network
from newsletter.deliver.drafts.shapes import Answer, Audience, Call, Draft, Pause
from newsletter.errors import NewsletterError, ServerError, UnknownEndError
from newsletter.line import Made
from tests.drafting import WORDS, World, made_for, newsroom, reworded
from tests.driven import driven, wanted_for
from tests.standins.action_network import ActionNetwork
from tests.standins.server import Request

API = "https://actionnetwork.org/api/v2"
MINNESOTA = {
    "identifiers": ["action_network:2d1e6c0a"],
    "name": "Minnesota",
    "_links": {"self": {"href": f"{API}/queries/2d1e6c0a"}},
}
ASK_QUERY = Call(method="GET", path="/queries/2d1e6c0a", also=(404,))
READ = Call(method="GET", path="/messages/d91b4b2e", also=(404,))
BODY = {
    "name": "2024-09/state-LPMN",
    "subject": "A tree for every street",
    "body": "<!doctype html><p>A tree</p>",
    "from": "Minnesota Network",
    "reply_to": "desk@network.example",
    "targets": [{"href": f"{API}/queries/2d1e6c0a"}],
}
TO_MINNESOTA, TO_EVERYBODY = wanted_for("2d1e6c0a"), wanted_for("everybody")
TO_EVERYBODY = replace(TO_EVERYBODY, audience=replace(TO_EVERYBODY.audience, is_everybody=True))
THERE = {
    "identifiers": ["newsletter:nl-0123456789-0a1b", "action_network:d91b4b2e"],
    "type": "email",
    "status": "draft",
    "subject": "A tree",
    "body": "<p>A tree</p>",
    "from": "Minnesota Network",
    "reply_to": "desk@network.example",
    "administrative_url": "https://actionnetwork.org/emails/a-tree/manage",
    "targets": [{"href": f"{API}/queries/2d1e6c0a"}],
    "total_targeted": 200,
    "statistics": {"sent": 0},
    "modified_date": "2024-09-30T10:00:00Z",
}
WAIT = Pause(seconds=5.0, why="Action Network counts whom it reaches")


def test_a_message_has_its_query_and_an_identifier_of_its_own() -> None:
    asked, draft_id = driven(action_network.create(TO_MINNESOTA, "0a1b"), MINNESOTA, {**THERE, "status": "calculating"})
    body = {**BODY, "identifiers": ["newsletter:nl-0123456789-0a1b"]}
    assert asked == [ASK_QUERY, Call(method="POST", path="/messages", json=body, changes=True)]
    assert draft_id == "d91b4b2e"


def test_a_change_says_all_of_it_again_but_the_identifier() -> None:
    asked, _ = driven(action_network.change("d91b4b2e", TO_MINNESOTA), MINNESOTA, THERE)
    assert asked == [ASK_QUERY, Call(method="PUT", path="/messages/d91b4b2e", json=BODY, changes=True)]


def test_only_the_whole_list_goes_without_a_target() -> None:
    asked, _ = driven(action_network.change("d91b4b2e", TO_EVERYBODY), THERE)
    assert asked == [Call(method="PUT", path="/messages/d91b4b2e", json={**BODY, "targets": []}, changes=True)]


@pytest.mark.parametrize("query", [Answer(status=404, json={"error": "x"}), {**MINNESOTA, "_links": {}}])
def test_nothing_is_asked_for_without_the_address_of_the_query(query: object) -> None:
    with pytest.raises(ServerError, match="has no query 2d1e6c0a any more"):
        driven(action_network.create(TO_MINNESOTA, "0a1b"), query)


def test_answers_go_to_the_sender_where_nothing_else_is_stated() -> None:
    asked, _ = driven(action_network.change("d91b4b2e", replace(TO_EVERYBODY, reply_to="")), THERE)
    body = {**BODY, "targets": [], "reply_to": "mn@network.example"}
    assert asked == [Call(method="PUT", path="/messages/d91b4b2e", json=body, changes=True)]


def test_what_stands_there_is_read_when_it_is_counted() -> None:
    counting = {**THERE, "status": "calculating", "total_targeted": 0}
    asked, draft = driven(action_network.read("d91b4b2e"), counting, None, counting, None, THERE)
    assert asked == [READ, WAIT, READ, WAIT, READ]
    assert draft == Draft(
        id="d91b4b2e",
        state="draft",
        subject="A tree",
        html="<p>A tree</p>",
        sender_name="Minnesota Network",
        reply_to="desk@network.example",
        audience=("2d1e6c0a",),
        link="https://actionnetwork.org/emails/a-tree/manage",
        readers=200,
    )
    later = {**THERE, "modified_date": "2024-10-01T10:00:00Z", "total_targeted": 9, "statistics": {"sent": 3}}
    again = driven(action_network.read("d91b4b2e"), later)[1]
    assert again
    assert again.held == draft.held


def test_after_a_minute_of_counting_it_is_told() -> None:
    counting = {**THERE, "status": "calculating"}
    with pytest.raises(ServerError, match="still counts whom the message reaches"):
        driven(action_network.read("d91b4b2e"), *[counting, None] * 12, counting)


@pytest.mark.parametrize(
    ("status", "state", "sent"),
    [
        ("draft", "draft", ""),
        ("scheduled", "scheduled", ""),
        ("sending", "sending", ""),
        ("sending_by_timezone", "sending", ""),
        ("throttled", "sending", ""),
        ("stopped", "stopped", ""),
        ("sent", "sent", "2024-10-01"),
    ],
)
def test_each_state_is_told(status: str, state: str, sent: str) -> None:
    there = {**THERE, "status": status, "sent_start_date": "2024-10-01T09:00:00Z"}
    draft = driven(action_network.read("d91b4b2e"), there)[1]
    assert draft
    assert (draft.state, draft.sent) == (state, sent)


def test_a_message_that_is_gone_is_none() -> None:
    assert driven(action_network.read("d91b4b2e"), Answer(status=404, json={"error": "x"})) == ([READ], None)


@pytest.mark.parametrize(
    ("targets", "audience"),
    [
        ([], ("everybody",)),
        (None, ("everybody",)),
        ([{"href": f"{API}/queries/2d1e6c0a/"}, {"href": f"{API}/queries/77"}], ("2d1e6c0a", "77")),
    ],
)
def test_whom_it_is_for_is_told_as_newsletter_toml_has_it(targets: object, audience: tuple[str, ...]) -> None:
    draft = driven(action_network.read("d91b4b2e"), {**THERE, "targets": targets})[1]
    assert draft
    assert draft.audience == audience


def test_the_mark_is_how_an_identifier_begins_and_all_pages_are_read() -> None:
    other = {"identifiers": ["action_network:0000", "newsletter:nl-01234567899-0a1b", "van:nl-0123456789"]}
    bare = {"identifiers": ["action_network:1111", "newsletter:nl-0123456789"]}
    first = {"total_pages": 2, "_embedded": {"osdi:messages": [THERE, other]}}
    second = {"total_pages": 2, "_embedded": {"osdi:messages": [bare]}}
    asked, ids = driven(action_network.marked("nl-0123456789"), first, second)
    assert asked == [Call(method="GET", path="/messages?page=1"), Call(method="GET", path="/messages?page=2")]
    assert ids == ("d91b4b2e", "1111")
    assert driven(action_network.marked("nl-0123456789"), {"total_pages": 0, "_embedded": {}})[1] == ()


def test_everybody_and_all_queries_are_shown() -> None:
    second = {**MINNESOTA, "identifiers": ["van:3", "action_network:77"], "name": "New York"}
    asked, known = driven(
        action_network.audiences(),
        {"total_pages": 2, "_embedded": {"osdi:queries": [MINNESOTA]}},
        {"total_pages": 2, "_embedded": {"osdi:queries": [second]}},
    )
    assert asked == [Call(method="GET", path="/queries?page=1"), Call(method="GET", path="/queries?page=2")]
    everybody = Audience(id="everybody", name="everybody", is_everybody=True)
    assert known == (everybody, Audience(id="2d1e6c0a", name="Minnesota"), Audience(id="77", name="New York"))
    assert driven(action_network.audience("everybody")) == ([], everybody)
    assert driven(action_network.audience("2d1e6c0a"), MINNESOTA) == ([ASK_QUERY], known[1])
    assert driven(action_network.audience("2d1e6c0a"), Answer(status=404, json={}))[1] is None


def test_where_it_lies_and_the_key_go_where_they_belong() -> None:
    assert action_network.base("", "secret") == API
    assert action_network.web(API) == "https://actionnetwork.org"
    assert action_network.headers("", "secret") == {"OSDI-API-Token": "secret"}


# What bites there.


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return the issue as it is drafted there, its pictures on a site."""
    root = newsroom(tmp_path_factory.mktemp("action-network") / "room").root
    return made_for(root, "action-network", base_url="https://pictures.example")


@pytest.fixture
def world(tmp_path: Path, made: Made) -> Iterator[World]:
    """Return an empty ledger and a group with two queries."""
    with ActionNetwork().open() as standin:
        standin.add_list("Everybody", 5000)
        settings = replace(made.issue.settings, picture_base_url=f"{standin.url}/pictures")
        made = replace(made, issue=replace(made.issue, settings=settings))
        yield World(root=tmp_path, standin=standin, made=made, list_id=standin.add_list("Minnesota", 200))
        assert standin.mailed == []


def group_of(world: World) -> ActionNetwork:
    """Return the stand-in as what it is."""
    assert isinstance(world.standin, ActionNetwork)
    return world.standin


def test_what_is_drafted_is_the_inside_of_a_page(world: World) -> None:
    outcome = world.draft()
    (message,) = group_of(world).messages.values()
    assert WORDS in message["body"]
    assert not any(tag in message["body"] for tag in ("<!doctype", "<html", "<head", "<body", "unsubscribe"))
    assert outcome.remarks[-1][0].endswith(
        "Action Network put the group's default wrapper around it: choose another there if that is not the one"
    )
    assert outcome.link == message["administrative_url"]


def test_readers_are_told_when_they_are_counted(world: World) -> None:
    assert world.draft().audience.readers == 200
    assert world.waits == [5.0, 5.0]
    assert world.said == ["waiting 5 s: Action Network counts whom it reaches"] * 2
    # A correction counts them anew.
    world.standin.set_list(world.list_id, readers=230)
    assert world.draft(reworded).audience.readers == 230


def test_a_count_that_takes_too_long_leaves_one_draft(world: World) -> None:
    group_of(world).counts_for = 20
    with pytest.raises(ServerError, match="still counts whom the message reaches"):
        world.draft()
    assert sum(world.waits) == 60
    assert world.draft().state == "up to date"
    assert len(world.standin.mails()) == 1
    # What it counted is known for the next month, too.
    assert ledger.read(world.root).entries[-1].more["readers"] == 200


def test_everybody_needs_to_be_called_so(world: World) -> None:
    world.list_id = "everybody"
    with pytest.raises(NewsletterError, match="is everybody in the account"):
        world.draft()
    assert world.standin.mails() == {}
    world.whole_list = True
    outcome = world.draft()
    assert (outcome.state, outcome.audience.readers) == ("made", 5200)


def test_a_message_that_lost_its_target_is_told_and_left_alone(world: World) -> None:
    world.draft()
    (message,) = group_of(world).messages.values()
    message["targets"] = []
    with pytest.raises(NewsletterError, match="is at another list: everybody"):
        world.draft(reworded)


def test_a_query_that_vanishes_while_the_message_is_made_makes_none(world: World) -> None:
    looks: list[str] = []

    def before(request: Request) -> None:
        # The second look at it is the one right before the message is made.
        looks.append(f"{request.method} {request.path}")
        if looks.count(f"GET /queries/{world.list_id}") == 2:
            world.standin.drop_list(world.list_id)

    world.standin.before = before
    with pytest.raises(ServerError, match="has no query"):
        world.draft()
    assert world.standin.mails() == {}
    assert world.entries() == [("draft", "begun"), ("draft", "failed")]


def test_thirty_seconds_lie_between_two_messages_and_two_targets(world: World) -> None:
    group_of(world).clock = lambda: world.clock
    desk, account = world.desk(), world.account()
    assert desk.drafted(account, world.drafting(account)).state == "made"
    assert desk.drafted(account, world.drafting(account, reworded)).state == "updated"
    # Of the 30 s, 10 went by while it was counted.
    assert world.waits == [5.0, 5.0, 20.0, 5.0, 5.0]
    assert world.said[2] == "waiting 20 s: Action Network takes a draft every 30 s"


def test_what_is_edited_in_the_thirty_seconds_is_not_overwritten(world: World) -> None:
    group_of(world).clock = lambda: world.clock
    desk, account = world.desk(), world.account()
    desk.drafted(account, world.drafting(account))
    (mail,) = world.standin.mails()
    world.meanwhile = lambda: world.standin.edit(mail, WORDS, "Two council members watered a tree")
    with pytest.raises(NewsletterError, match="was edited at"):
        desk.drafted(account, world.drafting(account, reworded))
    assert "watered" in str(group_of(world).mails()[mail]["html"])


def test_another_run_within_thirty_seconds_waits_until_it_is_let(world: World) -> None:
    group_of(world).clock = lambda: world.clock
    world.draft()
    assert world.draft(reworded).state == "updated"
    assert world.waits == [5.0, 5.0, 10.0, 10.0, 5.0, 5.0]


def test_a_draft_that_was_deleted_is_made_anew_with_another_identifier(world: World) -> None:
    world.draft()
    (mail,) = world.standin.mails()
    before = set(group_of(world).identifiers)
    world.standin.delete(mail)
    assert world.pull() == "gone"
    assert world.draft(is_over=True).state == "made"
    # Those of deleted messages, and of other groups, stay taken.
    assert len(group_of(world).identifiers - before) == 1


def test_a_message_among_many_is_found_by_its_mark(world: World) -> None:
    world.draft()
    (message,) = group_of(world).messages.values()
    for number in range(60):
        later = f"00000000-0000-4000-8000-{number:012x}"
        others = {"identifiers": [f"action_network:{later}"], "created_date": f"9{number}"}
        group_of(world).messages[later] = {**message, **others}
    world.forget()
    world.requests()
    assert world.draft().state == "adopted"
    assert world.requests().count("GET /messages") == 3


def test_a_subject_of_two_hundred_characters_is_refused_before(world: World) -> None:
    def long(made: Made) -> Made:
        return replace(made, email=replace(made.email, cover=replace(made.email.cover, subject="x" * 200)))

    with pytest.raises(NewsletterError, match="the subject has 200 characters; Action Network takes 199"):
        world.draft(long)
    assert world.entries() == []


def test_a_refusal_is_told_in_its_words(world: World) -> None:
    body = {"subject": "x", "body": "y", "from": "z"}
    with pytest.raises(ServerError, match=r"refuses it \(400\): reply_to is required"):
        world.account().post(Call(method="POST", path="/messages", json=body, changes=True))


def test_an_answer_without_an_id_leaves_the_end_unknown(world: World) -> None:
    def before(request: Request) -> None:
        # What it tells of the message is not enough to find it.
        if request.method == "POST":
            group_of(world).own = "an"

    world.standin.before = before
    with pytest.raises(UnknownEndError, match="no identifier of the message begins with action_network:"):
        world.draft()
    group_of(world).own = "action_network"
    assert world.entries()[-1] == ("draft", "unknown")
