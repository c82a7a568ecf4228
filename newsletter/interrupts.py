"""Ctrl-C and its kin (`kill`, a terminal that closes), and where they have to wait."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor

Pool = TypeVar("Pool", bound="Executor")

# What asks a program to stop. Windows has no SIGHUP; its SIGBREAK is Ctrl-Break.
STOPPING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Let Ctrl-C and its kin wait until what must not be cut in two is done."""
    # Only the main thread is interrupted, and only it may set handlers. A signal that is ignored stays ignored; one
    # that the system answers by itself (SIG_DFL) can't be made to wait.
    before = {number: handler for number in STOPPING if callable(handler := signal.getsignal(number))}
    if threading.current_thread() is not threading.main_thread() or not before:
        yield
        return
    waiting: list[int] = []
    for number in before:
        signal.signal(number, lambda number, _: waiting.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if waiting:
            signal.raise_signal(waiting[0])


@contextlib.contextmanager
def left_at_once(pool: Pool) -> Iterator[Pool]:
    """Wait at the end for what the threads of a pool still do; but not for a Ctrl-C, or whatever else was raised."""
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


@contextlib.contextmanager
def ended_by_the_system() -> Iterator[None]:
    """Let `kill` and a closed terminal end the program without an answer: click's pager waits on through any."""
    before = {number: signal.getsignal(number) for number in STOPPING if number != signal.SIGINT}
    for number, handler in before.items():
        if callable(handler):
            signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
