"""All that leaves the command: no control character of anybody else's, one line a row, JSON whatever is at fault."""

import ast
import json
import os
import re
import subprocess
import threading
import unicodedata
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from rich.segment import ControlType, Segment
from rich.style import Style

from newsletter import printable
from newsletter.check.report import as_annotations, as_sarif
from newsletter.cli import show
from newsletter.errors import CommandError, Fault, Place, ServerError
from newsletter.model import Finding, Level
from newsletter.preview.blocks import printed
from tests.conftest import INSTALLED, Run
from tests.room import TOML, Room
from tests.terminal import Terminal

PACKAGE = Path(__file__).parent.parent / "newsletter"
# A title, a colour, the clipboard, a link; then what ends a line, goes back in it, or turns it round; then orders.
EVIL = (
    "a\x1b]0;owned\x07\x1b[31m\x1b]52;c;QUJD\x07\x1b]8;;https://x.example\x1b\\\x9b31m\x90q\x9c\x00\x07\x08\x0b\x0c\x0e\x7f"
    "\x85\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u206a\r\n::error::owned\n##[group]owned\tz"
)
# Stays as it is: a family, Persian and Hebrew with marks of direction, combining marks, a flag of tags, no-break blank.
KIND = "👩‍👩‍👧 می‌خواهم \u200fשלום\u200e é́ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 a\u00a0b 10\u202f%"


def controls(words: str, allowed: str = "\n\t") -> list[str]:
    """Return the characters of a stream that some screen would obey, or that no stream can hold."""
    return [
        repr(character)
        for character in words
        if character not in allowed
        and (
            unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
            or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        )
    ]


def orders(words: str) -> list[str]:
    """Return the lines that GitHub's runner would obey."""
    return [line for line in words.splitlines() if line.lstrip("\ufeff \t\u00a0").startswith("::") or "##[" in line]


def escaped(words: str) -> str:
    """Return the words as both TOML and YAML take them between double quotes."""
    return "".join(c if c.isalnum() else f"\\U{ord(c):08x}" for c in words)


# --- what is printable ---


@pytest.mark.parametrize("character", [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))])
def test_no_control_character_is_left_in_a_line(character: str) -> None:
    assert printable.one_line(f"a{character}b") == "a\ufffdb"


@pytest.mark.parametrize("code", [*range(0x2028, 0x202F), *range(0x2066, 0x2070), 0xD800, 0xDC80, 0xDFFF])
def test_what_turns_breaks_or_cannot_be_encoded_is_shown_too(code: int) -> None:
    assert printable.one_line(f"a{chr(code)}b") == "a\ufffdb"
    assert printable.lines(f"a{chr(code)}b\n\tc") == "a\ufffdb\n\tc"


def test_what_people_write_stays_as_it_is() -> None:
    assert printable.one_line(KIND) == printable.lines(KIND) == KIND
    assert json.loads(printable.as_json([KIND])) == [KIND]
    assert KIND in printable.as_json([KIND])


def test_json_keeps_every_character_and_shows_none_that_a_screen_obeys() -> None:
    told = {EVIL: [EVIL, "\udc80\ud800"]}
    written = printable.as_json(told)
    assert controls(written, "\n") == []
    assert json.loads(written) == told


def test_an_error_keeps_its_parts_and_still_reads_as_one_text() -> None:
    error = ServerError("refused", "ask", ["a@x.example: 550 no", "b@x.example: 550 no"])
    assert (error.message, error.hint, error.details) == (
        "refused",
        "ask",
        ("a@x.example: 550 no", "b@x.example: 550 no"),
    )
    assert str(error) == "refused\n  a@x.example: 550 no\n  b@x.example: 550 no\n  hint: ask"


def test_an_error_comes_back_whole_from_a_worker() -> None:
    import pickle

    back = pickle.loads(pickle.dumps(CommandError("no", "yes")))
    assert (type(back), back.message, back.hint, str(back)) == (CommandError, "no", "yes", "no\n  hint: yes")


