"""Steps -> what came of them: the one place that asks a provider, with the key, once."""

import json
import math
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any

import msgspec

from newsletter import __version__, printable
from newsletter.deliver.drafts.shapes import Adapter, Answer, Audience, Call, File, Pause, Steps, Value
from newsletter.errors import NewsletterError, ServerError, UnknownEndError, shown
from newsletter.web import Answer as Reply
from newsletter.web import Client, Failed
from newsletter.web import Reply as Page

# How often what changes nothing is asked in all, and how long is waited before it is asked again.
_TRIES, _SECONDS, _MOST_SECONDS = 4, 2.0, 120.0
_MOST = 40_000_000
# What a mail program asks for: some sites show a browser a page about the picture.
_PICTURES = "image/*,*/*;q=0.5"
_LONGEST_WORDS = 300
# Requests for one purpose: a thousand pages of 25 are more mails than anybody has. How deep an error's words may lie.
_MOST_REQUESTS, _DEEPEST = 1_000, 20
# Where providers put what they say of an error, as far as seen.
_SPEAKING = ("message", "detail", "error", "error_message", "msg", "title", "errors", "error_key", "code", "field")


class Busy(Exception):
    """A change was turned away because of too many: after so many seconds it is looked for, and begun again."""

    def __init__(self, seconds: float, error: ServerError) -> None:
        self.seconds, self.error = seconds, error
        super().__init__(seconds)


