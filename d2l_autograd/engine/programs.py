"""The graphs of one computation: made of what ran, tried beside Python, and asked before it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor

from d2l_autograd.arguments.trees import is_container, leaves, mapped, rebuilt
from d2l_autograd.engine.levels import unwatched
from d2l_autograd.engine.record import copy
from d2l_autograd.engine.source import Source, forget_source
from d2l_autograd.engine.trace import Slot, Trace
from d2l_autograd.engine.watching import apart
from d2l_autograd.mindspore_internals.failures import forget_failures, reason
from d2l_autograd.mindspore_internals.graph import Graph
from d2l_autograd.mindspore_internals.interrupts import take_interrupts_back
from d2l_autograd.mindspore_internals.modes import alone

_BRANCHES = 4  # programs for the same signature, which differ in what Python looked at
_WORTH = 100  # calls: making a program takes as long as it saves in so many
PLAIN = (type(None), bool, int, float, complex, str, bytes)
MISSED = object()
_OTHER_NUMBERS = (
    "Python looks at numbers in it that are others at each call, with if, float(), item() or an "
    "index"
)
_ANOTHER_RESULT = "MindSpore's graph computes something else"


class Programs:
    """The programs for one signature, which differ in what Python looked at.

    Attributes:
        gave_up: Python answers.
        obstacle: why, if a graph would pay.
        times_in_python: how often Python has answered since nobody had asked for a graph.
    """

    def __init__(self) -> None:
        self.times_in_python = 0
        self.gave_up = False
        self.obstacle = ""
        self._programs: list[_Program] = []
        self._missed = 0.0  # calls that no program could answer, less what the answers have saved

    def run(self, tensors: list[Tensor], on_trial: bool = False) -> Any:
        """Return what a program computes that fits these tensors, or that none does.

        Args:
            tensors: those from outside.
            on_trial: ask the programs that are on trial, instead of those that are not.
        """
        for program in self._programs:
            if program.is_on_trial is not on_trial:
                continue
            try:
                found = program.run(tensors)
            except Exception:  # of an operator that refuses these numbers, as it does in Python
                forget_failures()
                continue
            if found is not MISSED:
                program.is_on_trial = False
                self._missed = max(0.0, self._missed - 1 / _WORTH)
                return found
        return MISSED

    def answer(
        self,
        compute: Callable[[], Any],
        tensors: list[Tensor],
        traced: Callable[[Trace], AbstractContextManager[None]],
        is_as_before: Callable[[], bool] = lambda: True,
    ) -> Any:
        """Return what Python computes, and try a program or make another one.

        Args:
            compute: computes it in Python.
            tensors: those from outside.
            traced: surrounds what is to be traced.
            is_as_before: says whether the function captures what it did before it ran.
        """
        found = self.run(tensors, on_trial=True)
        if found is not MISSED:
            exact = compute()
            if not _same(found, exact):
                self._give_up(_ANOTHER_RESULT)
            return exact
        self._missed += 1
        if self._missed > _BRANCHES:
            self._give_up(_OTHER_NUMBERS)
            return compute()
        trace = Trace(tensors)
        with traced(trace):
            exact = compute()
        try:
            if not is_as_before():
                raise CannotCompile("the function changes what it depends on")
            with alone():
                program = _Program(trace, len(tensors), exact)
                found = program.run(trace.tensors[: len(tensors)])
            if found is MISSED or not _same(found, exact):
                raise CannotCompile(_ANOTHER_RESULT)
        except CannotCompile as error:
            self._give_up(str(error))
        except Exception as error:
            self._give_up(f"MindSpore does not compile it: {reason(error)}")
            forget_failures()
        else:
            self._programs = [program, *self._programs][:_BRANCHES]
        return exact

    def _give_up(self, obstacle: str) -> None:
        self.gave_up = True
        self.obstacle = obstacle
        self._programs.clear()


class CannotCompile(Exception):
    """What ran cannot run again as a graph, for a reason that is given, if a graph would pay."""


class _Program:
    """What ran, compiled.

    Attributes:
        is_on_trial: its answer is still compared with Python's, once on other numbers.

    Args:
        trace: what ran.
        arity: the number of tensors from outside.
        result: what came of it.
    """

    def __init__(self, trace: Trace, arity: int, result: Any) -> None:
        if trace.obstacle:
            raise CannotCompile(trace.obstacle)
        self.is_on_trial = True
        self._outs: dict[Slot, int] = {}  # the place of each slot among what the graph returns
        self._shared: set[int] = set()  # places of what lies in the memory of something else
        self._result = self._builder(result, trace, arity)
        self._reads = trace.reads
        for slot, _ in trace.reads:
            if slot >= arity:
                self._outs.setdefault(slot, len(self._outs))
        source = Source(trace.lines, arity, list(self._outs), trace.tensors)
        self._arguments = source.arguments
        if not self._outs or not source.arguments:
            raise CannotCompile  # there is nothing to compute
        # While a graph still runs, whatever comes next waits: on busy processors, for milliseconds.
        self._last = self._outs[max(self._outs)]
        self._graph = Graph(source.function())

    def run(self, tensors: list[Tensor]) -> Any:
        """Return the result for these tensors from outside, or that they need another program."""
        inputs = [tensors[number].data for number in self._arguments]
        with alone(), unwatched():
            try:
                outs = self._graph(*inputs)
                outs[self._last].wait_pipeline()
            finally:
                take_interrupts_back()
                forget_source()
        for slot, numbers in self._reads:
            tensor = outs[self._outs[slot]] if slot in self._outs else tensors[slot]
            if not np.array_equal(tensor.asnumpy(), numbers, equal_nan=numbers.dtype.kind == "f"):
                return MISSED
        if self.is_on_trial:
            own = apart(outs, inputs)
            self._shared.update(place for place, out in enumerate(own) if out is not outs[place])
        if self._shared:
            outs = [copy(o) if place in self._shared else o for place, o in enumerate(outs)]
        return self._result(outs, tensors)

    def _builder(self, tree: Any, trace: Trace, arity: int) -> Callable[[Any, Any], Any]:
        """Return the function that builds a result like tree from what the graph returns."""
        if isinstance(tree, Tensor):
            slot = trace.slot(tree)
            if slot is None:
                if tree.dtype == ms.bfloat16:
                    return lambda outs, tensors: copy(tree)
                numbers = np.array(tree.asnumpy())
                return lambda outs, tensors: Tensor.from_numpy(numbers.copy())
            if slot < arity:
                return lambda outs, tensors: copy(tensors[slot])
            if slot in self._outs:  # a second result that is the same, in memory of its own
                again = self._outs[slot]
                return lambda outs, tensors: copy(outs[again])
            place = self._outs[slot] = len(self._outs)
            return lambda outs, tensors: outs[place]
        if type(tree) in (tuple, list):
            kind = type(tree)
            parts = [self._builder(part, trace, arity) for part in tree]
            return lambda outs, tensors: kind([part(outs, tensors) for part in parts])
        if is_container(tree):
            parts = [self._builder(leaf, trace, arity) for leaf in leaves(tree)]
            like = mapped(lambda leaf: None, tree)
            return lambda outs, tensors: rebuilt(like, [part(outs, tensors) for part in parts])
        if isinstance(tree, np.ndarray):
            array = np.array(tree)
            return lambda outs, tensors: array.copy()
        if not isinstance(tree, PLAIN):
            raise CannotCompile("the result holds an object")
        return lambda outs, tensors: tree


def _same(found: Any, exact: Any) -> bool:
    """Say whether tensors agree up to what half precision and other orders of summation do."""
    pairs = zip(leaves(found), leaves(exact), strict=True)
    return all(
        (one.shape, one.dtype) == (other.shape, other.dtype)
        and np.allclose(_numbers(one), _numbers(other), rtol=1e-2, atol=1e-5, equal_nan=True)
        for one, other in pairs
        if isinstance(other, Tensor)
    )


def _numbers(tensor: Tensor) -> Any:
    return tensor.astype(ms.float64).asnumpy()
