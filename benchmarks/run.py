"""Measures the stages in one process beside the libraries they are built on, and how time and memory grow.

`python -m benchmarks.run` prints ratios with their bars. What is compared runs in turns (A B A B …), so that a busy
machine slows both alike. Needs no network, leaves nothing behind, and never fails for being slow.
"""

import argparse
import ctypes
import gc
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.commands import own_places
from benchmarks.rooms import MONTH, write_newsroom
from benchmarks.turns import ROOT, Row, Run, in_turns, ratio, show
from newsletter.issue.assemble import assemble
from newsletter.issue.compose import compose
from newsletter.issue.edition import edition_of
from newsletter.line import Builder
from newsletter.look import skeleton
from newsletter.look.pictures import prepare
from newsletter.look.render import render, skeleton_of
from newsletter.look.templates import Look
from newsletter.memo import Cache
from newsletter.model import Newsroom
from newsletter.read.load import load

_GROWTH_ROUNDS = 6
_THIS = [sys.executable, "-m", "benchmarks.run"]


def main() -> None:
    """Run every measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="runs of each command (15)")
    parser.add_argument("--growth-of", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--memory-of", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--after", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        print(json.dumps(_memory_of(options.memory_of, options.after)))
        return
    if options.growth_of:
        print(json.dumps(_growth_of(options.growth_of)))
        return
    with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as folder:
        own_places(Path(folder))
        rows: list[Row] = []
        for measure in (one_process, growth):
            rows += measure(Path(folder), options.rounds)
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    show(rows, options.rounds)


def one_process(folder: Path, rounds: int) -> list[Row]:
    """The whole line for one issue of twelve items, beside the two libraries alone on the same source."""
    newsroom = load(write_newsroom(folder / "twelve", chapters=1))
    issue_id = f"{MONTH}/state-LPMN"
    kept = Path(os.environ["NEWSLETTER_CACHE"])
    builder = Builder(newsroom, folder / "out", cache=Cache(kept))
    asking = Builder(newsroom, folder / "out", cache=_Forgetful(kept))
    issue = assemble(newsroom, edition_of(newsroom, issue_id))
    cover = compose(issue)
    pictures = prepare(issue, newsroom.root, builder.cache)
    source, css = _source_of(newsroom, issue_id, builder.cache)

    def whole(builder: Builder) -> Callable[[], None]:
        def build() -> None:
            skeleton_of.cache_clear()
            if not builder.build(issue_id).is_good:
                raise RuntimeError("the issue was not built")

        return build

    def only_render() -> None:
        skeleton_of.cache_clear()
        render(issue, cover, pictures, builder.look)

    mjml2html, premailer = _bare_libraries()

    def bare(**options: Any) -> Callable[[], object]:
        return lambda: premailer(mjml2html(source, fonts={}), css_text=css, **options).transform()

    quiet = {"allow_network": False, "cssutils_logging_level": logging.CRITICAL}
    own, asked, rendered, same, default = in_turns(
        rounds,
        _timed(whole(builder)),
        _timed(whole(asking)),
        _timed(only_render),
        _timed(bare(**skeleton.PREMAILER)),
        _timed(bare(**quiet)),
    )
    return [
        ratio("a 12-item issue, read to written / mrml + premailer", own.clock, same.clock, 2),
        ratio("  the same, premailer asked anew for each issue", asked.clock, same.clock, 2),
        ratio("  the same / premailer with its defaults", asked.clock, default.clock),
        ratio("  render alone / mrml + premailer", rendered.clock, same.clock),
    ]


def growth(folder: Path, rounds: int) -> list[Row]:
    """Ten times the issues, each with its own twelve items and its own colours: time and memory."""
    few, many = 20, 200
    rooms = [write_newsroom(folder / f"room-{number}", chapters=number) for number in (few, many)]
    runs: list[list[tuple[float, float]]] = [[], []]
    for number in range(1 + min(rounds, _GROWTH_ROUNDS)):
        for room, results in zip(rooms, runs, strict=True):
            told = subprocess.run(
                [*_THIS, "--growth-of", str(room)], check=True, capture_output=True, text=True, cwd=ROOT
            ).stdout
            if number:
                # The first one compiles the look.
                results.append(json.loads(told))
    (few_clock, few_worked), (many_clock, many_worked) = (map(min, zip(*results, strict=True)) for results in runs)
    told = subprocess.run(
        [*_THIS, "--memory-of", str(rooms[1]), "--after", str(few)],
        cwd=ROOT,
        # So that one allocator knows all that is in use: Python's objects, libxml2's trees, mrml's.
        env={**os.environ, "PYTHONMALLOC": "malloc"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    grown: float | None = json.loads(told)
    each = None if grown is None else grown / (many - few)
    return [
        ratio(f"{many} issues / {few} issues", many_clock, few_clock, 10.5),
        ratio("  the same in processor time", many_worked, few_worked, 10.5),
        Row(
            measure=f"memory in use, each issue from the {few}th to the {many}th",
            figure="known with glibc only" if each is None else f"{each:.4f} MB",
            bar="<= 0.01 MB",
            verdict="" if each is None else "met" if each <= 0.01 else "missed",
        ),
    ]


def _growth_of(root: Path) -> tuple[float, float]:
    """Build every issue of a newsroom in this process; the seconds by the clock and of processor time."""
    out = Path(tempfile.mkdtemp(prefix="out-", dir=root))
    try:
        # As the command line does.
        gc.set_threshold(50_000)
        # Other issues first: what is kept for good (parsed Markdown, colours and styles) is in place then, as it
        # is through most of a long run.
        other = load(write_newsroom(out / "other", chapters=60, colour=0x6A4C93))
        _build_all(other, out / "warm")
        start, worked = time.perf_counter(), time.process_time()
        newsroom = load(root)
        gc.freeze()
        _build_all(newsroom, out / "build")
        return time.perf_counter() - start, time.process_time() - worked
    finally:
        shutil.rmtree(out)


def _build_all(newsroom: Newsroom, out: Path) -> None:
    _build(Builder(newsroom, out, cache=Cache(out.parent / "cache")), newsroom.config.chapters)


def _build(builder: Builder, codes: Iterable[str]) -> None:
    for code in codes:
        if not builder.build(f"{MONTH}/state-{code}").is_good:
            raise RuntimeError(f"{code}'s issue was not built")


def _memory_of(root: Path, after: int) -> float | None:
    """Build every issue of a newsroom in this process; by how many MB it grew once that many were built."""
    out = Path(tempfile.mkdtemp(prefix="out-", dir=root))
    try:
        newsroom = load(root)
        codes = list(newsroom.config.chapters)
        builder = Builder(newsroom, out / "build", cache=Cache(out / "cache"))
        _build(builder, codes[:after])
        before = _in_use()
        _build(builder, codes[after:])
        now = _in_use()
        return None if before is None or now is None else now - before
    finally:
        shutil.rmtree(out)


class _Mallinfo(ctypes.Structure):
    # mallinfo2(3) of glibc 2.33 and later.
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]


def _in_use() -> float | None:
    """Return what is allocated in MB, after what is no longer needed is given back; None where it can't be asked for.

    The pages of the process say less: the allocator keeps some megabytes of free ones, now more, now fewer.
    """
    gc.collect()
    mallinfo2 = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform == "linux" else None
    if not mallinfo2:
        return None
    mallinfo2.restype = _Mallinfo
    told = mallinfo2()
    return float(told.uordblks + told.hblkhd) / 1e6


class _Forgetful(Cache):
    """Asks premailer anew for every issue."""

    def get(self, key: str) -> bytes | None:
        """Return nothing of what became of a style sheet."""
        return None if key.endswith((".json", ".styles")) else super().get(key)


class _Recorder(Look):
    """Keeps the MJML and what seals its words, to put the words back before MJML runs."""

    made: str
    seal: Any
    css: str

    def mjml(self, name: str, seal: Callable[[object], str], values: Any) -> str:
        """Return what the templates make."""
        self.seal, self.made = seal, super().mjml(name, seal, values)
        return self.made

    def text(self, name: str, values: Any) -> str:
        """Return what the template makes."""
        made = super().text(name, values)
        if name == "styles.css":
            self.css = made
        return made


def _source_of(newsroom: Newsroom, issue_id: str, cache: Cache) -> tuple[str, str]:
    """Return the issue's MJML with its words in it, and the style sheet: what one would hand to the libraries."""
    issue = assemble(newsroom, edition_of(newsroom, issue_id))
    pictures = prepare(issue, newsroom.root, cache)
    look = _Recorder(newsroom.root, cache)
    render(issue, compose(issue), pictures, look)
    dressed = skeleton.build_skeleton(look.made, look.css)
    # Premailer is to dress the words, so they come with their classes only.
    classes = {tag: {"class": own["class"]} for tag, own in dressed.styles.items() if "class" in own}
    vault = look.seal.__self__
    source, _ = vault.unseal(look.made, classes, pictures)
    # The marks around what a provider may lack are control characters, which mrml does not take: away with them.
    source = re.sub(r"[\x01\x03][^\x02]*\x02", "", source)
    source = re.sub(r"\x04([^\x02]*)\x02", r"\1", source)
    return skeleton.tight(source), look.css


def _bare_libraries() -> tuple[Callable[..., str], Callable[..., Any]]:
    import cssutils
    import premailer
    from mjml import mjml2html

    cssutils.log.setLevel(logging.CRITICAL)
    return mjml2html, premailer.Premailer


def _timed(work: Callable[[], object]) -> Callable[[], Run]:
    def run() -> Run:
        start = time.perf_counter()
        work()
        return Run(clock=time.perf_counter() - start)

    return run


if __name__ == "__main__":
    main()
