"""Issue -> how long it takes to read."""

import pytest

from newsletter.issue.length import minutes, words
from tests.room import Room, picture

# Of the title: "Story".
TITLE = 1


@pytest.mark.parametrize(
    ("body", "counted"),
    [
        ("Four plain short words.", 4),
        ("Two\nlines, and\n\nparagraphs.", 4),
        ("A [link's words](https://network.example/not/its-address) count.", 4),
        ("**Bold** and _slanted_, an em dash — and one—without blanks.", 10),
        ("A well-known 10-year plan costs $1,200.50 & more.", 7),
        ("## A heading\n\n- two words\n- three more words\n\n> a quote", 9),
        ("| Place | Day |\n|---|---|\n| Main Street | Monday |", 5),
        ("A <b>bold</b> word of HTML.<!-- not this -->", 5),
        ("The council’s vote", 3),
        ("![A picture's alternative text](picture.png)", 0),
        ("圣保罗市的气候计划。", 9),
        ("圣保罗 Saint Paul，2024 年", 7),
        ("Un día más en español", 5),
        ("مجلس المدينة", 2),
        ("📣 ✅ …", 0),
    ],
)
def test_words_are_counted_as_a_reader_meets_them(room: Room, body: str, counted: int) -> None:
    room.file("issues/2024-09/items/picture.png", picture())
    room.item("story", body)
    assert words(room.issue()) - TITLE == counted


def test_greeting_intro_caption_and_dates_are_read_too_and_the_footer_is_not(room: Room) -> None:
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace('title = "Events"', 'title = "Events"\nintro = "Come by."'))
    room.front_page("2024-09/state-LPMN", "Dear friends,\n\nwelcome.")
    room.item("meeting", "", section="events", starts="2024-09-12", location="City Hall", deadline="2024-09-10")
    room.item("picnic", "", section="events", starts="2024-09-13", location="")
    issue = room.issue()
    dates = sum(len(f"{story.event.when} {story.deadline}".split()) for story in issue.stories if story.event)
    # Three of the greeting, two of the intro, a title each, two of the place.
    assert words(issue) == 3 + 2 + 1 + 1 + 2 + dates


@pytest.mark.parametrize(("more", "wanted"), [(0, 1), (229, 1), (230, 2), (459, 2), (460, 3)])
def test_a_minute_that_is_begun_counts_whole(room: Room, more: int, wanted: int) -> None:
    room.item("story", "word " * more)
    assert minutes(room.issue()) == wanted


def test_the_lead_s_section_that_goes_on_below_is_told_once(room: Room) -> None:
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace('title = "Wins"', 'title = "Wins"\nintro = "What we won."'))
    room.item("first", "", order=1)
    room.item("second", "", order=2)
    assert words(room.issue()) == 3 + 2
