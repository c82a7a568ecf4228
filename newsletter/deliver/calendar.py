"""Issue -> events.ics: all its events as a file that every calendar reads (RFC 5545).

Written here and read back by `icalendar` in the tests: that library takes a quarter of a cold build to load.
"""

import re
from collections.abc import Iterable, Iterator

from newsletter.issue.calendar import span_of
from newsletter.model import Issue, Story
from newsletter.read import prose

EVENTS = "events.ics"
# A line of the file has 75 octets, more go on in the next one behind a blank (RFC 5545, 3.1).
_OCTETS = 75


def calendar(issue: Issue) -> bytes:
    """Return the file; nothing where the issue has no event."""
    every = events(issue)
    return collected(issue.settings.title, every.values()) if every else b""


def events(issue: Issue) -> dict[str, str]:
    """Return every event as a calendar has it, lines folded and ended, by the path of its item."""
    return {
        story.item.path: _lines(["BEGIN:VEVENT", *_event(issue, story), "END:VEVENT"])
        for story in issue.stories
        if story.event
    }


def collected(title: str, every: Iterable[str]) -> bytes:
    """Return a calendar of the `events` of one issue or of several."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//newsletter//EN", f"X-WR-CALNAME:{_escaped(title)}"]
    return f"{_lines(head)}{''.join(every)}{_lines(['END:VCALENDAR'])}".encode()


def _event(issue: Issue, story: Story) -> Iterator[str]:
    item, span = story.item, span_of(story.item, story.zone)
    host = re.sub(r"^https?://|/.*", "", issue.settings.website) or "newsletter"
    # One event is one entry, whichever issues tell of it: calendars that have it already take it as the same.
    yield f"UID:{item.stem}-{item.months[0]}@{_escaped(host)}"
    # The same newsroom gives the same bytes: no clock.
    yield f"DTSTAMP:{item.months[0].replace('-', '')}01T000000Z"
    if span.is_whole_days:
        yield f"DTSTART;VALUE=DATE:{span.first:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{span.after:%Y%m%d}"
    else:
        yield f"DTSTART:{span.first:%Y%m%dT%H%M%SZ}"
        # An end that is the beginning says nothing (3.6.1).
        if span.after > span.first:
            yield f"DTEND:{span.after:%Y%m%dT%H%M%SZ}"
    yield f"SUMMARY:{_escaped(item.title)}"
    if item.location:
        yield f"LOCATION:{_escaped(item.location)}"
    if words := prose.plain(item.body, story.typeset_in):
        yield f"DESCRIPTION:{_escaped(words)}"
    if address := item.rsvp or item.link:
        yield f"URL:{address}"


def _escaped(text: str) -> str:
    # A comma or a semicolon would begin another value (3.3.11).
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\n", r"\n")


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _folded(line: str) -> Iterator[str]:
    """Yield a line in pieces of so many octets; no letter is taken apart."""
    if line.isascii():
        yield line[:_OCTETS]
        for at in range(_OCTETS, len(line), _OCTETS - 1):
            yield f" {line[at : at + _OCTETS - 1]}"
        return
    piece, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _OCTETS:
            yield piece
            piece, size = " ", 1
        piece, size = piece + letter, size + octets
    yield piece
