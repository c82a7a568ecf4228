"""Delivery -> files: the folder of a built issue or of an export, exchanged as a whole."""

import errno
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from newsletter.errors import DiskError
from newsletter.model import Delivery, Email, Finding, Issue, Level
from newsletter.patterns import later
from newsletter.read import files as reading
from newsletter.writing import alone, is_link, swap

MANIFEST = "manifest.json"
_BEGIN = b'{\n  "issue": "'
# The manifest of an issue with 20,000 items has about 8 MB.
MOST = 12_000_000

_NO_ROOM = "make room on the disk and build again; "
_WAYS = {
    getattr(errno, "EDQUOT", errno.ENOSPC): _NO_ROOM,
    errno.ENOSPC: _NO_ROOM,
    errno.EFBIG: "the disk, or the limit that `ulimit -f` shows, takes no file of that size; ",
    errno.EACCES: "see that you may write there, or write elsewhere (build --out DIR); ",
    errno.ENOTDIR: "a file stands where a folder belongs: move it away; ",
    errno.EEXIST: "a file stands where a folder belongs: move it away; ",
    errno.EROFS: "write elsewhere (build --out DIR); ",
}
# What systems leave in any folder that somebody opened.
_DEBRIS = {".DS_Store", "Thumbs.db", "desktop.ini"}
# What a killed command leaves beside a folder; earlier versions, `.network-k2x_81ab` with files named like these.
_LEFT = later(r"\.(?P<name>.+)\.(?:new|old|lock)")
_LEFT_EARLIER = later(r"\..+-[a-z0-9_]{8}")
_BUILT = later(
    r"issue\.(?:eml|html|txt)|events\.ics|subject\.txt|preheader\.txt|handover\.md|manifest\.json"
    r"|[a-z0-9-]+-[0-9a-f]{8}(?:-[a-z]+)?\.(?:gif|jpg|png)|\d{4}-\d\d-.+\.zip"
)
_ELSEWHERE = "or write elsewhere (build --out DIR); nothing was written"


def write(base: Path, within: str, files: Mapping[str, bytes]) -> Path:
    """Put the files into the folder `within` of `base` (`2024-09/network`, or an export's in there) and return it.

    The new folder takes the old one's place in one step: a full disk, an interruption or `kill -9` leaves one or the
    other. What the old one's manifest lists is taken away, unless somebody changed it and the new one has no such file;
    all else that lies there stays: a colleague's notes, exports. The files bring a manifest that lists them all.

    Raises DiskError, and nothing has changed, where the folder or one between `base` and it is a symbolic link, where
    files lie in it but no manifest of ours, where a file that no build wrote has the name of a new one, where another
    command writes there for a minute, and for what the disk refuses.
    """
    folder = base / within
    # Exports lie in their issue's folder, which moves as a whole: one command at a time for all of it.
    issue = base.joinpath(*Path(within).parts[:2])
    kept = ""
    try:
        _require_real(base, folder)
        issue.parent.mkdir(parents=True, exist_ok=True)
        with alone(issue):
            _mend(issue)
            folder.parent.mkdir(exist_ok=True)
            _mend_exports(issue)
            _mend(folder)
            _require_ours(folder, files)
            if _put(folder, files):
                kept = "the new issue is in its place; the next build clears what is left of the old one"
                _clear(_beside(folder, "old"), folder)
    except OSError as error:
        at = folder if error.filename is None or _is_staged(error.filename, folder, issue) else error.filename
        kept = kept or ("the last good issue is untouched" if folder.is_dir() else "nothing was written")
        raise _refused(at, (error.strerror or str(error)).lower(), _WAYS.get(error.errno or 0, "") + kept) from None
    return folder


def mend(base: Path, issue_ids: Iterable[str]) -> None:
    """Bring in order what killed commands left in the months of the issues; what a living one is writing stays."""
    for place in {base / issue_id.partition("/")[0] for issue_id in issue_ids}:
        if not is_link(place):
            for name in _left_in(place):
                with suppress(OSError, DiskError), alone(place / name, seconds=0):
                    _mend(place / name)
            _sweep(place)


