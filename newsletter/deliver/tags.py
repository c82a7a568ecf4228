"""Neutral placeholders -> a provider's merge tags, byte for byte; members' words can't become one.

What each is called stands in `providers.toml`. A render is the same for every provider: what differs is done here.
"""

import html
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import islice

from newsletter.deliver.providers import Provider, packaged_typed
from newsletter.errors import MOST_TOLD, ContentError, Fault, Place, abridged, shown
from newsletter.model import Config, Delivery, Email, Issue, Item, Picture, Settings, Words
from newsletter.patterns import later
from newsletter.read.config import place_of_setting
from newsletter.read.languages import place_of_word
from newsletter.read.values import LINK_SCHEMES, PICTURE, PLACEHOLDER, without_regions

# In text nothing can stand for a character as an entity can in HTML; this one shows nothing and joins words.
_WORD_JOINER = "\u2060"
_ADDRESS_BEGINS = later(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, sorted(LINK_SCHEMES)))}):")
# Seconds of the processor's that a pattern of a newsroom's own may take for all texts of an issue: a hundred times what
# one takes. The library looks at them now and then only: an endless one ends after a second or two.
_PATIENCE = 0.3
# What means something in one provider's tags or another's, or in HTML.
_SYNTAX = frozenset("&<>\"'{}[]|*%$#@\\")
# In HTML a fallback ends at markup: what a writer typed is escaped there.
_IN_HTML = PLACEHOLDER.pattern.replace(r"[^%\n]", r'[^%\n<>"]')


def translate(
    email: Email,
    issue: Issue,
    provider: Provider,
    pictures: Mapping[str, Picture],
    addresses: Mapping[str, str] | None = None,
) -> Delivery:
    """Return the email as the provider takes it: its merge tags, and pictures where they will lie.

    Pictures have the `addresses` that they got by their names; else they lie under the newsroom's `picture_base_url`,
    in the same folders as in the build, or beside the issue.
    Raises ContentError for a placeholder that the provider has no tag for, where leaving it out would break a
    sentence, the law or the provider's rules.
    """
    base = issue.settings.picture_base_url.rstrip("/")

    def address(name: str) -> str:
        beside = f"{base}/{issue.id}/{name}" if base else name
        return (addresses or {}).get(name, beside)

    faults: list[Fault] = []
    markup = _Translation(issue, provider, faults, is_html=True)
    text = _Translation(issue, provider, faults, is_html=False)
    line = _Translation(issue, provider, faults, is_html=False, tags=provider.tags)
    delivery = Delivery(
        provider=provider.name,
        subject=line.translate(email.cover.subject),
        preheader=line.translate(email.cover.preheader),
        html=markup.translate(email.html, address),
        # What was left out may leave a gap.
        text=re.sub(r"\n{3,}", "\n\n", text.translate(email.text, address)).strip("\n") + "\n",
        pictures=tuple(pictures.values()),
    )
    if faults:
        raise ContentError(dict.fromkeys(faults))
    return delivery


def typed_tags(issue: Issue, known: Mapping[str, Provider], config: Config) -> list[Fault]:
    """Return a fault for every provider's merge tag that somebody typed by hand."""
    texts = [*_words_of(issue), *_settings_of(issue, config)]
    everything = "\n".join(words for _, words in texts)
    patterns = [
        # To compile one takes longer than to search for what its matches begin with.
        (provider, _finder(typed, is_own=typed not in packaged_typed()))
        for provider in known.values()
        for typed in provider.typed
        if _opening(typed) in everything and (typed not in packaged_typed() or re.search(typed, everything))
    ]
    if not patterns:
        return []
    faults: list[Fault] = []
    try:
        for place, words in texts:
            for provider, find in patterns:
                faults += (_typed_fault(place(), provider, tag) for tag in islice(find(words), MOST_TOLD))
    except _TooSlow as slow:
        faults.append(slow.fault(known, config))
    return list(abridged(faults))


