"""newsletter site: the public page of what was sent, made from sent/ and the ledger."""

import html
import http.client
import io
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import feedparser
import icalendar
import pytest
from PIL import Image

from newsletter.deliver.folder import weighed
from newsletter.errors import ContentError
from newsletter.look.cards import card
from tests.conftest import INSTALLED, Run, started
from tests.room import TOML, Room, picture

ID = "2024-09/state-LPMN"
NETWORK = "2024-09/network"
URL = "https://network.example/downloads"
SITE = f"""
[site]
url = "{URL}"
title = "Our Blog + Latest News"
posts = ["remembrance"]
news = "in-the-news"
press = "action"
subscribe_url = "https://network.example/join"
"""


@pytest.fixture
def room(room: Room) -> Room:
    room.file("newsletter.toml", TOML + SITE)
    room.file("issues/2024-09/items/tree.png", picture())
    room.item("tree", "A tree was **planted**.\n", image="tree.png", image_alt="A tree", chapters=["LPMN", "network"])
    return room


def sent(run: Run, *issues: str, on: str = "2024-09-12") -> None:
    for issue in issues:
        assert run("build", issue).exit_code == 0
        assert run("sent", issue, "--on", on).exit_code == 0


def page(room: Room, path: str) -> str:
    return (room.root / "site" / path).read_text("utf-8")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Links(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = dict(attrs)
        self.attributes |= {*stated}
        if stated.get("rel") == "canonical":
            return
        self.addresses += [stated[name] or "" for name in ("href", "src") if name in stated]
        self.ids |= {stated["id"] or ""} if "id" in stated else set()


def broken(site: Path, url: str = URL) -> list[str]:
    """Return the inner addresses of pages that lead nowhere."""
    found = []
    for file in sorted(site.rglob("*.html")):
        for address in Links(file.read_text("utf-8")).addresses:
            address = address.replace(f"{url}/", "/", 1) if address.startswith(url) else address
            if re.match(r"[a-z]+:", address):
                continue
            path, _, anchor = address.partition("#")
            target = site / path.lstrip("/") if path.startswith("/") else (file.parent / path if path else file)
            target = target / "index.html" if target.is_dir() else target
            is_there = target.is_file() and (not anchor or anchor in Links(target.read_text("utf-8")).ids)
            if not is_there:
                found.append(f"{file.relative_to(site)}: {address}")
    return found


def test_an_issue_that_was_sent_has_a_page_of_its_own_words(room: Room, run: Run) -> None:
    sent(run, "LPMN")
    result = run("site")
    assert (result.exit_code, result.stdout) == (0, "site/index.html\n")
    shown = page(room, f"{ID}/index.html")
    subject = json.loads((room.root / "build" / ID / "manifest.json").read_bytes())["subject"]
    assert f"<title>{html.escape(subject)}</title>" in shown
    assert "A tree was <strong>planted</strong>." in shown and 'id="tree"' in shown
    assert "<table" not in shown and '<time datetime="2024-09-12">September 12, 2024</time>' in shown
    assert files(room.root / "site" / ID).keys() - {"index.html"} == {
        name for name in files(room.root / "build" / ID) if name.endswith(".png")
    }


def test_what_was_not_sent_has_no_page_unless_it_is_asked_for(room: Room, run: Run) -> None:
    sent(run, "LPMN")
    run("site")
    assert not (room.root / "site" / NETWORK).exists()
    run("site", "--with", "network")
    assert (room.root / "site" / NETWORK / "index.html").exists()
    shutil.rmtree(room.root / "site")
    run("site", "--all")
    assert (room.root / "site" / NETWORK / "index.html").exists()


def test_what_all_shows_is_not_published_by_that_and_gone_with_the_next_call(room: Room, run: Run) -> None:
    sent(run, "LPMN")
    run("site")
    before = files(room.root / "site")
    told = run("site", "--all").stderr
    assert (
        f"{NETWORK} was not sent: shown here for you to look at, and not published\n"
        "  hint: newsletter site takes that out again; to publish one before its mail: newsletter site --with ISSUE\n"
    ) in told
    assert {"network/index.html", "network/feed.xml", f"{NETWORK}/index.html"} <= files(room.root / "site").keys()
    refused = run("site", "--forget", NETWORK)
    assert (refused.exit_code, refused.stdout) == (2, "")
    after = run("site")
    assert after.exit_code == 0 and "was published" not in after.stderr
    assert files(room.root / "site") == before


def test_what_was_published_before_its_mail_keeps_its_words_whatever_all_shows_meanwhile(room: Room, run: Run) -> None:
    sent(run, "LPMN")
    run("site", "--with", NETWORK)
    before = files(room.root / "site" / NETWORK)
    room.item("tree", "Other words.\n", chapters=["LPMN", "network"])
    for _ in range(2):
        run("site", "--all")
        assert "Other words" in page(room, f"{NETWORK}/index.html")
    stays = f"{NETWORK} was published and nothing makes it any more: its page stays as it was\n"
    assert stays in run("site").stderr
    assert files(room.root / "site" / NETWORK) == before
    assert not (room.root / "site/assets/published").exists()
    # What is asked for by name is published, shown earlier or not.
    run("site", "--all")
    run("site", "--all", "--with", NETWORK)
    assert stays in run("site").stderr
    assert "Other words" in page(room, f"{NETWORK}/index.html")


def test_what_all_showed_goes_where_nothing_was_sent_too(room: Room, run: Run) -> None:
    run("site", "--all")
    assert (room.root / "site" / NETWORK / "index.html").exists()
    result = run("site")
    assert (result.exit_code, "nothing was marked sent" in result.stderr) == (1, True)
    assert not [path for path in files(room.root / "site") if path.startswith("2024-") or "LPMN" in path]
    assert "<ul" not in page(room, "index.html")
    assert "2024-09" not in page(room, "index.html") + page(room, "feed.xml") + page(room, "sitemap.xml")
    assert broken(room.root / "site") == []


def test_a_site_of_nothing_is_told_and_not_written(room: Room, run: Run) -> None:
    result = run("site")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "nothing was marked sent, so the site has no issue\n"
        "  hint: newsletter sent ISSUE; to see them all before that: newsletter site --all --serve --out build/site\n"
    )
    assert not (room.root / "site").exists()


