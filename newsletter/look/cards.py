"""A title -> the picture that other sites show of a page that has none (Open Graph: 1200 by 630 pixels)."""

import io
from collections.abc import Callable

from newsletter.look import colours

WIDTH, HEIGHT = 1200, 630
_SIDE, _BAND, _MOST_LINES = 88, 24, 4
# The font that comes with Pillow has the letters of Western languages; what it lacks would come out as boxes.
_LATIN = range(0x20, 0x180)
_ALSO = frozenset("–—‘’“”…·")


def card(title: str, brand: str, accent: str, paper: str) -> bytes:
    """Return the card as a PNG: the title on the accent's tint, the brand below.

    Signs that the font lacks, such as emoji, are left out; of a title in another script only the colours and the brand
    are shown, as far as that can be written.
    """
    from PIL import Image, ImageDraw, ImageFont

    ground = colours.mix(accent, paper, 0.09)
    image = Image.new("RGB", (WIDTH, HEIGHT), ground)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, _BAND, HEIGHT), fill=accent)
    ink = colours.legible("#1C2024", ground)
    words = _written(title)
    for size in (72, 64, 56, 48, 40):
        font = ImageFont.load_default(size)
        lines = _lines(words, lambda line, font=font: font.getlength(line) <= WIDTH - 2 * _SIDE)  # type: ignore[misc]
        if len(lines) <= _MOST_LINES:
            break
    for number, line in enumerate(lines[:_MOST_LINES]):
        draw.text((_SIDE, 96 + number * size * 1.3), line, font=font, fill=ink)
    draw.text(
        (_SIDE, HEIGHT - 112),
        _written(brand),
        font=ImageFont.load_default(36),
        fill=colours.legible(accent, ground),
    )
    file = io.BytesIO()
    # A few flat colours and their blends.
    image.quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()


def _written(words: str) -> str:
    """Return what of the words the font has; nothing of words in a script that it has not."""
    letters = [letter for letter in words if ord(letter) in _LATIN or letter in _ALSO]
    lost = [letter for letter in words if letter.isalpha() and letter not in letters]
    return "" if lost else " ".join("".join(letters).split())


def _lines(words: str, fits: Callable[[str], bool]) -> list[str]:
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if fits(longer) or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
