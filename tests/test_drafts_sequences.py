"""Drafts: one fault after the other, odd answers, and what staff do in between."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from newsletter.deliver.drafts.account import _MOST_REQUESTS
from newsletter.deliver.drafts.pictures import require_loadable
from newsletter.errors import NewsletterError, ServerError, UnknownEndError
from newsletter.line import Made
from tests.drafting import ISSUE, WORDS, World, made_for, newsroom, reworded
from tests.standins.mailchimp import Mailchimp
from tests.standins.server import Reply, Request
from tests.test_drafts import only, world_of


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a newsroom with one issue."""
    return newsroom(tmp_path_factory.mktemp("sequences") / "room").root


@pytest.fixture(scope="module")
def made(root: Path) -> Made:
    """Return the issue as it is drafted at Mailchimp: content in a second request, a store for pictures."""
    return made_for(root, "mailchimp")


@pytest.fixture
def mailchimp() -> Iterator[Mailchimp]:
    """Return Mailchimp on loopback."""
    with Mailchimp().open() as standin:
        assert isinstance(standin, Mailchimp)
        yield standin
        assert standin.mailed == []


@pytest.fixture
def world(tmp_path: Path, made: Made, mailchimp: Mailchimp) -> World:
    """Return an empty ledger and two lists."""
    return world_of(tmp_path, mailchimp, made)


def answering(standin: Mailchimp, pattern: str, answer: Callable[[Any], Any]) -> None:
    """Let requests that are like the pattern be carried out, and answered otherwise."""
    carry_out = standin.answer

    def answered(request: Request) -> Reply:
        reply = carry_out(request)
        is_meant = re.search(pattern, f"{request.method} {request.path}")
        return Reply(reply.status, answer(reply.json)) if is_meant else reply

    standin.answer = answered  # type: ignore[method-assign]  # of this one, for this test


# What is answered is no answer.


@pytest.mark.parametrize("draft_id", ["", "..", "a/b", "\ud800", "a\nb\x1b[31m", "x" * 100_000, None, 7, "?x=1"])
def test_an_odd_id_makes_no_second_draft(world: World, mailchimp: Mailchimp, draft_id: object) -> None:
    answering(mailchimp, "POST /campaigns$", lambda stated: {**stated, "id": draft_id})
    with pytest.raises(ServerError):
        world.draft()
    assert len(mailchimp.mails()) == 1
    assert world.draft().state == "made"
    assert only(world)["state"] == "draft"


def test_pages_without_end_are_given_up(world: World, mailchimp: Mailchimp) -> None:
    page = {"campaigns": [{"id": "1", "settings": {"title": "another"}}], "total_items": 10**12}
    answering(mailchimp, "GET /campaigns$", lambda stated: page)
    with pytest.raises(ServerError, match=f"{_MOST_REQUESTS:,} pages are not all that it has"):
        world.draft()
    assert mailchimp.mails() == {}


def test_an_error_whose_words_lie_too_deep_is_told(world: World, mailchimp: Mailchimp) -> None:
    nested: object = "too deep"
    # As deep as json still reads, deeper than our own steps could go.
    for _ in range(800):
        nested = [nested]
    carry_out = mailchimp.answer
    mailchimp.answer = lambda request: (  # type: ignore[method-assign]  # of this one, for this test
        Reply(400, {"message": nested, "detail": "see there"}) if request.path == "/lists" else carry_out(request)
    )
    with pytest.raises(ServerError, match=r"refuses it \(400\).*see there"):
        world.draft()


@pytest.mark.parametrize("address", ["", "tree.png", "javascript:alert(1)", "//x/y", "http://[::1", "data:image/png,x"])
def test_a_picture_that_got_no_address_stops_the_draft(world: World, mailchimp: Mailchimp, address: str) -> None:
    answering(mailchimp, "/file-manager/files$", lambda stated: {**stated, "full_size_url": address, "files": []})
    with pytest.raises(NewsletterError, match="no reader can load the picture") as told:
        world.draft()
    assert "picture_base_url" in told.value.hint
    assert mailchimp.mails() == {}


HERE = "https://pictures.network.example/a.png"


