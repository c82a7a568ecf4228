"""The keys of items, front pages and settings: one row a key, for whoever reads, checks, documents or suggests them."""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct

from newsletter.model import Theme
from newsletter.read import values
from newsletter.read.values import Parser


class Field(Struct, frozen=True, kw_only=True):
    """One key of front matter, or of a table of settings.

    `doc` says what it is, without a full stop, in the Markdown of the documentation. `example` is a value as somebody
    would type it. `words` says whether readers see the value, and as what. `type` is that of JSON Schema, `choices`
    are all that it may be. `attribute` is the field of the noun that takes it ("" for a part of one), `many` the key
    that it is one of. `needs` are the keys of which one must be there too, else nothing shows the value. `is_usual`
    says that a new item, or a new front page, has a line for it.
    """

    key: str
    parse: Parser
    doc: str
    example: str
    words: Literal["", "plain", "Markdown"] = ""
    type: Literal["string", "array", "integer", "boolean", "object"] = "string"
    choices: tuple[str, ...] = ()
    attribute: str = ""
    many: str = ""
    needs: tuple[str, ...] = ()
    is_usual: bool = False


def _table(rows: Iterable[Field]) -> Mapping[str, Field]:
    return {row.key: row for row in rows}


_CADENCES = ("monthly", "quarterly")
_PERIODS = ("long", "short", "season")
_SIDES = ("top", "center", "bottom", "left", "right")
_SCOPES = ("network", "chapter")
_LOOKS = ("story", "compact", "action", "quote")
# What [checks] may set a rule to.
LEVELS = ("off", "error", "warning", "advice")

