"""Operators of a linear map that are given zeros: only the shapes of the results are computed.

A Jacobian records its backward pass once, and runs the record again for all rows together. While
it is recorded, the numbers of the row do not matter.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from mindspore import Tensor

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules import RULES
from d2l_autograd.engine.rules.reductions import reduced_axes
from d2l_autograd.engine.shapes import Shape, constant

_SHAPES: dict[str, Callable[..., Shape | None]] = {}
"""By name of the operator: a function of its inputs that returns the shape of the result, or None
where it does not know."""


def zeros_of(node: Node) -> Tensor | None:
    """Return the result of an operator of a linear map that is given zeros, if that is known."""
    if not any(value.is_zero for _, _, value in node.parents):
        return None
    tensors = [given for given in node.inputs if isinstance(given, Tensor)]
    dtypes = {tensor.dtype for tensor in tensors}
    if len(dtypes) != 1:
        return None
    (dtype,) = dtypes
    if node.name in _SHAPES:
        shape = _SHAPES[node.name](*node.inputs)
    elif node.name in RULES and RULES[node.name].is_elementwise:
        shape = np.broadcast_shapes(*(tensor.shape for tensor in tensors))
    else:
        return None
    return None if shape is None else constant(0.0, shape, dtype)


def _shape(name: str) -> Callable[[Callable[..., Shape | None]], Callable[..., Shape | None]]:
    def enter(shape: Callable[..., Shape | None]) -> Callable[..., Shape | None]:
        _SHAPES[name] = shape
        return shape

    return enter


@_shape("Cast")
def _cast(*_: Any) -> None:
    """Leave to MindSpore what has another dtype than what it is given."""


@_shape("Reshape")
def _reshaped(x: Tensor, shape: Any) -> Shape | None:
    if not isinstance(shape, (tuple, list)) or any(isinstance(n, Tensor) or n < 0 for n in shape):
        return None
    return tuple(shape)


@_shape("SumExt")
def _summed(x: Tensor, axis: Any, keepdims: bool, dtype: Any = None) -> Shape | None:
    if dtype is not None:
        return None
    gone = reduced_axes(axis, x.ndim)
    if keepdims:
        return tuple(1 if a in gone else length for a, length in enumerate(x.shape))
    return tuple(length for a, length in enumerate(x.shape) if a not in gone)


@_shape("MatMulExt")
def _multiplied(x: Tensor, y: Tensor) -> Shape:
    batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    return (*batch, *x.shape[-2:-1], *(y.shape[-1:] if y.ndim > 1 else ()))
