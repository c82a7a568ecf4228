"""The folder of an issue: exchanged whole, nothing of anybody else's touched, whatever lies there already."""

import errno
import hashlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from newsletter import writing
from newsletter.deliver import folder
from newsletter.deliver.export import with_manifest
from newsletter.deliver.folder import provider_of
from newsletter.errors import DiskError
from tests.conftest import Run
from tests.killer import broken, left_over
from tests.room import Room

ISSUE = "2024-09/network"
OLD = {"issue.html": b"old page", "issue.txt": b"old words", "tree-0a1b2c3d.png": b"old picture"}
NEW = {"issue.html": b"new page", "issue.txt": b"new words", "walk-4e5f6071.png": b"new picture"}


def whole(files: Mapping[str, bytes], issue: str = ISSUE) -> dict[str, bytes]:
    """Return the files with a manifest that lists them."""
    told = {"issue": issue, "provider": "html", **folder.listing(files, {})}
    return {**files, "manifest.json": json.dumps(told).encode()}


def there(place: Path) -> dict[str, bytes]:
    """Return every file below the place, links not followed, but for manifests."""
    return {
        path.relative_to(place).as_posix(): b"-> " + os.fsencode(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.name != "manifest.json" and (path.is_symlink() or path.is_file())
    }


def refusal(base: Path, within: str = ISSUE, files: Mapping[str, bytes] = NEW) -> str:
    """Return why the folder is not written, after a look at whether it changed anything."""
    before = there(base.parent)
    with pytest.raises(DiskError) as caught:
        folder.write(base, within, whole(files))
    assert there(base.parent) == before
    return str(caught.value).replace(f"{base}/", "")


@pytest.fixture(params=["in one step", "by two renames"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Exchange folders as this system does, and as those that have no single step for it."""
    if request.param == "by two renames":
        monkeypatch.setattr(writing, "_exchange", lambda: None)
    return str(request.param)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return where builds go, an old one in it."""
    folder.write(tmp_path / "build", ISSUE, whole(OLD))
    return tmp_path / "build"


def test_this_system_exchanges_folders_in_one_step(tmp_path: Path) -> None:
    if sys.platform not in {"linux", "darwin"}:
        pytest.skip("nothing here does")
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert writing.swap(tmp_path / "one", tmp_path / "other")
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["other"]
    assert not writing.swap(tmp_path / "one", tmp_path / "neither")


@pytest.mark.usefixtures("either_way")
def test_what_an_earlier_build_wrote_goes_and_all_else_stays(base: Path) -> None:
    place = base / ISSUE
    (place / "notes.txt").write_text("Call Rosa.")
    (place / ".hidden").write_text("mine")
    (place / "contract.pdf").symlink_to("/etc/hostname")
    os.mkfifo(place / "pipe")
    (place / "drafts/deep").mkdir(parents=True)
    (place / "drafts/deep/words.md").write_text("Words.")
    folder.write(base, f"{ISSUE}/brevo", whole({"handover.md": b"- [ ] Paste"}))
    assert folder.write(base, ISSUE, whole(NEW)) == place
    assert there(place) == {
        **NEW,
        "notes.txt": b"Call Rosa.",
        ".hidden": b"mine",
        "contract.pdf": b"-> /etc/hostname",
        "drafts/deep/words.md": b"Words.",
        "brevo/handover.md": b"- [ ] Paste",
    }
    assert (place / "pipe").is_fifo()
    assert left_over(base) == [str(place / ".hidden")]


@pytest.mark.usefixtures("either_way")
def test_an_edited_file_stays_if_no_new_one_takes_its_place(base: Path) -> None:
    for name in OLD:
        (base / ISSUE / name).write_bytes(b"edited")
    folder.write(base, ISSUE, whole(NEW))
    assert there(base / ISSUE) == {**NEW, "tree-0a1b2c3d.png": b"edited"}


def test_the_folders_own_permissions_stay(base: Path) -> None:
    (base / ISSUE).chmod(0o2775)
    folder.write(base, ISSUE, whole(NEW))
    assert (base / ISSUE).stat().st_mode & 0o7777 == 0o2775


def test_a_folder_with_only_folders_and_what_systems_leave_there_is_taken(tmp_path: Path) -> None:
    place = tmp_path / ISSUE
    (place / "notes").mkdir(parents=True)
    (place / "notes/rosa.txt").write_text("Call her.")
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (place / name).write_text("system")
    # After a power cut, a file of ours may be there without its bytes.
    for name in ("manifest.json", "issue.html", "gone-00000000.png"):
        (place / name).touch()
    folder.write(tmp_path, ISSUE, whole(NEW))
    system = dict.fromkeys((".DS_Store", "Thumbs.db", "desktop.ini"), b"system")
    assert there(place) == {**NEW, **system, "gone-00000000.png": b"", "notes/rosa.txt": b"Call her."}


NOT_OURS = "\n  hint: move it away, or write elsewhere (build --out DIR); nothing was written"


def test_a_folder_with_files_but_no_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "build" / ISSUE).mkdir(parents=True)
    (tmp_path / "build" / ISSUE / "contract.pdf").write_text("signed")
    told = f"{ISSUE}: can't be written: no build wrote what lies there, 'contract.pdf'{NOT_OURS}"
    assert refusal(tmp_path / "build") == told


def test_an_export_of_an_earlier_version_is_told_as_such(tmp_path: Path) -> None:
    export = {name: b"as before" for name in ("handover.md", "issue.html", "bee-01234567.png")}
    place = tmp_path / ISSUE / "mailchimp"
    place.mkdir(parents=True)
    for name, content in {**export, "notes.txt": b"Call Rosa."}.items():
        (place / name).write_bytes(content)
    with pytest.raises(DiskError) as caught:
        folder.write(tmp_path, f"{ISSUE}/mailchimp", whole(export))
    assert str(caught.value) == (
        f"{place}: can't be written: an export lies there that has no manifest.json, as earlier versions wrote it\n"
        "  hint: move it away or delete it, or write elsewhere (build --out DIR); nothing was written"
    )
    assert there(place) == {**export, "notes.txt": b"Call Rosa."}


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _elsewhere(path: Path) -> None:
    other = path.with_name("elsewhere.json")
    other.write_bytes(whole(OLD)["manifest.json"])
    path.symlink_to(other)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(path))


ODD: dict[str, Callable[[Path], object]] = {
    "a list": lambda path: path.write_text("[1, 2]"),
    "words": lambda path: path.write_text("issue"),
    "other bytes": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "deep": lambda path: path.write_text("[" * 200_000),
    "a number without end": lambda path: path.write_text('{"issue": ' + "9" * 10_000 + "}"),
    "other keys": lambda path: path.write_text('{"issue": "x"}'),
    "parts that are a list": lambda path: path.write_text(
        '{"issue": "x", "provider": "y", "parts": ["issue.html"], "pictures": {}}'
    ),
    "parts without digests": lambda path: path.write_text(
        '{"issue": "x", "provider": "y", "parts": {"issue.html": 5}, "pictures": {}}'
    ),
    "a folder": lambda path: path.mkdir(),
    "a pipe": _pipe,
    "a loop": _loop,
    "a link to a good one": _elsewhere,
    "a gigabyte": _huge,
    "a socket": _socket,
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_manifest_counts_as_none_to_all_that_read_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    place = tmp_path / "build" / ISSUE
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    ODD[odd](place / "manifest.json")
    (place / "issue.html").write_bytes(b"mine")
    assert folder.manifest(place) is None
    assert provider_of(place) == ""
    assert f"{ISSUE}: can't be written: no build wrote what lies there" in refusal_by_name(tmp_path / "build")


def refusal_by_name(base: Path) -> str:
    """Return why the folder is not written, where not all in it can be read."""
    before = sorted(base.rglob("*"))
    with pytest.raises(DiskError) as caught:
        folder.write(base, ISSUE, whole(NEW))
    assert sorted(base.rglob("*")) == before
    return str(caught.value)


def test_a_manifest_that_lists_what_no_build_wrote_takes_nothing_away(tmp_path: Path) -> None:
    place = tmp_path / "build" / ISSUE
    place.mkdir(parents=True)
    secret = tmp_path / "secret.txt"
    secret.write_bytes(b"secret")
    (place / "notes.txt").write_bytes(b"Call Rosa.")
    (place / "link").symlink_to(secret)
    (place / "sub").mkdir()
    (place / "sub/file").write_bytes(b"deep")
    forged = {name: b"secret" for name in ("../../../secret.txt", str(secret), "link", "..", "", "sub")}
    forged |= {"sub/file": b"deep", "notes.txt": b"what a stranger can't know"}
    (place / "manifest.json").write_bytes(whole(forged)["manifest.json"])
    folder.write(tmp_path / "build", ISSUE, whole(NEW))
    assert there(place) == {
        **NEW,
        "notes.txt": b"Call Rosa.",
        "link": b"-> " + os.fsencode(secret),
        "sub/file": b"deep",
    }
    assert secret.read_bytes() == b"secret"


WAY = "\n  hint: move it away; the last good issue is untouched"


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_no_build_wrote_is_not_written_over(base: Path, kind: str) -> None:
    path = base / ISSUE / "walk-4e5f6071.png"
    if kind == "file":
        path.write_bytes(b"mine")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("issue.html")
    told = f"{ISSUE}/walk-4e5f6071.png: can't be written: a {kind} of that name stands in the way{WAY}"
    assert refusal(base) == told


LINK = (
    "can't be written: it is a symbolic link, and what it leads to is not ours\n"
    "  hint: remove it, or write elsewhere (build --out DIR); nothing was written"
)


@pytest.mark.parametrize(
    ("link", "within"),
    [
        ("2024-09", ISSUE),
        ("2024-09/network", ISSUE),
        ("2024-09", f"{ISSUE}/brevo"),
        ("2024-09/network", f"{ISSUE}/brevo"),
        ("2024-09/network/brevo", f"{ISSUE}/brevo"),
    ],
)
@pytest.mark.parametrize("target", ["a folder", "an empty folder", "an issue of ours", "nowhere", "itself", "a file"])
def test_nothing_is_written_through_a_link_below_the_folder_that_was_chosen(
    tmp_path: Path, link: str, within: str, target: str
) -> None:
    base, other = tmp_path / "build", tmp_path / "other"
    (base / link).parent.mkdir(parents=True)
    if target == "a folder":
        (other / "network/brevo").mkdir(parents=True)
        (other / "contract.pdf").write_text("signed")
    elif target == "an empty folder":
        other.mkdir()
    elif target == "an issue of ours":
        folder.write(tmp_path, "other", whole(OLD))
    elif target == "a file":
        other.write_text("words")
    (base / link).symlink_to(base / link if target == "itself" else other)
    assert refusal(base, within) == f"{link}: {LINK}"


def test_the_folder_that_was_chosen_may_be_a_link_itself_and_lie_behind_one(tmp_path: Path) -> None:
    (tmp_path / "drive/builds").mkdir(parents=True)
    (tmp_path / "here").symlink_to("drive")
    (tmp_path / "drive/mine").symlink_to("builds")
    for files in (OLD, NEW):
        folder.write(tmp_path / "here/mine", ISSUE, whole(files))
        assert there(tmp_path / "drive/builds" / ISSUE) == files


def test_a_base_that_is_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "build").symlink_to("gone")
    with pytest.raises(DiskError) as caught:
        folder.write(tmp_path / "build", ISSUE, whole(NEW))
    assert str(caught.value) == (
        f"{tmp_path}/build: can't be written: it is a symbolic link that leads nowhere\n"
        "  hint: remove it, or write elsewhere (build --out DIR); nothing was written"
    )


@pytest.mark.parametrize("place", ["2024-09", ISSUE])
def test_a_file_where_a_folder_belongs_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "build" / place).parent.mkdir(parents=True)
    (tmp_path / "build" / place).write_text("words")
    told = refusal(tmp_path / "build")
    assert told.startswith(f"{place}: can't be written: ")
    assert told.endswith("\n  hint: a file stands where a folder belongs: move it away; nothing was written")


