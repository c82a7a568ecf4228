"""A day or a month as people write it -> what it may be in digits. Asked only to answer what can't be taken."""

import calendar
import re
import unicodedata
from datetime import date, datetime, time
from functools import lru_cache

from msgspec import Struct

from newsletter.read import zones
from newsletter.read.days import names as names_of
from newsletter.read.days import time_of_day

# Nobody writes a date in more signs.
_LONGEST = 80
_HALF = r"(?:(?P<half{0}>[ap])\.?[ ]?m\b\.?)"
# All that is read here is in small letters by then.
_ZONE = (
    rf"(?:[ ]?\(?(?P<zone>(?i:{zones.LETTERS})\b|(?:u\.?s\.? )?(?i:{zones.WORDS})\b"
    r"|(?:utc|gmt)?[+-]\d\d?(?::?\d\d)?\b|(?:utc|gmt|z)\b))?"
)
# 18:00, 18:00:00, 6pm, 6.30 p.m., 18h30, 18 Uhr, noon.
_CLOCK = re.compile(
    r"(?:^|(?<=[ t(@,]))(?:(?P<first>\d\d?(?::\d\d)?)[ ]?(?P<halfbefore>[ap]\.?m\.?)?[ ]?"
    # `18:00-05:00` is no night.
    r"(?:-(?!0\d:?\d\d)|–|—|to|until)[ ]?)?"
    rf"(?:(?P<hour>\d\d?):(?P<minute>\d\d)(?::\d\d(?:\.\d+)?)?[ ]?{_HALF.format('a')}?"
    rf"|(?P<hour2>\d\d?)(?:[.h](?P<minute2>\d\d))?[ ]?{_HALF.format('b')}"
    r"|(?P<hour3>\d\d?)(?:[.:](?P<minute3>\d\d))?[ ]?(?:uhr|h)(?P<minute4>\d\d)?\b|(?P<noon>noon)\b)" + _ZONE
)
_FILL = re.compile(r"(?:\b(?:at|on|the|of|from|um|am|de|del|le|el|a las|à)\b|[,()|@·]|(?<=\d)(?:st|nd|rd|th)\b)")


class Reading(Struct, frozen=True, kw_only=True):
    """What somebody may have meant: the days, a time of day (`18:00`), when that ends, and its zone, "" without."""

    days: tuple[date, ...] = ()
    clock: str = ""
    ends: str = ""
    zone: str = ""


def read_date(typed: str, near: str, language: str = "en") -> Reading:
    """Return what a date and time may mean, with no days if nothing sensible; `near` is a month close to it.

    `10/12/2026` may be two days, the American one first. A year that is left out is the one nearest to `near`.
    """
    words = re.sub(r"^(\d{4}-\d\d?-\d\d?) (\d\d?)\.(\d\d)$", r"\1 \2:\3", _plain(typed))
    if len(words) > _LONGEST:
        return Reading()
    clock = ends = zone = ""
    if match := _CLOCK.search(words):
        clock, ends = _clocks(match)
        if not clock:
            return Reading()
        zone = match["zone"] or ""
        words = f"{words[: match.start()].removesuffix('t')} {words[match.end() :]}"
    names, weekdays = _names(language)
    words = _FILL.sub(" ", words)
    words = " ".join(word for word in re.split(r"[ ]+", words) if word.rstrip(".") not in weekdays).strip()
    meant = tuple(dict.fromkeys(_days(words, names, near)))
    if zone and meant:
        zone = zones.behind_a_time(zone, datetime.combine(meant[0], time.fromisoformat(clock))) or zone.upper()
    return Reading(days=meant, clock=clock, ends=ends, zone=zone)


def read_month(typed: str, near: str, language: str = "en") -> tuple[str, ...]:
    """Return the months as `2024-09` that somebody may have meant; `near` is a month close to it."""
    names, _ = _names(language)
    words = _FILL.sub(" ", _plain(typed)).strip()
    if match := re.fullmatch(r"(?P<y>\d{4})[-/. ](?P<m>\d\d?)(?:[-/.]\d\d?)?|(?P<m2>\d\d?)[-/. ](?P<y2>\d{4})", words):
        number, year = int(match["m"] or match["m2"]), match["y"] or match["y2"]
        return (f"{year}-{number:02}",) if 1 <= number <= 12 else ()
    match = re.fullmatch(r"([^\W\d_]+)\.?[ ]*(\d{4})?|(\d{4})[ ]*([^\W\d_]+)\.?", words)
    number = names.get(match[1] or match[4], 0) if match else 0
    if not match or not number:
        return ()
    if not near and not (match[2] or match[3]):
        return ()
    year = match[2] or match[3] or str(_nearest(number, 1, near).year)
    return (f"{year}-{number:02}",)


