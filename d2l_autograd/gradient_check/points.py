"""A function at a point: the floating-point inputs as arrays that can be moved."""

import copy
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import mindspore as ms
import numpy as np
from numpy.typing import NDArray

from d2l_autograd.arguments.checks import FLOATS, require_argnums, require_given, require_scalar
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.failures import forget_failures, reason

Array = NDArray[np.float64]
Path = tuple[Any, ...]  # a position, then the keys that lead to a part of that argument


@dataclass(frozen=True)
class Input:
    """A floating-point tensor among the arguments: what the derivatives are taken by."""

    path: Path
    name: str
    at: Array
    dtype: Any


class Point:
    """fn with its arguments, of which those at argnums hold the inputs.

    Args:
        fn: a function of tensors that returns one floating-point number.
        args: its positional arguments: tensors, NumPy arrays, Python floats, and nested tuples,
            lists and dicts of them.
        kwargs: its keyword arguments.
        argnums: the positions of the inputs, or None for all that hold floating-point numbers.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: int | tuple[int, ...] | None,
    ) -> None:
        self.fn = self.given = fn
        self._args = args
        self._kwargs = kwargs
        self.positions = _positions(args, argnums)
        self.inputs = _inputs(fn, args, self.positions)

    def replacing(self, fn: Callable[..., Any]) -> "Point":
        """Return this point with another function, made from the one that was given."""
        other = copy.copy(self)
        other.fn = fn
        return other

    def direction(self, random: np.random.Generator) -> tuple[Any, ...]:
        """Return a direction for each position: 1 in the first entry of all, then ±1."""
        first = True

        def signs(path: Path, leaf: Any) -> Any:
            nonlocal first
            if not _is_floating(leaf):
                return None
            entries = random.choice([-1.0, 1.0], _array(leaf).shape)
            if first and entries.size:
                entries.flat[0], first = 1.0, False
            return ms.Tensor(entries, _dtype(leaf))

        return tuple(_mapped(self._args[position], signs) for position in self.positions)

    def arguments(
        self, dtype: Any = None, moved: tuple[Input, Array] | None = None
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return new tensors to call the function with.

        Args:
            dtype: the type of all floating-point tensors; None for the types that were given.
            moved: an input and the array to use in its place.
        """

        def tensor(path: Path, leaf: Any) -> Any:
            if not _is_floating(leaf):
                return ms.Tensor(leaf) if isinstance(leaf, (np.ndarray, np.generic)) else leaf
            given = moved[1] if moved and moved[0].path == path else _array(leaf)
            return ms.Tensor(given.copy(), dtype or _dtype(leaf))

        return _mapped(self._args, tensor), _mapped(self._kwargs, tensor, ("keywords",))

    def value(self, dtype: Any = None, moved: tuple[Input, Array] | None = None) -> Any:
        """Return what the function returns, a tensor with one floating-point element."""
        args, kwargs = self.arguments(dtype, moved)
        return require_scalar(self.fn(*args, **kwargs))

    def split(self, gradients: Sequence[Any]) -> list[Array]:
        """Return the gradient by each input, given those by the arguments at the positions."""
        by_position = dict(zip(self.positions, gradients, strict=True))
        return [_gradient(by_position, part) for part in self.inputs]

    def first_value(self) -> Any:
        """Return the value at the point, or say why the function cannot be checked."""
        args, kwargs = self.arguments()
        with without_stack("The function"):
            value = require_scalar(self.fn(*args, **kwargs))
            self._require_unchanged(args)
        return value

    def _require_unchanged(self, args: tuple[Any, ...]) -> None:
        changed = [
            part.name
            for part in self.inputs
            if not np.array_equal(_array(_at(args, part.path)), part.at, equal_nan=True)
        ]
        if changed:
            raise GradientError(
                f"The function changes {' and '.join(changed)} in place, and the gradient of what "
                "was overwritten is lost. Compute a new tensor instead of assigning to one that "
                "was passed in."
            )


