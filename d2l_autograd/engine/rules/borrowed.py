"""MindSpore's own backward rules, for operators that have none in the table.

MindSpore differentiates the operator by itself. What its rule does cannot be seen in full by the
record, so that it gives first derivatives only: for a second one, the operator needs a rule here.
"""

from typing import Any

import mindspore as ms
from mindspore import ops

from d2l_autograd.arguments.checks import FLOATS
from d2l_autograd.engine.record import Node, copy
from d2l_autograd.engine.rules.table import Rule
from d2l_autograd.engine.watching import apply
from d2l_autograd.errors import GradientError

Tensor = ms.Tensor
Place = tuple[int, int | None]
_WITHOUT_KERNEL = (
    "MindSpore cannot differentiate the operator {} for inputs of this kind. Cast them to float32, "
    "write it in other operators that compute the same, or hold its result constant with "
    "d2l_autograd.detach."
)


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
        try:
            gradients = differentiated(*_distinct([_at(inputs, place) for place in places]), seed)
        except (RuntimeError, TypeError, ValueError) as error:
            raise GradientError(_WITHOUT_KERNEL.format(node.name)) from error
        found = dict(zip(places, gradients, strict=True))
        return [
            [found.get((place, index)) for index in range(len(part))]
            if isinstance(part, (tuple, list))
            else found.get((place, None))
            for place, part in enumerate(inputs)
        ]

    def compute_once(by_out: Any, out: Any, *inputs: Any) -> Any:
        def flat(by_out: Any, *inputs: Any) -> tuple[Any, ...]:
            return tuple(_flat(compute(by_out, None, *inputs)))

        gradients = iter(apply(f"{node.name}Grad", flat, by_out, *inputs, rule=_refusal(node.name)))
        return [
            [next(gradients) for _ in part] if type(part) in (tuple, list) else next(gradients)
            for part in inputs
        ]

    return Rule(joint=compute if node.name in _SEEN_IN_FULL else compute_once)


_SEEN_IN_FULL = frozenset(
    ("Pow", "Abs", "Sign", "Select", "BatchMatMulExt", "Ger", "Cross", "Maximum", "Minimum")
)


def _flat(gradients: list[Any]) -> Any:
    for part in gradients:
        yield from part if isinstance(part, list) else (part,)


def _refusal(name: str) -> Rule:
    """Return the rule of a first derivative that has none itself."""

    def refuse(*_: Any) -> Any:
        raise GradientError(
            f"Only the first derivative of the operator {name} is known. Write it in other "
            "operators that compute the same, or hold its result constant with d2l_autograd.detach."
        )

    return Rule(joint=refuse)


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
