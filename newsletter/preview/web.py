"""A month's issues -> the page that shows them in a browser, on this machine alone."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from newsletter import printable
from newsletter.deliver.folder import manifest
from newsletter.issue import length
from newsletter.model import GMAIL_BYTES, Cover, Delivery, Email, Finding, Issue
from newsletter.preview.inbox import Sheet
from newsletter.read import files

_PAGE = Path(__file__).parent / "page"
_PAGE_FILES = {
    "index.html": "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
# The page talks to this server only. Nothing in a mail may run; its pictures may come from the web, as in a mail.
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
# Anybody may commit a build/: what its manifests name, such as a page or a drawing with a script, does nothing here.
_FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}
_TEXTS = (".txt", ".eml")
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Shown(Protocol):
    """A built issue, as far as the page needs it."""

    @property
    def issue(self) -> Issue: ...
    @property
    def cover(self) -> Cover: ...
    @property
    def email(self) -> Email: ...
    @property
    def delivery(self) -> Delivery: ...


class Desk(Protocol):
    """Builds what the page asks for. Its methods are called from several threads."""

    out: Path

    def month(self) -> dict[str, Any]:
        """Return the month, its issues (`id`, `subject`, `accent`), and the faults of their files as texts."""
        ...

    def issue(self, issue_id: str) -> tuple[Shown | None, Sequence[str]]:
        """Return the issue as it was just built, and the faults that stopped or accompany it."""
        ...

    def sheet(self, issue_id: str) -> Sheet | None:
        """Return the issue's rows in inboxes."""
        ...

    def review(self, issue_id: str) -> tuple[Shown | None, Sequence[Finding]]:
        """Return the issue as it would be built, None where a fault stops that, and what the rules find in it."""
        ...


class News:
    """Tells every open page that something was saved; `tell` may be called from any thread."""

    def __init__(self) -> None:
        self.listeners: set[asyncio.Queue[int]] = set()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.count = 0

    def tell(self) -> None:
        """Pass on that there is something new."""
        self.count += 1
        if self.loop:
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._pass_on, self.count)

    async def listen(self) -> AsyncIterator[str]:
        """Yield server-sent events: one at once, one after every save, and a sign of life in between."""
        self.loop = asyncio.get_running_loop()
        queue: asyncio.Queue[int] = asyncio.Queue()
        self.listeners.add(queue)
        try:
            yield f"retry: 500\nevent: hello\ndata: {self.count}\n\n"
            while True:
                try:
                    count = await asyncio.wait_for(queue.get(), 15)
                    yield f"event: saved\ndata: {count}\n\n"
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self.listeners.discard(queue)

    def _pass_on(self, count: int) -> None:
        for queue in self.listeners:
            queue.put_nowait(count)


def app(desk: Desk, news: News) -> Starlette:
    """Return the server's application: the page, what it asks for, and the files of built issues, nothing else.

    A request whose Host is not this machine is refused, so that no website can reach it by a name of its own (DNS
    rebinding).
    """

    async def page(request: Request) -> Response:
        name = request.path_params.get("name") or "index.html"
        if name not in _PAGE_FILES:
            return _refused()
        content = await run_in_threadpool((_PAGE / name).read_bytes)
        return Response(
            content, media_type=_PAGE_FILES[name], headers={**_HEADERS, "Content-Security-Policy": _PAGE_POLICY}
        )

    async def month(request: Request) -> Response:
        return _json(await run_in_threadpool(desk.month))

    async def issue(request: Request) -> Response:
        issue_id = f"{request.path_params['month']}/{request.path_params['name']}"
        shown, faults = await run_in_threadpool(desk.issue, issue_id)
        page: dict[str, Any] = {"id": issue_id, "faults": list(faults)}
        return _json(page | (_told(shown) if shown else {}))

    async def inbox(request: Request) -> Response:
        sheet = await run_in_threadpool(desk.sheet, f"{request.path_params['month']}/{request.path_params['name']}")
        return _json(asdict(sheet) if sheet else {"rows": []})

    async def findings(request: Request) -> Response:
        issue_id = f"{request.path_params['month']}/{request.path_params['name']}"
        shown, found = await run_in_threadpool(desk.review, issue_id)
        return _json({"id": issue_id, "is_stopped": shown is None, "groups": _grouped(shown, found) if shown else []})

    async def built(request: Request) -> Response:
        return await run_in_threadpool(_built, desk.out, **request.path_params)

    async def unseen(request: Request) -> Response:
        # A client that blocks pictures asks for none. Nothing comes back here, so that the page shows their alt text.
        if request.path_params["file"] != "issue.html":
            return Response(status_code=204, headers=_HEADERS)
        return await run_in_threadpool(_built, desk.out, **request.path_params, pictures="'self'")

    async def events(request: Request) -> Response:
        return StreamingResponse(news.listen(), media_type="text/event-stream", headers=_HEADERS)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/api/month", month),
            Route("/api/issue/{month}/{name}", issue),
            Route("/api/inbox/{month}/{name}", inbox),
            Route("/api/findings/{month}/{name}", findings),
            Route("/built/{month}/{name}/{file}", built),
            Route("/unseen/{month}/{name}/{file}", unseen),
            Route("/events", events),
            Route("/{name}", page),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)],
        exception_handlers={404: lambda request, error: _refused()},
    )


