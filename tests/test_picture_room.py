"""A picture in the words is no wider than the words, in Word and on a phone, whether it is shown or blocked."""

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from newsletter.read import prose
from newsletter.read.prose import Shown
from tests.room import TOML, Room
from tests.tools import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = "issues/2024-09/items"
EVENT = {"starts": "2024-10-10 18:00", "location": "Town hall"}
# The widths of the packaged look's cells: paper, panel, beside a portrait, short words that somebody said.
PAPER, PANEL, BESIDE, SAID = 536, 482, 304, 516


def jpeg(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((width, height), 60).save(file, "JPEG")
    return file.getvalue()


def widths(room: Room, alt: str = "In words") -> list[int]:
    """Return the width that the mail states of each picture with that alt text; none has a height."""
    tags = re.findall(rf'<img [^>]*alt="{alt}"[^>]*>', room.delivery().html)
    assert not any(" height=" in tag for tag in tags)
    return [int(width) for tag in tags for width in re.findall(r' width="(\d+)"', tag)]


@pytest.mark.parametrize(
    ("front", "width"),
    [
        ({"section": "wins"}, PAPER),
        ({"section": "remembrance"}, SAID),
        ({"section": "in-the-news"}, PAPER),
        ({"section": "wins", "image": "tall.jpg", "image_alt": "Cover"}, BESIDE),
        ({"section": "in-the-news", "image": "a.jpg", "image_alt": "Cover"}, PAPER),
        ({"section": "action"}, PANEL),
        ({"section": "action", **EVENT}, PANEL),
        ({"section": "events", **EVENT}, PAPER),
        ({"section": "wins", **EVENT}, PAPER),
        ({"section": "remembrance", **EVENT}, PAPER),
        ({"section": "in-the-news", **EVENT}, PAPER),
        ({"section": "events", "lead": True, **EVENT}, PAPER),
    ],
)
def test_a_picture_in_the_words_is_no_wider_than_its_cell(room: Room, front: dict[str, Any], width: int) -> None:
    room.file(f"{FOLDER}/a.jpg", jpeg(1200, 600))
    room.file(f"{FOLDER}/tall.jpg", jpeg(600, 800))
    if "lead" not in front:
        room.item("first", lead=True)
    room.item("story", "![In words](a.jpg)\n", **front)
    assert widths(room) == [width]


def test_lists_and_quotes_leave_a_picture_less_room(room: Room) -> None:
    room.file(f"{FOLDER}/a.jpg", jpeg(1200, 600))
    picture = "![In words](a.jpg)"
    room.item("story", f"- {picture}\n  - {picture}\n\n> {picture}\n>\n> 1. {picture}\n\n{picture}\n")
    assert widths(room) == [PAPER - 24, PAPER - 48, PAPER - 20, PAPER - 44, PAPER]


def test_a_picture_in_a_table_has_its_column(room: Room) -> None:
    room.file(f"{FOLDER}/a.jpg", jpeg(1200, 600))
    row = "| ![In words](a.jpg) | Two | ![In words](a.jpg) |\n"
    room.item("story", f"| A | B | C |\n|---|---|---|\n{row}\n![In words](a.jpg)\n")
    assert widths(room) == [(PAPER - 3 * 8) // 3, (PAPER - 3 * 8) // 3, PAPER]


def test_a_small_picture_keeps_its_width_and_one_from_elsewhere_has_that_of_its_cell(room: Room) -> None:
    room.file(f"{FOLDER}/a.jpg", jpeg(300, 100))
    room.item("first", lead=True)
    room.item("story", "![In words](a.jpg)\n\n![In words](https://network.example/a.jpg)\n", section="action")
    assert widths(room) == [300, PANEL]


def test_only_a_look_that_fills_the_words_is_told_where_to_stop() -> None:
    shown = {"a.png": Shown(source="a.png", width=300, height=100, room=536)}

    def style(looks: str) -> str:
        tag = prose.to_html("![A](a.png)", {"img": {"style": looks}}, shown)
        found = re.search(r'style="([^"]*)"', tag)
        return found[1] if found else ""

    assert style("width:100%; height:auto") == "width:100%; height:auto;max-width:300px"
    # A newsroom's own styles.css, as it was copied from an earlier version.
    for own in ("max-width:100%;height:auto", "max-width: 100%", "width:50%", "border:0"):
        assert style(own) == own


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Return Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of an issue with pictures in all places, whose alt texts have no break."""
    room = Room(tmp_path_factory.mktemp("room"))
    alt = "IMG_20240914_183022_HDR_final_version_approved_by_everybody_in_the_office.jpg and what it shows, at length"
    logo = f'logo = "logo.jpg"\nlogo_alt = "{alt[:77]}"'
    room.file("newsletter.toml", TOML.replace("[organization]", f"[organization]\n{logo}", 1))
    room.file("logo.jpg", jpeg(800, 200))
    for name, size in (("wide", (1200, 600)), ("tall", (900, 1600)), ("small", (300, 200))):
        room.file(f"{FOLDER}/{name}.jpg", jpeg(*size))
    inside = [f"![{alt}]({name})" for name in ("wide.jpg", "small.jpg", "https://network.example/a.jpg")]
    body = f"{inside[0]}\n\n{inside[1]}\n\n{inside[2]}\n\n- One {inside[0]}\n  - Two {inside[0]}\n\n> {inside[1]}\n\n"
    body += f"| A | B | C |\n|---|---|---|\n| {inside[0]} | Two | {inside[2]} |\n"
    for section in ("wins", "action", "events", "in-the-news", "remembrance"):
        for number, front in enumerate((EVENT, {}, {"image": "tall.jpg"}, {"image": "https://network.example/b.jpg"})):
            picture = {"image": "wide.jpg", "image_alt": alt}
            room.item(f"{section}-{number}", body, section=section, **{**picture, **front})
    assert room.build().is_good
    return (room.root / "build/2024-09/state-LPMN/issue.html").as_uri()


@pytest.mark.browser
@pytest.mark.parametrize("shows", ["shown", "blocked"])
@pytest.mark.parametrize("width", [700, 375, 320])
def test_no_picture_makes_the_mail_wider_than_its_screen(
    browser: "Browser", built: str, width: int, shows: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.route("https://**" if shows == "shown" else "**/*.jpg", lambda route: route.abort())
    page.goto(built)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    dates = page.evaluate("[...document.querySelectorAll('.date')].map(one => one.getBoundingClientRect().width)")
    assert set(dates) == {72}
    narrow = page.evaluate(
        "[...document.images].filter(one => !one.closest('.table') && one.getBoundingClientRect().width < 80)"
        ".map(one => one.outerHTML)"
    )
    assert narrow == []
    context.close()