def test_a_page_is_made_from_what_was_kept_whatever_became_of_the_newsroom(room: Room, run: Run) -> None:
    sent(run, "LPMN")
    room.item("tree", "Other words.\n", chapters=["LPMN"], title="Another title")
    shutil.rmtree(room.root / "build")
    run("site")
    assert "was <strong>planted</strong>" in page(room, f"{ID}/index.html")
    before = files(room.root / "site")
    shutil.rmtree(room.root / "site")
    run("site")
    assert files(room.root / "site") == before


def test_who_hears_a_page_hears_what_a_linked_picture_shows(room: Room, run: Run) -> None:
    room.item("tree", image="tree.png", image_alt="A tree", link="https://tree.example", chapters=["LPMN"])
    sent(run, "LPMN")
    run("site")
    # Not a second stop for the keyboard: the headline leads there, too.
    assert re.search(
        r'<a href="https://tree.example" tabindex="-1"><img src="[^"]+" alt="A tree"', page(room, f"{ID}/index.html")
    )


def test_nothing_on_a_page_is_about_one_reader(room: Room, run: Run) -> None:
    room.item(
        "letter",
        "Dear %%first_name|friend%%, hello.\n\nRead on. [Leave the list](%%unsubscribe_url%%). The end.\n",
        title="For %%first_name|you%%",
        link="%%browser_url%%",
    )
    room.front_page(ID, "Hello %%first_name|friend%%! You can [unsubscribe](%%unsubscribe_url%%).\n")
    sent(run, "LPMN")
    run("site")
    everything = "".join(content.decode(errors="replace") for content in files(room.root / "site").values())
    assert "%%" not in everything and "unsubscribe" not in everything.lower() and "Leave the list" not in everything
    shown = page(room, f"{ID}/index.html")
    assert "Dear friend, hello." in shown and "For you" in shown and "Hello friend!" in shown


def test_every_inner_link_leads_somewhere(room: Room, run: Run) -> None:
    room.item("gala", section="events", starts="2024-09-20 18:00", location="Here", rsvp="https://rsvp.example")
    room.item("report", section="in-the-news", source="The Paper", link="https://paper.example", published="2024-09-03")
    room.item("ada", section="remembrance")
    room.item("act", section="action", month="2024-08", chapters=["network"])
    sent(run, "LPMN", NETWORK, "2024-08/network")
    run("site")
    assert broken(room.root / "site") == []
    assert 'href="events.ics"' in page(room, f"{ID}/index.html")
    assert 'rel="prev" href="../../2024-08/network/"' in page(room, f"{NETWORK}/index.html")


def test_the_first_page_names_issues_posts_and_coverage_once_and_the_newest_first(room: Room, run: Run) -> None:
    both: Any = {"chapters": ["LPMN", "network"]}
    room.item("report", section="in-the-news", source="The Paper", link="https://paper.example", **both)
    room.item("older", section="in-the-news", link="https://old.example", published="2024-09-03", **both)
    room.item("ada", "A life.\n", section="remembrance", title="Remembering Ada", published="2024-09-20", **both)
    sent(run, "LPMN", NETWORK)
    run("site")
    index = page(room, "index.html")
    assert index.count(">Remembering Ada<") == index.count(">Report<") == index.count(">Older<") == 1
    assert index.index("Remembering Ada") < index.index("State Download 📣 |") < index.index(">Report<")
    assert index.index(">Report<") < index.index(">Older<")
    assert '<a href="https://paper.example">Report</a>' in index
    assert ">Report<" in page(room, "news/index.html") and ">Remembering Ada<" not in page(room, "news/index.html")


