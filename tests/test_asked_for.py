"""What a command was asked for decides its exit code: every command, beside what a newsroom may lack."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from tests.conftest import INSTALLED, Run
from tests.room import Room
from tests.terminal import Terminal

ROOT = Path(__file__).parent.parent
WINZ = "issues/2024-09/items/story.md:6: section 'winz' is not in newsletter.toml\n"
NONE = "this newsroom has no items"
LPNM = "no issue is called 'LPNM'\n  hint: did you mean 'LPMN'?\n"
COMMANDS = (
    ("build",),
    ("check", "--only", "vague-link"),
    ("check", "--format", "json"),
    ("check", "--fix"),
    ("preview", "--part", "text"),
    ("preview", "--web", "--no-open"),
    ("export", "--for", "html"),
    ("proof", "--to", "ana@network.example"),
)
NEED_AN_ISSUE = ("export", "proof")
# What there is, what is asked for, the exit code, the first words.
CASES = {
    "an issue without items": ("good", ("network",), 1, "2024-09/network has no items"),
    "an issue without items by its id": ("good", ("2030-01/network",), 1, "2030-01/network has no items"),
    "one of two without items": ("good", ("LPMN", "network"), 1, "2024-09/network has no items"),
    "an unknown issue": ("good", ("LPNM",), 2, LPNM),
    "an issue of a month without items": ("good", ("LPMN", "-m", "2030-01"), 1, "2030-01/state-LPMN has no items"),
    "a month without items": ("good", ("-m", "2030-01"), 1, "2030-01 has no items"),
    "an issue of an empty newsroom": ("empty", ("LPMN",), 1, NONE),
    "an unknown issue of an empty newsroom": ("empty", ("LPNM",), 2, LPNM),
    "an empty newsroom": ("empty", (), 1, NONE),
    "a month of an empty newsroom": ("empty", ("-m", "2030-01"), 1, "2030-01 has no items"),
    "an issue beside the faulty one": ("faulty", ("network",), 1, "2024-09/network has no items"),
    "an unknown issue beside faulty items": ("faulty", ("LPNM",), 2, LPNM),
}


def written(room: Room, kind: str) -> None:
    if kind != "empty":
        room.item("story", section="winz" if kind == "faulty" else "wins")


def takes(command: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Tell whether the command can be asked so: some want one issue, preview takes one at most."""
    issues = [word for word in words if not word.startswith(("-", "2030-01", "2024-09")) or "/" in word]
    return len(issues) == 1 if command[0] in NEED_AN_ISSUE else command[0] != "preview" or len(issues) < 2


