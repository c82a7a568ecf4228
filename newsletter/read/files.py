"""A newsroom's folder, a path -> bytes: the one place that lists and opens what a stranger may have put there.

Items, pictures, settings and templates come from anybody's pull request. What is read must be a regular file inside
the newsroom once all symbolic links are followed, not below `.git`, and no larger than its kind may be. A pipe, a
device or a socket is told, never waited for.
"""
# Paths are strings here: to make a Path of each costs as much as to read the file.
# ruff: noqa: PTH110, PTH112, PTH114, PTH118, PTH206

import errno
import math
import os
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

# How many bytes a file may have, by what it is: an item or a front page, newsletter.toml, a template or a style sheet,
# a picture or a logo, and what a build wrote.
PAGE = 2_000_000
# What a page may have with the pictures that are written into it: Google Docs' exports have a megabyte or two for each.
DOCUMENT = 40_000_000
SETTINGS = TEMPLATE = 1_000_000
# The largest photographs of phones (200 million pixels) have some 80 MB.
PICTURE = BUILT = 100_000_000
# How many folders may lie in each other.
_DEEPEST = 50

READABLE = "see that it is there, and that you may read it"
IN_PLACE = "put a file in its place"
# Without O_NONBLOCK a pipe that nobody writes to is waited for, for ever. Other systems have none of these.
_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_NOFOLLOW", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
    _FLAGS |= getattr(os, _name, 0)
_CHUNK = 1 << 16


class Stamp(NamedTuple):
    """What tells whether a file is the same, without reading it: bytes, times in nanoseconds, number on its disk."""

    size: int
    modified: int
    changed: int
    inode: int

    def is_settled(self, at: int) -> bool:
        """Tell whether the file was last changed before a time, in nanoseconds since 1970."""
        return max(self.modified, self.changed) < at


def stamp(real: str) -> Stamp | None:
    """Return the stamp of what lies at a real path; None if nothing can be told of it."""
    try:
        state = os.stat(real)  # noqa: PTH116 - many, as strings
    except (OSError, ValueError):
        return None
    return Stamp(state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)


def stamps(root: Path, paths: Iterable[str]) -> dict[str, Stamp]:
    """Return the stamp of each file of the newsroom that is there, by its path."""
    found = {path: stamp(os.path.join(root, path)) for path in paths}
    return {path: state for path, state in found.items() if state}


class Unreadable(ValueError):
    """The file can't be taken: what it is or does, as the end of a sentence (`can't be read: …`), and a hint."""

    def __init__(self, message: str, hint: str = READABLE, *, is_outside: bool = False) -> None:
        super().__init__(message)
        self.message, self.hint, self.is_outside = message, hint, is_outside


def read(root: Path, path: str | Path, most: int, real: str = "") -> bytes:
    """Return the bytes of a file of the newsroom at `root`; `path` starts there, or is a whole path below it.

    `real` is its real path where `walk` has told it. Raises FileNotFoundError if nothing is there, Unreadable for all
    else that can't or may not be read, or that has more than `most` bytes.
    """
    handle, size = _handle(real or resolved(root, path), most)
    try:
        parts = [os.read(handle, size + 1)]
        count = len(parts[0])
        # A file in /proc says that it has no bytes, and may go on for ever.
        while parts[-1] and count <= most:
            parts.append(os.read(handle, _CHUNK))
            count += len(parts[-1])
    except OSError as error:
        raise _refused(error) from None
    finally:
        os.close(handle)
    if count > most:
        raise too_large(count, most)
    return b"".join(parts) if len(parts) > 2 else parts[0]


def opened(root: Path, path: str | Path, most: int, real: str = "") -> BinaryIO:
    """Return a file of the newsroom opened to read a part of it; raises as `read` does."""
    handle, _ = _handle(real or resolved(root, path), most)
    return os.fdopen(handle, "rb")


def resolved(root: Path, path: str | Path) -> str:
    """Return the real path of a file or folder of the newsroom, all symbolic links followed; it may not be there.

    Raises Unreadable if it lies outside the newsroom or below `.git`, is a hidden file that only a symbolic link
    names, or is no path at all.
    """
    try:
        base = os.path.realpath(root)
        real = os.path.realpath(os.path.join(base, os.fspath(path)))
    except (OSError, ValueError):
        # A NUL in a name, a letter that the system has no bytes for.
        raise Unreadable("is not the name of a file", "use letters, digits, - and _ in its name") from None
    except RecursionError:
        raise Unreadable(
            "can't be read: too many symbolic links follow each other", "link to the file itself"
        ) from None
    if not is_below(real, base):
        hint = "copy it into the newsroom: what is outside is never read"
        raise Unreadable("lies outside the newsroom", hint, is_outside=True)
    if any(map(_is_git, real[len(base) :].split(os.sep))):
        raise Unreadable("lies below .git", "copy it to where items lie: what git keeps for itself is never read")
    if f"{os.sep}." in (inside := real[len(base) :]):
        # `network.md -> ../../.env`: what is hidden is often secret, and nobody wrote its name here.
        named = os.fspath(path).replace(os.sep, "/").split("/")
        if any(part.startswith(".") and part not in named for part in inside.split(os.sep)):
            raise Unreadable(
                "is a symbolic link to what is hidden", "copy it to where items lie, under a name of its own"
            )
    return real


