"""Markdown -> tokens: the one place that knows the Markdown parser.

CommonMark, and GitHub's tables, strikethrough and bare addresses, by the rules of markdown-it. What differs is for
words that would get lost otherwise: nothing is dropped for lying deep, for having no column of its own, or for being
defined and never referred to.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, html_block, lheading, list_block, reference, table
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_inline import StateInline, emphasis
from markdown_it.token import Token
from msgspec import Struct, field

from newsletter.patterns import later
from newsletter.read.typed import meant
from newsletter.read.typography import pieces
from newsletter.read.values import LINK_SCHEMES, PLACEHOLDER, address, clean

if TYPE_CHECKING:
    from newsletter.read.markup import Dropped

# Levels of quotes (one each) and lists (two each). Markers below stay visible text: markdown-it silently drops what
# lies deeper than its own limit, and no inbox has the width.
_DEPTH = 12
# Emphasis, strikethrough: said once, however often one lies in another.
_EMPHASIS = ("em", "strong", "s", "u", "mark")
# Stands for a bar; NUL can't be in a writer's words (values.clean).
_BAR = "\x00"
_FOOTNOTE = later(r"\[\^")
_WEB = later(r"https?:\Z", re.IGNORECASE)
# No address of a page is longer; the library copies what it is asked to look at.
_LONGEST = 5_000
# Of a host's name (RFC 1035, 2.3.4).
_LONGEST_HOST = 255
# What the parser takes and the cache keeps, by characters: each may be a paragraph, and a hundred long texts of lists
# and line ends would take gigabytes.
_MOST_KEPT = 500_000

# Blocks of HTML that an empty line does not end, and elements that hold no prose.
_WHOLE_BLOCK = later(r"<(?:!|\?|(?:script|pre|style|textarea)\b)", re.IGNORECASE)
_NO_PROSE = ("code", "iframe", "math", "pre", "script", "select", "style", "svg", "textarea", "title")
# A line that is Markdown whatever stands around it: a point, a heading, a quote, a row of a table; and what no words
# have by chance: a link, a picture, bold words, code.
_MARKDOWN_BLOCK = later(r"[ \t]{0,8}(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+\S|#{1,6}[ \t]+\S|>[ \t]*\S|\|[^|\n]+\|)")
_MARKDOWN_WORDS = later(
    r"\*\*[^\s*][^*\n]*\*\*|\[[^\[\]\n]+\]\([^()\s]+\)|`[^`\n]+`"
    r"|(?<![\w*])\*[^\s*][^*\n]*(?<!\s)\*(?![\w*])|(?<![\w_])_[^\s_][^_\n]*(?<!\s)_(?![\w_])"
)
# How many such lines of one block are looked at: each asks for all that stands before it.
_MOST_LOOKED_AT = 100

_ASTERISK = ord("*")
# How many asterisks before two of them are counted, to see whether they begin or end bold words.
_MOST_SIGNS = 400
# Letters and marks of Chinese, Japanese and Korean; marks that end an address among them; what opens a quotation.
_WIDE = later("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")
_WIDE_MARK = later("[\u3001-\u303f\uff01-\uff0c\uff0e\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]")
_OPENING = "\"'“‘«„‚¿¡(["

_Rule = Callable[[StateBlock, int, int, bool], bool]


class Parsed(Struct, frozen=True, kw_only=True):
    """The tokens of a text, without HTML, and what of its HTML was left out. Copy what you change."""

    tokens: Sequence[Token]
    left_out: "tuple[Dropped, ...]" = ()
    # By language, with its quotation marks and dashes.
    typeset: dict[str, Sequence[Token]] = field(default_factory=dict)


def parse(markdown: str, language: str = "") -> Sequence[Token]:
    """Return the tokens of a text, with the quotation marks and dashes of a language; copy what you change."""
    found = parsed(markdown)
    if language and language not in found.typeset:
        found.typeset[language] = [_typeset(token, language) for token in found.tokens]
    return found.typeset[language] if language else found.tokens


def parsed(markdown: str) -> Parsed:
    """Return a text as it was read, kept for those who ask next: HTML, text, checks."""
    global _letters
    with _lock:
        if markdown in _kept:
            # The one asked for last goes last.
            found = _kept[markdown] = _kept.pop(markdown)
            return found
    found = _parsed(markdown)
    with _lock:
        # Another thread may have put it there meanwhile.
        _letters += 0 if markdown in _kept else len(markdown)
        _kept[markdown] = found
        while len(_kept) > 1 and _letters > _MOST_KEPT:
            oldest = next(iter(_kept))
            del _kept[oldest]
            _letters -= len(oldest)
    return found


_kept: dict[str, Parsed] = {}
_letters = 0
_lock = threading.Lock()


def render(tokens: Sequence[Token]) -> str:
    """Return the HTML of tokens."""
    html: str = _markdown().renderer.render(tokens, _markdown().options, {})
    return html


class _Markdown(MarkdownIt):
    """CommonMark and GitHub's extensions; links are safe and stay as typed."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": True, "xhtmlOut": False, "linkify": True})
        self.enable(["table", "strikethrough", "linkify"])
        self.linkify = Addresses()
        interrupts = ["paragraph", "reference", "blockquote"]
        self.block.ruler.at("blockquote", _unless_deep(blockquote), {"alt": [*interrupts, "list"]})
        self.block.ruler.at("list", _unless_deep(list_block), {"alt": interrupts})
        self.block.ruler.at("html_block", _html, {"alt": ["paragraph", "reference", "blockquote"]})
        self.block.ruler.at("reference", _definition)
        self.block.ruler.at("lheading", _underlined)
        # Word pastes paragraphs with four blanks, or a tab, before them.
        self.block.ruler.disable("code")
        self.block.ruler.at("table", _whole_table, {"alt": ["paragraph", "reference"]})
        self.inline.ruler.at("linkify", _web_address)
        self.inline.ruler.at("emphasis", _emphasis)
        self.inline.ruler.before("escape", "placeholder", _placeholder)

    def validateLink(self, url: str) -> bool:
        scheme = re.match(r"\s*([A-Za-z][A-Za-z0-9+.-]*):", url)
        return not scheme or scheme[1].lower() in LINK_SCHEMES

    def normalizeLink(self, url: str) -> str:
        """Return the address as it can stand in a mail; the default would re-encode more."""
        return address(url)

    def normalizeLinkText(self, link: str) -> str:
        return link


