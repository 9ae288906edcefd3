"""Backward rules of operators that read or write entries at indices."""

from typing import Any

import numpy as np
from mindspore import Tensor, ops

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.indexing import get_item, put_item
from d2l_autograd.engine.rules.moving import (
    along,
    as_array,
    as_tensor,
    moved,
    put_along,
    take_along,
)
from d2l_autograd.engine.rules.table import RULES, Rule, joint_rule, rule, rule_by_node
from d2l_autograd.engine.shapes import unbroadcast
from d2l_autograd.errors import GradientError

# Reading rows: their gradients are summed by row.


def sum_rows(d: Tensor, index: Tensor, axis: int, length: int) -> Tensor:
    """Return the sums of what was read of each row.

    Args:
        d: of shape (*before, *index.shape, *after).
        index: the rows that were read, negative ones counted from the end.
        axis: the number of axes before.
        length: the number of rows.
    """
    index = ops.select(index < 0, index + length, index)
    last = axis + index.ndim
    order = (*range(axis, last), *range(axis), *range(last, d.ndim))
    sums = ops.UnsortedSegmentSum()(d if axis == 0 else ops.transpose(d, order), index, length)
    if axis == 0:
        return sums
    return ops.transpose(sums, (*range(1, axis + 1), 0, *range(axis + 1, sums.ndim)))


def _gather(node: Node) -> Rule:
    inputs = node.inputs
    batch_axes = int(inputs[3]) if len(inputs) > 3 else 0
    if batch_axes:
        return moved(node)

    def by_x(d: Any, out: Any, x: Any, index: Any, axis: Any = 0, *_: Any) -> Any:
        place = int(axis) % x.ndim
        return sum_rows(d, index, place, x.shape[place])

    return Rule((by_x,))


rule_by_node("Gather", _gather)
rule("IndexSelect", lambda d, out, x, axis, i: sum_rows(d, i, axis % x.ndim, x.shape[axis]))
rule("EmbeddingLookup", lambda d, out, x, index, offset=0: sum_rows(d, index - offset, 0, len(x)))
rule("Embedding", None, lambda d, out, index, x, *_: sum_rows(d, index, 0, len(x)))


# Reading along an axis.

rule("GatherD", lambda d, out, x, axis, index: put_along(d, index, int(axis), x.shape))
rule("GatherNd", lambda d, out, x, index: put_item(d, _nd(index), x.shape))


def _nd(index: Any) -> tuple[Any, ...]:
    """Return an index whose last axis holds coordinates as one array for each coordinate."""
    return tuple(np.moveaxis(as_array(index), -1, 0))


# Writing. What is overwritten gets no gradient, nor do values that did not stay.

rule_by_node(
    "Scatter ScatterValue TensorScatterUpdate IndexFill MaskedFill ScatterUpdate MaskedScatter "
    "ScatterNdUpdate InplaceUpdate InplaceUpdateV2 MaxUnpool2D MaxUnpool3D FFTShift IFFTShift",
    moved,
)


def _scatter_elements(node: Node) -> Rule:
    reduction = node.inputs[4] if len(node.inputs) > 4 else node.primitive.reduction

    def by_x(d: Any, out: Any, x: Any, index: Any, updates: Any, axis: Any, *_: Any) -> Any:
        if reduction not in (0, "none"):
            return d
        stays = np.ones(x.size)
        stays[along(as_array(index), int(axis), x.shape)] = 0
        return d * as_tensor(stays.reshape(x.shape), d.dtype)

    def by_updates(d: Any, out: Any, x: Any, index: Any, updates: Any, axis: Any, *_: Any) -> Any:
        gradient = take_along(d, index, int(axis))
        if reduction not in (0, "none"):
            return gradient
        positions = along(as_array(index), int(axis), x.shape)
        if len(np.unique(positions)) == positions.size:
            return gradient
        return gradient * as_tensor(_stay(positions, out, updates), d.dtype)

    return Rule((by_x, None, by_updates))


def _stay(positions: Any, out: Any, updates: Any) -> Any:
    """Say which updates are in the result, where several were written to one place.

    Which of them that is depends on the threads that MindSpore's operator ran in.
    """
    found = as_array(updates) == as_array(out).reshape(-1)[positions]
    order = np.where(found, 1 + np.arange(positions.size).reshape(positions.shape), 0)
    last = np.zeros(out.size, np.int64)
    np.maximum.at(last, positions, order)
    return found & (last[positions] == order)


rule_by_node("TensorScatterElements", _scatter_elements)
rule(
    "ScatterAddExt",
    lambda d, *_: d,
    None,
    None,
    lambda d, out, x, axis, index, updates: take_along(d, index, int(axis)),
)


def _index_put(node: Node) -> Rule:
    if not node.primitive.accumulate:
        return moved(node)

    def by_values(d: Any, out: Any, x: Any, values: Any, index: Any) -> Any:
        gradient = get_item(d, tuple(index))
        return unbroadcast(gradient, gradient.shape, values.shape)

    return Rule((lambda d, *_: d, by_values))


