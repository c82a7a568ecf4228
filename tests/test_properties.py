"""Hostile text in any field comes out as the same text: nothing executable, nothing lost, nothing glued.

And the same newsroom gives the same bytes, wherever and whenever it is built.
"""

import atexit
import email
import email.policy
import html
import os
import re
import shutil
import string
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from newsletter.deliver.message import make_message
from newsletter.deliver.providers import provider_named
from newsletter.deliver.tags import translate
from newsletter.line import Builder
from newsletter.look.render import render
from newsletter.look.templates import Look
from newsletter.memo import Cache
from newsletter.model import Delivery
from newsletter.read import values
from newsletter.read.columns import NO_BLANKS
from tests.compiled import COMPILED
from tests.room import TOML, Room

ISSUE = "2024-09/state-LPMN"
ROOT = Path(__file__).parent.parent

examples = settings(
    max_examples=50,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)

FRAGMENTS = [
    *"\"'<>&\\%{}[]|*_`#~$@!-+=^",
    *(
        "<script>alert(1)</script>",
        "<mj-raw>",
        "</mj-text>",
        "</td>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<![endif]-->",
    ),
    *("<![endif]-->", "{{ x }}", "{% x %}", "{##", "##}", "*|X|*", "%%", "%%[x%%", "%%x]%%", "100%"),
    *("%s", "%(a)s", "{0}", "{title}"),
    *("qz70x", "qz71x", "qz79999x", "qz7", "\\n", "\\u{301}", "\\x41", "&amp;", "&#60;", "&nbsp;", "&lt;b&gt;"),
    *(
        "Cafe\u0301",
        "n\u0303",
        "👩\u200d👩\u200d👧",
        "❤\ufe0f",
        "🏳️\u200d🌈",
        "🇺🇸",
        "\u200fשלום\u200f",
        "\u202eabc\u202c",
    ),
    *("10\u00a0000", "\u2009", "\u200b", "\u00ad", "\u2028", "\u2029", "\x00", "\x01x\x02", "\x0b", "\x0c", "\x1b[31m"),
    *("\x7f", "\x92", "\x9f", "\ufeff", "\ufffe", "\t", "\r\n", "javascript:alert(1)", "onerror=x", "style=x"),
    *(
        "https://a.example/?a=1&b=<2>",
        "a@b.example",
        "=?utf-8?q?x?=",
        "From ",
        ".",
        "..",
        " ",
        "  ",
        "word",
        "two words",
    ),
]
# PyYAML, which writes the items of these tests, takes U+0085 for a line end.
letters = st.characters(exclude_characters="\x85", codec="utf-8")
texts = (
    st.lists(st.sampled_from(FRAGMENTS) | st.text(letters, max_size=6), max_size=12)
    .map("".join)
    .filter(lambda typed: not values.PLACEHOLDER.search(values.text(typed)) and values.text(typed) != "")
)

BLOCKS = frozenset(
    {"p", "div", "td", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "blockquote", "pre", "hr"}
    | {"br", "head", "body", "title"}
)
PUT_OUT = frozenset(
    {"script", "style", "iframe", "object", "embed", "form", "input", "button", "textarea", "link", "base", "svg"}
)
SCHEMES = frozenset({"http", "https", "mailto", "tel"})


def tree_of(page: str) -> etree._Element:
    return etree.fromstring(page, etree.HTMLParser(huge_tree=True))


def visible(page: str) -> str:
    """Return what a reader sees: blocks in lines of their own, blanks as a browser folds them."""
    pieces: list[str] = []

    def walk(element: etree._Element) -> Iterator[str]:
        if not isinstance(element.tag, str) or element.tag == "style":
            yield element.tail or ""
            return
        edge = "\n" if element.tag in BLOCKS else ""
        yield edge + (element.text or "")
        for child in element:
            yield from walk(child)
        yield edge + (element.tail or "")

    pieces.extend(walk(tree_of(page)))
    # A line end in the source is a blank; ours between blocks were put in above as well, which is no matter.
    return folded("".join(pieces))


