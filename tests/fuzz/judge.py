"""A mutated newsroom -> what is wrong with what became of it; run in a process of its own, after the commands."""

import email
import email.policy
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from lxml import html as lxml_html

from newsletter.errors import NewsletterError
from newsletter.issue.edition import editions, items_of, months
from newsletter.model import Newsroom
from newsletter.read.load import load
from tests.fuzz.mutate import SECRET

ACTIVE = {
    "script",
    "iframe",
    "object",
    "embed",
    "applet",
    "form",
    "input",
    "base",
    "frame",
    "frameset",
    "video",
    "audio",
}
SCHEMES = {"", "https", "http", "mailto", "tel", "cid"}
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def complaints(root: Path) -> Iterator[str]:
    """Yield a sentence for each promise that the newsroom's build/ breaks."""
    try:
        newsroom = load(root)
    except NewsletterError:
        newsroom = None
    if newsroom:
        yield from _lost_files(root, newsroom)
    out = root / "build"
    for manifest in sorted(out.glob("*/*/manifest.json")) if out.is_dir() and not out.is_symlink() else ():
        folder = manifest.parent
        if folder.is_symlink() or folder.parent.is_symlink() or not (folder / "issue.html").is_file():
            continue
        yield from (f"{folder.name}: {told}" for told in _issue(folder, newsroom))
    yield from (f"{path.name} is left behind" for path in out.glob("*/.*") if path.name.startswith("."))


def _lost_files(root: Path, newsroom: Newsroom) -> Iterator[str]:
    """Every file that could be an item is one, or a front page, or is told."""
    known = {item.path for item in newsroom.items} | {page.path for page in newsroom.front_pages.values()}
    told = {fault.place.file for fault in newsroom.faults}
    for path in sorted((root / "issues").rglob("*.md")):
        if path.is_dir():
            continue
        name = path.relative_to(root).as_posix().encode(errors="replace").decode()
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts) or path.name == "README.md"
        if name in known or hidden or any(name == one or name.startswith(f"{one}/") for one in told):
            continue
        yield f"{name!r} is neither read nor told"


def _issue(folder: Path, newsroom: Newsroom | None) -> Iterator[str]:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    weighed = {**manifest["parts"], **manifest["pictures"]}
    for name, told in weighed.items():
        content = (folder / name).read_bytes()
        if len(content) != told["bytes"] or sha256(content).hexdigest() != told["sha256"]:
            yield f"{name} is not the one of the manifest"
        if SECRET.encode() in content:
            yield f"{name} tells the secret"
    paths = [item["path"] for item in manifest["items"]]
    if len(set(paths)) < len(paths):
        yield "an item is doubled"
    known = {one.id: one for month in months(newsroom) for one in editions(newsroom, month)} if newsroom else {}
    if newsroom and manifest["issue"] in known:
        missing = {item.path for item in items_of(newsroom, known[manifest["issue"]])} - set(paths)
        if missing:
            yield f"items are lost: {sorted(missing)}"
    page = (folder / "issue.html").read_text("utf-8")
    yield from _active(page)
    yield from _message((folder / "issue.eml").read_bytes(), (folder / "issue.txt").read_text("utf-8"))


def _active(page: str) -> Iterator[str]:
    for element in lxml_html.fromstring(page).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in ACTIVE:
            yield f"<{element.tag}> in the HTML"
        for name, value in element.attrib.items():
            if name.startswith("on"):
                yield f"{name}= in the HTML"
            if name in {"href", "src", "action", "background", "formaction"}:
                try:
                    scheme = urlsplit(re.sub(r"[\x00-\x20]", "", value)).scheme.lower()
                except ValueError:
                    continue
                if scheme not in SCHEMES:
                    yield f"an address of the kind {scheme}: in the HTML"


def _message(raw: bytes, text: str) -> Iterator[str]:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        if part.defects:
            yield f"issue.eml: {part.get_content_type()} has {part.defects}"
    if b"\n" in raw.replace(b"\r\n", b"") or any(len(line) > 998 for line in raw.split(b"\r\n")):
        yield "issue.eml has lines that no server takes"
    for name in ("Subject", "From", "To", "Message-ID"):
        if len(message.get_all(name, [])) > 1:
            yield f"issue.eml has more than one {name}"
    if set(message.keys()) & {"Bcc", "X"}:
        yield "issue.eml has a header that nobody gave it"
    plain = message.get_body(("plain",))
    if plain is None or plain.get_content().replace("\r\n", "\n").rstrip("\n") != text.rstrip("\n"):
        yield "issue.eml does not hold the text"
