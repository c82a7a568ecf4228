"""Markdown -> HTML, plain text, bare words, for whoever shows or checks them."""

import re
import textwrap
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from markdown_it.token import Token
from msgspec import Struct
from msgspec.structs import replace

from newsletter.patterns import later
from newsletter.read import columns
from newsletter.read.markdown import parse, parsed, render
from newsletter.read.typed import counted
from newsletter.read.values import PLACEHOLDER, region, without_regions

if TYPE_CHECKING:
    from newsletter.read.markup import Dropped

WIDTH = 72
# The narrowest column that text is wrapped to, however deep its list.
_NARROWEST = 24
# Words that are set in lines break before this column; no line of a text that is wrapped ends so early.
_SHORT_LINE = 45
# `When: Monday`, `📍 Main Street`, `— Hola`, `(1) Parks`: what stands at the beginning of a line and nowhere else.
_LABELLED = later(r"[^\W\d_][\w ’'-]{0,24}:(?=\s|\Z)|[^\w\s\"'“‘«¿¡(\[*_`&$€£@#%+.,;:!?-]|\(?[A-Za-z0-9]{1,3}[.)]\s")
# Q: Why?
_ANSWERED = later(r"[^\W\d_]{1,12}:\s")
# Columns of a table that a phone has room for; between two of them in text.
_MOST_COLUMNS, _GAP = 3, 2
# Characters beside each other in the columns of a table: on a phone, and on a desktop's paper.
_PHONE, _PAPER = 30, 55
# Stands for a blank at which no line may break; NUL can't be in a writer's words (values.clean).
_GLUE = "\x00"
# `padding-left:24px`, `border-right:4px solid #1D5C63`; `width:100%`, but not `max-width:100%`.
_SIDES = later(r"(?:padding|border)-(?:left|right): *(\d{1,4})px")
_FILLS = later(r"(?<![\w-])width: *100%")
# How plain text says what a tag means.
_TEXT_MARKS = {"em": "_", "strong": "*", "s": "~"}
_SMALL = {
    "sub": str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"),
    "sup": str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ"),
}
_BREAKS = frozenset({"softbreak", "hardbreak"})
# A sentence's end with the gap behind it; quotes and brackets close behind its mark. Chinese and Japanese have no gap.
_CLOSING = """["'”’»)\\]）」』]{0,4}"""
_SENTENCE = later(rf"[.!?…؟۔।]{_CLOSING}[ \n]+|[。！？]{_CLOSING} *")
_LAST = later(rf"[.!?…؟۔।。！？]{_CLOSING} *\Z")
# As many signs as a mark and what closes behind it.
_TAIL = 8


class Shown(Struct, frozen=True, kw_only=True):
    """How a picture inside words is shown: its address and its size in CSS pixels (0: unknown).

    `room` is how wide the words stand there; a picture is never wider than what lists and quotes leave of it.
    """

    source: str
    width: int
    height: int
    room: int


class Anchor(Struct, frozen=True, kw_only=True):
    """A link inside words: its text, its address, its line (from 0)."""

    text: str
    address: str
    line: int


class LeftOut(Struct, frozen=True, kw_only=True):
    """Words that go where a provider lacks `placeholder`, and their line (from 0).

    The line before or the next one may hold the rest of their sentence, and stay.
    """

    words: str
    placeholder: str
    line: int
    is_cut_before: bool
    is_cut_after: bool


class Passage(Struct, frozen=True, kw_only=True):
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
    for token in parse(markdown):
        if token.type in {"blockquote_open", "blockquote_close"}:
            quotes += token.nesting
        elif token.type != "inline":
            opened = token
        elif token.map:
            level = int(opened.tag[1]) if opened and opened.type == "heading_open" else 0
            yield _passage(token, "heading" if level else "quote" if quotes else "paragraph", level)


