"""Lines -> a window on them in the terminal, which the keyboard moves and a new state of the issue refills."""

import os
import re
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.segment import Segment, SegmentLines

from newsletter import printable
from newsletter.preview.blocks import printed

# What is shown at one moment: the lines for a width.
Lines = Callable[[int], list[list[Segment]]]

_MOVES = {
    "j": 1,
    "\x1b[B": 1,
    "\x1bOB": 1,
    "\r": 1,
    "\n": 1,
    "k": -1,
    "\x1b[A": -1,
    "\x1bOA": -1,
}
_PAGES = {" ": 1, "f": 1, "\x1b[6~": 1, "b": -1, "\x1b[5~": -1, "d": 0.5, "u": -0.5}
_ENDS = {"g": 0, "\x1b[H": 0, "\x1b[1~": 0, "\x1bOH": 0, "G": 10**9, "\x1b[F": 10**9, "\x1b[4~": 10**9, "\x1bOF": 10**9}
_KEY = re.compile(r"\x1b\[[0-9;]*[A-Za-z~]|\x1bO.|.", re.DOTALL)


class Reader:
    """A window on lines, with a line at the bottom that says what it shows and which keys it takes."""

    def __init__(self, console: Console, stdin: TextIO, title: str) -> None:
        self.console, self.stdin, self.title = console, stdin, printable.one_line(title)
        self.show: Lines = lambda width: []
        self.lines: list[list[Segment]] = []
        self.top = 0
        self._wake, self._woken = os.pipe()
        self._lock = threading.Lock()
        self._new: tuple[Lines, str, bool] | None = None
        self._note, self._is_passing = "", False
        self._place: tuple[int, list[str]] = (0, [])

    def refill(self, show: Lines, note: str = "", *, is_passing: bool = False) -> None:
        """Show something else, at the same place; may be called from any thread.

        The note stands in the line at the bottom. What is passing (a fault in place of the issue) is shown from its
        beginning, and what follows it at the place before it.
        """
        with self._lock:
            self._new = show, note, is_passing
        os.write(self._woken, b"n")

    def run(self, show: Lines) -> None:
        """Show the lines until somebody presses q; Ctrl-C raises KeyboardInterrupt once the screen is given back."""
        self.show = show
        with self._screen():
            self._lay_out()
            while True:
                self._paint()
                ready, _, _ = select.select([self.stdin.fileno(), self._wake], [], [])
                if self._wake in ready:
                    os.read(self._wake, 4096)
                    self._take_new()
                if self.stdin.fileno() in ready:
                    typed = os.read(self.stdin.fileno(), 1024).decode(errors="ignore")
                    if not typed or any(self._press(key) for key in _KEY.findall(typed)):
                        return

    @property
    def _height(self) -> int:
        return max(1, self.console.height - 1)

    @property
    def _last(self) -> int:
        return max(0, len(self.lines) - self._height)

    def _press(self, key: str) -> bool:
        """Move the window; return whether the key ends it."""
        if key in _MOVES:
            self.top += _MOVES[key]
        elif key in _PAGES:
            self.top += int(_PAGES[key] * max(1, self._height - 2))
        elif key in _ENDS:
            self.top = _ENDS[key]
        self.top = min(max(0, self.top), self._last)
        return key in {"q", "Q", "\x03", "\x04"}

    def _take_new(self) -> None:
        with self._lock:
            new, self._new = self._new, None
        if not self._is_passing:
            self._remember()
        if new:
            self.show, self._note, self._is_passing = new
        self._lay_out()

    def _remember(self) -> None:
        self._place = self.top, [_words(line) for line in self.lines[self.top : self.top + self._height]]

    def _lay_out(self) -> None:
        """Lay the lines out anew and keep the place: the line that stood at the top, wherever it is now."""
        self.lines = self.show(self.console.width)
        top, before = (0, []) if self._is_passing else self._place
        now = [_words(line) for line in self.lines]
        for offset, words in enumerate(before):
            places = [at - offset for at, line in enumerate(now) if line == words and len(words) > 12]
            if places:
                top = min(places, key=lambda at: abs(at - top))
                break
        self.top = min(max(0, top), self._last)

    def _paint(self) -> None:
        height, width = self._height, self.console.width
        shown = self.lines[self.top : self.top + height]
        share = "all" if not self._last else f"{100 * self.top // self._last} %"
        bar = f" {self._note or self.title} · {share} · space and b turn the page, q ends"
        if len(bar) >= width:
            # How to get out must be in sight, whatever the title.
            rest = f" · {share} · q ends"
            bar = f" {self._note or self.title}"[: max(0, width - 1 - len(rest))] + rest
        out = ["\x1b[?2026h\x1b[H"]
        for line in shown:
            with self.console.capture() as capture:
                self.console.print(SegmentLines([printed(line)]), end="", crop=False)
            out += [capture.get(), "\x1b[K\n"]
        out += ["\x1b[J", f"\x1b[{height + 1};1H\x1b[7m", bar[: width - 1], "\x1b[0m\x1b[K"]
        out += self._sixels(shown)
        out.append("\x1b[?2026l")
        self.console.file.write("".join(out))
        self.console.file.flush()

    def _sixels(self, shown: list[list[Segment]]) -> Iterator[str]:
        """Yield the pictures that are wholly in view, each where its half blocks begin."""
        for row, line in enumerate(shown):
            column = 1
            for segment in line:
                picture = segment.style.meta.get("sixels") if segment.style and segment.style._meta else None
                if picture and row + picture.rows <= len(shown):
                    yield f"\x1b[{row + 1};{column}H{picture.sixels(self.console)}"
                column += segment.cell_length

    @contextmanager
    def _screen(self) -> Iterator[None]:
        """Take the whole screen and the keys as they are pressed, and give both back."""
        import termios
        import tty

        kept = termios.tcgetattr(self.stdin)
        resized = signal.signal(signal.SIGWINCH, lambda number, frame: os.write(self._woken, b"w") and None)
        self.console.file.write("\x1b[?1049h\x1b[?25l")
        try:
            tty.setcbreak(self.stdin)
            yield
        finally:
            termios.tcsetattr(self.stdin, termios.TCSADRAIN, kept)
            signal.signal(signal.SIGWINCH, resized)
            self.console.file.write("\x1b[?25h\x1b[?1049l")
            self.console.file.flush()


def _words(line: list[Segment]) -> str:
    return "".join(segment.text for segment in line)