def test_feeds_hold_all_words_and_addresses_that_lead_there(room: Room, run: Run) -> None:
    room.item("report", "The *words* of it.\n", section="in-the-news", link="https://paper.example")
    sent(run, "LPMN")
    run("site")
    site = room.root / "site"
    paths = sorted(str(path.relative_to(site)) for path in site.rglob("feed.xml"))
    assert paths == ["LPMN/feed.xml", "feed.xml", "news/feed.xml", "state/feed.xml"]
    for path in paths:
        feed = feedparser.parse((site / path).read_bytes())
        assert not feed.bozo and feed.version == "atom10", path
        assert feed.entries and all(entry.id.startswith(f"{URL}/{ID}/") for entry in feed.entries)
    (issue,) = feedparser.parse((site / "feed.xml").read_bytes()).entries
    assert issue.published == "2024-09-12T12:00:00Z"
    content = issue.content[0].value
    assert "<strong>planted</strong>" in content and "The <em>words</em> of it." in content
    assert re.search(rf'src="{URL}/{ID}/tree-[0-9a-f]+\.png"', content)
    (story,) = feedparser.parse((site / "news/feed.xml").read_bytes()).entries
    assert story.link == f"{URL}/{ID}/#report"


def test_calendars_hold_every_event_once(room: Room, run: Run) -> None:
    both: Any = {"chapters": ["LPMN", "network"]}
    room.item("gala", section="events", starts="2024-09-20 18:00", timezone="America/Chicago", **both)
    room.item("walk", section="events", starts="2024-09-21", chapters=["network"])
    sent(run, "LPMN", NETWORK)
    run("site")

    def names(path: str) -> list[str]:
        calendar = icalendar.Calendar.from_ical((room.root / "site" / path).read_bytes())
        return [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")]

    assert names("calendar.ics") == ["Gala", "Walk"]
    assert names("LPMN/calendar.ics") == ["Gala"]
    assert names(f"{NETWORK}/events.ics") == ["Gala", "Walk"]


def test_search_engines_get_addresses_and_structured_data(room: Room, run: Run) -> None:
    room.item("gala", section="events", starts="2024-09-20 18:00", location="City Hall", timezone="America/Chicago")
    sent(run, "LPMN")
    run("site")
    shown = page(room, f"{ID}/index.html")
    assert f'<link rel="canonical" href="{URL}/{ID}/">' in shown
    assert re.search(rf'<meta property="og:image" content="{URL}/{ID}/tree-[0-9a-f]+\.png">', shown)
    match = re.search(r'<script type="application/ld\+json">(.*?)</script>', shown)
    assert match
    article, event = json.loads(match[1])["@graph"]
    assert (article["@type"], article["datePublished"], article["url"]) == ("NewsArticle", "2024-09-12", f"{URL}/{ID}/")
    assert (event["@type"], event["startDate"]) == ("Event", "2024-09-20T23:00:00Z")
    assert f"<loc>{URL}/{ID}/</loc>" in page(room, "sitemap.xml")


@pytest.mark.parametrize(
    ("location", "mode", "where"),
    [
        ("City Hall", "Offline", {"@type": "Place", "name": "City Hall", "address": "City Hall"}),
        ("Online", "Online", {"@type": "VirtualLocation", "url": "https://rsvp.example/a"}),
        ("https://zoom.example/j/1", "Online", {"@type": "VirtualLocation", "url": "https://zoom.example/j/1"}),
        (
            "City Hall, and online",
            "Mixed",
            [
                {"@type": "Place", "name": "City Hall", "address": "City Hall"},
                {"@type": "VirtualLocation", "url": "https://rsvp.example/a"},
            ],
        ),
    ],
)
def test_search_engines_are_told_whether_one_goes_to_an_event_or_joins_online(
    room: Room, run: Run, location: str, mode: str, where: object
) -> None:
    room.item("gala", section="events", starts="2024-09-20 18:00", location=location, rsvp="https://rsvp.example/a")
    sent(run, "LPMN")
    run("site")
    match = re.search(r'<script type="application/ld\+json">(.*?)</script>', page(room, f"{ID}/index.html"))
    assert match
    event = json.loads(match[1])["@graph"][1]
    assert event["eventAttendanceMode"] == f"https://schema.org/{mode}EventAttendanceMode"
    assert event["location"] == where


def test_nobody_is_told_a_day_for_what_did_not_go_out_yet(room: Room, run: Run) -> None:
    run("site", "--with", "2024-09/state-LPMN")
    shown = page(room, f"{ID}/index.html")
    assert "NewsArticle" in shown and "datePublished" not in shown and "<time" not in shown
    assert f"<loc>{URL}/{ID}/</loc>" in page(room, "sitemap.xml") and "lastmod" not in page(room, "sitemap.xml")


def test_without_an_address_there_are_pages_and_no_feeds_and_that_is_told(room: Room, run: Run) -> None:
    room.file("newsletter.toml", TOML)
    sent(run, "LPMN")
    result = run("site")
    assert result.exit_code == 0
    assert result.stderr.startswith(
        "newsletter.toml: [site] has no url, so there are no feeds, no sitemap and no 404.html\n"
        '  hint: state where the site will lie: url = "https://…" under [site]\n'
    )
    assert {path.name for path in (room.root / "site").iterdir()} == {
        *("index.html", "calendar.ics", "assets", "LPMN", "state", "2024-09")
    }
    assert broken(room.root / "site") == []


HOSTILE = "</title><script>alert(1)</script>]]>&\u202e \"'\x08"


def test_hostile_words_stay_words(room: Room, run: Run) -> None:
    room.item(
        "evil",
        "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>\n",
        title=HOSTILE.replace("\x08", ""),
        section="in-the-news",
        source="</p><iframe>",
        location="</script><!--",
        starts="2024-09-20",
        link="https://a.example/?a=</script>",
    )
    run("site", "--all")
    site = room.root / "site"
    for file in site.rglob("*.html"):
        markup = file.read_text("utf-8")
        scripts = re.findall(r"<script[^>]*>", markup)
        assert set(scripts) <= {'<script type="application/ld+json">'}
        links = Links(markup)
        assert "<iframe" not in markup and not {name for name in links.attributes if name.startswith("on")}
        assert not [address for address in links.addresses if address.startswith("javascript:")]
        assert "default-src &#39;none&#39;" in markup
        for data in re.findall(r"<script[^>]*>(.*?)</script>", markup, re.DOTALL):
            json.loads(data)
    for file in site.rglob("feed.xml"):
        assert not feedparser.parse(file.read_bytes()).bozo


def test_a_second_time_nothing_is_written_again(room: Room, run: Run) -> None:
    sent(run, "LPMN", NETWORK)
    run("site")
    site = room.root / "site"
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in site.rglob("*") if path.is_file()}
    result = run("site")
    assert f"2 issues: 0 files written, {len(before)} as they were\n" in result.stderr
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in site.rglob("*") if path.is_file()} == before


