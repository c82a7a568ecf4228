"""Newsroom, words of a command line -> Editions: which issues are meant. Pure: no disk, no clock."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from msgspec import Struct

from newsletter.errors import CommandError, Fault, did_you_mean
from newsletter.issue.naming import named
from newsletter.model import Card, Chapter, Config, FrontPage, Item, Level, Newsroom, Publication, Remark
from newsletter.read import values
from newsletter.read.config import cadence_of, issue_named, issue_names, months_of

_WRITE_ONE = 'write one: newsletter new item "What happened" --chapter CODE'


class Edition(Struct, frozen=True, kw_only=True):
    """Which issue is meant: `name` of `month`, `state-LPMN` of `2024-09`; whether it has any items is another matter.

    `months` are those whose items it takes (none where a quarterly newsletter has no issue), `tag` is what such an
    item carries: the chapter's code, else the publication's key.
    """

    id: str
    month: str
    months: tuple[str, ...]
    publication: Publication
    chapter: Chapter | None
    tag: str
    name: str

    def is_expired(self, card: Card) -> bool:
        """Tell whether an item's `until` lies before the issue's month."""
        return _is_expired(card, self.month)


class Empty(Struct, frozen=True, kw_only=True):
    """What was asked for and has no items, with what would make it appear; a month or newsroom has no edition.

    `is_missed` where nothing else answers what was asked: the only issue of a word, the whole month. A chapter's code
    stands for its issue of several publications, and not all of them need come out.
    """

    name: str
    hint: str
    edition: Edition | None = None
    is_missed: bool = True


class Chosen(Struct, frozen=True, kw_only=True):
    """What a command line asks for. `month` is the one taken, "" in a newsroom that has none.

    `editions` have something to show: items, or a file at fault that says whom it is for. `faults` are those of files
    that the asked issues use, `others` counts the rest. `note` says which month was taken, where that may surprise, and
    `remarks` what is odd about files of these months.
    """

    month: str
    editions: tuple[Edition, ...] = ()
    empty: tuple[Empty, ...] = ()
    note: str = ""
    faults: tuple[Fault, ...] = ()
    others: int = 0
    remarks: tuple[Remark, ...] = ()

    @property
    def missed(self) -> tuple[Empty, ...]:
        """What keeps the command from ending well: asked for, and without items."""
        return tuple(empty for empty in self.empty if empty.is_missed)


def chosen(
    newsroom: Newsroom, words: Sequence[str], month: str | None, today: date, *, usual: str = "", every: bool = False
) -> Chosen:
    """Return the issues that are meant by words such as `2024-09/state-LPMN`, `state-LPMN`, `LPMN` or `network`.

    Without words, every issue of the month; with `every`, those of every month. Without a month, `usual`, which stands
    for what the user set once; without that the month of `today` if it has items, else the newest earlier one, else
    the nearest later one. Raises CommandError for a name that nothing has, for a month in which a quarterly newsletter
    has no issue, and for `every` together with words or a month.
    """
    if every and (words or month):
        given = f"'{words[0]}'" if words else f"-m {month}"
        raise CommandError(
            f"--all is every issue of every month, so it does not go with {given}", f"leave out --all, or {given}"
        )
    known = months(newsroom)
    begun = known or _begun(newsroom)
    is_dated = bool(words) and all("/" in word for word in words)
    if not (begun or month or usual or is_dated or newsroom.faults):
        for word in words:
            _names(newsroom, word)
        return Chosen(
            month="", empty=(Empty(name="this newsroom", hint=_WRITE_ONE),), remarks=_told(newsroom, newsroom.remarks)
        )
    taken = month or usual or _nearest(begun, f"{today:%Y-%m}")
    groups = [_named(newsroom, word, taken) for word in words]
    if not words:
        if not every and issue_names(newsroom.config) and not editions(newsroom, taken):
            closing = _closing(taken, "quarterly")
            if month or usual:
                told = f"no newsletter has an issue in {taken}: they come out once a quarter"
                raise CommandError(told, f"write -m {closing}")
            taken = closing
        groups = [editions(newsroom, each) for each in (begun if every else [taken])]
    asked = {edition.id: edition for group in groups for edition in group}
    scoped = [fault for fault in newsroom.faults if fault.tags and fault.months]
    full = {
        edition.id: edition
        for edition in asked.values()
        if cards_of(newsroom, edition) or any(_concerns(fault, edition) for fault in scoped)
    }
    faults = tuple(
        fault for fault in newsroom.faults if every or any(_concerns(fault, edition) for edition in asked.values())
    )
    named = [{edition.id for edition in group} for group in groups] if words else []
    missed = {issue_id for ids in named if full.keys().isdisjoint(ids) for issue_id in ids}
    empty: tuple[Empty, ...] = ()
    if words or full:
        empty = tuple(
            Empty(
                name=edition.id,
                hint=remedy(newsroom, edition),
                edition=edition,
                is_missed=edition.id in missed,
            )
            for edition in asked.values()
            # Of the issues of all months, those that somebody has begun.
            if edition.id not in full and (not every or edition.id in newsroom.front_pages)
        )
    elif not faults:
        # Else there are items, all of them at fault: that is told already.
        empty = (Empty(name="this newsroom" if every else taken, hint=_without_items(newsroom, taken, known)),)
    return Chosen(
        month=taken,
        editions=tuple(full.values()),
        empty=empty,
        note="" if month or every or is_dated else _note(known, taken),
        faults=faults,
        others=len(newsroom.faults) - len(faults),
        remarks=_remarks(newsroom, [*asked.values()], every=every),
    )


def pages_before(newsroom: Newsroom, issue_id: str, most: int = 12) -> tuple[FrontPage, ...]:
    """Return the front pages of the same issue in earlier months, the newest first; `most` of them."""
    month, _, name = issue_id.partition("/")
    earlier = [issue_id for issue_id in newsroom.front_pages if issue_id[:7] < month and issue_id[8:] == name]
    return tuple(newsroom.front_pages[issue_id] for issue_id in sorted(earlier, reverse=True)[:most])


def edition_of(newsroom: Newsroom, issue_id: str) -> Edition:
    """Return the edition of an id such as `2024-09/state-LPMN`; CommandError for one that the newsroom can't have."""
    month, _, name = issue_id.partition("/")
    try:
        pair = issue_named(newsroom.config, name)
    except KeyError:
        raise _unknown_name(newsroom, name) from None
    return _edition(newsroom.config, _known_month(month), name, *pair)


