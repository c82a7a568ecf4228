"""Delivery -> terminal: nothing of the built page is lost, and the layout holds at every width."""

import re
from collections.abc import Callable
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment

from newsletter.issue.edition import editions, items_of, months
from newsletter.line import Builder, Made
from newsletter.preview.blocks import folded, lines_of
from newsletter.preview.markup import read
from newsletter.preview.terminal import Manner, issue_view
from newsletter.read.load import load
from tests.compiled import COMPILED
from tests.room import Room

SAMPLE = Path(__file__).parent.parent
PAGE = "file:///build/issue.html"


def made(room: Room, issue_id: str = "2024-09/state-LPMN") -> Made:
    """Return the issue as `build` makes it."""
    return Builder(room.load(), room.root / "build", cache=COMPILED).whole(issue_id)


def shown(one: Made, width: int = 72, **manner: Any) -> list[list[Segment]]:
    """Return the lines of the issue on a terminal that has every colour."""
    console = Console(width=width, force_terminal=True, color_system="truecolor", highlight=False)
    return lines_of(console, issue_view(one.issue, one.cover, one.delivery, Manner(**manner)), width)


def words(lines: list[list[Segment]]) -> str:
    """Return the lines as text."""
    return "\n".join("".join(segment.text for segment in line) for line in lines)


def letters(text: str) -> str:
    """Return the text without blanks, marks at the left of lines, and numbers of links."""
    return re.sub(r"[\s┃•▀─▸]+|\[[0-9]+\]", "", text)


