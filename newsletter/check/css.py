"""CSS text -> rules, as far as mail needs it: tinycss2 reads it, cssselect2 knows what selectors ask for."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import tinycss2
from cssselect2 import ElementWrapper, Matcher, SelectorError, parser
from cssselect2.compiler import CompiledSelector
from msgspec import Struct
from tinycss2.color4 import parse_color

Style = dict[str, str]

# What is kept of the pages before: fifty chapters come in the same order month after month, and each has two sheets in
# its own colours, and some ten styles that no other has.
SHEETS, STYLES = 256, 4096
# Whose blocks hold rules.
_GROUPING = frozenset({"media", "supports", "layer", "container"})
# What the libraries raise at brackets some hundred deep, and at a number of more than 4,300 digits.
_TOO_MUCH = (RecursionError, ValueError)
# Tokens; nobody writes more before a block, and the time that a selector takes grows with the square of its steps.
_LONGEST_PRELUDE = 1000
# Elements that selectors may look at in one page: those of the packaged look take some thousands.
_MOST_STEPS = 3_000_000


class Sheet(Struct, frozen=True, kw_only=True, eq=False):
    """What a style sheet says: its rules, and the preludes of its at-rules (`@media …`) as often as they stand."""

    rules: tuple["CssRule", ...]
    at_rules: tuple[str, ...]


class CssRule(Struct, frozen=True, kw_only=True):
    """Selectors with their declarations (`!important` left on), under the at-rules around them."""

    selectors: tuple["Selector", ...]
    style: Style
    under: str


class Selector(Struct, frozen=True, kw_only=True):
    """A selector as cssselect2 parsed it, and the parts it is made of.

    `parts` names each as caniemail does (`class`, `id`, `attribute`, `type`, `child`, `pseudo-class-hover` …);
    `chaining` is there where a step asks for several classes.
    """

    parsed: Any
    parts: frozenset[str]


@lru_cache(SHEETS)
def parse(css: str) -> Sheet:
    """Return the rules of a style sheet; what can't be understood is passed over."""
    bare, colours = _without_colours(css)
    sheet = _parse(bare)
    if not colours:
        return sheet
    rules = (
        CssRule(selectors=rule.selectors, style=_with_colours(rule.style, colours), under=rule.under)
        for rule in sheet.rules
    )
    return Sheet(rules=tuple(rules), at_rules=sheet.at_rules)


@lru_cache(SHEETS)
def _parse(css: str) -> Sheet:
    rules: list[CssRule] = []
    at_rules: list[str] = []
    with suppress(*_TOO_MUCH):
        _read(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), "", rules, at_rules)
    return Sheet(rules=tuple(rules), at_rules=tuple(at_rules))


@lru_cache(STYLES)
def style(text: str) -> Style:
    """Return the declarations of a style attribute by property; never change what comes back."""
    bare, colours = _without_colours(text)
    return _with_colours(_style(bare), colours)


@lru_cache(STYLES)
def _style(text: str) -> Style:
    with suppress(*_TOO_MUCH):
        return _declarations(text)
    return {}


# A colour at the end of its declaration (`#1D5C63;`, `#1D5C63 !important`), where no selector can stand; what stands
# for it meanwhile.
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}(?=\s?[;!}]|\Z)")
_TOKEN = re.compile(r"#qz[0-9]+")


def _without_colours(css: str) -> tuple[str, dict[str, str]]:
    """Return CSS with a token for each colour, and what the tokens stand for.

    Fifty chapters have one look in fifty colours: so it is parsed once.
    """
    if "#qz" in css:
        return css, {}
    tokens: dict[str, str] = {}
    bare = _COLOUR.sub(lambda colour: tokens.setdefault(colour[0], f"#qz{len(tokens)}"), css)
    return bare, {token: colour for colour, token in tokens.items()}


def _with_colours(style: Style, colours: Mapping[str, str]) -> Style:
    if not colours:
        return style
    return {
        name: _TOKEN.sub(lambda token: colours[token[0]], value) if "#qz" in value else value
        for name, value in style.items()
    }


@lru_cache(STYLES)
def colour(value: str) -> str:
    """Return the first colour in a value as `#RRGGBB`; "" if it names none, or a see-through one."""
    with suppress(*_TOO_MUCH):
        return next(_colours(tinycss2.parse_component_value_list(value, skip_comments=True)), "")
    return ""


@lru_cache(512)
def pixels(value: str, around: float = 16.0) -> float:
    """Return a length in CSS pixels, `em` and `%` against `around`; 0 if it can't be told."""
    match = re.match(r"\s*([\d.]+)\s*(px|pt|em|rem|%)?", value)
    if not match:
        return 0.0
    number = float(match[1]) if match[1].count(".") < 2 and match[1] != "." else 0.0
    scale = {"pt": 4 / 3, "em": around, "rem": 16.0, "%": around / 100}
    return number * scale.get(match[2] or "px", 1.0)


