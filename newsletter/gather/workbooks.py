"""Bytes of an .xlsx -> its sheets, row by row, each cell as somebody would type it (ECMA-376, part 1, 18).

No library: openpyxl had its last release in June 2024, and python-calamine 0.9.1 ends the whole program at a cell in
the last corner of a sheet, for it makes room for all before it (both looked at 2026-11-26). What a table of stories
needs of the format is little: words, numbers, days, the value that a formula had when the file was saved.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from posixpath import join, normpath
from typing import Any

from msgspec import Struct

from newsletter.gather import archives
from newsletter.gather.archives import Unpackable

# Rows and columns of a sheet that are looked at, and letters of one cell (Excel's own most).
MOST_ROWS, _MOST_COLUMNS, _MOST_LETTERS = 20_000, 200, 32_767
# Bytes of a sheet, which is read cell by cell (rows without end that somebody coloured, or merged), and of what is read
# as a whole.
_MOST_XML, _MOST_WHOLE = 100_000_000, 10_000_000
# Cells that get the words of those that they are merged with.
_MOST_FILLED = 200_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
# Formats of numbers that are days or times without saying so in letters (18.8.30).
_DAYS = {*range(14, 18), 22, *range(27, 37), *range(50, 59)}
_TIMES = {18, 19, 20, 21, 45, 46, 47}
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\[\]]*\]', re.IGNORECASE)


class Sheet(Struct, frozen=True, kw_only=True):
    """A sheet: its name, its rows by their numbers, the links behind cells, and how many rows were not looked at."""

    name: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    links: Mapping[tuple[int, int], str]
    left: int = 0


class _Book(Struct, frozen=True, kw_only=True):
    strings: tuple[str, ...]
    # By the number of a style, what it makes of a number: `day`, `time`, `moment`, `percent`, or nothing.
    styles: tuple[str, ...]
    begins_1904: bool


def sheets(raw: bytes) -> list[Sheet]:
    """Return the sheets that are not hidden, in their order; raises Unpackable for what is no workbook."""
    members = archives.members(raw, lambda name: name.startswith("xl/") and name.endswith((".xml", ".rels")), _MOST_XML)
    try:
        return list(_sheets(members))
    except (KeyError, ValueError, IndexError, OverflowError) as error:
        if isinstance(error, Unpackable):
            raise
        raise Unpackable("is no workbook that can be read") from None


def _sheets(members: Mapping[str, bytes]) -> Iterator[Sheet]:
    from lxml import etree

    try:
        workbook = _root(members["xl/workbook.xml"])
        targets = _targets(members, "xl/workbook.xml")
        properties = next(_iter(workbook, "workbookPr"), None)
        book = _Book(
            strings=_strings(members),
            styles=_styles(members),
            begins_1904=properties is not None and properties.get("date1904") in {"1", "true"},
        )
        for sheet in _iter(workbook, "sheet"):
            reference = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
            path = targets.get(reference, "")
            if sheet.get("state", "visible") == "visible" and path in members:
                yield _sheet(sheet.get("name", ""), path, members, book)
    except etree.XMLSyntaxError:
        raise Unpackable("is no workbook that can be read") from None


def _sheet(name: str, path: str, members: Mapping[str, bytes], book: _Book) -> Sheet:
    rows: dict[int, dict[int, str]] = {}
    merged: list[str] = []
    addresses: list[tuple[str, str]] = []
    number = left = 0
    for node in _read(members[path]):
        tag = _bare(node.tag)
        if tag == "row":
            stated = node.get("r", "")
            number = int(stated) if re.fullmatch("[1-9][0-9]{0,6}", stated) else number + 1
            cells = dict(_cells(node, book))
            if len(rows) >= MOST_ROWS:
                left += bool(cells)
            elif cells:
                rows[number] = cells
            _forget(node)
        elif tag == "mergeCell" and len(merged) < MOST_ROWS:
            merged.append(node.get("ref", ""))
        elif tag == "hyperlink" and len(addresses) < MOST_ROWS:
            reference = next((value for key, value in node.attrib.items() if key.endswith("}id")), "")
            addresses.append((node.get("ref", ""), reference))
    filled = 0
    for area in merged:
        filled += _fill(rows, area, _MOST_FILLED - filled)
    targets = _targets(members, path, outside=True) if addresses else {}
    links = {at: targets[reference] for cell, reference in addresses if reference in targets and (at := _at(cell))}
    wide = 1 + max((column for cells in rows.values() for column in cells), default=0)
    listed = tuple((row, tuple(cells.get(column, "") for column in range(wide))) for row, cells in sorted(rows.items()))
    return Sheet(name=name, rows=listed, links=links, left=left)


def _cells(row: Any, book: _Book) -> Iterator[tuple[int, str]]:
    """Yield the cells of a row that hold something, by their columns from 0."""
    column = -1
    for cell in row:
        if _bare(cell.tag) != "c":
            continue
        at = _at(cell.get("r", ""))
        column = at[1] if at else column + 1
        if column < _MOST_COLUMNS and (words := _value(cell, book).strip()):
            yield column, words[:_MOST_LETTERS]


def _value(cell: Any, book: _Book) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(next(_iter(cell, "is"), cell))
    value = next((node.text or "" for node in cell if _bare(node.tag) == "v"), "")
    if kind == "s":
        return book.strings[int(value)] if value.isdecimal() and int(value) < len(book.strings) else ""
    if kind == "b":
        return {"1": "true", "0": "false"}.get(value, "")
    if kind == "e":
        # What a formula says that went wrong: #REF!
        return ""
    if kind in {"str", "d"} or not value:
        return value
    style = cell.get("s", "")
    look = book.styles[int(style)] if style.isdecimal() and int(style) < len(book.styles) else ""
    return _number(value, look, begins_1904=book.begins_1904)


def _number(typed: str, look: str, *, begins_1904: bool) -> str:
    """Return a number as it is shown: a day as `2031-05-12`, with its time if it has one; 3.0 as `3`."""
    try:
        number = float(typed)
    except ValueError:
        return typed
    if look in {"day", "time", "moment"} and 0 <= number < 2_958_466:
        # Excel takes 1900 for a leap year: day 60 never was (18.17.4.1).
        begin = datetime(1904, 1, 1) if begins_1904 else datetime(1899, 12, 30 if number >= 61 else 31)
        at = begin + timedelta(seconds=round(number * 86_400))
        if number < 1:
            return f"{at:%H:%M}" if look != "day" else ""
        return f"{at.date()}" if look == "day" or (at.hour, at.minute) == (0, 0) else f"{at.date()} {at:%H:%M}"
    if look == "percent":
        return f"{number * 100:.10g}%"
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else f"{number:.10g}"


def _strings(members: Mapping[str, bytes]) -> tuple[str, ...]:
    path = next((name for name in members if name.lower() == "xl/sharedstrings.xml"), "")
    strings = []
    for node in _read(members[path]) if path else ():
        if _bare(node.tag) == "si":
            strings.append(_text(node))
            _forget(node)
    return tuple(strings)


def _text(node: Any) -> str:
    """Return the words of a cell, without how they are spoken in Japanese."""
    parts = (
        part.text or ""
        for part in node.iter()
        if isinstance(part.tag, str) and _bare(part.tag) == "t" and _bare(part.getparent().tag) != "rPh"
    )
    # `_x000D_` is a letter that XML can't hold (22.9.2.19).
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda code: chr(int(code[1], 16)), "".join(parts))


def _styles(members: Mapping[str, bytes]) -> tuple[str, ...]:
    if "xl/styles.xml" not in members:
        return ()
    root = _root(members["xl/styles.xml"])
    formats = {node.get("numFmtId", ""): node.get("formatCode", "") for node in _iter(root, "numFmt")}
    of_cells = next(_iter(root, "cellXfs"), ())
    return tuple(_look(node.get("numFmtId", "0"), formats) for node in of_cells)


def _look(number: str, formats: Mapping[str, str]) -> str:
    if number not in formats:
        code = int(number) if number.isdecimal() else 0
        if code in {9, 10}:
            return "percent"
        return "moment" if code == 22 else "day" if code in _DAYS else "time" if code in _TIMES else ""
    letters = _QUOTED.sub("", formats[number].partition(";")[0]).lower()
    if "%" in letters:
        return "percent"
    has_time, has_day = bool(re.search("[hs]", letters)), bool(re.search("[yd]", letters))
    # `mmm` alone is a month.
    has_day = has_day or ("m" in letters and not has_time)
    return "moment" if has_time and has_day else "day" if has_day else "time" if has_time else ""


def _fill(rows: dict[int, dict[int, str]], area: str, most: int) -> int:
    """Write the words of merged cells into each of them: a chapter's name beside all of its rows. Return how many."""
    first, _, last = area.partition(":")
    begin, end = _at(first), _at(last)
    if not begin or not end or not (words := rows.get(begin[0], {}).get(begin[1], "")):
        return 0
    filled = 0
    for row in range(begin[0], min(end[0], begin[0] + most) + 1):
        for column in range(begin[1], min(end[1], _MOST_COLUMNS - 1) + 1):
            filled += 1
            if filled > most:
                return filled
            if row in rows:
                rows[row].setdefault(column, words)
    return filled


