"""Bytes of a HEIC -> the size of its picture, and what it takes to decode it; nothing is decoded.

Phones write a picture in tiles, with its turn, its colours, a thumbnail and maps of depth and light beside it. Only
what draws the picture is looked at, and only the kind that phones and cameras write: one coded picture, or a grid.
After ISO/IEC 23008-12 (HEIF, 2022) and ISO/IEC 14496-12 (its boxes).
"""

import re
import struct
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

# A phone's picture of 48 million pixels has 200 parts; libheif takes no more than 1000.
_MOST_PARTS = 4000
# What stands beside a picture is its see-through ground, if it says so; else depth, light, and whatever phones like.
_ALPHA = re.compile(rb"urn:mpeg:(?:hevc:2015:auxid:1\0|mpegB:cicp:systems:auxiliary:alpha)")
# How a `colr` of the kind `nclx` calls the primaries of Display P3 (ITU-T H.273, table 2).
_P3 = b"\0\x0c"
_CODED, _GRID = b"hvc1", b"grid"
# Bytes a pixel at the most while libheif decodes and makes colours of it, measured: with 8 bits a colour, at half the
# width and height for two of them (4:2:0) and otherwise; with more bits; and for a see-through ground beside it.
_USUAL, _FINE, _DEEP, _CLEAR = 5, 10, 16, 6
# libheif finds out when it has decoded a picture or a tile that its colours are not those that the file stated. Until
# then it takes this; of a small tile, next to nothing.
_LIED, _SMALL = 12, 1_000_000


class Heif(Struct, frozen=True, kw_only=True):
    """The picture of a file: width and height as it is seen, bytes a pixel to decode it, where its profile lies.

    `is_p3` where it has none, and a number says that its colours are those of Display P3.
    """

    width: int
    height: int
    depth: int
    profile: slice
    is_p3: bool = False


class _Parts(Struct):
    """What the boxes say of each item: its kind, its properties, what it consists of, and where its last byte lies."""

    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict)
    properties: list[tuple[bytes, slice]] = field(default_factory=list)
    has: dict[int, list[tuple[bytes, slice]]] = field(default_factory=dict)
    tiles: dict[int, list[int]] = field(default_factory=dict)
    beside: list[int] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)


def walked(raw: bytes) -> Heif | None:
    """Return what a HEIC says of its picture; None if it is damaged, or of a make that phones and cameras don't write.

    A grid may have no more tiles than cover it, all of one size.
    """
    try:
        return _walked(raw)
    except (IndexError, KeyError, struct.error, ValueError):
        return None


def _walked(raw: bytes) -> Heif | None:
    meta = _first(_boxes(raw, slice(0, len(raw))), b"meta")
    parts = _parts(raw, slice(meta.start + 4, meta.stop))
    main = parts.has[parts.primary]
    width, height = _size(raw, main)
    coded, (wide, high) = [parts.primary], (width, height)
    if parts.kinds[parts.primary] == _GRID:
        coded = parts.tiles[parts.primary]
        wide, high = _size(raw, parts.has[coded[0]])
        if len(coded) * wide * high > (width + wide) * (height + high):
            return None
        if any(_size(raw, parts.has[item]) != (wide, high) for item in coded):
            return None
    clear = [
        item for item in parts.beside if any(_ALPHA.search(raw, box.start, box.stop) for _, box in parts.has[item])
    ]
    if any(parts.kinds[item] != _CODED or parts.ends[item] > len(raw) for item in (*coded, *clear)):
        return None
    if any(_size(raw, parts.has[item]) != (width, height) for item in clear):
        return None
    is_small = wide * high <= _SMALL
    width, height = _as_seen(raw, main, width, height)
    setup = _first(parts.has[coded[0]], b"hvcC")
    # `hvcC` after 16 bytes: how finely two of the colours are laid on, and how many bits more than eight they have.
    is_usual, more = raw[setup.start + 16] & 3 <= 1, (raw[setup.start + 17] | raw[setup.start + 18]) & 7
    profile = next((inner for kind, inner in main if kind == b"colr" and raw[inner][:4] in {b"prof", b"rICC"}), None)
    named = next((raw[inner][4:6] for kind, inner in main if kind == b"colr" and raw[inner][:4] == b"nclx"), b"")
    depth = _DEEP if more else _USUAL if is_usual else _FINE
    return Heif(
        width=width,
        height=height,
        depth=max(depth, 0 if is_small else _LIED) + (_CLEAR if clear else 0),
        profile=slice(profile.start + 4, profile.stop) if profile else slice(0),
        is_p3=not profile and named == _P3,
    )


def _boxes(raw: bytes, inside: slice) -> Iterator[tuple[bytes, slice]]:
    """Yield the boxes that stand side by side: `00 00 00 14 ispe …`, a length that counts itself, a kind, content."""
    at = inside.start
    for _ in range(_MOST_PARTS):
        if at + 8 > inside.stop:
            return
        length, start = int.from_bytes(raw[at : at + 4], "big"), at + 8
        if length == 1:
            length, start = int.from_bytes(raw[at + 8 : at + 16], "big"), at + 16
        end = at + length if length else inside.stop
        if not start <= end <= inside.stop:
            return
        yield raw[at + 4 : at + 8], slice(start, end)
        at = end


