"""HEIC, as phones and cameras write it: read, turned and cut as it says, in its colours; its lies are found out."""

import io
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pillow_heif
import pytest
from PIL import Image

from newsletter.errors import ContentError
from newsletter.look import heif
from newsletter.look.pictures import facts, prepare
from newsletter.model import Picture
from newsletter.read.kinds import kind_of, not_taken
from tests.room import Room
from tests.test_picture_shapes import encoded, poster, seen, shown
from tests.test_pictures import wide_gamut

FOLDER = "issues/2024-09/items"


def heic(image: Image.Image, **options: Any) -> bytes:
    file = io.BytesIO()
    # The usual preset takes ten times as long.
    pillow_heif.from_pillow(image).save(file, **{"quality": 90, "enc_params": {"preset": "ultrafast"}, **options})
    return file.getvalue()


def made(room: Room, raw: bytes, **front: Any) -> Picture:
    room.file(f"{FOLDER}/IMG_0001.HEIC", raw)
    room.item("first", lead=True)
    room.item("story", image="IMG_0001.HEIC", **{"image_alt": "Trees", **front})
    (picture,) = prepare(room.issue(), room.root).values()
    return picture


def told(room: Room, raw: bytes) -> str:
    try:
        made(room, raw)
    except ContentError as error:
        return error.faults[0].message.removeprefix("picture 'IMG_0001.HEIC' ")
    return ""


@pytest.mark.parametrize("tile", [0, 256])
@pytest.mark.parametrize("colours", ["420", "444"])
def test_a_phones_picture_is_read_and_becomes_jpeg(room: Room, colours: str, tile: int) -> None:
    picture = made(room, heic(poster(), chroma=colours, tile_size=tile), image_focus="bottom")
    assert (picture.content_type, picture.width, picture.height) == ("image/jpeg", 208, 370)
    assert re.fullmatch(r"img-0001-[0-9a-f]{8}-side-bottom\.jpg", picture.name)
    assert (seen(shown(picture), 0.5, 0), seen(shown(picture), 0.5, 1)) == ("green", "blue")
    (measured,) = facts(room.issue(), room.root).values()
    assert (measured.kind, measured.width, measured.height) == ("HEIC", 600, 1800)


