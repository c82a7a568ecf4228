"""The repository's own newsroom: the thirteen issues of the contract with their subjects, and nothing to mend."""

import re
from pathlib import Path

import pytest

from newsletter.issue.assemble import assemble
from newsletter.issue.compose import compose
from newsletter.issue.edition import edition_of, editions, items_of
from newsletter.line import Builder, Built
from newsletter.model import Newsroom
from newsletter.read.load import load
from tests.compiled import COMPILED

ROOT = Path(__file__).parent.parent
SUBJECTS = {
    "2023-09/network": (
        "📬 The Network Download | Localities standing up for local democracy, exploring bold ways to help their "
        "communities thrive, and more | September 2023"
    ),
    "2023-09/state-LPMN": (
        "LPMN State Download 🍂 | Progressive Governance Academy, Summer Highlights, Cannabis Memo & More "
        "| September 2023"
    ),
    "2023-10/network": (
        "📬 The Network Download | Supporting autoworkers, tackling zoning, ballot initiatives, & more! | October 2023"
    ),
    "2023-10/federal": (
        "📎 Federal Advocacy Roundup | Holding this moment, government shutdown averted, SCOTUS preview, and more "
        "| October 2023"
    ),
    "2024-01/network": (
        "📬 LP Network Download | Traffic safety, ceasefire, history in Minnesota, & more! | January 2024"
    ),
    "2024-09/network": (
        "📬 LP Network Download | Anti-gentrification ordinance, abortion travel funds, environmental win & more! "
        "| Sept 2024"
    ),
    "2024-09/federal": "📎 Federal Advocacy Roundup | Election resources | September 2024",
    "2024-09/school-board": (
        "LP School Board Download 📚 | Fully funding public education, sustainable school facilities, & a recap from "
        "our National Convening this summer! | September 2024"
    ),
    "2024-09/state-LPNY": (
        "LPNY State Download 🛣️ | Road to Good Cause, Organizing Committee / Strategy session, and more! "
        "| September 2024"
    ),
    "2024-09/state-LPMN": (
        "LPMN State Download 📣 | LPMN at the National Convening, Saint Paul climate action case study & more! "
        "| September 2024"
    ),
    "2024-09/state-LPNC": (
        "LPNC State Download 📣 | LPNC at the National Convening, recent policy wins & more! | September 2024"
    ),
    "2024-09/state-LPPA": "LPPA State Download 🌲 | Your first Pennsylvania newsletter! | Fall 2024",
    "2024-09/state-LPTX": (
        "LPTX State Download 📣 | Building community and fighting for a better Texas! | September 2024"
    ),
}
SECTIONS = {
    "wins",
    "action",
    "events",
    "resources",
    "spotlight",
    "in-the-news",
    "press-releases",
    "remembrance",
    "federal",
    "convening",
}


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return load(ROOT)


