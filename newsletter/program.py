"""This program -> what the bytes of its output depend on: its own files, Python, the packages, the zones of time."""

import hashlib
import os
import sys
import zoneinfo
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from newsletter import __version__

_PACKAGE = Path(__file__).parent
# Words of dates, HTML, pictures, the hours of a time zone: each comes out of one of these.
_MADE_BY = [
    *("babel", "cssutils", "jinja2", "linkify-it-py", "lxml", "markdown-it-py", "mjml-python", "nh3", "pillow"),
    *("pillow-heif", "premailer", "tzdata"),
]


@lru_cache(1)
def program() -> str:
    """Return the digest of this program: what was kept under another one's counts as not there.

    In a checkout the package's files change while its version stays, so it is their sizes and times that count.
    """
    state = [sys.version, *packages(), *map(_state, _files(_PACKAGE)), *map(_state, map(Path, zoneinfo.TZPATH))]
    return hashlib.sha256("\0".join(state).encode(errors="surrogatepass")).hexdigest()


@lru_cache(1)
def versions() -> dict[str, str]:
    """Return the versions that the output's bytes depend on, by the name of the package."""
    installed = dict(name.removesuffix(".dist-info").rpartition("-")[::2] for name in packages())
    known = {name: installed.get(name.replace("-", "_")) or _version(name) for name in _MADE_BY}
    return {"newsletter": __version__, **known}


@lru_cache(1)
def packages() -> tuple[str, ...]:
    """Return the folders that installers leave beside packages: `lxml-6.1.3.dist-info` (PEP 376, 427), sorted.

    Their names hold the versions; to ask importlib.metadata for them takes ten times as long.
    """
    folders = [folder for folder in dict.fromkeys(sys.path) if os.path.isdir(folder)]  # noqa: PTH112 - as sys.path has it
    # The first one on the path wins, as it does for an import: it comes last, where it overwrites the others.
    return tuple(
        name
        for folder in reversed(folders)
        for name in sorted(os.listdir(folder))  # noqa: PTH208 - names are what is wanted
        if name.endswith(".dist-info")
    )


def _version(package: str) -> str:
    """Return the version of a package that was installed in some other way."""
    from importlib.metadata import version

    return version(package)


def _files(folder: Path) -> Iterator[Path]:
    for inner, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        yield from (Path(inner, name) for name in sorted(names))


def _state(path: Path) -> str:
    with suppress(OSError):
        state = path.stat()
        return f"{path} {state.st_size} {state.st_mtime_ns}"
    return f"{path} is not there"
