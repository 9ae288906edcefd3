"""The backward pass over a record: from gradients by results to gradients by inputs."""

from collections.abc import Iterable
from typing import Any

import mindspore as ms

from d2l_autograd.arguments.checks import FLOATS
from d2l_autograd.engine.record import Node, Value
from d2l_autograd.engine.rules import RULES, RULES_BY_NODE, Rule
from d2l_autograd.engine.rules.borrowed import borrowed
from d2l_autograd.engine.shapes import broadcast, constant, unbroadcast

Tensor = ms.Tensor
_FLOATS = frozenset(FLOATS)


def pull_back(
    nodes: list[Node], cotangents: Iterable[tuple[Value, Tensor]], inputs: list[Value]
) -> list[Tensor | None]:
    """Return the gradients by the inputs, None for an input that nothing depends on.

    Args:
        nodes: the part of the record between the inputs and the results, in the order in which it
            ran.
        cotangents: results, each with the gradient by it.
        inputs: what to differentiate by.
    """
    reached, between = set(inputs), []
    for node in nodes:
        if any(value in reached for _, _, value in node.parents):
            between.append(node)
            reached.update(v for v in node.outs if v is not None and v.tensor.dtype in _FLOATS)
    gradients: dict[Value, Tensor] = {}
    for value, cotangent in cotangents:
        if value in reached:
            _add(gradients, value, cotangent)
    for node in reversed(between):
        by_outs = [_gradient_by(gradients, value) for value in node.outs]
        if any(gradient is not None for gradient in by_outs):
            for value, gradient in _by_parents(node, by_outs, reached):
                _add(gradients, value, gradient)
    found = [_gradient_by(gradients, value) for value in inputs]
    return [
        None if gradient is None else broadcast(gradient, value.tensor.shape)
        for value, gradient in zip(inputs, found, strict=True)
    ]


def _by_parents(
    node: Node, by_outs: list[Tensor | None], reached: set[Value]
) -> Iterable[tuple[Value, Tensor]]:
    inside = _inside_sigmoid(node)
    if inside in reached:
        by_x = RULES["LogSigmoid"].products[0]
        assert by_x is not None
        yield inside, by_x(by_outs[0], None, inside.tensor)
        return
    rule: Rule = node.rule or RULES.get(node.name) or RULES_BY_NODE.get(node.name, borrowed)(node)
    parents = [parent for parent in node.parents if parent[2] in reached]
    outs = [value and value.tensor for value in node.outs]
    out: Any = outs if node.returns_many else outs[0]
    by_out: Any = by_outs[0]
    if node.returns_many:
        by_out = [_whole_gradient(*pair) for pair in zip(by_outs, outs, strict=True)]
    elif not rule.is_elementwise:
        by_out = broadcast(by_out, out.shape)
    found: dict[int, Any] = {}
    if rule.joint is not None:
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
        yield value, gradient


def _inside_sigmoid(node: Node) -> Value | None:
    """Return x for the logarithm of sigmoid(x), which is 0 far out, so that both are one step."""
    if node.name != "Log" or node.parents[0][2].hooks:
        return None
    return node.parents[0][2].sigmoid_of


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
            changed = hook(broadcast(gradient, value.tensor.shape))
            gradient = gradient if changed is None else changed
    return gradient
