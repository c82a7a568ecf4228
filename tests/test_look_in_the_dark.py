"""Which rule of a dark style sheet wins for an element, as the CSS cascade has it (CSS Cascading Level 4, 6)."""

import pytest

from newsletter.check.page import Page
from newsletter.check.sources import Sources
from tests.room import Room

# Two elements alike but for their ids, in an element with an id and a class of its own.
BODY = """<div id="outer" class="frame"><div class="inner">
<p id="one" class="a b c">Words</p>
<p id="two" class="a b c">Words</p>
</div></div>"""
RED, BLUE, NONE = "#FF0000", "#0000FF", "#000000"


def dark(room: Room, rules: str, body: str = BODY) -> dict[str, str]:
    """Return the colour of the words of each <p> in the dark, by its id."""
    room.item()
    sources = Sources(issue=room.issue(), config=room.load().config, templates=dict)
    html = f"<html><head><style>@media (prefers-color-scheme: dark) {{ {rules} }}</style></head><body>{body}</body>"
    page = Page(f"{html}</html>", (), sources)
    return {one.attrs["id"]: one.dark_color for one in page.all("p")}


@pytest.mark.parametrize(
    ("rules", "one", "two"),
    [
        pytest.param("p#one { color: red } p.a.b.c { color: blue }", RED, BLUE, id="an id outweighs any classes"),
        pytest.param("p.a.b.c { color: blue } p#one { color: red }", RED, BLUE, id="wherever it stands"),
        pytest.param("#outer .a { color: red } .a.b.c { color: blue }", RED, RED, id="an id of an outer element too"),
        pytest.param("p#three { color: red }", NONE, NONE, id="an id is nobody else's"),
        pytest.param("#three .a { color: red }", NONE, NONE, id="nor an outer one's"),
        pytest.param(".a.b { color: red } .c { color: blue }", RED, RED, id="two classes outweigh one"),
        pytest.param(".c { color: red } div div p { color: blue }", RED, RED, id="a class outweighs any tags"),
        pytest.param("p[id] { color: red } div div p { color: blue }", RED, RED, id="so does an attribute"),
        pytest.param("div p { color: red } p { color: blue }", RED, RED, id="two tags outweigh one"),
        pytest.param(".a { color: red } .b { color: blue }", BLUE, BLUE, id="of equals the last one wins"),
        pytest.param(".a { color: red !important } p#one { color: blue }", RED, RED, id="important outweighs an id"),
        pytest.param(".inner > .a { color: red }", RED, RED, id="a child"),
        pytest.param(".frame > .a { color: red }", NONE, NONE, id="a grandchild is no child"),
        pytest.param(".frame .a { color: red }", RED, RED, id="but a descendant"),
        pytest.param(".a + .a { color: red }", NONE, RED, id="a sibling"),
        pytest.param("p:first-child { color: red }", RED, NONE, id="a place among siblings"),
        pytest.param("p:not(#one) { color: red } .a.b.c { color: blue }", BLUE, RED, id="an id in brackets counts"),
        pytest.param(".a:hover { color: red }", NONE, NONE, id="nobody points at it"),
        pytest.param("p::first-line { color: red }", NONE, NONE, id="a part of an element is not all of it"),
        pytest.param("p { color: blue } .a:sparkling { color: red }", BLUE, BLUE, id="what nobody knows means nothing"),
        pytest.param("p { color: blue } p, .a:: { color: red }", BLUE, BLUE, id="nor does a list with a slip in it"),
        pytest.param("p { color: hsl(240 100% 50%) }", BLUE, BLUE, id="a colour in any notation"),
        pytest.param("p { color: red /* once blue */ }", RED, RED, id="a comment is none"),
        pytest.param(".a.missing { color: red }", NONE, NONE, id="every class is wanted"),
        pytest.param("#one { color: red }", RED, NONE, id="an id alone"),
        pytest.param("#outer #two { color: red }", NONE, RED, id="an id alone in another"),
        pytest.param("[id=one] { color: red }", RED, NONE, id="an attribute alone"),
        pytest.param("* { color: red } p { color: blue }", BLUE, BLUE, id="everything"),
        pytest.param("p#one, p#two { color: red }", RED, RED, id="selectors in a list count one by one"),
    ],
)
def test_the_weightiest_rule_wins(room: Room, rules: str, one: str, two: str) -> None:
    assert dark(room, rules) == {"one": one, "two": two}


def test_a_style_on_the_element_outweighs_all_but_important(room: Room) -> None:
    body = '<p id="one" style="color:#00FF00">Words</p>'
    assert dark(room, "p#one { color: red }", body) == {"one": "#00FF00"}
    assert dark(room, "p { color: red !important }", body) == {"one": RED}


def test_what_has_no_colour_of_its_own_takes_that_of_the_element_around_it(room: Room) -> None:
    assert dark(room, ".frame { color: red } p#two { color: blue }") == {"one": RED, "two": BLUE}


def test_a_light_sheet_says_nothing_of_the_dark(room: Room) -> None:
    assert dark(room, "} @media (prefers-color-scheme: light) { p { color: red }") == {"one": NONE, "two": NONE}
