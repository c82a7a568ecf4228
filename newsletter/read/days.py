"""Words -> the days and hours that they name, in the spellings that people use.

    Thursday, November 27      Thu., Nov. 27th       27 November 2026 (Thursday)     jueves 27 de noviembre
    Thursday 11/27             Thursday the 27th     Thursday evening, Nov. 27       Donnerstag, den 27.11.
    6 PM      6:30 p.m. ET     6–8 PM     noon       18:00     18 Uhr     18h30

What a date leaves out, its year or its month, is for those to fill in who ask.
"""

import re
import unicodedata
from collections.abc import Iterator, Set
from datetime import time
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from newsletter.patterns import later
from newsletter.read import zones
from newsletter.read.languages import AMERICAN, dates_in

if TYPE_CHECKING:
    from babel import Locale


class SaidDay(Struct, frozen=True, kw_only=True):
    """A day that words name: where (offsets), and what they say of it.

    `readings` are months and days of the month, the likelier one first: `10/12` has two. A month is 0 where only the
    day stands (`the 27th`). `year` is 0 where none stands; `is_sure_of_year` unless it may count what follows, as in
    `March 3, 2000 people came`. `weekdays` (Monday 0) are those beside it: `Friday–Sunday, December 4` has two.
    `is_named` where the month is a word, or the date one of ISO 8601.
    """

    start: int
    end: int
    readings: tuple[tuple[int, int], ...]
    year: int = 0
    is_sure_of_year: bool = True
    weekdays: tuple[int, ...] = ()
    is_named: bool = True


class SaidHour(Struct, frozen=True, kw_only=True):
    """A time of day that words name: where (offsets), and the zone behind it as typed, "" if there is none."""

    start: int
    end: int
    at: time
    zone: str = ""


@lru_cache(16)
def names(language: str) -> tuple[dict[str, int], dict[str, int]]:
    """Return the numbers of weekdays (Monday 0) and of months (1 to 12) by their names in small letters."""
    weekdays: dict[str, int] = {}
    months: dict[str, int] = {}
    # American English has all of it in words/en.toml and below.
    if language not in AMERICAN:
        locale = _locale(language)
        for width in ("wide", "abbreviated"):
            for kind in ("format", "stand-alone"):
                weekdays |= {bare(name): number for number, name in locale.days[kind][width].items()}
                months |= {bare(name): number for number, name in locale.months[kind][width].items()}
    if own := dates_in(language):
        weekdays |= {bare(name): number for number, name in enumerate(own.weekdays)}
        months |= {bare(name): number for number, name in enumerate(own.months, 1)}
        months |= {bare(name): number for number, name in enumerate(own.short_months, 1)}
    more_weekdays, more_months = _MORE.get(language.partition("-")[0], ({}, {}))
    for known, more in ((weekdays, more_weekdays), (months, more_months)):
        known |= more
        # `miercoles`, `sabado`: whose keyboard has no accents leaves them out.
        known |= {plain: number for name, number in known.items() if (plain := _without_accents(name)) not in known}
    return {name: day for name, day in weekdays.items() if name}, {
        name: number for name, number in months.items() if name
    }


def weekday_name(number: int, language: str) -> str:
    """Return the name of a weekday (Monday 0) as it stands alone."""
    if own := dates_in(language):
        return own.weekdays[number]
    return str(_locale(language).days["stand-alone"]["wide"][number])


def names_weekday(words: str, vocabulary: Set[str], language: str) -> bool:
    """Tell whether a weekday may be named there: the patterns take longer to make than most texts to read.

    `vocabulary` has each of the words, made bare.
    """
    if _is_unspaced(language):
        return any(name in words for name in names(language)[0])
    return not _first_words(language).isdisjoint(vocabulary)


def days(words: str, language: str) -> list[SaidDay]:
    """Return the days that words name, in their order; a day alone (`the 27th`) only with its weekday."""
    found: list[SaidDay] = []
    if not _DIGIT.search(words):
        return found
    at = 0
    for match in sorted(_matches(words, language), key=lambda match: (match.start(), -match.end())):
        if match.start() >= at and (day := _day(match, language)):
            if found and not found[-1].weekdays and re.fullmatch(r"\s?,?\s?", words[found[-1].end : day.start]):
                # `Nov. 26, Wednesday, Nov. 27, Thursday`: each stands behind its date.
                day = replace(day, weekdays=())
            found.append(day)
            at = day.end
    return found


