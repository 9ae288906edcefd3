"""Backward rules of sums and other reductions."""

from typing import Any

from mindspore import ops

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.table import Rule, rule, rule_by_node
from d2l_autograd.engine.shapes import constant, reshaped, size, times


def reduced_axes(axis: Any, rank: int) -> tuple[int, ...]:
    """Return the axes that are reduced, in order, given an axis, several, or none for all."""
    axes = (axis,) if isinstance(axis, int) else axis
    if axes is None or len(axes) == 0:
        return tuple(range(rank))
    return tuple(sorted(int(a) % rank for a in axes)) if rank else ()


def with_reduced_axes(tensor: Any, axis: Any, shape: Any) -> Any:
    """Return a reduced tensor with length 1 along the axes of this shape that were reduced.

    Args:
        tensor: the result of a reduction, with or without its axes.
        axis: an axis, several, or none for all of them.
        shape: that of what was reduced.
    """
    axes = reduced_axes(axis, len(shape))
    kept = tuple(1 if place in axes else length for place, length in enumerate(shape))
    return reshaped(tensor, kept)


def _sum(d: Any, out: Any, x: Any, axis: Any = None, *_: Any) -> Any:
    return with_reduced_axes(d, axis, x.shape)


def _mean(d: Any, out: Any, x: Any, axis: Any = None, *_: Any) -> Any:
    count = max(size(x.shape) // max(size(out.shape), 1), 1)
    return times(with_reduced_axes(d, axis, x.shape), 1 / count)


rule("SumExt ReduceSum", _sum)
rule("MeanExt ReduceMean", _mean)
rule("SquareSumAll", lambda d, out, x, y: 2 * d[0] * x, lambda d, out, x, y: 2 * d[1] * y)


# The largest and the smallest share their gradient among equals.


def share_among_equals(d: Any, out: Any, x: Any, axis: Any = None, *_: Any) -> Any:
    """Return a gradient in equal parts for the entries of x that equal a reduced value."""
    gradient, value = (with_reduced_axes(part, axis, x.shape) for part in (d, out))
    chosen = ops.equal(x, value).astype(d.dtype)
    if size(out.shape) == size(x.shape):
        return gradient * chosen
    return chosen * (gradient / chosen.sum(reduced_axes(axis, x.ndim), keepdims=True))


rule("Max Min ReduceMax ReduceMin AMax AMin", share_among_equals)


# A product: by each entry, the product of all others, without a division.


def _prod(d: Any, out: Any, x: Any, axis: Any = None, *_: Any) -> Any:
    gradient = with_reduced_axes(d, axis, x.shape)
    axes = reduced_axes(axis, x.ndim)
    if len(axes) == 0:
        return gradient
    if len(axes) == 1:
        return gradient * _products_of_others(x, axes[0])
    kept = [a for a in range(x.ndim) if a not in axes]
    order = (*kept, *axes)
    moved = ops.transpose(x, order)
    others = _products_of_others(moved.reshape((*moved.shape[: len(kept)], -1)), len(kept))
    return gradient * ops.transpose(others.reshape(moved.shape), inverse(order))


def inverse(order: Any) -> tuple[int, ...]:
    """Return the order of axes that undoes a transposition."""
    return tuple(sorted(range(len(order)), key=lambda axis: order[axis] % len(order)))


def _products_of_others(x: Any, axis: int) -> Any:
    return ops.CumProd(True, False)(x, axis) * ops.CumProd(True, True)(x, axis)


rule("ProdExt ReduceProd", _prod)


# The standard deviation: 0 where all numbers are equal, as in PyTorch.


def _std(node: Node) -> Rule:
    primitive = node.primitive

    def by_x(d: Any, out: Any, x: Any, *_: Any) -> Any:
        axis = primitive.axis
        by_std, by_mean, std, mean = (with_reduced_axes(t, axis, x.shape) for t in (*d, *out))
        count = size(x.shape) // max(size(std.shape), 1)
        freedom = count - int(primitive.unbiased)
        infinite = constant(float("inf"), std.shape, std.dtype)
        safe = ops.select(ops.equal(std, 0), infinite, std)
        return (x - mean) * (by_std / (safe * max(freedom, 1))) + by_mean / count

    return Rule((by_x,))


rule_by_node("ReduceStd", _std)


def _logsumexp(d: Any, out: Any, x: Any, axis: Any = None, *_: Any) -> Any:
    gradient, total = (with_reduced_axes(part, axis, x.shape) for part in (d, out))
    return gradient * ops.exp(x - total)


rule("LogSumExp", _logsumexp)
rule("Histogram", None)


# softmax, and its logarithm


def _softmax(d: Any, out: Any, x: Any, axis: Any = -1, *_: Any) -> Any:
    scaled = d * out
    return scaled - out * scaled.sum(axis, keepdims=True)


def _log_softmax(d: Any, out: Any, x: Any, axis: Any = -1, *_: Any) -> Any:
    return d - ops.exp(out) * d.sum(axis, keepdims=True)


rule("Softmax", _softmax)
rule("LogSoftmax LogSoftmaxExt", _log_softmax)