def test_a_page_that_nothing_makes_any_more_stays_and_is_told(room: Room, run: Run) -> None:
    sent(run, "LPMN", NETWORK)
    run("site")
    before = files(room.root / "site" / ID)
    run("sent", "LPMN", "-m", "2024-09", "--undo")
    result = run("site")
    assert result.exit_code == 0
    assert (
        f"{ID} was published and nothing makes it any more: its page stays as it was\n"
        f"  hint: withdraw it: newsletter site --forget {ID}\n"
    ) in result.stderr
    assert files(room.root / "site" / ID) == before
    run("site")
    assert files(room.root / "site" / ID) == before


def test_a_page_that_stays_keeps_its_colours(room: Room, run: Run) -> None:
    room.item("tree", chapters=["LPMN"])
    room.item("all", chapters=["network"])
    sent(run, NETWORK)
    run("site", "--with", ID)
    run("site")
    hues = set(re.findall(r"hue-[0-9a-f]{6}", page(room, f"{ID}/index.html")))
    assert "hue-1d5c63" in hues
    assert hues <= set(re.findall(r"hue-[0-9a-f]{6}", page(room, "assets/site.css")))


def test_what_is_forgotten_leaves_a_note_in_every_clone(room: Room, run: Run) -> None:
    sent(run, "LPMN", NETWORK)
    run("site")
    result = run("site", "--forget", ID)
    assert result.exit_code == 0
    assert result.stderr.splitlines()[:2] == [
        f"{ID} is withdrawn: a note takes its place, here and in every clone with this ledger.jsonl",
        "  hint: commit ledger.jsonl, and put site/ on the web again; until then readers see the page. "
        f"Once the issue goes out again: newsletter sent {ID} --again",
    ]
    shown = page(room, f"{ID}/index.html")
    assert "This page was withdrawn" in shown and "planted" not in shown
    assert list(files(room.root / "site" / ID)) == ["index.html"]
    assert f"{ID}/" not in page(room, "index.html") + page(room, "sitemap.xml") + page(room, "feed.xml")
    shutil.rmtree(room.root / "site")
    run("site", "--all")
    assert "This page was withdrawn" in page(room, f"{ID}/index.html")
    run("sent", "LPMN", "-m", "2024-09", "--again", "--on", "2024-09-20")
    run("site")
    assert "planted" in page(room, f"{ID}/index.html")


