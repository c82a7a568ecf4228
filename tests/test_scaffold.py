"""An item that was begun and never written counts as none, everywhere, and is told."""

import sys

import pytest

from newsletter.memo import Cache
from newsletter.read.load import load
from newsletter.read.scaffold import KINDS, is_untouched
from tests.conftest import Run
from tests.room import Room

STORY = KINDS["story"].words
PATH = "issues/2024-09/items/bread.md"
TOLD = "the words are still those that 'newsletter new item' begins with, so no issue shows this item"
HINT = "write the story in their place; where all is said above, delete them"


def begun(room: Room, run: Run) -> None:
    assert run("new", "item", "Bread", "--chapter", "LPMN", "-m", "2024-09").exit_code == 0
    assert (room.root / PATH).is_file()


@pytest.mark.parametrize(
    ("words", "is_scaffold"),
    [
        (STORY, True),
        (f"\n{STORY}\r\n\n", True),
        (STORY.replace(" who ", "\nwho "), True),
        (f"<!-- the words come below -->\n{STORY}\n", True),
        (f"{STORY}\n\nForty trees stand on Fifth Street.\n", False),
        (STORY.replace("what happened", "what I saw"), False),
        (STORY[:-1], False),
        ("", False),
        ("<!-- later -->", False),
    ],
)
def test_only_the_scaffolds_own_sentence_alone_is_untouched(words: str, is_scaffold: bool) -> None:
    assert is_untouched(words) is is_scaffold


def test_a_scaffold_is_in_no_issue_and_told_at_its_words(room: Room, run: Run) -> None:
    room.item("story")
    begun(room, run)
    built = run("build", "LPMN", "-m", "2024-09")
    assert (built.exit_code, built.stdout.split("\t")[2]) == (0, "1")
    line = (room.root / PATH).read_text("utf-8").split("\n").index(STORY) + 1
    assert built.stderr == f"{PATH}:{line}: {TOLD}\n  hint: {HINT}\n"
    checked = run("check", "LPMN", "-m", "2024-09", "--only", "untouched")
    said = " ".join(checked.stdout.split())
    assert (checked.exit_code, f"{PATH}:{line}: advice [untouched] {TOLD}" in said) == (0, True)


def test_an_issue_of_scaffolds_alone_is_empty_and_says_what_to_write(room: Room, run: Run) -> None:
    begun(room, run)
    built = run("build", "LPMN", "-m", "2024-09")
    assert built.exit_code == 1
    assert f"2024-09/state-LPMN has no items, so it is not built\n  hint: write the words of {PATH}\n" in built.stderr


def test_a_front_page_that_leads_with_a_scaffold_says_why_it_can_not(room: Room, run: Run) -> None:
    begun(room, run)
    room.item("story")
    room.front_page("2024-09/state-LPMN", lead="bread")
    assert f"nobody has written the words of {PATH} yet" in run("build", "LPMN", "-m", "2024-09").stderr


def test_a_draft_need_not_have_words_and_a_rule_that_is_off_says_nothing(room: Room, run: Run) -> None:
    room.item("story")
    room.item("later", STORY, draft=True)
    assert run("build", "LPMN", "-m", "2024-09").stderr == ""
    room.item("now", STORY)
    with (room.root / "newsletter.toml").open("a") as toml:
        toml.write('\n[checks]\nuntouched = "off"\n')
    assert run("build", "LPMN", "-m", "2024-09").stderr == ""


def test_the_list_marks_a_scaffold(room: Room, run: Run) -> None:
    begun(room, run)
    assert run("list", "-m", "2024-09").stdout.split("\t")[3] == "Bread (untouched)"


def test_what_is_remembered_of_a_scaffold_is_that_it_is_one(room: Room, run: Run) -> None:
    begun(room, run)
    for _ in range(2):
        newsroom = load(room.root, Cache(room.cache, settled=sys.maxsize))
        assert [card.is_untouched for card in newsroom.items.cards] == [True]
