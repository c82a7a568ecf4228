"""What is found while checking, beside the rules: files that can't be read, allowances that are no longer needed."""

from collections.abc import Iterator

from newsletter.check import Found, rule
from newsletter.check.subject import Subject
from newsletter.model import Level


@rule("unknown-allowance", Level.ERROR)
def unknown_allowance(subject: Subject) -> Iterator[Found]:
    """An allowance with a slip in its name allows nothing, and its writer believes that it does."""
    from newsletter.check import unknown

    for story in subject.issue.stories:
        for slug, hint in unknown(story.item.allow):
            yield Found(
                place=story.item.place("allow"),
                message=f"no rule is called '{slug}'",
                hint=hint,
            )


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


@rule("unknown-rule", Level.ERROR)
def unknown_rule() -> Iterator[Found]:
    """A slip in [checks] changes nothing, and whoever wrote it believes that it does."""
    yield from ()


@rule("unused-allowance", Level.WARNING)
def unused_allowance() -> Iterator[Found]:
    """An allowance that is no longer needed would hide the next fault of its kind."""
    yield from ()
