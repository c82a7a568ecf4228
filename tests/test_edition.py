"""Newsroom, words of a command line -> Editions: which issues are meant."""

from datetime import date
from typing import Any

import pytest

from newsletter.errors import CommandError
from newsletter.issue.edition import (
    Chosen,
    chosen,
    concerning,
    edition_of,
    editions,
    faults_of,
    months,
    remedy,
)
from newsletter.model import Newsroom
from tests.room import TOML, Room

TODAY = date(2024, 9, 15)
SECOND = TOML[TOML.index("[publications.state]") : TOML.index("[chapters.LPMN]")].replace(".state]", ".second]")


def ids(choice: Chosen) -> list[str]:
    """Return the ids of what there is to show."""
    return [edition.id for edition in choice.editions]


def lacks(choice: Chosen) -> list[tuple[str, bool]]:
    """Return what has no items, and whether it is missed."""
    return [(empty.name, empty.is_missed) for empty in choice.empty]


def asked(newsroom: Newsroom, word: str, month: str = "2024-09") -> list[str]:
    """Return the ids that a word means, with or without items."""
    choice = chosen(newsroom, [word], month, TODAY)
    return [*ids(choice), *(empty.name for empty in choice.empty)]


def stopped(newsroom: Newsroom, month: str) -> list[str]:
    """Return the ids of the month's issues that a fault stops."""
    return [edition.id for edition in editions(newsroom, month) if faults_of(newsroom, edition)]


# Names


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("2024-10/state-LPMN", ["2024-10/state-LPMN"]),
        ("2024-10/LPMN", ["2024-10/state-LPMN"]),
        ("state-LPMN", ["2024-09/state-LPMN"]),
        ("LPMN", ["2024-09/state-LPMN"]),
        ("2024-12/LPNY", ["2024-12/state-LPNY"]),
        ("network", ["2024-09/network"]),
        ("state", ["2024-09/state-LPMN", "2024-09/state-LPNY"]),
        ("2024-10/state", ["2024-10/state-LPMN"]),
    ],
)
def test_an_issue_is_found_by_its_id_its_name_its_chapter_or_its_publication(
    room: Room, wanted: str, found: list[str]
) -> None:
    assert asked(room.load(), wanted) == found
    room.item("one", chapters=["LPMN", "LPNY", "network"], month=None, months=["2024-09", "2024-10", "2024-12"])
    assert asked(room.load(), wanted) == found


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("LPNM", "no issue is called 'LPNM'\n  hint: did you mean 'LPMN'?"),
        ("state-lpmn", "no issue is called 'state-lpmn'\n  hint: did you mean 'state-LPMN'?"),
        ("nothing", "no issue is called 'nothing'\n  hint: there is network, state-LPMN, state-LPNY, LPMN, LPNY"),
        ("2024-13/network", "'2024-13' is not a month\n  hint: write year and month, for example 2024-09"),
        ("build/network", "'build' is not a month\n  hint: write year and month, for example 2024-09"),
        ("2024-09", "'2024-09' is a month, not an issue\n  hint: for every issue of the month: -m 2024-09"),
        ("", "no issue is called ''\n  hint: there is network, state-LPMN, state-LPNY, LPMN, LPNY"),
        ("2024-09/", "no issue is called ''\n  hint: there is network, state-LPMN, state-LPNY, LPMN, LPNY"),
        (
            "2024-08/LPNY",
            "state-LPNY comes out once a quarter: it has no issue in 2024-08\n"
            "  hint: its issue of that quarter is 2024-09/state-LPNY",
        ),
    ],
)
def test_an_issue_that_can_not_be_is_refused_with_the_nearest_one(room: Room, wanted: str, told: str) -> None:
    with pytest.raises(CommandError) as caught:
        chosen(room.load(), [wanted], "2024-09", TODAY)
    assert str(caught.value) == told


def test_a_chapter_whose_newsletters_are_all_quarterly_is_refused_in_a_month_without_them(room: Room) -> None:
    room.file("newsletter.toml", TOML + "\n" + SECOND)
    with pytest.raises(CommandError) as caught:
        chosen(room.load(), ["LPNY"], "2024-08", TODAY)
    assert str(caught.value).startswith("state-LPNY comes out once a quarter: it has no issue in 2024-08\n")


def test_a_name_is_looked_at_before_a_newsroom_without_items_is_told(room: Room) -> None:
    with pytest.raises(CommandError, match="no issue is called 'LPNM'"):
        chosen(room.load(), ["LPMN", "LPNM"], None, TODAY)


