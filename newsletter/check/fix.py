"""Newsroom -> edits: what can be mended without judgement, shown as a diff before it is written."""

import difflib
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from newsletter.check.items import has_link, without_marks
from newsletter.check.links import host_of, mend_links, untagged, with_beginnings
from newsletter.check.manuscript import of_front_page, of_item
from newsletter.check.moments import general_zones
from newsletter.check.pictures import described
from newsletter.check.words import doubles, joined
from newsletter.deliver.providers import providers
from newsletter.errors import ContentError, DiskError, Fault
from newsletter.issue.assemble import assemble
from newsletter.issue.edition import Edition, cards_of, faults_of, items_of
from newsletter.model import Config, FrontPage, Item, Newsroom
from newsletter.read import embedded, files, prose
from newsletter.read.config import FILE, resolve
from newsletter.read.fields import ITEM_TEXTS, SETTING_TEXTS
from newsletter.read.languages import is_same, language_of
from newsletter.read.values import clean
from newsletter.writing import put

_BOM = b"\xef\xbb\xbf"
_HTTP = re.compile(r"http://(?P<host>[A-Za-z0-9.-]+)(?P<port>:\d+)?")
_HTTPS = re.compile(r"https://([A-Za-z0-9.-]+)")
_COPYRIGHT = re.compile(r"(?i)((?:©|\(c\)|copyright)\s*(?:20\d\d\s*[-–]\s*)?)(20\d\d)\b")
_FENCE = re.compile(r" {0,3}(```|~~~)")
# A code span, a link's target, a picture's: nothing in there is words.
_NO_WORDS = re.compile(r"`[^`]*`|\]\([^()]*(?:\([^()]*\)[^()]*)*\)|<[^<>\n]*>|https?://\S+")
_MANY_BLANKS = re.compile(r"(?<=[^\s|])  +(?=[^\s|])")
_BEFORE_MARK = re.compile(r"(?<=[A-Za-z0-9)”’]) +(?=[,;.!?](?:\s|$))")
_FRONT_ENDS = re.compile(r"\n(?:---|\.\.\.)[ \t]*+(?:\r?\n|\Z)")
_LINE_ENDS = re.compile(r"(\r\n|\r|\n)")
# A line of front matter that is a plain text, all of it in this line.
_PLAIN_KEY = re.compile(
    rf"((?:{'|'.join(sorted({*ITEM_TEXTS, *SETTING_TEXTS}))}|image_alt):[ \t]+)([^|>\s].*)", re.DOTALL
)
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]{}\"'`|]+")
_NAME = re.compile(r"%%first_name(?:\|[ \t]*)?%%")
_COVER_KEY = re.compile(r"(?m)^(?:subject|preheader):.*$")
_ALT_KEY = re.compile(r"(?m)^(image_alt:[ \t]+)([^\s\"'|>&*!].*)$")
_ALT = re.compile(r"!\[([^\[\]\n]{1,500})\]\(")
_KEPT = "\x00"


