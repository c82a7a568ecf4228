"""Files -> Newsroom: every key and every fault of items and front pages, told at its line."""

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import Place
from newsletter.model import Item, Moment, PictureFile
from newsletter.read.load import load
from tests.room import TOML, Room, png

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'
AVIF = b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1"


def told(room: Room, front: str, body: str = "Words.\n") -> list[str]:
    """Return the faults of an item with that front matter, without the file's name."""
    room.file("issues/2024-09/items/story.md", f"---\n{front}---\n{body}")
    return [fault.removeprefix("issues/2024-09/items/story.md:") for fault in room.faults()]


REST = "chapters: [LPMN]\nmonth: 2024-09\nsection: wins\n"


def test_an_item_with_every_key_is_read(room: Room) -> None:
    png(room.root / "issues/2024-09/items/tree.png")
    room.file(
        "issues/2024-09/items/story.md",
        """\
---
title: Saint Paul plants a tree
headline: A tree
chapters: [LPMN, network]
months: [2024-10, 2024-09]
section: events
link: https://example.org/tree
link_label: Read on
image: tree.png
image_alt: A tree
image_credit: Photo by Ann
image_caption: The tree
source: Pioneer Press
author: Ann Lee
starts: 2024-10-10 18:00
ends: 2024-10-10 19:30
timezone: America/Chicago
location: City Hall
rsvp: https://example.org/rsvp
deadline: 2024-10-08
until: 2024-10-10
order: -3
lead: yes
draft: true
allow: [gmail-clips]
---

Words.
""",
    )
    (item,) = room.load().items
    assert item == Item(
        path="issues/2024-09/items/story.md",
        digest=item.digest,
        title="Saint Paul plants a tree",
        headline="A tree",
        chapters=("LPMN", "network"),
        months=("2024-09", "2024-10"),
        section="events",
        body="Words.",
        body_line=28,
        lines=item.lines,
        link="https://example.org/tree",
        link_label="Read on",
        picture=PictureFile(
            source="tree.png",
            alt="A tree",
            place=Place(file="issues/2024-09/items/story.md", line=9),
            path="issues/2024-09/items/tree.png",
        ),
        image_credit="Photo by Ann",
        image_caption="The tree",
        source="Pioneer Press",
        author="Ann Lee",
        starts=Moment(day=date(2024, 10, 10), at=datetime(2024, 10, 10, 18)),
        ends=Moment(day=date(2024, 10, 10), at=datetime(2024, 10, 10, 19, 30)),
        timezone="America/Chicago",
        location="City Hall",
        rsvp="https://example.org/rsvp",
        deadline=Moment(day=date(2024, 10, 8)),
        until=date(2024, 10, 10),
        order=-3,
        allow=("gmail-clips",),
        is_lead=True,
        is_draft=True,
    )
    assert (item.place("title").line, item.place("allow").line, item.place("body").line) == (2, 25, 28)


@pytest.mark.parametrize(
    "typed",
    ["NO", "On", "1_000", "0x1F", "2024-09-01", "12:30:45", "null", "~", "1e3", ".5", "yes", "=", "true", "0o14", "<<"],
)
def test_a_scalar_keeps_what_was_typed(room: Room, typed: str) -> None:
    assert told(room, f"title: {typed}\n{REST}") == []
    assert room.load().items[0].title == typed


def test_a_chapter_may_be_called_no(room: Room) -> None:
    room.file("newsletter.toml", TOML + '[chapters.NO]\nname = "Norway"\n')
    assert told(room, "title: Fjord\nchapter: NO\nmonth: 2024-09\nsection: wins\n") == []
    assert room.load().items[0].chapters == ("NO",)


