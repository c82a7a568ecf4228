"""Files -> the folder of the site, exchanged as a whole; what did not change keeps its file and its times."""

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from newsletter.errors import DiskError
from newsletter.read import files as reading
from newsletter.writing import alone, is_link, swap

# What an earlier call wrote: paths, and the SHA-256 of each.
LIST = "assets/site.json"
# The folders of pages that are shown and not published: `["2024-09/state-LPMN", "LPMN"]`. Absent where there are none.
SHOWN = "assets/shown.json"
# Where published pages lie meanwhile whose addresses show something else: assets/published/2024-09/network/index.html.
_ASIDE = "assets/published/"
_MOST = 50_000_000
_WAY = "move it away, or write elsewhere: site --out DIR"
# What lies in a folder that somebody made for a site before there is one.
_BEFORE = {"CNAME", "Thumbs.db", "desktop.ini"}


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of the folder: how many files were written, how many are as they were.

    `stayed` are folders whose pages were published earlier and are not made any more: `2024-09/state-LPMN`.
    """

    written: int
    unchanged: int
    stayed: tuple[str, ...] = ()


def publish(out: Path, files: Mapping[str, bytes], shown: Collection[str] = ()) -> Outcome:
    """Put the files into the folder, all of them or none, and tell what became of it.

    Pages of an earlier call that are not among the files stay with what lies beside them: somebody may have a link to
    them. The pages of the folders in `shown` are there for this call alone: the next one takes them away, and puts what
    was published at their addresses back. What nobody of ours wrote stays too (`.git`, `CNAME`).

    Raises DiskError, and nothing has changed, for a folder with files in it that this did not write, for a symbolic
    link, and for what the disk refuses; ValueError for a path that leads out of the folder.
    """
    if outside := [path for path in files if not _is_plain(path)]:
        raise ValueError(outside)
    try:
        if is_link(out):
            raise DiskError(os.fspath(out), "it is a symbolic link", "name the folder that it leads to: site --out DIR")
        out.parent.mkdir(parents=True, exist_ok=True)
        with alone(out):
            _mend(out)
            known = listed(out)
            _require_ours(out, known, files)
            published = _published(out, known or {})
            stays = _held(out, published, _gone(published, files))
            aside = _held(out, published, {folder for folder in _pages(published) if folder in shown}, _ASIDE)
            every = {**stays, **aside, **files}
            if shown:
                every[SHOWN] = (json.dumps(sorted(shown), indent=0) + "\n").encode()
            digests = {path: hashlib.sha256(content).hexdigest() for path, content in every.items()}
            every[LIST] = (json.dumps(digests, indent=0, sort_keys=True) + "\n").encode()
            new, old = _beside(out, "new"), _beside(out, "old")
            try:
                written = _fill(new, every, out)
                if out.is_dir():
                    shutil.copymode(out, new)
                    new.rename(old)
                    if not swap(old, out):
                        old.rename(new)
                        out.rename(old)
                        new.rename(out)
                else:
                    new.rename(out)
            except BaseException:
                shutil.rmtree(new, ignore_errors=True)
                raise
            if old.is_dir():
                _clear(old, out, known or {})
    except OSError as error:
        at = out if error.filename is None else error.filename
        hint = "see that you may write there and that the disk has room; the last good site is untouched"
        raise DiskError(os.fspath(at), (error.strerror or str(error)).lower(), hint) from None
    stayed = sorted(path.removesuffix("/index.html") for path in stays if path.endswith("/index.html"))
    return Outcome(written=written, unchanged=len(every) - written, stayed=tuple(stayed))


def listed(out: Path) -> dict[str, str] | None:
    """Return what an earlier call wrote there, by path; None where there is nothing of the kind."""
    try:
        stated = json.loads(reading.read(out, LIST, _MOST))
        return {path: str(digest) for path, digest in stated.items() if _is_plain(path)}
    except (OSError, ValueError, AttributeError, RecursionError):
        return None


def published_in(out: Path) -> set[str]:
    """Return the folders of the pages that were published there, `2024-09/network`; of those that are shown, none."""
    return _pages(_published(out, listed(out) or {}))


def has_shown(out: Path) -> bool:
    """Tell whether an earlier call left pages there that are shown and not published."""
    return SHOWN in (listed(out) or {})


def _published(out: Path, known: Mapping[str, str]) -> dict[str, str]:
    """Return what was published, by its path: where it lies."""
    shown: set[str] = set()
    if SHOWN in known:
        with suppress(OSError, ValueError, TypeError, RecursionError, reading.Unreadable):
            shown = {str(folder) for folder in json.loads(reading.read(out, SHOWN, _MOST))}
    here = {path: path for path in known if not path.startswith(_ASIDE) and _folder(path) not in shown}
    return here | {path.removeprefix(_ASIDE): path for path in known if path.startswith(_ASIDE)}


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _pages(paths: Iterable[str]) -> set[str]:
    return {_folder(path) for path in paths if path.endswith("/index.html")}


def _gone(published: Iterable[str], files: Mapping[str, bytes]) -> set[str]:
    """Return the folders of pages that are not made any more."""
    return {folder for folder in _pages(published) if f"{folder}/index.html" not in files}


def _held(out: Path, published: Mapping[str, str], folders: Collection[str], below: str = "") -> dict[str, bytes]:
    """Return the published files of some folders as they lie there, by where they are to be."""
    held = {}
    for path, there in published.items():
        if _folder(path) in folders:
            with suppress(OSError, reading.Unreadable):
                held[f"{below}{path}"] = reading.read(out, there, _MOST)
    return held


def _is_plain(path: str) -> bool:
    """Tell whether it leads to what lies below a folder: the list may be forged."""
    return bool(path) and all(part not in {"", ".", ".."} for part in path.split("/")) and not set(path) & set("\\:\0")


def _require_ours(out: Path, known: Mapping[str, str] | None, files: Mapping[str, bytes]) -> None:
    if not os.path.lexists(out):
        return
    if not out.is_dir():
        raise DiskError(os.fspath(out), "a file stands where the site's folder belongs", _WAY)
    if known is None:
        for there in sorted(out.iterdir()):
            if not there.name.startswith(".") and there.name not in _BEFORE:
                raise DiskError(os.fspath(out), f"no site of ours lies there, but '{there.name}'", _WAY)
        return
    for path in files:
        if path not in known and os.path.lexists(out / path) and path != LIST:
            raise DiskError(os.fspath(out / path), "the site needs that name, and no site of ours wrote the file", _WAY)


def _fill(new: Path, files: Mapping[str, bytes], out: Path) -> int:
    """Make the new folder, and return how many of its files are new; the others are the old ones themselves."""
    new.mkdir()
    written = 0
    # The list first: it says what may be taken away, should this be as far as we come.
    for path in sorted(files, key=lambda path: (path != LIST, path)):
        file, former, content = new / path, out / path, files[path]
        file.parent.mkdir(parents=True, exist_ok=True)
        if _is_same(former, content):
            try:
                os.link(former, file)
            except OSError:
                # A disk without hard links.
                shutil.copy2(former, file)
        else:
            file.write_bytes(content)
            written += 1
    return written


def _is_same(former: Path, content: bytes) -> bool:
    try:
        state = former.lstat()
        return stat.S_ISREG(state.st_mode) and state.st_size == len(content) and former.read_bytes() == content
    except OSError:
        return False


def _beside(out: Path, what: str) -> Path:
    return out.with_name(f".{out.name}.{what}")


def _mend(out: Path) -> None:
    """Bring in order what a killed command left beside the folder."""
    new, old = _beside(out, "new"), _beside(out, "old")
    for left in (new, old):
        if is_link(left) or (left.is_dir() and not _is_ours(left)):
            raise DiskError(
                os.fspath(left), "the site needs that name, and no site of ours wrote what lies there", _WAY
            )
    if old.is_dir() and not os.path.lexists(out):
        # Killed between two renames, where folders can't be exchanged in one step.
        old.rename(out)
    elif old.is_dir():
        _clear(old, out, listed(old) or {})
    if new.is_dir():
        _discard(new)


def _is_ours(left: Path) -> bool:
    """Tell whether a site left it; the list is the first file to be written and the last one to be taken away."""
    return listed(left) is not None or all(path == left / LIST for path in _files(left))


def _discard(folder: Path) -> None:
    for path in sorted(_files(folder), key=lambda path: path == folder / LIST):
        if path.is_dir() and not is_link(path):
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.rmtree(folder)


def _clear(old: Path, out: Path, known: Mapping[str, str]) -> None:
    """Take away an old folder; what nobody of ours wrote moves into the new one."""
    ours = {*known, LIST}
    for path in list(_files(old)):
        name = path.relative_to(old).as_posix()
        if name not in ours and not os.path.lexists(out / name):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            path.rename(out / name)
    _discard(old)


def _files(folder: Path) -> Iterator[Path]:
    """Yield what is no folder, and folders that begin with a point as a whole: `.git`."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not is_link(path) and not path.name.startswith("."):
            yield from _files(path)
        else:
            yield path
