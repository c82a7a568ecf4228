"""newsletter check."""

import contextlib
import os
import re
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter import printable
from newsletter.cli import all_option, cache_of, choose, month_option, newsroom_option, root_of, show, tell_choice

if TYPE_CHECKING:
    from newsletter.check.fix import Edit
    from newsletter.errors import Fault, Place
    from newsletter.issue.edition import Chosen
    from newsletter.line import Builder
    from newsletter.model import Finding, Level
    from newsletter.review import Review, Reviewed

_COLOURS = {"error": "red", "warning": "yellow", "advice": "cyan"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the command line asks for, as far as it decides what is looked at."""

    issues: tuple[str, ...]
    month: str | None
    every: bool
    only: tuple[str, ...]
    skip: tuple[str, ...]
    provider: str | None
    clients: bool
    online: bool
    spam: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What was found, and in what; faults of newsletter.toml leave all but the findings empty."""

    findings: "Sequence[Finding]"
    issues: "tuple[Reviewed, ...]" = ()
    builder: "Builder | None" = None
    choice: "Chosen | None" = None


@click.command("check", short_help="Find every fault, at the line that causes it.")
@click.argument("issues", nargs=-1, metavar="[ISSUE]...")
@month_option
@all_option
@click.option("--strict", is_flag=True, help="End with 1 for warnings too, not for errors only.")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", help="How to print it.")
@click.option("--only", multiple=True, metavar="SLUG", help="Only this rule; can be given several times.")
@click.option("--skip", multiple=True, metavar="SLUG", help="Not this rule; can be given several times.")
@click.option(
    "--for", "provider", metavar="PROVIDER", help="The mail as this provider takes it: mailchimp, listmonk, …"
)
@click.option("--clients", is_flag=True, help="Show what each mail program makes of the HTML, and cuts of the cover.")
@click.option("--online", is_flag=True, help="Open every link once; report those that are dead, moved or private.")
@click.option("--spam", is_flag=True, help="Ask SpamAssassin, if it is installed.")
@click.option("--fix", is_flag=True, help="Fix what can be fixed automatically, after showing the changes.")
@click.option("--yes", is_flag=True, help="With --fix: don't ask.")
@click.option("--list", "lists", is_flag=True, help="List the rules.")
@click.option("--explain", metavar="SLUG", help="Say why a rule is there, and how to turn it off.")
@newsroom_option
@click.pass_context
def check_command(
    ctx: click.Context,
    issues: tuple[str, ...],
    month: str | None,
    every: bool,
    strict: bool,
    form: str,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    provider: str | None,
    clients: bool,
    online: bool,
    spam: bool,
    fix: bool,
    yes: bool,
    lists: bool,
    explain: str | None,
) -> None:
    """Find every fault of the issues, at the line of the item, front page, setting or template that causes it.

    Without an ISSUE, those of every issue of the month; with --all, of every month. Works offline in about a second;
    nothing is written but a cache. Ends with 1 if there is an error, with --strict also for a warning.
    """
    from newsletter.check.registry import GONE
    from newsletter.errors import CommandError

    only, skip = _slugs(only), _slugs(skip)
    _require_known(only + skip + ((explain,) if explain else ()))
    told_as_text = {"list": lists, "explain": explain, "clients": clients, "fix": fix}
    if form != "text" and (option := next((name for name, is_asked in told_as_text.items() if is_asked), "")):
        raise CommandError(f"--{option} goes with --format text only")
    if explain in GONE:
        raise CommandError(f"'{explain}' is not a rule any more: nothing could break it")
    if lists or explain:
        _tell_rules(ctx, explain)
        return
    root = root_of(ctx)
    if fix and not _mend(root, issues, month, every=every, yes=yes):
        return
    asked = _Asked(
        issues=issues,
        month=month,
        every=every,
        only=only,
        skip=skip,
        provider=provider,
        clients=clients,
        online=online,
        spam=spam,
    )
    outcome = _checked(root, asked)
    findings, choice = outcome.findings, outcome.choice
    if form == "json":
        from newsletter.check.report import as_json

        show.document(as_json(findings))
    elif form == "sarif":
        from newsletter.check.report import as_sarif

        show.document(as_sarif(findings, _from_repository(root)))
    else:
        _show(findings, root, outcome.builder)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            from newsletter.check.report import as_annotations

            for line in as_annotations(findings, _from_repository(root)):
                show.annotation(line)
        if clients:
            _show_clients(outcome.issues)
    _tell_count(findings, outcome.issues)
    missed = choice.missed if choice else ()
    if choice:
        tell_choice(choice, remarks=False)
        messages = {finding.message for finding in findings if finding.slug == "empty-issue"}
        for empty in missed:
            # Its rule may be off, or not be asked for.
            if not any(message.startswith(f"{empty.name} ") for message in messages):
                show.say(f"{empty.name} has no items, so there is nothing to check", empty.hint)
    heavy = {"error", "warning"} if strict else {"error"}
    ctx.exit(1 if missed or any(finding.level.value in heavy for finding in findings) else 0)


def _slugs(typed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the slugs; people write commas too."""
    return tuple(slug.strip() for words in typed for slug in words.split(",") if slug.strip())


def _require_known(slugs: Iterable[str]) -> None:
    from newsletter.check.registry import unknown
    from newsletter.errors import CommandError

    for slug, hint in unknown(tuple(slugs)):
        raise CommandError(f"no rule is called '{slug}'", hint)


def _checked(root: Path, asked: _Asked) -> _Outcome:
    from newsletter.check.registry import by_place, levels
    from newsletter.deliver.providers import provider_named
    from newsletter.errors import ContentError
    from newsletter.line import Builder
    from newsletter.read.load import load
    from newsletter.review import Wanted, review

    try:
        cache = cache_of(root, root / "build")
        newsroom = load(root, cache)
        if asked.provider:
            provider_named(newsroom.config, asked.provider)
        builder = Builder(newsroom, root / "build", asked.provider, cache)
    except ContentError as error:
        return _Outcome(findings=_not_loaded(error.faults))
    set_to, _ = levels(newsroom.config)
    # A file that can't be read was not looked at by the rule that is asked for, either.
    wanted_rules = {*asked.only, "not-loaded", "unknown-rule"} if asked.only else set(set_to)
    set_to = {slug: level if slug in wanted_rules - {*asked.skip} else None for slug, level in set_to.items()}
    choice = choose(newsroom, asked.issues, asked.month, every=asked.every)
    wanted = Wanted(today=date.today(), levels=set_to, clients=asked.clients, message=asked.spam, links=asked.online)
    with show.progress("checking", len(choice.editions), lambda issue: issue.issue) as done:
        reviewed: Review = review(builder, choice, wanted, done)
    findings = list(reviewed.findings)
    if asked.online:
        findings += _online(builder, reviewed, set_to)
    if asked.spam:
        findings += _spam(reviewed, set_to)
    return _Outcome(findings=sorted(findings, key=by_place), issues=reviewed.issues, builder=builder, choice=choice)


def tell_failure(form: str, faults: "Iterable[Fault]") -> None:
    """Print what ended the command: as findings, in SARIF as what kept the tool from looking."""
    from newsletter.check.report import as_json, as_sarif

    if form == "sarif":
        show.document(as_sarif((), str, failures=list(faults)))
    else:
        show.document(as_json(_not_loaded(faults)))


def _not_loaded(faults: "Iterable[Fault]") -> "list[Finding]":
    from newsletter.check.registry import rules
    from newsletter.model import Finding

    level = rules()["not-loaded"].level
    return [
        Finding(slug="not-loaded", level=level, place=fault.place, message=fault.message, hint=fault.hint)
        for fault in faults
    ]


def _online(builder: "Builder", reviewed: "Review", levels: "dict[str, Level | None]") -> "list[Finding]":
    from newsletter.check.fetch import Fetcher, findings_of, is_offline
    from newsletter.errors import ServerError

    places: dict[str, list[tuple[Place, str]]] = {}
    for issue in reviewed.issues:
        for address, place in issue.links:
            places.setdefault(address, []).append((place, issue.issue))
    fetcher = Fetcher(builder.cache, time.time)
    with show.progress("opening links", len(places)) as done:
        answers = fetcher.fetch(list(places), done)
    if is_offline(answers):
        raise ServerError("none of the linked sites can be found", "is this machine online? --online needs the web")
    unsure = [address for address, answer in answers.items() if answer.kind == "unsure"]
    if unsure:
        count = "1 link" if len(unsure) == 1 else f"{len(unsure)} links"
        listed = (f"{places[address][0][0]}: {address}" for address in unsure)
        show.say(f"{count} could not be checked: the site turns programs away. Open them yourself:", details=listed)
    if late := sum(answer.kind == "late" for answer in answers.values()):
        count = "1 link was" if late == 1 else f"{late:,} links were"
        hint = "run it again; links that were fine are not opened again"
        show.say(f"{count} not opened: the others took too long", hint)
    return findings_of(answers, places, levels, _allowed(builder))


def _allowed(builder: "Builder") -> set[tuple[str, str]]:
    return {(item.path, slug) for item in builder.newsroom.items for slug in item.allow}


def _spam(reviewed: "Review", levels: "dict[str, Level | None]") -> "list[Finding]":
    from newsletter.check.spam import findings_of, is_installed

    if not is_installed():
        show.say("SpamAssassin is not installed, so it was not asked", "on Debian and Ubuntu: apt install spamassassin")
        return []
    with show.progress("asking SpamAssassin", len(reviewed.issues)) as done:
        return findings_of(reviewed.issues, levels, done)


# A line that keeps a file from loading hides what is below it: a fence, then the month, then the words.
_MOST_TIMES = 5


def _mend(root: Path, issues: tuple[str, ...], month: str | None, *, every: bool, yes: bool) -> bool:
    """Show and make the changes, and those that the changed files need; tell whether the check is to go on."""
    from newsletter.check.fix import mend, mend_settings, write
    from newsletter.errors import ContentError
    from newsletter.read.load import load

    for turn in range(_MOST_TIMES):
        try:
            newsroom = load(root)
            choice = choose(newsroom, issues, month, every=every)
            edits = mend(newsroom, choice.editions, choice.faults)
        except ContentError as error:
            # Without newsletter.toml nothing can be told from the rest.
            edits = mend_settings(root, error.faults)
        if not edits and not turn:
            show.say("nothing can be fixed automatically")
        if not edits:
            return True
        _show_edits(edits)
        count = f"{len(edits)} {'file' if len(edits) == 1 else 'files'}"
        if not yes and not sys.stdin.isatty():
            show.say(f"{count} would change; nothing is written", "newsletter check --fix --yes writes them")
            return True
        if not yes and not show.confirm(f"Change {count}?"):
            show.say("nothing is written")
            return False
        for edit in edits:
            write(root, edit)
        show.say(f"{count} fixed", colour="green")
    return True


def _show_edits(edits: "list[Edit]") -> None:
    for edit in edits:
        for line in edit.diff():
            colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
            is_head = line.startswith(("+++", "---"))
            show.line((line.replace("\t", "    "), "bold" if is_head else colour))


def _tell_rules(ctx: click.Context, explain: str | None) -> None:
    from newsletter.check.registry import GROUPS, levels, rules
    from newsletter.check.report import explained
    from newsletter.errors import NewsletterError
    from newsletter.read.config import read_config

    set_to: dict[str, Level | None] = {slug: rule.level for slug, rule in rules().items()}
    # Outside a newsroom the rules have their own levels.
    with contextlib.suppress(NewsletterError):
        set_to, _ = levels(read_config(root_of(ctx)))
    if explain:
        level = set_to[explain]
        for paragraph in explained(explain, level).split("\n"):
            _fill(paragraph, "")
        if level is None:
            show.line()
            show.line("In this newsroom it is off.")
        return
    for number, (group, title) in enumerate(GROUPS.items()):
        if number:
            show.line()
        show.line((title, "bold"))
        for rule in rules().values():
            if rule.group == group:
                level = set_to[rule.slug]
                shown = level.value if level else "off"
                show.line("  ", (rule.slug, "bold"), " (", (shown, _COLOURS.get(shown, "")), ")")
                _fill(rule.why, "    ")


def _show(findings: "Sequence[Finding]", root: Path, builder: "Builder | None") -> None:
    """Print the findings file by file: the place, the line itself, what is wrong, what to do."""
    sources = _Sources(root, builder)
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.place, finding.slug, finding.message), []).append(finding)
    file = None
    for same in groups.values():
        finding = same[0]
        if file != finding.place.file:
            file = finding.place.file
            count = sum(group[0].place.file == file for group in groups.values())
            if finding is not findings[0]:
                show.line()
            show.line((file, "bold underline"), f" ({count})")
        _show_one(same, sources)
    if findings:
        show.line()


def _show_one(same: "list[Finding]", sources: "_Sources") -> None:
    finding = same[0]
    level = finding.level.value
    show.line(f"  {finding.place}: ", (level, f"{_COLOURS[level]} bold"), f" [{finding.slug}]")
    _fill(finding.message, "    ")
    if line := sources.line(finding.place.file, finding.place.line):
        show.line((f"    | {_around(line, finding.message)}", "dim"))
    if finding.hint:
        first, *rest = _wrapped(f"hint: {finding.hint}", "    ", "          ")
        show.line("    ", ("hint:", "cyan"), first.removeprefix("    hint:"))
        for more in rest:
            show.line(more)
    issues = sorted({finding.issue for finding in same if finding.issue})
    if len(issues) > 1:
        _fill(f"in {', '.join(issues)}", "    ", look="dim")


class _Sources:
    """The lines that findings point at."""

    def __init__(self, root: Path, builder: "Builder | None") -> None:
        self.root, self.builder = root, builder
        self.read: dict[str, list[str]] = {}

    def line(self, file: str, number: int) -> str:
        """Return the line without the blanks around it; nothing where it can't be read."""
        if file not in self.read:
            self.read[file] = self._lines(file)
        lines = self.read[file]
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""

    def _lines(self, file: str) -> list[str]:
        from newsletter.read import embedded, files

        try:
            words = embedded.without(embedded.read_page(self.root, file).decode("utf-8", "replace"))
        except (OSError, files.Unreadable):
            words = self.builder.look.texts().get(file, "") if self.builder else ""
        return [printable.one_line(line.rstrip("\r").replace("\t", "    ")) for line in words.split("\n")]


def _width() -> int:
    import shutil

    return min(100, shutil.get_terminal_size((100, 24)).columns)


def _fill(words: str, first: str, rest: str = "", look: str = "") -> None:
    """Print words in as many lines as they need."""
    for line in _wrapped(words, first, rest) or [""]:
        show.line((line, look))


def _wrapped(words: str, first: str, rest: str = "") -> list[str]:
    return textwrap.wrap(
        printable.one_line(words),
        max(24, _width()),
        initial_indent=first,
        subsequent_indent=rest or first,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _around(line: str, message: str) -> str:
    """Return as much of the line as there is room for, with what the message quotes in it."""
    room = max(20, _width() - 6)
    if len(line) <= room:
        return line
    quoted = re.search(r"'([^']+)'", message)
    at = max(0, line.find(quoted[1].rstrip("…"))) if quoted else 0
    start = 0 if at < room // 2 else min(at - room // 3, len(line) - room + 1)
    end = start + room - 1 - bool(start)
    return ("…" if start else "") + line[start:end] + ("…" if end < len(line) else "")


def _tell_count(findings: "Sequence[Finding]", seen: "tuple[Reviewed, ...]") -> None:
    distinct = {(finding.place, finding.slug, finding.message): finding for finding in findings}
    levels = [finding.level.value for finding in distinct.values()]
    parts: list[show.Part] = [
        (
            f"{count} {level}{'s' if count > 1 and level != 'advice' else ''}",
            f"{_COLOURS[level]} {'bold' if level == 'error' else ''}",
        )
        for level in _COLOURS
        if (count := levels.count(level))
    ]
    looked = f"{len(seen)} {'issue' if len(seen) == 1 else 'issues'} checked"
    listed = [piece for part in parts or [("clean", "green")] for piece in (", ", part)][1:]
    show.line(f"{looked}: ", *listed, err=True)


def _show_clients(seen: "tuple[Reviewed, ...]") -> None:
    """Print what each mail program shows of the HTML, and what each inbox cuts of the covers."""
    from newsletter.check import clients

    if not any(issue.nodes for issue in seen):
        return
    nodes = sum(issue.nodes for issue in seen)
    counts: dict[str, int] = {}
    for issue in seen:
        for slug, count in issue.features.items():
            counts[slug] = counts.get(slug, 0) + count
    used = [
        clients.Used(slug=slug, title=clients.title(slug), count=count, first=None) for slug, count in counts.items()
    ]
    show.line(("What each mail program shows", "bold"))
    for client in clients.clients():
        rating = clients.rating(used, nodes, client)
        missing = [feature for feature in used if clients.support(feature.slug, client) == "n"]
        partly = sum(clients.support(feature.slug, client) == "a" for feature in used)
        shade = "green" if rating >= 90 else "yellow" if rating >= 70 else "red"
        show.line(f"{client.share:4g} % of readers  {client.name}: ", (f"{rating:.0f} %", shade))
        lacks = ", ".join(sorted(feature.title for feature in missing)) or "nothing"
        _fill(f"lacks {lacks}; supports {partly} in part", " " * 6)
    total = sum(clients.rating(used, nodes, client) * client.share for client in clients.clients())
    shares = sum(client.share for client in clients.clients())
    show.line(f"over all readers: {total / shares:.0f} %  ({clients.data_version()})")
    _fill("What only decorates may be missing; unsupported-feature reports the rest.", "")
    for issue in seen:
        if issue.cover:
            _show_cuts(issue)


def _show_cuts(issue: "Reviewed") -> None:
    from newsletter.check import clients
    from newsletter.check.cover import cut

    assert issue.cover
    show.line()
    show.line((f"What inboxes show of {issue.issue}", "bold"))
    for name, words in (("subject", issue.cover.subject), ("preheader", issue.cover.preheader)):
        _fill(f"{name}, {len(words)} characters: {words}", "")
        for inbox in clients.inboxes():
            most = inbox.subject if name == "subject" else inbox.preheader
            shown, lost = cut(words, most)
            cuts = f"shows {shown}" if not lost else f"cuts '{lost}'"
            _fill(f"{inbox.name} ({most}): {cuts}", "  ", "    ")


def _from_repository(root: Path) -> Callable[[str], str]:
    """Return what gives a file's path from the repository's root: GitHub's workspace, else the current folder."""
    resolved = root.resolve()
    try:
        base = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    except OSError:
        # The current folder is gone: nobody could find a path from there.
        base = resolved
    prefix = resolved.relative_to(base).as_posix() if resolved.is_relative_to(base) else "."
    return lambda file: file if prefix == "." else f"{prefix}/{file}"
