"""CSS text -> rules, as far as mail needs it: at-rules one in another, plain selectors, declarations."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

Style = dict[str, str]

_SELECTOR = re.compile(
    r"\s*(?P<combinator>[>+~]?)\s*"
    r"(?P<compound>(?:[A-Za-z*][A-Za-z0-9-]*)?(?:[.#][\w-]+|\[[^\]]*\]|::?[\w-]+(?:\([^)]*\))?)*)"
)
_PART = re.compile(r"(?P<class>\.[\w-]+)|(?P<id>#[\w-]+)|(?P<attribute>\[[^\]]*\])|(?P<pseudo>::?[\w-]+(?:\([^)]*\))?)")
_HEX = re.compile(r"#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})\b")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*(?:[,/]\s*([\d.]+%?)\s*)?\)")
_NAMED = {
    **{"black": "#000000", "white": "#FFFFFF", "red": "#FF0000", "green": "#008000", "blue": "#0000FF"},
    **{"yellow": "#FFFF00", "gray": "#808080", "grey": "#808080", "silver": "#C0C0C0", "maroon": "#800000"},
    **{"navy": "#000080", "teal": "#008080", "purple": "#800080", "orange": "#FFA500", "lightgray": "#D3D3D3"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a style sheet says: its rules, and the preludes of its at-rules (`@media …`) as often as they stand."""

    rules: tuple["CssRule", ...]
    at_rules: tuple[str, ...]

    # Two of them are never alike: their rules hold what can't be hashed, and results are kept by sheet.
    __eq__ = object.__eq__
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, kw_only=True)
class CssRule:
    """Selectors with their declarations (`!important` left on), under the at-rules around them."""

    selectors: tuple[str, ...]
    style: Style
    under: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compound:
    """One step of a selector: what it asks of an element, and how the element stands to the step before."""

    combinator: str
    tag: str
    classes: frozenset[str]
    id: str
    attributes: tuple[str, ...]
    pseudos: tuple[str, ...]


class Styled(Protocol):
    """An element that selectors can be held against."""

    tag: str
    attrs: dict[str, str]
    classes: frozenset[str]

    @property
    def parent(self) -> "Styled | None":
        """The element around it."""


@lru_cache(8)
def parse(css: str) -> Sheet:
    """Return the rules of a style sheet; what can't be understood is passed over."""
    rules: list[CssRule] = []
    at_rules: list[str] = []
    _read(re.sub(r"/\*.*?(?:\*/|\Z)|<!--|-->", "", css, flags=re.DOTALL), "", rules, at_rules)
    return Sheet(rules=tuple(rules), at_rules=tuple(at_rules))


@lru_cache(256)
def style(text: str) -> Style:
    """Return the declarations of a style attribute by property; never change what comes back."""
    found = {}
    for declaration in _parts(text, ";", "(", ")"):
        name, colon, value = declaration.partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    return found


@lru_cache(512)
def compounds(selector: str) -> tuple[Compound, ...]:
    """Return the steps of a selector, the outermost first; empty if it can't be understood."""
    steps: list[Compound] = []
    at = 0
    selector = selector.strip()
    while at < len(selector):
        found = _SELECTOR.match(selector, at)
        if not found or not found["compound"]:
            return ()
        compound = found["compound"]
        tag = re.match(r"[A-Za-z*][A-Za-z0-9-]*", compound)
        parts = list(_PART.finditer(compound))
        steps.append(
            Compound(
                combinator=found["combinator"] or (" " if steps else ""),
                tag="" if not tag or tag[0] == "*" else tag[0].lower(),
                classes=frozenset(part["class"][1:] for part in parts if part["class"]),
                id=next((part["id"][1:] for part in parts if part["id"]), ""),
                attributes=tuple(part["attribute"][1:-1] for part in parts if part["attribute"]),
                pseudos=tuple(part["pseudo"] for part in parts if part["pseudo"]),
            )
        )
        at = found.end()
    return tuple(steps)


def matches(element: Styled, steps: tuple[Compound, ...]) -> bool:
    """Tell whether the element is what the selector means; sibling steps and pseudo-classes never match."""
    if not steps or not _fits(element, steps[-1]):
        return False
    if len(steps) == 1:
        return True
    outer = element.parent
    if steps[-1].combinator == ">":
        return outer is not None and matches(outer, steps[:-1])
    if steps[-1].combinator != " ":
        return False
    while outer is not None:
        if matches(outer, steps[:-1]):
            return True
        outer = outer.parent
    return False


