"""listmonk: the requests of a draft, and what bites there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from newsletter.deliver.drafts import listmonk
from newsletter.deliver.drafts.shapes import Answer, Audience, Call, Draft, File
from newsletter.errors import NewsletterError, ServerError
from newsletter.line import Made
from newsletter.model import Picture
from tests.drafting import WORDS, World, made_for, newsroom, reworded
from tests.driven import WANTED, driven
from tests.standins.listmonk import Listmonk
from tests.standins.server import Request

TEMPLATES = {
    "data": [
        {"id": 1, "name": "Default", "type": "campaign", "is_default": True, "body": 'x{{ template "content" . }}y'},
        {"id": 2, "name": "Mail", "type": "tx", "is_default": False, "body": '{{ template "content" . }}'},
        {"id": 7, "name": "Bare", "type": "campaign", "is_default": False, "body": '\n{{template "content" .}}\n'},
    ]
}
ASK_TEMPLATES = Call(method="GET", path="/templates")
BODY = {
    "name": "2024-09/state-LPMN",
    "subject": "A tree for every street",
    "lists": [3],
    "from_email": '"Minnesota Network" <mn@network.example>',
    "type": "regular",
    "content_type": "html",
    "messenger": "email",
    "template_id": 7,
    "body": "<!doctype html><p>A tree</p>",
    "altbody": "A tree\n",
    "headers": [{"Reply-To": "desk@network.example"}],
    "media": [],
}
# What a change finds there: a picture is attached, and somebody set a header and a tag.
THERE = {
    "data": {
        "id": 41,
        "status": "draft",
        "subject": "A tree",
        "body": "<p>A tree</p>",
        "altbody": "A tree",
        "from_email": '"Minnesota Network" <mn@network.example>',
        "lists": [{"id": 3, "name": "Minnesota"}, {"id": None, "name": "Deleted"}],
        "media": [{"id": 5, "filename": "agenda.pdf"}, {"id": None, "filename": "deleted.pdf"}],
        "headers": [{"X-Office": "Saint Paul"}, {"reply-to": "old@network.example"}],
        "tags": ["chapter", "nl-0123456789"],
        "started_at": None,
        "send_at": None,
        "to_send": 0,
    }
}
PICTURE = Picture(name="tree-1a2b.png", content=b"PNG", content_type="image/png", width=600, height=300)


def test_a_campaign_states_its_list_and_the_bare_template() -> None:
    asked, draft_id = driven(listmonk.create(WANTED, "op"), TEMPLATES, {"data": {"id": 41, "status": "draft"}})
    body = {**BODY, "tags": ["nl-0123456789"]}
    assert asked == [ASK_TEMPLATES, Call(method="POST", path="/campaigns", json=body, changes=True)]
    assert draft_id == "41"


def test_a_change_states_lists_and_keeps_what_is_not_ours() -> None:
    asked, _ = driven(listmonk.change("41", WANTED), TEMPLATES, THERE, {"data": {"id": 41}})
    headers = [{"X-Office": "Saint Paul"}, {"Reply-To": "desk@network.example"}]
    body = {**BODY, "media": [5], "headers": headers, "tags": ["chapter", "nl-0123456789"]}
    assert asked == [
        ASK_TEMPLATES,
        Call(method="GET", path="/campaigns/41", also=(400, 404)),
        Call(method="PUT", path="/campaigns/41", json=body, changes=True),
    ]


@pytest.mark.parametrize("now", [{"data": {**THERE["data"], "status": "scheduled"}}, Answer(status=400, json={})])
def test_what_is_no_draft_any_more_is_not_changed(now: object) -> None:
    steps = listmonk.change("41", WANTED)
    with pytest.raises(NewsletterError, match="is no draft at listmonk any more"):
        driven(steps, TEMPLATES, now)


def test_a_name_with_quotation_marks_stays_one_name() -> None:
    wanted = replace(WANTED, sender_name='The "Download", Minnesota', reply_to="")
    asked, _ = driven(listmonk.create(wanted, "op"), TEMPLATES, {"data": {"id": 41}})
    body = asked[1].json  # type: ignore[union-attr]  # a request, no pause
    assert body["from_email"] == '"The \\"Download\\", Minnesota" <mn@network.example>'  # type: ignore[index]
    assert body["headers"] == []  # type: ignore[index]
    there = {"data": {**THERE["data"], "from_email": body["from_email"]}}  # type: ignore[index]
    draft = driven(listmonk.read("41"), there)[1]
    assert draft
    assert draft.sender_name == 'The "Download", Minnesota'


def test_what_stands_there_is_read_without_what_changes_by_itself() -> None:
    asked, draft = driven(listmonk.read("41"), THERE)
    assert asked == [Call(method="GET", path="/campaigns/41", also=(400, 404))]
    assert draft == Draft(
        id="41",
        state="draft",
        subject="A tree",
        html="<p>A tree</p>",
        text="A tree",
        sender_name="Minnesota Network",
        sender_address="mn@network.example",
        reply_to="old@network.example",
        audience=("3",),
        link="/admin/campaigns/41",
    )
    later = {"data": {**THERE["data"], "to_send": 200, "sent": 3, "updated_at": "2024-10-01T10:00:00Z", "media": None}}
    again = driven(listmonk.read("41"), later)[1]
    assert again
    assert again.held == draft.held


@pytest.mark.parametrize(
    ("status", "state", "sent"),
    [
        ("draft", "draft", ""),
        ("scheduled", "scheduled", ""),
        ("running", "sending", ""),
        ("paused", "paused", ""),
        ("cancelled", "cancelled", ""),
        ("finished", "sent", "2024-10-01"),
    ],
)
def test_each_state_is_told(status: str, state: str, sent: str) -> None:
    there = {"data": {**THERE["data"], "status": status, "started_at": "2024-10-01T09:00:00Z"}}
    draft = driven(listmonk.read("41"), there)[1]
    assert draft
    assert (draft.state, draft.sent) == (state, sent)


def test_a_campaign_that_is_gone_is_none() -> None:
    # 400 in the language of its staff, not 404.
    assert driven(listmonk.read("41"), Answer(status=400, json={"message": "Campaña no encontrada"}))[1] is None


def test_the_mark_is_a_tag_and_all_pages_are_read() -> None:
    first = {"data": {"results": [{"id": 41, "tags": ["nl-0123456789"]}, {"id": 40, "tags": ["x"]}], "total": 3}}
    second = {"data": {"results": [{"id": 12, "tags": ["a", "nl-0123456789"]}], "total": 3}}
    asked, ids = driven(listmonk.marked("nl-0123456789"), first, second)
    assert asked == [
        Call(method="GET", path="/campaigns?page=1&per_page=all&tag=nl-0123456789&no_body=true"),
        Call(method="GET", path="/campaigns?page=2&per_page=all&tag=nl-0123456789&no_body=true"),
    ]
    # One that ignores the tag shows all its campaigns.
    assert ids == ("41", "12")
    assert driven(listmonk.marked("nl-0123456789"), {"data": {"results": []}})[1] == ()


LISTS = {
    "data": {
        "results": [
            {
                "id": 3,
                "name": "Minnesota",
                "optin": "double",
                "subscriber_count": 900,
                "subscriber_statuses": {"confirmed": 200, "unconfirmed": 300, "unsubscribed": 400},
            },
            {
                "id": 4,
                "name": "Everybody",
                "optin": "single",
                "subscriber_count": 900,
                "subscriber_statuses": {"confirmed": 500, "unconfirmed": 30, "unsubscribed": 370},
            },
            {"id": 5, "name": "New", "optin": "single", "subscriber_statuses": {}},
            {"id": 6, "name": "Unknown", "optin": "single"},
        ],
        "total": 4,
    }
}


def test_readers_are_those_whom_a_campaign_would_reach() -> None:
    asked, known = driven(listmonk.audiences(), LISTS)
    assert asked == [Call(method="GET", path="/lists?page=1&per_page=all")]
    assert known == (
        Audience(id="3", name="Minnesota", readers=200),
        Audience(id="4", name="Everybody", readers=530, is_widest=True),
        Audience(id="5", name="New", readers=0),
        Audience(id="6", name="Unknown"),
    )
    assert driven(listmonk.audience("3"), TEMPLATES, LISTS)[1] == known[0]
    assert driven(listmonk.audience("77"), TEMPLATES, LISTS)[1] is None


def test_the_only_list_is_not_the_widest() -> None:
    only = {"data": {"results": [{**LISTS["data"]["results"][0]}], "total": 1}}  # type: ignore[index]
    assert driven(listmonk.audiences(), only)[1] == (Audience(id="3", name="Minnesota", readers=200),)


def test_pictures_get_whole_addresses() -> None:
    file = File(field="file", name="tree-1a2b.png", content=b"PNG", content_type="image/png")
    upload, config = Call(method="POST", path="/media", file=file, changes=True), Call(method="GET", path="/config")
    stored = {"data": {"id": 1, "filename": "tree-1a2b.png", "url": "/uploads/tree-1a2b.png"}}
    root = {"data": {"root_url": "https://lists.example/"}}
    address = "https://lists.example/uploads/tree-1a2b.png"
    assert driven(listmonk.upload(PICTURE), stored, root) == ([upload, config], address)
    whole = {"data": {"id": 1, "filename": "tree-1a2b.png", "url": "https://cdn.example/tree-1a2b.png"}}
    assert driven(listmonk.upload(PICTURE), whole) == ([upload], "https://cdn.example/tree-1a2b.png")


def test_an_uploaded_picture_is_found_by_its_name_alone() -> None:
    found = {
        "data": {
            "results": [
                {"id": 2, "filename": "tree-1a2b_00ff.png", "url": "https://cdn.example/tree-1a2b_00ff.png"},
                {"id": 1, "filename": "tree-1a2b.png", "url": "https://cdn.example/tree-1a2b.png"},
            ],
            "total": 2,
        }
    }
    asked, address = driven(listmonk.uploaded("tree-1a2b.png"), found)
    assert asked == [Call(method="GET", path="/media?page=1&per_page=all&query=tree-1a2b.png")]
    assert address == "https://cdn.example/tree-1a2b.png"
    assert driven(listmonk.uploaded("other.png"), found)[1] == ""


def test_a_test_holds_the_whole_campaign() -> None:
    asked, _ = driven(listmonk.test("41", WANTED, ["desk@network.example"]), TEMPLATES, {"data": True})
    body = {**BODY, "subscribers": ["desk@network.example"]}
    assert asked == [ASK_TEMPLATES, Call(method="POST", path="/campaigns/41/test", json=body, changes=True)]


def test_where_it_lies_and_the_key_go_where_they_belong() -> None:
    base = listmonk.base("https://lists.example/mail", "token")
    assert base == "https://lists.example/mail/api"
    assert listmonk.web(base) == "https://lists.example/mail"
    assert listmonk.headers("newsletter", "token") == {"Authorization": "Basic bmV3c2xldHRlcjp0b2tlbg=="}
    assert driven(listmonk.identity(), {"data": {"root_url": "https://lists.example/"}})[1] == "lists.example"


# What bites there.


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return the issue as it is drafted there."""
    return made_for(newsroom(tmp_path_factory.mktemp("listmonk") / "room").root, "listmonk")


