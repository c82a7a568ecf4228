"""Newsroom -> Issue: which items, in which order, under which words. Pure: no disk, no clock."""

from collections.abc import Mapping
from datetime import date

from msgspec.structs import replace

from newsletter.errors import ContentError, Fault
from newsletter.issue import dates, front
from newsletter.issue.addresses import calendar_of, page_of
from newsletter.issue.edition import Edition, editions_with, items_of
from newsletter.model import (
    Badge,
    Chapter,
    Config,
    FrontPage,
    Headline,
    Issue,
    Item,
    Newsroom,
    Part,
    Section,
    Settings,
    Story,
    Words,
)
from newsletter.read import values
from newsletter.read.config import fill, place_of_setting, resolve, words_of
from newsletter.read.languages import base, direction, language_of, plural, section_in, words_in
from newsletter.read.typography import typeset

# English newspapers shorten long months only (Associated Press Stylebook); other languages follow CLDR.
_SHORT_MONTHS = ["Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"]

# What an item is for is shown by badges up to this many, else said in words.
_MOST_BADGES = 3

# Texts of one line that readers see, of items and of settings.
_ITEM_TEXTS = ("title", "headline", "link_label", "image_credit", "image_caption", "source", "author", "location")
_SETTING_TEXTS = ("title", "subject", "preheader", "more", "why", "signature", "signature_role")


def assemble(newsroom: Newsroom, edition: Edition, *, is_outline: bool = False) -> Issue:
    """Return the issue; it may have no stories. In an outline these are bare items, without words for dates.

    Raises ContentError for a front page whose lead, or one of whose headlines, is an item that is not in the issue.
    """
    month, chapter, config = edition.month, edition.chapter, newsroom.config
    front_page = newsroom.front_pages.get(edition.id)
    settings = _filled(newsroom, edition, front_page)
    accent = settings.accent or config.theme.accent
    items = items_of(newsroom, edition)
    lead, headlines, first = _named(newsroom, edition, front_page, items)
    order = [*settings.sections, *(key for key in config.sections if key not in settings.sections)]
    items = sorted(
        items,
        key=lambda item: (
            order.index(item.section),
            first.index(item.path) if item.path in first else len(first),
            item.order,
            *dates.place_in_time(item, dates.zone_of(item, config)),
            item.path,
        ),
    )
    lead = lead or _lead(items, config.sections)
    parts = {key: [item for item in items if item.section == key and item is not lead] for key in order}

    words = words_in(config, settings.language)
    file = calendar_of(config.site.url, edition.id) if config.site.url else ""
    typeset_in = settings.language if settings.typography else ""
    shown = {key: typeset(getattr(settings, key), typeset_in) for key in _SETTING_TEXTS}
    settings = replace(settings, **shown)
    headlines = tuple(replace(headline, words=typeset(headline.words, typeset_in)) for headline in headlines)
    sections = {
        key: replace(said, title=typeset(said.title, typeset_in), intro=typeset(said.intro, typeset_in))
        for key, section in config.sections.items()
        for said in [section_in(config, section, settings.language)]
    }

    def story(item: Item) -> Story:
        language = language_of(item, config) or settings.language
        typeset_in = language if settings.typography else ""
        item = _typeset(item, typeset_in)
        if is_outline:
            return Story(item=item, typeset_in=typeset_in)
        if item.summary and not chapter:
            item = _short(item, newsroom)
        codes = () if chapter else tuple(code for code in item.chapters if code in config.chapters)
        zone = dates.zone_of(item, config)
        return Story(
            item=item,
            language=language,
            typeset_in=typeset_in,
            direction=direction(language),
            # What is fixed says in the item's language what belongs to it; if that has no words here, in the issue's.
            words=words_in(config, language) if base(language) else words,
            badges=tuple(_badge(newsroom, code) for code in codes) if len(codes) <= _MOST_BADGES else (),
            reach=_reach(codes, config, words, settings.language),
            zone=zone,
            event=dates.event(item, zone, language, month, file),
            deadline=dates.worded(item.deadline, zone, language, month) if item.deadline else "",
        )

    return Issue(
        id=edition.id,
        publication=edition.publication.key,
        chapter=_badge(newsroom, chapter.code, accent) if chapter else None,
        month=month,
        months=edition.months,
        period=_period(month, settings, words),
        settings=settings,
        typeset_in=typeset_in,
        organization=config.organization,
        short_name=config.short_name or config.organization,
        theme=config.theme,
        words=words,
        accent=accent,
        direction=direction(settings.language),
        front_page=front_page,
        headlines=headlines,
        lead=story(lead) if lead else None,
        lead_section=sections[lead.section] if lead else None,
        parts=tuple(Part(section=sections[key], stories=tuple(map(story, own))) for key, own in parts.items() if own),
    )


def _typeset(item: Item, language: str) -> Item:
    """Return the item with the quotation marks and dashes of a language in its texts; its words come out so later."""
    typed = {key: getattr(item, key) for key in _ITEM_TEXTS}
    changed = {key: words for key in typed if (words := typeset(typed[key], language)) != typed[key]}
    return replace(item, **changed) if changed else item


