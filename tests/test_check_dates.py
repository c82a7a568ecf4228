"""Days and hours in words: held against the calendar, the season and the front matter, and left alone otherwise.

The issue is of November 2026: the 26th is a Thursday.
"""

import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from newsletter.check.registry import check, rules
from newsletter.check.subject import Subject
from newsletter.line import Builder
from newsletter.model import Finding
from tests.compiled import COMPILED
from tests.room import TOML, Room

ISSUE = "2026-11/state-LPMN"
ITEM = "issues/2026-11/items/story.md"
CHICAGO = TOML.replace('short_name = "EN"', 'short_name = "EN"\ntimezone = "America/Chicago"')
_FOLDER = tempfile.TemporaryDirectory(prefix="newsletter-dates-")


def subject_of(room: Room, issue_id: str = ISSUE, today: date | None = None) -> Subject:
    newsroom = room.load()
    assert not newsroom.faults, newsroom.faults
    builder = Builder(newsroom, Path(_FOLDER.name), cache=COMPILED)
    return builder.subject(builder.whole(issue_id), today)


def story(room: Room, body: str = "Words.\n", *, toml: str = CHICAGO, month: str = "2026-11", **front: Any) -> Subject:
    room.file("newsletter.toml", toml)
    room.item("story", body, folder=month, **{"month": month, "title": "A plan for trees", **front})
    return subject_of(room, f"{month}/state-LPMN")


def found(subject: Subject, slug: str) -> list[Finding]:
    findings = check(subject, {slug: rules()[slug].level}).findings
    assert not [one for one in findings if "itself failed" in one.message], findings
    return list(findings)


