"""Draws the pictures of the sample issues beside their items: flat shapes, one palette, one light in each.

pictures.txt says what. A picture is a paragraph there: a verb and its measures, then the next. `tree 60 500
250 deep` is a tree of 250 pixels that stands at 60, 500; a comma repeats the verb (and the width and colour
of a line, the colour of a shape); `*4:90` at the end draws it four times, each 90 further right. A colour
is a name of the palette; `moss+ink20` is moss with 20 percent of ink. A stamp (a house, a bus) is a
paragraph too, placed by x, y, scale and its colours `a`, `b`, `c`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw

FINE = 4  # drawn this many times larger, then reduced: smooth edges
SIZES = {"wide": (1072, 603), "square": (448, 448)}
PALETTE = {
    "snow": "#FCF6EA", "cream": "#F6E6CB", "sand": "#EBCDA0", "apricot": "#F0B47C", "mustard": "#E2A03F",
    "rose": "#D98A6E", "rust": "#B8552F", "brick": "#8E3A29", "plum": "#5F3A52", "dusk": "#37405E",
    "sky": "#C4D8D3", "sage": "#94AA8B", "moss": "#587A5D", "teal": "#2C6769", "deep": "#1D414C",
    "ink": "#22303A",
}  # fmt: skip
SKINS = ("#8A5A3C", "#C68B62", "#5A3826", "#DFAE88", "#A46E49")
HAIRS = ("#22303A", "#4A2E22", "#1B2229", "#B9AE9F", "#6B3F2A", "#22303A", "#2E2622")
COATS = tuple(PALETTE[name] for name in ("rust", "deep", "mustard", "plum", "teal", "brick", "moss"))


@dataclass(frozen=True)
class Sheet:
    """Paper with a pen; x, y and scale say where, and how large, the next strokes fall."""

    pen: ImageDraw.ImageDraw
    width: int
    height: int
    x: float = 0
    y: float = 0
    scale: float = FINE

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + x * self.scale, self.y + y * self.scale

    def shape(self, fill: str, *xy: float) -> None:
        self.pen.polygon([self.at(*p) for p in zip(xy[::2], xy[1::2], strict=True)], fill=fill)

    def box(self, x: float, y: float, w: float, h: float, fill: str, r: float = 0, low: bool = True) -> None:
        """A rectangle with corners of radius r; the lower ones stay square if not `low`."""
        (left, top), (right, bottom) = self.at(x, y), self.at(x + w, y + h)
        edges = (left, top, max(left, right - 1), max(top, bottom - 1))
        self.pen.rounded_rectangle(edges, r * self.scale, fill=fill, corners=(True, True, low, low))

    def arch(self, x: float, y: float, w: float, h: float, fill: str, r: float) -> None:
        self.box(x, y, w, h, fill, r, low=False)

    def disc(
        self, x: float, y: float, r: float, fill: str, tall: float = 1, start: float = 0, end: float = 360
    ) -> None:
        """A disc, an ellipse `tall` times as high as wide, or a slice: degrees clockwise from the right."""
        self.pen.pieslice((*self.at(x - r, y - r * tall), *self.at(x + r, y + r * tall)), start, end, fill=fill)

    def line(self, width: float, fill: str, *xy: float) -> None:
        """A stroke with round ends and joints."""
        points = list(zip(xy[::2], xy[1::2], strict=True))
        self.pen.line([self.at(*p) for p in points], fill=fill, width=max(1, round(width * self.scale)))
        for x, y in points:
            self.disc(x, y, width / 2, fill)


def mix(one: str, other: str, share: float) -> str:
    """The colour that lies `share` of the way from one to the other."""
    pairs = zip(ImageColor.getrgb(one), ImageColor.getrgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


INK, SNOW = PALETTE["ink"], PALETTE["snow"]

# Verbs that need arithmetic; the rest are stamps.


def light(s: Sheet, x: float, y: float, r: float, core: str, paper: str) -> None:
    for reach, share in ((1.9, 0.22), (1.42, 0.45), (1, 1)):
        s.disc(x, y, r * reach, mix(paper, core, share))


def hills(s: Sheet, y: float, swell: float, fill: str, turns: float = 1, shift: float = 0) -> None:
    """A rolling horizon around y, filled to the bottom."""
    crest: list[float] = []
    for x in range(0, s.width + 9, 8):
        a = x / s.width * turns
        crest += (x, y - swell * (sin(a * 2 * pi + shift) + 0.35 * sin(a * 5 + shift * 2)))
    s.shape(fill, 0, s.height, *crest, s.width, s.height)


def peak(s: Sheet, x: float, y: float, w: float, h: float, fill: str) -> None:
    """A mountain with a shaded right side and a cap of snow."""
    dark, top = mix(fill, INK, 0.22), y - h
    s.shape(fill, x - w / 2, y, x, top, x + w / 2, y)
    s.shape(dark, x, top, x + w / 2, y, x + w * 0.08, y, x - w * 0.05, y - h * 0.45)
    low = (x - w * 0.01, top + h * 0.34)
    s.shape(SNOW, x, top, x - w * 0.15, top + h * 0.3, x - w * 0.06, top + h * 0.22, *low)
    s.shape(mix(SNOW, dark, 0.25), x, top, *low, x + w * 0.07, top + h * 0.24, x + w * 0.15, top + h * 0.3)


def tree(s: Sheet, x: float, y: float, h: float, fill: str) -> None:
    r = h * 0.27
    s.line(h * 0.055, mix(INK, "#B8552F", 0.25), x, y, x, y - h * 0.6)
    s.disc(x, y - h + r * 1.25, r, fill, 1.25)
    s.disc(x, y - h + r * 1.25, r, mix(fill, INK, 0.2), 1.25, -70, 110)


def panes(s: Sheet, x: float, y: float, w: float, h: float, cols: float, rows: float, fill: str, lit: str = "") -> None:
    """A grid of windows; every fifth or so is lit if there is light to spare."""
    dx, dy = w / cols, h / rows
    for i in range(int(cols)):
        for j in range(int(rows)):
            glass = lit if lit and (i * 7 + j * 4 + int(x)) % 5 == 0 else fill
            s.box(x + dx * (i + 0.22), y + dy * (j + 0.2), dx * 0.56, dy * 0.6, glass)


def block(s: Sheet, x: float, y: float, w: float, h: float, fill: str, glass: str, lit: str = "") -> None:
    """A tall building that stands on y, its right side in shade."""
    s.box(x, y - h, w, h, fill)
    s.box(x + w * 0.8, y - h, w * 0.2, h, mix(fill, INK, 0.14))
    panes(s, x + w * 0.06, y - h + 14, w * 0.7, h - 26, max(2, w // 22), max(2, h // 30), glass, lit)


def skyline(s: Sheet, y: float, fill: str, tall: float = 1, shift: float = 0) -> None:
    """A far city of plain towers, from edge to edge."""
    x, i = -10.0, int(shift)
    while x < s.width:
        w, h = 44 + (i * 37) % 45, (70 + (i * 53) % 130) * tall
        s.box(x, y - h, w, h, fill if i % 2 else mix(fill, SNOW, 0.18))
        if i % 3 == 0:
            s.box(x + w * 0.45, y - h - 26 * tall, w * 0.08, 26 * tall, fill)
        x, i = x + w - 3, i + 1


def person(s: Sheet, x: float, y: float, h: float, kind: float, arm: str = "down", lean: float = 0) -> None:
    """Someone who stands on y, without a face; one arm is `down`, `up`, or holds a placard of that colour."""
    u, n, top = h / 8, int(kind), x + lean * h / 8
    skin, hair, coat = SKINS[n % 5], HAIRS[n * 3 % 7], COATS[n % 7]
    hem = y - u * (2.0 if n % 4 == 2 else 2.8)
    for side in (-0.55, 0.55):
        s.line(u * 0.85, mix(INK, coat, 0.25), x + side * u, y - u * 3.2, x + side * u, y - u * 0.4)
        s.arch(x + side * u - u * 0.42, y - u * 0.42, u * 1.05, u * 0.42, INK, u * 0.2)
    if n % 3 == 1:
        s.box(top - u * 0.95, y - u * 7.9, u * 1.9, u * 2.4, hair, u * 0.8)
    if n % 5 == 3:
        s.disc(top - u * 0.1, y - u * 8.35, u * 0.42, hair)
    s.box(top - u * 0.3, y - u * 6.9, u * 0.6, u, mix(skin, INK, 0.18))
    s.disc(top, y - u * 7.38, u * 0.86, hair)
    s.disc(top + u * 0.08, y - u * 7.08, u * 0.7, skin, 1.06)
    s.shape(coat, top - u * 1.3, y - u * 5.6, top + u * 1.3, y - u * 5.6, x + u * 1.25, hem, x - u * 1.25, hem)
    s.arch(top - u * 1.3, y - u * 6.35, u * 2.6, u * 1.5, coat, u * 0.75)
    s.line(u * 0.7, coat, top - u * 1.05, y - u * 5.7, x - u * 1.35, y - u * 4.2, x - u * 1.25, y - u * 3.2)
    s.disc(x - u * 1.25, y - u * 2.8, u * 0.36, skin)
    raised = arm != "down"
    hand = (top + u * 1.6, y - u * 7.4) if raised else (x + u * 1.7, y - u * 3.3)
    elbow = (top + u * 1.95, y - u * 5.4) if raised else (top + u * 1.65, y - u * 4.7)
    if arm.startswith("#"):
        paint(s, STAMPS["placard"], *hand, h / 220, arm)
    s.line(u * 0.7, mix(coat, INK, 0.2), top + u, y - u * 5.8, *elbow, *hand)
    s.disc(hand[0], hand[1] + (-u if raised else u) * 0.3, u * 0.38, skin)


def row(s: Sheet, x: float, y: float, h: float, step: float, count: float, kind: float, *arms: str) -> None:
    """People side by side, of heights that differ; their arms as in `person`, in turn."""
    for i in range(int(count)):
        arm = arms[i % len(arms)] if arms else "down"
        person(s, x + step * i, y, h + (i * 41 + 11 * int(kind)) % 29, kind + i * 2, arm)


def audience(s: Sheet, y: float, h: float, count: float, kind: float) -> None:
    """A row of people seen from behind."""
    step = s.width / count
    for i in range(int(count) + 1):
        x, n = step * (i + 0.5 * (kind % 2)), i * 3 + int(kind)
        s.disc(x, y + h, step * 0.42, COATS[n % 7], h / (step * 0.42), 180, 360)
        s.box(x - h * 0.14, y - h * 0.1, h * 0.28, h * 0.3, mix(SKINS[n % 5], INK, 0.15))
        s.disc(x, y - h * 0.24, h * 0.38, HAIRS[n % 7], 1.12)


def bridge(s: Sheet, y: float, left: float, right: float, h: float, fill: str) -> None:
    """A suspension bridge with two towers, from edge to edge; its deck lies at y."""
    gap = right - left
    for start in (left - gap, left, right):
        cable = [(start + gap * t / 20, y - 8 - (h - 8) * (1 - t / 10) ** 2) for t in range(21)]
        s.line(4, fill, *(v for point in cable for v in point))
        for x, high in cable:
            s.line(1.2, fill, x, high, x, y)
    s.box(0, y, s.width, 10, fill)
    for x in (left, right):
        paint(s, "box -9 2 18 6 a, -9 60 18 6 a, -9 120 18 6 a, -9 180 18 6 a", x, y - h, 1, fill)
        for side in (-11, 5):
            s.box(x + side, y - h - 8, 7, h + 60, fill)


def road(s: Sheet, fill: str, dash: str) -> None:
    """A road that winds from the lower edge towards the hills."""
    left: list[float] = []
    right: list[float] = []
    middle: list[tuple[float, float]] = []
    for i in range(41):
        t = i / 40
        x, y = 330 + 330 * t + 130 * sin(t * 2.1 * pi) * (1 - t * 0.5), 606 - 246 * t**0.8
        half = 92 * (1 - t) ** 1.6 + 5
        left += [x - half, y]
        right = [x + half, y, *right]
        middle.append((x, y))
    s.shape(fill, *left, *right)
    for i in range(0, 36, 4):
        s.line(8 * (1 - i / 40) + 1, dash, *middle[i], *middle[i + 1], *middle[i + 2])


def turbine(s: Sheet, x: float, y: float, h: float, turn: float) -> None:
    s.shape(SNOW, x - h * 0.014, y, x - h * 0.007, y - h, x + h * 0.007, y - h, x + h * 0.014, y)
    for a in (turn, turn + 2 * pi / 3, turn + 4 * pi / 3):
        tip, side = (h * 0.42 * sin(a), h * 0.42 * cos(a)), (h * 0.07 * sin(a + 0.5), h * 0.07 * cos(a + 0.5))
        s.shape(SNOW, x, y - h, x + side[0], y - h - side[1], x + tip[0], y - h - tip[1])
    s.disc(x, y - h, h * 0.022, PALETTE["rust"])


STROKES = ("shape", "box", "arch", "disc", "line")
THINGS = (light, hills, peak, tree, panes, block, skyline, person, row, audience, bridge, road, turbine)
VERBS: dict[str, Callable[..., None]] = {
    **{name: getattr(Sheet, name) for name in STROKES},
    **{thing.__name__: thing for thing in THINGS},
}


def paint(s: Sheet, words: str, x: float = 0, y: float = 0, scale: float = 1, *colours: str | float) -> None:
    """Carries out a paragraph, with its origin at x, y."""
    inside = replace(s, x=s.at(x, y)[0], y=s.at(x, y)[1], scale=s.scale * scale)
    names = {**PALETTE, **dict(zip("abc", colours, strict=False))}
    for phrase in re.split(r"[;\n]\s*", words.strip()):
        verb, rest = phrase.split(maxsplit=1)
        groups = [group.split() for group in rest.split(",")]
        shared = groups[0][: {"line": 2, "shape": 1}.get(verb, 0)]
        for number, group in enumerate(groups):
            times, step = group.pop()[1:].split(":") if group[-1].startswith("*") else ("1", "0")
            values = [value(word, names) for word in (shared if number else []) + group]
            for i in range(int(times)):
                there = replace(inside, x=inside.x + i * float(step) * inside.scale)
                if verb in STAMPS:
                    left, low, size = map(float, values[:3])
                    paint(there, STAMPS[verb], left, low, size, *values[3:])
                else:
                    VERBS[verb](there, *values)


def value(word: str, names: Mapping[str, float | str]) -> float | str:
    """A number, a colour, a colour mixed from two, or the word itself."""
    if re.fullmatch(r"-?[\d.]+", word):
        return float(word)
    if mixed := re.fullmatch(r"(\w+)\+([a-z]+)(\d\d)", word):
        return mix(str(names[mixed[1]]), PALETTE[mixed[2]], int(mixed[3]) / 100)
    return names.get(word, word)


def read(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The stamps by name, and the pictures by their first line (file, size, paper)."""
    stamps: dict[str, str] = {}
    pictures: dict[str, str] = {}
    for paragraph in re.sub(r"(?m)^#.*\n", "", path.read_text("utf-8")).strip().split("\n\n"):
        head, words = paragraph.split("\n", maxsplit=1)
        (pictures if " " in head else stamps)[head] = words
    return stamps, pictures


STAMPS, PICTURES = read(Path(__file__).with_name("pictures.txt"))


def main() -> None:
    """Writes every picture: PNG with a small palette, or JPEG, as its name says."""
    for head, words in PICTURES.items():
        name, size, paper = head.split()
        width, height = SIZES[size]
        image = Image.new("RGB", (width * FINE, height * FINE), PALETTE[paper])
        paint(Sheet(ImageDraw.Draw(image), width, height), words)
        small = image.resize((width, height), Image.Resampling.LANCZOS)
        path = Path(__file__).parents[2] / "issues" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".png":
            small = small.quantize(128, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
            small.save(path, optimize=True)
        else:
            small.save(path, quality=78, optimize=True)


if __name__ == "__main__":
    main()
