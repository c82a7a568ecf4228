"""Markdown -> HTML, plain text, bare words: the one place that knows the Markdown parser."""

import re
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block, reference
from markdown_it.token import Token

from newsletter.nouns import noun
from newsletter.values import PLACEHOLDER, clean, region, without_regions

WIDTH = 72
# Levels of quotes (one each) and lists (two each). Markers below stay visible text: markdown-it silently drops what
# lies deeper than its own limit, and no inbox has the width.
_DEPTH = 12
# The narrowest column that text is wrapped to, however deep its list.
_NARROWEST = 24
# Stands for a blank at which no line may break; NUL can't be in a writer's words (values.clean).
_GLUE = "\x00"
_LABEL = re.compile(r"\[[^\[\]]+\]")
_SENTENCE = re.compile(r"(?<=[.!?…])[ \n]+")


@noun
class Shown:
    """How a picture inside words is shown: its address and its size in CSS pixels (0: unknown)."""

    source: str
    width: int
    height: int


@noun
class Anchor:
    """A link inside words: its text, its address, its line (from 0)."""

    text: str
    address: str
    line: int


@noun
class Passage:
    """A paragraph, heading or quoted paragraph: its bare words, lines ended as typed, its first line (from 0)."""

    kind: str
    level: int
    words: str
    line: int
    links: tuple[Anchor, ...]


def passages(markdown: str) -> Iterator[Passage]:
    """Yield the words block by block, code left out."""
    quotes = 0
    opened = None
    for token in _parse(markdown):
        if token.type in {"blockquote_open", "blockquote_close"}:
            quotes += token.nesting
        elif token.type != "inline":
            opened = token
        elif token.map:
            level = int(opened.tag[1]) if opened and opened.type == "heading_open" else 0
            yield _passage(token, "heading" if level else "quote" if quotes else "paragraph", level)


def pictures(markdown: str) -> Iterator[tuple[str, str, int]]:
    """Yield address, alt text and line (from 0) of every picture in the words."""
    for token in _parse(markdown):
        for child in token.children or ():
            if child.type == "image":
                yield str(child.attrs["src"]), child.content, token.map[0] if token.map else 0


def to_html(markdown: str, styles: Mapping[str, Mapping[str, str]], shown: Mapping[str, Shown] | None = None) -> str:
    """Return HTML with the attributes of `styles` (by tag) on every element.

    Raw HTML stays visible text, links other than web, mail and phone ones stay words, headings start at h4 (an item's
    headline is the h3 above them), and a sentence around a placeholder that some provider lacks is marked, so that it
    can be left out whole (see values.region).
    """
    # Copies, attributes too: what _parse returns serves every issue that runs the item.
    tokens = [token.copy(attrs=dict(token.attrs)) for token in _parse(markdown)]
    levels = sorted({token.tag for token in tokens if token.type == "heading_open"})
    for token in tokens:
        # Else the renderer puts line ends between blocks.
        token.block = False
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, 4 + levels.index(token.tag))}"
        if token.children is not None:
            token.children = [child.copy(attrs=dict(child.attrs)) for child in _mark_sentences(token.children)]
            for child in token.children:
                _dress(child, styles)
                if child.type == "image":
                    _show(child, (shown or {}).get(str(child.attrs["src"])))
        _dress(token, styles)
    html: str = _markdown().renderer.render(tokens, _markdown().options, {})
    return html.strip()


def to_text(markdown: str, link: Callable[[str], str], width: int = WIDTH, picture_word: str = "Picture") -> str:
    """Return plain text wrapped at `width`; `link` notes an address and returns its mark, such as `[3]`."""
    return "\n\n".join(_blocks(list(_parse(markdown)), link, width, picture_word))


def plain(markdown: str) -> str:
    """Return the bare words in one line, without sentences that some provider would leave out."""
    words = []
    for token in _parse(markdown):
        if token.type == "inline":
            words.append(
                "".join(
                    " " if child.type in {"softbreak", "hardbreak"} else child.content
                    for child in _mark_sentences(token.children or [])
                    if child.type != "image"
                )
            )
        elif token.type in {"fence", "code_block"}:
            words.append(token.content)
    return re.sub(r"[ \t\n]+", " ", without_regions(" ".join(words), lambda name: False)).strip(" ")


