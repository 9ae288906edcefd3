"""What may be differentiated, by what, and what comes back: alike for all derivatives."""

import functools
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from calculus import BATCH, DERIVATIVES, SLOPE, C, Derivative, V, X, assert_tree, tensor
from mindspore import nn, ops
from modes import run

from d2l_autograd import (
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    per_sample_grad,
    value_and_grad,
    vjp,
)

each_derivative = pytest.mark.parametrize("derivative", DERIVATIVES, ids=lambda case: case.name)


def weighted_cubes(x: Any, c: Any) -> Any:
    return (c * x**3).sum()


def with_default(x: Any, c: Any, power: int = 3, *, scale: float = 1.0) -> Any:
    return scale * (c * x**power).sum()


def with_print(x: Any, c: Any) -> Any:
    print("shape", x.shape)
    return (c * x**3).sum()


def with_loop(x: Any, c: Any) -> Any:
    y, rounds = c, 0.0
    while ops.abs(y).sum() < 100:
        y = 2 * y
        rounds = rounds + 1
    return (y * x**3).sum() / 2**rounds


def with_early_return(x: Any, c: Any) -> Any:
    if x.sum() > 10:
        return x.sum()
    for power in range(2, 5):
        if power == 3:
            return (c * x**power).sum()
    return x.sum()


class Net(nn.Cell):
    def __init__(self) -> None:
        super().__init__()
        self.scale = ms.Parameter(tensor(1.0), name="scale")

    def construct(self, x: Any, c: Any) -> Any:
        return self.scale * (c * x**3).sum()

    def loss(self, x: Any, c: Any) -> Any:
        return self.construct(x, c)


class Plain:
    power = 3

    def method(self, x: Any, c: Any) -> Any:
        return (c * x**self.power).sum()

    def __call__(self, x: Any, c: Any) -> Any:
        return self.method(x, c)


def over_a_parameter() -> Callable[..., Any]:
    scale = ms.Parameter(tensor(1.0), name="scale")

    def closure(x: Any, c: Any) -> Any:
        return scale * (c * x**3).sum()

    return closure


def to_a_power(power: int, x: Any, c: Any, *, scale: float) -> Any:
    return scale * (c * x**power).sum()


SPELLINGS: dict[str, Callable[[], Callable[..., Any]]] = {
    "function": lambda: weighted_cubes,
    "lambda": lambda: lambda x, c: (c * x**3).sum(),
    "defaults": lambda: with_default,
    "print": lambda: with_print,
    "loop": lambda: with_loop,
    "early return": lambda: with_early_return,
    "cell": Net,
    "method of a cell": lambda: Net().loss,
    "object": Plain,
    "method": lambda: Plain().method,
    "closure over a Parameter": over_a_parameter,
    "partial, by position": lambda: functools.partial(to_a_power, 3, scale=1.0),
    "partial, by keyword": lambda: functools.partial(with_default, power=3, scale=1.0),
    "partial of a partial": lambda: functools.partial(
        functools.partial(to_a_power, 2, scale=5.0).func, 3, scale=1.0
    ),
    "partial of a lambda": lambda: functools.partial(lambda k, x, c: k * (c * x**3).sum(), 1.0),
}


@each_derivative
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_of_a_function(spelling: str, derivative: Derivative) -> None:
    args = [tensor(arg) for arg in derivative.args]
    assert_tree(derivative.of(SPELLINGS[spelling]())(*args), derivative.exact)


@each_derivative
@pytest.mark.parametrize(
    ("spelling", "mode"),
    [("function", "graph"), ("loop", "graph"), ("cell", "jit"), ("partial, by keyword", "jit")],
)
def test_spellings_in_compiled_code(spelling: str, mode: str, derivative: Derivative) -> None:
    args = [tensor(arg) for arg in derivative.args]
    found = run(mode, derivative.of(SPELLINGS[spelling]()), *args)
    assert_tree(found, derivative.exact)


@each_derivative
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_become_tensors_of_their_type(dtype: str, derivative: Derivative) -> None:
    args = [np.asarray(arg, dtype) for arg in derivative.args]
    exact = derivative.exact
    parts = exact if isinstance(exact, tuple) else (exact,)
    parts = tuple(np.asarray(part, dtype) for part in parts)
    found = derivative.of(weighted_cubes)(*args)
    assert_tree(found, parts if isinstance(exact, tuple) else parts[0])


@each_derivative
def test_keywords_are_passed_on(derivative: Derivative) -> None:
    args = [tensor(arg) for arg in derivative.args]
    exact = derivative.exact
    twice = (
        tuple(np.float32(2) * part for part in exact)
        if isinstance(exact, tuple)
        else np.float32(2) * exact
    )
    assert_tree(derivative.of(with_default)(*args, scale=2.0), twice)


