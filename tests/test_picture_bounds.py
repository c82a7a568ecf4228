"""Pictures from a stranger: what is no picture, is damaged, or would take all memory is told, and nothing else."""

import io
import os
import random
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from newsletter.errors import ContentError
from newsletter.look.pictures import facts, prepare
from newsletter.memo import Cache
from newsletter.model import Picture
from newsletter.preview.pictures import Blocks, drawer
from tests.conftest import INSTALLED
from tests.room import Room

FOLDER = "issues/2024-09/items"
# What a build may take while it makes a picture ready, in bytes; the issue's own bound is 500 MB.
MOST = 400_000_000


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noise(width: int, height: int) -> Image.Image:
    grey = Image.effect_noise((width, height), 90)
    return Image.merge("RGB", [grey, grey.transpose(Image.Transpose.ROTATE_180), grey])


def told(room: Room, raw: bytes, **front: Any) -> str:
    """Return what is said of a picture, without its place; empty if it is taken."""
    room.file(f"{FOLDER}/a.jpg", raw)
    room.item("story", image="a.jpg", **front)
    try:
        prepare(room.issue(), room.root)
    except ContentError as error:
        (fault,) = error.faults
        assert (fault.place.file, fault.place.line) == (f"{FOLDER}/story.md", 7)
        return fault.message.removeprefix("picture 'a.jpg' ")
    return ""


def made(room: Room, raw: bytes, **front: Any) -> Picture:
    room.file(f"{FOLDER}/a.jpg", raw)
    room.item("story", image="a.jpg", **front)
    (picture,) = prepare(room.issue(), room.root).values()
    return picture


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *, bits: int = 8, colours: int = 2, rows: bytes = b"", before: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + before + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def segment(kind: int, content: bytes) -> bytes:
    return bytes([0xFF, kind]) + struct.pack(">H", len(content) + 2) + content


def progressive(width: int, height: int, scans: int = 1) -> bytes:
    """Return a grey progressive JPEG whose blocks all end at once: 32,767 of them in two bytes."""
    small = encoded(Image.new("L", (8, 8), 90), "JPEG", progressive=True)
    frame = small.index(b"\xff\xc2")
    small = small[: frame + 5] + struct.pack(">HH", height, width) + small[frame + 9 :]
    first, end = small.index(b"\xff\xda"), small.index(b"\xff\xd9")
    return small[:first] + small[first:end] * scans + b"\xff\xd9"


def overlapping_exif() -> bytes:
    """Return Exif of 64 kB, each of whose 5,000 entries says that it is all of it."""
    entries = b"".join(struct.pack("<HHII", tag, 7, 60_000, 8) for tag in range(5000))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 5000) + entries + bytes(4)


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    inner = b"".join(
        kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2) for kind, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(inner) + 4) + b"WEBP" + inner


def canvas(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    return b"VP8X", bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def bmp(width: int, height: int, bits: int = 24, packing: int = 0) -> bytes:
    sizes = struct.pack("<IiiHHI", 40, width, height, 1, bits, packing)
    return b"BM" + bytes(8) + struct.pack("<I", 54) + sizes + bytes(20)


def frame(width: int = 2, height: int = 2, left: int = 0, top: int = 0, coded: bytes = b"") -> bytes:
    """Return a frame of a GIF: the codes of four pixels unless others are given."""
    data = coded or b"\x02\x03\x84\x01\x05\0"
    return b"," + struct.pack("<HHHH", left, top, width, height) + b"\0" + data


def animation(*blocks: bytes, width: int = 2, height: int = 2, end: bytes = b";") -> bytes:
    screen = struct.pack("<HH", width, height) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    return b"GIF89a" + screen + b"".join(blocks) + end


TOO_MANY = "are too many to open safely"
DAMAGED = "is damaged or cut off"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (png(40_000, 40_000), f"has 40000 × 40000 pixels; more than 20000 on a side {TOO_MANY}"),
        (png(20_000, 20_000), f"has 20000 × 20000 pixels; more than 79 million {TOO_MANY}"),
        (png(20_000, 20_000, bits=1, colours=0), f"has 20000 × 20000 pixels; more than 319 million {TOO_MANY}"),
        (progressive(20_000, 20_000), f"has 20000 × 20000 pixels; more than 158 million {TOO_MANY}"),
        (progressive(100, 65_500), f"has 100 × 65500 pixels; more than 20000 on a side {TOO_MANY}"),
        (webp(canvas(16_000, 16_000)), f"has 16000 × 16000 pixels; more than 18 million {TOO_MANY}"),
        (animation(frame(), width=20_000, height=20_000), f"has 20000 × 20000 pixels; more than 26 million {TOO_MANY}"),
        (animation(width=65_535, height=65_535), f"has 65535 × 65535 pixels; more than 20000 on a side {TOO_MANY}"),
        (bmp(90_000, 90_000), f"has 90000 × 90000 pixels; more than 20000 on a side {TOO_MANY}"),
        (progressive(64, 64, scans=7), "is laid on in more than 40 layers"),
        (animation(*[frame()] * 2001), "has more than 2000 frames"),
    ],
)  # fmt: skip
def test_what_is_too_large_is_told_with_its_size_and_the_most(room: Room, raw: bytes, words: str) -> None:
    assert len(raw) < 50_000
    assert told(room, raw) == words


