"""Sheets -> files: every page of the site by its path, `2024-09/state-LPMN/index.html`, with what lies beside it.

Pages lead to each other by relative addresses, wherever the site lies; only 404.html, which a server shows at any
address, has absolute ones. They hold no script, and the browser is told to run none.
"""

import html
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from newsletter.deliver.calendar import EVENTS, collected
from newsletter.errors import ContentError, Fault
from newsletter.issue.addresses import page_of
from newsletter.issue.dates import of_day
from newsletter.issue.venue import Venue
from newsletter.look import colours
from newsletter.look.active import active
from newsletter.model import Config, Words
from newsletter.read.languages import direction, section_in, words_in
from newsletter.site.sheets import Entry, Mark, Sheet, Shown, hue

if TYPE_CHECKING:
    from newsletter.look.templates import Look

# How many the first page names of each kind; their own pages have them all.
_LATEST, _NEWS = 60, 24
STYLES = "assets/site.css"
ICON = "assets/icon.svg"
# Nothing here connects to anything; Lighthouse asks for robots.txt from within a page, and is to get its answer.
_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
)
# Stands in the head of a page for what browsers act upon, until it is known that nothing else in it would run.
_HEAD = "\x00head\x00"


class Row(Struct, frozen=True, kw_only=True):
    """What a list says of an issue or of a story: where it is read, from the site's first page; `entry` of a story."""

    title: str
    href: str
    day: str
    plain: str
    language: str
    direction: str
    hue: str
    kind: str
    source: str = ""
    picture: Shown | None = None
    folder: str = ""
    mark: Mark | None = None
    sheet: Sheet | None = None
    entry: Entry | None = None

    @property
    def is_outside(self) -> bool:
        """Whether it is read elsewhere."""
        return self.href.startswith(("https://", "http://"))


class Site(Struct, frozen=True, kw_only=True):
    """All that the pages are made from: the sheets, the newest first, and the ids of issues that were withdrawn."""

    config: Config
    sheets: tuple[Sheet, ...]
    withdrawn: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The address of the site without a slash at its end; "" if nobody knows it."""
        return self.config.site.url.rstrip("/")

    @property
    def language(self) -> str:
        """The organization's."""
        return str(self.config.own.get("language", "en"))

    @property
    def title(self) -> str:
        """What the first page is called."""
        return self.config.site.title or self.config.organization

    @property
    def words(self) -> Words:
        """The fixed words in the organization's language."""
        return words_in(self.config, self.language)


class Listing(Struct, frozen=True, kw_only=True):
    """A page that lists: the issues of a publication or a chapter, all press coverage, all press releases.

    `chapter` is the code of a chapter's, else ""; `events` are the chapter's, as calendars take them.
    """

    folder: str
    title: str
    intro: str
    rows: tuple[Row, ...]
    accent: str
    chapter: str = ""
    events: tuple[str, ...] = ()


def in_order(sheets: Iterable[Sheet], config: Config) -> tuple[Sheet, ...]:
    """Return the sheets, the newest first; of one day, in the order of newsletter.toml."""
    order = [*config.publications]
    codes = [*config.chapters]

    def place(sheet: Sheet) -> tuple[int, int, str]:
        code = code_of(sheet, config)
        at = order.index(sheet.publication) if sheet.publication in order else len(order)
        return at, codes.index(code) if code in codes else -1, sheet.id

    return tuple(sorted(sorted(sheets, key=place), key=lambda sheet: (sheet.day, sheet.id[:7]), reverse=True))


def code_of(sheet: Sheet, config: Config) -> str:
    """Return the chapter of an issue by its code of today; "" of one for all."""
    return now_called(sheet.chapter.code, config) if sheet.chapter else ""


def now_called(code: str, config: Config) -> str:
    """Return what a chapter's code is today."""
    return next((new for new, chapter in config.chapters.items() if code in chapter.moved_from), code)


def latest(site: Site) -> list[Row]:
    """Return the issues and the posts, each once, the newest first."""
    rows = [_of_issue(sheet) for sheet in site.sheets]
    return _pictured_once(_by_day([*rows, *_of_stories(site, site.config.site.posts, inside=True)]))


def coverage(site: Site, section: str) -> list[Row]:
    """Return the stories of a section, each once, the newest first."""
    return _by_day(_of_stories(site, (section,), inside=False)) if section else []