@each_derivative
def test_a_keyword_overrides_that_of_a_partial(derivative: Derivative) -> None:
    args = [tensor(arg) for arg in derivative.args]
    fn = functools.partial(with_default, power=2, scale=1.0)
    assert_tree(derivative.of(fn)(*args, power=3), derivative.exact)


@each_derivative
def test_a_parameter_as_input(derivative: Derivative) -> None:
    x, *others = [tensor(arg) for arg in derivative.args]
    found = derivative.of(weighted_cubes)(ms.Parameter(x, name="x"), *others)
    assert_tree(found, derivative.exact)


def extra(x: Any) -> Any:
    return {"twice": 2 * x, "nested": (x, [x.sum()])}


AUX: dict[str, tuple[Callable[..., Any], Any]] = {
    "tensor": (lambda x, c: ((c * x**3).sum(), 2 * x), 2 * X),
    "dict": (lambda x, c: ((c * x**3).sum(), {"twice": 2 * x}), {"twice": 2 * X}),
    "nested": (
        lambda x, c: ((c * x**3).sum(), extra(x)),
        {"twice": 2 * X, "nested": (X, [X.sum()])},
    ),
    "number": (lambda x, c: ((c * x**3).sum(), 7), 7),
    "text": (lambda x, c: ((c * x**3).sum(), "seven"), "seven"),
    "mixed": (lambda x, c: ((c * x**3).sum(), (1.5, x)), (1.5, X)),
}


def with_aux(derivative: Derivative, aux: Any) -> Any:
    """Return what the derivative gives for a function with aux."""
    exact = derivative.exact
    if derivative.of is value_and_grad:
        return (exact[0], aux), exact[1]
    return exact, aux


def stacked(aux: Any) -> Any:
    """Return what two samples have as aux, which does not depend on the batch here."""
    if isinstance(aux, dict):
        return {key: stacked(part) for key, part in aux.items()}
    if isinstance(aux, (tuple, list)):
        return type(aux)(stacked(part) for part in aux)
    return np.stack([aux, aux])


@each_derivative
@pytest.mark.parametrize("kind", AUX)
def test_aux_comes_through(kind: str, derivative: Derivative) -> None:
    fn, aux = AUX[kind]
    if derivative.of is per_sample_grad:
        if kind not in ("tensor", "dict", "nested"):
            pytest.skip("aux of samples is made of tensors")
        aux = stacked(aux)
    args = [tensor(arg) for arg in derivative.args]
    found = derivative.of(fn, has_aux=True)(*args)
    assert_tree(found, with_aux(derivative, aux))


Pair = namedtuple("Pair", ["a", "b"])


def of_pair(pair: Any, c: Any) -> Any:
    return c * (pair[0] ** 2).sum() * pair[1]


def of_names(pair: Any, c: Any) -> Any:
    return c * (pair.a**2).sum() * pair.b


def of_keys(pair: Any, c: Any) -> Any:
    return c * (pair["a"] ** 2).sum() * pair["b"]


def of_nest(nest: Any, c: Any) -> Any:
    return c * (nest["w"][0] ** 2).sum() * nest["w"][1][0]


TREES: dict[str, tuple[Callable[..., Any], Callable[[Any, Any], Any]]] = {
    "tuple": (of_pair, lambda a, b: (a, b)),
    "list": (of_pair, lambda a, b: [a, b]),
    "dict": (of_keys, lambda a, b: {"a": a, "b": b}),
    "nested": (of_nest, lambda a, b: {"w": (a, [b])}),
    "namedtuple": (of_pair, Pair),
}
A, B = np.array([1.0, 2.0], "float32"), np.float32(3)
DA, DB = np.array([0.5, -1.0], "float32"), np.float32(2)
WEIGHTS = np.array([1.0, 2.0], "float32")


def of_trees(pack: Callable[[Any, Any], Any]) -> list[tuple[Callable[..., Any], Any, Any]]:
    """Return derivatives of |a|² b by the tree of a and b: what, more arguments, closed form."""
    by_a, by_b = 2 * A * B, (A**2).sum()
    eye = np.eye(2, dtype="float32")
    one = np.float32(1)
    return [
        (grad, (one,), pack(by_a, by_b)),
        (value_and_grad, (one,), (by_b * B, pack(by_a, by_b))),
        (vjp, (one, np.float32(2)), pack(2 * by_a, np.float32(2) * by_b)),
        (jvp, (one, pack(DA, DB)), by_a @ DA + by_b * DB),
        (jacobian, (one,), pack(by_a, by_b)),
        (hessian, (one,), pack(pack(2 * B * eye, 2 * A), pack(2 * A, np.float32(0)))),
        (hvp, (one, pack(DA, DB)), pack(2 * B * DA + 2 * A * DB, 2 * A @ DA)),
        (per_sample_grad, (WEIGHTS,), pack(np.outer(WEIGHTS, by_a), WEIGHTS * by_b)),
    ]


