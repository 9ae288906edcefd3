"""MindSpore's own backward rules, for operators that have none in the table.

MindSpore differentiates the operator by itself. What its rule does cannot be seen in full by the
record, so that it counts as one operator, and gives first derivatives only: for a second one, the
operator needs a rule here.
"""

from typing import Any, NoReturn

from mindspore import Tensor, float32, ops

from d2l_autograd.arguments.checks import FLOATS
from d2l_autograd.engine.record import Node, copy
from d2l_autograd.engine.rules.table import Rule
from d2l_autograd.engine.watching import apply
from d2l_autograd.errors import GradientError

Place = tuple[int, int | None]
_differentiated = ops.GradOperation(get_all=True, sens_param=True)
_WITHOUT_KERNEL = (
    "MindSpore cannot differentiate the operator {} for inputs of this kind. {} it in other "
    "operators that compute the same, or hold its result constant with d2l_autograd.detach."
)


def borrowed(node: Node) -> Rule:
    """Return the backward rule that MindSpore has for the operator of a node."""

    def compute(by_out: Any, out: Any, *inputs: Any) -> list[Any]:
        seed = tuple(by_out) if isinstance(by_out, list) else by_out
        given = node.name, node.primitive, seed, *inputs
        if node.name in _SEEN_IN_FULL:
            gradients = _run(*given)
        else:
            gradients = apply("Borrowed", _run, *given, rule=_refusal(node.name))
        found = dict(zip(float_places(inputs), gradients, strict=True))
        return [
            [found.get((place, index)) for index in range(len(part))]
            if isinstance(part, (tuple, list))
            else found.get((place, None))
            for place, part in enumerate(inputs)
        ]

    return Rule(joint=compute)


def borrowed_product(node: Node, place: int, d: Tensor, *inputs: Any, products: Any) -> Tensor:
    """Return the gradient by one input of the operator of a node, by MindSpore's own rule.

    It counts as one operator, of d and the inputs: products are its own, by d and by each of them.
    """

    def of_rest(product: Any) -> Any:
        def by_input(g: Any, out: Any, name: str, primitive: Any, place: int, *given: Any) -> Any:
            return product(g, out, *given)

        return product and by_input

    rule = Rule((None, None, None, *map(of_rest, products)))
    return apply(
        "BorrowedProduct", _product, node.name, node.primitive, place, d, *inputs, rule=rule
    )


def _product(name: str, primitive: Any, place: int, d: Tensor, *inputs: Any) -> Tensor:
    gradients = _run(name, primitive, d, *inputs)
    return dict(zip(float_places(inputs), gradients, strict=True))[place, None]


def _run(name: str, primitive: Any, seed: Any, *inputs: Any) -> tuple[Tensor, ...]:
    primitive = primitive or ops.Primitive(name)
    places = list(float_places(inputs))

    def run(*tensors: Any) -> Any:
        # Attributes are among the inputs; the primitive's own call would add them again.
        given = with_at(inputs, dict(zip(places, tensors, strict=True)))
        return ops.Primitive.__call__(primitive, *given)

    tensors = _distinct([_at(inputs, place) for place in places])
    try:
        return tuple(_differentiated(run)(*tensors, seed))
    except (RuntimeError, TypeError, ValueError) as error:
        is_single = all(tensor.dtype == float32 for tensor in tensors)
        remedy = "Write" if is_single else "Cast them to float32, write"
        raise GradientError(_WITHOUT_KERNEL.format(name, remedy)) from error


_SEEN_IN_FULL = frozenset(
    ("Pow", "Abs", "Sign", "Select", "BatchMatMulExt", "Ger", "Cross", "Maximum", "Minimum")
)


def _refusal(name: str) -> Rule:
    """Return the rule of a first derivative that has none itself."""

    def refuse(*_: Any) -> NoReturn:
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


def float_places(inputs: Any) -> Any:
    """Yield the places of floating-point tensors: a position, and one in the list there."""
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


def with_at(inputs: Any, tensors: dict[Place, Any]) -> list[Any]:
    """Return inputs with these tensors at their places."""
    given = list(inputs)
    for (position, index), tensor in tensors.items():
        if index is None:
            given[position] = tensor
        else:
            given[position] = list(given[position])
            given[position][index] = tensor
    return given
