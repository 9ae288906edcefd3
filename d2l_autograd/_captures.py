"""What a function's result depends on besides its arguments.

MindSpore compiles captured values into the code as constants and never looks at them again: a
global that has changed since is silently ignored. Comparing snapshots tells when to compile anew.
"""

import functools
import hashlib
import sys
import types
from collections.abc import Iterator
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

_PLAIN = (type(None), bool, int, float, complex, str, bytes, range, slice)
_FIXED = (types.CodeType, types.BuiltinFunctionType, np.ufunc)
_SMALL = 4096  # bytes: as quick to compare as to digest
_LIBRARIES = frozenset({"mindspore", "d2l_autograd"})
_NUMERIC = _LIBRARIES | {"numpy"}
_FOREIGN = _NUMERIC | {"builtins", "pybind11_builtins"} | sys.stdlib_module_names
_Seen = dict[int, tuple[int, Any]]  # the values stay alive, or another could get the same id
_TAKEN_APART = (types.FunctionType, functools.partial, list, tuple, dict)
_OF_ANY_CLASS = frozenset({"__dict__", "__weakref__", "__doc__", "__module__", "__qualname__"})
_RAW_GRADIENTS = frozenset({"grad", "value_and_grad", "jacfwd", "jacrev", "jvp", "vjp"})


def snapshot(fn: Any) -> tuple[Any, ...] | None:
    """Return what fn captures, to be compared with ``==``; None if that cannot be known.

    Equal snapshots mean that compiling fn again would give the same code.
    """
    tokens = []
    for value in reachable(fn):
        token = _token(value)
        if token is None:
            return None
        tokens.append(token)
    return tuple(tokens)


def needs_compiling(fn: Any) -> bool:
    """Say whether fn can reach what is right only if all of fn is compiled, strictly.

    That is MindSpore's own gradient functions, which nest wrongly in eager mode, and functions
    compiled by ``ms.jit``, which may be lenient: they hand to Python what is not compilable,
    through which no gradient flows.
    """
    return any(_is_raw_gradient(value) or _is_compiled(value) for value in reachable(fn))


def reachable(fn: Any) -> Iterator[Any]:
    """Yield what fn can reach: containers and functions taken apart, other objects as they are."""
    return _reachable(fn, {})


def _reachable(value: Any, seen: _Seen) -> Iterator[Any]:
    if isinstance(value, _TAKEN_APART) or _has_attributes(value):
        if id(value) in seen:
            yield range(seen[id(value)][0])  # which of those before it is
            return
        seen[id(value)] = len(seen), value
    if isinstance(value, types.FunctionType) and _is_compiled(value):
        yield value
        yield from _reachable(vars(value)["__wrapped__"], seen)
    elif isinstance(value, types.FunctionType) and hasattr(value, "differentiates"):
        yield value.__code__  # a gradient function of ours: its kind, its function and positions
        yield from _reachable(value.differentiates, seen)
    elif isinstance(value, types.FunctionType) and _package(value) not in _LIBRARIES:
        yield from _reachable_from_function(value, seen)
    elif isinstance(value, types.MethodType):
        yield from _reachable(value.__func__, seen)
        yield from _reachable(value.__self__, seen)
    elif isinstance(value, functools.partial):
        yield from _reachable((value.func, value.args, value.keywords), seen)
    elif isinstance(value, (list, tuple)):
        yield type(value), len(value)
        for item in value:
            yield from _reachable(item, seen)
    elif isinstance(value, dict):
        yield dict, len(value)
        for item in value.items():
            yield from _reachable(item, seen)
    elif _has_attributes(value):
        yield from _reachable_from_object(value, seen)
    else:
        yield value


def _has_attributes(value: Any) -> bool:
    """Say whether value is an object, or a class, of which everything is known: no library's."""
    if isinstance(value, ms.nn.Cell):
        return True
    cls = value if isinstance(value, type) else type(value)
    return _package(cls) not in _FOREIGN and hasattr(value, "__dict__")


