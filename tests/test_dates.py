"""When an item is: one moment in every issue, named as clocks are on that day, and right in a calendar."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from newsletter.issue.dates import zone_name
from newsletter.model import Issue, Moment
from newsletter.read import values, zones
from newsletter.read.values import Refused
from tests.room import TOML, Room

PLACES = TOML.replace('short_name = "EN"', 'short_name = "EN"\ntimezone = "America/Chicago"').replace(
    'accent = "#1D5C63"', 'accent = "#1D5C63"\ntimezone = "America/Los_Angeles"'
)
MONTHLY = PLACES.replace('cadence = "quarterly"', "")


def when(issue: Issue) -> str:
    (story,) = issue.stories
    assert story.event
    return story.event.when.replace("\u00a0", " ")


def calendar(issue: Issue) -> str:
    (story,) = issue.stories
    assert story.event
    return parse_qs(urlsplit(story.event.calendar_url).query)["dates"][0]


@pytest.mark.parametrize(
    ("front", "read"),
    [
        # Its own zone; else its only chapter's; else the organization's.
        ({"timezone": "America/Denver"}, "Saturday, October 5, 6:00 PM MT"),
        ({}, "Saturday, October 5, 6:00 PM PT"),
        ({"chapters": ["network"]}, "Saturday, October 5, 6:00 PM CT"),
        ({"chapters": ["LPNY"]}, "Saturday, October 5, 6:00 PM CT"),
        ({"chapters": ["LPMN", "LPNY"]}, "Saturday, October 5, 6:00 PM CT"),
        ({"chapters": ["LPMN", "LPNY", "network"], "timezone": "America/Denver"}, "Saturday, October 5, 6:00 PM MT"),
        ({"chapters": ["network", "LPMN"]}, "Saturday, October 5, 6:00 PM PT"),
    ],
)
def test_an_item_is_at_one_moment_and_reads_the_same_in_every_issue(
    room: Room, front: dict[str, Any], read: str
) -> None:
    room.file("newsletter.toml", MONTHLY)
    room.item("potluck", section="events", starts="2024-10-05 18:00", deadline="2024-10-05 18:00", **front)
    (item,) = room.load().items
    tags = {"LPMN": "state-LPMN", "LPNY": "state-LPNY", "network": "network"}
    issues = [room.issue(f"2024-09/{tags[tag]}") for tag in item.chapters]
    assert {when(issue) for issue in issues} == {read}
    assert {story.deadline.replace("\u00a0", " ") for issue in issues for story in issue.stories} == {read}
    assert len({calendar(issue) for issue in issues}) == 1


def test_what_is_set_for_one_issue_moves_no_time(room: Room) -> None:
    room.file("newsletter.toml", MONTHLY)
    room.item("potluck", section="events", starts="2024-10-05 18:00", chapters=["LPMN", "network"])
    room.front_page("2024-09/network", "Hello.\n", timezone="America/New_York")
    assert when(room.issue("2024-09/network")) == "Saturday, October 5, 6:00 PM PT"


@pytest.mark.parametrize(
    ("zone", "january", "july"),
    [
        ("America/New_York", "ET", "ET"),
        ("America/Chicago", "CT", "CT"),
        ("America/Denver", "MT", "MT"),
        ("America/Los_Angeles", "PT", "PT"),
        ("America/Anchorage", "AKT", "AKT"),
        ("America/Halifax", "AT", "AT"),
        # Another name of the same clocks.
        ("America/Indiana/Indianapolis", "ET", "ET"),
        ("America/Indiana/Knox", "CT", "CT"),
        ("America/Detroit", "ET", "ET"),
        ("America/Shiprock", "MT", "MT"),
        ("Navajo", "MT", "MT"),
        ("America/Tijuana", "PT", "PT"),
        ("US/Central", "CT", "CT"),
        ("EST5EDT", "ET", "ET"),
        # No summer time: `MT` would be an hour off for half of the year.
        ("America/Phoenix", "MST", "MST"),
        ("US/Arizona", "MST", "MST"),
        ("America/Puerto_Rico", "AST", "AST"),
        ("America/Mexico_City", "CST", "CST"),
        ("America/Regina", "CST", "CST"),
        ("America/Hermosillo", "MST", "MST"),
        ("America/Cancun", "EST", "EST"),
        ("America/Panama", "EST", "EST"),
        ("EST", "EST", "EST"),
        ("MST", "MST", "MST"),
        ("Pacific/Honolulu", "HST", "HST"),
        ("America/Adak", "HST", "HDT"),
        ("America/St_Johns", "NST", "NDT"),
        ("Europe/London", "GMT", "BST"),
        ("Europe/Dublin", "GMT", "IST"),
        ("Europe/Berlin", "CET", "CEST"),
        ("Pacific/Guam", "ChST", "ChST"),
        # No letters, or letters that readers know for another hour.
        ("America/Sao_Paulo", "UTC−3", "UTC−3"),
        ("Asia/Kathmandu", "UTC+5:45", "UTC+5:45"),
        ("Pacific/Marquesas", "UTC−9:30", "UTC−9:30"),
        ("Etc/GMT+5", "UTC−5", "UTC−5"),
        ("America/Havana", "UTC−5", "UTC−4"),
        ("Asia/Shanghai", "UTC+8", "UTC+8"),
        ("Asia/Manila", "UTC+8", "UTC+8"),
        ("UTC", "UTC", "UTC"),
    ],
)
def test_a_zone_is_named_as_it_is_on_that_day(zone: str, january: str, july: str) -> None:
    named = [zone_name(datetime(2026, month, 20, 18), zone, "en") for month in (1, 7)]
    assert named == [january, july]


@pytest.mark.parametrize(
    ("language", "zone", "january", "july"),
    [
        ("en-CA", "Europe/Berlin", "CET", "CEST"),
        ("en-CA", "America/St_Johns", "NT", "NT"),
        ("de", "Europe/Berlin", "MEZ", "MESZ"),
        ("de", "America/Chicago", "CST", "CDT"),
        ("es", "America/Chicago", "CST", "CDT"),
        ("es-MX", "America/Mexico_City", "CST", "CST"),
        ("fr-CA", "America/Toronto", "HE", "HE"),
        ("fr-CA", "America/Phoenix", "HNR", "HNR"),
        ("fr", "Europe/Dublin", "GMT", "IST"),
        ("ht", "America/New_York", "ET", "ET"),
        ("ht", "America/Puerto_Rico", "AST", "AST"),
    ],
)
def test_no_language_names_a_zone_an_hour_off(language: str, zone: str, january: str, july: str) -> None:
    named = [zone_name(datetime(2026, month, 20, 18), zone, language) for month in (1, 7)]
    assert named == [january, july]


def test_a_place_that_gives_up_summer_time_gets_its_new_name_from_that_day() -> None:
    # British Columbia stays in summer time from 2026-11-01: seven hours behind UTC, which is MST.
    days = [datetime(2026, 7, 1), datetime(2026, 12, 1), datetime(2027, 1, 1), datetime(2027, 7, 1)]
    assert [zone_name(day, "America/Vancouver", "en") for day in days] == ["PT", "MST", "MST", "MST"]


def test_the_hours_of_a_zone_do_not_come_from_this_machine() -> None:
    # A system of 2021 has summer time in Mexico; the locked package has none.
    zone = zones.zone_info("America/Mexico_City")
    assert zone.key == "America/Mexico_City"
    assert datetime(2026, 7, 1, tzinfo=zone).utcoffset() == timedelta(hours=-6)
    assert zone is not ZoneInfo("America/Mexico_City")


@pytest.mark.parametrize(
    ("starts", "ends", "dates"),
    [
        # Days: the first day after them closes the entry.
        ("2099-12-04", None, "20991204/20991205"),
        ("2099-12-04", "2099-12-06", "20991204/20991207"),
        ("2099-12-31", None, "20991231/21000101"),
        # Times.
        ("2099-12-04 18:00", "2099-12-04 20:00", "20991205T000000Z/20991205T020000Z"),
        ("2099-12-04 18:00", "2099-12-06 14:00", "20991205T000000Z/20991206T200000Z"),
        ("2099-12-31 22:00", "2100-01-01 01:00", "21000101T040000Z/21000101T070000Z"),
        # A time and a last day: to the end of that day.
        ("2099-12-04 18:00", "2099-12-06", "20991205T000000Z/20991207T055900Z"),
        # Nobody knows when it ends.
        ("2099-12-04 18:00", None, "20991205T000000Z/20991205T000000Z"),
        ("2099-12-04 18:00", "2099-12-04", "20991205T000000Z/20991205T000000Z"),
        # A day, and a time at which it ends.
        ("2099-12-04", "2099-12-04 16:00", "20991204/20991205"),
        ("2099-12-04", "2099-12-06 16:00", "20991204/20991207"),
        # Over the night in which clocks go back: an hour longer.
        ("2030-11-02 22:00", "2030-11-03 04:00", "20301103T030000Z/20301103T100000Z"),
    ],
)
def test_a_calendar_gets_the_days_and_hours_that_the_words_say(
    room: Room, starts: str, ends: str | None, dates: str
) -> None:
    room.item("camp", section="events", starts=starts, ends=ends, timezone="America/Chicago")
    assert calendar(room.issue()) == dates


@pytest.mark.parametrize(
    ("starts", "ends", "words"),
    [
        ("2024-10-04 18:00", "2024-10-06", "Friday, October 4, 6:00 PM CT – Sunday, October 6"),
        ("2024-10-04 18:00", "2024-10-04", "Friday, October 4, 6:00 PM CT"),
        ("2024-10-04 18:00", "2024-10-04 18:00", "Friday, October 4, 6:00 PM CT"),
        ("2024-10-04", "2024-10-04", "Friday, October 4"),
        ("2024-10-04", "2024-10-04 16:00", "Friday, October 4 – 4:00 PM CT"),
        ("2024-10-04", "2024-10-06 16:00", "Friday, October 4 – Sunday, October 6, 4:00 PM CT"),
        ("2024-12-30", "2025-01-02", "Monday, December 30 – Thursday, January 2, 2025"),
    ],
)
def test_no_part_of_a_stretch_of_time_is_lost(room: Room, starts: str, ends: str, words: str) -> None:
    room.item("camp", section="events", starts=starts, ends=ends, timezone="America/Chicago")
    assert when(room.issue()) == words


def test_events_stand_in_the_order_of_their_dates(room: Room) -> None:
    room.file("newsletter.toml", PLACES.replace("America/Los_Angeles", "America/Chicago"))
    room.item("a", section="events", starts="2024-10-20 18:00")
    room.item("b", section="events", starts="2024-10-03 18:00")
    room.item("c", section="events", starts="2024-10-03")
    room.item("d", section="events", starts="2024-09-30 09:00")
    room.item("e", section="events", starts="2024-10-03 17:00")
    room.item("f", section="events", starts="2024-10-01 09:00", order=1)
    # Later on the clock, and earlier in time.
    room.item("g", section="events", starts="2024-10-03 17:30", timezone="America/New_York")
    room.item("i", section="events", starts="2024-10-03 16:30", timezone="America/Los_Angeles")
    assert [story.item.stem for story in room.issue().stories] == [*"dcgebiaf"]


def test_a_date_moves_no_story_behind_an_event(room: Room) -> None:
    room.item("a-story")
    room.item("b-event", starts="2024-10-20 18:00")
    room.item("c-event", starts="2024-10-03 18:00")
    room.item("d-story")
    assert [story.item.stem for story in room.issue().stories] == ["a-story", "d-story", "c-event", "b-event"]


@pytest.mark.parametrize(
    ("typed", "moment", "zone"),
    [
        ("2099-07-20 18:00 PST", "2099-07-20 18:00", "America/Los_Angeles"),
        ("2099-07-20 8:00 Eastern Standard Time", "2099-07-20 08:00", "America/New_York"),
        ("2099-07-20 8:00:00 EST", "2099-07-20 08:00", "America/New_York"),
        ("2099-07-20 18:00 Central", "2099-07-20 18:00", "America/Chicago"),
        ("2099-07-20 18:00 (MT)", "2099-07-20 18:00", "America/Denver"),
        ("2099-07-20 18:00, ET", "2099-07-20 18:00", "America/New_York"),
        ("2099-07-20 18:00 America/Puerto_Rico", "2099-07-20 18:00", "America/Puerto_Rico"),
        ("2099-07-20T18:00:00Z", "2099-07-20 18:00", "UTC"),
        ("2099-07-20T18:00:00.000Z", "2099-07-20 18:00", "UTC"),
        ("2099-07-20 18:00 UTC", "2099-07-20 18:00", "UTC"),
        # As far from UTC on that day.
        ("2099-07-20T18:00:00-05:00", "2099-07-20 18:00", "America/Chicago"),
        ("2099-01-20T18:00:00-05:00", "2099-01-20 18:00", "America/New_York"),
        ("2099-07-20 18:00-0400", "2099-07-20 18:00", "America/New_York"),
        ("2099-07-20 18:00 UTC-7", "2099-07-20 18:00", "America/Los_Angeles"),
    ],
)
def test_a_zone_behind_a_time_is_told_with_the_two_lines_to_write(typed: str, moment: str, zone: str) -> None:
    with pytest.raises(Refused) as refused:
        values.moment(typed)
    assert refused.value.hint == f"write {moment}, and on another line timezone: {zone}"
    assert values.zone(zone) == zone
    assert values.moment(moment) == Moment(day=date.fromisoformat(moment[:10]), at=datetime.fromisoformat(moment))


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("PST", "write America/Los_Angeles"),
        ("edt", "write America/New_York"),
        ("CT", "write America/Chicago"),
        ("Eastern", "write America/New_York"),
        ("US Pacific", "write America/Los_Angeles"),
        ("Mountain Daylight Time", "write America/Denver"),
        ("Central Time (US & Canada)", "write America/Chicago"),
        ("Arizona", "write America/Phoenix"),
        # Names of Windows.
        ("Eastern Standard Time", "write America/New_York"),
        ("US Mountain Standard Time", "write America/Phoenix"),
        ("W. Europe Standard Time", "write Europe/Berlin"),
        ("utc", "write UTC"),
        # A city.
        ("New York", "did you mean 'America/New_York'?"),
        ("Denver, CO", "did you mean 'America/Denver'?"),
        ("America/chicago", "did you mean 'America/Chicago'?"),
    ],
)
def test_what_people_call_a_zone_is_answered_with_its_name(typed: str, hint: str) -> None:
    with pytest.raises(Refused) as refused:
        values.zone(typed)
    assert (refused.value.message, refused.value.hint) == (f"'{typed}' is not a time zone", hint)


@pytest.mark.parametrize(
    "typed", ["America", "Factory", "right/UTC", "posix/UTC", "../UTC", "Zones", "America/", "/UTC"]
)
def test_what_only_looks_like_a_zone_is_none(typed: str) -> None:
    with pytest.raises(Refused):
        values.zone(typed)


@pytest.mark.parametrize(
    ("at", "is_skipped", "is_twice"),
    [
        ("2030-03-10 01:59", False, False),
        ("2030-03-10 02:00", True, False),
        ("2030-03-10 02:59", True, False),
        ("2030-03-10 03:00", False, False),
        ("2030-11-03 00:59", False, False),
        ("2030-11-03 01:00", False, True),
        ("2030-11-03 01:59", False, True),
        ("2030-11-03 02:00", False, False),
    ],
)
def test_the_two_odd_nights_of_a_year_are_known(at: str, is_skipped: bool, is_twice: bool) -> None:
    moment = datetime.fromisoformat(at)
    assert zones.is_skipped(moment, "America/Chicago") is is_skipped
    assert zones.is_twice(moment, "America/Chicago") is is_twice
    assert not zones.is_skipped(moment, "America/Phoenix")
    assert not zones.is_twice(moment, "America/Phoenix")
