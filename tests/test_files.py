"""What is read lies in the newsroom, is a file, and has an end; all else is told, never waited for."""

import socket
from pathlib import Path

import pytest

from newsletter.read import files
from tests.links import CIRCLE, GIT, OUTSIDE, PIPE, UNIX, link, pipe, refusal

pytestmark = [UNIX, pytest.mark.usefixtures("never_waits")]


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
