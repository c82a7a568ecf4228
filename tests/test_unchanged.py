"""What was built once: taken as it lies there when nothing that it is made from has changed, and only then."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsletter import program, unchanged
from newsletter.errors import DiskError
from newsletter.line import Builder, Built, Made, build_all
from newsletter.memo import Cache
from newsletter.model import Level
from newsletter.read.config import template_folders
from tests.room import TOML, Room, picture

ISSUE = "2024-09/state-LPMN"
ITEMS = "issues/2024-09/items"


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
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the issues that are made from now on, not taken as they lie there."""
    issues: list[str] = []
    make = Builder.make

    def noted(builder: Builder, issue_id: str, provider: Any = None) -> Made:
        issues.append(issue_id)
        return make(builder, issue_id, provider)

    monkeypatch.setattr(Builder, "make", noted)
    return issues


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
def test_an_issue_is_built_anew_when_something_changed_that_it_is_made_from(
    full: Room, made: list[str], change: str
) -> None:
    full.build()
    full.build()
    assert made == [ISSUE]
    CHANGES[change](full)
    full.build()
    assert made == [ISSUE, ISSUE]


def test_an_unchanged_issue_has_the_same_row_and_the_same_files(full: Room, made: list[str]) -> None:
    first = full.build()
    before = {path: (path.stat().st_ino, path.read_bytes()) for path in (full.root / "build" / ISSUE).iterdir()}
    assert full.build() == first
    assert first.count(Level.ERROR) == 1
    assert {path: (path.stat().st_ino, path.read_bytes()) for path in before} == before
    assert made == [ISSUE]


def test_what_another_issue_says_later_leaves_it_alone(full: Room, made: list[str]) -> None:
    full.build()
    full.item("later", "Other words.\n", chapters=["LPNY"])
    full.build()
    assert made == [ISSUE]


def test_for_another_provider_it_is_built_anew(full: Room, made: list[str]) -> None:
    for provider in (None, "mailchimp", "buttondown", "buttondown"):
        full.build(provider=provider)
    assert made == [ISSUE] * 3


def test_by_another_program_it_is_built_anew(
    full: Room, made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again() -> int:
        program.program.cache_clear()
        program.packages.cache_clear()
        full.build()
        return len(made)

    code = tmp_path / "package"
    code.mkdir()
    (code / "words.py").write_text("one = 1\n", "utf-8")
    monkeypatch.setattr(program, "_PACKAGE", code)
    assert (again(), again()) == (1, 1)
    (code / "words.py").write_text("two = 22\n", "utf-8")
    assert (again(), again()) == (2, 2)
    os.utime(code / "words.py", ns=(1, 1))
    assert (again(), again()) == (3, 3)
    site = tmp_path / "site"
    (site / "premailer-99.0.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    assert (again(), again()) == (4, 4)
    monkeypatch.setattr(sys, "version", "4.0")
    assert (again(), again()) == (5, 5)
    monkeypatch.undo()
    program.program.cache_clear()
    program.packages.cache_clear()


def test_a_mended_item_loses_its_finding(full: Room) -> None:
    assert full.build().count(Level.ERROR) == 1
    full.item("story", "Other words.\n")
    assert full.build().count(Level.ERROR) == 0


@pytest.mark.parametrize("part", ["issue.html", "issue.txt", "issue.eml", "manifest.json"])
@pytest.mark.parametrize("harm", ["edited", "gone", "empty", "a link"])
def test_what_lies_there_otherwise_than_we_wrote_it_is_built_anew(full: Room, part: str, harm: str) -> None:
    full.build()
    path = full.root / "build" / ISSUE / part
    whole = path.read_bytes()
    if harm == "edited":
        path.write_bytes(whole.replace(b"a", b"b"))
    elif harm == "empty":
        path.write_bytes(b"")
    else:
        path.unlink()
    if harm == "a link":
        full.file("elsewhere", whole)
        path.symlink_to(full.root / "elsewhere")
    if harm == "a link" or part == "manifest.json":
        # Refused as every folder is that holds what no build wrote.
        assert isinstance(full.build().failure, DiskError)
    else:
        assert full.build().is_good
        assert path.read_bytes() == whole


def test_a_build_that_somebody_sent_along_is_not_believed(full: Room, made: list[str]) -> None:
    full.build()
    for entry in full.cache.glob("*.built"):
        entry.unlink()
    full.build()
    assert made == [ISSUE, ISSUE]


def test_a_picture_that_was_changed_while_the_command_ran_is_in_doubt(full: Room, made: list[str]) -> None:
    for _ in range(2):
        builder = Builder(full.load(), full.root / "build", cache=Cache(full.cache, settled=1))
        list(build_all(builder, [ISSUE], lambda built: None))
    assert made == [ISSUE, ISSUE]


def test_a_copy_of_a_build_elsewhere_is_not_taken_for_one(full: Room, made: list[str]) -> None:
    full.build()
    shutil.copytree(full.root / "build", full.root / "other")
    builder = Builder(full.load(), full.root / "other", cache=Cache(full.cache, settled=sys.maxsize))
    list(build_all(builder, [ISSUE], lambda built: None))
    assert made == [ISSUE, ISSUE]


@pytest.mark.parametrize("harm", [b"", b"{}", b"no json", b"\0" * 100])
def test_a_damaged_entry_costs_a_build(full: Room, harm: bytes) -> None:
    first = full.build()
    (entry,) = full.cache.glob("*.built")
    entry.write_bytes(harm)
    assert full.build() == first


def test_each_edit_takes_the_place_of_the_one_before(full: Room) -> None:
    for words in ("One.\n", "Two.\n", "Three.\n"):
        full.item("story", words)
        full.build()
    assert len(list(full.cache.glob("*.built"))) == 1


def test_an_issue_with_a_fault_is_refused_again(full: Room) -> None:
    full.build()
    full.item("bad", order="first")
    assert not full.build().is_good
    assert not full.build().is_good


def test_it_is_the_same_with_many_issues_on_every_core(full: Room, made: list[str]) -> None:
    for chapter in ("LPMN", "LPNY"):
        full.item(f"more-{chapter.lower()}", "TK.\n", chapters=[chapter, "network"])
    ids = ["2024-09/network", ISSUE, "2024-09/state-LPNY"]
    heard: list[Built] = []
    runs = [list(build_all(full.builder(), ids, heard.append)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert sorted(built.issue for built in heard) == sorted(ids * 2)
    assert sum(built.count(Level.ERROR) for built in runs[0]) >= 3
    assert made == ids


def test_what_another_command_wrote_in_the_same_moment_is_not_taken_for_what_was_built(full: Room) -> None:
    own = full.builder("html")
    assert own.build(ISSUE).is_good
    manifest = full.built("manifest.json")
    assert own.unchanged(ISSUE)
    assert full.builder("mailchimp").build(ISSUE).is_good
    unchanged.keep(own.cache, own.out, ISSUE, own.inputs(ISSUE), manifest, {})
    assert not own.unchanged(ISSUE)
