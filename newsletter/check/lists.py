"""The lists that rules hold words and addresses against: files in data/, each read once, when a rule asks for it."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).with_name("data")


@lru_cache
def table(name: str) -> Mapping[str, Any]:
    """Return one file of data/, by its name without `.toml`."""
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))


@lru_cache
def hosts(kind: str) -> frozenset[str]:
    """Return a list of hosts.toml: `shorteners`, `trackers`, `free_mail` …"""
    return frozenset(table("hosts")[kind])


@lru_cache
def words(kind: str) -> frozenset[str]:
    """Return a list of words.toml, `twice` or `junk`."""
    return frozenset(table("words")[kind])


def is_vague(link: str) -> bool:
    """Tell whether the words of a link say nothing of where it leads, in any of the languages of words.toml."""
    return _bare(link) in _vague()


@lru_cache
def cue(kind: str, language: str, between: str) -> re.Pattern[str] | None:
    """Return what finds a cue of words.toml (`up_to`, `coming` …) and, up to the end of a text, what may stand between
    it and a day; None for a language of which it has none.
    """
    phrases = table("words")["cues"][kind].get(language)
    if not phrases:
        return None
    named = "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))
    # Chinese has no blanks between words.
    named = f"(?:{named})" if language == "zh" else rf"(?<!\w)(?:{named})(?!\w)"
    return re.compile(rf"{named}{between}\Z", re.IGNORECASE)


def placeholder_host(words: str) -> str:
    """Return the first host in words or an address that stands for a real one; "" if there is none."""
    ending, host = _placeholder_hosts()
    # Python finds what begins with a dot forty times as fast.
    match = host.search(words) if ending.search(words) else None
    return match[1] if match else ""


@lru_cache(1)
def _placeholder_hosts() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds their endings, and what finds them."""
    named = sorted(hosts("placeholders"))
    endings = "|".join(sorted({re.escape(host.rpartition(".")[2]) for host in named}))
    hosts_named = "|".join(map(re.escape, named))
    return re.compile(rf"(?i)\.(?:{endings})(?![\w-])"), re.compile(
        rf"(?i)(?:^|[\s/@.(<])((?:www\.)?(?:{hosts_named}))(?![\w-])"
    )


@lru_cache(1)
def junk() -> re.Pattern[str]:
    """Return what finds words of junk mail."""
    # The longest first: "limited time only" before "limited time".
    named = "|".join(map(re.escape, sorted(words("junk"), key=len, reverse=True)))
    return re.compile(rf"(?i)(?<!\w)(?:{named})(?!\w)")


@lru_cache(1)
def _vague() -> frozenset[str]:
    return frozenset(_bare(phrase) for phrases in table("words")["vague"].values() for phrase in phrases)


def _bare(phrase: str) -> str:
    """Return words without marks, in small letters: `Read more …` is `read more`."""
    return " ".join(re.sub(r"[^\w\s]", "", unicodedata.normalize("NFC", phrase)).casefold().split())
