"""The nouns that travel down the line: newsroom, item, issue, cover, email, finding.

They are msgspec's frozen structs, since a dataclass takes about a millisecond to make: its methods are compiled from
text, each time the program starts.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Literal, Protocol, overload

from msgspec import Struct, field

from newsletter.errors import Fault, Place

# What Gmail shows of a mail's HTML before it hides the rest: about 102 kB (measured by others; read 2026-11-21).
GMAIL_BYTES = 102_000
# In CSS pixels: how wide a picture stands in the packaged look, how wide beside a headline, and beside a short story's.
COVER_WIDTH, SIDE_WIDTH, THUMB_WIDTH = 536, 208, 112

Cadence = Literal["monthly", "quarterly"]
PeriodStyle = Literal["long", "short", "season"]
Scope = Literal["network", "chapter"]
Look = Literal["story", "compact", "action", "quote"]


class Settings(Struct, frozen=True, kw_only=True):
    """What an issue inherits: organization -> publication -> chapter -> front page, the nearest one wins.

    Texts may hold `{chapter}`, `{chapter_name}`, `{organization}`, `{short_name}`, `{period}`, `{month}`, `{id}`;
    `subject` also `{title}`, `{emoji}` and `{headlines}`.
    """

    title: str = ""
    emoji: str = ""
    subject: str = "{emoji} {title} | {headlines} | {period}"
    headlines: int = 3
    # Left out, it is the fixed word of the language.
    more: str = ""
    preheader: str = ""
    greeting: str = ""
    cadence: Cadence = "monthly"
    period: PeriodStyle = "long"
    sections: tuple[str, ...] = ()
    accent: str = ""
    logo: str = ""
    logo_alt: str = ""
    sender_name: str = ""
    sender_address: str = ""
    reply_to: str = ""
    audience: str = ""
    postal_address: str = ""
    press_contact: str = ""
    website: str = ""
    why: str = ""
    # Who signs the greeting.
    signature: str = ""
    signature_role: str = ""
    subscribe_url: str = ""
    archive_url: str = ""
    unsubscribe_url: str = ""
    browser_url: str = ""
    picture_base_url: str = ""
    provider: str = "html"
    language: str = "en"
    typography: bool = True
    timezone: str = "UTC"
    social: tuple[tuple[str, str], ...] = ()
    # By which day of its own month a chapter's items are wanted (0: nobody said), and whom to ask.
    due: int = 0
    contact: tuple[str, ...] = ()


class Theme(Struct, frozen=True, kw_only=True):
    """Colours (`#RRGGBB`) and font stacks of the packaged look."""

    accent: str = "#A23B2A"
    canvas: str = "#F4F1EC"
    paper: str = "#FFFFFF"
    ink: str = "#1C2024"
    soft: str = "#5A626B"
    hairline: str = "#E2DDD5"
    dark_canvas: str = "#0F1215"
    dark_paper: str = "#171B20"
    dark_ink: str = "#ECEFF2"
    dark_soft: str = "#A9B2BC"
    dark_hairline: str = "#3A434D"
    headline_font: str = "Georgia, 'Times New Roman', serif"
    # Word takes the first, and macOS has none of that name.
    text_font: str = "'Segoe UI', -apple-system, Helvetica, Arial, sans-serif"


class Words(Struct, frozen=True, kw_only=True):
    """The fixed words of the look in one language: read/words/, and what a newsroom says otherwise.

    `chapters_…` are the forms of "6 chapters", as many as the language has; so are those of stories and of minutes.
    """

    in_this_issue: str
    media_title: str
    media_words: str
    browser: str
    unsubscribe: str
    follow: str
    calendar: str
    calendar_file: str
    rsvp: str
    where: str
    when: str
    deadline: str
    act_by: str
    by: str
    link: str
    picture: str
    also: str
    winter: str
    spring: str
    summer: str
    fall: str
    season: str
    all_chapters: str
    chapters_zero: str = ""
    chapters_one: str = ""
    chapters_two: str = ""
    chapters_few: str = ""
    chapters_many: str = ""
    chapters_other: str
    stories_zero: str = ""
    stories_one: str = ""
    stories_two: str = ""
    stories_few: str = ""
    stories_many: str = ""
    stories_other: str
    minutes_zero: str = ""
    minutes_one: str = ""
    minutes_two: str = ""
    minutes_few: str = ""
    minutes_many: str = ""
    minutes_other: str
    forwarded: str
    subscribe: str
    past_issues: str
    latest: str
    newsletters: str
    previous: str
    next: str
    all_issues: str
    more_of_them: str
    feed: str
    events_calendar: str
    skip: str
    not_found: str
    withdrawn: str
    moved: str
    colon: str
    comma: str
    more: str
    joined: str


class Section(Struct, frozen=True, kw_only=True):
    """A named group of items; `look` chooses the template in `templates/sections/`."""

    key: str
    title: str
    emoji: str = ""
    look: Look = "story"
    intro: str = ""


class Publication(Struct, frozen=True, kw_only=True):
    """A recurring newsletter. `own` holds the settings that its table states."""

    key: str
    scope: Scope
    own: Mapping[str, object] = field(default_factory=dict)


class Chapter(Struct, frozen=True, kw_only=True):
    """A local group. `own` holds the settings that its table states, `moved_from` the codes that it had before."""

    code: str
    name: str
    moved_from: tuple[str, ...] = ()
    own: Mapping[str, object] = field(default_factory=dict)


class ProofSettings(Struct, frozen=True, kw_only=True):
    """[proof]: the mail server (`smtp://host:587`, never with a password), and whom proofs go to.

    `timeout` is in seconds; `domains` are the newsroom's own beside those of its addresses.
    """

    server: str = ""
    user: str = ""
    timeout: int = 30
    domains: tuple[str, ...] = ()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class SiteSettings(Struct, frozen=True, kw_only=True):
    """[site]: the public page of what was sent.

    `posts`, `news` and `press` are keys of sections: whose items stand in the list as posts, among the press coverage,
    among the press releases. With `cards`, a page without a picture gets a drawn one for other sites to show.
    """

    url: str = ""
    title: str = ""
    posts: tuple[str, ...] = ()
    news: str = ""
    press: str = ""
    subscribe_url: str = ""
    cards: bool = True


class Config(Struct, frozen=True, kw_only=True):
    """`newsletter.toml`, checked: what recurs, for whom, and how it looks."""

    organization: str
    short_name: str
    own: Mapping[str, object]
    theme: Theme
    sections: Mapping[str, Section]
    publications: Mapping[str, Publication]
    chapters: Mapping[str, Chapter]
    # By language ("" for the newsroom's own): pairs of a word's key, or a section's (`wins`, `wins.intro`), and what it
    # says.
    words: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    section_words: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    providers: Mapping[str, object] = field(default_factory=dict)
    proof: ProofSettings = field(default_factory=ProofSettings)
    site: SiteSettings = field(default_factory=SiteSettings)
    checks: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def place(self, key: str) -> Place:
        """Return where `newsletter.toml` states `key` (dotted), or the table around it."""
        # Tables lie few levels deep; a name may hold 100,000 dots.
        for _ in range(64):
            if not key or key in self.lines:
                break
            key = key.rpartition(".")[0]
        return Place(file="newsletter.toml", line=self.lines.get(key, 0))


class PictureFile(Struct, frozen=True, kw_only=True):
    """A picture that an item refers to: a file of the newsroom (`path`, relative to it) or an https address.

    One that `is_pasted` stands in the words as HTML: where there is no such file, it is left out.
    """

    source: str
    alt: str
    place: Place
    path: str = ""
    is_lead: bool = False
    is_pasted: bool = False


class Moment(Struct, frozen=True, kw_only=True):
    """A day, or a day with a time of day in a time zone."""

    day: date
    at: datetime | None = None


class Slip(Struct, frozen=True, kw_only=True):
    """What is wrong in which line (from 1) of a file, and the way out.

    `instead` is the whole line to write, or several joined by `\n` for as many; "" where nobody can be sure what was
    meant. Where it is there, the file was read as if it stood there.
    """

    line: int
    message: str
    hint: str
    instead: str = ""


class Item(Struct, frozen=True, kw_only=True):
    """One story, one Markdown file. `lines` gives the line of every key; `body_line` that of the first word.

    `slips` are those of its front matter that were read as they were meant. Of one that `is_untouched`, the words are
    still those of the scaffold.
    """

    path: str
    digest: str
    title: str
    headline: str
    chapters: tuple[str, ...]
    months: tuple[str, ...]
    section: str
    body: str
    body_line: int
    lines: Mapping[str, int]
    link: str = ""
    link_label: str = ""
    picture: PictureFile | None = None
    body_pictures: Mapping[str, PictureFile] = field(default_factory=dict)
    image_credit: str = ""
    image_caption: str = ""
    image_focus: str = ""
    source: str = ""
    author: str = ""
    starts: Moment | None = None
    ends: Moment | None = None
    timezone: str = ""
    location: str = ""
    rsvp: str = ""
    deadline: Moment | None = None
    until: date | None = None
    published: date | None = None
    summary: str = ""
    language: str = ""
    order: int = 0
    allow: tuple[str, ...] = ()
    is_lead: bool = False
    is_draft: bool = False
    is_untouched: bool = False
    made_from: str = ""
    slips: tuple[Slip, ...] = ()

    @property
    def stem(self) -> str:
        """The file's name without its ending: how a front page names the item."""
        return self.path.rpartition("/")[2].rpartition(".")[0]

    def place(self, key: str = "") -> Place:
        """Return the line of a front-matter key, of the `body`, or the file's first line."""
        line = self.body_line if key == "body" else self.lines.get(key, 1)
        return Place(file=self.path, line=line)