@pytest.mark.parametrize(
    "raw",
    [
        png(0, 10),
        png(10, 0),
        progressive(0, 10),
        progressive(10, 0),
        webp((b"VP8 ", bytes(10))),
        animation(frame(), width=0, height=2),
        animation(frame(0, 2)),
        bmp(0, 0),
    ],
)
def test_a_picture_without_pixels_is_damaged(room: Room, raw: bytes) -> None:
    assert told(room, raw) == DAMAGED


SHAPES = [(1, 1), (1, 20_000), (20_000, 1), (2, 3), (100, 19_999), (3000, 2), (5000, 1000)]


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP"])
@pytest.mark.parametrize("place", ["cover", "thumb", "words", "logo"])
def test_every_shape_is_taken_at_every_place(room: Room, size: tuple[int, int], kind: str, place: str) -> None:
    raw = encoded(Image.new("RGB", size, "#336699"), kind)
    room.file(f"{FOLDER}/a.jpg", raw)
    if place == "logo":
        toml = (room.root / "newsletter.toml").read_text("utf-8")
        room.file("newsletter.toml", toml.replace("[organization]", f'[organization]\nlogo = "{FOLDER}/a.jpg"'))
    room.item(
        "story",
        "![Words](a.jpg)\n" if place == "words" else "Words.\n",
        image="a.jpg" if place in {"cover", "thumb"} else None,
        section="in-the-news" if place == "thumb" else "wins",
    )
    issue = room.issue()
    (picture,) = prepare(issue, room.root).values()
    assert picture.width >= 1
    assert picture.height >= 1
    assert [(one.width, one.height, one.kind) for one in facts(issue, room.root).values()] == [(*size, kind)]
    shown = drawer([picture], 80, "blocks")(picture.name, 0)
    assert not isinstance(shown, Blocks) or 1 <= shown.rows <= 200


def honest() -> dict[str, bytes]:
    flat = {"JPEG": {"quality": 80}, "PNG": {"compress_level": 1}}
    cases = {
        "a phone's 12 MP": ("RGB", (4000, 3000), "JPEG"),
        "a phone's 48 MP": ("RGB", (8000, 6000), "JPEG"),
        "a phone's 200 MP": ("RGB", (16_320, 12_240), "JPEG"),
        "a screen of 5K": ("RGBA", (5120, 2880), "PNG"),
        "a scan of A4 at 600 dots an inch": ("RGB", (4960, 7016), "PNG"),
        "a scan of A3 at 600 dots an inch": ("RGB", (7016, 9921), "PNG"),
        "a plan of A1 in black and white": ("1", (14_043, 19_866), "PNG"),
        "a drawing in few colours": ("P", (9000, 5000), "PNG"),
        "print colours": ("CMYK", (6000, 4000), "JPEG"),
        "grey in 16 bits": ("I;16", (5000, 4000), "PNG"),
        "WebP of 12 MP": ("RGB", (4000, 3000), "WEBP"),
    }
    return {
        name: encoded(Image.new(mode, size, 0 if mode in {"P", "1"} else None), kind, **flat.get(kind, {}))
        for name, (mode, size, kind) in cases.items()
    }


