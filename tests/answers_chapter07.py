"""Answers to the exercises of chapter 7."""

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd import grad, hessian, hvp, jacobian, jvp


def matrix(fn: Any, x: Any) -> Any:
    return hessian(fn)(x).asnumpy()


def values(fn: Any, x: Any) -> Any:
    return np.linalg.eigvalsh(matrix(fn, x))


def kind(fn: Any, x: Any) -> str:
    found = values(fn, x)
    if found[0] > 0:
        return "minimum"
    return "maximum" if found[-1] < 0 else "saddle"


def kind_by_counting(fn: Any, x: Any) -> str:
    up = sum(value > 0 for value in values(fn, x))
    return {0: "maximum", x.shape[0]: "minimum"}.get(up, "saddle")


def kind_by_minors(fn: Any, x: Any) -> str:
    H = matrix(fn, x)
    minors = [np.linalg.det(H[:n, :n]) for n in range(1, len(H) + 1)]
    if all(minor > 0 for minor in minors):
        return "minimum"
    falling = all(minor * (-1) ** n > 0 for n, minor in enumerate(minors, 1))
    return "maximum" if falling else "saddle"


def kind_by(of: Callable[[Any], Any]) -> Any:
    def given(fn: Any, x: Any) -> str:
        found = of(matrix(fn, x))
        if (found > 0).all():
            return "minimum"
        return "maximum" if (found < 0).all() else "saddle"

    return given


def kind_by_determinant(fn: Any, x: Any) -> str:
    H = matrix(fn, x)
    if np.linalg.det(H) < 0:
        return "saddle"
    return "minimum" if H[0, 0] > 0 else "maximum"


def limit_by_products(fn: Any, x: Any) -> float:
    v = np.random.default_rng(3).normal(size=x.shape)
    for _ in range(40):
        v = hvp(fn)(x, v).asnumpy()
        length = np.linalg.norm(v)
        v = v / length
    return float(2 / length)


def dominant(fn: Any, x: Any, start: Any = None, rounds: int = 15) -> Any:
    v = np.random.default_rng(3).normal(size=len(x)) if start is None else start
    for _ in range(rounds):
        product = hvp(fn)(x, v).asnumpy()
        quotient = v @ product / (v @ v)
        v = product / np.linalg.norm(product)
    return quotient


def dominant_by_nesting(fn: Any, x: Any) -> Any:
    v = ms.Tensor(np.array([0.3, -1.1, 0.7, 0.4][: len(x)]))
    for _ in range(15):
        u = v / v.norm()
        v = grad(lambda x, u=u: (grad(fn)(x) * u).sum())(x)
    return (u * v).sum()


def dominant_length(fn: Any, x: Any) -> Any:
    v = np.random.default_rng(3).normal(size=len(x))
    for _ in range(15):
        v = hvp(fn)(x, v / np.linalg.norm(v)).asnumpy()
    return np.linalg.norm(v)


def newton(fn: Any, x: Any, steps: int, sign: float = 1.0) -> Any:
    x = x.asnumpy()
    for _ in range(steps):
        x = x - sign * np.linalg.solve(matrix(fn, ms.Tensor(x)), grad(fn)(x).asnumpy())
    return x


def newton_with_tensors(fn: Any, x: Any, steps: int) -> Any:
    for _ in range(steps):
        x = x - ops.inverse(hessian(fn)(x)) @ grad(fn)(x)
    return x


def newton_frozen(fn: Any, x: Any, steps: int) -> Any:
    inverse, x = np.linalg.inv(matrix(fn, x)), x.asnumpy()
    for _ in range(steps):
        x = x - inverse @ grad(fn)(x).asnumpy()
    return x


def newton_by_axes(fn: Any, x: Any, steps: int) -> Any:
    x = x.asnumpy()
    for _ in range(steps):
        x = x - grad(fn)(x).asnumpy() / np.diag(matrix(fn, ms.Tensor(x)))
    return x