# What killed commands leave.


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("is_built_again", [True, False], ids=["built again", "another is built"])
def test_a_half_written_folder_beside_an_issue_is_cleared(base: Path, is_built_again: bool) -> None:
    new = base / "2024-09/.network.new"
    new.mkdir()
    files = whole(NEW)
    (new / "manifest.json").write_bytes(files["manifest.json"])
    (new / "issue.html").write_bytes(NEW["issue.html"][:3])
    (base / "2024-09/.network.lock").touch()
    if is_built_again:
        folder.write(base, ISSUE, files)
    else:
        folder.mend(base, ["2024-09/state-LPMN"])
    assert there(base / ISSUE) == (NEW if is_built_again else OLD)
    assert left_over(base) == []


@pytest.mark.parametrize("content", [b"", b"{\n ", b'{\n  "issue": "2024-0'])
def test_a_folder_of_which_not_even_the_manifest_is_whole_is_cleared(base: Path, content: bytes) -> None:
    (base / "2024-09/.network.new").mkdir()
    (base / "2024-09/.network.new/manifest.json").write_bytes(content)
    folder.mend(base, [ISSUE])
    assert left_over(base) == []


def test_a_manifest_that_is_somebody_elses_is_left_alone(base: Path) -> None:
    (base / "2024-09/.mine.new").mkdir()
    (base / "2024-09/.mine.new/manifest.json").write_bytes(b'{"my": 1}')
    folder.mend(base, [ISSUE])
    assert (base / "2024-09/.mine.new/manifest.json").read_bytes() == b'{"my": 1}'


