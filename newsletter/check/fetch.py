"""Web addresses -> answers: every link opened once, many at a time, few at one host; kept for a week."""

import functools
import hashlib
import http.client
import json
import queue
import re
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from newsletter import __version__, sockets
from newsletter.errors import Place
from newsletter.memo import Cache
from newsletter.model import Finding, Level
from newsletter.sockets import Address, Bounded, Deadline

Kind = Literal["fine", "dead", "moved", "private", "unsure", "late"]

_WORKERS, _PER_HOST = 16, 2
_REDIRECTS = 8
# The longest address that is followed: what mail programs and browsers take (see long-link).
_LONGEST = 2000
# A page is known by its first bytes; a login form stands among them.
_READ = 65_536
# What may come before them. http.client allows 100 headers of 65,536 bytes, and takes `100 Continue` again and again
# for as long as it comes (Python 3.11 to 3.14; python/cpython#150743, 2026-06-01).
_HEADERS = 262_144
# The seconds that all links together may take, for each of them: an honest site answers in less, two at a time.
_EACH = 2.0
# How long a thread that should be done is still waited for; and how often Ctrl-C is looked for on Windows.
_GRACE, _TICK = 2.0, 0.2
_SAFE = "/:?#[]@!$&'()*+,;=%~"
_KEPT_DAYS = {"fine": 7.0, "moved": 7.0}
_NO_SITE = "there is no such site"
_LOGINS = re.compile(
    r"^(?:accounts\.google\.com|login\.microsoftonline\.com|login\.live\.com|idmsa\.apple\.com|appleid\.apple\.com)$"
)
_DRIVES = re.compile(
    r"^(?:drive|docs|sheets|slides|forms)\.google\.com$|\.sharepoint\.com$|^(?:www\.)?dropbox\.com$"
    r"|^(?:onedrive\.live\.com|1drv\.ms)$"
)
_LOGIN_WORDS = re.compile(
    r"(?i)you need access|request access|sign in to (?:continue|your account)|anmelden|requires? you to sign in"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a link: its kind, a reason in words, and where it led in the end."""

    kind: Kind
    reason: str = ""
    target: str = ""


class Fetcher:
    """Opens links: `timeout` seconds for a step, `patience` for a link; `now` tells the time in seconds.

    Only addresses that `may_open` are connected to: an item is a stranger's, and so is each redirect, but the network
    around this machine is not theirs to look into. Of a host behind a proxy only an address that is written out can be
    told: the proxy alone knows where a name leads.
    """

    def __init__(
        self,
        cache: Cache,
        now: Callable[[], float],
        timeout: float = 10.0,
        patience: float = 25.0,
        each: float = _EACH,
        context: ssl.SSLContext | None = None,
        may_open: Callable[[Address], bool] = sockets.is_public,
    ) -> None:
        self.cache, self.timeout, self.patience, self.each, self.now = cache, timeout, patience, each, now
        self.context = context or ssl.create_default_context()
        self.may_open = may_open

    def fetch(
        self, addresses: Sequence[str], done: Callable[[str], object] = lambda address: None
    ) -> dict[str, Answer]:
        """Return the answer for every address; one that was fine in the last week is not asked again.

        All of it takes at most `patience` twice and `each` seconds for each address; what had no turn by then is late.
        """
        answers: dict[str, Answer] = {}
        waiting: dict[str, deque[str]] = {}
        for address in dict.fromkeys(addresses):
            if kept := self._kept(address):
                answers[address] = kept
                done(address)
            else:
                waiting.setdefault(_host(address), deque()).append(address)
        for address, answer in self._ask_all(waiting):
            answers[address] = answer
            self._keep(address, answer)
            done(address)
        return {address: answers[address] for address in dict.fromkeys(addresses)}

    def _ask_all(self, waiting: Mapping[str, deque[str]]) -> Iterable[tuple[str, Answer]]:
        """Yield the answer for each address, by host, as they come.

        The threads are daemons and nobody waits for them: Ctrl-C, or a thread that is stuck, ends nothing but itself.
        """
        came: queue.SimpleQueue[tuple[str, Answer | BaseException]] = queue.SimpleQueue()
        # A host stands here once for each link of its that may be opened at this moment.
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
            ended: dict[str, Answer] = {}
            try:
                address, result = came.get(timeout=_TICK)
                if isinstance(result, BaseException):
                    raise result
                # One that was given up may still answer.
                ended = {address: result} if address in running else {}
            except queue.Empty:
                now = time.monotonic()
                ended = {address: self._no_answer() for address, last in running.items() if last < now}
            for address, answer in ended.items():
                del running[address]
                free.append(_host(address))
                yield address, answer
        for links in waiting.values():
            for address in links:
                yield address, Answer(kind="late")

    def _work(self, address: str, came: "queue.SimpleQueue[tuple[str, Answer | BaseException]]") -> None:
        try:
            came.put((address, self._ask(address)))
        except (ValueError, http.client.HTTPException, UnicodeError) as error:
            told = f"it is no address that can be asked ({_one_line(str(error))})"
            came.put((address, Answer(kind="dead", reason=told)))
        except BaseException as error:
            # A fault of our own: for the thread that asked.
            came.put((address, error))

    def _no_answer(self) -> Answer:
        return Answer(kind="dead", reason=f"no answer within {self.patience:g} seconds")

    def _ask(self, address: str) -> Answer:
        """Follow the link as a browser would, and tell what it found."""
        at, moved_for_good = address, True
        deadline = Deadline(self.patience, self.timeout)
        for _ in range(_REDIRECTS + 1):
            status, target, body = self._open(at, deadline)
            if isinstance(status, Answer):
                return self._no_answer() if deadline.is_over() else status
            if status in {301, 302, 303, 307, 308} and target:
                moved_for_good = moved_for_good and status in {301, 308}
                at = _led(at, target)
                if len(at) > _LONGEST:
                    return Answer(kind="dead", reason=f"it leads to an address of {len(at):,} characters")
                if not at.lower().startswith(("http://", "https://")):
                    return Answer(kind="dead", reason=f"it leads to {at[:60]}")
                continue
            return _judged(address, at, status, body, moved_for_good=moved_for_good)
        return Answer(kind="dead", reason="it leads round in circles")

    def _open(self, address: str, deadline: Deadline) -> tuple[int | Answer, str, bytes]:
        """Return status, the Location, and the first bytes; or an answer in place of the status."""
        request = urllib.request.Request(
            _ascii(address),
            headers={
                # Honest about what asks, in the shape that servers expect.
                "User-Agent": f"Mozilla/5.0 (compatible; newsletter-check/{__version__})",
                "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
                "Accept-Language": "en,*;q=0.5",
            },
        )
        # These handlers and no others: nothing is kept between requests, followed, or opened but http and https.
        opener = urllib.request.OpenerDirector()
        opener.add_handler(urllib.request.ProxyHandler())
        opener.add_handler(_Handler(deadline, self.context, self.may_open))
        try:
            with opener.open(request) as response:
                is_page = 200 <= response.status < 300
                return response.status, response.headers.get("Location", ""), _some(response) if is_page else b""
        except urllib.error.URLError as error:
            return _failed(error.reason), "", b""
        except (OSError, http.client.HTTPException) as error:
            return _failed(error), "", b""

    def _kept(self, address: str) -> Answer | None:
        raw = self.cache.get(_key(address))
        try:
            kept = json.loads(raw) if raw else None
            if kept and 0 <= self.now() - kept.pop("at") < 86_400 * _KEPT_DAYS[kept["kind"]]:
                # What is no text would come out in the middle of a sentence.
                return Answer(**kept) if all(isinstance(value, str) for value in kept.values()) else None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass
        return None

    def _keep(self, address: str, answer: Answer) -> None:
        # What failed today may be well tomorrow.
        if answer.kind in _KEPT_DAYS:
            self.cache.put(_key(address), json.dumps({**asdict(answer), "at": self.now()}).encode())


def findings_of(
    answers: Mapping[str, Answer],
    places: Mapping[str, Iterable[tuple[Place, str]]],
    levels: Mapping[str, Level | None],
    allowed: set[tuple[str, str]],
) -> list[Finding]:
    """Return the findings for links that are dead, moved or private, at every place that holds them."""
    found = []
    for address, answer in answers.items():
        slug = {"dead": "dead-link", "moved": "moved-link", "private": "private-link"}.get(answer.kind, "")
        level = levels.get(slug)
        message, hint = {
            "dead": (f"{_shown(address)} does not open: {answer.reason}", "find where the page is now, or unlink it"),
            "moved": (f"{_shown(address)} has moved for good", f"write {answer.target}"),
            "private": (
                f"{_shown(address)} shows a login page",
                "share it with everyone who has the link, or put the file on your website",
            ),
        }.get(answer.kind, ("", ""))
        for place, issue in places[address] if level else ():
            if level and (place.file, slug) not in allowed:
                found.append(Finding(slug=slug, level=level, place=place, message=message, hint=hint, issue=issue))
    return found


def is_offline(answers: Mapping[str, Answer]) -> bool:
    """Tell whether it is this machine that reaches nothing: no site of three or more is found."""
    hosts = {_split(address).hostname for address in answers}
    return len(hosts) > 2 and all(answer.reason == _NO_SITE for answer in answers.values())


class _Connection(http.client.HTTPConnection):
    """One of http.client's, with a deadline over all of it, a bound on what is read, and a say in where it leads."""

    def __init__(
        self,
        host: str,
        *,
        deadline: Deadline,
        may_open: Callable[[Address], bool],
        context: ssl.SSLContext | None,
        **options: Any,
    ) -> None:
        super().__init__(host, **options)
        self.deadline, self.may_open, self.context = deadline, may_open, context

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

    def _bounded(self, sock: socket.socket) -> socket.socket:
        return cast("socket.socket", Bounded(sock, self.deadline, _HEADERS + _READ))


class _Encrypted(_Connection):
    default_port = http.client.HTTPS_PORT


class _Handler(urllib.request.AbstractHTTPHandler):
    """Opens http and https with such connections."""

    def __init__(self, deadline: Deadline, context: ssl.SSLContext, may_open: Callable[[Address], bool]) -> None:
        super().__init__()
        self.deadline, self.context, self.may_open = deadline, context, may_open

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self._opened(request, None)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self._opened(request, self.context)

    http_request = https_request = urllib.request.AbstractHTTPHandler.do_request_

    def _opened(self, request: urllib.request.Request, context: ssl.SSLContext | None) -> http.client.HTTPResponse:
        may_open = self.may_open
        if request.has_proxy() or getattr(request, "_tunnel_host", None):
            # The proxy is this machine's own and may stand in its network; what it is asked for may not.
            host = _host(request.full_url)
            address = sockets.literal(host)
            if host == "localhost" or host.endswith(".localhost") or (address and not may_open(address)):
                raise sockets.Private(host)
            may_open = _any_address
        kind = _Encrypted if context else _Connection
        connection = functools.partial(kind, deadline=self.deadline, may_open=may_open, context=context)
        return self.do_open(connection, request)


def _any_address(address: Address) -> bool:
    return True


def _judged(address: str, at: str, status: int, body: bytes, *, moved_for_good: bool) -> Answer:
    end, start = _split(at), _split(address)
    host, begun = end.hostname or "", start.hostname or ""
    if _LOGINS.match(host) and not _LOGINS.match(begun):
        return Answer(kind="private", target=at)
    if _DRIVES.search(begun) and (status in {401, 403} or _LOGIN_WORDS.search(body.decode("utf-8", "replace"))):
        return Answer(kind="private", target=at)
    if status in {404, 410}:
        return Answer(kind="dead", reason=f"the site says it is not there ({status})")
    if status in {401, 402, 403, 405, 406, 429, 999} or status == 503:
        # Sites that turn programs away may well open for people.
        return Answer(kind="unsure", reason=str(status))
    if status >= 400:
        return Answer(kind="dead", reason=f"the site answers with an error ({status})")
    if at != address and moved_for_good and _is_elsewhere(start.geturl(), end.geturl()):
        return Answer(kind="moved", target=at)
    return Answer(kind="fine", target=at)


def _is_elsewhere(one: str, other: str) -> bool:
    """Tell whether two addresses differ by more than a slash at the end."""
    return one.rstrip("/") != other.rstrip("/")


def _failed(reason: object) -> Answer:
    if isinstance(reason, sockets.Private):
        return Answer(kind="dead", reason="it leads into a private network, so it was not opened")
    if isinstance(reason, sockets.TooMuch):
        return Answer(kind="dead", reason="the site sends headers without end")
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Answer(kind="dead", reason="its certificate is not valid, so browsers warn")
    if isinstance(reason, ssl.SSLError):
        return Answer(kind="dead", reason="no encrypted connection comes about")
    if isinstance(reason, TimeoutError) or "timed out" in str(reason):
        return Answer(kind="dead", reason="no answer in time")
    if isinstance(reason, socket.gaierror):
        return Answer(kind="dead", reason=_NO_SITE)
    if isinstance(reason, ConnectionRefusedError):
        return Answer(kind="dead", reason="nothing answers there")
    return Answer(kind="dead", reason="the connection breaks off")


def _some(response: http.client.HTTPResponse) -> bytes:
    """Return the first bytes, as they came: no compression was asked for, and none is undone.

    A page that drips is left when its time is up.
    """
    out = b""
    try:
        while len(out) < _READ and (more := response.read1(8192)):
            out += more
    except (OSError, http.client.HTTPException):
        # The headers have told that the page is there.
        pass
    return out


def _led(at: str, target: str) -> str:
    """Return the address that a Location leads to: a line of ASCII, without user and password."""
    # What a site writes there are bytes, in UTF-8 as a rule; http.client has read each as a letter.
    parts = _split(urljoin(at, quote(target.strip().encode("latin-1", "replace"), _SAFE)))
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _ascii(address: str) -> str:
    """Return the address as it goes over the wire: IDNA for the host, percent-encoded, without user and password."""
    parts = _split(address.strip())
    host = (parts.hostname or "").encode("idna").decode() if not (parts.hostname or "").isascii() else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    shown = f"[{host}]" if host and ":" in host else host or ""
    return urlunsplit((parts.scheme, shown + port, quote(parts.path, _SAFE), quote(parts.query, _SAFE), ""))


def _host(address: str) -> str:
    return (_split(address).hostname or "").rstrip(".")


def _one_line(words: str, most: int = 80) -> str:
    """Return words that may hold a site's own, as a bounded line of printable ones."""
    line = "".join(one if one.isprintable() else "\ufffd" for one in words[:most])
    return line if len(words) <= most else f"{line}…"


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _key(address: str) -> str:
    return f"link-{hashlib.sha256(address.encode()).hexdigest()[:40]}.json"


def _shown(address: str, most: int = 80) -> str:
    return address if len(address) <= most else f"{address[: most - 1]}…"
