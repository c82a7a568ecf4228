"""Delivery -> files: the folder of a built issue, written whole or not at all."""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from newsletter.errors import DiskError
from newsletter.interrupts import uninterrupted
from newsletter.model import Cover, Delivery, Finding, Issue, Level

_WAYS = {
    errno.ENOSPC: "make room on the disk and build again; ",
    errno.EACCES: "see that you may write there, or write elsewhere with --out DIR; ",
    errno.ENOTDIR: "a file stands where a folder belongs: move it away; ",
    errno.EEXIST: "a file stands where a folder belongs: move it away; ",
    errno.EROFS: "write elsewhere with --out DIR; ",
}


# Between two renames the folder would hold files of two builds, or none at all; and half a staging folder is litter.
@uninterrupted()
def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put the files into `folder` and take away those of an earlier build that it no longer has.

    All bytes are on the disk beside the folder before the first file is replaced, and `manifest.json` comes last: a
    full disk or an interruption leaves the last good issue as it was. Raises DiskError.
    """
    staging: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        for name, content in files.items():
            (staging / name).write_bytes(content)
        folder.mkdir(exist_ok=True)
        # Found out now: once the first file is replaced, the last good issue is no longer whole.
        if taken := next((folder / name for name in files if (folder / name).is_dir()), None):
            raise IsADirectoryError(errno.EISDIR, "a folder of that name stands in the way", taken)
        for name in sorted(files, key=lambda name: name == "manifest.json"):
            (staging / name).replace(folder / name)
        for old in folder.iterdir():
            if old.name not in files and old.is_file():
                old.unlink()
    except OSError as error:
        # The staging folder is our affair: nobody has seen it, and it is gone by the time they look.
        at = folder if error.filename is None or _is_of(folder, error.filename, staging) else error.filename
        reason = (error.strerror or str(error)).lower()
        kept = "the last good issue is untouched" if folder.is_dir() else "nothing was written"
        way = _WAYS.get(error.errno or 0, "")
        raise DiskError(f"{os.fspath(at)}: can't be written: {reason}", f"{way}{kept}") from None
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)


def _is_of(folder: Path, path: str | os.PathLike[str], staging: Path | None) -> bool:
    """Tell whether it is the staging folder, made already or not, or lies in it."""
    made = staging is not None and Path(path).is_relative_to(staging)
    return made or (Path(path).parent == folder.parent and Path(path).name.startswith(f".{folder.name}-"))


def files_of(
    issue: Issue, cover: Cover, delivery: Delivery, message: bytes, findings: Iterable[Finding], versions: str
) -> dict[str, bytes]:
    """Return every file of the issue's folder by name, the manifest with the digests of the others."""
    parts = {
        "issue.html": delivery.html.encode(),
        "issue.txt": delivery.text.encode(),
        "issue.eml": message,
    }
    pictures = {picture.name: picture.content for picture in delivery.pictures}
    levels = [finding.level for finding in findings]
    front = issue.front_page
    manifest = {
        "issue": issue.id,
        "publication": issue.publication,
        "chapter": issue.chapter.code if issue.chapter else None,
        "month": issue.month,
        "months": list(issue.months),
        "period": issue.period,
        "subject": delivery.subject,
        "preheader": delivery.preheader,
        "sender": {"name": cover.sender_name, "address": cover.sender_address, "reply_to": cover.reply_to},
        "audience": issue.settings.audience,
        "provider": delivery.provider,
        "front_page": {"path": front.path, "sha256": front.digest} if front else None,
        "items": [
            {"path": story.item.path, "title": story.item.title, "sha256": story.item.digest} for story in issue.stories
        ],
        "parts": {name: _weighed(content) for name, content in parts.items()},
        "pictures": {name: _weighed(content) for name, content in pictures.items()},
        "findings": {level.value: levels.count(level) for level in Level},
        "versions": dict(line.split(" ", 1) for line in versions.splitlines()),
    }
    told = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    return {**parts, **pictures, "manifest.json": told.encode()}


def _weighed(content: bytes) -> dict[str, object]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
