"""Links, pipes and what is said of them: for the tests of what a newsroom's files may be."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.read import files

# Symbolic links, pipes and devices as Unix has them.
UNIX = pytest.mark.skipif(os.name == "nt", reason="symbolic links, pipes and devices as Unix has them")

OUTSIDE = "lies outside the newsroom\n  hint: copy it into the newsroom: what is outside is never read"
GIT = "lies below .git\n  hint: copy it to where items lie: what git keeps for itself is never read"
PIPE = "is a named pipe, not a file\n  hint: put a file in its place"
CIRCLE = "can't be read: symbolic links that lead in a circle\n  hint: link to the file itself"
NOWHERE = "is a symbolic link that leads nowhere\n  hint: link to what is there, or delete it"
MATTER = "---\ntitle: A secret\nchapters: [LPMN]\nmonth: 2024-09\nsection: wins\n---\nPassword.\n"


def link(path: Path, target: str | Path) -> Path:
    """Make a symbolic link, its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


def pipe(path: Path) -> Path:
    """Make a named pipe, its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    return path


def refusal(root: Path, path: str | Path, most: int = 1000) -> str:
    """Return what is said of a file that may not be read."""
    with pytest.raises(files.Unreadable) as caught:
        files.read(root, path, most)
    return f"{caught.value.message}\n  hint: {caught.value.hint}"


@pytest.fixture
def never_waits() -> Iterator[None]:
    """Stop a test that waits for a pipe that nobody writes to."""

    def stop(number: int, frame: object) -> None:
        raise AssertionError("waited for ever")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
