"""MJML -> HTML: what the stage promises, beside the single traps of test_traps.py."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from newsletter.errors import ContentError
from newsletter.line import Builder
from newsletter.look import skeleton as module
from newsletter.look.skeleton import Skeleton, SkeletonError, build_skeleton
from newsletter.look.templates import Look
from newsletter.memo import Cache
from newsletter.program import versions
from tests.compiled import COMPILED
from tests.room import TOML, Room

MJML = """
<mjml lang="en" dir="ltr">
  <mj-head><mj-title>qz70x</mj-title><mj-style>@media print{.p{color:#000000!important}}</mj-style></mj-head>
  <mj-body>
    <mj-section><mj-column><mj-text css-class="p"><p class="p">qz71x</p><a class="link" href="qz72x">qz73x</a></mj-text></mj-column></mj-section>
    <mj-raw><div id="specimen"><p class="p">x</p><hr class="rule"></div></mj-raw>
  </mj-body>
</mjml>
"""  # noqa: E501 - a blank between inline elements would be part of the test
CSS = ".p { margin: 0 0 8px; color: #FFFFFF; } .link { color: #1D5C63; }"


def test_tokens_come_through_where_they_stood() -> None:
    html = build_skeleton(MJML, CSS).html
    assert "<title>qz70x</title>" in html
    assert '<p class="p" style="margin:0 0 8px; color:#FFFFFF">qz71x</p>' in html
    assert '<a class="link" href="qz72x" style="color:#1D5C63">qz73x</a>' in html


def test_the_specimen_is_read_off_and_taken_out() -> None:
    skeleton = build_skeleton(MJML, CSS)
    assert skeleton.styles == {
        "p": {"class": "p", "style": "margin:0 0 8px; color:#FFFFFF"},
        "hr": {"class": "rule"},
    }
    assert "specimen" not in skeleton.html


def test_the_cache_gives_the_same_and_is_asked_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    fresh = build_skeleton(MJML, CSS, cache)
    (kept,) = tmp_path.iterdir()
    assert build_skeleton(MJML, CSS, cache) == fresh == build_skeleton(MJML, CSS)
    cache.put(kept.name, b'{"html": "from the cache", "styles": {}}')
    assert build_skeleton(MJML, CSS, cache) == Skeleton(html="from the cache", styles={})


# Matches nothing; but with it premailer is given the whole page, not single elements.
WHOLE = "\n.a > .b { margin: 0; }\n"
PLAIN = ".p { margin: 0 0 8px; color: #FFFFFF; }\n.link { color: #1D5C63; }\n.rule { border: 0; }"


class Recorder(Look):
    """Keeps what the skeleton is made from."""

    mjml_made = css_made = ""

    def mjml(self, name: str, seal: Any, values: Any) -> str:
        self.mjml_made = super().mjml(name, seal, values)
        return self.mjml_made

    def text(self, name: str, values: Any) -> str:
        made = super().text(name, values)
        if name == "styles.css":
            self.css_made = made
        return made


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("accent", ["#1D5C63", "#FFD000"])
def test_each_element_of_the_packaged_look_is_dressed_as_in_the_whole_page(
    room: Room, language: str, accent: str
) -> None:
    settings = TOML.replace("#1D5C63", accent).replace("[organization]", f'[organization]\nlanguage = "{language}"')
    room.file("newsletter.toml", settings)
    for number, section in enumerate(("wins", "action", "events", "in-the-news", "remembrance")):
        room.item(f"item-{number}", "Words, *more*.\n\n> Said.\n", section=section, link="https://network.example/a")
    picture = {"image": "https://p.example/1.jpg", "image_alt": "One", "image_credit": "Photo: A. B."}
    room.item("shown", **picture, section="events", starts="2024-09-10")
    recorder = Recorder(room.root)
    builder = Builder(room.load(), room.root / "build", cache=COMPILED)
    builder.look = recorder
    builder.whole("2024-09/state-LPMN")
    assert recorder.css_made.count("{") > 50
    dressed = build_skeleton(recorder.mjml_made, recorder.css_made)
    assert dressed == build_skeleton(recorder.mjml_made, recorder.css_made + WHOLE)
    assert len(re.findall(r'class="[^"]*" [^<>]*style="', dressed.html)) > 50


def test_the_packaged_look_is_inlined_once_for_all_issues(room: Room) -> None:
    room.item("a")
    room.builder().whole("2024-09/state-LPMN")
    # What premailer said of single elements; of a whole page it would be `.json`, for this issue alone.
    suffixes = {path.suffix for path in room.cache.iterdir()}
    assert ".styles" in suffixes
    assert ".json" not in suffixes


COLOURS = some.sampled_from(["#000000", "#FFFFFF", "#1D5C63", "#abcdef", "#FFF", "red", "#11223344"])
DECLARATIONS = some.one_of(
    some.builds("color: {}".format, COLOURS),
    some.builds("border-top: 1px solid {}".format, COLOURS),
    some.builds("background: {} !important".format, COLOURS),
    some.sampled_from(["margin: 0 0 8px", "margin-left: 1px", "mso-hide: all", "font-family: Georgia, 'A B'", "x:y:z"]),
    some.sampled_from(["color: qzc0x", "background: url(#000000)", "content: '#FFFFFF'", "--x: #000000", ""]),
)
STYLES = some.lists(DECLARATIONS, max_size=4).map("; ".join)
CLASSES = some.lists(some.sampled_from("abcd"), max_size=3).map(" ".join)


@given(rules=some.lists(some.tuples(some.sampled_from("abc"), STYLES)), page=some.lists(some.tuples(CLASSES, STYLES)))
def test_any_element_is_dressed_as_in_the_whole_page(rules: list[tuple[str, str]], page: list[tuple[str, str]]) -> None:
    css = "".join(f".{name} {{ {style} }}\n" for name, style in rules)
    body = "".join(f'<p class="{classes}" style="{style}">x</p>' for classes, style in page)
    mjml = f"<mjml><mj-body><mj-raw>{body}</mj-raw></mj-body></mjml>"
    assert build_skeleton(mjml, css) == build_skeleton(mjml, css + WHOLE)


@pytest.mark.parametrize(
    "css",
    [
        '.a { font-family: "open; }\n.b { margin: 0; }\n.x { border: 1px solid red; }\n',
        ".a { background: url(a.png; }\n.x { border: 1px solid red; }\n",
        ".a { content: '}'; }\n.x { margin: 0; }\n",
        ".a { color: rgb(1, (2), 3); }\n.x { margin: 0; }\n",
        ".x { padding: 1px#112233; }\n",
        ".x { color: -#112233; }\n",
        ".x { color: #112233\u00a0x; }\n",
        ".x { color: ##112233; }\n",
    ],
)
def test_no_slip_in_a_style_sheet_makes_a_page_hang_on_what_was_built_before(css: str, tmp_path: Path) -> None:
    mjml = '<mjml><mj-body><mj-raw><p class="{}">x</p></mj-raw></mj-body></mjml>'
    cache = Cache(tmp_path)
    for classes in ("x", "a", "b", "a x", "x"):
        page = mjml.format(classes)
        assert build_skeleton(page, css, cache) == build_skeleton(page, css) == build_skeleton(page, css + WHOLE)


def test_a_sign_that_no_page_can_hold_ends_in_no_traceback() -> None:
    mjml = '<mjml><mj-body><mj-raw><p class="p" style="left:1px;&#12;">x</p></mj-raw></mj-body></mjml>'
    assert build_skeleton(mjml, PLAIN) == build_skeleton(mjml, PLAIN + WHOLE)


def test_a_template_that_mail_and_text_share_is_compiled_for_each(room: Room) -> None:
    room.file("templates/shared.j2", "{% macro org() %}[{{ issue.organization }}]{% endmacro %}")
    asks = '{% from "shared.j2" import org with context %}'
    room.file("templates/footer.mjml.j2", asks + "<mj-text>{{ org() }} {{ tags.unsubscribe_url }}</mj-text>")
    room.file("templates/issue.txt.j2", asks + "{{ org() }} {{ tags.unsubscribe_url }}\n")
    room.item()
    for _ in range(2):
        assert room.build().is_good
        assert "[Example Network]" in room.built("issue.html").decode()
        assert room.built("issue.txt").decode().startswith("[Example Network]")


def test_premailer_is_asked_once_for_a_look_whatever_its_colours(tmp_path: Path, monkeypatch: Any) -> None:
    cache = Cache(tmp_path)
    first = build_skeleton(MJML, PLAIN, cache)
    assert 'style="margin:0 0 8px; color:#FFFFFF"' in first.html
    monkeypatch.setattr(module, "_premail", None)
    assert build_skeleton(MJML, PLAIN, cache) == first
    other = build_skeleton(MJML.replace("qz71x", "qz72x qz73x"), PLAIN.replace("#FFFFFF", "#123456"), cache)
    assert 'style="margin:0 0 8px; color:#123456">qz72x qz73x</p>' in other.html
    with pytest.raises(TypeError):
        build_skeleton(MJML, PLAIN.replace("8px", "9px"), cache)


def test_what_premailer_said_comes_together_over_several_pages(tmp_path: Path, monkeypatch: Any) -> None:
    cache = Cache(tmp_path)
    link, rule = (
        MJML.replace("qz71x", f"qz71x{more}") for more in ('<i class="link p">x</i>', '<i class="rule">x</i>')
    )
    told = [build_skeleton(mjml, PLAIN, cache).html for mjml in (link, rule)]
    assert len(list(tmp_path.iterdir())) == 1
    monkeypatch.setattr(module, "_premail", None)
    assert [build_skeleton(mjml, PLAIN, cache).html for mjml in (link, rule)] == told


def test_no_word_of_premailers_own_stays_in_the_page() -> None:
    assert "data-premailer" not in build_skeleton(MJML, PLAIN).html + build_skeleton(MJML, CSS).html


def test_other_css_is_another_entry_of_the_cache(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    build_skeleton(MJML, CSS, cache)
    build_skeleton(MJML, CSS.replace("8px", "9px"), cache)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "mjml",
    ["", "<mjml>", "<p>x</p>", MJML.replace("</mj-text>", ""), MJML.replace("qz71x", "a < b")],
)
def test_mjml_that_mrml_refuses_is_told_of(mjml: str) -> None:
    with pytest.raises(SkeletonError) as caught:
        build_skeleton(mjml, CSS)
    assert caught.value.file == "issue.mjml.j2"
    assert caught.value.message.startswith("the MJML can't be read: ")


@pytest.mark.parametrize(
    "css", ["", "}", ".p {", "/*", ".p { color: }", "@media x {", "\\", ".p{color:#fff;;;}", "@charset 'x';"]
)
def test_broken_css_of_a_newsroom_breaks_nothing_else(css: str) -> None:
    assert "qz71x" in build_skeleton(MJML, css).html


def test_the_same_source_gives_the_same_bytes() -> None:
    assert len({build_skeleton(MJML, CSS).html for _ in range(3)}) == 1


def test_versions_name_every_library_that_the_bytes_depend_on() -> None:
    pages = ["babel", "cssutils", "jinja2", "linkify-it-py", "lxml", "markdown-it-py", "mjml-python", "nh3"]
    rest = ["pillow", "pillow-heif", "premailer", "tzdata"]
    assert list(versions()) == ["newsletter", *pages, *rest]


def test_text_of_a_template_that_looks_like_a_token_stays(room: Room) -> None:
    room.file("templates/footer.mjml.j2", "<mj-text>qz79999x and qz7x</mj-text>")
    room.item("story", "qz70x and qz71x\n", title="qz70x qz72x")
    html = room.delivery().html
    assert "qz79999x and qz7x" in html
    assert "qz70x and qz71x" in html
    assert re.search("qz70x qz72x(?:</a>)?</h3>", html)


def test_a_template_that_mrml_refuses_is_a_fault_of_that_file(room: Room) -> None:
    room.file("templates/footer.mjml.j2", "<mj-text><b>never closed</mj-text>")
    room.item()
    with pytest.raises(ContentError) as caught:
        room.delivery()
    assert str(caught.value).startswith("templates/footer.mjml.j2: the MJML can't be read: ")


def columns(number: int) -> str:
    return (
        "<mjml><mj-body><mj-section>" + "<mj-column><mj-text>Words</mj-text></mj-column>" * number + "</mj-section>"
        "</mj-body></mjml>"
    )


def test_a_page_of_one_column_has_nothing_left_that_mrml_writes_for_several() -> None:
    html = build_skeleton(columns(1), "").html
    shown = re.sub(r"<!--\[if.*?<!\[endif\]-->", "", html, flags=re.DOTALL)
    for leftover in (
        "font-size:0px",
        "inline-block",
        "word-spacing",
        "mj-column",
        "outlook-group",
        "outline",
        "margin:13px",
        "margin: 13px",
    ):
        assert leftover not in shown
    # Word stands words side by side in cells, and is still told how wide they are.
    assert "width:600px;" in html
    assert "word-break:break-word" in html


def test_a_page_of_two_columns_keeps_what_stands_them_side_by_side() -> None:
    html = build_skeleton(columns(2), "").html
    assert html.count('class="mj-outlook-group-fix mj-column-per-50"') == 2
    assert ".mj-column-per-50 { width:50% !important" in html
    assert "font-size:0px" in html