def test_a_forged_manifest_takes_nothing_away_that_no_build_could_have_written(base: Path) -> None:
    content = b"Signed by both."
    (base / ISSUE / "contract.txt").write_bytes(content)
    told = json.loads((base / ISSUE / "manifest.json").read_bytes())
    told["parts"]["contract.txt"] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (base / ISSUE / "manifest.json").write_text(json.dumps(told))
    folder.write(base, ISSUE, whole(NEW))
    assert (base / ISSUE / "contract.txt").read_bytes() == content


@pytest.mark.parametrize("is_mended", [True, False], ids=["mended", "built again"])
def test_an_old_folder_that_waits_beside_the_new_one_is_cleared_and_gives_back_what_is_not_ours(
    base: Path, is_mended: bool
) -> None:
    old = base / "2024-09/.network.old"
    (base / ISSUE / "notes.txt").write_text("Call Rosa.")
    (base / ISSUE / "brevo").mkdir()
    (base / ISSUE).rename(old)
    folder.write(base.parent / "other", ISSUE, whole(NEW))
    (base.parent / "other" / ISSUE).rename(base / ISSUE)
    if is_mended:
        folder.mend(base, [ISSUE])
    else:
        folder.write(base, ISSUE, whole(NEW))
    assert there(base / ISSUE) == {**NEW, "notes.txt": b"Call Rosa."}
    assert (base / ISSUE / "brevo").is_dir()
    assert left_over(base) == []


