"""A newsroom's folder, a path -> bytes: the one place that opens what a stranger may have put there.

Items, pictures, settings and templates come from anybody's pull request. What is read must be a regular file inside
the newsroom once all symbolic links are followed, not below `.git`, and no larger than its kind may be. A pipe, a
device or a socket is told, never waited for.
"""

import errno
import os
import stat
from pathlib import Path

_READABLE = "see that it is there, and that you may read it"


class Unreadable(ValueError):
    """The file can't be taken: what it is or does, as the end of a sentence (`can't be read: …`), and a hint."""

    def __init__(self, message: str, hint: str = _READABLE) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def read(root: Path, path: str | Path, most: int) -> bytes:
    """Return the bytes of a file of the newsroom at `root`; `path` starts there, or is a whole path below it.

    Raises FileNotFoundError if nothing is there, Unreadable for all else that can't or may not be read, or that has
    more than `most` bytes.
    """
    real = resolved(root, path)
    # Without O_NONBLOCK a pipe that nobody writes to is waited for, for ever. Other systems have none.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(real, flags)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unreadable(_reason(error)) from None
    with open(handle, "rb") as file:  # noqa: PTH123 - a handle, not a path
        try:
            state = os.fstat(handle)
            if not stat.S_ISREG(state.st_mode):
                raise Unreadable(f"is {_kind(state.st_mode)}, not a file", "put a file in its place")
            # A file in /proc says that it has no bytes, and may go on for ever.
            content = file.read(most + 1) if state.st_size <= most else b""
        except OSError as error:
            raise Unreadable(_reason(error)) from None
    if state.st_size > most or len(content) > most:
        raise Unreadable(f"is larger than {sized(most)}, the most that is read", "make it smaller, or split it")
    return content


def resolved(root: Path, path: str | Path) -> str:
    """Return the real path of a file or folder of the newsroom, all symbolic links followed; it may not be there.

    Raises Unreadable if it lies outside the newsroom or below `.git`, or is no path at all.
    """
    try:
        base = os.path.realpath(root)
        real = os.path.realpath(os.path.join(base, os.fspath(path)))  # noqa: PTH118 - realpath strings
        inside = Path(os.path.relpath(real, base))
    except (OSError, ValueError):
        # A NUL in a name; on Windows another drive.
        raise Unreadable("is not the name of a file", "use letters, digits, - and _ in its name") from None
    if inside.is_absolute() or inside.parts[:1] == (os.pardir,):
        raise Unreadable("lies outside the newsroom", "copy it into the newsroom: what is outside is never read")
    if any(part.casefold() == ".git" for part in inside.parts):
        raise Unreadable("lies below .git", "copy it to where items lie: what git keeps for itself is never read")
    return real


def sized(number: int) -> str:
    """Return a number of bytes in words: `1.5 MB`."""
    return f"{number / 1_000_000:.3g} MB" if number >= 1_000_000 else f"{number / 1000:.3g} kB"


def _reason(error: OSError) -> str:
    told = "symbolic links that lead in a circle" if error.errno == errno.ELOOP else error.strerror or "unknown reason"
    return f"can't be read: {told[:1].lower()}{told[1:]}"


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "something else")