def _told(shown: Shown) -> dict[str, Any]:
    """Return what the page says about an issue."""
    issue, delivery = shown.issue, shown.delivery
    titles = {story.item.path: story.item.title for story in issue.stories}
    blocks = [(block.place.file, block.end - block.start) for block in shown.email.blocks]
    total = len(delivery.html.encode())
    return {
        "subject": delivery.subject,
        "preheader": delivery.preheader,
        "sender": shown.cover.sender_name,
        "provider": delivery.provider,
        "stories": len(issue.stories),
        "words": length.words(issue),
        "minutes": length.minutes(issue),
        "text": delivery.text,
        "bytes": total,
        "limit": GMAIL_BYTES,
        "items": [{"file": file, "title": titles.get(file, "Front page"), "bytes": size} for file, size in blocks],
        "rest": total - sum(size for _, size in blocks),
    }


def _grouped(shown: Shown, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return the findings by what causes them, in the mail's order: the issue as a whole, then each story.

    `story` is the number that the story has in the mail (`id="story-2"`), 0 for what stands in none.
    """
    issue = shown.issue
    front = issue.front_page.path if issue.front_page else ""
    numbers = {story.item.path: number for number, story in enumerate(issue.stories, 1)}
    titles = {story.item.path: story.item.title for story in issue.stories}
    groups: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for finding in findings:
        place = finding.place
        # What a template causes is nobody's who writes: it comes last of what concerns the whole issue.
        rank, title = (0, "Front page") if place.file == front else (1, "Settings")
        if place.file in numbers:
            rank, title = 10 + numbers[place.file], titles[place.file]
        elif rank and place.file != "newsletter.toml":
            rank, title = 2, "Templates"
        groups.setdefault((rank, title), []).append(
            {
                "level": finding.level.value,
                "slug": finding.slug,
                "place": str(place),
                "message": finding.message,
                "hint": finding.hint,
            }
        )
    return [
        {"story": max(0, rank - 10), "title": title, "findings": found}
        for (rank, title), found in sorted(groups.items(), key=lambda group: group[0])
    ]


def _built(out: Path, month: str, name: str, file: str, pictures: str = "'self' data: https:") -> Response:
    """Return a file of a built issue, byte for byte: one that its manifest names, and that lies below `out`."""
    folder = f"{month}/{name}"
    listed = manifest(out / folder)
    if not listed or file not in {*listed["parts"], *listed["pictures"]}:
        return _refused()
    try:
        content = files.read(out, f"{folder}/{file}", files.BUILT)
    except (OSError, files.Unreadable):
        return _refused()
    end = Path(file).suffix.lower()
    kind = _KINDS.get(end, "text/plain" if end in _TEXTS else "application/octet-stream")
    policy = _FILE_POLICY
    if file == "issue.html":
        kind, policy = "text/html", _MAIL_POLICY.format(pictures=pictures)
    return Response(content, media_type=kind, headers={**_HEADERS, "Content-Security-Policy": policy})


def _json(value: object) -> Response:
    return Response(printable.as_json(value), media_type="application/json", headers=_HEADERS)


def _refused() -> Response:
    return PlainTextResponse("there is nothing here\n", status_code=404, headers=_HEADERS)