def listings(site: Site) -> list[Listing]:
    """Return every page that lists: publications, chapters, press coverage, press releases."""
    config = site.config
    pages: list[Listing] = []
    # What newsletter.toml has no more stands below: its pages were published.
    of_key: dict[str, list[Sheet]] = {key: [] for key in config.publications}
    of_code: dict[str, list[Sheet]] = {code: [] for code in config.chapters}
    for sheet in site.sheets:
        of_key.setdefault(sheet.publication, []).append(sheet)
        if sheet.chapter:
            of_code.setdefault(code_of(sheet, config), []).append(sheet)
    events = events_of(site)
    for key, sheets in of_key.items():
        if sheets:
            own = config.publications[key].own if key in config.publications else {}
            title = _title(own.get("title"), key, config) if own else sheets[0].title
            accent = str(own.get("accent") or config.theme.accent) if own else sheets[0].accent
            pages.append(Listing(folder=key, title=title, intro="", rows=tuple(map(_of_issue, sheets)), accent=accent))
    taken = {name.lower() for name in (*config.publications, *(page.folder for page in pages))}
    for code, sheets in of_code.items():
        if sheets and code.lower() not in taken:
            taken.add(code.lower())
            chapter, mark = config.chapters.get(code), sheets[0].chapter
            assert mark
            pages.append(
                Listing(
                    folder=code,
                    title=chapter.name if chapter else mark.name,
                    intro="",
                    rows=tuple(map(_of_issue, sheets)),
                    accent=str(chapter.own.get("accent") or config.theme.accent) if chapter else sheets[0].accent,
                    chapter=code,
                    events=tuple(events.get(code, ())),
                )
            )
    for folder, key in (("news", config.site.news), ("press", config.site.press)):
        if rows := tuple(coverage(site, key)):
            section = section_in(config, config.sections[key], site.language)
            pages.append(
                Listing(folder=folder, title=section.title, intro=section.intro, rows=rows, accent=config.theme.accent)
            )
    return pages


def emptied(site: Site) -> list[str]:
    """Return the folders of pages that may have listed a withdrawn issue or its stories, and have nothing to list now.

    What they said goes with the issue, and their addresses stay.
    """
    config = site.config
    coverage = {"news": config.site.news, "press": config.site.press}
    folders = {folder for folder, section in coverage.items() if section and site.withdrawn}
    for issue_id in site.withdrawn:
        name = issue_id.partition("/")[2]
        for key in config.publications:
            code = now_called(name.removeprefix(f"{key}-"), config)
            if name == key or (name != code and code in config.chapters):
                folders |= {key} if name == key else {key, code}
    return sorted(folders - {page.folder for page in listings(site)})


def events_of(site: Site) -> dict[str, list[str]]:
    """Return the events of every issue under "", and of each chapter, as calendars take them, each once."""
    every: dict[str, dict[str, str]] = {"": {}}
    for sheet in site.sheets:
        own = code_of(sheet, site.config)
        for entry in sheet.entries if sheet.vevents else ():
            if vevent := sheet.vevents.get(entry.key):
                for code in ("", own, *(now_called(tag, site.config) for tag in entry.chapters)):
                    every.setdefault(code, {}).setdefault(entry.key, vevent)
    return {code: [events[key] for key in sorted(events)] for code, events in every.items()}


