"""Newsroom, issue id -> the built issue: the stages in a row, for one issue or for many on every core."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from newsletter import __version__, recall
from newsletter.errors import ContentError, Fault, NewsletterError, did_you_mean
from newsletter.interrupts import STOPPING, uninterrupted
from newsletter.issue.assemble import assemble
from newsletter.issue.edition import edition_of, faults_of
from newsletter.memo import Cache
from newsletter.model import Cover, Delivery, Email, Finding, Issue, Level, Newsroom

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

    from newsletter.check.subject import Earlier, Subject
    from newsletter.deliver.providers import Provider
    from newsletter.look.templates import Look

Result = TypeVar("Result")

# Below this many issues a second process costs more than it saves.
_MANY = 4
_SECONDS_TO_FINISH = 2.0


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
    failure: NewsletterError | None = None

    @property
    def is_good(self) -> bool:
        """Whether the issue was written."""
        return not self.faults and not self.failure

    def count(self, level: Level) -> int:
        """Return how many findings have that level."""
        return sum(finding.level is level for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One issue at the end of the line, before anything is written."""

    issue: Issue
    cover: Cover
    email: Email
    provider: "Provider"
    delivery: Delivery
    findings: tuple[Finding, ...]


class Builder:
    """Builds issues of one newsroom into one folder, for one provider (None: each issue's own setting).

    What need not be done again is kept in the cache, if there is one.
    """

    def __init__(self, newsroom: Newsroom, out: Path, provider: str | None = None, cache: Cache | None = None) -> None:
        self.newsroom, self.out, self.provider = newsroom, out, provider
        self.cache = cache or Cache(None)
        self._month: _Month | None = None

    @cached_property
    def look(self) -> "Look":
        """The templates in use."""
        from newsletter.look.templates import Look

        return Look(self.newsroom.root, self.cache)

    @cached_property
    def providers(self) -> dict[str, "Provider"]:
        """Every provider by its name."""
        from newsletter.deliver.providers import providers

        return providers(self.newsroom.config)

    @property
    def levels(self) -> dict[str, Level | None]:
        """The level of every rule, None for those that are off."""
        return self._rules[0]

    @property
    def unknown_rules(self) -> list[Fault]:
        """A fault for each rule in [checks] that there is none of."""
        return self._rules[1] if self.newsroom.config.checks else []

    @cached_property
    def _rules(self) -> tuple[dict[str, Level | None], list[Fault]]:
        from newsletter.check import levels

        return levels(self.newsroom.config)

    def build(self, issue_id: str) -> Built:
        """Build one issue. Its faults come back in the result; only our own bugs raise."""
        try:
            return self.write(self.make(issue_id))
        except ContentError as error:
            return Built(issue=issue_id, faults=error.faults)
        except NewsletterError as error:
            return Built(issue=issue_id, failure=error)

    def make(self, issue_id: str, provider: "Provider | None" = None) -> Made:
        """Return the issue as a provider takes it (None: the builder's, else the issue's own), nothing written.

        Raises ContentError with every fault that stops it.
        """
        from newsletter.deliver import tags
        from newsletter.look.pictures import prepare
        from newsletter.look.render import render

        faults = [*self.unknown_rules, *faults_of(self.newsroom, edition_of(self.newsroom, issue_id))]
        try:
            issue, cover = self.composed(issue_id)
        except ContentError as error:
            raise ContentError([*faults, *error.faults]) from None
        faults += tags.typed_tags(issue, self.providers, self.newsroom.config)
        try:
            pictures = prepare(issue, self.newsroom.root, self.cache)
        except ContentError as error:
            faults += error.faults
        if faults:
            raise ContentError(faults)
        provider = provider or self.provider_of(issue)
        email = render(issue, cover, pictures, self.look)
        delivery = tags.translate(email, issue, provider, {picture.name: picture for picture in pictures.values()})
        return Made(
            issue=issue,
            cover=cover,
            email=email,
            provider=provider,
            delivery=delivery,
            findings=self._found(issue, email, delivery, provider),
        )

    def _found(self, issue: Issue, email: Email, delivery: Delivery, provider: "Provider") -> tuple[Finding, ...]:
        """Return what the rules find, or found when all that they look at was the same."""
        from newsletter.look.pictures import facts

        # Newsrooms share the cache.
        name = f"{self.newsroom.root} {issue.id} {provider.name}"
        key = recall.key_of(
            issue,
            email,
            delivery,
            before=self._month_of(issue).digests[issue.id],
            facts=facts(issue, self.newsroom.root, self.cache),
            shared=self._shared_digest,
            provider=provider,
        )
        found = recall.recall(self.cache, name, key)
        if found is None:
            from newsletter.check import check

            found = check(self.subject(issue, email.cover, email, delivery, provider), self.levels).findings
            recall.keep(self.cache, name, key, found)
        return found

    def subject(
        self,
        issue: Issue,
        cover: Cover,
        email: Email,
        delivery: Delivery,
        provider: "Provider",
        foreign_tags: tuple[Fault, ...] = (),
        today: date | None = None,
    ) -> "Subject":
        """Return what the rules look at."""
        from newsletter.check.subject import Subject
        from newsletter.look.pictures import facts

        return Subject(
            issue=issue,
            cover=cover,
            email=email,
            delivery=delivery,
            config=self.newsroom.config,
            templates=self.look.texts,
            provider=provider.name,
            adds=tuple(provider.adds),
            tags=frozenset({*provider.tags, *provider.elements}),
            literal=tuple(provider.literal),
            foreign_tags=foreign_tags,
            pictures=facts(issue, self.newsroom.root, self.cache),
            before=self._month_of(issue).before(issue),
            today=today,
        )

    def composed(self, issue_id: str) -> tuple[Issue, Cover]:
        """Return an issue and its cover; raises ContentError as `assemble` does, CommandError as `edition_of`."""
        from newsletter.issue.compose import compose

        issue = assemble(self.newsroom, edition_of(self.newsroom, issue_id))
        return issue, compose(issue)

    def get_ready(self) -> None:
        """Import what any issue needs: once, not once a worker."""
        from newsletter.check import rules
        from newsletter.deliver import folder, message, tags  # noqa: F401 - for the workers
        from newsletter.look import render  # noqa: F401 - for the workers

        rules()

    @cached_property
    def _shared_digest(self) -> str:
        return recall.shared_digest(self.newsroom.config, self.newsroom.root)

    def _month_of(self, issue: Issue) -> "_Month":
        # One is kept, since issues come month by month.
        if self._month is None or self._month.name != issue.month:
            self._month = _Month(self.newsroom, issue.month)
        return self._month

    def provider_of(self, issue: Issue) -> "Provider":
        """Return the provider that the command line names, else the one of the issue's settings."""
        if self.provider:
            from newsletter.deliver.providers import provider_named

            return provider_named(self.newsroom.config, self.provider)
        name = issue.settings.provider
        if name in self.providers:
            return self.providers[name]
        config, front = self.newsroom.config, issue.front_page
        tables = [f"chapters.{issue.chapter.code}"] if issue.chapter else []
        tables += [f"publications.{issue.publication}", "organization"]
        place = next(
            (config.place(one) for table in tables if (one := f"{table}.provider") in config.lines), config.place("")
        )
        if front and "provider" in front.own:
            place = front.place("provider")
        raise ContentError(
            [
                Fault(
                    place=place,
                    message=f"no provider is called '{name}'",
                    hint=did_you_mean(name, tuple(self.providers)),
                )
            ]
        )

    def write(self, made: Made) -> Built:
        """Write the issue's folder and return its row. Raises DiskError."""
        from newsletter.deliver import folder, message
        from newsletter.look.skeleton import versions

        issue, delivery = made.issue, made.delivery
        raw = message.make_message(issue, made.cover, delivery)
        told = f"newsletter {__version__}\n{versions()}"
        path = folder.write(self.out, issue.id, folder.files_of(issue, made.cover, delivery, raw, made.findings, told))
        return Built(
            issue=issue.id,
            path=str(path),
            subject=delivery.subject,
            items=len(issue.stories),
            html_bytes=len(delivery.html.encode()),
            findings=made.findings,
        )


