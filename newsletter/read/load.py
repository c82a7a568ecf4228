"""files -> Newsroom: settings, items and front pages; every fault gathered."""

import hashlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from newsletter.errors import MOST_TOLD, Fault, Place, abridged, did_you_mean, shown
from newsletter.model import Config, FrontPage, Item, Moment, Newsroom, PictureFile
from newsletter.read import files, slips, values
from newsletter.read.config import (
    FILE,
    FRONT_PAGE_SETTINGS,
    fill,
    issue_names,
    months_of,
    placeholders,
    read_config,
    resolve,
    words_of,
)
from newsletter.read.values import Parser, Refused

try:
    # libyaml is ten times faster; wheels carry it, a source build without a compiler may not.
    from yaml import CBaseLoader as _Loader
except ImportError:  # pragma: no cover
    from yaml import BaseLoader as _Loader  # type: ignore[assignment]  # the same, slower

ITEM_KEYS: dict[str, Parser] = {
    "title": values.text,
    "headline": values.text,
    "chapters": values.texts,
    "chapter": values.text,
    "months": values.months,
    "month": values.month,
    "section": values.text,
    "link": values.link,
    "link_label": values.text,
    "image": values.text,
    "image_alt": values.text,
    "image_credit": values.text,
    "image_caption": values.text,
    "source": values.text,
    "author": values.text,
    "starts": values.moment,
    "ends": values.moment,
    "timezone": values.zone,
    "location": values.text,
    "rsvp": values.link,
    "deadline": values.moment,
    "until": values.day,
    "order": values.whole_number,
    "lead": values.yes_no,
    "draft": values.yes_no,
    "allow": values.texts,
}
FRONT_PAGE_KEYS: dict[str, Parser] = {
    **FRONT_PAGE_SETTINGS,
    "issue": values.text,
    "headlines": values.texts,
    "lead": values.text,
}
# What a logo's name holds of the month of its issue.
_MONTHLY = re.compile(r"\{(?:period|month|id)\}")
# Characters of front matter; and levels in it, of which keys and lists take two.
_MOST_FRONT, _DEEP = 50_000, 40
_DEEP_LINE = re.compile(r"(?:[-?][ \t]++){8}")
_FENCE = re.compile(r"(---|\.\.\.)[ \t]*\n?")
_MONTH = re.compile(r"(?:19|2[01])[0-9]{2}-(?:0[1-9]|1[0-2])")
_MONTH_FOLDER = re.compile(rf"issues/({_MONTH.pattern})/")
# What Windows makes of story.md, and then hides: without a word the story would be lost.
_NOTEPAD = ".txt"
# How many files and folders behind symbolic links to folders are looked at, to tell items from pictures.
_MOST_LOOKED_AT = 10_000
# Hints that know nothing of pictures.
_ANY_FILE = {files.READABLE, files.IN_PLACE}
_MAGIC = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"GIF8": "GIF", b"BM": "BMP"}


def load(root: Path) -> Newsroom:
    """Read the newsroom at `root`.

    Faults of items and front pages are in the newsroom's `faults`, sorted by place, and what they concern is left
    out; faults of newsletter.toml raise ContentError, since nothing can be told from the rest without it.
    """
    config = read_config(root)
    reader = _Reader(root, config)
    reader.read_all()
    reader.check_settings()
    items = tuple(sorted(reader.items, key=lambda item: item.path))
    return Newsroom(
        root=root,
        config=config,
        items=items,
        by_tag=by_tag(items),
        front_pages=reader.front_pages,
        faults=tuple(sorted(reader.faults, key=lambda fault: fault.place)),
    )


def by_tag(items: Iterable[Item]) -> dict[str, tuple[Item, ...]]:
    """Return the items under each of their tags, in the same order."""
    found: dict[str, list[Item]] = {}
    for item in items:
        for tag in item.chapters:
            found.setdefault(tag, []).append(item)
    return {tag: tuple(own) for tag, own in found.items()}


def _may_be_an_item(name: str) -> bool:
    return name.lower().endswith((".md", ".markdown", _NOTEPAD)) and not name.startswith(".") and name != "README.md"


