"""newsletter new: what it scaffolds can be edited and built at once."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from newsletter.read.scaffold import KINDS
from newsletter.read.schema import FILES
from tests.conftest import INSTALLED, Run
from tests.room import Room

MONTH = f"{date.today():%Y-%m}"
AROUND = [
    *("fresh/.gitignore", "fresh/.gitattributes", "fresh/.editorconfig"),
    *("fresh/.vscode/settings.json", "fresh/.vscode/extensions.json", "fresh/.vscode/tasks.json"),
    *(f"fresh/.newsletter/{name}" for name in FILES.values()),
]
SEE = "  hint: see that the disk has room, that you may write there, and that no file stands where a folder belongs\n"


def test_a_new_newsroom_builds_as_it_is(run: Run, room: Room) -> None:
    made = run("new", "newsroom", "fresh")
    assert (made.exit_code, made.stdout.splitlines()) == (
        0,
        [f"fresh/issues/{MONTH}/items/our-first-story.md", *AROUND, "fresh/newsletter.toml"],
    )
    built = run("--newsroom", "fresh", "build")
    assert (built.exit_code, built.stderr) == (0, "")
    assert [line.split("\t")[0] for line in built.stdout.splitlines()] == [f"{MONTH}/network", f"{MONTH}/state-NORTH"]


def test_a_newsroom_is_never_started_over_another(run: Run, room: Room) -> None:
    before = (room.root / "newsletter.toml").read_bytes()
    refused = run("new", "newsroom", ".")
    assert refused.exit_code == 2
    assert refused.stderr.startswith(". is a newsroom already\n  hint: write an item")
    assert (room.root / "newsletter.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("title", "file"),
    [
        ("Saint Paul plants trees", "saint-paul-plants-trees"),
        ('Wins: the "whole" list', "wins-the-whole-list"),
        ("# & * - no", "no"),
        ("Ärger in São Paulo", "arger-in-sao-paulo"),
        ("🎉", "item"),
        ("yes", "yes"),
        ("2024", "2024"),
    ],
)
def test_a_new_item_keeps_its_title_whatever_yaml_would_make_of_it(run: Run, room: Room, title: str, file: str) -> None:
    made = run("new", "item", title, "--chapter", "LPMN", "-m", "2024-09")
    assert (made.exit_code, made.stdout) == (0, f"issues/2024-09/items/{file}.md\n")
    (item,) = room.load().items
    assert (item.title, item.chapters, item.months, item.section) == (title, ("LPMN",), ("2024-09",), "wins")
    path = room.root / item.path
    path.write_text(
        path.read_text("utf-8").replace(KINDS["story"].words, "Forty trees stand on Fifth Street."), "utf-8"
    )
    assert run("build", "LPMN", "-m", "2024-09").exit_code == 0


def test_a_new_item_takes_several_chapters_and_a_section(run: Run, room: Room) -> None:
    made = run(
        "new",
        "item",
        "Shared",
        "--chapter",
        "LPMN,network",
        "--chapter",
        "LPNY",
        "--section",
        "events",
        "-m",
        "2024-09",
    )
    assert made.exit_code == 0
    (item,) = room.load().items
    assert (item.chapters, item.section) == (("LPMN", "network", "LPNY"), "events")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["Story", "--chapter", "LPMM"], "no chapter or publication is called 'LPMM'\n  hint: did you mean 'LPMN'?\n"),
        (
            ["Story", "--chapter", "LPMN", "--section", "winds"],
            "no section is called 'winds'\n  hint: did you mean 'wins'?\n",
        ),
        ([" ", "--chapter", "LPMN"], "the title is empty\n"),
    ],
)
def test_an_item_that_would_not_load_is_not_made(run: Run, room: Room, arguments: list[str], told: str) -> None:
    refused = run("new", "item", *arguments, "-m", "2024-09")
    assert refused.exit_code == 2
    assert refused.stderr.startswith(told)
    assert not (room.root / "issues").exists()


def test_an_item_is_never_overwritten(run: Run, room: Room) -> None:
    path = room.item("story", "My words.\n")
    refused = run("new", "item", "Story", "--chapter", "LPMN", "-m", "2024-09")
    assert (refused.exit_code, "is there already" in refused.stderr) == (2, True)
    assert path.read_text().endswith("My words.\n")


def test_a_month_that_is_none_is_refused_at_the_command_line(run: Run) -> None:
    refused = run("new", "item", "Story", "--chapter", "LPMN", "-m", "2024-13")
    assert (refused.exit_code, "'2024-13' is not a month" in refused.stderr) == (2, True)


def test_a_new_month_gets_a_front_page_for_every_issue_and_keeps_those_there(run: Run, room: Room) -> None:
    kept = room.front_page("2024-09/network", "Hello.\n")
    made = run("new", "month", "2024-09")
    assert made.exit_code == 0
    assert sorted(Path(line).name for line in made.stdout.splitlines()) == ["state-LPMN.md", "state-LPNY.md"]
    assert kept.read_text().endswith("Hello.\n")
    assert room.faults() == []
    assert run("new", "month", "2024-09").stdout == ""


def test_a_quarterly_newsletter_gets_no_front_page_in_a_month_without_its_issue(run: Run, room: Room) -> None:
    made = run("new", "month", "2024-10")
    assert sorted(Path(line).name for line in made.stdout.splitlines()) == ["network.md", "state-LPMN.md"]


def test_titles_without_a_letter_from_a_to_z_get_numbered_files(run: Run, room: Room) -> None:
    for title, file in (("المدينة", "item"), ("القانون", "item-2"), ("条例", "item-3")):
        made = run("new", "item", title, "--chapter", "LPMN", "-m", "2024-09")
        assert (made.exit_code, made.stdout) == (0, f"issues/2024-09/items/{file}.md\n")
    assert {item.title for item in room.load().items} == {"المدينة", "القانون", "条例"}


def test_a_month_that_can_not_be_written_is_told(run: Run, room: Room) -> None:
    room.file("issues", "")
    refused = run("new", "month", "2024-09")
    assert (refused.exit_code, refused.stdout, refused.stderr) == (
        2,
        "",
        f"issues/2024-09/items can't be written: not a directory\n{SEE}",
    )


def test_an_item_of_nobody_is_refused_with_whom_it_could_be_for(run: Run, room: Room) -> None:
    refused = run("new", "item", "What happened")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == (
        "nothing says whose item it is\n  hint: add --chapter CODE: there is LPMN, LPNY, network\n"
    )
    assert not (room.root / "issues").exists()


def full_disk() -> None:
    """Let no file grow beyond 100 bytes: to the program it looks like a full disk."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        (("item", "Story", "--chapter", "LPMN", "-m", "2024-09"), "issues/2024-09/items/story.md"),
        (("newsroom", "fresh"), f"fresh/issues/{MONTH}/items/our-first-story.md"),
        (("month", "2024-09"), "issues/2024-09/network.md"),
    ],
)
def test_on_a_full_disk_nothing_half_written_is_left_behind(room: Room, arguments: tuple[str, ...], file: str) -> None:
    room.item("other", chapters=["network"])
    before = {path for path in room.root.rglob("*") if path.is_file()}
    process = subprocess.run(
        [*INSTALLED, "new", *arguments],
        cwd=room.root,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        preexec_fn=full_disk,
        check=False,
    )
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr == f"{file} can't be written: file too large\n{SEE}"
    assert {path for path in room.root.rglob("*") if path.is_file()} == before
    assert room.faults() == []


