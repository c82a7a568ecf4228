"""MJML -> HTML with styles inlined: the one place that knows mjml-python (mrml), premailer, cssutils and lxml.

What goes through here holds no word of a writer: opaque tokens stand in for them (see render.py), because each of
these libraries changes some texts on the way. What is mended here was seen to break on mjml-python 1.4.2,
premailer 3.10.0, cssutils 2.15.0 and lxml 6.1.3.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Set
from functools import lru_cache
from typing import Any

from lxml import etree
from mjml import mjml2html
from msgspec import Struct

from newsletter.memo import Cache
from newsletter.program import program

# The element whose children show how each tag inside a writer's words is dressed; it never reaches the mail.
SPECIMEN = "specimen"

# What premailer is asked for; benchmarks/run.py asks the bare library for the same.
PREMAILER: Mapping[str, Any] = {
    "strip_important": False,
    "remove_classes": False,
    "align_floating_images": False,
    "disable_validation": True,
    "disable_leftover_css": True,
    "allow_network": False,
    # Else `<img width="560">` becomes width="100%", which Outlook takes at its word.
    "disable_basic_attributes": ["width", "height", "align", "valign", "bgcolor"],
}


class Skeleton(Struct, frozen=True, kw_only=True):
    """HTML with its tokens, and the attributes (`class`, `style`) for each tag of a writer's words."""

    html: str
    styles: dict[str, dict[str, str]]


class SkeletonError(ValueError):
    """MJML or CSS that can't be understood: which of the two files it is made from, and the library's complaint."""

    def __init__(self, file: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.file, self.message, self.hint = file, message, hint


def build_skeleton(mjml: str, css: str, cache: Cache | None = None, stories: int = 0) -> Skeleton:
    """Return the MJML as HTML, `css` inlined; what can be used again is kept in the cache.

    Raises SkeletonError for MJML that mrml refuses, for CSS that would be fetched, and for more of either than an issue
    of so many stories can have.
    """
    if re.search(r"@import", css, re.IGNORECASE):
        raise SkeletonError("styles.css", "@import would fetch a file while building", "copy its rules into styles.css")
    _measure(mjml, css, stories)
    html = _to_html(mjml)
    if not _RULE.sub("", css).strip() and not _COLOUR_TOKEN.search(f"{css}{html}"):
        return _skeleton(html, lambda root: _dress(root, css, cache))
    key = _key(html, css) + ".json"
    if cache and (kept := _kept(cache, key)) and isinstance(kept.get("html"), str):
        styles = kept.get("styles")
        if isinstance(styles, dict) and all(map(_is_texts, styles.values())):
            return Skeleton(html=kept["html"], styles=styles)
    skeleton = _skeleton(html, lambda root: _premail(root, css))
    if cache:
        cache.put(key, json.dumps({"html": skeleton.html, "styles": skeleton.styles}).encode())
    return skeleton


# The packaged look has 150 elements, and 60 for a story, in each other 12 deep; it has 70 rules. mrml is brought down
# by 3,000 sections in each other, and premailer asks of each element which rules it matches.
_ELEMENTS, _ELEMENTS_OF_A_STORY, _DEEP, _RULES, _LETTERS = 15_000, 200, 500, 1000, 200_000
_TAG = re.compile(r"""(<!--).*?(?:-->|\Z)|<(/?)([A-Za-z][^\s/<>]*+)((?:[^<>"']++|"[^"]*"|'[^']*')*+)>|<""", re.DOTALL)
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})


