"""Delivery -> .eml: the issue as one message that mail programs open.

Python's email package is not asked: it folds long headers at other places from version to version, wrongly at times
(3.11 puts blanks into long words, and takes `=?…?=` in a subject for its own), and its quoted-printable is slow.
"""

import base64
import binascii
import hashlib
import html
import re
import textwrap
from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import quote, urlsplit

from msgspec.structs import replace

from newsletter.model import Cover, Delivery, Issue, Picture

# RFC 2045 allows 76 characters a line in quoted-printable and base64, RFC 2047 in a header with encoded words.
_LINE = 76
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def make_message(issue: Issue, cover: Cover, delivery: Delivery) -> bytes:
    """Return the message: multipart/alternative with the text first, inside multipart/related if it has pictures.

    Quoted-printable, lines of at most 76 characters, CRLF, UTF-8. Date, Message-ID and boundaries follow from the
    content, so that the same issue gives the same bytes. `X-Unsent: 1` lets desktop programs open it as a draft.
    """
    digest = _digest(issue, delivery)
    domain = cover.sender_address.rpartition("@")[2] or "localhost"
    head = []
    if cover.sender_address:
        head.append(_mailbox("From", cover.sender_name, cover.sender_address))
    if cover.reply_to:
        head.append(f"Reply-To: {cover.reply_to}")
    if cover.sender_address:
        # To the sender, not to the list: a draft that is sent by mistake reaches nobody else. Without any To:, spam
        # filters count three points.
        head.append(f"To: {cover.sender_address}")
    head.append(_folded("Subject", delivery.subject))
    head.append(f"Date: {_first_of(issue.month)}")
    head.append(f"Message-ID: <{digest[:32]}@{domain}>")
    head.append("X-Unsent: 1")
    if unsubscribe := _unsubscribe(issue, delivery):
        # RFC 2369 and RFC 8058: an encoded word or a fold would make them useless.
        head.append(f"List-Unsubscribe: <{unsubscribe}>")
        if unsubscribe.startswith("https://"):
            head.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return _joined(head, _body(issue, delivery, digest, domain))


def make_proof(
    issue: Issue, cover: Cover, delivery: Delivery, *, to: Sequence[str], sent: datetime, unique: str
) -> bytes:
    """Return the message of a proof: the same parts, with a word on what it is before the subject and the text.

    Without List-Unsubscribe, since a click on it would reach the real list. `sent` knows its zone; `unique` is what
    Message-ID begins with.
    """
    digest = _digest(issue, delivery)
    domain = cover.sender_address.rpartition("@")[2]
    head = [_mailbox("From", cover.sender_name, cover.sender_address)]
    if cover.reply_to:
        head.append(f"Reply-To: {cover.reply_to}")
    head.append("To: " + ",\r\n ".join(to))
    head.append(_folded("Subject", f"[Proof] {delivery.subject}"))
    head.append(f"Date: {_DAYS[sent.weekday()]}, {sent.day:02} {_MONTHS[sent.month - 1]} {sent:%Y %H:%M:%S %z}")
    head.append(f"Message-ID: <{unique}@{domain}>")
    note = f"This is a proof of {issue.id}. It has not gone to any list.\n\n"
    return _joined(head, _body(issue, replace(delivery, text=note + delivery.text), digest, domain))


def _digest(issue: Issue, delivery: Delivery) -> str:
    return hashlib.sha256("\0".join((issue.id, delivery.subject, delivery.html, delivery.text)).encode()).hexdigest()


def _joined(head: Sequence[str], body: bytes) -> bytes:
    return "\r\n".join((*head, "MIME-Version: 1.0")).encode() + b"\r\n" + body


def _body(issue: Issue, delivery: Delivery, digest: str, domain: str) -> bytes:
    """Return the message from Content-Type on."""
    page = delivery.html
    parts = []
    for picture in delivery.pictures:
        cid = f"{picture.name}@{domain}"
        page = page.replace(f'src="{html.escape(_source(issue, picture))}"', f'src="cid:{cid}"')
        parts.append(_picture_part(picture, cid))
    texts = (_text_part("plain", delivery.text), _text_part("html", page))
    body = _multipart("multipart/alternative", digest[:24], texts)
    if parts:
        body = _multipart('multipart/related; type="multipart/alternative"', digest[24:48], (body, *parts))
    return body


