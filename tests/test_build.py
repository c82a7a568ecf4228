"""newsletter build: what it writes, what it prints, what it ends with."""

import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from newsletter import __version__
from newsletter.deliver.folder import made_of
from tests.conftest import INSTALLED, Run
from tests.room import TOML, Room
from tests.terminal import Terminal

ROOT = Path(__file__).parent.parent
FILES = ["issue.eml", "issue.html", "issue.txt", "manifest.json"]


def outside(room: Room, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [*INSTALLED, *arguments],
        cwd=room.root,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_an_issue_is_a_folder_of_html_text_message_and_manifest(room: Room, run: Run) -> None:
    room.item("story", image="tree.png", image_alt="A tree")
    Image.new("RGB", (1200, 800), "#1D5C63").save(room.root / "issues/2024-09/items/tree.png")
    assert run("build").exit_code == 0
    folder = room.root / "build/2024-09/state-LPMN"
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    (picture,) = set(files) - set(FILES)
    assert sorted(files) == sorted([*FILES, picture])
    assert picture.startswith("tree-")
    manifest = json.loads(files["manifest.json"])
    versions = manifest.pop("versions")
    assert versions.pop("newsletter") == __version__
    assert {"cssutils", "lxml", "mjml-python", "premailer"} <= set(versions)
    weigh = {name: {"bytes": len(content), "sha256": sha256(content).hexdigest()} for name, content in files.items()}
    assert manifest == {
        "issue": "2024-09/state-LPMN",
        "publication": "state",
        "chapter": "LPMN",
        "month": "2024-09",
        "months": ["2024-09"],
        "period": "September 2024",
        "subject": "LPMN State Download 📣 | Story | September 2024",
        "preheader": "Words.",
        "sender": {"name": "Example Network", "address": "news@network.example", "reply_to": ""},
        "audience": "",
        "provider": "html",
        "made": made_of(room.email()),
        "words": 2,
        "minutes": 1,
        "front_page": None,
        "items": [
            {
                "path": "issues/2024-09/items/story.md",
                "title": "Story",
                "sha256": sha256((room.root / "issues/2024-09/items/story.md").read_bytes()).hexdigest(),
            }
        ],
        "parts": {name: weigh[name] for name in ("issue.html", "issue.txt", "issue.eml")},
        "pictures": {picture: weigh[picture]},
        "findings": manifest["findings"],
    }
    assert set(manifest["findings"]) == {"error", "warning", "advice"}


def test_a_picture_that_is_gone_from_the_issue_goes_from_its_folder(room: Room, run: Run) -> None:
    room.item("story", image="tree.png", image_alt="A tree")
    Image.new("RGB", (1200, 800), "#1D5C63").save(room.root / "issues/2024-09/items/tree.png")
    run("build")
    room.item("story")
    run("build")
    assert sorted(path.name for path in (room.root / "build/2024-09/state-LPMN").iterdir()) == FILES


def test_a_pipe_gets_one_row_an_issue_with_tabs_between(room: Room, run: Run) -> None:
    room.item("story")
    room.item("other", chapters=["network"])
    result = run("build")
    sizes = [(room.root / "build/2024-09" / name / "issue.html").stat().st_size for name in ("network", "state-LPMN")]
    assert [line.split("\t")[:4] + line.split("\t")[5:] for line in result.stdout.splitlines()] == [
        [
            "2024-09/network",
            "📬 The Network Download | Other | September 2024",
            "1",
            str(sizes[0]),
            "build/2024-09/network",
        ],
        [
            "2024-09/state-LPMN",
            "LPMN State Download 📣 | Story | September 2024",
            "1",
            str(sizes[1]),
            "build/2024-09/state-LPMN",
        ],
    ]


@pytest.mark.parametrize("name", ["issues", "templates"])
def test_a_committed_link_from_build_to_items_is_told_by_its_name(room: Room, run: Run, name: str) -> None:
    room.item()
    (room.root / name).mkdir(exist_ok=True)
    (room.root / "build").symlink_to(name)
    result = run("build", "LPMN", "-m", "2024-09")
    assert result.exit_code == 2
    assert result.stderr == f"build belongs to the newsroom's {name}\n  hint: remove that symbolic link: build\n"


@pytest.mark.parametrize("command", ["build", "export"])
@pytest.mark.parametrize(
    ("out", "name"), [("issues", "issues"), ("issues/2024-09/out", "issues"), ("templates", "templates")]
)
def test_a_build_does_not_go_among_items_or_templates(room: Room, run: Run, command: str, out: str, name: str) -> None:
    room.item()
    before = sorted(room.root.rglob("*"))
    result = run(command, "LPMN", "-m", "2024-09", "--out", str(room.root / out))
    assert result.exit_code == 2
    assert result.stderr == (
        f"{room.root / out} belongs to the newsroom's {name}\n  hint: write into a folder of its own: --out build\n"
    )
    assert sorted(room.root.rglob("*")) == before


def test_issues_without_items_are_told_with_what_would_make_them_appear(room: Room, run: Run) -> None:
    room.item("story")
    result = run("build")
    assert (result.exit_code, result.stderr) == (
        0,
        "2024-09/network, 2024-09/state-LPNY have no items, so they are not built\n"
        "  hint: for 2024-09/network: tag an item with chapters: [network] and month: 2024-09\n",
    )


def test_an_issue_that_was_asked_for_and_has_no_items_is_a_fault_of_the_content(room: Room, run: Run) -> None:
    room.item("story", draft=True)
    room.item("other", folder="2024-08", month="2024-08")
    result = run("build", "2024-09/LPMN")
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        "2024-09/state-LPMN has no items, so it is not built\n"
        "  hint: take 'draft: true' out of issues/2024-09/items/story.md\n",
    )