class FrontPage(Struct, frozen=True, kw_only=True):
    """An issue's own words and overrides. `own` holds the settings that its front matter states; `slips` as in Item."""

    path: str
    digest: str
    issue_id: str
    greeting: str
    body_line: int
    lines: Mapping[str, int]
    headlines: tuple[str, ...] = ()
    lead: str = ""
    order: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    own: Mapping[str, object] = field(default_factory=dict)
    body_pictures: Mapping[str, PictureFile] = field(default_factory=dict)
    slips: tuple[Slip, ...] = ()

    def place(self, key: str = "") -> Place:
        """Return the line of a front-matter key, of the `body`, or the file's first line."""
        line = self.body_line if key == "body" else self.lines.get(key, 1)
        return Place(file=self.path, line=line)


class Card(Protocol):
    """What tells which issues an item is in; an item is its own card."""

    @property
    def path(self) -> str: ...
    @property
    def chapters(self) -> tuple[str, ...]: ...
    @property
    def months(self) -> tuple[str, ...]: ...
    @property
    def until(self) -> date | None: ...
    @property
    def is_draft(self) -> bool: ...
    @property
    def is_untouched(self) -> bool: ...


class Items(Sequence[Item]):
    """A newsroom's items in the order of their cards.

    An item that is not `known` yet is made by `make` when somebody asks for it: a command that is about one month looks
    at the cards of all the others only.
    """

    def __init__(
        self, cards: Sequence[Card], known: Mapping[str, Item], make: Callable[[Card], Item] | None = None
    ) -> None:
        self.cards = cards
        self._known, self._make = dict(known), make

    def of(self, card: Card) -> Item:
        """Return the item of a card."""
        item = self._known.get(card.path)
        if not item:
            assert self._make
            item = self._known[card.path] = self._make(card)
        return item

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        if isinstance(index, slice):
            return [self.of(card) for card in self.cards[index]]
        return self.of(self.cards[index])

    def __len__(self) -> int:
        return len(self.cards)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Items) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as of a list


