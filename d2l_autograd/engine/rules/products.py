"""Backward rules of products of matrices and vectors.

MatMul and BatchMatMul can flip their operands, so that nothing has to be transposed.
"""

from typing import Any

from mindspore import ops
from mindspore.ops.auto_generate import gen_ops_prim

from d2l_autograd.engine.rules.table import rule
from d2l_autograd.engine.shapes import unbroadcast

_matmul = gen_ops_prim.MatMul
_batch_matmul = gen_ops_prim.BatchMatMul
_PRODUCTS = {
    (kind, flips): kind(*flips)
    for kind in (_matmul, _batch_matmul)
    for flips in ((False, False), (False, True), (True, False), (True, True))
}


def product(x: Any, y: Any, flip_x: bool = False, flip_y: bool = False) -> Any:
    """Return the product of two matrices, or of two batches of them, each flipped if so said."""
    kind = _matmul if x.ndim == y.ndim == 2 else _batch_matmul
    return _PRODUCTS[kind, (flip_x, flip_y)](x, y)


def _by_left(d: Any, out: Any, x: Any, y: Any, flip_x: Any = False, flip_y: Any = False) -> Any:
    found = product(y, d, flip_y, True) if flip_x else product(d, y, False, not flip_y)
    return unbroadcast(found, found.shape, x.shape)


def _by_right(d: Any, out: Any, x: Any, y: Any, flip_x: Any = False, flip_y: Any = False) -> Any:
    found = product(d, x, True, flip_x) if flip_y else product(x, d, not flip_x, False)
    return unbroadcast(found, found.shape, y.shape)


rule("MatMul BatchMatMul", _by_left, _by_right)


# MatMulExt takes vectors as well, and broadcasts.


def _by_any_left(d: Any, out: Any, x: Any, y: Any) -> Any:
    if x.ndim == 2 and y.ndim == 2:
        return product(d, y, False, True)
    if y.ndim == 1:
        outer = d.expand_dims(-1) * y if x.ndim > 1 else d * y
        return unbroadcast(outer, outer.shape, x.shape)
    if x.ndim == 1 and y.ndim == 2:
        return ops.matmul(y, d)
    if x.ndim == 1:
        d, left = d.expand_dims(-2), (1, *x.shape)
    else:
        left = x.shape
    found = ops.matmul(d, y.swapaxes(-1, -2))
    return unbroadcast(found, found.shape, left).reshape(x.shape)


def _by_any_right(d: Any, out: Any, x: Any, y: Any) -> Any:
    if x.ndim == 2 and y.ndim == 2:
        return product(x, d, True, False)
    if x.ndim == 1:
        outer = x.expand_dims(-1) * d.expand_dims(-2) if y.ndim > 1 else d * x
        return unbroadcast(outer, outer.shape, y.shape)
    if x.ndim == 2 and y.ndim == 1:
        return ops.matmul(d, x)
    if y.ndim == 1:
        d, right = d.expand_dims(-1), (*y.shape, 1)
    else:
        right = y.shape
    found = ops.matmul(x.swapaxes(-1, -2), d)
    return unbroadcast(found, found.shape, right).reshape(y.shape)


rule("MatMulExt", _by_any_left, _by_any_right)


def _bias(d: Any, out: Any, x: Any, bias: Any, *_: Any) -> Any:
    return d.sum(tuple(axis for axis in range(d.ndim) if axis != 1))


rule("BiasAdd", lambda d, *_: d, _bias)