def test_large_pictures_of_phones_screens_and_scanners_are_taken(room: Room) -> None:
    for name, raw in honest().items():
        picture = made(room, raw)
        assert (name, picture.width) == (name, 208 if " of A" in name else 536)


def test_a_large_picture_looks_as_it_would_if_it_were_decoded_whole(room: Room) -> None:
    quarters = Image.new("RGB", (4096, 2304), "#F03030")
    quarters.paste("#3030F0", (2048, 0, 4096, 1152))
    quarters.paste("#30F030", (0, 1152, 2048, 2304))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    clear = quarters.convert("RGBA")
    clear.putalpha(128)
    exif = Image.Exif()
    exif[0x0112] = 3
    cases: list[tuple[bytes, bool]] = [
        (encoded(quarters, "JPEG", icc_profile=profile), False),
        (encoded(quarters, "JPEG", exif=exif), True),
        (encoded(quarters, "PNG", exif=exif, icc_profile=profile), True),
        (encoded(clear, "PNG"), False),
        (encoded(quarters.quantize(8), "PNG"), False),
        (encoded(quarters.quantize(8), "PNG", transparency=7), False),
        (encoded(quarters, "WEBP", quality=95, exif=exif), True),
        (encoded(quarters, "BMP"), False),
    ]
    for raw, is_turned in cases:
        image = Image.open(io.BytesIO(made(room, raw).content)).convert("RGBA").convert("RGB")
        assert image.size == (1072, 603)
        corners = [(50, 50), (1020, 50), (50, 550), (1020, 550)]
        seen = [tuple(round(value / 60) for value in image.getpixel(at)) for at in corners]  # type: ignore[union-attr]
        wanted = [(4, 1, 1), (1, 1, 4), (1, 4, 1), (4, 1, 1)]
        assert seen == (wanted[::-1] if is_turned else wanted)


def hostile() -> dict[str, bytes]:
    """Return pictures of a few bytes that would take gigabytes, or minutes."""
    gigabyte = zlib.compressobj()
    packed = b"".join(gigabyte.compress(bytes(1 << 20)) for _ in range(1024)) + gigabyte.flush()
    rows = bytes(2401 * 400)
    small = encoded(noise(64, 64), "JPEG")
    moving = encoded(
        noise(64, 64), "WEBP", save_all=True, append_images=[noise(64, 64) for _ in range(9)], minimize_size=False
    )
    frames = moving[moving.index(b"ANMF") :]
    return {
        "png.png": png(40_000, 40_000),
        "wide.png": png(20_000, 4_000),
        "progressive.jpg": progressive(10_000, 10_000),
        "layers.jpg": progressive(12_300, 12_300, scans=6),
        "profile.png": png(800, 400, rows=rows, before=chunk(b"iCCP", b"x\0\0" + packed)),
        "text.png": png(800, 400, rows=rows, before=chunk(b"zTXt", b"x\0\0" + packed) * 20),
        "words.png": png(800, 400, rows=rows, before=chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed) * 20),
        "raw-exif.png": png(800, 400, rows=rows, before=chunk(b"zTXt", b"Raw profile type exif\0\0" + packed)),
        "exif.jpg": small[:2] + segment(0xE1, b"Exif\0\0" + overlapping_exif()) + small[2:],
        "exif.png": png(800, 400, rows=rows, before=chunk(b"eXIf", overlapping_exif())),
        "many-exifs.jpg": small[:2] + segment(0xE1, b"Exif\0\0" + overlapping_exif()) * 200 + small[2:],
        "segments.jpg": small[:2] + segment(0xEC, b"") * 4_000_000 + small[2:],
        "chunks.png": png(800, 400, rows=rows, before=chunk(b"IDAT", b"") * 1_000_000),
        "ready.png": png(600, 300, colours=3, rows=bytes(601 * 300), before=chunk(b"IDAT", b"") * 99_000),
        "frames.webp": moving[:4] + struct.pack("<I", len(moving) + 999 * len(frames) - 8) + moving[8:] + frames * 999,
        "canvas.webp": webp(canvas(16_000, 1_100), (b"VP8 ", encoded(noise(64, 64), "WEBP")[20:])),
        "blocks.gif": animation(b"!\xfe" + b"\1x" * 5_000_000 + b"\0", frame()),
        "comments.gif": animation(b"!\xfe\0" * 3_000_000, frame()),
        "run-lengths.bmp": bmp(20_000, 4_000, bits=8, packing=1) + b"\1\1" * 10_000_000,
    }


