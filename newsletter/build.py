"""Newsroom, issue id -> the built issue: the stages in a row, for one issue or for many on every core."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from newsletter import __version__
from newsletter.assemble import assemble, faults_of
from newsletter.cache import Cache
from newsletter.check import Subject, check
from newsletter.compose import compose
from newsletter.deliver import folder, message, tags
from newsletter.errors import ContentError, Fault, NewsletterError
from newsletter.look import Look
from newsletter.model import Finding, Level, Newsroom
from newsletter.pictures import prepare
from newsletter.render import render
from newsletter.skeleton import versions

# Below this many issues a second process costs more than it saves.
_MANY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What became of one issue: its row, or the faults that stopped it. Nothing heavy, so that many can be kept."""

    issue: str
    path: str = ""
    subject: str = ""
    items: int = 0
    html_bytes: int = 0
    findings: tuple[Finding, ...] = ()
    faults: tuple[Fault, ...] = ()
    failure: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the issue was written."""
        return not self.faults and not self.failure

    def count(self, level: Level) -> int:
        """Return how many findings have that level."""
        return sum(finding.level is level for finding in self.findings)


class Builder:
    """Builds issues of one newsroom into one folder, for one provider (None: each issue's own setting)."""

    def __init__(self, newsroom: Newsroom, out: Path, provider: str | None = None) -> None:
        self.newsroom, self.out, self.provider = newsroom, out, provider
        self.cache = Cache(out / ".cache")
        self.look = Look(newsroom.root, self.cache)
        self.providers = tags.providers(newsroom.config)

    def build(self, issue_id: str) -> Built:
        """Build one issue. Its faults come back in the result; only our own bugs raise."""
        try:
            if faults := faults_of(self.newsroom, issue_id):
                raise ContentError(faults)
            return self._build(issue_id)
        except ContentError as error:
            return Built(issue=issue_id, faults=error.faults)
        except NewsletterError as error:
            return Built(issue=issue_id, failure=str(error))

    def _build(self, issue_id: str) -> Built:
        issue = assemble(self.newsroom, issue_id)
        if faults := tags.typed_tags(issue, self.providers):
            raise ContentError(faults)
        provider = tags.provider_named(self.newsroom.config, self.provider or issue.settings.provider)
        cover = compose(issue)
        pictures = prepare(issue, self.newsroom.root, self.cache)
        email = render(issue, cover, pictures, self.look, self.cache)
        delivery = tags.translate(email, issue, provider, {picture.name: picture for picture in pictures.values()})
        findings = check(Subject(issue=issue, cover=cover, email=email, delivery=delivery))
        raw = message.make_message(issue, cover, delivery)
        told = f"newsletter {__version__}\n{versions()}"
        path = self.out / issue_id
        folder.write(path, folder.files_of(issue, cover, delivery, raw, findings, told))
        return Built(
            issue=issue_id,
            path=str(path),
            subject=delivery.subject,
            items=len(issue.stories),
            html_bytes=len(delivery.html.encode()),
            findings=tuple(findings),
        )


def build_all(builder: Builder, issue_ids: list[str], done: Callable[[Built], None]) -> Iterator[Built]:
    """Build the issues, on every core if there are many; `done` hears of each as it ends, results come in order."""
    workers = min(_cores(), len(issue_ids))
    if len(issue_ids) < _MANY or workers < 2:
        for issue_id in issue_ids:
            built = builder.build(issue_id)
            done(built)
            yield built
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    def heard(future: Future[Built]) -> None:
        if not future.cancelled() and not future.exception():
            done(future.result())

    # A forked worker has the newsroom and the imports already; where there is no fork, it is sent over.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(workers, context, initializer=_start_worker, initargs=(builder,)) as pool:
        futures = [pool.submit(_build_in_worker, issue_id) for issue_id in issue_ids]
        for future in futures:
            future.add_done_callback(heard)
        try:
            for future in futures:
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_worker: list[Builder] = []


def _start_worker(builder: Builder) -> None:
    import signal

    # Ctrl-C reaches the whole group; only the parent answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker[:] = [builder]


def _build_in_worker(issue_id: str) -> Built:
    return _worker[0].build(issue_id)
