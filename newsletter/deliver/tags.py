"""Neutral placeholders -> a provider's merge tags, byte for byte; members' words can't become one.

The table is `providers.toml` beside this file. A render is the same for every provider: what differs is done here.
"""

import html
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from newsletter.errors import CommandError, ContentError, Fault, Place, did_you_mean
from newsletter.model import Config, Delivery, Email, Issue, Item, Picture, Settings
from newsletter.values import PLACEHOLDER

_REGION = re.compile(r"%%\[([a-z_]+)%%(.*?)%%\1\]%%", re.DOTALL)
_PICTURE = re.compile(r"%%picture:([^%]+)%%")
# In text nothing can stand for a character as an entity can in HTML; this one shows nothing and joins words.
_WORD_JOINER = "\u2060"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One row of the table; see `providers.toml` for what each field means."""

    name: str
    label: str
    tags: Mapping[str, str]
    text_tags: Mapping[str, str]
    elements: Mapping[str, str]
    adds: tuple[str, ...] = ()
    literal: tuple[str, ...] = ()
    delimiters: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()


def providers(config: Config) -> dict[str, Provider]:
    """Return every provider by name, the newsroom's own words over the packaged ones; ContentError if they misfit."""
    table = {name: dict(own) for name, own in _packaged().items()}
    faults = []
    for name, own in config.providers.items():
        merged = table.setdefault(name, {"label": name})
        for key, value in own.items() if isinstance(own, Mapping) else [("", own)]:
            if told := _misfit(key, value):
                place = config.place(f"providers.{name}.{key}")
                faults.append(Fault(place=place, message=f"[providers.{name}] {told[0]}", hint=told[1]))
            elif isinstance(value, Mapping):
                merged[key] = {**merged.get(key, {}), **value}
            else:
                merged[key] = value
    if faults:
        raise ContentError(faults)
    return {
        name: Provider(
            name=name,
            label=row.get("label", name),
            tags=row.get("tags", {}),
            text_tags=row.get("text_tags", {}),
            elements=row.get("elements", {}),
            **{key: tuple(row.get(key, ())) for key in _LISTS},
        )
        for name, row in table.items()
    }


def provider_named(config: Config, name: str) -> Provider:
    """Return the provider; CommandError for one that the table does not have."""
    known = providers(config)
    if name not in known:
        raise CommandError(f"no provider is called '{name}'", did_you_mean(name, tuple(known)))
    return known[name]


def translate(email: Email, issue: Issue, provider: Provider, pictures: Mapping[str, Picture]) -> Delivery:
    """Return the email as the provider takes it: its merge tags, and pictures where they will lie.

    Pictures lie beside the issue, or under the newsroom's `picture_base_url` in the same folders as in the build.
    Raises ContentError for a placeholder that the provider has no tag for, where leaving it out would break a
    sentence, the law or the provider's rules.
    """
    base = issue.settings.picture_base_url.rstrip("/")

    def address(name: str) -> str:
        return f"{base}/{issue.id}/{name}" if base else name

    faults: list[Fault] = []
    markup = _Translation(issue, provider, faults, is_html=True)
    text = _Translation(issue, provider, faults, is_html=False)
    line = _Translation(issue, provider, faults, is_html=False, tags=provider.tags)
    delivery = Delivery(
        provider=provider.name,
        subject=line.translate(email.cover.subject),
        preheader=line.translate(email.cover.preheader),
        html=markup.translate(email.html, address),
        text=text.translate(email.text, address),
        pictures=tuple(pictures.values()),
    )
    if faults:
        raise ContentError(dict.fromkeys(faults))
    return delivery


def with_inline_pictures(delivery: Delivery, issue: Issue) -> str:
    """Return the HTML with pictures referred to as parts of the same message (`cid:`)."""
    base = issue.settings.picture_base_url.rstrip("/")
    page = delivery.html
    for picture in delivery.pictures:
        source = f"{base}/{issue.id}/{picture.name}" if base else picture.name
        page = page.replace(f'src="{html.escape(source)}"', f'src="cid:{picture.name}"')
    return page


def typed_tags(issue: Issue, known: Mapping[str, Provider]) -> list[Fault]:
    """Return a fault for every provider's merge tag that somebody typed by hand."""
    patterns = [(provider, re.compile(typed)) for provider in known.values() for typed in provider.typed]
    return [
        Fault(
            place=place,
            message=f"'{found[0]}' is a merge tag of {provider.label}",
            hint="write a neutral placeholder: %%first_name|friend%%, %%unsubscribe_url%%, %%browser_url%%",
        )
        for place, words in _words_of(issue)
        for provider, pattern in patterns
        for found in pattern.finditer(words)
    ]


_LISTS = ("adds", "literal", "delimiters", "unverified", "typed")
_MAPS = ("tags", "text_tags", "elements")


