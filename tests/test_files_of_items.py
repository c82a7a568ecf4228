"""Items and front pages behind links, in folders without end, under odd names."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.links import CIRCLE, GIT, MATTER, NOWHERE, OUTSIDE, PIPE, UNIX, link, pipe
from tests.room import TOML, Room, png

pytestmark = [UNIX, pytest.mark.usefixtures("never_waits")]


SECRETS = ["/proc/self/environ", "/etc/hostname", "/dev/zero", "/dev/stdin", "../../../secret.md"]


@pytest.mark.parametrize("target", SECRETS)
def test_an_item_or_a_front_page_from_outside_is_never_published(room: Room, target: str) -> None:
    (room.root.parent / "secret.md").write_text(MATTER)
    room.item("story")
    link(room.root / "issues/2024-09/network.md", target)
    link(room.root / "issues/2024-09/items/secret.md", f"../{target}" if target.startswith(".") else target)
    assert room.faults() == [f"issues/2024-09/items/secret.md: {OUTSIDE}", f"issues/2024-09/network.md: {OUTSIDE}"]
    assert [item.stem for item in room.load().items] == ["story"] and not room.load().front_pages
    assert room.build().faults


def test_a_token_of_git_is_never_published(room: Room) -> None:
    room.file(".git/config", "[http]\n\textraheader = token\n")
    link(room.root / "issues/2024-09/state-LPMN.md", "../../.git/config")
    room.item("story")
    assert room.faults() == [f"issues/2024-09/state-LPMN.md: {GIT}"]
    assert [str(fault) for fault in room.build().faults] == room.faults()


def test_a_link_to_a_file_of_the_newsroom_is_an_item_as_any_other(room: Room) -> None:
    room.item("story")
    shared = room.file("shared/story.md", MATTER.replace("A secret", "Shared"))
    link(room.root / "issues/2024-09/items/one.md", shared)
    link(room.root / "issues/2024-09/items/two.md", "../../../shared/story.md")
    link(room.root / "issues/2024-09/items/three.md", "two.md")
    assert room.faults() == []
    assert [item.stem for item in room.load().items] == ["one", "story", "three", "two"]
    assert room.load().items[0].path == "issues/2024-09/items/one.md"


def test_what_is_no_file_is_told_at_its_name(room: Room) -> None:
    room.item("story")
    pipe(room.root / "issues/2024-09/items/a-pipe.md")
    pipe(room.root / "issues/2024-09/items/nobody-asks-for-this")
    pipe(room.root / "issues/2024-09/items/notes.txt")
    pipe(room.root / "issues/2024-09/network.md")
    link(room.root / "issues/2024-09/items/b-circle.md", "b-circle.md")
    assert room.faults() == [
        f"issues/2024-09/items/a-pipe.md: {PIPE}",
        f"issues/2024-09/items/b-circle.md: {CIRCLE}",
        f"issues/2024-09/network.md: {PIPE}",
    ]


def test_an_item_that_is_too_large_is_told_and_nothing_of_it_read(room: Room) -> None:
    path = room.item("story")
    os.truncate(path, 5_000_000_000)
    assert room.faults() == [
        "issues/2024-09/items/story.md: has 5 GB, and no more than 40 MB is read\n  hint: make it smaller, or split it"
    ]


@pytest.mark.parametrize("target", [".env", "issues/2024-09/.draft.md", ".secrets/key.md"])
def test_a_link_to_what_is_hidden_is_never_followed(room: Room, target: str) -> None:
    room.item("shown")
    room.file(target, MATTER)
    link(room.root / "issues/2024-09/items/story.md", room.root / target)
    assert room.faults() == [
        "issues/2024-09/items/story.md: is a symbolic link to what is hidden\n"
        "  hint: copy it to where items lie, under a name of its own"
    ]


def test_a_folder_of_items_behind_a_link_is_told(room: Room) -> None:
    room.item("story")
    room.file("shared/items/more.md", MATTER)
    link(room.root / "issues/2024-09/items/more", "../../../shared")
    told = "issues/2024-09/items/more: is a symbolic link to a folder: its items are not read here"
    assert room.faults() == [f"{told}\n  hint: put the folder itself in its place, or delete the link"]
    assert [item.stem for item in room.load().items] == ["story"]
    assert not room.build().is_good


def test_a_link_to_a_folder_whose_items_are_read_at_their_own_place_stops_no_issue(room: Room) -> None:
    room.item("story")
    link(room.root / "issues/latest", "2024-09")
    link(room.root / "issues/2024-09/items/all", "../..")
    assert [fault.split(":")[0] for fault in room.faults()] == ["issues/2024-09/items/all", "issues/latest"]
    assert [item.path for item in room.load().items] == ["issues/2024-09/items/story.md"]
    assert room.build().is_good


def test_a_folder_of_pictures_may_be_a_link(room: Room) -> None:
    png(room.root / "shared/2024/tree.png")
    room.file("shared/README.md", "Our pictures.\n")
    link(room.root / "issues/2024-09/items/pictures", "../../../shared")
    room.item("story", image="pictures/2024/tree.png")
    assert room.faults() == [] and room.build().is_good
    (item,) = room.load().items
    assert item.picture and item.picture.path == "shared/2024/tree.png"


@pytest.mark.parametrize("target", ["/etc", "../../../..", "/", "/proc/self"])
def test_a_link_to_a_folder_outside_is_told_and_not_looked_into(room: Room, target: str) -> None:
    room.item("story")
    link(room.root / "issues/2024-09/items/more", target)
    assert room.faults() == [f"issues/2024-09/items/more: {OUTSIDE}"]


def test_a_link_to_a_folder_of_git_is_told(room: Room) -> None:
    room.file(".git/refs/a.md", MATTER)
    link(room.root / "issues/2024-09/items", "../../.git/refs")
    assert room.faults() == [f"issues/2024-09/items: {GIT}"]


def test_a_link_that_leads_nowhere_is_told_where_a_folder_may_be_meant(room: Room) -> None:
    room.item("story")
    items = room.root / "issues/2024-09/items"
    link(items / "nowhere", "gone")
    link(items / "circle", "circle")
    # Editors leave such beside what they edit; a picture is told where an item shows it.
    link(items / ".#story.md", "ann@desk.1234")
    link(items / "tree.png", "gone.png")
    assert room.faults() == [
        f"issues/2024-09/items/circle: {NOWHERE}",
        f"issues/2024-09/items/nowhere: {NOWHERE}",
    ]


def test_links_that_make_a_maze_are_walked_once(room: Room) -> None:
    room.item("story")
    for number in range(20):
        folder = room.root / f"maze/{number}"
        folder.mkdir(parents=True)
        link(folder / "left", f"../{number + 1}")
        link(folder / "right", f"../{number + 1}")
        link(folder / "back", "..")
    (room.root / "maze/20").mkdir()
    for name in ("issues/2024-09/items/maze", "templates/maze"):
        link(room.root / name, room.root / "maze")
    assert room.faults() == []
    assert room.build().is_good


def test_very_many_links_to_folders_are_told_without_a_look_at_each(room: Room) -> None:
    room.item("story")
    pictures = room.root / "pictures"
    pictures.mkdir()
    for number in range(3000):
        (pictures / f"{number}.png").touch()
    for number in range(200):
        link(room.root / f"issues/2024-09/items/p{number:03}", pictures)
    faults = room.faults()
    assert 190 < len(faults) < 200
    assert all("is a symbolic link to a folder" in fault for fault in faults)


@pytest.mark.parametrize(("name", "depth"), [("d", 1100), ("d" * 200, 60)])
def test_folders_nested_without_end_are_told(
    room: Room, name: str, depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.item("story")
    monkeypatch.chdir(room.root / "issues")
    for _ in range(depth):
        Path(name).mkdir()
        os.chdir(name)
    Path("x.md").write_text(MATTER)
    os.chdir(room.root)
    (fault,) = room.faults()
    assert re.match(
        r"issues/[d/]+: (lies more than 50 folders deep\n  hint: move it up"
        r"|can't be read: file name too long\n  hint: give it, and the folders it lies in, shorter names)$",
        fault,
    )
    assert [item.stem for item in room.load().items] == ["story"]
    # pytest itself can't delete them.
    subprocess.run(["rm", "-rf", "issues"], cwd=room.root, check=True)


@pytest.mark.parametrize("makes", ["inside", "chain"])
def test_issues_may_be_a_link_to_another_folder_of_the_newsroom(room: Room, makes: str) -> None:
    room.item("story")
    (room.root / "issues").rename(room.root / "content")
    if makes == "chain":
        link(room.root / "between", "content")
    link(room.root / "issues", "between" if makes == "chain" else "content")
    assert [item.path for item in room.load().items] == ["issues/2024-09/items/story.md"]
    assert room.faults() == [] and room.build().is_good


def test_issues_outside_the_newsroom_are_told(room: Room) -> None:
    room.item("story")
    (room.root / "issues").rename(room.root.parent / "content")
    link(room.root / "issues", "../content")
    assert room.faults() == [f"issues: {OUTSIDE}"]


@pytest.mark.parametrize(("target", "told"), [("gone", NOWHERE), ("issues", "can't be read: symbolic links that")])
def test_issues_that_lead_nowhere_are_told(room: Room, target: str, told: str) -> None:
    link(room.root / "issues", target)
    (fault,) = room.faults()
    assert fault.startswith(f"issues: {told}")


def test_a_newsroom_without_issues_has_no_fault(room: Room) -> None:
    assert room.faults() == []


@pytest.mark.skipif(os.uname().sysname == "Darwin", reason="macOS has no such names")
def test_names_that_are_not_utf_8_are_told_wherever_they_stand(room: Room, run: Run) -> None:
    room.item("story")
    items = os.fsencode(room.root) + b"/issues/2024-09/items"
    os.mkdir(items + b"/caf\xe9")  # noqa: PTH102 - bytes
    for name in (b"caf\xe9/a.md", b"b\xe9.md", b"c\xe9.txt", b"d\xe9.md.txt"):
        with open(items + b"/" + name, "wb") as file:  # noqa: PTH123 - bytes
            file.write(MATTER.encode())
    os.symlink("/etc", items + b"/e\xe9")  # noqa: PTH211 - bytes
    rename = "\n  hint: rename it, with letters a to z"
    txt = "the name ends in .txt, so this is no item\n  hint: rename it to"
    assert room.faults() == [
        f"issues/2024-09/items/b?.md: the file's name is not UTF-8{rename}",
        f"issues/2024-09/items/c?.txt: {txt} c?.md",
        f"issues/2024-09/items/caf?/a.md: the folder's name is not UTF-8{rename}",
        f"issues/2024-09/items/d?.md.txt: {txt} d?.md",
        f"issues/2024-09/items/e?: {OUTSIDE}",
    ]
    for form in ("text", "json", "sarif"):
        assert run("check", "--format", form).exit_code == 1


def test_a_newsroom_whose_own_path_is_not_utf_8_is_built(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.uname().sysname == "Darwin":
        pytest.skip("macOS has no such names")
    odd = Room(Path(os.fsdecode(os.fsencode(room.root.parent) + b"/r\xe9dac")))
    odd.file("newsletter.toml", TOML)
    odd.item("story")
    png(odd.root / "issues/2024-09/items/tree.png")
    odd.item("other", image="tree.png")
    assert odd.faults() == [] and odd.build().is_good
