"""The client for the web: what it returns and what it refuses. What harm sites can do: test_hostile_servers.py."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from newsletter.web import Client, Failed, NoTurn, Reply


@contextlib.contextmanager
def site(answers: list[bytes]) -> Iterator[str]:
    """Run a server that gives these answers, one a connection; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for answer in answers:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65_536)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(30)


def client(each: float = 2.0) -> Client:
    return Client(timeout=30, patience=30, each=each, may_open=lambda address: address.is_loopback)


@pytest.mark.parametrize(
    "header", [b"Server : old", b"Transfer-Encoding: gzip, chunked", b"no header at all", b"X(1): y", b"X: a\x01b"]
)
def test_what_browsers_show_is_read_whatever_its_headers(header: bytes) -> None:
    with site([b"HTTP/1.1 200 OK\r\nX: y\r\n" + header + b"\r\nConnection: close\r\n\r\n"]) as address:
        assert client().get(address) == Reply(address=address, status=200)


def test_the_reply_says_where_it_was_found_and_whether_for_good() -> None:
    moved = b"HTTP/1.1 301 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
    found = b"HTTP/1.1 302 Found\r\nLocation: /c\r\nContent-Length: 0\r\n\r\n"
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    with site([moved, page, moved, found, page]) as address:
        assert client().get(f"{address}/a") == Reply(address=f"{address}/b", status=200, body=b"hello")
        assert client().get(f"{address}/a") == Reply(
            address=f"{address}/c", status=200, body=b"hello", moved_for_good=False
        )


def test_the_page_of_an_error_is_not_read() -> None:
    with site([b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nsorry"]) as address:
        assert client().get(address) == Reply(address=address, status=404)


def test_what_is_no_address_fails_in_words() -> None:
    with pytest.raises(Failed) as failed:
        client().get("http://[half")
    assert failed.value.reason == "it is no address that can be asked (unknown url type: '')"


def test_each_address_is_asked_once_and_has_its_own_outcome() -> None:
    with site([b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]) as address:
        outcomes = list(client().get_all([address, "http://10.0.0.1/", address]))
    assert len(outcomes) == 2
    assert dict(outcomes)[address] == Reply(address=address, status=200)
    refused = dict(outcomes)["http://10.0.0.1/"]
    assert isinstance(refused, Failed)
    assert refused.reason == "it leads into a private network, so it was not opened"


def test_what_had_no_turn_in_time_says_so() -> None:
    late = Client(timeout=1, patience=-1, each=0, may_open=lambda address: address.is_loopback)
    [(address, outcome)] = late.get_all(["http://127.0.0.1:9/"])
    assert address == "http://127.0.0.1:9/"
    assert isinstance(outcome, NoTurn)


def test_the_reply_says_what_it_is_and_whether_it_came_whole() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 200000\r\n\r\n"
    with site([head + b"x" * 200_000, head + b"x" * 200_000, head + b"x" * 10]) as address:
        whole = Client(timeout=30, patience=30, most=300_000, may_open=lambda one: one.is_loopback)
        reply = whole.get(address)
        assert (len(reply.body), reply.content_type, reply.is_whole) == (200_000, "text/csv", True)
        assert client().get(address).is_whole is False
        cut = whole.get(address)
        assert (len(cut.body), cut.is_whole) == (10, False)
