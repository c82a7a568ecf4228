"""`check --fix`: a file that could not be read is mended line by line, until it can, and nothing else in it changes."""

import pytest

from tests.conftest import Run
from tests.room import Room

FRONT = "title: We won\nchapters: [LPMN]\nmonth: 2024-09\nsection: wins\n"
ITEM = f"---\n{FRONT}---\nWords.\n"
PATH = "issues/2024-09/items/story.md"


def fixed(room: Room, run: Run, typed: str) -> str:
    """Return what becomes of an item, beside one that is as it should be."""
    room.file("issues/2024-09/items/other.md", ITEM.replace("We won", "Another"))
    room.file(PATH, typed)
    run("check", "-m", "2024-09", "--fix", "--yes")
    return (room.root / PATH).read_text()


@pytest.mark.parametrize("fence", ["—", "----", "–––", "***"])
def test_both_fences_are_written_and_no_key_is_taken_for_words(room: Room, run: Run, fence: str) -> None:
    assert fixed(room, run, f"{fence}\n{FRONT}{fence}\nWords.\n") == ITEM


def test_what_comes_to_light_once_the_fence_is_right_is_mended_too(room: Room, run: Run) -> None:
    slips = FRONT.replace("2024-09", "2024/09").replace("wins", "wins\ndeadline: Sept 12, 2024 at 5pm")
    assert fixed(room, run, f"---\n{slips}----\nWords.\n") == ITEM.replace("wins", "wins\ndeadline: 2024-09-12 17:00")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Title: We won", "title: We won"),
        ("section: Wins", "section: wins"),
        ("chapters: [lpmn]", "chapters: [LPMN]"),
        ("chapters: lpmn", "chapters: [LPMN]"),
        ("Link: https://a.example", "link: https://a.example"),
        ("link-label: Read the plan", "link_label: Read the plan"),
    ],
)
def test_a_name_that_differs_in_capitals_alone_is_written_as_it_is(
    room: Room, run: Run, typed: str, meant: str
) -> None:
    kept = "".join(f"{line}\n" for line in FRONT.splitlines() if line.split(":")[0] != meant.split(":")[0])
    assert fixed(room, run, f"---\n{typed}\n{kept}---\nWords.\n") == f"---\n{meant}\n{kept}---\nWords.\n"


@pytest.mark.parametrize("typed", ["titel: We won", "section: winz", "chapters: [LPM]"])
def test_a_name_that_is_merely_near_is_asked_for_and_left(room: Room, run: Run, typed: str) -> None:
    source = f"---\n{FRONT}---\nWords.\n".replace(next(one for one in FRONT.splitlines() if one[0] == typed[0]), typed)
    assert fixed(room, run, source) == source


def test_a_key_in_capitals_is_told_once_and_never_beside_its_twin(room: Room, run: Run) -> None:
    room.file(PATH, f"---\n{FRONT.replace('title', 'Title')}---\nWords.\n")
    assert run("check", "-m", "2024-09").stdout.count("[not-loaded]") == 1
    both = f"---\n{FRONT}Title: Another\n---\nWords.\n"
    assert fixed(room, run, both) == both


def test_a_colour_in_curly_quotes_is_written_as_the_hint_says(room: Room, run: Run) -> None:
    room.file("issues/2024-09/items/story.md", ITEM)
    front = room.file("issues/2024-09/state-LPMN.md", "---\naccent: “#1D5C63”\n---\nHello.\n")
    run("check", "-m", "2024-09", "--fix", "--yes")
    assert front.read_text() == '---\naccent: "#1D5C63"\n---\nHello.\n'


def test_an_end_without_a_start_is_answered_with_its_own_day(room: Room, run: Run) -> None:
    room.file(PATH, f"---\n{FRONT}ends: 2024-09-20 20:00\n---\nWords.\n")
    assert "hint: write starts: 2024-09-20 and its hour" in run("check", "-m", "2024-09").stdout


def test_lines_inside_html_are_told_with_what_helps_there_and_stay(room: Room, run: Run) -> None:
    typed = ITEM + "\n<details>\n<summary>Who came</summary>\n- Ada\n- Bob\n</details>\n"
    assert fixed(room, run, typed) == typed
    told = run("check", "-m", "2024-09", "--only", "lines-run-together", "--format", "json").stdout
    assert "leave an empty line between the HTML and them" in told
    helped = typed.replace("</summary>\n", "</summary>\n\n").replace("Bob\n", "Bob\n\n")
    assert fixed(room, run, helped) == helped
    assert "[lines-run-together]" not in run("check", "-m", "2024-09").stdout


def test_lines_of_a_list_are_kept_apart_beside_html_too(room: Room, run: Run) -> None:
    typed = ITEM + "\n- Town hall\n  1 Main Street\n  Saint Paul\n\nA <b>word</b>.\n"
    kept = typed.replace("hall\n", "hall\\\n").replace("Street\n", "Street\\\n")
    assert fixed(room, run, typed) == kept
