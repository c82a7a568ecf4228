"""Text of a Markdown file -> the keys of its front matter, each with its line, and the words below."""

import contextlib
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import takewhile
from typing import Any

import yaml
from msgspec.structs import replace

from newsletter.errors import MOST_TOLD, Fault, Place, did_you_mean, same_name, shown
from newsletter.model import Slip
from newsletter.patterns import later
from newsletter.read import embedded, values, yaml_slips
from newsletter.read.values import Parser, Refused

try:
    # libyaml is ten times faster; wheels carry it, a source build without a compiler may not.
    from yaml import CBaseLoader as _Loader
except ImportError:  # pragma: no cover
    from yaml import BaseLoader as _Loader  # type: ignore[assignment]  # the same, slower

# Characters of front matter; and levels in it, of which keys and lists take two.
_MOST_FRONT, _DEEP = 50_000, 40
_DEEP_LINE = later(r"(?:[-?][ \t]++){8}")
# How many slips of one file are read as they were meant.
_MOST_SLIPS = 20
_DATED = {values.day, values.moment, values.month, values.months}
_FENCE = later(r"(---|\.\.\.)[ \t]*\n?")


# What a word processor makes of three hyphens, or somebody types for them: ----, —, ***.
_LIKE_FENCE = later(r"[-‐‑‒–—―_*=~]{1,80}[ \t]*")
_KEY_LINE = later(r"[a-z_]+:(?:[ \t]|$)")
# A key, what goes on below it, an entry of a list, a comment, nothing.
_FRONT_LINE = later(r"[A-Za-z_]+:|[ \t]|- |#|$")


def _is_like_fence(line: str) -> bool:
    return line.rstrip() != "---" and _LIKE_FENCE.fullmatch(line) is not None


