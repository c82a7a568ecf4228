"""Rules about the words: what a writer forgot, repeated, shouted, or typed in vain."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from operator import eq

from newsletter.check import lists
from newsletter.check.alike import folded, is_alike, is_same_page, page_of, phrases
from newsletter.check.leftovers import leftovers
from newsletter.check.manuscript import Link, Manuscript
from newsletter.check.placeholders import may_hold_placeholders, placeholders
from newsletter.check.registry import Found, rule
from newsletter.check.subject import Subject
from newsletter.errors import Place
from newsletter.model import Item, Level, Story
from newsletter.patterns import later
from newsletter.read import prose
from newsletter.read.config import heirs
from newsletter.read.languages import base, is_same, own_language, place_of_word, words_of_english
from newsletter.read.values import PLACEHOLDER

_LONG_PARAGRAPH = 150
# Characters of a sentence that nobody will read: it is quoted whole, unless it is a page.
_WHOLE = 500
# Scripts without blanks between words; on a phone as many of their signs as this take the room of a word of English.
_UNBROKEN = later(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_SIGNS_A_WORD = 2.5
_MARK = later(r"[，。、！？：；「」『』（）《》“”·…—]+")
# Three words of letters in a row or more, with nothing but blanks and marks of voice between them: acronyms in a list
# have commas.
_CAPITALS = r"[^\W\d_a-z]+(?:['’-][^\W\d_a-z]+)*"
_SHOUT = later(rf"(?<![\w/#@._-])(?<!\w['’]){_CAPITALS}(?:[!?.…]*[ \n]+{_CAPITALS}){{2,}}(?![\w/(._-])")
_TWICE = later(r"(?<![\w’'-])([^\W\d_]{2,})([ \n]+)\1(?![\w’'-])", re.IGNORECASE)
# A letter with accents of their own (Combining Diacritical Marks), a kana with its voice marks, a syllable of Korean.
_APART = later(r"[^\W\d_][\u0300-\u036f]+|[\u3040-\u30ff][\u3099\u309a]|[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?")
_MOJIBAKE = later(r"â€[™œ\x9d\x9c“”¦]|Ã[©¨¡³±¼¶¤]|Â[ \u00a0·«»]|ï»¿|\ufffd")
_ONE_EMOJI = r"[\u2600-\u27bf\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*+"
# A joined one is taken whole, and never from its middle: else each sign of a long one would be tried anew.
_EMOJI = later(rf"(?<![\u200d\ufe0f\U0001f3fb-\U0001f3ff])(?:{_ONE_EMOJI}(?:\u200d{_ONE_EMOJI})*+ ?){{4,}}")
_MARKS = later(r"[!?！]{3,}")
_STRAY = later(r"(?<=[^\s|])  +(?=[^\s|])|(?<=[A-Za-z0-9)”’]) +(?=[,;.!?](?:\s|$))")


@rule("placeholder-words", Level.ERROR)
def placeholder_words(manuscript: Manuscript) -> Iterator[Found]:
    """TK, [First Name] or lorem ipsum in a mail tells every reader that nobody read it before it went out."""
    if not may_hold_placeholders(manuscript.whole, manuscript.vocabulary):
        return
    for text in manuscript.texts:
        for placeholder in placeholders(text.words, manuscript.language):
            place = text.at(placeholder.start)
            # A provider's own tag is told by foreign-merge-tag.
            if not any(
                tag.place == place and shown(placeholder.words) in tag.message for tag in manuscript.foreign_tags
            ):
                yield Found(
                    place=place,
                    message=f"'{shown(placeholder.words)}' is still to be written",
                    hint="write the words that belong here, or take it out",
                    level=None if placeholder.is_sure else Level.WARNING,
                )


@rule("name-without-fallback", Level.WARNING)
def name_without_fallback(subject: Subject) -> Iterator[Found]:
    """Who gave no name reads 'Hey !': a name needs a word for who has none."""
    # Where the provider has no names at all, left-out tells it.
    for manuscript in subject.manuscripts if "first_name" in subject.tags else ():
        for text in manuscript.texts:
            # The cover has a rule of its own, cover-tag-without-fallback.
            for match in PLACEHOLDER.finditer(text.words if text.key not in {"subject", "preheader"} else ""):
                if match[1] == "first_name" and not (match[2] or "").strip():
                    yield Found(
                        place=text.at(match.start()),
                        message=f"'{match[0]}' has no word for who gave no name",
                        hint="write %%first_name|friend%%",
                    )


@rule("words-in-english", Level.WARNING)
def words_in_english(subject: Subject) -> Iterator[Found]:
    """An issue in another language with English buttons or sentences looks half done, and a screen reader says them
    wrongly.
    """
    issue, config = subject.issue, subject.config
    language, sources = issue.settings.language, subject.sources
    if not base(language):
        # Of those that are no words (": ") there is nothing to say.
        words = [(key, word) for key, word in words_of_english() if word == getattr(issue.words, key)]
        left = [word for key, word in words if not place_of_word(config, key, language) and re.search(r"\w\w", word)]
        if shown := [word for word in left if word in subject.email.html]:
            named = ", ".join(f"'{word}'" for word in shown[:3])
            table = "words" if is_same(language, own_language(config)) else f"words.{language}"
            yield Found(
                place=sources.setting("language"),
                message=f"the language is '{language}', but the look says {named}{' …' if len(shown) > 3 else ''}",
                hint=f"say it in your language under [{table}] in newsletter.toml; docs/settings.md lists them",
            )
    own = issue.front_page.own if issue.front_page else {}
    tables = heirs(config, config.publications[issue.publication], config.chapters.get(sources.code))
    for key in ("why", "more", "greeting", "preheader"):
        # The language that was in force where the setting is stated.
        stated = [number for number, (_, table) in enumerate(tables) if table.get(key)]
        if key in own or not stated or (key == "greeting" and issue.front_page and issue.front_page.greeting):
            continue
        spoken = [str(table["language"]) for _, table in tables[: stated[-1] + 1] if "language" in table]
        said_in = spoken[-1] if spoken else own_language(config)
        if not is_same(said_in, language):
            yield Found(
                place=sources.setting(key),
                message=f"the language of {issue.id} is '{language}', but '{key}' is stated where it is '{said_in}'",
                hint=f'state {key} again where language = "{language}" stands',
            )
    for part in issue.parts:
        section = config.sections.get(part.section.key)
        if is_same(own_language(config), language) or not section or not section.intro:
            continue
        if part.section.intro == section.intro:
            yield Found(
                place=config.place(f"sections.{section.key}.intro"),
                message=f"the language of {issue.id} is '{language}', but the intro of '{section.key}' is in "
                f"'{own_language(config)}'",
                hint=f'write [words.{language}.sections.{section.key}] with title = "…" and intro = "…"',
            )


@rule("left-out", Level.WARNING)
def left_out(subject: Subject) -> Iterator[Found]:
    """Where a provider has nothing to put for %%browser_url%%, the whole sentence goes, up to its line's end: readers
    never see its words.
    """
    settings = subject.issue.settings
    known = {*subject.tags, *(name for name in subject.literal if getattr(settings, name, ""))}
    for manuscript in subject.manuscripts:
        needed = {match[1] for match in PLACEHOLDER.finditer(manuscript.body) if match[2] is None}
        for gone in prose.left_out(manuscript.body, needed - known):
            is_added, stays = gone.placeholder in subject.adds, _stays(gone)
            yield Found(
                place=Place(file=manuscript.path, line=manuscript.body_line + gone.line),
                message=f"'{shown(gone.words, _WHOLE)}' is left out: {_lacks(subject, gone.placeholder)}{stays}",
                hint=", or ".join([*(["write the sentence on one line"] if stays else []), *_instead(subject, gone)]),
                level=Level.ADVICE if is_added and not stays else None,
            )
        for text in manuscript.texts:
            # In one line of text only a name goes; for the others a build refuses.
            if text.key and "%%first_name%%" in text.words and "first_name" not in known:
                yield Found(
                    place=text.place,
                    message=f"the name in '{shown(text.words)}' is left out: {_lacks(subject, 'first_name')}",
                    hint="write %%first_name|friend%%, or say it without the placeholder",
                )


def _lacks(subject: Subject, placeholder: str) -> str:
    has = "adds its own for" if placeholder in subject.adds else "has nothing for"
    return f"{subject.provider} {has} %%{placeholder}%%"


def _stays(gone: prose.LeftOut) -> str:
    """Return what a message says of the rest of a sentence that was begun or ended on another line."""
    if gone.is_cut_before and gone.is_cut_after:
        return "; the lines before and after it stay, without this part of their sentence"
    if gone.is_cut_before:
        return "; the line before it stays, without the end of its sentence"
    return "; the next line stays, without the beginning of its sentence" if gone.is_cut_after else ""


def _instead(subject: Subject, gone: prose.LeftOut) -> list[str]:
    ways = ["say it without the placeholder"]
    if gone.placeholder == "first_name":
        ways.insert(0, "write %%first_name|friend%%")
    elif gone.placeholder in subject.literal:
        ways.insert(0, f'set {gone.placeholder} = "https://…" under [organization]')
    elif gone.placeholder not in subject.adds:
        ways.insert(0, f'set [providers.{subject.provider}.tags] {gone.placeholder} = "…"')
    return ways


@rule("placeholder-domain", Level.WARNING)
def placeholder_domain(manuscript: Manuscript) -> Iterator[Found]:
    """An address such as example.com leads a reader to a page that has nothing to do with you."""
    for place, words in _everything(manuscript):
        if host := lists.placeholder_host(words):
            yield Found(
                place=place,
                message=f"'{host}' is a placeholder, not a real address",
                hint="put the real address in its place",
            )


@rule("shouting", Level.WARNING)
def shouting(manuscript: Manuscript) -> Iterator[Found]:
    """Words all in capitals read as shouting, are spelled out letter by letter by some screen readers, and score as
    spam.
    """
    for text in manuscript.texts:
        for shout in _SHOUT.finditer(text.words):
            if _is_shouted(shout[0].split()):
                yield Found(
                    place=text.at(shout.start()),
                    message=f"'{shown(shout[0])}' is all in capitals",
                    hint="write it in sentence case; **bold** is enough to stress it",
                )


def _is_shouted(words: list[str]) -> bool:
    """Tell whether words in capitals are a raised voice: acronyms, names and commands are short or stand alone."""
    bare = [word.strip("!?.…’'-") for word in words]
    if not all(letter.isupper() for word in bare for letter in word if letter.isalpha()):
        return False
    return sum(len(word) > 3 for word in bare) > 1 and any(
        len(word) > 7 or word.casefold() in lists.words("common") for word in bare
    )


@rule("double-words", Level.WARNING)
def double_words(manuscript: Manuscript) -> Iterator[Found]:
    """A word that stands twice in a row makes a reader stumble, and doubt the rest."""
    words = manuscript.bare_words
    has_any = any(map(eq, words, islice(words, 1, None)))
    if not manuscript.is_english or not has_any:
        return
    for text in manuscript.texts:
        for match in doubles(text.words):
            yield Found(
                place=text.at(match.end(2)),
                message=f"'{match[1]}' stands twice in a row",
                hint="take one of them out; `newsletter check --fix` does it",
            )


def doubles(words: str) -> Iterator[re.Match[str]]:
    """Yield each word that stands twice; names such as Walla Walla and 'had had' are left alone."""
    for match in _TWICE.finditer(words):
        first, second = match[1], match[0][len(match[1]) + len(match[2]) :]
        is_name = first[0].isupper() and second[0].isupper() and not (first.isupper() and len(first) > 3)
        if not is_name and first.lower() not in lists.words("twice"):
            yield match


@rule("exclamation-marks", Level.WARNING)
def exclamation_marks(manuscript: Manuscript) -> Iterator[Found]:
    """Three exclamation marks in a row look like an advertisement, to readers and to spam filters."""
    if manuscript.whole.count("!") + manuscript.whole.count("！") < 3:
        return
    for text in manuscript.texts:
        runs = (run for run in _MARKS.finditer(text.words) if run[0].count("!") + run[0].count("！") > 2)
        if match := next(runs, None):
            yield Found(
                place=text.at(match.start()),
                message=f"'{shown(match[0], 12)}' is more than one exclamation mark",
                hint="one is enough, none is often better",
            )


@rule("wall-of-text", Level.WARNING)
def wall_of_text(manuscript: Manuscript) -> Iterator[Found]:
    """On a phone a paragraph of 150 words fills the whole screen, and readers skip what has no gaps."""
    for text in manuscript.texts:
        # A word has a letter and a blank behind it.
        if text.kind not in {"paragraph", "quote"} or len(text.words) < 2 * _LONG_PARAGRAPH:
            continue
        signs = len(_UNBROKEN.findall(text.words))
        count = sum(not _MARK.fullmatch(word) for word in _UNBROKEN.sub(" ", text.words).split())
        if count + signs / _SIGNS_A_WORD > _LONG_PARAGRAPH:
            yield Found(
                place=text.place,
                message=f"this paragraph has {f'{signs} characters' if signs > count else f'{count} words'}",
                hint="break it in two or three with an empty line, or make a list of it",
            )


@rule("empty-item", Level.WARNING)
def empty_item(manuscript: Manuscript) -> Iterator[Found]:
    """A headline without words, link or picture leaves a reader with nothing to read and nowhere to go."""
    item = manuscript.item
    if item and not (item.body.strip() or item.link or item.rsvp or item.picture or item.starts):
        yield Found(
            place=item.place("title"),
            message=f"'{shown(item.title)}' has a headline and nothing else",
            hint="write the story below the front matter, or add link: https://…",
        )


@rule("repeated-title", Level.WARNING)
def repeated_title(subject: Subject) -> Iterator[Found]:
    """Two stories under one title look like a mistake, and a reader who saw one skips the other."""
    seen: dict[str, Item] = {}
    for story in subject.issue.stories:
        key = folded(story.item.title)
        if key in seen:
            yield Found(
                place=story.item.place("title"),
                message=f"'{shown(story.item.title)}' is the title of {seen[key].path} as well",
                hint="tell them apart in their titles, or join them into one item",
            )
        seen.setdefault(key, story.item)


@rule("repeated-link", Level.WARNING)
def repeated_link(subject: Subject) -> Iterator[Found]:
    """Two stories that lead to the same page make a reader click twice for one thing."""
    seen: dict[str, Item] = {}
    for story in subject.issue.stories:
        key = page_of(story.item.link)
        if key and key in seen:
            yield Found(
                place=story.item.place("link"),
                message=f"{shown(story.item.link)} is the link of {seen[key].path} as well",
                hint="link to the page that is about this story, or join the two items",
            )
        seen.setdefault(key, story.item)
    home = page_of(subject.issue.settings.website)
    for manuscript in subject.manuscripts:
        for link in manuscript.links:
            # A list of links that names what another story is about; in a sentence such a link is a reference.
            if link.key or link.place.line not in manuscript.listed_lines:
                continue
            key = page_of(link.address)
            item = seen.get(key) if key and key != home and "/" in key else None
            if item and item.path != manuscript.path:
                yield Found(
                    place=link.place,
                    message=f"{shown(link.address)} is the link of {item.path} as well",
                    hint="take it out of the list, or the other item out of this issue",
                )
    yield from _listed_twice(subject)


def _listed_twice(subject: Subject) -> Iterator[Found]:
    """Yield each link in a list whose page another one in a list leads to, with other tracking."""
    seen: dict[tuple[str, str], Link] = {}
    home = page_of(subject.issue.settings.website)
    for manuscript in subject.manuscripts:
        for link in manuscript.links:
            # Two sessions may have one page to sign up, and a page many parts to link to.
            part = link.address.partition("#")[2].partition(":~:")[0]
            page = "" if link.key or link.place.line not in manuscript.listed_lines else page_of(link.address)
            if not page or page == home or "/" not in page:
                continue
            first = seen.setdefault((page, part), link)
            if first.address != link.address and _is_tracked(first.address, link.address):
                yield Found(
                    place=link.place,
                    message=f"{shown(link.address)} leads to the page of the link at {first.place}, "
                    "with other tracking",
                    hint="take one of the two out",
                )


def _is_tracked(one: str, other: str) -> bool:
    """Tell whether two addresses of a page differ in more than their beginnings, `https://www.` and `/` at the end."""
    queries = [address.partition("#")[0].partition("?")[2] for address in (one, other)]
    return queries[0] != queries[1]


@rule("repeated-words", Level.WARNING)
def repeated_words(subject: Subject) -> Iterator[Found]:
    """Two stories with nearly the same words are one story told twice: a reader feels that nobody looked."""
    own = [story.item for story in subject.issue.stories]
    pairs = [("", first, second) for at, second in enumerate(own) for first in own[:at]]
    pairs += [(earlier[0], earlier[1], story.item) for earlier, story in _told_before(subject)]
    for issue, first, second in pairs:
        # One title, or one link, is told by rules of its own.
        if (
            is_alike(phrases(first.body), phrases(second.body))
            and folded(first.title) != folded(second.title)
            and not is_same_page(first.link, second.link)
        ):
            yield Found(
                place=second.place("body"),
                message=f"'{shown(second.title)}' has nearly the words of {first.path}"
                + (f", which {issue} tells" if issue else ""),
                hint=_for_both(first, second) if issue else "keep one of the two",
            )


@rule("title-runs-twice", Level.WARNING)
def title_runs_twice(subject: Subject) -> Iterator[Found]:
    """A chapter's members get several of the month's issues: the same title from another file is old news to them."""
    for earlier, story in _told_before(subject):
        if folded(earlier[1].title) == folded(story.item.title):
            yield Found(
                place=story.item.place("title"),
                message=f"'{shown(story.item.title)}' also runs in {earlier[0]}, from {earlier[1].path}",
                hint=_for_both(earlier[1], story.item),
            )


@rule("link-runs-twice", Level.WARNING)
def link_runs_twice(subject: Subject) -> Iterator[Found]:
    """A chapter's members get several of the month's issues: one link from two files is one story told twice."""
    for earlier, story in _told_before(subject):
        if is_same_page(earlier[1].link, story.item.link):
            yield Found(
                place=story.item.place("link"),
                message=f"{shown(story.item.link)} is the link of {earlier[1].path} in {earlier[0]} too",
                hint=_for_both(earlier[1], story.item),
            )


@rule("heading-jump", Level.WARNING)
def heading_jump(manuscript: Manuscript) -> Iterator[Found]:
    """Screen readers list headings as an outline; a level left out sounds like a part that got lost."""
    last = 0
    for text in manuscript.texts:
        if text.kind == "heading":
            if last and text.level > last + 1:
                yield Found(
                    place=text.place,
                    message=f"'{shown(text.words)}' is a heading of level {text.level} under one of level {last}",
                    hint=f"start it with {'#' * (last + 1)}",
                )
            last = text.level


@rule("empty-heading", Level.WARNING)
def empty_heading(manuscript: Manuscript) -> Iterator[Found]:
    """A heading without words is announced by screen readers as 'heading', and nothing follows."""
    for text in manuscript.texts:
        if text.kind == "heading" and not re.search(r"\w", text.words):
            yield Found(place=text.place, message="this heading has no words", hint="write them, or take out the #")


@rule("repeated-heading", Level.WARNING)
def repeated_heading(subject: Subject) -> Iterator[Found]:
    """A story's title stands above its words, and its section's above that: who types them anew shows them twice."""
    lead = subject.issue.lead_section
    sections = [part.section for part in subject.issue.parts] + ([lead] if lead else [])
    titles = {section.key: section.title for section in sections}
    for manuscript in subject.manuscripts:
        item = manuscript.item
        if not item:
            continue
        known = {folded(_letters(titles.get(item.section, ""))): "the section's title"}
        known |= {folded(_letters(item.title)): "the story's title"}
        for text in manuscript.texts:
            what = known.get(folded(_letters(text.words)), "") if text.kind == "heading" else ""
            if what and _letters(text.words):
                yield Found(
                    place=text.place,
                    message=f"'{shown(text.words)}' is {what}, which stands above these words already",
                    hint="take the heading out",
                )


@rule("broken-letters", Level.ERROR)
def broken_letters(manuscript: Manuscript) -> Iterator[Found]:
    """Letters such as â€™ come from a text that was opened with the wrong encoding; a reader sees rubbish."""
    if manuscript.whole.isascii():
        return
    for text in manuscript.texts:
        if match := _MOJIBAKE.search(text.words):
            around = text.words[max(0, match.start() - 12) : match.end() + 12]
            yield Found(
                place=text.at(match.start()),
                message=f"'{shown(around)}' holds broken letters",
                hint="type them anew, or copy the text again from where it came",
            )


@rule("decomposed-letters", Level.ADVICE)
def decomposed_letters(manuscript: Manuscript) -> Iterator[Found]:
    """Accents stored apart from their letters (NFD) are shown beside them in some mail programs, and searches miss
    them.
    """
    if unicodedata.is_normalized("NFC", manuscript.whole):
        return
    for text in manuscript.texts:
        if match := next((letter for letter in _APART.finditer(text.words) if joined(letter[0]) != letter[0]), None):
            start = text.words.rfind(" ", 0, match.start()) + 1
            word = text.words[start:].split()[0]
            yield Found(
                place=text.at(match.start()),
                message=f"'{shown(word)}' has accents apart from their letters",
                hint="`newsletter check --fix` joins them",
            )


def joined(words: str) -> str:
    """Return the words with every accent that has a letter of its own joined to it.

    Signs of Arabic and Hebrew are no accents: in which order they stand changes nothing.
    """
    return _APART.sub(lambda match: unicodedata.normalize("NFC", match[0]), words)


@rule("stray-blanks", Level.ADVICE)
def stray_blanks(manuscript: Manuscript) -> Iterator[Found]:
    """Two blanks in a row, or one before a comma, leave holes and let a line start with the comma."""
    if not manuscript.is_english or not any(
        stray in manuscript.whole for stray in ("  ", " ,", " ;", " .", " !", " ?")
    ):
        return
    for text in manuscript.texts:
        # The front matter's own blanks are tidied when it is read.
        if not text.key and (match := _STRAY.search(text.words)):
            around = text.words[max(0, match.start() - 12) : match.end() + 12]
            yield Found(
                place=text.at(match.start()),
                message=f"there is a blank too many in '{around.replace(chr(10), ' ')}'",
                hint="`newsletter check --fix` takes it out",
            )


@rule("typed-list", Level.ADVICE)
def typed_list(manuscript: Manuscript) -> Iterator[Found]:
    """Points of a list behind each other on one line are read as one sentence, and a screen reader doesn't count
    them.
    """
    for place, line in manuscript.raw_lines:
        if not line.isascii() and (match := re.match(r"\s*([•●▪◦‣])\s*[^\s•●▪◦‣][^•●▪◦‣]*\1", line)):
            yield Found(
                place=place,
                message=f"'{shown(line.strip())}' holds several points of a list",
                hint=f"give each '{match[1]}' a line of its own",
            )


@rule("html-left-out", Level.WARNING)
def html_left_out(manuscript: Manuscript) -> Iterator[Found]:
    """Comments, scripts, forms and what loads from elsewhere have no place in a mail: what stands in them reaches
    nobody.
    """
    for left in prose.html_left_out(manuscript.body):
        yield Found(
            place=Place(file=manuscript.path, line=manuscript.body_line + left.line),
            message=f"'{shown(left.typed)}' {left.why}",
            hint=left.hint,
            level=Level.ADVICE if left.is_comment else None,
        )
    owner = manuscript.item or manuscript.front
    of_html = prose.pictures_of_html(manuscript.body) - set(owner.body_pictures if owner else ())
    for source, _, line in prose.pictures(manuscript.body) if of_html else ():
        if source in of_html:
            yield Found(
                place=Place(file=manuscript.path, line=manuscript.body_line + line),
                message=f"the picture '{shown(source)}' is left out: there is no such file beside the item",
                hint="put the file there, or write ![what is to be seen](picture.jpg)",
            )


@rule("lines-run-together", Level.WARNING)
def lines_run_together(manuscript: Manuscript) -> Iterator[Found]:
    """An address, opening hours or a sign-off in lines come out as one: Markdown takes a line's end for a blank."""
    backslash = "end each but the last with a backslash (\\), as `newsletter check --fix` does, or make a list"
    # There a backslash is a sign as any other.
    in_html = "leave an empty line between the HTML and them, or end each but the last with <br>"
    for is_html, hint in ((False, backslash), (True, in_html)):
        for line, lines in prose.run_together(manuscript.body, in_html=is_html):
            yield Found(
                place=Place(file=manuscript.path, line=manuscript.body_line + line),
                message=f"these {len(lines)} lines come out as one: '{shown(' '.join(lines))}'",
                hint=hint,
            )


