"""Derivatives of derivatives, in any order and to three levels, against closed forms."""

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from calculus import C, V, X, assert_tree, tensor
from mindspore import ops
from modes import MODES, run

from d2l_autograd import grad, hessian, hvp, jacobian, jvp, per_sample_grad, value_and_grad, vjp


def quartic(x: Any) -> Any:
    return (x**4).sum() + (x.sum()) ** 3


def cubes(x: Any) -> Any:
    return x**3


def trace_of_the_hessian(x: Any) -> Any:
    return ops.trace(hessian(quartic)(x))


def along_ones(x: Any) -> Any:
    return hvp(quartic)(x, ops.ones_like(x)).sum()


def slope_along(x: Any) -> Any:
    return jvp(cubes)(x, tensor(V)).sum()


def slope_of_slope_along(x: Any) -> Any:
    return jvp(slope_along)(x, tensor(V))


def norm_of_the_gradient(x: Any) -> Any:
    return (grad(quartic)(x) ** 2).sum()


def gradient_step(x: Any) -> Any:
    return quartic(x - 0.1 * grad(quartic)(x))


def loss(w: Any, x: Any) -> Any:
    return (w * x).sum() ** 2


def variance_of_gradients(w: Any) -> Any:
    return (per_sample_grad(loss)(w, tensor([C, V])) ** 2).sum()


def with_aux(x: Any) -> Any:
    value, slope = value_and_grad(quartic)(x)
    return (slope * slope).sum(), value


def total_slope(x: Any) -> Any:
    return grad(lambda z: (z**3).sum())(x).sum()


def squared_slopes(x: Any) -> Any:
    return (grad(lambda z: (z**3).sum())(x) ** 2).sum()


def total_slope_of_slopes(x: Any) -> Any:
    return grad(lambda y: grad(lambda z: (z**4).sum())(y).sum())(x).sum()


S, N = X.sum(), X.size
G = 4 * X**3 + 3 * S**2  # the gradient of the quartic
H = np.diag(12 * X**2) + np.float32(6) * S  # its Hessian
STEP = X - np.float32(0.1) * G
G_OF_STEP = 4 * STEP**3 + 3 * STEP.sum() ** 2
EYE = np.eye(3, dtype="float32")
ROWS = np.stack([C, V])

COMPOSED: list[tuple[str, Callable[[Any], Any], Any]] = [
    ("grad of a Hessian's trace", grad(trace_of_the_hessian), 24 * X + np.float32(6 * N)),
    ("Jacobian of a gradient", jacobian(grad(quartic)), H),
    ("Jacobian of a gradient, by columns", jacobian(grad(quartic), mode="forward"), H),
    ("hvp within grad", grad(along_ones), 24 * X + np.float32(6 * N * N)),
    ("jvp of jvp", slope_of_slope_along, ((6 * X * V) @ V)),
    ("vjp of jvp", lambda x: vjp(slope_along)(x, tensor(1.0)), 6 * X * V),
    ("jvp of vjp", lambda x: jvp(lambda z: vjp(cubes)(z, tensor(C)))(x, tensor(V)), 6 * X * C * V),
    ("grad of jvp", grad(slope_along), 6 * X * V),
    (
        "grad of per-sample gradients",
        grad(variance_of_gradients),
        sum(np.float32(8 * (X @ row) * (row @ row)) * row for row in ROWS),
    ),
    ("Hessian of what takes a gradient", hessian(total_slope), np.diag(np.full(3, 6, "float32"))),
    (
        "grad through a step of descent",
        grad(gradient_step),
        (EYE - np.float32(0.1) * H) @ G_OF_STEP,
    ),
    ("hvp with aux", lambda x: hvp(with_aux, has_aux=True)(x, tensor(V))[1], (X**4).sum() + S**3),
    ("third derivative", grad(total_slope_of_slopes), 24 * X),
    (
        "Jacobian of a Jacobian",
        jacobian(jacobian(cubes)),
        np.einsum("ij,jk->ijk", EYE, EYE) * 6 * X,
    ),
    ("Hessian of a norm of the gradient", hessian(squared_slopes), np.diag(108 * X**2)),
]


@pytest.mark.parametrize(
    ("fn", "exact"), [case[1:] for case in COMPOSED], ids=[case[0] for case in COMPOSED]
)
def test_composed(fn: Callable[[Any], Any], exact: Any) -> None:
    found, exact = fn(tensor(X)).asnumpy(), np.asarray(exact)
    assert found.dtype == np.float32
    assert found.shape == exact.shape
    np.testing.assert_allclose(found, exact, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("mode", ["graph", "jit"])
@pytest.mark.parametrize("name", ["hvp within grad", "jvp of jvp"])
def test_composed_in_compiled_code(name: str, mode: str) -> None:
    fn, exact = next(case[1:] for case in COMPOSED if case[0] == name)
    found = run(mode, fn, tensor(X)).asnumpy()
    np.testing.assert_allclose(found, np.asarray(exact), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("mode", MODES)
def test_conditions_on_another_argument_to_second_order(mode: str) -> None:
    def by_sign(x: Any, c: Any) -> Any:
        if c.sum() > 0:
            return (c * x**3).sum()
        return x.sum()

    exact = np.diag(6 * C * X)
    assert_tree(run(mode, hessian(by_sign), tensor(X), tensor(C)), exact)
    assert_tree(run(mode, hessian(by_sign), tensor(X), tensor(-C)), 0 * exact)


def test_compiled_derivatives_of_derivatives() -> None:
    twice = grad(lambda x: grad(quartic, compile=True)(x).sum(), compile=True)
    assert_tree(twice(ms.Tensor(X)), 12 * X**2 + np.float32(18) * S)
