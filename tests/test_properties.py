"""What holds for derivatives of any shape: hypothesis looks for one for which it does not."""

from typing import Any

import mindspore as ms
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, mutually_broadcastable_shapes
from mindspore import ops

from d2l_autograd import grad, hvp, vjp

SHAPES = array_shapes(min_dims=0, max_dims=3, max_side=3)
PAIRS = mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)
DTYPES = st.sampled_from(["float32", "float64"])
VECTORS = arrays("float32", 3, elements=st.floats(-2, 2, width=32))
few = settings(max_examples=25, deadline=None, derandomize=True)


def normal(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def summed_to(shape: tuple[int, ...], array: Any) -> Any:
    """Return array summed over the axes along which an operand of that shape was broadcast."""
    leading = array.sum(axis=tuple(range(array.ndim - len(shape))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return leading.sum(axis=stretched, keepdims=True)


@few
@given(PAIRS, DTYPES)
def test_a_gradient_has_the_shape_and_dtype_of_the_input(pair: Any, dtype: str) -> None:
    x, y = (normal(shape, dtype, seed) for seed, shape in enumerate(pair.input_shapes))

    def product(x: Any, y: Any) -> Any:
        return (x * y).sum()

    by_x, by_y = grad(product, (0, 1))(ms.Tensor(x), ms.Tensor(y))
    whole = np.ones(pair.result_shape)
    for found, expected in (
        (by_x, summed_to(x.shape, whole * y)),
        (by_y, summed_to(y.shape, whole * x)),
    ):
        assert found.asnumpy().dtype == dtype
        assert found.shape == expected.shape
        np.testing.assert_allclose(found.asnumpy(), expected, rtol=1e-5, atol=1e-5)


@few
@given(SHAPES, st.floats(-3, 3), st.floats(-3, 3))
def test_vjp_is_linear_in_the_vector(shape: Any, a: float, b: float) -> None:
    x, u, w = (normal(shape, "float64", seed) for seed in range(3))
    pulled_back = vjp(ops.sin)
    together = pulled_back(x, a * u + b * w).asnumpy()
    apart = a * pulled_back(x, u).asnumpy() + b * pulled_back(x, w).asnumpy()
    np.testing.assert_allclose(together, apart, rtol=1e-12, atol=1e-12)


def coupled(x: Any) -> Any:
    return (ops.sin(x) * x[0] * x.sum()).sum()


curvature = hvp(coupled)


@few
@given(VECTORS, VECTORS, VECTORS)
def test_the_hessian_is_symmetric(x: Any, v: Any, w: Any) -> None:
    one, other = curvature(x, v).asnumpy() @ w, curvature(x, w).asnumpy() @ v
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)
