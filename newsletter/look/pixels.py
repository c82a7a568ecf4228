"""Bytes of a picture -> its outline, its pixels: the one place that decides whether a picture may be opened.

A stranger may have made it: a few bytes may say that they are a billion pixels, or hold metadata that unpack to
gigabytes. So the header is read here, what it takes to decode the picture is reckoned before anything is decoded, and
Pillow sees only those parts of the file that draw it.
"""

import io
import re
import struct
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from newsletter.look import gif, heif
from newsletter.look.display_p3 import display_p3
from newsletter.read import kinds

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

    Needed = Callable[[tuple[int, int]], float]

# Pixels on a side. A1 in 600 dots an inch has fewer, and so has a phone's widest panorama.
MOST_SIDE = 20_000
# Bytes that a picture may take while it is made ready: with the 70 MB of a build, no more than 400 MB.
MOST_MEMORY = 320_000_000
# A picture of more pixels than this is made smaller as early as can be,
_LARGE = 4_000_000
# yet stays twice as large as needed; with libjpeg's own scaling one and a half leaves nothing to see.
_SPARE, _SPARE_IN_JPEG = 2.0, 1.5
# Bytes a pixel, measured: from decoded to resized (copies that are turned, in other colours, cut), and in encoding.
_CHANGING, _ENCODING = 12, 16
# libwebp keeps two canvases beside what it decodes, and Pillow copies that twice.
_WEBP = 17
# What cameras write has some 20 MB, with the film behind it. libde265 takes some 40 nanoseconds for each.
_MOST_HEIC, _MOST_HEIC_PIXELS = 40_000_000, 50_000_000
# A mail program keeps a GIF's screen in full colours, and what it was before.
_GIF = 12
# Parts of a file: cameras write some hundreds (depth, light), scanners one each 8 kB.
_MOST_SEGMENTS, _MOST_CHUNKS = 4096, 100_000
# Each scan of a progressive JPEG goes over all its pixels, and may have but a few bytes. Programs write about ten.
_MOST_SCANS = 40
# Bytes of all its scans: libjpeg takes up to 45 nanoseconds for each where they were made to cost time, 30 where not.
# A photograph of 61 million pixels has 56 MB in the best quality, and more pixels than that need too much memory.
_MOST_IN_SCANS = 60_000_000
# The largest profiles are those of printing presses, of about 3 MB.
_MOST_PROFILE = 4_000_000
# Pixels of a GIF that are decoded to see whether they can be, frame after frame.
_MOST_PLAYED = 100_000_000
# Of a JPEG (ITU-T T.81, table B.1) libjpeg needs tables, one frame and scans, baseline or progressive, and the two
# segments of applications that say which colours are meant.
_FRAMES, _PROGRESSIVE, _SCAN = {0xC0, 0xC1, 0xC2}, 0xC2, 0xDA
_DRAWING = {*_FRAMES, 0xC4, 0xDB, 0xDD}
_COLOURS = ((0xE0, b"JFIF\0"), (0xEE, b"Adobe"))
_PROFILE, _EXIF, _XMP = (0xE2, b"ICC_PROFILE\0"), (0xE1, b"Exif\0\0"), (0xE1, b"http://ns.adobe.com/xap/1.0/\0")
_MARK = re.compile(rb"\xff+([\x01-\xfe])")
# In the coded picture 0xFF is followed by a zero, or by one of the eight restart marks.
_NEXT = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
# Pillow's bytes a pixel, by a PNG's kind of colour: grey, three colours, palette, grey and alpha, colours and alpha.
_PNG_DEPTHS = {0: 1, 2: 4, 3: 1, 4: 4, 6: 4}
_PNG_PARTS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_PNG_MOST = {b"PLTE": 12 + 768, b"tRNS": 12 + 256}
_PNG_RAW_EXIF, _MOST_TEXT, _DIGITS = b"Raw profile type exif\0", 200_000, re.compile(rb"(?:[0-9A-Fa-f]{2})*")
_PNG_XMP = b"XML:com.adobe.xmp\0\0"
_WEBP_PARTS = {b"VP8X", b"ANIM", b"ALPH", b"VP8 ", b"VP8L"}
# VP8X says what else is in the file: a profile, Exif, XMP.
_WEBP_ELSE = 0x20 | 0x08 | 0x04
_DIB_HEADERS, _UNPACKED, _BITFIELDS = {12, 40, 52, 56, 64, 108, 124}, 0, 3
_TURN_IN_EXIF, _TURN_IN_XMP = 0x0112, re.compile(rb'tiff:Orientation(?:="|>)([1-8])')