@rule("typed-markup", Level.WARNING)
def typed_markup(manuscript: Manuscript) -> Iterator[Found]:
    """Whatever still looks like markup in the finished words was meant for something: readers see its signs."""
    typed = manuscript.body.split("\n")
    if (opened := prose.open_fence(manuscript.body)) is not None:
        yield Found(
            place=Place(file=manuscript.path, line=manuscript.body_line + opened),
            message=f"'{shown(typed[opened])}' begins code that nothing ends: readers see all below it as code",
            hint="close it with a line of the same signs, or take it out",
        )
    # A title that has some is told by markup-in-title.
    for text in (text for text in manuscript.texts if not text.key):
        for left in leftovers(text.words):
            place = text.at(left.start)
            line = place.line - manuscript.body_line
            # Who puts a backslash before a sign wants to see it.
            if "\\" not in "".join(typed[line : line + 1]) or left.typed.startswith("\\"):
                yield Found(place=place, message=f"'{shown(left.typed)}' {left.fault}", hint=left.hint)


@rule("row-of-emoji", Level.ADVICE)
def row_of_emoji(manuscript: Manuscript) -> Iterator[Found]:
    """A screen reader says every emoji by its full name: four in a row are half a minute of noise."""
    if manuscript.whole.isascii():
        return
    for text in manuscript.texts:
        if match := _EMOJI.search(text.words):
            yield Found(
                place=text.at(match.start()),
                message=f"'{shown(match[0])}' is a row of emoji",
                hint="keep one",
            )


