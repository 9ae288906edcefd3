"""Activations."""

import numpy as np

from ..row import ANY, Row, rows

ROWS: list[Row] = [
    *rows(
        """
        ops.sigmoid(x)
        ops.logsigmoid(x)
        ops.relu(x) ** 3
        ops.relu6(3 * x) ** 2
        ops.leaky_relu(x, 0.2) ** 2
        ops.elu(x)
        ops.selu(x)
        ops.celu(x, 1.0)
        ops.gelu(x, approximate='tanh')
        ops.gelu(x)
        ops.silu(x)
        ops.mish(x)
        ops.hardswish(2 * x)
        ops.hardsigmoid(2 * x) ** 2
        ops.hardshrink(x, 0.5) ** 2
        ops.softshrink(x, 0.5) ** 2
        ops.tanhshrink(x)
        ops.hardtanh(x, -1.0, 1.0) ** 2
        ops.softplus(x)
        ops.softsign(x)
        ops.threshold(x, 0.1, 20) * x
        ops.glu(x)
        """,
        x=ANY,
    ),
    *rows(
        """
        ops.prelu(x, w) ** 2
        """,
        x=ANY.reshape(2, 3),
        w=np.array([0.25]),
    ),
]
