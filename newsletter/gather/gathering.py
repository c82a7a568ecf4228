"""A source -> its clippings, those that are new apart from those that were imported before."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from newsletter import web
from newsletter.gather.clipping import Asked, Clipping, Gathered
from newsletter.gather.drafts import Unshown
from newsletter.gather.shelved import Known
from newsletter.gather.sources import Source

# New drafts of one source: a table is written by hand, and all of it is wanted.
_MOST, _MOST_ROWS = 100, 500


def gathered(source: Source, asked: Asked) -> Gathered:
    """Return what a source holds; raises ContentError for what can't be read."""
    # Each parser is loaded only for what it parses.
    if source.kind in {"table", "workbook"}:
        from newsletter.gather.tables import clippings
    elif source.kind == "calendar":
        from newsletter.gather.calendars import clippings
    elif source.kind in {"feed", "json feed"}:
        from newsletter.gather.feeds import clippings
    elif source.kind == "page":
        from newsletter.gather.webpages import clippings
    else:
        from newsletter.gather.documents import clippings
    return clippings(source, asked)


def new(
    clippings: Iterable[Clipping], known: Mapping[str, Known], kind: str
) -> tuple[list[Clipping], list[tuple[Clipping, Known]], int]:
    """Return the clippings that no item was made from, those that one was, and how many new ones are left for later."""
    fresh: list[Clipping] = []
    before: list[tuple[Clipping, Known]] = []
    most = _MOST_ROWS if kind in {"table", "workbook"} else _MOST
    left = 0
    seen: dict[str, str] = {}
    for clipping in clippings:
        if seen.get(clipping.made_from) == clipping.digest:
            # It stands there twice.
            continue
        number, name = 1, clipping.made_from
        while clipping.made_from in seen:
            number += 1
            clipping = replace(clipping, made_from=f"{name}-{number}")
        seen[clipping.made_from] = clipping.digest
        if item := known.get(clipping.made_from):
            before.append((clipping, item))
        elif len(fresh) < most:
            fresh.append(clipping)
        else:
            left += 1
    return fresh, before, left


def picture(client: web.Client, address: str) -> bytes:
    """Return a picture from the web; raises Unshown for what can't be had."""
    try:
        reply = client.get(address)
    except web.Failed as failed:
        raise Unshown(f"does not open: {failed.reason}") from None
    if reply.status != 200 or not reply.body:
        raise Unshown(f"does not open: the site answers {reply.status}")
    if not reply.is_whole:
        raise Unshown("does not come whole")
    return reply.body
