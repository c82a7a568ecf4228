"""ledger.jsonl: lines that are added, whatever ends the program, the disk, the clock or a merge does in between."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.cli import book
from newsletter.deliver import ledger
from newsletter.errors import ContentError, DiskError
from tests.killer import in_a_child, touches_of

NOW = datetime(2024, 9, 12, 15, 4, 5, tzinfo=UTC)
ISSUE = "2024-09/state-LPMN"


def lines(root: Path) -> list[str]:
    return (root / "ledger.jsonl").read_text("utf-8").splitlines()


def told(root: Path) -> list[str]:
    return [str(fault) for fault in ledger.read(root).faults]


def test_where_nothing_was_done_there_is_no_file_and_nothing_to_tell(tmp_path: Path) -> None:
    assert ledger.read(tmp_path) == ledger.Ledger()
    assert list(tmp_path.iterdir()) == []


def test_an_entry_is_one_line_of_json_with_its_keys_in_order(tmp_path: Path) -> None:
    entry = ledger.begin(tmp_path, NOW, "José", "proof", ISSUE, "9b1c", people=3)
    (line,) = lines(tmp_path)
    assert line == (
        f'{{"v": 1, "op": "{entry.op}", "at": "2024-09-12T15:04:05.000Z", "by": "José", "do": "proof", '
        f'"state": "begun", "issue": "{ISSUE}", "made": "9b1c", "people": 3}}'
    )
    assert ledger.read(tmp_path).entries == (entry,)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.jsonl"]


def test_what_was_done_counts_as_far_as_it_came(tmp_path: Path) -> None:
    begun = ledger.begin(tmp_path, NOW, "Ana", "proof", ISSUE, "9b1c", people=3)
    assert [entry.state for entry in ledger.read(tmp_path).of(ISSUE, "proof")] == ["begun"]
    done = ledger.end(tmp_path, NOW, begun, "failed", people=2)
    assert (done.op, done.made, done.more) == (begun.op, "9b1c", {"people": 2})
    assert [entry.state for entry in ledger.read(tmp_path).of(ISSUE, "proof")] == ["failed"]
    assert ledger.read(tmp_path).of(ISSUE, "draft") == []
    assert len(lines(tmp_path)) == 2


def test_an_issue_is_sent_until_that_is_taken_back(tmp_path: Path) -> None:
    ledger.add(tmp_path, NOW, "Ana", "sent", "done", ISSUE, on="2024-09-12")
    ledger.add(tmp_path, NOW, "Ana", "sent", "done", "2024-09/network")
    assert list(ledger.read(tmp_path).all_sent()) == [ISSUE, "2024-09/network"]
    ledger.add(tmp_path, NOW, "Ana", "sent", "done", ISSUE, undo=True)
    assert ledger.read(tmp_path).sent(ISSUE) is None
    assert list(ledger.read(tmp_path).all_sent()) == ["2024-09/network"]
    ledger.add(tmp_path, NOW, "Ana", "sent", "done", ISSUE)
    assert ledger.read(tmp_path).sent(ISSUE)


def test_a_line_that_was_cut_off_stays_is_told_and_the_next_entry_has_a_line_of_its_own(tmp_path: Path) -> None:
    ledger.add(tmp_path, NOW, "Ana", "proof", "done", ISSUE)
    path = tmp_path / "ledger.jsonl"
    whole = path.read_bytes()
    for cut in (1, 40, len(whole) - 2):
        path.write_bytes(whole + whole[:cut])
        (fault,) = ledger.read(tmp_path).faults
        assert str(fault).startswith("ledger.jsonl:2: this line was cut off while it was being written\n  hint: ")
        assert len(ledger.read(tmp_path).entries) == 1
        ledger.add(tmp_path, NOW, "Ana", "sent", "done", ISSUE)
        assert path.read_bytes().startswith(whole + whole[:cut] + b"\n{")
        assert [entry.do for entry in ledger.read(tmp_path).entries] == ["proof", "sent"]
        assert told(tmp_path)[0].startswith("ledger.jsonl:2: this line is no entry of the ledger")


def test_a_last_line_that_lacks_its_end_alone_counts(tmp_path: Path) -> None:
    ledger.add(tmp_path, NOW, "Ana", "proof", "done", ISSUE)
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(path.read_bytes()[:-1])
    assert (len(ledger.read(tmp_path).entries), told(tmp_path)) == (1, [])
    ledger.add(tmp_path, NOW, "Ana", "sent", "done", ISSUE)
    assert (len(ledger.read(tmp_path).entries), told(tmp_path)) == (2, [])


def test_a_line_of_a_newer_version_is_told_and_kept(tmp_path: Path) -> None:
    newer = '{"v": 2, "what": ["is", "this"]}\n'
    (tmp_path / "ledger.jsonl").write_text(newer * 2)
    ledger.add(tmp_path, NOW, "Ana", "proof", "done", ISSUE)
    assert told(tmp_path) == [
        "ledger.jsonl:1: version 2 of newsletter wrote this line, and this version can't read it\n"
        "  hint: the line stays as it is; update newsletter to count it"
    ]
    assert (ledger.read(tmp_path).newer, len(ledger.read(tmp_path).entries)) == (2, 1)
    assert (tmp_path / "ledger.jsonl").read_text().startswith(newer * 2)


@pytest.mark.parametrize(
    "line",
    [
        b"garbage",
        b"\xff\xfe\x00",
        b"[]",
        b"{}",
        b"null",
        b"[" * 100_000,
        b'{"v": 1}',
        b'{"v": "1", "op": "a", "at": "2024-09-12T15:04:05Z", "by": "", "do": "", "state": "", "issue": ""}',
        b'{"v": 1, "op": "a", "at": "yesterday", "by": "", "do": "sent", "state": "done", "issue": "x"}',
        b'{"v": 1, "op": "a", "at": "2024-09-12T15:04:05", "by": "", "do": "sent", "state": "done", "issue": "x"}',
        b'{"v": 1, "op": "a", "at": 5, "by": "", "do": "sent", "state": "done", "issue": "x"}',
        b'{"v": 1, "op": ["a"], "at": "2024-09-12T15:04:05Z", "by": "", "do": "sent", "state": "done", "issue": "x"}',
        b'{"v": 1, "op": "a", "at": "0001-01-01T00:00+23:00", "by": "", "do": "sent", "state": "done", "issue": "x"}',
    ],
)
def test_what_is_no_entry_is_told_at_its_line_and_the_others_count(tmp_path: Path, line: bytes) -> None:
    ledger.add(tmp_path, NOW, "Ana", "proof", "done", ISSUE)
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(line + b"\n\n" + path.read_bytes())
    (fault,) = told(tmp_path)
    assert fault.startswith("ledger.jsonl:1: this line is no entry of the ledger\n  hint: ")
    assert len(ledger.read(tmp_path).entries) == 1


def test_the_marks_of_a_merge_are_called_by_their_name(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text("<<<<<<< HEAD\n=======\n>>>>>>> theirs\n")
    assert [fault.partition("\n")[0] for fault in told(tmp_path)] == [
        f"ledger.jsonl:{line}: git left the marks of a merge here" for line in (1, 2, 3)
    ]


def test_thousands_of_broken_lines_are_not_told_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text("x\n" * 5_000)
    assert len(told(tmp_path)) == 20
    assert "4981 more such lines" in told(tmp_path)[-1]


def test_a_clock_that_was_put_back_changes_no_order(tmp_path: Path) -> None:
    ledger.add(tmp_path, NOW, "Ana", "sent", "done", ISSUE)
    undone = ledger.add(tmp_path, NOW - timedelta(days=900), "Bo", "sent", "done", ISSUE, undo=True)
    assert undone.at == NOW + timedelta(milliseconds=1)
    assert ledger.read(tmp_path).sent(ISSUE) is None


def test_lines_of_one_person_stand_as_in_the_file_whatever_their_clock_said(tmp_path: Path) -> None:
    entries = [("12:00", False), ("09:00", True)]
    (tmp_path / "ledger.jsonl").write_text(
        "".join(
            f'{{"v": 1, "op": "{9 - number}", "at": "2024-09-12T{at}:00Z", "by": "Ana", "do": "sent", "state": "done", '
            f'"issue": "{ISSUE}", "undo": {str(undo).lower()}}}\n'
            for number, (at, undo) in enumerate(entries)
        )
    )
    assert ledger.read(tmp_path).sent(ISSUE) is None


def test_the_same_line_twice_is_one_entry_and_its_end_counts_wherever_it_stands(tmp_path: Path) -> None:
    begun = ledger.begin(tmp_path, NOW, "Ana", "proof", ISSUE)
    ledger.end(tmp_path, NOW, begun, "done")
    path = tmp_path / "ledger.jsonl"
    first, second = path.read_text().splitlines(keepends=True)
    path.write_text(second.replace("\n", "\r\n") + first + first + second)
    assert len(ledger.read(tmp_path).entries) == 2
    assert [entry.state for entry in ledger.read(tmp_path).of(ISSUE)] == ["done"]


def test_the_ledgers_of_two_people_merge_in_git(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        own = ("-c", "user.name=Desk", "-c", "user.email=desk@network.example", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *own, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    (tmp_path / ".gitattributes").write_text("ledger.jsonl merge=union\n")
    ledger.add(tmp_path, NOW, "Ana", "proof", "done", ISSUE)
    git("add", "-A")
    git("commit", "-qm", "first")
    git("checkout", "-qb", "theirs")
    ledger.add(tmp_path, NOW + timedelta(hours=1), "Bo", "proof", "done", "2024-09/network")
    git("commit", "-qam", "theirs")
    git("checkout", "-q", "main")
    ledger.add(tmp_path, NOW + timedelta(hours=2), "Ana", "sent", "done", ISSUE)
    git("commit", "-qam", "ours")
    git("merge", "-q", "theirs")
    merged = ledger.read(tmp_path)
    assert merged.faults == ()
    assert [(entry.by, entry.do) for entry in merged.entries] == [("Ana", "proof"), ("Bo", "proof"), ("Ana", "sent")]


def test_killed_at_any_moment_the_ledger_can_be_read_and_written(tmp_path: Path) -> None:
    def work() -> None:
        ledger.add(tmp_path, NOW, "Ana", "proof", "done", ISSUE)

    work()
    count = touches_of(work, tmp_path)
    assert count >= 3
    for at in range(1, count + 1):
        before = len(ledger.read(tmp_path).entries)
        assert in_a_child(work, tmp_path, at=at)
        after = ledger.read(tmp_path)
        assert (len(after.entries) - before in {0, 1}, after.faults) == (True, ())

    def work_on() -> None:
        for _ in range(2_000):
            work()

    for number in range(20):
        in_a_child(work_on, tmp_path, after=0.02 + number / 400)
        assert all(": this line was cut off" in fault for fault in told(tmp_path))
        before = len(ledger.read(tmp_path).entries)
        work()
        assert len(ledger.read(tmp_path).entries) == before + 1


def test_several_commands_at_once_lose_no_line(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from newsletter.deliver import ledger\n"
        "for _ in range(20): ledger.add(Path(sys.argv[1]), datetime.now(UTC), 'Ana', 'proof', 'done', sys.argv[2])"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    commands = [
        subprocess.Popen([sys.executable, "-c", program, tmp_path, f"2024-09/{number}"], env=environment)
        for number in range(4)
    ]
    assert [command.wait() for command in commands] == [0] * 4
    assert (len(ledger.read(tmp_path).entries), told(tmp_path)) == (80, [])
    assert all(json.loads(line) for line in lines(tmp_path))


def test_what_can_not_be_written_ends_in_words(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").mkdir()
    with pytest.raises((DiskError, ContentError), match=r"directory|no file"):
        ledger.add(tmp_path, NOW, "Ana", "proof", "done", ISSUE)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(DiskError, match="permission denied"):
        ledger.add(tmp_path, NOW, "Ana", "proof", "done", ISSUE)


def test_a_ledger_that_is_a_link_is_never_written_through(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text("theirs\n")
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "ledger.jsonl").symlink_to(target)
    with pytest.raises(DiskError, match="symbolic link"):
        ledger.add(tmp_path / "room", NOW, "Ana", "proof", "done", ISSUE)
    with pytest.raises(ContentError, match="outside the newsroom"):
        ledger.read(tmp_path / "room")
    assert target.read_text() == "theirs\n"


def test_a_pipe_in_its_place_is_told_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ledger.jsonl")
    with pytest.raises(ContentError, match="named pipe"):
        ledger.read(tmp_path)
    with pytest.raises((DiskError, ContentError), match=r"pipe|no file"):
        ledger.add(tmp_path, NOW, "Ana", "proof", "done", ISSUE)


# Who it was.


@pytest.mark.parametrize(
    ("name", "by"),
    [("Ana María", "Ana María"), ("ana@network.example", "ana"), ("Ana <ana@network.example>", "Ana ana"), ("", "")],
)
def test_the_author_is_gits_name_and_never_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, by: str
) -> None:
    (tmp_path / "config").write_text(f'[user]\nname = "{name}"\n' if name else "", "utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    assert book.author(tmp_path) == by


def test_without_git_nobody_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert book.author(tmp_path) == ""


def test_a_git_that_never_answers_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 100\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(book, "_SECONDS", 0.2)
    assert book.author(tmp_path) == ""
