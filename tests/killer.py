"""Ends commands in the middle of their writing, and tells what is wrong with what they leave.

In the suite some hundred times (tests/test_killer.py). By hand, for as long as you like:

    python -m tests.killer --kills 5000 --seed 7

Each run builds or exports the issues of a newsroom that changes from run to run, in a child that is killed with all its
workers: at the n-th time that one of them touches the disk, or after some time. Then the issues are looked through,
everything is built anew, and looked through again.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from newsletter.cli import main
from tests.room import TOML, Room

MONTH = "2024-09"
CHAPTERS = tuple(f"C{number:02}" for number in range(20))
NOTES = "Ask Rosa about the second picture.\n"
# What Python announces before it does it (https://docs.python.org/3/library/audit_events.html).
_TOUCHES = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.chmod", "os.listdir", "os.scandir"}


def in_a_child(work: Callable[[], object], base: Path, *, at: int = 0, after: float = 0.0) -> bool:
    """Do the work in a process of its own; tell whether it was killed, with all that it started.

    `at`: in place of the n-th time that one of its processes opens, makes, renames or removes something below `base`
    (0: never). `after`: so many seconds after its start (0: never).
    """
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            told = os.dup(2)
            _silence()
            if at:
                _die_at(base, at)
            work()
        except SystemExit:
            pass
        except BaseException:
            os.write(told, traceback.format_exc().encode())
            os._exit(70)
        os._exit(0)
    if after:
        time.sleep(after)
        _kill_group(child)
    _, status = os.waitpid(child, 0)
    # Whatever it started is in its group, and must be gone with it.
    until = time.monotonic() + 20
    while living(child) and time.monotonic() < until:
        time.sleep(0.005)
    assert living(child) == [], "it left processes behind"
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "it failed"
    return os.WIFSIGNALED(status)


def touches_of(work: Callable[[], object], base: Path) -> int:
    """Return how often the work, done in a child, touches what lies below `base`; its workers' are not counted."""
    theirs, ours = os.pipe()
    child = os.fork()
    if child == 0:
        count = 0

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal count
            count += _is_touch(base, event, arguments)

        _silence()
        sys.addaudithook(hook)
        try:
            work()
        finally:
            os.write(ours, str(count).encode())
            os._exit(0)
    os.close(ours)
    with open(theirs, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        count = int(file.read())
    os.waitpid(child, 0)
    return count


def living(leader: int) -> list[int]:
    """Return the processes of a group that are not over."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(group) == leader and state not in "ZX":
            found.append(int(stat.parent.name))
    return found


def broken(folder: Path) -> list[str]:
    """Return what is wrong with a folder that somebody may look at: it should be one whole build, and notes."""
    try:
        told = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError) as error:
        return [f"{folder}: {error}"]
    listed = {**told["parts"], **told["pictures"]}
    faults = []
    for name, weighed in listed.items():
        try:
            content = (folder / name).read_bytes()
        except OSError as error:
            faults.append(f"{folder}/{name}: {error}")
            continue
        if weighed != {"bytes": len(content), "sha256": sha256(content).hexdigest()}:
            faults.append(f"{folder}/{name}: of another build")
    strange = {path.name for path in folder.iterdir() if path.is_file()} - {*listed, "manifest.json", "notes.txt"}
    return faults + [f"{folder}/{name}: left over" for name in sorted(strange)]


def left_over(base: Path) -> list[str]:
    """Return what no finished command leaves: staging, locks."""
    return sorted(
        str(path) for path in base.rglob(".*") if ".cache" not in path.parts and not path.name.startswith(".cache")
    )


def notes_in(base: Path) -> int:
    """Return how many of a colleague's notes are there, wherever."""
    return sum(path.read_text() == NOTES for path in base.rglob("notes*.txt"))


class Newsroom:
    """A newsroom of 20 chapters, built and exported once, with a colleague's notes beside every issue."""

    def __init__(self, root: Path) -> None:
        self.room = Room(root)
        self.base = root / "build"
        self.room.file("newsletter.toml", TOML + "".join(f'[chapters.{code}]\nname = "{code}"\n' for code in CHAPTERS))
        self.change(0)
        in_a_child(self.build, self.base)
        in_a_child(self.export, self.base)
        for folder in (*self.issues, *self.exports):
            (folder / "notes.txt").write_text(NOTES)
        self.notes = notes_in(self.base)

    @property
    def issues(self) -> list[Path]:
        return [self.base / MONTH / f"state-{code}" for code in CHAPTERS]

    @property
    def exports(self) -> list[Path]:
        return [folder / "brevo" for folder in self.issues]

    def change(self, number: int) -> None:
        """Write the items anew, so that every byte of every issue differs, and another picture is in them."""
        for path in (self.room.root / "issues" / MONTH / "items").glob("picture*"):
            path.unlink()
        self.room.file(f"issues/{MONTH}/items/picture-{number}.png", _picture(number))
        words = f"Words of round {number}.\n\n" * 20
        self.room.item("story", words, chapters=list(CHAPTERS), image=f"picture-{number}.png", image_alt="A colour")

    def build(self) -> None:
        main(["--newsroom", str(self.room.root), "build", "-m", MONTH], prog_name="newsletter")

    def export(self) -> None:
        for code in CHAPTERS:
            arguments = ["--newsroom", str(self.room.root), "export", f"{MONTH}/state-{code}", "--for", "brevo"]
            main(arguments, prog_name="newsletter", standalone_mode=False)

    def kill(self, number: int, dice: random.Random) -> Iterator[str]:
        """Kill a command somewhere, mend by building and exporting anew; yield what is wrong after either."""
        self.change(number)
        work = dice.choice((self.build, self.build, self.export))
        at, after = (dice.randrange(1, 250), 0.0) if dice.random() < 0.6 else (0, dice.uniform(0.01, 0.6))
        how = f"round {number}, {work.__name__}, at {at}, after {after:.3f}"
        in_a_child(work, self.base, at=at, after=after)
        for folder in (*self.issues, *self.exports):
            # An export inside an issue may still wait in the old folder for its move into the new one.
            if folder in self.issues or folder.exists():
                yield from (f"{how}: {fault}" for fault in broken(folder))
        if notes_in(self.base) != self.notes:
            yield f"{how}: {notes_in(self.base)} of {self.notes} notes are left"
        in_a_child(self.build, self.base)
        if work == self.export:
            in_a_child(self.export, self.base)
        for folder in (*self.issues, *self.exports):
            yield from (f"{how}, mended: {fault}" for fault in broken(folder))
            if not (folder / "notes.txt").is_file():
                yield f"{how}, mended: {folder} has lost its notes"
        yield from (f"{how}, mended: {path} is left" for path in left_over(self.base))


def _picture(number: int) -> bytes:
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.effect_noise((200, 120), 20 + number % 50).save(file, "PNG")
    return file.getvalue()


def _silence() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nothing, stream)


def _die_at(base: Path, at: int) -> None:
    """End this process, and the others of its group, in place of the n-th touch of any of them."""
    left = at

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if not _is_touch(base, event, arguments):
            return
        left -= 1
        if left == 0:
            os.killpg(os.getpgrp(), signal.SIGKILL)
            # Never comes back from it.
            signal.pause()

    sys.addaudithook(hook)


def _is_touch(base: Path, event: str, arguments: tuple[object, ...]) -> bool:
    return event in _TOUCHES and str(arguments[0]).startswith(str(base)) and ".cache" not in str(arguments[0])


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        # Not a group of its own yet.
        os.kill(leader, signal.SIGKILL)


def _by_hand() -> int:
    parser = argparse.ArgumentParser(description="Kill builds and exports, and look at what they leave.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    dice = random.Random(given.seed)
    place = Path(tempfile.mkdtemp(prefix="killer-"))
    newsroom, faults = Newsroom(place / "room"), 0
    for number in range(1, given.kills + 1):
        for fault in newsroom.kill(number, dice):
            faults += 1
            print(fault, flush=True)
        if number % 100 == 0:
            print(f"{number} kills, {faults} faults", flush=True)
    shutil.rmtree(place)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(_by_hand())
