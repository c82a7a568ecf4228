"""The command line: words, streams, clock, exit codes."""

import errno
import functools
import gc
import importlib
import io
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter import __version__
from newsletter.errors import ContentError, Fault, NewsletterError

if TYPE_CHECKING:
    from newsletter.cache import Cache

# Each command is imported when it runs, so that --help and --version stay quick.
COMMANDS = {
    "new": ("newsletter.cli.new", "Start a newsroom, a month or an item."),
    "list": ("newsletter.cli.overview", "List the items."),
    "status": ("newsletter.cli.overview", "Show which issues of a month are ready, thin, empty or faulty."),
    "build": ("newsletter.cli.build", "Build issues: HTML, plain text, .eml, manifest."),
    "preview": ("newsletter.cli.preview", "Read an issue in the terminal or in the browser."),
    "check": ("newsletter.cli.check", "Find every fault, at the line that causes it."),
    "export": ("newsletter.cli.export", "Write paste-ready files for an email provider, and a checklist."),
    "proof": ("newsletter.cli.proof", "Send a test mail to colleagues through a mail server."),
}

# The disk, or this user's share of it, is full.
_NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


class NewsletterGroup(click.Group):
    """Turns the error family into words and an exit code, so that no command has to."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; a stream that takes no more ends in words as well, wherever that comes out."""
        _open_closed_streams()
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            # Files of ours are told with their names; what has none is the stream: `newsletter list > file`.
            if error.filename is not None or error.errno not in _NO_ROOM:
                raise
            # What is left in the buffer would fail once more on the way out.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            reason = (error.strerror or "unknown reason").lower()
            say(f"the output can't be written: {reason}\n  hint: make room where it goes", colour="red")
            sys.exit(1)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of a working day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest one."""
        from newsletter.errors import did_you_mean

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"no command is called '{args[0]}'\n  hint: {did_you_mean(args[0], list(COMMANDS))}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; faults of the user's own end in words."""
        try:
            return super().invoke(ctx)
        except ContentError as error:
            show_faults(error.faults)
            ctx.exit(error.exit_code)
        except NewsletterError as error:
            say(str(error), colour="red")
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            say("stopped; what was finished is whole, nothing is half written")
            ctx.exit(130)


@click.group(cls=NewsletterGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="newsletter", message="%(prog)s %(version)s")
@click.option(
    "--newsroom", type=click.Path(path_type=Path, file_okay=False), help="The newsroom, if not here or above."
)
@click.pass_context
def main(ctx: click.Context, newsroom: Path | None) -> None:
    """Compose the newsletters of a network and its chapters from small Markdown items.

    An issue is named by its id (2024-09/state-LPMN), or with --month just state-LPMN, LPMN or network. Without a
    month, the newest one that has items is taken.
    """
    ctx.obj = newsroom
    _let_streams_take_every_letter()
    # What one command allocates lives to its end: to look for cycles in it every 700 objects costs a tenth of the time.
    gc.set_threshold(50_000)


def run() -> None:
    """Run as a process of its own: what the installed command does, and `python -m newsletter`.

    Python would take down every module and object one by one on the way out: a twentieth of a build. All is written
    and closed by then, and the system frees the rest at once.
    """
    # Where Ctrl-C is heard at all: a shell lets what runs in the background be deaf to it.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop_once)
    try:
        main(prog_name="newsletter")
    except SystemExit as left:
        if left.code is not None and not isinstance(left.code, int):
            raise
        for stream in (sys.stdout, sys.stderr):
            # What can't be written is for Python to tell.
            stream.flush()
        os._exit(left.code or 0)


def _stop_once(number: int, frame: object) -> None:
    """Stop at the first Ctrl-C; a second one would only cut short how that is answered."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _open_closed_streams() -> None:
    """Let what is written to a closed stream (`newsletter build >&-`) go nowhere, and nothing come from one."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - as long as the process