@pytest.mark.parametrize(
    "html",
    [
        '<table><tr><td background="ground.png">Words</td></tr></table>',
        "<td style=\"color:#000;background:#FFF url('ground.png')\">Words</td>",
        "<style>.hero { background-image: url(ground.png) }</style>",
        '<style>@import "ground.png";</style>',
        "<style>@font-face { src: url( 'ground.png' ) }</style>",
        '<link rel="stylesheet" href="ground.png">',
        f'<img src="{HERE}" srcset="{HERE} 1x, ground.png 2x">',
        f'<picture><source srcset="ground.png 2x"><img src="{HERE}"></picture>',
        '<input type="image" src="ground.png">',
        f'<video poster="ground.png"><img src="{HERE}"></video>',
        '<!--[if gte mso 9]><v:rect><v:fill type="frame" src="ground.png" /></v:rect><![endif]-->',
        '<!--[if mso]><table><tr><td style="background:url(ground.png)"></td></tr></table><![endif]-->',
    ],
)
def test_whatever_a_page_asks_for_has_an_address_that_readers_can_load(html: str) -> None:
    require_loadable(html.replace("ground.png", HERE), "2024-09/network", is_here=False)
    with pytest.raises(NewsletterError, match=r"no reader can load (the picture )?'ground\.png") as told:
        require_loadable(html, "2024-09/network", is_here=False)
    assert "https://…" in told.value.hint


@pytest.mark.parametrize(
    "html",
    [
        '<a href="ground.png" name="url(a.png)">url(a.png)</a>',
        "<p>background: url(ground.png)</p><!-- url(ground.png) -->",
        '<td style="fill:url(#shade);background:url(data:image/gif;base64,R0)">Words</td>',
        '<link rel="canonical" href="ground.png">',
    ],
)
def test_what_only_looks_like_an_address_is_asked_for_by_nobody(html: str) -> None:
    require_loadable(html, "2024-09/network", is_here=False)


# What staff do in between.


def test_a_draft_that_the_ledger_lacks_and_that_was_edited_can_be_pulled(world: World, mailchimp: Mailchimp) -> None:
    world.draft()
    (mail,) = mailchimp.mails()
    world.forget()
    mailchimp.edit(mail, WORDS, "Two council members watered a tree")
    with pytest.raises(NewsletterError, match="was edited at"):
        world.draft()
    world.pull()
    assert world.draft(is_over=True).state == "updated"
    assert list(mailchimp.mails()) == [mail]


def test_with_the_key_of_another_account_nothing_is_gone(world: World, mailchimp: Mailchimp) -> None:
    world.draft()
    own = world.list_id
    with Mailchimp().open() as other:
        assert isinstance(other, Mailchimp)
        other.identity = "another"
        other.add_list("Everybody", 5000)
        world.standin, world.list_id = other, other.add_list("Minnesota", 200)
        with pytest.raises(NewsletterError, match="lies in another account"):
            world.pull()
        with pytest.raises(NewsletterError, match="has a draft already"):
            world.draft(is_over=True)
        assert other.mails() == {}
    world.standin, world.list_id = mailchimp, own
    assert world.draft().state == "up to date"


def test_a_draft_that_came_back_is_not_gone_any_more(world: World, mailchimp: Mailchimp) -> None:
    world.draft()
    (mail,) = mailchimp.mails()
    kept = dict(mailchimp.campaigns), dict(mailchimp.contents)
    mailchimp.delete(mail)
    assert world.pull() == "gone"
    mailchimp.campaigns, mailchimp.contents = kept
    assert world.desk().looked_at(world.account(), ISSUE, is_shown=False)
    mailchimp.delete(mail)
    with pytest.raises(NewsletterError, match="somebody deleted it"):
        world.draft(is_over=True)


@pytest.mark.parametrize("what", ["sender", "picture"])
def test_another_sender_or_picture_is_not_overwritten(world: World, mailchimp: Mailchimp, what: str) -> None:
    world.draft()
    (mail,) = mailchimp.mails()
    if what == "sender":
        mailchimp.campaigns[mail]["settings"]["from_name"] = "The board"
    else:
        mailchimp.edit(mail, "/gallery/1/", "/gallery/of-staff/")
    assert world.draft().state == "up to date"
    before = mailchimp.mails(), mailchimp.campaigns[mail]["settings"]
    with pytest.raises(NewsletterError, match="was edited at"):
        world.draft(reworded)
    assert (mailchimp.mails(), mailchimp.campaigns[mail]["settings"]) == before


def test_a_subject_that_was_written_into_an_empty_draft_stays(world: World, mailchimp: Mailchimp) -> None:
    mailchimp.moods.append(("PUT", "reset"))
    with pytest.raises(ServerError):
        world.draft()
    (mail,) = mailchimp.mails()
    mailchimp.campaigns[mail]["settings"]["subject_line"] = "Not before Friday"
    for _ in range(2):
        with pytest.raises(NewsletterError, match="was edited at"):
            world.draft()
    assert only(world)["subject"] == "Not before Friday"


def test_of_two_mails_nobody_is_told_to_delete_the_one_that_went_out(world: World, mailchimp: Mailchimp) -> None:
    world.draft()
    (mail,) = mailchimp.mails()
    mailchimp.campaigns["c99"] = {**deepcopy(mailchimp.campaigns[mail]), "id": "c99"}
    mailchimp.contents["c99"] = mailchimp.contents[mail]
    world.forget()
    with pytest.raises(NewsletterError, match="has 2 mails of this issue") as told:
        world.draft()
    assert told.value.hint.startswith("delete all but one there")
    assert [detail.partition(":")[0] for detail in told.value.details] == [f"{mail} (draft)", "c99 (draft)"]
    mailchimp.set_state("c99", "sent")
    with pytest.raises(NewsletterError, match="has 2 mails of this issue") as told:
        world.draft()
    assert told.value.hint.startswith("one has gone out: delete the others there")


@pytest.mark.parametrize("mood", ["busy", "bare-403", "fault-after", "lost", "reset", "page-after"])
def test_a_test_is_never_mailed_twice(world: World, mailchimp: Mailchimp, mood: str) -> None:
    world.draft()
    mailchimp.moods.append(("actions/test", mood))
    world.requests()
    with pytest.raises(ServerError) as told:
        world.test("desk@network.example")
    assert ("ask whether it came" in told.value.hint) == isinstance(told.value, UnknownEndError)
    assert len([one for one in world.requests() if one.endswith("/actions/test")]) == 1
    assert len(mailchimp.tested) <= 1
    assert world.waits == []


def test_a_fault_that_is_waited_for_is_called_one(world: World, mailchimp: Mailchimp) -> None:
    mailchimp.moods += [("GET /lists", "fault"), ("GET /lists", "busy")]
    world.draft()
    assert world.said[:2] == [
        "waiting 10 s: Mailchimp has a fault of its own (500)",
        "waiting 10 s: Mailchimp is asked too often",
    ]


def test_a_picture_that_was_cleared_out_of_the_store_is_uploaded_again(world: World, mailchimp: Mailchimp) -> None:
    world.draft()
    address = str(mailchimp.files[0]["full_size_url"])
    mailchimp.instead[f"HEAD {address.removeprefix(mailchimp.url)}"] = (404, {})
    assert world.draft().state == "up to date"
    assert world.draft(reworded).state == "updated"
    assert len(mailchimp.files) == 2
    assert address not in str(only(world)["html"])
    assert str(mailchimp.files[1]["full_size_url"]) in str(only(world)["html"])


@pytest.mark.parametrize("what", ["picture", "sender"])
def test_an_edit_after_a_lost_answer_is_not_taken_for_ours(world: World, mailchimp: Mailchimp, what: str) -> None:
    world.draft()
    mailchimp.moods.append(("PUT /campaigns", "lost"))
    with pytest.raises(UnknownEndError):
        world.draft(reworded)
    (mail,) = mailchimp.mails()
    if what == "picture":
        mailchimp.edit(mail, str(mailchimp.files[0]["full_size_url"]), "https://network.example/better.png")
    else:
        mailchimp.campaigns[mail]["settings"]["from_name"] = "Somebody else"
    before = mailchimp.mails()
    with pytest.raises(NewsletterError, match="was edited at"):
        world.draft(reworded)
    assert mailchimp.mails() == before


def test_what_was_edited_where_nothing_of_ours_changes_is_told(world: World, mailchimp: Mailchimp) -> None:
    world.draft()
    (mail,) = mailchimp.mails()
    mailchimp.campaigns[mail]["settings"]["from_name"] = "Somebody else"
    outcome = world.draft()
    assert (outcome.state, outcome.remarks[0][1]) == ("up to date", f"newsletter pull {ISSUE}")
    assert outcome.remarks[0][0].startswith(f"{ISSUE} was edited at Mailchimp")
    mailchimp.campaigns[mail]["settings"]["from_name"] = world.drafting(world.account()).wanted.sender_name
    mailchimp.set_state(mail, "scheduled")
    assert world.draft().remarks == ((f"{ISSUE} is scheduled at Mailchimp", ""),)


def test_where_the_list_is_missing_too_nothing_is_taken_for_gone(world: World, mailchimp: Mailchimp) -> None:
    """As with the key of another account that has no name to tell it by."""
    world.draft()
    (mail,) = mailchimp.mails()
    mailchimp.delete(mail)
    mailchimp.drop_list(world.list_id)
    with pytest.raises(NewsletterError, match=r"neither the draft of .* nor its list") as told:
        world.pull()
    assert "take the lines with nl-" in told.value.hint
