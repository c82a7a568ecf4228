"""newsletter import of calendars: times as the calendar has them, what recurs within its month and no further."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import ContentError
from newsletter.gather.calendars import clippings
from newsletter.gather.clipping import Asked, Gathered
from newsletter.gather.sources import Source
from newsletter.read.config import read_config
from tests.conftest import Run
from tests.room import SAMPLE, Room

# As Outlook writes it.
EASTERN = """\
BEGIN:VTIMEZONE
TZID:{}
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar(*events: str, before: str = "") -> str:
    """Return a calendar of events, each given by its lines."""
    written = "".join(
        f"BEGIN:VEVENT\n{event}\n{'' if 'UID:' in event else f'UID:{at}@example.org'}\nEND:VEVENT\n".replace(
            "\n\n", "\n"
        )
        for at, event in enumerate(events)
    )
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//\n{before}{written}END:VCALENDAR\n"
    return text.replace("\n", "\r\n")


def read(text: str, month: str = "2031-05", *, is_stated: bool = True) -> Gathered:
    asked = Asked(config=read_config(SAMPLE), month=month, is_stated=is_stated)
    return clippings(Source(name="events.ics", kind="calendar", content=text.encode()), asked)


def times(text: str, month: str = "2031-05") -> list[tuple[str, str, str]]:
    """Return beginning, end and zone of each event."""
    return [
        (one.values["starts"], one.values.get("ends", ""), one.values.get("timezone", ""))
        for one in read(text, month).clippings
    ]


def test_an_event_is_a_draft_that_loads(room: Room, run: Run) -> None:
    event = (
        "SUMMARY:Town hall\\, with a name\n  that goes on\nDTSTART;TZID=America/Chicago:20310512T180000\n"
        "DTEND;TZID=America/Chicago:20310512T193000\nLOCATION:City Hall\\nRoom 2\nURL:https://example.org/t\n"
        "DESCRIPTION:Come.\\n\\nBring *a* friend."
    )
    room.file("events.ics", calendar(event))
    result = run("import", "events.ics", "-m", "2031-05", "--chapter", "LPMN")
    assert (result.exit_code, result.stdout) == (
        0,
        "issues/2031-05/items/town-hall-with-a-name-that-goes-on.md\n",
    )
    text = (room.root / "issues/2031-05/items/town-hall-with-a-name-that-goes-on.md").read_text("utf-8")
    assert text.startswith(
        "---\ntitle: Town hall, with a name that goes on\nchapters: [LPMN]\nmonth: 2031-05\nsection: events\n"
        "link: https://example.org/t\nstarts: 2031-05-12 18:00\nends: 2031-05-12 19:30\ntimezone: America/Chicago\n"
        'location: City Hall, Room 2\ndraft: true\nfrom: "events.ics#0@example.org"\n'
    )
    assert text.endswith("---\nCome.\n\nBring \\*a\\* friend.\n")
    assert room.load().faults == ()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("DTSTART;TZID=America/Chicago:20310512T180000", ("2031-05-12 18:00", "", "America/Chicago")),
        ("DTSTART;TZID=Eastern Standard Time:20310512T180000", ("2031-05-12 18:00", "", "America/New_York")),
        (
            'DTSTART;TZID="(UTC-05:00) Eastern Time (US & Canada)":20310512T180000',
            ("2031-05-12 18:00", "", "America/New_York"),
        ),
        (
            "DTSTART;TZID=/freeassociation.sourceforge.net/America/Denver:20310512T180000",
            ("2031-05-12 18:00", "", "America/Denver"),
        ),
        ("DTSTART:20310512T230000Z", ("2031-05-12 23:00", "", "UTC")),
        ("DTSTART:20310512T180000", ("2031-05-12 18:00", "", "")),
        ("DTSTART;VALUE=DATE:20310512\nDTEND;VALUE=DATE:20310513", ("2031-05-12", "", "")),
        ("DTSTART;VALUE=DATE:20310512\nDTEND;VALUE=DATE:20310515", ("2031-05-12", "2031-05-14", "")),
        ("DTSTART:20310512T180000\nDURATION:PT1H30M", ("2031-05-12 18:00", "2031-05-12 19:30", "")),
        ("DTSTART:20310512T180000\nDTEND:20310512T170000", ("2031-05-12 18:00", "", "")),
        (
            "DTSTART;TZID=America/Chicago:20310512T180000\nDTEND:20310513T010000Z",
            ("2031-05-12 18:00", "2031-05-12 20:00", "America/Chicago"),
        ),
    ],
)
def test_a_time_reads_as_in_the_calendar(lines: str, expected: tuple[str, str, str]) -> None:
    assert times(calendar(f"SUMMARY:x\n{lines}")) == [expected]


