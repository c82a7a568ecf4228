"""Location of an event, as somebody typed it -> a place, online, or both. Pure: no clock."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

_ADDRESS = re.compile(r"https?://[^\s<>()]+")


class Venue(Struct, frozen=True, kw_only=True):
    """Where an event is: `place` in the room, "" for none; `is_online`, with its `address` if the location has one."""

    place: str
    is_online: bool = False
    address: str = ""


def venue_of(location: str) -> Venue:
    """Return where an event is by the words of its `location`.

    Of its parts, those at either end may say "online" and nothing else; what lies between is a place: "Durham, North
    Carolina, and online" is both, "The Online Café, Duluth" is a place. An address alone is where one joins; beside a
    place it may be a map.
    """
    match = _ADDRESS.search(location)
    address = match[0] if match else ""
    # An address has slashes and colons of its own.
    said = " ".join(_ADDRESS.sub(" , ", location).split()).strip(" .")
    joining, online = _patterns()
    ends = [0, *(at for between in joining.finditer(said) for at in between.span()), len(said)]
    parts = [(begin, end) for begin, end in zip(ends[::2], ends[1::2], strict=True) if said[begin:end].strip()]
    rooms = [part for part in parts if not online.fullmatch(said[slice(*part)].strip())]
    if not rooms:
        return Venue(place="", is_online=bool(parts or address), address=address)
    first, last = rooms[0], rooms[-1]
    if (first, last) == (parts[0], parts[-1]):
        return Venue(place=location)
    place = said[first[0] : last[1]].strip()
    # The last sign between parts is in none of them: "City Hall (room 5) and online".
    place += ")" * (place.count("(") - place.count(")"))
    return Venue(place=place, is_online=True, address=address)


@lru_cache(1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds the signs and words between parts, and what a part is that says "online" and nothing else."""
    words = tomllib.loads(Path(__file__).with_name("venue.toml").read_text("utf-8"))
    online, around, joins = _any(words["online"]), _any(words["around"]), _any(words["joins"])
    # They read words that stand one blank apart.
    between = rf"(?: ?[,;/|+&()–—،؛、，；]|:(?= ))+ ?(?:(?:{joins}) )?| (?:{joins}) "
    said = rf"(?:(?:{around}) )*(?:{online})(?: (?:{online}|{around}))*"
    return re.compile(between, re.IGNORECASE), re.compile(said, re.IGNORECASE)


def _any(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
