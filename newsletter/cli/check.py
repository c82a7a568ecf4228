"""newsletter check."""

import contextlib
import json
import os
import re
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import cache_of, has_colour, month_option, newsroom_option, root_of, say

if TYPE_CHECKING:
    from rich.progress import Progress

    from newsletter.build import Builder
    from newsletter.errors import Place
    from newsletter.model import Finding, Level
    from newsletter.review import Review, Reviewed

_COLOURS = {"error": "red", "warning": "yellow", "advice": "cyan"}


@click.command("check", short_help="Find every fault, at the line that causes it.")
@click.argument("issues", nargs=-1, metavar="[ISSUE]...")
@month_option
@click.option("--strict", is_flag=True, help="End with 1 for warnings too, not for errors only.")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", help="How to tell it.")
@click.option("--only", multiple=True, metavar="SLUG", help="Only this rule; may stand several times.")
@click.option("--skip", multiple=True, metavar="SLUG", help="Not this rule; may stand several times.")
@click.option("--for", "provider", metavar="PROVIDER", help="As this provider takes the mail: mailchimp, listmonk, …")
@click.option("--clients", is_flag=True, help="Show what each mail program makes of the HTML, and cuts of the cover.")
@click.option("--online", is_flag=True, help="Open every link once, and tell the dead, moved and private ones.")
@click.option("--spam", is_flag=True, help="Ask SpamAssassin, if it is installed.")
@click.option("--fix", is_flag=True, help="Mend what needs no judgement, after showing the changes.")
@click.option("--yes", is_flag=True, help="With --fix: don't ask.")
@click.option("--list", "lists", is_flag=True, help="List the rules.")
@click.option("--explain", metavar="SLUG", help="Say why a rule is there, and how to turn it off.")
@newsroom_option
@click.pass_context
def check_command(
    ctx: click.Context,
    issues: tuple[str, ...],
    month: str | None,
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

    Works offline in about a second; nothing is written but a cache. Ends with 1 if there is an error, with --strict
    also for a warning.
    """
    from newsletter.errors import CommandError

    only, skip = _slugs(only), _slugs(skip)
    _require_known(only + skip + ((explain,) if explain else ()))
    if lists or explain:
        _tell_rules(ctx, explain)
        return
    if form != "text" and (clients or fix):
        raise CommandError(f"--{'clients' if clients else 'fix'} goes with --format text only")
    root = root_of(ctx)
    if fix and not _mend(root, issues, month, yes=yes):
        return
    findings, seen, builder = _findings(root, issues, month, only, skip, provider, clients, online, spam)
    if form == "json":
        from newsletter.check.report import as_json

        click.echo(json.dumps(as_json(findings), ensure_ascii=False, indent=2))
    elif form == "sarif":
        from newsletter.check.report import as_sarif

        click.echo(json.dumps(as_sarif(findings, _from_repository(root)), ensure_ascii=False, indent=2))
    else:
        _show(findings, root, builder)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            from newsletter.check.report import as_annotations

            for line in as_annotations(findings, _from_repository(root)):
                click.echo(line)
        if clients and builder:
            _show_clients(seen)
    _tell_count(findings, seen)
    heavy = {"error", "warning"} if strict else {"error"}
    ctx.exit(1 if any(finding.level.value in heavy for finding in findings) else 0)


def _slugs(typed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the slugs; people write commas too."""
    return tuple(slug.strip() for one in typed for slug in one.split(",") if slug.strip())


def _require_known(slugs: Iterable[str]) -> None:
    from newsletter.check import unknown
    from newsletter.errors import CommandError

    for slug, hint in unknown(tuple(slugs)):
        raise CommandError(f"no rule is called '{slug}'", hint)


def _findings(
    root: Path,
    issues: tuple[str, ...],
    month: str | None,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    provider: str | None,
    clients: bool,
    online: bool,
    spam: bool,
) -> "tuple[Sequence[Finding], tuple[Reviewed, ...], Builder | None]":
    """Return the findings, what was looked at, and the builder; faults of newsletter.toml leave the last two empty."""
    from newsletter.build import Builder
    from newsletter.check import levels, rules
    from newsletter.deliver.providers import provider_named
    from newsletter.errors import ContentError
    from newsletter.load import load
    from newsletter.model import Finding
    from newsletter.review import Wanted, review, wanted_ids

    try:
        newsroom = load(root)
        if provider:
            provider_named(newsroom.config, provider)
        builder = Builder(newsroom, root / "build", provider, cache_of(root, root / "build"))
    except ContentError as error:
        level = rules()["not-loaded"].level
        findings = [
            Finding(slug="not-loaded", level=level, place=fault.place, message=fault.message, hint=fault.hint)
            for fault in error.faults
        ]
        return findings, (), None
    set_to, _ = levels(newsroom.config)
    # A file that can't be read was not looked at by the rule that is asked for, either.
    chosen = {*only, "not-loaded", "unknown-rule"} if only else set(set_to)
    set_to = {slug: level if slug in chosen and slug not in skip else None for slug, level in set_to.items()}
    ids, empty = wanted_ids(newsroom, issues, month)
    wanted = Wanted(today=date.today(), levels=set_to, clients=clients, message=spam, links=online)
    with _progress("checking", len(ids)) as done:
        reviewed: Review = review(builder, ids, empty, wanted, done)
    findings = list(reviewed.findings)
    if online:
        findings += _online(builder, reviewed, set_to)
    if spam:
        findings += _spam(reviewed, set_to)
    from newsletter.check import by_place

    return sorted(findings, key=by_place), reviewed.issues, builder


def _online(builder: "Builder", reviewed: "Review", levels: "dict[str, Level | None]") -> "list[Finding]":
    from newsletter.check.fetch import Fetcher, findings_of, is_offline
    from newsletter.errors import ServerError

    places: dict[str, list[tuple[Place, str]]] = {}
    for one in reviewed.issues:
        for address, place in one.links:
            places.setdefault(address, []).append((place, one.issue))
    fetcher = Fetcher(builder.cache, time.time)
    with _progress("opening links", len(places)) as done:
        answers = fetcher.fetch(list(places), done)
    if is_offline(answers):
        raise ServerError("no site of the links is found\n  hint: is this machine online? --online needs the web")
    unsure = [address for address, answer in answers.items() if answer.kind == "unsure"]
    if unsure:
        count = "1 link" if len(unsure) == 1 else f"{len(unsure)} links"
        listed = "".join(f"\n  {places[address][0][0]}: {address}" for address in unsure)
        say(f"{count} could not be told: the site turns programs away. Open them yourself:{listed}")
    return findings_of(answers, places, levels, _allowed(builder))


def _allowed(builder: "Builder") -> set[tuple[str, str]]:
    return {(item.path, slug) for item in builder.newsroom.items for slug in item.allow}


def _spam(reviewed: "Review", levels: "dict[str, Level | None]") -> "list[Finding]":
    from newsletter.check.spam import findings_of, is_installed

    if not is_installed():
        say("SpamAssassin is not installed, so nobody asked it\n  hint: on Debian and Ubuntu: apt install spamassassin")
        return []
    with _progress("asking SpamAssassin", len(reviewed.issues)) as done:
        return findings_of(reviewed.issues, levels, done)


def _mend(root: Path, issues: tuple[str, ...], month: str | None, *, yes: bool) -> bool:
    """Show and make the changes; tell whether the check is to go on."""
    from newsletter.check.fix import mend, write
    from newsletter.load import load
    from newsletter.review import wanted_ids

    newsroom = load(root)
    ids, _ = wanted_ids(newsroom, issues, month)
    edits = mend(newsroom, ids)
    if not edits:
        say("there is nothing to mend that needs no judgement")
        return True
    for edit in edits:
        for line in edit.diff():
            colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
            is_head = line.startswith(("+++", "---"))
            click.echo(click.style(line, fg=None if is_head else colour, bold=is_head), color=has_colour(sys.stdout))
    count = f"{len(edits)} {'file' if len(edits) == 1 else 'files'}"
    if not yes and not sys.stdin.isatty():
        say(f"{count} would change; nothing is written\n  hint: newsletter check --fix --yes writes them")
        return True
    if not yes and not click.confirm(f"Change {count}?", err=True):
        say("nothing is written")
        return False
    for edit in edits:
        write(root, edit)
    say(f"{count} mended", colour="green")
    return True


def _tell_rules(ctx: click.Context, explain: str | None) -> None:
    from newsletter.check import GROUPS, levels, rules
    from newsletter.check.report import explained
    from newsletter.config import read_config
    from newsletter.errors import NewsletterError

    set_to: dict[str, Level | None] = {slug: one.level for slug, one in rules().items()}
    # Outside a newsroom the rules have their own levels.
    with contextlib.suppress(NewsletterError):
        set_to, _ = levels(read_config(root_of(ctx)))
    if explain:
        level = set_to[explain]
        for line in explained(explain, level).split("\n"):
            click.echo(textwrap.fill(line, _width(), break_on_hyphens=False) if line else "")
        if level is None:
            click.echo("\nIn this newsroom it is off.")
        return
    colour = has_colour(sys.stdout)
    for number, (group, title) in enumerate(GROUPS.items()):
        click.echo(("\n" if number else "") + click.style(title, bold=True), color=colour)
        for one in rules().values():
            if one.group == group:
                level = set_to[one.slug]
                told = level.value if level else "off"
                painted = click.style(told, fg=_COLOURS.get(told))
                click.echo(f"  {click.style(one.slug, bold=True)} ({painted})", color=colour)
                click.echo(textwrap.indent(textwrap.fill(one.why, _width() - 4, break_on_hyphens=False), "    "))


def _show(findings: "Sequence[Finding]", root: Path, builder: "Builder | None") -> None:
    """Print the findings file by file: the place, the line itself, what is wrong, what to do."""
    colour = has_colour(sys.stdout)
    sources = _Sources(root, builder)
    told: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        told.setdefault((finding.place, finding.slug, finding.message), []).append(finding)
    file = None
    for same in told.values():
        finding = same[0]
        if file != finding.place.file:
            file = finding.place.file
            count = sum(one[0].place.file == file for one in told.values())
            head = click.style(file, bold=True, underline=True)
            click.echo(("\n" if finding is not findings[0] else "") + head + f" ({count})", color=colour)
        _show_one(same, sources, colour)
    if findings:
        click.echo()


def _show_one(same: "list[Finding]", sources: "_Sources", colour: bool) -> None:
    finding = same[0]
    level = click.style(finding.level.value, fg=_COLOURS[finding.level.value], bold=True)
    click.echo(f"  {finding.place}: {level} [{finding.slug}]", color=colour)
    click.echo(_wrapped(finding.message, "    "))
    if line := sources.line(finding.place.file, finding.place.line):
        click.echo(click.style(f"    | {_around(line, finding.message)}", dim=True), color=colour)
    if finding.hint:
        hint = _wrapped(f"hint: {finding.hint}", "    ", "          ")
        click.echo(hint.replace("hint:", click.style("hint:", fg="cyan"), 1), color=colour)
    issues = sorted({one.issue for one in same if one.issue})
    if len(issues) > 1:
        click.echo(click.style(_wrapped(f"in {', '.join(issues)}", "    "), dim=True), color=colour)


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
        path = (self.root / file).resolve()
        if path.is_file() and path.is_relative_to(self.root.resolve()):
            # The bytes of one line may be anything; a terminal must not take them for orders.
            try:
                words = path.read_bytes().decode("utf-8", "replace")
            except OSError:
                words = ""
        else:
            words = self.builder.look.texts().get(file, "") if self.builder else ""
        return ["".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in one) for one in words.split("\n")]


