"""An issue's events as calendars take them: the file, and the addresses of two calendars on the web."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from icalendar import Calendar

from newsletter.deliver.calendar import calendar
from tests.room import TOML, Room

ISSUE = "2024-09/state-LPMN"


def events(room: Room) -> list[dict[str, Any]]:
    """Return what icalendar reads in the file."""
    raw = calendar(room.issue(ISSUE))
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert raw.endswith(b"END:VCALENDAR\r\n")
    read = Calendar.from_ical(raw)
    assert read.errors == []
    return [
        {name: getattr(value, "dt", None) or str(value) for name, value in event.items() if name != "DTSTAMP"}
        for event in read.walk("VEVENT")
    ]


def test_an_event_with_hours_stands_there_in_utc(room: Room) -> None:
    room.item(
        "vote",
        "Come, and *bring* a friend; it is free.\n",
        title="A vote, at last",
        section="events",
        starts="2024-10-10 18:00",
        ends="2024-10-10 19:30",
        timezone="America/Chicago",
        location="City Hall, Duluth",
        rsvp="https://a.example/rsvp",
    )
    assert events(room) == [
        {
            "UID": "vote-2024-09@network.example",
            "DTSTART": datetime(2024, 10, 10, 23, tzinfo=UTC),
            "DTEND": datetime(2024, 10, 11, 0, 30, tzinfo=UTC),
            "SUMMARY": "A vote, at last",
            "LOCATION": "City Hall, Duluth",
            "DESCRIPTION": "Come, and bring a friend; it is free.",
            "URL": "https://a.example/rsvp",
        }
    ]


@pytest.mark.parametrize(
    ("front", "first", "after"),
    [
        ({"starts": "2024-10-10"}, date(2024, 10, 10), date(2024, 10, 11)),
        ({"starts": "2024-10-10", "ends": "2024-10-12"}, date(2024, 10, 10), date(2024, 10, 13)),
        ({"starts": "2024-10-10 18:00"}, datetime(2024, 10, 10, 18, tzinfo=UTC), None),
        (
            {"starts": "2024-10-10 18:00", "ends": "2024-10-12"},
            datetime(2024, 10, 10, 18, tzinfo=UTC),
            datetime(2024, 10, 12, 23, 59, tzinfo=UTC),
        ),
        (
            {"starts": "2024-11-03 00:30", "ends": "2024-11-03 03:30", "timezone": "America/New_York"},
            datetime(2024, 11, 3, 4, 30, tzinfo=UTC),
            datetime(2024, 11, 3, 8, 30, tzinfo=UTC),
        ),
    ],
)
def test_days_and_open_ends_stand_there_as_they_are_meant(
    room: Room, front: dict[str, Any], first: date, after: date | None
) -> None:
    room.item("vote", section="events", **front)
    (event,) = events(room)
    assert (event["DTSTART"], event.get("DTEND")) == (first, after)


def test_an_issue_without_events_has_no_such_file(room: Room) -> None:
    room.item()
    assert calendar(room.issue(ISSUE)) == b""
    room.build()
    assert not (room.root / "build" / ISSUE / "events.ics").exists()


def test_the_file_lies_beside_the_issue_and_does_not_travel_in_the_mail(room: Room) -> None:
    room.item("vote", section="events", starts="2024-10-10 18:00")
    room.build()
    assert room.built("events.ics") == calendar(room.issue(ISSUE))
    assert b"BEGIN:VCALENDAR" not in room.built("issue.eml") and b"text/calendar" not in room.built("issue.eml")
    assert "events.ics" in json.loads(room.built("manifest.json"))["parts"]
    # An issue that loses its events loses the file.
    room.item("vote", section="events")
    room.build()
    assert not (room.root / "build" / ISSUE / "events.ics").exists()


def test_one_event_of_two_issues_is_one_entry(room: Room) -> None:
    room.item("vote", section="events", starts="2024-10-10 18:00", chapters=["LPMN", "network"])
    both = [Calendar.from_ical(calendar(room.issue(issue))) for issue in (ISSUE, "2024-09/network")]
    assert len({str(event["UID"]) for one in both for event in one.walk("VEVENT")}) == 1


@given(title=some.text(some.characters(exclude_categories=("C", "Zl", "Zp", "Zs")), min_size=1, max_size=120))
def test_any_title_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    room = Room(tmp_path_factory.mktemp("room"))
    room.file("newsletter.toml", TOML)
    room.item("vote", section="events", starts="2024-10-10 18:00", title=title)
    (event,) = events(room)
    assert event["SUMMARY"] == room.issue(ISSUE).stories[0].item.title


def test_three_calendars_are_offered_where_the_site_is_known(room: Room) -> None:
    room.item("vote", section="events", starts="2024-10-10 18:00", title="A vote")
    assert "Add to calendar (Google)" in room.delivery().text and "Calendar file" not in room.delivery().text
    room.file("newsletter.toml", TOML + '\n[site]\nurl = "https://network.example/downloads/"\n')
    delivery = room.delivery()
    page = "https://network.example/downloads/2024-09/state-LPMN/events.ics"
    assert f"Add to calendar (Calendar file):\n{page}\n" in delivery.text
    assert f'href="{page}" aria-label="Calendar file, Add to calendar: A vote"' in delivery.html
    assert 'aria-label="Google, Add to calendar: A vote"' in delivery.html
    assert 'aria-label="Outlook, Add to calendar: A vote"' in delivery.html
    assert (
        "rru=addevent&amp;subject=A%20vote&amp;startdt=2024-10-10T18:00:00Z&amp;enddt=2024-10-10T18:00:00Z"
        in delivery.html
    )


def test_outlook_hears_of_whole_days(room: Room) -> None:
    room.item("retreat", section="events", starts="2024-10-10", ends="2024-10-12")
    (story,) = room.issue().stories
    assert story.event and "startdt=2024-10-10&enddt=2024-10-13&allday=true" in story.event.outlook_url
