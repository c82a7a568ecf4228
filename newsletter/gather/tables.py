"""A spreadsheet (CSV, XLSX) -> clippings: a row is an item, a column what its header is usually called for."""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from importlib.resources import files as resources

from msgspec import Struct

from newsletter.errors import ContentError, Fault, Place, shown
from newsletter.gather import workbooks
from newsletter.gather.archives import Unpackable
from newsletter.gather.clipping import Asked, Clipping, Gathered, Shot, named
from newsletter.gather.sources import Source, letters
from newsletter.read import dates, values
from newsletter.read.files import utf8

# Rows above the header that are looked at: a title, an empty line, who keeps the table.
_ABOVE = 15
# Letters of a cell, lines that one may go over, columns.
_MOST_LETTERS, _MOST_LINES, _MOST_COLUMNS = 100_000, 1_000, 200
_SEPARATORS = ",;\t|"
_NUMBERS = re.compile(r"\s*(\d{1,2})([/.-])(\d{1,2})\2(?:\d{4}|\d\d)\b")
# Where there is one of these, the day of a row is that of an event; else it is when a story appeared.
_OF_EVENTS = {"time", "starts", "ends", "end_day", "end_time", "location", "rsvp"}
# What the title is called where the month stands first in dates.
_ENGLISH = re.compile(r"(?:story |event )?(?:titles?|name|story|event|subject|topic|what|headline)", re.IGNORECASE)
_AS_TYPED = ("title", "headline", "chapters", "section", "link", "link_label", "image_alt", "image_credit")
_MORE_AS_TYPED = ("image_caption", "source", "author", "timezone", "location", "rsvp", "summary", "language", "order")


class _Table(Struct, frozen=True, kw_only=True):
    """A sheet below its header: the key of each column ("" for none), the headers, the rows, and links in cells."""

    name: str
    keys: tuple[str, ...]
    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    links: Mapping[tuple[int, int], str]


def clippings(source: Source, asked: Asked) -> Gathered:
    """Return the rows of a spreadsheet; raises ContentError where nothing says what its columns are."""
    remarks: list[str] = []
    if source.kind == "workbook":
        try:
            sheets = workbooks.sheets(source.content)
        except Unpackable as refused:
            raise _fault(source.place(), refused.message, refused.hint) from None
    else:
        words, remark = letters(source)
        if remark:
            remarks.append(f"{source.name} {remark}")
        sheets = [workbooks.Sheet(name="", rows=tuple(_rows(source, words)), links={})]
    faults: list[Fault] = []
    made: list[Clipping] = []
    has_several = sum(bool(sheet.rows) for sheet in sheets) > 1
    for sheet in sheets:
        name = f"{source.name} ({utf8(sheet.name)})" if has_several else source.name
        if sheet.left:
            remarks.append(f"{name}: {sheet.left:,} rows below row {sheet.rows[-1][0]:,} were not looked at")
        if not sheet.rows:
            continue
        table = _table(name, sheet)
        if not table:
            faults.append(_no_header(name, sheet))
            continue
        if unknown := [header for key, header in zip(table.keys, table.headers, strict=True) if header and not key]:
            listed = ", ".join(f"'{shown(header, 40)}'" for header in unknown[:20])
            kept = "kept as a comment in each draft"
            remarks.append(f"{name}: no key of an item for the column {listed}: {kept}")
        about = f"{source.name}#{named(sheet.name)}/" if has_several else f"{source.name}#"
        made += _clippings(table, about, source, asked, remarks)
    if not made and not faults:
        faults.append(Fault(place=source.place(), message="holds no row below its header", hint="fill in a row"))
    if not made:
        raise ContentError(faults)
    # A second sheet of notes is no fault.
    remarks += [f"{fault.place}: {fault.message}: left" for fault in faults]
    return Gathered(clippings=tuple(made), remarks=tuple(remarks))


def _fault(place: Place, message: str, hint: str) -> ContentError:
    return ContentError([Fault(place=place, message=message, hint=hint)])


def _rows(source: Source, words: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the rows of a CSV with the lines that they begin in."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").split("\n")
    first = 0
    separator = ""
    # Excel's own first line: `sep=;`.
    if match := re.fullmatch(r"\"?sep=(.)\"?", lines[0].strip("\ufeff"), re.IGNORECASE):
        separator, first = match[1], 1
    separator = separator or _separator(lines)
    csv.field_size_limit(_MOST_LETTERS)
    reader = csv.reader((f"{line}\n" for line in lines[first:]), delimiter=separator)
    begun = first + 1
    count = 0
    try:
        for row in reader:
            ended = first + reader.line_num
            if ended - begun > _MOST_LINES:
                raise csv.Error
            cells = tuple(values.clean(cell).strip() for cell in row[:_MOST_COLUMNS])
            if any(cells):
                count += 1
                if count > workbooks.MOST_ROWS:
                    message = f"has more than {workbooks.MOST_ROWS:,} rows"
                    raise _fault(source.place(begun), message, "split it, and import what is new")
                if ended >= len(lines) - 1 and _is_open(lines[begun - 1 : ended], separator):
                    raise csv.Error
                yield begun, cells
            begun = ended + 1
    except csv.Error:
        message = "a cell that begins in this row has no end: its closing quotation mark is missing"
        raise _fault(source.place(begun), message, 'close it with ", or save the table anew as CSV') from None


