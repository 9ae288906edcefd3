"""The gradients that are checked, in each mode that can compute them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import mindspore as ms

from d2l_autograd.derivatives.gradient import grad
from d2l_autograd.errors import GradientError
from d2l_autograd.gradient_check.points import Array, Point, without_stack
from d2l_autograd.mindspore_internals.failures import forget_failures

MODES = {"eager": ms.PYNATIVE_MODE, "graph": ms.GRAPH_MODE}


@contextmanager
def in_mode(mode: str) -> Iterator[None]:
    """Run the block in eager or Graph mode."""
    before = ms.get_context("mode")
    if before != MODES[mode]:
        ms.set_context(mode=MODES[mode])
    try:
        yield
    finally:
        if before != MODES[mode]:
            ms.set_context(mode=before)


def require_modes(modes: Any) -> tuple[str, ...] | None:
    """Return modes as a tuple of names; None stands for whichever can be used."""
    if modes is None:
        return None
    names = (modes,) if isinstance(modes, str) else tuple(modes)
    if not names or not set(names) <= MODES.keys() or len(set(names)) < len(names):
        raise GradientError(
            f'modes is {modes!r:.60}. Write modes="eager", modes="graph" or modes=("eager", '
            '"graph"), or leave it out: then Graph mode is checked if it can run the function.'
        )
    return names


def gradients(
    point: Point, gradient: Callable[..., Any], modes: tuple[str, ...] | None
) -> dict[str, list[Array]]:
    """Return the gradient by each input, for each mode.

    Args:
        point: the function and its arguments.
        gradient: takes the arguments and returns a tuple of gradients, one for each position.
        modes: the modes to use; None for eager mode and, if it can run the function, Graph mode.
    """
    found = {}
    for mode in modes or MODES:
        args, kwargs = point.arguments()
        try:
            with in_mode(mode), without_stack("The gradient"):
                found[mode] = point.split(gradient(*args, **kwargs))
        except Exception:
            if modes is None and mode == "graph":
                forget_failures()
                continue
            raise
    return found


def gradient_of(
    point: Point, given: Callable[..., Any] | None, single: bool
) -> Callable[..., tuple[Any, ...]]:
    """Return what computes the gradients that are to be checked, one for each position.

    Args:
        point: the function and its arguments.
        given: the gradient function to check; None for `grad` of the function.
        single: given returns one gradient, not a tuple.
    """
    if given is None:
        return grad(point.fn, point.positions)
    count = len(point.positions)

    def tupled(*args: Any, **kwargs: Any) -> tuple[Any, ...]:
        found = given(*args, **kwargs)
        if single:
            return (found,)
        if isinstance(found, (tuple, list)) and len(found) == count:
            return tuple(found)
        raise GradientError(
            f"gradient returned {_described(found)} where {count} gradients belong: one for each "
            f"of the arguments at the positions {point.positions}, in a tuple."
        )

    return tupled


def slope_along(
    fn: Callable[..., Any], positions: tuple[int, ...], directions: Sequence[Any]
) -> Callable[..., Any]:
    """Return the derivative of fn along a direction, itself a function that can be compiled.

    Args:
        fn: a function of tensors.
        positions: the positions of the arguments to move.
        directions: for each of them a direction, in the structure of the argument.
    """
    gradient = grad(fn, positions)

    def slope(*args: Any, **kwargs: Any) -> Any:
        return _product(gradient(*args, **kwargs), directions)

    slope.__name__ = f"the slope of {name_of(fn)}"  # as errors call it
    return slope


def name_of(fn: Callable[..., Any]) -> str:
    """Return what errors call fn."""
    name = getattr(fn, "__name__", type(fn).__name__)
    return "the lambda" if name == "<lambda>" else name


def _product(gradient: Any, direction: Any) -> Any:
    """Return the sum of the products of their entries."""
    if isinstance(direction, ms.Tensor):
        return (gradient * direction.astype(gradient.dtype)).sum()
    total = 0.0
    if isinstance(direction, dict):
        for key in direction:
            total = total + _product(gradient[key], direction[key])
    elif isinstance(direction, (tuple, list)):
        for index in range(len(direction)):
            total = total + _product(gradient[index], direction[index])
    return total


def _described(found: Any) -> str:
    size = f" of {len(found)}" if isinstance(found, (tuple, list)) else ""
    return f"a {type(found).__name__}{size}"