def test_what_was_saved_under_the_same_name_meanwhile_is_kept_beside_it(base: Path) -> None:
    (base / ISSUE / "notes.txt").write_text("first")
    (base / ISSUE).rename(base / "2024-09/.network.old")
    folder.write(base.parent / "other", ISSUE, whole(NEW))
    (base.parent / "other" / ISSUE).rename(base / ISSUE)
    (base / ISSUE / "notes.txt").write_text("second")
    folder.mend(base, [ISSUE])
    assert there(base / ISSUE) == {**NEW, "notes.txt": b"second", "notes-2.txt": b"first"}


def test_an_issue_that_waits_between_two_renames_comes_back(base: Path) -> None:
    (base / ISSUE).rename(base / "2024-09/.network.old")
    folder.mend(base, ["2024-09/state-LPMN"])
    assert there(base) == {f"{ISSUE}/{name}": content for name, content in OLD.items()}


def test_an_export_brings_the_issue_back_that_waits_between_two_renames(base: Path) -> None:
    (base / ISSUE).rename(base / "2024-09/.network.old")
    folder.write(base, f"{ISSUE}/brevo", whole({"subject.txt": b"Hello"}))
    assert there(base / ISSUE) == {**OLD, "brevo/subject.txt": b"Hello"}


def test_a_build_clears_what_a_killed_export_left_inside_its_issue(base: Path) -> None:
    folder.write(base, f"{ISSUE}/brevo", whole({"subject.txt": b"old", "issue.txt": b"old"}))
    (base / ISSUE / "brevo").rename(base / ISSUE / ".brevo.old")
    (base / ISSUE / ".brevo.new").mkdir()
    (base / ISSUE / ".brevo.new/manifest.json").write_text("{")
    folder.write(base, ISSUE, whole(NEW))
    assert there(base / ISSUE) == {**NEW, "brevo/subject.txt": b"old", "brevo/issue.txt": b"old"}
    assert left_over(base) == []


