"""Measures a month of fifty chapters with 200 photos beside a bare loop of Pillow's over them: `make bench`.

The photos are large ones, as phones make them (4000 × 3000 pixels, 2 to 4 MB). Nothing of them is kept from before:
each build begins with a cache that knows the look only. The bare loop decodes with draft(), cuts, scales and encodes to
the same sizes and the same quality, in two processes. Then the month unchanged, beside the MJML command on one mail.
Medians of a few runs, in turns.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.commands import beside_mjml, looked, only_look, over_mjml, own_places
from benchmarks.rooms import MONTH, write_newsroom
from benchmarks.turns import ROOT, Row, Run, command, ended, in_turns, most_memory, newsletter, ratio, show

# One in four photos is grey: it has no more colours than a drawing.
CHAPTERS, DISTINCT, GREY = 50, 8, 4
# Of the twelve items of a chapter, three with a large picture and one with a small one.
LARGE, SMALL = ("01", "02", "03"), ("09",)
MOST_RATIO = 1.3
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
            own_places(Path(folder))
            rows = month_with_photos(Path(folder), options.rounds)
        show(rows, options.rounds)


def month_with_photos(folder: Path, rounds: int) -> list[Row]:
    """A month of fifty chapters with 200 photos: cold, beside the bare loop and the month without them; unchanged."""
    bare_room, photo_room = (write_newsroom(folder / name, chapters=CHAPTERS) for name in ("without", "with"))
    for room in (bare_room, photo_room):
        for item in (room / "issues" / MONTH / "items").glob("*.md"):
            _give_photo(item, has_photos=room == photo_room)
    photos = photo_room / "issues" / MONTH / "items"
    # In a process of its own: what it took would count as the build's.
    subprocess.run([*_THIS, "--make", str(photos)], cwd=ROOT, check=True)
    count = len(list(photos.glob("*-[0-9][0-9].jpg")))
    out, cache, look = folder / "out", folder / "month-cache", looked(folder)

    def build(room: Path, *, is_cold: bool) -> Callable[[], Run]:
        words = [*newsletter(), "build", "-m", MONTH, "--newsroom", str(room), "--out", str(out)]
        return command(words, before=only_look(look, cache, out) if is_cold else lambda: None, cache=cache)

    def bare() -> Run:
        begun = time.perf_counter()
        loops = [
            subprocess.Popen([*_THIS, "--bare", str(photos), str(number)], cwd=ROOT) for number in range(PROCESSES)
        ]
        worked = sum(ended(loop)[0] for loop in loops)
        return Run(clock=time.perf_counter() - begun, worked=worked)

    without, loop, whole = in_turns(rounds, build(bare_room, is_cold=True), bare, build(photo_room, is_cold=True))
    official, (unchanged,) = beside_mjml(folder, rounds, build(photo_room, is_cold=False))
    beside = f"{CHAPTERS} issues with {count} photos, cold / Pillow + without"
    return [
        ratio(beside, whole.clock, loop.clock + without.clock, MOST_RATIO),
        ratio("  the same in processor time", whole.worked, loop.worked + without.worked),
        over_mjml(official, "  the same, unchanged / mjml on one mail", unchanged, 1),
        most_memory(without, whole, unchanged),
    ]


def _give_photo(item: Path, *, has_photos: bool) -> None:
    number, text = item.stem[-2:], item.read_text("utf-8")
    if has_photos and number in {*LARGE, *SMALL}:
        text = text.replace("image: street.jpg", f"image: {item.stem}.jpg")
    else:
        text = re.sub(r"^image(?:_alt|_credit)?: .*\n", "", text, flags=re.MULTILINE)
    item.write_text(text, "utf-8")


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
