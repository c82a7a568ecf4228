"""Delivery -> paste-ready files: the parts as one provider takes them, and the checklist for whoever pastes."""

import io
import zipfile
from collections.abc import Iterable, Mapping

from newsletter.deliver.folder import MANIFEST, as_manifest, facts_of, listing, weighed
from newsletter.deliver.handover import archive_of, handover
from newsletter.deliver.message import make_message
from newsletter.deliver.providers import Provider
from newsletter.deliver.wrap import wrap
from newsletter.model import Cover, Delivery, Email, Finding, Issue

# What --copy can name, and the file that holds it.
PARTS = {"subject": "subject.txt", "preheader": "preheader.txt", "html": "issue.html", "text": "issue.txt"}


def export(
    issue: Issue,
    cover: Cover,
    email: Email,
    delivery: Delivery,
    provider: Provider,
    findings: Iterable[Finding] = (),
) -> dict[str, bytes]:
    """Return the files by name, the same bytes for the same issue. `issue.txt` is there if the provider takes one.

    Raises ContentError for what the provider would refuse.
    """
    wrapped = wrap(delivery, issue, provider)
    files = {
        "subject.txt": f"{wrapped.subject}\n".encode(),
        "preheader.txt": f"{wrapped.preheader}\n".encode(),
        "issue.html": wrapped.html.encode(),
    }
    if provider.has_text:
        files["issue.txt"] = wrapped.text.encode()
    if provider.takes_message:
        files["issue.eml"] = make_message(issue, cover, delivery)
    files |= {picture.name: picture.content for picture in wrapped.pictures}
    if archive := archive_of(issue, delivery, provider):
        inside = {"issue.html": files["issue.html"], **{picture.name: picture.content for picture in wrapped.pictures}}
        files[archive] = zipped(inside)
    files["handover.md"] = handover(issue, cover, email, wrapped, provider, findings).encode()
    return files


def with_manifest(files: Mapping[str, bytes], issue: Issue, email: Email, delivery: Delivery) -> dict[str, bytes]:
    """Return the files and the manifest that lists them: what the next export of ours may take away again.

    `made_from` are the issue's parts as `build --for` that provider writes them; by `made`, an old export is told.
    """
    names = {picture.name for picture in delivery.pictures}
    manifest = {
        **facts_of(issue, email, delivery),
        "made_from": {"issue.html": weighed(delivery.html.encode()), "issue.txt": weighed(delivery.text.encode())},
        **listing(
            {name: content for name, content in files.items() if name not in names},
            {name: content for name, content in files.items() if name in names},
        ),
    }
    return {**files, MANIFEST: as_manifest(manifest)}


def zipped(files: Mapping[str, bytes], folder: str = "") -> bytes:
    """Return a zip with the files, in one folder if that has a name.

    No clock and no system gets into it, so the bytes are the same.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}" if folder else name)
            entry.external_attr, entry.create_system = 0o644 << 16, 3
            # Stored, not deflated: the bytes of a deflated file depend on the zlib of the machine.
            archive.writestr(entry, content, zipfile.ZIP_STORED)
    return buffer.getvalue()
