"""Graphs that nobody asked for: made once a matrix has been computed often enough in Python.

A matrix of derivatives is computed in two parts. fn runs in Python at each call, on record. The
second part, the backward pass and its repetition for all rows, is fully determined by that record.
So it can be compiled with all tensors of the record as inputs of the graph, which is right for
every later record that is the same but for the numbers in its tensors.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import mindspore as ms
from mindspore import Tensor

from d2l_autograd.arguments.trees import is_container, parts_of
from d2l_autograd.engine.compiled import MISSED, PLAIN, Programs
from d2l_autograd.engine.kept import kept
from d2l_autograd.engine.levels import ready, watched
from d2l_autograd.engine.record import Node, Record, is_whole
from d2l_autograd.engine.run import Run
from d2l_autograd.engine.trace import Trace
from d2l_autograd.engine.watching import current_record

_OFTEN = 100  # times; compiling takes as long as so many matrices of the usual size
_LONGEST = 64  # operators in a record; the second part has several times as many to compile
_LARGEST = 2**20  # numbers in a tensor; a graph keeps the memory of all its tensors
_KINDS = 8  # of records of one function: the latest


def amortized(fn: Callable[..., Any], kind: Any) -> "Amortized":
    """Return what has been made for this kind of matrix of fn; it is kept as long as fn lives."""
    return kept(fn, ("amortized", kind), Amortized) or Amortized()


class Amortized:
    """The second parts of the matrices of one function, by what the first parts recorded."""

    def __init__(self) -> None:
        self._known: deque[_SecondPart] = deque(maxlen=_KINDS)
        self._latest: _SecondPart | None = None

    @contextmanager
    def call(self) -> Iterator["Call"]:
        """Surround a call; if it is to be traced, with a record that stays open for that."""
        if current_record() is not None:  # it may be differentiated
            yield Call(None, None)
        elif self._latest is None or not self._latest.is_due:
            yield Call(self, None)
        else:
            with ready(), watched() as record:
                yield Call(self, record)

    def of(self, story: "_Story") -> "_SecondPart":
        """Return the second part of a record."""
        for known in (self._latest, *self._known):
            if known is not None and known.signature == story.signature:
                break
        else:
            known = _SecondPart(story.signature)
            self._known.appendleft(known)
        self._latest = known
        return known


class Call:
    """One call.

    Args:
        amortized: the second parts to look among; None if this one is computed in Python.
        record: what stays open around the call if the second part is to be traced.
    """

    def __init__(self, amortized: Amortized | None, record: Record | None) -> None:
        self._amortized = amortized
        self._record = record

    def second_part(self, run: Run, compute: Callable[[], Any]) -> Any:
        """Return what compute makes of a run and of nothing else, from a graph if there is one."""
        if self._amortized is None or len(run.nodes) > _LONGEST:
            return compute()
        story = _Story(run)
        if not story.is_known:
            return compute()
        return self._amortized.of(story).answer(story.tensors, compute, self._record)


class _SecondPart:
    """How often the same second part has been computed, and its graph.

    Attributes:
        signature: what tells its record from others.
        is_due: the next time, it is to be traced.
    """

    def __init__(self, signature: Any) -> None:
        self.signature = signature
        self.is_due = False
        self._times = 0
        self._programs = Programs()

    def answer(
        self, tensors: list[Tensor], compute: Callable[[], Any], record: Record | None
    ) -> Any:
        """Return what compute does; trace it in the record, if one is given and it is time."""
        self._times += 1
        found = self._programs.run(tensors)
        if found is not MISSED:
            self.is_due = False
            return found

        @contextmanager
        def traced(trace: Trace) -> Iterator[None]:
            assert record is not None
            record.trace = trace
            try:
                yield
            finally:
                record.trace = None

        if self.is_due and record is not None:
            found = self._programs.answer(compute, tensors, traced)
        else:
            found = compute()
        self.is_due = self._times >= _OFTEN and not self._programs.gave_up
        return found


class _Story:
    """What a run recorded, told so that an equal one has an equal second part.

    Attributes:
        tensors: all tensors of the record.
        signature: the rest of it, and which of the tensors is where.
        is_known: everything is in it.
    """

    def __init__(self, run: Run) -> None:
        self.tensors: list[Tensor] = []
        self.is_known = True
        self._numbers: dict[tuple[int, tuple[int, ...]], int] = {}
        self._made: set[int] = set()
        inputs = self._told(run.inputs)
        self._made.update(self._numbers.values())
        nodes = [self._node(node) for node in run.nodes]
        self.signature = inputs, nodes, self._told(run.value), run.has_copied
        self.is_known = self.is_known and all(
            tensor.size <= _LARGEST and (number in self._made or is_whole(tensor))
            for number, tensor in enumerate(self.tensors)
        )

    def _node(self, node: Node) -> Any:
        has_closure = not isinstance(node.run, FunctionType) or node.run.__closure__
        if node.rule is not None or (node.is_ours and has_closure):
            self.is_known = False
        attributes = sorted(node.primitive.attrs.items()) if node.primitive else ()
        given = self._told(node.inputs)
        outs: list[Any] = []
        for out in node.outs:
            if out is None:
                outs.append(None)
                continue
            if out.hooks:
                self.is_known = False
            outs.append(self._told(out.tensor))
            self._made.add(outs[-1][1])
        return node.name, repr(attributes), given, outs, node.returns_many

    def _told(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            number = self._numbers.setdefault((value.data_ptr(), value.shape), len(self.tensors))
            if number == len(self.tensors):
                self.tensors.append(value)
            filling = getattr(value, "filling", None)
            return type(value), number, value.shape, value.dtype, filling
        if isinstance(value, PLAIN):
            return type(value), repr(value)
        if isinstance(value, slice):
            return slice, *map(self._told, (value.start, value.stop, value.step))
        if is_container(value):
            return type(value), *((step, self._told(part)) for step, part in parts_of(value))
        if value is Ellipsis or isinstance(value, (type(ms.float32), type)):
            return value
        self.is_known = False
        return None
