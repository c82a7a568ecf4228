"""Delivery -> handover.md: what to do with the exported files, step by step, for this provider and this issue."""

import re
from collections.abc import Iterable

from newsletter.deliver.providers import STEPS, Provider
from newsletter.model import Cover, Delivery, Email, Finding, Issue, Level, Picture
from newsletter.read.config import fill
from newsletter.read.values import PLACEHOLDER

# What a step says where the provider's row has no words of its own.
_STEPS = {
    "start": "In {label}, create a new email, and choose the editor that takes your own HTML.",
    "audience": "Send it to **{audience}**.",
    "sender": "From: name **{sender_name}**, address **{sender_address}**. Replies go to **{reply_to}**.",
    "subject": "Subject: paste the line in `subject.txt`.",
    "preheader": "Preview text (preheader): paste the line in `preheader.txt`. The HTML does not hold it, so that the "
    "inbox does not show it twice.",
    "pictures": "",
    "html": "Paste all of `issue.html` ({characters} characters) as the HTML.",
    "text": "Paste all of `issue.txt` as the plain-text part.",
    "test": "Send a test to yourself, and look at it on a phone and on a computer.",
    "send": "Send it, or set the time. Once it is out, `newsletter sent {id}` keeps what went out; until then, leave "
    "this folder as it is.",
}
# A longer list of findings is read where it belongs: in `newsletter check`.
_MOST = 6
_IN_HTML = "The preheader is in the HTML already; if {label} asks for one all the same, paste `preheader.txt`."
_NAMES = {
    "unsubscribe_url": "unsubscribe link",
    "browser_url": "link to the browser view",
    "first_name": "first name",
    "postal_address": "postal address",
}


def handover(
    issue: Issue,
    cover: Cover,
    email: Email,
    delivery: Delivery,
    provider: Provider,
    findings: Iterable[Finding] = (),
) -> str:
    """Return the checklist as Markdown: the numbered steps, then what the provider does and what nobody verified.

    `email` tells which placeholders the issue has; errors and warnings among the findings are to be mended first.
    """
    lines = [
        f"# {issue.settings.title}, {issue.period}: hand over to {provider.label}",
        "",
        f"Issue {issue.id}. Tick off each step. Fields may have other names than here: the steps "
        "were written from documentation and memory, and never tried in a live account. No colleague has read it yet? "
        f"`newsletter proof {issue.id} --to …` sends it to them.",
        "",
    ]
    for number, step in enumerate(_steps(issue, cover, email, delivery, provider, findings), 1):
        first, *rest = step.split("\n")
        lines.append(f"{number}. [ ] {first}")
        lines += [f"    {line}" if line else "" for line in rest]
    for title, sentences in (
        (f"What {provider.label} does by itself", provider.does),
        (f"What {provider.label} can't take", provider.cannot),
        ("Not verified", _unverified(email, provider)),
    ):
        if sentences:
            lines += ["", f"## {title}", "", *(f"- {sentence}" for sentence in sentences)]
    return "\n".join(lines) + "\n"


def archive_of(issue: Issue, delivery: Delivery, provider: Provider) -> str:
    """Return the name of the zip to import: HTML and pictures side by side; "" where that would gain nothing."""
    is_local = delivery.pictures and not issue.settings.picture_base_url
    return f"{issue.id.replace('/', '-')}-import.zip" if provider.takes_zip and is_local else ""


def _steps(
    issue: Issue,
    cover: Cover,
    email: Email,
    delivery: Delivery,
    provider: Provider,
    findings: Iterable[Finding],
) -> Iterable[str]:
    words = {
        "id": issue.id,
        "label": provider.label,
        "audience": issue.settings.audience or "the list for this newsletter (newsletter.toml names no audience)",
        "sender_name": cover.sender_name,
        "sender_address": cover.sender_address or "none yet: set sender_address in newsletter.toml",
        "reply_to": cover.reply_to or cover.sender_address or "the same address",
        "characters": f"{len(delivery.html):,}",
    }
    grave = [finding for finding in findings if finding.level is not Level.ADVICE]
    if grave:
        listed = "\n".join(f"- {finding.place}: {finding.message}" for finding in grave[:_MOST])
        listed += f"\n- and {len(grave) - _MOST} more" if len(grave) > _MOST else ""
        yield f"Mend what `newsletter check {issue.id}` finds, and export again:\n{listed}"
    steps = {**_STEPS, **provider.steps}
    for step in STEPS:
        sentence = steps[step]
        if step == "preheader" and provider.preheader == "html" and step not in provider.steps:
            sentence = _IN_HTML
        if step == "pictures":
            sentence = sentence or _pictures(issue, delivery, provider)
        if step == "text" and not provider.has_text:
            continue
        if step == "send":
            yield from _look(issue, email, delivery, provider)
        if sentence:
            sentence = fill(sentence, words)
            if step in {"subject", "preheader"}:
                sentence += f"\n\n{_fenced(getattr(delivery, step))}\n"
            yield sentence


