"""Clippings -> drafts of items: files that load, with all that the source says; what no key takes, as a comment."""

import base64
import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping

from msgspec import Struct

from newsletter.errors import Fault, did_you_mean, shown
from newsletter.gather.clipping import MARKED, Asked, Clipping, Shot, named
from newsletter.gather.shelved import mark
from newsletter.model import Config
from newsletter.read import dates, fields, files, prose, values, zones
from newsletter.read.kinds import HEAD, not_taken
from newsletter.read.pages import read_page
from newsletter.read.values import Refused

# Gets a picture from the web; raises Unshown.
Fetch = Callable[[str], bytes]

# In the order of a file.
_KEYS = (
    *("title", "headline", "chapters", "months", "section", "link", "link_label", "image", "image_alt", "image_credit"),
    *("image_caption", "source", "author", "starts", "ends", "timezone", "location", "rsvp", "deadline", "until"),
    *("published", "summary", "language", "order"),
)
# Letters of a title that was made of the words; of a comment; comments of a draft.
_TITLE, _NOTE, _MOST_NOTES = 80, 400, 40
# How often a draft is mended by what its reading says is wrong with it.
_TURNS = 12
_HARMLESS = re.compile(r"[^\W\d_][\w ,.()/&’'–-]*")
# `data:image/png;base64,…`
_DATA = re.compile(r"\s*data:image/[a-z0-9.+-]{1,20};base64,", re.IGNORECASE)
# What YAML takes for a truth, nothing, or a number.
_READ_INTO = re.compile(r"(?:true|false|yes|no|on|off|null|y|n)", re.IGNORECASE)
# Names that Windows keeps for itself.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])")


class Unshown(ValueError):
    """A picture can't be had: why, as the end of a sentence."""


class Draft(Struct, frozen=True, kw_only=True):
    """A file to be written: its path from the newsroom's root, its text, its pictures by their paths.

    `lacks` says what a person must add or look at. `digest` is that of its source.
    """

    path: str
    content: str
    pictures: Mapping[str, bytes]
    lacks: tuple[str, ...]
    clipping: Clipping


def draft(clipping: Clipping, asked: Asked, taken: Collection[str], fetch: Fetch) -> Draft | Fault:
    """Return the clipping as a draft that loads; a Fault where none can be made of it.

    `taken` are the names (in small letters, without endings) that files of its month have, by which it chooses its own.
    """
    return _Desk(clipping, asked, taken, fetch).drafted()


def months_of(clipping: Clipping, asked: Asked) -> tuple[str, ...]:
    """Return the months of a clipping: its own, else that of the command line, else that of its day."""
    typed = [part.strip() for part in clipping.values.get("months", "").split(",")]
    own = [month for part in typed if (month := _parsed("month", part))]
    if own:
        return tuple(sorted(map(str, {*own})))
    if not asked.is_stated and (day := clipping.values.get("starts", "")[:7]) and _parsed("month", day):
        return (day,)
    return (asked.month,)


def _parsed(key: str, typed: str) -> object:
    try:
        return fields.ITEM[key].parse(typed) if typed else None
    except Refused:
        return None


