"""A secret of the environment -> the hosts that may have it: the one that a newsletter.toml names is anybody's word."""

import os
import re
from pathlib import Path

from newsletter.read.files import Unreadable, read

_FILE = "mail-hosts"
_MOST = 65_536


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
