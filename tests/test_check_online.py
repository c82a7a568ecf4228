"""check --online, against a server of our own that misbehaves; --spam, against SpamAssassin where it is installed."""

import contextlib
import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import trustme

from newsletter.check.fetch import Answer, Fetcher, is_offline
from newsletter.memo import Cache
from newsletter.web import Client
from tests.conftest import Run
from tests.room import Room
from tests.tools import GTUBE, spamassassin


class Door:
    """Holds requests back until `wanted` of them are waiting, and counts how many of each host ever were."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.waiting: Counter[str] = Counter()
        self.most: dict[str, int] = {}
        self.changed = threading.Condition()
        self.is_open = self.is_late = False

    def pass_through(self, host: str) -> None:
        """Wait for the others; return before the answer goes out, since the next request may follow it at once."""
        with self.changed:
            self.waiting[host] += 1
            self.most[host] = max(self.most.get(host, 0), self.waiting[host])
            self.is_open = self.is_open or self.waiting.total() >= self.wanted
            self.changed.notify_all()
            # They never come: nobody need wait so long again.
            self.is_late = not self.changed.wait_for(lambda: self.is_open or self.is_late, timeout=20) or self.is_late
            self.changed.notify_all()
            self.waiting[host] -= 1


class Site(BaseHTTPRequestHandler):
    """Answers as the path (or, asked as a proxy, the host) says."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[str]] = []
    door: ClassVar[Door]

    def do_GET(self) -> None:
        host, _, path = (
            self.path.removeprefix("http://").partition("/") if "://" in self.path else ("", "", self.path[1:])
        )
        Site.asked.append(self.path)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.answer(host, path.partition("?")[0])

    def answer(self, host: str, path: str) -> None:
        if host == "drive.google.com":
            return self.send(302, "http://accounts.google.com/signin")
        if path == "moved":
            return self.send(301, "/here")
        if path == "for-now":
            return self.send(302, "/here")
        if path == "slash":
            return self.send(301, "/slash/")
        if path == "circle":
            return self.send(301, "/circle")
        if path == "odd":
            return self.send(301, "javascript:alert(1)")
        if path == "hang":
            time.sleep(3)
            return self.send(200)
        if path == "drip":
            return self.drip()
        if path == "cut":
            self.wfile.write(b"HT")
            self.close_connection = True
            return None
        if path == "held":
            Site.door.pass_through(host)
        return self.send({"gone": 410, "missing": 404, "broken": 500, "guarded": 403, "busy": 429}.get(path, 200))

    def send(self, status: int, to: str = "") -> None:
        self.send_response(status)
        if to:
            self.send_header("Location", to)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(30):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    # Where more knock at once than the queue holds, a client tries again after a second.
    request_queue_size = 64


