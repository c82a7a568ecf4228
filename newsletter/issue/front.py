"""Front page -> the items that it names, or what is wrong with a name. Pure."""

import re
from collections.abc import Iterable, Sequence

from newsletter.errors import Fault, did_you_mean
from newsletter.issue.edition import Edition, cards_of, is_waiting
from newsletter.issue.naming import ENDING, is_like, named, plain
from newsletter.model import Card, FrontPage, Headline, Item, Newsroom

_LIKE_A_FILE = 0.85
# A title of that many words is no coincidence.
_TELLING = 3


def lead_of(front_page: FrontPage, items: Sequence[Item], newsroom: Newsroom, edition: Edition) -> Item | Fault | None:
    """Return the item that a front page wants to open the issue, None if it names none; a fault for one not there."""
    if not front_page.lead:
        return None
    return named(front_page.lead, items) or _not_here("lead", front_page.lead, front_page, items, newsroom, edition)


def order_of(
    front_page: FrontPage, items: Sequence[Item], newsroom: Newsroom, edition: Edition
) -> tuple[list[str], list[Fault]]:
    """Return the paths of the items that a front page puts first, and a fault for each name of none of the issue."""
    paths = []
    faults = []
    for typed in front_page.order:
        if item := named(typed, items):
            paths.append(item.path)
        else:
            faults.append(_not_here("order", typed, front_page, items, newsroom, edition))
    return list(dict.fromkeys(paths)), faults


def left_out_of(front_page: FrontPage, newsroom: Newsroom, edition: Edition) -> list[Fault]:
    """Return a fault for each item that a front page leaves out of an issue which would not take it anyway."""
    items = [newsroom.items.of(card) for card in cards_of(newsroom, edition, is_whole=True)]
    return [
        _not_here("leave_out", typed, front_page, items, newsroom, edition)
        for typed in front_page.leave_out
        if not named(typed, items)
    ]


def headlines_of(
    front_page: FrontPage, items: Sequence[Item], newsroom: Newsroom, edition: Edition
) -> tuple[list[Headline], list[Fault]]:
    """Return the front page's headlines, and a fault for each that names an item which is not in the issue.

    An item's own headline stays as the front page has it: its capitals may be meant.
    """
    headlines = []
    faults = []
    for typed in front_page.headlines:
        item = named(typed, items)
        is_worded = item is None or plain(item.headline) == plain(typed)
        headlines.append(Headline(words=typed if is_worded or not item else item.headline, item=item))
        if not item and (fault := _no_headline(typed, items, newsroom, edition)):
            message = f"headline '{typed}' is not an item of {front_page.issue_id}{fault[0]}"
            faults.append(Fault(place=front_page.place("headlines"), message=message, hint=fault[1]))
    return headlines, faults


def _not_here(
    key: str, typed: str, front_page: FrontPage, items: Sequence[Item], newsroom: Newsroom, edition: Edition
) -> Fault:
    place, message = front_page.place(key), f"{key} '{typed}' is not an item of {front_page.issue_id}"
    whole = [newsroom.items.of(card) for card in cards_of(newsroom, edition, is_whole=True)]
    if item := named(typed, whole):
        reason, hint = _reason(item, edition)
        return Fault(place=place, message=f"{message}: {reason}", hint=hint)
    if fault := _elsewhere(typed, newsroom, edition):
        return Fault(place=place, message=f"{message}: {fault[0]}", hint=fault[1])
    return Fault(place=place, message=message, hint=did_you_mean(typed, [item.stem for item in items]))


def _no_headline(typed: str, items: Sequence[Item], newsroom: Newsroom, edition: Edition) -> tuple[str, str] | None:
    """Return what is wrong with a headline that is no item's of the issue; None for words of somebody's own."""
    if fault := _elsewhere(typed, newsroom, edition):
        return f": {fault[0]}", fault[1]
    stems = [item.stem for item in items]
    is_file = bool(ENDING.search(typed.casefold())) or typed.startswith("issues/")
    if is_file:
        return "", did_you_mean(ENDING.sub("", typed.rpartition("/")[2]), stems)
    if re.fullmatch(r"[^\s]+[-_][^\s]+", typed):
        near = next((stem for stem in stems if is_like(typed.casefold(), stem.casefold(), _LIKE_A_FILE)), "")
        return ("", f"did you mean '{near}'?") if near else None
    return None


def _elsewhere(typed: str, newsroom: Newsroom, edition: Edition) -> tuple[str, str] | None:
    """Return why an item of that name is not in the issue, and a hint; None if no item of the newsroom has it."""
    bare = ENDING.sub("", typed.rpartition("/")[2]).casefold()
    here = {card.path for card in cards_of(newsroom, edition)}
    others = [card for card in newsroom.items.cards if card.path not in here]
    # A single word may be anybody's own: what looks like a file's name, and is one, is meant as such.
    if re.search(r"[-_.]", typed) and " " not in typed:
        card = next((card for card in _nearest_first(others, edition) if _stem(card.path) == bare), None)
        return _reason(card, edition) if card else None
    for card in others:
        is_late = is_waiting(card) and edition.tag in card.chapters
        if set(edition.months).isdisjoint(card.months) or not (is_late or len(typed.split()) >= _TELLING):
            continue
        item = newsroom.items.of(card)
        if plain(typed) in {plain(item.headline), plain(item.title)}:
            return _reason(card, edition)
    return None


def _nearest_first(cards: Iterable[Card], edition: Edition) -> list[Card]:
    """Return the cards with those first that want least to be in the issue."""
    return sorted(cards, key=lambda card: (edition.month not in card.months, edition.tag not in card.chapters))


def _reason(card: Card, edition: Edition) -> tuple[str, str]:
    if edition.tag not in card.chapters:
        return f"{card.path} is not tagged {edition.tag}", f"add {edition.tag} to its chapters, or name another item"
    if set(edition.months).isdisjoint(card.months):
        months = ", ".join(card.months)
        return f"{card.path} is of {months}", f"add {edition.month} to its months, or name another item"
    if card.is_draft:
        return f"{card.path} is a draft", "take 'draft: true' out of it, or name another item"
    if card.is_untouched:
        return f"nobody has written the words of {card.path} yet", "write them, or name another item"
    if not edition.is_expired(card):
        return f"{card.path} is left out of the issue", "take it out of leave_out, or name another item"
    return f"{card.path} is past its 'until'", "name another item"


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0].casefold()