class Account:
    """An account at a provider: its adapter, where it lies, the key.

    `sleep` waits so many seconds, `say` tells why, `clock` counts seconds.
    """

    def __init__(
        self,
        *,
        name: str,
        label: str,
        kind: str,
        adapter: Adapter,
        base: str,
        user: str,
        key: str,
        sleep: Callable[[float], None],
        say: Callable[[str], None],
        clock: Callable[[], float],
        client: Client | None = None,
    ) -> None:
        self.name, self.label, self.kind, self.adapter, self.base = name, label, kind, adapter, base
        self.sleep, self.say, self.clock = sleep, say, clock
        self._key, self._headers = key, adapter.headers(user, key)
        self._audiences: dict[str, Audience | None] = {}
        self._client = client or client_of_accounts()

    @cached_property
    def identity(self) -> str:
        """What the provider calls the account; by asking for it, a wrong key shows before anything else is asked."""
        return f"{self.kind}:{self.run(self.adapter.identity())}"

    def audience(self, audience_id: str, place: str = "") -> Audience:
        """Return a list as it is there, asked for once; NewsletterError, with the place that names it, if none is."""
        if audience_id not in self._audiences:
            self._audiences[audience_id] = self.run(self.adapter.audience(audience_id))
        audience = self._audiences[audience_id]
        if audience is None:
            raise NewsletterError(
                f"{f'{place}: ' if place else ''}{self.label} has no list '{audience_id}'",
                f"newsletter audiences --for {self.name} shows what it has",
            )
        return audience

    def run(self, steps: Steps[Value]) -> Value:
        """Carry the steps out and return what they were for.

        Raises ServerError for a refusal, for what can't be reached, and for an answer that can't be read;
        UnknownEndError where a change may have been carried out; Busy where one was turned away for now.
        """
        answer: Answer | None = None
        last: Call | None = None
        for _ in range(_MOST_REQUESTS):
            try:
                step = steps.send(answer)  # type: ignore[arg-type]  # a generator begins with None
            except StopIteration as end:
                value: Value = end.value
                return value
            except msgspec.ValidationError as error:
                raise self._unreadable(last, f"its answer lacks what it should say ({error})") from None
            except UnicodeEncodeError:
                # Half of a surrogate pair, "\ud800" in its JSON, is no part of an address.
                raise self._unreadable(last, "its answer has an id that is no text") from None
            if isinstance(step, Pause):
                self.say(f"waiting {step.seconds:g} s: {step.why}")
                self.sleep(step.seconds)
                answer = Answer(status=0)
            else:
                last = step
                answer = self.post(step)
        raise self._unreadable(last, f"{_MOST_REQUESTS:,} pages are not all that it has")

    def readied(self, steps: Steps[Value]) -> Steps[Value]:
        """Carry the steps out as far as they change nothing, and return the others; raises as `run` does.

        What a change needs to know is known then, so that nothing lies between a last look at a draft and its change.
        """
        return self.run(_up_to_change(steps))

    def shown(self, steps: Steps[Value]) -> list[str]:
        """Return the changes that the steps would ask for, as people read them; nothing is changed.

        They are followed as far as no answer to a change is needed.
        """
        requests: list[str] = []
        answer: Answer | None = None
        with suppress(StopIteration, msgspec.ValidationError):
            while True:
                step = steps.send(answer)  # type: ignore[arg-type]  # a generator begins with None
                answer = Answer(status=200)
                if isinstance(step, Call) and step.changes:
                    requests.append(self.written(step))
                elif isinstance(step, Call):
                    answer = self.post(step)
        return requests

    def post(self, call: Call) -> Answer:
        """Ask once; what changes nothing, again where that may help. Raises as `run` does."""
        for left in reversed(range(_TRIES)):
            try:
                reply = self._asked(call)
            except Failed as failed:
                if call.changes and failed.was_sent:
                    raise UnknownEndError(
                        f"{self.label} did not answer whether it is done: {failed.reason}",
                        "nothing is asked twice: run this again, it looks there first",
                    ) from None
                if call.changes or not left:
                    raise self._unreachable(failed) from None
                self.sleep(_SECONDS)
                continue
            wait = self._wait(call, reply)
            if wait is None:
                return self._answer(call, reply)
            if call.changes:
                raise Busy(wait, self._refusal(reply))
            if left:
                is_busy = reply.status in {403, 429}
                why = "is asked too often" if is_busy else f"has a fault of its own ({reply.status})"
                self.say(f"waiting {wait:g} s: {self.label} {why}")
                self.sleep(wait)
        raise self._refusal(reply)

    def picture_at(self, address: str) -> Page:
        """Return what answers a reader's mail program there, asked without the key; ServerError where nothing does."""
        try:
            page = self._client.get(address, method="HEAD", accept=_PICTURES)
            # Not every site answers where the headers alone are asked for.
            return self._client.get(address, accept=_PICTURES) if page.status in {405, 501} else page
        except Failed as failed:
            raise ServerError(f"{address} can't be reached: {failed.reason}", "see that it is online") from None

    def written(self, call: Call) -> str:
        """Return a request as people read it: the key is blotted out, long texts are cut."""
        lines = [f"{call.method} {self.base}{call.path}"]
        lines += [f"{name}: {self._blot(value)}" for name, value in {**self._headers, **call.headers}.items()]
        if call.file:
            lines.append(f"{call.file.field}: {call.file.name}, {len(call.file.content):,} bytes")
        elif call.json is not None:
            lines += json.dumps(_cut(call.json), ensure_ascii=False, indent=2).splitlines()
        return "\n".join(map(printable.one_line, lines))

    def _asked(self, call: Call) -> Reply:
        headers = {
            "User-Agent": f"newsletter/{__version__}",
            "Accept": "application/json",
            **self._headers,
            **call.headers,
        }
        body = None
        if call.file:
            boundary = secrets.token_hex(16)
            body = _multipart(call.file, boundary)
            headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
        elif call.json is not None:
            body = json.dumps(call.json).encode()
            headers["Content-Type"] = "application/json"
        return self._client.ask(call.method, f"{self.base}{call.path}", headers, body)

    def _answer(self, call: Call, reply: Reply) -> Answer:
        is_good = 200 <= reply.status < 300 or reply.status in call.also
        if not is_good:
            if call.changes and (reply.status >= 500 or 300 <= reply.status < 400):
                # It may have been carried out, or never have reached the provider.
                raise self._unreadable(call, self._words(reply) or f"it answers {reply.status}")
            raise self._refusal(reply)
        if not reply.body.strip() and reply.is_whole:
            return Answer(status=reply.status)
        stated = _json(reply)
        if stated is None:
            raise self._unreadable(call, "its answer is no whole JSON: is there a login page in between?")
        return Answer(status=reply.status, json=stated)

    def _wait(self, call: Call, reply: Reply) -> float | None:
        """Return for how many seconds the provider wants to be left alone; None if it has answered."""
        # Mailchimp's gateway answers 403 without any JSON when there is too much to do (read 2026-11-25).
        is_busy = reply.status == 429 or (reply.status == 403 and _json(reply) is None)
        if not is_busy and (call.changes or reply.status < 500):
            return None
        seconds = _SECONDS * 5
        with suppress(ValueError):
            seconds = float(reply.headers.get("retry-after", ""))
        return _SECONDS if math.isnan(seconds) else min(max(seconds, 0.0), _MOST_SECONDS)

    def _refusal(self, reply: Reply) -> ServerError:
        words = self._words(reply)
        said = f": {words}" if words else ""
        if reply.status in {401, 403}:
            hint = f"see that the key is right and may do this; NEWSLETTER_KEY_{env_name(self.name)} sets another"
            return ServerError(f"{self.label} refuses the key ({reply.status}){said}", hint)
        if reply.status == 429:
            return ServerError(f"{self.label} is asked too often{said}", "run this again in some minutes")
        if 300 <= reply.status < 400:
            hint = "the key is given to nobody else: state the address where it really lies"
            return ServerError(f"{self.label} leads elsewhere ({reply.status})", hint)
        if reply.status >= 500:
            return ServerError(f"{self.label} has a fault of its own ({reply.status}){said}", "run this again later")
        return ServerError(f"{self.label} refuses it ({reply.status}){said}", "--dry-run shows what is asked of it")

    def _unreadable(self, call: Call | None, why: str) -> ServerError:
        if call and call.changes:
            hint = "nothing is asked twice: run this again, it looks there first"
            return UnknownEndError(f"{self.label} does not say whether it is done: {self._blot(why)}", hint)
        return ServerError(f"{self.label} can't be read: {self._blot(why)}", "run this again later")

    def _unreachable(self, failed: Failed) -> ServerError:
        return ServerError(
            f"{self.label} can't be reached: {failed.reason}", "see that you are online, then run this again"
        )

    def _words(self, reply: Reply) -> str:
        """Return what a provider says of an error, as one line of ours."""
        said = dict.fromkeys(_spoken(_json(reply)))
        return shown(self._blot(printable.one_line("; ".join(said))), _LONGEST_WORDS)

    def _blot(self, words: str) -> str:
        """Return the words without the key, in whatever form it went along."""
        secret = {self._key, *(value.rpartition(" ")[2] for value in self._headers.values())}
        for word in sorted(filter(None, secret), key=len, reverse=True):
            words = words.replace(word, "***")
        return words


