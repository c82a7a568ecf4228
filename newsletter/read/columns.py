"""Words -> lines by the columns that they take: Chinese and Japanese stand in two, and have no blanks to break at."""

import re
import unicodedata

# What begins no line, and what ends none (W3C, Requirements for Chinese Text Layout, 3.1.3, read 2026-11-26).
_NEVER_FIRST = frozenset(
    "、。，．：；！？）］｝〕〉》」』】〗〞’”…—～·ー々゛゜ヽヾゝゞぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.;:!?)]}%"
)
_NEVER_LAST = frozenset("（［｛〔〈《「『【〖〝‘“([{$#@")
# A no-break blank, a word joiner, and what stands for a blank inside of a placeholder or before a link's number.
_GLUE = frozenset("\u00a0\u202f\u2060\x00")
# Chinese characters, kana and the wide marks between them; Korean has blanks, and emoji are no words. Most texts hold
# none, and the pattern takes long to compile: it is compiled when it is first asked.
NO_BLANKS = (
    "[\u2e80-\u303e\u3041-\u312f\u3190-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6\U00020000-\U0003fffd]"
)
_FIRST_OF_THEM = "\u2e80"


def cells(line: str) -> int:
    """Return how many columns of a terminal the line takes."""
    if line.isascii():
        return len(line)
    shown = [mark for mark in line if unicodedata.category(mark) not in {"Cf", "Mn", "Me"}]
    return len(shown) + sum(unicodedata.east_asian_width(mark) in "WF" for mark in shown)


def has_no_blanks(line: str) -> bool:
    """Tell whether the line holds letters of a script that has no blanks between words."""
    return not line.isascii() and max(line) >= _FIRST_OF_THEM and re.search(NO_BLANKS, line) is not None


def room(words: str) -> int:
    """Return how much of a line the words take, in Latin letters: a Chinese character is as wide as two.

    Emoji count as one there, as they always did: what fits a line in English stays as it is.
    """
    return cells(words) if has_no_blanks(words) else len(words)


def broken(line: str, width: int, first: str, rest: str) -> list[str]:
    """Return the line in lines of at most so many columns; none begins or ends with what may not stand there."""
    lines: list[str] = []
    now: list[str] = []
    lead, taken = first, cells(first)
    for unit in _units(line):
        if unit == " " and not now:
            continue
        needed = cells(unit)
        if now and unit != " " and taken + needed > width:
            lines.append((lead + "".join(now)).rstrip(" "))
            now, lead, taken = [], rest, cells(rest)
        now.append(unit)
        taken += needed
    return [*lines, (lead + "".join(now)).rstrip(" ")]


def _units(line: str) -> list[str]:
    """Return what no line may be broken inside of: a word, a character with its marks, a blank."""
    units: list[list[str]] = []
    before = ""
    for sign in line:
        if sign == " ":
            if before != " ":
                units.append([" "])
        elif before in {"", " "} or not (
            sign in _NEVER_FIRST
            or sign in _GLUE
            or before in _GLUE
            or before in _NEVER_LAST
            or unicodedata.combining(sign)
            or not (has_no_blanks(sign) or has_no_blanks(before))
        ):
            units.append([sign])
        else:
            units[-1].append(sign)
        before = sign
    return list(map("".join, units))
