"""Page -> which HTML and CSS features it uses, and which mail programs show them: caniemail's data, readers' shares.

The data is caniemail's (https://www.caniemail.com, MIT, data/caniemail.LICENSE); docs/refresh_caniemail.py fetches it
anew. What a mail is worth in a program is Mailpit's method: 100 - the worst partly supported feature - the worst
unsupported one, each weighted by how many of the elements use it.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from newsletter.check import css, lists
from newsletter.check.page import Element, Page

_DATA = Path(__file__).with_name("data")

_UNITS = re.compile(r"\d(px|%|em|rem|pt|vw|vh|vmin|vmax|ch|ex|cm|mm|in|pc)(?!\w)")
_FUNCTION = re.compile(r"(?<![a-z-])([a-z-]+)\(")
# Elements of which an attribute's value says which feature it is: a link's address, a picture's ending.
_TOLD_BY_VALUE = frozenset({"a", "img", "input", "button"})
_IMAGE_ENDINGS = {"jpeg": "jpg", "tif": "tiff", "heic": "heif"}


class Client(Struct, frozen=True, kw_only=True):
    """A mail program: its name, its key in caniemail's data, its readers in percent."""

    name: str
    key: str
    share: float


class Used(Struct, frozen=True, kw_only=True):
    """A feature in use: its title, how many elements use it, the first of them (None: a style sheet)."""

    slug: str
    title: str
    count: int
    first: Element | None


class Inbox(Struct, frozen=True, kw_only=True):
    """How many characters of subject and preheader a program's inbox shows."""

    name: str
    subject: int
    preheader: int


@lru_cache(1)
def clients() -> tuple[Client, ...]:
    """Return the mail programs that readers use, the most used first."""
    return tuple(
        sorted(
            (Client(**row) for row in lists.table("readers")["client"]), key=lambda client: (-client.share, client.name)
        )
    )


@lru_cache(1)
def inboxes() -> tuple[Inbox, ...]:
    """Return what inboxes show of a cover, the narrowest first; the preview's table serves both."""
    table = tomllib.loads((_DATA.parent.parent / "preview" / "inboxes.toml").read_text("utf-8"))
    rows = [Inbox(name=row["label"], subject=row["subject"], preheader=row["preheader"]) for row in table.values()]
    return tuple(sorted(rows, key=lambda inbox: (inbox.subject, inbox.name)))


def features_of(page: Page) -> dict[str, Used]:
    """Return the features that the page uses, by caniemail's slug."""
    known = _known()
    counts: Counter[str] = Counter()
    first: dict[str, Element] = {}
    # Many elements have the same style, so its features are looked up once.
    styled: dict[str, list[Element]] = {}
    alike: dict[tuple[str, ...], list[Element]] = {}
    _, tags, attributes, _ = _tables()
    for element in page.elements:
        if style := element.attrs.get("style", ""):
            styled.setdefault(style, []).append(element)
        # Of the others the names of their attributes tell all.
        key: tuple[str, ...] = (element.tag, *element.attrs)
        if element.tag in _TOLD_BY_VALUE or "name" in element.attrs:
            key = (*key, *element.attrs.values())
        alike.setdefault(key, []).append(element)
    for elements in alike.values():
        for slug in _of_element(elements[0], tags, attributes):
            counts[slug] += len(elements)
            first.setdefault(slug, elements[0])
    for style, elements in styled.items():
        for slug in _of_style(style):
            counts[slug] += len(elements)
            first.setdefault(slug, elements[0])
    for sheet in page.sheets:
        counts.update(_of_sheet(sheet))
    if "<!--" in page.html:
        counts["html-comments"] += 1
    if re.match(r"\s*<!doctype html>", page.html, re.IGNORECASE):
        counts["html-doctype"] += 1
    return {
        slug: Used(slug=slug, title=known.titles[slug], count=count, first=first.get(slug))
        for slug, count in counts.items()
        if slug in known.titles
    }


def harmless() -> Mapping[str, str]:
    """Return the features whose lack costs a reader no words, order or meaning, each with what happens then."""
    lacks: Mapping[str, str] = lists.table("features")["harmless"]
    return lacks


def title(slug: str) -> str:
    """Return what a feature is called."""
    return _known().titles[slug]


def support(slug: str, client: Client) -> str:
    """Return y, a (partly), n or u (not known) for a feature in a program."""
    known = _known()
    at = known.clients.get(client.key, -1)
    return known.letters[slug][at] if at >= 0 and slug in known.letters else "u"


@lru_cache(1024)
def lost_readers(slug: str) -> float:
    """Return for how many readers in a hundred the feature does nothing."""
    return sum(client.share for client in clients() if support(slug, client) == "n")


def rating(used: Iterable[Used], nodes: int, client: Client) -> float:
    """Return how much of the mail the program shows, in percent (Mailpit's method)."""
    partly = missing = 0.0
    for feature in used:
        weight = 100 * min(1.0, feature.count / max(1, nodes))
        letter = support(feature.slug, client)
        if letter == "a":
            partly = max(partly, weight)
        elif letter == "n":
            missing = max(missing, weight)
    return max(0.0, 100 - partly - missing)


def data_version() -> str:
    """Return which package and day the data is of."""
    return _known().version


class _Known(Struct, frozen=True, kw_only=True):
    version: str
    clients: Mapping[str, int]
    titles: Mapping[str, str]
    letters: Mapping[str, str]


@lru_cache(1)
def _known() -> _Known:
    data = json.loads((_DATA / "caniemail.json").read_text("utf-8"))
    return _Known(
        version=f"{data['package']}, {data['updated']}",
        clients={key: at for at, key in enumerate(data["clients"])},
        titles={slug: title for slug, (title, _) in data["features"].items()},
        letters={slug: letters for slug, (_, letters) in data["features"].items()},
    )


