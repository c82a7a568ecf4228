"""Each provider's file holds what the protocol of adapters says, and nothing that could send."""

import inspect
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import newsletter.deliver.drafts as package
from newsletter.deliver.drafts.drafting import ADAPTERS, MISSING
from newsletter.deliver.drafts.shapes import Adapter
from newsletter.deliver.providers import packaged_providers
from tests.test_drafts import STANDINS

FOLDER = Path(package.__file__).parent
# Only those whose constants say so.
PART = {"fill": "FILLS", "uploaded": "TAKES_PICTURES", "upload": "TAKES_PICTURES", "test": "TESTS"}
METHODS = {
    name: value for name, value in vars(Adapter).items() if inspect.isfunction(value) and not name.startswith("_")
}


def modules() -> list[ModuleType]:
    """Return the file of each provider."""
    return [import_module(f"newsletter.deliver.drafts.{name}") for name in ADAPTERS.values()]


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_file_holds_what_the_protocol_says(module: ModuleType) -> None:
    kinds = {"HOST": str, "PAUSE": float, "REMAINS": str}
    for name in Adapter.__annotations__:
        assert isinstance(getattr(module, name), kinds.get(name, bool)), name
    for name, method in METHODS.items():
        if name in PART and not getattr(module, PART[name]):
            assert not hasattr(module, name), f"{name} is never called"
            continue
        expected = [each for each in inspect.signature(method).parameters if each != "self"]
        assert list(inspect.signature(getattr(module, name)).parameters) == expected, name


def test_every_provider_has_a_row_a_stand_in_and_a_page() -> None:
    table = packaged_providers()
    assert {kind.kind for kind in STANDINS} == set(ADAPTERS)
    assert set(ADAPTERS) | set(MISSING) <= set(table)
    documented = (Path(__file__).parent.parent / "docs" / "drafts.md").read_text("utf-8")
    for kind in ADAPTERS:
        assert f"NEWSLETTER_KEY_{kind.upper().replace('-', '_')}" in documented
        assert f"**{table[kind].label}**" in documented


# What sends or schedules, by provider: PROVIDER documentation read on 2026-11-25.
SENDING = (
    "actions/send",
    "actions/schedule",
    "/status",
    "sendNow",
    "scheduledAt",
    "/schedule",
    "send_at",
    "/publish",
    "about_to_send",
    "publish_date",
    "delivery",
    "/send/",
)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_no_request_of_ours_sends_or_schedules(path: Path) -> None:
    # States are read, not written.
    code = re.sub(r'"""(?s:.*?)"""|#[^\n]*|_STATES = \{(?s:.*?)\}', "", path.read_text("utf-8"))
    literals = re.findall(r'"[^"\n]*"', code)
    assert [words for words in literals if any(sending in words for sending in SENDING)] == []
