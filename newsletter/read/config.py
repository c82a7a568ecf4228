"""newsletter.toml -> Config, and Config -> the Settings of one issue by inheritance."""

import os
import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from newsletter.errors import (
    MOST_TOLD,
    CommandError,
    ContentError,
    Fault,
    Place,
    abridged,
    did_you_mean,
    same_name,
    shown,
)
from newsletter.model import (
    Chapter,
    Config,
    FrontPage,
    ProofSettings,
    Publication,
    Section,
    Settings,
    SiteSettings,
    Theme,
    Words,
)
from newsletter.read import fields, files, slips, toml, values
from newsletter.read.languages import COUNTED, words_in
from newsletter.read.toml import Path as Keys
from newsletter.read.values import Parser, Refused

FILE = "newsletter.toml"

_CHECK_LEVEL = values.one_of(*fields.LEVELS)
_WORDS: dict[str, Parser] = dict.fromkeys(Words.__struct_fields__, values.text)
# At its ends a blank counts: `colon = " : "`, `joined = " y "`.
_WORDS |= dict.fromkeys(("colon", "comma", "joined"), values.piece)
# What each of them has filled in.
_SLOTS: dict[str, tuple[str, ...]] = {
    "deadline": ("date",),
    "act_by": ("date",),
    "by": ("author",),
    "also": ("headlines",),
    "season": ("season", "year"),
    **{f"{noun}_{form}": ("count",) for noun in COUNTED for form in ("few", "many", "other")},
}
# Forms that may say the number in words: `un capítulo`.
_MAY_HOLD: dict[str, tuple[str, ...]] = {
    f"{noun}_{form}": ("count",) for noun in COUNTED for form in ("zero", "one", "two")
}


def _parsers(*tables: Mapping[str, fields.Field]) -> dict[str, Parser]:
    return {key: field.parse for table in tables for key, field in table.items()}


_THEME, _PROOF, _SITE, _SECTION = map(_parsers, (fields.THEME, fields.PROOF, fields.SITE, fields.SECTION))
_ORGANIZATION = _parsers(fields.SETTINGS, fields.ORGANIZATION)
_PUBLICATION = _parsers(fields.SETTINGS, fields.PUBLICATION)
_CHAPTER = _parsers(fields.SETTINGS, fields.CHAPTER)
# Keys, each with what it says.
Pairs = tuple[tuple[str, str], ...]
_TABLES = (
    "organization",
    "theme",
    "words",
    "publications",
    "chapters",
    "sections",
    "providers",
    "proof",
    "site",
    "checks",
)
_FILLED = {"chapter", "chapter_name", "organization", "short_name", "period", "month", "id"}
# What lies beside the folders of publications and chapters on the site; months do too.
_SITE_FOLDERS = {"news", "press", "assets"}
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_ANOTHER_NAME = "give one of them another name"
_DEEP_KEY = ("this key lies too deep", "a key has a few dots at most")
_SUBJECT_ONLY = {"title", "emoji", "headlines"}


def _as_it_is(value: Any) -> Any:
    """Take what is read as a table of its own."""
    return value


def template_folders(root: Path) -> list[Path]:
    """Return the folders of a newsroom's look: its own, which wins file by file, then the packaged one."""
    return [root / "templates", packaged_templates()]