def files_of(site: Site, look: "Look") -> dict[str, bytes]:
    """Return every file but the feeds, by its path. Raises ContentError for a template that fails."""
    files: dict[str, bytes] = {}
    writer = _Writer(site, look)
    files["index.html"] = writer.page("index", "", site.title, _index(site, writer))
    series: dict[str, list[Sheet]] = {}
    for sheet in site.sheets:
        series.setdefault(_series(sheet, site.config), []).append(sheet)
    for sheet in site.sheets:
        own = series[_series(sheet, site.config)]
        at = own.index(sheet)
        newer, older = own[at - 1] if at else None, own[at + 1] if at + 1 < len(own) else None
        files[f"{sheet.id}/index.html"] = writer.issue(sheet, older, newer)
        files |= {f"{sheet.id}/{name}": content for name, content in sheet.pictures.items()}
        if sheet.vevents:
            files[f"{sheet.id}/{EVENTS}"] = collected(sheet.title, sheet.vevents.values())
    for listing in writer.listed:
        files[f"{listing.folder}/index.html"] = writer.listing(listing)
        if listing.events:
            files[f"{listing.folder}/calendar.ics"] = collected(listing.title, listing.events)
    files["calendar.ics"] = collected(site.title, events_of(site)[""])
    for code, chapter in site.config.chapters.items():
        if f"{code}/index.html" in files:
            for former in chapter.moved_from:
                files[f"{former}/index.html"] = writer.moved(former, code, chapter.name)
                if calendar := files.get(f"{code}/calendar.ics"):
                    # Whoever subscribed to it once is not asked again.
                    files[f"{former}/calendar.ics"] = calendar
    for folder in (*site.withdrawn, *emptied(site)):
        files[f"{folder}/index.html"] = writer.note(f"{folder}/", site.words.withdrawn)
    if site.url:
        files["404.html"] = writer.note("", site.words.not_found, is_anywhere=True)
    files[STYLES] = writer.styles().encode()
    files[ICON] = writer.icon().encode()
    return files


def folders_of(site: Site) -> set[str]:
    """Return the folders of the pages of issues and of those that list: `2024-09/state-LPMN`, `LPMN`, `news`."""
    folders = {page.folder for page in listings(site)}
    moved = {
        former for code, chapter in site.config.chapters.items() if code in folders for former in chapter.moved_from
    }
    return folders | moved | {sheet.id for sheet in site.sheets}


def _series(sheet: Sheet, config: Config) -> str:
    return f"{sheet.publication}-{code_of(sheet, config)}"


def _title(stated: object, key: str, config: Config) -> str:
    """Return what a publication is called; one of the chapters' stands here without any of them."""
    words = {"organization": config.organization, "short_name": config.short_name or config.organization}
    title = str(stated or key)
    for name in ("chapter", "chapter_name", "period", "month", "id"):
        title = title.replace(f"{{{name}}}", "")
    for name, value in words.items():
        title = title.replace(f"{{{name}}}", value)
    return " ".join(title.split()) or key


def _by_day(rows: Iterable[Row]) -> list[Row]:
    # Sorting keeps the order of what is of one day.
    return sorted(rows, key=lambda row: row.day, reverse=True)


def _pictured_once(rows: Iterable[Row]) -> list[Row]:
    """Return the rows, none with a picture that the list has shown: an issue shows another one of its own, if any."""
    shown: set[str] = set()
    once = []
    for row in rows:
        assert row.sheet
        own = (row.entry,) if row.entry else row.sheet.entries
        pictured = next((entry for entry in own if entry.picture and entry.key not in shown), None)
        shown |= {pictured.key} if pictured else set()
        once.append(replace(row, picture=pictured.picture if pictured else None))
    return once


def _of_issue(sheet: Sheet) -> Row:
    return Row(
        title=sheet.subject,
        href=f"{sheet.id}/",
        day=sheet.day,
        plain=sheet.greeting_plain or sheet.description,
        language=sheet.language,
        direction=sheet.direction,
        hue=sheet.hue,
        kind=sheet.title,
        picture=next((entry.picture for entry in sheet.entries if entry.picture), None),
        folder=f"{sheet.id}/",
        mark=sheet.chapter,
        sheet=sheet,
    )


def _of_stories(site: Site, sections: Sequence[str], *, inside: bool) -> Iterator[Row]:
    """Yield the stories of some sections, each once: where it runs whole, in the first issue that had it.

    Two files with one title and one link are one story: a chapter may have copied another's.
    """
    chosen: dict[str, tuple[Sheet, Entry]] = {}
    same: dict[tuple[str, str], str] = {}
    for sheet in reversed(site.sheets):
        for entry in sheet.entries:
            if entry.section in sections:
                key = entry.key
                if key not in chosen and entry.link:
                    key = same.setdefault((entry.title, entry.link), key)
                known = chosen.get(key)
                if not known or (known[1].is_short and not entry.is_short):
                    chosen[key] = sheet, entry
    for sheet, entry in chosen.values():
        here = f"{sheet.id}/#{entry.anchor}"
        section = site.config.sections.get(entry.section)
        yield Row(
            title=entry.title,
            href=here if inside or not entry.link else entry.link,
            day=entry.day,
            plain=entry.plain,
            language=entry.language or sheet.language,
            direction=entry.direction or sheet.direction,
            hue=hue(site.config.theme.accent),
            kind=section_in(site.config, section, site.language).title if section else "",
            source=entry.source,
            picture=entry.picture,
            folder=f"{sheet.id}/",
            sheet=sheet,
            entry=entry,
        )