class Matter:
    """One Markdown file while it is read: its keys, its words, its faults.

    `months` and `tags` are what its faults stop (see Fault), as far as it is known by then. `keys` are those that it
    may have, `words` those of them that hold words; `language` is one in which dates may be written.
    """

    def __init__(
        self,
        path: str,
        months: tuple[str, ...] | None = None,
        keys: Collection[str] = (),
        words: Collection[str] = (),
        language: str = "en",
    ) -> None:
        self.path, self.months, self.language = path, months, language
        self.known, self.words = keys, words
        self.tags: tuple[str, ...] | None = None
        self.nodes: dict[str, yaml.Node] = {}
        self.lines: dict[str, int] = {}
        # The lines of the front matter as they were read, from line 2 on.
        self.front: list[str] = []
        self.slips: list[Slip] = []
        self.faults: list[Fault] = []
        self.refused: set[str] = set()
        self.source = self.body = self.digest = ""
        self.body_line = 1

    @property
    def keys(self) -> set[str]:
        """The keys that it has."""
        return set(self.nodes)

    def refuse(
        self, line: int, message: str, hint: str = "", instead: str = "", added: tuple[tuple[int, str], ...] = ()
    ) -> None:
        """Gather a fault of that line."""
        place = Place(file=self.path, line=line)
        self.faults.append(Fault(place=place, message=message, hint=hint, instead=instead, added=added))

    def refuse_key(
        self, key: str, message: str, hint: str = "", instead: str = "", added: tuple[tuple[int, str], ...] = ()
    ) -> None:
        """Gather a fault of that key."""
        self.refused.add(key)
        self.refuse(self.lines.get(key, 1), message, hint, instead, added)

    def is_refused(self, key: str) -> bool:
        """Tell whether the key, or the one for a single value (`chapter` for `chapters`), is at fault."""
        return bool(self.refused & {key, key.removesuffix("s")})

    def parse(self, raw: bytes, *, needs_keys: bool) -> None:
        """Read keys and words; where no keys are needed, a file may be nothing but its words."""
        self.digest = hashlib.sha256(raw).hexdigest()
        try:
            decoded = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self.refuse(line, "this is not UTF-8 text", "save the file with the encoding UTF-8")
            # Its keys can be read all the same: `clean` takes out the zeros of UTF-16.
            self.source = values.clean(raw.decode("latin-1"))
            return
        self.source = values.clean(embedded.without(decoded))
        if marks := yaml_slips.git_marks(self.source):
            self.refuse(marks.line, marks.message, marks.hint)
            return
        lines = self.source.split("\n")
        if _is_like_fence(lines[0]) and (needs_keys or _KEY_LINE.match(lines[1] if len(lines) > 1 else "")):
            self._refuse_fence(1, lines[0], "begins")
            return
        if lines[0].rstrip() != "---" and not needs_keys:
            self.body = self.source.strip("\n")
            self.body_line = 1 + len(self.source) - len(self.source.lstrip("\n"))
            self._refuse_long_words()
            return
        if lines[0].rstrip() != "---":
            self._refuse_no_front(lines)
            return
        end = next((number for number, line in enumerate(lines[1:], 1) if _FENCE.fullmatch(line)), 0)
        if not end:
            keys = list(takewhile(_FRONT_LINE.match, lines[1:]))
            after = lines[len(keys) + 1] if len(keys) + 1 < len(lines) else ""
            if _is_like_fence(after):
                self._refuse_fence(len(keys) + 2, after, "ends")
            else:
                last = self._last_key(lines)
                added = ((last, "---"),) if last else ()
                self.refuse(1, "the front matter has no end", "close it with a line ---", added=added)
            return
        body = lines[end + 1 :]
        front = "\n".join(lines[1:end]) + "\n"
        if len(front) > _MOST_FRONT:
            message = f"the front matter has {len(front):,} characters; the most is {_MOST_FRONT:,}"
            self.refuse(2, message, "the story stands below its second line ---")
            return
        blank = next((number for number, line in enumerate(body) if line.strip()), 0)
        self.body, self.body_line = "\n".join(body[blank:]).rstrip(), end + 2 + blank
        self._refuse_long_words()
        self._parse_front(front)

    def take(self, parsers: Mapping[str, Parser], kind: str) -> dict[str, Any]:
        """Return the parsed values of all keys; a key without a value counts as left out."""
        taken: dict[str, Any] = {}
        for key, node in self.nodes.items():
            if key not in parsers:
                hint = did_you_mean(key, tuple(parsers)) if len(self.faults) < MOST_TOLD else ""
                meant = same_name(key, tuple(parsers)) if hint else ""
                row = self.front[self.lines[key] - 2]
                is_free = meant and meant not in self.nodes and row.startswith(key)
                self.refuse_key(
                    key, f"unknown key '{shown(key)}' in {kind}", hint, meant + row[len(key) :] if is_free else ""
                )
                if is_free:
                    # It is not missing.
                    self.refused.add(meant)
                continue
            try:
                value = self._plain(key, node)
                if isinstance(value, list) and f"{key}s" in parsers:
                    listed = f"{key}s: [{', '.join(value)}]"
                    line = self.instead(key, "") and self.front[self.lines[key] - 2].replace(f"{key}:", f"{key}s:", 1)
                    self.refuse_key(key, f"{key}: one is wanted, not a list", f"write {shown(listed, 80)}", line)
                    continue
                if value != "":
                    taken[key] = parsers[key](value)
            except Refused as refused:
                line = self.instead(key, refused.instead) if refused.instead else ""
                hint, line, added = self._as_meant(key, parsers[key]) or (refused.hint, line, ())
                self.refuse_key(key, f"{key}: {refused.message}", hint, line, added)
        return taken

    def instead(self, key: str, value: str) -> str:
        """Return the line of a key with another value; "" if the value takes several lines."""
        node = self.nodes[key]
        first, last = node.start_mark, node.end_mark
        if not first.line == last.line == self.lines[key] - 2:
            return ""
        line = self.front[first.line]
        return line[: first.column] + value + line[last.column :]

    def instead_of(self, key: str, entry: str, value: str) -> str:
        """Return the line of a key with another value for one entry of its list, or for the one text that it has.

        That is "" if it takes several lines; else a text becomes a list if a list is wanted.
        """
        node = self.nodes[key]
        if not isinstance(node, yaml.SequenceNode):
            return self.instead(key, f"[{value}]" if key in {"chapters", "sections"} else value)
        marks = [
            (entered.start_mark, entered.end_mark) for entered in node.value if getattr(entered, "value", None) == entry
        ]
        if len(marks) != 1 or not marks[0][0].line == marks[0][1].line == self.lines[key] - 2:
            return ""
        (first, last), line = marks[0], self.front[self.lines[key] - 2]
        return line[: first.column] + value + line[last.column :]

    def typed(self, *keys: str) -> list[str] | None:
        """Return what the lines of those keys hold, word by word, where the whole can't be read; None without one."""
        words: list[str] | None = None
        is_inside = False
        for line in self.source[:_MOST_FRONT].split("\n")[:200]:
            match = re.match(r"\s*([A-Za-z_]+)\s*[:=：]\s*(.*)", line)
            if match:
                is_inside = match[1].lower() in keys
            if is_inside and (match or re.match(r"\s*-\s", line)):
                value = match[2] if match else line.lstrip(" \t-")
                words = (words or []) + re.findall(r"[^\s,;\[\]\"'“”‘’]+", value.partition(" #")[0])
            elif words and _FENCE.fullmatch(line):
                break
        return words

    def _as_meant(self, key: str, parse: Parser) -> tuple[str, str, tuple[tuple[int, str], ...]] | None:
        """Return the hint for a day or a month in other words than digits, the line to write if it is sure, and those
        to write below it.
        """
        node = self.nodes[key]
        if parse not in _DATED or isinstance(node, yaml.MappingNode):
            return None
        from newsletter.read import dates

        near = self._near()
        if parse in {values.month, values.months}:
            entries = node.value if isinstance(node, yaml.SequenceNode) else [node]
            months = [dates.read_month(str(entry.value), near, self.language) for entry in entries]
            if not all(months):
                return None
            if any(_is_refused(values.month, month) for (month,) in months):
                return None
            value = ", ".join(month for (month,) in months)
            value = f"[{value}]" if isinstance(node, yaml.SequenceNode) else value
            return f"write {key}: {value}", self.instead(key, value), ()
        if isinstance(node, yaml.SequenceNode):
            return None
        typed = node.value
        starts = self.nodes.get("starts") if key == "ends" else None
        day = str(starts.value)[:10] if isinstance(starts, yaml.ScalarNode) else ""
        if re.fullmatch(r"\d{4}-\d\d-\d\d", day) and not dates.read_date(typed, near, self.language).days:
            # `ends: 20:00`: on the day that it starts, unless it goes past midnight.
            reading = dates.read_date(f"{day} {typed}", near, self.language)
            if not reading.clock or f"{day} {reading.clock}" <= str(starts.value if starts else "").replace("T", " "):
                return None
            typed = f"{day} {typed}"
        reading = dates.read_date(typed, near, self.language)
        clock = f" {reading.clock}" if reading.clock and parse is values.moment else ""
        if any(_is_refused(values.day, str(day)) for day in reading.days):
            return None
        written = [f"{key}: {day}{clock}" for day in reading.days]
        if len(written) != 1:
            meanings = [f"{line} for {day:%B} {day.day}" for line, day in zip(written, reading.days, strict=True)]
            return (f"write {', or '.join(meanings)}", "", ()) if meanings else None
        if key == "starts" and reading.ends and "ends" not in self.nodes:
            written.append(f"ends: {reading.days[0]} {reading.ends}")
        stated = self.nodes.get("timezone")
        is_known = "/" in reading.zone or reading.zone == "UTC"
        if clock and reading.zone and not (stated or is_known):
            return f"write {written[0]}; its time zone goes into 'timezone'", "", ()
        if clock and is_known and stated and stated.value != reading.zone:
            return f"write {written[0]}, as clocks show it in the zone of 'timezone': {stated.value}", "", ()
        if clock and is_known and not stated:
            written.append(f"timezone: {reading.zone}")
        is_sure = not reading.has_offset or len(written) == 1
        line = self.instead(key, written[0].removeprefix(f"{key}: ")) if is_sure else ""
        added = tuple((self.lines[key], new) for new in written[1:]) if line else ()
        return f"write {' and '.join(written)}", line, added

    def _refuse_no_front(self, lines: list[str]) -> None:
        above = next((number for number, line in enumerate(lines) if line.strip()), 0)
        if above and lines[above].rstrip() == "---":
            hint = "take out the empty lines above the first ---"
            self.refuse(1, "the front matter does not begin in line 1", hint, "\n".join(["---", *[""] * above]))
            return
        begins = _key_named(lines[0]) in self.known
        hint = "start the file with a line --- and its keys"
        self.refuse(1, "the front matter is missing", hint, added=((0, "---"),) if begins else ())

    def _last_key(self, lines: list[str]) -> int:
        """Return the number of the last line of the front matter where nothing closes it; 0 where that is not sure.

        Its words begin at the first line that is none of front matter. `Note: we won` may be of either.
        """
        keys = list(takewhile(_FRONT_LINE.match, lines[1:]))
        if any((name := _key_named(line)) and name not in self.known for line in keys):
            return 0
        last = max((number for number, line in enumerate(keys, 2) if line.strip()), default=0)
        # Behind a key, a line without one may be the rest of its text.
        is_apart = last and (last == len(lines) or not lines[last].strip())
        return last if is_apart and _key_named(lines[1]) else 0

    def _near(self) -> str:
        """Return a month that days without a year lie close to: the item's first, else its folder's; "" without."""
        for key in ("month", "months"):
            node = self.nodes.get(key)
            entries = node.value if isinstance(node, yaml.SequenceNode) else [node]
            for entry in entries:
                with contextlib.suppress(Refused):
                    if isinstance(entry, yaml.ScalarNode):
                        return values.month(entry.value)
        return self.months[0] if self.months else ""

    def _refuse_fence(self, line: int, typed: str, does: str) -> None:
        message, hint = f"'{shown(typed.rstrip())}' {does} no front matter", "write it as exactly three hyphens: ---"
        self.refuse(line, message, hint, instead="---")

    def _refuse_long_words(self) -> None:
        """Refuse words that nobody reads to their end, and that it would take minutes to set."""
        if len(self.body) <= values.MOST_WORDS:
            return
        message = f"the words have {len(self.body):,} characters; the most is {values.MOST_WORDS:,}"
        data = re.search(r"data:image/", self.body)
        line = self.body_line + self.body.count("\n", 0, data.start()) if data else 0
        hint = "a picture is written into them (data:): put the file beside the item" if data else "split it in two"
        self.refuse(line, message, hint)

    def _parse_front(self, source: str) -> None:
        node = self._composed(source)
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            self.refuse(node.start_mark.line + 2, "the front matter has no keys", "write them as title: What happened")
            return
        for key, value in node.value:
            line = key.start_mark.line + 2
            if not isinstance(key, yaml.ScalarNode):
                self.refuse(line, "a key must be one word", "write it as title: What happened")
            elif key.value in self.nodes:
                first = self.lines[key.value]
                self.refuse(line, f"'{shown(key.value)}' stands twice, first in line {first}", "keep one of them")
            else:
                self.nodes[key.value], self.lines[key.value] = value, line
                if slip := _lost(self.front, key, value):
                    self.refuse_key(key.value, slip.message, slip.hint)

    def _composed(self, source: str) -> yaml.Node | None:
        """Return the tree of the front matter, read as it was meant where that is sure; None if it has none."""
        self.front = source.split("\n")
        mended: set[int] = set()
        while True:
            source = "\n".join(self.front)
            try:
                if _is_nested(source):
                    self.refuse(2, "the front matter holds lists inside lists", "one key a line: title: What happened")
                    return None
                node = yaml.compose(source, Loader=_Loader)
                slip = next(self._losses(node), None)
            except yaml.MarkedYAMLError as error:
                mark = error.problem_mark or error.context_mark
                stopped = mark.line + 1 if mark else 1
                slip = yaml_slips.in_yaml(source, stopped, self.known)
                if not slip:
                    message = f"this is not valid YAML: {error.problem}"
                    self.refuse(stopped + 1, message, "one key a line: title: What happened")
                    return None
                if not slip.instead or slip.line in mended or len(mended) == _MOST_SLIPS:
                    self.refuse(slip.line + 1, slip.message, slip.hint, slip.instead)
                    return None
            except (yaml.YAMLError, RecursionError):
                self.refuse(2, "the front matter is not valid YAML", "one key a line: title: What happened")
                return None
            if not slip or slip.line in mended or len(mended) == _MOST_SLIPS:
                return node
            mended.add(slip.line)
            written = slip.instead.split("\n")
            self.front[slip.line - 1 : slip.line - 1 + len(written)] = written
            self.slips.append(replace(slip, line=slip.line + 1))

    def _losses(self, node: yaml.Node | None) -> Iterator[Slip]:
        """Yield the words of which YAML would keep a part only, with the line that keeps the whole."""
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.value in self.words:
                slip = _lost(self.front, key, value)
                if slip and slip.instead:
                    yield slip

    def _plain(self, key: str, node: yaml.Node) -> Any:
        """Return a scalar's text, or a list of them."""
        if isinstance(node, yaml.ScalarNode):
            return node.value
        if isinstance(node, yaml.SequenceNode):
            return [self._entry(entry) for entry in node.value]
        if key in self.words and (text := self._typed(node)):
            line = self.instead(key, yaml_slips.quoted(text))
            message = "a text with a colon or braces needs quotes"
            self._read_as_meant(self.lines[key], message, f"write {key}: {yaml_slips.quoted(text)}", line)
            return text
        raise Refused("one text is wanted, not a table", "put a text with a colon or braces in quotes")

    def _entry(self, node: yaml.Node) -> str:
        """Return an entry of a list; `- Budget: what it means`, to YAML a table, is one text."""
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        if isinstance(node, yaml.MappingNode) and len(node.value) == 1 and (text := self._typed(node)):
            line = self.front[node.start_mark.line]
            at = node.start_mark.column
            line = line[:at] + yaml_slips.quoted(text) + line[at + len(text) :]
            message = "a text with a colon needs quotes in a list"
            self._read_as_meant(node.start_mark.line + 2, message, f"write {yaml_slips.quoted(text)} there", line)
            return text
        raise Refused("a list of texts is wanted", "write it as [one, two]; quote texts with colons or brackets")

    def _typed(self, node: yaml.Node) -> str:
        """Return what stands in a single line for a node; "" if it takes several."""
        first, last = node.start_mark, node.end_mark
        line = self.front[first.line]
        # YAML takes the end of a block's last entry for the end of all, and looks for it on later lines.
        end = last.column if last.line == first.line else len(line)
        is_alone = last.line == first.line or not any(row.strip() for row in self.front[first.line + 1 : last.line])
        return yaml_slips.without_comment(line[first.column : end].strip()) if is_alone else ""

    def _read_as_meant(self, line: int, message: str, hint: str, instead: str) -> None:
        self.slips.append(Slip(line=line, message=message, hint=hint, instead=instead))


