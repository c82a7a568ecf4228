"""Rules about the HTML: what mail programs clip, drop or misread."""

import html
import re
from collections.abc import Iterator
from functools import lru_cache

from newsletter.check import clients, css
from newsletter.check.page import Element, Page
from newsletter.check.registry import Found, rule
from newsletter.check.subject import Subject
from newsletter.model import Level
from newsletter.patterns import later

# Gmail hides what follows about 102 kB of HTML; tracking links, which the provider adds, make it grow on the way.
CLIP_WARNING, CLIP_ERROR = 80_000, 100_000
# Characters from which on Gmail drops all style blocks of a mail, and a single one (the first was measured by others,
# github.com/hteumeuleu/email-bugs/issues/90; both read 2026-11-26).
_HEAD_STYLES, _HEAD_STYLE = 16_384, 8192
# Readers in a hundred for whom a feature does nothing.
_MANY_LOST = 5.0
# As in `color:#ECEFF2!important`, and the last word of what stands before it.
_GLUED = later(r"(?<=\S)!\s*important", re.IGNORECASE)
_LAST_WORD = later(r"(?<![\w%)}\"'-])[\w%)}\"'-]++\Z")
# Pixels of padding that are missed where they go.
_MISSED = 4.0
_LEFTOVER = later(
    r"\{\{[^{}]{1,80}\}\}|\{%[^%{}]{1,80}%\}|\bqz7\d+x|<mj-[a-z-]+|%%[a-z_]+(?:\|[^%]{0,60})?%%"
    r"|>\s*(?:None|undefined|NaN|\[object Object\])\s*<"
)
# What each leftover holds: looked for first, in bytes, since the pattern is slow on a whole mail.
_SIGNS = (b"{{", b"{%", b"qz7", b"<mj-", b"%%", b"None", b"undefined", b"NaN", b"[object")


@rule("gmail-clips", Level.WARNING)
def gmail_clips(subject: Subject) -> Iterator[Found]:
    """Gmail hides all that follows about 102 kB of HTML, the unsubscribe link with it."""
    size = len(subject.delivery.html.encode())
    if size < CLIP_WARNING:
        return
    heaviest = sorted(subject.email.blocks, key=lambda block: block.start - block.end)[:3]
    named = ", ".join(f"{block.place.file} {(block.end - block.start) / 1000:.1f} kB" for block in heaviest)
    yield Found(
        place=heaviest[0].place if heaviest else subject.sources.setting("title"),
        message=f"the HTML of {subject.issue.id} is {size / 1000:.0f} kB; Gmail clips near 102 kB",
        hint=f"shorten the heaviest: {named}" if named else "shorten the issue",
        level=Level.ERROR if size >= CLIP_ERROR else None,
    )


@rule("unsupported-feature", Level.WARNING)
def unsupported_feature(page: Page) -> Iterator[Found]:
    """HTML or CSS that mail programs leave out makes the mail fall apart for the readers who use them."""
    for used in clients.features_of(page).values():
        lost = clients.lost_readers(used.slug)
        if lost < _MANY_LOST or used.slug in clients.harmless():
            continue
        without = [client.name for client in clients.clients() if clients.support(used.slug, client) == "n"]
        named = used.title.partition(":")[0].partition(" ")[0].strip("<>@:()")
        place = page.template(used.first) if used.first else page.sources.template(named)
        yield Found(
            place=place,
            message=f"{used.title} does nothing for {lost:.0f} of 100 readers: {', '.join(without[:3])}"
            f"{' …' if len(without) > 3 else ''}",
            hint=f"use something older; https://www.caniemail.com/features/{used.slug}/ says what works",
        )


@rule("conditional-comments", Level.ERROR)
def conditional_comments(page: Page) -> Iterator[Found]:
    """A comment for Outlook that is not closed swallows the rest of the mail there."""
    opened = len(re.findall(r"<!--\[if\b|<!\[if\b", page.html))
    closed = len(re.findall(r"<!\[endif\]", page.html))
    if opened != closed:
        yield Found(
            place=page.sources.template("<!--[if"),
            message=f"{opened} conditional comments are opened, {closed} are closed",
            hint="each <!--[if mso]> needs its <![endif]-->",
        )


@rule("image-without-width", Level.WARNING)
def image_without_width(page: Page) -> Iterator[Found]:
    """Without a width attribute in plain digits Outlook shows a picture at its full size and bursts the mail."""
    for image in page.images:
        width = image.attrs.get("width", "")
        if not width.isdigit():
            yield Found(
                place=page.template(image),
                message=f"a picture has {f'the width {width!r}' if width else 'no width'}",
                hint='write width="536": digits only, no px, no %',
            )


@rule("short-colour", Level.WARNING)
def short_colour(page: Page) -> Iterator[Found]:
    """Outlook and some web mails read a colour of three digits wrongly, or not at all."""
    seen = set()
    for element in page.elements:
        for value in (element.attrs.get("bgcolor", ""), element.attrs.get("color", ""), element.attrs.get("style", "")):
            colour = _of_three_digits(value) if value else ""
            if colour and colour not in seen:
                seen.add(colour)
                yield Found(
                    place=page.sources.template(colour, *(f'class="{name}"' for name in element.classes)),
                    message=f"{colour} is a colour of three digits",
                    hint=f"write {'#' + ''.join(2 * digit for digit in colour[1:])}",
                )


