"""Broken TOML -> what its writer most likely left out: the line, a sentence, a hint.

A parser says what surprised it, often lines below the slip and in words of its own that change from version to
version. So its words are not read: the lines themselves are, the one it stopped at first, then those above it.
"""

import re

from newsletter.errors import shown
from newsletter.model import Slip
from newsletter.read import toml
from newsletter.read.yaml_slips import git_marks

_Told = tuple[str, str] | None

_DOUBLE = re.compile(r'"(?:[^"\\]|\\.)*"')
_SINGLE = re.compile(r"'(?:[^']|'')*'")
_BLOCK = re.compile(r"[|>][-+0-9]{0,2}( +#.*)?")
# A TOML key without quotation marks; numbers, days, times and truths as TOML writes them.
_TOML_KEY = r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*"
_NUMBER = (
    r"[+-]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?|[+-]?(?:inf|nan)|true|false"
    r"|0x[0-9A-Fa-f_]+|0o[0-7_]+|0b[01_]+"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?)?"
    r"|[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
)
_CURLY = "“”„«»‘’"
_A_LIST = 'write it as ["one", "two"]'
_NOT_CLOSED = ("this list is not closed", _A_LIST)
# Longer texts are not repeated in a hint.
_SHOWN = 70


def in_toml(source: str, stopped: int) -> Slip:
    """Return the slip that made a parser stop in that line of newsletter.toml."""
    if marks := git_marks(source):
        return marks
    lines = source.split("\n")
    stopped = min(max(stopped, 1), len(lines))
    # All above the statement that it stopped in is sound.
    scan = toml.Scan(source, stopped)
    # Of a text without an end, a parser tells the end of the file.
    line = stopped if scan.is_whole else scan.line
    told = _toml_sign(lines[line - 1])
    if not told and (twice := toml.doubled(scan.stated, scan.begun)):
        line, told = twice[0].line, _twice(*twice)
    if not told and not scan.is_whole and (quotes := scan.source[scan.at : scan.at + 3]) in {'"""', "'''"}:
        told = f"the text that {quotes} opens here has no end", f"write {quotes} behind its last word"
    if not told and scan.opened:
        line, told = _toml_brackets(scan, lines, line)
    if not told and scan.begun < line:
        line, told = _toml_lines(scan, lines, line)
    told = told or _toml_line(lines[line - 1])
    message, hint = told or ("this line is not valid TOML", 'one key a line, texts in double quotes: name = "…"')
    return Slip(line=line, message=message, hint=hint, instead=_written(hint, lines[line - 1]))


def _written(hint: str, line: str) -> str:
    """Return the line that a hint says to write, with the comment behind it; "" where it takes judgement."""
    match = re.fullmatch(r'write ((?:"[^"]+"|[A-Za-z0-9_.-]+) = .+|\[[^\[\]]+\])', hint)
    if not match or "…" in match[1]:
        return ""
    comment = re.search(r"(?<![ \t])[ \t]++#[ \t].*$", line)
    behind = comment[0] if comment and comment[0].strip() not in match[1] else ""
    return f"{line[: len(line) - len(line.lstrip())]}{match[1]}{behind}"


def _toml_sign(line: str) -> _Told:
    """Return which sign belongs into no line, or into none outside a text."""
    if mark := re.match(r"(<{7}|={7}|>{7}|\|{7})(?: |$)", line):
        # One alone; of whole conflicts git_marks knows more.
        return f"'{mark[1]}' is a mark that git left where two versions meet", "keep one version, and delete the marks"
    if "\r" in line:
        return "the lines of this file end in CR, as those of old Macs did", "save it anew, with line ends LF"
    if sign := re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line):
        return f"an invisible control character (U+{ord(sign[0]):04X}) stands in this line", "write the line anew"
    bare = _DOUBLE.sub("", re.sub("'[^']*'", "", line.partition("#")[0]))
    if sign := re.search(r"[^\S \t]|[\u200b-\u200f\u2060\ufeff]", bare):
        return (
            f"a blank that only looks like one (U+{ord(sign[0]):04X}) stands in this line",
            "put a plain blank in its place, outside the quotation marks",
        )
    return None


def _twice(again: toml.Stated, first: toml.Stated) -> tuple[str, str]:
    """Return what to say of a table or key that stood before."""
    name = ".".join(again.path)
    if again.kind in {"table", "array"}:
        return f"[{shown(name)}] stands twice, first in line {first.line}", "join the two"
    if again.kind == "key":
        return f"'{shown(again.path[-1])}' stands twice, first in line {first.line}", "keep one of them"
    # `social = "x"`, and then `[organization.social.more]` or `social.Bluesky = "…"`.
    return (
        f"'{shown(name)}' can't have keys: line {first.line} says already what it is",
        "keep one of the two lines",
    )


