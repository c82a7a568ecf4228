"""newsletter preview."""

import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from newsletter.cli import cache_of, choose, month_option, newsroom_option, out_of, root_of, show, tell_choice
from newsletter.errors import NewsletterError
from newsletter.interrupts import ended_by_the_system

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.segment import Segment

    from newsletter.errors import Fault
    from newsletter.issue.edition import Chosen
    from newsletter.line import Made
    from newsletter.preview.pictures import Graphics
    from newsletter.preview.reader import Lines
    from newsletter.preview.terminal import Links

Part = Literal["issue", "text", "inbox"]
OUT = "build"
# Terminals that follow OSC 8 links, and those among them worth asking for kitty or sixel graphics, by what they leave
# in the environment. Read in their documentation on 2026-11-21; tmux and screen pass on neither without being told.
_LINKING = ("KITTY_WINDOW_ID", "KONSOLE_VERSION", "WT_SESSION", "WEZTERM_PANE", "ALACRITTY_WINDOW_ID", "VTE_VERSION")
_LINKING_PROGRAMS = ("iTerm.app", "WezTerm", "ghostty", "vscode", "Hyper", "Tabby", "rio", "WarpTerminal")
_LINKING_TERMS = ("xterm-kitty", "xterm-ghostty", "foot", "alacritty", "contour", "wezterm", "mlterm")
_DRAWING = ("KITTY_WINDOW_ID", "KONSOLE_VERSION", "WT_SESSION", "WEZTERM_PANE")
_DRAWING_PROGRAMS = ("iTerm.app", "WezTerm", "ghostty", "rio", "vscode")
_DRAWING_TERMS = ("xterm-kitty", "xterm-ghostty", "foot", "contour", "wezterm", "mlterm", "yaft-256color")
# Pagers that pass colours on; others get none.
_PASSING_COLOURS = ("less", "cat", "bat", "most", "moar", "moor", "ov")
# The first `less` that passes OSC 8 links on (its release notes, 2020).
_LESS_WITH_LINKS = 566


@click.command("preview", short_help="Read an issue in the terminal or in the browser.")
@click.argument("issue", required=False)
@month_option
@click.option(
    "--part",
    type=click.Choice(["issue", "text", "inbox"]),
    default="issue",
    help="What to show: the issue as it is laid out, its plain-text part, or its rows in four inboxes.",
)
@click.option(
    "--for", "provider", metavar="PROVIDER", help="Whose merge tags to show; those of the last build if left out."
)
@click.option("--width", type=click.IntRange(20, 400), help="Columns; those of the terminal, at most 100, if left out.")
@click.option("--images/--no-images", default=True, help="Draw pictures, or show what they say in words.")
@click.option("--watch", is_flag=True, help="Show the issue again after every save.")
@click.option("--web", is_flag=True, help="Show the month in the browser; it reloads after every save.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port for --web; 0 takes any free one.")
@click.option("--open/--no-open", "opens", default=True, help="Open the browser with --web.")
@newsroom_option
@click.pass_context
def preview_command(
    ctx: click.Context,
    issue: str | None,
    month: str | None,
    part: Part,
    provider: str | None,
    width: int | None,
    images: bool,
    watch: bool,
    web: bool,
    port: int | None,
    opens: bool,
) -> None:
    """Build an issue and read it: in the terminal, as inboxes show it, or in the browser.

    Without an ISSUE, every issue of the month. What is shown is what was written to build/MONTH/ISSUE/.
    """
    root = root_of(ctx)
    if web:
        from newsletter.cli.preview_web import serve

        serve(root, issue, month, provider=provider, port=port, opens=opens)
        return
    wanted = _Wanted(root=root, issue=issue, month=month, provider=provider)
    screen = _Screen(part, width, root / OUT, draws=images)
    if watch:
        screen.follow(wanted)
        return
    outcome = wanted.build()
    outcome.tell()
    if outcome.made:
        screen.show(outcome.made)
    ctx.exit(outcome.exit_code)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What became of the issues that somebody wants to see."""

    made: "tuple[Made, ...]"
    faults: "tuple[Fault, ...]" = ()
    failures: tuple[NewsletterError, ...] = ()
    choice: "Chosen | None" = None

    @property
    def exit_code(self) -> int:
        return 1 if self.faults or self.failures or not self.made else 0

    def tell(self) -> None:
        show.faults(self.faults)
        for failure in self.failures:
            show.failure(failure)
        if self.choice:
            tell_choice(self.choice)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The issues that the command line names; can be built again and again."""

    root: Path
    issue: str | None
    month: str | None
    provider: str | None

    def build(self) -> _Outcome:
        """Read the newsroom, build the issues, write them. Raises what the command line or newsletter.toml is for."""
        from newsletter.deliver.folder import provider_of
        from newsletter.deliver.providers import provider_named
        from newsletter.errors import ContentError
        from newsletter.line import Builder
        from newsletter.read.load import load

        where = out_of(self.root, None)
        cache = cache_of(self.root, where)
        newsroom = load(self.root, cache)
        builder = Builder(newsroom, where, self.provider, cache)
        if self.provider:
            provider_named(newsroom.config, self.provider)
        choice = choose(newsroom, (self.issue,) if self.issue else (), self.month)
        made: list[Made] = []
        faults = dict.fromkeys(choice.faults)
        failures: list[NewsletterError] = []
        for edition in choice.editions:
            try:
                provider = builder.providers.get(self.provider or provider_of(builder.out / edition.id))
                mail = builder.whole(edition.id, provider)
                builder.write(mail)
                made.append(mail)
            except ContentError as error:
                faults |= dict.fromkeys(error.faults)
            except NewsletterError as error:
                failures.append(error)
        failures += [
            NewsletterError(f"{empty.name} has no items, so there is nothing to preview", empty.hint)
            for empty in choice.missed
        ]
        return _Outcome(made=tuple(made), faults=tuple(faults), failures=tuple(failures), choice=choice)


