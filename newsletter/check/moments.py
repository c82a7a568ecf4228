"""Words of an item -> the days and hours they mean, held against its front matter and the season."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from newsletter.check import lists
from newsletter.check.manuscript import Manuscript, Text
from newsletter.check.registry import Found
from newsletter.check.words import shown
from newsletter.errors import Place
from newsletter.issue.dates import zone_name
from newsletter.model import Config, Item, Moment, Story
from newsletter.patterns import later
from newsletter.read import days, zones
from newsletter.read.days import SaidDay, SaidHour
from newsletter.read.languages import base

# What stands before a day or an hour that is an end and not a beginning: `RSVP by`, `open until`.
_UP_TO = later(
    r"(?i)(?<!\w)(?:by|before|until|till|through|deadline(?: is|:| of)?|due(?: on| by)?|closes?(?: on| at)?"
    r"|ends?(?: on| at)?|no later than|hasta|antes del?|bis(?: zum)?|avant(?: le)?|jusqu['’]au|até)"
    r"\s+(?:the\s+|el\s+)?\Z"
)
_BEFORE = later(r"(?i)(?<!\w)(?:before|antes|avant|vor dem|trước|avan|anvan|قبل|לפני)(?!\w)[^.!?\n]{0,12}\Z")
_SINCE = later(r"(?i)(?<!\w)(?:since|after|of|from|desde|seit|depuis)\s+(?:the\s+|el\s+)?\Z")
# `Join us at the hall on`, not `Join us for the hearing on`.
_COMING = later(
    r"(?i)(?<!\w)(?:join us|see you|come (?:to|by|out)|held|takes? place|taking place"
    r"|we(?:['’]ll| will)? (?:meet|gather))(?!\w)"
    r"(?:[ ,](?!for\b|about\b|before\b|after\b|until\b|to prepare\b)[^ .!?\n]{1,20}){0,5}[ ,]{0,2}\Z"
)
# `Tickets go on sale on` another day than the event's.
_ELSE = later(
    r"(?i)(?<!\w)(?:registrations?|tickets?|sales?|applications?|nominations?|submissions?|early[- ]birds?|polls|voting"
    r"|votes?|enrol\w+|sign-?ups?|published|posted|announced|recording|election|hearing)(?!\w)[^.!?\n]{0,60}\Z"
)
# `the December 12 hearing` is what an event may be about.
_ABOUT = later(r"(?i)(?<!\w)(?:the|our|its|their|this|next|for|about|[\w]{1,30}['’]s)\s+\Z")
_OF_NOUN = later(r"\s+(?!(?:at|from|in|and|to|with|for|on|via|noon|um|a|à)\b)[a-z]")
_BEGINNING = later(
    r"(?i)(?<!\w)(?:begin(?:s|ning)?|start(?:s|ing)?|kick(?:s|ing)? off|starting time|commences?)"
    r"(?:\s(?:promptly|sharp|right))?(?:\s(?:at|@|from))?\s*\Z"
)
# What comes before the beginning, and what may come at any time.
_DOORS = later(r"(?i)(?<!\w)(?:doors?|check-?in|arriv\w+)(?!\w)[^.!?\n]{0,30}\Z")
_BESIDES = later(
    r"(?i)(?<!\w)(?:registration|sign-?in|set-?up|social|reception|dinner|food|lunch|coffee|refreshments|music|line up"
    r"|pre-?\w+)(?!\w)[^.!?\n]{0,30}\Z"
)
# Between a day and its hour: `December 6 at 7 PM`, `7 PM on December 6`, `am 6. Dezember um 19 Uhr`.
_BESIDE = later(
    r"[\s,;:(–—|@·،，（）)-]*+(?:at|from|on|this|um|ab|von|am|a las?|de las|à|às|alle|el|le|vào lúc|lúc|a"
    r"|في الساعة|الساعة|בשעה|ב-?)?[\s(]*+"
)
# Articles and the like between a cue and its day or hour, in any of the languages.
_ARTICLE = (
    r"[\s:]*(?:el|la|le|les|o|os|a|à|às|a las?|al|den|dem|zum|am|um|dia|día|ngày|lúc|vào|jou|nan|يوم|في|الساعة|יום|ה-?"
    r"|בשעה|ב-?)?[\s:]*"
)
_IN_SENTENCE, _WORDS_OF_COMING = r"[^.!?。！？\n]{0,60}", r"[^.!?。！？\n]{0,40}"
# 12月10日前, 12月10日截止: Chinese says it behind the day.
_UP_TO_BEHIND = later(r"\s?(?:之前|以前|前|截止|为止)")
_SEASONS = "|".join(sorted(zones.SEASONS, key=len, reverse=True))
# A zone that says which half of the year it is, behind a time.
TIMED_ZONE = later(
    r"(?:\d\s?(?:[aApP](?:\.\s?[mM]\.|\s?[mM]))?|\b(?i:noon|midnight)|\b(?i:all times(?: are)?(?: in)?))\s?\(?(?P<zone>"
    rf"(?:{_SEASONS})(?!\w)|(?:Eastern|Central|Mountain|Pacific|Alaska|Atlantic)\s(?:Standard|Daylight)(?:\s[Tt]ime)?)"
)
# One of these is in each.
PARTS_OF_TIMED_ZONE = (*zones.SEASONS, "Standard", "Daylight")
# Where that time holds all year.
_ALL_YEAR_THERE = {
    "MST": later(r"Arizona|Phoenix|Tucson|(?<!\w)AZ(?!\w)|Yukon|Sonora"),
    "CST": later(r"M[eé]xico|Saskatchewan|Regina|Costa Rica|Guatemala|Honduras|Salvador"),
    "EST": later(r"Panam[aá]|Jamaica|Canc[uú]n"),
    "AST": later(r"Puerto Rico|San Juan|Virgin Islands|Dominican"),
}


def meant(said: SaidDay, manuscript: Manuscript) -> list[date]:
    """Return the days that may be meant, the likeliest first; none if there is no such day."""
    if not said.readings[0][0]:
        return _days_of_months_around(said.readings[0][1], manuscript)
    every: list[date] = []
    for month, number in said.readings:
        years = [said.year] if said.year else []
        if not said.is_sure_of_year or not said.year:
            years += _years(manuscript, month)
        every += [day for year in years if (day := _day(year, month, number))]
    return every


def is_sure(said: SaidDay, day: date, manuscript: Manuscript) -> bool:
    """Tell whether no other day can be meant: a year is stated, or the day lies about the issue's month.

    `On Tuesday, May 24, …` in an issue of November may speak of a year that every reader remembers.
    """
    if not said.readings[0][0]:
        return False
    own = [moment.day for _, moment in of_item(manuscript.item)] if manuscript.item else []
    if said.year or any((moment.year, moment.month) == (day.year, day.month) for moment in own):
        return said.is_sure_of_year
    ahead = 12 * (day.year - int(manuscript.month[:4])) + day.month - int(manuscript.month[5:])
    return -1 <= ahead <= 3


def of_item(item: Item) -> Iterator[tuple[str, Moment]]:
    """Yield the moments of an item that readers see, each with its key."""
    for key, moment in (("starts", item.starts), ("ends", item.ends), ("deadline", item.deadline)):
        if moment:
            yield key, moment


def differs(at: datetime, zone: str, other: str) -> bool:
    """Tell whether a time on the clocks of one zone is another moment than on those of the other."""
    first, second = (at.replace(tzinfo=zones.zone_info(name)).utcoffset() for name in (zone, other))
    return first != second


def against_day(item: Item, manuscript: Manuscript, texts: list[Text]) -> Iterator[Found]:
    """Yield days in the words of an event that are not its own."""
    assert item.starts
    language = manuscript.language
    first, last = item.starts.day, (item.ends or item.starts).day
    others = {moment.day for _, moment in of_item(item)} | {item.until}
    begun = date.fromisoformat(f"{manuscript.month}-01")
    said = [
        (text, day, near)
        for text in texts
        for day in days.days(text.words, manuscript.language)
        if day.readings[0][0] and (near := _nearest(day, first))
    ]
    is_named = any(first <= near <= last for _, _, near in said)
    for text, day, near in said:
        before = text.words[: day.start][-60:]
        if first <= near <= last or near in others or _SINCE.search(before) or _is_cued("since", before, language):
            continue
        if _is_up_to(before, language, text.words[day.end :]) or _is_else(before, language):
            continue
        is_numeric = not (day.is_named or day.weekdays or day.year)
        has_hour = any(_is_beside(text.words, day, hour) for hour in days.hours(text.words, manuscript.language))
        # Others say it the other way round: la audiencia del 12 de diciembre.
        is_of_noun = manuscript.is_english and bool(_OF_NOUN.match(text.words, day.end))
        if _ABOUT.search(before) or (not has_hour and is_of_noun):
            continue
        if text.key:
            is_told = not is_numeric or has_hour
        else:
            is_meant = has_hour or (not is_numeric and (near.day == first.day or _is_coming(before, language)))
            is_told = is_meant and not is_named and near >= begun
        if is_told:
            yield _against(text, day, f"'starts' says {first.isoformat()}", "mend the one that is wrong")
    if not said:
        yield from _against_weekday(item, manuscript, texts)


def _against_weekday(item: Item, manuscript: Manuscript, texts: list[Text]) -> Iterator[Found]:
    """Yield the first weekday with an hour, in the words of an event, that is not its own; none if it is named too."""
    assert item.starts
    language = manuscript.language
    first, last = item.starts.day, (item.ends or item.starts).day
    own = {(first + timedelta(days=number)).weekday() for number in range(min((last - first).days, 6) + 1)}
    if not days.names_weekday(manuscript.whole, manuscript.vocabulary, manuscript.language):
        return
    said = [(text, day) for text in texts for day in days.weekdays(text.words, manuscript.language)]
    if any(own & {*day.weekdays} for _, day in said):
        return
    for text, day in said:
        before = text.words[: day.start][-60:]
        has_hour = any(_is_beside(text.words, day, hour) for hour in days.hours(text.words, manuscript.language))
        if has_hour and not _is_up_to(before, language) and not _is_else(before, language):
            real = days.weekday_name(first.weekday(), manuscript.language)
            other = f"'starts' says {first.isoformat()}, a {real}"
            yield _against(text, day, other, "mend the one that is wrong, or name that day in the words too")
            return


def against_hour(story: Story, manuscript: Manuscript, texts: list[Text]) -> Iterator[Found]:
    """Yield the first hour in the words of an event at which it can't begin; none if they name the right one too."""
    item = story.item
    assert item.starts
    language = manuscript.language
    if not item.starts.at:
        return
    starts, ends = item.starts.at, item.ends.at if item.ends else None
    is_long = bool(item.ends and item.ends.day > item.starts.day + timedelta(days=1))
    said = [
        (text, hour, _there(hour, starts, story.zone))
        for text in texts
        for hour in days.hours(text.words, manuscript.language)
    ]
    if any(at == starts for _, _, at in said):
        return
    for text, hour, at in said:
        before = text.words[: hour.start][-60:]
        if _is_up_to(before, language) or _is_else(before, language) or at == ends:
            continue
        is_beside = any(
            _is_beside(text.words, day, hour) and _nearest(day, starts.date()) == starts.date()
            for day in days.days(text.words, manuscript.language)
        )
        is_door = bool(_DOORS.search(before))
        is_early = is_door or bool(_BESIDES.search(before)) or _is_cued("early", before, language, _IN_SENTENCE)
        is_told = hour.at == starts.time() or (is_beside and not is_early)
        if not is_long:
            is_told = is_told or (bool(text.key) and not is_early)
            is_told = is_told or (is_door and at > starts)
            is_told = is_told or (
                (bool(_BEGINNING.search(before)) or _is_cued("begins", before, language))
                and not starts <= at <= starts + timedelta(hours=1)
                and not is_early
            )
            is_told = is_told or (_is_coming(before, language) and abs(at - starts) == timedelta(hours=12))
        if is_told:
            zone = zone_name(starts, story.zone, "en")
            hint = "mend the one that is wrong, or name that hour in the words too"
            yield _against(text, hour, f"'starts' says {starts:%H:%M} {zone}", hint)
            return


