"""Rules about whom an issue goes to, and when: another month's words, another chapter's list, a page copied whole."""

import re
from collections.abc import Iterator
from functools import lru_cache

from newsletter.check import lists
from newsletter.check.alike import folded, is_alike, is_same_page, page_of, phrases
from newsletter.check.registry import Found, rule
from newsletter.check.subject import Subject
from newsletter.check.words import shown
from newsletter.errors import Place
from newsletter.model import Chapter, FrontPage, Item, Level
from newsletter.patterns import later
from newsletter.read import days
from newsletter.read.config import fill, words_of

# Words of a greeting from which on two pages don't have it by chance, alone and together with another key.
_LONG_GREETING, _GREETING = 25, 6
# From how many words on one or two of them may differ, how much of all must be the same, and how many are weighed.
_MANY, _NEARLY, _WEIGHED = 10, 0.9, 300
# 简报 | 2024年10月, as Chinese and Japanese have it, and nothing more between the bars.
_IN_FIGURES = later(r"(?:(?<=[|｜·•])|^)\s*(20\d\d)年\s?(1[0-2]|0?[1-9])月[号號刊期]?\s*(?=[|｜·•]|$)")
# In that order they are told.
_COVER = ("subject", "title", "preheader")


@rule("wrong-month", Level.WARNING)
def wrong_month(subject: Subject) -> Iterator[Found]:
    """A November issue that says October was copied from the last one, and its reader thinks that it is old."""
    front = subject.issue.front_page
    if not front:
        return
    month = subject.issue.month
    texts = [(front.place(key), str(front.own[key]), key) for key in _COVER if front.own.get(key)]
    texts += [(front.place("headlines"), headline, "headlines") for headline in front.headlines]
    # What stands further down tells of what was and of what will be.
    greeting = front.greeting.split("\n\n", 1)[0]
    texts += [
        (Place(file=front.path, line=front.body_line + number), line, "")
        for number, line in enumerate(greeting.split("\n"))
    ]
    for place, words, key in texts:
        for match in _new_year().finditer(words):
            # In December people wish each other a happy next year.
            if match[1] not in {month[:4], str(int(month[:4]) + 1)}:
                yield _wrong(place, match[0], subject)
        for typed, number, year in _named(words, subject.issue.settings.language):
            # An older year in these is told by stale-year.
            is_told = year and int(year) < int(month[:4]) and key in _COVER
            is_own = any(int(covered[5:]) == number and year in {"", covered[:4]} for covered in subject.issue.months)
            if not is_own and not is_told:
                yield _wrong(place, typed, subject)


def _wrong(place: Place, typed: str, subject: Subject) -> Found:
    return Found(
        place=place,
        message=f"'{shown(typed)}' stands in an issue of {subject.issue.period}",
        hint="was this copied from another issue? name this month, or take it out",
    )


@rule("copied-front-page", Level.WARNING)
def copied_front_page(subject: Subject) -> Iterator[Found]:
    """Last month's subject, preheader or greeting over this month's stories sends readers to what they read already."""
    front = subject.issue.front_page
    for earlier in subject.pages_before if front else ():
        assert front
        same, is_near = _same(front, earlier)
        if same:
            names = ", ".join(same[:-1]) + f" and {same[-1]}" if len(same) > 1 else same[0]
            yield Found(
                place=front.place("body" if same[0] == "greeting" else same[0]),
                message=f"{names} {'is' if len(same) == 1 and same[0] != 'headlines' else 'are'} "
                f"{'nearly ' if is_near else ''}the same as in {earlier.issue_id}",
                hint="write what is new this month; a key that you take out is filled from this month's items",
            )
            return


@rule("one-list-twice", Level.WARNING)
def one_list_twice(subject: Subject) -> Iterator[Found]:
    """Who is on the list gets two issues, one of them another chapter's, and another chapter's members get none."""
    issue = subject.issue
    audience = issue.settings.audience
    if not audience:
        return
    place = subject.sources.setting("audience")
    is_own = bool(issue.front_page and "audience" in issue.front_page.own)
    for earlier in subject.before:
        # Two newsletters for everyone may go to the same people, unless a page says so that was copied.
        is_meant = not issue.chapter and not earlier.chapter and not is_own
        if earlier.audience.casefold() == audience.casefold() and not is_meant:
            yield Found(
                place=place,
                message=f"{issue.id} and {earlier.id} go to one list, '{shown(audience)}'",
                hint=f"state audience for {issue.chapter.name if issue.chapter else issue.id}, or take it out here",
            )
            return
    if issue.chapter:
        for chapter in _others(subject):
            if _setting(subject, chapter, "audience").casefold() == audience.casefold():
                yield Found(
                    place=place,
                    message=f"'{shown(audience)}' is the list of {chapter.code}, in an issue of {issue.chapter.code}",
                    hint=f"state the list of {issue.chapter.name}, or take audience out here",
                )
                return


