"""Markdown -> HTML, plain text, bare words: the one place that knows the Markdown parser."""

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from newsletter.values import PLACEHOLDER

WIDTH = 72
# Deeper quotes and lists than this are kept as text: markdown-it drops what lies below its own limit.
_DEPTH = 12
_MARKERS = re.compile(r"((?:[ \t]*(?:>|(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t])))+)")
_MARKER = re.compile(r"[ \t]*(?:>|(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t]))")
# Stands for a blank at which no line may break; NUL can't be in a writer's words (values.clean).
_GLUE = "\x00"
_SENTENCE = re.compile(r"(?<=[.!?…])[ \n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a picture inside words is shown: its address and its size in CSS pixels (0: unknown)."""

    source: str
    width: int
    height: int


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
    can be left out whole: `%%[name%%…%%name]%%`.
    """
    tokens = [token.copy() for token in _parse(markdown)]
    levels = sorted({token.tag for token in tokens if token.type == "heading_open"})
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, 4 + levels.index(token.tag))}"
        if token.children is not None:
            token.children = [child.copy() for child in _mark_sentences(token.children)]
            for child in token.children:
                _dress(child, styles)
                if child.type == "image":
                    _show(child, (shown or {}).get(str(child.attrs["src"])))
        _dress(token, styles)
    html: str = _markdown().renderer.render(tokens, _markdown().options, {})
    return html.replace("\n<", "<").strip()


def to_text(markdown: str, link: Callable[[str], str], width: int = WIDTH, picture_word: str = "Picture") -> str:
    """Return plain text wrapped at `width`; `link` notes an address and returns its mark, such as `[3]`."""
    return "\n\n".join(_blocks(list(_parse(markdown)), link, width, picture_word))


def plain(markdown: str) -> str:
    """Return the bare words in one line."""
    words = []
    for token in _parse(markdown):
        if token.type == "inline":
            words.append(
                "".join(
                    " " if child.type in {"softbreak", "hardbreak"} else child.content
                    for child in token.children or ()
                    if child.type != "image"
                )
            )
        elif token.type in {"fence", "code_block"}:
            words.append(token.content)
    return re.sub(r"[ \t\n]+", " ", " ".join(words)).strip(" ")


def wrap(words: str, width: int = WIDTH, first: str = "", rest: str = "") -> str:
    """Return the words in lines of at most `width`, never breaking a word or an address."""
    lines: list[str] = []
    for line in words.split("\n"):
        lead = rest if lines else first
        # textwrap splits on ASCII blanks only, so NBSP keeps its promise.
        lines += textwrap.wrap(
            line,
            width,
            initial_indent=lead,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [lead.rstrip()]
    return "\n".join(lines).replace(_GLUE, " ")


@lru_cache(1)
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 200}).enable("strikethrough")
    parser.validateLink = _is_safe
    # Addresses stay byte for byte what the writer typed; the default re-encodes them, placeholders too.
    parser.normalizeLink = _normalize
    parser.normalizeLinkText = lambda url: url
    return parser


def _is_safe(address: str) -> bool:
    scheme = re.match(r"\s*([A-Za-z][A-Za-z0-9+.-]*):", address)
    return not scheme or scheme[1].lower() in {"https", "http", "mailto", "tel"}


def _normalize(address: str) -> str:
    return re.sub(r"[\s<>\"`]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), address)


@lru_cache(512)
def _parse(markdown: str) -> Sequence[Token]:
    return _markdown().parse("\n".join(map(_flatten, markdown.split("\n"))))


def _flatten(line: str) -> str:
    """Turn markers of quotes and lists beyond `_DEPTH` into text, and cap the indentation of nested lists."""
    blanks = len(line) - len(line.lstrip(" \t"))
    if blanks > 8 * _DEPTH:
        line = " " * 8 * _DEPTH + line[blanks:]
    found = _MARKERS.match(line)
    if not found or len(found[1]) < 2 * _DEPTH:
        if not found or found[1].count(">") <= _DEPTH:
            return line
    markers = list(_MARKER.finditer(found[1]))
    if len(markers) <= _DEPTH:
        return line
    cut = markers[_DEPTH].end() - len(markers[_DEPTH][0].lstrip())
    mark = markers[_DEPTH][0].strip()
    escaped = f"{mark[:-1]}\\{mark[-1]}" if mark[0].isdigit() else f"\\{mark}"
    return line[:cut] + escaped + line[cut + len(mark) :]


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
    marked = []
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
        marked += [Token("html_inline", "", 0, content=f"%%[{name}%%") for name in needed]
        marked += sentence
        marked += [Token("html_inline", "", 0, content=f"%%{name}]%%") for name in reversed(needed)]
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
        text = wrap(words, width)
        yield (
            f"{text}\n{'-' * min(width, max(map(len, text.splitlines()), default=0))}" if token.tag[0] == "h" else text
        )
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
            lines = "\n".join(blocks).split("\n") if blocks else [""]
            entries.append("\n".join((mark if not n else " " * len(mark)) + line for n, line in enumerate(lines)))
            number, at = number + 1, end + 1
        yield "\n".join(entry.rstrip() for entry in entries)


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
