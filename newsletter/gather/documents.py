"""A document (.docx, Google Docs' web page or Markdown, a text) -> clippings: a story below each heading is an item."""

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from newsletter.errors import ContentError, Fault
from newsletter.gather import archives, rewritten
from newsletter.gather.archives import Unpackable
from newsletter.gather.clipping import MARKED, Asked, Clipping, Gathered, Shot, marked, named
from newsletter.gather.rewritten import Passage
from newsletter.gather.sources import Source, letters
from newsletter.read.values import clean

_MOST_PICTURES = 500
# The words of a book have 5 MB in Word's XML; mammoth takes some seconds for each.
_MOST_XML = 10_000_000
# As mammoth writes a note of Word's, and as the words then refer to it.
_NOTE, _NOTED = re.compile(r"(?:foot|end)note-[0-9]+$"), re.compile(r"<sup>\\\[([0-9]{1,4})\\\]</sup>")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?![^\s])(.*)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
# `![Alt][image1]`, `![Alt](image.png)`, and `[image1]: <data:image/png;base64,…>` far below.
_SHOWN = re.compile(
    r"!\[((?:[^\[\]\\]|\\.){0,1000})\]"
    r"(?:\[([^\[\]]{1,100})\]"
    r"|\((?:<([^<>\n]*)>|([^()\s]*(?:\([^()\s]*\)[^()\s]*)*))(?:[ \t]+\"[^\"\n]*\")?\))"
)
_DEFINED = re.compile(r"^ {0,3}\[([^\[\]\n]{1,100})\]:[ \t]*(?:<([^<>\n]*)>|(\S+))[ \t]*$", re.MULTILINE)


class _Story(Struct, frozen=True, kw_only=True):
    """A heading, the section or chapter that one above it names, and what stands below."""

    title: str
    passages: tuple[Passage, ...]
    section: str = ""
    chapter: str = ""


class _Shots:
    """The pictures of a document, as they are found: those that it holds, and those that it names; and its notes."""

    def __init__(self, folder: Path | None, inside: dict[str, bytes]) -> None:
        self.folder, self.inside = folder, inside
        self.shots: list[Shot] = []
        self.left = 0
        # By their numbers.
        self.notes: dict[str, str] = {}

    def add(self, source: str, alt: str, content: bytes = b"") -> str:
        if len(self.shots) >= _MOST_PICTURES:
            self.left += 1
            return ""
        content = content or self.inside.get(unquote(source), b"")
        self.shots.append(Shot(source=source, alt=alt, content=content, folder=self.folder))
        return marked(len(self.shots) - 1, alt)


def clippings(source: Source, asked: Asked) -> Gathered:
    """Return the stories of a document; ContentError for what can't be read, or holds no words."""
    remarks: list[str] = []
    shots = _Shots(source.folder, {})
    title = ""
    if source.kind == "word":
        passages = _of_word(source, shots)
    elif source.kind == "zipped page":
        passages, title = _of_zip(source, shots)
    else:
        text, remark = letters(source)
        if remark:
            remarks.append(f"{source.name} {remark}")
        if source.kind == "text":
            passages = _of_markdown(source, text, shots)
        else:
            passages, title = _of_page(text, source.address, shots.add)
    if shots.left:
        remarks.append(f"{source.name}: {shots.left:,} pictures after the first {_MOST_PICTURES} were left")
    stories = _stories(passages, title, asked)
    if not stories:
        raise _fault(source, "holds no words", "look whether it is the right document")
    if len(stories) == 1 and (inner := sum(passage.level > 0 for passage in stories[0].passages)) > 1:
        remarks.append(
            f"{source.name} is one story with {inner} headings inside; to make several items of it, give each story a"
            " heading of the first level"
        )
    made, names = [], set()
    for story in stories:
        name = named(story.title) or "story"
        while name in names:
            name += "-2"
        names.add(name)
        made.append(_clipping(source, story, shots, f"{source.name}#{name}"))
    return Gathered(clippings=tuple(made), remarks=tuple(remarks))


def _fault(source: Source, message: str, hint: str) -> ContentError:
    return ContentError([Fault(place=source.place(), message=message, hint=hint)])