def folded(words: str) -> str:
    # Blanks of any kind at the ends show nothing, and Markdown drops them.
    return re.sub(r"[ \t\n\f\r]+", " ", words).strip()


def printed(words: str) -> str:
    """Return words as plain text has them, however its lines are broken: where Chinese is, no blank goes."""
    return re.sub(rf" (?={NO_BLANKS})|(?<={NO_BLANKS}) ", "", folded(words))


def stands_alone(wanted: str, page: str) -> bool:
    """Tell whether the words stand on the page with a blank, or an edge, on either side."""
    return bool(re.search(rf"(?<!\S){re.escape(wanted)}(?!\S)", page))


def dangers(page: str) -> list[str]:
    """Return all on the page that could run something."""
    found = []
    for element in tree_of(page).iter(etree.Element):
        if element.tag in PUT_OUT and not (element.tag == "style" and element.getparent().tag == "head"):
            found.append(element.tag)
        for name, value in element.attrib.items():
            scheme = re.match(r"[\s\x00-\x1f]*([A-Za-z][A-Za-z0-9+.-]*):", value)
            if name.startswith("on") or name in {"srcdoc", "formaction"}:
                found.append(f"{element.tag} {name}")
            if name in {"href", "src", "background", "action"} and scheme and scheme[1].lower() not in SCHEMES:
                found.append(f"{element.tag} {name}={value}")
    return found


AS_TYPED = TOML.replace("[organization]\n", "[organization]\ntypography = false\n")


def new_room() -> Room:
    room = Room(Path(tempfile.mkdtemp()) / "room")
    # As typed, but for its signs: what the typesetter makes of those is tried where it is tried.
    room.file("newsletter.toml", AS_TYPED)
    return room


# Compiled templates and inlined skeletons: the words that these tests are about are in neither.
KEPT = tempfile.mkdtemp(prefix="newsletter-tests-")
CACHE = Cache(Path(KEPT))
atexit.register(shutil.rmtree, KEPT, ignore_errors=True)


def delivered(room: Room) -> Delivery:
    """Return the issue as Room.delivery does, but ten times as fast."""
    issue, cover = room.issue(), room.cover()
    email = render(issue, cover, {}, Look(room.root, CACHE))
    return translate(email, issue, provider_named(room.load().config, "html"), {})


def agree(room: Room, delivery: Delivery) -> None:
    """Assert that the message, read back, says what HTML and text say."""
    raw = make_message(room.issue(), room.cover(), delivery)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    parts = [bytes(part.get_payload(decode=True)).decode() for part in message.iter_parts()]
    assert [part.replace("\r\n", "\n") for part in parts] == [delivery.text, delivery.html]
    assert message["Subject"] == delivery.subject
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n") if not line.startswith(b"List-Unsubscribe")) <= 76


LOOKS: list[dict[str, Any]] = [
    {"section": "wins"},
    {"section": "wins", "lead": True},
    {"section": "action"},
    {"section": "in-the-news"},
    {"section": "remembrance"},
    {"section": "events", "starts": "2024-09-10 18:00"},
    {"section": "events", "starts": "2024-09-10 18:00", "lead": True},
    {"section": "in-the-news", "starts": "2024-09-10"},
    {"section": "action", "starts": "2024-09-10"},
    {"section": "remembrance", "starts": "2024-09-10"},
]
FIELDS = (
    "title",
    "headline",
    "link_label",
    "image_alt",
    "image_credit",
    "image_caption",
    "source",
    "author",
    "location",
)