def _plain(typed: str) -> str:
    words = unicodedata.normalize("NFKC", typed).casefold()
    return re.sub(r"\s+", " ", words).strip()


def _clocks(match: re.Match[str]) -> tuple[str, str]:
    """Return when it begins and when it ends ("" without), as `18:00`."""
    if match["noon"]:
        return "12:00", ""
    hour = int(match["hour"] or match["hour2"] or match["hour3"])
    minute = int(match["minute"] or match["minute2"] or match["minute3"] or match["minute4"] or 0)
    half = match["halfa"] or match["halfb"] or ""
    clock = _clock(hour, minute, half)
    if not match["first"]:
        return clock, ""
    first, _, minutes = match["first"].partition(":")
    begins_half = (match["halfbefore"] or "")[:1]
    if not begins_half and half:
        # 11 - 1 pm begins in the morning, 6 - 7 pm does not.
        begins_half = "a" if half == "p" and int(first) % 12 > hour % 12 else half
    return _clock(int(first), int(minutes or 0), begins_half), clock


def _clock(hour: int, minute: int, half: str) -> str:
    at = time_of_day(hour, minute, half)
    return f"{at:%H:%M}" if at else ""


def _days(words: str, names: dict[str, int], near: str) -> list[date]:
    name = r"(?P<name>[^\W\d_]+)\.?"
    year = r"(?:[ ,/.-]+(?P<year>\d{4}|'?\d\d))?"
    for pattern in (
        rf"{name}[ ]*(?P<day>\d\d?){year}",
        rf"(?P<day>\d\d?)[ .-]*{name}{year}",
        rf"(?P<year>\d{{4}})[ ]*{name}[ ]*(?P<day>\d\d?)",
    ):
        if (match := re.fullmatch(pattern, words)) and (number := names.get(match["name"], 0)):
            return _valid([(number, int(match["day"]))], match["year"], near)
    if match := re.fullmatch(r"(\d{4})[-/. ]?(\d\d?)[-/. ]?(\d\d?)", words):
        return _valid([(int(match[2]), int(match[3]))], match[1], near)
    if match := re.fullmatch(r"(\d\d?)([-/.])(\d\d?)(?:\2'?(\d{4}|\d\d)?)?", words):
        first, second = int(match[1]), int(match[3])
        # 12.10. is written with dots where the day comes first.
        pairs = [(second, first)] if match[2] == "." else [(first, second), (second, first)]
        return _valid(pairs, match[4], near)
    return []


def _valid(pairs: list[tuple[int, int]], typed_year: str | None, near: str) -> list[date]:
    days = []
    for month, day in pairs:
        if not 1 <= month <= 12 or not 1 <= day <= 31:
            continue
        try:
            if typed_year:
                digits = typed_year.lstrip("'")
                days.append(date(int(digits if len(digits) == 4 else f"20{digits}"), month, day))
            else:
                days.append(_nearest(month, day, near))
        except ValueError:
            continue
    return days


def _nearest(month: int, day: int, near: str) -> date:
    """Return the day in that year in which it lies nearest to a month such as `2024-09`; ValueError without one."""
    if not near:
        raise ValueError("the year is missing")
    middle = date(int(near[:4]), int(near[5:]), 15)
    years = (middle.year - 1, middle.year, middle.year + 1)
    days = [date(year, month, day) for year in years if day <= calendar.monthrange(year, month)[1]]
    if not days:
        raise ValueError("there is no such day")
    return min(days, key=lambda one: abs(one - middle))


@lru_cache(8)
def _names(language: str) -> tuple[dict[str, int], frozenset[str]]:
    """Return the numbers of months by their names, and the names of weekdays: in English, and in that language."""
    known = [names_of(code) for code in dict.fromkeys((language, "en"))]
    months = {_plain(name): number for _, names in known for name, number in names.items()}
    return months, frozenset(_plain(name) for names, _ in known for name in names)