def _typed_fault(place: Place, provider: Provider, tag: str) -> Fault:
    return Fault(
        place=place,
        message=f"'{shown(tag)}' is a merge tag of {provider.label}",
        hint="write a neutral placeholder: %%first_name|friend%%, %%unsubscribe_url%%, %%browser_url%%",
    )


class _TooSlow(Exception):
    """A newsroom's own pattern takes too long to look for."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed)
        self.typed = typed

    def fault(self, known: Mapping[str, Provider], config: Config) -> Fault:
        name = next(name for name, provider in known.items() if self.typed in provider.typed)
        return Fault(
            place=config.place(f"providers.{name}.typed"),
            message=f"typed: '{shown(self.typed)}' takes too long to look for",
            hint="write it without a repetition inside a repetition: a+ in place of (a+)+",
        )


def _finder(typed: str, *, is_own: bool) -> Callable[[str], Iterator[str]]:
    """Return what yields a pattern's matches in a text; for all texts together a newsroom's own one has a second."""
    if not is_own:
        packaged = re.compile(typed)
        return lambda words: (match[0] for match in packaged.finditer(words))
    # Python's own expressions can't be stopped.
    import regex

    pattern = regex.compile(typed)
    left = _PATIENCE if typed not in _slow else 0.0

    def find(words: str) -> Iterator[str]:
        nonlocal left
        begun = time.process_time()
        try:
            if left <= 0:
                raise TimeoutError
            for match in pattern.finditer(words, timeout=left):
                yield match[0]
        except TimeoutError:
            # A month has many issues; each would wait anew.
            _slow.add(typed)
            raise _TooSlow(typed) from None
        left -= time.process_time() - begun

    return find


_slow: set[str] = set()


@lru_cache
def _opening(pattern: str) -> str:
    """Return the punctuation that every match of a pattern begins with, as far as its first signs tell."""
    bare, groups = _ESCAPED.sub("", pattern), 1
    while groups:
        bare, groups = re.subn(r"\([^()]*\)", "", bare)
    match = _OPENING.match(pattern)
    return match[1].replace("\\", "") if match and "|" not in bare else ""


_ESCAPED = later(r"\\.|\[[^\]]*\]")
# Signs that stand for themselves, the last not followed by what would make it optional. A look behind takes no room.
_OPENING = later(r"(?:\(\?<!(?:\\.|[^()\\])*\))?((?:(?:\\[^\w\s]|[<%])(?![*?{]))+)")


class _Translation:
    """Translates one kind of part."""

    def __init__(
        self,
        issue: Issue,
        provider: Provider,
        faults: list[Fault],
        *,
        is_html: bool,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.issue, self.provider, self.faults, self.is_html = issue, provider, faults, is_html
        self.tags = (
            tags if tags is not None else (provider.tags if is_html else {**provider.tags, **provider.text_tags})
        )
        self.elements = provider.elements if is_html else {}
        openers = sorted(provider.delimiters, key=len, reverse=True)
        self.openers = re.compile("|".join(map(re.escape, openers))) if openers else None
        self.beginnings = tuple({opener[:length] for opener in openers for length in range(1, len(opener))})

    def translate(self, source: str, address: Callable[[str], str] | None = None) -> str:
        source = self._elements(self._regions(source))
        out, at = [], 0
        opened = closed = -1
        placeholder = _IN_HTML if self.is_html else PLACEHOLDER.pattern
        for match in re.finditer(f"{PICTURE.pattern}|{placeholder}|\x00[^\x00]*\x00", source):
            out.append(self._disarm(source[at : match.start()]))
            # Inside a tag the last `<` comes after the last `>`: `<a href="%%browser_url%%">`.
            opened = max(opened, source.rfind("<", at, match.end()))
            closed = max(closed, source.rfind(">", at, match.end()))
            at = match.end()
            if match[0][0] == "\x00":
                out.append(match[0][1:-1])
            elif match[1]:
                out.append(html.escape(address(match[1])) if address else "")
            else:
                is_attribute = self.is_html and opened > closed
                out.append(self._tag(match[2], match[3], is_attribute=is_attribute))
        out.append(self._disarm(source[at:]))
        return "".join(out)

    def _regions(self, source: str) -> str:
        """Keep or drop what stands around a placeholder that not every provider has."""
        known: dict[str, bool] = {}

        def can(name: str) -> bool:
            if name not in known:
                known[name] = self._can(name)
            return known[name]

        return without_regions(source, can)

    def _elements(self, source: str) -> str:
        """Replace links by the elements that some providers want instead (`<unsubscribe>words</unsubscribe>`)."""
        for name, element in self.elements.items():
            link = re.compile(rf'<a\b([^>]*?)(?<!\s)\s*+href="%%{name}%%"([^>]*)>(.*?)</a>', re.DOTALL)
            source = link.sub(
                lambda match, element=element: (  # type: ignore[misc]  # a default binds the loop's value
                    f"\x00<{element}{match[1]}{match[2]}>\x00{match[3]}\x00</{element}>\x00"
                ),
                source,
            )
        return source

    def _can(self, name: str) -> bool:
        """Tell whether the placeholder will be filled; refuse where the law wants it and nobody provides it."""
        if name in self.tags or name in self.elements:
            return True
        if name in self.provider.adds:
            return False
        if name in self.provider.literal and self._setting(name):
            return True
        if name == "unsubscribe_url":
            self._refuse(
                f"{self.provider.label} gets no unsubscribe link",
                'set unsubscribe_url = "https://…" under [organization]'
                if name in self.provider.literal
                else f'set its merge tag: [providers.{self.provider.name}.tags] unsubscribe_url = "…"',
            )
        elif name == "postal_address":
            self._refuse("the issue shows no postal address", 'set postal_address = "…" under [organization]')
        return False

    def _tag(self, name: str, fallback: str | None, *, is_attribute: bool = False) -> str:
        # A tag with quotes would end the attribute (the subject is also the label of the page).
        breaks = is_attribute and name == "first_name" and '"' in self.tags.get(name, "")
        if name in self.tags and not breaks:
            return self.tags[name].replace("{fallback}", self._quoted(name, fallback or ""))
        if name in self.provider.literal and self._setting(name):
            return self._escape(self._setting(name))
        if fallback is not None:
            return self._disarm(fallback)
        if name == "first_name":
            return ""
        self._refuse(
            f"{self.provider.label} has no merge tag for '%%{name}%%'",
            f'leave it out, or set [providers.{self.provider.name}.tags] {name} = "…"',
            self._place_of(name),
        )
        return ""

    def _quoted(self, name: str, fallback: str) -> str:
        """Return the fallback so that it can't end the provider's tag, or the string in it, before its time."""
        if "{fallback}" not in self.tags[name]:
            return ""
        if self.is_html:
            plain = html.unescape(fallback)
            return "".join(f"&#{ord(letter)};" if letter in _SYNTAX else letter for letter in plain)
        plain = fallback.translate({ord("'"): "’", ord('"'): "”"})
        if bad := next((letter for letter in plain if letter in _SYNTAX), ""):
            self._refuse(
                f"'{bad}' in the fallback '{fallback}' would break the merge tag of {self.provider.label}",
                "write the fallback in words: %%first_name|friend%%",
                self._place_of(name),
            )
        return plain

    def _setting(self, name: str) -> str:
        names = set(Settings.__struct_fields__)
        return str(getattr(self.issue.settings, name)) if name in names else ""

    def _escape(self, words: str) -> str:
        return self._disarm(html.escape(words) if self.is_html else words)

    def _disarm(self, words: str) -> str:
        """Return the words so that no delimiter of the provider's stands in them, nor begins at their end."""
        if not self.openers:
            return words
        words = self.openers.sub(self._broken, words)
        if words.endswith(self.beginnings):
            words = words[:-1] + (f"&#{ord(words[-1])};" if self.is_html else words[-1] + _WORD_JOINER)
        return words

    def _broken(self, match: re.Match[str]) -> str:
        """Return a delimiter with every sign in it changed: of `{{{`, half an answer would leave `{{`."""
        if self.is_html:
            # A `<` in HTML is markup of ours (members' are escaped).
            return re.sub(r"[^A-Za-z<]", lambda sign: f"&#{ord(sign[0])};", match[0])
        # An address has another way to write a character, and must not get one more.
        before = match.string[max(0, match.start() - 2000) : match.start()]
        word = "" if before[-1:].isspace() else before.rpartition(" ")[2].rpartition("\n")[2]
        if _ADDRESS_BEGINS.search(word):
            return re.sub(r"[^A-Za-z]", lambda sign: f"%{ord(sign[0]):02X}", match[0])
        return re.sub(r"[^A-Za-z]", lambda sign: sign[0] + _WORD_JOINER, match[0])

    def _refuse(self, message: str, hint: str, place: Place | None = None) -> None:
        self.faults.append(Fault(place=place or Place(file="newsletter.toml"), message=message, hint=hint))

    def _place_of(self, name: str) -> Place | None:
        """Return where somebody typed the placeholder first; None if newsletter.toml or a template has it."""
        for place, words in _words_of(self.issue):
            if any(match[1] == name for match in PLACEHOLDER.finditer(words)):
                return place()
        return None