@examples
@given(
    fields=st.fixed_dictionaries(dict.fromkeys(FIELDS, texts)),
    look=st.sampled_from(LOOKS),
)
def test_every_field_of_an_item_comes_out_as_typed(fields: dict[str, str], look: dict[str, Any]) -> None:
    room = new_room()
    try:
        link, picture = "https://network.example/story", "https://pictures.example/a.jpg"
        room.item("first", "First words.\n", title="First", order=-1)
        room.item("story", "Last words.\n", link=link, image=picture, **{**fields, **look})
        delivery = delivered(room)
        page = visible(delivery.html)
        told = printed(delivery.text)
        typed = {name: values.text(value) for name, value in fields.items()}
        shown = {**typed, "author": f"By {typed['author']}"}
        if "starts" not in look:
            del shown["location"]
            if look.get("section") == "remembrance":
                # Short words there are a quotation, and the author who said them.
                shown["author"] = typed["author"]
        for name, words in shown.items():
            if name == "headline":
                # Its place is the list of contents and the subject; a first letter may be made a capital.
                assert words in delivery.subject
                continue
            assert printed(words) in told, name
            if name == "image_alt":
                alts = [image.get("alt") for image in tree_of(delivery.html).iter("img")]
                assert words in alts
            else:
                assert stands_alone(folded(words), page), name
        assert dangers(delivery.html) == []
        agree(room, delivery)
    finally:
        shutil.rmtree(room.root.parent)


@examples
@given(preheader=texts, subject=texts, title=texts, greeting=texts)
def test_every_field_of_a_front_page_comes_out_as_typed(
    preheader: str, subject: str, title: str, greeting: str
) -> None:
    room = new_room()
    try:
        room.item("story", "Words.\n")
        room.front_page(ISSUE, escaped(greeting), preheader=preheader, subject=subject, title=title)
        delivery = delivered(room)
        page = visible(delivery.html)
        assert delivery.subject == values.text(subject)
        assert delivery.preheader == values.text(preheader)
        assert stands_alone(folded(values.text(title)), page)
        assert stands_alone(folded(values.text(greeting)), page)
        assert printed(values.text(greeting)) in printed(delivery.text)
        assert folded(tree_of(delivery.html).findtext(".//title") or "") == folded(values.text(subject))
        assert folded(values.text(preheader)) in page
        assert dangers(delivery.html) == []
        agree(room, delivery)
    finally:
        shutil.rmtree(room.root.parent)


def escaped(words: str) -> str:
    """Return Markdown that says exactly these words, in one paragraph."""
    return "".join(f"\\{one}" if one in string.punctuation else one for one in values.text(words)) + "\n"


@examples
@given(bodies=st.lists(texts, min_size=1, max_size=4))
def test_words_of_a_body_come_out_as_typed(bodies: list[str]) -> None:
    room = new_room()
    try:
        wanted = [values.text(body) for body in bodies]
        wrappers = ("{}\n", "- {}\n", "> {}\n", "#### {}\n")
        body = "\n".join(wrapper.format(escaped(words)) for wrapper, words in zip(wrappers, bodies, strict=False))
        room.item("story", body)
        delivery = delivered(room)
        page, told = visible(delivery.html), printed(delivery.text)
        for words in wanted:
            assert stands_alone(folded(words), page)
            quoted = printed(re.sub(r"^> ", "", delivery.text, flags=re.MULTILINE))
            assert printed(words) in told or printed(words) in quoted
        assert dangers(delivery.html) == []
        agree(room, delivery)
    finally:
        shutil.rmtree(room.root.parent)


MARKDOWN = [
    *("*", "**", "_", "`", "~~", "[", "]", "](", ")", "![", "<", ">", "> ", "- ", "1. ", "# ", "#### ", "\n", "\n\n"),
    *("\n    ", "\n\n    ", "\n```\n", "\n~~~\n", "\n---\n", "\n===\n", "  \n", "\\", "\\\n", "\n> ", "\n- ", "\n1. "),
    *(
        "<script>",
        "</script>",
        "<b>",
        "<!--",
        "&amp;",
        "&#12;",
        "&NewLine;",
        "<https://a.example>",
        "(https://a.example)",
    ),
    *("(javascript:x)", "(data:x)", "(<file:x>)", "{{ x }}", "*|X|*", "qz70x", "%%", "\x00", "\x0b", "\u2028", "\t"),
]