@pytest.mark.parametrize("word", ["2024-08/network", f"{ID}/events.ics", "news", "LPNY", ""])
def test_what_was_never_published_can_not_be_forgotten(room: Room, run: Run, word: str) -> None:
    room.item("gala", section="events", starts="2024-09-20 18:00")
    sent(run, "LPMN")
    run("site")
    result = run("site", "--forget", word)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        f"no issue '{word}' was published, so there is no page to withdraw",
        f"  hint: those that were: {ID}",
    ]


@pytest.mark.parametrize(
    ("words", "told", "hint"),
    [
        (["LPMN"], "'LPMN' may be any of 2 issues", f"{ID}; also 2024-08/state-LPMN"),
        (["state"], "'state' may be any of 2 issues", f"{ID}; also 2024-08/state-LPMN"),
        (["network"], "'network' lacks the month", NETWORK),
        ([f"{URL}/{ID}/"], f"'{URL}/{ID}/' is an address", ID),
        ([f"site/{ID}/index.html"], f"'site/{ID}/index.html' is an address", ID),
        ([ID, NETWORK], f"'{NETWORK}' stands alone: each issue has its own --forget", f"{ID} --forget {NETWORK}"),
    ],
)
def test_what_may_be_meant_is_named_and_nothing_is_forgotten(
    room: Room, run: Run, words: list[str], told: str, hint: str
) -> None:
    room.item("older", chapters=["LPMN"], month="2024-08")
    sent(run, "2024-08/state-LPMN", ID, NETWORK)
    run("site")
    before = files(room.root)
    result = run("site", "--forget", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    first, second = result.stderr.splitlines()
    assert first.startswith(told)
    assert second == f"  hint: newsletter site --forget {hint}"
    assert files(room.root) == before


def test_nothing_of_what_is_forgotten_stays_in_the_lists_and_feeds_that_had_it(room: Room, run: Run) -> None:
    room.item("report", "Its words.\n", section="in-the-news", link="https://paper.example", chapters=["LPMN"])
    sent(run, "LPMN", NETWORK)
    run("site")
    result = run("site", "--forget", ID)
    assert "was published and nothing makes it any more" not in result.stderr
    after = files(room.root / "site")
    for folder in ("state", "LPMN", "news"):
        assert b"This page was withdrawn" in after[f"{folder}/index.html"], folder
        feed = feedparser.parse(after[f"{folder}/feed.xml"])
        assert (feed.bozo, feed.version, feed.entries) == (False, "atom10", []), folder
    assert not [path for path, content in after.items() if b"Its words" in content or b"State Download" in content]
    assert broken(room.root / "site") == []
    shutil.rmtree(room.root / "site")
    run("site")
    assert files(room.root / "site") == after


def test_a_page_is_forgotten_once_and_no_with_brings_it_back(room: Room, run: Run) -> None:
    sent(run, "LPMN", NETWORK)
    run("site", "--forget", ID)
    before, ledger = files(room.root / "site"), (room.root / "ledger.jsonl").read_bytes()
    again = run("site", "--forget", ID)
    assert again.exit_code == 0 and f"{ID} was withdrawn already: its page is a note\n" in again.stderr
    refused = run("site", "--with", ID)
    assert refused.exit_code == 1
    assert f"{ID} was withdrawn, so --with does not bring it back\n" in refused.stderr
    assert (files(room.root / "site"), (room.root / "ledger.jsonl").read_bytes()) == (before, ledger)


@pytest.mark.parametrize("out", ["sent", "sent/site", "issues/site", "templates/site"])
def test_a_site_is_not_written_among_what_it_is_made_from(room: Room, run: Run, out: str) -> None:
    sent(run, "LPMN")
    before = files(room.root)
    result = run("site", "--out", out)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{out} belongs to the newsroom's {out.partition('/')[0]}\n" in result.stderr
    assert files(room.root) == before


def test_a_ledger_that_somebody_edited_leads_nowhere_and_breaks_nothing(room: Room, run: Run) -> None:
    sent(run, "LPMN")
    entry = json.loads((room.root / "ledger.jsonl").read_text("utf-8"))
    evil = "../../evil"
    lines = [
        {**entry, "op": "01", "issue": evil},
        {**entry, "op": "02", "issue": evil, "do": "forget"},
        {**entry, "op": "03", "at": "2024-09-14T10:00:00.000Z", "on": "2024-99-99"},
    ]
    (room.root / "ledger.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    room.file("evil/manifest.json", "{}")
    around = {path.name for path in room.root.parent.iterdir()}
    result = run("site")
    assert (result.exit_code, result.stdout) == (0, "site/index.html\n")
    assert f"ledger.jsonl says that '{evil}' was sent, which is no issue\n" in result.stderr
    assert {path.name for path in room.root.parent.iterdir()} == around
    # The day of the entry, where that which it states is none.
    assert '<time datetime="2024-09-14">' in page(room, f"{ID}/index.html")


@pytest.mark.parametrize("subject", [None, 7, "%%unsubscribe_url%%"])
def test_a_subject_that_somebody_edited_says_nothing_of_one_reader(room: Room, run: Run, subject: object) -> None:
    sent(run, "LPMN")
    path = room.root / "sent" / ID / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "subject": subject}), "utf-8")
    assert run("site").exit_code == 0
    shown = page(room, f"{ID}/index.html")
    assert "%%" not in shown and "<title>None" not in shown and "planted" in shown