def _of_word(source: Source, shots: _Shots) -> list[Passage]:
    """Return a Word document's blocks: tracked changes as if they were accepted, without comments."""
    import mammoth

    try:
        members = archives.members(source.content, lambda name: True, _MOST_XML)
        raw = archives.repacked(members)
    except Unpackable as refused:
        raise _fault(source, refused.message, refused.hint) from None

    def shown(image: Any) -> dict[str, str]:
        with image.open() as file:
            content = file.read()
        # What mammoth knows of a picture is its bytes; the number leads from the words to it.
        held.append(content)
        return {"src": f"held:{len(held) - 1}", "alt": image.alt_text or ""}

    held: list[bytes] = []
    try:
        html = mammoth.convert_to_html(
            io.BytesIO(raw),
            convert_image=mammoth.images.img_element(shown),
            style_map="p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh\ncomment-reference => !",
            # Pictures that a document links to are files of this machine, or pages of somebody's.
            external_file_access=False,
            include_embedded_style_map=False,
        ).value
    except RecursionError:
        raise _fault(source, "is nested too deeply to be read", "copy its words into a new document") from None
    except Exception:  # mammoth raises whatever it trips over, and the bytes are a stranger's.
        raise _fault(
            source, "is damaged, or no Word document that can be read", "save it anew, and import that"
        ) from None

    def add(address: str, alt: str) -> str:
        number = address.removeprefix("held:")
        return shots.add("a picture in the document", alt, held[int(number)]) if number.isdecimal() else ""

    tree = rewritten.parsed(html)
    if tree is None:
        return []
    for number, note in enumerate([node for node in tree.iter("li") if _NOTE.match(node.get("id", ""))], 1):
        for back in [node for node in note.iter("a") if (node.get("href") or "").startswith("#")]:
            back.text = ""
        said = " ".join(passage.markdown for passage in rewritten.passages(note))
        shots.notes[str(number)] = f"\\[{number}\\] {said}"
        note.drop_tree()
    return rewritten.passages(tree, "", add)


def _of_zip(source: Source, shots: _Shots) -> tuple[list[Passage], str]:
    """Return the blocks of what Google Docs gives as a zipped web page: a page, and its pictures in a folder."""
    try:
        members = archives.members(source.content, lambda name: True, _MOST_XML)
    except Unpackable as refused:
        raise _fault(source, refused.message, refused.hint) from None
    page = min(
        (name for name in members if name.lower().endswith((".html", ".htm"))), key=lambda name: (name.count("/"), name)
    )
    folder = page.rpartition("/")[0]
    shots.inside = {name.removeprefix(f"{folder}/" if folder else ""): content for name, content in members.items()}
    shots.folder = None
    inner = Source(name=source.name, kind="web page", content=members[page])
    return _of_page(letters(inner)[0], "", shots.add)


def _of_page(text: str, address: str, shows: Callable[[str, str], str]) -> tuple[list[Passage], str]:
    """Return the blocks of a page that somebody saved, and its title."""
    tree = rewritten.parsed(text)
    if tree is None:
        return [], ""
    title = next((" ".join(clean(node.text_content()).split()) for node in tree.iter("title")), "")
    # A whole page has a menu and a foot around its story; a document has neither.
    articles = list(tree.iter("article"))
    whole = next(tree.iter("main"), None) if len(articles) != 1 else articles[0]
    body = whole if whole is not None else next(tree.iter("body"), tree)
    return rewritten.passages(body, address, shows), title


def _of_markdown(source: Source, text: str, shots: _Shots) -> list[Passage]:
    """Return the blocks of a Markdown file, or of a text without signs, whose first line is then its title."""
    text = clean(text)
    if re.match(r"---[ \t]*\n(?:[a-z_]+:.*\n)+", text):
        raise _fault(source, "is an item already: it has front matter", "copy it into issues/MONTH/items/")
    defined = {match[1].casefold(): match[2] or match[3] for match in _DEFINED.finditer(text)}
    used: set[str] = set()

    def show(match: re.Match[str]) -> str:
        name = (match[2] or "").casefold()
        if match[2] and name not in defined:
            return match[0]
        used.add(name)
        return shots.add(defined[name] if match[2] else match[3] or match[4] or "", match[1])

    words = _SHOWN.sub(show, text)
    words = _DEFINED.sub(lambda match: "" if match[1].casefold() in used else match[0], words)
    passages = _blocks(words)
    if not any(passage.level for passage in passages):
        first, _, rest = passages[0].markdown.partition("\n") if passages else ("", "", "")
        if 0 < len(first) <= 120 and len(passages) > 1 and not rest and not first.endswith((".", ":", ",")):
            return [Passage(markdown=first, level=1), *passages[1:]]
    return passages


def _blocks(markdown: str) -> list[Passage]:
    """Return Markdown cut at its headings and at empty lines; code stays whole."""
    out: list[Passage] = []
    lines: list[str] = []
    fence = ""

    def flush() -> None:
        if words := "\n".join(lines).strip("\n"):
            out.append(Passage(markdown=words))
        lines.clear()

    for line in markdown.split("\n"):
        opens = _FENCE.match(line)
        if fence:
            lines.append(line)
            if opens and opens[1].startswith(fence) and not line[opens.end() :].strip():
                fence = ""
        elif opens:
            fence = opens[1]
            lines.append(line)
        elif heading := _HEADING.match(line):
            flush()
            words, pictures = _without_pictures(_bare_heading(heading[2]))
            if words:
                out.append(Passage(markdown=words, level=len(heading[1])))
            out.extend(Passage(markdown=picture) for picture in pictures)
        elif (
            len(lines) == 1
            and lines[0].strip()
            and (under := _UNDERLINE.match(line))
            and not re.match(r"\s*[-*+>|]|\s*\d+[.)]", lines[0])
        ):
            words = lines.pop().strip()
            out.append(Passage(markdown=words, level=1 if under[1][0] == "=" else 2))
        elif not line.strip():
            flush()
        else:
            lines.append(line.rstrip("\r"))
    flush()
    return out