class _Month:
    """What the rules hold an issue against: the issues of its month that come before it in newsletter.toml."""

    def __init__(self, newsroom: Newsroom, name: str) -> None:
        self.newsroom, self.name = newsroom, name
        self.digests = recall.digests_before(newsroom, name)
        self._earlier: dict[str, Earlier | None] = {}

    def before(self, issue: Issue) -> "tuple[Earlier, ...]":
        """Return what the rules look at of those that have stories."""
        ids = takewhile(lambda one: one != issue.id, self.digests)
        return tuple(filter(None, map(self._of, ids)))

    def _of(self, issue_id: str) -> "Earlier | None":
        from newsletter.check.subject import Earlier
        from newsletter.issue.compose import compose

        if issue_id not in self._earlier:
            self._earlier[issue_id] = None
            # A front page at fault is told by its own issue.
            with contextlib.suppress(ContentError):
                issue = assemble(self.newsroom, edition_of(self.newsroom, issue_id), is_outline=True)
                if issue.stories:
                    self._earlier[issue_id] = Earlier(
                        id=issue_id,
                        chapter=issue.chapter.code if issue.chapter else "",
                        subject=compose(issue).subject,
                        items=tuple(story.item for story in issue.stories),
                    )
        return self._earlier[issue_id]


def build_all(builder: Builder, issue_ids: list[str], done: Callable[[Built], None]) -> Iterator[Built]:
    """Build the issues, on every core if there are many; `done` hears of each as it ends, results come in order."""
    from newsletter.deliver.folder import mend

    mend(builder.out, issue_ids)
    yield from spread(builder, Builder.build, issue_ids, done)


