"""What is wanted, what stands there -> in what they differ, as a reader would see it."""

import re
from difflib import SequenceMatcher
from html.parser import HTMLParser
from itertools import zip_longest

from msgspec import Struct

from newsletter.deliver.drafts.shapes import Draft, Wanted

_HIDDEN = {"style", "script", "title"}
# Beside `img` and `source`: VML's, as Word takes them, and a button that is a picture.
_SOURCES = {"input", "v:fill", "v:image", "v:imagedata"}
_WORDS_APART = {
    "p",
    "div",
    "td",
    "th",
    "tr",
    "table",
    "caption",
    "figure",
    "figcaption",
    "details",
    "summary",
    "pre",
    "hr",
    "li",
    "ul",
    "ol",
    "br",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
}
_LOADED_BY_STYLE = re.compile(r"url\(\s*+[\"']?+([^\"')\s]++)|@import\s++[\"']([^\"']++)", re.IGNORECASE)
# Words around a change, and how many are compared at all.
_AROUND, _MOST_WORDS = 6, 20_000


class Change(Struct, frozen=True, kw_only=True):
    """Some words that are there in place of others, with those around them."""

    before: str
    ours: str
    theirs: str
    after: str


class _Page(HTMLParser):
    """Collects what a page says and leads to; comments and styles are the provider's to write anew."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.links: list[str] = []
        self.pictures: list[str] = []
        # What a mail program asks for beside the pictures in the words.
        self.loaded: list[str] = []
        self._hidden = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = dict(attrs)
        if tag in _HIDDEN:
            self._hidden = tag
        if tag in _WORDS_APART:
            self.words.append(" ")
        if tag == "a" and stated.get("href"):
            self.links.append(str(stated["href"]))
        if tag in {"img", "source"}:
            self.pictures.append(str(stated.get("src") or stated.get("srcset") or ""))
        self.loaded += [str(stated[name]) for name in ("background", "poster") if stated.get(name)]
        if tag in _SOURCES and stated.get("src"):
            self.loaded.append(str(stated["src"]))
        # `a.png 1x, b.png 2x`
        self.loaded += [part.split()[0] for part in str(stated.get("srcset") or "").split(",") if part.strip()]
        if tag == "link" and "stylesheet" in str(stated.get("rel")).lower() and stated.get("href"):
            self.loaded.append(str(stated["href"]))
        self._style(str(stated.get("style") or ""))

    def _style(self, declarations: str) -> None:
        addresses = (match[1] or match[2] for match in _LOADED_BY_STYLE.finditer(declarations))
        self.loaded += [address for address in addresses if not address.startswith(("#", "data:"))]

    def handle_comment(self, data: str) -> None:
        # What only Outlook reads: <!--[if mso]><v:fill src="…"><![endif]-->
        if data.startswith("[if") and ">" in data:
            self.loaded += _read(data.partition(">")[2]).asked_for

    @property
    def asked_for(self) -> list[str]:
        return [*self.pictures, *self.loaded]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""
        if tag in _WORDS_APART:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)
        elif self._hidden == "style":
            self._style(data)


def differences(wanted: Wanted, draft: Draft, *, with_preheader: bool, with_pictures: bool = True) -> tuple[str, ...]:
    """Return what differs: the subject, the preheader, the words, the links, the pictures, the text, the list.

    A page that the provider tidied up says the same words and has the same links in the same order. What a draft does
    not show (a text that the provider makes itself) is not compared; nor is the sender, which some put in on sending.
    """
    return (
        *cover_differences(wanted, draft, with_preheader=with_preheader),
        *page_differences(wanted, draft, with_pictures=with_pictures),
    )


def cover_differences(wanted: Wanted, draft: Draft, *, with_preheader: bool) -> tuple[str, ...]:
    """Return what of the subject, the preheader and the list differs."""
    preheader = with_preheader and _plain(wanted.preheader) != _plain(draft.preheader)
    return _named(
        ("the subject", _plain(wanted.subject) != _plain(draft.subject)),
        ("the preheader", preheader),
        ("the list", draft.audience != (wanted.audience.id,)),
    )


def page_differences(wanted: Wanted, draft: Draft, *, with_pictures: bool = True) -> tuple[str, ...]:
    """Return what of the words, the links, the pictures and the plain text differs."""
    ours, theirs = _read(wanted.html), _read(draft.html)
    return _named(
        ("the words", _plain("".join(ours.words)) != _plain("".join(theirs.words))),
        ("the links", ours.links != theirs.links),
        ("the pictures", with_pictures and ours.pictures != theirs.pictures),
        ("the plain text", bool(wanted.text and draft.text) and _plain(wanted.text) != _plain(draft.text)),
    )


def picture_addresses(html: str) -> list[str]:
    """Return the addresses of a page's pictures, each once."""
    return list(dict.fromkeys(_read(html).pictures))


def loaded_addresses(html: str) -> list[str]:
    """Return the addresses of all that a mail program asks for to show a page, each once: pictures, backgrounds,
    fonts, style sheets, those for Outlook alone too.
    """
    return list(dict.fromkeys(_read(html).asked_for))


def changes(ours: str, theirs: str) -> list[Change]:
    """Return what stands in one page's words in place of the other's, word by word; then its links and pictures."""
    mine, other = _read(ours), _read(theirs)
    words = _changes(*(_plain("".join(page.words)).split()[:_MOST_WORDS] for page in (mine, other)))
    targets = _targets(mine.links, other.links) + _targets(mine.pictures, other.pictures)
    return [*words, *dict.fromkeys(targets)]


def word_changes(ours: str, theirs: str) -> list[Change]:
    """Return what stands in one text in place of the other's, word by word."""
    return _changes(ours.split(), theirs.split())


def _changes(mine: list[str], other: list[str]) -> list[Change]:
    matcher = SequenceMatcher(None, mine, other, autojunk=False)
    return [
        Change(
            before=" ".join(mine[max(0, start - _AROUND) : start]),
            ours=" ".join(mine[start:end]),
            theirs=" ".join(other[begin:stop]),
            after=" ".join(mine[end : end + _AROUND]),
        )
        for kind, start, end, begin, stop in matcher.get_opcodes()
        if kind != "equal"
    ]


def _targets(mine: list[str], other: list[str]) -> list[Change]:
    """Return which addresses stand in place of others, one by one as far as they can be paired."""
    matcher = SequenceMatcher(None, mine, other, autojunk=False)
    pairs = [
        (ours, theirs)
        for kind, start, end, begin, stop in matcher.get_opcodes()
        if kind != "equal"
        for ours, theirs in zip_longest(mine[start:end], other[begin:stop], fillvalue="")
    ]
    return [Change(before="", ours=ours, theirs=theirs, after="") for ours, theirs in pairs]


def _read(page: str) -> _Page:
    read = _Page()
    read.feed(page)
    read.close()
    return read


def _plain(words: str) -> str:
    # U+034F and its kin fill up a preheader; nobody sees them, and some providers drop them.
    return " ".join(re.sub("[\u034f\u200b\u200c\u200d\u2060\ufeff\u00ad]", "", words).split())


def _named(*facts: tuple[str, bool]) -> tuple[str, ...]:
    return tuple(name for name, is_so in facts if is_so)
