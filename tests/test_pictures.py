"""PictureFile -> Picture: real files, made by the test, opened again afterwards."""

import io
import re
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from newsletter.errors import ContentError
from newsletter.look.pictures import prepare
from newsletter.memo import Cache
from newsletter.model import Picture
from tests.room import Room

FOLDER = "issues/2024-09/items"
GPS, ORIENTATION = 0x8825, 0x0112


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photograph(width: int = 2400, height: int = 1200) -> Image.Image:
    """Return a picture with far more colours than any drawing."""
    small = Image.effect_noise((max(1, width // 4), max(1, height // 4)), 90)
    bands = [small, small.transpose(Image.Transpose.ROTATE_180), small.point(lambda value: 255 - value)]
    return Image.merge("RGB", bands).resize((width, height))


def drawing(width: int = 800, height: int = 400) -> Image.Image:
    """Return a picture of two flat colours."""
    image = Image.new("RGB", (width, height), "#1D5C63")
    image.paste("#FFFFFF", (width // 4, height // 4, width // 2, height // 2))
    return image


def made(room: Room, raw: bytes, name: str = "a.jpg", **front: Any) -> Picture:
    """Return what becomes of a picture as the lead story's."""
    room.file(f"{FOLDER}/{name}", raw)
    room.item("story", image=name, **front)
    (picture,) = prepare(room.issue(), room.root).values()
    return picture


def opened(picture: Picture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.content))
    image.load()
    return image


def fault(room: Room, raw: bytes, name: str = "a.jpg") -> str:
    with pytest.raises(ContentError) as caught:
        made(room, raw, name)
    return str(caught.value)


def near(one: tuple[int, ...], other: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def test_a_photograph_is_resized_to_twice_its_place_and_becomes_jpeg(room: Room) -> None:
    picture = made(room, encoded(photograph(), "JPEG"))
    image = opened(picture)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (1072, 536))
    assert (picture.content_type, picture.width, picture.height) == ("image/jpeg", 536, 268)
    assert re.fullmatch(r"a-[0-9a-f]{8}\.jpg", picture.name)
    assert image.info.get("progressive")


@pytest.mark.parametrize(
    ("front", "size", "shown"),
    [
        ({"section": "wins"}, (1072, 536), (536, 268)),
        ({"section": "in-the-news"}, (224, 224), (112, 112)),
    ],
)
def test_every_place_has_its_size(
    room: Room, front: dict[str, Any], size: tuple[int, int], shown: tuple[int, int]
) -> None:
    picture = made(room, encoded(photograph(), "JPEG"), **front)
    assert (opened(picture).size, (picture.width, picture.height)) == (size, shown)


def test_a_logo_is_shown_at_half_its_size_and_no_higher_than_its_line(room: Room) -> None:
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace("[organization]", '[organization]\nlogo = "logo.png"'))
    room.file("logo.png", encoded(drawing(800, 400), "PNG"))
    room.item()
    (picture,) = prepare(room.issue(), room.root).values()
    assert (opened(picture).size, picture.width, picture.height) == ((192, 96), 96, 48)
    assert picture.name.endswith("-logo.png")
    assert 'alt="Example Network"' in room.delivery().html


def test_a_tall_picture_is_cut_to_the_shape_of_its_place(room: Room) -> None:
    picture = made(room, encoded(photograph(1200, 2400), "JPEG"))
    assert (picture.width, picture.height) == (208, 370)


@pytest.mark.parametrize(
    ("width", "height", "shown"), [(900, 1200, 278), (800, 800, 208), (1000, 1500, 312), (1080, 1920, 370)]
)
def test_a_portrait_stands_whole(room: Room, width: int, height: int, shown: int) -> None:
    picture = made(room, encoded(photograph(width, height), "JPEG"))
    assert (opened(picture).size, picture.width, picture.height) == ((416, round(416 * height / width)), 208, shown)


@pytest.mark.parametrize(("section", "height"), [("wins", 2133), ("in-the-news", 1200)])
def test_a_tall_picture_is_cut_where_faces_seldom_are(room: Room, section: str, height: int) -> None:
    # Black at the top, white at the bottom: the shade of a line tells where it was.
    tall = Image.linear_gradient("L").resize((1200, 2400))
    room.item("first", section="wins")
    room.file(f"{FOLDER}/a.png", encoded(tall, "PNG"))
    room.item("second", section=section, image="a.png")
    (picture,) = prepare(room.issue(), room.root).values()
    image = opened(picture).convert("L")
    shades = tuple(int(image.getpixel((image.width // 2, y))) for y in (0, image.height - 1))  # type: ignore[arg-type]
    # A good third of what goes is cut above, the rest below.
    top = 0.35 * (2400 - height)
    assert near(shades, (round(top / 2400 * 255), round((top + height) / 2400 * 255)), by=3)


def test_a_wide_picture_in_a_list_keeps_its_middle(room: Room) -> None:
    wide = Image.new("RGB", (1200, 300), "#FFFFFF")
    wide.paste("#808080", (450, 0, 750, 300))
    room.item("first", section="wins")
    room.file(f"{FOLDER}/a.png", encoded(wide, "PNG"))
    room.item("second", section="in-the-news", image="a.png")
    (picture,) = prepare(room.issue(), room.root).values()
    assert opened(picture).size == (224, 224)
    assert opened(picture).convert("L").getextrema() == (128, 128)


@pytest.mark.parametrize(("section", "width"), [("action", 482), ("wins", 208), ("remembrance", 536)])
def test_a_picture_in_an_action_panel_is_no_wider_than_the_panel_leaves_room(
    room: Room, section: str, width: int
) -> None:
    room.file(f"{FOLDER}/a.jpg", encoded(photograph(), "JPEG"))
    room.item("first", section="wins")
    room.item("second", section=section, image="a.jpg", image_alt="Trees")
    (tag,) = re.findall(r'<img[^>]*alt="Trees"[^>]*>', room.delivery().html)
    assert f' width="{width}"' in tag


@pytest.mark.parametrize(("natural", "shown"), [(400, 400), (482, 482), (483, 482)])
def test_a_narrow_picture_in_an_action_panel_keeps_its_width(room: Room, natural: int, shown: int) -> None:
    room.file(f"{FOLDER}/a.png", encoded(drawing(natural, 100), "PNG"))
    room.item("first", section="wins")
    room.item("second", section="action", image="a.png", image_alt="Trees")
    (tag,) = re.findall(r'<img[^>]*alt="Trees"[^>]*>', room.delivery().html)
    assert f' width="{shown}"' in tag


def test_a_picture_inside_words_keeps_its_shape(room: Room) -> None:
    room.file(f"{FOLDER}/tall.jpg", encoded(photograph(1200, 2400), "JPEG"))
    room.item("story", "![Tall](tall.jpg)\n")
    (picture,) = prepare(room.issue(), room.root).values()
    assert (opened(picture).size, picture.width, picture.height) == ((1072, 2144), 536, 1072)
    assert re.search(r'<img src="tall-[0-9a-f]{8}-words\.jpg" alt="Tall"[^>]* width="536">', room.delivery().html)


@pytest.mark.parametrize(("width", "shown"), [(300, 300), (536, 536), (700, 536), (1, 1)])
def test_small_pictures_are_not_enlarged(room: Room, width: int, shown: int) -> None:
    picture = made(room, encoded(drawing(width, max(1, width // 2)), "PNG"), "a.png")
    assert (opened(picture).size[0], picture.width) == (width, shown)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_a_camera_is_turned_upright(room: Room, orientation: int) -> None:
    upright = Image.new("RGB", (400, 200), "#202020")
    upright.paste("#F03030", (0, 0, 100, 100))
    # What the camera stores is what turning by the tag makes upright again.
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    image = opened(made(room, encoded(stored, "JPEG", exif=exif, quality=95)))
    assert image.size == (400, 200)
    assert near(image.convert("RGB").getpixel((20, 20)), (240, 48, 48))  # type: ignore[arg-type]
    assert near(image.convert("RGB").getpixel((380, 180)), (32, 32, 32))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_position_and_all_else_that_a_camera_wrote_is_gone(room: Room, kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x9286] = "PhoneMaker", "secret comment"
    exif.get_ifd(GPS).update({1: "N", 2: (44.0, 56.0, 38.0), 3: "W", 4: (93.0, 5.0, 11.0)})
    options: dict[str, Any] = {"exif": exif, "xmp": b"<x:xmpmeta>secret place</x:xmpmeta>"}
    if kind == "JPEG":
        options["comment"] = b"secret comment"
    if kind == "PNG":
        from PIL.PngImagePlugin import PngInfo

        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_text("Author", "secret author")
        del options["xmp"]
    raw = encoded(photograph(640, 320), kind, **options)
    assert b"PhoneMaker" in raw
    picture = made(room, raw, f"a.{kind.lower()}")
    # Words so long that noise does not hold one by chance.
    assert not re.search(rb"PhoneMaker|secret|Exif\0|xmpmeta|ICC_PROFILE|iCCP|tEXt", picture.content)
    image = opened(picture)
    assert dict(image.getexif()) == {}
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}


def test_a_drawing_stays_png(room: Room) -> None:
    picture = made(room, encoded(drawing(), "PNG"), "a.png")
    assert (picture.content_type, opened(picture).format) == ("image/png", "PNG")
    assert picture.name.endswith(".png")


def test_a_transparent_picture_stays_transparent(room: Room) -> None:
    image = drawing().convert("RGBA")
    image.putalpha(128)
    picture = made(room, encoded(image, "PNG"), "a.png")
    assert (picture.content_type, opened(picture).mode) == ("image/png", "RGBA")
    assert opened(picture).getpixel((10, 10)) == (29, 92, 99, 128)


def test_a_picture_whose_transparency_is_empty_may_become_jpeg(room: Room) -> None:
    picture = made(room, encoded(photograph(640, 320).convert("RGBA"), "PNG"), "a.png")
    assert (picture.content_type, opened(picture).mode) == ("image/jpeg", "RGB")


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (Image.new("RGB", (40, 20), "#FF0000"), {"transparency": (255, 0, 0)}),
        (Image.new("L", (40, 20), 7), {"transparency": 7}),
        (Image.new("P", (40, 20), 0), {"transparency": 0}),
        (Image.new("LA", (40, 20), (7, 0)), {}),
    ],
)
def test_one_see_through_colour_stays_so(room: Room, image: Image.Image, options: dict[str, Any]) -> None:
    picture = made(room, encoded(image, "PNG", **options), "a.png")
    seen = opened(picture).convert("RGBA").getpixel((5, 5))
    assert isinstance(seen, tuple)
    assert seen[3] == 0


def test_a_palette_keeps_its_colours(room: Room) -> None:
    image = drawing(1400, 700).convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
    picture = made(room, encoded(image, "PNG"), "a.png")
    shown = opened(picture)
    assert (shown.format, shown.size) == ("PNG", (1072, 536))
    assert near(shown.convert("RGB").getpixel((5, 5)), (29, 92, 99), 2)  # type: ignore[arg-type]
    assert near(shown.convert("RGB").getpixel((400, 200)), (255, 255, 255), 2)  # type: ignore[arg-type]


def test_sixteen_bits_of_grey_keep_their_middle(room: Room) -> None:
    image = Image.new("I;16", (40, 20), 0x8000)
    seen = opened(made(room, encoded(image, "PNG"), "a.png"))
    assert seen.mode == "L"
    assert seen.getpixel((5, 5)) in {127, 128}


def test_black_and_white_is_shown(room: Room) -> None:
    image = Image.new("1", (40, 20), 1)
    seen = opened(made(room, encoded(image, "PNG"), "a.png")).convert("RGB").getpixel((5, 5))
    assert seen == (255, 255, 255)


def test_print_colours_become_screen_colours(room: Room) -> None:
    image = Image.new("CMYK", (400, 200), (0, 255, 255, 0))
    seen = opened(made(room, encoded(image, "JPEG", quality=95)))
    assert seen.mode == "RGB"
    assert near(seen.getpixel((5, 5)), (255, 0, 0), 30)  # type: ignore[arg-type]


def wide_gamut() -> bytes:
    """Return a profile whose red is what sRGB calls green: no eye would miss that it was left out."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    entries = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, green = entries[b"rXYZ"], entries[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def test_colours_of_another_profile_are_brought_home(room: Room) -> None:
    image = Image.new("RGB", (400, 200), "#E01010")
    raw = encoded(image, "JPEG", quality=95, icc_profile=wide_gamut())
    seen = opened(made(room, raw))
    assert near(seen.getpixel((5, 5)), (16, 224, 16), 25)  # type: ignore[arg-type]
    assert "icc_profile" not in seen.info


@pytest.mark.parametrize("profile", [b"", b"nonsense", b"\x00" * 200])
def test_a_broken_profile_is_left_out(room: Room, profile: bytes) -> None:
    raw = encoded(Image.new("RGB", (400, 200), "#E01010"), "JPEG", quality=95, icc_profile=profile)
    assert near(opened(made(room, raw)).getpixel((5, 5)), (224, 16, 16))  # type: ignore[arg-type]


def test_a_gif_passes_through_byte_for_byte(room: Room) -> None:
    frames = [Image.new("P", (800, 400), number) for number in range(3)]
    raw = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    picture = made(room, raw, "a.gif")
    assert (picture.content, picture.content_type) == (raw, "image/gif")
    assert (picture.width, picture.height) == (536, 268)


def test_an_https_address_passes_through(room: Room) -> None:
    room.item("story", "![In words](https://pictures.example/b.png?a=1&b=2)\n", image="https://pictures.example/a.jpg")
    assert prepare(room.issue(), room.root) == {}
    html = room.delivery().html
    assert 'src="https://pictures.example/a.jpg"' in html
    assert 'src="https://pictures.example/b.png?a=1&amp;b=2"' in html


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it has so many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(10_001, 10_000), (14_000, 9_000), (30_000, 30_000), (100_000, 100_000)])
def test_a_decompression_bomb_is_refused_before_it_goes_off(room: Room, width: int, height: int) -> None:
    told = fault(room, bomb(width, height), "a.png")
    assert told.startswith("issues/2024-09/items/story.md:7: picture 'a.png' ")
    assert "to open safely\n  hint: save it no wider than 4000 pixels" in told


def test_a_large_photograph_is_taken_without_a_word(room: Room, capfd: pytest.CaptureFixture[str]) -> None:
    # 90 million pixels: below our limit, above that at which Pillow begins to warn.
    raw = encoded(Image.new("L", (9500, 9500), 200), "PNG")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert made(room, raw, "a.png").width == 208
    assert [str(one.message) for one in caught] == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_picture_is_a_fault_at_its_line(room: Room, kind: str, share: float) -> None:
    raw = encoded(photograph(640, 320), kind)
    told = fault(room, raw[: int(len(raw) * share)])
    assert re.fullmatch(
        r"issues/2024-09/items/story\.md:7: picture 'a\.jpg' "
        r"(?:is damaged or cut off|is not a picture that can be opened)\n  hint: export it anew as JPEG or PNG",
        told,
    )


def test_damaged_metadata_is_no_reason_to_refuse_or_to_talk(room: Room, capfd: pytest.CaptureFixture[str]) -> None:
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker" * 9
    raw = encoded(photograph(640, 320), "JPEG", exif=exif)
    at = raw.index(b"Exif")
    damaged = raw[: at + 20] + b"\xff\xff\xff\xff" + raw[at + 24 :]
    assert made(room, damaged).width == 536
    assert capfd.readouterr() == ("", "")


def test_every_damaged_picture_is_told_of_at_once(room: Room) -> None:
    raw = encoded(photograph(640, 320), "JPEG")
    for name in ("a", "b"):
        room.file(f"{FOLDER}/{name}.jpg", raw[:2000])
        room.item(name, image=f"{name}.jpg")
    with pytest.raises(ContentError) as caught:
        prepare(room.issue(), room.root)
    assert [str(fault.place) for fault in caught.value.faults] == [f"{FOLDER}/a.md:7", f"{FOLDER}/b.md:7"]


def test_files_of_the_same_name_in_two_folders_stay_two(room: Room) -> None:
    room.file(f"{FOLDER}/one/a.png", encoded(drawing(), "PNG"))
    room.file(f"{FOLDER}/two/a.png", encoded(Image.new("RGB", (40, 20), "#FF0000"), "PNG"))
    keys = {"chapters": ["LPMN"], "month": "2024-09", "section": "wins", "image": "a.png"}
    room.page(f"{FOLDER}/one/x.md", "One.\n", {"title": "One", **keys})
    room.page(f"{FOLDER}/two/x.md", "Two.\n", {"title": "Two", **keys})
    pictures = prepare(room.issue(), room.root)
    assert len({picture.name for picture in pictures.values()}) == 2
    room.build()
    names = re.findall(r'<img[^>]* src="([^"]*)"', room.built("issue.html").decode())
    assert len(set(names)) == 2
    for name in names:
        assert room.built(name) in {picture.content for picture in pictures.values()}


def test_one_picture_at_two_places_is_two_files(room: Room) -> None:
    room.file(f"{FOLDER}/a.jpg", encoded(photograph(), "JPEG"))
    room.item("one", "![Again](a.jpg)\n", image="a.jpg")
    room.item("two", image="a.jpg", section="in-the-news")
    names = sorted(picture.name for picture in prepare(room.issue(), room.root).values())
    assert [re.sub("[0-9a-f]{8}", "x", name) for name in names] == ["a-x-thumb.jpg", "a-x-words.jpg", "a-x.jpg"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Über uns & Söhne.png", "ber-uns-s-hne"),
        ("📬.png", "picture"),
        ('a"b<c>%%d.png', "a-b-c-d"),
        ("x" * 200 + ".png", "x" * 60),
        ("UPPER.PNG", "upper"),
    ],
)
def test_names_beside_the_issue_are_safe_everywhere(room: Room, name: str, wanted: str) -> None:
    picture = made(room, encoded(drawing(), "PNG"), name)
    assert re.fullmatch(rf"{wanted}-[0-9a-f]{{8}}\.png", picture.name)


@pytest.mark.parametrize(
    "base", ["https://pictures.example", "https://pictures.example/", "https://pictures.example/a/?b=c&d="]
)
def test_the_html_refers_to_pictures_under_the_base_address(room: Room, base: str) -> None:
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace("[organization]", f'[organization]\npicture_base_url = "{base}"'))
    picture = made(room, encoded(drawing(), "PNG"), "a.png")
    wanted = f"{base.rstrip('/')}/2024-09/state-LPMN/{picture.name}".replace("&", "&amp;")
    assert f'src="{wanted}"' in room.delivery().html


def test_without_a_base_address_the_html_refers_to_what_lies_beside_it(room: Room) -> None:
    picture = made(room, encoded(drawing(), "PNG"), "a.png")
    room.build()
    assert f'src="{picture.name}"' in room.built("issue.html").decode()
    assert room.built(picture.name) == picture.content


def test_the_cache_gives_the_same_bytes_and_survives_its_loss(room: Room, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    room.file(f"{FOLDER}/a.jpg", encoded(photograph(), "JPEG"))
    room.item("story", image="a.jpg")
    fresh = prepare(room.issue(), room.root, cache)
    assert prepare(room.issue(), room.root, cache) == fresh == prepare(room.issue(), room.root)
    room.file(f"{FOLDER}/a.jpg", encoded(drawing(), "JPEG"))
    assert prepare(room.issue(), room.root, cache) != fresh


def test_a_picture_that_vanished_since_it_was_read_is_a_fault(room: Room) -> None:
    path = room.file(f"{FOLDER}/a.jpg", encoded(drawing(), "JPEG"))
    room.item("story", image="a.jpg")
    issue = room.issue()
    path.unlink()
    with pytest.raises(ContentError, match=r"story\.md:7: picture 'a\.jpg' can't be read: no such file or directory"):
        prepare(issue, room.root)