def walk(
    root: Path,
    folder: str,
    refuse: Callable[[str, Unreadable], None],
    enters: Callable[[str, str], bool],
) -> Iterator[tuple[str, str]]:
    """Yield each file below a folder of the newsroom: its path from `root`, with slashes, and its real path.

    The real path is empty where a symbolic link leads out of the newsroom: `read` says so. Files come before folders,
    both by their names, and every folder once. `enters` is asked before a folder, with its path and, behind a symbolic
    link, its real path. `refuse` hears of folders that can't be listed, and of symbolic links that lead nowhere, or to
    folders outside the newsroom. A folder that is not there has no files.
    """
    try:
        top = resolved(root, folder)
    except Unreadable as error:
        refuse(folder, error)
        return
    pending, seen = [(folder, top, 0)], set()
    while pending:
        path, real, depth = pending.pop()
        if real in seen:
            continue
        seen.add(real)
        if depth > _DEEPEST:
            refuse(path, Unreadable(f"lies more than {_DEEPEST} folders deep", "move it up"))
            continue
        try:
            with os.scandir(real) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except FileNotFoundError:
            if os.path.islink(os.path.join(root, path)):
                refuse(path, _nowhere())
            continue
        except OSError as error:
            refuse(path, _refused(error))
            continue
        below = []
        for entry in entries:
            inner = f"{path}/{entry.name}"
            if not entry.is_symlink():
                if not entry.is_dir(follow_symlinks=False):
                    yield inner, entry.path
                elif enters(inner, ""):
                    below.append((inner, entry.path, depth + 1))
                continue
            try:
                target = resolved(root, inner)
            except Unreadable as error:
                if os.path.isdir(entry.path):
                    refuse(inner, error)
                else:
                    yield inner, ""
                continue
            if os.path.isdir(target):
                # What lies in the same tree is seen at its own place.
                if enters(inner, target) and not is_below(target, top):
                    below.append((inner, target, depth + 1))
            elif "." not in entry.name and not os.path.exists(target):
                # Nobody knows whether that was to be a folder, and which files it would hold.
                refuse(inner, _nowhere())
            else:
                yield inner, target
        pending += reversed(below)


def is_below(real: str, base: str) -> bool:
    """Tell whether a real path is another one, or lies below it."""
    # The root of a disk ends in a slash already.
    return real == base or real.startswith(base if base.endswith(os.sep) else base + os.sep)


def sized(number: int) -> str:
    """Return a number of bytes in words, rounded up: `1.53 MB`."""
    for unit, name in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB")):
        if number >= unit:
            return f"{math.ceil(number / unit * 100) / 100:.12g} {name}"
    return f"{math.ceil(number / 10) / 100:g} kB"


def reason(error: OSError) -> str:
    """Return why the system did not give a file, as the end of a sentence."""
    words = "symbolic links that lead in a circle" if error.errno == errno.ELOOP else error.strerror or "unknown reason"
    return f"can't be read: {words[:1].lower()}{words[1:]}"


def too_large(size: int, most: int) -> Unreadable:
    """Return what is wrong with a file of that many bytes."""
    return Unreadable(f"has {sized(size)}, and no more than {sized(most)} is read", "make it smaller, or split it")


def utf8(path: str) -> str:
    """Return a path that can be written anywhere: `?` for bytes of its names that are not UTF-8."""
    return path.encode(errors="replace").decode()


def _handle(real: str, most: int) -> tuple[int, int]:
    """Return a handle of the file to be closed by the caller, and how many bytes it says that it has."""
    try:
        # To open some devices is to start them.
        _require_file(os.lstat(real), most)
        handle = os.open(real, _FLAGS)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _refused(error) from None
    try:
        state = os.fstat(handle)
        _require_file(state, most)
    except BaseException:
        os.close(handle)
        raise
    return handle, state.st_size


def _require_file(state: os.stat_result, most: int) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise _of_kind(state.st_mode)
    if state.st_size > most:
        raise too_large(state.st_size, most)


def _of_kind(mode: int) -> Unreadable:
    if stat.S_ISDIR(mode):
        return Unreadable(reason(OSError(errno.EISDIR, os.strerror(errno.EISDIR))), IN_PLACE)
    if stat.S_ISLNK(mode):
        # A link is left over from a real path only where it can't be followed.
        return Unreadable(reason(OSError(errno.ELOOP, "")), "link to the file itself")
    kinds = {
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return Unreadable(f"is {kinds.get(stat.S_IFMT(mode), 'something else')}, not a file", IN_PLACE)


def _refused(error: OSError) -> Unreadable:
    is_long = error.errno == errno.ENAMETOOLONG
    return Unreadable(reason(error), "give it, and the folders it lies in, shorter names" if is_long else READABLE)


def _nowhere() -> Unreadable:
    return Unreadable("is a symbolic link that leads nowhere", "link to what is there, or delete it")


def _is_git(name: str) -> bool:
    """Tell whether some file system takes the name for `.git` (git-config, core.protectHFS and core.protectNTFS)."""
    if not name.isascii():
        name = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
    return name.partition(":")[0].rstrip(" .").casefold() in {".git", "git~1"}
