"""What stands twice: a page in a list with other tracking, last month's front page with two words changed."""

import pytest

from tests.room import Room
from tests.test_check_rules import findings, subject_of

PAGE = "https://a.example/plan"


def listed(room: Room, *addresses: str, mark: str = "- ") -> list[str]:
    lines = "".join(f"{mark}[Link {number}]({address})\n" for number, address in enumerate(addresses))
    room.item("story", f"We read:\n\n{lines}")
    return [str(found) for found in findings(subject_of(room), "repeated-link")]


@pytest.mark.parametrize(
    "other",
    [f"{PAGE}?utm_source=x", f"{PAGE}?fbclid=abc", "http://www.a.example/plan/?mc_cid=1"],
)
def test_a_page_that_stands_twice_in_a_list_with_other_tracking_is_told(room: Room, other: str) -> None:
    (found,) = listed(room, PAGE, "https://b.example/else", other)
    assert "with other tracking" in found and "story.md:10" in found
    assert len(listed(room, f"{PAGE}?utm_source=y", other)) == 1


@pytest.mark.parametrize(
    "other",
    [PAGE, f"{PAGE}/", f"{PAGE}?page=2", f"{PAGE}?utm_source=x#second", "https://a.example/other?utm_source=x"],
)
def test_two_pages_or_two_sessions_with_one_page_are_no_slip(room: Room, other: str) -> None:
    assert listed(room, PAGE, other) == []


def test_links_in_sentences_and_to_the_home_page_may_stand_twice(room: Room) -> None:
    assert listed(room, PAGE, f"{PAGE}?utm_source=x", mark="") == []
    assert listed(room, "https://network.example/", "https://network.example/?utm_source=x") == []


GREETING = (
    "Dear friends, this was a month of long nights at city hall, and of good news at its end: the council said yes to "
    "the plan for which so many of you came out and spoke. Thank you to everybody who called."
)


def told(room: Room, now: str, before: str) -> list[str]:
    room.item("story")
    room.front_page("2024-08/state-LPMN", before)
    room.front_page("2024-09/state-LPMN", now)
    return [found.message for found in findings(subject_of(room), "copied-front-page")]


@pytest.mark.parametrize(
    ("word", "other"), [("council", "county board"), ("month", "season"), ("Dear friends", "Dear neighbors")]
)
def test_a_greeting_with_a_word_or_two_changed_is_told_as_nearly_the_same(room: Room, word: str, other: str) -> None:
    message = "greeting is nearly the same as in 2024-08/state-LPMN"
    assert told(room, GREETING.replace(word, other), GREETING) == [message]
    assert told(room, GREETING, GREETING) == [message.replace("nearly ", "")]


def test_a_standing_beginning_and_news_behind_it_is_a_new_greeting(room: Room) -> None:
    beginning = GREETING.partition(":")[0]
    assert told(room, f"{beginning}. The library opens again, with longer hours, in the old school.", GREETING) == []
    assert told(room, "Hello again, all of you in the north.", "Hello again, all of you in the south.") == []
