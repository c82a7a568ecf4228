"""MJML -> HTML: what the stage promises, beside the single traps of test_traps.py."""

from pathlib import Path

import pytest

from newsletter.cache import Cache
from newsletter.errors import ContentError
from newsletter.skeleton import Skeleton, SkeletonError, build_skeleton, versions
from tests.room import Room

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
    assert [line.split(" ")[0] for line in versions().split("\n")] == ["cssutils", "lxml", "mjml-python", "premailer"]


def test_text_of_a_template_that_looks_like_a_token_stays(room: Room) -> None:
    room.file("templates/footer.mjml.j2", "<mj-text>qz79999x and qz7x</mj-text>")
    room.item("story", "qz70x and qz71x\n", title="qz70x qz72x")
    html = room.delivery().html
    assert "qz79999x and qz7x" in html
    assert "qz70x and qz71x" in html
    assert "qz70x qz72x</h3>" in html


def test_a_template_that_mrml_refuses_is_a_fault_of_that_file(room: Room) -> None:
    room.file("templates/footer.mjml.j2", "<mj-text><b>never closed</mj-text>")
    room.item()
    with pytest.raises(ContentError) as caught:
        room.delivery()
    assert str(caught.value).startswith("templates/footer.mjml.j2: the MJML can't be read: ")