def weight(steps: tuple[Compound, ...]) -> tuple[int, int, int]:
    """Return the selector's specificity."""
    return (
        sum(bool(step.id) for step in steps),
        sum(len(step.classes) + len(step.attributes) + len(step.pseudos) for step in steps),
        sum(bool(step.tag) for step in steps),
    )


@lru_cache(512)
def colour(value: str) -> str:
    """Return the first colour in a value as `#RRGGBB`; "" if it names none, or a see-through one."""
    value = value.replace("!important", "").strip().lower()
    if found := _HEX.search(value):
        digits = found[1]
        return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits)).upper()
    if found := _RGB.search(value):
        if found[4] in {"0", "0.0", "0%"}:
            return ""
        return "#" + "".join(f"{min(255, int(channel)):02X}" for channel in found.groups()[:3])
    return next((_NAMED[word] for word in value.split() if word in _NAMED), "")


@lru_cache(512)
def pixels(value: str, around: float = 16.0) -> float:
    """Return a length in CSS pixels, `em` and `%` against `around`; 0 if it can't be told."""
    found = re.match(r"\s*([\d.]+)\s*(px|pt|em|rem|%)?", value)
    if not found:
        return 0.0
    number = float(found[1]) if found[1].count(".") < 2 and found[1] != "." else 0.0
    scale = {"pt": 4 / 3, "em": around, "rem": 16.0, "%": around / 100}
    return number * scale.get(found[2] or "px", 1.0)


def _fits(element: Styled, step: Compound) -> bool:
    if step.pseudos or (step.tag and step.tag != element.tag) or not step.classes <= element.classes:
        return False
    if step.id and element.attrs.get("id") != step.id:
        return False
    return all(_has(element, attribute) for attribute in step.attributes)


def _has(element: Styled, attribute: str) -> bool:
    name, equals, value = attribute.partition("=")
    held = element.attrs.get(name.strip("~|^$* ").lower())
    if held is None or not equals:
        return held is not None
    wanted = value.strip().strip("\"'")
    tests: dict[str, Callable[[], bool]] = {
        "~": lambda: wanted in held.split(),
        "^": lambda: held.startswith(wanted),
        "$": lambda: held.endswith(wanted),
        "*": lambda: wanted in held,
        "|": lambda: held == wanted or held.startswith(f"{wanted}-"),
    }
    return tests.get(name[-1:], lambda: held == wanted)()


def _parts(text: str, mark: str, opening: str, closing: str) -> list[str]:
    """Return what stands between the marks, those in brackets left alone: behind such a one a bracket is closed first.

    Read from the end, so that each part is looked at once.
    """
    if mark not in text:
        return [text]
    bracket = re.compile(f"[{re.escape(opening + closing)}]")
    parts: list[list[str]] = [[]]
    is_inside = False
    for part in reversed(text.split(mark)):
        if is_inside:
            parts[-1].append(part)
        else:
            parts.append([part])
        if found := bracket.search(part):
            is_inside = found[0] in closing
    return [mark.join(reversed(part)) for part in reversed(parts[1:])]


def _read(css: str, under: str, rules: list[CssRule], at_rules: list[str]) -> None:
    for prelude, block in _blocks(css):
        if prelude.startswith("@"):
            at_rules.append(prelude)
            if prelude.startswith(("@media", "@supports", "@layer", "@container")):
                _read(block, f"{under} {prelude}".strip(), rules, at_rules)
        elif prelude:
            selectors = tuple(one.strip() for one in _parts(prelude, ",", "([", ")]") if one.strip())
            rules.append(CssRule(selectors=selectors, style=style(block), under=under))


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """Yield prelude and content of each block; statements such as `@import …;` have no content."""
    at = 0
    while at < len(css):
        found = re.compile(r"[{;]").search(css, at)
        if not found:
            return
        prelude = css[at : found.start()].strip()
        at = found.end()
        if found[0] == ";":
            yield prelude, ""
            continue
        depth, start = 1, at
        while depth and (brace := re.compile(r"[{}]").search(css, at)):
            depth += 1 if brace[0] == "{" else -1
            at = brace.end()
        yield prelude, css[start : at - 1] if not depth else css[start:]
        if depth:
            return
