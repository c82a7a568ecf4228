"""Pictures of every shape and make: what a cut keeps, whose words it needs, and colours that stay as they were seen."""

import io
import json
import re
import struct
from typing import Any

import pytest
from PIL import Image

from newsletter.look.pictures import cut, facts, prepare
from newsletter.memo import Cache
from newsletter.model import Picture
from tests.conftest import Run
from tests.room import Room
from tests.test_pictures import wide_gamut

FOLDER = "issues/2024-09/items"
TURN = 0x0112
# What a camera stores is what turning by the tag makes upright again.
UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def poster(width: int = 600, height: int = 1800) -> Image.Image:
    """Return a picture in three bands: red above green above blue."""
    image = Image.new("RGB", (width, height), "#30F030")
    image.paste("#F03030", (0, 0, width, height // 3))
    image.paste("#3030F0", (0, height - height // 3, width, height))
    return image


def made(room: Room, raw: bytes, name: str = "a.png", **front: Any) -> Picture:
    """Return what becomes of a picture; the lead is another item's."""
    room.file(f"{FOLDER}/{name}", raw)
    room.item("first", lead=True)
    room.item("story", image=name, **{"image_alt": "Trees", **front})
    (picture,) = prepare(room.issue(), room.root).values()
    return picture


def shown(picture: Picture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.content))
    image.load()
    return image


def seen(image: Image.Image, across: float, down: float) -> str:
    """Return the name of the colour at a place, in shares of width and height."""
    at = int(across * (image.width - 1)), int(down * (image.height - 1))
    colour = image.convert("RGB").getpixel(at)
    assert isinstance(colour, tuple)
    return {0: "red", 1: "green", 2: "blue"}[colour.index(max(colour))]


def told(run: Run, slug: str) -> list[tuple[int, str, str]]:
    """Return what `check` says under that slug: line, sentence, hint."""
    findings = json.loads(run("check", "LPMN", "-m", "2024-09", "--only", slug, "--format", "json").stdout)["findings"]
    return [(one["line"], one["message"], one["hint"]) for one in findings]


@pytest.mark.parametrize(
    ("focus", "edges"),
    [
        (None, ("red", "blue")),
        ("top", ("red", "green")),
        ("center", ("red", "blue")),
        ("bottom", ("green", "blue")),
        ("left", ("red", "blue")),
        ("right", ("red", "blue")),
    ],
)
def test_a_tall_picture_keeps_what_its_writer_says(room: Room, focus: str | None, edges: tuple[str, str]) -> None:
    image = shown(made(room, encoded(poster(), "PNG"), image_focus=focus))
    assert image.size == (416, 740)
    assert (seen(image, 0.5, 0), seen(image, 0.5, 1)) == edges


@pytest.mark.parametrize(
    ("focus", "edges"),
    [
        (None, ("green", "green")),
        ("left", ("red", "red")),
        ("center", ("green", "green")),
        ("right", ("blue", "blue")),
        ("top", ("green", "green")),
    ],
)
def test_a_wide_picture_in_a_list_keeps_what_its_writer_says(
    room: Room, focus: str | None, edges: tuple[str, str]
) -> None:
    wide = poster(500, 1500).transpose(Image.Transpose.ROTATE_90)
    image = shown(made(room, encoded(wide, "PNG"), section="in-the-news", image_focus=focus))
    assert image.size == (224, 224)
    assert (seen(image, 0, 0.5), seen(image, 1, 0.5)) == edges


def test_a_focus_that_changes_nothing_makes_no_second_picture(room: Room) -> None:
    plain = made(room, encoded(poster(1500, 600), "PNG"))
    assert made(room, encoded(poster(1500, 600), "PNG"), image_focus="top") == plain
    assert made(room, encoded(poster(), "PNG"), image_focus="left").name == made(room, encoded(poster(), "PNG")).name
    whole = encoded(poster(600, 900), "PNG")
    assert made(room, whole, image_focus="top") == made(room, whole)


def test_one_file_in_two_stories_is_cut_for_each_as_its_writer_says(room: Room) -> None:
    room.file(f"{FOLDER}/a.png", encoded(poster(), "PNG"))
    for number, focus in enumerate(("top", "bottom", None, "top")):
        room.item(f"story-{number}", image="a.png", image_alt=f"Alt {number}", image_focus=focus)
    cache = Cache(room.cache)
    for _ in range(2):
        pictures = prepare(room.issue(), room.root, cache)
        uses = {re.sub(r"-[0-9a-f]{8}", "", picture.name): len(picture.uses) for picture in pictures.values()}
        # The first of them is the lead.
        assert uses == {"a-top.png": 1, "a-side-top.png": 1, "a-side-bottom.png": 1, "a-side.png": 1}
    html = room.delivery().html
    sources = [re.search(rf'src="([^"]+)" alt="Alt {number}"', html) for number in range(4)]
    ends = [found[1].rpartition("-")[2] if found else "" for found in sources]
    assert (ends[0], ends[1], ends[3]) == ("top.png", "bottom.png", "top.png")


@pytest.mark.parametrize("focus", ["", "top", "center", "bottom", "left", "right"])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 3), (3001, 17), (17, 3001), (999, 1000)])
def test_a_cut_lies_within_its_picture(size: tuple[int, int], focus: str) -> None:
    for place in ("cover", "side", "thumb"):
        left, top, right, bottom = cut(size, place, focus)
        assert 0 <= left < right <= size[0]
        assert 0 <= top < bottom <= size[1]
    assert cut(size, "words", focus) == (0, 0, *size)


