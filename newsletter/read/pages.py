"""Bytes of one Markdown file -> its item or front page, and what is wrong with it. Pure: no disk, no other file."""

import contextlib
import dataclasses
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from newsletter.errors import MOST_TOLD, Fault, Place, did_you_mean, same_name
from newsletter.model import Config, FrontPage, Item, Moment, PictureFile
from newsletter.read import fields, values
from newsletter.read.config import FILE, cadence_of, issue_named, issue_names, months_of, placeholders
from newsletter.read.languages import own_language, section_in
from newsletter.read.scaffold import is_untouched
from newsletter.read.values import Refused

if TYPE_CHECKING:
    from newsletter.read.front_matter import Matter

_MONTH = re.compile(r"(?:19|2[01])[0-9]{2}-(?:0[1-9]|1[0-2])")
_MONTH_FOLDER = re.compile(rf"issues/({_MONTH.pattern})/")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


class Page(Struct, frozen=True, kw_only=True):
    """What one file says: its item or its front page, neither if it has `faults`.

    `pictures` are those that it names, also where it is at fault, and `logo` is a front page's own: whether files of
    the newsroom are there is seen later, and their `path` is "". `months` and `tags` are what a fault of such a
    picture stops (see Fault).
    """

    item: Item | None = None
    front_page: FrontPage | None = None
    faults: tuple[Fault, ...] = ()
    pictures: tuple[PictureFile, ...] = ()
    logo: PictureFile | None = None
    months: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None


def read_page(path: str, content: bytes, config: Config) -> Page:
    """Return what the file at `path` (from the newsroom's root) says; nothing else has a say in it.

    A file right below its month's folder is a front page, unless it has the keys of an item. Faults come all together,
    in the order of the reading.
    """
    # To load YAML takes a while, and most commands find all files as they were.
    from newsletter.read.front_matter import Matter

    language = str(config.own.get("language", "en"))
    matter = Matter(path, months_of_folder(path), fields.KEYS, fields.WORDS, language)
    is_in_month_folder = matter.months is not None and path.count("/") == 2
    matter.parse(content, needs_keys=not is_in_month_folder)
    if matter.faults:
        _narrow(matter, config, may_be_front_page=is_in_month_folder)
        return _page(matter)
    if is_in_month_folder and not matter.keys & {"chapter", "chapters", "section"}:
        return _front_page(matter, config)
    return _item(matter, config)


def months_of_folder(path: str) -> tuple[str, ...] | None:
    """Return the month of the folder that a file lies in; None if it lies in no month's folder."""
    folder = _MONTH_FOLDER.match(path)
    return (folder[1],) if folder else None


def is_address(source: str) -> bool:
    """Tell whether a picture is named by an address, not by a file."""
    return bool(_ADDRESS.match(source))


def greeting_fault(greeting: str) -> tuple[str, str] | None:
    """Return what is wrong with a greeting among settings: it has no folder in which a picture could lie."""
    if "![" in greeting or "<img" in greeting.lower():
        from newsletter.read import prose

        for source, _, _ in prose.pictures(greeting):
            return (
                f"a greeting among the settings can't hold a picture ('{source}')",
                "greet on the issue's front page, such as issues/2024-09/network.md: there it can",
            )
    return None


def _narrow(matter: "Matter", config: Config, *, may_be_front_page: bool) -> None:
    """Say whom a file concerns that can't be read as a whole, as far as its lines do."""
    months = [word for word in matter.typed("month", "months") or () if _MONTH.fullmatch(word)]
    tags = matter.typed("chapter", "chapters")
    if may_be_front_page and tags is None and matter.typed("section") is None and not months:
        name = matter.path.rpartition("/")[2].rpartition(".")[0]
        with contextlib.suppress(KeyError):
            issue_named(config, name)
            matter.tags = (name,)
        return
    known = {*config.chapters, *_network_keys(config)}
    matter.months = tuple(dict.fromkeys(months)) or matter.months
    matter.tags = tuple(dict.fromkeys(tags)) if tags and known.issuperset(tags) else None


