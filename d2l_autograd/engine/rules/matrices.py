"""Backward rules of determinants, inverses and decompositions of matrices."""

from typing import Any

import numpy as np
from mindspore import Tensor, ops

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.indexing import get_item
from d2l_autograd.engine.rules.moving import as_tensor, take
from d2l_autograd.engine.rules.table import Rule, rule, rule_by_node
from d2l_autograd.errors import GradientError


def flipped(x: Tensor) -> Tensor:
    """Return the transposed matrix, or each one of a batch."""
    return x.swapaxes(-1, -2)


def _as_matrix(d: Tensor) -> Tensor:
    return d.reshape((*d.shape, 1, 1))


def inverse(x: Any) -> Any:
    """Return the inverse of every matrix of a batch; MindSpore has none for one row."""
    return 1 / x if x.shape[-1] == 1 else ops.inverse(x)


# Determinants: by the inverse; by minors, without a division, where there is none, and if small.


def _det(d: Any, out: Any, x: Any) -> Any:
    if x.shape[-1] > 3 and _is_regular(x):
        return _as_matrix(d * out) * flipped(inverse(x))
    return _as_matrix(d) * cofactors(x)


def _is_regular(x: Tensor) -> bool:
    """Say whether every matrix of a batch has an inverse that is worth computing."""
    numbers = x.asnumpy()
    if numbers.size == 0 or not np.isfinite(numbers).all():
        return True
    return bool((np.linalg.cond(numbers) < 1e-3 / np.finfo(numbers.dtype).eps).all())


_MOST_PRODUCTS = 2**26


def cofactors(x: Tensor) -> Tensor:
    """Return the matrix of cofactors: by each entry, the derivative of the determinant."""
    n = x.shape[-1]
    if n == 1:
        return x * 0 + 1
    if x.size * (n - 1) ** 2 > _MOST_PRODUCTS:
        raise GradientError(
            f"The determinant of a singular matrix of shape {x.shape} has a derivative of this "
            "order, but it takes too much memory. Add a small multiple of the identity to the "
            "matrix."
        )
    others = np.array([[k for k in range(n) if k != left_out] for left_out in range(n)])
    rows, columns = others[:, None, :, None], others[None, :, None, :]
    minors = take(x, rows * n + columns, 2)
    if n > 2:  # ops.det takes no matrix of one entry
        minors = ops.det(minors.reshape((-1, n - 1, n - 1)))
    found = minors.reshape(x.shape)
    signs = np.where(np.add.outer(np.arange(n), np.arange(n)) % 2, -1.0, 1.0)
    return found * as_tensor(signs, x.dtype)


rule("MatrixDeterminant", _det)
rule("LogMatrixDeterminant", lambda d, out, x: _as_matrix(d[1]) * flipped(inverse(x)))


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


def _solve(node: Node) -> Rule:
    adjoint = bool(node.primitive.adjoint)
    backward = type(node.primitive)(adjoint=not adjoint)

    def joint(d: Any, out: Any, a: Any, b: Any, *_: Any) -> list[Any]:
        by_b = backward(a, d)
        by_a = -ops.matmul(out, flipped(by_b)) if adjoint else -ops.matmul(by_b, flipped(out))
        return [by_a, by_b]

    return Rule(joint=joint)


def _solve_triangular(node: Node) -> Rule:
    lower, adjoint = bool(node.primitive.lower), bool(node.primitive.adjoint)
    backward = type(node.primitive)(lower=lower, adjoint=not adjoint)

    def joint(d: Any, out: Any, a: Any, b: Any, *_: Any) -> list[Any]:
        by_b = backward(a, d)
        by_a = -ops.matmul(out, flipped(by_b)) if adjoint else -ops.matmul(by_b, flipped(out))
        return [ops.tril(by_a) if lower else ops.triu(by_a), by_b]

    return Rule(joint=joint)


rule_by_node("MatrixSolve", _solve)
rule_by_node("MatrixTriangularSolve", _solve_triangular)


