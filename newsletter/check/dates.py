"""Rules about dates: a wrong weekday, words against the front matter, a zone that is off, what is over."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from newsletter.check import moments
from newsletter.check.manuscript import Manuscript, Text
from newsletter.check.registry import Found, rule
from newsletter.check.subject import Subject
from newsletter.check.words import shown
from newsletter.issue.dates import zone_name
from newsletter.model import Level
from newsletter.patterns import later
from newsletter.read import days, zones
from newsletter.read.config import FILE

_DATE = r"(?:[A-Z][a-z]+day,? )?(?:[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? )(20\d\d)\b"
# `Apply by March 1, 2023`, not `By March 1, 2020, schools had closed`.
_DUE = later(
    r"(?i)\b(?:(?:apply|register|rsvp|sign up|submit|send|return|respond|reply|nominate|order|vote|comment|donate|enter"
    r"|open)\b[^.!?\n]{0,60}\b(?:by|before|until|through)|deadline(?: is|:)?|due(?: on| by)?|closes(?: on)?)"
    rf"\s+{_DATE}"
)
_COPYRIGHT = later(r"(?i)(?:©|\(c\)|copyright)\s*(?:20\d\d\s*[-–]\s*)?(20\d\d)\b")


@rule("wrong-weekday", Level.ERROR)
def wrong_weekday(manuscript: Manuscript) -> Iterator[Found]:
    """Half of the readers trust the weekday, the other half the date: some will come on the wrong day."""
    if not days.names_weekday(manuscript.whole, manuscript.vocabulary, manuscript.language):
        return
    for text in manuscript.texts:
        if text.key == "source":
            continue
        for said in days.days(text.words, manuscript.language):
            if not said.weekdays:
                continue
            typed = shown(text.words[said.start : said.end].rstrip("."))
            meant = moments.meant(said, manuscript)
            if not meant and said.is_named:
                yield Found(
                    place=text.at(said.start),
                    message=f"'{typed}' is no day of the calendar",
                    hint="look the date up again",
                )
            elif meant and not {day.weekday() for day in meant} & {*said.weekdays}:
                real = days.weekday_name(meant[0].weekday(), manuscript.language)
                yield Found(
                    place=text.at(said.start),
                    message=f"'{typed}' is wrong: {meant[0].isoformat()} is a {real}",
                    hint="look up which of the two is right; or state the year if another one is meant",
                    level=None if moments.is_sure(said, meant[0], manuscript) else Level.WARNING,
                )


@rule("words-against-dates", Level.WARNING)
def words_against_dates(subject: Subject) -> Iterator[Found]:
    """Who reads one day in the words and another one above them comes on the wrong day, or stays at home."""
    for story, manuscript in zip(subject.issue.stories, subject.manuscripts, strict=False):
        item = story.item
        texts = [text for text in manuscript.texts if text.key in {"title", "headline", ""}]
        if item.starts and any(re.search(r"\d|noon|midnight", text.words) for text in texts):
            yield from moments.against_day(item, manuscript, texts)
            yield from moments.against_hour(story, manuscript, texts)
        if item.deadline:
            yield from moments.against_deadline(item, manuscript, texts)


@rule("off-season-zone", Level.WARNING)
def off_season_zone(subject: Subject) -> Iterator[Found]:
    """EST is the winter's time: in July it names another hour than the clocks show, and some take it at its word."""
    config = subject.config
    for number, manuscript in enumerate(subject.manuscripts):
        story = subject.issue.stories[number] if number < len(subject.issue.stories) else None
        if story:
            yield from moments.off_season_key(story, config)
        if not any(part in manuscript.whole for part in moments.PARTS_OF_TIMED_ZONE):
            continue
        known = moments.zones_used(config) | {story.zone if story else ""}
        for text in manuscript.texts:
            for match in moments.TIMED_ZONE.finditer(text.words):
                yield from moments.off_season_words(text, match, manuscript, known - {""})


@rule("unclear-zone", Level.ADVICE)
def unclear_zone(subject: Subject) -> Iterator[Found]:
    """Chapters in two time zones read one hour: whoever wrote it may have had the other clock on the wall."""
    config = subject.config
    for story in subject.issue.stories:
        item = story.item
        timed = [(key, moment.at) for key, moment in moments.of_item(item) if moment.at]
        if item.timezone or not timed:
            continue
        key, at = timed[0]
        usual = str(config.own.get("timezone", "UTC"))
        of_chapters = {
            str(config.chapters[tag].own.get("timezone", usual)) for tag in item.chapters if tag in config.chapters
        }
        others = sorted(zone for zone in of_chapters if moments.differs(at, zone, story.zone))
        if others:
            here, there = (zone_name(at, zone, "en") for zone in (story.zone, others[0]))
            yield Found(
                place=item.place(key),
                message=f"'{shown(item.title)}' is at {at:%H:%M} {here}, and a chapter of it has {there}",
                hint=f"write timezone: {story.zone} into the item, or timezone: {others[0]}",
                level=None if len(of_chapters) > 1 else Level.WARNING,
            )


@rule("idle-timezone", Level.WARNING)
def idle_timezone(subject: Subject) -> Iterator[Found]:
    """A time belongs to its item and reads the same in every issue: a zone that is set for one issue moves none."""
    hint = "write it into the items whose times it is for, or into their chapter's table"
    front = subject.issue.front_page
    if front and "timezone" in front.own:
        yield Found(place=front.place("timezone"), message="'timezone' moves no time on a front page", hint=hint)
    publication = subject.issue.publication
    if "timezone" in subject.config.publications[publication].own:
        place = subject.config.place(f"publications.{publication}.timezone")
        yield Found(place=place, message="'timezone' moves no time in a publication's table", hint=hint)


