"""HTML of a mail -> its outline: an element a line, to be read where the bytes can't be."""

import re
from typing import Any

from lxml import etree

_SHOWN = ("id", "name", "content", "lang", "dir", "role", "href", "src", "alt", "width", "aria-label", "aria-hidden")
_MOST = 72
# What takes room in an inbox's preview and shows nothing (newsletter/look/render.py).
_FILLER = re.compile("(?:\u034f\u200c\u00a0)+")


def outline(html: str) -> str:
    """Return tag, classes, some attributes and the own words of each element, indented as they lie in one another.

    Left out are styles, what only Outlook reads, and elements that say nothing and hold one element at most, such as
    the rows and cells of a table that only lays out.
    """
    root = etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8"))
    return "".join(f"{line}\n" for line in _lines(root, ""))


def _lines(node: Any, indent: str) -> list[str]:
    children = [child for child in node if isinstance(child.tag, str)]
    told = _told(node)
    says_nothing = told == node.tag and len(children) < 2 and node.tag not in {"br", "hr"}
    inner = indent if says_nothing else f"{indent} "
    lines = [line for child in children for line in _lines(child, inner)]
    return lines if says_nothing else [f"{indent}{told}", *lines]


def _told(node: Any) -> str:
    classes = "".join(f".{name}" for name in node.get("class", "").split())
    shown = {name: node.get(name) for name in _SHOWN if name in node.attrib}
    if shown.get("role") == "presentation":
        del shown["role"]
    if node.tag not in {"img", "svg"}:
        shown.pop("width", None)
    attributes = [f'{name}="{_short(value)}"' for name, value in shown.items()]
    # Words around an element in them: "Read … today".
    texts = [] if node.tag == "style" else [node.text, *(child.tail for child in node)]
    words = " … ".join(filter(None, (" ".join(_FILLER.sub("", text or "").split()) for text in texts)))
    return " ".join(filter(None, (f"{node.tag}{classes}", *attributes, f'"{_short(words)}"' if words else "")))


def _short(words: str) -> str:
    """Return the words, cut after so many characters; what can't be seen is named."""
    words = words if len(words) <= _MOST else f"{words[: _MOST - 1]}…"
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in words)