@pytest.fixture
def site() -> Iterator[str]:
    """The address of the server."""
    with Server(("127.0.0.1", 0), Site) as server:
        Site.asked = []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def proxied(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server stand for any host: it is asked as a proxy."""
    monkeypatch.setenv("http_proxy", site)
    monkeypatch.setenv("no_proxy", "")


@pytest.fixture
def fetcher(tmp_path: Path) -> Fetcher:
    client = Client(timeout=0.8, patience=1.5, may_open=lambda one: one.is_loopback)
    return Fetcher(Cache(tmp_path / "cache"), lambda: 1_000_000.0, client)


@pytest.mark.parametrize(
    ("path", "kind", "reason"),
    [
        ("fine", "fine", ""),
        ("for-now", "fine", ""),
        ("slash", "fine", ""),
        ("moved", "moved", ""),
        ("missing", "dead", "the site says it is not there (404)"),
        ("gone", "dead", "the site says it is not there (410)"),
        ("broken", "dead", "the site answers with an error (500)"),
        ("guarded", "unsure", "403"),
        ("busy", "unsure", "429"),
        ("circle", "dead", "it leads round in circles"),
        ("odd", "dead", "it leads to javascript:alert(1)"),
        ("hang", "dead", "no answer in time"),
        ("drip", "fine", ""),
        ("cut", "dead", "the connection breaks off"),
    ],
)
def test_each_kind_of_page_is_told(site: str, fetcher: Fetcher, path: str, kind: str, reason: str) -> None:
    address = f"{site}/{path}"
    answer = fetcher.fetch([address])[address]
    assert (answer.kind, answer.reason) == (kind, reason)
    if kind == "moved":
        assert answer.target == f"{site}/here"


@pytest.mark.usefixtures("proxied")
def test_a_page_that_only_its_owner_may_open_is_private(fetcher: Fetcher) -> None:
    address = "http://drive.google.com/file/d/1/view"
    assert fetcher.fetch([address])[address].kind == "private"


def test_nothing_that_answers_and_no_valid_certificate_are_dead(fetcher: Fetcher) -> None:
    certificate = trustme.CA().issue_cert("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        server.daemon_threads = True
        # The handshake belongs to the connection's own thread, else one client stops them all.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        address = f"https://127.0.0.1:{server.server_port}/"
        answer = fetcher.fetch([address])[address]
        server.shutdown()
    assert answer == Answer(kind="dead", reason="its certificate is not valid, so browsers warn")
    assert fetcher.fetch([address])[address] == Answer(kind="dead", reason="nothing answers there")


@pytest.mark.parametrize("address", ["http://[::1", "http://exa mple/", "http://127.0.0.1:99999/", "https://"])
def test_an_address_that_is_none_is_dead_and_raises_nothing(fetcher: Fetcher, address: str) -> None:
    assert fetcher.fetch([address])[address].kind == "dead"


@pytest.mark.usefixtures("proxied")
def test_many_are_asked_at_a_time(tmp_path: Path) -> None:
    Site.door = Door(16)
    addresses = [f"http://site{number % 8}.example/held?{number}" for number in range(24)]
    answers = Fetcher(Cache(tmp_path), lambda: 0.0, Client(timeout=60, patience=60)).fetch(addresses)
    assert {answer.kind for answer in answers.values()} == {"fine"}
    assert Site.door.is_open, "sixteen were never asked at a time"
    assert max(Site.door.most.values()) == 2


@pytest.mark.usefixtures("proxied")
def test_but_only_two_at_one_host(tmp_path: Path) -> None:
    # Were more than two let in, more than two would come: eight are asked for before the others that open the door.
    Site.door = Door(2 + 8)
    addresses = [f"http://one.example/held?{number}" for number in range(8)]
    addresses += [f"http://site{number}.example/held" for number in range(8)]
    answers = Fetcher(Cache(tmp_path), lambda: 0.0, Client(timeout=60, patience=60)).fetch(addresses)
    assert {answer.kind for answer in answers.values()} == {"fine"}
    assert Site.door.is_open, "ten were never asked at a time"
    assert Site.door.most["one.example"] == 2


def test_what_was_fine_is_not_asked_again_for_a_week_what_was_dead_is(site: str, tmp_path: Path) -> None:
    now = [1_000_000.0]
    fetcher = Fetcher(Cache(tmp_path), lambda: now[0], Client(may_open=lambda one: one.is_loopback))
    for _ in range(2):
        fetcher.fetch([f"{site}/fine", f"{site}/missing"])
    assert sorted(Site.asked) == ["/fine", "/missing", "/missing"]
    now[0] += 8 * 86_400
    fetcher.fetch([f"{site}/fine"])
    assert Site.asked.count("/fine") == 2


def test_the_command_tells_dead_moved_and_unsure_links_at_their_lines(
    room: Room, run: Run, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The command opens nothing on this machine. Asked as a proxy, the server can stand for any host.
    monkeypatch.setenv("http_proxy", site)
    monkeypatch.setenv("https_proxy", site)
    monkeypatch.setenv("no_proxy", "")
    far = "http://council.example"
    skipped = ("--skip", "insecure-link,broken-address,local-link,placeholder-domain", "--online")
    room.item(
        "story",
        f"Read [the plan]({far}/missing) and\n[the report]({far}/moved), [the law]({far}/guarded).\n",
        title="A plan for trees",
    )
    # The newsroom's own addresses are of a domain that does not exist.
    room.file("newsletter.toml", (room.root / "newsletter.toml").read_text().replace("https://network.example", far))
    result = run("check", *skipped, "--format", "json")
    found = [(one["slug"], one["line"], one["level"]) for one in json.loads(result.stdout)["findings"]]
    assert found == [
        ("dead-link", 8, "error"),
        ("moved-link", 9, "advice"),
    ]
    assert (
        "1 link could not be checked: the site turns programs away. Open them yourself:\n"
        f"  issues/2024-09/items/story.md:9: {far}/guarded\n"
    ) in result.stderr
    assert result.exit_code == 1
    room.item("story", f"Read [the plan]({far}/missing).\n", title="A plan", allow=["dead-link"])
    assert run("check", *skipped, "--only", "dead-link").exit_code == 0


def test_without_spamassassin_the_rest_is_told(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    room.item("story", "The council adopted its plan for trees, and it found the money too.\n", title="A plan")
    result = run("check", "--spam")
    assert result.exit_code == 0
    assert "SpamAssassin is not installed" in result.stderr


@pytest.mark.spam
def test_spamassassin_is_asked(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spamassassin()
    # There it leaves settings, and what it learns.
    monkeypatch.setenv("HOME", str(tmp_path))
    room.item("story", f"```\n{GTUBE}\n```\n", title="A plan for trees")
    found = json.loads(run("check", "--spam", "--format", "json", "--only", "spam-score").stdout)["findings"]
    assert [one["slug"] for one in found] == ["spam-score"]
    assert "GTUBE" in found[0]["hint"]
    assert [path.name for path in tmp_path.rglob("bayes*")] == []


def test_a_machine_that_is_offline_is_told_apart_from_dead_links() -> None:
    missing = Answer(kind="dead", reason="there is no such site")
    addresses = [f"https://site{number}.example/" for number in range(3)]
    assert is_offline(dict.fromkeys(addresses, missing))
    assert not is_offline(dict.fromkeys(addresses[:2], missing))
    assert not is_offline({**dict.fromkeys(addresses, missing), "https://fine.example": Answer(kind="fine")})
