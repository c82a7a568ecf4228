"""Config -> Provider: the table of what each provider calls its tags, takes, and does by itself.

The table is `providers.toml` beside this file; a newsroom's [providers.NAME] go over it, key by key.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, field

from newsletter.errors import CommandError, ContentError, Fault, Place, did_you_mean, shown
from newsletter.model import Config
from newsletter.read.values import clean


class Target(Struct, frozen=True, kw_only=True):
    """Where a draft goes: what the provider calls the list, tag or segment.

    `whole_list` says that all whom the account can write to are meant, `name` what the list must be called there.
    `place` is the line that says so, `newsletter.toml:88`.
    """

    id: str
    whole_list: bool = False
    name: str = ""
    place: str = ""


class Provider(Struct, frozen=True, kw_only=True):
    """One row of the table; `providers.toml` says what each field means.

    `kind` is the packaged row that it is like ("" for none), `place` where newsletter.toml states its audiences, or
    the table around them; the fields below that are for drafts.
    """

    name: str
    label: str
    kind: str = ""
    place: str = ""
    audiences: Mapping[str, Target] = field(default_factory=dict)
    url: str = ""
    user: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    text_tags: Mapping[str, str] = field(default_factory=dict)
    elements: Mapping[str, str] = field(default_factory=dict)
    adds: tuple[str, ...] = ()
    literal: tuple[str, ...] = ()
    delimiters: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    document: str = "full"
    comments: str = "kept"
    preheader: str = "field"
    has_text: bool = True
    takes_message: bool = False
    takes_zip: bool = False
    first_line: str = ""
    once: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    max_characters: int = 0
    max_subject: int = 0
    steps: Mapping[str, str] = field(default_factory=dict)
    look: tuple[str, ...] = ()
    does: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()


# What the steps of a handover are called, in their order.
STEPS = ("start", "audience", "sender", "subject", "preheader", "pictures", "html", "text", "test", "send")

_CHOICES = {
    "document": ("full", "fragment"),
    "comments": ("kept", "safe", "dropped"),
    "preheader": ("field", "html"),
}
# For a newsroom's own `typed`.
_MOST_PATTERNS, _LONGEST_PATTERN, _MOST_TIMES = 20, 200, 1000
# Tables [providers.NAME]: each has patterns of its own, all of which read all words.
_MOST_PROVIDERS = 50
_TIMES = re.compile(r"\{[0-9]*+(?:,[0-9]*+)?\}")
_TEXTS = ("label", "first_line", "like", "url", "user")
_TRUTHS = ("has_text", "takes_message", "takes_zip")
_NUMBERS = ("max_characters", "max_subject")
_MAPS = ("tags", "text_tags", "elements", "steps")
_KEYS = ("like", *(key for key in Provider.__struct_fields__ if key not in {"name", "kind", "place"}))
_LISTS = tuple(key for key in _KEYS if key not in {*_CHOICES, *_TEXTS, *_TRUTHS, *_NUMBERS, *_MAPS, "audiences"})
# What people call a secret. One in this file is in everybody's copy of it, and in git for ever.
_SECRET = re.compile(r"(?:.*[_-])?(?:key|token|secret|password|pass|apikey|bearer|credentials?)", re.IGNORECASE)
_MOST_AUDIENCES = 2000
_TARGET = ("id", "whole_list", "name")


def providers(config: Config) -> dict[str, Provider]:
    """Return every provider by name, the newsroom's own words over the packaged ones; ContentError if they misfit."""
    table: dict[str, dict[str, Any]] = {name: dict(row) for name, row in _packaged().items()}
    faults = []
    if len(config.providers) > _MOST_PROVIDERS:
        many = f"there are {len(config.providers):,} [providers.…] tables; the most is {_MOST_PROVIDERS}"
        raise ContentError([Fault(place=config.place("providers"), message=many, hint="take out those nobody uses")])
    for name, stated in config.providers.items():
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name):
            place = config.place(f"providers.{name}")
            faults.append(Fault(place=place, message=f"'{name}' is not a name", hint="use letters, digits, - and _"))
            continue
        own: Mapping[str, Any] = stated if isinstance(stated, Mapping) else {"": stated}
        like = own.get("like", "")
        kind = like if isinstance(like, str) and like in _packaged() else name
        merged = table[name] = {"label": name, **_packaged().get(kind, {}), **({"label": name} if like else {})}
        for key, value in own.items():
            if misfit := _misfit(key, value):
                place = config.place(f"providers.{name}.{key}")
                faults.append(Fault(place=place, message=f"[providers.{name}] {misfit[0]}", hint=misfit[1]))
            elif key == "audiences":
                at = f"providers.{name}.audiences"
                merged[key] = {alias: _target(target, config.place(f"{at}.{alias}")) for alias, target in value.items()}
            elif isinstance(value, Mapping):
                merged[key] = {**merged.get(key, {}), **value}
            else:
                merged[key] = value
    if faults:
        raise ContentError(faults)
    places = {name: str(config.place(f"providers.{name}.audiences")) for name in config.providers}
    return {name: _provider(name, row, places.get(name, "newsletter.toml")) for name, row in table.items()}


