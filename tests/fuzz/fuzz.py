"""Mutates whole newsrooms and runs the command on them: `python tests/fuzz/fuzz.py --minutes 60`.

A traceback, more than 5 seconds, more than 500 MB, a lost or doubled item, active HTML, a malformed message, a word
from outside the newsroom, a changed file outside of it or a control character on a stream is a fault. The same seed
makes the same newsroom; a faulty one is kept, and its seed told.
"""

import argparse
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.fuzz.judge import CONTROL, complaints  # noqa: E402 - the checkout's own package, wherever this is started
from tests.fuzz.mutate import SECRET, newsroom  # noqa: E402
from tests.room import TOML, Room  # noqa: E402

SECONDS, MEGABYTES = 5.0, 500
COMMANDS = (
    ("build",),
    ("build", "--json"),
    ("check", "--format", "json"),
    ("check",),
    ("list",),
    ("status",),
    ("preview", "--part", "text"),
    ("preview", "--part", "inbox", "--width", "40"),
    ("export", "network", "--for", "mailchimp"),
    ("check", "--fix", "--yes"),
)


def run(arguments: tuple[str, ...], root: Path, folder: Path, cache: Path) -> list[str]:
    """Run one command in a forked process; return what is wrong with how it went."""
    out, err = folder / "out", folder / "err"

    def command() -> int:
        from newsletter.cli import main

        os.chdir(root)
        os.environ |= {"NEWSLETTER_CACHE": str(cache), "NEWSLETTER_SMTP_PASSWORD": SECRET, "TERM": "dumb"}
        for path, number in ((out, 1), (err, 2)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        try:
            main(list(arguments), prog_name="newsletter")
        except SystemExit as left:
            return left.code if isinstance(left.code, int) else 0
        return 0

    code, _, megabytes = forked(command)
    told = []
    if code is None:
        told.append(f"it takes more than {SECONDS:g} s")
    elif code not in {0, 1, 2, 3}:
        told.append(f"it ends with {code}: {err.read_text('utf-8', 'replace')[-1500:]}")
    if megabytes > MEGABYTES:
        told.append(f"it takes {megabytes:.0f} MB")
    for path in (out, err):
        words = path.read_bytes().decode("utf-8", "replace") if path.exists() else ""
        if found := CONTROL.search(words):
            told.append(f"{path.name} has {found[0]!r}: {words[max(0, found.start() - 60) : found.end() + 20]!r}")
        if SECRET in words:
            told.append(f"{path.name} tells the secret")
    return [f"newsletter {' '.join(arguments)}: {one}" for one in told]


def judged(root: Path, folder: Path) -> list[str]:
    """Return what is wrong with what the commands left behind."""
    report = folder / "report"

    def judge() -> int:
        report.write_text("\n".join(complaints(root)), "utf-8", "backslashreplace")
        return 0

    code, _, _ = forked(judge)
    if code != 0:
        return [f"the judge ends with {code}"]
    return report.read_text("utf-8").splitlines() if report.exists() else ["the judge says nothing"]


def forked(work: Callable[[], int]) -> tuple[int | None, float, float]:
    """Do the work in a process of its own; return its exit code (None: it was stopped), seconds, megabytes."""
    begun = time.monotonic()
    pid = os.fork()
    if not pid:
        code = 70
        try:
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            # So much that what is over the bound is measured, and so little that the machine lives.
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
            code = work()
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        seconds = time.monotonic() - begun
        if done:
            return os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss / 1000
        if seconds > SECONDS * float(os.environ.get("FUZZ_PATIENCE", "1")):
            os.killpg(pid, signal.SIGKILL)
            _, _, usage = os.wait4(pid, 0)
            return None, seconds, usage.ru_maxrss / 1000
        time.sleep(0.005)


def get_ready(cache: Path) -> None:
    """Import and compile what the children need, once: by each command, over a newsroom without a fault."""
    from click.testing import CliRunner

    from newsletter.cli import main

    with tempfile.TemporaryDirectory(prefix="fuzz-ready-") as folder:
        room = Room(Path(folder) / "room")
        room.file("newsletter.toml", TOML)
        room.item(chapters=["network"], title="A plan for trees")
        for arguments in COMMANDS:
            words = ["--newsroom", str(room.root), *arguments]
            done = CliRunner(env={"NEWSLETTER_CACHE": str(cache)}).invoke(main, words, prog_name="newsletter")
            if done.exit_code not in {0, 1}:
                sys.exit(f"newsletter {' '.join(arguments)}: {done.output}")


def try_seed(seed: int, cache: Path, only: tuple[str, ...] | None = None) -> list[str]:
    """Return what is wrong with what becomes of the newsroom of that seed; a faulty one is kept."""
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{seed}-"))
    root, done = newsroom(seed, folder)
    before = not_ours(folder, root)
    told = []
    first = seed % len(COMMANDS)
    for arguments in (only,) if only else (COMMANDS[0], COMMANDS[2], COMMANDS[1 + first % 9]):
        told += run(arguments, root, folder, cache)
    told += judged(root, folder)
    after = not_ours(folder, root)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    told += [f"{path.relative_to(folder)} is not ours, and is changed" for path in sorted(changed)]
    for notes in root.glob("issues/*/*"):
        if notes.is_dir() and not notes.is_symlink():
            notes.chmod(0o755)
    if told:
        return [f"seed {seed} in {root}", *(f"  did {one}" for one in done), *(f"  {one}" for one in told)]
    shutil.rmtree(folder, ignore_errors=True)
    return []


def not_ours(folder: Path, root: Path) -> dict[Path, bytes]:
    """Return what no command may change: all outside the newsroom, and a colleague's notes in its build/."""
    ours = {"room", "out", "err", "report"}
    outside = [path for path in folder.iterdir() if path.name not in ours and not path.is_symlink()]
    found = [inner for path in outside for inner in (path, *path.rglob("*"))] + [*root.glob("build/*/*/notes.txt")]
    return {path: path.read_bytes() if path.is_file() else b"" for path in found if not path.is_symlink()}


def main() -> int:
    """Try seeds until the count or the time is up; return 1 if any was at fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--count", type=int, default=0, help="how many newsrooms")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long, if no count is given")
    parser.add_argument("--step", type=int, default=1, help="from seed to seed, so that several can share the work")
    parser.add_argument("command", nargs="*", help="only this command, for example: check --format json")
    asked = parser.parse_args()
    cache = Path(tempfile.mkdtemp(prefix="fuzz-cache-"))
    get_ready(cache)
    until = time.monotonic() + asked.minutes * 60
    seed, tried, faulty = asked.seed, 0, 0
    try:
        while tried < asked.count if asked.count else time.monotonic() < until:
            if told := try_seed(seed, cache, tuple(asked.command) or None):
                faulty += 1
                print("\n".join(told), flush=True)
            seed, tried = seed + asked.step, tried + 1
    finally:
        shutil.rmtree(cache, ignore_errors=True)
    print(f"{tried} newsrooms tried, {faulty} at fault")
    return bool(faulty)


if __name__ == "__main__":
    sys.exit(main())
