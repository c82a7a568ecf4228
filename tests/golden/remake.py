"""Writes the golden issues anew: `make golden`. Read the diff, open what changed in a browser, give the reason."""

import shutil
import sys
import tempfile
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent
sys.path.insert(0, str(GOLDEN.parent.parent))

from newsletter.line import Builder  # noqa: E402 - the checkout's own package, wherever this is started
from newsletter.read.load import load  # noqa: E402
from tests.golden.outline import outline  # noqa: E402

ISSUE = "2024-09/network"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/newsletter.toml"))
FILES = ("issue.html", "issue.txt", "issue.eml", "manifest.json")
# Beside the bytes, what a person can read of them.
OUTLINE = "issue.outline.txt"


def build(case: str) -> dict[str, bytes]:
    """Return the files of the case's issue and its outline, built in a copy: a golden newsroom holds no build/."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, case)
        shutil.copytree(GOLDEN / case, root, ignore=shutil.ignore_patterns("expected"))
        newsroom = load(root)
        built = Builder(newsroom, root / "build").build(ISSUE)
        if newsroom.faults or not built.is_good:
            raise SystemExit("\n".join(map(str, newsroom.faults or built.faults)) or str(built.failure))
        made = {name: (root / "build" / ISSUE / name).read_bytes() for name in FILES}
        return {**made, OUTLINE: outline(made["issue.html"].decode()).encode()}


def main() -> None:
    """Write every case's expected/ and say which files changed."""
    for case in CASES:
        folder = GOLDEN / case / "expected"
        folder.mkdir(exist_ok=True)
        for name, content in build(case).items():
            path = folder / name
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)
                print(path.relative_to(GOLDEN.parent.parent))


if __name__ == "__main__":
    main()