# A process begins with the peak of the one that started it: a small one starts the command.
MEASURE = """
import resource, subprocess, sys
said = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True).stderr
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, said)
"""


def peak_of_a_build(room: Room) -> tuple[int, str]:
    """Return how many bytes the command took at most, and what it said."""
    command = [*INSTALLED, "build", "state-LPMN", "-m", "2024-09"]
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, *command], cwd=room.root, capture_output=True, text=True, check=True
    )
    peak, _, said = measured.stdout.partition(" ")
    return int(peak) * (1 if sys.platform == "darwin" else 1024), said


@pytest.mark.skipif(sys.platform == "win32", reason="asks the system what a process took")
def test_no_picture_takes_all_memory_nor_all_day(room: Room) -> None:
    for name, raw in hostile().items():
        room.file(f"{FOLDER}/{name}", raw)
        room.item(name.replace(".", "-"), image=name)
    started = time.monotonic()
    peak, said = peak_of_a_build(room)
    assert "Traceback" not in said
    assert peak < MOST
    # Nineteen of them, none of which may take five seconds.
    assert time.monotonic() - started < 60
    for name in ("png.png", "segments.jpg", "chunks.png", "canvas.webp", "comments.gif", "run-lengths.bmp"):
        assert f"picture '{name}' " in said
    for name in ("progressive.jpg", "layers.jpg", "profile.png", "text.png", "words.png", "exif.jpg", "blocks.gif"):
        assert f"picture '{name}' " not in said


@pytest.mark.skipif(sys.platform == "win32", reason="asks the system what a process took")
def test_many_large_pictures_are_not_open_at_once(room: Room) -> None:
    raw = encoded(Image.new("RGB", (9000, 7000), "#336699"), "PNG", compress_level=1)
    for number in range(4):
        room.file(f"{FOLDER}/{number}.png", raw + bytes([number]))
        room.item(f"story-{number}", image=f"{number}.png", image_alt="Blue")
    peak, said = peak_of_a_build(room)
    assert "Traceback" not in said
    assert "picture" not in said
    assert peak < MOST
    assert len(list((room.root / "build/2024-09").rglob("*.png"))) == 4


