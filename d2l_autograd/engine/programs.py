"""Straight lines of operators as Python source of one flat function, for MindSpore to compile."""

import itertools
import linecache
import math
from collections.abc import Callable, Iterable
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops
from mindspore.ops import operations

from d2l_autograd.engine.rules.indexing import in_numpy
from d2l_autograd.engine.trace import Line, Slot
from d2l_autograd.mindspore_internals.primitives import primitive_for

Tensor = ms.Tensor
Shape = tuple[int, ...]
_numbers = itertools.count(1)


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
        self._bound: dict[str, Any] = {}
        for line in needed:
            self._add(line)
        self._body.append(f"return ({' '.join(self._text(slot) + ',' for slot in results)})")

    def function(self) -> Callable[..., Any]:
        """Return the function, whose source Python's inspect finds."""
        name = f"program_{next(_numbers)}"
        arguments = ", ".join(f"t{slot}" for slot in self.arguments)
        body = "\n".join(f"        {line}" for line in self._body)
        text = (
            f"def make({', '.join(self._bound)}):\n"
            f"    def {name}({arguments}):\n{body}\n"
            f"    return {name}\n"
        )
        file = f"<{name}>"
        linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
        namespace: dict[str, Any] = {"__name__": __name__}
        exec(compile(text, file, "exec"), namespace)
        made: Callable[..., Any] = namespace["make"](**self._bound)
        return made

    def _add(self, line: Line) -> None:
        lower = _LOWER.get(line.name)
        if lower:
            text = lower(self, *line.inputs)
        else:
            primitive, inputs = primitive_for(line.name, line.primitive, line.inputs)
            if line.name == "Cast":
                inputs = [inputs[0], self.tensor(line.outs[0]).dtype]
            text = self.call(primitive, *inputs)
        if not line.returns_many:
            self._body.append(f"t{line.outs[0]} = {text}")
            return
        several = f"r{len(self._body)}"
        self._body.append(f"{several} = {text}")
        for place, out in enumerate(line.outs):
            if out is not None:
                self._body.append(f"t{out} = {several}[{place}]")

    def call(self, function: Any, *inputs: Any) -> str:
        """Return the text of a call."""
        return f"{self._bind(function)}({', '.join(map(self._text, inputs))})"

    def tensor(self, given: Any) -> Tensor:
        """Return the tensor that a slot held, or the constant that was given."""
        return self._tensors[given] if isinstance(given, Slot) else given

    def _text(self, value: Any) -> str:
        if isinstance(value, Slot):
            return f"t{value}"
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
        for name, known in self._bound.items():
            if known is value:
                return name
        name = f"c{len(self._bound)}"
        self._bound[name] = value
        return name


class Text(str):
    """The text of an operand that is computed on the way."""


def forget(function: Callable[..., Any]) -> None:
    """Forget the source of a function that has been compiled."""
    linecache.cache.pop(function.__code__.co_filename, None)


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


# Indexing: by the places of the entries in a tensor laid out flat.

_gather = operations.Gather()
_reshape = operations.Reshape()
_broadcast = ops.broadcast_to
_cast = operations.Cast()
_add_at = operations.TensorScatterAdd()
_put_at = operations.TensorScatterUpdate()


def _get_item(source: Source, x: Any, index: Any) -> str:
    places = _places(source.tensor(x).shape, index)
    entries = source.call(_gather, _flat(source, x), _indices(places.ravel()), 0)
    return source.call(_reshape, Text(entries), places.shape)


def _put_item(source: Source, values: Any, index: Any, shape: Shape) -> str:
    zeros = np.zeros(math.prod(shape), ms.dtype_to_nptype(source.tensor(values).dtype))
    places = _indices(_places(shape, index).reshape(-1, 1))
    sums = source.call(_add_at, Tensor(zeros), places, _flat(source, values))
    return source.call(_reshape, Text(sums), shape)


def _set_item(source: Source, x: Any, index: Any, value: Any) -> str:
    whole, part = source.tensor(x), source.tensor(value)
    places = _places(whole.shape, index)
    if part.dtype != whole.dtype:
        value = Text(source.call(_cast, value, whole.dtype))
    if part.shape != places.shape:
        value = Text(source.call(_reshape, value, part.shape[max(part.ndim - places.ndim, 0) :]))
        value = Text(source.call(_broadcast, value, places.shape))
    entries = _flat(source, value)
    found, last = np.unique(places.ravel()[::-1], return_index=True)
    if found.size < places.size:  # the last of the values for a place is the one that stays
        entries = Text(source.call(_gather, entries, _indices(places.size - 1 - last), 0))
    else:
        found = places.ravel()
    changed = source.call(_put_at, _flat(source, x), _indices(found.reshape(-1, 1)), entries)
    return source.call(_reshape, Text(changed), whole.shape)


def _flat(source: Source, x: Any) -> Text:
    return Text(source.call(_reshape, x, (-1,)))


def _indices(places: Any) -> Tensor:
    return Tensor(places.astype(np.int32))


def _places(shape: Shape, index: Any) -> Any:
    return np.arange(math.prod(shape)).reshape(shape)[in_numpy(index)]


_LOWER = {"GetItem": _get_item, "PutItem": _put_item, "SetItem": _set_item}
