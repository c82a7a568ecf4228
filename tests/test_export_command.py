"""newsletter export: what a person types, gets and reads."""

import json
import os
import re
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from newsletter.deliver.providers import packaged_providers
from tests.conftest import Run
from tests.room import TOML, Room
from tests.terminal import Terminal

ID = "2024-09/state-LPMN"
TABLE = packaged_providers()
EVERYACTION = '\n[providers.everyaction.tags]\nunsubscribe_url = "{{unsubscribe-link}}"\n'
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000"
    "050001a5f645400000000049454e44ae426082"
)


def told(room: Room, provider: str) -> str:
    """Return the checklist."""
    return (room.root / "build" / ID / provider / "handover.md").read_text("utf-8")


def test_export_writes_a_folder_for_the_provider_inside_the_issues_own(room: Room, run: Run) -> None:
    room.item()
    result = run("export", "LPMN", "--for", "mailchimp")
    assert result.exit_code == 0
    folder = room.root / "build" / ID / "mailchimp"
    assert result.stdout == f"build/{ID}/mailchimp\n"
    assert result.stderr == f"next: work through build/{ID}/mailchimp/handover.md\n"
    assert {file.name for file in folder.iterdir()} == {
        *("issue.html", "issue.txt", "subject.txt", "preheader.txt", "handover.md", "manifest.json")
    }


def test_an_exports_manifest_lists_its_files_and_what_of_the_issue_they_were_made_from(room: Room, run: Run) -> None:
    room.file("issues/2024-09/items/square.png", PIXEL)
    room.item(image="square.png", image_alt="A square")
    run("build", "LPMN", "--for", "brevo")
    run("export", "LPMN", "--for", "brevo", "--zip")
    folder = room.root / "build" / ID / "brevo"
    manifest = json.loads((folder / "manifest.json").read_bytes())
    built = json.loads(room.built("manifest.json"))
    assert (manifest["issue"], manifest["provider"]) == (ID, "brevo")
    assert manifest["made_from"] == {name: built["parts"][name] for name in ("issue.html", "issue.txt")}
    assert manifest["pictures"] == built["pictures"]
    assert {**manifest["parts"], **manifest["pictures"]} == {
        path.name: {"bytes": path.stat().st_size, "sha256": sha256(path.read_bytes()).hexdigest()}
        for path in folder.iterdir()
        if path.name != "manifest.json"
    }


def test_an_export_lives_beside_the_build_of_its_issue(room: Room, run: Run) -> None:
    room.item()
    run("export", "LPMN", "--for", "mailchimp")
    assert run("build", "LPMN").exit_code == 0
    assert (room.root / "build" / ID / "mailchimp" / "issue.html").is_file()
    assert (room.root / "build" / ID / "issue.html").is_file()


def test_export_takes_nothing_away_that_it_did_not_write(room: Room, run: Run, tmp_path: Path) -> None:
    room.item()
    desktop = tmp_path / "desktop"
    desktop.mkdir()
    (desktop / "mine.txt").write_text("mine")
    assert run("export", "LPMN", "--for", "brevo", "--out", str(desktop)).exit_code == 0
    assert (desktop / "mine.txt").read_text() == "mine"
    assert (desktop / ID / "brevo" / "issue.html").is_file()


def test_without_for_the_newsrooms_own_provider_is_taken(room: Room, run: Run) -> None:
    room.file("newsletter.toml", TOML.replace('short_name = "EN"', 'short_name = "EN"\nprovider = "brevo"'))
    room.item()
    assert run("export", "LPMN").stdout == f"build/{ID}/brevo\n"


