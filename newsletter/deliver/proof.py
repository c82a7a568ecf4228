"""Issue -> a proof: whom it may go to, and what stands in it for what only a provider can fill in."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from newsletter.deliver.providers import Provider
from newsletter.errors import CommandError, ContentError, Fault, did_you_mean
from newsletter.model import Config, Cover, Issue, Settings
from newsletter.read import values

MOST = 20


def proof_provider(settings: Settings) -> Provider:
    """Return what a proof is written for: no merge tags, so that fallbacks and the newsroom's own words stand there.

    Without an `unsubscribe_url` the link writes to the sender: nobody takes a colleague off a list. What else a
    newsroom leaves to its provider is left out.
    """
    address = settings.reply_to or settings.sender_address
    is_mailed = not settings.unsubscribe_url and address
    stated = {"unsubscribe_url": settings.unsubscribe_url or address, "postal_address": settings.postal_address}
    return Provider(
        name="html",
        label="a proof",
        tags={"unsubscribe_url": f"mailto:{quote(address, safe='@')}?subject=unsubscribe"} if is_mailed else {},
        literal=("unsubscribe_url", "browser_url", "postal_address"),
        adds=tuple(name for name, value in stated.items() if not value),
    )


def recipients(config: Config, typed: Iterable[str], lists: Iterable[str]) -> list[str]:
    """Return the addresses, each once, in the order given; CommandError for what is none, and for none or too many."""
    known = config.proof.lists
    by_fold: dict[str, str] = {}
    for name in lists:
        if name not in known:
            hint = did_you_mean(name, tuple(known)) or f'add [proof.lists] to newsletter.toml: {name} = ["a@…"]'
            raise CommandError(f"no list for proofs is called '{name}'", hint)
        for address in map(sendable, known[name]):
            by_fold.setdefault(address.casefold(), address)
    for part in (part.strip() for given in typed for part in given.split(",")):
        if part:
            address = sendable(part)
            by_fold.setdefault(address.casefold(), address)
    if not by_fold:
        raise CommandError("nobody is named to send the proof to", "--to you@…, or --list NAME from [proof.lists]")
    if len(by_fold) > MOST:
        raise CommandError(
            f"{len(by_fold)} recipients are too many for a proof: at most {MOST}",
            "a proof goes to colleagues; an issue goes out through the provider",
        )
    return list(by_fold.values())


def sendable(typed: str) -> str:
    """Return the address as every mail server takes it, one line of plain letters; CommandError if it is none."""
    try:
        # A line break would begin a new header, so it is not mended; `{chapter}` is filled in elsewhere only.
        if "{" in typed or any(not character.isprintable() for character in typed):
            raise values.Refused(f"{typed!r} is not an email address", "write it as news@example.org")
        address: str = values.mail_address(typed)
    except values.Refused as refused:
        raise CommandError(refused.message, refused.hint) from None
    return address


def foreign(config: Config, cover: Cover, addresses: Sequence[str]) -> list[str]:
    """Return the addresses outside the newsroom's own domains: [proof] domains, and those of its own addresses."""
    stated = (str(config.own.get(key, "")) for key in ("sender_address", "reply_to"))
    known = filter(None, (cover.sender_address, cover.reply_to, *stated))
    domains = {*map(_domain, known), *(domain.casefold() for domain in config.proof.domains)}
    return [address for address in addresses if not _is_under(_domain(address), domains)]


def require_sender(issue: Issue, cover: Cover, config: Config) -> str:
    """Return the sender's address; ContentError if the issue has none."""
    if not cover.sender_address:
        raise ContentError(
            [
                Fault(
                    place=config.place("organization"),
                    message=f"{issue.id} has no sender address, so no mail server takes it",
                    hint='set sender_address = "news@…" under [organization], a publication or a chapter',
                )
            ]
        )
    return sendable(cover.sender_address)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()


def _is_under(domain: str, domains: set[str]) -> bool:
    return any(domain == own or domain.endswith(f".{own}") for own in domains)
