"""newsletter proof."""

import dataclasses
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct
from msgspec.structs import replace

from newsletter.cli import book, cache_of, issues_of, month_option, newsroom_option, root_of, show

if TYPE_CHECKING:
    from newsletter.cli.credentials import Secret
    from newsletter.deliver.smtp import Server
    from newsletter.line import Builder, Made
    from newsletter.model import Config, Cover

# Proofs in a row that the server would not take, before the rest of a month is left.
_MOST_FAILURES = 2
_URL, _PASSWORD, _HOST = "NEWSLETTER_SMTP_URL", "NEWSLETTER_SMTP_PASSWORD", "NEWSLETTER_SMTP_HOST"


class _Proof(Struct, frozen=True, kw_only=True):
    """One mail, ready to go."""

    issue_id: str
    made: "Made"
    cover: "Cover"
    addresses: list[str]


@click.command("proof", short_help="Send a test mail to colleagues through a mail server.")
@click.argument("words", nargs=-1, metavar="[ISSUE]...")
@month_option
@click.option("--to", metavar="ADDRESS", multiple=True, help="A colleague; as often as needed, at most 20 in all.")
@click.option("--list", "lists", metavar="NAME", multiple=True, help="Everybody on this list of [proof.lists].")
@click.option("--to-contacts", is_flag=True, help="Each issue to its own contact, as newsletter.toml names it.")
@click.option("--yes", is_flag=True, help="Don't ask about addresses outside the newsroom's own domains.")
@newsroom_option
@click.pass_context
def proof_command(
    ctx: click.Context,
    words: tuple[str, ...],
    month: str | None,
    to: tuple[str, ...],
    lists: tuple[str, ...],
    to_contacts: bool,
    yes: bool,
) -> None:
    """Send issues as test mails to colleagues: [Proof] in the subject, pictures in it, fallbacks for names.

    Without an ISSUE, every issue of the month that has items, each in a mail of its own; --to-contacts sends each
    chapter's to its own people. An issue with a fault is not sent, and the others are sent all the same.

    The mail server is NEWSLETTER_SMTP_URL (smtp://user:password@host:587, smtps://…), or server and user under
    [proof] in newsletter.toml. Its password is in that address, in NEWSLETTER_SMTP_PASSWORD (for the server in
    NEWSLETTER_SMTP_HOST) or in the keyring; on a terminal you are asked. Nothing is ever sent twice on its own. The
    ledger (ledger.jsonl) keeps that a proof went out, and to how many people.
    """
    from newsletter.deliver import proof
    from newsletter.errors import NewsletterError
    from newsletter.line import Builder
    from newsletter.read.load import load

    root = root_of(ctx)
    cache = cache_of(root, root / "build")
    newsroom = load(root, cache)
    # `--to a@… b@…` reads as one list to a person; to click the second is an argument.
    named = [word for word in words if "@" not in word]
    typed = [*to, *(word for word in words if "@" in word)]
    ids, is_good = issues_of(newsroom, named, month)
    builder = Builder(newsroom, root / "build", cache=cache)
    # Who is named for all is looked at before anything is built.
    if typed or lists or not to_contacts:
        proof.recipients(newsroom.config, typed, lists)
    server = _server(newsroom.config)
    proofs, failures = [], []
    for issue_id in ids:
        try:
            if ready := _ready(builder, issue_id, typed, lists, to_contacts=to_contacts):
                proofs.append(ready)
        except NewsletterError as error:
            if len(ids) == 1:
                raise
            failures.append(error)
    show.failures(failures)
    strangers: list[str] = []
    for ready in proofs:
        foreign = proof.foreign(newsroom.config, ready.cover, ready.addresses)
        strangers += [address for address in foreign if address not in strangers]
        show.say(f"[Proof] {ready.made.delivery.subject}", bold=True)
        show.say(f"from {ready.cover.sender_name} <{ready.cover.sender_address}>, through {server}, to")
        for address in ready.addresses:
            show.say(f"  {address}" + ("  (outside your own domains)" if address in foreign else ""))
    if not proofs:
        ctx.exit(1)
    if strangers and not yes:
        _ask(strangers)
    server, is_typed = _with_password(server, root)
    exit_code = _send_all(proofs, server, root, is_typed=is_typed)
    ctx.exit(exit_code or (0 if is_good and not failures else 1))


