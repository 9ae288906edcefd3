"""Backward rules of linear algebra."""

from typing import Any

from mindspore import ops
from mindspore.ops import operations as P
from mindspore.ops.auto_generate import gen_ops_prim
from mindspore.ops.composite.multitype_ops.zeros_like_impl import zeros_like

from d2l_autograd.engine.inside_jit.rules.table import INSTEAD, MISSING, rule


@rule(INSTEAD, "MatrixInverse")
def _inverse(op: Any) -> Any:
    adjoint = op.adjoint

    def vjp(x: Any, out: Any, dout: Any) -> Any:
        if adjoint:
            return (-ops.matmul(out, ops.matmul(_transposed(dout), out)),)
        back = _transposed(out)
        return (-ops.matmul(back, ops.matmul(dout, back)),)

    return vjp


@rule(INSTEAD, "MatrixDeterminant")
def _det(op: Any) -> Any:
    def vjp(x: Any, out: Any, dout: Any) -> Any:
        return (_matrix(dout * out) * _transposed(P.MatrixInverse()(x)),)

    return vjp


@rule(INSTEAD, "LogMatrixDeterminant")
def _slogdet(op: Any) -> Any:
    def vjp(x: Any, out: Any, dout: Any) -> Any:
        return (_matrix(dout[1]) * _transposed(P.MatrixInverse()(x)),)

    return vjp


@rule(INSTEAD, "Cholesky")
def _cholesky(op: Any) -> Any:
    def vjp(x: Any, upper: Any, out: Any, dout: Any) -> Any:
        factor = _transposed(out) if upper else out
        gradient = _transposed(dout) if upper else dout
        inner = ops.matmul(_transposed(factor), gradient)
        middle = ops.tril(inner) - 0.5 * inner * ops.eye(x.shape[-1], x.shape[-1], x.dtype)
        inverse = P.MatrixInverse()(factor)
        dx = ops.matmul(ops.matmul(_transposed(inverse), middle), inverse)
        return 0.5 * (dx + _transposed(dx)), zeros_like(upper)

    return vjp


@rule(INSTEAD, "CholeskyInverse")
def _cholesky_inverse(op: Any) -> Any:
    def vjp(x: Any, upper: Any, out: Any, dout: Any) -> Any:
        inner = ops.matmul(ops.matmul(out, dout + _transposed(dout)), out)
        if upper:
            return -ops.triu(ops.matmul(ops.triu(x), inner)), zeros_like(upper)
        return -ops.tril(ops.matmul(inner, ops.tril(x))), zeros_like(upper)

    return vjp


@rule(INSTEAD, "Svd")
def _svd(op: Any) -> Any:
    """The rule of J. Townsend, Differentiating the singular value decomposition, 2016."""

    def vjp(x: Any, full_matrices: Any, compute_uv: Any, out: Any, dout: Any) -> Any:
        constants = zeros_like(full_matrices), zeros_like(compute_uv)
        if not compute_uv:
            _, u, v = gen_ops_prim.Svd(False, True)(x)
            return ops.matmul(u * dout[0].expand_dims(-2), _transposed(v)), *constants
        s, u, v = out
        ds, du, dv = dout
        row = s.expand_dims(-2)
        gaps = row * row - _transposed(row * row)
        gaps = gaps + ops.eye(s.shape[-1], s.shape[-1], s.dtype)
        turns_u = _quotient(_skew(ops.matmul(_transposed(u), du)), gaps) * row
        turns_v = _transposed(row) * _quotient(_skew(ops.matmul(_transposed(v), dv)), gaps)
        inner = turns_u + turns_v + ds.expand_dims(-1) * ops.eye(s.shape[-1], s.shape[-1], s.dtype)
        dx = ops.matmul(ops.matmul(u, inner), _transposed(v))
        if x.shape[-2] > s.shape[-1]:
            rest = _quotient(du - ops.matmul(u, ops.matmul(_transposed(u), du)), row)
            dx = dx + ops.matmul(rest, _transposed(v))
        if x.shape[-1] > s.shape[-1]:
            rest = _quotient(dv - ops.matmul(v, ops.matmul(_transposed(v), dv)), row)
            dx = dx + ops.matmul(u, _transposed(rest))
        return dx, *constants

    return vjp


def _skew(x: Any) -> Any:
    return x - _transposed(x)


def _quotient(x: Any, y: Any) -> Any:
    """Return x / y, and 0 where both are 0."""
    both = ops.logical_and(x == 0, y == 0)
    return ops.select(both, ops.zeros_like(x), x / y)


@rule(MISSING, "Qr")
def _qr(op: Any) -> Any:
    def vjp(x: Any, full_matrices: Any, out: Any, dout: Any) -> Any:
        q, r = out
        dq, dr = dout
        size = q.shape[-1]
        if x.shape[-1] == size:
            return _qr_square(q, r, dq, dr), zeros_like(full_matrices)
        right, dright = x[..., size:], dr[..., size:]
        dq = dq + ops.matmul(right, _transposed(dright))
        dleft = _qr_square(q, r[..., :size], dq, dr[..., :size])
        return ops.concat((dleft, ops.matmul(q, dright)), -1), zeros_like(full_matrices)

    return vjp


def _qr_square(q: Any, r: Any, dq: Any, dr: Any) -> Any:
    inner = ops.matmul(r, _transposed(dr)) - ops.matmul(_transposed(dq), q)
    lower = ops.tril(inner)
    symmetric = lower + _transposed(ops.tril(inner, -1))
    return ops.matmul(dq + ops.matmul(q, symmetric), _transposed(P.MatrixInverse()(r)))


def _transposed(x: Any) -> Any:
    return x.swapaxes(-1, -2)


def _matrix(x: Any) -> Any:
    return x.expand_dims(-1).expand_dims(-1)