def _is_open(lines: Sequence[str], separator: str) -> bool:
    """Tell whether the last row of a table ends within quotes: all lines up to the end are in its last cell."""
    try:
        list(csv.reader((f"{line}\n" for line in lines), delimiter=separator, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _separator(lines: Sequence[str]) -> str:
    """Return what stands between the cells: what the first lines have most alike."""
    sample = [re.sub(r'"[^"]*"', "", line) for line in lines[:200] if line.strip()][:20]
    if not sample:
        return ","
    weights = {}
    for sign in _SEPARATORS:
        known = max((len({_key(cell) for cell in line.split(sign)} - {""}) for line in sample[:_ABOVE]), default=0)
        counts = Counter(line.count(sign) for line in sample)
        most, times = counts.most_common(1)[0]
        weights[sign] = (known, times if most else 0, most)
    return max(_SEPARATORS, key=lambda sign: weights[sign])


@lru_cache(1)
def _names() -> Mapping[str, str]:
    import tomllib

    table = tomllib.loads((resources("newsletter.gather") / "headers.toml").read_text("utf-8"))
    names = {_plain(name): key for key, listed in table.items() for name in listed}
    return names | {_plain(key): key for key in table}


def _plain(header: str) -> str:
    """Return a header in small letters, without accents and signs."""
    letters = unicodedata.normalize("NFKD", header.casefold().replace("đ", "d").replace("ı", "i"))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())


def _key(header: str) -> str:
    """Return the key of an item that a column is for; "" if it is for none."""
    if len(header) > 80:
        return ""
    names = _names()
    # `Date (MM/DD)`, `Title *`, `Foto / photo`.
    for words in (header, re.sub(r"\([^)]*\)|\[[^\]]*\]|[*:?].*$", " ", header), *re.split(r"[/|]", header)):
        if key := names.get(_plain(words)):
            return key
    return ""


def _table(name: str, sheet: workbooks.Sheet) -> _Table | None:
    """Return the table below its header: the row of the first ones in which most cells are called like a column."""
    scored = [
        (len({_key(cell) for cell in cells} - {""}), -at) for at, (_, cells) in enumerate(sheet.rows[: _ABOVE + 1])
    ]
    known, at = max(scored)
    headers = sheet.rows[-at][1]
    typed = [_key(header) for header in headers]
    if not known or not {"title", "words", "link", "headline"} & {*typed}:
        return None
    # Of two columns for one key the first is taken, and the other listed.
    keys = [key if key and key not in typed[:column] else "" for column, key in enumerate(typed)]
    rows = tuple(row for row in sheet.rows[1 - at :] if row[1] != headers)
    return _Table(name=name, keys=tuple(keys), headers=headers, rows=rows, links=sheet.links)


def _no_header(name: str, sheet: workbooks.Sheet) -> Fault:
    line, cells = sheet.rows[0]
    listed = ", ".join(f"'{shown(cell, 30)}'" for cell in cells if cell)
    return Fault(
        place=Place(file=name, line=line),
        message=f"no row says which column is the title (this one says {shown(listed, 120)})",
        hint="call the columns title, chapter, month, section, text, link, date, time, place in the first row",
    )


def _clippings(table: _Table, about: str, source: Source, asked: Asked, remarks: list[str]) -> Iterator[Clipping]:
    day_first = _is_day_first(table, asked, remarks)
    is_of_events = bool(_OF_EVENTS & {*table.keys})
    seen: Counter[str] = Counter()
    for line, cells in table.rows:
        padded = (*cells, *[""] * (len(table.keys) - len(cells)))
        row = {key: cell for key, cell in zip(table.keys, padded, strict=False) if key and cell}
        notes = [
            f"{header or f'column {column + 1}'}: {cell}"
            for column, (key, header, cell) in enumerate(
                zip(table.keys, (*table.headers, *[""] * len(cells)), padded, strict=False)
            )
            if cell and not key
        ]
        notes += [
            f"column {column + 1}: {cell}" for column, cell in enumerate(cells) if column >= len(table.keys) and cell
        ]
        if not row:
            continue
        for column, key in enumerate(table.keys):
            if (line, column) in table.links and "link" not in row and key in {"title", "words", "headline"}:
                row["link"] = table.links[line, column]
            elif (line, column) in table.links and key in {"link", "rsvp", "image"}:
                row[key] = table.links[line, column]
        typed = {key: row[key] for key in (*_AS_TYPED, *_MORE_AS_TYPED) if key in row}
        typed |= _dated(row, asked, day_first=day_first, is_event=is_of_events)
        known = row.get("id") or "-".join(
            filter(
                None,
                (
                    named(row.get("title") or row.get("headline") or row.get("words", "")[:60]),
                    typed.get("starts", "")[:10],
                ),
            )
        )
        seen[known] += 1
        number = f"-{seen[known]}" if seen[known] > 1 else ""
        lead = Shot(source=row["image"], alt=row.get("image_alt", ""), folder=source.folder) if "image" in row else None
        yield Clipping(
            place=Place(file=table.name, line=line),
            made_from=f"{about}{known}{number}",
            values=typed | ({"image": row["image"]} if "image" in row else {}),
            words=row.get("words", ""),
            lead=lead,
            notes=tuple(notes),
            folder=source.folder,
        )


def _is_day_first(table: _Table, asked: Asked, remarks: list[str]) -> bool:
    """Tell whether 10/12 is in December: as other cells show, or the month asked for, else the language."""
    dated = {"day", "starts", "ends", "end_day", "deadline", "until", "published"}
    columns = [column for column, key in enumerate(table.keys) if key in dated]
    pairs = []
    for _, cells in table.rows:
        for column in columns:
            match = _NUMBERS.match(cells[column]) if column < len(cells) else None
            if match and match[2] != ".":
                pairs.append((int(match[1]), int(match[3]), match[0].strip()))
    if any(first > 12 for first, _, _ in pairs):
        return True
    if any(second > 12 for _, second, _ in pairs):
        return False
    doubtful = [(first, second) for first, second, _ in pairs if first != second]
    month = int(asked.month[5:])
    as_day, as_month = (sum(pair[at] == month for pair in doubtful) for at in (1, 0))
    title = next((header for key, header in zip(table.keys, table.headers, strict=True) if key == "title"), "title")
    is_day_first = asked.language.partition("-")[0] != "en" or not _ENGLISH.search(title)
    is_day_first = as_day > as_month if as_day != as_month else is_day_first
    if doubtful:
        typed = next(words for first, second, words in pairs if first != second)
        order = "the day" if is_day_first else "the month"
        remarks.append(f"{table.name}: in '{typed}' {order} was taken to stand first; write 2031-05-12 to be sure")
    return is_day_first


def _dated(row: Mapping[str, str], asked: Asked, *, day_first: bool, is_event: bool) -> dict[str, str]:
    """Return the days, times and months of a row as an item has them; what can't be read as it was typed."""
    typed: dict[str, str] = {}
    if "months" in row:
        typed["months"] = _months(row["months"], asked)
    near = typed.get("months", "")[:7] or asked.month
    is_event = is_event or "event" in _plain(row.get("section") or asked.section)

    def read(words: str) -> tuple[str, dates.Reading, date | None]:
        reading = dates.read_date(words, near, asked.language)
        days = reading.days[::-1] if day_first else reading.days
        day = days[0] if days else None
        clock = f" {reading.clock}" if reading.clock else ""
        return (f"{day}{clock}" if day else words), reading, day

    begins = row.get("starts", "")
    # A day with an hour is when something begins.
    if "day" in row and not begins and (is_event or read(row["day"])[1].clock):
        begins = f"{row['day']} {row.get('time', '')}".strip()
    elif "day" in row and not begins:
        typed["published"] = read(row["day"])[0][:10] if read(row["day"])[2] else row["day"]
    elif begins and "time" in row and not read(begins)[1].clock:
        begins = f"{begins} {row['time']}"
    if begins:
        typed["starts"], reading, day = read(begins)
        if reading.ends and day:
            typed["ends"] = f"{day} {reading.ends}"
        if reading.zone and "timezone" not in row:
            typed["timezone"] = reading.zone
        ends = row.get("ends") or f"{row.get('end_day') or (day or '')} {row.get('end_time', '')}".strip()
        if re.fullmatch(r"\d{1,2}[:.h]?\d{0,2}\s*(?:[ap]\.?m\.?|uhr|h)?", ends, re.IGNORECASE) and day:
            ends = f"{day} {ends}"
        if {"ends", "end_day", "end_time"} & {*row}:
            typed["ends"] = read(ends)[0]
    for key in ("deadline", "until", "published"):
        if key in row:
            words, _, day = read(row[key])
            typed[key] = str(day) if day and key != "deadline" else words
    return typed


def _months(words: str, asked: Asked) -> str:
    months = []
    for part in map(str.strip, re.split(r"[,;&+]|\b(?:and|y|und|et|e)\b", words)):
        found = dates.read_month(part, asked.month, asked.language)
        months.append(found[0] if len(found) == 1 else part)
    return ", ".join(filter(None, months))
