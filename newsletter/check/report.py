"""Findings -> what machines read: JSON, SARIF 2.1.0, GitHub's annotations; rules -> their table for the docs."""

import os
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from newsletter import __version__, printable
from newsletter.check.registry import GROUPS, rules
from newsletter.errors import Fault
from newsletter.model import Finding, Level

_SARIF_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.ADVICE: "note"}
_GITHUB_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.ADVICE: "notice"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_json(findings: Iterable[Finding]) -> dict[str, object]:
    """Return the findings in the shape that PRODUCT promises to scripts."""
    return {
        "findings": [
            {
                "slug": finding.slug,
                "level": finding.level.value,
                "file": finding.place.file,
                "line": finding.place.line,
                "issue": finding.issue,
                "message": finding.message,
                "hint": finding.hint,
            }
            for finding in findings
        ]
    }


def as_sarif(findings: Iterable[Finding], path: Callable[[str], str], failures: Iterable[Fault] = ()) -> dict[str, Any]:
    """Return a SARIF 2.1.0 log (OASIS, 2020, errata 01); `path` gives a file's path from the repository's root.

    `failures` are what kept the check from running: nobody may take such a log for a clean one.
    """
    told = list(findings)
    slugs = sorted({finding.slug for finding in told})
    known = rules()
    by_key: dict[tuple[object, ...], list[Finding]] = {}
    for finding in told:
        by_key.setdefault((finding.place, finding.slug, finding.message), []).append(finding)
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "newsletter",
                        "semanticVersion": __version__,
                        "rules": [
                            {
                                "id": slug,
                                "shortDescription": {"text": slug.replace("-", " ").capitalize() + "."},
                                "fullDescription": {"text": known[slug].why},
                                "help": {"text": explained(slug)},
                                "defaultConfiguration": {"level": _SARIF_LEVELS[known[slug].level]},
                            }
                            for slug in slugs
                        ],
                    }
                },
                **_invocations(failures),
                "columnKind": "unicodeCodePoints",
                "results": [_result(same, slugs, path) for same in by_key.values()],
            }
        ],
    }


def as_annotations(findings: Iterable[Finding], path: Callable[[str], str]) -> list[str]:
    """Return the workflow commands by which GitHub Actions shows findings in a pull request, each once."""
    lines = []
    for finding in findings:
        at = f"file={_property(path(finding.place.file))}"
        if finding.place.line:
            at += f",line={finding.place.line}"
        words = _data(_words(finding, printable.one_line))
        lines.append(f"::{_GITHUB_LEVELS[finding.level]} {at},title={_property(finding.slug)}::{words}")
    return list(dict.fromkeys(lines))


def explained(slug: str, level: Level | None = None) -> str:
    """Return what a rule is for, and how to turn it off."""
    rule = rules()[slug]
    stated = level or rule.level
    return (
        f"{slug} ({stated}, {GROUPS[rule.group]})\n\n{rule.why}\n\n"
        f"For one item: allow: [{slug}] in its front matter.\n"
        f'For the newsroom: {slug} = "off" under [checks] in newsletter.toml; or "error", "warning", "advice".'
    )


def rules_table() -> str:
    """Return docs/checks.md: every rule under its group, with its level and its reason, in Markdown."""
    lines = ["# The checks", "", "Every rule of `newsletter check`, as `newsletter check --list` tells it.", ""]
    lines += ["Turn one off, up or down in `newsletter.toml`, or allow it in one item:", ""]
    lines += ["```toml", "[checks]", 'wall-of-text = "off"', 'vague-link = "error"', "```", ""]
    lines += ["```yaml", "allow: [small-picture]", "```", ""]
    for group, title in GROUPS.items():
        own = [rule for rule in rules().values() if rule.group == group]
        lines += [f"## {title}", "", "| rule | level | why |", "|---|---|---|"]
        lines += [f"| `{rule.slug}` | {rule.level} | {_cell(rule.why)} |" for rule in own]
        lines.append("")
    return "\n".join(lines)


def _result(same: list[Finding], slugs: list[str], path: Callable[[str], str]) -> dict[str, Any]:
    finding = same[0]
    location: dict[str, Any] = {
        "artifactLocation": {"uri": quote(os.fsencode(path(finding.place.file))), "uriBaseId": "%SRCROOT%"}
    }
    if finding.place.line:
        location["region"] = {"startLine": finding.place.line}
    digest = sha256("\0".join((finding.slug, finding.place.file, finding.message)).encode(errors="surrogatepass"))
    issues = sorted({each.issue for each in same if each.issue})
    properties: Mapping[str, Any] = {"properties": {"issues": issues}} if issues else {}
    return {
        "ruleId": finding.slug,
        "ruleIndex": slugs.index(finding.slug),
        "level": _SARIF_LEVELS[finding.level],
        "message": {"text": _words(finding)},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"finding/v1": digest.hexdigest()[:32]},
        **properties,
    }


def _invocations(failures: Iterable[Fault]) -> dict[str, Any]:
    """Return section 3.20 of the standard: what stopped the tool, which is no result of it."""
    told = [{"level": "error", "message": {"text": _words(failure)}} for failure in failures]
    return {"invocations": [{"executionSuccessful": False, "toolExecutionNotifications": told}]} if told else {}


def _words(told: Finding | Fault, form: Callable[[str], str] = str) -> str:
    return f"{form(told.message)}\nhint: {form(told.hint)}" if told.hint else form(told.message)


def _data(words: str) -> str:
    # The runner undoes these three, and shows what comes out in its log, where `##[group]` would be an order again.
    return words.replace("##[", "## [").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _data(printable.one_line(words)).replace(":", "%3A").replace(",", "%2C")


def _cell(words: str) -> str:
    return (
        words.replace("|", "\\|").replace("<", "`<").replace(">", ">`") if "<" in words else words.replace("|", "\\|")
    )