def test_ctrl_c_waits_for_no_picture_that_has_not_begun(room: Room, tmp_path: Path) -> None:
    for number in range(24):
        room.file(f"{FOLDER}/{number}.png", encoded(noise(1200, 800), "PNG", compress_level=0) + bytes([number]))
        room.item(f"story-{number}", image=f"{number}.png")
    script = (
        "import sys; from pathlib import Path; from newsletter.issue.assemble import assemble; "
        "from newsletter.issue.edition import edition_of; "
        "from newsletter.memo import Cache; from newsletter.read.load import load; "
        "from newsletter.look.pictures import prepare; "
        "root = Path(sys.argv[1]); newsroom = load(root); "
        "issue = assemble(newsroom, edition_of(newsroom, '2024-09/state-LPMN')); "
        "prepare(issue, root, Cache(Path(sys.argv[2])))"
    )
    kept = tmp_path / "kept"
    process = subprocess.Popen([sys.executable, "-c", script, room.root, kept], stderr=subprocess.PIPE)
    while process.poll() is None and not any(kept.glob("cover-*")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert b"KeyboardInterrupt" in said
    assert len(list(kept.glob("cover-*"))) < 16


LOOP = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
CONTROL = b"!\xf9\x04\x04\x0a\0\0\0"


@pytest.mark.parametrize(
    "raw",
    [
        animation(frame()),
        animation(LOOP, CONTROL, frame(), CONTROL, frame(1, 1, 1, 1, b"\x02\x02\x4c\x01\0")),
        animation(frame()).replace(b"GIF89a", b"GIF87a"),
        encoded(noise(30, 20), "GIF", save_all=True, append_images=[noise(30, 20), noise(20, 30)], loop=0),
        encoded(noise(30, 20).quantize(32), "GIF", interlace=1, transparency=3),
    ],
)
def test_a_whole_gif_goes_out_byte_for_byte(room: Room, raw: bytes) -> None:
    assert made(room, raw).content == raw


@pytest.mark.parametrize(
    "hidden",
    [
        b"!\xfe\x10<script>alert(1)\0",
        b"!\xff\x0bXMP DataXMP\x06<here>\0",
        b"!\xff\x0bNETSCAPE2.0\x05\x03<js>\0",
        b"!\x01\x0c" + bytes(12) + b"\x04word\0",
        b"!\xf9\x03abc\0",
        b"!\x07\0",
    ],
)
def test_what_a_gif_holds_beside_its_picture_stays_behind(room: Room, hidden: bytes) -> None:
    bare = animation(LOOP, CONTROL, frame())
    assert made(room, animation(LOOP, hidden, CONTROL, frame(), hidden)).content == bare
    assert made(room, bare + b"<script>alert(1)</script>").content == bare


@pytest.mark.parametrize(
    "raw",
    [
        b"GIF89a" + b"A" * 34,
        b"GIF89a",
        b"GIF88a" + animation(frame())[6:],
        b"GIF89a/*\x01\0<html><script>alert(1)</script>*/",
        animation(),
        animation(frame(), end=b""),
        animation(frame())[:-3],
        animation(frame(3, 2)),
        animation(frame(2, 2, 0, 1)),
        animation(frame(2, 0)),
        animation(frame(coded=b"\x02\0")),
        animation(frame(coded=b"\x02\x03\xff\xff\xff\0")),
        animation(frame(), frame(coded=b"\x02\x03\xff\xff\xff\0")),
        animation(frame(coded=b"\x0d\x03\x84\x01\x05\0")),
        animation(frame(coded=b"\x02\x03\x84\x01\x05" + b"\xffx" * 2000 + b"\0")),
        animation(frame(coded=b"\x02\x03\x84\x01\x05" + (b"\xff" + b"<script>" * 32)[:256] * 5 + b"\0")),
        animation(b"\x02", frame()),
        animation(frame(), b"<script>alert(1)</script>"),
    ],
)
def test_a_gif_that_is_not_whole_is_told(room: Room, raw: bytes) -> None:
    assert told(room, raw) == DAMAGED


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_nothing_behind_a_picture_goes_out(room: Room, kind: str) -> None:
    raw = encoded(noise(64, 48), kind)
    assert b"<script>" not in made(room, raw + b"<script>alert(1)</script>").content


def test_a_gif_is_decoded_once(room: Room, tmp_path: Path) -> None:
    raw = animation(b"!\xfe\x02hi\0", frame())
    room.file(f"{FOLDER}/a.gif", raw)
    room.item("story", image="a.gif")
    cache = Cache(tmp_path / "kept")
    fresh = prepare(room.issue(), room.root, cache)
    assert len(list((tmp_path / "kept").iterdir())) == 1
    assert prepare(room.issue(), room.root, cache) == fresh == prepare(room.issue(), room.root)


def test_what_no_terminal_can_draw_is_left_to_its_words() -> None:
    def drawn(raw: bytes) -> object:
        picture = Picture(name="a.gif", content=raw, content_type="image/gif", width=100, height=100)
        return drawer([picture], 80, "blocks")("a.gif", 0)

    assert isinstance(drawn(animation(frame())), Blocks)
    whole = encoded(noise(30, 20), "GIF")
    for raw in (*(whole[:cut] for cut in range(len(whole))), png(40_000, 40_000), b"GIF89a" + bytes(29)):
        assert drawn(raw) is None
    assert drawn(encoded(Image.new("RGB", (1, 20_000)), "PNG")) is None
    assert drawn(encoded(Image.new("RGB", (20_000, 1)), "PNG")) is None


def test_the_turn_of_a_camera_is_read_wherever_a_program_wrote_it(room: Room) -> None:
    upright = Image.new("RGB", (40, 20), "#202020")
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    xmp = '<rdf:Description tiff:Orientation="6"/>'
    in_words, raw_profile = PngInfo(), PngInfo()
    in_words.add_itxt("XML:com.adobe.xmp", xmp)
    digits = exif.tobytes().hex()
    raw_profile.add_text("Raw profile type exif", f"\nexif\n{len(digits) // 2:8}\n{digits}\n", zip=True)
    for raw in (
        encoded(turned, "JPEG", exif=exif),
        encoded(turned, "JPEG", xmp=xmp.encode()),
        encoded(turned, "PNG", exif=exif),
        encoded(turned, "PNG", pnginfo=in_words),
        encoded(turned, "PNG", pnginfo=raw_profile),
        encoded(turned, "WEBP", exif=exif),
        encoded(turned, "WEBP", xmp=xmp.encode()),
    ):
        picture = made(room, raw)
        assert (picture.width, picture.height) == (40, 20)


def heic(image: Image.Image, **options: Any) -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file, enc_params={"preset": "ultrafast"}, **options)
    return file.getvalue()