@rule("other-chapter", Level.WARNING)
def other_chapter(subject: Subject) -> Iterator[Found]:
    """A mail in another chapter's name was copied from it: members wonder who writes to them, and answer to others."""
    issue = subject.issue
    if not issue.chapter:
        return
    own = subject.config.chapters[issue.chapter.code]
    for place, key, value in _own_words(subject):
        other = next((chapter for chapter in _others(subject) if _is_of(chapter, key, value, issue.front_page)), None)
        if other and not _is_named(own, key, value):
            mend = f"greet the members of {own.name}" if key == "greeting" else f"write that of {own.name}"
            yield Found(
                place=place,
                message=f"the {_SENDER.get(key, key)} '{shown(value)}' is that of {other.code}, "
                f"in an issue of {own.code}",
                hint=mend if key == "greeting" else f"{mend}, or take {key} out here",
            )


_SENDER = {"sender_name": "sender", "sender_address": "sender's address", "reply_to": "address for answers"}


def _own_words(subject: Subject) -> Iterator[tuple[Place, str, str]]:
    """Yield what a chapter, or its front page, says of itself: where, the key, the words."""
    issue, front = subject.issue, subject.issue.front_page
    assert issue.chapter
    stated = {**subject.config.chapters[issue.chapter.code].own, **(front.own if front else {})}
    for key in _SENDER:
        # What all chapters have from their publication is nobody's.
        if key in stated:
            yield subject.sources.setting(key), key, str(getattr(issue.settings, key))
    if front:
        for key in ("subject", "title"):
            if front.own.get(key):
                yield front.place(key), key, str(front.own[key])
        first = front.greeting.partition("\n")[0]
        if first.strip("*_¡ ").casefold().startswith(tuple(lists.words("salutations"))):
            # Hello New York, here is what Minnesota did.
            yield front.place("body"), "greeting", re.split(r"[,.!:;，。！：]", first)[0]


def _is_of(chapter: Chapter, key: str, value: str, front: FrontPage | None) -> bool:
    """Tell whether words name another chapter; or are its own setting, word for word, on a front page."""
    is_copied = front and key in front.own and key in chapter.own and str(chapter.own[key]) == value
    return bool(is_copied) or _is_named(chapter, key, value)


def _is_named(chapter: Chapter, key: str, words: str) -> bool:
    """Tell whether words name a chapter, by its code or by its name; an address, by its code."""
    if key in {"sender_address", "reply_to"}:
        return chapter.code.casefold() in re.split(r"[^a-z0-9]+", words.casefold())
    # A code is in capitals, so that NO and IN are no words here; but OK and HI may be, in a line of words.
    names = [chapter.name] if len(chapter.code) < 3 and key in {"subject", "greeting"} else [chapter.code, chapter.name]
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words) for name in names)


@rule("ran-before", Level.WARNING)
def ran_before(subject: Subject) -> Iterator[Found]:
    """Who reads the same story twice within a year feels that nobody remembers what was said: its title, its link or
    nearly its words ran in the same issue of an earlier month, as that was sent.
    """
    for story in subject.issue.stories:
        for earlier in subject.told:
            said = next(((item, *how) for item in earlier.items if (how := _again_of(story.item, item))), None)
            if said:
                item, key, what = said
                yield Found(
                    place=story.item.place(key),
                    message=f"{what} in {earlier.issue} already, from {item.path}",
                    hint="say what is new since then, or leave it out; if it is meant: allow: [ran-before]",
                )
                break


def _again_of(item: Item, earlier: Item) -> tuple[str, str] | None:
    """Return the key at which an item says the same as an earlier one, and what; None if it does not.

    An item that runs in several months on purpose is one file.
    """
    if item.path == earlier.path:
        return None
    if folded(item.title) == folded(earlier.title):
        return "title", f"'{shown(item.title)}' ran"
    # The first page of somebody's site is in many stories.
    if is_same_page(item.link, earlier.link) and "/" in page_of(item.link):
        return "link", f"{shown(item.link)} was the link of a story"
    if is_alike(phrases(item.body), phrases(earlier.body)):
        return "body", f"nearly these words ran as '{shown(earlier.title)}'"
    return None


def _others(subject: Subject) -> Iterator[Chapter]:
    issue = subject.issue
    assert issue.chapter
    for code, chapter in subject.config.chapters.items():
        if code != issue.chapter.code:
            yield chapter


