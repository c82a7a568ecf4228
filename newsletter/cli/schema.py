"""newsletter schema: what editors need to know the keys."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter import printable
from newsletter.cli import newsroom_option, out_of, root_of, show
from newsletter.errors import CommandError, DiskError
from newsletter.read.schema import FILES
from newsletter.writing import put

if TYPE_CHECKING:
    from newsletter.model import Config


@click.command("schema", short_help="Print JSON Schema, by which editors know the keys.")
@click.argument("kind", type=click.Choice(list(FILES)), required=False, metavar="[item|front-page|newsletter.toml]")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write files into this folder instead.")
@newsroom_option
@click.pass_context
def schema_command(ctx: click.Context, kind: str | None, out: Path | None) -> None:
    """Print the JSON Schema of items' front matter, of front pages', or of newsletter.toml.

    Without a kind, all three in one object. In a newsroom, with its own chapters, publications and sections. With
    --out .newsletter, each goes into the file there that the editor settings of a new newsroom name; run that again
    when newsletter.toml has another chapter or section.
    """
    from newsletter.read.config import read_config

    root = _root(ctx)
    config = read_config(root) if root and kind != "newsletter.toml" else None
    if not root and kind != "newsletter.toml":
        show.say("no newsroom here, so chapters and sections may have any name")
    schemas = schemas_of(config, [kind] if kind else list(FILES))
    if out:
        folder = out_of(root, out) if root else out
        for name, content in files_of(schemas).items():
            _write(folder / name, content)
    else:
        show.document(schemas[kind] if kind else schemas)


def schemas_of(config: "Config | None", kinds: list[str]) -> dict[str, Any]:
    """Return the schemas by kind, for any newsroom where there is no config."""
    from newsletter.check.registry import GONE, rules
    from newsletter.deliver.providers import shape
    from newsletter.read.schema import front_page_schema, item_schema, settings_schema

    reasons = {slug: rule.why for slug, rule in rules().items()}
    reasons |= dict.fromkeys(sorted(GONE), "A check of an earlier version: nothing could break it.")
    makers = {
        "item": lambda: item_schema(config, reasons),
        "front-page": lambda: front_page_schema(config),
        "newsletter.toml": lambda: settings_schema(reasons, shape()),
    }
    return {kind: makers[kind]() for kind in kinds}


def files_of(schemas: Mapping[str, Any]) -> dict[str, str]:
    """Return what the files hold in which editors look for schemas, by their names."""
    return {FILES[kind]: f"{printable.as_json(schema)}\n" for kind, schema in schemas.items()}


def _root(ctx: click.Context) -> Path | None:
    """Return the newsroom; None outside of one, unless one was named."""
    try:
        return root_of(ctx)
    except CommandError:
        if ctx.obj is not None:
            raise
        return None


def _write(path: Path, content: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and path.read_bytes() == content.encode():
            show.say(f"{show.near(path)} is as it should be")
            return
        put(path, content.encode(), replaces=path.exists())
    except OSError as error:
        raise DiskError(
            str(path), (error.strerror or "unknown reason").lower(), "name another folder: --out DIR"
        ) from None
    show.line(str(show.near(path)))
