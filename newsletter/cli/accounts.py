"""[providers.NAME] and the user's keys -> accounts that can be asked, each opened once."""

from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsletter.cli import show

if TYPE_CHECKING:
    from newsletter.cli.credentials import Secret
    from newsletter.deliver.drafts.account import Account
    from newsletter.deliver.drafts.shapes import Adapter
    from newsletter.deliver.providers import Provider
    from newsletter.errors import NewsletterError
    from newsletter.model import Config


class Accounts:
    """Opens accounts when they are first needed, with the keys of the environment, the keyring or the terminal."""

    def __init__(self, config: "Config", root: Path) -> None:
        self.config, self.root = config, root
        self._open: dict[str, Account | NewsletterError] = {}

    def of(self, provider: "Provider") -> "Account":
        """Return the account of a provider's row; NewsletterError where it can't be one, or has no key."""
        from newsletter.errors import NewsletterError

        if provider.name not in self._open:
            try:
                self._open[provider.name] = self._opened(provider)
            except NewsletterError as error:
                # Nobody is asked for a key once more for each issue.
                self._open[provider.name] = error
        account = self._open[provider.name]
        if isinstance(account, NewsletterError):
            raise account
        return account

    def _opened(self, provider: "Provider") -> "Account":
        from newsletter.cli.credentials import found, offer_keyring
        from newsletter.deliver.drafts.account import Account, env_name
        from newsletter.deliver.drafts.drafting import adapter_of
        from newsletter.errors import NewsletterError

        adapter = adapter_of(provider)
        secret = self._secret(provider, adapter)
        key, is_typed = found(secret, self.root)
        key = key.strip()
        variable = f"NEWSLETTER_KEY_{env_name(provider.name)}"
        if not key:
            raise NewsletterError(
                f"there is no key for {provider.label}",
                f"set {variable}, or run this on a terminal: it asks for the key, and can keep it in the keyring",
            )
        if not key.isascii() or not key.isprintable() or " " in key:
            raise NewsletterError(f"the key for {provider.label} holds what no key can", "copy it once more, alone")
        try:
            base = adapter.base(provider.url.rstrip("/"), key)
        except ValueError as error:
            raise NewsletterError(f"that is no key for {provider.label}: {error}", "copy it once more, whole") from None
        account = Account(
            name=provider.name,
            label=provider.label,
            adapter=adapter,
            kind=provider.kind,
            base=base,
            user=provider.user,
            key=key,
            sleep=sleep,
            say=show.say,
            clock=monotonic,
        )
        if is_typed:
            # Only one that works is kept.
            _ = account.identity
            offer_keyring(secret, key)
        return account

    def _secret(self, provider: "Provider", adapter: "Adapter") -> "Secret":
        from newsletter.cli.credentials import Secret
        from newsletter.deliver.drafts.account import env_name
        from newsletter.errors import ContentError, Fault
        from newsletter.sockets import is_loopback

        parts = urlsplit(provider.url)
        host = parts.hostname or adapter.HOST
        message = hint = ""
        if not host:
            message, hint = f"[providers.{provider.name}] has no url", 'say where it lies: url = "https://lists.…"'
        elif adapter.HOST and provider.url and not is_loopback(host):
            message = f"[providers.{provider.name}] url: {provider.label} lies at {adapter.HOST}, nowhere else"
            hint = "take url out"
        if message:
            place = self.config.place(f"providers.{provider.name}")
            raise ContentError([Fault(place=place, message=message, hint=hint)])
        name = env_name(provider.name)
        return Secret(
            noun="key",
            where=f"host of {provider.label}",
            variable=f"NEWSLETTER_KEY_{name}",
            host_variable=f"NEWSLETTER_HOST_{name}",
            host=host,
            port=parts.port or (80 if parts.scheme == "http" else 443),
            user=provider.name,
            is_fixed=is_loopback(host) or not provider.url,
            undone="nothing was asked there",
        )
