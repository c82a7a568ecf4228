"""Where commands that write into the newsroom may write, and what they say when they can't."""

from pathlib import Path

from newsletter.cli import show
from newsletter.errors import CommandError
from newsletter.read.files import Unreadable, resolved


def require_inside(root: Path, folder: Path) -> None:
    """Refuse, with a CommandError, a folder that a symbolic link in the newsroom leads out of it."""
    try:
        resolved(root, folder)
    except Unreadable as refused:
        told = f"{show.near(folder)} {refused.message}"
        raise CommandError(told, "remove the symbolic link that leads there") from None


def make_folder(path: Path) -> None:
    """Make a folder and those around it; raise CommandError if they can't be made."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritten(path, error) from None


def unwritten(path: Path, error: OSError) -> CommandError:
    """Return what to raise when a file or a folder can't be written."""
    return CommandError(
        f"{show.near(path)} can't be written: {(error.strerror or 'unknown reason').lower()}",
        "see that the disk has room, that you may write there, and that no file stands where a folder belongs",
    )
