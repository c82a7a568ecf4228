"""What Google Docs exports as Markdown: ids of headings, and pictures that stand in the file."""

import base64
import io

import pytest
from PIL import Image

from newsletter.read import embedded, prose
from tests.conftest import Run
from tests.room import Room
from tests.test_linear import guard


def png(colour: str = "green") -> str:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def test_an_export_comes_out_with_its_pictures_as_files(room: Room, run: Run) -> None:
    room.item(
        "plan",
        "### Our plan {#our-plan}\n\n![A tree][image1] ![A red tree][image2]\n\nIt passed in 2026\\.\n\n"
        f"[image1]: <data:image/png;base64,{png()}>\n\n[image2]: <data:image/png;base64,{png('red')}>\n",
    )
    assert run("build", "-m", "2024-09").exit_code == 0
    folder = room.root / "build/2024-09/state-LPMN"
    written = (folder / "issue.html").read_text("utf-8")
    assert "our-plan" not in written
    assert "It passed in 2026." in written
    assert "data:" not in written
    names = sorted(path.name for path in folder.iterdir() if path.suffix in {".png", ".jpg"})
    assert len(names) == 2
    assert all(f'src="{name}"' in written for name in names)
    assert 'alt="A red tree"' in written
    assert "typed-markup" not in run("check", "-m", "2024-09").stdout


def test_a_picture_may_be_larger_than_all_words_may_be(room: Room) -> None:
    file = io.BytesIO()
    Image.effect_noise((400, 400), 90).save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    assert len(data) > 150_000
    room.item("plan", f"![A field][image1]\n\n[image1]: <data:image/png;base64,{data}>\n")
    assert room.faults() == []


@pytest.mark.parametrize("data", ["iVBORw0KGgoAAAANSUhEUgAAAnAAAADn", "aGVsbG8=", "!"])
def test_a_broken_picture_is_told_at_its_line(room: Room, run: Run, data: str) -> None:
    room.item("plan", f"Words.\n\n![A tree][image1]\n\n[image1]: <data:image/png;base64,{data}>\n")
    told = run("build", "-m", "2024-09")
    assert told.exit_code == 1
    assert "issues/2024-09/items/plan.md:" in told.output


def test_the_words_keep_their_lines() -> None:
    typed = "a\n\n![](data:image/png;base64,AAAA) ![](data:image/jpeg;base64,BBBB)\n\nb"
    assert embedded.without(typed) == "a\n\n![](embedded-1.png) ![](embedded-2.jpeg)\n\nb"
    assert [source for source, _, _ in prose.pictures(embedded.without(typed))] == ["embedded-1.png", "embedded-2.jpeg"]


def test_many_pictures_take_no_time() -> None:
    with guard(10):
        embedded.without("data:image/png;base64," * 40_000)
        embedded.without("data:image/" * 90_000)


def test_an_export_with_many_photographs_is_read_and_its_words_are_bounded_as_ever(room: Room, run: Run) -> None:
    file = io.BytesIO()
    Image.effect_noise((1600, 1600), 90).save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    words = "".join(f"![A field][image{number}]\n\n" for number in (1, 2, 3))
    defined = "".join(f"[image{number}]: <data:image/png;base64,{data}>\n\n" for number in (1, 2, 3))
    path = room.item("plan", f"the the plan\n\n{words}{defined}")
    assert path.stat().st_size > 5_000_000
    assert room.faults() == []
    assert run("build", "-m", "2024-09").exit_code == 0
    typed = path.read_text("utf-8")
    told = run("check", "-m", "2024-09", "--fix", "--yes").stdout
    assert len(told) < 10_000
    assert path.read_text("utf-8") == typed.replace("the the", "the")
    room.item("plan", "word " * 30_000 + words + defined)
    assert "the words have 150," in room.faults()[0]
    room.item("plan", "word " * 500_000 + defined)
    assert "no more than 2 MB is read" in room.faults()[0]


def test_the_pictures_of_front_matter_and_words_are_counted_in_one_row() -> None:
    typed = "a data:image/png;base64,AAAA b\ndata:image/gif;base64,BB== c"
    words, pictures = embedded.parted(typed)
    assert words == "a embedded-1.png b\nembedded-2.gif c"
    assert embedded.joined(words, pictures) == typed
