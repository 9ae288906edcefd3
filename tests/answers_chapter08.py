"""Answers to the exercises of chapter 8."""

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import nn, ops

from d2l_autograd import detach, grad, vjp


class Rule(nn.Cell):
    """A value and a rule that are given as functions."""

    def __init__(self, value: Callable[..., Any], rule: Callable[..., Any]) -> None:
        super().__init__()
        self.value, self.rule = value, rule

    def construct(self, *inputs: Any) -> Any:
        return self.value(*inputs)

    def bprop(self, *args: Any) -> Any:
        return self.rule(*args)


def solve_backward(A: Any, x: Any, g: Any) -> Any:
    A, x, g = np.asarray(A), np.asarray(x), np.asarray(g)
    u = np.linalg.solve(A.T, g)
    return -np.outer(u, x), u


def solve_backward_with_tensors(A: Any, x: Any, g: Any) -> Any:
    u = ops.inverse(A).T @ g
    return [-u[:, None] * x[None], u]


def solve_backward_by_vjp(A: Any, x: Any, g: Any) -> Any:
    return vjp(lambda A, b: ops.inverse(A) @ b, (0, 1))(A, A @ x, g)


def heron(a: Any) -> Any:
    root = a
    while abs(root * root - a) > 1e-12 * a:
        root = (root + a / root) / 2
    return root


class SquareRoot(nn.Cell):
    def construct(self, a: Any) -> Any:
        return heron(a)

    def bprop(self, a: Any, root: Any, dout: Any) -> Any:
        return dout / (2 * root)


class SquareRootByItself(nn.Cell):
    def construct(self, a: Any) -> Any:
        return ms.Tensor(np.sqrt(a.asnumpy()))

    def bprop(self, a: Any, root: Any, dout: Any) -> Any:
        return (dout * 0.5 / SquareRootByItself()(a),)


def one_more_round(a: Any) -> Any:
    root = detach(heron(a))
    root = (root + a / root) / 2
    return (root + a / root) / 2


def limited(x: Any) -> Any:
    return ops.round(ops.clamp(x, -1.0, 1.0))


def passing(x: Any, out: Any, dout: Any) -> Any:
    return ops.where(ops.abs(x) < 1, dout, ops.zeros_like(dout))


def ternary_by_detaching(x: Any) -> Any:
    inside = ops.clamp(x, -1.0, 1.0)
    return inside + detach(ops.round(inside) - inside)


def kepler(e: Any, E: Any) -> Any:
    return 1 / (1 - e * ops.cos(E)), ops.sin(E) / (1 - e * ops.cos(E))


def kepler_by_numpy(e: float, E: float) -> Any:
    by_M = 1 / (1 - float(e) * np.cos(float(E)))
    return [by_M, np.sin(float(E)) * by_M]


def kepler_by_machine(e: Any, E: Any) -> Any:
    by_E = grad(lambda E: E - e * ops.sin(E))(E)
    return 1 / by_E, ops.sin(E) / by_E


def reversal(rule: Callable[..., Any]) -> nn.Cell:
    return Rule(lambda x, strength: x * 1, rule)


def reversal_by_detaching(x: Any, strength: Any) -> Any:
    return detach(x) + detach(strength) * (detach(x) - x)


def shortening(rule: Callable[..., Any]) -> nn.Cell:
    return Rule(lambda x: x * 1, lambda x, out, dout: rule(dout))


def shortened(dout: Any) -> Any:
    return dout / ops.maximum(dout.norm(), ops.ones_like(dout.norm()))


def shortened_if_long(dout: Any) -> Any:
    length = float(dout.norm())
    return dout / length if length > 1 else dout


RIGHT: dict[str, list[Any]] = {
    "08.1": [solve_backward, solve_backward_with_tensors],
    "08.2": [SquareRoot(), SquareRootByItself(), one_more_round],
    "08.3": [
        Rule(limited, passing),
        Rule(limited, lambda x, out, dout: dout * (ops.abs(x) < 1).astype(dout.dtype)),
        ternary_by_detaching,
    ],
    "08.4": [kepler, kepler_by_numpy],
    "08.5": [
        reversal(lambda x, s, out, dout: (-s * dout, ops.zeros_like(s))),
        reversal_by_detaching,
    ],
    "08.6": [shortening(shortened), shortening(shortened_if_long)],
}