@pytest.fixture(scope="module")
def built(newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    """Return every issue of the sample, built."""
    builder = Builder(newsroom, tmp_path_factory.mktemp("sample"), cache=COMPILED)
    return {issue_id: builder.build(issue_id) for issue_id in SUBJECTS}


def test_no_file_of_the_sample_is_at_fault(newsroom: Newsroom) -> None:
    assert newsroom.faults == ()


def test_the_sample_has_the_thirteen_issues_and_no_other(newsroom: Newsroom) -> None:
    months = sorted({month for item in newsroom.items for month in item.months})
    ids = [one.id for month in months for one in editions(newsroom, month) if items_of(newsroom, one)]
    assert sorted(ids) == sorted(SUBJECTS)
    assert set(newsroom.front_pages) <= set(SUBJECTS)


@pytest.mark.parametrize("issue_id", sorted(SUBJECTS))
def test_a_subject_comes_out_as_the_contract_says(newsroom: Newsroom, issue_id: str) -> None:
    assert compose(assemble(newsroom, edition_of(newsroom, issue_id))).subject == SUBJECTS[issue_id]


@pytest.mark.parametrize("issue_id", sorted(SUBJECTS))
def test_an_issue_has_three_to_nine_items(newsroom: Newsroom, issue_id: str) -> None:
    assert 3 <= len(assemble(newsroom, edition_of(newsroom, issue_id)).stories) <= 9


@pytest.mark.parametrize("issue_id", sorted(SUBJECTS))
def test_an_issue_builds_with_nothing_to_find_and_stays_under_60_kb(built: dict[str, Built], issue_id: str) -> None:
    one = built[issue_id]
    assert (one.is_good, one.findings) == (True, {})
    assert one.html_bytes < 60_000


def test_every_section_is_used_and_every_item_runs(newsroom: Newsroom) -> None:
    stories = [
        story.item for issue_id in SUBJECTS for story in assemble(newsroom, edition_of(newsroom, issue_id)).stories
    ]
    assert {item.section for item in stories} == SECTIONS == set(newsroom.config.sections)
    assert {item.path for item in stories} == {item.path for item in newsroom.items if not item.is_draft}


def test_the_chapters_are_six(newsroom: Newsroom) -> None:
    assert list(newsroom.config.chapters) == ["LPMN", "LPNY", "LPTX", "LPNC", "LPPA", "LPCO"]


def test_every_kind_of_block_and_issue_occurs(newsroom: Newsroom) -> None:
    issues = [assemble(newsroom, edition_of(newsroom, issue_id)) for issue_id in SUBJECTS]
    items = [story.item for issue in issues for story in issue.stories]
    networks = {key for key, publication in newsroom.config.publications.items() if publication.scope == "network"}
    claims = {
        "quarterly": any(len(issue.months) == 3 for issue in issues),
        "seasonal": any(issue.settings.period == "season" for issue in issues),
        "shared": any(networks & set(item.chapters) and set(item.chapters) - networks for item in items),
        "event": any(item.starts for item in items),
        "deadline": any(item.deadline for item in items),
        "press with outlet and picture": any(item.source and item.picture for item in items),
        "press without picture": any(item.source and not item.picture for item in items),
        "quote": any(part.section.look == "quote" for issue in issues for part in issue.parts),
        "media inquiries": all(issue.settings.press_contact for issue in issues),
        "greeting": any(issue.front_page and issue.front_page.greeting for issue in issues),
    }
    assert [name for name, is_met in claims.items() if not is_met] == []


def test_every_picture_has_alt_text_of_its_own(newsroom: Newsroom) -> None:
    files = [
        file for item in newsroom.items for file in (item.picture, *item.body_pictures.values()) if file is not None
    ]
    assert files
    assert [file.source for file in files if len(file.alt) < 15] == []
    words: dict[str, set[str]] = {}
    for file in files:
        words.setdefault(file.alt, set()).add(file.path or file.source)
    assert [alt for alt, sources in words.items() if len(sources) > 1] == []


def test_every_picture_on_the_disk_is_used(newsroom: Newsroom) -> None:
    used = {file.path for item in newsroom.items for file in (item.picture, *item.body_pictures.values()) if file}
    there = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "issues").rglob("*")
        if path.suffix in {".jpg", ".png", ".gif"}
    }
    assert there == used


def test_every_mail_address_is_under_example() -> None:
    files = [ROOT / "newsletter.toml", *sorted((ROOT / "issues").rglob("*.md"))]
    found = {
        (path.name, address[0])
        for path in files
        for address in re.finditer(r"[\w.+{}-]+@[\w{}-]+(?:\.[\w-]+)+", path.read_text("utf-8"))
    }
    assert found
    assert {(name, address) for name, address in found if not address.endswith(".example")} == set()


def test_every_web_address_is_under_a_name_kept_for_examples() -> None:
    files = [ROOT / "newsletter.toml", *sorted((ROOT / "issues").rglob("*.md"))]
    hosts = {
        host[1].lower() for path in files for host in re.finditer(r"https?://([^/\s\"')>]+)", path.read_text("utf-8"))
    }
    assert {host for host in hosts if not re.search(r"(^|\.)example(\.(org|com|net))?$", host)} == set()