class _Screen:
    """Shows issues on whatever stdout is: a terminal that can much or little, a pipe."""

    def __init__(self, part: Part, width: int | None, out: Path, *, draws: bool) -> None:
        self.part, self.width, self.out, self.draws = part, width, out, draws
        self.console = show.console()
        self.is_terminal = sys.stdout.isatty() and sys.stdin.isatty() and os.environ.get("TERM") != "dumb"

    def show(self, made: "Sequence[Made]") -> None:
        """Show the issues once: through a pager where they are longer than the screen."""
        if self.part == "text":
            self._show_text(made)
            return
        graphics = self._graphics() if self.is_terminal else "blocks"
        shows_itself = graphics != "blocks" and "PAGER" not in os.environ and hasattr(signal, "SIGWINCH")
        lines = self.lay_out(made, self._columns, graphics if shows_itself else "blocks", self._links())
        if not self.is_terminal or len(lines) < self.console.height:
            show.segments(self.console, lines)
        elif shows_itself:
            from newsletter.preview.reader import Reader

            # No pager passes kitty or sixel graphics on.
            Reader(self.console, sys.stdin, _title(made)).run(lambda width: self._fitted(made, width, graphics))
        else:
            os.environ["LESS"] = _with_colours(os.environ.get("LESS", ""))
            with ended_by_the_system():
                show.segments(self.console, lines, pages=True, colour=_pager() in _PASSING_COLOURS)

    def follow(self, wanted: _Wanted) -> None:
        """Show the issues again after every save, until q or Ctrl-C."""
        import threading

        from newsletter.preview.watch import watch_newsroom

        first = wanted.build()
        stop = threading.Event()
        if not self.is_terminal or not hasattr(signal, "SIGWINCH"):
            self._follow_in_a_pipe(wanted, first)
            return
        from newsletter.preview.reader import Reader

        graphics = self._graphics()

        def shown(outcome: _Outcome) -> "Lines":
            return lambda width: [*self._faults(outcome, width), *self._fitted(outcome.made, width, graphics)]

        def again() -> None:
            try:
                outcome = wanted.build()
            except NewsletterError as error:
                outcome = _Outcome(made=(), failures=(error,))
            count = len(outcome.faults) + len(outcome.failures)
            note = f"{count} {'fault' if count == 1 else 'faults'}, shown at the top" if count else ""
            reader.refill(shown(outcome), note, is_passing=not outcome.made)

        reader = Reader(self.console, sys.stdin, f"{wanted.issue or wanted.month or 'the month'}, shown at every save")
        watch_newsroom(wanted.root, wanted.root / OUT, again, stop)
        try:
            reader.run(shown(first))
        finally:
            stop.set()

    def _follow_in_a_pipe(self, wanted: _Wanted, first: _Outcome) -> None:
        import threading

        from newsletter.preview.watch import watch_newsroom

        stop, saved = threading.Event(), threading.Event()
        watch_newsroom(wanted.root, wanted.root / OUT, saved.set, stop)
        outcome = first
        try:
            while True:
                outcome.tell()
                self.show(outcome.made)
                sys.stdout.flush()
                while not saved.wait(0.5):
                    pass
                saved.clear()
                try:
                    outcome = wanted.build()
                except NewsletterError as error:
                    outcome = _Outcome(made=(), failures=(error,))
        finally:
            stop.set()

    def lay_out(
        self, made: "Sequence[Made]", width: int, graphics: "Graphics", links: "Links"
    ) -> "list[list[Segment]]":
        """Return the lines of the issues, or of their rows in inboxes."""
        from newsletter.preview.blocks import lines_of
        from newsletter.preview.terminal import Manner, issue_view

        if self.part == "inbox":
            from newsletter.preview.inbox import sheet_view, sheets

            return lines_of(self.console, sheet_view(sheets((o.issue, o.cover, o.delivery) for o in made)), width)
        view: list[RenderableType] = []
        draws = self.draws and self.is_terminal and self.console.color_system in {"256", "truecolor"}
        for mail in made:
            draw = None
            if draws and not self.console.no_color:
                from newsletter.preview.pictures import drawer

                draw = drawer(mail.delivery.pictures, width, graphics)
            page = (self.out / mail.issue.id / "issue.html").as_uri()
            manner = Manner(links=links, draw=draw, is_plain=not self.is_terminal, page=page)
            view += ["", ""] if view else []
            view += issue_view(mail.issue, mail.cover, mail.delivery, manner)
        return lines_of(self.console, view, width)

    @property
    def _columns(self) -> int:
        from newsletter.preview.terminal import WIDEST

        return self.width or min(WIDEST, self.console.width)

    def _fitted(self, made: "Sequence[Made]", columns: int, graphics: "Graphics") -> "list[list[Segment]]":
        """Return the lines for a window of so many columns."""
        from newsletter.preview.blocks import folded
        from newsletter.preview.terminal import WIDEST

        if self.part == "text":
            from rich.segment import Segment

            lines = [[Segment(line)] for mail in made for line in mail.delivery.text.split("\n")]
        else:
            lines = self.lay_out(made, self.width or min(WIDEST, columns), graphics, self._links(pages=False))
        return folded(lines, columns)

    def _faults(self, outcome: _Outcome, columns: int) -> "list[list[Segment]]":
        from rich.text import Text

        from newsletter.preview.blocks import lines_of

        lines = [Text(show.worded(fault), style="red") for fault in outcome.faults]
        lines += [Text(show.worded(failure), style="red") for failure in outcome.failures]
        return lines_of(self.console, [*lines, ""] if lines else [], columns)

    def _show_text(self, made: "Sequence[Made]") -> None:
        text = "".join(mail.delivery.text for mail in made)
        if self.is_terminal and text.count("\n") >= self.console.height:
            with ended_by_the_system():
                show.page(text.rstrip("\n"))
            return
        show.text(text)

    def _links(self, *, pages: bool = True) -> "Links":
        """Tell whether links can be clicked: on a terminal that follows them, through a pager that lets them pass."""
        if not self.is_terminal or not _has(os.environ, _LINKING, _LINKING_PROGRAMS, _LINKING_TERMS):
            return "numbered"
        return "clickable" if not pages or _passes_links() else "numbered"

    def _graphics(self) -> "Graphics":
        """Return what pictures are drawn with; a terminal is asked only if it is of a kind that may have graphics."""
        if not self.draws or self.part != "issue" or self.console.no_color:
            return "blocks"
        if not _has(os.environ, _DRAWING, _DRAWING_PROGRAMS, _DRAWING_TERMS):
            return "blocks"
        from newsletter.preview.pictures import graphics_of_terminal

        return graphics_of_terminal()


