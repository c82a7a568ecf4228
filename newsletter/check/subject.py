"""What the rules of an issue look at."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from newsletter.check import manuscript
from newsletter.check.manuscript import Manuscript
from newsletter.check.page import Page
from newsletter.check.sources import Sources
from newsletter.errors import Fault
from newsletter.model import Config, Cover, Delivery, Email, FrontPage, Issue, Item, PictureFacts


class Earlier(Struct, frozen=True, kw_only=True):
    """One of the month's issues before the one in hand: what the rules hold that one against, and nothing heavy.

    `chapter` is its code, empty in an issue for everyone; `subject` is that of its cover, `audience` its list.
    """

    id: str
    chapter: str
    subject: str
    audience: str
    items: tuple[Item, ...]


class Ran(Struct, frozen=True, kw_only=True):
    """One of the same issue in an earlier month: its id, and what its readers were told."""

    issue: str
    items: tuple[Item, ...]


class Subject(Struct, frozen=True, kw_only=True, dict=True):
    """An issue with all that came of it, the month's issues before it, and what its provider does by itself.

    `pages_before` are the front pages of the same issue in earlier months, the newest first.

    `told` are the same issue's in the twelve months before, the newest first: those that were sent as they were sent. A
    build does not look them up: what it makes hangs on its own month alone.

    `today` is the day of the check where there is one: a build does not know the day.
    """

    issue: Issue
    cover: Cover
    email: Email
    delivery: Delivery
    config: Config
    templates: Callable[[], Mapping[str, str]]
    provider: str
    adds: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    literal: tuple[str, ...] = ()
    foreign_tags: tuple[Fault, ...] = ()
    pictures: Mapping[str, PictureFacts] = field(default_factory=dict)
    before: tuple[Earlier, ...] = ()
    pages_before: tuple[FrontPage, ...] = ()
    told: tuple[Ran, ...] = ()
    today: date | None = None

    @cached_property
    def sources(self) -> Sources:
        """Where the issue's words come from."""
        return Sources(issue=self.issue, config=self.config, templates=self.templates, pictures=self.delivery.pictures)

    @cached_property
    def page(self) -> Page:
        """The neutral HTML, parsed once."""
        return Page(self.email.html, self.email.blocks, self.sources)

    @cached_property
    def manuscripts(self) -> tuple[Manuscript, ...]:
        """What was written for the issue: its items, its front page, the settings it shows."""
        front = self.issue.front_page
        written = (
            *(manuscript.of_item(story.item, self.issue, story.language) for story in self.issue.stories),
            *([manuscript.of_front_page(front, self.issue)] if front else []),
            manuscript.of_settings(self.issue, self.sources),
        )
        return (
            tuple(replace(each, foreign_tags=self.foreign_tags) for each in written) if self.foreign_tags else written
        )
