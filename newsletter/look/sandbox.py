"""Jinja2 for templates from strangers: they see what is handed to them, nothing else, and each render has an end.

Jinja's own sandbox lets a template call whatever it can reach, and says itself that it bounds neither time nor memory
(https://jinja.palletsprojects.com/en/stable/sandbox/, read 2026-11-25). So three things are decided here:

- What can be reached: the entries of mappings and lists, the fields of nouns, and the few methods that reach.py names.
- How long it takes: what runs is counted before it does. A body (of a loop, a macro, a block, a template) costs its
  number of nodes each time it is entered (compiling.py); what makes or reads through a text or a list costs its length
  (costs.py). Counts, not clocks: the same template ends at the same place on every machine.
- How large it gets: the size of a text is known before it is made.
"""

import contextlib
import math
import threading
import types
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import PurePath
from typing import Any, NoReturn

from jinja2 import TemplateRuntimeError, TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import SecurityError, TemplateNotFound
from jinja2.filters import FILTERS as JINJA
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference, markup_join, str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Joiner
from markupsafe import Markup, escape

from newsletter.look import costs
from newsletter.look.compiling import TESTED, CountedContext, CountedTemplate, CountingGenerator, line_of
from newsletter.look.costs import TooMuch
from newsletter.look.reach import (
    MAPPINGS,
    NESTED,
    OPEN,
    REACHED,
    fields_of,
    is_ours,
    is_property,
    kind_of,
    parts_of,
    reached,
)

# With the packaged look a story takes some 700 steps and 1,500 letters; as many steps as these take a second.
MOST_STEPS, STEPS_FOR_A_STORY = 3_000_000, 3000
# Letters of one text, and of all that a template writes.
MOST_TEXT, TEXT_FOR_A_STORY = 20_000_000, 5000
# Templates within templates, lists within lists.
_MOST_DEEP = 40
# Of one template; the packaged ones have 5,000 together. To compile this many takes a second or two.
_MOST_TOKENS = 50_000
# A step is worth so many letters of a new text: by that the steps bound the memory too.
_LETTERS = 4


