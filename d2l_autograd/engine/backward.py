"""The backward pass over a record: from gradients by results to gradients by inputs."""

from collections.abc import Iterable, Sequence
from typing import Any

from mindspore import Tensor, complex64, complex128

from d2l_autograd.arguments.checks import FLOATS
from d2l_autograd.engine.record import Node, Value
from d2l_autograd.engine.rules import RULES, RULES_BY_NODE, Rule
from d2l_autograd.engine.rules.borrowed import borrowed
from d2l_autograd.engine.rules.norms import root_of_powers
from d2l_autograd.engine.shapes import broadcast, constant, plain, unbroadcast
from d2l_autograd.errors import GradientError

Place = tuple[int, int | None]
_FLOATS = frozenset(FLOATS)
_COMPLEX = frozenset((complex64, complex128))


class Report:
    """What a backward pass went through.

    Attributes:
        gradients: by value, the gradient by it in all its uses.
        shares: by node and place of an operand, the share of its gradient from there.
    """

    def __init__(self) -> None:
        self.gradients: dict[Value, Tensor] = {}
        self.shares: dict[tuple[Node, Place], Tensor] = {}


def pull_back(
    nodes: list[Node],
    cotangents: Iterable[tuple[Value, Tensor]],
    inputs: list[Value],
    report: Report | None = None,
) -> list[Tensor | None]:
    """Return the gradients by the inputs, None for an input that nothing depends on.

    Args:
        nodes: the part of the record between the inputs and the results, in the order in which it
            ran.
        cotangents: results, each with the gradient by it.
        inputs: what to differentiate by.
        report: to be filled in.
    """
    reached = set(inputs)
    between: list[Node] = []
    for node in nodes:
        if any(value in reached for _, _, value in node.parents):
            if node.name == "Pow" and node.rule is None:
                node.rule = root_of_powers(node, between[-3:])
            between.append(node)
            reached.update(v for v in node.outs if v is not None and _is_float(node, v.tensor))
    gradients: dict[Value, Tensor] = {}
    for value, cotangent in cotangents:
        if value in reached:
            _add(gradients, value, cotangent)
    for node in reversed(between):
        by_outs = [_gradient_by(gradients, value) for value in node.outs]
        if any(gradient is not None for gradient in by_outs):
            for place, value, gradient in _by_parents(node, by_outs, reached):
                _add(gradients, value, gradient)
                if report:
                    report.shares[node, place] = broadcast(gradient, value.tensor.shape)
            if report:
                report.gradients.update(_known(node.outs, by_outs))
    found = [_gradient_by(gradients, value) for value in inputs]
    if report:
        report.gradients.update(_known(inputs, found))
    return [
        None if gradient is None else plain(broadcast(gradient, value.tensor.shape))
        for value, gradient in zip(inputs, found, strict=True)
    ]


def _is_float(node: Node, tensor: Tensor) -> bool:
    dtype = tensor.dtype
    if dtype in _COMPLEX:
        raise GradientError(
            f"The operator {node.name} makes complex numbers of what depends on an input, and "
            "derivatives through complex numbers are not known. Compute with real and imaginary "
            "parts, or hold the result constant with d2l_autograd.detach."
        )
    return dtype in _FLOATS


def _by_parents(
    node: Node, by_outs: list[Tensor | None], reached: set[Value]
) -> Iterable[tuple[Place, Value, Tensor]]:
    """Yield the share of the gradient by each operand that is to be differentiated by."""
    rule: Rule = node.rule or RULES.get(node.name) or RULES_BY_NODE.get(node.name, borrowed)(node)
    parents = []
    is_empty = all(value is None or 0 in value.tensor.shape for value in node.outs)
    for place, index, value in node.parents:
        if value not in reached:
            continue
        if is_empty or 0 in value.tensor.shape:  # no element on one side, so nothing flows
            tensor = value.tensor
            yield (place, index), value, constant(0.0, tensor.shape, tensor.dtype)
        else:
            parents.append((place, index, value))
    if not parents:
        return
    outs = [value and value.tensor for value in node.outs]
    out: Any = outs if node.returns_many else outs[0]
    by_out: Any = by_outs[0]
    if node.returns_many:
        by_out = [_whole_gradient(*pair) for pair in zip(by_outs, outs, strict=True)]
    elif not rule.is_elementwise:
        by_out = broadcast(by_out, out.shape)
    found: dict[int, Any] = {}
    if rule.joint is not None:
        by_out = list(map(plain, by_out)) if node.returns_many else plain(by_out)
        found = dict(enumerate(rule.joint(by_out, out, *node.inputs)))
    for place, index, value in parents:
        if place not in found:
            product = rule.products[place] if place < len(rule.products) else None
            found[place] = product and product(by_out, out, *node.inputs)
        gradient = found[place]
        if gradient is None:
            continue
        if index is not None:
            gradient = gradient[index]
            if gradient is None:
                continue
        tensor = value.tensor
        if rule.is_elementwise:
            gradient = unbroadcast(gradient, out.shape, tensor.shape)
        if gradient.dtype != tensor.dtype:
            gradient = gradient.astype(tensor.dtype)
        yield (place, index), value, gradient


def _known(
    values: Sequence[Value | None], gradients: Sequence[Tensor | None]
) -> Iterable[tuple[Value, Tensor]]:
    for value, gradient in zip(values, gradients, strict=True):
        if value is not None and gradient is not None:
            yield value, broadcast(gradient, value.tensor.shape)


def _whole_gradient(gradient: Tensor | None, tensor: Tensor | None) -> Tensor | None:
    """Return the gradient by one of many results in full, zeros where none has come."""
    if tensor is None:
        return None
    if gradient is None:
        return constant(0.0, tensor.shape, tensor.dtype)
    return broadcast(gradient, tensor.shape)


def _add(gradients: dict[Value, Tensor], value: Value, gradient: Tensor) -> None:
    known = gradients.get(value)
    gradients[value] = gradient if known is None else known + gradient


def _gradient_by(gradients: dict[Value, Tensor], value: Value | None) -> Tensor | None:
    """Return the whole gradient by a value, which is not needed any more."""
    gradient = gradients.pop(value, None) if value is not None else None
    if gradient is not None and value is not None:
        for hook in value.hooks:
            gradient = plain(broadcast(gradient, value.tensor.shape))
            changed = hook(gradient)
            gradient = gradient if changed is None else changed
    return gradient
