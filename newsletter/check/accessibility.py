"""Rules about who reads with ears, fingers or weak eyes: the Email Markup Consortium's faults, and their kin."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from newsletter.check import css, lists
from newsletter.check.page import Element, Page
from newsletter.check.registry import Found, rule
from newsletter.check.subject import Subject
from newsletter.look import colours
from newsletter.model import Level

_SMALLEST = 14.0
_TAP = 44.0
# Words of a paragraph from which on centring or justifying hurts.
_LONG = 40
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# Those that a story's own words are given; the ones above are the templates'.
_WRITTEN_HEADINGS = ("h4", "h5", "h6")


@rule("no-language", Level.ERROR)
def no_language(page: Page) -> Iterator[Found]:
    """Without its language a screen reader speaks the mail with the accent of another; Gmail drops <html>, so its
    wrapper needs it too.
    """
    yield from _missing(page, "lang", "the language", 'lang="en"')


@rule("no-direction", Level.WARNING)
def no_direction(page: Page) -> Iterator[Found]:
    """Without a direction a mail set in Arabic or Hebrew runs the wrong way; web mails drop <html>, so its wrapper
    needs it too.
    """
    yield from _missing(page, "dir", "the direction", 'dir="ltr"')


@rule("no-title", Level.WARNING)
def no_title(page: Page) -> Iterator[Found]:
    """The title is what a screen reader says first, and what the browser's tab shows."""
    if not any(element.words for element in page.all("title")):
        yield Found(
            place=page.sources.template("<mj-title", "<title", "<mj-head"),
            message="the mail has no title",
            hint="put the subject into <mj-title>",
        )


@rule("no-table-role", Level.WARNING)
def no_table_role(page: Page) -> Iterator[Found]:
    """A table that only lays out the mail is read as 'table with one row and two columns' unless it says otherwise."""
    for element in page.all("table"):
        if element.attrs.get("role") not in {"presentation", "none"} and not any(
            inner.tag in {"th", "caption"} for inner in page.elements if inner.parent and _is_in(inner, element)
        ):
            yield Found(
                place=page.template(element),
                message="a layout table has no role",
                hint='write <table role="presentation"',
            )


@rule("image-without-alt", Level.ERROR)
def image_without_alt(page: Page) -> Iterator[Found]:
    """Without an alt attribute a screen reader reads the address of the picture aloud."""
    for image in page.images:
        if "alt" not in image.attrs:
            yield Found(
                place=page.template(image),
                message="an <img> has no alt attribute",
                hint='write alt="…", or alt="" where the picture only decorates',
            )


@rule("link-without-words", Level.ERROR)
def link_without_words(page: Page) -> Iterator[Found]:
    """A link around nothing, or around a picture without alt text, is announced as 'link' and no more."""
    for link in page.links:
        if link.words or link.attrs.get("aria-label", "").strip() or link.attrs.get("title", "").strip():
            continue
        if any((image.get("alt") or "").strip() for image in link.node.iter("img")):
            continue
        yield Found(
            place=page.place(link, *(str(image.get("src")) for image in link.node.iter("img")), link.attrs["href"]),
            message=f"the link to {_shown(link.attrs['href'])} has no words",
            hint="give its picture an image_alt, or write the words",
        )


@rule("one-main-heading", Level.WARNING)
def one_main_heading(page: Page) -> Iterator[Found]:
    """The one h1 tells a screen reader what the mail is; with none or two it has no title or two."""
    headings = [element for element in page.all("h1") if not element.hidden]
    if len(headings) != 1:
        yield Found(
            place=page.template(headings[1]) if headings else page.sources.template("<h1", 'class="title"'),
            message=f"the mail has {len(headings) or 'no'} h1 heading{'s' if len(headings) > 1 else ''}",
            hint="keep <h1> for the newsletter's title, once",
        )


@rule("heading-order", Level.WARNING)
def heading_order(page: Page) -> Iterator[Found]:
    """A reader who jumps from heading to heading takes a skipped level for a part that got lost."""
    last = 0
    for element in page.elements:
        if element.tag in _HEADINGS and not element.hidden:
            level = int(element.tag[1])
            if last and level > last + 1:
                # Headings of a story's words begin below its headline; a greeting has none above it.
                is_written = element.block is not None and element.tag in _WRITTEN_HEADINGS
                yield Found(
                    place=page.place(element) if element.block else page.template(element),
                    message=f"'{_shown(element.words)}' is a heading with no headline above it"
                    if is_written
                    else f"'{_shown(element.words)}' is an h{level} under an h{last}",
                    hint=f"make it bold, **{_shown(element.words)}**, or give it an item of its own"
                    if is_written
                    else f"make it an h{last + 1}",
                )
            last = level