def run_together(markdown: str, *, in_html: bool = False) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield lines that were meant as lines, and come out as one: the first one's number (from 0), and their words.

    Such as an address, a sign-off, opening hours: short lines that begin anew each (`Jane Doe`, `Chair`), and those
    that begin with a label or a sign (`When: …`, `📍 …`), however long. Either those of Markdown or, `in_html`, those
    inside a block of HTML.
    """
    for token in parse(markdown):
        if token.type == "inline" and token.map and token.children and bool(token.meta.get("is_html")) == in_html:
            if not any(child.type == "softbreak" for child in token.children):
                continue
            first = token.map[0]
            breaks = sum(child.type in _BREAKS for child in token.children)
            if 1 < token.map[1] - first != breaks + 1 and not in_html:
                # Code, or a link's address, goes over a line's end: which line each of the others is nobody knows.
                continue
            # A break that was meant ends one stretch and begins another.
            for begin, lines in _soft_lines(token.children):
                for at, run in _runs(lines):
                    yield first + begin + at, tuple(run)


def _soft_lines(children: Sequence[Token]) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines between which Markdown breaks none: the first one's number, and their words."""
    lines, number, begin = [""], 0, 0
    for child in children:
        if child.type == "softbreak":
            lines.append("")
            number += 1
        elif child.type == "hardbreak":
            yield begin, lines
            number += 1
            lines, begin = [""], number
        else:
            lines[-1] += f"[{child.content}]" if child.type == "image" else child.content
    yield begin, lines


