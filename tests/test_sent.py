"""newsletter sent: what went out is kept as it went out, and the ledger says that it did."""

import json
import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from newsletter.deliver import kept, ledger
from newsletter.issue.assemble import assemble
from newsletter.issue.compose import compose
from newsletter.issue.edition import edition_of
from newsletter.read.load import load
from tests.conftest import Run
from tests.killer import in_a_child, touches_of
from tests.room import Room, picture

ID = "2024-09/state-LPMN"
TODAY = date.today().isoformat()


@pytest.fixture
def room(room: Room) -> Room:
    room.file("issues/2024-09/items/tree.png", picture())
    room.item(image="tree.png", image_alt="A tree")
    room.front_page(ID, "Dear neighbors,\n")
    return room


def files(room: Room) -> list[str]:
    place = room.root / "sent" / ID
    return sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())


def is_sent(room: Room) -> bool:
    return ledger.read(room.root).sent(ID) is not None


def test_the_newest_export_is_kept_with_all_that_the_issue_was_made_from(room: Room, run: Run) -> None:
    run("build", "LPMN")
    run("export", "LPMN", "--for", "brevo")
    run("export", "LPMN", "--for", "mailchimp")
    result = run("sent", "LPMN", "-m", "2024-09", "--on", "2024-09-12")
    assert (result.exit_code, result.stdout) == (0, f"sent/{ID}\n")
    assert result.stderr == (
        f"{ID}: kept what lies in build/{ID}/mailchimp\nnext: git add ledger.jsonl sent, and commit\n"
    )
    place = room.root / "sent" / ID
    stated = json.loads((place / "manifest.json").read_bytes())
    (name,) = stated["pictures"]
    assert files(room) == sorted(
        [
            *("issue.html", "issue.txt", "manifest.json", name, "newsletter.toml"),
            *(f"issues/{ID}.md", "issues/2024-09/items/story.md", "issues/2024-09/items/tree.png"),
        ]
    )
    assert (place / "issue.html").read_bytes() == (room.root / f"build/{ID}/mailchimp/issue.html").read_bytes()
    assert (stated["sent"], stated["provider"], stated["edited"]) == ("2024-09-12", "mailchimp", [])
    entry = ledger.read(room.root).sent(ID)
    assert entry
    assert (entry.made, entry.more) == (stated["made"], {"on": "2024-09-12", "provider": "mailchimp"})
    assert kept.kept(room.root, ID) == stated


def test_the_issue_can_be_made_from_what_was_kept_alone(room: Room, run: Run) -> None:
    before = compose(room.issue(ID))
    run("build", "LPMN")
    run("sent", ID)
    room.item("story", "Other words.\n", title="Another title")
    room.file("newsletter.toml", "[organization]\nname = 'Others'\n")
    shutil.rmtree(room.root / "issues")
    shutil.rmtree(room.root / "build")
    alone = load(room.root / "sent" / ID)
    assert alone.faults == ()
    issue = assemble(alone, edition_of(alone, ID))
    assert compose(issue) == before
    assert issue.front_page
    assert issue.front_page.greeting == "Dear neighbors,"


def test_without_an_export_the_build_is_kept_and_today_is_the_day(room: Room, run: Run) -> None:
    run("build", "LPMN")
    assert run("sent", ID).exit_code == 0
    assert json.loads((room.root / "sent" / ID / "manifest.json").read_bytes())["sent"] == TODAY
    assert "issue.eml" not in files(room)


def test_what_was_never_built_can_not_have_gone_out(room: Room, run: Run) -> None:
    result = run("sent", ID)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"{ID} was never built, so nothing of it can have gone out\n"
        f"  hint: newsletter export {ID} --for PROVIDER, hand it over, then run this again\n"
    )
    assert not (room.root / "sent").exists()
    assert not is_sent(room)


def test_what_is_sent_already_is_refused_with_both_ways_out(room: Room, run: Run) -> None:
    run("build", "LPMN")
    run("sent", ID, "--on", "2024-09-12")
    refused = run("sent", ID)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"{ID} is marked sent already: on 2024-09-12")
    assert refused.stderr.endswith("\n  hint: it went out once more: --again; it never did: --undo\n")
    room.item(body="Corrected words.\n")
    run("build", "LPMN")
    assert run("sent", ID, "--again").exit_code == 0
    assert b"Corrected words" in (room.root / "sent" / ID / "issue.html").read_bytes()
    assert "issues/2024-09/items/tree.png" not in files(room)


def test_undo_takes_back_what_was_kept_and_what_was_written_down(room: Room, run: Run) -> None:
    run("build", "LPMN")
    run("sent", ID)
    assert run("sent", ID, "--undo").exit_code == 0
    assert not (room.root / "sent" / ID).exists()
    assert not is_sent(room)
    assert len((room.root / "ledger.jsonl").read_text().splitlines()) == 2
    refused = run("sent", ID, "--undo")
    assert (refused.exit_code, refused.stderr.partition("\n")[0]) == (1, f"{ID} is not marked sent")
    assert run("sent", ID).exit_code == 0
    assert is_sent(room)


def test_what_was_edited_since_or_is_gone_is_told_and_not_refused(room: Room, run: Run) -> None:
    run("export", "LPMN", "--for", "brevo")
    room.item(body="Other words.\n")
    (room.root / f"issues/{ID}.md").unlink()
    result = run("sent", ID)
    assert result.exit_code == 0
    assert "issues/2024-09/items/story.md was edited since: the mail has its former words" in result.stderr
    assert f"issues/{ID}.md is gone: the mail has it" in result.stderr
    stated = json.loads((room.root / "sent" / ID / "manifest.json").read_bytes())
    assert stated["edited"] == ["issues/2024-09/items/story.md"]
    assert b"Other words" not in (room.root / "sent" / ID / "issue.html").read_bytes()