@rule("empty-heading-tag", Level.WARNING)
def empty_heading_tag(page: Page) -> Iterator[Found]:
    """A heading without words is announced, and nothing follows."""
    for element in page.all(*_HEADINGS):
        # What stands in the words of a story is found in its file, by empty-heading.
        is_written = element.block is not None and element.tag in _WRITTEN_HEADINGS
        if (
            not is_written
            and not element.hidden
            and not element.words
            and not any(True for _ in element.node.iter("img"))
        ):
            yield Found(place=page.template(element), message=f"an empty <{element.tag}>", hint="leave it out")


@rule("low-contrast", Level.ERROR)
def low_contrast(page: Page) -> Iterator[Found]:
    """Text too close in brightness to its ground can't be read in the sun, on old screens, or with weak eyes."""
    yield from _contrast(page, "in light mode", lambda element: (element.color, element.background))


@rule("low-contrast-dark", Level.ERROR)
def low_contrast_dark(page: Page) -> Iterator[Found]:
    """A third of readers see mails on a dark ground; text whose colours were not chosen for it disappears."""
    yield from _contrast(page, "in dark mode", lambda element: (element.dark_color, element.dark_background))


@rule("low-contrast-inverted", Level.WARNING)
def low_contrast_inverted(page: Page) -> Iterator[Found]:
    """Some programs turn light colours dark by themselves; what they make of a pale accent may not be legible."""
    yield from _contrast(
        page, "when colours are inverted", lambda element: (invert(element.color), invert(element.background))
    )


@rule("small-text", Level.WARNING)
def small_text(page: Page) -> Iterator[Found]:
    """Below 14 pixels many readers zoom or give up, and an iPhone enlarges the text and breaks the layout."""
    seen = set()
    for element in page.texts:
        if element.size < _SMALLEST and re.search(r"\w", element.own_words):
            place = page.styled(element)
            if place not in seen:
                seen.add(place)
                yield Found(
                    place=place,
                    message=f"'{_shown(element.own_words)}' is set in {element.size:g} pixels",
                    hint="set it in 14 pixels or more",
                )


@rule("small-target", Level.WARNING)
def small_target(page: Page) -> Iterator[Found]:
    """A button less than 44 pixels high is missed by a thumb, and by a hand that shakes."""
    for link in page.links:
        height = _height(link)
        if 0 < height < _TAP:
            yield Found(
                place=page.styled(link),
                message=f"the button '{_shown(link.words or 'picture')}' is {height:g} pixels high",
                hint="give it padding until line and padding come to 44 pixels",
            )


@rule("justified-text", Level.WARNING)
def justified_text(page: Page) -> Iterator[Found]:
    """Justified text tears holes between words, which readers with dyslexia fall into."""
    for element in page.texts:
        if element.align == "justify":
            yield Found(
                place=page.styled(element),
                message=f"'{_shown(element.own_words)}' is justified",
                hint="set it text-align: left",
            )
            return


@rule("centred-text", Level.WARNING)
def centred_text(page: Page) -> Iterator[Found]:
    """In long centred text every line starts somewhere else, and the eye loses its place."""
    seen = set()
    for element in page.texts:
        paragraph = element.paragraph
        if element.align == "center" and id(paragraph) not in seen:
            seen.add(id(paragraph))
            words = paragraph.words
            if len(words.split()) > _LONG:
                yield Found(
                    place=page.styled(element),
                    message=f"'{_shown(words)}' is centred and has {len(words.split())} words",
                    hint="centre short lines only",
                )


@rule("vague-link-words", Level.WARNING)
def vague_link_words(page: Page) -> Iterator[Found]:
    """A reader who lists the links of a mail by ear needs each to say where it leads."""
    for link in page.links:
        # What stands in a story is found in its file, by vague-link.
        if link.block is None and lists.is_vague(link.words):
            yield Found(
                place=page.place(link, link.words),
                message=f"the link says '{link.words}', not where it leads",
                hint="say it in [words] of newsletter.toml or in the template",
            )


@rule("colour-only-link", Level.WARNING)
def colour_only_link(page: Page) -> Iterator[Found]:
    """A link that only its colour tells from the words around it is none to eyes that see few colours."""
    told = set()
    # Of each paragraph that was looked at, whether there is more in it than links.
    has_words: dict[int, bool] = {}
    for link in page.links:
        paragraph = link.paragraph
        if _is_marked(link, paragraph):
            continue
        if id(paragraph) not in has_words:
            has_words[id(paragraph)] = bool(re.search(r"\w", paragraph.words_beside_links))
        if has_words[id(paragraph)] and (place := page.styled(link)) not in told:
            told.add(place)
            yield Found(
                place=place,
                message=f"only its colour tells that '{_shown(link.words or 'picture')}' is a link",
                hint="underline it: text-decoration: underline",
            )