def manifest(folder: Path) -> Mapping[str, Any] | None:
    """Return what the manifest in the folder says, or None: there is none, or nothing that we could have written."""
    try:
        if not stat.S_ISREG((folder / MANIFEST).lstat().st_mode):
            return None
        stated = json.loads(reading.read(folder, MANIFEST, MOST))
        is_ours = isinstance(stated["issue"], str) and isinstance(stated["provider"], str)
        for file in (*stated["parts"].values(), *stated["pictures"].values()):
            is_ours = is_ours and isinstance(file["bytes"], int) and isinstance(file["sha256"], str)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return stated if is_ours else None


def provider_of(folder: Path) -> str:
    """Return for whom an issue was last built: a preview must not turn a finished handover into another one."""
    return str((manifest(folder) or {}).get("provider", ""))


def listing(parts: Mapping[str, bytes], pictures: Mapping[str, bytes]) -> dict[str, dict[str, dict[str, object]]]:
    """Return how a manifest lists files: bytes and SHA-256 of each, the pictures apart."""
    return {
        "parts": {name: weighed(content) for name, content in parts.items()},
        "pictures": {name: weighed(content) for name, content in pictures.items()},
    }


def weighed(content: bytes) -> dict[str, object]:
    """Return bytes and SHA-256 of a file, as a manifest has them."""
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def files_of(
    issue: Issue,
    email: Email,
    delivery: Delivery,
    message: bytes,
    findings: Iterable[Finding],
    versions: Mapping[str, str],
) -> dict[str, bytes]:
    """Return every file of the issue's folder by name, the manifest with the digests of the others."""
    # Here and below: what reads Markdown takes long to load, and an issue that is built already needs none.
    from newsletter.deliver.calendar import EVENTS, calendar

    parts = {
        "issue.html": delivery.html.encode(),
        "issue.txt": delivery.text.encode(),
        "issue.eml": message,
        **({EVENTS: events} if (events := calendar(issue)) else {}),
    }
    pictures = {picture.name: picture.content for picture in delivery.pictures}
    levels = [finding.level for finding in findings]
    manifest = {
        **facts_of(issue, email, delivery),
        **listing(parts, pictures),
        "findings": {level.value: levels.count(level) for level in Level},
        "versions": dict(versions),
    }
    return {**parts, **pictures, MANIFEST: as_manifest(manifest)}


def facts_of(issue: Issue, email: Email, delivery: Delivery) -> dict[str, object]:
    """Return what a manifest says of the issue itself, for whomever it was made; `made` is its digest."""
    from newsletter.issue.length import minutes_for, words

    cover, front = email.cover, issue.front_page
    count = words(issue)
    return {
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
        "made": made_of(email),
        "words": count,
        "minutes": minutes_for(count),
        "front_page": {"path": front.path, "sha256": front.digest} if front else None,
        "items": [
            {"path": story.item.path, "title": story.item.title, "sha256": story.item.digest} for story in issue.stories
        ],
    }


def as_manifest(stated: Mapping[str, object]) -> bytes:
    """Return the bytes of a manifest."""
    # In two steps: json.dumps lays out slowly.
    return (msgspec.json.format(json.dumps(stated, ensure_ascii=False), indent=2) + "\n").encode()


def made_of(email: Email) -> str:
    """Return the digest of an issue: the same for every provider and wherever its pictures lie.

    By it, what was proofed or drafted is told from what the issue has become since.
    """
    cover = email.cover
    said = (cover.sender_name, cover.sender_address, cover.reply_to, cover.subject, cover.preheader)
    return hashlib.sha256("\0".join((*said, email.html, email.text)).encode(errors="surrogatepass")).hexdigest()


def _refused(at: str | os.PathLike[str], reason: str, hint: str) -> DiskError:
    return DiskError(os.fspath(at), reason, hint)