# By the key of the hint.
WRONG: dict[str, list[tuple[str, Any]]] = {
    "08.1": [
        ("sign", lambda A, x, g: (-solve_backward(A, x, g)[0], solve_backward(A, x, g)[1])),
        ("transposed", lambda A, x, g: (solve_backward(A, x, g)[0].T, solve_backward(A, x, g)[1])),
        ("untransposed", lambda A, x, g: solve_backward(A.T, x, g)),
        ("unsolved", lambda A, x, g: (-g[:, None] * x, g)),
        ("arrived", lambda A, x, g: (-g[:, None] * x, solve_backward(A, x, g)[1])),
        ("swapped", lambda A, x, g: solve_backward(A, x, g)[::-1]),
        ("forbidden", solve_backward_by_vjp),
        ("results", lambda A, x, g: solve_backward(A, x, g)[1]),
        ("result_shape", lambda A, x, g: (x, g)),
        ("result", lambda A, x, g: (A, g)),
    ],
    "08.2": [
        ("heron", heron),
        ("heron", Rule(heron, lambda a, root, dout: grad(heron)(a) * dout)),
        ("no_half", Rule(heron, lambda a, root, dout: dout / root)),
        ("doubled", Rule(heron, lambda a, root, dout: dout * 2 * root)),
        ("ignores_arriving", Rule(heron, lambda a, root, dout: 1 / (2 * root))),
        ("by_input", Rule(heron, lambda a, root, dout: dout / (2 * a))),
        ("constant", Rule(heron, lambda a, root, dout: dout / (2 * detach(root)))),
        ("values", lambda a: a / 2),
        ("derivative", Rule(heron, lambda a, root, dout: -dout / (2 * root))),
        ("not_function", SquareRoot),
    ],
    "08.3": [
        ("everywhere", Rule(limited, lambda x, out, dout: dout)),
        ("nowhere", limited),
        ("nowhere", Rule(limited, lambda x, out, dout: 0 * dout)),
        ("outside", Rule(limited, lambda x, out, dout: dout - passing(x, out, dout))),
        ("unlimited", Rule(ops.round, passing)),
        ("signs", Rule(ops.sign, passing)),
        ("derivative", Rule(limited, lambda x, out, dout: 2 * passing(x, out, dout))),
        ("derivative", Rule(limited, lambda x, out, dout: passing(x, out, ops.ones_like(x)))),
        ("values", Rule(lambda x: ops.clamp(x, -1.0, 1.0), passing)),
        ("not_function", nn.ReLU),
    ],
    "08.4": [
        ("explicit", lambda e, E: (1.0, ops.sin(E))),
        ("half_explicit", lambda e, E: (kepler(e, E)[0], ops.sin(E))),
        ("sign", lambda e, E: (1 / (1 + e * ops.cos(E)), ops.sin(E) / (1 + e * ops.cos(E)))),
        ("upside_down", lambda e, E: (1 - e * ops.cos(E), ops.sin(E) * (1 - e * ops.cos(E)))),
        ("sine", lambda e, E: (1 / (1 - e * ops.sin(E)), ops.sin(E) / (1 - e * ops.sin(E)))),
        ("swapped", lambda e, E: kepler(e, E)[::-1]),
        ("forbidden", kepler_by_machine),
        ("results", lambda e, E: kepler(e, E)[0]),
        ("result", lambda e, E: (e, E)),
    ],
    "08.5": [
        ("forward", reversal(lambda x, s, out, dout: (s * dout, ops.zeros_like(s)))),
        ("full", reversal(lambda x, s, out, dout: (-dout, ops.zeros_like(s)))),
        ("unchanged", reversal(lambda x, s, out, dout: (dout, ops.zeros_like(s)))),
        ("derivative_of_product", reversal(lambda x, s, out, dout: (-s * dout, -(x * dout).sum()))),
        ("one", reversal(lambda x, s, out, dout: (-s * dout, ops.ones_like(s)))),
        ("ignores_arriving", reversal(lambda x, s, out, dout: (-s * dout / dout, 0 * s))),
        ("changed", lambda x, strength: -strength * x),
        ("derivative", reversal(lambda x, s, out, dout: (-dout / s, 0 * s))),
        ("not_differentiable", reversal(lambda x, s, out, dout: -s * dout)),
        ("not_function", Rule),
        ("returns_shape", lambda x, strength: x.sum()),
    ],
    "08.6": [
        ("entries", shortening(lambda dout: ops.clamp(dout, -1.0, 1.0))),
        ("always", shortening(lambda dout: dout / ops.maximum(dout.norm(), 1e-30 + 0 * dout[0]))),
        ("squared", shortening(lambda dout: dout / max(1.0, float((dout * dout).sum())))),
        ("never", lambda x: x * 1),
        ("largest", shortening(lambda dout: dout / max(1.0, float(dout.abs().max())))),
        ("dropped", shortening(lambda dout: dout * (float(dout.norm()) <= 1))),
        ("smooth", shortening(lambda dout: dout / (1 + dout.norm()))),
        ("derivative", shortening(lambda dout: dout / dout.norm())),
        ("changed", lambda x: x / x.norm()),
        ("returns_shape", lambda x: x.norm()),
        ("not_function", Rule),
    ],
}

# What no hint may say.
SECRETS = {
    "08.1": ["solve", "Aᵀ", "inv"],
    "08.2": ["2 * root", "2root", "dout"],
    "08.3": ["ops.where", "abs"],
    "08.4": ["1 -", "cos"],
    "08.5": ["zeros_like", "-strength *"],
    "08.6": ["maximum", "norm"],
}
