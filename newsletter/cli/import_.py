"""newsletter import: drafts of items from a spreadsheet, a calendar, a feed, a document or a web page."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import month_option, newsroom_option, root_of, show, usual_month
from newsletter.cli.places import make_folder, require_inside, unwritten
from newsletter.errors import CommandError, Fault, NewsletterError, did_you_mean, shown

if TYPE_CHECKING:
    from newsletter import web
    from newsletter.gather.clipping import Asked, Clipping
    from newsletter.gather.drafts import Draft
    from newsletter.gather.shelved import Known
    from newsletter.gather.sources import Source
    from newsletter.model import Config


@click.command("import", short_help="Make drafts from a spreadsheet, calendar, feed, document or web page.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE…")
@month_option
@click.option("--chapter", "chapters", multiple=True, help="Whose items they are where the source doesn't say.")
@click.option("--section", help="Their section where the source doesn't say.")
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would be written.")
@newsroom_option
@click.pass_context
def import_command(
    ctx: click.Context,
    sources: tuple[str, ...],
    month: str | None,
    chapters: tuple[str, ...],
    section: str | None,
    dry_run: bool,
) -> None:
    """Make drafts from each SOURCE, a file or an https address, in issues/MONTH/items/.

    A SOURCE is a spreadsheet (CSV, XLSX), a calendar (.ics), a feed (RSS, Atom, JSON), a Word or Google document
    (.docx, HTML, Markdown), or a web page. What was imported before is known again, and nothing is overwritten. All
    are drafts: they are in no issue until somebody takes out `draft: true`.
    """
    from newsletter.gather.clipping import Asked
    from newsletter.read.config import read_config

    root = root_of(ctx)
    config = read_config(root)
    stated = month or usual_month()
    asked = Asked(
        config=config,
        month=stated or f"{date.today():%Y-%m}",
        is_stated=bool(stated),
        tags=_tags(config, chapters),
        section=_section(config, section),
    )
    desk = _Desk(root, asked, is_dry=dry_run)
    with desk.opened():
        codes = [desk.take(source) for source in dict.fromkeys(sources)]
    desk.sum_up()
    ctx.exit(max(codes))


def _tags(config: "Config", chapters: Sequence[str]) -> tuple[str, ...]:
    known = [*config.chapters, *(key for key, own in config.publications.items() if own.scope == "network")]
    tags = [tag for given in chapters for tag in re.split(r"[,\s]+", given) if tag]
    for tag in tags:
        if tag not in known:
            raise CommandError(f"no chapter or publication is called '{tag}'", did_you_mean(tag, known))
    return tuple(dict.fromkeys(tags))


def _section(config: "Config", section: str | None) -> str:
    if section and section not in config.sections:
        raise CommandError(f"no section is called '{section}'", did_you_mean(section, tuple(config.sections)))
    return section or ""


class _Desk:
    """Where the sources of one command are made into drafts, and counted."""

    def __init__(self, root: Path, asked: "Asked", *, is_dry: bool) -> None:
        self.root, self.asked, self.is_dry = root, asked, is_dry
        self.known: dict[str, Known] = {}
        # By month, the names that files have there.
        self.names: dict[str, set[str]] = {}
        self.written = self.before = 0
        # What each draft of a source lacks, by the name of its file.
        self.lacks: list[tuple[str, tuple[str, ...]]] = []

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Keep another import from taking the same names, and read what was imported before."""
        from newsletter.gather.shelved import known
        from newsletter.writing import alone

        issues = self.root / "issues"
        if not self.is_dry:
            require_inside(self.root, issues)
            make_folder(issues)
        with nullcontext() if self.is_dry else alone(issues / "import"):
            self.known = dict(known(self.root))
            yield

    def take(self, typed: str) -> int:
        """Make the drafts of one source; return the exit code that it deserves."""
        from newsletter.gather.gathering import gathered, new
        from newsletter.gather.sources import opened

        try:
            source = opened(typed, client)
            found = gathered(source, self.asked)
        except NewsletterError as error:
            show.failure(error)
            return error.exit_code
        for remark in found.remarks:
            show.say(remark)
        fresh, before, left = new(found.clippings, self.known, source.kind)
        self.tell_changed(before)
        self.lacks = []
        faults = [*found.faults, *self.made(fresh)]
        self.tell_lacks()
        show.faults(faults)
        if left:
            show.say(f"{source.name}: {left:,} more were left", "import it again once these are done")
        if not found.clippings and not faults:
            show.say(f"{source.name}: nothing in it is for {self.asked.month}")
            return 1
        if before and not fresh:
            show.say(_unchanged(source, len(before)))
        return 1 if faults else 0

    def made(self, clippings: "Sequence[Clipping]") -> "Iterator[Fault]":
        """Write each clipping as a draft; yield what none can be made of."""
        from newsletter.gather.drafts import draft, months_of
        from newsletter.gather.gathering import picture

        with show.progress("importing", len(clippings), lambda clipping: clipping.values.get("title", "")) as done:
            for clipping in clippings:
                month = months_of(clipping, self.asked)[0]
                made = draft(clipping, self.asked, self.taken(month), partial(picture, client()))
                done(clipping)
                if isinstance(made, Fault):
                    yield made
                else:
                    self.write(made, month)

    def taken(self, month: str) -> set[str]:
        if month not in self.names:
            folder = self.root / "issues" / month / "items"
            self.names[month] = {path.name.partition(".")[0].lower() for path in folder.glob("*")}
        return self.names[month]

    def write(self, draft: "Draft", month: str) -> None:
        from newsletter.gather.drafts import pieces
        from newsletter.gather.shelved import Known
        from newsletter.writing import put

        self.names[month] |= {path.rpartition("/")[2].partition(".")[0] for path in (draft.path, *draft.pictures)}
        self.known[draft.clipping.made_from] = Known(path=draft.path, digest=draft.clipping.digest)
        self.written += 1
        path = self.root / draft.path
        if not self.is_dry:
            require_inside(self.root, path.parent)
            make_folder(path.parent)
            done: list[Path] = []
            for name, content in pieces(draft):
                try:
                    put(self.root / name, content, replaces=False)
                except OSError as error:
                    for other in done:
                        other.unlink(missing_ok=True)
                    raise unwritten(self.root / name, error) from None
                done.append(self.root / name)
        self.lacks.append((path.name, draft.lacks))
        show.line(str(show.near(path)))
        if self.is_dry:
            front = draft.content.split("\n---\n")[0].split("\n")[1:]
            show.say(
                f"{show.near(path)}: would be written", details=[*front, *(f"with {name}" for name in draft.pictures)]
            )

    def tell_changed(self, before: "Sequence[tuple[Clipping, Known]]") -> None:
        self.before += len(before)
        for clipping, item in before:
            if item.digest and item.digest != clipping.digest:
                title = shown(clipping.values.get("title", "") or clipping.made_from)
                show.say(
                    f"{item.path}: '{title}' has changed at its source since it was imported; left as it is",
                    "to have the new words, delete that file and import again",
                )

    def tell_lacks(self) -> None:
        """Say what a person must add to each draft; what all of a source's drafts lack is said once."""
        every = [{*lacks} for _, lacks in self.lacks]
        common = set[str].intersection(*every) if len(every) > 2 else set()
        for sentence in [sentence for sentence in self.lacks[0][1] if sentence in common] if common else ():
            show.say(f"all {len(every):,}: {sentence}", colour="yellow")
        for name, lacks in self.lacks:
            if own := [sentence for sentence in lacks if sentence not in common]:
                show.say(f"{name}: {'; '.join(own)}", colour="yellow")

    def sum_up(self) -> None:
        if not self.written:
            return
        drafts = "1 draft" if self.written == 1 else f"{self.written:,} drafts"
        known = f", {self.before:,} known already" if self.before else ""
        if self.is_dry:
            show.say(f"{drafts} would be written{known}; nothing was")
        else:
            show.say(f"{drafts} written{known}", "read each, then take out its line 'draft: true'")


@lru_cache(1)
def client() -> "web.Client":
    """Return what asks sites: pages and pictures of up to 30 MB, within a minute."""
    from newsletter import web
    from newsletter.gather.sources import MOST_FETCHED

    return web.Client(patience=60.0, most=MOST_FETCHED)


def _unchanged(source: "Source", count: int) -> str:
    what = "what it holds is there already" if count == 1 else f"all {count:,} are there already"
    return f"{source.name}: {what}; nothing was changed"
