"""All that ran during a call, as a straight line of operators over numbered slots.

A record holds what depends on an input of a derivative. A trace holds what depends on any tensor
that came from outside, so that it can run again on other tensors: on other arguments, or on the
same variables with other numbers in them.
"""

import re
from typing import Any, NamedTuple

import numpy as np
from mindspore import Tensor, bool_, int32, int64

from d2l_autograd.engine.shapes import in_numpy

_RANDOM = re.compile(
    "Random|Dropout|Normal|Uniform|Bernoulli|Multinomial|^Rand|Gamma$|Poisson|Shuffle|Laplace$"
)
_SHAPED_BY_NUMBERS = frozenset(
    (
        "NonZero",
        "NonZeroExt",
        "Unique",
        "Unique2",
        "UniqueDim",
        "UniqueConsecutive",
        "Range",
        "Arange",
    )
)
"""Operators the shape of whose result depends on the numbers of their inputs."""


_ALONG = frozenset(("TakeAlong", "PutAlong"))
_BY_PLACE = frozenset(("GetItem", "PutItem", "SetItem", "Take", "Put")) | _ALONG
"""Operators of our own whose second input is an index."""
_WHOLE_NUMBERS = (int32, int64)
WHOLE = _BY_PLACE | {"Copy", "Detach", "Shift", "Borrowed", "BorrowedProduct", "PickedInWindows"}
"""Operators of our own that are one line. Of others, what they are made of is traced."""


class Slot(int):
    """The number of a tensor of the trace, where an operator takes or returns it."""


class Line(NamedTuple):
    """One operator: its name, MindSpore's object, if it has one, what it takes, and its results.

    What is no slot is a constant.
    """

    name: str
    primitive: Any
    inputs: list[Any]
    outs: list[Slot | None]
    returns_many: bool