class Unopenable(ValueError):
    """The picture can't or may not be opened: why, as the end of a sentence (`is damaged or cut off`), and a hint."""

    def __init__(self, message: str = "is damaged or cut off", hint: str = "export it anew as JPEG or PNG") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class Outline(Struct, frozen=True, kw_only=True):
    """What a file says of its picture: format in capitals, size as it is stored, and the parts that draw it.

    `depth` is what Pillow takes for a pixel, `kept` what libjpeg keeps of the whole picture beside it, both in bytes.
    `turn` is Exif's orientation, 1 for upright. `frames` are the pictures that follow each other in a moving one.
    """

    kind: str
    width: int
    height: int
    weight: int
    parts: tuple[slice | bytes, ...]
    depth: int
    kept: int = 0
    turn: int = 1
    profile: tuple[slice | bytes, ...] = ()
    frames: int = 1
    moving: gif.Gif | None = None

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height once it is turned."""
        return (self.height, self.width) if self.turn > 4 else (self.width, self.height)


def outline(raw: bytes) -> Outline:
    """Return what the file says of its picture; nothing is decoded.

    Raises Unopenable for what is no picture, is cut off within its header, or is longer than MOST_SIDE on a side.
    """
    kind = kinds.kind_of(raw[: kinds.HEAD])
    if not kind:
        raise Unopenable("is not a picture that can be opened")
    try:
        width, height = _stated(raw[: kinds.HEAD], kind)
        _check_sides(width, height)
        found = _OUTLINES[kind](raw, width, height)
    except (IndexError, struct.error):
        found = None
    if not found or not found.width or not found.height:
        raise Unopenable(hint="export it anew as GIF, JPEG or PNG") if kind == "GIF" else Unopenable
    _check_sides(found.width, found.height)
    return found


def _stated(head: bytes, kind: str) -> tuple[int, int]:
    """Return width and height that a file states in its first bytes; 0 × 0 if it does so further down."""
    if kind == "PNG":
        width, height = struct.unpack_from(">II", head, 16)
    elif kind == "GIF":
        width, height = struct.unpack_from("<HH", head, 6)
    elif kind == "WEBP":
        width, height = _webp_size(head)
    elif kind == "BMP":
        width, height = struct.unpack_from("<HH" if head[14] == 12 else "<Ii", head, 18)
    else:
        width, height = 0, 0
    return width, abs(height)


def _check_sides(width: int, height: int) -> None:
    if max(width, height) > MOST_SIDE:
        raise Unopenable(
            f"has {width} × {height} pixels; more than {MOST_SIDE} on a side are too many to open safely",
            "save it no wider than 4000 pixels" if width >= height else "cut it into pieces that fit on a screen",
        )


def memory(found: Outline, needed: "Needed") -> int:
    """Return how many bytes `opened`, and what follows it, will take for such a picture.

    `needed` says of the size of a picture, upright, which part of it will be shown: 0.5 is half as wide and high.
    Raises Unopenable if they are more than MOST_MEMORY.
    """
    pixels = found.width * found.height
    factor, scale = _factor(found, needed), needed(found.upright)
    if found.moving:
        taken = pixels * _GIF
    elif found.kind == "WEBP":
        taken = pixels * _WEBP
    elif found.kind == "JPEG":
        taken = found.kept + pixels * found.depth // factor**2
    else:
        taken = pixels * found.depth
    taken = max(taken, pixels * _CHANGING // factor**2, int(pixels * scale**2 * _ENCODING)) + 2 * found.weight
    if taken > MOST_MEMORY:
        millions = pixels * MOST_MEMORY // taken // 1_000_000
        raise Unopenable(
            f"has {found.width} × {found.height} pixels; more than {millions} million are too many to open safely",
            "save it no wider than 4000 pixels",
        )
    return taken


def opened(raw: bytes, needed: "Needed") -> "Image":
    """Return the picture decoded, upright, in sRGB or grey, without anything a camera wrote beside it.

    A large picture comes back smaller than it is, yet larger than `needed` says. Of a GIF it is the first frame.
    Raises Unopenable for what `outline` and `memory` refuse, and what is damaged.
    """
    found = outline(raw)
    memory(found, needed)
    factor = _factor(found, needed)
    try:
        image = _decoded(raw, found, factor)
        if found.kind not in {"JPEG", "HEIC"} and factor > 1 and (image.mode != "P" or "transparency" in image.info):
            image = _reduced(image, factor)
        return _plain(_in_srgb(_turned(image, found.turn), _profile(raw, found)))
    except MemoryError:
        raise Unopenable("takes more memory than there is", "save it no wider than 4000 pixels") from None
    except Exception:  # Pillow raises whatever its parsers trip over, and the bytes are not ours.
        raise Unopenable from None


def checked_gif(raw: bytes, found: Outline) -> bytes:
    """Return what of a GIF is the picture, byte for byte. Raises Unopenable if a frame can't be decoded."""
    from PIL.GifImagePlugin import GifImageFile

    moving, played = found.moving, 0
    for frame in moving.frames if moving else ():
        played += frame.width * frame.height
        if moving is None or played > _MOST_PLAYED:
            break
        try:
            GifImageFile(io.BytesIO(gif.alone(raw, moving, frame))).load()
        except Exception:  # as in opened()
            raise Unopenable(hint="export it anew as GIF, JPEG or PNG") from None
    return _drawing(raw, found)


