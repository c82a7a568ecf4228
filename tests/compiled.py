"""The packaged templates as compiled code, made once for all tests of a process: compiling takes longer than an issue.

The key of each is the digest of its text and of the program (newsletter/look/templates.py), so nothing of one test
reaches another through them. tests/test_compiled.py builds without them and compares.
"""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from newsletter.look.templates import Look
from newsletter.memo import Cache
from newsletter.read.config import packaged_templates

_KIND = ".jinja"
_FOLDER = tempfile.TemporaryDirectory(prefix="newsletter-compiled-")
# What was compiled in this process, by its key.
_KNOWN: dict[str, bytes] = {}


class Compiled(Cache):
    """A cache that knows every template that was compiled in this process; without a folder it keeps nothing else."""

    def get(self, key: str) -> bytes | None:
        """Return what is kept; a compiled template that is not there yet is put there."""
        kept = super().get(key)
        if kept is None and key in _KNOWN:
            kept = _KNOWN[key]
            super().put(key, kept)
        return kept

    def put(self, key: str, content: bytes) -> None:
        """Keep the content, and for every test if it is a compiled template."""
        if key.endswith(_KIND):
            _KNOWN[key] = content
        super().put(key, content)


COMPILED = Compiled(None)


def lay(folder: Path) -> None:
    """Put the compiled packaged templates into a cache folder, as an earlier command would have."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path, (written, content) in _packaged().items():
        if path.stat().st_mtime_ns != written:
            # A test wrote over what it found in its cache folder, which is this file.
            path.unlink()
            path.write_bytes(content)
            _packaged()[path] = path.stat().st_mtime_ns, content
        try:
            os.link(path, folder / path.name)
        except OSError:
            # On another disk, or one without hard links.
            shutil.copyfile(path, folder / path.name)


@cache
def _packaged() -> dict[Path, tuple[int, bytes]]:
    """Return the files that a cache has of the packaged templates, when each was written, and what is in it."""
    folder = Path(_FOLDER.name)
    look = Look(folder / "room", Compiled(folder))
    templates = packaged_templates()
    for path in sorted(templates.rglob("*.*")):
        name = path.relative_to(templates).as_posix()
        environment = look._plain if name.endswith((".css", ".txt.j2")) else look._sealing
        environment.get_template(name)
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(folder.glob(f"*{_KIND}"))}
