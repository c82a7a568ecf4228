"""Ctrl-C, `kill`, a terminal that closes, a process that dies: heard in every phase, and nobody is left behind."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from newsletter.interrupts import ended_by_the_system, in_threads
from tests import conftest
from tests.conftest import INSTALLED
from tests.killer import broken, left_over, living
from tests.room import TOML, Room

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals process groups and looks into /proc")

STOPPED = "stopped; what was finished is whole, nothing is half written\n"
CHAPTERS = tuple(f"C{number:03}" for number in range(120))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Return a newsroom that keeps any command busy for seconds."""
    room = Room(tmp_path_factory.mktemp("large") / "room")
    room.file("newsletter.toml", TOML + "".join(f'[chapters.{code}]\nname = "{code}"\n' for code in CHAPTERS))
    room.item("story", "Many words.\n\n" * 40, chapters=[*CHAPTERS, "LPMN"])
    for number in range(3000):
        room.item(f"item-{number:04}", "Words.\n", chapters=["LPNY"], month="2023-09")
    return room


@contextlib.contextmanager
def started(room: Room, *arguments: str, shell: str = "") -> Iterator[subprocess.Popen[str]]:
    """Start the command; by the time it is here it hears signals. Whatever is left of it in the end is killed."""
    command = [*INSTALLED, *arguments]
    process = conftest.started(room, ["sh", "-c", f'{shell} exec "$@"', "sh", *command] if shell else command)
    try:
        wait_until(lambda: process.poll() is not None or _hears(process.pid))
        yield process
    finally:
        for pid in living(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=30)


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait for what will be, half a minute at most."""
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.002)


def _hears(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    masks = re.findall(r"^Sig(?:Cgt|Ign):\s*([0-9a-f]+)$", status, re.MULTILINE)
    heard = 0
    for mask in masks:
        heard |= int(mask, 16)
    return all(heard >> (number - 1) & 1 for number in (signal.SIGTERM, signal.SIGHUP))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("whom", ["the command", "its whole group"])
@pytest.mark.parametrize(
    ("command", "pause"),
    [(f"{command} -m 2024-09", pause) for command in ("build", "check") for pause in (0.0, 0.1, 0.4)] + [("list", 0.0)],
)
def test_a_command_that_is_asked_to_stop_says_so_wherever_it_is(
    large: Room, command: str, whom: str, number: signal.Signals, pause: float
) -> None:
    with started(large, *command.split()) as process:
        time.sleep(pause)
        if process.poll() is not None:
            pytest.skip("it was done before that")
        if whom == "the command":
            process.send_signal(number)
        else:
            os.killpg(process.pid, number)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (128 + number, "", STOPPED)
        wait_until(lambda: living(process.pid) == [])
    assert left_over(large.root / "build") == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    "arguments", [("export", "LPMN", "--for", "brevo", "-m", "2024-09"), ("preview", "LPMN", "-m", "2024-09")]
)
def test_so_does_one_that_works_alone(large: Room, arguments: tuple[str, ...], number: signal.Signals) -> None:
    with started(large, *arguments) as process:
        process.send_signal(number)
        assert (process.communicate(timeout=30), process.returncode) == (("", STOPPED), 128 + number)


SOON = """
import signal, sys
from newsletter import cli

install = signal.signal


def installed(number, handler):
    before = install(number, handler)
    if handler is cli._stop_once and number == NUMBER:
        signal.raise_signal(number)
    return before


signal.signal = installed
sys.argv = ["newsletter", "list"]
cli.run()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_comes_as_soon_as_it_is_heard_is_answered(room: Room, number: signal.Signals) -> None:
    script = SOON.replace("NUMBER", str(int(number)))
    ended = subprocess.run([sys.executable, "-c", script], cwd=room.root, capture_output=True, text=True, timeout=100)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("", STOPPED, 128 + number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_preview_in_the_browser_ends(room: Room, number: signal.Signals) -> None:
    room.item()
    with started(room, "preview", "--web", "--port", "0", "--no-open") as process:
        assert process.stdout
        address = urlsplit(process.stdout.readline().strip())
        # It listens before it serves: a connection alone tells nothing.
        with urlopen(f"{address.geturl()}api/month", timeout=30) as answer:
            assert answer.status == 200
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, err.endswith("ended\n")) == (0, True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_preview_at_every_save_ends(room: Room, number: signal.Signals) -> None:
    room.item()
    with started(room, "preview", "LPMN", "--watch") as process:
        assert process.stdout
        assert process.stdout.readline()
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, err.endswith(STOPPED)) == (128 + number, True)


@pytest.mark.parametrize(
    ("shell", "number"),
    [("trap '' HUP;", signal.SIGHUP), ("trap '' INT;", signal.SIGINT), ("trap '' TERM;", signal.SIGTERM)],
)
def test_what_a_shell_has_it_ignore_is_ignored(room: Room, shell: str, number: signal.Signals) -> None:
    room.file("newsletter.toml", TOML + "".join(f'[chapters.{code}]\nname = "{code}"\n' for code in CHAPTERS[:20]))
    room.item("story", "Words.\n\n" * 40, chapters=list(CHAPTERS[:20]))
    with started(room, "build", shell=shell) as process:
        wait_until(lambda: list((room.root / "build").glob("2024-09/*")))
        os.killpg(process.pid, number)
        out, _ = process.communicate(timeout=30)
        assert (process.returncode, len(out.splitlines())) == (0, 20)


