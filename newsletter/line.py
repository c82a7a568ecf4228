"""Newsroom, issue id -> the issue made: the stages in a row, with the faults that stop it. A build refuses them."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from newsletter import unchanged
from newsletter.cores import beside, spread
from newsletter.errors import ContentError, Fault, NewsletterError, did_you_mean
from newsletter.issue.edition import Edition, edition_of, faults_of, pages_before
from newsletter.memo import Cache
from newsletter.model import Cover, Delivery, Email, Finding, Issue, Level, Newsroom, Picture
from newsletter.program import versions
from newsletter.read.config import place_of_setting
from newsletter.read.values import PLACEHOLDER

if TYPE_CHECKING:
    from newsletter.check.subject import Earlier, Subject
    from newsletter.deliver.providers import Provider
    from newsletter.look.render import Pictures
    from newsletter.look.templates import Look
    from newsletter.read.files import Stamp

# What a mail must hold by law; without it a build stops, and a check tells it by its own rules.
_LEGAL = ("unsubscribe_url", "postal_address")


class Built(Struct, frozen=True, kw_only=True):
    """What became of one issue: its row, or the faults that stopped it. Nothing heavy, so that many can be kept.

    `findings` are counted by level.
    """

    issue: str
    path: str = ""
    subject: str = ""
    items: int = 0
    html_bytes: int = 0
    findings: Mapping[Level, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    failure: NewsletterError | None = None

    @property
    def is_good(self) -> bool:
        """Whether the issue was written."""
        return not self.faults and not self.failure

    def count(self, level: Level) -> int:
        """Return how many findings have that level."""
        return self.findings.get(level, 0)


class Made(Struct, frozen=True, kw_only=True):
    """One issue at the end of the line, before anything is written; with faults, as far as it could be made.

    `faults` stop it and nothing else tells them; `breaches` stop it too, and rules of the check tell them in their own
    words: another provider's merge tag, no way to unsubscribe. Where the look itself fails, the email has no HTML.
    `inputs` is the digest of what it was made from, and `pictures` are the files of its pictures before they were read.
    """

    issue: Issue
    cover: Cover
    email: Email
    provider: "Provider"
    delivery: Delivery
    faults: tuple[Fault, ...] = ()
    breaches: tuple[Fault, ...] = ()
    typed_tags: tuple[Fault, ...] = ()
    inputs: str = ""
    pictures: Mapping[str, "Stamp"] = field(default_factory=dict)


class Builder:
    """Makes issues of one newsroom, for one provider (None: each issue's own setting), to be written into one folder.

    What need not be done again is kept in the cache, if there is one.
    """

    def __init__(self, newsroom: Newsroom, out: Path, provider: str | None = None, cache: Cache | None = None) -> None:
        self.newsroom, self.out, self.provider = newsroom, out, provider
        self.cache = cache or Cache(None)
        self._months: dict[str, _Month] = {}
        self._is_ready = False

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
        from newsletter.check.registry import levels

        return levels(self.newsroom.config)

    def build(self, issue_id: str) -> Built:
        """Make one issue and write it. Its faults come back in the result; only our own bugs raise."""
        try:
            return self.write(self.whole(issue_id))
        except ContentError as error:
            return Built(issue=issue_id, faults=error.faults)
        except NewsletterError as error:
            return Built(issue=issue_id, failure=error)

    def unchanged(self, issue_id: str) -> Built | None:
        """Return the row of an issue that lies there as it would be built now; None where that is in any doubt."""
        edition = edition_of(self.newsroom, issue_id)
        if not self.cache.folder or self.unknown_rules or faults_of(self.newsroom, edition):
            return None
        inputs = partial(self._inputs, edition, self.provider)
        manifest = unchanged.manifest(self.cache, self.out, issue_id, inputs, self.newsroom.root)
        return _row(manifest, self.out / issue_id) if manifest else None

    def built(self, issue_id: str) -> Mapping[str, Any] | None:
        """Return the manifest of an issue that lies there as it would be built now, for whomever; None in any doubt."""
        from newsletter.deliver.folder import provider_of

        edition = edition_of(self.newsroom, issue_id)
        if not self.cache.folder or self.unknown_rules or faults_of(self.newsroom, edition):
            return None
        for provider in dict.fromkeys((self.provider, provider_of(self.out / issue_id) or None)):
            inputs = partial(self._inputs, edition, provider)
            if manifest := unchanged.manifest(self.cache, self.out, issue_id, inputs, self.newsroom.root):
                return manifest
        return None

    def inputs(self, issue_id: str) -> str:
        """Return the digest of all that an issue follows from, but for its pictures; "" where nothing is kept."""
        return self._inputs(edition_of(self.newsroom, issue_id), self.provider)

    def whole(self, issue_id: str, provider: "Provider | None" = None) -> Made:
        """Return the issue as `make` does; raises ContentError with everything that keeps it from being whole."""
        faults = [*self.unknown_rules, *faults_of(self.newsroom, edition_of(self.newsroom, issue_id))]
        try:
            made = self.make(issue_id, provider)
        except ContentError as error:
            raise ContentError([*faults, *error.faults]) from None
        faults += [*made.breaches, *made.faults]
        if faults:
            raise ContentError(dict.fromkeys(faults))
        return made

    def make(self, issue_id: str, provider: "Provider | None" = None) -> Made:
        """Return the issue as a provider takes it (None: the builder's, else the issue's own), nothing written.

        What is at fault comes back in it. Raises ContentError where there is no issue at all: its front page names a
        lead or headlines that it does not have.
        """
        from newsletter.look.pictures import paths_of, prepare
        from newsletter.read.files import stamps

        inputs = self._inputs(edition_of(self.newsroom, issue_id), provider.name if provider else self.provider)
        issue, cover = self.composed(issue_id)
        files = stamps(self.newsroom.root, paths_of(issue))
        bad_pictures: list[Fault] = []
        pictures: Pictures = {}
        with _gathering(bad_pictures):
            pictures = prepare(issue, self.newsroom.root, self.cache, self._aside(issue))

        # Not before: while a second process makes the pictures, this one loads these.
        from newsletter.deliver import tags
        from newsletter.look.render import render

        faults: list[Fault] = []
        if not provider:
            provider = self.providers["html"]
            with _gathering(faults):
                provider = self.provider_of(issue)
        faults += bad_pictures
        typed_tags = tuple(tags.typed_tags(issue, self.providers, self.newsroom.config))
        email = Email(cover=cover, html="", text="")
        with _gathering(faults):
            email = render(issue, cover, pictures, self.look)
        delivery, breaches = _delivered(
            email, issue, provider, {picture.name: picture for picture in pictures.values()}, faults
        )
        return Made(
            issue=issue,
            cover=cover,
            email=email,
            provider=provider,
            delivery=delivery,
            faults=tuple(faults),
            breaches=(*typed_tags, *breaches),
            typed_tags=typed_tags,
            inputs=inputs,
            pictures=files,
        )

    def findings(self, made: Made) -> tuple[Finding, ...]:
        """Return what the rules find, at the newsroom's levels."""
        from newsletter.check.registry import check

        return check(self.subject(made), self.levels).findings

    def subject(self, made: Made, today: date | None = None) -> "Subject":
        """Return what the rules look at."""
        from newsletter.check.subject import Ran, Subject
        from newsletter.look.pictures import facts
        from newsletter.told import told_before

        issue, provider = made.issue, made.provider
        return Subject(
            issue=issue,
            cover=made.cover,
            email=made.email,
            delivery=made.delivery,
            config=self.newsroom.config,
            templates=self.look.texts,
            provider=provider.name,
            adds=tuple(provider.adds),
            tags=frozenset({*provider.tags, *provider.elements}),
            literal=tuple(provider.literal),
            foreign_tags=made.typed_tags,
            pictures=facts(issue, self.newsroom.root, self.cache),
            before=self._month_of(issue.month).before(issue, made.cover),
            pages_before=pages_before(self.newsroom, issue.id),
            told=tuple(
                Ran(issue=issue_id, items=items)
                for issue_id, items in told_before(self.newsroom, edition_of(self.newsroom, issue.id))
            )
            if today
            else (),
            today=today,
        )

    def composed(self, issue_id: str) -> tuple[Issue, Cover]:
        """Return an issue and its cover; raises ContentError as `assemble` does, CommandError as `edition_of`."""
        from newsletter.issue.assemble import assemble
        from newsletter.issue.compose import compose

        issue = assemble(self.newsroom, edition_of(self.newsroom, issue_id))
        return issue, compose(issue)

    def _aside(self, issue: Issue) -> Callable[[Callable[[], object]], None] | None:
        """Return what has the first pictures made in a second process, while this one begins with what needs none."""
        if self._is_ready:
            return None

        def begin() -> None:
            from newsletter.issue.length import words

            self.get_ready()
            # Of all that is asked of Markdown this comes first, and the reading is remembered for the rest.
            words(issue)

        return partial(beside, meanwhile=begin)

    def get_ready(self) -> None:
        """Import what any issue needs: once, not once a worker."""
        from newsletter.check.registry import rules
        from newsletter.deliver import folder, message, tags  # noqa: F401 - for the workers
        from newsletter.look import render  # noqa: F401 - for the workers

        rules()
        self._is_ready = True

    def _inputs(self, edition: Edition, provider: str | None) -> str:
        if not self.cache.folder:
            return ""
        before = self._month_of(edition.month).digests
        return unchanged.inputs(self.newsroom, edition, provider, before, self._shared)

    @cached_property
    def _shared(self) -> str:
        return unchanged.shared(self.newsroom)

    def _month_of(self, month: str) -> "_Month":
        if month not in self._months:
            self._months[month] = _Month(self.newsroom, month)
        return self._months[month]

    def provider_of(self, issue: Issue) -> "Provider":
        """Return the provider that the command line names, else the one of the issue's settings."""
        if self.provider:
            from newsletter.deliver.providers import provider_named

            return provider_named(self.newsroom.config, self.provider)
        name = issue.settings.provider
        if name in self.providers:
            return self.providers[name]
        code = issue.chapter.code if issue.chapter else ""
        place = place_of_setting(self.newsroom.config, "provider", issue.publication, code, issue.front_page)
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

        raw = message.make_message(made.issue, made.cover, made.delivery)
        files = folder.files_of(made.issue, made.email, made.delivery, raw, self.findings(made), versions())
        path = folder.write(self.out, made.issue.id, files)
        if made.inputs:
            unchanged.keep(self.cache, self.out, made.issue.id, made.inputs, files[folder.MANIFEST], made.pictures)
        return _row(json.loads(files[folder.MANIFEST]), path)


def _row(manifest: Mapping[str, Any], folder: Path) -> Built:
    """Return the row of an issue that lies in the folder with that manifest."""
    return Built(
        issue=manifest["issue"],
        path=str(folder),
        subject=manifest["subject"],
        items=len(manifest["items"]),
        html_bytes=manifest["parts"]["issue.html"]["bytes"],
        findings={level: count for level in Level if (count := manifest["findings"][level.value])},
    )


@contextlib.contextmanager
def _gathering(faults: list[Fault]) -> Iterator[None]:
    try:
        yield
    except ContentError as error:
        faults += error.faults


def _delivered(
    email: Email, issue: Issue, provider: "Provider", pictures: Mapping[str, Picture], faults: list[Fault]
) -> tuple[Delivery, list[Fault]]:
    """Return the email as its provider takes it, and what the law misses in it; adds the other faults to `faults`.

    What the provider has no tag for is left out of a mail with faults.
    """
    from newsletter.deliver import tags

    # A mail that could not be rendered misses everything: that is told already.
    missed: list[Fault] = []
    if email.html:
        try:
            return tags.translate(email, issue, provider, pictures), []
        except ContentError as error:
            missed = list(error.faults)
    lenient = replace(provider, adds=tuple(dict.fromkeys((*provider.adds, *_LEGAL))))
    try:
        return tags.translate(email, issue, lenient, pictures), missed
    except ContentError as error:
        faults += error.faults
    bare = replace(
        email,
        html=PLACEHOLDER.sub("", email.html),
        text=PLACEHOLDER.sub("", email.text),
        cover=replace(
            email.cover,
            subject=PLACEHOLDER.sub("", email.cover.subject),
            preheader=PLACEHOLDER.sub("", email.cover.preheader),
        ),
    )
    return tags.translate(bare, issue, lenient, pictures), [fault for fault in missed if fault not in faults]


class _Month:
    """What the rules hold an issue against: the issues of its month that come before it in newsletter.toml."""

    def __init__(self, newsroom: Newsroom, name: str) -> None:
        self.newsroom, self.name = newsroom, name
        self.digests = unchanged.digests_before(newsroom, name)
        self._earlier: dict[str, Earlier | None] = {}

    def before(self, issue: Issue, cover: Cover) -> "tuple[Earlier, ...]":
        """Return what the rules look at of those that have stories; of this one, that is kept for those behind it."""
        # An issue for everyone may have items cut short, and is outlined anew.
        if issue.chapter and issue.stories:
            self._earlier[issue.id] = _told(issue, cover)
        ids = takewhile(lambda issue_id: issue_id != issue.id, self.digests)
        return tuple(filter(None, map(self._of, ids)))

    def _of(self, issue_id: str) -> "Earlier | None":
        from newsletter.issue.assemble import assemble
        from newsletter.issue.compose import compose

        if issue_id not in self._earlier:
            self._earlier[issue_id] = None
            # A front page at fault is told by its own issue.
            with contextlib.suppress(ContentError):
                issue = assemble(self.newsroom, edition_of(self.newsroom, issue_id), is_outline=True)
                if issue.stories:
                    self._earlier[issue_id] = _told(issue, compose(issue))
        return self._earlier[issue_id]


def _told(issue: Issue, cover: Cover) -> "Earlier":
    from newsletter.check.subject import Earlier

    return Earlier(
        id=issue.id,
        chapter=issue.chapter.code if issue.chapter else "",
        subject=cover.subject,
        audience=issue.settings.audience,
        items=tuple(story.item for story in issue.stories),
    )


def build_all(builder: Builder, issue_ids: Sequence[str], done: Callable[[Built], None]) -> Iterator[Built]:
    """Build the issues that are not built as they would be now, on every core if there are many.

    `done` hears of each as it ends, results come in order.
    """
    from newsletter.deliver.folder import mend

    def name_of(issue_id: str) -> str:
        return issue_id.partition("/")[2]

    mend(builder.out, issue_ids)
    rows = {issue_id: builder.unchanged(issue_id) for issue_id in issue_ids}
    for row in rows.values():
        if row:
            done(row)
    # All months of a chapter one after the other: they have its colours, so what became of its style sheets is known.
    places = {name: number for number, name in enumerate(dict.fromkeys(map(name_of, issue_ids)))}
    unknown = sorted((each for each, row in rows.items() if not row), key=lambda each: places[name_of(each)])
    anew = {built.issue: built for built in spread(builder, Builder.build, unknown, done, alike=name_of)}
    for issue_id, known in rows.items():
        yield known or anew[issue_id]
