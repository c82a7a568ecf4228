"""Dates in American English are written without Babel, as Babel has them from the Unicode consortium (CLDR)."""

from datetime import date, datetime, time, timedelta

import pytest
from babel import Locale, dates
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from newsletter.issue.dates import event, of_month, worded, zone_name
from newsletter.model import Item, Moment
from newsletter.read import days
from newsletter.read.languages import AMERICAN, plural, words_in
from newsletter.read.zones import ALL_YEAR, zone_info
from tests.room import Room

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0))

DAY = date(2024, 9, 3)
ITEM = Item(
    path="issues/2024-09/items/party.md",
    title="Party",
    headline="Party",
    chapters=(),
    months=("2024-09",),
    section="events",
    body="",
    body_line=1,
    lines={},
    digest="",
)


def plain(words: str) -> str:
    """Return words with blanks of one kind."""
    return words.replace("\u202f", " ").replace("\u2009", " ").replace("\u00a0", " ")


def hours(*minutes: int) -> list[Moment]:
    """Return moments of one day, by their minutes."""
    return [Moment(day=DAY, at=datetime.combine(DAY, time(*divmod(minute, 60)))) for minute in minutes]


@given(MOMENTS, st.sampled_from(sorted(AMERICAN)))
def test_days_and_times_are_those_of_the_consortium(at: datetime, language: str) -> None:
    locale = language.replace("-", "_")
    said = worded(Moment(day=at.date(), at=at), "UTC", language, f"{at.year}-01")
    clock = dates.format_time(at.time(), "short", locale=locale)
    assert plain(said) == plain(f"{dates.format_date(at, 'EEEE, MMMM d', locale=locale)}, {clock} UTC")
    assert worded(Moment(day=at.date()), "UTC", language, "2019-01") == dates.format_date(at, "full", locale=locale)
    for skeleton, is_short in (("yMMMM", False), ("yMMM", True)):
        assert of_month(at.date(), language, is_short=is_short) == dates.format_skeleton(skeleton, at, locale=locale)


@given(st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=2, unique=True).map(sorted))
def test_from_one_hour_to_another_says_the_half_of_the_day_once(minutes: list[int]) -> None:
    starts, ends = hours(*minutes)
    made = event(replace(ITEM, starts=starts, ends=ends), "UTC", "en", "2024-09")
    assert made and starts.at and ends.at
    clock = dates.format_interval(starts.at, ends.at, "hm", locale="en")
    assert plain(made.when) == plain(f"Tuesday, September 3, {clock} UTC")
    # A line ends nowhere in it but behind the dash.
    assert made.when.removeprefix("Tuesday, September 3, ").count(" ") == 1
    assert made.month == dates.format_skeleton("MMM", DAY, locale="en")


@pytest.mark.parametrize("place", sorted({*ALL_YEAR.values()} - {"America/St_Johns"}))
@pytest.mark.parametrize("month", [1, 7])
def test_zones_are_called_as_the_consortium_has_them(place: str, month: int) -> None:
    at = datetime(2024, month, 1, 18)
    known = dates.get_timezone_name(
        at.replace(tzinfo=zone_info(place)), width="short", zone_variant="generic", locale="en"
    )
    assert zone_name(at, place, "en") == known


def test_newfoundland_has_a_name_for_each_half_of_the_year() -> None:
    assert [zone_name(datetime(2024, month, 1), "America/St_Johns", "en") for month in (1, 7)] == ["NST", "NDT"]


def test_names_of_days_and_months_are_known_as_the_consortium_has_them() -> None:
    locale = Locale.parse("en_US")
    weekdays, months = days.names("en")
    for width in ("wide", "abbreviated"):
        assert {
            name.lower(): number for number, name in locale.days["format"][width].items()
        }.items() <= weekdays.items()
        assert {
            name.lower(): number for number, name in locale.months["format"][width].items()
        }.items() <= months.items()
    assert [days.weekday_name(number, "en") for number in range(7)] == [
        (date(2024, 9, 2) + timedelta(days=number)).strftime("%A") for number in range(7)
    ]


def test_other_english_is_written_as_its_country_does() -> None:
    at = datetime(2024, 9, 3, 18, 30)
    assert (
        plain(worded(Moment(day=at.date(), at=at), "UTC", "en-GB", "2024-09")) == "Tuesday, 3 September 2024, 18:30 UTC"
    )


def test_one_chapter_is_one_and_all_other_counts_are_many(room: Room) -> None:
    words = words_in(room.load().config, "en")
    assert [plural(words, "en", "chapters", count) for count in (0, 1, 2, 21)] == [
        *("0 chapters", "1 chapter", "2 chapters", "21 chapters")
    ]