# --- one place prints ---

# Who else writes to a stream, and why.
PRINTERS = {
    "newsletter.cli.show": "the place",
    "newsletter.cli.clipboard": "OSC 52 with base64 of ours, which the terminal is to obey",
    "newsletter.preview.reader": "a window that moves the cursor; each line goes through `printed`",
}
_CLICK = {"echo", "secho", "style", "confirm", "prompt", "echo_via_pager", "pause", "edit", "progressbar", "getchar"}
_STREAMS = {"sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"}
_HARMLESS = {"isatty", "fileno", "flush", "reconfigure"}


def printing(tree: ast.Module) -> list[str]:
    """Return the places of a module that write to a stream."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in {"click", "rich"}:
            names = {alias.name for alias in node.names}
            found += [f"{node.lineno}: {name}" for name in names & (_CLICK | {"print"})]
        if isinstance(node, ast.Attribute):
            whole = ast.unparse(node)
            if (
                (ast.unparse(node.value) == "click" and node.attr in _CLICK)
                or (ast.unparse(node.value) in _STREAMS and node.attr not in _HARMLESS)
                or node.attr in {"print", "print_exc", "input", "writelines"}
                or whole.endswith((".file.write", "console.log", "console.out"))
            ):
                found.append(f"{node.lineno}: {whole}")
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            to_stream = any(ast.unparse(argument) in _STREAMS for argument in node.args)
            if called in {"print", "input", "Console", "Progress", "Live"} or (to_stream and called != "has_colour"):
                found.append(f"{node.lineno}: {ast.unparse(node)}")
    return found


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py"))


def named(path: Path) -> str:
    return ".".join(("newsletter", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def seen_by_a_program_only(tree: ast.Module) -> set[int]:
    """Return the lines of what only the type checker reads."""
    guarded = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return {inner.lineno for node in guarded for inner in ast.walk(node) if hasattr(inner, "lineno")}


@pytest.mark.parametrize("path", modules(), ids=named)
def test_all_that_is_printed_goes_through_one_place(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    unseen = seen_by_a_program_only(tree)
    found = [one for one in printing(tree) if int(one.partition(":")[0]) not in unseen]
    assert bool(found) == (named(path) in PRINTERS), found


@pytest.mark.parametrize(
    "line",
    [
        "import click; click.echo(1)",
        "from click import secho",
        "print(1)",
        "import sys; sys.stdout.write('')",
        "import sys; sys.stderr.buffer.write(b'')",
        "import sys; print_to(sys.stdout)",
        "console.print(1)",
        "click.confirm('')",
        "click.prompt('')",
        "Console(stderr=True)",
    ],
)
def test_a_line_that_prints_is_seen(line: str) -> None:
    assert printing(ast.parse(line))


@pytest.mark.parametrize("path", modules(), ids=named)
def test_no_line_ends_are_put_into_the_words_of_a_fault(path: Path) -> None:
    """`x\\n  hint: y` as one text would reach the screen in one line."""
    texts = [
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    allowed = {"newsletter.errors", "newsletter.cli.show", "newsletter.cli"}
    assert named(path) in allowed or not [text for text in texts if "\n  hint:" in text]


# --- a hostile newsroom through the real command ---


def _item_value(room: Room) -> None:
    room.file("issues/2024-09/items/a.md", f'---\ntitle: "{escaped(EVIL)}"\nchapters: [LPMN]\nmonth: 2024-09\n---\nx\n')


def _item_key(room: Room) -> None:
    room.file(
        "issues/2024-09/items/a.md", f'---\n"{escaped(EVIL)}": 1\ntitle: x\nchapters: [LPMN]\nmonth: 2024-09\n---\nx\n'
    )


def _item_chapter(room: Room) -> None:
    room.item("a", chapters=[EVIL])


def _item_section(room: Room) -> None:
    room.item("a", section=EVIL)


def _item_link(room: Room) -> None:
    room.item("a", link=f"https://x.example/{EVIL}", image=f"{EVIL}.jpg")


def _item_bytes(room: Room) -> None:
    room.file("issues/2024-09/items/a.md", f"---\n{EVIL}\n---\n{EVIL}\n")


def _item_words(room: Room) -> None:
    room.item("a", f"to to {EVIL} [click here](https://x.example/{EVIL}) {KIND}\n")


def _front_page(room: Room) -> None:
    room.item("a")
    room.front_page("2024-09/state-LPMN", EVIL, subject=EVIL, **{EVIL: EVIL})


def _file_name(room: Room) -> None:
    room.item("a")
    room.file(f"issues/2024-09/items/{EVIL.replace('/', '').replace(chr(0), '')}.md", "no front matter\n")


def _folder_name(room: Room) -> None:
    room.item("a")
    room.item("b", folder=EVIL.replace("/", "").replace("\0", ""), month=EVIL)


def _bytes_name(room: Room) -> None:
    room.item("a")
    (room.root / "issues/2024-09/items").joinpath(os.fsdecode(b"\xff\x07\x1b]52;c;QUJD\x07\n.md")).write_text(
        "no front matter\n"
    )


def _beside_an_item(path: str, content: str) -> Callable[[Room], None]:
    """Return what writes an item and this file."""

    def write(room: Room) -> None:
        room.item("a")
        room.file(path, content)

    return write


def _settings(toml: str) -> Callable[[Room], None]:
    return _beside_an_item("newsletter.toml", toml)


def _providers(room: Room) -> None:
    room.item("a", "Dear %%first_name|friend%%\n")
    evil = escaped(EVIL)
    tags = ("unsubscribe_url", "browser_url", "first_name", "postal_address")
    room.file(
        "newsletter.toml",
        f'{TOML}\n[providers.ours]\nlabel = "{evil}"\nhas_text = false\ntyped = ["{evil}"]\n'
        f'[providers.ours.steps]\nhtml = "{evil}"\n[providers.ours.tags]\n'
        + "".join(f'{tag} = "{evil}"\n' for tag in tags),
    )


IN_TOML = escaped(EVIL)
PLACES: dict[str, Callable[[Room], None]] = {
    "an item's value": _item_value,
    "an item's key": _item_key,
    "an item's chapter": _item_chapter,
    "an item's section": _item_section,
    "an item's link": _item_link,
    "an item's bytes": _item_bytes,
    "an item's words": _item_words,
    "a front page": _front_page,
    "a file's name": _file_name,
    "a folder's name": _folder_name,
    "a name in bytes": _bytes_name,
    "a key of the settings": _settings(f'{TOML}\n["{IN_TOML}"]\nx = 1\n'),
    "a value of the settings": _settings(TOML.replace('"#1D5C63"', f'"{IN_TOML}"')),
    "bytes of the settings": _settings(f"{TOML}\n{EVIL}"),
    "a chapter's code": _settings(TOML.replace("[chapters.LPMN]", f'[chapters."{IN_TOML}"]')),
    "titles and names": _settings(TOML.replace('"Wins"', f'"{IN_TOML}"').replace("Minnesota", IN_TOML)),
    "a provider": _providers,
    "a provider at fault": _settings(
        f'{TOML}\n[providers."{IN_TOML}"]\nx = 1\n[providers.ours]\nlabel = "x"\n"{IN_TOML}" = 1\n'
        f'document = "{IN_TOML}"\ntyped = ["("]\n[providers.ours.steps]\n"{IN_TOML}" = "{IN_TOML}"\n'
    ),
    "checks": _settings(f'{TOML}\n[checks]\n"{IN_TOML}" = "{IN_TOML}"\n'),
    "a mail server": _settings(f'{TOML}\n[proof]\nserver = "smtp://127.0.0.1:1"\nuser = "{IN_TOML}"\n'),
    "a template's include": _beside_an_item("templates/footer.mjml.j2", f'{{% include "{IN_TOML}" %}}\n'),
    "a template at fault": _beside_an_item("templates/footer.mjml.j2", f"{{{{ {EVIL} }}}}\n"),
    "a template's words": _beside_an_item(
        "templates/issue.txt.j2", f"{EVIL} &#27; {{{{ '{IN_TOML}' }}}} %%unsubscribe_url%% %%postal_address%%\n"
    ),
}
COMMANDS = [
    ("list",),
    ("status",),
    ("build",),
    ("build", "--for", "ours"),
    ("check",),
    ("check", "--clients"),
    ("check", "--fix"),
    ("preview",),
    ("preview", "--part", "text"),
    ("preview", "--part", "inbox"),
    ("export", "LPMN", "--for", "ours"),
    ("export", "LPMN", "--for", "ours", "--copy", "text"),
    ("preview", "--for", "ours"),
    ("preview", "--part", "text", "--for", "ours"),
    ("proof", "LPMN", "--to", "you@network.example"),
    ("new", "month", "2024-10"),
]
JSON_COMMANDS = [("build", "--json"), ("check", "--format", "json"), ("check", "--format", "sarif")]


@pytest.mark.parametrize("in_actions", [False, True], ids=["", "actions"])
@pytest.mark.parametrize("place", PLACES)
def test_nothing_of_a_newsroom_speaks_to_what_reads_the_streams(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, place: str, in_actions: bool
) -> None:
    PLACES[place](room)
    if in_actions:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for command in COMMANDS:
        result = run(*command)
        for stream in (result.stdout, result.stderr):
            assert controls(stream) == [], command
            if in_actions:
                own = [line for line in orders(stream) if not re.match(r"::(error|warning|notice) file=", line)]
                assert own == [], command
    for command in JSON_COMMANDS:
        result = run(*command)
        json.loads(result.stdout)
        assert controls(result.stdout, "\n") + controls(result.stderr) == [], command
        if in_actions:
            assert orders(result.stdout) + orders(result.stderr) == [], command


# What runs every command in one process, at whatever its streams are.
DRIVER = """
import sys
from newsletter.cli import main
for command in sys.argv[1].split("|"):
    try:
        main(command.split(), prog_name="newsletter")
    except SystemExit:
        pass
