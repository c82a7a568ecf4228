"""newsletter check: what it prints, what it ends with, what it never does."""

import json
import re
import textwrap
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.check import registry, report
from newsletter.check.registry import Found, Rule, rules
from newsletter.check.subject import Subject
from newsletter.issue.edition import chosen, editions, items_of, months
from newsletter.line import Builder
from newsletter.model import Level
from newsletter.read.load import load
from newsletter.review import Wanted, review
from tests.compiled import COMPILED
from tests.conftest import Run
from tests.room import TOML, Room
from tests.tools import sarif_schema

ROOT = Path(__file__).parent.parent
GOOD = "The council adopted its plan. It sets money aside for trees on the blocks that have the fewest.\n"
STORY = "issues/2024-09/items/story.md"


def told(output: str) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = json.loads(output)["findings"]
    return findings


def slugs(output: str) -> set[str]:
    return {finding["slug"] for finding in told(output)}


@pytest.fixture
def faulty(room: Room) -> Room:
    """An issue with an error, a warning and an advice."""
    room.item("story", "It was the the plan.\n\nTK\n\nTwo  blanks.\n", title="A plan for trees")
    return room


def test_the_sample_newsroom_is_clean_at_strict(tmp_path: Path) -> None:
    newsroom = load(ROOT)
    builder = Builder(newsroom, tmp_path, cache=COMPILED)
    found = [
        f"{finding.place}: {finding.level} [{finding.slug}] {finding.message}"
        for month in months(newsroom)
        for edition in editions(newsroom, month)
        if items_of(newsroom, edition)
        for finding in builder.findings(builder.whole(edition.id))
    ]
    assert not newsroom.faults
    assert found == []


def test_json_has_exactly_the_promised_shape(faulty: Room, run: Run) -> None:
    result = run("check", "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "findings": [
            {
                "slug": "double-words",
                "level": "warning",
                "file": STORY,
                "line": 8,
                "issue": "2024-09/state-LPMN",
                "message": "'the' stands twice in a row",
                "hint": "take one of them out; `newsletter check --fix` does it",
            },
            {
                "slug": "placeholder-words",
                "level": "error",
                "file": STORY,
                "line": 10,
                "issue": "2024-09/state-LPMN",
                "message": "'TK' is still to be written",
                "hint": "write the words that belong here, or take it out",
            },
            {
                "slug": "stray-blanks",
                "level": "advice",
                "file": STORY,
                "line": 12,
                "issue": "2024-09/state-LPMN",
                "message": "there is a blank too many in 'Two  blanks.'",
                "hint": "`newsletter check --fix` takes it out",
            },
        ]
    }


def test_text_names_the_place_quotes_the_line_and_hints(faulty: Room, run: Run) -> None:
    result = run("check")
    assert result.exit_code == 1
    assert result.stdout.startswith(
        textwrap.dedent(f"""\
        {STORY} (3)
          {STORY}:8: warning [double-words]
            'the' stands twice in a row
            | It was the the plan.
            hint: take one of them out; `newsletter check --fix` does it
        """)
    )
    assert result.stderr == "1 issue checked: 1 error, 1 warning, 1 advice\n"