def _page(
    matter: "Matter",
    pictures: tuple[PictureFile, ...] = (),
    logo: PictureFile | None = None,
    item: Item | None = None,
    front_page: FrontPage | None = None,
) -> Page:
    faults = tuple(dataclasses.replace(fault, months=matter.months, tags=matter.tags) for fault in matter.faults)
    return Page(
        item=item,
        front_page=front_page,
        faults=faults,
        pictures=pictures,
        logo=logo,
        months=matter.months,
        tags=matter.tags,
    )


def _item(matter: "Matter", config: Config) -> Page:
    typed = matter.take(fields.ITEM_KEYS, "an item")
    for field in fields.ITEM.values():
        if not (many := field.many):
            continue
        if field.key in typed and many in typed:
            matter.refuse_key(field.key, f"'{field.key}' and '{many}' say the same thing twice", f"keep '{many}'")
        elif field.key in typed:
            typed[many] = (typed[field.key],)
        if field.key in matter.lines:
            matter.lines.setdefault(many, matter.lines[field.key])
        typed.pop(field.key, None)
    for key, example in _needed(matter, config):
        if not typed.get(key) and not matter.is_refused(key):
            name = "month" if key == "months" else key
            stated = matter.lines.get(key, 0)
            # Only the folder that it lies in says what belongs there; all others are examples.
            is_sure = name == "month" and matter.months is not None
            line = example if is_sure and stated else ""
            added = ((len(matter.front), example),) if is_sure and not stated else ()
            matter.refuse(
                stated or 1, f"'{name}' {'is empty' if stated else 'is missing'}", f"write {example}", line, added
            )
    typed["chapters"] = tuple(dict.fromkeys(typed.get("chapters", ())))
    _check_tags(matter, typed["chapters"], config)
    if typed.get("section") and typed["section"] not in config.sections:
        known = tuple(config.sections)
        message = f"section '{typed['section']}' is not in {FILE}"
        meant = _section_meant(typed["section"], config)
        hint = f"did you mean '{meant}'?" if meant else did_you_mean(typed["section"], known)
        matter.refuse_key("section", message, hint, matter.instead("section", meant) if meant else "")
    if "ends" in typed and "starts" not in typed:
        matter.refuse_key("ends", "'ends' needs a 'starts'", f"write starts: {typed['ends'].day} and its hour")
    elif "ends" in typed and _is_before(typed["ends"], typed["starts"]):
        matter.refuse_key("ends", "'ends' lies before 'starts'", "what goes past midnight ends on the next day")
    matter.months = typed.get("months") or matter.months
    picture = None
    if typed.get("image"):
        place = Place(file=matter.path, line=matter.lines["image"])
        picture = _picture(matter, typed["image"], typed.get("image_alt", ""), place)
    inside = _pictures_inside(matter)
    _check_placeholders(matter, config)
    pictures = (*([picture] if picture else []), *inside.values())
    if matter.faults:
        return _page(matter, pictures)
    attributes = {field.attribute: typed[key] for key, field in fields.ITEM.items() if field.attribute and key in typed}
    # A key without a value counts as left out, as those of a scaffold do that nobody has filled in.
    lines = {key: line for key, line in matter.lines.items() if key in typed or fields.ITEM[key].many in typed}
    item = Item(
        path=matter.path,
        digest=matter.digest,
        body=matter.body,
        body_line=matter.body_line,
        lines=lines,
        picture=picture,
        body_pictures=inside,
        is_untouched=is_untouched(matter.body),
        slips=tuple(matter.slips),
        **{"headline": typed["title"], **attributes},
    )
    return _page(matter, pictures, item=item)


