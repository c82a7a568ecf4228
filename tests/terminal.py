"""A pseudo-terminal with a program in it: what a person sees, and what they type."""

import contextlib
import os
import pty
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from types import TracebackType


class Terminal:
    """Runs a command with a terminal as its input and output."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command,
            env={**environment, "TERM": "xterm", "NO_COLOR": "1"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = ""

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        os.close(self.ours)

    @property
    def exit_code(self) -> int:
        """Return the exit code of the ended program."""
        return self.process.wait(20)

    def type(self, words: str) -> None:
        """Type a line."""
        os.write(self.ours, f"{words}\n".encode())

    def read_until(self, words: str) -> str:
        """Return all that was shown, once the words are."""
        end = time.monotonic() + 20
        while words not in self.seen:
            assert time.monotonic() < end, self.seen
            if not self._read():
                raise AssertionError(self.seen)
        return self.seen

    def read_to_end(self) -> str:
        """Return all that was shown until the program ended."""
        end = time.monotonic() + 20
        while self._read():
            assert time.monotonic() < end, self.seen
        return self.seen

    def _read(self) -> bool:
        if not select.select([self.ours], [], [], 0.5)[0]:
            return self.process.poll() is None
        try:
            chunk = os.read(self.ours, 65_536)
        except OSError:
            # Linux says EIO when the other end is closed.
            return False
        self.seen += chunk.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(chunk)
