"""A front page names items in any form; names of what is not there are told."""

from typing import Any

import pytest

from newsletter.errors import ContentError
from tests.conftest import Run
from tests.room import Room

ISSUE = "2024-09/state-LPMN"
PAGE = f"issues/{ISSUE}.md"


def subject(room: Room) -> str:
    return room.cover(ISSUE).subject


def refused(room: Room) -> str:
    with pytest.raises(ContentError) as error:
        room.issue(ISSUE)
    return str(error.value).removeprefix(f"{PAGE}:")


@pytest.mark.parametrize(
    "typed",
    [
        "river-trees",
        "river-trees.md",
        "River-Trees",
        "RIVER-TREES.MD",
        "issues/2024-09/items/river-trees.md",
        "Trees for the river",
        "trees for the River.",
        "  Trees  for the river ",
    ],
)
@pytest.mark.parametrize("key", ["headlines", "lead"])
def test_an_item_is_named_in_any_form(room: Room, typed: str, key: str) -> None:
    room.item("a", title="First")
    room.item("river-trees", title="Trees for the river", headline="Mayor’s trees")
    room.front_page(ISSUE, **{key: typed})
    issue = room.issue(ISSUE)
    if key == "lead":
        assert issue.lead and issue.lead.item.stem == "river-trees"
    else:
        assert "| Mayor’s trees |" in subject(room)
        assert room.cover(ISSUE).preheader == "Also in this issue: First"


def test_the_headline_of_an_item_keeps_the_capitals_of_the_front_page(room: Room) -> None:
    room.item("a", headline="First")
    room.item("b", headline="Trees for the river")
    room.front_page(ISSUE, headlines=["trees for the River"])
    cover = room.cover(ISSUE)
    assert "| trees for the River |" in cover.subject
    assert cover.preheader == "Also in this issue: First"


@pytest.mark.parametrize(
    "typed",
    [
        "Traffic safety",
        "ceasefire",
        "get-out-the-vote",
        "anti-displacement",
        "3/4 of all votes",
        "Trees!",
        "b",
    ],
)
def test_words_of_ones_own_are_words(room: Room, run: Run, typed: str) -> None:
    room.item("river-trees", title="Trees for the river")
    room.item("anti-gentrification-ordinance")
    room.item("ceasefire-resolution", chapters=["LPNY"])
    room.front_page(ISSUE, headlines=[typed])
    assert f"| {typed} |" in subject(room)
    assert "near-headline" not in run("check", ISSUE).stdout


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("river-tree", "\n  hint: did you mean 'river-trees'?"),
        ("rivr-trees", "\n  hint: did you mean 'river-trees'?"),
        ("River_trees", "\n  hint: did you mean 'river-trees'?"),
        ("nothing.md", "\n  hint: there is river-trees"),
        ("issues/2024-09/items/rivertrees.md", "\n  hint: did you mean 'river-trees'?"),
    ],
)
def test_a_name_that_is_nearly_an_item_s_is_a_fault(room: Room, typed: str, told: str) -> None:
    room.item("river-trees")
    room.front_page(ISSUE, headlines=["river-trees", typed])
    assert refused(room) == f"2: headline '{typed}' is not an item of {ISSUE}{told}"


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ({"draft": True}, "issues/2024-09/items/the-budget.md is a draft\n  hint: take 'draft: true' out of it"),
        ({"month": "2024-08"}, "issues/2024-09/items/the-budget.md is of 2024-08\n  hint: add 2024-09 to its months"),
        ({"chapters": ["LPNY"]}, "issues/2024-09/items/the-budget.md is not tagged LPMN\n  hint: add LPMN to its chap"),
        ({"until": "2024-08-31"}, "issues/2024-09/items/the-budget.md is past its 'until'\n  hint: name another item"),
    ],
)
@pytest.mark.parametrize("key", ["headlines", "lead"])
@pytest.mark.parametrize("typed", ["the-budget", "The-Budget.md"])
def test_an_item_that_is_not_in_the_issue_is_told_with_the_reason(
    room: Room, front: dict[str, Any], reason: str, key: str, typed: str
) -> None:
    room.item("a")
    room.item("the-budget", title="The budget and what it means", **front)
    room.front_page(ISSUE, **{key: typed})
    assert f"'{typed}' is not an item of {ISSUE}: {reason}" in refused(room)


@pytest.mark.parametrize("typed", ["Budget", "The budget and what it means"])
def test_the_title_of_a_draft_is_told(room: Room, typed: str) -> None:
    room.item("a")
    room.item("the-budget", title="The budget and what it means", headline="Budget", draft=True)
    room.front_page(ISSUE, headlines=[typed])
    assert "issues/2024-09/items/the-budget.md is a draft" in refused(room)


def test_short_words_that_another_chapter_has_for_a_title_are_one_s_own(room: Room) -> None:
    room.item("a")
    room.item("b", title="Upcoming events", chapters=["LPNY"])
    room.front_page(ISSUE, headlines=["Upcoming events"])
    assert "| Upcoming events |" in subject(room)


def test_lead_and_headlines_are_told_together(room: Room) -> None:
    room.item("river-trees")
    room.front_page(ISSUE, lead="river-tree", headlines=["river-tree"])
    with pytest.raises(ContentError) as error:
        room.issue(ISSUE)
    assert len(error.value.faults) == 2


@pytest.mark.parametrize("typed", ["Trees for the rivr", "Trees fro the river", "Trees for the rivers"])
def test_a_headline_a_letter_away_from_a_title_is_told(room: Room, run: Run, typed: str) -> None:
    room.item("a", title="Trees for the river")
    room.front_page(ISSUE, headlines=[typed])
    assert f"headline '{typed}' is nearly 'Trees for the river'" in run("check", ISSUE).stdout
