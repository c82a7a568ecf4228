"""A built message -> what SpamAssassin thinks of it, where it is installed."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from newsletter.errors import Place
from newsletter.interrupts import in_threads
from newsletter.model import Finding, Level

if TYPE_CHECKING:
    from newsletter.review import Reviewed

# SpamAssassin calls junk what has 5 points; a mail of ours has reason for none. Real servers add points for what only
# they see (the sending machine, its reputation), so there must be room left.
MOST = 0.5
_SECONDS = 120


def is_installed() -> bool:
    """Tell whether SpamAssassin can be asked."""
    return shutil.which("spamassassin") is not None


def score(message: bytes) -> tuple[float, list[tuple[float, str]]]:
    """Return SpamAssassin's points without network tests, and the rules that gave any, the heaviest first.

    What it has learned of the user's own mail has no say, and it learns nothing from ours.

    Raises OSError or subprocess.SubprocessError when it does not answer.
    """
    printed = subprocess.run(
        ["spamassassin", "-L", "-t", "--cf", "use_bayes 0"],
        input=message,
        capture_output=True,
        timeout=_SECONDS,
        check=True,
    ).stdout.decode("utf-8", "replace")
    report = printed.rpartition("Content analysis details:")[2]
    match = re.match(r"\s*\((-?[\d.]+) points", report)
    rows = re.findall(r"^[ \t]*(-?\d+(?:\.\d)?)[ \t]+([A-Z][A-Z0-9_]+)\s", report, re.MULTILINE)
    points = sorted(((float(value), name) for value, name in rows if float(value) > 0), reverse=True)
    return float(match[1]) if match else sum(float(value) for value, _ in rows), points


def findings_of(
    issues: "Iterable[Reviewed]", levels: Mapping[str, Level | None], done: Callable[[object], None]
) -> list[Finding]:
    """Return a finding for each issue that SpamAssassin gives more than MOST points."""
    level = levels.get("spam-score")
    asked = [reviewed for reviewed in issues if reviewed.message]
    if not level:
        return []

    def ask(reviewed: "Reviewed") -> Finding | None:
        try:
            points, rules = score(reviewed.message)
        except (OSError, subprocess.SubprocessError) as error:
            return _finding(
                reviewed, level, f"SpamAssassin did not answer for {reviewed.issue}: {type(error).__name__}", ""
            )
        finally:
            done(reviewed)
        if points <= MOST:
            return None
        named = ", ".join(f"{name} {value:g}" for value, name in rules[:5])
        return _finding(
            reviewed, level, f"SpamAssassin gives {reviewed.issue} {points:g} points", f"they come from {named}"
        )

    return [finding for finding in in_threads(ask, asked, 2) if finding]


def _finding(reviewed: "Reviewed", level: Level, message: str, hint: str) -> Finding:
    place = Place(file=reviewed.items[0] if reviewed.items else "newsletter.toml", line=1)
    return Finding(slug="spam-score", level=level, place=place, message=message, hint=hint, issue=reviewed.issue)