def descent(fn: Any, x: Any, steps: int) -> Any:
    for _ in range(steps):
        x = x - grad(fn)(x)
    return x


def laplacian(fn: Any, x: Any) -> float:
    units = np.eye(len(x))
    return sum(float(unit @ hvp(fn)(x, unit).asnumpy()) for unit in units)


def laplacian_by_tangents(fn: Any, x: Any) -> Any:
    units = np.eye(len(x))
    return sum(jvp(grad(fn))(x, unit)[i] for i, unit in enumerate(units))


def laplacian_by_nesting(fn: Any, x: Any) -> Any:
    return sum(grad(lambda x, i=i: grad(fn)(x)[i])(x)[i] for i in range(len(x)))


def second_derivatives(fn: Any, x: Any) -> Any:
    return [hvp(fn)(x, unit)[i] for i, unit in enumerate(np.eye(len(x)))]


def slopes(residuals: Any, x: Any) -> Any:
    return jacobian(residuals)(x).asnumpy(), residuals(x).asnumpy()


def gauss_newton(residuals: Any, x: Any, length: float = 1.0) -> Any:
    J, r = slopes(residuals, x)
    return x.asnumpy() - length * np.linalg.solve(J.T @ J, J.T @ r)


def gauss_newton_by_lstsq(residuals: Any, x: Any) -> Any:
    J, r = slopes(residuals, x)
    return x.asnumpy() + np.linalg.lstsq(J, -r, rcond=None)[0]


def gauss_newton_by_pinv(residuals: Any, x: Any) -> Any:
    J, r = slopes(residuals, x)
    return x - ms.Tensor(np.linalg.pinv(J) @ r)


def gauss_newton_with_second(residuals: Any, x: Any) -> Any:
    hessian(lambda x: residuals(x).sum())(x)
    return gauss_newton(residuals, x)


def full_newton(residuals: Any, x: Any) -> Any:
    return newton(lambda x: (residuals(x) ** 2).sum() / 2, x, 1)


RIGHT: dict[str, list[Any]] = {
    "07.1": [kind, kind_by_counting, kind_by_minors, kind_by(np.linalg.eigvalsh)],
    "07.2": [
        lambda fn, x: 2 / values(fn, x)[-1],
        lambda fn, x: 2 / np.linalg.eigvals(matrix(fn, x)).real.max(),
        lambda fn, x: 2 / np.linalg.norm(matrix(fn, x), 2),
        limit_by_products,
    ],
    "07.3": [dominant, dominant_by_nesting],
    "07.4": [newton, newton_with_tensors],
    "07.5": [laplacian, laplacian_by_tangents, laplacian_by_nesting],
    "07.6": [gauss_newton, gauss_newton_by_lstsq, gauss_newton_by_pinv],
}