def weekdays(words: str, language: str) -> list[SaidDay]:
    """Return the weekdays that words name (`this Friday`), in their order, those of dates too; no `every Friday`."""
    known, _ = names(language)
    found = []
    for match in _weekday(language).finditer(words):
        before = words[max(0, match.start() - 40) : match.start()]
        has_dot = words[match.end() : match.end() + 1] == "."
        if not _EVERY.search(before) and not _is_no_weekday(match[0], before, language, has_dot=has_dot):
            said = SaidDay(start=match.start(), end=match.end(), readings=(), weekdays=(known[bare(match[0])],))
            found.append(said)
    return found


def hours(words: str, language: str) -> list[SaidHour]:
    """Return the times of day that words name, in their order: of `6–8 PM` both.

    A time such as 7:30 is left out in English, and where else it may be the morning's or the evening's.
    """
    found: list[SaidHour] = []
    has_digit = _DIGIT.search(words)
    for match in _half_in_words().finditer(words) if has_digit else ():
        if at := _time(match["at"].lower().replace("h", ":"), "am" if match["am"] else "pm"):
            found.append(_hour(match, at))
    for match in CHINESE_CLOCK.finditer(words) if has_digit and _is_unspaced(language) else ():
        minute = "30" if match["half"] else match["minute"] or "00"
        half = "am" if match["am"] else "pm" if match["pm"] and int(match["hour"]) <= 12 else ""
        is_clear = half or int(match["hour"]) > 12
        if is_clear and (at := _time(f"{match['hour']}:{minute}", half)):
            found.append(SaidHour(start=match.start(), end=match.end(), at=at))
    taken = [(hour.start, hour.end) for hour in found]
    for match in _TWELVE.finditer(words) if has_digit else ():
        ends = _time(match["at"], match["half"])
        starts = _time(match["from"], match["from_half"] or match["half"]) if match["from"] else None
        if starts and ends and starts > ends and not match["from_half"] and match["half"][0] in "pP":
            # 11–1 PM begins in the morning.
            starts = _time(match["from"], "am")
        found += [_hour(match, at) for at in (starts, ends) if at]
    for match in _NOON.finditer(words):
        found.append(_hour(match, time(12 if match[1].lower() == "noon" else 0)))
    for match in _TWENTY_FOUR.finditer(words) if has_digit else ():
        is_plain = match["plain"] is not None
        at = _time(match["plain"] or match["marked"].replace("h", ":"), "")
        is_part = any(start <= match.start() < end for start, end in taken)
        if at and not is_part and (not is_plain or not language.startswith(_OF_TWELVE) or at.hour > 12):
            found.append(_hour(match, at))
    return sorted(found, key=lambda hour: hour.start)


def time_of_day(hour: int, minute: int, half: str = "") -> time | None:
    """Return the time on a clock of 24 hours, or with `am`, `PM`, `p.m.` on one of 12; None if it has none such."""
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def bare(name: str) -> str:
    """Return a name in small letters, without the dot of an abbreviation."""
    # What re.IGNORECASE takes for one letter: the Turkish i with and without its dot, the long s.
    return name.lower().replace("i\u0307", "i").replace("ı", "i").replace("ſ", "s").rstrip(".")


