"""A feed (RSS, Atom, JSON Feed) -> clippings: an entry is an item."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urljoin

from newsletter.errors import ContentError, Fault
from newsletter.gather import rewritten
from newsletter.gather.clipping import MARKED, Asked, Clipping, Gathered, Shot, marked
from newsletter.gather.sources import Source, letters

_PICTURES = re.compile(r"\.(?:jpe?g|png|gif|webp)(?:\?|$)", re.IGNORECASE)
# What tells a site where a reader came from, and says nothing of the story.
_TRACKING = re.compile(r"(?<=[?&])utm_\w+=[^&#]*&?|#.*$")
# A document type may define letters that unfold to gigabytes; no feed needs one that does.
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)


def clippings(source: Source, asked: Asked) -> Gathered:
    """Return the entries of a feed, the newest as it lists them; ContentError for what is none."""
    entries, language = _of_json(source) if source.kind == "json feed" else _of_xml(source)
    if not entries:
        raise _fault(source, "holds no entry", "look at it in a browser: is it the feed of the stories?")
    made = []
    seen: set[str] = set()
    left = 0
    for number, entry in enumerate(entries, 1):
        clipping = _clipping(source, entry, number, language if _differs(language, asked) else "")
        if clipping.made_from in seen:
            left += 1
            continue
        seen.add(clipping.made_from)
        made.append(clipping)
    remarks = (
        [f"{source.name}: {left:,} {'entry stands' if left == 1 else 'entries stand'} there twice"] if left else []
    )
    return Gathered(clippings=tuple(made), remarks=tuple(remarks))


class _Shots:
    """The pictures in the words of an entry, as they are found."""

    def __init__(self) -> None:
        self.shots: list[Shot] = []

    def add(self, address: str, alt: str) -> str:
        self.shots.append(Shot(source=address, alt=alt))
        return marked(len(self.shots) - 1, alt)


def _fault(source: Source, message: str, hint: str, line: int = 0) -> ContentError:
    return ContentError([Fault(place=source.place(line), message=message, hint=hint)])


def _differs(language: str, asked: Asked) -> bool:
    return bool(language) and language.partition("-")[0].lower() != asked.language.partition("-")[0].lower()


def _of_json(source: Source) -> tuple[list[Mapping[str, Any]], str]:
    """Return the entries of a JSON Feed (jsonfeed.org, version 1.1), and their language."""
    text, _ = letters(source)
    try:
        feed = json.loads(text)
    except json.JSONDecodeError as error:
        raise _fault(source, "is no JSON that can be read", "look at the address of the feed", error.lineno) from None
    except (RecursionError, ValueError):
        raise _fault(source, "is no JSON that can be read", "look at the address of the feed") from None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise _fault(source, "is JSON, but no feed: it has no list of 'items'", "look at the address of the feed")
    language = _text(feed.get("language"))
    return [_json_entry(item) for item in items if isinstance(item, dict)], language


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _json_entry(item: Mapping[str, Any]) -> Mapping[str, Any]:
    authors = item.get("authors") or [item.get("author")]
    names = (
        [_text(author.get("name")) for author in authors if isinstance(author, dict)]
        if isinstance(authors, list)
        else []
    )
    html = _text(item.get("content_html"))
    return {
        "title": _text(item.get("title")),
        "link": _text(item.get("url")) or _text(item.get("external_url")),
        "id": _text(item.get("id")),
        "day": _text(item.get("date_published"))[:10],
        "author": ", ".join(filter(None, names)),
        "html": html,
        "text": "" if html else _text(item.get("content_text")),
        "summary": _text(item.get("summary")),
        "image": _text(item.get("image")) or _text(item.get("banner_image")),
        "language": _text(item.get("language")),
        "base": "",
    }


def _of_xml(source: Source) -> tuple[list[Mapping[str, Any]], str]:
    import feedparser

    raw = source.content
    if _ENTITY.search(raw):
        raise _fault(source, "defines letters of its own (<!ENTITY), which no feed needs", "look where it comes from")
    headers = {"content-type": f"application/xml; charset={source.encoding}" if source.encoding else "application/xml"}
    if source.address:
        headers["content-location"] = source.address
    try:
        # Its own cleaning of HTML is left out: the words are rewritten as Markdown, with nothing in them that runs.
        found = feedparser.parse(raw, response_headers=headers, sanitize_html=False, resolve_relative_uris=True)
    except Exception:  # feedparser raises whatever it trips over, and the bytes are a stranger's.
        raise _fault(source, "is no feed that can be read", "look at it in a browser") from None
    if not found.get("version") and not found.entries:
        error = found.get("bozo_exception")
        line = getattr(error, "getLineNumber", lambda: 0)() or 0
        raise _fault(source, "is no feed: neither RSS nor Atom", "look at its address in a browser", line)
    return [_xml_entry(entry) for entry in found.entries], _text(found.feed.get("language"))


def _xml_entry(entry: Any) -> Mapping[str, Any]:
    contents = [part for part in entry.get("content", []) if part.get("value")]
    summary = entry.get("summary", "")
    words = contents[0]["value"] if contents else summary
    # Its own get() makes one of the two of the other, and warns of it.
    day = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    pictures = [
        *(thing.get("href", "") for thing in entry.get("enclosures", []) if _is_picture(thing)),
        *(thing.get("url", "") for thing in entry.get("media_content", []) if _is_picture(thing)),
        *(thing.get("url", "") for thing in entry.get("media_thumbnail", [])),
    ]
    detail = (contents[0] if contents else entry.get("summary_detail", {})) or {}
    return {
        "title": _without_tags(entry.get("title", "")),
        "link": entry.get("link", ""),
        "id": entry.get("id", ""),
        "day": _day(day),
        "author": entry.get("author", ""),
        "html": words,
        "text": "",
        "summary": summary if contents and summary != words else "",
        "image": next(filter(None, pictures), ""),
        "language": (detail.get("language") or "") if isinstance(detail, dict) else "",
        "base": (detail.get("base") or "") if isinstance(detail, dict) else "",
    }


def _is_picture(thing: Mapping[str, Any]) -> bool:
    kind = str(thing.get("type", "")) or str(thing.get("medium", ""))
    address = str(thing.get("href", "") or thing.get("url", ""))
    return kind.startswith("image") or (not kind and bool(_PICTURES.search(address)))


def _day(parsed: Any) -> str:
    try:
        return date(*parsed[:3]).isoformat() if parsed else ""
    except (TypeError, ValueError):
        return ""


def _without_tags(html: str) -> str:
    return rewritten.bare(rewritten.markdown(html)) if "<" in html or "&" in html else html


def _without(words: str, shots: Sequence[Shot], address: str) -> tuple[str, str]:
    """Return the words without the picture that already stands above them, and its alt text."""
    bare = address.partition("?")[0]
    alts = [shot.alt for shot in shots if shot.source.partition("?")[0] == bare]

    def kept(match: re.Match[str]) -> str:
        return "" if shots[int(match[2])].source.partition("?")[0] == bare else match[0]

    return MARKED.sub(kept, words), next(filter(None, alts), "")


def _clipping(source: Source, entry: Mapping[str, Any], number: int, language: str) -> Clipping:
    link = urljoin(source.address, entry["link"]) if source.address and entry["link"] else entry["link"]
    # A name that the feed gives to an entry is no address: `<guid>1204</guid>`.
    link = link if re.match(r"https?://", link, re.IGNORECASE) else ""
    base = entry["base"] or link or source.address
    typed = {"title": " ".join(entry["title"].split()), "link": link, "author": entry["author"].strip()}
    # `editor@example.org (The Editor)`, as RSS wants it.
    mail, _, name = typed["author"].partition(" (")
    if "@" in mail and " " not in mail and name.endswith(")"):
        typed["author"] = name[:-1]
    typed["published"] = entry["day"] if re.fullmatch(r"\d{4}-\d\d-\d\d", entry["day"]) else ""
    typed["language"] = entry["language"] if entry["language"] and language else language
    shots = _Shots()
    words = rewritten.markdown(entry["html"], base, shots.add) if entry["html"] else rewritten.escaped(entry["text"])
    summary = rewritten.markdown(entry["summary"], base) if entry["summary"] else ""
    if summary and not words:
        words, summary = summary, ""
    if summary and len(summary) < 1_000:
        typed["summary"] = summary
    lead = Shot(source=urljoin(base, entry["image"])) if entry["image"] else None
    if lead:
        typed["image"] = lead.source
        words, alt = _without(words, shots.shots, lead.source)
        lead = Shot(source=lead.source, alt=alt)
    # Some address of its own, else what the feed calls it; `urn:uuid:…` alone says little.
    made_from = _TRACKING.sub("", link).rstrip("?&") or (f"{source.name}#{entry['id']}" if entry["id"] else "")
    made_from = made_from or f"{source.name}#{number}-{typed['title'][:60]}"
    return Clipping(
        place=source.place(),
        made_from=made_from,
        values={key: value for key, value in typed.items() if value},
        words=words,
        lead=lead,
        shots=tuple(shots.shots),
    )
