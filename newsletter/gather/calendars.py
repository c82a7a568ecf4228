"""A calendar (.ics, RFC 5545) -> clippings: an event is an item, one that recurs as often as it does in the month."""

import hashlib
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct

from newsletter.errors import ContentError, Fault, shown
from newsletter.gather import rewritten
from newsletter.gather.clipping import Asked, Clipping, Gathered
from newsletter.gather.sources import Source, letters
from newsletter.read import values, zones
from newsletter.read.values import Refused

# How often an event that recurs is taken: as often as it can be once a week.
_TIMES = 5
# Events of a file, and the seconds that they may take: a rule may name a day that never comes (30 February).
_MOST_EVENTS, _SECONDS = 20_000, 20.0
_EVENT = re.compile(r"^BEGIN:VEVENT\s*$(.*?)^END:VEVENT\s*$", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_ZONE = re.compile(r"^BEGIN:VTIMEZONE\s*$.*?^END:VTIMEZONE\s*$", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_ZONE_NAME = re.compile(r"^TZID(?:;[^:\n]*)?:(.*)$", re.MULTILINE | re.IGNORECASE)
_NAMED = re.compile(r";TZID=(\"[^\"\n]*\"|[^:;\n]*)", re.IGNORECASE)
_UID = re.compile(r"^UID(?:;[^:\n]*)?:(.*)$", re.MULTILINE | re.IGNORECASE)
# What recurs so often is no event for a newsletter; to count it alone takes minutes.
_RESTLESS = re.compile(
    r"^(?:RRULE|EXRULE)(?:;[^:\n]*)?:.*(?:FREQ=(?:SECONDLY|MINUTELY|HOURLY)|BYSECOND=|BYMINUTE=[^;\n]*,)",
    re.MULTILINE | re.IGNORECASE,
)
_RECURS = re.compile(r"^(?:RRULE|RDATE)(?:;[^:\n]*)?:", re.MULTILINE | re.IGNORECASE)
_BEGINS = re.compile(r"^DTSTART(?:;[^:\n]*)?:(\d{4})(\d\d)(\d\d)", re.MULTILINE | re.IGNORECASE)
_STARTED = re.compile(r"^BEGIN:VCALENDAR", re.MULTILINE | re.IGNORECASE)


class _Series(Struct, frozen=True, kw_only=True):
    """The events with one UID: the first and all that differ from it. `line` is where the first begins."""

    uid: str
    line: int
    texts: tuple[str, ...]

    @property
    def whole(self) -> str:
        return "\n".join(self.texts)

    @property
    def recurs(self) -> bool:
        return bool(_RECURS.search(self.whole))


def clippings(source: Source, asked: Asked) -> Gathered:
    """Return the events of the month that is asked for; of all months from this one on where none was named.

    A file of one event is taken whatever its month. What is left is counted in the remarks.
    """
    text, remark = letters(source)
    text = values.clean(text)
    if not _STARTED.search(text):
        message, hint = "is no calendar: it does not begin with BEGIN:VCALENDAR", "export the calendar anew"
        raise ContentError([Fault(place=source.place(1), message=message, hint=hint)])
    remarks = [f"{source.name} {remark}"] if remark else []
    # A line that begins with a blank goes on with the one before (3.1).
    unfolded = re.sub(r"\n[ \t]", "", text)
    series, left = _series(unfolded, text)
    if left:
        remarks.append(f"{source.name}: {left:,} events after the first {_MOST_EVENTS:,} were not looked at")
    if not series:
        raise ContentError([Fault(place=source.place(), message="holds no event", hint="look at what was exported")])
    reader = _Reader(source, asked, unfolded)
    made = reader.read(series)
    return Gathered(clippings=tuple(made), remarks=(*remarks, *reader.remarks()), faults=tuple(reader.faults))


def _series(unfolded: str, text: str) -> tuple[list[_Series], int]:
    """Return the events by their UID, in the order of the file, and how many were not looked at."""
    begins = [number for number, line in enumerate(text.split("\n"), 1) if line.strip().upper() == "BEGIN:VEVENT"]
    found: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    left = 0
    for number, event in enumerate(_EVENT.finditer(unfolded)):
        if number >= _MOST_EVENTS:
            left += 1
            continue
        line = begins[number] if number < len(begins) else 0
        uid = _UID.search(event[1])
        key = uid[1].strip() if uid and uid[1].strip() else f"event-{number + 1}"
        found.setdefault(key, []).append(event[1].strip("\n"))
        lines.setdefault(key, line)
    return [_Series(uid=key, line=lines[key], texts=tuple(texts)) for key, texts in found.items()], left


class _Reader:
    def __init__(self, source: Source, asked: Asked, text: str) -> None:
        self.source, self.asked = source, asked
        # Zones whose names say nothing, such as Outlook's `Customized Time Zone`, with the hours that the file gives
        # them. icalendar remembers such a zone by its name for as long as the program runs, so each file has its own.
        mark = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]
        self.made_up: dict[str, str] = {}
        components: list[str] = []
        for component in _ZONE.finditer(text):
            name = _ZONE_NAME.search(component[0])
            if name and not _zone_named(name[1]):
                self.made_up[name[1].strip()] = f"{mark}-{len(components)}"
                components.append(_ZONE_NAME.sub(f"TZID:{mark}-{len(components)}", component[0]))
        self.of_zones = "\n".join(components)
        usual = re.search(r"^X-WR-TIMEZONE(?:;[^:\n]*)?:(.+)$", text, re.MULTILINE | re.IGNORECASE)
        self.zone = _zone_named(usual[1].strip()) if usual else ""
        self.first = date(int(asked.month[:4]), int(asked.month[5:]), 1)
        self.behind = (self.first + timedelta(days=32)).replace(day=1)
        self.faults: list[Fault] = []
        # What was left: of other months by month, repetitions, events that are called off, out of time.
        self.elsewhere: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        self.cancelled = self.unread = 0
        self.until = time.monotonic() + _SECONDS

    def read(self, series: Sequence[_Series]) -> list[Clipping]:
        made: list[Clipping] = []
        for entry in series:
            if time.monotonic() > self.until:
                self.unread += 1
                continue
            if not self.may_concern(entry) and len(series) > 1:
                continue
            if _RESTLESS.search(entry.whole):
                self.refuse(
                    entry, "recurs within a day, which is no event for a newsletter", "delete its rule, or the event"
                )
                continue
            try:
                made += self.of_series(entry, is_alone=len(series) == 1)
            except RecursionError:
                self.refuse(entry, "is nested too deeply", "delete the event")
            except Exception:  # icalendar and dateutil raise whatever they trip over, and the file is a stranger's.
                self.refuse(entry, "can't be read", "look at its DTSTART, DTEND and RRULE")
        return made

    def refuse(self, entry: _Series, message: str, hint: str) -> None:
        summary = re.search(r"^SUMMARY(?:;[^:\n]*)?:(.*)$", entry.whole, re.MULTILINE | re.IGNORECASE)
        title = f"'{shown(summary[1].strip())}' " if summary else "this event "
        self.faults.append(Fault(place=self.source.place(entry.line), message=f"{title}{message}", hint=hint))

    def may_concern(self, entry: _Series) -> bool:
        """Tell whether an event can be one of the month by its first day alone; count it where it can't."""
        begun = [match for match in map(_BEGINS.search, entry.texts) if match]
        if len(begun) != len(entry.texts):
            return True
        months = sorted(f"{match[1]}-{match[2]}" for match in begun)
        if months[0] > self.asked.month and self.asked.is_stated:
            # It begins later, once or for the first time; a day's zone may make it the day before.
            if months[0] == f"{self.behind:%Y-%m}" and any(match[3] == "01" for match in begun):
                return True
            self.elsewhere[months[0]] += 1
            return False
        if not entry.recurs and months[-1] < f"{self.first - timedelta(days=400):%Y-%m}":
            self.elsewhere[months[-1]] += 1
            return False
        return True

    def of_series(self, entry: _Series, *, is_alone: bool) -> Iterator[Clipping]:
        import icalendar
        import recurring_ical_events

        unknown: list[str] = []
        texts = [_NAMED.sub(lambda match: self.known_zone(match, unknown), text) for text in entry.texts]
        body = "\n".join(f"BEGIN:VEVENT\n{text}\nEND:VEVENT" for text in texts)
        written = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//newsletter//\n{self.of_zones}\n{body}\nEND:VCALENDAR\n"
        calendar = icalendar.Calendar.from_ical(written)
        events: list[Any] = [event for event in calendar.walk("VEVENT") if "DTSTART" in event]
        if not events:
            self.refuse(entry, "says no day", "give it a DTSTART")
            return
        # Several events with one UID that don't recur: each stands for itself.
        moments = events
        if entry.recurs:
            # Two more than are taken on either side: days begin elsewhere in other zones.
            moments = recurring_ical_events.of(calendar).between(
                self.first - timedelta(days=1), self.behind + timedelta(days=1)
            )
        taken = 0
        chosen = sorted(moments, key=lambda event: str(_day(event["DTSTART"].dt)) + str(event["DTSTART"].dt))
        for event in chosen:
            clipping = self.clipping(entry, event, unknown)
            month = clipping.values["starts"][:7]
            last = clipping.values.get("ends", clipping.values["starts"])[:7]
            is_within = month <= self.asked.month <= last
            if entry.recurs and not is_within:
                continue
            if not is_within and not is_alone and (self.asked.is_stated or last < self.asked.month):
                self.elsewhere[month] += 1
            elif str(event.get("STATUS", "")).upper() == "CANCELLED":
                self.cancelled += 1
            elif taken >= _TIMES:
                self.repeated[clipping.values.get("title", "")] += 1
            else:
                taken += 1
                yield clipping
        if entry.recurs and not taken:
            self.elsewhere[f"{min(_day(event['DTSTART'].dt) for event in events):%Y-%m}"] += 1

    def known_zone(self, named: re.Match[str], unknown: list[str]) -> str:
        """Return how a time names its zone, `;TZID=America/New_York`, so that icalendar knows it; "" for none."""
        typed = named[1].strip('"').strip()
        name = self.made_up.get(typed) or _zone_named(typed)
        if not name and typed:
            unknown.append(typed)
        return f";TZID={name}" if name else ""

    def clipping(self, entry: _Series, event: Any, unknown: Sequence[str]) -> Clipping:
        """Return an event, or one time of it, as a clipping."""
        typed: dict[str, str] = {}
        title = " ".join(str(event.get("SUMMARY", "")).split())
        if title:
            typed["title"] = title
        start = event["DTSTART"]
        typed["starts"], zone = self.moment(start)
        if zone:
            typed["timezone"] = zone
        end = _end(event)
        if end is not None:
            if not isinstance(end, datetime):
                # The day behind the last one (3.6.1).
                last = max(_day(start.dt), end - timedelta(days=1))
                if last > _day(start.dt):
                    typed["ends"] = f"{last}"
            elif isinstance(start.dt, datetime):
                ends = self.in_zone(end, zone, _tzid(event.get("DTEND")))
                if ends > typed["starts"]:
                    typed["ends"] = ends
        place = ", ".join(part.strip() for part in str(event.get("LOCATION", "")).split("\n") if part.strip())
        url = str(event.get("URL", "")).strip()
        if re.match(r"https?://\S+$", place) and not url:
            # A meeting that is held there.
            url, place = place, ""
        if place:
            typed["location"] = place
        if url:
            typed["link"] = url
        day = f" {typed['starts'][:10]}" if entry.recurs or len(entry.texts) > 1 else ""
        return Clipping(
            place=self.source.place(entry.line),
            made_from=f"{self.source.name}#{entry.uid}{day}",
            values=typed,
            words=_words(event),
            missing=tuple(
                f"the time zone '{shown(name)}' is not known, and was left out" for name in dict.fromkeys(unknown)
            ),
            fill={"section": "events"},
        )

    def moment(self, start: Any) -> tuple[str, str]:
        """Return a beginning as an item has it, and the zone of its time; "" for a day, and for a time of no zone."""
        if not isinstance(start.dt, datetime):
            return f"{_day(start.dt)}", ""
        tzid = _tzid(start)
        if start.dt.tzinfo is None and not tzid:
            return f"{start.dt:%Y-%m-%d %H:%M}", ""
        zone = _zone_named(tzid) if tzid else ""
        offset = start.dt.utcoffset()
        if not zone and start.dt.tzinfo is not None:
            key = str(getattr(start.dt.tzinfo, "key", "") or start.dt.tzinfo)
            zone = _zone_named(key)
        if zone in {"UTC", "Etc/UTC"} or (not zone and offset == timedelta(0)):
            # Google writes all times so, and says whose they are once for the whole calendar.
            zone = self.zone or "UTC"
        if not zone and offset is not None:
            minutes = int(offset.total_seconds() // 60)
            sign = "-" if minutes < 0 else "+"
            stated = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
            zone = zones.behind_a_time(stated, start.dt.replace(tzinfo=None)) or "UTC"
        return self.in_zone(start.dt, zone, tzid), zone

    def in_zone(self, at: datetime, zone: str, tzid: str) -> str:
        """Return a time by the clocks of a zone; one that names the zone itself already shows it."""
        if at.tzinfo is not None and zone and not (tzid and _zone_named(tzid) == zone):
            at = at.astimezone(zones.zone_info(zone))
        return f"{at:%Y-%m-%d %H:%M}"

    def remarks(self) -> list[str]:
        """Return what was left, in sentences."""
        name, out = self.source.name, []
        if self.elsewhere:
            months = sorted(self.elsewhere.items())
            # Those that come next are what somebody may want.
            later = [pair for pair in months if pair[0] > self.asked.month] or months
            listed = ", ".join(f"{month} ({count})" for month, count in later[:6]) + (", …" if len(later) > 6 else "")
            total = sum(self.elsewhere.values())
            what = "1 event was" if total == 1 else f"{total:,} events were"
            out.append(f"{name}: {what} left, outside {self.asked.month}: {listed}")
        if self.repeated:
            total = sum(self.repeated.values())
            title = next(iter(self.repeated))
            what = f"of what recurs, such as '{shown(title)}', the first {_TIMES} times are taken"
            out.append(f"{name}: {what}, and {total:,} were left")
        if self.cancelled:
            what = "1 event was" if self.cancelled == 1 else f"{self.cancelled:,} events were"
            out.append(f"{name}: {what} called off, and left")
        if self.unread:
            out.append(f"{name}: {self.unread:,} events were not looked at: those before them took all the time")
        return out


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _end(event: Any) -> date | datetime | None:
    if "DTEND" in event:
        return event["DTEND"].dt  # type: ignore[no-any-return]  # a date or a datetime
    if "DURATION" in event:
        with suppress(OverflowError, TypeError):
            return event["DTSTART"].dt + event["DURATION"].dt  # type: ignore[no-any-return]  # as above
    return None


def _tzid(value: Any) -> str:
    return str(getattr(value, "params", {}).get("TZID", "") or "").strip()


def _zone_named(typed: str) -> str:
    """Return the zone of the IANA database that a TZID means; "" where none is known.

    `America/New_York`, `Eastern Standard Time` (Outlook), `(UTC-05:00) Eastern Time (US & Canada)`,
    `/freeassociation.sourceforge.net/America/New_York`, `tzone://Microsoft/Utc`.
    """
    typed = typed.strip('" ')
    if typed.lower() in {"utc", "gmt", "z", "etc/utc", "tzone://microsoft/utc", "coordinated universal time"}:
        return "UTC"
    parts = typed.split("/")
    words = re.sub(r"^\((?:UTC|GMT)[^)]*\)\s*", "", typed)
    # A name is no longer than a word of the front matter may be.
    names = (typed, "/".join(parts[-2:]), "/".join(parts[-3:]), words)
    for name in dict.fromkeys(name for name in names if 0 < len(name) <= 100):
        with suppress(Refused):
            return str(values.zone(name))
        if meant := zones.meant(name):
            return meant
    return ""


def _words(event: Any) -> str:
    """Return what is said of an event: as HTML where there is some, else as it was typed."""
    html = event.get("X-ALT-DESC")
    described = str(event.get("DESCRIPTION", "")).strip()
    if html and "html" in str(getattr(html, "params", {}).get("FMTTYPE", "")).lower():
        return rewritten.markdown(str(html).replace("\\n", "\n"))
    if re.search(r"<(?:br|p|a|b|ul|ol|li|div|span|i|strong|em)\b[^<>]*>", described, re.IGNORECASE):
        # Google writes HTML there, with line ends that are meant.
        return rewritten.markdown(described.replace("\n", "<br>"))
    paragraphs = re.split(r"\n\s*\n", described)
    return "\n\n".join(
        "\\\n".join(filter(None, map(str.strip, rewritten.escaped(part).split("\n")))) for part in paragraphs
    ).strip()
