"""Files that nobody reads, though somebody put them where items lie, or items where nobody looks -> remarks."""

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from newsletter.errors import Fault, Place
from newsletter.model import Remark
from newsletter.read import files
from newsletter.read.pages import months_of_folder

# What a picture's file ends in, of formats too that a mail can't show: who refers to one of these is told there.
_PICTURES = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".heic", ".heif", ".avif"),
        *(".bmp", ".svg", ".tif", ".tiff", ".ico", ".psd", ".ai", ".eps", ".raw", ".dng"),
    }
)
# What systems and programs leave behind, where a file's name says so: Windows, macOS, Office, editors.
_LEFT_BEHIND = re.compile(
    r"\..*|thumbs\.db|desktop\.ini|icon\r|~\$.*|.*~|#.*#|.*\.(?:swp|tmp|crdownload|part)", re.DOTALL
)
_ABOUT = re.compile(r"(?:readme|license|licence|contributing|changelog|makefile)(?:\..*)?")
# Folders beside issues/ in which somebody may have put items.
_LIKE_ISSUES = re.compile(r"items?|issues?|stor(?:y|ies)|articles?|posts?|drafts?|\d{4}-\d{2}")
# Files looked at in one of them.
_MOST_LOOKED_AT = 1_000
_WORD_PROCESSORS = {".docx", ".doc", ".odt", ".rtf", ".pages", ".gdoc", ".html", ".htm", ".pdf", ".eml", ".msg"}


def is_about_items(name: str) -> bool:
    """Tell whether a file below issues/ is neither picture nor hidden, so that somebody may take it for an item."""
    plain = name.casefold()
    return not (_LEFT_BEHIND.fullmatch(plain) or _ABOUT.fullmatch(plain) or _ending(plain) in _PICTURES)


def no_item(path: str) -> Remark:
    """Return the remark on a file that is no item, of a format that nobody reads."""
    name = path.rpartition("/")[2]
    ending = _ending(name.casefold())
    if ending in _WORD_PROCESSORS:
        hint = "copy its words into a text file whose name ends in .md, below its front matter"
    elif ending in {"", ".txt", ".text"}:
        hint = "an item's name ends in .md, and its first line is ---; what is none may lie elsewhere"
    else:
        hint = "put it elsewhere: below issues/ lie items, front pages and pictures"
    fault = Fault(
        place=Place(file=files.utf8(path)),
        message="is no item, so no issue shows what is in it",
        hint=hint,
        months=months_of_folder(path),
    )
    return Remark(slug="no-item", fault=fault)


def beside_issues(root: Path) -> Iterator[Remark]:
    """Yield a remark on each folder or file beside issues/ that holds items: nobody reads them there."""
    try:
        with os.scandir(root) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        name = files.utf8(entry.name)
        if entry.is_dir(follow_symlinks=False):
            like = _LIKE_ISSUES.fullmatch(name.casefold())
            if like and not _is_issues(root, entry) and _holds_items(root, entry.name):
                hint = "move what is in it to issues/2024-09/items/, under the month that it is for"
                fault = Fault(
                    place=Place(file=f"{name}/"), message="lies beside issues/: its items are not read", hint=hint
                )
                yield Remark(slug="no-item", fault=fault)
        elif name.endswith(".md") and not _ABOUT.fullmatch(name.casefold()) and _is_item(root, entry.name):
            hint = "move it to issues/2024-09/items/, under the month that it is for"
            fault = Fault(place=Place(file=name), message="is an item, and is not read outside issues/", hint=hint)
            yield Remark(slug="no-item", fault=fault)


def _is_issues(root: Path, entry: "os.DirEntry[str]") -> bool:
    """Tell whether that is the folder of the items itself, which some systems find as Issues too."""
    if entry.name == "issues":
        return True
    try:
        return entry.name.casefold() == "issues" and entry.stat().st_ino == (root / "issues").stat().st_ino
    except OSError:
        return False


def _holds_items(root: Path, folder: str) -> bool:
    def enters(path: str, link: str) -> bool:
        return not link and not path.rpartition("/")[2].startswith(".")

    walk = files.walk(root, folder, lambda path, error: None, enters)
    for path, real in islice(walk, _MOST_LOOKED_AT):
        if path.lower().endswith((".md", ".markdown")) and _is_item(root, path, real):
            return True
    return False


def _is_item(root: Path, path: str, real: str = "") -> bool:
    """Tell whether a file begins with front matter that has an item's keys."""
    try:
        with files.opened(root, path, files.PAGE, real) as file:
            head = file.read(4_000).removeprefix(b"\xef\xbb\xbf")
    except (OSError, files.Unreadable):
        return False
    return head.startswith(b"---") and bool(re.search(rb"^(?:chapters?|section):", head, re.MULTILINE))


def _ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f".{ending}" if stem and dot else ""
