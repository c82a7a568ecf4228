"""Addresses as people type them: with blanks, without a beginning, of programs other than a browser."""

import pytest

from newsletter.read import prose, values
from tests.room import Room
from tests.test_linear import guard


def addresses(markdown: str) -> list[str]:
    return [link.address for passage in prose.passages(markdown) for link in passage.links]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("mailto:t@a.example?subject=I want in", "mailto:t@a.example?subject=I%20want%20in"),
        ("tel:+1 555 123 4567", "tel:+1-555-123-4567"),
        ("https://a.example/our map.pdf", "https://a.example/our%20map.pdf"),
        ("https://a.example/a (b) c", "https://a.example/a%20(b)%20c"),
        ("joe@a.example", "mailto:joe@a.example"),
        ("sms:+15551230000", "sms:+15551230000"),
        ("webcal://a.example/a.ics", "webcal://a.example/a.ics"),
        ("whatsapp://send?text=Hi you", "whatsapp://send?text=Hi%20you"),
        ("xmpp:hall@a.example?join", "xmpp:hall@a.example?join"),
        ("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&b=2"),
        ("%%browser_url%%", "%%browser_url%%"),
    ],
)
def test_an_address_is_a_link_in_words_and_in_front_matter(typed: str, wanted: str) -> None:
    assert addresses(f"[words]({typed})") == [wanted]
    assert addresses(f'[words]( {typed} "A title" )') == [wanted]
    assert values.link(typed) == wanted


@pytest.mark.parametrize("typed", ["not an address", "javascript:a b", "data:text/html,a b", "a b", "see below"])
def test_words_in_brackets_are_no_address(typed: str) -> None:
    assert addresses(f"[words]({typed})") == []


def test_a_title_ends_an_address() -> None:
    assert addresses('[a](https://a.example/x "Title") [b](https://b.example/y)') == [
        "https://a.example/x",
        "https://b.example/y",
    ]


def test_a_picture_may_have_blanks_in_its_name() -> None:
    assert list(prose.pictures("![A tree](our photo.jpg)")) == [("our%20photo.jpg", "A tree", 0)]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("Governor&#8217;s R&amp;D plan", "Governor’s R&D plan"),
        ("a&nbsp;b", "a\u00a0b"),
        ("a&#12;b", "a b"),
        ("AT&T &copy=2 &nothing; R&D;", "AT&T &copy=2 &nothing; R&D;"),
    ],
)
def test_entities_in_front_matter_are_decoded(typed: str, wanted: str) -> None:
    assert values.text(typed) == wanted


@pytest.mark.parametrize(
    "typed",
    ["[a](tel:1 " * 9_000, "[a](b \"" * 14_000, "[a](" + "b " * 45_000, "[a](" + "\t" * 90_000,
     "](a b) [" * 12_000],
    ids=lambda typed: typed[:8],
)  # fmt: skip
def test_many_addresses_take_no_time(typed: str) -> None:
    with guard(30):
        prose.to_html(typed, {})


def test_a_picture_that_is_missing_is_told_by_the_name_that_was_typed(room: Room) -> None:
    room.item("story", "![A tree](no such tree.png)\n")
    (fault,) = room.faults()
    assert "picture 'no such tree.png' is not there" in fault


def test_an_address_between_chinese_words_ends_where_its_marks_do() -> None:
    html = prose.to_html("请看https://a.example/路径。谢谢（https://a.example/二），www.a.example。", {})
    assert html == (
        '<p>请看<a href="https://a.example/路径">https://a.example/路径</a>。谢谢（<a href="https://a.example/二">'
        'https://a.example/二</a>），<a href="https://www.a.example">www.a.example</a>。</p>'
    )
