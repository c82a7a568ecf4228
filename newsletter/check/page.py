"""HTML of an email -> Page: its elements in reading order, how each looks in light and dark, what caused it."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from msgspec import Struct

from newsletter.check import css
from newsletter.check.sources import Sources
from newsletter.errors import Place
from newsletter.model import Block
from newsletter.patterns import later
from newsletter.read.values import PICTURE, without_regions

_MARK = "nl-source"
_SIZES = {"h1": 32.0, "h2": 24.0, "h3": 18.72, "h5": 13.28, "h6": 10.72, "small": 13.33}
_BOLD = frozenset({"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"})
_BLOCKS = frozenset(
    {"p", "div", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "table", "ul", "ol", "body"}
)


class Looks:
    """How elements look that have the same tag, attributes and surroundings (see Element).

    `inside` has the looks of what lies directly in it, by all that they follow from; `path` is where they stand.
    """

    __slots__ = (
        *("align", "background", "bold", "color", "dark_background", "dark_color"),
        *("hidden", "inside", "path", "size", "style"),
    )

    def __init__(
        self, tag: str, attrs: Mapping[str, str], outer: "Looks | None", dark: Mapping[str, str], path: "_Path"
    ) -> None:
        self.path = path
        style = self.style = css.style(attrs["style"]) if "style" in attrs else _PLAIN
        self.inside: dict[tuple[str | None, ...], Looks] = {}
        if outer is None:
            self.color, self.background, self.size, self.align = "#000000", "#FFFFFF", 16.0, "left"
            self.bold = self.hidden = False
        else:
            self.color, self.background, self.size = outer.color, outer.background, outer.size
            self.align, self.bold, self.hidden = outer.align, outer.bold, outer.hidden
        if tag in _SIZES:
            self.size = _SIZES[tag]
        if tag in _BOLD:
            self.bold = True
        if "bgcolor" in attrs:
            self.background = css.colour(attrs["bgcolor"]) or self.background
        if "align" in attrs and tag not in {"table", "img"}:
            self.align = attrs["align"].lower()
        if style:
            self._dress(style)
        has_ground = "bgcolor" in attrs or any(name in style for name in _BACKGROUNDS)
        around = (outer.dark_color, outer.dark_background) if outer else (self.color, self.background)
        self.dark_color: str = _in_the_dark(dark.get("color", ""), self.color if "color" in style else "", around[0])
        self.dark_background: str = _in_the_dark(
            dark.get("background", ""), self.background if has_ground else "", around[1]
        )

    def _dress(self, style: css.Style) -> None:
        if "font" in style and (match := re.search(r"(?<![\d.])([\d.]++(?:px|pt|em|rem|%))", style["font"])):
            self.size = css.pixels(match[1], self.size) or self.size
            self.bold = "bold" in style["font"]
        if "font-size" in style:
            self.size = css.pixels(style["font-size"], self.size)
        if "font-weight" in style:
            self.bold = style["font-weight"] in {"bold", "bolder", "600", "700", "800", "900"}
        if "color" in style:
            self.color = css.colour(style["color"]) or self.color
        for name in _BACKGROUNDS:
            if name in style:
                self.background = css.colour(style[name]) or self.background
        if "text-align" in style:
            self.align = style["text-align"].lower()
        if style.get("display", "").startswith("none") or style.get("visibility", "").startswith("hidden"):
            self.hidden = True


def _in_the_dark(stated: str, own: str, around: str) -> str:
    """Return the colour that one has in the dark; its own gives way only to what is important there."""
    colour, _, important = stated.partition(" ")
    return colour if colour and (important or not own) else own or around


class Element:
    """An element: its tag, attributes, own style, and what it inherits; sizes in CSS pixels, colours `#RRGGBB`."""

    __slots__ = (
        *("align", "attrs", "background", "block", "bold", "color", "dark_background", "dark_color"),
        *("hidden", "looks", "node", "own_words", "parent", "said", "size", "style", "tag"),
    )

    def __init__(
        self, node: Any, attrs: dict[str, str], looks: Looks, parent: "Element | None", block: Place | None
    ) -> None:
        self.node, self.attrs, self.looks, self.parent, self.block = node, attrs, looks, parent, block
        self.style, self.size, self.bold, self.align = looks.style, looks.size, looks.bold, looks.align
        self.color, self.background, self.hidden = looks.color, looks.background, looks.hidden
        self.dark_color, self.dark_background = looks.dark_color, looks.dark_background
        self.tag: str = node.tag
        self.said: str | None = None
        # Its own words, those of its children left out.
        self.own_words: str = node.text or ""

    @property
    def classes(self) -> frozenset[str]:
        """The names of its classes."""
        return frozenset(self.attrs.get("class", "").split())

    @property
    def words(self) -> str:
        """All words in it, blanks in a row as one."""
        if self.said is None:
            self.said = " ".join(self.text.split())
        return self.said

    @property
    def text(self) -> str:
        """All words in it, with their blanks and with signs that show nothing."""
        return "".join(_texts(self.node))

    @property
    def words_beside_links(self) -> str:
        """The words that stand in its own lines, and in no link there."""
        return "".join(_texts(self.node, {"a", *_BLOCKS}))

    @property
    def has_words(self) -> bool:
        """Whether there are any words in it."""
        return any(map(str.strip, _texts(self.node)))

    def within(self) -> "Iterator[Element]":
        """Yield the elements around it, the nearest first."""
        outer = self.parent
        while outer is not None:
            yield outer
            outer = outer.parent

    @property
    def paragraph(self) -> "Element":
        """The nearest element around its words that starts a line of its own."""
        return (
            self
            if self.tag in _BLOCKS
            else next((element for element in self.within() if element.tag in _BLOCKS), self)
        )


class Drawing(Struct, frozen=True, kw_only=True):
    """A shape of VML: its tag (`v:rect`), its attributes as they stand, and the tags of the HTML inside it."""

    tag: str
    attributes: str
    holds: tuple[str, ...]


_PLAIN: css.Style = {}
# The later one counts.
_BACKGROUNDS = ("background", "background-color")
# What VML draws by itself; fills, text boxes and the like only say how. (ECMA-376 part 4, 19.1)
_SHAPES = frozenset(
    {"v:arc", "v:curve", "v:group", "v:image", "v:line", "v:oval", "v:polyline", "v:rect", "v:roundrect", "v:shape"}
)
_TAG = later(r"<(?P<end>/?)(?P<tag>v:[a-z]+|a|h[1-6])\b(?P<attributes>[^<>]*)>", re.IGNORECASE)


class Page:
    """The HTML of an email, parsed once."""

    def __init__(self, html: str, blocks: Sequence[Block], sources: Sources) -> None:
        self.html, self.blocks, self.sources = html, blocks, sources

    @cached_property
    def elements(self) -> list[Element]:
        """Every element in reading order, the head's too."""
        from lxml import etree

        root = etree.fromstring(self._marked(), etree.HTMLParser(huge_tree=True))
        dark = _dark(tuple(self.sheets))
        paths = dark.paths
        matched: dict[Any, list[Any]] | None = None
        elements: list[Element] = []
        inside: list[Element] = []
        opened: list[Place] = []
        for event, node in etree.iterwalk(root, events=("start", "end", "comment")):
            if event == "comment":
                text = node.text or ""
                if text.startswith(_MARK):
                    number = text[len(_MARK) :]
                    if number == "-":
                        del opened[-1:]
                    else:
                        opened.append(self.blocks[int(number)].place)
            elif event == "start":
                outer = inside[-1] if inside else None
                # Nine times as fast as dict(node.attrib).
                attrs = dict(node.items())
                around = outer.looks if outer else dark.around
                key = (node.tag, *map(attrs.get, dark.names))
                looks = around.inside.get(key)
                if looks is None:
                    named = (node.tag, *map(attrs.get, paths.names))
                    path = around.path.inside.get(named)
                    if path is None:
                        if matched is None:
                            matched = dict(css.matches(paths.matcher, root)) if paths.matcher else {}
                        path = _Path(number for _, _, pseudo, number in matched.get(node, ()) if not pseudo)
                        # What is not in `matched` came after selectors had asked for too much.
                        if paths.left and (node in matched or not paths.matcher):
                            paths.left -= 1
                            around.path.inside[named] = path
                    looks = Looks(node.tag, attrs, around, _won(dark.rules[number] for number in path.meant), path)
                    if dark.left and around.path.inside.get(named) is path:
                        dark.left -= 1
                        around.inside[key] = looks
                element = Element(node, attrs, looks, outer, opened[-1] if opened else None)
                elements.append(element)
                inside.append(element)
                continue
            else:
                inside.pop()
            if inside and node.tail:
                inside[-1].own_words += node.tail
        return elements

    @cached_property
    def sheets(self) -> list[css.Sheet]:
        """The style sheets in the head, those for Outlook's conditional comments left out."""
        return [css.parse(text) for text in self.head_styles]

    @cached_property
    def head_styles(self) -> list[str]:
        """The text of every `<style>` that a mail program without Outlook's engine reads."""
        return re.findall(r"<style[^<>]*>(.*?)(?:</style>|\Z)", _without_comments(self.html), re.DOTALL | re.IGNORECASE)

    @cached_property
    def drawings(self) -> list["Drawing"]:
        """The shapes that Word's comments draw with VML; one inside another belongs to the outer."""
        return list(_drawings(self.html)) if "<v:" in self.html else []

    @cached_property
    def head(self) -> str:
        """The HTML of the head."""
        return self.html[:end] if (end := self.html.find("</head>")) >= 0 else ""

    def all(self, *tags: str) -> Iterator[Element]:
        """Yield the elements with one of the tags."""
        held = [tag for tag in tags if tag in self._by_tag]
        if len(held) > 1:
            return (element for element in self.elements if element.tag in held)
        return iter(self._by_tag[held[0]] if held else ())

    @cached_property
    def _by_tag(self) -> dict[str, list[Element]]:
        by_tag: dict[str, list[Element]] = {}
        for element in self.elements:
            by_tag.setdefault(element.tag, []).append(element)
        return by_tag

    @cached_property
    def texts(self) -> list[Element]:
        """The elements of the body that show words of their own."""
        skipped = {"title", "style", "script", "head"}
        return [
            element
            for element in self.elements
            if not element.hidden and element.tag not in skipped and element.own_words.strip()
        ]

    @cached_property
    def long_words(self) -> dict[str, None]:
        """The long words that it shows, each once, in reading order."""
        return dict.fromkeys(long_words(self.shown))

    @cached_property
    def shown(self) -> str:
        """All words that it shows, in small letters."""
        return " ".join(text.own_words for text in self.texts).casefold()

    @cached_property
    def links(self) -> list[Element]:
        """The visible links."""
        return [element for element in self.all("a") if not element.hidden and "href" in element.attrs]

    @cached_property
    def images(self) -> list[Element]:
        """The visible pictures."""
        return [element for element in self.all("img") if not element.hidden]

    def place(self, element: Element, *needles: str) -> Place:
        """Return the line that caused the element; `needles` are the words or addresses to look for, the best first."""
        wanted = (*needles, element.words)
        if element.block is not None:
            return self.sources.in_file(element.block.file, *wanted)
        return self.sources.elsewhere(*wanted, *self._classes(element), f"<{element.tag}")

    def template(self, element: Element) -> Place:
        """Return the template that caused the element, where its words are not at fault."""
        return self.sources.template(*self._classes(element), f"<{element.tag}")

    def styled(self, element: Element, *colours: str) -> Place:
        """Return where the element's look comes from: a colour of the settings, its class in a style sheet."""
        if place := self.sources.colour(*colours):
            return place
        names = [name for holder in (element, *element.within()) for name in holder.attrs.get("class", "").split()]
        return self.sources.template(*(f".{name} {{" for name in names), *self._classes(element), f"<{element.tag}")

    def _classes(self, element: Element) -> list[str]:
        return [
            f'class="{holder.attrs["class"]}"' for holder in (element, *element.within()) if "class" in holder.attrs
        ]

    def _marked(self) -> str:
        """Return the HTML with a comment where each block begins and ends; lxml knows no byte offsets."""
        raw = self.html.encode()
        # At one offset what ends comes before what begins, and the outer block begins first.
        marks = [(block.start, 1, -block.end, f"<!--{_MARK}{n}-->") for n, block in enumerate(self.blocks)]
        marks += [(block.end, 0, -block.start, f"<!--{_MARK}--->") for block in self.blocks]
        out, at = [], 0
        for offset, _, _, mark in sorted(marks):
            out += [raw[at:offset], mark.encode()]
            at = offset
        out.append(raw[at:])
        html = b"".join(out).decode("utf-8", "replace")
        return readable(html)


