"""Measures the speed of newsletter beside that of the tools it is built on, and prints ratios: `make bench`.

What is compared runs in turns (A B A B …), so that a busy machine slows both alike; of each the fastest run counts,
the one that was disturbed least. Needs no network and leaves nothing behind. It never fails for being slow: a ratio
over its target is marked, and the exit code stays 0.
"""

import argparse
import contextlib
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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsletter.errors import NewsletterError
from newsletter.issue.assemble import assemble
from newsletter.issue.compose import compose
from newsletter.issue.edition import edition_of, items_of
from newsletter.line import Builder
from newsletter.look import skeleton
from newsletter.look.pictures import prepare
from newsletter.look.render import render
from newsletter.look.templates import Look
from newsletter.memo import Cache
from newsletter.model import Newsroom
from newsletter.read.load import load

ROOT = Path(__file__).resolve().parent.parent
MONTH = "2024-09"
_GROWTH_ROUNDS = 6
SECTIONS = (*3 * ["wins"], "spotlight", *2 * ["events"], "action", "resources", *4 * ["news"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; without a target it is there to be known."""

    measure: str
    value: str
    target: str = ""
    verdict: str = ""


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
        # An installed tool has its bytecode; so has each command here, in a place of its own.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder, "bytecode"))
        os.environ["NEWSLETTER_CACHE"] = str(Path(folder, "cache"))
        rows: list[Row] = []
        for measure in (cold_build, help_text, one_process, growth):
            rows += measure(Path(folder), options.rounds)
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    _show(rows)
    print(
        f"\nFastest of {options.rounds} runs each ({_GROWTH_ROUNDS} for growth), compared ones in turns, after one to "
        f"warm up; Python {sys.version.split()[0]}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}."
    )


def cold_build(folder: Path, rounds: int) -> list[Row]:
    """One issue from the command line, beside the official mjml on twelve items."""
    mjml = _mjml()
    if isinstance(mjml, str):
        return [Row(measure="cold build / mjml", value=mjml)]
    newsroom, which = ROOT, "of the sample"
    if not _has_sample():
        newsroom, which = write_newsroom(folder / "one", chapters=1), "of 12 items"
    source = folder / "twelve.mjml"
    source.write_text(_mjml_of_twelve_items(), "utf-8")
    build = [*_newsletter(), "build", "LPMN", "-m", MONTH, "--newsroom", str(newsroom), "--out"]
    first, fresh, kept = folder / "first", folder / "fresh", folder / "kept"
    subprocess.run([*build, str(kept)], check=True, stdout=subprocess.DEVNULL)

    def as_installed() -> None:
        shutil.rmtree(first, ignore_errors=True)
        shutil.rmtree(os.environ["NEWSLETTER_CACHE"])

    # The first one compiles the look (templates, inlined styles) and keeps it; those after it find it.
    official, once, empty, warm = _fastest(
        rounds,
        _command([*mjml, str(source), "-o", str(folder / "twelve.html")]),
        _command([*build, str(first)], before=as_installed),
        _command([*build, str(fresh)], before=lambda: shutil.rmtree(fresh, ignore_errors=True)),
        _command([*build, str(kept)]),
    )
    return [
        _row(f"build LPMN {which} / mjml, empty build/", empty, official, 0.5),
        _row("  the same, build/ as the last build left it", warm, official, 0.5),
        _row("  the same, the very first after installing", once, official),
    ]


def help_text(folder: Path, rounds: int) -> list[Row]:
    """--help beside the import of what any such tool imports."""
    libraries, own = _fastest(
        rounds,
        _command([sys.executable, "-c", "import click, rich"]),
        _command([*_newsletter(), "--help"]),
    )
    return [_row("newsletter --help / import click, rich", own, libraries, 2)]


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
            if not builder.build(issue_id).is_good:
                raise RuntimeError("the issue was not built")

        return build

    def only_render() -> None:
        render(issue, cover, pictures, builder.look)

    mjml2html, premailer = _bare_libraries()

    def bare(**options: Any) -> Callable[[], object]:
        return lambda: premailer(mjml2html(source, fonts={}), css_text=css, **options).transform()

    quiet = {"allow_network": False, "cssutils_logging_level": logging.CRITICAL}
    own, asked, rendered, same, default = _fastest(
        rounds,
        _timed(whole(builder)),
        _timed(whole(asking)),
        _timed(only_render),
        _timed(bare(**skeleton.PREMAILER)),
        _timed(bare(**quiet)),
    )
    return [
        _row("a 12-item issue, read to written / mrml + premailer", own, same, 2),
        _row("  the same, premailer asked anew for each issue", asked, same, 2),
        _row("  the same / premailer with its defaults", asked, default),
        _row("  render alone / mrml + premailer", rendered, same),
    ]


def growth(folder: Path, rounds: int) -> list[Row]:
    """Ten times the issues, each with its own twelve items and its own colours: time and memory."""
    few, many = 20, 200
    rooms = [write_newsroom(folder / f"room-{number}", chapters=number) for number in (few, many)]
    runs: list[list[tuple[float, float]]] = [[], []]
    for number in range(1 + min(rounds, _GROWTH_ROUNDS)):
        for room, results in zip(rooms, runs, strict=True):
            told = subprocess.run(
                [sys.executable, __file__, "--growth-of", str(room)], check=True, capture_output=True, text=True
            ).stdout
            if number:
                # The first one compiles the look.
                results.append(json.loads(told))
    (few_clock, few_worked), (many_clock, many_worked) = (map(min, zip(*results, strict=True)) for results in runs)
    told = subprocess.run(
        [sys.executable, __file__, "--memory-of", str(rooms[1]), "--after", str(few)],
        # So that one allocator knows all that is in use: Python's objects, libxml2's trees, mrml's.
        env={**os.environ, "PYTHONMALLOC": "malloc"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    grown: float | None = json.loads(told)
    each = None if grown is None else grown / (many - few)
    return [
        _row(f"{many} issues / {few} issues", many_clock, few_clock, 10.5),
        _row("  the same in processor time", many_worked, few_worked, 10.5),
        Row(
            measure=f"memory in use, each issue from the {few}th to the {many}th",
            value="known with glibc only" if each is None else f"{each:.4f} MB",
            target="0.01 MB",
            verdict="" if each is None else "ok" if each <= 0.01 else "over",
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


def _fastest(rounds: int, *runs: Callable[[], float]) -> list[float]:
    """Run each once to warm up, then in turns; return the shortest time of each in seconds."""
    for run in runs:
        run()
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for run, taken in zip(runs, times, strict=True):
            taken.append(run())
    return [min(taken) for taken in times]


def _command(words: list[str], before: Callable[[], object] = lambda: None) -> Callable[[], float]:
    def run() -> float:
        before()
        start = time.perf_counter()
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        return time.perf_counter() - start

    return run


def _timed(work: Callable[[], object]) -> Callable[[], float]:
    def run() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return run


def _row(measure: str, own: float, other: float, target: float | None = None) -> Row:
    ratio = own / other
    return Row(
        measure=f"{measure}  ({own * 1e3:.0f} / {other * 1e3:.0f} ms)",
        value=f"{ratio:.2f}",
        target=f"{target:g}" if target else "",
        verdict="" if not target else "ok" if ratio <= target else "over",
    )


def _show(rows: list[Row]) -> None:
    widths = [max(len(getattr(row, name)) for row in rows) for name in ("measure", "value", "target")]
    print(f"{'measure':{widths[0]}}  {'ratio':>{widths[1]}}  {'target':>{max(6, widths[2])}}")
    for row in rows:
        line = f"{row.measure:{widths[0]}}  {row.value:>{widths[1]}}  {row.target:>{max(6, widths[2])}}  {row.verdict}"
        print(line.rstrip())


def _newsletter() -> list[str]:
    script = Path(sys.executable).with_name("newsletter")
    return [str(script)] if script.exists() else [sys.executable, "-m", "newsletter"]


def _mjml() -> list[str] | str:
    """Return the command of the official mjml, or in words why there is none."""
    local = ROOT / "tests" / "referees" / "node_modules" / ".bin" / "mjml"
    found = str(local) if local.exists() else shutil.which("mjml")
    if not found:
        return "mjml is not installed: npm ci --prefix tests/referees"
    tried = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"mjml does not run here: {(tried.stderr.strip() or 'no reason given').splitlines()[-1]}"
    return [found]


def _has_sample() -> bool:
    """Tell whether the repository's own newsroom has the issue."""
    with contextlib.suppress(NewsletterError):
        newsroom = load(ROOT)
        return not newsroom.faults and bool(items_of(newsroom, edition_of(newsroom, f"{MONTH}/state-LPMN")))
    return False


def _mjml_of_twelve_items() -> str:
    items = "".join(
        f'<mj-section><mj-column><mj-image src="https://example.org/{number}.jpg" alt="Story {number}" />'
        f"<mj-text>{_WORDS}</mj-text>"
        f'<mj-button href="https://example.org/{number}">Read the full story</mj-button></mj-column></mj-section>'
        for number in range(1, 13)
    )
    return f"<mjml><mj-body>{items}</mj-body></mjml>"


_WORDS = (
    "The council voted eight to one to put the plan to work, after two years of meetings in church basements and "
    "school gyms. Members from six wards stood up to say what it means on their block, and what comes next."
)


def write_newsroom(root: Path, chapters: int, colour: int = 0x1D5C63) -> Path:
    """Write a newsroom with that many chapters, twelve items each, every chapter in a colour of its own."""
    from PIL import Image

    items = root / "issues" / MONTH / "items"
    items.mkdir(parents=True)
    Image.linear_gradient("L").resize((1200, 800)).convert("RGB").save(items / "street.jpg")
    codes = ["LPMN", *(f"C{number:03}" for number in range(1, chapters))]
    (root / "newsletter.toml").write_text("\n".join(_settings(codes, colour)), "utf-8")
    for code in codes:
        for number, section in enumerate(SECTIONS, 1):
            (items / f"{code}-{number:02}.md").write_text("\n".join(_item(code, number, section)), "utf-8")
    return root


def _settings(codes: list[str], colour: int) -> Iterator[str]:
    yield from (
        "[organization]",
        'name = "Local Progress"',
        'sender_address = "news@example.org"',
        'postal_address = "100 Example Plaza, New York, NY 10001"',
        'unsubscribe_url = "https://example.org/unsubscribe"',
        "[publications.state]",
        'title = "{chapter} State Download"',
        'scope = "chapter"',
    )
    looks = {"action": "action", "resources": "compact", "news": "compact"}
    for section in dict.fromkeys(SECTIONS):
        yield from (f"[sections.{section}]", f'title = "{section.capitalize()}"')
        yield f'look = "{looks.get(section, "story")}"'
    for number, code in enumerate(codes):
        yield from (f"[chapters.{code}]", f'name = "Chapter {code}"', f'accent = "#{colour + 257 * number:06X}"')


def _item(code: str, number: int, section: str) -> Iterator[str]:
    yield from (
        "---",
        f"title: What happened in ward {number} of {code}",
        f"headline: ward {number} decides",
        f"chapters: [{code}]",
        f"month: {MONTH}",
        f"section: {section}",
        f"link: https://example.org/{code}/{number}",
    )
    if section in {"wins", "news"}:
        yield from ("image: street.jpg", "image_alt: A street in the morning", "image_credit: Photo by a neighbour")
    if section == "events":
        yield from (f"starts: 2024-10-{number:02} 18:00", f"ends: 2024-10-{number:02} 19:30", "location: City hall")
    yield from (
        "---",
        f"{_WORDS} The [minutes](https://example.org/minutes/{number}) are *public*.",
        "",
        "- the first thing that changes",
        f"- the **second**, for {code}",
        "",
        _WORDS,
        "",
    )


if __name__ == "__main__":
    main()
