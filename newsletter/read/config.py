"""newsletter.toml -> Config, and Config -> the Settings of one issue by inheritance."""

import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from newsletter.errors import MOST_TOLD, CommandError, ContentError, Fault, Place, abridged, did_you_mean, shown
from newsletter.model import Chapter, Config, ProofSettings, Publication, Section, Settings, Theme, Words
from newsletter.read import files, slips, values
from newsletter.read.values import Parser, Refused

FILE = "newsletter.toml"

# Every setting that inherits, and how it is read. The same table serves newsletter.toml and front pages.
SETTINGS: dict[str, Parser] = {
    "title": values.text,
    "emoji": values.text,
    "subject": values.text,
    "headlines": values.count,
    "more": values.text,
    "preheader": values.text,
    "greeting": values.words,
    "cadence": values.one_of("monthly", "quarterly"),
    "period": values.one_of("long", "short", "season"),
    "sections": values.texts,
    "accent": values.colour,
    "logo": values.text,
    "logo_alt": values.text,
    "sender_name": values.text,
    "sender_address": values.mail_address,
    "reply_to": values.mail_address,
    "audience": values.text,
    "postal_address": values.text,
    "press_contact": values.mail_address,
    "website": values.web_address,
    "why": values.text,
    "unsubscribe_url": values.link,
    "browser_url": values.link,
    "picture_base_url": values.web_address,
    "provider": values.text,
    "language": values.language,
    "timezone": values.zone,
    "social": values.pairs,
}
# What an issue can't decide about itself: when it comes out and what carries it.
FRONT_PAGE_SETTINGS = {key: parse for key, parse in SETTINGS.items() if key not in {"cadence", "headlines", "social"}}

_CHECK_LEVEL = values.one_of("off", "error", "warning", "advice")
_LOOKS = values.one_of("story", "compact", "action", "quote")
_THEME: dict[str, Parser] = {
    field.name: values.fonts if field.name.endswith("_font") else values.colour for field in fields(Theme)
}
_WORDS: dict[str, Parser] = {field.name: values.text for field in fields(Words)}
_PROOF: dict[str, Parser] = {
    "server": values.server,
    "user": values.text,
    "password": values.no_password,
    "timeout": values.seconds,
    "domains": values.texts,
    "lists": values.mail_lists,
}
_TABLES = ("organization", "theme", "words", "publications", "chapters", "sections", "providers", "proof", "checks")
_FILLED = {"chapter", "chapter_name", "organization", "short_name", "period", "month", "id"}
# Levels of a dotted key, and characters of a line that may be its key.
_DEEP, _LONGEST_LINE = 64, 500
_DOTS = re.compile(rf"""(?<![\w"'-])(?:[\w"'-]++\.){{{_DEEP}}}""")
_SUBJECT_ONLY = {"title", "emoji", "headlines"}


def template_folders(root: Path) -> list[Path]:
    """Return the folders of a newsroom's look: its own, which wins file by file, then the packaged one."""
    return [root / "templates", packaged_templates()]


