"""ledger.jsonl: what was proofed, drafted and sent, when and by whom; one JSON object a line, added and never changed.

    {"v": 1, "op": "5f0c2d81a9b34e77", "at": "2024-09-12T15:04:05.000Z", "by": "Ana", "do": "proof", "state": "begun",
     "issue": "2024-09/state-LPMN", "made": "9b1c…", "people": 3}

(One line in the file.) What is done somewhere else, and may be cut off on the way, has two lines with the same `op`:
`begun` before it, `done`, `failed` or `unknown` after. The file is committed, and git joins those of two people line by
line (`ledger.jsonl merge=union` in .gitattributes). It holds no address of anybody, and no key.
"""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from newsletter.errors import ContentError, DiskError, Fault, Place
from newsletter.read import files
from newsletter.writing import alone, is_link

FILE = "ledger.jsonl"
VERSION = 1
Do = Literal["proof", "picture", "draft", "change", "over", "test", "seen", "sent", "forget"]
State = Literal["begun", "done", "failed", "unknown"]

# A line has some 200 bytes: a federation of fifty chapters writes that much in about fifty years.
_MOST = 50_000_000
_TOLD_AT_MOST = 20
_KEYS = ("v", "op", "at", "by", "do", "state", "issue", "made")
_TICK = timedelta(milliseconds=1)
_CUT_OFF = "this line was cut off while it was being written"


class Entry(Struct, frozen=True, kw_only=True):
    """One line: what `do` did to an issue, and how far it is; `made` is the digest of the issue that it was done with.

    `more` holds further keys, by what is done. Another version of the program may write other words for `do`, `state`.
    """

    op: str
    at: datetime
    by: str
    do: str
    state: str
    issue: str
    made: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


class Ledger(Struct, frozen=True, kw_only=True):
    """The entries, oldest first, each once; `faults` tell the lines that could not be read, and were left as they are.

    `newer` counts those that a newer version of the program wrote.
    """

    entries: tuple[Entry, ...] = ()
    faults: tuple[Fault, ...] = ()
    newer: int = 0

    def of(self, issue_id: str, *do: Do) -> list[Entry]:
        """Return what was done to an issue, oldest first, each as far as it came: `begun` where nobody knows the end.

        Without any `do`, whatever was done.
        """
        last: dict[str, Entry] = {}
        for entry in self.entries:
            is_meant = entry.issue == issue_id and (not do or entry.do in do)
            # Its end counts, whichever of the lines came first in a joined file.
            if is_meant and (entry.state != "begun" or entry.op not in last):
                last[entry.op] = entry
        return list(last.values())

    def sent(self, issue_id: str) -> Entry | None:
        """Return how an issue was marked sent; None if it was not, or if that was taken back."""
        entries = [entry for entry in self.of(issue_id, "sent") if entry.state == "done"]
        return entries[-1] if entries and not entries[-1].more.get("undo") else None

    def all_sent(self) -> dict[str, Entry]:
        """Return every issue that is marked sent, by its id, in the order in which they were marked."""
        issues = dict.fromkeys(entry.issue for entry in self.entries if entry.do == "sent")
        return {issue: entry for issue in issues if (entry := self.sent(issue))}


def read(root: Path) -> Ledger:
    """Return the ledger of a newsroom; an empty one where there is no file. ContentError for what is no file to read.

    Entries stand in the order of their times, then of their `op`; those of one person in the order of the file, also
    where a clock was put back between them.
    """
    try:
        content = files.read(root, FILE, _MOST)
    except FileNotFoundError:
        return Ledger()
    except files.Unreadable as error:
        raise ContentError([Fault(place=Place(file=FILE), message=error.message, hint=error.hint)]) from None
    entries: dict[tuple[str, str], tuple[datetime, Entry]] = {}
    latest: dict[str, datetime] = {}
    faults: list[Fault] = []
    newer = 0
    lines = content.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        read = _entry(line)
        if isinstance(read, Entry):
            if (read.op, read.state) not in entries:
                before = latest.get(read.by)
                at = read.at if before is None or read.at > before else before + timedelta.resolution
                latest[read.by] = at
                entries[read.op, read.state] = at, read
        elif isinstance(read, int):
            newer += 1
            if newer == 1:
                message = f"version {read} of newsletter wrote this line, and this version can't read it"
                faults.append(_fault(number, message, "the line stays as it is; update newsletter to count it"))
        else:
            is_torn = number == len(lines)
            hint = "the next entry begins on a new line; what it was about may be half done: look at the provider"
            faults.append(_fault(number, _CUT_OFF, hint) if is_torn else _fault(number, *read))
    ordered = sorted(entries.values(), key=lambda pair: (pair[0], pair[1].op))
    if len(faults) > _TOLD_AT_MOST:
        rest = len(faults) - _TOLD_AT_MOST + 1
        faults[_TOLD_AT_MOST - 1 :] = [_fault(faults[_TOLD_AT_MOST - 1].place.line, f"{rest} more such lines", "")]
    return Ledger(entries=tuple(entry for _, entry in ordered), faults=tuple(faults), newer=newer)