def wrap(words: str, width: int = WIDTH, first: str = "", rest: str = "") -> str:
    """Return the words in lines of at most `width`, never breaking a word or an address."""
    lines: list[str] = []
    for line in words.split("\n"):
        lead = rest if lines else first
        line = PLACEHOLDER.sub(lambda found: found[0].replace(" ", _GLUE), line)
        # textwrap splits on ASCII blanks only, so NBSP keeps its promise.
        lines += textwrap.wrap(
            line,
            max(width, _NARROWEST),
            initial_indent=lead,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [lead.rstrip()]
    return "\n".join(lines).replace(_GLUE, " ")


def underline(words: str, mark: str, width: int = WIDTH) -> str:
    """Return the words wrapped, and below them a line of marks as long as the longest of theirs."""
    text = wrap(words, width)
    return f"{text}\n{mark * min(width, max(map(_cells, text.split(chr(10)))))}"


class _Markdown(MarkdownIt):
    """CommonMark without raw HTML; its links are safe and stay as typed, and nothing is dropped for lying deep."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False, "xhtmlOut": False})
        self.enable("strikethrough")
        interrupts = ["paragraph", "reference", "blockquote"]
        self.block.ruler.at("blockquote", _unless_deep(blockquote), {"alt": [*interrupts, "list"]})
        self.block.ruler.at("list", _unless_deep(list_block), {"alt": interrupts})
        self.block.ruler.at("reference", _used_reference)

    def validateLink(self, url: str) -> bool:
        scheme = re.match(r"\s*([A-Za-z][A-Za-z0-9+.-]*):", url)
        return not scheme or scheme[1].lower() in {"https", "http", "mailto", "tel"}

    def normalizeLink(self, url: str) -> str:
        """Return the address byte for byte as typed, but for what could end it; the default would re-encode more."""
        return re.sub(r"[\s<>\"`\x00-\x1f]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url)

    def normalizeLinkText(self, link: str) -> str:
        return link


def _unless_deep(rule: Callable[[StateBlock, int, int, bool], bool]) -> Callable[[StateBlock, int, int, bool], bool]:
    def limited(state: StateBlock, first: int, end: int, silent: bool) -> bool:
        return state.level < _DEPTH and rule(state, first, end, silent)

    return limited


def _used_reference(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Take `[label]: address` for a definition only if the label is used: else the line would vanish."""
    line = state.src[state.bMarks[first] + state.tShift[first] : state.eMarks[first]]
    label = _LABEL.match(line)
    if not label:
        return False
    if "labels" not in state.env:
        # Once for all definitions of a text, however many there are.
        state.env["labels"] = Counter(_LABEL.findall(state.src.casefold()))
    return state.env["labels"][label[0].casefold()] > 1 and reference(state, first, end, silent)


def _cells(line: str) -> int:
    """Return how many columns of a terminal the line takes."""
    shown = [mark for mark in line if unicodedata.category(mark) not in {"Cf", "Mn", "Me"}]
    return len(shown) + sum(unicodedata.east_asian_width(mark) in "WF" for mark in shown)


def _passage(token: Token, kind: str, level: int) -> Passage:
    first = token.map[0] if token.map else 0
    words: list[str] = []
    links: list[Anchor] = []
    opened: list[tuple[int, str, int]] = []
    line = first
    for child in token.children or ():
        if child.type in {"softbreak", "hardbreak"}:
            words.append("\n")
            line += 1
        elif child.type == "link_open":
            opened.append((len(words), str(child.attrs["href"]), line))
        elif child.type == "link_close":
            start, address, begun = opened.pop()
            links.append(Anchor(text="".join(words[start:]), address=address, line=begun))
        elif child.type == "code_inline":
            # Code is not language: its blanks and repetitions are meant.
            words.append("…")
        elif child.type != "image" and child.content:
            words.append(child.content)
    return Passage(kind=kind, level=level, words="".join(words), line=first, links=tuple(links))


@lru_cache(1)
def _markdown() -> _Markdown:
    return _Markdown()


@lru_cache(128)
def _parse(markdown: str) -> Sequence[Token]:
    tokens = _markdown().parse(markdown)
    for token in tokens:
        if token.children:
            token.children = list(_plainer(token.children))
        elif token.type == "fence":
            # One word behind the fence names a language; more were meant to be read.
            token.content = f"{token.info.strip()}\n{token.content}" if " " in token.info.strip() else token.content
            token.info = ""
    return tokens


def _plainer(children: list[Token]) -> Iterator[Token]:
    """Leave out what says nothing: emphasis inside the same emphasis (however deep), links and pictures to nowhere.

    Character references could bring control characters back; those go as well (values.clean).
    """
    opened = {"em": 0, "strong": 0, "s": 0}
    links: list[bool] = []
    for child in children:
        if child.type == "text":
            child.content = clean(child.content).replace("\n", " ")
        elif child.type == "image":
            alt = Token("text", "", 0, content=_bare(child.children or []))
            child = child.copy(content=alt.content, children=[alt]) if child.attrs["src"] else alt
        elif child.type == "link_open":
            links.append(bool(child.attrs["href"]))
            if not links[-1]:
                continue
        elif child.type == "link_close":
            if not links.pop():
                continue
        elif child.tag in opened:
            depth = opened[child.tag]
            opened[child.tag] += child.nesting
            if min(depth, opened[child.tag]) > 0:
                continue
        yield child


def _bare(children: Sequence[Token]) -> str:
    """Return the words without marks of emphasis and links."""
    breaks = {"softbreak", "hardbreak"}
    words = (
        " " if child.type in breaks else _bare(child.children) if child.children else child.content
        for child in children
    )
    return clean("".join(words)).replace("\n", " ")


def _dress(token: Token, styles: Mapping[str, Mapping[str, str]]) -> None:
    if token.nesting >= 0 and token.tag in styles:
        for name, value in styles[token.tag].items():
            token.attrSet(name, value)
    if token.type == "ordered_list_open" and "start" in token.attrs:
        token.attrs["start"] = str(token.attrs["start"])


def _show(token: Token, shown: Shown | None) -> None:
    if shown:
        token.attrs["src"] = shown.source
        token.attrs["width"] = str(shown.width)
        if shown.height:
            token.attrs["height"] = str(shown.height)


def _mark_sentences(children: list[Token]) -> list[Token]:
    """Wrap each sentence that needs a placeholder without a fallback in marks that a provider's export can drop."""
    if not any("%%" in child.content or "%%" in str(child.attrs.get("href", "")) for child in children):
        return children
    sentences: list[list[Token]] = [[]]
    depth = 0
    for child in children:
        depth += child.nesting
        if child.type == "text" and depth == 0:
            pieces = _SENTENCE.split(child.content)
            gaps = _SENTENCE.findall(child.content)
            for number, piece in enumerate(pieces):
                if piece:
                    sentences[-1].append(Token("text", "", 0, content=piece))
                if number < len(gaps):
                    sentences[-1].append(Token("text", "", 0, content=gaps[number]))
                    sentences.append([])
        else:
            sentences[-1].append(child)
    marked: list[Token] = []
    for sentence in sentences:
        needed = sorted(
            {
                found[1]
                for child in sentence
                for typed in (child.content, str(child.attrs.get("href", "")))
                for found in PLACEHOLDER.finditer(typed)
                if found[2] is None
            }
        )
        marks = [region(name) for name in needed]
        marked += [Token("html_inline", "", 0, content=begin) for begin, _ in marks]
        marked += sentence
        marked += [Token("html_inline", "", 0, content=end) for _, end in reversed(marks)]
    return marked


def _blocks(tokens: list[Token], link: Callable[[str], str], width: int, picture_word: str) -> Iterator[str]:
    """Yield the top-level blocks as wrapped text; lists and quotes hold blocks of their own."""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.nesting == 1:
            end = _closing(tokens, at)
            inside = tokens[at + 1 : end]
            yield from _block(token, inside, link, width, picture_word)
            at = end + 1
            continue
        if token.type == "hr":
            yield "* * *"
        elif token.type in {"fence", "code_block"}:
            yield textwrap.indent(token.content.rstrip("\n"), "    ")
        at += 1


def _block(
    token: Token, inside: list[Token], link: Callable[[str], str], width: int, picture_word: str
) -> Iterator[str]:
    if token.type in {"paragraph_open", "heading_open"}:
        words = _inline(inside[0].children or [], link, picture_word)
        yield underline(words, "~", width) if token.tag[0] == "h" else wrap(words, width)
    elif token.type == "blockquote_open":
        quoted = "\n\n".join(_blocks(inside, link, width - 2, picture_word))
        yield "\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))
    elif token.type in {"bullet_list_open", "ordered_list_open"}:
        number = int(token.attrs.get("start", 1))
        entries = []
        at = 0
        while at < len(inside):
            end = _closing(inside, at)
            mark = f"{number}. " if token.type == "ordered_list_open" else "- "
            blocks = list(_blocks(inside[at + 1 : end], link, width - len(mark), picture_word))
            # Paragraphs of a tight list are hidden; those of a loose one stand apart.
            is_tight = all(one.hidden for one in inside[at + 1 : end] if one.type == "paragraph_open")
            lines = ("\n" if is_tight else "\n\n").join(blocks).split("\n")
            entries += [((" " * len(mark) if n else mark) + line).rstrip() for n, line in enumerate(lines)]
            number, at = number + 1, end + 1
        yield "\n".join(entries)


def _closing(tokens: list[Token], at: int) -> int:
    depth = 0
    for number in range(at, len(tokens)):
        depth += tokens[number].nesting
        if depth == 0:
            return number
    return len(tokens) - 1


def _inline(children: list[Token], link: Callable[[str], str], picture_word: str) -> str:
    words: list[str] = []
    opened: list[tuple[int, str]] = []
    for child in _mark_sentences(children):
        if child.type in {"text", "code_inline", "html_inline", "text_special"}:
            words.append(child.content)
        elif child.type == "softbreak":
            words.append(" ")
        elif child.type == "hardbreak":
            words.append("\n")
        elif child.tag == "em":
            words.append("_")
        elif child.tag == "strong":
            words.append("*")
        elif child.tag == "s":
            words.append("~")
        elif child.type == "image":
            words.append(f"[{picture_word}: {child.content}]" if child.content else "")
        elif child.type == "link_open":
            opened.append((len(words), str(child.attrs["href"])))
        elif child.type == "link_close":
            start, address = opened.pop()
            shown = "".join(words[start:])
            if address.removeprefix("mailto:").removeprefix("tel:") != shown:
                words.append(f"{_GLUE}{link(address)}")
    return "".join(words)
