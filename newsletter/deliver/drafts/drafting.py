"""An email, a provider's row -> what is wanted there as a draft; a newsroom's settings -> its accounts."""

from collections.abc import Mapping
from functools import partial
from importlib import import_module

from msgspec.structs import replace

from newsletter.deliver.drafts.account import Account
from newsletter.deliver.drafts.decisions import Drafting, require_audience
from newsletter.deliver.drafts.desk import mark_of
from newsletter.deliver.drafts.shapes import Adapter, Audience, Wanted, adapter
from newsletter.deliver.folder import made_of
from newsletter.deliver.ledger import Ledger
from newsletter.deliver.providers import Provider, Target
from newsletter.deliver.tags import translate
from newsletter.deliver.wrap import wrap
from newsletter.errors import NewsletterError, same_name
from newsletter.model import Email, Issue, Picture

# The providers with an interface for drafts, and the file that speaks it.
ADAPTERS = {
    "mailchimp": "mailchimp",
    "listmonk": "listmonk",
    "buttondown": "buttondown",
    "brevo": "brevo",
    "sendgrid": "sendgrid",
    "action-network": "action_network",
    "mailerlite": "mailerlite",
}
# Why there are none at others, and what there is.
MISSING = {
    "constant-contact": "its login needs a registered application, and its tokens are replaced at each use",
    "everyaction": "its interface for mails is read-only",
    "campaign-monitor": "it takes HTML from public web addresses only",
}


def adapter_of(provider: Provider) -> Adapter:
    """Return how drafts are made at a provider; NewsletterError where they can't be."""
    if name := ADAPTERS.get(provider.kind):
        return adapter(import_module(f"newsletter.deliver.drafts.{name}"))
    if provider.name == "html":
        raise NewsletterError(
            "no provider is named, so there is nowhere to make a draft",
            f'--for {", ".join(ADAPTERS)}, or provider = "…" in newsletter.toml',
        )
    why = MISSING.get(provider.kind, "newsletter does not speak its interface")
    raise NewsletterError(
        f"no drafts can be made at {provider.label}: {why}",
        f"newsletter export --for {provider.name} writes files to paste",
    )


def provider_for_drafts(provider: Provider) -> Provider:
    """Return the row as drafts are written: the preheader stays in the HTML where the interface has no field for it."""
    preheader = provider.preheader if adapter_of(provider).HAS_PREHEADER else "html"
    return replace(provider, preheader=preheader, first_line="")


def target_of(provider: Provider, issue: Issue) -> Target:
    """Return which list of the account an issue goes to; NewsletterError where newsletter.toml does not say."""
    alias, table = issue.settings.audience, f"{provider.place}: [providers.{provider.name}.audiences]"
    if not alias:
        raise NewsletterError(
            f"{issue.id} has no audience, so nobody knows which list its draft is for",
            'set audience = "…" for its chapter or publication in newsletter.toml',
        )
    if target := provider.audiences.get(alias):
        return target
    # The nearest line is mostly another chapter's: LPNM@… is as near to LPMN@… as a slip would be. Only capitals count.
    near = same_name(alias, tuple(provider.audiences))
    raise NewsletterError(
        f"{table} has no line for '{alias}', which {issue.id} goes to",
        f"did you mean '{near}'?"
        if near
        else f'newsletter audiences --for {provider.name} shows the lists; add a line: "{alias}" = "…"',
    )


def drafting_of(
    account: Account,
    issue: Issue,
    email: Email,
    provider: Provider,
    pictures: Mapping[str, Picture],
    book: Ledger,
    *,
    is_over: bool = False,
    readers: int | None = None,
) -> Drafting:
    """Return what is to be drafted, for the list as it is there now.

    Raises ContentError for what the provider would refuse in it, NewsletterError for a list that may not be meant,
    ServerError as the account does.
    """
    target, identity = target_of(provider, issue), account.identity
    audience = account.audience(target.id, target.place)
    wanted = partial(_wanted, issue, email, provider, pictures, audience, mark_of(issue.id, identity))
    asked = Drafting(
        issue=issue.id,
        made=made_of(email),
        wanted=wanted({}),
        pictures=tuple(pictures.values()),
        with_addresses=wanted,
        has_base=bool(issue.settings.picture_base_url),
        target=target,
        is_over=is_over,
        readers=readers,
    )
    require_audience(account, asked, book)
    return asked


def _wanted(
    issue: Issue,
    email: Email,
    provider: Provider,
    pictures: Mapping[str, Picture],
    audience: Audience,
    mark: str,
    addresses: Mapping[str, str],
) -> Wanted:
    delivery = wrap(translate(email, issue, provider, pictures, addresses), issue, provider)
    cover = email.cover
    return Wanted(
        mark=mark,
        name=issue.id,
        subject=delivery.subject,
        preheader=delivery.preheader,
        html=delivery.html,
        text=delivery.text,
        sender_name=cover.sender_name,
        sender_address=cover.sender_address,
        reply_to=cover.reply_to,
        audience=audience,
    )
