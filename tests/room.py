"""A newsroom in a temporary folder, written by the test that reads it."""

import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from PIL import Image

from newsletter.deliver.providers import provider_named
from newsletter.deliver.tags import translate
from newsletter.issue.assemble import assemble
from newsletter.issue.compose import compose
from newsletter.issue.edition import edition_of
from newsletter.line import Builder, Built, build_all
from newsletter.look.pictures import prepare
from newsletter.look.render import render
from newsletter.look.templates import Look
from newsletter.model import Cover, Delivery, Email, Finding, Issue, Newsroom
from newsletter.read.load import load
from tests.compiled import COMPILED, Compiled

TOML = """\
[organization]
name = "Example Network"
short_name = "EN"
website = "https://network.example"
postal_address = "Example Network, 1 Main Street, Saint Paul, MN 55101"
press_contact = "press@network.example"
sender_address = "news@network.example"
unsubscribe_url = "https://network.example/unsubscribe"
browser_url = "https://network.example/{id}"

[publications.network]
title = "The Network Download"
scope = "network"
emoji = "📬"

[publications.state]
title = "{chapter} State Download"
scope = "chapter"
emoji = "📣"
subject = "{title} {emoji} | {headlines} | {period}"

[chapters.LPMN]
name = "Minnesota"
accent = "#1D5C63"

[chapters.LPNY]
name = "New York"
accent = "#8A2B5B"
cadence = "quarterly"

[sections.wins]
title = "Wins"

[sections.action]
title = "Take action"
look = "action"

[sections.events]
title = "Events"

[sections.in-the-news]
title = "In the news"
look = "compact"

[sections.remembrance]
title = "In memory"
look = "quote"
"""

# The repository's own newsroom, and every issue of it.
SAMPLE = Path(__file__).parent.parent
SAMPLE_ISSUES = tuple(
    sorted(str(path.relative_to(SAMPLE / "issues").with_suffix("")) for path in SAMPLE.glob("issues/*/*.md"))
)
# The smallest whole GIF: one black pixel.
DOT = (
    b"GIF87a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00"
    b"\x08\x04\x00\x01\x04\x04\x00;"
)

ITEM: Mapping[str, Any] = {"chapters": ["LPMN"], "month": "2024-09", "section": "wins"}


def picture(colour: str = "#1D5C63", size: tuple[int, int] = (40, 20), kind: str = "PNG") -> bytes:
    """Return a picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def png(path: Path) -> Path:
    """Write such a picture, its folders too, and return where it lies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture(size=(40, 30)))
    return path


@dataclass(frozen=True)
class Room:
    """Writes files; reads, assembles and renders what it wrote."""

    root: Path

    @property
    def cache(self) -> Path:
        """Return the folder beside the newsroom where builds keep what need not be done again."""
        return self.root.with_name(f"{self.root.name}-cache")

    def file(self, path: str, content: str | bytes) -> Path:
        """Write a file, its folders too."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def item(self, slug: str = "story", body: str = "Words.\n", *, folder: str = "2024-09", **front: Any) -> Path:
        """Write an item: LPMN, 2024-09, wins unless said otherwise; a key given as None is left out."""
        keys = {"title": slug.replace("-", " ").capitalize(), **ITEM, **front}
        return self.page(f"issues/{folder}/items/{slug}.md", body, keys)

    def front_page(self, issue_id: str, body: str = "", **front: Any) -> Path:
        """Write an issue's front page."""
        return self.page(f"issues/{issue_id}.md", body, front)

    def page(self, path: str, body: str, front: Mapping[str, Any]) -> Path:
        """Write a Markdown file with front matter."""
        kept = {key: value for key, value in front.items() if value is not None}
        matter = yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=10_000) if kept else ""
        return self.file(path, f"---\n{matter}---\n{body}")

    def load(self) -> Newsroom:
        """Read the newsroom."""
        return load(self.root)

    def faults(self) -> list[str]:
        """Return the words of every fault that reading finds."""
        return [str(fault) for fault in self.load().faults]

    def issue(self, issue_id: str = "2024-09/state-LPMN") -> Issue:
        """Return the assembled issue; no file may be at fault."""
        newsroom = self.load()
        assert not newsroom.faults, newsroom.faults
        return assemble(newsroom, edition_of(newsroom, issue_id))

    def cover(self, issue_id: str = "2024-09/state-LPMN") -> Cover:
        """Return the cover of the issue."""
        return compose(self.issue(issue_id))

    def email(self, issue_id: str = "2024-09/state-LPMN") -> Email:
        """Return the rendered issue, its placeholders still neutral."""
        issue = self.issue(issue_id)
        return render(issue, compose(issue), prepare(issue, self.root), Look(self.root, COMPILED))

    def delivery(self, issue_id: str = "2024-09/state-LPMN", provider: str = "html") -> Delivery:
        """Return the issue as a provider takes it."""
        issue = self.issue(issue_id)
        pictures = prepare(issue, self.root)
        email = render(issue, compose(issue), pictures, Look(self.root, COMPILED))
        row = provider_named(self.load().config, provider)
        return translate(email, issue, row, {picture.name: picture for picture in pictures.values()})

    def builder(self, provider: str | None = None) -> Builder:
        """Return what builds issues into the newsroom's build/; the times of its files count, however new they are."""
        return Builder(self.load(), self.root / "build", provider, Compiled(self.cache, settled=sys.maxsize))

    def build(self, issue_id: str = "2024-09/state-LPMN", provider: str | None = None) -> Built:
        """Build one issue into the newsroom's build/, unless it is there already."""
        (built,) = build_all(self.builder(provider), [issue_id], lambda built: None)
        return built

    def findings(self, issue_id: str = "2024-09/state-LPMN", provider: str | None = None) -> list[Finding]:
        """Return what the rules find in an issue that may be built."""
        builder = self.builder(provider)
        return list(builder.findings(builder.whole(issue_id)))

    def built(self, name: str, issue_id: str = "2024-09/state-LPMN") -> bytes:
        """Return a file of a built issue."""
        return (self.root / "build" / issue_id / name).read_bytes()
