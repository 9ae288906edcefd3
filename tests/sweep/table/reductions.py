"""Sums and other reductions, running sums and products, norms, sorting, softmax."""

import numpy as np

from ..row import EMPTY, ONE, SCALAR, Row, normal, rows

M = normal(31, 2, 3)
CUBE = normal(32, 2, 3, 4)
V = np.array([0.7, -1.2, 0.4, 1.9, -0.3])
INF = float("inf")

ROWS: list[Row] = [
    *rows(
        """
        x.sum((0, 2), keepdims=True) ** 2
        x.mean((0, -1)) ** 2
        x.prod(1) ** 2
        ops.prod(x) ** 2
        ops.ReduceProd()(x, (0, 2))
        ops.reduce_max(x, (0, 2)) ** 2
        x.var((0, 2))
        x.std(1)
        ops.std(x, (0, 1), 0, True)
        ops.std_mean(x, 1)
        ops.var_mean(x, 1)
        ops.logsumexp(x, (0, 2))
        x.median() ** 2
        ops.softmax(x, 1)
        ops.norm(x, 2, (0, 1))
        mnp.average(x, axis=1) ** 2
        mnp.ptp(x, axis=0) ** 2
        mnp.nanmax(x, axis=2) ** 2
        mint.nansum(x, 1) ** 2
        """,
        x=CUBE,
    ),
    *rows(
        """
        ops.cumsum(x, 0) ** 2
        ops.CumSum(True, True)(x, 1) ** 2
        ops.cumprod(x, 0)
        ops.CumProd(True, False)(x, 1)
        ops.CumProd(False, True)(x, 1)
        ops.CumProd(True, True)(x, 1)
        ops.logcumsumexp(x, 0)
        x.cummax(-1)[0] ** 2
        x.cummin(-1)[0] ** 2
        x.sort(0)[0] ** 2
        ops.sort(x, 0, True)[0] ** 2
        ops.topk(x, 2, 0, largest=False)[0] ** 2
        x.max(1, return_indices=True)[0] ** 2
        mint.max(x, 0)[0] ** 2
        ops.ArgMinWithValue(0, True)(x)[1] ** 2
        mnp.diff(x, axis=1) ** 2
        mnp.trapz(x) ** 2
        mnp.gradient(x, axis=1) ** 2
        ops.cov(x)
        mnp.cov(x)
        mnp.corrcoef(x)
        """,
        x=M,
    ),
    *rows(
        """
        ops.norm(x, 1) ** 2
        ops.norm(x, inf) ** 2
        ops.norm(x, -inf) ** 2
        ops.norm(x, 3)
        ops.vector_norm(x, 0.5)
        ops.vector_norm(x, -1)
        ops.vector_norm(x, 3)
        ops.vector_norm(x, inf) ** 2
        """,
        x=V,
        constants={"inf": INF},
    ),
    *rows(
        """
        ops.norm(x, 'fro', (0, 1))
        ops.norm(x, 'nuc', (0, 1))
        ops.norm(x, -2, (0, 1))
        ops.norm(x, 1, (0, 1)) ** 2
        ops.norm(x, inf, (0, 1)) ** 2
        ops.cdist(x, x * x + 1)
        ops.cdist(x, x * x + 1, 1.0)
        ops.cdist(x, x * x + 1, 3.0)
        ops.cdist(x, x * x + 1, inf)
        ops.pdist(x)
        ops.renorm(x, 2, 0, 1.0)
        """,
        x=normal(33, 3, 3),
        constants={"inf": INF},
    ),
    *rows(
        """
        ops.unsorted_segment_sum(x, i, 2) ** 2
        ops.unsorted_segment_prod(x, i, 2)
        ops.unsorted_segment_max(x, i, 2) ** 2
        ops.unsorted_segment_min(x, i, 2) ** 2
        """,
        x=V,
        i=np.array([0, 1, 0, 1, 1]),
    ),
    *rows(
        """
        x.sum()
        x.mean()
        x.prod()
        x.max()
        ops.logsumexp(x, 0)
        ops.cumsum(x, 0)
        ops.cumprod(x, 0)
        ops.softmax(x, 0)
        x.norm()
        """,
        at="one entry",
        x=ONE,
    ),
    *rows("x.sum()\nx.prod()\nx.max()", at="a number", x=SCALAR),
    *rows("x.sum()\nx * x", at="empty", x=EMPTY, want=(EMPTY, EMPTY, EMPTY)),
    # Products without a division.
    *rows(
        """
        x.prod()
        ops.prod(x, 0)
        ops.ReduceProd()(x)
        mint.prod(x)
        """,
        at="one 0",
        x=np.array([0.0, 2.0, 3.0]),
        want=([6, 0, 0], [5, 3, 2], [2, 2, 2]),
    ),
    *rows(
        "x.prod()\nops.ReduceProd()(x)",
        at="zeros",
        x=np.zeros(3),
        want=([0, 0, 0], [0, 0, 0], [2, 2, 2]),
    ),
    *rows(
        "ops.cumprod(x, 0)",
        at="zeros",
        x=np.array([2.0, 0.0, 3.0, 0.0]),
        want=([1, 8, 0, 0], [4, 12, 2, 6], [8, 12, 6, 10]),
    ),
    # The largest of equals share the gradient; norms and deviations that are 0 have gradient 0.
    *rows(
        """
        x.max()
        x.min()
        ops.amax(x)
        ops.amin(x)
        ops.reduce_max(x)
        mnp.max(x)
        mint.max(x)
        """,
        at="ties",
        x=np.full(4, 2.0),
        want=(np.full(4, 0.25),),
    ),
    *rows(
        """
        x.norm()
        ops.norm(x)
        x.norm() ** 2
        ops.vector_norm(x)
        ops.vector_norm(x, 1)
        ops.vector_norm(x, 3)
        ops.vector_norm(x, 1.5)
        mnp.norm(x)
        mnp.norm(x, 3)
        (ops.abs(x) ** 3).sum() ** (1 / 3)
        ops.norm(x.reshape(1, 2), 'fro', dim=(0, 1))
        x.std()
        ops.std(x)
        x.var()
        """,
        at="0",
        x=np.zeros(2),
        want=(np.zeros(2),),
    ),
    *rows("x.var()", at="equals", x=np.ones(2), want=([0, 0], [0, 0], [0, 0])),
    *rows(
        """
        ops.var(x)
        ops.var(x, 0, 1, True)
        ops.var_mean(x, 0)
        """,
        at="equals",
        x=np.ones((3, 2)),
    ),
    *rows("ops.vector_norm(x, inf)", "tie", x=np.ones(2), inf=INF, want=(0.5,)),
    *rows("ops.logsumexp(x, 0)", at="-inf", x=np.array([-INF, 1.0]), want=([0, 1],)),
    *rows("ops.logcumsumexp(x, 0)", at="-inf", x=np.array([-INF, 1.0]), want=([0, 1],)),
]
