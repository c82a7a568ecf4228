"""What `newsletter new` begins for a writer; an item's words -> whether anybody has written them yet."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from newsletter.model import Config, Look

if TYPE_CHECKING:
    from newsletter.read.fields import Field


class Kind(Struct, frozen=True, kw_only=True):
    """One kind of item: its keys beside those that all have, and the words that stand where a writer's belong.

    `sections` are words of the key or the title of a section for it, the likeliest first, and `look` is how it looks
    if none is called so. Whoever changes `words` keeps the former in `_FORMER`: items that were begun with an earlier
    version lie about for months.
    """

    keys: tuple[str, ...]
    words: str
    sections: tuple[str, ...] = ()
    look: Look | None = None


_PICTURE = ("image", "image_alt", "image_credit")
KINDS: Mapping[str, Kind] = {
    "story": Kind(
        keys=("headline", "link", "link_label", *_PICTURE),
        words="Write the story here: what happened, who made it happen, what it changes.",
    ),
    "event": Kind(
        keys=("starts", "ends", "timezone", "location", "rsvp", "link", "link_label", *_PICTURE),
        words="Say here what happens at this event, for whom it is, and what somebody who comes takes home.",
        sections=("events", "event", "calendar", "workshops", "workshop", "trainings", "training", "convening"),
    ),
    "action": Kind(
        keys=("deadline", "link", "link_label", "headline"),
        words="Say here what the reader can do, how long it takes, and what it changes.",
        sections=("action", "actions", "act", "asks", "help"),
        look="action",
    ),
    "press": Kind(
        keys=("source", "published", "link", "link_label", *_PICTURE),
        words="Say here in a sentence or two what was reported, and who of us is in it.",
        sections=("news", "coverage", "media", "press"),
    ),
    "report": Kind(
        keys=("link", "link_label", "author", "published", "summary", *_PICTURE),
        words="Say here what the report finds, for whom it was written, and how to use it.",
        sections=("reports", "report", "resources", "resource", "research", "publications"),
    ),
    "quote": Kind(
        keys=("author", "source", "link", "link_label", *_PICTURE),
        words="Put here what was said, word for word; who said it is the author above.",
        sections=("quotes", "quote", "voices", "voice", "testimony", "spotlight"),
        look="quote",
    ),
    "remembrance": Kind(
        keys=("author", "link", "link_label", *_PICTURE, "image_caption"),
        words="Say here who is remembered, what they did for others, and what stays of it.",
        sections=("remembrance", "memory", "memoriam", "remembering", "obituaries", "obituary"),
        look="quote",
    ),
}
_FORMER: tuple[str, ...] = ()
_PLACEHOLDERS = (*(kind.words for kind in KINDS.values()), *_FORMER)
_BEGINNINGS = tuple(words[:20] for words in _PLACEHOLDERS)

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def is_untouched(words: str) -> bool:
    """Tell whether the words of an item are what a scaffold begins with, and nothing of somebody's own beside them.

    Only whole sentences count, letter by letter; an editor may have wrapped their lines. No words at all are the
    writer's own choice: an event's date and place may be all there is to say.
    """
    if not any(beginning in words for beginning in _BEGINNINGS):
        return False
    left = " ".join(_COMMENT.sub(" ", words).split())
    for sentence in _PLACEHOLDERS:
        left = left.replace(sentence, " ")
    return not left.strip()


def item_begun(title: str, tags: Iterable[str], month: str, section: str, kind: str = "story") -> str:
    """Return the text of an item that is to be written; `title` as YAML has it.

    What a key means stands above it, not behind it: a comment there is taken for a part of what is typed before it.
    """
    from newsletter.read.fields import ITEM

    stated = [f"title: {title}", f"chapters: [{', '.join(tags)}]", f"month: {month}", f"section: {section}"]
    keys = [line for key in KINDS[kind].keys for line in _key_to_fill(ITEM[key])]
    return "\n".join(["---", *stated, *keys, "---", KINDS[kind].words, ""])


def front_page_begun() -> str:
    """Return the text of an issue's front page on which nothing is said yet."""
    from newsletter.read.fields import FRONT_PAGE, SETTINGS

    keys = [line for field in {**SETTINGS, **FRONT_PAGE}.values() if field.is_usual for line in _key_to_fill(field)]
    head = (
        "# All of this is optional: what is left out comes from newsletter.toml and from the items.",
        "# The greeting goes below the last line of this block, the three hyphens: it is what a reader sees first.",
    )
    return "\n".join(["---", *head, *keys, "---", ""])


def section_for(kind: str, config: Config) -> str:
    """Return the key of the section that fits a kind of item; "" where no section looks like it."""
    from newsletter.read.languages import section_called

    names = {
        section.key: set(
            re.findall(r"\w+", f"{section.key} {section.title} {section_called(section.title)}".casefold())
        )
        for section in config.sections.values()
    }
    for word in KINDS[kind].sections:
        if key := next((key for key, words in names.items() if word in words), ""):
            return key
    taken = {word for other, row in KINDS.items() if other != kind for word in row.sections}
    looks_alike = (
        key
        for key, words in names.items()
        # A quote has no place among those who died, though both look the same.
        if KINDS[kind].look == config.sections[key].look and not words & taken
    )
    return next(looks_alike, "")


def _key_to_fill(field: "Field") -> list[str]:
    """Return the line of a key without a value, below one that says what it is for."""
    meaning = field.doc.replace("`", "")
    # An example in words would say no more than that.
    example = "" if field.words or field.example in meaning else f", for example {field.example}"
    return [f"# {meaning}{example}", f"{field.key}:"]
