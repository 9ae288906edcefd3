"""Backward rules of norms: where all entries are 0, they are not smooth, and the gradient is 0."""

from typing import Any

from mindspore import Tensor, ops

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.reductions import with_reduced_axes
from d2l_autograd.engine.rules.table import Rule, rule, rule_by_node
from d2l_autograd.engine.shapes import constant, times
from d2l_autograd.engine.watching import apply, number


def or_infinite(x: Tensor) -> Tensor:
    """Return x with infinity in place of 0: a divisor that makes 0 of what is divided by 0."""
    return ops.select(ops.equal(x, 0), constant(float("inf"), x.shape, x.dtype), x)


def square_in_norm(x: Tensor) -> Tensor:
    """Return the squares of which a norm is the root."""
    return apply("SquareInNorm", ops.square, x)


def _square_in_norm(d: Any, out: Any, x: Any) -> Any:
    finite = ops.select(ops.isfinite(d), d, constant(0.0, d.shape, d.dtype))
    return finite * (2 * x)


rule("SquareInNorm", _square_in_norm)


def root_of_variance(x: Tensor) -> Tensor:
    """Return the root of a variance, which has the gradient 0 where that is 0."""
    return apply("RootOfVariance", ops.sqrt, x)


rule("RootOfVariance", lambda d, out, x: d / (2 * or_infinite(out)))


def _lp_norm(node: Node) -> Rule:
    primitive = node.primitive
    axis, p = primitive.axis, primitive.p

    def by_x(d: Any, out: Any, x: Any, *_: Any) -> Any:
        gradient, norm = (with_reduced_axes(part, axis, x.shape) for part in (d, out))
        if p == 1:
            return gradient * ops.sign(x)
        if p == 2:
            return x * (gradient / or_infinite(norm))
        power = ops.sign(x) * ops.pow(ops.abs(x), p - 1)
        return power * (gradient / ops.pow(or_infinite(norm), p - 1))

    return Rule((by_x,))


rule_by_node("LpNorm", _lp_norm)


_SUMS_OF_POWERS = (["Abs", "Pow", "ReduceSum"], ["Abs", "Pow", "SumExt"])


def root_of_powers(node: Node, before: list[Node]) -> Rule | None:
    """Return the rule of a power if it ends a norm, as a root of what ran before: a sum of powers.

    Whoever computes a norm in these steps gets 0 where all entries are 0, and not infinity times 0.
    """
    if [one.name for one in before] not in _SUMS_OF_POWERS:
        return None
    if before[-1].outs[0] is not node.parents[0][2]:
        return None
    exponent = number(node.inputs[1])
    if exponent is None or not 0 < exponent < 1:
        return None
    return Rule((lambda d, out, x, *_: times(d * out, exponent) / or_infinite(x),))


def _l2_normalize(node: Node) -> Rule:
    primitive = node.primitive
    axis = primitive.axis

    def by_x(d: Any, out: Any, x: Any, *_: Any) -> Any:
        squares = ops.square(x).sum(axis, keepdims=True)
        least = constant(primitive.epsilon, (), x.dtype)
        norm = ops.sqrt(ops.maximum(squares, least))
        along = (d * x).sum(axis, keepdims=True) / (norm * norm)
        moves = ops.greater(squares, least).astype(x.dtype)
        return (d - x * (along * moves)) / norm

    return Rule((by_x,))


rule_by_node("L2Normalize", _l2_normalize)
