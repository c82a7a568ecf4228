"""Item -> when a calendar has it, and the addresses that put it into one. Pure: no disk, no clock."""

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote, urlencode

from msgspec import Struct

from newsletter.model import Item
from newsletter.read.zones import zone_info


class Span(Struct, frozen=True, kw_only=True):
    """When an event is: whole days from `first` to the day before `after`, or moments in UTC without a zone.

    Where nobody knows the end, it is the beginning once more.
    """

    first: date
    after: date
    is_whole_days: bool


def span_of(item: Item, zone: str) -> Span:
    """Return when the event of an item with a start is, its times read in a zone."""
    assert item.starts
    starts, ends = item.starts, item.ends
    if not starts.at:
        after = (ends.day if ends else starts.day) + timedelta(days=1)
        return Span(first=starts.day, after=after, is_whole_days=True)
    last = starts.at
    if ends and ends.at:
        last = ends.at
    elif ends and ends.day > starts.day:
        # Midnight would put the next day into the entry.
        last = datetime.combine(ends.day, time(23, 59))
    return Span(first=utc(starts.at, zone), after=utc(last, zone), is_whole_days=False)


def google_url(item: Item, span: Span) -> str:
    """Return the address that adds an event to Google's calendar.

    It wants two dates: days with the first one after the event, times in UTC, twice the same where nobody knows the end
    (github.com/InteractionDesignFoundation/add-event-to-calendar-docs, read 2026-11-26).
    """
    pattern = "%Y%m%d" if span.is_whole_days else "%Y%m%dT%H%M%SZ"
    dates = "/".join(day.strftime(pattern) for day in (span.first, span.after))
    wanted = {"action": "TEMPLATE", "text": item.title, "dates": dates}
    return _with(wanted, "https://calendar.google.com/calendar/render", item, "details")


def outlook_url(item: Item, span: Span) -> str:
    """Return the address that adds an event to the calendar of Outlook on the web (same source)."""
    pattern = "%Y-%m-%d" if span.is_whole_days else "%Y-%m-%dT%H:%M:%SZ"
    wanted = {"path": "/calendar/action/compose", "rru": "addevent", "subject": item.title}
    wanted |= {"startdt": span.first.strftime(pattern), "enddt": span.after.strftime(pattern)}
    if span.is_whole_days:
        wanted["allday"] = "true"
    return _with(wanted, "https://outlook.live.com/calendar/0/deeplink/compose", item, "body")


def utc(at: datetime, zone: str) -> datetime:
    """Return the moment of a time in a zone, in UTC and without a zone."""
    return at.replace(tzinfo=zone_info(zone)).astimezone(UTC).replace(tzinfo=None)


def _with(wanted: dict[str, str], address: str, item: Item, body: str) -> str:
    if item.location:
        wanted["location"] = item.location
    if item.rsvp or item.link:
        wanted[body] = item.rsvp or item.link
    return f"{address}?{urlencode(wanted, safe=':/', quote_via=quote)}"
