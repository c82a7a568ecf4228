"""HTML in the words: its safe part comes out as what it means, the rest is left out and told."""

import pytest

from newsletter.read import prose
from tests.conftest import Run
from tests.room import Room
from tests.test_linear import guard


def html(markdown: str) -> str:
    return prose.to_html(markdown, {})


def text(markdown: str) -> str:
    return prose.to_text(markdown, lambda address: f"[{address}]")


def told(markdown: str) -> list[tuple[str, int]]:
    return [(left.typed, left.line) for left in prose.html_left_out(markdown)]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("A <b>b</b> <i>i</i> <U>u</U> <del>s</del> <mark>m</mark> <kbd>k</kbd> <small>x</small>",
         "<p>A <strong>b</strong> <em>i</em> <u>u</u> <s>s</s> <mark>m</mark> <kbd>k</kbd> x</p>"),
        ("H<sub>2</sub>O <code>a  &lt; b</code>", "<p>H<sub>2</sub>O <code>a &lt; b</code></p>"),
        ("one<br>two<BR/>three", "<p>one<br>\ntwo<br>\nthree</p>"),
        ("**a <b>b** c</b> d", "<p><strong>a b</strong><strong> c</strong> d</p>"),
        ('<a href="https://a.example/our map.pdf">**map**</a>',
         '<p><a href="https://a.example/our%20map.pdf"><strong>map</strong></a></p>'),
        ("<div>\n\nA *b*.\n\n</div>", "<p>A <em>b</em>.</p>"),
        ("<div>One<div>Two</div>Three</div>", "<p>One</p><p>Two</p><p>Three</p>"),
        ("<center>mid</center>", '<p style="text-align:center">mid</p>'),
        ("<h2>Head</h2>\n<p>Words\nand more</p>", "<h4>Head</h4><p>Words\nand more</p>"),
        ("<ol start=3><li>a<li value=7>b<ul><li>c</ul></ol>",
         '<ol start="3"><li>a</li><li value="7">b<ul><li>c</li></ul></li></ol>'),
        ("<blockquote><p>q</blockquote><hr>", "<blockquote><p>q</p></blockquote><hr>"),
        ("<table><tr><th>A<th>B<tr><td>1<td align=right>2</table>",
         "<table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>1</td>"
         '<td style="text-align:right">2</td></tr></tbody></table>'),
        ("<table><tr><td><p>one</p><p>two</p></td></tr></table>", "<p>one</p><p>two</p>"),
        ("| a | b |\n|---|---|\n| c<br>d | <b>e</b> |",
         "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>c<br>\nd</td>"
         "<td><strong>e</strong></td></tr></tbody></table>"),
        ("<details><summary>More</summary>\n\nHidden.\n\n</details>",
         '<details open=""><summary>More</summary><p>Hidden.</p></details>'),
        ("<figure><img src=a.png alt='A tree'><figcaption>Cap</figcaption></figure>",
         '<figure><p><img src="a.png" alt="A tree"></p><figcaption>Cap</figcaption></figure>'),
        ('<b style="font-weight:normal;" id="docs-internal-1"><p dir="ltr"><span style="font-weight:700">Bold</span>'
         ' <span style="font-style:italic">it</span></p></b>',
         '<p dir="ltr"><strong>Bold</strong> <em>it</em></p>'),
        ("<p>One<o:p></o:p></p>\n<p>&nbsp;</p>\n<p>Two</p>", "<p>One</p><p>Two</p>"),
        ('<p dir="rtl" lang="ar">سلام</p>', '<p dir="rtl" lang="ar">سلام</p>'),
        ("Dear <name>, 1 < 2, <3, <b", "<p>Dear &lt;name&gt;, 1 &lt; 2, &lt;3, &lt;b</p>"),
        ("<b>open\n\nstill open", "<p><strong>open</strong></p><p><strong>still open</strong></p>"),
        ("We write <style> and <iframe> here", "<p>We write &lt;style&gt; and &lt;iframe&gt; here</p>"),
        ("</script> words </script> more", "<p>words more</p>"),
        ("<img src=a.png alt=A>\n\n<img src=b.png alt=B>",
         '<p><img src="a.png" alt="A"></p><p><img src="b.png" alt="B"></p>'),
        ('<iframe src="https://vimeo.com/1"></iframe>\n\n<video src="https://a.example/b.mp4"></video>',
         '<p><a href="https://vimeo.com/1">Vimeo</a></p><p><a href="https://a.example/b.mp4">a.example</a></p>'),
        ("- a <b>x</b>\n- c", "<ul><li>a <strong>x</strong></li><li>c</li></ul>"),
        ("```\n<b>\n```\n\n`<i>` <b>c</b>",
         "<pre><code>&lt;b&gt;\n</code></pre>\n<p><code>&lt;i&gt;</code> <strong>c</strong></p>"),
        ("<dl><dt>Term</dt><dd>What it is</dd></dl>", "<p><strong>Term</strong></p><p>What it is</p>"),
        ("<b>Read [it](%%browser_url%%) now.</b>",
         '\x01browser_url\x02<p><strong>Read <a href="%%browser_url%%">it</a> now.</strong></p>\x03browser_url\x02'),
    ],
)  # fmt: skip
def test_html_comes_out_as_what_it_means(typed: str, wanted: str) -> None:
    assert html(typed) == wanted


