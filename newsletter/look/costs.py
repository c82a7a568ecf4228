"""A filter, a test or a method, and what it is given -> what it costs, counted before the work is done."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateRuntimeError, Undefined
from jinja2.filters import FILTERS as JINJA
from jinja2.utils import pass_eval_context
from markupsafe import Markup

from newsletter.look.compiling import CountedContext
from newsletter.look.reach import SIZED, fields_of, kind_of

if TYPE_CHECKING:
    from newsletter.look.sandbox import Sandbox

Guard = Callable[..., None]

# By how much a text grows where it is escaped: `"` becomes `&#34;`, and one letter four times `%F0` in an address.
_ESCAPED, _QUOTED = 5, 12
# 10 ** 1000 has 3,322.
MOST_BITS = 4096
_MOST_DECIMALS = 100
# An entry of a new list is worth so many steps: by that the steps bound the memory too.
ENTRY = 4
TOO_LARGE = "this template works out a number that is too large"


class TooMuch(TemplateRuntimeError):
    """A template goes on for too long, or makes what is too large; the message is a whole sentence."""


def guarded(sandbox: "Sandbox", function: Any, guard: Guard | None) -> Callable[..., Any]:
    """Return the filter or test, counted; Jinja may hand it the context or the like before its values."""
    passed = 1 if hasattr(function, "jinja_pass_arg") else 0

    def counted(*values: Any, **named: Any) -> Any:
        if guard:
            guard(sandbox, *values[passed:], **named)
        return sandbox.taken(function(*values, **named))

    if passed:
        vars(counted)["jinja_pass_arg"] = function.jinja_pass_arg
    return counted


def weigh(sandbox: "Sandbox", *values: Any, **named: Any) -> None:
    """Count values that are compared or hashed."""
    for value in (*values, *named.values()):
        for part in sandbox.all_in(value):
            if isinstance(part, str):
                sandbox.spend(len(part) // 256)
            elif fields_of(type(part)):
                sandbox.spend(20)


def _sort(sandbox: "Sandbox", *values: Any, **named: Any) -> None:
    """Count lists whose entries are compared with each other, or looked up."""
    for value in (*values, *named.values()):
        for part in sandbox.all_in(value):
            sandbox.spend(20 + (len(part) // 16 if isinstance(part, str) else 0))


def read(sandbox: "Sandbox", *values: Any, **named: Any) -> None:
    """Count texts that are read, and perhaps escaped; where there are others, they are looked for in the first."""
    first, *others = map(sandbox.size_of, (*values, *named.values()))
    sandbox.make(_ESCAPED * (first + sum(others)))
    sandbox.spend(first * sum(others) // 1000)


def _quote(sandbox: "Sandbox", *values: Any) -> None:
    sandbox.make(_QUOTED * sum(map(sandbox.size_of, values)))


def _split(sandbox: "Sandbox", text: Any, *more: Any, **named: Any) -> None:
    read(sandbox, text, *more, **named)
    sandbox.spend(ENTRY * sandbox.size_of(text) // 2)


def _ponder(sandbox: "Sandbox", text: Any, *more: Any, **named: Any) -> None:
    """Count a text that is gone through again and again, each time from a later place."""
    read(sandbox, text, *more, **named)
    sandbox.spend(sandbox.size_of(text) ** 2 // 2000)


def _walk(sandbox: "Sandbox", values: Any, *_: Any, **__: Any) -> None:
    """Count a list that is gone through, or the letters of a text."""
    if isinstance(values, SIZED):
        sandbox.spend(ENTRY * len(values))


def _batch(sandbox: "Sandbox", values: Any, count: Any, *_: Any, **__: Any) -> None:
    _walk(sandbox, values)
    sandbox.spend(ENTRY * max(0, count))


def _pad(sandbox: "Sandbox", text: Any, width: Any = 80, *_: Any) -> None:
    sandbox.make(sandbox.size_of(text) + max(0, width))


def _replace(sandbox: "Sandbox", text: Any, old: Any, new: Any, *_: Any, **__: Any) -> None:
    read(sandbox, text, old, new)
    # `'ab'|replace('', 'x')` is `xaxbx`: an empty text is found before and after each letter.
    times = str(text).count(str(old)) if str(old) else 1 + sandbox.size_of(text)
    sandbox.make(_ESCAPED * (sandbox.size_of(text) + times * sandbox.size_of(new)))


def _join(sandbox: "Sandbox", between: Any, values: Any, **_: Any) -> None:
    _walk(sandbox, values)
    size = sandbox.size_of(between) * len(values) + sum(map(sandbox.size_of, values))
    sandbox.make(swell((between, *values)) * size)


def _indent(sandbox: "Sandbox", text: Any, width: Any = 4, *_: Any, **__: Any) -> None:
    read(sandbox, text)
    each = len(width) if isinstance(width, str) else max(0, width)
    sandbox.make(_ESCAPED * (sandbox.size_of(text) + (each + 1) * (2 + len(text.splitlines()))))


def _wordwrap(sandbox: "Sandbox", text: Any, *more: Any, wrapstring: Any = None, **_: Any) -> None:
    between = wrapstring if wrapstring is not None else more[2] if len(more) > 2 else "\n"
    _ponder(sandbox, text)
    sandbox.make(sandbox.size_of(text) * (1 + sandbox.size_of(between)))


def _urlize(sandbox: "Sandbox", text: Any, *more: Any, **named: Any) -> None:
    """Count a text of which each word may become a link, with attributes that are given."""
    _ponder(sandbox, text)
    sandbox.make(sandbox.size_of(text) * (60 + sum(map(sandbox.size_of, (*more, *named.values())))))


def _reckon(sandbox: "Sandbox", value: Any, *_: Any, **__: Any) -> None:
    # `%` is a remainder for numbers only; `'%99999d' % 2`, which `is even` would work out, makes a text.
    if not isinstance(value, (int, float, Undefined)):
        raise TemplateRuntimeError(f"{kind_of(value)} is not a number")


def _round(sandbox: "Sandbox", value: Any, precision: Any = 0, *_: Any, **__: Any) -> None:
    _reckon(sandbox, value)
    # 10 is rounded to -9 digits with the help of 10 ** 9.
    if isinstance(precision, int) and abs(precision) > _MOST_DECIMALS:
        raise TooMuch(TOO_LARGE)


def format(sandbox: "Sandbox", text: str, *values: Any, **named: Any) -> None:
    """Count `"%5d" % 3` and `"{:>5}".format(3)`: any number in the text, or one that is given, may be a width."""
    flat: list[Any] = []
    for part in (*values, *named.values()):
        flat += part.values() if isinstance(part, dict) else part if isinstance(part, tuple) else [part]
    if not all(part is None or isinstance(part, (str, int, float, Undefined)) for part in flat):
        raise TemplateRuntimeError("only texts and numbers can be formatted")
    widths = [int(number[:12]) for number in re.findall(r"[0-9]+", text)]
    widths += [abs(part) for part in flat if isinstance(part, int) and re.search(r"\*|\{[^}]*\{", text)]
    longest = max((10 * len(part) if isinstance(part, str) else 400 for part in flat), default=0)
    sandbox.make(len(text) + (text.count("%") + text.count("{")) * (longest + sum(widths)))


def work_out(operator: str, left: Any, right: Any) -> None:
    """Refuse whole numbers that would become too large: `9 ** 9 ** 9`."""
    if isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length() + right.bit_length()
        if operator == "**" and right > 0:
            bits = left.bit_length() * right
        if bits > MOST_BITS:
            raise TooMuch(TOO_LARGE)


def swell(parts: Iterable[Any]) -> int:
    """Return by how much texts grow that are put together: with HTML among them, the others are escaped."""
    return _ESCAPED if any(isinstance(part, Markup) for part in parts) else 1


@pass_eval_context
def joined(eval_ctx: Any, value: Any, d: Any = "", attribute: Any = None) -> str:
    """Return the values, or an attribute of each, as one text with `d` between any two (Jinja's `join`)."""
    sandbox = eval_ctx.environment
    context = CountedContext(sandbox, {}, None, {})
    context.eval_ctx = eval_ctx
    if attribute is not None:
        values = sandbox.filters["map"](context, value, attribute=attribute)
    else:
        values = value if isinstance(value, SIZED) else sandbox.taken(iter(value))
    _join(sandbox, d, values)
    joined: str = JINJA["join"](eval_ctx, values, d)
    return joined


# What a method makes of a text is no longer than what it is given, but for these.
GROWS: Mapping[str, Guard] = {
    **dict.fromkeys(("center", "ljust", "rjust", "zfill"), _pad),
    **dict.fromkeys(("rsplit", "split", "splitlines"), _split),
    "join": _join,
    "replace": _replace,
}
# `attr`, `pprint`, `random` and `tojson` of Jinja's are no look's business; `join` and `sum` are our own.
FILTERS: Mapping[str, Guard | None] = {
    **dict.fromkeys(("abs", "count", "d", "default", "first", "last", "length")),
    **dict.fromkeys(("items", "list", "map", "reject", "rejectattr", "reverse", "select", "selectattr"), _walk),
    **dict.fromkeys(("capitalize", "e", "escape", "filesizeformat", "float", "forceescape", "int", "lower"), read),
    **dict.fromkeys(("safe", "string", "title", "trim", "truncate", "upper", "wordcount", "xmlattr"), read),
    **dict.fromkeys(("dictsort", "groupby", "max", "min", "sort", "unique"), _sort),
    **dict.fromkeys(("batch", "slice"), _batch),
    "center": _pad,
    "format": format,
    "indent": _indent,
    "replace": _replace,
    "round": _round,
    "striptags": _ponder,
    "urlencode": _quote,
    "urlize": _urlize,
    "wordwrap": _wordwrap,
}
TESTS: Mapping[str, Guard | None] = {
    **dict.fromkeys(("boolean", "callable", "defined", "escaped", "false", "filter", "float", "integer", "iterable")),
    **dict.fromkeys(("mapping", "none", "number", "sameas", "sequence", "string", "test", "true", "undefined")),
    **dict.fromkeys(("divisibleby", "even", "odd"), _reckon),
    **dict.fromkeys(("lower", "upper"), read),
}
