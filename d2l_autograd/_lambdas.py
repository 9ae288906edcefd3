"""Lambdas that MindSpore can compile.

MindSpore compiles a function from the lines of its source, and a lambda shares its line with
other code, on which its parser fails. A named twin of the lambda has lines of its own.
"""

import ast
import itertools
import linecache
import types
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

_twins: WeakKeyDictionary[types.CodeType, types.CodeType] = WeakKeyDictionary()
_numbers = itertools.count(1)


def named(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return fn, or for a lambda a function of the same code, captures and defaults.

    A lambda without reachable source is returned as it is.
    """
    if not isinstance(fn, types.FunctionType) or fn.__name__ != "<lambda>":
        return fn
    code = fn.__code__
    if code not in _twins:
        _twins[code] = _twin(code) or code
    twin = _twins[code]
    if twin is code:
        return fn
    named_fn = types.FunctionType(
        twin, fn.__globals__, twin.co_name, fn.__defaults__, fn.__closure__
    )
    named_fn.__kwdefaults__ = fn.__kwdefaults__
    named_fn.__module__ = fn.__module__
    return named_fn


def _twin(code: types.CodeType) -> types.CodeType | None:
    for candidate in _lambdas_of(code):
        name = f"lambda_{next(_numbers)}"
        arguments, body = ast.unparse(candidate.args), ast.unparse(candidate.body)
        source = f"def {name}({arguments}):\n    return {body}\n"
        filename = f"<{name} at {code.co_filename}:{code.co_firstlineno}>"
        twin = _compile(source, filename, code.co_freevars)
        if _alike(twin, code):
            # This is where inspect, and with it MindSpore, looks for the source.
            lines = source.splitlines(keepends=True)
            linecache.cache[twin.co_filename] = (len(source), None, lines, twin.co_filename)
            return twin
    return None


def _lambdas_of(code: types.CodeType) -> list[ast.Lambda]:
    """Return the lambdas that may have given code: Python 3.11 and later tell the very one."""
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename)))
    except (SyntaxError, ValueError):
        return []
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda) and node.lineno == code.co_firstlineno
    ]
    if not hasattr(code, "co_positions"):
        return found
    starts_and_ends = [
        (line, column, end_line, end_column)
        for line, end_line, column, end_column in code.co_positions()
        if None not in (line, end_line, column, end_column) and end_column
    ]
    if not starts_and_ends:  # a lambda that returns a constant
        return found
    start = min(where[:2] for where in starts_and_ends)
    end = max(where[2:] for where in starts_and_ends)
    # The walk goes from the outside in, so the last lambda around the code is the innermost.
    return [
        node
        for node in found
        if (node.body.lineno, node.body.col_offset) <= start
        and end <= (node.body.end_lineno, node.body.end_col_offset)
    ][-1:]


def _compile(source: str, filename: str, captured: tuple[str, ...]) -> types.CodeType:
    """Return the code of the one function in source, whose lines are counted from its first."""
    tree = ast.parse(source, filename)
    # An enclosing function makes the captured names captured ones again.
    enclosing = ast.parse(f"def enclosing({', '.join(captured)}): pass").body[0]
    assert isinstance(enclosing, ast.FunctionDef)
    enclosing.body = tree.body
    tree.body = [enclosing]
    return _function_code(_function_code(compile(tree, filename, "exec")))


def _function_code(code: types.CodeType) -> types.CodeType:
    return next(inner for inner in code.co_consts if isinstance(inner, types.CodeType))


def _alike(twin: types.CodeType, code: types.CodeType) -> bool:
    """Say whether both are the same code, up to what Python knows of a module's imports."""
    parts = ["co_names", "co_varnames", "co_freevars"]
    if not hasattr(code, "co_positions"):
        parts.append("co_code")
    same = all(getattr(twin, part) == getattr(code, part) for part in parts)
    return same and _constants(twin) == _constants(code)


def _constants(code: types.CodeType) -> list[Any]:
    return [
        _constants(value) if isinstance(value, types.CodeType) else (type(value), repr(value))
        for value in code.co_consts
        if not (isinstance(value, str) and "<locals>" in value)  # an inner function's full name
    ]
