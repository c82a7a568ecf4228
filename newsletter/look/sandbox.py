"""Jinja2 for templates from strangers: they see what is handed to them, nothing else, and each render has an end.

Jinja's own sandbox lets a template call whatever it can reach, and says itself that it bounds neither time nor memory
(https://jinja.palletsprojects.com/en/stable/sandbox/, read 2026-11-25). So three things are decided here:

- What can be reached: the entries of mappings and lists, the fields of nouns, and the few methods that are named below.
  What no list names is refused, whoever adds it to a value later.
- How long it takes: what runs is counted before it does. A body (of a loop, a macro, a block, a template) costs its
  number of nodes each time it is entered; what makes or reads through a text or a list costs its length. Counts, not
  clocks: the same template ends at the same place on every machine.
- How large it gets: the size of a text is known before it is made.
"""

import contextlib
import re
import threading
import types
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any, NoReturn

from jinja2 import TemplateRuntimeError, TemplateSyntaxError, Undefined, lexer, nodes
from jinja2.compiler import CodeGenerator, Frame, MacroRef, operators
from jinja2.environment import Template, TemplateModule
from jinja2.exceptions import SecurityError, TemplateNotFound
from jinja2.filters import FILTERS as _JINJA
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference, markup_join, str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace, pass_context, pass_eval_context
from markupsafe import Markup

# With the packaged look a story takes some 700 steps and 1,500 letters; as many steps as these take a second.
MOST_STEPS, STEPS_FOR_A_STORY = 3_000_000, 3000
# Letters of one text, and of all that a template writes.
MOST_TEXT, TEXT_FOR_A_STORY = 20_000_000, 5000
# Templates within templates, lists within lists.
_MOST_DEEP = 40
# Of one template; the packaged ones have 5,000 together. To compile this many takes a second or two.
_MOST_TOKENS = 50_000
# 10 ** 1000 has 3,322.
_MOST_BITS = 4096
_MOST_DECIMALS = 100
# A step is worth so many letters of a new text, and an entry of a new list is worth so many steps: by that the steps
# bound the memory too.
_LETTERS, _ENTRY = 4, 4
# By how much a text grows where it is escaped: `"` becomes `&#34;`, and one letter four times `%F0` in an address.
_ESCAPED, _QUOTED = 5, 12


class TooMuch(TemplateRuntimeError):
    """A template goes on for too long, or makes what is too large; the message is a whole sentence."""


