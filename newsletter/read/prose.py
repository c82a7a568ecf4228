"""Markdown -> HTML, plain text, bare words: the one place that knows the Markdown parser."""

import re
import textwrap
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block, reference
from markdown_it.token import Token

from newsletter.read.values import PLACEHOLDER, clean, region, without_regions

WIDTH = 72
# Levels of quotes (one each) and lists (two each). Markers below stay visible text: markdown-it silently drops what
# lies deeper than its own limit, and no inbox has the width.
_DEPTH = 12
# The narrowest column that text is wrapped to, however deep its list.
_NARROWEST = 24
# Stands for a blank at which no line may break; NUL can't be in a writer's words (values.clean).
_GLUE = "\x00"
_BREAKS = frozenset({"softbreak", "hardbreak"})
_LABEL = re.compile(r"\[[^\[\]]+\]")
# A sentence's end with the gap behind it; quotes and brackets close behind its mark. Chinese and Japanese have no gap.
_CLOSING = """["'”’»)\\]）」』]{0,4}"""
_SENTENCE = re.compile(rf"[.!?…؟۔।]{_CLOSING}[ \n]+|[。！？]{_CLOSING} *")
_LAST = re.compile(rf"[.!?…؟۔।。！？]{_CLOSING} *\Z")
# As many signs as a mark and what closes behind it.
_TAIL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a picture inside words is shown: its address and its size in CSS pixels (0: unknown)."""

    source: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A link inside words: its text, its address, its line (from 0)."""

    text: str
    address: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Words that go where a provider lacks `placeholder`, and their line (from 0).

    The line before or the next one may hold the rest of their sentence, and stay.
    """

    words: str
    placeholder: str
    line: int
    is_cut_before: bool
    is_cut_after: bool


@dataclass(frozen=True, slots=True, kw_only=True)
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
    whole = _whole_blocks(tokens)
    until = -1
    dressed: list[Token] = []
    for number, token in enumerate(tokens):
        if number in whole:
            until, needed = whole[number]
            dressed.append(Token("html_block", "", 0, content=_marks(needed)[0]))
        dressed.append(token)
        if number == until:
            dressed.append(Token("html_block", "", 0, content=_marks(needed)[1]))
        # Else the renderer puts line ends between blocks.
        token.block = False
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, 4 + levels.index(token.tag))}"
        if token.children is not None:
            marked = _mark_sentences(token.children, is_whole=number < until)
            token.children = [child.copy(attrs=dict(child.attrs)) for child in marked]
            for child in token.children:
                _dress(child, styles)
                if child.type == "image":
                    _show(child, (shown or {}).get(str(child.attrs["src"])))
        _dress(token, styles)
    html: str = _markdown().renderer.render(dressed, _markdown().options, {})
    return html.strip()


def to_text(markdown: str, link: Callable[[str], str], width: int = WIDTH, picture_word: str = "Picture") -> str:
    """Return plain text wrapped at `width`; `link` notes an address and returns its mark, such as `[3]`."""
    return "\n\n".join(_blocks(list(_parse(markdown)), _Lines(link=link, width=width, picture_word=picture_word)))


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


def left_out(markdown: str, lacks: Container[str]) -> Iterator[LeftOut]:
    """Yield what goes, sentence by sentence, where a provider lacks these placeholders."""
    if "%%" not in markdown:
        return
    for token in _parse(markdown):
        children = token.children or ()
        if not _has_placeholder(children):
            continue
        sentences = list(_sentences(children))
        lacking = [next((name for name in sentence.needed if name in lacks), "") for sentence in sentences]
        first = token.map[0] if token.map else 0
        for number, (sentence, placeholder) in enumerate(zip(sentences, lacking, strict=True)):
            if placeholder:
                words = (" " if child.type in _BREAKS else child.content for child in sentence.tokens)
                yield LeftOut(
                    words=" ".join("".join(words).split()),
                    placeholder=placeholder,
                    line=first + sentence.line,
                    is_cut_before=number > 0 and sentences[number - 1].is_cut and not lacking[number - 1],
                    is_cut_after=sentence.is_cut and not lacking[number + 1],
                )


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


def _parse(markdown: str) -> Sequence[Token]:
    """Return the tokens of a text, kept for those who ask next: HTML, text, checks.

    What is kept is bounded by its characters, of which each may be a paragraph: a hundred long texts of lists and line
    ends would take gigabytes.
    """
    with _lock:
        if markdown in _kept:
            # The one asked for last goes last.
            tokens = _kept[markdown] = _kept.pop(markdown)
            return tokens
    tokens = _parsed(markdown)
    with _lock:
        _kept[markdown] = tokens
        while len(_kept) > 1 and sum(map(len, _kept)) > _MOST_KEPT:
            del _kept[next(iter(_kept))]
    return tokens


_kept: dict[str, Sequence[Token]] = {}
_lock = threading.Lock()
_MOST_KEPT = 500_000


def _parsed(markdown: str) -> Sequence[Token]:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    """Tokens that stand or fall together: `needed` are the placeholders without which they say nothing.

    It is cut where its line ended before its words did: the next one seems to go on with them.
    """

    tokens: tuple[Token, ...]
    needed: tuple[str, ...]
    line: int
    is_cut: bool


def _mark_sentences(children: Sequence[Token], *, is_whole: bool = False) -> list[Token]:
    """Wrap each sentence that needs a placeholder without a fallback in marks that a provider's export can drop.

    With `is_whole`, somebody else has wrapped the block: then there is nothing to mark.
    """
    if is_whole or not _has_placeholder(children):
        return list(children)
    marked: list[Token] = []
    for sentence in _sentences(children):
        begin, end = _marks(sentence.needed)
        marked += [Token("html_inline", "", 0, content=begin)] if begin else []
        marked += sentence.tokens
        marked += [Token("html_inline", "", 0, content=end)] if end else []
    return marked


def _marks(needed: Iterable[str]) -> tuple[str, str]:
    """Return what stands before and after words that need all these placeholders."""
    marks = [region(name) for name in needed]
    return "".join(begin for begin, _ in marks), "".join(end for _, end in reversed(marks))


def _has_placeholder(children: Iterable[Token]) -> bool:
    return any("%%" in child.content or "%%" in str(child.attrs.get("href", "")) for child in children)


def _sentences(children: Sequence[Token]) -> Iterator[_Sentence]:
    """Yield the sentences of a block, the gap behind each with it; emphasis and links are never cut.

    One ends where a mark ends it, and at a line's end: else what comes next in a wrapped paragraph would go with it.
    """
    tokens: list[Token] = []
    depth = line = begun = 0
    # The last signs before what is looked at: a mark may stand inside emphasis, and its gap behind it.
    before = ""
    for number, child in enumerate(children):
        depth += child.nesting
        if child.type in {"softbreak", "hardbreak"}:
            tokens.append(child)
            line += 1
            if depth == 0:
                is_cut = child.type == "softbreak" and not _ends_line(before, children, number)
                yield _sentence(tokens, begun, is_cut=is_cut)
                tokens, begun, before = [], line, ""
        elif child.type == "text" and depth == 0:
            seen = before + child.content
            at = len(before)
            for end in (found.end() for found in _SENTENCE.finditer(seen)):
                if end >= at:
                    tokens += [Token("text", "", 0, content=seen[at:end])] if end > at else []
                    yield _sentence(tokens, begun)
                    tokens, begun, at = [], line, end
            if at < len(seen):
                tokens.append(Token("text", "", 0, content=seen[at:]))
            before = seen[-_TAIL:] if at < len(seen) else ""
        else:
            tokens.append(child)
            before = (before + child.content)[-_TAIL:]
    if tokens:
        yield _sentence(tokens, begun)


def _sentence(tokens: Iterable[Token], line: int, *, is_cut: bool = False) -> _Sentence:
    kept = tuple(tokens)
    names = {
        found[1]
        for child in kept
        for typed in (child.content, str(child.attrs.get("href", "")))
        for found in PLACEHOLDER.finditer(typed)
        if found[2] is None
    }
    return _Sentence(tokens=kept, needed=tuple(sorted(names)), line=line, is_cut=is_cut)


def _ends_line(before: str, children: Sequence[Token], at: int) -> bool:
    """Tell whether the words end at the line's end that is the token at `at`; a picture stands for itself.

    Not everybody sets a full stop behind an address: one ends them if the next line begins as sentences do.
    """
    beside = children[max(0, at - 1) : at + 2]
    if _LAST.search(before) or any(child.type == "image" for child in beside):
        return True
    following = next((child.content for child in children[at + 1 : at + 4] if child.content), "")[:1]
    return before.rstrip(" ").endswith("%%") and following.isupper()


def _needed(children: Sequence[Token]) -> tuple[str, ...]:
    """Return the placeholders without any of which nothing of the block is left; none if some words always stay."""
    if not _has_placeholder(children):
        return ()
    needed = [
        one.needed
        for one in _sentences(children)
        if one.needed or any(token.type == "image" or token.content.strip() for token in one.tokens)
    ]
    return needed[0] if needed and needed.count(needed[0]) == len(needed) else ()


def _whole_blocks(tokens: Sequence[Token]) -> dict[int, tuple[int, tuple[str, ...]]]:
    """Return the blocks that go with their words, the outermost only: first token, last token and what they need.

    Without it an export would leave an empty paragraph, or a point of a list without words.
    """
    found: dict[int, tuple[int, tuple[str, ...]]] = {}
    if not any(token.type == "inline" and _has_placeholder(token.children or ()) for token in tokens):
        return found
    # For each open block: its first token, and what each thing in it needs.
    opened: list[tuple[int, list[tuple[str, ...]]]] = [(-1, [])]
    for number, token in enumerate(tokens):
        if token.nesting == 1:
            opened.append((number, []))
        elif token.nesting == -1:
            first, inside = opened.pop()
            needed = inside[0] if inside and all(inside[0] == one for one in inside) else ()
            opened[-1][1].append(needed)
            if needed:
                found[first] = number, needed
        else:
            opened[-1][1].append(_needed(token.children or ()) if token.type == "inline" else ())
    outermost: dict[int, tuple[int, tuple[str, ...]]] = {}
    until = -1
    for first in sorted(found):
        if first > until:
            outermost[first] = found[first]
            until = found[first][0]
    return outermost


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """How blocks become lines of text; with `is_whole` they lie in one that goes with its words, marks and all."""

    link: Callable[[str], str]
    width: int
    picture_word: str
    is_whole: bool = False

    def inside(self, taken: int, *, is_whole: bool) -> "_Lines":
        """Return the same for what lies in a block whose mark takes some columns."""
        return replace(self, width=self.width - taken, is_whole=self.is_whole or is_whole)


def _blocks(tokens: list[Token], lines: _Lines) -> Iterator[str]:
    """Yield the top-level blocks as wrapped text; lists and quotes hold blocks of their own."""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.nesting == 1:
            end = _closing(tokens, at)
            yield _block(tokens[at : end + 1], lines)
            at = end + 1
            continue
        if token.type == "hr":
            yield "* * *"
        elif token.type in {"fence", "code_block"}:
            yield textwrap.indent(token.content.rstrip("\n"), "    ")
        at += 1


def _block(block: list[Token], lines: _Lines) -> str:
    token, inside = block[0], block[1:-1]
    if token.type == "paragraph_open":
        return wrap(_inline(inside[0].children or [], lines), lines.width)
    if token.type in {"bullet_list_open", "ordered_list_open"}:
        return _listed(token, inside, lines)
    begin, end = ("", "") if lines.is_whole else _marks(_whole_blocks(block).get(0, (0, ()))[1])
    if token.type == "heading_open":
        words = _inline(inside[0].children or [], lines.inside(0, is_whole=bool(begin)))
        return f"{begin}{underline(words, '~', lines.width)}{end}"
    quoted = "\n\n".join(_blocks(inside, lines.inside(2, is_whole=bool(begin))))
    return begin + "\n".join(f"> {line}".rstrip() for line in quoted.split("\n")) + end


def _listed(token: Token, inside: list[Token], lines: _Lines) -> str:
    number = int(token.attrs.get("start", 1))
    listed: list[str] = []
    at = 0
    while at < len(inside):
        last = _closing(inside, at)
        begin, end = ("", "") if lines.is_whole else _marks(_whole_blocks(inside[at : last + 1]).get(0, (0, ()))[1])
        mark = f"{number}. " if token.type == "ordered_list_open" else "- "
        blocks = list(_blocks(inside[at + 1 : last], lines.inside(len(mark), is_whole=bool(begin))))
        # Paragraphs of a tight list are hidden; those of a loose one stand apart.
        is_tight = all(one.hidden for one in inside[at + 1 : last] if one.type == "paragraph_open")
        rows = ("\n" if is_tight else "\n\n").join(blocks).split("\n")
        entry = "\n".join(((" " * len(mark) if n else mark) + row).rstrip() for n, row in enumerate(rows))
        # The end of the line before it goes with an entry.
        listed.append(f"{begin}{chr(10) if at else ''}{entry}{end}")
        number, at = number + 1, last + 1
    return "".join(listed)


def _closing(tokens: list[Token], at: int) -> int:
    depth = 0
    for number in range(at, len(tokens)):
        depth += tokens[number].nesting
        if depth == 0:
            return number
    return len(tokens) - 1


def _inline(children: list[Token], lines: _Lines) -> str:
    words: list[str] = []
    opened: list[tuple[int, str]] = []
    for child in _mark_sentences(children, is_whole=lines.is_whole):
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
            words.append(f"[{lines.picture_word}: {child.content}]" if child.content else "")
        elif child.type == "link_open":
            opened.append((len(words), str(child.attrs["href"])))
        elif child.type == "link_close":
            start, address = opened.pop()
            shown = "".join(words[start:])
            if address.removeprefix("mailto:").removeprefix("tel:") != shown:
                words.append(f"{_GLUE}{lines.link(address)}")
    return "".join(words)
