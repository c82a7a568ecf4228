"""Ctrl-C and its kin (`kill`, a terminal that closes), and where they have to wait."""

import contextlib
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Value = TypeVar("Value")
Result = TypeVar("Result")

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


def in_threads(work: Callable[[Value], Result], values: Iterable[Value], threads: int) -> Iterator[Result]:
    """Do some work for each value in so many threads, and return the results in the order of the values.

    What the work raises is raised here. After a Ctrl-C, or whatever else was raised, nobody waits for the threads, and
    the rest is not begun: Python waits at its end for those of a ThreadPoolExecutor, but not for daemons.
    """
    from concurrent.futures import Future

    tasks: list[tuple[Future[Result], Value]] = [(Future(), value) for value in values]
    waiting = deque(tasks)

    def take_turns() -> None:
        while waiting:
            try:
                future, value = waiting.popleft()
            except IndexError:
                # Another thread took the last one meanwhile.
                return
            try:
                future.set_result(work(value))
            except BaseException as error:
                future.set_exception(error)

    for _ in range(min(threads, len(tasks))):
        threading.Thread(target=take_turns, daemon=True).start()
    try:
        for future, _ in tasks:
            yield future.result()
    finally:
        waiting.clear()


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