class Remark(Struct, frozen=True, kw_only=True):
    """What is odd about the files of a newsroom and stops no issue: its rule's slug, and what a fault would say.

    `level` is the rule's own if left out.
    """

    slug: str
    fault: Fault
    level: "Level | None" = None


class Newsroom(Struct, frozen=True, kw_only=True):
    """All that was read, and all that was found wrong while reading.

    `by_tag` holds the cards of the items, by each of their tags.
    """

    root: Path
    config: Config
    items: Items
    by_tag: Mapping[str, tuple[Card, ...]]
    front_pages: Mapping[str, FrontPage]
    faults: tuple[Fault, ...] = ()
    remarks: tuple[Remark, ...] = ()


class Badge(Struct, frozen=True, kw_only=True):
    """The mark of a chapter: its code and name, on its accent."""

    code: str
    name: str
    accent: str


class Story(Struct, frozen=True, kw_only=True):
    """An item as one issue shows it: every date worded, every badge chosen. `zone` is that of its times."""

    item: Item
    language: str = ""
    # The language whose quotation marks and dashes its words wear; "" where they stay as typed.
    typeset_in: str = ""
    direction: Literal["ltr", "rtl"] = "ltr"
    words: Words | None = None
    badges: tuple[Badge, ...] = ()
    # In place of more than three badges: "6 chapters".
    reach: str = ""
    zone: str = ""
    event: "Event | None" = None
    deadline: str = ""


