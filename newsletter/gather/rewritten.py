"""HTML of a foreign page or document -> Markdown: what its words, links, lists, tables and pictures mean.

Word, Google Docs and web editors cut a sentence into pieces that look the same (`<span>a</span><span>b</span>`), say
bold with a class, and lay words out in tables. So a paragraph becomes runs of letters with their look first, and runs
that look alike are one. What runs or loads is left out.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from msgspec import Struct

from newsletter.read.values import LINK_SCHEMES, address, clean

# Writes a picture into the words: from its address and what it shows. "" leaves it out.
Shows = Callable[[str, str], str]

# fmt: off
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main",
    "menu", "ol", "p", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
    "ul",
})
_LEFT_OUT = frozenset({
    "applet", "audio", "base", "button", "canvas", "datalist", "dialog", "embed", "head", "input", "link", "map",
    "math", "meta", "nav", "noscript", "object", "option", "script", "select", "style", "svg", "template", "textarea",
    "title", "video",
})
# fmt: on
_RAISED, _LISTS = frozenset({"sub", "sup"}), frozenset({"ul", "ol", "menu"})
_GOOGLE_LIST = re.compile(r"lst-kix_\w+-([1-8])$")
# Says of an element that it holds blocks.
_HOLDS = "data-nl-blocks"
# Deeper elements give their words and nothing else.
_DEEP = 60
_CLASS = re.compile(r"\.([A-Za-z][\w-]{0,60})\s*\{([^{}]{0,2000})\}")
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)")
_NOT_BOLD = re.compile(r"font-weight\s*:\s*(?:normal|[1-5]00)")
_ITALIC = re.compile(r"font-style\s*:\s*(?:italic|oblique)")
# What Markdown would read as a sign of its own.
_SIGNS = re.compile(r"([\\`*\[\]<])|(?<![^\W_])(_)|(_)(?![^\W_])|(~)(?=~)|(&)(?=#?\w{1,31};)")
_LINE_SIGNS = re.compile(r"(?m)^([ \t]*)(#{1,6}(?=[ \t]|$)|[-+](?=[ \t]|$)|>|=+[ \t]*$|-+[ \t]*$)")
_LINE_NUMBER = re.compile(r"(?m)^([ \t]*[0-9]{1,9})([.)])(?=[ \t]|$)")
_BLANKS = re.compile(r"[ \t\r\n\f]+")


class Passage(Struct, frozen=True, kw_only=True):
    """A block of Markdown; `level` says which heading it is (1 to 6), its words then without the signs; 0 for none."""

    markdown: str
    level: int = 0

    @property
    def whole(self) -> str:
        """The block as it stands in a text."""
        return f"{'#' * self.level} {self.markdown}" if self.level else self.markdown


class _Run(Struct, frozen=True, kw_only=True):
    words: str
    looks: frozenset[str] = frozenset()
    link: str = ""
    # Markdown already: a picture, a line break, code.
    is_set: bool = False


def parsed(html: str) -> Any:
    """Return the page as lxml's tree, however it is written; None if nothing is there."""
    from lxml import etree
    from lxml import html as of_html

    parser = of_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        return of_html.document_fromstring(clean(html).encode(), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def passages(html: str | Any, base: str = "", shows: Shows = lambda source, alt: "") -> list[Passage]:
    """Return the blocks of a page, or of an element of one, in their order; `base` completes its addresses."""
    tree = parsed(html) if isinstance(html, str) else html
    if tree is None:
        return []
    root = tree.getroottree().getroot()
    styles = " ".join(style.text or "" for style in root.iter("style"))
    for node in tree.iter(*_BLOCKS):
        above = node.getparent()
        while above is not None and above.get(_HOLDS) is None:
            above.set(_HOLDS, "")
            above = above.getparent()
    return _Writer(base, shows, styles).blocks(tree, 0)


def markdown(html: str, base: str = "", shows: Shows = lambda source, alt: "") -> str:
    """Return a page, or a piece of one, as Markdown."""
    return "\n\n".join(passage.whole for passage in passages(html, base, shows))


def escaped(words: str) -> str:
    """Return plain words as Markdown that shows them as they are."""
    return _at_line_starts(_SIGNS.sub(lambda sign: f"\\{sign[0]}", words))


def bare(words: str) -> str:
    """Return a heading's Markdown as plain words: what a title is."""
    words = re.sub(r"!\[[^\[\]]*\]\([^()\s]*\)", "", words)
    words = re.sub(r"(?<!\\)\[((?:[^\[\]\\]|\\.)*+)\]\((?:[^()\s]|\([^()]*\))*\)", r"\1", words)
    words = re.sub(r"(?<!\\)(?:\*{1,3}|`+|~~)|</?su[bp]>|\\\n", "", words)
    return " ".join(re.sub(r"\\([^\w\s])", r"\1", words).split())


def _at_line_starts(words: str) -> str:
    return _LINE_NUMBER.sub(r"\1\\\2", _LINE_SIGNS.sub(r"\1\\\2", words))


class _Writer:
    def __init__(self, base: str, shows: Shows, styles: str) -> None:
        self.base, self.shows = base, shows
        self.of_class = {match[1]: _looks(match[2]) for match in _CLASS.finditer(styles)}

    def blocks(self, node: Any, depth: int) -> list[Passage]:
        """Return what an element holds, block by block."""
        if depth > _DEEP:
            words = escaped(_BLANKS.sub(" ", node.text_content()).strip())
            return [Passage(markdown=words)] if words else []
        out: list[Passage] = []
        run: list[_Run] = []

        def flush() -> None:
            out.extend(Passage(markdown=words) for words in _paragraphs(run))
            run.clear()

        if node.tag not in _BLOCKS:
            run.extend(self.inline(node, frozenset(), "", depth))
            flush()
            return out
        run.extend(_words(node.text))
        was_list = False
        for child in node:
            if not isinstance(child.tag, str) or child.tag in _LEFT_OUT:
                pass
            elif _has_blocks(child):
                flush()
                made = self.block(child, depth + 1)
                if child.tag in _LISTS and made and out and was_list:
                    # Lists that follow each other are one.
                    out[-1] = Passage(markdown=f"{out[-1].markdown}\n{made[0].markdown}")
                else:
                    out += made
                was_list = child.tag in _LISTS and bool(made)
            else:
                run.extend(self.inline(child, frozenset(), "", depth + 1))
            run.extend(_words(child.tail))
            was_list = was_list and not (run and _has_words(run))
        flush()
        return out

    def block(self, node: Any, depth: int) -> list[Passage]:
        """Return one element among blocks."""
        tag = node.tag
        classes = (node.get("class") or "").split()
        level = int(tag[1]) if tag in {"h1", "h2", "h3", "h4", "h5", "h6"} else 1 if "title" in classes else 0
        if level:
            return self.heading(node, level, depth)
        if tag in {"ul", "ol", "menu"}:
            listed = self.listed(node, depth)
            # Google Docs writes a list of its own for each level, and says the level in a class: `lst-kix_a1b2-1`.
            level = next((int(match[1]) for name in classes if (match := _GOOGLE_LIST.match(name))), 0)
            return [Passage(markdown=_indented(listed, "   " * level))] if listed else []
        if tag == "blockquote":
            inside = "\n\n".join(passage.whole for passage in self.blocks(node, depth))
            quoted = "\n".join(f"> {line}".rstrip() for line in inside.split("\n"))
            return [Passage(markdown=quoted)] if inside else []
        if tag == "hr":
            return [Passage(markdown="***")]
        if tag == "pre":
            code = clean(node.text_content()).strip("\n")
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", code)), default=0))
            return [Passage(markdown=f"{fence}\n{code}\n{fence}")] if code.strip() else []
        if tag == "table":
            return self.table(node, depth)
        if tag not in _BLOCKS:
            # `<span><p>…`, `<a><div>…`: the words inside count.
            return [passage for part in self.inner(node, depth) for passage in part]
        return self.blocks(node, depth)

    def inner(self, node: Any, depth: int) -> Iterator[list[Passage]]:
        if depth > _DEEP:
            yield self.blocks(node, depth)
            return
        yield [Passage(markdown=words) for words in _paragraphs(list(_words(node.text)))]
        for child in node:
            if isinstance(child.tag, str) and child.tag not in _LEFT_OUT:
                yield self.block(child, depth + 1) if _has_blocks(child) else self.blocks(child, depth + 1)
            yield [Passage(markdown=words) for words in _paragraphs(list(_words(child.tail)))]

    def heading(self, node: Any, level: int, depth: int) -> list[Passage]:
        """Return a heading in one line; pictures that stand in it come after it."""
        runs = list(self.inline(node, frozenset(), "", depth))
        pictures = [run.words for run in runs if run.is_set and run.words.startswith("![")]
        words = " ".join(_paragraphs([run for run in runs if run.words not in pictures and run.words != "\n"]))
        heading = [Passage(markdown=words, level=level)] if words else []
        return heading + [Passage(markdown=picture) for picture in pictures]

    def listed(self, node: Any, depth: int) -> str:
        """Return a list; items that hold several blocks are indented below their sign."""
        start = node.get("start") or "1"
        number = int(start) if re.fullmatch("[0-9]{1,8}", start) else 1
        lines: list[str] = []
        for child in node:
            if not isinstance(child.tag, str) or child.tag in _LEFT_OUT:
                continue
            blocks = [passage.markdown for passage in self.blocks(child, depth + 1)]
            if child.tag in {"ul", "ol"}:
                # Google Docs and Word put a list into a list, not into its point.
                blocks = [self.listed(child, depth + 1)] if depth < _DEEP else blocks
                if blocks[0]:
                    lines.append(_indented(blocks[0], "   " if node.tag == "ol" else "  "))
                continue
            if not any(blocks):
                continue
            sign = f"{number}. " if node.tag == "ol" else "- "
            inside = blocks[0] + "".join(("\n" if _is_list(block) else "\n\n") + block for block in blocks[1:])
            lines.append(sign + _indented(inside, " " * len(sign)).lstrip())
            number += 1
        return "\n".join(lines)

    def table(self, node: Any, depth: int) -> list[Passage]:
        """Return a table as one of Markdown's, and what is laid out with one as the blocks in its cells."""
        rows = [[cell for cell in row if cell.tag in {"td", "th"}] for row in _rows_of(node)]
        rows = [row for row in rows if row]
        cells = [cell for row in rows for cell in row]
        is_nested = any(inner is not node for inner in node.iter("table"))
        contents = [[self.blocks(cell, depth + 2) for cell in row] for row in rows]
        is_data = len(rows) > 1 and max(map(len, rows), default=0) > 1 and not is_nested
        if not is_data or any(len(blocks) > 3 or _is_long(blocks) for row in contents for blocks in row):
            caption = [passage for part in node.iter("caption") for passage in self.blocks(part, depth + 1)]
            return caption + [passage for row in contents for blocks in row for passage in blocks]
        assert cells
        width = max(map(len, contents))
        lines = []
        for row in contents:
            texts = [" ".join(passage.markdown for passage in blocks) for blocks in row] + [""] * (width - len(row))
            bare = [text.replace("\\\n", " ").replace("\n", " ").replace("|", "\\|") for text in texts]
            lines.append(f"| {' | '.join(bare)} |")
        return [Passage(markdown="\n".join([lines[0], f"|{'---|' * width}", *lines[1:]]))]

    def inline(self, node: Any, looks: frozenset[str], link: str, depth: int) -> Iterator[_Run]:
        """Yield the words of an element with their look."""
        tag = node.tag
        if not isinstance(tag, str) or tag in _LEFT_OUT:
            return
        if depth > _DEEP:
            yield from _words(node.text_content(), looks, link)
            return
        if tag == "br":
            yield _Run(words="\n", is_set=True)
            return
        if tag == "img":
            yield from self.picture(node, link)
            return
        if tag == "iframe":
            source = self.led(node.get("src") or "")
            label = clean(node.get("title") or "").strip() or urlsplit(source).netloc
            if source.startswith("http") and label:
                yield from _words(label, frozenset(), source)
            return
        looks = self.looks(node, looks)
        if tag == "a":
            link = self.led(node.get("href") or "") or link
        if tag in {"code", "kbd", "samp", "tt"} and (code := _BLANKS.sub(" ", node.text_content()).strip()):
            ticks = "`" * (1 + max(map(len, re.findall("`+", code)), default=0))
            pad = " " if code.startswith("`") or code.endswith("`") else ""
            yield _Run(words=f"{ticks}{pad}{clean(code)}{pad}{ticks}", looks=looks, link=link, is_set=True)
            return
        yield from _words(node.text, looks, link)
        for child in node:
            is_block = isinstance(child.tag, str) and child.tag in _BLOCKS
            if is_block:
                yield _Run(words="\n", is_set=True)
            yield from self.inline(child, looks, link, depth + 1)
            if is_block:
                yield _Run(words="\n", is_set=True)
            yield from _words(child.tail, looks, link)

    def looks(self, node: Any, looks: frozenset[str]) -> frozenset[str]:
        tag, style = node.tag, (node.get("style") or "").lower()
        found = set(looks)
        for name in (node.get("class") or "").split():
            found |= self.of_class.get(name, set())
        if tag in {"b", "strong"} and not _NOT_BOLD.search(style):
            found.add("**")
        if tag in {"i", "em", "cite", "dfn", "var"}:
            found.add("*")
        if tag in {"s", "del", "strike"}:
            found.add("~~")
        if tag in _RAISED:
            found.add(tag)
        found |= _looks(style)
        return frozenset(found)

    def picture(self, node: Any, link: str) -> Iterator[_Run]:
        source = (node.get("src") or node.get("data-src") or "").strip()
        # Trackers are a pixel wide.
        if not source or node.get("width") in {"0", "1"} or node.get("height") in {"0", "1"}:
            return
        if not source[:5].lower().startswith("data:"):
            source = urljoin(self.base, source) if self.base else source
        alt = " ".join(clean(node.get("alt") or node.get("title") or "").split())
        if shown := self.shows(source, re.sub(r"([\\\[\]])", r"\\\1", alt)):
            yield _Run(words=shown, link=link, is_set=True)

    def led(self, typed: str) -> str:
        """Return the address of a link, whole; "" for what leads nowhere in a mail."""
        typed = clean(typed).strip()
        if not typed or typed.startswith("#"):
            return ""
        try:
            whole = urljoin(self.base, typed) if self.base else typed
            parts = urlsplit(whole)
            if (parts.hostname or "") in {"www.google.com", "google.com"} and parts.path == "/url":
                # Google Docs leads every link through a page of its own.
                whole = next(iter(parse_qs(parts.query).get("q") or parse_qs(parts.query).get("url") or []), whole)
                parts = urlsplit(whole)
        except ValueError:
            return ""
        if parts.scheme.lower() not in LINK_SCHEMES:
            return ""
        return address(whole) if parts.netloc or parts.scheme.lower() not in {"http", "https"} else ""


def _looks(style: str) -> set[str]:
    style = style.lower()
    looks = {"**"} if _BOLD.search(style) else set()
    return looks | ({"*"} if _ITALIC.search(style) else set())


def _words(words: str | None, looks: frozenset[str] = frozenset(), link: str = "") -> Iterator[_Run]:
    if words:
        yield _Run(words=_BLANKS.sub(" ", clean(words)), looks=looks, link=link)


def _paragraphs(runs: Sequence[_Run]) -> list[str]:
    """Return the paragraphs that runs make: two line ends in a row begin a new one."""
    paragraphs: list[list[list[_Run]]] = [[[]]]
    for run in runs:
        if run.is_set and run.words == "\n":
            if not _has_words(paragraphs[-1][-1]) and len(paragraphs[-1]) > 1:
                paragraphs[-1].pop()
                paragraphs.append([[]])
            elif _has_words(paragraphs[-1][-1]):
                paragraphs[-1].append([])
        else:
            paragraphs[-1][-1].append(run)
    out = []
    for lines in paragraphs:
        written = [line for line in map(_line, lines) if line]
        if written:
            out.append(_at_line_starts("\\\n".join(written)))
    return out


def _has_words(runs: Sequence[_Run]) -> bool:
    return any(run.words.strip() for run in runs)


def _line(runs: Sequence[_Run]) -> str:
    """Return one line: runs that look alike are one, blanks at the edges of a look stand outside it."""
    merged: list[_Run] = []
    for run in runs:
        last = merged[-1] if merged else None
        if not run.is_set and not run.words.strip() and last and not last.is_set:
            # A blank looks like nothing.
            merged[-1] = _Run(words=last.words + run.words, looks=last.looks, link=last.link)
        elif last and not (run.is_set or last.is_set) and (run.looks, run.link) == (last.looks, last.link):
            merged[-1] = _Run(words=last.words + run.words, looks=last.looks, link=last.link)
        elif run.words:
            merged.append(run)
    pieces = ""
    at = 0
    while at < len(merged):
        link, label = merged[at].link, ""
        while at < len(merged) and merged[at].link == link:
            label += _dressed(merged[at], pieces + label)
            at += 1
        pieces += _linked(label, link, pieces)
    return re.sub(r"(?<=\S)[ ]{2,}", " ", pieces).strip(" ")


def _dressed(run: _Run, before: str) -> str:
    words = run.words if run.is_set else _SIGNS.sub(lambda sign: f"\\{sign[0]}", run.words)
    core = words.strip(" ")
    if not core:
        return words
    lead, trail = words[: len(words) - len(words.lstrip(" "))], words[len(words.rstrip(" ")) :]
    for look in ("sub", "sup"):
        if look in run.looks:
            core = f"<{look}>{core}</{look}>"
    signs = [sign for sign in ("~~", "**", "*") if sign in run.looks]
    # `**bold***both*` is read as something else: where signs meet, HTML says it.
    if signs and not lead and before.endswith("*"):
        tags = {"~~": "s", "**": "strong", "*": "em"}
        opened = "".join(f"<{tags[sign]}>" for sign in signs)
        return f"{opened}{core}{''.join(f'</{tags[sign]}>' for sign in reversed(signs))}{trail}"
    return f"{lead}{''.join(signs)}{core}{''.join(reversed(signs))}{trail}"


def _linked(label: str, link: str, before: str) -> str:
    core = label.strip(" ")
    if not link or not core:
        return label
    lead, trail = label[: len(label) - len(label.lstrip(" "))], label[len(label.rstrip(" ")) :]
    target = f"<{link}>" if re.search(r"[()\s\\]", link) else link
    return f"{lead}[{core}]({target}){trail}"


def _has_blocks(node: Any) -> bool:
    return node.tag in _BLOCKS or node.get(_HOLDS) is not None


def _rows_of(table: Any) -> Iterator[Any]:
    """Yield the rows of a table, those of tables inside it left out."""
    for part in table:
        if part.tag == "tr":
            yield part
        elif part.tag in {"thead", "tbody", "tfoot"}:
            yield from (row for row in part if row.tag == "tr")


def _is_list(block: str) -> bool:
    return bool(re.match(r" *(?:- |[0-9]{1,9}\. )", block))


def _is_long(blocks: Sequence[Passage]) -> bool:
    return any(
        passage.level or len(passage.markdown) > 300 or "\n\n" in passage.markdown or _is_list(passage.markdown)
        for passage in blocks
    )


def _indented(words: str, blanks: str) -> str:
    return "\n".join(f"{blanks}{line}" if line else "" for line in words.split("\n"))