def test_html_comes_out_in_text_as_well() -> None:
    typed = (
        "<p>H<sub>2</sub>O, x<sup>2</sup>, 1<sup>st</sup> <b>b</b></p>\n<ul><li>c</ul>\n<details><summary>S</summary>d"
    )
    assert text(typed) == "H₂O, x², 1st *b*\n\n- c\n\n*S*\n\nd"


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ('<iframe src="https://www.youtube.com/embed/abc?x=1" title="Our film"></iframe>',
         [("Our film", "https://www.youtube.com/watch?v=abc")]),
        ("<iframe src='//player.vimeo.com/video/12'></iframe>", [("Vimeo", "https://vimeo.com/12")]),
        ('<video controls><source src="https://a.example/f.mp4"><source src="https://a.example/f.ogg"></video>',
         [("a.example", "https://a.example/f.mp4")]),
        ("<video src=https://a.example/f.mp4 title='The march'></video>", [("The march", "https://a.example/f.mp4")]),
    ],
)  # fmt: skip
def test_a_film_is_a_link_with_its_title(typed: str, wanted: list[tuple[str, str]]) -> None:
    assert [(link.text, link.address) for one in prose.passages(typed) for link in one.links] == wanted
    assert told(typed) == []


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("We won. <!-- ask Jane -->\n\n<!--\nTwo\nlines\n-->\n", [("<!--ask Jane-->", 0), ("<!--Two lines-->", 2)]),
        ("Words\n\n<script>\nalert(1)</script>", [("<script>", 2)]),
        ("Words <script>alert(1)</script> more", [("<script>", 0)]),
        ('Words\n<img src="a.png"\nonerror="x()">', [('onerror="x()"', 1)]),
        ('<a href="javascript:x()">words</a>', [('href="javascript:x()"', 0)]),
        ('<a href="&#106;avascript:x()">words</a>', [('href="&#106;avascript:x()"', 0)]),
        ("<form><input><button>Go</button></form>", [("<form>", 0), ("<input>", 0), ("<button>", 0)]),
        ("<iframe src='https://maps.example/x'></iframe>", [("<iframe>", 0)]),
        ("<style>p { color: red }</style>", [("<style>", 0)]),
        ("<p><svg><text>words</text></svg>", [("<svg>", 0)]),
        ("Words\n<!-- no end\n\nmore", [("<!--", 1)]),
        ("Words <b>bold\n\nmore and\n<i>more", [("<b>", 0), ("<i>", 3)]),
        ("<b>one</b> <i><b>two</b></i> <B>three</B>", []),
        ("One <b/> two", [("<b>", 0)]),
        ('<b style="font-weight:normal">Google Docs <i>wraps</i> all', []),
    ],
)
def test_what_is_left_out_is_told_at_its_line(typed: str, wanted: list[tuple[str, int]]) -> None:
    assert told(typed) == wanted
    for sign in ("alert", "x()", "<script", "<svg", "<form", "<style", "color", "javascript"):
        assert sign not in html(typed)


def test_a_picture_of_html_that_is_not_there_is_told_and_stops_no_build(room: Room, run: Run) -> None:
    room.item("a", 'Words.\n\n<p><img src="gone.jpg" alt="A tree"></p>')
    assert run("build", "-m", "2024-09").exit_code == 0
    assert "gone.jpg" in run("check", "-m", "2024-09", "--only", "html-left-out").stdout
    written = (room.root / "build/2024-09/state-LPMN/issue.html").read_text("utf-8")
    assert "<img" not in written.partition("Words.")[2].partition("</table>")[0]
    assert "A tree" in written


