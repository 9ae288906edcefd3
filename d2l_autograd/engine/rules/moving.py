"""Moving numbers by their positions: the two operators that other rules are made of.

`take` reads a tensor at positions, `put` adds numbers at positions. Each is the backward rule of
the other. A position counts through the entries of a tensor in order; -1 stands for a 0 that lies
nowhere. `take_along` and `put_along` do the same with an index along one axis.
"""

import functools
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor

from d2l_autograd.arguments.checks import FLOATS
from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.borrowed import borrowed_product
from d2l_autograd.engine.rules.table import Rule, rule
from d2l_autograd.engine.shapes import size
from d2l_autograd.engine.watching import apply

Positions = Any  # an array of whole numbers, or a tensor of them


def take(x: Tensor, positions: Positions, rank: int) -> Tensor:
    """Return the entries of x at positions.

    Args:
        x: of shape (*lead, *shape).
        positions: of any shape p; they count through shape.
        rank: the number of axes of shape.

    Returns:
        A tensor of shape (*lead, *p).
    """
    return apply("Take", _take, x, positions, rank)


def put(values: Tensor, positions: Positions, shape: tuple[int, ...]) -> Tensor:
    """Return zeros to which values are added at positions.

    Args:
        values: of shape (*lead, *p).
        positions: of shape p.
        shape: what positions count through.

    Returns:
        A tensor of shape (*lead, *shape).
    """
    return apply("Put", _put, values, positions, shape)


def take_along(x: Tensor, index: Positions, axis: int) -> Tensor:
    """Return x[..., index, ...] along an axis: index is as long as x, or shorter, along others."""
    return apply("TakeAlong", _take_along, x, index, axis)


def put_along(values: Tensor, index: Positions, axis: int, shape: tuple[int, ...]) -> Tensor:
    """Return zeros of a shape to which values are added where `take_along` reads them."""
    return apply("PutAlong", _put_along, values, index, axis, shape)


def _put_rule(d: Tensor, out: Any, values: Tensor, positions: Positions, shape: Any) -> Tensor:
    return take(d, positions, len(shape))


def _take_rule(d: Tensor, out: Any, x: Tensor, positions: Positions, rank: int) -> Tensor:
    return put(d, positions, x.shape[x.ndim - rank :])


rule("Take", _take_rule)
rule("Put", _put_rule)
rule("TakeAlong", lambda d, out, x, index, axis: put_along(d, index, axis, x.shape))
rule("PutAlong", lambda d, out, values, index, axis, shape: take_along(d, index, axis))


def as_array(tensor: Any) -> Any:
    """Return the numbers of a tensor."""
    return tensor.asnumpy() if isinstance(tensor, Tensor) else np.asarray(tensor)


def as_tensor(numbers: Any, dtype: Any) -> Tensor:
    """Return numbers in a new tensor of a dtype."""
    return Tensor.from_numpy(np.array(numbers, numpy_dtype(dtype), order="C"))


@functools.cache
def numpy_dtype(dtype: Any) -> Any:
    """Return NumPy's name of a dtype."""
    return Tensor(0, dtype).asnumpy().dtype


def _take(x: Tensor, positions: Positions, rank: int) -> Tensor:
    positions = as_array(positions)
    lead = x.shape[: x.ndim - rank]
    numbers = as_array(x).reshape((*lead, -1))
    taken = np.take(numbers, positions, -1) if numbers.size else np.zeros((*lead, *positions.shape))
    if positions.size and positions.min() < 0:
        taken = np.where(positions < 0, 0, taken)
    return as_tensor(taken, x.dtype)


def _put(values: Tensor, positions: Positions, shape: tuple[int, ...]) -> Tensor:
    positions = as_array(positions)
    lead = values.shape[: values.ndim - positions.ndim]
    numbers = as_array(values).reshape((size(lead), -1))
    flat = positions.reshape(-1)
    if flat.size and flat.min() < 0:
        numbers, flat = numbers[:, flat >= 0], flat[flat >= 0]
    return as_tensor(summed(numbers, flat, size(shape)).reshape((*lead, *shape)), values.dtype)


