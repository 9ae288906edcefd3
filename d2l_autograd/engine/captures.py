"""What a function depends on besides its arguments.

A compiled program answers without running the function's Python. It may do so as long as every
name, attribute and container that this Python looks at holds what it held, and no longer. Tensors
are taken as inputs of the program, so that only their number matters here.
"""

import collections
import dis
import functools
import hashlib
import operator
import sys
import types
import weakref
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import mindspore as ms
import numpy as np

_PLAIN = (type(None), bool, int, float, complex, str, bytes, range, slice)
_FIXED = (
    type,  # its attributes come along, unless it is a library's
    types.CodeType,
    types.BuiltinFunctionType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
    type(vars(collections.namedtuple("_", "field"))["field"]),
    np.ufunc,
)
_SMALL = 4096  # bytes: as quick to compare as to digest
_OURS = "d2l_autograd"
_NUMERIC = frozenset({"mindspore", _OURS, "numpy"})
_FOREIGN = _NUMERIC | {"builtins", "pybind11_builtins"} | sys.stdlib_module_names
_OF_ANY_CLASS = frozenset({"__dict__", "__weakref__", "__doc__", "__module__", "__qualname__"})
_WITHOUT_EFFECT = frozenset(
    ("_abc", "_collections", "_collections_abc", "_functools", "_operator", "abc", "bisect")
    + ("builtins", "cmath", "collections", "contextlib", "copy", "dataclasses", "decimal", "enum")
    + ("fractions", "functools", "itertools", "math", "numbers", "operator", "types", "typing")
)
"""Modules of Python's library whose functions and classes do nothing but compute."""
_OUTSIDE = frozenset(
    ("__import__", "breakpoint", "eval", "exec", "globals", "import_module", "input", "open")
    + ("print", "vars")
)
_UNSTEADY = ("random", "numpy.random", "secrets", "uuid", "time", "datetime", "mindspore.dataset")
_FILES_AND_SEEDS = frozenset(
    ("fromfile", "genfromtxt", "load", "load_checkpoint", "load_mindir", "load_param_into_net")
    + ("loadtxt", "manual_seed", "save", "save_checkpoint", "savetxt", "savez")
    + ("savez_compressed", "set_seed")
)
"""Functions of MindSpore and NumPy that read or write what is outside of the function."""
_OF_GLOBALS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "DELETE_GLOBAL"})
_NOT_THERE = object()


class Captures:
    """What a function captures: walked through once, and again only when something is another.

    Attributes:
        tensors: all tensors among it, each once, in the order in which they were reached.

    Args:
        fn: any callable.
    """

    def __init__(self, fn: Any) -> None:
        self._fn = fn
        self._walk: _Walk | None = None
        self._tokens: tuple[Any, ...] | None = None

    def snapshot(self) -> tuple[Any, ...] | None:
        """Return what fn captures, to be compared with ``==``; None if that cannot be known.

        Equal snapshots mean that fn's Python would do the same, for equal tensors.
        """
        walk = self._walk
        if walk is None or walk.has_changed():
            walk = self._walk = _Walk(self._fn)
            self._tokens = None
        if walk.is_known and (self._tokens is None or walk.contents != walk.contents_now()):
            walk.contents = walk.contents_now()
            self._tokens = tuple(map(_token, walk.values))
        return self._tokens

    def unchanged(self) -> Callable[[], bool]:
        """Return a function that says whether fn still captures what it does now.

        Also the same tensors: one in the place of another was left there by fn's Python.
        """
        before, tensors = self.snapshot(), self.tensors

        def is_unchanged() -> bool:
            return self.snapshot() == before and all(map(operator.is_, self.tensors, tensors))

        return is_unchanged

    @property
    def tensors(self) -> list[ms.Tensor]:  # noqa: D102  # see above
        return self._walk.tensors if self._walk else []


def snapshot(fn: Any) -> tuple[Any, ...] | None:
    """Return the snapshot of what fn captures; see `Captures`."""
    return Captures(fn).snapshot()


def reachable(fn: Any) -> list[Any]:
    """Return what fn can reach: containers and functions taken apart, other objects as they are."""
    return _Walk(fn).values


def captured_tensors(fn: Any) -> list[ms.Tensor]:
    """Return the tensors that fn can reach, Parameters of Cells among them."""
    return _Walk(fn).tensors