def _words_of(issue: Issue) -> Iterator[tuple[Callable[[], Place], str]]:
    """Yield every text that somebody wrote for the issue, line by line, with what tells its place."""
    keys = [key for key in Item.__struct_fields__ if key not in {"path", "digest", "body"}]
    for story in issue.stories:
        item = story.item
        for key in keys:
            # What nobody typed has no line: a headline is the title then.
            if key in item.lines and isinstance(value := getattr(item, key), str):
                yield partial(item.place, key), value
        if item.picture:
            yield partial(item.place, "image_alt"), item.picture.alt
        yield from _lines(item.path, item.body_line, item.body)
    if front := issue.front_page:
        for key, value in front.own.items():
            if isinstance(value, str):
                yield partial(front.place, key), value
        for headline in front.headlines:
            yield partial(front.place, "headlines"), headline
        yield from _lines(front.path, front.body_line, front.greeting)


def _settings_of(issue: Issue, config: Config) -> Iterator[tuple[Callable[[], Place], str]]:
    """Yield every text of newsletter.toml that the issue shows, with what tells its place."""
    code = issue.chapter.code if issue.chapter else ""
    own = issue.front_page.own if issue.front_page else {}
    for key in Settings.__struct_fields__:
        value = getattr(issue.settings, key)
        if isinstance(value, str) and key not in own:
            yield partial(place_of_setting, config, key, issue.publication, code, None), value
    for label, address in issue.settings.social:
        yield partial(config.place, f"organization.social.{label}"), f"{label} {address}"
    for key in Words.__struct_fields__:
        yield partial(_place_of_word, config, key, issue.settings.language), getattr(issue.words, key)
    for section in config.sections.values():
        yield partial(config.place, f"sections.{section.key}.title"), section.title
        yield partial(config.place, f"sections.{section.key}.intro"), section.intro


def _place_of_word(config: Config, key: str, language: str) -> Place:
    return place_of_word(config, key, language) or config.place("words")


def _lines(file: str, first: int, body: str) -> Iterator[tuple[Callable[[], Place], str]]:
    """Yield the lines of a body without code: a tag that is shown there reaches no provider as a tag."""
    fenced = False
    for number, line in enumerate(body.split("\n"), first):
        if re.match(r" {0,3}(?:```|~~~)", line):
            fenced = not fenced
        elif not fenced:
            yield partial(Place, file=file, line=number), re.sub(r"`[^`]*`", "", line)
