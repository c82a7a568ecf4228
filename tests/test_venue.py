"""Where an event is, by the words that somebody typed for it."""

import pytest

from newsletter.issue.venue import Venue, venue_of

JOIN = "https://zoom.example/j/1?pwd=a"


@pytest.mark.parametrize(
    "location",
    [
        *("Online", "online.", "Zoom", "On Zoom", "Online via Zoom", "Online on Zoom", "Virtual (Zoom)", "Webinar"),
        *("Virtual event", "Online, Zoom", "Microsoft Teams", "YouTube Live", "En línea", "en línea por Zoom"),
        *("En ligne", "Virtuell", "عبر الإنترنت", "מקוון", "线上", "Trực tuyến", "sou entènèt", "Online – Zoom"),
    ],
)
def test_what_says_nothing_but_online_is_no_place(location: str) -> None:
    assert venue_of(location) == Venue(place="", is_online=True)


@pytest.mark.parametrize("location", [JOIN, f"Online: {JOIN}", f"Zoom ({JOIN})", f"Online via Zoom {JOIN}"])
def test_an_address_is_where_one_joins(location: str) -> None:
    assert venue_of(location) == Venue(place="", is_online=True, address=JOIN)


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("Durham, North Carolina, and online", "Durham, North Carolina"),
        ("City Hall (and online)", "City Hall"),
        ("City Hall (room 5) and online", "City Hall (room 5)"),
        ("City Hall or Zoom", "City Hall"),
        ("قاعة المدينة، عبر الإنترنت", "قاعة المدينة"),
        ("Online and at City Hall, Duluth", "at City Hall, Duluth"),
        ("Ayuntamiento, Bogotá y en línea", "Ayuntamiento, Bogotá"),
        ("Rathaus und online via Zoom", "Rathaus"),
    ],
)
def test_what_is_both_is_both(location: str, place: str) -> None:
    assert venue_of(location) == Venue(place=place, is_online=True)


@pytest.mark.parametrize(
    "location",
    [
        *("", "City Hall", "The Online Café, Duluth", "Virtual Reality Museum", "Zoom Hall, 1 Main Street"),
        *("Winston-Salem, North Carolina", "Teams Arena", "Onlineville", "City Hall, https://maps.example/a"),
    ],
)
def test_a_place_that_only_sounds_so_is_a_place(location: str) -> None:
    assert venue_of(location) == Venue(place=location)


def test_a_location_without_end_is_read_at_once() -> None:
    assert venue_of("online, " * 50_000 + "!") == Venue(place="!", is_online=True)
    assert venue_of(f"City{' ' * 500_000}Hall, online") == Venue(place="City Hall", is_online=True)
    assert venue_of("on " * 50_000 + "!") == Venue(place="on " * 50_000 + "!")
