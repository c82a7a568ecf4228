"""A newsroom's files -> what was imported before: by `from`, the file that it is, and how its source was then."""

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from newsletter.read import fields, files
from newsletter.read.front_matter import Matter

_FROM = re.compile(rb"^from[ \t]*:", re.MULTILINE)
_DIGEST = re.compile(r"^# imported as ([0-9a-f]{12})\b", re.MULTILINE)


class Known(Struct, frozen=True, kw_only=True):
    """An item that was imported: its path, and the digest of its source at that time ("" if somebody took it out)."""

    path: str
    digest: str


def mark(digest: str) -> str:
    """Return the comment of front matter that keeps the digest of an item's source."""
    return f"# imported as {digest} (tells whether the source changed; it may be deleted)"


def known(root: Path) -> Mapping[str, Known]:
    """Return the items of all months that say where they came from, those that are at fault too."""
    found: dict[str, Known] = {}
    walked = files.walk(root, "issues", lambda path, error: None, lambda path, link: not link)
    for path, real in walked:
        if not path.lower().endswith((".md", ".markdown")) or not real:
            continue
        try:
            content = files.read(root, path, files.PAGE, real)
        except (OSError, files.Unreadable):
            continue
        if not _FROM.search(content):
            continue
        matter = Matter(files.utf8(path), None, fields.KEYS, fields.WORDS)
        matter.parse(content, needs_keys=True)
        node = matter.nodes.get("from")
        if node is not None and isinstance(node.value, str) and node.value:
            digest = _DIGEST.search(matter.source)
            found.setdefault(node.value, Known(path=files.utf8(path), digest=digest[1] if digest else ""))
    return found
