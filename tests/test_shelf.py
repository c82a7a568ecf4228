"""What an earlier command read: taken while the files are as they were, and equal to what reading them gives."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.errors import ContentError
from newsletter.memo import Cache
from newsletter.model import Config, Newsroom
from newsletter.read import load as loading
from newsletter.read import pages
from newsletter.read.load import load
from tests.room import DOT, TOML, Room

ITEMS = "issues/2024-09/items"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the paths of files that are read from now on, in their order."""
    paths: list[str] = []
    read_page = pages.read_page

    def noted(path: str, content: bytes, config: Config) -> pages.Page:
        paths.append(path)
        return read_page(path, content, config)

    monkeypatch.setattr(loading, "read_page", noted)
    return paths


def again(room: Room) -> Newsroom:
    """Load the newsroom as a command does whose files have been there for a while."""
    return load(room.root, Cache(room.cache, settled=sys.maxsize))


def told(newsroom: Newsroom) -> tuple[object, ...]:
    """Return all that a newsroom holds, as text where equal values may differ in kind."""
    tags = {tag: [card.path for card in cards] for tag, cards in newsroom.by_tag.items()}
    keys = ("path", "chapters", "months", "until", "is_draft", "is_untouched")
    cards = [[getattr(card, key) for key in keys] for card in newsroom.items.cards]
    return repr(list(newsroom.items)), cards, tags, repr(newsroom.front_pages), newsroom.faults


@pytest.fixture
def full(room: Room) -> Room:
    room.file(f"{ITEMS}/tree.png", DOT)
    room.item("event", starts="2024-09-12 18:00", ends="2024-09-12 20:00", deadline="2024-09-10", location="Hall")
    room.item("picture", "Words.\n\n![A tree](tree.png)\n", image="tree.png", image_alt="A tree")
    room.item(
        "draft",
        draft="true",
        until="2024-12-01",
        chapters=["LPMN", "network"],
        month=None,
        months=["2024-09", "2024-10"],
    )
    room.item("lead", lead="true", order=3, allow=["vague-link"], link="https://network.example/a")
    room.front_page("2024-09/network", "Dear all,\n", headlines=["One"], sections=["wins"])
    return room


def test_files_that_are_as_they_were_are_not_read_again(full: Room, read: list[str]) -> None:
    plain = told(full.load())
    read.clear()
    assert told(again(full)) == plain
    assert len(read) == 5
    read.clear()
    assert told(again(full)) == plain
    assert read == []