def test_what_earlier_versions_left_is_cleared_if_only_a_build_can_have_written_it(base: Path) -> None:
    month = base / "2024-09"
    for name in ("issue.html", "manifest.json", "tree-0a1b2c3d-thumb.png"):
        for place in (".network-k2x_81ab", ".state-LPMN-abcdefgh", ".mine-abcdefgh"):
            (month / place).mkdir(mode=0o700, exist_ok=True)
            (month / place / name).write_text("x")
    (month / ".state-LPMN-abcdefgh/notes.txt").write_text("Call Rosa.")
    (month / ".mine-abcdefgh/issue.txt").symlink_to("/etc/hostname")
    folder.mend(base, [ISSUE])
    assert sorted(path.name for path in month.iterdir()) == [".mine-abcdefgh", ".state-LPMN-abcdefgh", "network"]


def test_a_copy_that_somebody_keeps_beside_an_issue_stays(base: Path) -> None:
    # `cp -r network .network-20240901` before a bold change, and what a designer calls a draft.
    for name in (
        "2024-09/.network-20240901/issue.html",
        "2024-09/.draft-of_press/issue.docx",
        ".mine-20240901/issue.txt",
    ):
        path = base / name if name.startswith("2024") else base / ISSUE / name
        path.parent.mkdir()
        path.write_text("mine")
    before = there(base)
    folder.mend(base, [ISSUE])
    assert there(base) == before
    folder.write(base, f"{ISSUE}/brevo", whole({"subject.txt": b"Hello"}))
    folder.write(base, ISSUE, whole(NEW))
    assert {name: text for name, text in there(base).items() if text == b"mine"} == {
        name: text for name, text in before.items() if text == b"mine"
    }


