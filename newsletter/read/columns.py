"""Words -> lines by the columns that they take: Chinese and Japanese stand in two, and have no blanks to break at."""

import unicodedata

# What begins no line, and what ends none (W3C, Requirements for Chinese Text Layout, 3.1.3, read 2026-11-26).
_NEVER_FIRST = frozenset(
    "、。，．：；！？）］｝〕〉》」』】〗〞’”…—～·ー々゛゜ヽヾゝゞぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.;:!?)]}%"
)
_NEVER_LAST = frozenset("（［｛〔〈《「『【〖〝‘“([{$#@")
# A no-break blank, a word joiner, and what stands for a blank inside of a placeholder or before a link's number.
_GLUE = frozenset("\u00a0\u202f\u2060\x00")


def cells(line: str) -> int:
    """Return how many columns of a terminal the line takes."""
    if line.isascii():
        return len(line)
    shown = [mark for mark in line if unicodedata.category(mark) not in {"Cf", "Mn", "Me"}]
    return len(shown) + sum(unicodedata.east_asian_width(mark) in "WF" for mark in shown)


def has_no_blanks(line: str) -> bool:
    """Tell whether the line holds letters of a script that has no blanks between words."""
    return not line.isascii() and any(map(_stands_alone, line))


def room(words: str) -> int:
    """Return how much of a line the words take, in Latin letters: a Chinese character is as wide as two.

    Emoji count as one there, as they always did: what fits a line in English stays as it is.
    """
    return cells(words) if has_no_blanks(words) else len(words)


def broken(line: str, width: int, first: str, rest: str) -> list[str]:
    """Return the line in lines of at most so many columns; none begins or ends with what may not stand there."""
    lines: list[str] = []
    now, is_empty = first, True
    for unit in _units(line):
        is_blank = unit == " "
        if is_blank and is_empty:
            continue
        if not is_empty and not is_blank and cells(now) + cells(unit) > width:
            lines.append(now.rstrip(" "))
            now = rest
        now += unit
        is_empty = False
    return [*lines, now.rstrip(" ")]


def _units(line: str) -> list[str]:
    """Return what no line may be broken inside of: a word, a character with its marks, a blank."""
    units: list[str] = []
    for sign in " ".join(line.split(" ")):
        before = units[-1] if units else ""
        if sign == " ":
            if before != " ":
                units.append(" ")
        elif not before or before == " ":
            units.append(sign)
        elif (
            sign in _NEVER_FIRST
            or sign in _GLUE
            or before[-1] in _GLUE
            or before[-1] in _NEVER_LAST
            or unicodedata.combining(sign)
            or not (_stands_alone(sign) or _stands_alone(before[-1]))
        ):
            units[-1] += sign
        else:
            units.append(sign)
    return units


def _stands_alone(sign: str) -> bool:
    """Tell whether a line may break on both sides: a Chinese character, a kana, a wide mark; Korean has blanks."""
    return (
        sign >= "\u2e80"
        and unicodedata.east_asian_width(sign) in "WF"
        and not "\uac00" <= sign <= "\ud7af"
        and (sign < "\U0001f000" or sign >= "\U00020000")
    )
