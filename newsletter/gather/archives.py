"""Bytes of a zip (.docx, .xlsx, Google Docs' web page) -> its members, as far as they may go.

A few bytes can say that they are a gigabyte, or lie about it; so every member is unpacked here, counted while it is,
and whoever parses the archive is given one that holds no more than was counted.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable

from newsletter.read.files import sized

# Members, bytes of one and of all, unpacked. A document with the photos of a whole year has some 200 MB.
_MOST_MEMBERS, _MOST_MEMBER, _MOST = 5_000, 100_000_000, 300_000_000
# Neither Word nor Excel writes a document type, in which letters may be defined that unfold to gigabytes.
_DEFINES = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E", re.IGNORECASE)
_CHUNK = 1 << 16


class Unpackable(ValueError):
    """The archive can't or may not be unpacked: why, as the end of a sentence, and the way out."""

    def __init__(self, message: str, hint: str = "save it anew, and import that") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def names(raw: bytes) -> frozenset[str]:
    """Return the names of an archive's members; none if it is no zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return frozenset(archive.namelist()[:_MOST_MEMBERS])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return frozenset()


def members(raw: bytes, is_wanted: Callable[[str], bool], most_xml: int) -> dict[str, bytes]:
    """Return the wanted members by their names; raises Unpackable for what is damaged, encrypted or too large.

    `most_xml` are the bytes that one with XML may have.
    """
    found: dict[str, bytes] = {}
    left = _MOST
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            listed = archive.infolist()
            if len(listed) > _MOST_MEMBERS:
                raise Unpackable(f"holds {len(listed):,} files; the most is {_MOST_MEMBERS:,}")
            for member in listed:
                if not is_wanted(member.filename) or member.is_dir():
                    continue
                if member.flag_bits & 0x1:
                    raise Unpackable("is protected with a password", "save it without one, and import that")
                most = min(left, most_xml if member.filename.endswith((".xml", ".rels")) else _MOST_MEMBER)
                content = _unpacked(archive, member, most)
                if member.filename.endswith((".xml", ".rels")) and _DEFINES.search(content):
                    raise Unpackable(f"holds '{member.filename}', which defines letters of its own (<!DOCTYPE)")
                left -= len(content)
                found[member.filename] = content
    except Unpackable:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise Unpackable("is damaged or cut off") from None
    return found


def repacked(members: dict[str, bytes]) -> bytes:
    """Return an archive that holds these members, unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    out = bytearray()
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            out += chunk
            if len(out) > most:
                raise Unpackable(
                    f"holds '{member.filename}', which unpacks to more than {sized(most)}",
                    "split the document, or make its pictures smaller",
                )
    return bytes(out)
