"""Buttondown: the requests of a draft, and what bites there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from newsletter.deliver.drafts import buttondown
from newsletter.deliver.drafts.shapes import Answer, Audience, Call, Draft, File
from newsletter.errors import NewsletterError, ServerError, UnknownEndError
from newsletter.line import Made
from newsletter.model import Picture
from tests.drafting import World, made_for, newsroom, reworded
from tests.driven import WANTED, driven, wanted_for
from tests.standins.buttondown import Buttondown
from tests.standins.server import KEY

MINNESOTA = {"field": "subscriber.tags", "operator": "contains", "value": "tag_mn"}
NEW_YORK = {"field": "subscriber.tags", "operator": "contains", "value": "tag_ny"}
BODY = {
    "subject": "A tree for every street",
    "body": "<!doctype html><p>A tree</p>",
    "status": "draft",
    "filters": {"filters": [MINNESOTA], "groups": [], "predicate": "and"},
    "template": "naked",
}
TO_MINNESOTA, TO_EVERYBODY = wanted_for("tag_mn"), wanted_for("everybody")
TO_EVERYBODY = replace(TO_EVERYBODY, audience=replace(TO_EVERYBODY.audience, is_everybody=True))
THERE = {
    "id": "em_1",
    "status": "draft",
    "subject": "A tree",
    "body": "<p>A tree</p>",
    "filters": {"filters": [MINNESOTA], "groups": [], "predicate": "and"},
    "metadata": {"newsletter": "nl-0123456789"},
    "template": "naked",
    "publish_date": None,
    "modification_date": "2024-09-30T10:00:00Z",
    "absolute_url": "https://buttondown.com/network/archive/a-tree/",
}
READ = Call(method="GET", path="/emails/em_1", also=(404,))


def test_a_draft_says_that_it_is_one_and_whom_it_is_for() -> None:
    asked, draft_id = driven(buttondown.create(TO_MINNESOTA, "0a1b"), Answer(status=201, json=THERE))
    body = {**BODY, "metadata": {"newsletter": "nl-0123456789"}}
    headers = {"X-Idempotency-Key": "0a1b"}
    assert asked == [Call(method="POST", path="/emails", json=body, headers=headers, changes=True)]
    assert draft_id == "em_1"


def test_only_the_whole_list_goes_without_filters() -> None:
    asked, _ = driven(buttondown.change("em_1", TO_EVERYBODY), THERE)
    body = {**BODY, "filters": {"filters": [], "groups": [], "predicate": "and"}}
    assert asked == [Call(method="PATCH", path="/emails/em_1", json=body, changes=True)]


def test_a_change_says_all_of_it_again_but_the_mark() -> None:
    asked, _ = driven(buttondown.change("em_1", TO_MINNESOTA), THERE)
    assert asked == [Call(method="PATCH", path="/emails/em_1", json=BODY, changes=True)]


def test_every_request_has_the_version_it_is_written_for() -> None:
    assert buttondown.headers("", "secret") == {"Authorization": "Token secret", "X-API-Version": "2026-04-01"}
    assert buttondown.base("", "secret") == "https://api.buttondown.com/v1"
    assert buttondown.web(buttondown.base("", "secret")) == "https://buttondown.com"
    assert buttondown.base("http://127.0.0.1:8025", "secret") == "http://127.0.0.1:8025/v1"


def test_the_account_is_known_by_its_user() -> None:
    assert driven(buttondown.identity(), {"username": "network", "email_address": "desk@network.example"}) == (
        [Call(method="GET", path="/accounts/me")],
        "network",
    )


def test_what_stands_there_is_read_without_what_changes_by_itself() -> None:
    asked, draft = driven(buttondown.read("em_1"), THERE)
    assert asked == [READ]
    assert draft == Draft(
        id="em_1",
        state="draft",
        subject="A tree",
        html="<p>A tree</p>",
        audience=("tag_mn",),
        link="/emails/em_1",
    )
    later = {**THERE, "modification_date": "2024-10-01T10:00:00Z", "publish_date": "2024-10-01T09:00:00Z"}
    again = driven(buttondown.read("em_1"), later)[1]
    assert again
    assert (again.held, again.sent) == (draft.held, "")


@pytest.mark.parametrize(
    ("filters", "audience"),
    [
        (None, ("everybody",)),
        ({"filters": [], "groups": [], "predicate": "and"}, ("everybody",)),
        ({"filters": [MINNESOTA, NEW_YORK], "groups": [], "predicate": "or"}, ("tag_mn", "tag_ny")),
        ({"filters": [MINNESOTA, NEW_YORK], "groups": [], "predicate": "and"}, ("(filters of its own)",)),
        ({"filters": [], "groups": [{"filters": [MINNESOTA]}], "predicate": "and"}, ("(filters of its own)",)),
        (
            {"filters": [{**MINNESOTA, "operator": "not_contains"}], "groups": [], "predicate": "and"},
            ("(filters of its own)",),
        ),
        (
            {"filters": [{"field": "subscriber.metadata", "operator": "equals", "value": 3}], "groups": []},
            ("(filters of its own)",),
        ),
    ],
)
def test_whom_it_is_for_is_told_as_newsletter_toml_has_it(filters: object, audience: tuple[str, ...]) -> None:
    draft = driven(buttondown.read("em_1"), {**THERE, "filters": filters})[1]
    assert draft
    assert draft.audience == audience


@pytest.mark.parametrize(
    ("status", "state", "sent"),
    [
        ("draft", "draft", ""),
        ("scheduled", "scheduled", ""),
        ("about_to_send", "sending", ""),
        ("in_flight", "sending", ""),
        ("throttled", "sending", ""),
        ("paused", "paused", ""),
        ("sent", "sent", "2024-10-01"),
    ],
)
def test_each_state_is_told(status: str, state: str, sent: str) -> None:
    draft = driven(buttondown.read("em_1"), {**THERE, "status": status, "publish_date": "2024-10-01T09:00:00Z"})[1]
    assert draft
    assert (draft.state, draft.sent) == (state, sent)


def test_an_email_that_is_gone_is_none() -> None:
    assert driven(buttondown.read("em_1"), Answer(status=404, json={"detail": "Not found"})) == ([READ], None)


def test_the_mark_is_looked_for_on_all_pages_and_in_all_states() -> None:
    first = {"results": [{**THERE, "id": "em_3", "status": "sent"}, {"id": "em_2"}], "count": 3, "next": "https://x/"}
    second = {"results": [THERE, {"id": "em_0", "metadata": {"newsletter": "nl-other00000"}}], "next": None}
    asked, ids = driven(buttondown.marked("nl-0123456789"), first, second)
    # The address of the next page is not followed: it could lead anywhere.
    assert asked == [
        Call(method="GET", path="/emails?page=1&excluded_fields=body"),
        Call(method="GET", path="/emails?page=2&excluded_fields=body"),
    ]
    assert ids == ("em_3", "em_1")


TAGS = {"results": [{"id": "tag_mn", "name": "Minnesota"}, {"id": "tag_ny", "name": "New York"}], "next": None}
ALL, MN, NY = (
    Call(method="GET", path=f"/subscribers?type=regular{query}") for query in ("", "&tag=tag_mn", "&tag=tag_ny")
)
ASK_TAGS = Call(method="GET", path="/tags?page=1")


def people(count: int) -> dict[str, object]:
    """Return an answer about so many subscribers."""
    return {"results": [], "count": count, "next": None}


def test_everybody_and_all_tags_are_shown_with_who_gets_mail() -> None:
    asked, known = driven(buttondown.audiences(), people(600), TAGS, people(200), people(320))
    assert asked == [ALL, ASK_TAGS, MN, NY]
    assert known == (
        Audience(id="everybody", name="everybody", readers=600, is_everybody=True),
        Audience(id="tag_mn", name="Minnesota", readers=200),
        Audience(id="tag_ny", name="New York", readers=320, is_widest=True),
    )
    # The longest of many short ones is nothing to ask about.
    assert not any(
        one.is_widest for one in driven(buttondown.audiences(), people(900), TAGS, people(200), people(320))[1]
    )


def test_other_tags_are_counted_only_for_one_that_half_of_all_have() -> None:
    minnesota = Audience(id="tag_mn", name="Minnesota", readers=200)
    assert driven(buttondown.audience("tag_mn"), people(600), TAGS, people(200)) == ([ALL, ASK_TAGS, MN], minnesota)
    asked, widest = driven(buttondown.audience("tag_mn"), people(600), TAGS, people(400), people(320))
    assert asked == [ALL, ASK_TAGS, MN, NY]
    assert widest == replace(minnesota, readers=400, is_widest=True)
    assert driven(buttondown.audience("tag_mn"), people(600), TAGS, people(400), people(401))[1] == replace(
        minnesota, readers=400
    )
    only = {"results": TAGS["results"][:1], "next": None}  # type: ignore[index]
    assert driven(buttondown.audience("tag_mn"), people(400), only, people(400))[1] == replace(minnesota, readers=400)


def test_everybody_is_an_audience_that_says_so() -> None:
    everybody = Audience(id="everybody", name="everybody", readers=600, is_everybody=True)
    assert driven(buttondown.audience("everybody"), people(600)) == ([ALL], everybody)
    assert driven(buttondown.audience("Minnesota"), people(600), TAGS)[1] is None


def test_a_picture_is_uploaded_as_a_form() -> None:
    picture = Picture(name="tree-1a2b.png", content=b"PNG", content_type="image/png", width=600, height=300)
    file = File(field="image", name="tree-1a2b.png", content=b"PNG", content_type="image/png")
    stored = Answer(status=201, json={"id": "img_1", "image": "https://assets.example/1.png"})
    upload = Call(method="POST", path="/images", file=file, changes=True)
    assert driven(buttondown.upload(picture), stored) == ([upload], "https://assets.example/1.png")
    assert driven(buttondown.uploaded("tree-1a2b.png")) == ([], "")


def test_a_test_names_its_recipients() -> None:
    asked, _ = driven(buttondown.test("em_1", WANTED, ["desk@network.example"]), None)
    body = {"recipients": ["desk@network.example"]}
    assert asked == [Call(method="POST", path="/emails/em_1/send-draft", json=body, changes=True)]


# What bites there.


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return the issue as it is drafted there."""
    return made_for(newsroom(tmp_path_factory.mktemp("buttondown") / "room").root, "buttondown")


