"""What is read lies in the newsroom, is a file, and has an end; all else is told, never waited for."""

import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsletter.deliver.folder import provider_of
from newsletter.errors import ContentError
from newsletter.look.pictures import facts, prepare
from newsletter.look.templates import Look
from newsletter.preview.watch import watch_newsroom
from newsletter.read import files
from newsletter.read.config import find_root, read_config
from newsletter.unchanged import shared
from tests.conftest import Run
from tests.room import TOML, Room, png

pytestmark = pytest.mark.skipif(os.name == "nt", reason="symbolic links, pipes and devices as Unix has them")

OUTSIDE = "lies outside the newsroom\n  hint: copy it into the newsroom: what is outside is never read"
GIT = "lies below .git\n  hint: copy it to where items lie: what git keeps for itself is never read"
PIPE = "is a named pipe, not a file\n  hint: put a file in its place"
CIRCLE = "can't be read: symbolic links that lead in a circle\n  hint: link to the file itself"
NOWHERE = "is a symbolic link that leads nowhere\n  hint: link to what is there, or delete it"
MATTER = "---\ntitle: A secret\nchapters: [LPMN]\nmonth: 2024-09\nsection: wins\n---\nPassword.\n"


@pytest.fixture(autouse=True)
def _never_waits() -> Iterator[None]:
    """Stop a test that waits for a pipe that nobody writes to."""

    def stop(number: int, frame: object) -> None:
        raise AssertionError("waited for ever")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def link(path: Path, target: str | Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


def pipe(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    return path


def refusal(root: Path, path: str | Path, most: int = 1000) -> str:
    with pytest.raises(files.Unreadable) as caught:
        files.read(root, path, most)
    return f"{caught.value.message}\n  hint: {caught.value.hint}"


# The reading of one file.


def test_a_file_is_read_by_its_path_from_the_root_or_by_its_whole_path(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"words")
    assert files.read(tmp_path, "a.md", 5) == files.read(tmp_path, tmp_path / "a.md", 5) == b"words"


def test_what_is_not_there_is_told_apart_from_what_may_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.read(tmp_path, "a.md", 5)


@pytest.mark.parametrize(
    ("size", "most", "told"),
    [
        (1001, 1000, "has 1.01 kB, and no more than 1 kB is read"),
        (1_000_001, 1_000_000, "has 1.01 MB, and no more than 1 MB is read"),
        (3_221_225_472, 50_000_000, "has 3.23 GB, and no more than 50 MB is read"),
        (2 * 10**12, 1_000_000, "has 2 TB, and no more than 1 MB is read"),
    ],
)
def test_a_file_that_is_too_large_is_told_with_its_size(tmp_path: Path, size: int, most: int, told: str) -> None:
    with (tmp_path / "a.md").open("wb") as file:
        file.truncate(size)
    assert refusal(tmp_path, "a.md", most) == f"{told}\n  hint: make it smaller, or split it"


def test_a_file_that_may_just_be_so_large_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"a" * 1000)
    assert len(files.read(tmp_path, "a.md", 1000)) == 1000


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="Linux only")
def test_a_file_that_does_not_tell_its_size_is_read_to_its_end_or_its_bound() -> None:
    whole = files.read(Path("/proc/self"), "maps", 50_000_000)
    assert whole.endswith(b"\n") and len(whole) > 1000
    with pytest.raises(files.Unreadable, match="no more than 1 kB is read"):
        files.read(Path("/proc/self"), "maps", 1000)


def test_a_pipe_is_told_and_never_waited_for(tmp_path: Path) -> None:
    pipe(tmp_path / "a.md")
    assert refusal(tmp_path, "a.md") == PIPE


def test_a_socket_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A socket's whole path may have about a hundred bytes.
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("a.md")
        assert refusal(tmp_path, "a.md") == "is a socket, not a file\n  hint: put a file in its place"


@pytest.mark.skipif(not Path("/dev/zero").is_char_device(), reason="no such device")
def test_a_device_is_told_even_inside() -> None:
    assert refusal(Path("/dev"), "zero") == "is a device, not a file\n  hint: put a file in its place"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="Linux only")
