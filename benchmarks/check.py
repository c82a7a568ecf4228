"""Measures a full offline check beside a build of the same issue, and how a month of 50 issues grows and spreads."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from newsletter import cores
from newsletter.issue.edition import Chosen, Edition, editions
from newsletter.line import Builder, build_all
from newsletter.memo import Cache
from newsletter.read.load import load
from newsletter.review import Wanted, review

ROOT = Path(__file__).resolve().parent.parent
MONTH = "2024-09"
# The most that a check may cost, in builds of the same issue in the same process.
MOST_BUILDS = 3.0


def check_over_build(rounds: int = 15) -> float:
    """Return the time of the fastest full check of twelve items over that of the fastest build, run in turns."""
    with tempfile.TemporaryDirectory() as folder:
        room = newsroom(Path(folder), chapters=1, items=12)
        return _over(lambda: _check(room, 1), lambda: _build(room, 1), rounds)


def growth(rounds: int = 3) -> float:
    """Return how much longer 50 issues take than 10, over five: 1 is linear."""
    with tempfile.TemporaryDirectory() as folder:
        room = newsroom(Path(folder), chapters=50, items=3)
        return _over(lambda: _check(room, 50), lambda: _check(room, 10), rounds) / 5


def spread_over_cores(rounds: int = 3) -> float:
    """Return the time of 50 issues on one core over that on all: 2 would be two cores' whole worth."""
    many = cores._MANY
    with tempfile.TemporaryDirectory() as folder:
        room = newsroom(Path(folder), chapters=50, items=3)

        def alone() -> None:
            cores._MANY = 1_000_000
            _check(room, 50)
            cores._MANY = many

        return _over(alone, lambda: _check(room, 50), rounds)


def newsroom(folder: Path, *, chapters: int, items: int) -> Path:
    """Write a newsroom of so many chapters, each with so many items of its own, with pictures, links and dates."""
    stated = (ROOT / "newsletter.toml").read_text("utf-8")
    stated += "".join(f'\n[chapters.T{n}]\nname = "Town {n}"\naccent = "#1D5C63"\n' for n in range(chapters))
    (folder / "newsletter.toml").write_text(stated, "utf-8")
    there = folder / "issues" / MONTH / "items"
    there.mkdir(parents=True)
    shutil.copy(ROOT / "issues" / MONTH / "items" / "saint-paul-climate.jpg", there / "picture.jpg")
    sections = ("wins", "action", "events", "in-the-news")
    for chapter in range(chapters):
        for number in range(items):
            section = sections[number % len(sections)]
            extra = "starts: 2024-10-10 18:00\nlocation: City Hall\n" if section == "events" else ""
            extra += "image: picture.jpg\nimage_alt: A tree\n" if number % 3 == 0 else ""
            (there / f"t{chapter}-{number}.md").write_text(
                f"---\ntitle: Story {number} of town {chapter}\nchapters: [T{chapter}]\nmonth: {MONTH}\n"
                f"section: {section}\nlink: https://town{chapter}.example/{number}\nlink_label: Read story {number}\n"
                f"{extra}---\n{_WORDS}",
                "utf-8",
            )
    return folder


_WORDS = """The council adopted its plan on Tuesday, October 1, after two years of meetings in every ward of the city.

It sets **money aside** for trees, heat and buses, and names who answers for each: [the plan](https://plan.example/a).

- Trees for the blocks that have the fewest
- Heat for renters whose bills rose first
"""


def _editions(room: Path, count: int) -> tuple[Builder, list[Edition]]:
    loaded = load(room)
    builder = Builder(loaded, room / "build", cache=Cache(room / "cache"))
    return builder, [one for one in editions(loaded, MONTH) if "-T" in one.name][:count]


def _check(room: Path, count: int) -> None:
    builder, wanted = _editions(room, count)
    choice = Chosen(month=MONTH, editions=tuple(wanted))
    review(builder, choice, Wanted(today=date(2024, 9, 1), levels=builder.levels), lambda one: None)


def _build(room: Path, count: int) -> None:
    builder, wanted = _editions(room, count)
    list(build_all(builder, [edition.id for edition in wanted], lambda one: None))


def _over(one: Callable[[], None], other: Callable[[], None], rounds: int) -> float:
    fastest = [float("inf"), float("inf")]
    for _ in range(rounds + 1):
        for at, work in enumerate((one, other)):
            begun = time.perf_counter()
            work()
            fastest[at] = min(fastest[at], time.perf_counter() - begun)
    return fastest[0] / fastest[1]


def main() -> None:
    """Print the three measures."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"check of 12 items / build of 12 items        {check_over_build():.2f}  (at most {MOST_BUILDS:g})")
    print(f"check of 50 issues / 5 x check of 10 issues  {growth():.2f}  (1 is linear)")
    print(f"50 issues on one core / on {cores} cores          {spread_over_cores():.2f}")


if __name__ == "__main__":
    main()