# Names beside those of CLDR.
_MORE: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "en": (
        {
            "mon": 0,
            "tue": 1,
            "tues": 1,
            "wed": 2,
            "weds": 2,
            "thu": 3,
            "thur": 3,
            "thurs": 3,
            "fri": 4,
            "sat": 5,
            "sun": 6,
        },
        {"sept": 9},
    ),
    "es": ({}, {"sept": 9, "set": 9, "setiembre": 9}),
    "de": ({"sonnabend": 5}, {"jänner": 1}),
    "pt": ({"segunda": 0, "terça": 1, "quarta": 2, "quinta": 3, "sexta": 4}, {}),
    "zh": (
        {f"{week}{day}": number for week in ("星期", "周", "週", "礼拜") for number, day in enumerate("一二三四五六日")}
        | {"星期天": 6, "礼拜天": 6},
        {},
    ),
}
_DIGIT = later(r"\d")
_DAY = r"(?P<day>\d{1,2})"
_JOINED = r"(?:-|–|—|/|&|\+|,|\b(?:and|or|to|through|thru|until|y|o|e|a|al|et|ou|au|und|oder|bis|à)\b)"
_HALF = r"(?:[aApP](?:\.\s?[mM]\.|\s?[mM](?!\w)))"
# A zone as it stands behind a time.
ZONE = rf"\s?\(?(?P<zone>(?:{zones.LETTERS}|{zones.WORDS})(?!\w))"
_TWELVE = later(
    rf"(?<![\w$€£.:/])(?:(?P<from>\d{{1,2}}(?:[:.]\d\d)?)\s?(?P<from_half>{_HALF})?\s?(?:-|–|—|to|until|till)\s?)?"
    rf"(?P<at>\d{{1,2}}(?:[:.]\d\d)?)\s?(?P<half>{_HALF})(?:{ZONE})?"
)
# Which half of the day it is, in words: `6 de la tarde`, `6 Uhr abends`.
MORNING = (
    r"in the morning|de la mañana|da manhã|du matin|di? maten|nan maten|morgens|vormittags|sáng|صباح[اً]{0,2}|ص|בבוקר"
)
EVENING = (
    r"in the (?:afternoon|evening)|at night|de la (?:tarde|noche)|da (?:tarde|noite)|de l['’]après-midi|du soir"
    r"|nan apremidi|d?apremidi|d?aswè|diswa|nachmittags|abends|chiều|tối|مساء[اً]{0,2}|م|בערב|אחר הצהריים|אחה[\"״]צ"
)
# What stands behind an hour: 18 Uhr, 18h, 18 horas, 6 giờ.
UNIT = r"uhr|horas?|heures?|hrs?|hs?|giờ|è"
# 下午6点30分
CHINESE_CLOCK = later(
    r"(?:(?P<am>上午|早上|早晨|凌晨)|(?P<pm>下午|晚上|傍晚))?\s?(?P<hour>\d{1,2})(?:[点點时時]|:(?=\d\d))"
    r"(?:(?P<half>半)|(?P<minute>\d\d)分?)?"
)
# Where a time such as 7:30 may be the morning's or the evening's.
_OF_TWELVE = ("en", "es", "ht", "ar", "he", "vi", "zh")
_NOON = later(rf"(?<!\w)((?i:noon|midnight))(?!\w)(?:{ZONE})?")
_TWENTY_FOUR = later(
    rf"(?<![\w$€£.:/-])(?:(?P<plain>\d{{1,2}}:\d\d)(?![\w:%]|\s?{_HALF})"
    rf"|(?P<marked>\d{{1,2}}(?:[:.h]\d\d)?)\s?(?:Uhr(?!\w)|h(?![\w/])|(?<=h\d\d)))(?:{ZONE})?"
)
# The rest of a range (`December 4–6`), and the year.
_BEHIND = later(
    r"(?:\s?(?:-|–|—|&|(?<=\s)(?:and|to|y|al|et|und|bis)(?=\s))\s?\d{1,2}(?:st|nd|rd|th)?(?!\w|:|/|\s?[aApP]\.?[mM]))?"
    # `Thu Feb 9 10:51:12 2012` has the year behind the time.
    r"(?:(?:,?\s\d\d?:\d\d(?::\d\d)?(?:\s?[aApP]\.?[mM]\.?)?(?:\s[A-Z]{2,5})?)?"
    r",?\s{1,3}(?:del?\s)?(?P<year>[12]\d{3})(?![\w/%]|[.,:]\d))?"
)
_CLOSED = later(r"\s*(?:[,.;:!?()\]–—|\n]|\Z)")
_EVERY = later(
    r"(?i)(?<!\w)(?:every|each|most|some|all|cada|todos los|todas las|los|chaque|tous les|les|jeden|jede|alle|ogni|toda"
    r"|todas as|todos os|aos|às|mỗi|chak)\s{1,3}\Z"
)
# `the Sun, March 5` is a newspaper.
_NEWSPAPER = later(r"(?:(?<!\w)[Tt]he|(?<![\w’'])[A-Z][\w’']{1,30})\s\Z")
# Months whose names are words too: `Thursday 5 may join`.
_VERBS = {"may", "march", "mar"}
# `Sunday 1/2 price`, `24/7`, `9/11`.
_FRACTIONS = {(1, 2), (1, 3), (1, 4), (2, 3), (3, 4), (24, 7), (9, 11), (50, 50), (7, 11)}


