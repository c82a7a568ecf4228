"""Newsroom, edition -> what its readers were told in the months before: as it was sent, else as it would be built."""

from collections.abc import Iterator, Mapping
from typing import Any

from newsletter.deliver import folder as folders
from newsletter.deliver.kept import FOLDER
from newsletter.errors import NewsletterError
from newsletter.issue.edition import Edition, edition_of, items_of
from newsletter.model import Item, Newsroom

# How far back readers remember.
_MONTHS = 12


def told_before(newsroom: Newsroom, edition: Edition) -> Iterator[tuple[str, tuple[Item, ...]]]:
    """Yield the ids of the same issue in the twelve months before, the newest first, with the items that it ran."""
    for month in _months_before(edition.month):
        earlier = edition_of(newsroom, f"{month}/{edition.name}")
        sent = folders.manifest(newsroom.root / FOLDER / earlier.id)
        items = _sent(newsroom, earlier, sent) if sent else items_of(newsroom, earlier) if earlier.months else []
        if items:
            yield earlier.id, tuple(items)


def _sent(newsroom: Newsroom, edition: Edition, manifest: Mapping[str, Any]) -> list[Item]:
    """Return the items of an issue that was sent: those of the newsroom that are as they were, else the copies kept."""
    known = {card.path: card for card in newsroom.by_tag.get(edition.tag, ())}
    digests = {str(page["path"]): str(page["sha256"]) for page in manifest.get("items", ())}
    items = {path: newsroom.items.of(known[path]) for path in digests if path in known}
    if all(path in items and items[path].digest == digest for path, digest in digests.items()):
        return list(items.values())
    from newsletter.read.load import load

    # A newsroom of its own, with the files as they were.
    try:
        copy = load(newsroom.root / FOLDER / edition.id)
        return items_of(copy, edition_of(copy, edition.id))
    except NewsletterError:
        return list(items.values())


def _months_before(month: str) -> Iterator[str]:
    number = int(month[:4]) * 12 + int(month[5:]) - 1
    for before in range(number - 1, number - 1 - _MONTHS, -1):
        yield f"{before // 12:04}-{before % 12 + 1:02}"
