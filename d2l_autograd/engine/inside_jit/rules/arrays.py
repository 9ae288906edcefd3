"""Backward rules of reductions, indexing and shapes."""

from typing import Any

import mindspore as ms
from mindspore import ops
from mindspore.ops import operations as P
from mindspore.ops.auto_generate import gen_ops_prim
from mindspore.ops.composite.multitype_ops.zeros_like_impl import zeros_like
from mindspore.ops.operations import _grad_ops as G

from d2l_autograd.engine.inside_jit.rules.table import INSTEAD, MISSING, rule
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.compile_time import CompileTime


@rule(INSTEAD, "Max", "Min")
def _extreme(op: Any) -> Any:
    def vjp(x: Any, out: Any, dout: Any) -> Any:
        chosen = (x == out).astype(x.dtype)
        return (dout * chosen / chosen.sum(),)

    return vjp


@rule(INSTEAD, "MaxDim", "MinDim")
def _extreme_along(op: Any) -> Any:
    def vjp(x: Any, axis: Any, keepdims: Any, out: Any, dout: Any) -> Any:
        dx = _scattered(x, axis, keepdims, out[1], dout[0])
        return dx, zeros_like(axis), zeros_like(keepdims)

    return vjp


@rule(INSTEAD, "ArgMaxWithValue", "ArgMinWithValue")
def _index_of_extreme(op: Any) -> Any:
    def vjp(x: Any, axis: Any, keepdims: Any, out: Any, dout: Any) -> Any:
        dx = _scattered(x, axis, keepdims, out[0], dout[1])
        return dx, zeros_like(axis), zeros_like(keepdims)

    return vjp


@rule(INSTEAD, "Cummax", "Cummin")
def _running_extreme(op: Any) -> Any:
    def vjp(x: Any, axis: Any, out: Any, dout: Any) -> Any:
        return _scattered(x, axis, True, out[1], dout[0]), zeros_like(axis)

    return vjp


@rule(INSTEAD, "Median")
def _median(op: Any) -> Any:
    along, axis, keepdims = not op.global_median, op.axis, op.keep_dims
    grad = G.MedianGrad(op.global_median, op.axis, op.keep_dims)

    def vjp(x: Any, out: Any, dout: Any) -> Any:
        if along:
            return (_scattered(x, axis, keepdims, out[1], dout[0]),)
        return (grad(dout[0], x, out[0], out[1]),)

    return vjp


def _scattered(x: Any, axis: Any, kept: Any, index: Any, values: Any) -> Any:
    """Return values put where they were taken from x by index along axis, and zeros elsewhere."""
    if x.ndim == 0:
        return values
    if not kept:
        index, values = index.expand_dims(axis), values.expand_dims(axis)
    return gen_ops_prim.GatherDGradV2()(x, axis, index, values)


@rule(INSTEAD, "GatherDGradV2")
def _gather_elements_grad(op: Any) -> Any:
    def vjp(x: Any, axis: Any, index: Any, dy: Any, out: Any, dout: Any) -> Any:
        by_dy = ops.gather_elements(dout, axis, index)
        return zeros_like(x), zeros_like(axis), zeros_like(index), by_dy

    return vjp


@rule(MISSING, "GatherNdExt")
def _gather_nd(op: Any) -> Any:
    def vjp(x: Any, index: Any, out: Any, dout: Any) -> Any:
        return ops.tensor_scatter_add(ops.zeros_like(x), index, dout), zeros_like(index)

    return vjp


@rule(MISSING, "MaskedSelectGrad")
def _masked_select_grad(op: Any) -> Any:
    def vjp(x: Any, mask: Any, dy: Any, out: Any, dout: Any) -> Any:
        return zeros_like(x), zeros_like(mask), ops.masked_select(dout, mask)

    return vjp


@rule(MISSING, "ShapeCalc")
def _shape(op: Any) -> Any:
    def vjp(x: Any, y: Any, out: Any, dout: Any) -> Any:
        return zeros_like(x), zeros_like(y)

    return vjp


@rule(MISSING, "SliceGrad")
def _slice_grad(op: Any) -> Any:
    def vjp(dy: Any, x: Any, begin: Any, size: Any, out: Any, dout: Any) -> Any:
        return ops.slice(dout, begin, size), zeros_like(x), zeros_like(begin), zeros_like(size)

    return vjp


@rule(INSTEAD, "MirrorPad")
def _mirror_pad(op: Any) -> Any:
    grad = G.MirrorPadGrad(op.mode)

    def vjp(x: Any, paddings: Any, out: Any, dout: Any) -> Any:
        return grad(dout, paddings), zeros_like(paddings)

    return vjp


@rule(MISSING, "MirrorPadGrad")
def _mirror_pad_grad(op: Any) -> Any:
    pad = P.MirrorPad(op.mode)

    def vjp(dy: Any, paddings: Any, out: Any, dout: Any) -> Any:
        return pad(dout, paddings), zeros_like(paddings)

    return vjp


def _cut(x: Any, paddings: Any, value: Any, out: Any, dout: Any) -> Any:
    """Cut the padding off, which MindSpore's own rule only does in the first run of a graph."""
    begin = (0,) * (x.ndim - len(paddings) // 2)
    for i in range(len(paddings) // 2):
        if min(paddings[2 * i], paddings[2 * i + 1]) < 0:
            refuse_negative_padding()
        begin = begin + (paddings[len(paddings) - 2 - 2 * i],)
    return ops.slice(dout, begin, x.shape), zeros_like(paddings), zeros_like(value)


def is_negative_padding(pad: Any, x: Any, paddings: Any, *value: Any) -> bool:
    """Say whether a call cuts something off, whose gradient is of arbitrary numbers."""
    if isinstance(paddings, ms.Tensor):
        paddings = paddings.asnumpy()
    return any(number < 0 for number in paddings)


def _refuse_negative_padding() -> bool:
    raise GradientError(
        "ops.pad with a negative padding has no right gradient in MindSpore. Write a slice for "
        "what is cut off: ops.pad(x[..., 1:], (0, 2)) instead of ops.pad(x, (-1, 2))."
    )


refuse_negative_padding = CompileTime(_refuse_negative_padding)


@rule(INSTEAD, "PadV3")
def _pad(op: Any) -> Any:
    if op.mode == "constant":
        return _cut
    grad = G.PadV3Grad(op.mode, op.paddings_contiguous)

    def vjp(x: Any, paddings: Any, value: Any, out: Any, dout: Any) -> Any:
        return grad(dout, paddings), zeros_like(paddings), zeros_like(value)

    return vjp


@rule(MISSING, "PadV3Grad")
def _pad_grad(op: Any) -> Any:
    pad = P.PadV3(op.mode, op.paddings_contiguous)

    def vjp(dy: Any, paddings: Any, out: Any, dout: Any) -> Any:
        return pad(dout, paddings, None), zeros_like(paddings)

    return vjp
