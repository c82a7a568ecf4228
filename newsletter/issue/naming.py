"""What somebody calls an item on a front page -> that item, or what is wrong with the name. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from newsletter.errors import Fault, did_you_mean
from newsletter.issue.edition import Edition, cards_of, is_waiting
from newsletter.model import Card, FrontPage, Headline, Item, Newsroom

_ENDING = re.compile(r"\.(?:md|markdown)$")
# Two words that begin or end alike are as near as that; a letter left out, doubled or swapped is nearer.
_LIKE_A_FILE, _LIKE_A_TITLE = 0.85, 0.9
# A title of that many words is no coincidence.
_TELLING = 3


def named(typed: str, items: Iterable[Item]) -> Item | None:
    """Return the item of that file name (with or without .md, or the whole path), title or headline; None if none has.

    Capitals, blanks and the form of quotation marks make no difference.
    """
    items = list(items)
    if item := next((item for item in items if typed in {item.stem, item.path}), None):
        return item
    bare = _ENDING.sub("", _plain(typed))
    for item in items:
        if bare in {item.stem.casefold(), _ENDING.sub("", item.path.casefold()), f"{item.stem.casefold()}.md"}:
            return item
    return next((item for item in items if _plain(typed) in {_plain(item.headline), _plain(item.title)}), None)


def lead_of(front_page: FrontPage, items: Sequence[Item], newsroom: Newsroom, edition: Edition) -> Item | Fault | None:
    """Return the item that a front page wants to open the issue, None if it names none; a fault for one not there."""
    if not front_page.lead:
        return None
    if item := named(front_page.lead, items):
        return item
    place, message = front_page.place("lead"), f"lead '{front_page.lead}' is not an item of {front_page.issue_id}"
    if fault := _elsewhere(front_page.lead, newsroom, edition):
        return Fault(place=place, message=f"{message}: {fault[0]}", hint=fault[1])
    return Fault(place=place, message=message, hint=did_you_mean(front_page.lead, [item.stem for item in items]))


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
        is_worded = item is None or _plain(item.headline) == _plain(typed)
        headlines.append(Headline(words=typed if is_worded or not item else item.headline, item=item))
        if not item and (fault := _no_headline(typed, items, newsroom, edition)):
            message = f"headline '{typed}' is not an item of {front_page.issue_id}{fault[0]}"
            faults.append(Fault(place=front_page.place("headlines"), message=message, hint=fault[1]))
    return headlines, faults


def nearly_named(typed: str, items: Iterable[Item]) -> str:
    """Return the title or headline that words of somebody's own differ from by a letter or two; "" if none does."""
    plain = _plain(typed)
    for item in items:
        for title in (item.headline, item.title):
            if len(plain) >= 8 and _is_like(plain, _plain(title), _LIKE_A_TITLE):
                return title
    return ""


def _no_headline(typed: str, items: Sequence[Item], newsroom: Newsroom, edition: Edition) -> tuple[str, str] | None:
    """Return what is wrong with a headline that is no item's of the issue; None for words of somebody's own."""
    if fault := _elsewhere(typed, newsroom, edition):
        return f": {fault[0]}", fault[1]
    stems = [item.stem for item in items]
    is_file = bool(_ENDING.search(typed.casefold())) or typed.startswith("issues/")
    if is_file:
        return "", did_you_mean(_ENDING.sub("", typed.rpartition("/")[2]), stems)
    if re.fullmatch(r"[^\s]+[-_][^\s]+", typed):
        near = next((stem for stem in stems if _is_like(typed.casefold(), stem.casefold(), _LIKE_A_FILE)), "")
        return ("", f"did you mean '{near}'?") if near else None
    return None


def _elsewhere(typed: str, newsroom: Newsroom, edition: Edition) -> tuple[str, str] | None:
    """Return why an item of that name is not in the issue, and a hint; None if no item of the newsroom has it."""
    bare = _ENDING.sub("", typed.rpartition("/")[2]).casefold()
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
        if _plain(typed) in {_plain(item.headline), _plain(item.title)}:
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
    return f"{card.path} is past its 'until'", "name another item"


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0].casefold()


def _is_like(typed: str, name: str, ratio: float) -> bool:
    # Two lengths that differ by more can't be so alike.
    if 2 * min(len(typed), len(name)) < ratio * (len(typed) + len(name)):
        return False
    return SequenceMatcher(None, typed, name, autojunk=False).ratio() >= ratio


def _plain(words: str) -> str:
    words = unicodedata.normalize("NFKC", words).casefold().translate({ord("’"): "'", ord("“"): '"', ord("”"): '"'})
    return " ".join(words.split()).rstrip(".!")
