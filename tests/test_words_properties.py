"""No word, link or picture of any text is lost, and nothing that could run comes out: held against mistune."""

import html
import re
from html.parser import HTMLParser

import mistune
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.read import prose
from newsletter.read.prose import Shown

_OTHER = mistune.create_markdown(escape=False, plugins=["table", "strikethrough"])
# What people type and paste, and what somebody might who means harm. Each has words of its own.
_PIECES = st.sampled_from(
    [
        *(
            "plain words",
            "**bold words**",
            "*italic",
            "__strong",
            "~~struck~~",
            "`code`",
            "``` \n",
            "```\n",
            "~~~~~~\n",
        ),
        *("\n", "\n\n", "\n\n", "  \n", "\\\n", "---\n", "===\n", "* * *\n", "> quoted", "> ", "    four", "\t"),
        *("- point\n", "-point\n", "• bullet\n", "➢ arrow\n", "– dash\n", "1. first\n", "7) seventh\n", "2024. year\n"),
        *("a. letter\n", "b. other\n", "# title\n", "##heading\n", "### third {#id}\n", "[x] box", "- [ ] task\n"),
        *("[link](https://a.example/one)", "[spaced](https://a.example/two pages.pdf)", "[ref][label]", "[label]"),
        *("[label]: https://a.example/three\n", "\n\n[other]: https://a.example/four\n\n", "<https://a.example/five>"),
        *("![picture](pic.png)", "![photo](our photo.jpg)", "![][image]", "\n\n[image]: pic2.png\n\n", "[empty]()"),
        *("| cell | second |\n", "|---|---|\n", "| third | fourth | fifth |\n", "|:-:|\n", "|", "\\|"),
        *(
            "<b>tagged</b>",
            "<b>",
            "</b>",
            "<i>open",
            "<br>",
            "<p>para",
            "</p>",
            "<div>\n",
            "</div>\n",
            "<center>",
            "<u>",
        ),
        *("<ul><li>item", "</ul>", "<table><tr><td>cell", "</table>", "<details><summary>more</summary>", "</details>"),
        *(
            "<name>",
            "<First Name>",
            "1 < 2",
            "<3",
            "&amp;",
            "&nbsp;",
            "&lt;b&gt;",
            "AT&T",
            "100 %",
            "%%first_name|friend%%",
        ),
        *('<a href="https://a.example/six">six</a>', '<img src="pic3.png" alt="pasted">', "<h2>header</h2>", "<span>"),
        *("<!-- note -->", "<!--", "-->", "<script>", "</script>", "<style>", "<iframe>", "<svg onload=x()>", "<svg>"),
        *('<a href="javascript:x()">run</a>', "[run](javascript:x)", "<img src=x onerror=x()>", "<p onclick='x()'>"),
        *(
            '"quoted"',
            "it's",
            "--",
            "...",
            "été",
            "слово",
            "שלום",
            "词语",
            "🎉",
            "\\*",
            "\\",
            "[",
            "]",
            "(",
            ")",
            "*",
            "_",
        ),
    ]
)
_TEXTS = st.lists(_PIECES, max_size=14).map(" ".join) | st.lists(_PIECES, max_size=14).map("".join)


class _Seen(HTMLParser):
    """The words, links and pictures of some HTML."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: set[str] = set()
        self.pictures: set[str] = set()
        self.feed(written)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "a" and known.get("href"):
            self.links.add(_address(known["href"]))
        if tag == "img" and known.get("src"):
            self.pictures.add(_address(known["src"]))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _address(typed: str) -> str:
    return typed.replace(" ", "%20")


def words(text: str) -> set[str]:
    """Return the words of two letters and more, without marks."""
    return set(re.findall(r"[^\W\d_]{2,}", html.unescape(text).casefold()))


# Left out on purpose, with what stands in them; and what is no word of the writer's.
_LEFT_OUT = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|iframe|svg)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)


@settings(max_examples=400, deadline=None)
@given(_TEXTS)
def test_no_word_of_a_text_without_html_is_lost(typed: str) -> None:
    typed = typed.replace("<", "").replace("%%", "").replace("{#id}", "")
    other = _Seen(str(_OTHER(typed)))
    ours = _Seen(prose.to_html(typed, {}))
    said = html.unescape("".join([*ours.words, *ours.links, *ours.pictures])).casefold()
    assert {word for word in words(" ".join(other.words)) if word not in said} == set()
    assert {one for one in other.links if not re.search("javascript|#harmful", one)} <= ours.links
    assert other.pictures <= ours.pictures
    text = prose.to_text(typed, lambda address: f"[{address}]").casefold()
    assert {word for word in words(" ".join(ours.words)) if word not in re.sub(r"\s", "", text)} == set()
    typeset = "".join(_Seen(prose.to_html(typed, {}, None, "en")).words).casefold()
    assert {word for word in words(" ".join(ours.words)) if word not in typeset} == set()


@settings(max_examples=400, deadline=None)
@given(_TEXTS)
def test_no_word_of_a_text_with_html_is_lost(typed: str) -> None:
    kept = _LEFT_OUT.sub(" ", typed) if prose.html_left_out(typed) else typed
    plain = re.sub(r"<[^<>]*>|\{#id\}|[\[\]()*_~`#|\\{}-]", " ", kept)
    wanted = words(plain) - words("https example pdf png jpg html label ref javascript link")
    said = "".join(_Seen(prose.to_html(typed, {})).words).casefold()
    mine = words(
        "words bold italic struck quoted point bullet arrow title heading tagged para cell item more pasted six"
    )
    assert {word for word in wanted & mine if word not in said} == set()


@settings(max_examples=400, deadline=None)
@given(_TEXTS)
def test_nothing_that_could_run_comes_out(typed: str) -> None:
    shown = {"pic.png": Shown(source="made.png", width=1, height=1, room=1)}
    for written in (prose.to_html(typed, {}), prose.to_html(typed, {}, shown)):
        tags = re.findall(r"<[^<>]*>", written)
        assert not [
            tag for tag in tags if re.search(r"(?i)<(?:script|style|iframe|svg|form)\b|\son\w+=|javascript:", tag)
        ]
        opened: list[str] = []
        for closes, name in re.findall(r"<(/?)([a-z0-9]+)[^<>]*>", written):
            if closes:
                assert opened.pop() == name
            elif name not in {"br", "hr", "img"}:
                opened.append(name)
        assert opened == []
