"""Running a recorded part again for many inputs at once.

Each operator runs once for a whole batch, whose members lie along a new first axis. Operators for
which no way is known run for one member after the other.
"""

from collections.abc import Callable
from typing import Any

from mindspore import Tensor, ops

from d2l_autograd.engine.record import Node, Value
from d2l_autograd.engine.rules import RULES
from d2l_autograd.engine.rules.indexing import get_item, is_basic, put_item, set_item
from d2l_autograd.engine.rules.products import product
from d2l_autograd.engine.shapes import broadcast
from d2l_autograd.engine.watching import again
from d2l_autograd.mindspore_internals.failures import forget_failures

Way = Callable[..., Any]

_WAYS: dict[str, Way] = {}
"""By name of the operator: a function of the node, of the places of the inputs that vary, and of
the inputs, those with a new first axis. It returns None where it knows no way for these inputs."""


def run_batched(nodes: list[Node], batches: dict[Value, Tensor]) -> dict[Value, Tensor]:
    """Run nodes again for a batch, and return the batch of each value that varies.

    Args:
        nodes: the part of a record to run, in order.
        batches: the values that vary, with their members along a new first axis.
    """
    known = dict(batches)
    size = len(next(iter(batches.values())))
    for node in nodes:
        varying = {(place, index): v for place, index, v in node.parents if v in known}
        if varying and any(node.outs):
            inputs = _with_batches(node, varying, known, size)
            result = _run(node, {place for place, _ in varying}, inputs, size)
            parts = result if node.returns_many else [result]
            known.update(
                (value, part)
                for value, part in zip(node.outs, parts, strict=True)
                if value is not None
            )
    return known


def _run(node: Node, varies: set[int], inputs: list[Any], size: int) -> Any:
    way = _WAYS.get(node.name)
    if way is None and node.name in RULES and RULES[node.name].is_elementwise:
        way = _elementwise
    result = None
    if way is not None:
        try:
            result = way(node, varies, *inputs)
        except (RuntimeError, TypeError, ValueError):  # MindSpore takes single members alone
            forget_failures()
    return _one_by_one(node, varies, inputs, size) if result is None else result


def _with_batches(
    node: Node, varying: dict[tuple[int, int | None], Value], known: dict[Value, Tensor], size: int
) -> list[Any]:
    """Return the inputs of a node, those that vary as batches: if one of a list, then all of it."""
    inputs = list(node.inputs)
    for (place, index), value in varying.items():
        if index is None:
            inputs[place] = known[value]
            continue
        if inputs[place] is node.inputs[place]:
            inputs[place] = [
                part if (place, i) in varying else broadcast(part, (size, *part.shape))
                for i, part in enumerate(inputs[place])
            ]
        inputs[place][index] = known[value]
    return inputs


def _one_by_one(node: Node, varies: set[int], inputs: list[Any], size: int) -> Any:
    def member(place: int, index: int) -> Any:
        given = inputs[place]
        if place not in varies:
            return given
        if isinstance(given, list):
            return [get_item(part, index) for part in given]
        return get_item(given, index)

    results = [
        again(node, [member(place, index) for place in range(len(inputs))]) for index in range(size)
    ]
    if node.returns_many:
        return [
            ops.stack(list(parts)) if isinstance(parts[0], Tensor) else parts[0]
            for parts in zip(*results, strict=True)
        ]
    return ops.stack(results)


def _aligned(batch: Tensor, rank: int) -> Tensor:
    """Return a batch of tensors that broadcast like members with so many axes."""
    missing = rank + 1 - batch.ndim
    return batch.reshape((len(batch), *(1,) * missing, *batch.shape[1:])) if missing else batch


def _elementwise(node: Node, varies: set[int], *inputs: Any) -> Any:
    out = node.outs[0]
    if node.returns_many or out is None:
        return None
    shape = out.tensor.shape
    whole = [_aligned(x, len(shape)) if i in varies else x for i, x in enumerate(inputs)]
    if node.name.endswith(
        "Grad"
    ):  # such as ReluGrad, the inputs of which MindSpore does not broadcast
        size = len(inputs[min(varies)])
        whole = [broadcast(x, (size, *shape)) if isinstance(x, Tensor) else x for x in whole]
    return again(node, whole)


def _way(names: str) -> Callable[[Way], Way]:
    def enter(way: Way) -> Way:
        _WAYS.update(dict.fromkeys(names.split(), way))
        return way

    return enter


def _shape(node: Node) -> tuple[int, ...]:
    """Return the shape of the result for one member."""
    out = node.outs[0]
    assert out is not None
    return out.tensor.shape


def _rank(node: Node, place: int = 0) -> int:
    """Return the number of axes of an input of one member."""
    return int(node.inputs[place].ndim)


@_way("Copy")
def _copy(node: Node, varies: set[int], x: Tensor) -> Tensor:
    return x


@_way("Detach")
def _detach(node: Node, varies: set[int], x: Tensor) -> Any:
    return ops.stop_gradient(x)


@_way("SumExt ReduceSum MeanExt ReduceMean ReduceMax ReduceMin ProdExt ReduceProd")
def _reduce(node: Node, varies: set[int], x: Tensor, axis: Any = None, *rest: Any) -> Any:
    rank = _rank(node)
    axes = (axis,) if isinstance(axis, int) else axis
    axes = tuple(range(rank)) if axes is None or len(axes) == 0 else axes
    if len(axes) == 0:  # a number, of which nothing is left to reduce
        return None
    return again(node, [x, tuple(a % rank + 1 for a in axes), *rest])


