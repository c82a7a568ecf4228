"""What one issue alone says of its items: `order` and `leave_out` of its front page; the short form of an item."""

import re
from typing import Any

import pytest

from newsletter.errors import ContentError
from tests.conftest import Run
from tests.room import TOML, Room

ISSUE = "2024-09/state-LPMN"
PAGE = f"issues/{ISSUE}.md"
SITE = TOML + '\n[site]\nurl = "https://network.example/downloads"\n'


def titles(room: Room, issue: str = ISSUE) -> list[str]:
    return [story.item.title for story in room.issue(issue).stories]


def refused(room: Room) -> str:
    with pytest.raises(ContentError) as error:
        room.issue(ISSUE)
    return str(error.value).removeprefix(f"{PAGE}:")


def four(room: Room) -> None:
    room.item("alder", order=1)
    room.item("birch", order=2)
    room.item("cedar", section="events", starts="2024-09-20")
    room.item("dogwood", section="events", starts="2024-09-10")


def test_what_a_front_page_puts_first_comes_first_within_its_section(room: Room) -> None:
    four(room)
    assert titles(room) == ["Alder", "Birch", "Dogwood", "Cedar"]
    room.front_page(ISSUE, order=["cedar", "Birch", "alder.md"])
    assert titles(room) == ["Birch", "Alder", "Cedar", "Dogwood"]
    room.front_page(ISSUE, order=["birch"], lead="alder")
    assert titles(room) == ["Alder", "Birch", "Dogwood", "Cedar"]


def test_what_a_front_page_leaves_out_is_not_in_that_issue_but_in_the_others(room: Room) -> None:
    room.item("alder")
    room.item("birch", chapters=["LPMN", "network"])
    room.front_page(ISSUE, leave_out=["birch"])
    assert titles(room) == ["Alder"]
    assert titles(room, "2024-09/network") == ["Birch"]


def test_an_issue_of_which_all_is_left_out_has_no_items(room: Room, run: Run) -> None:
    room.item("alder")
    room.front_page(ISSUE, leave_out=["alder"])
    result = run("build", "LPMN", "-m", "2024-09")
    assert result.exit_code == 1
    assert f"{ISSUE} has no items, so it is not built" in result.stderr
    assert f"hint: take the items that shall run out of leave_out in {PAGE}" in result.stderr


@pytest.mark.parametrize(
    ("front", "told"),
    [
        ({"order": ["adler"]}, "2: order 'adler' is not an item of 2024-09/state-LPMN\n  hint: did you mean 'alder'?"),
        (
            {"leave_out": ["adler"]},
            "2: leave_out 'adler' is not an item of 2024-09/state-LPMN\n  hint: did you mean 'alder'?",
        ),
        (
            {"leave_out": ["of-august"]},
            "2: leave_out 'of-august' is not an item of 2024-09/state-LPMN: issues/2024-08/items/of-august.md is of"
            " 2024-08\n  hint: add 2024-09 to its months, or name another item",
        ),
        (
            {"leave_out": ["alder"], "lead": "alder"},
            "4: lead 'alder' is not an item of 2024-09/state-LPMN: issues/2024-09/items/alder.md is left out of the"
            " issue\n  hint: take it out of leave_out, or name another item",
        ),
        (
            {"leave_out": ["alder"], "order": ["alder.md"]},
            "4: order 'alder.md' is not an item of 2024-09/state-LPMN: issues/2024-09/items/alder.md is left out of the"
            " issue\n  hint: take it out of leave_out, or name another item",
        ),
    ],
)
def test_a_name_of_what_is_not_in_the_issue_is_told(room: Room, front: dict[str, Any], told: str) -> None:
    room.item("alder")
    room.item("birch")
    room.item("of-august", folder="2024-08", month="2024-08")
    room.front_page(ISSUE, **front)
    assert told in refused(room)