@pytest.mark.parametrize(
    ("front", "faults"),
    [
        (
            "",
            [
                "1: 'title' is missing\n  hint: write title: What happened",
                "1: 'chapters' is missing\n  hint: write chapters: [LPMN, network]",
                "1: 'month' is missing\n  hint: write month: 2024-09",
                "1: 'section' is missing\n  hint: write section: wins",
            ],
        ),
        (f"title:\n{REST}", ["2: 'title' is empty\n  hint: write title: What happened"]),
        (
            "title: a\nchapter:\nmonth: 2024-09\nsection: wins\n",
            ["3: 'chapters' is empty\n  hint: write chapters: [LPMN, network]"],
        ),
        (
            "title: a\nchapters: []\nmonth: 2024-09\nsection: wins\n",
            ["3: 'chapters' is empty\n  hint: write chapters: [LPMN, network]"],
        ),
        (f"titel: a\ntitle: a\n{REST}", ["2: unknown key 'titel' in an item\n  hint: did you mean 'title'?"]),
        (
            f"title: [a, b]\n{REST}",
            [
                "2: title: one text is wanted, not a list or a table\n"
                "  hint: put a text with brackets or braces in quotes"
            ],
        ),
        (
            f"order: {{a: b}}\ntitle: a\n{REST}",
            ["2: order: one text is wanted, not a table\n  hint: put a text with a colon or braces in quotes"],
        ),
        (
            "title: a\nchapter: [LPMN, LPNY]\nmonth: 2024-09\nsection: wins\n",
            ["3: chapter: one is wanted, not a list\n  hint: write chapters: [LPMN, LPNY]"],
        ),
        (
            "title: a\nchapters: [[LPMN]]\nmonth: 2024-09\nsection: wins\n",
            [
                "3: chapters: a list of texts is wanted\n"
                "  hint: write it as [one, two]; quote texts with colons or brackets"
            ],
        ),
        (
            f"title: a\nchapter: LPMN\n{REST}",
            ["3: 'chapter' and 'chapters' say the same thing twice\n  hint: keep 'chapters'"],
        ),
        (
            f"title: a\nuntil: 2024-09-31\n{REST}",
            ["3: until: there is no day '2024-09-31'\n  hint: a date is year, month, day, for example 2024-09-30"],
        ),
        (
            "title: a\nchapters: LPMN\nmonth: September\nsection: wins\n",
            ["4: month: 'September' is not a month\n  hint: write month: 2024-09"],
        ),
        (
            f"title: a\norder: first\n{REST}",
            ["3: order: 'first' is not a whole number\n  hint: write digits only, for example 10"],
        ),
        (
            f"title: a\ndraft: perhaps\n{REST}",
            ["3: draft: 'perhaps' is neither true nor false\n  hint: write true or false"],
        ),
        (
            f"title: a\nends: 2024-10-10\n{REST}",
            ["3: 'ends' needs a 'starts'\n  hint: write starts: 2024-10-10 and its hour"],
        ),
        (
            f"title: a\nstarts: 2024-10-10 18:00\nends: 2024-10-10 17:00\n{REST}",
            ["4: 'ends' lies before 'starts'\n  hint: what goes past midnight ends on the next day"],
        ),
        (
            "title: a\nchapter: LPNM\nmonth: 2024-09\nsection: wins\n",
            ["3: chapter 'LPNM' is not in newsletter.toml\n  hint: did you mean 'LPMN'?"],
        ),
        (
            "title: a\nchapter: netwrok\nmonth: 2024-09\nsection: wins\n",
            ["3: chapter or publication 'netwrok' is not in newsletter.toml\n  hint: did you mean 'network'?"],
        ),
        (
            "title: a\nchapter: state\nmonth: 2024-09\nsection: wins\n",
            [
                "3: 'state' has an issue for each chapter, so it can't be a tag\n"
                "  hint: name the chapters whose issue runs the item"
            ],
        ),
        (
            "title: a\nchapter: LPMN\nmonth: 2024-09\nsection: winz\n",
            ["5: section 'winz' is not in newsletter.toml\n  hint: did you mean 'wins'?"],
        ),
        (
            f"title: a\nlink: example.org\n{REST}",
            ["3: link: 'example.org' is not a full address\n  hint: write it with its beginning: https://example.org"],
        ),
    ],
)
def test_a_fault_of_the_front_matter_is_told_at_its_line(room: Room, front: str, faults: list[str]) -> None:
    assert told(room, front) == faults