@_way("Reshape View ExpandDims Squeeze Flatten FlattenExt")
def _reshape(node: Node, varies: set[int], x: Tensor, *_: Any) -> Tensor:
    return x.reshape((len(x), *_shape(node)))


@_way("Transpose TransposeExtView TransposeView")
def _transpose(node: Node, varies: set[int], x: Tensor, *order: Any) -> Any:
    rank = _rank(node)
    if node.name == "TransposeExtView":
        one, other = (axis % rank + 1 for axis in order)
        return again(node, [x, one, other])
    return ops.transpose(x, (0, *(axis % rank + 1 for axis in order[0])))


@_way("BroadcastTo BroadcastToView")
def _broadcast(node: Node, varies: set[int], x: Tensor, *_: Any) -> Tensor:
    return broadcast(_aligned(x, len(_shape(node))), (len(x), *_shape(node)))


@_way("Tile")
def _tile(node: Node, varies: set[int], x: Tensor, repeats: Any) -> Any:
    rank = len(_shape(node))
    return ops.tile(_aligned(x, rank), (1,) * (rank + 1 - len(repeats)) + tuple(repeats))


@_way("Select")
def _select(node: Node, varies: set[int], *inputs: Any) -> Any:
    return _elementwise(node, varies, *inputs)


@_way("Concat")
def _concat(node: Node, varies: set[int], parts: Any, axis: int = 0) -> Any:
    return ops.cat(list(parts), axis % len(_shape(node)) + 1)


@_way("Stack StackExt")
def _stack(node: Node, varies: set[int], parts: Any, axis: int = 0) -> Any:
    if node.name == "Stack":
        axis = node.primitive.attrs["axis"]
    return ops.stack(list(parts), axis % len(_shape(node)) + 1)


@_way("Take Put")
def _by_position(node: Node, varies: set[int], x: Tensor, *rest: Any) -> Any:
    return again(node, [x, *rest]) if varies == {0} else None


@_way("GetItem")
def _get_item(node: Node, varies: set[int], x: Tensor, index: Any) -> Any:
    return get_item(x, _of_each(index)) if is_basic(index) else None


@_way("PutItem")
def _put_item(node: Node, varies: set[int], values: Tensor, index: Any, shape: Any) -> Any:
    return put_item(values, _of_each(index), (len(values), *shape)) if is_basic(index) else None


@_way("SetItem")
def _set_item(node: Node, varies: set[int], x: Tensor, index: Any, value: Any) -> Any:
    if not is_basic(index):
        return None
    if 0 not in varies:
        x = broadcast(x, (len(value), *x.shape))
    if 2 in varies:
        value = _aligned(value, _inner_rank(node, index))
    return set_item(x, _of_each(index), value)


def _inner_rank(node: Node, index: Any) -> int:
    return int(node.inputs[0].asnumpy()[index].ndim)


def _of_each(index: Any) -> tuple[Any, ...]:
    return (slice(None), *(index if isinstance(index, tuple) else (index,)))


@_way("MatMulExt")
def _matmul_ext(node: Node, varies: set[int], x: Tensor, y: Tensor) -> Any:
    """Multiply as matrices: members that share a matrix are its rows or columns together."""
    ranks = _rank(node, 0), _rank(node, 1)
    if varies == {0} and ranks == (1, 2):
        return product(x, y)
    if varies == {1} and ranks == (2, 1):
        return product(y, x, False, True)
    x = x.expand_dims(-2) if ranks[0] == 1 else x
    y = y.expand_dims(-1) if ranks[1] == 1 else y
    size = len(x) if 0 in varies else len(y)
    return _matrices(varies, x, y).reshape((size, *_shape(node)))


@_way("MatMul BatchMatMul")
def _matmul(
    node: Node, varies: set[int], x: Tensor, y: Tensor, flip_x: Any = False, flip_y: Any = False
) -> Any:
    if varies == {0} and y.ndim == 2 and not flip_x:
        rows = product(x.reshape((-1, x.shape[-1])), y, False, flip_y)
        return rows.reshape((*x.shape[:-1], rows.shape[-1]))
    if x.ndim == y.ndim:
        return product(x, y, flip_x, flip_y)
    x = x.swapaxes(-1, -2) if flip_x else x
    y = y.swapaxes(-1, -2) if flip_y else y
    return _matrices(varies, x, y)


def _matrices(varies: set[int], x: Tensor, y: Tensor) -> Tensor:
    if varies == {0} and y.ndim == 2:
        return product(x.reshape((-1, x.shape[-1])), y).reshape((*x.shape[:-1], y.shape[-1]))
    if varies == {1} and x.ndim == 2 and y.ndim == 3:
        columns = y.transpose((1, 0, 2)).reshape((y.shape[1], -1))
        found = product(x, columns).reshape((len(x), len(y), y.shape[2]))
        return found.transpose((1, 0, 2))
    rank = max(x.ndim - (0 in varies), y.ndim - (1 in varies))
    x = _aligned(x, rank) if 0 in varies else x
    y = _aligned(y, rank) if 1 in varies else y
    return ops.matmul(x, y)