"""
ROOT = Path(__file__).parent.parent
# Without the cursor, which a progress bar moves.
OURS = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[2K|\x1b\[1A")


def every_command() -> str:
    # A terminal is asked before `--fix` writes.
    return "|".join(" ".join(command) for command in COMMANDS if "--fix" not in command)


@pytest.mark.parametrize(
    "place",
    ["an item's words", "a file's name", "a name in bytes", "titles and names", "a provider", "a template's words"],
)
def test_a_terminal_gets_our_colours_and_nothing_else_to_obey(room: Room, place: str) -> None:
    PLACES[place](room)
    # tests.terminal sets NO_COLOR.
    command = ["env", "-u", "NO_COLOR", "-C", str(room.root), *INSTALLED[:1], "-c", DRIVER, every_command()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "150", "PAGER": "cat"}
    with Terminal(command, environment) as terminal:
        seen = terminal.read_to_end()
    assert "\x1b[1m" in seen
    assert controls(OURS.sub("", seen).replace("\r", "")) == []
    assert not re.search(r"\x1b\[31m.{0,2}\]52", seen)


@pytest.mark.parametrize("place", ["an item's words", "a name in bytes", "a provider"])
def test_a_pipe_gets_utf_8_without_a_control_character(room: Room, place: str) -> None:
    PLACES[place](room)
    result = subprocess.run(
        [*INSTALLED[:1], "-c", DRIVER, every_command()],
        cwd=room.root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=120,
    )
    for stream in (result.stdout.decode(), result.stderr.decode()):
        assert stream and controls(stream) == []
        assert "Traceback" not in stream


def test_columns_and_rows_hold_whatever_a_name_is(room: Room, run: Run) -> None:
    room.item("a\tb\nc", title="One\ttwo\nthree")
    assert run("list").stdout == "2024-09\tLPMN\twins\tOne two three\tissues/2024-09/items/a\ufffdb\ufffdc.md\n"
    [row] = run("build").stdout.splitlines()
    assert len(row.split("\t")) == 6


def test_a_fault_is_one_line_and_its_hint_another(capsys: pytest.CaptureFixture[str]) -> None:
    show.faults([Fault(place=Place(file="a\nb.md", line=3), message="no\nx: fine", hint="do\n  hint: nothing")])
    show.failure(ServerError("no\nyes", "so\nwhat", ["a\nb"]))
    assert capsys.readouterr().err == (
        "a\ufffdb.md:3: no\ufffdx: fine\n  hint: do\ufffd  hint: nothing\n"
        "no\ufffdyes\n  a\ufffdb\n  hint: so\ufffdwhat\n"
    )


def test_data_is_neither_markup_nor_an_emoji_code_on_a_terminal(room: Room) -> None:
    room.item("a", title="[red]danger[/red] :smile: [link=https://x.example]y[/link]")
    command = [*INSTALLED, "--newsroom", str(room.root)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", "PAGER": "cat"}
    for more in (["list"], ["build"], ["preview", "--part", "inbox"]):
        with Terminal([*command, *more], environment) as terminal:
            assert "[red]danger[/red] :smile: [link=https://x.example]y[/link]" in terminal.read_to_end()


def test_a_line_that_is_laid_out_keeps_its_own_colours_and_links_only() -> None:
    style = Style(bold=True, link="https://x.example/\x1b\\\x1b[2J\u202e")
    [words, moved] = printed([Segment("a\x1b[2J\u202eb", style), Segment("\x1b[H", None, [(ControlType.HOME,)])])
    assert words.text == "a\ufffd[2J\ufffdb"
    assert words.style and words.style.bold
    assert words.style.link == "https://x.example/\ufffd\\\ufffd[2J\ufffd"
    assert moved.control


def test_what_people_write_reaches_the_screen(room: Room, run: Run) -> None:
    room.item("a", f"{KIND}\n", title="👩‍👩‍👧 שלום\u200f")
    assert "👩‍👩‍👧 שלום\u200f" in run("list").stdout
    assert "👩‍👩‍👧" in run("preview", "LPMN").stdout
    assert run("preview", "LPMN", "--part", "text").stdout_bytes == room.built("issue.txt")


# --- what click says ---


@pytest.mark.parametrize(
    "arguments",
    [
        (EVIL,),
        ("--newsroom", EVIL, "list"),
        ("build", "--out", EVIL, EVIL),
        ("build", f"--{EVIL}"),
        ("list", "-m", EVIL),
    ],
)
def test_a_command_line_is_repeated_without_what_a_screen_obeys(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    room.item("a")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = run(*(argument.replace("\0", "") for argument in arguments))
    assert result.exit_code == 2
    assert controls(result.stderr) + orders(result.stdout) + orders(result.stderr) == []


# --- JSON whatever is at fault ---

FORMS = {"build": ("build", "--json"), "json": ("check", "--format", "json"), "sarif": ("check", "--format=sarif")}


def faults_in(form: str, stdout: str) -> list[str]:
    """Return the messages of a document, whatever its form."""
    told = json.loads(stdout)
    if form == "build":
        assert set(told) == {"issues", "faults"}
        failures = [one["failure"] for one in told["issues"] if one["failure"]]
        return failures + [one["message"] for one in told["faults"]]
    if form == "json":
        assert set(told) == {"findings"}
        return [one["message"] for one in told["findings"]]
    only = told["runs"][0]
    stopped = [one for call in only.get("invocations", []) for one in call["toolExecutionNotifications"]]
    assert all(one["locations"] for one in only["results"])
    return [one["message"]["text"] for one in (*only["results"], *stopped)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (("LPNM", "-m", "2024-09"), 2, "no issue is called 'LPNM'"),
        (("--for", "mailchmp"), 2, "no provider is called 'mailchmp'"),
        (("-m", "September"), 2, "'September' is not a month"),
        (("--nonsense",), 2, "--nonsense"),
        (("--newsroom", "nowhere"), 2, "nowhere is no newsroom"),
        (("--newsroom", "newsletter.toml"), 2, "newsletter.toml"),
        (("2024-09/state-LPNY", "-m", "2024-09"), 1, ""),
    ],
)
def test_json_comes_out_whatever_the_command_line_asks(
    room: Room, run: Run, form: str, arguments: tuple[str, ...], exit_code: int, words: str
) -> None:
    room.item("a")
    result = run(*FORMS[form], *arguments)
    assert result.exit_code == exit_code
    told = faults_in(form, result.stdout)
    assert any(words in one for one in told) or not words
    assert words.replace("'", "") in result.stderr.replace("'", "")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"[organization\n", ""),
        (TOML.replace('"#1D5C63"', '"green"').encode(), "'green' is not a colour"),
    ],
)
def test_json_holds_what_is_wrong_with_the_settings(
    room: Room, run: Run, form: str, content: bytes, words: str
) -> None:
    room.item("a")
    room.file("newsletter.toml", content)
    result = run(*FORMS[form])
    assert result.exit_code == 1
    [told] = faults_in(form, result.stdout)
    assert words in told


@pytest.mark.parametrize("form", FORMS)
def test_json_comes_out_where_there_is_no_newsroom(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*FORMS[form])
    assert result.exit_code == 2
    assert len(faults_in(form, result.stdout)) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--format", "json", "--only", "nonsense"),
        ("check", "--format", "json", "--explain", "nonsense"),
        ("check", "--format", "json", "--list"),
        ("check", "--format", "json", "--explain", "double-words"),
        ("check", "--format", "json", "--clients"),
        ("check", "--format", "text", "--format", "json", "--fix"),
        ("--newsroom", "build", "check", "--format", "json"),
    ],
)
def test_json_comes_out_where_the_options_do_not_go_together(room: Room, run: Run, arguments: tuple[str, ...]) -> None:
    room.item("a")
    result = run(*arguments)
    assert result.exit_code == 2
    assert [one["slug"] for one in json.loads(result.stdout)["findings"]] == ["not-loaded"]


def test_json_names_an_issue_that_could_not_be_written(room: Room, run: Run) -> None:
    room.item("a")
    room.file("build", "a file in the way")
    result = run("build", "--json")
    assert result.exit_code == 1
    [one] = json.loads(result.stdout)["issues"]
    assert (one["issue"], one["built"]) == ("2024-09/state-LPMN", False)
    assert "can't be written" in one["failure"] and "\n  hint: " in one["failure"]


def test_no_json_comes_out_where_none_was_asked_for(room: Room, run: Run) -> None:
    for arguments in (("build", "LPNM"), ("check", "LPNM"), ("check", "--", "--format", "json"), ("list", "--json")):
        assert run(*arguments).stdout == ""


def test_sarif_that_could_not_look_says_so() -> None:
    log = as_sarif((), str, [Fault(place=Place(file=""), message="no newsroom", hint="go there")])
    only = log["runs"][0]
    assert only["results"] == []
    assert only["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [{"level": "error", "message": {"text": "no newsroom\nhint: go there"}}],
        }
    ]


def test_sarif_names_a_file_that_is_not_utf_8() -> None:
    name = os.fsdecode(b"issues/\xff.md")
    finding = Finding(slug="not-loaded", level=Level.ERROR, place=Place(file=name), message=f"'{name}'")
    [result] = as_sarif([finding], str)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "issues/%FF.md"


# --- GitHub Actions ---


def test_an_annotation_holds_what_is_said_and_nothing_is_taken_for_an_order() -> None:
    finding = Finding(
        slug="not-loaded",
        level=Level.ERROR,
        place=Place(file="a::b,line=9\n::error::x%0A.md", line=2),
        message="'\n::error::x' 100 % ##[group]\x1b",
        hint="so\r\n##[error]y",
    )
    assert as_annotations([finding], str) == [
        "::error file=a%3A%3Ab%2Cline=9\ufffd%3A%3Aerror%3A%3Ax%250A.md,line=2,title=not-loaded::"
        "'\ufffd::error::x' 100 %25 ## [group]\ufffd%0Ahint: so\ufffd\ufffd## [error]y"
    ]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("::error::x", ": :error::x"),
        ("  \u00a0::error::x", "  \u00a0: :error::x"),
        ("\ufeff::stop-commands::x", "\ufeff: :stop-commands::x"),
        (":::error::x", ": ::error::x"),
        ("a ##[add-mask]x", "a ## [add-mask]x"),
        ("###[group]", "### [group]"),
        ("std::vector and a::b", "std::vector and a::b"),
    ],
)
def test_a_line_for_the_runner_is_broken_where_an_order_would_begin(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], words: str, shown: str
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    show.say(words)
    show.line("", words)
    show.row([words])
    show.text(f"x\n{words}\n")
    out, err = capsysbinary.readouterr()
    assert (err.decode(), out.decode()) == (f"{shown}\n", f"{shown}\n{shown}\nx\n{shown}\n")


def test_elsewhere_words_stay_as_they_are(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    show.line("::note:: ##[x]")
    assert capsys.readouterr().out == "::note:: ##[x]\n"


def test_a_text_part_or_a_wrapped_message_gives_the_runner_no_order(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("COLUMNS", "40")
    room.item(
        "a", "::error::owned\n\n##[group]owned\n\nto to\n", title=f"{'x' * 30} ::warning::y", link="ftp://x/##[error]"
    )
    for command in (*COMMANDS, *JSON_COMMANDS):
        result = run(*command)
        own = [line for line in orders(result.stdout) if not re.match(r"::(error|warning|notice) file=", line)]
        assert own + orders(result.stderr) == [], command


# --- servers ---


def test_a_mail_servers_words_are_words(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.mailserver import mail_server

    room.item("a")
    with mail_server(refuses={"bo@network.example": "550 no \x1b]52;c;QUJD\x07\x9b31m\u202e##[error]x"}) as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        for more in ((), ("--to", "ana@network.example")):
            result = run("proof", "LPMN", "-m", "2024-09", "--to", "bo@network.example", *more)
            assert result.exit_code == 3
            assert "550 no" in result.stderr
            assert controls(result.stderr) + controls(result.stdout) + orders(result.stderr) == []


class Site(BaseHTTPRequestHandler):
    """Moves for good to an address that no browser would show."""

    def do_GET(self) -> None:
        is_new = "new" in self.path
        self.send_response(200 if is_new else 301, "\x1b]0;owned\x07##[error]x")
        if not is_new:
            self.send_header("Location", "/new\x1b]52;c;QUJD\x07\x9b31m\x7f\u0085##[error]x")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.mark.parametrize("command", [("check",), ("check", "--format", "json"), ("check", "--format", "sarif")])
def test_where_a_site_leads_is_words(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        # Addresses of this machine are not opened; a proxy on it is somebody's own.
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{site.server_port}")
        room.item("a", link="http://site.example/old")
        result = run(*command, "--online")
        site.shutdown()
    assert "/new" in result.stdout
    own = [line for line in orders(result.stdout) if not re.match(r"::(error|warning|notice) file=", line)]
    assert controls(result.stdout) + controls(result.stderr) + own + orders(result.stderr) == []
