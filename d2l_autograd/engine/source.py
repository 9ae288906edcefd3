"""Straight lines of operators as Python source of one flat function, for MindSpore to compile."""

import itertools
import linecache
import math
import os
from collections.abc import Callable, Iterable
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor, ops
from mindspore.ops import operations

from d2l_autograd.engine.rules.borrowed import float_places, with_at
from d2l_autograd.engine.rules.layers import places_in_windows
from d2l_autograd.engine.rules.moving import along
from d2l_autograd.engine.shapes import in_numpy, numpy_dtype
from d2l_autograd.engine.trace import Line, Slot
from d2l_autograd.mindspore_internals.primitives import primitive_for

Shape = tuple[int, ...]
_numbers = itertools.count(1)
_FILE = os.devnull  # MindSpore writes an error to the terminal where there is no such file


class Source:
    """The source of a function that runs lines, and what it refers to.

    Attributes:
        arguments: the slots that the function takes, in order.

    Args:
        lines: the operators.
        arity: the number of tensors from outside, the first slots.
        results: the slots that it returns, as a tuple.
        tensors: what the slots held when the lines ran.
    """

    def __init__(
        self, lines: list[Line], arity: int, results: list[Slot], tensors: list[Tensor]
    ) -> None:
        needed = _needed(lines, results)
        used = {slot for line in needed for slot in slots(line.inputs)}
        self.arguments = sorted(slot for slot in used if slot < arity)
        self._tensors = tensors
        self._body: list[str] = []
        self._known: dict[str, str] = {}  # the name of what a text computes
        self._names: dict[Slot, str] = {}
        self._bound: dict[str, Any] = {}
        self._constants: dict[Any, str] = {}
        for line in needed:
            self._add(line)
        self._body.append(f"return ({' '.join(self._text(slot) + ',' for slot in results)})")

    def function(self) -> Callable[..., Any]:
        """Return the function, whose source Python's inspect finds until there is another one."""
        name = f"program_{next(_numbers)}"
        arguments = ", ".join(f"t{slot}" for slot in self.arguments)
        body = "\n".join(f"        {line}" for line in self._body)
        text = (
            f"def make({', '.join(self._bound)}):\n"
            f"    def {name}({arguments}):\n{body}\n"
            f"    return {name}\n"
        )
        linecache.cache[_FILE] = len(text), None, text.splitlines(keepends=True), _FILE
        namespace: dict[str, Any] = {"__name__": __name__}
        exec(compile(text, _FILE, "exec"), namespace)
        made: Callable[..., Any] = namespace["make"](**self._bound)
        return made

    def _add(self, line: Line) -> None:
        lower = _LOWER.get(line.name)
        if lower:
            name = lower(self, *line.inputs)
        elif line.name in ("Mul", "Muls") and (factor := self._times_one(line)) is not None:
            name = Text(self._text(factor))
        else:
            primitive, inputs = primitive_for(line.name, line.primitive, line.inputs)
            if line.name == "Cast":
                inputs = [inputs[0], self.tensor(line.outs[0]).dtype]
            name = self.call(primitive, *inputs)
        for place, out in enumerate(line.outs):
            if out is not None:
                self._names[out] = f"{name}[{place}]" if line.returns_many else name

    def _times_one(self, line: Line) -> Slot | None:
        """Return the other factor of a product by ones, if nothing else changes it."""
        out = self.tensor(line.outs[0])
        for one, other in (line.inputs, line.inputs[::-1]):
            if isinstance(one, Slot) or not isinstance(other, Slot):
                continue
            is_one = (one.asnumpy() == 1).all() if isinstance(one, Tensor) else one == 1
            like = self.tensor(other)
            if is_one and like.shape == out.shape and like.dtype == out.dtype:
                return other
        return None

    def call(self, function: Any, *inputs: Any) -> "Text":
        """Add a call, unless there is the same already, and return the name of its result."""
        text = f"{self._text(function)}({', '.join(map(self._text, inputs))})"
        if text not in self._known:
            self._known[text] = f"v{len(self._known)}"
            self._body.append(f"{self._known[text]} = {text}")
        return Text(self._known[text])

    def function_of(self, arguments: list["Text"], function: Any, inputs: list[Any]) -> "Text":
        """Add a function of arguments that calls another one, and return its name."""
        name = f"f{len(self._body)}"
        call = f"{self._bind(function)}({', '.join(map(self._text, inputs))})"
        self._body += [f"def {name}({', '.join(arguments)}):", f"    return {call}"]
        return Text(name)

    def tensor(self, given: Any) -> Tensor:
        """Return the tensor that a slot held, or the constant that was given."""
        return self._tensors[given] if isinstance(given, Slot) else given

    def _text(self, value: Any) -> str:
        if isinstance(value, Slot):
            return self._names.get(value, f"t{value}")
        if isinstance(value, Text):
            return value
        if isinstance(value, (tuple, list)):
            return f"({' '.join(self._text(part) + ',' for part in value)})"
        if value is None or isinstance(value, (bool, int, str)):
            return repr(value)
        if isinstance(value, float) and np.isfinite(value):
            return repr(float(value))
        return self._bind(value)

    def _bind(self, value: Any) -> str:
        key: Any = id(value)
        if isinstance(value, Tensor) and value.dtype != ms.bfloat16:
            key = str(value.dtype), value.shape, value.asnumpy().tobytes()
        if key not in self._constants:
            self._constants[key] = f"c{len(self._bound)}"
            self._bound[self._constants[key]] = value
        return self._constants[key]


