"""What drafts are made of: requests and answers, audiences, what is wanted at the provider and what stands there."""

import hashlib
import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, Protocol, TypeVar, cast

from msgspec import Struct, field
from msgspec.structs import replace

from newsletter.model import Picture

Value = TypeVar("Value")


class File(Struct, frozen=True, kw_only=True):
    """A file of a multipart/form-data request: the name of its form field, its own name, bytes and content type."""

    field: str
    name: str
    content: bytes
    content_type: str


class Call(Struct, frozen=True, kw_only=True):
    """One request: `path` goes on from the account's base address, `json` is its body, or `file` is what it uploads.

    `changes` something there: it is written down before, asked once, and never repeated. `also` are the statuses
    beside 2xx whose answers its maker reads; whatever else comes is a refusal.
    """

    method: str
    path: str
    json: object = None
    file: File | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    also: tuple[int, ...] = ()
    changes: bool = False


class Pause(Struct, frozen=True, kw_only=True):
    """So many seconds that a provider makes us wait, and why, as the end of a sentence."""

    seconds: float
    why: str


class Answer(Struct, frozen=True, kw_only=True):
    """What came back: the status, and what its JSON says (None where the body is empty)."""

    status: int
    json: Any = None


# Requests, one after the other, each made out of the answers before; in the end, what they were for. Nothing is asked
# in there: `account.run` does, and a test hands in the answers.
Steps = Generator[Call | Pause, Answer, Value]


# The id of all whom an account can write to, at a provider where a draft without a list goes to them.
EVERYBODY = "everybody"


class Audience(Struct, frozen=True, kw_only=True):
    """A list, tag or segment as the provider has it; `readers` get a mail to it (None: nobody can say before).

    `is_everybody`: all whom the account can write to. `is_widest`: none of its several lists has more readers.
    """

    id: str
    name: str
    readers: int | None = None
    is_everybody: bool = False
    is_widest: bool = False


def with_widest(lists: Iterable[Audience]) -> tuple[Audience, ...]:
    """Return the lists of an account, those marked of which none of the others has more readers; one alone is not."""
    known = tuple(lists)
    most = max((audience.readers or 0 for audience in known), default=0)
    return tuple(
        replace(audience, is_widest=len(known) > 1 and most > 0 and audience.readers == most) for audience in known
    )


class Wanted(Struct, frozen=True, kw_only=True):
    """What is to stand at the provider; `mark` is by what it is found again, `name` how its list of drafts shows it."""

    mark: str
    name: str
    subject: str
    preheader: str
    html: str
    text: str
    sender_name: str
    sender_address: str
    reply_to: str
    audience: Audience

    @property
    def digest(self) -> str:
        """Tell it from what it becomes by any change of ours; one of its picture addresses counts as such."""
        kept = (self.subject, self.preheader, self.html, self.text, self.sender_name, self.sender_address)
        return _digest((*kept, self.reply_to, self.audience.id))


class Draft(Struct, frozen=True, kw_only=True):
    """What stands at the provider. Fields that it does not show are empty.

    `state` is `draft`, `scheduled`, `sending` or `sent`, or whatever else the provider calls it. `audience` are ids as
    newsletter.toml has them, more than one where somebody added some, none where it would go to nobody.
    `link` leads staff to it, from the web address of the account on; `readers` are those whom it would reach, where
    only the draft itself says so; `sent` is the day on which it went out. `sender_id` is the sender's number where the
    provider keeps senders apart: not every key may see who that is.
    """

    id: str
    state: str
    subject: str = ""
    preheader: str = ""
    html: str = ""
    text: str = ""
    sender_name: str = ""
    sender_address: str = ""
    reply_to: str = ""
    sender_id: str = ""
    audience: tuple[str, ...] = ()
    link: str = ""
    readers: int | None = None
    sent: str = ""

    @property
    def held(self) -> str:
        """Return the digest of all that somebody could have changed: 32 letters for the cover, 32 for the content."""
        cover = (self.subject, self.preheader, *self._from(), *self.audience)
        return _digest(cover)[:HALF] + _digest((self.html, self.text))[:HALF]

    @property
    def sender(self) -> str:
        """Return the digest of whom it comes from."""
        return _digest(self._from())[:HALF]

    def _from(self) -> tuple[str, ...]:
        return (self.sender_id,) if self.sender_id else (self.sender_name, self.sender_address, self.reply_to)


# Of `held`: a change in two requests may be cut off between them.
HALF = 32


class Adapter(Protocol):
    """What the file of a provider holds."""

    # The provider's own host; "" where newsletter.toml must say where it lies.
    HOST: str
    # Whether the preheader has a field of its own; if not, it stays in the HTML.
    HAS_PREHEADER: bool
    # Whether the content of a new draft takes a request of its own.
    FILLS: bool
    # Whether the pictures are uploaded there.
    TAKES_PICTURES: bool
    # Whether it mails a draft to single addresses.
    TESTS: bool
    # Seconds that must lie between two drafts that are made or changed.
    PAUSE: float
    # What staff must do there, where nothing of ours can; "" if that is nothing.
    REMAINS: str

    def base(self, url: str, key: str) -> str:
        """Return the base address; `url` is the one of newsletter.toml ("" as a rule). Raises ValueError for a key
        that can't be one, with how one looks."""

    def web(self, base: str) -> str:
        """Return the address that `Draft.link` goes on from, where staff see it."""

    def headers(self, user: str, key: str) -> Mapping[str, str]:
        """Return the headers that carry the key."""

    def identity(self) -> Steps[str]:
        """Return what the provider calls the account; "" where its interface has no name for it."""

    def audiences(self) -> Steps[tuple[Audience, ...]]:
        """Return all that a draft can be addressed to."""

    def audience(self, id: str) -> Steps[Audience | None]:
        """Return one of them, None if there is none."""

    def marked(self, mark: str) -> Steps[tuple[str, ...]]:
        """Return the ids of all mails with the mark, whatever their state."""

    def read(self, id: str) -> Steps[Draft | None]:
        """Return what stands there, None if it is gone."""

    def create(self, wanted: Wanted, attempt: str) -> Steps[str]:
        """Make the draft and return its id; `attempt` is new for each one that may make another."""

    def fill(self, id: str, wanted: Wanted) -> Steps[None]:
        """Put the content into a new draft, where `create` can't."""

    def change(self, id: str, wanted: Wanted) -> Steps[None]:
        """Make what stands there what is wanted."""

    def remarks(self, id: str) -> Steps[tuple[str, ...]]:
        """Return what the provider itself says is missing, a sentence each."""

    def uploaded(self, name: str) -> Steps[str]:
        """Return the address of an uploaded picture, "" if there is none of that name."""

    def upload(self, picture: Picture) -> Steps[str]:
        """Upload a picture and return its address."""

    def test(self, id: str, wanted: Wanted, addresses: Sequence[str]) -> Steps[None]:
        """Have the draft mailed to the addresses, of which there is at least one."""


def adapter(module: ModuleType) -> Adapter:
    """Return a module as what it is; tests hold each against the protocol."""
    return cast("Adapter", module)


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
