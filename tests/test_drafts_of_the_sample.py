"""With a key and one line of settings a list, the sample's month becomes eight drafts, at every provider."""

import shutil
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from newsletter.cli import main
from newsletter.deliver import ledger
from newsletter.read.config import audience_of, issue_names
from newsletter.read.load import load
from tests.room import SAMPLE
from tests.standins.server import KEY, Standin
from tests.test_drafts import STANDINS

MONTH = "2024-09"


@pytest.mark.parametrize("kind", STANDINS, ids=lambda standin: standin.kind)
def test_eight_complete_drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Standin]) -> None:
    root = tmp_path / "sample"
    root.mkdir()
    shutil.copytree(SAMPLE / "issues", root / "issues")
    stated = (SAMPLE / "newsletter.toml").read_text("utf-8")
    (root / "newsletter.toml").write_text(stated, "utf-8")
    config = load(root).config
    aliases = dict.fromkeys(audience_of(config, *pair) for pair in issue_names(config).values())
    with kind().open() as standin:
        standin.add_list("Everybody", 90_000)
        lists = {alias: standin.add_list(alias.partition("@")[0], 100 + 40 * n) for n, alias in enumerate(aliases)}
        lines = [f'"{alias}" = "{list_id}"' for alias, list_id in lists.items()]
        account = f'[providers.{kind.kind}]\nurl = "{standin.url}"\nuser = "newsletter"\n'
        table = f"{account}[providers.{kind.kind}.audiences]\n" + "\n".join(lines)
        if not standin.takes_pictures:
            stated = stated.replace("[organization]\n", f'[organization]\npicture_base_url = "{standin.url}/site"\n', 1)
        (root / "newsletter.toml").write_text(f"{stated}\n{table}\n", "utf-8")
        assert tomllib.loads((root / "newsletter.toml").read_text("utf-8"))["providers"]
        monkeypatch.setenv(f"NEWSLETTER_KEY_{kind.kind.upper().replace('-', '_')}", KEY)
        monkeypatch.setattr("newsletter.cli.accounts.sleep", lambda seconds: None)
        command = ["--newsroom", str(root), "draft", "-m", MONTH, "--for", kind.kind]
        first = CliRunner().invoke(main, command)
        assert (first.exit_code, first.stderr.count("refused")) == (0, 0), first.stderr
        rows = [line.split("\t") for line in first.stdout.splitlines()]
        assert [row[3] for row in rows] == ["made"] * 8
        mails = standin.mails()
        assert len(mails) == 8
        assert {mail["state"] for mail in mails.values()} == {"draft"}
        assert sorted(str(mail["lists"][0]) for mail in mails.values()) == sorted(
            lists[audience_of(config, *issue_names(config)[row[0].partition("/")[2]])] for row in rows
        )
        for mail in mails.values():
            assert "%%" not in mail["html"]
            assert mail["subject"]
        again = CliRunner().invoke(main, command)
        assert [line.split("\t")[3] for line in again.stdout.splitlines()] == ["up to date"] * 8
        assert standin.mails() == mails
        assert standin.mailed == []
        assert KEY not in (root / ledger.FILE).read_text("utf-8")
