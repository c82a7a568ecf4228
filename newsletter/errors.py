"""What can be at fault, where, and how to mend it: the one error family."""

from collections.abc import Iterable, Sequence

from newsletter.nouns import noun


@noun
class Place:
    """A line of a file: `file` relative to the newsroom with forward slashes, `line` from 1 (0: the whole file)."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    def __lt__(self, other: "Place") -> bool:
        return (self.file, self.line) < (other.file, other.line)


@noun
class Fault:
    """One thing that is wrong: a place, a sentence without a full stop, and the way out.

    `months` and `tags` say which issues it stops: those of one of the months that would take an item with one of
    the tags (chapter codes, publication keys, issue ids). None stands for any: what the writer meant can't be read.
    """

    place: Place
    message: str
    hint: str = ""
    months: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None

    def __str__(self) -> str:
        told = f"{self.place}: {self.message}"
        return f"{told}\n  hint: {self.hint}" if self.hint else told


class NewsletterError(Exception):
    """Something that the user can mend: a sentence, the way out, and lines between them (the recipients refused, …).

    Each of them is one line; who prints them puts the line ends between. `exit_code` is what the command ends with.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "", details: Iterable[str] = ()) -> None:
        self.message, self.hint, self.details = message, hint, tuple(details)
        super().__init__(message, hint, self.details)

    def __str__(self) -> str:
        told = "".join([self.message, *(f"\n  {detail}" for detail in self.details)])
        return f"{told}\n  hint: {self.hint}" if self.hint else told


class ContentError(NewsletterError):
    """Items, front pages, settings or templates are at fault; carries every fault found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type["ContentError"], tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)


class CommandError(NewsletterError):
    """The command line asks for what is not there."""

    exit_code = 2


class DiskError(NewsletterError):
    """The output can't be written: the disk is full, the folder may not be written."""


class ServerError(NewsletterError):
    """A provider or a mail server refused, or could not be reached."""

    exit_code = 3


def did_you_mean(typed: str, known: Sequence[str]) -> str:
    """Return the hint for a name that is not known: the nearest one, else a short list of what there is."""
    from difflib import get_close_matches

    by_fold = {name.casefold(): name for name in known}
    # difflib holds LPNM as near to LPNY as to LPMN; whoever types fast swaps letters far more often.
    swapped = [name for name in by_fold if sorted(name) == sorted(typed.casefold())]
    near = swapped or get_close_matches(typed.casefold(), list(by_fold), n=1, cutoff=0.6)
    if near:
        return f"did you mean '{by_fold[near[0]]}'?"
    if not known:
        return ""
    shown = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    return f"there is {shown}"