def lines_of(error: BaseException) -> list[tuple[str, int]]:
    """Return the files and lines of templates that an error came through, the one where it happened last."""
    found, trace = [], error.__traceback__
    while trace:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None and template.filename:
            found.append((template.filename, template.get_corresponding_lineno(trace.tb_lineno)))
        trace = trace.tb_next
    return found


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment that counts. It takes Jinja's options but `finalize` and `optimized`."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

    def __init__(self, **options: Any) -> None:
        # Templates run once or a few times; to look for constants in them takes longer.
        super().__init__(finalize=_written, optimized=False, **options)
        # A look is the same on every day and machine, so none draws lots (`random`, `lipsum`).
        self.globals = {name: self.globals[name] for name in ("range", "dict", "cycler", "joiner", "namespace")}
        self.filters = {name: _guarded(self, _JINJA[name], guard) for name, guard in _FILTERS.items()}
        own: dict[str, Callable[..., Any]] = {"join": _joined, "px": _px, "sum": self._sum, _TESTED: self._tested}
        self.filters |= {name: _guarded(self, function, None) for name, function in own.items()}
        self.tests = {name: _guarded(self, test, _TESTS.get(name, _weigh)) for name, test in self.tests.items()}
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
        known, letters = [], 0
        for piece in pieces:
            letters += len(piece)
            if letters > self.most_text:
                error = self._too_long()
                if isinstance(pieces, Generator):
                    # So that it is raised at the template's line.
                    pieces.throw(error)
                raise error
            known.append(piece)
        # A step each was counted for the pieces.
        self.spend(letters // 64)
        return "".join(known)

    def enter(self) -> None:
        """Count a template that begins inside another."""
        self.spend(100)
        self.depth += 1
        if self.depth > _MOST_DEEP:
            raise TooMuch(f"templates include each other more than {_MOST_DEEP} deep: one may include itself")

    def extends(self, context: "_Context") -> None:
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
        own = template.new_context() if handed is None else template.new_context(context.get_all(), True, handed)
        text = self.concat(template.root_render_func(own))
        self.depth -= 1
        return text

    def weighed(self, value: Any) -> Any:
        """Return the value as it is, counted: to compare it, or to use it as a key, takes as long as it is large."""
        if type(value) is str:
            if len(value) > 256:
                self.spend(len(value) // 256)
        elif type(value) is not int:
            _weigh(self, value)
        return value

    def all_in(self, value: Any) -> Iterator[Any]:
        """Return the value and whatever is in it, a step each; refuses what is nested too deeply."""
        # To hash a tuple of a million tuples in each other brings Python down.
        todo = [(value, 0)]
        while todo:
            one, depth = todo.pop()
            self.spend(_ENTRY)
            yield one
            if isinstance(one, range):
                self.spend(len(one))
            elif isinstance(one, _NESTED):
                if depth > _MOST_DEEP:
                    raise TooMuch(f"this template nests lists more than {_MOST_DEEP} deep")
                inner = (*one.keys(), *one.values()) if isinstance(one, _MAPPINGS) else one
                todo += ((each, depth + 1) for each in inner)

    def size_of(self, value: Any) -> int:
        """Return how many letters `str(value)` has at the most; refuses what was not made to be read."""
        if isinstance(value, str):
            return len(value)
        size = 0
        for one in self.all_in(value):
            if isinstance(one, str):
                # In a list it stands in quotes, and a letter may become \U0001f600.
                size += 10 * len(one) + 4
            elif isinstance(one, int):
                size += one.bit_length() // 3 + 8
            elif one is None or isinstance(one, (float, range, Undefined, *_NESTED)):
                size += 40
            else:
                raise TemplateRuntimeError(f"{_named(one)} is not a text: name one of its values")
        return size

    def taken(self, made: Any) -> Any:
        """Return what a function made, counted; what would come one by one comes as a list."""
        if isinstance(made, str):
            self.make(len(made))
        elif isinstance(made, int):
            if made.bit_length() > _MOST_BITS:
                raise TooMuch(_TOO_LARGE)
        elif isinstance(made, _NESTED):
            self.spend(_ENTRY * len(made))
        elif isinstance(made, Iterator):
            entries = []
            for entry in made:
                self.spend(_ENTRY)
                entries.append(entry)
            return entries
        return made

    def written(self, value: Any) -> Any:
        """Return a value as it goes into what the template writes."""
        if self.seal is None:
            return value if isinstance(value, str) else self._text(value)
        if isinstance(value, Markup):
            return value
        self.spend(8)
        if isinstance(value, str):
            # What a token stands for comes back each time that it was written.
            self.room -= len(value)
            if self.room < 0:
                raise self._too_long()
        elif isinstance(value, (float, range, Undefined, *_NESTED)) or _is_ours(value):
            value = self._text(value)
        return self.seal(value)

    def _text(self, value: Any) -> str:
        self.make(self.size_of(value))
        return str(value)

    # What can be reached.

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return `obj.attribute`: a listed attribute, an entry of a mapping, or a field of a noun."""
        kind = type(obj)
        if kind is dict and attribute in obj and attribute not in _REACHED[dict]:
            return obj[attribute]
        if attribute in getattr(kind, "__dataclass_fields__", ()) or _is_property(kind, attribute):
            value = getattr(obj, attribute)
            if not callable(value) and not isinstance(value, PurePath):
                return value
        elif kind in _OPEN:
            if attribute[:1] != "_":
                with contextlib.suppress(AttributeError, LookupError):
                    return obj[attribute] if kind is TemplateReference else getattr(obj, attribute)
        elif isinstance(obj, str) and attribute in {"format", "format_map"}:
            return _Format(self, obj, attribute)
        elif attribute in _reached(obj) or (attribute in getattr(kind, "_fields", ()) and attribute[:1] != "_"):
            # The last is what groupby gives: `group.grouper`, `group.list`.
            return getattr(obj, attribute)
        elif isinstance(obj, Undefined):
            _refuse(obj)
        elif isinstance(obj, _MAPPINGS):
            with contextlib.suppress(LookupError):
                return obj[attribute]
        if attribute[:1] == "_" or hasattr(kind, attribute):
            return self.unsafe_undefined(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return `obj[argument]`, or else the attribute of that name."""
        if isinstance(obj, Undefined):
            _refuse(obj)
        if isinstance(obj, (str, list, tuple, range, *_MAPPINGS)):
            try:
                return obj[self.weighed(argument)]
            except (TypeError, LookupError):
                pass
        if isinstance(argument, str):
            return self.getattr(obj, str(argument))
        return self.undefined(obj=obj, name=argument)

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        """Return what raises once it is used."""
        told = f"a template may not use '{attribute[:60]}' of {_named(obj)}"
        return self.undefined(told, obj=obj, name=attribute, exc=SecurityError)

    def is_safe_callable(self, obj: Any) -> bool:
        """Tell whether it is a macro, a function that templates have, or a listed method."""
        if type(obj) in _CALLED or id(obj) in self._functions:
            return True
        is_method = isinstance(obj, (types.BuiltinMethodType, types.MethodType))
        return is_method and obj.__name__ in _reached(obj.__self__)

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Return what a call in a template returns."""
        self.spend(_ENTRY * (1 + len(args) + len(kwargs)))
        if type(function) in _CALLED:
            return context.call(function, *args, **kwargs)
        if isinstance(function, Undefined):
            _refuse(function)
        if not self.is_safe_callable(function):
            raise SecurityError(f"a template may not call {_named(function)}")
        # Jinja hands these to each call in a loop or a block, for functions that look around: there are none.
        named = {name: value for name, value in kwargs.items() if name not in {"_loop_vars", "_block_vars"}}
        owner = getattr(function, "__self__", None)
        guard = _GROWS.get(function.__name__, _read) if isinstance(owner, str) else _weigh
        guard(self, owner, *args, **named)
        return self.taken(function(*args, **named))

    # What is worked out.

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return what `left + right` and the like is, if it is not too large."""
        pair = (left, right)
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            _refuse(left if isinstance(left, Undefined) else right)
        if operator == "%" and isinstance(left, str):
            _format(self, left, right)
        elif all(isinstance(one, (int, float)) for one in pair):
            _work_out(operator, left, right)
        elif operator == "+" and all(isinstance(one, str) for one in pair):
            self.make(_swell(pair) * (len(left) + len(right)))
        elif operator == "+" and all(isinstance(one, (list, tuple)) for one in pair):
            self.spend(_ENTRY * (len(left) + len(right)))
        elif operator == "*" and any(isinstance(one, int) for one in pair):
            times, many = pair if isinstance(left, int) else (right, left)
            if isinstance(many, str):
                self.make(len(many) * max(0, times))
            elif isinstance(many, (list, tuple)):
                self.spend(_ENTRY * len(many) * max(0, times))
            else:
                raise TemplateRuntimeError(f"'*' does not go with {_named(many)}")
        else:
            raise TemplateRuntimeError(f"'{operator}' does not go with {_named(left)} and {_named(right)}")
        return super().call_binop(context, operator, left, right)

    def join(self, is_markup: bool, parts: tuple[Any, ...]) -> str:
        """Return `a ~ b ~ c`."""
        self.make(_swell(parts) * sum(map(self.size_of, parts)))
        return markup_join(parts) if is_markup else str_join(parts)

    def cut(self, whole: Any, start: Any, stop: Any, step: Any) -> Any:
        """Return `whole[start:stop:step]`."""
        if isinstance(whole, Undefined):
            _refuse(whole)
        if not isinstance(whole, (str, list, tuple, range)):
            raise TemplateRuntimeError(f"{_named(whole)} can't be sliced")
        return self.taken(whole[start:stop:step])

    def _sum(self, values: Any, attribute: Any = None, start: Any = 0) -> Any:
        context = _Context(self, {}, None, {})
        if attribute is not None:
            values = self.filters["map"](context, values, attribute=attribute)
        for value in values:
            self.spend(2 * _ENTRY)
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
                    told = f"it holds more than {_MOST_TOKENS:,} words and signs of Jinja's"
                    raise TemplateSyntaxError(told, token.lineno, name, filename)
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
            told = "it is nested too deeply: loops in loops, or brackets in brackets"
            raise TemplateSyntaxError(told, _line_of(error, self._python), name, filename) from None
        except (ValueError, OverflowError) as error:
            told = "a number in it has too many digits" if "digits" in str(error) else str(error)
            raise TemplateSyntaxError(told, _line_of(error, self._python), name, filename) from None


def _line_of(error: BaseException, python: str) -> int:
    """Return the line of the template where compiling it ended, 0 if nothing tells."""
    if isinstance(error, SyntaxError) and (told := re.search(r"^debug_info = '([0-9=&]+)'", python, re.MULTILINE)):
        # `3=12&4=15`: what line 3 became begins at line 12.
        pairs = [pair.split("=") for pair in told[1].split("&")]
        return max((int(line) for line, begin in pairs if int(begin) <= (error.lineno or 0)), default=0)
    line, trace = 0, error.__traceback__
    while trace:
        held = trace.tb_frame.f_locals
        node = next((held[name] for name in ("child", "node") if isinstance(held.get(name), nodes.Node)), None)
        if node:
            line = node.lineno
        elif isinstance(parser := held.get("self"), Parser) and hasattr(parser, "stream"):
            line = parser.stream.current.lineno
        elif trace.tb_frame.f_code.co_filename == lexer.__file__ and isinstance(number := held.get("lineno"), int):
            line = number
        trace = trace.tb_next
    return line


class _Context(Context):
    # How many templates extend each other here.
    extended = 0


class _Template(Template):
    def make_module(
        self, vars: dict[str, Any] | None = None, shared: bool = False, locals: Mapping[str, Any] | None = None
    ) -> TemplateModule:
        sandbox: Any = self.environment
        sandbox.enter()
        module = super().make_module(vars, shared, locals)
        sandbox.depth -= 1
        return module

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        # Jinja keeps one for good: what is counted in it in one issue would go on in the next.
        return self.make_module()


class _CodeGenerator(CodeGenerator):
    """Writes Python that counts its steps, and asks the sandbox for what it would do by itself."""

    # What the next body does before it begins.
    _before = 0

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        body = list(nodes)
        # The branches of an `if` are counted with the body around it.
        if not frame.soft_frame:
            self.writeline(f"environment.spend({1 + self._before + sum(map(_count, body))})")
            self._before = 0
        super().blockvisit(body, frame)

    def macro_body(self, node: nodes.Macro | nodes.CallBlock, frame: Frame) -> tuple[Frame, MacroRef]:
        self._before = len(node.args) + sum(map(_count, node.defaults))
        return super().macro_body(node, frame)

    def visit_For(self, node: nodes.For, frame: Frame) -> None:
        if node.test:
            # What the test turns away never comes to the body.
            steps = nodes.Const(2 + _count(node.test), lineno=node.lineno)
            node.iter = nodes.Filter(node.iter, _TESTED, [steps], [], None, None, lineno=node.lineno)
            self.filters[_TESTED] = f"environment.filters[{_TESTED!r}]"
        super().visit_For(node, frame)

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:
        self.start_write(frame, node)
        self.write("environment.include(context, ")
        self.visit(node.template, frame)
        handed = self.dump_local_context(frame) if node.with_context else None
        self.write(f", {node.ignore_missing}, {handed})")
        self.end_write(frame)

    def visit_Extends(self, node: nodes.Extends, frame: Frame) -> None:
        self.writeline("environment.extends(context)", node)
        super().visit_Extends(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        is_markup = "context.eval_ctx.autoescape" if frame.eval_ctx.volatile else frame.eval_ctx.autoescape
        self.write(f"environment.join({is_markup}, (")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:
        self.write("(")
        self._weighed(node.expr, frame)
        for operand in node.ops:
            self.write(f" {operators[operand.op]} ")
            self._weighed(operand.expr, frame)
        self.write(")")

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:
        self.write("{")
        for pair in node.items:
            self._weighed(pair.key, frame)
            self.write(": ")
            self.visit(pair.value, frame)
            self.write(", ")
        self.write("}")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:
        if not isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("environment.cut(")
        self.visit(node.node, frame)
        for end in (node.arg.start, node.arg.stop, node.arg.step):
            self.write(", ")
            self.visit(end or nodes.Const(None), frame)
        self.write(")")

    def _weighed(self, node: nodes.Node, frame: Frame) -> None:
        if isinstance(node, nodes.Const):
            self.visit(node, frame)
            return
        self.write("environment.weighed(")
        self.visit(node, frame)
        self.write(")")


Sandbox.code_generator_class = _CodeGenerator
Sandbox.context_class = _Context
Sandbox.template_class = _Template


def _count(node: nodes.Node) -> int:
    return 1 + sum(map(_count, node.iter_child_nodes()))


class _Format:
    """`"…".format`, as the sandbox lets it be called."""

    def __init__(self, sandbox: Sandbox, text: str, name: str) -> None:
        self.sandbox, self.text, self.name = sandbox, text, name

    def __call__(self, *values: Any, **named: Any) -> str:
        _format(self.sandbox, self.text, *values, **named)
        format = self.sandbox.wrap_str_format(getattr(self.text, self.name))
        made: str = self.sandbox.taken(format(*values, **named)) if format else ""
        return made


@pass_context
def _written(context: Context, value: Any) -> Any:
    sandbox: Any = context.environment
    return sandbox.written(value)


def _refuse(undefined: Undefined) -> NoReturn:
    """Raise what tells that there is no such value; its own attributes are Jinja's."""
    undefined._fail_with_undefined_error()
    raise AssertionError


def _px(number: object) -> Markup:
    return Markup(f"{int(number)}px")  # type: ignore[call-overload]  # noqa: S704 - digits


# No template can write a name with a blank in it.
_TESTED = "for if"
_TOO_LARGE = "this template works out a number that is too large"
_MAPPINGS = (dict, types.MappingProxyType)
_NESTED: tuple[type[Any], ...] = (list, tuple, *_MAPPINGS, type({}.keys()), type({}.values()), type({}.items()))


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


# What a template can reach of a value besides its entries and fields.
_REACHED: Mapping[type, frozenset[str]] = {
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
_SIZED: tuple[type[Any], ...] = (str, range, *_NESTED)
# Whose names are a template's own.
_OPEN = (Namespace, TemplateModule, TemplateReference)
_CALLED = frozenset({Macro, BlockReference, LoopContext, Joiner, _Format})


def _reached(obj: Any) -> frozenset[str]:
    if names := _REACHED.get(type(obj)):
        return names
    return next((names for kind, names in _REACHED.items() if isinstance(obj, kind)), frozenset())


def _is_property(kind: type, attribute: str) -> bool:
    is_public = attribute[:1] != "_" and hasattr(kind, "__dataclass_fields__")
    return is_public and isinstance(vars(kind).get(attribute), property)


def _is_ours(value: Any) -> bool:
    """Tell whether it is a noun or a part of Jinja: neither is written, only what is in it."""
    kind = type(value)
    return hasattr(kind, "__dataclass_fields__") or callable(value) or kind.__module__.startswith("jinja2.")


def _named(obj: Any) -> str:
    """Return what the value is called where a template's author is told about it."""
    for kinds, name in _NAMES:
        if isinstance(obj, kinds):
            return name
    name = type(obj).__name__.strip("_").lower()
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"


_NAMES: tuple[tuple[tuple[type, ...], str], ...] = (
    ((str,), "a text"),
    ((int, float, complex), "a number"),
    ((list, tuple), "a list"),
    (_MAPPINGS, "a mapping"),
    ((LoopContext,), "a loop"),
    ((TemplateModule,), "an imported template"),
    ((types.BuiltinMethodType, types.MethodType, types.FunctionType), "a function"),
)


# What a filter, a test or a method costs, by what it is given. Each is told before the work is done.

_Guard = Callable[..., None]


def _guarded(sandbox: Sandbox, function: Any, guard: _Guard | None) -> Callable[..., Any]:
    """Return the filter or test, counted; Jinja may hand it the context or the like before its values."""
    passed = 1 if hasattr(function, "jinja_pass_arg") else 0

    def counted(*values: Any, **named: Any) -> Any:
        if guard:
            guard(sandbox, *values[passed:], **named)
        return sandbox.taken(function(*values, **named))

    if passed:
        vars(counted)["jinja_pass_arg"] = function.jinja_pass_arg
    return counted


def _weigh(sandbox: Sandbox, *values: Any, **named: Any) -> None:
    """Count values that are compared or hashed."""
    for value in (*values, *named.values()):
        for one in sandbox.all_in(value):
            if isinstance(one, str):
                sandbox.spend(len(one) // 256)
            elif hasattr(type(one), "__dataclass_fields__"):
                sandbox.spend(20)


def _sort(sandbox: Sandbox, *values: Any, **named: Any) -> None:
    """Count lists whose entries are compared with each other, or looked up."""
    for value in (*values, *named.values()):
        for one in sandbox.all_in(value):
            sandbox.spend(20 + (len(one) // 16 if isinstance(one, str) else 0))


def _read(sandbox: Sandbox, *values: Any, **named: Any) -> None:
    """Count texts that are read, and perhaps escaped; where there are others, they are looked for in the first."""
    first, *others = map(sandbox.size_of, (*values, *named.values()))
    sandbox.make(_ESCAPED * (first + sum(others)))
    sandbox.spend(first * sum(others) // 1000)


def _quote(sandbox: Sandbox, *values: Any) -> None:
    sandbox.make(_QUOTED * sum(map(sandbox.size_of, values)))


def _split(sandbox: Sandbox, text: Any, *more: Any, **named: Any) -> None:
    _read(sandbox, text, *more, **named)
    sandbox.spend(_ENTRY * sandbox.size_of(text) // 2)


def _ponder(sandbox: Sandbox, text: Any, *more: Any, **named: Any) -> None:
    """Count a text that is gone through again and again, each time from a later place."""
    _read(sandbox, text, *more, **named)
    sandbox.spend(sandbox.size_of(text) ** 2 // 2000)


def _walk(sandbox: Sandbox, values: Any, *_: Any, **__: Any) -> None:
    """Count a list that is gone through, or the letters of a text."""
    if isinstance(values, _SIZED):
        sandbox.spend(_ENTRY * len(values))


def _batch(sandbox: Sandbox, values: Any, count: Any, *_: Any, **__: Any) -> None:
    _walk(sandbox, values)
    sandbox.spend(_ENTRY * max(0, count))


def _pad(sandbox: Sandbox, text: Any, width: Any = 80, *_: Any) -> None:
    sandbox.make(sandbox.size_of(text) + max(0, width))


def _replace(sandbox: Sandbox, text: Any, old: Any, new: Any, *_: Any, **__: Any) -> None:
    _read(sandbox, text, old, new)
    # An empty text stands between any two letters.
    times = str(text).count(str(old)) if str(old) else 1 + sandbox.size_of(text)
    sandbox.make(_ESCAPED * (sandbox.size_of(text) + times * sandbox.size_of(new)))


def _join(sandbox: Sandbox, between: Any, values: Any, **_: Any) -> None:
    _walk(sandbox, values)
    size = sandbox.size_of(between) * len(values) + sum(map(sandbox.size_of, values))
    sandbox.make(_swell((between, *values)) * size)


def _indent(sandbox: Sandbox, text: Any, width: Any = 4, *_: Any, **__: Any) -> None:
    _read(sandbox, text)
    each = len(width) if isinstance(width, str) else max(0, width)
    sandbox.make(_ESCAPED * (sandbox.size_of(text) + (each + 1) * (2 + len(text.splitlines()))))


def _wordwrap(sandbox: Sandbox, text: Any, *more: Any, wrapstring: Any = None, **_: Any) -> None:
    between = wrapstring if wrapstring is not None else more[2] if len(more) > 2 else "\n"
    _ponder(sandbox, text)
    sandbox.make(sandbox.size_of(text) * (1 + sandbox.size_of(between)))


def _urlize(sandbox: Sandbox, text: Any, *more: Any, **named: Any) -> None:
    """Count a text of which each word may become a link, with attributes that are given."""
    _ponder(sandbox, text)
    sandbox.make(sandbox.size_of(text) * (60 + sum(map(sandbox.size_of, (*more, *named.values())))))


def _reckon(sandbox: Sandbox, value: Any, *_: Any, **__: Any) -> None:
    # What is a remainder to a number pours values into a text.
    if not isinstance(value, (int, float, Undefined)):
        raise TemplateRuntimeError(f"{_named(value)} is not a number")


def _round(sandbox: Sandbox, value: Any, precision: Any = 0, *_: Any, **__: Any) -> None:
    _reckon(sandbox, value)
    # 10 is rounded to -9 digits with the help of 10 ** 9.
    if isinstance(precision, int) and abs(precision) > _MOST_DECIMALS:
        raise TooMuch(_TOO_LARGE)


def _format(sandbox: Sandbox, text: str, *values: Any, **named: Any) -> None:
    """Count `"%5d" % 3` and `"{:>5}".format(3)`: any number in the text, or one that is given, may be a width."""
    flat: list[Any] = []
    for one in (*values, *named.values()):
        flat += one.values() if isinstance(one, dict) else one if isinstance(one, tuple) else [one]
    if not all(one is None or isinstance(one, (str, int, float, Undefined)) for one in flat):
        raise TemplateRuntimeError("only texts and numbers can be formatted")
    widths = [int(number[:12]) for number in re.findall(r"[0-9]+", text)]
    widths += [abs(one) for one in flat if isinstance(one, int) and re.search(r"\*|\{[^}]*\{", text)]
    longest = max((10 * len(one) if isinstance(one, str) else 400 for one in flat), default=0)
    sandbox.make(len(text) + (text.count("%") + text.count("{")) * (longest + sum(widths)))


def _work_out(operator: str, left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length() + right.bit_length()
        if operator == "**" and right > 0:
            bits = left.bit_length() * right
        if bits > _MOST_BITS:
            raise TooMuch(_TOO_LARGE)


def _swell(parts: Iterable[Any]) -> int:
    """Return by how much texts grow that are put together: with HTML among them, the others are escaped."""
    return _ESCAPED if any(isinstance(part, Markup) for part in parts) else 1


@pass_eval_context
def _joined(eval_ctx: Any, value: Any, d: Any = "", attribute: Any = None) -> str:
    """Return the values, or an attribute of each, as one text with `d` between any two (Jinja's `join`)."""
    sandbox = eval_ctx.environment
    context = _Context(sandbox, {}, None, {})
    context.eval_ctx = eval_ctx
    if attribute is not None:
        values = sandbox.filters["map"](context, value, attribute=attribute)
    else:
        values = value if isinstance(value, _SIZED) else sandbox.taken(iter(value))
    _join(sandbox, d, values)
    joined: str = _JINJA["join"](eval_ctx, values, d)
    return joined


# What a method makes of a text is no longer than what it is given, but for these.
_GROWS: Mapping[str, _Guard] = {
    **dict.fromkeys(("center", "ljust", "rjust", "zfill"), _pad),
    **dict.fromkeys(("rsplit", "split", "splitlines"), _split),
    "join": _join,
    "replace": _replace,
}
# `attr`, `pprint`, `random` and `tojson` of Jinja's are no look's business; `join` and `sum` are our own.
_FILTERS: Mapping[str, _Guard | None] = {
    **dict.fromkeys(("abs", "count", "d", "default", "first", "last", "length")),
    **dict.fromkeys(("items", "list", "map", "reject", "rejectattr", "reverse", "select", "selectattr"), _walk),
    **dict.fromkeys(("capitalize", "e", "escape", "filesizeformat", "float", "forceescape", "int", "lower"), _read),
    **dict.fromkeys(("safe", "string", "title", "trim", "truncate", "upper", "wordcount", "xmlattr"), _read),
    **dict.fromkeys(("dictsort", "groupby", "max", "min", "sort", "unique"), _sort),
    **dict.fromkeys(("batch", "slice"), _batch),
    "center": _pad,
    "format": _format,
    "indent": _indent,
    "replace": _replace,
    "round": _round,
    "striptags": _ponder,
    "urlencode": _quote,
    "urlize": _urlize,
    "wordwrap": _wordwrap,
}
_TESTS: Mapping[str, _Guard | None] = {
    **dict.fromkeys(("boolean", "callable", "defined", "escaped", "false", "filter", "float", "integer", "iterable")),
    **dict.fromkeys(("mapping", "none", "number", "sameas", "sequence", "string", "test", "true", "undefined")),
    **dict.fromkeys(("divisibleby", "even", "odd"), _reckon),
    **dict.fromkeys(("lower", "upper"), _read),
}