class Page(HTMLParser):
    """The words that a reader of a page sees, and where its links lead, read by another parser than the preview's."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        is_hidden = tag in {"head", "style", "script"} or "display:none" in (own.get("style") or "").replace(" ", "")
        is_hidden = is_hidden or any(hidden for _, hidden in self.open)
        if tag == "a" and own.get("href"):
            self.links.append(own["href"] or "")
        if own.get("alt") and not is_hidden:
            self.words.append(own["alt"] or "")
        if tag not in {"br", "hr", "img", "link", "meta"}:
            self.open.append((tag, is_hidden))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(hidden for _, hidden in self.open):
            self.words.append(data)


def assert_nothing_is_lost(one: Made, width: int) -> None:
    """Compare the page with the view of a pipe: every word, every link."""
    page = Page(one.delivery.html)
    text = words(shown(one, width, is_plain=True))
    found = letters(text)
    assert [told for told in page.words if letters(told) not in found] == []
    outward = [address for address in page.links if not address.startswith("#")]
    assert [address for address in outward if not re.search(rf"^\[\d+\] {re.escape(address)}$", text, re.M)] == []
    assert letters(one.delivery.preheader) in found
    assert letters(one.delivery.subject) in found


SAMPLE_ROOM = load(SAMPLE)
SAMPLE_ISSUES = [
    edition.id
    for month in months(SAMPLE_ROOM)
    for edition in editions(SAMPLE_ROOM, month)
    if items_of(SAMPLE_ROOM, edition)
]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Made]:
    """Return a function that makes an issue of the sample, each once."""
    return lru_cache(Builder(SAMPLE_ROOM, tmp_path_factory.mktemp("build"), cache=COMPILED).whole)


@pytest.mark.parametrize("issue_id", SAMPLE_ISSUES)
def test_every_word_and_link_of_a_sample_issue_is_in_the_terminal(sample: Callable[[str], Made], issue_id: str) -> None:
    one = sample(issue_id)
    assert_nothing_is_lost(one, 72)
    assert_nothing_is_lost(one, 40)
    clickable = {
        segment.style.link
        for line in shown(one, 100, links="clickable", page=PAGE)
        for segment in line
        if segment.style and segment.style.link
    }
    inward = {f"{PAGE}{address}" if address.startswith("#") else address for address in Page(one.delivery.html).links}
    assert inward - clickable == set()


@pytest.mark.parametrize("issue_id", SAMPLE_ISSUES)
def test_only_addresses_are_wider_than_the_terminal(sample: Callable[[str], Made], issue_id: str) -> None:
    for width in (40, 72, 100):
        for manner in ({"is_plain": True}, {"links": "clickable"}):
            told = words(shown(sample(issue_id), width, **manner)).splitlines()
            assert [line for line in told if cell_len(line) > width and not re.match(r"\[\d+\] \w+:", line)] == []


TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn")), min_size=1, max_size=60)
MARKDOWN = st.lists(
    st.one_of(
        TEXTS,
        TEXTS.map(lambda text: f"- {text}"),
        TEXTS.map(lambda text: f"> {text}"),
        TEXTS.map(lambda text: f"## {text}"),
        TEXTS.map(lambda text: f"**{text}** and _more_"),
        TEXTS.map(lambda text: f"    {text}"),
        st.just("[a link](https://example.org/a?b=c&d=é) in words"),
        st.just("1. one\n2. two"),
        st.just("* * *"),
        st.just("שלום عالم 漢字 👩‍👩‍👧 e\u0301"),
    ),
    min_size=1,
    max_size=5,
).map("\n\n".join)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TEXTS, body=MARKDOWN, width=st.integers(20, 120))
def test_every_word_of_any_issue_is_in_the_terminal(room: Room, title: str, body: str, width: int) -> None:
    room.item("story", body, title=f"T {title}", link="https://example.org/story")
    newsroom = room.load()
    if newsroom.faults:
        return
    one = made(room)
    assert_nothing_is_lost(one, width)
    lines = words(shown(one, width, is_plain=True)).splitlines()
    assert [line for line in lines if cell_len(line) > width and not re.match(r"\[\d+\] \w+:", line)] == []


def test_the_issue_reads_from_envelope_to_footer(room: Room) -> None:
    room.front_page("2024-09/state-LPMN", "Hello.\n", preheader="In short.")
    room.item("tree", "A tree was **planted**.\n", link="https://example.org/tree", link_label="Read on")
    room.item(
        "walk",
        "Bring boots.\n",
        section="events",
        starts="2024-10-26 10:00",
        timezone="America/Chicago",
        location="Duluth",
    )
    text = words(shown(made(room), 70, is_plain=True))
    assert text.splitlines()[:5] == [
        "From       Example Network <news@network.example>",
        "Subject    LPMN State Download 📣 | Tree & Walk | September 2024",
        "Preheader  In short.",
        "",
        "▀" * 70,
    ]
    order = ["LPMN State Download", "Hello.", "Wins ─", "Tree [", "planted", "Read on", "Events ─", "Oct 26", "Walk"]
    places = [text.index(part, text.index("▀")) for part in order]
    assert places == sorted(places)
    assert letters("Saturday, October 26, 10:00 AM CT") in letters(text)
    assert "[2] https://example.org/tree" in text


def test_links_are_clicked_or_numbered_never_both(room: Room) -> None:
    room.item("tree", "See [the plan](https://example.org/plan).\n")
    numbered, clickable = shown(made(room)), shown(made(room), links="clickable")
    assert re.search(r"the plan \[\d\]", words(numbered))
    assert {segment.style.link for line in numbered for segment in line if segment.style} == {None}
    assert "the plan." in words(clickable)
    assert "https://example.org/plan" not in words(clickable)


def test_an_address_is_never_broken_by_a_line_end_in_a_pipe(room: Room) -> None:
    address = f"https://example.org/{'a' * 200}"
    room.item("tree", f"See [it]({address}).\n")
    lines = shown(made(room), 40)
    assert address in words(lines)
    assert max(cell_len(line) for line in words(folded(lines, 40)).splitlines()) == 40


def test_words_beside_a_date_stay_in_their_column_whatever_their_script(room: Room) -> None:
    body = "שלום לכולם \u2067עברית\u2069, 漢字漢字, 👩‍👩‍👧 family, e\u0301a\u0308 accents, 🏛️ house. " * 4
    date = '<table><tr><td width="72">Oct<br>26</td>'
    room.item("walk")
    one = made(room)
    html = f'{date}<td width="448"><h3>Walk</h3><p>{body}</p></td></tr></table>'
    lines = words(shown(replace(one, delivery=replace(one.delivery, html=html)), 70)).splitlines()
    begin = next(at for at, line in enumerate(lines) if re.match(r" *Oct", line))
    beside = [line for line in lines[begin + 2 :] if line.strip()]
    assert len(beside) == 4
    assert {cell_len(line) - cell_len(line.lstrip(" ")) for line in beside} == {6}
    assert max(map(cell_len, lines[begin:])) <= 70


def test_a_right_to_left_issue_stands_at_the_right(room: Room) -> None:
    room.front_page("2024-09/state-LPMN", "مرحبا\n", language="ar")
    room.item("tree", "كلمات.\n")
    lines = words(shown(made(room), 40, is_plain=True)).splitlines()
    assert [line for line in lines if "مرحبا" in line] == ["Preheader  مرحبا", "مرحبا".rjust(40)]


def test_no_template_can_speak_to_the_terminal() -> None:
    body = read('<p>a&#27;]0;owned&#7;b</p><a href="https://x.example/&#27;[2J">c</a>')
    assert body.words() == "a\ufffd]0;owned\ufffdbc"
    assert body.children[1].attributes == {"href": "https://x.example/\ufffd[2J"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<",
        "<p",
        "</p></div>",
        "<table><tr><td>x",
        "<p>a<p>b",
        "<style>p{}",
        "<!--",
        "<a href>x</a>",
        "<img>",
        "<ul>x",
    ],
)
def test_a_broken_page_is_shown_as_far_as_it_goes(room: Room, page: str) -> None:
    room.item("tree")
    one = made(room)
    broken = replace(one.delivery, html=f"<html><body>{page}")
    console = Console(width=40)
    assert lines_of(console, issue_view(one.issue, one.cover, broken, Manner()), 40)
