"""Every kind of fault: told in words, all at once; nothing half written; the last good issue untouched."""

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import INSTALLED, Run, started
from tests.room import TOML, Room

ISSUE = "2024-09/state-LPMN"
MEND = "\n  hint: mend the template, or delete it to use the packaged one"


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return time and bytes of every file below the folder."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def told(room: Room) -> list[str]:
    """Return the faults of building the issue."""
    built = room.build(ISSUE)
    assert built.failure is None
    return [str(fault) for fault in built.faults]


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        (
            "masthead.mjml.j2",
            "One\n{% if %}\n",
            "masthead.mjml.j2:2: the template fails: Expected an expression, got 'end of statement block'" + MEND,
        ),
        (
            "masthead.mjml.j2",
            "One\n\n{{ colour }}",
            "masthead.mjml.j2:3: the template fails: 'colour' is undefined" + MEND,
        ),
        (
            "masthead.mjml.j2",
            "{{ issue.nothing }}",
            "masthead.mjml.j2:1: the template fails: 'dict object' has no attribute 'nothing'" + MEND,
        ),
        (
            "footer.mjml.j2",
            "One\n{{ 1 / 0 }}",
            "footer.mjml.j2:2: the template fails: ZeroDivisionError: division by zero" + MEND,
        ),
        (
            "footer.mjml.j2",
            "One\n{% include 'mast.mjml.j2' %}",
            "footer.mjml.j2:2: template 'mast.mjml.j2' is not there\n  hint: did you mean 'masthead.mjml.j2'?",
        ),
        (
            "footer.mjml.j2",
            "{% import 'zzz' as z %}",
            "footer.mjml.j2:1: template 'zzz' is not there\n  hint: put it into the newsroom's templates/ folder",
        ),
        (
            "issue.txt.j2",
            "One\n{{ issue | shout }}",
            "issue.txt.j2:2: the template fails: No filter named 'shout'." + MEND,
        ),
        ("styles.css", "a {\n  color: {{ teal }};\n}", "styles.css:2: the template fails: 'teal' is undefined" + MEND),
        (
            "head.css",
            b"/* caf\xe9 */",
            "head.css:1: this is not UTF-8 text\n  hint: save the file with the encoding UTF-8",
        ),
        (
            "footer.mjml.j2",
            b"One\ncaf\xe9",
            "footer.mjml.j2:2: this is not UTF-8 text\n  hint: save the file with the encoding UTF-8",
        ),
        (
            "styles.css",
            "@import url(https://fonts.example/a.css);",
            "styles.css: @import would fetch a file while building\n  hint: copy its rules into styles.css",
        ),
    ],
)
def test_a_template_that_fails_is_told_at_its_line(room: Room, path: str, source: str | bytes, fault: str) -> None:
    room.item("story")
    room.file(f"templates/{path}", source)
    assert told(room) == [f"templates/{fault}"]


@pytest.mark.parametrize(
    ("path", "source", "complaint"),
    [
        ("masthead.mjml.j2", "<mj-text>not closed", "it ends before all its tags are closed"),
        ("masthead.mjml.j2", "<mj-text>1 < 2</mj-text>", "a tag or an attribute in it is not well-formed"),
        ("masthead.mjml.j2", "<mj-include path='a.mjml'/>", "mj-include reads no file here, {% include %} does: mj-"),
        ("issue.mjml.j2", "just words", "a tag or an attribute in it is not well-formed"),
        ("issue.mjml.j2", "<p></p>", "unexpected token: <p"),
        ("issue.mjml.j2", "", "there is no <mjml>"),
    ],
)
def test_mjml_that_can_not_be_read_names_the_newsrooms_own_template(
    room: Room, path: str, source: str, complaint: str
) -> None:
    room.item("story")
    room.file(f"templates/{path}", source)
    (fault,) = told(room)
    message, hint = fault.split("\n")
    assert message.startswith(f"templates/{path}: the MJML can't be read: {complaint}")
    assert hint == "  hint: look for a tag that is not closed, one too many, or a bare < (write &lt;)"


def test_a_template_that_includes_itself_is_a_fault_of_the_template(room: Room) -> None:
    room.item("story")
    room.file("templates/footer.mjml.j2", "One\n{% include 'footer.mjml.j2' %}")
    (fault,) = told(room)
    place = "templates/footer.mjml.j2:2"
    assert fault == f"{place}: templates include each other more than 40 deep: one may include itself{MEND}"


def test_a_template_is_mended_by_deleting_it(room: Room) -> None:
    room.item("story")
    own = room.file("templates/footer.mjml.j2", "{{ 1 / 0 }}")
    assert not room.build(ISSUE).is_good
    own.unlink()
    assert room.build(ISSUE).is_good


