"""Outside judges: the official MJML, html-validate, SpamAssassin. In CI none of them may be missing."""

import email
import email.policy
import json
import mailbox
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from newsletter.issue.assemble import assemble
from newsletter.issue.compose import compose
from newsletter.issue.edition import edition_of
from newsletter.line import Builder
from newsletter.look.pictures import prepare
from newsletter.look.render import to_mjml
from newsletter.look.templates import Look
from newsletter.read.load import load
from tests.compiled import COMPILED
from tests.conftest import Run
from tests.mailserver import mail_server
from tests.room import SAMPLE_ISSUES, Room
from tests.tools import importing, referee, spamassassin

ROOT = Path(__file__).parent.parent
REFEREES = ROOT / "tests" / "referees"


def ask(command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, capture_output=True, check=False, timeout=240, cwd=REFEREES)


def everything(room: Room) -> None:
    """Write an issue with a story of every look, in a right-to-left language."""
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace("[organization]", '[organization]\nlanguage = "he"'))
    picture = {"image": "https://pictures.example/a.jpg", "image_alt": "A", "image_credit": "B", "image_caption": "C"}
    for number, section in enumerate(("wins", "wins", "action", "in-the-news", "remembrance", "events")):
        event = {"starts": "2024-09-10 18:00", "location": "Here", "rsvp": "https://a.example"}
        room.item(f"plain-{number}", "# One\n\n- two\n\n> three\n\n---\n\n`four`\n", section=section, **picture)
        room.item(f"event-{number}", section=section, link="https://a.example", source="S", author="T", **event)
    room.front_page("2024-09/state-LPMN", "Hello.\n")


@pytest.mark.npm
def test_the_official_mjml_accepts_our_mjml(tmp_path: Path, room: Room) -> None:
    command = referee("mjml")
    everything(room)
    newsrooms = [(load(ROOT), issue) for issue in SAMPLE_ISSUES] + [(room.load(), "2024-09/state-LPMN")]
    files = []
    for number, (newsroom, issue_id) in enumerate(newsrooms):
        issue = assemble(newsroom, edition_of(newsroom, issue_id))
        count = iter(range(10_000))
        pictures = prepare(issue, newsroom.root)
        mjml, _ = to_mjml(
            issue,
            compose(issue),
            pictures,
            Look(newsroom.root, COMPILED),
            lambda value, count=count: (  # type: ignore[misc]
                f"token{next(count)}" if value is not None and value is not False and value != "" else ""
            ),
        )
        files.append(tmp_path / f"issue-{number}.mjml")
        files[-1].write_text(mjml, "utf-8")
    done = ask([*command, "-v", *map(str, files)])
    assert (done.returncode, done.stdout.decode(), done.stderr.decode()) == (0, "", "")


# html-validate judges web pages; each rule left out here is one that mail makes impossible or pointless.
NOT_FOR_MAIL = {
    "no-inline-style": "mail programs drop style sheets",
    "no-deprecated-attr": "Outlook needs bgcolor, cellpadding, valign",
    "no-conditional-comment": "Outlook reads nothing else",
    "prefer-tbody": "bytes that change nothing",
    "doctype-style": "mrml writes it in lower case",
    "long-title": "a subject has a length of its own",
    "prefer-native-element": "mail programs drop <article>",
}


@pytest.mark.npm
def test_html_validate_has_nothing_to_object_to(tmp_path: Path, built_sample: Path, room: Room) -> None:
    command = referee("html-validate")
    everything(room)
    assert room.build().is_good
    rules = dict.fromkeys(NOT_FOR_MAIL, "off")
    config = tmp_path / ".htmlvalidate.json"
    config.write_text(json.dumps({"root": True, "extends": ["html-validate:recommended"], "rules": rules}), "utf-8")
    pages = [built_sample / issue / "issue.html" for issue in SAMPLE_ISSUES]
    pages.append(room.root / "build/2024-09/state-LPMN/issue.html")
    # Into a file: what it writes to a pipe, it cuts off when it exits.
    told = tmp_path / "told.json"
    done = ask([*command, "--formatter", f"json={told}", "--config", str(config), *map(str, pages)])
    found = [
        (Path(page["filePath"]).parent.name, one["ruleId"], one["message"], one["line"])
        for page in json.loads(told.read_text("utf-8"))
        for one in page["messages"]
    ]
    assert (found, done.stderr.decode()) == ([], "")


