"""Backward rules of operators that other operators can compute as well, if more slowly."""

from collections.abc import Callable, Sequence
from typing import Any

from mindspore import Tensor

from d2l_autograd.arguments.checks import FLOATS
from d2l_autograd.engine.rules.table import Rule


def composed(fn: Callable[..., Any]) -> Rule:
    """Return the rule of an operator whose first or only result fn computes from its inputs."""

    def joint(by_out: Any, out: Any, *inputs: Any) -> Sequence[Any]:
        return pulled_back(fn, by_out[0] if isinstance(by_out, list) else by_out, inputs)

    return Rule(joint=joint)


def pulled_back(fn: Callable[..., Any], by_out: Tensor, inputs: Sequence[Any]) -> list[Any]:
    """Run fn, and return the gradient by each input, None for one that is not of floats."""
    from d2l_autograd.engine.levels import Level  # which needs the rules

    floats = [place for place, x in enumerate(inputs) if _is_float(x)]
    with Level() as level:
        own = list(inputs)
        for place in floats:
            own[place] = level.input(inputs[place])
        found = level.pull_back([(fn(*own), by_out)])
    gradients: list[Any] = [None] * len(inputs)
    for place, gradient in zip(floats, found, strict=True):
        gradients[place] = gradient
    return gradients


def _is_float(given: Any) -> bool:
    return isinstance(given, Tensor) and given.dtype in FLOATS