@pytest.mark.parametrize("name", ["Eastern Standard Time", "Customized Time Zone", "New York"])
def test_a_zone_that_outlook_made_up_is_known_by_its_hours(name: str) -> None:
    text = calendar(f"SUMMARY:x\nDTSTART;TZID={name}:20310512T180000", before=EASTERN.format(name))
    assert times(text) == [("2031-05-12 18:00", "", "America/New_York")]


def test_a_zone_that_nobody_knows_is_told() -> None:
    (clipping,) = read(calendar("SUMMARY:x\nDTSTART;TZID=Customized Time Zone:20310512T180000")).clippings
    assert clipping.values["starts"] == "2031-05-12 18:00"
    assert clipping.missing == ("the time zone 'Customized Time Zone' is not known, and was left out",)


def test_times_of_google_are_those_of_its_calendar() -> None:
    text = calendar(
        "SUMMARY:x\nDTSTART:20310512T230000Z\nDTEND:20310513T003000Z", before="X-WR-TIMEZONE:America/Chicago\n"
    )
    assert times(text) == [("2031-05-12 18:00", "2031-05-12 19:30", "America/Chicago")]


def test_what_recurs_is_taken_within_the_month_alone() -> None:
    zone = "TZID=America/Chicago"
    weekly = f"SUMMARY:x\nDTSTART;{zone}:20300107T180000\nRRULE:FREQ=WEEKLY\nEXDATE;{zone}:20310512T180000"
    moved = f"UID:0@example.org\nSUMMARY:x\nRECURRENCE-ID;{zone}:20310519T180000\nDTSTART;{zone}:20310520T190000"
    text = calendar(weekly, moved)
    assert [starts for starts, _, _ in times(text)] == ["2031-05-05 18:00", "2031-05-20 19:00", "2031-05-26 18:00"]
    assert read(text).clippings[0].made_from == "events.ics#0@example.org 2031-05-05"


def test_a_daily_event_does_not_flood_and_what_is_left_is_counted() -> None:
    found = read(calendar("SUMMARY:Stand-up\nDTSTART:20310101T150000\nRRULE:FREQ=DAILY"))
    assert [one.values["starts"][:10] for one in found.clippings] == [f"2031-05-0{day}" for day in range(1, 6)]
    assert found.remarks == (
        "events.ics: of what recurs, such as 'Stand-up', the first 5 times are taken, and 26 were left",
    )


def test_of_a_thousand_events_that_recur_a_hundred_are_drafts(room: Room, run: Run) -> None:
    room.file(
        "events.ics", calendar(*(f"SUMMARY:E{at}\nDTSTART:20310101T150000Z\nRRULE:FREQ=MONTHLY" for at in range(1000)))
    )
    result = run("import", "events.ics", "-m", "2031-05", "--chapter", "LPMN")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 100
    assert "events.ics: 900 more were left\n  hint: import it again once these are done\n" in result.stderr
    assert "all 100: no words\n" in result.stderr
    assert room.load().faults == ()
    again = run("import", "events.ics", "-m", "2031-05", "--chapter", "LPMN")
    assert len(again.stdout.splitlines()) == 100


def test_events_of_other_months_are_counted_by_month() -> None:
    events = [
        f"SUMMARY:x\nDTSTART:{day}T150000" for day in ("20310512", "20310612", "20310613", "20310801", "20200101")
    ]
    found = read(calendar(*events))
    assert len(found.clippings) == 1
    assert found.remarks == ("events.ics: 4 events were left, outside 2031-05: 2031-06 (2), 2031-08 (1)",)


def test_a_calendar_of_one_event_is_taken_whatever_its_month() -> None:
    assert times(calendar("SUMMARY:x\nDTSTART:20310812T180000")) == [("2031-08-12 18:00", "", "")]


def test_an_event_that_reaches_into_the_month_is_of_it() -> None:
    events = ["SUMMARY:x\nDTSTART;VALUE=DATE:20310429\nDTEND;VALUE=DATE:20310502", "SUMMARY:y\nDTSTART:20310601T000000"]
    assert times(calendar(*events)) == [("2031-04-29", "2031-05-01", "")]


