"""Fetch caniemail's data anew and write it, compacted, into newsletter/check/data/.

    .venv/bin/python docs/refresh_caniemail.py

It asks npm for the package `caniemail` (MIT), so `npm` must be there. Read the diff before you commit it: a feature
that a client has lost may turn up as a finding in every newsroom.
"""

import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "newsletter" / "check" / "data"
# Clients with fewer results than this were tested for a handful of features only.
_ENOUGH = 200


def main() -> None:
    """Write caniemail.json and its licence."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", "caniemail@latest"], cwd=folder, check=True)
        with tarfile.open(next(Path(folder).glob("caniemail-*.tgz"))) as archive:
            archive.extractall(folder, filter="data")
        package = Path(folder) / "package"
        version = json.loads((package / "package.json").read_text("utf-8"))["version"]
        data = json.loads((package / "data" / "caniemail.json").read_text("utf-8"))
        licence = (package / "LICENSE").read_text("utf-8")
    DATA.mkdir(exist_ok=True)
    (DATA / "caniemail.json").write_text(compact(data, version), "utf-8")
    (DATA / "caniemail.LICENSE").write_text(licence.strip() + "\n", "utf-8")


def compact(data: dict[str, Any], version: str) -> str:
    """Return JSON of one line a feature: its title, and a letter a client (y, a: partly, n, u: not known)."""
    counts: dict[str, int] = {}
    for feature in data["data"]:
        for family, platforms in feature["stats"].items():
            for platform in platforms:
                counts[f"{family}.{platform}"] = counts.get(f"{family}.{platform}", 0) + 1
    clients = sorted(name for name, count in counts.items() if count >= _ENOUGH)
    rows = []
    for feature in sorted(data["data"], key=lambda feature: str(feature["slug"])):
        letters = "".join(_newest(feature["stats"], *client.split(".", 1)) for client in clients)
        rows.append(f"  {json.dumps(feature['slug'])}: {json.dumps([feature['title'], letters])}")
    head = {"package": f"caniemail {version}", "updated": data["last_update_date"][:10], "clients": clients}
    told = json.dumps(head, indent=1).rstrip("}\n ")
    return told + ',\n "features": {\n' + ",\n".join(rows) + "\n }\n}\n"


def _newest(stats: dict[str, Any], family: str, platform: str) -> str:
    versions = stats.get(family, {}).get(platform, {})
    if not versions:
        return "u"
    newest = max(versions, key=lambda version: [int(part) for part in re.findall(r"\d+", version)])
    return str(versions[newest]).strip()[:1] or "u"


if __name__ == "__main__":
    main()