def _mailbox(name: str, display: str, address: str) -> str:
    """Return `From: "Name" <address>`, the name as atoms, a quoted string, or encoded words (RFC 5322, 3.4)."""
    quoted = display
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*", display):
        quoted = '"' + re.sub(r'(["\\])', r"\\\1", display) + '"'
    if _is_plain(quoted) and len(f"{name}: {quoted}") <= _LINE:
        line = f"{name}: {quoted}".rstrip()
    else:
        line = _encoded(name, display)
    last = len(line) - line.rfind("\n") - 1
    return f"{line} <{address}>" if last + len(address) + 3 <= _LINE else f"{line}\r\n <{address}>"


def _folded(name: str, words: str) -> str:
    """Return a header of free words, folded at blanks; in encoded words if it is not ASCII or can't be folded."""
    if _is_plain(words):
        lines = textwrap.wrap(
            f"{name}: {words}", _LINE - 1, subsequent_indent=" ", break_long_words=False, break_on_hyphens=False
        )
        # A fold right behind the colon would count as a blank in the words.
        if len(max(lines, key=len)) <= _LINE and lines[0] != f"{name}:" and "".join(lines) == f"{name}: {words}":
            return "\r\n".join(lines)
    return _encoded(name, words)


def _is_plain(words: str) -> bool:
    return words.isascii() and words.isprintable() and "=?" not in words


def _encoded(name: str, words: str) -> str:
    """Return the header in encoded words (RFC 2047): no character is split between two of them."""
    begin, end = " =?utf-8?q?", "?="
    lines = [f"{name}:{begin}"]
    for character in words:
        code = "".join(
            chr(byte) if byte < 128 and chr(byte).isalnum() else "_" if byte == 32 else f"={byte:02X}"
            for byte in character.encode()
        )
        if len(lines[-1]) + len(code) + len(end) > _LINE:
            lines.append(begin)
        lines[-1] += code
    return f"{end}\r\n".join(lines) + end


def _first_of(month: str) -> str:
    """Return noon of the month's first day as RFC 5322 writes it."""
    first = date.fromisoformat(f"{month}-01")
    return f"{_DAYS[first.weekday()]}, 01 {_MONTHS[first.month - 1]} {first.year:04} 12:00:00 +0000"


def _unsubscribe(issue: Issue, delivery: Delivery) -> str:
    """Return the address for List-Unsubscribe: only a newsroom's own, since a provider sets the header itself."""
    if delivery.provider != "html":
        return ""
    address = issue.settings.unsubscribe_url
    host = urlsplit(address).hostname or ""
    if not host.isascii():
        address = address.replace(host, host.encode("idna").decode(), 1)
    return quote(address, safe="!#$%&'()*+,/:;=?@[]~")


def _source(issue: Issue, picture: Picture) -> str:
    base = issue.settings.picture_base_url.rstrip("/")
    return f"{base}/{issue.id}/{picture.name}" if base else picture.name


def _multipart(kind: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    head = f'Content-Type: {kind};\r\n boundary="=_{boundary}"\r\n'.encode()
    mark = f"\r\n--=_{boundary}".encode()
    return head + b"".join(mark + b"\r\n" + part for part in parts) + mark + b"--\r\n"


def _text_part(subtype: str, words: str) -> bytes:
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    coded = binascii.b2a_qp(words.replace("\n", "\r\n").encode(), istext=True)
    # binascii counts a blank at a line's end as one character and writes three, `=20`: that line has 77 (RFC 2045: 76).
    return head.encode() + re.sub(rb"(?m)(=(?:20|09))(?=\r?$)(?<=^[^\r\n]{77})", rb"=\r\n\1", coded)


def _picture_part(picture: Picture, cid: str) -> bytes:
    head = (
        f"Content-Type: {picture.content_type}\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-ID: <{cid}>\r\nContent-Disposition: inline;\r\n filename="{picture.name}"\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(picture.content).replace(b"\n", b"\r\n").removesuffix(b"\r\n")
