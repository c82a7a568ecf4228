"""build/ -> sent/: what went out, as it went out, with all that a web page of it is made from.

    sent/2024-09/state-LPMN/
      manifest.json                     what was handed over; `sources` lists what it was made from
      issue.html issue.txt tree-0a1b2c3d.png
      newsletter.toml issues/2024-09/state-LPMN.md issues/2024-09/items/…

The last line is a newsroom of its own: `load` reads it and `assemble` makes the issue of it, whatever the settings and
items have become since.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from newsletter.deliver import folder as folders
from newsletter.errors import DiskError, NewsletterError
from newsletter.model import Newsroom
from newsletter.read import embedded, files
from newsletter.read.config import FILE as SETTINGS
from newsletter.writing import alone, is_link, swap

FOLDER = "sent"
# Of a built issue or an export; the rest is for whoever pastes.
_PARTS = ("issue.html", "issue.txt")
_WAY = "remove it: what it leads to is not ours"


class Handed(Struct, frozen=True, kw_only=True):
    """What was handed over: the folder, what its manifest says, and the files to keep, which agree with it.

    `changed` are the files of other folders, newer ones, that were changed after they were written.
    """

    folder: Path
    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]
    changed: tuple[Path, ...] = ()


class Sources(Struct, frozen=True, kw_only=True):
    """What an issue was made from, by path: the files as they are now.

    `edited` have other words than when the issue was made, `gone` are not there any more.
    """

    files: Mapping[str, bytes]
    edited: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def exports(base: Path, issue_id: str) -> list[tuple[Path, Mapping[str, Any]]]:
    """Return the exports of an issue below a build folder, with their manifests, the newest first."""
    listed: list[tuple[int, Path, Mapping[str, Any]]] = []
    try:
        places = sorted(place for place in (base / issue_id).iterdir() if place.is_dir() and not is_link(place))
    except OSError:
        return []
    for place in places:
        stated = folders.manifest(place)
        if stated and stated["issue"] == issue_id and "items" in stated:
            listed.append(((place / folders.MANIFEST).stat().st_mtime_ns, place, stated))
    return [(place, stated) for _, place, stated in sorted(listed, key=lambda entry: entry[0], reverse=True)]


def handed_over(base: Path, issue_id: str) -> Handed:
    """Return the newest export of an issue whose files are as they were written, else its build.

    Raises NewsletterError where there is neither, or where somebody changed the files of each.
    """
    changed: list[Path] = []
    places = exports(base, issue_id)
    built = folders.manifest(base / issue_id)
    if built and built["issue"] == issue_id and "items" in built and not is_link(base / issue_id):
        places.append((base / issue_id, built))
    for place, stated in places:
        listed = {**stated["parts"], **stated["pictures"]}
        kept: dict[str, bytes] = {}
        odd = [place / name for name in listed if not _agrees(place, name, listed[name], kept)]
        if not odd:
            # What writes it takes long to load, and the board asks for exports only.
            from newsletter.deliver.calendar import EVENTS

            wanted = {*_PARTS, EVENTS, *stated["pictures"]}
            found = {name: content for name, content in kept.items() if name in wanted}
            return Handed(folder=place, manifest=stated, files=found, changed=tuple(changed))
        changed += odd
    if changed:
        raise NewsletterError(
            f"nothing of {issue_id} is as it was written: {changed[0]} was changed since",
            f"export it once more, and hand that over: newsletter export {issue_id}",
        )
    raise NewsletterError(
        f"{issue_id} was never built, so nothing of it can have gone out",
        f"newsletter export {issue_id} --for PROVIDER, hand it over, then run this again",
    )


def sources(newsroom: Newsroom, stated: Mapping[str, Any], more: Iterable[str] = ()) -> Sources:
    """Return what the issue of a manifest was made from: settings, front page, items, their pictures, and `more`."""
    front = [stated["front_page"]] if stated["front_page"] else []
    digests = {str(page["path"]): str(page["sha256"]) for page in (*front, *stated["items"])}
    cards = {card.path: card for card in newsroom.items.cards}
    pages = {page.path: page for page in newsroom.front_pages.values()}
    paths = {SETTINGS: files.SETTINGS, **dict.fromkeys(digests, files.DOCUMENT)}
    for path in digests:
        noun = newsroom.items.of(cards[path]) if path in cards else pages.get(path)
        pictures = [*noun.body_pictures.values()] if noun else []
        pictures += [lead] if (lead := getattr(noun, "picture", None)) else []
        paths |= {
            picture.path: files.PICTURE for picture in pictures if picture.path and not embedded.is_inside(picture.path)
        }
    paths |= {path: files.PICTURE for path in more if not embedded.is_inside(path)}
    found: dict[str, bytes] = {}
    gone = []
    for path, most in paths.items():
        if not _is_plain(path):
            continue
        try:
            found[path] = files.read(newsroom.root, path, most)
        except (OSError, files.Unreadable):
            gone.append(path)
    edited = [path for path, digest in digests.items() if path in found and _sha256(found[path]) != digest]
    return Sources(files=found, edited=tuple(edited), gone=tuple(gone))


def keep(root: Path, handed: Handed, made_from: Sources, on: str) -> Path:
    """Put all of it into the issue's folder below sent/, whole or not at all, and return the folder.

    What an earlier call put there is replaced. Raises DiskError, and nothing has changed, where a symbolic link or
    something else than such a folder lies in its place, and for what the disk refuses.
    """
    stated = handed.manifest
    issue_id = str(stated["issue"])
    files_kept = {**made_from.files, **handed.files}
    manifest = {
        **{key: value for key, value in stated.items() if key not in {"made_from", "parts", "pictures"}},
        "sent": on,
        "edited": list(made_from.edited),
        **folders.listing(
            {name: content for name, content in handed.files.items() if name not in stated["pictures"]},
            {name: content for name, content in handed.files.items() if name in stated["pictures"]},
        ),
        "sources": {path: folders.weighed(content) for path, content in made_from.files.items()},
    }
    place = root / FOLDER / issue_id
    try:
        _require_real(root, place)
        place.parent.mkdir(parents=True, exist_ok=True)
        with alone(place):
            _sweep(place)
            _require_ours(place)
            new = _beside(place, "new")
            _fill(new, {folders.MANIFEST: folders.as_manifest(manifest), **files_kept})
            if not place.exists():
                new.rename(place)
            else:
                old = _beside(place, "old")
                if swap(new, place):
                    new.rename(old)
                else:
                    place.rename(old)
                    new.rename(place)
                shutil.rmtree(old)
    except OSError as error:
        raise _refused(error, place) from None
    return place


def forget(root: Path, issue_id: str) -> None:
    """Take away what was kept of an issue, if anything; raises DiskError as `keep` does."""
    place = root / FOLDER / issue_id
    try:
        _require_real(root, place)
        if not place.parent.is_dir():
            return
        with alone(place):
            _sweep(place)
            _require_ours(place)
            if place.exists():
                old = _beside(place, "old")
                place.rename(old)
                shutil.rmtree(old)
    except OSError as error:
        raise _refused(error, place) from None


def kept(root: Path, issue_id: str) -> Mapping[str, Any] | None:
    """Return the manifest of what was kept of an issue; None if there is none, or if it is not whole."""
    place = root / FOLDER / issue_id
    stated = folders.manifest(place) if _is_plain(issue_id) else None
    return (
        stated
        if stated and stated["issue"] == issue_id and all(_is_whole(place, stated, name) for name in _listed(stated))
        else None
    )


def _agrees(place: Path, name: str, weighed: Mapping[str, object], kept: dict[str, bytes]) -> bool:
    """Tell whether a file is as its manifest says; its bytes go into `kept`."""
    if not _is_plain(name):
        return False
    try:
        kept[name] = files.read(place, name, files.BUILT)
    except (OSError, files.Unreadable):
        return False
    return folders.weighed(kept[name]) == weighed


def _is_plain(path: str) -> bool:
    """Tell whether it leads from a folder to what lies below it: a manifest may be forged."""
    return bool(path) and all(part not in {"", ".", ".."} for part in path.split("/")) and not set(path) & set("\\:\0")


def _is_whole(place: Path, stated: Mapping[str, Any], name: str) -> bool:
    return _agrees(place, name, _listed(stated)[name], {})


def _listed(stated: Mapping[str, Any]) -> dict[str, Any]:
    return {**stated["parts"], **stated["pictures"], **stated.get("sources", {})}


def _require_real(root: Path, place: Path) -> None:
    for above in (place, *place.parents):
        if above == root:
            return
        if is_link(above):
            raise DiskError(os.fspath(above), "it is a symbolic link", _WAY)


def _require_ours(place: Path) -> None:
    """Refuse what `keep` did not put there: somebody's notes would be lost with it."""
    if not os.path.lexists(place):
        return
    stated = folders.manifest(place) if place.is_dir() else None
    if stated is None or "sources" not in stated:
        raise DiskError(os.fspath(place), "'newsletter sent' did not write what lies there", "move it away")
    listed = {*_listed(stated), folders.MANIFEST}
    for path in _files_below(place):
        if path not in listed:
            raise DiskError(os.fspath(place / path), "'newsletter sent' did not write it", "move it elsewhere")