def against_deadline(item: Item, manuscript: Manuscript, texts: list[Text]) -> Iterator[Found]:
    """Yield the first day in the words by which one is to act and that is not the deadline; none if that is named."""
    assert item.deadline
    language = manuscript.language
    last = item.deadline.day
    begun = date.fromisoformat(f"{manuscript.month}-01")
    said = [
        (text, day, near)
        for text in texts
        for day in days.days(text.words, manuscript.language)
        if day.readings[0][0] and (near := _nearest(day, last))
    ]
    if any(near == last for _, _, near in said):
        return
    own = {moment.day for _, moment in of_item(item)}
    for text, day, near in said:
        before = text.words[: day.start][-60:]
        is_limit = _is_up_to(before, language, text.words[day.end :])
        # `before October 16` is until the 15th.
        is_eve = bool(_BEFORE.search(before)) and near - last == timedelta(days=1)
        if is_limit and not is_eve and near not in own and near >= begun:
            yield _against(text, day, f"'deadline' says {last.isoformat()}", "mend the one that is wrong")
            return


def general_zones(manuscript: Manuscript, story: Story | None, config: Config) -> Iterator[tuple[Place, str, str]]:
    """Yield what `off-season-zone` tells of a file: where, the zone as typed, and the one that holds all year.

    MST in summer is left out: it may be the clocks of Denver or those of Arizona.
    """
    used = zones_used(config) | ({story.zone} if story else set())
    for text in manuscript.texts:
        for match in TIMED_ZONE.finditer(text.words):
            for found in off_season_words(text, match, manuscript, used):
                yield found.place, match["zone"], _written(found)
    if story and story.item.timezone and story.zone != "MST":
        for found in off_season_key(story, config):
            yield found.place, story.item.timezone, _written(found)