ITEM = _table(
    (
        Field(
            key="title",
            parse=values.text,
            doc="the headline of the story",
            example="What happened",
            words="plain",
            attribute="title",
        ),
        Field(
            key="headline",
            parse=values.text,
            doc="a short form for subject lines; the title if left out",
            example="a short form for the subject line",
            words="plain",
            attribute="headline",
            is_usual=True,
        ),
        Field(
            key="chapters",
            parse=values.texts,
            doc="chapter codes, and keys of network-wide publications; `chapter` for one",
            example="[LPMN, network]",
            type="array",
            attribute="chapters",
        ),
        Field(
            key="chapter",
            parse=values.text,
            doc="the code of a chapter, or the key of a network-wide publication",
            example="LPMN",
            many="chapters",
        ),
        Field(
            key="months",
            parse=values.months,
            doc="months as `2024-09`; `month` for one",
            example="[2024-09, 2024-10]",
            type="array",
            attribute="months",
        ),
        Field(key="month", parse=values.month, doc="a month as `2024-09`", example="2024-09", many="months"),
        Field(
            key="section",
            parse=values.text,
            doc="a section of newsletter.toml",
            example="wins",
            attribute="section",
        ),
        Field(
            key="link",
            parse=values.link,
            doc="where the story goes on",
            example="https://example.org/the-story",
            attribute="link",
            is_usual=True,
        ),
        Field(
            key="link_label",
            parse=values.text,
            doc="the words of that link",
            example="Read the whole story",
            needs=("link",),
            words="plain",
            attribute="link_label",
            is_usual=True,
        ),
        Field(
            key="image",
            parse=values.text,
            doc="a file beside the item, or an https address",
            example="a-picture-beside-this-file.jpg",
            is_usual=True,
        ),
        Field(
            key="image_alt",
            parse=values.text,
            doc="what the picture shows, for those who don't see it",
            example="What the picture shows, in a few words",
            needs=("image",),
            words="plain",
            is_usual=True,
        ),
        Field(
            key="image_credit",
            parse=values.text,
            doc="who made the picture",
            example="Photo by …",
            needs=("image",),
            words="plain",
            attribute="image_credit",
            is_usual=True,
        ),
        Field(
            key="image_caption",
            parse=values.text,
            doc="words under the picture",
            example="The council after the vote",
            needs=("image",),
            words="plain",
            attribute="image_caption",
        ),
        Field(
            key="image_focus",
            parse=values.one_of(*_SIDES),
            doc="what a cut of the picture must keep: `top`, `center`, `bottom`, `left` or `right`",
            example="top",
            needs=("image",),
            choices=_SIDES,
            attribute="image_focus",
        ),
        Field(
            key="source",
            parse=values.text,
            doc="the outlet, for press coverage",
            example="Pioneer Press",
            words="plain",
            attribute="source",
        ),
        Field(
            key="author",
            parse=values.text,
            doc="who wrote it",
            example="the policy team",
            words="plain",
            attribute="author",
        ),
        Field(
            key="starts",
            parse=values.moment,
            doc="when the event begins: `2024-10-10 18:00`, or a day",
            example="2024-10-10 18:00",
            attribute="starts",
        ),
        Field(key="ends", parse=values.moment, doc="when it ends", example="2024-10-10 19:30", attribute="ends"),
        Field(
            key="timezone",
            parse=values.zone,
            doc="the zone of these times; if left out, its only chapter's, else the organization's",
            example="America/Chicago",
            needs=("starts", "deadline"),
            attribute="timezone",
        ),
        Field(
            key="location",
            parse=values.text,
            doc="where it is",
            example="City Hall",
            needs=("starts",),
            words="plain",
            attribute="location",
        ),
        Field(
            key="rsvp",
            parse=values.link,
            doc="where to sign up",
            example="https://example.org/sign-up",
            needs=("starts",),
            attribute="rsvp",
        ),
        Field(
            key="deadline",
            parse=values.moment,
            doc="until when the reader can act: a day, or a day and a time",
            example="2024-10-08",
            attribute="deadline",
        ),
        Field(
            key="until",
            parse=values.day,
            doc="a day; issues of later months leave the item out",
            example="2024-10-31",
            attribute="until",
        ),
        Field(
            key="published",
            parse=values.day,
            doc="the day on which it appeared",
            example="2024-09-12",
            attribute="published",
        ),
        Field(
            key="summary",
            parse=values.words,
            doc="the story in a sentence or two, in Markdown",
            example="The council said yes to the climate plan.",
            words="Markdown",
            attribute="summary",
        ),
        Field(
            key="language",
            parse=values.language,
            doc="the language of the words, such as `es`, where it is not the issue's",
            example="es",
            attribute="language",
        ),
        Field(
            key="order",
            parse=values.whole_number,
            doc="a number: the place within the section",
            example="10",
            type="integer",
            attribute="order",
        ),
        Field(
            key="lead",
            parse=values.yes_no,
            doc="`true`: opens the issue",
            example="true",
            type="boolean",
            attribute="is_lead",
        ),
        Field(
            key="draft",
            parse=values.yes_no,
            doc="`true`: is never published",
            example="true",
            type="boolean",
            attribute="is_draft",
        ),
        Field(
            key="allow",
            parse=values.texts,
            doc="checks that don't apply to this item",
            example="[vague-link]",
            type="array",
            attribute="allow",
        ),
        Field(
            key="from",
            parse=values.text,
            doc="the file or address that it was made from",
            example="stories.csv",
            attribute="made_from",
        ),
    )
)
# Every setting that inherits: organization -> publication -> chapter -> front page, the nearest one wins.
SETTINGS = _table(
    (
        Field(
            key="title",
            parse=values.text,
            doc="the newsletter's name: `{chapter} State Download`",
            example="The Network Download",
            words="plain",
        ),
        Field(
            key="emoji",
            parse=values.text,
            doc="what `{emoji}` in the subject stands for",
            example="📬",
        ),
        Field(
            key="subject",
            parse=values.text,
            doc="the pattern of the subject: `{emoji} {title} | {headlines} | {period}`; a front page's is whole",
            example="{emoji} {title} | {headlines} | {period}",
            words="plain",
        ),
        Field(
            key="headlines",
            parse=values.count,
            doc="how many headlines the subject names (3); a front page lists them: own words or items' files",
            example="3",
            type="integer",
        ),
        Field(
            key="more",
            parse=values.text,
            doc="how the list of headlines ends when more items follow: `& more!`, or `, & more!` with its comma",
            example="& more!",
            words="plain",
        ),
        Field(
            key="preheader",
            parse=values.text,
            doc="what the inbox shows after the subject; left out, it says what the subject did not",
            example="The words that the inbox shows after the subject.",
            is_usual=True,
            words="plain",
        ),
        Field(
            key="greeting",
            parse=values.words,
            doc="Markdown above the first story where no front page has words of its own; pictures only on front pages",
            example="Dear friends, this month …",
            words="Markdown",
        ),
        Field(
            key="cadence",
            parse=values.one_of(*_CADENCES),
            doc="`monthly`, or `quarterly`: one issue in March, June, September and December for three months each",
            example="monthly",
            choices=_CADENCES,
        ),
        Field(
            key="period",
            parse=values.one_of(*_PERIODS),
            doc="`long` (September 2024), `short` (Sept 2024) or `season` (Fall 2024)",
            example="long",
            choices=_PERIODS,
        ),
        Field(
            key="sections",
            parse=values.texts,
            doc="the order of the sections; those not named follow in the order of this file",
            example='["wins", "action"]',
            type="array",
        ),
        Field(
            key="accent",
            parse=values.colour,
            doc="the colour of band, badge, labels and buttons",
            example="#1D5C63",
        ),
        Field(
            key="logo",
            parse=values.text,
            doc="a picture in the newsroom, or an https address; left out, the organization's name stands there",
            example="logos/ours.png",
        ),
        Field(
            key="logo_alt",
            parse=values.text,
            doc="what the logo says to those who don't see it; the organization's name if left out",
            example="Example Network",
            words="plain",
        ),
        Field(
            key="sender_name",
            parse=values.text,
            doc="who the mail is from",
            example="Example Network",
            words="plain",
        ),
        Field(
            key="sender_address",
            parse=values.mail_address,
            doc="the address it is from",
            example="news@example.org",
        ),
        Field(
            key="reply_to",
            parse=values.mail_address,
            doc="the address that answers go to",
            example="hello@example.org",
        ),
        Field(
            key="audience",
            parse=values.text,
            doc="the list it goes to, as the provider calls it",
            example="all-members",
        ),
        Field(
            key="postal_address",
            parse=values.text,
            doc="the address that the law wants in every issue",
            example="Example Network, 1 Main Street, Saint Paul, MN 55101",
            words="plain",
        ),
        Field(
            key="press_contact",
            parse=values.mail_address,
            doc="the address in the block for media inquiries; left out, there is no such block",
            example="press@example.org",
        ),
        Field(
            key="website",
            parse=values.web_address,
            doc="where the name in the masthead leads",
            example="https://example.org",
        ),
        Field(
            key="why",
            parse=values.text,
            doc="one sentence: why the reader gets this",
            example="You get this because you signed up.",
            words="plain",
        ),
        Field(
            key="signature",
            parse=values.text,
            doc="who signs the greeting",
            example="The editors",
            words="plain",
        ),
        Field(
            key="signature_role",
            parse=values.text,
            doc="what they are, below the signature",
            example="Example Network",
            words="plain",
        ),
        Field(
            key="subscribe_url",
            parse=values.web_address,
            doc="where somebody to whom the issue was forwarded can subscribe",
            example="https://example.org/join",
        ),
        Field(
            key="archive_url",
            parse=values.web_address,
            doc="where past issues can be read",
            example="https://example.org/newsletters",
        ),
        Field(
            key="unsubscribe_url",
            parse=values.link,
            doc="where to unsubscribe, if no provider's merge tag says so",
            example="https://example.org/unsubscribe",
        ),
        Field(
            key="browser_url",
            parse=values.link,
            doc="where the issue can be read in a browser, if no provider's merge tag says so",
            example="https://example.org/{id}",
        ),
        Field(
            key="picture_base_url",
            parse=values.web_address,
            doc="where you upload the pictures; they are expected there in the same folders as in `build/`",
            example="https://example.org/pictures",
        ),
        Field(
            key="provider",
            parse=values.text,
            doc="whose merge tags `build` writes unless told otherwise with `--for`; `html` for none",
            example="mailchimp",
        ),
        Field(
            key="language",
            parse=values.language,
            doc="a code such as `en` or `es`: the fixed words, the dates, the direction of writing",
            example="en",
        ),
        Field(
            key="typography",
            parse=values.yes_no,
            doc="`false` leaves straight quotation marks, `--` and `...` as they are typed",
            type="boolean",
            example="false",
        ),
        Field(
            key="timezone",
            parse=values.zone,
            doc="the zone of times whose item names none (and no second chapter), such as `America/Chicago`",
            example="America/Chicago",
        ),
        Field(
            key="social",
            parse=values.pairs,
            doc='a table of labels and addresses: `Bluesky = "https://…"`',
            example='{ Bluesky = "https://example.org/us" }',
            type="object",
        ),
        Field(
            key="due",
            parse=values.day_of_month,
            doc="the day of the month by which items are wanted (1 to 31)",
            example="20",
            type="integer",
        ),
        Field(
            key="contact",
            parse=values.mail_addresses,
            doc="whom to ask about an issue: an email address, or a list of them",
            example="editor@example.org",
        ),
    )
)
# What an issue can't decide about itself: when it comes out and what carries it.
_NOT_OF_AN_ISSUE = {"cadence", "headlines", "social"}
# What a front page has beside the settings that it may override.
FRONT_PAGE = _table(
    (
        Field(
            key="issue",
            parse=values.text,
            doc="the issue's id, where the file does not lie in its month's folder under the issue's name",
            example="2024-09/network",
        ),
        Field(
            key="headlines",
            parse=values.texts,
            doc="the headlines that the subject names: items (by file name, title or headline), or own words",
            example="[the three, things for, the subject line]",
            is_usual=True,
            words="plain",
            type="array",
            attribute="headlines",
        ),
        Field(
            key="lead",
            parse=values.text,
            doc="the item that opens the issue, by file name, title or headline",
            example="the-file-name-of-the-item-that-opens-the-issue",
            is_usual=True,
            attribute="lead",
        ),
        Field(
            key="order",
            parse=values.texts,
            doc="file names of items in the order wanted within their sections",
            example="[one-item, another-item]",
            type="array",
            attribute="order",
        ),
        Field(
            key="leave_out",
            parse=values.texts,
            doc="file names of items that this issue does without",
            example="[one-item]",
            type="array",
            attribute="leave_out",
        ),
    )
)
# What stands in newsletter.toml beside the settings that inherit, table by table.
ORGANIZATION = _table(
    (
        Field(
            key="name",
            parse=values.text,
            doc="the organization's name; `{organization}` in other settings",
            example="Example Network",
            words="plain",
        ),
        Field(
            key="short_name",
            parse=values.text,
            doc="its short name; `{short_name}` in other settings",
            example="EN",
            words="plain",
        ),
    )
)
PUBLICATION = _table(
    (
        Field(
            key="scope",
            parse=values.one_of(*_SCOPES),
            doc="`network`: one issue for all, or `chapter`: one for each",
            example="network",
            choices=_SCOPES,
        ),
    )
)
CHAPTER = _table(
    (
        Field(
            key="name",
            parse=values.text,
            doc="the chapter's name; `{chapter_name}` in other settings",
            example="Minnesota",
            words="plain",
        ),
        Field(
            key="moved_from",
            parse=values.texts,
            doc="codes that the chapter had before: their pages of the site lead to its own",
            example='["LPTC"]',
            type="array",
        ),
    )
)
SECTION = _table(
    (
        Field(
            key="title", parse=values.text, doc="what the section is called in an issue", example="Wins", words="plain"
        ),
        Field(key="emoji", parse=values.text, doc="what stands before its title", example="🏆"),
        Field(
            key="look",
            parse=values.one_of(*_LOOKS),
            doc="`story`, `compact` (press and resources), `action` (a tinted panel with a button) or `quote` (in"
            " memory)",
            example="story",
            choices=_LOOKS,
        ),
        Field(
            key="intro",
            parse=values.text,
            doc="a sentence under the title",
            example="What reporters wrote about us this month.",
            words="plain",
        ),
    )
)
_OF_THE_THEME = {
    "accent": "the colour of band, badges, labels and buttons where nothing else sets it",
    "canvas": "around the mail",
    "paper": "behind the words",
    "ink": "the words",
    "soft": "smaller words, such as captions",
    "hairline": "lines between stories",
    "dark_canvas": "around the mail in dark mode",
    "dark_paper": "behind the words in dark mode",
    "dark_ink": "the words in dark mode",
    "dark_soft": "smaller words in dark mode",
    "dark_hairline": "lines between stories in dark mode",
    "headline_font": "the fonts of headlines, the first one first",
    "text_font": "the fonts of all other words",
}
THEME = _table(
    Field(
        key=key,
        parse=values.fonts if key.endswith("_font") else values.colour,
        doc=_OF_THE_THEME[key],
        example=getattr(Theme(), key),
    )
    for key in Theme.__struct_fields__
)
PROOF = _table(
    (
        Field(
            key="server",
            parse=values.server,
            doc="the mail server, without a password: `smtp://host:587` or `smtps://host`",
            example="smtp://mail.example.org:587",
        ),
        Field(key="user", parse=values.text, doc="who logs in there", example="newsletter"),
        Field(key="password", parse=values.no_password, doc="never here", example=""),
        Field(
            key="timeout",
            parse=values.seconds,
            doc="seconds for one step (30)",
            example="30",
            type="integer",
        ),
        Field(
            key="domains",
            parse=values.texts,
            doc="domains that count as your own beside those of your addresses",
            example='["example.org"]',
            type="array",
        ),
        Field(
            key="lists",
            parse=values.mail_lists,
            doc="names, each with the addresses that it stands for",
            example='{ staff = ["editor@example.org"] }',
            type="object",
        ),
    )
)

