"""A host, a port, a deadline -> a connection on which nobody makes us wait longer, or read more, than we said.

A timeout of a socket is for one step: whoever sends a byte a second, or answers without end, is never too late. Here
every step of a connection (finding the host, connecting, TLS, each read and write) asks how much time is left.
"""

import io
import ipaddress
import queue
import re
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Each piece that is sent has the time of a step to leave: a large mail on a slow line is no hang.
_PIECE = 65_536
# What the registries of IANA for special purposes call not globally reachable, and multicast (RFC 6890; read
# 2026-11-26). Python's own is_global differs from version to version (python/cpython#113171, changed in 3.11.10), and
# takes 6to4 and shared addresses for global or not accordingly.
_PRIVATE = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
# All that is given to sites so far lies in 2000::/3; within it, protocols (Teredo among them), documentation, 6to4.
_GIVEN = ipaddress.IPv6Network("2000::/3")
_NOT_GIVEN = tuple(ipaddress.IPv6Network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# Where an IPv6 address only carries one of IPv4: `::ffff:127.0.0.1`, and `64:ff9b::7f00:1`, which a network without
# IPv4 makes of every site that has no IPv6 (RFC 6052).
_CARRIERS = (ipaddress.IPv6Network("::ffff:0:0/96"), ipaddress.IPv6Network("64:ff9b::/96"))


class TooMuch(OSError):
    """The other side sends more than was to be read."""


class Private(OSError):
    """The host lies where we may not connect to: in a private network, or on this very machine."""


class Deadline:
    """When all must be done: `whole` seconds from now; and the seconds that one step may wait until then."""

    def __init__(self, whole: float, step: float) -> None:
        self.whole, self.step = whole, step
        self.until = time.monotonic() + whole

    def left(self) -> float:
        """Return the seconds for the next step; raises TimeoutError if the time for all is up."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for all of it is up")
        return min(self.step, left)

    def cut(self, seconds: float) -> None:
        """Leave no more than so many seconds from now."""
        self.until = min(self.until, time.monotonic() + seconds)

    def is_over(self) -> bool:
        """Tell whether the time for all is up."""
        return time.monotonic() >= self.until


class Bounded:
    """A connected socket, as far as smtplib and http.client use one: reads and writes within the deadline.

    Raises TimeoutError, and TooMuch once more than `most` bytes came.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline, most: float) -> None:
        self.sock, self.deadline, self.most = sock, deadline, most

    def sendall(self, content: bytes) -> None:
        """Send all of it, piece by piece."""
        view = memoryview(content)
        for start in range(0, len(view), _PIECE):
            self.sock.settimeout(self.deadline.left())
            self.sock.sendall(view[start : start + _PIECE])

    def makefile(self, mode: str = "rb", buffering: int = -1) -> io.BufferedReader:
        """Return what the other side sends, as a file."""
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Close the socket, once no file of it is open any more."""
        self.sock.close()


class _Reader(io.RawIOBase):
    def __init__(self, bounded: Bounded) -> None:
        self.bounded, self.taken = bounded, 0
        self.raw = bounded.sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self.bounded.sock.settimeout(self.bounded.deadline.left())
        count = self.raw.readinto(buffer)
        self.taken += count or 0
        if self.taken > self.bounded.most:
            raise TooMuch("more than was to be read")
        return count

    def close(self) -> None:
        self.raw.close()
        super().close()


def connected(
    host: str, port: int, deadline: Deadline, may_open: Callable[[Address], bool] = lambda address: True
) -> socket.socket:
    """Return a socket connected to the host.

    Raises OSError; Private if all that the name stands for may not be opened. It is asked of the very address that is
    connected to: a name may mean another one each time it is looked up.
    """
    error: OSError = Private(host)
    for family, kind, protocol, address in _found(host, port, deadline):
        if not may_open(ipaddress.ip_address(address[0])):
            continue
        sock = None
        try:
            sock = socket.socket(family, kind, protocol)
            sock.settimeout(deadline.left())
            sock.connect(address)
        except BaseException as failed:
            if sock is not None:
                sock.close()
            # A machine without IPv6 still has the other addresses.
            if not isinstance(failed, OSError):
                raise
            error = failed
        else:
            return sock
    raise error


def encrypted(sock: socket.socket, host: str, deadline: Deadline, context: "ssl.SSLContext") -> "ssl.SSLSocket":
    """Return the socket after the handshake of TLS, which as a whole has the time of one step."""
    sock.settimeout(deadline.left())
    return context.wrap_socket(sock, server_hostname=host)


def is_public(address: Address) -> bool:
    """Tell whether the address can be one of a site on the web: of no private network, and not of this machine."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in block for block in _PRIVATE)
    if any(address in block for block in _CARRIERS):
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _GIVEN and not any(address in block for block in _NOT_GIVEN)


def is_loopback(host: str) -> bool:
    """Tell whether the host is this very machine: nothing said to it travels."""
    return host in {"localhost", "::1"} or bool(re.fullmatch(r"127(\.(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})){3}", host))


def literal(host: str) -> Address | None:
    """Return the address that is written in place of a name, `2130706433` and `0x7f.1` too; None for a name."""
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError, ValueError):
        return None
    return ipaddress.ip_address(answers[0][4][0])


def _found(host: str, port: int, deadline: Deadline) -> list[tuple[int, int, int, Any]]:
    """Look the name up, in a thread of its own: nothing else ends a look-up before its time, Ctrl-C neither."""
    answers: queue.SimpleQueue[list[tuple[int, int, int, Any]] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([(family, kind, protocol, address) for family, kind, protocol, _, address in known])
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise TimeoutError("the name was not found in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer
