"""Hints that can be followed: who does as a hint says sees its finding go."""

import re
from typing import Any

import pytest

from newsletter.check.fix import mend
from newsletter.check.links import mend_links
from newsletter.check.registry import rules
from newsletter.issue.edition import editions
from newsletter.model import Finding
from newsletter.read.load import load
from tests.conftest import Run
from tests.room import ITEM, TOML, Room
from tests.test_check_rules import findings, subject_of

STORY = "issues/2024-09/items/story.md"
FRONT = "issues/2024-09/state-LPMN.md"
HEAD = "---\ntitle: Story\nchapters: [LPMN]\nmonth: 2024-09\nsection: wins\n---\n"


def found(room: Room, slug: str, body: str = "Words.\n", **front: Any) -> list[Finding]:
    """Return what a rule finds in an issue of one story."""
    room.item("story", body, **front)
    return findings(subject_of(room), slug)


def written(hint: str) -> str:
    """Return what a hint says to write."""
    match = re.fullmatch(r"write (.*?)(?:; `newsletter check --fix` does it)?", hint)
    assert match, hint
    return match[1]


# Links whose brackets went wrong

MISTYPED = [
    ("[the plan] (https://a.example/plan)", "[the plan](https://a.example/plan)"),
    ("[the plan]  ( https://a.example/plan )", "[the plan](https://a.example/plan)"),
    ("(the plan)[https://a.example/plan]", "[the plan](https://a.example/plan)"),
    ("[the plan]https://a.example/plan", "[the plan](https://a.example/plan)"),
    ("[the plan](https://a.example/plan", "[the plan](https://a.example/plan)"),
    ("[the plan]{https://a.example/plan}", "[the plan](https://a.example/plan)"),
    ("［计划］（https://a.example/plan）", "[计划](https://a.example/plan)"),
    ("[计划]（https://a.example/plan）", "[计划](https://a.example/plan)"),
    ("[https://a.example/plan](the plan)", "[the plan](https://a.example/plan)"),
    ("[us] (mailto:us@a.example)", "[us](mailto:us@a.example)"),
    ("[the plan] (www.a.example/plan)", "[the plan](https://www.a.example/plan)"),
    ("[it] (https://a.example/b_(c)?d=e&f=%20#g)", "[it](https://a.example/b_(c)?d=e&f=%20#g)"),
]


@pytest.mark.parametrize(("typed", "meant"), MISTYPED)
def test_a_link_with_a_slip_in_its_brackets_is_told_once_and_its_hint_is_the_link(
    room: Room, typed: str, meant: str
) -> None:
    (one,) = found(room, "mistyped-link", f"First.\n\nRead {typed} today.\n")
    assert (one.place.line, written(one.hint)) == (10, meant)
    assert found(room, "address-as-words", f"Read {typed} today.\n") == []
    assert found(room, "mistyped-link", f"First.\n\nRead {meant} today.\n") == []
    assert mend_links(f"Read {typed} today, and {typed}.") == f"Read {meant} today, and {meant}."


@pytest.mark.parametrize(
    "line",
    [
        "[the plan](https://a.example/plan) and [us](mailto:us@a.example) (see https://a.example)",
        "[the plan]: https://a.example/plan",
        "The plan (https://a.example/plan) [draft].",
        "`[the plan] (https://a.example/plan)` is how it looks",
        "[the plan](<https://a.example/the plan>) ![tree](https://a.example/tree.jpg)",
        "[it](https://a.example/b_(c)) and [https://a.example](https://a.example)",
        "[one][1] and [two] (three)",
        "<https://a.example> (no brackets) [at all]",
        "[ the plan ]( https://a.example/plan )",
    ],
)
def test_links_as_they_should_be_are_left_alone(line: str) -> None:
    assert mend_links(line) == line


def test_fix_writes_links_and_fences_and_leaves_code_alone(room: Room) -> None:
    body = "See [a] (https://a.example/a).\n\n```\n[b] (https://a.example/b)\n```\n\n`[c] (https://a.example/c)`\n"
    room.item("story", body)
    room.file("issues/2024-09/items/other.md", HEAD.replace("---", "—", 1) + "Words.\n")
    newsroom = load(room.root)
    edits = {edit.path: edit.after for edit in mend(newsroom, editions(newsroom, "2024-09"))}
    assert edits[STORY].endswith(f"---\n{body.replace('[a] (', '[a](')}")
    assert edits["issues/2024-09/items/other.md"] == f"{HEAD}Words.\n"


def test_an_address_that_goes_on_in_the_next_line_is_not_cut(room: Room) -> None:
    first, second = "Read [the plan](https://a.example/the-", "plan.pdf) today."
    assert found(room, "mistyped-link", f"{first}\n{second}\n") == []
    assert len(found(room, "typed-markup", f"{first}\n{second}\n")) == 1
    assert mend_links(first, second) == first
    assert mend_links(first, "Or come by (at noon).") == f"{first})"


# Headings


@pytest.mark.parametrize("marks", ["##", "#", "###"])
def test_a_heading_in_a_greeting_can_be_made_bold(room: Room, marks: str) -> None:
    room.front_page("2024-09/state-LPMN", f"Hello.\n\n{marks} What is new\n\nWe moved.\n")
    (one,) = found(room, "heading-order")
    assert one.message == "'What is new' is a heading with no headline above it"
    assert one.hint == "make it bold, **What is new**, or give it an item of its own"
    room.front_page("2024-09/state-LPMN", "Hello.\n\n**What is new**\n\nWe moved.\n")
    assert found(room, "heading-order") == []


