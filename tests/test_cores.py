"""Work beside other work: in a process of its own, of which nothing is heard."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsletter.cores import beside

needs_cores = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="needs Linux and two cores"
)
# In a process of its own: where a test runner has threads, nothing is forked.
BEGINS = """
import os, signal, sys, time
from pathlib import Path
from newsletter.cores import beside

file = Path(sys.argv[1])

def write_number():
    file.write_text(str(os.getpid()))
"""


def run(code: str, file: Path) -> tuple[int, str, str]:
    words = [sys.executable, "-c", BEGINS + code, str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


@needs_cores
def test_work_beside_is_done_in_another_process_and_waited_for(tmp_path: Path) -> None:
    code = "beside(write_number, lambda: print('meanwhile'))\nprint(int(file.read_text()) != os.getpid())"
    assert run(code, tmp_path / "number") == (0, "meanwhile\nTrue\n", "")


@needs_cores
def test_work_beside_that_fails_is_not_heard_of(tmp_path: Path) -> None:
    assert run("beside(lambda: 1 / 0, lambda: print('meanwhile'))", tmp_path) == (0, "meanwhile\n", "")


@needs_cores
def test_what_stops_a_command_ends_the_work_beside_it(tmp_path: Path) -> None:
    code = """
def work():
    write_number()
    time.sleep(600)

def meanwhile():
    while not (file.exists() and file.read_text()):
        time.sleep(0.01)
    raise KeyboardInterrupt

try:
    beside(work, meanwhile)
except KeyboardInterrupt:
    try:
        os.kill(int(file.read_text()), 0)
    except ProcessLookupError:
        print('it is gone')
"""
    assert run(code, tmp_path / "number") == (0, "it is gone\n", "")


@needs_cores
def test_who_hears_of_no_process_that_ends_works_all_the_same(tmp_path: Path) -> None:
    # As a command does that a daemon starts which ignores what becomes of its children.
    code = "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nbeside(write_number, lambda: None)\nprint(file.exists())"
    assert run(code, tmp_path / "number") == (0, "True\n", "")


def test_where_there_can_be_no_second_process_only_the_other_thing_is_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delattr(os, "fork", raising=False)
    done: list[str] = []
    beside(lambda: done.append("work"), lambda: done.append("meanwhile"))
    assert done == ["meanwhile"]


@needs_cores
def test_much_work_goes_over_several_at_a_time_and_comes_back_piece_by_piece_in_order(tmp_path: Path) -> None:
    code = """
from newsletter.cores import spread

class Tool:
    def get_ready(self):
        pass

def work(tool, name):
    return name, os.getpid()

def built(number):
    heard = []
    results = list(spread(Tool(), work, [str(name) for name in range(number)], heard.append))
    assert sorted(heard) == sorted(results)
    assert [name for name, _ in results] == [str(name) for name in range(number)]
    return {process for _, process in results}

print(os.getpid() not in built(1001), os.getpid() not in built(5))
"""
    assert run(code, tmp_path) == (0, "True True\n", "")


@needs_cores
def test_work_of_one_kind_is_done_by_one_process(tmp_path: Path) -> None:
    code = """
from itertools import groupby
from newsletter.cores import spread

class Tool:
    def get_ready(self):
        pass

def work(tool, name):
    return name[0], os.getpid()

os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
names = [f"{kind}{number}" for kind in "abcdefghijklmnopqrstuvwxyz" for number in range(26)]
results = spread(Tool(), work, names, lambda result: None, alike=lambda name: name[0])
kinds = [[process for _, process in kind] for _, kind in groupby(results, lambda result: result[0])]
# Of 676 names thirteen go together: a kind is two batches.
print({len(set(kind[:13])) * len(set(kind[13:])) for kind in kinds}, len(kinds))
"""
    assert run(code, tmp_path) == (0, "{1} 26\n", "")
