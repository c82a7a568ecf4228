"""What the rules found once: told again when nothing that they look at has changed, and only then."""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from newsletter import check as checking
from newsletter import recall
from newsletter.line import Builder, build_all
from newsletter.look.skeleton import packages
from newsletter.memo import Cache
from newsletter.model import Level
from newsletter.read.config import template_folders
from tests.room import TOML, Room

ISSUE = "2024-09/state-LPMN"
ITEMS = "issues/2024-09/items"


def picture(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 20), colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def full(room: Room) -> Room:
    """Return a newsroom with something of every kind that the rules look at."""
    room.file("newsletter.toml", TOML.replace("[organization]\n", '[organization]\nlogo = "logo.png"\n'))
    room.file("logo.png", picture("red"))
    room.file(f"{ITEMS}/tree.png", picture("green"))
    room.file(f"{ITEMS}/inside.png", picture("blue"))
    room.file("issues/2024-09/front.png", picture("black"))
    room.item("story", "Words, TK.\n\n![A house](inside.png)\n", image="tree.png", image_alt="A tree")
    room.item("wide", chapters=["network"])
    room.item("later", chapters=["LPNY"])
    room.front_page(ISSUE, "Dear reader,\n\n![A door](front.png)\n", preheader="Before all")
    room.file("templates/issue.txt.j2", template_folders(room.root)[1].joinpath("issue.txt.j2").read_bytes())
    return room


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the keys that are asked for from now on."""
    asked: list[str] = []
    ask = recall.key_of

    def noted(*arguments: object, **more: object) -> str:
        asked.append(ask(*arguments, **more))  # type: ignore[arg-type]
        return asked[-1]

    monkeypatch.setattr(recall, "key_of", noted)
    return asked


def added(room: Room, path: str, words: str) -> None:
    room.file(path, (room.root / path).read_text("utf-8") + words)


CHANGES: dict[str, Callable[[Room], object]] = {
    "an item's words": lambda room: added(room, f"{ITEMS}/story.md", "More.\n"),
    "a comment in an item, which moves its lines": lambda room: room.file(
        f"{ITEMS}/story.md", (room.root / f"{ITEMS}/story.md").read_text("utf-8").replace("---\n", "---\n# One.\n", 1)
    ),
    "an item's front matter": lambda room: room.item("story", "Words, TK.\n", order=2),
    "what an item allows": lambda room: room.item("story", "Words, TK.\n", allow=["placeholder-words"]),
    "an issue before it": lambda room: added(room, f"{ITEMS}/wide.md", "More.\n"),
    "the front page of an issue before it": lambda room: room.front_page("2024-09/network", "Dear all,\n"),
    "an item's name": lambda room: (room.root / f"{ITEMS}/story.md").rename(room.root / f"{ITEMS}/tale.md"),
    "the front page": lambda room: room.front_page(ISSUE, "Dear reader,\n", preheader="Before all"),
    "a setting": lambda room: added(room, "newsletter.toml", '\n[theme]\naccent = "#123456"\n'),
    "a check's level": lambda room: added(room, "newsletter.toml", '\n[checks]\nplaceholder-words = "off"\n'),
    "a setting's line": lambda room: room.file("newsletter.toml", f"\n{(room.root / 'newsletter.toml').read_text()}"),
    "an item's picture": lambda room: room.file(f"{ITEMS}/tree.png", picture("white")),
    "a picture among an item's words": lambda room: room.file(f"{ITEMS}/inside.png", picture("white")),
    "a picture of the front page": lambda room: room.file("issues/2024-09/front.png", picture("white")),
    "the logo": lambda room: room.file("logo.png", picture("white")),
    "a template": lambda room: added(room, "templates/issue.txt.j2", "Bye.\n"),
    "a template that says the same on other lines": lambda room: room.file(
        "templates/footer.mjml.j2", b"{## New. ##}\n" + (template_folders(room.root)[1] / "footer.mjml.j2").read_bytes()
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_rules_look_at_is_in_the_key(full: Room, keys: list[str], change: str) -> None:
    full.build()
    full.build()
    assert keys[0] == keys[1]
    CHANGES[change](full)
    full.build()
    assert keys[2] != keys[0]


def test_what_another_issue_says_later_leaves_it_alone(full: Room, keys: list[str]) -> None:
    full.build()
    full.item("later", "Other words.\n", chapters=["LPNY"])
    full.build()
    assert keys[0] == keys[1]


def test_the_provider_is_in_the_key(full: Room, keys: list[str]) -> None:
    for provider in (None, "mailchimp", "buttondown", None):
        full.build(provider=provider)
    assert len(set(keys)) == 3
    assert keys[0] == keys[3]


def test_the_program_is_in_the_key(
    full: Room, keys: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again() -> None:
        recall._program.cache_clear()
        packages.cache_clear()
        full.build()

    code = tmp_path / "package"
    code.mkdir()
    (code / "words.py").write_text("one = 1\n", "utf-8")
    monkeypatch.setattr(recall, "_PACKAGE", code)
    again()
    (code / "words.py").write_text("two = 22\n", "utf-8")
    again()
    os.utime(code / "words.py", ns=(1, 1))
    again()
    site = tmp_path / "site"
    (site / "premailer-99.0.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    again()
    monkeypatch.setattr(sys, "version", "4.0")
    again()
    monkeypatch.undo()
    recall._program.cache_clear()
    packages.cache_clear()
    assert len(set(keys)) == 5


def test_findings_are_told_again_without_asking_a_rule(full: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    first = full.build()
    assert first.count(Level.ERROR) == 1
    monkeypatch.setattr(checking, "check", None)
    assert full.build() == first
    full.item("story", "Other words.\n")
    with pytest.raises(TypeError):
        full.build()


def test_a_mended_item_loses_its_finding(full: Room) -> None:
    assert full.build().count(Level.ERROR) == 1
    full.item("story", "Other words.\n")
    assert full.build().count(Level.ERROR) == 0


@pytest.mark.parametrize("harm", [b"", b"{}", b"no json", b"\0" * 100])
def test_a_damaged_entry_costs_a_check(full: Room, harm: bytes) -> None:
    first = full.build()
    entries = list(full.cache.glob("*.findings"))
    assert len(entries) == 1
    entries[0].write_bytes(harm)
    assert full.build() == first


def test_each_edit_takes_the_place_of_the_one_before(full: Room) -> None:
    for words in ("One.\n", "Two.\n", "Three.\n"):
        full.item("story", words)
        full.build()
    assert len(list(full.cache.glob("*.findings"))) == 1


def test_an_issue_with_a_fault_is_refused_again(full: Room) -> None:
    full.build()
    full.item("bad", order="first")
    assert not full.build().is_good
    assert not full.build().is_good


def test_it_is_the_same_with_many_issues_on_every_core(full: Room) -> None:
    for chapter in ("LPMN", "LPNY"):
        full.item(f"more-{chapter.lower()}", "TK.\n", chapters=[chapter, "network"])
    ids = ["2024-09/network", ISSUE, "2024-09/state-LPNY"]
    runs = [
        list(build_all(Builder(full.load(), full.root / "build", cache=Cache(full.cache)), ids, lambda _: None))
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert sum(one.count(Level.ERROR) for one in runs[0]) >= 3