def test_a_month_without_items_is_told_with_the_months_that_have_some(room: Room, run: Run) -> None:
    room.item("story")
    result = run("build", "-m", "2030-01")
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        "2030-01 has no items, so it is not built\n  hint: the months with items are 2024-09\n",
    )


def test_a_newsroom_without_items_is_told_how_to_write_one(room: Room, run: Run) -> None:
    result = run("build")
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        "this newsroom has no items, so it is not built\n"
        '  hint: write one: newsletter new item "What happened" --chapter CODE\n',
    )


def test_without_a_month_the_newest_with_items_is_built(room: Room, run: Run) -> None:
    room.item("old", month="2024-08")
    room.item("new")
    room.item("draft", month="2024-10", draft=True)
    result = run("build", "LPMN")
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["2024-09/state-LPMN"]


def test_issues_are_named_in_every_way_and_each_is_built_once(room: Room, run: Run) -> None:
    room.item("a", chapters=["LPMN", "LPNY", "network"])
    room.item("b", month="2024-08")
    result = run("build", "-m", "2024-09", "network", "LPMN", "state-LPMN", "2024-08/LPMN", "state")
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == [
        "2024-09/network",
        "2024-09/state-LPMN",
        "2024-08/state-LPMN",
        "2024-09/state-LPNY",
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("build", "LPNM"), "no issue is called 'LPNM'\n  hint: did you mean 'LPMN'?"),
        (("build", "2024-13/network"), "'2024-13' is not a month\n  hint: write year and month, for example 2024-09"),
        (
            ("build", "2024-08/LPNY"),
            "state-LPNY comes out once a quarter: it has no issue in 2024-08\n"
            "  hint: its issue of that quarter is 2024-09/state-LPNY",
        ),
        (("build", "--for", "mailchmp"), "no provider is called 'mailchmp'\n  hint: did you mean 'mailchimp'?"),
        (("build", "-m", "September"), "'September' is not a month; write year and month, for example 2024-09"),
        (("bild",), "no command is called 'bild'\n  hint: did you mean 'build'?"),
        (("build", "--jsn"), "No such option"),
        (("--newsroom", "nowhere", "build"), "nowhere is no newsroom: it holds no newsletter.toml"),
    ],
)
def test_a_command_line_at_fault_ends_with_2_and_the_nearest_thing(
    room: Room, run: Run, arguments: tuple[str, ...], told: str
) -> None:
    room.item("story")
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert not (room.root / "build").exists()