def _files_below(place: Path) -> Iterator[str]:
    for path in sorted(place.rglob("*")):
        if is_link(path) or not path.is_dir():
            yield path.relative_to(place).as_posix()


def _sweep(place: Path) -> None:
    """Bring in order what a killed command left: a folder that was being filled, one that was being cleared."""
    new, old = _beside(place, "new"), _beside(place, "old")
    if old.is_dir() and not is_link(old) and not os.path.lexists(place) and _is_all_there(old):
        # Killed between two renames, where folders can't be exchanged in one step.
        old.rename(place)
    for left in (new, old):
        if left.is_dir() and not is_link(left):
            shutil.rmtree(left)


def _is_all_there(old: Path) -> bool:
    stated = folders.manifest(old)
    return stated is not None and all(_is_whole(old, stated, name) for name in _listed(stated))


def _beside(place: Path, what: str) -> Path:
    return place.with_name(f".{place.name}.{what}")


def _fill(new: Path, contents: Mapping[str, bytes]) -> None:
    new.mkdir()
    try:
        for path, content in contents.items():
            file = new / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as written:
                written.write(content)
                written.flush()
                os.fsync(written.fileno())
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _refused(error: OSError, place: Path) -> DiskError:
    reason = (error.strerror or str(error)).lower()
    return DiskError(os.fspath(place), reason, "see that you may write there and that the disk has room")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