@pytest.fixture
def world(tmp_path: Path, made: Made) -> Iterator[World]:
    """Return an empty ledger and a newsletter with two tags."""
    with Buttondown().open() as standin:
        standin.add_list("Everybody", 5000)
        yield World(root=tmp_path, standin=standin, made=made, list_id=standin.add_list("Minnesota", 200))


def buttondown_of(world: World) -> Buttondown:
    """Return the stand-in as what it is."""
    assert isinstance(world.standin, Buttondown)
    return world.standin


def test_without_a_status_it_would_have_been_sent(world: World) -> None:
    """The stand-in does what makes the status matter; the draft of ours does not set it off."""
    account = world.account()
    account.post(Call(method="POST", path="/emails", json={"subject": "x", "body": "y"}, changes=True))
    assert world.standin.mailed == ["em_00000000000000000000000001"]
    world.draft()
    world.draft(reworded)
    assert len(world.standin.mailed) == 1


def test_a_draft_that_lost_its_tag_is_told_and_left_alone(world: World) -> None:
    world.draft()
    (email,) = buttondown_of(world).emails.values()
    email["filters"] = {"filters": [], "groups": [], "predicate": "and"}
    with pytest.raises(NewsletterError, match="is at another list: everybody"):
        world.draft()


def test_everybody_needs_to_be_called_so(world: World) -> None:
    world.list_id = "everybody"
    with pytest.raises(NewsletterError, match="is everybody in the account"):
        world.draft()
    assert world.standin.mails() == {}
    world.whole_list = True
    outcome = world.draft()
    assert (outcome.state, outcome.audience.readers) == ("made", 5200)
    assert world.draft().state == "up to date"


