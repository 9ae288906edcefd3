"""Backward rules of sums and products that run along an axis, without a division.

They rest on two operators of our own. `scan` runs the recurrence s[j] = b[j] + a[j] s[j-1] along an
axis, or backward, s[j] = b[j] + a[j] s[j+1]; `shift` moves a tensor by one place along an axis.
"""

from typing import Any

import numpy as np
from mindspore import Tensor, ops

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.moving import as_array, as_tensor
from d2l_autograd.engine.rules.table import Rule, rule, rule_by_node
from d2l_autograd.engine.shapes import constant
from d2l_autograd.engine.watching import apply
from d2l_autograd.errors import GradientError


def scan(a: Tensor, b: Tensor, axis: int, backward: bool = False) -> Tensor:
    """Return s of the recurrence s[j] = b[j] + a[j] s[j-1] along an axis, or backward from its end.

    Args:
        a: the factors; the one where the recurrence begins does not matter.
        b: what is added, of the shape of a.
        axis: along which it runs, counted from the end: -1 is the last.
        backward: begin at the end.
    """
    return apply("Scan", _run_scan, a, b, axis, backward)


def shift(x: Tensor, axis: int, by: int) -> Tensor:
    """Return y with y[j] = x[j - by] along an axis, counted from the end; by is 1 or -1."""
    return apply("Shift", _run_shift, x, axis, by)


def _run_scan(a: Tensor, b: Tensor, axis: int, backward: bool) -> Tensor:
    factors, added = (np.moveaxis(as_array(part), axis, 0) for part in (a, b))
    sums = np.array(added)
    order = range(len(sums))[::-1] if backward else range(len(sums))
    for before, place in zip(order, order[1:], strict=False):
        sums[place] += factors[place] * sums[before]
    return as_tensor(np.moveaxis(sums, 0, axis), b.dtype)


def _run_shift(x: Tensor, axis: int, by: int) -> Tensor:
    numbers = np.moveaxis(as_array(x), axis, 0)
    shifted = np.zeros_like(numbers)
    if by == 1:
        shifted[1:] = numbers[:-1]
    else:
        shifted[:-1] = numbers[1:]
    return as_tensor(np.moveaxis(shifted, 0, axis), x.dtype)


def _scan_by_b(d: Any, out: Any, a: Any, b: Any, axis: int, backward: bool) -> Any:
    return scan(shift(a, axis, 1 if backward else -1), d, axis, not backward)


def _scan_by_a(d: Any, out: Any, a: Any, b: Any, axis: int, backward: bool) -> Any:
    by_b = _scan_by_b(d, out, a, b, axis, backward)
    return by_b * shift(out, axis, -1 if backward else 1)


rule("Scan", _scan_by_a, _scan_by_b)
rule("Shift", lambda d, out, x, axis, by: shift(d, axis, -by))


def _attributes(node: Node) -> tuple[bool, bool]:
    """Return whether a running sum or product leaves out each entry itself, and runs backward."""
    if len(node.inputs) >= 4:
        return bool(node.inputs[2]), bool(node.inputs[3])
    primitive = node.primitive
    return bool(getattr(primitive, "exclusive", False)), bool(getattr(primitive, "reverse", False))


def _cumsum(node: Node) -> Rule:
    exclusive, reverse = _attributes(node)

    def by_x(d: Any, out: Any, x: Any, axis: Any, *_: Any) -> Any:
        return ops.CumSum(exclusive, not reverse)(d, int(axis))

    return Rule((by_x,))


def _cumprod(node: Node) -> Rule:
    exclusive, reverse = _attributes(node)

    def by_x(d: Any, out: Any, x: Any, axis: Any, *_: Any) -> Any:
        return _by_factors(x, d, int(axis), exclusive, reverse)

    return Rule((by_x,))


def _by_factors(x: Tensor, d: Tensor, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    """Return the gradient by x of its running products along an axis, without a division."""
    axis = axis % x.ndim - x.ndim
    onward = 1 if reverse else -1  # the shift that brings what comes later
    before = ops.CumProd(True, reverse)(x, axis)
    gradient = shift(d, axis, onward) if exclusive else d
    return before * scan(shift(x, axis, onward), gradient, axis, not reverse)


rule_by_node("CumSum CumsumExt", _cumsum)
rule_by_node("CumProd", _cumprod)


def _logcumsumexp(node: Node) -> Rule:
    exclusive, reverse = _attributes(node)
    if exclusive:
        raise GradientError(
            "CumulativeLogsumexp(exclusive=True) has no backward rule. Write "
            "ops.logcumsumexp(x, axis) of the entries before."
        )

    def by_x(d: Any, out: Any, x: Any, axis: Any, *_: Any) -> Any:
        place = int(axis) % x.ndim - x.ndim
        none = constant(0.0, out.shape, out.dtype)
        total = ops.select(out > -float("inf"), out, none)
        later = shift(total, place, 1 if reverse else -1)
        # the factor where the recurrence begins does not matter, but must be finite
        falls = ops.exp(total - later - total * _first(total.shape, place, not reverse, out.dtype))
        return ops.exp(x - total) * scan(falls, d, place, not reverse)

    return Rule((by_x,))


def _first(shape: tuple[int, ...], axis: int, backward: bool, dtype: Any) -> Tensor:
    """Return 1 where a recurrence begins, 0 elsewhere."""
    ones = np.zeros(shape[axis:])
    ones[-1 if backward else 0] = 1.0
    return as_tensor(ones, dtype)


rule_by_node("CumulativeLogsumexp", _logcumsumexp)
