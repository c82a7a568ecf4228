"""Pictures, logos, templates, settings, and what else opens a newsroom's files: all by the same rules."""

import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.deliver.folder import provider_of
from newsletter.errors import ContentError
from newsletter.look.pictures import facts, prepare
from newsletter.look.templates import Look
from newsletter.preview.watch import watch_newsroom
from newsletter.read.config import find_root, read_config
from newsletter.unchanged import shared
from tests.conftest import Run
from tests.links import CIRCLE, GIT, MATTER, OUTSIDE, PIPE, UNIX, link, pipe
from tests.room import TOML, Room, png

pytestmark = [UNIX, pytest.mark.usefixtures("never_waits")]


# Pictures and logos.


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("a%00b.jpg", "is not the name of a file\n  hint: use letters, digits, - and _ in its name"),
        ("%00", "is not the name of a file\n  hint: use letters, digits, - and _ in its name"),
        ("/etc/hostname", "lies outside the newsroom\n  hint: copy it beside the item"),
        ("../../../../secret.png", "lies outside the newsroom\n  hint: copy it beside the item"),
        ("%2e%2e/%2e%2e/../../secret.png", "lies outside the newsroom\n  hint: copy it beside the item"),
        ("out.png", "lies outside the newsroom\n  hint: copy it beside the item"),
        ("folder/secret.png", "lies outside the newsroom\n  hint: copy it beside the item"),
        ("../../../.git/a.png", GIT),
        ("../../../.GIT/a.png", GIT),
        ("pipe.png", "is a named pipe, not a file\n  hint: put a JPEG, PNG or GIF file beside the item"),
        ("large.png", "has 120 MB, and no more than 100 MB is read\n  hint: make it smaller, or split it"),
        ("circle.png", "can't be read: symbolic links that lead in a circle\n  hint: link to the file itself"),
        ("story.md/x.png", "can't be read: not a directory\n  hint: put a JPEG, PNG or GIF file beside the item"),
    ],
)
def test_a_picture_that_may_not_be_read_is_told_at_its_line(room: Room, source: str, told: str) -> None:
    items = room.root / "issues/2024-09/items"
    png(room.root.parent / "secret.png")
    png(room.root / ".git/a.png")
    png(room.root / ".GIT/a.png")
    link(items / "out.png", "../../../../secret.png")
    link(items / "folder", "../../../..")
    pipe(items / "pipe.png")
    os.truncate(png(items / "large.png"), 120_000_000)
    link(items / "circle.png", "circle.png")
    room.item("story", image=source)
    room.item("words", f"One.\n\n![A tree]({source})\n")
    faults = [fault for fault in room.faults() if not fault.startswith("issues/2024-09/items/folder:")]
    assert faults == [
        f"issues/2024-09/items/story.md:7: picture '{source}' {told}",
        f"issues/2024-09/items/words.md:10: picture '{source}' {told}",
    ]


def test_a_picture_that_changed_since_it_was_read_is_told(room: Room) -> None:
    path = png(room.root / "issues/2024-09/items/tree.png")
    png(room.root.parent / "secret.png")
    room.item("story", image="tree.png")
    issue = room.issue()
    changes: list[tuple[Callable[[], object], str]] = [
        (lambda: pipe(path), "is a named pipe, not a file"),
        (lambda: link(path, room.root.parent / "secret.png"), "lies outside the newsroom"),
    ]
    for change, told in changes:
        path.unlink()
        change()
        with pytest.raises(ContentError, match=rf"story\.md:7: picture 'tree\.png' {told}"):
            prepare(issue, room.root)
        assert facts(issue, room.root) == {}


def test_a_logo_is_decided_by_the_path_that_it_gets_in_the_end(room: Room) -> None:
    secret = png(room.root.parent / "secret.png")
    png(room.root / "{chapter_name}")
    room.file(
        "newsletter.toml",
        TOML.replace('name = "Minnesota"', f'name = "{secret}"').replace(
            "[publications.network]", 'logo = "{chapter_name}"\n[publications.network]'
        ),
    )
    room.item("story")
    outside = f"newsletter.toml:11: logo '{secret}' lies outside the newsroom\n  hint: copy it into the newsroom"
    assert outside in room.faults()
    assert outside in map(str, room.build().faults)


