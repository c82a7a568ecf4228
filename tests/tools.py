"""The programs that some tests need: each is found whole, or its tests are skipped; in CI they fail.

That a program is found says little: its package may be half way through being installed, or its Node be too old. So
each is run once on something tiny.
"""

import json
import os
import runpy
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_MODULES = Path(__file__).parent / "referees" / "node_modules"
_NPM = "npm ci --prefix tests/referees"
_CHROMIUM = "Debian and Ubuntu: apt install chromium"
# What a program from npm is asked, and what a whole one answers.
_TINY: Mapping[str, tuple[tuple[str, ...], bytes, bytes]] = {
    "mjml": (("-i", "-s"), b"<mjml><mj-body></mj-body></mjml>", b"<!doctype html>"),
    "html-validate": (("--stdin", "--preset", "recommended"), b"<p><i>Words</p>", b"close-order"),
}
# What every SpamAssassin knows for junk.
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
# Without the network, and without a filter that learns from every mail.
_SPAM = ("-L", "-t", "--cf", "use_bayes 0")
_SECONDS = 60


def referee(program: str) -> list[str]:
    """Return the command of a program from npm."""
    node, script = shutil.which("node"), _MODULES / ".bin" / program
    if node is None:
        _missing("node is not installed", "Debian and Ubuntu: apt install nodejs")
    if not script.exists():
        _missing(f"{program} is not installed", _NPM)
    options, given, wanted = _TINY[program]
    command = (node, str(script.resolve()))
    if fault := _fault((*command, *options), given, wanted):
        _missing(f"{program} does not run: {fault}", f"a newer Node, or: {_NPM}")
    return list(command)


def importing(package: str) -> list[str]:
    """Return the command that runs a script which imports a package from npm; its folder is tests/referees."""
    node = shutil.which("node")
    if node is None:
        _missing("node is not installed", "Debian and Ubuntu: apt install nodejs")
    if not (_MODULES / package / "package.json").exists():
        _missing(f"{package} is not installed", _NPM)
    return [node, "--input-type=module", "-e"]


def spamassassin() -> list[str]:
    """Return the command that judges a mail; it belongs into a `HOME` of the test's, where it leaves its settings."""
    program = shutil.which("spamassassin")
    way = "Debian and Ubuntu: apt install spamassassin"
    if program is None:
        _missing("SpamAssassin is not installed", way)
    mail = f"From: a@example.org\nSubject: A plan\n\n{GTUBE}\n".encode()
    if fault := _fault((program, *_SPAM), mail, b"GTUBE"):
        _missing(f"SpamAssassin does not run: {fault}", way)
    return [program, *_SPAM]


def chromium_command() -> tuple[str, list[str]]:
    """Return where Chromium is, and what it must be told here."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        _missing("Chromium is not installed", _CHROMIUM)
    # Chromium refuses its sandbox to root, as which CI runs.
    return program, ["--no-sandbox"] if os.geteuid() == 0 else []


@contextmanager
def chromium(*options: str) -> "Iterator[Browser]":
    """Give a Chromium that has shown a page."""
    from playwright.sync_api import Error, sync_playwright

    program, arguments = chromium_command()
    with sync_playwright() as playwright:
        fault = ""
        try:
            browser = playwright.chromium.launch(
                executable_path=program, args=[*arguments, *options], timeout=1_000 * _SECONDS
            )
            page = browser.new_page()
            page.set_content("<p>Words</p>")
            fault = "" if page.inner_text("p") == "Words" else "it shows no page"
            page.close()
        except Error as error:
            fault = _first_line(error.message)
        if fault:
            _missing(f"Chromium does not run: {fault}", _CHROMIUM)
        yield browser
        browser.close()


@cache
def gelasio() -> str:
    """Return the style sheet of docs/georgia.py, in which Gelasio stands in for Georgia."""
    if not (_MODULES / "@fontsource" / "gelasio").exists():
        _missing("Gelasio is not installed", _NPM)
    script = runpy.run_path(str(Path(__file__).parent.parent / "docs" / "georgia.py"))
    return str(script["style_sheet"]())


def axe(browser: "Browser") -> str:
    """Return the script of axe-core, which has run in the browser."""
    from playwright.sync_api import Error

    path, fault = _MODULES / "axe-core" / "axe.min.js", "it is not installed"
    script = path.read_text("utf-8") if path.exists() else ""
    if script:
        page = browser.new_page()
        try:
            page.evaluate(script)
            fault = "" if page.evaluate("typeof axe.run") == "function" else "it defines nothing"
        except Error as error:
            fault = _first_line(error.message)
        page.close()
    if fault:
        _missing(f"axe-core does not run: {fault}", _NPM)
    return script


def sarif_schema() -> Any:
    """Return the JSON Schema of SARIF 2.1.0."""
    path = _MODULES / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        _missing("the SARIF schema is not there, or not whole", _NPM)


def _missing(what: str, way: str) -> NoReturn:
    """Skip the test; in CI, where nothing may be missing, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}, and in CI this test must run", pytrace=False)
    pytest.skip(f"{what} ({way})")


@cache
def _fault(command: Sequence[str], given: bytes, wanted: bytes) -> str:
    """Return what is wrong with a program that does not answer as wanted; "" if it does."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HOME": home}
        try:
            done = subprocess.run(
                command, input=given, env=environment, capture_output=True, check=False, timeout=_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return _first_line(str(error))
    if wanted in done.stdout:
        return ""
    return _first_line((done.stderr or done.stdout).decode("utf-8", "replace")) or "it says nothing"


def _first_line(words: str) -> str:
    return next((line.strip() for line in words.splitlines() if line.strip()), "")[:200]
