"""Template -> Python that counts its steps, and asks the sandbox for what Jinja would do by itself."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import lexer, nodes
from jinja2.compiler import CodeGenerator, Frame, MacroRef, operators
from jinja2.environment import Template, TemplateModule
from jinja2.parser import Parser
from jinja2.runtime import Context

# The filter that a loop with an `if` calls; no template can write a name with a blank in it.
TESTED = "for if"


class CountedContext(Context):
    # How many templates extend each other here.
    extended = 0


class CountedTemplate(Template):
    def make_module(
        self, vars: dict[str, Any] | None = None, shared: bool = False, locals: Mapping[str, Any] | None = None
    ) -> TemplateModule:
        sandbox: Any = self.environment
        sandbox.enter()
        module = super().make_module(vars, shared, locals)
        sandbox.depth -= 1
        return module

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        # Jinja keeps one module for good, and with it the count of the issue that made it.
        return self.make_module()


class CountingGenerator(CodeGenerator):
    """Writes Python that counts its steps, and asks the sandbox for what it would do by itself."""

    # Steps that come before the next body: the arguments of a macro, `{% macro m(a=1) %}`.
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

    def _make_finalize(self) -> CodeGenerator._FinalizeInfo:
        # Constants too are written when the template runs, where they are counted.
        return self._FinalizeInfo(None, None)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write("environment.written(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        is_escaped = "context.eval_ctx.autoescape" if frame.eval_ctx.volatile else frame.eval_ctx.autoescape
        self.write(f", {is_escaped})")

    def visit_For(self, node: nodes.For, frame: Frame) -> None:
        if node.test:
            # `{% for x in many if x > 3 %}`: what the test turns away never gets to the body, where steps are counted.
            steps = nodes.Const(2 + _count(node.test), lineno=node.lineno)
            node.iter = nodes.Filter(node.iter, TESTED, [steps], [], None, None, lineno=node.lineno)
            self.filters[TESTED] = f"environment.filters[{TESTED!r}]"
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


def line_of(error: BaseException, python: str) -> int:
    """Return the line of the template where compiling it ended, 0 if nothing tells."""
    if isinstance(error, SyntaxError) and (match := re.search(r"^debug_info = '([0-9=&]+)'", python, re.MULTILINE)):
        # `3=12&4=15`: what line 3 became begins at line 12.
        pairs = [pair.split("=") for pair in match[1].split("&")]
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


def _count(node: nodes.Node) -> int:
    return 1 + sum(map(_count, node.iter_child_nodes()))