class _Path:
    """An element's tag and class under those around it: the numbers of the rules that mean it, the weakest first.

    `inside` has the paths of what lies directly in it.
    """

    __slots__ = ("inside", "meant")

    def __init__(self, meant: Iterable[int] = ()) -> None:
        self.meant = tuple(meant)
        self.inside: dict[tuple[str | None, ...], _Path] = {}


class _Paths:
    """What finds the rules with some selectors, None where there are none, and what it found.

    What a rule means follows from the path alone, whatever its colours. `names` are the attributes of a path, `left`
    is how many are still to be kept: none where a selector asks for more than that.
    """

    def __init__(self, selectors: Sequence[Sequence[css.Selector]]) -> None:
        self.matcher = css.matcher(selectors) if selectors else None
        self.root = _Path()
        parts = {part for several in selectors for selector in several for part in selector.parts}
        self.names = ("class", "id") if "id" in parts else ("class",)
        self.left = _MOST_LOOKS if parts <= _OF_PATH else 0


class _Dark:
    """The rules for dark colours, and how elements look where they hold.

    A look follows from the tag, the looks around it, and the attributes `names`. `left` is how many looks are still to
    be kept.
    """

    def __init__(self, rules: Sequence[css.CssRule]) -> None:
        self.rules = rules
        self.paths = _paths(tuple(rule.selectors for rule in rules))
        self.around = Looks("", {}, None, {}, self.paths.root)
        self.names = (*self.paths.names, "style", "bgcolor", "align")
        self.left = _MOST_LOOKS


