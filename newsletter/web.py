"""A web address -> what its site answers, within our time and bounds: one polite client for all that asks the web.

Under it lies http.client, which reads what browsers read. h11, and with it httpx (0.28) and httpx2 (2.16), refuses an
answer with a blank before the colon of a header, or with `Transfer-Encoding: gzip, chunked` (tried 2026-11-26): a page
that every reader sees would be told as dead. Nor does their transport take a way to connect, which is where private
addresses are refused and the deadline is held.
"""

import functools
import http.client
import queue
import re
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from newsletter import __version__, printable, sockets
from newsletter.errors import shown
from newsletter.sockets import Address, Bounded, Deadline

NO_SITE = "there is no such site"

_WORKERS, _PER_HOST = 16, 2
_REDIRECTS = 8
# The longest address that is followed: what mail programs and browsers take (see long-link).
_LONGEST = 2000
# A page is known by its first bytes; a login form stands among them. Who wants more says so.
_READ = 65_536
# What may come before them. http.client allows 100 headers of 65,536 bytes, and takes `100 Continue` again and again
# for as long as it comes (Python 3.11 to 3.14; python/cpython#150743, 2026-06-01).
_HEADERS = 262_144
# The seconds that all addresses together may take, for each of them: an honest site answers in less, two at a time.
_EACH = 2.0
# How long a thread that should be done is still waited for; and how often Ctrl-C is looked for on Windows.
_GRACE, _TICK = 2.0, 0.2
_SAFE = "/:?#[]@!$&'()*+,;=%~"
# What a browser asks for when a person follows a link.
_PAGES = "text/html,application/xhtml+xml,*/*;q=0.8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a site answered: the address in the end, the status, and the first bytes of a page (none of an error's).

    `moved_for_good` says that each redirect on the way was a permanent one, `content_type` what the site calls the
    page (`text/html; charset=utf-8`), and `is_whole` that it was read to its end.
    """

    address: str
    status: int
    body: bytes = b""
    moved_for_good: bool = True
    content_type: str = ""
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered to one request: the status, the headers by their names in small letters, the body.

    `is_whole` says that the body was read to its end.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool


class Failed(Exception):
    """There is no answer; `reason` says why, as the end of a sentence.

    `was_sent` says that the server may have got what was asked of it, and may have done it.
    """

    def __init__(self, reason: str, *, was_sent: bool = False) -> None:
        self.reason, self.was_sent = reason, was_sent
        super().__init__(reason)


class NoTurn(Failed):
    """The address was not asked: those before it took all the time."""

    def __init__(self) -> None:
        super().__init__("the others took too long")


class Client:
    """Asks sites: `timeout` seconds for a step, `patience` for an address with all its redirects; `most` bytes a page.

    Only addresses that `may_open` are connected to: an item is a stranger's, and so is each redirect, but the network
    around this machine is not theirs to look into. Of a host behind a proxy only an address that is written out can be
    told: the proxy alone knows where a name leads.
    """

    def __init__(
        self,
        *,
        timeout: float = 10.0,
        patience: float = 25.0,
        each: float = _EACH,
        context: ssl.SSLContext | None = None,
        may_open: Callable[[Address], bool] = sockets.is_public,
        most: int = _READ,
    ) -> None:
        self.timeout, self.patience, self.each, self.most = timeout, patience, each, most
        self.context = context or ssl.create_default_context()
        self.may_open = may_open

    def get(self, address: str, *, method: str = "GET", accept: str = _PAGES) -> Reply:
        """Follow the address as a browser would, and return what answers; raises Failed where nothing does.

        With the method HEAD there is no body.
        """
        try:
            return self._follow(address, method, accept)
        except ValueError as error:
            reason = shown(printable.one_line(error), 80)
            raise Failed(f"it is no address that can be asked ({reason})") from None

    def ask(self, method: str, address: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Ask a server once, and follow nothing: what goes along may be a secret. Raises Failed without an answer.

        A body of more than `most` bytes is cut. What is not encrypted goes past every proxy: only this machine is
        asked so.
        """
        is_plain = not address.lower().startswith("https://")
        connections: list[str] = []
        deadline = Deadline(self.patience, self.timeout)
        try:
            request = urllib.request.Request(_ascii(address), body, dict(headers), method=method)
            handler = _Handler(deadline, self.context, self.may_open, _HEADERS + self.most, connections.append)
            opener = urllib.request.OpenerDirector()
            opener.add_handler(urllib.request.ProxyHandler({} if is_plain else None))
            opener.add_handler(handler)
            with opener.open(request) as response:
                content, is_whole = _some(response, self.most)
                named = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status, headers=named, body=content, is_whole=is_whole)
        except ValueError:
            # Its words would repeat what went along.
            raise Failed("it is nothing that can be asked") from None
        except (OSError, http.client.HTTPException) as error:
            reason = self._no_answer().reason if deadline.is_over() else _reason(error)
            raise Failed(reason, was_sent=bool(connections)) from None

    def get_all(self, addresses: Iterable[str]) -> Iterator[tuple[str, Reply | Failed]]:
        """Yield the answer for each address as it comes: many are asked at a time, but few at one host.

        All of it takes at most `patience` twice and `each` seconds for each address. The threads are daemons and
        nobody waits for them: Ctrl-C, or a thread that is stuck, ends nothing but itself.
        """
        waiting: dict[str, deque[str]] = {}
        for address in dict.fromkeys(addresses):
            waiting.setdefault(host_of(address), deque()).append(address)
        return self._ask_all(waiting)

    def _ask_all(self, waiting: Mapping[str, deque[str]]) -> Iterator[tuple[str, Reply | Failed]]:
        came: queue.SimpleQueue[tuple[str, Reply | BaseException]] = queue.SimpleQueue()
        # Hosts that may be asked now, `a.example` twice if it may be asked for two addresses at a time.
        free = deque(host for host, links in waiting.items() for _ in range(min(_PER_HOST, len(links))))
        running: dict[str, float] = {}
        until = time.monotonic() + self.patience + self.each * sum(map(len, waiting.values()))
        while free or running:
            while free and len(running) < _WORKERS and time.monotonic() < until:
                links = waiting[free.popleft()]
                if links:
                    address = links.popleft()
                    running[address] = time.monotonic() + self.patience + _GRACE
                    threading.Thread(target=self._work, args=(address, came), daemon=True).start()
            if not running:
                break
            ended: dict[str, Reply | Failed] = {}
            try:
                address, result = came.get(timeout=_TICK)
                if not isinstance(result, Reply | Failed):
                    raise result
                # An address that was given up may still answer.
                ended = {address: result} if address in running else {}
            except queue.Empty:
                now = time.monotonic()
                ended = {address: self._no_answer() for address, last in running.items() if last < now}
            for address, outcome in ended.items():
                del running[address]
                free.append(host_of(address))
                yield address, outcome
        for links in waiting.values():
            for address in links:
                yield address, NoTurn()

    def _work(self, address: str, came: "queue.SimpleQueue[tuple[str, Reply | BaseException]]") -> None:
        try:
            came.put((address, self.get(address)))
        except BaseException as error:
            # Our own bugs too: they are raised in the thread that asked.
            came.put((address, error))

    def _no_answer(self) -> Failed:
        return Failed(f"no answer within {self.patience:g} seconds")

    def _follow(self, address: str, method: str, accept: str) -> Reply:
        at, moved_for_good = address, True
        deadline = Deadline(self.patience, self.timeout)
        for _ in range(_REDIRECTS + 1):
            try:
                reply, target = self._open(at, deadline, method, accept)
            except (OSError, http.client.HTTPException) as error:
                raise self._no_answer() if deadline.is_over() else Failed(_reason(error)) from None
            if reply.status not in {301, 302, 303, 307, 308} or not target:
                return replace(reply, moved_for_good=moved_for_good)
            moved_for_good = moved_for_good and reply.status in {301, 308}
            at = _led(at, target)
            if len(at) > _LONGEST:
                raise Failed(f"it leads to an address of {len(at):,} characters")
            if not at.lower().startswith(("http://", "https://")):
                raise Failed(f"it leads to {at[:60]}")
        raise Failed("it leads round in circles")

    def _open(self, address: str, deadline: Deadline, method: str, accept: str) -> tuple[Reply, str]:
        """Return what this one address answers, and its Location."""
        request = urllib.request.Request(
            _ascii(address),
            headers={
                # Honest about what asks, in the shape that servers expect.
                "User-Agent": f"Mozilla/5.0 (compatible; newsletter/{__version__})",
                "Accept": accept,
                "Accept-Language": "en,*;q=0.5",
            },
            method=method,
        )
        # These handlers and no others: nothing is kept between requests, followed, or opened but http and https.
        opener = urllib.request.OpenerDirector()
        opener.add_handler(urllib.request.ProxyHandler())
        opener.add_handler(_Handler(deadline, self.context, self.may_open, _HEADERS + self.most))
        with opener.open(request) as response:
            is_page = 200 <= response.status < 300
            body, is_whole = _some(response, self.most) if is_page else (b"", True)
            kind = response.headers.get("Content-Type", "")
            reply = Reply(address=address, status=response.status, body=body, content_type=kind, is_whole=is_whole)
            return reply, response.headers.get("Location", "")


