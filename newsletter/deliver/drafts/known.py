"""Ledger -> what is known of an issue's draft."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from newsletter.deliver.drafts.shapes import Draft
from newsletter.deliver.ledger import Ledger
from newsletter.errors import NewsletterError


class Known(Struct, frozen=True, kw_only=True):
    """What the ledger knows of an issue's draft.

    `mark` stands for the account, whatever newsletter.toml calls it by now; `draft` is the id there, `wanted` the
    digest of what was put there last, `held` that of what stood there right after, `sender` that of whom it came from,
    `shown` that of what somebody has looked at since (`gone` where there was nothing). `is_sure` is False while nobody
    knows whether the last change was carried out; `made` is the digest of the issue as it was drafted; `tried` is when
    a draft was last asked for of which nobody knows whether it was made. `there` is how it was last seen, as `standing`
    says it, and `on` the day on which it went out; `is_edited`: somebody has changed it there since our last change.
    """

    account: str = ""
    mark: str = ""
    draft: str = ""
    list_id: str = ""
    list_name: str = ""
    sender: str = ""
    wanted: str = ""
    held: str = ""
    shown: str = ""
    link: str = ""
    made: str = ""
    is_sure: bool = True
    tried: datetime | None = None
    there: str = ""
    on: str = ""
    is_edited: bool = False


def known_of(book: Ledger, issue_id: str) -> Known:
    """Return what the ledger knows of the issue's draft."""
    known = Known()
    for entry in book.of(issue_id, "draft", "change", "over", "seen"):
        more = {key: value for key, value in entry.more.items() if isinstance(value, str)}
        # A draft that was refused is none.
        if (entry.do == "draft" and entry.state == "failed") or not more.get("mark"):
            continue
        if more["mark"] != known.mark:
            known = Known(mark=more["mark"])
        known = replace(
            known,
            account=more.get("account", known.account),
            draft=more.get("draft", known.draft),
            list_id=more.get("audience", known.list_id),
            list_name=more.get("list", known.list_name),
            link=more.get("link", known.link),
            tried=known.tried if entry.do != "draft" else None if entry.state == "done" else entry.at,
            # One that was refused may have been carried out in part.
            is_sure=known.is_sure and entry.do == "seen",
        )
        if "held" in more:
            known = replace(
                known,
                held=more["held"],
                sender=more.get("sender", ""),
                wanted=more.get("wanted", ""),
                made=entry.made,
                is_sure=True,
                shown="",
                tried=None,
                is_edited=False,
            )
        if "there" in more:
            is_edited = known.is_edited or more["there"] == "edited"
            known = replace(known, there=more["there"], on=more.get("on", ""), is_edited=is_edited)
        if "shown" in more:
            known = replace(known, shown=more["shown"])
        elif known.shown == "gone" and "there" in more:
            # Somebody has brought it back since.
            known = replace(known, shown="")
    return known


def require_draft(known: Known, issue_id: str) -> None:
    """Raise NewsletterError for an issue of which the ledger knows no draft."""
    if not known.draft:
        raise NewsletterError(f"{issue_id} has no draft that the ledger knows", f"newsletter draft {issue_id}")


def standing(known: Known, draft: Draft | None) -> str:
    """Return how a draft stands there: as we left it (`draft`), `edited`, `gone`, or what the provider calls it.

    `unknown` while nobody knows whether the last change was carried out.
    """
    if draft is None:
        return "gone"
    if draft.state != "draft" or draft.held == known.held:
        return draft.state
    return "edited" if known.is_sure else "unknown"
