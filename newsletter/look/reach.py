"""A value -> what a template can reach of it, and what it is called where a template's author is told about it.

What no list names is refused, whoever adds it to a value later.
"""

import re
import types
from collections.abc import Mapping
from typing import Any

from jinja2 import Undefined
from jinja2.environment import TemplateModule
from jinja2.runtime import BlockReference, LoopContext, Macro, TemplateReference
from jinja2.utils import Cycler, Namespace

MAPPINGS = (dict, types.MappingProxyType)
NESTED: tuple[type[Any], ...] = (list, tuple, *MAPPINGS, type({}.keys()), type({}.values()), type({}.items()))


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


# What a template can reach of a value besides its entries and fields.
REACHED: Mapping[type, frozenset[str]] = {
    str: _words(
        "capitalize casefold center count endswith find format format_map index isalnum isalpha isascii isdecimal "
        "isdigit islower isnumeric isspace istitle isupper join ljust lower lstrip partition removeprefix removesuffix "
        "replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title upper "
        "zfill"
    ),
    dict: frozenset({"get", "items", "keys", "values"}),
    types.MappingProxyType: frozenset({"get", "items", "keys", "values"}),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    range: frozenset({"start", "step", "stop"}),
    LoopContext: _words(
        "changed cycle depth depth0 first index index0 last length nextitem previtem revindex revindex0"
    ),
    Cycler: frozenset({"current", "next", "reset"}),
    Macro: frozenset({"arguments", "caller", "catch_kwargs", "catch_varargs", "name"}),
    BlockReference: frozenset({"super"}),
}
SIZED: tuple[type[Any], ...] = (str, range, *NESTED)
# Whose names are a template's own.
OPEN = (Namespace, TemplateModule, TemplateReference)


def reached(obj: Any) -> frozenset[str]:
    """Return the attributes of the value that a template can reach."""
    if names := REACHED.get(type(obj)):
        return names
    return next((names for kind, names in REACHED.items() if isinstance(obj, kind)), frozenset())


def fields_of(kind: type) -> tuple[str, ...]:
    """Return the names of a noun's fields in their order; none for other types."""
    fields: tuple[str, ...] = getattr(kind, "__struct_fields__", ())
    return fields


def is_property(kind: type, attribute: str) -> bool:
    """Tell whether it is a public property of a noun: `story.badges`, `issue.stories`."""
    is_public = attribute[:1] != "_" and fields_of(kind) != ()
    return is_public and isinstance(vars(kind).get(attribute), property)


def is_ours(value: Any) -> bool:
    """Tell whether it is a noun or a part of Jinja: neither is written, only what is in it."""
    kind = type(value)
    return fields_of(kind) != () or callable(value) or kind.__module__.startswith("jinja2.")


def kind_of(obj: Any) -> str:
    """Return what the value is called where a template's author is told about it."""
    for kinds, name in _NAMES:
        if isinstance(obj, kinds):
            return name
    # `FrontPage` is a front page.
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(obj).__name__.strip("_")).lower()
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"


def parts_of(obj: Any) -> str:
    """Return the advice to write a part of a noun (`event.when`); "" for what has none."""
    names = fields_of(type(obj))
    return f"; name a part of it: {', '.join(names[:6])}{' …' if len(names) > 6 else ''}" if names else ""


_NAMES: tuple[tuple[tuple[type, ...], str], ...] = (
    ((str,), "a text"),
    ((int, float, complex), "a number"),
    ((list, tuple, range, type({}.keys()), type({}.values()), type({}.items())), "a list"),
    (MAPPINGS, "a mapping"),
    ((types.NoneType,), "none"),
    ((Undefined,), "what is not there"),
    ((LoopContext,), "a loop"),
    ((TemplateModule,), "an imported template"),
    ((TemplateReference,), "a template"),
    ((BlockReference,), "a block"),
    ((types.BuiltinMethodType, types.MethodType, types.FunctionType, type), "a function"),
)
