"""The command line: words, streams, clock, exit codes."""

import contextlib
import errno
import functools
import gc
import importlib
import io
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from newsletter import __version__
from newsletter.cli import show
from newsletter.errors import ContentError, Fault, NewsletterError, Place
from newsletter.interrupts import STOPPING, uninterrupted

if TYPE_CHECKING:
    from newsletter.issue.edition import Chosen
    from newsletter.memo import Cache
    from newsletter.model import Newsroom

# Each command is imported when it runs, so that --help and --version stay quick.
COMMANDS = {
    "new": ("newsletter.cli.new", "Start a newsroom, a month or an item."),
    "import": ("newsletter.cli.import_", "Make drafts from a spreadsheet, calendar, feed, document or web page."),
    "list": ("newsletter.cli.overview", "List the items."),
    "status": ("newsletter.cli.overview", "Show the month's board: how far each issue is, and what is next."),
    "why": ("newsletter.cli.why", "Say why an item is, or is not, in an issue."),
    "remind": ("newsletter.cli.remind", "Write a message to each chapter whose items are late."),
    "build": ("newsletter.cli.build", "Build issues: HTML, plain text, .eml, manifest."),
    "preview": ("newsletter.cli.preview", "Read an issue in the terminal or in the browser."),
    "check": ("newsletter.cli.check", "Find every fault, at the line that causes it."),
    "export": ("newsletter.cli.export", "Write paste-ready files for an email provider, and a checklist."),
    "proof": ("newsletter.cli.proof", "Send a test mail to colleagues through a mail server."),
    "draft": ("newsletter.cli.draft", "Put drafts at the provider; a person sends them there."),
    "drafts": ("newsletter.cli.drafts", "Look how the drafts stand at the provider."),
    "pull": ("newsletter.cli.drafts", "Show what somebody edited in a draft, word by word."),
    "audiences": ("newsletter.cli.drafts", "Show the lists of an account, as lines for newsletter.toml."),
    "sent": ("newsletter.cli.sent", "Keep what went out, and write down that it did."),
    "site": ("newsletter.cli.site", "Write the public page of all that was sent."),
    "schema": ("newsletter.cli.schema", "Print JSON Schema, by which editors know the keys."),
}

# What stdout holds whatever is at fault, where that is asked for.
_FORM = "newsletter.form"

# When this process was asked to stop, and by which signal; how long that may take.
_stops: list[tuple[float, int]] = []
# Between our own steps click is running, and would answer a Ctrl-C in its own words: a signal waits for our next step.
_signals = {"are_heard": True}
_waiting: list[int] = []
_SECONDS_TO_ANSWER = 5.0
_SECONDS_TO_IMPORT = 0.02
# In nanoseconds: within so long a file may change twice and show the same times (FAT counts in two seconds).
UNSETTLED = 2_000_000_000
# The disk, or this user's share of it, is full.
_NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


class NewsletterGroup(click.Group):
    """Turns the error family into words and an exit code, so that no command has to."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; a stream that takes no more ends in words as well, wherever that comes out."""
        _open_closed_streams()
        _signals["are_heard"] = False
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            # Files of ours are told with their names; what has none is the stream: `newsletter list > file`.
            if error.filename is not None or error.errno not in _NO_ROOM:
                raise
            # What is left in the buffer would fail once more on the way out.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            reason = (error.strerror or "unknown reason").lower()
            show.say(f"the output can't be written: {reason}", "make room where it goes", colour="red")
            sys.exit(1)
        finally:
            _hear()

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the options before the command; what is wrong with them is told like all else."""
        form = _form_asked(args)
        try:
            _hear()
            ctx = super().make_context(info_name, args, parent, **extra)
            _signals["are_heard"] = False
        except click.ClickException as error:
            _tell_refused(error, form)
            raise click.exceptions.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            # click would answer it in its own words.
            sys.exit(_answer())
        ctx.meta[_FORM] = form
        return ctx

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
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; faults of the user's own end in words."""
        try:
            _hear()
            result = super().invoke(ctx)
            _signals["are_heard"] = False
            return result
        except click.exceptions.Exit:
            _signals["are_heard"] = False
            raise
        except NewsletterError as error:
            show.failure(error)
            faults = error.faults if isinstance(error, ContentError) else [_as_fault(error.message, error.hint)]
            _tell_program(ctx.meta[_FORM], faults)
            ctx.exit(error.exit_code)
        except click.ClickException as error:
            _tell_refused(error, ctx.meta[_FORM])
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            ctx.exit(_answer())


