"""A newsroom on disk -> a call after every save."""

import threading
from collections.abc import Callable
from pathlib import Path

# Milliseconds: how long a quiet moment ends a burst of events, and how long a burst may last. An editor's save is two
# or three events within a few milliseconds.
_QUIET, _BURST = 20, 100
_FOLDERS = ("issues", "templates")


def watch_newsroom(root: Path, out: Path, changed: Callable[[], None], stop: threading.Event) -> None:
    """Call `changed`, from a thread of its own, after every save in the newsroom until `stop` is set; returns at once.

    `issues/` and `templates/` are watched whole and the root by its own files only: what else lies there (a virtual
    environment, a repository) may hold more folders than a system can watch. `out` is ours, and not a save.
    """
    # Here, not in the threads: a save while they import it would go unseen.
    from watchfiles import Change, DefaultFilter, watch

    appeared = threading.Event()

    def watch_files() -> None:
        is_saved = DefaultFilter()

        def is_meant(change: Change, path: str) -> bool:
            return is_saved(change, path) and Path(path) != out

        for changes in watch(
            root, watch_filter=is_meant, recursive=False, debounce=_BURST, step=_QUIET, stop_event=stop
        ):
            if any(Path(path).name in _FOLDERS for _, path in changes):
                appeared.set()
            changed()

    def watch_folders() -> None:
        while not stop.is_set():
            appeared.clear()
            found = [root / name for name in _FOLDERS if (root / name).is_dir()]
            if not found:
                stop.wait(0.2)
                continue
            either = _Either(stop, appeared)
            for _ in watch(*found, debounce=_BURST, step=_QUIET, stop_event=either, rust_timeout=1_000):
                changed()

    for watch_some in (watch_files, watch_folders):
        threading.Thread(target=watch_some, daemon=True).start()


class _Either:
    """Set when one of two events is."""

    def __init__(self, *events: threading.Event) -> None:
        self.events = events

    def is_set(self) -> bool:
        return any(event.is_set() for event in self.events)
