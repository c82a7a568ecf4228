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
# How a note begins, or says inside, that a feature is there in part: "Partial. `pre` is not supported.", "Works only on
# the root". Not "Works with the prefix -webkit-", and not "Properties not supported by the client are replaced".
_PARTLY = re.compile(
    r"^(?:partial|buggy|not supported)\b|\b(?:is|are|does|do) not\b|\bsupports\b.*\bbut not\b"
    r"|\b(?:only (?:supported|works?)|works? only)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"^not supported\.", re.IGNORECASE)


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
    """Return JSON of one line a feature: its title, and a letter a client (y, a: partly, n, u: not known).

    A result with notes counts as what they say: `y #7` is no plain support where note 7 begins with "Partial".
    """
    counts: dict[str, int] = {}
    for feature in data["data"]:
        for family, platforms in feature["stats"].items():
            for platform in platforms:
                counts[f"{family}.{platform}"] = counts.get(f"{family}.{platform}", 0) + 1
    clients = sorted(name for name, count in counts.items() if count >= _ENOUGH)
    rows = []
    for feature in sorted(data["data"], key=lambda feature: str(feature["slug"])):
        letters = "".join(_newest(feature, *client.split(".", 1)) for client in clients)
        rows.append(f"  {json.dumps(feature['slug'])}: {json.dumps([feature['title'], letters])}")
    head = {"package": f"caniemail {version}", "updated": data["last_update_date"][:10], "clients": clients}
    told = json.dumps(head, indent=1).rstrip("}\n ")
    return told + ',\n "features": {\n' + ",\n".join(rows) + "\n }\n}\n"


def _newest(feature: dict[str, Any], family: str, platform: str) -> str:
    versions = feature["stats"].get(family, {}).get(platform, {})
    if not versions:
        return "u"
    newest = max(versions, key=lambda version: [int(part) for part in re.findall(r"\d+", version)])
    return _letter(str(versions[newest]).strip(), feature.get("notes_by_num") or {})


def _letter(support: str, notes: dict[str, str]) -> str:
    """Return what a result is worth: a `y #7` no more than note 7 leaves of it."""
    letter = support[:1] or "u"
    told = [notes.get(number, "") for number in re.findall(r"#(\d+)", support)] if letter == "y" else []
    if any(map(_NOT.search, told)):
        return "n"
    return "a" if any(map(_PARTLY.search, told)) else letter


if __name__ == "__main__":
    main()
