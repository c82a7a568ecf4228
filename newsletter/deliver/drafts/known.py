"""Ledger -> what is known of an issue's draft."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from newsletter.deliver.drafts.shapes import Draft
from newsletter.deliver.ledger import Ledger


class Known(Struct, frozen=True, kw_only=True):
    """What the ledger knows of an issue's draft.

    `mark` stands for the account, whatever newsletter.toml calls it by now; `draft` is the id there, `wanted` the
    digest of what was put there last, `held` that of what stood there right after, `sender` that of whom it came from,
    `shown` that of what somebody has looked at since (`gone` where there was nothing). `is_sure` is False while nobody
    knows whether the last change was carried out; `made` is the digest of the issue as it was drafted; `tried` is when
    a draft was last asked for of which nobody knows whether it was made.
    """

    account: str = ""
    mark: str = ""
    draft: str = ""
    audience: str = ""
    list_id: str = ""
    sender: str = ""
    wanted: str = ""
    held: str = ""
    shown: str = ""
    link: str = ""
    made: str = ""
    is_sure: bool = True
    tried: datetime | None = None


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
            audience=more.get("list", known.audience),
            list_id=more.get("audience", known.list_id),
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
            )
        if "shown" in more:
            known = replace(known, shown=more["shown"])
        elif known.shown == "gone" and "there" in more:
            # Somebody has brought it back since.
            known = replace(known, shown="")
    return known


def standing(known: Known, draft: Draft | None) -> str:
    """Return how a draft stands there: as we left it (`draft`), `edited`, `gone`, or what the provider calls it.

    `unknown` while nobody knows whether the last change was carried out.
    """
    if draft is None:
        return "gone"
    if draft.state != "draft" or draft.held == known.held:
        return draft.state
    return "edited" if known.is_sure else "unknown"
