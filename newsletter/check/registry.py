"""Email -> Findings: a registry of rules, each one function, one slug, one docstring saying why a reader suffers.

What a rule looks at is the type of its one parameter: a `Manuscript` (one file as its writer left it), a `Page` (the
rendered HTML) or a `Subject` (the whole issue). It yields what it finds; it never prints and never raises on purpose.
"""

import importlib
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from newsletter.errors import MOST_TOLD, Fault, Place, abridged, did_you_mean
from newsletter.model import Config, Finding, Level

if TYPE_CHECKING:
    from newsletter.check.subject import Subject

Check = Callable[..., Iterator["Found"]]

# One file a kind of thing looked at, in the order of --list.
GROUPS = {
    "items": "Items and front pages",
    "words": "Words",
    "dates": "Dates",
    "links": "Links",
    "pictures": "Pictures",
    "cover": "Cover",
    "readers": "Month and readers",
    "markup": "HTML and clients",
    "accessibility": "Accessibility",
    "deliverability": "Deliverability and law",
    "online": "Online (--online, --spam)",
    "house": "The check itself",
}


class Found(Struct, frozen=True, kw_only=True):
    """What a rule found: where, what, how to mend it; `level` where it differs from the rule's own."""

    place: Place
    message: str
    hint: str = ""
    level: Level | None = None


class Rule(Struct, frozen=True, kw_only=True):
    """A rule: its slug, its level, the reason for it, where it belongs, and the check.

    `looks_at` names the type of what the check takes; `""` marks what another part of the program finds.
    """

    slug: str
    level: Level
    why: str
    group: str
    looks_at: str
    check: Check


class Checked(Struct, frozen=True, kw_only=True):
    """The findings of one issue, and which allowances (item's path, slug) kept a finding away."""

    findings: tuple[Finding, ...]
    used: frozenset[tuple[str, str]]


# Rules of earlier versions that nothing could break: reading refuses an event that ends before it starts, and no mail
# comes out without charset or doctype. Newsrooms may still name them.
GONE = frozenset({"event-ends-first", "no-charset", "no-doctype"})

_RULES: dict[str, Rule] = {}


def rule(slug: str, level: Level) -> Callable[[Check], Check]:
    """Register a check under its slug; its docstring becomes the rule's reason."""

    def register(check: Check) -> Check:
        looks_at = next((kind.__name__ for name, kind in check.__annotations__.items() if name != "return"), "")
        group = check.__module__.rpartition(".")[2]
        why = " ".join((check.__doc__ or "").split())
        assert slug not in _RULES, slug
        _RULES[slug] = Rule(slug=slug, level=level, why=why, group=group, looks_at=looks_at, check=check)
        return check

    return register


def rules() -> dict[str, Rule]:
    """Return every rule by its slug, in the order of GROUPS."""
    if not _RULES.keys() & {"unused-allowance"}:
        for group in GROUPS:
            importlib.import_module(f"newsletter.check.{group}")
    return _RULES


def levels(config: Config) -> tuple[dict[str, Level | None], list[Fault]]:
    """Return the level of every rule, None for those that `[checks]` turns off, and a fault for each unknown slug."""
    known = rules()
    set_to: dict[str, Level | None] = {slug: rule.level for slug, rule in known.items()}
    faults: list[Fault] = []
    for slug, level in config.checks.items():
        if slug in known:
            set_to[slug] = None if level == "off" else Level(level)
        elif slug not in GONE:
            place = config.place(f"checks.{slug}")
            # To look for the nearest takes a while, and nobody reads thousands.
            hint = _near(slug, known) if len(faults) < MOST_TOLD else ""
            faults.append(Fault(place=place, message=f"no rule is called '{slug}'", hint=hint))
    return set_to, [*abridged(faults)]


def check(subject: "Subject", set_to: Mapping[str, Level | None]) -> Checked:
    """Return what every rule that is on finds, sorted by place; a rule that crashes is reported as itself.

    A finding in an item that allows the rule is kept away.
    """
    allowed = {(story.item.path, slug) for story in subject.issue.stories for slug in story.item.allow}
    used: set[tuple[str, str]] = set()
    findings = []
    for rule in rules().values():
        level = set_to.get(rule.slug)
        if level is None or not rule.looks_at:
            continue
        for found in _run(rule, subject):
            if (found.place.file, rule.slug) in allowed:
                used.add((found.place.file, rule.slug))
            else:
                findings.append(_finding(rule, level, found, subject.issue.id))
    distinct = dict.fromkeys(findings)
    return Checked(findings=tuple(sorted(distinct, key=by_place)), used=frozenset(used))


def by_place(finding: Finding) -> tuple[Place, str, str, str]:
    """Return the key that findings are sorted by."""
    return finding.place, finding.slug, finding.message, finding.issue


def unknown(slugs: Collection[str]) -> list[tuple[str, str]]:
    """Return those that no rule has, each with the hint to the nearest one."""
    return [(slug, _near(slug, rules())) for slug in slugs if slug not in rules() and slug not in GONE]


def _run(rule: Rule, subject: "Subject") -> list[Found]:
    try:
        if rule.looks_at == "Subject":
            return _first(rule.check(subject))
        if rule.looks_at == "Page":
            return _first(rule.check(subject.page))
        return [found for manuscript in subject.manuscripts for found in _first(rule.check(manuscript))]
    except Exception as error:
        # A rule may trip over anything; the writer's other findings must not be lost with it.
        return [
            Found(
                place=Place(file=f"newsletter/check/{rule.group}.py"),
                message=f"the rule '{rule.slug}' itself failed: {type(error).__name__}: {error}",
                hint=f"report it to the maintainers of newsletter; until then: --skip {rule.slug}",
                level=Level.WARNING,
            )
        ]


def _first(findings: Iterator[Found]) -> list[Found]:
    """Return the first hundred findings: who has more has one slip many times, and the last one says so."""
    begin = next(findings, None)
    if not begin:
        return []
    first = [begin, *islice(findings, MOST_TOLD)]
    if len(first) > MOST_TOLD:
        more = "there are more of these: mend the first ones, then run this again"
        first[MOST_TOLD - 1 :] = [replace(first[MOST_TOLD - 1], hint=more)]
    return first


def _finding(rule: Rule, level: Level, found: Found, issue: str) -> Finding:
    # [checks] has the last word; a rule may only raise or lower what nobody has set.
    stated = found.level if found.level and level is rule.level else level
    return Finding(slug=rule.slug, level=stated, place=found.place, message=found.message, hint=found.hint, issue=issue)


def _near(slug: str, known: Collection[str]) -> str:
    hint = did_you_mean(slug, sorted(known))
    return hint if hint.startswith("did") else "newsletter check --list shows them all"