@pytest.mark.parametrize(
    ("front", "fault"),
    [
        ('title: "Wins\n', '2: the quotation mark " is not closed\n  hint: write title: "Wins"'),
        ('title: "Wins\nlink_label: "Read"\n', '2: the quotation mark " is not closed\n  hint: write title: "Wins"'),
        ("title: 'Tis the season\n", "2: the quotation mark ' is not closed\n  hint: write title: \"'Tis the season\""),
        (
            'title: "Wins" and more\n',
            "2: words stand after the closing quotation mark\n  hint: write title: '\"Wins\" and more'",
        ),
        ("title: 'It's here'\n", '2: words stand after the closing quotation mark\n  hint: write title: "It\'s here"'),
        (
            'title: "She said "yes""\n',
            "2: words stand after the closing quotation mark\n  hint: write title: 'She said \"yes\"'",
        ),
        (
            'title: "C:\\path"\n',
            "2: a backslash has a meaning of its own between double quotes\n  hint: write title: 'C:\\path'",
        ),
        ("title: Wins: the list\n", '2: a second colon confuses this line\n  hint: write title: "Wins: the list"'),
        ("title: “Wins”: the list\n", '2: a second colon confuses this line\n  hint: write title: "“Wins”: the list"'),
        ("title:Wins\n", "2: there is no space after the colon\n  hint: write title: Wins"),
        (
            "title: Wins\n\tlink_label: x\n",
            "3: a tab stands at the start of this line\n  hint: take it out; a list may be indented by two spaces",
        ),
        (
            "title: Wins\nallow:\n\t- x\n",
            "4: a tab stands at the start of this line\n  hint: take it out; a list may be indented by two spaces",
        ),
        (
            "title: Wins\n  link_label: x\n",
            "3: this line starts with a space\n  hint: start it in the first column: link_label: x",
        ),
        (
            "  title: Wins\nlink_label: x\n",
            "2: this line starts with a space\n  hint: start it in the first column: title: Wins",
        ),
        ("title: Wins\nallow: [a, b\nlink_label: x\n", "3: this list is not closed\n  hint: write allow: [a, b]"),
        ("title: [Update] Wins\n", '2: words stand after the closing bracket\n  hint: write title: "[Update] Wins"'),
        ("title: {Wins\n", '2: a text that starts with { needs quotes\n  hint: write title: "{Wins"'),
        ("title: @home\n", '2: a text that starts with @ needs quotes\n  hint: write title: "@home"'),
        ("title: *Wins*\n", '2: a text that starts with * needs quotes\n  hint: write title: "*Wins*"'),
        ("title: & more\n", '2: a text that starts with & needs quotes\n  hint: write title: "& more"'),
        ("title: &more Wins\n", '2: a text that starts with & needs quotes\n  hint: write title: "&more Wins"'),
        (
            "title: !important Wins\n",
            '2: a text that starts with ! needs quotes\n  hint: write title: "!important Wins"',
        ),
        ("title: > Wins\n", '2: a text that starts with > needs quotes\n  hint: write title: "> Wins"'),
        ("title: - Wins\n", '2: a text that starts with - needs quotes\n  hint: write title: "- Wins"'),
        ("title: `Wins`\n", '2: a text that starts with ` needs quotes\n  hint: write title: "`Wins`"'),
        ("title: 100%\nlink_label: %x\n", '3: a text that starts with % needs quotes\n  hint: write link_label: "%x"'),
        ("title: We're #1\n", "2: '#1' counts as a comment and would be lost\n  hint: write title: \"We're #1\""),
        ("title: #MeToo\n", "2: '#MeToo' counts as a comment and would be lost\n  hint: write title: \"#MeToo\""),
        (
            "title: Wins\nlink_label\nauthor: x\n",
            "3: this line has no key with a colon\n"
            "  hint: write it as key: value; indent it by two spaces if it goes on with the line above",
        ),
        ("title: Wins\ntitle: Other\n", "3: 'title' stands twice, first in line 2\n  hint: keep one of them"),
        ("[a]: Wins\n", "2: a key must be one word\n  hint: write it as title: What happened"),
    ],
)
def test_broken_yaml_is_told_at_its_line_with_the_line_to_write(room: Room, front: str, fault: str) -> None:
    faults = told(room, f"{front}{REST}")
    # Where nobody can doubt what was meant, it is read so, and told all the same.
    slips = [slip for item in room.load().items for slip in item.slips]
    assert fault in faults + [f"{slip.line}: {slip.message}\n  hint: {slip.hint}" for slip in slips]


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("Just words.\n", "1: the front matter is missing\n  hint: start the file with a line --- and its keys"),
        ("", "1: the front matter is missing\n  hint: start the file with a line --- and its keys"),
        ("---\ntitle: Wins\n\nWords.\n", "1: the front matter has no end\n  hint: close it with a line ---"),
        ("---\n- one\n- two\n---\n", "2: the front matter has no keys\n  hint: write them as title: What happened"),
        ("---\njust words\n---\n", "2: the front matter has no keys\n  hint: write them as title: What happened"),
    ],
)
def test_an_item_without_a_whole_front_matter_is_refused(room: Room, source: str, fault: str) -> None:
    room.file("issues/2024-09/items/story.md", source)
    assert room.faults() == [f"issues/2024-09/items/story.md:{fault}"]


