"""Location of an event, as somebody typed it -> a place, online, or both. Pure: no disk, no clock."""

import re

from msgspec import Struct

# How people say it in the languages that come with the program: an item need not be in the language of its issue.
_ONLINE = (
    *("online", "on-line", "virtual", "virtually", "webinar", "livestream", "live stream", "en línea", "en linea"),
    *("por internet", "en ligne", "à distance", "visioconférence", "on line", "virtuell", "عبر الإنترنت", "أونلاين"),
    *("מקוון", "באינטרנט", "בזום", "线上", "在线", "网上", "trực tuyến", "sou entènèt", "anliy"),
    *("zoom", "google meet", "microsoft teams", "teams", "webex", "jitsi", "whatsapp"),
    *("youtube", "youtube live", "facebook", "facebook live", "instagram live"),
)
# What may stand around it: "on Zoom", "a virtual event".
_AROUND = (
    *("a", "an", "on", "via", "over", "by", "through", "with", "at", "event", "meeting", "call", "per", "über", "auf"),
    *("por", "no", "na", "par", "sur", "sou", "qua", "trên", "עם", "על", "عبر"),
)
_AND = ("and", "or", "y", "o", "e", "et", "ou", "und", "oder", "và", "ak")
_ADDRESS = re.compile(r"https?://[^\s<>()]+")


def _any(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


# It reads words that stand one blank apart.
_BETWEEN = re.compile(rf"(?: ?[,;/|+&()–—،؛、，；]|:(?= ))+ ?(?:(?:{_any(_AND)}) )?| (?:{_any(_AND)}) ", re.IGNORECASE)
_IS_ONLINE = re.compile(
    rf"(?:(?:{_any(_AROUND)}) )*(?:{_any(_ONLINE)})(?: (?:{_any((*_ONLINE, *_AROUND))}))*", re.IGNORECASE
)


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
    ends = [0, *(at for between in _BETWEEN.finditer(said) for at in between.span()), len(said)]
    parts = [(begin, end) for begin, end in zip(ends[::2], ends[1::2], strict=True) if said[begin:end].strip()]
    rooms = [part for part in parts if not _IS_ONLINE.fullmatch(said[slice(*part)].strip())]
    if not rooms:
        return Venue(place="", is_online=bool(parts or address), address=address)
    first, last = rooms[0], rooms[-1]
    if (first, last) == (parts[0], parts[-1]):
        return Venue(place=location)
    place = said[first[0] : last[1]].strip()
    # The last sign between parts is in none of them: "City Hall (room 5) and online".
    place += ")" * (place.count("(") - place.count(")"))
    return Venue(place=place, is_online=True, address=address)