@lru_cache(1)
def _half_in_words() -> re.Pattern[str]:
    """Return what finds `6 de la tarde`, `6:30 in the evening`; most texts name no hour at all."""
    return re.compile(
        rf"(?<![\w$€£.:/])(?P<at>\d{{1,2}}(?:[:.h]\d\d)?)\s?(?:(?:{UNIT})\s)?"
        rf"(?:(?P<am>{MORNING})|(?P<pm>{EVENING}))(?!\w)(?:{ZONE})?",
        re.IGNORECASE,
    )


def _matches(words: str, language: str) -> Iterator[re.Match[str]]:
    for pattern in _patterns(language):
        yield from pattern.finditer(words)


@lru_cache(16)
def _patterns(language: str) -> tuple[re.Pattern[str], ...]:
    if _is_unspaced(language):
        return (re.compile(rf"(?:(?P<year>\d{{4}})年)?(?P<month>\d{{1,2}})月{_DAY}[日号號]"),)
    month = "|".join(map(re.escape, sorted(names(language)[1], key=len, reverse=True)))
    patterns = [
        rf"(?<!\w)(?P<month>{month})(?!\w)\.?\s{{1,3}}(?:the\s)?{_DAY}(?:st|nd|rd|th)?(?![\w:/%]|[.,]\d|\s?[ap]\.?m\b)",
        # `4–6 December` begins on the 4th.
        # Hebrew writes a letter before it, with a hyphen: ב-4 בדצמבר.
        rf"(?:(?<![\w/.:$€-])|(?<=(?<!\w)[בהל]-))(?:(?P<first>\d{{1,2}})\.?\s?(?:-|–|—|&|and|y|al?|et|au|und|bis)\s?)?{_DAY}"
        rf"(?:st|nd|rd|th|\.|º|°|er)?\s{{1,3}}(?:(?:of|de)\s|d[’'])?ב?(?P<month>{month})(?!\w)",
        r"(?<![\w/.-])(?P<year>[12]\d{3})-(?P<month>0[1-9]|1[0-2])-(?P<day>\d\d)(?![\w-])",
        r"(?<![\w/.,$€-])(?P<n1>\d{1,2})/(?P<n2>\d{1,2})(?:/(?P<year>[12]\d{3}|\d\d))?(?![\w/%]|\.\d)",
    ]
    if language.startswith("en"):
        patterns.append(rf"(?<!\w){_DAY}(?:st|nd|rd|th)(?!\w)")
    else:
        # `27.11.`; in English 6.30 is a time.
        patterns.append(
            r"(?<![\w/.,$€-])(?P<n1>\d{1,2})\.\s?(?P<n2>\d{1,2})\.(?:\s?(?P<year>[12]\d{3}|\d\d)(?!\w))?(?!\d)"
        )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


@lru_cache(16)
def _first_words(language: str) -> frozenset[str]:
    """Return the first word of each weekday's name: `thứ hai` begins with thứ."""
    return frozenset(re.findall(r"\w+", name)[0] for name in names(language)[0])


@lru_cache(16)
def _weekday(language: str) -> re.Pattern[str]:
    weekday = "|".join(map(re.escape, sorted(names(language)[0], key=len, reverse=True)))
    return re.compile(weekday if _is_unspaced(language) else rf"(?<!\w)(?:{weekday})(?!\w)", re.IGNORECASE)