def test_what_is_no_file_is_told_and_leaves_no_handle_open(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    pipe(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"a" * 1001)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        assert refusal(tmp_path, "folder") == "can't be read: is a directory\n  hint: put a file in its place"
        assert refusal(tmp_path, ".") == refusal(tmp_path, "folder")
        assert refusal(tmp_path, "pipe") == PIPE
        assert refusal(tmp_path, "large").startswith("has 1.01 kB")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("path", ["a\0b", "a\0", "\0", "x/\0/y", "\ud800.md"])
def test_what_is_no_name_of_a_file_is_told(tmp_path: Path, path: str) -> None:
    assert refusal(tmp_path, path).startswith("is not the name of a file\n")


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    told = "can't be read: file name too long\n  hint: give it, and the folders it lies in, shorter names"
    assert refusal(tmp_path, "a" * 300) == refusal(tmp_path, "a/" * 3000) == told


@pytest.mark.parametrize(
    "target",
    [
        "../secret.md",
        "/etc/hostname",
        "/dev/zero",
        "/proc/self/environ",
        "/proc/self/fd/0",
        "/proc/self/root",
        "/proc/self/cwd/../../../../etc/hostname",
        "sub/../../secret.md",
        "nowhere/../../secret.md",
        "../room-two/a.md",
        "..",
        "/",
    ],
)
def test_a_link_out_of_the_newsroom_is_never_followed(tmp_path: Path, target: str) -> None:
    root = tmp_path / "room"
    (root / "sub").mkdir(parents=True)
    (tmp_path / "secret.md").write_text("secret")
    (tmp_path / "room-two").mkdir()
    (tmp_path / "room-two/a.md").write_text("secret")
    link(root / "a.md", target)
    assert refusal(root, "a.md") == OUTSIDE
    # Over another link, over a folder, and without any link.
    link(root / "b.md", "a.md")
    link(root / "sub/c.md", root / "b.md")
    assert refusal(root, "b.md") == refusal(root, "sub/c.md") == OUTSIDE
    assert refusal(root, target) == OUTSIDE


def test_a_folder_above_that_is_a_link_out_of_the_newsroom_is_never_followed(tmp_path: Path) -> None:
    root = tmp_path / "room"
    (tmp_path / "other").mkdir()
    (tmp_path / "other/a.md").write_text("secret")
    link(root / "sub", tmp_path / "other")
    assert refusal(root, "sub/a.md") == refusal(root, "sub/none.md") == refusal(root, "sub") == OUTSIDE


@pytest.mark.parametrize(
    "name", [".git", ".GIT", ".Git", ".g\u200dit", ".git\u200c", "git~1", "GIT~1", ".git.", ".git "]
)
def test_what_git_keeps_for_itself_is_never_read_however_it_is_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "sub" / name).mkdir(parents=True)
    (tmp_path / "sub" / name / "config").write_text("token")
    (tmp_path / "sub" / name / "config.md").write_text("token")
    link(tmp_path / "a.md", f"sub/{name}/config")
    assert refusal(tmp_path, "a.md") == refusal(tmp_path, f"sub/{name}/config.md") == GIT


def test_the_file_that_git_leaves_in_a_worktree_is_never_read(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /somewhere")
    link(tmp_path / "a.md", ".git")
    assert refusal(tmp_path, "a.md") == GIT


def test_names_that_only_look_like_git_are_read(tmp_path: Path) -> None:
    for name in (".github", "git", ".gitignore", "a.git"):
        (tmp_path / name).write_text("words")
        assert files.read(tmp_path, name, 5) == b"words"


def test_a_newsroom_may_lie_below_a_folder_of_any_name_and_behind_links(tmp_path: Path) -> None:
    root = tmp_path / ".git" / "room"
    root.mkdir(parents=True)
    (root / "a.md").write_text("words")
    link(root / "b.md", "a.md")
    link(root / "c.md", root / "b.md")
    for way in (root, link(tmp_path / "short", root), link(tmp_path / "shorter", "short")):
        for name in ("a.md", "b.md", "c.md"):
            assert files.read(way, name, 5) == files.read(way, way / name, 5) == files.read(way, root / name, 5)


def test_links_in_a_circle_are_told(tmp_path: Path) -> None:
    link(tmp_path / "a", "a")
    link(tmp_path / "b", "c")
    link(tmp_path / "c", "b")
    assert refusal(tmp_path, "a") == refusal(tmp_path, "b") == refusal(tmp_path, "c") == CIRCLE
    assert refusal(tmp_path, "a/x").startswith("can't be read: symbolic links that lead in a circle")


def test_a_long_chain_of_links_is_read_or_told(tmp_path: Path) -> None:
    (tmp_path / "0").write_text("words")
    for number in range(1, 3000):
        (tmp_path / str(number)).symlink_to(str(number - 1))
    assert files.read(tmp_path, "50", 5) == b"words"
    try:
        assert files.read(tmp_path, "2999", 5) == b"words"
    except files.Unreadable as error:
        assert error.message == "can't be read: too many symbolic links follow each other"


# Items and front pages.

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
        "issues/2024-09/items/story.md: has 5 GB, and no more than 2 MB is read\n  hint: make it smaller, or split it"
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
