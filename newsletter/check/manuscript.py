"""Item, front page, settings -> Manuscript: what somebody wrote, every text and link with its line."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from newsletter.check.sources import Sources
from newsletter.errors import Fault, Place
from newsletter.model import FrontPage, Issue, Item
from newsletter.read import days, prose
from newsletter.read.fields import ITEM_TEXTS, SETTING_TEXTS
from newsletter.read.languages import is_same

# Settings whose addresses readers can open.
SETTING_LINKS = ("website", "browser_url", "subscribe_url", "archive_url", "unsubscribe_url")
_WORD = re.compile(r"\w+")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_LISTED = re.compile(r"\s*(?:[-*+•–➢]|\d{1,3}[.)])\s|\s*\|")


class Text(Struct, frozen=True, kw_only=True):
    """Some words and where they stand: `key` of the front matter or setting, "" in the body; lines end in `\\n`.

    `kind` is field, paragraph, heading or quote; `level` that of a heading.
    """

    file: str
    line: int
    words: str
    key: str = ""
    kind: str = "field"
    level: int = 0

    def at(self, offset: int) -> Place:
        """Return the line of the character at `offset`."""
        return Place(file=self.file, line=self.line + self.words.count("\n", 0, offset))

    @property
    def place(self) -> Place:
        """The line of its first word."""
        return Place(file=self.file, line=self.line)


class Link(Struct, frozen=True, kw_only=True):
    """An address somebody wrote, its words ("" for a bare setting), and where each stands; `key` as in Text."""

    text: str
    address: str
    place: Place
    said: Place
    key: str = ""


class Manuscript(Struct, frozen=True, kw_only=True, dict=True):
    """One file as its writer left it: an item, a front page, or the settings that an issue shows (neither).

    `foreign_tags` are the faults of merge tags that were typed by hand, anywhere in the issue.
    """

    path: str
    month: str
    language: str
    website: str
    texts: tuple[Text, ...]
    links: tuple[Link, ...]
    body: str = ""
    body_line: int = 0
    item: Item | None = None
    front: FrontPage | None = None
    foreign_tags: tuple[Fault, ...] = ()

    @property
    def is_english(self) -> bool:
        """Whether the words are English: some rules know no other grammar."""
        return is_same(self.language, "en")

    @cached_property
    def whole(self) -> str:
        """All its texts behind each other, each from a line of its own.

        A sign in one long text is found far sooner than a pattern in each of many: rules look here first.
        """
        return "\n".join(text.words for text in self.texts)

    @cached_property
    def bare_words(self) -> list[str]:
        """The words of all its texts, made bare (days.bare), in their order."""
        return _WORD.findall(days.bare(self.whole))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Its bare words, each once."""
        return frozenset(self.bare_words)

    @cached_property
    def raw_lines(self) -> tuple[tuple[Place, str], ...]:
        """The lines of the body as typed, code left out."""
        return tuple(self._raw_lines())

    def _raw_lines(self) -> Iterator[tuple[Place, str]]:
        fenced = False
        for number, line in enumerate(self.body.split("\n"), self.body_line):
            if _FENCE.match(line):
                fenced = not fenced
            elif not fenced:
                yield Place(file=self.path, line=number), line

    @cached_property
    def listed_lines(self) -> frozenset[int]:
        """The lines of the body that stand in a list or a table."""
        lines: set[int] = set()
        is_listed = False
        for number, line in enumerate(self.body.split("\n"), self.body_line):
            begins = _LISTED.match(line) is not None
            # What goes on below its first line belongs to an entry, until an empty line.
            is_listed = begins or (is_listed and bool(line.strip()))
            if is_listed:
                lines.add(number)
        return frozenset(lines)


