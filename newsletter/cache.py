"""A folder of results by the digest of what they were made from: safe to delete, never trusted to be there."""

import contextlib
import os
from pathlib import Path

_KEPT = 400


class Cache:
    """Bytes under a key. Every failure of the disk counts as 'not there': a cache may cost time, never a build."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> bytes | None:
        """Return what was put under the key, or None."""
        try:
            return (self.folder / key).read_bytes()
        except OSError:
            return None

    def put(self, key: str, content: bytes) -> None:
        """Keep the content under the key, whole or not at all; the oldest entries go once there are too many."""
        part = self.folder / f".{key}.{os.getpid()}"
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                part.write_bytes(content)
                part.replace(self.folder / key)
            finally:
                part.unlink(missing_ok=True)
            kept = sorted(self.folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
            for old in kept[_KEPT:]:
                old.unlink(missing_ok=True)