class Addresses(LinkifyIt):  # type: ignore[misc]  # it has no types
    """Finds GitHub's bare addresses: `https://…`, `www.…`, mail.

    A file's name (README.md) is none, and neither is a sentence that follows without a blank (soon.It). Most texts hold
    none, and the library's patterns take long to compile and to look with.
    """

    def __init__(self) -> None:
        super().__init__({"ftp:": None, "//": None, "www.": {"validate": _www}}, {"fuzzy_link": False})

    def pretest(self, text: str) -> bool:
        """Tell whether the text may hold an address."""
        return ":" in text or "@" in text or "www." in text.lower()

    def test(self, text: str) -> bool:
        """Tell whether the text holds an address."""
        return self.pretest(text) and bool(super().test(text))


@lru_cache(1)
def _markdown() -> _Markdown:
    return _Markdown()


def _www(linkify: Any, text: str, at: int) -> int:
    """Return how many characters of an address follow its `www.`."""
    if "www" not in linkify.re:
        linkify.re["www"] = re.compile(linkify.re["src_host_strict"], re.IGNORECASE)
        linkify.re["path"] = re.compile(linkify.re["src_path"], re.IGNORECASE)
    host = linkify.re["www"].match(text, at, at + _LONGEST_HOST)
    return linkify.re["path"].match(text, host.end()).end() - at if host else 0