rule_by_node("IndexPut", _index_put)


def _index_add(node: Node) -> Rule:
    def by_updates(d: Any, out: Any, x: Any, index: Any, updates: Any, *_: Any) -> Any:
        return ops.gather(d, index, node.primitive.axis)

    return Rule((lambda d, *_: d, None, by_updates))


rule_by_node("IndexAdd InplaceIndexAdd", _index_add)


def _rows_added(node: Node) -> Rule:
    sign = -1 if node.name == "InplaceSub" else 1
    rows = list(np.ravel(node.primitive.indices))
    return Rule((lambda d, *_: d, lambda d, *_: sign * get_item(d, rows)))


rule_by_node("InplaceAdd InplaceSub", _rows_added)


def _fill_diagonal(node: Node) -> Rule:
    cleared = ops.FillDiagonal(0.0, node.primitive.wrap)
    return Rule((lambda d, *_: cleared(d),))


rule_by_node("FillDiagonal", _fill_diagonal)
rule("ScatterNd", None, lambda d, out, index, updates, *_: get_item(d, _nd(index)))
rule(
    "TensorScatterAdd",
    lambda d, *_: d,
    None,
    lambda d, out, x, index, updates: get_item(d, _nd(index)),
)
rule(
    "TensorScatterSub",
    lambda d, *_: d,
    None,
    lambda d, out, x, index, updates: -get_item(d, _nd(index)),
)


def _times_by_updates(d: Any, out: Any, x: Any, index: Any, updates: Any) -> Any:
    coordinates = as_array(index).reshape((-1, index.shape[-1]))
    if len(np.unique(coordinates, axis=0)) < len(coordinates):
        raise GradientError(
            "ops.tensor_scatter_mul has no derivative by updates that multiply one entry several "
            "times. Multiply the updates first, or scatter them one after the other."
        )
    return get_item(d * x, _nd(index))


rule(
    "TensorScatterMul",
    lambda d, out, x, index, updates: ops.tensor_scatter_mul(d, index, updates),
    None,
    _times_by_updates,
)
rule(
    "TensorScatterDiv",
    lambda d, out, x, index, updates: ops.tensor_scatter_div(d, index, updates),
    None,
    lambda d, out, x, index, updates: -get_item(d * out, _nd(index)) / updates,
)


def _extreme(d: Any, out: Any, x: Any, index: Any, updates: Any) -> list[Any]:
    """Return the gradients in equal parts for x and the updates that equal the result."""
    stays = ops.equal(x, out).astype(d.dtype)
    wins = ops.equal(updates, get_item(out, _nd(index))).astype(d.dtype)
    share = d / ops.tensor_scatter_add(stays, index, wins)
    return [share * stays, None, get_item(share, _nd(index)) * wins]


joint_rule("TensorScatterMax TensorScatterMin", _extreme)


def _of_rows(rule: Rule) -> Rule:
    """Return the rule of an operator whose index holds rows, given that for coordinates."""

    def at_rows(product: Any) -> Any:
        def by_input(d: Any, out: Any, x: Any, index: Any, updates: Any) -> Any:
            return product(d, out, x, index.expand_dims(-1), updates)

        return product and by_input

    return Rule(tuple(map(at_rows, rule.products)), at_rows(rule.joint))


for _kind in ("Add", "Sub", "Mul", "Div", "Max", "Min"):  # the same, in place
    RULES[f"ScatterNd{_kind}"] = RULES[f"TensorScatter{_kind}"]
    RULES[f"Scatter{_kind}"] = _of_rows(RULES[f"TensorScatter{_kind}"])


# Masks.


def _masked_select(d: Any, out: Any, x: Any, mask: Any) -> Any:
    return put_item(d, np.broadcast_to(as_array(mask), x.shape), x.shape)


rule("MaskedSelect", _masked_select)
rule("UnsortedSegmentSum", lambda d, out, x, index, count: _read_rows(d, index))


def _read_rows(d: Any, index: Any) -> Any:
    """Return rows of d, 0 for a negative one, which sums leave out."""
    kept = (index >= 0).astype(d.dtype)
    rows = ops.gather(d, ops.select(index < 0, index * 0, index), 0)
    return rows * kept.reshape((*index.shape, *(1,) * (d.ndim - 1)))


def _segment_extreme(d: Any, out: Any, x: Any, index: Any, count: Any) -> Any:
    """Return the gradient in equal parts for the entries that are the largest of their segment."""
    chosen = ops.equal(x, _read_rows(out, index)).astype(d.dtype)
    sharing = ops.UnsortedSegmentSum()(chosen, index, int(count))
    return _read_rows(d / ops.maximum(sharing, 1.0), index) * chosen


rule("UnsortedSegmentMax UnsortedSegmentMin", _segment_extreme)
