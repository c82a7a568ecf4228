"""Newsroom -> Issue: which items, in which order, under which words."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from newsletter.errors import ContentError
from newsletter.issue.assemble import assemble
from newsletter.issue.edition import edition_of, items_of
from newsletter.model import Badge, Event, Issue, Item, Items, Newsroom
from newsletter.read.config import read_config
from newsletter.read.load import by_tag
from tests.room import TOML, Room

SECTIONS = ("wins", "action", "events", "in-the-news", "remembrance")


def shown(issue: Issue) -> list[str]:
    """Return the items of the issue in reading order."""
    return [story.item.stem for story in issue.stories]


def parts(issue: Issue) -> list[tuple[str, list[str]]]:
    """Return the sections of the issue with their items; the lead stands apart."""
    return [(part.section.key, [story.item.stem for story in part.stories]) for part in issue.parts]


def test_a_monthly_issue_takes_the_items_of_its_month_and_chapter(room: Room) -> None:
    room.item("here")
    room.item("later", month="2024-10")
    room.item("elsewhere", chapters=["LPNY"])
    room.item("both", month=None, months=["2024-08", "2024-09"], chapters=["LPNY", "LPMN"])
    assert shown(room.issue()) == ["both", "here"]


def test_a_quarterly_issue_takes_the_three_months_that_it_closes(room: Room) -> None:
    for month in ("2024-06", "2024-07", "2024-08", "2024-09", "2024-10"):
        room.item(f"in-{month}", folder=month, month=month, chapters=["LPNY"])
    issue = room.issue("2024-09/state-LPNY")
    assert shown(issue) == ["in-2024-07", "in-2024-08", "in-2024-09"]
    assert issue.months == ("2024-07", "2024-08", "2024-09")
    assert issue.month == "2024-09"


def test_an_item_of_two_months_of_a_quarter_stands_once_in_its_issue(room: Room) -> None:
    room.item("twice", month=None, months=["2024-07", "2024-08"], chapters=["LPNY"])
    assert shown(room.issue("2024-09/state-LPNY")) == ["twice"]


def test_drafts_are_left_out(room: Room) -> None:
    room.item("draft", draft=True)
    room.item("done", draft=False)
    assert shown(room.issue()) == ["done"]


@pytest.mark.parametrize(
    ("until", "is_shown"), [("2024-08-31", False), ("2024-09-01", True), ("2024-09-15", True), ("2025-01-01", True)]
)
def test_an_item_is_left_out_of_the_issues_that_begin_after_its_until(room: Room, until: str, is_shown: bool) -> None:
    room.item("short-lived", until=until)
    assert shown(room.issue()) == (["short-lived"] if is_shown else [])


def test_an_item_that_ends_within_a_quarter_is_left_out_of_its_closing_issue(room: Room) -> None:
    room.item("july", month="2024-07", until="2024-07-20", chapters=["LPNY"])
    room.item("september", chapters=["LPNY"])
    assert shown(room.issue("2024-09/state-LPNY")) == ["september"]


def test_a_chapters_item_wears_its_badge_in_the_network_issue_only(room: Room) -> None:
    room.item("shared", chapters=["network", "LPMN", "LPNY"])
    room.item("own", chapters=["network"])
    network = room.issue("2024-09/network")
    assert {story.item.stem: story.badges for story in network.stories} == {
        "own": (),
        "shared": (
            Badge(code="LPMN", name="Minnesota", accent="#1D5C63"),
            Badge(code="LPNY", name="New York", accent="#8A2B5B"),
        ),
    }
    assert [story.badges for story in room.issue().stories] == [()]


def test_items_stand_in_the_order_of_sections_then_order_then_path(room: Room) -> None:
    room.item("b-wins")
    room.item("a-wins")
    room.item("z-wins-first", order=-1)
    room.item("news", section="in-the-news")
    room.item("c-action", section="action", order=5)
    room.item("d-action", section="action", order=-5)
    assert shown(room.issue()) == ["z-wins-first", "a-wins", "b-wins", "d-action", "c-action", "news"]


def test_a_publication_orders_its_sections_and_those_it_does_not_name_follow(room: Room) -> None:
    room.file("newsletter.toml", TOML.replace('emoji = "📣"', 'emoji = "📣"\nsections = ["in-the-news", "events"]'))
    for section in SECTIONS:
        room.item(f"in-{section}", section=section)
    assert [key for key, _ in parts(room.issue())] == ["in-the-news", "events", "wins", "action", "remembrance"]


def test_the_first_story_leads_and_leaves_its_section(room: Room) -> None:
    room.item("a")
    room.item("b")
    issue = room.issue()
    assert issue.lead and issue.lead.item.stem == "a"
    assert issue.lead_section and issue.lead_section.key == "wins"
    assert parts(issue) == [("wins", ["b"])]


@pytest.mark.parametrize(
    "front",
    [{"section": "action"}, {"section": "in-the-news"}, {"section": "remembrance"}, {"starts": "2024-09-10"}],
)
def test_nothing_leads_where_the_first_item_is_no_story(room: Room, front: dict[str, Any]) -> None:
    room.item("first", **front)
    assert room.issue().lead is None


def test_an_item_marked_as_lead_leads_and_of_two_the_first(room: Room) -> None:
    room.item("a")
    room.item("b", section="in-the-news", lead=True)
    room.item("c", section="action", lead=True)
    issue = room.issue()
    assert shown(issue) == ["c", "a", "b"]
    assert issue.lead_section and issue.lead_section.key == "action"


def test_a_front_page_chooses_its_lead(room: Room) -> None:
    room.item("a", lead=True)
    room.item("b", section="action")
    room.front_page("2024-09/state-LPMN", lead="b")
    assert shown(room.issue()) == ["b", "a"]


def test_a_lead_may_be_named_by_its_path(room: Room) -> None:
    room.item("a")
    room.item("b", folder="2024-08", section="events")
    room.front_page("2024-09/state-LPMN", lead="issues/2024-08/items/b.md")
    issue = room.issue()
    assert issue.lead and issue.lead.item.stem == "b"


def test_a_lead_that_is_not_in_the_issue_is_a_fault_of_the_front_page(room: Room) -> None:
    room.item("apples")
    room.front_page("2024-09/state-LPMN", lead="appels")
    with pytest.raises(ContentError) as caught:
        room.issue()
    assert str(caught.value) == (
        "issues/2024-09/state-LPMN.md:2: lead 'appels' is not an item of 2024-09/state-LPMN\n"
        "  hint: did you mean 'apples'?"
    )


@pytest.mark.parametrize(
    ("month", "style", "label"),
    [
        ("2024-09", "long", "September 2024"),
        ("2024-09", "short", "Sept 2024"),
        ("2024-05", "short", "May 2024"),
        ("2024-07", "short", "July 2024"),
        ("2024-01", "short", "Jan 2024"),
        ("2024-09", "season", "Fall 2024"),
        ("2024-12", "season", "Winter 2024"),
        ("2024-02", "season", "Winter 2024"),
        ("2024-03", "season", "Spring 2024"),
        ("2024-06", "season", "Summer 2024"),
    ],
)
def test_the_period_is_long_short_or_a_season(room: Room, month: str, style: str, label: str) -> None:
    room.file("newsletter.toml", TOML.replace('emoji = "📣"', f'emoji = "📣"\nperiod = "{style}"'))
    assert room.issue(f"{month}/state-LPMN").period == label


@pytest.mark.parametrize(
    ("language", "style", "label"), [("es", "long", "septiembre de 2024"), ("de", "short", "Sept. 2024")]
)
def test_the_period_speaks_the_newsrooms_language(room: Room, language: str, style: str, label: str) -> None:
    added = f'language = "{language}"\nperiod = "{style}"'
    room.file("newsletter.toml", TOML.replace('short_name = "EN"', f'short_name = "EN"\n{added}'))
    assert room.issue().period == label


def test_a_season_has_the_newsrooms_own_name(room: Room) -> None:
    toml = TOML.replace('emoji = "📣"', 'emoji = "📣"\nperiod = "season"') + '[words]\nfall = "Autumn"\n'
    room.file("newsletter.toml", toml)
    assert room.issue().period == "Autumn 2024"


def test_patterns_in_settings_are_filled_and_a_front_pages_words_stay_as_typed(room: Room) -> None:
    why = "{organization} ({short_name}) in {chapter_name} ({chapter}), {period}, {month}, {id}, {braces"
    room.file("newsletter.toml", TOML.replace('short_name = "EN"', f'short_name = "EN"\nwhy = "{why}"'))
    room.front_page("2024-09/state-LPMN", title="The {chapter} Special")
    settings = room.issue().settings
    assert settings.why == (
        "Example Network (EN) in Minnesota (LPMN), September 2024, 2024-09, 2024-09/state-LPMN, {braces"
    )
    assert settings.title == "The {chapter} Special"
    assert settings.browser_url == "https://network.example/2024-09/state-LPMN"
    assert room.issue("2024-09/network").settings.why.startswith("Example Network (EN) in  (), September 2024")


def test_an_address_that_a_pattern_leaves_broken_is_a_fault_of_that_issue(room: Room) -> None:
    room.file("newsletter.toml", TOML.replace("news@network.example", "{chapter}@network.example"))
    assert room.issue().settings.sender_address == "LPMN@network.example"
    with pytest.raises(ContentError) as caught:
        room.issue("2024-09/network")
    assert str(caught.value) == (
        "newsletter.toml:7: sender_address of 2024-09/network: '@network.example' is not an email address\n"
        "  hint: state sender_address under [publications.network]"
    )


def test_settings_reach_the_issue_from_all_four_levels(room: Room) -> None:
    toml = TOML.replace('short_name = "EN"', 'short_name = "EN"\nmore = "organization"\nreply_to = "a@o.example"')
    toml = toml.replace('emoji = "📣"', 'emoji = "publication"\nreply_to = "a@p.example"')
    toml = toml.replace('accent = "#1D5C63"', 'accent = "#1D5C63"\naudience = "chapter"\nwhy = "chapter"')
    room.file("newsletter.toml", toml)
    room.front_page("2024-09/state-LPMN", why="front page")
    settings = room.issue().settings
    assert (settings.more, settings.reply_to, settings.emoji, settings.audience, settings.why) == (
        "organization",
        "a@p.example",
        "publication",
        "chapter",
        "front page",
    )


def test_an_events_dates_are_worded_in_its_own_time_zone(room: Room) -> None:
    room.item(
        "evening",
        section="events",
        starts="2024-10-10 18:00",
        ends="2024-10-10 19:30",
        timezone="America/Chicago",
        location="City Hall",
        rsvp="https://example.org/rsvp",
    )
    (story,) = room.issue().stories
    assert story.event == Event(
        month="Oct",
        day="10",
        when="Thursday, October 10, 6:00\u00a0– 7:30\u00a0PM\u00a0CT",
        location="City Hall",
        rsvp="https://example.org/rsvp",
        calendar_url=(
            "https://calendar.google.com/calendar/render?action=TEMPLATE&text=Evening"
            "&dates=20241010T230000Z/20241011T003000Z&location=City%20Hall&details=https://example.org/rsvp"
        ),
        outlook_url=(
            "https://outlook.live.com/calendar/0/deeplink/compose?path=/calendar/action/compose&rru=addevent"
            "&subject=Evening&startdt=2024-10-10T23:00:00Z&enddt=2024-10-11T00:30:00Z&location=City%20Hall"
            "&body=https://example.org/rsvp"
        ),
        file_url="",
    )


@pytest.mark.parametrize(
    ("front", "when"),
    [
        ({"starts": "2024-10-10"}, "Thursday, October 10"),
        ({"starts": "2025-01-10"}, "Friday, January 10, 2025"),
        ({"starts": "2024-10-10 18:00"}, "Thursday, October 10, 6:00~PM~UTC"),
        ({"starts": "2024-10-10", "ends": "2024-10-12"}, "Thursday, October 10 – Saturday, October 12"),
        ({"starts": "2024-10-10 11:00", "ends": "2024-10-10 13:00"}, "Thursday, October 10, 11:00~AM~– 1:00~PM~UTC"),
        (
            {"starts": "2024-10-10 23:00", "ends": "2024-10-11 01:00"},
            "Thursday, October 10, 11:00~PM~UTC – Friday, October 11, 1:00~AM~UTC",
        ),
    ],
)
def test_a_stretch_of_time_is_worded_as_people_say_it_and_does_not_break_within_a_time(
    room: Room, front: dict[str, str], when: str
) -> None:
    room.item("event", section="events", **front)
    (story,) = room.issue().stories
    assert story.event and story.event.when == when.replace("~", "\u00a0")


def test_a_deadline_is_worded(room: Room) -> None:
    room.item("petition", section="action", deadline="2024-10-08 17:00", timezone="America/New_York")
    assert [story.deadline for story in room.issue().stories] == ["Tuesday, October 8, 5:00\u00a0PM\u00a0ET"]


def item(number: int, tags: tuple[str, ...], months: tuple[str, ...], section: str, order: int, lead: bool) -> Item:
    return Item(
        path=f"issues/items/{number:03}.md",
        digest="",
        title=f"Item {number}",
        headline=f"Item {number}",
        chapters=tags,
        months=months,
        section=section,
        body="",
        body_line=1,
        lines={},
        order=order,
        is_lead=lead,
    )


ITEMS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["network", "LPMN", "LPNY"]), min_size=1, unique=True).map(tuple),
        st.lists(st.sampled_from(["2024-07", "2024-08", "2024-09"]), min_size=1, unique=True).map(tuple),
        st.sampled_from(SECTIONS),
        st.integers(-2, 2),
        st.booleans(),
    ),
    max_size=30,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(drawn=ITEMS, sections=st.lists(st.sampled_from(SECTIONS), unique=True).map(tuple))
def test_no_item_is_lost_and_none_doubled(
    room: Room, drawn: list[tuple[Any, Any, str, int, bool]], sections: tuple[str, ...]
) -> None:
    items = tuple(item(number, *one) for number, one in enumerate(drawn))
    room.file("newsletter.toml", TOML.replace('emoji = "📣"', f'emoji = "📣"\nsections = {list(sections)}'))
    newsroom = Newsroom(
        root=room.root,
        config=read_config(room.root),
        items=Items(items, {one.path: one for one in items}),
        by_tag=by_tag(items),
        front_pages={},
    )
    for issue_id, tag, taken in (
        ("2024-09/network", "network", {"2024-09"}),
        ("2024-09/state-LPMN", "LPMN", {"2024-09"}),
        ("2024-08/state-LPMN", "LPMN", {"2024-08"}),
        ("2024-09/state-LPNY", "LPNY", {"2024-07", "2024-08", "2024-09"}),
    ):
        edition = edition_of(newsroom, issue_id)
        issue = assemble(newsroom, edition)
        wanted = [one.path for one in items if tag in one.chapters and taken & set(one.months)]
        assert sorted(story.item.path for story in issue.stories) == wanted
        assert sorted(one.path for one in items_of(newsroom, edition)) == wanted
        for part in issue.parts:
            keys = [(story.item.order, story.item.path) for story in part.stories]
            assert keys == sorted(keys)
            assert {story.item.section for story in part.stories} == {part.section.key}


def test_the_order_of_files_does_not_matter(room: Room) -> None:
    for slug in "cab":
        room.item(slug, section="action")
    newsroom = room.load()
    turned = replace(newsroom, by_tag=by_tag(newsroom.items[::-1]))
    edition = edition_of(newsroom, "2024-09/state-LPMN")
    assert assemble(newsroom, edition) == assemble(turned, edition)


def test_until_is_a_day(room: Room) -> None:
    room.item("a", until="2024-09-10")
    assert room.load().items[0].until == date(2024, 9, 10)
