"""First and second derivatives against closed forms, in every mode, and the calling conventions."""

from collections.abc import Callable
from typing import Any, NamedTuple

import mindspore as ms
import numpy as np
import pytest
from closeness import assert_tensor
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from mindspore import ops
from modes import MODES, run

from d2l_autograd import grad, value_and_grad


class Case(NamedTuple):
    """fn of x with shape (n,), its gradient, and the row sums of its Hessian, both (n,)."""

    name: str
    fn: Callable[[Any], Any]
    first: Callable[[Any], Any]
    second: Callable[[Any], Any]


def twice_the_dot_product(x: Any) -> Any:
    return 2 * ops.tensor_dot(x, x, 1)


def square_of_the_sum(x: Any) -> Any:
    return x.sum() ** 2


def mean_of_cubes(x: Any) -> Any:
    return (x**3).mean()


def norm(x: Any) -> Any:
    return x.norm()


def matrix_product(x: Any) -> Any:
    return ops.matmul(x.reshape(1, -1), x.reshape(-1, 1)).sum()


def concatenated(x: Any) -> Any:
    return (ops.concat((x, 2 * x)) ** 2).sum()


def tiled(x: Any) -> Any:
    return (ops.tile(x, (3,)) ** 2).sum()


def broadcast(x: Any) -> Any:
    return (x.reshape(-1, 1) * x).sum()


def sine(x: Any) -> Any:
    return ops.sin(x).sum()


def exponential(x: Any) -> Any:
    return ops.exp(x).sum()


def logarithm(x: Any) -> Any:
    return ops.log(x).sum()


def product_of_chain(x: Any) -> Any:
    return (x * ops.tanh(x)).sum()


def doubled_in_a_loop(x: Any) -> Any:
    y = x
    for _ in range(3):
        y = 2 * y
    return (y * y).sum()


def branching(x: Any) -> Any:
    if x.sum() > 0:
        return (x**3).sum()
    return -x.sum()


def doubled_until_large(x: Any) -> Any:
    y = x
    while y.sum() < 100:
        y = 2 * y
    return (y * x).sum()


def factor_of_doubling(x: Any) -> float:
    return 2.0 ** np.ceil(np.log2(100 / x.sum()))


def tanh_slope(x: Any) -> Any:
    return 1 - np.tanh(x) ** 2


CASES = [
    Case("2 x.x", twice_the_dot_product, lambda x: 4 * x, lambda x: 4 + 0 * x),
    Case(
        "(sum x)^2", square_of_the_sum, lambda x: 2 * x.sum() + 0 * x, lambda x: 2 * x.size + 0 * x
    ),
    Case("mean x^3", mean_of_cubes, lambda x: 3 * x**2 / x.size, lambda x: 6 * x / x.size),
    Case(
        "norm",
        norm,
        lambda x: x / np.sqrt(x @ x),
        lambda x: (1 - x * x.sum() / (x @ x)) / np.sqrt(x @ x),
    ),
    Case("x^T x", matrix_product, lambda x: 2 * x, lambda x: 2 + 0 * x),
    Case("concat", concatenated, lambda x: 10 * x, lambda x: 10 + 0 * x),
    Case("tile", tiled, lambda x: 6 * x, lambda x: 6 + 0 * x),
    Case("x x^T", broadcast, lambda x: 2 * x.sum() + 0 * x, lambda x: 2 * x.size + 0 * x),
    Case("sin", sine, np.cos, lambda x: -np.sin(x)),
    Case("exp", exponential, np.exp, np.exp),
    Case("log", logarithm, lambda x: 1 / x, lambda x: -1 / x**2),
    Case(
        "x tanh x",
        product_of_chain,
        lambda x: np.tanh(x) + x * tanh_slope(x),
        lambda x: 2 * tanh_slope(x) * (1 - x * np.tanh(x)),
    ),
    Case("for", doubled_in_a_loop, lambda x: 128 * x, lambda x: 128 + 0 * x),
    Case("if", branching, lambda x: 3 * x**2, lambda x: 6 * x),
    Case(
        "while",
        doubled_until_large,
        lambda x: 2 * factor_of_doubling(x) * x,
        lambda x: 2 * factor_of_doubling(x) + 0 * x,
    ),
]
POINT = [0.5, 1.0, 1.5, 2.0]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_first_derivative(case: Case, dtype: str, mode: str) -> None:
    x = np.array(POINT, dtype)
    assert_tensor(run(mode, grad(case.fn), ms.Tensor(x)), case.first(x))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_second_derivative(case: Case, mode: str) -> None:
    first = grad(case.fn)

    def total_slope(x: Any) -> Any:
        return first(x).sum()

    x = np.array(POINT, "float64")
    assert_tensor(run(mode, grad(total_slope), ms.Tensor(x)), case.second(x))


@pytest.mark.parametrize("mode", MODES)
def test_derivatives_of_one_number_to_the_third_order(mode: str) -> None:
    derivative: Callable[..., Any] = lambda x: x**4  # noqa: E731 - a lambda is the case
    for expected in (32.0, 48.0, 48.0):
        derivative = grad(derivative)
        assert_tensor(run(mode, derivative, ms.Tensor(2.0)), np.float32(expected))


@pytest.mark.parametrize("mode", MODES)
def test_gradient_made_inside_the_function(mode: str) -> None:
    def total_slope(x: Any) -> Any:
        return grad(lambda z: (z**3).sum())(x).sum()

    x = np.array(POINT, "float32")
    assert_tensor(run(mode, grad(total_slope), ms.Tensor(x)), 6 * x)


