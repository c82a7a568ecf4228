"""files -> Newsroom: settings, items and front pages; every fault gathered."""

import contextlib
import dataclasses
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, unquote

from msgspec.structs import replace

from newsletter.cores import spread
from newsletter.errors import ContentError, Fault, Place, abridged, did_you_mean
from newsletter.memo import Cache
from newsletter.model import Card, Config, FrontPage, Item, Items, Newsroom, PictureFile, Remark
from newsletter.read import embedded, files, kinds, strays
from newsletter.read.config import fill, heirs, issue_names, read_config, words_of
from newsletter.read.pages import Page, greeting_fault, is_address, months_of_folder, read_page
from newsletter.read.values import Refused, clean

if TYPE_CHECKING:
    from newsletter.read.shelf import Shelf

_Noun = TypeVar("_Noun", bound=Item | FrontPage)
# What a logo's name holds of the month of its issue.
_MONTHLY = re.compile(r"\{(?:period|month|id)\}")
# What the name of a text may end in; "" for none.
_LIKE_MARKDOWN = {"", "txt", "text", "mkd", "mkdn", "mdown", "mdwn", "mdtxt", "mdtext", "mdx", "rmd", "qmd"}
# How many files and folders behind symbolic links to folders are looked at, to tell items from pictures.
_MOST_LOOKED_AT = 10_000
# So many new files are read on every core, in batches: of fewer, a second process costs more than it saves.
_MANY, _BATCH = 1500, 200
# Hints that know nothing of pictures.
_ANY_FILE = {files.READABLE, files.IN_PLACE}


def load(root: Path, cache: Cache | None = None) -> Newsroom:
    """Read the newsroom at `root`; of files that are as an earlier command read them, what the cache remembers.

    Faults of items and front pages are in the newsroom's `faults`, sorted by place, and what they concern is left
    out; faults of newsletter.toml raise ContentError, since nothing can be told from the rest without it.
    """
    config = read_config(root)
    reader = _Reader(root, config, cache if cache and cache.folder else None)
    reader.read_all()
    reader.check_settings()
    cards = sorted(reader.cards, key=lambda card: card.path)
    return Newsroom(
        root=root,
        config=config,
        items=Items(cards, reader.items, reader.item),
        by_tag=by_tag(cards),
        front_pages=reader.front_pages,
        faults=tuple(sorted(reader.faults, key=lambda fault: fault.place)),
        remarks=(*reader.remarks, *strays.beside_issues(root)),
    )


def by_tag(cards: Iterable[Card]) -> dict[str, tuple[Card, ...]]:
    """Return the cards under each of their tags, in the same order."""
    found: dict[str, list[Card]] = {}
    for card in cards:
        for tag in card.chapters:
            found.setdefault(tag, []).append(card)
    return {tag: tuple(tagged) for tag, tagged in found.items()}


def _may_be_an_item(name: str) -> bool:
    return name.lower().endswith((".md", ".markdown")) and not name.startswith(".") and name != "README.md"