def _first(boxes: Iterable[tuple[bytes, slice]], kind: bytes) -> slice:
    for found, inner in boxes:
        if found == kind:
            return inner
    raise KeyError(kind)


def _parts(raw: bytes, meta: slice) -> _Parts:
    parts = _Parts()
    inner = dict(_boxes(raw, meta))
    at = inner[b"pitm"].start
    parts.primary = int.from_bytes(raw[at + 4 : at + (8 if raw[at] else 6)], "big")
    at = inner[b"iinf"].start
    for _, entry in _boxes(raw, slice(at + (8 if raw[at] else 6), inner[b"iinf"].stop)):
        # Version, flags, number (two bytes in version 2, four in 3), protection, kind.
        wide = 2 if raw[entry.start] == 2 else 4
        number = int.from_bytes(raw[entry.start + 4 : entry.start + 4 + wide], "big")
        parts.kinds[number] = raw[entry.start + 6 + wide : entry.start + 10 + wide]
    boxes = dict(_boxes(raw, inner[b"iprp"]))
    parts.properties = list(_boxes(raw, boxes[b"ipco"]))
    _read_owners(raw, boxes[b"ipma"], parts)
    _read_places(raw, inner[b"iloc"], parts)
    if b"iref" in inner:
        _read_references(raw, inner[b"iref"], parts)
    return parts


def _read_owners(raw: bytes, box: slice, parts: _Parts) -> None:
    """Read which properties each item has (`ipma`)."""
    at = box.start
    wide, is_long = (4 if raw[at] else 2), raw[at + 3] & 1
    (count,) = struct.unpack_from(">I", raw, at + 4)
    at += 8
    for _ in range(min(count, _MOST_PARTS)):
        number, many = int.from_bytes(raw[at : at + wide], "big"), raw[at + wide]
        at += wide + 1
        owned = raw[at : at + many * (2 if is_long else 1)]
        at += len(owned)
        # The highest bit says whether one may do without the property.
        which = (
            [value & 0x7FFF for (value,) in struct.iter_unpack(">H", owned)]
            if is_long
            else [value & 0x7F for value in owned]
        )
        parts.has[number] = [parts.properties[place - 1] for place in which if place]


def _read_places(raw: bytes, box: slice, parts: _Parts) -> None:
    """Read where in the file the bytes of each item end (`iloc`): libheif leaves out tiles that were cut off."""
    at, version = box.start + 6, raw[box.start]
    # Four bits each: how long an offset is, a length, an item's own offset, and, in later versions, a number.
    of_offset, of_length = raw[at - 2] >> 4, raw[at - 2] & 15
    of_base, of_index = raw[at - 1] >> 4, raw[at - 1] & 15 if version else 0
    wide = 4 if version == 2 else 2

    def number(size: int) -> int:
        nonlocal at
        at += size
        return int.from_bytes(raw[at - size : at], "big")

    for _ in range(min(number(wide), _MOST_PARTS)):
        item, method = number(wide), number(2) & 15 if version else 0
        number(2)
        base, end = number(of_base), 0
        for _ in range(min(number(2), _MOST_PARTS)):
            number(of_index)
            offset = number(of_offset)
            end = max(end, base + offset + number(of_length))
        # A method other than 0 points into a box: what is small lies there, such as the description of a grid.
        parts.ends[item] = 0 if method else end
        if at > box.stop:
            return


def _read_references(raw: bytes, box: slice, parts: _Parts) -> None:
    """Read what each item consists of (`dimg`), and what stands beside the picture (`auxl`)."""
    wide = 4 if raw[box.start] else 2
    for kind, inner in _boxes(raw, slice(box.start + 4, box.stop)):
        numbers = [
            int.from_bytes(raw[at : at + wide], "big")
            for at in (inner.start, *range(inner.start + wide + 2, inner.stop, wide))
        ]
        if kind == b"dimg":
            parts.tiles[numbers[0]] = numbers[1:]
        elif kind == b"auxl" and parts.primary in numbers[1:]:
            parts.beside.append(numbers[0])


def _size(raw: bytes, properties: list[tuple[bytes, slice]]) -> tuple[int, int]:
    """Return width and height of an item as it is coded (`ispe`)."""
    at = _first(properties, b"ispe").start
    width, height = struct.unpack_from(">II", raw, at + 4)
    if not width or not height:
        raise ValueError("a picture has pixels")
    return width, height


def _as_seen(raw: bytes, properties: list[tuple[bytes, slice]], width: int, height: int) -> tuple[int, int]:
    """Return width and height once the picture is cut (`clap`) and turned (`irot`), in the order that is written."""
    for kind, inner in properties:
        if kind == b"irot" and raw[inner.start] & 1:
            width, height = height, width
        elif kind == b"clap":
            wide, of_wide, high, of_high = struct.unpack_from(">4I", raw, inner.start)
            width, height = min(width, round(wide / max(1, of_wide))), min(height, round(high / max(1, of_high)))
    return width, height
