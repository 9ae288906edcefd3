"""An operator that failed takes none with it that are launched later."""

from typing import Any

import mindspore as ms
import pytest
from mindspore import ops

from d2l_autograd.mindspore_internals.failures import forget_failures

WEIGHTS = ops.ones((4, 3), ms.float32)
NARROW, WIDE = (ops.ones((2, 4), dtype) for dtype in (ms.float32, ms.float64))
TIMES = 300  # without waiting, one in ten of them failed


def through_many_operators(x: Any) -> Any:
    y = ops.tanh(x @ WEIGHTS)
    for _ in range(30):
        y = y + 1
    return y.sum()


def test_nothing_fails_after_a_failure() -> None:
    for _ in range(TIMES):
        with pytest.raises(TypeError, match="MatMulExt"):
            through_many_operators(WIDE).asnumpy()
        forget_failures()
        assert through_many_operators(NARROW).asnumpy() > 180
