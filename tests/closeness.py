"""Comparing a tensor with what calculus says it is."""

from typing import Any

import mindspore as ms
import numpy as np

TOLERANCE = {np.dtype("float32"): 2e-5, np.dtype("float64"): 1e-10}


def assert_tensor(actual: Any, expected: Any) -> None:
    """Fail unless actual is a tensor of expected's shape and dtype, with its numbers."""
    assert isinstance(actual, ms.Tensor)
    expected = np.asarray(expected)
    found = actual.asnumpy()
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    tolerance = TOLERANCE[expected.dtype]
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
