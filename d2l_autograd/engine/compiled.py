"""Running a function as one compiled graph, in which MindSpore nests gradients rightly."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import mindspore as ms
import numpy as np

from d2l_autograd.arguments.trees import is_container, leaves, mapped, rebuilt
from d2l_autograd.engine.captures import Captures
from d2l_autograd.engine.kept import keep, recall
from d2l_autograd.engine.inside_jit.rules.install import require_rules, supply_rules
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.failures import forget_failures, plainly, reason
from d2l_autograd.mindspore_internals.graph import Graph
from d2l_autograd.mindspore_internals.interrupts import take_interrupts_back


class CannotCompile(GradientError):
    """MindSpore cannot turn the function into a graph."""


class Compiled:
    """``step``, compiled at its first call and again whenever what ``fn`` captures has changed.

    Only code that MindSpore can turn into a graph as a whole is accepted. Its lenient mode would
    hand the rest back to Python, through which no gradient flows, and answer zeros. And each new
    graph has to compute the value that Python computes: MindSpore gives some Python another
    meaning, such as ``2**-1`` or a list that is appended to, without a word.

    Args:
        step: what is compiled: the value of fn, and what else is wanted.
        fn: the differentiated function, or what else computes that value in Python.
        recipe: what tells this step from others that are made of fn.
        captures: what fn captures, if that is looked at already.
        value: what computes the value of fn, where step does without it, and with what only the
            value takes; compiled once more for the comparison, and None instead of the value.
    """

    def __init__(
        self,
        step: Callable[..., Any],
        fn: Callable[..., Any],
        recipe: tuple[Any, ...],
        captures: Captures | None = None,
        value: Callable[..., Any] | None = None,
    ) -> None:
        supply_rules()
        self._step = step
        self._value = value
        self._fn = fn
        self._recipe = recipe
        self._captures = captures or Captures(fn)
        self._captured: tuple[Any, ...] | None = None
        self._graph: tuple[Callable[..., Any], Any] | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the step returns."""
        captured = self._captures.snapshot()
        if captured is None or (captured is not self._captured and captured != self._captured):
            self._graph = recall(self._fn, self._recipe, captured)
            self._captured = captured
        if self._graph is None:
            return self._first_run(captured, args, kwargs)
        run, value_like = self._graph
        if self._value:
            return None, self._run(run, args, kwargs)
        value, derivative = self._run(run, args, kwargs)
        return _built_like(value_like, value), derivative

    def _first_run(
        self, captured: tuple[Any, ...] | None, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        # Python first: it can be stopped, and it raises what the function raises.
        take_interrupts_back()
        in_python = _values_in_python(self._fn, args, kwargs)
        first = next(in_python)
        run = _graph(self._step)
        try:
            if self._value:
                value = self._run(_graph(self._value), args, kwargs)
                derivative = self._run(run, args, kwargs)
            else:
                value, derivative = self._run(run, args, kwargs)
        except CannotCompile:
            if isinstance(first, Exception):
                raise plainly(first) from None
            raise
        if not isinstance(first, Exception):  # as it may be with code for Graph mode alone
            _require_same_value(self._fn, value, first, in_python)
        value_like = value if isinstance(first, Exception) else first
        value_like = mapped(lambda _: None, value_like)
        if captured is not None:
            self._graph = run, value_like
            keep(self._fn, self._recipe, captured, self._graph)
        return _built_like(value_like, value), derivative

    def _run(self, graph: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            inputs = {name: _varying(value) for name, value in kwargs.items()}
            try:
                result = graph(*map(_varying, args), **inputs)
            finally:
                take_interrupts_back()
            _wait_for(result)
            return result
        except GradientError as error:
            raise error.with_traceback(None) from None
        except Exception as error:
            if _is_of_the_compiler(error):
                raise CannotCompile(_explanation(self._fn, error)) from None
            raise


def _wait_for(result: Any) -> None:
    """Wait until a graph is done, which has only been started when MindSpore returns its results.

    What comes next would wait as well, and make the graph several times as slow meanwhile.
    """
    while is_container(result) and result:
        result = result[-1]
    if isinstance(result, ms.Tensor):
        result.wait_pipeline()


def _varying(arg: Any) -> Any:
    """Return what a graph takes for the input that it is.

    It takes tensors in a container for constants, and mistakes the memory of a part of a tensor,
    such as ``x[0]``: a loop over one may never end.
    """
    if isinstance(arg, ms.Tensor):
        return arg.copy() if _is_part(arg) else arg
    if is_container(arg) and all(isinstance(leaf, ms.Tensor) for leaf in leaves(arg)):
        return ms.mutable(mapped(_varying, arg))
    return arg


def _is_part(tensor: ms.Tensor) -> bool:
    return not tensor.is_contiguous() or tensor.untyped_storage().nbytes() != tensor.nbytes


def _built_like(like: Any, value: Any) -> Any:
    """Return value in the containers of like: a graph gives back a tuple for a dict."""
    if not is_container(like):
        return value
    return rebuilt(like, leaves(value))


def _require_same_value(
    fn: Callable[..., Any], compiled: Any, first: Any, in_python: Iterator[Any]
) -> None:
    if not _same(compiled, first) and _same(first, next(in_python)):
        raise GradientError(
            f"{_name(fn)} computes {_brief(first)} in Python and {_brief(compiled)} compiled, and "
            "this gradient needs it compiled. MindSpore reads some Python differently: change no "
            "list, dict or tensor in place, write powers and quotients of plain numbers as one "
            "number, and spell decorators and default values out."
        )


def _values_in_python(
    fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[Any]:
    """Yield the value, or an exception, again and again: chance gives another each time."""
    while True:
        try:
            value = fn(*args, **kwargs)
        except Exception as error:
            forget_failures()
            value = error
        yield value


def _same(compiled: Any, value: Any) -> bool:
    ours, theirs = leaves(compiled), leaves(value)
    return len(ours) == len(theirs) and all(
        _close(as_float64(one), as_float64(other))
        for one, other in zip(ours, theirs, strict=True)
        if isinstance(other, ms.Tensor)
    )


def _close(one: Any, other: Any) -> bool:
    # As far apart as half precision and another order of summation may bring them.
    return one.shape == other.shape and np.allclose(
        one, other, rtol=1e-2, atol=1e-6, equal_nan=True
    )


def as_float64(tensor: ms.Tensor) -> Any:
    """Return the numbers of a tensor as a NumPy array."""
    return tensor.astype(ms.float64).asnumpy()


def _brief(value: Any) -> str:
    first = as_float64(leaves(value)[0]).ravel()
    more = ", …" if first.size > 3 else ""
    return ", ".join(f"{number:.6g}" for number in first[:3]) + more


def with_defaults(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return fn with its default values passed on explicitly, in syntax that MindSpore compiles.

    Left to itself, MindSpore evaluates the source text of a default when it compiles, long after
    Python did.
    """
    if not getattr(fn, "__defaults__", None) and not getattr(fn, "__kwdefaults__", None):
        return fn
    parameters = inspect.signature(fn).parameters.values()
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = tuple(parameter.name for parameter in parameters if parameter.kind in positional)
    defaults = {
        parameter.name: parameter.default
        for parameter in parameters
        if parameter.default is not parameter.empty
        and parameter.kind is not inspect.Parameter.POSITIONAL_ONLY
    }

    def filled(*args: Any, **kwargs: Any) -> Any:
        given = names[: len(args)]
        missing = {
            name: defaults[name] for name in defaults if name not in given and name not in kwargs
        }
        return fn(*args, **kwargs, **missing)

    return filled


def _graph(step: Callable[..., Any]) -> Callable[..., Any]:
    require_rules()
    return Graph(step)


def _is_of_the_compiler(error: Exception) -> bool:
    kinds = (OSError, RuntimeError, SyntaxError)
    return isinstance(error, kinds) or "C++ Call Stack" in str(error)


def _explanation(fn: Callable[..., Any], error: Exception) -> str:
    name = _name(fn)
    if isinstance(error, OSError):
        return (
            f"{name} has to be compiled for this gradient, and its source cannot be found. Define "
            "it in a file or a notebook cell."
        )
    text = str(error)
    if isinstance(error, SyntaxError) or "Parse Lambda" in text:
        return (
            f"{name} has to be compiled for this gradient, and it uses a lambda that MindSpore "
            f"cannot read, since other code shares its line{_place(text)} Define that lambda on a "
            "line of its own, g = lambda x: ..., or with def."
        )
    return (
        f"{name} has to be compiled for this gradient, because gradients are nested, ms.jit takes "
        f"part or Graph mode is on. MindSpore could not: {reason(error)}{_place(text)} "
        "Use MindSpore operators only on the way from the inputs to the result; to hold a value "
        "constant, write d2l_autograd.detach(y) instead of deepcopy, Tensor(y) or y.asnumpy()."
    )


def _name(fn: Callable[..., Any]) -> str:
    while hasattr(fn, "differentiates"):
        fn = fn.differentiates[0]
    name = getattr(fn, "__name__", type(fn).__name__)
    return "The lambda" if name.startswith(("lambda_", "<lambda>")) else name


def _place(text: str) -> str:
    text = re.sub(r"<lambda_\d+ at (.+?)>:\d+", r"\1", text)
    places = [
        place
        for place in re.findall(r"In file (.+?:\d+)", text)
        if not re.search(r"[/\\](mindspore|d2l_autograd)[/\\]", place)
    ]
    return f" (at {places[0]})." if places else "."
