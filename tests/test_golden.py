"""Four newsrooms and what becomes of them, byte for byte: the smallest, everything at once, hostile text, a long one.

After a change that is meant to alter them: `make golden`, then read the diff.
"""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from newsletter.read.languages import language_of
from newsletter.read.load import load
from newsletter.read.typography import typeset
from newsletter.read.values import clean
from tests.golden.outline import outline
from tests.golden.remake import CASES, FILES, GOLDEN, OUTLINE, build


def test_there_are_five_golden_newsrooms() -> None:
    assert CASES == ["bilingual", "everything", "hostile", "long", "smallest"]


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Path, dict[str, bytes]]:
    """Return a golden newsroom and its issue as it comes out today."""
    return GOLDEN / request.param, build(request.param)


def test_a_page_looks_as_it_was_approved(case: tuple[Path, dict[str, bytes]]) -> None:
    folder, made = case
    # From the outline down to the bytes: what differs first can be read.
    assert made[OUTLINE].decode() == (folder / "expected" / OUTLINE).read_text("utf-8")
    approved = (folder / "expected/issue.html").read_text("utf-8")
    assert _tags(made["issue.html"].decode()) == _tags(approved)


def _tags(html: str) -> list[str]:
    return html.replace("<", "\n<").split("\n")


def test_an_outline_tells_a_change_in_one_line() -> None:
    page = (
        '<div class="paper"><table role="presentation"><tr><td><h3>Trees <em>now</em></h3>'
        '<a href="/a" style="color:red"><img src="a.gif" alt="An oak" width="536"></a></td></tr></table></div>'
    )
    assert outline(page).splitlines() == [
        "div.paper",
        " td",
        '  h3 "Trees"',
        '   em "now"',
        '  a href="/a"',
        '   img src="a.gif" alt="An oak" width="536"',
    ]
    assert outline(page.replace("red", "blue")) == outline(page)
    assert '   img src="a.gif" alt="" width="536"' in outline(page.replace("An oak", "")).splitlines()


@pytest.mark.parametrize("name", [name for name in FILES if name != "manifest.json"])
def test_an_issue_comes_out_byte_for_byte_as_it_was_approved(case: tuple[Path, dict[str, bytes]], name: str) -> None:
    folder, made = case
    assert made[name].decode() == (folder / "expected" / name).read_bytes().decode()


def test_a_manifest_comes_out_as_it_was_approved_but_for_the_versions(case: tuple[Path, dict[str, bytes]]) -> None:
    folder, made = case
    assert _without_versions(made["manifest.json"]) == _without_versions(
        (folder / "expected/manifest.json").read_bytes()
    )


def _without_versions(manifest: bytes) -> str:
    told: dict[str, Any] = json.loads(manifest)
    told["versions"] = sorted(told["versions"])
    return json.dumps(told, ensure_ascii=False, indent=2)


class _Page(HTMLParser):
    """What a reader sees of a page, and what a program would run or fetch."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}
        self.skipped += tag in {"style", "title"}

    def handle_endtag(self, tag: str) -> None:
        self.skipped -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.words.append(data)


def _page(case: str) -> _Page:
    page = _Page()
    page.feed((GOLDEN / case / "expected/issue.html").read_text("utf-8"))
    return page


@pytest.mark.parametrize("case_name", CASES)
def test_no_golden_page_runs_or_fetches_anything(case_name: str) -> None:
    page = _page(case_name)
    assert page.tags & {"script", "iframe", "object", "embed", "form", "link", "svg", "base", "mj-raw", "b"} == set()
    assert {name for name, _ in page.attributes if name.startswith("on")} == set()
    schemes = {value.partition(":")[0] for name, value in page.attributes if name in {"href", "src"} and ":" in value}
    assert schemes <= {"https", "mailto", "tel"}


@pytest.mark.parametrize("case_name", CASES)
def test_every_title_and_link_of_a_golden_newsroom_is_in_its_page_and_its_text(case_name: str) -> None:
    page = _page(case_name)
    seen = " ".join("".join(page.words).split())
    text = " ".join((GOLDEN / case_name / "expected/issue.txt").read_text("utf-8").split())
    targets = {value for name, value in page.attributes if name == "href"}
    newsroom = load(GOLDEN / case_name)
    assert newsroom.faults == ()
    for item in newsroom.items:
        language = language_of(item, newsroom.config) or str(newsroom.config.own.get("language", "en"))
        title = " ".join(typeset(clean(item.title), language).split())
        assert (title in seen) is not item.is_draft
        # In text, a merge tag's delimiter in a member's words is disarmed by a joiner that shows nothing.
        assert (title in text.replace("\u2060", "")) is not item.is_draft
        assert not item.link or item.link in targets
        assert not item.link or item.link in text.replace("\u2060", "")
