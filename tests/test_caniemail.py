"""caniemail's data as the program keeps it: what a result with notes is worth."""

import importlib.util
import json
from pathlib import Path

import pytest

from newsletter.check import clients

SCRIPT = Path(__file__).parent.parent / "docs" / "refresh_caniemail.py"


def kept(support: str, **notes: str) -> str:
    """Return the letter that the data keeps for a program whose newest version has this result."""
    spec = importlib.util.spec_from_file_location("refresh_caniemail", SCRIPT)
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    feature = {
        "slug": "html-anchor-links",
        "title": "Local anchors",
        "stats": {"gmail": {"web": {"2019-08": "n", "2024-01": support}}},
        "notes_by_num": {number.removeprefix("note"): note for number, note in notes.items()} or None,
    }
    # A program counts from so many features on.
    others = [{**feature, "slug": f"other-{number}"} for number in range(200)]
    data = {"data": [*others, feature], "last_update_date": "2026-05-13 14:45:41 +0000"}
    return str(json.loads(script.compact(data, "2.0.2"))["features"]["html-anchor-links"][1])


@pytest.mark.parametrize(
    ("support", "note", "letter"),
    [
        ("y", "", "y"),
        ("a", "", "a"),
        ("n", "", "n"),
        ("y #7", "Partial. Works with the `name` attribute, but not with `id` attributes.", "a"),
        ("y #7", "Buggy. Targeted content is partially hidden.", "a"),
        ("y #7", "Not supported. The whole declaration is removed.", "n"),
        ("y #7", "Not supported when using a Microsoft email address.", "a"),
        ("y #7", "Works only on the root element", "a"),
        ("y #7", "Only supported in Safari.", "a"),
        ("y #7", "`display:inline-flex` is not supported.", "a"),
        ("y #7", "Does not support animation.", "a"),
        ("y #7", "Supports `sticky` but not `fixed`.", "a"),
        ("y #7", "Supported. But the program adds a blank every 30 characters.", "y"),
        ("y #7", "Properties not supported by the program are replaced inside the parenthesis.", "y"),
        ("y #7", "Not live tested, only looked at processed code.", "y"),
        ("y #7", "The attribute is supported, but not confirmed to work as specified.", "y"),
        ("y #7", "Works with the prefix `-webkit-`", "y"),
        ("y #8", "Partial. This note is of another result.", "y"),
        ("n #7", "Partial. Some of it works.", "n"),
    ],
)
def test_a_result_with_a_note_counts_as_what_the_note_says(support: str, note: str, letter: str) -> None:
    assert kept(support, note7=note) == letter


def test_the_worst_of_several_notes_counts() -> None:
    assert kept("y #1 #2", note1="Adds a prefix.", note2="Partial. Not with `id`.") == "a"


def test_page_anchors_are_no_plain_support_where_only_names_work() -> None:
    partly = {one.name for one in clients.clients() if clients.support("html-anchor-links", one) == "a"}
    assert {"Gmail, web", "Outlook, Windows (classic)", "Yahoo! Mail, web", "AOL"} <= partly