def _measure(mjml: str, css: str, stories: int) -> None:
    """Refuse what would bring the libraries down, or keep them busy for minutes."""
    if css.count("{") > _RULES or len(css) > _LETTERS:
        message = f"the style sheet has more than {_RULES:,} rules or {_LETTERS:,} letters"
        raise SkeletonError("styles.css", message, "leave out what the look does not use")
    most = _ELEMENTS + _ELEMENTS_OF_A_STORY * stories
    number = 0
    opened: list[str] = []
    for comment, closes, name, rest in _TAG.findall(mjml):
        if closes:
            # An end tag that closes nothing (`</div>` alone) must not make the rest look less deep.
            if opened and opened[-1] == name:
                opened.pop()
            continue
        if comment:
            continue
        number += 1
        if not name or not (rest.endswith("/") or name in _VOID):
            opened.append(name)
        if number > most or len(opened) > _DEEP:
            excess = f"more than {most:,} elements" if number > most else f"elements nested more than {_DEEP} deep"
            raise SkeletonError(
                "issue.mjml.j2", f"the templates make {excess}", "look for a loop that goes on too long"
            )


def _kept(cache: Cache, key: str) -> Any:
    """Return what the cache has under the key; what is no mapping of JSON counts as nothing."""
    try:
        kept = json.loads(cache.get(key) or b"{}")
    except (ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _is_texts(kept: Any) -> bool:
    return isinstance(kept, dict) and all(isinstance(value, str) for value in kept.values())


def _key(*texts: str) -> str:
    return hashlib.sha256("\0".join((program(), *texts)).encode()).hexdigest()[:40]


def tight(mjml: str) -> str:
    """Return the MJML without blanks beside mj tags: mrml stops at those before a newline, and they mean nothing."""
    return re.sub(r">\s+(?=</?mj)", ">", re.sub(r"(</?mj[^<>]*>)\s+", r"\1", mjml.strip()))


# What mrml says, as whoever wrote a template would say it.
_IN_WORDS = {
    "unable to find mjml element": "there is no <mjml>",
    "unexpected end of stream": "it ends before all its tags are closed",
    "unable to parse next template": "a tag or an attribute in it is not well-formed",
    "unable to load included template": "mj-include reads no file here, {% include %} does",
}


def _to_html(mjml: str) -> str:
    try:
        # Without `fonts={}` it links to Google Fonts.
        html: str = mjml2html(tight(mjml), fonts={})
    except Exception as error:
        # The binding raises bare OSError, KeyError, RuntimeError, depending on the stage.
        at = re.search(r" at position (\d+):(\d+)$", str(error))
        # `unexpected token in root template at position 0:8`; the root is all that there is.
        complaint = (str(error)[: at.start()] if at else str(error)).removesuffix(" in root template")
        reason = _IN_WORDS.get(complaint, complaint) + (f": {tight(mjml)[int(at[1]) : int(at[2])]}" if at else "")
        hint = "look for a tag that is not closed, one too many, or a bare < (write &lt;)"
        raise SkeletonError("issue.mjml.j2", f"the MJML can't be read: {reason}", hint) from error
    return html


def _skeleton(html: str, inline: Callable[[Any], None]) -> Skeleton:
    # huge_tree: without it libxml2 silently drops all below 254 nested elements or after 10 MB.
    tree = etree.fromstring(html, etree.HTMLParser(huge_tree=True)).getroottree()
    inline(tree.getroot())
    styles = {}
    for specimen in [element for element in tree.iter("div") if element.get("id") == SPECIMEN]:
        for element in specimen.iter("*"):
            if element is not specimen:
                styles[element.tag] = {
                    name: element.attrib[name] for name in ("class", "style") if name in element.attrib
                }
        specimen.getparent().remove(specimen)
    _without_leftovers(tree.getroot())
    # lxml drops mrml's lower-case doctype, and without one every client falls into quirks mode.
    text: str = etree.tostring(tree, method="html", encoding="unicode", doctype="<!doctype html>")
    return Skeleton(html=text.replace("\n<html", "<html", 1), styles=styles)


# What mrml writes for columns side by side: blanks between inline blocks have no width, and phones stack the blocks. In
# one column they mean nothing; filters take `font-size:0px` around words for hidden text.
_OF_COLUMNS = frozenset({"font-size:0px", "display:inline-block", "vertical-align:top", "width:100%", "direction:ltr"})
_COLUMN = re.compile(r"\bmj-column-(?:per|px)-[0-9-]+")
_OWN_RESET = re.compile(r"\s*#outlook a \{ padding: 0; \}\s*body \{ margin: 0;")
_WIDE = re.compile(r"(?:@media[^{}]*\{ ?|\.moz-text-html )\.mj-column-per-100 \{[^{}]*\}[ }]*")
# In place of mrml's own, which also has rules for mail programs of before 2013, and gives bare paragraphs a margin.
_RESET = """
body{margin:0;padding:0;-webkit-text-size-adjust:100%;-ms-text-size-adjust:100%}
table,td{border-collapse:collapse;mso-table-lspace:0pt;mso-table-rspace:0pt}
img{border:0;line-height:100%;-ms-interpolation-mode:bicubic}
"""


def _without_leftovers(root: Any) -> None:
    """Take out of a page of one column what mrml writes for pages of several; Word's comments stay."""
    columns = [element for element in root.iter("div") if _COLUMN.search(element.get("class", ""))]
    if not all(column.get("class").endswith(" mj-column-per-100") for column in columns):
        return
    for column in columns:
        del column.attrib["class"]
        for element in (column, *column.iterancestors("td"), *column.iterdescendants("td")):
            _drop(element, _OF_COLUMNS - {"vertical-align:top"} if element.tag == "td" else _OF_COLUMNS)
    for body in root.iter("body"):
        _drop(body, {"word-spacing:normal"})
    for style in list(root.iter("style")):
        if _OWN_RESET.match(style.text or ""):
            style.text = _RESET
        elif _WIDE.fullmatch(style.text or ""):
            _remove(style)
    for comment in [comment for comment in root.iter(etree.Comment) if ".mj-outlook-group-fix" in comment.text]:
        _remove(comment)


def _drop(element: Any, declarations: Set[str]) -> None:
    style = element.get("style", "")
    left = ";".join(part for part in style.strip("; ").split(";") if part.strip() not in declarations)
    if left:
        element.set("style", f"{left};" if style.endswith(";") else left)
    else:
        element.attrib.pop("style", None)


def _remove(element: Any) -> None:
    """Take out an element but not the text behind it."""
    parent, before = element.getparent(), element.getprevious()
    if element.tail and element.tail.strip():
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)


