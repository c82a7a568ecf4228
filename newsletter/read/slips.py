"""Broken YAML or TOML -> what its writer most likely left out: the line, a sentence, a hint.

A parser says what surprised it, often lines below the slip and in words of its own that change from version to
version. So its words are not read: the lines themselves are, the one it stopped at first, then those above it.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What is wrong in which line (from 1)."""

    line: int
    message: str
    hint: str


_Told = tuple[str, str] | None

_DOUBLE = re.compile(r'"(?:[^"\\]|\\.)*"')
_SINGLE = re.compile(r"'(?:[^']|'')*'")
_BLOCK = re.compile(r"[|>][-+0-9]{0,2}( +#.*)?")
# Longer texts are not repeated in a hint.
_SHOWN = 70


def in_yaml(source: str, stopped: int) -> Slip | None:
    """Return the slip that made a parser stop in that line of the front matter; None if the lines show none."""
    return _first(source, stopped, _yaml_line)


def in_toml(source: str, stopped: int) -> Slip | None:
    """Return the slip that made a parser stop in that line of newsletter.toml; None if the lines show none."""
    return _twice(source) or _first(source, stopped, _toml_line)


def lost_in_yaml(key: str, typed: str, rest: str) -> _Told:
    """Return what YAML would silently take away from a value: `typed` is its line, `rest` what follows it there."""
    if typed[:1] in {"&", "!"}:
        return f"a text that starts with {typed[0]} needs quotes", _write_yaml(key, typed)
    if re.match(r"(^|[ \t]+)#[^ \t#]", rest):
        lost = rest.strip()
        return f"'{_cut(lost)}' counts as a comment and would be lost", _write_yaml(key, typed)
    return None


def _first(source: str, stopped: int, told: Callable[[str], _Told]) -> Slip | None:
    lines = source.split("\n")
    stopped = min(max(stopped, 1), len(lines))
    order: Iterable[int] = (stopped, *(() if '"""' in source else range(1, stopped)))
    for number in order:
        if found := told(lines[number - 1]):
            return Slip(line=number, message=found[0], hint=found[1])
    return None


def _yaml_line(line: str) -> _Told:
    if re.match(r" *\t", line):
        return "a tab stands at the start of this line", "take it out; a list may be indented by two spaces"
    if not line.strip() or line.lstrip()[0] in "#-]}'\"":
        return None
    key, colon, rest = line.partition(":")
    if not colon:
        if line[0] == " ":
            return None
        return (
            "this line has no key with a colon",
            "write it as key: value; indent it by two spaces if it goes on with the line above",
        )
    if not re.fullmatch(r" *[A-Za-z_][A-Za-z0-9_-]*", key):
        return None
    key, value = key.strip(), rest.strip()
    if rest and rest[0] not in " \t":
        return "there is no space after the colon", f"write {key}: {_cut(value)}"
    if line[0] == " ":
        return "this line starts with a space", f"start it in the first column: {key}: {_cut(value)}"
    return _yaml_value(key, value)


def _yaml_value(key: str, value: str) -> _Told:
    first = value[:1]
    if first in {'"', "'"}:
        closed = (_DOUBLE if first == '"' else _SINGLE).match(value)
        inner = value[1:-1] if value[-1] == first and len(value) > 1 else value if first == "'" else value[1:]
        if not closed:
            return f"the quotation mark {first} is not closed", _write_yaml(key, inner)
        if re.match(r"[^#\s]|\s+[^#\s]", value[closed.end() :]):
            inner = inner if value[-1] == first else value
            return "words stand after the closing quotation mark", _write_yaml(key, inner)
        if first == '"' and re.search(r'\\[^0abtnvfre "/\\N_LPxuU]', closed[0]):
            return "a backslash has a meaning of its own between double quotes", _write_yaml(key, inner)
        return None
    if first == "[":
        if "]" not in value:
            return "this list is not closed", f"write {key}: {_cut(value)}]"
        if value.partition("]")[2].partition(" #")[0].strip():
            return "words stand after the closing bracket", _write_yaml(key, value)
        return None
    if _BLOCK.fullmatch(value):
        return None
    if first and (first in "{}],@%`*&!|>" or re.match(r"[-?]( |$)", value)):
        return f"a text that starts with {first} needs quotes", _write_yaml(key, value)
    if re.search(r":( |$)", value):
        return "a second colon confuses this line", _write_yaml(key, value)
    return None


