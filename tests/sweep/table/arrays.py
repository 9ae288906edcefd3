"""Reductions, linear algebra, shapes and indexing."""

from typing import Any

import numpy as np
from mindspore import ops

from ..row import Row, normal, rows

M = normal(1, 3, 4)
M2 = normal(2, 4, 2)
V4 = normal(3, 4)
V3 = normal(4, 3)
SQUARE = normal(5, 3, 3) + 3 * np.eye(3)
CUBE = normal(7, 2, 3, 4)
TWICE = np.array([2, 0, 2])
TAKEN = np.array([[0, 2, 1, 1], [2, 2, 0, 1]])
MASK = np.array([[1, 0, 1, 1], [0, 1, 0, 0], [1, 1, 0, 1]], bool)


def svd_squared(x: Any) -> Any:
    s, u, v = ops.svd(x)
    return squared_by(u, s, v.swapaxes(-1, -2))


def squared_by(u: Any, s: Any, vt: Any) -> Any:
    """Return the matrix of squared singular values; the signs of the vectors do not matter."""
    return (u * s**2) @ vt


def qr_squares(x: Any) -> Any:
    q, r = ops.qr(x)
    return squares(q, r)


def squares(q: Any, r: Any) -> Any:
    return q**2 @ r**2


ROWS: list[Row] = [
    *rows(
        """
        (x * x).sum()
        x.sum(axis=0) ** 2
        x.mean(axis=1) ** 3
        x.max() ** 2
        x.max(axis=1) ** 2
        x.min() ** 2
        x.min(axis=0) ** 2
        ops.max(x, 1)[0] ** 2
        ops.min(x, 1)[0] ** 2
        ops.amax(x, 1) ** 2
        ops.amin(x, 1) ** 2
        x.prod()
        ops.prod(x, 1)
        ops.std(x, 1)
        ops.var(x, 1) ** 2
        ops.logsumexp(x, 1)
        ops.norm(x)
        x.norm()
        ops.norm(x, 1, 1) ** 2
        ops.norm(x, 3, 1)
        ops.cumsum(x, 1) ** 2
        ops.cumprod(x, 1)
        ops.logcumsumexp(x, 1)
        ops.median(x, 1)[0] ** 2
        ops.cummax(x, 1)[0] ** 2
        ops.cummin(x, 0)[0] ** 2
        x.var()
        ops.log_softmax(x, 1)
        ops.softmin(x, 1)
        ops.diff(x, 1) ** 2
        x @ x.T
        ops.inner(x, x)
        ops.svd(x, compute_uv=False)
        ops.pinv(x)
        ops.L2Normalize(1)(x)
        x[0] ** 2
        x[1:] ** 2
        x[:, ::2] ** 2
        x[..., -1] ** 2
        x[1, 2] ** 2
        x[None] ** 2
        x.reshape(2, 6) ** 2
        ops.flip(x, (1,)) ** 2
        ops.concat((x, 2 * x)) ** 2
        ops.stack((x, x * x))
        ops.split(x, 2, axis=1)[1] ** 2
        ops.chunk(x, 2, axis=1)[0] ** 2
        ops.unstack(x, 1)[2] ** 2
        ops.tile(x, (2, 1)) ** 2
        ops.repeat_interleave(x, 2, 1) ** 2
        (x[None] * 1).squeeze(0) ** 2
        ops.pad(x, (1, 2)) ** 2
        ops.pad(x, (1, 2), mode='reflect') ** 2
        nn.ReflectionPad1d((1, 2))(x) ** 2
        ops.pad(x, (1, 2), mode='replicate') ** 2
        ops.sort(x, 1)[0] ** 2
        ops.topk(x, 2)[0] ** 2
        """,
        x=M,
    ),
    *rows(
        """
        svd_squared(x)
        qr_squares(x)
        """,
        svd_squared=svd_squared,
        qr_squares=qr_squares,
        x=M,
    ),
    *rows(
        """
        ops.tensor_dot(x, x * c, 1)
        """,
        x=V4,
        c=V4[::-1].copy(),
    ),
    *rows(
        """
        ops.outer(x, x)
        ops.diag(x) ** 2
        ops.broadcast_to(x, (2, 4)) ** 2
        x.expand_dims(1) * x
        ops.meshgrid(x, x * x)[0] * ops.meshgrid(x, x * x)[1]
        """,
        x=V4,
    ),
    *rows(
        """
        ops.matmul(x, a) ** 2
        ops.mm(x, a) ** 2
        """,
        x=M,
        a=M2,
    ),
    *rows(
        """
        ops.matmul(a, x) ** 2
        """,
        x=V4,
        a=M,
    ),
    *rows(
        """
        ops.bmm(x, a) ** 2
        """,
        x=CUBE,
        a=normal(8, 2, 4, 2),
    ),
    *rows(
        """
        ops.baddbmm(c, x, a) ** 2
        """,
        x=CUBE,
        a=normal(8, 2, 4, 2),
        c=normal(9, 2, 3, 2),
    ),
    *rows(
        """
        ops.addmm(c, x, a) ** 2
        """,
        x=M,
        a=M2,
        c=normal(9, 3, 2),
    ),
    *rows(
        """
        ops.addmv(c, a, x) ** 2
        """,
        x=V4,
        a=M,
        c=V3,
    ),
    *rows(
        """
        ops.kron(x, x)
        ops.slogdet(x)[1]
        ops.cholesky(x @ x.T)
        ops.cholesky_inverse(ops.tril(x))
        ops.matrix_power(x, 3)
        ops.trace(x @ x)
        ops.diagonal(x) ** 2
        ops.tril(x) ** 2
        ops.triu(x) ** 2
        """,
        x=SQUARE,
    ),
    *rows(
        """
        qr_squares(x)
        """,
        qr_squares=qr_squares,
        at="square",
        x=SQUARE,
    ),
    *rows(
        """
        ops.cross(x, c * x * x)
        """,
        x=V3,
        c=V3[::-1].copy(),
    ),
    *rows(
        """
        ops.inverse(x) @ b
        """,
        x=SQUARE,
        b=normal(6, 3, 2),
    ),
    *rows(
        """
        svd_squared(x)
        qr_squares(x)
        """,
        svd_squared=svd_squared,
        qr_squares=qr_squares,
        at="tall",
        x=M.T.copy(),
    ),
    *rows(
        """
        ops.cosine_similarity(x, c)
        """,
        x=M,
        c=normal(10, 3, 4),
    ),
    *rows(
        """
        x @ a @ x
        """,
        x=V3,
        a=SQUARE,
    ),
    *rows(
        """
        x[i] ** 2
        ops.gather(x, i, 0) ** 2
        ops.index_select(x, 0, i) ** 2
        x.take(i, 0) ** 2
        ops.unsorted_segment_sum(x, i, 3) ** 2
        """,
        i=TWICE,
        x=M,
    ),
    *rows(
        """
        x[m] ** 2
        ops.masked_select(x, m) ** 2
        ops.masked_fill(x, m, 0.5) ** 2
        """,
        m=MASK,
        x=M,
    ),
    *rows(
        """
        ops.permute(x, (2, 0, 1)) ** 2
        """,
        x=CUBE,
    ),
    *rows(
        """
        ops.gather_elements(x, 0, i) ** 2
        """,
        i=TAKEN,
        x=M,
    ),
    *rows(
        """
        ops.gather_nd(x, i) ** 2
        ops.tensor_scatter_add(x, i, (x * x)[0, :3]) ** 2
        """,
        x=M,
        i=np.array([[0, 1], [2, 3], [0, 1]]),
    ),
    *rows(
        """
        ops.gather(x, i, 0) ** 2
        """,
        x=M,
        at="many",
        i=TAKEN % 3,
    ),
    *rows(
        """
        ops.tensor_scatter_elements(x, i, (x * x)[:2], 0) ** 2
        """,
        x=M,
        i=np.array([[0, 2, 1, 1], [2, 1, 0, 0]]),
    ),
    *rows(
        """
        ops.unfold(x, 2) ** 2
        """,
        x=normal(11, 1, 2, 4, 4),
    ),
    # Other names of the same, and what is composed of others.
    *rows(
        """
        ops.adjoint(x) ** 2
        ops.aminmax(x)
        ops.argmax(x).astype(x.dtype) * x * x
        ops.argmin(x).astype(x.dtype) * x * x
        ops.argsort(x).astype(x.dtype) * x * x
        ops.atleast_1d(x) ** 2
        ops.atleast_2d(x) ** 2
        ops.atleast_3d(x) ** 2
        ops.count_nonzero(x).astype(x.dtype) * x * x
        ops.clip_by_norm(x, 1.0)
        ops.clip_by_global_norm([x, x * x], 1.0)
        ops.deepcopy(x) ** 2
        ops.eq(x, x * x).astype(x.dtype) * x * x
        ops.equal(x, x * x).astype(x.dtype) * x * x
        ops.ne(x, x * x).astype(x.dtype) * x * x
        ops.not_equal(x, x * x).astype(x.dtype) * x * x
        ops.gt(x, x * x).astype(x.dtype) * x * x
        ops.ge(x, x * x).astype(x.dtype) * x * x
        ops.lt(x, x * x).astype(x.dtype) * x * x
        ops.le(x, x * x).astype(x.dtype) * x * x
        ops.less(x, x * x).astype(x.dtype) * x * x
        ops.less_equal(x, x * x).astype(x.dtype) * x * x
        ops.greater_equal(x, x * x).astype(x.dtype) * x * x
        ops.logical_and(x > 0, x < 1).astype(x.dtype) * x * x
        ops.logical_or(x > 0, x < -1).astype(x.dtype) * x * x
        ops.logical_xor(x > 0, x < 1).astype(x.dtype) * x * x
        ops.expand_dims(x, 1) ** 2
        ops.unsqueeze(x, 1) ** 2
        ops.expand(x, (2, 3, 4)) ** 2
        ops.expand_as(x, ops.ones((2, 3, 4))) ** 2
        ops.flatten(x, order="C") ** 2
        ops.flipud(x) ** 2
        ops.fliplr(x) ** 2
        ops.dsplit(x.reshape((1, 3, 4)), 2)[0] ** 2
        ops.hsplit(x, 2)[0] ** 2
        ops.vsplit(x, 3)[0] ** 2
        ops.tensor_split(x, 2, 1)[0] ** 2
        ops.dot(x, x.T)
        ops.einsum("ij,kj->ik", x, x)
        ops.isneginf(x).astype(x.dtype) + x * x
        ops.isposinf(x).astype(x.dtype) + x * x
        ops.matrix_band_part(x, 1, 0) ** 2
        ops.matrix_diag(x[0]) ** 2
        ops.matrix_norm(x)
        ops.mean(x, 1) ** 2
        ops.moveaxis(x, 0, 1) ** 2
        ops.movedim(x, 0, 1) ** 2
        ops.msort(x) ** 2
        ops.mv(x, x[0])
        ops.nanmean(x, 1) ** 2
        ops.nanmedian(x, 1)[0] ** 2
        ops.nansum(x, 1) ** 2
        ops.nanquantile(x, 0.3, 1) ** 2
        ops.quantile(x, 0.3, 1) ** 2
        ops.narrow(x, 1, 1, 2) ** 2
        ops.ravel(x) ** 2
        ops.repeat_elements(x, 2, 1) ** 2
        ops.reshape(x, (4, 3)) ** 2
        ops.reverse(x, [1]) ** 2
        ops.rms_norm(x, ops.ones(4))
        ops.roll(x, 1, 0) ** 2
        ops.row_stack([x, x * x]) ** 2
        ops.vstack([x, x * x]) ** 2
        ops.squeeze(x.expand_dims(0), 0) ** 2
        ops.sum(x, 1) ** 2
        ops.swapaxes(x, 0, 1) ** 2
        ops.swapdims(x, 0, 1) ** 2
        ops.t(x) ** 2
        ops.take(x, ms.Tensor([0, 2]), 0) ** 2
        ops.top_k(x, 2)[0] ** 2
        ops.transpose(x, (1, 0)) ** 2
        ops.trapz(x, dx=0.5) ** 2
        ops.type_as(x, x) ** 2
        ops.unique(x)[0].sum() * x
        ops.view_as(x, ops.ones((4, 3))) ** 2
        x.adjoint() ** 2
        x.aminmax()
        x.argmax_with_value(1)[0] ** 2
        x.argmin_with_value(1)[0] ** 2
        x.clone() ** 2
        x.dot(x.T)
        x.expand_as(ops.ones((2, 3, 4))) ** 2
        x.flipud() ** 2
        x.hsplit(2)[0] ** 2
        x.vsplit(3)[0] ** 2
        x.tensor_split(2, 1)[0] ** 2
        x.kthvalue(2, 1)[0] ** 2
        x.msort() ** 2
        x.nanmean(1) ** 2
        x.nanmedian(1)[0] ** 2
        x.quantile(0.3, 1) ** 2
        x.nanquantile(0.3, 1) ** 2
        x.reshape_as(ops.ones((4, 3))) ** 2
        x.reverse([1]) ** 2
        x.swapdims(0, 1) ** 2
        x.sum_to_size((3, 1)) ** 2
        x.top_k(2)[0] ** 2
        x.view_as(ops.ones((4, 3))) ** 2
        x.resize(2, 3) ** 2
        mnp.amax(x, 1) ** 2
        mnp.amin(x, 1) ** 2
        mnp.min(x, 1) ** 2
        mnp.mean(x, 1) ** 2
        mnp.sum(x, 1) ** 2
        mnp.std(x, 1) ** 2
        mnp.var(x, 1) ** 2
        mnp.nanmean(x, 1) ** 2
        mnp.nanmin(x, 1) ** 2
        mnp.nanstd(x, 1) ** 2
        mnp.nanvar(x, 1) ** 2
        mnp.nansum(x, 1) ** 2
        mnp.nancumsum(x, 1) ** 2
        mnp.norm(x, axis=1) ** 2
        mnp.array_split(x, 2)[0] ** 2
        mnp.atleast_1d(x) ** 2
        mnp.atleast_2d(x) ** 2
        mnp.atleast_3d(x) ** 2
        mnp.broadcast_to(x, (2, 3, 4)) ** 2
        mnp.broadcast_arrays(x, x[0])[1] ** 2
        mnp.column_stack([x, x * x]) ** 2
        mnp.concatenate([x, x * x]) ** 2
        mnp.cumprod(x, 1)
        mnp.cumsum(x, 1) ** 2
        mnp.diag(x) ** 2
        mnp.diagonal(x) ** 2
        mnp.dot(x, x.T)
        mnp.matmul(x, x.T)
        mnp.outer(x[0], x[1])
        mnp.dstack([x, x * x]) ** 2
        mnp.hstack([x, x * x]) ** 2
        mnp.vstack([x, x * x]) ** 2
        mnp.stack([x, x * x]) ** 2
        mnp.ediff1d(x) ** 2
        mnp.expand_dims(x, 1) ** 2
        mnp.fliplr(x) ** 2
        mnp.flipud(x) ** 2
        mnp.hsplit(x, 2)[0] ** 2
        mnp.vsplit(x, 3)[0] ** 2
        mnp.split(x, 2, 1)[0] ** 2
        mnp.ravel(x) ** 2
        mnp.reshape(x, (4, 3)) ** 2
        mnp.squeeze(x.expand_dims(0)) ** 2
        mnp.swapaxes(x, 0, 1) ** 2
        mnp.tile(x, 2) ** 2
        mnp.transpose(x) ** 2
        mnp.tril(x) ** 2
        mnp.triu(x) ** 2
        mnp.unwrap(x) * x
        mnp.vander(x[0])
        mnp.polyadd(x[0], x[1]) ** 2
        mnp.polysub(x[0], x[1]) ** 2
        mnp.interp(x, ms.Tensor([-3.0, 0.0, 3.0]).astype(x.dtype), x[:, 0])
        """,
        "composed",
        x=M,
    ),
    *rows(
        """
        mnp.unique(x) ** 2
        ops.unique_consecutive(x) ** 2
        x.unique_consecutive() ** 2
        ops.unique_with_pad(x.reshape(-1), 0.0)[0] ** 2
        x.reshape(-1).unique_with_pad(0.0)[0] ** 2
        mnp.intersect1d(x, x) ** 2
        mnp.setdiff1d(x, x[:1]) ** 2
        x.masked_scatter(x > 0, x * x) ** 2
        ops.histc(x, 3) * x.sum() ** 2
        x.histc(3) * x.sum() ** 2
        mnp.histogram(x, 3, (-4.0, 4.0))[0] * x.sum() ** 2
        mnp.histogram_bin_edges(x, 3) ** 2
        mnp.histogram2d(x[0], x[1], 2)[1] ** 2
        mnp.histogramdd(x[:, :2], 2)[1][0] ** 2
        ops.bincount(i, x[0]) ** 2
        i.bincount(x[0]) ** 2
        mnp.bincount(i, x[0]) ** 2
        ops.embedding(i, x) ** 2
        ops.sparse_segment_mean(x, i[:2].astype(ms.int32), i[:2].astype(ms.int32)) ** 2
        ops.hyper_add(x, x * x)
        """,
        x=M,
        i=np.array([0, 1, 1, 2]),
    ),
]