@pytest.mark.parametrize(
    "typed",
    ["<b>" * 30_000, "<b>a\n\n" * 4_900, "<div>" * 20_000, "<div>\n\n" * 4_900, "<a href=b>" * 4_900, "<table>" * 4_900,
     "<i><table>" * 4_000, "<p " + "a" * 90_000, '<div a="' * 4_900, "<div " + "a " * 40_000 + ">", "<!--" * 20_000,
     "<b>" + "a\n" * 40_000, "<b>x</b> " + "<" * 90_000, "<script>" * 4_900, "a <script> " * 4_900, "<br>" * 4_900,
     "<li>" * 4_900, "<td>" * 4_900, "<table><tr><td>" * 1_600, "<b>*a " * 4_900],
    ids=lambda typed: typed[:12],
)  # fmt: skip
def test_many_tags_take_no_time_and_lose_nothing(typed: str) -> None:
    with guard(30):
        assert "needle" in html(f"needle\n\n{typed}")
        text(typed)


def test_a_plain_text_needs_no_sanitizer(room: Room) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from newsletter.read import prose; prose.to_html('a *b* `<c>`', {}); print('nh3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (
            "<details>\n<summary>Who</summary>\n**All** of us:\n- a\n- b\n</details>\nAfter",
            '<details open=""><summary>Who</summary><p><strong>All</strong> of us:</p><ul><li>a</li><li>b</li></ul>'
            "</details><p>After</p>",
        ),
        ("<center>\n## Big *news*\n</center>", '<h4 style="text-align:center">Big <em>news</em></h4>'),
        ("<font color=red>\n**Rally**\n</font>", "<p><strong>Rally</strong></p>"),
        ("<div>\n[words](https://a.example)\n</div>", '<p><a href="https://a.example">words</a></p>'),
        # No Markdown: an address, an attribute, a comment, a program's own text.
        ("<div>\nTown hall\n1 Main Street\n</div>", "<p>Town hall\n1 Main Street</p>"),
        ('<a\nhref="https://a.example/**b**">\nx</a>', '<p><a href="https://a.example/**b**">x</a></p>'),
        ("<div><!--\n- b\n--></div>", ""),
        ("<pre>\n- b\n\n**c**\n</pre>", "<pre><code>- b\n\n**c**\n</code></pre>"),
    ],
)
def test_markdown_right_below_a_tag_is_read(typed: str, wanted: str) -> None:
    assert html(typed) == wanted


@pytest.mark.parametrize(
    "typed",
    [
        'See <video src="https://a.example/a.mp4">Your browser\nshows no film.</video> now',
        "See\n<video controls>\n<source src=https://a.example/a.mp4>\nYour browser shows no film.\n</video>\nnow",
        '<video src="https://a.example/a.mp4">Your browser shows no film.</video>',
    ],
)
def test_what_a_film_says_to_programs_that_show_none_is_not_said_beside_its_link(typed: str) -> None:
    assert "Your browser" not in html(typed) + text(typed)
    assert '<a href="https://a.example/a.mp4">a.example</a>' in html(typed)
    assert "nothing" in html("<video>nothing</video> shown")


def test_lines_below_a_film_are_kept_apart_where_they_are_or_not_at_all() -> None:
    typed = 'See <video src="https://a.example/a.mp4">Sorry\nno film</video> now\nTown hall\n1 Main Street'
    assert list(prose.run_together(typed)) == []


def test_a_link_that_nothing_closes_is_told() -> None:
    assert told('See\n<a href="https://a.example">the plan.\n\nMore.') == [("<a>", 1)]
    assert told('<a name="here"></a><a name="there">Words') == []


@pytest.mark.parametrize(
    ("typed", "is_told"),
    [
        ('<span style="display:none">secret</span>', True),
        ('<p style="color:red; VISIBILITY : hidden">secret</p>', True),
        ("<div hidden>secret</div>", True),
        ('<span class="hidden-part">shown</span>', False),
        ('<span style="display:inline">shown</span>', False),
        ('<span title="a hidden gem">shown</span>', False),
    ],
)
def test_what_was_hidden_where_it_came_from_is_told(typed: str, is_told: bool) -> None:
    told = [dropped.why for dropped in prose.html_left_out(f"Words {typed} here.\n")]
    assert ("is hidden where it came from, and shows here" in told) is is_told