class Event(Struct, frozen=True, kw_only=True):
    """An event's dates in words: `month` and `day` for the date block, `when` in full.

    `calendar_url` saves it in Google's calendar, `outlook_url` in Outlook's; `file_url` is that of the issue's calendar
    file, "" where nobody knows where it lies.
    """

    month: str
    day: str
    when: str
    location: str
    rsvp: str
    calendar_url: str
    outlook_url: str
    file_url: str


class Part(Struct, frozen=True, kw_only=True):
    """A section of one issue with its stories in order."""

    section: Section
    stories: tuple[Story, ...]


class Headline(Struct, frozen=True, kw_only=True):
    """One of the headlines that a front page chooses: its words, and the item that it names, if it names one."""

    words: str
    item: Item | None = None


class Issue(Struct, frozen=True, kw_only=True):
    """One edition: what it is called, whose it is, and its stories in their order, the lead first and apart.

    `headlines` are those that its front page chooses.
    """

    id: str
    publication: str
    chapter: Badge | None
    month: str
    months: tuple[str, ...]
    period: str
    settings: Settings
    typeset_in: str
    organization: str
    short_name: str
    theme: Theme
    words: Words
    accent: str
    direction: Literal["ltr", "rtl"]
    front_page: FrontPage | None
    headlines: tuple[Headline, ...] = ()
    lead: Story | None
    lead_section: Section | None
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """The issue's id without its month: `state-LPMN`."""
        return self.id.partition("/")[2]

    @property
    def stories(self) -> tuple[Story, ...]:
        """Every story in reading order."""
        lead = (self.lead,) if self.lead else ()
        return (*lead, *chain.from_iterable(part.stories for part in self.parts))


class Cover(Struct, frozen=True, kw_only=True):
    """What the inbox shows. Texts are plain; merge tags in them are still neutral placeholders."""

    sender_name: str
    sender_address: str
    reply_to: str
    subject: str
    preheader: str


class Picture(Struct, frozen=True, kw_only=True):
    """A picture made ready: the file's name beside the issue, its bytes, and the size it is shown at in CSS pixels.

    `uses` says where it came from: what asks for it in the issue, in reading order. One file may stand in several
    stories, each with an alt text of its own; files with the same bytes and much the same name are one picture.
    """

    name: str
    content: bytes
    content_type: str
    width: int
    height: int
    uses: tuple[PictureFile, ...] = ()


class PictureFacts(Struct, frozen=True, kw_only=True):
    """What the file of a picture is like before the build makes it ready: bytes, pixels as seen, format in capitals.

    `frames` are the pictures that follow each other in a moving one. `ink` is the mean luminance (0 to 1) of what is
    drawn on a transparent ground; -1 where the ground is opaque.
    """

    size: int
    width: int
    height: int
    kind: str
    frames: int = 1
    ink: float = -1.0


class Block(Struct, frozen=True, kw_only=True):
    """The stretch of an email's HTML that one file caused: offsets in UTF-8 bytes, the end left out."""

    place: Place
    start: int
    end: int


class Email(Struct, frozen=True, kw_only=True):
    """The rendered issue. Merge tags and picture addresses in `html` and `text` are neutral placeholders."""

    cover: Cover
    html: str
    text: str
    blocks: tuple[Block, ...] = ()


class Delivery(Struct, frozen=True, kw_only=True):
    """An email as one provider takes it: its merge tags are in, its pictures lie beside it."""

    provider: str
    subject: str
    preheader: str
    html: str
    text: str
    pictures: tuple[Picture, ...] = ()


class Level(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


class Finding(Struct, frozen=True, kw_only=True):
    """One result of a check."""

    slug: str
    level: Level
    place: Place
    message: str
    hint: str = ""
    issue: str = ""