def _web_address(state: StateInline, silent: bool) -> bool:
    """Take `https://…` for a link before the signs in it are taken for emphasis.

    As markdown_it.rules_inline.linkify, which reads all that stands before and behind anew at each `://`.
    """
    scheme = _WEB.search(state.pending[-5:] + ":") if state.src.startswith("://", state.pos) else None
    if not scheme or state.linkLevel:
        return False
    begin = state.pos + 1 - len(scheme[0])
    before = state.pending[: 1 - len(scheme[0])][-1:]
    assert state.md.linkify
    found = state.md.linkify.match_at_start(state.src[begin : min(state.posMax, begin + _LONGEST)])
    if not found or (before.isalnum() and not _WIDE.match(before)):
        return False
    # An asterisk at its end closes emphasis, and a wide mark is one of the sentence: （https://a.example）。
    typed = _WIDE_MARK.split(found.url, maxsplit=1)[0].rstrip("*")
    if not silent:
        state.pending = state.pending[: 1 - len(scheme[0])]
        token = state.push("link_open", "a", 1)
        token.attrs = {"href": state.md.normalizeLink(typed)}
        token.markup, token.info = "linkify", "auto"
        state.push("text", "", 0).content = typed
        token = state.push("link_close", "a", -1)
        token.markup, token.info = "linkify", "auto"
    state.pos = begin + len(typed)
    return True


def _placeholder(state: StateInline, silent: bool) -> bool:
    """Take `%%first_name|friend%%` as it is typed, whatever its fallback would say in Markdown."""
    match = PLACEHOLDER.match(state.src, state.pos, state.posMax) if state.src.startswith("%%", state.pos) else None
    if not match:
        return False
    if not silent:
        state.pending += match[0]
    state.pos = match.end()
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Take asterisks for emphasis where people mean it, and CommonMark, which thinks of blanks, does not.

    Chinese and Japanese have none: `这是**重要的，**请看`. Two asterisks behind a mark end what two others began:
    `**When:**Monday`. Between two digits one stands for times: `2*3*4`.
    """
    at = len(state.delimiters)
    first = state.pos
    if not emphasis.tokenize(state, silent):
        return False
    made = state.delimiters[at:]
    if made[0].marker != _ASTERISK:
        return True
    before, behind = state.src[first - 1 : first] or " ", state.src[state.pos : state.pos + 1] or " "
    is_wide = (bool(_WIDE.match(before)), bool(_WIDE.match(behind)))
    opens, closes = made[0].open, made[0].close
    is_within = not before.isspace() and not behind.isspace()
    if len(made) == 1 and before.isdigit() and behind.isdigit():
        opens = closes = False
    elif is_within and any(is_wide):
        opens = opens or before.isalnum() or is_wide[0]
        closes = closes or behind.isalnum() or is_wide[1]
    elif is_within and len(made) == 2 and opens != closes:
        earlier = state.delimiters[max(0, at - _MOST_SIGNS) : at]
        begun = sum(delimiter.marker == _ASTERISK and delimiter.length == 2 for delimiter in earlier) // 2 % 2
        if begun and opens and not before.isalnum() and behind.isalnum():
            opens, closes = False, True
        elif not begun and closes and before.isalnum() and not behind.isalnum():
            opens, closes = behind in _OPENING, closes
    for delimiter in made:
        delimiter.open, delimiter.close = opens, closes
    return True


def _unless_deep(rule: _Rule) -> _Rule:
    def limited(state: StateBlock, first: int, end: int, silent: bool) -> bool:
        return state.level < _DEPTH and rule(state, first, end, silent)

    return limited


def _underlined(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Read a heading with `===` below it; `---` below words is a line drawn between two paragraphs."""
    at = len(state.tokens)
    if not lheading(state, first, end, silent):
        return False
    if state.tokens[at].markup == "=":
        return True
    del state.tokens[at:]
    state.line = first
    return False


