"""MJML -> HTML with styles inlined: the one place that knows mjml-python (mrml), premailer, cssutils and lxml.

What goes through here holds no word of a writer: opaque tokens stand in for them (see render.py), because each of
these libraries changes some texts on the way. What is mended here was seen to break on mjml-python 1.4.2,
premailer 3.10.0, cssutils 2.15.0 and lxml 6.1.3.
"""

import hashlib
import json
import logging
import re
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from newsletter.cache import Cache

# The element whose children show how each tag inside a writer's words is dressed; it never reaches the mail.
SPECIMEN = "specimen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """HTML with its tokens, and the attributes (`class`, `style`) for each tag of a writer's words."""

    html: str
    styles: dict[str, dict[str, str]]


class SkeletonError(ValueError):
    """MJML or CSS that can't be understood; the message is the library's."""


def build_skeleton(mjml: str, css: str, cache: Cache | None = None) -> Skeleton:
    """Return the MJML as HTML, `css` inlined; the result is kept in the cache, since words don't change it.

    Raises SkeletonError for MJML that mrml refuses and for CSS that would be fetched.
    """
    key = hashlib.sha256("\0".join(("2", versions(), mjml, css)).encode()).hexdigest()[:40] + ".json"
    if cache and (kept := cache.get(key)):
        return Skeleton(**json.loads(kept))
    skeleton = _inline(_to_html(mjml), css)
    if cache:
        cache.put(key, json.dumps({"html": skeleton.html, "styles": skeleton.styles}).encode())
    return skeleton


def versions() -> str:
    """Return the versions that the output's bytes depend on, one a line."""
    from importlib.metadata import version

    return "\n".join(f"{name} {version(name)}" for name in ("cssutils", "lxml", "mjml-python", "premailer"))


def _to_html(mjml: str) -> str:
    from mjml import mjml2html

    # mrml stops at blanks before a newline between mj tags; between these they mean nothing.
    tight = re.sub(r">\s+(?=</?mj)", ">", re.sub(r"(</?mj[^>]*>)\s+", r"\1", mjml.strip()))
    try:
        # Without `fonts={}` it links to Google Fonts.
        html: str = mjml2html(tight, fonts={})
    except Exception as error:
        # The binding raises bare OSError, KeyError, RuntimeError, depending on the stage.
        raise SkeletonError(str(error)) from error
    # premailer parses, rewrites or drops what stands in style blocks; only `css` is to be inlined.
    return html.replace("<style", '<style data-premailer="ignore"')


def _inline(html: str, css: str) -> Skeleton:
    if re.search(r"@import", css, re.IGNORECASE):
        raise SkeletonError("@import would fetch a file while building")
    etree, premailer = _libraries()
    # huge_tree: without it libxml2 silently drops all below 254 nested elements or after 10 MB.
    tree = etree.fromstring(html, etree.HTMLParser(huge_tree=True)).getroottree()
    premailer.Premailer(
        css_text=css,
        strip_important=False,
        remove_classes=False,
        align_floating_images=False,
        disable_validation=True,
        disable_leftover_css=True,
        allow_network=False,
        # Else `<img width="560">` becomes width="100%", which Outlook takes at its word.
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
    ).transform(tree.getroot())
    styles = {}
    for specimen in tree.iterfind(f".//*[@id='{SPECIMEN}']"):
        for element in specimen.iter():
            if element is not specimen:
                styles[element.tag] = {
                    name: element.attrib[name] for name in ("class", "style") if name in element.attrib
                }
        specimen.getparent().remove(specimen)
    # lxml drops mrml's lower-case doctype, and without one every client falls into quirks mode.
    text: str = etree.tostring(tree, method="html", encoding="unicode", doctype="<!doctype html>")
    return Skeleton(html=text.replace("\n<html", "<html", 1), styles=styles)


def _libraries() -> tuple[Any, Any]:
    """Import lxml and premailer without what they would only need to reach the network."""
    # premailer imports requests (40 ms) for style sheets on the web, which we never let it load.
    missing = "requests" not in sys.modules
    if missing:
        sys.modules["requests"] = ModuleType("requests")
    try:
        import cssutils
        import premailer
        from lxml import etree
    finally:
        if missing:
            del sys.modules["requests"]
    cssutils.log.setLevel(logging.CRITICAL)
    return etree, premailer