def padding(style: Style, around: float = 16.0) -> dict[str, float]:
    """Return the padding of a style in CSS pixels by side: top, right, bottom, left."""
    lengths = [pixels(length, around) for length in style.get("padding", "").split()[:4]]
    # One length is for all sides, two are for top and sides, three for top, sides and bottom.
    stated = {0: [0.0] * 4, 1: lengths * 4, 2: lengths * 2, 3: [*lengths, *lengths[1:2]], 4: lengths}[len(lengths)]
    sides = dict(zip(("top", "right", "bottom", "left"), stated, strict=True))
    return {
        side: pixels(style[f"padding-{side}"], around) if f"padding-{side}" in style else length
        for side, length in sides.items()
    }


def matcher(selectors: Sequence[Sequence[Selector]]) -> Matcher:
    """Return what finds the numbers (from 0) of the rules whose selectors mean an element, the weakest first.

    One that can't be understood means none.
    """
    found = Matcher()
    for number, several in enumerate(selectors):
        for selector in several:
            # A pseudo-class that nobody knows is noticed only here.
            with suppress(SelectorError):
                found.add_selector(_compiled(selector.parsed), number)
    return found


@lru_cache(STYLES)
def _compiled(selector: Any) -> Any:
    return CompiledSelector(selector)


def matches(matcher: Matcher, root: Any) -> Iterator[tuple[Any, list[Any]]]:
    """Yield each element of a page with what the matcher has for it.

    It ends early where selectors ask for too much: `.a * * * *` in a page of 100 elements nested in each other goes
    through four million ways, and each further step through a hundred times as many.
    """
    _Counting.left = _MOST_STEPS
    with suppress(_TooManySteps):
        for wrapped in _Counting.from_html_root(root).iter_subtree():
            yield wrapped.etree_element, matcher.match(wrapped)


class _TooManySteps(Exception):
    pass


class _Counting(ElementWrapper):  # type: ignore[misc]  # it ships no types
    """cssselect2's wrapper of an element, counting how many others a selector looks at."""

    left = 0

    @property
    def ancestors(self) -> Any:
        return _count(super().ancestors)

    @property
    def previous_siblings(self) -> Any:
        return _count(super().previous_siblings)

    def iter_children(self) -> Any:
        _count(self.etree_children)
        return super().iter_children()


def _count(elements: Any) -> Any:
    _Counting.left -= len(elements) + 1
    if _Counting.left < 0:
        raise _TooManySteps
    return elements


def _declarations(block: str | Sequence[Any]) -> Style:
    return {
        node.lower_name: tinycss2.serialize(node.value).strip() + (" !important" if node.important else "")
        for node in tinycss2.parse_blocks_contents(block, skip_comments=True, skip_whitespace=True)
        if node.type == "declaration"
    }


def _read(nodes: Iterable[Any], under: str, rules: list[CssRule], at_rules: list[str]) -> None:
    for node in nodes:
        if node.type == "at-rule":
            prelude = f"@{node.at_keyword}{tinycss2.serialize(node.prelude)}".strip()
            at_rules.append(prelude)
            if node.lower_at_keyword in _GROUPING and node.content is not None:
                inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
                _read(inner, f"{under} {prelude}".strip(), rules, at_rules)
        elif node.type == "qualified-rule":
            rules.append(CssRule(selectors=_selectors(node.prelude), style=_declarations(node.content), under=under))


def _selectors(prelude: Sequence[Any]) -> tuple[Selector, ...]:
    """Return the selectors before a block; none if one of them can't be understood, as browsers do."""
    if len(prelude) > _LONGEST_PRELUDE:
        return ()
    try:
        return tuple(Selector(parsed=selector, parts=frozenset(_parts(selector))) for selector in parser.parse(prelude))
    except parser.SelectorError:
        return ()


def _parts(selector: Any) -> Iterator[str]:
    if selector.pseudo_element:
        yield f"pseudo-element-{selector.pseudo_element}"
    tree = selector.parsed_tree
    while True:
        last = tree.right if isinstance(tree, parser.CombinedSelector) else tree
        names = [type(simple) for simple in last.simple_selectors]
        for simple in last.simple_selectors:
            if isinstance(simple, parser.PseudoClassSelector | parser.FunctionalPseudoClassSelector):
                yield f"pseudo-class-{simple.name}"
            elif kind := _KINDS.get(type(simple).__name__):
                yield kind
        if names.count(parser.ClassSelector) > 1:
            yield "chaining"
        if last is tree:
            return
        yield _COMBINATORS[tree.combinator]
        tree = tree.left


_KINDS = {
    "AttributeSelector": "attribute",
    "ClassSelector": "class",
    "IDSelector": "id",
    "LocalNameSelector": "type",
    "NegationSelector": "pseudo-class-not",
    "RelationalSelector": "pseudo-class-has",
    "MatchesAnySelector": "pseudo-class-is",
}
_COMBINATORS = {" ": "descendant", ">": "child", "+": "adjacent-sibling", "~": "general-sibling"}


def _colours(nodes: Iterable[Any]) -> Iterator[str]:
    for node in nodes:
        found = parse_color(node)
        if found is not None and found != "currentcolor":
            yield _hex(found)
        elif node.type == "function":
            yield from _colours(node.arguments)


def _hex(colour: Any) -> str:
    try:
        parts = colour.to("srgb").coordinates
    except NotImplementedError:
        # lab() and its kin, which mail programs hardly know.
        return ""
    return "#" + "".join(f"{min(255, max(0, round(255 * part))):02X}" for part in parts) if colour.alpha else ""
