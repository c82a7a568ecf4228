"""Colour arithmetic on `#RRGGBB`: what is legible on what.

Contrast is the ratio of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio); AA asks 4.5 for text.
"""

AA = 4.5


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


def legible(colour: str, background: str) -> str:
    """Return the colour, moved towards black or white only as far as it takes to be read on the background."""
    towards = text_on(background)
    for step in range(21):
        moved = mix(towards, colour, step / 20)
        if contrast(moved, background) >= AA:
            return moved
    return towards


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (value / 255 for value in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
