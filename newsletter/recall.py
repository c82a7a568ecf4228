"""What the rules look at -> what they found when all of that was the same.

Rules are pure: the key is a digest of all that they are given, the program included. Whatever is in doubt is in it:
that costs a check when it changes, never a stale finding.
"""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from newsletter.errors import Place
from newsletter.issue.edition import editions, items_of
from newsletter.look.skeleton import packages
from newsletter.memo import Cache
from newsletter.model import Config, Delivery, Email, Finding, Issue, Level, Newsroom, PictureFacts
from newsletter.read import files
from newsletter.read.config import packaged_templates

_PACKAGE = Path(__file__).parent


def key_of(
    issue: Issue,
    email: Email,
    delivery: Delivery,
    *,
    before: str,
    facts: Mapping[str, PictureFacts],
    shared: str,
    provider: object,
) -> str:
    """Return the digest of what the findings of a built issue follow from.

    `shared` and `before` are the digests of what all issues have in common and of the month's issues before it;
    `provider` is any frozen value.
    """
    told = [repr((issue, email, facts, provider)), before, shared]
    told += (delivery.provider, delivery.subject, delivery.preheader, delivery.html, delivery.text)
    told += (f"{picture.name} {len(picture.content)}" for picture in delivery.pictures)
    return _digest("\0".join(told).encode(errors="surrogatepass"))


def shared_digest(config: Config, root: Path) -> str:
    """Return the digest of what every issue of a newsroom depends on: settings, templates, the program."""
    # Frozen values show every field in their repr.
    told = [repr(config), *_own_templates(root), *(f"{file} {digest}" for file, digest in _packaged_templates())]
    return _digest("\0".join((*told, _program())).encode(errors="surrogatepass"))


def digests_before(newsroom: Newsroom, month: str) -> dict[str, str]:
    """Return for each issue of the month, by its id, the digest of what those before it are made from."""
    found, digest = {}, ""
    for edition in editions(newsroom, month):
        found[edition.id] = digest
        front = newsroom.front_pages.get(edition.id)
        read = sorted((item.path, item.digest) for item in items_of(newsroom, edition))
        digest = _digest(repr((digest, edition.id, read, front and (front.path, front.digest))).encode())
    return found


def keep(cache: Cache, name: str, key: str, findings: Iterable[Finding]) -> None:
    """Keep what was found under the key, in place of what was kept under that name before."""
    cache.put(_entry(name), json.dumps({"key": key, "findings": [asdict(one) for one in findings]}).encode())


def recall(cache: Cache, name: str, key: str) -> tuple[Finding, ...] | None:
    """Return what was kept under the name, if it was under that key."""
    try:
        told: Any = json.loads(cache.get(_entry(name)) or b"{}")
        if told.get("key") != key:
            return None
        return tuple(map(_finding, told["findings"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # No JSON, or of another shape than was kept.
        return None


def _finding(told: Any) -> Finding:
    place = told.pop("place")
    if not isinstance(place["file"], str) or type(place["line"]) is not int:
        raise TypeError("a place is a text and a number")
    level = Level(told.pop("level"))
    if not all(isinstance(value, str) for value in told.values()):
        raise TypeError("all else is text")
    return Finding(place=Place(**place), level=level, **told)


def _entry(name: str) -> str:
    # One for each name, so that no edit leaves another one behind.
    return _digest(name.encode(errors="surrogatepass"))[:40] + ".findings"


@lru_cache(1)
def _program() -> str:
    """Return the state of everything that is installed; in a checkout the package's files change, not its version."""
    code = []
    for file in _files(_PACKAGE):
        state = file.stat()
        code.append(f"{file} {state.st_size} {state.st_mtime_ns}")
    return "\0".join((sys.version, *packages(), *code))


def _own_templates(root: Path) -> list[str]:
    links: list[str] = []

    def enters(path: str, link: str) -> bool:
        # A folder is listed once; under which names templates find what is in it, its links say.
        links.append(f"{path} {link}")
        return True

    found = []
    for path, real in files.walk(root, "templates", lambda path, error: None, enters):
        # What can't be read is a fault of the template stage, if that asks for it.
        with contextlib.suppress(OSError, files.Unreadable):
            found.append(f"{path} {_digest(files.read(root, path, files.TEMPLATE, real))}")
    return found + links


def _packaged_templates() -> list[tuple[str, str]]:
    folder = packaged_templates()
    return [(file.relative_to(folder).as_posix(), _digest(file.read_bytes())) for file in _files(folder)]


def _files(folder: Path) -> Iterator[Path]:
    for inner, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        yield from (Path(inner, name) for name in sorted(names))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
