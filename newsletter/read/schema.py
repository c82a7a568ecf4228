"""The tables of fields -> JSON Schema (draft 2020-12) of items, front pages and newsletter.toml, for editors.

A schema never refuses what the program takes; it may take what the program refuses, and says no word of how to mend it:
that is for `newsletter check`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from newsletter.model import Config
from newsletter.read import fields, values
from newsletter.read.config import issue_names, taggable
from newsletter.read.fields import Field
from newsletter.read.languages import LANGUAGES, WORDS, words_of_english
from newsletter.read.values import Parser

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
# What the three are called on the command line, each with the name of the file that it is kept in.
FILES = {
    "item": "item.schema.json",
    "front-page": "front-page.schema.json",
    "newsletter.toml": "newsletter.toml.schema.json",
}

# YAML and TOML know more than texts, and a text may look like any of them: `title: 2024`, `headline: true`.
_TEXT: Schema = {"type": ["string", "number", "boolean"]}
_NAME = "^[A-Za-z0-9][A-Za-z0-9_-]*$"
_MONTH = "[0-9]{4}-(0[1-9]|1[0-2])"
_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_WEB = "[Hh][Tt][Tt][Pp][Ss]?://.+"
_MAIL = r"[^\s@]+@[^\s@]+"


def _string(pattern: str) -> Schema:
    """Return the schema of a text of that pattern; blanks around it, and an empty one, are taken everywhere."""
    return {"type": "string", "pattern": rf"^\s*({pattern})?\s*$"}


def _whole(least: int | None = None, most: int | None = None) -> Schema:
    bounds = {key: bound for key, bound in (("minimum", least), ("maximum", most)) if bound is not None}
    return {"type": ["integer", "string"], "pattern": r"^\s*[+-]?[0-9]{1,9}\s*$", **bounds}


def _listed(entry: Schema) -> Schema:
    """Return the schema of a list, or of one entry alone."""
    return {"anyOf": [{"type": "array", "items": entry}, entry]}


# What each parser takes. Patterns are those of ECMA 262 and Python alike.
_TAKES: Mapping[Parser, Schema] = {
    values.text: _TEXT,
    values.words: _TEXT,
    values.piece: _TEXT,
    values.texts: _listed(_TEXT),
    values.month: _string(_MONTH),
    values.months: _listed(_string(_MONTH)),
    values.day: _string(_DAY),
    values.moment: _string(rf"{_DAY}([ T][0-9]{{1,2}}:[0-9]{{2}}(:00)?)?"),
    values.zone: {**_string("[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*"), "examples": ["America/New_York", "UTC"]},
    values.language: {**_string("[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}"), "examples": list(LANGUAGES)},
    values.link: _string(rf"%%.*%%|[A-Za-z][A-Za-z0-9+.-]*:.+|{_MAIL}"),
    values.web_address: _string(_WEB),
    values.site_address: _string("[Hh][Tt][Tt][Pp][Ss]?://[^?#@{]+"),
    values.mail_address: _string(_MAIL),
    values.mail_addresses: _listed(_string(_MAIL)),
    values.colour: _string("#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})"),
    values.fonts: {**_string("[A-Za-z0-9 ,'\"_-]+"), **_TEXT},
    values.whole_number: _whole(),
    values.count: _whole(1, 20),
    values.day_of_month: _whole(1, 31),
    values.seconds: _whole(1, 600),
    values.yes_no: {
        "anyOf": [
            {"type": "boolean"},
            _string("[Tt][Rr][Uu][Ee]|[Yy][Ee][Ss]|[Oo][Nn]|[Ff][Aa][Ll][Ss][Ee]|[Nn][Oo]|[Oo][Ff][Ff]"),
        ]
    },
    values.pairs: {"type": "object", "additionalProperties": _string(_WEB)},
    values.server: _TEXT,
    values.mail_lists: {"type": "object", "additionalProperties": _listed(_string(_MAIL))},
}


def item_schema(config: Config | None = None, rules: Mapping[str, str] | None = None) -> Schema:
    """Return the schema of an item's front matter, with a newsroom's own chapters, publications and sections.

    `rules` are the checks that `allow` may name, each with its reason.
    """
    names: dict[str, Schema] = {}
    if config:
        names["tag"] = _named({tag: _called(config, tag) for tag in taggable(config)})
        names["section"] = _named(_titles(config))
    if rules:
        names["check"] = _named(rules)
    of_keys = {"chapters": "tag", "chapter": "tag", "section": "section", "allow": "check"}
    known = {key: {"$ref": f"#/$defs/{name}"} for key, name in of_keys.items() if name in names}
    one_of_both = [
        {"anyOf": [{"required": [field.key]}, {"required": [field.many]}]}
        for field in fields.ITEM.values()
        if field.many
    ]
    return {
        "$schema": DRAFT,
        "title": "An item",
        "description": "The front matter of an item: one story, one Markdown file.",
        **_front_matter(fields.ITEM.values(), known),
        "required": ["title", "section"],
        "allOf": one_of_both,
        "$defs": names,
    }


def front_page_schema(config: Config | None = None) -> Schema:
    """Return the schema of a front page's front matter, with a newsroom's own sections and issues."""
    known: dict[str, Schema] = {}
    if config:
        known["sections"] = _named(_titles(config))
        names = "|".join(map(re.escape, issue_names(config)))
        known["issue"] = _string(f"({_MONTH}/)?({names})")
    rows = {**{key: fields.SETTINGS[key] for key in fields.SETTINGS if key in fields.FRONT_PAGE_KEYS}}
    return {
        "$schema": DRAFT,
        "title": "A front page",
        "description": "The front matter of a front page: what one issue says otherwise. Its greeting stands below.",
        **_front_matter({**rows, **fields.FRONT_PAGE}.values(), known),
        # One that is all comments, or has none.
        "type": ["object", "null"],
    }


def settings_schema(rules: Mapping[str, str] | None = None, provider: Schema | None = None) -> Schema:
    """Return the schema of newsletter.toml; the file itself says which chapters and sections there are.

    `rules` are the checks that [checks] may set, each with its reason; `provider` is the schema of [providers.NAME].
    """
    level = {"enum": list(fields.LEVELS)}
    inherited = [*fields.SETTINGS.values()]
    word = {**_TEXT, "description": "an issue's fixed word, said your way"}
    words = {key: {**word, "default": default} for key, default in words_of_english()}
    words = {key: words.get(key, word) for key in WORDS}
    title = {"anyOf": [_TEXT, _table([fields.SECTION["title"], fields.SECTION["intro"]])]}
    in_language = {
        "type": "object",
        "description": "the fixed words, and the titles of sections, in that language",
        "properties": {**words, "sections": {"type": "object", "additionalProperties": title}},
        "additionalProperties": False,
    }
    return {
        "$schema": DRAFT,
        "title": "newsletter.toml",
        "description": "What a newsroom publishes, for whom, and how it looks.",
        "type": "object",
        "properties": {
            "organization": {
                "description": "Who publishes, and the settings of all that it publishes.",
                **_table([*fields.ORGANIZATION.values(), *inherited], required=("name",)),
            },
            "theme": {"description": "Colours and fonts.", **_table(fields.THEME.values())},
            "words": {
                "description": "The fixed words of issues in the newsroom's own language; [words.es] in another one.",
                "type": "object",
                "properties": words,
                "additionalProperties": in_language,
            },
            "publications": _tables(
                "What recurs, each under a key of its own.",
                _table([*fields.PUBLICATION.values(), *inherited], required=("title", "scope")),
                least=1,
            ),
            "chapters": _tables(
                "The chapters, each under its code.",
                _table([*fields.CHAPTER.values(), *inherited], required=("name",)),
            ),
            "sections": _tables(
                "The sections, each under its key, in the order in which issues have them.",
                _table(fields.SECTION.values(), required=("title",)),
                least=1,
            ),
            "providers": _tables("What a provider of mail wants otherwise, or another provider.", provider or {}),
            "proof": {
                "description": "The mail server for proofs, and whom they go to.",
                **_table(field for field in fields.PROOF.values() if field.parse is not values.no_password),
            },
            "site": {
                "description": "The public page of what was sent.",
                **_table(fields.SITE.values()),
            },
            "checks": {
                "description": "Checks that are off, or weigh more or less than usual.",
                "type": "object",
                "properties": {slug: {**level, "description": why} for slug, why in (rules or {}).items()},
                "additionalProperties": False if rules else level,
            },
        },
        "required": ["organization", "publications", "sections"],
        "additionalProperties": False,
    }


def _front_matter(rows: Iterable[Field], known: Mapping[str, Schema]) -> Schema:
    """Return the schema of keys in YAML: one without a value counts as left out."""
    properties = {}
    for field in rows:
        described = _described(field, known.get(field.key))
        taken = {key: value for key, value in described.items() if key in {"type", "pattern", "enum", "anyOf", "$ref"}}
        about = {key: value for key, value in described.items() if key not in taken}
        if "anyOf" in taken:
            taken = {"anyOf": [*taken["anyOf"], {"type": "null"}]}
        elif "type" in taken:
            kinds = taken["type"] if isinstance(taken["type"], list) else [taken["type"]]
            taken["type"] = [*kinds, "null"]
        else:
            taken = {"anyOf": [taken, {"type": "null"}]}
        properties[field.key] = {**about, **taken}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _table(rows: Iterable[Field], required: tuple[str, ...] = ()) -> Schema:
    """Return the schema of one table of newsletter.toml."""
    properties = {field.key: _described(field) for field in rows}
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema


def _tables(words: str, table: Schema, least: int = 0) -> Schema:
    """Return the schema of tables of one kind, each under a name of its own."""
    schema: Schema = {
        "description": words,
        "type": "object",
        "propertyNames": {"pattern": _NAME},
        "additionalProperties": table,
    }
    return {**schema, "minProperties": least} if least else schema


def _described(field: Field, entry: Schema | None = None) -> Schema:
    """Return the schema of a field's value; `entry` is that of the value itself, or of each one in a list."""
    if entry is not None:
        takes = _listed(entry) if field.type == "array" else entry
    elif field.choices:
        takes = {"enum": list(field.choices)}
    else:
        takes = _TAKES[field.parse]
    needs = f"; needs {' or '.join(f'`{key}`' for key in field.needs)}" if field.needs else ""
    # Names of a newsroom are told by their own list.
    examples = {"examples": [_typed(field)]} if entry is None and not field.choices else {}
    return {"description": f"{field.doc}{needs}", **examples, **takes}