def told(room: Room, slug: str, sentences: Iterable[str], **front: Any) -> dict[str, str]:
    """Return those of the sentences, each a paragraph, at which the rule finds something, with its level."""
    lines = list(sentences)
    subject = story(room, "\n\n".join(lines) + "\n", **front)
    first = next(one.item.body_line for one in subject.issue.stories if one.item.stem == "story")
    return {lines[(one.place.line - first) // 2]: one.level.value for one in found(subject, slug)}


WRONG = {
    "en": [
        "Join us on Thursday 11/27 at the hall.",
        "Join us on Thursday, 11/27/2026.",
        "Join us on Thursday 11/27/26.",
        "Thu 11/27: the hall.",
        "(Thursday) November 27",
        "Thu., Nov. 27, at six.",
        "Thursday, Nov 27th",
        "Thursday, the 27th of November",
        "Thursday 27 November 2026",
        "Thursday evening, November 27",
        "Thursday – November 27",
        "Thursday: November 27",
        "Thursday 2026-11-27",
        "November 27 (Thursday)",
        "Nov. 27 (Thu.)",
        "November 27, Thursday.",
        "November 27, Thursday, at six",
        "November 27, Thursday, 6 p.m.",
        "November 27, a Thursday, is a holiday.",
        "THURSDAY, NOVEMBER 27",
        "thursday, november 27",
        "Thursday, November 27–28",
        "Saturday–Sunday, December 4–6",
        "Weds., December 3",
        "By Friday, November 31.",
    ],
    "es": [
        "El jueves 27 de noviembre",
        "El jueves, 27 de noviembre de 2026",
        "JUEVES 27 DE NOVIEMBRE",
        "El jueves 27/11",
        "El miercoles 26 de noviembre",
        "El sabado, día 6 de diciembre",
        "27 de noviembre (jueves)",
    ],
    "fr": [
        "Jeudi 27 novembre",
        "Le jeudi, 27 novembre 2026",
        "Jeudi 27/11",
        "Lundi 1er décembre",
        "Le 27 novembre (jeudi)",
    ],
    "de": ["Donnerstag, 27. November", "am Donnerstag, den 27.11.", "Donnerstag, 27.11.2026", "Sonnabend, 6. Dezember"],
    "pt-BR": ["Quinta-feira, 27 de novembro", "Quinta, 27 de novembro", "Quinta-feira (27/11)"],
    "ar": ["الخميس 27 نوفمبر"],
    "he": ["יום חמישי, 27 בנובמבר"],
    "zh": ["11月27日（星期四）", "11月27日星期四", "11月27日，周四", "星期四，11月27日"],
    "ht": ["Jedi 27 novanm", "Samdi, 6 desanm 2026"],
    "vi": ["Thứ Năm, ngày 27 tháng 11"],
    "en-GB": ["Thursday 27/11", "Thursday 27 November", "Thursday 27th November"],
}
RIGHT = {
    "en": [
        "Join us on Friday 11/27 at the hall.",
        "Fri., Nov. 27; Sat., Nov. 28.",
        "November 27 (Friday)",
        # Either reading: 12 October is a Monday, 10 December a Thursday.
        "Thursday 10/12 and Monday 10/12",
        # Not that weekday's date.
        "Wednesday, Nov 25, Thursday, Nov 26, Friday, Nov 27",
        "Nov 25, Wednesday, Nov 26, Thursday, Nov 27, Friday.",
        "Every Thursday, November 5 through 27",
        "Thursdays, November 27",
        "Each Monday November 27",
        # The first of several days.
        "Friday–Sunday, December 4–6",
        "Saturday and Sunday, November 28 and 29",
        "Thu-Fri 11/26-27",
        "Sat/Sun 11/28-29",
        # Other years.
        "On Sunday, March 7, 1965, marchers crossed the bridge.",
        "On Friday, March 3, 2000 people came.",
        "Thursday, November 27, 2025",
        "Thu Nov 27 18:00:00 CST 2025",
        "Thursday, November 27, 6:00 PM, 2025",
        # No dates.
        "Sunday 1/2 price; Monday 24/7; the Tuesday after 9/11.",
        "Thursday 6-8 pm, Friday 9-17, Sunday 3:16",
        "Monday 11/27ths",
        "(Baltimore Sun, March 5)",
        "He told the Sun, March 5 was too late.",
        "We sat May 3 there. On Thursday 5 may join.",
        "Black Friday (Nov. 27), Giving Tuesday, December 1",
        "Thursday 13/45",
        "On Friday 2 of 3 came. Monday 10,000 of us will march.",
        # The next April, and the one after it.
        "Save the date: Saturday, April 17. Good Friday, April 2, 2027.",
    ],
    "es": ["El viernes 27 de noviembre", "Los jueves 5 de noviembre", "El jueves 27 personas firmaron.", "mar. 1 dic."],
    "fr": ["Vendredi 27 novembre", "Chaque jeudi 5 novembre", "mar. 2 mars", "mar. 3 mars"],
    "de": ["Freitag, 27. November", "Freitag, den 27.11.", "jeden Donnerstag 27. November", "Do. 26. Nov."],
    "zh": ["11月27日（星期五）", "星期四"],
    "ja": ["11月26日（木）", "11月27日 金曜日"],
    "en-GB": ["Friday 27/11", "Thursday 10/12"],
}


@pytest.mark.parametrize("language", WRONG)
def test_a_wrong_weekday_is_told_in_every_spelling(room: Room, language: str) -> None:
    toml = CHICAGO.replace("[organization]", f'[organization]\nlanguage = "{language}"')
    sentences = WRONG[language]
    assert told(room, "wrong-weekday", sentences, toml=toml) == dict.fromkeys(sentences, "error")


@pytest.mark.parametrize("language", RIGHT)
def test_a_right_weekday_and_what_only_looks_like_a_date_are_left_alone(room: Room, language: str) -> None:
    toml = CHICAGO.replace("[organization]", f'[organization]\nlanguage = "{language}"')
    assert told(room, "wrong-weekday", RIGHT[language], toml=toml) == {}


def test_a_date_that_may_be_of_another_year_is_no_error(room: Room) -> None:
    sentences = ["On Tuesday, May 24, nineteen children died.", "Thursday the 27th", "Thursday, July 27, 2026"]
    assert told(room, "wrong-weekday", sentences) == {
        sentences[0]: "warning",
        sentences[1]: "warning",
        sentences[2]: "error",
    }


def test_a_day_without_a_month_is_of_the_items_own_month(room: Room) -> None:
    # Thursday the 31st is in December, not in November or October.
    sentences = ["Thursday the 31st", "Friday the 27th", "Thursday, 5th", "Saturday the 5th", "Sunday the 5th"]
    assert told(room, "wrong-weekday", sentences[:-1]) == {}
    room.item("story", month="2026-11")
    starts = {"starts": "2026-12-05 18:00", "section": "events"}
    assert told(room, "wrong-weekday", sentences, **starts) == {
        "Friday the 27th": "warning",
        "Thursday, 5th": "warning",
        "Sunday the 5th": "warning",
    }


# Words against the front matter.

EVENT = {"section": "events", "starts": "2026-12-05 18:00", "title": "Budget night"}


@pytest.mark.parametrize(
    ("front", "words"),
    [
        ({"title": "Budget night on December 6"}, "Words."),
        ({"title": "Budget night (Dec. 6)"}, "It is on December 5."),
        ({"title": "12/6, 6 PM: budget night"}, "Words."),
        ({"headline": "Budget night on Sunday, December 6"}, "Words."),
        ({}, "Doors open at 5:30 PM on December 6."),
        ({}, "We meet on December 6, 6–8 PM."),
        ({}, "6 PM on Sunday, December 6"),
        ({}, "Join us on December 6."),
        ({}, "Come to the hall on Sunday, December 6!"),
        # The day of another month.
        ({}, "The hall is open to all on November 5."),
        ({"starts": "2026-12-05", "ends": "2026-12-06"}, "Join us on December 7."),
        ({"starts": "2026-12-05"}, "Join us on 12/6/2026."),
    ],
)
def test_another_day_in_an_events_words_is_told(room: Room, front: dict[str, Any], words: str) -> None:
    messages = [one.message for one in found(story(room, words, **{**EVENT, **front}), "words-against-dates")]
    assert len(messages) == 1, messages
    assert messages[0].endswith("stands here, and 'starts' says 2026-12-05")


@pytest.mark.parametrize(
    ("front", "words", "wanted"),
    [
        ({}, "Join us on Friday at 6 PM.", 1),
        ({}, "Join us this Friday, 6–8 PM.", 1),
        ({"title": "Friday, 6 PM: budget night"}, "Words.", 1),
        ({}, "Join us on Saturday at 6 PM.", 0),
        ({}, "Join us on Saturday. The Friday after, at 6 PM, there is another one; Friday, 6 PM.", 0),
        ({}, "Every Friday at 6 PM we meet. Fridays at 6 PM, too.", 0),
        ({}, "RSVP by Friday at 6 PM. Registration closes Friday at 6 PM.", 0),
        ({}, "On Friday we cook.", 0),
        ({"starts": "2026-12-04 18:00", "ends": "2026-12-06"}, "Sunday at 6 PM we close.", 0),
    ],
)
def test_another_weekday_in_an_events_words_is_told(room: Room, front: dict[str, Any], words: str, wanted: int) -> None:
    assert len(found(story(room, words, **{**EVENT, **front}), "words-against-dates")) == wanted


@pytest.mark.parametrize(
    ("front", "words"),
    [
        ({"title": "Budget night on December 5"}, "On December 6 at 7 PM there is another one."),
        ({}, "Join us on Saturday, December 5. RSVP by December 1."),
        ({}, "RSVP by December 1 at 5 PM."),
        ({}, "Tickets are on sale until November 30, 8 PM."),
        ({}, "At our meeting of October 3 at 7 PM we began."),
        ({}, "On October 3 at 7 PM we met."),
        ({}, "The ordinance passed on November 3. It cuts 3/5 of the fees."),
        ({}, "Minutes of November 19 are on the table."),
        ({"starts": "2026-12-05 18:00", "ends": "2026-12-07"}, "Join us on December 6 at 7 PM."),
        ({"deadline": "2026-12-01"}, "Sign up, December 1 at the latest."),
        ({"title": "December 4–6: camp", "starts": "2026-12-04", "ends": "2026-12-06"}, "Join us on December 4–6."),
        # What the event is about.
        ({"title": "Phone bank for the December 12 vote"}, "Words."),
        ({"title": "Get ready for the council's December 12 hearing"}, "Words."),
        ({}, "Come prepare for the council meeting on December 12."),
        ({}, "Join us for the hearing on December 12 at 7 PM."),
        ({}, "Join us to prepare the December 12 hearing."),
        ({}, "Registration opens on December 1 at 9 AM."),
        ({}, "Tickets are sold from December 1, 9 AM."),
        # The year that lies nearest.
        ({"starts": "2027-01-09 18:00"}, "Join us on January 9."),
    ],
)
def test_other_days_that_events_speak_of_are_left_alone(room: Room, front: dict[str, Any], words: str) -> None:
    assert found(story(room, words, **{**EVENT, **front}), "words-against-dates") == []


@pytest.mark.parametrize(
    ("front", "words"),
    [
        ({}, "We begin at 7:30 PM sharp."),
        ({}, "It starts at 5 PM."),
        ({}, "Doors open at 7 PM."),
        ({}, "On December 5 at 7 PM we open the books."),
        ({}, "7 PM, December 5"),
        ({"title": "Budget night, 7 PM"}, "Words."),
        ({"title": "Budget night, noon"}, "Words."),
        # Morning and evening.
        ({"starts": "2026-12-05 06:00"}, "Join us at 6 PM."),
        # The same figures on other clocks.
        ({}, "Join the call at 6 PM ET."),
        ({}, "Join the call at 6 p.m. (Pacific Time)."),
        ({"starts": "2026-12-05 18:00", "ends": "2026-12-05 20:00"}, "The talk starts at 8:30 PM."),
    ],
)
def test_another_hour_in_an_events_words_is_told(room: Room, front: dict[str, Any], words: str) -> None:
    messages = [one.message for one in found(story(room, words, **{**EVENT, **front}), "words-against-dates")]
    assert len(messages) == 1, messages
    assert "stands here, and 'starts' says " in messages[0]


@pytest.mark.parametrize(
    ("front", "words"),
    [
        ({}, "Doors open at 5:30 PM."),
        ({}, "Doors at 5:30, we begin at 6 PM; the vote is at 8:30 PM."),
        ({}, "The talk begins at 6:30 PM."),
        ({}, "Dinner on December 5 at 5 PM, then the books."),
        ({}, "RSVP by 5 PM."),
        ({}, "Early voting begins at 8 AM. The office is open from 9 AM to 5 PM."),
        ({}, "Dinner at 7 PM, music from 8 PM."),
        ({}, "7 PM ET / 6 PM CT / 4 PM PT"),
        ({}, "Join the call at 4 PM PT."),
        ({}, "Join the call at 7 PM EST."),
        ({"ends": "2026-12-05 20:00"}, "On December 5 from 6 to 8 PM"),
        ({"ends": "2026-12-05 20:00"}, "The hall closes at 8 PM. We end at 8 PM."),
        ({"ends": "2026-12-08 20:00"}, "Mornings begin at 9 AM."),
        ({"starts": "2026-12-05"}, "We begin at 6 PM."),
        ({"title": "The 9 to 5 night"}, "Some work from 9 AM to 5 PM."),
        ({}, "John 3:16, and a 7:30 start"),
    ],
)
def test_other_hours_of_an_event_are_left_alone(room: Room, front: dict[str, Any], words: str) -> None:
    assert found(story(room, words, **{**EVENT, **front}), "words-against-dates") == []


@pytest.mark.parametrize(
    ("language", "words", "wanted"),
    [
        ("es", "El domingo 6 de diciembre a las 6 p. m.", 1),
        ("es", "El sábado 5 de diciembre a las 18:00.", 0),
        ("es", "El sábado 5 de diciembre a las 19:00.", 1),
        ("de", "Am 6. Dezember um 18 Uhr.", 1),
        ("de", "Am 5. Dezember um 18 Uhr. Anmeldung bis zum 1. Dezember, 12 Uhr.", 0),
        ("fr", "Le 6 décembre à 18h30.", 2),
        ("fr", "Le 5 décembre à 18h.", 0),
    ],
)
def test_words_of_other_languages_are_held_against_an_event(room: Room, language: str, words: str, wanted: int) -> None:
    toml = CHICAGO.replace("[organization]", f'[organization]\nlanguage = "{language}"')
    subject = story(room, words, toml=toml, **EVENT)
    assert len(found(subject, "words-against-dates")) == min(wanted, 1)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Apply by December 16.", 1),
        ("Applications are due on Wednesday, December 16.", 1),
        ("The deadline is December 16.", 1),
        ("Apply by December 15.", 0),
        ("Apply before December 16.", 0),
        ("Early birds apply by December 1, all others by December 15.", 0),
        ("By November 3, 40 groups had applied. By October 1 there were ten.", 1),
        ("By October 1 ten groups had applied.", 0),
        ("It begins on January 5.", 0),
    ],
)
def test_another_deadline_in_the_words_is_told(room: Room, words: str, wanted: int) -> None:
    subject = story(room, words, section="action", deadline="2026-12-15")
    assert len(found(subject, "words-against-dates")) == wanted


