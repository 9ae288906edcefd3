"""Backward rules of operators that pick entries along an axis, and return their index as well.

Of equal entries, the one that was picked gets the whole gradient, as in PyTorch.
"""

from typing import Any

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.moving import put, put_along
from d2l_autograd.engine.rules.reductions import share_among_equals, with_reduced_axes
from d2l_autograd.engine.rules.table import Rule, rule, rule_by_node


def _picked(node: Node) -> Rule:
    """Return the rule of an operator that picks along one axis, and may drop the axis."""
    axis = node.primitive.axis if node.name in ("Sort", "Cummin") else -1
    if len(node.inputs) > 1 and node.name != "TopK":
        axis = node.inputs[1]
    value, index = (1, 0) if node.name.startswith("Arg") else (0, 1)

    def by_x(d: Any, out: Any, x: Any, *_: Any) -> Any:
        place = int(axis)
        picked, gradient = out[index], d[value]
        if x.ndim > picked.ndim:
            picked = picked.expand_dims(place)
            gradient = gradient.expand_dims(place)
        return put_along(gradient, picked, place, x.shape)

    return Rule((by_x,))


rule_by_node(
    "Sort SortExt TopK TopkExt Cummax Cummin CumminExt MaxDim MinDim ArgMaxWithValue "
    "ArgMinWithValue",
    _picked,
)


def _median(node: Node) -> Rule:
    primitive = node.primitive

    def by_x(d: Any, out: Any, x: Any, *_: Any) -> Any:
        if primitive.global_median:
            return share_among_equals(d[0], out[0], x, None)
        axis = primitive.axis
        index, gradient = (with_reduced_axes(part, axis, x.shape) for part in (out[1], d[0]))
        return put_along(gradient, index, axis, x.shape)

    return Rule((by_x,))


rule_by_node("Median", _median)
rule("MedianExt", lambda d, out, x: share_among_equals(d, out, x, None))
rule("Unique", lambda d, out, x: _unique(d, out, x))


def _unique(d: Any, out: Any, x: Any) -> Any:
    """Give the gradient by a number to its first occurrence."""
    import numpy as np

    inverse = out[1].asnumpy()
    _, first = np.unique(inverse, return_index=True)
    return put(d[0], first, x.shape)
