"""newsletter preview: what it shows, where, and what it says of bad input."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import Result

from tests.room import TOML, Room, picture

Run = Callable[..., Result]


def test_what_is_previewed_is_what_was_built(run: Run, room: Room) -> None:
    room.item("tree", "A tree was planted.\n")
    result = run("preview", "LPMN")
    assert result.exit_code == 0
    assert "A tree was planted." in result.stdout
    shown = room.built("issue.html"), room.built("issue.txt")
    run("build", "LPMN")
    assert (room.built("issue.html"), room.built("issue.txt")) == shown


def test_a_pipe_gets_plain_text(run: Run, room: Room) -> None:
    room.item("tree", "See [the plan](https://example.org/plan).\n")
    result = run("preview", "LPMN")
    assert "\x1b" not in result.stdout
    assert re.search(r"^\[\d\] https://example.org/plan$", result.stdout, re.M)
    assert [line for line in result.stdout.splitlines() if line != line.rstrip()] == []


def test_the_text_part_is_shown_byte_for_byte(run: Run, room: Room) -> None:
    room.item("tree", "Ünïcödé 🌳.\n", link="https://example.org/tree")
    result = run("preview", "LPMN", "--part", "text")
    assert result.stdout_bytes == room.built("issue.txt")


def test_the_inbox_shows_every_issue_of_the_month(run: Run, room: Room) -> None:
    room.item("tree", chapters=["LPMN", "network"])
    result = run("preview", "--part", "inbox")
    assert re.findall(r"^2024-09/\S+$", result.stdout, re.M) == ["2024-09/network", "2024-09/state-LPMN"]
    assert result.stdout.count("Apple Mail on an iPhone") == 2


def test_a_width_can_be_asked_for(run: Run, room: Room) -> None:
    room.item("tree", "word " * 100)
    lines = run("preview", "LPMN", "--width", "40").stdout.splitlines()
    assert max(len(line) for line in lines if not line.startswith("[")) == 40


def test_a_preview_does_not_turn_a_finished_build_into_another_provider_s(run: Run, room: Room) -> None:
    room.item("tree")
    run("build", "LPMN", "--for", "mailchimp")
    before = room.built("issue.html")
    assert "*|UNSUB|*" in run("preview", "LPMN").stdout
    assert room.built("issue.html") == before
    assert "*|UNSUB|*" not in run("preview", "LPMN", "--for", "html").stdout


def test_an_unknown_issue_is_answered_with_the_nearest(run: Run, room: Room) -> None:
    room.item("tree")
    result = run("preview", "LPNM")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "no issue is called 'LPNM'\n  hint: did you mean 'LPMN'?\n"


def test_a_month_with_nothing_says_what_there_is(run: Run, room: Room) -> None:
    room.item("tree")
    result = run("preview", "-m", "2023-01")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "2023-01 has no items" in result.stderr
    assert "the months with items are 2024-09" in result.stderr
    result = run("preview", "LPMN", "-m", "2023-01")
    assert result.exit_code == 1
    assert "2023-01/state-LPMN has no items, so there is nothing to preview" in result.stderr


def test_a_faulty_newsroom_shows_the_faults_that_build_shows(run: Run, room: Room) -> None:
    room.item("tree", chapters=["LPNM"])
    room.item("walk")
    preview, build = run("preview", "-m", "2024-09"), run("build", "-m", "2024-09")
    assert preview.exit_code == build.exit_code == 1
    assert "issues/2024-09/items/tree.md" in preview.stderr
    assert preview.stderr.splitlines()[:2] == build.stderr.splitlines()[:2]


def test_broken_yaml_is_a_fault_and_not_a_crash(run: Run, room: Room) -> None:
    room.file("issues/2024-09/items/tree.md", "---\ntitle: [\n---\nWords.\n")
    result = run("preview", "LPMN", "-m", "2024-09")
    assert result.exit_code == 1
    assert "issues/2024-09/items/tree.md:" in result.stderr


class Terminal:
    """The command on a terminal of its own."""

    def __init__(
        self, room: Room, *arguments: str, answers: Mapping[str, str] | None = None, **environment: str
    ) -> None:
        self.seen = ""
        self.answers = dict(answers or {})
        main, side = pty.openpty()
        import fcntl
        import struct
        import termios

        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 72, 720, 600))
        kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "PYTHONPATH", "LANG"}}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "newsletter", "--newsroom", str(room.root), "preview", *arguments],
            stdin=side,
            stdout=side,
            stderr=side,
            env={**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONUTF8": "1", **environment},
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )
        os.close(side)
        self.main = main

    def until(self, *words: str) -> str:
        """Return what came up to the words, one after the other; fails after twenty seconds."""
        wanted = re.compile(".*?".join(map(re.escape, words)), re.DOTALL)
        return self._read(lambda: wanted.search(self.seen) is not None)

    def end(self) -> str:
        """Return everything once the command has ended."""
        seen = self._read(lambda: False)
        self.process.wait(20)
        os.close(self.main)
        return seen

    def press(self, keys: str) -> None:
        os.write(self.main, keys.encode())

    def _read(self, is_enough: Callable[[], bool]) -> str:
        deadline = time.monotonic() + 20
        while not is_enough():
            ready, _, _ = select.select([self.main], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"nothing more came after: {self.seen[-2000:]}"
            try:
                got = os.read(self.main, 65536)
            except OSError:
                got = b""
            if not got:
                break
            self.seen += got.decode(errors="replace")
            # A terminal answers in the order in which it is asked.
            asked = [question for question in self.answers if question in self.seen]
            for question in sorted(asked, key=self.seen.index):
                os.write(self.main, self.answers.pop(question).encode())
        return self.seen


def test_a_terminal_that_follows_links_gets_them_in_the_words(room: Room) -> None:
    room.item("tree", "See [the plan](https://example.org/plan).\n")
    seen = Terminal(room, "LPMN", PAGER="cat", TERM_PROGRAM="vscode", TERM="xterm-256color").end()
    # `cat` is a pager of which nobody knows what it lets pass.
    assert "\x1b]8;" not in seen
    assert "the plan" in seen and "[2]" in seen


def test_pictures_are_drawn_in_half_blocks_or_told_in_words(room: Room) -> None:
    room.file("issues/2024-09/items/tree.png", picture("#A23B2A", (160, 90)))
    room.item("tree", image="tree.png", image_alt="A red tree")
    drawn = Terminal(room, "LPMN", PAGER="cat").end()
    assert "\x1b[38;2;162;59;42;48;2;162;59;42m▀" in drawn
    assert "A red tree" not in drawn
    for told in (
        Terminal(room, "LPMN", "--no-images", PAGER="cat").end(),
        Terminal(room, "LPMN", PAGER="cat", NO_COLOR="1").end(),
        Terminal(room, "LPMN", PAGER="cat", TERM="dumb").end(),
    ):
        assert "[Picture: A red tree]" in told
        assert "38;2;162" not in told


# What a terminal with sixels, or kitty, answers to the questions whether it draws.
SIXELS = {"\x1b[c": "\x1b[?62;4;22c"}
KITTY = {"\x1b[c": "\x1b[?62c", "a=q": "\x1b_Gi=1;OK\x1b\\"}


@pytest.mark.parametrize(
    ("term", "answers", "drawn"), [("foot", SIXELS, "\x1bP"), ("xterm-kitty", KITTY, "\U0010eeee")]
)
def test_a_terminal_with_graphics_draws_pictures_whole(
    room: Room, term: str, answers: Mapping[str, str], drawn: str
) -> None:
    room.file("issues/2024-09/items/tree.png", picture("#A23B2A", (160, 90)))
    room.item("tree", "Words.\n\n" * 40, image="tree.png", image_alt="A red tree")
    terminal = Terminal(room, "LPMN", answers=answers, TERM=term)
    terminal.until("q ends")
    terminal.press(" ")
    terminal.until(drawn)
    terminal.press("q")
    seen = terminal.end()
    assert "\x1b]8;" in seen
    assert terminal.process.returncode == 0


def test_no_colour_means_no_colour(room: Room) -> None:
    room.item("tree", "Words.\n")
    seen = Terminal(room, "LPMN", PAGER="cat", NO_COLOR="1").end()
    assert "Words." in seen
    assert re.findall(r"\x1b\[[0-9;]*(?:[34][0-8]|9[0-7])[0-9;]*m", seen) == []


def test_watching_shows_a_save_keeps_the_place_and_survives_a_fault(room: Room) -> None:
    room.item("tree", "\n\n".join(f"Paragraph number {number} of the story." for number in range(60)))
    terminal = Terminal(room, "LPMN", "--watch")
    assert terminal.until("q ends").count("\x1b[K\r\n") == 29
    terminal.press("   ")
    # To the end of the screen: what is left of one must not be taken for the next.
    terminal.until("Paragraph number 33", "q ends")
    terminal.seen = ""
    room.item("tree", "\n\n".join(f"Paragraph number {number} of the story." for number in range(-20, 60)) + "\n\nNew.")
    page = terminal.until("q ends")
    assert "Paragraph number 33" in page and "From " not in page
    terminal.seen = ""
    told = room.root.joinpath("issues/2024-09/items/tree.md").read_text("utf-8")
    room.item("tree", "Words.\n", section="winz")
    assert "did you mean 'wins'?" in terminal.until("1 fault, shown at the top", "q ends")
    terminal.seen = ""
    room.file("issues/2024-09/items/tree.md", told)
    page = terminal.until("q ends")
    assert "Paragraph number 33" in page and "From " not in page
    terminal.seen = ""
    terminal.press("g")
    terminal.until("From ")
    room.file("newsletter.toml", TOML.replace('name = "Minnesota"', 'name = "North Star"'))
    terminal.until("North Star")
    terminal.press("q")
    seen = terminal.end()
    assert "Traceback" not in seen
    assert seen.endswith("\x1b[?25h\x1b[?1049l")
    assert terminal.process.returncode == 0


def test_a_narrow_reader_still_says_how_to_leave_it(room: Room) -> None:
    room.item("tree", "Words.\n\n" * 40)
    terminal = Terminal(room, "2024-09/state-LPMN", "--watch", COLUMNS="40")
    assert " 2024-09/state-LPMN, sho · 0 % · q ends\x1b[0m" in terminal.until("q ends\x1b[0m")
    terminal.press("q")
    terminal.end()
    assert terminal.process.returncode == 0


def test_head_may_close_the_pipe(room: Room) -> None:
    for number in range(10):
        room.item(f"tree-{number}", "word " * 19_000)
    told = subprocess.run(
        f"{sys.executable} -m newsletter --newsroom {room.root} preview LPMN | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
        check=False,
    )
    assert told.stdout.startswith("From ")
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("arguments", [["--width", "5"], ["--part", "html"], ["--port", "70000"]])
def test_an_option_out_of_range_is_refused(run: Run, room: Room, arguments: list[str]) -> None:
    room.item("tree")
    assert run("preview", "LPMN", *arguments).exit_code == 2
