"""What was typed after `import` -> its bytes, and which kind of source they are: a file, or an address of the web."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from msgspec import Struct

from newsletter import web
from newsletter.errors import CommandError, ContentError, Fault, Place, ServerError, shown
from newsletter.gather import archives
from newsletter.read import files
from newsletter.read.kinds import HEAD, kind_of

Kind = Literal["table", "workbook", "calendar", "feed", "json feed", "word", "web page", "zipped page", "text", "page"]

# Bytes of a file with pictures in it, of one that is text, and of what a site sends.
MOST, _MOST_TEXT, MOST_FETCHED = files.PICTURE, 30_000_000, 30_000_000
_TAKEN = "there is CSV, XLSX, .ics, RSS, Atom and JSON feeds, .docx, HTML, Markdown, and https addresses"
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_GOOGLE = re.compile(r"https://docs\.google\.com/(?P<kind>document|spreadsheets)/d/(?P<id>[A-Za-z0-9_-]{10,})")
_LOGINS = re.compile(
    r"(?:^|\.)(?:accounts\.google\.com|login\.microsoftonline\.com|login\.live\.com|login\.yahoo\.com|okta\.com)$"
)
_LOGIN_PATH = re.compile(r"/(?:login|log-in|signin|sign-in|sign_in|sso|auth|wp-login\.php|account/login)(?:[/?.]|$)")
_PASSWORD = re.compile(rb"<input\b[^<>]{0,500}\btype\s*=\s*[\"']?password", re.IGNORECASE)
# A page of a story may have a small form for members above it.
_STORY = re.compile(rb"<article\b|[\"']og:(?:title|description)[\"']", re.IGNORECASE)
_CHARSET = re.compile(rb"<(?:meta|\?xml)\b[^<>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# What somebody calls an address of a feed, a calendar, a table; how such a thing begins.
_NO_PAGE = re.compile(r"/(?:feeds?|rss|atom)/?$|\.(?:rss|atom|ics|ical|csv|tsv|xlsx|docx|xml|json)$", re.IGNORECASE)
_OLD = {
    b"\xd0\xcf\x11\xe0": ("is in the old format of Word or Excel", "save it as .docx or .xlsx, and import that"),
    b"%PDF": ("is a PDF, which holds no stories but places of letters", "import the document that it was made from"),
    b"{\\rtf": ("is in Rich Text Format", "save it as .docx, and import that"),
}
_OTHER_ZIPS = {
    "mimetype": ("is an OpenDocument file", "save it as .docx or .xlsx, and import that"),
    "Index/Document.iwa": ("is a file of Pages or Numbers", "export it as Word, Excel or CSV, and import that"),
}


class Source(Struct, frozen=True, kw_only=True):
    """A source at hand: what messages and `from` call it, its bytes, and which kind it is.

    `folder` is where a file lies; `address` where a page came from in the end ("" for a file); `encoding` what a site
    says that its letters are.
    """

    name: str
    kind: Kind
    content: bytes
    folder: Path | None = None
    address: str = ""
    encoding: str = ""

    def place(self, line: int = 0) -> Place:
        """Return a line of the source."""
        return Place(file=self.name, line=line)


def is_address(typed: str) -> bool:
    """Tell whether a source is an address of the web, not a file."""
    return bool(_ADDRESS.match(typed))


def opened(typed: str, client: Callable[[], web.Client]) -> Source:
    """Return what lies there.

    Raises CommandError for a file that is not there, ContentError for what can't be imported, ServerError for a site
    that does not answer.
    """
    return _fetched(typed, client()) if is_address(typed) else _read(typed)


def _read(typed: str) -> Source:
    if re.match(r"[a-z][a-z0-9+.-]+://", typed, re.IGNORECASE):
        raise CommandError(f"'{shown(typed)}' is neither a file nor a web address", "web addresses start with https://")
    path = Path(typed)
    real = Path(os.path.realpath(path))
    try:
        content = files.read(real.parent, real.name, MOST)
    except FileNotFoundError:
        hint = f"did you mean https://{typed}?" if re.match(r"(?:www\.|[\w-]+\.(?:org|com|net)/)", typed) else ""
        raise CommandError(f"there is no file '{shown(typed, 120)}'", hint or "look at its name and folder") from None
    except files.Unreadable as refused:
        message, hint = refused.message, refused.hint
        if path.is_dir():
            message, hint = "is a folder", f"name the files in it: {typed.rstrip('/')}/…"
        raise _fault(path.name or typed, message, hint) from None
    name = files.utf8(path.name)
    return Source(name=name, kind=_kind(name, content, ""), content=content, folder=real.parent)


def _fetched(typed: str, client: web.Client) -> Source:
    asked = typed.partition("#")[0]
    google = _GOOGLE.match(asked)
    if google:
        # The address that somebody copies is that of the editor; only a browser can show it.
        form = "docx" if google["kind"] == "document" else "xlsx"
        asked = f"{google[0]}/export?format={form}"
    try:
        reply = client.get(asked)
    except web.Failed as failed:
        is_private = "private" in failed.reason
        way = "save the page or file, and import that" if is_private else "look whether it opens in a browser"
        raise ServerError(f"{shown(typed, 120)} does not open: {failed.reason}", way) from None
    final = web.split(reply.address)
    host = (final.hostname or "").rstrip(".")
    share = "share it with everyone who has the link" if google else "save the page or file, and import that"
    if _LOGINS.search(host) or reply.status in {401, 403, 407}:
        raise _fault(typed, "is behind a login", share)
    if reply.status != 200:
        raise ServerError(
            f"{shown(typed, 120)} does not open: the site answers {reply.status}", "look whether it opens in a browser"
        )
    if not reply.is_whole:
        reached = len(reply.body) >= client.most
        reason = f"it has more than {files.sized(client.most)}" if reached else "the connection breaks off"
        raise ServerError(f"{shown(typed, 120)} does not come whole: {reason}", "save it, and import the file")
    kind = _kind(typed, reply.body, reply.content_type)
    if kind == "web page":
        kind = "page"
        path = web.split(asked).path
        if _is_login(reply.body) or (_LOGIN_PATH.search(final.path) and not _LOGIN_PATH.search(path)):
            raise _fault(typed, "shows a login page", share)
        if _NO_PAGE.search(path):
            message = "answers with a web page, not with a feed or a file"
            raise _fault(typed, message, "look at the address; a login may stand before it")
    charset = re.search(r"charset=[\"']?([\w.:-]{1,40})", reply.content_type, re.IGNORECASE)
    name = typed if not google else google[0]
    return Source(
        name=name, kind=kind, content=reply.body, address=reply.address, encoding=charset[1] if charset else ""
    )


def _fault(name: str, message: str, hint: str) -> ContentError:
    return ContentError([Fault(place=Place(file=shown(files.utf8(name), 200)), message=message, hint=hint)])


def _kind(name: str, content: bytes, content_type: str) -> Kind:
    """Return which kind of source the bytes are; ContentError for what can't be imported."""
    ending = re.split(r"[?#]", name.lower())[0].rpartition(".")[2]
    told = content_type.partition(";")[0].strip().lower()
    for begin, (message, hint) in _OLD.items():
        if content.startswith(begin):
            raise _fault(name, message, hint)
    if content.startswith(b"PK"):
        return _kind_of_zip(name, content)
    if not content.strip():
        raise _fault(name, "is empty", "look whether it is the right file")
    if kind_of(content[:HEAD]):
        raise _fault(
            name, "is a picture", "lay it beside an item, and name it there: image: " + name.rpartition("/")[2]
        )
    if len(content) > _MOST_TEXT:
        raise _fault(
            name, f"has {files.sized(len(content))} of text; the most is {files.sized(_MOST_TEXT)}", "split it"
        )
    start = content[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith(b"begin:v"):
        return "calendar"
    by_start = _kind_of_markup(start)
    is_file = not content_type
    if by_start == "web page" and is_file and _is_login(content):
        raise _fault(name, "is a login page", "download it anew, logged in")
    if by_start == "web page" and is_file and ending in {"csv", "tsv", "ics", "xml", "rss", "atom", "json"}:
        raise _fault(name, "is a web page, not what its name says", "download it anew; a login may stand before it")
    if by_start and ending not in {"csv", "tsv", "md", "markdown", "txt"}:
        return by_start
    if start[:1] == b"{" and (ending == "json" or b"jsonfeed.org" in start or "json" in told):
        return "json feed"
    by_name: dict[str, Kind] = {
        **{"csv": "table", "tsv": "table", "tab": "table", "ics": "calendar", "ical": "calendar", "json": "json feed"},
        **{"md": "text", "markdown": "text", "txt": "text", "html": "web page", "htm": "web page", "xml": "feed"},
    }
    by_type: dict[str, Kind] = {
        **{"text/csv": "table", "text/tab-separated-values": "table", "text/calendar": "calendar"},
        **{
            "text/markdown": "text",
            "text/plain": "text",
            "text/html": "web page",
            "application/feed+json": "json feed",
        },
    }
    if kind := by_name.get(ending) or by_type.get(told):
        return kind
    raise _fault(name, "is of a kind that can't be imported", _TAKEN)


def _is_login(page: bytes) -> bool:
    return bool(_PASSWORD.search(page)) and not _STORY.search(page)


def _kind_of_markup(start: bytes) -> Kind | None:
    if not start.startswith(b"<"):
        return None
    # `<?xml …?>`, comments and a doctype may come first.
    if re.search(rb"<(?:[a-z]+:)?(?:rss|feed|rdf)[\s>:]", start):
        return "feed"
    if re.search(rb"<(?:!doctype html|html|head|body|div|p|h[1-6]|article|table|meta)[\s>]", start):
        return "web page"
    return "feed" if start.startswith(b"<?xml") else None


def _kind_of_zip(name: str, content: bytes) -> Kind:
    names = archives.names(content)
    if "word/document.xml" in names:
        return "word"
    if "xl/workbook.xml" in names:
        return "workbook"
    for member, (message, hint) in _OTHER_ZIPS.items():
        if member in names:
            raise _fault(name, message, hint)
    if any(member.lower().endswith((".html", ".htm")) for member in names):
        return "zipped page"
    if not names:
        raise _fault(name, "is damaged or cut off", "save it anew, and import that")
    raise _fault(name, "is a zip that holds no document", _TAKEN)


def letters(source: Source) -> tuple[str, str]:
    """Return the text of a source, and a remark on how its letters were read; "" where UTF-8 says it all."""
    raw = source.content
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return raw.decode(encoding, "replace"), ""
    zeros = raw[:2000].count(b"\0")
    if zeros > len(raw[:2000]) // 4:
        # UTF-16 that lost its mark: of Latin letters every second byte is a zero.
        return raw.decode("utf-16-le" if raw[1:2] == b"\0" else "utf-16-be", "replace"), "read as UTF-16"
    try:
        return raw.decode("utf-8"), ""
    except UnicodeDecodeError:
        pass
    # A page, and a feed, may say so themselves.
    stated = _CHARSET.search(raw[:4096])
    if encoding := source.encoding or (stated[1].decode() if stated else ""):
        try:
            return raw.decode(encoding), ""
        except (LookupError, UnicodeDecodeError):
            pass
    # Excel on Windows; five of its bytes mean nothing.
    return raw.decode("cp1252", "replace"), "is not UTF-8: read as Windows-1252, look at letters such as é and ñ"