def test_a_logo_may_be_one_of_each_chapter(room: Room) -> None:
    png(room.root / "logos/LPMN.png")
    room.file("newsletter.toml", TOML.replace('subject = "{title}', 'logo = "logos/{chapter}.png"\nsubject = "{title}'))
    room.item("story")
    assert room.faults() == [
        "newsletter.toml:20: logo 'logos/LPNY.png' is not there\n  hint: did you mean 'LPMN.png'?",
    ]
    assert room.build().is_good
    assert b"lpmn-" in room.built("issue.html")


def test_a_logo_of_each_month_is_looked_at_when_its_issue_is_built(room: Room) -> None:
    png(room.root.parent / "secret.png")
    room.file(
        "newsletter.toml", TOML.replace("[publications.network]", 'logo = "logos/{month}.png"\n[publications.network]')
    )
    room.item("story")
    assert room.faults() == []
    assert [fault.message for fault in room.build().faults] == [
        "picture 'logos/2024-09.png' can't be read: no such file or directory"
    ]
    link(room.root / "logos/2024-09.png", room.root.parent / "secret.png")
    assert [fault.message for fault in room.build().faults] == ["picture 'logos/2024-09.png' lies outside the newsroom"]
    (room.root / "logos/2024-09.png").unlink()
    png(room.root / "logos/2024-09.png")
    assert room.build().is_good


# Templates and style sheets.


def template_fault(room: Room) -> str:
    room.item("story")
    (fault,) = room.build().faults
    return str(fault)


@pytest.mark.parametrize("name", ["issue.mjml.j2", "issue.txt.j2", "styles.css", "head.css", "footer.mjml.j2"])
def test_a_template_from_outside_is_never_read(room: Room, name: str) -> None:
    (room.root.parent / "secret").write_text("secret")
    link(room.root / "templates" / name, "../../secret")
    assert template_fault(room) == f"templates/{name}: {OUTSIDE}"
    assert not any(text == "secret" for text in Look(room.root).texts().values())


@pytest.mark.parametrize("word", ["include", "extends", "import"])
def test_what_a_template_asks_for_is_read_by_the_same_rules(room: Room, word: str) -> None:
    (room.root.parent / "secret").write_text("secret")
    asks = f'{{% {word} "more.j2" {"as more " if word == "import" else ""}%}}'
    room.file("templates/footer.mjml.j2", asks)
    path = room.root / "templates/more.j2"
    room.file(".git/config", "token")
    changes: list[tuple[Callable[[], object], str]] = [
        (lambda: link(path, "../../secret"), OUTSIDE),
        (lambda: link(path, "../.git/config"), GIT),
        (lambda: link(path, "/proc/self/environ"), OUTSIDE),
        (lambda: pipe(path), PIPE),
        (lambda: link(path, "more.j2"), CIRCLE),
        (lambda: path.mkdir(), "can't be read: is a directory\n  hint: put a file in its place"),
        (
            lambda: link(path, "gone"),
            "can't be read: no such file or directory\n  hint: see that it is there, and that you may read it",
        ),
    ]
    for make, told in changes:
        make()
        assert template_fault(room) == f"templates/more.j2: {told}"
        path.rmdir() if path.is_dir() else path.unlink()


@pytest.mark.parametrize(
    "name", ["../newsletter.toml", "sections/../../newsletter.toml", "/etc/hostname", "", ".", ".."]
)
def test_a_template_can_ask_for_nothing_outside_its_folder(room: Room, name: str) -> None:
    room.file("templates/footer.mjml.j2", f'{{% include "{name}" %}}')
    assert template_fault(room).startswith(f"templates/footer.mjml.j2:1: template '{name}' is not there\n")


def test_a_template_that_is_too_large_is_told(room: Room) -> None:
    os.truncate(room.file("templates/footer.mjml.j2", "x"), 2_000_000_000)
    assert template_fault(room) == (
        "templates/footer.mjml.j2: has 2 GB, and no more than 1 MB is read\n  hint: make it smaller, or split it"
    )


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("/etc", OUTSIDE),
        ("../other", OUTSIDE),
        (".git/hooks", GIT),
        ("templates", "can't be read: symbolic links that lead in a circle\n  hint: "),
        ("gone", "can't be read: no such file or directory\n  hint: "),
        ("newsletter.toml", "can't be read: not a directory\n  hint: "),
    ],
)
def test_a_folder_of_templates_that_may_not_be_read_is_told_as_a_whole(room: Room, target: str, told: str) -> None:
    room.file(".git/hooks/issue.txt.j2", "token")
    link(room.root / "templates", target)
    assert template_fault(room).startswith(f"templates: {told}")
    assert set(Look(room.root).texts()) == set(Look(room.root.parent).texts())


