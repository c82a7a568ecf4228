"""The packaged templates as compiled code, made once for all tests of a process: compiling takes longer than an issue.

The key of each is the digest of its text and of the program (newsletter/look/templates.py), so nothing of one test
reaches another through them. tests/test_compiled.py builds without them and compares.
"""

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from newsletter.look.templates import Look
from newsletter.memo import Cache
from newsletter.read.config import packaged_templates

_KIND = ".jinja"


class Compiled(Cache):
    """Keeps compiled templates in memory and nothing else: for the rest it counts as no cache, having no folder."""

    def __init__(self) -> None:
        super().__init__(None)
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """Return a template's code, or None."""
        return self._kept.get(key)

    def put(self, key: str, content: bytes) -> None:
        """Keep a template's code; forget the rest."""
        if key.endswith(_KIND):
            self._kept[key] = content


COMPILED = Compiled()


def lay(folder: Path) -> None:
    """Put the compiled packaged templates into a cache folder, as an earlier command would have."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in _packaged():
        try:
            os.link(path, folder / path.name)
        except FileExistsError:
            continue
        except OSError:
            # On another disk, or one without hard links.
            shutil.copyfile(path, folder / path.name)


@cache
def _packaged() -> list[Path]:
    folder = Path(tempfile.mkdtemp(prefix="newsletter-compiled-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    look = Look(folder / "room", Cache(folder))
    templates = packaged_templates()
    for path in sorted(templates.rglob("*.*")):
        name = path.relative_to(templates).as_posix()
        environment = look._plain if name.endswith((".css", ".txt.j2")) else look._sealing
        environment.get_template(name)
    return sorted(folder.glob(f"*{_KIND}"))