SITE = _table(
    (
        Field(
            key="url",
            parse=values.site_address,
            doc="where the site lies: feeds, previews and links in mails need it",
            example="https://example.org/newsletters",
        ),
        Field(key="title", parse=values.text, doc="what its first page is called", example="Our Blog + Latest News"),
        Field(
            key="posts",
            parse=values.texts,
            doc="sections whose items stand in the list as posts",
            example='["spotlight"]',
            type="array",
        ),
        Field(key="news", parse=values.text, doc="the section of press coverage", example="in-the-news"),
        Field(key="press", parse=values.text, doc="the section of press releases", example="press-releases"),
        Field(
            key="subscribe_url",
            parse=values.web_address,
            doc="where readers can subscribe; issues lead there too if their own `subscribe_url` says nothing else",
            example="https://example.org/join",
        ),
        Field(
            key="cards",
            parse=values.yes_no,
            doc="`false` draws no picture for pages without one, which other sites show where somebody links there",
            example="false",
            type="boolean",
        ),
    )
)

ITEM_KEYS: dict[str, Parser] = {key: field.parse for key, field in ITEM.items()}
SETTING_KEYS: dict[str, Parser] = {key: field.parse for key, field in SETTINGS.items()}
FRONT_PAGE_KEYS: dict[str, Parser] = {
    **{key: parse for key, parse in SETTING_KEYS.items() if key not in _NOT_OF_AN_ISSUE},
    **{key: field.parse for key, field in FRONT_PAGE.items()},
}
# The keys of an item whose plain words readers see, and which an Item has under that name.
ITEM_TEXTS = tuple(key for key, field in ITEM.items() if field.words == "plain" and field.attribute == key)
# The keys of an item that lead somewhere.
ITEM_LINKS = tuple(key for key, field in ITEM.items() if field.parse is values.link)
# The settings that readers see as plain words.
SETTING_TEXTS = tuple(key for key, field in SETTINGS.items() if field.words == "plain")
# Every key of front matter, and those whose words are what was typed, whatever YAML would make of it.
KEYS = frozenset({*ITEM_KEYS, *FRONT_PAGE_KEYS})
WORDS = frozenset(
    key
    for table in (ITEM, FRONT_PAGE, SETTINGS)
    for key, field in table.items()
    if field.words and field.type == "string" and key in KEYS
)
