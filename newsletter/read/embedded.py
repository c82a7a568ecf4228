"""Pictures written into a Markdown file (`data:image/png;base64,…`, as Google Docs exports them) -> files to be shown.

In the words an address of a few letters stands for each, `embedded-2.png`, and in a path `plan.md#2`.
"""

import base64
import binascii
import re
from pathlib import Path

from newsletter.read import files

_DATA = re.compile(r"data:image/(?P<kind>[a-z0-9.+-]{1,20});base64,(?P<data>[A-Za-z0-9+/=_-]*+)", re.IGNORECASE)
_SOURCE = re.compile(r"embedded-(?P<number>[0-9]{1,4})\.[a-z0-9]+")
_PATH = re.compile(r"(?P<page>.+\.(?:md|markdown))#(?P<number>[0-9]{1,4})", re.IGNORECASE | re.DOTALL)


def without(markdown: str) -> str:
    """Return the words with a short address in the place of each picture, in as many lines."""
    if "data:image/" not in markdown.lower():
        return markdown
    count = 0

    def address(data: re.Match[str]) -> str:
        nonlocal count
        count += 1
        kind = re.sub(r"[^a-z0-9]", "", data["kind"].lower().partition("+")[0]) or "png"
        return f"embedded-{count}.{kind}"

    return _DATA.sub(address, markdown)


def path_of(page: str, source: str) -> str:
    """Return the path of the picture that an address in a page's words stands for; "" if it stands for none."""
    found = _SOURCE.fullmatch(source)
    return f"{page}#{int(found['number'])}" if found else ""


def is_inside(path: str) -> bool:
    """Tell whether a path leads into a Markdown file."""
    return bool(_PATH.fullmatch(path))


def read_picture(root: Path, path: str) -> bytes:
    """Return a picture's bytes: those of a file, or those that stand in a Markdown file.

    Raises what files.read raises; FileNotFoundError too where the page holds no such picture, or none that is whole.
    """
    found = _PATH.fullmatch(path)
    if not found:
        return files.read(root, path, files.PICTURE)
    page = files.read(root, found["page"], files.PAGE).decode("utf-8-sig", "replace")
    for number, data in enumerate(_DATA.finditer(page), 1):
        if number == int(found["number"]):
            try:
                return base64.b64decode(data["data"].translate({ord("-"): "+", ord("_"): "/"}) + "==")
            except binascii.Error:
                break
    raise FileNotFoundError(path)
