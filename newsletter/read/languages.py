"""A language -> the fixed words, section titles and dates of an issue in it, out of words/<language>.toml.

Ten languages come with it. Of another one Babel knows the dates, and the fixed words stay English. Babel takes longer
to load than a page to make: an issue in English needs nothing of it.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from newsletter.errors import Place
from newsletter.model import Config, Item, Section, Words

_FOLDER = Path(__file__).parent / "words"
# What issues count, in as many forms as a language has: `chapters_one`, `chapters_other`.
COUNTED = ("chapters", "stories", "minutes")
LANGUAGES = tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))
# English as words/en.toml writes its dates.
AMERICAN = frozenset({"en", "en-US"})
WORDS = Words.__struct_fields__
# `ar` and its kin, and every language that names such a script: `az-Arab`, `yi-Hebr`.
_RIGHT_TO_LEFT = {"ar", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"}
_RIGHT_TO_LEFT_SCRIPTS = {"arab", "hebr", "nkoo", "syrc", "thaa"}
# Regions and scripts that read what words/zh.toml has no letters for.
_TRADITIONAL = {"hant", "hk", "mo", "tw"}
# Letters that one language has, or one that stands for those that share them; compiled where they are needed, since
# each takes up to a millisecond.
_SCRIPTS = {
    "ja": "[\u3040-\u30ff]",
    "zh": "[\u3400-\u9fff\U00020000-\U0003ffff]",
    "ar": "[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]",
    "he": "[\u0590-\u05ff\ufb1d-\ufb4f]",
    "ko": "[\u1100-\u11ff\uac00-\ud7af]",
    "th": "[\u0e00-\u0e7f]",
    "km": "[\u1780-\u17ff]",
    "am": "[\u1200-\u137f]",
    "el": "[\u0370-\u03ff\u1f00-\u1fff]",
    "hy": "[\u0530-\u058f]",
    "ka": "[\u10a0-\u10ff]",
}
_ANY_SCRIPT = "|".join(_SCRIPTS.values())


class Dates(Struct, frozen=True, kw_only=True):
    """How a language writes days and times: names, and patterns with `{weekday}`, `{day}`, `{month}`, `{hour}` …"""

    months: tuple[str, ...]
    short_months: tuple[str, ...]
    weekdays: tuple[str, ...]
    first_day: str
    morning: str
    afternoon: str
    day: str
    day_with_year: str
    month: str
    short_month: str
    time: str
    full_hour: str
    day_and_time: str
    times: str


@lru_cache(256)
def base(language: str) -> str:
    """Return which of the ten languages a tag means (`es` of `es-MX`); "" for any other."""
    first, *rest = language.lower().replace("_", "-").split("-")
    if first not in LANGUAGES or (first == "zh" and _TRADITIONAL & set(rest)):
        return ""
    return first


def is_same(language: str, other: str) -> bool:
    """Tell whether two tags are one language, in whatever region: Chinese of two scripts is two."""
    return _bare(language) == _bare(other)


@lru_cache(256)
def direction(language: str) -> Literal["ltr", "rtl"]:
    """Return the direction in which the language is written."""
    first, *rest = language.lower().replace("_", "-").split("-")
    scripts = {part for part in rest if len(part) == 4}
    return "rtl" if scripts & _RIGHT_TO_LEFT_SCRIPTS or (first in _RIGHT_TO_LEFT and not scripts) else "ltr"


def dates_in(language: str) -> Dates | None:
    """Return how the language writes dates; None where words/ has none such, nor this English: Babel knows."""
    spoken = base(language)
    return None if spoken == "en" and language not in AMERICAN else _dates(spoken)


def words_in(config: Config, language: str) -> Words:
    """Return the fixed words in a language: the newsroom's own ones, else the packaged ones, else the English."""
    return _words(base(language), *_own(config, config.words, language))


def words_of_english() -> tuple[tuple[str, str], ...]:
    """Return the packaged fixed words in English: what stands in an issue for whose language there are none."""
    return tuple(_packaged("en")[0].items())


def section_in(config: Config, section: Section, language: str) -> Section:
    """Return the section with its title and intro in a language, as far as anybody has put them into words there."""
    said = dict(pair for pairs in reversed(_own(config, config.section_words, language)) for pair in pairs)
    if not is_same(language, own_language(config)):
        said = {**_packaged(base(language))[1], **said}
    return replace(
        section,
        title=said.get(section.key, section.title),
        intro=said.get(f"{section.key}.intro", section.intro),
    )


def section_called(title: str) -> str:
    """Return the key that one of the ten languages has for a section of that title; "" if none has."""
    words = title.casefold().strip()
    titles = (pair for language in LANGUAGES for pair in _packaged(language)[1].items())
    return next((key for key, name in titles if name.casefold() == words), "")


