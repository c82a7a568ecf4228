"""Words -> the screen, a pipe, a log: all that a command prints goes through here.

What is printed holds words of items, settings, templates, file names, sites and mail servers, which anybody may have
written. So each part of a line is made printable (see `newsletter.printable`) before it is coloured, a call of `line`
prints one line whatever its parts hold, and in GitHub Actions no line of ours is taken for an order.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter import printable
from newsletter.errors import ContentError, DiskError, Fault, NewsletterError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.segment import Segment

# Words, or words and how they look: ("2 errors", "red bold").
Part = str | tuple[str, str]

# GitHub's runner takes `::name::` at the beginning of a line for an order, blanks before it aside, and the older
# `##[name]` anywhere in it (actions/runner, src/Runner.Common/ActionCommand.cs, read on 2026-11-26).
_ORDER = re.compile(r"^((?:[^\S\n]|\ufeff)*):(?=:)", re.MULTILINE)
_OLD_ORDER = "##["


def line(*parts: Part, err: bool = False) -> None:
    """Print one line on stdout, which is the product, or on stderr."""
    _print("".join(map(_painted, parts)) + "\n", err=err)


def say(
    message: str, hint: str = "", details: Iterable[str] = (), *, colour: str | None = None, bold: bool = False
) -> None:
    """Talk to the person: on stderr, so that stdout stays the product."""
    line((message, f"{colour or ''} {'bold' if bold else ''}"), err=True)
    for detail in details:
        line("  ", detail, err=True)
    if hint:
        line("  ", ("hint:", "cyan"), f" {hint}", err=True)


def faults(every: Sequence[Fault]) -> None:
    """Print faults on stderr, the place first: terminals and editors make it a link."""
    for fault in every:
        line((str(fault.place), "bold"), ": ", (fault.message, "red"), err=True)
        if fault.hint:
            line("  ", ("hint:", "cyan"), f" {fault.hint}", err=True)
    if len(every) > 1:
        say(f"{len(every)} faults")


def failure(error: NewsletterError) -> None:
    """Print what ended a command, or kept an issue from being written."""
    if isinstance(error, ContentError):
        faults(error.faults)
    else:
        say(_message(error), error.hint, error.details, colour="red")


def failures(errors: Iterable[NewsletterError]) -> None:
    """Print what kept several issues from being written; what stops many of them is told once."""
    errors = list(errors)
    faults_of_all = dict.fromkeys(
        fault for error in errors if isinstance(error, ContentError) for fault in error.faults
    )
    faults(sorted(faults_of_all, key=lambda fault: fault.place))
    for error in {str(error): error for error in errors if not isinstance(error, ContentError)}.values():
        failure(error)


def worded(fault: Fault | NewsletterError) -> str:
    """Return a fault or a failure as text, each of its parts on a line of its own: for what lays lines out itself."""
    if isinstance(fault, ContentError):
        return "\n".join(map(worded, fault.faults))
    if isinstance(fault, Fault):
        parts, hint = [f"{fault.place}: {fault.message}"], fault.hint
    else:
        parts, hint = [_message(fault), *fault.details], fault.hint
    return "\n  ".join(map(printable.one_line, [*parts, *([f"hint: {hint}"] if hint else [])]))


def _message(error: NewsletterError) -> str:
    return f"{near(error.at)}: can't be written: {error.reason}" if isinstance(error, DiskError) else error.message


def near(path: str | Path) -> Path:
    """Return the path from here if it lies below, as people would type it."""
    try:
        here = Path.cwd()
    except OSError:
        # The folder is gone, as that of an issue that was built anew.
        return Path(path)
    return Path(path).relative_to(here) if Path(path).is_relative_to(here) else Path(path)


def refused(error: click.ClickException) -> None:
    """Print what click says of a command line, which may name anybody's file."""
    import io

    words = io.StringIO()
    error.show(words)
    _print(printable.lines(words.getvalue()), err=True)


def row(cells: Iterable[object]) -> None:
    """Print the cells of a row for a program: in one line, with tabs between."""
    _print("\t".join(map(printable.one_line, cells)) + "\n")


def document(value: object) -> None:
    """Print JSON."""
    written = printable.as_json(value)
    if _is_in_actions():
        # The same string to whoever reads JSON.
        written = written.replace(_OLD_ORDER, r"#\u0023[")
    _print(f"{written}\n")


def text(words: str) -> None:
    """Print lines as they are, in UTF-8: the plain-text part of an issue."""
    shown = printable.lines(words)
    click.echo((_disarmed(shown) if _is_in_actions() else shown).encode(), nl=False)


def annotation(order: str) -> None:
    """Print an order to GitHub's runner; `check.report` made it and escaped what it holds."""
    click.echo(printable.one_line(order))