@pytest.mark.parametrize("what", ["new", "old"])
@pytest.mark.parametrize("kind", ["a folder of somebody's", "a link", "a file"])
def test_what_only_looks_like_ours_is_left_alone_and_told(base: Path, what: str, kind: str) -> None:
    path = base / f"2024-09/.network.{what}"
    other = base.parent / "other"
    folder.write(base.parent, "other", whole({"issue.html": b"other"}))
    if kind == "a link":
        path.symlink_to(other)
    elif kind == "a file":
        path.write_text("mine")
    else:
        path.mkdir()
        (path / "mine.txt").write_text("mine")
        (path / "manifest.json").write_text("{}")
    before = there(base.parent)
    folder.mend(base, [ISSUE])
    assert there(base.parent) == before
    if (what, kind) == ("old", "a folder of somebody's"):
        # In the name of an issue's old folder: what is in it comes to light.
        folder.write(base, ISSUE, whole(NEW))
        assert there(base / ISSUE)["mine.txt"] == b"mine"
        return
    told = f"2024-09/.network.{what}: can't be written: a build needs that name, and no build wrote what lies there"
    assert refusal(base) == f"{told}\n  hint: move it away; nothing was written"


def test_somebodys_folder_with_such_a_name_beside_no_issue_is_never_touched(base: Path) -> None:
    for name in (".notes.old", ".notes.new", ".draft.old"):
        (base / "2024-09" / name).mkdir()
        (base / "2024-09" / name / "words.txt").write_text("Words.")
    (base / "2024-09/.words.lock").write_text("mine")
    before = there(base)
    folder.mend(base, [ISSUE])
    folder.write(base, ISSUE, whole(OLD))
    assert there(base) == before


# A disk that refuses.


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "make room on the disk and build again; "),
        (errno.EDQUOT, "make room on the disk and build again; "),
        (errno.EROFS, "write elsewhere (build --out DIR); "),
        (errno.EACCES, "see that you may write there, or write elsewhere (build --out DIR); "),
        (errno.EIO, ""),
    ],
)
@pytest.mark.parametrize("step", ["mkdir", "write_bytes", "rename"])
@pytest.mark.parametrize("is_there", [True, False], ids=["built before", "not built before"])
def test_a_disk_that_refuses_a_step_is_told_by_the_folder_that_people_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int, hint: str, is_there: bool
) -> None:
    base, reason = tmp_path / "build", os.strerror(number).lower()
    (base / "2024-09").mkdir(parents=True)
    if is_there:
        folder.write(base, ISSUE, whole(OLD))
        (base / ISSUE / "notes.txt").write_text("Call Rosa.")
    before = there(base)
    do = getattr(Path, step)

    def refused(path: Path, *arguments: object, **options: object) -> object:
        if ".network.new" in str(path):
            raise OSError(number, os.strerror(number), str(path))
        return do(path, *arguments, **options)

    with monkeypatch.context() as patched, pytest.raises(DiskError) as caught:
        patched.setattr(Path, step, refused)
        folder.write(base, ISSUE, whole(NEW))
    kept = "the last good issue is untouched" if is_there else "nothing was written"
    assert str(caught.value) == f"{base / ISSUE}: can't be written: {reason}\n  hint: {hint}{kept}"
    assert (there(base), left_over(base)) == (before, [])