class Trace:
    """What has run so far.

    Attributes:
        lines: the operators, in the order in which they ran.
        reads: the numbers that Python looked at, each with the slot that held them.
        obstacle: why this cannot run again without Python, if so.
        tensors: what each slot holds.

    Args:
        tensors: what comes from outside: the first slots.
    """

    def __init__(self, tensors: list[Tensor]) -> None:
        self.lines: list[Line] = []
        self.reads: list[tuple[Slot, Any]] = []
        self.obstacle: str | None = None
        self.tensors: list[Tensor] = []
        # All are kept alive, so that no other tensor gets their place in memory.
        self._kept: list[Tensor] = []
        self._slots: dict[tuple[int, tuple[int, ...]], Slot] = {}
        for tensor in tensors:
            self._enter(tensor)
        self._outside = {tensor.data_ptr() for tensor in tensors}

    def slot(self, tensor: Any) -> Slot | None:
        """Return the slot of a tensor, or None for a constant."""
        return self._slots.get((tensor.data_ptr(), tensor.shape))

    def line(self, node: Any) -> Line | None:
        """Return the line of an operator, without its results; None if it takes only constants."""
        name, primitive, inputs = node.name, node.primitive, list(node.inputs)
        attributes = getattr(primitive, "attrs", {})
        if _RANDOM.search(name) or attributes.get("side_effect_hidden"):
            self.obstacle = f"{name} draws random numbers"
        if name.startswith(("Inplace", "Assign")) or attributes.get("side_effect_mem"):
            self.obstacle = f"{name} changes a tensor in place"
        if name in _BY_PLACE and not _may_change(name, inputs[1]):
            inputs[1] = self._constant(inputs[1])
        elif name == "MaskedSelect":
            mask = self._constant(inputs[1])
            if inputs[0].shape != mask.shape:
                self.obstacle = "a mask is broadcast"
            name, primitive, inputs[1] = "GetItem", None, mask
        taken: list[Tensor] = []
        given = [self._slotted(part, taken) for part in inputs]
        if not taken:
            return None
        if name in _SHAPED_BY_NUMBERS:
            for tensor in taken:
                self.read(tensor)
            return None
        return Line(name, primitive, given, [], False)

    def _constant(self, index: Any) -> Any:
        """Return an index with arrays in place of tensors: with other numbers it is another one."""
        taken: list[Tensor] = []
        self._slotted(index, taken)
        for tensor in taken:
            self.read(tensor)
        return in_numpy(index)

    def finish(self, node: Any, line: Line, result: Any) -> None:
        """Enter a line, now that its operator has run."""
        if line.name in ("Copy", "Detach"):
            self._enter(result, line.inputs[0])
            return
        parts = result if isinstance(result, (tuple, list)) else [result]
        if node.is_ours and line.name not in WHOLE:
            if any(isinstance(part, Tensor) and self.slot(part) is None for part in parts):
                self.obstacle = f"{line.name} runs in Python"
            return
        outs = [self._enter(part) if isinstance(part, Tensor) else None for part in parts]
        self.lines.append(line._replace(outs=outs, returns_many=parts is result))

    def same(self, new: Tensor, old: Tensor) -> None:
        """Note that a tensor holds the numbers of another one."""
        slot = self.slot(old)
        if slot is not None:
            self._enter(new, slot)
        else:
            self._slots.pop((new.data_ptr(), new.shape), None)

    def made(self, new: Tensor, given: Any) -> None:
        """Note what a tensor was made of: another one, or one or several among other things."""
        if isinstance(given, Tensor) and given.dtype == new.dtype and given.shape == new.shape:
            self.same(new, given)
        elif isinstance(given, (Tensor, list, tuple)):
            for part in [given] if isinstance(given, Tensor) else given:
                if isinstance(part, (Tensor, list, tuple)):
                    self.read(part) if isinstance(part, Tensor) else self.made(new, part)

    def read(self, tensor: Tensor) -> None:
        """Note that what follows depends on the numbers of a tensor."""
        slot = self.slot(tensor)
        if slot is not None:
            self.reads.append((slot, np.array(tensor.asnumpy())))

    def before_change(self, tensor: Tensor, kept: Tensor) -> None:
        """Note that a tensor is about to be changed in place, and what holds its numbers now."""
        pointer = tensor.data_ptr()
        if pointer in self._outside:
            self.obstacle = "a tensor that came from outside is changed in place"
        self.lines[:] = [
            line._replace(inputs=_replaced(line.inputs, pointer, kept)) for line in self.lines
        ]
        self.same(kept, tensor)

    def _enter(self, tensor: Tensor, slot: Slot | None = None) -> Slot:
        if slot is None:
            slot = Slot(len(self.tensors))
            self.tensors.append(tensor)
        self._kept.append(tensor)
        self._slots[tensor.data_ptr(), tensor.shape] = slot
        return slot

    def _slotted(self, given: Any, taken: list[Tensor]) -> Any:
        """Return an input with slots in place of tensors, which are added to those taken."""
        if isinstance(given, Tensor):
            slot = self.slot(given)
            if slot is None:
                self._kept.append(given)
                return given
            taken.append(given)
            return slot
        if type(given) in (tuple, list):
            return type(given)([self._slotted(part, taken) for part in given])
        if isinstance(given, slice):
            ends = (given.start, given.stop, given.step)
            return slice(*(self._slotted(part, taken) for part in ends))
        return given


def is_shaped_by_numbers(node: Any) -> bool:
    """Say whether the shape of an operator's result depends on the numbers of its inputs."""
    is_selection = node.name in ("GetItem", "MaskedSelect")
    return node.name in _SHAPED_BY_NUMBERS or (
        is_selection and any(value.tensor.dtype == bool_ for _, _, value in node.parents)
    )


def _may_change(name: str, index: Any) -> bool:
    """Say whether a program can take the numbers of an index as an input."""
    if name in _ALONG:
        return isinstance(index, Tensor)
    parts = index if isinstance(index, tuple) else (index,)
    return name in ("GetItem", "PutItem") and all(map(_is_coordinate, parts))


def _is_coordinate(part: Any) -> bool:
    return type(part) is int or (isinstance(part, Tensor) and part.dtype in _WHOLE_NUMBERS)


def _replaced(given: Any, pointer: int, kept: Tensor) -> Any:
    """Return inputs with the kept tensor in place of a constant that lies at the pointer."""
    if isinstance(given, Tensor):
        return kept.reshape(given.shape) if given.data_ptr() == pointer else given
    if type(given) in (tuple, list):
        return type(given)([_replaced(part, pointer, kept) for part in given])
    return given
