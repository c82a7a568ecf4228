"""A newsroom whose newsletters all come out once a quarter, and items at the edges of months and years."""

from datetime import date

import pytest

from newsletter.errors import CommandError
from newsletter.issue.edition import Chosen, chosen, months
from tests.room import TOML, Room

QUARTERLY = TOML.replace('short_name = "EN"', 'short_name = "EN"\ncadence = "quarterly"')
TODAY = date(2024, 8, 15)


def quarterly(room: Room, month: str | None = None) -> Chosen:
    room.file("newsletter.toml", QUARTERLY)
    return chosen(room.load(), [], month, TODAY)


@pytest.mark.parametrize("month", ["2024-07", "2024-08", "2024-10", "2025-01"])
def test_a_month_in_which_no_newsletter_comes_out_is_told_with_the_one_that_has_it(room: Room, month: str) -> None:
    room.item("story", month="2024-07")
    with pytest.raises(CommandError) as refused:
        quarterly(room, month)
    closing = {"2024-10": "2024-12", "2025-01": "2025-03"}.get(month, "2024-09")
    assert (refused.value.message, refused.value.hint) == (
        f"no newsletter has an issue in {month}: they come out once a quarter",
        f"write -m {closing}",
    )


def test_without_a_month_the_quarter_of_its_items_is_taken(room: Room) -> None:
    room.item("story", month="2024-07")
    assert [edition.id for edition in quarterly(room).editions] == ["2024-09/state-LPMN"]


def test_a_draft_of_a_quarter_is_named_where_nothing_else_is_there(room: Room) -> None:
    room.item("story", month="2024-07", draft=True)
    choice = quarterly(room)
    assert choice.month == "2024-09"
    assert [empty.hint for empty in choice.empty] == ["take 'draft: true' out of issues/2024-09/items/story.md"]


def test_a_file_that_can_not_be_read_stops_the_issue_of_its_quarter(room: Room) -> None:
    room.file("issues/2024-07/items/story.md", "no front matter\n")
    choice = quarterly(room)
    assert choice.month == "2024-09"
    assert [str(fault.place) for fault in choice.faults] == ["issues/2024-07/items/story.md:1"]
    assert choice.empty == ()
    assert months(room.load()) == ["2024-09"]


def test_a_newsroom_without_any_item_is_no_slip_of_the_command_line(room: Room) -> None:
    assert [empty.name for empty in quarterly(room).empty] == ["this newsroom"]


def test_an_item_of_several_months_stands_once_in_the_issue_of_a_quarter(room: Room) -> None:
    room.file("newsletter.toml", QUARTERLY)
    room.item("summer", month=None, months=["2024-07", "2024-08"])
    room.item("both", month=None, months=["2024-09", "2024-10"])
    room.item("winter", month="2024-12")
    stems = {
        one: [story.item.stem for story in room.issue(f"{one}/state-LPMN").stories] for one in ("2024-09", "2024-12")
    }
    assert stems == {"2024-09": ["both", "summer"], "2024-12": ["both", "winter"]}


def test_a_quarter_leaves_out_what_was_over_before_its_last_month(room: Room) -> None:
    room.file("newsletter.toml", QUARTERLY)
    room.item("july", month="2024-07", until="2024-07-31")
    room.item("september", month="2024-07", until="2024-09-01")
    assert [story.item.stem for story in room.issue("2024-09/state-LPMN").stories] == ["september"]


def test_a_season_is_that_of_the_quarters_last_month(room: Room) -> None:
    room.file("newsletter.toml", QUARTERLY.replace('cadence = "quarterly"', 'cadence = "quarterly"\nperiod = "season"'))
    room.item("story", month=None, months=["2024-03", "2024-06", "2024-09", "2024-12"])
    periods = [room.issue(f"2024-{month}/state-LPMN").period for month in ("03", "06", "09", "12")]
    assert periods == ["Spring 2024", "Summer 2024", "Fall 2024", "Winter 2024"]


def test_an_event_that_lasts_into_the_issues_month_is_worded_with_the_year_that_is_not_its_own(room: Room) -> None:
    room.item("camp", folder="2025-01", month="2025-01", section="events", starts="2024-12-30", ends="2025-01-02")
    (story,) = room.issue("2025-01/state-LPMN").stories
    assert story.event
    assert story.event.when == "Monday, December 30, 2024 – Thursday, January 2"