def summed(numbers: Any, positions: Any, length: int) -> Any:
    """Return rows of zeros to which the numbers of each row are added at positions."""
    rows = len(numbers)
    places = positions if rows == 1 else positions + length * np.arange(rows)[:, None]
    if numbers.dtype.kind not in "iub":
        sums = np.bincount(places.reshape(-1), numbers.reshape(-1), rows * length)
        return sums.reshape((rows, length))
    sums = np.zeros(rows * length, numbers.dtype)
    np.add.at(sums, places.reshape(-1), numbers.reshape(-1))
    return sums.reshape((rows, length))


def along(index: Any, axis: int, shape: tuple[int, ...]) -> Any:
    """Return the positions in a tensor of this shape that an index along an axis stands for."""
    axis %= len(shape)
    index = np.where(index < 0, index + shape[axis], index)
    grid = list(np.indices(index.shape, sparse=True))
    grid[axis] = index
    return np.ravel_multi_index(np.broadcast_arrays(*grid), shape)


def _take_along(x: Tensor, index: Positions, axis: int) -> Tensor:
    index = as_array(index)
    if x.ndim == 0:
        return as_tensor(as_array(x).reshape(index.shape), x.dtype)
    return _take(x, along(index, axis, x.shape), x.ndim)


def _put_along(values: Tensor, index: Positions, axis: int, shape: tuple[int, ...]) -> Tensor:
    index = as_array(index)
    if not shape:
        return as_tensor(as_array(values).reshape(()), values.dtype)
    return _put(values, along(index, axis, shape), shape)


def moved(node: Node) -> Rule:
    """Return the rule of an operator each of whose results is an entry of an input, or constant.

    The operator is run again on positions, to see which entry went where: so the rule agrees with
    what really ran about negative indices, and about which of several numbers stayed that were
    written to one place.
    """

    def product(place: int) -> Any:
        def by_input(d: Any, out: Any, *inputs: Any) -> Any:
            given = inputs[place]
            return put(d, _positions(node, place, inputs), given.shape)

        return by_input

    return Rule(tuple(map(product, range(len(node.inputs)))))


def _positions(node: Node, place: int, inputs: Any) -> Any:
    """Return the position in an input that each entry of the result comes from, -1 for none."""
    dtype = _exact(inputs[place])

    def replaced(at: int, given: Any) -> Any:
        if at == place:
            return as_tensor(np.arange(1, given.size + 1).reshape(given.shape), dtype)
        if isinstance(given, Tensor) and given.dtype in FLOATS:
            same = given.dtype == inputs[place].dtype
            return as_tensor(np.zeros(given.shape), dtype if same else given.dtype)
        is_filled_in = isinstance(given, float) or (node.name, at) == ("ScatterValue", 3)
        return 0.0 if is_filled_in else given

    found = node.run(*(replaced(at, given) for at, given in enumerate(inputs)))
    return as_array(found).astype(np.int64) - 1


def _exact(x: Tensor) -> Any:
    """Return a dtype in which the positions in x are exact."""
    return ms.float64 if x.dtype == ms.float64 or x.size >= 2**24 else ms.float32


def linear(node: Node) -> Rule:
    """Return the rule of an operator that is linear in its first input, given the others.

    MindSpore's own rule computes the product. It counts as one operator, whose backward rule is the
    operator itself, so that it does not matter of what MindSpore makes it.
    """

    def by_x(d: Any, out: Any, x: Any, *rest: Any) -> Any:
        def forward(g: Any, out: Any, d: Any, x: Any, *rest: Any) -> Any:
            return apply(node.name, node.run, g, *rest, rule=linear(node))

        return borrowed_product(node, 0, d, x, *rest, products=(forward,))

    return Rule((by_x,))