@examples
@given(pieces=st.lists(st.lists(st.sampled_from(MARKDOWN), max_size=4), min_size=1, max_size=20))
def test_no_word_of_any_markdown_is_lost_or_glued_to_the_next(pieces: list[list[str]]) -> None:
    body = " ".join(f"w{number}w {''.join(piece)}" for number, piece in enumerate(pieces)) + " end\n"
    room = new_room()
    try:
        room.item("story", body)
        newsroom = room.load()
        if any("picture" in fault.message for fault in newsroom.faults):
            # `![w1w](w2w)` is a picture, and it is not there.
            return
        delivery = delivered(room)
        assert dangers(delivery.html) == []
        wanted = {f"w{number}w" for number in range(len(pieces))}
        assert wanted <= set(re.findall(r"w\d+w", html.unescape(delivery.html.partition("<body")[2])))
        assert wanted <= set(re.findall(r"w\d+w", delivery.text))
        for part in (visible(delivery.html), delivery.text):
            assert not re.search(r"w\d+ww\d+w", part)
        agree(room, delivery)
    finally:
        shutil.rmtree(room.root.parent)


@examples
@given(
    keys=st.fixed_dictionaries(
        dict.fromkeys(("name", "why", "postal_address", "media_title", "section", "intro", "chapter"), texts)
    )
)
def test_every_text_of_newsletter_toml_comes_out_as_typed(keys: dict[str, str]) -> None:
    # What is filled in there has names of its own: braces are left to test_config.py.
    keys = {name: re.sub(r"[{}\ud800-\udfff]", "", value) + "!" for name, value in keys.items()}
    # One that nobody knows is a fault, a known one does not come out as typed.
    assume(not any(values.PLACEHOLDER.search(value) for value in keys.values()))
    quoted = {name: _toml(value) for name, value in keys.items()}
    room = new_room()
    try:
        toml = AS_TYPED.replace('name = "Example Network"', f"name = {quoted['name']}\nwhy = {quoted['why']}")
        toml = re.sub(r"postal_address = .*", lambda _: f"postal_address = {quoted['postal_address']}", toml)
        toml = toml.replace('name = "Minnesota"', f"name = {quoted['chapter']}")
        toml = toml.replace('title = "Wins"', f"title = {quoted['section']}\nintro = {quoted['intro']}")
        room.file("newsletter.toml", f"{toml}\n[words]\nmedia_title = {quoted['media_title']}\n")
        room.item("story", "Words.\n")
        delivery = delivered(room)
        page = visible(delivery.html)
        told = printed(delivery.text)
        for name, value in keys.items():
            words = folded(values.text(value))
            assert stands_alone(words, page), name
            assert printed(words) in told or printed(words.upper()) in told, name
        assert dangers(delivery.html) == []
        agree(room, delivery)
    finally:
        shutil.rmtree(room.root.parent)


def _toml(words: str) -> str:
    return '"' + "".join(f"\\U{ord(one):08X}" for one in words) + '"'


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 1000 + "needle" + "</div>" * 1000,
        "> " * 1000 + "needle",
        "- " * 1000 + "needle",
        "*" * 1000 + "needle" + "*" * 1000,
        "[" * 1000 + "needle" + "](https://a.example)" * 1000,
        "".join(f"{'  ' * level}- one\n" for level in range(300)) + "\nneedle",
        "needle " * 14_000,
        # An item's words have 100,000 characters at the most.
        "x" * 99_000 + " needle",
    ],
    ids=["elements", "quotes", "lists", "emphasis", "brackets", "indented", "words", "one-word"],
)
def test_the_end_is_still_there_after_hundreds_of_levels(room: Room, body: str) -> None:
    room.item("deep", body + "\n")
    room.item("after", "The end.\n", order=99)
    room.front_page(ISSUE, preheader="Hello")
    delivery = room.delivery()
    for part in (visible(delivery.html), folded(delivery.text)):
        assert part.count("needle") == body.count("needle")
        assert "The end." in part
        assert "Unsubscribe" in part
    agree(room, delivery)