# Zones.


@pytest.mark.parametrize(
    ("month", "words", "hint"),
    [
        ("2026-07", "Call at 6 PM EST.", "write ET, which is right all year"),
        ("2026-07", "Call at 6–7 p.m. (CST).", "write CT, which is right all year"),
        ("2026-07", "Call at 6 PST.", "write PT, which is right all year"),
        ("2026-07", "Call at noon MST.", "write MT, which is right all year"),
        ("2026-07", "All times in EST.", "write ET, which is right all year"),
        ("2026-07", "Call at 6 PM Eastern Standard Time.", "write ET, which is right all year"),
        ("2026-12", "Call at 6 PM CDT.", "write CT, which is right all year"),
        ("2026-12", "Call at 6 PM Pacific Daylight Time.", "write PT, which is right all year"),
        ("2026-07", "Call at 6 PM AKST.", "write AKT, which is right all year"),
        # The day that the words name.
        ("2026-10", "Call on November 10, 6 PM EDT.", "write ET, which is right all year"),
        ("2026-10", "Call on October 20, 6 PM EST.", "write ET, which is right all year"),
    ],
)
def test_the_other_half_of_the_years_zone_is_told(room: Room, month: str, words: str, hint: str) -> None:
    assert [one.hint for one in found(story(room, words, month=month), "off-season-zone")] == [hint]