def specimens() -> list[bytes]:
    """Return a picture of every kind that is taken, with all that programs write into them."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "PhoneMaker"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    words = PngInfo()
    words.add_text("Author", "somebody" * 40, zip=True)
    colour = noise(60, 40)
    grey, few = colour.convert("L"), colour.quantize(32)
    return [
        encoded(colour, "JPEG", exif=exif, icc_profile=profile),
        encoded(colour, "JPEG", progressive=True),
        encoded(grey, "JPEG"),
        encoded(colour.convert("CMYK"), "JPEG"),
        encoded(colour, "PNG", exif=exif, icc_profile=profile, pnginfo=words),
        encoded(colour.convert("RGBA"), "PNG"),
        encoded(few, "PNG", transparency=3),
        encoded(grey.convert("1"), "PNG"),
        encoded(grey.convert("I;16"), "PNG"),
        encoded(colour, "PNG", save_all=True, append_images=[colour.rotate(90)]),
        encoded(colour, "WEBP", exif=exif, icc_profile=profile),
        encoded(colour.convert("RGBA"), "WEBP", lossless=True),
        encoded(colour, "WEBP", save_all=True, append_images=[colour.rotate(90)]),
        encoded(colour, "BMP"),
        encoded(few, "BMP"),
        encoded(few, "GIF", save_all=True, append_images=[grey, colour.rotate(90)], loop=0, comment=b"hello"),
        encoded(few, "GIF", interlace=1, transparency=2),
        heic(colour, exif=exif.tobytes(), icc_profile=profile),
        heic(noise(150, 150), tile_size=64),
    ]


def cut(raw: bytes, chance: random.Random) -> bytes:
    return raw[: chance.randrange(len(raw))]


def flipped(raw: bytes, chance: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        # Half of them in what comes first, where sizes stand.
        changed[chance.randrange(min(len(raw), chance.choice([200, len(raw)])))] = chance.choice([0, 127, 128, 255, 65])
    return bytes(changed)


def grown(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(min(len(raw), chance.choice([200, len(raw)])))
    return raw[:at] + chance.randbytes(chance.randrange(9)) + raw[at + chance.randrange(9) :]


@pytest.mark.parametrize("change", [cut, flipped, grown])
def test_a_damaged_picture_is_told_or_whole(room: Room, change: Callable[[bytes, random.Random], bytes]) -> None:
    # More by hand: NEWSLETTER_DAMAGED=20000 pytest tests/test_picture_bounds.py -k damaged_picture
    chance = random.Random(10)
    room.file(f"{FOLDER}/a.jpg", ALL[0])
    room.item("story", image="a.jpg")
    issue = room.issue()
    outcomes = {"whole": 0, "told": 0}
    for number in range(MANY):
        room.file(f"{FOLDER}/a.jpg", change(ALL[number % len(ALL)], chance))
        facts(issue, room.root)
        try:
            (picture,) = prepare(issue, room.root).values()
        except ContentError as error:
            outcomes["told"] += 1
            assert error.faults[0].message.startswith("picture 'a.jpg' ")
            continue
        outcomes["whole"] += 1
        shown = Image.open(io.BytesIO(picture.content))
        shown.load()
        assert picture.width >= 1
        assert picture.height >= 1
    assert sum(outcomes.values()) == MANY
    assert outcomes["told"]


ALL = specimens()
MANY = int(os.environ.get("NEWSLETTER_DAMAGED", "150"))
