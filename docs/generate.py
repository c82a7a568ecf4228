"""Writes the generated parts of the documentation; `--check` only compares, and fails where they differ.

In README.md, the block after `<!-- $ SHOWN => COMMAND -->` holds what COMMAND prints on a terminal of 100 columns in
a copy of the sample newsroom. docs/commands.md holds every --help, docs/settings.md every setting, docs/checks.md every
rule, docs/providers.md what each provider wants.
"""

import io
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
from msgspec.structs import fields

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from newsletter import model  # noqa: E402 - the checkout's own package, wherever this is started
from newsletter.check.report import rules_table  # noqa: E402
from newsletter.cli import main as command_line  # noqa: E402
from newsletter.deliver.reference import providers_page  # noqa: E402
from newsletter.read import fields as keys  # noqa: E402
from newsletter.read import languages  # noqa: E402

COLUMNS = 100
_BLOCK = re.compile(r"(<!-- \$ (?P<shown>.+?)(?: => (?P<command>.+?))? -->\n```console\n).*?(```\n)", re.DOTALL)


def files() -> Iterator[tuple[Path, str]]:
    """Yield every generated file with what it should hold."""
    with tempfile.TemporaryDirectory() as folder:
        newsroom = Path(folder) / "newsroom"
        newsroom.mkdir()
        for name in ("newsletter.toml", "ledger.jsonl"):
            shutil.copy(ROOT / name, newsroom)
        for name in ("issues", "sent"):
            shutil.copytree(ROOT / name, newsroom / name)
        with_slips(newsroom, Path(folder) / "slips")
        readme = ROOT / "README.md"
        yield readme, _BLOCK.sub(lambda found: _run(found, newsroom), readme.read_text("utf-8"))
    yield ROOT / "docs" / "commands.md", _commands()
    yield ROOT / "docs" / "settings.md", _settings()
    yield ROOT / "docs" / "checks.md", rules_table()
    yield ROOT / "docs" / "providers.md", providers_page()


def with_slips(newsroom: Path, slips: Path) -> None:
    """Copy the newsroom's settings and items, with the slips that the README shows being found."""
    shutil.copytree(newsroom / "issues", slips / "issues")
    shutil.copy(newsroom / "newsletter.toml", slips)
    item = slips / "issues/2024-09/items/saint-paul-climate.md"
    words = item.read_text("utf-8")
    for right, wrong in (("Read the case study", "click here"), ("easy to adopt", "easy to to adopt")):
        if words.count(right) != 1:
            raise SystemExit(f"docs/generate.py: '{right}' is no longer in {item.name}")
        words = words.replace(right, wrong)
    item.write_text(words, "utf-8")


def _run(found: re.Match[str], newsroom: Path) -> str:
    command = found["command"] or found["shown"]
    printed = on_terminal(command.split(), newsroom)
    return f"{found[1]}$ {found['shown']}\n{printed}{found[4]}"


