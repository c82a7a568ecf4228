"""Newsroom, edition -> what it was built as, where all that it is made from is as it was.

Only what this user's own cache remembers having written is believed: anybody can send a build/ along with a newsroom.
Whatever is in doubt is in the digest: that costs a build when it changes, never a stale issue.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from newsletter.deliver import folder as folders
from newsletter.issue.edition import Edition, editions, items_of, pages_before
from newsletter.memo import Cache
from newsletter.model import Newsroom
from newsletter.program import program
from newsletter.read import files
from newsletter.read.config import packaged_templates
from newsletter.read.files import Stamp


def shared(newsroom: Newsroom) -> str:
    """Return the digest of what every issue depends on: settings, templates, the program."""
    templates = [*_own_templates(newsroom.root), *_packaged_templates()]
    # Frozen values show every field in their repr.
    return _digest("\0".join((program(), repr(newsroom.config), *templates)))


def digests_before(newsroom: Newsroom, month: str) -> dict[str, str]:
    """Return for each issue of the month, by its id, the digest of what those before it are made from."""
    digests, digest = {}, ""
    for edition in editions(newsroom, month):
        digests[edition.id] = digest
        digest = _digest(repr((digest, edition.id, _pages(newsroom, edition))))
    return digests


def inputs(newsroom: Newsroom, edition: Edition, provider: str | None, before: Mapping[str, str], common: str) -> str:
    """Return the digest of all that an issue and its findings follow from, but for its pictures.

    `provider` is the name of the one asked for, `before` are the `digests_before` of its month, `common` is the digest
    of what is `shared`.
    """
    # The rules hold a front page against those before it.
    earlier = [page.digest for page in pages_before(newsroom, edition.id)] if edition.id in newsroom.front_pages else []
    return _digest(repr((common, provider, before[edition.id], earlier, edition.id, _pages(newsroom, edition))))


def keep(cache: Cache, out: Path, issue_id: str, inputs: str, manifest: bytes, pictures: Mapping[str, Stamp]) -> None:
    """Remember what an issue below `out` was built from, unless a picture may have changed while it was read.

    `manifest` is the one that was written: what lies there by now may be another command's, built from other inputs.
    """
    if not cache.folder or not all(stamp.is_settled(cache.settled) for stamp in pictures.values()):
        return
    kept = {"inputs": inputs, "manifest": _digest_of(manifest), "pictures": {k: [*v] for k, v in pictures.items()}}
    cache.put(_entry(out, issue_id), json.dumps(kept).encode())


def manifest(cache: Cache, out: Path, issue_id: str, inputs: Callable[[], str], root: Path) -> Mapping[str, Any] | None:
    """Return the manifest of what lies in the issue's folder, if it was built from these inputs and is whole.

    They are asked for only where something is remembered of the issue.
    """
    try:
        kept = json.loads(cache.get(_entry(out, issue_id)) or b"{}")
        if not kept or kept["inputs"] != inputs():
            return None
        folder = out / issue_id
        if os.path.realpath(folder) != os.path.join(os.path.realpath(out), issue_id):  # noqa: PTH118 - realpath strings
            return None
        pictures = {path: Stamp(*stamp) for path, stamp in kept["pictures"].items()}
        if files.stamps(root, pictures) != pictures:
            return None
        raw = files.read(folder, folders.MANIFEST, folders.MOST)
        manifest = json.loads(raw)
        if _digest_of(raw) != kept["manifest"]:
            return None
        parts = {**manifest["parts"], **manifest["pictures"]}
        is_whole = all(folders.weighed(files.read(folder, name, files.BUILT)) == parts[name] for name in parts)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # No JSON, or of another shape than was kept; a part that is gone.
        return None
    return manifest if is_whole else None


def _pages(newsroom: Newsroom, edition: Edition) -> tuple[object, ...]:
    front = newsroom.front_pages.get(edition.id)
    items = sorted((item.path, item.digest) for item in items_of(newsroom, edition))
    return items, front and (front.path, front.digest)


def _entry(out: Path, issue_id: str) -> str:
    # One for each folder, so that no edit leaves another one behind.
    return _digest(f"{os.path.realpath(out)} {issue_id}")[:40] + ".built"


def _own_templates(root: Path) -> list[str]:
    links: list[str] = []

    def enters(path: str, link: str) -> bool:
        # A folder is listed once; under which names templates find what is in it, its links say.
        links.append(f"{path} {link}")
        return True

    states = []
    for path, real in files.walk(root, "templates", lambda path, error: None, enters):
        # What can't be read is a fault of the template stage, if that asks for it.
        with contextlib.suppress(OSError, files.Unreadable):
            states.append(f"{path} {_digest_of(files.read(root, path, files.TEMPLATE, real))}")
    return states + links


def _packaged_templates() -> list[str]:
    folder = packaged_templates()
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.is_file())
    return [f"{name} {_digest_of((folder / name).read_bytes())}" for name in names]


def _digest(words: str) -> str:
    return _digest_of(words.encode(errors="surrogatepass"))


def _digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
