"""What is wanted, what the ledger knows, what stands there -> what is to be done, or why a person must decide; pure."""

import json
from collections.abc import Callable, Mapping
from typing import Literal

from msgspec import Struct

from newsletter.deliver.drafts import compare
from newsletter.deliver.drafts.account import Account
from newsletter.deliver.drafts.known import Known
from newsletter.deliver.drafts.shapes import HALF, Draft, Wanted
from newsletter.deliver.ledger import Ledger
from newsletter.deliver.providers import Target
from newsletter.errors import NewsletterError
from newsletter.model import Picture

Step = Literal["make", "fill", "change", "over", "adopt", "nothing"]
# More readers, or fewer, than this are told where they have doubled or halved.
_FEW = 50


class Drafting(Struct, frozen=True, kw_only=True):
    """An issue to be drafted: what is wanted there, with pictures by their names; `with_addresses` puts theirs in.

    `made` is the issue's digest, `target` what newsletter.toml says of its list, `is_over` that what was shown last is
    to be replaced, `readers` how many somebody has confirmed.
    """

    issue: str
    made: str
    wanted: Wanted
    pictures: tuple[Picture, ...]
    with_addresses: Callable[[Mapping[str, str]], Wanted]
    has_base: bool
    target: Target
    is_over: bool = False
    readers: int | None = None


def decided(account: Account, drafting: Drafting, known: Known, draft: Draft | None, placed: Wanted) -> Step:
    """Return what is to be done; raises NewsletterError for what only a person can decide.

    `placed` is what is wanted, with the addresses that its pictures have by now.
    """
    issue = drafting.issue
    is_here = known.mark == drafting.wanted.mark
    # An account without a name of its own has the mark of others like it.
    is_elsewhere = not is_here or (draft is None and known.account != account.name)
    if known.draft and is_elsewhere and known.shown != "gone":
        raise NewsletterError(
            f"{issue} has a draft already, at '{known.account}': {known.link or known.draft}",
            f"draft it there (--for {known.account}), or delete it there, then: newsletter drafts {issue}; "
            + given_up(known),
        )
    if draft is None:
        if known.draft and is_here and not (drafting.is_over and known.shown == "gone"):
            raise NewsletterError(
                f"the draft of {issue} is gone: somebody deleted it at {account.label}",
                f"if it is to be made anew: newsletter pull {issue}, then newsletter draft {issue} --over",
            )
        return "make"
    link = link_of(account, draft)
    if draft.state == "sent":
        on = f" on {draft.sent}" if draft.sent else ""
        raise NewsletterError(
            f"{issue} went out at {account.label}{on}: {link}",
            f"write that down: newsletter sent {issue}{f' --on {draft.sent}' if draft.sent else ''}",
        )
    if draft.state != "draft" and draft.held == known.held and known.wanted == drafting.wanted.digest:
        return "nothing"
    if draft.state != "draft":
        raise NewsletterError(
            f"{issue} is no draft any more at {account.label}, it is '{draft.state}': {link}",
            "to change it, make it a draft again there, then run this again",
        )
    wanted, with_preheader = drafting.wanted, account.adapter.HAS_PREHEADER
    if draft.audience != (wanted.audience.id,):
        shown = ", ".join(draft.audience) or "no list"
        raise NewsletterError(
            f"the draft of {issue} is at another list: {shown}, and newsletter.toml says {wanted.audience.id}",
            f"change the list there, or delete the draft there: {link}",
        )
    if known.held and draft.held == known.held:
        return "nothing" if known.wanted == wanted.digest else "change"
    is_ours = not compare.cover_differences(wanted, draft, with_preheader=with_preheader)
    if account.adapter.FILLS and not draft.html.strip() and is_ours and (not known.held or not known.is_sure):
        # Cut off between a new draft and its content: there is nothing of anybody's in it.
        return "fill"
    if is_ours and not compare.page_differences(wanted, draft, with_pictures=False):
        if not known.held:
            return "adopt"
        # Another sender, or another picture, is somebody's: `held` stays, so that no change of ours goes over it.
        is_same = _is_from_us(known, wanted, draft) and not compare.page_differences(placed, draft)
        if not known.is_sure and is_same:
            return "adopt"
        if known.is_sure and known.wanted == wanted.digest:
            return "nothing"
    if not known.is_sure and known.held and _is_cut_off(placed, draft, known, with_preheader=with_preheader):
        return "change"
    if drafting.is_over and known.shown == draft.held:
        return "over"
    if drafting.is_over and known.shown:
        raise NewsletterError(
            f"the draft of {issue} was edited at {account.label} again since it was shown",
            f"look at it once more: newsletter pull {issue}",
        )
    # Of what was cut off, or stands in no ledger, it is not known how we left it.
    was_edited = f"the draft of {issue} was edited at {account.label}"
    is_known = known.held and known.is_sure
    raise NewsletterError(
        was_edited if is_known else f"{was_edited}, or the issue was changed here after the draft was made",
        f"newsletter pull {issue} shows what is other; then newsletter draft {issue} --over replaces just that",
    )


