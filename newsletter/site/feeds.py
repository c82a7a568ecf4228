"""Sheets -> Atom feeds with full content (RFC 4287), and the sitemap (sitemaps.org): what needs absolute addresses."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markupsafe import Markup

from newsletter.issue.addresses import page_of
from newsletter.site.pages import Row, Site, coverage, emptied, latest, listings
from newsletter.site.sheets import Entry

if TYPE_CHECKING:
    from newsletter.look.templates import Look

# A reader asks again and again: a feed holds the newest ones, and the pages hold all.
_MOST = 20
_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
# XML 1.0 has no way at all to write these.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_INNER = re.compile(r'(?<= )(href|src)="(?![a-z][a-z0-9+.-]*:|/)([^"]*)"', re.IGNORECASE)


def feeds_of(site: Site, look: "Look") -> dict[str, bytes]:
    """Return every feed and the sitemap, by path. The site must have an address."""
    config = site.config
    files = {"feed.xml": _feed(site, look, "", site.title, latest(site))}
    rows_of: Mapping[str, Sequence[Row]] = {
        "news": coverage(site, config.site.news),
        "press": coverage(site, config.site.press),
    }
    listed = listings(site)
    for listing in listed:
        rows = rows_of.get(listing.folder, listing.rows)
        title = (
            listing.title
            if listing.title.startswith(config.organization)
            else f"{config.organization} – {listing.title}"
        )
        files[f"{listing.folder}/feed.xml"] = _feed(site, look, f"{listing.folder}/", title, rows)
    for folder in emptied(site):
        files[f"{folder}/feed.xml"] = _feed(site, look, f"{folder}/", site.title, ())
    for code, chapter in config.chapters.items():
        if f"{code}/feed.xml" in files:
            files |= {f"{former}/feed.xml": files[f"{code}/feed.xml"] for former in chapter.moved_from}
    files["sitemap.xml"] = _sitemap(site, [listing.folder for listing in listed])
    return files


def _feed(site: Site, look: "Look", folder: str, title: str, rows: Iterable[Row]) -> bytes:
    feed = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": site.language})
    rows = list(rows)[:_MOST]
    address = f"{site.url}/{folder}"
    _add(feed, "id", address)
    _add(feed, "title", title)
    _add(feed, "updated", _moment(max((row.day for row in rows), default="1970-01-01")))
    author = ElementTree.SubElement(feed, "author")
    _add(author, "name", site.config.organization)
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{address}feed.xml")
    _add(feed, "link", rel="alternate", type="text/html", href=address)
    for row in rows:
        assert row.sheet
        page = page_of(site.url, row.sheet.id)
        here = f"{page}#{row.entry.anchor}" if row.entry else page
        entry = ElementTree.SubElement(feed, "entry", {"xml:lang": row.language})
        _add(entry, "id", here)
        _add(entry, "title", row.title)
        _add(entry, "updated", _moment(row.day))
        _add(entry, "published", _moment(row.day))
        _add(entry, "link", rel="alternate", type="text/html", href=here)
        if row.is_outside:
            _add(entry, "link", rel="related", href=row.href)
        if row.plain:
            _add(entry, "summary", row.plain)
        _add(entry, "content", _content(row, page, look), type="html")
    return _written(feed)


def _content(row: Row, page: str, look: "Look") -> str:
    """Return the whole of an issue or of a story as HTML, its addresses absolute."""
    assert row.sheet
    groups = [(group.title, group.entries) for group in row.sheet.groups]
    if row.entry:
        groups = [("", (row.entry,))]
    values = {
        "greeting": "" if row.entry else Markup(row.sheet.greeting),  # noqa: S704 - made by prose
        "groups": [{"title": title, "entries": [_entry(entry) for entry in entries]} for title, entries in groups],
    }
    markup = look.page("site/feed.html.j2", values).strip()
    return _INNER.sub(lambda match: f'{match[1]}="{html.escape(page)}{match[2]}"', markup)


def _entry(entry: Entry) -> dict[str, object]:
    values = {key: getattr(entry, key) for key in entry.__struct_fields__}
    return {**values, "words": Markup(entry.words)}  # noqa: S704 - made by prose


def _sitemap(site: Site, folders: Iterable[str]) -> bytes:
    newest = max((sheet.day for sheet in site.sheets if sheet.is_sent), default="")
    root = ElementTree.Element("urlset", {"xmlns": _SITEMAP})
    addresses = [(f"{site.url}/", newest), *((f"{site.url}/{folder}/", "") for folder in folders)]
    addresses += [(page_of(site.url, sheet.id), sheet.day if sheet.is_sent else "") for sheet in site.sheets]
    for address, day in addresses:
        url = ElementTree.SubElement(root, "url")
        _add(url, "loc", address)
        if day:
            _add(url, "lastmod", day)
    return _written(root)


def _moment(day: str) -> str:
    return f"{day}T12:00:00Z"


def _add(parent: ElementTree.Element, name: str, words: str = "", **attributes: str) -> None:
    clean = {key: _NOT_IN_XML.sub("", value) for key, value in attributes.items()}
    element = ElementTree.SubElement(parent, name, clean)
    element.text = _NOT_IN_XML.sub("", words) or None


def _written(root: ElementTree.Element) -> bytes:
    ElementTree.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'.encode()