def packaged_templates() -> Path:
    """Return the folder of the packaged look: inside an installed package, else beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


def packaged_sample() -> Path:
    """Return the folder of the sample newsroom: inside an installed package, else the checkout itself."""
    package = Path(__file__).parent.parent
    installed = package / "sample"
    return installed if installed.is_dir() else package.parent


def find_root(start: Path) -> Path:
    """Return the nearest folder from `start` upward that holds newsletter.toml; CommandError if none does."""
    for folder in (start, *start.parents):
        # A pipe or a folder of that name is told when it is read, not passed over.
        if os.path.lexists(folder / FILE):
            return folder
    raise CommandError(
        f"no newsroom here: neither {start} nor a folder above it holds {FILE}",
        "go into your newsroom, name it with --newsroom DIR, or start one: newsletter new newsroom DIR",
    )


def read_config(root: Path) -> Config:
    """Read and check `root`/newsletter.toml; ContentError with every fault in it."""
    source = _read(root)
    scan = toml.Scan(source)
    if scan.is_deep:
        what = ("this list is nested too deep", "a list holds texts") if scan.opened else _DEEP_KEY
        raise ContentError([_fault(scan.line, *what)])
    try:
        tables = tomllib.loads(source)
    # tomllib says no line where a number has 5,000 digits.
    except ValueError as error:
        at = re.search(r"\(at line (\d+), column \d+\)$", str(error))
        last = source.rstrip().count("\n") + 1 if "(at end" in str(error) else scan.line
        slip = slips.in_toml(source, int(at[1]) if at else last)
        raise ContentError([_fault(slip.line, slip.message, slip.hint, slip.instead)]) from None
    if not scan.is_whole:
        slip = slips.in_toml(source, scan.line)
        raise ContentError([_fault(slip.line, slip.message, slip.hint, slip.instead)])
    return _Reader(tables, scan).config()


def resolve(config: Config, publication: Publication, chapter: Chapter | None, own: Mapping[str, object]) -> Settings:
    """Return the settings of one issue; `own` are those of its front page, which win."""
    settings: dict[str, Any] = {}
    for stated in (*(stated for _, stated in heirs(config, publication, chapter)), own):
        settings |= stated
    if "more" not in settings:
        settings["more"] = words_in(config, settings.get("language", "en")).more
    return Settings(**settings)


def cadence_of(config: Config, publication: Publication, chapter: Chapter | None) -> str:
    """Return how often an issue comes out, without its other settings: it is asked of each of thousands."""
    stated = [table["cadence"] for _, table in heirs(config, publication, chapter) if "cadence" in table]
    return str(stated[-1]) if stated else "monthly"


def heirs(
    config: Config, publication: Publication | None, chapter: Chapter | None
) -> list[tuple[str, Mapping[str, object]]]:
    """Return the tables whose settings an issue inherits, by their names: each wins over those before it.

    After them comes the issue's front page.
    """
    tables: list[tuple[str, Mapping[str, object]]] = [("organization", config.own)]
    if publication:
        tables.append((f"publications.{publication.key}", publication.own))
    if chapter:
        tables.append((f"chapters.{chapter.code}", chapter.own))
    return tables


def place_of_setting(config: Config, key: str, publication: str, code: str, front_page: FrontPage | None) -> Place:
    """Return where the setting of an issue is stated: its front page, or the nearest table of newsletter.toml.

    `publication` and `code` (empty without a chapter) say whose issue it is. What is stated nowhere would be under
    [organization].
    """
    if front_page and key in front_page.own:
        return front_page.place(key)
    tables = heirs(config, config.publications.get(publication), config.chapters.get(code))
    table = next((name for name, stated in reversed(tables) if key in stated), "organization")
    return config.place(f"{table}.{key}")


def taggable(config: Config) -> list[str]:
    """Return what an item can be tagged with: chapters that have an issue, and network-wide publications."""
    network = [key for key, publication in config.publications.items() if publication.scope == "network"]
    return [*(config.chapters if len(network) < len(config.publications) else ()), *network]


def issue_names(config: Config) -> dict[str, tuple[Publication, Chapter | None]]:
    """Return what an issue can be called after its month: `network`, `state-LPMN`; in the order of newsletter.toml."""
    names: dict[str, tuple[Publication, Chapter | None]] = {}
    for key, publication in config.publications.items():
        if publication.scope == "network":
            names[key] = (publication, None)
        else:
            names |= {f"{key}-{code}": (publication, chapter) for code, chapter in config.chapters.items()}
    return names


def issue_named(config: Config, name: str) -> tuple[Publication, Chapter | None]:
    """Return what `issue_names` has under one name, without the others: there may be thousands. Raises KeyError."""
    publication = config.publications.get(name)
    if publication and publication.scope == "network":
        return publication, None
    for dash in (at for at, letter in enumerate(name) if letter == "-"):
        publication, chapter = config.publications.get(name[:dash]), config.chapters.get(name[dash + 1 :])
        # No two issues have the same name: that is a fault of newsletter.toml.
        if publication and chapter and publication.scope != "network":
            return publication, chapter
    raise KeyError(name)


def months_of(month: str, cadence: str) -> tuple[str, ...]:
    """Return the months that an issue of `month` takes in: itself, or the calendar quarter that it closes.

    Empty for a month in which a quarterly newsletter has no issue: the quarter would be sent twice.
    """
    if cadence == "monthly":
        return (month,)
    year, number = int(month[:4]), int(month[5:])
    return tuple(f"{year:04}-{covered:02}" for covered in range(number - 2, number + 1)) if number % 3 == 0 else ()


def placeholders(providers: object) -> set[str]:
    """Return the placeholders that writers may use: the common ones, and those that a provider's own table adds."""
    rows = providers.values() if isinstance(providers, Mapping) else ()
    # Whether such a table is whole is for its user to say (deliver/providers.py).
    tags = [row.get("tags") for row in rows if isinstance(row, Mapping)]
    return {*values.PLACEHOLDERS, *(name for own in tags if isinstance(own, Mapping) for name in own)}