def test_templates_may_be_a_link_to_another_folder_of_the_newsroom(room: Room) -> None:
    room.file("look/issue.txt.j2", "Ours.\n")
    room.file("more/note.j2", "Note.")
    link(room.root / "templates", "look")
    link(room.root / "look/linked", "../more")
    room.file("look/issue.txt.j2", '{% include "linked/note.j2" %}')
    room.item("story")
    assert room.build().is_good and room.built("issue.txt") == b"Note.\n"
    assert Look(room.root).texts()["templates/linked/note.j2"] == "Note."


def test_a_change_behind_any_link_among_the_templates_is_noticed(room: Room) -> None:
    room.file("one/a.j2", "1")
    room.file("two/a.j2", "2")
    link(room.root / "templates/first", "../one")
    link(room.root / "templates/second", "../two")
    seen = set()

    def look() -> None:
        seen.add(shared(room.load()))

    look()
    room.file("one/a.j2", "3")
    look()
    # Both folders are known already; only the names that lead to them change.
    for name, target in (("first", "../two"), ("second", "../one")):
        (room.root / "templates" / name).unlink()
        link(room.root / "templates" / name, target)
        look()
    assert len(seen) == 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("path", ["templates", "templates/footer.mjml.j2"])
def test_templates_that_nobody_may_read_are_told(room: Room, path: str) -> None:
    room.file("templates/footer.mjml.j2", "x")
    (room.root / path).chmod(0o000)
    assert re.match(r"templates/[a-z.0-9]+: can't be read: permission denied\n", template_fault(room))
    (room.root / path).chmod(0o755)


# newsletter.toml.


def test_settings_from_outside_are_never_read(room: Room) -> None:
    (room.root / "newsletter.toml").rename(room.root.parent / "other.toml")
    link(room.root / "newsletter.toml", "../other.toml")
    with pytest.raises(ContentError, match=r"^newsletter\.toml: lies outside the newsroom\n"):
        read_config(room.root)


def test_settings_may_be_a_link_inside_the_newsroom(room: Room) -> None:
    (room.root / "newsletter.toml").rename(room.root / "other.toml")
    link(room.root / "newsletter.toml", "other.toml")
    assert read_config(room.root).organization == "Example Network"


@pytest.mark.parametrize("command", [("build",), ("check",), ("list",), ("status",), ("preview",), ("check", "--fix")])
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("pipe", "is a named pipe, not a file"),
        ("folder", "can't be read: is a directory"),
        ("circle", "can't be read: symbolic links that lead in a circle"),
        ("nowhere", "can't be read: no such file or directory"),
        ("large", "has 3 GB, and no more than 1 MB is read"),
        ("zero", "lies outside the newsroom"),
    ],
)
def test_settings_that_are_no_file_are_told_and_not_passed_over(
    room: Room, run: Run, command: tuple[str, ...], kind: str, told: str
) -> None:
    path = room.root / "newsletter.toml"
    if kind == "large":
        os.truncate(path, 3_000_000_000)
    else:
        path.unlink()
    if kind == "pipe":
        pipe(path)
    elif kind == "folder":
        path.mkdir()
    elif kind in {"circle", "nowhere", "zero"}:
        link(path, {"circle": "newsletter.toml", "nowhere": "gone", "zero": "/dev/zero"}[kind])
    for arguments in (command, ("--newsroom", str(room.root), *command)):
        result = run(*arguments)
        assert result.exit_code == 1
        assert told in result.output


@pytest.mark.parametrize(
    "table", ["organization", "theme", "words", "publications", "chapters", "sections", "providers", "proof", "checks"]
)
@pytest.mark.parametrize("form", ["[[{}]]\nname = 1", "{} = 5", '{} = "x"', "{} = [[]]", "{} = true", "{} = nan"])
def test_a_table_that_is_none_is_told(room: Room, table: str, form: str) -> None:
    without = re.sub(rf"(?ms)^\[{table}[.\]].*?(?=^\[(?!{table}[.\]])|\Z)", "", TOML)
    typed = form.format(table)
    room.file("newsletter.toml", f"{without}\n{typed}\n" if typed.startswith("[") else f"{typed}\n{without}")
    line = (room.root / "newsletter.toml").read_text().split("\n").index(typed.partition("\n")[0]) + 1
    with pytest.raises(ContentError) as caught:
        read_config(room.root)
    told = f"newsletter.toml:{line}: '{table}' must be a table\n  hint: write [{table}"
    assert any(str(fault).startswith(told) for fault in caught.value.faults)