@pytest.mark.parametrize("index", range(8), ids=[case.name for case in DERIVATIVES])
@pytest.mark.parametrize("kind", TREES)
def test_containers_as_inputs(kind: str, index: int) -> None:
    fn, pack = TREES[kind]
    derivative, more, exact = of_trees(pack)[index]
    assert_tree(derivative(fn)(pack(A, B), *more), exact)


def test_names_of_a_namedtuple() -> None:
    one, eye = np.float32(1), np.eye(len(A), dtype=A.dtype)
    assert_tree(grad(of_names)(Pair(A, B), one), Pair(2 * A * B, (A**2).sum()))
    exact = Pair(Pair(2 * B * eye, 2 * A), Pair(2 * A, np.float32(0)))
    assert_tree(hessian(of_names)(Pair(A, B), one), exact)


@pytest.mark.parametrize("index", range(8), ids=[case.name for case in DERIVATIVES])
def test_containers_of_python_floats(index: int) -> None:
    def pack(a: Any, b: Any) -> Any:
        return {"a": a, "b": b}

    derivative, more, _ = of_trees(pack)[index]
    point = {"a": 2.0, "b": 3.0}
    if len(more) > 1 and isinstance(more[1], dict):
        more = (more[0], {"a": 0.5, "b": 2.0})
    f32 = np.float32
    exact = {
        grad: pack(f32(12), f32(4)),
        value_and_grad: (f32(12), pack(f32(12), f32(4))),
        vjp: pack(f32(24), f32(8)),
        jvp: f32(14),
        jacobian: pack(f32(12), f32(4)),
        hessian: pack(pack(f32(6), f32(4)), pack(f32(4), f32(0))),
        hvp: pack(f32(11), f32(2)),
        per_sample_grad: pack(12 * WEIGHTS, 4 * WEIGHTS),
    }[derivative]
    assert_tree(derivative(of_keys)(point, *more), exact)


def bilinear(a: Any, b: Any, scale: Any = 1.0) -> Any:
    return scale * (a * a * b).sum()


U, W = np.array([1.0, 2.0], "float32"), np.array([3.0, -1.0], "float32")
BY_U, BY_W = 2 * U * W, U * U
UU, UW, WW = np.diag(2 * W), np.diag(2 * U), np.zeros((2, 2), "float32")
S, T = np.array([1.0, -1.0], "float32"), np.array([0.5, 2.0], "float32")
ARGNUMS: list[tuple[Any, Any, tuple[Any, ...], Any]] = [
    (grad, 1, (), BY_W),
    (grad, (1, 0), (), (BY_W, BY_U)),
    (value_and_grad, (0, 1), (), ((U * U * W).sum(), (BY_U, BY_W))),
    (value_and_grad, (1,), (), ((U * U * W).sum(), (BY_W,))),
    (vjp, (0, 1), (np.float32(2),), (2 * BY_U, 2 * BY_W)),
    (vjp, (1,), (np.float32(2),), (2 * BY_W,)),
    (jvp, 1, (T,), BY_W @ T),
    (jvp, (0, 1), ((S, T),), BY_U @ S + BY_W @ T),
    (jvp, (1, 0), ((T, S),), BY_U @ S + BY_W @ T),
    (jvp, (1,), ((T,),), BY_W @ T),
    (jacobian, 1, (), BY_W),
    (jacobian, (1, 0), (), (BY_W, BY_U)),
    (hessian, 1, (), WW),
    (hessian, (0,), (), ((UU,),)),
    (hessian, (0, 1), (), ((UU, UW), (UW, WW))),
    (hessian, (1, 0), (), ((WW, UW), (UW, UU))),
    (hvp, 1, (T,), 0 * T),
    (hvp, (0,), ((S,),), (UU @ S,)),
    (hvp, (0, 1), ((S, T),), (UU @ S + UW @ T, UW @ S)),
]


@pytest.mark.parametrize(
    ("derivative", "argnums", "more", "exact"),
    ARGNUMS,
    ids=[f"{case[0].__name__}-{case[1]}" for case in ARGNUMS],
)
def test_argnums(derivative: Any, argnums: Any, more: Any, exact: Any) -> None:
    assert_tree(derivative(bilinear, argnums)(tensor(U), tensor(W), *more), exact)


def test_per_sample_by_several_positions() -> None:
    def loss(w: Any, x: Any, b: Any) -> Any:
        return (w * x).sum() * b

    w, b = np.array([1.0, 2.0, 3.0], "float32"), np.float32(2)
    by_w, by_b = per_sample_grad(loss, (0, 2))(w, BATCH, b)
    assert_tree(by_w, b * BATCH)
    assert_tree(by_b, BATCH @ w)


def test_the_same_names_and_numbers() -> None:
    assert_tree(grad(weighted_cubes)(X, C), SLOPE)
    assert_tree(hvp(weighted_cubes)(X, C, V), 6 * C * X * V)
