"""Issues that are not built are named, and what can't be written is told by its path from here."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.room import Room

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals", allow_module_level=True)

from tests.terminal import Terminal

ROOT = Path(__file__).parent.parent


def on_terminal(room: Room, columns: int, *words: str) -> str:
    """Return what a command shows on a terminal so wide."""
    command = [sys.executable, "-m", "newsletter", "--newsroom", str(room.root), *words]
    with Terminal(command, {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns)}) as terminal:
        return terminal.read_to_end()


def one_of_two(room: Room) -> None:
    """Write two issues of a month, one of them with a fault."""
    room.item("good")
    room.item("bad", chapters=["network"], link="nowhere")


def test_a_pipe_has_rows_of_what_was_built_and_stderr_says_what_was_not(room: Room, run: Run) -> None:
    one_of_two(room)
    result = run("build", "-m", "2024-09")
    assert result.exit_code == 1
    assert [row.split("\t")[0] for row in result.stdout.splitlines()] == ["2024-09/state-LPMN"]
    assert result.stderr.splitlines()[-1] == "1 of 2 issues is not built: 2024-09/network"


@pytest.mark.parametrize("columns", [40, 120])
def test_a_terminal_has_a_row_of_what_was_not_built(room: Room, columns: int) -> None:
    one_of_two(room)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal(room, columns, "build", "-m", "2024-09"))
    assert re.search(r"^2024-09/network\s+not built\s", shown, re.MULTILINE)


def test_one_issue_that_was_asked_for_needs_no_list(room: Room, run: Run) -> None:
    room.item("bad", link="nowhere")
    assert "not built" not in run("build", "LPMN").stderr


def test_a_number_without_its_columns_head_says_of_what(room: Room) -> None:
    room.item("good")
    room.item("1984", chapters=["network"])
    shown = on_terminal(room, 40, "status", "-m", "2024-09")
    assert "\n  1 own, 0 shared\n" in shown
    assert "\n  no items\n" in shown
    assert "\n  1984\n" in on_terminal(room, 40, "list", "-m", "2024-09")


def test_what_can_not_be_written_is_told_by_its_path_from_here(room: Room, run: Run) -> None:
    room.item("good")
    room.file("build", "a file")
    assert run("build", "LPMN").stderr.startswith("build/2024-09: can't be written: ")
    (issue,) = json.loads(run("build", "LPMN", "--json").stdout)["issues"]
    assert issue["failure"].startswith("build/2024-09: can't be written: ")