def page(words: str) -> None:
    """Show lines through the pager."""
    click.echo_via_pager(printable.lines(words), color=False)


def segments(console: "Console", lines: "Iterable[list[Segment]]", *, pages: bool = False, colour: bool = True) -> None:
    """Print lines that are laid out, or show them through the pager."""
    from rich.segment import SegmentLines

    from newsletter.preview.blocks import printed

    with console.capture() as capture:
        console.print(SegmentLines(map(printed, lines), new_lines=True), end="", crop=False)
    if pages:
        click.echo_via_pager(capture.get().rstrip("\n"), color=colour)
    else:
        _print(capture.get(), is_coloured=True)


def table(columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Part]], *, unbroken: Sequence[int] = ()) -> None:
    """Print a table on a terminal. A column is its name, and `left` or `right`; those `unbroken` stay on one line."""
    from rich.table import Table

    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for number, (name, justify) in enumerate(columns):
        grid.add_column(name, justify=justify, overflow="fold", no_wrap=number in unbroken)  # type: ignore[arg-type]  # literals
    for cells in rows:
        grid.add_row(*map(_cell, cells))
    _render(grid)


def card(parts: Iterable[Part]) -> None:
    """Print a row on a narrow terminal: its cells below each other, broken where the terminal ends."""
    for part in parts:
        _render(_cell(part))


def width() -> int:
    """Return the columns of stdout's terminal."""
    return console().width


def console(*, err: bool = False) -> "Console":
    """Return a console that reads no markup and no emoji codes out of what it prints."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    return Console(stderr=err, no_color=not has_colour(stream), highlight=False, markup=False, emoji=False)


def confirm(question: str) -> bool:
    """Ask on stderr; return whether the answer is yes. Raises KeyboardInterrupt where there is none."""
    with _interruptible():
        return click.confirm(_asked(question), err=True)


def secret(question: str) -> str:
    """Ask for what must not be seen; return it, "" for a bare Enter. Raises KeyboardInterrupt as `confirm` does."""
    with _interruptible():
        answer: str = click.prompt(_asked(question), default="", show_default=False, hide_input=True, err=True)
    return answer


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C at a question end the command as it does anywhere else: click would answer it in its own words."""
    try:
        yield
    except click.Abort:
        line(err=True)
        raise KeyboardInterrupt from None


class progress:
    """Shows progress on a terminal, for more than one thing to do; silence elsewhere.

    Entering gives a function that is called as each is done; `name` says what it was.
    """

    def __init__(self, what: str, total: int, name: Callable[[Any], str] = lambda result: "") -> None:
        self.what, self.total, self.name = what, total, name
        self.bar: Progress | None = None

    def __enter__(self) -> Callable[[object], None]:
        return self._advance if self.total > 1 and sys.stderr.isatty() else lambda result: None

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()

    def _advance(self, result: object) -> None:
        if not self.bar:
            # Not before the first is done: the workers are forked by then, and a display draws in a thread, which must
            # not be there when a process forks.
            self.bar = self._started()
        self.bar.update(self.bar.task_ids[0], advance=1, description=printable.one_line(self.name(result)))

    def _started(self) -> "Progress":
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (
            TextColumn("{task.fields[what]}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
        )
        bar = Progress(*columns, console=console(err=True), transient=True)
        bar.add_task("", total=self.total, what=self.what)
        bar.start()
        return bar


def has_colour(stream: Any) -> bool:
    """Tell whether the stream shows colours: a terminal, and NO_COLOR is not set (https://no-color.org)."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _painted(part: Part) -> str:
    words, look = (part, "") if isinstance(part, str) else part
    shown = printable.one_line(words)
    if not look.strip():
        return shown
    marks = {"bold", "dim", "underline"} & {*look.split()}
    colour = next((word for word in look.split() if word not in marks), None)
    return click.style(shown, fg=colour, **dict.fromkeys(marks, True))


def _cell(part: Part) -> Any:
    from rich.text import Text

    words, look = (part, "") if isinstance(part, str) else part
    return Text(printable.one_line(words), style=look)


def _render(renderable: Any) -> None:
    screen = console()
    with screen.capture() as capture:
        screen.print(renderable)
    _print(capture.get(), is_coloured=True)


def _asked(question: str) -> str:
    shown = printable.one_line(question)
    return _disarmed(shown) if _is_in_actions() else shown


def _print(words: str, *, err: bool = False, is_coloured: bool | None = None) -> None:
    if _is_in_actions():
        words = _disarmed(words)
    click.echo(words, nl=False, err=err, color=is_coloured or has_colour(sys.stderr if err else sys.stdout))


def _is_in_actions() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _disarmed(words: str) -> str:
    """Return lines of which GitHub's runner takes none for an order: a blank stands where one would begin."""
    return _ORDER.sub(r"\1: ", words).replace(_OLD_ORDER, "## [")
