"""Pictures of a built issue -> what a terminal draws: kitty or sixel graphics, half blocks elsewhere."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from rich.color import Color
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style

from newsletter.look import pixels
from newsletter.model import COVER_WIDTH, Picture
from newsletter.preview.terminal import Draw

if TYPE_CHECKING:
    from PIL.Image import Image

Graphics = Literal["kitty", "sixel", "blocks"]

# How many columns a picture as wide as the mail takes: more makes it taller than a screen, less makes half blocks hard
# to read.
_COLUMNS = 56
# Rows of a picture that a reader may scroll through; one that is flatter than a tenth of a row can't be seen.
_MOST_ROWS, _LEAST_ROWS = 200, 0.1


def drawer(pictures: Iterable[Picture], width: int, graphics: Graphics) -> Draw:
    """Return a function that draws the issue's pictures; what it can't draw it leaves to the alt text."""
    by_name = {picture.name: picture for picture in pictures}

    def draw(source: str, shown: int) -> RenderableType | None:
        picture = by_name.get(source.rpartition("/")[2])
        if not picture or not (image := _opened(picture.content)):
            return None
        columns = max(8, round(min(_COLUMNS, width) * min(1.0, (shown or picture.width) / COVER_WIDTH)))
        if not _LEAST_ROWS <= columns * image.height / image.width / 2 <= _MOST_ROWS:
            return None
        if graphics == "kitty":
            from textual_image.renderable import TGPImage

            return TGPImage(image, width=columns, height="auto")
        return Blocks(image, columns, has_sixels=graphics == "sixel")

    return draw


def graphics_of_terminal() -> Graphics:
    """Return what the terminal at stdin and stdout draws: it is asked, and has a fifth of a second to answer."""
    # The library reports a terminal that does not answer as a warning; half blocks need no answer.
    logging.getLogger("textual_image").setLevel(logging.ERROR)
    from textual_image.renderable import Image, SixelImage, TGPImage

    return "kitty" if Image is TGPImage else "sixel" if Image is SixelImage else "blocks"


class Blocks:
    """A picture in half blocks: each character shows two pixels, one above the other.

    With `has_sixels`, the first character knows the same picture as sixels, for a window that can lay them over it.
    """

    def __init__(self, image: "Image", columns: int, *, has_sixels: bool = False) -> None:
        self.image, self.columns, self.has_sixels = image, columns, has_sixels
        # A character is about twice as high as it is wide.
        self.rows = max(1, round(columns * image.height / image.width / 2))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        small = self.image.convert("RGB").resize((self.columns, 2 * self.rows))
        pixels = small.tobytes()
        colours = [Color.from_rgb(*pixels[at : at + 3]) for at in range(0, len(pixels), 3)]
        for row in range(self.rows):
            upper, lower = 2 * row * self.columns, (2 * row + 1) * self.columns
            for column in range(self.columns):
                style = Style(color=colours[upper + column], bgcolor=colours[lower + column])
                if self.has_sixels and not row and not column:
                    style += Style.from_meta({"sixels": self})
                yield Segment("▀", style)
            yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(self.columns, self.columns)

    def sixels(self, console: Console) -> str:
        """Return the picture as sixels that cover the same characters."""
        from textual_image.renderable import SixelImage

        drawn = SixelImage(self.image, width=self.columns, height=self.rows)
        return next((segment.text for segment in console.render(drawn) if segment.text.startswith("\x1bP")), "")


def _opened(content: bytes) -> "Image | None":
    try:
        image = pixels.opened(content, lambda size: min(1.0, 2 * COVER_WIDTH / size[0]))
    except pixels.Unopenable:
        return None
    return image.convert("RGBA")