def test_a_picture_that_is_cut_off_is_told_where_it_is_named(room: Room) -> None:
    room.item("story", image="tree.png")
    path = room.root / "issues/2024-09/items/tree.png"
    Image.effect_noise((400, 300), 50).save(path)
    path.write_bytes(path.read_bytes()[:20_000])
    assert told(room) == [
        "issues/2024-09/items/story.md:7: picture 'tree.png' is damaged or cut off\n"
        "  hint: export it anew as JPEG or PNG"
    ]


def test_an_unknown_provider_in_the_settings_is_told_where_it_is_stated(room: Room) -> None:
    room.item("story")
    room.front_page(ISSUE, provider="mailchmp")
    assert told(room) == [
        "issues/2024-09/state-LPMN.md:2: no provider is called 'mailchmp'\n  hint: did you mean 'mailchimp'?"
    ]
    room.front_page(ISSUE)
    room.file("newsletter.toml", TOML.replace('emoji = "📣"', 'emoji = "📣"\nprovider = "mailchmp"'))
    assert told(room) == ["newsletter.toml:20: no provider is called 'mailchmp'\n  hint: did you mean 'mailchimp'?"]


def spoil(room: Room) -> None:
    """Write one file for each kind of fault."""
    room.item("01-no-title", title=None)
    room.item("02-unknown-key", titel="x")
    room.item("03-wrong-type", order="first")
    room.item("04-bad-date", until="2024-09-31")
    room.item("05-chapter", chapters=["LPNM"])
    room.item("06-section", section="winz")
    room.item("07-publication", chapters=["netwrok"])
    room.file("issues/2024-09/items/08-yaml.md", "---\ntitle: Wins\nthe list\n---\n")
    room.file("issues/2024-09/items/09-latin-1.md", b"---\ntitle: caf\xe9\n---\n")
    room.item("10-picture", image="gone.png")
    room.item("11-no-picture", image="08-yaml.md")
    room.item("12-outside", image="../../../../secret.png")
    room.item("13-placeholder", "Hello %%frist_name%%\n")
    room.front_page("2024-09/state-LPNM")
    room.front_page("2024-09/network")
    room.page("issues/2024-09/september.md", "", {"issue": "network"})
    room.front_page("2024-08/state-LPNY")


SPOILT = """\
issues/2024-08/state-LPNY.md:1: state-LPNY comes out once a quarter: it has no issue in 2024-08
  hint: its months are 2024-03, -06, -09 and -12
issues/2024-09/items/01-no-title.md:1: 'title' is missing
  hint: write title: What happened
issues/2024-09/items/02-unknown-key.md:7: unknown key 'titel' in an item
  hint: did you mean 'title'?
issues/2024-09/items/03-wrong-type.md:7: order: 'first' is not a whole number
  hint: write digits only, for example 10
issues/2024-09/items/04-bad-date.md:7: until: there is no day '2024-09-31'
  hint: a date is year, month, day, for example 2024-09-30
issues/2024-09/items/05-chapter.md:3: chapter 'LPNM' is not in newsletter.toml
  hint: did you mean 'LPMN'?
issues/2024-09/items/06-section.md:6: section 'winz' is not in newsletter.toml
  hint: did you mean 'wins'?
issues/2024-09/items/07-publication.md:3: chapter or publication 'netwrok' is not in newsletter.toml
  hint: did you mean 'network'?
issues/2024-09/items/08-yaml.md:3: this line has no key with a colon
  hint: write it as key: value; indent it by two spaces if it goes on with the line above
issues/2024-09/items/09-latin-1.md:2: this is not UTF-8 text
  hint: save the file with the encoding UTF-8
issues/2024-09/items/10-picture.md:7: picture 'gone.png' is not there
  hint: put it beside the item
issues/2024-09/items/11-no-picture.md:7: '08-yaml.md' is not a picture
  hint: use a JPEG, PNG or GIF file
issues/2024-09/items/12-outside.md:7: picture '../../../../secret.png' lies outside the newsroom
  hint: copy it beside the item
issues/2024-09/items/13-placeholder.md:8: unknown placeholder '%%frist_name%%'
  hint: did you mean '%%first_name|friend%%'?
issues/2024-09/september.md:2: 2024-09/network has a front page already: issues/2024-09/network.md
  hint: keep one of them
issues/2024-09/state-LPNM.md:1: no issue is called '2024-09/state-LPNM'
  hint: did you mean 'state-LPMN'?
16 faults
3 of 3 issues are not built: 2024-09/network, 2024-09/state-LPMN, 2024-09/state-LPNY
"""


def test_one_run_tells_every_fault_of_every_file_in_order(room: Room, run: Run) -> None:
    room.item("good")
    spoil(room)
    result = run("build", "-m", "2024-09")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", SPOILT)