def _written(found: Found) -> str:
    """Return the zone that a hint says to write: `write ET, which is right all year`."""
    return found.hint.removeprefix("write ").partition(",")[0]


def zones_used(config: Config) -> set[str]:
    """Return the zones of the newsroom and its chapters."""
    tables = (config.own, *(chapter.own for chapter in config.chapters.values()))
    return {str(own.get("timezone", "")) for own in tables} - {""}


def _is_cued(kind: str, before: str, language: str, between: str = _ARTICLE) -> bool:
    cue = lists.cue(kind, base(language), between)
    return bool(cue and cue.search(before))


def _is_up_to(before: str, language: str, behind: str = "") -> bool:
    return bool(_UP_TO.search(before) or _UP_TO_BEHIND.match(behind)) or _is_cued("up_to", before, language)


def _is_else(before: str, language: str) -> bool:
    return bool(_ELSE.search(before)) or _is_cued("else", before, language, _IN_SENTENCE)


def _is_coming(before: str, language: str) -> bool:
    return bool(_COMING.search(before)) or _is_cued("coming", before, language, _WORDS_OF_COMING)


def off_season_key(story: Story, config: Config) -> Iterator[Found]:
    """Yield a finding for `timezone: EST` and a day on which New York has another time."""
    item, letters = story.item, story.zone
    place_of_letters = zones.SEASONS.get(letters)
    if not place_of_letters:
        return
    for _, moment in of_item(item):
        if moment.at and differs(moment.at, place_of_letters, letters):
            arizona = "; Arizona is America/Phoenix" if letters == "MST" else ""
            yield Found(
                place=item.place("timezone") if item.timezone else _zone_place(item, config),
                message=f"{letters} is not what clocks in {_city(place_of_letters)} show on {moment.day.isoformat()}",
                hint=f"write {place_of_letters}, which holds all year{arizona}",
            )
            return


