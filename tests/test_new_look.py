"""The packaged look: what a story, an event, a portrait and the footer are made of; it holds in Word and on phones."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from newsletter.look import colours
from newsletter.model import Theme
from tests.room import SAMPLE_ISSUES, TOML, Room
from tests.test_pictures import encoded, photograph
from tests.tools import chromium, gelasio

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = "issues/2024-09/items"
WORDS = "The council heard two hours of testimony and voted five to two to buy back the meadow by the river. " * 3


def tree(room: Room, issue: str = "2024-09/state-LPMN") -> Any:
    html = room.delivery(issue).html
    return etree.fromstring(html, etree.HTMLParser(huge_tree=True))


def words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def every_kind(room: Room) -> None:
    """Write an issue with a story, an event and a picture of each kind."""
    room.file(f"{FOLDER}/wide.jpg", encoded(photograph(1600, 900), "JPEG"))
    room.file(f"{FOLDER}/tall.jpg", encoded(photograph(900, 1200), "JPEG"))
    room.front_page("2024-09/state-LPMN", "Dear friends,\n\nhello.\n", signature="The editors", signature_role="EN")
    event = {"starts": "2024-10-10 18:00", "location": "Town hall", "rsvp": "https://a.example/rsvp"}
    for number, section in enumerate(("wins", "action", "in-the-news", "remembrance", "events")):
        for name, front in (("wide", {}), ("tall", {}), ("event", event), ("evening", event)):
            picture = {"image": f"{'tall' if name == 'tall' else 'wide'}.jpg", "image_alt": "A", "image_credit": "B"}
            room.item(f"{name}-{number}", WORDS, section=section, link="https://a.example/1", **picture, **front)


def test_the_contents_name_all_but_the_lead_and_only_from_five_stories_on(room: Room) -> None:
    for number in range(4):
        room.item(f"story-{number}", title=f"Story {number}")
    assert not tree(room).xpath('//*[@class="contents-title soft"]')
    assert "In this issue" not in room.delivery().text
    room.item("story-4", title="Story 4")
    entries = [words(entry) for entry in tree(room).xpath('//a[@class="jump ink"]')]
    assert entries == ["Story 1", "Story 2", "Story 3", "Story 4"]
    assert "  * Story 1\n  * Story 2\n  * Story 3\n  * Story 4\n" in room.delivery().text
    assert "* Story 0" not in room.delivery().text


def test_a_link_of_the_contents_is_answered_by_the_first_link_of_its_story(room: Room) -> None:
    # Gmail, Yahoo, AOL and classic Outlook keep `name` alone (caniemail.com, html-anchor-links).
    every_kind(room)
    page = tree(room)
    wanted = [link.get("href").removeprefix("#") for link in page.xpath('//a[@class="jump ink"]')]
    assert len(wanted) == 8
    for anchor in wanted:
        (cell,) = page.xpath(f'//td[@id="{anchor}"]')
        (named,) = cell.xpath(f'.//a[@name="{anchor}"]')
        assert named is cell.xpath(".//a")[0]
        assert words(named) or named.xpath("./img")


def test_a_story_without_a_link_is_found_too(room: Room) -> None:
    for number in range(6):
        room.item(f"story-{number}", title=f"Story {number}")
    named = tree(room).xpath("//h3/a[@name]")
    assert [(words(link), link.get("href")) for link in named] == [(f"Story {number}", None) for number in range(6)]


def test_what_leads_elsewhere_in_each_story_is_read_aloud_with_its_title(room: Room) -> None:
    event = {"starts": "2024-10-10 18:00", "rsvp": "https://a.example/rsvp"}
    room.item("one", title="A bridge", link="https://a.example/1")
    room.item("two", title="A meadow", link="https://a.example/2", link_label="See the meadow")
    room.item("three", title="A vote", section="events", **event)
    spoken = {(words(link), link.get("aria-label")) for link in tree(room).xpath("//a[@aria-label]")}
    assert spoken == {
        ("Read the full story", "Read the full story: A bridge"),
        ("RSVP", "RSVP: A vote"),
        ("Google", "Google, Add to calendar: A vote"),
        ("Outlook", "Outlook, Add to calendar: A vote"),
    }


def test_from_a_sections_second_story_on_a_picture_stands_beside_the_headline(room: Room) -> None:
    room.file(f"{FOLDER}/wide.jpg", encoded(photograph(1600, 900), "JPEG"))
    picture = {"image": "wide.jpg", "image_alt": "A"}
    for name, section in (("a", "wins"), ("b", "wins"), ("c", "wins"), ("d", "remembrance"), ("e", "remembrance")):
        room.item(name, WORDS, section=section, **picture)
    widths = [image.get("width") for image in tree(room).xpath("//img")]
    assert widths == ["536", "208", "208", "536", "208"]
    headline = tree(room).xpath('//td[@class="stack"][@width="304"]')[0]
    assert words(headline) == "B"


def test_a_portrait_stands_whole_beside_the_words_wherever_it_is(room: Room) -> None:
    room.file(f"{FOLDER}/tall.jpg", encoded(photograph(900, 1200), "JPEG"))
    room.item("first", WORDS, image="tall.jpg", image_alt="A person")
    room.item("second", WORDS, image="tall.jpg", image_alt="A person")
    for cell in tree(room).xpath('//td[@class="stack"][@width="304"]'):
        assert WORDS.strip() in words(cell)
    assert [image.get("width") for image in tree(room).xpath("//img")] == ["208", "208"]


def test_an_event_has_a_date_of_two_cells_and_words_below_at_full_measure(room: Room) -> None:
    room.item("first", lead=True)
    room.item(
        "vote",
        WORDS,
        section="events",
        starts="2024-10-10 18:00",
        rsvp="https://a.example/rsvp",
        link="https://a.example",
    )
    page = tree(room)
    (date,) = page.xpath('//table[@class="date"]')
    assert [words(cell) for cell in date.xpath(".//td")] == ["Oct", "10"]
    (cell,) = page.xpath('//td[@id="story-2"]')
    (paragraph,) = cell.xpath("./p[@class='p']")
    assert words(paragraph) == WORDS.strip()
    assert [words(link) for link in cell.xpath('.//a[contains(@class, "push-outline")]')] == ["RSVP"]


def test_an_action_says_first_by_when_and_has_one_button(room: Room) -> None:
    room.item("first", lead=True)
    for number in (1, 2):
        room.item(f"act-{number}", section="action", deadline="2024-10-11", link="https://a.example")
    for panel in tree(room).xpath('//td[@class="panel bar tint ink"]'):
        assert words(panel).startswith("By Friday, October 11Act")
        assert len(panel.xpath('.//a[@class="push on"]')) == 1
    # The plain text keeps its label.
    assert room.delivery().text.count("Deadline: Friday, October 11") == 2


def test_what_somebody_said_is_set_as_a_quotation_and_a_longer_text_is_not(room: Room) -> None:
    room.item("first", lead=True)
    room.item(
        "short", "We stood there for four Fridays.\n", section="remembrance", author="A neighbor", source="Since 1999"
    )
    room.item("long", WORDS * 2, section="remembrance", author="A neighbor")
    room.item("marked", "Words.\n\n> Said.\n", section="remembrance")
    page = tree(room)
    (said,) = page.xpath('//td[@class="said bar ink"]')
    assert words(said) == "We stood there for four Fridays."
    (who,) = page.xpath('//p[@class="who"]')
    assert words(who) == "A neighborSince 1999"
    assert [words(quote) for quote in page.xpath("//blockquote")] == ["Said."]
    assert "By A neighbor" in words(page)


def test_caption_and_credit_stand_on_lines_of_their_own(room: Room) -> None:
    room.item(
        "first", image="https://network.example/a.jpg", image_alt="A", image_credit="Photo: B", image_caption="C."
    )
    (line,) = tree(room).xpath('//p[@class="credit soft"]')
    assert [line.text, words(line.xpath("./br/following-sibling::span")[0])] == ["Photo: B", "C."]


def test_the_greeting_is_signed_and_the_footer_leads_those_who_were_forwarded_it(room: Room) -> None:
    addresses = 'subscribe_url = "https://network.example/join"\narchive_url = "https://network.example/issues"'
    room.file("newsletter.toml", TOML.replace("[organization]", f"[organization]\n{addresses}"))
    room.item()
    room.front_page("2024-09/state-LPMN", "Hello.\n", signature="The editors", signature_role="Example Network")
    page, text = tree(room), room.delivery().text
    assert words(page.xpath('//p[@class="signature"]')[0]) == "The editorsExample Network"
    assert "Hello.\n\nThe editors\nExample Network\n" in text
    first = page.xpath('//td[@class="foot"]//p')[0]
    assert words(first) == "Was this forwarded to you? Subscribe · Past issues"
    assert [link.get("href") for link in first.xpath("./a")] == [
        "https://network.example/join",
        "https://network.example/issues",
    ]
    assert "Was this forwarded to you? Subscribe: https://network.example/join" in text
    assert "Past issues: https://network.example/issues" in text
    assert words(page.xpath("//address")[0]) == "Example Network, 1 Main Street, Saint Paul, MN 55101"


def test_the_masthead_says_how_much_there_is_to_read(room: Room) -> None:
    room.item("one", "word " * 460)
    assert words(tree(room).xpath('//p[@class="edition soft"]')[0]) == "LPMN Minnesota · 1 story · 3 minutes"
    assert "\n1 story · 3 minutes\n" in room.delivery().text


def test_a_badge_says_its_code_alone_where_that_is_its_name(room: Room) -> None:
    room.file("newsletter.toml", TOML.replace('name = "Minnesota"', 'name = "LPMN"'))
    room.item("one", chapters=["LPMN", "LPNY", "network"])
    (badges,) = tree(room, "2024-09/network").xpath('//p[@class="badges soft"]')
    assert words(badges) == "LPMN LPNY New York"


def test_badges_are_lightened_in_the_dark_until_they_can_be_read(room: Room) -> None:
    room.item("one", chapters=["LPMN", "LPNY", "network"])
    html = room.delivery("2024-09/network").html
    for number, accent in enumerate(("#1D5C63", "#8A2B5B"), start=1):
        assert re.search(rf'class="badge mark-{number}" style=[^>]*color:{accent};\s*color:#FFFFFF', html)
        (rule,) = re.findall(rf"\n\.mark-{number}{{background-color:(#\w+) !important;color:(#\w+) !important}}", html)
        assert colours.contrast(rule[0], Theme().dark_paper) >= 4.5
        assert colours.contrast(*rule) >= 4.5


def test_every_cell_says_how_wide_it_is_and_keeps_all_distances(room: Room) -> None:
    """Word takes padding and edges from cells alone, and widths from their attribute."""
    every_kind(room)
    page = tree(room)
    cells = page.xpath('//table[@role="presentation"][not(@style) or @class="date"]/tr/td')
    assert len(cells) > 80
    assert [etree.tostring(cell)[:200] for cell in cells if not cell.get("width")] == []
    padded = page.xpath(
        '//*[self::p or self::div or self::a or self::h1 or self::h2 or self::h3][contains(@style, "padding")]'
    )
    # A button's cell says the same for Word: mso-padding-alt.
    assert {element.get("class").split()[0] for element in padded} == {"push"}
    assert all("mso-padding-alt" in element.getparent().get("style") for element in padded)


@pytest.mark.parametrize("issue", SAMPLE_ISSUES)
def test_an_issue_of_nine_stories_stays_under_45_kb(built_sample: Path, issue: str) -> None:
    assert (built_sample / issue / "issue.html").stat().st_size < 45_000


def test_one_more_story_with_a_picture_takes_less_than_2600_bytes(room: Room) -> None:
    room.file(f"{FOLDER}/wide.jpg", encoded(photograph(1600, 900), "JPEG"))
    sizes = []
    for number in range(8):
        front = {"image": "wide.jpg", "image_alt": "Two members plant a tree", "image_credit": "Photo: B"}
        room.item(
            f"story-{number}", WORDS, link="https://network.example/a-story", chapters=["LPMN", "network"], **front
        )
        sizes.append(len(room.delivery("2024-09/network").html.encode()))
    assert max(after - before for before, after in pairwise(sizes[5:])) < 2600


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Return Chromium."""
    with chromium() as browser:
        yield browser


# How many letters of its own words a paragraph has room for in a line: its width by the mean width of a letter.
MEASURE = """
[...document.querySelectorAll('p.p')].filter(one => one.textContent.length > 100).map(paragraph => {
  const pen = document.createElement('canvas').getContext('2d');
  const style = getComputedStyle(paragraph), text = paragraph.textContent;
  pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  return [paragraph.getBoundingClientRect().width * text.length / pen.measureText(text).width, text.slice(0, 60)];
})
"""


@pytest.mark.browser
@pytest.mark.npm
def test_on_a_phone_no_words_run_in_lines_of_less_than_38_letters(room: Room, browser: Any) -> None:
    every_kind(room)
    room.item(
        "said", "We stood there for four Fridays in the rain, and nobody came. " * 3, section="remembrance", order=-1
    )
    page = browser.new_page(viewport={"width": 375, "height": 900})
    page.route("**/*.jpg", lambda route: route.abort())
    page.set_content(room.delivery().html)
    page.add_style_tag(content=gelasio())
    page.evaluate("Promise.all([...document.fonts].map(face => face.load()))")
    measured = page.evaluate(MEASURE)
    page.close()
    assert len(measured) > 15
    assert [line for line in measured if line[0] < 38] == []