def words_of(config: Config, chapter: Chapter | None) -> dict[str, str]:
    """Return what `fill` puts into settings in every month; `{chapter}` and its name are empty in an issue for all."""
    return {
        "chapter": chapter.code if chapter else "",
        "chapter_name": chapter.name if chapter else "",
        "organization": config.organization,
        "short_name": config.short_name or config.organization,
    }


def audience_of(
    config: Config, publication: Publication, chapter: Chapter | None, own: Mapping[str, object] | None = None
) -> str:
    """Return whom an issue goes to, as newsletter.toml calls that list; `own` is what its front page says."""
    return fill(resolve(config, publication, chapter, own or {}).audience, words_of(config, chapter))


def fill(pattern: str, words: Mapping[str, str]) -> str:
    """Replace each `{name}` that `words` knows, once; other braces stay as typed."""
    return re.sub(r"\{([a-z_]+)\}", lambda match: words.get(match[1], match[0]), pattern)


class _Reader:
    """Collects faults while it reads; `config` raises them together."""

    def __init__(self, tables: dict[str, Any], scan: toml.Scan) -> None:
        self.tables, self.scan, self.lines = tables, scan, toml.lines(scan.stated)
        self.placeholders = placeholders(tables.get("providers"))
        self.refused_languages: list[str] = []
        self.faults: list[Fault] = []

    def config(self) -> Config:
        for key in self.tables:
            if key not in _TABLES:
                self.refuse((key,), f"unknown table or key '{shown(key)}'", self.near(key, _TABLES))
        organization = self.read(("organization",), _ORGANIZATION, required=("name",))
        sections = {key: self.read(("sections", key), _SECTION, required=("title",)) for key in self.names("sections")}
        publications = {
            key: self.read(("publications", key), _PUBLICATION, required=("title", "scope"))
            for key in self.names("publications")
        }
        chapters = {
            code: self.read(("chapters", code), _CHAPTER, required=("name",)) for code in self.names("chapters")
        }
        if not isinstance(self.tables.get("providers", {}), dict):
            self.refuse(("providers",), "'providers' must be a table", "write [providers.NAME]")
        theme = self.read(("theme",), _THEME)
        words, titles = self.words(sections)
        # Which rules there are is the affair of check/: it refuses a slug that none has.
        stated = self.tables.get("checks", {})
        checks = self.read(("checks",), dict.fromkeys(stated, _CHECK_LEVEL) if isinstance(stated, dict) else {})
        proof = self.read(("proof",), _PROOF)
        site = self.read(("site",), _SITE)
        self.check_site(site, sections)
        self.check_names(sections, publications, chapters)
        self.check_sections(sections, organization, publications, chapters)
        if self.faults:
            raise ContentError(abridged(sorted(self.faults, key=lambda fault: fault.place)))
        return Config(
            organization=organization.pop("name"),
            short_name=organization.pop("short_name", ""),
            own=organization,
            theme=Theme(**theme),
            words=words,
            section_words=titles,
            sections={key: Section(key=key, **own) for key, own in sections.items()},
            publications={
                key: Publication(key=key, scope=own.pop("scope"), own=own) for key, own in publications.items()
            },
            chapters={
                code: Chapter(code=code, name=own.pop("name"), moved_from=own.pop("moved_from", ()), own=own)
                for code, own in chapters.items()
            },
            providers=self.tables.get("providers", {}),
            checks=checks,
            proof=ProofSettings(**proof),
            site=SiteSettings(**site),
            lines={".".join(path): line for path, line in reversed(self.lines.items())},
        )

    def names(self, table: str) -> Iterator[str]:
        """Yield the keys of a table of tables, refusing what can't be a name."""
        found = self.tables.get(table, {})
        if not isinstance(found, dict):
            self.refuse((table,), f"'{table}' must be a table", f"write [{table}.NAME]")
            return
        if not found and table in {"publications", "sections"}:
            example = {"publications": "network", "sections": "wins"}[table]
            self.refuse((), f"there is no [{table}.…] table", f"a newsroom has at least one: [{table}.{example}]")
        for key, own in found.items():
            try:
                values.name(key)
            except Refused as refused:
                self.refuse((table, key), refused.message, refused.hint)
                continue
            if isinstance(own, dict):
                yield key
            else:
                self.refuse((table, key), f"'{table}.{key}' must be a table", f"write [{table}.{key}]")

    def read(self, path: Keys, parsers: Mapping[str, Parser], required: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the parsed values of one table."""
        table: Any = self.tables
        for key in path:
            table = table.get(key, {})
        name = ".".join(path)
        if not isinstance(table, dict):
            self.refuse(path, f"'{name}' must be a table", f"write [{name}]")
            return {}
        read = {}
        for key, value in table.items():
            place = (*path, key)
            if key not in parsers:
                meant = same_name(key, tuple(parsers))
                line = self.line_with(place, f"{key} =", f"{meant} =") if meant and meant not in table else ""
                self.refuse(
                    place, f"unknown key '{shown(key)}' in [{name}]", self.near(key, tuple(parsers)), instead=line
                )
                continue
            try:
                read[key] = parsers[key](value)
            except Refused as refused:
                line = self.line_with(place, f'"{value}"', f'"{refused.instead.strip(chr(34))}"')
                self.refuse(place, f"{key}: {refused.message}", refused.hint, instead=line if refused.instead else "")
            else:
                self.check_pattern(place, key, read[key])
                self.check_placeholders(place, value)
        for key in required:
            if key not in table:
                self.refuse(path, f"[{name}] has no '{key}'", f'add {key} = "…"')
            elif read.get(key) == "":
                self.refuse((*path, key), f"'{key}' is empty", f'write {key} = "…"')
        return read

    def words(self, sections: Mapping[str, Any]) -> tuple[dict[str, Pairs], dict[str, Pairs]]:
        """Return the newsroom's fixed words and section titles by language: "" for `[words]`, `es` for `[words.es]`."""
        table = self.tables.get("words", {})
        tags = [key for key, own in table.items() if isinstance(own, dict)] if isinstance(table, dict) else []
        tags = [tag for tag in tags if self.is_language(("words", tag), tag)]
        words = {"": self.read(("words",), _WORDS | dict.fromkeys([*tags, *self.refused_languages], _as_it_is))}
        titles = {}
        for tag in tags:
            words[tag] = self.read(("words", tag), {**_WORDS, "sections": _as_it_is})
            titles[tag] = self.section_words(("words", tag, "sections"), sections)
        said = {tag: {key: word for key, word in own.items() if key in _WORDS} for tag, own in words.items()}
        for tag, own in said.items():
            for key, word in own.items():
                self.check_word((*filter(None, ("words", tag)), key), key, word)
        return (
            {tag: tuple(own.items()) for tag, own in said.items()},
            {tag: tuple(own.items()) for tag, own in titles.items()},
        )

    def section_words(self, path: Keys, sections: Mapping[str, Any]) -> dict[str, str]:
        """Return titles of sections, and their intros: `wins = "Logros"`, or `wins` as a table of both."""
        said: dict[str, str] = {}
        for key, own in self.read(path, dict.fromkeys(sections, _as_it_is)).items():
            if isinstance(own, dict):
                table = self.read((*path, key), {"title": values.text, "intro": values.text})
                said |= {f"{key}.intro" if name == "intro" else key: word for name, word in table.items()}
                continue
            try:
                said[key] = values.text(own)
            except Refused as refused:
                self.refuse((*path, key), f"{key}: {refused.message}", refused.hint)
        return said

    def is_language(self, place: Keys, tag: str) -> bool:
        try:
            values.language(tag)
        except Refused as refused:
            self.refuse(place, refused.message, refused.hint)
            self.refused_languages.append(tag)
            return False
        return True

    def check_word(self, place: Keys, key: str, word: str) -> None:
        """Refuse a fixed word that would lose what it is to hold (`{date}`), or holds what nothing fills in."""
        slots, known = _SLOTS.get(key, ()), _SLOTS.get(key) or _MAY_HOLD.get(key, ())
        typed = re.findall(r"\{([a-z_]+)\}", word)
        for name in typed:
            # Elsewhere a brace may be meant: what a newsroom writes for its own provider.
            if known and name not in known:
                self.refuse(place, f"{key}: '{{{name}}}' is not filled in here", self.near(name, known), f"{{{name}}}")
        for slot in slots:
            if word and slot not in typed:
                self.refuse(place, f"{key}: '{{{slot}}}' is missing", f"put {{{slot}}} where it belongs in the words")

    def check_pattern(self, place: Keys, key: str, value: object) -> None:
        if key == "contact" and isinstance(value, tuple):
            value = " ".join(value)
        if not isinstance(value, str) or "{" not in value or place[0] in {"words", "sections", "theme"}:
            return
        known = _FILLED | _SUBJECT_ONLY if key == "subject" else _FILLED
        for match in re.finditer(r"\{([a-z_]+)\}", value):
            if match[1] not in known:
                message = f"{key}: '{match[0]}' is not filled in here"
                self.refuse(place, message, self.near(match[1], sorted(known)), typed=match[0])

    def check_placeholders(self, place: Keys, value: object) -> None:
        if isinstance(value, str) and "%%" in value:
            for typed, hint, meant in values.unknown_placeholders(value, self.placeholders):
                line = self.line_with(place, typed, meant) if meant else ""
                self.refuse(place, f"unknown placeholder '{typed}'", hint, typed=typed, instead=line)

    def check_names(
        self, sections: Mapping[str, Any], publications: Mapping[str, Any], chapters: Mapping[str, Any]
    ) -> None:
        """Refuse names that are one folder on some machines, or one issue."""
        for code in chapters:
            if code in publications:
                line = self.lines[("publications", code)]
                message = f"'{code}' is a publication as well, in line {line}"
                self.refuse(("chapters", code), message, _ANOTHER_NAME)
        for paths in (
            [*(("publications", key) for key in publications), *(("chapters", code) for code in chapters)],
            [("sections", key) for key in sections],
        ):
            by_fold: dict[str, Keys] = {}
            for path in sorted(paths, key=self.lines.__getitem__):
                first = by_fold.setdefault(path[1].lower(), path)
                if first[1] != path[1]:
                    message = f"'{path[1]}' and '{first[1]}' (line {self.lines[first]}) differ only in capitals"
                    self.refuse(path, message, f"some machines take both for one: {_ANOTHER_NAME}")
                if path[0] != "sections" and (path[1].lower() in _SITE_FOLDERS or _MONTH.fullmatch(path[1])):
                    message = f"'{path[1]}' is the name of a folder of the site"
                    self.refuse(path, message, "give it another name")
        for code, own in chapters.items():
            self.check_former(code, own.get("moved_from", ()), {*publications, *chapters})
        of_chapters = [key for key, own in publications.items() if own.get("scope") == "chapter"]
        names = {key.lower(): key for key in publications if key not in of_chapters}
        for key in of_chapters:
            for code in chapters:
                name = f"{key}-{code}"
                if (other := names.setdefault(name.lower(), key)) != key:
                    path = max(("publications", other), ("publications", key), key=self.lines.__getitem__)
                    self.refuse(
                        path, f"two issues would be called '{name}'", "give one of the publications another name"
                    )

    def check_former(self, code: str, former: Sequence[str], taken: set[str]) -> None:
        """Refuse former codes that are no folder of their own on the site."""
        for typed in former:
            path = ("chapters", code, "moved_from")
            try:
                values.name(typed)
            except Refused as refused:
                self.refuse(path, refused.message, refused.hint, typed=typed)
                continue
            if typed.lower() in {name.lower() for name in taken}:
                self.refuse(
                    path, f"'{typed}' is in use", "name only codes that nothing is called any more", typed=typed
                )
            elif typed.lower() in _SITE_FOLDERS or _MONTH.fullmatch(typed):
                self.refuse(path, f"'{typed}' is the name of a folder of the site", "leave it out", typed=typed)

    def check_sections(
        self,
        sections: Mapping[str, Any],
        organization: Mapping[str, Any],
        publications: Mapping[str, Any],
        chapters: Mapping[str, Any],
    ) -> None:
        """Refuse settings that name a section of which there is no table."""
        tables: list[tuple[Keys, Mapping[str, Any]]] = [(("organization",), organization)]
        tables += [(("publications", key), own) for key, own in publications.items()]
        tables += [(("chapters", code), own) for code, own in chapters.items()]
        for path, own in tables:
            for key in own.get("sections", ()):
                if key not in sections:
                    near = self.near(key, tuple(sections))
                    self.refuse((*path, "sections"), f"section '{key}' is not defined", near, typed=key)

    def check_site(self, site: Mapping[str, Any], sections: Mapping[str, Any]) -> None:
        """Refuse sections of the site of which there is no table."""
        for key in ("posts", "news", "press"):
            for named in [site[key]] if isinstance(site.get(key), str) else site.get(key, ()):
                if named and named not in sections:
                    near = self.near(named, tuple(sections))
                    self.refuse(("site", key), f"section '{named}' is not defined", near, typed=named)

    def near(self, typed: str, known: Sequence[str]) -> str:
        """Return the hint for a name that is not known, as long as faults are still told."""
        return did_you_mean(typed, known) if len(self.faults) < MOST_TOLD else ""

    def line_with(self, place: Keys, typed: str, written: str) -> str:
        """Return the line of a key with one piece of it written otherwise; "" unless that stands there once."""
        line = self.scan.source.split("\n")[self.lines[place] - 1] if place in self.lines else ""
        return line.replace(typed, written) if line.count(typed) == 1 else ""

    def refuse(self, path: Keys, message: str, hint: str = "", typed: str = "", instead: str = "") -> None:
        """Note a fault at the line of a key or of the table around it; in a value over lines, where `typed` stands."""
        while path and path not in self.lines:
            path = path[:-1]
        line = self.lines.get(path, 1)
        if typed and len(self.faults) < MOST_TOLD:
            line = self.line_of(typed, line)
        self.faults.append(_fault(line, message, hint, instead))

    def line_of(self, typed: str, first: int) -> int:
        """Return the line where a piece of a value stands that begins in line `first`; that one if none shows it."""
        stated = self.scan.stated
        after = bisect_right(stated, first, key=lambda name: name.line)
        while after < len(stated) and stated[after].kind == "entry":
            after += 1
        last = stated[after].line if after < len(stated) else None
        lines = self.scan.source.split("\n")[first - 1 : last and last - 1]
        return next((first + number for number, line in enumerate(lines) if typed in line), first)


def _read(root: Path) -> str:
    try:
        raw = files.read(root, FILE, files.SETTINGS)
    except FileNotFoundError as error:
        raise ContentError([_fault(0, files.reason(error), files.READABLE)]) from None
    except files.Unreadable as error:
        raise ContentError([_fault(0, error.message, error.hint)]) from None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ContentError([_fault(line, "this is not UTF-8 text", "save the file with the encoding UTF-8")]) from None


def _fault(line: int, message: str, hint: str = "", instead: str = "") -> Fault:
    return Fault(place=Place(file=FILE, line=line), message=message, hint=hint, instead=instead)
