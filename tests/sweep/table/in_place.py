"""Functions that write into their first input."""

import numpy as np

from ..row import Row, normal, rows

ROWS: list[Row] = [
    *rows(
        """
        ops.assign(x * 1.0, x * x) ** 2
        ops.assign_add(x * 1.0, x * x) ** 2
        ops.assign_sub(x * 1.0, x * x) ** 2
        ops.augassign_add(x, x * x)
        ops.augassign_sub(x, x * x)
        ops.augassign_mul(x, x * x)
        ops.augassign_div(x, 2.0) ** 2
        ops.augassign_mod(x, 0.77) ** 2
        ops.augassign_floordiv(x, 0.77) * x * x
        ops.inplace_add(x, x[:2] ** 2, (0, 2)) ** 2
        ops.inplace_sub(x, x[:2] ** 2, (0, 2)) ** 2
        ops.inplace_update(x, x[:2] ** 2, (0, 2)) ** 2
        x.inplace_update(x[:2] ** 2, (0, 2)) ** 2
        ops.inplace_index_add(x, i, x[:2] ** 2, 0) ** 2
        ops.inplace_sigmoid(x) * x
        ops.scatter_add(x * 1.0, i, x[:2] ** 2) ** 2
        ops.scatter_mul(x * 1.0, i, x[:2] ** 2) ** 2
        ops.scatter_div(x * 1.0, i, x[:2] ** 2) ** 2
        ops.scatter_max(x * 1.0, i, x[:2] ** 2) ** 2
        ops.scatter_min(x * 1.0, i, x[:2] ** 2) ** 2
        ops.scatter_update(x * 1.0, i, x[:2] ** 2) ** 2
        ops.scatter_nd_add(x * 1.0, n, x[:2] ** 2) ** 2
        ops.scatter_nd_sub(x * 1.0, n, x[:2] ** 2) ** 2
        ops.scatter_nd_mul(x * 1.0, n, x[:2] ** 2) ** 2
        ops.scatter_nd_div(x * 1.0, n, x[:2] ** 2) ** 2
        ops.scatter_nd_max(x * 1.0, n, x[:2] ** 2) ** 2
        ops.scatter_nd_min(x * 1.0, n, x[:2] ** 2) ** 2
        ops.scatter_nd_update(x * 1.0, n, x[:2] ** 2) ** 2
        x.scatter_add(0, n.reshape(1, 2), x[:1, :2] ** 2) ** 2
        x.scatter_sub(p, x[:2, 0] ** 2) ** 2
        x.scatter_div(p, x[:2, 0] ** 2) ** 2
        x.scatter_mul(p, x[:2, 0] ** 2) ** 2
        x.scatter_max(p, x[:2, 0] ** 2) ** 2
        x.scatter_min(p, x[:2, 0] ** 2) ** 2
        """,
        x=normal(34, 3, 3),
        i=np.array([0, 2], np.int32),
        n=np.array([[0], [2]], np.int32),
        p=np.array([[0, 2], [1, 1]], np.int32),
    ),
]
