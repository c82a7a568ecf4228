"""A folder of results by the digest of what they were made from: safe to delete, never trusted to be there.

It holds compiled templates, which run when they are read. So it lies where nobody but this user may write, and never
in a newsroom, which anybody can send; what is odd in it counts as not there.
"""

import contextlib
import hashlib
import os
import re
import stat
from pathlib import Path

# What a power cut or a stray editor left half written must not reach an issue: each entry begins with its digest.
_DIGEST = 32
# No entry is larger: the largest are pictures, made ready.
_MOST_BYTES = 64_000_000
# Of all entries together; the smallest file takes a block of the disk.
_KEPT_BYTES, _BLOCK = 500_000_000, 4096
# An entry that is asked for is new again, to the day: what nobody has asked for longest goes first.
_DAY = 86_400_000_000_000
# The folder may be one that holds other things as well: only names like ours are ever swept, `3-cover-<digest>.jpeg`.
_OURS = re.compile(r"\.?(?:[a-z0-9]+-)*[0-9a-f]{40}\.[a-z]+(?:\.[0-9]+)?")


class Cache:
    """Bytes under a key; without a folder nothing is kept.

    Every failure of the disk counts as 'not there': a cache may cost time, never a build. What is remembered of a file
    by its times holds for those that were last changed before `settled` (in nanoseconds since 1970, somewhat before
    the command began): within one tick of the file system's clock a file may change twice.
    """

    def __init__(self, folder: Path | None, settled: int = 0) -> None:
        self.folder, self.settled = folder, settled

    def get(self, key: str) -> bytes | None:
        """Return what was put under the key, or None; a damaged entry, or what is no file, counts as not there."""
        if not self.folder:
            return None
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            handle = os.open(self.folder / key, flags)
        except OSError:
            return None
        try:
            with open(handle, "rb") as file:  # noqa: PTH123 - a handle, not a path
                state = os.fstat(handle)
                if not stat.S_ISREG(state.st_mode) or state.st_size > _MOST_BYTES:
                    return None
                kept = file.read(_MOST_BYTES)
            if self.settled - state.st_mtime_ns > _DAY:
                os.utime(self.folder / key, ns=(self.settled, self.settled))
        except OSError:
            return None
        digest, content = kept[:_DIGEST], kept[_DIGEST:]
        return content if _digest(key, content) == digest else None

    def put(self, key: str, content: bytes) -> None:
        """Keep the content under the key, whole or not at all; now and then, of too many, the oldest go."""
        if not self.folder:
            return
        part = self.folder / f".{key}.{os.getpid()}"
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            digest = _digest(key, content)
            try:
                with part.open("xb") as file:
                    file.write(digest + content)
                part.replace(self.folder / key)
            finally:
                part.unlink(missing_ok=True)
            # One in 64, whoever puts it there: to list the folder takes its time.
            if digest[0] < 4:
                _sweep(self.folder)


def refusal(folder: Path, *outside: Path) -> str:
    """Return why the folder can't be a cache, and what to do, as the rest of a sentence; nothing if it can be one.

    It is made, for this user alone, if it is not there. It must belong to this user and be closed to others for
    writing (on systems that say so), and lie in none of `outside`: there, others may have put what it holds.
    """
    real = Path(os.path.realpath(folder))
    for other in outside:
        if real.is_relative_to(os.path.realpath(other)):
            return f"lies in {other}, where anybody may have put it"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        states = [folder.lstat(), real.stat()]
    except (OSError, ValueError):
        # As on a disk that can't be written: there is nothing to read, and nothing to tell.
        return ""
    if not stat.S_ISDIR(states[1].st_mode):
        return "is no folder"
    if hasattr(os, "getuid"):
        if any(state.st_uid != os.getuid() for state in states):
            return "belongs to another user"
        if states[1].st_mode & 0o022:
            return "can be written by others"
    return ""


def _sweep(folder: Path) -> None:
    known = [(entry.stat(follow_symlinks=False), entry) for entry in os.scandir(folder) if _is_ours(entry)]
    room = _KEPT_BYTES
    for state, entry in sorted(known, key=lambda pair: -pair[0].st_mtime):
        room -= max(state.st_size, _BLOCK)
        if room < 0:
            with contextlib.suppress(OSError):
                os.unlink(entry.path)  # noqa: PTH108 - a path as scandir gives it


def _is_ours(entry: os.DirEntry[str]) -> bool:
    return bool(_OURS.fullmatch(entry.name)) and not entry.is_dir(follow_symlinks=False)


def _digest(key: str, content: bytes) -> bytes:
    # With its key, so that no entry can stand in for another.
    return hashlib.sha256(key.encode() + b"\0" + content).digest()