def test_zip_adds_one_file_with_all_the_others_and_is_the_same_every_time(room: Room, run: Run) -> None:
    room.item()
    result = run("export", "LPMN", "--for", "mailchimp", "--zip")
    archive = room.root / "build" / ID / "mailchimp" / "2024-09-state-LPMN-mailchimp.zip"
    assert result.stdout == f"build/{ID}/mailchimp/{archive.name}\n"
    first = archive.read_bytes()
    run("export", "LPMN", "--for", "mailchimp", "--zip")
    assert archive.read_bytes() == first
    with zipfile.ZipFile(archive) as held:
        assert held.testzip() is None
        for name in held.namelist():
            beside = archive.parent / name.removeprefix("2024-09-state-LPMN-mailchimp/")
            assert held.read(name) == beside.read_bytes()
        # What a build may take away is of no use to whoever gets the zip.
        names = {name.rpartition("/")[2] for name in held.namelist()}
    assert names == {path.name for path in archive.parent.iterdir()} - {archive.name, "manifest.json"}
    run("export", "LPMN", "--for", "mailchimp")
    assert not archive.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("LPMN", "--for", "mailchmp"), 2, "no provider is called 'mailchmp'\n  hint: did you mean 'mailchimp'?\n"),
        (("LPNM", "--for", "brevo"), 2, "no issue is called 'LPNM'\n  hint: did you mean 'LPMN'?\n"),
        (
            ("network", "--for", "brevo"),
            1,
            "2024-09/network has no items\n  hint: tag an item with chapters: [network] and month: 2024-09\n",
        ),
        (
            ("LPMN", "--for", "constant-contact", "--copy", "text"),
            2,
            "Constant Contact takes no plain text\n  hint: it makes its own from the HTML\n",
        ),
    ],
)
def test_what_can_not_be_exported_is_said_in_words(
    room: Room, run: Run, arguments: tuple[str, ...], code: int, words: str
) -> None:
    room.item()
    result = run("export", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", words)


def test_an_issue_with_a_fault_is_not_exported_and_the_last_export_stays(room: Room, run: Run) -> None:
    room.item()
    run("export", "LPMN", "--for", "brevo")
    folder = room.root / "build" / ID / "brevo"
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    room.item("worse", image="nowhere.png")
    result = run("export", "LPMN", "--for", "brevo")
    assert result.exit_code == 1
    assert "picture 'nowhere.png' is not there" in result.stderr
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_copy_of_several_issues_at_once_is_refused(room: Room, run: Run) -> None:
    again = TOML[TOML.index("[publications.state]") : TOML.index("[chapters.LPMN]")]
    room.file("newsletter.toml", TOML + "\n" + again.replace(".state]", ".second]"))
    room.item()
    result = run("export", "LPMN", "--for", "brevo", "--copy", "html")
    assert result.exit_code == 2
    assert result.stderr == (
        "'LPMN' has several issues: 2024-09/state-LPMN, 2024-09/second-LPMN\n  hint: with --copy, name one of them\n"
    )
    assert len(run("export", "LPMN", "--for", "brevo").stdout.splitlines()) == 2


def test_help_names_every_packaged_provider(run: Run) -> None:
    told = run("export", "--help").stdout
    assert all(re.search(rf"\b{name}\b", told) for name in TABLE)


# The clipboard.


def _environment(**own: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SSH_", "WAYLAND", "DISPLAY"))}
    return {**kept, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", **own}


def _command(room: Room, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "newsletter", "--newsroom", str(room.root), "export", "LPMN", *arguments]


def test_copy_puts_one_part_on_the_clipboard(room: Room, tmp_path: Path) -> None:
    room.item(title="Ünïcode wins")
    board = tmp_path / "board"
    xclip = tmp_path / "bin" / "xclip"
    xclip.parent.mkdir()
    xclip.write_text(f"#!/bin/sh\ncat > {board}\n")
    xclip.chmod(0o755)
    environment = _environment(DISPLAY=":9")
    environment["PATH"] = f"{xclip.parent}:{environment['PATH']}"
    command = _command(room, "--for", "brevo", "--copy", "subject")
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stderr.endswith("subject.txt: on the clipboard\n")
    assert board.read_text("utf-8") == "LPMN State Download 📣 | Ünïcode wins | September 2024"


def test_over_ssh_the_part_goes_to_the_near_terminal(room: Room) -> None:
    room.item(title="Ünïcode wins")
    command = _command(room, "--for", "brevo", "--copy", "subject")
    with Terminal(command, _environment(SSH_CONNECTION="192.0.2.1 5 192.0.2.2 22")) as terminal:
        seen = terminal.read_to_end()
    assert terminal.exit_code == 0
    # RFC 4648 base64 of the subject's UTF-8.
    subject = "LPMN State Download 📣 | Ünïcode wins | September 2024"
    assert f"\x1b]52;c;{_base64(subject)}\a" in seen


def test_without_any_clipboard_the_way_out_is_named_and_the_files_are_there(room: Room) -> None:
    room.item()
    environment = _environment()
    environment["PATH"] = str(Path(sys.executable).parent)
    command = _command(room, "--for", "brevo", "--copy", "html")
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.endswith(
        "there is no clipboard here\n  hint: open the file that was written and copy from there; "
        "on Linux, xclip or wl-clipboard gives you --copy\n"
    )
    assert (room.root / "build" / ID / "brevo" / "issue.html").is_file()


def _base64(words: str) -> str:
    import base64

    return base64.b64encode(words.encode()).decode()


# The checklist.


@pytest.fixture
def full(room: Room) -> Room:
    """Return a newsroom whose issue has all that a checklist speaks of."""
    toml = TOML.replace(
        'sender_address = "news@network.example"',
        'sender_address = "news@network.example"\nreply_to = "hello@network.example"\naudience = "Everybody in MN"',
    )
    room.file("newsletter.toml", toml + EVERYACTION)
    room.file("issues/2024-09/items/square.png", PIXEL)
    room.item("square", "Words.\n", image="square.png", image_alt="A square")
    room.item("meeting", "Words.\n", section="events", starts="2024-09-20 18:00", timezone="America/Chicago")
    room.front_page(ID, "Dear %%first_name|neighbor%%,\n", subject="News | `code` & more")
    return room


@pytest.mark.parametrize("name", tuple(TABLE))
def test_the_checklist_is_numbered_and_speaks_of_this_issue_and_provider(full: Room, run: Run, name: str) -> None:
    assert run("export", "LPMN", "--for", name).exit_code == 0
    checklist = told(full, name)
    label = TABLE[name].label
    assert checklist.startswith(f"# LPMN State Download, September 2024: hand over to {label}\n\nIssue {ID}.")
    numbers = [int(one) for one in re.findall(r"^([0-9]+)\. \[ \] \S", checklist, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 10
    for words in (
        "**Everybody in MN**",
        "**Example Network**",
        "**news@network.example**",
        "**hello@network.example**",
        "    News | `code` & more\n",
        "alt text “A square”",
        "Friday, September 20, 6:00\N{NO-BREAK SPACE}PM",
    ):
        assert words in checklist
    assert ("`issue.txt`" in checklist) or not TABLE[name].has_text
    assert not re.search(r"\{(label|audience|sender_|reply_to|characters)", checklist)


@pytest.mark.parametrize("name", tuple(TABLE))
def test_what_was_only_remembered_is_listed_as_not_verified(full: Room, run: Run, name: str) -> None:
    run("export", "LPMN", "--for", name)
    _, is_there, listed = told(full, name).partition("\n## Not verified\n")
    row = TABLE[name]
    assert bool(is_there) == bool(row.unverified)
    assert len(listed.strip().splitlines()) == len(row.unverified)
    for one in row.unverified:
        key, _, part = one.partition(" ")
        tag = (row.text_tags if part else row.tags).get(key) or row.elements.get(key, "")
        assert tag in listed


def test_a_name_that_the_provider_can_not_fill_in_is_told(full: Room, run: Run) -> None:
    run("export", "LPMN", "--for", "action-network")
    assert (
        "Readers are not called by their name: Action Network has no tag for it in newsletter.toml, so all read "
        "“neighbor”."
    ) in told(full, "action-network")
    run("export", "LPMN", "--for", "mailchimp")
    assert "a test to an address without a name shows “neighbor”." in told(full, "mailchimp")


def test_pictures_of_a_newsroom_with_a_place_for_them_are_expected_there(full: Room, run: Run) -> None:
    toml = (full.root / "newsletter.toml").read_text("utf-8")
    base = 'picture_base_url = "https://pictures.example/n"'
    full.file("newsletter.toml", toml.replace('short_name = "EN"', f'short_name = "EN"\n{base}'))
    run("export", "LPMN", "--for", "brevo")
    checklist = told(full, "brevo")
    assert f"Upload this picture to `https://pictures.example/n/{ID}/`: the HTML looks there." in checklist
    page = (full.root / "build" / ID / "brevo" / "issue.html").read_text("utf-8")
    assert f'src="https://pictures.example/n/{ID}/square-' in page


def test_a_checklist_for_html_says_that_the_message_opens_as_a_draft(full: Room, run: Run) -> None:
    run("export", "LPMN", "--for", "html")
    assert "[ ] Open `issue.eml` in a desktop mail program: it opens as a draft" in told(full, "html")
    message = (full.root / "build" / ID / "html" / "issue.eml").read_bytes()
    assert b"\r\nX-Unsent: 1\r\n" in message