@pytest.mark.parametrize(
    ("month", "words"),
    [
        ("2026-07", "Call at 6 PM EDT, 5 PM CDT, 3 PM PDT."),
        ("2026-12", "Call at 6 PM EST."),
        ("2026-07", "Call at 6 PM ET, 6 PM Eastern, 6 PM Eastern Time."),
        # Clocks change within the month, or before the next one ends: nobody knows which day is meant.
        ("2026-10", "Call at 6 PM EST. Another one is at 6 PM EDT."),
        ("2026-03", "Call at 6 PM EDT."),
        ("2026-07", "In Arizona, call at 6 PM MST. In San Juan, call at 6 PM AST."),
        ("2026-07", "Est. 1990. The EST group met. PST!"),
        ("2026-07", "Our ESTs are 5."),
    ],
)
def test_a_zone_that_may_be_right_is_left_alone(room: Room, month: str, words: str) -> None:
    assert [one.message for one in found(story(room, words, month=month), "off-season-zone")] == []


def test_the_zone_of_a_chapter_without_summer_time_is_no_slip(room: Room) -> None:
    toml = CHICAGO.replace('accent = "#8A2B5B"', 'accent = "#8A2B5B"\ntimezone = "America/Phoenix"')
    assert found(story(room, "Call at 6 PM MST.", toml=toml, month="2026-07"), "off-season-zone") == []


