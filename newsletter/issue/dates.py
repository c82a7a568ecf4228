"""Item -> Event: when it is, in words, for a calendar, and in which order. Pure: no disk, no clock."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from newsletter.issue.calendar import google_url, outlook_url, span_of, utc
from newsletter.model import Config, Event, Item, Moment
from newsletter.read.languages import AMERICAN, Dates, dates_in
from newsletter.read.zones import ALL_YEAR, SEASONS, zone_info

# Where clocks have names that languages translate.
_PLACES = {**SEASONS, "CET": "Europe/Berlin", "CEST": "Europe/Berlin"}
# What English calls the clocks of a place all year, as CLDR has it, which has nothing for Newfoundland.
_IN_ENGLISH = {place: name for name, place in ALL_YEAR.items() if name != "NT"}


def zone_of(item: Item, config: Config) -> str:
    """Return the zone of an item's times: its own, else its only chapter's, else the organization's.

    It does not depend on the issue: who gets two of them must read the same hour in both.
    """
    chapters = [config.chapters[tag] for tag in item.chapters if tag in config.chapters]
    of_chapter = chapters[0].own.get("timezone") if len(chapters) == 1 else None
    return item.timezone or str(of_chapter or config.own.get("timezone", "UTC"))


def of_day(day: date, language: str) -> str:
    """Return a day of any year in words: `September 12, 2024`."""
    own = dates_in(language)
    if own and language in AMERICAN:
        return f"{own.months[day.month - 1]} {day.day}, {day.year}"
    from babel.dates import format_date

    return _ascii_blanks(format_date(day, "long", locale=_locale(language)))


def place_in_time(item: Item, zone: str) -> tuple[date, bool, datetime]:
    """Return what sorts items by their date: what has none comes first, a whole day before its hours."""
    starts = item.starts
    if not starts:
        return (date.min, False, datetime.min)
    if not starts.at:
        return (starts.day, False, datetime.min)
    # By the day as it is printed, and within it by the moment: 9 PM in New York is before 7 PM in Los Angeles.
    return (starts.day, True, utc(starts.at, zone))


def event(item: Item, zone: str, language: str, month: str, file: str = "") -> Event | None:
    """Return the item's dates as an issue of that month says them; None for what is no event.

    `file` is the address of the issue's calendar file, if it has one.
    """
    if not item.starts:
        return None
    span = span_of(item, zone)
    return Event(
        month=_short_month(item.starts.day, language),
        day=str(item.starts.day.day),
        when=_span(item.starts, item.ends, zone, language, month),
        location=item.location,
        rsvp=item.rsvp,
        calendar_url=google_url(item, span),
        outlook_url=outlook_url(item, span),
        file_url=file,
    )


def worded(moment: Moment, zone: str, language: str, month: str) -> str:
    """Return the words for a day, with its time and zone if it has one, and its year if it is not the issue's."""
    day = _day(moment.day, language, month)
    return _day_and_time(day, _clock(moment.at, zone, language), language) if moment.at else day


def of_month(day: date, language: str, *, is_short: bool) -> str:
    """Return month and year as a language writes them."""
    if own := dates_in(language):
        return (own.short_month if is_short else own.month).format(**_parts(day, own))
    return _of_skeleton(day, "yMMM" if is_short else "yMMMM", language)


def zone_name(at: datetime, zone: str, language: str) -> str:
    """Return the zone as people say it on that day: `CT` in Chicago, `MST` in Phoenix, `UTC−3` in São Paulo.

    `MT` means the clocks of Denver: it stands only where they are the same all year, in January and in July.
    """
    local = at.replace(tzinfo=zone_info(zone))
    followed = _followed(zone, at.year)
    # In the autumn in which British Columbia left its clocks alone (2026), they were those of Los Angeles until then.
    if followed and (general := at.replace(tzinfo=zone_info(followed))).utcoffset() == local.utcoffset():
        name = _name_for_all_year(general, followed, language)
        if _is_short(name):
            return name
    abbreviation = local.tzname() or ""
    if place := _PLACES.get(abbreviation):
        # Elsewhere the same letters mean another hour than readers know them for: CST in Shanghai, PST in Manila.
        if known := _with_name(place, abbreviation, local):
            return _translated(abbreviation, known, language)
    elif _is_short(abbreviation):
        return abbreviation
    offset = local.utcoffset() or timedelta()
    minutes = abs(offset) // timedelta(minutes=1)
    # A line may end behind a hyphen, not behind a minus.
    sign = "\u2212" if offset < timedelta() else "+"
    return f"UTC{sign}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")


def _span(starts: Moment, ends: Moment | None, zone: str, language: str, month: str) -> str:
    """Return the words for a stretch of time: `Thursday, October 10, 6:00 – 7:30 PM CT`."""
    if not ends or ends == starts or (ends.day == starts.day and not ends.at):
        return worded(starts, zone, language, month)
    if ends.day != starts.day:
        return f"{worded(starts, zone, language, month)} – {worded(ends, zone, language, month)}"
    assert ends.at
    day = _day(starts.day, language, month)
    if not starts.at:
        return f"{day} – {_clock(ends.at, zone, language)}"
    if own := dates_in(language):
        first, last = _time(starts.at, own), _time(ends.at, own)
        if language in AMERICAN and (starts.at.hour < 12) == (ends.at.hour < 12):
            # `6:00 – 7:30 PM`
            first = first.partition("\u00a0")[0]
        times = f"{own.times.format_map({'from': first, 'to': last})} {zone_name(starts.at, zone, language)}"
        return _day_and_time(day, _unbroken(times) if language in AMERICAN else times, language)
    from babel.dates import format_interval

    clock = format_interval(starts.at, ends.at, "hm" if language.startswith("en") else "Hm", locale=_locale(language))
    return f"{day}, {_unbroken(f'{clock} {zone_name(starts.at, zone, language)}')}"