@pytest.mark.parametrize(("width", "height", "lost"), [(600, 1500, 29), (1000, 2400, 26), (300, 1200, 56)])
def test_a_cut_that_takes_much_is_told_until_the_writer_decides(
    room: Room, run: Run, width: int, height: int, lost: int
) -> None:
    raw = encoded(Image.new("RGB", (width, height), "#336699"), "JPEG")
    sentence = f"picture 'a.jpg' ({width} × {height}) is tall: the cut to its place takes {lost} % of it away"
    way_out = "image_focus: top (or center, bottom); or crop it yourself, to about twice as wide as high"
    for focus in (None, "left"):
        made(room, raw, "a.jpg", image_focus=focus)
        assert told(run, "odd-proportions") == [(7, sentence, f"say what must stay: {way_out}")]
    for focus in ("top", "center", "bottom"):
        made(room, raw, "a.jpg", image_focus=focus)
        assert told(run, "odd-proportions") == []


def test_a_gif_is_never_cut_and_never_said_to_be(room: Room, run: Run) -> None:
    raw = encoded(Image.new("P", (540, 1100)), "GIF")
    for section in ("wins", "in-the-news"):
        picture = made(room, raw, "tall.gif", section=section, image_focus="top")
        assert (picture.content, "top" in picture.name) == (raw, False)
        made(room, raw, "tall.gif", section=section)
        assert told(run, "odd-proportions") == []


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_turned_picture_is_measured_and_cut_as_it_is_seen(room: Room, kind: str, turn: int) -> None:
    stored = poster().transpose(UNDO[turn]) if turn > 1 else poster()
    exif = Image.Exif()
    exif[TURN] = turn
    picture = made(room, encoded(stored, kind, exif=exif), image_focus="bottom")
    (measured,) = facts(room.issue(), room.root).values()
    assert (measured.width, measured.height) == (600, 1800)
    assert shown(picture).size == (416, 740)
    assert (seen(shown(picture), 0.5, 0), seen(shown(picture), 0.5, 1)) == ("green", "blue")


def test_a_turned_poster_is_told_as_an_upright_one(room: Room, run: Run) -> None:
    exif = Image.Exif()
    exif[TURN] = 6
    made(room, encoded(poster().transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif))
    ((_, sentence, _),) = told(run, "odd-proportions")
    assert sentence == "picture 'a.png' (600 × 1800) is tall: the cut to its place takes 41 % of it away"


def moving(kind: str, frames: int, mode: str = "RGB") -> bytes:
    pictures = [Image.new(mode, (600, 320), (40 * number, 90, 90, 128)[: len(mode)]) for number in range(frames)]
    return encoded(pictures[0], kind, save_all=True, append_images=pictures[1:])


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_that_no_longer_moves_is_told(room: Room, run: Run, kind: str, mode: str) -> None:
    made(room, moving(kind, 3, mode), "a.webp")
    sentence = "picture 'a.webp' is a moving one, and only the first of its 3 pictures goes out"
    assert told(run, "picture-stands-still") == [(7, sentence, "save it as GIF: it goes out as it is")]


