"""SendGrid: the requests that its adapter makes, and what SendGrid does by itself."""

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newsletter.deliver.drafts import sendgrid
from newsletter.deliver.drafts.shapes import Audience, Draft
from newsletter.errors import NewsletterError, ServerError
from newsletter.line import Made
from tests.answers import line, ok, wanted_for
from tests.drafting import World, made_for, newsroom, reworded
from tests.driven import called
from tests.standins.sendgrid import SendGrid, a_sender
from tests.test_drafts import world_of

LIST = "f2fe66a1-43f3-4e3a-87b1-c6a600d805f0"
WANTED = wanted_for(LIST)
CONTENT = {
    "subject": "Trees & more",
    "html_content": "<p>Two council members planted a tree</p>",
    "plain_content": "Two council members planted a tree\n",
    "generate_plain_content": False,
    "editor": "code",
}
SENDERS = ok(
    {"results": [a_sender(4, "News@network.example", "Old"), a_sender(5, "news@network.example", "Example Network")]}
)
GROUPS = ok([{"id": 21, "name": "Alerts", "is_default": False}, {"id": 22, "name": "Newsletters", "is_default": True}])
FORBIDDEN = ok({"errors": [{"field": None, "message": "access forbidden"}]}, 403)


def a_send(content: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": "27c21bbf",
        "name": "2024-09/state-LPMN",
        "status": "draft",
        "categories": ["nl-0123456789"],
        "created_at": "2024-09-02T10:00:00Z",
        "send_to": {"list_ids": [LIST]},
        "email_config": {**CONTENT, "sender_id": 5, "suppression_group_id": 22, **(content or {})},
        **more,
    }


def page(name: str, values: list[Any], following: str = "") -> Any:
    return ok({name: values, "_metadata": {"self": "https://x/", **({"next": following} if following else {})}})


def test_where_it_lies_and_how_the_key_goes_along() -> None:
    key = f"SG.{'a' * 22}.{'b' * 43}"
    assert sendgrid.base("", key) == "https://api.sendgrid.com/v3"
    assert sendgrid.base("http://127.0.0.1:8", "any") == "http://127.0.0.1:8/v3"
    assert sendgrid.web("https://api.sendgrid.com/v3") == "https://mc.sendgrid.com"
    assert sendgrid.headers("newsletter", key) == {"Authorization": f"Bearer {key}"}
    with pytest.raises(ValueError, match="two dots and begins with SG"):
        sendgrid.base("", "0123456789abcdef0123456789abcdef-us19")


def test_the_account_is_called_by_its_number() -> None:
    calls, identity = called(sendgrid.identity(), ok({"username": "network", "user_id": 180}))
    assert (list(map(line, calls)), identity) == (["GET /user/username"], "180")


def test_all_pages_of_lists_and_all_contacts() -> None:
    one = {"id": LIST, "name": "Minnesota", "contact_count": 200}
    other = {"id": "ca7a3796", "name": "New York", "contact_count": 900}
    pages = (
        page("result", [one], "https://api.sendgrid.com/v3/marketing/lists?page_size=1000&page_token=a%2Fb"),
        page("result", [other]),
    )
    calls, audiences = called(sendgrid.audiences(), *pages, ok({"contact_count": 1000, "billable_count": 1000}))
    assert list(map(line, calls)) == [
        "GET /marketing/lists?page_size=1000",
        "GET /marketing/lists?page_size=1000&page_token=a%2Fb",
        "GET /marketing/contacts/count",
    ]
    assert audiences == (
        Audience(id="everybody", name="All contacts", readers=1000, is_everybody=True),
        Audience(id=LIST, name="Minnesota", readers=200),
        Audience(id="ca7a3796", name="New York", readers=900, is_widest=True),
    )
    assert called(sendgrid.audience(LIST), *pages)[1] == audiences[1]
    assert called(sendgrid.audience("everybody"), ok({"contact_count": 1000}))[1] == audiences[0]
    assert called(sendgrid.audience("4f2a91c0de"), page("result", [one]))[1] is None


def test_a_page_that_leads_to_itself_is_the_last() -> None:
    following = "https://api.sendgrid.com/v3/marketing/lists?page_token=a"
    calls, _ = called(sendgrid.audience(LIST), page("result", [], following), page("result", [], following))
    assert len(calls) == 2


def test_the_mark_is_searched_for_in_every_state_on_all_pages() -> None:
    first = page(
        "result", [{"id": "1", "status": "triggered", "categories": ["nl-0123456789", "x"]}], "https://x/?page_token=50"
    )
    second = page(
        "result", [{"id": "2", "status": "draft", "categories": ["x"]}, {"id": "1", "categories": ["nl-0123456789"]}]
    )
    calls, found = called(sendgrid.marked("nl-0123456789"), first, second)
    assert [(line(call), call.changes) for call in calls] == [
        ("POST /marketing/singlesends/search?page_size=50", False),
        ("POST /marketing/singlesends/search?page_size=50&page_token=50", False),
    ]
    assert calls[0].json == {"categories": ["nl-0123456789"], "status": ["draft", "scheduled", "triggered"]}
    assert found == ("1",)


