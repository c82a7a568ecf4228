"""Pictures -> addresses that readers can load: uploaded once each, known again by digest, or on a site of ours."""

import hashlib
from collections.abc import Iterable

from newsletter import printable, web
from newsletter.deliver.drafts import compare
from newsletter.deliver.drafts.account import Account
from newsletter.deliver.drafts.decisions import Drafting
from newsletter.deliver.drafts.shapes import Wanted
from newsletter.deliver.ledger import Entry, Ledger
from newsletter.errors import NewsletterError, ServerError, shown
from newsletter.model import Picture
from newsletter.sockets import is_public, literal
from newsletter.web import Reply as Page

# What a server says of a file whose kind nobody told it (binary/… at Amazon S3); mail programs then look into it.
_UNSTATED = {"", "application/octet-stream", "binary/octet-stream"}
_LONGEST = 100


def pictures_of(book: Ledger, account: str) -> dict[str, str]:
    """Return our names of the pictures that were uploaded, by their addresses there."""
    done = (entry.more for entry in uploads_of(book, account) if entry.state == "done")
    return {str(more["url"]): str(more["name"]) for more in done if "url" in more and "name" in more}


def require_loadable(html: str, issue_id: str, *, is_here: bool) -> None:
    """Raise NewsletterError for what the page asks for and no reader could load; `is_here`: all is on this machine."""
    pictures = compare.picture_addresses(html)
    for address in compare.loaded_addresses(html):
        if not _is_loadable(address, is_here=is_here):
            is_picture = address in pictures
            raise NewsletterError(
                f"{issue_id}: no reader can load {'the picture ' if is_picture else ''}'{address[:100]}'",
                'set picture_base_url = "https://…" to where the pictures lie'
                if is_picture
                else "a template or a style sheet names it: write its whole address there, https://…",
            )


def require_addresses(account: Account, drafting: Drafting, *, is_here: bool) -> None:
    """Raise NewsletterError for pictures that are not uploaded, and have no address, or none that a reader can load."""
    if drafting.has_base or not drafting.pictures:
        require_loadable(drafting.wanted.html, drafting.issue, is_here=is_here)
        for address in compare.picture_addresses(drafting.wanted.html) if drafting.has_base else ():
            _require_there(account, drafting, address, is_here=is_here)
    elif not account.adapter.TAKES_PICTURES:
        many = "1 picture has" if len(drafting.pictures) == 1 else f"{len(drafting.pictures)} pictures have"
        raise NewsletterError(
            f"{drafting.issue}: {many} no address yet, and {account.label} takes no uploads",
            'set picture_base_url = "https://…" to where they lie: newsletter site puts them on the site',
        )


def placed_of(account: Account, drafting: Drafting, book: Ledger) -> Wanted:
    """Return what is wanted with the addresses that its pictures have by now."""
    if drafting.has_base or not drafting.pictures:
        return drafting.wanted
    addresses = {picture.name: address_of(book, account.name, picture) for picture in drafting.pictures}
    return drafting.with_addresses({name: address for name, address in addresses.items() if address})


def _is_loadable(address: str, *, is_here: bool) -> bool:
    parts = web.split(address)
    host = (parts.hostname or "").casefold()
    written = literal(host) if host else None
    is_private = "." not in host or host.endswith((".localhost", ".local", ".internal"))
    is_private = not is_public(written) if written else is_private
    return parts.scheme in {"http", "https"} and (is_here or not is_private)


def is_there(account: Account, drafting: Drafting, address: str, *, is_here: bool) -> bool:
    """Tell whether an uploaded picture still lies where it did: staff may have cleared the provider's store.

    Raises NewsletterError where a page, a login as a rule, stands in its place: so it does for every reader.
    """
    if not address or not _is_loadable(address, is_here=is_here):
        return False
    try:
        page = account.picture_at(address)
    except ServerError:
        # Nobody can say; a wall between us and a store of pictures is not rare.
        return True
    if page.status < 300 and (instead := _instead_of_a_picture(page)):
        raise NewsletterError(
            f"{drafting.issue}: {account.label} took a picture, but who opens {address} gets no picture: {instead}",
            "let readers open it without a login, or set picture_base_url to a site where they can",
        )
    return page.status not in {404, 410}


def _require_there(account: Account, drafting: Drafting, address: str, *, is_here: bool) -> None:
    """Raise NewsletterError for a picture that is not where `picture_base_url` says."""
    page = account.picture_at(address)
    if page.status >= 300:
        raise NewsletterError(
            f"{drafting.issue}: there is no picture at {address} ({page.status})",
            f"put it there first: newsletter site --with {drafting.issue} writes the pictures as well",
        )
    instead = _instead_of_a_picture(page)
    if not instead and not _is_loadable(page.address, is_here=is_here):
        instead = f"it leads to {shown(page.address, _LONGEST)}, which readers can't open"
    if instead:
        raise NewsletterError(
            f"{drafting.issue}: there is no picture at {address}: {instead}",
            "open it where you are not logged in: the picture must come, and no login before it; "
            f"newsletter site --with {drafting.issue} writes the pictures to put there",
        )


def _instead_of_a_picture(page: Page) -> str:
    """Return what came where a picture was asked for, "" for a picture."""
    kind = page.content_type.partition(";")[0].strip().lower()
    if kind.startswith("image/") or kind in _UNSTATED:
        return ""
    return f"{shown(printable.one_line(kind), _LONGEST)} comes in its place"


def address_of(book: Ledger, account: str, picture: Picture) -> str:
    """Return where the picture was uploaded, "" if it was not."""
    digest = hashlib.sha256(picture.content).hexdigest()
    for entry in reversed(list(uploads_of(book, account))):
        if entry.state == "done" and entry.more.get("sha256") == digest and isinstance(entry.more.get("url"), str):
            return str(entry.more["url"])
    return ""


def uploads_of(book: Ledger, account: str) -> Iterable[Entry]:
    """Return the lines about pictures of an account, those of uploads that were begun only among them."""
    return (entry for entry in book.entries if entry.do == "picture" and entry.more.get("account") == account)