class _Desk:
    """One clipping while a draft is made of it."""

    def __init__(self, clipping: Clipping, asked: Asked, taken: Collection[str], fetch: Fetch) -> None:
        self.clipping, self.asked, self.taken, self.fetch = clipping, asked, taken, fetch
        self.typed = {**clipping.values}
        self.notes = list(clipping.notes)
        self.lacks = list(clipping.missing)
        self.pictures: dict[str, bytes] = {}

    def drafted(self) -> Draft | Fault:
        words = self.clean_words()
        self.give_title(words)
        self.months = months_of(self.clipping, self.asked)
        if "months" in self.typed and not all(
            _parsed("month", part.strip()) for part in self.typed["months"].split(",")
        ):
            self.tell(f"month '{shown(self.typed['months'])}' can't be read: {self.months[0]} was taken")
        self.give_tags()
        self.give_section()
        name = self.free_name()
        folder = f"issues/{self.months[0]}/items"
        self.give_picture(folder, name)
        words = self.with_pictures(words, folder, name)
        self.give_values()
        path = f"{folder}/{name}.md"
        for _ in range(_TURNS):
            content = self.content(words)
            page = read_page(path, content.encode(), self.asked.config)
            if not page.faults:
                break
            words = self.mended(page.faults, content, words)
        else:
            first = page.faults[0]
            return Fault(
                place=self.clipping.place,
                message=f"no item can be made of '{shown(self.typed['title'])}': {first.message}",
                hint=first.hint,
            )
        return Draft(
            path=path,
            content=content,
            # One that was taken out again is not written.
            pictures={at: raw for at, raw in self.pictures.items() if at.rpartition("/")[2] in content},
            lacks=tuple(dict.fromkeys(self.lacks)),
            clipping=self.clipping,
        )

    def tell(self, sentence: str) -> None:
        """Say what a person must look at."""
        self.lacks.append(sentence)

    def clean_words(self) -> str:
        """Return the words within the length that an item may have."""
        words = values.clean(self.clipping.words).strip()
        if len(words) > values.MOST_WORDS - 5_000:
            whole = len(words)
            cut = words.rfind("\n", 0, values.MOST_WORDS - 5_000)
            words = words[: cut if cut > 0 else values.MOST_WORDS - 5_000].rstrip()
            self.tell(f"its words are cut: they had {whole:,} characters, and the most is {values.MOST_WORDS:,}")
        if not words and not self.typed.get("summary"):
            self.tell("no words")
        # A line that only git, or front matter, begins so.
        return re.sub(r"(?m)^(<{7}|={7}|>{7})", r"\\\1", words)

    def give_title(self, words: str) -> None:
        """Decide the title: the source's own, else the first words, else where it came from."""
        title = _one_line(self.typed.get("title", ""))
        if not title and (headline := self.typed.pop("headline", "")):
            title = _one_line(headline)
        if not title and words:
            said = " ".join(MARKED.sub(" ", words).replace("\\\n", " ").split())
            title = re.sub(r"[*_`#\[\]\\<>]+", "", re.split(r"(?<=[.!?])\s", said)[0]).strip()
            title = title if len(title) <= _TITLE else f"{title[:_TITLE].rpartition(' ')[0] or title[:_TITLE]} …"
            self.tell("no title: its first words were taken")
        if not title:
            title = f"Untitled, from {self.clipping.place}"
            self.tell("no title")
        if len(title) > 300:
            self.notes.append(f"title: {title}")
            title = f"{title[:300]}…"
            self.tell("its title is cut: it had more than 300 characters")
        self.typed["title"] = title

    def give_tags(self) -> None:
        """Decide whose item it is: what the source says and the newsroom knows, else the command line."""
        config = self.asked.config
        known = known_tags(config)
        tags: list[str] = []
        typed = self.typed.pop("chapters", "")
        if tag := known.get(named(typed)):
            tags.append(tag)
        else:
            for part in filter(None, map(str.strip, re.split(r"[,;/|\n+]|(?<=\s)(?:&|and)(?=\s)", typed.strip("[] ")))):
                if tag := known.get(named(part)):
                    tags.append(tag)
                    continue
                hint = did_you_mean(part, [*config.chapters])
                self.tell(
                    f"chapter '{shown(part, 40)}' is not in newsletter.toml"
                    + (f" ({hint})" if hint.startswith("did") else "")
                )
                self.notes.append(f"chapter: {part}")
        tags = tags or list(self.asked.tags)
        if not tags:
            network = [key for key, publication in config.publications.items() if publication.scope == "network"]
            tags = (network or [*config.chapters])[:1]
            self.tell(f"nobody says whose it is: '{tags[0]}' stands there for now")
        self.typed["chapters"] = ", ".join(dict.fromkeys(tags))

    def give_section(self) -> None:
        """Decide the section: the source's, else the command line's, else what such a source is usually for."""
        config = self.asked.config
        known = {named(name): key for key, section in config.sections.items() for name in (section.title, key)}
        typed = self.typed.pop("section", "")
        section = known.get(named(typed), "")
        if typed and not section:
            self.tell(f"section '{shown(typed, 40)}' is not in newsletter.toml")
            self.notes.append(f"section: {typed}")
        fill = self.clipping.fill.get("section", "")
        section = section or self.asked.section or (fill if fill in config.sections else "")
        if not section and self.typed.get("starts"):
            section = "events" if "events" in config.sections else ""
        if not section:
            section = next(iter(config.sections))
            if not typed:
                self.tell(f"nobody says which section: '{section}' stands there for now")
        self.typed["section"] = section

    def free_name(self) -> str:
        """Return a name for the file that no other has in its month's folder, in small letters or capitals."""
        plain = unicodedata.normalize("NFKD", self.typed["title"]).encode("ascii", "ignore").decode()
        name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].rstrip("-") or "item"
        name = f"{name}-item" if _DEVICES.fullmatch(name) or name == "readme" else name
        number, free = 1, name
        while free in self.taken:
            number += 1
            free = f"{name}-{number}"
        return free

    def give_picture(self, folder: str, name: str) -> None:
        """Lay the picture beside the item; one that can't be had stays an address, if readers can open it."""
        shot = self.clipping.lead
        typed = self.typed.pop("image", "")
        if shot is None:
            return
        alt = _one_line(self.typed.get("image_alt", "") or shot.alt)
        kept = self.laid(shot, folder, name)
        if kept:
            self.typed["image"] = kept
        elif shot.source.lower().startswith("https://") and _parsed("link", shot.source):
            self.typed["image"] = shot.source
        else:
            if typed:
                self.notes.append(f"image: {typed}")
            for key in ("image_alt", "image_credit", "image_caption"):
                if key in self.typed:
                    self.notes.append(f"{key}: {self.typed.pop(key)}")
            return
        if alt:
            self.typed["image_alt"] = alt
        else:
            self.tell("no alt text")

    def with_pictures(self, words: str, folder: str, name: str) -> str:
        """Return the words with the pictures' files in the place of their numbers, and no picture that is not there."""
        lacking = 0
        numbers: dict[int, str] = {}

        def show(match: re.Match[str]) -> str:
            nonlocal lacking
            number = int(match[2])
            if number >= len(self.clipping.shots):
                return ""
            shot = self.clipping.shots[number]
            if number not in numbers:
                is_ours = not (shot.content or shot.folder) and shot.source.lower().startswith("https://")
                numbers[number] = self.laid(shot, folder, name) or (
                    shot.source if is_ours and _parsed("link", shot.source) else ""
                )
            if not numbers[number]:
                return ""
            lacking += not match[1].strip()
            target = numbers[number]
            return f"![{match[1]}]({f'<{target}>' if re.search(r'[()<>]', target) else target})"

        words = MARKED.sub(show, words).replace("\ue000", "").replace("\ue001", "")
        if lacking:
            self.tell(f"no alt text for {lacking} {'picture' if lacking == 1 else 'pictures'} in the words")
        return self.with_typed_pictures(re.sub(r"\n{3,}", "\n\n", words).strip(), folder, name)

    def with_typed_pictures(self, words: str, folder: str, name: str) -> str:
        """Return words that somebody typed as Markdown (a cell of a table) with no picture that is not there."""
        if "![" not in words:
            return words
        ours = {path.rpartition("/")[2] for path in self.pictures}
        for source, alt, _ in prose.pictures(words):
            if source in ours or (source.lower().startswith("https://") and _parsed("link", source)):
                continue
            shot = Shot(source=source, alt=alt, folder=self.clipping.folder)
            kept = self.laid(shot, folder, name)
            if kept and f"]({source})" in words:
                words = words.replace(f"]({source})", f"]({kept})")
                ours.add(kept)
            else:
                words = words.replace("![", "!\\[")
                break
        return words

    def laid(self, shot: Shot, folder: str, name: str) -> str:
        """Return the file name of a picture that is laid beside the item; "" if it can't be had, which is told."""
        from newsletter.look import pictures, pixels

        called = "in it" if _DATA.match(shot.source) else shown(shot.source, 80)
        try:
            raw = shot.content or self.bytes_of(shot)
            ending, content = pictures.stored(raw)
        except Unshown as reason:
            self.tell(f"the picture {called} {reason}")
            return ""
        except pixels.Unopenable as refused:
            told = not_taken(raw[:HEAD])
            self.tell(f"the picture {called} {f'is {told[0]}' if told else refused.message}")
            return ""
        for path, known in self.pictures.items():
            if known == content:
                return path.rpartition("/")[2]
        number, stem = 1, name
        used = {path.rpartition("/")[2].rpartition(".")[0] for path in self.pictures}
        while stem in used or (stem in self.taken and stem != name):
            number += 1
            stem = f"{name}-{number}"
        self.pictures[f"{folder}/{stem}.{ending}"] = content
        return f"{stem}.{ending}"

    def bytes_of(self, shot: Shot) -> bytes:
        """Return a picture that the source names, or that is written into its address; raises Unshown."""
        if data := _DATA.match(shot.source):
            try:
                letters = re.sub(r"\s", "", shot.source[data.end() :]).translate({ord("-"): "+", ord("_"): "/"})
                return base64.b64decode(letters + "==")
            except ValueError:
                raise Unshown("is damaged or cut off") from None
        if re.match(r"https?://", shot.source, re.IGNORECASE):
            return self.fetch(shot.source)
        if shot.folder is None:
            raise Unshown("is named, and not in it")
        # A stranger's table may name any file; what lies beside it or below is theirs to name.
        try:
            return files.read(shot.folder, shot.source.replace("\\", "/"), files.PICTURE)
        except FileNotFoundError:
            raise Unshown("is not there") from None
        except files.Unreadable as refused:
            raise Unshown(refused.message.replace("the newsroom", "the folder of what was imported")) from None

    def give_values(self) -> None:
        """Keep what an item can hold; the rest becomes a comment, and is told."""
        for key in _KEYS[5:]:
            typed = self.typed.get(key, "")
            if key == "image" or not typed:
                self.typed.pop(key, None) if not typed else None
                continue
            taken = self.as_taken(key, typed)
            if taken:
                self.typed[key] = taken
            else:
                del self.typed[key]
                self.notes.append(f"{key}: {typed}")
        for key in _KEYS:
            needs = fields.ITEM[key].needs
            if key in self.typed and needs and not any(self.typed.get(need) for need in needs):
                self.notes.append(f"{key}: {self.typed.pop(key)}")
        if "ends" in self.typed and ("starts" not in self.typed or self.typed["ends"] < self.typed["starts"]):
            self.notes.append(f"ends: {self.typed.pop('ends')}")
            self.tell("its end lies before its beginning")

    def as_taken(self, key: str, typed: str) -> str:
        """Return a value as an item takes it; "" for what it does not, which is told."""
        typed = typed if key == "summary" else _one_line(typed)
        try:
            parsed = fields.ITEM[key].parse(typed)
        except Refused as refused:
            if key in {"link", "rsvp"} and refused.instead:
                return refused.instead
            if key == "timezone" and (zone := zones.meant(typed)):
                return zone
            if key in {"starts", "ends", "deadline", "until", "published"}:
                reading = dates.read_date(typed, self.months[0], self.asked.language)
                if len(reading.days) == 1:
                    return (
                        f"{reading.days[0]} {reading.clock}".strip()
                        if key in {"starts", "ends", "deadline"}
                        else f"{reading.days[0]}"
                    )
            self.tell(f"{key}: {refused.message}")
            return ""
        if key in {"language", "link", "rsvp"}:
            return str(parsed)
        return typed if key != "summary" else str(parsed)

    def content(self, words: str) -> str:
        """Return the file."""
        lines = ["---"]
        for key in _KEYS:
            if not (typed := self.typed.get(key, "")):
                continue
            if key == "chapters":
                lines.append(f"chapters: [{typed}]")
            elif key == "months":
                pass
            else:
                lines.append(f"{key}: {_scalar(typed)}")
            if key == "chapters":
                several = len(self.months) > 1
                lines.append(f"months: [{', '.join(self.months)}]" if several else f"month: {self.months[0]}")
            if key == "image" and not self.typed.get("image_alt"):
                lines.append(f"# image_alt: {fields.ITEM['image_alt'].example}")
        lines += ["draft: true", f"from: {_scalar(self.clipping.made_from)}", mark(self.clipping.digest)]
        lines += [f"# {_one_line(note)[:_NOTE]}" for note in self.notes[:_MOST_NOTES]]
        if (more := len(self.notes) - _MOST_NOTES) > 0:
            lines.append(f"# and {more} more")
        text = "\n".join([*lines, "---", words]).rstrip() + "\n"
        return _without_unknown(text, self.asked.config)

    def mended(self, faults: tuple[Fault, ...], content: str, words: str) -> str:
        """Take out what the reading of the draft refuses; return the words."""
        lines = content.split("\n")
        body = lines.index("---", 1) + 1
        for fault in faults:
            line = lines[fault.place.line - 1] if 0 < fault.place.line <= len(lines) else ""
            key = line.partition(":")[0]
            if fault.place.line <= body and key in self.typed and key not in {"title", "chapters", "section"}:
                self.notes.append(f"{key}: {self.typed.pop(key)}")
                self.tell(f"{key}: {fault.message.removeprefix(f'{key}: ')}")
            elif fault.place.line > body and line:
                harmless = line.replace("![", "!\\[").replace("%%", "% %")
                words = "\n".join(harmless if row == line else row for row in words.split("\n"))
            else:
                self.notes.clear()
        return words