@rule("same-words-two-pages", Level.WARNING)
def same_words_two_pages(subject: Subject) -> Iterator[Found]:
    """Of two buttons 'RSVP' that lead to two pages, nobody who goes from link to link by ear knows which is which."""
    # What somebody wrote is told at its line: by one-text-two-targets.
    written = {_plain(link.text) for manuscript in subject.manuscripts for link in manuscript.links}
    first: dict[str, str] = {}
    told = set()
    for link in subject.page.links:
        words, name = _plain(link.words), _plain(link.attrs.get("aria-label", "") or link.words)
        target = link.attrs["href"]
        # An entry of the contents leads to the story whose headline leads on.
        if not words or words in written or words in told or target.startswith("#"):
            continue
        if first.setdefault(name, target) == target:
            continue
        told.add(words)
        yield Found(
            place=subject.page.template(link),
            message=f"two links say '{_shown(link.words)}' and lead to {_shown(first[name])} and {_shown(target)}",
            hint=f'give each an aria-label that goes on behind its words: "{_shown(link.words)}: the council meets"',
        )


@rule("label-without-words", Level.WARNING)
def label_without_words(page: Page) -> Iterator[Found]:
    """Who steers by voice says the words that a link shows; a label that begins otherwise does not answer to them."""
    for link in page.links:
        words, label = _plain(link.words), link.attrs.get("aria-label", "").strip()
        if words and label and not _plain(label).startswith(words):
            yield Found(
                place=page.template(link),
                message=f"the link '{_shown(link.words)}' is announced as '{_shown(label)}'",
                hint=f'begin its aria-label with what it shows: "{_shown(link.words)}: …"',
            )


@rule("no-landmark", Level.WARNING)
def no_landmark(page: Page) -> Iterator[Found]:
    """In a web mail a screen reader jumps to the mail by its landmark and its name; without them it reads all that the
    program shows around it first.
    """
    wrapper = _wrapper(page)
    if wrapper is None:
        return
    attributes = wrapper.attrs
    if wrapper.tag not in {"article", "main"} and attributes.get("role") not in {"article", "main"}:
        message, hint = "the element inside <body> is no landmark", 'write role="article" on it'
    elif not any(attributes.get(name, "").strip() for name in ("aria-label", "aria-labelledby")):
        message, hint = "the mail's landmark has no name", 'write aria-label="…" on it: what the mail is called'
    else:
        return
    yield Found(place=page.sources.template("<mjml", "<body", "<html"), message=message, hint=hint)


@rule("no-zoom", Level.WARNING)
def no_zoom(page: Page) -> Iterator[Found]:
    """Readers with weak eyes enlarge a mail with two fingers; a viewport with user-scalable=no or a low maximum-scale
    keeps them from it.
    """
    for meta in page.all("meta"):
        if meta.attrs.get("name", "").lower() == "viewport":
            stated = dict(
                re.findall(r"(?<![a-z-])([a-z-]++)\s*+=\s*+([\w.-]++)", meta.attrs.get("content", "").lower())
            )
            most = stated.get("maximum-scale", "")
            is_fixed = stated.get("user-scalable", "yes") in {"no", "0"}
            # Twice the size is the least (WCAG 2.2, 1.4.4).
            if is_fixed or (re.fullmatch(r"\d++(?:\.\d*+)?|\.\d++", most) and float(most) < 2):
                yield Found(
                    place=page.sources.template("user-scalable", "maximum-scale", "viewport"),
                    message=f"the viewport says {'user-scalable=no' if is_fixed else f'maximum-scale={most}'}",
                    hint='write <meta name="viewport" content="width=device-width, initial-scale=1">',
                )


@rule("drawing-without-alt", Level.WARNING)
def drawing_without_alt(page: Page) -> Iterator[Found]:
    """Outlook says 'shape, star merge format' of what VML draws for it, unless an alt says better, or is empty."""
    for drawing in page.drawings:
        if not re.search(r"\salt\s*=", drawing.attributes, re.IGNORECASE):
            yield Found(
                place=page.sources.template(f"<{drawing.tag}", "background-url", "<mj-hero"),
                message=f"a <{drawing.tag}> has no alt attribute",
                hint='write alt="…", or alt="" where it only decorates',
            )


@rule("words-in-a-drawing", Level.WARNING)
def words_in_a_drawing(page: Page) -> Iterator[Found]:
    """No keyboard reaches a link inside of what VML draws for Outlook, and no list of headings has a heading there."""
    for drawing in page.drawings:
        is_link = "a" in drawing.holds or re.search(r"\shref\s*=", drawing.attributes, re.IGNORECASE)
        is_heading = any(tag in _HEADINGS for tag in drawing.holds)
        if is_link or is_heading:
            yield Found(
                place=page.sources.template(f"<{drawing.tag}", "background-url", "<mj-hero"),
                message=f"a <{drawing.tag}> holds {'a link' if is_link else 'a heading'}",
                hint="set it below the drawing, or make the button a table cell with a background colour",
            )


