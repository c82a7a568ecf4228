"""What one entry of a foreign source says, before it is a draft: a row, an event, a story of a document, a page."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field

from newsletter.errors import Fault, Place
from newsletter.model import Config

# Stands for the address of a picture in a clipping's words: the number of the picture among them.
_MARK = "\ue000{}\ue001"
MARKED = re.compile(r"!\[((?:[^\[\]\\]|\\.)*+)\]\(\ue000([0-9]{1,4})\ue001\)")


class Shot(Struct, frozen=True, kw_only=True):
    """A picture of a clipping: its bytes where the source holds them, else the address or file name that it goes by.

    `folder` is where a file is looked for; None if the source is on the web, and names no file of this machine.
    """

    source: str
    alt: str = ""
    content: bytes = b""
    folder: Path | None = None


class Clipping(Struct, frozen=True, kw_only=True):
    """One entry of a source: `values` by the keys of an item, as typed there, and its words in Markdown.

    `made_from` is what it is known again by. `lead` is the picture above the words, `shots` are those inside (`marked`
    says how one stands there). `notes` is what the source says and no key takes; `missing` what it should have said.
    `fill` are values that hold where neither the source nor the command line says otherwise. In `folder` lie the files
    that its words may name.
    """

    place: Place
    made_from: str
    values: Mapping[str, str]
    words: str = ""
    lead: Shot | None = None
    shots: tuple[Shot, ...] = ()
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    fill: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def digest(self) -> str:
        """Tells whether the source says the same as before. Addresses of pictures change from day to day."""
        said = [f"{key}\0{value}" for key, value in sorted(self.values.items()) if key != "image"]
        said += [*self.notes, self.words]
        return hashlib.sha256("\0\0".join(said).encode(errors="replace")).hexdigest()[:12]


class Gathered(Struct, frozen=True, kw_only=True):
    """What a source holds: its clippings; `remarks`, sentences on what was left or read as something; and faults."""

    clippings: tuple[Clipping, ...] = ()
    remarks: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


def marked(number: int, alt: str) -> str:
    """Return how a picture stands in the words."""
    return f"![{alt}]({_MARK.format(number)})"


class Asked(Struct, frozen=True, kw_only=True):
    """What the newsroom and the command line say: the month, and the tags and the section of `--chapter`, `--section`.

    `is_stated` says that somebody named the month; else it is the one that commands take by themselves.
    """

    config: Config
    month: str
    is_stated: bool = True
    tags: tuple[str, ...] = ()
    section: str = ""

    @property
    def language(self) -> str:
        """The language of the items that are asked for: their only chapter's, else the organization's."""
        chapter = self.config.chapters.get(self.tags[0]) if len(self.tags) == 1 else None
        stated = chapter.own.get("language") if chapter else None
        return str(stated or self.config.own.get("language", "en"))


def named(words: str) -> str:
    """Return a name by which an entry is known again: its letters, small, joined by hyphens."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    return re.sub(r"[\W_]+", "-", plain).strip("-")[:80].rstrip("-")