@lru_cache(css.STYLES)
def _of_three_digits(style: str) -> str:
    match = re.search(r"#[0-9A-Fa-f]{3}(?![0-9A-Fa-f])", style)
    return match[0] if match else ""


@rule("head-style-too-big", Level.ERROR)
def head_style_too_big(page: Page) -> Iterator[Found]:
    """Gmail drops a style block of more than 8,192 characters, and all when they hold more than 16,384: phones get the
    wide layout.
    """
    sizes = [len(text) for text in page.head_styles]
    if sum(sizes) > _HEAD_STYLES:
        message = f"the head's styles hold {sum(sizes):,} characters; Gmail reads {_HEAD_STYLES:,}"
    elif max(sizes, default=0) > _HEAD_STYLE:
        message = f"a style block of the head holds {max(sizes):,} characters; Gmail reads {_HEAD_STYLE:,} of one"
    else:
        return
    yield Found(
        place=page.sources.template("@media"),
        message=message,
        hint="move what needs no media query into styles.css: it is written into the elements",
    )


@rule("template-leftover", Level.ERROR)
def template_leftover(subject: Subject) -> Iterator[Found]:
    """A reader who sees {{ first_name }} or None knows that the mail was made by a machine that failed."""
    delivery, email, page = subject.delivery, subject.email, subject.page
    read = (("HTML", delivery.html), ("text", delivery.text), ("subject", delivery.subject))
    suspect = [(where, words) for where, words in read if _has_sign(words.encode())]
    if not suspect:
        return
    neutral = "\n".join((email.html, email.text, email.cover.subject))
    # What a writer typed is found in its file, by placeholder-words or foreign-merge-tag; in code it was meant.
    written = "\n".join(
        words
        for manuscript in subject.manuscripts
        for words in (manuscript.body, *(text.words for text in manuscript.texts))
    )
    reported = set()
    for where, words in suspect:
        for typed in dict.fromkeys(match[0] for match in _LEFTOVER.finditer(words)):
            leftover = typed.strip("<> ")
            # What only the delivery has is a merge tag of its provider.
            is_left = typed.startswith("%%") or typed in neutral
            is_written = leftover[0] in "{%" and html.unescape(leftover) in written
            if is_left and not is_written and leftover not in reported:
                reported.add(leftover)
                yield Found(
                    place=page.sources.anywhere(leftover),
                    message=f"'{leftover}' is left over in the {where}",
                    hint="it stands in a template or a text, and nothing fills it in",
                )


def _has_sign(raw: bytes) -> bool:
    return any(sign in raw for sign in _SIGNS)


@rule("stripped-element", Level.ERROR)
def stripped_element(page: Page) -> Iterator[Found]:
    """Mail programs take scripts, forms and embedded pages out, and filters put mails that hold them aside."""
    kinds = ("script", "iframe", "form", "object", "embed", "applet", "video", "audio", "input", "button", "frame")
    for element in page.all(*kinds):
        yield Found(
            place=page.template(element),
            message=f"<{element.tag}> is taken out of mails",
            hint="link to a page that has it",
        )


@rule("outside-style", Level.ERROR)
def outside_style(page: Page) -> Iterator[Found]:
    """Most programs load no styles or fonts from elsewhere; where they do, that host learns who opened the mail."""
    for link in page.all("link"):
        if "stylesheet" in link.attrs.get("rel", "").lower():
            yield Found(
                place=page.sources.template("stylesheet", "<link"),
                message=f"the mail loads {link.attrs.get('href', 'a style sheet')}",
                hint="put the styles into templates/styles.css",
            )
    if any("@import" in text for text in page.head_styles):
        yield Found(
            place=page.sources.template("@import"),
            message="the mail's styles load others with @import",
            hint="put the styles into templates/styles.css",
        )


@rule("double-id", Level.WARNING)
def double_id(page: Page) -> Iterator[Found]:
    """Of two places with one name, a link in the list of contents finds only the first."""
    seen = set()
    for element in page.elements:
        name = element.attrs.get("id", "")
        if name and name in seen:
            yield Found(
                place=page.template(element),
                message=f"two elements have the id '{name}'",
                hint="give each its own",
            )
        seen.add(name)


@rule("dead-anchor", Level.WARNING)
def dead_anchor(page: Page) -> Iterator[Found]:
    """An entry of the list of contents that leads nowhere looks like a broken mail."""
    names = {element.attrs[key] for element in page.elements for key in ("id", "name") if key in element.attrs}
    for link in page.links:
        href = link.attrs["href"]
        # What stands in a story is found in its file, by page-anchor.
        if link.block is None and len(href) > 1 and href.startswith("#") and href[1:] not in names:
            yield Found(
                place=page.template(link),
                message=f"'{href}' leads to no place in the mail",
                hint=f'give its target id="{href[1:]}"',
            )


