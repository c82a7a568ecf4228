"""Compose the newsletters of a federated organization: items in Markdown -> issues that reach the inbox.

What a Python user calls stands here, in the order of the line; docs/python.md shows it at work. All else may change.
Everything heavy is imported where it is used, so that `import newsletter` stays quick.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from os import PathLike

    from newsletter.errors import ContentError, NewsletterError
    from newsletter.issue.edition import Chosen, Edition
    from newsletter.line import Built
    from newsletter.model import Cover, Email, Finding, Issue, Level, Newsroom

__version__ = "0.1.0"

__all__ = [
    "ContentError",
    "Finding",
    "Level",
    "NewsletterError",
    "Newsroom",
    "assemble",
    "build",
    "check",
    "chosen",
    "compose",
    "load",
    "render",
]

# The nouns and errors of the facade: imported from there when they are asked for.
_LATER = {
    "ContentError": "newsletter.errors",
    "Finding": "newsletter.model",
    "Level": "newsletter.model",
    "NewsletterError": "newsletter.errors",
    "Newsroom": "newsletter.model",
}

# A folder that is imported becomes an attribute of its package, once. Imported here, `newsletter.check` is from then on
# the function below, whatever is imported later; what lies in the folder is found under its own name all the same.
importlib.import_module("newsletter.check")


def load(folder: "str | PathLike[str]") -> "Newsroom":
    """Return the newsroom in a folder, the one that holds newsletter.toml.

    Faults of items and front pages are in its `faults`; those of newsletter.toml raise ContentError.
    """
    from pathlib import Path

    from newsletter.read.load import load

    return load(Path(folder).resolve())


def chosen(newsroom: "Newsroom", words: "Sequence[str]" = (), month: str | None = None) -> "Chosen":
    """Return the issues that are meant by words such as `2024-09/state-LPMN`, `LPMN` or `network`: its `editions`.

    Without words, every issue of the month; without a month, the newest that has items. `empty` holds what was asked
    for and has no items. Raises NewsletterError for a name that nothing has.
    """
    from datetime import date

    from newsletter.issue.edition import chosen

    return chosen(newsroom, words, month, date.max)


def assemble(newsroom: "Newsroom", edition: "Edition") -> "Issue":
    """Return an issue with its stories in their order; raises ContentError for a front page at fault."""
    from newsletter.issue.assemble import assemble

    return assemble(newsroom, edition)


def compose(issue: "Issue") -> "Cover":
    """Return what the inbox shows of an issue: sender, subject, preheader."""
    from newsletter.issue.compose import compose

    return compose(issue)


def render(newsroom: "Newsroom", issue: "Issue", cover: "Cover") -> "Email":
    """Return the email: HTML and plain text. Merge tags and addresses of pictures are neutral placeholders in it.

    Raises ContentError for pictures and templates at fault.
    """
    from newsletter.line import Builder
    from newsletter.look.pictures import prepare
    from newsletter.look.render import render

    builder = Builder(newsroom, newsroom.root / "build")
    return render(issue, cover, prepare(issue, newsroom.root, builder.cache), builder.look)


def check(newsroom: "Newsroom", choice: "Chosen", *, today: "date | None" = None) -> "tuple[Finding, ...]":
    """Return what `newsletter check` finds in the chosen issues and in the files that they use, sorted by place.

    `today` is the day from which a date of the running month is over; without it, such dates are of days to come.
    """
    from datetime import date

    from newsletter.line import Builder
    from newsletter.review import Wanted, review

    builder = Builder(newsroom, newsroom.root / "build")
    wanted = Wanted(today=today or date.min, levels=builder.levels)
    return review(builder, choice, wanted, lambda issue: None).findings


def build(
    newsroom: "Newsroom", choice: "Chosen", out: "str | PathLike[str]", provider: str | None = None
) -> "tuple[Built, ...]":
    """Write the chosen issues into `out`, as `newsletter build` does, and return a row for each of them.

    A row `is_good`, or has the `faults` that kept the issue from being written. `provider` is whose merge tags are
    written, by name; without it, the one of each issue's settings.
    """
    from pathlib import Path

    from newsletter.line import Builder, build_all

    builder = Builder(newsroom, Path(out).absolute(), provider)
    return tuple(build_all(builder, [edition.id for edition in choice.editions], lambda built: None))


if not TYPE_CHECKING:  # A type checker would take any name for one of ours.

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"module 'newsletter' has no attribute '{name}'")
        return getattr(importlib.import_module(_LATER[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