def _setting(subject: Subject, chapter: Chapter, key: str) -> str:
    """Return a setting as another chapter has it in this publication."""
    config = subject.config
    stated = (chapter.own, config.publications[subject.issue.publication].own, config.own)
    value = next((str(own[key]) for own in stated if own.get(key)), "")
    return fill(value, words_of(config, chapter))


def _same(front: FrontPage, earlier: FrontPage) -> tuple[list[str], bool]:
    """Return what a page has from an earlier one, if it is more than two pages have by chance, and whether any of it is
    not word for word the same.
    """
    pairs = [(key, str(front.own.get(key, "")), str(earlier.own.get(key, ""))) for key in ("subject", "preheader")]
    pairs.append(("greeting", front.greeting, earlier.greeting))
    alike = {key: _likeness(one.split(), other.split()) for key, one, other in pairs if one and other}
    same = [key for key in ("subject", "preheader") if alike.get(key)]
    if front.headlines and front.headlines == earlier.headlines:
        same.append("headlines")
    length = len(front.greeting.split())
    if length >= _GREETING and alike.get("greeting"):
        same.append("greeting")
    is_by_chance = same == ["preheader"] or (same == ["greeting"] and length < _LONG_GREETING)
    return [] if is_by_chance else same, any(alike.get(key, 1) < 1 for key in same)


def _likeness(words: list[str], others: list[str]) -> float:
    """Return 1 for the same words, 0 for others, and how like they are where of many words one or two are changed."""
    if words == others:
        return 1
    least, most = sorted((len(words), len(others)))
    if least < _MANY or least < _NEARLY * most:
        return 0
    from difflib import SequenceMatcher

    ratio = SequenceMatcher(None, words[:_WEIGHED], others[:_WEIGHED], autojunk=False).ratio()
    return ratio if ratio >= _NEARLY else 0


def _named(words: str, language: str) -> Iterator[tuple[str, int, str]]:
    """Yield the months by which words name the issue itself: as typed, the month's number, its year ("" if none)."""
    if not re.search(r"\w", words):
        return
    months, pattern = days.names(language)[1], _own_month(language)
    for match in pattern.finditer(words):
        name, year = ("".join(match[f"{kind}{number}"] or "" for number in ("", 2, 3, 4)) for kind in ("month", "year"))
        yield match[0].strip(" |:·•–—-"), months[days.bare(name)], year
    for match in _IN_FIGURES.finditer(words):
        yield match[0].strip(), int(match[2]), match[1]


@lru_cache(1)
def _new_year() -> re.Pattern[str]:
    welcomes = "|".join(
        map(re.escape, sorted(lists.words("new_years") | lists.words("welcomes"), key=len, reverse=True))
    )
    return re.compile(rf"(?i)(?<!\w)(?:{welcomes})[,\s]+(?:the\s+)?(20\d\d)(?!\w)")


@lru_cache(8)
def _own_month(language: str) -> re.Pattern[str]:
    """Return what finds a month by which an issue names itself: `| October 2024`, `October news`, `Happy October`."""
    # Names are in capitals where the language writes them so: "you may issue" names no month.
    has_capitals = language.startswith(("en", "de"))
    named = [name.capitalize() if has_capitals else name for name in days.names(language)[1]]
    names = "|".join(map(re.escape, sorted(named, key=len, reverse=True)))
    year = r"20\d\d"
    month = rf"(?P<month>{names})\.?(?:,?\s+(?:de\s+|del\s+)?(?P<year>{year}))?"
    issues, welcomes = (
        "|".join(map(re.escape, sorted(lists.words(kind), key=len, reverse=True))) for kind in ("issues", "welcomes")
    )
    return re.compile(
        # Alone between bars, or with its year at the end of the line.
        rf"(?:(?<=[|·•])\s*|^[^\w|]*){month}[^\w|]*(?=[|·•]|$)"
        rf"|(?<=[–—:-])\s+{_again(month, 2)[:-1]}[^\w|]*$"
        rf"|(?<!\w){_again(month, 3)}\s+(?i:{issues})(?!\w)"
        rf"|(?<!\w)(?i:{welcomes})\s+{_again(month, 4)}(?=\s*(?:[,.!:;|]|$))",
        re.NOFLAG if has_capitals else re.IGNORECASE,
    )


def _again(pattern: str, number: int) -> str:
    """Return the pattern with other names of its groups: no two in an expression may have one."""
    return re.sub(r"\?P<([a-z]+)>", rf"?P<\g<1>{number}>", pattern)
