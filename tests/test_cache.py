"""The cache: where it may lie, what of it is taken, and that a build goes on without it."""

import json
import os
import socket
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from newsletter import cli
from newsletter import memo as caching
from newsletter.check.fetch import Answer, Fetcher
from newsletter.look.pictures import facts, prepare
from newsletter.look.skeleton import build_skeleton
from newsletter.look.templates import Look
from newsletter.memo import Cache, _sweep, refusal
from tests.conftest import INSTALLED, Run
from tests.room import Room

ROOT = Path(__file__).parent.parent
KEY = f"{'0' * 40}.json"
is_posix = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes are POSIX")


def whole(key: str, content: bytes) -> bytes:
    """Return an entry as the cache writes it: what is odd in it is not found by its digest."""
    return sha256(key.encode() + b"\0" + content).digest() + content


def here() -> Path:
    """Return the cache folder of this test."""
    return Path(os.environ["NEWSLETTER_CACHE"])


def built(room: Room) -> dict[str, bytes]:
    """Return the files of the built issue."""
    return {path.name: path.read_bytes() for path in sorted((room.root / "build/2024-09/state-LPMN").iterdir())}


@pytest.fixture
def full(room: Room) -> Room:
    """Return a newsroom whose build keeps an entry of every kind."""
    room.file("newsletter.toml", f"{(room.root / 'newsletter.toml').read_text('utf-8')}\n")
    room.file("templates/footer.mjml.j2", (ROOT / "templates/footer.mjml.j2").read_bytes())
    folder = room.root / "issues/2024-09/items"
    room.item("story", "Words. TK\n", image="tree.png", image_alt="A tree")
    Image.effect_noise((900, 700), 40).save(folder / "tree.png")
    return room


def test_what_is_put_is_got_by_its_key_alone(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "new")
    assert cache.get(KEY) is None
    cache.put(KEY, b"content")
    assert cache.get(KEY) == b"content"
    (tmp_path / "new" / KEY).rename(tmp_path / "new" / "other")
    assert cache.get("other") is None


def test_without_a_folder_nothing_is_kept() -> None:
    cache = Cache(None)
    cache.put(KEY, b"content")
    assert cache.get(KEY) is None


@is_posix
def test_what_is_no_file_counts_as_not_there_and_is_never_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "kept").write_bytes(whole("link", b"content"))
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "zeros").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(tmp_path)
        listening.bind("socket")
        names = ("pipe", "folder", "link", "circle", "zeros", "socket", "none", "", "..")
        assert [cache.get(name) for name in names] == [None] * len(names)


def test_an_entry_larger_than_any_of_ours_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / KEY
    path.touch()
    os.truncate(path, 10_000_000_000)
    assert Cache(tmp_path).get(KEY) is None


def test_the_oldest_go_and_nothing_that_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "_KEPT_BYTES", 20 * 4096)
    cache = Cache(tmp_path)
    others = ["contract.pdf", "notes.json", f"{'0' * 39}.json", f"{'0' * 40}", f"My-{'0' * 40}.json"]
    for name in others:
        (tmp_path / name).write_text("mine", "utf-8")
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / KEY).mkdir()
    for number in range(1000):
        cache.put(f"{number:040}.styles" if number else f"{1:040}.built", b"content")
    assert all((tmp_path / name).exists() for name in (*others, KEY))
    # It is looked at now and then.
    assert len(list(tmp_path.iterdir())) < 500


def test_what_takes_room_is_counted_in_bytes_and_what_was_asked_for_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching, "_KEPT_BYTES", 10_000_000)
    day = 86_400_000_000_000
    asked, large = f"{'a' * 40}.jpeg", [f"{number:040}.jpeg" for number in range(3)]
    for number, name in enumerate([asked, *large]):
        Cache(tmp_path).put(name, b"x" * 4_000_000)
        os.utime(tmp_path / name, ns=(day + number, day + number))
    assert Cache(tmp_path, settled=9 * day).get(asked)
    _sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {asked, large[-1]}


def test_what_a_killed_process_left_half_written_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "_KEPT_BYTES", 4096)
    part = tmp_path / f".{KEY}.1234"
    part.write_bytes(b"half")
    os.utime(part, (0, 0))
    cache = Cache(tmp_path)
    for number in range(400):
        cache.put(f"{number:040}.json", b"content")
    assert not part.exists()


@is_posix
def test_the_folder_is_made_for_this_user_alone(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a/b/cache", tmp_path / "room") == ""
    assert stat.S_IMODE((tmp_path / "a/b/cache").stat().st_mode) == 0o700


@is_posix
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o1777, 0o720])
def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(mode)
    assert refusal(tmp_path / "cache", tmp_path / "room") == "can be written by others"


@is_posix
def test_a_folder_or_a_link_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cache").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "cache")
    assert refusal(tmp_path / "link", tmp_path / "room") == ""
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert refusal(tmp_path / "cache", tmp_path / "room") == "belongs to another user"