def place_of_word(config: Config, key: str, language: str) -> Place | None:
    """Return where newsletter.toml says a fixed word (`when`) or a section's title (`sections.wins`); None if nowhere.

    A title of the newsroom's own language stands with its section.
    """
    tables = [f"words.{tag}." for tag in _tags(config.words, language)]
    if is_same(language, own_language(config)):
        tables.append("" if key.startswith("sections.") else "words.")
    for table in tables:
        if f"{table}{key}" in config.lines:
            return config.place(f"{table}{key}")
    return None


def own_language(config: Config) -> str:
    """Return the newsroom's own language: that of the organization, else of all its publications."""
    if stated := config.own.get("language"):
        return str(stated)
    spoken = {str(publication.own.get("language", "en")) for publication in config.publications.values()}
    return spoken.pop() if len(spoken) == 1 else "en"


def _own(
    config: Config, tables: Mapping[str, tuple[tuple[str, str], ...]], language: str
) -> list[tuple[tuple[str, str], ...]]:
    """Return what the newsroom says in a language, the nearest first: `[words.es-MX]`, `[words.es]`, `[words]`."""
    named = [tables[tag] for tag in _tags(tables, language)]
    return named + ([tables[""]] if "" in tables and is_same(language, own_language(config)) else [])


def _tags(tables: Iterable[str], language: str) -> list[str]:
    """Return which of the tags a language goes by, the longest first: `es-MX` and `es`."""
    whole = f"{language.lower()}-"
    tags = [tag for tag in tables if tag and whole.startswith(f"{tag.lower()}-") and is_same(tag, language)]
    return sorted(tags, key=len, reverse=True)


@lru_cache(256)
def _bare(language: str) -> str:
    first = language.lower().partition("-")[0]
    return base(language) or ("zh-hant" if first == "zh" else first)


@lru_cache(128)
def _words(language: str, *own: tuple[tuple[str, str], ...]) -> Words:
    words = dict(_packaged(language or "en")[0])
    for stated in reversed(own):
        words |= stated
    return Words(**words)


@lru_cache(len(LANGUAGES))
def _dates(language: str) -> Dates | None:
    table = _packaged(language)[2] if language else None
    if not table:
        return None
    stated: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Dates(**stated)


def reminder_in(language: str) -> Mapping[str, str]:
    """Return the sentences of a reminder to a chapter in a language; the English ones where there are none in it."""
    sentences: Mapping[str, str] = _file(base(language) or "en")["remind"]
    return sentences


@lru_cache(len(LANGUAGES) + 1)
def _packaged(language: str) -> tuple[dict[str, str], dict[str, str], dict[str, Any]]:
    """Return a file of words/: its fixed words, its section titles, its dates; all empty without a language."""
    if not language:
        return {}, {}, {}
    table = _file(language)
    return (
        {key: word for key, word in table.items() if isinstance(word, str)},
        table["sections"],
        table.get("dates", {}),
    )


@lru_cache(len(LANGUAGES))
def _file(language: str) -> Mapping[str, Any]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))


def language_of(item: Item, config: Config) -> str:
    """Return the language of an item's words: its own, its only chapter's, or what the script says; "" for none."""
    if item.language:
        return item.language
    chapters = [config.chapters[tag] for tag in item.chapters if tag in config.chapters]
    if len(chapters) == 1 and (language := chapters[0].own.get("language")):
        return str(language)
    return language_of_script(f"{item.title}\n{item.body}")


def language_of_script(words: str) -> str:
    """Return the language that the letters of a text say; "" for Latin, Cyrillic and others that many share.

    Arabic letters may be Persian or Urdu as well: the direction is right, and the words are not taken for Latin ones.
    """
    # Every item of every issue is asked, and most are Latin with a dash or two.
    if words.isascii() or not re.search(_ANY_SCRIPT, words):
        return ""
    count = sum(map(str.isalpha, words))
    for language, script in _SCRIPTS.items():
        # Japanese has as many Chinese characters as letters of its own.
        if len(re.findall(script, words)) > (0.1 if language == "ja" else 0.5) * count:
            return language
    return ""


def plural(words: Words, language: str, noun: str, count: int) -> str:
    """Return a number of what `noun` says (one of `COUNTED`) in words: `6 chapters`."""
    name = base(language) or "en"
    if name == "en":
        # Every English issue counts its stories: Babel takes a tenth of a build to load.
        form = "one" if count == 1 else "other"
    else:
        from babel import Locale

        form = Locale.parse(name.replace("-", "_")).plural_form(count)
    said: str = getattr(words, f"{noun}_{form}") or getattr(words, f"{noun}_other")
    return said.replace("{count}", str(count))