@pytest.mark.parametrize("issue_id", ["2024-13/network", "network", "2024-09/LPMN", "../network"])
def test_an_id_that_the_newsroom_can_not_have_has_no_edition(room: Room, issue_id: str) -> None:
    with pytest.raises(CommandError):
        edition_of(room.load(), issue_id)


def test_an_edition_knows_its_months_and_its_tag(room: Room) -> None:
    quarterly = edition_of(room.load(), "2024-09/state-LPNY")
    assert (quarterly.month, quarterly.months) == ("2024-09", ("2024-07", "2024-08", "2024-09"))
    assert (quarterly.name, quarterly.tag, quarterly.publication.key) == ("state-LPNY", "LPNY", "state")
    whole = edition_of(room.load(), "2024-09/network")
    assert (whole.months, whole.tag, whole.chapter) == (("2024-09",), "network", None)


def test_a_chapter_of_a_newsroom_without_chapter_issues_has_no_newsletter(room: Room) -> None:
    room.file("newsletter.toml", TOML.replace('scope = "chapter"', 'scope = "network"'))
    with pytest.raises(CommandError) as caught:
        chosen(room.load(), ["LPMN"], "2024-09", TODAY)
    assert str(caught.value) == (
        "chapter 'LPMN' has no newsletter\n  hint: no publication in newsletter.toml has scope = \"chapter\""
    )


def test_words_that_mean_one_issue_twice_choose_it_once_and_all_keep_their_order(room: Room) -> None:
    room.item("one", chapters=["LPMN", "network"])
    assert ids(chosen(room.load(), ["LPMN", "network", "state-LPMN"], None, TODAY)) == [
        "2024-09/state-LPMN",
        "2024-09/network",
    ]


# Which month


@pytest.mark.parametrize(
    ("held", "taken", "note"),
    [
        (["2024-09"], "2024-09", ""),
        (["2024-07", "2024-08"], "2024-08", ""),
        (["2024-11", "2025-01"], "2024-11", "this is 2024-11; 2025-01 has items too: -m 2025-01"),
        (["2024-08", "2024-10"], "2024-08", "this is 2024-08; 2024-10 has items too: -m 2024-10"),
        (["2024-09", "2024-10"], "2024-09", "this is 2024-09; 2024-10 has items too: -m 2024-10"),
        (
            ["2024-09", "2024-10", "2024-11", "2024-12"],
            "2024-09",
            "this is 2024-09; 2024-10 and 2 later months have items too: -m 2024-10",
        ),
    ],
)
def test_the_month_is_todays_else_the_newest_before_it_else_the_next(
    room: Room, held: list[str], taken: str, note: str
) -> None:
    room.item("story", month=None, months=held)
    for words in ([], ["LPMN"]):
        choice = chosen(room.load(), words, None, TODAY)
        assert (choice.month, ids(choice), choice.note) == (taken, [f"{taken}/state-LPMN"], note)


@pytest.mark.parametrize("day", [date(2024, 9, 1), date(2024, 9, 30)])
def test_a_month_is_todays_from_its_first_day_to_its_last(room: Room, day: date) -> None:
    room.item("story", month=None, months=["2024-08", "2024-09", "2024-10"])
    assert chosen(room.load(), [], None, day).month == "2024-09"


def test_a_month_that_was_stated_is_taken_without_a_note(room: Room) -> None:
    room.item("story", month=None, months=["2024-08", "2024-09"])
    for words, month in (((), "2024-08"), (("LPMN",), "2024-08"), (("2024-08/LPMN",), None)):
        choice = chosen(room.load(), words, month, TODAY)
        assert (ids(choice), choice.note) == (["2024-08/state-LPMN"], "")


def test_the_usual_month_is_taken_with_or_without_items_and_gives_way_to_a_stated_one(room: Room) -> None:
    room.item("story", month=None, months=["2024-08", "2024-09"])
    newsroom = room.load()
    usual = chosen(newsroom, (), None, TODAY, usual="2024-08")
    assert (ids(usual), usual.note) == (["2024-08/state-LPMN"], "this is 2024-08; 2024-09 has items too: -m 2024-09")
    assert lacks(chosen(newsroom, (), None, TODAY, usual="2030-01")) == [("2030-01", True)]
    assert chosen(newsroom, (), "2024-09", TODAY, usual="2024-08").month == "2024-09"
    assert ids(chosen(newsroom, ["2024-09/LPMN"], None, TODAY, usual="2024-08")) == ["2024-09/state-LPMN"]


def test_a_quarters_items_are_in_the_month_of_its_issue(room: Room) -> None:
    room.item("july", chapters=["LPNY"], month="2024-07")
    assert months(room.load()) == ["2024-09"]
    choice = chosen(room.load(), (), None, date(2024, 8, 2))
    assert (choice.month, ids(choice)) == ("2024-09", ["2024-09/state-LPNY"])


