"""What can be at fault, where, and how to mend it: the one error family."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest

# Faults of one file; who has more has one slip many times.
MOST_TOLD = 100
# Characters of a name that may be a slip in another, and how many names are weighed against it.
_LONGEST_NAME, _MOST_WEIGHED = 64, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of a file: `file` relative to the newsroom with forward slashes, `line` from 1 (0: the whole file)."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    def __lt__(self, other: "Place") -> bool:
        return (self.file, self.line) < (other.file, other.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong: a place, a sentence without a full stop, and the way out.

    `months` and `tags` say which issues it stops: those of one of the months that would take an item with one of
    the tags (chapter codes, publication keys, issue ids). None stands for any: what the writer meant can't be read.
    `instead` is what the hint says to write, as the whole line (or lines, joined by `\n`) from that place on; "" where
    a hint takes judgement. `added` are lines that it says to write besides, each with the number of the line that it
    goes below: `(4, "ends: 2024-10-10 19:30")`.
    """

    place: Place
    message: str
    hint: str = ""
    instead: str = ""
    added: tuple[tuple[int, str], ...] = ()
    months: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None

    def __str__(self) -> str:
        words = f"{self.place}: {self.message}"
        return f"{words}\n  hint: {self.hint}" if self.hint else words


class NewsletterError(Exception):
    """Something that the user can mend: a sentence, the way out, and lines between them (the recipients refused, …).

    Each of them is one line; who prints them puts the line ends between. `exit_code` is what the command ends with.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "", details: Iterable[str] = ()) -> None:
        self.message, self.hint, self.details = message, hint, tuple(details)
        super().__init__(message, hint, self.details)

    def __str__(self) -> str:
        words = "".join([self.message, *(f"\n  {detail}" for detail in self.details)])
        return f"{words}\n  hint: {self.hint}" if self.hint else words


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
    """What lies `at` a path can't be written, for a reason: the disk is full, the folder may not be written."""

    def __init__(self, at: str, reason: str, hint: str = "") -> None:
        self.at, self.reason = at, reason
        super().__init__(f"{at}: can't be written: {reason}", hint)

    def __reduce__(self) -> tuple[type["DiskError"], tuple[str, str, str]]:
        return type(self), (self.at, self.reason, self.hint)


class ServerError(NewsletterError):
    """A provider or a mail server refused, or could not be reached."""

    exit_code = 3


class UnknownEndError(ServerError):
    """What was asked of a server may have been done: its answer was lost, and nothing is asked twice on its own."""


def did_you_mean(typed: str, known: Sequence[str]) -> str:
    """Return the hint for a name that is not known: the nearest one, else a short list of what there is."""
    if near := _nearest(typed.casefold(), tuple(known)):
        return f"did you mean '{near}'?"
    if not known:
        return ""
    listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    return f"there is {listed}"


def same_name(typed: str, known: Sequence[str]) -> str:
    """Return the name that differs from what was typed in capitals, `-` and `_` alone; "" if there is none, or several.

    `Title` is title, `time_zone` is timezone: that is sure, and needs no question.
    """
    bare = _bare(typed)
    names = [name for name in known if _bare(name) == bare]
    return names[0] if len(names) == 1 and bare else ""


def _bare(name: str) -> str:
    return re.sub(r"[-_ ]", "", name).casefold()


@lru_cache(2048)
def _nearest(typed: str, known: tuple[str, ...]) -> str:
    """Return the name that is most like what was typed in small letters; "" if none is.

    What difflib weighs is bounded, since whoever has 20,000 keys may have a slip in each.
    """
    from difflib import get_close_matches

    if len(typed) > _LONGEST_NAME:
        return ""
    by_fold, signs_of = _folded(known)
    # More than that apart in length, and difflib would not take one for the other.
    like = [name for name in by_fold if 3 * len(typed) <= 7 * len(name) and 3 * len(name) <= 7 * len(typed)]
    # difflib holds LPNM as near to LPNY as to LPMN; whoever types fast swaps letters far more often.
    letters = sorted(typed)
    near = [name for name in like if len(name) == len(typed) and sorted(name) == letters]
    if not near and len(like) > _MOST_WEIGHED:
        signs = set(typed)
        like = nsmallest(_MOST_WEIGHED, like, key=lambda name: len(signs ^ signs_of[name]))
    near = near or get_close_matches(typed, like, n=1, cutoff=0.6)
    return by_fold[near[0]] if near else ""


@lru_cache(16)
def _folded(known: tuple[str, ...]) -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Return the names by what they are in small letters, and the letters of each."""
    by_fold = {name.casefold(): name for name in known}
    return by_fold, {name: frozenset(name) for name in by_fold}


def abridged(faults: Sequence[Fault]) -> Sequence[Fault]:
    """Return the first hundred of a file's faults, and one that counts the rest."""
    if len(faults) <= MOST_TOLD:
        return faults
    first, rest = faults[:MOST_TOLD], len(faults) - MOST_TOLD
    message = f"{rest:,} more {'fault' if rest == 1 else 'faults'} in this file"
    return [*first, Fault(place=first[-1].place, message=message, hint="mend the first ones, then run this again")]


def shown(words: str, most: int = 60) -> str:
    """Return words as a message quotes them: cut where they are long."""
    return words if len(words) <= most else f"{words[: most - 1]}…"