class _Lines(NamedTuple):
    """What is to be written into a file, by the numbers of its lines: in their place, and below them."""

    instead: dict[int, str]
    added: dict[int, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A file before and after, as text with its own line ends.

    `pictures` are those that are written into it (read/embedded.py); a short address stands for each.
    """

    path: str
    before: str
    after: str
    has_bom: bool = False
    pictures: tuple[str, ...] = ()

    def diff(self) -> Iterator[str]:
        """Return the lines of a unified diff, without their ends."""
        before, after = self.before.splitlines(), self.after.splitlines()
        return difflib.unified_diff(before, after, f"a/{self.path}", f"b/{self.path}", n=1, lineterm="")


def mend(newsroom: Newsroom, editions: Collection[Edition], faults: Iterable[Fault] = ()) -> list[Edit]:
    """Return the edits for the files of those issues and for the years in newsletter.toml; files it can't read stay.

    `faults` are those of files that may be all that there is of an issue.
    """
    items = {item.path: item for edition in editions for item in items_of(newsroom, edition)}
    fronts = {front.path: front for edition in editions if (front := newsroom.front_pages.get(edition.id))}
    off = {slug for slug, level in newsroom.config.checks.items() if level == "off"}
    allowed = {path: off | set(item.allow) for path, item in items.items()}
    secure = _secure_hosts(newsroom)
    english = _english(newsroom, editions)
    websites = _websites(newsroom, editions)
    off_season = _off_season(newsroom, editions)
    has_names = _with_names(newsroom, editions)
    lines = _lines_to_write([*items.values(), *fronts.values()], newsroom, editions, allowed, faults)
    edits = []
    for path in sorted({*items, *fronts, *lines}):
        if edit := _read(newsroom.root, path):
            written = _rewritten(edit.before, lines.get(path, _Lines({}, {})))
            if path not in items and path not in fronts:
                # It was not read: nobody knows yet where its words begin.
                edits.append(_with(edit, written))
                continue
            keeps = allowed.get(path, off)
            written = written if "markup-in-title" in keeps else _plain_titles(written)
            written = written if "foreign-utm" in keeps else _untagged(written, websites.get(path, set()))
            written = written if "off-season-zone" in keeps else _in_season(written, off_season.get(path, ()))
            written = _named(written, keeps) if path in english and path in has_names else written
            edits.append(_with(edit, _mended(written, secure, keeps, english=path in english)))
    year = max((edition.month[:4] for edition in editions), default="")
    if year and (edit := _read(newsroom.root, FILE)):
        edits.append(_with(edit, _years(_https(edit.before, secure), year, newsroom.config)))
    return [edit for edit in edits if edit.before != edit.after]


def mend_settings(root: Path, faults: Iterable[Fault]) -> list[Edit]:
    """Return the edit of newsletter.toml that does what its faults say to write; none where each takes judgement."""
    lines = _Lines({}, {})
    _gather([fault for fault in faults if fault.place.file == FILE], lines)
    edit = _read(root, FILE) if lines.instead else None
    edit = edit and _with(edit, _rewritten(edit.before, lines))
    return [edit] if edit and edit.before != edit.after else []


def write(root: Path, edit: Edit) -> None:
    """Put the mended text in the file's place, whole or not at all. Raises DiskError."""
    try:
        # A symbolic link stays one: what it leads to is mended.
        path = Path(files.resolved(root, edit.path))
        put(path, (_BOM if edit.has_bom else b"") + embedded.joined(edit.after, edit.pictures).encode(), replaces=True)
    except (OSError, files.Unreadable) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise DiskError(os.fspath(root / edit.path), reason, "the file is untouched") from None


def _read(root: Path, path: str) -> Edit | None:
    try:
        raw = embedded.read_page(root, path)
        words, pictures = embedded.parted(raw.removeprefix(_BOM).decode())
    except (OSError, files.Unreadable, UnicodeDecodeError):
        return None
    return Edit(path=path, before=words, after=words, has_bom=raw.startswith(_BOM), pictures=pictures)


def _with(edit: Edit, after: str) -> Edit:
    return replace(edit, after=after)


def _lines_to_write(
    nouns: Iterable[Item | FrontPage],
    newsroom: Newsroom,
    editions: Iterable[Edition],
    allowed: Mapping[str, Collection[str]],
    faults: Iterable[Fault],
) -> dict[str, _Lines]:
    """Return, by file, what is to be written in place of a slip, or of what kept it from loading."""
    lines: dict[str, _Lines] = {}
    for noun in nouns:
        if "front-matter-slip" not in allowed.get(noun.path, ()):
            written = lines.setdefault(noun.path, _Lines({}, {}))
            written.instead.update({slip.line: slip.instead for slip in noun.slips if slip.instead})
    faults = dict.fromkeys([*faults, *(fault for edition in editions for fault in faults_of(newsroom, edition))])
    by_file: dict[str, list[Fault]] = {}
    for fault in faults:
        by_file.setdefault(fault.place.file, []).append(fault)
    for path, of_file in by_file.items():
        _gather(of_file, lines.setdefault(path, _Lines({}, {})))
    return {path: written for path, written in lines.items() if written.instead or written.added}


def _gather(faults: Iterable[Fault], lines: _Lines) -> None:
    """Put what the faults of a file say to write with its lines; a fault whose new key another has otherwise waits."""
    keys: dict[str, set[str]] = {}
    for fault in faults:
        for _, written in fault.added:
            keys.setdefault(written.partition(":")[0], set()).add(written)
    for fault in faults:
        # One time says ET and another CT: which zone is the item's, nobody knows.
        if any(len(keys[written.partition(":")[0]]) > 1 for _, written in fault.added):
            continue
        if fault.instead:
            lines.instead[fault.place.line] = fault.instead
        for number, written in fault.added:
            if not any(written in below for below in lines.added.values()):
                lines.added.setdefault(number, []).append(written)


def _websites(newsroom: Newsroom, editions: Iterable[Edition]) -> dict[str, set[str]]:
    """Return, by file, the websites of those whose issues use it: tags that count for one of them are no stranger's."""
    websites: dict[str, set[str]] = {}
    for edition in editions:
        front = newsroom.front_pages.get(edition.id)
        stated = front.own if front else {}
        website = resolve(newsroom.config, edition.publication, edition.chapter, stated).website
        for path in [*(card.path for card in cards_of(newsroom, edition)), *([front.path] if front else [])]:
            websites.setdefault(path, set()).add(website)
    return websites


def _untagged(source: str, websites: Collection[str]) -> str:
    """Return the text with its addresses rid of what counts readers for somebody else, whoever sends them."""

    def mended(match: re.Match[str]) -> str:
        without = {untagged(match[0], website) for website in websites}
        return without.pop() if len(without) == 1 else match[0]

    return _ADDRESS.sub(mended, source) if "?" in source else source


def _off_season(newsroom: Newsroom, editions: Iterable[Edition]) -> dict[str, set[tuple[int, str, str]]]:
    """Return, by file, the line, the letters and the general name of each zone that clocks don't show on its day."""
    found: dict[str, set[tuple[int, str, str]]] = {}
    for edition in editions:
        try:
            issue = assemble(newsroom, edition)
        except ContentError:
            continue
        written = [(of_item(story.item, issue, story.language), story) for story in issue.stories]
        front = [(of_front_page(issue.front_page, issue), None)] if issue.front_page else []
        for manuscript, story in (*written, *front):
            for place, typed, general in general_zones(manuscript, story, newsroom.config):
                found.setdefault(place.file, set()).add((place.line, typed, general))
    return found


def _in_season(source: str, zones: Iterable[tuple[int, str, str]]) -> str:
    """Return the text with the general name of a zone in the place of one that is off."""
    pieces = _LINE_ENDS.split(source)
    for number, typed, general in sorted(zones):
        if 2 * (number - 1) < len(pieces):
            line = pieces[2 * (number - 1)]
            pieces[2 * (number - 1)] = re.sub(rf"(?<![\w/]){re.escape(typed)}(?!\w)", general, line)
    return "".join(pieces)


def _with_names(newsroom: Newsroom, editions: Iterable[Edition]) -> set[str]:
    """Return the files whose issues all go out through a provider that knows its readers' names."""
    known = providers(newsroom.config)
    names: dict[str, set[bool]] = {}
    for edition in editions:
        front = newsroom.front_pages.get(edition.id)
        stated = front.own if front else {}
        name = resolve(newsroom.config, edition.publication, edition.chapter, stated).provider
        has_names = name in known and "first_name" in known[name].tags
        for path in [*(card.path for card in cards_of(newsroom, edition)), *([front.path] if front else [])]:
            names.setdefault(path, set()).add(has_names)
    return {path for path, each in names.items() if all(each)}


def _named(source: str, keeps: Collection[str]) -> str:
    """Return the text with a word for those who gave no name, in its words and on the cover."""
    head, body = _parted(source)
    if "name-without-fallback" not in keeps:
        body = _NAME.sub("%%first_name|friend%%", body)
    if "cover-tag-without-fallback" not in keeps:
        head = _COVER_KEY.sub(lambda line: _NAME.sub("%%first_name|friend%%", line[0]), head)
    return head + body


def _rewritten(source: str, lines: _Lines) -> str:
    """Return the text with those lines in place of its own, which keep their ends, and the new ones below them."""
    pieces = _LINE_ENDS.split(source)
    # The lines and their ends take turns: ["---", "\r\n", "title: Budget: more", "\r\n", …].
    for number, written in lines.instead.items():
        for offset, line in enumerate(written.split("\n")):
            if 2 * (number - 1 + offset) < len(pieces):
                pieces[2 * (number - 1 + offset)] = line
    end = pieces[1] if len(pieces) > 1 else "\n"
    for number, below in lines.added.items():
        if number == 0:
            pieces[0] = "".join(f"{line}{end}" for line in below) + pieces[0]
        elif 2 * (number - 1) < len(pieces):
            pieces[2 * (number - 1)] += "".join(f"{end}{line}" for line in below)
    return "".join(pieces)


def _plain_titles(source: str) -> str:
    """Return the text with its titles, and the other plain texts of its front matter, without marks of Markdown."""
    head, body = _parted(source)
    plain = [
        f"{match[1]}{without_marks(match[2])}" if (match := _PLAIN_KEY.match(line)) and not has_link(line) else line
        for line in head.splitlines(keepends=True)
    ]
    return "".join(plain) + body


def _secure_hosts(newsroom: Newsroom) -> set[str]:
    """Return the hosts that somebody in the newsroom links to over https."""
    texts = [item.body for item in newsroom.items] + [front.greeting for front in newsroom.front_pages.values()]
    texts += [f"{item.link} {item.rsvp}" for item in newsroom.items]
    for own in (
        newsroom.config.own,
        *(publication.own for publication in newsroom.config.publications.values()),
        *(chapter.own for chapter in newsroom.config.chapters.values()),
    ):
        texts += [str(value) for value in own.values()]
    return {host.lower().rstrip(".") for text in texts for host in _HTTPS.findall(text)}


def _english(newsroom: Newsroom, editions: Collection[Edition]) -> set[str]:
    """Return the files that each of those issues takes for English: what another language does otherwise stays."""
    config = newsroom.config
    languages: dict[str, set[str]] = {}
    for edition in editions:
        front = newsroom.front_pages.get(edition.id)
        own = front.own if front else {}
        language = resolve(config, edition.publication, edition.chapter, own).language
        if front:
            languages.setdefault(front.path, set()).add(language)
        for item in items_of(newsroom, edition):
            languages.setdefault(item.path, set()).add(language_of(item, config) or language)
    return {path for path, named in languages.items() if all(is_same(language, "en") for language in named)}


def _mended(source: str, secure: set[str], allowed: set[str], *, english: bool) -> str:
    if "decomposed-letters" not in allowed:
        source = joined(source)
    if "insecure-link" not in allowed:
        source = _https(source, secure)
    head, body = _parted(source)
    if "lines-run-together" not in allowed:
        body = _kept_apart(body)
    if "mistyped-link" not in allowed:
        body = _line_by_line(body, mend_links)
    if "relative-link" not in allowed:
        body = _line_by_line(body, lambda line, _: with_beginnings(line) if "`" not in line else line)
    if "alt-says-picture" not in allowed:
        head = _ALT_KEY.sub(lambda alt: f"{alt[1]}{described(alt[2])}", head)
        body = _line_by_line(body, lambda line, _: _ALT.sub(lambda alt: f"![{described(alt[1])}](", line))
    # Other languages have their own blanks and repetitions: `Nombreux !`, `nous nous`.
    return head + _tidied(body, allowed) if english else head + body


def _parted(source: str) -> tuple[str, str]:
    """Return the front matter with its fences, and the body."""
    if not re.match(r"---[ \t]*\r?\n", source):
        return "", source
    match = _FRONT_ENDS.search(source, source.index("\n"))
    return (source[: match.end()], source[match.end() :]) if match else ("", source)


def _https(source: str, secure: set[str]) -> str:
    def upgrade(match: re.Match[str]) -> str:
        # Another port is another server.
        known = host_of(match[0]) in secure and not match["port"]
        return f"https://{match['host']}" if known else match[0]

    return _HTTP.sub(upgrade, source)


def _kept_apart(body: str) -> str:
    """Return the words with a backslash at the end of each line that was meant as one."""
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", body)
    for first, run in prose.run_together(clean(body)):
        for number in range(first, first + len(run) - 1):
            words = lines[number].rstrip()
            lines[number] = f"{words}\\{lines[number][len(lines[number].rstrip(chr(13) + chr(10))) :]}"
    return "".join(lines)


def _line_by_line(body: str, mended: Callable[[str, str], str]) -> str:
    """Return the words with each line as it was meant, told of the line and the next one; code stays."""
    lines = body.splitlines(keepends=True)
    fenced = False
    for number, line in enumerate(lines):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            lines[number] = mended(line, "".join(lines[number + 1 : number + 2]))
    return "".join(lines)


def _tidied(body: str, allowed: set[str]) -> str:
    """Return the words without double words and stray blanks; code, links and line ends stay as they are."""
    out: list[str] = []
    paragraph: list[str] = []
    fenced = False

    def flush() -> None:
        out.append(_words("".join(paragraph), allowed))
        paragraph.clear()

    for line in body.splitlines(keepends=True):
        if _FENCE.match(line):
            flush()
            fenced = not fenced
            out.append(line)
        elif fenced or not line.strip():
            flush()
            out.append(line)
        else:
            paragraph.append(line)
    flush()
    return "".join(out)


def _words(paragraph: str, allowed: set[str]) -> str:
    if _KEPT in paragraph:
        # Whoever saved that will not have meant it; what is between two would be taken for what is put aside below.
        return paragraph
    kept: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"{_KEPT}{len(kept) - 1}{_KEPT}"

    words = _NO_WORDS.sub(put_aside, paragraph)
    if "double-words" not in allowed:
        # A word that stands four times is two pairs, and then one.
        while "\r" not in words and (pairs := list(doubles(words))):
            words = _once(words, pairs)
    if "stray-blanks" not in allowed:
        words = _BEFORE_MARK.sub("", _MANY_BLANKS.sub(" ", words))
        # Two blanks before a line's end break the line; one, or more than two, is a slip.
        words = re.sub(r"(?<=\S)(?: | {3,}|\t+)(?=\r?\n|$)", lambda f: "  " if len(f[0]) > 2 else "", words)
    return re.sub(rf"{_KEPT}(\d+){_KEPT}", lambda found: kept[int(found[1])], words)


def _once(words: str, pairs: list[re.Match[str]]) -> str:
    """Return the words with the first of each pair only."""
    out, at = [], 0
    for pair in pairs:
        out += [words[at : pair.start()], pair[1]]
        at = pair.end()
    return "".join(out) + words[at:]


def _years(source: str, year: str, config: Config) -> str:
    """Return newsletter.toml with old copyright years in texts, comments left alone."""
    if config.checks.get("stale-year") == "off":
        return source
    lines = source.splitlines(keepends=True)
    return "".join(
        line
        if line.lstrip().startswith("#")
        else _COPYRIGHT.sub(lambda match: match[1] + (year if match[2] < year else match[2]), line)
        for line in lines
    )