@pytest.mark.parametrize("tile", [0, 512])
def test_a_large_one_is_made_small_while_it_is_opened(room: Room, tile: int) -> None:
    picture = made(room, heic(poster(1512, 2016), tile_size=tile))
    image = shown(picture)
    assert image.size == (416, 555)
    assert (seen(image, 0.5, 0), seen(image, 0.5, 1)) == ("red", "blue")


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_turned_one_is_measured_and_shown_as_it_is_seen(room: Room, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    image = Image.new("RGB", (600, 300), "#F03030")
    image.paste("#3030F0", (0, 150, 600, 300))
    raw = heic(image, exif=exif.tobytes())
    picture = made(room, raw, section="wins")
    (measured,) = facts(room.issue(), room.root).values()
    upright = pillow_heif.open_heif(raw).to_pillow()
    assert (measured.width, measured.height) == upright.size == ((300, 600) if turn > 4 else (600, 300))
    for across, down in ((0.1, 0.2), (0.9, 0.8)) if turn < 5 else ((0.1, 0.5), (0.9, 0.5)):
        assert seen(shown(picture), across, down) == seen(upright, across, down)


def test_a_see_through_one_stays_so(room: Room) -> None:
    image = poster(600, 300).convert("RGBA")
    image.putalpha(128)
    picture = made(room, heic(image))
    assert (picture.content_type, shown(picture).mode) == ("image/png", "RGBA")
    assert shown(picture).getchannel("A").getpixel((9, 9)) == pytest.approx(128, abs=2)


def test_more_than_eight_bits_a_colour_are_shown(room: Room) -> None:
    dots = struct.pack("<3H", 0x2000, 0x2000, 0xF000) * (600 * 300)
    file = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", (600, 300), dots).save(file, quality=90, enc_params={"preset": "ultrafast"})
    assert seen(shown(made(room, file.getvalue())), 0.5, 0.5) == "blue"


@pytest.mark.parametrize("side", [600, 2900])
def test_a_phones_wide_colours_come_home(room: Room, side: int) -> None:
    image = Image.new("RGB", (side, side // 2), "#E01010")
    assert seen(shown(made(room, heic(image, icc_profile=wide_gamut()))), 0.5, 0.5) == "green"


def test_wide_colours_that_a_number_names_come_home_too(room: Room) -> None:
    # What of Display P3 is the pure red of sRGB.
    image = Image.new("RGB", (600, 300), (234, 51, 35))
    colours = {}
    for primaries in (1, 12):
        raw = heic(image, color_primaries=primaries, transfer_characteristics=13)
        red, green, blue = shown(made(room, raw)).convert("RGB").getpixel((100, 100))  # type: ignore[misc]  # RGB
        colours[primaries] = (round(red / 16), round(green / 16), round(blue / 16))
    assert colours == {1: (15, 3, 2), 12: (16, 0, 0)}


def test_nothing_that_a_phone_wrote_beside_it_goes_out(room: Room) -> None:
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    raw = heic(poster(), exif=exif.tobytes(), xmp=b"<x>secret place</x>", icc_profile=wide_gamut())
    assert b"PhoneMaker" in raw
    assert not re.search(rb"PhoneMaker|secret|Exif|ICC_PROFILE", made(room, raw).content)


def test_a_film_behind_it_is_no_hindrance(room: Room) -> None:
    assert told(room, heic(poster()) + struct.pack(">I4s", 0, b"mpvd") + bytes(1_000_000)) == ""


@pytest.mark.parametrize(
    ("place", "of"), [("logo", '[organization]\nlogo = "IMG_0001.HEIC"'), ("words", "[organization]")]
)
def test_it_is_taken_in_words_and_as_a_logo(room: Room, place: str, of: str) -> None:
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace("[organization]", of, 1))
    for folder in ("", f"{FOLDER}/"):
        room.file(f"{folder}IMG_0001.HEIC", heic(poster(600, 300)))
    room.item("story", "![Trees](IMG_0001.HEIC)\n" if place == "words" else "Words.\n")
    issue = room.issue()
    (picture,) = prepare(issue, room.root).values()
    assert picture.content_type == "image/jpeg"
    assert [one.kind for one in facts(issue, room.root).values()] == ["HEIC"]


SMALL = heic(Image.effect_noise((200, 120), 60).convert("RGB"))
TILES = heic(Image.effect_noise((300, 300), 60).convert("RGB"), tile_size=128)


def stated(raw: bytes, width: int, height: int) -> bytes:
    """Return the file with another size in each place that states one."""
    return re.sub(rb"(ispe....)........", rb"\1" + struct.pack(">II", width, height), raw, flags=re.DOTALL)


def patched(raw: bytes, before: bytes, after: bytes) -> bytes:
    assert before in raw
    return raw.replace(before, after, 1)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (stated(SMALL, 20_001, 10), "has 20001 × 10 pixels; more than 20000 on a side are too many to open safely"),
        # One that is no grid may hold finer colours than it says, and nobody knows until it is decoded.
        (stated(SMALL, 7000, 7000), "has 7000 × 7000 pixels; more than 26 million are too many to open safely"),
        (stated(SMALL, 9000, 9000), "has 9000 × 9000 pixels; more than 50 million are too many to open safely"),
        (SMALL + bytes(40_000_000), "has 40 MB; more than 40 MB of HEIC take too long to open"),
        (stated(SMALL, 0, 120), "is damaged or cut off"),
        (stated(SMALL, 20, 10), "is damaged or cut off"),
        (SMALL[:60], "is damaged or cut off"),
        (SMALL[: len(SMALL) // 2], "is damaged or cut off"),
        (TILES[: len(TILES) - 900], "is damaged or cut off"),
        (patched(SMALL, b"pitm\0\0\0\0\0\1", b"pitm\0\0\0\0\0\7"), "is damaged or cut off"),
        (patched(SMALL, b"hvc1", b"iovl"), "is damaged or cut off"),
        (patched(SMALL, b"hvcC", b"free"), "is damaged or cut off"),
        (patched(TILES, b"dimg", b"free"), "is damaged or cut off"),
        (patched(TILES, b"grid", b"iden"), "is damaged or cut off"),
    ],
    ids=range(14),
)
def test_what_is_damaged_or_lies_is_told(room: Room, raw: bytes, words: str) -> None:
    assert told(room, raw) == words


def test_one_tile_is_not_decoded_a_thousand_times() -> None:
    # Sixteen bits of a number count the tiles: `dimg`, the grid, how many, and each of them.
    at = TILES.index(b"dimg")
    (count,) = struct.unpack_from(">H", TILES, at + 6)
    assert heif.walked(TILES)
    tiles = TILES[at + 8 : at + 8 + 2 * count] * 20
    parts = TILES[: at + 6] + struct.pack(">H", 20 * count) + tiles + TILES[at + 8 + 2 * count :]
    longer = 2 * 19 * count
    for name in (b"dimg", b"iref", b"meta"):
        start = parts.index(name) - 4
        (length,) = struct.unpack_from(">I", parts, start)
        parts = parts[:start] + struct.pack(">I", length + longer) + parts[start + 4 :]
    assert heif.walked(parts) is None


@pytest.mark.parametrize("change", [lambda raw, at: raw[:at], lambda raw, at: raw[:at] + b"\xff" + raw[at + 1 :]])
def test_no_bytes_make_the_reading_of_its_boxes_fail(change: Callable[[bytes, int], bytes]) -> None:
    for raw in (SMALL, TILES):
        for at in range(raw.index(b"mdat") + 8):
            found = heif.walked(change(raw, at))
            assert found is None or found.width >= 1


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1miafheix", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", ""),
        (b"\0\0\0\x14ftypmif1\0\0\0\0mif1heic", ""),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1heic", ""),
        (b"\0\0\0\x18ftypqt  \0\0\0\0heicheic", ""),
        (encoded(Image.new("RGB", (9, 9)), "WEBP"), "WEBP"),
        (b"", ""),
    ],
)
def test_what_a_file_is_stands_in_its_first_bytes(head: bytes, kind: str) -> None:
    assert kind_of(head) == kind


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b"\0\0\0\x1cftypavif\0\0\0\0", "in a format that email programs don't show"),
        (b"II*\0", "in a format that email programs don't show"),
        (b"\xff\x0a", "in a format that email programs don't show"),
        (b"\0\0\0\x0cJXL \r\n", "in a format that email programs don't show"),
        (b"8BPS", "in a format that email programs don't show"),
        (b"\0\0\0\x14ftypqt  ", "a film"),
        (b"\0\0\0\x14ftypisom", "a film"),
        (b"%PDF-1.7", "a PDF, not a picture"),
        (b"\n<svg xmlns", "an SVG, which email programs don't show"),
    ],
)
def test_what_no_mail_shows_is_called_by_its_name(head: bytes, told: str) -> None:
    found = not_taken(head)
    assert found
    assert found[0] == told


@pytest.mark.skipif(sys.platform == "win32", reason="asks the system what a process took")
def test_a_picture_of_48_million_pixels_takes_no_more_than_the_bound(room: Room) -> None:
    from tests.test_dense_pictures import peak_of_a_build

    flat = Image.new("RGB", (8064, 6048), "#336699")
    room.file(f"{FOLDER}/IMG_0001.HEIC", heic(flat, quality=20, tile_size=512))
    room.item("story", image="IMG_0001.HEIC", image_alt="Blue")
    peak, said = peak_of_a_build(room)
    assert "picture" not in said
    assert peak < 400_000_000


def test_a_newsroom_without_heic_does_not_load_its_library() -> None:
    asked = "import sys, newsletter.look.pictures, newsletter.line; print('pillow_heif' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
