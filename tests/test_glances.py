"""What is done once, or looked at first, gives what doing it each time, or looking closely, would give."""

import re
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.check import css, lists
from newsletter.check.links import mend_links
from newsletter.check.page import Page
from newsletter.check.placeholders import may_hold_placeholders, placeholders
from newsletter.check.sources import Sources
from newsletter.read import prose
from newsletter.read.days import bare
from tests.room import Room

DARK = "<style>@media (prefers-color-scheme: dark) {{ {rules} }}</style>"


def dark_colours(room: Room, rules: str, body: str) -> list[str]:
    """Return the colours of the words of each <p> in the dark."""
    sources = Sources(issue=room.issue(), config=room.load().config, templates=dict)
    page = Page(f"<html><head>{DARK.format(rules=rules)}</head><body>{body}</body></html>", (), sources)
    return [element.dark_color for element in page.all("p")]


@pytest.mark.parametrize(
    "rules",
    [
        ".a { color: #FF0000 }",
        "#one { color: #FF0000 }",
        "p:first-child { color: #FF0000 }",
        "p[title] { color: #FF0000 }",
        "p + p { color: #FF0000 }",
        "div > .a { color: #FF0000 }",
    ],
)
def test_how_a_page_looks_does_not_depend_on_the_pages_before_it(room: Room, rules: str) -> None:
    room.item()
    bodies = (
        '<div><p class="a">One</p></div><p class="a">Two</p>',
        '<div><p class="a" id="one" title="x">One</p><p class="a">Two</p></div>',
        '<p class="a" id="two">One</p><div><p>Two</p><p class="a">Three</p></div>',
    )
    together = [dark_colours(room, rules, body) for body in bodies]
    # A sheet of its own for each page: nothing is known of it.
    alone = [dark_colours(room, f"{rules} .x{number} {{ margin: 0 }}", body) for number, body in enumerate(bodies)]
    backwards = [dark_colours(room, f"{rules} .y {{ margin: 0 }}", body) for body in reversed(bodies)]
    assert together == alone == list(reversed(backwards))
    assert any("#FF0000" in colours for colours in together)


@pytest.mark.parametrize("selector", [".a", "#one", "p:first-child", "p[title]", "p + p", "div > .a", "div .a, #two"])
def test_one_dark_look_in_two_colours_gives_each_page_its_own(room: Room, selector: str) -> None:
    room.item()
    bodies = (
        '<div><p class="a">One</p></div><p class="a">Two</p>',
        '<p class="a" id="two">One</p><div><p class="a" id="one" title="x">Two</p><p>Three</p></div>',
    )
    red, green = (
        [dark_colours(room, f"{selector} {{ color: {colour} }}", body) for body in bodies]
        for colour in ("#FF0000", "#00FF00")
    )
    assert green == [[colour.replace("#FF0000", "#00FF00") for colour in colours] for colours in red]
    assert any("#FF0000" in colours for colours in red)
    # Read again from the other end: what is known of one page is no other's.
    blue = [dark_colours(room, f"{selector} {{ color: #0000FF }} .z {{ top: 0 }}", body) for body in reversed(bodies)]
    assert [[colour.replace("#FF0000", "#0000FF") for colour in colours] for colours in reversed(red)] == blue


def test_a_sheet_in_other_colours_says_the_same_in_those() -> None:
    sheet = (
        "#ABCDEF a {{ color: {0}; border: 1px solid {0}!important }} "
        ".b {{ background: {1} }} @media print {{ i {{ top: 0 }} }}"
    )
    for one, other in (("#1D5C63", "#FFFFFF"), ("#8A2B5B", "#8A2B5B")):
        first, second, third = css.parse(sheet.format(one, other)).rules
        assert first.style == {"color": one, "border": f"1px solid {one} !important"}
        assert second.style == {"background": other}
        assert (first.selectors[0].parts, third.under) == (frozenset({"id", "descendant", "type"}), "@media print")
        assert css.style(f"color:{one};background:url(#{one})") == {"color": one, "background": f"url(#{one})"}


def test_one_look_in_the_colours_of_two_chapters_is_read_once() -> None:
    for sheet in (".a{{color:{0}}}", ".b{{color:{0} !important}}", ".c{{color: {0}; top:0}}", ".d {{color:{0} }}"):
        one, other = (css.parse(sheet.format(colour)).rules for colour in ("#1D5C63", "#8A2B5B"))
        assert one[0].selectors is other[0].selectors
        assert [rule.style["color"][:7] for rule in (*one, *other)] == ["#1D5C63", "#8A2B5B"]


@given(
    st.lists(st.text("ab-é\u00a0\x00", min_size=1, max_size=40), max_size=12).map(" ".join),
    st.integers(24, 72),
    st.sampled_from(["", "  * "]),
)
def test_lines_break_where_textwrap_breaks_them(line: str, width: int, first: str) -> None:
    assert prose.wrap(line, width, first, "    ").split("\n") == [
        broken.replace("\x00", " ")
        for broken in textwrap.wrap(
            line,
            width,
            initial_indent=first,
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        or [first.rstrip()]
    ]


def _phrases() -> list[str]:
    kinds = lists.table("words")["placeholders"]
    # In one order for every process that runs some of the tests.
    salutations = sorted(lists.words("salutations"))
    named = [*sorted(kinds["phrases"]), *sorted(kinds["whole"]), *(f"{word} ____" for word in salutations)]
    named += [f"[{order} name]" for order in sorted(kinds["orders"])]
    return [
        *named,
        *map(str.upper, named),
        "Insert your name here",
        "The vote was TK.",
        "Raised XX dollars",
        "${firstName}",
    ]


@pytest.mark.parametrize("phrase", _phrases())
def test_no_placeholder_is_overlooked_at_first_glance(phrase: str) -> None:
    found = list(placeholders(phrase, "en"))
    assert not found or may_hold_placeholders(phrase, frozenset(re.findall(r"\w+", bare(phrase))))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("(the plan)[https://a.org](https://b.org)", "[the plan](https://a.org)(https://b.org)"),
        ("see [one](https://a.org) and [two] (https://b.org)", "see [one](https://a.org) and [two](https://b.org)"),
        ("［one](https://a.org)", "[one](https://a.org)"),
        ("[one](https://a.org), [two](https://b.org)", "[one](https://a.org), [two](https://b.org)"),
    ],
)
def test_links_as_they_should_be_hide_no_slip(typed: str, meant: str) -> None:
    assert mend_links(typed) == meant