def bilinear(a: Any, b: Any) -> Any:
    return (a * a * b).sum()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("constant", [2.0, ms.Tensor(2.0)], ids=["number", "captured tensor"])
def test_gradient_at_a_constant_inside_the_function(constant: Any, mode: str) -> None:
    def slope(b: Any) -> Any:
        return grad(bilinear)(constant, b) * b  # 4 b * b

    assert_tensor(run(mode, grad(slope), ms.Tensor(3.0)), np.float32(24))


def test_raw_gradient_inside_is_nested_rightly() -> None:
    def total_slope(x: Any) -> Any:
        return ms.grad(twice_the_dot_product)(x).sum()

    x = ms.Tensor(POINT, ms.float32)
    assert_tensor(grad(total_slope)(x), np.full(4, 4, "float32"))


def test_gradient_of_a_compiled_function() -> None:
    x = np.array(POINT, "float32")
    cube = ms.jit(mean_of_cubes)
    assert_tensor(grad(cube)(ms.Tensor(x)), 3 * x**2 / 4)
    assert_tensor(grad(lambda x: 2 * cube(x))(ms.Tensor(x)), 6 * x**2 / 4)


@pytest.mark.parametrize("mode", MODES)
def test_value_comes_with_the_gradient(mode: str) -> None:
    x = np.arange(4, dtype="float32")
    value, gradient = run(mode, value_and_grad(twice_the_dot_product), ms.Tensor(x))
    assert_tensor(value, np.float32(28))
    assert_tensor(gradient, 4 * x)


def weighted(a: Any, b: Any, scale: Any = 2.0, *, power: int = 1) -> Any:
    return (scale * a**power * b).sum()


A, B = np.array([1, 2], "float32"), np.array([3, 5], "float32")
ARGNUMS = [
    (0, {}, 2 * B),
    (1, {}, 2 * A),
    ((0,), {}, (2 * B,)),
    ((0, 1), {}, (2 * B, 2 * A)),
    ((1, 0), {}, (2 * A, 2 * B)),
    (0, {"scale": 3.0}, 3 * B),
    (0, {"power": 2}, 4 * A * B),
    ((0, 1), {"scale": A}, (A * B, A * A)),
]


@pytest.mark.parametrize("mode", ["eager", "graph"])
@pytest.mark.parametrize(("argnums", "keywords", "expected"), ARGNUMS)
def test_argnums_and_keyword_arguments(
    argnums: Any, keywords: dict[str, Any], expected: Any, mode: str
) -> None:
    def call(a: Any, b: Any) -> Any:
        return grad(weighted, argnums)(a, b, **keywords)

    found = run(mode, call, ms.Tensor(A), ms.Tensor(B))
    assert isinstance(found, tuple) == isinstance(argnums, tuple)
    pairs = zip(found, expected, strict=True) if isinstance(argnums, tuple) else [(found, expected)]
    for gradient, exact in pairs:
        assert_tensor(gradient, exact)


@pytest.mark.parametrize("mode", MODES)
def test_a_tensor_passed_twice_keeps_two_gradients(mode: str) -> None:
    def product(a: Any, b: Any) -> Any:
        return (a * b * b).sum()

    first, second = run(mode, lambda_of_one(grad(product, (0, 1))), ms.Tensor(B))
    assert_tensor(first, B * B)
    assert_tensor(second, 2 * B * B)


def lambda_of_one(gradient: Callable[..., Any]) -> Callable[[Any], Any]:
    def call(x: Any) -> Any:
        return gradient(x, x)

    return call


@pytest.mark.parametrize("mode", MODES)
def test_a_captured_tensor_is_constant_even_if_passed_too(mode: str) -> None:
    x = ms.Tensor(B)

    def product(a: Any) -> Any:
        return (a * x).sum()

    assert_tensor(run(mode, grad(product), x), B)


INPUTS = [
    (2.0, np.float32(4)),
    (np.float32(2), np.float32(4)),
    (np.float64(2), np.float64(4)),
    (np.array(2.0), np.float64(4)),
    (np.array([2.0], "float32"), np.array([4], "float32")),
    (ms.Tensor([[2.0]], ms.float64), np.array([[4.0]])),
    (ms.Parameter(ms.Tensor(2.0), name="p"), np.float32(4)),
]


@pytest.mark.parametrize("mode", ["eager", "graph"])
@pytest.mark.parametrize(("x", "expected"), INPUTS, ids=lambda value: type(value).__name__)
def test_kinds_of_input(x: Any, expected: Any, mode: str) -> None:
    def square(x: Any) -> Any:
        return x * x

    assert_tensor(run(mode, grad(square), x), expected)


@pytest.mark.parametrize("dtype", [ms.float16, ms.bfloat16])
def test_low_precision_stays_low(dtype: Any) -> None:
    gradient = grad(lambda x: x * x)(ms.Tensor(3.0, dtype))
    assert gradient.dtype == dtype
    assert float(gradient.astype(ms.float32)) == 6.0


@settings(max_examples=40, deadline=None)
@given(array_shapes(min_dims=0, max_dims=4, max_side=4), st.integers(0, 2**32 - 1))
def test_any_shape(shape: tuple[int, ...], seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=shape)
    assert_tensor(grad(lambda x: (x**3).sum())(ms.Tensor(x)), np.asarray(3 * x**2))


def test_input_is_left_alone() -> None:
    x = ms.Tensor(B)
    grad(lambda x: (x * x).sum())(x)
    assert_tensor(x, B)


def test_gradient_function_says_what_it_is() -> None:
    assert "grad(twice_the_dot_product)" in repr(grad(twice_the_dot_product))
