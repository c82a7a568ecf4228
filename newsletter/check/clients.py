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
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from newsletter.check import css
from newsletter.check.page import Element, Page

_DATA = Path(__file__).with_name("data")

# What a program may leave out without a reader losing words, order or meaning, and what happens then. Everything else
# that readers' programs don't show is a finding.
HARMLESS: Mapping[str, str] = {
    "css-at-media": "the wide layout is shown",
    "css-at-media-prefers-color-scheme": "the light colours are shown, or the program's own dark ones",
    "css-background": "background-color says the same",
    "css-border-collapse": "a hair more room between cells",
    "css-border-radius": "corners are square",
    "css-border-spacing": "a hair more room between cells",
    "css-color-scheme": "the program chooses by itself",
    "css-display": "the element keeps its natural place",
    "css-font-weight": "bold in place of semibold",
    "css-float": "blocks stand below each other, in the order they are read",
    "css-height": "an element is as high as its content; pictures have the height attribute",
    "css-hyphens": "long words break nowhere or anywhere",
    "css-important": "the rule is weighed as any other",
    "css-inline-size": "the width of its content",
    "css-letter-spacing": "letters stand at their usual distance",
    "css-list-style": "the usual bullets",
    "css-list-style-position": "the usual place of bullets",
    "css-list-style-type": "the usual bullets",
    "css-margin": "a little less room",
    "css-max-height": "mso-hide and display:none hide the preheader",
    "css-max-width": "Outlook takes the width attribute",
    "css-min-width": "the natural width",
    "css-opacity": "fully visible",
    "css-outline": "no line around it",
    "css-overflow": "mso-hide and display:none hide the preheader",
    "css-overflow-wrap": "a long address runs over",
    "css-padding": "a little less room",
    "css-pseudo-class-hover": "no change under the mouse",
    "css-pseudo-class-focus": "the program's own mark",
    "css-selector-attribute": "only the programs it is meant for know it",
    "css-selector-chaining": "head styles only refine",
    "css-selector-child": "head styles only refine",
    "css-selector-descendant": "head styles only refine",
    "css-selector-adjacent-sibling": "head styles only refine",
    "css-selector-general-sibling": "head styles only refine",
    "css-selector-universal": "head styles only refine",
    "css-sytem-ui": "the next font of the list",
    "css-table-layout": "columns take the room they need",
    "css-text-decoration": "links keep their line",
    "css-text-decoration-color": "the line takes the colour of the words",
    "css-text-decoration-thickness": "the usual line",
    "css-text-transform": "words stay as typed",
    "css-text-underline-offset": "the usual line",
    "css-unit-calc": "the declaration before it counts",
    "css-vertical-align": "the usual baseline",
    "css-white-space": "lines break as usual",
    "css-white-space-collapse": "lines break as usual",
    "css-width": "Outlook takes the width attribute",
    "css-word-break": "a long address runs over",
    "css-word-spacing": "words stand at their usual distance",
    "css-word-wrap": "a long address runs over",
    "html-anchor-links": "the list of contents is words, the stories stand below it",
    "html-aria-hidden": "an emoji is read aloud",
    "html-aria-label": "the visible words are read",
    "html-aria-labelledby": "the visible words are read",
    "html-aria-describedby": "the visible words are read",
    "html-body": "the wrapper inside it says the same",
    "html-cellpadding": "styles say the same",
    "html-cellspacing": "styles say the same",
    "html-comments": "only Outlook reads them",
    "html-dir": "the wrapper inside the body says the same",
    "html-doctype": "the mail is shown in quirks mode, which it survives",
    "html-height": "the picture keeps its shape",
    "html-lang": "the wrapper inside the body says the same",
    "html-link": "nothing is loaded",
    "html-meta-color-scheme": "the program chooses by itself",
    "html-role": "tables are announced as tables",
    "html-semantics": "the words inside are shown",
    "html-style": "inline styles carry the look",
    "html-target": "links open where they open",
    "html-wbr": "a long word runs over",
}

