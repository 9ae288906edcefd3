"""Activations."""

import numpy as np

from ..row import ANY, EMPTY, ZERO, Row, normal, rows

SIGMOID = "1 / (1 + np.exp(-x))"
LOG_SIGMOID = "-np.logaddexp(0, -x)"
MISH = "x * np.tanh(np.logaddexp(0, x))"

ROWS: list[Row] = [
    *rows(
        """
        ops.sigmoid(x)
        ops.relu(x) ** 3
        ops.relu6(3 * x) ** 2
        ops.leaky_relu(x, 0.2) ** 2
        ops.elu(x)
        ops.selu(x)
        ops.celu(x, 1.0)
        ops.celu(x, 2.0)
        ops.gelu(x)
        ops.gelu(x, approximate="tanh")
        ops.fast_gelu(x)
        ops.silu(x)
        ops.mish(x)
        ops.hardswish(2 * x)
        ops.hardsigmoid(2 * x) ** 2
        ops.hardshrink(x, 0.5) ** 2
        ops.softshrink(x, 0.5) ** 2
        ops.soft_shrink(x, 0.5) ** 2
        ops.tanhshrink(x)
        ops.hardtanh(x, -1.0, 1.0) ** 2
        ops.softplus(x)
        ops.softplus(x, 2.0, 3.0)
        ops.softsign(x)
        ops.logsigmoid(x)
        ops.threshold(x, 0.1, 20) * x
        ops.glu(x)
        x.sigmoid()
        x.hardshrink(0.5) ** 2
        x.soft_shrink(0.5) ** 2
        nn.Sigmoid()(x)
        nn.ReLU()(x) ** 3
        nn.ReLU6()(3 * x) ** 2
        nn.LeakyReLU(0.2)(x) ** 2
        nn.ELU()(x)
        nn.SeLU()(x)
        nn.CELU()(x)
        nn.GELU()(x)
        nn.FastGelu()(x)
        nn.SiLU()(x)
        nn.Mish()(x)
        nn.HSwish()(2 * x)
        nn.HSigmoid()(2 * x) ** 2
        nn.HShrink()(x) ** 2
        nn.SoftShrink()(x) ** 2
        nn.Tanhshrink()(x)
        nn.Hardtanh()(x) ** 2
        nn.LogSigmoid()(x)
        nn.Threshold(0.1, 20.0)(x) * x
        nn.GLU()(x)
        nn.Tanh()(x)
        nn.PReLU()(x.reshape(1, 6)) ** 2
        mint.nn.functional.relu(x) ** 3
        mint.nn.functional.silu(x)
        mint.nn.functional.sigmoid(x)
        mint.nn.functional.softplus(x)
        """,
        x=ANY,
    ),
    *rows("ops.swiglu(x)", x=normal(3, 2, 4)),
    *rows("ops.prelu(x, w) ** 2", x=ANY.reshape(2, 3), w=np.array([0.25])),
    *rows("ops.prelu(x, w) ** 2", "by channel", x=ANY.reshape(2, 3), w=np.array([0.25, -0.5, 0.1])),
    *rows(
        """
        ops.sigmoid(x)
        ops.relu(x)
        ops.gelu(x)
        ops.softplus(x)
        """,
        "empty",
        x=EMPTY,
        want=(0, 0, 0),
    ),
    # At kinks.
    *rows("ops.relu(x)\nnn.ReLU()(x)\nops.relu6(x)", "0", x=ZERO, want=(0, 0, 0)),
    *rows("ops.relu6(x)", "6", x=np.array([6.0]), want=(0, 0, 0)),
    *rows("ops.hardswish(x)", "edges", x=np.array([-3.0, 3.0]), want=([0, 1], 0, 0)),
    *rows("ops.hardsigmoid(x)", "edges", x=np.array([-3.0, 3.0]), want=(0, 0, 0)),
    *rows("ops.hardshrink(x)\nops.softshrink(x)", "edges", x=np.array([-0.5, 0.5]), want=(0, 0, 0)),
    *rows("ops.hardtanh(x)\nnn.Hardtanh()(x)", "edges", x=np.array([-1.0, 1.0]), want=(0, 0, 0)),
    *rows("ops.leaky_relu(x, 0.1)\nnn.LeakyReLU(0.1)(x)", "0", x=ZERO, want=(0.1, 0, 0)),
    *rows("ops.elu(x)\nops.celu(x)", "0", x=ZERO, want=(1, 1, 1)),
    *rows("ops.softsign(x)", "0", x=ZERO, want=(1, 0, 0)),
    *rows("ops.prelu(x, ops.ones(1) / 4)", "0", x=ZERO, want=(0.25, 0, 0)),
    # Far out.
    *rows(
        "ops.sigmoid(x)",
        "far out",
        x=np.array([-80.0, -20.0, 20.0, 80.0]),
        want=(
            [np.exp(-80), np.exp(-20), np.exp(-20), np.exp(-80)],
            [np.exp(-80), np.exp(-20), -np.exp(-20), -np.exp(-80)],
            [np.exp(-80), np.exp(-20), np.exp(-20), np.exp(-80)],
        ),
    ),
    *rows(
        "ops.logsigmoid(x)",
        "far out",
        x=np.array([-100.0, -20.0, 20.0]),
        want=([1, 1, np.exp(-20)], [0, -np.exp(-20), -np.exp(-20)], [0, -np.exp(-20), np.exp(-20)]),
    ),
    *rows(
        "ops.softplus(x)",
        "far out",
        x=np.array([-20.0, 10.0]),
        want=(
            [np.exp(-20), 0.9999546],
            [np.exp(-20), 4.5395808e-5],
            [np.exp(-20), -4.5391686e-5],
        ),
    ),
    *rows(
        "ops.elu(x)\nops.selu(x) / 1.0507009873554805\nops.celu(x)",
        "far out",
        x=np.array([100.0]),
        want=(1, 0, 0),
    ),
    *rows("ops.mish(x)\nnn.Mish()(x)", "5", x=np.array([5.0]), exact=MISH),
    *rows("ops.mish(x)", "far out", x=np.array([50.0, 100.0]), want=(1, 0, 0)),
    *rows(
        "ops.silu(x)\nops.gelu(x)\nops.gelu(x, approximate='tanh')",
        "far out",
        x=np.array([-100.0, 100.0]),
        want=([0, 1], 0, 0),
    ),
]
