"""Delivery -> Delivery: the HTML as a provider's editor takes it, or the faults that keep it from being taken."""

import html
import re

from msgspec.structs import replace

from newsletter.deliver.providers import Provider
from newsletter.errors import ContentError, Fault, Place
from newsletter.model import Delivery, Issue

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_COMMENT_END = "-->"
_BODY = re.compile(r"<body\b[^>]*>(.*)</body>", re.DOTALL)
_PREHEADER = re.compile(r'(<div class="preheader"[^>]*>)(.*?)(</div>)', re.DOTALL)
# The blanks behind a preheader that keep the body's first words out of the inbox's preview (see render.py).
_FILLER = re.compile("\u034f.*", re.DOTALL)
_LINK = re.compile(r'<a\b([^>]*?)(?<!\s)\s*+\bhref="([^"]*)"([^>]*)>(.*?)</a>', re.DOTALL)
_ORNAMENT = re.compile(r'<span\b[^>]*\baria-hidden="true"[^>]*>.*?</span>', re.DOTALL)


def wrap(delivery: Delivery, issue: Issue, provider: Provider) -> Delivery:
    """Return the delivery with the HTML wrapped as the provider wants it; words and tags stay as they were.

    Raises ContentError for what the provider would refuse, and for an issue without an unsubscribe link or a postal
    address where the provider adds none.
    """
    page = delivery.html
    if provider.preheader == "field":
        page = _without_preheader(page)
    if provider.document == "fragment":
        page = _fragment(page)
    page = _with_comments(page, provider)
    for literal in (*provider.once, *provider.kept):
        if literal not in page:
            page = _before_end(page, literal)
    if provider.first_line:
        page = f"{provider.first_line}\n{page}"
    wrapped = replace(delivery, html=page, text=delivery.text if provider.has_text else "")
    if faults := [*_legal_faults(wrapped, issue, provider), *_limits(wrapped, issue, provider)]:
        raise ContentError(faults)
    return wrapped


def go_string(words: str) -> str:
    """Return the words as a string literal of Go: html/template of Go 1.19 gave every comment back byte for byte."""
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def _without_preheader(page: str) -> str:
    """Empty the hidden preheader: the provider puts its own there, and the inbox would show both."""

    def emptied(match: re.Match[str]) -> str:
        filler = _FILLER.search(match[2])
        return f"{match[1]}{filler[0] if filler else ''}{match[3]}"

    return _PREHEADER.sub(emptied, page, count=1)


def _fragment(page: str) -> str:
    """Return what stands in the body; links that are not absolute web addresses become plain words."""
    body = _BODY.search(page)
    inner = body[1] if body else page

    def linked(match: re.Match[str]) -> str:
        before, address, after, words = match.groups()
        address = html.unescape(address)
        if re.match(r"https?://[^/\s]", address, re.IGNORECASE):
            return match[0]
        if address.startswith("#"):
            # Still a list of what is inside, but nothing to click: no arrow, no underline.
            dress = f"{before}{after}".replace("text-decoration:underline", "text-decoration:none")
            return f"<span{dress}>{_ORNAMENT.sub('', words)}</span>"
        target = address.partition(":")[2].partition("?")[0]
        seen = html.unescape(re.sub(r"<[^<>]*>", "", words))
        is_told = not address.startswith(("mailto:", "tel:")) or not target or target in seen
        return f"<span>{words}</span>" if is_told else f"<span>{words} ({html.escape(target)})</span>"

    return _LINK.sub(linked, inner)


def _with_comments(page: str, provider: Provider) -> str:
    # Behind the last `-->` no comment is closed: from each `<!--` there, the search would run to the end of the page.
    page, end, rest = page.rpartition(_COMMENT_END)
    page += end
    if provider.comments == "dropped":
        return _COMMENT.sub("", page) + rest
    if provider.comments == "safe":
        # Go's html/template strips comments from templates, but not out of strings that are marked as safe.
        return _COMMENT.sub(lambda comment: "{{ Safe " + go_string(comment[0]) + " }}", page) + rest
    return page + rest


def _before_end(page: str, literal: str) -> str:
    at = page.rfind("</body>")
    return page + literal if at < 0 else page[:at] + literal + page[at:]


def _legal_faults(wrapped: Delivery, issue: Issue, provider: Provider) -> list[Fault]:
    """Return a fault for each part without the two things that the law wants, where nobody else adds them."""
    parts = [("HTML", wrapped.html, provider.tags)]
    if provider.has_text:
        parts.append(("text", wrapped.text, {**provider.tags, **provider.text_tags}))
    faults = []
    for name, what in (("unsubscribe_url", "unsubscribe link"), ("postal_address", "postal address")):
        if name in provider.adds:
            continue
        for part, content, tags in parts:
            setting = str(getattr(issue.settings, name))
            marks = [tags.get(name, ""), *([setting, html.escape(setting)] if name in provider.literal else [])]
            if part == "HTML" and name in provider.elements:
                marks.append(f"<{provider.elements[name]}")
            if not any(mark and _plain(mark) in _plain(content) for mark in marks):
                faults.append(
                    Fault(
                        place=Place(file="templates"),
                        message=f"the {part} shows no {what}, and {provider.label} adds none",
                        hint=f"keep {{{{ tags.{name} }}}} in your footer template, or delete that template",
                    )
                )
    return faults


def _plain(words: str) -> str:
    """Return the words without what disarming put in and wrapping broke: only whether they are there counts."""
    return re.sub(r"\s+", " ", html.unescape(words).replace("\u2060", ""))


def _limits(wrapped: Delivery, issue: Issue, provider: Provider) -> list[Fault]:
    """Return a fault for each rule of the provider's that the parts break."""
    label = provider.label
    refusals = []
    length = len(wrapped.html)
    if provider.max_characters and length > provider.max_characters:
        most = f"{provider.max_characters:,}"
        refusals.append((f"the HTML has {length:,} characters; {label} takes {most}", "move items to another issue"))
    for sequence in provider.forbidden:
        if sequence in wrapped.html:
            refusals.append((f"the HTML holds '{sequence}', which {label} refuses", "take it out of your templates"))
    for literal in provider.once:
        if wrapped.html.count(literal) != 1:
            refusals.append((f"the HTML holds '{literal}' more than once", f"{label} wants exactly one"))
    if provider.max_subject and len(wrapped.subject) > provider.max_subject:
        refusals.append(
            (
                f"the subject has {len(wrapped.subject)} characters; {label} takes {provider.max_subject}",
                "choose fewer headlines on the issue's front page: headlines: [one, two]",
            )
        )
    place = issue.front_page.place() if issue.front_page else Place(file=f"issues/{issue.month}")
    return [Fault(place=place, message=message, hint=hint) for message, hint in refusals]
