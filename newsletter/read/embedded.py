"""Pictures written into a Markdown file (`data:image/png;base64,…`, as Google Docs exports them) -> files to be shown.

In the words an address of a few letters stands for each, `embedded-2.png`, and in a path `plan.md#2`.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from newsletter.patterns import later
from newsletter.read import files

_DATA = later(r"data:image/(?P<kind>[a-z0-9.+-]{1,20});base64,(?P<data>[A-Za-z0-9+/=_-]*+)", re.IGNORECASE)
_BEGINS = later("data:image/", re.IGNORECASE)
_DATA_IN_BYTES = later(_DATA.pattern.encode(), re.IGNORECASE)
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_SOURCE = later(r"embedded-(?P<number>[0-9]{1,4})\.[a-z0-9]+")
_PATH = later(r"(?P<page>.+\.(?:md|markdown))#(?P<number>[0-9]{1,4})", re.IGNORECASE | re.DOTALL)


def without(markdown: str) -> str:
    """Return the words with a short address in the place of each picture, in as many lines."""
    return parted(markdown)[0]


def parted(markdown: str) -> tuple[str, tuple[str, ...]]:
    """Return the words with a short address in the place of each picture, and the addresses that hold the pictures."""
    if not _BEGINS.search(markdown):
        return markdown, ()
    whole: list[str] = []

    def address(data: re.Match[str]) -> str:
        whole.append(data[0])
        kind = re.sub(r"[^a-z0-9]", "", data["kind"].lower().partition("+")[0]) or "png"
        return f"embedded-{len(whole)}.{kind}"

    return _DATA.sub(address, markdown), tuple(whole)


def joined(markdown: str, whole: Sequence[str]) -> str:
    """Return the words as they were before `parted`."""

    def address(short: re.Match[str]) -> str:
        number = int(short["number"])
        return whole[number - 1] if 0 < number <= len(whole) else short[0]

    return _SOURCE.sub(address, markdown) if whole else markdown


def read_page(root: Path, path: str, real: str = "") -> bytes:
    """Return the bytes of a Markdown file, which may be larger than others for the pictures in it.

    Raises what files.read raises.
    """
    raw = files.read(root, path, files.DOCUMENT, real)
    if len(raw) > files.PAGE:
        words = len(raw) - sum(len(data[0]) for data in _DATA_IN_BYTES.finditer(raw))
        if words > files.PAGE:
            raise files.too_large(words, files.PAGE)
    return raw


def path_of(page: str, source: str) -> str:
    """Return the path of the picture that an address in a page's words stands for; "" if it stands for none."""
    match = _SOURCE.fullmatch(source)
    return f"{page}#{int(match['number'])}" if match else ""


def is_inside(path: str) -> bool:
    """Tell whether a path leads into a Markdown file."""
    return bool(_PATH.fullmatch(path))


def read_picture(root: Path, path: str) -> bytes:
    """Return a picture's bytes: those of a file, or those that stand in a Markdown file.

    Raises what files.read raises; FileNotFoundError too where the page holds no such picture, or none that is whole.
    """
    match = _PATH.fullmatch(path)
    if not match:
        return files.read(root, path, files.PICTURE)
    real = files.resolved(root, match["page"])
    stamp = files.stamp(real)
    pictures = _pictures_of(root, match["page"], stamp) if stamp else ()
    number = int(match["number"])
    if not 0 < number <= len(pictures):
        raise FileNotFoundError(path)
    try:
        return base64.b64decode(pictures[number - 1].translate(_URL_SAFE) + b"==")
    except binascii.Error:
        raise FileNotFoundError(path) from None


@lru_cache(1)
def _pictures_of(root: Path, page: str, stamp: files.Stamp) -> tuple[bytes, ...]:
    """Return the pictures of a page in base64: each of some dozens is asked for one after the other."""
    return tuple(data["data"] for data in _DATA_IN_BYTES.finditer(read_page(root, page)))
