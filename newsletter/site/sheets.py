"""Newsroom, issue id -> Sheet: all that web pages and feeds say of an issue, worded and free of anything personal.

It is made from the same items as the mail: of `sent/2024-09/state-LPMN/`, which is a newsroom of its own, or of the
newsroom as it is now.
"""

import dataclasses
import html
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from itertools import chain, count
from pathlib import Path
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from newsletter.deliver.calendar import events
from newsletter.deliver.folder import manifest
from newsletter.errors import ContentError, Fault, Place
from newsletter.issue.assemble import assemble
from newsletter.issue.calendar import span_of
from newsletter.issue.compose import compose
from newsletter.issue.edition import edition_of, faults_of
from newsletter.issue.length import minutes
from newsletter.issue.venue import Venue, venue_of
from newsletter.look.cards import card
from newsletter.look.pictures import Key as PictureKey
from newsletter.look.pictures import Place as PicturePlace
from newsletter.look.pictures import logo_of, places_of, prepare
from newsletter.look.render import is_said
from newsletter.memo import Cache
from newsletter.model import Issue, Newsroom, Part, Picture, PictureFile, Section, Story
from newsletter.model import Look as SectionLook
from newsletter.read import files, prose
from newsletter.read.languages import is_same, plural
from newsletter.read.load import load
from newsletter.read.values import PLACEHOLDER, without_regions

# How wide the words of a page stand, in CSS pixels (LOOK.md has 680), and what a search engine shows of a description.
MEASURE = 680
_DESCRIPTION = 160
_CARD = "card.png"
# What stands in words that are shown on a web page; the style sheet knows the rest by its tag.
_DRESS: Mapping[str, Mapping[str, str]] = {"img": {"class": "figure", "loading": "lazy"}, "span": {"class": "tag"}}
# Styles in tags are refused by the page's own rules (Content-Security-Policy): what a table says of its columns is a
# class.
_STYLE = re.compile(r' style="([^"]*)"')
_ALIGNED = re.compile(r"text-align: *(left|right|center)")


class Shown(Struct, frozen=True, kw_only=True):
    """A picture of a page: its file beside the page, what is said in its place, its size in CSS pixels."""

    file: str
    alt: str
    width: int
    height: int
    is_tall: bool
    is_small: bool


class Mark(Struct, frozen=True, kw_only=True):
    """The badge of a chapter; `hue` is the class of its colours."""

    code: str
    name: str
    hue: str


class Occasion(Struct, frozen=True, kw_only=True):
    """An event: in words, and from when to when as machines read it (ISO 8601), and whether one goes there or joins."""

    month: str
    day: str
    when: str
    location: str
    venue: Venue
    rsvp: str
    starts: str
    ends: str
    calendars: tuple[tuple[str, str], ...]


class Entry(Struct, frozen=True, kw_only=True):
    """A story of an issue. `key` is the same in all issues that run it; `words` is HTML, `plain` its first sentences.

    `day` is when it appeared: the item's `published`, else the day of its issue.
    """

    key: str
    anchor: str
    title: str
    words: str
    plain: str
    day: str
    section: str
    look: SectionLook
    is_short: bool
    is_quote: bool
    chapters: tuple[str, ...]
    language: str = ""
    direction: Literal["", "ltr", "rtl"] = ""
    link: str = ""
    label: str = ""
    spoken: str = ""
    picture: Shown | None = None
    caption: str = ""
    credit: str = ""
    source: str = ""
    by: str = ""
    author: str = ""
    badges: tuple[Mark, ...] = ()
    reach: str = ""
    event: Occasion | None = None
    deadline: str = ""
    act_by: str = ""


class Group(Struct, frozen=True, kw_only=True):
    """A section of an issue with its stories."""

    key: str
    title: str
    emoji: str
    look: SectionLook
    intro: str
    entries: tuple[Entry, ...]


