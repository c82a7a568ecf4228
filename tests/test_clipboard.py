"""What goes to a terminal's clipboard over SSH, and what is too long for one."""

import base64
import io
from contextlib import redirect_stderr

import pytest

from newsletter.cli.clipboard import copy
from newsletter.errors import CommandError

# The longest that goes through, in bytes.
MOST = 74_000


class Screen(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Return the terminal of somebody who works on a far machine."""
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 5 192.0.2.2 22")
    return Screen()


@pytest.mark.parametrize("words", ["x" * MOST, "é" * (MOST // 2)])
def test_what_a_terminal_takes_is_sent_whole_in_one_short_enough_sequence(screen: Screen, words: str) -> None:
    with redirect_stderr(screen):
        assert copy(words).startswith("sent to your terminal's clipboard")
    seen = screen.getvalue()
    assert seen == f"\x1b]52;c;{base64.b64encode(words.encode()).decode()}\a"
    # hterm and others drop a sequence of more than 100,000 bytes.
    assert len(seen) <= 100_000


@pytest.mark.parametrize(
    ("words", "size"), [("x" * (MOST + 1), "74"), ("é" * (MOST // 2) + "x", "74"), ("x" * 100_500, "100")]
)
def test_what_is_too_long_for_a_terminal_is_refused_in_words_and_not_sent(
    screen: Screen, words: str, size: str
) -> None:
    with redirect_stderr(screen), pytest.raises(CommandError) as caught:
        copy(words)
    assert str(caught.value).startswith(f"{size} kB are too long for a terminal's clipboard\n  hint: open the file")
    assert screen.getvalue() == ""
