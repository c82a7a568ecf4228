"""Delivery -> .eml: the issue as one message that mail programs open."""

import binascii
import hashlib
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from typing import Any

from newsletter.deliver.tags import with_inline_pictures
from newsletter.model import Cover, Delivery, Issue

# RFC 2369 and RFC 8058 headers: encoded words in them (which Python makes of any long one) turn them useless.
_RAW_HEADERS = frozenset({"list-unsubscribe", "list-unsubscribe-post", "message-id"})


def make_message(issue: Issue, cover: Cover, delivery: Delivery) -> bytes:
    """Return the message: multipart/alternative with the text first, inside multipart/related if it has pictures.

    Quoted-printable, lines of at most 76 characters, CRLF, UTF-8. Date, Message-ID and boundaries follow from the
    content, so that the same issue gives the same bytes. `X-Unsent: 1` lets desktop programs open it as a draft.
    """
    digest = hashlib.sha256("\0".join((issue.id, delivery.subject, delivery.html, delivery.text)).encode()).hexdigest()
    message = EmailMessage(policy=_POLICY)
    if cover.sender_address:
        message["From"] = _address(cover.sender_name, cover.sender_address)
    if cover.reply_to:
        message["Reply-To"] = _address("", cover.reply_to)
    message["Subject"] = delivery.subject
    message["Date"] = format_datetime(datetime.fromisoformat(f"{issue.month}-01T12:00:00").replace(tzinfo=UTC))
    domain = cover.sender_address.rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<{digest[:32]}@{domain}>"
    message["X-Unsent"] = "1"
    if unsubscribe := _unsubscribe(issue, delivery):
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        if unsubscribe.startswith("https://"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["MIME-Version"] = "1.0"
    alternative = _multipart("alternative", digest[:24])
    alternative.attach(_text_part("plain", delivery.text))
    alternative.attach(_text_part("html", with_inline_pictures(delivery, issue)))
    if not delivery.pictures:
        _take_over(message, alternative)
        return message.as_bytes()
    related = _multipart("related", digest[24:48])
    related.set_param("type", "multipart/alternative")
    related.attach(alternative)
    for picture in delivery.pictures:
        part = MIMEPart(policy=_POLICY)
        maintype, _, subtype = picture.content_type.partition("/")
        part.set_content(picture.content, maintype, subtype, cid=f"<{picture.name}>", disposition="inline")
        part.set_param("filename", picture.name, "Content-Disposition")
        related.attach(part)
    _take_over(message, related)
    return message.as_bytes()


class _Policy(EmailPolicy):
    """RFC 5322 lines of at most 76 characters, but for headers that must stay raw."""

    def fold(self, name: str, value: Any) -> str:
        if name.lower() in _RAW_HEADERS:
            return f"{name}: {value}{self.linesep}"
        return super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in _RAW_HEADERS:
            return self.fold(name, value).encode("ascii", "surrogateescape")
        return super().fold_binary(name, value)


_POLICY = _Policy(linesep=SMTP.linesep, max_line_length=76, cte_type="7bit")


def _address(name: str, address: str) -> Address:
    return Address(display_name=name, addr_spec=address)


def _unsubscribe(issue: Issue, delivery: Delivery) -> str:
    """Return the address for List-Unsubscribe: only a newsroom's own, since a provider sets the header itself."""
    return issue.settings.unsubscribe_url if delivery.provider == "html" else ""


def _multipart(subtype: str, boundary: str) -> MIMEPart:
    part = MIMEPart(policy=_POLICY)
    part["Content-Type"] = f'multipart/{subtype}; boundary="=_{boundary}"'
    return part


def _text_part(subtype: str, words: str) -> MIMEPart:
    part = MIMEPart(policy=_POLICY)
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    # Python's own encoder is a hundred times slower and breaks lines at other places from version to version.
    encoded = binascii.b2a_qp(words.replace("\n", "\r\n").encode(), istext=True)
    part.set_payload(encoded.decode("ascii").replace("\r\n", "\n"))
    return part


def _take_over(message: EmailMessage, part: MIMEPart) -> None:
    message["Content-Type"] = part["Content-Type"]
    message.set_payload(part.get_payload())