@pytest.fixture
def world(tmp_path: Path, made: Made) -> Iterator[World]:
    """Return an empty ledger and a listmonk with two lists."""
    with Listmonk().open() as standin:
        standin.add_list("Everybody", 5000)
        yield World(root=tmp_path, standin=standin, made=made, list_id=standin.add_list("Minnesota", 200))
        assert standin.mailed == []


def listmonk_of(world: World) -> Listmonk:
    """Return the stand-in as what it is."""
    assert isinstance(world.standin, Listmonk)
    return world.standin


def only(world: World) -> dict[str, object]:
    """Return the one campaign that lies there."""
    (campaign,) = listmonk_of(world).campaigns.values()
    return campaign


def test_the_page_is_not_wrapped_into_another(world: World) -> None:
    world.draft()
    assert (only(world)["template_id"], only(world)["content_type"]) == (7, "html")
    # Comments, which Outlook needs, would vanish from a template.
    assert "<!--[if" not in str(only(world)["body"]).replace('{{ Safe "<!--[if', "")


def test_without_a_bare_template_nothing_is_made(world: World) -> None:
    listmonk_of(world).templates.pop()
    with pytest.raises(NewsletterError) as told:
        world.draft()
    assert "no template that leaves a whole page as it is" in str(told.value)
    assert '{{ template "content" . }}' in told.value.hint
    assert (world.standin.mails(), listmonk_of(world).media, world.entries()) == ({}, [], [])