def _pictures(issue: Issue, delivery: Delivery, provider: Provider) -> str:
    """Return the step for the pictures that lie beside the HTML; nothing if there are none."""
    if not delivery.pictures:
        return ""
    many = len(delivery.pictures) > 1
    base = issue.settings.picture_base_url.rstrip("/")
    listed = "\n".join(f"- `{picture.name}`: {_described(issue, picture)}" for picture in delivery.pictures)
    if base:
        where = f"Upload {'these pictures' if many else 'this picture'} to `{base}/{issue.id}/`: the HTML looks there."
        return f"{where}\n{listed}"
    what, names = (f"these {len(delivery.pictures)} pictures", "each name") if many else ("this picture", "its name")
    archive = archive_of(issue, delivery, provider)
    zipped = f"Either import `{archive}`, which brings the HTML and {what} along; or:\n\n" if archive else ""
    return zipped + (
        f'Upload {what} to {provider.label}. Then, in `issue.html`, replace {names} in `src="…"` by the address that '
        f"it got there. (Pictures that lie on your own website need no such step: set `picture_base_url`.)\n{listed}"
    )


def _described(issue: Issue, picture: Picture) -> str:
    """Return its size, and where it stands: `536 pixels wide, 40 kB, in “A tree”; alt text “Two oaks”`."""
    titles = {story.item.path: f"in “{story.item.title}”" for story in issue.stories}
    if issue.front_page:
        titles[issue.front_page.path] = "in the greeting"
    shown = dict.fromkeys(
        # What no file of the issue asks for is the logo of its settings.
        titles.get(use.place.file, "the logo") + (f"; alt text “{use.alt}”" if use.alt else "")
        for use in picture.uses
    )
    return ", ".join([f"{picture.width} pixels wide, {len(picture.content) / 1000:.0f} kB", "; ".join(shown)])


def _look(issue: Issue, email: Email, delivery: Delivery, provider: Provider) -> Iterable[str]:
    """Yield what to look at in the test mail: what this issue has that can go wrong."""
    yield "In the inbox, sender, subject and preview text read as above, emoji and all."
    used = _used(email)
    if "first_name" in used and "first_name" in provider.tags:
        yield (
            "Where readers are called by their name, yours stands there; a test to an address without a name shows "
            f"{_fallbacks(email)}."
        )
    elif "first_name" in used:
        yield (
            f"Readers are not called by their name: {provider.label} has no tag for it in newsletter.toml, so all "
            f"read {_fallbacks(email)}. If it has one, put it there yourself, in the HTML and in the subject."
        )
    if "unsubscribe_url" in used and "unsubscribe_url" not in provider.adds:
        yield "The unsubscribe link opens the page where a reader can leave the list."
    is_written = "browser_url" in provider.literal and issue.settings.browser_url
    if "browser_url" in used and ("browser_url" in {*provider.tags, *provider.elements} or is_written):
        yield "The link to the browser view opens this issue."
    if "postal_address" in used and "postal_address" not in provider.adds:
        yield "The postal address at the end is right and complete."
    if delivery.pictures:
        many = len(delivery.pictures)
        yield {1: "The picture shows.", 2: "Both pictures show."}.get(many, f"All {many} pictures show.")
    dates = [
        f"- {' · '.join(filter(None, (story.event.when if story.event else '', story.deadline)))}: {story.item.title}"
        for story in issue.stories
        if story.event or story.deadline
    ]
    if dates:
        yield "These dates still hold:\n" + "\n".join(dates)
    yield from provider.look


def _unverified(email: Email, provider: Provider) -> list[str]:
    """Return a sentence for each tag and habit that the table only remembers."""
    sentences = []
    for habit in provider.unverified:
        name, _, part = habit.partition(" ")
        what, where = _NAMES.get(name, name), f" {part}" if part else ""
        if name in provider.adds:
            sentences.append(f"{provider.label} adds the {what} itself, as far as we remember: look for it.")
            continue
        tags = {**provider.tags, **(provider.text_tags if part else {})}
        tag = tags.get(name) or (f"<{provider.elements[name]}>" if name in provider.elements else "")
        unused = "" if name in _used(email) else " This issue does not use it."
        sentences.append(
            f"The tag for the {what}{where}, {_code(tag)}, is written from memory: see that it works in the test mail."
            f"{unused}"
        )
    return sentences


def _used(email: Email) -> set[str]:
    parts = (email.cover.subject, email.cover.preheader, email.html, email.text)
    return {match[1] for part in parts for match in PLACEHOLDER.finditer(part)}


def _fallbacks(email: Email) -> str:
    parts = (email.cover.subject, email.cover.preheader, email.text)
    fallbacks = [match[2] or "" for part in parts for match in PLACEHOLDER.finditer(part) if match[1] == "first_name"]
    words = [f"“{fallback}”" if fallback else "nothing" for fallback in dict.fromkeys(fallbacks)]
    return " or ".join(words) or "nothing"


def _fenced(words: str) -> str:
    """Return the words as a block that Markdown leaves alone."""
    ticks = max((len(run) for run in re.findall(r"`+", words)), default=0)
    fence = "`" * max(3, ticks + 1)
    return f"{fence}text\n{words}\n{fence}"


def _code(words: str) -> str:
    ticks = max((len(run) for run in re.findall(r"`+", words)), default=0)
    fence = "`" * (ticks + 1)
    return f"{fence}{words}{fence}"