@click.group(cls=NewsletterGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="newsletter", message="%(prog)s %(version)s")
@click.option(
    "--newsroom",
    type=click.Path(path_type=Path, file_okay=False),
    help="The newsroom, if it is neither here nor above.",
)
@click.pass_context
def main(ctx: click.Context, newsroom: Path | None) -> None:
    """Compose the newsletters of a network and its chapters from small Markdown items.

    An issue is named by its id (2024-09/state-LPMN), or with --month just state-LPMN, LPMN or network. Without a
    month, this one is taken if it has items, else the newest one before it that has, else the next one;
    NEWSLETTER_MONTH=2024-09 sets another.
    """
    ctx.obj = newsroom
    # A stream that is stopped in the middle of that takes no letter at all.
    with uninterrupted():
        _let_streams_take_every_letter()


def run() -> None:
    """Run as a process of its own: what the installed command does, and `python -m newsletter`."""
    try:
        for number in STOPPING:
            # Only where the signal is heard at all: a shell has background jobs ignore Ctrl-C, and `nohup` has a
            # command ignore a terminal that closes.
            if signal.getsignal(number) in {signal.default_int_handler, signal.SIG_DFL}:
                signal.signal(number, _stop_once)
        # What a command reads and makes, it needs to its end: to look through all of that for garbage takes a tenth of
        # a build's time.
        gc.set_threshold(200_000)
        main(prog_name="newsletter")
    except KeyboardInterrupt:
        sys.exit(_answer())
    finally:
        # Python lets go of its handlers before it ends: another Ctrl-C then would be answered by the system.
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)


def _stop_once(number: int, frame: FrameType | None) -> None:
    """Stop at the first Ctrl-C, `kill` or closed terminal; a second at once would cut short how that is answered."""
    if _is_importing(frame):
        # A KeyboardInterrupt that is raised inside an import may be lost, or come out as another error.
        threading.Timer(_SECONDS_TO_IMPORT, signal.raise_signal, [number]).start()
        return
    if not _signals["are_heard"]:
        _waiting.append(number)
        return
    now = time.monotonic()
    # Python also loses a KeyboardInterrupt that is raised in a `__del__`: then the next signal is heard.
    if not _stops or now - _stops[-1][0] > _SECONDS_TO_ANSWER:
        _stops.append((now, number))
        raise KeyboardInterrupt


def _hear() -> None:
    """Listen to Ctrl-C and its kin from here on; what came while nobody listened is heard now."""
    _signals["are_heard"] = True
    if _waiting:
        _stop_once(_waiting.pop(), None)


def _is_importing(frame: FrameType | None) -> bool:
    while frame and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None


def _answer() -> int:
    """Say that it is over, and return the exit code: 128 and the signal's number, as shells have it."""
    # A terminal that has closed hears it no more.
    with contextlib.suppress(OSError):
        show.say("stopped; what was finished is whole, nothing is half written")
    return 128 + (_stops[-1][1] if _stops else signal.SIGINT)


def _form_asked(args: list[str]) -> str:
    """Return what stdout is to hold: the name of the command whose JSON is asked for, or `sarif`, else nothing."""
    words = iter(args)
    command = ""
    for word in words:
        if word == "--newsroom":
            next(words, None)
        elif not word.startswith("-"):
            command = word
            break
    options = list(words)
    if "--" in options:
        options = options[: options.index("--")]
    if command in {"build", "status", "drafts"}:
        return command if "--json" in options else ""
    if command != "check":
        return ""
    forms = [after for word, after in pairwise(options) if word == "--format"]
    forms += [word.removeprefix("--format=") for word in options if word.startswith("--format=")]
    return {"json": command, "sarif": "sarif"}.get(forms[-1], "") if forms else ""