def _beside(folder: Path, what: str) -> Path:
    """Return the path of `.NAME.new`, which is filled before anybody sees it, or of `.NAME.old`, which is cleared."""
    return folder.with_name(f".{folder.name}.{what}")


def _is_staged(path: str | os.PathLike[str], *folders: Path) -> bool:
    """Tell whether it lies in what is ours alone: nobody has seen it, and it is gone by the time they look."""
    places = (_beside(folder, what) for folder in folders for what in ("new", "old", "lock"))
    return any(Path(path).is_relative_to(place) for place in places)


def _require_real(base: Path, folder: Path) -> None:
    """Refuse symbolic links below the base, which somebody chose: whoever sent them could lead us anywhere."""
    if is_link(base) and not base.exists():
        raise _refused(base, "it is a symbolic link that leads nowhere", f"remove it, {_ELSEWHERE}")
    for place in (folder, *folder.parents):
        if place == base:
            return
        if is_link(place):
            raise _refused(place, "it is a symbolic link, and what it leads to is not ours", f"remove it, {_ELSEWHERE}")


def _require_ours(folder: Path, files: Mapping[str, bytes]) -> None:
    """Refuse a folder with what no build wrote, if it has no manifest or if something new needs the name."""
    for place in (_beside(folder, "new"), _beside(folder, "old")):
        if os.path.lexists(place):
            reason = "a build needs that name, and no build wrote what lies there"
            raise _refused(place, reason, "move it away; nothing was written")
    if not os.path.lexists(folder):
        return
    listed = _listed(folder)
    for path in sorted(folder.iterdir()):
        # An empty file holds nothing that could be lost: a power cut leaves such in place of ours.
        is_ours = _is_file(path) and (path.name in (listed or ()) or path.stat().st_size == 0)
        if listed is None and not (is_ours or _is_folder(path) or path.name in _DEBRIS):
            if "handover.md" in files and _is_file(folder / "handover.md") and not os.path.lexists(folder / MANIFEST):
                reason = "an export lies there that has no manifest.json, as earlier versions wrote it"
                raise _refused(folder, reason, f"move it away or delete it, {_ELSEWHERE}")
            raise _refused(folder, f"no build wrote what lies there, '{path.name}'", f"move it away, {_ELSEWHERE}")
        if path.name in files and not is_ours:
            kind = "file" if _is_file(path) else "folder" if _is_folder(path) else "link"
            reason = f"a {kind} of that name stands in the way"
            raise _refused(path, reason, "move it away; the last good issue is untouched")


