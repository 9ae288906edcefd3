"""Backward rules of distances between rows: 0 where two rows are equal, as in PyTorch."""

import functools
from typing import Any

import numpy as np
from mindspore import Tensor, ops

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.composed import composed
from d2l_autograd.engine.rules.norms import or_infinite
from d2l_autograd.engine.rules.scatter import sum_rows
from d2l_autograd.engine.rules.table import Rule, joint_rule, rule_by_node
from d2l_autograd.engine.shapes import unbroadcast


def _by_difference(d: Any, distance: Any, difference: Any, p: float) -> Any:
    """Return the gradient by the differences of rows, given that by their p-norms."""
    if p == 0:
        return difference * 0
    if p == 1:
        return ops.sign(difference) * d.expand_dims(-1)
    if p == 2:
        return difference * (d / or_infinite(distance)).expand_dims(-1)
    sizes = ops.abs(difference)
    if p == float("inf"):
        chosen = ops.equal(sizes, ops.amax(sizes, -1, True)).astype(d.dtype)
        shares = chosen / chosen.sum(-1, keepdims=True)
        return ops.sign(difference) * shares * d.expand_dims(-1)
    scaled = d / ops.pow(or_infinite(distance), p - 1)
    return ops.sign(difference) * ops.pow(sizes, p - 1) * scaled.expand_dims(-1)


def _cdist(d: Any, out: Any, x: Any, y: Any, p: float = 2.0, *_: Any) -> list[Any]:
    difference = x.expand_dims(-2) - y.expand_dims(-3)
    by_each = _by_difference(d, out, difference, p)
    by_x, by_y = by_each.sum(-2), -by_each.sum(-3)
    return [unbroadcast(by_x, by_x.shape, x.shape), unbroadcast(by_y, by_y.shape, y.shape)]


joint_rule("Cdist", _cdist)


def _pdist(node: Node) -> Rule:
    def by_x(d: Any, out: Any, x: Any) -> Any:
        axis, rows = x.ndim - 2, x.shape[-2]
        first, second = (Tensor.from_numpy(part) for part in np.triu_indices(rows, 1))
        difference = ops.gather(x, first, axis) - ops.gather(x, second, axis)
        by_each = _by_difference(d, out, difference, node.primitive.p)
        return sum_rows(by_each, first, axis, rows) - sum_rows(by_each, second, axis, rows)

    return Rule((by_x,))


rule_by_node("Pdist", _pdist)


# Boxes (left, top, right, bottom), of which right and bottom are the last pixels inside.


def _overlaps(mode: str, anchors: Tensor, truths: Tensor) -> Tensor:
    def area(low: Tensor, high: Tensor) -> Tensor:
        return ops.relu(high - low + 1).prod(-1)

    a, b = anchors.expand_dims(0), truths.expand_dims(1)
    both = area(ops.maximum(a[..., :2], b[..., :2]), ops.minimum(a[..., 2:], b[..., 2:]))
    whole = area(b[..., :2], b[..., 2:])
    return both / (whole if mode == "iof" else area(a[..., :2], a[..., 2:]) + whole - both)


rule_by_node("IOU", lambda node: composed(functools.partial(_overlaps, node.primitive.mode)))