def _at(reference: str) -> tuple[int, int] | None:
    """Return row (from 1) and column (from 0) of `B3`."""
    match = _CELL.fullmatch(reference.partition(":")[0])
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column - 1


def _targets(members: Mapping[str, bytes], path: str, *, outside: bool = False) -> dict[str, str]:
    """Return what a part of the workbook refers to, by the names that it has for it."""
    folder, _, name = path.rpartition("/")
    related = members.get(f"{folder}/_rels/{name}.rels")
    if not related:
        return {}
    found = {}
    for node in _root(related):
        target, is_outside = node.get("Target", ""), node.get("TargetMode") == "External"
        if is_outside == outside:
            inside = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
            found[node.get("Id", "")] = target if outside else inside
    return found


def _read(content: bytes) -> Iterator[Any]:
    """Yield each element once it has ended."""
    from lxml import etree

    events = etree.iterparse(
        BytesIO(content), events=("end",), resolve_entities=False, no_network=True, remove_comments=True
    )
    yield from (node for _, node in events)


def _forget(node: Any) -> None:
    """Let go of an element that was read, and of those before it."""
    node.clear()
    while node.getprevious() is not None:
        del node.getparent()[0]


def _root(content: bytes) -> Any:
    from lxml import etree

    if len(content) > _MOST_WHOLE:
        raise Unpackable("holds more styles or links than can be read")
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))


def _iter(node: Any, tag: str) -> Iterator[Any]:
    yield from node.iter(_MAIN + tag, _STRICT + tag)


def _bare(tag: Any) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