def _is_from_us(known: Known, wanted: Wanted, draft: Draft) -> bool:
    """Tell whether the sender is the one of the last look, or the one that is wanted."""
    is_wanted = draft.sender_name in {"", wanted.sender_name} and draft.sender_address in {"", wanted.sender_address}
    is_wanted = is_wanted and draft.reply_to in {"", wanted.reply_to, wanted.sender_address}
    return is_wanted or known.sender in {"", draft.sender}


def _is_cut_off(placed: Wanted, draft: Draft, known: Known, *, with_preheader: bool) -> bool:
    """Tell whether each half is as it was, or as it was to become: a change in two requests ended between them."""
    cover = draft.held[:HALF] == known.held[:HALF]
    page = draft.held[HALF:] == known.held[HALF:]
    is_cover_ours = not compare.cover_differences(placed, draft, with_preheader=with_preheader)
    return (cover or (is_cover_ours and _is_from_us(known, placed, draft))) and (
        page or not compare.page_differences(placed, draft)
    )


def require_audience(account: Account, drafting: Drafting, book: Ledger) -> None:
    """Raise NewsletterError for a list that is everybody without having been called so, and for a renamed one."""
    target, audience = drafting.target, drafting.wanted.audience
    place = target.place or f"[providers.{account.name}.audiences]"
    if (audience.is_everybody or audience.is_widest) and not target.whole_list:
        what = "everybody in the account" if audience.is_everybody else "the widest list of the account"
        raise NewsletterError(
            f"{drafting.issue}: '{audience.name}' ({audience.id}) is {what}",
            f'if it is meant for all of them: {{ id = "{audience.id}", whole_list = true }} in {place}',
        )
    before = _last(book, account.name, audience.id, "list")
    # A basic string of TOML is written as one of JSON.
    name = json.dumps(audience.name, ensure_ascii=False)
    if isinstance(before, str) and before != audience.name and target.name != audience.name:
        raise NewsletterError(
            f"{drafting.issue}: the list {audience.id} is called '{audience.name}' now; it was '{before}'",
            f'if it is the right one: {{ id = "{audience.id}", name = {name} }} in {place}',
        )
    if target.name and target.name != audience.name:
        raise NewsletterError(
            f"{drafting.issue}: newsletter.toml calls the list {audience.id} '{target.name}'; it is '{audience.name}'",
            f"state the right id or name in {place}",
        )


def require_readers(account: Account, drafting: Drafting, book: Ledger, *, is_made: bool = False) -> None:
    """Raise NewsletterError where a list has doubled or halved since the last draft, and nobody has confirmed it."""
    audience = drafting.wanted.audience
    before, readers = (
        _last(book, account.name, audience.id, "readers", but=drafting.issue if is_made else ""),
        audience.readers,
    )
    if drafting.readers is not None and readers is not None and drafting.readers != readers:
        raise NewsletterError(
            f"{drafting.issue}: '{audience.name}' has {readers:,} readers, not {drafting.readers:,}",
            "see that it is the right list",
        )
    if not isinstance(before, int) or readers is None or drafting.readers == readers:
        return
    if abs(readers - before) > _FEW and (readers >= 2 * before or 2 * readers <= before):
        raise NewsletterError(
            f"{drafting.issue}: '{audience.name}' has {readers:,} readers; last time it had {before:,}"
            + ("; the draft is made" if is_made else ""),
            f"if that is right: newsletter draft {drafting.issue} --readers {readers}",
        )


def unlike(account: Account, drafting: Drafting, known: Known, draft: Draft) -> tuple[tuple[str, str], ...]:
    """Return what staff should know of a draft that needs no change of ours."""
    if draft.state != "draft":
        return ((f"{drafting.issue} is {draft.state} at {account.label}", ""),)
    if draft.held != known.held:
        told = (
            f"{drafting.issue} was edited at {account.label} where no reader's words are: sender, picture, plain text"
        )
        return ((told, f"newsletter pull {drafting.issue}"),)
    return ()


def given_up(known: Known) -> str:
    """Return the way out where nobody can open the account any more."""
    return f"if that account is given up, take the lines with {known.mark} out of ledger.jsonl"


def link_of(account: Account, draft: Draft) -> str:
    """Return the web address at which staff see the draft."""
    return draft.link if "://" in draft.link else account.adapter.web(account.base) + draft.link


def _last(book: Ledger, account: str, audience: str, key: str, but: str = "") -> object:
    """Return what the newest draft at a list says under a key; None if there was none."""
    for entry in reversed(book.entries):
        is_meant = entry.more.get("account") == account and entry.more.get("audience") == audience
        if is_meant and entry.state == "done" and entry.issue != but and entry.more.get(key) is not None:
            return entry.more[key]
    return None