class Sheet(Struct, frozen=True, kw_only=True):
    """An issue as the site shows it. `day` is the day on which it went out; `hue` the class of its colours.

    `card` is the drawn picture of an issue that shows none, `pictures` holds every file that lies beside its page,
    `vevents` its events as calendars take them, by the path of their items.
    """

    id: str
    publication: str
    chapter: Mark | None
    title: str
    period: str
    subject: str
    description: str
    day: str
    language: str
    direction: Literal["ltr", "rtl"]
    accent: str
    hue: str
    length: str
    greeting: str
    greeting_plain: str
    signature: str
    signature_role: str
    press_contact: str
    groups: tuple[Group, ...]
    hues: tuple[tuple[str, str], ...]
    has_lead: bool
    is_sent: bool
    card: str = ""
    vevents: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every story in reading order."""
        return tuple(entry for group in self.groups for entry in group.entries)

    @property
    def name(self) -> str:
        """The issue's id without its month."""
        return self.id.partition("/")[2]


class Published(Struct, frozen=True, kw_only=True):
    """An issue that is to have a page: its id, the newsroom that it is made from, the day on which it went out.

    One that did not go out yet stands at the beginning of its month, and no page says that day. `subject` is the one
    that went out, "" if nobody knows. `is_shown` where the page is only to be looked at, and not published by that.
    """

    id: str
    folder: Path
    day: str
    subject: str = ""
    is_sent: bool = False
    is_shown: bool = False


class Maker:
    """Makes sheets for the site of a newsroom. Issues that are made from that newsroom itself need no other reading."""

    def __init__(self, newsroom: Newsroom, published: Iterable[Published], cache: Cache) -> None:
        self.newsroom, self.cache = newsroom, cache
        self.published = {issue.id: issue for issue in published}

    def get_ready(self) -> None:
        """All that is needed is imported by now."""

    def sheet(self, issue_id: str) -> Sheet | ContentError:
        """Return the sheet of an issue; what is at fault in its files comes back, so that all of it is told at once."""
        issue = self.published[issue_id]
        try:
            newsroom = self.newsroom if issue.folder == self.newsroom.root else load(issue.folder, self.cache)
            sheet = sheet_of(newsroom, issue, self.cache)
            # Those that the mail shows: it may ask the site for them.
            sheet = replace(sheet, pictures={**_sent_pictures(issue.folder), **sheet.pictures})
            return self._with_card(sheet) if self.newsroom.config.site.cards else sheet
        except ContentError as error:
            return ContentError([_below(issue.folder, self.newsroom.root, fault) for fault in error.faults])

    def _with_card(self, sheet: Sheet) -> Sheet:
        if any(entry.picture for entry in sheet.entries):
            return sheet
        config = self.newsroom.config
        drawn = card(sheet.subject, config.organization, sheet.accent, config.theme.paper)
        return replace(sheet, card=_CARD, pictures={**sheet.pictures, _CARD: drawn})


def _below(folder: Path, root: Path, fault: Fault) -> Fault:
    """Return a fault of a kept issue's files with where they lie: `sent/2024-09/network/newsletter.toml:3`."""
    if folder == root:
        return fault
    place = Place(file=f"{folder.relative_to(root).as_posix()}/{fault.place.file}", line=fault.place.line)
    return dataclasses.replace(fault, place=place)


def sheet_of(newsroom: Newsroom, published: Published, cache: Cache | None = None) -> Sheet:
    """Return the sheet; raises ContentError for an issue that is at fault or has no stories."""
    edition = edition_of(newsroom, published.id)
    if faults := faults_of(newsroom, edition):
        raise ContentError(faults)
    issue = assemble(newsroom, edition)
    cover = compose(issue)
    clean = _Clean(issue)
    pictures = prepare(issue, newsroom.root, cache)
    places = places_of(issue)
    groups = _anchored(_group(issue, part, places, pictures, clean, published.day) for part in _parts(issue))
    front = issue.front_page
    greeting = front.greeting if front and front.greeting else issue.settings.greeting
    subject = clean.words(cover.subject)
    if published.subject and not PLACEHOLDER.search(cover.subject):
        # Word for word, whatever became of the items since. An export joins what looks like a tag (U+2060).
        subject = clean.words(published.subject.replace("\u2060", ""))
    badges = [issue.chapter] if issue.chapter else []
    badges += [badge for story in issue.stories for badge in story.badges]
    logo = logo_of(issue)
    kept = {picture.name: picture.content for key, picture in pictures.items() if not logo or key[0] != logo.path}
    return Sheet(
        id=issue.id,
        publication=issue.publication,
        chapter=Mark(code=issue.chapter.code, name=issue.chapter.name, hue=hue(issue.chapter.accent))
        if issue.chapter
        else None,
        title=clean.words(issue.settings.title),
        period=issue.period,
        subject=subject,
        description=shortened(clean.words(cover.preheader)),
        day=published.day,
        language=issue.settings.language,
        direction=issue.direction,
        accent=issue.accent,
        hue=hue(issue.accent),
        length=_length(issue),
        greeting=_words(greeting, front.body_pictures if front else {}, pictures, clean, issue.typeset_in),
        greeting_plain=shortened(clean.words(prose.plain(greeting, issue.typeset_in))),
        signature=clean.words(issue.settings.signature),
        signature_role=clean.words(issue.settings.signature_role),
        press_contact=issue.settings.press_contact,
        groups=groups,
        hues=tuple(
            dict.fromkeys((hue(accent), accent) for accent in (issue.accent, *(badge.accent for badge in badges)))
        ),
        has_lead=issue.lead is not None,
        is_sent=published.is_sent,
        vevents=events(issue),
        pictures=kept,
    )