def _ready(
    builder: "Builder", issue_id: str, typed: list[str], lists: tuple[str, ...], *, to_contacts: bool
) -> _Proof | None:
    """Return the proof of an issue; None for a network's that has no contact where contacts are meant."""
    from newsletter.deliver import proof
    from newsletter.errors import NewsletterError
    from newsletter.issue.assemble import assemble
    from newsletter.issue.edition import edition_of

    newsroom = builder.newsroom
    edition = edition_of(newsroom, issue_id)
    settings = assemble(newsroom, edition).settings
    contacts = settings.contact if to_contacts else ()
    if not (contacts or typed or lists):
        table = f"chapters.{edition.chapter.code}" if edition.chapter else f"publications.{edition.publication.key}"
        hint = f'write contact = "name@…" under [{table}], or name somebody: --to'
        if edition.chapter:
            raise NewsletterError(f"{issue_id} has no contact to send a proof to", hint)
        show.say(f"{issue_id} has no contact, so no proof of it goes out", hint)
        return None
    addresses = proof.recipients(newsroom.config, [*typed, *contacts], lists)
    made = builder.whole(issue_id, proof.proof_provider(settings))
    sender = proof.require_sender(made.issue, made.cover, newsroom.config)
    return _Proof(issue_id=issue_id, made=made, cover=replace(made.cover, sender_address=sender), addresses=addresses)


def _send_all(proofs: list[_Proof], server: "Server", root: Path, *, is_typed: bool) -> int:
    """Send the proofs, one after the other, and return the exit code; a row each where there are several."""
    from newsletter.cli.credentials import offer_keyring
    from newsletter.errors import ServerError

    by = book.author(root)
    exit_code = in_a_row = 0
    for number, ready in enumerate(proofs):
        try:
            refused = _send(ready, server, root, by)
        except ServerError as error:
            if len(proofs) == 1:
                raise
            exit_code = error.exit_code
            in_a_row += 1
            show.failure(error)
            show.row((ready.issue_id, "not sent", len(ready.addresses)))
            left = len(proofs) - number - 1
            # The next ones would wait as long, and a login that is refused too often is locked.
            if in_a_row == _MOST_FAILURES and left:
                show.say(f"{left} more {'proof is' if left == 1 else 'proofs are'} not tried any more", colour="red")
                break
            continue
        in_a_row = 0
        if is_typed:
            offer_keyring(_secret(server), server.password)
            is_typed = False
        if len(proofs) > 1:
            show.row((ready.issue_id, "sent", len(ready.addresses) - len(refused)))
        else:
            for address in ready.addresses:
                if address not in refused:
                    show.line(f"sent to {address}")
        if refused:
            partly = ServerError(
                f"{server} refused {len(refused)} of {len(ready.addresses)} recipients; the others have it",
                details=(f"{address}: {reason}" for address, reason in refused.items()),
            )
            if len(proofs) == 1:
                raise partly
            exit_code = partly.exit_code
            show.failure(partly)
    return exit_code


def _send(ready: _Proof, server: "Server", root: Path, by: str) -> Mapping[str, str]:
    """Send one proof, with its lines in the ledger, and return the recipients that were refused, with the reasons."""
    from newsletter.deliver import ledger, smtp
    from newsletter.deliver.folder import made_of
    from newsletter.deliver.message import make_proof
    from newsletter.errors import UnknownEndError

    made, addresses = ready.made, ready.addresses
    message = make_proof(
        made.issue,
        ready.cover,
        made.delivery,
        to=addresses,
        sent=datetime.now().astimezone(),
        unique=secrets.token_hex(16),
    )
    begun = None
    # A colleague may read what nobody could write down: the folder may not be theirs to write.
    with book.tolerating():
        digest = made_of(made.email)
        begun = ledger.begin(root, book.now(), by, "proof", ready.issue_id, digest, people=len(addresses))
    state: ledger.State = "failed"
    refused: Mapping[str, str] = {}
    try:
        refused = smtp.send(server, message, ready.cover.sender_address, addresses)
        state = "done"
    except UnknownEndError:
        state = "unknown"
        raise
    finally:
        if begun is not None:
            with book.tolerating():
                ledger.end(root, book.now(), begun, state, people=len(addresses) - len(refused))
    return refused


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
    from newsletter.cli.credentials import is_terminal
    from newsletter.errors import CommandError

    message = f"{', '.join(strangers)} {'is' if len(strangers) == 1 else 'are'} outside the newsroom's own domains"
    if not is_terminal():
        raise CommandError(
            f"{message}, so nothing was sent",
            'add --yes to send it all the same, or state your domains: [proof] domains = ["…"]',
        )
    if not show.confirm(f"{message}. Send it there too?"):
        show.say("nothing was sent")
        click.get_current_context().exit(1)


def _with_password(server: "Server", root: Path) -> tuple["Server", bool]:
    """Return the server with its password, from wherever it is kept, and whether it was typed just now."""
    from newsletter.cli.credentials import found

    if server.password or not server.user:
        return server, False
    password, is_typed = found(_secret(server), root)
    return dataclasses.replace(server, password=password), is_typed


def _secret(server: "Server") -> "Secret":
    from newsletter.cli.credentials import Secret
    from newsletter.sockets import is_loopback

    return Secret(
        noun="password",
        where="mail server",
        variable=_PASSWORD,
        host_variable=_HOST,
        host=server.host,
        port=server.port,
        user=server.user,
        is_fixed=bool(os.environ.get(_URL)) or is_loopback(server.host),
    )