def shown(words: str, most: int = 60) -> str:
    """Return words as a message quotes them: on one line, cut where they are long."""
    words = " ".join(words.split())
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _everything(manuscript: Manuscript) -> Iterator[tuple[Place, str]]:
    """Yield every text and address."""
    for text in manuscript.texts:
        yield text.place, text.words
    for link in manuscript.links:
        yield link.place, link.address


def _letters(words: str) -> str:
    """Return words without emoji, marks and what else is no letter: `🏆 Wins:` is Wins."""
    return " ".join(re.findall(r"\w+", words))


def _for_both(first: Item, second: Item) -> str:
    """Return what is to be written so that one of two items stands for both."""
    return f"tag one item for both issues: chapters: [{', '.join(dict.fromkeys((*second.chapters, *first.chapters)))}]"


def _told_before(subject: Subject) -> Iterator[tuple[tuple[str, Item], Story]]:
    """Yield pairs of stories that one chapter's members get from different files in different issues of the month."""
    own = subject.issue
    mine = {story.item.path for story in own.stories}
    for earlier in subject.before:
        same = own.chapter and own.chapter.code == earlier.chapter
        if not same and own.chapter and earlier.chapter:
            continue
        if not same and not own.chapter and not earlier.chapter:
            # Two publications for everyone have readers of their own.
            continue
        theirs = [item for item in earlier.items if item.path not in mine]
        told = {item.path for item in earlier.items}
        others = [story for story in own.stories if story.item.path not in told]
        # There may be thousands of theirs: what is known of one serves all of ours, and is then forgotten.
        yield from (((earlier.id, item), story) for item in theirs for story in others)
