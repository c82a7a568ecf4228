"""The text of newsletter.toml -> the line of each table, key and list entry: tomllib tells values, and no lines."""

import re
import sys
import tomllib
from collections.abc import Sequence
from typing import Literal, NamedTuple

# `("publications", "network", "sections", "0")`: the names of tables and keys, and the numbers of list entries.
Path = tuple[str, ...]
# `[a.b]`, `[[a.b]]`, a key with its value, an entry of a list; and what a name only goes through: `a` of `[a.b]` is
# "above" it, `a` of the key `a.b` is "dotted".
Kind = Literal["table", "array", "key", "entry", "above", "dotted"]

# Levels of a dotted name, and of brackets in each other.
DEEPEST = 64

# TOML 1.0, as far as it tells where things begin and end. Nothing that was taken is given back.
_BASIC, _LITERAL = r'"(?!"")(?:[^"\\\n]++|\\[^\n])*+"', r"'(?!'')[^'\n]*+'"
_LONG_BASIC, _LONG_LITERAL = r'"""(?:[^"\\]++|\\.|""?(?!"))*+"{3,5}', r"'''(?:[^']++|''?(?!'))*+'{3,5}"
_PART = rf"(?:[A-Za-z0-9_-]++|{_BASIC}|{_LITERAL})"
_NAME = rf"{_PART}(?:[ \t]*+\.[ \t]*+{_PART})*+"
_KEY = re.compile(rf"({_NAME})[ \t]*+=[ \t]*+")
_HEAD = re.compile(rf"(?:\[[ \t]*+({_NAME})[ \t]*+\]|\[\[[ \t]*+({_NAME})[ \t]*+\]\])")
_DEEP_NAME = re.compile(rf"\[{{0,2}}[ \t]*+(?:{_PART}[ \t]*+\.[ \t]*+){{{DEEPEST}}}")
_EACH_PART = re.compile(_PART)
# A day and its time may have a blank between them. Python makes no number of 5,000 digits, and nobody wants 200.
MOST_DIGITS = 200
_BARE = rf"[A-Za-z0-9_+:.-]{{1,{MOST_DIGITS}}}+(?: [0-9][0-9:.+Zz-]*+)?"
_SCALAR = re.compile(rf"{_LONG_BASIC}|{_LONG_LITERAL}|{_BASIC}|{_LITERAL}|{_BARE}", re.DOTALL)
_BRACKET = re.compile(r"[\[{]")
_SPACE = re.compile(r"(?:[ \t\n]++|#[^\n]*+)*+")
_COMMA = re.compile(",")
_CLOSED = {"[": re.compile(r"\]"), "{": re.compile(r"\}")}
_REST = re.compile(r"[ \t]*+(?:#[^\n]*+)?(?:\n|\Z)")


# Which may have stood before.
_MAY_FOLLOW: dict[Kind, set[Kind]] = {
    "table": {"above"},
    "array": {"array"},
    "key": set(),
    "entry": {"entry"},
    "above": {"above", "table", "array", "dotted"},
    "dotted": {"dotted"},
}


class Stated(NamedTuple):
    """What a line (from 1) states: its path from the top, and how."""

    path: Path
    line: int
    kind: Kind


def lines(stated: Sequence[Stated]) -> dict[Path, int]:
    """Return the line (from 1) of each table, key and list entry.

    A table that others' names only go through (`a` of `[a.b]`) has the line of the first of them.
    """
    own = {name.path: name.line for name in reversed(stated) if name.kind not in {"above", "dotted"}}
    return {name.path: name.line for name in reversed(stated)} | own


def doubled(stated: Sequence[Stated], begun: int) -> tuple[Stated, Stated] | None:
    """Return the first name from line `begun` on that may not stand there, and where it stood before; None if none.

    What TOML 1.0 says about tables and keys: each stands once; `[a]` may follow `[a.b]`, but no key `a`.
    """
    before: dict[Path, Stated] = {}
    for again in stated:
        first = before.get(again.path)
        if first and again.line >= begun and first.kind not in _MAY_FOLLOW[again.kind]:
            return again, first
        if not first or first.kind in {"above", "dotted"}:
            before[again.path] = again if not first or again.kind != "above" else first
    return None


