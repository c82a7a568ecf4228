"""The sample's own page: every entry of the two texts that it was modelled on, once, in order, under its heading."""

import re
import runpy
import shutil
from html.parser import HTMLParser
from pathlib import Path

import feedparser
import icalendar
import pytest
from click.testing import CliRunner
from lxml import etree

from newsletter.cli import main
from newsletter.deliver.kept import kept
from newsletter.deliver.ledger import read
from tests.room import SAMPLE
from tests.test_sample import SUBJECTS
from tests.test_site import broken, files

# What stood on the page on two days, as it stood there; the newest first under each heading.
LATEST = (
    "LPCO Collective Bargaining Workshop",
    SUBJECTS["2024-09/network"],
    SUBJECTS["2024-09/federal"],
    SUBJECTS["2024-09/state-LPNY"],
    SUBJECTS["2024-09/school-board"],
    "When States and Localities Disagree On Worker Protections, What’s the Way Forward?",
    SUBJECTS["2024-09/state-LPPA"],
    SUBJECTS["2024-09/state-LPMN"],
    SUBJECTS["2024-09/state-LPTX"],
    SUBJECTS["2024-09/state-LPNC"],
    "We Can Create Real Safety One Step At a Time. Here’s How.",
    "States are pushing back with anti-labor laws as union popularity grows, policy experts say",
    # It stood among the press releases; here it stands with the other newsletters.
    SUBJECTS["2024-01/network"],
    "GET EXCITED! LP’s 2024 National Convening in Oakland, CA on July 25-27!",
    "Ady Barkan Turned Dying Into an Act of Love",
    "Remembering Ady Barkan",
    "Spotlight On: Communities Rising Up Against Corporate-Driven State Bans",
    SUBJECTS["2023-10/network"],
    "Black Local Electeds Urge Biden to Center Black Communities in EV Transition",
    SUBJECTS["2023-10/federal"],
    "Learning from Leaders in Milwaukee About School Safety",
    "How to take action in solidarity with UAW members on strike!",
    "Less Politics Is Local: States Get Increasingly Aggressive About Pre-Emption",
    SUBJECTS["2023-09/network"],
    SUBJECTS["2023-09/state-LPMN"],
)
MEDIA = ("Have a media inquiry?",)
NEWS = (
    "Cities lead bans on algorithmic rent hikes as states lag behind",
    "Portland City Council weighs ban on using algorithms to set rents",
    "Hundreds of State Officials Oppose Anti-Sanctuary City Act",
    "Social Housing Emerging in Cities Needs Local Govt Support",
    "Workplace Militancy Isn’t Enough for Labor",
    "Immigrant Advocates Push Work Permit Fix as Deadlines Near",
    "Pre-Preemption",
    "Philly councilmember among group calling for recall Kia, Hyundai vehicles due to alarming theft rate",
)
PRESS = (
    "Road To Good Cause Campaign Scores 11 Victories Across Upstate New York",
    "NEW REPORT: How Local Government Can Stand Up for Workers When States Try to Stand in Their Way",
    "How Localities Use Community Responder Programs to Keep People Safe",
    "After Grants Pass: organizing to house all our neighbors",
    "Local Progress Condemns Cruel Supreme Court Decision in Grants Pass v. Johnson",
    "180+ State and Local Elected Officials Urge Congress to Reject the EATS Act",
    "Local Leaders Denounce Senate Deal That Would Gut Asylum",
    "Local Electeds Call on NHTSA to Recall Kia & Hyundai with Theft Vulnerabilities",
    "Local Progress joins 100 tenants in DC at Homes Guarantee’s Tenant Takeover",
)


class Headings(HTMLParser):
    """The words of a page's headings, by level, in order."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.level = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch("h[1-6]", tag):
            self.level = tag
            self.found.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == self.level:
            self.level = ""

    def handle_data(self, data: str) -> None:
        if self.level:
            self.found[-1] = self.level, self.found[-1][1] + data


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site of the sample as the repository has it."""
    out = tmp_path_factory.mktemp("sample") / "site"
    result = CliRunner().invoke(main, ["--newsroom", str(SAMPLE), "site", "--out", str(out)])
    assert (result.exit_code, result.stderr.splitlines()[0][:9]) == (0, "13 issues"), result.output
    return out


