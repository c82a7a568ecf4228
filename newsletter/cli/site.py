"""newsletter site."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import book, cache_of, choose, newsroom_option, out_of, root_of, show, usual_month

if TYPE_CHECKING:
    from datetime import date

    from newsletter.deliver.ledger import Entry, Ledger
    from newsletter.errors import CommandError, Fault
    from newsletter.model import Newsroom
    from newsletter.site.sheets import Published

_HOST, _PORT = "127.0.0.1", 8643


# What stands alone is told in our words: click's do not say which option it lacks.
@click.command(
    "site", short_help="Write the public page of all that was sent.", context_settings={"allow_extra_args": True}
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where to write; site/ if left out.")
@click.option("--all", "every", is_flag=True, help="Every issue of the newsroom, sent or not, to look at.")
@click.option("--with", "more", multiple=True, metavar="ISSUE", help="This issue too, before it is mailed.")
@click.option("--forget", multiple=True, metavar="ISSUE", help="Withdraw the page of an issue; a note takes its place.")
@click.option("--serve", is_flag=True, help="Show the site in a browser on this computer until Ctrl-C.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help=f"With --serve: the port, {_PORT} if left out; 0 takes any."
)
@newsroom_option
@click.pass_context
def site_command(
    ctx: click.Context,
    out: Path | None,
    every: bool,
    more: tuple[str, ...],
    forget: tuple[str, ...],
    serve: bool,
    port: int | None,
) -> None:
    """Write the site: a page for each issue that was sent, lists of them, press coverage, press releases, feeds.

    It is made from sent/ and the ledger, so site/ may be deleted at any time. Pages keep their addresses. A page that
    was published stays until --forget withdraws it. What --all shows beyond that is not published: the next call
    takes it out again. [site] url in newsletter.toml says where the site lies: feeds and
    previews need it.
    """
    from newsletter import unchanged
    from newsletter.errors import CommandError
    from newsletter.line import Builder
    from newsletter.read.load import load
    from newsletter.site import again
    from newsletter.site.folder import has_shown, publish

    root = root_of(ctx)
    where = out_of(root, out or root / "site")
    if port is not None and not serve:
        raise CommandError("--port goes with --serve", "add --serve, or leave out --port")
    if ctx.args:
        option = "--forget" if forget else "--with"
        way = " ".join(f"{option} {issue_id}" for issue_id in (*(forget or more), *ctx.args))
        raise CommandError(f"'{ctx.args[0]}' stands alone: each issue has its own {option}", f"newsletter site {way}")
    cache = cache_of(root, where)
    newsroom = load(root, cache)
    ledger = book.read(root)
    if forget:
        ledger = _forgotten(newsroom, where, ledger, forget)
    published, lost, is_good = _published(newsroom, ledger, more, every=every)
    withdrawn = _withdrawn(ledger, {issue.id for issue in published})
    if not published and not withdrawn:
        is_good = False
        if not lost:
            show.say(
                "nothing was marked sent, so the site has no issue",
                "newsletter sent ISSUE; to see them all before that: newsletter site --all --serve --out build/site",
                colour="red",
            )
        if not has_shown(where):
            ctx.exit(1)
    made_from = again.inputs(published, withdrawn, newsroom, unchanged.shared(newsroom), cache)
    outcome = again.known(cache, where, made_from)
    if not outcome:
        outcome = publish(where, *_files(newsroom, published, withdrawn, Builder(newsroom, where, None, cache)))
        again.keep(cache, where, made_from, outcome)
    for issue_id in sorted(lost - {*outcome.stayed}):
        is_good = False
        show.say(f"{issue_id} has no page: none was there that could stay", colour="red")
    for folder in outcome.stayed:
        if folder in lost:
            continue
        hint = f"newsletter site --forget {folder}" if folder[:4].isdigit() else "delete its folder by hand"
        show.say(
            f"{folder} was published and nothing makes it any more: its page stays as it was", f"withdraw it: {hint}"
        )
    if not newsroom.config.site.url:
        show.say(
            f"{newsroom.config.place('site')}: [site] has no url, so there are no feeds, no sitemap and no 404.html",
            'state where the site will lie: url = "https://…" under [site]',
        )
    if shown := [issue.id for issue in published if issue.is_shown]:
        were = f"{len(shown)} issues were" if len(shown) > 1 else f"{shown[0]} was"
        show.say(
            f"{were} not sent: shown here for you to look at, and not published",
            "newsletter site takes that out again; to publish one before its mail: newsletter site --with ISSUE",
        )
    counted = f"{len(published)} issue{'' if len(published) == 1 else 's'}"
    show.say(f"{counted}: {outcome.written:,} files written, {outcome.unchanged:,} as they were")
    show.line(str(show.near(where / "index.html")))
    if serve:
        _serve(where, _PORT if port is None else port, newsroom.config.site.url.rstrip("/"))
    ctx.exit(0 if is_good else 1)


def _published(
    newsroom: "Newsroom", ledger: "Ledger", more: tuple[str, ...], *, every: bool
) -> "tuple[list[Published], set[str], bool]":
    """Return which issues get a page, which were sent and can have none, and whether what was asked for is there."""
    from datetime import date

    from newsletter.deliver import kept
    from newsletter.issue.edition import is_issue_id, months
    from newsletter.site.sheets import Published

    root, is_good = newsroom.root, True
    chosen: dict[str, Published] = {}
    lost: set[str] = set()
    gone = _gone(ledger)
    for issue_id, entry in ledger.all_sent().items():
        if issue_id in gone:
            continue
        if not is_issue_id(issue_id):
            show.say(f"ledger.jsonl says that '{issue_id}' was sent, which is no issue", "a page of it is not written")
            continue
        stated = kept.kept(root, issue_id)
        if stated is None or "sources" not in stated:
            lost.add(issue_id)
            show.say(
                f"{issue_id} is marked sent, but sent/{issue_id} is not there or not whole",
                "bring it back (git checkout -- sent); until then, a page that was published stays as it was",
            )
            continue
        chosen[issue_id] = Published(
            id=issue_id,
            folder=root / kept.FOLDER / issue_id,
            day=_day(entry).isoformat(),
            subject=str(stated.get("subject") or ""),
            is_sent=True,
        )
    asked: list[str] = []
    if more:
        choice = choose(newsroom, more, usual_month() or None)
        for edition in choice.editions:
            if edition.id in gone:
                is_good = False
                show.say(
                    f"{edition.id} was withdrawn, so --with does not bring it back",
                    f"newsletter sent {edition.id} --again does, once it has gone out again",
                    colour="red",
                )
            else:
                asked.append(edition.id)
        for empty in choice.missed:
            is_good = False
            show.say(f"{empty.name} has no items", empty.hint, colour="red")
    shown: list[str] = []
    if every and months(newsroom):
        shown = [edition.id for edition in choose(newsroom, (), None, every=True).editions if edition.id not in gone]
    for issue_id in (*asked, *shown):
        # Nobody knows when it goes out; that does not depend on the day on which this is asked.
        day = date(int(issue_id[:4]), int(issue_id[5:7]), 1).isoformat()
        issue = Published(id=issue_id, folder=root, day=day, is_shown=issue_id not in asked)
        chosen.setdefault(issue_id, issue)
    return list(chosen.values()), lost - {*chosen}, is_good


def _day(entry: "Entry") -> "date":
    """Return the day on which an issue went out: the one that was stated, else that of the entry."""
    from datetime import date

    try:
        return date.fromisoformat(str(entry.more.get("on")))
    except ValueError:
        # The file can be edited.
        return entry.at.date()


def _gone(ledger: "Ledger") -> set[str]:
    """Return the issues that were withdrawn, and not sent since."""
    from newsletter.issue.edition import is_issue_id

    gone = set()
    for issue_id in {entry.issue for entry in ledger.entries if entry.do == "forget" and is_issue_id(entry.issue)}:
        last = [entry for entry in ledger.of(issue_id, "sent", "forget") if not entry.more.get("undo")][-1]
        if last.do == "forget":
            gone.add(issue_id)
    return gone


def _withdrawn(ledger: "Ledger", published: set[str]) -> tuple[str, ...]:
    return tuple(sorted(_gone(ledger) - published))


def _forgotten(newsroom: "Newsroom", where: Path, ledger: "Ledger", words: tuple[str, ...]) -> "Ledger":
    """Write down that pages are withdrawn: every clone leaves them out from then on."""
    from newsletter.deliver import ledger as ledgers
    from newsletter.errors import CommandError
    from newsletter.issue.edition import is_issue_id
    from newsletter.site.folder import listed, published_in

    root = newsroom.root
    pages = published_in(where)
    named = {entry.issue for entry in ledger.entries if entry.do in {"sent", "forget"}}
    known = {issue_id for issue_id in named | pages if is_issue_id(issue_id)}
    for issue_id in words:
        if issue_id not in known:
            if f"{issue_id}/index.html" in (listed(where) or ()) and is_issue_id(issue_id):
                told = f"{issue_id} was never published: its page is there to be looked at (--all)"
                raise CommandError(told, "newsletter site takes it out")
            raise _unpublished(issue_id, sorted(known, reverse=True))
    gone = _gone(ledger)
    for issue_id in dict.fromkeys(words):
        if issue_id in gone:
            show.say(f"{issue_id} was withdrawn already: its page is a note")
        else:
            entry = ledger.sent(issue_id)
            ledgers.add(root, book.now(), book.author(root), "forget", "done", issue_id, entry.made if entry else "")
            show.say(
                f"{issue_id} is withdrawn: a note takes its place, here and in every clone with this ledger.jsonl",
                f"commit ledger.jsonl, and put {show.near(where)}/ on the web again; until then readers see the page. "
                f"Once the issue goes out again: newsletter sent {issue_id} --again",
            )
    return ledgers.read(root)


def _unpublished(word: str, known: list[str]) -> "CommandError":
    """Return what is told of a word that is not the id of an issue with a page; `known` are those, the newest first."""
    from newsletter.errors import CommandError

    address = word.rstrip("/").removesuffix("/index.html")
    if pasted := [issue_id for issue_id in known if address.endswith(f"/{issue_id}")]:
        return CommandError(f"'{word}' is an address, and a page is withdrawn by the id of its issue", _forget(pasted))
    # A chapter's code, a publication's key, or an id without its month.
    called = word.casefold()
    meant = [issue_id for issue_id in known if called and called in _short_forms(issue_id.partition("/")[2].casefold())]
    if meant:
        told = f"'{word}' may be any of {len(meant)} issues" if len(meant) > 1 else f"'{word}' lacks the month"
        return CommandError(f"{told}, and a page is withdrawn by its whole id", _forget(meant))
    hint = f"those that were: {', '.join(known[:5])}" if known else "no issue has a page yet"
    return CommandError(f"no issue '{word}' was published, so there is no page to withdraw", hint)


def _short_forms(name: str) -> set[str]:
    """Return what stands for an issue's name, `state-LPMN`, without saying which: itself, `state`, `LPMN`."""
    parts = name.split("-")
    return {name} | {"-".join(some) for at in range(len(parts)) for some in (parts[:at], parts[at:])}


