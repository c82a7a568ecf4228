"""Issue, Cover -> Email: the one place that knows templates.

Every word of a writer and every placeholder is sealed: an opaque token takes its place while the skeleton goes through
MJML and premailer, and the words, escaped for HTML, come back last in one pass. So no library can change them, nothing
in them can be taken for markup, and the skeleton of an issue stays the same while its words are edited.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup
from msgspec.structs import replace

from newsletter.errors import ContentError, Fault, Place
from newsletter.issue.length import minutes
from newsletter.look import colours
from newsletter.look.active import active
from newsletter.look.pictures import Key as PictureKey
from newsletter.look.pictures import Place as PicturePlace
from newsletter.look.pictures import logo_of, places_of, room_of
from newsletter.look.skeleton import SPECIMEN, SkeletonError, build_skeleton
from newsletter.look.templates import Look
from newsletter.model import (
    COVER_WIDTH,
    SIDE_WIDTH,
    Badge,
    Block,
    Cover,
    Email,
    Event,
    Issue,
    Picture,
    PictureFile,
    Section,
    Story,
    Words,
)
from newsletter.model import Look as SectionLook
from newsletter.read import prose
from newsletter.read.columns import room
from newsletter.read.languages import is_same, plural
from newsletter.read.values import PLACEHOLDER, region

Pictures = Mapping[PictureKey, Picture]

# Fills the preview line of an inbox, so that the body's first words don't follow the preheader: marks that take room
# but show nothing (zero-width non-joiner and no-break space, every fourth time a combining grapheme joiner). Filters
# count more than 200 hidden characters, and take no account of non-joiners.
_FILLER = "\u034f" + 4 * "\u200c\u00a0"
# The longest preview line that a client shows is about 140 characters (newsletter/preview/inboxes.toml).
_PREVIEW_LINE = 150
# A list of contents is worth its room from that many stories on; it names no more than these.
_LISTED_FROM, _MOST_LISTED = 5, 8
# How wide a picture stands beside an event's headline.
_BESIDE_AN_EVENT = 144
# Words of a quotation: longer ones are a story.
_MOST_QUOTED = 70
# Of the HTML; an issue of 20,000 stories has 15 MB.
_MOST = 50_000_000
# Letters by the direction in which they run.
_RUNS = {"L": "ltr", "R": "rtl", "AL": "rtl"}
_TURNED = re.compile(r"\b(?:left|right|italic)\b")
_TOKEN = re.compile(r"qz7(\d+)x")


class Raw(str):
    """HTML that is ready: comes back from its token as it is."""

    __slots__ = ()


def render(issue: Issue, cover: Cover, pictures: Pictures, look: Look) -> Email:
    """Return the email: HTML and plain text with neutral placeholders for merge tags and picture addresses.

    Raises ContentError for a template that fails.
    """
    vault = _Vault()
    mjml, styles = to_mjml(issue, cover, pictures, look, vault.seal)
    try:
        skeleton = skeleton_of(mjml, styles, look.cache, len(issue.stories))
        markup, blocks = vault.unseal(skeleton.html, skeleton.styles, pictures)
    except SkeletonError as error:
        raise ContentError([Fault(place=look.suspect(error.file), message=error.message, hint=error.hint)]) from None
    if script := active(markup):
        message = f"the templates write '{script}', and nothing in a mail may run"
        hint = "take it out; what a mail can't do, a page that it links to can"
        raise ContentError([Fault(place=look.place_of(script, "issue.mjml.j2"), message=message, hint=hint)])
    text = look.text("issue.txt.j2", {**_text_values(issue, cover), "theme": _theme(issue)})
    return Email(cover=cover, html=markup, text=_tidy(text), blocks=blocks)


def to_mjml(
    issue: Issue, cover: Cover, pictures: Pictures, look: Look, seal: Callable[[object], str]
) -> tuple[str, str]:
    """Return the issue as MJML, what `seal` makes of each value in its place, and the CSS to be inlined."""
    values = _values(issue, cover, pictures)
    theme = {key: Markup(value) for key, value in values["theme"].items()}  # noqa: S704 - colours and fonts, checked
    styles = look.text("styles.css", {**values, "theme": theme})
    sheets = {
        f"{name}_css": Markup(look.text(f"{name}.css", {**values, "theme": theme}))  # noqa: S704 - styles, not words
        for name in ("head", "outlook")
    }
    mjml = look.mjml("issue.mjml.j2", seal, {**values, "theme": theme, **sheets, "specimen": SPECIMEN})
    return mjml, styles


# An issue whose words alone were edited has the same one, and so has last month's of the same chapter with as many
# stories in each section: a hundred, of 50 to 100 kB, are kept for the next issues of fifty chapters.
skeleton_of = lru_cache(100)(build_skeleton)


class _Prose:
    """Words of an item that become HTML only when the skeleton has told how each tag is dressed.

    They stand `width` CSS pixels wide; where `is_mirrored` is true, they run the other way than the issue.
    `language` is the one whose quotation marks they get.
    """

    __slots__ = ("is_mirrored", "language", "markdown", "pictures", "width")

    def __init__(
        self,
        markdown: str,
        pictures: Mapping[str, PictureFile],
        width: int = COVER_WIDTH,
        *,
        is_mirrored: bool = False,
        language: str = "",
    ) -> None:
        self.markdown, self.pictures, self.width = markdown, pictures, width
        self.is_mirrored, self.language = is_mirrored, language

    def __bool__(self) -> bool:
        return bool(self.markdown)


class _Mark:
    """The begin or end of what one file caused; leaves nothing in the mail."""

    __slots__ = ("is_end", "place")

    def __init__(self, place: Place, *, is_end: bool) -> None:
        self.place, self.is_end = place, is_end


class _Vault:
    """Keeps what the tokens stand for."""

    def __init__(self) -> None:
        self.kept: list[object] = []

    def seal(self, value: object) -> str:
        if isinstance(value, bool) or value is None:
            return "" if not value else "true"
        if isinstance(value, int):
            return str(value)
        if not isinstance(value, (str, _Prose, _Mark)):
            raise TypeError(f"a {type(value).__name__.lower()} can't be written: name one of its values")
        if not value and isinstance(value, (str, _Prose)):
            return ""
        self.kept.append(value)
        return f"qz7{len(self.kept) - 1}x"

    def unseal(
        self, skeleton: str, styles: Mapping[str, Mapping[str, str]], pictures: Pictures
    ) -> tuple[str, tuple[Block, ...]]:
        """Return the skeleton with all words back in it, and which bytes each file caused."""
        out: list[str] = []
        length = at = 0
        opened: list[tuple[Place, int]] = []
        blocks: list[Block] = []
        dressed: dict[int, str] = {}
        for match in _TOKEN.finditer(skeleton):
            if int(match[1]) >= len(self.kept):
                # Not one of ours: a template says so.
                continue
            before, value = skeleton[at : match.start()], self.kept[int(match[1])]
            at = match.end()
            out.append(before)
            length += len(before.encode())
            if isinstance(value, _Mark):
                if value.is_end:
                    place, start = opened.pop()
                    blocks.append(Block(place=place, start=start, end=length))
                else:
                    opened.append((value.place, length))
                continue
            if isinstance(value, _Prose):
                if id(value) not in dressed:
                    shown = {
                        source: replace(_shown(file, pictures, "words"), room=value.width)
                        for source, file in value.pictures.items()
                    }
                    dress = _mirrored(styles) if value.is_mirrored else styles
                    dressed[id(value)] = prose.to_html(value.markdown, dress, shown, value.language)
                words = dressed[id(value)]
            else:
                words = str(value) if isinstance(value, Raw) else html.escape(str(value))
            out.append(words)
            length += len(words.encode())
            if length > _MOST:
                hint = "look for a template that writes the same words again and again"
                raise SkeletonError("issue.mjml.j2", f"the issue has more than {_MOST:,} letters", hint)
        out.append(skeleton[at:])
        return "".join(out), tuple(blocks)


def _mirrored(styles: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return how tags are dressed in words that run the other way than the issue: what is left is right there.

    Arabic and Hebrew have no italics.
    """
    other = {"left": "right", "right": "left", "italic": "normal"}
    return {
        tag: {name: _TURNED.sub(lambda word: other[word[0]], value) for name, value in dress.items()}
        for tag, dress in styles.items()
    }


