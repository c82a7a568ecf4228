"""What would run in a mail is a fault of the template that writes it."""

import pytest

from newsletter.look.active import active
from tests.room import Room


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("<SCRIPT src=x>", "<script"),
        ("<!--[if mso]><script></script><![endif]-->", "<script"),
        # A browser ends this comment at once.
        ("<!--><script></script>-->", "<script"),
        ("<style><script></style>", "<script"),
        ('<p title="<script>">', "<script"),
        ("<iframe src='https://a.example'></iframe>", "<iframe"),
        ("<object data=x>", "<object"),
        ("<embed src=x>", "<embed"),
        ("<base href='https://a.example'>", "<base"),
        ("<svg><animate attributeName=href values=javascript:x>", "<animate"),
        ("<svg/onload=alert(1)>", "onload="),
        ("<img src=x onerror=alert(1)>", "onerror="),
        ('<img src="x"onerror=alert(1)>', "onerror="),
        ("<img src=x\nONERROR\n=\nalert(1)>", "onerror="),
        ('<img title=a"b onerror=alert(1)>', "onerror="),
        ("<b <img onerror=alert(1)>", "onerror="),
        ('<body onload="x">', "onload="),
        ('<a href="javascript:alert(1)">', "javascript:"),
        ("<a href=JavaScript:alert(1)>", "javascript:"),
        ('<a href=" \x01java\tscript:alert(1)">', "javascript:"),
        ('<a href="java&#10;script&colon;alert(1)">', "javascript:"),
        ('<a href="&#106;avascript:alert(1)">', "javascript:"),
        ('<a href="j&#x61;vascript:alert(1)">', "javascript:"),
        ('<a href="&Tab;javascript:alert(1)">', "javascript:"),
        ('<a href="vbscript:x">', "vbscript:"),
        ('<a href="data:text/html,<b>x</b>">', "data:"),
        ('<form action="javascript:x">', "javascript:"),
        ('<button formaction="javascript:x">', "javascript:"),
        ('<img src="data:image/svg+xml,x">', "data:"),
        ('<meta http-equiv="refresh" content="0">', 'http-equiv="refresh"'),
        ("<meta http-equiv=&#114;efresh content=0>", 'http-equiv="refresh"'),
    ],
)
def test_what_runs_is_found(html: str, found: str) -> None:
    assert active(html) == active(f"<p>words</p>{html}<p>more</p>") == found


@pytest.mark.parametrize(
    "html",
    [
        "<p>only=1, on = x, onload=y and javascript:x are words</p>",
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
        '<img alt="a switch is on=1 or onclick=2" src="a.png">',
        '<img alt="data: five of ten" title="javascript: an introduction" src="data.png">',
        '<img src="data:image/png;base64,AAAA">',
        '<a href="https://a.example/?on=1&amp;javascript:x">',
        '<a href="mailto:a@b.example?subject=javascript:">',
        '<a href="#data">',
        '<a href="%%unsubscribe_url%%"><img src="\x04a.png\x02">',
        '<meta http-equiv="Content-Type" content="text/html"><meta http-equiv="X-UA-Compatible" content="IE=edge">',
        "<style>a > b { color: red; }</style><!--[if mso]><v:rect xmlns:v='x'></v:rect><![endif]-->",
        "a < b <3 <",
        "<a",
        '<a href="javascript:',
    ],
)
def test_what_does_not_run_is_let_be(html: str) -> None:
    assert active(html) == ""


@pytest.mark.parametrize(
    ("template", "found", "line"),
    [
        ("<mj-text>\n<p onclick='x'>x</p></mj-text>", "onclick=", 2),
        ("<mj-raw>\n\n<script>alert(1)</script></mj-raw>", "<script", 3),
        ("<mj-text><a href='javascript:x'>x</a></mj-text>", "javascript:", 1),
        # Half of it comes from an item.
        (
            "<mj-text>\n{% for story in lead and [lead] %}<a href='java{{ story.title }}'>x</a>{% endfor %}</mj-text>",
            "javascript:",
            0,
        ),
    ],
)
def test_a_template_that_writes_it_is_at_fault_at_its_line(room: Room, template: str, found: str, line: int) -> None:
    room.item("story", title="script:alert(1)")
    room.file("templates/footer.mjml.j2", template)
    (fault,) = room.build().faults
    assert fault.message == f"the templates write '{found}', and nothing in a mail may run"
    assert (fault.place.file, fault.place.line) == ("templates/footer.mjml.j2", line)


def test_it_takes_no_longer_the_more_there_is_of_it() -> None:
    for html in ("<a ", "<a x='", "<!--", "<a x=&", " on=", '<a "', "<a x=\t", "=&a"):
        assert active(html * 100_000) == ""
