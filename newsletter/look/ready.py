"""Bytes of a picture -> its size, if nothing need be done to it: whole, small, and with nothing in it but the picture.

Such a picture goes out as it is: to encode it once more would cost quality and time, and gain nothing.
"""

import re
import struct
import zlib

# More than this many bytes a pixel, and encoding it anew makes a picture that loads faster.
_HEAVY = 0.25
# What a JPEG consists of (ITU-T T.81, table B.1), without comments and application data but JFIF's own.
_CODES, _QUANTA, _RESTARTS = 0xC4, 0xDB, 0xDD
_FRAMES = {0xC0, 0xC1, 0xC2}
_SCAN, _JFIF, _END = 0xDA, 0xE0, 0xD9
# In the coded picture 0xFF is followed by a zero, or by one of the eight restart marks.
_MARK = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
# What a PNG with a palette consists of, how long each part may be, and in which order they stand.
_CHUNKS = {b"IHDR": 13, b"PLTE": 768, b"tRNS": 256, b"sRGB": 1, b"IDAT": 1 << 31, b"IEND": 0}
_ORDER = re.compile(rb"IHDR(?:sRGB)?PLTE(?:tRNS)?(?:IDAT)+IEND")
_PALETTE = 3
# To look whether it is whole, a drawing is unpacked; none that fits a place and a screen has more pixels.
_MOST = 25_000_000


def as_it_is(raw: bytes) -> tuple[str, int, int] | None:
    """Return `jpeg` or `png`, width and height in pixels of a picture that can stay as it is, else None.

    A JPEG is grey or in three colours, and has no metadata (a phone's place and turn, a colour profile). A PNG has a
    palette: others may do better as JPEG. Nothing follows the end.
    """
    if len(raw) > _MOST * _HEAVY:
        return None
    size = _jpeg(raw) if raw[:2] == b"\xff\xd8" else _png(raw) if raw[:8] == b"\x89PNG\r\n\x1a\n" else None
    if not size or not 0 < len(raw) <= size[0] * size[1] * _HEAVY:
        return None
    return ("jpeg" if raw[:2] == b"\xff\xd8" else "png", *size)


def _jpeg(raw: bytes) -> tuple[int, int] | None:
    size: tuple[int, int] | None = None
    kinds: set[int] = set()
    at = 2
    while mark := _MARK.match(raw, at):
        kind, at = mark[1][0], mark.end()
        if kind == _END:
            return size if at == len(raw) and kinds >= {_QUANTA, _SCAN} else None
        length = int.from_bytes(raw[at : at + 2], "big")
        segment, at = raw[at + 2 : at + length], at + length
        if kind in _FRAMES and not size and _SCAN not in kinds:
            if segment[:1] != b"\x08" or (len(segment), segment[5:6]) not in {(9, b"\x01"), (15, b"\x03")}:
                return None
            size = int.from_bytes(segment[3:5], "big"), int.from_bytes(segment[1:3], "big")
        elif kind == _SCAN and size and (following := _MARK.search(raw, at)):
            at = following.start()
        elif not _is_table(kind, segment) and not (
            kind == _JFIF and segment[:5] == b"JFIF\0" and segment[12:] == b"\0\0"
        ):
            return None
        kinds.add(kind)
    return None


def _is_table(kind: int, segment: bytes) -> bool:
    """Tell whether it is a table and no more than that: nothing can hide behind one."""
    if kind == _CODES:
        at = 0
        while at < len(segment):
            at += 17 + sum(segment[at + 1 : at + 17])
        return at == len(segment)
    return (kind == _QUANTA and len(segment) % 65 == 0) or (kind == _RESTARTS and len(segment) == 2)


def _png(raw: bytes) -> tuple[int, int] | None:
    at, kinds, coded = 8, bytearray(), bytearray()
    while at + 12 <= len(raw):
        length = int.from_bytes(raw[at : at + 4], "big")
        chunk, checksum = raw[at + 4 : at + 8 + length], raw[at + 8 + length : at + 12 + length]
        kind, content = chunk[:4], chunk[4:]
        if kind not in _CHUNKS or zlib.crc32(chunk).to_bytes(4, "big") != checksum or len(content) > _CHUNKS[kind]:
            return None
        if kind == b"IDAT":
            coded += content
        kinds += kind
        at += 12 + length
    if at != len(raw) or raw[8:12] != b"\0\0\0\x0d" or not _ORDER.fullmatch(kinds):
        return None
    width, height, bits, *rest = struct.unpack(">IIBBBBB", raw[16:29])
    # Rows that are interlaced are counted in another way: few are.
    if not width or width * height > _MOST or bits not in {1, 2, 4, 8} or rest != [_PALETTE, 0, 0, 0]:
        return None
    size = height * (1 + (width * bits + 7) // 8)
    unpacked = zlib.decompressobj()
    try:
        is_whole = len(unpacked.decompress(coded, size + 1)) == size and unpacked.eof and not unpacked.unused_data
    except zlib.error:
        return None
    return (width, height) if is_whole else None
