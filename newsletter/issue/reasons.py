"""Newsroom, item, edition -> why the item is not in the issue: every reason, each with the line to change. Pure."""

from collections.abc import Iterable

from msgspec import Struct

from newsletter.errors import Fault, Place
from newsletter.issue.edition import Edition, cards_of, editions
from newsletter.model import Card, Item, Newsroom


class Reason(Struct, frozen=True, kw_only=True):
    """Why an item is not in an issue, as the end of a sentence ("it …"), and what to change where.

    `is_tag`: it was never meant for that issue, as far as its tags say.
    """

    place: Place
    message: str
    hint: str
    is_tag: bool = False


def reasons(newsroom: Newsroom, edition: Edition, card: Card) -> list[Reason]:
    """Return every reason that keeps an item out of an issue; none where it is in there."""
    item = newsroom.items.of(card)
    found = [*_of_tags(item, edition), *_of_months(item, edition)]
    if item.is_draft:
        found.append(_reason(item, "draft", "is a draft", "take 'draft: true' out"))
    if item.is_untouched:
        told = "has the words that 'newsletter new item' begins with, and no others"
        found.append(_reason(item, "body", told, "write the story in their place"))
    if edition.is_expired(item):
        told = f"was to run until {item.until} only"
        found.append(_reason(item, "until", told, f"write a day of {edition.month} or later, or take 'until' out"))
    front = newsroom.front_pages.get(edition.id)
    if not found and front and card.path not in {running.path for running in cards_of(newsroom, edition)}:
        found.append(
            Reason(
                place=front.place("leave_out"),
                message=f"is left out by {front.path}",
                hint=f"take {item.stem} out of leave_out",
            )
        )
    return found


def editions_about(newsroom: Newsroom, months: Iterable[str], month: str | None = None) -> list[Edition]:
    """Return the editions that take items of the months, those of a quarter too; of `month` alone, if that is given."""
    if month:
        return editions(newsroom, month)
    wanted = set(months)
    # A quarter closes at most two months later.
    closing = {f"{each[:5]}{-(-int(each[5:]) // 3) * 3:02}" for each in wanted}
    return [
        edition
        for each in sorted(wanted | closing)
        for edition in editions(newsroom, each)
        if not wanted.isdisjoint(edition.months)
    ]


def faults_about(newsroom: Newsroom, path: str) -> list[Fault]:
    """Return the faults of a file: they keep it out of every issue."""
    return [fault for fault in newsroom.faults if fault.place.file == path]


def _of_tags(item: Item, edition: Edition) -> list[Reason]:
    if edition.tag in item.chapters:
        return []
    hint = f"write chapters: [{', '.join([*item.chapters, edition.tag])}]"
    reason = _reason(item, "chapters", f"is not tagged {edition.tag}", hint)
    return [Reason(place=reason.place, message=reason.message, hint=hint, is_tag=True)]


def _of_months(item: Item, edition: Edition) -> list[Reason]:
    if not set(edition.months).isdisjoint(item.months):
        return []
    stated = ", ".join(item.months)
    if len(edition.months) > 1:
        takes = f"{edition.months[0]} to {edition.months[-1]}"
        hint = f"write one of these months; the issue of a quarter takes its three: {takes}"
        return [_reason(item, "months", f"is of {stated}, and the issue takes {takes}", hint)]
    months = ", ".join(sorted({*item.months, edition.month}))
    return [_reason(item, "months", f"is of {stated}", f"write months: [{months}]")]


def _reason(item: Item, key: str, message: str, hint: str) -> Reason:
    return Reason(place=item.place(key), message=message, hint=hint)