def _named(
    newsroom: Newsroom, edition: Edition, front_page: FrontPage | None, items: list[Item]
) -> tuple[Item | None, tuple[Headline, ...], list[str]]:
    """Return the lead and the headlines that the front page chooses, and the paths of the items that it puts first.

    Raises ContentError for names of what is not there.
    """
    if not front_page:
        return None, (), []
    lead = front.lead_of(front_page, items, newsroom, edition)
    headlines, faults = front.headlines_of(front_page, items, newsroom, edition)
    first, misnamed = front.order_of(front_page, items, newsroom, edition)
    faults += misnamed + front.left_out_of(front_page, newsroom, edition)
    if isinstance(lead, Fault):
        raise ContentError([lead, *faults])
    if faults:
        raise ContentError(faults)
    return lead, tuple(headlines), first


def _short(item: Item, newsroom: Newsroom) -> Item:
    """Return the short form of an item: its summary, and a link to the whole where one is known."""
    whole = _whole(item, newsroom)
    # Its own link may lead elsewhere, and its words say so: those of the other are the usual ones.
    link, label = (whole, "") if whole else (item.link, item.link_label)
    line = item.lines["summary"]
    return replace(item, body=item.summary, body_line=line, body_pictures={}, link=link, link_label=label)


def _whole(item: Item, newsroom: Newsroom) -> str:
    """Return the address of the page of the site with the issue in which the item runs whole; "" if there is none."""
    site = newsroom.config.site.url
    if not site:
        return ""
    whole = next((edition for edition in editions_with(newsroom, item) if edition.chapter), None)
    return page_of(site, whole.id, item) if whole else ""


def _filled(newsroom: Newsroom, edition: Edition, front_page: FrontPage | None) -> Settings:
    """Return the issue's settings with `{chapter}` and its kin filled in; a front page's own words stay as typed."""
    config, publication = newsroom.config, edition.publication
    stated: Mapping[str, object] = front_page.own if front_page else {}
    settings = resolve(config, publication, edition.chapter, stated)
    words = {
        **words_of(config, edition.chapter),
        "month": edition.month,
        "id": edition.id,
        "period": _period(edition.month, settings, words_in(config, settings.language)),
    }
    filled = {
        key: fill(value, words)
        for key in settings.__struct_fields__
        if key != "subject" and key not in stated
        if isinstance(value := getattr(settings, key), str) and "{" in value
    }
    for key in ("sender_address", "reply_to", "press_contact"):
        # `{chapter}` is empty in a network-wide issue.
        try:
            values.mail_address(filled.get(key, ""))
        except values.Refused as refused:
            raise ContentError(
                [
                    Fault(
                        place=place_of_setting(config, key, publication.key, words["chapter"], front_page),
                        message=f"{key} of {edition.id}: {refused.message}",
                        hint=f"state {key} under [publications.{publication.key}]",
                    )
                ]
            ) from None
    # Readers never see it: an issue for all may have none.
    contact = tuple(filter(_is_address, (fill(address, words) for address in settings.contact)))
    site = config.site
    return replace(
        settings,
        **{
            **filled,
            "contact": contact,
            "subscribe_url": filled.get("subscribe_url", settings.subscribe_url) or site.subscribe_url,
            "archive_url": filled.get("archive_url", settings.archive_url) or site.url,
        },
    )


def _is_address(typed: str) -> bool:
    try:
        return bool(values.mail_address(typed))
    except values.Refused:
        return False


def _lead(items: list[Item], sections: Mapping[str, Section]) -> Item | None:
    """Return the item that opens the issue where its front page chooses none: a `lead: true`, else the first story."""
    chosen = [item for item in items if item.is_lead]
    if chosen:
        return chosen[0]
    return items[0] if items and sections[items[0].section].look == "story" and not items[0].starts else None


def _badge(newsroom: Newsroom, code: str, accent: str = "") -> Badge:
    chapter: Chapter = newsroom.config.chapters[code]
    accent = accent or str(chapter.own.get("accent") or newsroom.config.theme.accent)
    return Badge(code=code, name=chapter.name, accent=accent)


def _reach(codes: tuple[str, ...], config: Config, words: Words, language: str) -> str:
    """Return whom an item with more than three badges is for, in words: `6 chapters`, `All chapters`."""
    if len(codes) <= _MOST_BADGES:
        return ""
    return words.all_chapters if len(codes) == len(config.chapters) else plural(words, language, "chapters", len(codes))


def _period(month: str, settings: Settings, words: Words) -> str:
    year, number = month[:4], int(month[5:])
    if settings.period == "season":
        season = (words.winter, words.spring, words.summer, words.fall)[number % 12 // 3]
        return fill(words.season, {"season": season, "year": year})
    if settings.period == "short" and settings.language.startswith("en"):
        return f"{_SHORT_MONTHS[number - 1]} {year}"
    return dates.of_month(date.fromisoformat(f"{month}-01"), settings.language, is_short=settings.period == "short")
