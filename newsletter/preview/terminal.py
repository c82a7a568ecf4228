"""Delivery -> rich renderables: a built issue as a terminal shows it.

What is laid out is the built HTML itself, not the issue that it was made from: so every word and link of it is there,
in its order, whatever a newsroom's own templates say. Class names and inline styles only decide how a block is dressed;
a template that uses none of them still reads as plain paragraphs.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from newsletter.look import colours
from newsletter.model import Cover, Delivery, Issue
from newsletter.preview.blocks import DIM, Address, Bar, Beside, Button, Ends, Label, Line
from newsletter.preview.markup import Node, read
from newsletter.read.typed import counted

WIDEST = 100
# In pixels of the mail: a cell for a date is narrower, a picture beside words narrower than half the paper, and a line
# down a side is thicker than one of a table.
_DATE, _HALF, _EDGE = 160, 240, 3

Links = Literal["clickable", "numbered"]
# Takes the address of a picture and the width it has in the mail, in CSS pixels; returns nothing where it can't draw.
Draw = Callable[[str, int], RenderableType | None]

# fmt: off
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
    "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})
# fmt: on
_BOLD, _ITALIC = Style(bold=True), Style(italic=True)
# A heading inside the words of a story: below its headline, above a bold word.
_LOW = Style(bold=True, dim=True)
_INLINE = {
    "b": _BOLD,
    "strong": _BOLD,
    "th": _BOLD,
    "code": _BOLD,
    "em": _ITALIC,
    "i": _ITALIC,
    "cite": _ITALIC,
    "s": Style(strike=True),
    "del": Style(strike=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an issue is laid out: what its terminal can show.

    `page` is the address of the built page, which links inside the issue lead to; `is_plain` keeps everything below
    each other and leaves colours to nobody, as a pipe wants it.
    """

    links: Links = "numbered"
    draw: Draw | None = None
    is_plain: bool = False
    page: str = ""


def issue_view(issue: Issue, cover: Cover, delivery: Delivery, manner: Manner) -> list[RenderableType]:
    """Return the issue from its envelope to its footer, and the numbered addresses where links can't be clicked."""
    accent = _seen(issue.accent)
    painter = _Painter(manner=manner, accent=accent, picture_word=issue.words.picture)
    body = read(delivery.html)
    painter.linked = _linked_words(body)
    painter.is_rtl = issue.direction == "rtl"
    painter.flow(body, Style(), "")
    painter.flush()
    view: list[RenderableType] = [_envelope(cover, delivery), Text(), Line("▀", Style(color=accent)), *painter.out]
    if painter.numbers:
        view += [Text(), Line("─", DIM), Text("Links", style=_BOLD)]
        view += [Address(f"[{number}] ", address) for address, number in painter.numbers.items()]
    return view


def _envelope(cover: Cover, delivery: Delivery) -> RenderableType:
    """Return what an inbox shows of the issue."""
    sender = " ".join(filter(None, (cover.sender_name, cover.sender_address and f"<{cover.sender_address}>")))
    rows = (("From", sender), ("Subject", delivery.subject), ("Preheader", delivery.preheader))
    return Group(
        *(
            Bar([Text(words, style=_BOLD if label == "Subject" else "")], f"{label:<10} ", style=DIM)
            for label, words in rows
            if words
        )
    )