def test_a_manifest_of_another_issue_is_not_whole(room: Room, run: Run) -> None:
    sent(run, "LPMN", NETWORK)
    path = room.root / "sent" / ID / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "issue": NETWORK}), "utf-8")
    result = run("site")
    assert f"{ID} is marked sent, but sent/{ID} is not there or not whole\n" in result.stderr
    assert not (room.root / "site" / ID).exists()


def test_what_newsletter_toml_has_no_more_keeps_its_pages_in_every_clone(room: Room, run: Run) -> None:
    room.item("gala", section="events", starts="2024-09-20 18:00")
    sent(run, "LPMN")
    run("site")
    before = files(room.root / "site")
    toml = TOML.replace('[chapters.LPMN]\nname = "Minnesota"\naccent = "#1D5C63"\n', "")
    assert toml != TOML
    room.file("newsletter.toml", toml.replace("[publications.state]", "[publications.chapter]") + SITE)
    shutil.rmtree(room.root / "issues")
    shutil.rmtree(room.root / "site")
    result = run("site")
    assert result.exit_code == 0, result.stderr
    after = files(room.root / "site")
    assert after.keys() == before.keys() >= {"LPMN/calendar.ics", "LPMN/feed.xml", "state/index.html"}
    assert broken(room.root / "site") == []


def test_one_story_in_two_files_is_listed_once(room: Room, run: Run) -> None:
    for name, chapter in (("report", "LPMN"), ("copied", "network")):
        room.item(name, title="A report", section="in-the-news", link="https://paper.example", chapters=[chapter])
    room.item("other", title="A report", section="in-the-news", link="https://other.example")
    sent(run, "LPMN", NETWORK)
    run("site")
    shown = page(room, "index.html")
    assert (shown.count('href="https://paper.example"'), shown.count('href="https://other.example"')) == (1, 1)


def test_a_picture_stands_in_the_list_once(room: Room, run: Run) -> None:
    for name, chapter, section in (("ada", "network", "remembrance"), ("water", "LPMN", "wins")):
        room.file(f"issues/2024-09/items/{name}.png", picture("#8A2B5B"))
        room.item(name, image=f"{name}.png", image_alt="A picture", chapters=[chapter], section=section)
    sent(run, NETWORK, "LPMN")
    run("site")
    # The network's issue has the tree's, and Minnesota's, which begins with it too, another one.
    shown = re.findall(r'class="thumb" src="([^"]+?)-[0-9a-f]{8}', page(room, "index.html"))
    assert sorted(shown) == [f"{NETWORK}/ada", f"{NETWORK}/tree", f"{ID}/water"]


@pytest.mark.parametrize("sign", ["?a=1", "#top", "{id}"])
def test_the_address_of_a_site_is_one_that_others_stand_behind(room: Room, run: Run, sign: str) -> None:
    room.file("newsletter.toml", TOML + SITE.replace(URL, f"{URL}/{sign}"))
    result = run("site", "--all")
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"'{URL}/{sign}' has a '{sign[0]}', and pages have their addresses behind it\n" in result.stderr