def _key_named(line: str) -> str:
    """Return what stands before the colon of a line, if that may be a key."""
    match = re.match(r"([A-Za-z_]+):(?:[ \t]|$)", line)
    return match[1] if match else ""


def _is_refused(parse: Parser, typed: str) -> bool:
    try:
        parse(typed)
    except Refused:
        return True
    return False


def _lost(lines: list[str], key: yaml.ScalarNode, value: yaml.Node) -> Slip | None:
    """Return a value of which YAML would keep a part only."""
    if not isinstance(value, yaml.ScalarNode) or (value.style and value.value):
        return None
    line = lines[key.end_mark.line]
    typed = line[key.end_mark.column :].lstrip(": \t")
    rest = lines[value.end_mark.line][value.end_mark.column :]
    lost = yaml_slips.lost_in_yaml(line, key.value, typed, rest)
    return Slip(line=key.end_mark.line + 1, message=lost[0], hint=lost[1], instead=lost[2]) if lost else None


def _is_nested(source: str) -> bool:
    """Tell whether the YAML is nested far deeper than any key wants it.

    libyaml's tree is made by a function that calls itself: some 10,000 brackets end the whole program. Its events
    come one after the other; they are asked for only where so many levels can be.
    """
    if source.count("[") + source.count("{") < _DEEP and " " * _DEEP not in source and not _DEEP_LINE.search(source):
        return False
    depth = 0
    for event in yaml.parse(source, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEP:
            return True
    return False