def _section_meant(typed: str, config: Config) -> str:
    """Return the key of the section that somebody calls by its title, in whatever capitals; "" if it is none's alone.

    A title may be that of another language than the newsroom's own: `Tome acción`.
    """
    if meant := same_name(typed, tuple(config.sections)):
        return meant
    words = _letters(typed)
    own = own_language(config)
    keys = {
        section.key
        for section in config.sections.values()
        for language in ("", own, *config.section_words)
        if words and words == _letters((section_in(config, section, language) if language else section).title)
    }
    return keys.pop() if len(keys) == 1 else ""


def _letters(words: str) -> str:
    """Return words without emoji, marks and what else is no letter, in small letters."""
    return " ".join(re.findall(r"\w+", words)).casefold()


def _needed(matter: "Matter", config: Config) -> tuple[tuple[str, str], ...]:
    """Return the keys that every item has, each with a line to write that would hold in this newsroom."""
    month = matter.months[0] if matter.months else "2024-09"
    return (
        ("title", f"title: {fields.ITEM['title'].example}"),
        ("chapters", f"chapters: [{', '.join([*config.chapters][:1] + _network_keys(config)[:1])}]"),
        ("months", f"month: {month}"),
        ("section", f"section: {next(iter(config.sections))}"),
    )


def _network_keys(config: Config) -> list[str]:
    return [key for key, publication in config.publications.items() if publication.scope == "network"]


def _check_tags(matter: "Matter", tags: tuple[str, ...], config: Config) -> None:
    """Refuse tags that no issue takes; remember the good ones as what the page's faults stop."""
    chapters, publications = config.chapters, config.publications
    network = _network_keys(config)
    faulty = False
    for tag in tags:
        if tag in network or (tag in chapters and len(network) < len(publications)):
            continue
        faulty = True
        if tag in chapters:
            matter.refuse_key(
                "chapters",
                f"no issue takes items of chapter '{tag}'",
                f'{FILE} has no publication with scope = "chapter"',
            )
        elif tag in publications:
            matter.refuse_key(
                "chapters",
                f"'{tag}' has an issue for each chapter, so it can't be a tag",
                "name the chapters whose issue runs the item",
            )
        else:
            known = [*chapters, *network]
            kind = "chapter" if tag.isupper() or not network else "chapter or publication"
            listed = re.split(r"[,;\s]+", tag)
            is_list = set(listed) <= set(known)
            hint = f"write chapters: [{', '.join(listed)}]" if is_list else ""
            line = _line_of_tags(matter, listed) if is_list and len(tags) == 1 else ""
            if not hint and len(matter.faults) < MOST_TOLD:
                meant = same_name(tag, known) or _chapter_called(tag, config)
                hint = f"did you mean '{meant}'?" if meant else did_you_mean(tag, known)
                key = "chapters" if "chapters" in matter.keys else "chapter"
                line = matter.instead_of(key, tag, meant) if meant else ""
            matter.refuse_key("chapters", f"{kind} '{tag}' is not in {FILE}", hint, line)
    matter.tags = tags if tags and not faulty else None


def _chapter_called(name: str, config: Config) -> str:
    """Return the code of the only chapter of that name; "" if there is none."""
    codes = [code for code, chapter in config.chapters.items() if _letters(chapter.name) == _letters(name)]
    return codes[0] if len(codes) == 1 else ""


def _line_of_tags(matter: "Matter", tags: list[str]) -> str:
    """Return the line that states these tags as a list, in place of `chapters:` or `chapter:` with a text."""
    key = "chapters" if "chapters" in matter.keys else "chapter"
    line = matter.instead(key, f"[{', '.join(tags)}]")
    return line.replace("chapter:", "chapters:", 1)