def off_season_words(text: Text, match: re.Match[str], manuscript: Manuscript, used: set[str]) -> Iterator[Found]:
    """Yield a finding for `6 PM EST` if clocks show EDT on every day that may be meant."""
    typed = match["zone"]
    words = re.fullmatch(r"(\w)\w+\s(\w)\w+.*", typed)
    letters = f"{words[1]}{words[2]}T" if words else typed
    letters = letters.replace("AST", "AKST").replace("ADT", "AKDT") if typed.startswith("Alaska") else letters
    there = zones.SEASONS[letters]
    if (known := _ALL_YEAR_THERE.get(letters)) and known.search(text.words):
        return
    when = _days_meant(text, manuscript)
    shown_there = {_letters(day, there) for day in when}
    if letters in shown_there or any(_letters(day, zone) == letters for day in when for zone in used):
        return
    general = next(name for name, zone in zones.ALL_YEAR.items() if zone == there)
    yield Found(
        place=text.at(match.start("zone")),
        message=f"'{typed}' is off: clocks in {_city(there)} show {shown_there.pop()} then",
        hint=f"write {general}, which is right all year",
    )


def _against(text: Text, said: SaidDay | SaidHour, other: str, hint: str) -> Found:
    typed = shown(text.words[said.start : said.end].replace("\n", " "))
    return Found(place=text.at(said.start), message=f"'{typed}' stands here, and {other}", hint=hint)


