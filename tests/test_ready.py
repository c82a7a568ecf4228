"""Bytes of a picture -> whether they can go out as they are."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from newsletter.look.pictures import prepare
from newsletter.look.ready import as_it_is
from tests.room import Room


def jpeg(width: int = 1072, height: int = 603, mode: str = "RGB", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert(mode).save(file, "JPEG", **options)
    return file.getvalue()


def png(width: int = 1072, height: int = 603, mode: str = "P", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert(mode).save(file, "PNG", **options)
    return file.getvalue()


def described() -> PngInfo:
    info = PngInfo()
    info.add_text("Author", "somebody")
    return info


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"optimize": True}, {"restart_marker_blocks": 4}])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_bare_jpeg_can_stay(options: dict[str, Any], mode: str) -> None:
    assert as_it_is(jpeg(mode=mode, **options)) == ("jpeg", 1072, 603)


def test_a_bare_drawing_can_stay() -> None:
    assert as_it_is(png()) == ("png", 1072, 603)
    assert as_it_is(png(transparency=0)) == ("png", 1072, 603)


@pytest.mark.parametrize(
    "raw",
    [
        jpeg(exif=turned()),
        jpeg(comment="taken at home"),
        jpeg(icc_profile=b"profile"),
        jpeg(mode="CMYK"),
        jpeg() + b"hidden",
        jpeg()[:-2],
        jpeg()[:-40] + b"\xff\xd9" + b"\0",
        jpeg()[: len(jpeg()) // 2],
        jpeg()[:3],
        jpeg().replace(b"\xff\xdb", b"\xff\xe2", 1),
        png(pnginfo=described()),
        png(exif=turned()),
        png(mode="RGB"),
        png(mode="L"),
        png() + b"hidden",
        png()[:-12],
        png()[:-1],
        png()[:40],
        png()[:60] + b"\0" + png()[61:],
        b"GIF89a",
        b"RIFF0000WEBP",
        b"",
    ],
)
def test_what_is_not_whole_or_not_bare_is_made_anew(raw: bytes) -> None:
    assert as_it_is(raw) is None


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def drawn(
    *,
    width: int = 600,
    height: int = 300,
    bits: int = 8,
    interlaced: int = 0,
    coded: bytes | None = None,
    before: bytes = chunk(b"PLTE", bytes(6)),
    after: bytes = b"",
    end: bytes = b"",
) -> bytes:
    """Return a PNG with a palette, written by hand: every check sum holds."""
    rows = zlib.compress(bytes((1 + (width * bits + 7) // 8) * height)) if coded is None else coded
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 3, 0, 0, interlaced))
    return b"\x89PNG\r\n\x1a\n" + head + before + chunk(b"IDAT", rows) + after + chunk(b"IEND", end)


def test_a_drawing_written_by_hand_can_stay() -> None:
    assert as_it_is(drawn()) == ("png", 600, 300)
    assert as_it_is(drawn(before=chunk(b"sRGB", b"\0") + chunk(b"PLTE", bytes(6)))) == ("png", 600, 300)
    assert as_it_is(drawn(bits=1)) == ("png", 600, 300)


ROWS = zlib.compress(bytes(601 * 300))


@pytest.mark.parametrize(
    "raw",
    [
        drawn(coded=b"garbage"),
        drawn(coded=ROWS[:-4]),
        drawn(coded=b""),
        drawn(coded=zlib.compress(bytes(601 * 299))),
        drawn(coded=zlib.compress(bytes(601 * 301))),
        drawn(coded=ROWS + b"hidden"),
        drawn(before=b""),
        drawn(before=b"", after=chunk(b"PLTE", bytes(6))),
        drawn(before=chunk(b"PLTE", bytes(6)) * 2),
        drawn(before=chunk(b"sRGB", b"\0hidden") + chunk(b"PLTE", bytes(6))),
        drawn(before=chunk(b"acTL", bytes(8)) + chunk(b"PLTE", bytes(6))),
        drawn(end=b"hidden"),
        drawn(bits=3),
        drawn(bits=16),
        drawn(interlaced=1),
        drawn(width=0, coded=b""),
        # A bomb: 18 kB that unpack to 150 million pixels.
        drawn(width=1000, height=150_000, bits=1),
    ],
)
def test_a_drawing_that_is_damaged_or_hides_something_is_made_anew(raw: bytes) -> None:
    assert as_it_is(raw) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b"\xff\xdb\x00\x43", b"\xff\xdb\x00\x49" + bytes(6), 1),
        lambda raw: raw[: raw.index(b"\xff\xc0")] + raw[raw.index(b"\xff\xc4") :],
        lambda raw: raw[:20] + raw[raw.index(b"\xff\xc0") :],
        lambda raw: raw.replace(b"\xff\xc0", raw[raw.index(b"\xff\xc0") : raw.index(b"\xff\xc4")] + b"\xff\xc0", 1),
    ],
    ids=["bytes behind a table", "no frame", "no tables", "two frames"],
)
def test_a_photograph_with_odd_parts_is_made_anew(change: Callable[[bytes], bytes]) -> None:
    raw = jpeg()
    assert as_it_is(raw)
    assert change(raw) != raw
    assert as_it_is(change(raw)) is None


@given(raw=some.binary(max_size=200), start=some.sampled_from([b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", jpeg()[:40]]))
def test_no_bytes_make_it_fail(raw: bytes, start: bytes) -> None:
    assert as_it_is(start + raw) is None


@given(cut=some.integers(0, len(jpeg(64, 64)) - 1))
def test_no_part_of_a_jpeg_is_taken_for_the_whole(cut: int) -> None:
    assert as_it_is(jpeg(64, 64)[:cut]) is None


@given(at=some.integers(8, len(png(64, 64)) - 1), bit=some.integers(0, 7))
def test_a_flipped_bit_of_a_drawing_is_noticed(at: int, bit: int) -> None:
    raw = bytearray(png(64, 64))
    raw[at] ^= 1 << bit
    assert as_it_is(bytes(raw)) is None


def test_a_drawing_in_many_parts_can_stay() -> None:
    raw = png(1072, 603, bits=1, compress_level=0)
    assert raw.count(b"IDAT") > 1
    assert as_it_is(raw) == ("png", 1072, 603)


def test_one_that_takes_long_to_load_is_made_anew() -> None:
    noise = Image.effect_noise((75, 75), 90).resize((300, 300))
    weights = []
    for quality in (30, 100):
        file = io.BytesIO()
        noise.save(file, "JPEG", quality=quality)
        weights.append(len(file.getvalue()) / 90_000)
        assert (as_it_is(file.getvalue()) is None) is (quality == 100)
    assert weights[0] < 0.25 < weights[1]


@pytest.mark.parametrize(
    ("width", "height", "section", "stays"),
    [
        (1072, 603, "wins", True),
        (600, 300, "wins", True),
        (1073, 603, "wins", False),
        (1072, 604, "wins", False),
        (224, 224, "in-the-news", True),
        (100, 100, "in-the-news", True),
        (224, 223, "in-the-news", False),
        (223, 224, "in-the-news", False),
        (225, 225, "in-the-news", False),
    ],
)
def test_it_stays_only_where_it_fits_its_place(
    room: Room, width: int, height: int, section: str, *, stays: bool
) -> None:
    raw = jpeg(width, height)
    room.file("issues/2024-09/items/a.jpg", raw)
    room.item("story", image="a.jpg", section=section)
    (picture,) = prepare(room.issue(), room.root).values()
    assert (picture.content == raw) is stays
    assert Image.open(io.BytesIO(picture.content)).size <= (1072, 603)


def test_one_that_stays_is_written_as_it_is(room: Room) -> None:
    raw = png()
    room.file("issues/2024-09/items/a.png", raw)
    room.item("story", image="a.png", image_alt="Ramp")
    room.build()
    (name,) = [path.name for path in (room.root / "build/2024-09/state-LPMN").glob("*.png")]
    assert Path(name).stem.startswith("a-")
    assert room.built(name) == raw