def test_without_a_month_each_event_goes_to_its_own(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [f"SUMMARY:E{day}\nDTSTART:{day}T150000" for day in ("19990512", "21310512", "21310612")]
    room.file("events.ics", calendar(*events))
    result = run("import", "events.ics", "--chapter", "LPMN")
    assert result.stdout.split() == ["issues/2131-05/items/e21310512.md", "issues/2131-06/items/e21310612.md"]
    monkeypatch.setenv("NEWSLETTER_MONTH", "2131-06")
    assert "known already" not in run("import", "events.ics", "--chapter", "LPMN").stderr


def test_what_is_called_off_is_left_and_told() -> None:
    found = read(calendar("SUMMARY:x\nDTSTART:20310512T180000\nSTATUS:CANCELLED", "SUMMARY:y\nDTSTART:20310512T180000"))
    assert [one.values["title"] for one in found.clippings] == ["y"]
    assert found.remarks == ("events.ics: 1 event was called off, and left",)


def test_an_event_that_can_not_be_read_is_told_at_its_line_and_the_others_are_taken(room: Room, run: Run) -> None:
    events = [
        "SUMMARY:Good\nDTSTART:20310512T180000",
        "SUMMARY:Bad\nDTSTART:2031-13-45",
        "SUMMARY:Dayless\nDESCRIPTION:x",
    ]
    events += ["SUMMARY:Restless\nDTSTART:20310512T180000\nRRULE:FREQ=SECONDLY"]
    room.file("events.ics", calendar(*events))
    result = run("import", "events.ics", "-m", "2031-05", "--chapter", "LPMN")
    assert (result.exit_code, result.stdout) == (1, "issues/2031-05/items/good.md\n")
    for told in (
        "events.ics:9: 'Bad' can't be read\n  hint: look at its DTSTART, DTEND and RRULE\n",
        "events.ics:14: 'Dayless' says no day\n",
        "events.ics:19: 'Restless' recurs within a day, which is no event for a newsletter\n",
    ):
        assert told in result.stderr


@pytest.mark.parametrize(
    "lines",
    [
        "DTSTART:20310101T150000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "DTSTART:00010101T150000Z\nRRULE:FREQ=DAILY",
        "DTSTART:20310101T150000Z\nRRULE:FREQ=DAILY;COUNT=999999999",
        "DTSTART:20310101T150000Z\nDURATION:P99999999999D",
        "DTSTART:20310101T150000Z\nRRULE:FREQ=WEEKLY;UNTIL=tomorrow",
        "DTSTART:99991231T235959Z\nDTEND:99991231T235959Z",
        "DTSTART;TZID=../../etc/passwd:20310512T150000",
        "DTSTART:20310512T150000Z\nRDATE;VALUE=PERIOD:20310513T150000Z/PT1H",
        "DTSTART:20310512T150000Z\nURL:javascript:alert(1)\nLOCATION:%%nothing%%",
    ],
)
def test_odd_events_end_in_a_draft_or_in_words(room: Room, run: Run, lines: str) -> None:
    room.file("events.ics", calendar(f"SUMMARY:x\n{lines}", "SUMMARY:y\nDTSTART:20310512T180000"))
    assert run("import", "events.ics", "-m", "2031-05").exit_code in {0, 1}
    assert "y" in [item.title for item in room.load().items]
    assert room.load().faults == ()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("no calendar", "events.ics:1: is no calendar: it does not begin with BEGIN:VCALENDAR"),
        (calendar(), "events.ics: holds no event"),
        ("<!doctype html><title>Sign in</title>", "events.ics: is a web page, not what its name says"),
    ],
)
def test_what_is_no_calendar_is_told(room: Room, run: Run, content: str, told: str) -> None:
    room.file("events.ics", content)
    result = run("import", "events.ics", "-m", "2031-05")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(told)


def test_words_in_html_come_out_as_markdown() -> None:
    begun = "SUMMARY:x\nDTSTART:20310512T180000\nDESCRIPTION:"
    google = f'{begun}<b>Come</b> all<br><a href="https://example.org">Sign up</a>\\nsoon'
    page = "<html><body><p>One</p><p><i>Two</i></p></body></html>"
    outlook = f"{begun}z\nX-ALT-DESC;FMTTYPE=text/html:{page}"
    assert [one.words for one in read(calendar(google, outlook)).clippings] == [
        "**Come** all\\\n[Sign up](https://example.org)\\\nsoon",
        "One\n\n*Two*",
    ]


_LINES = st.sampled_from(
    [
        *(
            "BEGIN:VEVENT",
            "END:VEVENT",
            "BEGIN:VTIMEZONE",
            "END:VTIMEZONE",
            "BEGIN:VALARM",
            "END:VALARM",
            "UID:1",
            "UID:",
        ),
        *("DTSTART:20310512T180000Z", "DTSTART;VALUE=DATE:20310512", "DTSTART:x", "DTEND:20310511", "DURATION:-P1D"),
        *(
            "RRULE:FREQ=WEEKLY;COUNT=3",
            "RRULE:FREQ=",
            "RRULE:x",
            "RDATE:20310514",
            "EXDATE:20310512T180000Z",
            "SUMMARY:a",
        ),
        *(
            "RECURRENCE-ID:20310519T180000Z",
            "TZID:x",
            "SUMMARY;LANGUAGE=en:\\,\\;",
            " folded",
            "X-WR-TIMEZONE:Nowhere",
            ":",
            ";",
        ),
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_LINES | st.text(max_size=30), max_size=30))
def test_no_calendar_ends_in_a_traceback(lines: Sequence[str]) -> None:
    try:
        read("BEGIN:VCALENDAR\n" + "\n".join(lines) + "\nEND:VCALENDAR\n")
    except ContentError as error:
        assert all(fault.message for fault in error.faults)