class _Reader:
    def __init__(self, root: Path, config: Config) -> None:
        self.root, self.config = root, config
        self.real_root = os.path.realpath(root)
        self.to_look_at = _MOST_LOOKED_AT
        self.names = issue_names(config)
        self.placeholders = placeholders(config.providers)
        self.items: list[Item] = []
        self.front_pages: dict[str, FrontPage] = {}
        self.faults: list[Fault] = []

    def read_all(self) -> None:
        """Read every item and front page of the newsroom."""
        for path, real in files.walk(self.root, "issues", self.refuse_folder, self.enters):
            name = path.rpartition("/")[2]
            if _may_be_an_item(name) and (
                not name.lower().endswith(_NOTEPAD) or self.begins_as_an_item(path, real, name)
            ):
                self.read(path, real)

    def refuse_folder(self, path: str, error: files.Unreadable) -> None:
        """Refuse a folder that can't be listed: nobody knows which items it holds."""
        self.faults.append(Fault(place=Place(file=files.utf8(path)), message=error.message, hint=error.hint))

    def enters(self, path: str, link: str) -> bool:
        """Tell whether to look for items in a folder; a symbolic link (to `link`) is told, if there are any behind it.

        A month behind a link would run twice what is there, under another name. Of pictures there may be links.
        """
        if path.rpartition("/")[2].startswith("."):
            return False
        if link and self.holds_items(link):
            is_read = files.is_below(link, files.resolved(self.root, "issues"))
            self.faults.append(
                Fault(
                    place=Place(file=files.utf8(path)),
                    message="is a symbolic link to a folder: its items are not read here",
                    hint="put the folder itself in its place, or delete the link",
                    # What is read at its own place is missing in no issue.
                    months=() if is_read else None,
                )
            )
        return not link

    def holds_items(self, folder: str) -> bool:
        """Tell whether there are items below a folder; yes as well where a newsroom has too many links to look."""

        def enters(path: str, link: str) -> bool:
            self.to_look_at -= 1
            return not link and self.to_look_at > 0

        if self.to_look_at <= 0:
            return True
        inside = os.path.relpath(folder, self.real_root).replace(os.sep, "/")
        for path, _ in files.walk(self.root, inside, lambda path, error: None, enters):
            self.to_look_at -= 1
            if self.to_look_at < 0 or _may_be_an_item(path.rpartition("/")[2]):
                return True
        return self.to_look_at <= 0

    def begins_as_an_item(self, path: str, real: str, name: str) -> bool:
        if name.lower().endswith(f".md{_NOTEPAD}"):
            return True
        try:
            with files.opened(self.root, path, sys.maxsize, real) as file:
                return file.read(6).lstrip(b"\xef\xbb\xbf")[:3] == b"---"
        except (OSError, files.Unreadable):
            return False

    def read(self, path: str, real: str) -> None:
        page = _Page(path)
        name = path.rpartition("/")[2]
        if name.lower().endswith(_NOTEPAD):
            stem = name[: -len(_NOTEPAD)]
            good = stem if stem.lower().endswith(".md") else f"{stem}.md"
            page.path = files.utf8(path)
            page.refuse(0, "the name ends in .txt, so this is no item", f"rename it to {files.utf8(good)}")
            self.faults.extend(page.scoped_faults())
            return
        try:
            path.encode()
            raw = files.read(self.root, path, files.PAGE, real)
        except UnicodeEncodeError:
            page.path = files.utf8(path)
            kind = "file" if files.utf8(name) != name else "folder"
            page.refuse(0, f"the {kind}'s name is not UTF-8", "rename it, with letters a to z")
        except FileNotFoundError as error:
            page.refuse(0, files.reason(error), files.READABLE)
        except files.Unreadable as error:
            page.refuse(0, error.message, error.hint)
        else:
            page.parse(raw)
        if not page.faults:
            if page.is_in_month_folder and not page.keys & {"chapter", "chapters", "section"}:
                self.read_front_page(page)
            else:
                self.read_item(page)
        self.faults.extend(page.scoped_faults())

    def read_item(self, page: "_Page") -> None:
        own = page.take(ITEM_KEYS, "an item")
        for one, many in (("chapter", "chapters"), ("month", "months")):
            if one in own and many in own:
                page.refuse_key(one, f"'{one}' and '{many}' say the same thing twice", f"keep '{many}'")
            elif one in own:
                own[many] = (own[one],)
            if one in page.lines:
                page.lines.setdefault(many, page.lines[one])
            own.pop(one, None)
        for key, example in self.examples(page):
            if not own.get(key) and not page.is_refused(key):
                shown = {"chapters": "chapters", "months": "month"}.get(key, key)
                stated = page.lines.get(key, 0)
                page.refuse(stated or 1, f"'{shown}' {'is empty' if stated else 'is missing'}", f"write {example}")
        own["chapters"] = tuple(dict.fromkeys(own.get("chapters", ())))
        self.check_tags(page, own["chapters"])
        if own.get("section") and own["section"] not in self.config.sections:
            known = tuple(self.config.sections)
            page.refuse_key(
                "section", f"section '{own['section']}' is not in {FILE}", did_you_mean(own["section"], known)
            )
        if "ends" in own and "starts" not in own:
            page.refuse_key("ends", "'ends' needs a 'starts'", "write starts: 2024-10-10 18:00")
        elif "ends" in own and _is_before(own["ends"], own["starts"]):
            page.refuse_key("ends", "'ends' lies before 'starts'", "what goes past midnight ends on the next day")
        page.months = own.get("months") or page.months
        picture, body_pictures = self.pictures(page, own)
        self.check_placeholders(page)
        if page.faults:
            return
        own["is_lead"], own["is_draft"] = own.pop("lead", False), own.pop("draft", False)
        own.pop("image", None)
        own.pop("image_alt", None)
        self.items.append(
            Item(
                path=page.path,
                digest=page.digest,
                body=page.body,
                body_line=page.body_line,
                lines=page.lines,
                picture=picture,
                body_pictures=body_pictures,
                **{"headline": own["title"], **own},
            )
        )

    def examples(self, page: "_Page") -> tuple[tuple[str, str], ...]:
        """Return the keys that every item has, each with a line to write that would hold in this newsroom."""
        month = page.months[0] if page.months else "2024-09"
        return (
            ("title", "title: What happened"),
            ("chapters", f"chapters: [{', '.join([*self.config.chapters][:1] + self.network_keys()[:1])}]"),
            ("months", f"month: {month}"),
            ("section", f"section: {next(iter(self.config.sections))}"),
        )

    def network_keys(self) -> list[str]:
        return [key for key, publication in self.config.publications.items() if publication.scope == "network"]

    def check_tags(self, page: "_Page", tags: tuple[str, ...]) -> None:
        """Refuse tags that no issue takes; remember the good ones as what the page's faults stop."""
        chapters, publications = self.config.chapters, self.config.publications
        network = self.network_keys()
        known = [*chapters, *network]
        faulty = False
        for tag in tags:
            if tag in network or (tag in chapters and len(network) < len(publications)):
                continue
            faulty = True
            if tag in chapters:
                page.refuse_key(
                    "chapters",
                    f"no issue takes items of chapter '{tag}'",
                    f'{FILE} has no publication with scope = "chapter"',
                )
            elif tag in publications:
                page.refuse_key(
                    "chapters",
                    f"'{tag}' has an issue for each chapter, so it can't be a tag",
                    "name the chapters whose issue runs the item",
                )
            else:
                kind = "chapter" if tag.isupper() or not network else "chapter or publication"
                listed = re.split(r"[,;\s]+", tag)
                is_list = set(listed) <= set(known)
                hint = f"write chapters: [{', '.join(listed)}]" if is_list else ""
                if not hint and len(page.faults) < MOST_TOLD:
                    hint = did_you_mean(tag, known)
                page.refuse_key("chapters", f"{kind} '{tag}' is not in {FILE}", hint)
        page.tags = tags if tags and not faulty else None

    def read_front_page(self, page: "_Page") -> None:
        own = page.take(FRONT_PAGE_KEYS, "a front page")
        month, _, stem = page.path.removeprefix("issues/").partition("/")
        issue_id = own.pop("issue", "") or stem.rpartition(".")[0]
        issue_id = issue_id if "/" in issue_id else f"{month}/{issue_id}"
        month, _, name = issue_id.partition("/")
        if name not in self.names or not _MONTH.fullmatch(month):
            near = did_you_mean(name, tuple(self.names))
            hint = near if near.startswith("did") else f"{near}; an item belongs into the folder items/".lstrip("; ")
            page.refuse(page.lines.get("issue", 1), f"no issue is called '{issue_id}'", hint)
            return
        page.months, page.tags = (month,), (name,)
        publication, chapter = self.names[name]
        cadence = resolve(self.config, publication, chapter, {}).cadence
        if not months_of(month, cadence):
            page.refuse(
                page.lines.get("issue", 1),
                f"{name} comes out once a quarter: it has no issue in {month}",
                f"its months are {month[:4]}-03, -06, -09 and -12",
            )
        for key in own.get("sections", ()):
            if key not in self.config.sections:
                known = tuple(self.config.sections)
                page.refuse_key("sections", f"section '{key}' is not in {FILE}", did_you_mean(key, known))
        if issue_id in self.front_pages:
            other = self.front_pages[issue_id].path
            page.refuse(
                page.lines.get("issue", 1),
                f"{issue_id} has a front page already: {other}",
                "keep one of them",
            )
        if told := self.logo_fault(own.get("logo", "")):
            page.refuse_key("logo", *told)
        if told := _greeting_fault(own.get("greeting", "")):
            page.refuse_key("greeting", told[0], "write the greeting below the front matter: there it can")
        _, body_pictures = self.pictures(page, {})
        self.check_placeholders(page)
        if page.faults:
            return
        self.front_pages[issue_id] = FrontPage(
            path=page.path,
            digest=page.digest,
            issue_id=issue_id,
            greeting=page.body,
            body_line=page.body_line,
            lines=page.lines,
            headlines=own.pop("headlines", ()),
            lead=own.pop("lead", ""),
            own=own,
            body_pictures=body_pictures,
        )

    def pictures(self, page: "_Page", own: Mapping[str, Any]) -> tuple[PictureFile | None, dict[str, PictureFile]]:
        """Return the item's picture and those inside its words, by the address typed there."""
        picture = None
        if own.get("image"):
            place = Place(file=page.path, line=page.lines["image"])
            picture = self.picture(page, own["image"], own.get("image_alt", ""), place)
        inside: dict[str, PictureFile] = {}
        if "![" in page.body:
            from newsletter.read import prose

            seen = set()
            for source, alt, line in prose.pictures(page.body):
                place = Place(file=page.path, line=page.body_line + line)
                if source not in seen and (found := self.picture(page, source, alt, place)):
                    inside[source] = found
                seen.add(source)
        return picture, inside

    def picture(self, page: "_Page", source: str, alt: str, place: Place) -> PictureFile | None:
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", source):
            try:
                values.web_address(source)
            except Refused as refused:
                page.refuse(place.line, f"picture: {refused.message}", refused.hint)
                return None
            if not source.lower().startswith("https://"):
                page.refuse(place.line, f"picture '{source}' is not served over https", "use https:// or a file")
                return None
            return PictureFile(source=source, alt=alt, place=place)
        folder = page.path.rpartition("/")[0]
        # Markdown has no blanks in an address: a writer, or the parser, puts %20 for them.
        typed = source if os.path.lexists(self.root / folder / source) else unquote(source)
        try:
            path = self.local_picture(Path(folder, typed), source, "picture", "beside the item")
        except Refused as refused:
            page.refuse(place.line, refused.message, refused.hint)
            return None
        return PictureFile(source=source, alt=alt, place=place, path=path)

    def local_picture(self, path: Path, source: str, kind: str, where: str) -> str:
        """Return the real path, from the newsroom's root, of the file that somebody named `source`.

        Refused for what is no picture, or none that email programs show; `where` is where it may lie.
        """
        real = ""
        try:
            real = files.resolved(self.root, path)
            with files.opened(self.root, path, files.PICTURE, real) as file:
                head = file.read(16)
        except FileNotFoundError:
            near = did_you_mean(path.name, _files_in(os.path.dirname(real)))  # noqa: PTH120 - a realpath string
            hint = near if near.startswith("did") else f"put it {where}"
            raise Refused(f"{kind} '{source}' is not there", hint) from None
        except files.Unreadable as error:
            hint = f"put a JPEG, PNG or GIF file {where}" if error.hint in _ANY_FILE else error.hint
            hint = f"copy it {where}" if error.is_outside else hint
            raise Refused(f"{kind} '{source}' {error.message}", hint) from None
        if any(head.startswith(magic) for magic in _MAGIC) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
            return os.path.relpath(real, self.real_root).replace(os.sep, "/")
        if head[4:8] == b"ftyp" or head[:4] in {b"II*\0", b"MM\0*"}:
            raise Refused(f"{kind} '{source}' is in a format that email programs don't show", "export it as JPEG")
        if head.lstrip()[:4].lower() in {b"<svg", b"<?xm"}:
            raise Refused(f"{kind} '{source}' is an SVG, which email programs don't show", "export it as PNG")
        raise Refused(f"'{source}' is not a picture", "use a JPEG, PNG or GIF file")

    def check_settings(self) -> None:
        """Refuse a logo that is no picture, and pictures in a greeting, wherever newsletter.toml states them."""
        config = self.config
        stated: list[tuple[str, Mapping[str, object], tuple[str, ...] | None]] = [("organization", config.own, None)]
        for key, publication in config.publications.items():
            names = tuple(name for name, (one, _) in self.names.items() if one is publication)
            stated.append((f"publications.{key}", publication.own, names))
        stated += [(f"chapters.{code}", chapter.own, (code,)) for code, chapter in config.chapters.items()]
        for table, own, tags in stated:
            if told := _greeting_fault(str(own.get("greeting", ""))):
                place = config.place(f"{table}.greeting")
                self.faults.append(Fault(place=place, message=told[0], hint=told[1], tags=tags))
            for source, stopped in self.logos(own, tags).items():
                if told := self.logo_fault(source):
                    place = config.place(f"{table}.logo")
                    self.faults.append(Fault(place=place, message=told[0], hint=told[1], tags=stopped))

    def logos(self, own: Mapping[str, object], tags: tuple[str, ...] | None) -> dict[str, tuple[str, ...] | None]:
        """Return the logos that a table's `logo` stands for (`logos/{chapter}.png`), each with the issues it is in.

        Which one a `{month}` makes of it is known, and looked at, when an issue is built (pictures.py).
        """
        logo = str(own.get("logo", ""))
        if "{" not in logo:
            return {logo: tags}
        found: dict[str, tuple[str, ...] | None] = {}
        for name, (publication, chapter) in self.names.items():
            tables = (chapter.own if chapter else {}, publication.own, self.config.own)
            if next(one for one in tables if "logo" in one or one is self.config.own) is own:
                filled = fill(logo, words_of(self.config, chapter))
                if not _MONTHLY.search(filled):
                    found[filled] = (*(found.get(filled) or ()), name)
        return found

    def logo_fault(self, source: str) -> tuple[str, str] | None:
        """Return what is wrong with a logo, whose path starts at the newsroom; None if nothing is."""
        if not source or source.startswith("https://"):
            return None
        if source.lower().startswith("http://"):
            return f"logo '{source}' is not served over https", "use https:// or a file"
        try:
            self.local_picture(Path(source), source, "logo", "into the newsroom")
        except Refused as refused:
            return refused.message, refused.hint
        return None

    def check_placeholders(self, page: "_Page") -> None:
        if "%%" not in page.source:
            return
        for number, line in enumerate(page.source.split("\n"), 1):
            for found in values.PLACEHOLDER.finditer(line):
                if found[1] not in self.placeholders:
                    hint = did_you_mean(found[1], sorted(self.placeholders))
                    page.refuse(number, f"unknown placeholder '{found[0]}'", hint)