def known_tags(config: Config) -> dict[str, str]:
    """Return the tags that an item may have, by the names of chapters and publications as people write them."""
    network = {key: publication for key, publication in config.publications.items() if publication.scope == "network"}
    names: dict[str, str] = {}
    for key, publication in network.items():
        names |= {named(str(publication.own.get("title", key))): key, named(key): key}
    if len(network) < len(config.publications):
        for code, chapter in config.chapters.items():
            names |= {named(chapter.name): code}
        for code in config.chapters:
            names[named(code)] = code
    names.pop("", None)
    return names


def _one_line(words: str) -> str:
    return " ".join(values.clean(words).split())


def _scalar(words: str) -> str:
    """Return the words as a YAML scalar: as they are where YAML reads nothing into them."""
    is_moment = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{1,2}:[0-9]{2})?", words)
    is_link = re.fullmatch(r"https?://[^\s#:'\"{}\[\],]+", words)
    is_bare = _HARMLESS.fullmatch(words) and not _READ_INTO.fullmatch(words)
    if (is_moment or is_link or is_bare) and words.strip() == words:
        return words
    return json.dumps(words, ensure_ascii=False)


def _without_unknown(text: str, config: Config) -> str:
    """Return the text with every placeholder of a stranger's as words: `%%name%%` is `% %name% %`."""
    if "%%" not in text:
        return text
    from newsletter.read.config import placeholders

    known = placeholders(config.providers)
    return values.PLACEHOLDER.sub(lambda match: match[0] if match[1] in known else match[0].replace("%%", "% %"), text)


def pieces(draft: Draft) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a draft in the order in which they are written: the item last, so that it misses nothing."""
    yield from draft.pictures.items()
    yield draft.path, draft.content.encode()