def lines_of(error: BaseException) -> list[tuple[str, int]]:
    """Return the files and lines of templates that an error came through, the one where it happened last."""
    lines, trace = [], error.__traceback__
    while trace:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None and template.filename:
            lines.append((template.filename, template.get_corresponding_lineno(trace.tb_lineno)))
        trace = trace.tb_next
    return lines


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment that counts. It takes Jinja's options but `optimized`, and `finalize` does nothing."""

    code_generator_class = CountingGenerator
    context_class = CountedContext
    template_class = CountedTemplate
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

    def __init__(self, **options: Any) -> None:
        # Templates run once or a few times; to look for constants in them takes longer.
        super().__init__(optimized=False, **options)
        # A look is the same on every day and machine, so none draws lots (`random`, `lipsum`).
        self.globals = {name: self.globals[name] for name in ("range", "dict", "cycler", "joiner", "namespace")}
        ours: dict[str, Callable[..., Any]] = {"join": costs.joined, "px": _px, "sum": self._sum, TESTED: self._tested}
        self.filters = {name: costs.guarded(self, JINJA[name], guard) for name, guard in costs.FILTERS.items()}
        self.filters |= {name: costs.guarded(self, function, None) for name, function in ours.items()}
        guards = {name: costs.TESTS.get(name, costs.weigh) for name in self.tests}
        self.tests = {name: costs.guarded(self, test, guards[name]) for name, test in self.tests.items()}
        self._functions = frozenset(map(id, self.globals.values()))
        # A preview builds in threads of its own.
        self._lock = threading.RLock()
        self._begin(None, 0)

    def _begin(self, seal: Callable[[Any], str] | None, stories: int) -> None:
        self.most_steps = self.steps = MOST_STEPS + STEPS_FOR_A_STORY * stories
        self.most_text = self.room = MOST_TEXT + TEXT_FOR_A_STORY * stories
        self.seal, self.depth = seal, 0

    def write(
        self, name: str, values: Mapping[str, Any], seal: Callable[[Any], str] | None = None, stories: int = 0
    ) -> str:
        """Return what a template makes of the values, each of which `seal` puts into its place.

        Raises whatever a template may raise; TooMuch if it goes on for longer than so many stories take.
        """
        with self._lock:
            self._begin(seal, stories)
            template = self.get_template(name)
            return self.concat(template.root_render_func(template.new_context(dict(values))))

    # What is counted.

    def spend(self, steps: int) -> None:
        """Count so many steps."""
        self.steps -= steps
        if self.steps < 0:
            raise TooMuch(f"this template takes more than {self.most_steps:,} steps: a loop in it may never end")

    def make(self, letters: int) -> None:
        """Count a text of so many letters that is about to be made."""
        if letters > self.most_text:
            raise self._too_long()
        self.spend(letters // _LETTERS)

    def _too_long(self) -> TooMuch:
        return TooMuch(f"this template makes a text of more than {self.most_text:,} letters")

    def concat(self, pieces: Iterable[str]) -> str:
        """Return the pieces that a body wrote as one text."""
        if type(pieces) is list:
            # What a macro wrote.
            letters = sum(map(len, pieces))
            if letters > self.most_text:
                raise self._too_long()
            self.spend(letters // 64)
            return "".join(pieces)
        known: list[str] = []
        letters, coming = 0, iter(pieces)
        # What they refer to is there already, and was counted: a few more of them take no room.
        while batch := list(islice(coming, 64)):
            letters += sum(map(len, batch))
            if letters > self.most_text:
                error = self._too_long()
                if isinstance(coming, Generator):
                    # So that it is raised at the template's line.
                    coming.throw(error)
                raise error
            known += batch
        # Each piece has cost a step already.
        self.spend(letters // 64)
        return "".join(known)

    def enter(self) -> None:
        """Count a template that begins inside another."""
        self.spend(100)
        self.depth += 1
        if self.depth > _MOST_DEEP:
            raise TooMuch(f"templates include each other more than {_MOST_DEEP} deep: one may include itself")

    def extends(self, context: "CountedContext") -> None:
        """Count a template that is extended by one that was extended, and so on."""
        self.spend(100)
        context.extended += 1
        if context.extended > _MOST_DEEP:
            raise TooMuch(f"more than {_MOST_DEEP} templates extend each other: one may extend itself")

    def include(self, context: Context, names: Any, is_optional: bool, handed: Mapping[str, Any] | None) -> str:
        """Return what an included template writes; `handed` are the variables of where it stands, None for none."""
        self.enter()
        try:
            if isinstance(names, (list, tuple)):
                self.spend(100 * len(names))
            template = self.get_or_select_template(names, context.name)
        except TemplateNotFound:
            self.depth -= 1
            if is_optional:
                return ""
            raise
        inner = template.new_context() if handed is None else template.new_context(context.get_all(), True, handed)
        text = self.concat(template.root_render_func(inner))
        self.depth -= 1
        return text

    def weighed(self, value: Any) -> Any:
        """Return the value as it is, counted: to compare it, or to use it as a key, takes as long as it is large."""
        if type(value) is str:
            if len(value) > 256:
                self.spend(len(value) // 256)
        elif type(value) is not int:
            costs.weigh(self, value)
        return value

    def all_in(self, value: Any) -> Iterator[Any]:
        """Return the value and whatever is in it, a step each; refuses what is nested too deeply."""
        # To hash a tuple of a million tuples in each other brings Python down.
        todo = [(value, 0)]
        while todo:
            part, depth = todo.pop()
            self.spend(costs.ENTRY)
            yield part
            if isinstance(part, range):
                self.spend(len(part))
            elif isinstance(part, NESTED):
                if depth > _MOST_DEEP:
                    raise TooMuch(f"this template nests lists more than {_MOST_DEEP} deep")
                inner = (*part.keys(), *part.values()) if isinstance(part, MAPPINGS) else part
                todo += ((each, depth + 1) for each in inner)

    def size_of(self, value: Any) -> int:
        """Return how many letters `str(value)` has at the most; refuses what was not made to be read."""
        if isinstance(value, str):
            return len(value)
        size = 0
        for part in self.all_in(value):
            if isinstance(part, str):
                # In a list it stands in quotes, and a letter may become \U0001f600.
                size += 10 * len(part) + 4
            elif isinstance(part, int):
                size += part.bit_length() // 3 + 8
            elif part is None or isinstance(part, (float, range, Undefined, *NESTED)):
                size += 40
            else:
                raise TemplateRuntimeError(f"{kind_of(part)} can't be written as it is{parts_of(part)}")
        return size

    def taken(self, made: Any) -> Any:
        """Return what a function made, counted; what would come one by one comes as a list."""
        if isinstance(made, str):
            self.make(len(made))
        elif isinstance(made, int):
            if made.bit_length() > costs.MOST_BITS:
                raise TooMuch(costs.TOO_LARGE)
        elif isinstance(made, NESTED):
            self.spend(costs.ENTRY * len(made))
        elif isinstance(made, Iterator):
            entries = []
            for entry in made:
                self.spend(costs.ENTRY)
                entries.append(entry)
            return entries
        return made

    def written(self, value: Any, is_escaped: bool) -> str:
        """Return a value as it goes into what the template writes; what is sealed needs no more."""
        if self.seal is None:
            text = value if isinstance(value, str) else self._text(value)
            return escape(text) if is_escaped else text
        if type(value) is Markup:
            return value
        self.spend(8)
        if isinstance(value, str):
            # A value that is written twice is two tokens, and comes back twice.
            self.room -= len(value)
            if self.room < 0:
                raise self._too_long()
        elif isinstance(value, (float, range, Undefined, *NESTED)) or is_ours(value):
            value = self._text(value)
        return self.seal(value)

    def _text(self, value: Any) -> str:
        self.make(self.size_of(value))
        return str(value)

    # What can be reached.

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return `obj.attribute`: a listed attribute, an entry of a mapping, or a field of a noun."""
        kind = type(obj)
        if kind is dict and attribute in obj and attribute not in REACHED[dict]:
            return obj[attribute]
        if attribute in fields_of(kind) or is_property(kind, attribute):
            value = getattr(obj, attribute)
            if not callable(value) and not isinstance(value, PurePath):
                return value
        elif kind in OPEN:
            if attribute[:1] != "_":
                with contextlib.suppress(AttributeError, LookupError):
                    return obj[attribute] if kind is TemplateReference else getattr(obj, attribute)
        elif isinstance(obj, str) and attribute in {"format", "format_map"}:
            return _Format(self, obj, attribute)
        elif attribute in reached(obj) or (attribute in getattr(kind, "_fields", ()) and attribute[:1] != "_"):
            # The last is what groupby gives: `group.grouper`, `group.list`.
            return getattr(obj, attribute)
        elif isinstance(obj, Undefined):
            _refuse(obj)
        elif isinstance(obj, MAPPINGS):
            with contextlib.suppress(LookupError):
                return obj[attribute]
        if attribute[:1] == "_" or hasattr(kind, attribute):
            return self.unsafe_undefined(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return `obj[argument]`, or else the attribute of that name."""
        if isinstance(obj, Undefined):
            _refuse(obj)
        if isinstance(obj, (str, list, tuple, range, *MAPPINGS)):
            try:
                return obj[self.weighed(argument)]
            except (TypeError, LookupError):
                pass
        if isinstance(argument, str):
            return self.getattr(obj, str(argument))
        return self.undefined(obj=obj, name=argument)

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        """Return what raises once it is used."""
        message = f"a template may not use '{attribute[:60]}' of {kind_of(obj)}"
        return self.undefined(message, obj=obj, name=attribute, exc=SecurityError)

    def is_safe_callable(self, obj: Any) -> bool:
        """Tell whether it is a macro, a function that templates have, or a listed method."""
        if type(obj) in _CALLED or id(obj) in self._functions:
            return True
        is_method = isinstance(obj, (types.BuiltinMethodType, types.MethodType))
        return is_method and obj.__name__ in reached(obj.__self__)

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Return what a call in a template returns."""
        self.spend(costs.ENTRY * (1 + len(args) + len(kwargs)))
        if type(function) is Macro:
            # As the context does; most calls are these.
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
            return function(context.eval_ctx, *args, **kwargs)
        if type(function) in _CALLED:
            return context.call(function, *args, **kwargs)
        if isinstance(function, Undefined):
            _refuse(function)
        if not self.is_safe_callable(function):
            raise SecurityError(f"a template may not call {kind_of(function)}")
        # Jinja hands these to each call in a loop or a block, for functions that look around: there are none.
        named = {name: value for name, value in kwargs.items() if name not in {"_loop_vars", "_block_vars"}}
        owner = getattr(function, "__self__", None)
        guard = costs.GROWS.get(function.__name__, costs.read) if isinstance(owner, str) else costs.weigh
        guard(self, owner, *args, **named)
        return self.taken(function(*args, **named))

    # What is worked out.

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return what `left + right` and the like is, if it is not too large."""
        pair = (left, right)
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            _refuse(left if isinstance(left, Undefined) else right)
        if operator == "%" and isinstance(left, str):
            costs.format(self, left, right)
        elif all(isinstance(operand, (int, float)) for operand in pair):
            costs.work_out(operator, left, right)
        elif operator == "+" and all(isinstance(operand, str) for operand in pair):
            self.make(costs.swell(pair) * (len(left) + len(right)))
        elif operator == "+" and all(isinstance(operand, (list, tuple)) for operand in pair):
            self.spend(costs.ENTRY * (len(left) + len(right)))
        elif operator == "*" and any(isinstance(operand, int) for operand in pair):
            times, many = pair if isinstance(left, int) else (right, left)
            if isinstance(many, str):
                self.make(len(many) * max(0, times))
            elif isinstance(many, (list, tuple)):
                self.spend(costs.ENTRY * len(many) * max(0, times))
            else:
                raise TemplateRuntimeError(f"'*' does not go with {kind_of(many)}")
        else:
            raise TemplateRuntimeError(f"'{operator}' does not go with {kind_of(left)} and {kind_of(right)}")
        return super().call_binop(context, operator, left, right)

    def join(self, is_markup: bool, parts: tuple[Any, ...]) -> str:
        """Return `a ~ b ~ c`."""
        self.make(costs.swell(parts) * sum(map(self.size_of, parts)))
        return markup_join(parts) if is_markup else str_join(parts)

    def cut(self, whole: Any, start: Any, stop: Any, step: Any) -> Any:
        """Return `whole[start:stop:step]`."""
        if isinstance(whole, Undefined):
            _refuse(whole)
        if not isinstance(whole, (str, list, tuple, range)):
            raise TemplateRuntimeError(f"{kind_of(whole)} can't be sliced")
        return self.taken(whole[start:stop:step])

    def _sum(self, values: Any, attribute: Any = None, start: Any = 0) -> Any:
        context = CountedContext(self, {}, None, {})
        if attribute is not None:
            values = self.filters["map"](context, values, attribute=attribute)
        for value in values:
            self.spend(2 * costs.ENTRY)
            start = self.call_binop(context, "+", start, value)
        return start

    def _tested(self, values: Any, steps: int) -> Any:
        """Return what `{% for … in values if … %}` goes through, and count what the test may turn away."""
        known = values if hasattr(type(values), "__len__") else self.taken(iter(values))
        if not isinstance(known, Undefined):
            # `map("for if", -1)` reaches this, too.
            self.spend(max(1, steps) * len(known))
        return known

    # What is compiled.

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        def counted(stream: TokenStream) -> Iterator[Token]:
            for number, token in enumerate(stream):
                if number > _MOST_TOKENS:
                    message = f"it holds more than {_MOST_TOKENS:,} words and signs of Jinja's"
                    raise TemplateSyntaxError(message, token.lineno, name, filename)
                if isinstance(token.value, float) and not math.isfinite(token.value):
                    # 1e999: Python would write it as `inf`, which it does not read.
                    raise TemplateSyntaxError("a number in it is too large", token.lineno, name, filename)
                yield token

        return TokenStream(counted(super()._tokenize(source, name, filename, state)), name, filename)

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        self._python = super()._generate(source, name, filename, defer_init)
        return self._python

    def compile(self, source: Any, name: str | None = None, filename: str | None = None, *more: Any) -> Any:
        """Return the template's code; TemplateSyntaxError tells all that keeps it from being compiled."""
        self._python = ""
        try:
            return super().compile(source, name, filename, *more)
        except TemplateSyntaxError:
            raise
        except (SyntaxError, RecursionError, MemoryError) as error:
            message = "it is nested too deeply: loops in loops, or brackets in brackets"
            raise TemplateSyntaxError(message, line_of(error, self._python), name, filename) from None
        except (ValueError, OverflowError) as error:
            message = "a number in it has too many digits" if "digits" in str(error) else str(error)
            raise TemplateSyntaxError(message, line_of(error, self._python), name, filename) from None


class _Format:
    """`"…".format`, as the sandbox lets it be called."""

    def __init__(self, sandbox: Sandbox, text: str, name: str) -> None:
        self.sandbox, self.text, self.name = sandbox, text, name

    def __call__(self, *values: Any, **named: Any) -> str:
        costs.format(self.sandbox, self.text, *values, **named)
        formatted = self.sandbox.wrap_str_format(getattr(self.text, self.name))
        made: str = self.sandbox.taken(formatted(*values, **named)) if formatted else ""
        return made


def _refuse(undefined: Undefined) -> NoReturn:
    """Raise what tells that there is no such value; its own attributes are Jinja's."""
    undefined._fail_with_undefined_error()
    raise AssertionError


def _px(number: object) -> Markup:
    return Markup(f"{int(number)}px")  # type: ignore[call-overload]  # noqa: S704 - digits


_CALLED = frozenset({Macro, BlockReference, LoopContext, Joiner, _Format})
