"""newsletter remind: a message to each chapter whose items are late, in its language."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from newsletter.deliver import ledger
from newsletter.issue.edition import edition_of
from newsletter.issue.reminder import reminder
from newsletter.read.languages import LANGUAGES, reminder_in
from tests.conftest import Run
from tests.room import TOML, Room
from tests.test_languages import slots

LPMN = "2024-09/state-LPMN"
DUE = date(2024, 9, 20)


def settings(room: Room, lines: str) -> None:
    room.file("newsletter.toml", TOML.replace("[chapters.LPMN]\n", f"[chapters.LPMN]\n{lines}\n"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_sentences_with_their_slots(language: str) -> None:
    own, english = reminder_in(language), reminder_in("en")
    assert own.keys() == english.keys()
    assert {key: slots(own[key]) for key in own} == {key: slots(english[key]) for key in english}
    assert language == "en" or not set(own.values()) & set(english.values())


def test_a_message_says_what_is_there_what_is_missing_and_how_to_write_it(room: Room, run: Run) -> None:
    settings(room, 'due = 20\ncontact = ["ana@network.example", "bo@network.example"]')
    room.item("shared", title="Trees for all", chapters=["LPMN", "LPNY"])
    room.item("begun", title="A hall", draft=True)
    result = run("remind", "-m", "2024-09")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "To: ana@network.example, bo@network.example\n"
        "Subject: LPMN State Download, September 2024: your items\n"
        "\n"
        "Hello Minnesota,\n"
        "\n"
        "Your items for LPMN State Download (September 2024) were due on Friday, September 20.\n"
        "\n"
        "So far we have:\n"
        "- Trees for all\n"
        "\n"
        "Begun, but not finished:\n"
        "- A hall (issues/2024-09/items/begun.md)\n"
        "\n"
        "What is missing: at least one story of your own. An issue needs at least 3 stories.\n"
        "\n"
        "Save this as a file in issues/2024-09/items/, fill in the title, and write your story below the second line "
        "of hyphens:\n"
        "\n"
        "---\ntitle:\nchapters: [LPMN]\nmonth: 2024-09\nsection: wins\n---\n"
        "\n"
        "Or answer this message with a few sentences, a link and a picture: that is enough.\n"
        "\n"
        "Thank you!\n"
    )


def test_a_chapter_is_written_to_in_its_own_language(room: Room, run: Run) -> None:
    settings(room, 'due = 20\nlanguage = "es"\ncontact = "ana@network.example"')
    shown = run("remind", "-m", "2024-09").stdout
    assert "Hola, Minnesota:" in shown
    assert "a más tardar el viernes, 20 de septiembre" in shown
    assert "Hasta ahora no hemos recibido nada de ustedes." in shown


def test_a_language_that_has_no_sentences_gets_english_ones_and_its_own_dates(room: Room) -> None:
    settings(room, 'language = "nl"')
    newsroom = room.load()
    message = reminder(newsroom, edition_of(newsroom, LPMN), DUE, (), needs_own=True, few=3)
    assert "were due on vrijdag 20 september" in message.text


def test_what_can_not_be_read_is_named(room: Room, run: Run) -> None:
    settings(room, "due = 20")
    room.item("story", section="winz")
    result = run("remind", "-m", "2024-09")
    assert "- issues/2024-09/items/story.md:6: section 'winz' is not in newsletter.toml" in result.stdout
    assert f"{LPMN} has no contact\n" in result.stderr


def test_a_front_page_at_fault_does_not_keep_the_message_from_being_written(room: Room, run: Run) -> None:
    settings(room, "due = 20")
    room.front_page(LPMN, lead="nothing-of-that-name")
    room.item("story")
    assert "Your items for LPMN State Download (September 2024)" in run("remind", "-m", "2024-09").stdout


def test_whoever_has_delivered_or_is_on_the_way_is_left_alone(room: Room, run: Run) -> None:
    settings(room, "due = 20")
    room.item("one")
    assert run("remind", "-m", "2024-09").stdout
    ledger.add(room.root, datetime(2024, 9, 22, tzinfo=UTC), "Ana", "proof", "done", LPMN)
    result = run("remind", "-m", "2024-09")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "nobody is late in 2024-09\n")
    (room.root / "ledger.jsonl").unlink()
    room.item("two")
    room.item("three")
    assert run("remind", "-m", "2024-09").stdout == ""


def test_nobody_is_late_before_the_day_or_without_one(room: Room, run: Run) -> None:
    room.item("one")
    assert run("remind", "-m", "2024-09").stderr == (
        "nobody can be late in 2024-09: no chapter has a day by which its items are wanted\n"
        "  hint: write due = 20 under [organization], a publication or a chapter: the day of the month\n"
    )
    settings(room, "due = 20")
    later = f"{date.today().year + 1}-01"
    assert run("remind", "-m", later).stderr == f"nobody is late in {later}: the first items are wanted by {later}-20\n"


def test_copy_puts_the_messages_on_the_clipboard(room: Room, tmp_path: Path) -> None:
    settings(room, "due = 20")
    room.item("one")
    clipboard, program = tmp_path / "board", tmp_path / "bin" / "xclip"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat > {clipboard}\n")
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SSH_", "WAYLAND"))}
    environment = {**kept, "DISPLAY": ":9", "PATH": f"{program.parent}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "newsletter", "--newsroom", str(room.root), "remind", "-m", "2024-09", "--copy"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr.splitlines()[-1]) == (0, "the message: on the clipboard")
    assert clipboard.read_text("utf-8") == result.stdout
