"""A style sheet in which Gelasio stands in for Georgia, whose letters are as wide: Linux has none."""

import base64
import sys
from pathlib import Path

FILES = Path(__file__).resolve().parent.parent / "tests/referees/node_modules/@fontsource/gelasio/files"


def style_sheet() -> str:
    """Return the style sheet, the fonts within it."""
    if not FILES.exists():
        sys.exit("Gelasio is not installed: npm ci --prefix tests/referees")
    return "".join(
        f"@font-face{{font-family:Georgia;font-weight:{weight};font-style:{style};"
        f"src:url(data:font/woff2;base64,{base64.b64encode(font.read_bytes()).decode()})}}"
        for weight in (400, 700)
        for style in ("normal", "italic")
        for font in [FILES / f"gelasio-latin-{weight}-{style}.woff2"]
    )
