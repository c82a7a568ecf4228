"""HTML in the words -> tokens of Markdown: its safe part as what it means; what runs or loads is left out, and told.

Only texts that hold a tag come here. All tokens of the text become a page in which those that are Markdown's own stand
as empty marks; a sanitizer (nh3) makes a whole and harmless tree of it; the tree becomes tokens again. So `<b>` and
`**` are one thing to whoever shows the words, and an open tag ends where a browser would end it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

from markdown_it.token import Token
from msgspec import Struct, field

from newsletter.read.values import LINK_SCHEMES

# fmt: off
# What comes out as what it means.
_INLINE = frozenset({
    "a", "b", "br", "cite", "code", "del", "dfn", "em", "i", "img", "ins", "kbd", "mark", "q", "s", "samp", "strike",
    "strong", "sub", "sup", "tt", "u", "var",
})
_BLOCKS = frozenset({
    "blockquote", "dd", "details", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol",
    "p", "pre", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})
# What web pages, Word and Google Docs put around words: the words stay.
_AROUND = frozenset({
    "abbr", "acronym", "address", "article", "aside", "bdi", "bdo", "big", "body", "caption", "center", "col",
    "colgroup", "data", "dl", "div", "fieldset", "font", "footer", "form", "head", "header", "hgroup", "html", "label",
    "legend", "main", "menu", "nav", "nobr", "noscript", "picture", "rp", "rt", "ruby", "search", "section", "small",
    "span", "time", "track", "wbr",
})
# What runs, loads or asks for something; the words inside say nothing to a reader.
_LEFT_OUT = frozenset({
    "applet", "area", "audio", "base", "button", "canvas", "datalist", "dialog", "embed", "form", "frame", "frameset",
    "iframe", "input", "link", "map", "math", "meta", "meter", "object", "optgroup", "option", "output", "param",
    "progress", "script", "select", "slot", "source", "style", "svg", "template", "textarea", "title", "video",
})
_EMPTY = frozenset({
    "applet", "canvas", "datalist", "embed", "iframe", "map", "math", "object", "script", "select", "style", "svg",
    "template", "textarea", "title",
})
_FILMS = frozenset({"audio", "video"})
_PARAGRAPHS = frozenset({
    "address", "article", "aside", "body", "caption", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form",
    "header", "hgroup", "html", "legend", "main", "menu", "nav", "p", "search", "section",
})
# Without its end, one of these goes on through all that follows.
_LOOKS = frozenset({
    "b", "big", "code", "em", "font", "i", "ins", "kbd", "mark", "s", "small", "strike", "strong", "sub", "sup", "tt",
    "u",
})
# fmt: on
_KNOWN = _INLINE | _BLOCKS | _AROUND | _LEFT_OUT
_SAME = {"b": "strong", "i": "em", "cite": "em", "dfn": "em", "var": "em", "ins": "u", "del": "s", "strike": "s"}
_TAG = re.compile(
    r"""<(?P<closes>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]*+)(?P<rest>(?:[^<>"']|"[^"]*"|'[^']*')*+)>"""
    r"|<!--(?P<comment>.*?)(?:(?P<end>-->)|\Z)|<[!?][^<>]*>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""(?<![\w:-])([A-Za-z][\w:-]*+)\s*+=\s*+("[^"]*"|'[^']*'|[^\s"'<>]+)""")
# What a browser does not show: `style="display: none"`, and `hidden` outside of quotation marks.
_STYLED_AWAY = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_STATED_HIDDEN = re.compile(r"(?i)(?:\A|\s)hidden(?=[\s/=]|\Z)")
_SCRIPT = re.compile(r"\s*(?:javascript|vbscript|data|blob)\s*:", re.IGNORECASE)
# More tags than any text has: they stay visible. And how deep they may lie in each other; what lies deeper is raised.
_MOST_TAGS, _DEEP = 5_000, 60
# Hosts whose pages are put into others, and what readers call them.
_SHOWS = {
    "dailymotion.com": "Dailymotion", "embed.ted.com": "TED", "facebook.com": "Facebook", "instagram.com": "Instagram",
    "loom.com": "Loom", "open.spotify.com": "Spotify", "player.vimeo.com": "Vimeo", "ted.com": "TED",
    "tiktok.com": "TikTok", "vimeo.com": "Vimeo", "w.soundcloud.com": "SoundCloud", "youtu.be": "YouTube",
    "youtube-nocookie.com": "YouTube", "youtube.com": "YouTube",
}  # fmt: skip
# Says which token an element stands for (`#3.1`), or in which line it was typed (`L12`).
_MARK = "data-nl7"
_TAKEN = {
    "*": {_MARK, "align", "dir", "lang", "style"},
    "a": {"href"},
    "img": {"alt", "src"},
    "li": {"value"},
    "ol": {"start", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}


class Dropped(Struct, frozen=True, kw_only=True):
    """What of the HTML is left out: what was typed, why, what to do instead, its line (from 0)."""

    typed: str
    why: str
    hint: str
    line: int
    is_comment: bool = False


def resolved(tokens: Sequence[Token], address: Callable[[str], str]) -> tuple[list[Token], tuple[Dropped, ...]]:
    """Return tokens without HTML, and what was left out; `address` returns one as it may stand, "" for none.

    Tags that HTML does not know (`<name>`) are words.
    """
    import nh3

    page = _Page(is_shown=sum(token.content.count("<") for token in tokens) > _MOST_TAGS)
    for number, token in enumerate(tokens):
        page.add(number, token)
    for name, line in page.opened:
        part = "is part of that link" if name == "a" else "looks like that"
        why, hint = f"is never closed: all below it {part}", f"close it with </{name}>, or take it out"
        page.left_out.append(Dropped(typed=f"<{name}>", why=why, hint=hint, line=line))
    clean = nh3.clean(
        "".join(page.out),
        tags=set(_INLINE | _BLOCKS | _AROUND),
        clean_content_tags=set(_EMPTY),
        attributes=_TAKEN,
        url_schemes={"data", *LINK_SCHEMES},
        link_rel=None,
    )
    tree = _Tree()
    tree.feed(clean)
    tree.close()
    writer = _Writer(tokens, address)
    writer.flow(tree.root, ())
    writer.flush()
    return writer.out, tuple(page.left_out)


class _Page:
    """Writes tokens as HTML: those of Markdown as marks, HTML without what runs or loads."""

    def __init__(self, *, is_shown: bool) -> None:
        self.is_shown = is_shown
        self.out: list[str] = []
        self.left_out: list[Dropped] = []
        # A video whose address is still to come, in a <source>.
        self.awaits_source = False
        # Tags for the look of words that wait for their end, with their lines.
        self.opened: list[tuple[str, int]] = []

    def add(self, number: int, token: Token) -> None:
        if token.type == "html_block":
            at = len(self.out)
            self.html(token.content, token.map[0] if token.map else 0)
            if re.fullmatch(r"\s*(?:<a [^<>]*>[^<>]*</a>|<img [^<>]*>)\s*", "".join(self.out[at:])):
                # Two films or pictures with an empty line between them are two paragraphs.
                self.out[at:] = ["<p>", *self.out[at:], "</p>"]
        elif token.type == "inline":
            self.inline(number, token)
        elif token.nesting == -1:
            self.out.append("" if token.hidden else f"</{token.tag}>")
        elif not token.hidden:
            tag = token.tag if token.nesting else "div"
            self.out.append(f'<{tag} {_MARK}="#{number}">{"" if token.nesting else "</div>"}')

    def inline(self, number: int, token: Token) -> None:
        line = token.map[0] if token.map else 0
        children = token.children or []
        skipped = ""
        closed = {
            child.content[2:].strip(" >\n").lower(): at
            for at, child in enumerate(children)
            if child.type == "html_inline" and child.content.startswith("</")
        }
        for at, child in enumerate(children):
            if child.type == "html_inline":
                match = _TAG.match(child.content)
                name = match["name"].lower() if match and match["name"] and not match["closes"] else ""
                if skipped:
                    skipped = "" if child.content.lower().startswith(f"</{skipped}") else skipped
                elif name in _EMPTY | _FILMS and closed.get(name, -1) > at:
                    # Its words go with it: a film's are for programs that show none.
                    inside = children[at + 1 : closed[name]] if name in _FILMS else []
                    sources = "".join(
                        source.content for source in inside if source.content.lower().startswith("<source")
                    )
                    skipped = name if name in _EMPTY or sources or "src" in child.content else ""
                    self.html(f"{child.content}{sources}</{name}>", line)
                else:
                    self.html(child.content, line)
            elif skipped:
                pass
            elif child.nesting == -1:
                self.out.append(f"</{child.tag}>")
            else:
                tag = child.tag if child.nesting else "span"
                self.out.append(f'<{tag} {_MARK}="#{number}.{at}">{"" if child.nesting else "</span>"}')
            line += child.type in {"softbreak", "hardbreak"} or child.content.count("\n")

    def html(self, typed: str, line: int) -> None:
        """Write a piece of HTML that begins in a line."""
        at = 0
        while not self.is_shown and (match := _TAG.search(typed, at)):
            self.words(typed[at : match.start()])
            begun = line + typed.count("\n", 0, match.start())
            at = match.end()
            name = (match["name"] or "").lower()
            if match[0].startswith("<![CDATA["):
                self.words(match[0].removeprefix("<![CDATA["))
            elif match["comment"] is not None and not match["end"]:
                # All that follows would go with it, and no later one has an end either.
                hint = "close it with -->, or take it out"
                self.left_out.append(
                    Dropped(typed="<!--", why="begins a comment without an end", hint=hint, line=begun)
                )
                at = match.start() + len("<!--")
                self.words("<!--")
                typed = typed[:at] + typed[at:].replace("<!--", "&lt;!--")
            elif match["comment"] is not None:
                self.comment(match["comment"], begun)
            elif name and not (name in _KNOWN or ":" in name):
                self.words(match[0])
            elif name in _EMPTY and not match["closes"]:
                end = _ends(name).search(typed, at)
                if name in {"iframe", "embed"} and (end or "src" in match["rest"]):
                    self.shows(name, match["rest"], begun)
                    at = end.end() if end else at
                elif end:
                    self.leave_out(f"<{name}>", begun)
                    at = end.end()
                else:
                    # All that follows would go with it.
                    self.words(match[0])
            elif name in _FILMS and not match["closes"] and (end := _ends(name).search(typed, at)):
                # What it says to programs that show none: `Your browser does not support the video tag.`
                inside = "".join(re.findall(r"(?i)<source\b[^<>]*>", typed[at : end.start()]))
                self.media(name, match["rest"], begun)
                self.html(inside, begun)
                at = end.end() if inside or "src" in match["rest"] else at
            elif name in _LEFT_OUT:
                if not match["closes"]:
                    self.media(name, match["rest"], begun)
            elif name in _KNOWN:
                self.tag(name, match["closes"], match["rest"], begun)
        self.words(typed[at:])

    def words(self, typed: str) -> None:
        self.out.append(typed.replace("<", "&lt;").replace(">", "&gt;"))

    def comment(self, words: str, line: int) -> None:
        typed = f"<!--{' '.join(words.split())}-->"
        if words.lstrip().startswith("[if"):
            # Word's own.
            return
        why, hint = "is a comment: readers don't see it", "take it out once it is settled"
        self.left_out.append(Dropped(typed=typed, why=why, hint=hint, line=line, is_comment=True))

    def tag(self, name: str, closes: str, rest: str, line: int) -> None:
        if closes:
            self.out.append(f"</{name}>")
            last = next((at for at in reversed(range(len(self.opened))) if self.opened[at][0] == name), None)
            if last is not None:
                del self.opened[last]
            return
        for attribute in _ATTRIBUTE.finditer(rest):
            key, value = attribute[1].lower(), unescape(attribute[2].strip("\"'"))
            is_link = key in {"href", "src", "action", "formaction", "background"} and _SCRIPT.match(value)
            if key.startswith("on") or (is_link and not (name == "img" and value.startswith("data:image/"))):
                self.leave_out(attribute[0], line)
        if name == "b" and re.search(r"font-weight\s*:\s*(?:normal|[34]00)", rest):
            # Google Docs wraps all that is copied in a <b> that is none.
            name = "span"
        if ("style" in rest.lower() and _STYLED_AWAY.search(rest)) or _STATED_HIDDEN.search(_QUOTED.sub("", rest)):
            why, hint = "is hidden where it came from, and shows here", "take it out with its words, or let them show"
            self.left_out.append(Dropped(typed=f"<{name}>", why=why, hint=hint, line=line))
        if name in _LOOKS or (name == "a" and "href" in rest.lower()):
            self.opened.append((name, line))
        self.out.append(
            f'<{name} {_MARK}="L{line}" {rest.replace(_MARK, "data-x")}>' if name not in _BARE else f"<{name}>"
        )

    def media(self, name: str, rest: str, line: int) -> None:
        """Write a link in the place of a video; leave out whatever else can't be in a mail, its words aside."""
        source = _attributes(rest).get("src", "")
        if name in {"video", "audio"}:
            self.awaits_source = not source
            if source:
                self.shows(name, rest, line)
        elif name == "source":
            if self.awaits_source and source:
                self.awaits_source = False
                self.shows("video", rest, line)
        else:
            self.leave_out(f"<{name}>", line)

    def shows(self, name: str, rest: str, line: int) -> None:
        """Write a link in the place of a page or a film that is shown inside another."""
        attributes = _attributes(rest)
        source = re.sub(r"\A//", "https://", attributes.get("src", "").strip())
        host = _host(source)
        if not host:
            self.leave_out(f"<{name}>", line)
            return
        known = _SHOWS.get(host, "")
        if not known and name in {"iframe", "embed"}:
            why = f"shows a page of {host}, which no mail does: it comes out as a link"
            hint = f"link some words: [what is there]({source})"
            self.left_out.append(Dropped(typed=f"<{name}>", why=why, hint=hint, line=line))
        label = " ".join(attributes.get("title", "").split()) or known or host
        self.out.append(f'<a {_MARK}="L{line}" href="{escape(_page_of(source))}">{escape(label)}</a>')

    def leave_out(self, typed: str, line: int) -> None:
        why = "is left out: nothing in a mail may run, load or ask for something"
        hint = "link to a page that has it, or take it out"
        self.left_out.append(Dropped(typed=typed, why=why, hint=hint, line=line))


# Browsers open these again in each block until they are closed; without attributes, three times at most.
_BARE = frozenset({"b", "big", "code", "em", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"})


@lru_cache(32)
def _ends(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}\s*>", re.IGNORECASE)


def _attributes(rest: str) -> dict[str, str]:
    found = list(_ATTRIBUTE.finditer(rest))
    return {match[1].lower(): unescape(match[2].strip("\"'")) for match in reversed(found)}


def _host(address: str) -> str:
    if not address.lower().startswith(("https://", "http://")):
        return ""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _page_of(source: str) -> str:
    """Return the page where a reader sees what an embedded one shows."""
    if match := re.match(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]+)", source):
        return f"https://www.youtube.com/watch?v={match[1]}"
    if match := re.match(r"https?://player\.vimeo\.com/video/(\d+)", source):
        return f"https://vimeo.com/{match[1]}"
    return source


class _Node(Struct):
    """An element of the clean page."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: "list[_Node | str]" = field(default_factory=list)

    def words(self) -> str:
        return "".join(child if isinstance(child, str) else child.words() for child in self.children)

    def walk(self) -> "Iterator[_Node]":
        """Yield the elements in it."""
        for child in self.children:
            if isinstance(child, _Node):
                yield child
                yield from child.walk()


class _Tree(HTMLParser):
    """The clean page as elements: each that is opened is closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("body")
        self.opened = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {name: value or "" for name, value in attrs})
        self.opened[min(len(self.opened), _DEEP) - 1].children.append(node)
        if tag not in {"br", "col", "hr", "img", "track", "wbr"}:
            self.opened.append(node)

    def handle_endtag(self, tag: str) -> None:
        if len(self.opened) > 1 and self.opened[-1].tag == tag:
            self.opened.pop()

    def handle_data(self, data: str) -> None:
        self.opened[min(len(self.opened), _DEEP) - 1].children.append(data)


class _Wrap(Struct, frozen=True, kw_only=True, eq=False):
    """What lies around some words: the tokens that open and close it."""

    opened: Token
    closed: Token


class _Writer:
    """Writes the clean page as tokens."""

    def __init__(self, tokens: Sequence[Token], address: Callable[[str], str]) -> None:
        self.tokens, self.address = tokens, address
        self.out: list[Token] = []
        # Words of the paragraph under way, each with what lies around it.
        self.run: list[tuple[Token, tuple[_Wrap, ...]]] = []
        # What a run becomes: the token that opens it, or nothing in a cell.
        self.kinds: list[Token | None] = [Token("paragraph_open", "p", 1)]
        # How the paragraphs inside a div stand: align, dir, lang.
        self.stand: dict[str, str] = {}
        self.line = 0

    def flow(self, node: _Node, wraps: tuple[_Wrap, ...]) -> None:
        for child in node.children:
            if isinstance(child, str):
                self.say(child, wraps)
            else:
                self.element(child, wraps)

    def say(self, words: str, wraps: tuple[_Wrap, ...]) -> None:
        for number, line in enumerate(re.sub(r"[ \t\r\f]+", " ", words).split("\n")):
            if number:
                self.run.append((Token("softbreak", "br", 0), wraps))
            if line:
                self.run.append((Token("text", "", 0, content=line), wraps))

    def element(self, node: _Node, wraps: tuple[_Wrap, ...]) -> None:
        tag, mark = node.tag, node.attrs.get(_MARK, "")
        own: Token | None = None
        if mark.startswith("#"):
            block, _, inline = mark[1:].partition(".")
            own = self.tokens[int(block)]
            self.line = own.map[0] if own.map else self.line
            if inline:
                self.own_inline((own.children or [])[int(inline)], node, wraps)
                return
            if not own.nesting:
                self.flush()
                self.out.append(own)
                return
        elif mark:
            self.line = int(mark[1:])
        if tag == "br":
            self.run.append((Token("hardbreak", "br", 0), wraps))
        elif tag == "img":
            self.image(node, wraps)
        elif tag in {"code", "samp", "tt"}:
            self.code(node, wraps)
        elif tag == "q":
            self.say('"', wraps)
            self.flow(node, wraps)
            self.say('"', wraps)
        elif tag == "a":
            address = self.address(node.attrs.get("href", ""))
            around = _Wrap(
                opened=Token("link_open", "a", 1, attrs={"href": address}), closed=Token("link_close", "a", -1)
            )
            self.flow(node, (*wraps, around) if address else wraps)
        elif tag in _INLINE:
            self.flow(node, (*wraps, _wrap(_SAME.get(tag, tag))))
        elif tag == "span":
            self.flow(node, (*wraps, *map(_wrap, _said_by(node.attrs.get("style", "")))))
        elif self.kinds[-1] is None and (tag in _BLOCKS or tag in _PARAGRAPHS):
            self.part(node, wraps)
        elif tag in _BLOCKS or tag in _PARAGRAPHS:
            self.block(node, wraps, own)
        else:
            self.flow(node, wraps)

    def own_inline(self, token: Token, node: _Node, wraps: tuple[_Wrap, ...]) -> None:
        if token.nesting:
            closed = Token(token.type.replace("_open", "_close"), token.tag, -1, markup=token.markup, info=token.info)
            self.flow(node, (*wraps, _Wrap(opened=token, closed=closed)))
        else:
            self.run.append((token, wraps))
            self.flow(node, wraps)

    def image(self, node: _Node, wraps: tuple[_Wrap, ...]) -> None:
        alt = " ".join(node.attrs.get("alt", "").split())
        attrs: dict[str, str | int | float] = {"src": self.address(node.attrs.get("src", "")), "alt": ""}
        inside = [Token("text", "", 0, content=alt)]
        picture = Token("image", "img", 0, content=alt, attrs=attrs, children=inside, meta={"is_html": True})
        self.run.append((picture, wraps))

    def code(self, node: _Node, wraps: tuple[_Wrap, ...]) -> None:
        words = "".join(leaf if isinstance(leaf, str) else self.token_of(leaf).content for leaf in (*_leaves(node),))
        self.run.append((Token("code_inline", "code", 0, content=" ".join(words.split())), wraps))

    def token_of(self, node: _Node) -> Token:
        block, _, inline = node.attrs.get(_MARK, "").removeprefix("#").partition(".")
        children = self.tokens[int(block)].children if inline else None
        found = children[int(inline)] if children else Token("text", "", 0)
        return found.copy(content=" ") if found.type in {"softbreak", "hardbreak"} else found

    def part(self, node: _Node, wraps: tuple[_Wrap, ...]) -> None:
        """Write a block inside a cell: a line of its own."""
        if self.run and self.run[-1][0].type != "hardbreak" and any(token.content.strip() for token, _ in self.run):
            self.run.append((Token("hardbreak", "br", 0), ()))
        if node.tag == "li":
            self.say("• ", wraps)
        around = [_wrap("strong")] if node.tag in {"th", "dt", "h1", "h2", "h3", "h4", "h5", "h6"} else []
        self.flow(node, (*wraps, *around))

    def block(self, node: _Node, wraps: tuple[_Wrap, ...], own: Token | None) -> None:
        self.flush()
        tag = node.tag
        stand = self.stand
        self.stand = {**stand, **_stands(node)}
        if own and own.hidden:
            self.flow(node, wraps)
        elif re.fullmatch(r"h[1-6]", tag):
            self.phrase(node, wraps, own or Token("heading_open", tag, 1))
        elif tag in {"summary", "figcaption"}:
            self.phrase(node, wraps, Token(f"{tag}_open", tag, 1))
        elif tag in {"p", "dt"} or tag in _PARAGRAPHS:
            around = [_wrap("strong")] if tag == "dt" else []
            self.phrase(node, (*wraps, *around), own or Token("paragraph_open", "p", 1))
        elif tag == "hr":
            self.out.append(Token("hr", "hr", 0, markup="---"))
        elif tag == "pre":
            words = "".join(leaf if isinstance(leaf, str) else self.token_of(leaf).content for leaf in _leaves(node))
            self.out.append(Token("fence", "code", 0, content=words.strip("\n") + "\n"))
        elif tag == "table":
            self.table(node, wraps, own)
        elif tag in {"ul", "ol"}:
            self.listed(node, wraps, own)
        elif tag == "li":
            # Outside of any list.
            self.listed(_Node("ul", {}, [node]), wraps, None)
        elif tag in {"blockquote", "details", "figure"}:
            opened = own or Token(f"{tag}_open", tag, 1, attrs={"open": ""} if tag == "details" else {})
            self.inside(opened, node, wraps)
        else:
            self.flow(node, wraps)
        self.flush()
        self.stand = stand

    def phrase(self, node: _Node, wraps: tuple[_Wrap, ...], opened: Token) -> None:
        """Write what holds words and no blocks; blocks that it has all the same are divided."""
        self.kinds.append(opened)
        self.flow(node, wraps)
        self.flush()
        self.kinds.pop()

    def inside(self, opened: Token, node: _Node, wraps: tuple[_Wrap, ...], kind: Token | None = None) -> None:
        self.out.append(opened)
        self.phrase(node, wraps, kind or Token("paragraph_open", "p", 1))
        self.out.append(Token(opened.type.replace("_open", "_close"), opened.tag, -1, markup=opened.markup))

    def listed(self, node: _Node, wraps: tuple[_Wrap, ...], own: Token | None) -> None:
        kind = "ordered" if node.tag == "ol" else "bullet"
        start = node.attrs.get("start", "")
        attrs: dict[str, str | int | float] = {"start": int(start)} if re.fullmatch(r"\d{1,6}", start) else {}
        if node.attrs.get("type", "") in {"a", "A", "i", "I"}:
            attrs["type"] = node.attrs["type"]
        opened = own or Token(f"{kind}_list_open", node.tag, 1, attrs=attrs)
        self.out.append(opened)
        for child in node.children:
            if isinstance(child, str) and not child.strip():
                continue
            is_point = isinstance(child, _Node) and child.tag == "li"
            point = child if isinstance(child, _Node) and is_point else _Node("li", {}, [child])
            mark = point.attrs.get(_MARK, "")
            if mark.startswith("#"):
                typed = Token("paragraph_open", "p", 1, hidden=True, meta={"is_typed": True})
                self.inside(self.tokens[int(mark[1:])], point, wraps, typed)
                continue
            value = point.attrs.get("value", "")
            valued: dict[str, str | int | float] = {"value": int(value)} if re.fullmatch(r"\d{1,6}", value) else {}
            item = Token("list_item_open", "li", 1, markup=".", attrs=valued)
            self.inside(item, point, wraps, Token("paragraph_open", "p", 1, hidden=True))
        self.out.append(Token(f"{kind}_list_close", node.tag, -1))

    def table(self, node: _Node, wraps: tuple[_Wrap, ...], own: Token | None) -> None:
        # A browser's tree has a body in each table, rows in it, cells in them.
        parts = [part for part in node.children if isinstance(part, _Node)]
        rows = [row for part in parts for row in part.children if isinstance(row, _Node) and row.tag == "tr"]
        cells = [[cell for cell in row.children if isinstance(cell, _Node)] for row in rows]
        is_layout = any(inner.tag == "table" for inner in node.walk()) or max(map(len, cells), default=0) < 2
        for caption in (part for part in parts if part.tag == "caption"):
            self.phrase(caption, wraps, Token("paragraph_open", "p", 1))
        if is_layout:
            for cell in [cell for row in cells for cell in row]:
                self.phrase(cell, wraps, Token("paragraph_open", "p", 1))
            return
        self.out.append(own or Token("table_open", "table", 1))
        is_head = all(cell.tag == "th" for cell in cells[0])
        for number, row in enumerate(cells):
            if number == 0 or (number == 1 and is_head):
                part = "thead" if number == 0 and is_head else "tbody"
                self.out.append(Token(f"{part}_open", part, 1))
            self.out.append(Token("tr_open", "tr", 1))
            for cell in row:
                self.cell(cell, wraps)
            self.out.append(Token("tr_close", "tr", -1))
            if number == len(cells) - 1 or (number == 0 and is_head):
                part = "thead" if number == 0 and is_head else "tbody"
                self.out.append(Token(f"{part}_close", part, -1))
        self.out.append(Token("table_close", "table", -1))

    def cell(self, node: _Node, wraps: tuple[_Wrap, ...]) -> None:
        mark = node.attrs.get(_MARK, "")
        attrs: dict[str, str | int | float] = {
            name: value for name in ("colspan", "rowspan") if re.fullmatch(r"\d\d?", value := node.attrs.get(name, ""))
        }
        opened = Token(f"{node.tag}_open", node.tag, 1, attrs={**attrs, **_stands(node)})
        self.out.append(self.tokens[int(mark[1:])] if mark.startswith("#") else opened)
        at = len(self.out)
        self.kinds.append(None)
        self.flow(node, wraps)
        self.flush()
        self.kinds.pop()
        if len(self.out) == at:
            self.out.append(Token("inline", "", 0, children=[], map=[self.line, self.line + 1]))
        self.out.append(Token(f"{node.tag}_close", node.tag, -1))

    def flush(self) -> None:
        """End the paragraph under way, if it has words or pictures."""
        run, self.run = _trimmed(self.run), []
        if not run:
            return
        kind = self.kinds[-1]
        lines = kind.map if kind and kind.map else [self.line, self.line + 1]
        # Inside a block of HTML the lines are those of the page, and a backslash is a backslash.
        meta = {} if kind and (kind.map or kind.meta) else {"is_html": True}
        inline = Token("inline", "", 0, children=list(_woven(run)), map=list(lines), meta=meta)
        if kind is None:
            self.out.append(inline)
            return
        opened = kind.copy(attrs={**self.stand, **kind.attrs}, map=list(lines))
        self.out += [opened, inline, Token(kind.type.replace("_open", "_close"), kind.tag, -1, hidden=kind.hidden)]


def _leaves(node: _Node) -> "Iterator[_Node | str]":
    """Yield the words in an element, and the elements that stand for tokens."""
    for child in node.children:
        if isinstance(child, str):
            yield child
        elif child.tag == "br":
            yield "\n"
        else:
            if child.attrs.get(_MARK, "").startswith("#"):
                yield child
            yield from _leaves(child)


def _wrap(tag: str) -> _Wrap:
    return _Wrap(opened=Token(f"{tag}_open", tag, 1), closed=Token(f"{tag}_close", tag, -1))


def _said_by(style: str) -> Iterator[str]:
    """Yield the tags that say what a style does: Google Docs and Word write spans."""
    style = style.lower()
    if re.search(r"font-weight\s*:\s*(?:bold|[6-9]00)", style):
        yield "strong"
    if re.search(r"font-style\s*:\s*italic", style):
        yield "em"
    if re.search(r"text-decoration[a-z-]*\s*:[^;]*underline", style):
        yield "u"
    if re.search(r"text-decoration[a-z-]*\s*:[^;]*line-through", style):
        yield "s"
    if match := re.search(r"vertical-align\s*:\s*(su[bp])", style):
        yield "sub" if match[1] == "sub" else "sup"


def _stands(node: _Node) -> dict[str, str]:
    """Return how the words of an element stand: their side, direction and language."""
    match = re.search(r"text-align\s*:\s*(center|right)", node.attrs.get("style", "").lower())
    align = "center" if node.tag == "center" else match[1] if match else node.attrs.get("align", "").lower()
    stands = {"align": align} if align in {"center", "right"} else {}
    if node.attrs.get("dir", "") in {"rtl", "ltr"}:
        stands["dir"] = node.attrs["dir"]
    if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}", node.attrs.get("lang", "")):
        stands["lang"] = node.attrs["lang"]
    return stands


