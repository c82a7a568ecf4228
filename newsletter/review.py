"""Issues as far as they could be made -> findings: what the rules say of each, and what stops it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial

from msgspec import Struct, field
from msgspec.structs import replace

from newsletter.check import clients
from newsletter.check.registry import by_place, check, rules
from newsletter.check.subject import Subject
from newsletter.cores import spread
from newsletter.deliver.message import make_message
from newsletter.errors import ContentError, Fault, Place
from newsletter.issue.edition import Chosen, cards_of, editions
from newsletter.line import Builder
from newsletter.model import Cover, Finding, Level, Newsroom


class Reviewed(Struct, frozen=True, kw_only=True):
    """What became of one issue: its findings, the allowances that were needed, and what it uses of HTML and CSS."""

    issue: str
    findings: tuple[Finding, ...] = ()
    used: frozenset[tuple[str, str]] = frozenset()
    items: tuple[str, ...] = ()
    features: Mapping[str, int] = field(default_factory=dict)
    nodes: int = 0
    cover: Cover | None = None
    message: bytes = b""
    links: tuple[tuple[str, Place], ...] = ()


class Review(Struct, frozen=True, kw_only=True):
    """A month's review: every finding, sorted by place, and each issue's own."""

    findings: tuple[Finding, ...]
    issues: tuple[Reviewed, ...]


class Wanted(Struct, frozen=True, kw_only=True):
    """What a review is asked for besides the findings; `today` is the day of the check."""

    today: date
    levels: Mapping[str, Level | None]
    clients: bool = False
    message: bool = False
    links: bool = False


def review(
    builder: Builder,
    choice: Chosen,
    wanted: Wanted,
    done: Callable[[Reviewed], None],
) -> Review:
    """Return the findings of the issues, of their files that could not be read, and of allowances nobody needs."""
    newsroom = builder.newsroom
    ids = [edition.id for edition in choice.editions]
    issues = tuple(spread(builder, partial(examine, wanted=wanted), ids, done))
    findings = [finding for reviewed in issues for finding in reviewed.findings]
    findings += _of_faults(choice.faults, "not-loaded", wanted.levels)
    findings += _of_faults(builder.unknown_rules, "unknown-rule", wanted.levels)
    findings += _of_remarks(choice, wanted.levels)
    findings += _empty(newsroom, choice, wanted.levels)
    findings += _unused(newsroom, issues, wanted.levels)
    return Review(findings=tuple(sorted(dict.fromkeys(findings), key=by_place)), issues=issues)


def examine(builder: Builder, issue_id: str, wanted: Wanted) -> Reviewed:
    """Return what is to be said of one issue; its faults come back as findings, only our own bugs raise."""
    try:
        made = builder.make(issue_id)
    except ContentError as error:
        return Reviewed(issue=issue_id, findings=_of_faults(error.faults, "not-loaded", wanted.levels, issue_id))
    issue, html = made.issue, made.email.html
    subject = builder.subject(made, wanted.today)
    checked = check(subject, wanted.levels if html else _without_page(wanted.levels))
    features = clients.features_of(subject.page) if wanted.clients and html else {}
    cover = replace(made.cover, subject=made.delivery.subject, preheader=made.delivery.preheader)
    return Reviewed(
        issue=issue_id,
        findings=(*_of_faults(made.faults, "not-loaded", wanted.levels, issue_id), *checked.findings),
        used=checked.used,
        items=tuple(story.item.path for story in issue.stories),
        features={slug: used.count for slug, used in features.items()},
        nodes=len(subject.page.elements) if features else 0,
        cover=cover if wanted.clients else None,
        message=make_message(issue, made.cover, made.delivery) if wanted.message and html else b"",
        links=_links(subject) if wanted.links else (),
    )


def _without_page(levels: Mapping[str, Level | None]) -> dict[str, Level | None]:
    """Return the levels with every rule off that looks at what could not be rendered."""
    return {slug: level if rules()[slug].looks_at == "Manuscript" else None for slug, level in levels.items()}


def _of_faults(
    faults: Iterable[Fault], slug: str, levels: Mapping[str, Level | None], issue: str = ""
) -> tuple[Finding, ...]:
    level = levels.get(slug)
    return tuple(
        Finding(slug=slug, level=level, place=fault.place, message=fault.message, hint=fault.hint, issue=issue)
        for fault in faults
        if level
    )


def _of_remarks(choice: Chosen, levels: Mapping[str, Level | None]) -> list[Finding]:
    findings: list[Finding] = []
    for remark in choice.remarks:
        if level := levels.get(remark.slug):
            # [checks] has the last word.
            level = remark.level if remark.level and level is rules()[remark.slug].level else level
            findings += _of_faults([remark.fault], remark.slug, {remark.slug: level})
    return findings


def _empty(newsroom: Newsroom, choice: Chosen, levels: Mapping[str, Level | None]) -> list[Finding]:
    """Return a finding for what was asked for and has no items: an issue, a month, or one whose front page is there."""
    level = levels.get("empty-issue")
    findings = []
    for empty in choice.empty:
        issue = empty.edition.id if empty.edition else ""
        front = newsroom.front_pages.get(issue)
        so = "it is not built" if issue else "there is nothing to check"
        if level and (empty.is_missed or front):
            findings.append(
                Finding(
                    slug="empty-issue",
                    level=level,
                    place=front.place() if front else Place(file="newsletter.toml"),
                    message=f"{empty.name} has no items, so {so}",
                    hint=empty.hint,
                    issue=issue,
                )
            )
    return findings


def _unused(newsroom: Newsroom, issues: Iterable[Reviewed], levels: Mapping[str, Level | None]) -> list[Finding]:
    """Return a finding for each allowance that kept nothing away in any issue of the month that runs its item.

    Told only where all those issues were looked at, and of rules that were on.
    """
    level = levels.get("unused-allowance")
    used = {pair for reviewed in issues for pair in reviewed.used}
    reviewed_ids = {reviewed.issue for reviewed in issues if reviewed.items}
    months = {issue.partition("/")[0] for issue in reviewed_ids}
    looked_at = {path for reviewed in issues for path in reviewed.items}
    findings: list[Finding] = []
    running: dict[str, set[str]] = {}
    for item in [newsroom.items.of(card) for card in newsroom.items.cards if card.path in looked_at]:
        if not level or not item.allow:
            continue
        for month in months:
            for edition in editions(newsroom, month):
                if edition.id not in running:
                    running[edition.id] = {card.path for card in cards_of(newsroom, edition)}
        if any(item.path in paths and issue_id not in reviewed_ids for issue_id, paths in running.items()):
            continue
        for slug in dict.fromkeys(item.allow):
            if levels.get(slug) and (item.path, slug) not in used:
                findings.append(
                    Finding(
                        slug="unused-allowance",
                        level=level,
                        place=item.place("allow"),
                        message=f"'{slug}' is allowed here, but finds nothing any more",
                        hint=f"take {slug} out of allow:",
                    )
                )
    return findings


def _links(subject: Subject) -> tuple[tuple[str, Place], ...]:
    """Return every web address of the issue with its place, each once."""
    places: dict[str, Place] = {}
    for manuscript in subject.manuscripts:
        for link in manuscript.links:
            if link.address.lower().startswith(("https://", "http://")) and "%%" not in link.address:
                places.setdefault(link.address.partition("#")[0], link.place)
    return tuple(places.items())
