"""newsletter proof."""

import os
import secrets
import sys
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from newsletter.cli import cache_of, month_option, newsroom_option, root_of, say

if TYPE_CHECKING:
    from newsletter.deliver.smtp import Server
    from newsletter.model import Config

_URL, _PASSWORD = "NEWSLETTER_SMTP_URL", "NEWSLETTER_SMTP_PASSWORD"


@click.command("proof", short_help="Send a test mail to colleagues through a mail server.")
@click.argument("words", nargs=-1, metavar="ISSUE")
@month_option
@click.option("--to", metavar="ADDRESS", multiple=True, help="A colleague; as often as needed, at most 20 in all.")
@click.option("--list", "lists", metavar="NAME", multiple=True, help="Everybody of that name in [proof.lists].")
@click.option("--yes", is_flag=True, help="Don't ask about addresses outside the newsroom's own domains.")
@newsroom_option
@click.pass_context
def proof_command(
    ctx: click.Context,
    words: tuple[str, ...],
    month: str | None,
    to: tuple[str, ...],
    lists: tuple[str, ...],
    yes: bool,
) -> None:
    """Send an issue as a test mail to colleagues: [Proof] in the subject, pictures in it, fallbacks for names.

    The mail server is NEWSLETTER_SMTP_URL (smtp://user:password@host:587, smtps://…), or server and user under
    [proof] in newsletter.toml. Its password is in that address, in NEWSLETTER_SMTP_PASSWORD or in the keyring; on a
    terminal you are asked. Nothing is ever sent twice on its own.
    """
    from newsletter.assemble import assemble
    from newsletter.build import Builder
    from newsletter.cli.export import issues_named
    from newsletter.deliver import proof, smtp
    from newsletter.deliver.message import make_proof
    from newsletter.errors import CommandError, ServerError
    from newsletter.load import load

    root = root_of(ctx)
    newsroom = load(root)
    # `--to a@… b@…` reads as one list to a person; to click the second is an argument.
    named = [word for word in words if "@" not in word]
    if len(named) != 1:
        raise CommandError("name one issue" if named else "no issue is named", "newsletter proof LPMN --to you@…")
    ids = issues_named(newsroom, named[0], month)
    if len(ids) > 1:
        raise CommandError(f"'{named[0]}' has several issues: {', '.join(ids)}", "name one of them")
    addresses = proof.recipients(newsroom.config, [*to, *(word for word in words if "@" in word)], lists)
    server = _server(newsroom.config)
    settings = assemble(newsroom, ids[0]).settings
    builder = Builder(newsroom, root / "build", cache=cache_of(root, root / "build"))
    made = builder.make(ids[0], proof.proof_provider(settings))
    sender = proof.require_sender(made.issue, made.cover, newsroom.config)
    cover = replace(made.cover, sender_address=sender)

    strangers = proof.foreign(newsroom.config, cover, addresses)
    say(f"[Proof] {made.delivery.subject}", bold=True)
    say(f"from {cover.sender_name} <{sender}>, through {server}, to")
    for address in addresses:
        say(f"  {address}" + ("  (outside your own domains)" if address in strangers else ""))
    if strangers and not yes:
        _ask(strangers)
    server, typed = _with_password(server)
    message = make_proof(
        made.issue,
        cover,
        made.delivery,
        to=addresses,
        sent=datetime.now().astimezone(),
        unique=secrets.token_hex(16),
    )
    refused = smtp.send(server, message, sender, addresses)
    for address in addresses:
        if address not in refused:
            click.echo(f"sent to {address}")
    if typed:
        _offer_keyring(server)
    if refused:
        listed = "\n".join(f"  {address}: {told}" for address, told in refused.items())
        raise ServerError(
            f"{server} refused {len(refused)} of {len(addresses)} recipients; the others have it\n{listed}"
        )


def _server(config: "Config") -> "Server":
    """Return the mail server that the environment names, else the one of newsletter.toml."""
    from newsletter.deliver.smtp import read_server
    from newsletter.errors import CommandError, ContentError, Fault
    from newsletter.values import Refused

    given = os.environ.get(_URL, "")
    stated = given or config.proof.server
    if not stated:
        hint = f"set {_URL}=smtp://user@host:587, or server and user under [proof] in newsletter.toml"
        raise CommandError("no mail server is named", hint)
    try:
        server = read_server(stated)
    except Refused as refused:
        if given:
            raise CommandError(f"{_URL}: {refused.message}", refused.hint) from None
        place = config.place("proof.server")
        raise ContentError([Fault(place=place, message=f"server: {refused.message}", hint=refused.hint)]) from None
    user = server.user if given else server.user or config.proof.user
    return replace(server, user=user, timeout=config.proof.timeout)


def _ask(strangers: list[str]) -> None:
    from newsletter.errors import CommandError

    told = f"{', '.join(strangers)} {'is' if len(strangers) == 1 else 'are'} outside the newsroom's own domains"
    if not _is_terminal():
        raise CommandError(
            f"{told}, so nothing was sent",
            'add --yes to send it all the same, or state your domains: [proof] domains = ["…"]',
        )
    if not click.confirm(f"{told}. Send it there too?", err=True):
        say("nothing was sent")
        click.get_current_context().exit(1)


def _with_password(server: "Server") -> tuple["Server", bool]:
    """Return the server with its password, from wherever it is kept, and whether it was typed just now."""
    if server.password or not server.user:
        return server, False
    password = os.environ.get(_PASSWORD, "") or _from_keyring(server)
    if password or not _is_terminal():
        return replace(server, password=password), False
    password = click.prompt(f"password of {server.user} at {server.host}", hide_input=True, err=True)
    return replace(server, password=password), True


def _from_keyring(server: "Server") -> str:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(_service(server), server.user) or ""
    except (KeyringError, OSError, RuntimeError):
        # A keyring that is locked, or a desktop that is not there: then it is asked for.
        return ""


def _offer_keyring(server: "Server") -> None:
    """Offer to keep a password that was typed and has just worked."""
    import keyring
    from keyring.errors import KeyringError

    if not click.confirm("Keep the password in this computer's keyring?", err=True):
        return
    try:
        keyring.set_password(_service(server), server.user, server.password)
    except KeyringError:
        say("there is no keyring here; you will be asked again")


def _service(server: "Server") -> str:
    return f"newsletter {server.host}"


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
