"""The documentation says what the program does."""

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from newsletter.cli import main

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("words", ["", "build", "new item", "proof"])
def test_the_page_of_commands_shows_what_people_see(words: str) -> None:
    shown = CliRunner().invoke(main, [*words.split(), "--help"], prog_name="newsletter", terminal_width=100)
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert f"## {f'newsletter {words}'.strip()}\n\n```text\n{shown.stdout}```\n" in page


def test_every_file_that_the_documentation_links_to_is_there() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    linked = {
        (page.name, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not re.match(r"[a-z]+:", target)
    }
    assert linked
    assert [(page, target) for page, target in sorted(linked) if not _near(page, target).exists()] == []


def _near(page: str, target: str) -> Path:
    folder = ROOT if (ROOT / page).exists() else ROOT / "docs"
    return folder / target


def test_the_repository_names_no_machine_and_no_registry() -> None:
    names = _tracked()
    forbidden = re.compile(r"/(?:work|root|home)/[a-z]+/|files\.pythonhosted|registry\.npmjs|pypi\.org/simple")
    guilty = []
    for name in names:
        path = ROOT / name
        if name == "tests/test_docs.py" or path.suffix in {".png", ".jpg"} or not path.is_file():
            continue
        if found := forbidden.search(path.read_text("utf-8", "replace")):
            guilty.append((name, found[0]))
    assert guilty == []


def _tracked() -> list[str]:
    """Return the files that git keeps; without git, or in a source archive, the pages of the documentation."""
    # A checkout that belongs to somebody else (a CI job's, as root) is read all the same.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    try:
        tracked = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return [str(path.relative_to(ROOT)) for path in ROOT.rglob("*.md")]
    return [name for name in tracked.stdout.decode().split("\0") if name]


def test_the_map_for_contributors_names_every_module() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    drawn = page.partition("```text\nnewsletter/\n")[2].partition("```")[0]
    # A folder stands two blanks from the edge, and what is in it below it.
    folders = {part.split("/", 1)[0]: part for part in re.split(r"(?m)^  (?=\w)", drawn) if re.match(r"\w+/", part)}
    at_the_top = re.findall(r"(\w+)\.py\b", drawn)
    modules = [path.relative_to(ROOT / "newsletter") for path in ROOT.glob("newsletter/**/*.py")]
    missing = [
        path.as_posix()
        for path in modules
        if path.stem not in {"__init__", "__main__"}
        and path.stem not in (re.findall(r"\w+", folders.get(path.parts[0], "")) if path.parts[1:] else at_the_top)
    ]
    assert missing == []
