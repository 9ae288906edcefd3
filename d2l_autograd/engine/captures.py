"""What a function's result depends on besides its arguments.

MindSpore compiles captured values into the code as constants and never looks at them again: a
global that has changed since is silently ignored. Comparing snapshots tells when to compile anew.
"""

import functools
import hashlib
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

_PLAIN = (type(None), bool, int, float, complex, str, bytes, range, slice)
_FIXED = (
    type,  # its attributes come along, unless it is a library's
    types.CodeType,
    types.BuiltinFunctionType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
    np.ufunc,
)
_SMALL = 4096  # bytes: as quick to compare as to digest
_LIBRARIES = frozenset({"mindspore", "d2l_autograd"})
_NUMERIC = _LIBRARIES | {"numpy"}
_FOREIGN = _NUMERIC | {"builtins", "pybind11_builtins"} | sys.stdlib_module_names
_OF_ANY_CLASS = frozenset({"__dict__", "__weakref__", "__doc__", "__module__", "__qualname__"})
_RAW_GRADIENTS = frozenset({"grad", "value_and_grad", "jacfwd", "jacrev", "jvp", "vjp"})
_UNBOUNDED = frozenset({"eval", "exec", "globals", "vars", "__import__", "import_module"})
_NOT_THERE = object()


class Captures:
    """What fn captures: walked through once, and again only when something is another object.

    Args:
        fn: any callable.
    """

    def __init__(self, fn: Any) -> None:
        self._fn = fn
        self._walk: _Walk | None = None
        self._tokens: tuple[Any, ...] | None = None

    def snapshot(self) -> tuple[Any, ...] | None:
        """Return what fn captures, to be compared with ``==``; None if that cannot be known.

        Equal snapshots mean that compiling fn again would give the same code.
        """
        walk = self._latest()
        if walk.is_known and (self._tokens is None or walk.contents != walk.contents_now()):
            walk.contents = walk.contents_now()
            self._tokens = tuple(map(_token, walk.values))
        return self._tokens

    def need_compiling(self) -> bool:
        """Say whether fn can reach what is right only if all of fn is compiled, strictly.

        That is MindSpore's own gradient functions, which nest wrongly in eager mode, and functions
        compiled by ``ms.jit``, which may be lenient: they hand to Python what is not compilable,
        through which no gradient flows.
        """
        return self._latest().needs_compiling

    def may_hold(self, tensor: ms.Tensor) -> bool:
        """Say whether fn might have reached this very tensor by itself when last looked at."""
        return self._walk is None or not self._walk.is_known or id(tensor) in self._walk.tensors

    def _latest(self) -> "_Walk":
        if self._walk is None or self._walk.has_changed():
            self._walk, self._tokens = _Walk(self._fn), None
        return self._walk


def snapshot(fn: Any) -> tuple[Any, ...] | None:
    """Return the snapshot of what fn captures; see `Captures`."""
    return Captures(fn).snapshot()


def reachable(fn: Any) -> list[Any]:
    """Return what fn can reach: containers and functions taken apart, other objects as they are."""
    return _Walk(fn).values


