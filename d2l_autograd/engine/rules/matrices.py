"""Backward rules of products and decompositions of matrices."""

from typing import Any

from mindspore import ops

from d2l_autograd.engine.rules.table import rule
from d2l_autograd.engine.shapes import unbroadcast


def _adjoint(x: Any) -> Any:
    return x.swapaxes(-1, -2)


def _as_matrices(d: Any, x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Return gradient and operands of a product as matrices, where they are vectors."""
    if x.ndim == 1:
        d = d.expand_dims(-1) if y.ndim == 1 else d.expand_dims(-2)
        x = x.expand_dims(0)
    if y.ndim == 1:
        d, y = d.expand_dims(-1), y.expand_dims(-1)
    return d, x, y


def _by_left(d: Any, out: Any, x: Any, y: Any) -> Any:
    d, left, right = _as_matrices(d, x, y)
    product = ops.matmul(d, _adjoint(right))
    full = product.shape
    return unbroadcast(product, full, (1,) * (len(full) - left.ndim) + left.shape).reshape(x.shape)


def _by_right(d: Any, out: Any, x: Any, y: Any) -> Any:
    d, left, right = _as_matrices(d, x, y)
    product = ops.matmul(_adjoint(left), d)
    full = product.shape
    return unbroadcast(product, full, (1,) * (len(full) - right.ndim) + right.shape).reshape(
        y.shape
    )


rule("MatMulExt", _by_left, _by_right)


def _plain(d: Any, x: Any, y: Any, flip_x: Any, flip_y: Any) -> tuple[Any, Any]:
    return (_adjoint(x) if flip_x else x), (_adjoint(y) if flip_y else y)


def _matmul_by_left(
    d: Any, out: Any, x: Any, y: Any, flip_x: Any = False, flip_y: Any = False
) -> Any:
    _, y = _plain(d, x, y, flip_x, flip_y)
    return ops.matmul(y, _adjoint(d)) if flip_x else ops.matmul(d, _adjoint(y))


def _matmul_by_right(
    d: Any, out: Any, x: Any, y: Any, flip_x: Any = False, flip_y: Any = False
) -> Any:
    x, _ = _plain(d, x, y, flip_x, flip_y)
    return ops.matmul(_adjoint(d), x) if flip_y else ops.matmul(_adjoint(x), d)


rule("MatMul BatchMatMul", _matmul_by_left, _matmul_by_right)
rule(
    "BiasAdd",
    lambda d, *_: d,
    lambda d, out, x, b, *_: d.sum(tuple(a for a in range(d.ndim) if a != 1)),
)
