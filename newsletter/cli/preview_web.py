"""newsletter preview --web: the server's life, and the desk that builds what its page asks for."""

import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter.cli import cache_of, choose, out_of, show, tell_choice

if TYPE_CHECKING:
    from newsletter.issue.edition import Edition
    from newsletter.line import Made
    from newsletter.model import Finding, Newsroom
    from newsletter.preview.inbox import Sheet

_HOST = "127.0.0.1"
_PORT = 8642
_TAKEN = (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE))


def serve(
    root: Path, issue: str | None, month: str | None, *, provider: str | None, port: int | None, opens: bool
) -> None:
    """Serve the month until Ctrl-C. Raises CommandError for a port that is taken, and what the command line asks."""
    import uvicorn

    from newsletter.preview.watch import watch_newsroom
    from newsletter.preview.web import News, app

    desk = Desk(root, out_of(root, None), issue, month, provider)
    news, stop = News(), threading.Event()
    with _socket(_PORT if port is None else port) as listening:
        address = f"http://{_HOST}:{listening.getsockname()[1]}/{f'#{desk.first}' if issue else ''}"
        show.faults(desk.choice.faults)
        tell_choice(desk.choice)

        def saved() -> None:
            desk.refresh()
            news.tell()

        watch_newsroom(root, desk.out, saved, stop)
        server = uvicorn.Server(
            uvicorn.Config(
                app(desk, news), log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=1
            )
        )
        show.line(address)
        sys.stdout.flush()
        show.say("Ctrl-C ends it; the page reloads after every save")
        if opens:
            # The server answers a moment later; the socket listens already, so no request is lost.
            threading.Thread(target=_open, args=(address,), daemon=True).start()
        if hasattr(signal, "SIGHUP") and callable(signal.getsignal(signal.SIGHUP)):
            # uvicorn hears the other two itself; what is raised while it answers a request is lost.
            signal.signal(signal.SIGHUP, lambda number, frame: signal.raise_signal(signal.SIGTERM))
        try:
            server.run(sockets=[listening])
        except KeyboardInterrupt:
            # A terminal that has closed hears it no more.
            with suppress(OSError):
                show.say("ended")
        finally:
            stop.set()