def _toml_line(line: str) -> _Told:
    line = line.strip()
    if not line or line[0] == "#":
        return None
    if line[0] == "[":
        return _toml_header(line)
    found = re.match(r"([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)[ \t]*([=:]?)[ \t]*(.*)", line)
    if not found:
        return None
    key, sign, value = found.groups()
    if not sign:
        return "this line has no = after its key", f'write {key} = "…"'
    if sign == ":":
        return "a colon stands where = belongs", f"write {key} = {_cut(value) if _is_toml(value) else _double(value)}"
    return _toml_value(key, value)


def _toml_value(key: str, value: str) -> _Told:
    if not value:
        return f"'{key}' has no value", f'write {key} = "…", or take the line out'
    if value[0] in "“”„«‘’":
        inner = value.partition("#")[0].strip().strip("“”„«»‘’")
        return "curly quotation marks don't count here", f"write {key} = {_double(inner)}"
    if value[0] in "\"'" and not value.startswith(('"""', "'''")):
        closed = (_DOUBLE if value[0] == '"' else re.compile("'[^']*'")).match(value)
        if not closed:
            inner = value[1:].replace("'", "") if value[0] == '"' else value[1:]
            return f"the quotation mark {value[0]} is not closed", f"write {key} = {_double(inner)}"
        if value[0] == '"' and re.search(r'\\[^btnfr"\\uU]', closed[0]):
            return (
                "a backslash has a meaning of its own between double quotes",
                f"write {key} = '{_cut(closed[0][1:-1])}'",
            )
        if value[closed.end() :].partition("#")[0].strip():
            return "something stands after the value", "one key a line, and no comma at its end"
        return None
    if value[0] == "[" and "]" not in value:
        return "this list is not closed", 'write it as ["one", "two"]'
    if not _is_toml(value):
        typed = value.partition(" #")[0].strip()
        lower = typed.lower()
        return f"the value of '{key}' has no quotation marks", (
            f"write {key} = {lower if lower in {'true', 'false'} else _double(typed.rstrip(','))}"
        )
    return None


def _toml_header(line: str) -> _Told:
    inner = line.lstrip("[").partition("]")[0].partition("#")[0].strip()
    if "]" not in line:
        return "the square bracket is not closed", f"write [{_cut(inner)}]"
    if not re.fullmatch(
        r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*""", inner
    ):
        plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", inner).strip("-.")
        return f"[{_cut(inner)}] can't be a name", f"use letters, digits, - and _, for example [{_cut(plain)}]"
    return None


def _twice(source: str) -> Slip | None:
    """Return the table or key that stands twice."""
    if '"""' in source or "'''" in source:
        return None
    tables: dict[str, int] = {}
    keys: dict[tuple[str, str], int] = {}
    table = ""
    for number, line in enumerate(source.split("\n"), 1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            table = header[1].strip()
            if (first := tables.setdefault(table, number)) != number:
                return Slip(line=number, message=f"[{table}] stands twice, first in line {first}", hint="join the two")
            continue
        key = re.match(r"([A-Za-z0-9_-]+)\s*=", line)
        if key and (first := keys.setdefault((table, key[1]), number)) != number:
            told = f"'{key[1]}' stands twice, first in line {first}"
            return Slip(line=number, message=told, hint="keep one of them")
    return None


def _is_toml(value: str) -> bool:
    return bool(re.match(r"""["'\[{]|[+-]?[0-9]|(true|false|[+-]?inf|[+-]?nan)\s*(#|$)""", value))


def _write_yaml(key: str, words: str) -> str:
    """Return the advice to put the words in quotes, in those that need nothing else to change."""
    words = _cut(words)
    if '"' in words or "\\" in words:
        return "write {}: '{}'".format(key, words.replace("'", "''"))
    return f'write {key}: "{words}"'


def _double(words: str) -> str:
    return '"{}"'.format(_cut(words).strip('"').replace("\\", "\\\\").replace('"', '\\"'))


def _cut(words: str) -> str:
    return words if len(words) <= _SHOWN else words[:_SHOWN].rstrip() + " …"