# What else opens a newsroom's files.


def test_check_shows_no_line_of_what_it_may_not_read(room: Room, run: Run) -> None:
    (room.root.parent / "secret.md").write_text("---\nchapters: [NOBODY]\nsecret words\n")
    link(room.root / "issues/2024-09/items/a.md", "../../../../secret.md")
    pipe(room.root / "issues/2024-09/items/b.md")
    result = run("check")
    assert result.exit_code == 1 and "secret words" not in result.output


def test_a_mended_item_behind_a_link_stays_a_link(room: Room, run: Run) -> None:
    shared = room.file("shared/story.md", MATTER.replace("Password.", "The the end."))
    path = link(room.root / "issues/2024-09/items/story.md", "../../../shared/story.md")
    assert run("check", "--fix", "--yes").exit_code in {0, 1}
    assert path.is_symlink() and not shared.is_symlink()
    assert shared.read_text() == MATTER.replace("Password.", "The end.")


def test_a_manifest_that_is_no_file_counts_as_none(room: Room) -> None:
    pipe(room.root / "build/2024-09/network/manifest.json")
    assert provider_of(room.root / "build/2024-09/network") == ""
    room.file("build/2024-09/federal/manifest.json", "[" * 100_000)
    assert provider_of(room.root / "build/2024-09/federal") == ""


def test_a_command_in_a_folder_that_was_deleted_ends_in_words(
    room: Room, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.item("story")
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    told = "the current folder can't be read: no such file or directory\n  hint: go into a folder that exists\n"
    for command in ("build", "check", "list", "status", "preview"):
        result = run(command)
        assert (result.exit_code, result.stderr) == (2, told)
    assert run("--newsroom", str(room.root), "build", "--out", "here").stderr == told
    # What is named by its whole path needs no current folder.
    for arguments in (["build"], ["check"], ["check", "--format", "sarif"], ["new", "month", "2031-01"]):
        assert run("--newsroom", str(room.root), *arguments).exit_code == 0
    monkeypatch.chdir(tmp_path)


def test_a_newsroom_that_is_a_link_as_a_whole_is_built(room: Room, run: Run) -> None:
    png(room.root / "issues/2024-09/items/tree.png")
    room.item("story", image="tree.png")
    short = link(room.root.parent / "short", "room")
    assert find_root(short / "issues/2024-09") == short
    assert run("--newsroom", str(short), "build").exit_code == 0
    assert Room(short).faults() == [] and Room(short).build().is_good


def test_watching_stays_inside_the_newsroom_and_follows_new_folders(room: Room) -> None:
    outside = room.root.parent / "outside"
    (outside / "deep").mkdir(parents=True)
    room.item("story")
    room.file("shared/a.txt", "1")
    link(room.root / "issues/out", outside)
    link(room.root / "issues/2024-09/items/shared", "../../../shared")
    (room.root / "templates").mkdir()
    stop, saves = threading.Event(), threading.Semaphore(0)

    def saved(*, within: float = 10) -> bool:
        heard = saves.acquire(timeout=within)
        # What else the same save causes is heard by then.
        time.sleep(0.4)
        while saves.acquire(blocking=False):
            pass
        return heard

    watch_newsroom(room.root, room.root / "build", saves.release, stop)
    try:
        for _ in range(50):
            room.item("story", "Again.\n")
            if saved(within=0.5):
                break
        while saved(within=2):
            pass
        (outside / "deep/x.md").write_text("1")
        (outside / "x.md").write_text("1")
        assert not saved(within=1)
        room.file("shared/a.txt", "2")
        assert saved()
        room.file("issues/2024-10/items/new.md", MATTER)
        assert saved()
        room.file("issues/2024-10/items/new.md", MATTER + "More.\n")
        assert saved()
        room.file("templates/sections/story.mjml.j2", "x")
        assert saved()
        room.file("templates/sections/story.mjml.j2", "y")
        assert saved()
    finally:
        stop.set()
