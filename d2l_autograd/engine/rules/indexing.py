"""Indexing: x[index] and x[index] = value as operators, with their backward rules.

An index may be anything that NumPy takes, with tensors in place of arrays.
"""

from typing import Any

import mindspore as ms
import numpy as np

from d2l_autograd.engine.record import copy
from d2l_autograd.engine.rules.table import rule
from d2l_autograd.engine.shapes import constant, unbroadcast
from d2l_autograd.engine.watching import apply

Tensor = ms.Tensor
_get = Tensor.__getitem__
_set = Tensor.__setitem__


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
    if is_basic(index):
        return copy(_get(x, index))
    return Tensor.from_numpy(np.array(x.asnumpy()[in_numpy(index)]))


def _run_put(values: Tensor, index: Any, shape: tuple[int, ...]) -> Tensor:
    numbers = np.zeros(shape, ms.dtype_to_nptype(values.dtype))
    if is_basic(index):
        numbers[index] = values.asnumpy()
    else:
        np.add.at(numbers, in_numpy(index), values.asnumpy())
    return Tensor.from_numpy(numbers)


def _run_set(x: Tensor, index: Any, value: Any) -> Tensor:
    numbers = np.array(x.asnumpy())
    numbers[in_numpy(index)] = value.asnumpy() if isinstance(value, Tensor) else value
    return Tensor.from_numpy(numbers)


def is_basic(index: Any) -> bool:
    """Say whether each entry is taken once at most, and MindSpore makes a view of them."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None
        or part is Ellipsis
        or type(part) is int
        or (isinstance(part, slice) and (part.step is None or part.step > 0))
        for part in parts
    )


def in_numpy(index: Any) -> Any:
    """Return an index with arrays in place of tensors."""
    if isinstance(index, Tensor):
        return index.asnumpy()
    if isinstance(index, (tuple, list)):
        return type(index)(map(in_numpy, index))
    if isinstance(index, slice):
        return slice(*(in_numpy(part) for part in (index.start, index.stop, index.step)))
    return index


def _winners(index: Any, shape: tuple[int, ...]) -> tuple[Any, bool]:
    """Return which of the values that are written stay, and whether all of them do."""
    count = np.arange(int(np.prod(shape))).reshape(shape)[in_numpy(index)]
    last = np.full(int(np.prod(shape)), -1)
    order = np.arange(count.size).reshape(count.shape)
    last[count] = order
    stays = last[count] == order
    return stays, bool(stays.all())


def _set_by_x(d: Any, out: Any, x: Any, index: Any, value: Any) -> Any:
    return set_item(d, index, constant(0.0, (), d.dtype))


def _set_by_value(d: Any, out: Any, x: Any, index: Any, value: Any) -> Any:
    gradient = get_item(d, index)
    stays, all_stay = (None, True) if is_basic(index) else _winners(index, x.shape)
    if not all_stay:
        gradient = gradient * Tensor.from_numpy(stays.astype(ms.dtype_to_nptype(d.dtype)))
    return unbroadcast(gradient, gradient.shape, value.shape)


rule("GetItem", lambda d, out, x, index: put_item(d, index, x.shape))
rule("PutItem", lambda d, out, values, index, shape: get_item(d, index))
rule("SetItem", _set_by_x, None, _set_by_value)
