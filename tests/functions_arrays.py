"""Reductions, linear algebra, shapes and indexing."""

from typing import Any

import mindspore as ms
import numpy as np
from functions import Function, normal
from mindspore import nn, ops

M = normal(1, 3, 4)
M2 = normal(2, 4, 2)
V4 = normal(3, 4)
V3 = normal(4, 3)
SQUARE = normal(5, 3, 3) + 3 * np.eye(3)
CUBE = normal(7, 2, 3, 4)
ROWS = np.array([2, 0, 2])
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


FUNCTIONS = [
    Function("sum", lambda x: (x * x).sum(), lambda t, x: (x * x).sum(), M),
    Function("sum axis", lambda x: x.sum(axis=0) ** 2, lambda t, x: x.sum(0) ** 2, M),
    Function("mean", lambda x: x.mean(axis=1) ** 3, lambda t, x: x.mean(1) ** 3, M),
    Function("max", lambda x: x.max() ** 2, lambda t, x: x.max() ** 2, M),
    Function("max axis", lambda x: x.max(axis=1) ** 2, lambda t, x: x.max(1).values ** 2, M),
    Function("min", lambda x: x.min() ** 2, lambda t, x: x.min() ** 2, M),
    Function("min axis", lambda x: x.min(axis=0) ** 2, lambda t, x: x.min(0).values ** 2, M),
    Function("ops.max", lambda x: ops.max(x, 1)[0] ** 2, lambda t, x: x.max(1).values ** 2, M),
    Function("ops.min", lambda x: ops.min(x, 1)[0] ** 2, lambda t, x: x.min(1).values ** 2, M),
    Function("amax", lambda x: ops.amax(x, 1) ** 2, lambda t, x: t.amax(x, 1) ** 2, M),
    Function("amin", lambda x: ops.amin(x, 1) ** 2, lambda t, x: t.amin(x, 1) ** 2, M),
    Function("prod", lambda x: x.prod(), lambda t, x: x.prod(), M),
    Function("prod axis", lambda x: ops.prod(x, 1), lambda t, x: x.prod(1), M),
    Function("std", lambda x: ops.std(x, 1), lambda t, x: t.std(x, 1, correction=0), M),
    Function("var", lambda x: ops.var(x, 1) ** 2, lambda t, x: t.var(x, 1, correction=0) ** 2, M),
    Function("logsumexp", lambda x: ops.logsumexp(x, 1), lambda t, x: t.logsumexp(x, 1), M),
    Function("norm", lambda x: ops.norm(x), lambda t, x: t.linalg.norm(x), M),
    Function("x.norm", lambda x: x.norm(), lambda t, x: x.norm(), M),
    Function("norm 1", lambda x: ops.norm(x, 1, 1) ** 2, lambda t, x: t.norm(x, 1, 1) ** 2, M),
    Function("norm 3", lambda x: ops.norm(x, 3, 1), lambda t, x: t.norm(x, 3, 1), M),
    Function("cumsum", lambda x: ops.cumsum(x, 1) ** 2, lambda t, x: t.cumsum(x, 1) ** 2, M),
    Function("cumprod", lambda x: ops.cumprod(x, 1), lambda t, x: t.cumprod(x, 1), M),
    Function(
        "logcumsumexp", lambda x: ops.logcumsumexp(x, 1), lambda t, x: t.logcumsumexp(x, 1), M
    ),
    Function(
        "median", lambda x: ops.median(x, 1)[0] ** 2, lambda t, x: t.median(x, 1).values ** 2, M
    ),
    Function(
        "cummax", lambda x: ops.cummax(x, 1)[0] ** 2, lambda t, x: t.cummax(x, 1).values ** 2, M
    ),
    Function(
        "cummin", lambda x: ops.cummin(x, 0)[0] ** 2, lambda t, x: t.cummin(x, 0).values ** 2, M
    ),
    Function("x.var", lambda x: x.var(), lambda t, x: x.var(correction=0), M),
    Function("softmax", lambda x: ops.softmax(x, 1), lambda t, x: t.softmax(x, 1), M),
    Function("log_softmax", lambda x: ops.log_softmax(x, 1), lambda t, x: t.log_softmax(x, 1), M),
    Function("softmin", lambda x: ops.softmin(x, 1), lambda t, x: t.nn.functional.softmin(x, 1), M),
    Function("diff", lambda x: ops.diff(x, 1) ** 2, lambda t, x: t.diff(x) ** 2, M),
    # linear algebra
    Function(
        "dot",
        lambda x, c: ops.tensor_dot(x, x * c, 1),
        lambda t, x, c: x @ (x * c),
        V4,
        (V4[::-1].copy(),),
    ),
    Function("outer", lambda x: ops.outer(x, x), lambda t, x: t.outer(x, x), V4),
    Function("matmul", lambda x, a: ops.matmul(x, a) ** 2, lambda t, x, a: (x @ a) ** 2, M, (M2,)),
    Function("x @ x.T", lambda x: x @ x.T, lambda t, x: x @ x.T, M),
    Function(
        "matmul vector", lambda x, a: ops.matmul(a, x) ** 2, lambda t, x, a: (a @ x) ** 2, V4, (M,)
    ),
    Function("mm", lambda x, a: ops.mm(x, a) ** 2, lambda t, x, a: t.mm(x, a) ** 2, M, (M2,)),
    Function(
        "bmm",
        lambda x, a: ops.bmm(x, a) ** 2,
        lambda t, x, a: t.bmm(x, a) ** 2,
        CUBE,
        (normal(8, 2, 4, 2),),
    ),
    Function(
        "baddbmm",
        lambda x, a, c: ops.baddbmm(c, x, a) ** 2,
        lambda t, x, a, c: t.baddbmm(c, x, a) ** 2,
        CUBE,
        (normal(8, 2, 4, 2), normal(9, 2, 3, 2)),
    ),
    Function(
        "addmm",
        lambda x, a, c: ops.addmm(c, x, a) ** 2,
        lambda t, x, a, c: t.addmm(c, x, a) ** 2,
        M,
        (M2, normal(9, 3, 2)),
    ),
    Function(
        "addmv",
        lambda x, a, c: ops.addmv(c, a, x) ** 2,
        lambda t, x, a, c: t.addmv(c, a, x) ** 2,
        V4,
        (M, V3),
    ),
    Function("kron", lambda x: ops.kron(x, x), lambda t, x: t.kron(x, x), SQUARE),
    Function("inner", lambda x: ops.inner(x, x), lambda t, x: t.inner(x, x), M),
    Function(
        "cross",
        lambda x, c: ops.cross(x, c * x * x),
        lambda t, x, c: t.linalg.cross(x, c * x * x),
        V3,
        (V3[::-1].copy(),),
    ),
    Function("inverse", lambda x: ops.inverse(x), lambda t, x: t.inverse(x), SQUARE),
    Function("det", lambda x: ops.det(x), lambda t, x: t.det(x), SQUARE),
    Function("slogdet", lambda x: ops.slogdet(x)[1], lambda t, x: t.slogdet(x)[1], SQUARE),
    Function(
        "cholesky", lambda x: ops.cholesky(x @ x.T), lambda t, x: t.linalg.cholesky(x @ x.T), SQUARE
    ),
    Function(
        "cholesky_inverse",
        lambda x: ops.cholesky_inverse(ops.tril(x)),
        lambda t, x: t.cholesky_inverse(t.tril(x)),
        SQUARE,
    ),
    Function(
        "inverse @ b",
        lambda x, b: ops.inverse(x) @ b,
        lambda t, x, b: t.linalg.solve(x, b),
        SQUARE,
        (normal(6, 3, 2),),
    ),
    Function(
        "svd values", lambda x: ops.svd(x, compute_uv=False), lambda t, x: t.linalg.svdvals(x), M
    ),
    Function("svd", svd_squared, lambda t, x: squared_by(*t.linalg.svd(x, False)), M),
    Function("svd tall", svd_squared, lambda t, x: squared_by(*t.linalg.svd(x, False)), M.T.copy()),
    Function("pinv", lambda x: ops.pinv(x), lambda t, x: t.linalg.pinv(x), M),
    Function("qr", qr_squares, lambda t, x: squares(*t.linalg.qr(x)), SQUARE),
    Function("qr tall", qr_squares, lambda t, x: squares(*t.linalg.qr(x)), M.T.copy()),
    Function("qr wide", qr_squares, lambda t, x: squares(*t.linalg.qr(x)), M),
    Function(
        "matrix_power",
        lambda x: ops.matrix_power(x, 3),
        lambda t, x: t.linalg.matrix_power(x, 3),
        SQUARE,
    ),
    Function("trace", lambda x: ops.trace(x @ x), lambda t, x: t.trace(x @ x), SQUARE),
    Function("diag", lambda x: ops.diag(x) ** 2, lambda t, x: t.diag(x) ** 2, V4),
    Function("diagonal", lambda x: ops.diagonal(x) ** 2, lambda t, x: t.diagonal(x) ** 2, SQUARE),
    Function("tril", lambda x: ops.tril(x) ** 2, lambda t, x: t.tril(x) ** 2, SQUARE),
    Function("triu", lambda x: ops.triu(x) ** 2, lambda t, x: t.triu(x) ** 2, SQUARE),
    Function(
        "cosine_similarity",
        lambda x, c: ops.cosine_similarity(x, c),
        lambda t, x, c: t.cosine_similarity(x, c),
        M,
        (normal(10, 3, 4),),
    ),
    Function("x @ A @ x", lambda x, a: x @ a @ x, lambda t, x, a: x @ a @ x, V3, (SQUARE,)),
    Function(
        "l2_normalize",
        lambda x: ops.L2Normalize(1)(x),
        lambda t, x: t.nn.functional.normalize(x),
        M,
    ),
    # shapes and indexing
    Function("x[0]", lambda x: x[0] ** 2, lambda t, x: x[0] ** 2, M),
    Function("x[1:]", lambda x: x[1:] ** 2, lambda t, x: x[1:] ** 2, M),
    Function("x[:, ::2]", lambda x: x[:, ::2] ** 2, lambda t, x: x[:, ::2] ** 2, M),
    Function("x[..., -1]", lambda x: x[..., -1] ** 2, lambda t, x: x[..., -1] ** 2, M),
    Function("x[1, 2]", lambda x: x[1, 2] ** 2, lambda t, x: x[1, 2] ** 2, M),
    Function("x[index]", lambda x, i: x[i] ** 2, lambda t, x, i: x[i] ** 2, M, (ROWS,)),
    Function("x[mask]", lambda x, m: x[m] ** 2, lambda t, x, m: x[m] ** 2, M, (MASK,)),
    Function("x[None]", lambda x: x[None] ** 2, lambda t, x: x[None] ** 2, M),
    Function("reshape", lambda x: x.reshape(2, 6) ** 2, lambda t, x: x.reshape(2, 6) ** 2, M),
    Function("transpose", lambda x: x.T**2, lambda t, x: x.T**2, M),
    Function(
        "permute",
        lambda x: ops.permute(x, (2, 0, 1)) ** 2,
        lambda t, x: t.permute(x, (2, 0, 1)) ** 2,
        CUBE,
    ),
    Function("swapaxes", lambda x: x.swapaxes(0, 2) ** 2, lambda t, x: x.swapaxes(0, 2) ** 2, CUBE),
    Function("flip", lambda x: ops.flip(x, (1,)) ** 2, lambda t, x: t.flip(x, (1,)) ** 2, M),
    Function(
        "concat", lambda x: ops.concat((x, 2 * x)) ** 2, lambda t, x: t.concat((x, 2 * x)) ** 2, M
    ),
    Function("stack", lambda x: ops.stack((x, x * x)), lambda t, x: t.stack((x, x * x)), M),
    Function(
        "split",
        lambda x: ops.split(x, 2, axis=1)[1] ** 2,
        lambda t, x: t.split(x, 2, dim=1)[1] ** 2,
        M,
    ),
    Function(
        "chunk",
        lambda x: ops.chunk(x, 2, axis=1)[0] ** 2,
        lambda t, x: t.chunk(x, 2, dim=1)[0] ** 2,
        M,
    ),
    Function(
        "unstack", lambda x: ops.unstack(x, 1)[2] ** 2, lambda t, x: t.unbind(x, 1)[2] ** 2, M
    ),
    Function("tile", lambda x: ops.tile(x, (2, 1)) ** 2, lambda t, x: t.tile(x, (2, 1)) ** 2, M),
    Function(
        "repeat_interleave",
        lambda x: ops.repeat_interleave(x, 2, 1) ** 2,
        lambda t, x: t.repeat_interleave(x, 2, 1) ** 2,
        M,
    ),
    Function(
        "broadcast_to",
        lambda x: ops.broadcast_to(x, (2, 4)) ** 2,
        lambda t, x: t.broadcast_to(x, (2, 4)) ** 2,
        V4,
    ),
    Function("expand_dims", lambda x: x.expand_dims(1) * x, lambda t, x: x[:, None] * x, V4),
    Function(
        "squeeze",
        lambda x: (x[None] * 1).squeeze(0) ** 2,
        lambda t, x: (x[None] * 1).squeeze(0) ** 2,
        M,
    ),
    Function(
        "pad",
        lambda x: ops.pad(x, (1, 2)) ** 2,
        lambda t, x: t.nn.functional.pad(x, (1, 2)) ** 2,
        M,
    ),
    Function(
        "pad reflect",
        lambda x: ops.pad(x, (1, 2), mode="reflect") ** 2,
        lambda t, x: t.nn.functional.pad(x, (1, 2), mode="reflect") ** 2,
        M,
    ),
    Function(
        "nn.ReflectionPad1d",
        lambda x: nn.ReflectionPad1d((1, 2))(x) ** 2,
        lambda t, x: t.nn.functional.pad(x, (1, 2), mode="reflect") ** 2,
        M,
    ),
    Function(
        "pad replicate",
        lambda x: ops.pad(x, (1, 2), mode="replicate") ** 2,
        lambda t, x: t.nn.functional.pad(x, (1, 2), mode="replicate") ** 2,
        M,
    ),
    Function(
        "gather",
        lambda x, i: ops.gather(x, i, 0) ** 2,
        lambda t, x, i: t.index_select(x, 0, i) ** 2,
        M,
        (ROWS,),
    ),
    Function(
        "gather_elements",
        lambda x, i: ops.gather_elements(x, 0, i) ** 2,
        lambda t, x, i: t.gather(x, 0, i) ** 2,
        M,
        (TAKEN,),
    ),
    Function(
        "gather_nd",
        lambda x, i: ops.gather_nd(x, i) ** 2,
        lambda t, x, i: x[i[:, 0], i[:, 1]] ** 2,
        M,
        (np.array([[0, 1], [2, 3], [0, 1]]),),
    ),
    Function(
        "index_select",
        lambda x, i: ops.index_select(x, 0, i) ** 2,
        lambda t, x, i: t.index_select(x, 0, i) ** 2,
        M,
        (ROWS,),
    ),
    Function(
        "take",
        lambda x, i: x.take(i, 0) ** 2,
        lambda t, x, i: t.index_select(x, 0, i) ** 2,
        M,
        (ROWS,),
    ),
    Function(
        "masked_select",
        lambda x, m: ops.masked_select(x, m) ** 2,
        lambda t, x, m: t.masked_select(x, m) ** 2,
        M,
        (MASK,),
    ),
    Function(
        "masked_fill",
        lambda x, m: ops.masked_fill(x, m, 0.5) ** 2,
        lambda t, x, m: t.masked_fill(x, m, 0.5) ** 2,
        M,
        (MASK,),
    ),
    Function(
        "embedding",
        lambda x, i: ops.gather(x, i, 0) ** 2,
        lambda t, x, i: t.nn.functional.embedding(i, x) ** 2,
        M,
        (TAKEN % 3,),
    ),
    Function(
        "tensor_scatter_elements",
        lambda x, i: ops.tensor_scatter_elements(x, i, (x * x)[:2], 0) ** 2,
        lambda t, x, i: t.scatter(x, 0, i, (x * x)[:2]) ** 2,
        M,
        (np.array([[0, 2, 1, 1], [2, 1, 0, 0]]),),
    ),
    Function(
        "tensor_scatter_add",
        lambda x, i: ops.tensor_scatter_add(x, i, (x * x)[0, :3]) ** 2,
        lambda t, x, i: x.index_put((i[:, 0], i[:, 1]), (x * x)[0, :3], accumulate=True) ** 2,
        M,
        (np.array([[0, 1], [2, 3], [0, 1]]),),
    ),
    Function(
        "unsorted_segment_sum",
        lambda x, i: ops.unsorted_segment_sum(x, i, 3) ** 2,
        lambda t, x, i: t.zeros(3, 4, dtype=x.dtype).index_add(0, i, x) ** 2,
        M,
        (ROWS,),
    ),
    Function("sort", lambda x: ops.sort(x, 1)[0] ** 2, lambda t, x: t.sort(x, 1).values ** 2, M),
    Function("topk", lambda x: ops.topk(x, 2)[0] ** 2, lambda t, x: t.topk(x, 2).values ** 2, M),
    Function(
        "meshgrid",
        lambda x: ops.meshgrid(x, x * x)[0] * ops.meshgrid(x, x * x)[1],
        lambda t, x: (
            t.meshgrid(x, x * x, indexing="xy")[0] * t.meshgrid(x, x * x, indexing="xy")[1]
        ),
        V4,
    ),
    Function(
        "unfold",
        lambda x: ops.unfold(x, 2) ** 2,
        lambda t, x: t.nn.functional.unfold(x, 2) ** 2,
        normal(11, 1, 2, 4, 4),
    ),
    Function("cast", lambda x: x.astype(ms.float64) ** 2, lambda t, x: x.double() ** 2, M),
    Function(
        "cast to whole numbers",
        lambda x: x.astype(ms.int32).astype(x.dtype) * x * x,
        lambda t, x: x.int().to(x.dtype) * x * x,
        M,
    ),
    Function(
        "cast to bool", lambda x: x.astype(ms.bool_) * x * x, lambda t, x: x.bool() * x * x, M
    ),
    Function(
        "stop_gradient",
        lambda x: ops.stop_gradient(x * x) * x * x,
        lambda t, x: (x * x).detach() * x * x,
        M,
    ),
]
