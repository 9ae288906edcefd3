"""Tensor's methods, where the other tables have the functions of the same name."""

import numpy as np

from ..row import Row, normal, rows

M = normal(71, 3, 4)
SQUARE = normal(72, 3, 3) + 3 * np.eye(3)
CUBE = normal(73, 2, 3, 3)

ROWS: list[Row] = [
    *rows(
        """
        x.addbmm(c, c * c) ** 2
        x.addmm(x, x * x)
        x[0].addmv(x, x[1])
        x.addr(x[0], x[1])
        c.baddbmm(c, c * c)
        c.bmm(c * c)
        x.cross(x * x, 1)
        x.inner(x * x)
        x.matmul(x)
        x.matrix_power(3)
        x.mm(x)
        x[0].outer(x[1])
        x[0].ger(x[1])
        x.det()
        x.inverse()
        x.inv()
        (x @ x.T).cholesky()
        (x @ x.T).cholesky().cholesky_inverse()
        x.cholesky_solve((x @ x.T).cholesky())
        (x @ x.T).logdet()
        x.log_matrix_determinant()[1]
        x.slogdet()[1]
        x.lstsq(x * x)
        (lambda q, r: q.abs() + r.abs())(*x.qr())
        x.svd(compute_uv=False)
        x.rot90(1, (0, 1)) ** 2
        x.diagonal_scatter(x[0] * x[1]) ** 2
        """,
        x=SQUARE,
        constants={"c": CUBE},
    ),
    *rows(
        """
        x.amax() ** 2
        x.amin() ** 2
        x.chunk(2, 1)[0] ** 2
        x.cov()
        x.cumprod(0)
        x.cumsum(0) ** 2
        x.diagflat() ** 2
        x.diff() ** 2
        x.expand_dims(0).dsplit(2)[0] ** 2
        x.fliplr() ** 2
        x.gather(i, 0) ** 2
        x.gather_elements(1, e) ** 2
        x.gather_nd(n) ** 2
        x.imag() * x
        x.index_add(0, i.astype(ms.int32), x[:2] ** 2) ** 2
        x.index_fill(0, i.astype(ms.int32), 0.5) ** 2
        x.index_select(0, i) ** 2
        x.logcumsumexp(0)
        x.logsumexp(0)
        x.masked_select(x > 0) ** 2
        x.moveaxis(0, 1) ** 2
        x.nansum() ** 2
        x.ptp() ** 2
        x.renorm(2, 0, 1.0)
        x.repeat(2, 0) ** 2
        x.roll(1, 0) ** 2
        x.scatter(1, e, x[:2, :2] ** 2) ** 2
        x.select_scatter(x[0] ** 2, 0, 1) ** 2
        x.slice_scatter(x[:, :2] ** 2, 1, 0, 2) ** 2
        x.softmax(-1)
        x.topk(2)[0] ** 2
        x.unbind(0)[0] ** 2
        x.reshape(1, 1, 3, 4).unfold(2) ** 2
        x.reshape(-1).unique()[0] ** 2
        x.unsorted_segment_max(s, 2) ** 2
        x.unsorted_segment_min(s, 2) ** 2
        x.unsorted_segment_prod(s, 2)
        """,
        x=M,
        i=np.array([0, 2]),
        e=np.array([[0, 2], [1, 1]]),
        n=np.array([[0, 2], [1, 1]]),
        s=np.array([0, 1, 0], np.int32),
    ),
]
