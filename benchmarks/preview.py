"""Measures `newsletter preview LPMN` beside `newsletter build LPMN`, and the time from a save until it is built."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

from newsletter.line import Builder
from newsletter.memo import Cache
from newsletter.preview.watch import watch_newsroom
from newsletter.read.load import load

ROOT = Path(__file__).resolve().parent.parent
# The most that a preview may cost, in builds, and the most milliseconds from a save to the page that shows it.
MOST_BUILDS, MOST_MILLISECONDS = 1.2, 300


def preview_over_build(newsroom: Path, rounds: int = 15) -> float:
    """Return the time of the fastest preview over that of the fastest build, both from a cold start, run in turns."""
    fastest = {"build": float("inf"), "preview": float("inf")}
    for _ in range(rounds + 1):
        for command in fastest:
            begun = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "newsletter", "--newsroom", str(newsroom), command, "LPMN"],
                stdout=subprocess.DEVNULL,
                cwd=ROOT,
                check=True,
            )
            fastest[command] = min(fastest[command], time.perf_counter() - begun)
    return fastest["preview"] / fastest["build"]


def save_to_built(newsroom: Path, rounds: int = 15) -> float:
    """Return the milliseconds (the middle one) from an item's save until its issue is built and written again."""
    item = next(newsroom.glob("issues/2024-09/items/lpmn-fall-gathering.md"))
    words, out = item.read_text("utf-8"), newsroom / "build"
    built, stop = threading.Event(), threading.Event()

    def again() -> None:
        builder = Builder(load(newsroom), out, cache=Cache(Path(os.environ["NEWSLETTER_CACHE"])))
        builder.write(builder.whole("2024-09/state-LPMN"))
        built.set()

    again()
    watch_newsroom(newsroom, out, again, stop)
    time.sleep(0.5)
    moments = []
    for number in range(rounds):
        built.clear()
        begun = time.perf_counter()
        item.write_text(f"{words}\nSaved {number}.\n", "utf-8")
        built.wait(10)
        moments.append(1000 * (time.perf_counter() - begun))
        time.sleep(0.3)
    stop.set()
    return median(moments)


def main() -> None:
    """Measure on a copy of the sample newsroom and print both."""
    with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as folder:
        room = Path(folder, "room")
        room.mkdir()
        for name in ("newsletter.toml", "issues"):
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, room / name)
        os.environ["NEWSLETTER_CACHE"] = str(Path(folder, "cache"))
        print(f"preview LPMN over build LPMN: {preview_over_build(room):.2f} (at most {MOST_BUILDS})")
        print(f"a save until it is built: {save_to_built(room):.0f} ms (at most {MOST_MILLISECONDS} until seen)")


if __name__ == "__main__":
    main()
