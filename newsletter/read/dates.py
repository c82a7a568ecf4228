"""A day or a month as people write it -> what it may be in digits. Asked only to answer what can't be taken."""

import calendar
import re
import unicodedata
from datetime import date, datetime, time
from functools import lru_cache

from msgspec import Struct

from newsletter.read import zones
from newsletter.read.days import CHINESE_CLOCK, EVENING, MORNING, UNIT, time_of_day
from newsletter.read.days import names as names_of
from newsletter.read.languages import LANGUAGES

# Nobody writes a date in more signs.
_LONGEST = 80
_HALF = r"(?:(?P<half{0}>[ap])\.?[ ]?m\b\.?)"
# All that is read here is in small letters by then.
_ZONE = (
    rf"(?:[ ]?\(?(?P<zone>(?i:{zones.LETTERS})\b|(?:u\.?s\.? )?(?i:{zones.WORDS})\b"
    r"|(?:utc|gmt)?[+-]\d\d?(?::?\d\d)?\b|(?:utc|gmt|z)\b))?"
)
# 6pm Saturday December 12 CST
_ZONE_BEHIND = re.compile(rf"(?<=[\w.,]) \(?(?P<zone>(?i:{zones.LETTERS})|(?:u\.?s\.? )?(?i:{zones.WORDS}))\)?\Z")
# 18:00, 18:00:00, 6pm, 6.30 p.m., 18h30, 18 Uhr, noon.
_CLOCK = re.compile(
    r"(?:^|(?<=[ t(@,]))(?:(?P<first>\d\d?(?::\d\d)?)[ ]?(?P<halfbefore>[ap]\.?m\.?)?[ ]?"
    # `18:00-05:00` is no night.
    r"(?:-(?!0\d:?\d\d)|–|—|to|until)[ ]?)?"
    rf"(?:(?P<hour>\d\d?):(?P<minute>\d\d)(?::\d\d(?:\.\d+)?)?[ ]?(?:{_HALF.format('a')}|(?:{UNIT})\b)?"
    rf"|(?P<hour2>\d\d?)(?:[.h](?P<minute2>\d\d))?[ ]?(?:(?:{UNIT})[ ])?{_HALF.format('b')}"
    rf"|(?P<hour3>\d\d?)(?:[.:](?P<minute3>\d\d))?[ ]?(?:{UNIT})[ ]?(?P<minute4>\d\d)?(?![\w:])"
    r"|(?P<noon>noon)\b)" + _ZONE
)
# Which half of the day it is, in words; where these stand before the hour they are turned around.
_HALVES = tuple(
    (re.compile(rf"(?<![^\W\d])(?:{words})(?!\w)\.?"), half) for words, half in ((MORNING, "am"), (EVENING, "pm"))
)
# 2026年12月12日 下午6点30分
_CHINESE_DAY = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号號]")
_VIETNAMESE_DAY = re.compile(r"(?:ngày )?(\d{1,2})(?: tháng |/)(\d{1,2})(?:(?:,? năm |,? |/)(\d{4}))?(?!\d)")
_FILL = re.compile(
    r"(?:\b(?:by|until|eod|cob|end of (?:the )?day|close of business)\b"
    r"|\b(?:at|on|the|of|from|um|am|den|der|de|del|do|le|el|o|dia|día|a las?|à las?|a|à|às|as|ngày|lúc|vào|nan|jou"
    r"|יום|בשעה|ב|في|الساعة|يوم|من)\b|[,،()|@·]|(?<=\d)(?:st|nd|rd|th|er|ème|è|e|o|ª)\b)"
)


class Reading(Struct, frozen=True, kw_only=True):
    """What somebody may have meant: the days, a time of day (`18:00`), when that ends, and its zone, "" without.

    An offset (`-05:00`) is that of several zones, of which one is given.
    """

    days: tuple[date, ...] = ()
    clock: str = ""
    ends: str = ""
    zone: str = ""
    has_offset: bool = False


def read_date(typed: str, near: str, language: str = "en") -> Reading:
    """Return what a date and time may mean, with no days if nothing sensible; `near` is a month close to it.

    `10/12/2026` may be two days, the American one first. A year that is left out is the one nearest to `near`.
    """
    words = re.sub(r"^(\d{4}-\d\d?-\d\d?) (\d\d?)\.(\d\d)$", r"\1 \2:\3", _plain(typed))
    if len(words) > _LONGEST:
        return Reading()
    words = _in_latin(words)
    clock = ends = zone = ""
    if match := _CLOCK.search(words):
        clock, ends = _clocks(match)
        if not clock:
            return Reading()
        zone = match["zone"] or ""
        words = f"{words[: match.start()].removesuffix('t')} {words[match.end() :]}"
        if not zone and (behind := _ZONE_BEHIND.search(words)):
            zone, words = behind["zone"], words[: behind.start()]
    words = " ".join(_FILL.sub(" ", words).split())
    meant = _days_in(words, near, language)
    has_offset = zones.is_offset(zone) and zone.upper() not in {"UTC", "GMT", "Z"}
    if zone and meant:
        zone = zones.behind_a_time(zone, datetime.combine(meant[0], time.fromisoformat(clock))) or zone.upper()
    return Reading(days=meant, clock=clock, ends=ends, zone=zone, has_offset=has_offset)


