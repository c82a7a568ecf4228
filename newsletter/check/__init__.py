"""Email -> Findings: a registry of rules, each one function, one slug, one docstring saying why a reader suffers.

A rule looks at a `Subject` and yields what it finds; it never prints and never raises on purpose.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from newsletter.errors import Place
from newsletter.model import Cover, Delivery, Email, Finding, Issue, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the rules look at: the issue, its cover, the neutral render and the one for the provider."""

    issue: Issue
    cover: Cover
    email: Email
    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a rule found: where, what, how to mend it; `level` where it differs from the rule's own."""

    place: Place
    message: str
    hint: str = ""
    level: Level | None = None


Check = Callable[[Subject], Iterator[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: its slug, its level, the reason for it, and the check."""

    slug: str
    level: Level
    why: str
    check: Check


RULES: dict[str, Rule] = {}


def rule(slug: str, level: Level) -> Callable[[Check], Check]:
    """Register a check under its slug; its docstring becomes the rule's reason."""

    def register(check: Check) -> Check:
        RULES[slug] = Rule(slug=slug, level=level, why=" ".join((check.__doc__ or "").split()), check=check)
        return check

    return register


def check(subject: Subject) -> list[Finding]:
    """Return the findings of every rule, sorted by place; a rule that crashes is reported as itself."""
    from newsletter.check import rules  # noqa: F401 - fills RULES

    findings = []
    for one in RULES.values():
        try:
            found = list(one.check(subject))
        except Exception as error:
            place = Place(file=f"newsletter/check ({one.slug})")
            found = [Found(place=place, message=f"the rule itself failed: {type(error).__name__}: {error}")]
        findings += [
            Finding(
                slug=one.slug,
                level=each.level or one.level,
                place=each.place,
                message=each.message,
                hint=each.hint,
                issue=subject.issue.id,
            )
            for each in found
        ]
    return sorted(findings, key=lambda finding: (finding.place, finding.slug))
