"""Operators that draw random numbers: the seed is set anew in each call."""

from ..row import POSITIVE, Row, normal, rows

ROWS: list[Row] = [
    *rows(
        """
        ops.dropout(x, 0.5, seed=1) ** 2
        ops.dropout(x, 0.5, training=False) ** 2
        (ms.set_seed(1), ops.rand_like(x, seed=1) * x)[1] * x
        (ms.set_seed(1), ops.randn_like(x, seed=1) * x)[1] * x
        ops.uniform((3, 4), x.mean(), x.mean() + 1, seed=1) * x
        ops.normal((3, 4), x.mean(), x.std() + 1, seed=1) * x
        ops.normal((3, 4), x, x * x, seed=1)
        ops.laplace((3, 4), x, x * x, seed=1)
        ops.standard_normal((3, 4), seed=1) * x * x
        ops.standard_laplace((3, 4), seed=1) * x * x
        ops.gumbel_softmax(x) * 0 + x * x
        nn.Dropout(p=0.5)(x) ** 2
        """,
        x=normal(1, 3, 4),
    ),
    *rows(
        "ops.ones_like(x) * x * x\nops.zeros_like(x) + x * x\nops.full_like(x, 2.0) * x * x",
        x=normal(1, 3, 4),
    ),
    *rows(
        """
        ops.random_gamma(ms.Tensor([2]), x) * 1.0
        ops.random_poisson(ms.Tensor([2]), x) * 1.0
        ops.bernoulli(x / 4) * 1.0
        """,
        x=POSITIVE,
    ),
]