def hue(accent: str) -> str:
    """Return the class that has a colour in the style sheet: `hue-1d5c63`."""
    return f"hue-{accent.lstrip('#').lower()}"


def shortened(sentences: str, most: int = _DESCRIPTION) -> str:
    """Return the beginning of plain words, ended at a word."""
    if len(sentences) <= most:
        return sentences
    whole = sentences[:most].rpartition(" ")[0] or sentences[:most]
    return whole.rstrip(",;:.– ") + " …"


def _sent_pictures(folder: Path) -> dict[str, bytes]:
    stated = manifest(folder) or {"pictures": {}}
    return {name: files.read(folder, name, files.BUILT) for name in stated["pictures"] if "/" not in name}


class _Clean:
    """Takes out what is about one reader: sentences around a merge tag go, a name becomes what was put for it."""

    def __init__(self, issue: Issue) -> None:
        self.postal_address = issue.settings.postal_address

    def words(self, text: str) -> str:
        """Return plain words."""
        return re.sub("  +", " ", self._without(text, self.postal_address)).strip()

    def html(self, markup: str) -> str:
        """Return HTML; what is left out may leave an empty paragraph."""
        return re.sub(r"<p>\s*</p>", "", self._without(markup, html.escape(self.postal_address)))

    def _without(self, text: str, postal_address: str) -> str:
        kept = without_regions(text, lambda name: name == "postal_address" and bool(postal_address))
        return PLACEHOLDER.sub(
            lambda match: postal_address if match[1] == "postal_address" else (match[2] or "").strip(), kept
        )


def _parts(issue: Issue) -> list[Part]:
    """Return the sections in reading order, the lead in its own."""
    parts = list(issue.parts)
    if not issue.lead or not issue.lead_section:
        return parts
    following: tuple[Story, ...] = ()
    if parts and parts[0].section == issue.lead_section:
        following = parts.pop(0).stories
    return [Part(section=issue.lead_section, stories=(issue.lead, *following)), *parts]