def packaged_templates() -> Path:
    """Return the folder of the packaged look: inside an installed package, else beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


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
    if deep := _deep_line(source):
        raise ContentError([_fault(deep, "this key lies too deep", "a key has a few dots at most")])
    try:
        tables = tomllib.loads(source)
    # ValueError: a number of 5,000 digits; RecursionError: as many brackets.
    except (ValueError, RecursionError) as error:
        raise ContentError([_toml_fault(source, error)]) from None
    return _Reader(tables, _lines(source)).config()


def resolve(config: Config, publication: Publication, chapter: Chapter | None, own: Mapping[str, object]) -> Settings:
    """Return the settings of one issue: organization -> publication -> chapter -> front page (`own`)."""
    settings: dict[str, Any] = {**config.own, **publication.own, **(chapter.own if chapter else {}), **own}
    return Settings(**settings)


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
    return tuple(f"{year:04}-{one:02}" for one in range(number - 2, number + 1)) if number % 3 == 0 else ()


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


def fill(pattern: str, words: Mapping[str, str]) -> str:
    """Replace each `{name}` that `words` knows, once; other braces stay as typed."""
    return re.sub(r"\{([a-z_]+)\}", lambda found: words.get(found[1], found[0]), pattern)


class _Reader:
    """Collects faults while it reads; `config` raises them together."""

    def __init__(self, tables: dict[str, Any], lines: Mapping[str, int]) -> None:
        self.tables, self.lines = tables, lines
        self.placeholders = placeholders(tables.get("providers"))
        self.faults: list[Fault] = []

    def config(self) -> Config:
        for key in self.tables:
            if key not in _TABLES:
                self.refuse(key, f"unknown table or key '{shown(key)}'", self.near(key, _TABLES))
        organization = self.read(
            "organization", {**SETTINGS, "name": values.text, "short_name": values.text}, required=("name",)
        )
        sections = {
            key: self.read(
                f"sections.{key}",
                {"title": values.text, "emoji": values.text, "look": _LOOKS, "intro": values.text},
                required=("title",),
            )
            for key in self.names("sections")
        }
        publications = {
            key: self.read(
                f"publications.{key}",
                {**SETTINGS, "scope": values.one_of("network", "chapter")},
                required=("title", "scope"),
            )
            for key in self.names("publications")
        }
        chapters = {
            code: self.read(f"chapters.{code}", {**SETTINGS, "name": values.text}, required=("name",))
            for code in self.names("chapters")
        }
        if not isinstance(self.tables.get("providers", {}), dict):
            self.refuse("providers", "'providers' must be a table", "write [providers.NAME]")
        theme = self.read("theme", _THEME)
        words = self.read("words", _WORDS)
        # Which rules there are is the affair of check/: it refuses a slug that none has.
        stated = self.tables.get("checks", {})
        checks = self.read("checks", dict.fromkeys(stated, _CHECK_LEVEL) if isinstance(stated, dict) else {})
        proof = self.read("proof", _PROOF)
        self.check_names(organization, sections, publications, chapters)
        if self.faults:
            raise ContentError(abridged(sorted(self.faults, key=lambda fault: fault.place)))
        return Config(
            organization=organization.pop("name"),
            short_name=organization.pop("short_name", ""),
            own=organization,
            theme=Theme(**theme),
            words=Words(**words),
            sections={key: Section(key=key, **own) for key, own in sections.items()},
            publications={
                key: Publication(key=key, scope=own.pop("scope"), own=own) for key, own in publications.items()
            },
            chapters={code: Chapter(code=code, name=own.pop("name"), own=own) for code, own in chapters.items()},
            providers=self.tables.get("providers", {}),
            checks=checks,
            proof=ProofSettings(**proof),
            lines=self.lines,
        )

    def names(self, table: str) -> Iterator[str]:
        """Yield the keys of a table of tables, refusing what can't be a name."""
        found = self.tables.get(table, {})
        if not isinstance(found, dict):
            self.refuse(table, f"'{table}' must be a table", f"write [{table}.NAME]")
            return
        if not found and table in {"publications", "sections"}:
            example = {"publications": "network", "sections": "wins"}[table]
            self.refuse("", f"there is no [{table}.…] table", f"a newsroom has at least one: [{table}.{example}]")
        for key, own in found.items():
            try:
                values.name(key)
            except Refused as refused:
                self.refuse(f"{table}.{key}", refused.message, refused.hint)
                continue
            if isinstance(own, dict):
                yield key
            else:
                self.refuse(f"{table}.{key}", f"'{table}.{key}' must be a table", f"write [{table}.{key}]")

    def read(self, path: str, parsers: Mapping[str, Parser], required: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the parsed values of one table."""
        table: Any = self.tables
        for key in path.split("."):
            table = table.get(key, {})
        if not isinstance(table, dict):
            self.refuse(path, f"'{path}' must be a table", f"write [{path}]")
            return {}
        read = {}
        for key, value in table.items():
            place = f"{path}.{key}"
            if key not in parsers:
                self.refuse(place, f"unknown key '{shown(key)}' in [{path}]", self.near(key, tuple(parsers)))
                continue
            try:
                read[key] = parsers[key](value)
            except Refused as refused:
                self.refuse(place, f"{key}: {refused.message}", refused.hint)
            else:
                self.check_pattern(place, key, read[key])
                self.check_placeholders(place, value)
        for key in required:
            if key not in table:
                self.refuse(path, f"[{path}] has no '{key}'", f'add {key} = "…"')
            elif read.get(key) == "":
                self.refuse(f"{path}.{key}", f"'{key}' is empty", f'write {key} = "…"')
        return read

    def check_pattern(self, place: str, key: str, value: object) -> None:
        if not isinstance(value, str) or place.startswith(("words.", "sections.", "theme.")):
            return
        known = _FILLED | _SUBJECT_ONLY if key == "subject" else _FILLED
        for found in re.findall(r"\{([a-z_]+)\}", value):
            if found not in known:
                self.refuse(place, f"{key}: '{{{found}}}' is not filled in here", self.near(found, sorted(known)))

    def check_placeholders(self, place: str, value: object) -> None:
        if isinstance(value, str):
            for found in values.PLACEHOLDER.finditer(value):
                if found[1] not in self.placeholders:
                    hint = self.near(found[1], sorted(self.placeholders))
                    self.refuse(place, f"unknown placeholder '{found[0]}'", hint)

    def check_names(
        self,
        organization: Mapping[str, Any],
        sections: Mapping[str, Any],
        publications: Mapping[str, Any],
        chapters: Mapping[str, Any],
    ) -> None:
        for code in chapters:
            if code in publications:
                self.refuse(f"chapters.{code}", f"'{code}' is a publication as well", "give one of them another name")
        of_chapters = [key for key, own in publications.items() if own.get("scope") == "chapter"]
        names = Counter(f"{key}-{code}" for key in of_chapters for code in chapters)
        for name in (name for name, count in names.items() if name in publications or count > 1):
            path = f"publications.{name}" if name in publications else "publications"
            self.refuse(path, f"two issues would be called '{name}'", "give one of the publications another name")
        for path, own in [
            ("organization", organization),
            *((f"publications.{key}", own) for key, own in publications.items()),
            *((f"chapters.{code}", own) for code, own in chapters.items()),
        ]:
            for key in own.get("sections", ()):
                if key not in sections:
                    self.refuse(
                        f"{path}.sections",
                        f"section '{key}' is not defined",
                        self.near(key, tuple(sections)),
                    )

    def near(self, typed: str, known: Sequence[str]) -> str:
        """Return the hint for a name that is not known, as long as faults are still told."""
        return did_you_mean(typed, known) if len(self.faults) < MOST_TOLD else ""

    def refuse(self, path: str, message: str, hint: str = "") -> None:
        # A key of 100,000 dots has as many tables around it.
        for _ in range(_DEEP):
            if path in self.lines:
                break
            path = path.rpartition(".")[0]
        self.faults.append(_fault(self.lines.get(path, 1), message, hint))


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


def _toml_fault(source: str, error: Exception) -> Fault:
    at = re.search(r"\(at line (\d+), column \d+\)$", str(error))
    line = int(at[1]) if at else max(1, source.rstrip().count("\n") + 1)
    if slip := slips.in_toml(source, line):
        return _fault(slip.line, slip.message, slip.hint)
    what = re.sub(r" \(at [^()]*\)$", "", str(error)) if at or "(at end" in str(error) else "it can't be read"
    hint = "texts stand in double quotes, one key a line"
    return _fault(line, f"this is not valid TOML: {what[:1].lower()}{what[1:]}", hint)


def _fault(line: int, message: str, hint: str = "") -> Fault:
    return Fault(place=Place(file=FILE, line=line), message=message, hint=hint)


def _deep_line(source: str) -> int:
    """Return the line of a key with so many dots that tomllib, which weighs each with each, would take minutes."""
    if source.count(".") < _DEEP:
        return 0
    for number, line in enumerate(source.split("\n"), 1):
        if line.count(".") >= _DEEP and _DOTS.search(re.sub(r"[ \t]", "", line)):
            return number
    return 0


# Nothing that was taken is given back: a line of 100 kB is read once.
_KEY = re.compile(r"""\s*+((?:[A-Za-z0-9_-]++|"[^"]*"|'[^']*')(?:\s*+\.\s*+[A-Za-z0-9_-]++)*+)\s*+=""")


def _lines(source: str) -> dict[str, int]:
    """Return the line of each table and key by its dotted path (tomllib does not tell)."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(source.splitlines(), 1):
        if len(line) > _LONGEST_LINE:
            # Its beginning tells the key. A table's name stands before each of its keys here.
            line = line[:_LONGEST_LINE]
        if header := re.match(r"\s*+\[++\s*+([^\]]+)\]", line):
            table = _dotted(header[1])
            while table and table not in lines:
                lines[table] = number
                above, _, _ = table.rpartition(".")
                if not above or above in lines:
                    break
                lines[above] = number
        elif key := _KEY.match(line):
            lines.setdefault(f"{table}.{_dotted(key[1])}".lstrip("."), number)
    return lines


def _dotted(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))