class Desk:
    """Keeps the newsroom as it is on disk and builds its issues when somebody looks at them."""

    def __init__(self, root: Path, out: Path, issue: str | None, month: str | None, provider: str | None) -> None:
        from newsletter.errors import ContentError, NewsletterError
        from newsletter.read.load import load

        self.root, self.out, self.provider = root, out, provider
        self._lock = threading.RLock()
        newsroom = load(root, cache_of(root, out))
        self.choice = choose(newsroom, (issue,) if issue else (), month)
        if not self.choice.editions:
            for empty in self.choice.missed:
                raise NewsletterError(f"{empty.name} has no items, so there is nothing to preview", empty.hint)
            raise ContentError(self.choice.faults)
        self.first = self.choice.editions[0].id
        self._month = self.choice.editions[0].month
        self._take(newsroom)

    def refresh(self) -> None:
        """Read the newsroom again; what was built of it is forgotten."""
        from newsletter.errors import NewsletterError
        from newsletter.read.load import load

        with self._lock:
            try:
                self._take(load(self.root, cache_of(self.root, self.out)))
            except NewsletterError as error:
                self._broken = show.worded(error)

    def month(self) -> dict[str, Any]:
        """Return the month, its issues and the faults of their files."""
        with self._lock:
            choice = choose(self._newsroom, (), self._month)
            return {
                "month": self._month,
                "organization": self._newsroom.config.organization,
                "issues": [self._listed(edition) for edition in choice.editions],
                "faults": [self._broken] if self._broken else [show.worded(fault) for fault in choice.faults],
            }

    def issue(self, issue_id: str) -> "tuple[Made | None, Sequence[str]]":
        """Return the issue as it was just built and written, and the faults that stopped it."""
        with self._lock:
            return (None, [self._broken]) if self._broken else self._built(issue_id)

    def sheet(self, issue_id: str) -> "Sheet | None":
        """Return the issue's rows, compared with those of the whole month."""
        from newsletter.preview.inbox import sheets

        with self._lock:
            editions = choose(self._newsroom, (), self._month).editions
            made = [mail for mail, _ in (self._built(edition.id) for edition in editions) if mail]
        rows = sheets((mail.issue, mail.cover, mail.delivery) for mail in made)
        return next((sheet for sheet in rows if sheet.issue == issue_id), None)

    def review(self, issue_id: str) -> "tuple[Made | None, Sequence[Finding]]":
        """Return the issue as it would be built, None where a fault stops that, and what the rules find in it today."""
        from newsletter.check.registry import check

        with self._lock:
            made, _ = (None, []) if self._broken else self._making(issue_id)
            if not made:
                return None, []
            if issue_id not in self._findings:
                subject = self._builder.subject(made, date.today())
                self._findings[issue_id] = check(subject, self._builder.levels).findings
            return made, self._findings[issue_id]

    def _take(self, newsroom: "Newsroom") -> None:
        from newsletter.line import Builder

        self._newsroom = newsroom
        self._builder = Builder(newsroom, self.out, self.provider, cache_of(self.root, self.out))
        self._made: dict[str, tuple[Made | None, list[str]]] = {}
        self._findings: dict[str, Sequence[Finding]] = {}
        self._written: set[str] = set()
        self._broken = ""

    def _built(self, issue_id: str) -> "tuple[Made | None, list[str]]":
        from newsletter.errors import NewsletterError

        made, faults = self._making(issue_id)
        if made and issue_id not in self._written:
            try:
                self._builder.write(made)
                self._written.add(issue_id)
            except NewsletterError as error:
                return None, [show.worded(error)]
        return made, faults

    def _making(self, issue_id: str) -> "tuple[Made | None, list[str]]":
        from newsletter.deliver.folder import provider_of
        from newsletter.errors import NewsletterError
        from newsletter.issue.edition import edition_of, faults_of, items_of, remedy

        if issue_id not in self._made:
            try:
                edition = edition_of(self._newsroom, issue_id)
                if edition.month != self._month:
                    return None, [f"{issue_id} is not shown here: this is {self._month}"]
                if not items_of(self._newsroom, edition) and not faults_of(self._newsroom, edition):
                    hint = remedy(self._newsroom, edition)
                    raise NewsletterError(f"{issue_id} has no items, so there is nothing to preview", hint)
                chosen = self.provider or provider_of(self.out / issue_id)
                self._made[issue_id] = self._builder.whole(issue_id, self._builder.providers.get(chosen)), []
            except NewsletterError as error:
                self._made[issue_id] = None, [show.worded(error)]
        return self._made[issue_id]

    def _listed(self, edition: "Edition") -> dict[str, Any]:
        from newsletter.errors import NewsletterError
        from newsletter.issue.assemble import assemble
        from newsletter.issue.compose import compose

        try:
            issue = assemble(self._newsroom, edition)
            return {"id": edition.id, "subject": compose(issue).subject, "accent": issue.accent}
        except NewsletterError as error:
            return {"id": edition.id, "subject": show.worded(error), "accent": ""}


def _socket(port: int) -> socket.socket:
    """Return a socket that listens on this machine alone; CommandError if the port can't be used."""
    from newsletter.errors import CommandError

    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        # Elsewhere it would let two servers share a port.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        reason = "is taken" if error.errno in _TAKEN else f"can't be used: {(error.strerror or str(error)).lower()}"
        hint = "another preview may be running there; --port 0 takes any free one"
        raise CommandError(f"port {port} of {_HOST} {reason}", hint) from None
    return listening


def _open(address: str) -> None:
    import webbrowser

    # Without a screen, Python would start a browser for the terminal, in the middle of ours.
    has_screen = sys.platform in {"win32", "darwin"} or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    try:
        opened = has_screen and webbrowser.open(address)
    except webbrowser.Error:
        opened = False
    if not opened:
        show.say("no browser could be opened", f"open {address} yourself")
