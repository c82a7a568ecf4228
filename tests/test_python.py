"""The facade: what a Python user imports, and the example of docs/python.md as it stands there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import newsletter
from newsletter import ContentError, Level, NewsletterError
from tests.room import Room

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "python.md").read_text("utf-8")


def python(code: str, folder: Path) -> str:
    """Return what the code prints, in a process and a folder of its own."""
    result = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_the_example_of_the_page_prints_what_the_page_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "issues", tmp_path / "issues")
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    shutil.copy(ROOT / "newsletter.toml", tmp_path)
    [example] = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
    [printed] = re.findall(r"```text\n(.+?)```", PAGE, re.DOTALL)
    assert python(example, tmp_path) == printed
    assert (tmp_path / "build/2024-09/state-LPMN/issue.html").is_file()


def test_every_name_is_there_and_described() -> None:
    functions = {name for name in newsletter.__all__ if name.islower()}
    assert {name for name in newsletter.__all__ if not hasattr(newsletter, name)} == set()
    assert {name for name in newsletter.__all__ if not getattr(newsletter, name).__doc__} == set()
    assert set(newsletter.__all__) <= set(dir(newsletter))
    assert {name for name in functions if f"| `{name}(" not in PAGE} == set()
    with pytest.raises(AttributeError, match="module 'newsletter' has no attribute 'bild'"):
        _ = newsletter.bild  # type: ignore[attr-defined]  # what is tried here


def test_check_is_the_function_before_and_after_its_folder_is_imported(tmp_path: Path) -> None:
    code = """
from newsletter import check
before = check
from newsletter.check.registry import rules
import newsletter.check.links
rules()
from newsletter import check
print(check is before, newsletter.check is before, callable(check))
"""
    assert python(code, tmp_path) == "True True True\n"


def test_to_import_it_loads_nothing_of_the_line(tmp_path: Path) -> None:
    code = """
import sys, newsletter
ours = sorted(name for name in sys.modules if name.startswith("newsletter"))
print(ours, sorted({"click", "rich", "lxml", "PIL", "jinja2", "mjml"} & set(sys.modules)))
"""
    assert python(code, tmp_path) == "['newsletter', 'newsletter.check'] []\n"


def test_without_a_month_the_newest_that_has_items_is_taken(room: Room) -> None:
    room.item("old", month="2024-08")
    room.item("new", month="2024-10")
    newsroom = newsletter.load(str(room.root))
    assert newsletter.chosen(newsroom).month == "2024-10"
    with pytest.raises(NewsletterError, match="no issue is called 'LPNM'") as error:
        newsletter.chosen(newsroom, ["LPNM"])
    assert error.value.hint == "did you mean 'LPMN'?"


def test_check_tells_what_build_refuses(room: Room) -> None:
    room.item("good", "The council adopted its plan for trees.\n", title="Trees")
    room.item("bad", section="winz")
    newsroom = newsletter.load(room.root)
    issues = newsletter.chosen(newsroom, ["LPMN"], "2024-09")
    findings = newsletter.check(newsroom, issues)
    assert [(str(one.place), one.level) for one in findings if one.slug == "not-loaded"] == [
        ("issues/2024-09/items/bad.md:6", Level.ERROR)
    ]
    [row] = newsletter.build(newsroom, issues, room.root / "out")
    assert not row.is_good
    assert [str(fault.place) for fault in row.faults] == ["issues/2024-09/items/bad.md:6"]
    assert not (room.root / "out" / "2024-09").exists()


def test_settings_at_fault_raise_every_fault(room: Room) -> None:
    room.file("newsletter.toml", "[organization]\nnam = 'x'\n")
    with pytest.raises(ContentError) as error:
        newsletter.load(room.root)
    assert error.value.faults[0].place.file == "newsletter.toml"
