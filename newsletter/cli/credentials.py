"""Secrets, and the hosts that may have them: the one that a newsletter.toml names is anybody's word."""

import os
import re
import sys
from pathlib import Path

from msgspec import Struct

from newsletter.cli import show
from newsletter.errors import CommandError
from newsletter.read.files import Unreadable, read

_FILE = "mail-hosts"
_MOST = 65_536


class Secret(Struct, frozen=True, kw_only=True):
    """What is wanted of the user: `noun` is `password` or `key`, `where` what it is for, `mail server` for one.

    `variable` of the environment holds it, `host_variable` the host that may have that. `user` is whom the keyring
    keeps it for; `is_fixed` says that the host is the provider's own, or this machine, so nobody need be asked.
    """

    noun: str
    where: str
    variable: str
    host_variable: str
    host: str
    port: int
    user: str
    is_fixed: bool
    undone: str = "nothing was sent"


def found(secret: Secret, root: Path) -> tuple[str, bool]:
    """Return the secret from the environment, the keyring or the terminal, and whether it was typed just now.

    "" where it is nowhere, and nobody can be asked. Raises CommandError where the environment has one that the host
    may not have.
    """
    value = os.environ.get(secret.variable, "")
    if not (value and _may_have(secret, root)):
        # What is in the keyring was put there for this very host.
        kept = _from_keyring(secret)
        if value and not kept:
            _ask_to_give(secret)
        value = kept or value
    if value or not is_terminal():
        return value, False
    return show.secret(f"{secret.noun} of {secret.user} at {secret.host}"), True


def offer_keyring(secret: Secret, value: str) -> None:
    """Offer to keep a secret that was typed and has just worked."""
    import keyring
    from keyring.errors import KeyringError

    if not show.confirm(f"Keep the {secret.noun} in this computer's keyring?"):
        return
    try:
        keyring.set_password(_service(secret), secret.user, value)
    except KeyringError:
        show.say("there is no keyring here; you will be asked again")


def is_terminal() -> bool:
    """Tell whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _may_have(secret: Secret, root: Path) -> bool:
    """Tell whether the environment's secret is for this host: anybody's newsletter.toml may name one."""
    if secret.is_fixed:
        return True
    if stated := os.environ.get(secret.host_variable):
        return is_host(stated, secret.host, secret.port)
    return is_kept(_state_folder(), root, secret.host)


def _ask_to_give(secret: Secret) -> None:
    """Ask once whether the host may have the secret; CommandError where nobody can be asked, or need be."""
    import click

    host_variable, noun = secret.host_variable, secret.noun
    if os.environ.get(host_variable) or not is_terminal():
        why = f"is for {host_variable}" if os.environ.get(host_variable) else "was not given to it before"
        raise CommandError(
            f"newsletter.toml names the {secret.where} {secret.host}, but the {noun} in {secret.variable} {why}; "
            f"{secret.undone}",
            f"if it is your {secret.where}: {host_variable}={secret.host}",
        )
    if not show.confirm(f"newsletter.toml names {secret.host}; give it the {noun} in {secret.variable}?"):
        show.say(secret.undone)
        click.get_current_context().exit(1)
    try:
        keep(_state_folder(), secret.host)
    except OSError:
        show.say("the answer can't be kept; you will be asked again")


def _state_folder() -> Path:
    import platformdirs

    return platformdirs.user_state_path("newsletter", appauthor=False)


def _from_keyring(secret: Secret) -> str:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(_service(secret), secret.user) or ""
    except (KeyringError, OSError, RuntimeError):
        # A keyring that is locked, or a desktop that is not there: then it is asked for.
        return ""


def _service(secret: Secret) -> str:
    return f"newsletter {secret.host}"


def is_host(stated: str, host: str, port: int) -> bool:
    """Tell whether `host` or `host:port`, as somebody wrote it, is that server."""
    stated = stated.strip().casefold()
    name, at = stated, ""
    if re.fullmatch(r"(?:[^:]+|\[.*\]):[0-9]+", stated):
        name, _, at = stated.rpartition(":")
    return _plain(name) == _plain(host) and at in {"", str(port)}


def is_kept(folder: Path, root: Path, host: str) -> bool:
    """Tell whether the user has said yes to the host before.

    A folder that lies in the newsroom (HOME is, on some build machines) says nothing: its files are anybody's.
    """
    if Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(root)):
        return False
    try:
        lines = read(folder, _FILE, _MOST).decode("utf-8", "replace").splitlines()
    except (OSError, Unreadable):
        return False
    return _plain(host) in lines


def keep(folder: Path, host: str) -> None:
    """Keep the user's yes, for nobody else to read; raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / _FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with open(handle, "a", encoding="utf-8") as file:  # noqa: PTH123 - a handle, not a path
        file.write(f"{_plain(host)}\n")


def _plain(host: str) -> str:
    return host.strip("[]").rstrip(".").casefold()