CHANGES: dict[str, tuple[Callable[[Room], object], int]] = {
    "an edit": (lambda room: room.item("lead", "Other words.\n"), 1),
    "another item": (lambda room: room.item("new"), 1),
    "one is gone": (lambda room: (room.root / f"{ITEMS}/lead.md").unlink(), 0),
    "another name": (lambda room: (room.root / f"{ITEMS}/lead.md").rename(room.root / f"{ITEMS}/first.md"), 1),
    "a touch": (lambda room: os.utime(room.root / f"{ITEMS}/lead.md"), 1),
    "its time set back": (lambda room: os.utime(room.root / f"{ITEMS}/lead.md", (0, 0)), 1),
    "the picture is gone": (lambda room: (room.root / f"{ITEMS}/tree.png").unlink(), 1),
    "the picture is none": (lambda room: room.file(f"{ITEMS}/tree.png", "words"), 1),
    "the front page": (lambda room: room.front_page("2024-09/network", "Dear friends,\n"), 1),
    "a setting": (lambda room: room.file("newsletter.toml", f'{TOML}\n[chapters.LPXX]\nname = "X"\n'), 5),
    "a fault": (lambda room: room.item("lead", section="nowhere"), 1),
    "two names exchanged": (
        lambda room: [
            (room.root / ITEMS / old).rename(room.root / ITEMS / new)
            for old, new in (("lead.md", "x"), ("event.md", "lead.md"), ("x", "event.md"))
        ],
        2,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_read_and_no_more(full: Room, read: list[str], change: str) -> None:
    again(full)
    read.clear()
    do, count = CHANGES[change]
    do(full)
    newsroom = again(full)
    assert len(read) == count
    assert told(newsroom) == told(full.load())
    read.clear()
    assert told(again(full)) == told(full.load())


def test_a_file_at_fault_is_told_by_every_command(full: Room) -> None:
    full.item("bad", order="first")
    assert again(full).faults == again(full).faults == full.load().faults != ()


def test_a_second_front_page_of_an_issue_is_told_by_every_command(full: Room) -> None:
    full.file("issues/2024-09/other.md", "---\nissue: 2024-09/network\n---\nHello.\n")
    assert again(full).faults == again(full).faults == full.load().faults != ()


def test_what_changed_while_a_command_ran_is_read_again(full: Room, read: list[str]) -> None:
    for _ in range(2):
        read.clear()
        load(full.root, Cache(full.cache, settled=1))
        assert len(read) == 5


@pytest.mark.parametrize(
    "harm", [b"", b"\x90", b"\x92\xa1x\x90", b"\xc1", b"{}", msgspec.msgpack.encode({"a": 1}), b"\x91" * 2000]
)
@pytest.mark.parametrize("kind", ["index", "folder"])
def test_odd_entries_cost_time_alone(full: Room, harm: bytes, kind: str) -> None:
    plain = told(again(full))
    for entry in full.cache.glob(f"{kind}-*.items"):
        Cache(full.cache).put(entry.name, harm)
    assert told(again(full)) == plain


def test_an_item_whose_entry_is_gone_is_read_when_it_is_asked_for(full: Room, read: list[str]) -> None:
    plain = told(again(full))
    for entry in full.cache.glob("folder-*.items"):
        entry.unlink()
    newsroom = again(full)
    read.clear()
    assert told(newsroom) == plain
    assert len(read) == 4


def test_an_item_that_is_gone_by_then_as_well_ends_in_words(full: Room) -> None:
    again(full)
    for entry in full.cache.glob("folder-*.items"):
        entry.unlink()
    newsroom = again(full)
    (full.root / ITEMS / "lead.md").unlink()
    with pytest.raises(ContentError, match=r"lead\.md: can't be read"):
        list(newsroom.items)


@pytest.mark.parametrize(
    "front", [{"order": 10**30}, {"title": r'"half a letter: \ud800"'}, {"starts": "2024-09-12T18:00:00-05:00"}]
)
def test_what_can_not_be_kept_as_it_is_is_read_by_every_command(room: Room, front: dict[str, object]) -> None:
    lines = "".join(f"{key}: {value}\n" for key, value in {"title": "Odd", **front}.items())
    room.file(f"{ITEMS}/odd.md", f"---\n{lines}chapters: [LPMN]\nmonth: 2024-09\nsection: wins\n---\nWords.\n")
    for _ in range(2):
        assert told(again(room)) == told(room.load())


def test_newsrooms_share_a_cache(full: Room, tmp_path: Path) -> None:
    other = Room(tmp_path / "other")
    other.file("newsletter.toml", TOML)
    other.item("lead", "Of the other newsroom.\n")
    for _ in range(2):
        assert told(again(full)) == told(full.load())
        assert told(load(other.root, Cache(full.cache, settled=sys.maxsize))) == told(other.load())


@pytest.mark.skipif(os.name == "nt", reason="symbolic links as Unix has them")
def test_a_link_that_leads_elsewhere_now_is_read_again(full: Room, read: list[str]) -> None:
    for name in ("one", "two"):
        full.item(f"../{name}", f"Story {name}.\n")
    link = full.root / ITEMS / "link.md"
    link.symlink_to("../one.md")
    again(full)
    link.unlink()
    link.symlink_to("../two.md")
    assert told(again(full)) == told(full.load())


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["write", "draft", "fault", "remove", "move", "picture"]),
        st.sampled_from(["2024-09", "2024-10"]),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_after_any_edits_it_is_what_reading_all_gives(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, str, str]]
) -> None:
    room = Room(tmp_path_factory.mktemp("room"))
    room.file("newsletter.toml", TOML)
    room.file(f"{ITEMS}/tree.png", DOT)
    for number, (name, edit, month) in enumerate(edits):
        path = room.root / ITEMS / f"{name}.md"
        if edit in {"remove", "move"}:
            if path.exists():
                path.unlink() if edit == "remove" else path.rename(path.with_name(f"moved-{name}.md"))
        else:
            more = {"draft": {"draft": "true"}, "fault": {"section": "none"}, "picture": {"image": "tree.png"}}
            room.item(name, f"Words {number}.\n", month=month, **more.get(edit, {}))
        assert told(again(room)) == told(room.load())


@pytest.mark.parametrize("change", ["an edit", "a setting"])
def test_an_item_of_another_command_than_its_index_is_not_believed(full: Room, change: str) -> None:
    again(full)
    old = {entry.name: entry.read_bytes() for entry in full.cache.glob("folder-*.items")}
    if change == "an edit":
        full.item("lead", "Other words.\n")
    else:
        full.file("newsletter.toml", f'{TOML}\n[chapters.LPXX]\nname = "X"\n')
    again(full)
    # As after a full disk: the index was written, and the folder's entry was not.
    for name, content in old.items():
        (full.cache / name).write_bytes(content)
    assert told(again(full)) == told(full.load())
