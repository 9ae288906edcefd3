"""Indexing: x[index] and x[index] = value as operators, with their backward rules.

An index may be anything that NumPy takes, with tensors in place of arrays. NumPy does the work as
well: it reads a tensor where it lies, ten times faster than MindSpore makes a view and copies it.
"""

from typing import Any

import numpy as np
from mindspore import Tensor

from d2l_autograd.engine.rules.moving import as_tensor, summed
from d2l_autograd.engine.rules.table import rule
from d2l_autograd.engine.shapes import constant, in_numpy, size, unbroadcast
from d2l_autograd.engine.watching import apply


def get_item(x: Tensor, index: Any) -> Tensor:
    """Return x[index] in memory of its own."""
    return apply("GetItem", _run_get, x, index)


def put_item(values: Tensor, index: Any, shape: tuple[int, ...]) -> Tensor:
    """Return zeros of a shape, to which the values are added at the index."""
    return apply("PutItem", _run_put, values, index, shape)


def set_item(x: Tensor, index: Any, value: Tensor) -> Tensor:
    """Return a copy of x in which x[index] is value."""
    return apply("SetItem", _run_set, x, index, value)


def _run_get(x: Tensor, index: Any) -> Tensor:
    return Tensor.from_numpy(np.array(x.asnumpy()[in_numpy(index)], order="C"))


def _run_put(values: Tensor, index: Any, shape: tuple[int, ...]) -> Tensor:
    numbers, index = values.asnumpy(), in_numpy(index)
    if _takes_once(index):
        result = np.zeros(shape, numbers.dtype)
        result[index] = numbers
        return Tensor.from_numpy(result)
    rows = numbers.reshape((1, -1))
    sums = summed(rows, _positions(index, shape).reshape(-1), size(shape))
    return Tensor.from_numpy(sums.reshape(shape).astype(numbers.dtype))


def _run_set(x: Tensor, index: Any, value: Any) -> Tensor:
    numbers = np.array(x.asnumpy())
    numbers[in_numpy(index)] = value.asnumpy() if isinstance(value, Tensor) else value
    return Tensor.from_numpy(numbers)


def is_basic(index: Any) -> bool:
    """Say whether an index is made of numbers, slices, None and Ellipsis."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None or part is Ellipsis or isinstance(part, slice) or type(part) is int
        for part in parts
    )


def _takes_once(index: Any) -> bool:
    """Say whether an index surely takes no entry twice."""
    return is_basic(index) or (isinstance(index, np.ndarray) and index.dtype == bool)


def _positions(index: Any, shape: tuple[int, ...]) -> Any:
    """Return the positions of the entries that an index takes."""
    return np.asarray(np.arange(size(shape)).reshape(shape)[in_numpy(index)])


def _set_by_x(d: Any, out: Any, x: Any, index: Any, value: Any) -> Any:
    return set_item(d, index, constant(0.0, (), d.dtype))


def _set_by_value(d: Any, out: Any, x: Any, index: Any, value: Any) -> Any:
    gradient = get_item(d, index)
    if not _takes_once(index):
        stays = _last(_positions(index, x.shape))
        if not stays.all():
            gradient = gradient * as_tensor(stays, d.dtype)
    shape = value.shape[max(value.ndim - gradient.ndim, 0) :]
    return unbroadcast(gradient, gradient.shape, shape).reshape(value.shape)


def _last(positions: Any) -> Any:
    """Say of each position whether it is the last of its kind: what is written there stays."""
    order = np.arange(positions.size).reshape(positions.shape)
    last = np.zeros(positions.max(initial=0) + 1, np.int64)
    np.maximum.at(last, positions.reshape(-1), order.reshape(-1))
    return last[positions] == order


rule("GetItem", lambda d, out, x, index: put_item(d, index, x.shape))
rule("PutItem", lambda d, out, values, index, shape: get_item(d, index))
rule("SetItem", _set_by_x, None, _set_by_value)
