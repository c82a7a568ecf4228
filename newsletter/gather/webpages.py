"""A web page -> a clipping: what it says of itself to whoever links to it (Open Graph, JSON-LD, meta, its title)."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from newsletter.errors import ContentError, Fault
from newsletter.gather import rewritten
from newsletter.gather.clipping import Asked, Clipping, Gathered, Shot
from newsletter.gather.sources import Source, letters
from newsletter.read import zones
from newsletter.read.values import clean
from newsletter.web import host_of

# Objects of a page's JSON-LD that are looked at.
_MOST = 200
_ABOUT_A_STORY = ("NewsArticle", "BlogPosting", "Article", "Report", "Event", "WebPage", "AboutPage")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def clippings(source: Source, asked: Asked) -> Gathered:
    """Return the page as one clipping; ContentError for a page that says nothing of itself."""
    text, _ = letters(source)
    tree = rewritten.parsed(text)
    said = _said(tree) if tree is not None else {}
    if not said.get("title"):
        message, hint = (
            "is a page without a title",
            "look at it in a browser, and write the item by hand: newsletter new item",
        )
        raise ContentError([Fault(place=source.place(), message=message, hint=hint)])
    base = source.address
    canonical = urljoin(base, said["canonical"]) if said.get("canonical") else base
    # The address without what followed a reader there; another site's would lead elsewhere than was asked for.
    link = canonical if host_of(canonical) == host_of(base) else base
    values = {
        "title": said["title"],
        "link": link,
        "source": said.get("site", ""),
        "author": said.get("author", ""),
        "published": said.get("published", ""),
        "starts": said.get("starts", ""),
        "ends": said.get("ends", ""),
        "timezone": said.get("timezone", ""),
        "location": said.get("location", "") if said.get("starts") else "",
    }
    language = said.get("language", "")
    if language and language.partition("-")[0].lower() != asked.language.partition("-")[0].lower():
        values["language"] = language
    lead = Shot(source=urljoin(base, said["image"]), alt=said.get("image_alt", "")) if said.get("image") else None
    if lead:
        values |= {"image": lead.source, "image_alt": lead.alt}
    clipping = Clipping(
        place=source.place(),
        made_from=source.name.partition("#")[0],
        values={key: value for key, value in values.items() if value},
        words=rewritten.escaped(said.get("description", "")),
        lead=lead,
    )
    return Gathered(clippings=(clipping,))


def _said(tree: Any) -> dict[str, str]:
    """Return what the page says, the most particular first."""
    meta: dict[str, str] = {}
    for node in tree.iter("meta"):
        name = (node.get("property") or node.get("name") or node.get("itemprop") or "").strip().lower()
        if name and (content := _line(node.get("content"))):
            meta.setdefault(name, content)
    story = _story(tree)

    def first(*found: str) -> str:
        return next(filter(None, found), "")

    heading = next((_line(node.text_content()) for node in tree.iter("h1")), "")
    page = next((_line(node.text_content()) for node in tree.iter("title")), "")
    site = first(meta.get("og:site_name", ""), _name(story.get("publisher")))
    if site:
        # `The story | The site`
        page = re.sub(rf"\s+[|–—·-]\s+{re.escape(site)}$", "", page)
    canonical = next(
        (node.get("href", "") for node in tree.iter("link") if "canonical" in (node.get("rel") or "").lower().split()),
        "",
    )
    image = story.get("image")
    image = image[0] if isinstance(image, list) and image else image
    image = image.get("url") if isinstance(image, dict) else image
    starts, timezone = _moment(story.get("startDate"))
    return {
        "title": first(
            meta.get("og:title", ""),
            _line(story.get("headline")),
            meta.get("twitter:title", ""),
            heading,
            page,
            _line(story.get("name")),
        ),
        "description": first(
            meta.get("og:description", ""),
            _line(story.get("description")),
            meta.get("twitter:description", ""),
            meta.get("description", ""),
        ),
        "image": first(
            meta.get("og:image:secure_url", ""),
            meta.get("og:image", ""),
            meta.get("og:image:url", ""),
            _line(image),
            meta.get("twitter:image", ""),
        ),
        "image_alt": first(meta.get("og:image:alt", ""), meta.get("twitter:image:alt", "")),
        "site": site,
        "author": first(
            _name(story.get("author")), _unless_address(meta.get("article:author", "")), meta.get("author", "")
        ),
        "published": _day(
            first(meta.get("article:published_time", ""), _line(story.get("datePublished")), meta.get("date", ""))
        ),
        "starts": starts,
        "ends": _moment(story.get("endDate"))[0] if starts else "",
        "timezone": timezone,
        "location": _place(story.get("location")),
        "language": first(tree.get("lang", ""), meta.get("og:locale", "").replace("_", "-")),
        "canonical": first(canonical, meta.get("og:url", "")),
    }


def _line(value: Any) -> str:
    return " ".join(clean(value).split()) if isinstance(value, str) else ""


def _unless_address(words: str) -> str:
    return "" if words.startswith("http") else words


def _name(value: Any) -> str:
    """Return whose name stands there: that of one, or of several."""
    listed = value if isinstance(value, list) else [value]
    names = [_line(person.get("name")) if isinstance(person, dict) else _line(person) for person in listed]
    return ", ".join(filter(None, names[:10]))


def _day(words: str) -> str:
    match = _DAY.match(words)
    return match[0] if match else ""


def _moment(value: Any) -> tuple[str, str]:
    """Return `2031-05-12T18:00-05:00` as an item has it, by the clocks of that place, and a zone that has them."""
    match = re.match(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?", _line(value))
    if not match:
        return "", ""
    if not match[2]:
        return match[1], ""
    try:
        at = datetime.fromisoformat(f"{match[1]} {match[2]}")
    except ValueError:
        return "", ""
    return f"{match[1]} {match[2]}", zones.behind_a_time(match[3], at) if match[3] else ""


def _place(value: Any) -> str:
    value = value[0] if isinstance(value, list) and value else value
    if not isinstance(value, dict):
        return _line(value)
    address = value.get("address")
    if isinstance(address, dict):
        address = ", ".join(
            filter(None, (_line(address.get(key)) for key in ("streetAddress", "addressLocality", "addressRegion")))
        )
    return ", ".join(filter(None, (_line(value.get("name")), _line(address))))


def _story(tree: Any) -> Mapping[str, Any]:
    """Return the object of the page's JSON-LD that is about its story; an empty one without."""
    found: dict[str, Mapping[str, Any]] = {}
    for node in tree.iter("script"):
        if "ld+json" not in (node.get("type") or "").lower():
            continue
        try:
            written = json.loads(node.text or "")
        except (ValueError, RecursionError):
            continue
        for thing in _objects(written):
            kinds = thing.get("@type")
            for kind in kinds if isinstance(kinds, list) else [kinds]:
                if isinstance(kind, str):
                    found.setdefault(kind, thing)
    ours = next((found[kind] for kind in _ABOUT_A_STORY if kind in found), None)
    # `MusicEvent`, `TechArticle`
    return ours or next((thing for kind, thing in found.items() if kind.endswith(("Article", "Event", "Posting"))), {})


def _objects(written: Any) -> Iterator[Mapping[str, Any]]:
    waiting, count = [written], 0
    while waiting and count < _MOST:
        thing = waiting.pop(0)
        count += 1
        if isinstance(thing, list):
            waiting += thing[:_MOST]
        elif isinstance(thing, dict):
            yield thing
            waiting += [thing[key] for key in ("@graph", "mainEntity") if key in thing]
