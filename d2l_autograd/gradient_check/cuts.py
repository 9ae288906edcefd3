"""Lines of a function through which no gradient flows, or another than its own."""

import dis
import linecache
import sysconfig
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from d2l_autograd.engine.captures import reachable

# The surer a sign, the earlier it stands.
_EFFECTS = {
    "leaves MindSpore, and what comes back is a constant": ["asnumpy", "tolist", "item", "float"],
    "makes a constant of it": ["stop_gradient", "StopGradient", "detach"],
    "makes a new variable, a constant if it is frozen": ["Parameter", "requires_grad"],
    "makes a new tensor, which MindSpore may take for a constant": ["deepcopy", "Tensor"],
    "is constant but for jumps, and MindSpore passes the gradient through unchanged": [
        *("bool", "bool_", "int", "int8", "int16", "int32", "int64", "uint8", "long"),
    ],
    "is constant but for jumps": ["floor", "ceil", "round", "rint", "trunc", "sign", "argmax"],
}
_INSTALLED = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib"))
_ORDER = [(name, effect) for effect, names in _EFFECTS.items() for name in names]


def cut(fn: Callable[..., Any]) -> str | None:
    """Return what cuts the gradient in the code that fn can reach, and where; None if unknown.

    Where a Cell has a rule of its own, that is the first to be suspected.
    """
    for value in reachable(fn):
        if isinstance(value, type) and isinstance(
            rule := vars(value).get("bprop"), types.FunctionType
        ):
            return f"the rule of {value.__name__}: its bprop, {_line(rule.__code__)}."
    found = {name: place for code in _codes(fn) for name, place in _places(code)}
    return next((f"{found[n]}: {n} {effect}." for n, effect in _ORDER if n in found), None)


def _codes(fn: Callable[..., Any]) -> Iterator[types.CodeType]:
    for value in reachable(getattr(fn, "construct", fn)):
        if isinstance(value, types.CodeType) and not value.co_filename.startswith(_INSTALLED):
            yield from _with_inner(value)


def _with_inner(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _with_inner(constant)


def _places(code: types.CodeType) -> Iterator[tuple[str, str]]:
    """Yield the attributes, methods and globals that code names, with the line of each."""
    line = code.co_firstlineno
    for instruction in dis.get_instructions(code):
        line = instruction.starts_line or line
        if instruction.opname.endswith(("_ATTR", "_METHOD", "_GLOBAL", "_NAME")):
            text = linecache.getline(code.co_filename, line).strip()
            yield instruction.argval, f"{_line(code, line)} (`{text:.60}`)"


def _line(code: types.CodeType, number: int | None = None) -> str:
    path = Path(code.co_filename)
    file = "the cell" if path.parent.name.startswith("ipykernel") else path.name
    return f"line {number or code.co_firstlineno} of {file}"