def provider_named(config: Config, name: str) -> Provider:
    """Return the provider; CommandError for one that the table does not have."""
    known = providers(config)
    if name not in known:
        raise CommandError(f"no provider is called '{name}'", did_you_mean(name, tuple(known)))
    return known[name]


def packaged_providers() -> dict[str, Provider]:
    """Return the packaged table: what the documentation shows."""
    return {name: _provider(name, row) for name, row in _packaged().items()}


def shape() -> dict[str, Any]:
    """Return the JSON Schema of a [providers.NAME] table, with what the packaged table says of each key."""
    text = {"type": "string"}
    kinds: tuple[tuple[Iterable[str], dict[str, Any]], ...] = (
        (_TEXTS, text),
        (_TRUTHS, {"type": "boolean"}),
        (_NUMBERS, {"type": "integer", "minimum": 0}),
        (_LISTS, {"type": "array", "items": text}),
        (_MAPS, {"type": "object", "additionalProperties": text}),
    )
    takes: dict[str, dict[str, Any]] = {key: {"enum": list(choices)} for key, choices in _CHOICES.items()}
    takes |= {key: kind for keys, kind in kinds for key in keys}
    of_audience = {"properties": {"id": text, "whole_list": {"type": "boolean"}, "name": text}, "required": ["id"]}
    takes["audiences"] = {
        "type": "object",
        "additionalProperties": {"anyOf": [text, {"type": "object", **of_audience, "additionalProperties": False}]},
    }
    takes["like"] = {"enum": sorted(_packaged())}
    takes["steps"] = {"type": "object", "properties": dict.fromkeys(STEPS, text), "additionalProperties": False}
    meanings = _meanings()
    properties = {key: {"description": meanings.get(key, ""), **takes[key]} for key in _KEYS}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _meanings() -> dict[str, str]:
    """Return what the comment at the head of the packaged table says of each key; the label explains itself."""
    meanings, key = {"label": "what the provider is called"}, ""
    for line in _table_text().split("\n\n", 1)[0].splitlines():
        # "# tags            in HTML, subject and preheader", and what goes on below
        if match := re.fullmatch(r"# (\w*) {2,}(.*)", line):
            key = match[1] or key
            meanings[key] = f"{meanings.get(key, '')} {match[2]}".strip()
    return meanings


def _provider(name: str, row: Mapping[str, Any], place: str = "") -> Provider:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    like = values.pop("like", "")
    kind = like or name
    return Provider(name=name, kind=kind if kind in _packaged() else "", place=place, **values)


def _target(stated: str | Mapping[str, Any], place: Place) -> Target:
    return Target(place=str(place), **({"id": stated} if isinstance(stated, str) else stated))


def _misfit(key: str, value: object) -> tuple[str, str] | None:
    """Return what is wrong with a key of a newsroom's own provider table."""
    if not key:
        return "must be a table", 'for example tags = { unsubscribe_url = "…" }'
    if key not in _KEYS and _SECRET.fullmatch(key):
        return (
            f"{key}: a key has no place in this file, which others can read",
            "take it out, make a new one at the provider, and set that as NEWSLETTER_KEY_… (see docs/drafts.md)",
        )
    if key not in _KEYS:
        return f"has an unknown key '{key}'", did_you_mean(key, _KEYS)
    if key == "audiences":
        return _misfit_of_audiences(value)
    if any(clean(text) != text for text in _texts_in(value)):
        # It would go out as it is, and some of them are marks of our own (see values.region).
        return f"{key}: holds a control character", "write it with visible characters"
    if key in _CHOICES:
        choices = _CHOICES[key]
        return None if value in choices else (f"{key}: '{value}' is not one of {', '.join(choices)}", "")
    if key in _TEXTS and not isinstance(value, str):
        return f"{key}: must be a text", ""
    if key == "like" and value not in _packaged():
        return f"like: no provider is called '{shown(str(value))}'", did_you_mean(str(value), tuple(_packaged()))
    if key == "url":
        return _misfit_of_url(str(value))
    if key in _TEXTS:
        return None
    if key in _TRUTHS:
        return None if isinstance(value, bool) else (f"{key}: must be true or false, without quotes", "")
    if key in _NUMBERS:
        good = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return None if good else (f"{key}: must be a whole number", "0 stands for no limit")
    if key in _LISTS:
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            return f"{key}: must be a list of texts", 'for example ["{{"]'
        return _misfit_of_patterns(value) if key == "typed" else None
    if not isinstance(value, Mapping) or not all(isinstance(entry, str) for entry in value.values()):
        return f"{key}: must be a table of texts", 'for example { unsubscribe_url = "…" }'
    unknown = [step for step in value if key == "steps" and step not in STEPS]
    return (f"steps: there is no step '{unknown[0]}'", did_you_mean(unknown[0], STEPS)) if unknown else None