def _index(site: Site, writer: "_Writer") -> dict[str, Any]:
    config = site.config
    rows = latest(site)
    news, press = coverage(site, config.site.news), coverage(site, config.site.press)
    return {
        "rows": writer.shown(rows[:_LATEST]),
        "news": writer.shown(news[:_NEWS]),
        "press": writer.shown(press[:_NEWS]),
        "has_more_news": len(news) > _NEWS,
        "has_more_press": len(press) > _NEWS,
        "description": f"{site.title}. {config.organization}.",
    }


class _Writer:
    """Writes pages of one site by its templates."""

    def __init__(self, site: Site, look: "Look") -> None:
        self.site, self.look = site, look
        self.listed = listings(site)
        config, own = site.config, site.config.own
        titles = {page.folder: page.title for page in self.listed}
        intros = {page.folder: page.intro for page in self.listed}
        social: Any = own.get("social") or ()
        self.common = {
            "title": site.title,
            "organization": config.organization,
            "short_name": config.short_name or config.organization,
            "website": str(own.get("website", "")),
            "website_name": _website_name(config.organization, own),
            "url": site.url,
            "subscribe_url": config.site.subscribe_url or str(own.get("subscribe_url", "")),
            "press_contact": str(own.get("press_contact", "")),
            "postal_address": str(own.get("postal_address", "")),
            "social": [{"label": label, "link": link} for label, link in social],
            "news": titles.get("news", ""),
            "news_intro": intros.get("news", ""),
            "press": titles.get("press", ""),
            "press_intro": intros.get("press", ""),
            "publications": [
                {"folder": page.folder, "title": page.title, "hue": hue(page.accent)}
                for page in self.listed
                if page.folder in config.publications
            ],
            "chapters": [
                {"folder": page.folder, "title": page.title, "hue": hue(page.accent)}
                for page in self.listed
                if page.folder in config.chapters
            ],
            "theme": colours.in_theme(config.theme, config.theme.accent),
            "policy": _POLICY,
            "styles": STYLES,
            "icon": ICON,
        }

    def issue(self, sheet: Sheet, older: Sheet | None, newer: Sheet | None) -> bytes:
        """Return the page of an issue."""
        image = next((entry.picture.file for entry in sheet.entries if entry.picture), sheet.card)
        code = code_of(sheet, self.site.config)
        home = code if sheet.chapter else sheet.publication
        folders = {page.folder for page in self.listed}
        return self.page(
            "issue",
            f"{sheet.id}/",
            sheet.subject,
            {
                "sheet": sheet,
                "date": of_day(date.fromisoformat(sheet.day), sheet.language) if sheet.is_sent else "",
                "groups": [self.group(group, sheet) for group in sheet.groups],
                "greeting": self.inner(sheet.greeting, sheet),
                "older": {"href": f"{older.id}/", "title": older.subject} if older else None,
                "newer": {"href": f"{newer.id}/", "title": newer.subject} if newer else None,
                "home": home if home in folders else "",
                "description": sheet.description,
                "has_events": bool(sheet.vevents),
            },
            language=sheet.language,
            accent=sheet.accent,
            kind="article",
            image=f"{sheet.id}/{image}" if image else "",
            feed=f"{home}/feed.xml" if home in folders else "feed.xml",
            feed_title=sheet.title,
            data=self.data(sheet, image) if self.site.url else None,
        )

    def group(self, group: Any, sheet: Sheet) -> dict[str, Any]:
        """Return a section of an issue as templates have it: its words are HTML."""
        entries = [
            {
                **{key: getattr(entry, key) for key in entry.__struct_fields__},
                "words": self.inner(entry.words, sheet),
                "link": self.near(entry.link, sheet),
                "href": self.near(entry.link, sheet) or (entry.event.rsvp if entry.event else ""),
                "calendars": [{"label": label, "link": link} for label, link in entry.event.calendars]
                if entry.event
                else [],
            }
            for entry in group.entries
        ]
        return {**{key: getattr(group, key) for key in group.__struct_fields__}, "entries": entries}

    def near(self, address: str, sheet: Sheet) -> str:
        """Return an address of the site's own as it is from the page of an issue."""
        if self.site.url and address.startswith(f"{self.site.url}/"):
            return f"../../{address.removeprefix(f'{self.site.url}/')}"
        return address

    def inner(self, words: str, sheet: Sheet) -> Markup:
        """Return words of an issue, with addresses of the site's own as they are from there."""
        if self.site.url:
            words = words.replace(f'href="{html.escape(self.site.url)}/', 'href="../../')
        return Markup(words)  # noqa: S704 - made by prose, which lets nothing through that could run

    def listing(self, listing: Listing) -> bytes:
        """Return a page that lists."""
        others = {"news", "press"}
        return self.page(
            "list",
            f"{listing.folder}/",
            listing.title,
            {
                "rows": self.shown(listing.rows),
                "intro": listing.intro,
                "chapter": listing.chapter,
                "has_calendar": bool(listing.events),
                "is_compact": listing.folder in others,
                "description": f"{listing.title} – {self.site.config.organization}",
            },
            accent=listing.accent,
            feed=f"{listing.folder}/feed.xml",
            feed_title=listing.title,
        )

    def moved(self, former: str, code: str, name: str) -> bytes:
        """Return the page that leads from a chapter's former code to its page."""
        return self.page(
            "note",
            f"{former}/",
            self.site.words.moved,
            {"forward": f"../{code}/", "name": name, "description": "", "is_hidden": True},
        )

    def note(self, path: str, words: str, *, is_anywhere: bool = False) -> bytes:
        """Return a page that says one sentence: why there is nothing else."""
        values = {"forward": "", "name": "", "description": "", "is_hidden": True}
        return self.page("note", path, words, values, is_anywhere=is_anywhere)

    def shown(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        """Return rows as templates have them."""
        return [
            {
                **{key: getattr(row, key) for key in row.__struct_fields__ if key not in {"sheet", "entry"}},
                "date": self.date(row),
                "is_outside": row.is_outside,
                "is_issue": row.entry is None,
            }
            for row in rows
        ]

    def date(self, row: Row) -> str:
        """Return the day of a row in words; "" where only the month is known."""
        assert row.sheet
        is_known = row.sheet.is_sent or (row.entry is not None and row.day != row.sheet.day)
        return of_day(date.fromisoformat(row.day), self.site.language) if is_known else ""

    def page(
        self,
        template: str,
        path: str,
        title: str,
        values: Mapping[str, Any],
        *,
        language: str = "",
        accent: str = "",
        kind: str = "website",
        image: str = "",
        feed: str = "feed.xml",
        feed_title: str = "",
        data: Mapping[str, Any] | None = None,
        is_anywhere: bool = False,
    ) -> bytes:
        """Return a page; `path` is its folder from the first page, `is_anywhere` where a server shows it at any."""
        site = self.site
        language = language or site.language
        is_hidden = bool(values.get("is_hidden"))
        name = f"site/{template}.html.j2"
        page = {
            "title": title,
            "path": path,
            "up": f"{site.url}/" if is_anywhere else "../" * path.count("/"),
            "language": Markup(language),  # noqa: S704 - checked: letters and hyphens
            "direction": direction(language),
            "hue": hue(accent or site.config.theme.accent),
            "kind": kind,
            "canonical": f"{site.url}/{path}" if site.url and not is_hidden else "",
            "image": f"{site.url}/{image}" if site.url and image else "",
            "feed": feed if site.url else "",
            "feed_title": feed_title or site.title,
            "head": Markup(_HEAD),  # noqa: S704 - a mark of ours
            "is_hidden": is_hidden,
        }
        words = words_in(site.config, language)
        markup = self.look.page(
            name, {**values, "page": page, "site": self.common, "words": words, "colon": words.colon.rstrip()}
        )
        if script := active(markup):
            message = f"the templates write '{script}', and nothing in a page may run"
            raise ContentError([Fault(place=self.look.place_of(script, name), message=message, hint="take it out")])
        return markup.replace(_HEAD, _embedded(data) + _forward(values.get("forward", ""))).encode()

    def data(self, sheet: Sheet, image: str) -> dict[str, Any]:
        """Return what search engines read of an issue (schema.org: NewsArticle, Event)."""
        site, config = self.site, self.site.config
        organization: dict[str, Any] = {"@type": "Organization", "name": config.organization}
        if website := self.common["website"]:
            organization["url"] = website
        address = page_of(site.url, sheet.id)
        article: dict[str, Any] = {
            "@type": "NewsArticle",
            "headline": sheet.subject,
            "description": sheet.description,
            "inLanguage": sheet.language,
            "url": address,
            "mainEntityOfPage": address,
            "author": organization,
            "publisher": organization,
        }
        if sheet.is_sent:
            article["datePublished"] = sheet.day
        if image:
            article["image"] = [f"{address}{image}"]
        graph = [article]
        for entry in sheet.entries:
            if event := entry.event:
                stated: dict[str, Any] = {
                    "@type": "Event",
                    "name": entry.title,
                    "startDate": event.starts,
                    "url": f"{address}#{entry.anchor}",
                    "description": entry.plain,
                    "organizer": organization,
                    "eventStatus": "https://schema.org/EventScheduled",
                }
                if event.ends:
                    stated["endDate"] = event.ends
                if event.location:
                    stated |= _where(event.venue, event.rsvp or entry.link)
                if entry.picture:
                    stated["image"] = [f"{address}{entry.picture.file}"]
                graph.append(stated)
        return {"@context": "https://schema.org", "@graph": graph}

    def styles(self) -> str:
        """Return the style sheet, with the colours of every accent that a page has or may have kept."""
        site, theme = self.site, self.site.config.theme
        accents = {theme.accent, *(page.accent for page in self.listed)}
        # A page that nothing makes any more stays, and asks this style sheet.
        stated = [publication.own for publication in site.config.publications.values()]
        stated += [chapter.own for chapter in site.config.chapters.values()]
        accents |= {str(own["accent"]) for own in stated if own.get("accent")}
        accents |= {accent for sheet in site.sheets for _, accent in sheet.hues}
        hues = [{"name": hue(accent), **colours.in_theme(theme, accent)} for accent in sorted(accents)]
        for dressed in hues:
            dressed["mark_dark"] = colours.legible(dressed["accent"], theme.dark_paper)
            dressed["mark_dark_on"] = colours.text_on(dressed["mark_dark"])
        values = {"theme": self.common["theme"], "hues": hues}
        return self.look.text("site/site.css", values)

    def icon(self) -> str:
        """Return what stands in a browser's tab: the organization's first letter on its accent."""
        accent = self.site.config.theme.accent
        letter = html.escape((self.site.config.short_name or self.site.config.organization)[:1])
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
            f'<rect width="32" height="32" rx="6" fill="{accent}"/><text x="16" y="23" font-family="Georgia, serif" '
            f'font-size="20" font-weight="bold" text-anchor="middle" fill="{colours.text_on(accent)}">{letter}</text>'
            "</svg>\n"
        )


def _where(venue: Venue, link: str) -> dict[str, Any]:
    """Return what search engines read of where an event is; one joins at the location's address, else at the link."""
    place = {"@type": "Place", "name": venue.place, "address": venue.place}
    if not venue.is_online:
        return {"eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode", "location": place}
    online = {"@type": "VirtualLocation"}
    if address := venue.address or link:
        online["url"] = address
    if venue.place:
        return {"eventAttendanceMode": "https://schema.org/MixedEventAttendanceMode", "location": [place, online]}
    return {"eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode", "location": online}


def _website_name(organization: str, own: Mapping[str, Any]) -> str:
    """Return what leads to the organization's own site: its name, or the host where its address says the name."""
    if str(own.get("postal_address", "")).startswith(organization):
        return urlsplit(str(own.get("website", ""))).netloc or organization
    return organization


def _embedded(data: Mapping[str, Any] | None) -> str:
    """Return structured data as a page holds it: nothing in it can end it, and it is no script that would run."""
    if not data:
        return ""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/ld+json">{written}</script>'


def _forward(address: str) -> str:
    return f'<meta http-equiv="refresh" content="0; url={html.escape(address)}">' if address else ""