class _Reader:
    def __init__(self, root: Path, config: Config, cache: Cache | None) -> None:
        self.root, self.config = root, config
        self.shelf = _shelf(root, config, cache) if cache else None
        self.real_root = os.path.realpath(root)
        self.to_look_at = _MOST_LOOKED_AT
        self.names = issue_names(config)
        self.cards: list[Card] = []
        self.items: dict[str, Item] = {}
        self.front_pages: dict[str, FrontPage] = {}
        self.faults: list[Fault] = []
        self.remarks: list[Remark] = []
        # What was read ahead: the stamps of its files, and what they say in the same order.
        self.stamps: dict[str, files.Stamp | None] = {}
        self.pages: Iterator[Page | None] = iter(())

    def read_all(self) -> None:
        """Read every item and front page of the newsroom."""
        found = list(files.walk(self.root, "issues", self.refuse_folder, self.enters))
        self.read_ahead(found)
        for path, real in found:
            name = path.rpartition("/")[2]
            if _may_be_an_item(name):
                self.read(path, real)
            elif strays.is_about_items(name):
                if self.begins_as_an_item(path, real, name):
                    self.refuse_name(path, real)
                else:
                    self.remarks.append(strays.no_item(path))
        # There is none left; asking for one more lets the processes go. Python's own end would wait for them for ever.
        next(self.pages, None)
        if self.shelf:
            self.shelf.keep()

    def read_ahead(self, found: Sequence[tuple[str, str]]) -> None:
        """Have files read on every core, before it is their turn, if so many are new."""
        if len(found) - (self.shelf.size if self.shelf else 0) < _MANY:
            return
        unread = [
            (path, real)
            for path, real in found
            if real and _may_be_an_item(path.rpartition("/")[2]) and not (self.shelf and self.shelf.has(path))
        ]
        # Stamps are from before the files are read.
        self.stamps = {path: files.stamp(real) if self.shelf else None for path, real in unread}
        batches = {str(at): unread[at : at + _BATCH] for at in range(0, len(unread), _BATCH)}
        ahead = _Ahead(self.root, self.config, batches)
        self.pages = chain.from_iterable(spread(ahead, _Ahead.read, list(batches), lambda pages: None))

    def item(self, card: Card) -> Item:
        """Return the item of a file that an earlier command read; ContentError if it is at fault all at once."""
        assert self.shelf
        item = self.shelf.item(card)
        if item:
            return item
        # Its entry in the cache is gone.
        reader = _Reader(self.root, self.config, None)
        reader.read(card.path, files.resolved(self.root, card.path))
        if card.path not in reader.items:
            raise ContentError(reader.faults)
        return reader.items[card.path]

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
        """Tell whether a file is an item but for its name: Windows makes story.md.txt of story.md, and hides that."""
        ending = name.lower().rpartition(".")[2] if "." in name else ""
        if name.lower().endswith((".md.txt", ".markdown.txt")):
            return True
        if ending not in _LIKE_MARKDOWN:
            return False
        try:
            with files.opened(self.root, path, sys.maxsize, real) as file:
                return file.read(6).lstrip(b"\xef\xbb\xbf")[:3] == b"---"
        except (OSError, files.Unreadable):
            return False

    def refuse_name(self, path: str, real: str) -> None:
        """Refuse an item whose name says that it is none; it stops the issues that it would be in."""
        name = path.rpartition("/")[2]
        stem, dot, ending = name.rpartition(".")
        stem = stem if dot else name
        good = stem if stem.lower().endswith((".md", ".markdown")) else f"{stem}.md"
        page = Page(months=months_of_folder(path))
        with contextlib.suppress(OSError, files.Unreadable, UnicodeEncodeError):
            path.encode()
            page = read_page(path, embedded.read_page(self.root, path, real), self.config)
        message = (
            f"the name ends in .{ending}, so this is no item" if dot else "the name has no .md, so this is no item"
        )
        fault = Fault(place=Place(file=files.utf8(path)), message=message, hint=f"rename it to {files.utf8(good)}")
        self.faults.append(dataclasses.replace(fault, months=page.months, tags=page.tags))

    def read(self, path: str, real: str) -> None:
        """Read a file, or take what is known of it."""
        if path in self.stamps and (page := next(self.pages)):
            self.keep(page, self.stamps[path])
            return
        stamp = files.stamp(real) if self.shelf and real else None
        if self.shelf and stamp and (row := self.shelf.row(path, stamp)):
            front_page = self.shelf.front_page(row)
            if not front_page:
                self.cards.append(row)
            elif fault := self.twice(front_page):
                self.faults.append(fault)
            else:
                self.front_pages[front_page.issue_id] = front_page
            return
        name = path.rpartition("/")[2]
        try:
            path.encode()
            content = embedded.read_page(self.root, path, real)
        except UnicodeEncodeError:
            kind = "file" if files.utf8(name) != name else "folder"
            self.refuse_file(path, f"the {kind}'s name is not UTF-8", "rename it, with letters a to z")
        except FileNotFoundError as error:
            self.refuse_file(path, files.reason(error), files.READABLE)
        except files.Unreadable as error:
            self.refuse_file(path, error.message, error.hint)
        else:
            self.keep(read_page(path, content, self.config), stamp)

    def refuse_file(self, path: str, message: str, hint: str) -> None:
        """Refuse a file that nobody can read: any issue of its folder's month may lack it."""
        place = Place(file=files.utf8(path))
        self.faults.append(Fault(place=place, message=message, hint=hint, months=months_of_folder(path)))

    def keep(self, page: Page, stamp: files.Stamp | None) -> None:
        """Keep what a file says, once its pictures are there; else its faults. Its stamp is from before it was read."""
        faults = list(page.faults)
        located: dict[PictureFile, PictureFile] = {}
        is_whole = True

        def refuse(place: Place, message: str, hint: str, instead: str = "") -> None:
            months, tags = page.months, page.tags
            faults.append(Fault(place=place, message=message, hint=hint, instead=instead, months=months, tags=tags))

        for picture in page.pictures:
            try:
                located[picture] = self.located(picture)
                is_whole = is_whole and not embedded.is_inside(located[picture].path)
            except Refused as refused:
                if picture.is_pasted:
                    is_whole = False
                else:
                    line = self.line_with(picture, refused.instead) if refused.instead else ""
                    refuse(picture.place, refused.message, refused.hint, line)
        if page.logo and (fault := self.logo_fault(page.logo.source)):
            refuse(page.logo.place, *fault)
        if page.front_page and (twice := self.twice(page.front_page)):
            faults.append(twice)
        if faults:
            self.faults.extend(abridged(faults))
            return
        noun = page.item or page.front_page
        if not noun:
            return
        noun = _with_pictures(noun, located)
        if isinstance(noun, Item):
            self.cards.append(noun)
            self.items[noun.path] = noun
        else:
            self.front_pages[noun.issue_id] = noun
        # Whether a logo is there, or in a place where it may be, is looked at each time; so is a picture that is not.
        if self.shelf and stamp and not page.logo and is_whole:
            self.shelf.put(noun.path, stamp, noun, (picture.path for picture in located.values() if picture.path))

    def twice(self, front_page: FrontPage) -> Fault | None:
        """Return a fault if the issue has a front page already."""
        if front_page.issue_id not in self.front_pages:
            return None
        other = self.front_pages[front_page.issue_id].path
        return Fault(
            place=front_page.place("issue"),
            message=f"{front_page.issue_id} has a front page already: {other}",
            hint="keep one of them",
            months=(front_page.issue_id.partition("/")[0],),
            tags=(front_page.issue_id.partition("/")[2],),
        )

    def located(self, picture: PictureFile) -> PictureFile:
        """Return a picture with its path from the newsroom's root; Refused if that is no picture to show."""
        source = picture.source
        if is_address(source):
            return picture
        if path := embedded.path_of(picture.place.file, source):
            try:
                head = embedded.read_picture(self.root, path)[: kinds.HEAD]
            except (OSError, files.Unreadable):
                head = b""
            if not kinds.kind_of(head):
                hint = "export the document once more, or put the picture beside the item"
                raise Refused("the picture that is written into the words is broken", hint)
            return replace(picture, path=path)
        folder = picture.place.file.rpartition("/")[0]
        # Markdown has no blanks in an address: a writer, or the parser, puts %20 for them.
        typed = source if os.path.lexists(self.root / folder / source) else unquote(source)
        try:
            shown = source.replace("%20", " ")
            path = self.local_picture(Path(folder, typed), shown, "picture", "beside the item")
        except Refused as refused:
            # A web page's own path: /images/tree.jpg, ../files/tree.jpg.
            name = typed.replace("\\", "/").rpartition("/")[2]
            if name and name != typed and (self.root / folder / name).is_file():
                raise Refused(refused.message, f"write {name}: that file lies beside the item", name) from None
            raise
        return replace(picture, path=path)

    def line_with(self, picture: PictureFile, name: str) -> str:
        """Return the line that names a picture, with another name for it; "" unless it stands there once."""
        page = embedded.read_page(self.root, picture.place.file).decode("utf-8-sig", "replace")
        line = "".join(clean(embedded.without(page)).split("\n")[picture.place.line - 1 : picture.place.line])
        is_key = line.startswith("image:")
        return line.replace(picture.source, name if is_key else quote(name)) if line.count(picture.source) == 1 else ""

    def local_picture(self, path: Path, source: str, kind: str, where: str) -> str:
        """Return the real path, from the newsroom's root, of the file that somebody named `source`.

        Refused for what is no picture, or none that email programs show; `where` is where it may lie.
        """
        real = ""
        try:
            real = files.resolved(self.root, path)
            with files.opened(self.root, path, files.PICTURE, real) as file:
                head = file.read(kinds.HEAD)
        except FileNotFoundError:
            near = did_you_mean(path.name, _files_in(os.path.dirname(real)))  # noqa: PTH120 - a realpath string
            hint = near if near.startswith("did") else f"put it {where}"
            raise Refused(f"{kind} '{source}' is not there", hint) from None
        except files.Unreadable as error:
            hint = f"put a JPEG, PNG or GIF file {where}" if error.hint in _ANY_FILE else error.hint
            hint = f"copy it {where}" if error.is_outside else hint
            raise Refused(f"{kind} '{source}' {error.message}", hint) from None
        if kinds.kind_of(head):
            return os.path.relpath(real, self.real_root).replace(os.sep, "/")
        if told := kinds.not_taken(head):
            raise Refused(f"{kind} '{source}' is {told[0]}", told[1])
        raise Refused(f"'{source}' is not a picture", "use a JPEG, PNG or GIF file")

    def check_settings(self) -> None:
        """Refuse a logo that is no picture, and pictures in a greeting, wherever newsletter.toml states them."""
        config = self.config
        stated: list[tuple[str, Mapping[str, object], tuple[str, ...] | None]] = [("organization", config.own, None)]
        for key, publication in config.publications.items():
            names = tuple(name for name, (whose, _) in self.names.items() if whose is publication)
            stated.append((f"publications.{key}", publication.own, names))
        stated += [(f"chapters.{code}", chapter.own, (code,)) for code, chapter in config.chapters.items()]
        for table, own, tags in stated:
            if told := greeting_fault(str(own.get("greeting", ""))):
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
            tables = [stated for _, stated in heirs(self.config, publication, chapter) if "logo" in stated]
            if tables and tables[-1] is own:
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