def split(address: str) -> SplitResult:
    """Return the parts of an address, all of them empty where it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def host_of(address: str) -> str:
    """Return the host of an address in small letters, without the dot that may end it; "" where it has none."""
    return (split(address).hostname or "").rstrip(".")


class _Connection(http.client.HTTPConnection):
    """One of http.client's, with a deadline over all of it, a bound on what is read, and a say in where it leads."""

    def __init__(
        self,
        host: str,
        *,
        deadline: Deadline,
        may_open: Callable[[Address], bool],
        context: ssl.SSLContext | None,
        most: int,
        connected: Callable[[str], None],
        **options: Any,
    ) -> None:
        super().__init__(host, **options)
        self.deadline, self.may_open, self.context, self.most = deadline, may_open, context, most
        self.connected = connected

    def connect(self) -> None:
        """Connect, through the proxy's tunnel where there is one, and begin TLS."""
        sock: socket.socket = sockets.connected(self.host, self.port, self.deadline, self.may_open)
        try:
            self.sock = self._bounded(sock)
            tunnel = getattr(self, "_tunnel_host", None)
            if tunnel:
                self._tunnel()  # type: ignore[attr-defined]  # as HTTPSConnection does; typeshed lacks it
            if self.context:
                self.sock = self._bounded(sockets.encrypted(sock, tunnel or self.host, self.deadline, self.context))
        except BaseException:
            sock.close()
            raise
        self.connected(self.host)

    def _bounded(self, sock: socket.socket) -> socket.socket:
        return cast("socket.socket", Bounded(sock, self.deadline, self.most))