def _typed(field: Field) -> Any:
    """Return the example of a field as the value that it stands for."""
    written = field.example
    if field.type == "integer":
        return int(written)
    if field.type == "boolean":
        return written == "true"
    if field.type == "array":
        return [entry.strip(" \"'") for entry in written.strip("[]").split(",")]
    if field.type == "object":
        # { Bluesky = "https://example.org/us" }
        pairs = re.findall(r"(?<!\w)(\w++) = (\[?)\"([^\"]*)\"", written)
        return {key: [value] if listed else value for key, listed, value in pairs}
    return written


def _named(names: Mapping[str, str]) -> Schema:
    """Return the schema of one of these names; editors show beside each what it stands for."""
    known: list[Any] = list(names)
    told = list(names.values())
    for name in names:
        # A chapter called 12 or 1E3 is a number to YAML.
        if re.fullmatch("[0-9]+([eE][0-9]{1,2})?", name):
            known.append(float(name) if "e" in name.lower() else int(name))
            told.append(names[name])
    # VS Code's own keyword; others pass it over.
    return {"enum": known, "enumDescriptions": told}


def _titles(config: Config) -> dict[str, str]:
    return {key: section.title for key, section in config.sections.items()}


def _called(config: Config, tag: str) -> str:
    chapter = config.chapters.get(tag)
    if chapter:
        return chapter.name
    return str(config.publications[tag].own.get("title", tag))
