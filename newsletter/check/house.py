"""What is wrong with what governs an issue: allowances, rules, templates, files that can't be read."""

from collections.abc import Iterator
from functools import lru_cache

from newsletter.check.registry import Found, rule
from newsletter.check.subject import Subject
from newsletter.errors import Place, did_you_mean
from newsletter.model import Level
from newsletter.read.config import packaged_templates


@rule("unknown-allowance", Level.ERROR)
def unknown_allowance(subject: Subject) -> Iterator[Found]:
    """An allowance with a slip in its name allows nothing, and its writer believes that it does."""
    from newsletter.check.registry import unknown

    for story in subject.issue.stories:
        for slug, hint in unknown(story.item.allow):
            yield Found(
                place=story.item.place("allow"),
                message=f"no rule is called '{slug}'",
                hint=hint,
            )


@rule("unused-template", Level.WARNING)
def unused_template(subject: Subject) -> Iterator[Found]:
    """A template with a slip in its name changes nothing: issues go out in the look that was meant to change."""
    texts, known = subject.templates(), _packaged()
    for file in texts:
        name = file.removeprefix("templates/")
        bare = name.rpartition("/")[2]
        if name in known or not bare.endswith((".j2", ".mjml", ".css")) or bare.startswith("."):
            continue
        if not any(bare in text for other, text in texts.items() if other != file):
            hint = did_you_mean(name, known)
            yield Found(
                place=Place(file=file),
                message="no template includes this one, so it changes nothing",
                hint=hint if hint.startswith("did") else "include it from another template, or delete it",
            )


@lru_cache(1)
def _packaged() -> tuple[str, ...]:
    """Return the names of the packaged templates."""
    packaged = packaged_templates()
    return tuple(sorted(path.relative_to(packaged).as_posix() for path in packaged.rglob("*.*") if path.is_file()))


@rule("not-loaded", Level.ERROR)
def not_loaded() -> Iterator[Found]:
    """What can't be read, or lacks what an issue needs, reaches no reader: its issues are not built until it is
    mended.
    """
    yield from ()


@rule("empty-issue", Level.ERROR)
def empty_issue() -> Iterator[Found]:
    """An issue without items is not built, so nobody gets it; found where it was asked for, or has a front page."""
    yield from ()


@rule("no-item", Level.WARNING)
def no_item() -> Iterator[Found]:
    """A story in a Word file, or in a folder beside `issues/`, is in no issue: whoever put it there waits in vain."""
    yield from ()


@rule("other-month", Level.WARNING)
def other_month() -> Iterator[Found]:
    """An item that was copied from last month and kept its `month:` is missing in the issue that it was copied for."""
    yield from ()


@rule("untouched", Level.ADVICE)
def untouched() -> Iterator[Found]:
    """An item that was begun and never written is in no issue: its chapter may believe that it has delivered."""
    yield from ()


@rule("unknown-rule", Level.ERROR)
def unknown_rule() -> Iterator[Found]:
    """A slip in [checks] changes nothing, and whoever wrote it believes that it does."""
    yield from ()


@rule("unused-allowance", Level.WARNING)
def unused_allowance() -> Iterator[Found]:
    """An allowance that is no longer needed would hide the next fault of its kind."""
    yield from ()