def test_an_issue_for_the_network_shows_the_summary_in_place_of_the_words(room: Room) -> None:
    room.file("issues/2024-09/items/a.png", b"")
    tags: dict[str, Any] = {
        "chapters": ["LPMN", "network"],
        "link": "https://a.example/case",
        "link_label": "Read the case study",
    }
    room.item("alder", "The whole story.\n", summary="It *worked*.", **tags)
    whole, short = room.delivery(ISSUE), room.delivery("2024-09/network")
    assert "The whole story." in whole.html and "worked" not in whole.html + whole.text
    assert "The whole story." not in short.html + short.text
    assert re.search("It <em[^>]*>worked</em>.", short.html) and "It _worked_." in short.text
    assert 'href="https://a.example/case"' in short.html and "Read the case study" in short.html


def test_the_short_form_leads_to_the_page_of_the_site_where_the_story_stands_whole(room: Room) -> None:
    room.file("newsletter.toml", SITE)
    tags: dict[str, Any] = {
        "chapters": ["network", "LPMN"],
        "link": "https://a.example/case",
        "link_label": "Read the case study",
    }
    room.item("alder", "The whole story.\n", summary="It worked.", **tags)
    room.item("birch", "The whole story of birch.\n", summary="Birch too.", chapters=["network", "LPNY"])
    room.item("cedar", "Cedar.\n", summary="Cedar, short.", chapters=["network"], link="https://c.example")
    html = room.delivery("2024-09/network").html
    page = "https://network.example/downloads/2024-09/state-LPMN/#alder"
    assert f'href="{page}"' in html and "Read the case study" not in html and "a.example" not in html
    # New York's newsletter comes out once a quarter.
    assert 'href="https://network.example/downloads/2024-09/state-LPNY/#birch"' in html
    # It stands whole nowhere.
    assert 'href="https://c.example"' in html


def test_pictures_in_words_that_are_not_shown_do_not_travel(room: Room) -> None:
    from tests.room import picture

    room.file("issues/2024-09/items/a.png", picture())
    room.item("alder", "![A](a.png)\n", summary="Short.", chapters=["LPMN", "network"])
    assert [one.name for one in room.delivery("2024-09/network").pictures] == []
    assert len(room.delivery(ISSUE).pictures) == 1


def test_a_summary_that_no_issue_shows_is_told(room: Room, run: Run) -> None:
    room.item("alder", summary="Short.")
    room.item("birch", summary="Short.", chapters=["LPMN", "network"])
    lines = [line for line in run("check", "-m", "2024-09").stdout.splitlines() if "unshown-summary" in line]
    assert lines == ["  issues/2024-09/items/alder.md:7: advice [unshown-summary]"]
    room.file("newsletter.toml", SITE)
    assert "unshown-summary" not in run("check", "-m", "2024-09").stdout


SETTINGS = """
[site]
url = "https://network.example/downloads"
title = "Our Blog + Latest News"
posts = ["wins", "remembrance"]
news = "in-the-news"
subscribe_url = "https://network.example/join"
"""


def test_a_newsroom_says_where_its_site_is_and_the_footer_leads_there(room: Room) -> None:
    room.file("newsletter.toml", TOML + SETTINGS)
    room.item()
    settings = room.issue().settings
    assert (settings.archive_url, settings.subscribe_url) == (
        "https://network.example/downloads",
        "https://network.example/join",
    )
    room.front_page(ISSUE, archive_url="https://network.example/{id}")
    assert room.issue().settings.archive_url == "https://network.example/{id}"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            'url = "network.example"',
            "url: 'network.example' is not a full address\n  hint: write it with its beginning: https://network.example",
        ),
        (
            'posts = ["wim"]',
            "section 'wim' is not defined\n  hint: there is wins, action, events, in-the-news, remembrance",
        ),
        ('press = "winz"', "section 'winz' is not defined\n  hint: did you mean 'wins'?"),
        ('titel = "News"', "unknown key 'titel' in [site]\n  hint: did you mean 'title'?"),
    ],
)
def test_a_slip_in_the_sites_settings_is_told(room: Room, line: str, told: str) -> None:
    room.file("newsletter.toml", f"{TOML}\n[site]\n{line}\n")
    with pytest.raises(ContentError) as error:
        room.load()
    assert str(error.value) == f"newsletter.toml:{TOML.count(chr(10)) + 3}: {told}"
