"""Words as people type and paste them -> Markdown that means what they look like.

Line by line, and no line more or fewer: what is found in a line later is told at that line.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from newsletter.patterns import later
from newsletter.read.destinations import unbroken

# What stands before the words of a line: blanks, and the signs of the quotes that it lies in.
_LEAD = later(r"[ \t]*(?:>[ \t]*)*")
_FENCE = later(r"[ \t>]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?(`{3,}|~{3,})")
# `##Heading`; a single # begins a hashtag. The blank that a Mac makes with Alt+space is none to the parser.
_HEADING = later(r"#{2,6}(?=[^\s#])|#{1,6}(?=\u00a0)")
_HEADING_ID = later(r"(?<![ \t])[ \t]*+\{#[\w.:-]+\}[ \t]*\Z")
# Signs that begin a point and nothing else; those of Word's fonts for symbols; and what Word pastes for the second
# and third level: `o`, `§`, a gap behind it.
_BULLET = later(
    r"(?:[•●○▪▫■◦‣⁃∙➢➤❖◆◇\uf0b7\uf0a7\uf0d8\uf0fc\uf076]\s*+|·\s++|[o§](?:\t|\u00a0|[ ]{2,}+)\s*+)(?=[^\s•●○▪▫■◦‣⁃∙·])"
)
# Signs that begin a point if the lines beside them do so too: a minus, a dash, an arrow alone may mean anything.
_IN_A_ROW = later(r"-(?=[^\W\d_]|[\"'“‘*_\[(`])|–[ \t\u00a0]*(?=\S)|[►▶▸→➔][ \t\u00a0]*(?=\S)|\*(?=[^\s*][^*]*$)")
_NUMBERED = later(r"([0-9]{1,3})[.)](?=[^\W\d_]|[\"'“‘*_\[(])")
_POINT = later(r"[-*+][ \t]")
# Before a point word processors put blanks that hold words together, to indent it.
_INDENTED_POINT = later(r"[\u00a0 \t]{1,40}(?=[-*+•●○▪▫■◦‣⁃∙·➢➤❖o§][ \t\u00a0]|[•●]|[0-9]{1,3}[.)][ \t])")
# `2024. That was`: a year begins a sentence.
_YEAR = later(r"[0-9]{4,9}(?=[.)](?:\s|$))")
_LETTERED = later(r"([A-Za-z]|[ivx]{1,5}|[IVX]{1,5})[.)][ \t\u00a0]+(?=\S)")
# A line drawn with signs that draw none in Markdown; `~~~~~` would open code, to the end of the words.
_RULE = later(r"(?:[—–─━═⸻]{3,}|~{5,}|={4,})[ \t]*$")
# What Word puts around words that are copied as a web page.
_WORDS_OWN = later(r"</?o:p\s*/?>|<!\[(?:if\b[^\]<>\n]{0,80}|endif)\]>")
# Lines between a lettered point and the next: the rest of its words.
_APART = 6


class Meant(Struct, frozen=True, kw_only=True):
    """Markdown, and how the points of lettered lists are counted (`a.`, `A)`, `i.`) by their lines."""

    markdown: str
    letters: Mapping[int, str]


def meant(typed: str) -> Meant:
    """Return the words as Markdown; code and what lies in it stays as it was typed."""
    lines = (_WORDS_OWN.sub("", typed) if "<o:p" in typed or "<![" in typed else typed).split("\n")
    letters: dict[int, str] = {}
    for first, last in _outside_code(lines):
        lines[first:last] = map(unbroken, lines[first:last])
        _mend(lines, first, last)
        _count(lines, first, last, letters)
    return Meant(markdown="\n".join(lines), letters=letters)


def _outside_code(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of lines that are no code: first, and the one behind the last."""
    first = 0
    fence = ""
    for number, line in enumerate(lines):
        match = _FENCE.match(line) if "``" in line or "~~" in line else None
        if not match or (not fence and _RULE.match(line, match.start(1))):
            continue
        if not fence:
            yield first, number
            fence = match[1]
        elif match[1].startswith(fence) and not line[match.end() :].strip():
            fence, first = "", number + 1
    if not fence:
        yield first, len(lines)


