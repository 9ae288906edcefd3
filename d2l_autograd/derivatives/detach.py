"""Holding values constant in a differentiated function."""

from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd.arguments.trees import leaves, mapped
from d2l_autograd.engine.inside_jit import trees as inside_jit
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.compile_time import compiling

_CONSTANT = (type(None), bool, int, float, complex, str, np.ndarray, np.generic)


def detach(x: Any) -> Any:
    """Return x as a constant: the same numbers, through which no gradient flows.

    Right in eager mode, in Graph mode and under ``ms.jit``. The memory is shared, nothing is
    copied.

    Args:
        x: a tensor of any shape and dtype, or a tuple, list or dict of such, nested as you like.
            Numbers, strings, None and NumPy arrays in it are constant already and stay as they
            are.

    Returns:
        The same structure with every tensor detached; a Parameter becomes a plain tensor.

    Raises:
        GradientError: x is or holds an object of another type.
    """
    if compiling():
        return inside_jit.mapped(_detached, x)
    for leaf in leaves(x):
        _require_known(leaf)
    return mapped(_detached, x)


def _detached(leaf: Any) -> Any:
    return ops.stop_gradient(leaf) if isinstance(leaf, ms.Tensor) else leaf


def _require_known(leaf: Any) -> None:
    if not isinstance(leaf, (ms.Tensor, *_CONSTANT)):
        raise GradientError(
            f"detach was given an object of type {type(leaf).__name__}. It takes a tensor, or a "
            "tuple, list or dict of tensors: pass the tensors that the object holds."
        )
