"""newsletter status: how far each issue of a month is, what is late, and what to do next."""

import json
import os
import re
import sys
from datetime import UTC, date, datetime
from typing import Any

import pytest

from newsletter.board import Row, board
from newsletter.deliver import ledger
from newsletter.deliver.folder import made_of
from newsletter.issue.edition import editions
from tests.conftest import Run
from tests.room import TOML, Room
from tests.terminal import Terminal

LPMN, LPNY, NETWORK = "2024-09/state-LPMN", "2024-09/state-LPNY", "2024-09/network"
KEYS = [
    "issue",
    "state",
    "changed",
    "own",
    "shared",
    "words",
    "minutes",
    "due",
    "late_days",
    "contact",
    "subject",
    "next",
]
NOW = datetime(2024, 9, 12, tzinfo=UTC)


def rows(room: Room, today: date = date(2024, 9, 1)) -> dict[str, Row]:
    builder = room.builder()
    found = board(builder, editions(builder.newsroom, "2024-09"), ledger.read(room.root), today)
    return {row.issue: row for row in found}


def row(room: Room, issue: str = LPMN, today: date = date(2024, 9, 1)) -> Row:
    return rows(room, today)[issue]


def done(room: Room, do: ledger.Do, issue: str = LPMN, made: str = "", **more: object) -> None:
    ledger.add(room.root, NOW, "Ana", do, "done", issue, made or made_of(room.email(issue)), **more)


def settings(room: Room, words: str, table: str = "chapters.LPMN") -> None:
    room.file("newsletter.toml", TOML.replace(f"[{table}]\n", f"[{table}]\n{words}\n"))


def three(room: Room, **front: Any) -> None:
    for slug in ("one", "two", "three"):
        room.item(slug, **front)


def test_a_chapter_that_delivered_nothing_of_its_own_is_thin(room: Room) -> None:
    three(room, chapters=["LPMN", "LPNY"])
    assert (row(room).state, row(room).own, row(room).shared) == ("thin", 0, 3)
    room.item("own", chapters=["LPMN", "network"])
    assert (row(room).state, row(room).own, row(room).shared) == ("ready", 1, 3)


def test_fewer_than_three_items_are_thin_for_everybody(room: Room) -> None:
    room.item("one", chapters=["LPMN", "network"])
    room.item("two", chapters=["LPMN", "network"])
    assert {issue: one.state for issue, one in rows(room).items()} == {NETWORK: "thin", LPMN: "thin", LPNY: "empty"}
    room.item("three", chapters=["LPMN", "network"])
    assert {issue: one.state for issue, one in rows(room).items()} == {NETWORK: "ready", LPMN: "ready", LPNY: "empty"}


def test_scaffolds_are_no_items(room: Room, run: Run) -> None:
    for title in ("One", "Two", "Three"):
        run("new", "item", title, "--chapter", "LPMN", "-m", "2024-09")
    assert row(room).state == "empty"


def test_a_fault_or_a_finding_of_level_error_makes_it_faulty(room: Room) -> None:
    three(room)
    room.item("three", "A link to [here](http://localhost/).\n")
    assert (row(room).state, row(room).next) == ("faulty", f"newsletter check {LPMN}")
    room.item("three", image="nowhere.png")
    assert row(room).state == "faulty"
    room.item("three")
    assert row(room).state == "ready"


@pytest.mark.parametrize("is_built", [True, False])
def test_what_was_done_is_the_state_until_the_issue_changes(room: Room, is_built: bool) -> None:
    three(room)
    if is_built:
        room.build(provider="mailchimp")
    assert (row(room).state, row(room).next) == ("ready", f"newsletter proof {LPMN} --to ADDRESS")
    done(room, "proof")
    assert (row(room).state, row(room).changed, row(room).next) == ("proofed", False, f"newsletter export {LPMN}")
    done(room, "draft")
    assert (row(room).state, row(room).changed) == ("drafted", False)
    room.item("one", "Other words.\n")
    assert (row(room).state, row(room).changed) == ("drafted", True)
    done(room, "sent", on="2024-09-12")
    assert (row(room).state, row(room).changed, row(room).next) == ("sent", False, "")
    room.item("one", "Yet other words.\n")
    assert (row(room).state, row(room).changed) == ("sent", True)
    ledger.add(room.root, NOW, "Ana", "sent", "done", LPMN, undo=True)
    assert row(room).state == "drafted"


def test_a_proof_that_did_not_arrive_is_none(room: Room) -> None:
    three(room)
    begun = ledger.begin(room.root, NOW, "Ana", "proof", LPMN, made_of(room.email()))
    assert row(room).state == "ready"
    ledger.end(room.root, NOW, begun, "unknown")
    assert row(room).state == "ready"


def test_a_proof_whose_end_nobody_knows_is_told(room: Room, run: Run) -> None:
    three(room)
    begun = ledger.begin(room.root, NOW, "Ana", "proof", LPMN, made_of(room.email()))
    told = (
        f"{LPMN}: a proof of 2024-09-12 may have gone out, or not; nobody has said so\n"
        "  hint: ask a recipient before you send another\n"
    )
    assert run("status", "-m", "2024-09").stderr == told
    ledger.end(room.root, NOW, begun, "failed")
    assert run("status", "-m", "2024-09").stderr == ""


