"""newsletter why: every reason that keeps an item out of an issue, with the line to change."""

import os
import sys
from typing import Any

import pytest

from newsletter.issue.edition import edition_of
from newsletter.issue.reasons import reasons
from newsletter.read.scaffold import KINDS
from tests.conftest import Run
from tests.room import TOML, Room
from tests.terminal import Terminal

STORY = KINDS["story"].words
LPMN, LPNY, NETWORK = "2024-09/state-LPMN", "2024-09/state-LPNY", "2024-09/network"
ITEM = "issues/2024-09/items/story.md"


def told(room: Room, issue: str = LPMN) -> list[tuple[str, str, str]]:
    newsroom = room.load()
    assert not newsroom.faults
    found = reasons(newsroom, edition_of(newsroom, issue), newsroom.items.cards[0])
    return [(str(reason.place), reason.message, reason.hint) for reason in found]


@pytest.mark.parametrize(
    ("front", "body", "issue", "reason"),
    [
        ({}, "Words.\n", LPMN, []),
        ({}, "Words.\n", NETWORK, [(":3", "is not tagged network", "write chapters: [LPMN, network]")]),
        ({"month": "2024-08"}, "Words.\n", LPMN, [(":5", "is of 2024-08", "write months: [2024-08, 2024-09]")]),
        (
            {"chapters": ["LPNY"], "month": "2024-06"},
            "Words.\n",
            LPNY,
            [
                (
                    ":5",
                    "is of 2024-06, and the issue takes 2024-07 to 2024-09",
                    "write one of these months; the issue of a quarter takes its three: 2024-07 to 2024-09",
                )
            ],
        ),
        ({"chapters": ["LPNY"], "month": "2024-07"}, "Words.\n", LPNY, []),
        ({"draft": True}, "Words.\n", LPMN, [(":7", "is a draft", "take 'draft: true' out")]),
        (
            {"months": ["2024-07", "2024-09"], "month": None, "until": "2024-08-01"},
            "Words.\n",
            LPMN,
            [
                (
                    ":9",
                    "was to run until 2024-08-01 only",
                    "write a day of 2024-09 or later, or take 'until' out",
                )
            ],
        ),
        (
            {},
            f"{STORY}\n",
            LPMN,
            [
                (
                    ":8",
                    "has the words that 'newsletter new item' begins with, and no others",
                    "write the story in their place",
                )
            ],
        ),
    ],
)
def test_each_reason_comes_with_the_line_to_change(
    room: Room, front: dict[str, Any], body: str, issue: str, reason: list[tuple[str, str, str]]
) -> None:
    path = room.item("story", body, **front)
    lines = path.read_text("utf-8").split("\n")
    found = told(room, issue)
    assert [one[1:] for one in found] == [one[1:] for one in reason]
    keys = {"is not": "chapters", "is of": "month", "is a d": "draft", "was to": "until"}
    for place, message, _ in found:
        line = lines[int(place.rpartition(":")[2]) - 1]
        assert line.startswith(keys.get(message[:6].strip(), body.split("\n", maxsplit=1)[0]))


def test_all_reasons_are_told_not_the_first_alone(room: Room) -> None:
    room.item("story", chapters=["LPNY"], month="2024-08", draft=True)
    assert [message for _, message, _ in told(room)] == ["is not tagged LPMN", "is of 2024-08", "is a draft"]


def test_what_a_front_page_leaves_out_is_told_at_its_line(room: Room, run: Run) -> None:
    room.item("story")
    room.item("other")
    room.front_page(LPMN, leave_out=["story"])
    result = run("why", "story")
    assert result.exit_code == 0
    assert (
        f"{LPMN}\t{ITEM}\tnot in it\tit is left out by issues/{LPMN}.md\tissues/{LPMN}.md:2\ttake story"
        in result.stdout
    )


def test_an_item_is_told_for_each_issue_of_its_months_a_quarters_too(room: Room, run: Run) -> None:
    room.item("story", chapters=["LPMN", "LPNY"], month="2024-08")
    rows = [row.split("\t")[:3] for row in run("why", "story.md").stdout.splitlines()]
    assert rows == [
        ["2024-08/network", ITEM, "not in it"],
        ["2024-08/state-LPMN", ITEM, "in it"],
        [LPNY, ITEM, "in it"],
    ]
    rows = [row.split("\t")[:4] for row in run("why", "story", "-m", "2024-09").stdout.splitlines()]
    assert [LPMN, ITEM, "not in it", "it is of 2024-08"] in rows


@pytest.mark.parametrize("word", ["story", "Story.MD", ITEM, "items/story", "A fine title"])
def test_an_item_is_found_by_whatever_people_call_it(room: Room, run: Run, word: str) -> None:
    room.item("story", title="A fine title")
    assert f"{LPMN}\t{ITEM}\tin it" in run("why", word).stdout


def test_an_item_at_fault_says_its_faults(room: Room, run: Run) -> None:
    room.item("story", section="winz")
    result = run("why", "story")
    assert result.exit_code == 1
    assert f"{ITEM}:6: section 'winz' is not in newsletter.toml" in result.stdout


def test_what_nobody_has_heard_of_is_refused_with_the_nearest_name(room: Room, run: Run) -> None:
    room.item("story")
    result = run("why", "stroy")
    assert (result.exit_code, result.stderr) == (
        2,
        "no item and no issue is called 'stroy'\n  hint: did you mean 'story'?\n",
    )


def test_an_issue_tells_what_is_in_it_and_why_the_rest_is_not(room: Room, run: Run) -> None:
    room.item("story")
    room.item("draft", draft=True)
    room.item("theirs", chapters=["network"])
    room.item("august", month="2024-08", folder="2024-09")
    result = run("why", LPMN)
    assert result.exit_code == 0
    assert [row.split("\t")[1:4] for row in result.stdout.splitlines()] == [
        [ITEM, "in it", ""],
        ["issues/2024-09/items/august.md", "not in it", "it is of 2024-08"],
        ["issues/2024-09/items/draft.md", "not in it", "it is a draft"],
        ["issues/2024-09/items/theirs.md", "not in it", "it is not tagged LPMN"],
    ]


def test_an_issue_without_items_says_why_and_ends_with_one(room: Room, run: Run) -> None:
    room.item("draft", draft=True)
    result = run("why", LPMN)
    assert (result.exit_code, "it is a draft" in result.stdout) == (1, True)
    assert result.stderr == f"{LPMN} has no items\n  hint: take 'draft: true' out of issues/2024-09/items/draft.md\n"


def test_on_a_terminal_issues_that_it_was_never_for_are_one_line(room: Room) -> None:
    chapters = "".join(f'\n[chapters.C{number}]\nname = "Chapter {number}"\n' for number in range(20))
    room.file("newsletter.toml", TOML + chapters)
    room.item("story")
    command = [sys.executable, "-m", "newsletter", "--newsroom", str(room.root), "why", "story"]
    with Terminal(command, {**os.environ, "COLUMNS": "80"}) as terminal:
        seen = terminal.read_to_end().replace("\r", "")
    assert terminal.exit_code == 0
    assert f"  {LPMN}  in it\n" in seen
    assert "  not in 22 others, which it is not tagged for: network, state-LPNY, state-C0" in seen
    assert len(seen.splitlines()) == 4