class Scan:
    """A text read statement by statement, until something stands where no TOML text has it, or lies too deep.

    With a `last` line it goes no further than the statement that this line belongs to.
    `stated` holds what the lines state, in order. What a value looks like, and whether a name stands twice, is not
    asked. `is_whole` tells whether all was read. If not, `line` is where it stopped, `begun` where that statement
    begins, and `opened` holds the bracket and line of each list and inline table in it that is not closed.
    """

    def __init__(self, source: str, last: int = sys.maxsize) -> None:
        self.source, self.last, self.at, self.line, self.begun = source, last, 0, 1, 1
        self.stated: list[Stated] = []
        self.opened: list[tuple[str, int]] = []
        self.is_whole = self._read()

    @property
    def is_deep(self) -> bool:
        """Whether it stopped at a key of far too many dots, or in brackets inside far too many others.

        tomllib weighs each part of a name with each, for minutes, and can't leave brackets that lie deep.
        """
        return not self.is_whole and (len(self.opened) > DEEPEST or bool(_DEEP_NAME.match(self.source, self.at)))

    def _read(self) -> bool:
        table: Path = ()
        # The number of the last entry of each array of tables: `[a.b]` below the second `[[a]]` is `a.1.b`.
        last: dict[Path, int] = {}
        self._take(_SPACE)
        while self.at < len(self.source) and self.line <= self.last:
            self.begun = self.line
            if _DEEP_NAME.match(self.source, self.at):
                return False
            if head := self._take(_HEAD):
                *above, name = _names(head[1] or head[2])
                table = ()
                for part in above:
                    table += (part,)
                    self._state(table, "above")
                    table += (str(last[table]),) if table in last else ()
                table += (name,)
                self._state(table, "table" if head[1] else "array")
                if head[2]:
                    last[table] = last.get(table, -1) + 1
                    table += (str(last[table]),)
                    self._state(table, "entry")
            elif not self._pair(table):
                return False
            if not self._take(_REST):
                return False
            self._take(_SPACE)
        return True

    def _pair(self, table: Path) -> bool:
        """Read a key and its value: lists and inline tables may lie in each other without end."""
        # Of each open bracket: the path of what it opens, and the number of its next entry.
        holders: list[tuple[Path, int]] = []
        path = self._key(table)
        while path:
            if bracket := self._take(_BRACKET):
                self.opened.append((bracket[0], self.line))
                holders.append((path, 0))
                if len(self.opened) > DEEPEST:
                    return False
            elif not self._take(_SCALAR):
                return False
            # What was taken is the first sign of a list or table, or an entry that a comma must follow.
            path, wants_comma = (), not bracket
            while self.opened and not path:
                self._take(_SPACE)
                comma = self._take(_COMMA) if wants_comma else None
                self._take(_SPACE)
                kind, (holder, number) = self.opened[-1][0], holders[-1]
                if self._take(_CLOSED[kind]):
                    self.opened.pop()
                    holders.pop()
                    wants_comma = True
                elif wants_comma and not comma:
                    return False
                elif kind == "[":
                    path = (*holder, str(number))
                    self._state(path, "entry")
                    holders[-1] = (holder, number + 1)
                elif not (path := self._key(holder)):
                    return False
            if not self.opened:
                return True
        return False

    def _key(self, table: Path) -> Path:
        """Read a key up to its value and return its path; () where there is none."""
        key = None if _DEEP_NAME.match(self.source, self.at) else self._take(_KEY)
        if not key:
            return ()
        *above, name = _names(key[1])
        for part in above:
            table += (part,)
            self._state(table, "dotted")
        table += (name,)
        self._state(table, "key")
        return table

    def _state(self, path: Path, kind: Kind) -> None:
        self.stated.append(Stated(path, self.line, kind))

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.source, self.at)
        if match and (end := match.end()) > self.at:
            self.line += self.source.count("\n", self.at, end)
            self.at = end
        return match


def _names(dotted: str) -> Path:
    """Return the names of a dotted key or head: `a . "b.c"` is `a`, `b.c`."""
    return tuple(map(_plain, _EACH_PART.findall(dotted)))


def _plain(part: str) -> str:
    if part[0] not in "\"'":
        return part
    if part[0] == '"' and "\\" in part:
        try:
            return str(tomllib.loads(f"name = {part}")["name"])
        except tomllib.TOMLDecodeError:
            # `"\q"`: the whole text can't be read.
            return part
    return part[1:-1]
