"""What a solution is made of: a derivative, its arguments, and the answer as NumPy arrays."""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.problems import Arrays

Call = Callable[[], Arrays]
Solution = Callable[..., Call]
Solutions = dict[str, dict[str, Solution]]
WEIGHTS = (0, 1, 2, 3)  # the positions of the network's weights
NAMES = ("a", "r", "c")  # of the parameters of a fit


def gradients(grad: Callable[..., Any], functions: Any) -> dict[str, Callable[..., Any]]:
    """Return the gradient of each kind of problem that asks for one, in a library's words.

    Args:
        grad: makes the gradient of a function, by the first argument or by positions.
        functions: the module of functions for the library's tensors.
    """
    return {
        "square": grad(functions.square),
        "chain": grad(functions.chain),
        "branches": grad(functions.branches),
        "network": grad(functions.network, WEIGHTS),
    }


def of_named(derivative: Callable[..., Any]) -> Callable[..., tuple[Any, ...]]:
    """Return the derivative by a dict of parameters, which are given one by one; its blocks."""

    def blocks(a: Any, r: Any, c: Any, t: Any, y: Any) -> tuple[Any, ...]:
        found = derivative({"a": a, "r": r, "c": c}, t, y)
        return tuple(found[row][column] for row in NAMES for column in NAMES)

    return blocks


def solved(
    derivative: Callable[..., Any],
    to_library: Callable[[Any], Any],
    to_numpy: Callable[[Any], Any],
) -> Solution:
    """Return the solution that calls the derivative with the arrays in the library's form.

    The form is made once, before the time is taken; NumPy arrays are asked for at each call,
    which waits for the end of what a library computes in the background.
    """

    def solution(*arrays: Any) -> Call:
        arguments = [to_library(array) for array in arrays]

        def call() -> Arrays:
            answer = derivative(*arguments)
            parts: Sequence[Any] = answer if isinstance(answer, (tuple, list)) else (answer,)
            return tuple([to_numpy(part) for part in parts])

        return call

    return solution