# A rule on a line of its own that selects one class: `.button { color: #FFFFFF; }`. Where a style sheet has no other
# kind (the packaged one has not), what premailer makes of an element depends only on its own `class` and `style`.
# Every quote and bracket closes within its rule: one left open would take in the rules after it, and which rules stand
# there depends on what was asked before.
_QUOTED = r"""\"[^\"{}*\\\n]*\"|'[^'{}*\\\n]*'"""
_PLAIN = r"""[^{}()\[\]<>"'*\\\n\r\f]"""
_RULE = re.compile(
    rf"^\.([A-Za-z][\w-]*) \{{(?:{_PLAIN}++|{_QUOTED}|\((?:{_PLAIN}++|{_QUOTED})*+\))*+\}}(?:\n|\Z)", re.MULTILINE
)
# A colour that stands alone: `color: #1D5C63;`, but not `a#1D5C63` or `#1D5C63ff`, of which a token would make another
# word.
_COLOUR = re.compile(r"""(?<![^ \t\n:,=('"])#[0-9A-Fa-f]{6}(?![^ \t;,)!'"])""")


def _dress(root: Any, css: str, cache: Cache | None) -> None:
    """Give each element the `style` that premailer would, asking it only for pairs of class and style not yet seen.

    What it said is kept without the colours, which it passes through: so a look is inlined once, for each theme and
    issue, and a build need not even import premailer.
    """
    dressed = {rule[1] for rule in _RULE.finditer(css)}
    sheet, colours = _without_colours(css, "qzc")
    key = _key(sheet) + ".styles"
    known: dict[str, str] = kept if cache and _is_texts(kept := _kept(cache, key)) else {}
    worn = []
    for element in root.iter("*"):
        classes = element.get("class", "")
        if not dressed.isdisjoint(classes.split()):
            style, own = _without_colours(element.get("style", ""), "qzs")
            worn.append((element, f"{classes}\0{style}", own | colours))
    unknown = {pair for _, pair, _ in worn} - known.keys()
    if unknown:
        try:
            known |= _ask_premailer(sorted(unknown), sheet)
        except ValueError:
            # `&#12;` in a style: lxml reads such a sign, and refuses to be given it.
            _premail(root, css)
            return
        if cache:
            cache.put(key, json.dumps(known).encode())
    for element, pair, back in worn:
        if known[pair]:
            element.set("style", _with_colours(known[pair], back))


