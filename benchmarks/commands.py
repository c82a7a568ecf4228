"""Measures the commands as people run them, beside the MJML command on one mail of twelve items.

`python -m benchmarks.commands` prints ratios of medians with their bars: one issue, cold and unchanged; `--help`; a
year of fifty chapters; one edited issue in a large newsroom; the board. Needs no network and leaves nothing behind. It
never fails for being slow. tests/referees/package.json has the MJML command; without it there are times in place of
its ratios.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.rooms import MONTH, WORDS, write_newsroom
from benchmarks.turns import Row, Run, command, in_turns, mjml, most_memory, newsletter, ratio, show

_YEAR = [f"2024-{month:02}" for month in range(1, 13)]
_FIVE_YEARS = [f"{year}-{month[5:]}" for year in range(2020, 2025) for month in _YEAR]
# Of the long ones: a year takes half a minute.
_FEW_ROUNDS = 3


def main() -> None:
    """Run the measures that are named, or all, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measures", nargs="*", choices=[[], *_MEASURES], help=", ".join(_MEASURES))
    parser.add_argument("--rounds", type=int, default=15, help="runs of each command (15)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as folder:
        own_places(Path(folder))
        rows = [row for name in options.measures or _MEASURES for row in _MEASURES[name](Path(folder), options.rounds)]
    show(rows, options.rounds)


def own_places(folder: Path) -> None:
    """Let commands keep what they keep in the folder, bytecode too: an installed tool has its own."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    os.environ["NEWSLETTER_CACHE"] = str(folder / "cache")


def one_issue(folder: Path, rounds: int) -> list[Row]:
    """One issue of twelve items: cold (no issue or picture kept, the look compiled), and unchanged."""
    newsroom = write_newsroom(folder / "one", chapters=1)
    build = _build(newsroom, "LPMN", "-m", MONTH)
    out, cache, look = folder / "cold", folder / "cold-cache", looked(folder)
    official, (cold, unchanged) = beside_mjml(
        folder,
        rounds,
        command([*build, str(out)], before=only_look(look, cache, out), cache=cache),
        command([*build, str(folder / "unchanged")], cache=folder / "unchanged-cache"),
    )
    return [
        over_mjml(official, "one issue of 12 items, cold / mjml", cold, 0.6),
        over_mjml(official, "  the same, unchanged", unchanged, 0.3),
        most_memory(cold, unchanged),
    ]


def help_text(folder: Path, rounds: int) -> list[Row]:
    """--help beside the import of what any such tool imports."""
    libraries, own = in_turns(
        rounds, command([sys.executable, "-c", "import click, rich"]), command([*newsletter(), "--help"])
    )
    return [ratio("newsletter --help / import click, rich", own.clock, libraries.clock, 1.5)]


def year(folder: Path, rounds: int) -> list[Row]:
    """Twelve months of fifty chapters: 600 issues, 6,000 items without photos, cold."""
    newsroom = write_newsroom(folder / "year", chapters=50, months=_YEAR, items=10, has_pictures=False)
    out, cache, look = folder / "year-out", folder / "year-cache", looked(folder)
    build = command([*_build(newsroom, "--all"), str(out)], before=only_look(look, cache, out), cache=cache)
    official, (whole,) = beside_mjml(folder, min(rounds, _FEW_ROUNDS), build)
    return [over_mjml(official, "a year, 600 issues, cold / mjml on one mail", whole, 12), most_memory(whole)]


def edited(folder: Path, rounds: int) -> list[Row]:
    """One edited item: its issue among 30,000 items, beside the same among 500."""
    runs = []
    for name, months in (("few", _FIVE_YEARS[-1:]), ("many", _FIVE_YEARS)):
        newsroom = write_newsroom(folder / name, chapters=50, months=months, items=10, has_pictures=False)
        build = [*_build(newsroom, "LPMN", "-m", months[-1]), str(folder / f"{name}-out")]
        item = newsroom / "issues" / months[-1] / "items" / "LPMN-01.md"
        runs.append(command(build, before=_edit(item), cache=folder / f"{name}-cache"))
    few, many = in_turns(min(rounds, 2 * _FEW_ROUNDS), *runs)
    return [ratio("one edited issue among 30,000 items / 500", many.clock, few.clock, 2), most_memory(few, many)]


def board(folder: Path, rounds: int) -> list[Row]:
    """The board of a month of fifty chapters that is built: in seconds, since somebody waits for it."""
    newsroom = write_newsroom(folder / "board", chapters=50, items=10, has_pictures=False)
    cache = folder / "board-cache"
    command([*_build(newsroom, "-m", MONTH), str(newsroom / "build")], cache=cache)()
    status = [*newsletter(), "status", "-m", MONTH, "--newsroom", str(newsroom)]
    (shown,) = in_turns(min(rounds, 2 * _FEW_ROUNDS), command(status, cache=cache))
    verdict = "met" if shown.clock <= 1 else "missed"
    return [Row(measure="status, 50 chapters, built", figure=f"{shown.clock:.2f} s", bar="<= 1 s", verdict=verdict)]


_MEASURES: dict[str, Callable[[Path, int], list[Row]]] = {
    "one": one_issue,
    "help": help_text,
    "year": year,
    "edited": edited,
    "board": board,
}


def _build(newsroom: Path, *words: str) -> list[str]:
    return [*newsletter(), "build", *words, "--newsroom", str(newsroom), "--out"]


def looked(folder: Path) -> Path:
    """Return a cache folder that knows the compiled look and another newsroom's issue."""
    look = folder / "look"
    if not look.exists():
        other = write_newsroom(folder / "other", chapters=1, colour=0x6A4C93)
        command([*_build(other, "LPMN", "-m", MONTH), str(folder / "other-out")], cache=look)()
    return look


def only_look(look: Path, cache: Path, out: Path) -> Callable[[], None]:
    """Return what puts aside all that was built and kept but the look."""

    def prepare() -> None:
        aside = Path(tempfile.mkdtemp(prefix="aside-", dir=cache.parent))
        for place in (cache, out):
            # To delete it would slow down the run that follows: for some seconds ext4 uses no number of a deleted file
            # again, and looks for another one for each new file.
            if place.exists():
                place.rename(aside / place.name)
        shutil.copytree(look, cache)

    return prepare


def _edit(item: Path) -> Callable[[], None]:
    def edit() -> None:
        item.write_text(f"{item.read_text('utf-8')}\nOne more sentence.\n", "utf-8")

    return edit


def beside_mjml(folder: Path, rounds: int, *runs: Callable[[], Run]) -> tuple[Run | None, list[Run]]:
    """Run the commands in turns with the MJML command on one mail of twelve items; None if that is missing."""
    official = mjml()
    if isinstance(official, str):
        print(official, file=sys.stderr)
        return None, in_turns(rounds, *runs)
    source = folder / "twelve.mjml"
    source.write_text(_mail_of_twelve_items(), "utf-8")
    one, *own = in_turns(rounds, command([*official, str(source), "-o", str(folder / "twelve.html")]), *runs)
    return one, own


def over_mjml(official: Run | None, measure: str, own: Run, bar: float) -> Row:
    """Return the row of a command's time over that of the MJML command, or of its time alone."""
    if official:
        return ratio(measure, own.clock, official.clock, bar)
    return Row(measure=measure, figure=f"{own.clock * 1e3:,.0f} ms", bar="no mjml")


def _mail_of_twelve_items() -> str:
    items = "".join(
        f'<mj-section><mj-column><mj-image src="https://example.org/{number}.jpg" alt="Story {number}" />'
        f"<mj-text>{WORDS}</mj-text>"
        f'<mj-button href="https://example.org/{number}">Read the full story</mj-button></mj-column></mj-section>'
        for number in range(1, 13)
    )
    return f"<mjml><mj-body>{items}</mj-body></mjml>"


if __name__ == "__main__":
    main()
