"""Programs that tests need: half installed ones skip a test, and fail it in CI."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import tools

BROKEN = '#!/bin/sh\necho "Can\'t locate its/own/Parts.pm" >&2\nexit 2\n'
ASKED: dict[str, Callable[[], object]] = {
    "spamassassin": tools.spamassassin,
    "node": lambda: tools.referee("mjml"),
    "chromium": lambda: tools.chromium().__enter__(),
}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")


@pytest.fixture(params=ASKED)
def broken(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], object]:
    """Return what asks for a program that is found and does not run."""
    program = tmp_path / "bin" / request.param
    program.parent.mkdir()
    program.write_text(BROKEN)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    if request.param == "node":
        script = tmp_path / "modules" / ".bin" / "mjml"
        script.parent.mkdir(parents=True)
        script.write_text("")
        monkeypatch.setattr(tools, "_MODULES", script.parent.parent)
    return ASKED[request.param]


def test_a_program_that_is_found_but_does_not_run_skips_the_test(
    broken: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception) as caught:
        broken()
    assert "does not run: " in str(caught.value)


def test_in_ci_it_fails(broken: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception) as caught:
        broken()
    assert str(caught.value).endswith("and in CI this test must run")


@pytest.mark.parametrize("program", ASKED)
def test_so_does_one_that_is_not_there(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="is not installed, and in CI"):
        ASKED[program]()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="is not installed"):
        ASKED[program]()


def test_a_schema_that_is_cut_off_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "_MODULES", tmp_path)
    monkeypatch.setenv("CI", "true")
    path = tmp_path / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"type": "obj')
    with pytest.raises(pytest.fail.Exception, match="not whole"):
        tools.sarif_schema()