def spread(
    builder: Builder, work: Callable[[Builder, str], Result], issue_ids: list[str], done: Callable[[Result], None]
) -> Iterator[Result]:
    """Do some work for each issue, on every core if there are many; `done` hears of each, results come in order."""
    workers = min(_cores(), len(issue_ids))
    if len(issue_ids) < _MANY or workers < 2:
        for issue_id in issue_ids:
            result = work(builder, issue_id)
            done(result)
            yield result
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    def heard(future: "Future[Result]") -> None:
        if not future.cancelled() and not future.exception():
            done(future.result())

    # A forked worker has the newsroom and the imports already; where there is no fork, the newsroom is sent over.
    builder.get_ready()
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    # Nothing is ever said through it: the workers live as long as this process holds its end.
    theirs, ours = context.Pipe(duplex=False)
    with theirs, ours, ProcessPoolExecutor(workers, context, _start_worker, (builder, theirs, ours)) as pool:
        try:
            # The first of these starts the workers, which are deaf to Ctrl-C only once they run.
            with uninterrupted():
                futures = [pool.submit(_work_in_worker, work, issue_id) for issue_id in issue_ids]
            for future in futures:
                future.add_done_callback(heard)
            for future in futures:
                yield future.result()
        except BaseException as error:
            # Waits for the few that are under way; the `with` would take back the order to drop the rest. A second
            # Ctrl-C in the middle of it would leave workers behind that nobody ends.
            with uninterrupted():
                ours.close()
                pool.shutdown(cancel_futures=True)
            if isinstance(error, BrokenProcessPool):
                hint = "there may be too little memory: close other programs, then run this again"
                raise NewsletterError("the system ended a process that was at work", hint) from None
            raise


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_worker: list[Builder] = []
_at_work = threading.Lock()


def _start_worker(builder: Builder, theirs: "Connection", ours: "Connection") -> None:
    # Ctrl-C and its kin may reach the whole group; only the parent answers them.
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    # Held here too, it would never close.
    ours.close()
    threading.Thread(target=_leave_with_parent, args=(theirs,), daemon=True).start()
    _worker[:] = [builder]


def _leave_with_parent(theirs: "Connection") -> None:
    """End this worker once the parent wants no more of it or is gone, however it went."""
    with contextlib.suppress(OSError):
        theirs.poll(None)
    # What is under way is finished, unless it takes long: a folder in the making would have to be mended.
    _at_work.acquire(timeout=_SECONDS_TO_FINISH)
    os._exit(1)


def _work_in_worker(work: Callable[[Builder, str], Result], issue_id: str) -> Result:
    with _at_work:
        return work(_worker[0], issue_id)
