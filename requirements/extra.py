"""requirements/runtime.txt -> the extra `locked`: the versions that the golden issues were made with.

An issue's bytes depend on them, and `pipx install .` would take the newest of each.
"""

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Locked(MetadataHookInterface):
    """Adds the extra when a wheel is built, or the project installed."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the pins; hatchling calls this once it has read pyproject.toml."""
        lines = Path(self.root, "requirements", "runtime.txt").read_text("utf-8").splitlines()
        # `babel==2.18.0 \`, or with a marker `colorama==0.4.6 ; sys_platform == 'win32' \`; hashes and comments below.
        pins = [line.rstrip("\\ ") for line in lines if line and line[0] not in " #"]
        metadata["optional-dependencies"] = {"locked": pins}