def smaller(image: "Image", needed: float) -> "Image":
    """Return a large picture in full colours, smaller than it is, yet larger than needed; others as they are."""
    factor = _factor_for(image.size, needed)
    return _reduced(image, factor) if factor > 1 else image


def _factor(found: Outline, needed: "Needed") -> int:
    """Return how many times smaller the picture becomes while it is decoded, or right after."""
    return _factor_for(found.upright, needed(found.upright), is_jpeg=found.kind == "JPEG")


def _factor_for(size: tuple[int, int], needed: float, *, is_jpeg: bool = False) -> int:
    if size[0] * size[1] <= _LARGE:
        return 1
    most = 1 / max(needed, 1 / MOST_SIDE)
    if is_jpeg:
        return next((factor for factor in (8, 4, 2) if factor * _SPARE_IN_JPEG <= most), 1)
    return max(1, int(most / _SPARE))


def _reduced(image: "Image", factor: int) -> "Image":
    """Return the picture so many times smaller."""
    return _joined(image.size, factor, lambda top, bottom: image.crop((0, top, image.width, bottom)))


def _joined(size: tuple[int, int], factor: int, strip: "Callable[[int, int], Image]") -> "Image":
    """Return a picture so many times smaller, made of its strips from one row to another.

    Only one is brought into full colours at a time, to save memory.
    """
    from PIL import Image

    width, height = size
    rows = max(1, 1_000_000 // (width * factor)) * factor
    whole: Image.Image | None = None
    for top in range(0, height, rows):
        part = _in_full(strip(top, min(height, top + rows))).reduce(factor)
        if whole is None:
            whole = Image.new(part.mode, (part.width, -(-height // factor)))
        whole.paste(part, (0, top // factor))
    return whole or strip(0, height)


def _decoded(raw: bytes, found: Outline, factor: int) -> "Image":
    if found.kind == "HEIC":
        return _decoded_heic(raw, factor)
    content = io.BytesIO(_drawing(raw, found))
    image = _decoder(found.kind)(content)
    if image.size != (found.width, found.height):
        raise Unopenable
    if factor > 1:
        # Only a JPEG's decoder can do it.
        image.draft(None, (found.width // factor, found.height // factor))
    image.load()
    return image


def _decoded_heic(raw: bytes, factor: int) -> "Image":
    """Return the picture turned and cut as the file says, so many times smaller.

    libheif holds itself to the sizes that the file states: a larger picture behind them is refused before it is made.
    """
    import pillow_heif
    from PIL.Image import frombytes

    pillow_heif.options.THUMBNAILS = pillow_heif.options.DEPTH_IMAGES = pillow_heif.options.AUX_IMAGES = False
    file = pillow_heif.open_heif(raw)
    picture = file[file.primary_index]
    # Of what libheif keeps, strip by strip: a picture of Pillow's beside it would take as much again.
    pixels, row, (width, height) = picture.data, picture.stride, picture.size

    def strip(top: int, bottom: int) -> "Image":
        lines = pixels[top * row : bottom * row]
        part = frombytes(picture.mode, (width, bottom - top), lines, "raw", picture.mode, row)
        return part.convert("RGBA") if picture.mode == "RGBa" else part

    return _joined((width, height), factor, strip) if factor > 1 else strip(0, height)


def _decoder(kind: str) -> "type[ImageFile]":
    # Image.open() would try all that Pillow knows, look for what else is in the file, and warn of sizes: what it takes
    # for too many pixels is one number for all.
    from importlib import import_module

    name = {"JPEG": "Jpeg", "PNG": "Png", "GIF": "Gif", "WEBP": "WebP", "BMP": "Bmp"}[kind]
    decoder: type[ImageFile] = getattr(import_module(f"PIL.{name}ImagePlugin"), f"{name}ImageFile")
    return decoder


def _drawing(raw: bytes, found: Outline) -> bytes:
    """Return the parts of the file that draw the picture."""
    if found.parts == (slice(0, len(raw)),):
        return raw
    view = memoryview(raw)
    return b"".join(part if isinstance(part, bytes) else view[part] for part in found.parts)


def _turned(image: "Image", turn: int) -> "Image":
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[turn]) if turn in turns else image


def _in_srgb(image: "Image", profile: bytes) -> "Image":
    """Return the picture in sRGB: a phone's wide-gamut colours look dull once their profile is gone."""
    if "transparency" in image.info:
        # A palette's or a PNG's one see-through colour.
        image = image.convert("RGBA")
    if not profile:
        return image
    from PIL import Image, ImageCms

    try:
        if image.mode in {"RGB", "RGBA", "CMYK"}:
            return _changed(image, profile, "RGB" if image.mode == "CMYK" else image.mode)
        # The colours of a palette, and all shades of grey, are a row of pixels of their own.
        if image.mode == "P" and (palette := image.getpalette()):
            row = Image.frombytes("RGB", (len(palette) // 3, 1), bytes(palette))
            image.putpalette(_changed(row, profile, "RGB").tobytes())
        elif image.mode == "L":
            row = Image.frombytes("L", (256, 1), bytes(range(256)))
            return image.point(_changed(row, profile, "RGB").convert("L").tobytes())
    except (ImageCms.PyCMSError, OSError, ValueError):
        pass
    return image


def _changed(image: "Image", profile: bytes, mode: str) -> "Image":
    """Return the picture in sRGB, in that mode. Raises PyCMSError, OSError or ValueError for a profile of no use."""
    from PIL import ImageCms

    source, screen = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(image, source, screen, outputMode=mode) or image


def _plain(image: "Image") -> "Image":
    """Return the picture with a palette, in grey, or in three colours, with alpha only where it is needed."""
    if image.mode == "P":
        return image
    image = _in_full(image)
    if image.mode == "RGBA":
        return image if image.getchannel("A").getextrema() != (255, 255) else image.convert("RGB")
    return image if image.mode in {"L", "RGB"} else image.convert("RGB")


def _in_full(image: "Image") -> "Image":
    """Return the picture in a mode whose neighbouring pixels can be mixed."""
    if "transparency" in image.info or image.mode in {"LA", "PA", "RGBA"}:
        return image.convert("RGBA")
    if image.mode.startswith(("I", "F")):
        # 16 bits a pixel: keep the upper eight.
        return image.point(lambda value: value / 256).convert("L")
    return image.convert({"P": "RGB", "1": "L"}.get(image.mode, image.mode))


def _jpeg(raw: bytes, _width: int, _height: int) -> Outline | None:
    parts, frame = [slice(0, 2)], b""
    profile: dict[int, slice] = {}
    exif = xmp = slice(0)
    at = 2
    for _ in range(_MOST_SEGMENTS):
        # Some programs leave zeros between the segments.
        if not (mark := _MARK.search(raw, at)):
            return None
        kind, start = mark[1][0], mark.end()
        at = start + int.from_bytes(raw[start : start + 2], "big")
        inner, head = slice(start + 2, at), raw[start + 2 : start + 32]
        if kind == _SCAN:
            break
        if kind in _FRAMES and not frame:
            frame = bytes([kind]) + raw[inner]
        if kind in _DRAWING or any(kind == mode and head.startswith(name) for mode, name in _COLOURS):
            parts.append(slice(start - 2, at))
        elif kind == _PROFILE[0] and head.startswith(_PROFILE[1]):
            profile[head[12]] = slice(start + 16, at)
        elif kind == _EXIF[0] and head.startswith(_EXIF[1]) and not exif.stop:
            exif = inner
        elif kind == _XMP[0] and head.startswith(_XMP[1]) and not xmp.stop:
            xmp = inner
    else:
        return None
    # `c0`: kind, bits a colour, height, width, number of colours; for each its name, its share of the width and of the
    # height in four bits each, and its table.
    if len(frame) < 10 or frame[1] != 8 or frame[6] not in {1, 3, 4} or len(frame) != 7 + 3 * frame[6]:
        return None
    height, width = struct.unpack_from(">HH", frame, 2)
    shares = [(share >> 4, share & 15) for share in frame[8::3]]
    if not all(1 <= wide <= 4 and 1 <= high <= 4 for wide, high in shares):
        return None
    kept = 0
    if frame[0] == _PROGRESSIVE or raw[start + 2] < len(shares):
        # libjpeg keeps the coefficients, in 8 × 8 blocks of 128 bytes, until the last scan.
        wide, high = max(wide for wide, _ in shares), max(high for _, high in shares)
        blocks = -(-width // (8 * wide)) * -(-height // (8 * high))
        kept = 128 * blocks * sum(wide * high for wide, high in shares)
        scans, end = _scans(raw, start)
        if scans > _MOST_SCANS:
            raise Unopenable(f"is laid on in more than {_MOST_SCANS} layers")
        if frame[0] == _PROGRESSIVE and end - start > _MOST_IN_SCANS:
            most = f"more than {_MOST_IN_SCANS // 1_000_000} MB take too long to open"
            raise Unopenable(
                f"is laid on in layers of {(end - start) / 1e6:.0f} MB; {most}", "save it no wider than 4000 pixels"
            )
    parts.append(slice(start - 2, len(raw)))
    return Outline(
        kind="JPEG",
        width=width,
        height=height,
        weight=len(raw),
        parts=tuple(parts),
        depth=1 if len(shares) == 1 else 4,
        kept=kept,
        turn=_turn_in_exif(raw[exif]) or _turn_in_xmp(raw[xmp]) or 1,
        profile=tuple(profile[number] for number in sorted(profile)),
    )


def _scans(raw: bytes, at: int) -> tuple[int, int]:
    """Return how many scans there are from the first on, whose length stands at `at`, and where the last one ends.

    No more are looked at than are of interest.
    """
    scans, segments = 1, 0
    while scans <= _MOST_SCANS and segments < _MOST_SEGMENTS:
        mark = _NEXT.search(raw, at + int.from_bytes(raw[at : at + 2], "big"))
        if not mark or mark[1] == b"\xd9":
            return scans, mark.start() if mark else len(raw)
        scans, segments, at = scans + (mark[1][0] == _SCAN), segments + 1, mark.end()
    return _MOST_SCANS + 1, at


def _png(raw: bytes, width: int, height: int) -> Outline | None:
    parts, profile, turn, frames = [slice(0, 8)], slice(0), 0, 1
    at = 8
    for _ in range(_MOST_CHUNKS):
        kind, end = raw[at + 4 : at + 8], at + 12 + int.from_bytes(raw[at : at + 4], "big")
        inner = slice(at + 8, end - 4)
        if kind in _PNG_PARTS and end - at <= _PNG_MOST.get(kind, end):
            # One slice for all that stand side by side: there may be thousands.
            parts[-1:] = [slice(parts[-1].start, end)] if parts[-1].stop == at else [parts[-1], slice(at, end)]
        elif kind == b"iCCP":
            profile = inner
        elif kind == b"acTL":
            frames = int.from_bytes(raw[inner][:4], "big")
        elif kind in {b"eXIf", b"iTXt", b"zTXt", b"tEXt"}:
            turn = turn or _turn_in_png(kind, raw[inner])
        at = end
        if kind == b"IEND" or at >= len(raw):
            break
    else:
        return None
    if raw[8:16] != b"\0\0\0\x0dIHDR" or raw[25] not in _PNG_DEPTHS:
        return None
    return Outline(
        kind="PNG",
        width=width,
        height=height,
        weight=len(raw),
        parts=tuple(parts),
        depth=4 if raw[24] == 16 else _PNG_DEPTHS[raw[25]],
        turn=turn or 1,
        profile=(profile,) if profile.stop else (),
        frames=frames,
    )


def _turn_in_png(kind: bytes, content: bytes) -> int:
    if kind == b"eXIf":
        return _turn_in_exif(content)
    if content.startswith(_PNG_XMP):
        return _turn_in_xmp(content)
    if content.startswith(_PNG_RAW_EXIF):
        # ImageMagick's way, before PNG had one: `\nexif\n`, a length, and the bytes as hexadecimal digits in lines.
        text = content[len(_PNG_RAW_EXIF) :]
        if kind == b"zTXt":
            try:
                text = zlib.decompressobj().decompress(text[1:], _MOST_TEXT)
            except zlib.error:
                return 0
        digits = b"".join(text.split(b"\n")[3:])
        return _turn_in_exif(bytes.fromhex(digits.decode("ascii"))) if _DIGITS.fullmatch(digits) else 0
    return 0


def _gif(raw: bytes, width: int, height: int) -> Outline | None:
    moving = gif.walked(raw)
    if not moving:
        return None
    if len(moving.frames) > gif.MOST_FRAMES:
        raise Unopenable(f"has more than {gif.MOST_FRAMES} frames", "make it shorter")
    return Outline(
        kind="GIF",
        width=width,
        height=height,
        weight=len(raw),
        parts=moving.parts,
        depth=1,
        frames=len(moving.frames),
        moving=moving,
    )


def _webp_size(head: bytes) -> tuple[int, int]:
    if head[12:16] == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if head[12:16] == b"VP8L":
        (bits,) = struct.unpack_from("<I", head, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if head[12:16] == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _webp(raw: bytes, width: int, height: int) -> Outline | None:
    parts: list[slice | bytes] = []
    profile, exif, xmp = slice(0), slice(0), slice(0)
    at, length, frames = 12, 4, 0
    for _ in range(_MOST_CHUNKS):
        kind, size = raw[at : at + 4], int.from_bytes(raw[at + 4 : at + 8], "little")
        inner, end = slice(at + 8, at + 8 + size), at + 8 + size + size % 2
        if inner.stop > len(raw):
            return None
        if kind in _WEBP_PARTS or (kind == b"ANMF" and not frames):
            part = raw[at:end]
            if kind == b"VP8X":
                part = part[:8] + bytes([part[8] & ~_WEBP_ELSE]) + part[9:]
            parts.append(part)
            length += len(part)
        elif kind == b"ICCP":
            profile = inner
        elif kind == b"EXIF":
            exif = inner
        elif kind == b"XMP ":
            xmp = inner
        frames += kind == b"ANMF"
        at = end
        if at + 8 > min(len(raw), 8 + int.from_bytes(raw[4:8], "little")):
            break
    else:
        return None
    return Outline(
        kind="WEBP",
        width=width,
        height=height,
        weight=len(raw),
        parts=(b"RIFF" + length.to_bytes(4, "little") + b"WEBP", *parts),
        depth=4,
        turn=_turn_in_exif(raw[exif]) or _turn_in_xmp(raw[xmp]) or 1,
        profile=(profile,) if profile.stop else (),
        frames=max(1, frames),
    )


def _bmp(raw: bytes, width: int, height: int) -> Outline | None:
    size, packing = raw[14], _UNPACKED
    (bits,) = struct.unpack_from("<H", raw, 24 if size == 12 else 28)
    if size != 12:
        (packing,) = struct.unpack_from("<I", raw, 30)
    # Pillow unpacks run lengths in Python, slowly; no program writes them.
    is_known = size in _DIB_HEADERS and packing in {_UNPACKED, _BITFIELDS}
    if not is_known or len(raw) < (width * bits + 31) // 32 * 4 * height:
        return None
    return Outline(
        kind="BMP",
        width=width,
        height=height,
        weight=len(raw),
        parts=(slice(0, len(raw)),),
        depth=1 if bits <= 8 else 4,
    )


def _heic(raw: bytes, _width: int, _height: int) -> Outline | None:
    found = heif.walked(raw)
    if not found:
        return None
    if len(raw) > _MOST_HEIC:
        most = f"more than {_MOST_HEIC // 1_000_000} MB of HEIC take too long to open"
        raise Unopenable(f"has {len(raw) / 1e6:.0f} MB; {most}", "export it as JPEG, no wider than 4000 pixels")
    if found.width * found.height > _MOST_HEIC_PIXELS:
        most = f"more than {_MOST_HEIC_PIXELS // 1_000_000} million are too many to open safely"
        raise Unopenable(f"has {found.width} × {found.height} pixels; {most}", "save it no wider than 4000 pixels")
    return Outline(
        kind="HEIC",
        width=found.width,
        height=found.height,
        weight=len(raw),
        parts=(slice(0, len(raw)),),
        depth=found.depth,
        profile=(found.profile,) if found.profile.stop else (display_p3(),) if found.is_p3 else (),
    )


_OUTLINES: "dict[str, Callable[[bytes, int, int], Outline | None]]" = {
    **{"JPEG": _jpeg, "PNG": _png, "GIF": _gif, "WEBP": _webp, "BMP": _bmp, "HEIC": _heic}
}


def _turn_in_exif(content: bytes) -> int:
    """Return Exif's orientation, 0 if there is none: without a parser that may be led to read the same bytes often."""
    content = content.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(content[:2], "")
    if not order:
        return 0
    try:
        (start,) = struct.unpack_from(f"{order}I", content, 4)
        (count,) = struct.unpack_from(f"{order}H", content, start)
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(f"{order}HH", content, at)
            if tag == _TURN_IN_EXIF:
                (turn,) = struct.unpack_from(order + {3: "H", 4: "I"}.get(kind, "B"), content, at + 8)
                return turn if 1 <= turn <= 8 else 0
    except struct.error:
        pass
    return 0


def _turn_in_xmp(content: bytes) -> int:
    match = _TURN_IN_XMP.search(content)
    return int(match[1]) if match else 0


def _profile(raw: bytes, found: Outline) -> bytes:
    """Return the picture's colour profile, empty if there is none, or one larger than any that is meant well."""
    content = b"".join(part if isinstance(part, bytes) else raw[part] for part in found.profile)
    if content and found.kind == "PNG":
        # Its name, a zero, and how it is packed, which is always the same.
        unpacked = zlib.decompressobj()
        try:
            content = unpacked.decompress(content.partition(b"\0")[2][1:], _MOST_PROFILE + 1)
        except zlib.error:
            return b""
    return content if len(content) <= _MOST_PROFILE else b""
