"""What an earlier command read of a newsroom -> the items and front pages of files that are as they were then.

The cache holds one index of the newsroom, with what tells which issues an item is in, and the items folder by folder: a
command that is about one month reads the index and the items of that month.
"""

import os
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from newsletter.memo import Cache
from newsletter.model import Card, Config, FrontPage, Item
from newsletter.program import program
from newsletter.read import files
from newsletter.read.files import Stamp


class Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A file of the index: what it was like, with its pictures, and the card of its item or the whole front page."""

    path: str
    stamp: Stamp
    pictures: dict[str, Stamp]
    chapters: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    until: date | None = None
    is_draft: bool = False
    is_untouched: bool = False
    front_page: FrontPage | None = None


class _Index(msgspec.Struct, array_like=True, frozen=True, gc=False):
    # The settings that the files were read with, and the program: others read them otherwise.
    key: str
    rows: list[Row]


class _Folder(msgspec.Struct, array_like=True, frozen=True, gc=False):
    # With key and stamps once more: index and folder are written one after the other, by any number of commands.
    key: str
    items: dict[str, tuple[Stamp, msgspec.Raw]]


class Shelf:
    """What is remembered of one newsroom; what is new is put there by `keep`."""

    def __init__(self, root: Path, config: Config, cache: Cache) -> None:
        self.cache = cache
        self._root = Path(os.path.realpath(root))
        self._key = _digest(f"{program()} {config!r}")
        self._rows = self._index()
        self._folders: dict[str, Mapping[str, tuple[Stamp, msgspec.Raw]]] = {}
        self._new: dict[str, tuple[Row, Item | None]] = {}
        self._seen: list[Row] = []

    @property
    def size(self) -> int:
        """How many files it knows."""
        return len(self._rows)

    def has(self, path: str) -> bool:
        """Tell whether anything is known of the file, of whatever state."""
        return path in self._rows

    def row(self, path: str, stamp: Stamp) -> Row | None:
        """Return what is known of the file, if it and its pictures are as they were: it stays on the shelf."""
        row = self._rows.get(path)
        if not row or row.stamp != stamp:
            return None
        if row.pictures and files.stamps(self._root, row.pictures) != row.pictures:
            return None
        self._seen.append(row)
        return row

    def front_page(self, row: Row) -> FrontPage | None:
        """Return the front page of a row; None if it is an item's."""
        return row.front_page and _as_read(row.front_page)

    def item(self, card: Card) -> Item | None:
        """Return the item of a row; None if the cache has it no more, or has that of another state of the file."""
        folder = card.path.rpartition("/")[0]
        if folder not in self._folders:
            self._folders[folder] = self._folder(folder)
        stamp, kept = self._folders[folder].get(card.path, (None, None))
        if not isinstance(card, Row) or stamp != card.stamp:
            return None
        item = _decoded(msgspec.msgpack.Decoder(Item), kept)
        return item if item and item.path == card.path else None

    def put(self, path: str, stamp: Stamp, noun: Item | FrontPage, pictures: Iterable[str]) -> None:
        """Remember what was read of a file that had this stamp before, with the paths of its pictures.

        What changed so lately that it may change again without a trace is not remembered.
        """
        stamps = files.stamps(self._root, pictures)
        if not all(seen.is_settled(self.cache.settled) for seen in (stamp, *stamps.values())):
            return
        if not _comes_back(noun):
            return
        if isinstance(noun, Item):
            tells = noun.chapters, noun.months, noun.until, noun.is_draft, noun.is_untouched
            row = Row(path, stamp, stamps, *tells)
            self._new[path] = row, noun
        else:
            self._new[path] = Row(path, stamp, stamps, front_page=noun), None

    def keep(self) -> None:
        """Write down what was put there, and forget files that are gone."""
        if not self._new or not self.cache.folder:
            return
        rows = [*self._seen, *(row for row, _ in self._new.values())]
        for folder in {path.rpartition("/")[0] for path, (_, item) in self._new.items() if item}:
            stamps = {row.path: row.stamp for row in self._seen if row.path.rpartition("/")[0] == folder}
            kept: dict[str, tuple[Stamp, Any]] = {
                path: (stamp, item) for path, (stamp, item) in self._folder(folder).items() if stamps.get(path) == stamp
            }
            for path, (row, item) in self._new.items():
                if item and path.rpartition("/")[0] == folder:
                    kept[path] = row.stamp, item
            self.cache.put(self._entry(folder), msgspec.msgpack.encode((self._key, kept)))
        self.cache.put(self._entry(), msgspec.msgpack.encode(_Index(self._key, rows)))

    def _index(self) -> Mapping[str, Row]:
        index = _decoded(msgspec.msgpack.Decoder(_Index), self.cache.get(self._entry()))
        return {row.path: row for row in index.rows} if index and index.key == self._key else {}

    def _folder(self, folder: str) -> Mapping[str, tuple[Stamp, msgspec.Raw]]:
        kept = _decoded(msgspec.msgpack.Decoder(_Folder), self.cache.get(self._entry(folder)))
        return kept.items if kept and kept.key == self._key else {}

    def _entry(self, folder: str = "") -> str:
        # After a change of the settings the same entries are written anew.
        return f"{'folder' if folder else 'index'}-{_digest(f'{self._root} {folder}')[:40]}.items"


def _decoded(decoder: msgspec.msgpack.Decoder[Any], content: bytes | msgspec.Raw | None) -> Any:
    """Return the value; None for what is absent, or of another shape than was kept."""
    if content is None:
        return None
    try:
        return decoder.decode(content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _comes_back(noun: Item | FrontPage) -> bool:
    """Tell whether it comes back as it was: half a letter, a number of 30 digits, a time with a zone do not."""
    try:
        back = _as_read(msgspec.msgpack.decode(msgspec.msgpack.encode(noun), type=type(noun)))
    except (ValueError, OverflowError, TypeError):
        return False
    # An item's fields have one type each. What a front page states may be anything: 1 is no `true`.
    return bool(back == noun) if isinstance(noun, Item) else repr(back) == repr(noun)


def _as_read(noun: Any) -> Any:
    """Return the noun as it was read: what a front page states are tuples, and MessagePack has lists alone."""
    if not isinstance(noun, FrontPage):
        return noun
    return replace(noun, own={key: _tuples(value) for key, value in noun.own.items()})


def _tuples(value: object) -> object:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _digest(words: str) -> str:
    return sha256(words.encode(errors="surrogatepass")).hexdigest()