def editions(newsroom: Newsroom, month: str) -> list[Edition]:
    """Return every edition of the month, with or without items, in the order of newsletter.toml."""
    config = newsroom.config
    every = (_edition(config, month, name, *pair) for name, pair in issue_names(config).items())
    return [edition for edition in every if edition.months]


def editions_with(newsroom: Newsroom, item: Item) -> Iterator[Edition]:
    """Yield the editions that take an item, in the order of its months and of newsletter.toml."""
    for month in item.months:
        # A quarter's issue comes out in its last month.
        for closing in dict.fromkeys((month, _closing(month, "quarterly"))):
            for edition in editions(newsroom, closing):
                if edition.tag in item.chapters and month in edition.months:
                    yield edition


def months(newsroom: Newsroom) -> list[str]:
    """Return the months whose issues have items, at fault or not, oldest first; a quarter's stand in the last of it."""
    cadences: dict[str, set[str]] = {}
    for publication, chapter in issue_names(newsroom.config).values():
        tag = chapter.code if chapter else publication.key
        cadences.setdefault(tag, set()).add(cadence_of(newsroom.config, publication, chapter))
    months_with_items: set[str] = set()
    for tag, kinds in cadences.items():
        for item in newsroom.by_tag.get(tag, ()):
            if not is_waiting(item):
                closing = {_closing(month, cadence) for month in item.months for cadence in kinds}
                months_with_items |= {month for month in closing if not _is_expired(item, month)}
    for fault in newsroom.faults:
        kinds = {cadence for tag in fault.tags or () for cadence in cadences.get(tag, ())}
        months_with_items |= {
            _closing(month, cadence) for month in fault.months or () for cadence in kinds or _cadences(newsroom.config)
        }
    return sorted(months_with_items)


def items_of(newsroom: Newsroom, edition: Edition) -> list[Item]:
    """Return the items that the issue runs, in no particular order: drafts, scaffolds and expired ones are left out.

    An item is expired when its `until` lies before the issue's month; the clock has no say, so that an issue of last
    year comes out as it did.
    """
    return [newsroom.items.of(card) for card in cards_of(newsroom, edition)]


def cards_of(newsroom: Newsroom, edition: Edition, *, is_whole: bool = False) -> list[Card]:
    """Return the cards of the `items_of` an issue, for what is about their number and paths alone.

    With `is_whole`, those that its front page leaves out too.
    """
    months = set(edition.months)
    cards = [
        card
        for card in newsroom.by_tag.get(edition.tag, ())
        if not (is_waiting(card) or months.isdisjoint(card.months) or edition.is_expired(card))
    ]
    front = newsroom.front_pages.get(edition.id)
    if is_whole or not front or not front.leave_out:
        return cards
    items = [newsroom.items.of(card) for card in cards]
    left_out = {item.path for typed in front.leave_out if (item := named(typed, items))}
    return [card for card in cards if card.path not in left_out]


def is_waiting(card: Card) -> bool:
    """Tell whether no issue takes the item yet: it is a draft, or nobody has written its words."""
    return card.is_draft or card.is_untouched


