"""Special functions."""

import numpy as np

from ..row import ANY, OTHER, POSITIVE, UNIT, ZERO, Row, rows

EXACT = "__import__('scipy.special').special."
NEGATIVE = np.array([-2.6, -1.3, -0.4])

ROWS: list[Row] = [
    *rows(
        """
        ops.sinc(x)
        ops.erf(x)
        ops.erfc(x)
        ops.i0(x)
        ops.bessel_i0(x)
        ops.bessel_i1(x)
        ops.bessel_i0e(x)
        ops.bessel_i1e(x)
        ops.bessel_j0(x)
        ops.bessel_j1(x)
        x.sinc()
        x.erf()
        x.erfc()
        x.i0()
        """,
        x=ANY,
    ),
    *rows(
        """
        ops.lgamma(x)
        ops.polygamma(ms.Tensor(1), x)
        ops.polygamma(ms.Tensor(2), x)
        ops.mvlgamma(x + 1, 2)
        ops.mvlgamma(x + 1, 3)
        ops.bessel_k0(x)
        ops.bessel_k1(x)
        ops.bessel_k0e(x)
        ops.bessel_k1e(x)
        ops.bessel_y0(x)
        ops.bessel_y1(x)
        ops.igamma(ms.Tensor(np.full(6, 1.5), x.dtype), x)
        ops.igammac(ms.Tensor(np.full(6, 1.5), x.dtype), x)
        ops.zeta(ms.Tensor(np.full(6, 2.5), x.dtype), x)
        x.lgamma()
        (x + 1).mvlgamma(2)
        ms.Tensor(np.full(6, 1.5), x.dtype).igamma(x)
        ms.Tensor(np.full(6, 1.5), x.dtype).igammac(x)
        """,
        x=POSITIVE,
    ),
    *rows("ops.digamma(x)\nx.digamma()", x=POSITIVE, exact=EXACT + "digamma(x)"),
    *rows("ops.erfinv(x)\nx.erfinv()", x=UNIT, exact=EXACT + "erfinv(x)"),
    *rows("ops.logit(x, 1e-6)\nx.logit(1e-6)", x=np.array([0.1, 0.4, 0.9])),
    *rows("ops.lgamma(x)", "negative", x=NEGATIVE),
    *rows(
        "ops.igamma(x, y)\nops.igammac(x, y)\nx.igamma(y)\nx.igammac(y)",
        "by the shape",
        x=POSITIVE,
        constants={"y": POSITIVE[::-1].copy()},
    ),
    *rows("ops.zeta(x + 1.5, y)", "by the exponent", x=POSITIVE, constants={"y": POSITIVE}),
    *rows("ops.sinc(x)", "0", x=ZERO, want=(0, -(np.pi**2) / 3, 0)),
    *rows("ops.i0(x)\nops.bessel_i0(x)", "0", x=ZERO, want=(0, 0.5, 0)),
    *rows("ops.bessel_i1(x)", "0", x=ZERO, want=(0.5, 0, 0.375)),
    *rows("ops.bessel_j0(x)", "0", x=ZERO, want=(0, -0.5, 0)),
    *rows("ops.bessel_j1(x)", "0", x=ZERO, want=(0.5, 0, -0.375)),
    *rows("ops.erf(x)", "0", x=ZERO, want=(2 / np.sqrt(np.pi), 0, -4 / np.sqrt(np.pi))),
    *rows("ops.erf(x)\nops.erfc(x)", "very far out", x=np.array([-30.0, 30.0]), want=(0, 0, 0)),
    *rows("ops.erfinv(x)", "near 1", x=np.array([1 - 2**-13]), exact=EXACT + "erfinv(x)"),
    *rows("ops.sinc(x)", "far out", x=np.array([20.25]), exact="np.sinc(x)"),
    *rows("ops.polygamma(ms.Tensor(1), x)", "other", x=np.abs(OTHER) + 0.3),
]
