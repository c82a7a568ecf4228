"""The ledger as commands use it: who does something and when, and what was odd about it."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.cli import show

if TYPE_CHECKING:
    from newsletter.deliver.ledger import Ledger

_SECONDS = 5
_LONGEST_NAME = 100


def read(root: Path) -> "Ledger":
    """Return the newsroom's ledger; lines that can't be read are told, and stop nothing."""
    from newsletter.deliver import ledger

    book = ledger.read(root)
    for fault in book.faults:
        show.say(f"{fault.place}: {fault.message}", fault.hint)
    return book


def author(root: Path) -> str:
    """Return what git calls this user, as far as it is no address; "" without git, or where it has no name for them."""
    import subprocess

    try:
        asked = subprocess.run(
            ["git", "config", "--get", "user.name"],
            cwd=root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    name = asked.stdout.decode("utf-8", "replace").partition("\n")[0].strip()
    return " ".join(word.partition("@")[0].lstrip("<") for word in name.split())[:_LONGEST_NAME]


def now() -> datetime:
    """Return the time, as the ledger keeps it."""
    return datetime.now(UTC)


@contextlib.contextmanager
def tolerating() -> Iterator[None]:
    """Tell that an entry can't be written, and go on: for what may be done without its standing there."""
    from newsletter.errors import ContentError, DiskError

    try:
        yield
    except (ContentError, DiskError) as error:
        show.failure(error)
