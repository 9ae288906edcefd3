"""One function of two inputs, and each of its derivatives in closed form.

The function is ``(c * x**3).sum()``, x and c of shape (3,), however it is spelled.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import mindspore as ms
import numpy as np
from closeness import assert_tensor

from d2l_autograd import grad, hessian, hvp, jacobian, jvp, per_sample_grad, value_and_grad, vjp

X = np.array([1.0, -2.0, 0.5], "float32")
C = np.array([2.0, 1.0, -1.0], "float32")
V = np.array([0.5, 3.0, -2.0], "float32")
SLOPE = 3 * C * X**2
BATCH = np.stack([C, 2 * C])


def tensor(value: Any, dtype: Any = ms.float32) -> ms.Tensor:
    return ms.Tensor(np.asarray(value), dtype)


class Derivative(NamedTuple):
    """``of(fn)(*args)`` is the derivative of fn by its first input, in closed form ``exact``."""

    name: str
    of: Callable[..., Any]
    args: tuple[Any, ...]
    exact: Any


DERIVATIVES = [
    Derivative("grad", grad, (X, C), SLOPE),
    Derivative("value_and_grad", value_and_grad, (X, C), ((C * X**3).sum(), SLOPE)),
    Derivative("vjp", vjp, (X, C, np.float32(2)), 2 * SLOPE),
    Derivative("jvp", jvp, (X, C, V), SLOPE @ V),
    Derivative("jacobian", jacobian, (X, C), SLOPE),
    Derivative("hessian", hessian, (X, C), np.diag(6 * C * X)),
    Derivative("hvp", hvp, (X, C, V), 6 * C * X * V),
    Derivative("per_sample_grad", per_sample_grad, (X, BATCH), 3 * BATCH * X**2),
]


def assert_tree(found: Any, exact: Any) -> None:
    """Fail unless found is built like exact, of tensors with the numbers in exact's arrays."""
    if isinstance(exact, dict):
        assert isinstance(found, dict)
        assert list(found) == list(exact)
        for key in exact:
            assert_tree(found[key], exact[key])
    elif isinstance(exact, (tuple, list)):
        assert type(found) is type(exact)
        assert len(found) == len(exact)
        for part, exact_part in zip(found, exact, strict=True):
            assert_tree(part, exact_part)
    elif isinstance(exact, (np.ndarray, np.generic)):
        assert_tensor(found, exact)
    else:
        assert found == exact
        assert type(found) is type(exact)
