"""A newsroom whose issue is drafted at a stand-in, as often as a test likes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from newsletter.deliver import ledger
from newsletter.deliver.drafts.account import Account, client_of_accounts
from newsletter.deliver.drafts.decisions import Drafting
from newsletter.deliver.drafts.desk import Desk, Outcome
from newsletter.deliver.drafts.drafting import adapter_of, drafting_of, provider_for_drafts
from newsletter.deliver.providers import Provider, Target, packaged_providers
from newsletter.line import Builder, Made
from newsletter.read.load import load
from newsletter.web import Client
from tests.room import TOML, Room, picture
from tests.standins.server import KEY, Standin

ALIAS = "LPMN@lists.network.example"
ISSUE = "2024-09/state-LPMN"
WORDS = "Two council members planted a tree"


def newsroom(root: Path) -> Room:
    """Write a newsroom with one issue of one item, which has a picture."""
    room = Room(root)
    room.file("newsletter.toml", TOML.replace('accent = "#1D5C63"', f'accent = "#1D5C63"\naudience = "{ALIAS}"'))
    room.file("issues/2024-09/items/tree.png", picture(size=(600, 300)))
    room.item(
        "tree",
        f"{WORDS} & more.\n",
        title="A tree for every street",
        image="tree.png",
        image_alt="Two people with a spade",
        link="https://network.example/tree?a=1&b=2",
    )
    return room


def made_for(root: Path, kind: str, *, base_url: str = "") -> Made:
    """Return the issue as drafts at that provider are made from it."""
    loaded = load(root)
    provider = provider_for_drafts(packaged_providers()[kind])
    made = Builder(loaded, root / "build").whole(ISSUE, provider)
    if base_url:
        settings = replace(made.issue.settings, picture_base_url=base_url)
        made = replace(made, issue=replace(made.issue, settings=settings))
    return made


@dataclass
class World:
    """One newsroom's ledger, one stand-in; `draft` is what `newsletter draft` does for an issue."""

    root: Path
    standin: Standin
    made: Made
    list_id: str
    whole_list: bool = False
    list_name: str = ""
    name: str = ""
    key: str = KEY
    waits: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    clock: float = 0.0
    client: Client | None = None
    # By how much the computer's clock is wrong.
    off: timedelta = timedelta()
    # What happens while the program waits.
    meanwhile: Callable[[], object] = lambda: None

    def account(self) -> Account:
        """Open the account anew, as each command does."""
        adapter = adapter_of(self.made.provider)
        return Account(
            name=self.name or self.standin.kind,
            label=self.made.provider.label,
            kind=self.standin.kind,
            adapter=adapter,
            base=adapter.base(self.standin.url, self.key),
            user="newsletter",
            key=self.key,
            sleep=self._sleep,
            say=self.said.append,
            clock=lambda: self.clock,
            client=self.client or _client(),
        )

    def provider(self) -> Provider:
        """Return the row with its list."""
        target = Target(id=self.list_id, whole_list=self.whole_list, name=self.list_name)
        return replace(self.made.provider, name=self.name or self.standin.kind, audiences={ALIAS: target})

    def desk(self) -> Desk:
        """Return a desk with this ledger."""
        return Desk(root=self.root, by="desk", now=lambda: datetime.now(UTC) + self.off)

    def draft(self, change: Callable[[Made], Made] = lambda made: made, **asked: Any) -> Outcome:
        """Draft the issue once; raises what the command tells."""
        account = self.account()
        return self.desk().drafted(account, self.drafting(account, change, **asked))

    def drafting(self, account: Account, change: Callable[[Made], Made] = lambda made: made, **asked: Any) -> Drafting:
        """Return what is wanted there."""
        made = change(self.made)
        pictures = {one.name: one for one in made.delivery.pictures}
        return drafting_of(account, made.issue, made.email, self.provider(), pictures, ledger.read(self.root), **asked)

    def dry_run(self, change: Callable[[Made], Made] = lambda made: made, *test: str) -> list[str]:
        """Return what a draft would ask for, and then its test to the addresses."""
        account = self.account()
        shown = self.desk().shown(account, self.drafting(account, change), test)
        return [*shown.changes, *shown.tests]

    def pull(self) -> str:
        """Look at the draft, as `newsletter pull` does, and return the digest of what is there, or `gone`."""
        draft = self.desk().looked_at(self.account(), ISSUE)
        return draft.held if draft else "gone"

    def test(self, *addresses: str) -> None:
        """Have the provider mail the draft."""
        account = self.account()
        self.desk().test(account, self.drafting(account), addresses)

    def requests(self) -> list[str]:
        """Return the requests that came since the last look, as `METHOD /path`."""
        came = [f"{one.method} {one.path}" for one in self.standin.requests]
        self.standin.requests.clear()
        return came

    def entries(self) -> list[tuple[str, str]]:
        """Return what the ledger holds: what was done, and how it ended."""
        return [(entry.do, entry.state) for entry in ledger.read(self.root).entries]

    def forget(self) -> None:
        """Lose the ledger."""
        (self.root / ledger.FILE).unlink()

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.meanwhile()
        self.clock += seconds


@cache
def _client() -> Client:
    # To read the system's certificates takes longer than a draft.
    return client_of_accounts()


def reworded(made: Made, old: str = WORDS, new: str = "Three council members planted a tree") -> Made:
    """Return the issue after somebody edited its item."""
    email = made.email
    assert old in email.html
    assert old in email.text
    return replace(made, email=replace(email, html=email.html.replace(old, new), text=email.text.replace(old, new)))