def _misfit_of_audiences(value: object) -> tuple[str, str] | None:
    """Return what is wrong with a table of audiences: each is an id, or a table with an id."""
    example = '"LPMN@lists.example" = "4f2a91c0de"'
    if not isinstance(value, Mapping):
        return "audiences: must be a table", f"for example {example}"
    if len(value) > _MOST_AUDIENCES:
        return f"audiences: has {len(value):,} lines; the most is {_MOST_AUDIENCES:,}", "take out those nobody uses"
    for alias, target in value.items():
        typed = shown(alias)
        stated = {"id": target} if not isinstance(target, Mapping) else target
        if unknown := [key for key in stated if key not in _TARGET]:
            hint = did_you_mean(unknown[0], _TARGET)
            return f"audiences: '{typed}' has an unknown key '{shown(unknown[0])}'", hint
        if isinstance(stated.get("id"), int):
            return f"audiences: the id of '{typed}' must be a text", f'write it with quotes: "{stated["id"]}"'
        if not isinstance(stated.get("id"), str) or not str(stated["id"]).strip():
            return f"audiences: '{typed}' has no id", f"for example {example}; newsletter audiences shows them"
        if not isinstance(stated.get("whole_list", False), bool):
            return f"audiences: whole_list of '{typed}' must be true or false, without quotes", ""
        texts = (alias, str(stated["id"]), stated.get("name", ""))
        if not all(isinstance(text, str) and clean(text) == text for text in texts):
            return f"audiences: '{typed}' holds what can't be in a name", "write it with visible characters"
    return None


def _misfit_of_url(url: str) -> tuple[str, str] | None:
    """Return what is wrong with the address of a provider: encrypted, a host, nothing secret, no query."""
    # What few newsrooms need takes its time to load.
    from newsletter.sockets import is_loopback

    example = 'for example url = "https://lists.example.org"'
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return f"url: '{shown(url)}' is no web address", example
    if "@" in parts.netloc:
        return "url: holds a user or a password", f'take them out; {example}, user = "…"'
    if not host or parts.scheme not in {"https", "http"} or parts.query or parts.fragment:
        return f"url: '{shown(url)}' is no address of a server", example
    if parts.scheme == "http" and not is_loopback(host):
        return f"url: '{shown(url)}' is not encrypted, and the key would be read on the way", example
    return None


def _texts_in(value: object) -> Iterator[str]:
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else [value]
    return (text for text in inside if isinstance(text, str))


def _misfit_of_patterns(patterns: list[str]) -> tuple[str, str] | None:
    """Return what is wrong with a newsroom's own patterns for typed tags; how long they take shows when they run."""
    if len(patterns) > _MOST_PATTERNS:
        return f"typed: has {len(patterns):,} patterns; the most is {_MOST_PATTERNS}", "join those that are alike: a|b"
    for pattern in patterns:
        if pattern in packaged_typed():
            continue
        typed = shown(pattern)
        if len(pattern) > _LONGEST_PATTERN:
            return f"typed: '{typed}' has {len(pattern):,} characters; the most is {_LONGEST_PATTERN}", "shorten it"
        # Each of (a{1000}){1000} would stand a million times in memory.
        times = prod(max(1, int(number)) for number in re.findall(r"[0-9]+", " ".join(_TIMES.findall(pattern))))
        if times > _MOST_TIMES:
            return f"typed: '{typed}' repeats too often; the most is {_MOST_TIMES} times", "write + in place of {1000}"
        import regex

        try:
            re.compile(pattern)
            is_empty = regex.compile(pattern).search("") is not None
        except (re.error, regex.error, ValueError, OverflowError, RecursionError) as error:
            return f"typed: '{typed}' is not a regular expression ({error})", ""
        if is_empty:
            return f"typed: '{typed}' also matches where there is no text", "write + in place of *"
    return None


@lru_cache(1)
def packaged_typed() -> frozenset[str]:
    """Return the packaged patterns for typed tags, which are known to be quick."""
    return frozenset(pattern for row in _packaged().values() for pattern in row.get("typed", ()))


@lru_cache(1)
def _packaged() -> dict[str, Any]:
    return tomllib.loads(_table_text())


def _table_text() -> str:
    return Path(__file__).with_name("providers.toml").read_text("utf-8")