_BREAKS = frozenset({"softbreak", "hardbreak"})


def _is_blank(token: Token) -> bool:
    return token.type in _BREAKS or (token.type == "text" and not token.content.strip())


def _trimmed(run: list[tuple[Token, tuple[_Wrap, ...]]]) -> list[tuple[Token, tuple[_Wrap, ...]]]:
    """Return the words of a paragraph without blanks and line ends before and behind them, and in rows."""
    said = [number for number, (token, _) in enumerate(run) if not _is_blank(token)]
    kept: list[tuple[Token, tuple[_Wrap, ...]]] = []
    for token, wraps in run[said[0] : said[-1] + 1] if said else ():
        if not kept or kept[-1][0].type in _BREAKS:
            if token.type == "softbreak":
                continue
            if token.type == "text" and token.content.startswith(" "):
                token = token.copy(content=token.content.lstrip(" "))
        elif kept[-1][0].content.endswith(" ") and token.type == "text" and token.content.startswith(" "):
            # A comment stood between them.
            token = token.copy(content=token.content[1:])
        if token.content or token.type != "text":
            kept.append((token, wraps))
    if kept and kept[-1][0].type == "text":
        kept[-1] = (kept[-1][0].copy(content=kept[-1][0].content.rstrip(" ")), kept[-1][1])
    return kept


def _woven(run: list[tuple[Token, tuple[_Wrap, ...]]]) -> Iterator[Token]:
    """Yield the words with what lies around them."""
    opened: tuple[_Wrap, ...] = ()
    for token, wraps in (*run, (None, ())):
        same = 0
        while same < min(len(opened), len(wraps)) and opened[same] is wraps[same]:
            same += 1
        for wrap in reversed(opened[same:]):
            yield wrap.closed
        for wrap in wraps[same:]:
            yield wrap.opened
        opened = wraps
        if token:
            yield token
