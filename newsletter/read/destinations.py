"""A line of Markdown -> the same line with its links' and pictures' addresses so that blanks do not end them.

    ![A map](our map.jpg)                    ![A map](<our map.jpg>)
    [Call us](tel:+1 555 123 4567)           [Call us](<tel:+1 555 123 4567>)

CommonMark ends an address at a blank, and shows the whole as it was typed. What becomes of the blanks, values.address
says.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from newsletter.patterns import later

_SIGNS = later(r"[][`\\]")
_TICKS = later(r"`+")
_TITLE = later(r"""(?<![ \t])[ \t]++(?:"[^"]*"|'[^']*')[ \t]*$""")
_SCHEME = later(r"(?:[A-Za-z][A-Za-z0-9+.-]{1,30}:|www\.)[^\s]", re.IGNORECASE)
_PHONE = later(r"((?:tel|sms|smsto|fax|callto):)\s+", re.IGNORECASE)
_PICTURE = later(r"[^\s].*\.(?:jpe?g|jpe|jfif|png|gif|webp|heic|heif|avif|bmp|svg|tiff?)", re.IGNORECASE)
# Longer addresses hold no blanks that somebody typed; and to look for their end would take a while.
_LONGEST = 500


def unbroken(line: str) -> str:
    """Return the line with every address that has blanks in angle brackets.

    What can't be meant as an address, `[1](see there)`, stays.
    """
    if "](" not in line:
        return line
    pieces = []
    at = 0
    for start, end, address in _addresses(line):
        pieces += [line[at:start], address]
        at = end
    return "".join(pieces) + line[at:]


def _addresses(line: str) -> Iterator[tuple[int, int, str]]:
    """Yield where an address with blanks stands in the line, and what is to stand there."""
    code = _code(line)
    opened: list[int] = []
    at = 0
    while match := _SIGNS.search(line, at):
        at, sign = match.start(), match[0]
        if sign == "\\":
            at += 1
        elif sign == "`" and at in code:
            at = code[at] - 1
        elif sign == "[":
            opened.append(at)
        elif sign == "]" and opened:
            begin = opened.pop()
            is_picture = line[max(0, begin - 1) : begin] == "!"
            if line.startswith("(", at + 1):
                end = _closing(line, at + 2)
                typed, address = _unbroken(line[at + 2 : end], is_picture=is_picture)
                if address:
                    yield at + 2, at + 2 + len(typed), address
                at = max(at, end - 1)
        at += 1


def _unbroken(inside: str, *, is_picture: bool) -> tuple[str, str]:
    """Return what stands in the brackets before a title, and what is to stand there; "" where it may stay."""
    title = _TITLE.search(inside)
    typed = inside[: title.start()] if title else inside
    address = typed.strip(" \t\u00a0")
    if not re.search(r"\s", address) or "<" in address or ">" in address:
        return typed, ""
    address = _PHONE.sub(r"\1", address)
    is_meant = _SCHEME.match(address) or (is_picture and _PICTURE.fullmatch(address))
    return typed, f"<{address}>" if is_meant else ""


def _code(line: str) -> dict[int, int]:
    """Return the stretches of code in the line by where each begins: nothing in there is a link."""
    runs: dict[int, list[int]] = {}
    for run in _TICKS.finditer(line):
        runs.setdefault(len(run[0]), []).append(run.start())
    # A stretch ends at the next run of as many signs.
    return {start: end + size for size, starts in runs.items() for start, end in pairwise(starts)}


def _closing(line: str, at: int) -> int:
    """Return where the bracket is closed that was opened before `at`; `at` itself if it is not."""
    depth = 1
    for number in range(at, min(len(line), at + _LONGEST)):
        depth += (line[number] == "(") - (line[number] == ")")
        if not depth:
            return number
    return at