def on_terminal(command: list[str], folder: Path) -> str:
    """Return what the command prints on a terminal without colours."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "LINES": "50", "NO_COLOR": "1", "TERM": "xterm"}
    arguments = [sys.executable, "-m", *command] if command[0] == "newsletter" else command
    environment["PYTHONPATH"] = str(ROOT)
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    with subprocess.Popen(arguments, cwd=folder, env=environment, **streams):
        os.close(theirs)
        printed = io.BytesIO()
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                # Linux says EIO once the other end is closed.
                break
            if not piece:
                break
            printed.write(piece)
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", printed.getvalue().decode().replace("\r\n", "\n"))
    lines = [line.rpartition("\r")[2].rstrip() for line in text.split("\n")]
    # What a progress bar leaves behind is gone on a real screen.
    return "\n".join(line for line in lines if "━" not in line).strip("\n") + "\n"


def _commands() -> str:
    parts = ["# Commands\n\nWhat `--help` says of each. Made by `make docs`.\n"]
    # As the command line makes it: with its own settings, such as -h.
    settings = {**command_line.context_settings, "terminal_width": COLUMNS, "max_content_width": COLUMNS}
    with click.Context(command_line, info_name="newsletter", **settings) as root:
        parts += _help(command_line, root, "newsletter")
    return "\n".join(parts)


def _help(command: click.Command, context: click.Context, path: str) -> Iterator[str]:
    yield f"## {path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if inner := command.get_command(context, name):
                with click.Context(
                    inner, info_name=name, parent=context, terminal_width=COLUMNS, max_content_width=COLUMNS
                ) as below:
                    yield from _help(inner, below, f"{path} {name}")


def _settings() -> str:
    rows = [
        "# Settings\n",
        "Every setting of `newsletter.toml` and every key of an item. Made by `make docs`.\n",
        "## What inherits\n",
        "Under `[organization]`, `[publications.KEY]` and `[chapters.CODE]`, and (but for those marked *) in the front"
        " matter of a front page; the nearest one wins. Texts may hold `{chapter}`, `{chapter_name}`,"
        " `{organization}`, `{short_name}`, `{period}`, `{month}`, `{id}`.\n",
        "| setting | what it says |",
        "|---|---|",
    ]
    for key, field in keys.SETTINGS.items():
        star = "" if key in keys.FRONT_PAGE_KEYS else " *"
        rows.append(f"| `{key}`{star} | {_cell(field.doc)} |")
    rows += [
        "",
        "`[organization]` also has `name` and `short_name`, a publication `scope` (`network`: one issue for all, or"
        " `chapter`: one for each), a chapter `name`.\n",
        "## A front page\n",
        "Below its front matter it has the greeting, in Markdown. Beside the settings above:\n",
        "| key | what it says |",
        "|---|---|",
        *(f"| `{key}` | {_cell(field.doc)} |" for key, field in keys.FRONT_PAGE.items()),
        "",
        "## Sections\n",
        "`[sections.KEY]` has `title`, `emoji`, `intro` (a sentence under the label) and `look`: `story`, `compact`"
        " (press and resources), `action` (a tinted panel with a button) or `quote` (in memory). An item with `starts`"
        " gets its date block in any of them.\n",
        "## Theme\n",
        "| `[theme]` | if left out |",
        "|---|---|",
        *(f"| `{field.name}` | `{field.default}` |" for field in fields(model.Theme)),
        "",
        "## Words\n",
        "The fixed words of an issue, its dates and the titles of its sections come in its `language`:"
        f" {', '.join(f'`{one}`' for one in languages.LANGUAGES)}. An item in another language than its issue (its own"
        " `language`, else that of its only chapter, else what its script says) has its own.\n",
        "`[words]` says words your way in the newsroom's own language, `[words.es]` in another one, and"
        ' `[words.es.sections]` the titles of sections (`wins = "Logros"`; as a table of its own, `title` and'
        " `intro`). An empty `calendar` leaves that link out. What stands in braces must stay: `{date}`. In English:\n",
        "| `[words]` | if left out |",
        "|---|---|",
        *(f"| `{key}` | {_cell(word)} |" for key, word in languages.words_of_english()),
        "",
        "## Checks, providers, proofs\n",
        "`[checks]` sets a rule to `off`, `error`, `warning` or `advice`: see [the checks](checks.md)."
        " `[providers.NAME]` changes what a provider wants, or adds one: see [the providers](providers.md); its"
        " `audiences` say at which lists drafts are made: see [drafts](drafts.md)."
        " `[proof]` has `server` (`smtp://host:587` or `smtps://host`), `user`, `timeout` in seconds for one step (ten"
        " times that for all of them), `domains` that count as your own, and `[proof.lists]`, each a list of"
        " addresses. The password never stands in the file: it comes from `NEWSLETTER_SMTP_PASSWORD`,"
        " `NEWSLETTER_SMTP_URL` or the computer's keyring, and goes only to the server in `NEWSLETTER_SMTP_HOST` or"
        " `NEWSLETTER_SMTP_URL`, to one on this machine, to the one it was kept for, or to one that you said yes to.\n",
        "## The site\n",
        "`[site]`, for `newsletter site` ([the site](site.md)) and for links from mails:\n",
        "| key | what it says |",
        "|---|---|",
        *(f"| `{key}` | {_cell(field.doc)} |" for key, field in keys.SITE.items()),
        "",
        "## An item\n",
        "| key | what it says |",
        "|---|---|",
        *(f"| `{key}` | {_cell(field.doc)} |" for key, field in keys.ITEM.items() if not field.many),
        "",
        "`title`, `chapters`, `month` and `section` are needed.",
        "",
    ]
    return "\n".join(rows)


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def main() -> int:
    """Write the files, or with --check say which would change; return the exit code."""
    check = "--check" in sys.argv[1:]
    stale = []
    for path, wanted in files():
        if not path.exists() or path.read_text("utf-8") != wanted:
            stale.append(path.relative_to(ROOT))
            if not check:
                path.write_text(wanted, "utf-8", newline="\n")
    if check and stale:
        print(f"out of date: {', '.join(map(str, stale))}; run: make docs", file=sys.stderr)
        return 1
    print("the generated documentation is " + ("as it should be" if check or not stale else "written anew"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
