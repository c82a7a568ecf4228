"""What staff are handed: the text part holds what the law wants, and the checklist begins with what is to be mended."""

import re

import pytest

from newsletter.deliver.export import export
from newsletter.deliver.providers import packaged_providers, provider_named
from newsletter.deliver.tags import translate
from newsletter.errors import ContentError, Place
from newsletter.issue.compose import compose
from newsletter.look.pictures import prepare
from newsletter.look.render import render
from newsletter.look.templates import Look
from newsletter.model import Finding, Level
from tests.conftest import Run
from tests.room import TOML, Room

ID = "2024-09/state-LPMN"
TABLE = packaged_providers()
# EveryAction's unsubscribe tag differs from account to account: the newsroom states it.
EVERYACTION = '\n[providers.everyaction.tags]\nunsubscribe_url = "{{unsubscribe-link}}"\n'
FIRST_STEP = re.compile(r"^1\. \[ \] (.*)$", re.MULTILINE)


def exported(room: Room, name: str, *found: Finding) -> dict[str, str]:
    """Return the exported files of an issue in which a check found that."""
    issue = room.issue(ID)
    cover, pictures = compose(issue), prepare(issue, room.root)
    email = render(issue, cover, pictures, Look(room.root))
    row = provider_named(room.load().config, name)
    delivery = translate(email, issue, row, {picture.name: picture for picture in pictures.values()})
    return {key: value.decode() for key, value in export(issue, cover, email, delivery, row, found).items()}


def finding(number: int = 1, level: Level = Level.WARNING) -> Finding:
    place = Place(file="issues/2024-09/items/story.md", line=number)
    return Finding(slug="double-words", level=level, place=place, message=f"message {number}", hint="", issue=ID)


# The text part.


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.has_text])
def test_the_text_part_holds_the_unsubscribe_link_and_the_postal_address(room: Room, name: str) -> None:
    room.file("newsletter.toml", TOML + EVERYACTION)
    room.item()
    text = exported(room, name)["issue.txt"]
    row = provider_named(room.load().config, name)
    for key, typed in (
        ("unsubscribe_url", "https://network.example/unsubscribe"),
        ("postal_address", "Example Network, 1 Main Street, Saint Paul, MN 55101"),
    ):
        if key not in row.adds:
            assert {**row.tags, **row.text_tags}.get(key, typed) in " ".join(text.split())


@pytest.mark.parametrize("name", TABLE)
def test_a_text_template_that_forgets_them_is_a_fault_unless_the_provider_adds_them(room: Room, name: str) -> None:
    room.file("newsletter.toml", TOML + EVERYACTION)
    room.file("templates/issue.txt.j2", "{{ title }}\n")
    room.item()
    row = TABLE[name]
    missing = [
        f"templates: the text shows no {what}, and {row.label} adds none\n"
        f"  hint: keep {{{{ tags.{key} }}}} in your footer template, or delete that template"
        for key, what in (("unsubscribe_url", "unsubscribe link"), ("postal_address", "postal address"))
        if row.has_text and key not in row.adds
    ]
    if not missing:
        assert exported(room, name)
        return
    with pytest.raises(ContentError) as caught:
        exported(room, name)
    assert [str(fault) for fault in caught.value.faults] == missing


# The checklist.


def test_the_checklist_begins_with_what_the_check_finds(room: Room) -> None:
    room.item()
    checklist = exported(room, "brevo", finding(3), finding(4, Level.ERROR))["handover.md"]
    assert (
        f"\n1. [ ] Mend what `newsletter check {ID}` finds, and export again:\n"
        "    - issues/2024-09/items/story.md:3: message 3\n"
        "    - issues/2024-09/items/story.md:4: message 4\n"
        "2. [ ] Create an email campaign"
    ) in checklist


@pytest.mark.parametrize(("count", "rest"), [(6, ""), (7, "    - and 1 more\n"), (20, "    - and 14 more\n")])
def test_a_long_list_of_findings_is_cut(room: Room, count: int, rest: str) -> None:
    room.item()
    checklist = exported(room, "brevo", *map(finding, range(1, count + 1)))["handover.md"]
    assert f"story.md:6: message 6\n{rest}2. [ ] " in checklist
    assert "message 7" not in checklist


@pytest.mark.parametrize("found", [(), (finding(level=Level.ADVICE),)])
def test_without_findings_or_with_advice_alone_nothing_is_to_be_mended(room: Room, found: tuple[Finding, ...]) -> None:
    room.item()
    first = FIRST_STEP.search(exported(room, "brevo", *found)["handover.md"])
    assert first
    assert first[1].startswith("Create an email campaign")


def test_export_checks_the_issue_and_says_what_it_finds(room: Room, run: Run) -> None:
    room.item("story", "It was the the plan, and the council adopted it with all its votes.\n")
    assert run("export", "LPMN", "--for", "brevo").exit_code == 0
    checklist = (room.root / "build" / ID / "brevo" / "handover.md").read_text("utf-8")
    first = FIRST_STEP.search(checklist)
    assert first
    assert first[1] == f"Mend what `newsletter check {ID}` finds, and export again:"
    assert "    - issues/2024-09/items/story.md:8: 'the' stands twice in a row\n" in checklist
