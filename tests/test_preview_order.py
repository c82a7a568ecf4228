"""Delivery -> terminal: in the mail's order, and its headings by their levels, whatever the templates are."""

import re
from collections.abc import Callable
from functools import lru_cache

import pytest
from msgspec.structs import replace
from rich.style import Style

from newsletter.line import Builder, Made
from tests.compiled import COMPILED
from tests.room import Room
from tests.test_preview import SAMPLE_ISSUES, SAMPLE_ROOM, Page, letters, made, shown, words

CELL = '<td width="{}" valign="top">{}</td>'


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Made]:
    """Return a function that makes an issue of the sample, each once."""
    return lru_cache(Builder(SAMPLE_ROOM, tmp_path_factory.mktemp("build"), cache=COMPILED).whole)


def page(room: Room, body: str, language: str = "en") -> Made:
    """Return an issue whose HTML is this."""
    room.front_page("2024-09/state-LPMN", language=language)
    room.item("story")
    one = made(room)
    return replace(one, delivery=replace(one.delivery, html=f"<html><body>{body}</body></html>"))


def told(one: Made, width: int = 72, *, is_plain: bool = False) -> list[str]:
    """Return the lines of the mail that say something, those of the envelope left out."""
    text = words(shown(one, width, is_plain=is_plain, links="clickable"))
    return [line.rstrip() for line in text.partition("▀\n")[2].splitlines() if line.strip()]


@pytest.mark.parametrize("issue_id", SAMPLE_ISSUES)
def test_an_issue_reads_in_the_order_of_its_mail(sample: Callable[[str], Made], issue_id: str) -> None:
    one = sample(issue_id)
    text = letters(words(shown(one, 80, is_plain=True)).partition("▀\n")[2])
    at = 0
    for said in filter(None, map(letters, Page(one.delivery.html).words)):
        assert text.find(said, at) >= at, f"{said!r} stands elsewhere"
        at = text.find(said, at) + len(said)


def test_each_level_of_headings_looks_like_itself(room: Room) -> None:
    body = "".join(f'<h{level} class="x{level}">Level {level}</h{level}><p>Words.</p>' for level in (1, 2, 3, 4, 5))
    one = page(room, f'{body}<h2 class="media">Level 2 again</h2><h3 class="lead">Level 3 again</h3>')
    looks: dict[str, tuple[object, ...]] = {}
    for line in shown(one, links="clickable"):
        text = "".join(segment.text for segment in line)
        if match := re.match(r"Level (\d)", text):
            style = line[0].style or Style()
            looks.setdefault(match[1], (style.color, style.bold, style.dim, "─" in text))
            assert looks[match[1]] == (style.color, style.bold, style.dim, "─" in text)
    # Those in a story's words all look alike in the mail, too.
    assert looks.pop("5") == looks["4"]
    assert len(set(looks.values())) == len(looks) == 4


@pytest.mark.parametrize("width", [80, 40])
def test_brand_and_period_stand_at_the_ends_of_a_line_that_has_room(room: Room, width: int) -> None:
    row = '<table><tr><td width="336">Example Network</td><td width="200" align="right">Fall 2024</td></tr></table>'
    assert told(page(room, row), width) == [f"Example Network{'Fall 2024':>{width - 17}}"]
    assert told(page(room, row), 24) == ["Example Network", "Fall 2024"]
    assert told(page(room, row), width, is_plain=True) == ["Example Network", "Fall 2024"]


def test_in_an_issue_from_right_to_left_the_ends_change_places(room: Room) -> None:
    row = '<table><tr><td width="336">Name</td><td width="200" align="left">2024</td></tr></table>'
    (line,) = told(page(room, row, "ar"), 40)
    assert line.split() == ["2024", "Name"]


@pytest.mark.parametrize("is_left", [True, False])
@pytest.mark.parametrize(("cell", "wide"), [(112, 400), (208, 312)])
def test_a_picture_beside_words_is_told_where_the_mail_has_it(
    room: Room, cell: int, wide: int, *, is_left: bool
) -> None:
    cells = [CELL.format(cell, '<img src="a.png" alt="A tree" width="90">'), CELL.format(wide, "<h3>Trees</h3>")]
    row = f"<table><tr>{''.join(cells if is_left else cells[::-1])}</tr></table><p>Words.</p>"
    lines = ["[Picture: A tree]", "Trees"]
    assert told(page(room, row)) == [*(lines if is_left else lines[::-1]), "Words."]


def test_a_date_of_two_cells_stands_beside_its_headline(room: Room) -> None:
    date = '<table width="72"><tr><td width="72">Oct</td></tr><tr><td width="72">26</td></tr></table>'
    row = f"<table><tr>{CELL.format(72, date)}{CELL.format(448, '<h3>Walk</h3><p>Noon</p>')}</tr></table><p>Boots.</p>"
    assert told(page(room, row)) == [" Oct  Walk", "  26", "      Noon", "Boots."]
    assert told(page(room, row), is_plain=True) == ["Oct 26", "Walk", "Noon", "Boots."]


@pytest.mark.parametrize(
    ("style", "has_bar"),
    [
        ("border-left:4px solid #1D5C63", True),
        ("border-right:6px solid #1D5C63", True),
        ("border-left:1px solid #1D5C63", False),
        ("border-top:4px solid #1D5C63", False),
        ("border-left:0", False),
    ],
)
def test_what_has_a_line_down_its_side_has_one_here(room: Room, style: str, *, has_bar: bool) -> None:
    one = page(
        room, f'<table><tr><td style="{style}"><p>She stayed until the votes were counted.</p></td></tr></table>'
    )
    assert told(one) == [f"{'┃ ' * has_bar}She stayed until the votes were counted."]


def test_a_button_with_a_line_around_it_is_a_button(room: Room) -> None:
    button = (
        '<table><tr><td style="border:1px solid #1D5C63"><a href="https://example.org/x">RSVP</a></td></tr></table>'
    )
    one = page(room, button)
    assert told(one) == ["▸ RSVP"]
    assert told(replace(one, delivery=replace(one.delivery, html=button.replace("border", "color")))) == ["RSVP"]