@rule("anchor-without-name", Level.WARNING)
def anchor_without_name(page: Page) -> Iterator[Found]:
    """Gmail, Yahoo, AOL and classic Outlook jump to names only: an entry of the contents is dead there where just an id
    answers.
    """
    names = {element.attrs["name"] for element in page.all("a") if "name" in element.attrs}
    ids = {element.attrs["id"] for element in page.elements if "id" in element.attrs}
    targets = [link.attrs["href"][1:] for link in page.links if link.attrs["href"].startswith("#") and not link.block]
    dead = [target for target in dict.fromkeys(targets) if target and target in ids - names]
    if dead:
        more = f" and {len(dead) - 1} more" if len(dead) > 1 else ""
        yield Found(
            # `id="story-2"`, or what writes it: `id="{{ story.anchor }}"`.
            place=page.sources.template(f'id="{dead[0]}"', 'id="{{', "id="),
            message=f"'#{dead[0]}'{more} {'lead' if more else 'leads'} to an id, and to no name",
            hint=f'keep the id, and write name="{dead[0]}" on the first link there that has words',
        )


@rule("important-without-blank", Level.WARNING)
def important_without_blank(page: Page) -> Iterator[Found]:
    """Orange drops a declaration whose !important has no blank before it, and classic Outlook takes it for no important
    one.
    """
    styles = (*page.head_styles, *(element.attrs["style"] for element in page.elements if "style" in element.attrs))
    glued = [(text, match.start()) for text in styles if "!" in text for match in _GLUED.finditer(text)]
    if glued:
        words = [_LAST_WORD.search(text, max(0, at - 40), at) for text, at in glued[:100]]
        # What a template writes as `{{ theme.dark_ink }}!important` has another word before it here.
        needles = dict.fromkeys(f"{word[0]}!important" for word in words if word)
        yield Found(
            place=page.sources.template(*needles, "}}!important", "!important"),
            message=f"no blank stands before !important, {len(glued)} time{'s' if len(glued) > 1 else ''}",
            hint="write a blank before each: color: #1C2024 !important",
        )


@rule("shared-style-block", Level.WARNING)
def shared_style_block(page: Page) -> Iterator[Found]:
    """Gmail drops a style block for one rule that it doesn't take: [data-ogsc], which only Outlook knows, must not cost
    phones their layout.
    """
    for text in page.head_styles:
        if "[data-ogs" in text and "@media" in text:
            yield Found(
                place=page.sources.template("[data-ogs"),
                message="rules for Outlook's dark colours stand in one style block with those for phones",
                hint="give [data-ogsc] and [data-ogsb] a <style> of their own, behind the others",
            )
            return


@rule("padding-outside-cell", Level.ADVICE)
def padding_outside_cell(page: Page) -> Iterator[Found]:
    """Word, which draws mails for classic Outlook, keeps padding in table cells only: elsewhere a ground or a line
    sticks to the words.
    """
    told = set()
    for element in page.all("div", "p", "a", "h1", "h2", "h3", "h4", "h5", "h6"):
        classes = element.attrs.get("class", "")
        if (element.tag, classes) in told or element.hidden or not _sticks(element) or not element.words:
            continue
        told.add((element.tag, classes))
        named = f'<{element.tag} class="{classes}">' if classes else f"<{element.tag}>"
        yield Found(
            place=page.styled(element),
            message=f"in Word the {'ground' if _has_ground(element) else 'line'} of {named} sticks to its words",
            hint="put its padding on a table cell, <td>, or mso-padding-alt on the one around it",
        )


@rule("invisible-characters", Level.WARNING)
def invisible_characters(page: Page) -> Iterator[Found]:
    """Soft hyphens and zero-width blanks inside words break searches, and are a trick that spam filters look for."""
    for text in page.texts:
        words = text.own_words
        if not words.isascii() and (match := re.search(r"\w[\u00ad\u200b\u2060\ufeff]+\w", words)):
            word = re.sub(r"[\u00ad\u200b\u2060\ufeff]", "", match[0])
            yield Found(
                place=page.place(text, words.strip()),
                message=f"there are invisible characters inside a word, near '{word}' in "
                f"'{' '.join(words.split())[:40]}'",
                hint="delete the word, and type it anew",
            )


def _sticks(element: Element) -> bool:
    """Tell whether words would stand at the edge of their ground, or at their line, without padding."""
    style = element.style
    if not any(name.startswith("padding") for name in style):
        return False
    cell = next((holder for holder in element.within() if holder.tag in {"td", "th"}), None)
    if "mso-padding-alt" in style or (cell and "mso-padding-alt" in cell.style):
        return False
    padding = css.padding(style, element.size)
    return any(
        length >= _MISSED and (_has_ground(element) or _has_line(style, side)) for side, length in padding.items()
    )


def _has_ground(element: Element) -> bool:
    return element.parent is not None and element.background != element.parent.background


def _has_line(style: css.Style, side: str) -> bool:
    stated = style.get(f"border-{side}", style.get("border", ""))
    return bool(re.search(r"[1-9]", stated.partition("#")[0]))
