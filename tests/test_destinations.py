"""Addresses with blanks, in words and in front matter, lead where they were meant to."""

import pytest
from PIL import Image

from newsletter.read import prose, values
from newsletter.read.destinations import unbroken
from tests.room import Room


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("![A map](our map.jpg)", "![A map](<our map.jpg>)"),
        ("![A map](our map (2).JPG)", "![A map](<our map (2).JPG>)"),
        ('![A map](our map.jpg "The map")', '![A map](<our map.jpg> "The map")'),
        ("[a](https://a.example/our map.pdf)", "[a](<https://a.example/our map.pdf>)"),
        (
            "[a]( https://a.example/a b ) and [c](https://c.example/)",
            "[a](<https://a.example/a b>) and [c](https://c.example/)",
        ),
        ("[Call](tel:+1 555 123 4567)", "[Call](<tel:+1 555 123 4567>)"),
        ("[Call](tel: 555 123)", "[Call](<tel:555 123>)"),
        ("[Write](mailto:a@b.example?subject=I want in)", "[Write](<mailto:a@b.example?subject=I want in>)"),
        ("[![A map](our map.jpg)](https://a.example/x y)", "[![A map](<our map.jpg>)](<https://a.example/x y>)"),
        ("[**b** [c]](www.a.example/x y)", "[**b** [c]](<www.a.example/x y>)"),
    ],
)
def test_blanks_do_not_end_an_address(typed: str, line: str) -> None:
    assert unbroken(typed) == line


@pytest.mark.parametrize(
    "line",
    [
        "Words (and more) [1](see there) and [2](as we said).",
        "`![A map](our map.jpg)` is how it is typed",
        "[a](https://a.example/x)",
        '[a](https://a.example/x "A title")',
        "[a](<https://a.example/x y>)",
        "![A map](our map)",
        "[a](https://a.example/x y",
        "no link",
        r"\\[a](https://a.example/x y",
        "``![A map](our map.jpg)`` and `[a](https://a.example/x y)`",
        "[a](",
    ],
)
def test_what_is_no_address_or_whole_stays(line: str) -> None:
    assert unbroken(line) == line


def test_a_picture_with_blanks_in_its_name_is_shown(room: Room) -> None:
    for name in ("our map.png", "the hall.png", "Bild ä b.png"):
        path = room.file(f"issues/2024-09/items/{name}", b"")
        Image.new("RGB", (40, 30), "#1D5C63").save(path)
    room.item(
        "story", "![A map](our map.png)\n\n> ![Ein Bild](Bild ä b.png)\n", image="the hall.png", image_alt="A hall"
    )
    (item,) = room.load().items
    assert item.picture and item.picture.path == "issues/2024-09/items/the hall.png"
    assert [picture.path for picture in item.body_pictures.values()] == [
        "issues/2024-09/items/our map.png",
        "issues/2024-09/items/Bild ä b.png",
    ]
    assert "](" not in room.email().text


def test_links_with_blanks_in_words_are_links() -> None:
    (passage,) = prose.passages("[Read](https://a.example/our map.pdf) or [call](tel:+1 555 123).")
    assert [(link.text, link.address) for link in passage.links] == [
        ("Read", "https://a.example/our%20map.pdf"),
        ("call", "tel:+1-555-123"),
    ]


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("https://a.example/our map.pdf", "https://a.example/our%20map.pdf"),
        ("mailto:a@b.example?subject=I want in", "mailto:a@b.example?subject=I%20want%20in"),
        ("tel:+1 555 123", "tel:+1-555-123"),
        ("a@b.example", "mailto:a@b.example"),
        (
            "https://a.example/?n=%%first_name|dear friend%%&x=a b",
            "https://a.example/?n=%%first_name|dear friend%%&x=a%20b",
        ),
        ("https://a.example/100%25 a", "https://a.example/100%25%20a"),
    ],
)
def test_blanks_in_a_link_of_front_matter_are_encoded(typed: str, link: str) -> None:
    assert values.link(typed) == link


def test_an_address_without_its_beginning_is_mended(room: Room) -> None:
    room.item("story", link="network.example/join?x=1")
    (fault,) = room.load().faults
    assert fault.instead == "link: https://network.example/join?x=1"
    room.item("story", link="the page")
    assert room.load().faults[0].instead == ""
