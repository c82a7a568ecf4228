"""Killed at any moment, a command leaves whole issues, and the next one mends the rest."""

import json
import os
import random
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from newsletter import writing
from newsletter.deliver import folder
from newsletter.writing import put
from tests import killer
from tests.killer import NOTES, Newsroom, broken, in_a_child, left_over, notes_in, touches_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills process groups and looks into /proc")

ISSUE = "2024-09/network"
Write = Callable[[Path], object]


def version(name: str, number: int = 4, *, pad: int = 50) -> dict[str, bytes]:
    """Return the files of one build: each tells whose it is, and some have names of their own."""
    files = {f"{name}-{index:08x}.png": f"{name} {index}".encode() * pad for index in range(number)}
    files |= {"issue.html": name.encode() * pad, "issue.txt": name.encode() * pad}
    told = {"issue": ISSUE, "provider": "html", **folder.listing(files, {})}
    return {**files, "manifest.json": json.dumps(told).encode()}


def build(name: str) -> Write:
    return lambda base: folder.write(base, ISSUE, version(name))


def export(name: str) -> Write:
    return lambda base: folder.write(base, f"{ISSUE}/brevo", version(name))


def notes(base: Path) -> None:
    (base / ISSUE / "notes.txt").write_text(NOTES)
    (base / ISSUE / "notes").mkdir()
    (base / ISSUE / "notes/notes.txt").write_text(NOTES)


def there(base: Path) -> dict[Path, bytes]:
    return {path.relative_to(base): path.read_bytes() for path in base.rglob("*") if path.is_file()}


# What is there, and what is killed over it.
KILLED: dict[str, tuple[list[Write], Write]] = {
    "a first build": ([], build("new")),
    "a build over another": ([build("old")], build("new")),
    "a build beside notes": ([build("old"), notes], build("new")),
    "a build around an export": ([build("old"), notes, export("old")], build("new")),
    "a build around an export alone": ([export("old")], build("new")),
    "a first export": ([], export("new")),
    "an export of a built issue": ([build("old"), notes], export("new")),
    "an export over another": ([build("old"), notes, export("old")], export("new")),
}


@pytest.mark.parametrize("way", ["in one step", "by two renames"])
@pytest.mark.parametrize("what", KILLED)
def test_killed_at_every_touch_of_the_disk_an_issue_is_one_build_and_the_next_mends_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, what: str
) -> None:
    if way == "by two renames":
        monkeypatch.setattr(writing, "_exchange", lambda: None)
    before, work = KILLED[what]

    def fresh(name: str) -> Path:
        base = tmp_path / name
        for step in before:
            step(base)
        return base

    unkilled = fresh("unkilled")
    number = touches_of(lambda: work(unkilled), unkilled)
    assert number > 10
    kept = notes_in(unkilled)
    for at in range(1, number + 1):
        base = fresh(str(at))
        was_there = {path.parent for path in base.rglob("manifest.json")}
        assert in_a_child(partial(work, base), base, at=at)
        places = {path.parent for path in base.rglob("manifest.json") if ".network." not in str(path)}
        places = {path for path in places if ".brevo." not in str(path)}
        if way == "in one step":
            # An export inside may still wait in the old folder.
            assert {path for path in was_there if path.name == "network"} <= places, at
        for place in places:
            assert broken(place) == [], at
        assert notes_in(base) == kept, at
        work(base)
        assert (left_over(base), notes_in(base)) == ([], kept), at
        assert there(base) == there(unkilled), at


@pytest.mark.parametrize("replaces", [True, False])
@pytest.mark.parametrize("has_links", [True, False], ids=["hard links", "none"])
def test_killed_at_every_touch_of_the_disk_a_file_is_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaces: bool, has_links: bool
) -> None:
    def none(*paths: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not has_links:
        monkeypatch.setattr(os, "link", none)
    old, new = b"old\n" * 50, b"new\n" * 50

    def fresh(at: int) -> Path:
        place = tmp_path / str(at)
        place.mkdir()
        if replaces:
            (place / "item.md").write_bytes(old)
        return place / "item.md"

    first = fresh(0)
    number = touches_of(lambda: put(first, new, replaces=replaces), first.parent)
    assert number > 3
    for at in range(1, number + 1):
        path = fresh(at)
        assert in_a_child(partial(put, path, new, replaces=replaces), path.parent, at=at)
        assert (path.read_bytes() if path.exists() else None) in {new, old if replaces else None}, at
        if replaces or not path.exists():
            put(path, new, replaces=replaces)
        else:
            with pytest.raises(FileExistsError):
                put(path, new, replaces=False)
        assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == {"item.md": new}, at


def test_two_commands_at_once_never_mix_their_builds(tmp_path: Path) -> None:
    base = tmp_path / "build"
    folder.write(base, ISSUE, version("a"))
    notes(base)

    def write_and_look(name: str) -> None:
        for number in range(250):
            folder.write(base, ISSUE, version(name, 2 + number % 4))
            with writing.alone(base / ISSUE):
                assert (broken(base / ISSUE), notes_in(base)) == ([], 2), number

    children = []
    for name in ("a", "b"):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                write_and_look(name)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert left_over(base) == []


def test_killed_builds_and_exports_of_many_issues_are_mended_by_the_next(tmp_path: Path) -> None:
    dice = random.Random(20241)
    newsroom = Newsroom(tmp_path / "room")
    assert newsroom.notes == 40
    faults = [fault for number in range(1, 15) for fault in newsroom.kill(number, dice)]
    assert faults == []


def test_the_killer_sees_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom = Newsroom(tmp_path / "room")
    place = newsroom.issues[0]
    (place / "issue.txt").write_text("of another build")
    (place / "issue.eml").unlink()
    (place / "gone.png").touch()
    assert [fault.removeprefix(f"{place}/").partition(":")[0] for fault in broken(place)] == [
        "issue.txt",
        "issue.eml",
        "gone.png",
    ]
    monkeypatch.setattr(killer, "left_over", lambda base: [".network.new"])
    assert any("is left" in fault for fault in newsroom.kill(1, random.Random(1)))
