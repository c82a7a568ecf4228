"""HTML -> what in it would run: a script, a handler, an address that is a program.

No mail program runs such a thing, but a browser does, where people read the issue's page. Words of writers never become
markup, so what is found here stands in a template.
"""

import html as entities
import re
from collections.abc import Iterator

from newsletter.patterns import later

# Elements that run what they hold or name, show another page, or change where all links lead to.
_ELEMENTS = frozenset(
    {
        "animate",
        "animatemotion",
        "animatetransform",
        "applet",
        "base",
        "embed",
        "frame",
        "iframe",
        "object",
        "script",
        "set",
    }
)
# Attributes that hold an address.
_ADDRESSES = frozenset(
    {"action", "background", "cite", "data", "formaction", "href", "longdesc", "ping", "poster", "src", "xlink:href"}
)
_PROGRAM = later(r"(?:javascript|vbscript|data(?!:image/(?:gif|jpeg|png|webp)[;,])):")
# What is looked for first, since to take tags apart is slow: `<script`; `onload=`; a value that begins as such an
# address, perhaps with a letter that is written as an entity, or a tab between two. Python looks fastest for patterns
# that begin with letters, and in bytes: a page with emoji in it has two or four of them a letter. What HTML takes for
# blanks, and for capitals of small letters, is ASCII.
_ELEMENT = later(f"<(?:{'|'.join(sorted(_ELEMENTS))})".encode())
_HANDLER = re.compile(rb"""on(?<=[\s"'/]on)[a-z]++\s*+=""")
_VALUE = later(
    rb"""=\s*+["']?+[\x00-\x20]*+(?:&[#a-z]|[jdv]Z|[jd]aZ|javZ|datZ|java|data|vb)""".replace(b"Z", rb"[&\x00-\x20]")
)
_META = re.compile(rb"""http-equiv\s*=\s*["']?+(?!content-type|x-ua-comp)""")
# Tags and attributes as browsers take them apart (https://html.spec.whatwg.org/#tag-open-state, read 2026-11-25).
_TAG = later(r"<([A-Za-z][^\s/>]*)")
_ATTRIBUTE = later(r"""[\s/]*+(?:(>)|([^\s/>][^\s/>=]*+)(?:\s*+=\s*+("[^"]*"|'[^']*'|[^\s>"'][^\s>]*+)?)?)""")


def active(html: str) -> str:
    """Return the first thing that would run, as it is written: `<script`, `onload=`, `javascript:`; else nothing.

    Each `<` before a letter is taken for a tag, in comments and style sheets as well: mail programs and browsers don't
    agree on where those end.
    """
    if not _is_suspect(html.encode().lower()):
        return ""
    for tag in _TAG.finditer(html):
        name = tag[1].lower()
        if name in _ELEMENTS:
            return f"<{name}"
        for attribute, value in _attributes(html, tag.end()):
            if re.match(r"on[a-z]", attribute):
                return f"{attribute}="
            plain = re.sub(r"[\x00-\x20]", "", entities.unescape(value)).lower()
            if attribute in _ADDRESSES and _PROGRAM.match(plain):
                return f"{plain.partition(':')[0]}:"
            if name == "meta" and attribute == "http-equiv" and plain == "refresh":
                return 'http-equiv="refresh"'
    return ""


def _is_suspect(html: bytes) -> bool:
    return any(pattern.search(html) for pattern in (_ELEMENT, _HANDLER, _VALUE, _META))


def _attributes(html: str, at: int) -> Iterator[tuple[str, str]]:
    while match := _ATTRIBUTE.match(html, at):
        if match[1] or not match[2]:
            return
        yield match[2].lower(), (match[3] or "").strip("\"'")
        at = match.end()
