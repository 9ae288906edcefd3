"""Backward rules of determinants, inverses and decompositions of matrices."""

from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.moving import as_tensor, take
from d2l_autograd.engine.rules.table import Rule, rule, rule_by_node
from d2l_autograd.errors import GradientError

Tensor = ms.Tensor


def flipped(x: Tensor) -> Tensor:
    """Return the transposed matrix, or each one of a batch."""
    return x.swapaxes(-1, -2)


def _as_matrix(d: Tensor) -> Tensor:
    return d.reshape((*d.shape, 1, 1))


# Determinants: by the inverse, and where there is none, by minors, without a division.


def _det(d: Any, out: Any, x: Any) -> Any:
    if _is_regular(x):
        return _as_matrix(d * out) * flipped(ops.inverse(x))
    return _as_matrix(d) * cofactors(x)


def _is_regular(x: Tensor) -> bool:
    """Say whether every matrix of a batch has an inverse that is worth computing."""
    numbers = x.asnumpy()
    if numbers.size == 0 or not np.isfinite(numbers).all():
        return True
    return bool((np.linalg.cond(numbers) < 1e-3 / np.finfo(numbers.dtype).eps).all())


_LARGEST = 2**26


def cofactors(x: Tensor) -> Tensor:
    """Return the matrix of cofactors: by each entry, the derivative of the determinant."""
    n = x.shape[-1]
    if n == 1:
        return x * 0 + 1
    if x.size * (n - 1) ** 2 > _LARGEST:
        raise GradientError(
            f"The determinant of a singular matrix of shape {x.shape} has a derivative of this "
            "order, but it takes too much memory. Add a small multiple of the identity to the "
            "matrix."
        )
    others = np.array([[k for k in range(n) if k != left_out] for left_out in range(n)])
    rows, columns = others[:, None, :, None], others[None, :, None, :]
    minors = take(x, rows * n + columns, 2)
    found = ops.det(minors.reshape((-1, n - 1, n - 1))).reshape(x.shape)
    signs = np.where(np.add.outer(np.arange(n), np.arange(n)) % 2, -1.0, 1.0)
    return found * as_tensor(signs, x.dtype)


rule("MatrixDeterminant", _det)
rule("LogMatrixDeterminant", lambda d, out, x: _as_matrix(d[1]) * flipped(ops.inverse(x)))


# Inverses and solutions of linear equations.


def _inverse(node: Node) -> Rule:
    def by_x(d: Any, out: Any, x: Any) -> Any:
        if node.primitive.adjoint:
            return -ops.matmul(out, ops.matmul(flipped(d), out))
        backward = flipped(out)
        return -ops.matmul(backward, ops.matmul(d, backward))

    return Rule((by_x,))


rule_by_node("MatrixInverse", _inverse)


# Singular values: A = U diag(s) V^T.


def _svd(node: Node) -> Rule:
    full = bool(node.inputs[1] if len(node.inputs) > 1 else node.primitive.full_matrices)
    with_vectors = bool(node.inputs[2] if len(node.inputs) > 2 else node.primitive.compute_uv)

    def by_x(d: Any, out: Any, x: Any, *_: Any) -> Any:
        if not with_vectors:
            _, u, v = ops.svd(x)
            return ops.matmul(u * d[0].expand_dims(-2), flipped(v))
        if full and x.shape[-1] != x.shape[-2]:
            raise GradientError(
                "ops.svd(x, full_matrices=True) has no derivative by a matrix that is not square. "
                "Write full_matrices=False."
            )
        return _by_vectors(d, out, x)

    return Rule((by_x,))


def _by_vectors(d: Any, out: Any, x: Any) -> Any:
    (by_s, by_u, by_v), (s, u, v) = d, out
    left, right = ops.matmul(flipped(u), by_u), ops.matmul(flipped(v), by_v)
    left, right = left - flipped(left), right - flipped(right)
    column, row = s.expand_dims(-1), s.expand_dims(-2)
    apart = _apart(row, column)
    together = _without_zeros(row + column)
    inner = (left + right) / (apart * 2) + (left - right) / (together * 2)
    inner = inner * as_tensor(1 - np.eye(s.shape[-1]), s.dtype)
    inner = inner + as_tensor(np.eye(s.shape[-1]), s.dtype) * by_s.expand_dims(-2)
    found = ops.matmul(ops.matmul(u, inner), flipped(v))
    if x.shape[-2] > x.shape[-1]:
        found = found + ops.matmul(_rest(u, by_u) / row, flipped(v))
    if x.shape[-2] < x.shape[-1]:
        found = found + ops.matmul(u / row, flipped(_rest(v, by_v)))
    return found


def _rest(vectors: Any, gradient: Any) -> Any:
    """Return the part of a gradient that is orthogonal to all vectors."""
    return gradient - ops.matmul(vectors, ops.matmul(flipped(vectors), gradient))


def _apart(row: Any, column: Any) -> Any:
    """Return the differences of singular values, 1 on the diagonal; refuse where they are 0."""
    numbers = row.asnumpy()
    least = 8 * np.finfo(numbers.dtype).eps * np.abs(numbers).max(initial=0)
    equal = np.abs(numbers - column.asnumpy()) <= least
    equal &= ~np.eye(equal.shape[-1], dtype=bool)
    if equal.any():
        raise GradientError(
            "Two singular values are equal, and the singular vectors that belong to them have no "
            "derivative. Use the singular values alone, ops.svd(x, compute_uv=False), or compute "
            "from x what does not depend on the choice of vectors."
        )
    return row - column + as_tensor(np.eye(equal.shape[-1]), row.dtype)


def _without_zeros(x: Any) -> Any:
    return ops.select(ops.equal(x, 0), x + 1, x)


rule_by_node("Svd", _svd)