def client_of_accounts() -> Client:
    """Return what asks providers: the user has said where they lie, so any address may be opened."""
    return Client(timeout=60.0, patience=180.0, may_open=lambda address: True, most=_MOST)


def env_name(name: str) -> str:
    """Return how variables of the environment spell an account: `mn-mailchimp` is MN_MAILCHIMP."""
    return "".join(sign if sign.isalnum() else "_" for sign in name.upper())


def _up_to_change(steps: Steps[Value]) -> Steps[Steps[Value]]:
    """Take steps up to the first that changes something; it and those behind it are what comes back."""
    answer: Answer | None = None
    while True:
        try:
            step = steps.send(answer)  # type: ignore[arg-type]  # a generator begins with None
        except StopIteration as end:
            return _ended(end.value)
        if isinstance(step, Call) and step.changes:
            return _from(step, steps)
        answer = yield step


def _from(first: Call, steps: Steps[Value]) -> Steps[Value]:
    """Return a step that was taken already, and those behind it."""
    answer = yield first
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as end:
            value: Value = end.value
            return value
        answer = yield step


def _ended(value: Value) -> Steps[Value]:
    yield from ()
    return value


def _multipart(file: File, boundary: str) -> bytes:
    """Return a form with one file (RFC 7578). Names of pictures are ours: letters, digits, dashes and dots."""
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{file.field}"; filename="{file.name}"\r\n'
        f"Content-Type: {file.content_type}\r\n\r\n"
    )
    return head.encode() + file.content + f"\r\n--{boundary}--\r\n".encode()


def _json(reply: Reply) -> Any:
    """Return what the body says; None where it is no whole JSON."""
    if not reply.is_whole:
        return None
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def _spoken(stated: object, depth: int = 0) -> list[str]:
    """Return the sentences in an error's JSON, wherever they stand."""
    if depth > _DEEPEST:
        return []
    if isinstance(stated, str):
        return [stated] if stated.strip() else []
    if isinstance(stated, list):
        return [words for entry in stated[:5] for words in _spoken(entry, depth + 1)]
    if isinstance(stated, Mapping):
        return [words for key in _SPEAKING if key in stated for words in _spoken(stated[key], depth + 1)]
    return []


def _cut(stated: object) -> object:
    if isinstance(stated, str):
        return stated if len(stated) <= 200 else f"{stated[:120]}… ({len(stated):,} characters)"
    if isinstance(stated, Mapping):
        return {key: _cut(value) for key, value in stated.items()}
    return [_cut(entry) for entry in stated] if isinstance(stated, list | tuple) else stated