# By the key of the hint.
WRONG: dict[str, list[tuple[str, Any]]] = {
    "07.1": [
        ("words", lambda fn, x: values(fn, x)[0] > 0),
        ("words", lambda fn, x: "min"),
        ("upside_down", kind_by(lambda H: -np.linalg.eigvalsh(H))),
        ("diagonal", kind_by(np.diag)),
        ("determinant", kind_by_determinant),
        ("trace", lambda fn, x: "minimum" if np.trace(matrix(fn, x)) > 0 else "maximum"),
        ("largest", lambda fn, x: "minimum" if values(fn, x)[-1] > 0 else "maximum"),
        ("values", lambda fn, x: "saddle"),
        ("returns_nothing", lambda fn, x: None),
    ],
    "07.2": [
        ("half", lambda fn, x: 1 / values(fn, x)[-1]),
        ("gentle", lambda fn, x: 2 / values(fn, x)[0]),
        ("upside_down", lambda fn, x: values(fn, x)[-1] / 2),
        ("diagonal", lambda fn, x: 2 / np.diag(matrix(fn, x)).max()),
        ("sum", lambda fn, x: 2 / np.trace(matrix(fn, x))),
        ("ratio", lambda fn, x: values(fn, x)[-1] / values(fn, x)[0]),
        ("values", lambda fn, x: values(fn, x)[-1]),
        ("values", lambda fn, x: 0.1),
        ("returns_shape", lambda fn, x: 2 / values(fn, x)),
    ],
    "07.3": [
        ("length", dominant_length),
        ("largest", lambda fn, x: values(fn, x)[-1]),
        ("smallest", lambda fn, x: values(fn, x)[0]),
        ("start", lambda fn, x: dominant(fn, x, np.ones(len(x)))),
        ("values", lambda fn, x: dominant(fn, x, rounds=1)),
        ("values", lambda fn, x: 1 / dominant(fn, x)),
        ("forbidden", lambda fn, x: max(values(fn, x), key=abs)),
        ("returns_shape", lambda fn, x: hvp(fn)(x, np.ones(len(x)))),
    ],
    "07.4": [
        ("uphill", lambda fn, x, steps: newton(fn, x, steps, -1.0)),
        ("one", lambda fn, x, steps: newton(fn, x, 1)),
        ("frozen", newton_frozen),
        ("axes", newton_by_axes),
        ("gradient", descent),
        ("stands", lambda fn, x, steps: x),
        ("more", lambda fn, x, steps: newton(fn, x, steps + 1)),
        ("values", lambda fn, x, steps: newton(fn, x, steps) + 1),
        ("returns_shape", lambda fn, x, steps: fn(x)),
        ("raises", lambda fn, x: newton(fn, x, 1)),
    ],
    "07.5": [
        ("everything", lambda fn, x: hvp(fn)(x, np.ones(len(x))).sum()),
        ("everything", lambda fn, x: grad(lambda x: grad(fn)(x).sum())(x).sum()),
        ("mean", lambda fn, x: laplacian(fn, x) / len(x)),
        ("slopes", lambda fn, x: (grad(fn)(x) ** 2).sum()),
        ("divergence", lambda fn, x: grad(fn)(x).sum()),
        ("absolute", lambda fn, x: np.abs(np.diag(matrix(fn, x))).sum()),
        ("sign", lambda fn, x: -laplacian(fn, x)),
        ("entries", second_derivatives),
        ("values", lambda fn, x: 2 * laplacian(fn, x)),
        ("forbidden", lambda fn, x: np.trace(matrix(fn, x))),
        ("forbidden", lambda fn, x: np.trace(jacobian(grad(fn))(x).asnumpy())),
        ("returns_shape", lambda fn, x: np.eye(len(x))),
    ],
    "07.6": [
        ("step", lambda residuals, x: gauss_newton(residuals, x) - x.asnumpy()),
        ("uphill", lambda residuals, x: gauss_newton(residuals, x, -1.0)),
        ("double", lambda residuals, x: gauss_newton(residuals, x, 2.0)),
        ("short", lambda residuals, x: gauss_newton(residuals, x, 0.5)),
        ("gradient", lambda residuals, x: x - grad(lambda x: (residuals(x) ** 2).sum() / 2)(x)),
        ("newton", full_newton),
        ("two", lambda r, x: gauss_newton(r, ms.Tensor(gauss_newton(r, x)))),
        ("forbidden", gauss_newton_with_second),
        ("values", lambda residuals, x: x * 0),
        ("returns_shape", lambda residuals, x: residuals(x)),
    ],
}

# What no hint may say.
SECRETS = {
    "07.1": ["eigvalsh", "all("],
    "07.2": ["2/", "eigvalsh", "2 /"],
    "07.3": ["vᵀHv", "norm", "random", "随机"],
    "07.4": ["solve", "H⁻¹"],
    "07.5": ["unit", "eye", "单位"],
    "07.6": ["JᵀJ", "solve", "lstsq"],
}
