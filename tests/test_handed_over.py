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
from tests.compiled import COMPILED
from tests.conftest import Run
from tests.room import DOT, TOML, Room

ID = "2024-09/state-LPMN"
TABLE = packaged_providers()
# EveryAction's unsubscribe tag differs from account to account: the newsroom states it.
EVERYACTION = '\n[providers.everyaction.tags]\nunsubscribe_url = "{{unsubscribe-link}}"\n'
FIRST_STEP = re.compile(r"^1\. \[ \] (.*)$", re.MULTILINE)


def exported(room: Room, name: str, *found: Finding) -> dict[str, str]:
    """Return the exported files of an issue in which a check found that."""
    issue = room.issue(ID)
    cover, pictures = compose(issue), prepare(issue, room.root)
    email = render(issue, cover, pictures, Look(room.root, COMPILED))
    row = provider_named(room.load().config, name)
    delivery = translate(email, issue, row, {picture.name: picture for picture in pictures.values()})
    files = export(issue, cover, email, delivery, row, found)
    return {name: content.decode() for name, content in files.items() if not name.endswith(".gif")}


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


# What to look at in the test mail.


def looked_at(room: Room, name: str) -> str:
    """Return the steps of the checklist that begin with the look at the inbox."""
    checklist = exported(room, name)["handover.md"]
    return checklist[checklist.index("In the inbox, sender, subject") : checklist.index("\n## ")]


@pytest.mark.parametrize("name", TABLE)
def test_what_a_provider_fills_in_is_looked_at_and_what_it_adds_is_not(room: Room, name: str) -> None:
    room.file("newsletter.toml", TOML + EVERYACTION)
    room.item()
    steps, row = looked_at(room, name), provider_named(room.load().config, name)
    for key, sentence in (
        ("unsubscribe_url", "The unsubscribe link opens the page where a reader can leave the list."),
        ("postal_address", "The postal address at the end is right and complete."),
    ):
        assert (sentence in steps) is (key not in row.adds), key
    has_browser_view = bool({"browser_url"} & {*row.tags, *row.elements, *row.literal})
    assert ("The link to the browser view opens this issue." in steps) is has_browser_view


@pytest.mark.parametrize(
    ("pictures", "sentence"),
    [(0, ""), (1, "The picture shows."), (2, "Both pictures show."), (3, "All 3 pictures show.")],
)
def test_pictures_are_counted(room: Room, pictures: int, sentence: str) -> None:
    for number in range(max(1, pictures)):
        if pictures:
            room.file(f"issues/2024-09/items/{number}.gif", DOT)
        room.item(f"story-{number}", image=f"{number}.gif" if pictures else None)
    steps = looked_at(room, "html")
    assert [one for one in ("The picture shows.", "Both pictures show.", "All 3 pictures show.") if one in steps] == [
        one for one in (sentence,) if one
    ]


def test_days_are_looked_up_once_more(room: Room) -> None:
    room.item("walk", section="events", starts="2024-09-20 18:00", title="A walk")
    room.item("vote", deadline="2024-09-30", title="A vote")
    room.item("story")
    assert (
        "These dates still hold:\n"
        "    - Monday, September 30: A vote\n"
        "    - Friday, September 20, 6:00\N{NO-BREAK SPACE}PM\N{NO-BREAK SPACE}UTC: A walk\n"
    ) in looked_at(room, "html")
    room.item("walk", title="A walk")
    room.item("vote", title="A vote")
    assert "These dates" not in looked_at(room, "html")


def test_a_subject_full_of_backticks_stays_in_its_fence(room: Room) -> None:
    room.item()
    room.front_page(ID, subject="Use ```` here")
    assert "\n    `````text\n    Use ```` here\n    `````\n" in exported(room, "brevo")["handover.md"]


def test_the_list_is_named_or_asked_for(room: Room) -> None:
    room.item()
    asked = "Send it to **the list for this newsletter (newsletter.toml names no audience)**."
    assert asked in exported(room, "brevo")["handover.md"]
    room.file("newsletter.toml", TOML.replace('short_name = "EN"', 'short_name = "EN"\naudience = "Members"'))
    assert "Send it to **Members**." in exported(room, "brevo")["handover.md"]


@pytest.mark.parametrize("name", TABLE)
def test_only_who_takes_a_text_part_is_told_to_paste_one(room: Room, name: str) -> None:
    room.file("newsletter.toml", TOML + EVERYACTION)
    room.item()
    row = TABLE[name]
    checklist = exported(room, name)["handover.md"]
    steps = [line for line in checklist.splitlines() if re.match(r"\d+\. \[ \] ", line)]
    assert any("`issue.txt`" in step for step in steps) is row.has_text
    # Where the HTML holds the preheader, a second one would be shown beside it.
    is_held = row.preheader == "html" and "preheader" not in row.steps
    assert ("The preheader is in the HTML already" in checklist) is is_held


@pytest.mark.parametrize("name", TABLE)
def test_what_nobody_verified_is_told_by_what_becomes_of_it_here(room: Room, name: str) -> None:
    room.file("newsletter.toml", TOML + EVERYACTION)
    room.item()
    unused = told_as_unverified(room, name)
    room.front_page(ID, "Dear %%first_name|friend%%,\n")
    used = told_as_unverified(room, name)
    row = TABLE[name]
    assert len(used) == len(unused) == len(row.unverified)
    for one, before, now in zip(row.unverified, unused, used, strict=True):
        key = one.partition(" ")[0]
        if key in row.adds:
            assert now == before
            assert now.endswith(" itself, as far as we remember: look for it.")
        else:
            assert before.endswith(" This issue does not use it.") is (key == "first_name")
            assert now.endswith(" is written from memory: see that it works in the test mail.")


def told_as_unverified(room: Room, name: str) -> list[str]:
    _, _, told = exported(room, name)["handover.md"].partition("\n## Not verified\n")
    return told.strip().splitlines()


# What a provider refuses, and what becomes of links that it drops.


def test_what_may_stand_once_alone_is_a_fault_where_it_stands_twice(room: Room) -> None:
    room.file("newsletter.toml", TOML + '\n[providers.brevo]\nonce = ["</table>"]\n')
    room.item()
    with pytest.raises(ContentError) as caught:
        exported(room, "brevo")
    assert [str(fault) for fault in caught.value.faults] == [
        "issues/2024-09: the HTML holds '</table>' more than once\n  hint: Brevo wants exactly one"
    ]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("[us](tel:+1-555-0100)", "us (+1-555-0100)"),
        ("[+1-555-0100](tel:+1-555-0100)", "+1-555-0100"),
        ("[us](mailto:desk@network.example?subject=Hello)", "us (desk@network.example)"),
        ("[desk@network.example](mailto:desk@network.example)", "desk@network.example"),
    ],
)
def test_a_link_that_can_not_be_clicked_says_in_words_where_it_leads(room: Room, typed: str, shown: str) -> None:
    room.item("story", f"Ask {typed}.\n")
    page = re.sub(r"<[^>]*>", "", exported(room, "action-network")["issue.html"])
    assert f"Ask {shown}." in page
