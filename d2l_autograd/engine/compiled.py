"""Derivatives that run as one compiled graph: not their source is compiled, but what ran.

The first call runs in Python, watched; what ran is compiled and answers later calls. Tensors are
inputs of the program: the arguments, and those that the function captures. All else that the
function depends on is compared before (`captures`), and the numbers that Python looked at are
compared after each run: where they differ, Python answers, and another program is made.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import mindspore as ms
from mindspore import Tensor

from d2l_autograd.arguments.trees import is_container, leaves, mapped
from d2l_autograd.engine.amortized import Amortized, refuse_if_long
from d2l_autograd.engine.captures import Captures
from d2l_autograd.engine.kept import kept
from d2l_autograd.engine.levels import enclosing, ready, watched
from d2l_autograd.engine.programs import MISSED, PLAIN, Programs
from d2l_autograd.engine.record import is_whole, whole
from d2l_autograd.engine.trace import Trace
from d2l_autograd.mindspore_internals.modes import eager_mode, is_graph_mode, require_ready

_IN_PYTHON = (
    "{} runs in Python and not as a compiled graph, since {}. Its results are right; they take as "
    "long as those without compile=True."
)
_UNKNOWN = (
    "the function reaches what may be another at each call (print, a file, NumPy's draws, a clock, "
    "an iterator, or an object of another library)"
)
_NEW_EACH_TIME = "what the function captures or is given is another at each call"


def compiled(
    differentiate: Callable[..., Any],
    fn: Callable[..., Any],
    kind: str,
    *,
    compile: bool,
    graphs: Amortized | None = None,
) -> Callable[..., Any]:
    """Return differentiate, compiled if that is asked for, Graph mode is on, or it pays.

    Args:
        differentiate: computes a derivative of fn in Python. What it captures tells it from other
            derivatives of fn.
        fn: the function, with whose code the programs are kept.
        kind: the name of the derivative.
        compile: it is asked for.
        graphs: what has been made for this derivative unasked, and says whether a graph pays; None
            if fn is to run in Python at each call.
    """
    captures = Captures(differentiate)
    latest = _Latest()

    def run(*args: Any, **kwargs: Any) -> Any:
        is_asked = compile or is_graph_mode()
        if enclosing() is not None or not (is_asked or (graphs and graphs.may_hold_fn())):
            return differentiate(*args, **kwargs)
        require_ready()
        captured = captures.snapshot()
        given = _Given((args, kwargs), captures.tensors)
        recipe = captured, given.signature, is_asked
        programs = None
        if captured is not None and given.is_known:
            if captured is not latest.recipe[0] or recipe[1:] != latest.recipe[1:]:
                latest.recipe, latest.programs = recipe, kept(fn, recipe, Programs)
            programs = latest.programs
        found = MISSED if programs is None else programs.run(given.tensors)
        if found is not MISSED:
            return found
        if not is_asked and graphs and not graphs.pays(programs):
            return differentiate(*args, **kwargs)
        with eager_mode():
            if programs is None or programs.gave_up:
                result = differentiate(*args, **kwargs)
            else:
                compute = partial(differentiate, *given.arguments[0], **given.arguments[1])
                unchanged = [known.unchanged() for known in (captures, *given.captures)]
                is_as_before = lambda: all(is_same() for is_same in unchanged)  # noqa: E731
                traced = _traced if is_asked else _briefly_traced
                result = programs.answer(compute, given.tensors, traced, is_as_before)
        if is_asked:
            obstacle = _NEW_EACH_TIME if captured is not None and given.is_known else _UNKNOWN
            latest.tell(kind, obstacle if programs is None else programs.obstacle)
        return result

    return run


class _Latest:
    """What the latest call captured and was given, and the programs for that."""

    def __init__(self) -> None:
        self.recipe: tuple[Any, ...] = None, None
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
        captures: what those of the arguments capture that are objects or functions.
        signature: what tells this call from those that need another program.
        is_known: it tells it from all of them.
    """

    def __init__(self, arguments: tuple[Any, ...], captured: list[Tensor]) -> None:
        self.tensors: list[Tensor] = []
        self.captures: list[Captures] = []
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
        self.captures.append(captures)
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


@contextmanager
def _traced(trace: Trace) -> Iterator[None]:
    """Have all that runs noted in a trace."""
    with ready(), watched() as record:
        record.trace = trace
        yield


@contextmanager
def _briefly_traced(trace: Trace) -> Iterator[None]:
    with _traced(trace):
        yield
    refuse_if_long(trace)


def _frames_of_ours() -> int:
    """Return how many calls lie between the caller of this and the user's line."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and str(frame.f_globals.get("__name__")).startswith("d2l_autograd."):
        frame, level = frame.f_back, level + 1
    return level
