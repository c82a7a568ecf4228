"""A newsroom on disk -> a call after every save."""

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

from newsletter.read import files

# Milliseconds: how long a quiet moment ends a burst of events, and how long a burst may last. An editor's save is two
# or three events within a few milliseconds.
_QUIET, _BURST = 20, 100
# Milliseconds until what was saved in a new folder, before that was watched, is shown.
_ROUND = 200
_FOLDERS = ("issues", "templates")


def watch_newsroom(root: Path, out: Path, changed: Callable[[], None], stop: threading.Event) -> None:
    """Call `changed`, from a thread of its own, after every save in the newsroom until `stop` is set; returns at once.

    `issues/` and `templates/` are watched whole and the root by its own files only: what else lies there (a virtual
    environment, a repository) may hold more folders than a system can watch. So may what a symbolic link leads to, if
    that is outside the newsroom: it is not watched, as nothing is read there. `out` is ours, and not a save.
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
        is_new = False
        while not stop.is_set():
            is_new |= appeared.is_set()
            appeared.clear()
            folders = _folders(root)
            if not folders:
                stop.wait(0.2)
                continue
            either = _Either(stop, appeared)
            # Watched as a whole, a folder would be searched for others behind symbolic links, wherever these lead.
            changes = watch(
                *folders,
                recursive=False,
                debounce=_BURST,
                step=_QUIET,
                stop_event=either,
                rust_timeout=_ROUND,
                yield_on_timeout=True,
                ignore_permission_denied=True,
            )
            # A folder may be gone by now.
            with contextlib.suppress(FileNotFoundError):
                for some in changes:
                    if some or is_new:
                        changed()
                    is_new = any(path in folders or os.path.isdir(path) for _, path in some)  # noqa: PTH112 - strings
                    if is_new:
                        break

    for watch_some in (watch_files, watch_folders):
        threading.Thread(target=watch_some, daemon=True).start()


def _folders(root: Path) -> list[str]:
    """Return every folder of the newsroom that holds items or templates, or pictures among them."""
    folders: list[str] = []

    def enters(path: str, link: str) -> bool:
        folders.append(link or str(root / path))
        return True

    for name in _FOLDERS:
        with contextlib.suppress(files.Unreadable):
            if os.path.isdir(top := files.resolved(root, name)):  # noqa: PTH112 - a string
                folders.append(top)
        for _ in files.walk(root, name, lambda path, error: None, enters):
            pass
    return list(dict.fromkeys(folders))


class _Either:
    """Set when one of two events is."""

    def __init__(self, *events: threading.Event) -> None:
        self.events = events

    def is_set(self) -> bool:
        return any(event.is_set() for event in self.events)
