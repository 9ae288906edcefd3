"""Operators that draw random numbers: each row sets the seed before each draw."""

from ..row import POSITIVE, Row, normal, rows

SEEDED = """
ops.dropout(x, 0.5) ** 2
nn.Dropout(p=0.5).set_train()(x) ** 2
ops.rand_like(x) * x * x
ops.randn_like(x) * x * x
ops.rand((3, 4)) * x * x
ops.randn((3, 4)) * x * x
ops.uniform((3, 4), x.mean(), x.mean() + 1) * x
ops.normal((3, 4), x.mean(), x.std() + 1) * x
ops.normal((3, 4), x, x * x)
ops.laplace((3, 4), x, x * x)
ops.standard_normal((3, 4)) * x * x
ops.standard_laplace((3, 4)) * x * x
x.uniform(-0.5, 0.5) * x
ops.rrelu(x) ** 2
nn.RReLU().set_train()(x) ** 2
ops.gumbel_softmax(x)
ops.multinomial(x.abs(), 2).sum() * x * x
0 * ops.random_categorical(x, 2).sum() + x * x
ops.shuffle(x) ** 2
mnp.rand(3, 4) * x * x
mnp.randn(3, 4) * x * x
"""

ROWS: list[Row] = [
    *rows(
        "\n".join(f"(ms.set_seed(1), {call})[1]" for call in SEEDED.split("\n") if call),
        x=normal(1, 3, 4),
    ),
    *rows(
        """
        ops.dropout(x, 0.5, training=False) ** 2
        nn.Dropout(p=0.5).set_train(False)(x) ** 2
        ops.ones_like(x) * x * x
        ops.zeros_like(x) + x * x
        ops.full_like(x, 2.0) * x * x
        ops.full((3,), 2.0) * x.sum() ** 2
        mnp.ones_like(x) * x * x
        mnp.zeros_like(x) + x * x
        mnp.full_like(x, 2.0) * x * x
        """,
        x=normal(1, 3, 4),
    ),
    *rows(
        """
        ops.random_gamma(ms.Tensor([2]), x) * 1.0
        ops.random_poisson(ms.Tensor([2]), x) * 1.0
        ops.bernoulli(x / 4) * 1.0
        x.bernoulli() * 1.0
        """,
        x=POSITIVE,
    ),
    *rows(
        """
        ops.gamma((2,), x[:1], x[1:2])
        ops.poisson((2,), x[:1])
        """,
        x=POSITIVE,
    ),
]