def _toml_brackets(scan: toml.Scan, lines: list[str], stopped: int) -> tuple[int, _Told]:
    """Return the line and the slip where a list or an inline table is not closed yet."""
    bracket, opened = scan.opened[-1]
    line = lines[stopped - 1].strip()
    if bracket == "{":
        if opened < stopped:
            return opened, ("a table in braces stands in one line", "write it in one line, or as a [table] of its own")
        return opened, ("this table in braces can't be read", 'write it as { one = "…", two = "…" }')
    if opened == stopped:
        return stopped, _toml_list(line.partition("[")[2], is_closed="]" in line)
    # Below an open list: an entry, or what its missing bracket swallowed.
    if not line or line[0] == "[" or re.match(rf"{_TOML_KEY}\s*[=:]", line):
        return opened, _NOT_CLOSED
    return stopped, _toml_list(line, is_closed=True) or ("a comma is missing before this entry", _A_LIST)


def _toml_lines(scan: toml.Scan, lines: list[str], stopped: int) -> tuple[int, _Told]:
    """Return the line and the slip where a statement goes over lines, and all its brackets are closed."""
    quotes = next((quotes for quotes in ('"""', "'''") if quotes in lines[scan.begun - 1]), "")
    if not quotes:
        return stopped, _toml_list(lines[stopped - 1].strip(), is_closed=True)
    if scan.is_whole:
        return stopped, ("a backslash has a meaning of its own in this text", f"write two of them, or ''' for {quotes}")
    return scan.begun, (
        f"the text that {quotes} opens here ends in line {stopped}, and something stands behind it there",
        f"a text of several lines has {quotes} at its begin and its end, a text of one line a single mark",
    )


def _toml_line(line: str) -> _Told:
    line = line.strip()
    if not line or line[0] == "#":
        return None
    if line[0] == "[":
        return _toml_header(line)
    if line[0] == "=":
        return "there is no key before the =", f"write name {_cut(line)}"
    if line[0] in "\"'" and not re.match("\"[^\"]*\"|'[^']*'", line):
        return f"the quotation mark {line[0]} is not closed", 'put the key in quotes, or the value: key = "…"'
    match = re.match(rf"({_TOML_KEY})[ \t]*([=:]?)[ \t]*(.*)", line)
    if not match:
        return None
    key, sign, value = match.groups()
    if not sign and not line.strip("-"):
        return None
    if not sign:
        blanks = re.match(r"([^\s=:\"']+(?:[ \t]+[^\s=:\"']+)*)[ \t]*[=:]", line)
        if blanks and not re.fullmatch(_TOML_KEY, blanks[1]):
            message = f"the key '{_cut(blanks[1])}' has other signs than a to z, 0 to 9, - and _"
            return message, f'put it in double quotes: "{_cut(blanks[1])}" = …'
        return "this line has no = after its key", f'write {key} = "…"'
    if sign == ":":
        return "a colon stands where = belongs", f"write {key} = {_cut(value) if _is_toml(value) else _double(value)}"
    return _toml_value(key, value)


