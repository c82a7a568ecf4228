"""Days and hours that words name: what is read, and that nothing trips the reader."""

from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.read.days import SaidDay, SaidHour, days, hours, weekdays

PIECES = st.sampled_from(
    [
        *(
            "Thursday",
            "Sun",
            "jueves",
            "星期四",
            "November",
            "noviembre",
            "11月",
            "26日",
            "27",
            "31",
            "0",
            "2026",
            "٢٧",
            "½",
        ),
        *(".", " ", ",", "(", ")", "–", "/", ":", "18:30", "6", "PM", "p.m.", "noon", "EST", "Uhr", "the", "de", "\n"),
        *("every", "24/7", "11/27", "27.11.", "2026-13-40", "99:99", "th"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(words=st.lists(PIECES, max_size=14).map("".join), language=st.sampled_from(["en", "es", "de", "zh", "ar", "ht"]))
def test_whatever_stands_there_what_is_read_lies_in_it(words: str, language: str) -> None:
    said: list[SaidDay | SaidHour] = [*days(words, language), *weekdays(words, language), *hours(words, language)]
    assert all(0 <= one.start < one.end <= len(words) for one in said)


@pytest.mark.parametrize(
    ("language", "words", "read"),
    [
        ("en", "6 PM", [(time(18), "")]),
        ("en", "6:30 p.m. ET", [(time(18, 30), "ET")]),
        ("en", "6–8 PM (Eastern Time)", [(time(18), "Eastern Time"), (time(20), "Eastern Time")]),
        ("en", "11-1pm", [(time(11), ""), (time(13), "")]),
        ("en", "10 a.m. to 2 p.m.", [(time(10), ""), (time(14), "")]),
        ("en", "noon, midnight", [(time(12), ""), (time(0), "")]),
        ("en", "18:00, 7:30", [(time(18), "")]),
        ("en", "$6 am, 25:00, 13 PM, John 3:16, 2:1", []),
        ("de", "18 Uhr, 18.30 Uhr, 7:30", [(time(18), ""), (time(18, 30), ""), (time(7, 30), "")]),
        ("fr", "18h30, 18 h", [(time(18, 30), ""), (time(18), "")]),
        ("es", "6 p. m.", [(time(18), "")]),
    ],
)
def test_hours_are_read_as_people_write_them(language: str, words: str, read: list[tuple[time, str]]) -> None:
    assert [(hour.at, hour.zone) for hour in hours(words, language)] == read


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Dec. 4–6, 2026", SaidDay(start=0, end=14, readings=((12, 4),), year=2026)),
        ("4-6 December", SaidDay(start=0, end=12, readings=((12, 4),))),
        ("10/12", SaidDay(start=0, end=5, readings=((10, 12), (12, 10)), is_named=False)),
        ("10/12/26", SaidDay(start=0, end=8, readings=((10, 12), (12, 10)), year=2026, is_named=False)),
        ("2026-12-04", SaidDay(start=0, end=10, readings=((12, 4),), year=2026)),
        ("March 3, 2000 people", SaidDay(start=0, end=13, readings=((3, 3),), year=2000, is_sure_of_year=False)),
        ("Fri–Sun, Dec 4", SaidDay(start=0, end=14, readings=((12, 4),), weekdays=(4, 6))),
        ("Friday the 4th", SaidDay(start=0, end=14, readings=((0, 4),), weekdays=(4,), is_named=False)),
    ],
)
def test_a_day_is_read_with_all_that_is_said_of_it(words: str, day: SaidDay) -> None:
    assert days(words, "en") == [day]


@pytest.mark.parametrize(
    "words", ["the 4th", "May be", "24/7", "1/2", "3.5", "12/4/2026/5", "Dec 4,000", "$12/4", "December 6 PM"]
)
def test_no_day_is_read_where_none_is_named(words: str) -> None:
    assert days(words, "en") == []