def _day(day: date, language: str, month: str) -> str:
    if own := dates_in(language):
        pattern = own.day if day.year == int(month[:4]) else own.day_with_year
        return pattern.format(**_parts(day, own))
    from babel.dates import format_date

    # CLDR has no pattern with the weekday and without the year.
    return _ascii_blanks(format_date(day, "full", locale=_locale(language)))


def _short_month(day: date, language: str) -> str:
    own = dates_in(language)
    return own.short_months[day.month - 1] if own else _of_skeleton(day, "MMM", language)


def _day_and_time(day: str, time_of_day: str, language: str) -> str:
    own = dates_in(language)
    return own.day_and_time.format(day=day, time=time_of_day) if own else f"{day}, {time_of_day}"


def _parts(day: date, own: Dates) -> dict[str, str]:
    return {
        "weekday": own.weekdays[day.weekday()],
        "day": own.first_day if day.day == 1 else str(day.day),
        "month": own.months[day.month - 1],
        "short_month": own.short_months[day.month - 1],
        "year": str(day.year),
    }


def _time(at: datetime, own: Dates) -> str:
    pattern = own.time if at.minute else own.full_hour
    return _unbroken(
        pattern.format(
            hour=at.hour,
            hour12=at.hour % 12 or 12,
            minute=f"{at.minute:02}",
            half=own.morning if at.hour < 12 else own.afternoon,
        )
    )


@lru_cache(256)
def _of_skeleton(day: date, skeleton: str, language: str) -> str:
    from babel.dates import format_skeleton

    return _ascii_blanks(format_skeleton(skeleton, day, locale=_locale(language)))


def _clock(at: datetime, zone: str, language: str) -> str:
    if own := dates_in(language):
        return f"{_time(at, own)}\u00a0{zone_name(at, zone, language)}"
    from babel.dates import format_time

    clock = format_time(at.time(), "short", locale=_locale(language))
    return _unbroken(f"{clock} {zone_name(at, zone, language)}")


def _name_for_all_year(at: datetime, place: str, language: str) -> str:
    """Return what a language calls the clocks of a place, in summer and in winter."""
    locale = _zone_locale(language)
    if locale in {"en", "en_US"} and (name := _IN_ENGLISH.get(place)):
        return name
    from babel.dates import get_timezone_name

    return get_timezone_name(at, width="short", zone_variant="generic", locale=locale)


@lru_cache(64)
def _followed(zone: str, year: int) -> str:
    """Return the place with a name for all year (`CT`) whose clocks the zone goes by in that year; "" if there is none.

    It is the same hour with the same summer time: Indianapolis has that of New York, Phoenix not that of Denver.
    """
    hours = _half_years(zone, year)
    return next((name for name in ALL_YEAR.values() if _half_years(name, year) == hours), "")


def _half_years(zone: str, year: int) -> list[tuple[str | None, timedelta | None]]:
    info = zone_info(zone)
    days = (datetime(year, month, 1, tzinfo=info) for month in (1, 7))
    return [(day.tzname(), day.utcoffset()) for day in days]


def _with_name(place: str, abbreviation: str, local: datetime) -> datetime | None:
    """Return a day of that year on which clocks in a place have that name and the same hour; None if they never do."""
    info = zone_info(place)
    days = (datetime(local.year, month, 1, tzinfo=info) for month in (1, 7))
    return next((day for day in days if (day.tzname(), day.utcoffset()) == (abbreviation, local.utcoffset())), None)


def _translated(abbreviation: str, day: datetime, language: str) -> str:
    """Return what a language calls the clocks of that day: French has `HNR` for `MST`."""
    if language.startswith("en"):
        return abbreviation
    from babel.dates import get_timezone_name

    name = get_timezone_name(day, width="short", locale=_zone_locale(language))
    return name if _is_short(name) else abbreviation


def _is_short(name: str) -> bool:
    return name.isalpha() and len(name) <= 4


def _zone_locale(language: str) -> str:
    # Babel has France's words for Haitian Creole, whose readers in North America know the English letters.
    return "en" if language.startswith("ht") else _locale(language)


def _locale(language: str) -> str:
    return language.replace("-", "_")


def _unbroken(words: str) -> str:
    """Return a time whose parts stay together: 6:30 with its PM and its zone. A line may end behind the dash."""
    # A no-break blank behind a dash would not hold it, and would indent the next line (Unicode line breaking, LB12a).
    return re.sub("(?<!–) ", "\u00a0", _ascii_blanks(words))


def _ascii_blanks(words: str) -> str:
    # CLDR sets narrow and thin blanks between a time and AM/PM; some mail programs show them as boxes.
    return words.replace("\u202f", " ").replace("\u2009", " ")