def test_an_issue_that_has_lost_its_items_since_can_be_marked(room: Room, run: Run) -> None:
    run("build", "LPMN")
    shutil.rmtree(room.root / "issues/2024-09/items")
    assert run("sent", ID).exit_code == 0
    assert is_sent(room)


def test_a_folder_whose_files_were_changed_is_not_taken(room: Room, run: Run) -> None:
    run("build", "LPMN")
    run("export", "LPMN", "--for", "brevo")
    page = room.root / f"build/{ID}/brevo/issue.html"
    page.write_text("mine")
    result = run("sent", ID)
    assert result.exit_code == 0
    assert f"{ID}: kept what lies in build/{ID}\n" in result.stderr
    assert (
        f"build/{ID}/brevo/issue.html was changed after it was written, so that folder was not taken" in result.stderr
    )
    run("sent", ID, "--undo")
    (room.root / f"build/{ID}/issue.txt").write_text("mine")
    refused = run("sent", ID)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"nothing of {ID} is as it was written: ")
    assert not is_sent(room)


def test_of_several_issues_one_that_can_not_be_kept_does_not_stop_the_others(room: Room, run: Run) -> None:
    room.item("other", chapters=["network"])
    run("build", "LPMN")
    result = run("sent", "-m", "2024-09", "network", "LPMN")
    assert (result.exit_code, result.stdout) == (1, f"sent/{ID}\n")
    assert "2024-09/network was never built" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--on", "someday"), "--on: "),
        (("--on", (date.today() + timedelta(days=2)).isoformat()), "is still to come\n"),
        (("--undo", "--again"), "--undo takes back what was written down, so it does not go with --again"),
        (("--undo", "--on", "2024-09-12"), "--undo takes back what was written down, so it does not go with --on"),
    ],
)
def test_a_day_or_a_flag_that_can_not_be_is_refused(
    room: Room, run: Run, arguments: tuple[str, ...], words: str
) -> None:
    run("build", "LPMN")
    result = run("sent", ID, *arguments)
    assert (result.exit_code, words in result.stderr) == (2, True)
    assert not is_sent(room)


def test_nothing_of_somebody_elses_is_replaced_or_written_through(room: Room, run: Run) -> None:
    run("build", "LPMN")
    notes = room.file(f"sent/{ID}/notes.txt", "mine")
    assert "'newsletter sent' did not write what lies there" in run("sent", ID).stderr
    notes.unlink()
    notes.parent.rmdir()
    assert run("sent", ID).exit_code == 0
    notes.write_text("mine")
    for flag in ("--again", "--undo"):
        refused = run("sent", ID, flag)
        assert (refused.exit_code, "move it elsewhere" in refused.stderr) == (1, True)
    assert notes.read_text() == "mine"
    shutil.rmtree(room.root / "sent")
    (room.root / "elsewhere").mkdir()
    (room.root / "sent").symlink_to("elsewhere")
    assert "it is a symbolic link" in run("sent", ID, "--again").stderr
    assert list((room.root / "elsewhere").iterdir()) == []


def test_a_forged_manifest_leads_nowhere(room: Room, run: Run) -> None:
    run("build", "LPMN")
    path = room.root / f"build/{ID}/manifest.json"
    stated = json.loads(path.read_bytes())
    stated["items"][0]["path"] = "issues/../../../outside.md"
    stated["pictures"]["../../secret"] = {"bytes": 0, "sha256": ""}
    path.write_text(json.dumps(stated))
    assert run("sent", ID).exit_code == 1
    del stated["pictures"]["../../secret"]
    path.write_text(json.dumps(stated))
    assert run("sent", ID).exit_code == 0
    assert not (room.root.parent / "outside.md").exists()


def test_killed_at_any_moment_the_folder_is_whole_or_not_there(room: Room, run: Run) -> None:
    run("build", "LPMN")
    handed = kept.handed_over(room.root / "build", ID)
    made_from = kept.sources(load(room.root), handed.manifest)

    def work() -> None:
        kept.keep(room.root, handed, made_from, TODAY)

    sent = room.root / "sent"
    for is_there in (False, True):
        count = touches_of(work, sent)
        assert count > 5
        for at in range(1, count + 1):
            shutil.rmtree(sent, ignore_errors=True)
            if is_there:
                work()
            in_a_child(work, sent, at=at)
            assert kept.kept(room.root, ID) or not (sent / ID).exists()
            assert not is_there or kept.kept(room.root, ID)
            work()
            assert kept.kept(room.root, ID)
            assert [path.name for path in (sent / "2024-09").iterdir()] == ["state-LPMN"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes anywhere")
def test_a_newsroom_that_may_not_be_written_is_told(room: Room, run: Run) -> None:
    run("build", "LPMN")
    room.root.chmod(0o500)
    result = run("sent", ID)
    room.root.chmod(0o700)
    assert (result.exit_code, "permission denied" in result.stderr) == (1, True)


def test_a_ledger_that_can_not_be_written_leaves_the_issue_unmarked_and_the_next_try_ends_well(
    room: Room, run: Run
) -> None:
    run("build", "LPMN")
    (room.root / "ledger.jsonl").symlink_to("nowhere")
    assert run("sent", ID).exit_code == 1
    (room.root / "ledger.jsonl").unlink()
    assert run("sent", ID).exit_code == 0
    assert is_sent(room)


def test_without_git_the_ledger_names_nobody(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run("build", "LPMN")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run("sent", ID).exit_code == 0
    entry = ledger.read(room.root).sent(ID)
    assert entry
    assert entry.by == ""
