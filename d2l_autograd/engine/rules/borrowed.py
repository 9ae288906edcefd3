"""MindSpore's own backward rules, for operators that have none in the table.

MindSpore differentiates the operator by itself. Its rule runs as operators, which are recorded like
any others, so that the derivative has derivatives as well.
"""

from typing import Any

import mindspore as ms
from mindspore import ops

from d2l_autograd.arguments.checks import FLOATS
from d2l_autograd.engine.record import Node, copy
from d2l_autograd.engine.rules.table import Rule
from d2l_autograd.engine.watching import apply

Tensor = ms.Tensor
Place = tuple[int, int | None]


def borrowed(node: Node) -> Rule:
    """Return the backward rule that MindSpore has for the operator of a node."""
    primitive = node.primitive or ops.Primitive(node.name)

    def compute(by_out: Any, out: Any, *inputs: Any) -> list[Any]:
        places = list(_places(inputs))

        def run(*tensors: Any) -> Any:
            # Attributes are among the inputs; the primitive's own call would add them again.
            given = _with(inputs, dict(zip(places, tensors, strict=True)))
            return ops.Primitive.__call__(primitive, *given)

        seed = tuple(by_out) if isinstance(by_out, list) else by_out
        differentiated = ops.GradOperation(get_all=True, sens_param=True)(run)
        gradients = differentiated(*_distinct([_at(inputs, place) for place in places]), seed)
        found = dict(zip(places, gradients, strict=True))
        return [
            [found.get((place, index)) for index in range(len(part))]
            if isinstance(part, (tuple, list))
            else found.get((place, None))
            for place, part in enumerate(inputs)
        ]

    return Rule(joint=compute)


def _distinct(tensors: list[Tensor]) -> list[Tensor]:
    """Return the tensors, copied where one is there twice: MindSpore would add its gradients up."""
    seen: set[int] = set()
    for place, tensor in enumerate(tensors):
        if tensor.data_ptr() in seen:
            tensors[place] = apply("Copy", copy, tensor)
        seen.add(tensor.data_ptr())
    return tensors


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