def test_a_proof_of_what_is_at_fault_now_does_not_make_it_ready(room: Room) -> None:
    three(room)
    done(room, "proof")
    room.item("one", image="nowhere.png")
    assert (row(room).state, row(room).changed) == ("faulty", True)


def test_an_export_of_this_state_leads_on_and_one_of_another_is_told(room: Room, run: Run) -> None:
    three(room)
    done(room, "proof")
    run("export", LPMN, "--for", "brevo")
    assert (row(room).next, row(room).stale) == (f"newsletter sent {LPMN}", ())
    room.item("one", "Other words.\n")
    assert row(room).stale == ("brevo",)
    told = f"{LPMN} is not any more what was exported for brevo\n  hint: newsletter export {LPMN} --for brevo\n"
    assert told in run("status", "-m", "2024-09").stderr


def test_late_counts_from_the_due_day_of_the_issues_own_month(room: Room) -> None:
    settings(room, 'due = 20\ncontact = ["ana@network.example", "bo@network.example"]')
    room.item("one")
    assert (row(room, today=date(2024, 9, 20)).due, row(room, today=date(2024, 9, 20)).late_days) == (
        date(2024, 9, 20),
        0,
    )
    late = row(room, today=date(2024, 9, 23))
    assert (late.late_days, late.contact) == (3, ("ana@network.example", "bo@network.example"))
    assert late.next == "newsletter remind -m 2024-09"
    room.item("two")
    room.item("three")
    assert row(room, today=date(2024, 9, 23)).late_days == 0


def test_a_due_day_that_the_month_lacks_is_its_last(room: Room) -> None:
    settings(room, "due = 31")
    assert row(room).due == date(2024, 9, 30)


def test_words_and_minutes_are_those_of_the_manifest_or_counted(room: Room) -> None:
    three(room)
    room.item("one", "word " * 500)
    counted = (row(room).words, row(room).minutes)
    room.build()
    assert (row(room).words, row(room).minutes) == counted == (505, 3)


def test_json_has_exactly_the_keys_of_the_contract(room: Room, run: Run) -> None:
    settings(room, 'due = 20\ncontact = "ana@network.example"')
    three(room)
    shown = json.loads(run("status", "-m", "2024-09", "--json").stdout)
    assert list(shown) == ["month", "issues"]
    assert shown["month"] == "2024-09"
    assert [list(one) for one in shown["issues"]] == [KEYS] * 3
    assert shown["issues"][1] == {
        "issue": LPMN,
        "state": "ready",
        "changed": False,
        "own": 3,
        "shared": 0,
        "words": 6,
        "minutes": 1,
        "due": "2024-09-20",
        "late_days": 0,
        "contact": ["ana@network.example"],
        "subject": "LPMN State Download 📣 | One, Three & Two | September 2024",
        "next": f"newsletter proof {LPMN} --to-contacts",
    }


def test_json_stays_json_whatever_is_at_fault(room: Room, run: Run) -> None:
    assert json.loads(run("status", "--json").stdout) == {"month": "", "issues": []}
    room.item("broken", section="wons")
    result = run("status", "-m", "2024-09", "--json")
    assert (result.exit_code, json.loads(result.stdout)["issues"][1]["state"]) == (1, "faulty")
    room.file("newsletter.toml", "nonsense")
    result = run("status", "-m", "2024-09", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (1, {"month": "", "issues": []})


def test_drafts_and_imports_that_wait_are_told_apart(room: Room, run: Run) -> None:
    three(room)
    room.item("draft", draft=True)
    source = {"from": "https://network.example/feed#1"}
    room.item("imported", draft=True, **source)
    assert run("status", "-m", "2024-09").stderr == (
        "1 draft waits in 2024-09: newsletter list -m 2024-09\n"
        "1 imported draft waits in 2024-09: newsletter list -m 2024-09\n"
    )


def test_a_ledger_that_is_broken_is_told_and_the_board_stands(room: Room, run: Run) -> None:
    three(room)
    room.file("ledger.jsonl", '{"v": 9}\n{"v": 1, "op"')
    result = run("status", "-m", "2024-09")
    assert result.exit_code == 0
    assert result.stderr.count("ledger.jsonl:") == 2
    assert "\tready\t" in result.stdout


@pytest.mark.parametrize("columns", [80, 40])
def test_on_a_terminal_it_fits_and_is_coloured(room: Room, columns: int) -> None:
    settings(room, 'due = 20\ncontact = "ana@network.example"')
    three(room)
    room.item("alone", chapters=["LPNY", "network"])
    settled = ["env", "-u", "NO_COLOR", f"COLUMNS={columns}", sys.executable, "-m", "newsletter", "--newsroom"]
    with Terminal([*settled, str(room.root), "status", "-m", "2024-09"], os.environ) as terminal:
        seen = terminal.read_to_end()
    assert terminal.exit_code == 0
    assert re.search(r"\x1b\[[0-9;]*32m *ready", seen)
    # A progress bar is wiped away before the board is shown.
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.rpartition("\x1b[2K")[2]).replace("\r", "")
    assert f"newsletter proof {LPMN} --to-contacts" in " ".join(plain.split())
    assert max(map(len, plain.split("\n"))) <= columns


def test_what_waits_leads_to_why(room: Room) -> None:
    room.item("waiting", chapters=["LPMN"], draft=True)
    assert (row(room).state, row(room).next) == ("empty", f"newsletter why {LPMN}")