@dataclass(slots=True)
class _Painter:
    """Collects renderables while it goes through the page; `numbers` and `linked` are shared with those it starts."""

    manner: Manner
    accent: str
    picture_word: str
    is_rtl: bool = False
    numbers: dict[str, int] = field(default_factory=dict)
    linked: frozenset[str] = frozenset()
    out: list[RenderableType] = field(default_factory=list)
    text: Text = field(default_factory=Text)
    gap: int = 0
    before: int = 0

    def flow(self, node: Node, style: Style, href: str) -> None:
        """Lay out the children of an element, one after the other."""
        for child in node.children:
            if isinstance(child, str):
                self.say(child, style)
            elif child.is_hidden:
                continue
            elif child.tag == "br":
                self.text.rstrip()
                self.text.append("\n")
            elif child.tag == "img":
                self.picture(child, href)
            elif child.tag == "a" and "href" in child.attributes:
                self.link(child, style)
            elif child.tag in _BLOCKS:
                self.block(child, style, href)
            elif _ground(child) and not self.manner.is_plain:
                dressed = style + self.dress(child)
                self.text.append(" ", dressed)
                self.flow(child, dressed, href)
                self.text.append(" ", dressed)
            else:
                self.flow(child, style + self.dress(child), href)
                if "aria-hidden" in child.attributes:
                    # An ornament (an emoji, an arrow) keeps its distance by a style that is not there here.
                    self.say(" ", style)

    def say(self, words: str, style: Style) -> None:
        """Add words to the paragraph; white space counts as one blank, and as none at its beginning."""
        words = re.sub(r"[ \t\r\n\f]+", " ", words)
        if not self.text or self.text.plain[-1] in " \n":
            words = words.removeprefix(" ")
        self.text.append(words, style)

    def flush(self, style: Style | None = None) -> None:
        """End the paragraph."""
        text, self.text = self.text, Text()
        text.rstrip()
        if not text.plain.strip(" \n\u00a0"):
            return
        if style:
            text.stylize_before(style)
        text.overflow = "fold"
        if self.is_rtl:
            text.justify = "right"
        self.emit(text)

    def emit(self, renderable: RenderableType, before: int = 0, after: int = 0) -> None:
        """Add a renderable, as many empty lines above it as its neighbours ask for."""
        gap = max(self.gap, self.before, before)
        self.out += [Text()] * (gap if self.out else 0)
        self.out.append(renderable)
        self.before, self.gap = 0, after

    def link(self, node: Node, style: Style) -> None:
        """Lay out a link's words (or picture), and its number behind them."""
        address = node.attributes["href"]
        inside = address.startswith("#")
        dressed = style + self.dress(node)
        target = f"{self.manner.page}{address}" if inside else address
        if self.manner.links == "clickable" and (self.manner.page or not inside):
            dressed += Style(link=target)
        if not inside and not style.bold:
            dressed += Style(underline=True, color=None if style.dim else self.accent)
        begun = len(self.text)
        self.flow(node, dressed, address)
        if not inside and len(self.text) > begun:
            self.mark(address)

    def mark(self, address: str) -> None:
        """Number an address where it can't be clicked."""
        if self.manner.links == "numbered":
            self.text.append(f" [{self.number(address)}]", DIM)

    def number(self, address: str) -> int:
        """Return the number of an address, the same each time."""
        return self.numbers.setdefault(address, len(self.numbers) + 1)

    def picture(self, node: Node, href: str) -> None:
        """Draw a picture, or say what it shows."""
        self.flush()
        width = int(node.attributes.get("width", "").removesuffix("px").partition(".")[0] or 0)
        drawn = self.manner.draw(node.attributes.get("src", ""), width) if self.manner.draw else None
        if drawn is not None:
            self.emit(drawn, before=1)
            self.gap = 0
        elif alt := node.attributes.get("alt", "").strip():
            link = Style(link=href) if href and self.manner.links == "clickable" else Style()
            self.text.append(f"[{self.picture_word}: {alt}]", DIM + _ITALIC + link)
        if href and not href.startswith("#") and self.manner.links == "numbered":
            if href in self.linked:
                self.number(href)
            else:
                self.mark(href)
        self.before = max(self.before, 1)
        self.flush()

    def block(self, node: Node, style: Style, href: str) -> None:
        """Lay out a block below what came before."""
        self.flush()
        if node.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            self.heading(node, style)
        elif node.tag in {"ul", "ol"}:
            self.listed(node, style, href)
        elif node.tag == "blockquote":
            self.emit(Bar(self.inside(node, style + _ITALIC, href), "┃ ", style=Style(color=self.accent)), 1, 1)
        elif node.tag == "hr":
            self.emit(Text("* * *", style=DIM), 1, 1)
        elif node.tag == "pre":
            words = node.words().strip("\n").expandtabs(4)
            self.emit(Bar([Text(words, overflow="fold")], "    ", style=Style()), 1, 1)
        elif node.tag == "p":
            self.paragraph(node, style, href)
        elif node.tag == "table" and (button := _button(node)):
            self.button(*button)
        elif node.tag == "table" and "table" in node.classes:
            self.tabled(node, style, href)
        elif node.tag == "tr" and (cells := _narrow_and_wide(node)):
            self.beside(*cells, style, href)
        elif node.tag == "tr" and not self.manner.is_plain and (ends := _two_ends(node)):
            self.apart(*ends, style, href)
        elif any(isinstance(child, Node) and child.tag == "h1" for child in node.children):
            self.masthead(node, style, href)
        elif "panel" in node.classes or _has_edge(node):
            self.emit(Bar(self.inside(node, style, href), "┃ ", style=Style(color=self.accent)), 1, 1)
        else:
            if "foot" in node.classes:
                self.emit(Line("─", DIM), 2, 1)
                style += DIM
            self.flow(node, style + self.dress(node), href)
            self.flush()

    def apart(self, first: Node, last: Node, style: Style, href: str) -> None:
        """Lay out two cells that stand at the two ends of a line."""
        one, other = (self.inside(cell, style + self.dress(cell), href) for cell in (first, last))
        if len(one) == len(other) == 1 and isinstance(one[0], Text) and isinstance(other[0], Text):
            self.emit(Ends(other[0], one[0]) if self.is_rtl else Ends(one[0], other[0]))
            return
        for renderable in (*one, *other):
            self.emit(renderable)

    def masthead(self, node: Node, style: Style, href: str) -> None:
        """Lay out the issue's title with what stands around it, close together."""
        for renderable in self.inside(node, style, href):
            if renderable != Text():
                self.before = self.gap = 0
                self.emit(renderable)
        self.gap = 1

    def paragraph(self, node: Node, style: Style, href: str) -> None:
        """Lay out a paragraph; a line that only leads to a place in the issue stands close to its neighbours."""
        is_entry = any(
            child.tag == "a" and child.attributes.get("href", "").startswith("#")
            for child in node.children
            if isinstance(child, Node)
        )
        if not is_entry and "credit" not in node.classes:
            self.before = max(self.before, 1)
        elif "credit" in node.classes:
            self.before = self.gap = 0
        self.flow(node, style + self.dress(node), href)
        self.flush()
        self.gap = 0 if is_entry else 1
        if is_entry:
            self.before = 0

    def heading(self, node: Node, style: Style) -> None:
        """Lay out a heading by its level: the issue's title, a section's label, a story's headline, one in words."""
        inner = self.start()
        inner.flow(node, style + (_BOLD if node.tag in {"h1", "h2", "h3"} else _LOW), "")
        text = inner.text
        text.rstrip()
        # Pictures in a heading came out before its words.
        for renderable in inner.out:
            self.emit(renderable, 1)
        if not text:
            return
        text.overflow = "fold"
        text.justify = "right" if self.is_rtl else None
        if node.tag == "h1":
            text.stylize_before(Style(color=self.accent, bold=True))
            self.emit(text, 0, 0)
        elif node.tag == "h2":
            text.stylize_before(Style(color=self.accent, bold=True))
            self.emit(Label(text, Style(color=self.accent)), 2, 1)
        else:
            self.emit(text, 1, 1 if node.tag == "h3" else 0)

    def listed(self, node: Node, style: Style, href: str) -> None:
        """Lay out a list, its marks hanging."""
        first = node.attributes.get("start", "1")
        number = int(first) if first.isdigit() else 1
        self.before = max(self.before, 1)
        for entry in node.children:
            if not isinstance(entry, Node) or entry.tag != "li":
                continue
            if (stated := entry.attributes.get("value", "")).isdigit():
                number = int(stated)
            sign = node.attributes.get("data-sign", ".")
            mark = f"{counted(number, node.attributes.get('type', ''))}{sign} " if node.tag == "ol" else "• "
            inside = self.inside(entry, style, href)
            self.emit(Bar(inside or [Text()], mark, " " * cell_len(mark), style=Style(color=self.accent)))
            number += 1
        self.gap = 1

    def tabled(self, node: Node, style: Style, href: str) -> None:
        """Lay out a table of a writer's in columns, its head in bold."""
        rows = [
            [
                (Group(*self.inside(cell, style + self.dress(cell), href)), cell)
                for cell in row.children
                if isinstance(cell, Node) and cell.tag in {"th", "td"}
            ]
            for row in node.walk()
            if row.tag == "tr"
        ]
        table = Table.grid(padding=(0, 2, 0, 0))
        for _, cell in rows[0] if rows else ():
            side = cell.style("text-align")
            table.add_column(justify="right" if side == "right" else "center" if side == "center" else "left")
        for row in rows:
            table.add_row(*(words for words, _ in row))
        self.emit(table, 1, 1)

    def button(self, link: Node, colour: str, is_filled: bool) -> None:
        """Lay out a link that looks like a button."""
        inner = self.start()
        inner.flow(link, Style(), "")
        target = Style(link=link.attributes["href"]) if self.manner.links == "clickable" else Style()
        mark = f" [{self.number(link.attributes['href'])}]" if self.manner.links == "numbered" else ""
        self.emit(Button(inner.text, mark, colour or self.accent, target, is_filled=is_filled), 1, 1)

    def beside(self, narrow: Node, wide: Node, is_left: bool, style: Style, href: str) -> None:
        """Lay out a date block or a small picture with the words that belong to it."""
        has_picture = _has_picture(narrow)
        is_date = not has_picture
        worn = style + _BOLD + Style(color=self.accent) if is_date else style
        side = [text for text in self.inside(narrow, worn, href) if text != Text()]
        story = self.inside(wide, style, href)
        if is_date:
            lines = [line for text in side if isinstance(text, Text) for line in text.split("\n")]
            side = [Text(" ", style=_BOLD).join(line for line in lines if line.plain.strip())]
        is_drawn = has_picture and not all(isinstance(text, Text) for text in side)
        if is_drawn or (is_date and not self.manner.is_plain):
            self.emit(Beside(side, story, is_date=is_date, is_first=is_date or is_left), 1, 1)
            return
        # As in the page: what the narrow cell holds comes before the words, or after them.
        is_first = is_date or is_left
        for number, group in enumerate((side, story) if is_first else (story, side)):
            self.emit(Group(*group), 0 if number and is_date else 1, 0 if is_date and not number else 1)

    def inside(self, node: Node, style: Style, href: str) -> list[RenderableType]:
        """Return the renderables of what stands in an element."""
        inner = self.start()
        inner.flow(node, style, href)
        inner.flush()
        return inner.out

    def start(self) -> "_Painter":
        """Return a painter for the inside of an element."""
        return _Painter(
            manner=self.manner,
            accent=self.accent,
            picture_word=self.picture_word,
            is_rtl=self.is_rtl,
            numbers=self.numbers,
            linked=self.linked,
        )

    def dress(self, node: Node) -> Style:
        """Return how an element's words look."""
        style = _INLINE.get(node.tag, Style())
        if "soft" in node.classes or "foot-p" in node.classes:
            style += DIM
        if "accent" in node.classes and not style.dim:
            style += Style(color=self.accent)
        if background := _ground(node):
            style += Style(bgcolor=background, color=colours.text_on(background), bold=True, dim=False)
        return style