@lru_cache(256)
def invert(colour: str) -> str:
    """Return the colour with its lightness turned over, hue and saturation kept: what a forced dark mode does."""
    import colorsys

    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    return "#" + "".join(f"{round(255 * share):02X}" for share in colorsys.hls_to_rgb(hue, 1 - lightness, saturation))


@lru_cache(256)
def _ratio(words: str, ground: str) -> float:
    return colours.contrast(words, ground)


def _contrast(page: Page, when: str, colours_of: Callable[[Element], tuple[str, str]]) -> Iterator[Found]:
    seen = set()
    for element in page.texts:
        words, ground = colours_of(element)
        # WCAG 2.2: text from 24 pixels, or from 18.66 in bold, needs 3; all other text 4.5.
        needed = 3.0 if element.size >= 24 or (element.bold and element.size >= 18.66) else colours.AA
        ratio = _ratio(words, ground)
        if ratio < needed - 0.005 and (words, ground, needed) not in seen and re.search(r"\w", element.own_words):
            seen.add((words, ground, needed))
            yield Found(
                place=page.styled(element, words, ground),
                message=f"'{_shown(element.own_words)}' has a contrast of {ratio:.1f} {when} ({words} on {ground})",
                hint=f"it needs {needed:g}: {_advice(words, ground)}",
            )


def _advice(words: str, ground: str) -> str:
    return f"for example {colours.legible(words, ground)} on {ground}"


def _missing(page: Page, name: str, what: str, example: str) -> Iterator[Found]:
    html = next(page.all("html"), None)
    for element, called in ((html, "<html>"), (_wrapper(page), "the element inside <body>")):
        if element is not None and not element.attrs.get(name, "").strip().replace("und", ""):
            yield Found(
                place=page.sources.template("<mjml", "<html"),
                message=f"{called} does not say {what} of the mail",
                hint=f"write {example} on it",
            )


def _wrapper(page: Page) -> Element | None:
    """Return the first element inside the body that shows words."""
    inside = (element for element in page.elements if element.parent and element.parent.tag == "body")
    return next((element for element in inside if not element.hidden and element.has_words), None)


def _is_marked(link: Element, paragraph: Element) -> bool:
    """Tell whether something but its colour tells a link from the words around it."""
    decoration = link.style.get("text-decoration") or link.style.get("text-decoration-line") or "underline"
    if "underline" in decoration or any(True for _ in link.node.iter("u", "img")):
        return True
    return _has_edge(link) or link.bold != paragraph.bold or link.size != paragraph.size


def _has_edge(element: Element) -> bool:
    """Tell whether a ground or a border of its own shows where an element ends."""
    around = element.parent.background if element.parent else "#FFFFFF"
    borders = (value for name, value in element.style.items() if name.startswith("border") and "radius" not in name)
    return element.background != around or any(re.search(r"[1-9]", value) for value in borders)


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


def _is_in(inner: Element, outer: Element) -> bool:
    return any(holder is outer for holder in inner.within())


def _height(link: Element) -> float:
    """Return the height of a link that is a button; 0 for one inside a text, whose lines give it room."""
    display = link.style.get("display", "")
    if display not in {"block", "inline-block"}:
        return 0.0
    height = _line(link)
    height += _padding(link)
    images = [css.pixels(image.get("height") or "0") for image in link.node.iter("img")]
    height = max(height, *images, css.pixels(link.style.get("height", "0"))) if images else height
    if any(not image for image in images):
        return 0.0
    return height


def _line(link: Element) -> float:
    """Return the height of a line of its words: its own, or the nearest around it."""
    for element in (link, *link.within()):
        font = re.search(r"/\s*([\d.]+(?:px|pt|em|%)?)", element.style.get("font", ""))
        if stated := element.style.get("line-height") or (font[1] if font else ""):
            height = css.pixels(stated, link.size)
            # A bare number counts font sizes.
            return height if height > 4 else height * link.size
    return 1.2 * link.size


def _padding(element: Element) -> float:
    """Return how much a button's padding and border add to its height."""
    padding, style = css.padding(element.style, element.size), element.style
    borders = 2 * css.pixels(style.get("border", ""), element.size) if "border" in style else 0.0
    return padding["top"] + padding["bottom"] + borders


def _shown(words: str, most: int = 50) -> str:
    words = " ".join(words.split())
    return words if len(words) <= most else f"{words[: most - 1]}…"
