"""Text of a Markdown file -> the keys of its front matter, each with its line, and the words below."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import yaml

from newsletter.errors import MOST_TOLD, Fault, Place, did_you_mean, shown
from newsletter.read import slips, values
from newsletter.read.values import Parser, Refused

try:
    # libyaml is ten times faster; wheels carry it, a source build without a compiler may not.
    from yaml import CBaseLoader as _Loader
except ImportError:  # pragma: no cover
    from yaml import BaseLoader as _Loader  # type: ignore[assignment]  # the same, slower

# Characters of front matter; and levels in it, of which keys and lists take two.
_MOST_FRONT, _DEEP = 50_000, 40
_DEEP_LINE = re.compile(r"(?:[-?][ \t]++){8}")
_FENCE = re.compile(r"(---|\.\.\.)[ \t]*\n?")


class Matter:
    """One Markdown file while it is read: its keys, its words, its faults.

    `months` and `tags` are what its faults stop (see Fault), as far as it is known by then.
    """

    def __init__(self, path: str, months: tuple[str, ...] | None = None) -> None:
        self.path, self.months = path, months
        self.tags: tuple[str, ...] | None = None
        self.nodes: dict[str, yaml.Node] = {}
        self.lines: dict[str, int] = {}
        self.faults: list[Fault] = []
        self.refused: set[str] = set()
        self.source = self.body = self.digest = ""
        self.body_line = 1

    @property
    def keys(self) -> set[str]:
        """The keys that it has."""
        return set(self.nodes)

    def refuse(self, line: int, message: str, hint: str = "") -> None:
        """Gather a fault of that line."""
        self.faults.append(Fault(place=Place(file=self.path, line=line), message=message, hint=hint))

    def refuse_key(self, key: str, message: str, hint: str = "") -> None:
        """Gather a fault of that key."""
        self.refused.add(key)
        self.refuse(self.lines.get(key, 1), message, hint)

    def is_refused(self, key: str) -> bool:
        """Tell whether the key, or the one for a single value (`chapter` for `chapters`), is at fault."""
        return bool(self.refused & {key, key.removesuffix("s")})

    def parse(self, raw: bytes, *, needs_keys: bool) -> None:
        """Read keys and words; where no keys are needed, a file may be nothing but its words."""
        self.digest = hashlib.sha256(raw).hexdigest()
        try:
            decoded = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self.refuse(line, "this is not UTF-8 text", "save the file with the encoding UTF-8")
            return
        self.source = values.clean(decoded)
        lines = self.source.split("\n")
        if lines[0].rstrip() != "---" and not needs_keys:
            self.body = self.source.strip("\n")
            self.body_line = 1 + len(self.source) - len(self.source.lstrip("\n"))
            self._refuse_long_words()
            return
        if lines[0].rstrip() != "---":
            self.refuse(1, "the front matter is missing", "start the file with a line --- and its keys")
            return
        end = next((number for number, line in enumerate(lines[1:], 1) if _FENCE.fullmatch(line)), 0)
        if not end:
            self.refuse(1, "the front matter has no end", "close it with a line ---")
            return
        body = lines[end + 1 :]
        front = "\n".join(lines[1:end]) + "\n"
        if len(front) > _MOST_FRONT:
            message = f"the front matter has {len(front):,} characters; the most is {_MOST_FRONT:,}"
            self.refuse(2, message, "the story stands below its second line ---")
            return
        blank = next((number for number, line in enumerate(body) if line.strip()), 0)
        self.body, self.body_line = "\n".join(body[blank:]).rstrip(), end + 2 + blank
        self._refuse_long_words()
        self._parse_front(front)

    def take(self, parsers: Mapping[str, Parser], kind: str) -> dict[str, Any]:
        """Return the parsed values of all keys; a key without a value counts as left out."""
        taken: dict[str, Any] = {}
        for key, node in self.nodes.items():
            if key not in parsers:
                hint = did_you_mean(key, tuple(parsers)) if len(self.faults) < MOST_TOLD else ""
                self.refuse_key(key, f"unknown key '{shown(key)}' in {kind}", hint)
                continue
            try:
                value = _plain(node)
                if isinstance(value, list) and f"{key}s" in parsers:
                    raise Refused("one is wanted, not a list", f"write {key}s: [{shown(', '.join(value[:20]))}]")
                if value != "":
                    taken[key] = parsers[key](value)
            except Refused as refused:
                self.refuse_key(key, f"{key}: {refused.message}", refused.hint)
        return taken

    def _refuse_long_words(self) -> None:
        """Refuse words that nobody reads to their end, and that it would take minutes to set."""
        if len(self.body) <= values.MOST_WORDS:
            return
        message = f"the words have {len(self.body):,} characters; the most is {values.MOST_WORDS:,}"
        data = re.search(r"data:image/", self.body)
        line = self.body_line + self.body.count("\n", 0, data.start()) if data else 0
        hint = "a picture is written into them (data:): put the file beside the item" if data else "split it in two"
        self.refuse(line, message, hint)

    def _parse_front(self, source: str) -> None:
        try:
            if _is_nested(source):
                self.refuse(2, "the front matter holds lists inside lists", "one key a line: title: What happened")
                return
            node = yaml.compose(source, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            stopped = mark.line + 1 if mark else 1
            if slip := slips.in_yaml(source, stopped):
                self.refuse(slip.line + 1, slip.message, slip.hint)
            else:
                self.refuse(
                    stopped + 1, f"this is not valid YAML: {error.problem}", "one key a line: title: What happened"
                )
            return
        except (yaml.YAMLError, RecursionError):
            self.refuse(2, "the front matter is not valid YAML", "one key a line: title: What happened")
            return
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            self.refuse(node.start_mark.line + 2, "the front matter has no keys", "write them as title: What happened")
            return
        lines = source.split("\n")
        for key, value in node.value:
            line = key.start_mark.line + 2
            if not isinstance(key, yaml.ScalarNode):
                self.refuse(line, "a key must be one word", "write it as title: What happened")
            elif key.value in self.nodes:
                first = self.lines[key.value]
                self.refuse(line, f"'{shown(key.value)}' stands twice, first in line {first}", "keep one of them")
            else:
                self.nodes[key.value], self.lines[key.value] = value, line
                self._check_lost(lines, key, value)

    def _check_lost(self, lines: list[str], key: yaml.ScalarNode, value: yaml.Node) -> None:
        """Refuse a value of which YAML would keep a part only."""
        if isinstance(value, yaml.ScalarNode) and (not value.style or not value.value):
            typed = lines[key.end_mark.line][key.end_mark.column :].lstrip(": \t")
            rest = lines[value.end_mark.line][value.end_mark.column :]
            if lost := slips.lost_in_yaml(key.value, typed, rest):
                self.refuse_key(key.value, *lost)


def _is_nested(source: str) -> bool:
    """Tell whether the YAML is nested far deeper than any key wants it.

    libyaml's tree is made by a function that calls itself: some 10,000 brackets end the whole program. Its events
    come one after the other; they are asked for only where so many levels can be.
    """
    if source.count("[") + source.count("{") < _DEEP and " " * _DEEP not in source and not _DEEP_LINE.search(source):
        return False
    depth = 0
    for event in yaml.parse(source, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEP:
            return True
    return False


def _plain(node: yaml.Node) -> Any:
    """Return a scalar's text, or a list of them."""
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        if all(isinstance(entry, yaml.ScalarNode) for entry in node.value):
            return [entry.value for entry in node.value]
        raise Refused("a list of texts is wanted", "write it as [one, two]; quote texts with colons or brackets")
    raise Refused("one text is wanted, not a table", "put a text with a colon or braces in quotes")
