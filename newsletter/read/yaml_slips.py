"""Broken front matter -> what its writer most likely meant: the line, a sentence, a hint, and the line to write.

A parser says what surprised it, often lines below the slip and in words of its own that change from version to
version. So its words are not read: the lines themselves are, the one it stopped at first, then those above it.
"""

import re
from collections.abc import Callable, Collection, Iterable

from newsletter.model import Slip
from newsletter.patterns import later

# A message, a hint, and what to write instead of the line ("" where that is not sure).
_Told = tuple[str, str, str] | None

_DOUBLE = later(r'"(?:[^"\\]|\\.)*"')
_SINGLE = later(r"'(?:[^']|'')*'")
_BLOCK = later(r"[|>][-+0-9]{0,2}( +#.*)?")
_COMMENT = later(r"(?<![ \t])[ \t]++#(?:[ \t#]|$)")
# Longer texts are not repeated in a hint.
_SHOWN = 70


def in_yaml(source: str, stopped: int, keys: Collection[str] = ()) -> Slip | None:
    """Return the slip that made a parser stop in that line of the front matter; None if the lines show none.

    With the `keys` that there are, a slip says what to write `instead` where no other meaning is left.
    """
    lines = source.split("\n")
    inside = _inside(lines)

    def told(number: int) -> _Told:
        return None if number in inside else _yaml_line(lines, number, keys)

    return _git_marks(lines) or _continued(lines, stopped, keys) or _first(lines, stopped, told)


def lost_in_yaml(line: str, key: str, typed: str, rest: str) -> _Told:
    """Return what YAML would silently take away from a value.

    `typed` is the line from the value on, `rest` what stands behind what YAML takes for the value.
    """
    before = line[: len(line) - len(typed)] if line.endswith(typed) else ""
    if typed[:1] in {"&", "!"}:
        return f"a text that starts with {typed[0]} needs quotes", _write_yaml(key, typed), _instead(before, typed)
    if re.match(r"(^|[ \t]+)#[^ \t#]", rest):
        lost = rest.strip()
        message = f"'{_cut(lost)}' counts as a comment and would be lost"
        return message, _write_yaml(key, typed), _instead(before, typed)
    return None


def without_comment(value: str) -> str:
    """Return what stands before a comment."""
    return _comment(value)[0]


def git_marks(source: str) -> Slip | None:
    """Return where git has left two versions of some lines, with its marks around them; None if it has nowhere."""
    return _git_marks(source.split("\n")) if "<<<<<<<" in source or ">>>>>>>" in source else None


def quoted(words: str) -> str:
    """Return the words in those quotes that need nothing else to change."""
    if '"' in words or "\\" in words:
        return "'{}'".format(words.replace("'", "''"))
    return f'"{words}"'


def _git_marks(lines: list[str]) -> Slip | None:
    """Return the first conflict that git has left.

    `<<<<<<< HEAD`, `=======`, `>>>>>>> branch`: nobody else writes the first. Seven signs > alone are a mail quoted
    often, seven = a heading's line; one after the other they are what is left of a conflict.
    """
    begun = split = 0
    for number, line in enumerate(lines, 1):
        if re.match(r"<{7}( |$)", line):
            begun = begun or number
        elif re.fullmatch(r"={7}", line):
            split = number
        elif re.match(r">{7}( |$)", line) and (begun or split):
            return _conflict(begun or split, number)
    return _conflict(begun, 0) if begun else None


def _conflict(first: int, last: int) -> Slip:
    where = f"lines {first} to {last} hold" if last else "from here on the file holds"
    return Slip(
        line=first,
        message=f"git's conflict marks were left: {where} two versions of the same words",
        hint="keep the words that are right, and take out the lines that begin with <<<<<<<, ======= and >>>>>>>",
    )


def _first(lines: list[str], stopped: int, told: Callable[[int], _Told], *, looks_above: bool = True) -> Slip | None:
    stopped = min(max(stopped, 1), len(lines))
    order: Iterable[int] = (stopped, *(range(1, stopped) if looks_above else ()))
    for number in order:
        if slip := told(number):
            return Slip(line=number, message=slip[0], hint=slip[1], instead=slip[2])
    return None


def _continued(lines: list[str], stopped: int, keys: Collection[str]) -> Slip | None:
    """Return the slip of a text that goes on in an indented line with a colon, which YAML takes for a key there."""
    line = lines[min(stopped, len(lines)) - 1]
    if line[:1] != " " or line.lstrip().startswith("- ") or _key_of(line.lstrip()) in keys:
        return None
    number = next((number for number in range(stopped - 1, 0, -1) if lines[number - 1][:1] not in {" ", ""}), 0)
    key = _key_of(lines[number - 1]) if number else ""
    value = lines[number - 1].partition(":")[2].strip() if key in keys else ""
    instead = _rewritten(lines, number, key, value)
    message = "a second colon confuses what goes on here"
    return Slip(line=number, message=message, hint="put the whole text in quotes", instead=instead) if instead else None


def _inside(lines: list[str]) -> set[int]:
    """Return the numbers of the lines that belong to a text in lines, as below `summary: |`."""
    inside: set[int] = set()
    is_inside = False
    for number, line in enumerate(lines, 1):
        if line.strip() and line[0] not in " \t":
            is_inside = bool(_BLOCK.fullmatch(line.partition(":")[2].strip()))
        elif is_inside:
            inside.add(number)
    return inside


