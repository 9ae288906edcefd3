"""The gradients that are checked."""

from collections.abc import Callable, Sequence
from typing import Any

import mindspore as ms
import numpy as np

from d2l_autograd.arguments.checks import described
from d2l_autograd.arguments.trees import tensors
from d2l_autograd.derivatives.gradient import grad
from d2l_autograd.errors import GradientError
from d2l_autograd.gradient_check.points import Array, Input, Point
from d2l_autograd.gradient_check.wide import Wide
from d2l_autograd.mindspore_internals.failures import failures_in_our_words, forget_failures
from d2l_autograd.mindspore_internals.modes import is_graph_mode


class Derivative:
    """The gradient of the function of a point, `grad`'s or another.

    Attributes:
        was_compiled: it was computed in Graph mode.

    Args:
        point: the function and its arguments.
        given: the function that computes it; None for `grad` of the function.
        single: given returns one gradient, not a tuple with one for each position.
    """

    def __init__(
        self, point: Point, given: Callable[..., Any] | None = None, single: bool = False
    ) -> None:
        self._point = point
        self._given = given
        self._single = single
        self.was_compiled = False

    def by_inputs(self) -> list[Array]:
        """Return the gradient by each input."""
        point = self._point
        self.was_compiled = is_graph_mode()
        # grad copies what it is given, and tells a Parameter that is captured as well.
        args, kwargs = point.arguments() if self._given else (point.args, point.kwargs)
        with failures_in_our_words():
            return point.split(self._gradients(args, kwargs))

    def in_float64(self) -> list[Array] | None:
        """Return the same, in eager mode and float64; None where that is not possible.

        What was compiled is another program, whose faults this would not show.
        """
        if self.was_compiled:
            return None
        args, kwargs = self._point.arguments(wide=True)
        try:
            with Wide():
                return self._point.split(self._gradients(args, kwargs))
        except Exception:
            forget_failures()
            return None

    def _gradients(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Sequence[Any]:
        positions = self._point.positions
        if self._given is None:
            return tuple(grad(self._point.fn, positions)(*args, **kwargs))
        found = self._given(*args, **kwargs)
        if self._single:
            return (found,)
        if isinstance(found, (tuple, list)) and len(found) == len(positions):
            return found
        size = f" of {len(found)}" if isinstance(found, (tuple, list)) else ""
        raise GradientError(
            f"gradient returned {described(found)}{size} where {len(positions)} gradients belong: "
            f"one for each of the arguments at the positions {positions}, in a tuple."
        )


def slope_along(point: Point, random: np.random.Generator) -> Callable[..., Any]:
    """Return the derivative of the function along a direction: 1 in the first entry, then ±1."""
    directions = [_signs(part, random, n == 0) for n, part in enumerate(point.inputs)]
    gradient = grad(point.fn, point.positions)

    def slope(*args: Any, **kwargs: Any) -> Any:
        parts = [part for part in tensors(gradient(*args, **kwargs)) if part.size]
        pairs = zip(parts, directions, strict=True)
        return sum((part * signs.astype(part.dtype)).sum() for part, signs in pairs)

    slope.__name__ = f"the slope of {name_of(point.fn)}"  # as errors call it
    return slope


def name_of(fn: Callable[..., Any]) -> str:
    """Return what errors call fn."""
    name = getattr(fn, "__name__", type(fn).__name__)
    return "the lambda" if name == "<lambda>" else name


def _signs(part: Input, random: np.random.Generator, is_first: bool) -> ms.Tensor:
    signs = np.array(random.choice([-1.0, 1.0], part.at.shape))
    if is_first:
        signs.flat[0] = 1.0
    return ms.Tensor(signs)