needs_cores = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="one core has no workers"
)


@needs_cores
@pytest.mark.parametrize("command", ["build", "check"])
def test_workers_end_when_the_command_is_killed(large: Room, command: str) -> None:
    for pause in (0.0, 0.01, 0.1, 0.5):
        with started(large, command, "-m", "2024-09") as process:
            wait_until(lambda process=process: len(living(process.pid)) > 2 or process.poll() is not None)  # type: ignore[misc]  # mypy can't infer it
            time.sleep(pause)
            process.kill()
            process.communicate(timeout=30)
            wait_until(lambda process=process: living(process.pid) == [])  # type: ignore[misc]  # as above
    # What was under way was finished, or waits for the next build.
    for place in (large.root / "build/2024-09").glob("*"):
        assert broken(place) == []


@needs_cores
def test_a_worker_that_the_system_ends_is_told_in_words(large: Room) -> None:
    with started(large, "build", "-m", "2024-09") as process:
        wait_until(lambda: len(living(process.pid)) > 2)
        worker = max(living(process.pid))
        os.kill(worker, signal.SIGKILL)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (
            1,
            "",
            "the system ended a process that was at work\n"
            "  hint: there may be too little memory: close other programs, then run this again\n",
        )
        assert living(process.pid) == []


WAITS_IN_A_THREAD = """
from newsletter.interrupts import in_threads

for _ in in_threads(lambda value: value or threading.Event().wait(), [1, 0], 2):
    raise SystemExit(7)
"""


def test_a_process_ends_whatever_its_threads_still_do() -> None:
    # Were the thread waited for, this would never end.
    assert subprocess.run([sys.executable, "-c", WAITS_IN_A_THREAD], timeout=60, check=False).returncode == 7


def test_what_is_raised_in_a_thread_comes_out_in_its_turn() -> None:
    results = in_threads(lambda number: 12 // number, [4, 0, 3], 2)
    assert next(results) == 3
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_results_of_threads_come_in_order() -> None:
    assert list(in_threads(lambda number: -number, range(50), 4)) == [-number for number in range(50)]
    assert list(in_threads(str, [], 4)) == []


def test_while_a_pager_is_open_the_system_answers_in_place_of_click() -> None:
    def heard(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, heard) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        with ended_by_the_system():
            assert {signal.getsignal(number) for number in before} == {signal.SIG_DFL}
        assert {signal.getsignal(number) for number in before} == {heard}
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


STEPS = """
import signal, sys, threading
from concurrent.futures import Future
from newsletter import cores

cores._SECONDS_BETWEEN_LOOKS = 0


def interrupted(future, step):
    \"\"\"Wait for a future; let Ctrl-C come before an operation of Python's, the one of that number.\"\"\"
    steps = 0

    def count(frame, event, argument):
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        if steps == step and event == "opcode":
            signal.raise_signal(signal.SIGINT)
        return count

    sys.settrace(count)
    try:
        WAIT(future)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(None)
    return False


def held(future):
    free = []
    asker = threading.Thread(target=lambda: free.append(future._condition.acquire(blocking=False)))
    asker.start()
    asker.join()
    return free != [True]


def done():
    future = Future()
    future.set_result(1)
    return future


step = 1
while interrupted(future := done(), step):
    if held(future):
        sys.exit(f"a finished one, at {step}")
    step += 1
# Nobody finishes these: a wait goes round until it is interrupted.
for pending in range(1, 2 * step):
    if not interrupted(future := Future(), pending):
        sys.exit(f"not interrupted at {pending}")
    if held(future):
        sys.exit(f"a pending one, at {pending}")
print(step)
"""


def test_an_interrupt_while_a_result_is_waited_for_leaves_no_lock_behind() -> None:
    script = STEPS.replace("WAIT", "cores.outcome")
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100)
    assert ended.stderr == ""
    assert int(ended.stdout) > 100


def test_a_wait_of_python_s_own_leaves_a_lock_behind_where_it_is_interrupted() -> None:
    # That is why there is `outcome`: once this fails, it can go.
    script = STEPS.replace("WAIT", "(lambda future: future.result(0 if future.done() else 0.01))")
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100)
    assert "a finished one, at" in ended.stderr


LARGE = """
import os
from newsletter import cores

cores._cores = lambda: 2


class Tool:
    def get_ready(self):
        pass


def work(tool, name):
    return name * 3_000_000


for _ in range(40):
    results = cores.spread(Tool(), work, [str(number % 10) for number in range(12)], lambda result: None)
    next(results)
    # Some of the results that follow are being handed over.
    results.close()
print("ended")
"""


def test_workers_that_are_just_handing_over_large_results_are_waited_for() -> None:
    ended = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, timeout=100)
    assert (ended.stdout, ended.stderr) == ("ended\n", "")