def test_what_can_not_be_moved_along_is_told_and_waits(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (base / ISSUE / "notes.txt").write_text("Call Rosa.")
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if path.name == "notes.txt":
            raise OSError(errno.EBUSY, "Device or resource busy", str(path))
        return rename(path, target)

    with monkeypatch.context() as patched, pytest.raises(DiskError) as caught:
        patched.setattr(Path, "rename", refused)
        folder.write(base, ISSUE, whole(NEW))
    assert str(caught.value) == (
        f"{base / ISSUE}: can't be written: device or resource busy\n"
        "  hint: the new issue is in its place; the next build clears what is left of the old one"
    )
    assert there(base / ISSUE) == NEW
    folder.mend(base, [ISSUE])
    assert there(base / ISSUE) == {**NEW, "notes.txt": b"Call Rosa."}
    assert left_over(base) == []


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_in_the_middle_waits_until_the_folder_is_whole(
    base: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    def stopped(number: int, frame: object) -> None:
        raise KeyboardInterrupt(number)

    kept = signal.signal(number, stopped)
    rename = Path.rename

    def interrupted(path: Path, target: Path) -> Path:
        signal.raise_signal(number)
        return rename(path, target)

    try:
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(Path, "rename", interrupted)
            folder.write(base, ISSUE, whole(NEW))
        assert signal.getsignal(number) is stopped
    finally:
        signal.signal(number, kept)
    assert (there(base / ISSUE), left_over(base)) == (NEW, [])


# One at a time.


def test_a_second_command_waits_for_the_first(tmp_path: Path) -> None:
    path, order = tmp_path / "issue", []

    def second() -> None:
        with writing.alone(path):
            order.append("second")

    with writing.alone(path):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join(20)
    assert order == ["first", "second"]
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_waits_too_long_says_who_is_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "issue"
    with writing.alone(path), pytest.raises(DiskError) as caught, writing.alone(path, seconds=0.05):
        pass
    assert str(caught.value) == (
        f"{tmp_path}/issue: can't be written: another newsletter command is writing there\n"
        "  hint: wait until it is done, then run this again"
    )


def test_an_interrupt_is_heard_while_another_command_is_waited_for(tmp_path: Path) -> None:
    with writing.alone(tmp_path / "issue"):
        pass
    lock = tmp_path / ".issue.lock"
    import fcntl

    with lock.open("w") as file, pytest.raises(KeyboardInterrupt):
        fcntl.flock(file, fcntl.LOCK_EX)
        timer = threading.Timer(0.1, signal.raise_signal, [signal.SIGINT])
        timer.start()
        with writing.alone(tmp_path / "issue"):
            pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_a_disk_knows_no_locks_writing_goes_on_without(
    base: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    import fcntl

    def unknown(handle: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", unknown)
    folder.write(base, ISSUE, whole(NEW))
    assert (there(base / ISSUE), left_over(base)) == (NEW, [])


class Windows:
    """What Python's msvcrt does, as far as its documentation says; the lock goes with the handle."""

    LK_NBLCK = 2

    def __init__(self) -> None:
        self.held: dict[tuple[int, int], int] = {}

    def locking(self, handle: int, mode: int, size: int) -> None:
        assert (mode, size) == (self.LK_NBLCK, 1)
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PermissionError(errno.EACCES, "Permission denied") from None


def test_windows_locks_keep_a_second_command_out_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_IS_POSIX", False)
    monkeypatch.setitem(sys.modules, "msvcrt", Windows())
    path = tmp_path / "issue"
    with writing.alone(path), pytest.raises(DiskError), writing.alone(path, seconds=0.05):
        pass
    assert list(tmp_path.iterdir()) == []


# The commands.


@pytest.mark.parametrize("command", [("build",), ("export", "LPMN", "--for", "brevo"), ("preview", "LPMN")])
def test_a_committed_link_that_leads_out_of_the_newsroom_is_refused(
    room: Room, run: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    room.item()
    (tmp_path / "home").mkdir()
    (room.root / "build").symlink_to(tmp_path / "home")
    result = run(*command)
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        "build: can't be written: it is a symbolic link that leads out of the newsroom\n"
        "  hint: remove it, or name the folder that it leads to: build --out DIR\n",
    )
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize("out", ["out", "deep/out", "deep/link/../out", "link/further"])
def test_so_is_one_that_lies_in_the_newsroom_wherever_out_leads(room: Room, run: Run, tmp_path: Path, out: str) -> None:
    room.item()
    (tmp_path / "home/link").mkdir(parents=True)
    (room.root / "out").symlink_to(tmp_path / "home")
    (room.root / "link").symlink_to(tmp_path / "home")
    (room.root / "deep").symlink_to(room.root)
    result = run("build", "--out", out)
    assert (result.exit_code, "leads out of the newsroom" in result.stderr) == (1, True)
    assert list((tmp_path / "home").rglob("*")) == [tmp_path / "home/link"]


def test_a_link_to_where_git_keeps_its_own_is_refused(room: Room, run: Run) -> None:
    room.item()
    (room.root / ".git/hooks").mkdir(parents=True)
    (room.root / "build").symlink_to(".git/hooks")
    assert run("build").exit_code == 1
    assert list((room.root / ".git/hooks").iterdir()) == []


def test_honest_links_go_on_working(room: Room, run: Run, tmp_path: Path) -> None:
    room.item()
    (tmp_path / "drive").mkdir()
    (tmp_path / "mine").symlink_to("drive")
    (tmp_path / "work").symlink_to(room.root)
    (room.root / "output").mkdir()
    (room.root / "build").symlink_to("output")
    for arguments in (
        ("build",),
        ("build", "--out", str(tmp_path / "mine")),
        ("build", "--out", "../drive/deeper"),
        ("--newsroom", str(tmp_path / "work"), "build"),
        ("--newsroom", str(tmp_path / "work"), "build", "--out", str(tmp_path / "work/other")),
    ):
        assert run(*arguments).exit_code == 0
    for place in (room.root / "output", room.root / "other", tmp_path / "drive", tmp_path / "drive/deeper"):
        assert broken(place / "2024-09/state-LPMN") == []


def test_the_newsrooms_own_items_are_safe_from_a_link_among_the_builds(room: Room, run: Run) -> None:
    item = room.item()
    (room.root / "build/2024-09").mkdir(parents=True)
    (room.root / "build/2024-09/state-LPMN").symlink_to("../../issues/2024-09/items")
    words = item.read_bytes()
    for command in (("build",), ("export", "LPMN", "--for", "brevo")):
        result = run(*command)
        assert result.exit_code == 1
        assert "state-LPMN: can't be written: it is a symbolic link, and what it leads to is not ours" in result.stderr
    assert {path.name: path.read_bytes() for path in item.parent.iterdir()} == {"story.md": words}


def test_an_export_lists_every_file_so_that_the_next_one_can_take_it_away(room: Room, run: Run) -> None:
    room.item()
    assert run("export", "LPMN", "--for", "html").exit_code == 0
    issue, email, delivery = room.issue(), room.email(), room.delivery()
    assert set(json.loads(with_manifest({"a": b"", "b": b""}, issue, email, delivery)["manifest.json"])["parts"]) == {
        "a",
        "b",
    }
    assert broken(room.root / "build/2024-09/state-LPMN/html") == []


def test_a_build_started_in_the_folder_of_an_issue_says_where_it_wrote(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.item()
    assert run("build").exit_code == 0
    monkeypatch.chdir(room.root / "build/2024-09/state-LPMN")
    assert run("build", "LPMN").stdout.endswith("\t.\n")
    room.item(body="Other words: the folder is another one now.\n")
    result = run("build", "LPMN")
    monkeypatch.chdir(room.root)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith(f"\t{room.root}/build/2024-09/state-LPMN\n")


def test_a_build_clears_what_was_left_of_issues_that_it_does_not_build(room: Room, run: Run) -> None:
    room.item()
    month = room.root / "build/2024-09"
    folder.write(room.root / "build", "2024-09/state-GONE", whole(OLD))
    folder.write(room.root / "build", "2024-09/state-LPNY", whole(OLD))
    (month / "state-GONE").rename(month / ".state-GONE.old")
    (month / ".state-LPNY.new").mkdir()
    (month / ".state-LPNY.lock").touch()
    (month / ".state-LPNY-k2x_81ab").mkdir(mode=0o700)
    assert run("build", "LPMN").exit_code == 0
    assert sorted(path.name for path in month.iterdir()) == ["state-GONE", "state-LPMN", "state-LPNY"]
    assert there(month / "state-GONE") == OLD