@pytest.mark.parametrize(
    ("front", "hint"),
    [
        ({"timezone": "EST", "starts": "2026-07-20 18:00"}, "write America/New_York, which holds all year"),
        ({"timezone": "EST", "deadline": "2026-07-20 18:00"}, "write America/New_York, which holds all year"),
        (
            {"timezone": "MST", "starts": "2026-07-20 18:00"},
            "write America/Denver, which holds all year; Arizona is America/Phoenix",
        ),
        ({"timezone": "EST", "starts": "2026-12-20 18:00"}, ""),
        ({"timezone": "EST", "starts": "2026-07-20"}, ""),
        ({"timezone": "HST", "starts": "2026-07-20 18:00"}, ""),
        ({"timezone": "EST5EDT", "starts": "2026-07-20 18:00"}, ""),
    ],
)
def test_a_zone_key_of_the_other_season_is_told(room: Room, front: dict[str, Any], hint: str) -> None:
    findings = found(story(room, month="2026-07", section="events", **front), "off-season-zone")
    assert [one.hint for one in findings] == [hint] * bool(hint)
    if hint:
        wanted = hint.removeprefix("write ").partition(",")[0]
        assert (
            found(story(room, month="2026-07", section="events", **{**front, "timezone": wanted}), "off-season-zone")
            == []
        )