def _is_beside(words: str, day: SaidDay, hour: SaidHour) -> bool:
    between = words[day.end : hour.start] if hour.start >= day.end else words[hour.end : day.start]
    return (hour.start >= day.end or hour.end <= day.start) and bool(_BESIDE.fullmatch(between[:40]))


def _nearest(said: SaidDay, to: date) -> date | None:
    """Return the day meant, of all years and readings the one that is nearest to another day."""
    years = [said.year] if said.year and said.is_sure_of_year else [to.year - 1, to.year, to.year + 1]
    every = [day for year in years for month, number in said.readings if (day := _day(year, month, number))]
    return min(every, key=lambda day: abs(day - to)) if every else None


def _there(hour: SaidHour, starts: datetime, zone: str) -> datetime:
    """Return an hour of the day of an event as its own clocks show it: 6 PM ET is 17:00 in Chicago."""
    at = datetime.combine(starts.date(), hour.at)
    named = zones.meant(hour.zone) if hour.zone else ""
    if not named:
        return at
    return at.replace(tzinfo=zones.zone_info(named)).astimezone(zones.zone_info(zone)).replace(tzinfo=None)


def _days_meant(text: Text, manuscript: Manuscript) -> list[date]:
    """Return the days that a time in a text may be on: those it names, else its item's, else two months from now."""
    said = (meant(day, manuscript) for day in days.days(text.words, manuscript.language))
    if named := [likely[0] for likely in said if likely]:
        return named
    if manuscript.item and (own := [moment.day for _, moment in of_item(manuscript.item)]):
        return own
    first = date.fromisoformat(f"{manuscript.month}-01")
    return [first + timedelta(days=number) for number in range(0, 61, 5)]


def _letters(day: date, zone: str) -> str:
    return datetime(day.year, day.month, day.day, 12, tzinfo=zones.zone_info(zone)).tzname() or ""


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _zone_place(item: Item, config: Config) -> Place:
    """Return where newsletter.toml states the zone of an item that states none."""
    chapters = [tag for tag in item.chapters if tag in config.chapters]
    is_chapters = len(chapters) == 1 and "timezone" in config.chapters[chapters[0]].own
    return config.place(f"chapters.{chapters[0]}.timezone" if is_chapters else "organization.timezone")


def _days_of_months_around(number: int, manuscript: Manuscript) -> list[date]:
    """Return the days that `the 27th` may be: of the item's own dates, else of the month and those beside it."""
    if own := [moment.day for _, moment in of_item(manuscript.item)] if manuscript.item else []:
        return [day for near in own if (day := _day(near.year, near.month, number))]
    first = date.fromisoformat(f"{manuscript.month}-01")
    months = (first, first - timedelta(days=1), first + timedelta(days=31))
    return [day for near in months if (day := _day(near.year, near.month, number))]


def _years(manuscript: Manuscript, month: int) -> list[int]:
    """Return the years that a date without one may mean, the likeliest first.

    That is the year of the item's own dates in that month; without such dates the one that brings it nearest to the
    issue's month, and of a date some months off the one on its other side too: it may be one to save, or to remember.
    """
    item = manuscript.item
    if own := [moment.day.year for _, moment in of_item(item) if moment.day.month == month] if item else []:
        return own
    year, current = int(manuscript.month[:4]), int(manuscript.month[5:])
    near = year + (1 if month < current - 6 else -1 if month > current + 6 else 0)
    ahead = 12 * (near - year) + month - current
    if abs(ahead) > 3:
        return [near, near - 1 if ahead > 0 else near + 1]
    return [near]


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None