def _reachable_from_object(value: Any, seen: _Seen) -> Iterator[Any]:
    if isinstance(value, type):
        yield value
        attributes = {name: vars(value)[name] for name in vars(value) if name not in _OF_ANY_CLASS}
        yield from _reachable(attributes, seen)
        return
    for cls in type(value).__mro__:
        yield from _reachable(cls, seen)  # a library's as it is, others with their methods
    attributes = vars(value)
    if isinstance(value, ms.nn.Cell):
        attributes = {name: attributes[name] for name in attributes if name not in _of_any_cell()}
    yield from _reachable(attributes, seen)


@functools.cache
def _of_any_cell() -> frozenset[str]:
    """Return what MindSpore keeps in a Cell for itself."""
    of_the_user = {"_params", "_cells", "_buffers", "_params_list", "training"}
    return frozenset(vars(ms.nn.Cell())) - of_the_user


def _reachable_from_function(fn: types.FunctionType, seen: _Seen) -> Iterator[Any]:
    yield fn.__code__
    yield from _reachable((fn.__defaults__, fn.__kwdefaults__), seen)
    for cell in fn.__closure__ or ():
        try:
            contents = cell.cell_contents
        except ValueError:  # a name of the enclosing function that is not bound yet
            yield cell
            continue
        yield from _reachable(contents, seen)
    names = _names(fn.__code__)
    for name in names:
        if name not in fn.__globals__:
            continue
        value = fn.__globals__[name]
        yield from _reachable(value, seen)
        if isinstance(value, types.ModuleType) and _is_fixed(value):
            for attribute in names:
                if attribute in vars(value):
                    yield from _reachable(vars(value)[attribute], seen)


def _names(code: types.CodeType) -> list[str]:
    """Return the global and attribute names in code and in the functions it defines."""
    names = dict.fromkeys(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names.update(dict.fromkeys(_names(constant)))
    return list(names)


def _token(value: Any) -> Any:
    """Return something that equals another token when the values are interchangeable."""
    if isinstance(value, _PLAIN):
        return type(value), repr(value)
    if isinstance(value, ms.Tensor):
        frozen = isinstance(value, ms.Parameter) and not value.requires_grad
        return "tensor", str(value.dtype), frozen, _contents(value.asnumpy())
    if isinstance(value, np.ndarray):
        return "array", _contents(value)
    if isinstance(value, np.generic):
        return type(value), repr(value)
    if isinstance(value, tuple) and isinstance(value[0], type):  # a container's type and length
        return value
    return _Same(value) if _is_fixed(value) else None


def _is_fixed(value: Any) -> bool:
    """Say whether value cannot change as long as it is the same object."""
    if isinstance(value, _FIXED) or _is_compiled(value):
        return True
    if isinstance(value, type):
        return True  # its attributes come along, unless it is a library's
    if isinstance(value, types.ModuleType):
        package = value.__name__.partition(".")[0]
        return package in _FOREIGN
    return _package(value) in _NUMERIC and not isinstance(value, ms.nn.Cell)


def _contents(array: np.ndarray[Any, Any]) -> tuple[Any, ...]:
    contents = array.tobytes()
    if len(contents) > _SMALL:
        contents = hashlib.blake2b(contents).digest()
    return array.shape, array.dtype.str, contents


def _package(value: Any) -> str:
    """Return the name of the package that a function, a class or an object's class is from."""
    module = getattr(value, "__module__", None) or type(value).__module__
    return str(module).partition(".")[0]


def _is_compiled(value: Any) -> bool:
    return hasattr(value, "__wrapped_by_jit__")


def _is_raw_gradient(value: Any) -> bool:
    if isinstance(value, ops.GradOperation) or value is ops.GradOperation:
        return True
    if not isinstance(value, types.FunctionType) or _package(value) != "mindspore":
        return False
    return value.__name__ in _RAW_GRADIENTS or value.__qualname__.startswith("_Grad.")


class _Same:
    """Equal to another only if both hold the very same object, which stays alive meanwhile."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._value is other._value

    __hash__ = None  # type: ignore[assignment]
