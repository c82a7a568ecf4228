"""Message -> a mail server: one message, its recipients, and what became of each of them."""

import base64
import contextlib
import math
import re
import smtplib
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from newsletter import sockets
from newsletter.errors import ServerError, UnknownEndError
from newsletter.read.values import Refused
from newsletter.sockets import Bounded, Deadline, TooMuch, is_loopback

Encryption = Literal["starttls", "tls", "none"]

_PORTS: dict[Encryption, int] = {"starttls": 587, "tls": 465, "none": 25}
_URL = "smtp://user@mail.network.example:587"
_SHORT = 200
# A whole proof may take as long as so many steps, and what its bytes need on a slow line (10 kB a second).
_STEPS, _SLOWEST = 10, 10_000
# After the mail is taken only politeness is left.
_GOODBYE = 5.0
# Bounds on one reply. smtplib's own takes lines of 8,192 bytes, and any number of them (Python 3.11 to 3.14, read
# 2026-11-26). RFC 5321, 4.5.3.1.5, allows a line 512 bytes; a server lists some 20 lines after EHLO.
_LINE, _LINES, _REPLY = 8_192, 500, 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where to hand mail in. `encryption` is what must hold before a word of ours is said.

    `timeout` is for one step, in seconds; all steps together may take ten times that, and 100 seconds for each MB.
    """

    host: str
    port: int
    encryption: Encryption
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def read_server(typed: str) -> Server:
    """Return the server of `smtp://user:password@host:587` or `smtps://…`.

    `smtp:` begins in the clear and must turn to TLS (STARTTLS) before anything is said, but for a server on this very
    machine; `smtps:` is TLS from the start. `?encryption=none` does without. Raises Refused, in words that repeat
    nothing of what was typed: a password that breaks an address could be anywhere in it.
    """
    refused = Refused(
        "this is not the address of a mail server",
        f"write {_URL}, or smtps:// with port 465; in a user or password, write %40 for @, %3A for :, %2F for /",
    )
    try:
        parts = urlsplit(typed.strip())
        host, port = parts.hostname or "", parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise refused from None
    asked = options.pop("encryption", "")
    if parts.scheme not in {"smtp", "smtps"} or not re.fullmatch(r"[A-Za-z0-9._:-]+", host):
        raise refused
    if parts.path not in {"", "/"} or parts.fragment or options or asked not in {"", "starttls", "tls", "none"}:
        raise refused
    encryption: Encryption = "tls" if parts.scheme == "smtps" else "none" if is_loopback(host) else "starttls"
    if asked:
        if parts.scheme == "smtps" and asked != "tls":
            raise Refused("smtps:// is encrypted from the start", "take ?encryption=… away, or write smtp://")
        encryption = "tls" if asked == "tls" else "none" if asked == "none" else "starttls"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isprintable():
        raise refused
    if password and not user:
        raise Refused("there is a password but no user", f"write {_URL.replace('@', ':password@')}")
    return Server(host=host, port=port or _PORTS[encryption], encryption=encryption, user=user, password=password)


def send(server: Server, message: bytes, sender: str, recipients: Sequence[str]) -> Mapping[str, str]:
    """Hand the message in once; return the recipients that the server refused, with its words for each.

    Raises ServerError, in one line, if nobody gets it, or if nobody can know. The password is never among the words:
    servers repeat what they heard, so it is blotted out of theirs.
    """
    if server.password and server.encryption == "none" and not is_loopback(server.host):
        raise ServerError(f"{server} would get the password unencrypted", "take encryption=none away, or the password")
    connection = _Connection(server, len(message))
    try:
        return connection.deliver(message, sender, recipients)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        # `from None`: the chain would hold what was said, the password with it.
        raise connection.failure(error) from None
    except KeyboardInterrupt:
        if connection.stage != "content":
            raise
        raise connection.unknown() from None
    finally:
        connection.close()


class _Connection:
    """One connection; knows how far it came, since that decides what a failure means."""

    def __init__(self, server: Server, size: int) -> None:
        self.server = server
        self.deadline = Deadline(_STEPS * server.timeout + size / _SLOWEST, server.timeout)
        self.smtp: smtplib.SMTP | None = None
        self.stage = "connect"

    def deliver(self, message: bytes, sender: str, recipients: Sequence[str]) -> Mapping[str, str]:
        smtp = self.open()
        if self.server.user:
            self.authenticate(smtp)
        limit = smtp.esmtp_features.get("size", "")
        if re.fullmatch(r"[0-9]{1,18}", limit) and 0 < int(limit) < len(message):
            refusal = f"the proof has {len(message) / 1e6:.1f} MB, {self.server} takes {int(limit) / 1e6:.1f}"
            raise ServerError(refusal, "use smaller pictures, or fewer")
        self.stage = "sender"
        code, words = smtp.mail(sender)
        if code != 250:
            raise self.refused(f"refused the sender {sender}, so nothing was sent", code, words)
        self.stage = "recipients"
        refused = {}
        for recipient in recipients:
            code, words = smtp.rcpt(recipient)
            if code not in {250, 251}:
                refused[recipient] = self.worded(code, words)
            if code == 421:
                raise self.refused("closed the connection, so nothing was sent", code, words)
        if len(refused) == len(recipients):
            listed = (f"{recipient}: {words}" for recipient, words in refused.items())
            raise ServerError(f"{self.server} refused every recipient, so nothing was sent", details=listed)
        self.stage = "data"
        code, words = smtp.docmd("DATA")
        if code != 354:
            raise self.refused("refused the mail, so nothing was sent", code, words)
        self.stage = "content"
        # A line of one dot would end the mail, so lines that begin with one get a second (RFC 5321, 4.5.2).
        smtp.send(re.sub(rb"(?m)^\.", b"..", message).rstrip(b"\r\n") + b"\r\n.\r\n")
        code, words = smtp.getreply()
        if 400 <= code <= 599:
            raise self.refused("refused the mail, so nothing was sent", code, words)
        if not 200 <= code <= 299:
            raise self.unknown()
        self.stage = "sent"
        return refused

    def open(self) -> smtplib.SMTP:
        """Connect, and encrypt as asked; the server's name is in its certificate, or nothing is said."""
        server, deadline = self.server, self.deadline
        # A name for EHLO that tells nothing about this machine (RFC 5321, 4.1.3).
        smtp = self.smtp = _Smtp(local_hostname="[127.0.0.1]")
        sock = sockets.connected(server.host, server.port, deadline)
        smtp.begin(sock, deadline)
        if server.encryption == "tls":
            smtp.begin(sockets.encrypted(sock, server.host, deadline, ssl.create_default_context()), deadline)
        self.stage = "greeting"
        code, words = smtp.getreply()
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        self.greet(smtp)
        if server.encryption == "starttls":
            if not smtp.has_extn("starttls"):
                raise ServerError(f"{server} offers no encryption, so nothing was sent", _NO_ENCRYPTION)
            self.stage = "encryption"
            code, words = smtp.docmd("STARTTLS")
            if code != 220:
                raise smtplib.SMTPResponseException(code, words)
            # What came before TLS was anybody's to write: the greeting is asked for anew (RFC 3207, 4.2).
            smtp.begin(sockets.encrypted(sock, server.host, deadline, ssl.create_default_context()), deadline)
            self.stage = "greeting"
            self.greet(smtp)
        return smtp

    def greet(self, smtp: smtplib.SMTP) -> None:
        code, words = smtp.ehlo()
        if not 200 <= code <= 299:
            code, words = smtp.helo()
        if not 200 <= code <= 299:
            raise self.refused("would not talk to us, so nothing was sent", code, words)

    def authenticate(self, smtp: smtplib.SMTP) -> None:
        """Say who we are: PLAIN (RFC 4616) or LOGIN, in UTF-8, which smtplib's own can't."""
        server = self.server
        self.stage = "login"
        offered = smtp.esmtp_features.get("auth", "").upper().split()
        if not server.password:
            raise ServerError(f"there is no password for {server.user} at {server}", _NO_PASSWORD)
        if "PLAIN" in offered:
            code, words = smtp.docmd("AUTH", "PLAIN " + _base64(f"\0{server.user}\0{server.password}"))
        elif "LOGIN" in offered:
            code, words = smtp.docmd("AUTH", "LOGIN " + _base64(server.user))
            if code == 334:
                code, words = smtp.docmd(_base64(server.password))
        elif "CRAM-MD5" in offered and (server.user + server.password).isascii():
            code, words = smtp.login(server.user, server.password)
        else:
            raise ServerError(
                f"{server} offers no way to log in that we know, so nothing was sent",
                "ask whoever runs it; a server that wants no login is written without a user",
            )
        if code not in {235, 503}:
            raise self.refused(f"refused the login of {server.user}", code, words, "check user and password")

    def refused(self, what: str, code: int, words: bytes, hint: str = "") -> ServerError:
        way = hint or ("it may work later" if 400 <= code <= 499 else "")
        return ServerError(f"{self.server} {what}: {self.worded(code, words)}", way)

    def worded(self, code: int, words: bytes) -> str:
        """Return the server's reply in one line, without control characters and without the password."""
        line = re.sub(r"\s+", " ", self.blotted(words.decode("utf-8", "replace")))
        line = "".join(character for character in line if character.isprintable())
        return self.blotted(f"{code} {line}".strip())[:_SHORT]

    def blotted(self, line: str) -> str:
        secret, user = self.server.password, self.server.user
        if not secret:
            return line
        forms = (secret, _base64(secret), _base64(f"\0{user}\0{secret}"))
        for form in sorted(forms, key=len, reverse=True):
            line = line.replace(form, "…")
        return line

    def failure(self, error: Exception) -> ServerError:
        """Return what a broken connection means, by how far it had come."""
        if self.stage == "content":
            return self.unknown()
        if isinstance(error, smtplib.SMTPResponseException):
            code, words = error.smtp_code, error.smtp_error
            if code < 100:
                return ServerError(f"what answers at {self.server} is not a mail server", f"{_CHECK}; {_PORT_HINT}")
            what, hint = {
                "encryption": ("would not encrypt, so nothing was sent", _NO_ENCRYPTION),
                "login": (f"refused the login of {self.server.user}", "check user and password"),
            }.get(self.stage, ("would not talk to us, so nothing was sent", ""))
            return self.refused(what, code, words if isinstance(words, bytes) else words.encode(), hint)
        what, hint = self.worded_failure(error)
        return ServerError(what, hint)

    def unknown(self) -> ServerError:
        return UnknownEndError(
            f"the mail may have been sent: {self.server} did not say what became of it",
            "ask a recipient before you send it again; nothing is tried twice on its own",
        )

    def worded_failure(self, error: Exception) -> tuple[str, str]:
        server = self.server
        if isinstance(error, TooMuch):
            message = f"{server} talks without end, so nothing was sent"
            return message, f"is it a mail server? {_CHECK}; {_PORT_HINT}"
        if self.deadline.is_over():
            message = f"{server} was not done within {self.deadline.whole:.0f} seconds, so nothing was sent"
            return message, "try again later; timeout under [proof] is for one step, a tenth of the whole"
        if isinstance(error, ssl.SSLCertVerificationError):
            why = self.blotted(error.verify_message)
            message = f"the certificate of {server} is not valid ({why}), so nothing was sent"
            return message, "check the host's name; if it is right, ask whoever runs the server"
        if isinstance(error, ssl.SSLError):
            return f"{server} does not speak TLS as it should, so nothing was sent", _PORT_HINT
        # smtplib turns a timeout into a disconnect; what it was stays behind it.
        if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            message = f"{server} did not answer within {server.timeout:g} seconds, so nothing was sent"
            return message, f"{_CHECK}; {_PORT_HINT}"
        if isinstance(error, socket.gaierror | UnicodeError):
            return f"there is no mail server called {server.host}", f"{_CHECK}, and your connection to the internet"
        if isinstance(error, ConnectionRefusedError):
            return f"no mail server answers at {server}", _CHECK
        if isinstance(error, smtplib.SMTPServerDisconnected | ConnectionError):
            return f"{server} hung up, so nothing was sent", f"try again later, or {_CHECK}"
        reason = self.blotted(getattr(error, "strerror", None) or type(error).__name__).lower()
        return f"{server} can't be reached: {reason}", _CHECK

    def close(self) -> None:
        if self.smtp is None:
            return
        # Whoever presses Ctrl-C now is to hear that the mail is sent.
        with contextlib.suppress(OSError, smtplib.SMTPException, KeyboardInterrupt):
            if self.stage == "sent":
                self.deadline.cut(_GOODBYE)
                self.smtp.quit()
        self.smtp.close()