def of_item(item: Item, issue: Issue, language: str = "") -> Manuscript:
    """Return an item's manuscript; it may be in another language than its issue."""
    fields: dict[str, str] = {}
    for key in ITEM_TEXTS:
        value = getattr(item, key)
        # A title that serves as headline is one text.
        if value and not (key == "headline" and value == item.title):
            fields[key] = value
    if item.picture and item.picture.alt:
        fields["image_alt"] = item.picture.alt
    links = [
        Link(text=text, address=address, place=item.place(key), said=_said(item, key), key=key)
        for key, address, text in (("link", item.link, item.link_label), ("rsvp", item.rsvp, ""))
        if address
    ]
    texts = _fields(item.path, fields, item.lines)
    return _manuscript(issue, item.path, texts, links, item.body, item.body_line, item=item, language=language)


def of_front_page(front: FrontPage, issue: Issue) -> Manuscript:
    """Return a front page's manuscript."""
    fields = {key: str(front.own[key]) for key in SETTING_TEXTS if front.own.get(key)}
    if front.headlines:
        fields["headlines"] = ", ".join(front.headlines)
    links = [
        Link(text="", address=str(front.own[key]), place=front.place(key), said=front.place(key), key=key)
        for key in SETTING_LINKS
        if front.own.get(key)
    ]
    texts = _fields(front.path, fields, front.lines)
    return _manuscript(issue, front.path, texts, links, front.greeting, front.body_line, front=front)


def of_settings(issue: Issue, sources: Sources) -> Manuscript:
    """Return the manuscript of what the issue shows of newsletter.toml, the front page's own words left out."""
    own = issue.front_page.own if issue.front_page else {}
    settings = issue.settings
    fields = []
    # The subject of the settings is a pattern.
    for key in (key for key in SETTING_TEXTS if key != "subject"):
        if key not in own and (value := getattr(settings, key)):
            fields.append((key, value, sources.setting(key)))
    for part in issue.parts:
        key = f"sections.{part.section.key}"
        fields.append((f"{key}.title", part.section.title, sources.config.place(f"{key}.title")))
        if part.section.intro:
            fields.append((f"{key}.intro", part.section.intro, sources.config.place(f"{key}.intro")))
    links = [
        Link(text="", address=getattr(settings, key), place=place, said=place, key=key)
        for key in SETTING_LINKS
        if key not in own and getattr(settings, key)
        for place in [sources.setting(key)]
    ]
    links += [
        Link(text=label, address=address, place=place, said=place, key="social")
        for label, address in settings.social
        for place in [sources.config.place(f"organization.social.{label}")]
    ]
    texts = [Text(file=place.file, line=place.line, words=words, key=key) for key, words, place in fields]
    greeting = "" if issue.front_page and issue.front_page.greeting else settings.greeting
    return _manuscript(issue, "newsletter.toml", texts, links, greeting, sources.setting("greeting").line)


def _manuscript(
    issue: Issue,
    path: str,
    texts: list[Text],
    links: list[Link],
    body: str,
    body_line: int,
    item: Item | None = None,
    front: FrontPage | None = None,
    language: str = "",
) -> Manuscript:
    for passage in prose.passages(body):
        line = body_line + passage.line
        texts.append(Text(file=path, line=line, words=passage.words, kind=passage.kind, level=passage.level))
        links += [
            Link(text=link.text, address=link.address, place=place, said=place)
            for link in passage.links
            for place in [Place(file=path, line=body_line + link.line)]
        ]
    return Manuscript(
        path=path,
        month=issue.month,
        language=language or (item and item.language) or issue.settings.language,
        website=issue.settings.website,
        texts=tuple(texts),
        links=tuple(links),
        body=body,
        body_line=body_line,
        item=item,
        front=front,
    )


def _said(item: Item, key: str) -> Place:
    return item.place("link_label" if key == "link" and item.link_label else key)


def _fields(path: str, fields: Mapping[str, str], lines: Mapping[str, int]) -> list[Text]:
    return [Text(file=path, line=lines.get(key, 1), words=words, key=key) for key, words in fields.items()]
