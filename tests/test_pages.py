"""Bytes of one file -> its item or front page: every key has its row, and nothing but the file has a say."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from newsletter.check.manuscript import of_item
from newsletter.model import Item
from newsletter.read.fields import FRONT_PAGE, ITEM, SETTINGS
from newsletter.read.pages import read_page
from tests.room import TOML, Room

ITEM_PATH = "issues/2024-09/items/story.md"
REST = "title: A tree\nchapters: [LPMN]\nmonth: 2024-09\nsection: wins\n"


def read(room: Room, front: str, path: str = ITEM_PATH) -> tuple[Item | None, list[str]]:
    """Return the item that a file holds, and its faults without the file's name."""
    page = read_page(path, f"---\n{front}---\nWords.\n".encode(), room.load().config)
    return page.item, [str(fault).removeprefix(f"{path}:") for fault in page.faults]


def test_a_page_is_read_without_its_folder(room: Room) -> None:
    content = f"---\n{REST}image: tree.png\n---\n![a bird](bird.png)\n".encode()
    page = read_page(ITEM_PATH, content, room.load().config)
    assert page == read_page(ITEM_PATH, content, room.load().config)
    assert [(picture.source, picture.path) for picture in page.pictures] == [("tree.png", ""), ("bird.png", "")]
    assert (page.months, page.tags, page.faults) == (("2024-09",), ("LPMN",), ())
    assert room.faults() == []


def test_a_picture_that_is_missing_stops_what_the_page_says(room: Room) -> None:
    room.file(ITEM_PATH, f"---\n{REST}image: tree.png\norder: first\n---\nWords.\n")
    (fault, other) = room.load().faults
    assert (fault.message, other.message) == (
        "picture 'tree.png' is not there",
        "order: 'first' is not a whole number",
    )
    assert (fault.months, fault.tags) == (other.months, other.tags) == (("2024-09",), ("LPMN",))


@pytest.mark.parametrize(
    ("line", "attribute", "value"),
    [
        ("image_focus: top", "image_focus", "top"),
        ("published: 2024-09-12", "published", date(2024, 9, 12)),
        ("summary: |\n  One thing.\n\n  *Another*.", "summary", "One thing.\n\n*Another*."),
        ("language: es", "language", "es"),
        ("from: 'https://example.org/feed #3'", "made_from", "https://example.org/feed #3"),
    ],
)
def test_a_key_of_the_contract_is_read(room: Room, line: str, attribute: str, value: object) -> None:
    item, faults = read(room, f"{REST}{line}\n")
    assert faults == []
    assert getattr(item, attribute) == value


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            "image_focus: centre",
            "image_focus: 'centre' is not one of top, center, bottom, left, right\n  hint: did you mean 'center'?",
        ),
        (
            "published: yesterday",
            "published: 'yesterday' is not a date\n  hint: write year, month and day, for example 2024-09-30",
        ),
        (
            "language: Spanish",
            "language: 'Spanish' is not a language\n  hint: write es",
        ),
        ("form: a.csv", "unknown key 'form' in an item\n  hint: did you mean 'from'?"),
    ],
)
def test_a_key_of_the_contract_has_its_fault(room: Room, line: str, fault: str) -> None:
    assert read(room, f"{REST}{line}\n") == (None, [f"6: {fault}"])


def test_a_front_page_says_what_comes_first_and_what_is_left_out(room: Room) -> None:
    room.front_page("2024-09/state-LPMN", order=["b", "a"], leave_out="c")
    front_page = room.load().front_pages["2024-09/state-LPMN"]
    assert (front_page.order, front_page.leave_out) == (("b", "a"), ("c",))
    assert "order" not in front_page.own


@pytest.mark.parametrize("key", [key for key, field in ITEM.items() if key not in {"chapter", "month"}])
def test_the_example_of_every_key_can_be_typed(room: Room, key: str) -> None:
    needed: dict[str, Any] = {"title": "A", "chapters": "LPMN", "month": "2024-09", "section": "wins"}
    needed |= {"starts": "2024-10-10"} if key == "ends" else {}
    needed.pop("month" if key == "months" else key, None)
    front = yaml.safe_dump(needed) + f"{key}: {ITEM[key].example}\n"
    assert read(room, front)[1] == []


def test_the_examples_of_a_front_page_can_be_typed(room: Room) -> None:
    front = "".join(f"{key}: {field.example}\n" for key, field in FRONT_PAGE.items())
    page = read_page("issues/2024-09/network.md", f"---\n{front}---\n".encode(), room.load().config)
    assert page.faults == ()


@pytest.mark.parametrize("key", SETTINGS)
def test_the_example_of_every_setting_can_be_typed(room: Room, key: str) -> None:
    example = SETTINGS[key].example
    value = example if SETTINGS[key].type != "string" else json.dumps(example, ensure_ascii=False)
    toml = "\n".join(line for line in TOML.split("\n") if line.partition(" =")[0] != key or line.startswith("title"))
    path = "[publications.network]" if key == "title" else "[organization]"
    toml = toml.replace('title = "The Network Download"\n', "", 1) if key == "title" else toml
    room.file("newsletter.toml", toml.replace(f"{path}\n", f"{path}\n{key} = {value}\n", 1))
    assert room.load().config.own.keys() | {"title"} >= {key}


def test_a_new_front_page_shows_what_most_have(room: Room, run: Any) -> None:
    room.item("story")
    assert run("new", "month", "2024-09").exit_code == 0
    written = Path(room.root, "issues/2024-09/network.md").read_text("utf-8")
    keys = [line for line in written.split("\n") if line.endswith(":") and not line.startswith("#")]
    assert keys == ["headlines:", "preheader:", "lead:"]
    assert room.faults() == []
    filled = written.replace("headlines:", "headlines: [story]").replace("preheader:", "preheader: Words.")
    room.file("issues/2024-09/network.md", filled)
    assert room.faults() == []


def test_every_word_of_the_table_that_readers_see_is_checked(room: Room) -> None:
    seen = {key: f"Words of {key}" for key, field in ITEM.items() if field.words == "plain"}
    room.item(image="https://example.org/a.png", **seen)
    (item,) = room.load().items
    texts = of_item(item, room.issue()).texts
    assert {text.key: text.words for text in texts if text.key} == seen


def test_a_new_item_shows_what_most_items_have(room: Room, run: Any) -> None:
    assert run("new", "item", "Bread", "--chapter", "LPMN", "-m", "2024-09").exit_code == 0
    written = Path(room.root, "issues/2024-09/items/bread.md").read_text("utf-8")
    usual = [f"{key}:" for key, field in ITEM.items() if field.is_usual]
    assert len(usual) == 6
    assert set(usual) <= set(written.split("\n"))