def test_what_a_killed_command_left_of_an_item_is_no_item_and_in_nobodys_way(run: Run, room: Room) -> None:
    room.file("issues/2024-09/items/.story.md.new", "---\ntit")
    room.file("issues/2024-09/items/.story.md.lock", "")
    assert list(room.load().items) == []
    assert run("new", "item", "Story", "--chapter", "LPMN", "-m", "2024-09").exit_code == 0
    assert [path.name for path in (room.root / "issues/2024-09/items").iterdir()] == ["story.md"]


def test_a_new_item_goes_through_no_link_that_lies_in_its_place(run: Run, room: Room, tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    items = room.root / "issues/2024-09/items"
    items.mkdir(parents=True)
    for name in (".story.md.new", ".story.md.lock"):
        (items / name).symlink_to(other)
    refused = run("new", "item", "Story", "--chapter", "LPMN", "-m", "2024-09")
    assert (refused.exit_code, "story.md can't be written: " in refused.stderr) == (2, True)
    (items / ".story.md.lock").unlink()
    assert run("new", "item", "Story", "--chapter", "LPMN", "-m", "2024-09").exit_code == 0
    assert not other.exists()


def test_a_newsroom_that_was_started_only_halfway_can_be_started_again(run: Run, room: Room) -> None:
    room.file(f"fresh/issues/{MONTH}/items/our-first-story.md", "My words.\n")
    made = run("new", "newsroom", "fresh")
    assert (made.exit_code, made.stdout.splitlines()) == (0, [*AROUND, "fresh/newsletter.toml"])
    assert (room.root / f"fresh/issues/{MONTH}/items/our-first-story.md").read_text() == "My words.\n"


@pytest.mark.parametrize("link", ["issues", "issues/2024-09", "issues/2024-09/items"])
@pytest.mark.parametrize("arguments", [("item", "Story", "--chapter", "LPMN", "-m", "2024-09"), ("month", "2024-09")])
def test_nothing_is_started_outside_the_newsroom_through_a_link(
    run: Run, room: Room, tmp_path: Path, link: str, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "home").mkdir()
    (room.root / link).parent.mkdir(parents=True, exist_ok=True)
    (room.root / link).symlink_to(tmp_path / "home")
    refused = run("new", *arguments)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == (
        "issues/2024-09/items lies outside the newsroom\n  hint: remove the symbolic link that leads there\n"
    )
    assert list((tmp_path / "home").iterdir()) == []