def _width() -> int:
    import shutil

    return min(100, shutil.get_terminal_size((100, 24)).columns)


def _wrapped(words: str, first: str, rest: str = "") -> str:
    return textwrap.fill(
        words,
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
    parts = [
        click.style(
            f"{count} {level}{'s' if count > 1 and level != 'advice' else ''}",
            fg=_COLOURS[level],
            bold=level == "error",
        )
        for level in _COLOURS
        if (count := levels.count(level))
    ]
    looked = f"{len(seen)} {'issue' if len(seen) == 1 else 'issues'} checked"
    told = f"{looked}: {', '.join(parts) or click.style('clean', fg='green')}"
    click.echo(told, err=True, color=has_colour(sys.stderr))


def _show_clients(seen: "tuple[Reviewed, ...]") -> None:
    """Print what each mail program shows of the HTML, and what each inbox cuts of the covers."""
    from newsletter.check import clients

    if not any(one.nodes for one in seen):
        return
    colour = has_colour(sys.stdout)
    nodes = sum(one.nodes for one in seen)
    counts: dict[str, int] = {}
    for one in seen:
        for slug, count in one.features.items():
            counts[slug] = counts.get(slug, 0) + count
    used = [
        clients.Used(slug=slug, title=clients.title(slug), count=count, first=None) for slug, count in counts.items()
    ]
    click.echo(click.style("What each mail program shows", bold=True), color=colour)
    for client in clients.clients():
        rating = clients.rating(used, nodes, client)
        missing = [one for one in used if clients.support(one.slug, client) == "n"]
        partly = sum(clients.support(one.slug, client) == "a" for one in used)
        shade = "green" if rating >= 90 else "yellow" if rating >= 70 else "red"
        told = f"{client.share:4g} % of readers  {client.name}: "
        click.echo(f"{told}{click.style(f'{rating:.0f} %', fg=shade)}", color=colour)
        lacks = ", ".join(sorted(one.title for one in missing)) or "nothing"
        click.echo(_wrapped(f"lacks {lacks}; {partly} in part", " " * 6))
    total = sum(clients.rating(used, nodes, client) * client.share for client in clients.clients())
    shares = sum(client.share for client in clients.clients())
    click.echo(f"over all readers: {total / shares:.0f} %  ({clients.data_version()})")
    click.echo(
        _wrapped("What a program lacks is left out where it only adorns; unsupported-feature tells the rest.", "")
    )
    for one in seen:
        if one.cover:
            _show_cuts(one, colour)


def _show_cuts(one: "Reviewed", colour: bool) -> None:
    from newsletter.check import clients
    from newsletter.check.cover import cut

    assert one.cover
    click.echo("\n" + click.style(f"What inboxes show of {one.issue}", bold=True), color=colour)
    for name, words in (("subject", one.cover.subject), ("preheader", one.cover.preheader)):
        click.echo(_wrapped(f"{name}, {len(words)} characters: {words}", ""))
        for inbox in clients.inboxes():
            most = inbox.subject if name == "subject" else inbox.preheader
            shown, lost = cut(words, most)
            told = f"shows {shown}" if not lost else f"cuts '{lost}'"
            click.echo(_wrapped(f"{inbox.name} ({most}): {told}", "  ", "    "))


def _from_repository(root: Path) -> Callable[[str], str]:
    """Return what gives a file's path from the repository's root: GitHub's workspace, else the current folder."""
    base = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    resolved = root.resolve()
    prefix = resolved.relative_to(base).as_posix() if resolved.is_relative_to(base) else "."
    return lambda file: file if prefix == "." else f"{prefix}/{file}"


class _progress:
    """Shows progress on a terminal, for more than one thing to do; silence elsewhere."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total = what, total
        self.progress: Progress | None = None

    def __enter__(self) -> Callable[[object], None]:
        if self.total < 2 or not sys.stderr.isatty():
            return lambda one: None
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        progress = Progress(
            TextColumn(self.what),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        progress.start()
        task = progress.add_task("", total=self.total)
        self.progress = progress
        return lambda one: progress.update(task, advance=1)

    def __exit__(self, *_: object) -> None:
        if self.progress is not None:
            self.progress.stop()