class _Walk:
    """One walk through what a function reaches.

    Attributes:
        values: what was reached: containers and functions taken apart, other objects as they are.
        tensors: those among it, which count by their number.
        is_known: whether all of it can be told from something else.
    """

    def __init__(self, fn: Any) -> None:
        self._seen: dict[int, tuple[int, Any]] = {}  # kept, or another could get the same id
        self._places: list[tuple[Callable[[], Any], Any]] = []
        self._containers: list[tuple[Callable[[], Iterable[Any]], tuple[int, ...]]] = []
        self._numbers: dict[int, int] = {}
        self.tensors: list[ms.Tensor] = []
        self.values = list(self._reachable(fn))
        self.is_known = all(_is_known(value) for value in self.values)
        self._arrays = [value for value in self.values if isinstance(value, np.ndarray)]
        self.contents: list[Any] | None = None

    def has_changed(self) -> bool:
        """Say whether any name, attribute or container holds another object than it did."""
        for look, value in self._places:
            if look() is not value:
                return True
        return any(tuple(map(id, items())) != ids for items, ids in self._containers)

    def contents_now(self) -> list[Any]:
        """Return the numbers in all arrays, in a form to be compared."""
        return [_contents(array) for array in self._arrays]

    def _held(self, look: Callable[[], Any]) -> Any:
        """Return what a place holds, and watch the place."""
        value = look()
        self._places.append((look, value))
        return value

    def _reachable(self, value: Any) -> Iterator[Any]:
        if isinstance(value, ms.Tensor):
            yield self._number_of(value)
            return
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
        elif _package(type(value)) == _OURS:
            yield type(value)  # what was made of the rest
        else:
            yield value

    def _number_of(self, tensor: ms.Tensor) -> tuple[type, int]:
        number = self._numbers.setdefault(id(tensor), len(self.tensors))
        if number == len(self.tensors):
            self.tensors.append(tensor)
        return type(tensor), number

    def _reachable_from_function(self, fn: types.FunctionType) -> Iterator[Any]:
        if hasattr(fn, "__wrapped_by_jit__"):
            yield from self._reachable(vars(fn)["__wrapped__"])
            return
        package = _package(fn)
        if package == "mindspore" and fn.__closure__:
            yield _NOT_THERE  # made by MindSpore around other functions
        elif package in _NUMERIC and not (package == _OURS and fn.__closure__):
            yield fn
        elif package in _WITHOUT_EFFECT and not fn.__closure__:
            yield fn.__code__
        else:
            held = _looked_at if package == _OURS else self._held  # ours stays as it is
            yield held(partial(getattr, fn, "__code__"))
            yield from self._reachable(held(partial(getattr, fn, "__defaults__")))
            yield from self._reachable(held(partial(getattr, fn, "__kwdefaults__")))
            names = _names(fn.__code__).attributes
            for cell in fn.__closure__ or ():
                yield from self._reachable_in_module(held(partial(_contents_of, cell)), names)
            if package != _OURS:
                yield from self._reachable(vars(fn))
                yield from self._reachable_by_name(fn)

    def _reachable_by_name(self, fn: types.FunctionType) -> Iterator[Any]:
        names = _names(fn.__code__)
        for name in names.globals:
            value = self._held(partial(fn.__globals__.get, name, _NOT_THERE))
            if value is not _NOT_THERE:
                yield from self._reachable_in_module(value, names.attributes)
            elif name in _OUTSIDE:
                yield _NOT_THERE  # it may reach anything
        for name in names.imports:
            module = sys.modules.get(name, _NOT_THERE)
            yield from self._reachable_in_module(module, names.attributes)

    def _reachable_in_module(self, value: Any, names: Iterable[str]) -> Iterator[Any]:
        """Yield what code with these attribute names reaches by a name that holds value."""
        if not isinstance(value, types.ModuleType) or _is_unsteady(value):
            yield from self._reachable(value)
        elif id(value) not in self._seen:
            self._seen[id(value)] = len(self._seen), value
            for attribute in names:
                found = self._held(partial(vars(value).get, attribute, _NOT_THERE))
                if found is not _NOT_THERE:
                    yield from self._reachable_in_module(found, names)
            del self._seen[id(value)]

    def _reachable_from_object(self, value: Any) -> Iterator[Any]:
        attributes = vars(value)
        self._held(attributes.__len__)
        if isinstance(value, type):
            yield value
            passed_over = _OF_ANY_CLASS
        else:
            for cls in type(value).__mro__:
                yield from self._reachable(cls)  # a library's as it is, others with their methods
            passed_over = _of_any_cell() if isinstance(value, ms.nn.Cell) else frozenset()
        for name in [name for name in attributes if name not in passed_over]:
            held = self._held(partial(attributes.get, name, _NOT_THERE))
            if name in _hooks_of_any_cell():
                held = held or {}  # which MindSpore makes of None when the Cell is first called
            yield name
            yield from self._reachable(held)


def _is_taken_apart(value: Any) -> bool:
    kinds = (types.FunctionType, functools.partial, list, tuple, dict)
    return isinstance(value, kinds) or _has_attributes(value)


def _has_attributes(value: Any) -> bool:
    """Say whether value is an object, or a class, of which everything is known: no library's."""
    if isinstance(value, ms.nn.Cell):
        return True
    cls = value if isinstance(value, type) else type(value)
    return _package(cls) not in _FOREIGN and hasattr(value, "__dict__")


def _looked_at(look: Callable[[], Any]) -> Any:
    return look()