class _Walk:
    """One walk through what a function reaches.

    Attributes:
        values: what was reached: containers and functions taken apart, other objects as they are.
        is_known: whether all of it can be told from something else.
    """

    def __init__(self, fn: Any) -> None:
        self._seen: dict[int, tuple[int, Any]] = {}  # kept, or another could get the same id
        self._places: list[tuple[Callable[[], Any], Any]] = []
        self._containers: list[tuple[Callable[[], Iterable[Any]], tuple[int, ...]]] = []
        self.values = list(self._reachable(fn))
        self.needs_compiling = any(_is_raw_gradient(v) or _is_compiled(v) for v in self.values)
        self.is_known = all(_is_known(value) for value in self.values)
        self.tensors = {id(value) for value in self.values if isinstance(value, ms.Tensor)}
        self._arrays = [v for v in self.values if isinstance(v, (ms.Tensor, np.ndarray))]
        self.contents: list[Any] | None = None

    def has_changed(self) -> bool:
        """Say whether any name, attribute or container holds another object than it did."""
        for look, value in self._places:
            if look() is not value:
                return True
        return any(tuple(map(id, items())) != ids for items, ids in self._containers)

    def contents_now(self) -> list[Any]:
        """Return the numbers in all tensors and arrays, in a form to be compared."""
        return [_token(array) for array in self._arrays]

    def _held(self, look: Callable[[], Any]) -> Any:
        """Return what a place holds, and watch the place."""
        value = look()
        self._places.append((look, value))
        return value

    def _reachable(self, value: Any) -> Iterator[Any]:
        if _is_taken_apart(value):
            if id(value) in self._seen:
                yield range(self._seen[id(value)][0])  # which of those before it is
                return
            self._seen[id(value)] = len(self._seen), value
        if isinstance(value, types.FunctionType):
            yield from self._reachable_from_function(value)
        elif isinstance(value, types.MethodType):
            yield from self._reachable((value.__func__, value.__self__))
        elif isinstance(value, functools.partial):
            yield from self._reachable((value.func, value.args, value.keywords))
        elif isinstance(value, (staticmethod, classmethod)):
            yield from self._reachable(value.__func__)
        elif isinstance(value, property):
            yield from self._reachable((value.fget, value.fset))
        elif isinstance(value, types.BuiltinFunctionType) and _is_bound(value):
            yield from self._reachable((value.__name__, value.__self__))
        elif isinstance(value, (list, tuple)):
            yield type(value), len(value)
            self._containers.append((partial(iter, value), tuple(map(id, value))))
            for item in value:
                yield from self._reachable(item)
        elif isinstance(value, dict):
            yield dict, len(value)
            self._containers.append((value.values, tuple(map(id, value.values()))))
            for item in value.items():
                yield from self._reachable(item)
        elif _has_attributes(value):
            yield from self._reachable_from_object(value)
        else:
            yield value

    def _reachable_from_function(self, fn: types.FunctionType) -> Iterator[Any]:
        if _is_compiled(fn):
            yield fn
            yield from self._reachable(vars(fn)["__wrapped__"])
        elif hasattr(fn, "differentiates"):
            yield fn.__code__  # a derivative of ours: its kind, its function and positions
            yield from self._reachable(fn.differentiates)
        elif _package(fn) in _LIBRARIES:
            yield fn
        else:
            yield self._held(partial(getattr, fn, "__code__"))
            yield from self._reachable(self._held(partial(getattr, fn, "__defaults__")))
            yield from self._reachable(self._held(partial(getattr, fn, "__kwdefaults__")))
            for cell in fn.__closure__ or ():
                yield from self._reachable(self._held(partial(_contents_of, cell)))
            yield from self._reachable_by_name(fn)

    def _reachable_by_name(self, fn: types.FunctionType) -> Iterator[Any]:
        names = _names(fn.__code__)
        if not _UNBOUNDED.isdisjoint(names):
            yield _NOT_THERE  # it may reach anything
        for name in names:
            value = self._held(partial(fn.__globals__.get, name, _NOT_THERE))
            if value is _NOT_THERE:
                continue
            yield from self._reachable(value)
            if isinstance(value, types.ModuleType) and _is_known(value):
                for attribute in names:
                    found = self._held(partial(vars(value).get, attribute, _NOT_THERE))
                    if found is not _NOT_THERE:
                        yield from self._reachable(found)

    def _reachable_from_object(self, value: Any) -> Iterator[Any]:
        attributes = vars(value)
        self._containers.append((attributes.values, tuple(map(id, attributes.values()))))
        if isinstance(value, type):
            yield value
            passed_over = _OF_ANY_CLASS
        else:
            for cls in type(value).__mro__:
                yield from self._reachable(cls)  # a library's as it is, others with their methods
            passed_over = _of_any_cell() if isinstance(value, ms.nn.Cell) else frozenset()
        for name, attribute in attributes.items():
            if name not in passed_over:
                yield name
                yield from self._reachable(attribute)


def _is_taken_apart(value: Any) -> bool:
    kinds = (types.FunctionType, functools.partial, list, tuple, dict)
    return isinstance(value, kinds) or _has_attributes(value)


def _has_attributes(value: Any) -> bool:
    """Say whether value is an object, or a class, of which everything is known: no library's."""
    if isinstance(value, ms.nn.Cell):
        return True
    cls = value if isinstance(value, type) else type(value)
    return _package(cls) not in _FOREIGN and hasattr(value, "__dict__")


def _is_bound(function: types.BuiltinFunctionType) -> bool:
    return not isinstance(function.__self__, (types.ModuleType, type, type(None)))


def _contents_of(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a name of the enclosing function that is not bound yet
        return _NOT_THERE


@functools.cache
def _of_any_cell() -> frozenset[str]:
    """Return what MindSpore keeps in a Cell for itself."""
    of_the_user = {"_params", "_cells", "_buffers", "_params_list", "training"}
    return frozenset(vars(ms.nn.Cell())) - of_the_user


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
    return Same(value)


def _is_known(value: Any) -> bool:
    """Say whether a token tells value from what differs from it."""
    if value is _NOT_THERE:
        return False
    if isinstance(value, (*_PLAIN, *_FIXED, tuple, ms.Tensor, np.ndarray)) or _is_compiled(value):
        return True
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


class Same:
    """Equal to another only if both hold the very same object, which stays alive meanwhile."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self._value is other._value

    __hash__ = None  # type: ignore[assignment]