def _forget(issue_ids: list[str]) -> str:
    others = f"; also {', '.join(issue_ids[1:5])}" if len(issue_ids) > 1 else ""
    return f"newsletter site --forget {issue_ids[0]}{others}"


def _files(
    newsroom: "Newsroom", published: "list[Published]", withdrawn: tuple[str, ...], builder: object
) -> tuple[dict[str, bytes], set[str]]:
    """Return every file of the site, and the folders of pages that are there only because of what is shown.

    Raises ContentError with all that is at fault in any of the issues.
    """
    from msgspec.structs import replace

    from newsletter.cores import spread
    from newsletter.errors import ContentError
    from newsletter.line import Builder
    from newsletter.site.feeds import feeds_of
    from newsletter.site.pages import Site, files_of, folders_of, in_order
    from newsletter.site.sheets import Maker, Sheet

    assert isinstance(builder, Builder)
    maker = Maker(newsroom, published, builder.cache)
    ids = [issue.id for issue in published]
    sheets: list[Sheet] = []
    faults: list[Fault] = []
    with show.progress("reading", len(ids)) as done:
        for made in spread(maker, Maker.sheet, ids, done):
            if isinstance(made, ContentError):
                faults += made.faults
            else:
                sheets.append(made)
    if faults:
        raise ContentError(dict.fromkeys(faults))
    site = Site(config=newsroom.config, sheets=in_order(sheets, newsroom.config), withdrawn=withdrawn)
    files = files_of(site, builder.look)
    if site.url:
        files |= feeds_of(site, builder.look)
    shown = {issue.id for issue in published if issue.is_shown}
    lasting = replace(site, sheets=tuple(sheet for sheet in site.sheets if sheet.id not in shown))
    return files, folders_of(site) - folders_of(lasting) if shown else set()


def _serve(where: Path, port: int, url: str) -> None:
    import socket

    import uvicorn
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles
    from starlette.types import Scope

    from newsletter.errors import CommandError

    class Local(StaticFiles):
        async def get_response(self, path: str, scope: Scope) -> Response:
            response = await super().get_response(path, scope)
            if response.status_code != 404:
                return response
            # Its addresses are those of the site's own host, which this is not.
            page = (where / "404.html").read_text("utf-8").replace(f'"{url}/', '"/')
            return Response(page, 404, media_type="text/html")

    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port))
        # No request is lost that comes before the server runs.
        listening.listen(100)
    except OSError:
        listening.close()
        raise CommandError(f"port {port} is in use", "name another: --port 0 takes any that is free") from None
    with listening:
        app = Starlette(routes=[Mount("/", Local(directory=where, html=True))])
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, lifespan="off"))
        show.line(f"http://{_HOST}:{listening.getsockname()[1]}/")
        sys.stdout.flush()
        show.say("Ctrl-C ends it")
        try:
            server.run(sockets=[listening])
        except KeyboardInterrupt:
            show.say("ended")
