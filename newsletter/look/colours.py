"""Colour arithmetic on `#RRGGBB`: what is legible on what.

Contrast is the ratio of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio); AA asks 4.5 for text.
"""

import colorsys
from functools import lru_cache

from newsletter.model import Theme

AA = 4.5
# The pairs of some hundred themes: each asks for the same ones in every issue.
_KEPT = 4096


@lru_cache(_KEPT)
def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_on(background: str) -> str:
    """Return black or white, whichever is easier to read on the background."""
    black, white = "#000000", "#FFFFFF"
    return white if contrast(white, background) >= contrast(black, background) else black


def mix(one: str, other: str, share: float) -> str:
    """Return `share` (0 to 1) of one colour mixed with the rest of the other."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02X}" for a, b in pairs)


@lru_cache(_KEPT)
def legible(colour: str, background: str) -> str:
    """Return the colour, made darker or lighter only as far as it takes to be read on the background.

    Its hue stays, and as much of its strength as there is: mixing it with white would leave it chalky.
    """
    hue, lightness, strength = colorsys.rgb_to_hls(*(channel / 255 for channel in _channels(colour)))
    towards = 1.0 if text_on(background) == "#FFFFFF" else 0.0
    for step in range(40):
        moved = colorsys.hls_to_rgb(hue, lightness + (towards - lightness) * step / 40, strength)
        shown = "#" + "".join(f"{round(channel * 255):02X}" for channel in moved)
        if contrast(shown, background) >= AA:
            return shown
    return text_on(background)


def in_theme(theme: Theme, accent: str) -> dict[str, str]:
    """Return the theme's colours with those that follow from the accent, each legible where it is used."""
    values = {name: getattr(theme, name) for name in theme.__struct_fields__}
    # A dark accent would sink into dark paper: buttons, panels and lines wear a lightened one there.
    light = legible(accent, theme.dark_paper)
    tint, dark_tint = mix(accent, theme.paper, 0.09), mix(light, theme.dark_paper, 0.16)
    dark_link = legible(light, dark_tint)
    return values | {
        "accent": accent,
        "on_accent": text_on(accent),
        "link": legible(legible(accent, theme.paper), tint),
        "tint": tint,
        "soft": legible(legible(theme.soft, theme.paper), tint),
        "soft_canvas": legible(theme.soft, theme.canvas),
        "canvas_link": legible(accent, theme.canvas),
        "dark_link": dark_link,
        "dark_on": text_on(dark_link),
        "dark_tint": dark_tint,
        "dark_soft": legible(legible(theme.dark_soft, theme.dark_paper), dark_tint),
        "dark_soft_canvas": legible(theme.dark_soft, theme.dark_canvas),
        "dark_canvas_link": legible(accent, theme.dark_canvas),
    }


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (value / 255 for value in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
