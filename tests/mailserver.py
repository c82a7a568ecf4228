"""A real mail server on loopback, good or moody, and a certificate authority for an hour."""

import asyncio
import contextlib
import gc
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, AnyStr

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "desk@network.example", "s3cret pässwörd/%"
HANG, CLOSE = "hang", "close"


@dataclass
class Server:
    """What a server got, and how to reach it."""

    port: int = 0
    mails: list[Envelope] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    was_encrypted: list[bool] = field(default_factory=list)

    def url(self, scheme: str = "smtp", login: str = "", query: str = "") -> str:
        """Return its address."""
        return f"{scheme}://{login}localhost:{self.port}{query}"


@contextlib.contextmanager
def mail_server(
    *,
    tls: ssl.SSLContext | None = None,
    is_tls_from_start: bool = False,
    has_auth: bool = False,
    mood: tuple[str, str] = ("", ""),
    refuses: dict[str, str] | None = None,
    size: int | None = None,
) -> Iterator[Server]:
    """Run a server while the block runs.

    `mood` is a step (greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, content) and what it does there: HANG, CLOSE, or
    a reply. `refuses` are recipients and the reply to each.
    """
    server = Server()
    talking: list[SMTP] = []

    class Handler:
        async def handle_RCPT(
            self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
        ) -> str:
            if refuses and address in refuses:
                return refuses[address]
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
            server.mails.append(envelope)
            server.was_encrypted.append(session.ssl is not None or is_tls_from_start)
            return "250 OK"

    def authenticate(smtp: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        server.logins.append(data.password)
        is_known = data.login == USER.encode() and data.password == PASSWORD.encode()
        return AuthResult(success=is_known, handled=False)

    class Moody(SMTP):
        is_greeted = False

        async def push(self, status: AnyStr) -> None:
            if not self.is_greeted:
                self.is_greeted = True
                if await self.is_moody("greeting"):
                    return
            await super().push(status)

        async def is_moody(self, step: str) -> bool:
            if mood[0] != step:
                return False
            if mood[1] == HANG:
                await asyncio.sleep(60)
            elif mood[1] == CLOSE:
                assert self.transport is not None
                self.transport.close()
            else:
                await super().push(mood[1])
            return True

        async def smtp_EHLO(self, hostname: str) -> None:
            if not await self.is_moody("EHLO"):
                await super().smtp_EHLO(hostname)

        async def smtp_HELO(self, hostname: str) -> None:
            if not await self.is_moody("EHLO"):
                await super().smtp_HELO(hostname)

        async def smtp_STARTTLS(self, arg: str) -> None:
            if not await self.is_moody("STARTTLS"):
                await super().smtp_STARTTLS(arg)

        async def smtp_AUTH(self, arg: str) -> None:
            if not await self.is_moody("AUTH"):
                await super().smtp_AUTH(arg)

        async def smtp_MAIL(self, arg: str | None) -> None:
            if not await self.is_moody("MAIL"):
                await super().smtp_MAIL(arg)

        async def smtp_RCPT(self, arg: str | None) -> None:
            if not await self.is_moody("RCPT"):
                await super().smtp_RCPT(arg)

        async def smtp_DATA(self, arg: str) -> None:
            if not await self.is_moody("DATA"):
                await super().smtp_DATA(arg)

    class Calm(Handler):
        async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
            answer = await super().handle_DATA(smtp, session, envelope)
            if mood[0] != "content":
                return answer
            assert isinstance(smtp, Moody)
            if mood[1] in {HANG, CLOSE}:
                await smtp.is_moody("content")
                return answer
            server.mails.clear()
            return mood[1]

    class Moodily(Controller):
        def factory(self) -> SMTP:
            moody = Moody(self.handler, **self.SMTP_kwargs)
            talking.append(moody)
            return moody

        def _trigger_server(self) -> None:
            # aiosmtpd 1.4.6 knocks at the port it was told, which is none: the system chose one.
            assert isinstance(self.server, asyncio.Server)
            self.port = server.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd types only some of its methods

    controller = Moodily(
        Calm(),
        hostname="127.0.0.1",
        port=0,
        ssl_context=tls if is_tls_from_start else None,
        tls_context=None if is_tls_from_start else tls,
        authenticator=authenticate if has_auth else None,
        auth_require_tls=False,
        auth_exclude_mechanism=None if has_auth else ["PLAIN", "LOGIN"],
        decode_data=False,
        data_size_limit=size,
    )
    # The search for garbage in the end is for what this server leaves: all that is there already is left out.
    gc.freeze()
    with _quietly():
        controller.start()
    try:
        yield server
    finally:
        with _quietly():
            for moody in talking:
                if isinstance(moody.transport, asyncio.WriteTransport):
                    controller.loop.call_soon_threadsafe(moody.transport.abort)
            controller.stop()
            talking.clear()
            gc.collect()


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep what aiosmtpd 1.4.6 warns of to itself: logins without TLS, and sockets that it leaves to the collector."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