@contextmanager
def without_stack(what: str) -> Iterator[None]:
    """Leave MindSpore's C++ stack out of an error in the block."""
    try:
        yield
    except Exception as error:
        if "C++ Call Stack" not in str(error):
            raise
        forget_failures()
        raise GradientError(f"{what} cannot be computed here: {reason(error)}") from None


def _positions(args: tuple[Any, ...], argnums: int | tuple[int, ...] | None) -> tuple[int, ...]:
    if argnums is not None:
        positions = require_argnums(argnums)
        require_given(positions, len(args))
        return positions
    floating = tuple(n for n, arg in enumerate(args) if _floating_leaves(arg))
    if floating:
        return floating
    raise GradientError(
        "None of the arguments holds floating-point numbers, so there is nothing to differentiate "
        "by. Pass the point at which to check after the function: check_grads(f, x)."
    )


def _inputs(
    fn: Callable[..., Any], args: tuple[Any, ...], positions: tuple[int, ...]
) -> list[Input]:
    names = _argument_names(fn, len(args))
    return [
        Input(
            path=(position, *path),
            name=names[position] + "".join(f"[{key!r}]" for key in path),
            at=_array(leaf),
            dtype=_dtype(leaf),
        )
        for position in positions
        for path, leaf in _floating_leaves(args[position])
        if _array(leaf).size
    ]


def _argument_names(fn: Callable[..., Any], count: int) -> list[str]:
    try:
        # A Cell shows a signature of its own, that of construct is the one that counts.
        parameters = inspect.signature(getattr(fn, "construct", fn)).parameters.values()
    except (TypeError, ValueError):
        parameters = ()  # type: ignore[assignment]
    named = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [parameter.name for parameter in parameters if parameter.kind in named]
    return [*names, *(f"argument {n}" for n in range(len(names), count))]


def _gradient(by_position: dict[int, Any], part: Input) -> Array:
    found = _at(by_position, part.path)
    if found is None:
        raise GradientError(f"The gradient by {part.name} is None. Return zeros where it is zero.")
    gradient = _array(found)
    if gradient.shape != part.at.shape:
        raise GradientError(
            f"The gradient by {part.name} has shape {gradient.shape}, and {part.name} has shape "
            f"{part.at.shape}. A gradient has the shape of the input."
        )
    return gradient


def _floating_leaves(tree: Any) -> list[tuple[Path, Any]]:
    found = []

    def note(path: Path, leaf: Any) -> None:
        if _is_floating(leaf):
            found.append((path, leaf))

    _mapped(tree, note)
    return found


def _mapped(tree: Any, change: Callable[[Path, Any], Any], path: Path = ()) -> Any:
    """Return the same containers with every leaf changed."""
    if isinstance(tree, dict):
        return {key: _mapped(part, change, (*path, key)) for key, part in tree.items()}
    if not isinstance(tree, (tuple, list)):
        return change(path, tree)
    parts = [_mapped(part, change, (*path, index)) for index, part in enumerate(tree)]
    return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)


def _at(tree: Any, path: Path) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def _is_floating(leaf: Any) -> bool:
    if isinstance(leaf, ms.Tensor):
        return leaf.dtype in FLOATS
    if isinstance(leaf, (np.ndarray, np.generic)):
        return bool(np.issubdtype(leaf.dtype, np.floating))
    return isinstance(leaf, float)


def _dtype(leaf: Any) -> Any:
    if isinstance(leaf, ms.Tensor):
        return leaf.dtype
    return ms.float32 if type(leaf) is float else ms.Tensor(leaf).dtype


def _array(leaf: Any) -> Array:
    """Return the numbers of leaf, as the function gets them."""
    if isinstance(leaf, ms.Tensor):
        return np.array(leaf.astype(ms.float64).asnumpy())
    if type(leaf) is float:
        leaf = np.float32(leaf)
    return np.array(leaf, np.float64)
