"""The links of the plain-text part: which are there, and what stands for what a provider can't fill in."""

import pytest

from tests.room import TOML, Room


def with_words(room: Room, words: str) -> None:
    room.file("newsletter.toml", f"{TOML}\n[words]\n{words}\n")


@pytest.mark.parametrize(
    ("words", "is_there"), [("", True), ('calendar = "Save the date"', True), ('calendar = ""', False)]
)
def test_an_event_links_to_the_calendar_unless_the_newsroom_has_no_word_for_it(
    room: Room, words: str, is_there: bool
) -> None:
    with_words(room, words)
    room.item("walk", section="events", starts="2024-09-20 18:00", rsvp="https://walk.example/")
    delivery = room.delivery()
    for part in (delivery.html, delivery.text):
        assert ("https://calendar.google.com/calendar/render?" in part) is is_there
        assert "https://walk.example/" in part


def test_what_is_no_event_has_no_link_to_a_calendar(room: Room) -> None:
    room.item("story")
    delivery = room.delivery()
    assert "calendar.google.com" not in delivery.html + delivery.text


@pytest.mark.parametrize(
    ("provider", "shown"),
    [("action-network", "friend"), ("html", "friend"), ("mailchimp", "*|IF:FNAME|**|FNAME|**|ELSE:|*friend*|END:IF|*")],
)
def test_an_address_with_a_name_in_it_stays_where_a_provider_has_no_name(room: Room, provider: str, shown: str) -> None:
    room.item("story", "Take [the survey](https://survey.example/?name=%%first_name|friend%%).\n")
    text = room.delivery(provider=provider).text
    assert "Take the survey [1]." in text
    assert f"[1] https://survey.example/?name={shown}\n" in text


def test_the_note_of_a_link_goes_with_the_paragraph_that_a_provider_can_not_fill_in(room: Room) -> None:
    room.item("story", "Leave [here](%%unsubscribe_url%%).\n\nGo [there](https://there.example/).\n")
    text = room.delivery(provider="constant-contact").text
    assert "Leave" not in text
    assert "[1]" not in text
    assert "Go there [2].\n\n[2] https://there.example/\n" in text