def begin(root: Path, now: datetime, by: str, do: Do, issue: str, made: str = "", **more: object) -> Entry:
    """Write that something is about to be done, and return the entry; it is on the disk by then. Raises as `add`."""
    return add(root, now, by, do, "begun", issue, made, **more)


def end(root: Path, now: datetime, begun: Entry, state: State, **more: object) -> Entry:
    """Write how what was `begun` ended; what it said stands in the new entry too. Raises as `add`."""
    return _add(root, now, replace(begun, state=state, more={**begun.more, **more}))


def add(root: Path, now: datetime, by: str, do: Do, state: State, issue: str, made: str = "", **more: object) -> Entry:
    """Add an entry, and return it: its line is on the disk, whole, or DiskError is raised.

    It is never older than what the file holds: where this computer's clock is behind, its time is that of the newest
    entry and a tick. What was done last stands last then, in the files of two people as well.
    """
    op = secrets.token_hex(8)
    return _add(root, now, Entry(op=op, at=now, by=by, do=do, state=state, issue=issue, made=made, more=more))


def _add(root: Path, now: datetime, entry: Entry) -> Entry:
    assert not {*entry.more} & {*_KEYS}, entry
    path = root / FILE
    try:
        if is_link(path):
            raise DiskError(os.fspath(path), "it is a symbolic link", "put the file itself in its place")
        with alone(path):
            entry = replace(entry, at=_not_before(now.astimezone(UTC), read(root)))
            _append(path, _line(entry))
    except OSError as error:
        hint = "see that you may write there and that the disk has room; what was done is not in the ledger"
        raise DiskError(os.fspath(path), (error.strerror or str(error)).lower(), hint) from None
    return entry


def _not_before(now: datetime, ledger: Ledger) -> datetime:
    newest = max((entry.at for entry in ledger.entries), default=None)
    return now if newest is None or now > newest else newest + _TICK


def _line(entry: Entry) -> bytes:
    at = entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    facts = (VERSION, entry.op, at, entry.by, entry.do, entry.state, entry.issue, entry.made)
    written = json.dumps({**dict(zip(_KEYS, facts, strict=True)), **entry.more}, ensure_ascii=False)
    return written.encode(errors="replace") + b"\n"


def _append(path: Path, line: bytes) -> None:
    """Add a line; after one that was cut off it begins on a new one."""
    is_new = not os.path.lexists(path)
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    handle = os.open(path, flags, 0o666)
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise DiskError(os.fspath(path), "it is no file", "put a file in its place, or take it away")
        if state.st_size:
            os.lseek(handle, -1, os.SEEK_END)
            line = line if os.read(handle, 1) == b"\n" else b"\n" + line
        while line:
            line = line[os.write(handle, line) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new and os.name == "posix":
        # The name of the file, too, is to outlast a power cut.
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _entry(line: bytes) -> Entry | int | tuple[str, str]:
    """Return the entry of a line; the version that wrote it, if that is a newer one; else what is wrong, and a hint."""
    if line.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")):
        hint = "delete the marks, keep the lines between them; 'ledger.jsonl merge=union' in .gitattributes avoids it"
        return "git left the marks of a merge here", hint
    try:
        stated = json.loads(line)
        version = stated["v"]
        if isinstance(version, int) and version > VERSION:
            return version
        facts = {key: stated[key] for key in ("op", "by", "do", "state", "issue")}
        at = datetime.fromisoformat(stated["at"])
        made = stated.get("made", "")
        is_text = all(isinstance(fact, str) for fact in (made, *facts.values()))
        if version != VERSION or at.tzinfo is None or not is_text:
            raise ValueError
        more = {key: value for key, value in stated.items() if key not in _KEYS}
        return Entry(at=at.astimezone(UTC), made=made, more=more, **facts)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        hint = "it counts for nothing; 'git log -p ledger.jsonl' shows what it was, and if it was nothing, delete it"
        return "this line is no entry of the ledger", hint


def _fault(line: int, message: str, hint: str) -> Fault:
    return Fault(place=Place(file=FILE, line=line), message=message, hint=hint, months=())