def _bare_heading(typed: str) -> str:
    """Return a heading's words without the signs that may end it, `##` and the `{#id}` of Google Docs."""
    words = typed.strip()
    if words.endswith("}") and (at := words.rfind("{#")) >= 0:
        words = words[:at].rstrip()
    bare = words.rstrip("#")
    return bare.rstrip() if bare != words and (not bare or bare[-1].isspace()) else words


def _without_pictures(heading: str) -> tuple[str, list[str]]:
    pictures = [match[0] for match in MARKED.finditer(heading)]
    return " ".join(MARKED.sub(" ", heading).split()), pictures


def _stories(passages: Sequence[Passage], title: str, asked: Asked) -> list[_Story]:
    """Return the document cut into its stories.

    Headings that are called like a section or a chapter say where those below them belong. Of the others the highest
    that stand there several times begin a story each. A single heading above them is the name of the whole document,
    unless words of its own follow it: then all of it is one story.
    """
    groups = [(passage.level, _is_group(passage, asked)) for passage in passages]
    heads = [level for level, group in groups if level and not group]
    level = _level(passages, heads, groups)
    stories: list[_Story] = []
    section = chapter = ""
    at_level = 0
    name, inside = "", list[Passage]()
    is_named = False

    def flush() -> None:
        if any(passage.markdown.strip() for passage in inside) or is_named:
            stories.append(_Story(title=name, passages=tuple(inside), section=section, chapter=chapter))

    for passage, (_, group) in zip(passages, groups, strict=True):
        if group and (not level or passage.level <= level):
            flush()
            name, inside, is_named = "", [], False
            kind, key = group
            # A section below a chapter belongs to it; beside it, it does not.
            if kind == "chapter":
                chapter, at_level = key, passage.level
            else:
                section = key
                chapter = chapter if passage.level > at_level else ""
        elif passage.level and passage.level <= level:
            is_whole = passage.level < level
            flush()
            name, inside, is_named = rewritten.bare(passage.markdown), [], not is_whole
        else:
            inside.append(passage)
    flush()
    if len(stories) > 1 and not stories[0].passages and not stories[0].section + stories[0].chapter:
        # The name of the whole, in a heading of the same level.
        return stories[1:]
    if len(stories) == 1 and not stories[0].title:
        only = stories[0]
        return [_Story(title=title, passages=only.passages, section=only.section, chapter=only.chapter)]
    return stories


def _level(passages: Sequence[Passage], heads: Sequence[int], groups: Sequence[tuple[int, Any]]) -> int:
    """Return the level of the headings that begin a story; 0 where there are none."""
    if not heads:
        return 0
    top = min(heads)
    if heads.count(top) > 1:
        return top
    below = sorted({level for level in heads if level > top and heads.count(level) > 1})
    at = next(number for number, (level, group) in enumerate(groups) if level == top and not group)
    if not below or at != next(number for number, (level, group) in enumerate(groups) if level and not group):
        return top
    after = passages[at + 1] if at + 1 < len(passages) else None
    has_words = after is not None and not after.level and bool(MARKED.sub("", after.markdown).strip())
    return top if has_words else below[0]


def _is_group(passage: Passage, asked: Asked) -> tuple[str, str] | None:
    """Return what a heading names if it is called like a section or a chapter."""
    if not passage.level:
        return None
    words = named(rewritten.bare(passage.markdown))
    if not words:
        return None
    for key, section in asked.config.sections.items():
        if words in {named(key), named(section.title)}:
            return "section", key
    for code, chapter in asked.config.chapters.items():
        if words in {named(code), named(chapter.name)}:
            return "chapter", code
    return None


def _clipping(source: Source, story: _Story, shots: _Shots, made_from: str) -> Clipping:
    """Return a story; a picture above its words is its own, the others stay where they stand."""
    passages = list(story.passages)
    lead: Shot | None = None
    for at, passage in enumerate(passages[:2]):
        match = MARKED.fullmatch(passage.markdown.strip())
        if match:
            lead = shots.shots[int(match[2])]
            del passages[at]
            break
    numbers: dict[int, int] = {}

    def renumber(match: re.Match[str]) -> str:
        return marked(numbers.setdefault(int(match[2]), len(numbers)), match[1])

    words = "\n\n".join(passage.whole for passage in passages)
    # Word keeps all notes at the end of the document; each belongs to the story that it is a note on.
    notes = [shots.notes[number] for number in dict.fromkeys(_NOTED.findall(words)) if number in shots.notes]
    words = MARKED.sub(renumber, "\n\n".join([words, *notes]))
    said = {"title": story.title, "section": story.section, "chapters": story.chapter}
    return Clipping(
        place=source.place(),
        made_from=made_from,
        values={key: value for key, value in said.items() if value},
        words=words,
        lead=lead,
        shots=tuple(shots.shots[number] for number in numbers),
    )