def _misfit(key: str, value: object) -> tuple[str, str] | None:
    """Return what is wrong with a key of a newsroom's own provider table."""
    if not key:
        return "must be a table", 'for example tags = { unsubscribe_url = "…" }'
    if key not in {"label", *_LISTS, *_MAPS}:
        return f"has an unknown key '{key}'", did_you_mean(key, ("label", *_LISTS, *_MAPS))
    if key == "label":
        return None if isinstance(value, str) else ("label: must be a text", "")
    if key in _LISTS:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            return f"{key}: must be a list of texts", 'for example ["{{"]'
        for pattern in value if key == "typed" else ():
            try:
                re.compile(pattern)
            except re.error as error:
                return f"typed: '{pattern}' is no regular expression ({error})", ""
        return None
    if not isinstance(value, Mapping) or not all(isinstance(one, str) for one in value.values()):
        return f"{key}: must be a table of texts", 'for example { unsubscribe_url = "…" }'
    return None


@lru_cache(1)
def _packaged() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("providers.toml").read_text("utf-8"))


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
        self.tags = tags or (provider.tags if is_html else {**provider.tags, **provider.text_tags})
        self.elements = provider.elements if is_html else {}
        openers = sorted(provider.delimiters, key=len, reverse=True)
        self.openers = re.compile("|".join(map(re.escape, openers))) if openers else None
        self.beginnings = tuple({opener[:length] for opener in openers for length in range(1, len(opener))})

    def translate(self, source: str, address: Callable[[str], str] | None = None) -> str:
        source = self._elements(self._regions(source))
        out, at = [], 0
        for found in re.finditer(f"{_PICTURE.pattern}|{PLACEHOLDER.pattern}|\x00[^\x00]*\x00", source):
            out.append(self._disarm(source[at : found.start()]))
            at = found.end()
            if found[0][0] == "\x00":
                out.append(found[0][1:-1])
            elif found[1]:
                out.append(html.escape(address(found[1])) if address else "")
            else:
                out.append(self._tag(found[2], found[3]))
        out.append(self._disarm(source[at:]))
        return "".join(out)

    def _regions(self, source: str) -> str:
        """Keep or drop what stands around a placeholder that not every provider has."""

        def decide(found: re.Match[str]) -> str:
            inside = self._regions(found[2])
            return inside if self._can(found[1]) else ""

        return _REGION.sub(decide, source)

    def _elements(self, source: str) -> str:
        """Replace links by the elements that some providers want instead (`<unsubscribe>words</unsubscribe>`)."""
        for name, element in self.elements.items():
            link = re.compile(rf'<a\b([^>]*?)\s*href="%%{name}%%"([^>]*)>(.*?)</a>', re.DOTALL)
            source = link.sub(
                lambda found, element=element: (  # type: ignore[misc]
                    f"\x00<{element}{found[1]}{found[2]}>\x00{found[3]}\x00</{element}>\x00"
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

    def _tag(self, name: str, fallback: str | None) -> str:
        if name in self.tags:
            plain = html.unescape(fallback or "") if self.is_html else (fallback or "")
            return self.tags[name].replace("{fallback}", plain)
        if name in self.provider.literal and self._setting(name):
            return self._escape(self._setting(name))
        if fallback is not None:
            return self._disarm(fallback)
        if name == "first_name":
            return ""
        self._refuse(
            f"{self.provider.label} has no merge tag for '%%{name}%%'",
            f'leave it out, or set [providers.{self.provider.name}.tags] {name} = "…"',
        )
        return ""

    def _setting(self, name: str) -> str:
        own = {field.name for field in fields(Settings)}
        return str(getattr(self.issue.settings, name)) if name in own else ""

    def _escape(self, words: str) -> str:
        return self._disarm(html.escape(words) if self.is_html else words)

    def _disarm(self, words: str) -> str:
        """Return the words so that no delimiter of the provider's stands in them, nor begins at their end."""
        if not self.openers:
            return words
        words = self.openers.sub(lambda found: self._broken(found[0]), words)
        if words.endswith(self.beginnings):
            words = words[:-1] + (f"&#{ord(words[-1])};" if self.is_html else words[-1] + _WORD_JOINER)
        return words

    def _broken(self, opener: str) -> str:
        if self.is_html:
            # A `<` in HTML is markup of ours (members' are escaped); only the character after it may be changed.
            at = 1 if opener[0] == "<" else 0
            return f"{opener[:at]}&#{ord(opener[at])};{opener[at + 1 :]}"
        return f"{opener[0]}{_WORD_JOINER}{opener[1:]}"

    def _refuse(self, message: str, hint: str) -> None:
        self.faults.append(Fault(place=Place(file="newsletter.toml"), message=message, hint=hint))


def _words_of(issue: Issue) -> Iterator[tuple[Place, str]]:
    """Yield every text that somebody wrote for the issue, line by line."""
    keys = [field.name for field in fields(Item) if field.name not in {"path", "digest", "body"}]
    for story in issue.stories:
        item = story.item
        for key in keys:
            if isinstance(value := getattr(item, key), str) and value:
                yield item.place(key), value
        if item.picture:
            yield item.place("image_alt"), item.picture.alt
        yield from _lines(item.path, item.body_line, item.body)
    if front := issue.front_page:
        for key, value in front.own.items():
            if isinstance(value, str):
                yield front.place(key), value
        for headline in front.headlines:
            yield front.place("headlines"), headline
        yield from _lines(front.path, front.body_line, front.greeting)


def _lines(file: str, first: int, body: str) -> Iterator[tuple[Place, str]]:
    for number, line in enumerate(body.split("\n"), first):
        yield Place(file=file, line=number), line