# Compatibility is the mean and the worst of what it thinks of fifteen mail programs. One media query costs five of them
# three points, and each of `color-scheme`, `word-break` and rounded corners as much: all of them help readers.
EMAILENS = """
import { auditEmail } from "@emailens/engine";
import { readFileSync } from "node:fs";
for (const path of process.argv.slice(1)) {
  const { compatibility, accessibility, spam } = auditEmail(readFileSync(path, "utf8"), { framework: "mjml" });
  const scores = Object.values(compatibility.scores).map(client => client.score);
  const mean = scores.reduce((sum, score) => sum + score) / scores.length;
  console.log(JSON.stringify([path, mean, Math.min(...scores), accessibility.score, spam.score]));
}
"""


@pytest.mark.npm
def test_emailens_finds_every_issue_fit_for_the_inbox(tmp_path: Path, built_sample: Path) -> None:
    node = importing("@emailens/engine")
    builder = Builder(load(ROOT), tmp_path, "mailchimp", cache=COMPILED)
    assert all(builder.build(issue).is_good for issue in SAMPLE_ISSUES)
    pages = [folder / issue / "issue.html" for folder in (built_sample, tmp_path) for issue in SAMPLE_ISSUES]
    done = ask([*node, EMAILENS, *map(str, pages)])
    judged = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert (len(judged), done.stderr.decode()) == (len(pages), "")
    wanted = [one for one in judged if not (one[1] >= 94 and one[2] >= 85 and one[3] == 100 and one[4] == 100)]
    assert wanted == []


@pytest.mark.spam
def test_spamassassin_takes_issues_and_a_proof_for_what_they_are(
    tmp_path: Path, built_sample: Path, room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = spamassassin()
    mails = {issue: (built_sample / issue / "issue.eml").read_bytes() for issue in SAMPLE_ISSUES}
    mails["a proof"] = proof(room, run, monkeypatch)
    # It takes a second to start and a tenth to judge: so once, over a box with all of them.
    box = mailbox.mbox(tmp_path / "box")
    for raw in mails.values():
        box.add(raw)
    box.close()
    monkeypatch.setenv("HOME", str(tmp_path))
    done = ask([*judge, "--mbox", str(tmp_path / "box")])
    (tmp_path / "judged").write_bytes(done.stdout)
    judged = mailbox.mbox(tmp_path / "judged")
    # They come out in another order.
    status = {mail["Message-ID"]: " ".join(str(mail["X-Spam-Status"]).split()) for mail in judged}
    judged.close()
    scores = {name: re.search(r"score=(-?[0-9.]+)", status.get(_id_of(raw), "")) for name, raw in mails.items()}
    assert [name for name, score in scores.items() if not score] == [], done.stderr.decode()
    # SpamAssassin calls junk what has 5 points; real servers add points for what only they see, so none is to spare.
    assert {name: status[_id_of(mails[name])] for name, score in scores.items() if score and float(score[1]) > 0} == {}


def proof(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Return the raw proof of an issue that a mail server got."""
    room.item("more", "A paragraph of words that says what happened at the council, and why. " * 5)
    with mail_server() as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        result = run("proof", "LPMN", "--to", "ana@network.example")
    assert result.exit_code == 0, result.stderr
    return bytes(server.mails[0].original_content or b"")


def _id_of(raw: bytes) -> str:
    return str(email.message_from_bytes(raw, policy=email.policy.default)["Message-ID"])
