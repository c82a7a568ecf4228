"""Mail servers and sites that mean harm: they never end, never answer, send too much, lead elsewhere, want secrets."""

import contextlib
import gzip
import ipaddress
import itertools
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import keyring
import pytest
import trustme

from newsletter import sockets
from newsletter.check.fetch import Answer, Fetcher
from newsletter.cli.credentials import is_host, is_kept, keep
from newsletter.deliver.smtp import Server, send
from newsletter.errors import ServerError
from newsletter.memo import Cache
from newsletter.sockets import is_loopback
from newsletter.web import Client
from tests.conftest import INSTALLED, Run
from tests.mailserver import PASSWORD, USER, mail_server
from tests.room import TOML, Room
from tests.terminal import Terminal

ANA = "ana@network.example"
# What no test may take, however busy the machine is; and what a command needs to load all it uses.
GUARD, MEMORY = 60, 400_000_000
MEBIBYTE = 1_048_576

Talk = Callable[[socket.socket], None]


@dataclass
class Rude:
    """A server on loopback that talks as it is told to; what it heard, and how many came."""

    talk: Talk
    port: int = 0
    came: int = 0
    heard: list[bytes] = field(default_factory=list)

    def work(self, connection: socket.socket) -> None:
        """Talk to one caller until either has enough."""
        with connection, contextlib.suppress(OSError):
            self.talk(connection)


