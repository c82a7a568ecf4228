"""docs/accessibility.md: the Email Markup Consortium's list, a rule for each fault, and an issue that is free of it."""

import re
import shutil
from pathlib import Path

import pytest

from newsletter.check.registry import check, rules
from newsletter.check.subject import Subject
from newsletter.line import Builder
from newsletter.read.load import load
from tests.compiled import COMPILED
from tests.golden.remake import CASES as GOLDENS
from tests.golden.remake import GOLDEN, ISSUE
from tests.test_check_rules import CASES

PAGE = Path(__file__).parent.parent / "docs" / "accessibility.md"
# The report's ten, by how its table of 2026 names them (https://emailmarkup.org/en/reports/accessibility/2026/).
TEN = ["`dir`", "`lang`", "layout table", "first-level heading", "link without words", "contrast", "alternative text"]
TEN += ["`<title>`", "where it leads"]


def rows() -> list[tuple[str, list[str], str]]:
    """Return the rows of the table: the fault, its rules, the golden issue that shows it right."""
    cells = [line.strip("|").split("|") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [(row[0].strip(), re.findall("`([a-z-]+)`", row[2]), row[3].strip()) for row in cells[1:]]


@pytest.fixture(scope="module")
def goldens(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Subject]:
    """Return the golden issues as the rules see them."""
    folder = tmp_path_factory.mktemp("golden")
    subjects = {}
    for case in GOLDENS:
        shutil.copytree(GOLDEN / case, folder / case, ignore=shutil.ignore_patterns("expected"))
        builder = Builder(load(folder / case), folder / "build", cache=COMPILED)
        subjects[case] = builder.subject(builder.make(ISSUE), None)
    return subjects


def test_the_table_has_the_faults_of_the_report() -> None:
    faults = " ".join(fault for fault, _, _ in rows())
    assert [fault for fault in TEN if fault not in faults] == []
    assert len(rows()) >= 16


def test_each_fault_has_a_rule_that_finds_it() -> None:
    tried = {case[0] for case in CASES}
    for fault, slugs, _ in rows():
        assert slugs, fault
        assert set(slugs) <= set(rules()) & tried, fault


def test_the_issue_that_a_row_names_is_free_of_its_fault(goldens: dict[str, Subject]) -> None:
    for _, slugs, named in rows():
        if named != "none is drawn":
            levels = {slug: rules()[slug].level for slug in slugs}
            assert check(goldens[named], levels).findings == (), named


def test_no_golden_issue_has_a_fault_that_a_template_could_cause(goldens: dict[str, Subject]) -> None:
    """What items and accents may cause, such as a link that says 'here', is theirs."""
    slugs = {slug for _, listed, _ in rows() for slug in listed if rules()[slug].looks_at != "Manuscript"}
    levels = {slug: rules()[slug].level for slug in slugs - {"one-text-two-targets", "low-contrast-inverted"}}
    found = {case: check(subject, levels).findings for case, subject in goldens.items()}
    assert {case: findings for case, findings in found.items() if findings} == {}


def test_nothing_is_drawn_for_word(goldens: dict[str, Subject]) -> None:
    assert [case for case, subject in goldens.items() if subject.page.drawings] == []
