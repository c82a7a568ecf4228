"""What a command loads: each of these packages takes as long as it takes to read a dozen items, and most longer."""

import os
import subprocess
import sys
from hashlib import sha256

import pytest

from tests.room import Room, picture

# Of other people, and the heavier ones of Python's own.
HEAVY = {
    *("babel", "click", "cssselect2", "cssutils", "jinja2", "keyring", "lxml", "markdown_it", "mjml", "msgspec", "nh3"),
    *("PIL", "pillow_heif", "premailer", "pyperclip", "regex", "requests", "rich", "starlette", "textual_image"),
    *("tinycss2", "uvicorn", "watchfiles", "yaml"),
    *("asyncio", "concurrent", "email", "http", "importlib.metadata", "multiprocessing", "socket", "sqlite3", "ssl"),
    *("subprocess", "unittest", "xml", "zipfile"),
}
LOADED = """
import sys
from newsletter.cli import main
try:
    main(sys.argv[2:])
finally:
    print('loaded:', *sorted({*sys.argv[1].split()} & sys.modules.keys()))
"""
needs_cores = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="needs Linux and two cores"
)


def loaded(room: Room, *words: str) -> set[str]:
    """Return which of the heavy packages a command loads in a process of its own."""
    code = [sys.executable, "-c", LOADED, " ".join(HEAVY), *words]
    environment = {**os.environ, "NEWSLETTER_CACHE": str(room.cache)}
    done = subprocess.run(code, capture_output=True, text=True, check=True, timeout=60, cwd=room.root, env=environment)
    return {*done.stdout.splitlines()[-1].split()[1:]}


def test_help_loads_what_reads_the_command_line_and_no_more(room: Room) -> None:
    assert loaded(room, "--help") == loaded(room, "build", "--help") == {"click"}


def test_status_of_what_is_built_loads_what_reads_items_and_no_more(room: Room) -> None:
    room.item()
    room.front_page("2024-09/state-LPMN", "Hello.\n")
    loaded(room, "build", "-m", "2024-09")
    assert loaded(room, "status", "-m", "2024-09") == {"click", "msgspec", "yaml"}


def test_a_build_with_nothing_to_do_loads_no_more_than_it_takes_to_see_that(room: Room) -> None:
    room.item()
    loaded(room, "build", "LPMN", "-m", "2024-09")
    # What was written a moment ago is read again: it might have changed since, within one tick of its times.
    assert loaded(room, "build", "LPMN", "-m", "2024-09") == {"click", "msgspec", "yaml"}


@needs_cores
def test_a_build_loads_what_makes_its_words_and_leaves_pictures_to_another_process(room: Room) -> None:
    room.item(image="street.jpg", image_alt="A street")
    room.file("issues/2024-09/items/street.jpg", picture("red", size=(1200, 800), kind="JPEG"))
    # The look is compiled by the first build.
    loaded(room, "build", "LPMN", "-m", "2024-09")
    street = room.file("issues/2024-09/items/street.jpg", picture("blue", size=(1200, 800), kind="JPEG"))
    assert loaded(room, "build", "LPMN", "-m", "2024-09") == {
        *("click", "cssselect2", "jinja2", "lxml", "markdown_it", "mjml", "msgspec", "tinycss2", "yaml")
    }
    (made,) = (room.root / "build/2024-09/state-LPMN").glob("*.jpg")
    assert made.name == f"street-{sha256(street.read_bytes()).hexdigest()[:8]}.jpg"