def picture_tag(name: str) -> str:
    """Return the neutral placeholder for the address of a picture beside the issue."""
    return f"\x04{name}\x02"


def _shown(file: PictureFile, pictures: Pictures, place: PicturePlace, focus: str = "") -> prose.Shown:
    if picture := pictures.get((file.path, place, focus)):
        width, height, source = picture.width, picture.height, picture_tag(picture.name)
    else:
        # One on the web is as wide as its place, and nobody knows how high.
        width, height, source = room_of((2, 1), place).width, 0, file.source
    return prose.Shown(source=source, width=width, height=height, room=COVER_WIDTH)


def _values(issue: Issue, cover: Cover, pictures: Pictures) -> dict[str, Any]:
    """Return all that the HTML templates may say, decided and worded: they only place it."""
    theme = _theme(issue)
    places, marks = places_of(issue), _marks(issue)
    lead = _story(issue, issue.lead, 1, pictures, "cover", "story", marks) if issue.lead else None
    parts: list[dict[str, Any]] = []
    number = 2 if lead else 1
    for part in issue.parts:
        stories = []
        for story in part.stories:
            stories.append(_story(issue, story, number, pictures, places[story.item.path], part.section.look, marks))
            number += 1
        parts.append(
            {
                "key": part.section.key,
                "title": part.section.title,
                "emoji": part.section.emoji,
                "look": part.section.look,
                "intro": part.section.intro,
                # The lead's section goes on below it: its label stands above the lead.
                "is_continued": not parts and part.section == issue.lead_section,
                "stories": stories,
            }
        )
    stories = [story for part in parts for story in part["stories"]]
    logo = logo_of(issue)
    front = issue.front_page
    return {
        "issue": {
            "id": issue.id,
            "title": issue.settings.title,
            "period": issue.period,
            "length": _length(issue),
            "language": Markup(issue.settings.language),  # noqa: S704 - checked: letters and hyphens
            "direction": Markup(issue.direction),  # noqa: S704 - ltr or rtl
            "start": Markup("right" if issue.direction == "rtl" else "left"),  # noqa: S704 - a constant
            "end": Markup("left" if issue.direction == "rtl" else "right"),  # noqa: S704 - a constant
            "organization": issue.organization,
            "short_name": issue.short_name,
            "website": issue.settings.website,
            "chapter": _badge(issue.chapter, marks) if issue.chapter else None,
            "logo": {**_picture(logo, pictures, "logo")} if logo else None,
            "greeting": _Prose(
                front.greeting if front and front.greeting else issue.settings.greeting,
                front.body_pictures if front else {},
                language=issue.typeset_in,
            ),
            "open": _Mark(front.place("body"), is_end=False) if front else "",
            "close": _Mark(front.place("body"), is_end=True) if front else "",
            "signature": issue.settings.signature,
            "signature_role": issue.settings.signature_role,
            "press_contact": issue.settings.press_contact,
            "subscribe_url": issue.settings.subscribe_url,
            "archive_url": issue.settings.archive_url,
            "why": issue.settings.why,
            "social": [{"label": label, "link": link} for label, link in issue.settings.social],
        },
        "cover": {
            "subject": cover.subject,
            "preheader": cover.preheader,
            "filler": _FILLER * (max(10, _PREVIEW_LINE - len(cover.preheader)) // 4),
        },
        "theme": theme,
        "marks": [mark for mark in marks.values()],
        "words": issue.words,
        "lead": lead,
        "lead_section": issue.lead_section,
        "parts": parts,
        "contents": [
            {key: story[key] for key in ("anchor", "headline", "language")} for story in stories[: len(_listed(issue))]
        ],
        "colon": issue.words.colon.rstrip(),
        "tags": _tags(),
    }


def _tags() -> dict[str, object]:
    """Return the neutral placeholders; `if_…` and `end_…` stand around what is left out where a provider has none."""
    names = ("unsubscribe_url", "browser_url", "postal_address")
    tags: dict[str, object] = {name: Raw(f"%%{name}%%") for name in names}
    tags |= {f"if_{name}": Raw(region(name)[0]) for name in names}
    return tags | {f"end_{name}": Raw(region(name)[1]) for name in names}


def _listed(issue: Issue) -> Sequence[Story]:
    """Return the stories that the contents name: not the lead, which stands right below."""
    if len(issue.stories) < _LISTED_FROM:
        return ()
    return [story for part in issue.parts for story in part.stories][:_MOST_LISTED]


def _length(issue: Issue) -> str:
    """Return `9 stories · 6 minutes`."""
    words, language = issue.words, issue.settings.language
    counts = {"stories": len(issue.stories), "minutes": minutes(issue)}
    return " · ".join(plural(words, language, noun, count) for noun, count in counts.items())


def _story(
    issue: Issue,
    story: Story,
    number: int,
    pictures: Pictures,
    place: PicturePlace,
    look: SectionLook,
    marks: Mapping[str, Mapping[str, Markup]],
) -> dict[str, Any]:
    item, words = story.item, story.words or issue.words
    is_foreign, is_mirrored = not is_same(story.language, issue.settings.language), story.direction != issue.direction
    picture = _picture(item.picture, pictures, place, item.image_focus) if item.picture else None
    is_quote = look == "quote" and not story.event and is_said(item.body)
    width = COVER_WIDTH
    if look == "action":
        # Outlook would let a wider picture burst the panel: it keeps its edge and its own distance.
        width -= 6 + 2 * 24
        if picture:
            picture |= _narrowed(picture, width)
    elif picture and story.event and picture["is_small"]:
        picture |= _narrowed(picture, _BESIDE_AN_EVENT)
    elif picture and picture["is_tall"] and place != "thumb":
        width -= SIDE_WIDTH + 24
    if is_quote:
        width -= 4 + 16
    label = item.link_label or words.link
    is_named_by_picture = bool(picture and place != "thumb" and not (story.event and picture["is_small"]))
    return {
        # Where the item is in another language than its issue; a direction only where that is another, too.
        "language": Markup(story.language if is_foreign else ""),  # noqa: S704 - checked: letters and hyphens
        "direction": Markup(story.direction if is_mirrored else ""),  # noqa: S704 - ltr or rtl
        "start": Markup("right" if story.direction == "rtl" else "left"),  # noqa: S704 - a constant
        "said": words,
        "open": _Mark(item.place(), is_end=False),
        "close": _Mark(item.place(), is_end=True),
        "anchor": Markup(f"story-{number}"),  # noqa: S704 - a number
        "title": item.title,
        "headline": _capital(item.headline),
        "words": _Prose(item.body, item.body_pictures, width, is_mirrored=is_mirrored, language=story.typeset_in),
        "is_quote": is_quote,
        "link": item.link,
        # Where headline and picture lead.
        "href": item.link or item.rsvp,
        "label": label,
        # What is read aloud in place of words that lead elsewhere in each story; it begins with them (WCAG 2.5.3).
        "spoken": "" if item.link_label else f"{label}{words.colon}{item.title}",
        "picture": picture,
        "is_named_by_picture": is_named_by_picture,
        "credit": item.image_credit,
        "caption": item.image_caption,
        "source": item.source,
        "author": words.by.replace("{author}", item.author) if item.author else "",
        "name": item.author,
        "badges": [_badge(badge, marks) for badge in story.badges],
        "reach": story.reach,
        "event": replace(story.event, when=_capital(story.event.when)) if story.event else None,
        "rsvp_spoken": f"{words.rsvp}{words.colon}{item.title}",
        "calendars": [
            {"label": label, "link": link, "spoken": f"{label}, {words.calendar}{words.colon}{item.title}"}
            for label, link in _calendars(story.event, words)
        ],
        "deadline": words.deadline.replace("{date}", story.deadline) if story.deadline else "",
        "act_by": words.act_by.replace("{date}", story.deadline) if story.deadline else "",
    }


def _calendars(event: Event | None, words: Words) -> Iterator[tuple[str, str]]:
    """Yield what a calendar is called, and the address that puts the event into it."""
    if not event or not words.calendar:
        return
    yield "Google", event.calendar_url
    yield "Outlook", event.outlook_url
    if event.file_url:
        yield words.calendar_file, event.file_url


def is_said(markdown: str) -> bool:
    """Tell whether the words of an item are as a whole what somebody said: few, and none of them marked as a quote."""
    passages = list(prose.passages(markdown))
    return (
        bool(passages)
        and all(passage.kind == "paragraph" for passage in passages)
        and sum(len(passage.words.split()) for passage in passages) <= _MOST_QUOTED
    )


def _narrowed(picture: Mapping[str, Any], width: int) -> dict[str, Any]:
    if picture["width"] <= width:
        return {}
    return {"width": width, "height": round(picture["height"] * width / picture["width"])}


def _picture(file: PictureFile, pictures: Pictures, place: PicturePlace, focus: str = "") -> dict[str, Any]:
    shown = _shown(file, pictures, place, focus)
    is_tall = bool(shown.height) and shown.height >= shown.width
    return {
        "src": shown.source,
        "width": shown.width,
        "height": shown.height,
        "alt": file.alt,
        "is_tall": is_tall,
        # Not across the page.
        "is_small": place == "side" or (place == "cover" and is_tall),
    }


def _marks(issue: Issue) -> dict[str, dict[str, Markup]]:
    """Return, by accent, the class of the badges that have it, and its colours in the dark."""
    badges = [
        *([issue.chapter] if issue.chapter else []),
        *(badge for story in issue.stories for badge in story.badges),
    ]
    marks = {}
    for number, accent in enumerate(dict.fromkeys(badge.accent for badge in badges), start=1):
        dark = colours.legible(accent, issue.theme.dark_paper)
        colour = {"name": f"mark-{number}", "dark": dark, "dark_on": colours.text_on(dark)}
        marks[accent] = {key: Markup(value) for key, value in colour.items()}  # noqa: S704 - a name of ours, colours
    return marks


def _badge(badge: Badge, marks: Mapping[str, Mapping[str, Markup]]) -> dict[str, object]:
    accent, on = badge.accent, colours.text_on(badge.accent)
    return {
        "code": badge.code,
        "name": badge.name,
        "accent": Markup(accent),  # noqa: S704 - a colour
        "on": Markup(on),  # noqa: S704 - a colour
        "mark": marks[accent]["name"],
    }


def _theme(issue: Issue) -> dict[str, str]:
    return colours.in_theme(issue.theme, issue.accent)


class _Notes:
    """Numbers the addresses of a plain-text part, and lists those that the words just written referred to."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.used: list[str] = []

    def mark(self, address: str) -> str:
        number = self.numbers.setdefault(address, len(self.numbers) + 1)
        line = f"[{number}] {address}"
        for match in PLACEHOLDER.finditer(address):
            # Goes with the sentence that refers to it, where a provider has no such tag.
            begin, end = region(match[1]) if match[2] is None else ("", "")
            line = f"{begin}{line}{end}"
        if line not in self.used:
            self.used.append(line)
        return f"[{number}]"

    def drain(self) -> list[str]:
        used, self.used = self.used, []
        return used


def _text_values(issue: Issue, cover: Cover) -> dict[str, Any]:
    """Return all that the plain-text template may say, wrapped and with its links noted."""
    notes = _Notes()
    settings, words = issue.settings, issue.words
    front = issue.front_page
    greeting = front.greeting if front and front.greeting else settings.greeting
    brand = (settings.logo and settings.logo_alt) or issue.organization
    chapter = f"{issue.chapter.code} {issue.chapter.name}" if issue.chapter else ""
    values: dict[str, Any] = {
        "issue": issue,
        "cover": cover,
        "title": prose.wrap(" ".join(filter(None, (settings.title.upper(), settings.emoji)))),
        "edition": prose.wrap(" · ".join(filter(None, (brand, chapter, issue.period)))),
        "length": prose.wrap(_length(issue)),
        "greeting": prose.to_text(greeting, notes.mark, picture_word=words.picture, language=issue.typeset_in),
        "greeting_notes": notes.drain(),
        "contents": [prose.wrap(_capital(story.item.headline), first="  * ", rest="    ") for story in _listed(issue)],
        "signature": [prose.wrap(line) for line in (settings.signature, settings.signature_role) if line],
        "forwarded": _pointer(f"{words.forwarded} {words.subscribe}", settings.subscribe_url, words.colon)
        if settings.subscribe_url
        else "",
        "past_issues": _pointer(words.past_issues, settings.archive_url, words.colon) if settings.archive_url else "",
        "parts": [
            {
                "title": prose.underline(section.title.upper(), "="),
                "intro": prose.wrap(intro),
                "stories": [_told(issue, story, notes) for story in stories],
            }
            for section, intro, stories in _told_parts(issue)
        ],
        "why": prose.wrap(settings.why),
        "media_title": prose.underline(words.media_title.upper(), "="),
        "media": prose.wrap(f"{words.media_words} {settings.press_contact}") if settings.press_contact else "",
        "words": words,
        "tags": _tags(),
        "colon": words.colon.rstrip(),
        "website": _pointer(brand, settings.website, words.colon) if settings.website else "",
        "social": [_pointer(label, address, words.colon) for label, address in settings.social],
        "rule": "=" * prose.WIDTH,
    }
    if issue.direction == "rtl":
        values |= {key: _marked(value, "rtl") for key, value in values.items() if key not in {"parts", "tags"}}
    return values


def _told(issue: Issue, story: Story, notes: _Notes) -> dict[str, Any]:
    item, event, words = story.item, story.event, story.words or issue.words
    shown = (item.picture.alt, item.image_caption, item.image_credit) if item.picture else ()
    picture = " ".join(text if text[-1] in ".!?…" else f"{text}." for text in shown if text)
    by = words.by.replace("{author}", item.author) if item.author else ""
    links = (
        (words.rsvp, event.rsvp if event else ""),
        (item.link_label or words.link, item.link),
        *((f"{words.calendar} ({label})", link) for label, link in _calendars(event, words)),
    )
    kicker = [*(f"{badge.code} {badge.name}" for badge in story.badges), story.reach, item.source, by]
    values = {
        "title": prose.underline(item.title, "-"),
        "kicker": prose.wrap(" · ".join(filter(None, kicker))),
        "picture": prose.wrap(f"[{words.picture}{words.colon}{picture}]") if picture else "",
        "words": prose.to_text(item.body, notes.mark, picture_word=words.picture, language=story.typeset_in),
        "when": prose.wrap(f"{words.when}{words.colon}{event.when}", rest="  ") if event else "",
        "where": prose.wrap(f"{words.where}{words.colon}{event.location}", rest="  ")
        if event and event.location
        else "",
        "deadline": prose.wrap(words.deadline.replace("{date}", story.deadline)) if story.deadline else "",
        "links": [_pointer(label, address, words.colon) for label, address in links if address],
        "notes": notes.drain(),
    }
    return _marked(values, story.direction) if "rtl" in {story.direction, issue.direction} else values


def _told_parts(issue: Issue) -> Iterable[tuple[Section, str, tuple[Story, ...]]]:
    parts = list(issue.parts)
    if issue.lead and issue.lead_section:
        goes_on = bool(parts) and parts[0].section == issue.lead_section
        following = parts.pop(0).stories if goes_on else ()
        # A section that comes again further down says its intro there.
        again = any(part.section == issue.lead_section for part in parts)
        yield issue.lead_section, "" if again else issue.lead_section.intro, (issue.lead, *following)
    for part in parts:
        yield part.section, part.section.intro, part.stories


def _pointer(label: str, address: str, colon: str) -> str:
    """Return the label with its address behind it, or below it where a line is too short for both."""
    label = f"{label} " if label.endswith((":", ".", "!", "?", "…", "：", "。")) else f"{label}{colon}"
    line = f"{label}{address}"
    return line if room(line) <= prose.WIDTH else f"{prose.wrap(label.rstrip(' '))}\n{address}"


def _marked(value: Any, direction: str) -> Any:
    """Return plain text, in lists and tables too, whose lines run in a direction, whatever letter they begin with.

    A mail program takes the direction of a line from its first letter: "LPMN" would turn an Arabic sentence round.
    A mark that shows nothing stands before it there (U+200F, U+200E; Unicode Standard Annex 9).
    """
    if isinstance(value, dict):
        return {key: _marked(inner, direction) for key, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner, direction) for inner in value]
    if not isinstance(value, str):
        return value
    mark = "\u200f" if direction == "rtl" else "\u200e"
    lines = []
    for line in value.split("\n"):
        runs = [runs for letter in line if (runs := _RUNS.get(unicodedata.bidirectional(letter)))]
        lines.append(f"{mark}{line}" if direction in runs and runs[0] != direction else line)
    return "\n".join(lines)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _tidy(text: str) -> str:
    """Return the text with no trailing blanks, never more than one empty line in a row, and one end of line."""
    lines = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"
