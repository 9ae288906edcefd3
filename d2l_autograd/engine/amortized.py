"""Graphs that nobody asked for: made once a derivative has been computed often enough in Python.

A derivative is computed in two parts. fn runs in Python at each call, on record. The second part,
the backward pass and what is done with it, is fully determined by that record. So it can be
compiled with all tensors of the record as inputs of the graph, which is right for every later
record that is the same but for the numbers in its tensors.

A matrix, a product or the gradients of samples are compiled as a whole instead, fn included, where
`compiled` finds that fn's Python does nothing that a graph does not.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import mindspore as ms
from mindspore import Tensor

from d2l_autograd.arguments.trees import is_container, parts_of
from d2l_autograd.engine.kept import kept
from d2l_autograd.engine.levels import Level, enclosing, ready, watched
from d2l_autograd.engine.programs import MISSED, PLAIN, Programs
from d2l_autograd.engine.record import Node, Record, Value, is_whole
from d2l_autograd.engine.trace import Trace
from d2l_autograd.engine.watching import apart
from d2l_autograd.mindspore_internals.modes import compiles_quietly

_FIRST = 10  # calls, of which nothing is told: most functions are differentiated a few times
_OFTEN = 1000  # operators that ran before a graph is compiled, which takes about as long
_FEWEST = 10  # calls that are told, however many operators there are
_UNCOUNTED = 5  # operators that what is around them takes as long as
_LONGEST = 500  # operators in a record that is looked at
_MOST_LINES = 600  # operators in a graph, which are compiled in about a second
_LARGEST = 2**20  # numbers in a tensor; a graph keeps the memory of all its tensors
_KINDS = 8  # of records of one function: the latest


def amortized(fn: Callable[..., Any], kind: Any) -> "Amortized":
    """Return what has been made for this kind of derivative of fn; kept as long as fn lives."""
    return kept(fn, kind, Amortized) or Amortized()


def refuse_if_long(trace: Trace) -> None:
    """Refuse a trace that would be compiled for longer than anyone waits who did not ask."""
    if len(trace.lines) > _MOST_LINES:
        trace.obstacle = "it is long"


class Amortized:
    """The second parts of one derivative of a function, by what the first parts recorded."""

    def __init__(self) -> None:
        self._known: deque[_SecondPart] = deque(maxlen=_KINDS)
        self._latest: _SecondPart | None = None
        self._calls = 0
        self._fn_stays_in_python = False

    def may_hold_fn(self) -> bool:
        """Say whether to look for a graph of all, fn included."""
        return self._latest is not None and not self._fn_stays_in_python and compiles_quietly()

    def pays(self, programs: Programs | None) -> bool:
        """Count a call that no graph of all has answered, and say whether to make one.

        Args:
            programs: those of all; None if fn's Python does what no graph does.
        """
        assert self._latest is not None
        if programs is None or programs.gave_up:
            self._fn_stays_in_python = True
            return False
        programs.times_in_python += 1
        if programs.times_in_python < self._latest.often:
            return False
        self._latest.is_due = False  # a graph of all has no need of one of the second part
        return True

    @contextmanager
    def call(self) -> Iterator["Call"]:
        """Surround a call; if it is to be traced, with a record that stays open for that."""
        self._calls += 1
        is_inside = enclosing() is not None  # it may be differentiated itself
        if self._calls <= _FIRST or is_inside or not compiles_quietly():
            yield Call(None, None)
        elif self._latest is None or not self._latest.is_due:
            yield Call(self, None)
        else:
            with ready(), watched() as record:
                yield Call(self, record)

    def of(self, story: "_Story | None") -> "_SecondPart | None":
        """Return the second part of a record, or None if no graph is to be made of it."""
        if story is None or not story.is_known:
            self._latest = None
            return None
        for known in (self._latest, *self._known):
            if known is not None and known.signature == story.signature:
                break
        else:
            known = _SecondPart(story.signature, story.length)
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

    def second_part(self, run: Level, given: Any, compute: Callable[[], Any]) -> Any:
        """Return what compute makes of a run, from a graph if there is one, in memory of its own.

        Args:
            run: the run.
            given: a tree of all else that compute uses: the inputs and the value of the run, and
                what came from outside.
            compute: computes it in Python.
        """

        def computed() -> Any:
            return apart(compute(), given)

        if self._amortized is None:
            return computed()
        story = _Story(run, given) if len(run.nodes) <= _LONGEST else None
        known = self._amortized.of(story)
        if story is None or known is None:
            return computed()
        return known.answer(story.tensors, computed, self._record)


class _SecondPart:
    """How often the same second part has been computed, and its graph.

    Attributes:
        is_due: the next time, it is to be traced.
        often: the number of times in Python after which a graph pays.

    Args:
        signature: what tells its record from others.
        length: the number of operators in the record.
    """

    def __init__(self, signature: Any, length: int) -> None:
        self.signature = signature
        self.is_due = False
        self._is_owed = False  # what no program could answer has not been traced
        self._times = 0
        self.often = max(_FEWEST, _OFTEN // (length + _UNCOUNTED))
        self._programs = Programs()

    def answer(
        self, tensors: list[Tensor], compute: Callable[[], Any], record: Record | None
    ) -> Any:
        """Return what compute does; trace it in the record, if one is given and it is time."""
        self._times += 1
        found = self._programs.run(tensors)
        if found is not MISSED:
            self.is_due = self._is_owed
            return found

        @contextmanager
        def traced(trace: Trace) -> Iterator[None]:
            assert record is not None
            record.trace = trace
            try:
                yield
            finally:
                record.trace = None
            refuse_if_long(trace)

        if self.is_due and record is not None:
            found = self._programs.answer(compute, tensors, traced)
            self._is_owed = False
        else:
            found = compute()
            self._is_owed = not self._programs.gave_up
        self.is_due = self._times >= self.often and not self._programs.gave_up
        return found


class _Story:
    """What a run recorded, told so that an equal one has an equal second part.

    Attributes:
        tensors: all tensors of the record.
        signature: the rest of it, and which of the tensors is where.
        length: the number of operators.
        is_known: everything is in it.
    """

    def __init__(self, run: Level, given: Any) -> None:
        self.tensors: list[Tensor] = []
        self.is_known = True
        self._numbers: dict[tuple[int, tuple[int, ...]], int] = {}
        inputs = [self._of_value(value) for value in run.input_values]
        made = set(self._numbers.values())
        nodes: list[Any] = []
        for node in run.nodes:
            told = [self._told(part) for part in node.inputs]
            outs = [self._of_value(value) for value in node.outs]
            made.update(out[0] for out in outs if out)
            nodes.append((node.name, self._kind(node), told, outs, node.returns_many))
        self.length = len(nodes)
        self.signature = inputs, nodes, self._told(given), run.has_copied, run.has_inner
        self.is_known = self.is_known and all(
            tensor.size <= _LARGEST and (number in made or is_whole(tensor))
            for number, tensor in enumerate(self.tensors)
        )

    def _kind(self, node: Node) -> Any:
        """Tell an operator from others of its name."""
        if node.rule is not None:
            self.is_known = False
        elif node.primitive is not None:
            return repr(sorted(node.primitive.attrs.items()))
        elif node.is_ours and (not isinstance(node.run, FunctionType) or node.run.__closure__):
            self.is_known = False
        return None

    def _of_value(self, value: Value | None) -> Any:
        if value is None:
            return None
        if value.hooks:
            self.is_known = False
        return self._told(value.tensor)

    def _told(self, part: Any) -> Any:
        if isinstance(part, Tensor):
            place = part.data_ptr(), part.shape
            number = self._numbers.get(place)
            if number is None:
                number = self._numbers[place] = len(self.tensors)
                self.tensors.append(part)
            return number, type(part), place[1], part.dtype, getattr(part, "filling", None)
        if isinstance(part, PLAIN):
            return type(part), repr(part)
        if isinstance(part, slice):
            return slice, *map(self._told, (part.start, part.stop, part.step))
        if type(part) in (list, tuple):
            return type(part), *map(self._told, part)
        if is_container(part):
            return type(part), *((step, self._told(inner)) for step, inner in parts_of(part))
        if part is Ellipsis or isinstance(part, (type(ms.float32), type)):
            return part
        self.is_known = False
        return None