WEST = CHICAGO.replace('accent = "#1D5C63"', 'accent = "#1D5C63"\ntimezone = "America/Los_Angeles"')
ALL_WEST = WEST.replace('accent = "#8A2B5B"', 'accent = "#8A2B5B"\ntimezone = "America/Vancouver"')


@pytest.mark.parametrize(
    ("toml", "front", "level"),
    [
        (WEST, {"chapters": ["LPMN", "LPNY"], "starts": "2026-12-05 18:00"}, "advice"),
        (WEST, {"chapters": ["LPMN", "LPNY"], "deadline": "2026-12-05 18:00"}, "advice"),
        (
            ALL_WEST.replace("Vancouver", "Los_Angeles"),
            {"chapters": ["LPMN", "LPNY"], "starts": "2026-12-05 18:00"},
            "warning",
        ),
        # One moment, whoever reads it.
        (WEST, {"chapters": ["LPMN"], "starts": "2026-12-05 18:00"}, ""),
        (WEST, {"chapters": ["LPMN", "network"], "starts": "2026-12-05 18:00"}, ""),
        (WEST, {"chapters": ["LPMN", "LPNY"], "starts": "2026-12-05"}, ""),
        (WEST, {"chapters": ["LPMN", "LPNY"], "starts": "2026-12-05 18:00", "timezone": "America/Chicago"}, ""),
        (CHICAGO, {"chapters": ["LPMN", "LPNY"], "starts": "2026-12-05 18:00"}, ""),
    ],
)
def test_an_hour_for_chapters_of_two_zones_is_told(room: Room, toml: str, front: dict[str, Any], level: str) -> None:
    findings = found(story(room, toml=toml, section="events", **front), "unclear-zone")
    assert [one.level.value for one in findings] == [level] * bool(level)


def test_a_zone_that_moves_no_time_is_told(room: Room) -> None:
    room.front_page(ISSUE, "Hello.\n", timezone="America/New_York")
    toml = CHICAGO.replace("[publications.state]\n", '[publications.state]\ntimezone = "America/New_York"\n')
    places = [str(one.place) for one in found(story(room, toml=toml), "idle-timezone")]
    assert places == [
        "issues/2026-11/state-LPMN.md:2",
        f"newsletter.toml:{1 + toml[: toml.index('[publications.state]')].count(chr(10)) + 1}",
    ]
    (room.root / f"issues/{ISSUE}.md").unlink()
    assert found(story(room), "idle-timezone") == []


