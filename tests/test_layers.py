"""One straight line: who may import whom, and who may know the clock, the disk of the network, the libraries."""

import ast
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "newsletter"
MODULES = {
    ".".join(("newsletter", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if not {"templates", "sample", "scaffold"} & set(path.relative_to(PACKAGE).parts)
}
# From the ground up. What stands on one step may know those below it, and nobody beside it: `look` makes the mail and
# `deliver` hands it on, and neither needs the other.
STEPS: tuple[tuple[str, ...], ...] = (
    ("printable", "interrupts", "patterns"),
    ("errors",),
    ("model", "writing", "sockets", "program"),
    ("memo", "web", "cores"),
    ("read",),
    ("issue",),
    ("look", "deliver"),
    ("check", "preview", "gather", "site", "told", "unchanged"),
    ("line",),
    ("review", "board"),
    ("cli",),
)
STEP = {name: number for number, names in enumerate(STEPS) for name in names}
# What only some may know.
KEEPERS = {
    "babel": {
        "newsletter.issue.dates",
        *(f"newsletter.read.{name}" for name in ("dates", "days", "languages", "values", "zones")),
    },
    "cssselect2": {"newsletter.check.css", "newsletter.check.page"},
    "cssutils": {"newsletter.look.skeleton"},
    "feedparser": {"newsletter.gather.feeds"},
    "icalendar": {"newsletter.gather.calendars"},
    "jinja2": {f"newsletter.look.{name}" for name in ("templates", "sandbox", "compiling", "costs", "reach")},
    # Who reads the finished HTML may take it apart; only the skeleton makes some with it.
    "lxml": {
        *("newsletter.look.skeleton", "newsletter.check.page", "newsletter.preview.markup"),
        *("newsletter.gather.rewritten", "newsletter.gather.workbooks"),
    },
    "mammoth": {"newsletter.gather.documents"},
    "linkify_it": {"newsletter.read.markdown"},
    # Others know what tokens are.
    "markdown_it": {"newsletter.read.markdown", "newsletter.read.markup", "newsletter.read.prose"},
    "nh3": {"newsletter.read.markup"},
    "mjml": {"newsletter.look.skeleton"},
    "PIL": {"newsletter.look.cards", "newsletter.look.pictures", "newsletter.look.pixels"},
    "pillow_heif": {"newsletter.look.pixels"},
    "premailer": {"newsletter.look.skeleton"},
    "recurring_ical_events": {"newsletter.gather.calendars"},
    "http": {"newsletter.web"},
    "smtplib": {"newsletter.deliver.smtp"},
    "tinycss2": {"newsletter.check.css"},
    "yaml": {"newsletter.read.front_matter"},
}


@cache
def parsed(path: Path) -> ast.Module:
    """Return a file as a tree, which nobody may change."""
    return ast.parse(path.read_text("utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the modules that a file imports, inside functions too; what only the type checker sees is left out."""
    found: set[str] = set()
    tree = parsed(path)
    typing = [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    unseen = {inner for node in typing for body in node.body for inner in ast.walk(body)}
    for node in ast.walk(tree):
        if node in unseen:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports stand with their whole name"
            module = node.module or ""
            deeper = {f"{module}.{alias.name}" for alias in node.names} & set(MODULES)
            found |= deeper or {module}
    return frozenset(found)


def own(path: Path) -> set[str]:
    """Return the modules of ours that a file imports."""
    return {name for name in imports(path) if name.partition(".")[0] == "newsletter"}


def part(module: str) -> str:
    """Return the file or folder of newsletter/ that a module is, or lies in."""
    return module.split(".")[1]


ALL = sorted(set(MODULES) - {"newsletter", "newsletter.__main__"})


def test_every_part_has_its_step() -> None:
    assert {part(module) for module in ALL} == set(STEP)


@pytest.mark.parametrize("module", ALL)
def test_no_module_knows_what_stands_above_or_beside_it(module: str) -> None:
    outside = {part(one) for one in own(MODULES[module]) - {"newsletter"}} - {part(module)}
    assert {name for name in outside if STEP[name] >= STEP[part(module)]} == set()


def test_no_import_goes_round_in_a_circle() -> None:
    left = {module: own(path) & set(ALL) for module, path in MODULES.items()}
    while free := [module for module, others in left.items() if not others - {module} & set(left)]:
        for module in free:
            del left[module]
    assert left == {}


def test_only_render_knows_the_templates() -> None:
    assert {name for name, path in MODULES.items() if "newsletter.look.templates" in own(path)} == {
        "newsletter.line",
        "newsletter.look.render",
    }


def test_nothing_imports_the_command_line_but_itself() -> None:
    guilty = {name for name, path in MODULES.items() if any(one.startswith("newsletter.cli") for one in own(path))}
    assert {name for name in guilty if not name.startswith("newsletter.cli")} == {"newsletter.__main__"}


@pytest.mark.parametrize("library", ["click"])
def test_only_the_command_line_knows_its_library(library: str) -> None:
    guilty = {name for name, path in MODULES.items() if library in {one.partition(".")[0] for one in imports(path)}}
    assert {name for name in guilty if not name.startswith("newsletter.cli")} == set()


@pytest.mark.parametrize("library", sorted(KEEPERS))
def test_a_library_is_known_to_its_keepers_only(library: str) -> None:
    guilty = {name for name, path in MODULES.items() if library in {one.partition(".")[0] for one in imports(path)}}
    assert guilty <= KEEPERS[library]


def test_every_package_that_is_imported_is_declared() -> None:
    names = {
        "babel": "babel",
        "PIL": "pillow",
        "linkify_it": "linkify-it-py",
        "markdown_it": "markdown-it-py",
        "mjml": "mjml-python",
        "yaml": "pyyaml",
    }
    outside = {one.partition(".")[0] for path in MODULES.values() for one in imports(path)}
    wanted = {names.get(one, one) for one in outside - set(sys.stdlib_module_names) - {"newsletter"}}
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *(line for more in project.get("optional-dependencies", {}).values() for line in more),
    ]
    declared = {re.split(r"[^A-Za-z0-9_-]", line)[0].replace("-", "_") for line in lines}
    assert {name.replace("-", "_") for name in wanted} == declared


CLOCK = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
SURROUNDINGS = {
    ("os", "environ"),
    ("os", "getenv"),
    ("Path", "cwd"),
    ("Path", "home"),
    ("os", "getcwd"),
    ("sys", "argv"),
}


@pytest.mark.parametrize("module", sorted(name for name in MODULES if not name.startswith("newsletter.cli")))
def test_clock_and_surroundings_are_read_by_the_command_line_only(module: str) -> None:
    tree = parsed(MODULES[module])
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    clock = {
        (node.value.id, node.attr) for node in named if node in called and isinstance(node.value, ast.Name)
    } & CLOCK
    surroundings = {(node.value.id, node.attr) for node in named if isinstance(node.value, ast.Name)} & SURROUNDINGS
    assert clock | surroundings == set()


@pytest.mark.parametrize("module", sorted(name for name in MODULES if not name.startswith("newsletter.cli")))
def test_nothing_but_the_command_line_prints(module: str) -> None:
    tree = parsed(MODULES[module])
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert calls & {"print", "input", "breakpoint"} == set()