class _Encrypted(_Connection):
    default_port = http.client.HTTPS_PORT


class _Handler(urllib.request.AbstractHTTPHandler):
    """Opens http and https with such connections; `connected` hears the host of each that came about."""

    def __init__(
        self,
        deadline: Deadline,
        context: ssl.SSLContext,
        may_open: Callable[[Address], bool],
        most: int,
        connected: Callable[[str], None] = lambda host: None,
    ) -> None:
        super().__init__()
        self.deadline, self.context, self.may_open, self.most = deadline, context, may_open, most
        self.connected = connected

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self._opened(request, None)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self._opened(request, self.context)

    http_request = https_request = urllib.request.AbstractHTTPHandler.do_request_

    def _opened(self, request: urllib.request.Request, context: ssl.SSLContext | None) -> http.client.HTTPResponse:
        may_open = self.may_open
        if request.has_proxy() or getattr(request, "_tunnel_host", None):
            # The proxy is this machine's own and may stand in its network; what it is asked for may not.
            host = host_of(request.full_url)
            address = sockets.literal(host)
            if host == "localhost" or host.endswith(".localhost") or (address and not may_open(address)):
                raise sockets.Private(host)
            may_open = _any_address
        kind = _Encrypted if context else _Connection
        connection = functools.partial(
            kind,
            deadline=self.deadline,
            may_open=may_open,
            context=context,
            most=self.most,
            connected=self.connected,
        )
        return self.do_open(connection, request)


def _any_address(address: Address) -> bool:
    return True


def _reason(error: Exception) -> str:
    # urllib wraps what http.client raises.
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, sockets.Private):
        return "it leads into a private network, so it was not opened"
    if match := re.match(r"Tunnel connection failed: (\d+)", str(cause)):
        # In these words http.client tells what a proxy answers to CONNECT (Python 3.11 to 3.14).
        asked = "asks for a user and a password" if match[1] == "407" else "opens no way there"
        return f"the proxy {asked} ({match[1]})"
    if isinstance(cause, sockets.TooMuch):
        return "the site sends headers without end"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "its certificate is not valid, so browsers warn"
    if isinstance(cause, ssl.SSLError):
        return "no encrypted connection comes about"
    if isinstance(cause, TimeoutError) or "timed out" in str(cause):
        return "no answer in time"
    if isinstance(cause, socket.gaierror):
        return NO_SITE
    if isinstance(cause, ConnectionRefusedError):
        return "nothing answers there"
    return "the connection breaks off"


def _some(response: http.client.HTTPResponse, most: int) -> tuple[bytes, bool]:
    """Return the first bytes, as they came, and whether they are all: no compression was asked for, none is undone.

    A page that drips is left when its time is up.
    """
    pieces: list[bytes] = []
    size = 0
    try:
        while size < most and (more := response.read1(min(65_536, most))):
            pieces.append(more)
            size += len(more)
    except (OSError, http.client.HTTPException):
        # The headers have told that the page is there.
        return b"".join(pieces), False
    # http.client takes a connection that ends early for the end of the page (python/cpython#50308).
    return b"".join(pieces), size < most and not response.length


def _led(at: str, target: str) -> str:
    """Return the address that a Location leads to: a line of ASCII, without user and password."""
    # What a site writes there are bytes, in UTF-8 as a rule; http.client has read each as a letter.
    parts = split(urljoin(at, quote(target.strip().encode("latin-1", "replace"), _SAFE)))
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _ascii(address: str) -> str:
    """Return the address as it goes over the wire: IDNA for the host, percent-encoded, without user and password."""
    parts = split(address.strip())
    host = (parts.hostname or "").encode("idna").decode() if not (parts.hostname or "").isascii() else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    bracketed = f"[{host}]" if host and ":" in host else host or ""
    return urlunsplit((parts.scheme, bracketed + port, quote(parts.path, _SAFE), quote(parts.query, _SAFE), ""))
