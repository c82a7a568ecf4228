"""Web addresses -> answers: every link opened once, many at a time, few at one host; kept for a week."""

import hashlib
import http.client
import json
import re
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from typing import Literal
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from newsletter import __version__
from newsletter.cache import Cache
from newsletter.errors import Place
from newsletter.model import Finding, Level
from newsletter.nouns import noun

Kind = Literal["fine", "dead", "moved", "private", "unsure"]

_WORKERS, _PER_HOST = 16, 2
_REDIRECTS = 8
# A page is known by its first bytes; a login form stands among them.
_READ = 65_536
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


@noun
class Answer:
    """What came of a link: its kind, a reason in words, and where it led in the end."""

    kind: Kind
    reason: str = ""
    target: str = ""


class Fetcher:
    """Opens links: `timeout` seconds for a step, `patience` for a link; `now` tells the time in seconds."""

    def __init__(
        self,
        cache: Cache,
        now: Callable[[], float],
        timeout: float = 10.0,
        patience: float = 25.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.cache, self.timeout, self.patience, self.now = cache, timeout, patience, now
        self.context = context or ssl.create_default_context()
        self.hosts: dict[str, threading.Semaphore] = {}
        self.lock = threading.Lock()

    def fetch(
        self, addresses: Sequence[str], done: Callable[[str], object] = lambda address: None
    ) -> dict[str, Answer]:
        """Return the answer for every address; one that was fine in the last week is not asked again."""
        answers: dict[str, Answer] = {}
        asked = []
        for address in dict.fromkeys(addresses):
            if kept := self._kept(address):
                answers[address] = kept
                done(address)
            else:
                asked.append(address)
        pool = ThreadPoolExecutor(min(_WORKERS, max(1, len(asked))))
        try:
            futures = {pool.submit(self._politely, address): address for address in asked}
            for future in as_completed(futures):
                address = futures[future]
                answers[address] = future.result()
                self._keep(address, answers[address])
                done(address)
        finally:
            pool.shutdown(cancel_futures=True)
        return {address: answers[address] for address in dict.fromkeys(addresses)}

    def _politely(self, address: str) -> Answer:
        host = _split(address).hostname or ""
        with self.lock:
            gate = self.hosts.setdefault(host, threading.Semaphore(_PER_HOST))
        with gate:
            try:
                return self._ask(address)
            except (ValueError, http.client.HTTPException, UnicodeError) as error:
                return Answer(kind="dead", reason=f"it is no address that can be asked ({error})")

    def _ask(self, address: str) -> Answer:
        """Follow the link as a browser would, and tell what it found."""
        at, moved_for_good = address, True
        until = time.monotonic() + self.patience
        for _ in range(_REDIRECTS + 1):
            if time.monotonic() > until:
                return Answer(kind="dead", reason=f"no answer within {self.patience:g} seconds")
            status, target, body = self._open(at, until)
            if isinstance(status, Answer):
                return status
            if status in {301, 302, 303, 307, 308} and target:
                moved_for_good = moved_for_good and status in {301, 308}
                at = urljoin(at, target)
                if not at.lower().startswith(("http://", "https://")):
                    return Answer(kind="dead", reason=f"it leads to {at[:60]}")
                continue
            return _judged(address, at, status, body, moved_for_good=moved_for_good)
        return Answer(kind="dead", reason="it leads round in circles")

    def _open(self, address: str, until: float) -> tuple[int | Answer, str, bytes]:
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
        opener = urllib.request.build_opener(_Stay, urllib.request.HTTPSHandler(context=self.context))
        try:
            with opener.open(request, timeout=min(self.timeout, max(0.1, until - time.monotonic()))) as response:
                return response.status, response.headers.get("Location", ""), _some(response, until)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.get("Location", ""), b""
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


class _Stay(urllib.request.HTTPRedirectHandler):
    """Leaves redirects to the caller, who wants to know about them."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


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


def _some(response: http.client.HTTPResponse, until: float) -> bytes:
    """Return the first bytes; a page that drips is left when its time is up."""
    out = b""
    try:
        while len(out) < _READ and time.monotonic() < until and (more := response.read1(8192)):
            out += more
    except (OSError, http.client.HTTPException):
        # The headers have told that the page is there.
        pass
    return out


def _ascii(address: str) -> str:
    """Return the address as it goes over the wire: IDNA for the host, percent-encoded elsewhere."""
    parts = _split(address.strip())
    host = (parts.hostname or "").encode("idna").decode() if not (parts.hostname or "").isascii() else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    shown = f"[{host}]" if host and ":" in host else host or ""
    safe = "/:?#[]@!$&'()*+,;=%~"
    return urlunsplit((parts.scheme, shown + port, quote(parts.path, safe), quote(parts.query, safe), ""))


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _key(address: str) -> str:
    return f"link-{hashlib.sha256(address.encode()).hexdigest()[:40]}.json"


def _shown(address: str, most: int = 80) -> str:
    return address if len(address) <= most else f"{address[: most - 1]}…"
