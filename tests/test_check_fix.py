"""check --fix: mends what needs no judgement, after showing it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.check.fix import _mended
from tests.conftest import Run
from tests.room import TOML, Room

HEAD = (
    "---\ntitle: Trees\nchapters: [LPMN]\nmonth: 2024-09\nsection: wins\nlink: http://trees.network.example/plan\n---\n"
)
BODY = (
    "It was the the plan , of the\nthe council  in a cafe\u0301.\n"
    "A hard  \nbreak. One blank \nat the end.\n\n"
    "```\nthe the  code ,\n```\n\n    the the  code\n\n"
    "[See  it](https://trees.network.example/a) and `a  a`, or http://trees.network.example:81/x.\n"
    "- Walla Walla had had it.\n"
)
MENDED = (
    "It was the plan, of the council in a caf\u00e9.\n"
    "A hard  \nbreak. One blank\nat the end.\n\n"
    "```\nthe the  code ,\n```\n\n    the code\n\n"
    "[See it](https://trees.network.example/a) and `a  a`, or http://trees.network.example:81/x.\n"
    "- Walla Walla had had it.\n"
)


@pytest.fixture
def faulty(room: Room) -> Room:
    room.file("newsletter.toml", TOML.replace("press_contact", 'why = "© 2019–2022 Us" # © 2022\npress_contact'))
    room.file("issues/2024-09/items/story.md", HEAD + BODY)
    return room


def test_fix_shows_the_diff_and_writes_nothing_unasked(faulty: Room, run: Run) -> None:
    result = run("check", "--fix")
    assert "-It was the the plan , of the\n" in result.stdout
    assert "+It was the plan, of the council in a café.\n" in result.stdout
    assert '+why = "© 2019–2024 Us"' in result.stdout
    assert "2 files would change; nothing is written" in result.stderr
    assert (faulty.root / "issues/2024-09/items/story.md").read_text("utf-8") == HEAD + BODY


def test_fix_yes_mends_and_a_second_run_finds_nothing_more(faulty: Room, run: Run) -> None:
    result = run("check", "--fix", "--yes")
    assert "2 files fixed" in result.stderr
    story = (faulty.root / "issues/2024-09/items/story.md").read_text("utf-8")
    assert story == HEAD.replace("http:", "https:") + MENDED
    assert '"© 2019–2024 Us"' in (faulty.root / "newsletter.toml").read_text("utf-8")
    again = run("check", "--fix", "--yes")
    assert "nothing can be fixed automatically" in again.stderr
    slugs = "double-words,stray-blanks,decomposed-letters,stale-year"
    assert run("check", "--only", slugs, "--strict").stderr == "1 issue checked: clean\n"


def test_fix_keeps_line_ends_and_the_byte_order_mark(room: Room, run: Run) -> None:
    source = (HEAD + "One  blank too many.\n").replace("\n", "\r\n").replace("http:", "https:")
    room.file("issues/2024-09/items/story.md", b"\xef\xbb\xbf" + source.encode())
    run("check", "--fix", "--yes")
    written = (room.root / "issues/2024-09/items/story.md").read_bytes()
    assert written == b"\xef\xbb\xbf" + source.replace("One  blank", "One blank").encode()


def test_fix_leaves_what_an_item_allows(room: Room, run: Run) -> None:
    room.item("story", "It was the the plan.\n", title="Trees", allow=["double-words"])
    assert "nothing can be fixed" in run("check", "--fix", "--yes").stderr


def test_fix_leaves_http_where_nobody_uses_https(room: Room, run: Run) -> None:
    room.item("story", "It was the plan of the council.\n", title="Trees", link="http://old.network.example/x")
    assert "nothing can be fixed" in run("check", "--fix", "--yes").stderr


def test_a_file_that_can_not_be_written_is_told_and_whole(
    faulty: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    result = run("check", "--fix", "--yes")
    assert result.exit_code == 1
    assert "can't be written: no space left on device" in result.stderr
    assert (faulty.root / "issues/2024-09/items/story.md").read_text("utf-8") == HEAD + BODY
    assert not [path for path in (faulty.root / "issues").rglob(".*")]


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("the an \n\r\t`[]()<>-*_~#.,;!?:/é\u0301\u00a0\x00https"), max_size=80))
def test_mending_twice_is_mending_once_and_touches_no_code(body: str) -> None:
    once = _mended(body, {"the.example"}, set(), english=True)
    assert _mended(once, {"the.example"}, set(), english=True) == once


@pytest.mark.parametrize("words", ["It was the the\x0099\x00 plan.", "\x000\x00 `code`  and and", "\x00"])
def test_words_with_a_nul_in_them_stay_as_they_are(words: str) -> None:
    assert _mended(f"{HEAD}{words}\n\nThe the end.\n", set(), set(), english=True) == f"{HEAD}{words}\n\nThe end.\n"