def _tell_refused(error: click.ClickException, form: str) -> None:
    show.refused(error)
    message, _, hint = error.format_message().partition("\n  hint: ")
    _tell_program(form, [_as_fault(message, hint)])


def _as_fault(message: str, hint: str) -> Fault:
    """Return what no file is to blame for."""
    return Fault(place=Place(file=""), message=message, hint=hint)


def _tell_program(form: str, faults: Any) -> None:
    """Print the faults that ended a command, for the program that reads its stdout."""
    if form == "build":
        from newsletter.cli.build import json_of

        show.document(json_of(faults, ()))
    elif form == "status":
        # What is at fault stands on stderr.
        show.document({"month": "", "issues": []})
    elif form == "drafts":
        show.document({"drafts": []})
    elif form:
        from newsletter.cli.check import tell_failure

        tell_failure(form, faults)


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
        help="The newsroom, if it is neither here nor above.",
        expose_value=False,
        callback=lambda ctx, param, value: setattr(ctx, "obj", value or ctx.obj),
    )(command)


def month_option(command: Any) -> Any:
    """Add -m/--month."""
    return click.option("-m", "--month", callback=_month, help="The month, for example 2024-09.")(command)


def _month(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    from newsletter.read.values import Refused, month

    if value is None:
        return None
    try:
        return month(value)
    except Refused as refused:
        raise click.BadParameter(f"{refused.message}; {refused.hint}") from None


def all_option(command: Any) -> Any:
    """Add --all."""
    return click.option("--all", "every", is_flag=True, help="Every issue of every month.")(command)


def usual_month() -> str:
    """Return the month that NEWSLETTER_MONTH sets for commands that are told none; "" if it sets none."""
    from newsletter.errors import CommandError
    from newsletter.read.values import Refused, month

    stated = os.environ.get("NEWSLETTER_MONTH", "")
    try:
        return month(stated) if stated else ""
    except Refused as refused:
        raise CommandError(f"NEWSLETTER_MONTH: {refused.message}", refused.hint) from None


def choose(newsroom: "Newsroom", words: Sequence[str], month: str | None, *, every: bool = False) -> "Chosen":
    """Return the issues that a command is asked for, by today's day and what the environment sets."""
    from newsletter.issue.edition import chosen

    return chosen(newsroom, words, month, date.today(), usual="" if month or every else usual_month(), every=every)


def issues_of(newsroom: "Newsroom", words: Sequence[str], month: str | None) -> tuple[list[str], bool]:
    """Return the ids of the issues that are asked for, and whether nothing of that is missing or at fault.

    What has no items, or can't be read, is told. Of one issue alone it ends the command: raises NewsletterError.
    """
    from newsletter.errors import ContentError, NewsletterError
    from newsletter.issue.edition import faults_of

    choice = choose(newsroom, words, month)
    tell_choice(choice)
    if not choice.editions:
        if choice.faults:
            raise ContentError(choice.faults)
        for empty in choice.missed:
            raise NewsletterError(f"{empty.name} has no items", empty.hint)
    # Those of an issue are told when it is made.
    told_later = {fault for edition in choice.editions for fault in faults_of(newsroom, edition)}
    show.faults([fault for fault in choice.faults if fault not in told_later])
    for empty in choice.missed:
        show.say(f"{empty.name} has no items", empty.hint, colour="red")
    return [edition.id for edition in choice.editions], not choice.faults and not choice.missed


def tell_choice(choice: "Chosen", *, remarks: bool = True) -> None:
    """Say which month was taken, where that may surprise, the first of its remarks, and how many faults are untold."""
    if choice.note:
        show.say(choice.note)
    if remarks and choice.remarks:
        first, count = choice.remarks[0].fault, len(choice.remarks)
        show.say(f"{first.place}: {first.message}", first.hint)
        if count > 1:
            show.say(f"{count - 1} more such {'file' if count == 2 else 'files'}: newsletter check")
    tell_others(choice.others)


def tell_others(count: int, user: str = "these issues don't") -> None:
    """Say how many faults there are in files that a command doesn't use."""
    if count:
        counted = "1 fault in a file" if count == 1 else f"{count:,} faults in files"
        show.say(f"{counted} that {user} use: newsletter check --all")


def root_of(ctx: click.Context) -> Path:
    """Return the newsroom's folder: the one named, else the nearest upward from here."""
    from newsletter.errors import CommandError
    from newsletter.read.config import FILE, find_root

    if ctx.obj is None:
        return find_root(_here())
    named: Path = ctx.obj
    # What is there but no file is told when it is read.
    if not os.path.lexists(named / FILE):
        raise CommandError(f"{named} is no newsroom: it holds no {FILE}", f"start one: newsletter new newsroom {named}")
    return (named if named.is_absolute() else _here() / named).resolve()


def _here() -> Path:
    """Return the current folder; it may have been deleted, or its mount be gone."""
    from newsletter.errors import CommandError

    try:
        return Path.cwd()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise CommandError(f"the current folder can't be read: {reason}", "go into a folder that exists") from None


def out_of(root: Path, out: Path | None) -> Path:
    """Return the folder to write into; not one where items, templates or what went out lie: it would be lost there.

    Whoever typed it may have meant a symbolic link; but one that lies in the newsroom came with it, perhaps from a
    stranger, and must not lead out: DiskError.
    """
    from newsletter.errors import CommandError, DiskError

    where = out or root / "build"
    where = where if where.is_absolute() else _here() / where
    if link := _leading_out(root, where):
        reason = "it is a symbolic link that leads out of the newsroom"
        raise DiskError(os.fspath(link), reason, "remove it, or name the folder that it leads to: build --out DIR")
    for name in ("issues", "templates", "sent"):
        if Path(os.path.realpath(where)).is_relative_to(os.path.realpath(root / name)):
            # Nobody typed `build`: it is a symbolic link then.
            message = f"{out or show.near(where)} belongs to the newsroom's {name}"
            way = "write into a folder of its own: --out build"
            if not out:
                way = f"remove that symbolic link: {show.near(where)}"
            raise CommandError(message, way)
    return where


def _leading_out(root: Path, where: Path) -> Path | None:
    """Return the symbolic link on the way that lies in the newsroom and leads out of it, or to what git keeps there."""
    newsroom = Path(os.path.realpath(root))
    was_inside = False
    for place in (*reversed(where.parents), where):
        real = Path(os.path.realpath(place))
        is_inside = real.is_relative_to(newsroom) and ".git" not in real.relative_to(newsroom).parts
        if was_inside and not is_inside and place.is_symlink():
            return place
        was_inside = is_inside
    return None


@functools.lru_cache
def cache_of(root: Path, out: Path) -> "Cache":
    """Return where to keep what need not be done again: the user's cache folder, or what NEWSLETTER_CACHE names.

    One that others can write to, or that lies in the newsroom or in what is built, is told and not used.
    """
    from newsletter.memo import Cache, refusal

    named = os.environ.get("NEWSLETTER_CACHE")
    if not named:
        import platformdirs

        named = platformdirs.user_cache_dir("newsletter", appauthor=False)
        if not Path(named).is_absolute():
            # There is no HOME.
            return Cache(None)
    folder = Path(named).absolute()
    if reason := refusal(folder, root, out):
        show.say(
            f"the cache folder {folder} {reason}, so it is not used",
            "name one of your own that only you can write to: NEWSLETTER_CACHE=…",
        )
        return Cache(None)
    return Cache(folder, settled=time.time_ns() - UNSETTLED)