def _anchored(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return the sections with an anchor for each story: files of two months may have one name."""
    taken: set[str] = set()
    anchored = []
    for group in groups:
        entries = []
        for entry in group.entries:
            names = chain([entry.anchor], (f"{entry.anchor}-{number}" for number in count(2)))
            anchor = next(name for name in names if name not in taken)
            taken.add(anchor)
            entries.append(replace(entry, anchor=anchor))
        anchored.append(replace(group, entries=tuple(entries)))
    return tuple(anchored)


def _group(
    issue: Issue,
    part: Part,
    places: Mapping[str, PicturePlace],
    pictures: Mapping[PictureKey, Picture],
    clean: _Clean,
    day: str,
) -> Group:
    section = part.section
    return Group(
        key=section.key,
        title=clean.words(section.title),
        emoji=section.emoji,
        look=section.look,
        intro=clean.words(section.intro),
        entries=tuple(
            _entry(issue, story, section, places[story.item.path], pictures, clean, day) for story in part.stories
        ),
    )


def _entry(
    issue: Issue,
    story: Story,
    section: Section,
    place: PicturePlace,
    pictures: Mapping[PictureKey, Picture],
    clean: _Clean,
    day: str,
) -> Entry:
    item, words = story.item, story.words or issue.words
    label = clean.words(item.link_label) or words.link
    is_foreign = not is_same(story.language, issue.settings.language)
    title = clean.words(item.title)
    return Entry(
        key=item.path,
        anchor=_anchor(item.stem),
        title=title,
        words=_words(item.body, item.body_pictures, pictures, clean, story.typeset_in),
        plain=shortened(clean.words(prose.plain(item.body, story.typeset_in)), 2 * _DESCRIPTION),
        day=(item.published or date.fromisoformat(day)).isoformat(),
        section=section.key,
        look=section.look,
        is_short=bool(item.summary) and item.body == item.summary,
        is_quote=section.look == "quote" and not story.event and is_said(item.body),
        chapters=item.chapters,
        language=story.language if is_foreign else "",
        direction=story.direction if story.direction != issue.direction else "",
        link=_address(item.link),
        label=label,
        spoken="" if item.link_label else f"{label}{words.colon}{title}",
        picture=_picture(item.picture, place, item.image_focus, pictures) if item.picture else None,
        caption=clean.words(item.image_caption),
        credit=clean.words(item.image_credit),
        source=clean.words(item.source),
        by=words.by.replace("{author}", clean.words(item.author)) if item.author else "",
        author=clean.words(item.author),
        badges=tuple(Mark(code=badge.code, name=badge.name, hue=hue(badge.accent)) for badge in story.badges),
        reach=story.reach,
        event=_occasion(story) if story.event else None,
        deadline=words.deadline.replace("{date}", story.deadline) if story.deadline else "",
        act_by=words.act_by.replace("{date}", story.deadline) if story.deadline else "",
    )


def _anchor(stem: str) -> str:
    """Return a name of a file as an address has it behind `#`: letters, digits and hyphens, a letter first."""
    name = re.sub(r"[^\w-]+", "-", stem).strip("-_")
    return name if name[:1].isalpha() else f"story-{name}".rstrip("-")


def _address(link: str) -> str:
    """Return a link; nothing where it is one reader's own."""
    return "" if PLACEHOLDER.search(link) else link


def _occasion(story: Story) -> Occasion:
    event, span = story.event, span_of(story.item, story.zone)
    assert event
    starts, ends = story.item.starts, story.item.ends
    assert starts
    if span.is_whole_days:
        first, last = starts.day.isoformat(), ends.day.isoformat() if ends else ""
    else:
        first, last = (
            moment.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z") for moment in _moments(span.first, span.after)
        )
        last = last if last != first else ""
    return Occasion(
        month=event.month,
        day=event.day,
        when=event.when[:1].upper() + event.when[1:],
        location=event.location,
        venue=venue_of(event.location),
        rsvp=_address(event.rsvp),
        starts=first,
        ends=last,
        calendars=(("Google", event.calendar_url), ("Outlook", event.outlook_url)),
    )


def _moments(*moments: date) -> Iterable[datetime]:
    return (moment for moment in moments if isinstance(moment, datetime))


def _picture(
    file: PictureFile, place: PicturePlace, focus: str, pictures: Mapping[PictureKey, Picture]
) -> Shown | None:
    """Return how a picture of the newsroom's is shown; none of another host: a page asks nobody else for anything."""
    picture = pictures.get((file.path, place, focus))
    if not picture:
        return None
    is_tall = picture.height >= picture.width
    return Shown(
        file=picture.name,
        alt=file.alt,
        width=picture.width,
        height=picture.height,
        is_tall=is_tall,
        is_small=place == "side" or (place == "cover" and is_tall),
    )


def _words(
    markdown: str,
    files_in: Mapping[str, PictureFile],
    pictures: Mapping[PictureKey, Picture],
    clean: _Clean,
    language: str,
) -> str:
    shown = {}
    for source, file in files_in.items():
        if picture := pictures.get((file.path, "words", "")):
            shown[source] = prose.Shown(source=picture.name, width=picture.width, height=picture.height, room=MEASURE)
    markup = prose.to_html(markdown, _DRESS, shown, language)
    return clean.html(_STYLE.sub(_as_class, markup))


def _as_class(style: re.Match[str]) -> str:
    aligned = _ALIGNED.search(style[1])
    return f' class="{aligned[1]}"' if aligned else ""


def _length(issue: Issue) -> str:
    words, language = issue.words, issue.settings.language
    counts = {"stories": len(issue.stories), "minutes": minutes(issue)}
    return " · ".join(plural(words, language, noun, count) for noun, count in counts.items())