class _Page:
    """One Markdown file while it is read: its front matter, its words, its faults."""

    def __init__(self, path: str) -> None:
        self.path = path
        folder = _MONTH_FOLDER.match(path)
        self.is_in_month_folder = bool(folder) and path.count("/") == 2
        self.months: tuple[str, ...] | None = (folder[1],) if folder else None
        self.tags: tuple[str, ...] | None = None
        self.nodes: dict[str, yaml.Node] = {}
        self.lines: dict[str, int] = {}
        self.faults: list[Fault] = []
        self.refused: set[str] = set()
        self.source = self.body = self.digest = ""
        self.body_line = 1

    @property
    def keys(self) -> set[str]:
        return set(self.nodes)

    def refuse(self, line: int, message: str, hint: str = "") -> None:
        self.faults.append(Fault(place=Place(file=self.path, line=line), message=message, hint=hint))

    def refuse_key(self, key: str, message: str, hint: str = "") -> None:
        self.refused.add(key)
        self.refuse(self.lines.get(key, 1), message, hint)

    def is_refused(self, key: str) -> bool:
        return bool(self.refused & {key, key.removesuffix("s")})

    def scoped_faults(self) -> Iterator[Fault]:
        """Yield the faults with what they stop: known only after the whole front matter is read."""
        for fault in abridged(self.faults):
            yield Fault(place=fault.place, message=fault.message, hint=fault.hint, months=self.months, tags=self.tags)

    def parse(self, raw: bytes) -> None:
        self.digest = hashlib.sha256(raw).hexdigest()
        try:
            decoded = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self.refuse(line, "this is not UTF-8 text", "save the file with the encoding UTF-8")
            return
        self.source = values.clean(decoded)
        lines = self.source.split("\n")
        if lines[0].rstrip() != "---" and self.is_in_month_folder:
            # A front page may be nothing but its greeting.
            self.body = self.source.strip("\n")
            self.body_line = 1 + len(self.source) - len(self.source.lstrip("\n"))
            self.refuse_long_words()
            return
        if lines[0].rstrip() != "---":
            self.refuse(1, "the front matter is missing", "start the file with a line --- and its keys")
            return
        end = next((number for number, line in enumerate(lines[1:], 1) if _FENCE.fullmatch(line)), 0)
        if not end:
            self.refuse(1, "the front matter has no end", "close it with a line ---")
            return
        body = lines[end + 1 :]
        front = "\n".join(lines[1:end]) + "\n"
        if len(front) > _MOST_FRONT:
            told = f"the front matter has {len(front):,} characters; the most is {_MOST_FRONT:,}"
            self.refuse(2, told, "the story stands below its second line ---")
            return
        blank = next((number for number, line in enumerate(body) if line.strip()), 0)
        self.body, self.body_line = "\n".join(body[blank:]).rstrip(), end + 2 + blank
        self.refuse_long_words()
        self.parse_front_matter(front)

    def refuse_long_words(self) -> None:
        """Refuse words that nobody reads to their end, and that it would take minutes to set."""
        if len(self.body) <= values.MOST_WORDS:
            return
        told = f"the words have {len(self.body):,} characters; the most is {values.MOST_WORDS:,}"
        data = re.search(r"data:image/", self.body)
        line = self.body_line + self.body.count("\n", 0, data.start()) if data else 0
        hint = "a picture is written into them (data:): put the file beside the item" if data else "split it in two"
        self.refuse(line, told, hint)

    def parse_front_matter(self, source: str) -> None:
        try:
            if _is_nested(source):
                self.refuse(2, "the front matter holds lists inside lists", "one key a line: title: What happened")
                return
            node = yaml.compose(source, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            stopped = mark.line + 1 if mark else 1
            if slip := slips.in_yaml(source, stopped):
                self.refuse(slip.line + 1, slip.message, slip.hint)
            else:
                self.refuse(
                    stopped + 1, f"this is not valid YAML: {error.problem}", "one key a line: title: What happened"
                )
            return
        except (yaml.YAMLError, RecursionError):
            self.refuse(2, "the front matter is not valid YAML", "one key a line: title: What happened")
            return
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            self.refuse(node.start_mark.line + 2, "the front matter has no keys", "write them as title: What happened")
            return
        lines = source.split("\n")
        for key, value in node.value:
            line = key.start_mark.line + 2
            if not isinstance(key, yaml.ScalarNode):
                self.refuse(line, "a key must be one word", "write it as title: What happened")
            elif key.value in self.nodes:
                first = self.lines[key.value]
                self.refuse(line, f"'{shown(key.value)}' stands twice, first in line {first}", "keep one of them")
            else:
                self.nodes[key.value], self.lines[key.value] = value, line
                self.check_lost(lines, key, value)

    def check_lost(self, lines: list[str], key: yaml.ScalarNode, value: yaml.Node) -> None:
        """Refuse a value of which YAML would keep a part only."""
        if isinstance(value, yaml.ScalarNode) and (not value.style or not value.value):
            typed = lines[key.end_mark.line][key.end_mark.column :].lstrip(": \t")
            rest = lines[value.end_mark.line][value.end_mark.column :]
            if told := slips.lost_in_yaml(key.value, typed, rest):
                self.refuse_key(key.value, *told)

    def take(self, parsers: Mapping[str, Parser], kind: str) -> dict[str, Any]:
        """Return the parsed values of all keys; a key without a value counts as left out."""
        taken: dict[str, Any] = {}
        for key, node in self.nodes.items():
            if key not in parsers:
                hint = did_you_mean(key, tuple(parsers)) if len(self.faults) < MOST_TOLD else ""
                self.refuse_key(key, f"unknown key '{shown(key)}' in {kind}", hint)
                continue
            try:
                value = _plain(node)
                if isinstance(value, list) and f"{key}s" in parsers:
                    raise Refused("one is wanted, not a list", f"write {key}s: [{shown(', '.join(value[:20]))}]")
                if value != "":
                    taken[key] = parsers[key](value)
            except Refused as refused:
                self.refuse_key(key, f"{key}: {refused.message}", refused.hint)
        return taken


def _files_in(folder: str) -> list[str]:
    """Return the names of the files in a folder that can be written anywhere; none if it can't be listed."""
    try:
        with os.scandir(folder) as listing:
            names = [entry.name for entry in listing if not entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(name for name in names if name == files.utf8(name))


def _greeting_fault(greeting: str) -> tuple[str, str] | None:
    """Return what is wrong with a greeting among settings: it has no folder in which a picture could lie."""
    if "![" in greeting:
        from newsletter.read import prose

        for source, _, _ in prose.pictures(greeting):
            return (
                f"a greeting among the settings can't hold a picture ('{source}')",
                "greet on the issue's front page, such as issues/2024-09/network.md: there it can",
            )
    return None


def _is_nested(source: str) -> bool:
    """Tell whether the YAML is nested far deeper than any key wants it.

    libyaml's tree is made by a function that calls itself: some 10,000 brackets end the whole program. Its events
    come one after the other; they are asked for only where so many levels can be.
    """
    if source.count("[") + source.count("{") < _DEEP and " " * _DEEP not in source and not _DEEP_LINE.search(source):
        return False
    depth = 0
    for event in yaml.parse(source, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEP:
            return True
    return False


def _is_before(one: Moment, other: Moment) -> bool:
    return one.at < other.at if one.at and other.at else one.day < other.day


def _plain(node: yaml.Node) -> Any:
    """Return a scalar's text, or a list of them."""
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        if all(isinstance(one, yaml.ScalarNode) for one in node.value):
            return [one.value for one in node.value]
        raise Refused("a list of texts is wanted", "write it as [one, two]; quote texts with colons or brackets")
    raise Refused("one text is wanted, not a table", "put a text with a colon or braces in quotes")