def _yaml_line(lines: list[str], number: int, keys: Collection[str]) -> _Told:
    line = lines[number - 1]
    bare = line.lstrip(" \t")
    if re.match(r" *\t", line):
        is_key = _key_of(bare) in keys
        instead = f"  {bare}" if bare.startswith("- ") else bare if is_key and not _is_open(lines, number) else ""
        return "a tab stands at the start of this line", "take it out; a list may be indented by two spaces", instead
    if not bare or bare[0] in "#-]}'\"":
        return None
    key, colon, rest = line.partition(":")
    if not colon:
        return _without_colon(line, keys)
    if not re.fullmatch(r" *[A-Za-z_][A-Za-z0-9_-]*", key):
        return None
    key, value = key.strip(), rest.strip()
    is_key = key in keys
    if rest and rest[0] not in " \t":
        instead = f"{key}: {value}" if is_key and line[0] != " " else ""
        return "there is no space after the colon", f"write {key}: {_cut(value)}", instead
    if line[0] == " ":
        instead = bare if is_key and not _is_open(lines, number) else ""
        hint = f"start it in the first column: {key}: {_cut(value)}"
        return "this line starts with a space", hint, instead
    slip = _yaml_value(key, value)
    if slip is None:
        return None
    return slip[0], slip[1], _rewritten(lines, number, key, slip[2]) if is_key else ""


def _without_colon(line: str, keys: Collection[str]) -> _Told:
    if line[0] == " ":
        return None
    match = re.match(r"([A-Za-z_][A-Za-z0-9_-]*)[ \t]*(=|：)[ \t]*(.*)", line)
    if match and match[1] in keys:
        key, value = match[1], match[3].strip()
        return f"{match[2]} stands where a colon belongs", f"write {key}: {_cut(value)}", f"{key}: {value}"
    return (
        "this line has no key with a colon",
        "write it as key: value; indent it by two spaces if it goes on with the line above",
        "",
    )


def _key_of(line: str) -> str:
    match = re.match(r"([A-Za-z_][A-Za-z0-9_-]*):( |$)", line)
    return match[1] if match else ""


def _is_open(lines: list[str], number: int) -> bool:
    """Tell whether the line before, or the one that it goes on with, is a key that still waits for its value."""
    above = next((line for line in reversed(lines[: number - 1]) if line.strip()), "")
    return above.rstrip().endswith(":") or above.count("[") > above.count("]")


def _rewritten(lines: list[str], number: int, key: str, value: str) -> str:
    """Return the line with its new value, and those that it goes on in; "" if these leave a doubt."""
    if not value:
        return ""
    following = []
    for line in lines[number:]:
        if not line.strip() or line[0] not in " \t":
            break
        following.append(line)
    if not following:
        return f"{key}: {value}"
    typed = lines[number - 1].partition(":")[2].strip()
    joined = "\n".join([typed, *following])
    is_plain = typed and typed[0] not in "\"'[{|>&*!" and not any(re.match(r"\s*(- |#)", line) for line in following)
    return f"{key}: {quoted(joined)}" if is_plain and " #" not in joined else ""


# What is wrong with a value, the hint, and the value to write in its place ("" where that is not sure).
def _yaml_value(key: str, value: str) -> _Told:
    first = value[:1]
    if first in {'"', "'"}:
        return _quoted_value(key, value)
    if first == "[":
        if "]" not in value:
            return "this list is not closed", f"write {key}: {_cut(value)}]", f"{value}]"
        if value.partition("]")[2].partition(" #")[0].strip():
            return "words stand after the closing bracket", _write_yaml(key, value), quoted(value)
        return None
    if _BLOCK.fullmatch(value):
        return None
    text, comment = _comment(value)
    if first and (first in "{}],@%`*&!|>" or re.match(r"[-?]( |$)", value)):
        message = f"a text that starts with {first} needs quotes"
        return message, _write_yaml(key, text), quoted(text) + comment
    if re.search(r":( |$)", value):
        return "a second colon confuses this line", _write_yaml(key, text), quoted(text) + comment
    return None


def _quoted_value(key: str, value: str) -> _Told:
    first = value[0]
    closed = (_DOUBLE if first == '"' else _SINGLE).match(value)
    inner = value[1:-1] if value[-1] == first and len(value) > 1 else value if first == "'" else value[1:]
    if not closed:
        return f"the quotation mark {first} is not closed", _write_yaml(key, inner), quoted(inner)
    if re.match(r"[^#\s]|\s+[^#\s]", value[closed.end() :]):
        # 'It's here' and "She said "yes"" are in quotes; "Yes" is no "No" and "Yes" to all begin with a quotation.
        is_around = value[-1] == first and not re.match(rf"{first}[^{first}]*[^{first}\s]{first}[\s,.;:!?]", value)
        inner = inner if is_around else value
        return "words stand after the closing quotation mark", _write_yaml(key, inner), quoted(inner)
    if first == '"' and re.search(r'\\[^0abtnvfre "/\\N_LPxuU]', closed[0]):
        message = "a backslash has a meaning of its own between double quotes"
        return message, _write_yaml(key, inner), quoted(inner) + value[closed.end() :]
    return None


def _comment(value: str) -> tuple[str, str]:
    """Return a text, and the comment behind it with the blanks before it."""
    match = _COMMENT.search(value)
    return (value[: match.start()], value[match.start() :]) if match else (value, "")


def _instead(before: str, typed: str) -> str:
    text, comment = _comment(typed)
    return f"{before}{quoted(text)}{comment}" if before else ""


def _write_yaml(key: str, words: str) -> str:
    """Return the advice to put the words in quotes."""
    return f"write {key}: {quoted(_cut(words))}"


def _cut(words: str) -> str:
    return words if len(words) <= _SHOWN else words[:_SHOWN].rstrip() + " …"