def test_items_at_fault_make_a_month_too(room: Room) -> None:
    room.item("good", month="2024-08")
    room.item("bad", section="winz")
    choice = chosen(room.load(), (), None, TODAY)
    assert (choice.month, ids(choice), len(choice.faults)) == ("2024-09", ["2024-09/state-LPMN"], 1)


def test_drafts_and_front_pages_give_the_month_where_there_is_nothing_else(room: Room) -> None:
    room.front_page("2024-08/network")
    assert chosen(room.load(), (), None, TODAY).month == "2024-08"
    room.item("draft", draft=True)
    choice = chosen(room.load(), (), None, TODAY)
    assert [(empty.name, empty.hint) for empty in choice.empty] == [
        ("2024-09", "take 'draft: true' out of issues/2024-09/items/draft.md")
    ]
    room.item("good", month="2024-07")
    assert chosen(room.load(), (), None, TODAY).month == "2024-07"


def test_the_months_are_those_with_items_that_will_run(room: Room) -> None:
    room.item("a", month=None, months=["2024-10", "2024-08"])
    room.item("b", month="2025-01", draft=True)
    room.item("c", month="2025-02", until="2025-01-31")
    room.front_page("2024-12/network")
    assert months(room.load()) == ["2024-08", "2024-10"]


def test_a_month_has_its_issues_and_quarterly_ones_only_at_the_quarters_end(room: Room) -> None:
    newsroom = room.load()
    assert [one.id for one in editions(newsroom, "2024-08")] == ["2024-08/network", "2024-08/state-LPMN"]
    assert [one.id for one in editions(newsroom, "2024-09")] == [
        "2024-09/network",
        "2024-09/state-LPMN",
        "2024-09/state-LPNY",
    ]


# Every month


def test_all_is_every_issue_with_items_of_every_month(room: Room) -> None:
    room.item("one", month=None, months=["2024-08", "2025-01"])
    room.item("two", chapters=["network", "LPNY"], month="2024-08")
    room.front_page("2025-01/network")
    choice = chosen(room.load(), (), None, TODAY, every=True)
    assert ids(choice) == ["2024-08/network", "2024-08/state-LPMN", "2024-09/state-LPNY", "2025-01/state-LPMN"]
    # Nobody has begun the others.
    assert (lacks(choice), choice.note) == ([("2025-01/network", False)], "")


@pytest.mark.parametrize(
    ("words", "month", "told"),
    [
        (["LPMN"], None, "--all is every issue of every month, so it does not go with 'LPMN'"),
        ([], "2024-09", "--all is every issue of every month, so it does not go with -m 2024-09"),
    ],
)
def test_all_goes_with_no_issue_and_no_month(room: Room, words: list[str], month: str | None, told: str) -> None:
    room.item()
    with pytest.raises(CommandError) as caught:
        chosen(room.load(), words, month, TODAY, every=True)
    assert caught.value.message == told


# What has no items


def test_of_a_whole_month_nothing_is_missed_but_the_month(room: Room) -> None:
    room.item("story")
    choice = chosen(room.load(), (), None, TODAY)
    assert lacks(choice) == [("2024-09/network", False), ("2024-09/state-LPNY", False)]
    choice = chosen(room.load(), (), "2030-01", TODAY)
    assert [(empty.name, empty.hint) for empty in choice.missed] == [("2030-01", "the months with items are 2024-09")]


@pytest.mark.parametrize("every", [False, True])
def test_a_newsroom_without_items_is_missed_whole(room: Room, every: bool) -> None:
    choice = chosen(room.load(), (), None, TODAY, every=every)
    assert [(empty.name, empty.hint) for empty in choice.missed] == [
        ("this newsroom", 'write one: newsletter new item "What happened" --chapter CODE')
    ]
    assert (choice.editions, choice.faults, choice.others) == ((), (), 0)


def test_an_issue_asked_for_is_missed_and_one_of_several_of_a_word_is_not(room: Room) -> None:
    room.item("story")
    assert lacks(chosen(room.load(), ["LPMN", "network"], None, TODAY)) == [("2024-09/network", True)]
    assert lacks(chosen(room.load(), ["state"], None, TODAY)) == [("2024-09/state-LPNY", False)]
    assert lacks(chosen(room.load(), ["state", "LPNY"], None, TODAY)) == [("2024-09/state-LPNY", True)]


def test_of_many_months_the_last_are_named(room: Room) -> None:
    room.item("story", month=None, months=[f"2024-{number:02}" for number in range(1, 9)])
    (empty,) = chosen(room.load(), (), "2030-01", TODAY).missed
    assert empty.hint == "the last months with items are 2024-03, 2024-04, 2024-05, 2024-06, 2024-07, 2024-08"