def test_faults_of_templates_stand_among_the_others_in_order_and_once(room: Room, run: Run) -> None:
    room.item("one")
    room.item("two", chapters=["network"])
    room.item("bad", chapters=["LPNY"], order="first")
    room.file("templates/footer.mjml.j2", "{{ 1 / 0 }}")
    result = run("build")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "issues/2024-09/items/bad.md:7: order: 'first' is not a whole number\n"
        "  hint: write digits only, for example 10\n"
        "templates/footer.mjml.j2:1: the template fails: ZeroDivisionError: division by zero\n"
        "  hint: mend the template, or delete it to use the packaged one\n"
        "2 faults\n"
        "3 of 3 issues are not built: 2024-09/network, 2024-09/state-LPMN, 2024-09/state-LPNY\n"
    )


def test_a_faulty_issue_does_not_stop_the_others(room: Room, run: Run) -> None:
    room.item("good", chapters=["network"])
    room.item("bad", order="first")
    result = run("build")
    assert result.exit_code == 1
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["2024-09/network"]
    assert (room.root / "build/2024-09/network/manifest.json").is_file()
    assert not (room.root / "build/2024-09/state-LPMN").exists()


def bad_item(room: Room) -> None:
    room.item("bad", order="first")


def bad_yaml(room: Room) -> None:
    room.file("issues/2024-09/items/bad.md", "---\ntitle: 'Tis\n---\n")


def bad_template(room: Room) -> None:
    room.file("templates/issue.mjml.j2", "{{ nothing }}")


def bad_mjml(room: Room) -> None:
    room.file("templates/footer.mjml.j2", "<mj-text>")


def bad_picture(room: Room) -> None:
    room.item("bad", image="cut.png")
    room.file("issues/2024-09/items/cut.png", b"\x89PNG\r\n\x1a\ncut")


def bad_toml(room: Room) -> None:
    room.file("newsletter.toml", "[organization")


def bad_front_page(room: Room) -> None:
    room.front_page(ISSUE, lead="nothing")


def bad_provider(room: Room) -> None:
    room.file("newsletter.toml", TOML.replace('emoji = "📣"', 'emoji = "📣"\nprovider = "pigeon"'))


def no_unsubscribe(room: Room) -> None:
    room.file("newsletter.toml", TOML.replace('unsubscribe_url = "https://network.example/unsubscribe"\n', ""))


@pytest.mark.parametrize(
    "spoil_one",
    [
        bad_item,
        bad_yaml,
        bad_template,
        bad_mjml,
        bad_picture,
        bad_toml,
        bad_front_page,
        bad_provider,
        no_unsubscribe,
    ],
)
def test_the_last_good_issue_stays_byte_for_byte(room: Room, run: Run, spoil_one: Callable[[Room], None]) -> None:
    room.item("good")
    assert run("build").exit_code == 0
    before = snapshot(room.root / "build")
    assert sorted(before) == [f"{ISSUE}/{name}" for name in ("issue.eml", "issue.html", "issue.txt", "manifest.json")]
    spoil_one(room)
    result = run("build")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "hint: " in result.stderr
    assert "Traceback" not in result.stderr
    assert snapshot(room.root / "build") == before


def test_what_reading_assembling_and_cutting_pictures_find_is_told_at_once(room: Room) -> None:
    room.item("ant", section="winz")
    room.item("bee", "Hello *|FNAME|*.\n")
    room.item("cat", image="cat.jpg")
    room.file("issues/2024-09/items/cat.jpg", b"\xff\xd8\xff and no more")
    assert [fault.partition("\n")[0] for fault in told(room)] == [
        "issues/2024-09/items/ant.md:6: section 'winz' is not in newsletter.toml",
        "issues/2024-09/items/bee.md:8: '*|FNAME|*' is a merge tag of Mailchimp",
        "issues/2024-09/items/cat.md:7: picture 'cat.jpg' is damaged or cut off",
    ]


def test_a_folder_where_a_file_belongs_leaves_the_last_good_issue_whole(room: Room, run: Run) -> None:
    room.item("good")
    assert run("build", "LPMN").exit_code == 0
    folder = room.root / "build" / ISSUE
    (folder / "issue.txt").unlink()
    (folder / "issue.txt").mkdir()
    before = snapshot(room.root / "build")
    room.item("more")
    result = run("build", "LPMN")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"build/{ISSUE}/issue.txt: can't be written: a folder of that name stands in the way\n"
        "  hint: move it away; the last good issue is untouched\n"
    )
    assert snapshot(room.root / "build") == before
    assert sorted(path.name for path in folder.parent.iterdir()) == ["state-LPMN"]


