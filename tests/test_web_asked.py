"""What asks with a secret: once, past redirects and foreign proxies, and it says whether the server may have heard."""

import contextlib
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import create_connection, socket
from typing import Any

import pytest
import trustme

from newsletter.web import Answer, Client, Failed

SECRET = "s3cret-key"
KEYED = {"Authorization": f"Bearer {SECRET}"}


class Server(ThreadingHTTPServer):
    """A server that keeps what it was asked; with `answers`, a status and headers for each path."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, str, bytes]] = []
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_: Any) -> None:
        pass


class Handler(BaseHTTPRequestHandler):
    """Keeps requests; as a proxy it opens tunnels."""

    server: Server

    def log_message(self, *_: Any) -> None:
        pass

    def do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, self.headers.get("Authorization", ""), body))
        status, headers, answer = self.server.answers.get(self.path, (200, {}, b"yes"))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_CONNECT(self) -> None:
        if self.path in self.server.answers:
            self.do()
            return
        self.server.asked.append((self.command, self.path, self.headers.get("Authorization", ""), b""))
        host, _, port = self.path.rpartition(":")
        with create_connection((host, int(port))) as other:
            self.send_response(200)
            self.end_headers()
            threads = [
                threading.Thread(target=passed_on, args=pair, daemon=True)
                for pair in ((self.connection, other), (other, self.connection))
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(10)
        self.close_connection = True

    do_GET = do_POST = do_PUT = do


def passed_on(source: socket, target: socket) -> None:
    with contextlib.suppress(OSError):
        while words := source.recv(65_536):
            target.sendall(words)
        target.shutdown(1)


@contextlib.contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve while the block runs."""
    server = Server(context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def client(context: ssl.SSLContext | None = None, most: int = 1000) -> Client:
    return Client(timeout=5, patience=5, most=most, context=context, may_open=lambda address: True)


def test_a_request_goes_out_as_it_is_and_its_answer_comes_back() -> None:
    with serving() as server:
        server.answers["/a?b=%20c"] = (422, {"Retry-After": "7"}, b'{"message": "no"}')
        address = f"http://127.0.0.1:{server.server_port}/a?b=%20c"
        answer = client().ask("PUT", address, {**KEYED, "Content-Type": "application/json"}, b'{"x": 1}')
        assert server.asked == [("PUT", "/a?b=%20c", f"Bearer {SECRET}", b'{"x": 1}')]
    assert (answer.status, answer.body, answer.is_whole) == (422, b'{"message": "no"}', True)
    assert answer.headers["retry-after"] == "7"


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with serving() as other, serving() as server:
        server.answers["/"] = (307, {"Location": f"http://127.0.0.1:{other.server_port}/"}, b"")
        answer = client().ask("POST", f"http://127.0.0.1:{server.server_port}/", KEYED, b"{}")
        assert (answer.status, other.asked) == (307, [])


def test_a_long_answer_is_cut_and_says_so() -> None:
    with serving() as server:
        server.answers["/"] = (200, {}, b"x" * 5000)
        answer = client().ask("GET", f"http://127.0.0.1:{server.server_port}/", {})
    assert (len(answer.body) < 5000, answer.is_whole) == (True, False)


def test_what_can_not_be_asked_is_told_without_its_words() -> None:
    for headers in ({"Authorization": f"Bearer {SECRET}\r\nX: y"}, {"Author\nization": SECRET}):
        with pytest.raises(Failed) as failed:
            client().ask("GET", "http://127.0.0.1:9/", headers)
        assert (failed.value.was_sent, SECRET in str(failed.value)) == (False, False)
        assert failed.value.__cause__ is None
        assert failed.value.__suppress_context__


def test_it_is_said_whether_the_server_may_have_heard() -> None:
    with socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        with pytest.raises(Failed, match="nothing answers there") as failed:
            client().ask("POST", f"http://127.0.0.1:{port}/", {}, b"{}")
        assert not failed.value.was_sent
        silent.listen()
        hasty = Client(timeout=0.2, patience=0.4, may_open=lambda address: True)
        with pytest.raises(Failed, match="no answer in time") as failed:
            hasty.ask("POST", f"http://127.0.0.1:{port}/", {}, b"{}")
        assert failed.value.was_sent


def test_an_unencrypted_secret_passes_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy, serving() as server:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
        client().ask("GET", f"http://127.0.0.1:{server.server_port}/", KEYED)
        assert (len(server.asked), proxy.asked) == (1, [])


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (502, "the proxy opens no way there (502)"),
        (403, "the proxy opens no way there (403)"),
        (407, "the proxy asks for a user and a password (407)"),
    ],
)
def test_a_proxy_that_refuses_is_told_and_gets_no_secret(
    monkeypatch: pytest.MonkeyPatch, status: int, reason: str
) -> None:
    with serving() as proxy:
        proxy.answers["api.example:443"] = (status, {"Content-Type": "text/html"}, b"<h1>Bad gateway</h1>")
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.server_port}")
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(Failed) as failed:
            client().ask("POST", "https://api.example/", KEYED, b"{}")
        assert (failed.value.reason, failed.value.was_sent) == (reason, False)
        assert proxy.asked == [("CONNECT", "api.example:443", "", b"")]


def test_an_encrypted_one_passes_a_proxy_that_can_not_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(theirs)
    ours = ssl.create_default_context()
    with serving() as proxy, serving(theirs) as server:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.server_port}")
        monkeypatch.delenv("no_proxy", raising=False)
        address = f"https://127.0.0.1:{server.server_port}/"
        # A certificate that the system does not know: nothing was sent.
        with pytest.raises(Failed, match="certificate is not valid") as failed:
            client(ours).ask("POST", address, KEYED, b"{}")
        assert (failed.value.was_sent, server.asked) == (False, [])
        authority.configure_trust(ours)
        answer: Answer = client(ours).ask("POST", address, KEYED, b"{}")
        assert answer.body == b"yes"
        assert server.asked == [("POST", "/", f"Bearer {SECRET}", b"{}")]
        assert proxy.asked == [("CONNECT", f"127.0.0.1:{server.server_port}", "", b"")] * 2