def test_two_hundred_items_come_out_each_once_in_their_order(room: Room) -> None:
    for number in range(200):
        section = ("wins", "action", "events", "in-the-news", "remembrance")[number % 5]
        room.item(
            f"story-{number:03}", f"body{number:03}.\n", title=f"title{number:03}", section=section, headline="One"
        )
    issue = room.issue()
    delivery = room.delivery()
    order = [story.item.title for story in issue.stories]
    assert sorted(order) == [f"title{number:03}" for number in range(200)]
    for part in (visible(delivery.html).partition("One")[2], delivery.text):
        assert re.findall(r"\btitle\d{3}\b", part) == order
        assert re.findall(r"\bbody\d{3}\b", part) == [title.replace("title", "body") for title in order]
    agree(room, delivery)


BUILD = """
import datetime, sys, time
class Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2099, 12, 31, 23, 59, tzinfo=tz)
class LaterDay(datetime.date):
    @classmethod
    def today(cls):
        return cls(2099, 12, 31)
if {later}:
    time.time = lambda: 4102444799.0
    datetime.datetime, datetime.date = Later, LaterDay
from newsletter.cli import main
main(["build", "2024-09/network", "2024-09/state-LPMN", "--newsroom", {root!r}, "--out", {out!r}])
"""


def built(
    root: Path, out: Path, cwd: Path, environment: Mapping[str, str] = MappingProxyType({}), *, later: bool = False
) -> dict[str, bytes]:
    """Build two issues of the sample in a process of its own, and return every file."""
    code = BUILD.format(later=later, root=str(root), out=str(out))
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "COV"))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**inherited, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
    return {name: content for name, content in files.items() if not name.startswith(".")}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("first")
    environment = {"TZ": "UTC", "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"}
    return built(ROOT, folder / "out", folder, environment)


def test_what_is_compared_is_all_there(first: dict[str, bytes]) -> None:
    for name in ("issue.html", "issue.txt", "issue.eml", "manifest.json"):
        assert f"2024-09/network/{name}" in first
        assert f"2024-09/state-LPMN/{name}" in first
    assert any(name.endswith((".jpg", ".png")) for name in first)


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LANG": "C.UTF-8"},
        {"TZ": "America/Anchorage", "PYTHONHASHSEED": "4294967295", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
        {"TZ": "UTC", "PYTHONHASHSEED": "random", "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "LANGUAGE": "ar"},
    ],
)
def test_the_same_newsroom_gives_the_same_bytes_anywhere(
    first: dict[str, bytes], tmp_path: Path, environment: dict[str, str]
) -> None:
    assert built(ROOT, tmp_path / "out", tmp_path, environment) == first


def test_the_same_newsroom_gives_the_same_bytes_at_any_time_and_in_any_folder(
    first: dict[str, bytes], tmp_path: Path
) -> None:
    root = tmp_path / "elsewhere ä"
    root.mkdir()
    shutil.copy(ROOT / "newsletter.toml", root)
    shutil.copytree(ROOT / "issues", root / "issues")
    for path in root.rglob("*"):
        os.utime(path, (0, 0))
    assert built(root, tmp_path / "out", root / "issues", later=True) == first


def test_a_second_build_over_the_first_changes_nothing(first: dict[str, bytes], tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert built(ROOT, out, tmp_path) == first
    # Now from the cache.
    assert built(ROOT, out, tmp_path) == first


def test_many_processes_give_the_bytes_of_one(room: Room) -> None:
    from newsletter.line import build_all

    for number in range(8):
        room.item(f"story-{number}", "Words.\n", folder=f"2024-0{number + 1}", month=f"2024-0{number + 1}")
    names = [f"2024-0{number + 1}/state-LPMN" for number in range(8)]
    together = list(build_all(Builder(room.load(), room.root / "many", cache=COMPILED), names, lambda _: None))
    alone = [Builder(room.load(), room.root / "one", cache=COMPILED).build(name) for name in names]
    assert [one.issue for one in together] == [one.issue for one in alone] == names
    for name in names:
        for file in ("issue.html", "issue.txt", "issue.eml", "manifest.json"):
            assert (room.root / "many" / name / file).read_bytes() == (room.root / "one" / name / file).read_bytes()