def _let_streams_take_every_letter() -> None:
    """Write UTF-8 into files and pipes, and `?` on a terminal for what it can't show.

    Windows still gives a pipe its old code page (PEP 686, for Python 3.15, ends that), and no such page has an emoji.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_free = not stream.isatty() and "PYTHONIOENCODING" not in os.environ
            stream.reconfigure(encoding="utf-8" if is_free else None, errors="replace")


def newsroom_option(command: Any) -> Any:
    """Add --newsroom to a command as well, since people write it at either place."""
    return click.option(
        "--newsroom",
        type=click.Path(path_type=Path, file_okay=False),
        help="The newsroom, if not here or above.",
        expose_value=False,
        callback=lambda ctx, param, value: setattr(ctx, "obj", value or ctx.obj),
    )(command)


def month_option(command: Any) -> Any:
    """Add -m/--month."""
    return click.option("-m", "--month", callback=_month, help="The month, for example 2024-09.")(command)


def _month(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    from newsletter.values import Refused, month

    if value is None:
        return None
    try:
        return month(value)
    except Refused as refused:
        raise click.BadParameter(f"{refused.message}; {refused.hint}") from None


def root_of(ctx: click.Context) -> Path:
    """Return the newsroom's folder: the one named, else the nearest upward from here."""
    from newsletter.config import FILE, find_root
    from newsletter.errors import CommandError

    if ctx.obj is None:
        return find_root(Path.cwd())
    named: Path = ctx.obj
    if not (named / FILE).is_file():
        raise CommandError(f"{named} is no newsroom: it holds no {FILE}", f"start one: newsletter new newsroom {named}")
    return named.resolve()


def out_of(root: Path, out: Path | None) -> Path:
    """Return the folder to write into; not one where the items or templates lie, among which nobody would find them."""
    from newsletter.errors import CommandError

    where = (out or root / "build").absolute()
    for name in ("issues", "templates"):
        if Path(os.path.realpath(where)).is_relative_to(os.path.realpath(root / name)):
            raise CommandError(f"{out} belongs to the newsroom's {name}", "write into a folder of its own: --out build")
    return where


@functools.lru_cache
def cache_of(root: Path, out: Path) -> "Cache":
    """Return where to keep what need not be done again: the user's cache folder, or what NEWSLETTER_CACHE names.

    One that others can write to, or that lies in the newsroom or in what is built, is told and not used.
    """
    from newsletter.cache import Cache, refusal

    named = os.environ.get("NEWSLETTER_CACHE")
    if not named:
        import platformdirs

        named = platformdirs.user_cache_dir("newsletter", appauthor=False)
        if not Path(named).is_absolute():
            # There is no HOME.
            return Cache(None)
    folder = Path(named).absolute()
    if reason := refusal(folder, root, out):
        say(
            f"the cache folder {folder} {reason}, so it is not used\n"
            "  hint: name one of your own that only you can write to: NEWSLETTER_CACHE=…"
        )
        return Cache(None)
    return Cache(folder)


def near(path: str | Path) -> Path:
    """Return the path from here if it lies below, as people would type it."""
    here = Path.cwd()
    return Path(path).relative_to(here) if Path(path).is_relative_to(here) else Path(path)


def say(words: str, colour: str | None = None, *, bold: bool = False) -> None:
    """Talk to the person: on stderr, so that stdout stays the product."""
    styled = click.style(words, fg=colour, bold=bold) if colour or bold else words
    click.echo(styled, err=True, color=has_colour(sys.stderr))


def show_faults(faults: Any) -> None:
    """Print faults on stderr, the place first: terminals and editors make it a link."""
    for fault in faults:
        click.echo(_painted(fault), err=True, color=has_colour(sys.stderr))
    if len(faults) > 1:
        say(f"{len(faults)} faults")


def has_colour(stream: Any) -> bool:
    """Tell whether the stream shows colours: a terminal, and NO_COLOR is not set (https://no-color.org)."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _painted(fault: Fault) -> str:
    told = f"{click.style(str(fault.place), bold=True)}: {click.style(fault.message, fg='red')}"
    return f"{told}\n  {click.style('hint:', fg='cyan')} {fault.hint}" if fault.hint else told