def test_text_is_readable_in_forty_columns(faulty: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = run("check").stdout.splitlines()
    # Addresses and paths are never broken: a terminal makes a link of them.
    assert [line for line in lines if len(line) > 40 and STORY not in line] == []


@pytest.mark.parametrize(
    ("body", "arguments", "code"),
    [
        (GOOD, (), 0),
        (GOOD, ("--strict",), 0),
        ("It was the the plan of the whole council.\n", (), 0),
        ("It was the the plan of the whole council.\n", ("--strict",), 1),
        ("Two  blanks stand in this line.\n", ("--strict",), 0),
        ("TK\n", (), 1),
        ("TK\n", ("--skip", "placeholder-words"), 0),
        ("TK\n", ("--only", "double-words"), 0),
        ("TK\n", ("--only", "double-words,placeholder-words"), 1),
    ],
)
def test_the_exit_code_follows_the_levels(
    room: Room, run: Run, body: str, arguments: tuple[str, ...], code: int
) -> None:
    room.item("story", body, title="A plan for trees")
    assert run("check", *arguments).exit_code == code


@pytest.mark.parametrize("flag", ["--only", "--skip", "--explain"])
def test_an_unknown_slug_is_a_fault_of_the_command_line(room: Room, run: Run, flag: str) -> None:
    result = run("check", flag, "double-word")
    assert result.exit_code == 2
    assert result.stderr == "no rule is called 'double-word'\n  hint: did you mean 'double-words'?\n"


def test_checks_turn_rules_off_up_and_down(faulty: Room, run: Run) -> None:
    faulty.file(
        "newsletter.toml",
        TOML + '\n[checks]\ndouble-words = "off"\nplaceholder-words = "warning"\nstray-blanks = "error"\n',
    )
    levels = {finding["slug"]: finding["level"] for finding in told(run("check", "--format", "json").stdout)}
    assert levels == {"placeholder-words": "warning", "stray-blanks": "error"}


def test_an_unknown_rule_in_checks_is_found_at_its_line_and_stops_a_build(faulty: Room, run: Run) -> None:
    faulty.file("newsletter.toml", TOML + '\n[checks]\ndouble-wrods = "off"\n')
    line = TOML.count("\n") + 3
    finding = next(one for one in told(run("check", "--format", "json").stdout) if one["slug"] == "unknown-rule")
    assert (finding["file"], finding["line"]) == ("newsletter.toml", line)
    assert finding["hint"] == "did you mean 'double-words'?"
    result = run("build")
    assert result.exit_code == 1
    assert f"newsletter.toml:{line}: no rule is called 'double-wrods'" in result.stderr


def test_a_level_that_is_none_is_a_fault(room: Room, run: Run) -> None:
    room.file("newsletter.toml", TOML + '\n[checks]\ndouble-words = "of"\n')
    result = run("check", "--format", "json")
    assert result.exit_code == 1
    assert [(one["slug"], one["hint"]) for one in told(result.stdout)] == [("not-loaded", "did you mean 'off'?")]


def test_an_item_may_allow_a_rule(room: Room, run: Run) -> None:
    room.item("story", "It was the the plan of the whole council.\n", title="Trees", allow=["double-words"])
    assert run("check", "--strict").exit_code == 0


def test_an_allowance_that_no_longer_applies_is_found(room: Room, run: Run) -> None:
    room.item("story", GOOD, title="Trees", allow=["double-words"])
    assert told(run("check", "--format", "json").stdout) == [
        {
            "slug": "unused-allowance",
            "level": "warning",
            "file": STORY,
            "line": 7,
            "issue": "",
            "message": "'double-words' is allowed here, but finds nothing any more",
            "hint": "take double-words out of allow:",
        }
    ]


def test_an_allowance_that_another_issue_needs_is_left_alone(room: Room, run: Run) -> None:
    # Shown large in the chapter's issue, where it leads, and small in the list of the network's.
    room.item("lead", GOOD, title="First", chapters=["network"], lead=True)
    room.item("story", GOOD, title="Trees", chapters=["LPMN", "network"], allow=["repeated-title"])
    room.item("twin", GOOD, title="trees", chapters=["LPMN"], order=-1)
    assert slugs(run("check", "network", "--format", "json").stdout) == set()
    assert slugs(run("check", "--format", "json").stdout) == set()


def test_a_rule_that_crashes_is_reported_as_itself_and_stops_nothing(
    faulty: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(subject: Subject) -> Iterator[Found]:
        raise KeyError("surprise")

    known = rules()
    crashing = Rule(slug="wall-of-text", level=Level.WARNING, why="x", group="words", looks_at="Subject", check=broken)
    monkeypatch.setattr(registry, "_RULES", {**known, "wall-of-text": crashing})
    findings = told(run("check", "--format", "json").stdout)
    assert {one["slug"] for one in findings} == {"double-words", "placeholder-words", "stray-blanks", "wall-of-text"}
    crash = next(one for one in findings if one["slug"] == "wall-of-text")
    assert crash["message"] == "the rule 'wall-of-text' itself failed: KeyError: 'surprise'"
    assert crash["file"] == "newsletter/check/words.py"


def test_faults_that_keep_an_item_from_loading_are_findings_and_the_rest_is_checked(faulty: Room, run: Run) -> None:
    faulty.item("other", chapters=["LPNM"])
    result = run("check", "--format", "json")
    assert result.exit_code == 1
    findings = told(result.stdout)
    fault = next(one for one in findings if one["slug"] == "not-loaded")
    assert (fault["file"], fault["line"], fault["level"]) == ("issues/2024-09/items/other.md", 3, "error")
    assert fault["hint"] == "did you mean 'LPMN'?"
    assert {"double-words", "placeholder-words"} <= {one["slug"] for one in findings}


def test_faults_of_newsletter_toml_are_findings_too(faulty: Room, run: Run) -> None:
    faulty.file("newsletter.toml", TOML.replace('website = "https', 'webiste = "https'))
    result = run("check", "--format", "json")
    assert result.exit_code == 1
    assert [(one["slug"], one["file"], one["line"]) for one in told(result.stdout)] == [
        ("not-loaded", "newsletter.toml", 4)
    ]


def test_what_stops_a_build_does_not_stop_a_check(room: Room, run: Run) -> None:
    room.file("newsletter.toml", TOML.replace('unsubscribe_url = "https://network.example/unsubscribe"\n', ""))
    room.file("issues/2024-09/items/torn.png", b"\x89PNG\r\n\x1a\n" + b"torn")
    room.item("story", "Dear *|FNAME|*, it was the the plan.\n", title="Trees", image="torn.png", image_alt="A tree")
    found = {(one["slug"], one["file"], one["line"]) for one in told(run("check", "--format", "json").stdout)}
    assert {
        ("foreign-merge-tag", STORY, 10),
        ("double-words", STORY, 10),
        ("no-unsubscribe", "newsletter.toml", 1),
        ("not-loaded", STORY, 7),
    } <= found


def test_a_template_that_fails_leaves_the_words_checked(faulty: Room, run: Run) -> None:
    faulty.file("templates/issue.mjml.j2", "<mjml>{{ nothing }}</mjml>")
    found = slugs(run("check", "--format", "json").stdout)
    assert {"not-loaded", "double-words", "placeholder-words"} <= found


def test_an_issue_asked_for_that_is_empty_is_an_error_with_the_way_out(faulty: Room, run: Run) -> None:
    result = run("check", "network", "-m", "2024-09", "--format", "json")
    assert result.exit_code == 1
    assert [(one["slug"], one["issue"]) for one in told(result.stdout)] == [("empty-issue", "2024-09/network")]


def test_a_month_without_items_is_not_clean(faulty: Room, run: Run) -> None:
    result = run("check", "-m", "2024-11", "--format", "json")
    assert result.exit_code == 1
    assert [(one["message"], one["hint"], one["issue"]) for one in told(result.stdout)] == [
        ("2024-11 has no items, so there is nothing to check", "the months with items are 2024-09", "")
    ]


def test_a_newsroom_without_items_is_not_clean(room: Room, run: Run) -> None:
    result = run("check")
    assert result.exit_code == 1
    assert "this newsroom has no items, so there is nothing to check" in result.stdout
    assert "newsletter new item" in result.stdout


def test_one_fault_in_two_issues_is_told_once_and_named_for_each_in_json(room: Room, run: Run) -> None:
    room.item("story", "It was the the plan of the whole council.\n", title="Trees", chapters=["LPMN", "network"])
    assert run("check").stdout.count("[double-words]") == 1
    issues = [one["issue"] for one in told(run("check", "--format", "json").stdout)]
    assert issues == ["2024-09/network", "2024-09/state-LPMN"]


def test_github_gets_annotations(faulty: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "::error" not in run("check").stdout
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(faulty.root.parent))
    lines = [line for line in run("check").stdout.splitlines() if line.startswith("::")]
    assert lines[:2] == [
        f"::warning file=room/{STORY},line=8,title=double-words::'the' stands twice in a row%0A"
        "hint: take one of them out; `newsletter check --fix` does it",
        f"::error file=room/{STORY},line=10,title=placeholder-words::'TK' is still to be written%0A"
        "hint: write the words that belong here, or take it out",
    ]
    assert lines[2].startswith("::notice ")


def test_sarif_says_all_that_code_scanning_asks_for(faulty: Room, run: Run) -> None:
    result = run("check", "--format", "sarif")
    assert result.exit_code == 1
    log = json.loads(result.stdout)
    only = log["runs"][0]
    assert log["version"] == "2.1.0"
    assert [one["ruleId"] for one in only["results"]] == ["double-words", "placeholder-words", "stray-blanks"]
    assert [one["level"] for one in only["results"]] == ["warning", "error", "note"]
    for one in only["results"]:
        location = one["locations"][0]["physicalLocation"]
        assert location["artifactLocation"]["uri"] == STORY
        assert location["region"]["startLine"] > 1
        assert only["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"]


@pytest.mark.npm
def test_sarif_is_valid(faulty: Room, run: Run) -> None:
    import fastjsonschema

    validate = fastjsonschema.compile(sarif_schema())
    faulty.item("other", chapters=["LPNM"], title="A name with blanks & signs")
    validate(json.loads(run("check", "--format", "sarif").stdout))
    validate(json.loads(run("check", "--format", "sarif", "--only", "wall-of-text").stdout))


def test_list_and_explain_are_the_docstrings(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    room.file("newsletter.toml", TOML + '\n[checks]\nvague-link = "off"\n')
    listed = " ".join(run("check", "--list").stdout.split())
    for slug, one in rules().items():
        assert f"{slug} (" in listed
        assert one.why in listed
    assert "vague-link (off)" in listed
    explained = run("check", "--explain", "gmail-clips").stdout
    assert rules()["gmail-clips"].why in " ".join(explained.split())
    assert 'gmail-clips = "off" under [checks]' in explained
    assert "In this newsroom it is off." in run("check", "--explain", "vague-link").stdout


def test_list_works_outside_a_newsroom(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("check", "--list").exit_code == 0


def test_the_table_for_the_docs_has_every_rule() -> None:
    table = report.rules_table()
    assert all(f"| `{slug}` |" in table for slug in rules())


def test_clients_shows_support_by_program_and_what_inboxes_cut(room: Room, run: Run) -> None:
    room.item("story", GOOD, title="A very long title about trees, " * 4)
    shown = run("check", "--clients").stdout
    assert re.search(r"Outlook, Windows \(classic\): \d+ %", shown)
    assert "over all readers:" in shown
    assert re.search(r"Gmail on a phone \(40\): cuts '", shown)


def test_build_counts_findings_in_its_row_and_manifest(faulty: Room, run: Run) -> None:
    row = json.loads(run("build", "--json").stdout)["issues"][0]
    assert row["findings"] == {"error": 1, "warning": 1, "advice": 1}
    manifest = json.loads(faulty.built("manifest.json"))
    assert manifest["findings"] == {"error": 1, "warning": 1, "advice": 1}


def test_a_check_writes_nothing_but_a_cache(faulty: Room, run: Run) -> None:
    run("check")
    written = {path.relative_to(faulty.root).as_posix() for path in faulty.root.rglob("*") if path.is_file()}
    assert written == {"newsletter.toml", STORY}


def test_a_line_of_a_file_can_not_give_orders_to_the_terminal(room: Room, run: Run) -> None:
    room.file(STORY, "---\ntitle: T\nchapters: [LPMN]\nmonth: 2024-09\nsection: wins\n---\nTK \x1b[2J\u009b2J\n")
    assert "\x1b" not in run("check").stdout
    assert "\u009b" not in run("check").stdout


def test_a_month_on_many_cores_tells_the_same_as_one_by_one(room: Room, run: Run) -> None:
    chapters = "".join(f'[chapters.C{n}]\nname = "Chapter {n}"\n' for n in range(6))
    room.file("newsletter.toml", TOML + chapters)
    for number in range(6):
        room.item(f"s{number}", f"It was the the plan {number}.\n", title=f"Title {number}", chapters=[f"C{number}"])
    together = told(run("check", "--format", "json").stdout)
    alone = [one for n in range(6) for one in told(run("check", f"C{n}", "--format", "json").stdout)]

    def key(one: dict[str, Any]) -> list[str]:
        return [str(value) for value in one.values()]

    assert sorted(together, key=key) == sorted(alone, key=key)
    assert len(together) == 6


WORDS = st.sampled_from(
    (
        *("the", "council", "met", "and", "members", "of", "every", "chapter", "spoke", "about", "housing", "water"),
        *("trees", "schools", "buses", "rent", "heat", "work", "safety", "libraries", "parks", "wages", "care", "vote"),
        *("budget", "town", "city", "county", "neighbours", "plan", "letter", "fund"),
    )
)


NAMES = st.sampled_from(("Duluth", "Rochester", "Mankato", "Bemidji", "Saint Paul", "São Paulo", "Łódź"))


@st.composite
def clean_items(draw: st.DrawFn) -> dict[str, Any]:
    """An item that nobody could find fault with."""

    def sentence() -> str:
        words = draw(st.lists(WORDS, min_size=6, max_size=14, unique=True))
        return " ".join(words).capitalize() + draw(st.sampled_from([".", "?", "!"]))

    paragraphs = [" ".join(sentence() for _ in range(3)) for _ in range(draw(st.integers(1, 3)))]
    if draw(st.booleans()):
        paragraphs.append("\n".join(f"- {sentence()}" for _ in range(3)))
    # Three titles with longer numbers would make a subject that no inbox shows whole.
    number = draw(st.integers(1, 999))
    if draw(st.booleans()):
        paragraphs.append(f"Read [what the report of {number} says](https://reports.network.example/{number}).")
    front: dict[str, Any] = {
        "title": f"{draw(NAMES)} wins its case number {number}",
        "section": draw(st.sampled_from(["wins", "action", "events", "in-the-news"])),
    }
    if draw(st.booleans()):
        front |= {"link": f"https://news.network.example/{number}", "link_label": f"Read report {number}"}
    if draw(st.booleans()):
        day = draw(st.integers(1, 28))
        front |= {"starts": f"2024-10-{day:02} 18:00", "timezone": "America/Chicago", "location": "City Hall"}
    if draw(st.booleans()):
        front["deadline"] = f"2024-10-{draw(st.integers(1, 28)):02}"
    return {"body": "\n\n".join(paragraphs) + "\n", **front}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stories=st.lists(
        clean_items(), min_size=1, max_size=4, unique_by=(lambda one: one["title"], lambda one: one["body"])
    )
)
def test_generated_clean_items_give_no_finding(tmp_path: Path, stories: list[dict[str, Any]]) -> None:
    room = Room(tmp_path / "room")
    room.file("newsletter.toml", TOML)
    for old in (room.root / "issues").rglob("*.md"):
        old.unlink()
    for number, story in enumerate(stories):
        room.item(f"story-{number}", **story)
    newsroom = room.load()
    assert not newsroom.faults
    links = [item.link for item in newsroom.items if item.link]
    if len(set(links)) < len(links):
        return
    assert room.findings() == []


PIECES = (
    *"ab 1.,!?-–—’'\"<>&|[]()#*_`~:/@%{}\\=\n\t\u0301\u200b\u00ad\u202e😀漢ß",
    *("http://", "https://[", "mailto:", "![", "](", "TK", "%%first_name|x%%", "Monday, May 32", "data:"),
)
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=HOSTILE, body=HOSTILE, label=HOSTILE, greeting=HOSTILE)
def test_no_rule_trips_over_anything(tmp_path: Path, title: str, body: str, label: str, greeting: str) -> None:
    room = Room(tmp_path / "room")
    room.file("newsletter.toml", TOML)
    room.item("story", body, title=title or "Title", link="https://a.network.example", link_label=label or None)
    room.front_page("2024-09/state-LPMN", greeting)
    builder = Builder(room.load(), room.root / "build", cache=COMPILED)
    choice = chosen(builder.newsroom, (), "2024-09", date(2024, 9, 1))
    wanted = Wanted(today=date(2024, 9, 1), levels=builder.levels, links=True)
    found = review(builder, choice, wanted, lambda one: None).findings
    assert not [finding for finding in found if "itself failed" in finding.message]
    assert all(finding.place.line >= 0 for finding in found)


@pytest.mark.parametrize("slug", ["event-ends-first", "no-charset", "no-doctype"])
def test_a_rule_that_is_gone_may_still_be_named(room: Room, run: Run, slug: str) -> None:
    room.file("newsletter.toml", f'{TOML}\n[checks]\n{slug} = "off"\n')
    room.item("tree", "Trees were planted on Main Street.\n", allow=[slug])
    result = run("check", "LPMN", "-m", "2024-09", "--skip", slug)
    assert "no rule is called" not in result.output
    gone = run("check", "--explain", slug)
    assert (gone.exit_code, gone.stderr) == (2, f"'{slug}' is not a rule any more: nothing could break it\n")
