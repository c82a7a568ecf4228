"""Newsroom, edition -> a message to a chapter whose items are late, in its own language. Pure; nothing is sent."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from newsletter.errors import ContentError
from newsletter.issue.assemble import assemble
from newsletter.issue.dates import of_month, worded
from newsletter.issue.edition import Edition, cards_of, faults_of, is_waiting
from newsletter.model import Moment, Newsroom, Settings
from newsletter.read.config import fill, resolve, words_of
from newsletter.read.languages import reminder_in

# The key that a chapter fills in is the only one without a value: it can't be forgotten.
_FRONT_MATTER = "---\ntitle:\nchapters: [{tag}]\nmonth: {month}\nsection: {section}\n---"


class Reminder(Struct, frozen=True, kw_only=True):
    """A message to paste: to whom, about what, and its words."""

    issue: str
    contact: tuple[str, ...]
    subject: str
    text: str


def reminder(
    newsroom: Newsroom, edition: Edition, due: date, contact: tuple[str, ...], *, needs_own: bool, few: int
) -> Reminder:
    """Return the message: what was wanted by when, what is there, what is missing, and how to write it.

    `needs_own`: nothing of it is the chapter's own. `few` is how many items an issue needs; 0 where it has them.
    """
    settings, period = _settings(newsroom, edition)
    said = reminder_in(settings.language)
    folder = f"issues/{edition.month}/items/"
    words = {
        "title": settings.title or edition.publication.key,
        "period": period,
        "chapter": edition.chapter.name if edition.chapter else "",
        "date": worded(Moment(day=due), "UTC", settings.language, edition.month),
        "folder": folder,
        "count": str(few),
    }
    filled = {key: fill(sentence, words) for key, sentence in said.items()}
    titles = [newsroom.items.of(card).title for card in cards_of(newsroom, edition)]
    section = next(iter([*settings.sections, *newsroom.config.sections]), "")
    front = fill(_FRONT_MATTER, {"tag": edition.tag, "month": edition.month, "section": section})
    paragraphs = [
        filled["greeting"],
        filled["late"],
        _listed(filled["has"], titles) or filled["nothing"],
        _listed(filled["begun"], _begun(newsroom, edition)),
        " ".join([*([filled["own"]] if needs_own else []), *([filled["more"]] if few else [])]),
        filled["how"],
        front,
        filled["or_answer"],
        filled["thanks"],
    ]
    return Reminder(
        issue=edition.id,
        contact=contact,
        subject=filled["subject"],
        text="\n\n".join(filter(None, paragraphs)) + "\n",
    )


def _settings(newsroom: Newsroom, edition: Edition) -> tuple[Settings, str]:
    """Return the settings of an issue and its period in words, also where its front page is at fault."""
    try:
        issue = assemble(newsroom, edition, is_outline=True)
    except ContentError:
        settings = resolve(newsroom.config, edition.publication, edition.chapter, {})
        words = words_of(newsroom.config, edition.chapter)
        day = date.fromisoformat(f"{edition.month}-01")
        title = fill(settings.title, words)
        return Settings(title=title, language=settings.language, sections=settings.sections), of_month(
            day, settings.language, is_short=False
        )
    return issue.settings, issue.period


def _begun(newsroom: Newsroom, edition: Edition) -> list[str]:
    """Return what waits: drafts and scaffolds by their titles, files at fault by their places."""
    months = set(edition.months)
    cards = [card for card in newsroom.by_tag.get(edition.tag, ()) if not months.isdisjoint(card.months)]
    waiting = [f"{newsroom.items.of(card).title} ({card.path})" for card in cards if is_waiting(card)]
    faults = [f"{fault.place}: {fault.message}" for fault in faults_of(newsroom, edition) if fault.tags]
    return waiting + faults


def _listed(head: str, lines: Iterable[str]) -> str:
    lines = list(lines)
    return "\n".join([head, *(f"- {line}" for line in lines)]) if lines else ""
