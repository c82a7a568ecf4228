"""The site's folder: exchanged as a whole, whatever ends the program in between."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from newsletter.errors import DiskError
from newsletter.site.folder import LIST, SHOWN, has_shown, listed, publish, published_in
from tests.killer import in_a_child, touches_of

OLD = {"index.html": b"old", "2024-08/network/index.html": b"August", "assets/site.css": b"a{}"}
NEW = {"index.html": b"new", "2024-09/network/index.html": b"September", "assets/site.css": b"a{}"}


def content(out: Path) -> dict[str, bytes]:
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and path.relative_to(out).as_posix() != LIST
    }


def test_pages_that_are_not_made_any_more_stay_with_what_lies_beside_them(tmp_path: Path) -> None:
    out = tmp_path / "site"
    first = publish(out, {**OLD, "2024-08/network/tree.png": b"tree", "2024-09/network/old.png": b"gone"})
    assert (first.written, first.unchanged, first.stayed) == (6, 0, ())
    second = publish(out, NEW)
    assert (second.written, second.unchanged, second.stayed) == (3, 3, ("2024-08/network",))
    assert content(out) == {**NEW, "2024-08/network/index.html": b"August", "2024-08/network/tree.png": b"tree"}


def test_what_is_shown_lasts_until_the_next_call_and_gives_back_what_it_stood_in_for(tmp_path: Path) -> None:
    out = tmp_path / "site"
    publish(out, OLD)
    publish(out, {**OLD, "2024-08/network/index.html": b"August, edited"}, {"2024-08/network"})
    assert (out / "2024-08/network/index.html").read_bytes() == b"August, edited"
    assert (published_in(out), has_shown(out)) == ({"2024-08/network"}, True)
    publish(out, {**NEW, "2024-10/network/index.html": b"October"}, {"2024-10/network"})
    assert (out / "2024-08/network/index.html").read_bytes() == b"August"
    assert published_in(out) == {"2024-08/network", "2024-09/network"}
    last = publish(out, NEW)
    assert (last.stayed, has_shown(out)) == (("2024-08/network",), False)
    assert content(out) == {**NEW, "2024-08/network/index.html": b"August"}


@pytest.mark.parametrize("forged", [b"[", b"7", b'{"2024-08/network": 1}', b"[[]]"])
def test_a_forged_list_of_what_is_shown_breaks_nothing(tmp_path: Path, forged: bytes) -> None:
    out = tmp_path / "site"
    publish(out, OLD, {"news"})
    (out / SHOWN).write_bytes(forged)
    publish(out, NEW)
    assert {path for path in content(out) if path not in NEW} <= {"2024-08/network/index.html"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a child is forked")
def test_a_killed_site_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    out = tmp_path / "place" / "site"

    def work() -> None:
        publish(out, NEW)

    def begin() -> None:
        shutil.rmtree(out.parent, ignore_errors=True)
        publish(out, OLD)
        (out / "notes.txt").write_bytes(b"mine")

    kept = {"2024-08/network/index.html": b"August", "notes.txt": b"mine"}
    begin()
    count = touches_of(work, out.parent)
    assert count > 10
    for at in range(1, count + 1):
        begin()
        in_a_child(work, out.parent, at=at)
        shown = {path: words for path, words in content(out).items() if path != "notes.txt"}
        assert shown in (OLD, {**NEW, "2024-08/network/index.html": b"August"}), at
        work()
        assert content(out) == {**NEW, **kept}, at
        assert [path.name for path in out.parent.iterdir()] == ["site"], at


def test_a_link_and_a_file_in_its_place_are_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "file").write_bytes(b"mine")
    for name, message in (("link", "it is a symbolic link"), ("file", "a file stands where the site's folder belongs")):
        with pytest.raises(DiskError, match=message):
            publish(tmp_path / name, OLD)
    assert not any((tmp_path / "elsewhere").iterdir()) and (tmp_path / "file").read_bytes() == b"mine"


@pytest.mark.parametrize("path", ["../evil.html", "/evil.html", "a//evil.html", "a/../../evil.html"])
def test_a_page_that_leads_out_of_the_folder_is_never_written(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="evil"):
        publish(tmp_path / "place" / "site", {**NEW, path: b"evil"})
    assert list(tmp_path.iterdir()) == []


def test_a_forged_list_leads_nowhere(tmp_path: Path) -> None:
    out = tmp_path / "site"
    publish(out, OLD)
    (tmp_path / "secret").write_bytes(b"secret")
    digest = hashlib.sha256(b"secret").hexdigest()
    (out / LIST).write_text(f'{{"../secret": "{digest}", "x/index.html": "{digest}", "x/../../secret": "{digest}"}}')
    assert listed(out) == {"x/index.html": digest}
