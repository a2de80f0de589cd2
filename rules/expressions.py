"""The small language of formulas: ``made - repealed <= valid``, ``total < 20 or part * 10 <= total * 7``.

Names, numbers, ``+ - * /``, comparisons, ``and or not`` and abs, min, max, round; nothing else. The text is parsed once into
closures over exact numbers: there is no eval, no attribute, no subscript, no string, no power, no loop, and the cost is bounded by
the length of the text. A name without a value stops the evaluation (``Missing``) only when it is really needed: ``and`` and ``or``
decide from the left, so what the known numbers settle is settled.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

from rules.errors import ExpressionError
from rules.filing import Number

MAX_LENGTH = 400
MAX_NODES = 150
MAX_BRACKETS = 12
MAX_PRODUCTS = 8  # with values up to 10**12 no result grows beyond about a hundred digits
MAX_CONSTANT = 10**12

Value = Number | bool
Values = Mapping[str, Number | None]
Step = Callable[[Values], Value]

ARITHMETIC: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda left, right: Decimal(left) / Decimal(right),
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Value, Value], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
FUNCTIONS = ("abs", "max", "min", "round")


class Missing(Exception):
    """The expression needs a name that has no value. ``args[0]`` is the name."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled formula; ``names`` are those it may read."""

    text: str
    names: frozenset[str]
    step: Step = field(repr=False, compare=False)

    def __call__(self, values: Values) -> Value:
        """Raises Missing if a needed name has no value, ZeroDivisionError if it divides by zero."""
        try:
            return self.step(values)
        except ArithmeticError as exc:  # Decimal's own errors for x / 0 and 0 / 0
            raise ZeroDivisionError(self.text) from exc


def compile_expression(text: str, names: frozenset[str]) -> Expression:
    """Raises ExpressionError for everything outside the language, with the column."""
    if not isinstance(text, str) or not text.strip():
        raise ExpressionError("算式应为文字，例如 'made - repealed <= valid'")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"超过 {MAX_LENGTH} 个字符")
    if text.count("(") > MAX_BRACKETS or not text.isascii() or not text.isprintable():
        raise ExpressionError(f"只能用英文可见字符，括号最多 {MAX_BRACKETS} 对")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # 1and b parses, with a warning
            tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as exc:
        raise ExpressionError(f"不是算式：{getattr(exc, 'msg', exc)}", getattr(exc, "offset", 1) or 1) from exc
    nodes = list(ast.walk(tree))
    if len(nodes) > MAX_NODES:
        raise ExpressionError(f"超过 {MAX_NODES} 项")
    if sum(isinstance(node, ast.Mult | ast.Div) for node in nodes) > MAX_PRODUCTS:
        raise ExpressionError(f"乘除超过 {MAX_PRODUCTS} 次")
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    used = frozenset(node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in called)
    for node in nodes:
        if isinstance(node, ast.Name) and id(node) not in called and node.id not in names:
            raise ExpressionError(f"不认识的名字 {node.id!r}；可用：{', '.join(sorted(names))}", node.col_offset + 1)
    return Expression(text, used, _step(tree.body))


def _step(node: ast.expr) -> Step:
    if isinstance(node, ast.Constant):
        return _constant(node)
    if isinstance(node, ast.Name):
        return _name(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        return _unary(node.op, _step(node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        return _binary(ARITHMETIC[type(node.op)], _step(node.left), _step(node.right))
    if isinstance(node, ast.BoolOp):
        return _logical(isinstance(node.op, ast.And), tuple(_step(value) for value in node.values))
    if isinstance(node, ast.Compare) and all(type(op) in COMPARISONS for op in node.ops):
        return _comparison(tuple(COMPARISONS[type(op)] for op in node.ops), (_step(node.left), *map(_step, node.comparators)))
    if isinstance(node, ast.Call):
        return _call(node)
    what = type(getattr(node, "op", node)).__name__
    raise ExpressionError(f"{what} 不能用；可用 + - * / 比较 and or not {' '.join(FUNCTIONS)}", _at(node))


def _at(node: ast.expr) -> int:
    return node.col_offset + 1


def _constant(node: ast.Constant) -> Step:
    written = node.value
    if type(written) not in (int, float) or not abs(written) <= MAX_CONSTANT:  # type: ignore[arg-type]
        raise ExpressionError(f"数应为整数或小数，最大 {MAX_CONSTANT}", _at(node))
    # a number with a point is exact as it is spelt: 0.7 is 0.7
    value: Number = Decimal(repr(written)) if isinstance(written, float) else int(written)  # type: ignore[arg-type]
    return lambda values: value


def _name(name: str) -> Step:
    def step(values: Values) -> Value:
        value = values[name]
        if value is None:
            raise Missing(name)
        return value

    return step


def _unary(op: ast.unaryop, operand: Step) -> Step:
    if isinstance(op, ast.Not):
        return lambda values: not operand(values)
    return lambda values: -operand(values)


def _binary(apply: Callable[[Value, Value], Value], left: Step, right: Step) -> Step:
    return lambda values: apply(left(values), right(values))


def _logical(every: bool, parts: tuple[Step, ...]) -> Step:
    if every:
        return lambda values: all(part(values) for part in parts)
    return lambda values: any(part(values) for part in parts)


def _comparison(tests: tuple[Callable[[Value, Value], bool], ...], parts: tuple[Step, ...]) -> Step:
    if len(tests) == 1:
        test, left, right = tests[0], parts[0], parts[1]
        return lambda values: test(left(values), right(values))

    def step(values: Values) -> Value:
        found = [part(values) for part in parts]
        return all(test(found[index], found[index + 1]) for index, test in enumerate(tests))

    return step


def _call(node: ast.Call) -> Step:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in FUNCTIONS or node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
        raise ExpressionError(f"只能调用 {', '.join(FUNCTIONS)}，参数只写值", _at(node))
    if name == "round":
        return _rounded(node)
    parts = tuple(_step(arg) for arg in node.args)
    if name == "abs":
        if len(parts) != 1:
            raise ExpressionError("abs 只取一个数", _at(node))
        only, absolute = parts[0], cast(Callable[[Value], Value], abs)
        return lambda values: absolute(only(values))
    if len(parts) < 2:
        raise ExpressionError(f"{name} 至少取两个数", _at(node))
    choose: Any = max if name == "max" else min
    return lambda values: choose([part(values) for part in parts])


def _rounded(node: ast.Call) -> Step:
    written = node.args[1] if len(node.args) == 2 else ast.Constant(0)
    digits = written.value if isinstance(written, ast.Constant) and type(written.value) is int else -1
    if not 1 <= len(node.args) <= 2 or not 0 <= digits <= 6:
        raise ExpressionError("round 取一个数和保留的小数位数（0 到 6）", _at(node))
    value, step = _step(node.args[0]), Decimal(1).scaleb(-digits)
    return lambda values: Decimal(value(values)).quantize(step, ROUND_HALF_UP)
