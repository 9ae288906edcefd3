"""MindSpore's own backward rules, for operators that have none in the table.

MindSpore differentiates the operator by itself. Its rule runs as operators, which are recorded like
any others, so that the derivative has derivatives as well.
"""

from typing import Any

import mindspore as ms
from mindspore import ops

from d2l_autograd.arguments.checks import FLOATS
from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.table import Rule
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.primitives import primitive_named

Tensor = ms.Tensor
Place = tuple[int, int | None]


def borrowed(node: Node) -> Rule:
    """Return the backward rule that MindSpore has for the operator of a node."""
    primitive = node.primitive or primitive_named(node.name)
    if primitive is None:
        raise GradientError(
            f"The operator {node.name} has no backward rule. Write it in other operators that "
            "compute the same, or hold its result constant with d2l_autograd.detach."
        )
    found: dict[Place, Any] = {}

    def compute(by_out: Any, inputs: tuple[Any, ...]) -> None:
        places = list(_places(inputs))
        tensors = [_at(inputs, place) for place in places]

        def run(*tensors: Any) -> Any:
            return primitive(*_with(inputs, dict(zip(places, tensors, strict=True))))

        seed = tuple(by_out) if isinstance(by_out, list) else by_out
        gradients = ops.GradOperation(get_all=True, sens_param=True)(run)(*tensors, seed)
        found.update(zip(places, gradients, strict=True))

    def product(place: int) -> Any:
        def by_input(by_out: Any, out: Any, *inputs: Any) -> Any:
            if not found:
                compute(by_out, inputs)
            if isinstance(inputs[place], (tuple, list)):
                return [found.get((place, index)) for index in range(len(inputs[place]))]
            return found.get((place, None))

        return by_input

    return Rule(tuple(map(product, range(len(node.inputs)))))


def _places(inputs: tuple[Any, ...]) -> Any:
    for place, given in enumerate(inputs):
        if isinstance(given, Tensor):
            if given.dtype in FLOATS:
                yield place, None
        elif type(given) in (tuple, list):
            for index, part in enumerate(given):
                if isinstance(part, Tensor) and part.dtype in FLOATS:
                    yield place, index


def _at(inputs: tuple[Any, ...], place: Place) -> Any:
    position, index = place
    return inputs[position] if index is None else inputs[position][index]


def _with(inputs: tuple[Any, ...], tensors: dict[Place, Any]) -> list[Any]:
    given = list(inputs)
    for (position, index), tensor in tensors.items():
        if index is None:
            given[position] = tensor
        else:
            given[position] = list(given[position])
            given[position][index] = tensor
    return given