def _runs(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield stretches of lines, none of which goes on with the sentence of the one before it."""
    begin = 0
    for number in range(1, len(lines) + 1):
        if number < len(lines) and _stands(lines[number]) and not lines[number][:1].islower():
            continue
        run = list(lines[begin if _stands(lines[begin]) else begin + 1 : number])
        # Some writers begin each sentence on a line of its own.
        if len(run) > 1 and (not all(map(_LAST.search, run[:-1])) or all(map(_ANSWERED.match, run))):
            yield number - len(run), run
        begin = number


def _stands(line: str) -> bool:
    return 0 < columns.cells(line) <= _SHORT_LINE or bool(_LABELLED.match(line))


def pictures(markdown: str) -> Iterator[tuple[str, str, int]]:
    """Yield address, alt text and line (from 0) of every picture in the words."""
    for token in parse(markdown):
        line = token.map[0] if token.map else 0
        for child in token.children or ():
            line += child.type in _BREAKS
            if child.type == "image":
                yield str(child.attrs["src"]), child.content, line


def html_left_out(markdown: str) -> "tuple[Dropped, ...]":
    """Return what of the HTML in the words no reader gets: comments, what runs or loads."""
    return parsed(markdown).left_out


def pictures_of_html(markdown: str) -> frozenset[str]:
    """Return the addresses of the pictures that stand in the words as HTML (`<img>`)."""
    children = (child for token in parse(markdown) for child in token.children or ())
    return frozenset(str(child.attrs["src"]) for child in children if child.type == "image" and child.meta)


def to_html(
    markdown: str,
    styles: Mapping[str, Mapping[str, str]],
    shown: Mapping[str, Shown] | None = None,
    language: str = "",
) -> str:
    """Return HTML with the attributes of `styles` (by tag) on every element, and the marks of a language in its words.

    Links that could run something stay words, headings start at h4 (an item's headline is the h3 above them), and a
    sentence around a placeholder that some provider lacks is marked, so that it can be left out whole (values.region).
    """
    # What `parse` returns serves every issue that runs the item: what is changed is copied.
    tokens = [_copied(token) for token in parse(markdown, language)]
    levels = sorted({token.tag for token in tokens if token.type == "heading_open"})
    is_bare = _is_bare(markdown)
    whole = {} if is_bare else _whole_blocks(tokens)
    until = -1
    tables = _tables(tokens)
    indent, columns = 0, 1
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
        if shown:
            if token.tag == "table":
                columns = _columns(tokens, number) if token.nesting > 0 else 1
            indent += token.nesting * columns * _indent(styles.get(token.tag, {}).get("style", ""))
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, 4 + levels.index(token.tag))}"
        if token.children is not None:
            marked = _mark_sentences(token.children, is_whole=is_bare or number < until)
            token.children = [_copied(child) if child.tag and child.nesting >= 0 else child for child in marked]
            for child in token.children:
                if child.tag and child.nesting >= 0:
                    _dress(child, styles)
                if child.type == "image" and shown is not None:
                    _show(child, shown.get(str(child.attrs["src"])), indent, columns)
        _dress(token, styles)
        if number in tables.crowded:
            _add_style(token, "word-break:break-word")
        if number in tables.wide and "span" in styles:
            token.attrJoin("class", "wide")
        if number in tables.labels and "span" in styles:
            dressed += _label(tables.labels[number], styles["span"])
    return render(dressed).strip()


def to_text(
    markdown: str, link: Callable[[str], str], width: int = WIDTH, picture_word: str = "Picture", language: str = ""
) -> str:
    """Return plain text wrapped at `width`; `link` notes an address and returns its mark, such as `[3]`."""
    lines = _Lines(link=link, width=width, picture_word=picture_word, is_whole=_is_bare(markdown))
    return "\n\n".join(_blocks(list(parse(markdown, language)), lines))


def plain(markdown: str, language: str = "") -> str:
    """Return the bare words in one line, without sentences that some provider would leave out, and without tables."""
    words = []
    is_table = False
    for token in parse(markdown, language):
        if token.type in {"table_open", "table_close"}:
            is_table = token.type == "table_open"
        elif is_table:
            continue
        elif token.type == "inline":
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


def open_fence(markdown: str) -> int | None:
    """Return the line (from 0) of a code fence that nothing closes: all below it is code; None where each is closed."""
    if "```" not in markdown and "~~~" not in markdown:
        return None
    lines = markdown.split("\n")
    for token in parse(markdown):
        if token.type == "fence" and token.map:
            begin, end = token.map
            if end - begin < 2 or not lines[end - 1].strip(" \t>").startswith(token.markup):
                return begin
    return None


def left_out(markdown: str, lacks: Container[str]) -> Iterator[LeftOut]:
    """Yield what goes, sentence by sentence, where a provider lacks these placeholders."""
    if "%%" not in markdown:
        return
    for token in parse(markdown):
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
        if "%%" in line:
            line = PLACEHOLDER.sub(lambda match: match[0].replace(" ", _GLUE), line)
        if columns.has_no_blanks(line):
            lines += columns.broken(line, max(width, _NARROWEST), lead, rest)
            continue
        lines += _wrapped(line, max(width, _NARROWEST), lead, rest) or [lead.rstrip()]
    return "\n".join(lines).replace(_GLUE, " ")


def _wrapped(line: str, width: int, first: str, rest: str) -> list[str]:
    """Return a line of text in lines, no word of it broken; none for a line without words."""
    if line.split(" ") != line.split():
        # Blanks in a row stay. textwrap splits on those of ASCII only, so NBSP keeps its promise.
        return textwrap.wrap(
            line, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
        )
    lines: list[str] = []
    lead, at = first, 0
    while len(lead) + len(line) - at > width:
        end = line.rfind(" ", at, at + max(0, width - len(lead)) + 1)
        if end < 0:
            # A word that is longer than a line has one of its own.
            end = line.find(" ", at)
        if end < 0:
            break
        lines.append(lead + line[at:end])
        lead, at = rest, end + 1
    return [*lines, lead + line[at:]]


def underline(words: str, mark: str, width: int = WIDTH) -> str:
    """Return the words wrapped, and below them a line of marks as long as the longest of theirs."""
    text = wrap(words, width)
    return f"{text}\n{mark * min(width, max(map(columns.cells, text.split(chr(10)))))}"


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


def _copied(token: Token) -> Token:
    """Return a copy, attributes too. Token.copy takes five times as long."""
    return Token(
        token.type,
        token.tag,
        token.nesting,
        dict(token.attrs),
        token.map,
        token.level,
        token.children,
        token.content,
        token.markup,
        token.info,
        token.meta,
        token.block,
        token.hidden,
    )


def _dress(token: Token, styles: Mapping[str, Mapping[str, str]]) -> None:
    if token.nesting >= 0 and token.tag in styles:
        for name, value in styles[token.tag].items():
            token.attrSet(name, value)
    if align := token.attrs.pop("align", ""):
        _add_style(token, f"text-align:{align}")
    for name in token.attrs.keys() & {"start", "value"}:
        token.attrs[name] = str(token.attrs[name])


class _Tables(Struct, frozen=True, kw_only=True):
    """What a phone needs to know of tables, by the numbers of tokens: see _tables."""

    labels: Mapping[int, str]
    wide: frozenset[int]
    crowded: frozenset[int]


def _tables(tokens: Sequence[Token]) -> _Tables:
    """Return the column's name for each cell of a wide table, those tables, and those whose words have to be broken.

    A phone has room for three columns; of a wider table it shows the cells of a row below each other.
    """
    labels: dict[int, str] = {}
    wide: set[int] = set()
    crowded: set[int] = set()
    names: list[str] = []
    # The longest word of each column.
    longest: list[int] = []
    column = opened = 0
    is_head = False
    for number, token in enumerate(tokens):
        if token.type == "table_open":
            names, longest, opened = [], [], number
        elif token.type in {"thead_open", "thead_close"}:
            is_head = token.nesting == 1
        elif token.type == "tr_open":
            column = 0
        elif token.type in {"th_open", "td_open"}:
            words = _bare_words(tokens[number + 1].children or [])
            longest += [0] * (column + 1 - len(longest))
            longest[column] = max([longest[column], *map(len, words.split())])
            if is_head:
                names.append(words)
            elif len(names) > _MOST_COLUMNS and column < len(names) and names[column]:
                labels[number] = names[column]
                wide.add(opened)
            column += 1
        elif token.type == "table_close" and sum(longest) > (_PAPER if opened in wide else _PHONE):
            crowded.add(opened)
    return _Tables(labels=labels, wide=frozenset(wide), crowded=frozenset(crowded))


def _label(name: str, attributes: Mapping[str, str]) -> list[Token]:
    words = Token("inline", "", 0, children=[Token("text", "", 0, content=f"{name}: ")])
    opened = Token("span_open", "span", 1, attrs=dict(attributes))
    return [opened, words, Token("span_close", "span", -1)]


def _bare_words(children: Sequence[Token]) -> str:
    words = (" " if child.type in _BREAKS else child.content for child in children if child.type != "image")
    return "".join(words).strip()


def _add_style(token: Token, declaration: str) -> None:
    """Put a declaration (`text-align:right`) in the place of what the element's style says of the same."""
    name = declaration.partition(":")[0]
    kept = (
        stated for stated in str(token.attrs.get("style", "")).split(";") if stated.partition(":")[0].strip() != name
    )
    token.attrSet("style", ";".join([*filter(None, kept), declaration]))


def _columns(tokens: Sequence[Token], table: int) -> int:
    """Return how many columns the table has that opens at that number."""
    names = 0
    for token in tokens[table:]:
        if token.type == "tr_close":
            break
        names += token.type == "th_open"
    return max(1, names)


def _indent(style: str) -> int:
    """Return how many pixels of its width an element keeps for itself at its sides."""
    return sum(int(pixels) for pixels in _SIDES.findall(style))


def _show(token: Token, shown: Shown | None, indent: int, columns: int) -> None:
    """Give a picture the file that is shown; one that there is none of leaves its words."""
    if not shown:
        token.type, token.attrs = "text", {}
        return
    width = max(1, min(shown.width, (shown.room - indent) // columns))
    token.attrs["src"] = shown.source
    token.attrs["width"] = str(width)
    if _FILLS.search(str(token.attrs.get("style", ""))):
        # As wide as the words, yet no wider than it is. Only so does a picture that is blocked, or in a table's cell,
        # not push the mail's edge off a phone's screen. It says no height: where pictures are blocked, that would
        # keep an empty box of its size before the words.
        _add_style(token, f"max-width:{width}px")
    elif shown.height:
        token.attrs["height"] = str(max(1, round(shown.height * width / shown.width)))


class _Sentence(Struct, frozen=True, kw_only=True):
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


def _is_bare(markdown: str) -> bool:
    """Tell at a glance that a text has no placeholder: most have none. `&#37;` is a percent sign, too."""
    return "%%" not in markdown and "&" not in markdown


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
            for end in (match.end() for match in _SENTENCE.finditer(seen)):
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
        match[1]
        for child in kept
        for typed in (child.content, str(child.attrs.get("href", "")))
        for match in PLACEHOLDER.finditer(typed)
        if match[2] is None
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
        sentence.needed
        for sentence in _sentences(children)
        if sentence.needed or any(token.type == "image" or token.content.strip() for token in sentence.tokens)
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
            needed = inside[0] if inside and all(inside[0] == names for names in inside) else ()
            opened[-1][1].append(needed)
            # Without a cell, those behind it would stand under another head.
            if needed and token.tag not in {"th", "td", "thead", "tbody"}:
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


class _Lines(Struct, frozen=True, kw_only=True):
    """How blocks become lines of text; with `is_whole` they need no marks: they lie in one that goes with its words."""

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
        if token.type == "inline":
            # In a cell of a table.
            yield _inline(token.children or [], lines)
        elif token.type == "hr":
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
    if token.type == "table_open":
        return _tabled(inside, lines)
    if token.type == "summary_open":
        return wrap(f"*{_inline(inside[0].children or [], lines)}*", lines.width)
    if token.type == "figcaption_open":
        return wrap(_inline(inside[0].children or [], lines), lines.width)
    if token.type in {"details_open", "figure_open"}:
        return "\n\n".join(_blocks(inside, lines))
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
        number = int(inside[at].attrs.get("value", number))
        begin, end = ("", "") if lines.is_whole else _marks(_whole_blocks(inside[at : last + 1]).get(0, (0, ()))[1])
        mark = "- "
        if token.type == "ordered_list_open":
            mark = f"{counted(number, str(token.attrs.get('type', '')))}{inside[at].markup} "
        blocks = list(_blocks(inside[at + 1 : last], lines.inside(len(mark), is_whole=bool(begin))))
        # Paragraphs of a tight list are hidden; those of a loose one stand apart.
        is_tight = all(paragraph.hidden for paragraph in inside[at + 1 : last] if paragraph.type == "paragraph_open")
        rows = ("\n" if is_tight else "\n\n").join(blocks).split("\n")
        entry = "\n".join(((" " * len(mark) if n else mark) + row).rstrip() for n, row in enumerate(rows))
        # The end of the line before it goes with an entry.
        listed.append(f"{begin}{chr(10) if at else ''}{entry}{end}")
        number, at = number + 1, last + 1
    return "".join(listed)


def _tabled(inside: list[Token], lines: _Lines) -> str:
    """Return a table: in columns, else, where these are too wide, each row as lines of `column: cell`."""
    # Of each row: whether it is the head, and its cells with the side each stands on.
    rows: list[tuple[bool, list[tuple[str, str]]]] = []
    is_head = False
    for number, token in enumerate(inside):
        if token.type in {"thead_open", "thead_close"}:
            is_head = token.nesting == 1
        elif token.type == "tr_open":
            rows.append((is_head, []))
        elif token.type in {"th_open", "td_open"}:
            blocks = _blocks(inside[number + 1 : _closing(inside, number)], lines)
            rows[-1][1].append(("\n".join(blocks).replace(_GLUE, " "), str(token.attrs.get("align", ""))))
    widths = [
        max(map(_shown_cells, column)) for column in zip_longest(*(cells for _, cells in rows), fillvalue=("", ""))
    ]
    if sum(widths) + _GAP * len(widths) > lines.width + _GAP:
        names = [words for is_head, cells in rows[:1] for words, _ in cells if is_head]
        told = [
            "\n".join(
                wrap(
                    f"{names[number]}: {words}" if number < len(names) and names[number] else words,
                    lines.width,
                    rest="  ",
                )
                for number, (words, _) in enumerate(cells)
                if words
            )
            for is_head, cells in rows
            if not is_head
        ]
        return "\n\n".join(filter(None, told))
    out: list[str] = []
    for is_head, cells in rows:
        for line in zip_longest(*(words.split("\n") for words, _ in cells), fillvalue=""):
            sides = (side for _, side in cells)
            out.append((" " * _GAP).join(map(_set_in, line, widths, sides)).rstrip())
        if is_head:
            out.append((" " * _GAP).join("-" * width for width in widths))
    return "\n".join(out)


def _shown_cells(cell: tuple[str, str]) -> int:
    return max(columns.cells(without_regions(line, lambda name: True)) for line in cell[0].split("\n"))


def _set_in(words: str, width: int, side: str) -> str:
    """Return the words with blanks beside them, as wide as their column."""
    room = width - columns.cells(without_regions(words, lambda name: True))
    before = {"right": room, "center": room // 2}.get(side, 0)
    return f"{' ' * before}{words}{' ' * (room - before)}"


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
    raised: list[int] = []
    for child in _mark_sentences(children, is_whole=lines.is_whole):
        if child.type in {"text", "code_inline", "html_inline", "text_special"}:
            words.append(child.content)
        elif child.type == "softbreak":
            words.append(" ")
        elif child.type == "hardbreak":
            words.append("\n")
        elif child.tag in _TEXT_MARKS:
            words.append(_TEXT_MARKS[child.tag])
        elif child.tag in {"sub", "sup"}:
            if child.nesting == 1:
                raised.append(len(words))
            else:
                first = raised.pop()
                words[first:] = [_raised("".join(words[first:]), child.tag)]
        elif child.type == "image":
            words.append(f"[{lines.picture_word}: {child.content}]" if child.content else "")
        elif child.type == "link_open":
            opened.append((len(words), str(child.attrs["href"])))
        elif child.type == "link_close":
            start, address = opened.pop()
            shown = "".join(words[start:])
            # Mail programs make links of `https://…` and `www.…` by themselves.
            begin = "https://" if shown.startswith("www.") else ""
            if address not in {shown, f"mailto:{shown}", f"tel:{shown}", f"{begin}{shown}"}:
                words.append(f"{_GLUE}{lines.link(address)}")
    return "".join(words)


def _raised(words: str, tag: str) -> str:
    """Return a number or sign as its own small one, if each of its signs has one: H₂O, x²; words as they are."""
    small = _SMALL[tag]
    return words.translate(small) if all(ord(sign) in small for sign in words) else words