def test_a_single_send_is_made_with_its_own_text_from_the_issues_sender() -> None:
    calls, made = called(sendgrid.create(WANTED, "op"), SENDERS, GROUPS, ok(a_send(), 201))
    assert [(line(call), call.changes) for call in calls] == [
        ("GET /marketing/senders", False),
        ("GET /asm/groups", False),
        ("POST /marketing/singlesends", True),
    ]
    assert calls[-1].json == {
        "name": "2024-09/state-LPMN",
        "categories": ["nl-0123456789"],
        "send_to": {"list_ids": [LIST]},
        # Of two with the address, the one with the issue's name.
        "email_config": {**CONTENT, "sender_id": 5, "suppression_group_id": 22},
    }
    assert made == "27c21bbf"


def test_all_contacts_are_meant_only_where_they_are_called_so() -> None:
    calls, _ = called(sendgrid.create(wanted_for("everybody"), "op"), SENDERS, GROUPS, ok(a_send(), 201))
    assert calls[-1].json["send_to"] == {"all": True}  # type: ignore[index]  # a dict, as above


@pytest.mark.parametrize(
    ("senders", "groups", "chosen"),
    [
        (
            ok({"results": [a_sender(4, "desk@network.example", "Example Network")]}),
            GROUPS,
            {"suppression_group_id": 22},
        ),
        (ok({"results": [a_sender(4, "news@network.example", "X", verified=False)]}), FORBIDDEN, {}),
        (FORBIDDEN, ok([]), {}),
        (SENDERS, ok([{"id": 21, "is_default": False}]), {"sender_id": 5, "suppression_group_id": 21}),
        (SENDERS, ok([{"id": 21, "is_default": False}, {"id": 22, "is_default": False}]), {"sender_id": 5}),
    ],
)
def test_a_sender_or_group_that_is_not_sure_is_left_to_staff(senders: Any, groups: Any, chosen: dict[str, int]) -> None:
    calls, _ = called(sendgrid.create(WANTED, "op"), senders, groups, ok(a_send(), 201))
    assert calls[-1].json["email_config"] == {**CONTENT, **chosen}  # type: ignore[index]  # a dict, as above


def test_a_change_keeps_the_list_and_what_staff_chose() -> None:
    there = a_send(
        {"sender_id": 9, "suppression_group_id": None, "custom_unsubscribe_url": "https://x/", "ip_pool": "p"}
    )
    nobody = ok({"results": []})
    calls, _ = called(sendgrid.change("27c21bbf", WANTED), ok(there), nobody, ok(a_send(), 202))
    assert [(line(call), call.changes) for call in calls] == [
        ("GET /marketing/singlesends/27c21bbf", False),
        ("GET /marketing/senders", False),
        ("PATCH /marketing/singlesends/27c21bbf", True),
    ]
    kept = {"sender_id": 9, "custom_unsubscribe_url": "https://x/", "ip_pool": "p"}
    assert calls[-1].json == {"email_config": {**CONTENT, **kept}}


def test_a_single_send_is_read_with_its_sender() -> None:
    calls, draft = called(sendgrid.read("27c21bbf"), SENDERS, ok(a_send()))
    assert [(line(call), call.also) for call in calls] == [
        ("GET /marketing/senders", (403, 404)),
        ("GET /marketing/singlesends/27c21bbf", (404,)),
    ]
    assert draft == Draft(
        id="27c21bbf",
        state="draft",
        subject="Trees & more",
        html="<p>Two council members planted a tree</p>",
        text="Two council members planted a tree\n",
        sender_name="Example Network",
        sender_address="news@network.example",
        reply_to="press@network.example",
        sender_id="5",
        audience=(LIST,),
        link="/single-sends/27c21bbf/editor",
    )
    assert called(sendgrid.read("27c21bbf"), SENDERS, ok({"errors": []}, 404))[1] is None


def test_another_sender_is_an_edit_even_where_it_has_no_name() -> None:
    known, unknown, none = (ok(a_send({"sender_id": number})) for number in (5, 8, None))
    drafts = [called(sendgrid.read("27c21bbf"), SENDERS, answer)[1] for answer in (known, unknown, none)]
    assert [draft and draft.sender_name for draft in drafts] == ["Example Network", "sender 8", ""]
    assert len({draft.held for draft in drafts if draft}) == 3


