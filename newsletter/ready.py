"""Bytes of a picture -> its size, if nothing need be done to it: whole, small, and with nothing in it but the picture.

Such a picture goes out as it is: to encode it once more would cost quality and time, and gain nothing.
"""

import re
import zlib

# More than this many bytes a pixel, and encoding it anew makes a picture that loads faster.
_HEAVY = 0.25
# What a JPEG consists of (ITU-T T.81, table B.1), without comments and application data but JFIF's own.
_TABLES = {0xC4, 0xDB, 0xDD}
_FRAMES = {0xC0, 0xC1, 0xC2}
_SCAN, _JFIF, _END = 0xDA, 0xE0, 0xD9
# In the coded picture 0xFF is followed by a zero, or by one of the eight restart marks.
_MARK = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"sRGB", b"IDAT", b"IEND"}
_PALETTE = 3


def as_it_is(raw: bytes) -> tuple[str, int, int] | None:
    """Return `jpeg` or `png`, width and height in pixels of a picture that can stay as it is, else None.

    A JPEG is grey or in three colours, and has no metadata (a phone's place and turn, a colour profile). A PNG has a
    palette: others may do better as JPEG. Nothing follows the end.
    """
    size = _jpeg(raw) if raw[:2] == b"\xff\xd8" else _png(raw) if raw[:8] == b"\x89PNG\r\n\x1a\n" else None
    if not size or not 0 < len(raw) <= size[0] * size[1] * _HEAVY:
        return None
    return ("jpeg" if raw[:2] == b"\xff\xd8" else "png", *size)


def _jpeg(raw: bytes) -> tuple[int, int] | None:
    size = None
    at = 2
    while mark := _MARK.match(raw, at):
        kind, at = mark[1][0], mark.end()
        if kind == _END:
            return size if at == len(raw) else None
        length = int.from_bytes(raw[at : at + 2], "big")
        segment, at = raw[at + 2 : at + length], at + length
        if kind in _FRAMES and segment[:1] == b"\x08" and segment[5:6] in {b"\x01", b"\x03"}:
            size = int.from_bytes(segment[3:5], "big"), int.from_bytes(segment[1:3], "big")
        elif kind == _SCAN and (following := _MARK.search(raw, at)):
            at = following.start()
        elif kind not in _TABLES and not (kind == _JFIF and segment[:5] == b"JFIF\0" and segment[12:] == b"\0\0"):
            return None
    return None


def _png(raw: bytes) -> tuple[int, int] | None:
    at, kinds = 8, []
    while at + 12 <= len(raw):
        length = int.from_bytes(raw[at : at + 4], "big")
        chunk, told = raw[at + 4 : at + 8 + length], raw[at + 8 + length : at + 12 + length]
        if chunk[:4] not in _CHUNKS or zlib.crc32(chunk).to_bytes(4, "big") != told:
            return None
        kinds.append(chunk[:4])
        at += 12 + length
    is_whole = at == len(raw) and kinds[:1] == [b"IHDR"] and b"IDAT" in kinds and kinds[-1] == b"IEND"
    if not is_whole or raw[25] != _PALETTE:
        return None
    return int.from_bytes(raw[16:20], "big"), int.from_bytes(raw[20:24], "big")