class Text(str):
    """The name of an operand that is computed on the way."""


def forget_source() -> None:
    """Forget the source of a function that has been compiled."""
    linecache.cache.pop(_FILE, None)


def _needed(lines: list[Line], results: Iterable[Slot]) -> list[Line]:
    """Return the lines on which the results depend."""
    wanted = set(results)
    needed = []
    for line in reversed(lines):
        if not wanted.isdisjoint(line.outs):
            needed.append(line)
            wanted.update(slots(line.inputs))
    return needed[::-1]


def slots(given: Any) -> Iterable[Slot]:
    """Yield the slots in what an operator takes."""
    if isinstance(given, Slot):
        yield given
    elif isinstance(given, (tuple, list)):
        for part in given:
            yield from slots(part)
    elif isinstance(given, slice):
        yield from slots((given.start, given.stop, given.step))


def _borrowed_product(
    source: Source, name: str, primitive: Any, place: int, seed: Any, *inputs: Any
) -> Text:
    gradients = _borrowed(source, name, primitive, seed, *inputs)
    places = list(float_places(map(source.tensor, inputs)))
    return Text(f"{gradients}[{places.index((place, None))}]")


def _borrowed(source: Source, name: str, primitive: Any, seed: Any, *inputs: Any) -> Text:
    """Differentiate an operator by itself, as `rules.borrowed` does."""
    tensors = [source.tensor(part) if isinstance(part, Slot) else part for part in inputs]
    tensors = [
        list(map(source.tensor, part)) if type(part) in (tuple, list) and len(part) else part
        for part in tensors
    ]
    places = list(float_places(tensors))
    names = {place: Text(f"a{number}") for number, place in enumerate(places)}
    primitive, given = primitive_for(name, primitive, with_at(inputs, names))
    rule = source.function_of(list(names.values()), primitive, given)
    values = [inputs[place] if index is None else inputs[place][index] for place, index in places]
    return source.call(Text(source.call(_differentiated, rule)), *values, seed)


# Indexing: by the places of the entries in a tensor laid out flat, -1 for no entry.

_differentiated = ops.GradOperation(get_all=True, sens_param=True)
_gather = operations.Gather()
_reshape = operations.Reshape()
_broadcast = operations.BroadcastTo
_cast = operations.Cast()
_select = operations.Select()
_gather_along = operations.GatherD()
_gather_nd, _stack = operations.GatherNd(), operations.Stack(axis=-1)
_argmax = operations.Argmax(axis=-1, output_type=ms.int32)
_add, _less = operations.Add(), operations.Less()
_add_at = operations.TensorScatterAdd()
_put_at = operations.TensorScatterUpdate()