# Parts of selectors that ask for no more.
_OF_PATH = frozenset({"class", "chaining", "id", "type", "child", "descendant"})
# Looks that are kept of all pages with one style sheet; the packaged look has 150.
_MOST_LOOKS = 2000


@lru_cache(css.SHEETS)
def _paths(selectors: tuple[tuple[css.Selector, ...], ...]) -> _Paths:
    return _Paths(selectors)


@lru_cache(css.SHEETS)
def _dark(sheets: tuple[css.Sheet, ...]) -> _Dark:
    rules = [rule for sheet in sheets for rule in sheet.rules if "prefers-color-scheme" in rule.under]
    rules = [rule for rule in rules if re.search(r"prefers-color-scheme\s*:\s*dark", rule.under)]
    return _Dark([rule for rule in rules if rule.style.keys() & {"color", *_BACKGROUNDS}])


def _won(rules: Iterable[css.CssRule]) -> dict[str, str]:
    """Return the colours that win of the rules that mean an element: `#FFFFFF`, or `#FFFFFF important`."""
    won: dict[str, str] = {}
    # The weaker come first, and of two as strong the one that stands first.
    for rule in rules:
        for name, value in rule.style.items():
            if name == "color" or name in _BACKGROUNDS:
                kind = "color" if name == "color" else "background"
                important = " important" if "!important" in value else ""
                if (colour := css.colour(value)) and (important or not won.get(kind, "").endswith(" important")):
                    won[kind] = colour + important
    return won