def faults_of(newsroom: Newsroom, edition: Edition) -> list[Fault]:
    """Return the faults that keep the issue from being whole: those of its own items and front page."""
    return [fault for fault in newsroom.faults if _concerns(fault, edition)]


def concerning(faults: Iterable[Fault], month: str | None, tag: str | None) -> list[Fault]:
    """Return the faults of files that may hold items of a month, or with a tag (None: any)."""
    return [
        fault
        for fault in faults
        if (not month or fault.months is None or month in fault.months)
        and (not tag or fault.tags is None or tag in fault.tags)
    ]


def remedy(newsroom: Newsroom, edition: Edition) -> str:
    """Return what would make an issue without items appear."""
    month, tag = edition.month, edition.tag
    tagged = newsroom.by_tag.get(tag, ())
    here = [item for item in tagged if _is_of(item, edition)]
    if waiting := [item for item in here if is_waiting(item)]:
        return _release(waiting[0])
    if any(not edition.is_expired(item) for item in here):
        return f"take the items that shall run out of leave_out in {newsroom.front_pages[edition.id].path}"
    if here:
        return f"{here[0].path} is past its 'until'; tag another item with chapters: [{tag}] and month: {month}"
    held = sorted({month_held for item in tagged for month_held in item.months if not is_waiting(item)})
    seen = f"; its items are in {', '.join(held[-4:])}" if held else ""
    return f"tag an item with chapters: [{tag}] and month: {month}{seen}"


def _release(card: Card) -> str:
    """Return what lets an item that waits into its issues."""
    return f"take 'draft: true' out of {card.path}" if card.is_draft else f"write the words of {card.path}"


def _edition(config: Config, month: str, name: str, publication: Publication, chapter: Chapter | None) -> Edition:
    return Edition(
        id=f"{month}/{name}",
        month=month,
        months=months_of(month, cadence_of(config, publication, chapter)),
        publication=publication,
        chapter=chapter,
        tag=chapter.code if chapter else publication.key,
        name=name,
    )


def _named(newsroom: Newsroom, word: str, month: str) -> list[Edition]:
    """Return the editions that a word means, at least one."""
    stated, slash, _ = word.rpartition("/")
    names = _names(newsroom, word)
    month = _known_month(stated) if slash else month
    meant = [edition for edition in editions(newsroom, month) if edition.name in names]
    if not meant:
        raise CommandError(
            f"{names[0]} comes out once a quarter: it has no issue in {month}",
            f"its issue of that quarter is {_closing(month, 'quarterly')}/{names[0]}",
        )
    return meant


def _names(newsroom: Newsroom, word: str) -> list[str]:
    """Return the names of issues that a word means; a chapter's code stands for its issue of every publication."""
    config = newsroom.config
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}", word):
        raise CommandError(f"'{word}' is a month, not an issue", f"for every issue of the month: -m {word}")
    name = word.rpartition("/")[2]
    if name in config.chapters:
        names = [known for known, (_, chapter) in issue_names(config).items() if chapter and chapter.code == name]
        if not names:
            raise CommandError(
                f"chapter '{name}' has no newsletter",
                'no publication in newsletter.toml has scope = "chapter"',
            )
        return names
    if name in config.publications and config.publications[name].scope == "chapter":
        if names := [known for known, (publication, _) in issue_names(config).items() if publication.key == name]:
            return names
        raise CommandError(f"'{name}' has no issues", "it has one for each chapter, and newsletter.toml has no chapter")
    try:
        issue_named(config, name)
    except KeyError:
        raise _unknown_name(newsroom, name) from None
    return [name]


def _unknown_name(newsroom: Newsroom, name: str) -> CommandError:
    known = [*issue_names(newsroom.config), *newsroom.config.chapters]
    return CommandError(f"no issue is called '{name}'", did_you_mean(name, known))


def is_issue_id(typed: str) -> bool:
    """Tell whether it can be the id of an issue, `2024-09/network`, whatever newsletter.toml has today."""
    return re.fullmatch(r"[0-9]{4}-(?:0[1-9]|1[0-2])/[A-Za-z0-9][A-Za-z0-9_-]*", typed) is not None


def _known_month(typed: str) -> str:
    try:
        return values.month(typed)
    except values.Refused as refused:
        raise CommandError(refused.message, refused.hint) from None


def _begun(newsroom: Newsroom) -> list[str]:
    """Return the months of drafts and front pages, oldest first: where no issue has items yet."""
    cadences = _cadences(newsroom.config)
    drafts = {
        _closing(month, cadence) for card in newsroom.items.cards for month in card.months for cadence in cadences
    }
    return sorted(drafts | {issue_id.partition("/")[0] for issue_id in newsroom.front_pages})


