"""Bytes -> the disk: one writer at a time, and whole or not at all, whatever ends the program in between."""

import contextlib
import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from newsletter.errors import DiskError
from newsletter.interrupts import uninterrupted

_IS_POSIX = os.name == "posix"
# How long another command is waited for, and how often it is looked for meanwhile.
_SECONDS, _PAUSE = 60.0, 0.005
# What a lock says that somebody else has. Every other refusal means that there are no locks here: some network drives.
_TAKEN = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK}
# The first of two paths takes the other's name, and the other way round: renameat2(2), renamex_np(2).
_AT_FDCWD, _EXCHANGE = -100, 2


@contextlib.contextmanager
def alone(path: Path, seconds: float = _SECONDS) -> Iterator[None]:
    """Keep other newsletter commands from writing `path`, and Ctrl-C from cutting this one's writing in two.

    What is held is a file beside it, `.NAME.lock`, gone afterwards; one that a killed command left is taken over.
    While another command is waited for, Ctrl-C is heard. Where a disk knows no locks, nothing is held. Raises DiskError
    once the other has taken `seconds`, OSError if the file can't be made.
    """
    lock = path.with_name(f".{path.name}.lock")
    until = time.monotonic() + seconds
    while True:
        with uninterrupted():
            handle = _taken(lock)
            if handle is not None:
                try:
                    yield
                finally:
                    _give_back(lock, handle)
                return
        if time.monotonic() >= until:
            raise DiskError(
                os.fspath(path),
                "another newsletter command is writing there",
                "wait until it is done, then run this again",
            )
        time.sleep(_PAUSE)


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep other newsletter commands from what `path` stands for, as `alone` does, for as long as it takes.

    Ctrl-C is heard. Raises BlockingIOError at once where another command has it, OSError as `alone` does.
    """
    lock = path.with_name(f".{path.name}.lock")
    with uninterrupted():
        handle = _taken(lock)
    if handle is None:
        raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK), path)
    try:
        yield
    finally:
        with uninterrupted():
            _give_back(lock, handle)


def put(path: Path, content: bytes, *, replaces: bool) -> None:
    """Write one file, whole or not at all; what is there is replaced, its mode kept, or FileExistsError raised.

    The bytes are on the disk, not in its cache, before anybody sees the name: they may be somebody's own words. Raises
    OSError, and DiskError as `alone` does.
    """
    part = path.with_name(f".{path.name}.new")
    with alone(path):
        # Of a command that was killed: nobody else writes under this name now.
        part.unlink(missing_ok=True)
        try:
            with part.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if replaces:
                part.chmod(stat.S_IMODE(path.stat().st_mode))
                part.replace(path)
            else:
                _give_name(part, path)
        finally:
            part.unlink(missing_ok=True)


def swap(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, or return False: the system or the disk can't, and nothing has happened."""
    exchange = _exchange()
    return exchange is not None and exchange(os.fsencode(one), os.fsencode(other)) == 0


def is_link(path: str | os.PathLike[str]) -> bool:
    """Tell whether a symbolic link lies there, or what Windows has for one between folders."""
    try:
        state = os.lstat(path)
    except OSError:
        return False
    # A junction, where Python has the number.
    junction = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)
    return stat.S_ISLNK(state.st_mode) or getattr(state, "st_reparse_tag", 0) == junction


def _taken(lock: Path) -> int | None:
    """Return a handle on the lock, or None while another command has it."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        handle = os.open(lock, flags, 0o666)
    except PermissionError:
        if _IS_POSIX:
            raise
        # Windows says so of a file that is just being taken away.
        return None
    # Whoever had it may have taken the file away by now: then this is a lock on nothing.
    if _lock(handle) and _is_at(handle, lock):
        return handle
    os.close(handle)
    return None


def _lock(handle: int) -> bool:
    try:
        if _IS_POSIX:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # on Windows it is there
    except OSError as error:
        return error.errno not in _TAKEN
    return True


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except OSError:
        return False


def _give_back(lock: Path, handle: int) -> None:
    # A file with words in it was never a lock of ours.
    is_ours = os.fstat(handle).st_size == 0
    if is_ours and _IS_POSIX:
        lock.unlink(missing_ok=True)
    os.close(handle)
    if is_ours and not _IS_POSIX:
        # Windows takes no file away that is open. Whoever waits may have it open by now, and will see to it.
        with contextlib.suppress(OSError):
            lock.unlink()


def _give_name(part: Path, path: Path) -> None:
    """Give the file its name, unless that is taken."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        # A disk without hard links. Two commands in the same moment are kept apart by `alone`.
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path) from None
        part.rename(path)


@lru_cache(1)
def _exchange() -> Callable[[bytes, bytes], int] | None:
    """Return what exchanges two paths on this system, None if nothing does."""
    import ctypes

    try:
        library = ctypes.CDLL(None)
        if sys.platform == "darwin":
            return lambda one, other: int(library.renamex_np(one, other, _EXCHANGE))
        renameat2 = library.renameat2
    except (AttributeError, OSError, TypeError):
        return None
    return lambda one, other: int(renameat2(_AT_FDCWD, one, _AT_FDCWD, other, _EXCHANGE))
