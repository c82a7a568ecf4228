"""How much contrast text needs, by its size and weight: WCAG 2.2, 1.4.3 (24 pixels; 18.66 in bold)."""

from pathlib import Path

import pytest

from newsletter.check.accessibility import _contrast, low_contrast, low_contrast_dark, low_contrast_inverted
from newsletter.check.page import Page
from newsletter.check.sources import Sources
from newsletter.line import Builder
from newsletter.read.load import load
from tests.compiled import COMPILED
from tests.room import SAMPLE, SAMPLE_ISSUES, Room

# On white these have contrasts of 4.54, 3.45 and 2.85.
ENOUGH, LARGE_ONLY, TOO_PALE = "#767676", "#8A8A8A", "#999999"


def page_of(room: Room, body: str, head: str = "") -> Page:
    room.item()
    sources = Sources(issue=room.issue(), config=room.load().config, templates=dict)
    return Page(f"<html><head>{head}</head><body>{body}</body></html>", (), sources)


@pytest.mark.parametrize(
    ("style", "pale"),
    [
        ("font-size:16px", LARGE_ONLY),
        ("font-size:23px", LARGE_ONLY),
        ("font-size:24px", TOO_PALE),
        ("font-size:18px;font-weight:bold", LARGE_ONLY),
        ("font-size:18.66px;font-weight:bold", TOO_PALE),
        ("font-size:19px;font-weight:400", LARGE_ONLY),
        ("font-size:19px;font-weight:700", TOO_PALE),
        ("font:bold 19px/24px Arial", TOO_PALE),
        ("font:19px/24px Arial", LARGE_ONLY),
    ],
)
def test_large_text_and_bold_text_that_is_nearly_as_large_need_less(room: Room, style: str, pale: str) -> None:
    needed = {LARGE_ONLY: "4.5", TOO_PALE: "3"}[pale]
    legible = {LARGE_ONLY: ENOUGH, TOO_PALE: LARGE_ONLY}[pale]
    (found,) = low_contrast(page_of(room, f'<p style="{style};color:{pale}">Words</p>'))
    assert found.hint.startswith(f"it needs {needed}: ")
    assert f"({pale} on #FFFFFF)" in found.message
    assert list(low_contrast(page_of(room, f'<p style="{style};color:{legible}">Words</p>'))) == []


def test_tags_that_are_bold_and_large_by_themselves_count_as_such(room: Room) -> None:
    assert list(low_contrast(page_of(room, f'<h2 style="color:{LARGE_ONLY}">Words</h2>'))) == []
    assert list(low_contrast(page_of(room, f'<h3 style="color:{LARGE_ONLY}">Words</h3>'))) == []
    assert len(list(low_contrast(page_of(room, f'<h4 style="color:{LARGE_ONLY}">Words</h4>')))) == 1
    bold = f'<p style="font-size:20px;color:{LARGE_ONLY}"><strong>Words</strong></p>'
    assert list(low_contrast(page_of(room, bold))) == []
    assert len(list(low_contrast(page_of(room, bold.replace("strong", "em"))))) == 1


def test_a_ground_is_that_of_the_nearest_element_that_has_one(room: Room) -> None:
    on_black = f'<table bgcolor="#000000"><tr><td style="color:{TOO_PALE}">Words</td></tr></table>'
    assert list(low_contrast(page_of(room, on_black))) == []
    on_grey = f'<div style="background:#767676"><p style="color:{TOO_PALE}">Words</p></div>'
    (found,) = low_contrast(page_of(room, on_grey))
    assert f"({TOO_PALE} on #767676)" in found.message


def test_the_dark_and_the_inverted_look_are_each_measured(room: Room) -> None:
    sheet = "<style>@media (prefers-color-scheme: dark) { .paper { background: #000000 } }</style>"
    page = page_of(room, '<div class="paper"><p style="color:#333333">Words</p></div>', sheet)
    assert list(low_contrast(page)) == []
    (found,) = low_contrast_dark(page)
    assert "in dark mode (#333333 on #000000)" in found.message
    # A blue that is dark enough on white becomes one that is too dark on black.
    page = page_of(room, '<p style="color:#0000B4;background:#FFFFFF">Words</p><p style="color:#333333">More</p>')
    assert list(low_contrast(page)) == []
    (found,) = low_contrast_inverted(page)
    assert "when colours are inverted (#4B4BFF on #000000)" in found.message


def test_signs_without_letters_and_hidden_words_need_no_contrast(room: Room) -> None:
    assert list(low_contrast(page_of(room, f'<p style="color:{TOO_PALE}">· → ·</p>'))) == []
    assert list(low_contrast(page_of(room, f'<p style="display:none;color:{TOO_PALE}">Words</p>'))) == []


def complement(colour: str) -> str:
    """Return the colour that a screen shows whose colours are all turned over."""
    return "#" + "".join(f"{255 - int(colour[at : at + 2], 16):02X}" for at in (1, 3, 5))


@pytest.mark.parametrize("issue", SAMPLE_ISSUES)
def test_the_sample_can_be_read_in_light_in_dark_and_in_two_inversions(issue: str, tmp_path: Path) -> None:
    builder = Builder(load(SAMPLE), tmp_path, cache=COMPILED)
    page = builder.subject(builder.make(issue)).page
    told = [*low_contrast(page), *low_contrast_dark(page), *low_contrast_inverted(page)]
    turned = _contrast(page, "turned over", lambda one: (complement(one.color), complement(one.background)))
    assert [found.message for found in (*told, *turned)] == []