def _nearest(known: Sequence[str], today: str) -> str:
    """Return the newest of the months up to today's, else the first of the later ones, else today's."""
    past = [month for month in known if month <= today]
    return past[-1] if past else known[0] if known else today


def _note(known: Sequence[str], taken: str) -> str:
    """Return a sentence where later months have items too: whoever wrote them may have expected another month."""
    later = [month for month in known if month > taken]
    if not later:
        return ""
    others = f"{later[0]} has" if len(later) == 1 else f"{later[0]} and {len(later) - 1} later months have"
    return f"this is {taken}; {others} items too: -m {later[0]}"


def _without_items(newsroom: Newsroom, month: str, known: Sequence[str]) -> str:
    """Return what would make a month appear of which no issue has items."""
    taken = {month, *(covered for edition in editions(newsroom, month) for covered in edition.months)}
    for card in newsroom.items.cards:
        if is_waiting(card) and not taken.isdisjoint(card.months):
            return _release(card)
    if not known:
        return _WRITE_ONE
    return f"the {'last ' if len(known) > 6 else ''}months with items are {', '.join(known[-6:])}"


def _cadences(config: Config) -> set[str]:
    """Return how often newsletters come out: `monthly`, `quarterly` or both."""
    pairs = issue_names(config).values()
    return {cadence_of(config, publication, chapter) for publication, chapter in pairs} or {"monthly"}


def _closing(month: str, cadence: str) -> str:
    """Return the month whose issue takes the items of a month: itself, or the last one of its quarter."""
    return month if cadence == "monthly" else f"{month[:5]}{-(-int(month[5:]) // 3) * 3:02}"


def _is_of(card: Card, edition: Edition) -> bool:
    return not set(edition.months).isdisjoint(card.months)


def _is_expired(card: Card, month: str) -> bool:
    return bool(card.until and card.until < date.fromisoformat(f"{month}-01"))


def _remarks(newsroom: Newsroom, asked: Sequence[Edition], *, every: bool) -> tuple[Remark, ...]:
    """Return what is odd about the files of these issues, items in the folder of another month among them."""
    months = {edition.month for edition in asked}
    taken = {month for edition in asked for month in edition.months}
    remarks = _told(newsroom, [*newsroom.remarks, *_misplaced(newsroom, months), *_untouched(newsroom, taken)])
    return tuple(remark for remark in remarks if every or any(_concerns(remark.fault, edition) for edition in asked))


def _told(newsroom: Newsroom, remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Return the remarks of rules that are on."""
    return tuple(remark for remark in remarks if newsroom.config.checks.get(remark.slug) != "off")


def _misplaced(newsroom: Newsroom, months: Collection[str]) -> Iterator[Remark]:
    """Yield a remark on each item of the months, by folder or front matter, that no issue of its folder takes."""
    # A quarter's issue takes items of other months than its own.
    taken: dict[str, set[str]] = {}
    for card in newsroom.items.cards:
        # issues/2024-09/items/story.md
        month = card.path[len("issues/") : len("issues/2024-09")]
        if month in card.months or is_waiting(card) or not re.match(r"issues/[0-9]{4}-(?:0[1-9]|1[0-2])/", card.path):
            continue
        if month not in months and not any(own in months for own in card.months):
            continue
        if month not in taken:
            taken[month] = {own.path for edition in editions(newsroom, month) for own in cards_of(newsroom, edition)}
        if card.path in taken[month]:
            continue
        stated = ", ".join(card.months)
        fault = Fault(
            place=newsroom.items.of(card).place("months"),
            message=f"this item lies in the folder of {month}, and its month is {stated}",
            hint=f"write month: {month}, or move it to issues/{card.months[0]}/items/",
            months=(month, *card.months),
            tags=card.chapters,
        )
        # What was meant for an earlier month was most likely copied from there; what is for a later one was put off.
        yield Remark(slug="other-month", fault=fault, level=Level.ADVICE if card.months[-1] > month else None)


def _untouched(newsroom: Newsroom, months: set[str]) -> Iterator[Remark]:
    """Yield a remark on each item of the months whose words nobody has written yet; a draft need not have any."""
    for card in newsroom.items.cards:
        if card.is_untouched and not card.is_draft and not months.isdisjoint(card.months):
            fault = Fault(
                place=newsroom.items.of(card).place("body"),
                message="the words are still those that 'newsletter new item' begins with, so no issue shows this item",
                hint="write the story in their place; where all is said above, delete them",
                months=card.months,
                tags=card.chapters,
            )
            yield Remark(slug="untouched", fault=fault)


def _concerns(fault: Fault, edition: Edition) -> bool:
    """Tell whether the file at fault is one that the issue would use, as far as it can be read."""
    is_of_month = fault.months is None or not set(edition.months).isdisjoint(fault.months)
    return is_of_month and (fault.tags is None or not {edition.name, edition.tag}.isdisjoint(fault.tags))