@contextlib.contextmanager
def rude(talk: Talk) -> Iterator[Rude]:
    """Run such a server while the block runs."""
    server = Rude(talk)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server.port = listening.getsockname()[1]

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    server.came += 1
                    threading.Thread(target=server.work, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def flood(words: bytes) -> Talk:
    """Say it without end, as fast as it is taken."""

    def talk(connection: socket.socket) -> None:
        while True:
            connection.sendall(words * max(1, 65_536 // len(words)))

    return talk


def drip(words: bytes) -> Talk:
    """Say it without end, a byte at a time: never so slow that one wait is too long."""

    def talk(connection: socket.socket) -> None:
        for byte in itertools.cycle(words):
            connection.sendall(bytes([byte]))
            time.sleep(0.03)

    return talk


def silence(connection: socket.socket) -> None:
    """Take all, and say nothing."""
    while connection.recv(65_536):
        pass


@dataclass
class Ended:
    """How a command ended, and the most memory that it took."""

    exit_code: int
    stdout: str
    stderr: str
    peak: int


def _peak(pid: int) -> int:
    """Return the most bytes that a process took so far; 0 where the system does not tell.

    What `wait4` tells of a child counts those of its parent in, which it had before it became another program.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return 0
    match = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(match[1]) * 1024 if match else 0


def ended(arguments: list[str], environment: dict[str, str], stop: Callable[[], bool] | None = None) -> Ended:
    """Run the command as a process of its own; press Ctrl-C as soon as `stop` says so."""
    # Whoever takes more than 3 GB is refused it, instead of taking the machine down; macOS knows no such limit.
    limited = ["sh", "-c", 'ulimit -v 3000000 2>/dev/null; exec "$@"', "sh", *INSTALLED, *arguments]
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        process = subprocess.Popen(limited, env={**os.environ, **environment}, stdout=stdout, stderr=stderr)
        guard = threading.Timer(GUARD, process.kill)
        guard.start()
        if stop:
            while not stop() and guard.is_alive():
                time.sleep(0.02)
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _peak(process.pid))
            time.sleep(0.02)
        guard.cancel()
        stdout.seek(0)
        stderr.seek(0)
        return Ended(process.returncode, stdout.read(), stderr.read(), peak)


# Mail servers.

STAGES = ["greeting", "EHLO", "STARTTLS", "EHLO after TLS", "AUTH", "MAIL", "RCPT", "DATA", "content", "QUIT"]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """Return what a server for localhost speaks TLS with, and the file of the authority that vouches for it."""
    authority = trustme.CA()
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.1").configure_cert(context)
    return context, file


def until(stage: str, rudeness: Talk, tls: ssl.SSLContext | None = None) -> Talk:
    """Be a good mail server up to that stage, and rude from there on."""
    has_tls = stage in {"STARTTLS", "EHLO after TLS"}
    replies = {b"MAIL": b"250 OK", b"RCPT": b"250 OK", b"DATA": b"354 go", b"AUTH": b"235 OK", b"QUIT": b"221 bye"}

    def talk(connection: socket.socket, closing: contextlib.ExitStack) -> None:
        if stage == "greeting":
            return rudeness(connection)
        connection.sendall(b"220 hello\r\n")
        lines, is_encrypted = connection.makefile("rb"), False
        while line := lines.readline():
            verb = line[:4].upper().rstrip()
            name = {b"STAR": "STARTTLS"}.get(verb, verb.decode())
            if (f"{name} after TLS" if is_encrypted else name) == stage:
                return rudeness(connection)
            if verb == b"EHLO":
                offer = b"250-STARTTLS\r\n" if has_tls and not is_encrypted else b""
                connection.sendall(b"250-hello\r\n" + offer + b"250 AUTH PLAIN\r\n")
            elif verb == b"STAR":
                assert tls
                connection.sendall(b"220 go\r\n")
                connection = closing.enter_context(tls.wrap_socket(connection, server_side=True))
                lines, is_encrypted = connection.makefile("rb"), True
            else:
                connection.sendall(replies[verb] + b"\r\n")
            if verb == b"DATA":
                for content in iter(lines.readline, b".\r\n"):
                    assert content
                if stage == "content":
                    return rudeness(connection)
                connection.sendall(b"250 taken\r\n")
        return None

    def closed(connection: socket.socket) -> None:
        with contextlib.ExitStack() as closing:
            talk(connection, closing)

    return closed


def outcome(stage: str, rudeness: Talk, tls: ssl.SSLContext, timeout: float) -> str:
    """Return what `send` says of such a server, the port masked; "sent" if it raises nothing."""
    with rude(until(stage, rudeness, tls)) as server:
        to = Server(
            host="localhost",
            port=server.port,
            encryption="starttls" if stage in {"STARTTLS", "EHLO after TLS"} else "none",
            user=USER,
            password=PASSWORD,
            timeout=timeout,
        )
        begun = time.monotonic()
        try:
            refused = send(to, b"Subject: One\r\n\r\nTwo\r\n", "desk@network.example", [ANA])
        except ServerError as error:
            return str(error).partition("\n")[0].replace(f":{server.port}", "")
        finally:
            assert time.monotonic() - begun < GUARD
    assert refused == {}
    return "sent"


def means(stage: str, words: str) -> str:
    """Return what a failure at the stage is to say: once the mail is on its way nobody can know."""
    return {
        "content": "the mail may have been sent: localhost did not say what became of it",
        "QUIT": "sent",
    }.get(stage, words)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("words", [b"220-without end\r\n", b"250-", b"250\xff", b"250-\r\n", b"x" * 100])
def test_a_mail_server_that_talks_without_end_is_left(
    monkeypatch: pytest.MonkeyPatch, certificate: tuple[ssl.SSLContext, Path], stage: str, words: bytes
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    told = outcome(stage, flood(words), certificate[0], timeout=20)
    assert told == means(stage, "localhost talks without end, so nothing was sent")


def test_a_mail_server_that_drips_is_left_at_every_stage_when_the_time_for_all_is_up(
    monkeypatch: pytest.MonkeyPatch, certificate: tuple[ssl.SSLContext, Path]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))

    def told(stage: str) -> str:
        return outcome(stage, drip(b"250-drip by drip\r\n"), certificate[0], timeout=0.2)

    # All it takes is waiting: so all at once.
    with ThreadPoolExecutor(len(STAGES)) as pool:
        found = dict(zip(STAGES, pool.map(told, STAGES), strict=True))
    assert found == {
        stage: means(stage, "localhost was not done within 2 seconds, so nothing was sent") for stage in STAGES
    }


@pytest.mark.parametrize("rudeness", [silence, drip(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb")])
def test_a_handshake_that_never_ends_has_the_time_of_a_step(rudeness: Talk) -> None:
    with rude(rudeness) as server:
        to = Server(host="localhost", port=server.port, encryption="tls", timeout=0.5)
        with pytest.raises(ServerError) as caught:
            send(to, b"", "desk@network.example", [ANA])
    assert "did not answer within 0.5 seconds, so nothing was sent" in str(caught.value)


def test_a_server_that_takes_no_mail_off_the_line_may_have_it(certificate: tuple[ssl.SSLContext, Path]) -> None:
    def deaf(connection: socket.socket) -> None:
        lines = connection.makefile("rb", buffering=0)
        connection.sendall(b"220 hello\r\n")
        for line in iter(lines.readline, b""):
            connection.sendall(b"354 go\r\n" if line.upper().startswith(b"DATA") else b"250 OK\r\n")
            if line.upper().startswith(b"DATA"):
                time.sleep(GUARD)

    with rude(deaf) as server:
        to = Server(host="localhost", port=server.port, encryption="none", timeout=0.5)
        with pytest.raises(ServerError, match="the mail may have been sent"):
            send(to, b"x" * (32 * MEBIBYTE), "desk@network.example", [ANA])


def test_a_slow_line_is_no_hang_as_long_as_it_takes_something() -> None:
    # More than a step's time for all, never for a piece.
    def slow(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
        connection.sendall(b"220 hello\r\n")
        for verb in (b"250 OK", b"250 OK", b"250 OK", b"354 go"):
            connection.recv(4096)
            connection.sendall(verb + b"\r\n")
        end = b""
        while not end.endswith(b"\r\n.\r\n"):
            end = (end + connection.recv(65_536))[-5:]
            time.sleep(0.01)
        connection.sendall(b"250 taken\r\n")

    with rude(slow) as server:
        to = Server(host="localhost", port=server.port, encryption="none", timeout=1.0)
        begun = time.monotonic()
        assert send(to, b"x" * (16 * MEBIBYTE), "desk@network.example", [ANA]) == {}
    assert time.monotonic() - begun > to.timeout


def test_a_name_that_is_never_found_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        time.sleep(GUARD)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", never)
    to = Server(host="mail.network.example", port=25, encryption="none", timeout=0.3)
    with pytest.raises(ServerError, match=r"did not answer within 0\.3 seconds, so nothing was sent"):
        send(to, b"", "desk@network.example", [ANA])


def test_a_password_with_blanks_is_blotted_out_too() -> None:
    with rude(until("MAIL", lambda connection: connection.sendall(b"550 who is a  b,\x1b[31m c?\r\n"))) as server:
        to = Server(host="localhost", port=server.port, encryption="none", user="desk", password="a  b")
        with pytest.raises(ServerError, match=r"550 who is …,\[31m c\?$"):
            send(to, b"", "desk@network.example", [ANA])


def proof_of(room: Room) -> list[str]:
    room.item()
    return ["--newsroom", str(room.root), "proof", "LPMN", "--to", ANA]


def test_a_proof_to_a_server_that_talks_without_end_takes_no_memory(room: Room) -> None:
    with rude(flood(b"220-welcome\r\n")) as server:
        result = ended(proof_of(room), {"NEWSLETTER_SMTP_URL": f"smtp://localhost:{server.port}"})
    assert result.exit_code == 3
    assert f"localhost:{server.port} talks without end, so nothing was sent\n" in result.stderr
    assert result.peak < MEMORY


@pytest.mark.parametrize(
    ("stage", "exit_code", "words"),
    [
        ("greeting", 130, "stopped; what was finished is whole, nothing is half written"),
        ("RCPT", 130, "stopped; what was finished is whole, nothing is half written"),
        ("content", 3, "the mail may have been sent"),
        ("QUIT", 0, ""),
    ],
)
def test_ctrl_c_ends_a_proof_at_every_stage(room: Room, stage: str, exit_code: int, words: str) -> None:
    reached = threading.Event()

    def rudeness(connection: socket.socket) -> None:
        reached.set()
        drip(b"250-drip\r\n")(connection)

    room.file("newsletter.toml", f"{TOML}\n[proof]\ntimeout = 600\n")
    with rude(until(stage, rudeness)) as server:
        environment = {"NEWSLETTER_SMTP_URL": f"smtp://localhost:{server.port}"}
        begun = time.monotonic()
        result = ended(proof_of(room), environment, stop=reached.is_set)
    assert time.monotonic() - begun < GUARD
    assert (result.exit_code, words in result.stderr) == (exit_code, True)
    assert result.stdout == (f"sent to {ANA}\n" if stage == "QUIT" else "")
    assert "Traceback" not in result.stderr


# Web sites.


def loopback(address: sockets.Address) -> bool:
    """Let the servers of these tests be opened."""
    return address.is_loopback


@pytest.fixture
def fetcher(tmp_path: Path) -> Fetcher:
    return Fetcher(Cache(tmp_path / "cache"), lambda: 0.0, Client(timeout=0.6, patience=1.2, may_open=loopback))


def answered(head: bytes, then: Talk) -> Talk:
    """Read the request, answer with this, and go on so."""

    def talk(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(head)
        then(connection)

    return talk


def page(head: bytes, body: bytes = b"") -> Talk:
    """Answer with this, and hang up."""
    return answered(head + b"Connection: close\r\n\r\n" + body, lambda connection: None)


OK = b"HTTP/1.1 200 OK\r\n"
LATE = Answer(kind="dead", reason="no answer within 1.2 seconds")
ENDLESS = Answer(kind="dead", reason="the site sends headers without end")


@pytest.mark.parametrize(
    ("talk", "answer"),
    [
        (silence, Answer(kind="dead", reason="no answer in time")),
        (answered(b"", drip(b"HTTP/1.1 200 OK")), LATE),
        (answered(OK, drip(b"X-Drip: drop\r\n")), LATE),
        (answered(b"", drip(b"HTTP/1.1 100 Continue\r\n\r\n")), LATE),
        (answered(b"", flood(b"HTTP/1.1 100 Continue\r\n\r\n")), ENDLESS),
        (answered(b"", flood(b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n")), ENDLESS),
        (answered(OK, flood(b"X: " + b"y" * 60_000 + b"\r\n")), ENDLESS),
        (answered(OK, flood(b"X: y\r\n")), Answer(kind="dead", reason="the connection breaks off")),
        (answered(OK + b"X: ", flood(b"y")), Answer(kind="dead", reason="the connection breaks off")),
        (answered(b"", flood(b"y")), Answer(kind="dead", reason="the connection breaks off")),
    ],
)
def test_a_site_whose_head_never_ends_is_dead(fetcher: Fetcher, talk: Talk, answer: Answer) -> None:
    with rude(talk) as server:
        address = f"http://127.0.0.1:{server.port}/"
        begun = time.monotonic()
        assert fetcher.fetch([address]) == {address: answer}
    assert time.monotonic() - begun < GUARD


@pytest.mark.parametrize(
    "body",
    [
        answered(OK + b"\r\n", drip(b"x")),
        answered(OK + b"\r\n", flood(b"x")),
        answered(OK + b"Content-Length: 99999999999999999999\r\n\r\n", flood(b"x")),
        answered(OK + b"Transfer-Encoding: chunked\r\n\r\n", drip(b"1\r\nx\r\n")),
        answered(OK + b"Transfer-Encoding: chunked\r\n\r\n", flood(b"1\r\nx\r\n")),
        answered(OK + b"Transfer-Encoding: chunked\r\n\r\n", flood(b"F")),
        answered(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", drip(b"X: y\r\n")),
        answered(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", flood(b"X: y\r\n")),
        page(OK + b"Content-Encoding: gzip\r\n", gzip.compress(bytes(200 * MEBIBYTE), 1)),
    ],
)
def test_a_page_that_never_ends_is_there_and_read_no_further(fetcher: Fetcher, body: Talk) -> None:
    with rude(body) as server:
        address = f"http://127.0.0.1:{server.port}/"
        begun = time.monotonic()
        assert fetcher.fetch([address])[address].kind == "fine"
    assert time.monotonic() - begun < GUARD


@pytest.mark.parametrize("rudeness", [silence, drip(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb")])
def test_a_handshake_that_stalls_is_left(fetcher: Fetcher, rudeness: Talk) -> None:
    with rude(rudeness) as server:
        address = f"https://localhost:{server.port}/"
        assert fetcher.fetch([address])[address] == Answer(kind="dead", reason="no answer in time")


def test_redirects_without_end_and_slow_ones_are_left(fetcher: Fetcher) -> None:
    number = itertools.count()

    def onward(connection: socket.socket) -> None:
        connection.recv(65_536)
        time.sleep(0.3 if slow else 0)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /%d\r\n\r\n" % next(number))

    with rude(onward) as server:
        slow = False
        address = f"http://127.0.0.1:{server.port}/"
        assert fetcher.fetch([address])[address].reason == "it leads round in circles"
        assert next(number) == 9
        slow = True
        assert fetcher.fetch([address])[address] == LATE


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (b"javascript:\x1b]52;c;eA==\x07", "it leads to javascript:%1B]52;c;eA==%07"),
        (b"http://127.0.0.1/" + b"x" * 60_000, "it leads to an address of 60,017 characters"),
        (b"http://[half", "it is no address that can be asked (Invalid IPv6 URL)"),
        (
            b"http://127.0.0.1:\xf0\x9f\x93\xa3/",
            "it is no address that can be asked (Port could not be",
        ),
    ],
)
def test_what_a_redirect_says_is_one_short_printable_line(fetcher: Fetcher, location: bytes, reason: str) -> None:
    with rude(page(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\n")) as server:
        address = f"http://127.0.0.1:{server.port}/"
        told = fetcher.fetch([address])[address].reason
    assert told.startswith(reason)
    assert told.isprintable()
    assert len(told) < 130


def test_one_site_that_hangs_holds_up_no_other_and_all_of_it_ends(tmp_path: Path) -> None:
    fetcher = Fetcher(Cache(tmp_path), lambda: 0.0, Client(timeout=0.4, patience=0.8, each=0.01, may_open=loopback))
    with rude(silence) as hanging, rude(page(OK, b"ok")) as good:
        bad = [f"http://127.0.0.1:{hanging.port}/{number}" for number in range(100)]
        fine = [f"http://localhost:{good.port}/{number}" for number in range(10)]
        begun = time.monotonic()
        answers = fetcher.fetch([*bad, *fine])
    assert time.monotonic() - begun < GUARD / 4
    assert [answers[address].kind for address in fine] == ["fine"] * 10
    kinds = [answers[address].kind for address in bad]
    assert set(kinds) == {"dead", "late"}
    assert kinds.count("late") > 80


def test_a_thread_that_is_stuck_is_given_up(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck(ssl.SSLContext):
        def wrap_socket(self, *_: object, **__: object) -> ssl.SSLSocket:
            time.sleep(GUARD)
            raise OSError

    fetcher.client.context = Stuck(ssl.PROTOCOL_TLS_CLIENT)
    with rude(silence) as server:
        address = f"https://localhost:{server.port}/"
        assert fetcher.fetch([address])[address] == LATE


def test_ctrl_c_ends_the_opening_of_links_at_once(room: Room) -> None:
    room.item(body="".join(f"[Plan {number}](http://site{number}.council.example/)\n\n" for number in range(20)))
    with rude(answered(b"", drip(b"HTTP/1.1 100 Continue\r\n\r\n"))) as server:
        proxy = f"http://127.0.0.1:{server.port}"
        begun = time.monotonic()
        result = ended(
            ["--newsroom", str(room.root), "check", "LPMN", "--online"],
            {"http_proxy": proxy, "https_proxy": proxy, "no_proxy": ""},
            stop=lambda: server.came > 3,
        )
    # The links alone would take 25 seconds each.
    assert time.monotonic() - begun < 20
    assert result.exit_code == 130
    assert "stopped" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_command_outlives_sites_that_send_without_end_and_takes_no_memory(room: Room) -> None:
    room.item(body="".join(f"[Plan {number}](http://site{number}.council.example/)\n\n" for number in range(20)))
    with rude(answered(b"", flood(b"HTTP/1.1 100 Continue\r\n\r\n"))) as server:
        proxy = f"http://127.0.0.1:{server.port}"
        result = ended(
            ["--newsroom", str(room.root), "check", "LPMN", "--online", "--only", "dead-link", "--format", "json"],
            {"http_proxy": proxy, "https_proxy": proxy, "no_proxy": ""},
        )
    found = [one["message"] for one in json.loads(result.stdout)["findings"] if "site" in one["message"]]
    assert "http://site7.council.example/ does not open: the site sends headers without end" in found
    assert result.peak < MEMORY


# Private networks.

PRIVATE = Answer(kind="dead", reason="it leads into a private network, so it was not opened")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_no_item_can_have_this_machine_asked(tmp_path: Path, host: str) -> None:
    fetcher = Fetcher(Cache(tmp_path), lambda: 0.0, Client(timeout=2))
    with rude(silence) as server:
        address = f"http://{host}:{server.port}/"
        assert fetcher.fetch([address])[address] == PRIVATE
        assert server.came == 0


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        *((one, False) for one in ("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "127.0.0.1", "0.0.0.0")),
        *((one, False) for one in ("169.254.169.254", "100.64.0.1", "100.127.255.255", "224.0.0.1", "255.255.255.255")),
        *((one, False) for one in ("::", "::1", "2001::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::127.0.0.1")),
        *((one, False) for one in ("::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::")),
        *((one, True) for one in ("8.8.8.8", "100.63.255.255", "172.32.0.1", "169.253.0.1", "192.0.1.1")),
        *((one, True) for one in ("2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808")),
    ],
)
def test_which_addresses_are_of_the_public_web(address: str, is_public: bool) -> None:
    assert sockets.is_public(ipaddress.ip_address(address)) is is_public


def test_a_redirect_into_a_private_network_is_not_followed(tmp_path: Path) -> None:
    # The test's public web is 127.0.0.1 alone.
    fetcher = Fetcher(Cache(tmp_path), lambda: 0.0, Client(timeout=2, may_open=lambda one: str(one) == "127.0.0.1"))
    for host in ("127.0.0.2", "169.254.169.254", "10.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706434"):
        with rude(page(b"HTTP/1.1 302 Found\r\nLocation: http://%s/latest/\r\n" % host.encode())) as server:
            address = f"http://127.0.0.1:{server.port}/"
            assert fetcher.fetch([address])[address] == PRIVATE


def test_what_a_name_stands_for_is_judged_when_it_is_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first answer is public, each later one is not: a name that is bound anew between two look-ups.
    asked = []
    with rude(page(b"HTTP/1.1 302 Found\r\nLocation: /again\r\n")) as server:

        def found(host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
            asked.append(host)
            address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, server.port))]

        monkeypatch.setattr(socket, "getaddrinfo", found)
        fetcher = Fetcher(Cache(tmp_path), lambda: 0.0, Client(timeout=2, may_open=lambda one: str(one) == "127.0.0.1"))
        assert fetcher.fetch(["http://rebound.example/"])["http://rebound.example/"] == PRIVATE
    assert asked == ["rebound.example"] * 2
    assert server.came == 1


def test_a_proxy_is_not_asked_for_private_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with rude(page(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/\r\n")) as server:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{server.port}")
        monkeypatch.setenv("no_proxy", "")
        fetcher = Fetcher(Cache(tmp_path), lambda: 0.0, Client(timeout=2))
        private = [
            "http://10.0.0.1/",
            "https://192.168.0.1/",
            "http://localhost/",
            "http://127.1/",
            "http://[fd00::1]/",
        ]
        assert fetcher.fetch(private) == dict.fromkeys(private, PRIVATE)
        assert server.came == 0
        assert fetcher.fetch(["http://council.example/"])["http://council.example/"] == PRIVATE
        assert server.came == 1


def test_a_site_is_sent_no_password_and_no_cookie(fetcher: Fetcher) -> None:
    heard: list[bytes] = []

    def once(connection: socket.socket) -> None:
        heard.append(connection.recv(65_536))
        head = b"HTTP/1.1 302 Found\r\nLocation: http://u:hunter2@127.0.0.1:%d/there\r\n" % server.port
        connection.sendall((head if len(heard) == 1 else OK) + b"Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")

    with rude(once) as server:
        address = f"http://desk:hunter2@127.0.0.1:{server.port}/here"
        answer = fetcher.fetch([address])[address]
    assert answer == Answer(kind="fine", target=f"http://127.0.0.1:{server.port}/there")
    assert [one.split(b" ")[1] for one in heard] == [b"/here", b"/there"]
    for request in heard:
        assert not any(word in request.lower() for word in (b"hunter2", b"authorization", b"cookie", b"referer"))


# The mail password.


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep this machine's keyring and kept answers out; return the folder of the answers."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(keyring, "get_password", lambda service, user: None)
    return tmp_path / "state" / "newsletter"


def names(room: Room, server: str) -> None:
    """Let newsletter.toml name this server."""
    room.file("newsletter.toml", f'{TOML}\n[proof]\nserver = "{server}"\nuser = "{USER}"\ntimeout = 20\n')
    room.item()


def test_the_password_goes_to_no_server_that_only_newsletter_toml_names(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    names(room, "smtp://mail.elsewhere.example:587")
    monkeypatch.setenv("NEWSLETTER_SMTP_PASSWORD", PASSWORD)
    result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 2
    assert result.stderr.endswith(
        "newsletter.toml names the mail server mail.elsewhere.example, but the password in NEWSLETTER_SMTP_PASSWORD "
        "was not given to it before; nothing was sent\n"
        "  hint: if it is your mail server: NEWSLETTER_SMTP_HOST=mail.elsewhere.example\n"
    )
    monkeypatch.setenv("NEWSLETTER_SMTP_HOST", "mail.network.example")
    keep(state, "mail.elsewhere.example")
    result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 2
    assert "is for NEWSLETTER_SMTP_HOST; nothing was sent" in result.stderr
    assert PASSWORD not in result.output


@pytest.mark.parametrize("way", ["NEWSLETTER_SMTP_HOST", "NEWSLETTER_SMTP_URL", "kept", "keyring"])
def test_a_server_that_somebody_named_on_this_machine_gets_it(
    room: Room,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    certificate: tuple[ssl.SSLContext, Path],
    state: Path,
    way: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    monkeypatch.setenv("NEWSLETTER_SMTP_PASSWORD", PASSWORD)
    with mail_server(tls=certificate[0], has_auth=True) as server:
        # A name for loopback that is not counted as such.
        names(room, f"smtp://127.1:{server.port}")
        assert run("proof", "LPMN", "--to", ANA).exit_code == 2
        if way == "NEWSLETTER_SMTP_HOST":
            monkeypatch.setenv(way, f"127.1:{server.port}")
        elif way == "NEWSLETTER_SMTP_URL":
            monkeypatch.setenv(way, f"smtp://{USER.replace('@', '%40')}@127.1:{server.port}")
        elif way == "kept":
            keep(state, "127.1")
        else:
            monkeypatch.setattr(keyring, "get_password", {("newsletter 127.1", USER): PASSWORD}.get)
            monkeypatch.setattr(
                keyring, "get_password", lambda *key: PASSWORD if key[0] == "newsletter 127.1" else None
            )
            monkeypatch.setenv("NEWSLETTER_SMTP_PASSWORD", "another")
        result = run("proof", "LPMN", "--to", ANA)
    assert (result.exit_code, result.stdout) == (0, f"sent to {ANA}\n"), result.stderr
    assert server.logins == [PASSWORD.encode()]


@pytest.mark.parametrize("answer", ["y", "n"])
def test_on_a_terminal_it_is_asked_once_and_the_yes_is_kept(
    room: Room, certificate: tuple[ssl.SSLContext, Path], state: Path, answer: str
) -> None:
    command = [sys.executable, "-m", "newsletter", "--newsroom", str(room.root), "proof", "LPMN", "--to", ANA]
    with mail_server(tls=certificate[0], has_auth=True) as server:
        names(room, f"smtp://127.1:{server.port}")
        environment = {
            **os.environ,
            "NEWSLETTER_SMTP_PASSWORD": PASSWORD,
            "SSL_CERT_FILE": str(certificate[1]),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        question = "newsletter.toml names 127.1; give it the password in NEWSLETTER_SMTP_PASSWORD? [y/N]: "
        for is_first in (True, False):
            with Terminal(command, environment) as terminal:
                if is_first or answer == "n":
                    terminal.read_until(question)
                    terminal.type(answer)
                seen = terminal.read_to_end()
                assert terminal.exit_code == (0 if answer == "y" else 1)
            assert (f"sent to {ANA}" in seen) == (answer == "y")
            assert PASSWORD not in seen
    assert server.logins == [PASSWORD.encode()] * (2 if answer == "y" else 0)
    assert state.exists() == (answer == "y")
    if answer == "y":
        assert [file.name for file in state.iterdir()] == ["mail-hosts"]
        assert (state / "mail-hosts").read_text() == "127.1\n"
        assert (state / "mail-hosts").stat().st_mode & 0o777 == 0o600
        assert state.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("stated", "is_it"),
    [
        *((one, True) for one in ("mail.network.example", "Mail.Network.Example.", " mail.network.example:587 ")),
        *((one, False) for one in ("", "network.example", "mail.network.example:25", "amail.network.example", "*")),
        *((one, False) for one in ("mail.network.example.evil.example", "smtp://mail.network.example", ":587")),
    ],
)
def test_a_host_is_named_whole_with_or_without_its_port(stated: str, is_it: bool) -> None:
    assert is_host(stated, "mail.network.example", 587) is is_it


def test_an_answer_that_lies_in_the_newsroom_is_a_strangers(tmp_path: Path) -> None:
    room = tmp_path / "room"
    keep(room / "state", "mail.elsewhere.example")
    assert not is_kept(room / "state", room, "mail.elsewhere.example")
    assert is_kept(room / "state", tmp_path / "another", "MAIL.elsewhere.example.")
    assert not is_kept(tmp_path / "none", room, "mail.elsewhere.example")
    assert not is_kept(room / "state", tmp_path / "another", "elsewhere.example")


def test_a_name_that_only_looks_like_this_machine_is_another() -> None:
    assert [one for one in ("localhost", "127.0.0.1", "127.255.0.9", "::1") if not is_loopback(one)] == []
    for host in ("127.0.0.1.elsewhere.example", "127.0.0.999", "localhost.elsewhere.example", "127.1", "0.0.0.0"):
        assert not is_loopback(host)