def _power(node: Node) -> Rule:
    exponent = node.primitive.n

    def by_x(d: Any, out: Any, x: Any) -> Any:
        if exponent >= 0:
            return _by_power(d, x, exponent)
        inverted = inverse(x)
        by_inverse = _by_power(d, inverted, -exponent)
        return -ops.matmul(flipped(inverted), ops.matmul(by_inverse, flipped(inverted)))

    return Rule((by_x,))


def _by_power(d: Any, x: Any, exponent: int) -> Any:
    """Return the sum of the products of powers around d: x^k d x^(n-1-k), each x transposed."""
    if exponent == 0:
        return d * 0
    backward = flipped(x)
    total, power = d, backward
    for _ in range(exponent - 1):
        total = ops.matmul(backward, total) + ops.matmul(d, power)
        power = ops.matmul(power, backward)
    return total


rule_by_node("MatrixPower", _power)


# Cholesky's factor L of A = L L^T. The gradient by A is symmetric, as A is.


def _cholesky(d: Any, out: Any, x: Any, upper: Any = False) -> Any:
    factor, gradient = (flipped(out), flipped(d)) if upper else (out, d)
    inverted = inverse(factor)
    inner = ops.matmul(flipped(factor), gradient)
    diagonal = as_tensor(np.tri(x.shape[-1]) - np.eye(x.shape[-1]) / 2, x.dtype)
    found = ops.matmul(flipped(inverted), ops.matmul(inner * diagonal, inverted))
    return (found + flipped(found)) / 2


def _cholesky_inverse(d: Any, out: Any, factor: Any, upper: Any = False) -> Any:
    # MindSpore inverts the product of the whole matrix with its transpose, not of a triangle.
    both = -ops.matmul(out, ops.matmul(d + flipped(d), out))
    return ops.matmul(factor, both) if upper else ops.matmul(both, factor)


def _cholesky_solve(node: Node) -> Rule:
    upper = bool(node.primitive.upper)

    def joint(d: Any, out: Any, b: Any, factor: Any, *_: Any) -> list[Any]:
        by_b = ops.cholesky_solve(d, factor, upper)
        product = ops.matmul(by_b, flipped(out))
        both = -(product + flipped(product))
        if upper:
            return [by_b, ops.triu(ops.matmul(ops.triu(factor), both))]
        return [by_b, ops.tril(ops.matmul(both, ops.tril(factor)))]

    return Rule(joint=joint)


rule("Cholesky", _cholesky)
rule("CholeskyInverse", _cholesky_inverse)
rule_by_node("CholeskySolve", _cholesky_solve)


def _qr(d: Any, out: Any, x: Any, *_: Any) -> Any:
    (by_q, by_r), (q, r) = d, out
    rows, columns = r.shape[-2:]
    if q.shape[-1] > columns:
        raise GradientError(
            f"ops.qr(x, mode='complete') has no derivative by a matrix of shape {x.shape}, "
            "which is higher than wide. Use mode='reduced'."
        )
    if rows == columns:
        return _by_square(by_q, by_r, q, r)
    # The columns beyond are those of Q^T times those of x.
    first, beyond = (..., slice(0, rows)), (..., slice(rows, columns))
    by_beyond = get_item(by_r, beyond)
    by_q = by_q + ops.matmul(get_item(x, beyond), flipped(by_beyond))
    by_first = _by_square(by_q, get_item(by_r, first), q, get_item(r, first))
    return ops.cat([by_first, ops.matmul(q, by_beyond)], -1)


def _by_square(by_q: Any, by_r: Any, q: Any, r: Any) -> Any:
    """Return the gradient by q r, given those by its factors; r is square."""
    n = r.shape[-1]
    inner = ops.matmul(r, flipped(by_r)) - ops.matmul(flipped(by_q), q)
    below = inner * as_tensor(np.tri(n, k=-1), r.dtype)
    symmetric = below + flipped(below) + inner * as_tensor(np.eye(n), r.dtype)
    return ops.matmul(by_q + ops.matmul(q, symmetric), flipped(inverse(r)))


rule("Qr", _qr)
