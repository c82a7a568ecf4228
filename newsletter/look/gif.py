"""Bytes of a GIF -> what of them is the picture, if it is whole: no comment, nothing behind its end.

A GIF goes out as it is, since making one anew would lose its movement: it must hold what it says, and nothing else.
After the GIF89a specification (CompuServe, 1990).
"""

import re
import struct

from msgspec import Struct

# More than a minute at the speed of a film.
MOST_FRAMES = 2000
# A few for each frame, and what programs put before the first.
_MOST_EXTENSIONS = 10_000
_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_CONTROL, _APPLICATION = 0xF9, 0xFF
_HAS_TABLE = 0x80
# What says how often it is played; other applications write what they like: names, places, earlier versions.
_LOOPS = {b"NETSCAPE2.0", b"ANIMEXTS1.0"}
_LOOP = re.compile(rb"\x03\x01..", re.DOTALL)


class Frame(Struct, frozen=True, kw_only=True):
    """One picture of a GIF: its size in pixels, its flags, and where its own colours and its coded pixels lie."""

    width: int
    height: int
    flags: int
    colours: slice
    coded: slice


class Gif(Struct, frozen=True, kw_only=True):
    """A whole GIF: the size of its screen in pixels, its frames, and what of the file they consist of."""

    width: int
    height: int
    frames: tuple[Frame, ...]
    colours: slice
    parts: tuple[slice, ...]


def walked(raw: bytes) -> Gif | None:
    """Return what a GIF consists of, None if it is damaged or cut off; of too many frames, one more than may be.

    A frame must lie on the screen, and its coded pixels may not be longer than pixels can be: there is room for
    nothing else. Comments, what other applications wrote, and what follows the end are in none of the parts.
    """
    try:
        return _walked(raw)
    except (IndexError, struct.error):
        return None


def alone(raw: bytes, gif: Gif, frame: Frame) -> bytes:
    """Return a frame as a GIF of its own."""
    size = struct.pack("<HH", frame.width, frame.height)
    screen = b"GIF89a" + size + raw[10:13] + raw[gif.colours]
    return screen + b",\0\0\0\0" + size + bytes([frame.flags]) + raw[frame.colours] + raw[frame.coded] + b";"


def _walked(raw: bytes) -> Gif | None:
    if raw[:6] not in {b"GIF87a", b"GIF89a"}:
        return None
    width, height, flags = struct.unpack_from("<HHB", raw, 6)
    colours = _table(flags, 13)
    parts, frames, extensions = [slice(0, colours.stop)], [], 0
    at = colours.stop
    while (kind := raw[at]) != _TRAILER:
        if kind == _IMAGE:
            frame = _frame(raw, at)
            if not frame or not _lies_within(raw, at, width, height):
                return None
            frames.append(frame)
            parts.append(slice(at, frame.coded.stop))
            at = frame.coded.stop
            if len(frames) > MOST_FRAMES:
                break
        elif kind == _EXTENSION and extensions < _MOST_EXTENSIONS:
            end = _behind_blocks(raw, at + 2)
            parts += _kept(raw, at, end)
            at = end
            extensions += 1
        else:
            return None
    parts.append(slice(at, at + 1))
    if not frames:
        return None
    return Gif(width=width, height=height, frames=tuple(frames), colours=colours, parts=tuple(parts))


def _table(flags: int, at: int) -> slice:
    return slice(at, at + (3 << (flags & 7) + 1 if flags & _HAS_TABLE else 0))


def _frame(raw: bytes, at: int) -> Frame | None:
    width, height, flags = struct.unpack_from("<HHB", raw, at + 5)
    colours = _table(flags, at + 10)
    end = _behind_blocks(raw, colours.stop + 1)
    # A code has at most 12 bits, and stands for a pixel at least; some writers begin anew after each.
    is_coded = 1 <= raw[colours.stop] <= 8 and end - colours.stop <= 2 * width * height + 1024
    if not is_coded or not width or not height:
        return None
    return Frame(width=width, height=height, flags=flags, colours=colours, coded=slice(colours.stop, end))


def _lies_within(raw: bytes, at: int, width: int, height: int) -> bool:
    left, top, wide, high = struct.unpack_from("<HHHH", raw, at + 1)
    return bool(left + wide <= width and top + high <= height)


def _kept(raw: bytes, at: int, end: int) -> list[slice]:
    """Return what of an extension is kept: how long a frame is shown, and how often all are."""
    if raw[at + 1] == _CONTROL:
        # `21 f9 04`, flags, two bytes of time, the see-through colour, `00`
        return [slice(at, end)] if raw[at + 2] == 4 and end == at + 8 else []
    # `21 ff 0b NETSCAPE2.0`, `03 01`, two bytes of number, `00`
    is_loop = raw[at + 1] == _APPLICATION and raw[at + 2] == 11 and raw[at + 3 : at + 14] in _LOOPS
    return [slice(at, end)] if is_loop and _LOOP.fullmatch(raw, at + 14, end - 1) else []


def _behind_blocks(raw: bytes, at: int) -> int:
    """Return where the blocks of data end that begin there: the first byte of each is its length, 0 the end."""
    while length := raw[at]:
        at += 1 + length
    return at + 1