def test_a_file_where_the_build_folder_belongs_is_told(room: Room, run: Run) -> None:
    room.item("good")
    room.file("build", "a file")
    result = run("build", "LPMN")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "build/2024-09: can't be written: not a directory\n"
        "  hint: a file stands where a folder belongs: move it away; nothing was written\n"
    )


def test_a_file_that_may_not_be_read_is_a_finding_not_a_traceback(room: Room, run: Run) -> None:
    room.item("good")
    path = room.item("secret")
    path.chmod(0o000)
    if os.access(path, os.R_OK):
        pytest.skip("root may read everything")
    result = run("check")
    assert result.exit_code == 1
    assert "issues/2024-09/items/secret.md: error [not-loaded]\n    can't be read: permission denied" in result.stdout


def limited() -> None:
    """Let no file grow beyond 8 kB: to the program it looks like a full disk."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_full_disk_leaves_the_last_good_issue_and_no_half_file(room: Room, run: Run) -> None:
    room.item("good")
    assert run("build", "LPMN").exit_code == 0
    before = snapshot(room.root / "build")
    for number in range(10):
        room.item(f"more-{number}", "Many words. " * 50)
    process = started(room, [*INSTALLED, "build", "LPMN"], limited)
    out, err = process.communicate()
    assert (process.returncode, out) == (1, "")
    assert err == (
        f"build/{ISSUE}: can't be written: file too large\n"
        "  hint: the disk, or the limit that `ulimit -f` shows, takes no file of that size;"
        " the last good issue is untouched\n"
    )
    assert snapshot(room.root / "build") == before
    assert sorted(path.name for path in (room.root / "build/2024-09").iterdir()) == ["state-LPMN"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(room: Room, run: Run) -> None:
    room.item("good")
    (room.root / "build").mkdir()
    (room.root / "build").chmod(0o555)
    result = run("build", "LPMN")
    assert result.exit_code == 1
    assert result.stderr == (
        "build/2024-09: can't be written: permission denied\n"
        "  hint: see that you may write there, or write elsewhere (build --out DIR); nothing was written\n"
    )


def on_one_core() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


@pytest.mark.skipif(sys.platform != "linux", reason="interrupts a process group and sets its cores")
@pytest.mark.parametrize("before", [None, on_one_core], ids=["every core", "one core"])
def test_an_interrupt_leaves_whole_issues_and_no_half_file(room: Room, before: Callable[[], None] | None) -> None:
    codes = [f"C{number:03}" for number in range(120)]
    room.file("newsletter.toml", TOML + "".join(f'[chapters.{code}]\nname = "{code}"\n' for code in codes))
    for number in range(4):
        room.item(f"story-{number}", "Many words.\n\n" * 20, chapters=codes)
    process = started(room, [*INSTALLED, "build"], before)
    folder = room.root / "build/2024-09"
    deadline = time.monotonic() + 30
    while not list(folder.glob("state-*/manifest.json")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err == "stopped; what was finished is whole, nothing is half written\n"
    finished = sorted(folder.iterdir())
    assert 0 < len(finished) < len(codes)
    for issue in finished:
        assert sorted(path.name for path in issue.iterdir()) == [
            "issue.eml",
            "issue.html",
            "issue.txt",
            "manifest.json",
        ]
        for name, weighed in json.loads((issue / "manifest.json").read_text("utf-8"))["parts"].items():
            content = (issue / name).read_bytes()
            assert weighed == {"bytes": len(content), "sha256": sha256(content).hexdigest()}
    assert not [path for path in Path(os.environ["NEWSLETTER_CACHE"]).iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(sys.platform != "linux", reason="interrupts a process group")
@pytest.mark.parametrize("command", ["build", "check"])
@pytest.mark.parametrize("pause", [0.002, 0.02, 0.2])
def test_a_second_interrupt_leaves_no_worker_behind(room: Room, command: str, pause: float) -> None:
    codes = [f"C{number:03}" for number in range(120)]
    room.file("newsletter.toml", TOML + "".join(f'[chapters.{code}]\nname = "{code}"\n' for code in codes))
    room.item("story", "Many words.\n\n" * 40, chapters=codes)
    process = started(room, [*INSTALLED, command])
    deadline = time.monotonic() + 30
    while len(_group(process.pid)) < 2 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    for _ in range(2):
        time.sleep(pause)
        os.killpg(process.pid, signal.SIGINT)
    # Ends only when nobody holds the pipes any more.
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "stopped; what was finished is whole, nothing is half written\n")
    assert _group(process.pid) == []


def _group(leader: int) -> list[int]:
    """Return the processes of a group that are not over."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(group) == leader and state != "Z":
                found.append(int(stat.parent.name))
    return found