def long_words(text: str) -> list[str]:
    """Return the words of three letters or more, in small letters."""
    return re.findall(r"[^\W_]{3,}", text.casefold())


def readable(html: str) -> str:
    """Return neutral HTML without the marks that only an export understands."""
    html = without_regions(html, lambda name: True)
    return PICTURE.sub(r"\1", html) if "\x04" in html else html


def _without_comments(html: str) -> str:
    # One that is never closed hides all that follows.
    return re.sub(r"<!--.*?(?:-->|\Z)", "", html, flags=re.DOTALL)


def _drawings(html: str) -> Iterator[Drawing]:
    opened: re.Match[str] | None = None
    depth, holds = 0, list[str]()
    for match in _TAG.finditer(html):
        tag = match["tag"].lower()
        if tag not in _SHAPES:
            if depth and tag[:2] != "v:" and not match["end"]:
                holds.append(tag)
        elif match["end"]:
            depth = max(0, depth - 1)
        elif match["attributes"].endswith("/"):
            if not depth:
                yield Drawing(tag=tag, attributes=match["attributes"], holds=())
            continue
        else:
            opened, depth = opened if depth else match, depth + 1
        if opened and not depth:
            yield Drawing(tag=opened["tag"].lower(), attributes=opened["attributes"], holds=tuple(holds))
            opened, holds = None, []
    if opened:
        # One that is never closed holds all that follows.
        yield Drawing(tag=opened["tag"].lower(), attributes=opened["attributes"], holds=tuple(holds))


def _texts(node: Any, apart: Collection[str] = ()) -> Iterator[str]:
    """Yield the words of a node and of all in it; elements `apart`, and what never shows, are left out."""
    if isinstance(node.tag, str) and node.tag not in {"style", "script"}:
        if node.text:
            yield node.text
        for child in node:
            if child.tag not in apart:
                yield from _texts(child, apart)
            if child.tail:
                yield child.tail