def _is_bound(function: types.BuiltinFunctionType) -> bool:
    return not isinstance(function.__self__, (types.ModuleType, type, type(None)))


def _contents_of(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a name of the enclosing function that is not bound yet
        return _NOT_THERE


@functools.cache
def _of_any_cell() -> frozenset[str]:
    """Return what MindSpore keeps in a Cell for itself: not its contents, and not the hooks."""
    of_the_user = {"_params", "_cells", "_buffers", "_params_list", "training"}
    return frozenset(vars(ms.nn.Cell())) - of_the_user - _hooks_of_any_cell()


@functools.cache
def _hooks_of_any_cell() -> frozenset[str]:
    names = vars(ms.nn.Cell())
    return frozenset(name for name in names if "forward" in name or "backward" in name)


class _Names(NamedTuple):
    globals: tuple[str, ...]
    attributes: tuple[str, ...]
    imports: tuple[str, ...]


_known_names: weakref.WeakKeyDictionary[types.CodeType, _Names] = weakref.WeakKeyDictionary()


def _names(code: types.CodeType) -> _Names:
    """Return the names in code and in the functions that it defines, texts as attribute names."""
    if code not in _known_names:
        found: tuple[dict[str, None], ...] = {}, {}, {}
        _find_names(code, *found)
        _known_names[code] = _Names(*map(tuple, found))
    return _known_names[code]


def _find_names(code: types.CodeType, globals: Any, attributes: Any, imports: Any) -> None:
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            imports[instruction.argval] = None
        elif instruction.opname in _OF_GLOBALS:
            globals[instruction.argval] = None
    attributes.update(dict.fromkeys(code.co_names))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            _find_names(constant, globals, attributes, imports)
        elif isinstance(constant, str) and constant.isidentifier():
            attributes[constant] = None


def _token(value: Any) -> Any:
    """Return something that equals another token when the values are interchangeable."""
    if isinstance(value, _PLAIN):
        return type(value), repr(value)
    if isinstance(value, np.ndarray):
        return "array", _contents(value)
    if isinstance(value, np.generic):
        return type(value), repr(value)
    if isinstance(value, tuple) and isinstance(value[0], type):  # a container's type and length
        return SameObject(value[0]), value[1]
    return SameObject(value)


def _is_known(value: Any) -> bool:
    """Say whether a token tells value from what differs from it."""
    if value is _NOT_THERE or _is_unsteady(value):
        return False
    if hasattr(value, "__next__") and not isinstance(value, type):
        return False  # it is at another place after each look
    if isinstance(value, (type, types.BuiltinFunctionType)) and _may_have_effects(value):
        return False
    if isinstance(value, (*_PLAIN, *_FIXED, tuple, np.ndarray)):
        return True
    if isinstance(value, types.ModuleType):
        return _package_of_module(value) in _NUMERIC | _WITHOUT_EFFECT
    held = getattr(value, "__dict__", {}).values() if not isinstance(value, type) else ()
    if any(isinstance(attribute, (ms.Tensor, ms.nn.Cell)) for attribute in held):
        return False
    return _package(value) in _NUMERIC


def _may_have_effects(value: Any) -> bool:
    """Say whether a built-in function or a class of Python's library may do more than compute."""
    package = _package(value)
    if package == "builtins":
        return value.__name__ in _OUTSIDE
    return package in sys.stdlib_module_names and package not in _WITHOUT_EFFECT


def _is_unsteady(value: Any) -> bool:
    """Say whether a library's value gives another answer each time."""
    if isinstance(value, types.ModuleType):
        name = value.__name__
    else:
        name = str(getattr(value, "__module__", None) or type(value).__module__)
        if name.partition(".")[0] in _NUMERIC and (
            getattr(value, "__name__", None) in _FILES_AND_SEEDS
        ):
            return True
    return any(name == one or name.startswith(one + ".") for one in _UNSTEADY)


def _contents(array: np.ndarray[Any, Any]) -> tuple[Any, ...]:
    contents = array.tobytes()
    if len(contents) > _SMALL:
        contents = hashlib.blake2b(contents).digest()
    return array.shape, array.dtype.str, contents


def _package(value: Any) -> str:
    """Return the name of the package that a function, a class or an object's class is from."""
    module = getattr(value, "__module__", None) or type(value).__module__
    return str(module).partition(".")[0]


def _package_of_module(module: types.ModuleType) -> str:
    return module.__name__.partition(".")[0]


class SameObject:
    """Equal to another only if both hold the very same object, and that is still alive."""

    def __init__(self, value: Any) -> None:
        self._value: Callable[[], Any]
        try:
            self._value = weakref.ref(value)
        except TypeError:  # of a kind that nobody can refer to weakly
            self._value = lambda: value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SameObject):
            return False
        value = self._value()
        return value is not None and value is other._value()

    __hash__ = None  # type: ignore[assignment]
