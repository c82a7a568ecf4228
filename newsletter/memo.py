"""A folder of results by the digest of what they were made from: safe to delete, never trusted to be there."""

import contextlib
import hashlib
import os
from pathlib import Path

# What a power cut or a stray editor left half written must not reach an issue: each entry begins with its digest.
_DIGEST = 32
_KEPT = 400
# Each so many entries the folder is listed, and the oldest go.
_SWEEP = 50


class Cache:
    """Bytes under a key. Every failure of the disk counts as 'not there': a cache may cost time, never a build."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._puts = 0

    def get(self, key: str) -> bytes | None:
        """Return what was put under the key, or None; a damaged entry counts as not there."""
        try:
            kept = (self.folder / key).read_bytes()
        except OSError:
            return None
        digest, content = kept[:_DIGEST], kept[_DIGEST:]
        return content if hashlib.sha256(content).digest() == digest else None

    def put(self, key: str, content: bytes) -> None:
        """Keep the content under the key, whole or not at all; now and then, when there are too many, the oldest go."""
        part = self.folder / f".{key}.{os.getpid()}"
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                part.write_bytes(hashlib.sha256(content).digest() + content)
                part.replace(self.folder / key)
            finally:
                part.unlink(missing_ok=True)
            if self._puts % _SWEEP == 0:
                self._sweep()
            self._puts += 1

    def _sweep(self) -> None:
        kept = sorted(self.folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in kept[_KEPT:]:
            old.unlink(missing_ok=True)
