"""Cover, Delivery -> the rows of an inbox: sender, subject and preheader as each client cuts them."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import RenderableType
from rich.style import Style
from rich.text import Text

from newsletter.model import Cover, Delivery, Issue
from newsletter.preview.blocks import Bar
from newsletter.preview.markup import Node, read

# What senders put after a preheader so that nothing follows it: it takes room and shows nothing.
_BLANK = re.compile(r"[\s\u00a0\u00ad\u034f\u061c\u180e\u200b-\u200f\u2007\u2060-\u2064\ufeff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A mail program's room for a row, in characters; see `inboxes.toml`."""

    label: str
    sender: int
    subject: int
    preheader: int
    row: int
    sources: tuple[str, ...]
    estimated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An issue in one client's inbox, and what is to be said of it.

    `lost` are the headlines of the subject that are not shown whole, `leak` the words of the body that follow the
    preheader, `twins` the ids of the issues whose sender and subject look the same here.
    """

    client: str
    sender: str
    subject: str
    preheader: str
    leak: str = ""
    lost: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()
    is_one_line: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An issue's rows, one for each client."""

    issue: str
    accent: str
    rows: tuple[Row, ...]


@lru_cache(1)
def clients() -> tuple[Client, ...]:
    """Return the clients in the order of the table."""
    table: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("inboxes.toml").read_text("utf-8"))
    return tuple(
        Client(**{**row, "sources": tuple(row["sources"]), "estimated": tuple(row.get("estimated", ()))})
        for row in table.values()
    )


def sheets(issues: Iterable[tuple[Issue, Cover, Delivery]]) -> list[Sheet]:
    """Return the rows of all issues; each knows which of the others it can't be told from."""
    sheets = [
        Sheet(
            issue=issue.id,
            accent=issue.accent,
            rows=tuple(_row(issue, cover, delivery, client) for client in clients()),
        )
        for issue, cover, delivery in issues
    ]
    return [
        replace(sheet, rows=tuple(replace(row, twins=_twins(sheets, sheet, at)) for at, row in enumerate(sheet.rows)))
        for sheet in sheets
    ]


def sheet_view(sheets: Sequence[Sheet]) -> list[RenderableType]:
    """Return the contact sheet: every issue under its id, every client's row under its name, faults in yellow."""
    view: list[RenderableType] = []
    for sheet in sheets:
        view += [Text()] if view else []
        view.append(Text(sheet.issue, style=Style(bold=True, underline=True)))
        for row in sheet.rows:
            view += [Text(), Text(row.client, style="dim"), *_told(row)]
    return view


def _told(row: Row) -> list[RenderableType]:
    shown = Text.assemble((row.preheader, "dim"), (row.leak, "yellow"))
    lines = [Text(row.sender, style="bold"), Text(row.subject)]
    if row.is_one_line and shown:
        lines[1] = Text(" – ", style="dim").join([lines[1], shown])
    elif shown:
        lines.append(shown)
    marks = [f"falls off: {' · '.join(row.lost)}"] if row.lost else []
    marks += [f"looks the same as {' and '.join(row.twins)}"] if row.twins else []
    marks += [f"the body follows the preheader: {row.leak.strip()}"] if row.leak else []
    return [
        Bar(list(lines), "│ ", style=Style(dim=True)),
        *(Bar([Text(mark, style="yellow")], "! ", style=Style(color="yellow", bold=True)) for mark in marks),
    ]


def _row(issue: Issue, cover: Cover, delivery: Delivery, client: Client) -> Row:
    subject = _cut(delivery.subject, client.subject)
    room = client.preheader
    if client.row:
        room = max(0, min(room, client.row - cell_len(subject) - 3))
    snippet, leak = _snippet(delivery, room)
    return Row(
        client=client.label,
        sender=_cut(cover.sender_name, client.sender),
        subject=subject,
        preheader=snippet,
        leak=leak,
        lost=_lost(issue, delivery.subject, subject),
        is_one_line=bool(client.row),
    )


def _cut(words: str, width: int) -> str:
    """Return the words in at most `width` cells, the last of them an ellipsis if anything is missing."""
    text = Text(words)
    text.truncate(width, overflow="ellipsis")
    return text.plain if text.plain == words else f"{text.plain.removesuffix('…').rstrip(' ')}…"


def _snippet(delivery: Delivery, room: int) -> tuple[str, str]:
    """Return the preheader as it is shown, and the words of the body that a client shows after it."""
    words = re.sub(r"[ \t\r\n\f]+", " ", _all_words(read(delivery.html))).strip(" ")
    intended = re.sub(r"[ \t\r\n\f]+", " ", delivery.preheader).strip(" ")
    if not words.startswith(intended):
        return "", _cut(words, room)
    if cell_len(intended) > room:
        return _cut(intended, room), ""
    rest = _cut(words[len(intended) :], room - cell_len(intended))
    leak = _BLANK.sub(" ", rest).strip(" …")
    return intended, f" {leak}" if leak else ""


def _all_words(node: Node) -> str:
    """Return the words of a page in a row, blocks apart: a client takes them from hidden parts as well."""
    parts = [child if isinstance(child, str) else _all_words(child) for child in node.children]
    inside = "".join(parts)
    return f" {inside} " if node.tag in {"p", "div", "td", "li", "h1", "h2", "h3", "h4", "br"} else inside


def _lost(issue: Issue, subject: str, shown: str) -> tuple[str, ...]:
    """Return the headlines of the subject that do not fit."""
    if shown == subject:
        return ()
    kept = len(shown.removesuffix("…"))
    front = issue.front_page.headlines if issue.front_page else ()
    named = dict.fromkeys([*(story.item.headline for story in issue.stories), *front])
    places = {headline: subject.find(headline) for headline in named if headline}
    ends = {headline: at + len(headline) for headline, at in places.items() if at >= 0}
    return tuple(headline for headline, end in sorted(ends.items(), key=lambda pair: pair[1]) if end > kept)


def _twins(sheets: Sequence[Sheet], sheet: Sheet, at: int) -> tuple[str, ...]:
    def looks(sheet: Sheet) -> tuple[str, str]:
        return sheet.rows[at].sender.casefold(), sheet.rows[at].subject.casefold()

    return tuple(other.issue for other in sheets if other is not sheet and looks(other) == looks(sheet))
