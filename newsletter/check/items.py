"""Rules about front matter: what was typed there, and reaches no reader as it was meant."""

import re
from collections.abc import Iterator

from newsletter.check.manuscript import Manuscript, Text
from newsletter.check.registry import Found, rule
from newsletter.check.subject import Subject
from newsletter.errors import Place, shown
from newsletter.issue.naming import nearly_named
from newsletter.model import Item, Level, PictureFile
from newsletter.patterns import later
from newsletter.read.fields import ITEM

# Markdown and HTML where only plain text is shown: the marks, with the words between them as the group.
_MARKS = (
    later(r"\*\*([^*\n]+)\*\*"),
    later(r"(?<![\w_])__([^_\n]+)__(?![\w_])"),
    later(r"(?<![\w*])\*([^*\s](?:[^*\n]*[^*\s])?)\*(?![\w*])"),
    later(r"(?<![\w_@/])_([^_\s](?:[^_\n]*[^_\s])?)_(?![\w_])"),
    later(r"~~([^~\n]+)~~"),
    later(r"`([^`\n]+)`"),
)
_LINK = later(r"!?\[([^\[\]\n]+)\]\([^()\s]+\)")
_BREAK = later(r"<(?:br|hr)[ ]?/?>", re.IGNORECASE)
_TAG = later(
    r"</?(?:b|i|u|s|em|strong|mark|small|big|span|p|div|sup|sub|code|kbd|del|ins|font|center|h[1-6])"
    r"(?:[ ]+[a-z-]+[ ]*=[^<>]*)?>",
    re.IGNORECASE,
)
_ANCHOR = later(r"</?a(?:[ ][^<>]*)?>", re.IGNORECASE)


@rule("front-matter-slip", Level.ADVICE)
def front_matter_slip(manuscript: Manuscript) -> Iterator[Found]:
    """The line was read as it was meant; a program that is stricter, or the next slip in it, would lose the item.

    `check --fix` writes the line as it should be.
    """
    noun = manuscript.item or manuscript.front
    for slip in noun.slips if noun else ():
        # A hint cuts long lines.
        hint = "check --fix writes the line as it should be" if slip.instead and slip.hint.endswith('…"') else slip.hint
        yield Found(place=Place(file=manuscript.path, line=slip.line), message=slip.message, hint=hint)


@rule("shown-nowhere", Level.WARNING)
def shown_nowhere(manuscript: Manuscript) -> Iterator[Found]:
    """What stands under a key that lacks its companion reaches nobody: a place without a date, the words of a link that
    leads nowhere, the credit of a picture that is not there.
    """
    item, front = manuscript.item, manuscript.front
    for key, field in ITEM.items() if item else ():
        if item and field.needs and _has(item, key) and not any(_has(item, name) for name in field.needs):
            companion = ITEM[field.needs[0]]
            names = " or ".join(f"'{name}'" for name in field.needs)
            yield Found(
                place=item.place(key),
                message=f"'{key}' is shown only beside {names}, which is not there",
                hint=f"write {companion.key}: {companion.example}, or say it in the words",
            )
    if item and item.image_focus and item.picture and (kept := _never_cut(item.picture)):
        yield Found(
            place=item.place("image_focus"),
            message=f"'image_focus' changes nothing: {kept}",
            hint="take it out",
        )
    if front and "subject" in front.own and "more" in front.own:
        yield Found(
            place=front.place("more"),
            message="'more' is shown nowhere, since 'subject' is the whole subject",
            hint="take one of them out",
        )


@rule("unshown-summary", Level.ADVICE)
def unshown_summary(subject: Subject) -> Iterator[Found]:
    """The short form stands in issues for the network and on the site: in a chapter's own issue nobody sees it."""
    if subject.config.site.url:
        return
    networks = {
        publication.key for publication in subject.config.publications.values() if publication.scope == "network"
    }
    for story in subject.issue.stories:
        item = story.item
        if "summary" in item.lines and networks.isdisjoint(item.chapters):
            yield Found(
                place=item.place("summary"),
                message="'summary' is shown nowhere: no issue for the whole network takes this item",
                hint="tag it for one, or take the summary out",
            )


@rule("markup-in-title", Level.WARNING)
def markup_in_title(manuscript: Manuscript) -> Iterator[Found]:
    """Titles and the other texts of front matter are plain: marks of Markdown and HTML stand there as signs."""
    for text in manuscript.texts:
        if text.kind == "field" and any(sign in text.words for sign in "*_~`<[") and (found := _markup(text)):
            yield found


@rule("several-leads", Level.WARNING)
def several_leads(subject: Subject) -> Iterator[Found]:
    """One story opens an issue; of two that say so the order of their sections decides, which nobody meant."""
    front = subject.issue.front_page
    leads = [story.item for story in subject.issue.stories if story.item.is_lead]
    if front and front.lead:
        return
    for item in leads[1:]:
        yield Found(
            place=item.place("lead"),
            message=f"'lead: true' stands in {leads[0].path} too, and that one opens {subject.issue.id}",
            hint=f"take one of them out, or write lead: {item.stem} on the front page",
        )


@rule("near-headline", Level.WARNING)
def near_headline(subject: Subject) -> Iterator[Found]:
    """A headline on the front page that is a letter away from a story's title is most likely meant as that title: the
    subject line shows the slip, to everybody.
    """
    front = subject.issue.front_page
    items = [story.item for story in subject.issue.stories]
    for headline in subject.issue.headlines:
        if front and not headline.item and (title := nearly_named(headline.words, items)):
            yield Found(
                place=front.place("headlines"),
                message=f"headline '{shown(headline.words)}' is nearly '{shown(title)}'",
                hint="write it as there, or the name of the item's file; words of your own differ by more",
            )


def without_marks(words: str) -> str:
    """Return plain words: without marks of emphasis and tags that only dress; links stay."""
    for pattern in _MARKS:
        words = pattern.sub(r"\1", words)
    return _TAG.sub("", _BREAK.sub(" ", words))


def has_link(words: str) -> bool:
    """Tell whether plain words hold a link of Markdown or HTML, whose address nothing shows."""
    return bool(_LINK.search(words) or _ANCHOR.search(words))


def _never_cut(picture: PictureFile) -> str:
    """Return why a picture goes out as it is; "" for one that is cut where it stands."""
    if not picture.path:
        return "a picture on the web is never cut, only a file beside the item"
    return "a GIF is never cut" if picture.path.lower().endswith(".gif") else ""


def _has(item: Item, key: str) -> bool:
    """Tell whether an item has a value under that key; what only goes with a picture is kept with that."""
    if key == "image":
        return item.picture is not None
    attribute = ITEM[key].attribute
    return bool(getattr(item, attribute)) if attribute else key in item.lines


def _markup(text: Text) -> Found | None:
    link = _LINK.search(text.words) or _ANCHOR.search(text.words)
    if link:
        return Found(
            place=text.at(link.start()),
            message=f"'{text.key}' is plain text: '{shown(link[0])}' stands there as it was typed",
            hint="the address of an item goes into link: https://…",
        )
    plain = without_marks(text.words)
    if plain == text.words:
        return None
    return Found(
        place=text.place,
        message=f"'{text.key}' is plain text: the marks in '{shown(text.words)}' stand there as they were typed",
        hint=f"write it without them: {shown(plain, 200)}",
    )