def _get_item(source: Source, x: Any, index: Any) -> Text:
    shape = source.tensor(x).shape
    if any(slots(index)):
        return source.call(_gather_nd, x, _coordinates(source, index, shape))
    return _taken(source, x, _places(shape)[in_numpy(index)])


def _put_item(source: Source, values: Any, index: Any, shape: Shape) -> Text:
    if any(slots(index)):
        whole = source.tensor(values)
        depth = len(index) if isinstance(index, tuple) else 1
        rest = shape[depth:]
        count = math.prod(whole.shape[: whole.ndim - len(rest)])
        places = source.call(_reshape, _coordinates(source, index, shape), (count, depth))
        entries = source.call(_reshape, values, (count, *rest))
        return source.call(_add_at, _zeros(shape, whole.dtype), places, entries)
    return _put(source, values, _places(shape)[in_numpy(index)], shape)


def _coordinates(source: Source, index: Any, shape: Shape) -> Text:
    """Return the coordinates that whole numbers stand for, one beside the other."""
    parts = index if isinstance(index, tuple) else (index,)
    held = [in_numpy(source.tensor(part)) for part in parts]
    lead = np.broadcast_shapes(*map(np.shape, held))
    columns: list[Any] = []
    for part, numbers, length in zip(parts, held, shape, strict=False):
        if isinstance(part, Slot):
            column = _from_0(source, source.call(_cast, part, ms.int32), length)
            columns.append(source.call(_broadcast(lead), column))
        else:
            counted = np.where(np.less(numbers, 0), np.add(numbers, length), numbers)
            columns.append(_indices(np.broadcast_to(counted, lead)))
    return source.call(_stack, columns)


def _taken(source: Source, x: Any, places: Any) -> Text:
    entries = source.call(_gather, _flat(source, x), _indices(np.maximum(places, 0).ravel()), 0)
    entries = source.call(_reshape, entries, places.shape)
    if (places < 0).any():
        zeros = _zeros(places.shape, source.tensor(x).dtype)
        entries = source.call(_select, Tensor(places >= 0), entries, zeros)
    return entries


def _put(source: Source, values: Any, places: Any, shape: Shape) -> Text:
    dtype = source.tensor(values).dtype
    entries, places = _flat(source, values), places.ravel()
    if (places < 0).any():
        (there,) = np.nonzero(places >= 0)
        entries, places = source.call(_gather, entries, _indices(there), 0), places[there]
    zeros = _zeros((math.prod(shape),), dtype)
    sums = source.call(_add_at, zeros, _indices(places.reshape(-1, 1)), entries)
    return source.call(_reshape, sums, shape)


def _set_item(source: Source, x: Any, index: Any, value: Any) -> Text:
    whole, part = source.tensor(x), source.tensor(value)
    places = _places(whole.shape)[index]
    if part.dtype != whole.dtype:
        value = source.call(_cast, value, whole.dtype)
    if part.shape != places.shape:
        value = source.call(_reshape, value, part.shape[max(part.ndim - places.ndim, 0) :])
        value = source.call(_broadcast(places.shape), value)
    entries = _flat(source, value)
    found, last = np.unique(places.ravel()[::-1], return_index=True)
    if found.size < places.size:  # the last of the values for a place is the one that stays
        entries = source.call(_gather, entries, _indices(places.size - 1 - last), 0)
    else:
        found = places.ravel()
    changed = source.call(_put_at, _flat(source, x), _indices(found.reshape(-1, 1)), entries)
    return source.call(_reshape, changed, whole.shape)


def _shift(source: Source, x: Any, axis: int, by: int) -> Text:
    places = np.moveaxis(_places(source.tensor(x).shape), axis, 0)
    shifted = np.full_like(places, -1)
    if by == 1:
        shifted[1:] = places[:-1]
    else:
        shifted[:-1] = places[1:]
    return _taken(source, x, np.moveaxis(shifted, 0, axis))


