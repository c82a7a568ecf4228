"""Web addresses -> answers: what came of every link when it was opened; what was fine is kept for a week."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from newsletter import web
from newsletter.errors import Place, shown
from newsletter.memo import Cache
from newsletter.model import Finding, Level

Kind = Literal["fine", "dead", "moved", "private", "unsure", "late"]

_KEPT_DAYS = {"fine": 7.0, "moved": 7.0}
_LOGINS = re.compile(
    r"^(?:accounts\.google\.com|login\.microsoftonline\.com|login\.live\.com|idmsa\.apple\.com|appleid\.apple\.com)$"
)
_DRIVES = re.compile(
    r"^(?:drive|docs|sheets|slides|forms)\.google\.com$|\.sharepoint\.com$|^(?:www\.)?dropbox\.com$"
    r"|^(?:onedrive\.live\.com|1drv\.ms)$"
)
_LOGIN_WORDS = re.compile(
    r"(?i)you need access|request access|sign in to (?:continue|your account)|anmelden|requires? you to sign in"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a link: its kind, a reason in words, and where it led in the end."""

    kind: Kind
    reason: str = ""
    target: str = ""


class Fetcher:
    """Opens links with the client and remembers in the cache which were fine; `now` tells the time in seconds."""

    def __init__(self, cache: Cache, now: Callable[[], float], client: web.Client | None = None) -> None:
        self.cache, self.now, self.client = cache, now, client or web.Client()

    def fetch(
        self, addresses: Sequence[str], done: Callable[[str], object] = lambda address: None
    ) -> dict[str, Answer]:
        """Return the answer for every address; one that was fine in the last week is not asked again."""
        answers: dict[str, Answer] = {}
        unknown = []
        for address in dict.fromkeys(addresses):
            if kept := self._kept(address):
                answers[address] = kept
                done(address)
            else:
                unknown.append(address)
        for address, outcome in self.client.get_all(unknown):
            answers[address] = _judged(address, outcome)
            self._keep(address, answers[address])
            done(address)
        return {address: answers[address] for address in dict.fromkeys(addresses)}

    def _kept(self, address: str) -> Answer | None:
        raw = self.cache.get(_key(address))
        try:
            kept = json.loads(raw) if raw else None
            if kept and 0 <= self.now() - kept.pop("at") < 86_400 * _KEPT_DAYS[kept["kind"]]:
                # What is no text would come out in the middle of a sentence.
                return Answer(**kept) if all(isinstance(value, str) for value in kept.values()) else None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass
        return None

    def _keep(self, address: str, answer: Answer) -> None:
        # What failed today may be well tomorrow.
        if answer.kind in _KEPT_DAYS:
            self.cache.put(_key(address), json.dumps({**asdict(answer), "at": self.now()}).encode())


def findings_of(
    answers: Mapping[str, Answer],
    places: Mapping[str, Iterable[tuple[Place, str]]],
    levels: Mapping[str, Level | None],
    allowed: set[tuple[str, str]],
) -> list[Finding]:
    """Return the findings for links that are dead, moved or private, at every place that holds them."""
    found = []
    for address, answer in answers.items():
        slug = {"dead": "dead-link", "moved": "moved-link", "private": "private-link"}.get(answer.kind, "")
        level = levels.get(slug)
        link = shown(address, 80)
        message, hint = {
            "dead": (f"{link} does not open: {answer.reason}", "find where the page is now, or unlink it"),
            "moved": (f"{link} has moved for good", f"write {answer.target}"),
            "private": (
                f"{link} shows a login page",
                "share it with everyone who has the link, or put the file on your website",
            ),
        }.get(answer.kind, ("", ""))
        for place, issue in places[address] if level else ():
            if level and (place.file, slug) not in allowed:
                found.append(Finding(slug=slug, level=level, place=place, message=message, hint=hint, issue=issue))
    return found


def is_offline(answers: Mapping[str, Answer]) -> bool:
    """Tell whether it is this machine that reaches nothing: no site of three or more is found."""
    hosts = {web.split(address).hostname for address in answers}
    return len(hosts) > 2 and all(answer.reason == web.NO_SITE for answer in answers.values())


def _judged(address: str, outcome: web.Reply | web.Failed) -> Answer:
    if isinstance(outcome, web.NoTurn):
        return Answer(kind="late")
    if isinstance(outcome, web.Failed):
        return Answer(kind="dead", reason=outcome.reason)
    target, status = outcome.address, outcome.status
    asked, reached = web.split(address), web.split(target)
    host, reached_host = asked.hostname or "", reached.hostname or ""
    if _LOGINS.match(reached_host) and not _LOGINS.match(host):
        return Answer(kind="private", target=target)
    if _DRIVES.search(host) and (status in {401, 403} or _LOGIN_WORDS.search(outcome.body.decode("utf-8", "replace"))):
        return Answer(kind="private", target=target)
    if status in {404, 410}:
        return Answer(kind="dead", reason=f"the site says it is not there ({status})")
    if status in {401, 402, 403, 405, 406, 429, 999} or status == 503:
        # Sites that turn programs away may well open for people.
        return Answer(kind="unsure", reason=str(status))
    if status >= 400:
        return Answer(kind="dead", reason=f"the site answers with an error ({status})")
    # A slash at the end is no other page.
    if outcome.moved_for_good and asked.geturl().rstrip("/") != reached.geturl().rstrip("/"):
        return Answer(kind="moved", target=target)
    return Answer(kind="fine", target=target)


def _key(address: str) -> str:
    return f"link-{hashlib.sha256(address.encode()).hexdigest()[:40]}.json"
