"""Renderables that an issue in a terminal is made of: bars, labels, buttons, and the lines they come to.

No line has a right edge, so that a terminal which counts an emoji or a script differently spoils nothing.
"""

from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from newsletter import printable
from newsletter.look import colours

DIM = Style(dim=True)
# Narrower than this, a date block or a small picture stands above its words, not beside them.
_ROOM_FOR_TWO = 56
_BOLD = Style(bold=True)


def lines_of(console: Console, view: Iterable[RenderableType], width: int) -> list[list[Segment]]:
    """Return the view line by line, without blanks at the ends of lines; only addresses may be longer than `width`."""
    options = console.options.update(width=width, height=None)
    return [_stripped(line) for line in Segment.split_lines(console.render(Group(*view), options))]


def folded(lines: Iterable[list[Segment]], width: int) -> list[list[Segment]]:
    """Return the lines with those that are longer than `width` broken: what a window on them needs."""
    return [
        part
        for line in lines
        for part in (
            Segment.split_and_crop_lines(_chopped(line, width), width, pad=False, include_new_lines=False)
            if Segment.get_line_length(line) > width
            else [line]
        )
    ]


def printed(line: list[Segment]) -> list[Segment]:
    """Return the line with nothing in it that a terminal would obey, but for its own colours and links."""
    return [
        segment if segment.control else Segment(printable.one_line(segment.text), _with_plain_link(segment.style))
        for segment in line
    ]


class Bar:
    """Renderables with a mark at the left of each line."""

    def __init__(self, inside: list[RenderableType], first: str, rest: str | None = None, *, style: Style) -> None:
        self.inside, self.first, self.style = inside, first, style
        is_line = first.strip() in {"┃", "│"}
        self.rest = first if rest is None and is_line else rest or " " * cell_len(first)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(1, options.max_width - cell_len(self.first))
        lead = self.first
        for line in _lines(console, options, self.inside, width):
            yield Segment(lead, self.style)
            yield from line
            yield Segment.line()
            lead = self.rest

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, options.max_width)


class Beside:
    """A date block or a small picture at the left, the words at the right.

    Where it is narrow, one stands above the other: the side above if it `is_first` in the mail.
    """

    def __init__(
        self, side: list[RenderableType], story: list[RenderableType], *, is_date: bool, is_first: bool
    ) -> None:
        self.side, self.story, self.is_date, self.is_first = side, story, is_date, is_first

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width < _ROOM_FOR_TWO:
            yield from (*self.side, *self.story) if self.is_first else (*self.story, *self.side)
            return
        left = self._block(console, options)
        width = max(map(Segment.get_line_length, left), default=0)
        right = _lines(console, options, self.story, options.max_width - width - 2)
        for number in range(max(len(left), len(right))):
            line = left[number] if number < len(left) else []
            yield from line
            if number < len(right):
                yield Segment(" " * (width + 2 - Segment.get_line_length(line)))
                yield from right[number]
            yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, options.max_width)

    def _block(self, console: Console, options: ConsoleOptions) -> list[list[Segment]]:
        """Return the lines at the left; a date has the month over the day."""
        if not self.is_date:
            return _lines(console, options, self.side, options.max_width // 3)
        words = [word for text in self.side if isinstance(text, Text) for word in text.split(" ")]
        width = max((word.cell_len for word in words), default=0)
        lines = [Text.assemble(" " * ((width - word.cell_len + 1) // 2 + 1), word) for word in words]
        return _lines(console, options, lines, width + 2)


class Ends:
    """Words at the left end of a line and words at its right; one below the other where the line is too short."""

    def __init__(self, left: Text, right: Text) -> None:
        self.left, self.right = left, right

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # Two cells are left free: some terminals count an emoji wider than others.
        room = options.max_width - self.left.cell_len - self.right.cell_len - 2
        if room < 2:
            yield self.left
            yield self.right
            return
        yield Text.assemble(self.left, " " * room, self.right)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, options.max_width)


class Label:
    """A section's label with a line behind it."""

    def __init__(self, text: Text, style: Style) -> None:
        self.text, self.style = text, style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = _lines(console, options, [self.text], options.max_width)
        for line in lines:
            yield from line
            # Two cells are left free: some terminals count an emoji wider than others.
            room = options.max_width - Segment.get_line_length(line) - 3
            if line is lines[-1] and room > 3 and self.text.justify != "right":
                yield Segment(" " + "─" * room, self.style)
            yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, options.max_width)


class Button:
    """A link on a coloured ground; behind an arrowhead where it has only a line around it, or there are no colours."""

    def __init__(self, words: Text, mark: str, colour: str, link: Style, *, is_filled: bool) -> None:
        self.words, self.mark, self.colour, self.link, self.is_filled = words, mark, colour, link, is_filled

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        has_colour = console.color_system is not None and not console.no_color
        label = self.words.plain.strip()
        if has_colour and self.is_filled:
            ground = Style(bgcolor=self.colour, color=colours.text_on(self.colour), bold=True)
            text = Text.assemble((f" {label} ", ground + self.link), (self.mark, DIM))
        else:
            worn = Style(color=self.colour) if has_colour else Style()
            text = Text.assemble(("▸ ", worn), (label, _BOLD + worn + self.link), (self.mark, DIM))
        text.overflow = "fold"
        yield text

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, options.max_width)


class Line:
    """One character from edge to edge."""

    def __init__(self, character: str, style: Style) -> None:
        self.character, self.style = character, style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Segment(self.character * options.max_width, self.style)
        yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, options.max_width)


class Address:
    """A numbered address in one piece: one that a line end breaks can't be copied, and the terminal folds it."""

    def __init__(self, mark: str, address: str) -> None:
        self.mark, self.address = mark, address

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Segment(self.mark, DIM)
        yield Segment(self.address)
        yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, options.max_width)


def _lines(
    console: Console, options: ConsoleOptions, inside: Iterable[RenderableType], width: int
) -> list[list[Segment]]:
    return console.render_lines(Group(*inside), options.update(width=width, height=None), pad=False)


def _with_plain_link(style: Style | None) -> Style | None:
    link = style and style.link
    return style.update_link(printable.one_line(link)) if style and link and not link.isprintable() else style


def _stripped(line: list[Segment]) -> list[Segment]:
    """Return the line without the blanks at its end that nobody would see."""
    line = list(line)
    while line and not line[-1].control and not (line[-1].style and line[-1].style.bgcolor):
        words = line[-1].text.rstrip(" ")
        if words:
            line[-1] = Segment(words, line[-1].style)
            break
        line.pop()
    return line


def _chopped(line: list[Segment], width: int) -> Iterator[Segment]:
    """Yield the segments of a line with an end of line after every `width` cells."""
    room = width
    for segment in line:
        for character in segment.text:
            if cell_len(character) > room:
                yield Segment.line()
                room = width
            yield Segment(character, segment.style, segment.control)
            room -= cell_len(character)
