"""What all stand-ins share: a server on loopback, moods, and what staff do there by hand."""

import base64
import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEY = "0123456789abcdef0123456789abcdef-us19"

# What may go wrong with one request. `lost`: carried out, no answer; `reset`: not carried out, no answer.
MOODS = (
    "lost",
    "reset",
    "busy",
    "busy-for-a-second",
    "fault",
    "fault-after",
    "bare-403",
    "page",
    "page-after",
    "cut",
    "elsewhere",
)


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """What its body says."""
        return json.loads(self.body)

    @property
    def changes(self) -> bool:
        """Whether it is one that changes something, as far as the method tells."""
        return self.method != "GET"


@dataclass(frozen=True)
class Reply:
    """An answer: the status, and what its JSON says (None: an empty body)."""

    status: int
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Standin:
    """A provider with one account. Lists and mails are changed by requests, and by hand as staff do."""

    # As newsletter.toml calls it, and what stands before its paths.
    kind = ""
    prefix = ""
    # Whether it has a picture store, mails tests, counts readers of a list before there is a draft.
    takes_pictures = tests = counts = True

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[Request] = []
        # Mails that would have gone out to a list because of a request; and those to single addresses.
        self.mailed: list[str] = []
        self.tested: list[tuple[str, ...]] = []
        # What the next request that is like this meets with: (pattern of `METHOD /path`, mood).
        self.moods: list[tuple[str, str]] = []
        # Called before each request is carried out.
        self.before: Callable[[Request], None] = lambda request: None
        # What a reader gets who asks for a picture: status and headers; by `METHOD /path` where it is something else.
        self.picture: tuple[int, Mapping[str, str]] = (200, {"Content-Type": "image/png"})
        self.instead: dict[str, tuple[int, Mapping[str, str]]] = {}
        self.lock = threading.RLock()

    # What a provider does.

    def answer(self, request: Request) -> Reply:
        """Carry a request out."""
        raise NotImplementedError

    def is_known(self, request: Request) -> bool:
        """Tell whether the key is right."""
        raise NotImplementedError

    # What staff do there, and what a test looks at.

    def add_list(self, name: str, readers: int) -> str:
        """Add a list and return its id as newsletter.toml has it."""
        raise NotImplementedError

    def set_list(self, list_id: str, *, name: str | None = None, readers: int | None = None) -> None:
        """Rename a list, or let it grow."""
        raise NotImplementedError

    def drop_list(self, list_id: str) -> None:
        """Delete a list."""
        raise NotImplementedError

    def mails(self) -> dict[str, dict[str, Any]]:
        """Return what lies there by id: `state`, `subject`, `html`, `lists` (ids)."""
        raise NotImplementedError

    def edit(self, mail: str, old: str, new: str) -> None:
        """Change words of a draft in the web editor."""
        raise NotImplementedError

    def move(self, mail: str, list_id: str) -> None:
        """Choose another list for a draft."""
        raise NotImplementedError

    def delete(self, mail: str) -> None:
        """Throw a draft away."""
        raise NotImplementedError

    def set_state(self, mail: str, state: str) -> None:
        """Have a person schedule it (`scheduled`), or send it (`sent`)."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """The address for newsletter.toml."""
        return f"http://127.0.0.1:{self.port}"

    def met(self, request: Request) -> str:
        """Return the mood that a request meets with, "" for none; each is met once."""
        named = f"{request.method} {request.path}"
        for mood in self.moods:
            if re.search(mood[0], named):
                self.moods.remove(mood)
                return mood[1]
        return ""

    @contextlib.contextmanager
    def open(self) -> Iterator["Standin"]:
        """Serve while the block runs."""
        standin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def _do(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                parts = urlsplit(self.path)
                request = Request(
                    method=self.command,
                    path=parts.path.removeprefix(standin.prefix),
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(length),
                )
                asked = f"{self.command} {request.path}"
                if self.command == "HEAD" or asked in standin.instead:
                    # A reader who looks for a picture.
                    status, named = standin.instead.get(asked, standin.picture)
                    self._send(status, b"", named)
                    return
                standin.requests.append(request)
                standin.before(request)
                self._meet(request, standin.met(request))

            def _meet(self, request: Request, mood: str) -> None:
                refused = {"busy": 429, "busy-for-a-second": 429, "fault": 500, "bare-403": 403, "elsewhere": 307}
                if mood == "reset":
                    self._break_off()
                elif mood == "page":
                    self._send(200, b"<!doctype html><title>Log in</title>", {"Content-Type": "text/html"})
                elif mood in refused:
                    extra = {"busy-for-a-second": {"Retry-After": "1"}, "elsewhere": {"Location": "http://127.0.0.2/"}}
                    body = b'{"message": "not now"}' if mood != "bare-403" else b"<h1>Forbidden</h1>"
                    self._send(refused[mood], body, extra.get(mood, {}))
                else:
                    with standin.lock:
                        reply = standin.answer(request) if standin.is_known(request) else Reply(401, {"detail": "no"})
                    body = b"" if reply.json is None else json.dumps(reply.json).encode()
                    if mood == "slow":
                        # Until whoever asked is gone; a second is longer than tests wait.
                        self.connection.settimeout(1)
                        with contextlib.suppress(OSError):
                            self.connection.recv(1)
                    if mood in {"lost", "slow"}:
                        self._break_off()
                    elif mood == "cut":
                        self._send(reply.status, body[: len(body) // 2], reply.headers)
                    elif mood == "fault-after":
                        self._send(500, b'{"message": "oh"}', {})
                    elif mood == "page-after":
                        self._send(200, b"<!doctype html><title>Hotel</title>", {"Content-Type": "text/html"})
                    else:
                        self._send(reply.status, body, reply.headers)

            def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(body)

            def _break_off(self) -> None:
                # A reset, not a polite end: as when a line is cut.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                self.connection.close()
                self.close_connection = True
                with contextlib.suppress(OSError, ValueError):
                    self.wfile.close()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _do

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                # A connection that was broken off on purpose.
                pass

        server = Server(("127.0.0.1", 0), Handler)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def basic(request: Request) -> tuple[str, str]:
    """Return user and password of HTTP basic authentication, empty where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Basic":
        return "", ""
    user, _, password = base64.b64decode(token).decode().partition(":")
    return user, password


def page_of(values: list[Any], request: Request, *, count: int, most: int) -> list[Any]:
    """Return one page of values, by `count` and `offset`."""
    size = min(int(request.query.get("count", count)), most)
    offset = int(request.query.get("offset", 0))
    return values[offset : offset + size]


def form_file(request: Request, field_name: str) -> tuple[str, bytes]:
    """Return name and bytes of a file in a multipart/form-data request; AssertionError where it is none."""
    match = re.fullmatch(r"multipart/form-data; boundary=(\S+)", request.headers["content-type"])
    assert match, request.headers["content-type"]
    head, _, rest = request.body.partition(b"\r\n\r\n")
    content, _, tail = rest.rpartition(f"\r\n--{match[1]}--".encode())
    named = re.search(rb'name="([^"]*)"; filename="([^"]*)"', head)
    assert named and named[1].decode() == field_name and tail == b"\r\n", head
    return named[2].decode(), content


def stamp() -> str:
    """Return this moment, as most of them write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
