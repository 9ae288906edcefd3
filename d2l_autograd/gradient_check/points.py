"""A function at a point: the floating-point inputs as arrays that can be moved."""

import copy
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import mindspore as ms
import numpy as np
from numpy.typing import NDArray

from d2l_autograd.arguments.checks import (
    FLOATS,
    as_constant,
    described,
    in_order,
    require_argnums,
    require_given,
    require_scalar,
)
from d2l_autograd.arguments.trees import leaves, mapped, named_leaves
from d2l_autograd.errors import GradientError
from d2l_autograd.gradient_check.wide import AsGiven, Wide
from d2l_autograd.mindspore_internals.failures import failures_in_our_words

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Input:
    """A floating-point tensor among the arguments: what the derivatives are taken by.

    Attributes:
        position: that of the argument.
        place: its number among the leaves of all arguments.
        name: what errors call it: ``weights['w'][0]``.
        at: its numbers.
        dtype: its type.
    """

    position: int
    place: int
    name: str
    at: Array
    dtype: Any


class Point:
    """fn with its arguments, of which those at argnums hold the inputs.

    Args:
        fn: a function of tensors that returns one floating-point number.
        args: its positional arguments: tensors, NumPy arrays, Python floats, and nested containers
            of them.
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
        if argnums is not None:
            args, kwargs = in_order(fn, require_argnums(argnums), args, kwargs)
        self.args, self.kwargs = args, kwargs
        self.positions = _positions(args, argnums)
        self.inputs = sorted(self._inputs(), key=lambda part: self.positions.index(part.position))

    def replacing(self, fn: Callable[..., Any]) -> "Point":
        """Return this point with another function, made from the one that was given."""
        other = copy.copy(self)
        other.fn = fn
        return other

    def arguments(
        self, wide: bool = False, moved: tuple[Input, Array] | None = None
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return new tensors to call the function with.

        Args:
            wide: all of them that hold floating-point numbers are float64.
            moved: an input and the array to use in its place.
        """
        numbers = count()
        inputs = {part.place for part in self.inputs}

        def tensor(leaf: Any) -> Any:
            place = next(numbers)
            if not _is_floating(leaf) or (type(leaf) is float and place not in inputs):
                return as_constant(leaf)
            given = moved[1] if moved and moved[0].place == place else _array(leaf)
            return ms.Tensor(given.copy(), ms.float64 if wide else _dtype(leaf))

        args, kwargs = mapped(tensor, (self.args, self.kwargs))
        return args, kwargs

    def value(self, wide: bool = False, moved: tuple[Input, Array] | None = None) -> Any:
        """Return what the function returns, a tensor with one floating-point element.

        Args:
            wide: compute it in float64.
            moved: an input and the array to use in its place.
        """
        args, kwargs = self.arguments(wide, moved)
        with Wide() if wide else AsGiven():
            return require_scalar(self.fn(*args, **kwargs))

    def split(self, gradients: Sequence[Any]) -> list[Array]:
        """Return the gradient by each input, given those by the arguments at the positions."""
        found = {
            name: leaf
            for position, gradient in zip(self.positions, gradients, strict=True)
            for name, leaf in named_leaves(gradient, self._names()[position])
        }
        return [_gradient(found, part) for part in self.inputs]

    def first_value(self) -> Any:
        """Return the value at the point, or say why the function cannot be checked."""
        args, kwargs = self.arguments()
        with failures_in_our_words(), AsGiven():
            value = require_scalar(self.fn(*args, **kwargs))
            value.asnumpy()
            self._require_unchanged((args, kwargs))
        return value

    def _inputs(self) -> Iterator[Input]:
        places = count()
        for position, (name, arg) in enumerate(zip(self._names(), self.args, strict=False)):
            for part, leaf in named_leaves(arg, name):
                place = next(places)
                if position in self.positions and _is_floating(leaf) and _array(leaf).size:
                    yield Input(position, place, part, _array(leaf), _dtype(leaf))

    def _names(self) -> list[str]:
        """Return what errors call the arguments."""
        try:
            # A Cell shows a signature of its own, that of construct is the one that counts.
            parameters = inspect.signature(getattr(self.given, "construct", self.given)).parameters
        except (TypeError, ValueError):
            parameters = {}  # type: ignore[assignment]
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        names = [name for name, parameter in parameters.items() if parameter.kind in kinds]
        return [*names, *(f"argument {n}" for n in range(len(names), len(self.args)))]

    def _require_unchanged(self, arguments: Any) -> None:
        now = leaves(arguments)
        changed = [
            part.name
            for part in self.inputs
            if not np.array_equal(_array(now[part.place]), part.at, equal_nan=True)
        ]
        if changed:
            raise GradientError(
                f"The function changes {' and '.join(changed)} in place, and the gradient of what "
                "was overwritten is lost. Compute a new tensor instead of assigning to one that "
                "was passed in."
            )


def _positions(args: tuple[Any, ...], argnums: int | tuple[int, ...] | None) -> tuple[int, ...]:
    if argnums is not None:
        return require_given(require_argnums(argnums), len(args))
    floating = tuple(n for n, arg in enumerate(args) if any(map(_is_floating, leaves(arg))))
    if floating:
        return floating
    raise GradientError(
        "None of the arguments holds floating-point numbers, so there is nothing to differentiate "
        "by. Pass the point at which to check after the function: check_grads(f, x)."
    )


def _gradient(found: dict[str, Any], part: Input) -> Array:
    """Return the gradient by an input, given those by name."""
    if part.name not in found:
        raise GradientError(
            f"There is no gradient by {part.name}: those found are by {', '.join(found)}. Return "
            "the gradient by a container in a container like it."
        )
    leaf = found[part.name]
    if leaf is None:
        raise GradientError(f"The gradient by {part.name} is None. Return zeros where it is zero.")
    if not isinstance(leaf, (ms.Tensor, np.ndarray, np.generic, float, int)):
        raise GradientError(
            f"The gradient by {part.name} is {described(leaf)}. Return a tensor, an array or a "
            "number."
        )
    gradient = _array(leaf)
    if gradient.shape != part.at.shape:
        raise GradientError(
            f"The gradient by {part.name} has shape {gradient.shape}, and {part.name} has shape "
            f"{part.at.shape}. A gradient has the shape of the input."
        )
    return gradient


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