def _title(made: "Sequence[Made]") -> str:
    return made[0].issue.id if len(made) == 1 else f"{len(made)} issues"


def _has(environment: Mapping[str, str], names: Sequence[str], programs: Sequence[str], terms: Sequence[str]) -> bool:
    """Tell whether the environment is that of one of the terminals, with nothing between it and us."""
    if "TMUX" in environment or environment.get("TERM", "").startswith(("screen", "tmux")):
        return False
    return (
        any(name in environment for name in names if name != "VTE_VERSION")
        or environment.get("TERM_PROGRAM") in programs
        or environment.get("TERM", "").startswith(tuple(terms))
        # GNOME Terminal and its kin, by the version of their library: 0.50 brought links.
        or ("VTE_VERSION" in names and environment.get("VTE_VERSION", "").zfill(5) >= "05000")
    )


def _pager() -> str:
    """Return the name of the pager that click will start."""
    import shlex
    import shutil

    named = shlex.split(os.environ.get("PAGER", ""))
    return Path(named[0]).stem if named else ("less" if shutil.which("less") else "more")


def _with_colours(less: str) -> str:
    """Return the options of `less` with the one that lets colours pass."""
    options = less.split()
    has_it = (
        any("R" in option.lstrip("-").partition("-")[0] for option in options if not option.startswith("--"))
        or "--RAW-CONTROL-CHARS" in options
    )
    return less if has_it else f"{less} -R".strip()


def _passes_links() -> bool:
    """Tell whether the pager lets OSC 8 links pass."""
    import subprocess

    if _pager() != "less":
        return False
    try:
        version = subprocess.run(["less", "--version"], capture_output=True, text=True, timeout=2, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    match = re.match(r"less (\d+)", version)
    return match is not None and int(match[1]) >= _LESS_WITH_LINKS
