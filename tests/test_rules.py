"""Operators that MindSpore differentiates wrongly in some mode or order."""

from collections.abc import Callable
from math import perm
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from mindspore import nn, ops

from d2l_autograd import GradientError, grad, hessian

pytestmark = pytest.mark.quick

LOGITS = np.array([[0.1, 0.2, 0.3], [0.4, 0.1, 0.2]], "float32")
LABELS = ms.Tensor([0, 2], ms.int32)
SPARSE = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
WAYS: dict[str, Callable[..., Any]] = {
    "eager": grad,
    "compiled": lambda fn: grad(fn, compile=True),
    "nested": lambda fn: grad(lambda x: (grad(fn)(x) * x).sum()),
}


@pytest.mark.parametrize("exponent", [0, 2, 3.0])
def test_every_derivative_of_a_power(exponent: Any) -> None:
    derivative: Any = lambda x: x**exponent  # noqa: E731
    for order in range(1, 5):
        derivative = grad(derivative)
        factor = perm(int(exponent), order)
        for at in (0.0, 1.5, -1.5):
            expected = factor * at ** (exponent - order) if factor else 0
            assert float(derivative(at)) == pytest.approx(expected, rel=1e-5)


def test_the_slope_of_the_zeroth_power_is_zero() -> None:
    x = np.array([0.0, 1.5, -1.5], "float32")
    slope = grad(lambda x: (3 * x**0 + 2 * x).sum())(x)
    np.testing.assert_array_equal(slope.asnumpy(), [2, 2, 2])


def test_second_derivative_of_cross_entropy_with_labels() -> None:
    ours = hessian(lambda x: SPARSE(x, LABELS))(LOGITS).asnumpy()
    theirs = hessian(lambda x: ops.cross_entropy(x, LABELS))(LOGITS).asnumpy()
    assert abs(theirs).max() > 0.05
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("paddings", [(-1, 2), (1, -1), (0, 1, -1, 0)])
@pytest.mark.parametrize("way", WAYS)
def test_a_negative_padding_is_refused(way: str, paddings: tuple[int, ...]) -> None:
    def padded(x: Any) -> Any:
        return (ops.pad(x, paddings) ** 3).sum()

    with pytest.raises(GradientError, match="negative padding"):
        WAYS[way](padded)(LOGITS)
