"""Reading and writing entries: x[index], and gather, scatter and their kin."""

from typing import Any

import numpy as np

from ..row import SCALAR, Row, normal, rows

M = normal(51, 3, 4)
V = normal(52, 3)
MASK = np.array([[1, 0, 1, 1], [0, 1, 0, 0], [1, 1, 0, 1]], bool)
FORMS: dict[str, Any] = {
    "1": 1,
    "-1": -1,
    "1:": slice(1, None),
    "::-1": slice(None, None, -1),
    "2:0:-1": slice(2, 0, -1),
    "...": Ellipsis,
    "None, 1": (None, 1),
    "..., -1": (Ellipsis, -1),
    ":, ::-2": (slice(None), slice(None, None, -2)),
    "[-1, 0, 0]": [-1, 0, 0],
    "[[0, 1], [2, 0]]": np.array([[0, 1], [2, 0]]),
    "[0, -1], [1, 1]": ([0, -1], [1, 1]),
    "[0, 0], :": ([0, 0], slice(None)),
    ":, [0, 0]": (slice(None), [0, 0]),
    "1, [0, 0]": (1, [0, 0]),
    "[0, 1], None, [1, 1]": ([0, 1], None, [1, 1]),
    "[True, False, True]": np.array([True, False, True]),
    "mask": MASK,
    "0-d": np.array(-1),
}


def written(x: Any, index: Any) -> Any:
    y = x * x
    y[index] = 3 * x.sum()
    return y


def added(x: Any, index: Any) -> Any:
    y = x * x
    y[index] += x[index]
    return y


ROWS: list[Row] = [
    *(
        row
        for name, index in FORMS.items()
        for row in rows(
            """
            x[index] ** 2
            written(x, index) ** 2
            added(x, index) ** 2
            """,
            at=name,
            x=M,
            constants={"index": index, "written": written, "added": added},
        )
    ),
    *rows(
        """
        ops.gather(x, i, 0) ** 2
        ops.gather(x, i, 1) ** 2
        x.take(i, 1) ** 2
        mnp.take(x, i, 0) ** 2
        ops.index_select(x, 1, i) ** 2
        ops.index_fill(x, 1, i, 2.0) ** 2
        """,
        at="negative, twice",
        x=M,
        i=np.array([-1, 0, 0], np.int32),
    ),
    *rows(
        """
        ops.gather(x, i, 1, 1) ** 2
        ops.gather_d(x, 1, i) ** 2
        mint.gather(x, 1, i) ** 2
        mnp.take_along_axis(x, i, 1) ** 2
        ops.tensor_scatter_elements(x, i, (x * x)[:, :2], 1) ** 2
        ops.tensor_scatter_elements(x, i, (x * x)[:, :2], 1, 'add') ** 2
        """,
        x=M,
        i=np.array([[0, 1], [2, -1], [3, 0]]),
    ),
    *rows(
        """
        ops.scatter(x, 1, i, (x * x)[:, :2]) ** 2
        mint.scatter(x, 1, i, (x * x)[:, :2]) ** 2
        """,
        at="twice",
        x=M,
        i=np.array([[0, 0], [2, 1], [3, 3]]),
    ),
    *rows(
        """
        ops.gather_nd(x, i) ** 2
        ops.scatter_nd(i, x[:, 0] * x[:, 1], (4, 4)) ** 2
        ops.tensor_scatter_add(x, i, x[:, 0] * x[:, 1]) ** 2
        ops.tensor_scatter_sub(x, i, x[:, 0] * x[:, 1]) ** 2
        ops.tensor_scatter_mul(x, i, x[:, 0] * x[:, 1])
        ops.tensor_scatter_div(x, i, x[:, 0] * x[:, 1])
        ops.tensor_scatter_max(x, i, x[:, 0] * x[:, 1]) ** 2
        ops.tensor_scatter_min(x, i, x[:, 0] * x[:, 1]) ** 2
        ops.tensor_scatter_update(x, i, x[:, 0] * x[:, 1]) ** 2
        """,
        at="twice",
        x=M,
        i=np.array([[0, 1], [1, 3], [0, 1]], np.int32),
    ),
    *rows(
        """
        ops.index_add(x, i, (x * x)[:, :2], 1) ** 2
        x.index_put((i, i), x[0, :2] * x[1, :2]) ** 2
        x.index_put((i, i), x[0, :2] * x[1, :2], True) ** 2
        """,
        x=M,
        i=np.array([0, 0], np.int32),
    ),
    *rows(
        """
        ops.masked_fill(x, m, -1e9).exp()
        ops.masked_fill(x, m, x[0, 0] * x[0, 0]) ** 2
        ops.masked_select(x, m[0]) ** 2
        ops.select(m, x, x * x)
        mnp.where(m, x, x * x) ** 2
        ops.select_scatter(x * x, x[0], 0, 1) ** 2
        ops.slice_scatter(x * x, x[:, :2], 1, 0, 2) ** 2
        ops.diagonal_scatter(x * x, x[0, :3]) ** 2
        x[x > 0] ** 2
        """,
        x=M,
        m=MASK,
    ),
    *rows(
        """
        ops.index_fill(c, 0, i, x) ** 2
        ops.masked_fill(c, c > 0, x) ** 2
        """,
        at="the value",
        x=SCALAR,
        i=np.array([1], np.int32),
        constants={"c": V},
    ),
    *rows(
        "ops.tensor_scatter_elements(ops.zeros_like(x), i, x, 0) ** 2",
        at="overwritten",
        x=V,
        i=np.array([0, 0, 2]),
    ),
]
