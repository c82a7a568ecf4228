"""Measures a month of fifty chapters with 200 photos beside a bare loop of Pillow's over them: `make bench`.

The photos are large ones, as phones make them (4000 × 3000 pixels, 2 to 4 MB). Nothing of them is kept from before:
each build begins with a cache that knows the look only. The bare loop decodes with draft(), cuts, scales and encodes to
the same sizes and the same quality, in two processes. Fastest of a few runs, in turns.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import run
from benchmarks.run import MONTH, ROOT, Row, write_newsroom

# One in four photos is grey: it has no more colours than a drawing.
CHAPTERS, DISTINCT, GREY = 50, 8, 4
# Of the twelve items of a chapter, three with a large picture and one with a small one.
LARGE, SMALL = ("01", "02", "03"), ("09",)
MOST_RATIO, MOST_MB = 1.3, 300
PROCESSES = 2
_THIS = [sys.executable, "-m", "benchmarks.pictures"]


def main() -> None:
    """Run the measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (3)")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--bare", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        _make_photos(options.make)
    elif options.bare:
        _scale_photos(Path(options.bare[0]), int(options.bare[1]))
    else:
        with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as folder:
            rows = month_with_photos(Path(folder), options.rounds)
        run._show(rows)
        print(f"\nFastest of {options.rounds} runs each, in turns; load {os.getloadavg()[0]:.1f} at the end.")


def month_with_photos(folder: Path, rounds: int) -> list[Row]:
    """A month of fifty chapters with 200 photos, cold, beside the bare loop and the same month without them."""
    bare_room, photo_room, one = folder / "without", folder / "with", folder / "one"
    for room, chapters in ((bare_room, CHAPTERS), (photo_room, CHAPTERS), (one, 1)):
        write_newsroom(room, chapters=chapters, colour=0x6A4C93 if room == one else 0x1D5C63)
        for item in (room / "issues" / MONTH / "items").glob("*.md"):
            _give_photo(item, has_photos=room == photo_room)
    photos = photo_room / "issues" / MONTH / "items"
    # In a process of its own: what it took would count as the build's.
    subprocess.run([*_THIS, "--make", str(photos)], cwd=ROOT, check=True)
    look = folder / "look"
    _build(one, folder / "out", look)
    clock: dict[str, list[float]] = {"with": [], "without": [], "bare": []}
    worked: dict[str, list[float]] = {"with": [], "without": [], "bare": []}
    most = 0.0
    for _ in range(rounds):
        for name, room in (("with", photo_room), ("without", bare_room)):
            cache = folder / "cache"
            shutil.rmtree(cache, ignore_errors=True)
            shutil.rmtree(folder / "out", ignore_errors=True)
            shutil.copytree(look, cache)
            taken, busy, memory = _build(room, folder / "out", cache)
            clock[name].append(taken)
            worked[name].append(busy)
            most = max(most, memory)
        begun = time.perf_counter()
        loops = [
            subprocess.Popen([*_THIS, "--bare", str(photos), str(number)], cwd=ROOT) for number in range(PROCESSES)
        ]
        worked["bare"].append(sum(_ended(loop)[0] for loop in loops))
        clock["bare"].append(time.perf_counter() - begun)
    whole, without, bare = (min(clock[name]) for name in ("with", "without", "bare"))
    busy_whole, busy_without, busy_bare = (min(worked[name]) for name in ("with", "without", "bare"))
    count = len(list(photos.glob("C*.jpg"))) + len(list(photos.glob("LPMN-*.jpg")))
    return [
        run._row(f"{CHAPTERS} issues with {count} photos / Pillow + without", whole, bare + without, MOST_RATIO),
        run._row("  the same in processor time", busy_whole, busy_bare + busy_without, MOST_RATIO),
        Row(
            measure="  the most memory of a process",
            value=f"{most:.0f} MB",
            target=f"{MOST_MB} MB",
            verdict="ok" if most <= MOST_MB else "over",
        ),
    ]


def _give_photo(item: Path, *, has_photos: bool) -> None:
    number, text = item.stem[-2:], item.read_text("utf-8")
    if has_photos and number in {*LARGE, *SMALL}:
        text = text.replace("image: street.jpg", f"image: {item.stem}.jpg")
    else:
        text = re.sub(r"^image(?:_alt|_credit)?: .*\n", "", text, flags=re.MULTILINE)
    item.write_text(text, "utf-8")


def _build(room: Path, out: Path, cache: Path) -> tuple[float, float, float]:
    """Build the month; return the seconds by the clock and of processor time, and the MB of its largest process."""
    words = [*run._newsletter(), "build", "-m", MONTH, "--newsroom", str(room), "--out", str(out)]
    begun = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, env={**os.environ, "NEWSLETTER_CACHE": str(cache)})
    busy, memory = _ended(process)
    return time.perf_counter() - begun, busy, memory


def _ended(process: subprocess.Popen[bytes]) -> tuple[float, float]:
    """Wait for a command; return its seconds of processor time with its workers', and the MB of the largest of them."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _make_photos(items: Path) -> None:
    """Write a photo for each item that names one: a few that differ in what they show, each with bytes of its own."""
    from PIL import Image

    size = (4000, 3000)
    kinds = []
    for number in range(DISTINCT):
        shapes = Image.effect_noise((500, 375), 80).resize(size, Image.Resampling.BICUBIC)
        grain = Image.effect_noise(size, 12)
        bands = (
            shapes,
            shapes.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
            shapes.transpose(Image.Transpose.ROTATE_180),
        )
        path = items / "kind.jpg"
        image = Image.merge("RGB", [Image.blend(band, grain, 0.3) for band in bands])
        if number % GREY == 0:
            image = image.convert("L")
        image.save(path, "JPEG", quality=88)
        kinds.append(path.read_bytes())
        path.unlink()
    named = sorted(item.stem for item in items.glob("*.md") if f"image: {item.stem}.jpg" in item.read_text("utf-8"))
    for number, stem in enumerate(named):
        kind, comment = kinds[number % DISTINCT], stem.encode()
        segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        (items / f"{stem}.jpg").write_bytes(kind[:2] + segment + kind[2:])


def _scale_photos(items: Path, number: int) -> None:
    """Make every second photo ready, as a script would that knows what it is given."""
    from PIL import Image

    for path in sorted(items.glob("*-*.jpg"))[number::PROCESSES]:
        is_small = path.stem[-2:] in SMALL
        with Image.open(path) as image:
            image.draft("RGB", (299, 224) if is_small else (1072, 804))
            width, height = image.size
            if is_small:
                box = ((width - height) // 2, 0, (width + height) // 2, height)
            else:
                top = round((height - width * 9 / 16) * 0.35)
                box = (0, top, width, top + round(width * 9 / 16))
            ready = image.crop(box).resize(
                (224, 224) if is_small else (1072, 603), Image.Resampling.LANCZOS, reducing_gap=3.0
            )
            with tempfile.TemporaryFile() as file:
                ready.save(file, "JPEG", quality=82, optimize=True, progressive=True)


if __name__ == "__main__":
    main()