def test_what_would_make_an_empty_issue_appear_is_said(room: Room) -> None:
    def hint(issue_id: str) -> str:
        newsroom = room.load()
        return remedy(newsroom, edition_of(newsroom, issue_id))

    room.item("other", month="2024-08")
    assert hint("2024-09/state-LPMN") == (
        "tag an item with chapters: [LPMN] and month: 2024-09; its items are in 2024-08"
    )
    room.item("past", until="2024-08-30")
    assert hint("2024-09/state-LPMN") == (
        "issues/2024-09/items/past.md is past its 'until'; tag another item with chapters: [LPMN] and month: 2024-09"
    )
    room.item("draft", draft=True)
    assert hint("2024-09/state-LPMN") == "take 'draft: true' out of issues/2024-09/items/draft.md"
    room.item("july", month="2024-07", chapters=["LPNY"], draft=True)
    assert hint("2024-09/state-LPNY") == "take 'draft: true' out of issues/2024-09/items/july.md"
    assert hint("2024-09/network") == "tag an item with chapters: [network] and month: 2024-09"


# Faults


def test_a_fault_stops_the_issues_that_would_take_the_item_and_no_other(room: Room) -> None:
    room.item("bad", order="first")
    assert stopped(room.load(), "2024-09") == ["2024-09/state-LPMN"]
    assert stopped(room.load(), "2024-10") == []


def test_a_fault_of_a_quarters_item_stops_its_closing_issue(room: Room) -> None:
    room.item("bad", order="first", month="2024-07", chapters=["LPNY"])
    newsroom = room.load()
    assert stopped(newsroom, "2024-09") == ["2024-09/state-LPNY"]
    assert months(newsroom) == ["2024-09"]


def test_a_fault_that_hides_whom_it_concerns_stops_every_issue_of_its_month(room: Room) -> None:
    room.file("issues/2024-09/items/bad.md", "---\n???\n---\n")
    newsroom = room.load()
    assert stopped(newsroom, "2024-09") == [edition.id for edition in editions(newsroom, "2024-09")]
    assert stopped(newsroom, "2024-10") == []
    # It makes no issue, and the month is not called empty.
    choice = chosen(newsroom, (), None, TODAY)
    assert (ids(choice), lacks(choice), len(choice.faults)) == ([], [], 1)


def test_a_chapters_bad_logo_stops_that_chapter_only(room: Room) -> None:
    room.file("newsletter.toml", TOML.replace('accent = "#1D5C63"', 'logo = "gone.png"'))
    assert stopped(room.load(), "2024-09") == ["2024-09/state-LPMN"]


@pytest.mark.parametrize(
    ("words", "options", "found", "counts"),
    [
        ((), {"month": "2024-09"}, ["2024-09/state-LPMN"], (1, 2)),
        (("network",), {"month": "2024-09"}, [], (0, 3)),
        (("2024-10/LPMN",), {"month": None}, ["2024-10/state-LPMN"], (0, 3)),
        (("state", "2024-10/network"), {"month": "2024-09"}, ["2024-09/state-LPMN", "2024-10/network"], (2, 1)),
        (("2024-12/LPNY",), {"month": None}, ["2024-12/state-LPNY"], (1, 2)),
        ((), {"month": None, "every": True}, None, (3, 0)),
    ],
)
def test_the_faults_of_what_was_asked_for_stand_apart_from_the_others(
    room: Room, words: tuple[str, ...], options: dict[str, Any], found: list[str] | None, counts: tuple[int, int]
) -> None:
    room.item("good", folder="2024-10", month="2024-10")
    room.item("a", section="winz")
    room.item("b", section="winz", month="2024-10", chapters=["network"])
    room.item("c", section="winz", month="2024-11", chapters=["LPNY"])
    choice = chosen(room.load(), words, options["month"], TODAY, every=options.get("every", False))
    assert (len(choice.faults), choice.others) == counts
    assert found is None or ids(choice) == found


def test_faults_can_be_asked_for_by_month_and_tag(room: Room) -> None:
    room.item("a", section="winz")
    room.item("b", section="winz", month="2024-10", chapters=["network"])
    room.file("issues/2024-11/items/c.md", "---\n???\n---\n")
    faults = room.load().faults

    def files(month: str | None, tag: str | None) -> list[str]:
        return [fault.place.file.rpartition("/")[2] for fault in concerning(faults, month, tag)]

    assert files(None, None) == ["a.md", "b.md", "c.md"]
    assert files("2024-09", None) == ["a.md"]
    assert files(None, "network") == ["b.md", "c.md"]
    assert files("2024-09", "network") == []