@pytest.mark.parametrize(
    ("front", "level"),
    [
        ({"starts": "2026-03-08 02:30"}, "error"),
        ({"starts": "2026-03-07 22:00", "ends": "2026-03-08 02:00"}, "error"),
        ({"deadline": "2026-03-08 02:59"}, "error"),
        ({"starts": "2026-11-01 01:30"}, "warning"),
        ({"starts": "2026-03-08 02:30", "timezone": "America/Phoenix"}, ""),
        ({"starts": "2026-03-08 03:00"}, ""),
        ({"starts": "2026-11-01 02:00"}, ""),
    ],
)
def test_an_hour_that_never_comes_is_told_and_one_that_comes_twice(
    room: Room, front: dict[str, Any], level: str
) -> None:
    findings = found(story(room, section="events", **front), "no-such-time")
    assert [one.level.value for one in findings] == [level] * bool(level)


def test_an_end_with_a_time_wants_a_beginning_with_one(room: Room) -> None:
    days = {"section": "events", "starts": "2026-12-05"}
    assert len(found(story(room, ends="2026-12-06 16:00", **days), "start-without-time")) == 1
    assert found(story(room, ends="2026-12-06", **days), "start-without-time") == []
    assert found(story(room, **{**days, "starts": "2026-12-05 18:00"}, ends="2026-12-06"), "start-without-time") == []


# What is over: to do what the hint says makes the finding go.


@pytest.mark.parametrize(
    ("slug", "front"),
    [
        ("until-has-passed", {"until": "2026-11-19"}),
        ("event-is-over", {"starts": "2026-11-19", "section": "events"}),
        ("event-is-over", {"starts": "2026-10-30", "section": "events"}),
        ("event-is-over", {"starts": "2026-10-30", "ends": "2026-11-19", "section": "events"}),
        ("deadline-is-gone", {"deadline": "2026-11-19"}),
        ("deadline-is-gone", {"deadline": "2026-10-19"}),
    ],
)
def test_what_its_hint_says_makes_a_finding_go(room: Room, slug: str, front: dict[str, str]) -> None:
    today = date(2026, 11, 20)
    room.item("other", folder="2026-11", month="2026-11")
    story(room, **front)
    (finding,) = found(subject_of(room, today=today), slug)
    key, _, value = finding.hint.partition("write ")[2].partition(" to leave it out")[0].partition(": ")
    mended: dict[str, Any] = {**front, key: True if value == "true" else value}
    story(room, **mended)
    subject = subject_of(room, today=today)
    assert [one.item.stem for one in subject.issue.stories] == ["other"]
    assert found(subject, slug) == []


@pytest.mark.parametrize(
    ("until", "day", "wanted"), [("2026-11-19", 19, 0), ("2026-11-19", 20, 1), ("2026-12-01", 20, 0)]
)
def test_an_until_has_passed_on_the_day_after_it(room: Room, until: str, day: int, wanted: int) -> None:
    story(room, until=until)
    assert len(found(subject_of(room, today=date(2026, 11, day)), "until-has-passed")) == wanted
    # An issue of the past came out in time.
    assert found(subject_of(room, today=date(2026, 12, 3)), "until-has-passed") == []
    assert found(subject_of(room), "until-has-passed") == []


@pytest.mark.parametrize(
    ("month", "front", "words", "wanted"),
    [
        ("2027-01", {"subject": "What we won in 2026"}, "Words.", 0),
        ("2027-01", {"subject": "The Download | December 2026"}, "Words.", 1),
        ("2027-01", {"subject": "What we won in 2025"}, "Words.", 1),
        ("2026-11", {"subject": "What we won in 2025"}, "Words.", 1),
        ("2026-11", {}, "By March 15, 2020, all schools had closed. It ran until June 1, 2021.", 0),
        ("2026-11", {}, "Apply online by March 15, 2025.", 1),
        ("2026-11", {}, "The deadline is March 15, 2025.", 1),
        ("2026-11", {}, "Photo © 2019 the town archive.", 0),
    ],
)
def test_a_year_that_has_gone_by_is_told_where_it_is_stale(
    room: Room, month: str, front: dict[str, str], words: str, wanted: int
) -> None:
    if front:
        room.front_page(f"{month}/state-LPMN", "Hello.\n", **front)
    assert len(found(story(room, words, month=month), "stale-year")) == wanted