class _Smtp(smtplib.SMTP):
    """One of smtplib's, on a connection with a deadline, and with bounds on what a server may answer."""

    def begin(self, sock: socket.socket, deadline: Deadline) -> None:
        """Talk through this socket from now on, as if nothing had been said before."""
        if self.file is not None:
            self.file.close()
        bounded = Bounded(sock, deadline, math.inf)
        self.sock, self.file = cast("socket.socket", bounded), bounded.makefile()
        self.ehlo_resp = self.helo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def getreply(self) -> tuple[int, bytes]:
        """Return code and words of one reply; TooMuch if it is none that a mail server gives."""
        if self.file is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        lines: list[bytes] = []
        size = 0
        while True:
            line = self.file.readline(_LINE + 1)
            size += len(line)
            if len(line) > _LINE or size > _REPLY or len(lines) == _LINES:
                raise TooMuch("a reply without end")
            if not line:
                raise smtplib.SMTPServerDisconnected("the server hung up")
            lines.append(line[4:].strip())
            if not re.match(rb"[0-9]{3}", line):
                return -1, b"\n".join(lines)
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(lines)


_CHECK = "check host and port of the mail server"
_PORT_HINT = "smtps:// goes with port 465, smtp:// with port 587 or 25"
_NO_ENCRYPTION = f"{_PORT_HINT}; for a server that has none, add ?encryption=none"
_NO_PASSWORD = "set NEWSLETTER_SMTP_PASSWORD, or run the command in a terminal: it asks"


def _base64(words: str) -> str:
    return base64.b64encode(words.encode()).decode()
