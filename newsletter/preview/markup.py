"""HTML of a built issue -> a small tree of what a reader sees: hidden parts are marked, comments and heads are gone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from newsletter import printable

_UNSEEN = frozenset({"script", "style", "template", "title", "noscript"})
_STYLE = re.compile(r"\s*([a-z-]+)\s*:\s*([^;]+)")


@dataclass(slots=True)
class Node:
    """An element: its tag, its attributes, and its children in order (elements and words)."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Node | str]" = field(default_factory=list)

    @property
    def classes(self) -> frozenset[str]:
        """The names in its class attribute."""
        return frozenset(self.attributes.get("class", "").split())

    @property
    def is_hidden(self) -> bool:
        """Whether its inline style takes it out of sight."""
        return self.style("display") == "none"

    def style(self, name: str) -> str:
        """Return a property of the inline style, or nothing."""
        inline = self.attributes.get("style", "")
        if name not in inline:
            return ""
        stated = (_STYLE.match(declaration) for declaration in inline.split(";"))
        return next((match[2].strip() for match in stated if match and match[1] == name), "")

    def walk(self) -> "Iterator[Node]":
        """Yield the element and all elements in it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def words(self) -> str:
        """Return all words in it, white space as it stands."""
        return "".join(child if isinstance(child, str) else child.words() for child in self.children)


def read(page: str) -> Node:
    """Return the body of a page; never raises, whatever the page holds."""
    # The build has imported it already, for its checks; a parser of its own would cost a preview another tenth.
    from lxml import etree

    # huge_tree: without it libxml2 silently drops all below 254 nested elements or after 10 MB.
    parser = etree.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        tree = etree.fromstring(page, parser)
    except etree.ParserError:
        # An empty page.
        tree = None
    body = tree.find("body") if tree is not None else None
    return Node("body") if body is None else _node(body)


def _node(element: Any) -> Node:
    node = Node(str(element.tag), {str(name): _clean(value) for name, value in element.attrib.items()})
    if element.text:
        node.children.append(_clean(element.text))
    for child in element:
        if child.tag not in _UNSEEN:
            node.children.append(_node(child))
        if child.tail:
            node.children.append(_clean(child.tail))
    return node


def _clean(words: str) -> str:
    # A template's character reference (&#27;) would speak to the terminal. What is laid out must know the width of what
    # stands in its place; white space counts as one blank.
    return printable.lines(words.replace("\r", "\n").replace("\f", "\n"))