def _html(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Read a block of HTML up to the first line in it that is Markdown: people leave no empty line below `<summary>`.

    To CommonMark all up to the next empty line is HTML, and `**` in it two asterisks.
    """
    return html_block(state, first, end if silent else _first_of_markdown(state, first, end), silent)


def _first_of_markdown(state: StateBlock, first: int, end: int) -> int:
    """Return the number of the line with which Markdown begins below a line of HTML; `end` if none does."""
    begin = state.bMarks[first] + state.tShift[first]
    if not state.src.startswith("<", begin) or _WHOLE_BLOCK.match(state.src, begin):
        return end
    looked_at = 0
    for number in range(first + 1, end):
        at = state.bMarks[number] + state.tShift[number]
        if state.isEmpty(number) or looked_at == _MOST_LOOKED_AT:
            break
        if _is_markdown(state.src[at : state.eMarks[number]]):
            looked_at += 1
            if not _is_open(state.src[begin:at]):
                return number
    return end


def _is_markdown(line: str) -> bool:
    return bool(_MARKDOWN_BLOCK.match(line)) or (line[:1] != "<" and bool(_MARKDOWN_WORDS.search(line)))


def _is_open(html: str) -> bool:
    """Tell whether what follows lies in a tag that is not closed, in a comment, or in what is no prose."""
    if html.rfind("<") > html.rfind(">") or html.rfind("<!--") > html.rfind("-->"):
        return True
    lower = html.lower()
    return any(lower.rfind(f"<{name}") > lower.rfind(f"</{name}") for name in _NO_PROSE if f"<{name}" in lower)


class _Definitions(dict[str, Any]):
    """The definitions of a text (`[label]: address`) by their labels, and which labels its words refer to."""

    def __init__(self) -> None:
        super().__init__()
        self.used: set[str] = set()

    def get(self, label: str, default: Any = None) -> Any:
        """Return a definition; whoever refers to one asks so."""
        self.used.add(label)
        return super().get(label, default)


def _definition(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Take `[label]: address` for a definition; in a second reading, the lines of one that says nothing as words.

    `[^1]: …` is a footnote, which CommonMark knows nothing of.
    """
    if _FOOTNOTE.match(state.src, state.bMarks[first] + state.tShift[first]):
        return False
    if not reference(state, first, end, silent) or silent:
        return False
    if first in state.env.get("shown", ()):
        # With a backslash, since its label may be that of another definition.
        words = "\\" + state.getLines(first, state.line, state.blkIndent, False).strip()
        token = state.push("paragraph_open", "p", 1)
        token.map = [first, state.line]
        token = state.push("inline", "", 0)
        token.content, token.map, token.children = words, [first, state.line], []
        state.push("paragraph_close", "p", -1)
    return True


def _whole_table(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Read a table; cells beyond the columns of its head, which GitHub leaves out, get columns of their own."""
    at, source = len(state.tokens), state.src
    # The bar in `%%first_name|friend%%` parts no cells. Looked for once: every line is asked whether it begins a table.
    if "without_bars" not in state.env:
        state.env["without_bars"] = PLACEHOLDER.sub(lambda match: match[0].replace("|", _BAR), source)
    state.src = state.env["without_bars"]
    is_table = table(state, first, end, silent)
    state.src = source
    if not is_table or silent:
        return is_table
    made = state.tokens[at:]
    for token in made:
        token.content = token.content.replace(_BAR, "|")
    rows = {token.map[0]: _cells_of(state, token.map[0]) for token in made if token.type == "tr_open" and token.map}
    columns = len(rows[first])
    most = max(map(len, rows.values()))
    if most > columns:
        made = state.tokens[at:] = list(_widened(made, rows, most))
    if not any(token.content for token in made if token.map and token.map[0] == first):
        # Google Docs gives each table a head, which is empty where there was none.
        ends = next(number for number, token in enumerate(made) if token.type == "thead_close")
        del state.tokens[at + 1 : at + ends + 1]
    return True


def _cells_of(state: StateBlock, line: int) -> list[str]:
    typed = state.env["without_bars"][state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
    cells = [cell.replace(_BAR, "|") for cell in escapedSplit(typed)]
    del cells[: cells[:1] == [""]]
    if cells[-1:] == [""]:
        del cells[-1:]
    return cells


def _widened(made: Sequence[Token], rows: Mapping[int, list[str]], most: int) -> Iterator[Token]:
    """Yield the tokens of a table with as many cells in each row as the longest has."""
    line = count = 0
    tag = "td"
    for token in made:
        if token.type == "tr_open" and token.map:
            line, count = token.map[0], 0
        elif token.type in {"th_open", "td_open"}:
            tag, count = token.tag, count + 1
        elif token.type == "tr_close":
            for cell in (*rows[line][count:], *[""] * (most - max(count, len(rows[line])))):
                words = cell.strip()
                yield Token(f"{tag}_open", tag, 1, level=token.level, block=True)
                yield Token("inline", "", 0, content=words, map=[line, line + 1], children=[], level=token.level + 1)
                yield Token(f"{tag}_close", tag, -1, level=token.level, block=True)
        yield token


def _parsed(markdown: str) -> Parsed:
    typed = meant(markdown)
    definitions = _Definitions()
    env: dict[str, Any] = {"references": definitions}
    tokens = _markdown().parse(typed.markdown, env)
    shown = {definition["map"][0] for label, definition in definitions.items() if label not in definitions.used}
    shown |= {definition["map"][0] for definition in env.get("duplicate_refs", ())}
    if shown:
        # What nothing refers to would vanish: `[Update]: won`, or one of two links that are both called `[Video]`.
        tokens = _markdown().parse(typed.markdown, {"references": _Definitions(), "shown": shown})
    _number(tokens, typed.letters)
    left_out: tuple[Dropped, ...] = ()
    if _has_html(tokens):
        from newsletter.read.markup import resolved

        tokens, left_out = resolved(tokens, _address)
    for token in tokens:
        if token.children:
            token.children = list(_plainer(token.children))
        elif token.type == "fence":
            # One word behind the fence names a language; more were meant to be read.
            token.content = f"{token.info.strip()}\n{token.content}" if " " in token.info.strip() else token.content
            token.info = ""
        elif token.type in {"th_open", "td_open"} and "style" in token.attrs:
            token.attrs = {"align": str(token.attrs["style"]).removeprefix("text-align:")}
    return Parsed(tokens=tokens, left_out=left_out)


def _has_html(tokens: Sequence[Token]) -> bool:
    """Tell whether any of it is HTML."""
    return any(
        token.type == "html_block" or any(child.type == "html_inline" for child in token.children or ())
        for token in tokens
    )


def _typeset(token: Token, language: str) -> Token:
    """Return the words of a paragraph as typeset; code, and words that are a link's own address, stay."""
    if not token.children:
        return token
    typed: list[tuple[str, bool]] = []
    address = ""
    for child in token.children:
        if child.type == "link_open":
            address = str(child.attrs["href"])
        elif child.type == "link_close":
            address = ""
        is_prose = child.type == "text" and not (address and address.endswith(child.content))
        words = " " if child.type in {"softbreak", "hardbreak"} else "x" if child.type == "image" else child.content
        typed.append((words, is_prose or words == " "))
    new = pieces(typed, language)
    if all(words == old for words, (old, _) in zip(new, typed, strict=True)):
        return token
    children = [
        child.copy(content=words) if child.type == "text" and words != child.content else child
        for child, words in zip(token.children, new, strict=True)
    ]
    return token.copy(children=children)


def _address(typed: str) -> str:
    whole = address(typed.strip())
    return whole if _markdown().validateLink(whole) else ""


def _number(tokens: Sequence[Token], letters: Mapping[int, str]) -> None:
    """Give lists the numbers that were typed: `start`, the `value` of a point that does not follow, `type` of letters.

    A list of which each point is typed `1.` counts by itself.
    """
    # Of each open list: its token, the number that comes next, and the points so far.
    opened: list[tuple[Token, int, list[Token]]] = []
    for token in tokens:
        if token.type == "ordered_list_open":
            opened.append((token, int(token.attrs.get("start", 1)), []))
        elif token.type == "list_item_open" and token.info:
            opened[-1][2].append(token)
        elif token.type == "ordered_list_close":
            begun, number, points = opened.pop()
            if points[0].map and points[0].map[0] in letters:
                name = letters[points[0].map[0]]
                begun.attrs["type"] = name[0]
                for point in points:
                    point.markup = name[1]
            if points[0].markup == ")":
                # No mail program sets `1)`; plain text and the terminal do.
                begun.attrs["data-sign"] = ")"
            for point in points if len({point.info for point in points}) > 1 else ():
                if number != int(point.info):
                    number = int(point.info)
                    point.attrs["value"] = number
                number += 1


def _plainer(children: list[Token]) -> Iterator[Token]:
    """Leave out what says nothing: emphasis inside the same emphasis (however deep), links and pictures to nowhere.

    Character references could bring control characters back; those go as well (values.clean).
    """
    opened = dict.fromkeys(_EMPHASIS, 0)
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