@lru_cache
def _features_by(kind: str) -> dict[str, str]:
    """Return a table of features.toml turned over: the feature's slug by each of its words."""
    return {word: slug for slug, words in lists.table("features")[kind].items() for word in words}


@lru_cache(1)
def _word() -> re.Pattern[str]:
    named = "|".join(_features_by("words"))
    return re.compile(rf"(?:!\s*(?=important\b)|(?<![\w-])(?!important\b))({named})(?!\w)")


@lru_cache(1)
def _tables() -> tuple[dict[str, str], dict[str, str], dict[str, str], dict[tuple[str, str], str]]:
    """Return slugs by property, by tag, by attribute, by property and value, read off caniemail's titles."""
    properties, tags = dict(_features_by("properties")), dict(_features_by("tags"))
    attributes = {"srcset": "html-srcset", "sizes": "html-srcset"}
    pairs: dict[tuple[str, str], str] = {}
    for slug, title in _known().titles.items():
        if slug.startswith("css-"):
            if match := re.fullmatch(r"([a-z-]+)(?: property| shorthand)?\s*", title):
                properties.setdefault(match[1], slug)
            elif match := re.fullmatch(r"([a-z-]+):\s*([a-z-]+)", title):
                pairs[match[1], match[2]] = slug
        elif slug.startswith("html-"):
            if match := re.fullmatch(r"<([a-z0-9]+)>(?: element)?", title):
                tags.setdefault(match[1], slug)
            elif match := re.fullmatch(r"([a-z-]+) attribute", title):
                attributes.setdefault(match[1], slug)
    return properties, tags, attributes, pairs


def _of_element(element: Element, tags: Mapping[str, str], attributes: Mapping[str, str]) -> set[str]:
    """Return the features of an element, without those of its style."""
    slugs = set()
    if slug := tags.get(element.tag):
        slugs.add(slug)
    for name, value in element.attrs.items():
        if name == "style":
            continue
        if slug := attributes.get(name):
            slugs.add(slug)
        elif name == "href" and element.tag == "a":
            if value.startswith("#"):
                slugs.add("html-anchor-links")
            elif value.startswith("mailto:"):
                slugs.add("html-mailto-links")
        elif name == "src" and element.tag == "img":
            slugs.add(_of_image(value))
        elif name == "name" and value == "color-scheme":
            slugs.add("html-meta-color-scheme")
        elif name == "type" and element.tag in {"input", "button"}:
            slugs.add(f"html-{element.tag}-{value.lower()}")
    return slugs


def _of_image(source: str) -> str:
    if source.startswith("data:"):
        return "image-base64"
    ending = source.partition("?")[0].rpartition(".")[2].lower()
    return f"image-{_IMAGE_ENDINGS.get(ending, ending)}"


@lru_cache(css.STYLES)
def _of_style(text: str) -> frozenset[str]:
    return _of_declarations(tuple(css.style(text).items()))


@lru_cache(css.STYLES)
def _of_declarations(declarations: tuple[tuple[str, str], ...]) -> frozenset[str]:
    properties, _, _, pairs = _tables()
    functions, words = _features_by("functions"), _features_by("words")
    slugs = set()
    for name, value in declarations:
        if name.startswith("mso-"):
            continue
        value = value.lower()
        if name.startswith("--"):
            slugs.add("css-variables")
        if slug := properties.get(name):
            slugs.add(slug)
        word = value.replace("!important", "").strip()
        if slug := pairs.get((name, word)):
            slugs.add(slug)
            slugs.discard("css-display")
        slugs.update(f"css-unit-{'percent' if unit == '%' else unit}" for unit in _UNITS.findall(value))
        for function in _FUNCTION.findall(value):
            # A maker's own word stands before some: -webkit-linear-gradient.
            ends = (function[at:] for at in range(len(function)) if at == 0 or function[at - 1] == "-")
            slugs.update(functions[end] for end in ends if end in functions)
        slugs.update(words[word] for word in _word().findall(value))
    return frozenset(slugs)


@lru_cache(css.SHEETS)
def _of_sheet(sheet: css.Sheet) -> Counter[str]:
    counts: Counter[str] = Counter({"html-style": 1})
    for prelude in sheet.at_rules:
        counts.update(_of_at_rule(prelude))
    for rule in sheet.rules:
        # What stands under a media query reaches only programs that know it.
        if not rule.under:
            counts.update(_of_declarations(tuple(rule.style.items())))
        if len(rule.selectors) > 1:
            counts["css-selector-grouping"] += 1
        for selector in rule.selectors:
            counts.update(
                f"css-{part}" if part.startswith("pseudo") else f"css-selector-{part}" for part in selector.parts
            )
    return counts


def _of_at_rule(prelude: str) -> list[str]:
    name = re.match(r"@[\w-]+", prelude)
    slugs = {"@media": ["css-at-media"], "@font-face": ["css-at-font-face"], "@import": ["css-at-import"]}.get(
        name[0] if name else "", []
    )
    if "@keyframes" in prelude or "-keyframes" in prelude:
        slugs = ["css-at-keyframes"]
    if prelude.startswith("@supports"):
        slugs = ["css-at-supports"]
    for word, slug in (
        ("prefers-color-scheme", "css-at-media-prefers-color-scheme"),
        ("prefers-reduced-motion", "css-at-media-prefers-reduced-motion"),
        ("orientation", "css-at-media-orientation"),
        ("device-pixel-ratio", "css-at-media-device-pixel-ratio"),
        ("hover", "css-at-media-hover"),
    ):
        if slugs == ["css-at-media"] and word in prelude:
            slugs = [slug]
    return slugs