_PROPERTIES = {
    **dict.fromkeys(("gap", "column-gap", "row-gap"), "css-gap"),
    **dict.fromkeys(("left", "right", "top", "bottom"), "css-left-right-top-bottom"),
    **dict.fromkeys(("grid-template-columns", "grid-template-rows", "grid-template-areas"), "css-grid-template"),
    **{f"border-{side}": "css-border" for side in ("top", "right", "bottom", "left", "color", "style", "width")},
    **{
        f"border-{side}-radius": "css-border-radius"
        for side in ("top-left", "top-right", "bottom-left", "bottom-right")
    },
    **{
        f"{name}-{side}": f"css-{name}" for name in ("margin", "padding") for side in ("top", "right", "bottom", "left")
    },
    **{
        "overflow-x": "css-overflow",
        "overflow-y": "css-overflow",
        "font": "css-font",
        "color-scheme": "css-color-scheme",
    },
    **{"inline-size": "css-block-inline-size", "block-size": "css-block-inline-size"},
}
_TAGS = {
    **dict.fromkeys(("ul", "ol", "dl"), "html-lists"),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "html-h1-h6"),
    **dict.fromkeys(("map", "area"), "html-image-maps"),
    **dict.fromkeys(
        ("article", "aside", "details", "figcaption", "figure", "footer", "header", "main", "mark", "nav", "section"),
        "html-semantics",
    ),
    **{"svg": "html-svg", "base": "html-base", "address": "html-address", "tr": "html-table", "td": "html-table"},
    **{"iframe": "html-object", "embed": "html-object"},
}
_UNITS = re.compile(r"\d(px|%|em|rem|pt|vw|vh|vmin|vmax|ch|ex|cm|mm|in|pc)(?!\w)")
_FUNCTIONS = {
    **{name: f"css-{name}" for name in ("rgba", "rgb", "linear-gradient", "radial-gradient", "conic-gradient")},
    **{name: f"css-function-{name}" for name in ("clamp", "max", "min", "light-dark")},
    **dict.fromkeys(("lch", "lab", "oklch", "oklab"), "css-modern-color"),
    **{"calc": "css-unit-calc", "var": "css-variables"},
}
_FUNCTION = re.compile(r"(?<![a-z-])([a-z-]+)\(")
_WORDS = {
    **{"important": "css-important", "initial": "css-unit-initial", "system-ui": "css-sytem-ui"},
    **dict.fromkeys(("ui-sans-serif", "ui-serif", "ui-monospace"), "css-sytem-ui"),
    **dict.fromkeys(("fit-content", "min-content", "max-content"), "css-intrinsic-size"),
}
_WORD = re.compile(rf"(?:!\s*(?=important\b)|(?<![\w-])(?!important\b))({'|'.join(_WORDS)})(?!\w)")
_IMAGE_ENDINGS = {"jpeg": "jpg", "tif": "tiff", "heic": "heif"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A mail program: its name, its key in caniemail's data, its readers in percent."""

    name: str
    key: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A feature in use: its title, how many elements use it, the first of them (None: a style sheet)."""

    slug: str
    title: str
    count: int
    first: Element | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """How many characters of subject and preheader a program's inbox shows."""

    name: str
    subject: int
    preheader: int


@lru_cache(1)
def clients() -> tuple[Client, ...]:
    """Return the mail programs that readers use, the most used first."""
    rows = tomllib.loads((_DATA / "readers.toml").read_text("utf-8"))["client"]
    return tuple(sorted((Client(**row) for row in rows), key=lambda client: (-client.share, client.name)))


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
    for element in page.elements:
        for slug in _of_element(element):
            counts[slug] += 1
            if slug not in first:
                first[slug] = element
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


def title(slug: str) -> str:
    """Return what a feature is called."""
    return _known().titles[slug]


def support(slug: str, client: Client) -> str:
    """Return y, a (partly), n or u (not known) for a feature in a program."""
    known = _known()
    at = known.clients.get(client.key, -1)
    return known.letters[slug][at] if at >= 0 and slug in known.letters else "u"


def lost_readers(slug: str) -> float:
    """Return for how many readers in a hundred the feature does nothing."""
    return sum(client.share for client in clients() if support(slug, client) == "n")


def rating(used: Iterable[Used], nodes: int, client: Client) -> float:
    """Return how much of the mail the program shows, in percent (Mailpit's method)."""
    partly = missing = 0.0
    for one in used:
        weight = 100 * min(1.0, one.count / max(1, nodes))
        letter = support(one.slug, client)
        if letter == "a":
            partly = max(partly, weight)
        elif letter == "n":
            missing = max(missing, weight)
    return max(0.0, 100 - partly - missing)


def data_version() -> str:
    """Return which package and day the data is of."""
    return _known().version


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
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


@lru_cache(1)
def _tables() -> tuple[dict[str, str], dict[str, str], dict[str, str], dict[tuple[str, str], str]]:
    """Return slugs by property, by tag, by attribute, by property and value, read off caniemail's titles."""
    properties, tags, attributes = dict(_PROPERTIES), dict(_TAGS), {"srcset": "html-srcset", "sizes": "html-srcset"}
    pairs: dict[tuple[str, str], str] = {}
    for slug, title in _known().titles.items():
        if slug.startswith("css-"):
            if found := re.fullmatch(r"([a-z-]+)(?: property| shorthand)?\s*", title):
                properties.setdefault(found[1], slug)
            elif found := re.fullmatch(r"([a-z-]+):\s*([a-z-]+)", title):
                pairs[found[1], found[2]] = slug
        elif slug.startswith("html-"):
            if found := re.fullmatch(r"<([a-z0-9]+)>(?: element)?", title):
                tags.setdefault(found[1], slug)
            elif found := re.fullmatch(r"([a-z-]+) attribute", title):
                attributes.setdefault(found[1], slug)
    return properties, tags, attributes, pairs


def _of_element(element: Element) -> set[str]:
    _, tags, attributes, _ = _tables()
    found = set()
    if slug := tags.get(element.tag):
        found.add(slug)
    for name, value in element.attrs.items():
        if name == "style":
            found |= _of_style(value)
        elif slug := attributes.get(name):
            found.add(slug)
        elif name == "href" and element.tag == "a":
            if value.startswith("#"):
                found.add("html-anchor-links")
            elif value.startswith("mailto:"):
                found.add("html-mailto-links")
        elif name == "src" and element.tag == "img":
            found.add(_of_image(value))
        elif name == "name" and value == "color-scheme":
            found.add("html-meta-color-scheme")
        elif name == "type" and element.tag in {"input", "button"}:
            found.add(f"html-{element.tag}-{value.lower()}")
    return found


def _of_image(source: str) -> str:
    if source.startswith("data:"):
        return "image-base64"
    ending = source.partition("?")[0].rpartition(".")[2].lower()
    return f"image-{_IMAGE_ENDINGS.get(ending, ending)}"


@lru_cache(256)
def _of_style(text: str) -> frozenset[str]:
    return _of_declarations(tuple(css.style(text).items()))


@lru_cache(256)
def _of_declarations(declarations: tuple[tuple[str, str], ...]) -> frozenset[str]:
    properties, _, _, pairs = _tables()
    found = set()
    for name, value in declarations:
        if name.startswith("mso-"):
            continue
        value = value.lower()
        if name.startswith("--"):
            found.add("css-variables")
        if slug := properties.get(name):
            found.add(slug)
        word = value.replace("!important", "").strip()
        if slug := pairs.get((name, word)):
            found.add(slug)
            found.discard("css-display")
        found.update(f"css-unit-{'percent' if unit == '%' else unit}" for unit in _UNITS.findall(value))
        for function in _FUNCTION.findall(value):
            # A maker's own word stands before some: -webkit-linear-gradient.
            ends = (function[at:] for at in range(len(function)) if at == 0 or function[at - 1] == "-")
            found.update(_FUNCTIONS[end] for end in ends if end in _FUNCTIONS)
        found.update(_WORDS[word] for word in _WORD.findall(value))
    return frozenset(found)


@lru_cache(8)
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
            counts.update(_of_selector(selector))
    return counts


def _of_at_rule(prelude: str) -> list[str]:
    name = re.match(r"@[\w-]+", prelude)
    found = {"@media": ["css-at-media"], "@font-face": ["css-at-font-face"], "@import": ["css-at-import"]}.get(
        name[0] if name else "", []
    )
    if "@keyframes" in prelude or "-keyframes" in prelude:
        found = ["css-at-keyframes"]
    if prelude.startswith("@supports"):
        found = ["css-at-supports"]
    for word, slug in (
        ("prefers-color-scheme", "css-at-media-prefers-color-scheme"),
        ("prefers-reduced-motion", "css-at-media-prefers-reduced-motion"),
        ("orientation", "css-at-media-orientation"),
        ("device-pixel-ratio", "css-at-media-device-pixel-ratio"),
        ("hover", "css-at-media-hover"),
    ):
        if found == ["css-at-media"] and word in prelude:
            found = [slug]
    return found


def _of_selector(selector: str) -> set[str]:
    found = set()
    for step in css.compounds(selector):
        found |= {"css-selector-attribute"} if step.attributes else set()
        found |= {"css-selector-class"} if step.classes else set()
        found |= {"css-selector-id"} if step.id else set()
        found |= {"css-selector-type"} if step.tag else set()
        found |= {"css-selector-chaining"} if len(step.classes) > 1 else set()
        if slug := {
            ">": "css-selector-child",
            "+": "css-selector-adjacent-sibling",
            "~": "css-selector-general-sibling",
            " ": "css-selector-descendant",
        }.get(step.combinator):
            found.add(slug)
        for pseudo in step.pseudos:
            name = pseudo.strip(":").partition("(")[0]
            kind = "element" if pseudo.startswith("::") or name in {"before", "after"} else "class"
            found.add(f"css-pseudo-{kind}-{name}")
    return found