def test_a_folder_in_the_newsroom_or_in_what_is_built_is_refused(tmp_path: Path) -> None:
    room, out = tmp_path / "room", tmp_path / "out"
    for folder in (room / "build/.cache", room, out / "x", out, tmp_path / "elsewhere/../room/cache"):
        assert refusal(folder, room, out).startswith("lies in ")
        assert not folder.exists()
    (tmp_path / "link").symlink_to(room)
    room.mkdir()
    assert refusal(tmp_path / "link/cache", room, out).startswith("lies in ")


def test_what_is_no_folder_is_refused_and_what_can_not_be_made_is_not(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert refusal(tmp_path / "file", tmp_path / "room") == "is no folder"
    assert refusal(tmp_path / "file/below", tmp_path / "room") == ""
    Cache(tmp_path / "file/below").put(KEY, b"")
    assert Cache(tmp_path / "file/below").get(KEY) is None


@pytest.mark.parametrize("command", ["build", "check", "preview", "export"])
def test_nothing_is_kept_in_the_newsroom(full: Room, run: Run, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # As if its picture had been there for a while.
    monkeypatch.setattr(cli, "UNSETTLED", -1_000_000_000_000)
    run(command, "LPMN", *(["--for", "html"] if command == "export" else []))
    assert not list(full.root.rglob(".cache"))
    kinds = {path.suffix for path in here().iterdir()}
    assert kinds == {".jinja", ".styles", ".jpeg", ".items", *([".built"] if command in {"build", "preview"} else [])}


def test_what_an_old_build_kept_in_the_newsroom_is_neither_read_nor_touched(full: Room, run: Run) -> None:
    run("build", "LPMN")
    first = built(full)
    old = full.root / "build/.cache"
    old.mkdir()
    for entry in here().iterdir():
        (old / entry.name).write_bytes(whole(entry.name, b"odd"))
        entry.unlink()
    before = {path.name: path.read_bytes() for path in old.iterdir()}
    assert run("build", "LPMN").exit_code == 0
    assert built(full) == first
    assert {path.name: path.read_bytes() for path in old.iterdir()} == before


def test_a_cache_that_is_refused_is_told_in_one_line_and_the_build_goes_on(
    full: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = full.root / "build/.cache"
    monkeypatch.setenv("NEWSLETTER_CACHE", str(inside))
    result = run("build", "LPMN")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[:2] == [
        f"the cache folder {inside} lies in {full.root}, where anybody may have put it, so it is not used",
        "  hint: name one of your own that only you can write to: NEWSLETTER_CACHE=…",
    ]
    assert result.stderr.count("cache folder") == 1
    assert not inside.exists()
    assert built(full)["issue.html"]


def outside(room: Room, **environment: str | None) -> subprocess.CompletedProcess[str]:
    """Build in a process of its own, with so much of an environment."""
    kept = {name: value for name, value in os.environ.items() if environment.get(name, "") is not None}
    kept |= {name: value for name, value in environment.items() if value is not None}
    command = (*INSTALLED, "build", "LPMN")
    kept["PYTHONPATH"] = str(ROOT)
    return subprocess.run(command, cwd=room.root, env=kept, capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="where XDG says how caches are found")
def test_without_a_name_it_is_the_users_cache_folder(full: Room, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    result = outside(full, NEWSLETTER_CACHE=None, XDG_CACHE_HOME=None, HOME=str(home))
    assert (result.returncode, result.stderr) == (0, "")
    assert list((home / ".cache/newsletter").glob("*.jinja"))
    assert stat.S_IMODE((home / ".cache/newsletter").stat().st_mode) == 0o700


@is_posix
@pytest.mark.parametrize("home", ["/proc/nowhere", "/dev/null", "relative", ""])
def test_without_a_home_a_build_goes_on(full: Room, home: str) -> None:
    result = outside(full, NEWSLETTER_CACHE=None, XDG_CACHE_HOME=None, HOME=home)
    assert (result.returncode, result.stderr) == (0, "")


ODD = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"5",
    b'"x"',
    b"no json",
    b"\0" * 100,
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a":' * 9000,
    b"\xe3",
    b"c\0\0",
]
SHAPES: list[object] = [
    {"html": 5, "styles": {}},
    {"html": "x"},
    {"html": "x", "styles": []},
    {"html": "x", "styles": {"p": "red"}},
    {"html": "x", "styles": {"p": {"style": 5}}},
    {"inputs": "x", "manifest": 5},
    {"p\0": None},
]


@pytest.mark.parametrize("harm", [*ODD, *(json.dumps(shape).encode() for shape in SHAPES)])
def test_odd_content_with_the_right_digest_counts_as_not_there(full: Room, harm: bytes) -> None:
    first = full.build()
    files = built(full)
    entries = [path for path in full.cache.iterdir()]
    assert {path.suffix for path in entries} == {".jinja", ".styles", ".built", ".jpeg"}
    for entry in entries:
        entry.write_bytes(whole(entry.name, harm))
    assert full.build() == first
    assert built(full) == files


@is_posix
@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_what_is_no_file_in_place_of_each_entry_costs_time_alone(full: Room, kind: str) -> None:
    first = full.build()
    files = built(full)
    for entry in list(full.cache.iterdir()):
        entry.unlink()
        if kind == "pipe":
            os.mkfifo(entry)
        elif kind == "folder":
            entry.mkdir()
        else:
            entry.symlink_to("/dev/zero")
    assert full.build() == first
    assert built(full) == files


@pytest.mark.parametrize(
    "harm",
    [
        {"manifest": 5},
        {"manifest": "0" * 64},
        {"pictures": None},
        {"pictures": {"issues/2024-09/items/tree.jpg": 5}},
        {"pictures": {"issues/2024-09/items/tree.jpg": [1, 2, 3]}},
        {"pictures": {"issues/2024-09/items/tree.jpg": "1234"}},
        {"inputs": None},
    ],
)
def test_what_was_built_is_built_anew_where_the_cache_says_it_oddly(full: Room, harm: dict[str, object]) -> None:
    first = full.build()
    (entry,) = full.cache.glob("*.built")
    kept = json.loads(entry.read_bytes()[32:])
    entry.write_bytes(whole(entry.name, json.dumps(kept | harm).encode()))
    before = (full.root / "build/2024-09/state-LPMN").stat().st_ino
    assert full.build() == first
    assert (full.root / "build/2024-09/state-LPMN").stat().st_ino != before


@pytest.mark.parametrize(
    "harm",
    [
        b"536 417\n",
        b"536\n\xff\xd8\xff",
        b"0 5\n\xff\xd8\xff",
        b"-5 5\n\xff\xd8\xff",
        b"5 5\nGIF89a",
        b"9" * 5000 + b" 1\n\xff\xd8\xff",
    ],
)
def test_a_kept_picture_that_is_none_is_made_anew(full: Room, harm: bytes) -> None:
    cache = Cache(full.cache)
    first = prepare(full.issue(), full.root, cache)
    (entry,) = full.cache.glob("*.jpeg")
    entry.write_bytes(whole(entry.name, harm))
    assert prepare(full.issue(), full.root, cache) == first


@pytest.mark.parametrize("harm", [b"nan", b"inf", b"7", b"-0.5", b"x", b"", b"0.5 "])
def test_a_kept_luminance_that_is_none_is_measured_anew(full: Room, harm: bytes) -> None:
    Image.new("RGBA", (40, 20), (255, 255, 255, 200)).save(full.root / "logo.png")
    toml = (full.root / "newsletter.toml").read_text("utf-8")
    full.file("newsletter.toml", toml.replace("[organization]\n", '[organization]\nlogo = "logo.png"\n'))
    cache = Cache(full.cache)
    first = facts(full.issue(), full.root, cache)
    (entry,) = full.cache.glob("ink-*")
    entry.write_bytes(whole(entry.name, b"0.25"))
    assert facts(full.issue(), full.root, cache) != first
    entry.write_bytes(whole(entry.name, harm))
    assert facts(full.issue(), full.root, cache) == first or harm == b"0.5 "


@pytest.mark.parametrize(
    "harm", [b"5", b"[]", b'"x"', b'{"at": "x"}', b'{"at": 1, "kind": []}', b'{"at": 1e9, "kind": "fine"}']
)
def test_a_kept_answer_of_another_shape_is_asked_anew(tmp_path: Path, harm: bytes) -> None:
    fetcher = Fetcher(Cache(tmp_path), lambda: 100.0)
    fetcher._keep("https://a.example", Answer(kind="fine"))
    assert fetcher._kept("https://a.example") == Answer(kind="fine")
    (entry,) = tmp_path.iterdir()
    entry.write_bytes(whole(entry.name, harm))
    assert fetcher._kept("https://a.example") is None


def test_two_newsrooms_with_the_same_issues_share_a_cache(full: Room, tmp_path: Path) -> None:
    other = Room(tmp_path / "other")
    for path in full.root.rglob("*"):
        if path.is_file():
            other.file(path.relative_to(full.root).as_posix(), path.read_bytes())
    for room in (full, other):
        assert room.build().is_good
    cache = Cache(tmp_path / "shared")
    for room in (full, other):
        prepare(room.issue(), room.root, cache)
    assert len(list((tmp_path / "shared").iterdir())) == 1


def test_a_look_without_a_cache_is_the_same(room: Room, tmp_path: Path) -> None:
    room.file("templates/x.txt.j2", "{% for a in range(3) %}{{ a }}{% endfor %}")
    cache = Cache(tmp_path / "kept")
    assert [Look(room.root, kept).text("x.txt.j2", {}) for kept in (None, Cache(None), cache, cache)] == 4 * ["012"]
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_a_skeleton_is_the_same_without_a_cache(tmp_path: Path) -> None:
    mjml, css = "<mjml><mj-body><mj-raw><p class='a'>x</p></mj-raw></mj-body></mjml>", ".a > b { color: red; }"
    cache = Cache(tmp_path)
    assert build_skeleton(mjml, css) == build_skeleton(mjml, css, cache) == build_skeleton(mjml, css, cache)