def test_a_chapter_that_was_renamed_keeps_its_addresses(room: Room, run: Run) -> None:
    sent(run, "LPMN")
    run("site")
    renamed = (TOML + SITE).replace("[chapters.LPMN]", '[chapters.LPUM]\nmoved_from = ["LPMN"]')
    room.file("newsletter.toml", renamed)
    shutil.rmtree(room.root / "issues")
    run("site")
    assert "planted" in page(room, f"{ID}/index.html")
    assert f'href="../{ID}/"' in page(room, "LPUM/index.html")
    moved = page(room, "LPMN/index.html")
    assert (
        '<meta http-equiv="refresh" content="0; url=../LPUM/">' in moved
        and '<a class="button" href="../LPUM/">Minnesota</a>' in moved
    )
    assert page(room, "LPMN/feed.xml") == page(room, "LPUM/feed.xml")
    assert broken(room.root / "site") == []


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("LPNY", "'LPNY' is in use"),
        ("network", "'network' is in use"),
        ("news", "'news' is the name of a folder of the site"),
    ],
)
def test_a_former_code_must_be_free(room: Room, code: str, message: str) -> None:
    toml = TOML.replace("[chapters.LPMN]", f'[chapters.LPMN]\nmoved_from = ["{code}"]')
    room.file("newsletter.toml", toml)
    with pytest.raises(ContentError, match=re.escape(message)):
        room.load()


def test_an_issue_at_fault_leaves_the_last_good_site(room: Room, run: Run) -> None:
    run("site", "--all")
    before = files(room.root / "site")
    room.item("bad", chapters=["LPMN"], image="missing.png", image_alt="A")
    result = run("site", "--all")
    assert result.exit_code == 1 and "issues/2024-09/items/bad.md" in result.stderr
    assert files(room.root / "site") == before


def test_a_folder_of_somebody_elses_is_refused_and_what_lies_in_ours_stays(room: Room, run: Run) -> None:
    room.file("site/notes.txt", "mine")
    result = run("site", "--all")
    assert result.exit_code == 1 and "no site of ours lies there, but 'notes.txt'" in result.stderr
    (room.root / "site/notes.txt").unlink()
    room.file("site/.git/HEAD", "ref")
    room.file("site/CNAME", "network.example")
    assert run("site", "--all").exit_code == 0
    room.file("site/robots.txt", "User-agent: *")
    assert run("site", "--all").exit_code == 0
    for path in (".git/HEAD", "CNAME", "robots.txt", "index.html"):
        assert (room.root / "site" / path).exists(), path


def test_a_newsroom_has_templates_of_its_own_file_by_file(room: Room, run: Run) -> None:
    room.file("templates/site/note.html.j2", "<p>{{ page.title }} & gone</p>")
    run("site", "--all")
    assert page(room, "404.html") == "<p>This page is not here & gone</p>"
    room.file("templates/site/note.html.j2", "<p>{{ nothing }}</p>")
    result = run("site", "--all")
    assert result.exit_code == 1 and "templates/site/note.html.j2:1" in result.stderr
    room.file("templates/site/note.html.j2", "<script>alert(1)</script>")
    result = run("site", "--all")
    assert (
        "templates/site/note.html.j2:1: the templates write '<script', and nothing in a page may run" in result.stderr
    )


def test_pages_speak_the_language_of_the_issue(room: Room, run: Run) -> None:
    room.front_page(ID, "مرحبا\n", language="ar")
    run("site", "--all")
    shown = page(room, f"{ID}/index.html")
    assert '<html lang="ar" dir="rtl"' in shown and "انتقل إلى المحتوى" in shown
    assert '<html lang="en" dir="ltr"' in page(room, "index.html")


def test_a_row_in_another_language_keeps_its_day_in_that_of_the_page(room: Room, run: Run) -> None:
    room.front_page(ID, "مرحبا\n", language="ar")
    room.item("report", section="in-the-news", link="https://paper.example", language="es", chapters=["LPMN"])
    sent(run, "LPMN")
    run("site")
    shown = page(room, "index.html")
    assert "<article>" in shown and "<article " not in shown
    assert '<p class="about"><time datetime="2024-09-12">September 12, 2024</time>' in shown
    assert re.findall('<div class="gist"([^>]*)>', shown) == [' lang="ar" dir="rtl"', ' lang="es"']


def test_the_site_is_served_on_this_computer_only(room: Room, run: Run) -> None:
    run("site", "--all")
    process = started(room, [*INSTALLED, "site", "--all", "--serve", "--port", "0"])
    try:
        assert process.stdout
        assert process.stdout.readline().strip() == "site/index.html"
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        port = int(address.rstrip("/").rpartition(":")[2])
        # What a server shows for an address that is none has the site's own addresses, but not here.
        for path, status, up in (("/", 200, ""), ("/no/thing/", 404, "/"), (f"/{ID}/", 200, "../../")):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path)
            response = connection.getresponse()
            shown = response.read().decode()
            connection.close()
            assert response.status == status
            assert f'<link rel="stylesheet" href="{up}assets/site.css">' in shown
    finally:
        process.kill()
        process.communicate()