@rule("no-such-time", Level.ERROR)
def no_such_time(subject: Subject) -> Iterator[Found]:
    """In the night when clocks change, one hour never comes and one comes twice: nobody knows when to be there."""
    for story in subject.issue.stories:
        for key, moment in moments.of_item(story.item):
            if not moment.at:
                continue
            clock, day = f"{moment.at:%H:%M}", moment.day.isoformat()
            if zones.is_skipped(moment.at, story.zone):
                yield Found(
                    place=story.item.place(key),
                    message=f"'{key}': there is no {clock} on {day} in {story.zone}: clocks go forward over it",
                    hint=f"write {day} {moment.at + timedelta(hours=1):%H:%M}, or look at 'timezone'",
                )
            elif zones.is_twice(moment.at, story.zone):
                yield Found(
                    place=story.item.place(key),
                    message=f"'{key}': {clock} comes twice on {day} in {story.zone}: clocks go back over it",
                    hint="take an hour before or after it; or write it in UTC, with timezone: UTC",
                    level=Level.WARNING,
                )


@rule("start-without-time", Level.WARNING)
def start_without_time(subject: Subject) -> Iterator[Found]:
    """A reader who knows when it ends and not when it begins comes too late, and a calendar has neither."""
    for item in (story.item for story in subject.issue.stories):
        if item.starts and item.ends and item.ends.at and not item.starts.at:
            yield Found(
                place=item.place("starts"),
                message="'ends' has a time, and 'starts' has none",
                hint=f"write starts: {item.starts.day.isoformat()} and its time, or take the time out of 'ends'",
            )


@rule("event-is-over", Level.WARNING)
def event_is_over(subject: Subject) -> Iterator[Found]:
    """An invitation to an event that is over costs the trust of every reader who would have come."""
    first = _horizon(subject)
    for item in (story.item for story in subject.issue.stories):
        last = item.ends or item.starts
        if last and item.starts and last.day < first:
            key = "ends" if item.ends else "starts"
            yield Found(
                place=item.place(key),
                message=f"'{shown(item.title)}' was over on {last.day.isoformat()}, before {_reason(subject, first)}",
                hint=f"mend the date, or {_dropped(subject, last.day)}; or tell how it went, without 'starts'",
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
                hint=f"mend the date, or {_dropped(subject, item.deadline.day)}",
            )


@rule("until-has-passed", Level.WARNING)
def until_has_passed(subject: Subject) -> Iterator[Found]:
    """Whoever wrote `until` wanted nobody to read this after that day; an issue of the same month still has it."""
    first = _horizon(subject)
    for item in (story.item for story in subject.issue.stories):
        if item.until and item.until < first:
            yield Found(
                place=item.place("until"),
                message=f"'{shown(item.title)}' was to be read until {item.until.isoformat()}, and that has passed",
                hint="write draft: true to leave it out, or a later day",
            )


@rule("stale-year", Level.WARNING)
def stale_year(manuscript: Manuscript) -> Iterator[Found]:
    """Last year's date in a footer, a subject or a deadline says that this mail was copied and not read."""
    year = int(manuscript.month[:4])
    for text in manuscript.texts:
        for found in _old_years(text, manuscript, year):
            is_mended = text.file == FILE and _COPYRIGHT.fullmatch(found[0])
            yield Found(
                place=text.at(found.start(1)),
                message=f"'{shown(found[0])}' is stale in an issue of {year}",
                hint=f"write {year}, if that is meant" + ("; `newsletter check --fix` does" if is_mended else ""),
            )


def _horizon(subject: Subject) -> date:
    """Return the first day that is not over when the issue goes out: never before its month, nor before today."""
    first = date.fromisoformat(f"{subject.issue.month}-01")
    # An issue of an earlier month is read as of its month: only one that is yet to go out knows today.
    if subject.today and f"{subject.today:%Y-%m}" <= subject.issue.month:
        return max(first, subject.today)
    return first


def _dropped(subject: Subject, day: date) -> str:
    """Return what makes an issue do without an item that was over on a day."""
    # `until` leaves an item out of later months, not of the month it lies in.
    is_earlier = f"{day:%Y-%m}" < subject.issue.month
    return f"write until: {day.isoformat()} to leave it out" if is_earlier else "write draft: true to leave it out"


def _reason(subject: Subject, first: date) -> str:
    return "today" if subject.today == first and first.day != 1 else f"the issue's month, {subject.issue.month}"


def _old_years(text: Text, manuscript: Manuscript, year: int) -> Iterator[re.Match[str]]:
    if not any(int(typed) < year for typed in re.findall(r"20\d\d", text.words)):
        return
    patterns = [_DUE] if manuscript.is_english else []
    if not manuscript.item:
        # That of a photograph or a report has the year in which it was made.
        patterns.append(_COPYRIGHT)
        if text.key in {"subject", "preheader", "title"} and not _looks_back(text, manuscript, year):
            patterns.append(re.compile(r"\b(20\d\d)\b"))
    seen = set()
    for pattern in patterns:
        for match in pattern.finditer(text.words):
            if int(match[1]) < year and match.start(1) not in seen:
                seen.add(match.start(1))
                yield match


def _looks_back(text: Text, manuscript: Manuscript, year: int) -> bool:
    """Tell whether it is January, and the words look back: `What we won in 2026`, no `December 2026`."""
    if manuscript.month[5:] not in {"01", "02"} or min(re.findall(r"20\d\d", text.words)) != str(year - 1):
        return False
    months = days.names(manuscript.language)[1]
    return not any(days.bare(word) in months for word in re.findall(r"(?<!\w)(\w{3,12})\.? 20\d\d", text.words))
