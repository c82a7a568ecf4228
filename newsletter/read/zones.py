"""Names of time zones -> their hours; and what people call a zone -> the name to write."""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from newsletter.patterns import later

# Abbreviations of North America that say which half of the year it is, with a place whose clocks go by them.
SEASONS = {
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "AKST": "America/Anchorage",
    "AKDT": "America/Anchorage",
    "AST": "America/Halifax",
    "ADT": "America/Halifax",
    "NST": "America/St_Johns",
    "NDT": "America/St_Johns",
}
# Those that hold all year.
ALL_YEAR = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
    "AKT": "America/Anchorage",
    "AT": "America/Halifax",
    "NT": "America/St_Johns",
    "HT": "Pacific/Honolulu",
    "HST": "Pacific/Honolulu",
}
# Patterns of a zone as it stands behind a time, `6 PM EST`, `6 PM Eastern Time`: the longest first, so that AKST is
# not half read. Fewer words than below, for what follows a time may be a place: `at 6 PM Indiana University …`.
LETTERS = "|".join(sorted({*SEASONS, *ALL_YEAR}, key=len, reverse=True))
WORDS = r"(?:Eastern|Central|Mountain|Pacific|Alaska|Atlantic|Hawaii)(?:\s(?:Standard|Daylight))?(?:\s[Tt]ime)?"
_IN_WORDS = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "alaskan": "America/Anchorage",
    "atlantic": "America/Halifax",
    "newfoundland": "America/St_Johns",
    "hawaii": "Pacific/Honolulu",
    "hawaiian": "Pacific/Honolulu",
    "arizona": "America/Phoenix",
    "indiana": "America/Indiana/Indianapolis",
    "navajo": "America/Shiprock",
}
# `Eastern`, `US Eastern Time`, `Eastern Standard Time`, `Eastern Time (US & Canada)`.
_SPELT_OUT = later(r"(?:u\.?s\.?\s+)?([a-z]+)(?:\s+(?:standard|daylight|prevailing))?(?:\s+time)?(?:\s*\(.*\))?")

# Hours from UTC: those of Kiribati.
_FARTHEST = 14
_OFFSET = later(
    r"(?:Z|UTC|GMT)|(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>[0-9]{1,2}):?(?P<minutes>[0-5][0-9])?", re.IGNORECASE
)


@lru_cache(32)
def zone_info(name: str) -> ZoneInfo:
    """Return the hours of a zone of the IANA database; KeyError if it has none of that name.

    They come from the package tzdata, whose version is locked, and not from this machine: an older system still has
    summer time in Mexico, which abolished it in 2022, and Windows has no zones at all.
    """
    try:
        import tzdata  # type: ignore[import-untyped]  # it has no code to type

        with (Path(tzdata.__file__).parent / "zoneinfo" / name).open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    except (ImportError, OSError):
        # A distribution may leave the package out, and takes care of the system's zones instead.
        return ZoneInfo(name)


def meant(typed: str) -> str:
    """Return the zone that people mean by `EST`, `ET`, `Eastern Time`, or by a name of Windows; "" for what is none."""
    # Calendars say `(GMT-06:00) Central Time`.
    name = re.sub(r"\A\((?:GMT|UTC)[^()]{0,10}\) ", "", " ".join(typed.split()))
    if name.upper() in {"UTC", "GMT"}:
        return "UTC"
    if zone := SEASONS.get(name.upper()) or ALL_YEAR.get(name.upper()):
        return zone
    from babel.core import get_global

    # Windows says 'US Mountain Standard Time' for Arizona, 'US Eastern Standard Time' for Indiana.
    of_windows = {key.lower(): zone for key, zone in get_global("windows_zone_mapping").items()}
    if zone := of_windows.get(name.lower()):
        return str(zone)
    match = _SPELT_OUT.fullmatch(name.lower())
    return _IN_WORDS.get(match[1], "") if match else ""


def behind_a_time(typed: str, at: datetime) -> str:
    """Return the zone that is meant behind a time: by `EST`, `Eastern`, `Z`, `-05:00`; "" where none is known."""
    if match := _OFFSET.fullmatch(typed):
        ahead = timedelta(hours=int(match["hours"] or 0), minutes=int(match["minutes"] or 0))
        return _with_offset(-ahead if match["sign"] == "-" else ahead, at)
    return meant(typed)


def is_offset(typed: str) -> bool:
    """Tell whether words say nothing but how far from UTC a time is: `Z`, `+02:00`, `UTC-5`."""
    match = _OFFSET.fullmatch(typed)
    # 18:00-20:00 is an evening.
    return match is not None and int(match["hours"] or 0) <= _FARTHEST


def is_skipped(at: datetime, zone: str) -> bool:
    """Tell whether clocks never show that time: they go from 2:00 to 3:00 that night."""
    info = zone_info(zone)
    return at.replace(tzinfo=info).astimezone(zone_info("UTC")).astimezone(info).replace(tzinfo=None) != at


def is_twice(at: datetime, zone: str) -> bool:
    """Tell whether clocks show that time twice: they go back from 2:00 to 1:00 that night."""
    first, second = (at.replace(tzinfo=zone_info(zone), fold=fold).utcoffset() for fold in (0, 1))
    return first != second and not is_skipped(at, zone)


def _with_offset(offset: timedelta, at: datetime) -> str:
    """Return a zone whose clocks differ so much from UTC on that day: `America/Chicago` for -5 hours in July."""
    if not offset:
        return "UTC"
    for name in dict.fromkeys((*SEASONS.values(), *ALL_YEAR.values())):
        if at.replace(tzinfo=zone_info(name)).utcoffset() == offset:
            return name
    return ""
