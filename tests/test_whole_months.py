"""export and proof of a whole month: a row an issue, and what stops one does not stop the others."""

import io
import zipfile
from pathlib import Path

import pytest

from newsletter.deliver import ledger
from newsletter.deliver.folder import made_of
from tests.conftest import Run
from tests.mailserver import CLOSE, mail_server
from tests.room import TOML, Room, picture

LPMN, LPNY, NETWORK = "2024-09/state-LPMN", "2024-09/state-LPNY", "2024-09/network"
ANA, BO = "ana@network.example", "bo@network.example"


@pytest.fixture
def room(room: Room) -> Room:
    room.item("story", chapters=["LPMN", "network"])
    room.item("other", chapters=["LPNY"])
    return room


def with_contacts(room: Room, **contacts: str) -> None:
    toml = TOML
    for code, contact in contacts.items():
        toml = toml.replace(f"[chapters.{code}]\n", f"[chapters.{code}]\ncontact = {contact!r}\n")
    room.file("newsletter.toml", toml)


def proofs(room: Room) -> list[tuple[str, str, object]]:
    entries = [entry for entry in ledger.read(room.root).entries if entry.do == "proof"]
    return [(entry.issue, entry.state, entry.more["people"]) for entry in entries]


# Exports.


def test_export_without_an_issue_takes_the_month_with_a_row_an_issue(room: Room, run: Run) -> None:
    result = run("export", "-m", "2024-09", "--for", "brevo")
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [f"{issue}\texported\tbrevo\tbuild/{issue}/brevo" for issue in (NETWORK, LPMN, LPNY)],
    )
    assert result.stderr == "next: work through the handover.md in each folder\n"


def test_an_issue_at_fault_does_not_stop_the_others_of_the_month(room: Room, run: Run) -> None:
    room.item("worse", chapters=["LPNY"], image="nowhere.png")
    result = run("export", "-m", "2024-09", "--for", "brevo")
    assert result.exit_code == 1
    assert [row.split("\t")[:2] for row in result.stdout.splitlines()] == [
        [NETWORK, "exported"],
        [LPMN, "exported"],
        [LPNY, "not exported"],
    ]
    assert result.stderr.count("picture 'nowhere.png' is not there") == 1


def test_what_is_handed_over_with_errors_is_said(room: Room, run: Run) -> None:
    room.item("story", "Words of [a link](http://localhost:8000/).\n")
    result = run("export", "LPMN", "--for", "brevo")
    assert result.exit_code == 0
    assert f"{LPMN} is handed over with 1 error: newsletter check {LPMN}\n" in result.stderr


def test_mailchimp_gets_a_zip_to_import_and_the_checklist_offers_it(room: Room, run: Run) -> None:
    room.file("issues/2024-09/items/tree.png", picture())
    room.item("story", image="tree.png", image_alt="A tree")
    run("export", "LPMN", "--for", "mailchimp")
    folder = room.root / "build" / LPMN / "mailchimp"
    with zipfile.ZipFile(io.BytesIO((folder / "2024-09-state-LPMN-import.zip").read_bytes())) as archive:
        names = archive.namelist()
        assert archive.read("issue.html") == (folder / "issue.html").read_bytes()
    (name,) = set(names) - {"issue.html"}
    assert (folder / name).is_file()
    assert f'src="{name}"' in (folder / "issue.html").read_text("utf-8")
    assert "Either import `2024-09-state-LPMN-import.zip`" in (folder / "handover.md").read_text("utf-8")
    toml = TOML.replace("[publications", 'picture_base_url = "https://network.example/p"\n\n[publications', 1)
    room.file("newsletter.toml", toml)
    run("export", "LPMN", "--for", "mailchimp")
    assert not list(folder.glob("*.zip"))


# Proofs.