def test_states() -> None:
    scheduled = called(sendgrid.read("1"), SENDERS, ok(a_send(status="scheduled", send_at="2024-09-05T14:00:00Z")))[1]
    sent = called(sendgrid.read("1"), SENDERS, ok(a_send(status="triggered", send_at="2024-09-05T14:00:00Z")))[1]
    assert scheduled
    assert sent
    assert (scheduled.state, scheduled.sent, scheduled.link) == ("scheduled", "", "/single-sends/27c21bbf/editor")
    assert (sent.state, sent.sent, sent.link) == ("sent", "2024-09-05", "/single-sends/27c21bbf/stats")


def test_whom_somebody_added_is_seen() -> None:
    send_to = {"list_ids": [LIST, "b"], "segment_ids": ["c"], "all": True}
    draft = called(sendgrid.read("1"), SENDERS, ok(a_send(send_to=send_to)))[1]
    assert draft
    assert draft.audience == ("everybody", LIST, "b", "segment c")
    nobody = called(sendgrid.read("1"), SENDERS, ok(a_send(send_to={"all": False})))[1]
    assert nobody
    assert nobody.audience == ()


def test_what_it_cant_be_sent_without_is_told() -> None:
    assert called(sendgrid.remarks("1"), ok(a_send()))[1] == ()
    bare = a_send(
        {"sender_id": None, "suppression_group_id": None}, warnings=[{"message": "subject is long", "warning_id": "1"}]
    )
    assert called(sendgrid.remarks("1"), ok(bare))[1] == (
        "it has no sender: none that is verified has the issue's address, so choose one there",
        "it has no unsubscribe group: choose one there, it can't be sent without",
        "subject is long",
    )
    address = a_send({"suppression_group_id": None, "custom_unsubscribe_url": "https://x/"})
    assert called(sendgrid.remarks("1"), ok(address))[1] == ()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return the issue as it is drafted there."""
    return made_for(newsroom(tmp_path_factory.mktemp("room")).root, "sendgrid", base_url="https://pictures.example")


@pytest.fixture
def world(tmp_path: Path, made: Made) -> Iterator[World]:
    """Return an empty ledger and a fresh provider with two lists."""
    with SendGrid().open() as standin:
        yield world_of(tmp_path / "desk", standin, made)
        assert standin.mailed == []


def test_the_text_is_ours_and_the_character_set_is_not_guessed(world: World) -> None:
    standin = world.standin
    assert isinstance(standin, SendGrid)
    world.draft()
    (send,) = standin.sends.values()
    assert send["email_config"]["plain_content"] == world.made.delivery.text
    assert "\u200c" in send["email_config"]["html_content"]
    # Without a field for it, the preheader stays in the page.
    assert html.escape(world.made.email.cover.preheader) in send["email_config"]["html_content"]


def test_a_sender_that_staff_chose_is_not_overwritten(world: World) -> None:
    standin = world.standin
    assert isinstance(standin, SendGrid)
    standin.senders = standin.senders[2:]
    told = world.draft().remarks
    assert [words for words, _ in told] == [
        "SendGrid Marketing: it has no sender: none that is verified has the issue's address, so choose one there"
    ]
    (send,) = standin.sends.values()
    send["email_config"] |= {"sender_id": 6, "suppression_group_id": 21}
    shown = world.pull()
    assert shown
    assert world.draft(reworded, is_over=True).state == "updated"
    assert send["email_config"]["sender_id"] == 6
    assert send["email_config"]["suppression_group_id"] == 21


def test_a_key_that_may_not_see_senders_finds_the_draft_as_another_one_left_it(world: World) -> None:
    standin = world.standin
    assert isinstance(standin, SendGrid)
    assert world.draft().state == "made"
    standin.shows_senders = False
    assert world.draft().state == "up to date"
    assert world.draft(reworded).state == "updated"
    standin.shows_senders = True
    assert world.draft(reworded).state == "up to date"
    (send,) = standin.sends.values()
    assert send["email_config"]["sender_id"] == 5


def test_a_design_that_somebody_put_over_it_is_an_edit(world: World) -> None:
    standin = world.standin
    assert isinstance(standin, SendGrid)
    world.draft()
    (send,) = standin.sends.values()
    send["email_config"] |= {"design_id": "d", "subject": "", "html_content": "the design", "plain_content": ""}
    with pytest.raises(NewsletterError, match="was edited at SendGrid Marketing"):
        world.draft(reworded)
    assert send["email_config"]["html_content"] == "the design"


def test_a_design_keeps_our_words_out_and_that_is_told(world: World) -> None:
    standin = world.standin
    assert isinstance(standin, SendGrid)
    world.draft()
    (send,) = standin.sends.values()
    send["email_config"] |= {"design_id": "d", "subject": "", "html_content": "the design", "plain_content": ""}
    world.pull()
    with pytest.raises(ServerError, match="the subject and the words and the links and the pictures there are not as"):
        world.draft(reworded, is_over=True)