@lru_cache(16)
def _weekday_patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of weekdays right before a date, and of one right behind it."""
    weekday = "|".join(map(re.escape, sorted(names(language)[0], key=len, reverse=True)))
    if _is_unspaced(language):
        return re.compile(rf"(?P<days>{weekday})[，,、（(\s]{{0,3}}\Z"), re.compile(
            rf"\s?[（(,，]?\s?(?P<a>{weekday})(?P<b>)[）)]?"
        )
    before = (
        rf"(?P<days>(?<!\w)(?:(?:{weekday})\.?\s?{_JOINED}\s?){{0,4}}(?:{weekday}))(?!\w)\.?"
        r"(?:\s(?:night|evening|morning|afternoon))?(?:\s?[,(:–—|·-]\s?\(?|\s{1,3}|\)\s)"
        r"(?:(?:on|the|den|dem|am|el|le|día|dia|ngày)\s{1,3})?\Z"
    )
    # `Nov. 27 (Thursday)`, `Nov. 27, a Thursday`, `Nov. 27, Thursday, at six`; not `Nov. 26, Thursday, Nov. 27`.
    behind = (
        rf"(?:\s?\(\s?|,\s{{1,2}}an?\s)(?P<a>{weekday})(?!\w)\.?\)?|,\s{{1,2}}(?P<b>{weekday})(?!\w)"
        r"(?=\.?\s?(?:[;:!?)\]–—|\n]|\Z)|\.\s|,?\s(?:at|from|@)|,?\s\d{1,2}(?::\d\d)?\s?[ap]\.?m)"
    )
    return re.compile(before, re.IGNORECASE), re.compile(behind, re.IGNORECASE)


def _day(match: re.Match[str], language: str) -> SaidDay | None:
    words, groups = match.string, match.groupdict()
    readings, is_named = _readings(groups, language)
    if not readings or (is_named and _is_verb(groups.get("month") or "", language)):
        return None
    year, end, is_sure = int(groups.get("year") or 0), match.end(), True
    if 0 < year < 100:
        year += 2000
    if is_named and "year" not in groups and (behind := _BEHIND.match(words, end)):
        end = behind.end()
        if behind["year"]:
            year, is_sure = int(behind["year"]), bool(_CLOSED.match(words, end))
    start, weekdays = _weekdays_before(words, match.start(), language)
    if not weekdays:
        _, pattern = _weekday_patterns(language)
        if after := pattern.match(words, end):
            weekdays, end = (names(language)[0][bare(after["a"] or after["b"])],), after.end()
    if not weekdays and not readings[0][0]:
        return None
    return SaidDay(
        start=start,
        end=end,
        readings=readings,
        year=year,
        is_sure_of_year=is_sure,
        weekdays=weekdays,
        is_named=is_named,
    )


def _readings(groups: dict[str, str | None], language: str) -> tuple[tuple[tuple[int, int], ...], bool]:
    """Return months and days, and whether the month is a word."""
    if (month := groups.get("month")) and groups["day"]:
        number = int(month) if month.isdecimal() else names(language)[1][bare(month)]
        return ((number, int(groups.get("first") or groups["day"])),), True
    if groups.get("day"):
        return ((0, int(groups["day"] or 0)),), False
    first, second = int(groups["n1"] or 0), int(groups["n2"] or 0)
    if not groups.get("year") and (first, second) in _FRACTIONS:
        return (), False
    both = [(first, second), (second, first)] if _month_comes_first(language) else [(second, first), (first, second)]
    return tuple(dict.fromkeys(pair for pair in both if 1 <= pair[0] <= 12 and 1 <= pair[1] <= 31)), False


def _weekdays_before(words: str, start: int, language: str) -> tuple[int, tuple[int, ...]]:
    """Return where the weekdays before a date begin, and which they are; none where every one of them is meant."""
    known, _ = names(language)
    pattern, _ = _weekday_patterns(language)
    from_ = max(0, start - 80)
    match = pattern.search(words, from_, start)
    if not match:
        return start, ()
    before = words[from_ : match.start()]
    named = _weekday(language).findall(match["days"])
    has_dot = match[0][len(match["days"]) :].startswith(".")
    if _EVERY.search(before) or _is_no_weekday(named[-1], before, language, has_dot=has_dot):
        return start, ()
    opened = match.start() > 0 and words[match.start() - 1] == "(" and ")" in match[0]
    return match.start() - opened, tuple(known[bare(name)] for name in named)


def _is_no_weekday(typed: str, before: str, language: str, *, has_dot: bool) -> bool:
    """Tell whether a short name is another word: `we sat May 3`, `the Sun, March 5`, `sur mer 5 mai`."""
    if len(typed) > 5 or _is_unspaced(language):
        return False
    is_english = language.startswith("en")
    if typed[0].islower() and (is_english or (len(typed) < 4 and not has_dot)):
        return True
    return is_english and typed == "Sun" and bool(_NEWSPAPER.search(before))


def _is_verb(month: str, language: str) -> bool:
    return language.startswith("en") and month in _VERBS


def _month_comes_first(language: str) -> bool:
    return language in AMERICAN


def _time(typed: str, half: str | None) -> time | None:
    hour, _, minute = typed.replace(".", ":").partition(":")
    return time_of_day(int(hour), int(minute or 0), half or "")


def _hour(match: re.Match[str], at: time) -> SaidHour:
    return SaidHour(start=match.start(), end=match.end(), at=at, zone=match["zone"] or "")


def _is_unspaced(language: str) -> bool:
    return language.partition("-")[0] in {"zh", "ja"}


def _without_accents(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _locale(language: str) -> "Locale":
    from babel import Locale

    return Locale.parse(language.replace("-", "_"))