def test_a_comment_after_a_value_is_a_comment(room: Room) -> None:
    assert told(room, f"title: Wins   # a note\nimage_credit: C# minor\n{REST}") == []
    assert (room.load().items[0].title, room.load().items[0].image_credit) == ("Wins", "C# minor")


def test_a_file_that_is_not_utf8_is_told_at_its_line(room: Room) -> None:
    room.file("issues/2024-09/items/story.md", b"---\ntitle: Wins\n---\nOne.\nCaf\xe9.\n")
    assert room.faults() == [
        "issues/2024-09/items/story.md:5: this is not UTF-8 text\n  hint: save the file with the encoding UTF-8"
    ]


def test_utf16_from_notepad_is_told_as_not_utf8(room: Room) -> None:
    room.file("issues/2024-09/items/story.md", "---\ntitle: Wins\n---\n".encode("utf-16"))
    assert room.faults() == [
        "issues/2024-09/items/story.md:1: this is not UTF-8 text\n  hint: save the file with the encoding UTF-8"
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_a_file_name_that_is_not_utf8_is_refused_in_words_that_can_be_printed(room: Room) -> None:
    room.item("good")
    name = os.fsencode(room.root / "issues/2024-09/items") + b"/caf\xe9.md"
    Path(os.fsdecode(name)).write_text("---\ntitle: x\n---\n")
    assert room.faults() == [
        "issues/2024-09/items/caf?.md: the file's name is not UTF-8\n  hint: rename it, with letters a to z"
    ]


def test_a_file_that_can_not_be_read_is_a_fault_of_that_file(room: Room) -> None:
    room.item("good")
    (room.root / "issues/2024-09/items/gone.md").symlink_to(room.root / "nowhere.md")
    assert room.faults() == [
        "issues/2024-09/items/gone.md: can't be read: no such file or directory\n"
        "  hint: see that it is there, and that you may read it"
    ]
    assert [item.stem for item in room.load().items] == ["good"]


def test_windows_line_ends_a_byte_order_mark_and_dots_at_the_end_are_read(room: Room) -> None:
    source = f"\ufeff---\ntitle: Wins\n{REST}...\n\nOne.\n\nTwo.\n"
    room.file("issues/2024-09/items/story.MD", source.replace("\n", "\r\n"))
    (item,) = room.load().items
    assert (item.title, item.body, item.body_line) == ("Wins", "One.\n\nTwo.", 8)


def test_items_are_found_in_any_folder_and_the_front_matter_is_the_truth(room: Room) -> None:
    room.item("deep", folder="archive/2019", month="2024-09")
    room.page("issues/loose.md", "", {"title": "x", "chapter": "LPMN", "month": "2024-10", "section": "wins"})
    room.file("issues/README.md", "Not an item.")
    room.file("issues/.hidden/items/x.md", "Not an item.")
    room.file("issues/notes.txt", "Not an item.")
    assert [(item.path, item.months) for item in room.load().items] == [
        ("issues/archive/2019/items/deep.md", ("2024-09",)),
        ("issues/loose.md", ("2024-10",)),
    ]


@pytest.mark.parametrize(
    ("image", "fault"),
    [
        ("missing.jpg", "picture 'missing.jpg' is not there\n  hint: put it beside the item"),
        ("three.png", "picture 'three.png' is not there\n  hint: did you mean 'tree.png'?"),
        ("Tree.PNG", "picture 'Tree.PNG' is not there\n  hint: did you mean 'tree.png'?"),
        ("words.png", "'words.png' is not a picture\n  hint: use a JPEG, PNG or GIF file"),
        ("empty.png", "'empty.png' is not a picture\n  hint: use a JPEG, PNG or GIF file"),
        ("drawing.svg", "picture 'drawing.svg' is an SVG, which email programs don't show\n  hint: export it as PNG"),
        ("phone.avif", "picture 'phone.avif' is in a format that email programs don't show\n  hint: export it as JPEG"),
        (
            "../../../../secret.png",
            "picture '../../../../secret.png' lies outside the newsroom\n  hint: copy it beside the item",
        ),
        ("/etc/hostname", "picture '/etc/hostname' lies outside the newsroom\n  hint: copy it beside the item"),
        ("out.png", "picture 'out.png' lies outside the newsroom\n  hint: copy it beside the item"),
        ("..", "picture '..' can't be read: is a directory\n  hint: put a JPEG, PNG or GIF file beside the item"),
        (
            "http://example.org/a.png",
            "picture 'http://example.org/a.png' is not served over https\n  hint: use https:// or a file",
        ),
        (
            "file:///etc/hostname",
            "picture: a link of the kind 'file:' has no place in an email\n  hint: use an https:// address",
        ),
        ("https://", "picture: 'https://' names no host\n  hint: for example https://example.org/story"),
    ],
)
def test_a_picture_that_can_not_be_shown_is_refused_where_it_is_named(room: Room, image: str, fault: str) -> None:
    folder = room.root / "issues/2024-09/items"
    png(folder / "tree.png")
    png(room.root.parent / "secret.png")
    (folder / "out.png").symlink_to(room.root.parent / "secret.png")
    for name, content in {"words.png": b"words", "empty.png": b"", "drawing.svg": SVG, "phone.avif": AVIF}.items():
        (folder / name).write_bytes(content)
    assert told(room, f"title: a\nimage: {image}\n{REST}") == [f"3: {fault}"]
    if not image.startswith("file"):
        assert told(room, f"title: a\n{REST}", f"One.\n\n![A tree]({image})\n") == [f"9: {fault}"]


def test_a_picture_may_have_a_space_in_its_name_and_lie_in_a_folder(room: Room) -> None:
    png(room.root / "issues/2024-09/items/my tree.png")
    png(room.root / "shared/tree.png")
    body = "![a](<my tree.png>) ![b](my%20tree.png)\n"
    assert told(room, f"title: a\nimage: ../../../shared/tree.png\n{REST}", body) == []
    (item,) = room.load().items
    assert item.picture and item.picture.path == "shared/tree.png"
    assert {file.path for file in item.body_pictures.values()} == {"issues/2024-09/items/my tree.png"}


def test_a_picture_named_twice_is_told_once(room: Room) -> None:
    assert told(room, f"title: a\n{REST}", "![a](x.png) ![b](x.png)\n") == [
        "7: picture 'x.png' is not there\n  hint: put it beside the item"
    ]


@pytest.mark.parametrize(
    ("logo", "fault"),
    [
        ("logo.png", "logo 'logo.png' is not there\n  hint: put it into the newsroom"),
        ("../secret.png", "logo '../secret.png' lies outside the newsroom\n  hint: copy it into the newsroom"),
        (
            "http://example.org/a.png",
            "logo 'http://example.org/a.png' is not served over https\n  hint: use https:// or a file",
        ),
    ],
)
def test_a_logo_that_can_not_be_shown_is_refused_wherever_it_is_named(room: Room, logo: str, fault: str) -> None:
    png(room.root.parent / "secret.png")
    room.file("newsletter.toml", TOML.replace('accent = "#1D5C63"', f'logo = "{logo}"'))
    assert room.faults() == [f"newsletter.toml:24: {fault}"]
    room.file("newsletter.toml", TOML)
    room.front_page("2024-09/network", logo=logo)
    assert room.faults() == [f"issues/2024-09/network.md:2: {fault}"]


@pytest.mark.parametrize("source", ["chart.png", "https://example.org/chart.png"])
def test_a_picture_in_a_greeting_among_settings_is_refused_on_a_front_page_it_is_taken(room: Room, source: str) -> None:
    greeting = f"Hello ![A chart]({source}) friends"
    room.file("newsletter.toml", TOML.replace('accent = "#1D5C63"', f'greeting = "{greeting}"'))
    fault = f"a greeting among the settings can't hold a picture ('{source}')\n  hint: "
    assert room.faults() == [
        f"newsletter.toml:24: {fault}greet on the issue's front page, such as issues/2024-09/network.md: there it can"
    ]
    room.file("newsletter.toml", TOML)
    room.front_page("2024-09/network", greeting=f'"{greeting}"')
    assert room.faults() == [
        f"issues/2024-09/network.md:2: {fault}write the greeting below the front matter: there it can"
    ]
    png(room.root / "issues/2024-09/chart.png")
    room.front_page("2024-09/network", greeting)
    assert room.faults() == []


def test_an_unknown_placeholder_is_told_at_its_line_with_the_nearest_one(room: Room) -> None:
    assert told(room, f'title: "Hello %%frist_name|friend%%"\n{REST}', "One.\n%%colour%% and %%browser_url%%\n") == [
        "2: unknown placeholder '%%frist_name|friend%%'\n  hint: did you mean '%%first_name|friend%%'?",
        "8: unknown placeholder '%%colour%%'\n"
        "  hint: there is %%browser_url%%, %%first_name|friend%%, %%postal_address%%, %%unsubscribe_url%%",
    ]


def test_a_newsrooms_own_placeholder_is_known(room: Room) -> None:
    room.file("newsletter.toml", TOML + '[providers.mailchimp.tags]\ncity = "*|CITY|*"\n')
    assert told(room, f"title: a\n{REST}", "Hello %%city%%!\n") == []


def test_front_pages_are_read_by_their_name_or_by_the_issue_they_name(room: Room) -> None:
    room.front_page("2024-09/state-LPMN", "Dear all,\n", emoji="🌲", headlines=["story", "Own words"], lead="story")
    room.page("issues/2024-09/september.md", "", {"issue": "network"})
    room.file("issues/2024-09/state-LPNY.md", "Nothing but a greeting.\n")
    pages = room.load().front_pages
    assert room.faults() == []
    assert {key: (page.path, page.greeting) for key, page in pages.items()} == {
        "2024-09/network": ("issues/2024-09/september.md", ""),
        "2024-09/state-LPMN": ("issues/2024-09/state-LPMN.md", "Dear all,"),
        "2024-09/state-LPNY": ("issues/2024-09/state-LPNY.md", "Nothing but a greeting."),
    }
    front = pages["2024-09/state-LPMN"]
    assert (front.own, front.headlines, front.lead) == ({"emoji": "🌲"}, ("story", "Own words"), "story")


@pytest.mark.parametrize(
    ("issue_id", "front", "fault"),
    [
        ("2024-09/state-LPNM", {}, "1: no issue is called '2024-09/state-LPNM'\n  hint: did you mean 'state-LPMN'?"),
        (
            "2024-09/story",
            {"title": "An item without its folder"},
            "1: no issue is called '2024-09/story'\n"
            "  hint: there is network, state-LPMN, state-LPNY; an item belongs into the folder items/",
        ),
        (
            "2024-09/x",
            {"issue": "2024-13/network"},
            "2: no issue is called '2024-13/network'\n  hint: did you mean 'network'?",
        ),
        (
            "2024-08/state-LPNY",
            {},
            "1: state-LPNY comes out once a quarter: it has no issue in 2024-08\n"
            "  hint: its months are 2024-03, -06, -09 and -12",
        ),
        (
            "2024-09/network",
            {"greting": "x"},
            "2: unknown key 'greting' in a front page\n  hint: did you mean 'greeting'?",
        ),
        (
            "2024-09/network",
            {"sections": ["winz"]},
            "2: section 'winz' is not in newsletter.toml\n  hint: did you mean 'wins'?",
        ),
        (
            "2024-09/network",
            {"accent": "teal"},
            "2: accent: 'teal' is not a colour\n  hint: write it as # and six digits, for example #1D5C63",
        ),
    ],
)
def test_a_fault_of_a_front_page_is_told_at_its_line(
    room: Room, issue_id: str, front: dict[str, Any], fault: str
) -> None:
    room.front_page(issue_id, **front)
    assert room.faults() == [f"issues/{issue_id}.md:{fault}"]


def test_a_second_front_page_of_an_issue_is_refused(room: Room) -> None:
    room.front_page("2024-09/network")
    room.page("issues/2024-09/september.md", "", {"issue": "2024-09/network"})
    assert room.faults() == [
        "issues/2024-09/september.md:2: 2024-09/network has a front page already: issues/2024-09/network.md\n"
        "  hint: keep one of them"
    ]


def test_the_lines_to_write_hold_in_this_newsroom_and_this_folder(room: Room) -> None:
    toml = TOML.replace("[publications.network]", "[publications.all]").replace("[sections.wins]", "[sections.news]")
    room.file("newsletter.toml", toml.replace("[chapters.LPMN]", "[chapters.NORTH]"))
    room.file("issues/2026-11/items/story.md", "---\nlink: https://network.example/\n---\n")
    assert [fault.hint for fault in room.load().faults] == [
        "write title: What happened",
        "write chapters: [NORTH, all]",
        "write month: 2026-11",
        "write section: news",
    ]


def test_tags_in_a_row_without_brackets_are_told_as_a_list(room: Room) -> None:
    room.item("story", chapters="LPMN, network")
    assert room.faults() == [
        "issues/2024-09/items/story.md:3: chapter or publication 'LPMN, network' is not in newsletter.toml\n"
        "  hint: write chapters: [LPMN, network]"
    ]


def test_a_folder_that_can_not_be_listed_is_a_fault_not_a_folder_without_items(room: Room) -> None:
    room.file("issues", "")
    assert room.faults() == [
        "issues: can't be read: not a directory\n  hint: see that it is there, and that you may read it"
    ]


def test_an_item_saved_as_text_is_not_lost_and_notes_are_left_alone(room: Room) -> None:
    room.file("issues/2024-09/items/fire.txt", "\ufeff---\ntitle: a\n---\n")
    room.file("issues/2024-09/items/notes.txt", "Call the mayor.\n")
    assert room.faults() == [
        "issues/2024-09/items/fire.txt: the name ends in .txt, so this is no item\n  hint: rename it to fire.md"
    ]


def test_an_item_that_notepad_gave_a_second_ending_is_not_lost_without_a_word(room: Room) -> None:
    room.file("issues/2024-09/items/Story.md.txt", "---\ntitle: a\n---\n")
    room.file("issues/2024-09/items/notes.txt", "Whom to ask.\n")
    assert room.faults() == [
        "issues/2024-09/items/Story.md.txt: the name ends in .txt, so this is no item\n  hint: rename it to Story.md"
    ]


def test_an_item_for_a_chapter_without_an_issue_is_refused(room: Room) -> None:
    room.file("newsletter.toml", TOML.replace('scope = "chapter"', 'scope = "network"'))
    room.item("story")
    assert room.faults() == [
        "issues/2024-09/items/story.md:3: no issue takes items of chapter 'LPMN'\n"
        '  hint: newsletter.toml has no publication with scope = "chapter"'
    ]


def test_a_tag_typed_twice_counts_once(room: Room) -> None:
    room.item("story", chapters=["LPMN", "network", "LPMN"])
    assert room.load().items[0].chapters == ("LPMN", "network")


def test_all_faults_of_all_files_are_told_sorted_by_file_and_line_and_the_good_ones_are_kept(room: Room) -> None:
    room.item("good")
    room.item("zebra", section="winz", chapters=["LPNM"])
    room.item("ant", title=None, until="soon")
    room.front_page("2024-09/nowhere")
    newsroom = load(room.root)
    assert [str(fault.place) for fault in newsroom.faults] == [
        "issues/2024-09/items/ant.md:1",
        "issues/2024-09/items/ant.md:6",
        "issues/2024-09/items/zebra.md:3",
        "issues/2024-09/items/zebra.md:6",
        "issues/2024-09/nowhere.md:1",
    ]
    assert [item.stem for item in newsroom.items] == ["good"]


@pytest.mark.parametrize("typed", ["/images/tree.png", "images/tree.png", "../../tree.png", "/Users/somebody/tree.png"])
def test_a_path_of_another_place_is_answered_with_the_file_beside_the_item(room: Room, typed: str) -> None:
    png(room.root / "issues/2024-09/items/tree.png")
    room.item("story", f"![A tree]({typed})\n")
    (fault,) = room.load().faults
    assert fault.hint == "write tree.png: that file lies beside the item"
