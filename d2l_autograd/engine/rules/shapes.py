"""Backward rules of operators that move numbers without changing them."""

from typing import Any

from mindspore import ops

from d2l_autograd.engine.rules.table import rule
from d2l_autograd.engine.shapes import unbroadcast


def _transpose(d: Any, out: Any, x: Any, order: Any) -> Any:
    back = sorted(range(x.ndim), key=lambda axis: order[axis] % x.ndim)
    return ops.transpose(d, tuple(back))


rule("Copy", lambda d, *_: d)
rule("Reshape View ExpandDims Squeeze Flatten FlattenExt", lambda d, out, x, *_: d.reshape(x.shape))
rule("Transpose TransposeExtView TransposeView", _transpose)
rule("BroadcastTo BroadcastToView", lambda d, out, x, *_: unbroadcast(d, out.shape, x.shape))
