"""Edition -> where it stands on the site. These addresses last: what was published under them is linked from mails."""

from newsletter.model import Item


def page_of(site: str, issue_id: str, item: Item | None = None) -> str:
    """Return the absolute address of an issue's page, `site` being `[site] url`; with an item, of its story there."""
    page = f"{site.rstrip('/')}/{issue_id}/"
    return f"{page}#{item.stem}" if item else page


def calendar_of(site: str, issue_id: str) -> str:
    """Return the absolute address of the file with the issue's events."""
    return f"{page_of(site, issue_id)}events.ics"
