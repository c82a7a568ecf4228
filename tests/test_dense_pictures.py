"""Pictures of many megabytes: what would take too long is told before it is decoded, what phones write is taken."""

import io
import random
import struct
import subprocess
import sys

import pytest
from PIL import Image

from newsletter.errors import ContentError
from newsletter.look.pictures import prepare
from tests.conftest import INSTALLED
from tests.room import Room

FOLDER = "issues/2024-09/items"
SOME = random.Random(10).randbytes(1 << 20).replace(b"\xff", b"\xfe")


def segment(kind: int, content: bytes) -> bytes:
    return bytes([0xFF, kind]) + struct.pack(">H", len(content) + 2) + content


def scan(first: int, last: int, before: int, after: int, codes: bytes, data: bytes) -> bytes:
    """Return a scan of a grey progressive JPEG, and its table: the codes' symbols, of one bit more each."""
    lengths = bytes(len(codes) > number for number in range(16))
    table = segment(0xC4, bytes([0x10 if first else 0]) + lengths + codes)
    return table + segment(0xDA, bytes([1, 1, 0, first, last, before << 4 | after])) + data


def laid_on(side: int, layers: int, size: int) -> bytes:
    """Return a square one that is full of changes in each layer: about `size` bytes, none of which says nothing."""
    blocks = (side // 8) ** 2
    each = (size - blocks * 10) // layers
    frame = segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + bytes([1, 0x11, 0]))
    data = (SOME * (max(each, blocks * 10) // len(SOME) + 1))[:each]
    scans = [
        scan(0, 0, 0, 0, b"\0", bytes(blocks // 8 + 1)),
        scan(1, 63, 0, 13, b"\x01\x11\x21\x31", (SOME * (blocks * 10 // len(SOME) + 1))[: blocks * 10]),
        *(scan(1, 63, max(13 - number, 1), max(12 - number, 0), b"\x01\xf0", data) for number in range(layers)),
    ]
    return b"\xff\xd8" + segment(0xDB, b"\0" + bytes([1] * 64)) + frame + b"".join(scans) + b"\xff\xd9"


def told(room: Room, raw: bytes) -> str:
    room.file(f"{FOLDER}/a.jpg", raw)
    room.item("story", image="a.jpg")
    try:
        prepare(room.issue(), room.root)
    except ContentError as error:
        return str(error)
    return ""


def test_a_photograph_laid_on_in_too_many_megabytes_is_told_before_it_is_decoded(room: Room) -> None:
    assert told(room, laid_on(8000, 15, 93_000_000)) == (
        "issues/2024-09/items/story.md:7: picture 'a.jpg' is laid on in layers of 93 MB; more than 60 MB take too long "
        "to open\n  hint: save it no wider than 4000 pixels"
    )


def test_what_follows_a_photograph_counts_for_nothing(room: Room) -> None:
    # Phones put a film, a second exposure, a map of depth behind it.
    file = io.BytesIO()
    Image.linear_gradient("L").resize((1200, 800)).save(file, "JPEG", progressive=True)
    assert told(room, file.getvalue() + bytes(70_000_000)) == ""


@pytest.mark.parametrize("colours", ["L", "RGB", "CMYK"])
def test_honest_layers_are_taken(room: Room, colours: str) -> None:
    file = io.BytesIO()
    Image.effect_noise((3000, 2000), 60).convert(colours).save(file, "JPEG", quality=100, progressive=True)
    assert told(room, file.getvalue()) == ""


# A process begins with the peak of the one that started it: a small one starts the command.
MEASURE = """
import resource, subprocess, sys
said = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True).stderr
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, said)
"""


def peak_of_a_build(room: Room) -> tuple[int, str]:
    """Return how many bytes the largest process of the command took, and what it said."""
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, *INSTALLED, "build", "state-LPMN", "-m", "2024-09"],
        cwd=room.root,
        capture_output=True,
        text=True,
        check=True,
    )
    peak, _, said = measured.stdout.partition(" ")
    return int(peak) * (1 if sys.platform == "darwin" else 1024), said


@pytest.mark.skipif(sys.platform == "win32", reason="asks the system what a process took")
def test_the_densest_that_is_taken_stays_within_the_bounds(room: Room) -> None:
    room.file(f"{FOLDER}/a.jpg", laid_on(8000, 15, 59_000_000))
    room.item("story", image="a.jpg", image_alt="Grey")
    peak, said = peak_of_a_build(room)
    assert "picture" not in said
    assert peak < 320_000_000


@pytest.mark.skipif(sys.platform == "win32", reason="asks the system what a process took")
def test_the_photographs_of_a_phone_take_no_more_than_300_mb(room: Room) -> None:
    file = io.BytesIO()
    noise = Image.effect_noise((1000, 750), 60).resize((4000, 3000))
    Image.merge("RGB", [noise, noise.transpose(Image.Transpose.ROTATE_180), noise]).save(file, "JPEG", quality=95)
    for number in range(12):
        room.file(f"{FOLDER}/{number}.jpg", file.getvalue() + bytes([number]))
        room.item(f"story-{number}", image=f"{number}.jpg", image_alt="Noise")
    peak, said = peak_of_a_build(room)
    assert "picture" not in said
    assert peak < 300_000_000
