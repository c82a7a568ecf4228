"""Many new files are read on every core: what they say, and what is wrong with them, is what one process tells."""

import subprocess
import sys

import pytest

from newsletter.memo import Cache
from newsletter.model import Config, Newsroom
from newsletter.read import load as loading
from newsletter.read import pages
from newsletter.read.load import load
from tests.room import SAMPLE, Room

ITEMS = "issues/2024-09/items"


@pytest.fixture
def many(room: Room) -> Room:
    """Return a newsroom of thirty items and two front pages of one issue, some files at fault in every way."""
    for number in range(30):
        room.item(f"story-{number:02}", f"Words of story {number}.\n")
    folder = room.root / ITEMS
    room.file(f"{ITEMS}/story-03.md", b"---\ntitle: Caf\xe9\n---\n")
    room.item("story-11", title=None)
    (folder / "story-12.md").unlink()
    (folder / "story-12.md").symlink_to("nowhere.md")
    (folder / "story-20.md").unlink()
    (folder / "story-20.md").symlink_to(room.root.parent / "outside.md")
    for name in ("network.md", "other.md"):
        room.file(f"issues/2024-09/{name}", "---\nissue: network\n---\nHello\n")
    return room


def told(newsroom: Newsroom) -> tuple[object, ...]:
    items = [newsroom.items.of(card) for card in newsroom.items.cards]
    tagged = {tag: [card.path for card in cards] for tag, cards in newsroom.by_tag.items()}
    return items, tagged, newsroom.front_pages, newsroom.faults, newsroom.remarks


@pytest.fixture
def on_every_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_MANY", 10)
    monkeypatch.setattr(loading, "_BATCH", 4)


def test_files_read_on_every_core_say_the_same(many: Room, request: pytest.FixtureRequest) -> None:
    alone = told(load(many.root))
    request.getfixturevalue("on_every_core")
    assert told(load(many.root)) == alone
    assert len(alone[3]) == 5  # type: ignore[arg-type]  # the faults


@pytest.mark.usefixtures("on_every_core")
def test_what_was_read_on_every_core_is_remembered(many: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(many.root, Cache(many.cache, settled=sys.maxsize))
    read: list[str] = []
    read_page = pages.read_page

    def noted(path: str, content: bytes, config: Config) -> pages.Page:
        read.append(path)
        return read_page(path, content, config)

    monkeypatch.setattr(loading, "read_page", noted)
    assert told(load(many.root, Cache(many.cache, settled=sys.maxsize))) == told(first)
    # Those at fault, and no others.
    assert sorted(read) == [f"{ITEMS}/story-03.md", f"{ITEMS}/story-11.md", "issues/2024-09/other.md"]


def test_a_program_that_keeps_what_was_read_on_every_core_comes_to_its_end(many: Room) -> None:
    program = (
        "import sys; from pathlib import Path; from newsletter.read import load; load._MANY, load._BATCH = 10, 4; "
        "kept = load.load(Path(sys.argv[1])); print(len(kept.items))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(many.root)],
        cwd=SAMPLE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout.strip().isdecimal()) == (0, True), ended.stderr