def _picked_in_windows(source: Source, x: Any, *windows: Any) -> Text:
    lead, shape = source.tensor(x).shape[:2], source.tensor(x).shape[2:]
    places = places_in_windows(shape, *windows)
    numbers = _taken(source, x, _each(places, lead, math.prod(shape)))
    if (places < 0).any():
        outside = np.broadcast_to(places < 0, (*lead, *places.shape))
        least = Tensor(np.full(outside.shape, -np.inf), source.tensor(x).dtype)
        numbers = source.call(_select, Tensor(outside), least, numbers)
    best = source.call(_argmax, numbers)
    rows = _indices(np.arange(len(places)) * places.shape[1])
    found = source.call(_gather, Tensor(places.ravel()), source.call(_add, best, rows), 0)
    return source.call(_reshape, found, (*lead, *windows[0]))


def _flat(source: Source, x: Any) -> Text:
    return source.call(_reshape, x, (-1,))


def _indices(places: Any) -> Tensor:
    return Tensor(places.astype(np.int32))


def _zeros(shape: Shape, dtype: Any) -> Tensor:
    return Tensor(np.zeros(shape, numpy_dtype(dtype)))


def _places(shape: Shape) -> Any:
    return np.arange(math.prod(shape)).reshape(shape)


def _each(positions: Any, lead: Shape, size: int) -> Any:
    """Return the places of positions in each of the tensors, of so many entries, in a batch."""
    first = (np.arange(math.prod(lead)) * size).reshape(lead + (1,) * positions.ndim)
    return np.where(positions < 0, -1, first + positions)


def _take(source: Source, x: Any, positions: Any, rank: int) -> Text:
    shape = source.tensor(x).shape
    cut = len(shape) - rank
    return _taken(source, x, _each(positions, shape[:cut], math.prod(shape[cut:])))


def _put_in(source: Source, values: Any, positions: Any, shape: Shape) -> Text:
    whole = source.tensor(values).shape
    lead = whole[: len(whole) - positions.ndim]
    return _put(source, values, _each(positions, lead, math.prod(shape)), (*lead, *shape))


def _along(index: Any, axis: int, shape: Shape) -> Any:
    return along(index, axis, shape) if shape else np.zeros(index.shape, int)


def _take_along(source: Source, x: Any, index: Any, axis: int) -> Text:
    shape = source.tensor(x).shape
    if isinstance(index, Slot) and shape:
        return source.call(_gather_along, x, axis % len(shape), _from_0(source, index, shape[axis]))
    return _taken(source, x, _along(in_numpy(source.tensor(index)), axis, shape))


def _put_along(source: Source, values: Any, index: Any, axis: int, shape: Shape) -> Text:
    if isinstance(index, Slot) and shape:
        zeros = _zeros(shape, source.tensor(values).dtype)
        add = operations.TensorScatterElements(axis % len(shape), "add")
        return source.call(add, zeros, _from_0(source, index, shape[axis]), values)
    return _put(source, values, _along(in_numpy(source.tensor(index)), axis, shape), shape)


def _from_0(source: Source, index: Any, length: int) -> Text:
    """Return an index along an axis of this length, counted from its start alone."""
    from_end = source.call(_add, index, length)
    return source.call(_select, source.call(_less, index, 0), from_end, index)


_LOWER: dict[str, Callable[..., Text]] = {
    "Borrowed": _borrowed,
    "BorrowedProduct": _borrowed_product,
    "GetItem": _get_item,
    "PutItem": _put_item,
    "SetItem": _set_item,
    "Shift": _shift,
    "PickedInWindows": _picked_in_windows,
    "Take": _take,
    "Put": _put_in,
    "TakeAlong": _take_along,
    "PutAlong": _put_along,
}
"""By name of an operator of our own: what calls those of MindSpore's that make it up."""