def read_month(typed: str, near: str, language: str = "en") -> tuple[str, ...]:
    """Return the months as `2024-09` that somebody may have meant; `near` is a month close to it."""
    words = " ".join(_FILL.sub(" ", _plain(typed)).split())
    if match := re.fullmatch(r"(?P<y>\d{4})[-/. ](?P<m>\d\d?)(?:[-/.]\d\d?)?|(?P<m2>\d\d?)[-/. ](?P<y2>\d{4})", words):
        number, year = int(match["m"] or match["m2"]), match["y"] or match["y2"]
        return (f"{year}-{number:02}",) if 1 <= number <= 12 else ()
    if match := re.fullmatch(r"tháng (\d\d?)(?: năm|,)? ?(\d{4})|(\d{4})年(\d\d?)月", words):
        number, year = int(match[1] or match[4]), match[2] or match[3]
        return (f"{year}-{number:02}",) if 1 <= number <= 12 else ()
    match = re.fullmatch(r"([^\W\d_]+)\.?[ ]*(\d{4})?|(\d{4})[ ]*([^\W\d_]+)\.?", words)
    known = [names.get(match[1] or match[4], 0) for names, _ in _languages(language)] if match else []
    # Those of the newsroom's own language, and English, before all others.
    numbers = {number for number in known[:2] if number} or {number for number in known if number}
    if not match or len(numbers) != 1:
        return ()
    (number,) = numbers
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


def _in_latin(words: str) -> str:
    """Return words with their halves of the day as `am` and `pm`, and Chinese and Vietnamese days in digits."""
    words = re.sub(r"\b([ap])\.?[ ]m\.?(?!\w)", r"\1m", words)
    words = _CHINESE_DAY.sub(
        lambda day: f" {day[1] or ''}{'-' if day[1] else ''}{day[2]}{'-' if day[1] else '/'}{day[3]} ", words
    )
    words = CHINESE_CLOCK.sub(_in_digits, words) if re.search(r"[点點时時上下晚早凌傍]", words) else words
    if "tháng" in words:
        words = _VIETNAMESE_DAY.sub(lambda day: f"{day[1]}.{day[2]}.{day[3] or ''}", words)
    for pattern, half in _HALVES:
        words = pattern.sub(half, words)
    return " ".join(words.split())


def _in_digits(clock: re.Match[str]) -> str:
    half = " am" if clock["am"] else " pm" if clock["pm"] and int(clock["hour"]) <= 12 else ""
    return f" {clock['hour']}:{'30' if clock['half'] else clock['minute'] or '00'}{half} "


def _days_in(words: str, near: str, language: str) -> tuple[date, ...]:
    """Return the days that words may mean: in a language or in English, else in any of the others that has them."""
    tried: list[tuple[date, ...]] = []
    for number, (names, weekdays) in enumerate(_languages(language)):
        if number == 2 and any(tried):
            break
        # `mar 12 mar` has a weekday and a month of one name.
        for count in (-1, 1, 0):
            without = weekdays.sub(" ", words, count) if count >= 0 else words
            if meant := _days(" ".join(without.split()), names, near):
                tried.append(tuple(meant))
                break
    return tuple(dict.fromkeys(day for meant in tried for day in meant)) if tried else ()


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
    return min(days, key=lambda day_in_year: abs(day_in_year - middle))


@lru_cache(16)
def _names(language: str) -> tuple[dict[str, int], re.Pattern[str]]:
    """Return the numbers of months by their names, and a pattern of weekdays, in that language."""
    weekdays, months = names_of(language)
    by_name = {_plain(name): number for name, number in months.items()}
    if language.startswith("he"):
        by_name |= {f"ב{name}": number for name, number in by_name.items()}
    named = "|".join(map(re.escape, sorted(map(_plain, weekdays), key=len, reverse=True)))
    return by_name, re.compile(named if language.startswith("zh") else rf"(?<!\w)(?:{named})(?!\w)\.?")


def _languages(language: str) -> list[tuple[dict[str, int], re.Pattern[str]]]:
    """Return months and weekdays in a language, in English, and in the others that come with it: 12. Dezember."""
    return [_names(code) for code in dict.fromkeys((language, "en", *LANGUAGES))]