_COLOUR_TOKEN = re.compile(r"qz[cs]\d+x")


@lru_cache(1024)
def _without_colours(css: str, name: str) -> tuple[str, dict[str, str]]:
    """Return the CSS with a token for each colour, and what the tokens stand for."""
    tokens: dict[str, str] = {}

    def token(colour: re.Match[str]) -> str:
        return tokens.setdefault(colour[0], f"{name}{len(tokens)}x")

    return _COLOUR.sub(token, css), {token: colour for colour, token in tokens.items()}


def _with_colours(css: str, colours: Mapping[str, str]) -> str:
    return _COLOUR_TOKEN.sub(lambda token: colours[token[0]], css)


def _ask_premailer(pairs: list[str], css: str) -> dict[str, str]:
    """Return the `style` of an element for each pair of class and style."""
    page = etree.Element("html")
    elements = {}
    for pair in pairs:
        classes, _, style = pair.partition("\0")
        elements[pair] = etree.SubElement(page, "p", {"class": classes, **({"style": style} if style else {})})
    worn = {name for pair in pairs for name in pair.partition("\0")[0].split()}
    # Rules are slow to parse, so only those that are needed are handed over.
    needed = "".join(rule[0] for rule in _RULE.finditer(css) if rule[1] in worn)
    _premail(page, needed)
    return {pair: element.get("style", "") for pair, element in elements.items()}


def _premail(root: Any, css: str) -> None:
    premailer = _import_premailer()
    # premailer parses, rewrites or drops what stands in style blocks; only `css` is to be inlined.
    for block in root.iter("style"):
        block.set(premailer.Premailer.attribute_name, "ignore")
    try:
        premailer.Premailer(css_text=css, **PREMAILER).transform(root)
    except Exception as error:
        # cssutils and cssselect raise what they like for a selector that they don't understand.
        reason = str(error).partition("\n")[0][:200] or type(error).__name__
        hint = "look for a selector that is too long, or a bracket that is not closed"
        raise SkeletonError("styles.css", f"the style sheet can't be read: {reason}", hint) from None
    for block in root.iter("style"):
        # premailer takes the attribute off again, but not from blocks with a media query.
        block.attrib.pop(premailer.Premailer.attribute_name, None)


def _import_premailer() -> Any:
    """Import premailer, and set it and cssutils up so that they change, print and fetch nothing that is not asked."""
    import logging

    import cssutils
    import premailer

    cssutils.log.setLevel(logging.CRITICAL)
    # Else #FFFFFF becomes #FFF, which Outlook takes for no colour.
    cssutils.ser.prefs.minimizeColorHash = False
    # premailer 3.10 validates `style` attributes whatever it is told, and what it finds goes to that log alone; to
    # compile the expressions for every CSS property takes longer than all its other work.
    cssutils.profile.removeProfile(all=True)
    # Its caches for selectors and for `style` attributes share their keys: `style="head"` would crash it.
    premailer.premailer._create_cssselector = _selector
    # `@import` can be written in ways that no search of ours finds; allow_network does not reach this one.
    cssutils.util._defaultFetcher = _fetch_nothing
    return premailer


def _fetch_nothing(url: str) -> None:
    pass


@lru_cache(1000)
def _selector(selector: str) -> Any:
    from lxml.cssselect import CSSSelector

    return CSSSelector(selector)
