"""Other kinds of numbers."""

from ..row import Row, normal, rows

ROWS: list[Row] = [
    *rows(
        """
        x.astype(ms.float64) ** 2
        x.astype(ms.float32) ** 2
        x.float() * x
        x.double() * x
        x.to(ms.float32) * x
        x.type_as(x) * x
        ops.cast(x, ms.float32) * x
        x.astype(ms.int32).astype(x.dtype) * x * x
        x.astype(ms.bool_) * x * x
        x.int().astype(x.dtype) * x * x
        x.long().astype(x.dtype) * x * x
        x.bool().astype(x.dtype) * x * x
        (x > 0).astype(x.dtype) * x * x
        ops.greater(x, 0.5).astype(x.dtype) * x * x
        ops.logical_not(x > 0).astype(x.dtype) * x * x
        x.astype(ms.float64).sum() * x
        """,
        x=normal(1, 3, 4),
    ),
]