def test_a_command_outside_any_newsroom_ends_with_2(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(room.root.parent)
    result = run("build")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("no newsroom here: neither ")


@pytest.mark.parametrize("arguments", [("--newsroom", "room", "build"), ("build", "--newsroom", "room")])
def test_a_newsroom_may_be_named_before_or_after_the_command(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    room.item("story")
    monkeypatch.chdir(room.root.parent)
    assert run(*arguments).exit_code == 0
    assert (room.root / "build/2024-09/state-LPMN/issue.html").is_file()


def test_the_output_may_go_elsewhere(room: Room, run: Run) -> None:
    room.item("story")
    assert run("build", "--out", "elsewhere").exit_code == 0
    assert sorted(path.name for path in (room.root / "elsewhere/2024-09/state-LPMN").iterdir()) == FILES
    assert not (room.root / "build").exists()


def test_a_provider_gets_its_own_merge_tags(room: Room, run: Run) -> None:
    room.item("story", "Hello %%first_name|friend%%!\n")
    assert run("build", "--for", "mailchimp").exit_code == 0
    assert b"*|UNSUB|*" in room.built("issue.html")
    assert b"*|UNSUB|*" in room.built("issue.txt")
    assert b"*|IF:FNAME|**|FNAME|**|ELSE:|*friend*|END:IF|*" in room.built("issue.html")
    assert json.loads(room.built("manifest.json"))["provider"] == "mailchimp"


def test_json_tells_what_became_of_each_issue_and_every_fault(room: Room, run: Run) -> None:
    room.item("story", chapters=["network"])
    room.item("bad", order="first")
    result = run("build", "--json")
    assert result.exit_code == 1
    fault = {
        "file": "issues/2024-09/items/bad.md",
        "line": 7,
        "message": "order: 'first' is not a whole number",
        "hint": "write digits only, for example 10",
    }
    told = json.loads(result.stdout)
    findings = told["issues"][0].pop("findings")
    assert set(findings) == {"error", "warning", "advice"}
    assert told == {
        "issues": [
            {
                "issue": "2024-09/network",
                "built": True,
                "path": str(room.root / "build/2024-09/network"),
                "subject": "📬 The Network Download | Story | September 2024",
                "items": 1,
                "html_bytes": len(room.built("issue.html", "2024-09/network")),
                "faults": [],
                "failure": "",
            },
            {
                "issue": "2024-09/state-LPMN",
                "built": False,
                "path": "",
                "subject": "",
                "items": 0,
                "html_bytes": 0,
                "findings": {"error": 0, "warning": 0, "advice": 0},
                "faults": [fault],
                "failure": "",
            },
        ],
        "faults": [fault],
    }


def test_many_issues_are_built_on_every_core_in_order(room: Room) -> None:
    codes = [f"C{number:02}" for number in range(12)]
    room.file("newsletter.toml", TOML + "".join(f'[chapters.{code}]\nname = "{code}"\n' for code in codes))
    room.item("story", chapters=codes)
    result = outside(room, "build")
    assert result.returncode == 0
    assert [line.split("\t")[0] for line in result.stdout.decode().splitlines()] == [
        f"2024-09/state-{code}" for code in codes
    ]


def test_the_same_newsroom_gives_the_same_bytes_in_every_zone_under_every_hash_seed(room: Room, tmp_path: Path) -> None:
    for number in range(5):
        room.item(f"story-{number}", "Words with *emphasis* and a [link](https://example.org).\n", section="wins")
    room.item("event", section="events", starts="2024-10-10 18:00", timezone="America/Chicago")
    room.item("picture", image="tree.png", image_alt="A tree")
    Image.effect_noise((900, 700), 40).save(room.root / "issues/2024-09/items/tree.png")
    built = []
    for number, environment in enumerate(
        [
            {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1"},
            {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "COLUMNS": "40"},
        ]
    ):
        out = tmp_path / f"out-{number}"
        assert outside(room, "build", "--out", str(out), **environment).returncode == 0
        built.append({path.name: path.read_bytes() for path in (out / "2024-09/state-LPMN").iterdir()})
    assert built[0] == built[1]
    out = tmp_path / "out-0"
    shutil.rmtree(out / "2024-09")
    assert outside(room, "build", "--out", str(out)).returncode == 0
    again = {path.name: path.read_bytes() for path in (out / "2024-09/state-LPMN").iterdir()}
    assert again == built[0], "a build from the cache differs from the first one"


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_a_console_that_can_not_show_an_emoji_gets_no_traceback(room: Room, encoding: str) -> None:
    room.item("story", title="Łódź 🎉")
    room.item("bad", chapters=["network"], order="первый")
    result = outside(room, "build", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert result.returncode == 1
    assert b"Traceback" not in result.stderr
    assert result.stdout.startswith(b"2024-09/state-LPMN\tLPMN State Download ? |")
    old = outside(room, "build", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", LC_ALL="POSIX")
    assert old.stdout.startswith("2024-09/state-LPMN\tLPMN State Download 📣 |".encode())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [["build", "LPMN"], ["list"], ["--help"]])
def test_what_does_not_fit_on_a_full_disk_gets_no_traceback(room: Room, arguments: list[str]) -> None:
    room.item("story")
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [*INSTALLED, *arguments],
            cwd=room.root,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (ended.returncode, ended.stderr.decode()) == (
        1,
        "the output can't be written: no space left on device\n  hint: make room where it goes\n",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="closes a stream as a POSIX shell does")
@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        ("build LPMN >&-", 0, ""),
        ("list >&-", 0, ""),
        ("preview LPMN >&-", 0, ""),
        ("build LPMN 2>&-", 0, "2024-09/state-LPMN\t"),
        ("build LPMN <&-", 0, "2024-09/state-LPMN\t"),
        ("build nobody 2>&-", 2, ""),
    ],
)
def test_a_closed_stream_takes_what_is_said_and_changes_nothing_else(
    room: Room, typed: str, code: int, told: str
) -> None:
    room.item("story")
    ended = subprocess.run(
        ["sh", "-c", f'exec "$@" {typed}', "sh", *INSTALLED],
        cwd=room.root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (code, b"")
    assert ended.stdout.decode().startswith(told) and bool(ended.stdout) == bool(told)
    assert (room.root / "build/2024-09/state-LPMN/issue.html").is_file() == ("LPMN" in typed)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
def test_a_terminal_is_told_how_to_see_the_findings(room: Room) -> None:
    room.item("story", "[click here](https://network.example/a)\n")
    command = [sys.executable, "-m", "newsletter", "--newsroom", str(room.root), "build", "LPMN"]
    with Terminal(command, {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "40"}) as terminal:
        shown = terminal.read_to_end()
    assert "1 item · " in shown
    assert shown.endswith("build/2024-09/state-LPMN/\nnext: see what was found: newsletter check -m 2024-09\n")


def test_a_reader_that_hangs_up_gets_no_traceback(room: Room) -> None:
    room.item("story")
    process = subprocess.Popen(
        [sys.executable, "-m", "newsletter", "build"],
        cwd=room.root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout and process.stderr
    process.stdout.close()
    with process.stderr as stream:
        told = stream.read()
    process.wait(timeout=60)
    assert b"Traceback" not in told
    assert (room.root / "build/2024-09/state-LPMN/manifest.json").is_file()


def test_what_is_left_of_an_issue_that_lost_its_items_is_named(room: Room, run: Run) -> None:
    room.item("one")
    room.item("two", chapters=["network", "LPNY"])
    assert run("build", "-m", "2024-09").stderr == ""
    room.item("one", chapters=["network"])
    result = run("build", "-m", "2024-09")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "2024-09/state-LPMN has no items, so it is not built",
        "  hint: tag an item with chapters: [LPMN] and month: 2024-09",
        "build/2024-09/state-LPMN is from an earlier build, when it had items",
    ]