def _front_page(matter: "Matter", config: Config) -> Page:
    typed = matter.take(fields.FRONT_PAGE_KEYS, "a front page")
    month, _, stem = matter.path.removeprefix("issues/").partition("/")
    issue_id = typed.pop("issue", "") or stem.rpartition(".")[0]
    issue_id = issue_id if "/" in issue_id else f"{month}/{issue_id}"
    month, _, name = issue_id.partition("/")
    issue_line = matter.lines.get("issue", 1)
    try:
        publication, chapter = issue_named(config, name)
        is_known = _MONTH.fullmatch(month)
    except KeyError:
        is_known = None
    if not is_known:
        near = did_you_mean(name, tuple(issue_names(config)))
        hint = near if near.startswith("did") else f"{near}; an item belongs into the folder items/".lstrip("; ")
        matter.refuse(issue_line, f"no issue is called '{issue_id}'", hint)
        return _page(matter)
    matter.months, matter.tags = (month,), (name,)
    if not months_of(month, cadence_of(config, publication, chapter)):
        matter.refuse(
            issue_line,
            f"{name} comes out once a quarter: it has no issue in {month}",
            f"its months are {month[:4]}-03, -06, -09 and -12",
        )
    for key in typed.get("sections", ()):
        if key not in config.sections:
            meant = _section_meant(key, config)
            hint = f"did you mean '{meant}'?" if meant else did_you_mean(key, tuple(config.sections))
            line = matter.instead_of("sections", key, meant) if meant else ""
            matter.refuse_key("sections", f"section '{key}' is not in {FILE}", hint, line)
    if fault := greeting_fault(typed.get("greeting", "")):
        matter.refuse_key("greeting", fault[0], "write the greeting below the front matter: there it can")
    inside = _pictures_inside(matter)
    _check_placeholders(matter, config)
    pictures = tuple(inside.values())
    logo = None
    if typed.get("logo"):
        place = Place(file=matter.path, line=matter.lines["logo"])
        logo = PictureFile(source=typed["logo"], alt="", place=place)
    if matter.faults:
        return _page(matter, pictures, logo)
    attributes = {
        field.attribute: typed.pop(key) for key, field in fields.FRONT_PAGE.items() if field.attribute and key in typed
    }
    front_page = FrontPage(
        path=matter.path,
        digest=matter.digest,
        issue_id=issue_id,
        greeting=matter.body,
        body_line=matter.body_line,
        lines=matter.lines,
        own=typed,
        body_pictures=inside,
        slips=tuple(matter.slips),
        **attributes,
    )
    return _page(matter, pictures, logo, front_page=front_page)


def _pictures_inside(matter: "Matter") -> dict[str, PictureFile]:
    """Return the pictures in the words, by the address typed there."""
    inside: dict[str, PictureFile] = {}
    if "![" in matter.body or "<img" in matter.body.lower():
        from newsletter.read import prose

        pasted = prose.pictures_of_html(matter.body)
        seen = set()
        for source, alt, line in prose.pictures(matter.body):
            place = Place(file=matter.path, line=matter.body_line + line)
            if source in pasted and not is_address(source):
                inside[source] = PictureFile(source=source, alt=alt, place=place, is_pasted=True)
            elif source in pasted and not source.lower().startswith("https://"):
                continue
            elif source not in seen and (picture := _picture(matter, source, alt, place)):
                inside[source] = picture
            seen.add(source)
    return inside


def _picture(matter: "Matter", source: str, alt: str, place: Place) -> PictureFile | None:
    if is_address(source):
        try:
            values.web_address(source)
        except Refused as refused:
            matter.refuse(place.line, f"picture: {refused.message}", refused.hint)
            return None
        if not source.lower().startswith("https://"):
            matter.refuse(place.line, f"picture '{source}' is not served over https", "use https:// or a file")
            return None
    return PictureFile(source=source, alt=alt, place=place)


def _check_placeholders(matter: "Matter", config: Config) -> None:
    if "%%" not in matter.source:
        return
    known = placeholders(config.providers)
    for number, line in enumerate(matter.source.split("\n"), 1):
        for typed, hint, meant in values.unknown_placeholders(line, known):
            instead = line.replace(typed, meant) if meant else ""
            matter.refuse(number, f"unknown placeholder '{typed}'", hint, instead)


def _is_before(moment: Moment, other: Moment) -> bool:
    return moment.at < other.at if moment.at and other.at else moment.day < other.day
