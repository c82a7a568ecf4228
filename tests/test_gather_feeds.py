"""newsletter import of feeds: RSS, Atom and JSON Feed, and what is called a feed and is none."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import ContentError
from newsletter.gather.clipping import Asked, Gathered
from newsletter.gather.feeds import clippings
from newsletter.gather.sources import Source
from newsletter.read.config import read_config
from tests.conftest import Run
from tests.room import SAMPLE, Room

MONTH = ("-m", "2031-05", "--chapter", "LPMN", "--section", "wins")


def rss(*items: str, channel: str = "") -> str:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>News</title>{channel}{inside}</channel></rss>"
    )


def read(content: str, kind: Any = "feed") -> Gathered:
    asked = Asked(config=read_config(SAMPLE), month="2031-05")
    return clippings(Source(name="feed.xml", kind=kind, content=content.encode()), asked)


def test_an_entry_is_a_draft_that_loads(room: Room, run: Run) -> None:
    room.file(
        "feed.xml",
        rss(
            "<title>Rents &amp;amp; homes: a cap</title><link>https://example.org/rents</link>"
            "<pubDate>Mon, 12 May 2031 10:00:00 GMT</pubDate><dc:creator>the policy team</dc:creator>"
            "<description>Short.</description><content:encoded><![CDATA[<p>The council <b>said</b> <b>yes</b>.</p>"
            "<script>alert(1)</script><ul><li>one</li><li>two</li></ul>]]></content:encoded>"
        ),
    )
    result = run("import", "feed.xml", *MONTH)
    assert (result.exit_code, result.stdout) == (0, "issues/2031-05/items/rents-homes-a-cap.md\n")
    text = (room.root / "issues/2031-05/items/rents-homes-a-cap.md").read_text("utf-8")
    lines = [line for line in text.split("\n") if not line.startswith("# imported")]
    assert lines == [
        *("---", 'title: "Rents & homes: a cap"', "chapters: [LPMN]", "month: 2031-05", "section: wins"),
        *("link: https://example.org/rents", "author: the policy team", "published: 2031-05-12", "summary: Short."),
        *("draft: true", "from: https://example.org/rents", "---"),
        *("The council **said yes**.", "", "- one", "- two", ""),
    ]
    assert room.load().faults == ()


def test_a_second_import_brings_what_is_new_only(room: Room, run: Run) -> None:
    first = "<title>One</title><link>https://example.org/1?utm_source=rss</link>"
    room.file("feed.xml", rss(first))
    run("import", "feed.xml", *MONTH)
    room.file("feed.xml", rss("<title>Two</title><guid>2</guid>", first.replace("rss", "web")))
    result = run("import", "feed.xml", *MONTH)
    assert result.stdout == "issues/2031-05/items/two.md\n"
    assert 'from: "feed.xml#2"' in (room.root / "issues/2031-05/items/two.md").read_text("utf-8")


def test_an_atom_entry_is_read_alike() -> None:
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="es"><title>t</title>'
        "<entry><id>urn:1</id><title>Uno</title>"
        '<link href="https://example.org/1"/><updated>2031-05-01T00:00:00Z</updated><author><name>La redacción</name>'
        '</author><content type="html">&lt;p&gt;Texto &lt;img src="/a.png" alt="Un árbol"&gt;&lt;/p&gt;</content>'
        "</entry></feed>"
    )
    (clipping,) = read(feed).clippings
    assert clipping.values == {
        "title": "Uno",
        "link": "https://example.org/1",
        "author": "La redacción",
        "published": "2031-05-01",
        "language": "es",
    }
    assert [(shot.source, shot.alt) for shot in clipping.shots] == [("https://example.org/a.png", "Un árbol")]


def test_a_json_feed_is_read_alike(room: Room, run: Run) -> None:
    item = {
        "id": 1,
        "url": "https://example.org/1",
        "title": "One",
        "content_html": "<p>Words <em>here</em></p>",
        "date_published": "2031-05-02T10:00:00-05:00",
        "authors": [{"name": "the team"}],
    }
    room.file(
        "feed.json",
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [item, {"content_text": "a *b*"}]}),
    )
    assert run("import", "feed.json", *MONTH).exit_code == 0
    one, two = sorted(room.load().items, key=lambda item: item.link, reverse=True)
    assert (one.title, str(one.published), one.author, one.body) == ("One", "2031-05-02", "the team", "Words *here*")
    assert two.body == "a \\*b\\*"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (
            "feed.xml",
            "<!doctype html><form><input type='password'></form>",
            "is a login page",
        ),
        ("feed.rss", "<html><body>Sign in</body></html>", "is a web page, not what its name says"),
        ("feed.xml", "<?xml version='1.0'?><sitemap><url/></sitemap>", "is no feed: neither RSS nor Atom"),
        ("feed.xml", rss(), "holds no entry"),
        (
            "feed.xml",
            "<!DOCTYPE rss [<!ENTITY a 'b'>]>" + rss("<title>&a;</title>"),
            "defines letters of its own (<!ENTITY), which no feed needs",
        ),
        ("feed.json", '{"items": [', "is no JSON that can be read"),
        ("feed.json", '{"version": 1}', "is JSON, but no feed: it has no list of 'items'"),
        ("feed.json", '{"a":' * 90_000, "is no JSON that can be read"),
    ],
)
def test_what_is_no_feed_is_told(room: Room, run: Run, name: str, content: str, told: str) -> None:
    room.file(name, content)
    result = run("import", name, *MONTH)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(name) and f": {told}" in result.stderr.split("\n")[0]


def test_a_feed_in_another_language_says_so() -> None:
    assert (
        read(rss("<title>Hola</title>", channel="<language>es-mx</language>")).clippings[0].values["language"]
        == "es-mx"
    )
    assert "language" not in read(rss("<title>Hi</title>", channel="<language>en-us</language>")).clippings[0].values


def test_a_cut_feed_gives_the_entries_that_are_whole() -> None:
    whole = rss("<title>One</title><link>https://example.org/1</link>", "<title>Two</title>")
    assert read(whole[: whole.index("<title>Two")]).clippings[0].values["title"] == "One"


def test_of_a_long_feed_a_hundred_are_taken_at_a_time(room: Room, run: Run) -> None:
    room.file("feed.xml", rss(*(f"<title>T{at}</title><link>https://example.org/{at}</link>" for at in range(130))))
    first, second = run("import", "feed.xml", *MONTH), run("import", "feed.xml", *MONTH)
    assert [len(result.stdout.splitlines()) for result in (first, second)] == [100, 30]
    assert "feed.xml: 30 more were left" in first.stderr


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)
_KEYS = st.sampled_from(
    ["id", "url", "title", "content_html", "content_text", "date_published", "authors", "image", "summary", "language"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.dictionaries(_KEYS, _JSON, max_size=6), max_size=4))
def test_any_json_is_a_feed_or_told(items: list[dict[str, Any]]) -> None:
    try:
        read(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}), "json feed")
    except ContentError as error:
        assert all(fault.message for fault in error.faults)


_PIECES = [
    "<item>",
    "</item>",
    "<title>",
    "</title>",
    "<link>",
    "&#0;",
    "&amp;",
    "<",
    ">",
    "&",
    "]]>",
    "<![CDATA[",
    "x",
    " ",
]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=40))
def test_any_markup_is_a_feed_or_told(pieces: list[str]) -> None:
    try:
        read(rss("".join(pieces)))
    except ContentError as error:
        assert all(fault.message for fault in error.faults)


def test_a_picture_above_the_words_does_not_stand_in_them_again() -> None:
    entry = (
        "<title>One</title><media:content url='https://example.org/a.jpg?w=1' medium='image'/>"
        "<description>&lt;img src='https://example.org/a.jpg' alt='A tree'&gt; Words</description>"
    )
    (clipping,) = read(rss(entry)).clippings
    assert (clipping.lead and clipping.lead.alt, clipping.words.strip()) == ("A tree", "Words")
