"""A newsroom that is watched: a save is seen, what the program writes itself is not."""

import threading
from collections.abc import Iterator

import pytest

from newsletter.preview.watch import watch_newsroom
from tests.room import Room


class Watched:
    """A newsroom under watch, and how often a save was seen."""

    def __init__(self, room: Room) -> None:
        self.root, self.out = room.root, room.root / "build"
        self.seen = threading.Semaphore(0)
        self.stop = threading.Event()

    def start(self) -> None:
        """Watch; return when a save is seen, so that the system is known to tell of them."""
        watch_newsroom(self.root, self.out, self.seen.release, self.stop)
        for folder in (self.root, self.root / "issues"):
            for number in range(100):
                (folder / "first.md").write_text(f"{number}\n")
                if self.seen.acquire(timeout=0.2):
                    break
            else:
                raise AssertionError(f"no save in {folder} was seen")

    def is_quiet(self) -> bool:
        """Tell whether nothing is seen for longer than a burst of events may last."""
        return not self.seen.acquire(timeout=0.5)


@pytest.fixture
def watched(room: Room) -> Iterator[Watched]:
    room.item()
    watched = Watched(room)
    watched.start()
    yield watched
    watched.stop.set()


def test_what_the_program_writes_itself_is_no_save(watched: Watched) -> None:
    # An event of an earlier save may still be on its way, but not three times.
    for _ in range(3):
        watched.out.mkdir(exist_ok=True)
        (watched.out / "issue.html").write_text("<p>Words</p>")
        was_quiet = watched.is_quiet()
        (watched.out / "issue.html").unlink()
        watched.out.rmdir()
        if was_quiet and watched.is_quiet():
            break
    else:
        raise AssertionError("the folder of the output was taken for a save")
    (watched.root / "newsletter.toml").write_text("[organization]\n")
    assert watched.seen.acquire(timeout=20)


@pytest.mark.parametrize("name", ["newsletter.toml", "issues/2024-09/items/new.md", "issues/2024-09/state-LPMN.md"])
def test_a_save_is_seen(watched: Watched, name: str) -> None:
    while not watched.is_quiet():
        pass
    (watched.root / name).write_text("---\n---\n")
    assert watched.seen.acquire(timeout=20)


def test_templates_that_appear_later_are_watched_too(watched: Watched) -> None:
    folder = watched.root / "templates"
    folder.mkdir()
    while not watched.is_quiet():
        pass
    for number in range(100):
        (folder / "styles.css").write_text(f"p {{ margin: {number}px }}\n")
        if watched.seen.acquire(timeout=0.2):
            return
    raise AssertionError("no save in a new folder was seen")