class _Ahead:
    """Reads batches of files, in whatever process."""

    def __init__(self, root: Path, config: Config, batches: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        self.root, self.config, self.batches = root, config, batches

    def get_ready(self) -> None:
        """Import what reading a file needs."""
        import newsletter.read.front_matter  # noqa: F401 - for the workers

    def read(self, name: str) -> list[Page | None]:
        """Return what each file of a batch says; None for one that can't be read: whose turn it is says so."""
        return [self._page(path, real) for path, real in self.batches[name]]

    def _page(self, path: str, real: str) -> Page | None:
        try:
            path.encode()
            return read_page(path, embedded.read_page(self.root, path, real), self.config)
        except (OSError, UnicodeEncodeError, files.Unreadable):
            return None


def _shelf(root: Path, config: Config, cache: Cache) -> "Shelf":
    # Where nothing is kept, its library need not be loaded.
    from newsletter.read.shelf import Shelf

    return Shelf(root, config, cache)


def _with_pictures(noun: _Noun, located: Mapping[PictureFile, PictureFile]) -> _Noun:
    """Return an item or a front page whose pictures have their paths."""
    if not located and not noun.body_pictures:
        return noun
    # One that was pasted, and that there is no file of, is left out.
    inside = {source: located[picture] for source, picture in noun.body_pictures.items() if picture in located}
    if isinstance(noun, Item):
        return replace(noun, picture=noun.picture and located[noun.picture], body_pictures=inside)
    return replace(noun, body_pictures=inside)


def _files_in(folder: str) -> list[str]:
    """Return the names of the files in a folder that can be written anywhere; none if it can't be listed."""
    try:
        with os.scandir(folder) as listing:
            names = [entry.name for entry in listing if not entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(name for name in names if name == files.utf8(name))