def test_a_list_that_is_dropped_in_silence_is_told(world: World) -> None:
    listmonk_of(world).forbidden = {4}
    world.list_id = "4"
    with pytest.raises(NewsletterError, match="has no list '4'"):
        world.draft()


def test_a_list_that_vanishes_while_the_draft_is_made_is_told(world: World) -> None:
    def before(request: Request) -> None:
        if (request.method, request.path) == ("POST", "/campaigns"):
            world.standin.drop_list(world.list_id)

    world.standin.before = before
    with pytest.raises(NewsletterError) as told:
        world.draft()
    assert "was told the list 4, and the draft has no list at all" in str(told.value)


@pytest.mark.parametrize("look", [1, 2, 3])
def test_a_draft_that_is_scheduled_before_any_look_of_a_change_is_left_alone(world: World, look: int) -> None:
    world.draft()
    (mail,) = world.standin.mails()
    before_it = world.entries()
    looks: list[str] = []

    def before(request: Request) -> None:
        # The first decides, the second is for what is not ours, the third is the last one.
        looks.append(f"{request.method} {request.path}")
        if looks.count(f"GET /campaigns/{mail}") == look:
            world.standin.set_state(mail, "scheduled")

    world.standin.before = before
    with pytest.raises(NewsletterError, match=r"is no draft (any more at|at .* any more)"):
        world.draft(reworded)
    assert WORDS in str(only(world)["body"])
    # What was not asked for was not begun.
    assert world.entries() == before_it