def test_what_somebody_changed_in_the_site_is_made_good(room: Room, run: Run) -> None:
    sent(run, "LPMN")
    run("site")
    before = files(room.root / "site")
    assert "0 files written" in run("site").stderr
    room.file("site/index.html", "changed")
    (room.root / "site" / ID / "index.html").unlink()
    assert "2 files written" in run("site").stderr
    assert files(room.root / "site") == before


def test_a_setting_of_today_reaches_every_page(room: Room, run: Run) -> None:
    sent(run, "LPMN")
    run("site")
    room.file("newsletter.toml", (TOML + SITE).replace("Our Blog + Latest News", "All of it"))
    run("site")
    assert "<h1>All of it</h1>" in page(room, "index.html") and ">All of it</a>" in page(room, f"{ID}/index.html")


def test_an_issue_without_a_picture_gets_a_drawn_card_unless_that_is_turned_off(room: Room, run: Run) -> None:
    room.item("plain", chapters=["network"], month="2024-08")
    run("site", "--all")
    folder = room.root / "site/2024-08/network"
    with Image.open(folder / "card.png") as image:
        assert (image.size, image.format) == ((1200, 630), "PNG")
    assert f'content="{URL}/2024-08/network/card.png"' in page(room, "2024-08/network/index.html")
    assert not (room.root / "site" / ID / "card.png").exists()
    room.file("newsletter.toml", f"{TOML}{SITE}cards = false\n")
    run("site", "--all")
    assert not (folder / "card.png").exists() and "og:image" not in page(room, "2024-08/network/index.html")


@pytest.mark.parametrize("title", ["Short", "📬 " + "long words " * 40, "\u05e9\u05dc\u05d5\u05dd", "x" * 500, ""])
def test_a_card_is_drawn_of_any_title(title: str) -> None:
    with Image.open(io.BytesIO(card(title, "Example Network", "#1D5C63", "#FFFFFF"))) as image:
        assert image.size == (1200, 630)


def test_two_files_of_one_name_have_an_anchor_each(room: Room, run: Run) -> None:
    for month in ("2024-07", "2024-09"):
        room.item("gala", f"In {month}.\n", chapters=["LPNY"], month=month, folder=month)
    run("site", "--all")
    shown = page(room, "2024-09/state-LPNY/index.html")
    assert 'id="gala"' in shown and 'id="gala-2"' in shown


@pytest.mark.parametrize(
    ("name", "anchor"),
    [("my story & co #2", "my-story-co-2"), ("01-gala", "story-01-gala"), ("été", "été"), ("#", "story")],
)
def test_a_file_of_any_name_has_an_anchor_that_addresses_can_have(room: Room, run: Run, name: str, anchor: str) -> None:
    room.item(name, title="A gala", section="in-the-news", chapters=["LPMN"])
    run("site", "--all")
    assert f'id="{anchor}"' in page(room, f"{ID}/index.html")
    assert f'href="{ID}/#{anchor}"' in page(room, "index.html")
    (story,) = feedparser.parse((room.root / "site/news/feed.xml").read_bytes()).entries
    assert story.id == f"{URL}/{ID}/#{anchor}"
    assert broken(room.root / "site") == []


def test_a_fault_of_what_was_kept_is_told_where_it_lies(room: Room, run: Run) -> None:
    sent(run, "LPMN")
    kept = room.root / "sent" / ID
    words = (kept / "newsletter.toml").read_text("utf-8").replace("[organization]", "[organization]\nodd = 1")
    (kept / "newsletter.toml").write_text(words, "utf-8")
    manifest = json.loads((kept / "manifest.json").read_bytes())
    manifest["sources"]["newsletter.toml"] = weighed(words.encode())
    (kept / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    result = run("site")
    assert result.exit_code == 1 and result.stderr.startswith(f"sent/{ID}/newsletter.toml:2: ")


def test_what_is_sent_and_not_kept_is_told(room: Room, run: Run) -> None:
    sent(run, "LPMN", NETWORK)
    run("site")
    shutil.rmtree(room.root / "sent" / ID)
    told = f"{ID} is marked sent, but sent/{ID} is not there or not whole\n"
    result = run("site")
    assert result.exit_code == 0
    assert told in result.stderr and "--forget" not in result.stderr
    assert "planted" in page(room, f"{ID}/index.html")
    # A fresh clone has no page that could stay: whoever publishes from there is to know it.
    shutil.rmtree(room.root / "site")
    result = run("site")
    assert (result.exit_code, result.stdout) == (1, "site/index.html\n")
    assert told in result.stderr and f"{ID} has no page: none was there that could stay\n" in result.stderr
    shutil.rmtree(room.root / "sent" / NETWORK)
    result = run("site", "--out", "other")
    assert (result.exit_code, result.stdout, "nothing was marked sent" in result.stderr) == (1, "", False)
