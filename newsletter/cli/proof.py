"""newsletter proof."""

import dataclasses
import os
import secrets
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from newsletter.cli import cache_of, month_option, newsroom_option, root_of, show

if TYPE_CHECKING:
    from newsletter.deliver.smtp import Server
    from newsletter.model import Config

_URL, _PASSWORD, _HOST = "NEWSLETTER_SMTP_URL", "NEWSLETTER_SMTP_PASSWORD", "NEWSLETTER_SMTP_HOST"


@click.command("proof", short_help="Send a test mail to colleagues through a mail server.")
@click.argument("words", nargs=-1, metavar="ISSUE")
@month_option
@click.option("--to", metavar="ADDRESS", multiple=True, help="A colleague; as often as needed, at most 20 in all.")
@click.option("--list", "lists", metavar="NAME", multiple=True, help="Everybody on this list of [proof.lists].")
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
    [proof] in newsletter.toml. Its password is in that address, in NEWSLETTER_SMTP_PASSWORD (for the server in
    NEWSLETTER_SMTP_HOST) or in the keyring; on a terminal you are asked. Nothing is ever sent twice on its own.
    """
    from newsletter.cli.export import issues_named
    from newsletter.deliver import proof, smtp
    from newsletter.deliver.message import make_proof
    from newsletter.errors import CommandError, ServerError
    from newsletter.issue.assemble import assemble
    from newsletter.issue.edition import edition_of
    from newsletter.line import Builder
    from newsletter.read.load import load

    root = root_of(ctx)
    cache = cache_of(root, root / "build")
    newsroom = load(root, cache)
    # `--to a@… b@…` reads as one list to a person; to click the second is an argument.
    named = [word for word in words if "@" not in word]
    if len(named) != 1:
        raise CommandError("name one issue" if named else "no issue is named", "newsletter proof LPMN --to you@…")
    ids = issues_named(newsroom, named[0], month)
    if len(ids) > 1:
        raise CommandError(f"'{named[0]}' has several issues: {', '.join(ids)}", "name one of them")
    addresses = proof.recipients(newsroom.config, [*to, *(word for word in words if "@" in word)], lists)
    server = _server(newsroom.config)
    settings = assemble(newsroom, edition_of(newsroom, ids[0])).settings
    builder = Builder(newsroom, root / "build", cache=cache)
    made = builder.whole(ids[0], proof.proof_provider(settings))
    sender = proof.require_sender(made.issue, made.cover, newsroom.config)
    cover = replace(made.cover, sender_address=sender)

    strangers = proof.foreign(newsroom.config, cover, addresses)
    show.say(f"[Proof] {made.delivery.subject}", bold=True)
    show.say(f"from {cover.sender_name} <{sender}>, through {server}, to")
    for address in addresses:
        show.say(f"  {address}" + ("  (outside your own domains)" if address in strangers else ""))
    if strangers and not yes:
        _ask(strangers)
    server, typed = _with_password(server, root)
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
            show.line(f"sent to {address}")
    if typed:
        _offer_keyring(server)
    if refused:
        raise ServerError(
            f"{server} refused {len(refused)} of {len(addresses)} recipients; the others have it",
            details=(f"{address}: {reason}" for address, reason in refused.items()),
        )


def _server(config: "Config") -> "Server":
    """Return the mail server that the environment names, else the one of newsletter.toml."""
    from newsletter.deliver.smtp import read_server
    from newsletter.errors import CommandError, ContentError, Fault
    from newsletter.read.values import Refused

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
    return dataclasses.replace(server, user=user, timeout=config.proof.timeout)


def _ask(strangers: list[str]) -> None:
    from newsletter.errors import CommandError

    message = f"{', '.join(strangers)} {'is' if len(strangers) == 1 else 'are'} outside the newsroom's own domains"
    if not _is_terminal():
        raise CommandError(
            f"{message}, so nothing was sent",
            'add --yes to send it all the same, or state your domains: [proof] domains = ["…"]',
        )
    if not show.confirm(f"{message}. Send it there too?"):
        show.say("nothing was sent")
        click.get_current_context().exit(1)


def _with_password(server: "Server", root: Path) -> tuple["Server", bool]:
    """Return the server with its password, from wherever it is kept, and whether it was typed just now."""
    if server.password or not server.user:
        return server, False
    password = os.environ.get(_PASSWORD, "")
    if not (password and _may_have(server, root)):
        # What is in the keyring was put there for this very host.
        kept = _from_keyring(server)
        if password and not kept:
            _ask_to_give(server)
        password = kept or password
    if password or not _is_terminal():
        return dataclasses.replace(server, password=password), False
    password = show.secret(f"password of {server.user} at {server.host}")
    return dataclasses.replace(server, password=password), True


def _may_have(server: "Server", root: Path) -> bool:
    """Tell whether the environment's password is for this server: anybody's newsletter.toml may name one."""
    from newsletter.cli.credentials import is_host, is_kept
    from newsletter.deliver.smtp import is_loopback

    if os.environ.get(_URL) or is_loopback(server.host):
        return True
    if stated := os.environ.get(_HOST):
        return is_host(stated, server.host, server.port)
    return is_kept(_state_folder(), root, server.host)


def _ask_to_give(server: "Server") -> None:
    """Ask once whether the server may have the password; CommandError where nobody can be asked, or need be."""
    from newsletter.cli.credentials import keep
    from newsletter.errors import CommandError

    if os.environ.get(_HOST) or not _is_terminal():
        why = f"is for {_HOST}" if os.environ.get(_HOST) else "was not given to it before"
        raise CommandError(
            f"newsletter.toml names the mail server {server.host}, but the password in {_PASSWORD} {why}; "
            "nothing was sent",
            f"if it is your mail server: {_HOST}={server.host}",
        )
    if not show.confirm(f"newsletter.toml names {server.host}; give it the password in {_PASSWORD}?"):
        show.say("nothing was sent")
        click.get_current_context().exit(1)
    try:
        keep(_state_folder(), server.host)
    except OSError:
        show.say("the answer can't be kept; you will be asked again")


def _state_folder() -> Path:
    import platformdirs

    return platformdirs.user_state_path("newsletter", appauthor=False)


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

    if not show.confirm("Keep the password in this computer's keyring?"):
        return
    try:
        keyring.set_password(_service(server), server.user, server.password)
    except KeyringError:
        show.say("there is no keyring here; you will be asked again")


def _service(server: "Server") -> str:
    return f"newsletter {server.host}"


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