def test_a_page_that_is_no_template_of_go_is_refused_in_its_words(world: World) -> None:
    wanted = replace(WANTED, html="<p>{{ Unsubscribe }}</p>")
    with pytest.raises(ServerError, match='Error compiling campaign body: function "Unsubscribe" not defined'):
        world.account().run(listmonk.create(wanted, "op"))
    assert world.standin.mails() == {}


def test_a_test_to_no_subscriber_is_refused_in_its_words(world: World) -> None:
    world.draft()
    with pytest.raises(ServerError, match="No known subscribers given to test"):
        world.test("stranger@network.example")
    assert world.standin.tested == []


def test_what_a_colleague_attached_stays(world: World) -> None:
    world.draft()
    only(world)["media"] = [{"id": 5, "filename": "agenda.pdf"}]
    assert world.draft(reworded).state == "updated"
    assert [one["id"] for one in only(world)["media"]] == [5]  # type: ignore[attr-defined]


def test_older_ones_that_know_no_all_are_read_page_by_page(world: World) -> None:
    listmonk_of(world).most = 1
    for name in ("a", "b", "c"):
        world.standin.add_list(name, 10)
    assert [one.name for one in world.account().run(listmonk.audiences())] == ["Everybody", "Minnesota", "a", "b", "c"]
    assert world.draft().state == "made"
    world.forget()
    assert world.draft().state == "adopted"


def test_a_draft_that_somebody_emptied_is_edited_not_unfinished(world: World) -> None:
    world.draft()
    only(world)["body"] = ""
    world.forget()
    with pytest.raises(NewsletterError, match="was edited at listmonk"):
        world.draft()
    assert only(world)["body"] == ""