@pytest.mark.parametrize("raw", [moving("WEBP", 1), moving("PNG", 1), moving("GIF", 3)])
def test_what_stands_still_anyway_or_moves_on_is_not_told(room: Room, run: Run, raw: bytes) -> None:
    made(room, raw, "a.webp")
    assert told(run, "picture-stands-still") == []


def test_a_moving_picture_of_one_frame_stands_still(room: Room) -> None:
    raw = moving("PNG", 2)
    one = raw.replace(b"acTL\0\0\0\2", b"acTL\0\0\0\1")
    assert raw != one
    made(room, one)
    assert [one.frames for one in facts(room.issue(), room.root).values()] == [1]


def test_a_moving_picture_in_the_words_is_told_at_its_line(room: Room, run: Run) -> None:
    room.file(f"{FOLDER}/a.webp", moving("WEBP", 2))
    room.item("story", "Words.\n\n![Two shades](a.webp)\n")
    assert [line for line, _, _ in told(run, "picture-stands-still")] == [10]


def grey_profile(gamma: float) -> bytes:
    """Return a profile of greys that are darker or lighter than sRGB's, as printing presses use."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    words = b"desc" + bytes(4) + struct.pack(">I", 5) + b"grey\0" + bytes(78 + 1)
    right = b"text" + bytes(4) + b"none\0" + bytes(3)
    tags = {b"desc": words, b"cprt": right, b"wtpt": white, b"kTRC": curve}
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"lcms", 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


@pytest.mark.parametrize("width", [600, 1600])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "P with a see-through colour"])
def test_wide_colours_come_home_from_every_make_of_png(room: Room, mode: str, width: int) -> None:
    image = Image.new("RGB", (width, width // 2), "#E01010")
    image.paste("#10E010", (width // 2, 0, width, width // 2))
    options: dict[str, Any] = {"icc_profile": wide_gamut()}
    if mode == "RGBA":
        image = image.convert("RGBA")
        image.putalpha(128)
    elif mode != "RGB":
        image = image.quantize(4)
        options |= {"transparency": 3} if " " in mode else {}
    picture = shown(made(room, encoded(image, "PNG", **options)))
    assert (seen(picture, 0.1, 0.5), seen(picture, 0.9, 0.5)) == ("green", "red")
    assert "icc_profile" not in picture.info


def test_a_palette_of_16_colours_stays_small(room: Room) -> None:
    image = Image.linear_gradient("L").resize((600, 300)).quantize(16)
    picture = made(room, encoded(image, "PNG", icc_profile=wide_gamut(), bits=4))
    assert shown(picture).mode == "P"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_greys_of_a_printing_press_come_home(room: Room, kind: str) -> None:
    image = Image.new("L", (600, 300), 128)
    lighter = shown(made(room, encoded(image, kind, icc_profile=grey_profile(1.0)))).convert("L")
    as_it_was = shown(made(room, encoded(image, kind))).convert("L")
    assert lighter.getpixel((9, 9)) == pytest.approx(188, abs=3)
    assert as_it_was.getpixel((9, 9)) == pytest.approx(128, abs=2)


def test_grey_with_a_profile_of_colours_stays_grey(room: Room) -> None:
    # Cameras that take grey pictures write the profile of all others.
    raw = encoded(Image.new("L", (600, 300), 128), "JPEG", icc_profile=wide_gamut())
    assert shown(made(room, raw)).convert("L").getpixel((9, 9)) == pytest.approx(128, abs=2)


SHAPES: dict[str, tuple[Image.Image, str, tuple[int, int]]] = {
    "print colours": (Image.new("CMYK", (1400, 700)), "JPEG", (208, 104)),
    "grey in 16 bits": (Image.new("I;16", (1400, 700)), "PNG", (208, 104)),
    "grey and see-through": (Image.new("LA", (1400, 700), (90, 90)), "PNG", (208, 104)),
    "black and white": (Image.new("1", (1400, 700)), "PNG", (208, 104)),
    "one dot": (Image.new("RGB", (1, 1)), "PNG", (1, 1)),
    "a panorama": (Image.new("RGB", (5000, 500)), "JPEG", (208, 21)),
    "a portrait": (Image.new("RGB", (1500, 2000)), "JPEG", (208, 278)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_make_of_picture_finds_its_place(room: Room, name: str) -> None:
    image, kind, size = SHAPES[name]
    picture = made(room, encoded(image, kind))
    assert (picture.width, picture.height) == size
