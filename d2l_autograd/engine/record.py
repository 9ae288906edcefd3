"""The record of a run: the operators that really ran, as far as they depend on the inputs.

An operator becomes a `Node` with its arguments; each tensor that depends on an input of a
derivative is a `Value`. MindSpore hands out another Python object each time a tensor crosses into
C++, so a tensor is known by where its numbers lie, and by its shape. What is recorded is kept
alive, so that no other tensor can come to lie there.

Derivatives nest on one record. Each is a `Level`; the operators of an inner backward pass are
recorded like any others, and so have derivatives themselves.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor

from d2l_autograd.engine.trace import Trace
from d2l_autograd.errors import GradientError

Key = tuple[int, tuple[int, ...]]
_numbers_of = Tensor.asnumpy  # as it is while nothing is watched: this is no look of Python's
THROUGH_PYTHON = (
    "{} was given numbers that depend on an input of the derivative, and no gradient can flow "
    "back through Python. Compute with MindSpore operators (ops.stack instead of Tensor([a, b])), "
    "or hold the numbers constant with d2l_autograd.detach."
)


class Value:
    """A tensor that depends on an input, with whole numbers and truth values among them.

    Attributes:
        tensor: its numbers; a copy of them once the tensor itself was changed in place.
        level: that of the outermost derivative by an input of which it depends.
        hooks: functions of the gradient by this value that return another gradient.
        is_zero: it is zeros, as all that depends on it while a linear map is recorded.
    """

    __slots__ = ("hooks", "is_zero", "level", "tensor")

    def __init__(self, tensor: Tensor, level: int) -> None:
        self.tensor = tensor
        self.level = level
        self.is_zero = False
        self.hooks: list[Callable[[Tensor], Tensor | None]] = []


class Node:
    """One operator that ran.

    Attributes:
        name: MindSpore's name of the operator.
        run: computes it again: ``run(*inputs)``.
        inputs: what it was given: tensors, numbers, and lists or tuples of these.
        parents: the values among the inputs, each with its place: a position, or a position and
            one in the list there.
        outs: the values it returned; None for a result that is no tensor.
        returns_many: its result is a tuple or list.
        primitive: the MindSpore object that ran, if it has attributes of its own.
        rule: its backward rule, if that is its own and not that of all operators of this name.
        is_ours: it is no operator of MindSpore's.
    """

    __slots__ = (
        "inputs", "is_ours", "name", "outs", "parents", "primitive", "returns_many", "rule", "run",
    )  # fmt: skip

    def __init__(
        self, name: str, run: Callable[..., Any], inputs: list[Any], primitive: Any = None
    ) -> None:
        self.name = name
        self.run = run
        self.inputs = inputs
        self.primitive = primitive
        self.rule: Any = None
        self.parents: list[tuple[int, int | None, Value]] = []
        self.outs: list[Value | None] = []
        self.returns_many = False
        self.is_ours = False


class Record:
    """What has run so far.

    Attributes:
        nodes: the operators, in the order in which they ran.
        level: the number of derivatives that are being taken, one inside the other.
        levels: the number of derivatives that have been taken.
        reads: the numbers that Python looked at.
        has_copied: Python has got numbers out of one of these, and not only truth values.
        observer: is told of every operator of MindSpore's that ran, and of its result.
        is_paused: operators that run now are not recorded.
        trace: where all that runs is noted as well, if it is to be compiled.
        watch: the dispatch mode that enters operators here, while it does.
        opener: the frame of what opened this, until it is closed.
        before: the record of this thread that was open before.
        zeros_of: tells the result of an operator that is given zeros, once there are such values.
        keeps_detached: what is detached is recorded all the same, so that it can run again.
        is_inside: what runs now is traced all the same, as the inside of an operator of our own.
    """

    def __init__(self, trace: Trace | None = None) -> None:
        self.trace = trace
        self.is_inside = False
        self.keeps_detached = False
        self.watch: Any = None
        self.opener: FrameType | None = None
        self.before: Record | None = None
        self.zeros_of: Callable[[Node], Tensor | None] | None = None
        self.nodes: list[Node] = []
        self.level = 0
        self.levels = 0
        self.reads: list[Value] = []
        self.has_copied = False
        self.read_numbers: set[float] = set()
        self.is_paused = False
        self.observer: Callable[[Node, Any], None] | None = None
        self._refused: dict[Key, str] = {}
        self._values: dict[Key, Value] = {}
        self._users: dict[int, list[Node]] = defaultdict(list)

    def value_of(self, tensor: Any) -> Value | None:
        """Return the value that a tensor holds, or None for a constant."""
        return self._values.get((tensor.data_ptr(), tensor.shape))

    def is_followed(self, tensor: Any) -> bool:
        """Say whether it matters what becomes of a tensor."""
        if self.trace and self.trace.slot(tensor) is not None:
            return True
        return self.value_of(tensor) is not None

    def add(self, tensor: Tensor, level: int) -> Value:
        """Enter a tensor as a value."""
        value = self._values[tensor.data_ptr(), tensor.shape] = Value(tensor, level)
        return value

    def refuse(self, tensor: Tensor, message: str) -> None:
        """Raise an error with this message where an operator takes the tensor as a constant."""
        self._refused[tensor.data_ptr(), tensor.shape] = message

    def note(self, node: Node, result: Any, changed: frozenset[int] = frozenset()) -> Any:
        """Record an operator that ran, and return its result, in memory of its own.

        Args:
            node: the operator.
            result: what it returned.
            changed: where the inputs lie that it changed in place, and may have returned.
        """
        inputs = node.inputs
        level = self._find_parents(node)
        line = self.trace and self.trace.line(node)
        if not node.parents and not line:
            return result
        pointers = {tensor.data_ptr() for tensor in _tensors(inputs)} - changed
        result = _all_apart(result, pointers)
        node.returns_many = isinstance(result, (tuple, list))
        if self.trace and line:
            self.trace.finish(node, line, result)
        if node.parents:
            self._enter(node, pointers)
            parts = result if node.returns_many else [result]
            node.outs += [self.add(r, level) if isinstance(r, Tensor) else None for r in parts]
        return result

    def note_linear(self, node: Node) -> Tensor | None:
        """Record an operator that is given zeros, of which all that follows is linear, unrun.

        Return its result, or None where it has to run; see `zeros`.
        """
        assert self.zeros_of
        level = self._find_parents(node)
        result = self.zeros_of(node)
        if result is None:
            node.parents.clear()
            return None
        line = self.trace and self.trace.line(node)
        if self.trace and line:
            self.trace.finish(node, line, result)
        self._enter(node, {tensor.data_ptr() for tensor in _tensors(node.inputs)})
        value = self.add(result, level)
        value.is_zero = True
        node.outs.append(value)
        return result

    def note_inside(self, node: Node, result: Any) -> Any:
        """Trace an operator without recording it, and return its result, in memory of its own."""
        assert self.trace is not None
        line = self.trace.line(node)
        if line:
            result = _all_apart(result, {tensor.data_ptr() for tensor in _tensors(node.inputs)})
            self.trace.finish(node, line, result)
        return result

    def keep_numbers(self, tensor: Tensor) -> Tensor:
        """Give what was recorded a copy of a tensor that is about to be changed in place.

        Return that copy, or the tensor itself if nothing was recorded of it.
        """
        pointer = tensor.data_ptr()
        users = self._users.pop(pointer, [])
        value = self._values.pop((pointer, tensor.shape), None)
        if not users and value is None and self.trace is None:
            return tensor
        kept = copy(tensor)
        if self.trace:
            self.trace.before_change(tensor, kept)
        if value is not None:
            value.tensor = kept
            self._values[kept.data_ptr(), kept.shape] = value
        for node in users:
            node.inputs = _replaced(node.inputs, pointer, kept)
        self._users[kept.data_ptr()] = users
        return kept

    def move(self, source: Tensor, target: Tensor) -> None:
        """Let a tensor hold the value that another one holds."""
        value = self.value_of(source)
        if value is not None:
            self._values[target.data_ptr(), target.shape] = value
        if self.trace:
            self.trace.same(target, source)

    def forget_level(self, start: int) -> None:
        """Forget what was recorded from start on, but for what an outer derivative depends on."""
        kept = []
        for node in self.nodes[start:]:
            values = [value for value in node.outs if value is not None]
            if any(value.level < self.level for value in values):
                kept.append(node)
                continue
            for value in values:
                self._values.pop((value.tensor.data_ptr(), value.tensor.shape), None)
        self.nodes[start:] = kept

    def _enter(self, node: Node, pointers: set[int]) -> None:
        self.nodes.append(node)
        for pointer in pointers:
            self._users[pointer].append(node)

    def _find_parents(self, node: Node) -> int:
        level = self.level
        values = self._values
        for place, given in enumerate(node.inputs):
            if isinstance(given, Tensor):
                key = given.data_ptr(), given.shape
                if key in values:
                    value = values[key]
                    node.parents.append((place, None, value))
                    level = min(level, value.level)
                elif key in self._refused:
                    raise GradientError(self._refused[key])
            elif type(given) is float:
                if given in self.read_numbers:
                    raise GradientError(THROUGH_PYTHON.format(node.name))
            elif type(given) in (tuple, list):
                for index, part in enumerate(given):
                    if not isinstance(part, Tensor):
                        continue
                    key = part.data_ptr(), part.shape
                    if key in values:
                        value = values[key]
                        node.parents.append((place, index, value))
                        level = min(level, value.level)
        return level


def _all_apart(result: Any, pointers: set[int]) -> Any:
    """Return a result, or all of several, as `_apart` does."""
    if isinstance(result, (tuple, list)):
        return type(result)(_apart(part, pointers) for part in result)
    return _apart(result, pointers)


def _apart(result: Any, pointers: set[int]) -> Any:
    """Return a result, or a copy of it if it is a view, also of one of the inputs at these places.

    MindSpore copies a view when it is next used, and the copy could not be told from a constant.
    """
    if isinstance(result, Tensor) and result.data_ptr() in pointers:
        return copy(result)
    return whole(result)


def is_whole(tensor: Tensor) -> bool:
    """Say whether a tensor is no part of another, and laid out as its shape says."""
    return tensor.untyped_storage().nbytes() == tensor.nbytes and tensor.is_contiguous()


def whole(given: Any) -> Any:
    """Return a copy of what is a part of a tensor, or is laid out otherwise; the rest as it is."""
    if isinstance(given, Tensor):
        return given if is_whole(given) else copy(given)
    return type(given)(map(whole, given)) if type(given) in (tuple, list) else given


def copy(tensor: Tensor) -> Tensor:
    """Return a tensor of the same numbers, in memory of its own.

    By way of NumPy, which takes a fifth of the time of MindSpore's own copy.
    """
    if tensor.dtype == ms.bfloat16:
        return tensor.copy()
    return Tensor.from_numpy(np.array(_numbers_of(tensor), order="C"))


def _tensors(inputs: list[Any]) -> Iterator[Tensor]:
    for given in inputs:
        if isinstance(given, Tensor):
            yield given
        elif type(given) in (tuple, list):
            yield from (part for part in given if isinstance(part, Tensor))


def _replaced(inputs: list[Any], pointer: int, kept: Tensor) -> list[Any]:
    """Return inputs with the kept tensor in place of what lies at the pointer."""

    def other(given: Any) -> Any:
        if isinstance(given, Tensor):
            if given.data_ptr() != pointer:
                return given
            return kept if given.shape == kept.shape else kept.reshape(given.shape)
        return type(given)(map(other, given)) if type(given) in (tuple, list) else given

    return [other(given) for given in inputs]