def _linked_words(body: Node) -> frozenset[str]:
    """Return the addresses that some words of the page lead to."""
    return frozenset(
        node.attributes["href"]
        for node in body.walk()
        if node.tag == "a" and "href" in node.attributes and node.words().strip()
    )


def _button(table: Node) -> tuple[Node, str, bool] | None:
    """Return the link, its colour and whether that is the ground, if the table is there to make a link a button.

    One that has but a line around it wears the colour of its words.
    """
    links = [node for node in table.walk() if node.tag == "a" and "href" in node.attributes]
    if len(links) != 1 or links[0].words().strip() != table.words().strip() or not links[0].words().strip():
        return None
    grounds = (_hex(node.attributes.get("bgcolor") or node.style("background-color")) for node in table.walk())
    if ground := next(filter(None, grounds), ""):
        return links[0], ground, True
    has_line = any(re.match(r"[1-9]", node.style("border")) for node in table.walk())
    return (links[0], "", False) if has_line else None


def _narrow_and_wide(row: Node) -> tuple[Node, Node, bool] | None:
    """Return the row's narrow cell, its wide one, and whether the narrow one comes first; nothing for other rows.

    Narrow is a cell for a date, and one that holds a picture of less than half the mail.
    """
    cells = _cells(row)
    narrow = [cell for cell in cells if 0 < _pixels(cell) <= (_HALF if _has_picture(cell) else _DATE)]
    wide = [cell for cell in cells if cell not in narrow]
    return (narrow[0], wide[0], cells[0] is narrow[0]) if len(narrow) == len(wide) == 1 else None


