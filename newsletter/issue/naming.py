"""What somebody calls an item -> that item. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

from newsletter.model import Item

ENDING = re.compile(r"\.(?:md|markdown)$")
# Two words that begin or end alike are as near as that; a letter left out, doubled or swapped is nearer.
_LIKE_A_TITLE = 0.9


def named(typed: str, items: Iterable[Item]) -> Item | None:
    """Return the item of that file name (with or without .md, or the whole path), title or headline; None if none has.

    Capitals, blanks and the form of quotation marks make no difference.
    """
    items = list(items)
    if item := next((item for item in items if typed in {item.stem, item.path}), None):
        return item
    bare = ENDING.sub("", plain(typed))
    for item in items:
        if bare in {item.stem.casefold(), ENDING.sub("", item.path.casefold()), f"{item.stem.casefold()}.md"}:
            return item
    return next((item for item in items if plain(typed) in {plain(item.headline), plain(item.title)}), None)


def nearly_named(typed: str, items: Iterable[Item]) -> str:
    """Return the title or headline that words of somebody's own differ from by a letter or two; "" if none does."""
    folded = plain(typed)
    for item in items:
        for title in (item.headline, item.title):
            if len(folded) >= 8 and is_like(folded, plain(title), _LIKE_A_TITLE):
                return title
    return ""


def is_like(typed: str, name: str, ratio: float) -> bool:
    """Tell whether two names differ by a letter or two: `ratio` is the part that they must share."""
    # Two lengths that differ by more can't be so alike.
    if 2 * min(len(typed), len(name)) < ratio * (len(typed) + len(name)):
        return False
    return SequenceMatcher(None, typed, name, autojunk=False).ratio() >= ratio


def plain(words: str) -> str:
    """Return words without what makes no difference to a name: capitals, blanks, the form of quotation marks."""
    words = unicodedata.normalize("NFKC", words).casefold().translate({ord("’"): "'", ord("“"): '"', ord("”"): '"'})
    return " ".join(words.split()).rstrip(".!")
