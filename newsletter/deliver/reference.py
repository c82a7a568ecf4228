"""The table of providers -> its page in the documentation."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from newsletter.deliver.providers import Provider, packaged_providers

_TAGS = ("unsubscribe_url", "browser_url", "first_name", "postal_address")


def providers_page() -> str:
    """Return docs/providers.md: each provider's tags and habits, and how a newsroom overrides them."""
    table = packaged_providers()
    return "\n".join([*_head(), *_tags(table), *_takes(table), *_each(table), *_override()])


def _head() -> Iterable[str]:
    return (
        "# Providers",
        "",
        "`newsletter export ISSUE --for PROVIDER` writes an issue as one of these takes it, with a checklist",
        "(`handover.md`). The table was read in the providers' documentation on 2026-11-21; what is marked *r* was",
        "written from memory. **None of it was ever tried against a live account**: send yourself a test.",
        "",
    )


def _tags(table: Mapping[str, Provider]) -> Iterable[str]:
    yield from ("## Merge tags", "", "| provider | " + " | ".join(f"`%%{name}%%`" for name in _TAGS) + " |")
    yield "| --- |" + " --- |" * len(_TAGS)
    for provider in table.values():
        cells = (_cell(provider, name) for name in _TAGS)
        yield f"| {provider.label} (`{provider.name}`) | {' | '.join(cells)} |"
    yield ""


def _cell(provider: Provider, name: str) -> str:
    mark = " *r*" if name in provider.unverified else ""
    phrases = []
    if name in provider.adds:
        phrases.append(f"adds its own{mark}")
    elif name in provider.elements:
        phrases.append(_code(f"<{provider.elements[name]}>") + mark)
    elif name in provider.tags:
        phrases.append(_code(provider.tags[name]) + mark)
    elif name in provider.literal:
        phrases.append("your setting")
    else:
        phrases.append("the fallback" if name == "first_name" else "none")
    if name in provider.text_tags:
        mark = mark or (" *r*" if f"{name} (text)" in provider.unverified else "")
        phrases.append(f"in text {_code(provider.text_tags[name])}{mark}")
    return ", ".join(phrases)


def _takes(table: Mapping[str, Provider]) -> Iterable[str]:
    yield from ("## What each takes", "", "| provider | HTML | preheader | plain text | limits |")
    yield "| --- | --- | --- | --- | --- |"
    for provider in table.values():
        page = "a fragment" if provider.document == "fragment" else "a whole page"
        page += {"safe": ", comments as strings", "dropped": ", no comments"}.get(provider.comments, "")
        limits = [f"{provider.max_characters:,} characters"] if provider.max_characters else []
        limits += [f"subject of {provider.max_subject} characters"] if provider.max_subject else []
        limits += [f"no {_code(sequence)}" for sequence in provider.forbidden]
        limits += [f"one {_code(literal)}" for literal in provider.once]
        limits += [f"first line {_code(provider.first_line)}"] if provider.first_line else []
        limits += [f"keeps {' '.join(f'U+{ord(mark):04X}' for mark in literal)}" for literal in provider.kept]
        preheader = "in the HTML" if provider.preheader == "html" else "a field"
        text = "yes" if provider.has_text else "no"
        yield f"| {provider.label} | {page} | {preheader} | {text} | {', '.join(limits)} |"
    yield ""


def _each(table: Mapping[str, Provider]) -> Iterable[str]:
    for provider in table.values():
        if provider.does or provider.cannot or provider.look:
            name = provider.label
            yield from (f"## {name[0].upper()}{name[1:]}" if provider.name == "html" else f"## {name}", "")
            for title, sentences in (
                ("By itself", provider.does),
                ("Can't take", provider.cannot),
                ("Look at", provider.look),
            ):
                yield from (f"- {title}: {sentence}" for sentence in sentences)
            yield ""


def _override() -> Iterable[str]:
    yield from (
        "## Your own provider, or a row of yours",
        "",
        "`[providers.NAME]` in `newsletter.toml` goes over the row of that name, key by key, or makes a new one:",
        "",
        "```toml",
        "[providers.everyaction]",
        'delimiters = ["…"]           # what opens a tag there, so that no member writes one by accident',
        "[providers.everyaction.tags]",
        'unsubscribe_url = "…"        # as your account shows it',
        "",
        "[providers.our-server]",
        'label = "Our own server"',
        'literal = ["unsubscribe_url", "browser_url", "postal_address"]',
        "```",
        "",
        "| key | what it says |",
        "| --- | --- |",
    )
    yield from (f"| `{key}` | {meaning} |" for key, meaning in _keys().items())
    yield ""


def _keys() -> dict[str, str]:
    """Return what each key means, from the comments at the head of the table itself."""
    keys: dict[str, str] = {}
    last = ""
    for line in Path(__file__).with_name("providers.toml").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            break
        if match := re.match(r"# ([a-z_]+) {2,}(\S.*)", line):
            last = match[1]
            keys[last] = match[2]
        elif last and (more := re.match(r"# {4,}(\S.*)", line)):
            keys[last] += f" {more[1]}"
    return {key: meaning.replace("|", "\\|") for key, meaning in keys.items()}


def _code(words: str) -> str:
    # A bar would end the table's cell, even inside a code span.
    return f"`{words}`".replace("|", "\\|")
