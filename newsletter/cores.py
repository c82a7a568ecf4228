"""Work for each of many issues -> its results in order, on every core where there are many; work beside other work."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from newsletter.errors import NewsletterError
from newsletter.interrupts import STOPPING, uninterrupted

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

# Below this many pieces of work a second process costs more than it saves.
_MANY = 4
# To hand over a piece of work and its result takes a third of a millisecond: of more than these for each worker,
# several go together.
_TURNS = 25
_SECONDS_TO_FINISH = 2.0
_SECONDS_BETWEEN_LOOKS = 0.1


class Ready(Protocol):
    """What the work is done with; every process has one of its own."""

    def get_ready(self) -> None:
        """Import what any piece of work needs: once, not once a worker."""


Tool = TypeVar("Tool", bound=Ready)
Result = TypeVar("Result")


def spread(
    tool: Tool,
    work: Callable[[Tool, str], Result],
    names: list[str],
    done: Callable[[Result], None],
    alike: Callable[[str], str] = lambda name: "",
) -> Iterator[Result]:
    """Do some work for each name, on every core if there are many; `done` hears of each, results come in order.

    Names of one kind, as `alike` has it, that follow each other go to the same process as far as there are enough for
    all: what it remembers of one serves the others.
    """
    workers = min(_cores(), len(names))
    if len(names) < _MANY or workers < 2:
        for name in names:
            result = work(tool, name)
            done(result)
            yield result
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    def heard(future: "Future[list[Result]]") -> None:
        if not future.cancelled() and not future.exception():
            for result in future.result():
                done(result)

    # A forked worker has the newsroom and the imports already; where there is no fork, the newsroom is sent over.
    tool.get_ready()
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    size = max(1, len(names) // (workers * _TURNS))
    kinds = [list(kind) for _, kind in groupby(names, alike)]
    batches = [kind[at : at + size] for kind in kinds for at in range(0, len(kind), size)]
    # Nothing is ever said through it: the workers live as long as this process holds its end.
    theirs, ours = context.Pipe(duplex=False)
    with theirs, ours, ProcessPoolExecutor(workers, context, _start_worker, (tool, theirs, ours)) as pool:
        try:
            # The first of these starts the workers, which are deaf to Ctrl-C only once they run.
            with uninterrupted():
                futures = [pool.submit(_work_in_worker, work, batch) for batch in batches]
                for future in futures:
                    future.add_done_callback(heard)
            for future in futures:
                yield from outcome(future)
        except BaseException as error:
            # Waits for the few that are under way, but not for long; the `with` would take back the order to drop the
            # rest. A second Ctrl-C in the middle of it would leave workers behind that nobody ends.
            with uninterrupted():
                late = threading.Timer(_SECONDS_TO_FINISH, _kill, [multiprocessing.active_children()])
                late.start()
                pool.shutdown(cancel_futures=True)
                late.cancel()
            if isinstance(error, BrokenProcessPool):
                hint = "there may be too little memory: close other programs, then run this again"
                raise NewsletterError("the system ended a process that was at work", hint) from None
            raise


def _kill(workers: "Sequence[BaseProcess]") -> None:
    """End workers that are at something long: who is just handing over a result must come to its end, or whoever reads
    it waits for the rest for ever.
    """
    for worker in workers:
        worker.kill()


def beside(work: Callable[[], object], meanwhile: Callable[[], object]) -> None:
    """Do some work in a second process and something else in this one; return when both are done.

    Nothing comes back of the work, not even a failure: it is for what a cache keeps. Where a second process gains
    nothing, can't be had, or would be forked while threads run, only the other thing is done.
    """
    if not hasattr(os, "fork") or _cores() < 2 or threading.active_count() > 1:
        meanwhile()
        return
    # A signal that is answered in the second process would be answered twice.
    with uninterrupted():
        try:
            child = os.fork()
        except OSError:
            child = -1
        if not child:
            _work_and_leave(work)
    try:
        meanwhile()
        _wait_for(child)
    except BaseException:
        if child > 0:
            # What is put into a cache is put there whole or not at all.
            os.kill(child, signal.SIGKILL)
            _wait_for(child)
        raise


def _work_and_leave(work: Callable[[], object]) -> None:
    try:
        for number in STOPPING:
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)
        work()
    finally:
        os._exit(0)


def _wait_for(child: int) -> None:
    # Where whoever started us ignores the ends of processes (SIGCHLD), there is none to hear of.
    with contextlib.suppress(ChildProcessError):
        if child > 0:
            os.waitpid(child, 0)


def outcome(future: "Future[Result]") -> Result:
    """Return the result of a future, or raise what it raised; a Ctrl-C is heard a tenth of a second later at the most.

    `Future.result` takes a lock. An interrupt in the very moment in which it has it leaves the lock taken for ever, and
    the thread that ends the pool waits for it.
    """
    from concurrent.futures import wait

    while True:
        with uninterrupted():
            if wait([future], timeout=_SECONDS_BETWEEN_LOOKS).done:
                return future.result()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_worker: list[Any] = []
_at_work = threading.Lock()


def _start_worker(tool: Ready, theirs: "Connection", ours: "Connection") -> None:
    # Ctrl-C and its kin may reach the whole group; only the parent answers them.
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    # Held here too, it would never close.
    ours.close()
    threading.Thread(target=_leave_with_parent, args=(theirs,), daemon=True).start()
    _worker[:] = [tool]


def _leave_with_parent(theirs: "Connection") -> None:
    """End this worker once the parent wants no more of it or is gone, however it went."""
    with contextlib.suppress(OSError):
        theirs.poll(None)
    # What is under way is finished, unless it takes long: a folder in the making would have to be mended.
    _at_work.acquire(timeout=_SECONDS_TO_FINISH)
    # Windows has no SIGKILL: there os.kill ends a process with any other number.
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def _work_in_worker(work: Callable[[Any, str], Result], names: Sequence[str]) -> list[Result]:
    with _at_work:
        return [work(_worker[0], name) for name in names]