def test_a_proof_stands_in_the_ledger_before_and_after_without_an_address(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        assert run("proof", "LPMN", "--to", ANA, "--to", BO).exit_code == 0
    begun, done = ledger.read(room.root).entries
    assert (begun.state, done.state, begun.op) == ("begun", "done", done.op)
    assert (done.made, done.more) == (made_of(room.email()), {"people": 2})
    assert "@" not in (room.root / "ledger.jsonl").read_text("utf-8")


def test_how_a_proof_ended_stands_in_the_ledger(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for mood, state in ((("MAIL", "550 no"), "failed"), (("content", CLOSE), "unknown")):
        with mail_server(mood=mood) as server:
            monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
            assert run("proof", "LPMN", "--to", ANA).exit_code == 3
        assert ledger.read(room.root).entries[-1].state == state
    with mail_server(refuses={BO: "550 no"}) as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        assert run("proof", "LPMN", "--to", ANA, "--to", BO).exit_code == 3
    assert proofs(room)[-1] == (LPMN, "done", 1)


def test_a_proof_goes_out_where_the_ledger_can_not_be_written(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (room.root / "ledger.jsonl").symlink_to("nowhere")
    with mail_server() as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        result = run("proof", "LPMN", "--to", ANA)
    assert (result.exit_code, len(server.mails)) == (0, 1)
    assert "ledger.jsonl: can't be written: it is a symbolic link" in result.stderr


def test_proof_without_an_issue_takes_the_month_each_in_a_mail_of_its_own(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.item("worse", chapters=["LPNY"], image="nowhere.png")
    with mail_server() as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        result = run("proof", "-m", "2024-09", "--to", ANA)
    assert (result.exit_code, result.stdout) == (1, f"{NETWORK}\tsent\t1\n{LPMN}\tsent\t1\n")
    assert len(server.mails) == 2
    assert "picture 'nowhere.png' is not there" in result.stderr


def test_each_chapters_issue_goes_to_its_own_contact(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with_contacts(room, LPMN=ANA, LPNY=BO)
    with mail_server() as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        result = run("proof", "-m", "2024-09", "--to-contacts")
    assert (result.exit_code, result.stdout) == (0, f"{LPMN}\tsent\t1\n{LPNY}\tsent\t1\n")
    assert [mail.rcpt_tos for mail in server.mails] == [[ANA], [BO]]
    assert f"{NETWORK} has no contact, so no proof of it goes out\n" in result.stderr


def test_a_chapter_without_a_contact_is_told_and_the_others_are_sent(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_contacts(room, LPMN=ANA)
    with mail_server() as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        result = run("proof", "-m", "2024-09", "--to-contacts")
    assert (result.exit_code, len(server.mails)) == (1, 1)
    assert (
        f'{LPNY} has no contact to send a proof to\n  hint: write contact = "name@…" under [chapters.LPNY]'
        in result.stderr
    )


def test_a_contact_outside_the_own_domains_is_asked_about(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_contacts(room, LPMN="ana@elsewhere.example")
    with mail_server() as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        result = run("proof", "LPMN", "--to-contacts")
        assert (result.exit_code, server.mails, proofs(room)) == (2, [], [])
        assert run("proof", "LPMN", "--to-contacts", "--yes").exit_code == 0


def test_a_server_that_takes_nothing_is_not_asked_for_a_whole_month(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(mood=("MAIL", "550 no")) as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        result = run("proof", "-m", "2024-09", "--to", ANA)
    assert (result.exit_code, result.stdout) == (3, f"{NETWORK}\tnot sent\t1\n{LPMN}\tnot sent\t1\n")
    assert "1 more proof is not tried any more" in result.stderr
    assert [state for _, state, _ in proofs(room)] == ["begun", "failed"] * 2


def test_nobody_is_written_to_without_an_address_or_contacts(room: Room, run: Run, tmp_path: Path) -> None:
    result = run("proof", "-m", "2024-09")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nobody is named to send the proof to" in result.stderr


def test_the_checklist_ends_with_what_keeps_the_issue(room: Room, run: Run) -> None:
    run("export", "LPMN", "--for", "brevo")
    checklist = (room.root / "build" / LPMN / "brevo" / "handover.md").read_text("utf-8")
    assert f"Once it is out, `newsletter sent {LPMN}` keeps what went out" in checklist
