"""newsletter new: a newsroom, a month or an item, ready to edit and to build."""

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import click

from newsletter.cli import month_option, newsroom_option, root_of, show, usual_month
from newsletter.cli.places import make_folder, require_inside, unwritten
from newsletter.errors import CommandError, ContentError, did_you_mean
from newsletter.read.config import packaged_sample
from newsletter.read.scaffold import KINDS, front_page_begun, item_begun, section_for
from newsletter.writing import put

_SCAFFOLD = Path(__file__).parent.parent / "scaffold"
_WORKFLOW = ".github/workflows/newsletter.yml"
# What lies around the items in a new newsroom, each with the file that it is copied from.
_AROUND = {
    ".gitignore": "gitignore",
    ".gitattributes": "gitattributes",
    ".editorconfig": "editorconfig",
    ".vscode/settings.json": "vscode-settings.json",
    ".vscode/extensions.json": "vscode-extensions.json",
    ".vscode/tasks.json": "vscode-tasks.json",
}
# The pictures of the small federation: those of the sample newsroom, under other names.
_SAMPLE_PICTURES = {
    "sunday-buses.png": "2024-09/items/recent-policy-wins.png",
    "street-trees.jpg": "2024-09/items/saint-paul-climate.jpg",
    "budget-training.png": "2024-09/items/school-board-convening.png",
    "coast-supper.png": "2024-09/items/lptx-community.png",
    "heat-letter.png": "2024-09/items/worker-protections.png",
    "safe-crossings.png": "2024-01/items/traffic-safety.png",
    "tenants-in-the-news.png": "2024-09/items/anti-gentrification-ordinance.png",
    "a-driver-remembered.png": "2024-01/items/remembering-ady-barkan.png",
}
# A newsroom's first item can be built as it is, unlike those that `new item` begins.
_FIRST_WORDS = "Neighbors met, agreed on one thing to change, and changed it. This is where your own first story goes."


@click.group("new", short_help="Start a newsroom, a month or an item.")
def new_command() -> None:
    """Start a newsroom, a month or an item: ready to edit and to build. Nothing is overwritten."""


@new_command.command("newsroom")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--sample", is_flag=True, help="With a small federation in it, to look at and to change.")
@click.option("--ci", type=click.Choice(["github"]), help="With a workflow that checks and shows each pull request.")
def new_newsroom(folder: Path, sample: bool, ci: str | None) -> None:
    """Start a newsroom in DIR: newsletter.toml, a first item, and what git and editors want to know.

    With --ci github in a newsroom that is there already, only the workflow is added, and what else it lacks of that.
    """
    is_there = (folder / "newsletter.toml").exists()
    if is_there and not (ci and not sample):
        raise CommandError(f"{folder} is a newsroom already", 'write an item: newsletter new item "What happened" …')
    settings = _SCAFFOLD / ("sample/newsletter.toml" if sample else "newsletter.toml")
    around = {name: (_SCAFFOLD / source).read_bytes() for name, source in _AROUND.items()}
    around |= _schemas(folder / "newsletter.toml" if is_there else settings)
    workflow = {_WORKFLOW: _workflow(folder)} if ci else {}
    if is_there:
        files = {name: content for name, content in around.items() if not os.path.lexists(folder / name)} | workflow
    else:
        # Last the settings: a folder that holds them is a newsroom, and is never started again.
        files = {**dict(_sample_items() if sample else _first_item()), **around, **workflow}
        files["newsletter.toml"] = settings.read_bytes()
    for name in files:
        require_inside(folder.absolute(), (folder / name).absolute().parent)
    for name, content in files.items():
        _write(folder / name, content)
    if ci:
        _tell_workflow(folder)
    if not is_there:
        path = folder / "newsletter.toml"
        show.say(f"next: edit {path}, then build what is there: newsletter --newsroom {folder} build")


def _first_item() -> Iterator[tuple[str, bytes]]:
    """Yield a first item that can be built as it is, unlike those that `new item` begins."""
    month = f"{date.today():%Y-%m}"
    begun = item_begun("Our first story", ["NORTH", "network"], month, "wins")
    path = f"issues/{month}/items/our-first-story.md"
    yield path, begun.replace(KINDS["story"].words, _FIRST_WORDS).encode()


def _sample_items() -> Iterator[tuple[str, bytes]]:
    """Yield the items, pictures and front pages of the small federation, for this month: its events are in the next."""
    this = date.today().replace(day=1)
    months = {"month": f"{this:%Y-%m}", "next": f"{this + timedelta(days=31):%Y-%m}"}
    folder = f"issues/{months['month']}"
    for path in sorted((_SCAFFOLD / "sample").rglob("*.md")):
        words = re.sub(r"\{(month|next)\}", lambda match: months[match[1]], path.read_text("utf-8"))
        yield f"{folder}/{path.relative_to(_SCAFFOLD / 'sample').as_posix()}", words.encode()
    for name, source in _SAMPLE_PICTURES.items():
        yield f"{folder}/items/{name}", (packaged_sample() / "issues" / source).read_bytes()


