"""newsletter import of addresses: pages, feeds and files of sites on this machine, and what is not opened."""

import contextlib
import http.server
import threading
from collections.abc import Iterator, Mapping

import pytest

from newsletter.errors import ContentError, ServerError
from newsletter.gather.clipping import Asked, Gathered
from newsletter.gather.drafts import Draft, Unshown, draft
from newsletter.gather.gathering import gathered, picture
from newsletter.gather.sources import opened
from newsletter.read.config import read_config
from newsletter.read.pages import read_page
from newsletter.web import Client
from tests.conftest import Run
from tests.room import SAMPLE, Room
from tests.room import picture as drawn

ASKED = Asked(config=read_config(SAMPLE), month="2031-05", tags=("LPMN",), section="wins")
# What a site answers: its kind, its bytes; a redirect says where to.
Answers = Mapping[str, tuple[str, bytes | str]]


@contextlib.contextmanager
def site(answers: Answers) -> Iterator[str]:
    """Run a site on this machine; yield its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = answers.get(self.path, ("404", b""))
            body = content.encode() if isinstance(content, str) else content
            if kind in {"301", "401", "404", "500"}:
                self.send_response(int(kind))
                self.send_header("Location", body.decode())
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def client(most: int = 30_000_000) -> Client:
    return Client(timeout=30, patience=30, most=most, may_open=lambda address: address.is_loopback)


def read(address: str) -> Gathered:
    return gathered(opened(address, client), ASKED)


PAGE = """<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Rentas | La Red</title>
<meta property="og:title" content="Rentas: un tope"><meta property="og:site_name" content="La Red">
<meta property="og:description" content="El concejo dijo *sí*."><meta property="og:image" content="/i.png">
<meta property="og:image:alt" content="Un árbol"><link rel="canonical" href="/rentas">
<script type="application/ld+json">{"@graph": [{"@type": "Organization", "name": "x"}, {"@type": "NewsArticle",
"author": [{"name": "Redacción"}], "datePublished": "2031-05-10T08:00:00Z", "headline": "y"}]}</script>
</head><body><h1>z</h1></body></html>"""


def test_a_page_is_what_it_says_of_itself(room: Room) -> None:
    with site({"/rentas?utm_source=x": ("text/html", PAGE), "/i.png": ("image/png", drawn())}) as address:
        (clipping,) = read(f"{address}/rentas?utm_source=x#top").clippings
        made = draft(clipping, ASKED, set(), lambda source: picture(client(), source))
    assert isinstance(made, Draft)
    lines = [line for line in made.content.split("\n") if not line.startswith("# imported")]
    assert lines == [
        *("---", 'title: "Rentas: un tope"', "chapters: [LPMN]", "month: 2031-05", "section: wins"),
        *(f'link: "{address}/rentas"', "image: rentas-un-tope.png", "image_alt: Un árbol", "source: La Red"),
        *("author: Redacción", "published: 2031-05-10", "language: es", "draft: true"),
        *(f'from: "{address}/rentas?utm_source=x"', "---", "El concejo dijo \\*sí\\*.", ""),
    ]
    assert list(made.pictures) == ["issues/2031-05/items/rentas-un-tope.png"]
    assert read_page(made.path, made.content.encode(), ASKED.config).faults == ()


@pytest.mark.parametrize(
    ("head", "values"),
    [
        ("<title>One | Site</title>", {"title": "One | Site"}),
        ("<title>x</title><meta name='description' content='Words'>", {"title": "x"}),
        ("<title>x</title><meta name='twitter:title' content='Better'>", {"title": "Better"}),
        (
            '<title>x</title><script type="application/ld+json">{"@type":"Event","name":"Town hall","startDate":'
            '"2031-05-12T18:00:00-05:00","endDate":"2031-05-12T20:00-05:00","location":{"name":"City Hall","address":'
            '{"streetAddress":"1 Main St"}}}</script>',
            {
                "title": "x",
                "starts": "2031-05-12 18:00",
                "ends": "2031-05-12 20:00",
                "timezone": "America/Chicago",
                "location": "City Hall, 1 Main St",
            },
        ),
        ('<title>x</title><script type="application/ld+json">{"@type": [1, {}]</script>', {"title": "x"}),
        (
            '<title>x</title><script type="application/ld+json">[{"@type":["Article"],"author":{"name":5}}]</script>',
            {"title": "x"},
        ),
    ],
)
def test_the_more_particular_word_counts(head: str, values: dict[str, str]) -> None:
    with site({"/a": ("text/html", f"<html><head>{head}</head><body></body></html>")}) as address:
        (clipping,) = read(f"{address}/a").clippings
    assert clipping.values == {"link": f"{address}/a", **values}


def test_the_address_of_a_feed_or_a_file_is_read_as_one() -> None:
    answers: Answers = {
        "/feed": (
            "application/rss+xml",
            "<rss version='2.0'><channel><item><title>One</title><link>/1</link></item></channel></rss>",
        ),
        "/plan": ("text/csv; charset=iso-8859-1", "title\nAño\n".encode("latin-1")),
        "/cal": (
            "text/calendar",
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:x\nDTSTART:20310512\nEND:VEVENT\nEND:VCALENDAR\n",
        ),
    }
    with site(answers) as address:
        assert read(f"{address}/feed").clippings[0].values["link"] == f"{address}/1"
        assert read(f"{address}/plan").clippings[0].values == {"title": "Año"}
        assert read(f"{address}/cal").clippings[0].values["starts"] == "2031-05-12"


@pytest.mark.parametrize(
    ("path", "answers", "told"),
    [
        ("/feed", {"/feed": ("text/html", "<html><form><input type=password></form></html>")}, "shows a login page"),
        (
            "/feed.xml",
            {"/feed.xml": ("301", "/wp-login.php"), "/wp-login.php": ("text/html", "<html>Hi</html>")},
            "shows a login page",
        ),
        (
            "/rss",
            {"/rss": ("text/html", "<!doctype html><title>Welcome</title>")},
            "answers with a web page, not with a feed or a file",
        ),
        ("/a", {"/a": ("401", "")}, "is behind a login"),
        ("/a", {"/a": ("text/html", "<html></html>")}, "is a page without a title"),
        ("/a", {"/a": ("application/pdf", "%PDF-1.7")}, "is a PDF"),
    ],
)
def test_a_page_that_says_nothing_is_told(path: str, answers: Answers, told: str) -> None:
    with site(answers) as address, pytest.raises(ContentError) as refused:
        read(f"{address}{path}")
    (fault,) = refused.value.faults
    assert (fault.place.file, fault.message.partition(",")[0]) == (f"{address}{path}", told.partition(",")[0])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (("404", ""), "the site answers 404"),
        (("301", "http://10.0.0.1/"), "it leads into a private network, so it was not opened"),
        (("301", "/a"), "it leads round in circles"),
    ],
)
def test_a_site_that_does_not_answer_is_told(answer: tuple[str, str], reason: str) -> None:
    with site({"/a": answer}) as address, pytest.raises(ServerError) as refused:
        read(f"{address}/a")
    assert refused.value.message == f"{address}/a does not open: {reason}"


def test_a_page_without_end_is_not_taken() -> None:
    with site({"/a": ("text/html", b"<html>" + b" " * 200_000)}) as address, pytest.raises(ServerError) as refused:
        opened(f"{address}/a", lambda: client(100_000))
    assert refused.value.message == f"{address}/a does not come whole: it has more than 100 kB"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/", "http://localhost:9/x.csv", "https://[::1]/", "http://10.1.2.3/feed"]
)
def test_nothing_is_fetched_from_private_addresses(room: Room, run: Run, address: str) -> None:
    result = run("import", address, "-m", "2031-05")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith(f"{address} does not open: it leads into a private network, so it was not opened\n")


def test_a_picture_from_a_private_address_is_not_fetched_either(room: Room, run: Run) -> None:
    room.file("plan.csv", "title,photo\nOne,http://127.0.0.1:9/x.png\n")
    result = run("import", "plan.csv", "-m", "2031-05")
    assert "the picture http://127.0.0.1:9/x.png does not open: it leads into a private network" in result.stderr
    assert room.load().faults == ()


@pytest.mark.parametrize("answer", [("404", b""), ("image/png", b"no picture"), ("image/png", b"")])
def test_a_picture_that_can_not_be_had_stays_an_address_or_goes(answer: tuple[str, bytes]) -> None:
    with site({"/a": ("text/html", PAGE), "/i.png": answer}) as address:
        (clipping,) = read(f"{address}/a").clippings

        def fetched(source: str) -> bytes:
            return picture(client(), source)

        made = draft(clipping, ASKED, set(), fetched)
    assert isinstance(made, Draft)
    # No mail may have a picture from an address without https.
    assert "image:" not in made.content.replace("# image", "")
    assert any(lack.startswith(f"the picture {address}/i.png ") for lack in made.lacks)


def test_what_a_client_is_refused_is_told_of_a_picture() -> None:
    with site({}) as address, pytest.raises(Unshown, match="does not open: the site answers 404"):
        picture(client(), f"{address}/gone.png")


def test_what_is_neither_file_nor_address_is_told(room: Room, run: Run) -> None:
    result = run("import", "ftp://example.org/x", "-m", "2031-05")
    assert (result.exit_code, result.stderr) == (
        2,
        "'ftp://example.org/x' is neither a file nor a web address\n  hint: web addresses start with https://\n",
    )
    assert run("import", "example.org/story").stderr.endswith("hint: did you mean https://example.org/story?\n")