def _two_ends(row: Node) -> tuple[Node, Node] | None:
    """Return the two cells of a row whose last one stands at the other end of the line."""
    cells = _cells(row)
    sides = [cell.attributes.get("align") or cell.style("text-align") or "start" for cell in cells]
    return (cells[0], cells[1]) if len(cells) == 2 and sides[1] in {"left", "right"} and sides[0] != sides[1] else None


def _cells(row: Node) -> list[Node]:
    """Return the cells of a row that hold something."""
    return [node for node in row.children if isinstance(node, Node) and node.tag in {"td", "th"} and _holds(node)]


def _has_picture(node: Node) -> bool:
    return any(inner.tag == "img" for inner in node.walk())


def _has_edge(node: Node) -> bool:
    """Tell whether a line runs down one side of an element: a quote, a panel."""
    return any(
        int(width[0]) >= _EDGE
        for side in ("left", "right")
        if (width := re.match(r"\d+", node.style(f"border-{side}")))
    )


def _holds(node: Node) -> bool:
    return bool(node.words().strip(" \n\u00a0")) or _has_picture(node)


def _ground(node: Node) -> str:
    """Return the colour behind a few words of a line, such as a badge."""
    return _hex(node.style("background-color") or node.style("background")) if node.tag == "span" else ""


def _pixels(node: Node) -> int:
    width = node.attributes.get("width", "").removesuffix("px")
    return int(width) if width.isdigit() else 0


def _hex(value: str) -> str:
    match = re.match(r"#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})\b", value)
    if not match:
        return ""
    digits = match[1] if len(match[1]) == 6 else "".join(2 * digit for digit in match[1])
    return f"#{digits.upper()}"


def _seen(accent: str) -> str:
    """Return the accent as light as it must be on black; it is then dark enough for white too (4.6 : 1)."""
    dark_enough = colours.legible(accent, "#FFFFFF")
    return colours.legible(dark_enough, "#000000")
