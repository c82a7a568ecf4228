"""Rules about the cover: the two lines by which a reader decides to open the mail."""

import re
from collections.abc import Iterator
from functools import lru_cache

from newsletter.check.clients import inboxes
from newsletter.check.registry import Found, rule
from newsletter.check.subject import Subject
from newsletter.errors import Place
from newsletter.model import Level
from newsletter.read import prose

# Longer than this no inbox shows, and Action Network refuses a subject of 200.
_LONGEST_SUBJECT, _LONGEST_PREHEADER = 160, 160
_REFUSED_SUBJECT = 200


@rule("no-subject", Level.ERROR)
def no_subject(subject: Subject) -> Iterator[Found]:
    """A mail without a subject is taken for spam, by filters and by readers."""
    if not re.search(r"\w", subject.cover.subject) and not subject.cover.subject.strip():
        yield Found(
            place=subject.sources.setting("subject"),
            message=f"{subject.issue.id} has no subject",
            hint="write subject: … on its front page, or give its items headlines",
        )


@rule("long-subject", Level.WARNING)
def long_subject(subject: Subject) -> Iterator[Found]:
    """Nobody reads what an inbox cuts off; the words that count must come first."""
    words = subject.delivery.subject
    if len(words) > _LONGEST_SUBJECT:
        widest = max(inboxes(), key=lambda inbox: inbox.subject)
        yield Found(
            place=place_of(subject, "subject"),
            message=f"the subject has {len(words)} characters; even {widest.name} cuts "
            f"'{_tail(words, widest.subject)}'",
            hint="name fewer headlines, or shorter ones (headline: in the items); --clients shows each inbox",
            level=Level.ERROR if len(words) >= _REFUSED_SUBJECT else None,
        )


@rule("long-preheader", Level.ADVICE)
def long_preheader(subject: Subject) -> Iterator[Found]:
    """No inbox shows more than the first 140 characters of a preheader."""
    words = subject.delivery.preheader
    if len(words) > _LONGEST_PREHEADER:
        widest = max(inboxes(), key=lambda inbox: inbox.preheader)
        yield Found(
            place=place_of(subject, "preheader"),
            message=f"the preheader has {len(words)} characters; even {widest.name} cuts "
            f"'{_tail(words, widest.preheader)}'",
            hint="end it at about 100 characters; --clients shows each inbox",
        )


@rule("no-preheader", Level.ADVICE)
def no_preheader(subject: Subject) -> Iterator[Found]:
    """Without a preheader the inbox shows whatever words come first, often a link to the browser view."""
    if not subject.cover.preheader.strip():
        yield Found(
            place=place_of(subject, "preheader"),
            message=f"{subject.issue.id} has nothing to show after the subject",
            hint="write preheader: … on its front page",
        )


@rule("preheader-repeats-subject", Level.WARNING)
def preheader_repeats_subject(subject: Subject) -> Iterator[Found]:
    """The inbox shows both side by side: a preheader that says the subject again wastes the second line."""
    told = _words(subject.cover.subject)
    said = _words(subject.cover.preheader)
    if said and (said == told or (len(set(said)) > 3 and len(set(said) & set(told)) >= 0.8 * len(set(said)))):
        yield Found(
            place=place_of(subject, "preheader"),
            message="the preheader says what the subject says",
            hint="write preheader: … on its front page, about what the subject leaves out",
        )


@rule("emoji-only", Level.WARNING)
def emoji_only(subject: Subject) -> Iterator[Found]:
    """A line of emoji alone says nothing to readers who hear it, and looks like spam."""
    for name, words in (("subject", subject.cover.subject), ("preheader", subject.cover.preheader)):
        if words.strip() and not re.search(r"[^\W_]", words):
            yield Found(
                place=place_of(subject, name),
                message=f"the {name} is '{words.strip()}' and no words",
                hint="say in words what is in this issue",
            )


@rule("fake-reply", Level.ERROR)
def fake_reply(subject: Subject) -> Iterator[Found]:
    """RE: or FW: before a mail that answers nobody is a trick, and the law on commercial mail forbids misleading
    subjects.
    """
    if match := re.match(r"\s*(re|fwd?|aw|wg|rv)\s*:", subject.cover.subject, re.IGNORECASE):
        yield Found(
            place=place_of(subject, "subject"),
            message=f"the subject begins with '{match[0].strip()}', as if it were an answer",
            hint="take it out",
        )


@rule("covers-alike", Level.WARNING)
def covers_alike(subject: Subject) -> Iterator[Found]:
    """A reader who gets two of the month's issues takes the second for the first, and deletes it."""
    said = _said(subject.cover.subject)
    for earlier in subject.before:
        if _said(earlier.subject) == said:
            yield Found(
                place=place_of(subject, "subject"),
                message=f"{earlier.id} has the same subject",
                hint="name the chapter in the title, or choose other headlines: on the front page",
            )
            return


@rule("cover-tag-without-fallback", Level.WARNING)
def cover_tag_without_fallback(subject: Subject) -> Iterator[Found]:
    """A name in the subject leaves a hole for every reader who gave none."""
    for name, words in (("subject", subject.cover.subject), ("preheader", subject.cover.preheader)):
        if "%%first_name%%" in words:
            yield Found(
                place=place_of(subject, name),
                message=f"the {name} holds %%first_name%% without a fallback for readers who gave no name",
                hint="write %%first_name|friend%%",
            )


def cut(words: str, most: int) -> tuple[str, str]:
    """Return what an inbox of that many characters shows of the words, and what it cuts off."""
    return (words, "") if len(words) <= most else (words[: most - 1].rstrip() + "…", words[most - 1 :].lstrip())


def place_of(subject: Subject, key: str, said: str = "") -> Place:
    """Return where subject or preheader come from: a setting, the first headline, the words it was cut from.

    With `said`, words of that line, the headline that holds them goes before the first one.
    """
    issue = subject.issue
    front, settings = issue.front_page, issue.settings
    stated = {"subject": front and "subject" in front.own, "preheader": settings.preheader}
    if stated[key] or (key == "subject" and "{headlines}" not in settings.subject):
        return subject.sources.setting(key)
    if key == "subject" and front and front.headlines:
        return front.place("headlines")
    # A preheader is cut from the greeting or from a story, or names headlines as the subject does.
    beginning = " ".join(subject.cover.preheader.split()[:4])
    if key == "preheader" and beginning:
        if front and prose.plain(front.greeting, issue.typeset_in).startswith(beginning):
            return front.place("body")
        if not front and prose.plain(settings.greeting, issue.typeset_in).startswith(beginning):
            return subject.sources.setting("greeting")
        for story in issue.stories:
            if prose.plain(story.item.body, story.typeset_in).startswith(beginning):
                return story.item.place("body")
    headlines = [story.item for story in issue.stories if story.item.headline in getattr(subject.cover, key)]
    if headlines:
        item = next((item for item in headlines if said in item.headline), headlines[0])
        return item.place("headline" if "headline" in item.lines else "title")
    return front.place() if front else subject.sources.setting("title")


def _tail(words: str, most: int) -> str:
    tail = cut(words, most)[1]
    return tail if len(tail) <= 60 else f"{tail[:59]}…"


@lru_cache(1024)
def _said(text: str) -> str:
    return " ".join(_words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())