def test_every_entry_of_the_two_texts_is_on_the_page_once_in_order_under_its_heading(site: Path) -> None:
    below: dict[str, list[str]] = {}
    heading = ""
    every = Headings((site / "index.html").read_text("utf-8")).found
    for level, words in every:
        if level == "h2":
            heading = words
            below[heading] = []
        elif level == "h3":
            below[heading].append(words)
    assert list(below) == ["Latest", *MEDIA, "In the news", "Press releases"]
    for heading, titles in (("Latest", LATEST), ("In the news", NEWS), ("Press releases", PRESS)):
        assert [words for words in below[heading] if words in titles] == list(titles)
    # Press is what the texts had of it, and nothing else; among the latest are other posts of the sample.
    assert (below["In the news"], below["Press releases"]) == ([*NEWS], [*PRESS])
    named = [words for _, words in every]
    assert {title: named.count(title) for title in (*LATEST, *NEWS, *PRESS)} == dict.fromkeys(
        (*LATEST, *NEWS, *PRESS), 1
    )
    index = (site / "index.html").read_text("utf-8")
    assert (index.count(MEDIA[0]), index.count('href="mailto:press@localprogress.example"')) == (1, 1)


def test_the_sample_is_marked_sent_as_the_commands_of_today_do_it(tmp_path: Path) -> None:
    marked = runpy.run_path(str(SAMPLE / "docs" / "sample.py"))["marked"](tmp_path)
    assert (marked / "ledger.jsonl").read_bytes() == (SAMPLE / "ledger.jsonl").read_bytes(), "make sample"
    again, there = files(marked / "sent"), files(SAMPLE / "sent")
    assert sorted(again) == sorted(there)
    assert [path for path in again if again[path] != there[path]] == [], "make sample"


def test_the_thirteen_issues_and_no_others_are_marked_sent_by_nobody_invented() -> None:
    ledger = read(SAMPLE)
    assert ({*ledger.all_sent()}, ledger.faults) == ({*SUBJECTS}, ())
    assert {entry.by for entry in ledger.entries} == {"Local Progress"}
    assert [issue for issue in SUBJECTS if kept(SAMPLE, issue) is None] == []


def test_a_clone_without_its_items_writes_the_same_site(site: Path, tmp_path: Path) -> None:
    for name in ("newsletter.toml", "ledger.jsonl"):
        shutil.copy(SAMPLE / name, tmp_path)
    shutil.copytree(SAMPLE / "sent", tmp_path / "sent")
    assert CliRunner().invoke(main, ["--newsroom", str(tmp_path), "site"]).exit_code == 0
    assert files(tmp_path / "site") == files(site)


def test_every_inner_link_of_the_sample_leads_somewhere(site: Path) -> None:
    assert broken(site, "https://localprogress.example/downloads") == []


def test_nothing_on_the_sample_s_pages_is_about_one_reader_or_a_person_s_address(site: Path) -> None:
    words = {path: content.decode("utf-8", "replace") for path, content in files(site).items()}
    pages = {path: text for path, text in words.items() if not path.endswith((".png", ".jpg"))}
    assert [path for path, text in pages.items() if "%%" in text or "unsubscribe" in text.lower()] == []
    addresses = {address for text in pages.values() for address in re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", text)}
    # Events in a calendar have an id that looks like one.
    assert {one for one in addresses if not one.endswith("@localprogress.example")} == set()
    pages = {path: text for path, text in pages.items() if not path.endswith(".ics")}
    assert {one for text in pages.values() for one in re.findall(r"[\w.+-]+@[\w.-]+\w", text)} == {
        "press@localprogress.example"
    }


def test_every_feed_of_the_sample_is_as_the_standard_says(site: Path) -> None:
    feeds = sorted(site.rglob("feed.xml"))
    assert len(feeds) == 12
    schema = etree.RelaxNG(etree.parse(SAMPLE / "tests" / "atom.rng"))
    for path in feeds:
        schema.assertValid(etree.parse(path))
        feed = feedparser.parse(path.read_bytes())
        assert (feed.bozo, feed.version) == (False, "atom10"), path
        assert all(entry.id and entry.title and entry.updated and entry.content[0].value for entry in feed.entries)
        assert len({entry.id for entry in feed.entries}) == len(feed.entries) > 0


def test_the_schema_of_feeds_refuses_what_the_standard_does(site: Path) -> None:
    schema = etree.RelaxNG(etree.parse(SAMPLE / "tests" / "atom.rng"))
    words = (site / "feed.xml").read_text("utf-8")
    for right, wrong in (
        ("T12:00:00Z</updated>", "</updated>"),
        ("<id>https:", "<id>"),
        ("<name>Local Progress</name>", ""),
        ('type="html"', 'type="markdown"'),
        ('href="', 'address="'),
        ("<title>", "<name>"),
    ):
        spoilt = words.replace(right, wrong).replace("</title>", "</title>" if right != "<title>" else "</name>")
        assert spoilt != words and not schema.validate(etree.fromstring(spoilt.encode())), right


def test_every_calendar_of_the_sample_reads(site: Path) -> None:
    calendars = sorted(site.rglob("*.ics"))
    assert len(calendars) > 10
    for path in calendars:
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
        events = calendar.walk("VEVENT")
        assert events and len({str(event["UID"]) for event in events}) == len(events), path
        assert not any(part.errors for part in calendar.walk())