def _schemas(settings: Path) -> dict[str, bytes]:
    """Return the files that the editor settings point at, for the chapters and sections of a newsroom's settings."""
    from newsletter.cli.schema import files_of, schemas_of
    from newsletter.read.config import read_config
    from newsletter.read.schema import FILES

    try:
        schemas = schemas_of(read_config(settings.parent), list(FILES))
    except ContentError:
        show.say(
            f"{settings} has a fault, so editors get no schemas", "mend it, then: newsletter schema --out .newsletter"
        )
        return {}
    return {f".newsletter/{name}": content.encode() for name, content in files_of(schemas).items()}


def _workflow(folder: Path) -> bytes:
    """Return the workflow, with the place of the newsroom in its repository."""
    top = _top_of_repository(folder)
    place = Path(os.path.realpath(folder)).relative_to(top).as_posix() if top else "."
    stated = f"NEWSROOM: {json.dumps(place)}"
    return (_SCAFFOLD / "workflow.yml").read_text("utf-8").replace('NEWSROOM: "."', stated).encode()


def _tell_workflow(folder: Path) -> None:
    """Say what the workflow still wants: the address to install from, and a place where GitHub finds it."""
    written = show.near(folder / _WORKFLOW)
    show.say(f"in {written}, name the repository that newsletter is installed from: NEWSLETTER")
    top = _top_of_repository(folder)
    if top and top != Path(os.path.realpath(folder)):
        place = f"move it to {top / _WORKFLOW}; it says where the newsroom lies"
        show.say(f"GitHub reads workflows at the top of a repository only, which is {top}", place)


def _top_of_repository(folder: Path) -> Path | None:
    """Return the nearest folder from the newsroom upward that git keeps; None if there is none."""
    real = Path(os.path.realpath(folder))
    return next((above for above in (real, *real.parents) if os.path.lexists(above / ".git")), None)


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
    require_inside(root, root / "issues" / month / "items")
    make_folder(root / "issues" / month / "items")
    there = {path.casefold() for path in newsroom.front_pages}
    made = 0
    for edition in editions(newsroom, month):
        path = root / "issues" / f"{edition.id}.md"
        if edition.id.casefold() not in there and not path.exists():
            _write(path, front_page_begun().encode())
            made += 1
    if not made:
        show.say(f"{month} is there already; nothing is overwritten")
    show.say(f'next: newsletter new item "What happened" --chapter CODE -m {month}')


@new_command.command("item")
@click.argument("title")
@click.option("--chapter", "chapters", multiple=True, help="A chapter's code or a publication's key; at least one.")
@click.option("--kind", type=click.Choice(list(KINDS)), default="story", help="What it is: its keys differ.")
@click.option("--section", help="The section; if left out, the one that fits the kind.")
@month_option
@newsroom_option
@click.pass_context
def new_item(
    ctx: click.Context, title: str, chapters: tuple[str, ...], kind: str, section: str | None, month: str | None
) -> None:
    """Start an item: issues/MONTH/items/a-name-from-the-title.md. The month is this one if left out.

    Until somebody has written its words, it counts as no item.
    """
    from newsletter.read.config import read_config, taggable

    root = root_of(ctx)
    config = read_config(root)
    month = month or usual_month() or f"{date.today():%Y-%m}"
    tags = [code for given in chapters for code in re.split(r"[,\s]+", given) if code]
    known = taggable(config)
    if not tags:
        raise CommandError("nothing says whose item it is", f"add --chapter CODE: there is {', '.join(known)}")
    for tag in tags:
        if tag not in known:
            raise CommandError(f"no chapter or publication is called '{tag}'", did_you_mean(tag, known))
    if section and section not in config.sections:
        raise CommandError(f"no section is called '{section}'", did_you_mean(section, tuple(config.sections)))
    fitting = section or section_for(kind, config)
    section = fitting or next(iter(config.sections))
    require_inside(root, root / "issues" / month / "items")
    path = _free(root / "issues" / month / "items", _slug(title))
    words = re.sub(r"\s+", " ", title).strip()
    if not words:
        raise CommandError("the title is empty", 'newsletter new item "What happened" --chapter CODE')
    is_new = _write(path, item_begun(_quoted(words), tags, month, section, kind).encode())
    if is_new and not fitting and kind != "story":
        article = "an" if kind[0] in "aeiou" else "a"
        told = f"no section here is known to be for {article} {kind}, so it is in '{section}'"
        show.say(told, f"there is {', '.join(config.sections)}: change 'section' in the file")


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


def _write(path: Path, content: bytes) -> bool:
    """Write a file that is not there yet, and name it; tell whether it is new."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, content, replaces=False)
    except FileExistsError:
        show.say(f"{show.near(path)} is there already: left as it is")
        return False
    except OSError as error:
        raise unwritten(path, error) from None
    show.line(str(show.near(path)))
    return True
