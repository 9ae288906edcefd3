"""The names that an answer uses: how an exercise knows a way that it has ruled out."""

from __future__ import annotations

import functools
import inspect
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Names under which a library hands out a derivative.
DERIVATIVES = frozenset(
    {"grad", "value_and_grad", "backward", "jacobian", "hessian", "vjp", "jvp", "hvp"}
    | {"per_sample_grad", "jacrev", "jacfwd", "derivative", "GradOperation"}
)
_LIBRARIES = (sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]))


def uses(fn: Any, names: frozenset[str]) -> bool:
    """Whether fn, or a function that it reaches, mentions one of the names.

    Only the reader's own code is read. A function of a library counts by its own name.
    """
    return any(not names.isdisjoint(found) for found in _names(fn))


def _names(fn: Any) -> Iterator[set[str]]:
    waiting, seen = [fn], set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, functools.partial):
            waiting.append(value.func)
            continue
        code = getattr(value, "__code__", None)
        if not isinstance(code, types.CodeType) or code.co_filename.startswith(_LIBRARIES):
            yield set(re.findall(r"\w+", getattr(value, "__qualname__", "")))
            continue
        for part in _with_inner(code):
            yield {*part.co_names, *part.co_freevars}
        waiting += _reached(getattr(value, "__func__", value), code)


def _with_inner(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield code and that of the functions defined in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _with_inner(constant)


def _reached(function: Any, code: types.CodeType) -> Iterator[Any]:
    """Yield the functions that code finds under its names."""
    cells = function.__closure__ or ()
    names = {name for part in _with_inner(code) for name in part.co_names}
    values = [function.__globals__[name] for name in names if name in function.__globals__]
    for cell in cells:
        try:
            values.append(cell.cell_contents)
        except ValueError:  # a variable that has no value yet
            continue
    yield from (value for value in values if callable(value) and not inspect.isclass(value))
