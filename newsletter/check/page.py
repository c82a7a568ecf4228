"""HTML of an email -> Page: its elements in reading order, how each looks in light and dark, what caused it."""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from newsletter.check import css
from newsletter.check.sources import Sources
from newsletter.errors import Place
from newsletter.model import Block
from newsletter.read.values import PICTURE, without_regions

if TYPE_CHECKING:
    from cssselect2 import Matcher

_MARK = "nl-source"
_SIZES = {"h1": 32.0, "h2": 24.0, "h3": 18.72, "h5": 13.28, "h6": 10.72, "small": 13.33}
_BOLD = frozenset({"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"})
_BLOCKS = frozenset(
    {"p", "div", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "table", "ul", "ol", "body"}
)


class Element:
    """An element: its tag, attributes, own style, and what it inherits; sizes in CSS pixels, colours `#RRGGBB`."""

    __slots__ = (
        *("align", "attrs", "background", "block", "bold", "classes", "color", "dark_background", "dark_color"),
        *("hidden", "node", "own_words", "parent", "said", "size", "style", "tag"),
    )

    def __init__(self, node: Any, parent: "Element | None", block: Place | None) -> None:
        self.node, self.parent, self.block = node, parent, block
        self.tag: str = node.tag
        self.attrs: dict[str, str] = dict(node.attrib)
        self.classes = frozenset(self.attrs["class"].split()) if "class" in self.attrs else _NONE
        style = self.style = css.style(self.attrs["style"]) if "style" in self.attrs else _PLAIN
        self.said: str | None = None
        # Its own words, those of its children left out.
        self.own_words: str = node.text or ""
        if parent is None:
            self.color, self.background, self.size, self.align = "#000000", "#FFFFFF", 16.0, "left"
            self.bold = self.hidden = False
        else:
            self.color, self.background, self.size = parent.color, parent.background, parent.size
            self.align, self.bold, self.hidden = parent.align, parent.bold, parent.hidden
        if self.tag in _SIZES:
            self.size = _SIZES[self.tag]
        if self.tag in _BOLD:
            self.bold = True
        if "bgcolor" in self.attrs:
            self.background = css.colour(self.attrs["bgcolor"]) or self.background
        if "align" in self.attrs and self.tag not in {"table", "img"}:
            self.align = self.attrs["align"].lower()
        if style:
            self._dress(style)
        # Until a dark sheet says otherwise, an element looks in the dark as it does in the light.
        self.dark_color, self.dark_background = self.color, self.background

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
        for name in ("background", "background-color"):
            if name in style:
                self.background = css.colour(style[name]) or self.background
        if "text-align" in style:
            self.align = style["text-align"].lower()
        if style.get("display", "").startswith("none") or style.get("visibility", "").startswith("hidden"):
            self.hidden = True

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


_NONE: frozenset[str] = frozenset()
_PLAIN: css.Style = {}
# What VML draws by itself; fills, text boxes and the like only say how. (ECMA-376 part 4, 19.1)
_SHAPES = frozenset(
    {"v:arc", "v:curve", "v:group", "v:image", "v:line", "v:oval", "v:polyline", "v:rect", "v:roundrect", "v:shape"}
)
_TAG = re.compile(r"<(?P<end>/?)(?P<tag>v:[a-z]+|a|h[1-6])\b(?P<attributes>[^<>]*)>", re.IGNORECASE)


class Page:
    """The HTML of an email, parsed once."""

    def __init__(self, html: str, blocks: Sequence[Block], sources: Sources) -> None:
        self.html, self.blocks, self.sources = html, blocks, sources

    @cached_property
    def elements(self) -> list[Element]:
        """Every element in reading order, the head's too."""
        from lxml import etree

        root = etree.fromstring(self._marked(), etree.HTMLParser(huge_tree=True))
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
                element = Element(node, inside[-1] if inside else None, opened[-1] if opened else None)
                elements.append(element)
                inside.append(element)
                continue
            else:
                inside.pop()
            if inside and node.tail:
                inside[-1].own_words += node.tail
        self._darken(elements)
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
        return (element for element in self.elements if element.tag in tags)

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
    def links(self) -> list[Element]:
        """The visible links."""
        return [
            element
            for element in self.elements
            if element.tag == "a" and not element.hidden and "href" in element.attrs
        ]

    @cached_property
    def images(self) -> list[Element]:
        """The visible pictures."""
        return [element for element in self.elements if element.tag == "img" and not element.hidden]

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

    def _darken(self, elements: list[Element]) -> None:
        """Give each element the colours that the dark sheet gives it."""
        if not (matcher := _dark(tuple(self.sheets))):
            return
        won: dict[tuple[Any, str], tuple[bool, str]] = {}
        for node, matched in css.matches(matcher, elements[0].node):
            # The weaker come first, and of two as strong the one that stands first.
            for _, _, pseudo, rule in matched:
                for name, value in () if pseudo else rule.style.items():
                    if name == "color" or name in _BACKGROUNDS:
                        key = (node, "color" if name == "color" else "background")
                        important = "!important" in value
                        if (colour := css.colour(value)) and important >= won.get(key, (False, ""))[0]:
                            won[key] = (important, colour)
        for element in elements:
            style, outer = element.style, element.parent
            for name, attribute, stated in (
                ("color", "dark_color", "color" in style),
                ("background", "dark_background", bool(style.keys() & _BACKGROUNDS) or "bgcolor" in element.attrs),
            ):
                important, value = won.get((element.node, name), (False, ""))
                if value and (important or not stated):
                    setattr(element, attribute, value)
                elif not stated and outer is not None:
                    setattr(element, attribute, getattr(outer, attribute))


_BACKGROUNDS = frozenset({"background", "background-color"})


@lru_cache(css.SHEETS)
def _dark(sheets: tuple[css.Sheet, ...]) -> "Matcher | None":
    """Return what finds the rules for dark colours; None where no rule is for the dark."""
    rules = [rule for sheet in sheets for rule in sheet.rules if "prefers-color-scheme" in rule.under]
    rules = [rule for rule in rules if re.search(r"prefers-color-scheme\s*:\s*dark", rule.under)]
    if not rules:
        return None
    return css.matcher(rule for rule in rules if rule.style.keys() & {"color", *_BACKGROUNDS})


def readable(html: str) -> str:
    """Return neutral HTML without the marks that only an export understands."""
    return PICTURE.sub(r"\1", without_regions(html, lambda name: True))


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
