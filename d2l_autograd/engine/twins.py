"""Functions that MindSpore can compile, and that keep nothing alive.

MindSpore compiles a function from the lines of its source, and a lambda shares its line with
other code, on which its parser fails. A twin of the lambda has lines of its own. The twin of any
other function is a copy, so that what was made for a function may be kept until that function is
gone: kept by the twin, it does not hold the function.
"""

import ast
import copy
import functools
import itertools
import linecache
import types
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary, ref

_twins: WeakKeyDictionary[types.CodeType, types.CodeType] = WeakKeyDictionary()
_origins: WeakKeyDictionary[types.FunctionType, ref[types.CodeType]] = WeakKeyDictionary()
_numbers = itertools.count(1)


def named(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return the twin of a Python function: of the same code, captures and defaults.

    A partial becomes a function as well. What else can be called is returned as it is, and so is
    a lambda without reachable source.
    """
    if isinstance(fn, functools.partial):
        return _spelled_out(fn)
    if not isinstance(fn, types.FunctionType) or vars(fn) or fn in _origins:
        return fn
    code = fn.__code__
    if code not in _twins:
        _twins[code] = (_twin(code) if code.co_name == "<lambda>" else None) or code.replace()
    twin = _twins[code]
    name = twin.co_name if twin.co_name != code.co_name else fn.__name__
    named_fn = types.FunctionType(twin, fn.__globals__, name, fn.__defaults__, fn.__closure__)
    named_fn.__kwdefaults__ = fn.__kwdefaults__
    named_fn.__module__ = fn.__module__
    _origins[named_fn] = ref(code)
    return named_fn


def origin(fn: Any) -> types.CodeType | None:
    """Return the code of the function that a twin, or a derivative of it, was made from."""
    while hasattr(fn, "differentiates"):
        fn = fn.differentiates[0]
    code = _origins.get(fn) if isinstance(fn, types.FunctionType) else None
    return code() if code is not None else None


def _spelled_out(partial: "functools.partial[Any]") -> Callable[..., Any]:
    fn, first, preset = named(partial.func), partial.args, partial.keywords

    def called(*args: Any, **kwargs: Any) -> Any:
        missing = {name: preset[name] for name in preset if name not in kwargs}
        return fn(*first, *args, **kwargs, **missing)

    called.differentiates = (fn, first, preset)  # type: ignore[attr-defined]
    return called


def _twin(code: types.CodeType) -> types.CodeType | None:
    for candidate in _lambdas_of(code):
        name = f"lambda_{next(_numbers)}"
        arguments, body = ast.unparse(_without_defaults(candidate)), ast.unparse(candidate.body)
        source = f"def {name}({arguments}):\n    return {body}\n"
        filename = f"<{name} at {code.co_filename}:{code.co_firstlineno}>"
        twin = _compile(source, filename, code.co_freevars)
        if _alike(twin, code):
            # This is where inspect, and with it MindSpore, looks for the source.
            lines = source.splitlines(keepends=True)
            linecache.cache[twin.co_filename] = (len(source), None, lines, twin.co_filename)
            return twin
    return None


def _without_defaults(candidate: ast.Lambda) -> ast.arguments:
    """Return the arguments with None for each default: MindSpore would evaluate its text."""
    arguments = copy.copy(candidate.args)
    arguments.defaults = [ast.Constant(None) for _ in arguments.defaults]
    arguments.kw_defaults = [default and ast.Constant(None) for default in arguments.kw_defaults]
    return arguments


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
