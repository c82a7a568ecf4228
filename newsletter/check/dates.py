"""Rules about dates: a wrong weekday, an event that is over, last year's year."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from newsletter.check.manuscript import Manuscript, Text
from newsletter.check.registry import Found, rule
from newsletter.check.subject import Subject
from newsletter.check.words import shown
from newsletter.model import Level

if TYPE_CHECKING:
    from babel import Locale

_DUE = re.compile(
    r"(?i)\b(?:by|before|until|through|deadline(?: is|:)?|due(?: on| by)?|register by|rsvp by|apply by|closes(?: on)?)"
    r"\s+(?:[A-Z][a-z]+day,? )?(?:[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? )(20\d\d)\b"
)


@rule("wrong-weekday", Level.ERROR)
def wrong_weekday(manuscript: Manuscript) -> Iterator[Found]:
    """Half of the readers trust the weekday, the other half the date: some will come on the wrong day."""
    weekdays, months = _calendar(manuscript.language)
    first_words = {re.findall(r"\w+", name)[0] for name in weekdays}
    for text in manuscript.texts:
        if first_words.isdisjoint(re.findall(r"\w+", _bare(text.words))):
            # The pattern takes longer to make than all texts to read.
            continue
        for found in _dates(manuscript.language).finditer(text.words):
            groups = found.groupdict()
            typed = shown(found[0].rstrip("."))
            stated = weekdays[_bare(groups["weekday"])]
            month = months[_bare(groups["month"] or groups["month2"])]
            number = int(groups["day"] or groups["day2"])
            years = [int(groups["year"])] if groups["year"] else _years(manuscript, month)
            days = [day for year in years if (day := _day(year, month, number))]
            if not days:
                yield Found(
                    place=text.at(found.start()),
                    message=f"'{typed}' is no day of the calendar",
                    hint="look the date up again",
                )
            elif stated not in {day.weekday() for day in days}:
                day = days[0]
                real = _locale(manuscript.language).days["stand-alone"]["wide"][day.weekday()]
                yield Found(
                    place=text.at(found.start()),
                    message=f"'{typed}' is wrong: {day.isoformat()} is a {real}",
                    hint="look up which of the two is right; or state the year if another one is meant",
                )


@rule("event-is-over", Level.WARNING)
def event_is_over(subject: Subject) -> Iterator[Found]:
    """An invitation to what is over costs the trust of every reader who would have come."""
    first = _horizon(subject)
    for item in (story.item for story in subject.issue.stories):
        last = item.ends or item.starts
        if last and item.starts and last.day < first:
            key = "ends" if item.ends else "starts"
            yield Found(
                place=item.place(key),
                message=f"'{shown(item.title)}' was over on {last.day.isoformat()}, before {_reason(subject, first)}",
                hint="mend the date, add until: so that it drops out by itself, or tell how it went without starts:",
            )


@rule("deadline-is-gone", Level.WARNING)
def deadline_is_gone(subject: Subject) -> Iterator[Found]:
    """A call to act by a day that has passed makes a reader feel too late, for this and for the next one."""
    first = _horizon(subject)
    for item in (story.item for story in subject.issue.stories):
        if item.deadline and item.deadline.day < first:
            yield Found(
                place=item.place("deadline"),
                message=f"the deadline of '{shown(item.title)}' was {item.deadline.day.isoformat()}, "
                f"before {_reason(subject, first)}",
                hint="mend the date, or add until: so that the item drops out when it is over",
            )


@rule("stale-year", Level.WARNING)
def stale_year(manuscript: Manuscript) -> Iterator[Found]:
    """Last year's date in a footer, a subject or a deadline says that this mail was copied and not read."""
    year = int(manuscript.month[:4])
    for text in manuscript.texts:
        for found in _old_years(text, manuscript, year):
            yield Found(
                place=text.at(found.start(1)),
                message=f"'{shown(found[0])}' is stale in an issue of {year}",
                hint=f"{year}? `newsletter check --fix` mends old years in newsletter.toml",
            )