def _put(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Fill a new folder and give it its place; tell whether there is an old one now, in `.NAME.old`."""
    new, old = _beside(folder, "new"), _beside(folder, "old")
    try:
        new.mkdir()
        # The manifest first: it says what may be taken away, should this be as far as we come.
        for name in sorted(files, key=lambda name: name != MANIFEST):
            (new / name).write_bytes(files[name])
        if not folder.is_dir():
            new.rename(folder)
            return False
        shutil.copymode(folder, new)
        # Whole now: of what is called `.NAME.old`, the manifest says truly what belongs to it.
        new.rename(old)
        if not swap(old, folder):
            old.rename(new)
            folder.rename(old)
            new.rename(folder)
    except OSError:
        with suppress(OSError):
            _mend(folder)
        raise
    return True


def _mend(folder: Path) -> None:
    """Bring in order what a killed command left beside one folder, which nobody else is writing."""
    new, old = _beside(folder, "new"), _beside(folder, "old")
    if _is_folder(new):
        _discard(new)
    if _is_folder(old) and not any(old.iterdir()):
        # What was in it has gone to its place already.
        old.rmdir()
    if _is_folder(old) and not os.path.lexists(folder):
        # Killed between two renames, where folders can't be exchanged in one step.
        old.rename(folder)
    elif _is_folder(old) and _is_folder(folder):
        _clear(old, folder)


def _mend_exports(issue: Path) -> None:
    """Bring in order what killed exports left in their issue's folder."""
    for name in _left_in(issue):
        _mend(issue / name)
    _sweep(issue)


def _left_in(place: Path) -> set[str]:
    """Return the names of the folders of which a killed command left something."""
    try:
        names = {match["name"] for path in place.iterdir() if (match := _LEFT.fullmatch(path.name))}
    except OSError:
        return set()
    # Somebody may call a folder of theirs `.notes.old`.
    olds = {name: _beside(place / name, "old") for name in names}
    return {name for name, old in olds.items() if not _is_folder(old) or manifest(old) or not any(old.iterdir())}


def _discard(new: Path) -> None:
    """Take away a folder that nobody has seen and that may not be whole; only what its manifest lists."""
    # A manifest that is not even whole itself is the only file yet.
    paths = list(new.iterdir())
    listed = _listed(new) or ({MANIFEST} if len(paths) == 1 and _begins_as_ours(new / MANIFEST) else ())
    for path in sorted(paths, key=_is_manifest):
        if path.name in listed and _is_file(path):
            path.unlink()
    with suppress(OSError):
        new.rmdir()


def _begins_as_ours(manifest: Path) -> bool:
    """Tell whether it is a manifest of ours as far as it goes: one that was cut off may be empty."""
    try:
        begun = reading.read(manifest.parent, manifest.name, MOST)
    except (OSError, reading.Unreadable):
        return False
    return begun[: len(_BEGIN)] == _BEGIN[: len(begun)]


def _clear(old: Path, folder: Path) -> None:
    """Take away an old folder: what its manifest lists goes, all else moves into the new one."""
    listed = _listed(old) or {}
    here = {path.name for path in folder.iterdir()}
    ours = []
    for path in sorted(old.iterdir()):
        if _is_file(path) and _is_replaced(path, listed, here):
            ours.append(path)
        else:
            path.rename(_free(folder / path.name))
    # The manifest last: killed in between, the next command still knows what goes.
    for path in sorted(ours, key=_is_manifest):
        path.unlink()
    old.rmdir()


def _is_replaced(path: Path, listed: Mapping[str, tuple[int, str]], here: Collection[str]) -> bool:
    """Tell whether an old file goes: ours, and either replaced or as we wrote it."""
    is_empty = path.stat().st_size == 0
    if path.name not in listed:
        return is_empty and path.name in here
    if is_empty or path.name in here or _is_manifest(path):
        return True
    size, digest = listed[path.name]
    return path.stat().st_size == size and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def _sweep(place: Path) -> None:
    """Take away what earlier versions left: folders in which a build was being written, and nothing else is."""
    with suppress(OSError):
        for folder in place.iterdir():
            if _LEFT_EARLIER.fullmatch(folder.name) and _is_folder(folder) and _is_private(folder):
                is_ours = all(_is_file(path) and _BUILT.fullmatch(path.name) for path in folder.iterdir())
                if is_ours:
                    shutil.rmtree(folder)


def _listed(folder: Path) -> dict[str, tuple[int, str]] | None:
    """Return size and SHA-256 of every file that the folder's manifest lists, itself too; None without a manifest."""
    stated = manifest(folder)
    if stated is None:
        return None
    listed = {**stated["parts"], **stated["pictures"]}
    # A manifest may be forged; what has no name that a build gives is nobody's but its owner's.
    ours = {name: (file["bytes"], file["sha256"]) for name, file in listed.items() if _BUILT.fullmatch(name)}
    return ours | {MANIFEST: (0, "")}


def _is_manifest(path: Path) -> bool:
    return path.name == MANIFEST


def _free(path: Path) -> Path:
    """Return the path, or one beside it while something is there already: saved in the very moment of a build."""
    others = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, 1000))
    return next(free for free in chain((path,), others) if not os.path.lexists(free))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not is_link(path)


def _is_private(folder: Path) -> bool:
    """Tell whether only its owner may enter: so were temporary folders made, and no copy that somebody keeps there.

    Where a system has no such modes, nothing is taken for ours.
    """
    return stat.S_IMODE(folder.lstat().st_mode) == 0o700


def _is_file(path: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode)
