"""Derivatives that run as one compiled graph: not their source is compiled, but what ran.

The first call runs in Python, watched; what ran is compiled and answers later calls. Tensors are
inputs of the program: the arguments, and those that the function captures. All else that the
function depends on is compared before (`captures`), and the numbers that Python looked at are
compared after each run: where they differ, Python answers, and another program is made.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor

from d2l_autograd.arguments.trees import is_container, leaves, mapped, rebuilt
from d2l_autograd.engine.captures import Captures
from d2l_autograd.engine.kept import kept
from d2l_autograd.engine.levels import enclosing, ready, unwatched, watched
from d2l_autograd.engine.programs import Source, forget_source
from d2l_autograd.engine.record import copy, is_whole, whole
from d2l_autograd.engine.trace import Slot, Trace
from d2l_autograd.engine.watching import apart
from d2l_autograd.mindspore_internals.failures import forget_failures, reason
from d2l_autograd.mindspore_internals.graph import Graph
from d2l_autograd.mindspore_internals.interrupts import take_interrupts_back
from d2l_autograd.mindspore_internals.modes import alone, eager_mode, is_graph_mode, require_ready

_BRANCHES = 4  # programs for the same signature, which differ in what Python looked at
_WORTH = 100  # calls: making a program takes as long as it saves in so many
PLAIN = (type(None), bool, int, float, complex, str, bytes)
MISSED = object()
_IN_PYTHON = (
    "{} runs in Python and not as a compiled graph, since {}. Its results are right; they take as "
    "long as those without compile=True."
)
_UNKNOWN = (
    "the function reaches what may be another at each call (print, a file, NumPy's draws, a clock, "
    "an iterator, or an object of another library)"
)
_OTHER_NUMBERS = (
    "Python looks at numbers in it that are others at each call, with if, float(), item() or an "
    "index"
)
_ANOTHER_RESULT = "MindSpore's graph computes something else"
_NEW_EACH_TIME = "what the function captures or is given is another at each call"


def compiled(
    differentiate: Callable[..., Any], fn: Callable[..., Any], kind: str, *, compile: bool
) -> Callable[..., Any]:
    """Return differentiate, compiled if that is asked for or Graph mode is on.

    Args:
        differentiate: computes a derivative of fn in Python. What it captures tells it from other
            derivatives of fn.
        fn: the function, with whose code the programs are kept.
        kind: the name of the derivative.
        compile: it is asked for.
    """
    captures = Captures(differentiate)
    latest = _Latest()

    def run(*args: Any, **kwargs: Any) -> Any:
        if not (compile or is_graph_mode()) or enclosing() is not None:
            return differentiate(*args, **kwargs)
        require_ready()
        captured = captures.snapshot()
        given = _Given((args, kwargs), captures.tensors)
        recipe = captured, given.signature
        programs = None
        if captured is not None and given.is_known:
            if captured is not latest.recipe[0] or given.signature != latest.recipe[1]:
                latest.recipe, latest.programs = recipe, kept(fn, recipe, Programs)
            programs = latest.programs
        found = MISSED if programs is None else programs.run(given.tensors)
        if found is not MISSED:
            return found
        with eager_mode():
            if programs is None or programs.gave_up:
                result = differentiate(*args, **kwargs)
            else:
                compute = lambda: differentiate(*given.arguments[0], **given.arguments[1])  # noqa: E731
                is_as_before = lambda: captures.snapshot() == captured  # noqa: E731
                result = programs.answer(compute, given.tensors, _traced, is_as_before)
        if programs is not None:
            latest.tell(kind, programs.obstacle)
        else:
            is_known = captured is not None and given.is_known
            latest.tell(kind, _NEW_EACH_TIME if is_known else _UNKNOWN)
        return result

    return run


class _Latest:
    """What the latest call captured and was given, and the programs for that."""

    def __init__(self) -> None:
        self.recipe: tuple[Any, Any] = None, None
        self.programs: Programs | None = None
        self._has_told = False

    def tell(self, kind: str, obstacle: str) -> None:
        """Warn once of what keeps the function from being compiled, if anything does."""
        if obstacle and not self._has_told:
            self._has_told = True
            warnings.warn(_IN_PYTHON.format(kind, obstacle), stacklevel=_frames_of_ours())


class _Given:
    """The arguments of a call, and the tensors that the function captures.

    Attributes:
        arguments: args and kwargs, no tensor of which is a part of another.
        tensors: all tensors, those of the arguments first.
        signature: what tells this call from those that need another program.
        is_known: it tells it from all of them.
    """

    def __init__(self, arguments: tuple[Any, ...], captured: list[Tensor]) -> None:
        self.tensors: list[Tensor] = []
        self.is_known = True
        self._kinds: list[Any] = []
        self.arguments = self._flatten(arguments)
        self.is_known = self.is_known and all(map(is_whole, captured))
        for tensor in captured:
            self._enter(tensor)
        self.signature = self._kinds, self._aliases()

    def _flatten(self, tree: Any) -> Any:
        """Enter the tensors of a tree, and return it with copies in place of parts of others.

        A graph mistakes the memory of a part.
        """
        if isinstance(tree, Tensor):
            tensor = whole(tree)
            self._enter(tensor)
            return tensor
        if isinstance(tree, PLAIN):
            self._kinds.append((type(tree), repr(tree)))
            return tree
        if type(tree) in (tuple, list):
            self._kinds.append((type(tree), len(tree)))
            return type(tree)([self._flatten(part) for part in tree])
        if type(tree) is dict:
            self._kinds.append(tuple(tree))
            return {key: self._flatten(part) for key, part in tree.items()}
        if is_container(tree):
            self._kinds.append((type(tree), len(leaves(tree))))
            return mapped(self._flatten, tree)
        captures = Captures(tree)
        snapshot = captures.snapshot()
        self.is_known = self.is_known and snapshot is not None
        self._kinds.append(snapshot)
        for tensor in captures.tensors:
            self._enter(tensor)
        return tree

    def _aliases(self) -> list[int]:
        """Return for each tensor the first that lies at the same place."""
        if len(self.tensors) < 2:
            return []  # without asking for the place, which takes long
        first: dict[int, int] = {}
        return [first.setdefault(t.data_ptr(), n) for n, t in enumerate(self.tensors)]

    def _enter(self, tensor: Tensor) -> None:
        self.tensors.append(tensor)
        frozen = isinstance(tensor, ms.Parameter) and not tensor.requires_grad
        self._kinds.append((type(tensor), tensor.shape, tensor.dtype, frozen))


class Programs:
    """The programs for one signature, which differ in what Python looked at.

    Attributes:
        gave_up: Python answers.
        obstacle: why, if a graph would pay.
    """

    def __init__(self) -> None:
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


@contextmanager
def _traced(trace: Trace) -> Iterator[None]:
    """Have all that runs noted in a trace."""
    with ready(), watched() as record:
        record.trace = trace
        yield


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


def _frames_of_ours() -> int:
    """Return how many calls lie between the caller of this and the user's line."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and str(frame.f_globals.get("__name__")).startswith("d2l_autograd."):
        frame, level = frame.f_back, level + 1
    return level


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
