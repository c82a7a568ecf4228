"""What an issue's readers were told within a year is told of an item that says it again."""

import json
import shutil
from typing import Any

import pytest

from tests.conftest import Run
from tests.room import TOML, Room

WORDS = (
    "The council heard two hours of testimony about the meadow by the river and voted five to two to buy it back with "
    "money that the county had set aside for a parking deck. The first families walk there in May, and the plan for "
    "paths and benches lies at the library until then."
)


def told(run: Run, month: str = "2024-09", issue: str = "LPMN") -> list[tuple[str, int, str]]:
    """Return file, line and sentence of what the rule finds."""
    done = run("check", issue, "-m", month, "--only", "ran-before", "--format", "json")
    return [(one["file"], one["line"], one["message"]) for one in json.loads(done.stdout)["findings"]]


def earlier(room: Room, month: str = "2024-08", slug: str = "old", body: str = "Other words.\n", **front: Any) -> None:
    room.item(slug, body, folder=month, month=month, **front)


def test_a_title_of_last_month_is_told_with_the_place_where_it_ran(room: Room, run: Run) -> None:
    earlier(room, title="A meadow for Duluth")
    room.item("new", title="a meadow  for Duluth")
    path = "issues/2024-08/items/old.md"
    assert told(run) == [
        (
            "issues/2024-09/items/new.md",
            2,
            f"'a meadow for Duluth' ran in 2024-08/state-LPMN already, from {path}",
        )
    ]


def test_a_link_is_the_same_whatever_counts_its_readers(room: Room, run: Run) -> None:
    earlier(room, link="https://a.example/meadow?utm_source=august")
    room.item("new", link="https://www.a.example/meadow/#top")
    ((_, line, sentence),) = told(run)
    assert (line, sentence) == (
        7,
        "https://www.a.example/meadow/#top was the link of a story in 2024-08/state-LPMN already, from"
        " issues/2024-08/items/old.md",
    )


def test_the_first_page_of_a_site_is_in_many_stories(room: Room, run: Run) -> None:
    earlier(room, link="https://a.example")
    room.item("new", link="https://a.example/")
    assert told(run) == []


def test_nearly_the_same_words_are_told(room: Room, run: Run) -> None:
    earlier(room, body=WORDS)
    room.item("new", WORDS.replace("In May", "In June").replace("two hours", "three hours"))
    ((_, _, sentence),) = told(run)
    assert sentence.startswith("nearly these words ran as 'Old' in 2024-08/state-LPMN already")


@pytest.mark.parametrize(("month", "is_told"), [("2023-09", True), ("2023-08", False), ("2024-10", False)])
def test_readers_remember_for_a_year(room: Room, run: Run, month: str, is_told: bool) -> None:
    earlier(room, month, title="A meadow")
    room.item("new", title="A meadow")
    assert bool(told(run)) is is_told


def test_other_readers_were_told_something_else(room: Room, run: Run) -> None:
    earlier(room, title="A meadow", chapters=["LPNY", "network"])
    room.item("new", title="A meadow")
    assert told(run) == []


def test_an_item_of_two_months_is_meant_to_run_twice_and_one_that_is_allowed_too(room: Room, run: Run) -> None:
    room.item("both", folder="2024-08", month=None, months=["2024-08", "2024-09"])
    assert told(run) == []
    earlier(room, title="A meadow")
    room.item("new", title="A meadow", allow=["ran-before"])
    assert told(run) == []


def test_a_draft_and_what_was_left_out_were_told_to_nobody(room: Room, run: Run) -> None:
    earlier(room, title="A meadow", draft=True)
    earlier(room, slug="older", title="A bridge")
    room.front_page("2024-08/state-LPMN", leave_out=["older"])
    room.item("new", title="A meadow")
    room.item("newer", title="A bridge")
    assert told(run) == []


def test_each_story_is_told_once_by_the_newest_issue(room: Room, run: Run) -> None:
    for month in ("2024-06", "2024-08", "2024-07"):
        earlier(room, month, title="A meadow", link="https://a.example/meadow")
    room.item("new", title="A meadow", link="https://a.example/meadow")
    ((_, _, sentence),) = told(run)
    assert "2024-08/state-LPMN" in sentence


def test_a_quarters_issue_remembers_the_quarter_before(room: Room, run: Run) -> None:
    earlier(room, "2024-05", title="A meadow", chapters=["LPNY"])
    room.item("new", title="A meadow", chapters=["LPNY"])
    ((_, _, sentence),) = told(run, issue="LPNY")
    assert "ran in 2024-06/state-LPNY already" in sentence


def test_what_was_sent_is_remembered_as_it_was_sent(room: Room, run: Run) -> None:
    earlier(room, title="A meadow")
    earlier(room, slug="other", title="A bridge")
    assert run("export", "LPMN", "-m", "2024-08", "--for", "mailchimp").exit_code == 0
    assert run("sent", "2024-08/state-LPMN").exit_code == 0
    # Since then one item has another title, and another is gone.
    earlier(room, title="Something else")
    (room.root / "issues/2024-08/items/other.md").unlink()
    room.item("new", title="A meadow")
    room.item("newer", title="A bridge")
    shutil.rmtree(room.root / "build")
    assert [sentence for _, _, sentence in told(run)] == [
        "'A meadow' ran in 2024-08/state-LPMN already, from issues/2024-08/items/old.md",
        "'A bridge' ran in 2024-08/state-LPMN already, from issues/2024-08/items/other.md",
    ]
    (room.root / "sent/2024-08/state-LPMN/newsletter.toml").write_text("broken", "utf-8")
    assert told(run) == []


def test_a_build_asks_nothing_of_other_months(room: Room, run: Run) -> None:
    earlier(room, title="A meadow")
    room.item("new", title="A meadow")
    assert run("build", "LPMN", "-m", "2024-09").stdout.split("\t")[4] == "clean"
    assert TOML in (room.root / "newsletter.toml").read_text("utf-8")
