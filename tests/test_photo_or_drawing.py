"""What a picture is decides how it is encoded, once; and what another process makes is not made a second time."""

import hashlib
import io
import multiprocessing
import time
import zlib
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from newsletter.look import pictures
from newsletter.look.pictures import prepare
from newsletter.memo import Cache
from newsletter.model import Picture
from tests.room import TOML, Room

FOLDER = "issues/2024-09/items"


def encoded(image: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **({"lossless": True} if kind == "WEBP" else {}))
    return file.getvalue()


def made(room: Room, raw: bytes, name: str = "a.png", **front: Any) -> Picture:
    room.file(f"{FOLDER}/{name}", raw)
    room.item("story", image=name, **front)
    (picture,) = prepare(room.issue(), room.root).values()
    return picture


def photograph(mode: str, width: int = 1600) -> Image.Image:
    grey = Image.effect_noise((width // 8, width // 12), 80).resize((width, width * 2 // 3), Image.Resampling.BICUBIC)
    turned = grey.transpose(Image.Transpose.ROTATE_180)
    return Image.merge("RGB", [grey, turned, grey]).convert(mode)


def chart(mode: str, width: int = 1600) -> Image.Image:
    image = Image.new(mode, (width, width * 2 // 3), "white")
    draw = ImageDraw.Draw(image)
    for number in range(1, 6):
        high = width // 10 * number
        draw.rectangle((number * width // 7, high, number * width // 7 + width // 9, width * 2 // 3), "#1D5C63")
        draw.text((width // 20, high), "what was voted", "black", ImageFont.load_default(width // 30))
    return image


@pytest.mark.parametrize("kind", ["PNG", "BMP", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("section", ["wins", "in-the-news"])
def test_a_photograph_becomes_jpeg_and_a_drawing_png_whatever_they_came_as(
    room: Room, kind: str, mode: str, section: str
) -> None:
    taken = made(room, encoded(photograph(mode), kind), section=section)
    drawn = made(room, encoded(chart(mode), kind), section=section)
    assert (taken.content_type, drawn.content_type) == ("image/jpeg", "image/png")


@pytest.mark.parametrize("image", [chart("RGB"), chart("L"), Image.new("RGB", (1600, 900), "red"), photograph("L")])
def test_what_came_as_jpeg_is_never_made_a_png(room: Room, image: Image.Image) -> None:
    # Its flat parts are no longer flat, and grey has never more than 256 colours.
    assert made(room, encoded(image, "JPEG"), "a.jpg").content_type == "image/jpeg"


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 2)])
def test_the_smallest_pictures_are_drawings(room: Room, size: tuple[int, int]) -> None:
    assert made(room, encoded(Image.new("RGB", size, "red"), "PNG")).content_type == "image/png"


def test_lettering_as_small_as_a_logo_stays_sharp(room: Room) -> None:
    image = Image.new("RGB", (1500, 360), "white")
    ImageDraw.Draw(image).text((30, 20), "Local Progress", "#1D5C63", ImageFont.load_default(200))
    room.file("newsletter.toml", TOML.replace("[organization]", '[organization]\nlogo = "logo.png"', 1))
    room.file("logo.png", encoded(image, "PNG"))
    room.item()
    (picture,) = prepare(room.issue(), room.root).values()
    assert picture.content_type == "image/png"


def _hold(byte: int, key: str, content: bytes, folder: Path, ours: Connection) -> None:
    """Be at a picture until two others are in the cache, then put it there."""
    with pictures._alone(byte):
        ours.send("at it")
        until = time.monotonic() + 60
        while len(list(folder.glob("*.jpeg"))) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        Cache(folder).put(key, content)


@pytest.mark.skipif(pictures._TURNS < 0, reason="the system has no files without a name")
def test_a_picture_that_another_process_is_at_comes_last_and_is_not_made_again(room: Room, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        room.file(f"{FOLDER}/{name}.jpg", encoded(photograph("RGB"), "JPEG"))
        room.item(name, image=f"{name}.jpg")
    raw = (room.root / FOLDER / "a.jpg").read_bytes()
    path, folder = f"{FOLDER}/a.jpg", tmp_path / "cache"
    theirs = b"\xff\xd8\xff as the other process made it"
    context = multiprocessing.get_context("fork")
    hear, say = context.Pipe(duplex=False)
    key = pictures._key(hashlib.sha256(raw).hexdigest(), "cover", "jpeg")
    byte = 1 + zlib.crc32(f"cover {path}".encode())
    other = context.Process(target=_hold, args=(byte, key, b"536 302\n" + theirs, folder, say))
    other.start()
    try:
        assert hear.poll(60)
        found = prepare(room.issue(), room.root, Cache(folder))
    finally:
        other.join(60)
    assert other.exitcode == 0
    assert [picture.content == theirs for picture in found.values()] == [True, False, False]


@pytest.mark.skipif(pictures._TURNS < 0, reason="the system has no files without a name")
def test_who_dies_at_a_picture_lets_go_of_it(room: Room) -> None:
    context = multiprocessing.get_context("fork")
    hear, say = context.Pipe(duplex=False)

    def hold() -> None:
        with pictures._alone(77):
            say.send("at it")
            time.sleep(60)

    other = context.Process(target=hold)
    other.start()
    assert hear.poll(60)
    with pictures._alone(77, waits=False) as is_free:
        assert not is_free
    other.kill()
    other.join(60)
    with pictures._alone(77, waits=False) as is_free:
        assert is_free