@pytest.mark.parametrize(
    ("heading", "what"), [("Wins", "section"), ("🏆 WINS!", "section"), ("A plan for trees", "story")]
)
def test_a_title_that_is_typed_again_as_a_heading_can_be_taken_out(room: Room, heading: str, what: str) -> None:
    (one,) = found(room, "repeated-heading", f"## {heading}\n\nWords.\n", title="A plan for trees")
    assert one.message == f"'{heading}' is the {what}'s title, which stands above these words already"
    assert one.hint == "take the heading out"
    assert found(room, "repeated-heading", "Words.\n", title="A plan for trees") == []
    assert found(room, "repeated-heading", "## Wins in August\n\n## Take action\n\nWords.\n") == []


# Definitions that nothing uses


def test_a_definition_that_no_words_use_is_told_as_that(room: Room) -> None:
    definition = "[the plan]: https://a.example/plan"
    (one,) = found(room, "typed-markup", f"We met.\n\n{definition}\n")
    assert one.message == f"'{definition}' says where a link leads that no words have: it comes out as it stands"
    assert found(room, "address-as-words", f"We met.\n\n{definition}\n") == []
    assert found(room, "typed-markup", f"We met for [the plan].\n\n{definition}\n") == []
    assert found(room, "address-as-words", "We met.\n") == []


# Fences of front matter


@pytest.mark.parametrize("typed", ["----", "—", "–––", "--", "-", "___", "***", "‐‐‐", "------  "])
def test_what_a_word_processor_makes_of_three_hyphens_is_told_and_written(room: Room, typed: str) -> None:
    for number, source in ((1, HEAD.replace("---", typed, 1)), (6, typed.join(HEAD.rsplit("---", 1)))):
        room.file(STORY, f"{source}Words.\n\n***\n\nMore.\n")
        (fault,) = load(room.root).faults
        assert (fault.place.line, fault.instead) == (number, "---")
        assert fault.message == f"'{typed.rstrip()}' {'begins' if number == 1 else 'ends'} no front matter"
        assert fault.hint == "write it as exactly three hyphens: ---"
        room.file(STORY, f"{HEAD}Words.\n\n***\n\nMore.\n")
        assert load(room.root).faults == ()


def test_keys_of_a_front_page_behind_a_long_dash_are_no_greeting(room: Room) -> None:
    room.item("story")
    room.file(FRONT, "—\nsubject: Bikes\n—\nHello.\n")
    (fault,) = load(room.root).faults
    assert (str(fault.place), fault.message) == (f"{FRONT}:1", "'—' begins no front matter")


@pytest.mark.parametrize("greeting", ["—\n\nHello.\n", "***\n\nHello: you.\n", "Hello.\n\n----\n\nBye.\n"])
def test_a_line_in_a_greeting_is_no_fence(room: Room, greeting: str) -> None:
    room.item("story")
    room.file(FRONT, greeting)
    assert load(room.root).faults == ()


# Curly quotes around a colour


@pytest.mark.parametrize("typed", ["“#8A2B5B”", "‘#8a2b5b’", "„8A2B5B“", "«#8A2B5B»", "8A2B5B", "#8A2B5B;"])
def test_a_colour_in_other_quotation_marks_is_answered_with_what_to_write(room: Room, typed: str) -> None:
    room.item("story")
    room.file(
        FRONT, f"---\naccent: {typed}\n---\nHello.\n" if "#" not in typed[:1] else f"---\naccent: '{typed}'\n---\n"
    )
    (fault,) = load(room.root).faults
    assert (str(fault.place), written(fault.hint).upper()) == (f"{FRONT}:2", '"#8A2B5B"')
    room.file(FRONT, f"---\naccent: {written(fault.hint)}\n---\nHello.\n")
    assert load(room.root).faults == ()


def test_a_colour_in_curly_quotes_in_newsletter_toml_is_answered_with_the_line_to_write(room: Room) -> None:
    room.item("story")
    room.file("newsletter.toml", TOML.replace('accent = "#1D5C63"', "accent = “#1D5C63”  # teal"))
    with pytest.raises(Exception, match="curly quotation marks") as caught:
        load(room.root)
    (fault,) = caught.value.faults  # type: ignore[attr-defined]
    assert written(fault.hint) == 'accent = "#1D5C63"'
    room.file("newsletter.toml", TOML.replace('accent = "#1D5C63"', written(fault.hint)))
    assert load(room.root).faults == ()


# Sections by their titles


@pytest.mark.parametrize("typed", ["Take action", "TAKE ACTION", "Take Action!", "✊ Take action"])
def test_a_section_by_its_title_is_answered_with_its_key(room: Room, typed: str) -> None:
    room.item("story", **{**ITEM, "section": typed})
    (fault,) = load(room.root).faults
    assert fault.hint == "did you mean 'action'?"


def test_the_new_rules_are_known() -> None:
    assert {"mistyped-link", "repeated-heading"} <= rules().keys()


def test_one_item_for_two_issues_is_tagged_with_what_its_two_files_have(room: Room, run: Run) -> None:
    room.item("mine", "Words.\n", title="The fair opens", chapters=["LPNY"], month="2024-09")
    room.item("theirs", "Others.\n", title="The fair opens", chapters=["network"], month="2024-09")
    told = run("check", "-m", "2024-09", "--only", "title-runs-twice", "--format", "json").stdout
    assert "tag one item for both issues: chapters: [LPNY, network]" in told