def test_the_page_is_in_naked_mode_or_that_is_told(world: World) -> None:
    outcome = world.draft()
    (email,) = buttondown_of(world).emails.values()
    assert email["template"] == "naked"
    assert str(email["body"]).startswith("<!doctype html>")
    assert not any("naked" in remark for remark, _ in outcome.remarks)
    buttondown_of(world).has_naked = False
    remarks = [remark for remark, _ in world.draft(reworded).remarks]
    assert remarks[0] == "Buttondown: the draft is not in naked mode, but in 'modern', which wraps the page"


def test_who_sends_it_is_left_to_staff(world: World) -> None:
    assert world.draft().remarks[-1][0].endswith("see that they are the right ones")


@pytest.mark.parametrize(
    ("json", "words"),
    [
        ({"body": "---\ntitle: x\n---\n"}, r"\(400\): The body begins with frontmatter"),
        ({"sendNow": True}, r"\(422\): Extra inputs are not permitted"),
        ({"subject": "x" * 2001}, r"\(422\): String should have at most 2000 characters"),
    ],
)
def test_its_refusals_are_told_in_its_words(world: World, json: dict[str, object], words: str) -> None:
    world.draft()
    (email,) = buttondown_of(world).emails
    with pytest.raises(ServerError, match=words):
        world.account().post(Call(method="PATCH", path=f"/emails/{email}", json=json, changes=True))


def test_an_answer_that_was_lost_makes_no_second_email_with_the_same_attempt(world: World) -> None:
    account, wanted = world.account(), replace(WANTED, audience=Audience(id=world.list_id, name="Minnesota"))
    world.standin.moods.append(("POST /emails", "lost"))
    with pytest.raises(UnknownEndError):
        account.run(buttondown.create(wanted, "0a1b"))
    (email,) = buttondown_of(world).emails
    assert account.run(buttondown.create(wanted, "0a1b")) == email
    assert list(buttondown_of(world).emails) == [email]


def test_a_picture_whose_answer_was_lost_has_one_address(world: World) -> None:
    world.standin.moods.append(("POST /images", "lost"))
    with pytest.raises(UnknownEndError):
        world.draft()
    assert world.draft().state == "made"
    assert len(buttondown_of(world).images) == 1


def test_an_email_among_many_is_found_by_its_mark(world: World) -> None:
    world.draft()
    (email,) = buttondown_of(world).emails.values()
    for number in range(7):
        later = f"em_later{number}"
        buttondown_of(world).emails[later] = {**email, "id": later, "metadata": {}, "creation_date": f"9{number}"}
    world.forget()
    assert world.draft().state == "adopted"


def test_the_key_follows_no_address_in_an_answer(world: World) -> None:
    for number in range(4):
        world.standin.add_list(f"Chapter {number}", 10)
    world.draft()
    assert {request.headers["host"] for request in world.standin.requests} == {
        world.standin.url.removeprefix("http://")
    }
    assert all(request.headers["authorization"] == f"Token {KEY}" for request in world.standin.requests)
