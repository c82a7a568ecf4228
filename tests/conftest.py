"""Fixtures: a newsroom in a temporary folder, the command line, no network."""

import atexit
import gc
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from newsletter.cli import cache_of, main
from newsletter.line import Builder
from newsletter.read.load import load
from tests.compiled import COMPILED, lay
from tests.links import never_waits  # noqa: F401 - a fixture of several files
from tests.rings import ring  # noqa: F401 - a fixture of several files
from tests.room import SAMPLE, SAMPLE_ISSUES, TOML, Room

Run = Callable[..., Result]

# The command as a process of its own; it ends as the installed one does.
INSTALLED = (sys.executable, "-m", "newsletter")

# Nothing that a test starts may touch the user's own cache; each test has a folder of its own in here.
_CACHES = Path(tempfile.mkdtemp(prefix="newsletter-caches-"))
atexit.register(shutil.rmtree, _CACHES, ignore_errors=True)
os.environ["NEWSLETTER_CACHE"] = str(_CACHES / "session")

# A shell that starts the tests in the background (`make test &`) has them ignore Ctrl-C, and all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Keep what stays to the end, eight thousand tests and all they import, out of every search for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """Return an empty newsroom with two publications and two chapters."""
    room = Room(tmp_path / "room")
    room.file("newsletter.toml", TOML)
    return room


@pytest.fixture
def run(room: Room, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command inside the newsroom."""
    monkeypatch.chdir(room.root)
    lay(Path(os.environ["NEWSLETTER_CACHE"]))

    def run(*arguments: str, **options: Any) -> Result:
        result = CliRunner().invoke(main, list(arguments), prog_name="newsletter", **options)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def started(room: Room, command: Sequence[str], before: Callable[[], None] | None = None) -> "subprocess.Popen[str]":
    """Start a command in the newsroom, in a process group of its own, as a terminal does."""
    return subprocess.Popen(
        command,
        cwd=room.root,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=before,
    )


@pytest.fixture(scope="session")
def built_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built sample issues."""
    out = tmp_path_factory.mktemp("sample")
    builder = Builder(load(SAMPLE), out, cache=COMPILED)
    for issue in SAMPLE_ISSUES:
        assert builder.build(issue).is_good
    return out


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let nothing in this process connect to another machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test reached for {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    yield


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's own settings out of the tests, and what one of them kept out of the next."""
    for name in [name for name in os.environ if name.startswith("NEWSLETTER_")] + ["NO_COLOR", "FORCE_COLOR"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NEWSLETTER_CACHE", tempfile.mkdtemp(dir=_CACHES))
    cache_of.cache_clear()
