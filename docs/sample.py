"""Marks the sample's issues as sent: writes `ledger.jsonl` and `sent/` anew, by the product's own commands.

To be run when an item, a setting or the look of the sample changes: `make sample`. The days are the sample's own; the
same sample gives the same bytes.
"""

import hashlib
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner

from newsletter.cli import main as command_line
from newsletter.deliver.kept import FOLDER
from newsletter.deliver.ledger import FILE

ROOT = Path(__file__).resolve().parent.parent
# When each issue went out. Posts of the page stand between them by the day in their item (`published`).
SENT = {
    "2023-09/state-LPMN": "2023-09-19",
    "2023-09/network": "2023-09-21",
    "2023-10/federal": "2023-10-12",
    "2023-10/network": "2023-10-19",
    "2024-01/network": "2024-01-25",
    "2024-09/state-LPNC": "2024-09-11",
    "2024-09/state-LPTX": "2024-09-12",
    "2024-09/state-LPMN": "2024-09-16",
    "2024-09/state-LPPA": "2024-09-17",
    "2024-09/school-board": "2024-09-19",
    "2024-09/state-LPNY": "2024-09-24",
    "2024-09/federal": "2024-09-25",
    "2024-09/network": "2024-09-26",
}
# Who marked them: nobody's name, but the organization's.
_BY = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Local Progress"}


def marked(folder: Path) -> Path:
    """Return a newsroom, made in a folder, that is the sample with all of its issues sent."""
    room = folder / "newsroom"
    room.mkdir()
    shutil.copy(ROOT / "newsletter.toml", room)
    shutil.copytree(ROOT / "issues", room / "issues")
    out = str(folder / "build")
    _run(["--newsroom", str(room), "build", "--all", "--out", out])
    for issue, day in SENT.items():
        now = datetime.fromisoformat(f"{day}T15:00:00").replace(tzinfo=UTC)
        mark = hashlib.sha256(issue.encode()).hexdigest()[:16]
        # The clock and the mark of an entry are the only things that differ from call to call.
        with (
            patch("newsletter.cli.book.now", return_value=now),
            patch("secrets.token_hex", return_value=mark),
            patch.dict(os.environ, _BY),
        ):
            _run(["--newsroom", str(room), "sent", issue, "--on", day, "--out", out])
    return room


def _run(arguments: list[str]) -> None:
    result = CliRunner().invoke(command_line, arguments)
    if result.exit_code:
        raise SystemExit(f"newsletter {' '.join(arguments)}: {result.output}")


def main() -> None:
    """Write them where the repository has them."""
    with tempfile.TemporaryDirectory() as folder:
        room = marked(Path(folder))
        shutil.rmtree(ROOT / FOLDER, ignore_errors=True)
        shutil.copytree(room / FOLDER, ROOT / FOLDER)
        shutil.copy(room / FILE, ROOT / FILE)
    print(f"{len(SENT)} issues are marked sent in {FILE}, and kept in {FOLDER}/")


if __name__ == "__main__":
    main()
