"""A text, an address or a colour of a rendered issue -> the line that caused it."""

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from newsletter.errors import Place
from newsletter.model import Config, FrontPage, Issue, Item, Picture
from newsletter.patterns import later
from newsletter.read.config import place_of_setting
from newsletter.read.fields import ITEM_LINKS, ITEM_TEXTS
from newsletter.read.languages import place_of_word

# Keys of an item whose value stands in the issue as it was typed.
_ITEM_KEYS = (*ITEM_TEXTS, *ITEM_LINKS)
# Marks of Markdown, and those that are typeset: what stands in the mail is found where it was typed.
_MARKS = later(r"[*_`\[\]\\~\"'’‘“”«»„‚‹›「」『』…–—.-]")


class Sources(Struct, frozen=True, kw_only=True):
    """Where an issue's words and pictures come from.

    `templates` returns the texts of the look by path, the nearest first.
    """

    issue: Issue
    config: Config
    templates: Callable[[], Mapping[str, str]]
    pictures: tuple[Picture, ...] = ()

    def setting(self, key: str) -> Place:
        """Return where a setting of the issue is stated."""
        return place_of_setting(self.config, key, self.issue.publication, self.code, self.issue.front_page)

    @property
    def code(self) -> str:
        """The code of the issue's chapter, if it has one."""
        return self.issue.chapter.code if self.issue.chapter else ""

    def in_file(self, path: str, *needles: str) -> Place:
        """Return the line of an item or front page that holds the first needle that can be found there."""
        for story in self.issue.stories:
            if story.item.path == path:
                return _in_item(story.item, needles, self.pictures)
        front = self.issue.front_page
        if front and front.path == path:
            return _in_front_page(front, needles)
        return Place(file=path)

    def elsewhere(self, *needles: str) -> Place:
        """Return the line that caused what stands in no story: a setting, an item's headline, a template."""
        for needle in filter(None, needles):
            for key, value in self._settings():
                if needle == value:
                    return self.setting(key)
            for key in self.issue.words.__struct_fields__:
                if needle == getattr(self.issue.words, key) and (place := self._word(key)):
                    return place
            for story in self.issue.stories:
                if needle.casefold() in {story.item.headline.casefold(), story.item.title.casefold()}:
                    key = "headline" if needle.casefold() == story.item.headline.casefold() else "title"
                    return story.item.place(key if key in story.item.lines else "title")
            for section in self.config.sections.values():
                if needle in {section.title, section.intro}:
                    return self.config.place(f"sections.{section.key}")
            for part in self.issue.parts:
                if needle == part.section.title and (place := self._word(f"sections.{part.section.key}")):
                    return place
        return self.template(*needles)

    def anywhere(self, needle: str) -> Place:
        """Return the line of an item, the front page, a setting or a template that holds the needle."""
        front = self.issue.front_page
        if front and (line := _line_of(front.greeting, needle)):
            return Place(file=front.path, line=front.body_line + line - 1)
        for story in self.issue.stories:
            item = story.item
            for key in _ITEM_KEYS:
                if needle in getattr(item, key):
                    return item.place(key)
            if line := _line_of(item.body, needle):
                return Place(file=item.path, line=item.body_line + line - 1)
        return self.elsewhere(needle)

    def colour(self, *colours: str) -> Place | None:
        """Return where one of the colours is stated as accent or in the theme; None if it is the template's own."""
        for colour in colours:
            for key in self.issue.theme.__struct_fields__:
                if f"theme.{key}" in self.config.lines and colour == getattr(self.issue.theme, key):
                    return self.config.place(f"theme.{key}")
            if colour == self.issue.accent and self.issue.settings.accent:
                return self.setting("accent")
        return None

    def template(self, *needles: str) -> Place:
        """Return the line of a template or style sheet that holds the first needle that is found in one."""
        texts = self.templates()
        for needle in filter(None, needles):
            for path, text in texts.items():
                at = text.find(needle)
                if at >= 0:
                    return Place(file=path, line=text.count("\n", 0, at) + 1)
        return Place(file=next((path for path in texts if path.endswith("issue.mjml.j2")), "templates/issue.mjml.j2"))

    def _word(self, key: str) -> Place | None:
        return place_of_word(self.config, key, self.issue.settings.language)

    def _settings(self) -> Iterator[tuple[str, str]]:
        settings = self.issue.settings
        for key in settings.__struct_fields__:
            value = getattr(settings, key)
            if isinstance(value, str) and value:
                yield key, value
        for label, address in settings.social:
            yield "social", label
            yield "social", address


def _in_item(item: Item, needles: tuple[str, ...], pictures: tuple[Picture, ...]) -> Place:
    for needle in filter(None, needles):
        for key in _ITEM_KEYS:
            value = getattr(item, key)
            if value and key in item.lines and (needle == value or (len(needle) > 3 and needle in value)):
                return item.place(key)
        for picture in pictures:
            for use in picture.uses:
                if needle == picture.name and use.place.file == item.path:
                    return use.place
        shown = item.picture
        if shown and needle in {shown.source, shown.alt}:
            return item.place("image_alt" if needle == shown.alt and "image_alt" in item.lines else "image")
        if line := _line_of(item.body, needle):
            return Place(file=item.path, line=item.body_line + line - 1)
    return item.place("title")


def _in_front_page(front: FrontPage, needles: tuple[str, ...]) -> Place:
    for needle in filter(None, needles):
        for key, value in front.own.items():
            if value == needle:
                return front.place(key)
        if line := _line_of(front.greeting, needle):
            return Place(file=front.path, line=front.body_line + line - 1)
    return front.place("body") if front.greeting else front.place()


def _line_of(body: str, needle: str) -> int:
    """Return the line (from 1) that holds the needle, else the first of its words; 0 if none does."""
    lines = body.split("\n")
    plain = [_MARKS.sub("", line) for line in lines]
    words = _MARKS.sub("", " ".join(needle.split()))
    beginning = " ".join(words.split()[:4])
    for wanted in (words, beginning if len(beginning) > 3 else ""):
        for number, (line, bare) in enumerate(zip(lines, plain, strict=True), 1):
            if wanted and (wanted in bare or wanted in line):
                return number
    return 0
