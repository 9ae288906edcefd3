"""Constants and broadcasting: gradients that are kept as small as they may be.

A gradient that is the same along an axis is kept with length 1 there until its full shape matters.
A seed times numbers is computed without an operator.
"""

import math
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor

Shape = tuple[int, ...]


_NUMPY = {
    ms.float16: np.float16,
    ms.float32: np.float32,
    ms.float64: np.float64,
    ms.bfloat16: np.float32,  # NumPy has none
}


def numpy_dtype(dtype: Any) -> Any:
    """Return NumPy's name of a type of numbers, float32 for bfloat16."""
    return _NUMPY.get(dtype) or np.dtype(str(dtype).lower())


def constant(value: float, shape: Shape, dtype: Any) -> Tensor:
    """Return a tensor filled with a number.

    By way of NumPy, which takes a tenth of the time of MindSpore's own.
    """
    if dtype == ms.bfloat16:
        return Tensor.from_numpy(np.full(shape, value, np.float32)).astype(dtype)
    return Tensor.from_numpy(np.full(shape, value, numpy_dtype(dtype)))


def seed(tensor: Tensor) -> Tensor:
    """Return the gradient of a tensor by itself: ones, and known to be ones."""
    return _filled(1.0, tensor.shape, tensor.dtype)


def filling(gradient: Tensor) -> float | None:
    """Return the number that all entries of a seed, or of a multiple of it, are known to be."""
    return getattr(gradient, "filling", None)


def times(tensor: Tensor, number: float) -> Tensor:
    """Return a tensor times a number, which MindSpore by itself rounds to float32."""
    known = filling(tensor)
    if known is not None:
        return _filled(known * number, tensor.shape, tensor.dtype)
    if tensor.dtype == ms.float64:
        return tensor * constant(number, (), ms.float64)
    return tensor * number


def reshaped(gradient: Tensor, shape: Shape) -> Tensor:
    """Return a gradient in another shape of the same size."""
    if gradient.shape == shape:
        return gradient
    known = filling(gradient)
    return gradient.reshape(shape) if known is None else _filled(known, shape, gradient.dtype)


def _filled(value: float, shape: Shape, dtype: Any) -> Tensor:
    tensor = constant(value, shape, dtype)
    tensor.filling = value
    return tensor


def broadcast(tensor: Tensor, shape: Shape) -> Tensor:
    """Return the tensor in its full shape."""
    if tensor.shape == shape:
        return tensor
    known = filling(tensor)
    return tensor.broadcast_to(shape) if known is None else _filled(known, shape, tensor.dtype)


def plain(gradient: Tensor) -> Tensor:
    """Return a gradient that code of others may change in place: its numbers are not known."""
    known = filling(gradient)
    return gradient if known is None else constant(known, gradient.shape, gradient.dtype)


def unbroadcast(gradient: Tensor, full: Shape, shape: Shape) -> Tensor:
    """Return the gradient by an operand of this shape, which was broadcast to the full shape.

    The gradient may have length 1 where the full shape is longer; it is constant there.
    """
    if full == shape:
        return gradient
    missing = len(full) - len(shape)
    lengths = (1,) * (len(full) - gradient.ndim) + gradient.shape
    axes, scale, left = [], 1, []
    for axis, (whole, length) in enumerate(zip(full, lengths, strict=True)):
        operand = shape[axis - missing] if axis >= missing else 1
        if whole != operand:
            if length == 1:
                scale *= whole
            else:
                axes.append(axis)
        if axis >= missing:
            left.append(length if whole == operand else 1)
    if axes:
        if len(lengths) != gradient.ndim:
            gradient = gradient.reshape(lengths)
        gradient = gradient.sum(tuple(axes), keepdims=True)
    if scale != 1:
        gradient = gradient * float(scale)
    return gradient if gradient.shape == tuple(left) else gradient.reshape(tuple(left))


def size(shape: Shape) -> int:
    """Return the number of entries of a tensor of this shape."""
    return math.prod(shape)


def in_numpy(index: Any) -> Any:
    """Return an index with arrays in place of tensors."""
    if isinstance(index, Tensor):
        return index.asnumpy()
    if isinstance(index, (tuple, list)):
        return type(index)(map(in_numpy, index))
    if isinstance(index, slice):
        return slice(*(in_numpy(part) for part in (index.start, index.stop, index.step)))
    return index