def _horizon(subject: Subject) -> date:
    """Return the first day that is not over when the issue goes out: never before its month, nor before today."""
    first = date.fromisoformat(f"{subject.issue.month}-01")
    # An issue of an earlier month is read as of its month: only one that is yet to go out knows today.
    if subject.today and f"{subject.today:%Y-%m}" <= subject.issue.month:
        return max(first, subject.today)
    return first


def _reason(subject: Subject, first: date) -> str:
    return "today" if subject.today == first and first.day != 1 else f"the issue's month, {subject.issue.month}"


def _old_years(text: Text, manuscript: Manuscript, year: int) -> Iterator[re.Match[str]]:
    if not any(int(one) < year for one in re.findall(r"20\d\d", text.words)):
        return
    copyright_mark = re.compile(r"(?i)(?:©|\(c\)|copyright)\s*(?:20\d\d\s*[-–]\s*)?(20\d\d)\b")
    patterns = [copyright_mark, _DUE] if manuscript.is_english else [copyright_mark]
    if text.key in {"subject", "preheader"} or (text.key == "title" and not manuscript.item):
        patterns.append(re.compile(r"\b(20\d\d)\b"))
    seen = set()
    for pattern in patterns:
        for found in pattern.finditer(text.words):
            if int(found[1]) < year and found.start(1) not in seen:
                seen.add(found.start(1))
                yield found


def _locale(language: str) -> "Locale":
    from babel import Locale

    return Locale.parse(language.replace("-", "_"))


@lru_cache(8)
def _calendar(language: str) -> tuple[dict[str, int], dict[str, int]]:
    """Return the numbers of weekdays (Monday 0) and of months (1 to 12) by their names."""
    locale = _locale(language)
    weekdays: dict[str, int] = {}
    months: dict[str, int] = {}
    for width in ("wide", "abbreviated"):
        for kind in ("format", "stand-alone"):
            weekdays |= {_bare(name): number for number, name in locale.days[kind][width].items()}
            months |= {_bare(name): number for number, name in locale.months[kind][width].items()}
    if language.startswith("en"):
        weekdays |= {"tues": 1, "thur": 3, "thurs": 3}
        months |= {"sept": 9}
    return {name: day for name, day in weekdays.items() if name}, {name: one for name, one in months.items() if name}


@lru_cache(8)
def _dates(language: str) -> re.Pattern[str]:
    """Return a pattern for a weekday with its date."""
    days, names = ("|".join(map(re.escape, sorted(one, key=len, reverse=True))) for one in _calendar(language))
    number = r"(\d{1,2})(?:st|nd|rd|th|\.|º|er)?"
    pattern = (
        rf"(?<!\w)(?P<weekday>{days})\.?,?\s+(?:the\s+)?(?:(?P<month>{names})\.?\s+{_named('day', number)}"
        rf"|{_named('day2', number)}\s+(?:of\s+|de\s+)?(?P<month2>{names}))\b\.?(?:,?\s+(?:de\s+)?(?P<year>20\d\d))?"
    )
    return re.compile(pattern, re.IGNORECASE)


def _named(name: str, pattern: str) -> str:
    return pattern.replace(r"(\d{1,2})", rf"(?P<{name}>\d{{1,2}})", 1)


def _bare(name: str) -> str:
    # What re.IGNORECASE takes for one letter: the Turkish i with and without its dot, the long s.
    return name.lower().replace("i\u0307", "i").replace("ı", "i").replace("ſ", "s").rstrip(".")


def _years(manuscript: Manuscript, month: int) -> list[int]:
    """Return the years that a date without one may mean, the likeliest first.

    That is the year of the item's own dates in that month; without such dates the one that brings it nearest to the
    issue's month, and of a date some months back the next one too: it may be one to save.
    """
    item = manuscript.item
    moments = [one for one in (item.starts, item.ends, item.deadline) if one] if item else []
    if own := [one.day.year for one in moments if one.day.month == month]:
        return own
    year, current = int(manuscript.month[:4]), int(manuscript.month[5:])
    near = year + (1 if month < current - 6 else -1 if month > current + 6 else 0)
    months_back = 12 * (year - near) + current - month
    return [near, near + 1] if months_back > 3 else [near]


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None
