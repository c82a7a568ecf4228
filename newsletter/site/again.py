"""Published issues -> whether the site lies there as it would be made now, so that nothing need be done.

Only what this user's own cache remembers having written is believed; whatever is in doubt is in the digest.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from newsletter.deliver.folder import MANIFEST, MOST
from newsletter.issue.edition import edition_of, items_of
from newsletter.memo import Cache
from newsletter.model import Newsroom
from newsletter.read import files
from newsletter.site.folder import LIST, Outcome, listed
from newsletter.site.sheets import Published


class Inputs(Struct, frozen=True, kw_only=True):
    """The digest of all that a site is made from; `is_certain` unless a picture may have changed while it was read."""

    digest: str
    is_certain: bool


def inputs(
    published: Sequence[Published], withdrawn: Sequence[str], newsroom: Newsroom, shared: str, cache: Cache
) -> Inputs:
    """Return the digest of a site; `shared` is that of settings, templates and program."""
    lines = [shared, *withdrawn]
    stamps: dict[str, files.Stamp] = {}
    for issue in published:
        lines.append(repr((issue.id, issue.day, issue.subject, issue.is_sent, issue.is_shown)))
        if issue.folder != newsroom.root:
            # Its files agree with what it lists: that was asked before.
            lines.append(_digest(files.read(issue.folder, MANIFEST, MOST)))
            continue
        edition = edition_of(newsroom, issue.id)
        items = items_of(newsroom, edition)
        front = newsroom.front_pages.get(issue.id)
        lines += [f"{item.path} {item.digest}" for item in items]
        lines.append(f"{front.path} {front.digest}" if front else "")
        pictures = [file.path for item in items for file in item.body_pictures.values()]
        pictures += [item.picture.path for item in items if item.picture]
        pictures += [file.path for file in front.body_pictures.values()] if front else []
        stamps |= files.stamps(newsroom.root, [path for path in pictures if path])
    logos = [own.get("logo") for own in _stated(newsroom)]
    stamps |= files.stamps(newsroom.root, [str(logo) for logo in logos if logo and not str(logo).startswith("https:")])
    lines += [f"{path} {[*stamp]}" for path, stamp in sorted(stamps.items())]
    faults = [str(fault) for fault in newsroom.faults]
    return Inputs(
        digest=_digest("\0".join((*lines, *faults)).encode(errors="surrogatepass")),
        is_certain=all(stamp.is_settled(cache.settled) for stamp in stamps.values()),
    )


def known(cache: Cache, out: Path, made_from: Inputs) -> Outcome | None:
    """Return what became of the folder if it is as it would be made from these; None where that is in any doubt."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, files.Unreadable):
        kept = json.loads(cache.get(_entry(out)) or b"{}")
        if kept["inputs"] != made_from.digest or _digest(files.read(out, LIST, MOST)) != kept["list"]:
            return None
        every = listed(out) or {}
        if all(_digest(files.read(out, path, files.BUILT)) == digest for path, digest in every.items()):
            return Outcome(written=0, unchanged=len(every) + 1, stayed=tuple(kept["stayed"]))
    return None


def keep(cache: Cache, out: Path, made_from: Inputs, outcome: Outcome) -> None:
    """Remember what the folder was made from."""
    if not made_from.is_certain:
        return
    with contextlib.suppress(OSError, files.Unreadable):
        stated = {"inputs": made_from.digest, "list": _digest(files.read(out, LIST, MOST)), "stayed": outcome.stayed}
        cache.put(_entry(out), json.dumps(stated).encode())


def _stated(newsroom: Newsroom) -> Iterator[Mapping[str, object]]:
    config = newsroom.config
    yield config.own
    for publication in config.publications.values():
        yield publication.own
    for chapter in config.chapters.values():
        yield chapter.own
    for page in newsroom.front_pages.values():
        yield page.own


def _entry(out: Path) -> str:
    return _digest(os.path.realpath(out).encode())[:40] + ".site"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
