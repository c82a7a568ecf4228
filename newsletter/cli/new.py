"""newsletter new: a newsroom, a month or an item, ready to edit and to build."""

import json
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import month_option, newsroom_option, root_of, show, usual_month
from newsletter.errors import CommandError, did_you_mean
from newsletter.read.files import Unreadable, resolved
from newsletter.read.scaffold import STORY
from newsletter.writing import put

if TYPE_CHECKING:
    from newsletter.read.fields import Field

_SCAFFOLD = Path(__file__).parent.parent / "scaffold"
# A newsroom's first item can be built as it is, unlike those that `new item` begins.
_FIRST_WORDS = "Neighbors met, agreed on one thing to change, and changed it. This is where your own first story goes."


@click.group("new", short_help="Start a newsroom, a month or an item.")
def new_command() -> None:
    """Start a newsroom, a month or an item: ready to edit and to build. Nothing is overwritten."""


@new_command.command("newsroom")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
def new_newsroom(folder: Path) -> None:
    """Start a newsroom in DIR: newsletter.toml and a first item."""
    if (folder / "newsletter.toml").exists():
        raise CommandError(f"{folder} is a newsroom already", 'write an item: newsletter new item "What happened" …')
    month = f"{date.today():%Y-%m}"
    item = _item("Our first story", ["NORTH", "network"], month, "wins", _FIRST_WORDS)
    _write(folder / "issues" / month / "items" / "our-first-story.md", item)
    _write(folder / ".gitignore", "build/\n")
    # Last: a folder that holds it is a newsroom, and is never started again.
    _write(folder / "newsletter.toml", (_SCAFFOLD / "newsletter.toml").read_text("utf-8"))
    show.say(f"next: edit {folder / 'newsletter.toml'}, then build what is there: newsletter --newsroom {folder} build")


@new_command.command("month")
@click.argument("month")
@newsroom_option
@click.pass_context
def new_month(ctx: click.Context, month: str) -> None:
    """Start a month (2024-10): a folder for its items, and a front page for every issue of it."""
    from newsletter.issue.edition import editions
    from newsletter.read.load import load
    from newsletter.read.values import Refused
    from newsletter.read.values import month as month_value

    try:
        month = month_value(month)
    except Refused as refused:
        raise click.BadParameter(f"{refused.message}; {refused.hint}", param_hint="MONTH") from None
    root = root_of(ctx)
    newsroom = load(root)
    _require_inside(root, root / "issues" / month / "items")
    _make_folder(root / "issues" / month / "items")
    there = {path.casefold() for path in newsroom.front_pages}
    made = 0
    for edition in editions(newsroom, month):
        path = root / "issues" / f"{edition.id}.md"
        if edition.id.casefold() not in there and not path.exists():
            _write(path, _front_page())
            made += 1
    if not made:
        show.say(f"{month} is there already; nothing is overwritten")
    show.say(f'next: newsletter new item "What happened" --chapter CODE -m {month}')


@new_command.command("item")
@click.argument("title")
@click.option("--chapter", "chapters", multiple=True, help="A chapter's code or a publication's key; at least one.")
@click.option("--section", help="The section; the first of newsletter.toml if left out.")
@month_option
@newsroom_option
@click.pass_context
def new_item(ctx: click.Context, title: str, chapters: tuple[str, ...], section: str | None, month: str | None) -> None:
    """Start an item: issues/MONTH/items/a-name-from-the-title.md. The month is this one if left out."""
    from newsletter.read.config import read_config

    root = root_of(ctx)
    config = read_config(root)
    month = month or usual_month() or f"{date.today():%Y-%m}"
    tags = [one for given in chapters for one in re.split(r"[,\s]+", given) if one]
    known = [*config.chapters, *(key for key, own in config.publications.items() if own.scope == "network")]
    if not tags:
        raise CommandError("nothing says whose item it is", f"add --chapter CODE: there is {', '.join(known)}")
    for tag in tags:
        if tag not in known:
            raise CommandError(f"no chapter or publication is called '{tag}'", did_you_mean(tag, known))
    section = section or next(iter(config.sections))
    if section not in config.sections:
        raise CommandError(f"no section is called '{section}'", did_you_mean(section, tuple(config.sections)))
    _require_inside(root, root / "issues" / month / "items")
    path = _free(root / "issues" / month / "items", _slug(title))
    words = re.sub(r"\s+", " ", title).strip()
    if not words:
        raise CommandError("the title is empty", 'newsletter new item "What happened" --chapter CODE')
    _write(path, _item(_quoted(words), tags, month, section))


def _item(title: str, tags: Iterable[str], month: str, section: str, story: str = STORY) -> str:
    """Return an item to write, with the keys that most items have."""
    from newsletter.read.fields import ITEM

    words = {"title": title, "chapters": ", ".join(tags), "month": month, "section": section, "story": story}
    return _filled("item.md", **words, more=_usual_lines(ITEM))


def _front_page() -> str:
    from newsletter.read.fields import FRONT_PAGE, SETTINGS

    return _filled("front-page.md", more=_usual_lines({**SETTINGS, **FRONT_PAGE}))


def _usual_lines(fields: "Mapping[str, Field]") -> str:
    """Return a line for each key that most files have, to be taken out of its comment."""
    return "".join(f"# {key}: {field.example}\n" for key, field in fields.items() if field.is_usual)


def _filled(name: str, **words: str) -> str:
    text = (_SCAFFOLD / name).read_text("utf-8")
    return re.sub(r"\{([a-z]+)\}", lambda match: words.get(match[1], match[0]), text)


def _quoted(words: str) -> str:
    """Return the words as a YAML scalar: as they are where YAML reads nothing into them."""
    harmless = re.fullmatch(r"[^\W\d_][\w ,.()/&’'–-]*", words)
    return words if harmless and not words.endswith(":") else json.dumps(words, ensure_ascii=False)


def _slug(title: str) -> str:
    """Return a file name from the title: ASCII, lower case, words joined by hyphens; "" if it has no such letters."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].rstrip("-")


def _free(folder: Path, slug: str) -> Path:
    """Return where the item goes. Titles that share no letter with a to z share one name, so that is numbered."""
    if slug:
        path = folder / f"{slug}.md"
        if os.path.lexists(path):
            raise CommandError(f"{show.near(path)} is there already", "choose another title, or edit that file")
        return path
    names = (f"item-{number}.md" if number > 1 else "item.md" for number in count(1))
    return next(path for name in names if not os.path.lexists(path := folder / name))


def _require_inside(root: Path, folder: Path) -> None:
    """Refuse a folder that a symbolic link in the newsroom leads out of it."""
    try:
        resolved(root, folder)
    except Unreadable as refused:
        told = f"{show.near(folder)} {refused.message}"
        raise CommandError(told, "remove the symbolic link that leads there") from None


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritten(path, error) from None


def _unwritten(path: Path, error: OSError) -> CommandError:
    return CommandError(
        f"{show.near(path)} can't be written: {(error.strerror or 'unknown reason').lower()}",
        "see that the disk has room, that you may write there, and that no file stands where a folder belongs",
    )


def _write(path: Path, content: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, content.encode(), replaces=False)
    except FileExistsError:
        show.say(f"{show.near(path)} is there already: left as it is")
        return
    except OSError as error:
        raise _unwritten(path, error) from None
    show.line(str(show.near(path)))