@pytest.mark.parametrize(
    ("command", "case"),
    [(command, case) for command in COMMANDS for case in CASES if takes(command, CASES[case][1])],
    ids=lambda one: one if isinstance(one, str) else " ".join(one),
)
def test_what_is_not_there_is_told_alike_by_every_command(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], case: str
) -> None:
    monkeypatch.setenv("NEWSLETTER_SMTP_URL", "smtp://127.0.0.1:9")
    kind, words, code, told = CASES[case]
    written(room, kind)
    result = run(*command, *words)
    assert result.exit_code == code
    if "json" in command:
        assert json.loads(result.stdout)["findings"][0]["message"].startswith(told.partition("\n")[0])
    elif command == ("check", "--fix"):
        assert told in result.output
    else:
        assert told in result.stderr


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (command, words)
        for command in COMMANDS
        for words in (("LPMN",), ("2024-09/state-LPMN",), ("-m", "2024-09"), ())
        if "--web" not in command and takes(command, words)
    ],
    ids=" ".join,
)
def test_items_at_fault_are_told_alike_by_every_command(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("NEWSLETTER_SMTP_URL", "smtp://127.0.0.1:9")
    written(room, "faulty")
    result = run(*command, *words)
    assert result.exit_code == 1
    assert "section 'winz' is not in newsletter.toml" in result.output
    assert "has no items, so" not in result.stderr.partition("section 'winz'")[0]


@pytest.mark.parametrize("command", ["list", "status"])
def test_list_and_status_end_well_without_items_and_not_with_faults(room: Room, run: Run, command: str) -> None:
    assert run(command).exit_code == run(command, "-m", "2030-01").exit_code == 0
    written(room, "faulty")
    result = run(command)
    assert (result.exit_code, result.stderr.startswith(WINZ)) == (1, True)
    other = run(command, "-m", "2030-01")
    assert other.exit_code == 0
    assert "1 fault in a file that " in other.stderr and "winz" not in other.stderr


def test_faults_that_no_asked_issue_uses_are_one_line_and_change_nothing(room: Room, run: Run) -> None:
    room.item("good")
    for slug in ("one", "two"):
        room.item(slug, section="winz", month="2024-10", folder="2024-10", chapters=["network"])
    line = "2 faults in files that these issues don't use: newsletter check --all\n"
    for command in (("build",), ("check",), ("preview",), ("export", "--for", "html")):
        result = run(*command, "2024-09/LPMN")
        assert (result.exit_code, result.stderr.count(line)) == (0, 1), command
        assert "winz" not in result.output
    told = json.loads(run("build", "--json", "-m", "2024-09").stdout)
    assert (told["faults"], [one["issue"] for one in told["issues"]]) == ([], ["2024-09/state-LPMN"])
    every = run("check", "--all", "--format", "json")
    assert every.exit_code == 1
    assert [one["slug"] for one in json.loads(every.stdout)["findings"]].count("not-loaded") >= 2
    assert "these issues don't use" not in every.stderr


def test_all_builds_and_checks_every_month(room: Room, run: Run) -> None:
    room.item("story", folder="2024-08", month=None, months=["2024-08", "2024-10"])
    built = run("build", "--all")
    assert (built.exit_code, built.stderr) == (0, "")
    assert [row.partition("\t")[0] for row in built.stdout.splitlines()] == ["2024-08/state-LPMN", "2024-10/state-LPMN"]
    assert run("check", "--all").stderr.startswith("2 issues checked: ")
    for command in ("build", "check"):
        for words in (("LPMN",), ("-m", "2024-08")):
            refused = run(command, "--all", *words)
            assert (refused.exit_code, refused.stdout) == (2, "")
            assert refused.stderr.startswith("--all is every issue of every month, so it does not go with ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
def test_on_a_terminal_the_rows_of_each_month_stand_apart(room: Room) -> None:
    room.item("story", month=None, months=["2024-08", "2024-10"])
    command = [*INSTALLED, "--newsroom", str(room.root), "build", "--all"]
    with Terminal(command, {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "110"}) as terminal:
        seen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.read_to_end())
    firsts = [line.split()[0] if line.strip() else "" for line in seen.replace("\r", "").splitlines()]
    assert "issue 2024-08/state-LPMN  issue 2024-10/state-LPMN written" in " ".join(firsts)


@pytest.mark.parametrize("command", ["build", "check", "preview", "status"])
def test_the_month_that_was_taken_is_said_where_a_later_one_has_items(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    room.item("story", month=None, months=["2024-08", "2024-10"])
    monkeypatch.setenv("NEWSLETTER_MONTH", "2024-08")
    assert "this is 2024-08; 2024-10 has items too: -m 2024-10\n" in run(command).stderr
    assert "this is" not in run(command, "-m", "2024-08").stderr
    monkeypatch.setenv("NEWSLETTER_MONTH", "August")
    refused = run(command)
    assert (refused.exit_code, refused.stderr) == (
        2,
        "NEWSLETTER_MONTH: 'August' is not a month\n  hint: write year and month, for example 2024-09\n",
    )


def test_a_new_item_goes_into_the_month_that_is_set(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER_MONTH", "2024-08")
    assert run("new", "item", "Story", "--chapter", "LPMN").exit_code == 0
    assert (room.root / "issues/2024-08/items/story.md").is_file()