def _toml_value(key: str, value: str) -> _Told:
    if not value or re.match("#(?: |$)", value):
        return f"'{key}' has no value", f'write {key} = "…", or take the line out'
    if value[0] in _CURLY:
        # “#1D5C63”: only behind its end a # begins a comment.
        closed = re.match(f"[{_CURLY}]+([^{_CURLY}]*)[{_CURLY}]", value)
        inner = closed[1] if closed else value.partition(" #")[0].strip().strip(_CURLY)
        return "curly quotation marks don't count here", f"write {key} = {_double(inner)}"
    if value.startswith('"""') and re.search(r'\\[^btnfr"\\]', value):
        return "a backslash has a meaning of its own in this text", "write two of them, or ''' for \"\"\""
    if value[0] in "\"'" and not value.startswith(('"""', "'''")):
        closed = (_DOUBLE if value[0] == '"' else re.compile("'[^']*'")).match(value)
        if not closed:
            inner = value[1:].replace("'", "") if value[0] == '"' else value[1:]
            return f"the quotation mark {value[0]} is not closed", f"write {key} = {_double(inner)}"
        if value[0] == '"' and re.search(r'\\[^btnfr"\\]', closed[0]):
            return (
                "a backslash has a meaning of its own between double quotes",
                f"write {key} = '{_cut(closed[0][1:-1])}'",
            )
        if value[closed.end() :].partition("#")[0].strip():
            other = "'" if value[0] == '"' else '"'
            if value[-1] == value[0] and other not in value and "=" not in value:
                message = f"the text of '{key}' has quotation marks of the kind that it stands in"
                return message, f"write {key} = {other}{_cut(value[1:-1])}{other}"
            return "something stands after the value", "one key a line, and no comma at its end"
        return None
    if value[0] == "[":
        return _toml_list(value[1:], is_closed="]" in value)
    if value[0] == "{" and "}" not in value:
        return "a table in braces stands in one line", "write it in one line, or as a [table] of its own"
    if value[0] == "{":
        return "this table in braces can't be read", 'write it as { one = "…", two = "…" }'
    typed = value.partition(" #")[0].strip()
    if told := _toml_digits(typed):
        return told
    if (first := typed.split(None, 1))[1:] and _is_toml(first[0]):
        return "something stands after the value", "one key a line, and no comma at its end"
    if _is_toml(typed):
        return f"'{_cut(typed)}' is no day, no time and no number", "put it in double quotes, if it is a text"
    lower = typed.lower()
    return f"the value of '{key}' has no quotation marks", (
        f"write {key} = {lower if lower in {'true', 'false'} else _double(typed.rstrip(','))}"
    )


def _toml_digits(bare: str) -> _Told:
    if digits := re.search(rf"[0-9_]{{{toml.MOST_DIGITS},}}", bare):
        return f"this number has {len(digits[0]):,} digits", "put it in double quotes, if it is a text"
    return None


def _toml_list(entries: str, *, is_closed: bool) -> _Told:
    """Return what is wrong with the entries of a list, as far as one line shows them."""
    if entries.lstrip("[ \t,")[:1] in {*_CURLY}:
        return "curly quotation marks don't count here", _A_LIST
    bare = re.sub("'[^']*'", '""', _DOUBLE.sub('""', entries)).partition("#")[0]
    if told := _toml_digits(bare):
        return told
    if "{" in bare or "}" in bare:
        return "this table in braces can't be read", 'write it as { one = "…", two = "…" }'
    if re.search(r"\\[^btnfr\"\\]", "".join(_DOUBLE.findall(entries))):
        return "a backslash has a meaning of its own between double quotes", "write the text in single quotes"
    if re.search(r"""(?<!")"(?!")|'""", bare):
        return "a quotation mark in this list is not closed", _A_LIST
    if re.search(r'"[ \t]*"(?!,)', bare.replace('""', '"')):
        return "a comma is missing in this list", _A_LIST
    if re.search(r",[ \t]*,|^[ \t]*,", bare):
        return "a comma too many stands in this list", _A_LIST
    for word in re.split(r"[,\[\]]", bare):
        if (typed := word.strip()) and not _is_toml(typed) and typed[0] not in '"{':
            return f"'{_cut(typed)}' has no quotation marks", _A_LIST
    if not is_closed:
        return _NOT_CLOSED
    if bare.rpartition("]")[2].strip() and "]" in bare:
        return "something stands after the value", "one key a line, and no comma at its end"
    return None


def _toml_header(line: str) -> _Told:
    inner = line.lstrip("[").partition("]")[0].partition("#")[0].strip()
    if "]" not in line:
        return "the square bracket is not closed", f"write [{_cut(inner)}]"
    if not re.fullmatch(
        r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*""", inner
    ):
        plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", inner).strip("-.")
        return (
            f"[{_cut(inner)}] can't be a name",
            f"use letters, digits, - and _, for example [{_cut(plain or 'name')}]",
        )
    if line.partition("]")[2].partition("#")[0].strip(" \t]"):
        return f"something stands behind [{_cut(inner)}]", "write its keys below it, one a line"
    if line.startswith("[[") != ("]]" in line):
        return "one bracket opens or closes this line, and two do the other", f"write [{_cut(inner)}]"
    return None


def _is_toml(value: str) -> bool:
    """Tell whether a value is a number, a day, a time, a truth, or begins as a text, a list or a table does."""
    return value[:1] in {*"\"'[{"} or bool(re.fullmatch(_NUMBER, value.partition("#")[0].strip()))


def _double(words: str) -> str:
    return '"{}"'.format(_cut(words).strip('"').replace("\\", "\\\\").replace('"', '\\"'))


def _cut(words: str) -> str:
    return words if len(words) <= _SHOWN else words[:_SHOWN].rstrip() + " …"