def _mend(lines: list[str], first: int, last: int) -> None:
    # The sign that the line before began with, and where: a blank line between two points ends nothing.
    sign, at = "", -9
    for number in range(first, last):
        line = lines[number]
        begin = _begin(line)
        rest = line[begin:]
        if not rest.strip():
            # A blank that holds words together (Alt+space) makes a line look empty, and is a word to the parser.
            lines[number] = line[:begin].rstrip()
            continue
        if rest[0].isalpha() and rest[0] != "o":
            continue
        if rest[0] == "\u00a0" and (point := _INDENTED_POINT.match(rest)):
            rest = rest[point.end() :]
            lines[number] = f"{line[:begin]}{rest}"
        if rest[0] == "#" and rest.rstrip().endswith("}"):
            # Google Docs: `### Our plan {#our-plan}`.
            rest = _HEADING_ID.sub("", rest)
            lines[number] = f"{line[:begin]}{rest}"
        if heading := _HEADING.match(rest):
            words = rest[heading.end() :].lstrip(" \t\u00a0")
            lines[number] = f"{line[:begin]}{heading[0]} {words}"
        elif year := _YEAR.match(rest):
            lines[number] = f"{line[:begin]}{year[0]}\\{rest[year.end() :]}"
        elif bullet := _BULLET.match(rest):
            lines[number] = f"{line[:begin]}- {rest[bullet.end() :]}"
        elif _RULE.match(rest) and not (rest[0] == "=" and number > first and lines[number - 1].strip(" \t>")):
            lines[number] = f"{line[:begin]}***"
        elif rest[0] == "o":
            is_second = sign == "o" and number - at <= 2
            if not rest.startswith("o ") or not (is_second or _begins_o(lines, number, first, last)):
                continue
            lines[number] = f"{line[:begin]}- {rest[2:].lstrip()}"
            sign, at = "o", number
        elif match := _IN_A_ROW.match(rest):
            is_second = sign == rest[0] and number - at <= 2
            is_announced = rest[0] == "-" and _announces(lines, number, first)
            if is_second or is_announced or _follows(lines, number, last, rest[0]):
                lines[number] = f"{line[:begin]}- {rest[match.end() :]}"
            sign, at = rest[0], number
        elif match := _NUMBERED.match(rest):
            before, after = _beside(lines, number, first, last)
            if any(beside and abs(int(beside[1]) - int(match[1])) == 1 for beside in (before, after)):
                lines[number] = f"{line[:begin]}{rest[: match.end()]} {rest[match.end() :]}"
        elif _POINT.match(rest):
            sign, at = rest[0], number


def _begin(line: str) -> int:
    match = _LEAD.match(line)
    return match.end() if match else 0


def _follows(lines: Sequence[str], number: int, last: int, sign: str) -> bool:
    """Tell whether the next line with words begins with the same sign."""
    for line in lines[number + 1 : min(number + 3, last)]:
        if rest := line[_begin(line) :]:
            return rest[0] == sign and bool(_IN_A_ROW.match(rest) or _POINT.match(rest))
    return False


def _begins_o(lines: Sequence[str], number: int, first: int, last: int) -> bool:
    """Tell whether a line with `o ` is the first of several points, as Word pastes those of the second level.

    In Spanish and Portuguese `o` is a word; a line that it begins by chance goes on with the one above.
    """
    above = lines[number - 1].strip() if number > first else ""
    is_begun = not above or above.endswith(":") or bool(_POINT.match(lines[number - 1], _begin(lines[number - 1])))
    below = lines[number + 1] if number + 1 < last else ""
    return is_begun and below[_begin(below) :].startswith("o ")


def _announces(lines: Sequence[str], number: int, first: int) -> bool:
    """Tell whether the last line with words ends in a colon."""
    before = next((line for line in reversed(lines[max(first, number - 2) : number]) if line.strip()), "")
    return before.rstrip(" \t*_").endswith(":")


_ANY_NUMBER = later(r"([0-9]{1,3})[.)]")


def _beside(lines: Sequence[str], number: int, first: int, last: int) -> tuple[re.Match[str] | None, ...]:
    """Return the numbers that the nearest lines with words begin with, before and after."""
    above = next((line for line in reversed(lines[max(first, number - 2) : number]) if line.strip()), "")
    below = next((line for line in lines[number + 1 : min(number + 3, last)] if line.strip()), "")
    return _ANY_NUMBER.match(above, _begin(above)), _ANY_NUMBER.match(below, _begin(below))


def _count(lines: list[str], first: int, last: int, letters: dict[int, str]) -> None:
    """Write numbers in the place of letters that count points: `a.`, `b.`, from the first one on."""
    # By how far they are indented: how the points are counted, how many there are, and the line of the last one.
    begun: dict[int, tuple[str, int, int]] = {}
    for number in range(first, last):
        line = lines[number]
        begin = _begin(line)
        match = _LETTERED.match(line, begin)
        if not match:
            continue
        kind, count, before = begun.get(begin, ("", 0, number))
        if not kind or number - before > _APART or match[1] != _names(kind)[count]:
            count = 0
            kind = _kind(lines, number, last, match[1]) if match[1] in {"a", "A", "i", "I"} else ""
        if kind:
            sign = match[0].rstrip()[-1]
            letters[number] = f"{kind}{sign}"
            # With the other sign than was typed: else the points would go on with a list of numbers above them.
            lines[number] = f"{line[:begin]}{count + 1}{'.' if sign == ')' else ')'} {line[match.end() :]}"
            begun[begin] = kind if count + 1 < len(_names(kind)) else "", count + 1, number


def _kind(lines: Sequence[str], number: int, last: int, name: str) -> str:
    """Return the name if the point that comes next in that way of counting follows, else nothing."""
    for line in lines[number + 1 : min(number + 1 + _APART, last)]:
        match = _LETTERED.match(line, _begin(line))
        if match and match[1] == _names(name)[1]:
            return name
    return ""


@lru_cache(4)
def _names(kind: str) -> tuple[str, ...]:
    """Return what points are called that are counted from `a`, `A`, `i` or `I`."""
    if kind.lower() == "a":
        return tuple(chr(ord(kind) + number) for number in range(26))
    roman = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")
    return tuple(numeral.upper() if kind == "I" else numeral for numeral in roman)


def counted(number: int, kind: str) -> str:
    """Return what a point is called: 2 is `2`, or `b`, `B`, `ii`, `II`."""
    names = _names(kind) if kind else ()
    return names[number - 1] if 0 < number <= len(names) else str(number)
