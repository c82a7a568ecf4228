"""The wheel: what is inside, and that it works where it is unpacked."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from newsletter import __version__

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from the tree by the backend that an installer asks."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-c", f"import hatchling.build as b; b.build_wheel({str(folder)!r})"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    (path,) = folder.iterdir()
    return path


def files_below(folder: str, *, at: str) -> set[str]:
    """Return the names that files of the tree have in the wheel; caches and what dots hide stay out."""
    return {
        f"{at}/{path.relative_to(ROOT / folder).as_posix()}"
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    }


def test_the_wheel_holds_the_package_the_look_and_the_sample_newsroom_and_nothing_else(wheel: Path) -> None:
    info = f"newsletter_cli-{__version__}.dist-info"
    expected = {
        *files_below("newsletter", at="newsletter"),
        *files_below("templates", at="newsletter/templates"),
        *files_below("issues", at="newsletter/sample/issues"),
        "newsletter/sample/newsletter.toml",
        *(f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")),
    }
    with zipfile.ZipFile(wheel) as archive:
        assert set(archive.namelist()) == expected
    assert {
        "newsletter/py.typed",
        "newsletter/deliver/providers.toml",
        "newsletter/templates/issue.mjml.j2",
        "newsletter/templates/sections/story.mjml.j2",
        "newsletter/templates/styles.css",
        "newsletter/sample/issues/2024-09/state-LPMN.md",
    } <= expected


def test_the_wheel_installs_one_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        points = archive.read(f"newsletter_cli-{__version__}.dist-info/entry_points.txt").decode()
    assert points == "[console_scripts]\nnewsletter = newsletter.cli:run\n"


def test_the_extra_locked_pins_exactly_what_the_lock_does(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"newsletter_cli-{__version__}.dist-info/METADATA").decode()
    stated = re.findall(r"^Requires-Dist: ([\w.-]+==[^;\n]+);.*extra == 'locked'$", metadata, re.MULTILINE)
    pinned = re.findall(r"^([\w.-]+==\S+)", (ROOT / "requirements/runtime.txt").read_text("utf-8"), re.MULTILINE)
    assert stated
    assert sorted(stated) == sorted(pinned)


def test_an_unpacked_wheel_finds_its_own_look_and_builds_its_own_sample(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONDONTWRITEBYTECODE": "1"}

    def python(*arguments: str) -> str:
        done = subprocess.run(
            # -P: the current folder is not to be imported from.
            [sys.executable, "-P", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            check=True,
            text=True,
            encoding="utf-8",
            timeout=60,
        )
        return done.stdout

    found = python("-c", "from newsletter.read.config import packaged_templates as found; print(found())")
    assert found.strip() == str(tmp_path / "site/newsletter/templates")
    sample = tmp_path / "site/newsletter/sample"
    rows = python(
        "-m", "newsletter", "--newsroom", str(sample), "build", "2024-09/LPMN", "--out", str(tmp_path / "out")
    )
    assert rows.split("\t")[0] == "2024-09/state-LPMN"
    assert (tmp_path / "out/2024-09/state-LPMN/issue.html").is_file()
    assert not (sample / "build").exists()
    made = python("-m", "newsletter", "new", "newsroom", "fresh", "--sample", "--ci", "github").splitlines()
    assert [line for line in made if not (tmp_path / line).is_file()] == []
    assert sum(line.endswith((".png", ".jpg")) for line in made) == 8
    assert len(python("-m", "newsletter", "--newsroom", "fresh", "build").splitlines()) == 4
