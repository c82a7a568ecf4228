"""newsletter draft, drafts, pull, audiences, as a person runs them."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator

import keyring
import pytest

from newsletter.deliver import ledger
from tests.conftest import INSTALLED, Run, started
from tests.drafting import ALIAS, ISSUE, WORDS, newsroom
from tests.rings import Locked, Ring
from tests.room import SAMPLE, Room
from tests.standins.mailchimp import Mailchimp
from tests.standins.server import KEY, Request
from tests.terminal import Terminal

VARIABLE = "NEWSLETTER_KEY_MAILCHIMP"
pytestmark = pytest.mark.usefixtures("ring")


@pytest.fixture
def room(tmp_path: object) -> Room:
    """Return a newsroom with one issue of one item."""
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    return newsroom(tmp_path / "room")


@pytest.fixture
def mailchimp(room: Room, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailchimp]:
    """Return Mailchimp on loopback, with three lists, and newsletter.toml says so."""
    with Mailchimp().open() as standin:
        assert isinstance(standin, Mailchimp)
        standin.add_list("Everybody", 5000)
        own = standin.add_list("Minnesota", 1204)
        settings(room, standin, f'"{ALIAS}" = "{own}"')
        monkeypatch.setenv(VARIABLE, KEY)
        yield standin
        assert standin.mailed == []


def settings(room: Room, standin: Mailchimp, *audiences: str) -> None:
    """Write the account into newsletter.toml."""
    base = (room.root / "newsletter.toml").read_text("utf-8").partition("\n[providers.")[0]
    table = "\n".join(audiences)
    room.file(
        "newsletter.toml",
        f'{base}\n[providers.mailchimp]\nurl = "{standin.url}"\n[providers.mailchimp.audiences]\n{table}\n',
    )


def draft(run: Run, *words: str) -> tuple[int, str, str]:
    """Run `newsletter draft` for the issue, and return exit code, stdout, stderr."""
    result = run("draft", ISSUE, "--for", "mailchimp", *words)
    return result.exit_code, result.stdout, result.stderr


def test_a_draft_and_its_row(run: Run, mailchimp: Mailchimp) -> None:
    code, rows, said = draft(run)
    (mail,) = mailchimp.mails()
    link = f"{mailchimp.url}/campaigns/edit?id=1001"
    assert (code, rows) == (0, f"{ISSUE}\tMinnesota\t1204\tmade\t{link}\n")
    assert f"{ISSUE}: uploading 1 picture" in said.splitlines()
    assert "next: look at each there, send it there, then: newsletter sent ISSUE" in said
    assert mailchimp.mails()[mail]["state"] == "draft"
    code, rows, _ = draft(run)
    assert (code, rows) == (0, f"{ISSUE}\tMinnesota\t1204\tup to date\t{link}\n")


def test_what_was_handed_over_lies_beside_the_issue_and_is_kept_by_sent(
    run: Run, mailchimp: Mailchimp, room: Room
) -> None:
    draft(run)
    place = room.root / "build" / ISSUE / "mailchimp"
    names = sorted(path.name for path in place.iterdir())
    assert [name for name in names if not name.startswith("tree-")] == [
        "issue.html",
        "issue.txt",
        "manifest.json",
        "preheader.txt",
        "subject.txt",
    ]
    (mail,) = mailchimp.mails()
    mailchimp.set_state(mail, "sent")
    looked = run("drafts", ISSUE)
    day = time.strftime("%Y-%m-%d", time.gmtime())
    assert looked.stdout.split("\t")[3] == f"sent on {day}"
    assert f"next: newsletter sent {ISSUE} --on {day}" in looked.stderr
    sent = run("sent", ISSUE)
    assert (sent.exit_code, f"was seen as sent on {day}" in sent.stderr) == (0, True)
    assert (room.root / "sent" / ISSUE / "issue.html").read_bytes() == (place / "issue.html").read_bytes()
    entry = ledger.read(room.root).sent(ISSUE)
    assert entry
    assert (entry.more["on"], entry.more["provider"]) == (day, "mailchimp")
    code, rows, said = draft(run)
    assert (code, rows) == (1, f"{ISSUE}\t\t\trefused\t\n")
    assert "so it is not drafted any more" in said


def test_the_row_says_made_where_it_could_not_be_noted(run: Run, mailchimp: Mailchimp, room: Room) -> None:
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(request: Request) -> None:
        if (request.method, request.path) == ("POST", "/campaigns"):
            # As on a full disk: no file grows any more.
            size = (room.root / ledger.FILE).stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))

    mailchimp.before = fill
    try:
        code, rows, said = draft(run)
    finally:
        mailchimp.before = lambda request: None
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (code, rows) == (3, f"{ISSUE}\tMinnesota\t1204\tmade\t\n")
    assert f"the draft of {ISSUE} is made at Mailchimp, and that could not be noted here: " in said
    assert "next: look at each there" not in said
    code, rows, _ = draft(run)
    assert (code, len(mailchimp.mails())) == (0, 1)


def test_the_row_says_made_where_it_could_not_be_read_back(run: Run, mailchimp: Mailchimp) -> None:
    mailchimp.moods.append(("GET .*/content", "page"))
    code, rows, said = draft(run)
    assert (code, rows) == (3, f"{ISSUE}\tMinnesota\t1204\tmade\t\n")
    assert "Mailchimp can't be read" in said
    assert draft(run)[:2] == (0, f"{ISSUE}\tMinnesota\t1204\tup to date\t{mailchimp.url}/campaigns/edit?id=1001\n")


def test_the_board_knows_how_a_draft_stands(run: Run, mailchimp: Mailchimp) -> None:
    def board() -> tuple[str, str]:
        (row,) = json.loads(run("status", "-m", "2024-09", "--json").stdout)["issues"][1:2]
        text = run("status", "-m", "2024-09").stdout.splitlines()[1].split("\t")
        return f"{row['state']}: {text[1]}", row["next"]

    draft(run)
    (mail,) = mailchimp.mails()
    assert board() == ("drafted: drafted", f"newsletter drafts {ISSUE}")
    mailchimp.edit(mail, WORDS, "Nobody planted anything")
    run("drafts", ISSUE)
    assert board() == ("drafted: drafted, edited there", f"newsletter pull {ISSUE}")
    mailchimp.delete(mail)
    run("drafts", ISSUE)
    assert board() == ("drafted: drafted, gone there", f"newsletter pull {ISSUE}")


def test_drafts_shows_one_whose_answer_was_lost(run: Run, mailchimp: Mailchimp) -> None:
    mailchimp.moods.append(("POST /campaigns$", "lost"))
    code, rows, _ = draft(run)
    assert (code, rows) == (3, f"{ISSUE}\tMinnesota\t1204\tunknown\t\n")
    for words in (("-m", "2024-09"), (ISSUE,)):
        looked = run("drafts", *words)
        assert looked.stdout == f"{ISSUE}\tmailchimp\tMinnesota\tunknown\t\n"
        assert f"next: newsletter draft {ISSUE}" in looked.stderr
    assert draft(run)[0] == 0
    assert run("drafts", ISSUE).stdout.split("\t")[3] == "as it was left"


def test_drafts_as_json(run: Run, mailchimp: Mailchimp) -> None:
    draft(run)
    (mail,) = mailchimp.mails()
    stated = json.loads(run("drafts", "-m", "2024-09", "--json").stdout)
    assert stated == {
        "drafts": [
            {
                "issue": ISSUE,
                "account": "mailchimp",
                "draft": mail,
                "there": "draft",
                "list": "Minnesota",
                "link": f"{mailchimp.url}/campaigns/edit?id=1001",
                "on": "",
                "next": "",
            }
        ]
    }


def test_pull_shows_what_was_edited_word_by_word_and_over_replaces_it(run: Run, mailchimp: Mailchimp) -> None:
    draft(run)
    (mail,) = mailchimp.mails()
    mailchimp.edit(mail, WORDS, "Two council members watered a tree")
    mailchimp.edit(mail, "tree?a=1&amp;b=2", "plan")
    assert draft(run)[0] == 1
    pulled = run("pull", ISSUE)
    assert pulled.exit_code == 0
    assert "[-planted-]{+watered+} a tree" in pulled.stdout
    assert "  issues/2024-09/items/tree.md:11\n  … " in pulled.stdout
    assert "  issues/2024-09/items/tree.md:9\n  [-https" in pulled.stdout
    assert "[-https://network.example/tree?a=1&b=2-]{+https://network.example/plan+}" in pulled.stdout
    # Pictures have other addresses there, and are the same.
    assert "tree-" not in pulled.stdout.replace("issues/2024-09/items/tree", "")
    code, rows, _ = draft(run, "--over")
    assert (code, rows.split("\t")[3]) == (0, "updated")
    assert run("pull", ISSUE).stderr.endswith(f"as it was left: {mailchimp.url}/campaigns/edit?id=1001\n")


def test_audiences_prints_lines_that_newsletter_toml_takes(run: Run, mailchimp: Mailchimp, room: Room) -> None:
    mailchimp.add_list('He said "hi"\x1b[31m', 7)
    result = run("audiences", "--for", "mailchimp")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:3] == [
        "[providers.mailchimp.audiences]",
        '"Everybody" = "4f2a91c0de"  # 5,000 readers, the widest list: to mean it, '
        '{ id = "4f2a91c0de", whole_list = true }',
        f'"{ALIAS}" = "4f2a92c0de"  # Minnesota, 1,204 readers',
    ]
    assert "\x1b" not in result.stdout
    settings(room, mailchimp, *lines[1:])
    assert draft(run)[0] == 0


def test_a_dry_run_prints_the_requests_without_the_key(run: Run, mailchimp: Mailchimp) -> None:
    code, shown, said = draft(run, "--dry-run")
    assert code == 0
    assert f"{ISSUE}: 3 requests would change something there" in said
    assert f"POST {mailchimp.url}/3.0/campaigns" in shown.splitlines()
    assert "Authorization: Basic ***" in shown
    assert KEY not in shown + said
    assert mailchimp.mails() == {}


def test_a_dry_run_shows_the_test_too(run: Run, mailchimp: Mailchimp) -> None:
    code, shown, said = draft(run, "--dry-run", "--test", "desk@network.example")
    assert code == 0
    assert f"POST {mailchimp.url}/3.0/campaigns/ID/actions/test" in shown.splitlines()
    assert "then the last request here would have it mailed to desk@network.example" in said
    assert "ID stands for what the provider will call the draft" in said
    draft(run)
    (mail,) = mailchimp.mails()
    code, shown, said = draft(run, "--dry-run", "--test", "desk@network.example")
    assert f"POST {mailchimp.url}/3.0/campaigns/{mail}/actions/test" in shown.splitlines()
    assert f"{ISSUE}: nothing would change there" in said
    assert "ID stands" not in said
    assert KEY not in shown + said
    assert mailchimp.tested == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ('api_key = "abc"', "a key has no place in this file, which others can read"),
        ("Token = 1", "a key has no place in this file, which others can read"),
        ('url = "http://lists.example"', "is not encrypted, and the key would be read on the way"),
        ('url = "https://me:secret@lists.example"', "holds a user or a password"),
        ('like = "mailchump"', "did you mean 'mailchimp'?"),
        ("audiences = { a = 12 }", 'write it with quotes: "12"'),
        ('audiences = { a = { id = "1", whole = true } }', "has an unknown key 'whole'"),
        ('audiences = { a = "" }', "has no id"),
    ],
)
def test_slips_in_the_table_of_an_account(run: Run, room: Room, typed: str, told: str) -> None:
    base = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", f"{base}\n[providers.mailchimp]\n{typed}\n")
    result = run("draft", ISSUE, "--for", "mailchimp")
    assert result.exit_code == 1
    assert told in result.stderr
    assert "newsletter.toml:" in result.stderr
    assert "secret" not in result.stderr


def test_a_key_of_the_environment_goes_to_no_host_that_newsletter_toml_made_up(
    run: Run, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = (room.root / "newsletter.toml").read_text("utf-8")
    account = '[providers.lists]\nlike = "listmonk"\nurl = "https://evil.example"\n'
    table = f'{account}[providers.lists.audiences]\n"{ALIAS}" = "3"\n'
    room.file("newsletter.toml", f"{base}\n{table}")
    monkeypatch.setenv("NEWSLETTER_KEY_LISTS", KEY)
    for host in ("", "lists.network.example"):
        monkeypatch.setenv("NEWSLETTER_HOST_LISTS", host)
        result = run("draft", ISSUE, "--for", "lists")
        assert result.exit_code == 2
        assert "the key in NEWSLETTER_KEY_LISTS" in result.stderr
        assert "NEWSLETTER_HOST_LISTS=evil.example" in result.stderr
        assert KEY not in result.stderr


def test_without_a_key_it_is_said_how_to_give_one(
    run: Run, mailchimp: Mailchimp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    code, rows, said = draft(run)
    assert (code, rows) == (1, f"{ISSUE}\t\t\trefused\t\n")
    assert f"there is no key for Mailchimp\n  hint: set {VARIABLE}" in said
    assert mailchimp.requests == []


def test_a_key_in_the_keyring_belongs_to_its_host(
    run: Run, mailchimp: Mailchimp, monkeypatch: pytest.MonkeyPatch, ring: Ring
) -> None:
    monkeypatch.delenv(VARIABLE)
    ring.set_password("newsletter api.mailchimp.com", "mailchimp", KEY)
    assert "there is no key for Mailchimp" in draft(run)[2]
    ring.set_password("newsletter 127.0.0.1", "mailchimp", KEY)
    assert draft(run)[0] == 0
    keyring.set_keyring(Locked())
    assert "there is no key for Mailchimp" in draft(run)[2]


def test_on_a_terminal_the_key_is_asked_for_and_not_shown(room: Room, mailchimp: Mailchimp) -> None:
    command = [*INSTALLED, "--newsroom", str(room.root), "draft", ISSUE, "--for", "mailchimp"]
    environment = {**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    del environment[VARIABLE]
    with Terminal(command, environment) as terminal:
        terminal.read_until("key of mailchimp at 127.0.0.1: ")
        terminal.type(KEY)
        terminal.read_until("Keep the key in this computer's keyring? [y/N]: ")
        terminal.type("n")
        seen = terminal.read_to_end()
        assert terminal.exit_code == 0
    assert KEY not in seen
    assert "made" in seen
    assert len(mailchimp.mails()) == 1


def test_a_second_account_of_the_same_provider(run: Run, mailchimp: Mailchimp, room: Room) -> None:
    """`like` for a second account, `chapters.X.provider` to choose it."""
    with Mailchimp().open() as other:
        assert isinstance(other, Mailchimp)
        other.identity = "another"
        own = other.add_list("Minnesota's own", 90)
        base = (room.root / "newsletter.toml").read_text("utf-8")
        account = f'[providers.mn-mailchimp]\nlike = "mailchimp"\nurl = "{other.url}"\n'
        table = f'{account}[providers.mn-mailchimp.audiences]\n"{ALIAS}" = "{own}"\n'
        chosen = base.replace("[chapters.LPMN]\n", '[chapters.LPMN]\nprovider = "mn-mailchimp"\n')
        room.file("newsletter.toml", f"{chosen}\n{table}")
        os.environ["NEWSLETTER_KEY_MN_MAILCHIMP"] = KEY
        try:
            result = run("draft", ISSUE)
        finally:
            del os.environ["NEWSLETTER_KEY_MN_MAILCHIMP"]
        assert result.stdout.split("\t")[1:4] == ["Minnesota's own", "90", "made"]
        assert (len(other.mails()), len(mailchimp.mails())) == (1, 0)
        # An issue has one draft.
        code, _, said = draft(run)
        assert (code, len(mailchimp.mails())) == (1, 0)
        assert f"{ISSUE} has a draft already, at 'mn-mailchimp'" in said


def test_nothing_secret_is_left_anywhere(run: Run, mailchimp: Mailchimp, room: Room) -> None:
    said = "".join(map(str, (draft(run), draft(run, "--test", "desk@network.example"))))
    files = [path for path in room.root.rglob("*") if path.is_file()]
    caches = os.environ["NEWSLETTER_CACHE"]
    from pathlib import Path

    files += [path for path in Path(caches).rglob("*") if path.is_file()]
    assert files
    assert KEY not in said
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []
    assert "desk@network.example" not in (room.root / ledger.FILE).read_text("utf-8")
    assert mailchimp.tested == [("desk@network.example",)]


def test_a_test_goes_to_no_list(run: Run, mailchimp: Mailchimp) -> None:
    code, _, said = draft(run, "--test", ALIAS)
    assert (code, mailchimp.requests) == (2, [])
    assert f"{ALIAS} is a list, not a colleague" in said


def test_a_test_that_is_refused_leaves_a_draft_that_was_made(run: Run, mailchimp: Mailchimp) -> None:
    mailchimp.moods.append(("actions/test", "fault"))
    code, rows, said = draft(run, "--test", "desk@network.example")
    assert (code, rows.split("\t")[3]) == (3, "made")
    assert "does not say whether it is done" in said


def test_an_issue_with_an_error_is_not_drafted(run: Run, mailchimp: Mailchimp, room: Room) -> None:
    room.item("empty-link", "Words of [](https://network.example/plan) a plan.\n")
    code, rows, said = draft(run)
    assert (code, rows) == (1, f"{ISSUE}\t\t\trefused\t\n")
    assert f"{ISSUE} has 1 error, the first at issues/2024-09/items/empty-link.md:" in said
    assert f"hint: newsletter check {ISSUE}" in said
    assert mailchimp.mails() == {}


def test_two_commands_at_once_are_told(room: Room, mailchimp: Mailchimp, run: Run) -> None:
    results = []

    def before(request: Request) -> None:
        mailchimp.before = lambda request: None
        results.append(
            subprocess.run(
                [*INSTALLED, "draft", ISSUE, "--for", "mailchimp"],
                cwd=room.root,
                env={**os.environ, "PYTHONPATH": str(SAMPLE)},
                capture_output=True,
                text=True,
                check=False,
            )
        )

    mailchimp.before = before
    assert draft(run)[0] == 0
    assert results[0].returncode == 1
    assert "another newsletter command is making drafts in this newsroom" in results[0].stderr
    assert len(mailchimp.mails()) == 1


@pytest.mark.parametrize("is_done", [False, True])
def test_killed_in_the_middle_it_is_cleared_up_by_the_next_run(
    room: Room, mailchimp: Mailchimp, run: Run, monkeypatch: pytest.MonkeyPatch, is_done: bool
) -> None:
    monkeypatch.setattr("newsletter.cli.accounts.sleep", lambda seconds: None)
    processes: list[subprocess.Popen[str]] = []

    def before(request: Request) -> None:
        if (request.method, request.path) == ("POST", "/campaigns"):
            mailchimp.before = lambda request: None
            processes[0].send_signal(signal.SIGKILL)
            if not is_done:
                mailchimp.moods.append(("POST", "reset"))

    mailchimp.before = before
    processes.append(started(room, [*INSTALLED, "draft", ISSUE, "--for", "mailchimp"]))
    processes[0].communicate(timeout=60)
    assert processes[0].returncode == -signal.SIGKILL
    assert ledger.read(room.root).entries[-1].state == "begun"
    assert len(mailchimp.mails()) == int(is_done)
    assert f"{ISSUE}: a draft may have been made or changed" in run("status", "-m", "2024-09").stderr
    code, rows, _ = draft(run)
    assert (code, rows.split("\t")[3]) == (0, "made")
    assert "a draft may have been" not in run("status", "-m", "2024-09").stderr
    assert len(mailchimp.mails()) == 1
    assert WORDS in next(iter(mailchimp.mails().values()))["html"]


def test_interrupted_it_says_so_and_the_next_run_clears_up(
    room: Room, mailchimp: Mailchimp, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes: list[subprocess.Popen[str]] = []

    def before(request: Request) -> None:
        if (request.method, request.path) == ("POST", "/campaigns"):
            mailchimp.before = lambda request: None
            processes[0].send_signal(signal.SIGINT)
            processes[0].wait(timeout=60)

    mailchimp.before = before
    processes.append(started(room, [*INSTALLED, "draft", ISSUE, "--for", "mailchimp"]))
    _, said = processes[0].communicate(timeout=60)
    assert processes[0].returncode == 130
    assert "stopped" in said
    assert ledger.read(room.root).entries[-1].state == "unknown"
    # The server is about to carry it out.
    monkeypatch.setattr("newsletter.cli.accounts.sleep", lambda seconds: time.sleep(0.5))
    assert draft(run)[0] == 0
    assert len(mailchimp.mails()) == 1


def test_an_issue_that_is_marked_sent_while_its_draft_waits_is_told(run: Run, mailchimp: Mailchimp) -> None:
    draft(run)
    assert (
        f"{ISSUE} has a draft that was not sent when it was last looked at\n"
        f"  hint: newsletter drafts {ISSUE} looks again; if it never goes out: newsletter sent {ISSUE} --undo\n"
    ) in run("sent", ISSUE).stderr
    waiting = f"{ISSUE} is marked sent, and its draft still waits there\n"
    looked = run("drafts", ISSUE)
    assert (looked.stdout.split("\t")[3], waiting in looked.stderr) == ("as it was left", True)
    (mail,) = mailchimp.mails()
    mailchimp.set_state(mail, "sent")
    looked = run("drafts", ISSUE)
    assert (waiting in looked.stderr, "next:" in looked.stderr) == (False, False)
    refused = run("draft", ISSUE, "--for", "mailchimp")
    assert f"  hint: it never did: newsletter sent {ISSUE} --undo\n" in refused.stderr


def test_another_chapters_line_is_not_suggested_for_a_missing_one(run: Run, mailchimp: Mailchimp, room: Room) -> None:
    own = next(iter(mailchimp.lists))
    settings(room, mailchimp, f'"{ALIAS.replace("LPMN", "LPNM")}" = "{own}"')
    code, _, said = draft(run)
    assert (code, "did you mean" in said) == (1, False)
    assert f'newsletter audiences --for mailchimp shows the lists; add a line: "{ALIAS}" = "…"' in said
    settings(room, mailchimp, f'"{ALIAS.lower()}" = "{own}"')
    code, _, said = draft(run)
    assert (code, f"did you mean '{ALIAS.lower()}'?" in said) == (1, True)


def test_what_is_wrong_with_a_list_is_told_at_its_line(run: Run, mailchimp: Mailchimp, room: Room) -> None:
    settings(room, mailchimp, '"somebody@else.example" = "1"', f'"{ALIAS}" = "77"')
    lines = (room.root / "newsletter.toml").read_text("utf-8").splitlines()
    at = lines.index(f'"{ALIAS}" = "77"') + 1
    assert draft(run)[2].startswith(f"newsletter.toml:{at}: Mailchimp has no list '77'\n")
    settings(room, mailchimp, '"somebody@else.example" = "1"')
    table = f"newsletter.toml:{at - 2}: [providers.mailchimp.audiences]"
    assert draft(run)[2].startswith(f"{table} has no line for '{ALIAS}', which {ISSUE} goes to\n")


def test_a_draft_that_can_not_be_looked_at_is_in_the_json_all_the_same(run: Run, mailchimp: Mailchimp) -> None:
    draft(run)
    mailchimp.moods += [("/campaigns/", "elsewhere")]
    looked = run("drafts", ISSUE, "--json")
    assert looked.exit_code == 3
    assert [row["there"] for row in json.loads(looked.stdout)["drafts"]] == ["unread"]
    assert "Mailchimp leads elsewhere (307)" in looked.stderr


def test_where_nothing_can_be_written_down_nothing_is_asked(run: Run, mailchimp: Mailchimp, room: Room) -> None:
    (room.root / ".drafts.lock").mkdir()
    code, rows, said = draft(run)
    assert (code, rows, mailchimp.requests) == (1, "", [])
    assert "can't be written: is a directory\n  hint: a draft is written down in the newsroom" in said


def test_pull_is_for_one_issue(run: Run, mailchimp: Mailchimp, room: Room) -> None:
    room.item("another", chapters=["LPNY"])
    result = run("pull", "state", "-m", "2024-09")
    assert (result.exit_code, mailchimp.requests) == (2, [])
    assert result.stderr.endswith("  hint: name one of them\n")


def test_of_several_issues_the_gravest_end_is_the_exit_code(run: Run, mailchimp: Mailchimp, room: Room) -> None:
    """One goes nowhere (1), one gets no answer (3): the month ends with 3, and the others are made."""
    room.item("everybody", chapters=["network", "LPNY"])
    base = (room.root / "newsletter.toml").read_text("utf-8")
    for table, alias in (("[publications.network]", "all@network.example"), ("[chapters.LPNY]", "ny@network.example")):
        base = base.replace(f"{table}\n", f'{table}\naudience = "{alias}"\n')
    room.file("newsletter.toml", base)
    own = mailchimp.add_list("New York", 90)
    settings(room, mailchimp, f'"{ALIAS}" = "4f2a92c0de"', f'"ny@network.example" = "{own}"')
    mailchimp.moods.append(("POST /campaigns$", "lost"))
    result = run("draft", "-m", "2024-09", "--for", "mailchimp")
    states = {row.split("\t")[0]: row.split("\t")[3] for row in result.stdout.splitlines()}
    assert states == {"2024-09/network": "refused", ISSUE: "unknown", "2024-09/state-LPNY": "made"}
    assert result.exit_code == 3
    again = run("draft", "-m", "2024-09", "--for", "mailchimp")
    assert [row.split("\t")[3] for row in again.stdout.splitlines()] == ["refused", "made", "up to date"]
    assert (again.exit_code, len(mailchimp.mails())) == (1, 2)
