"""Running a function as one compiled graph, in which MindSpore nests gradients rightly."""

import inspect
import re
from collections.abc import Callable
from typing import Any

import mindspore as ms

from d2l_autograd._captures import snapshot
from d2l_autograd._errors import GradientError


class Compiled:
    """``step``, compiled at its first call and again whenever what ``fn`` captures has changed.

    Only code that MindSpore can turn into a graph as a whole is accepted. Its lenient mode would
    hand the rest back to Python, through which no gradient flows, and answer zeros.
    """

    def __init__(self, step: Callable[..., Any], fn: Callable[..., Any]) -> None:
        self._step = step
        self._fn = fn
        self._graph: Callable[..., Any] | None = None
        self._captured: tuple[Any, ...] | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        captured = snapshot(self._fn)
        if self._graph is None or captured is None or captured != self._captured:
            self._graph, self._captured = _graph(self._step), captured
        try:
            return self._graph(*args, **kwargs)
        except GradientError as error:
            raise error.with_traceback(None) from None
        except Exception as error:
            if _is_of_the_compiler(error):
                raise GradientError(_explanation(self._fn, error)) from None
            raise


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
    # A function of its own for each compilation: MindSpore keeps one graph for each function.
    def compiled(*args: Any, **kwargs: Any) -> Any:
        return step(*args, **kwargs)

    return ms.jit(compiled, fullgraph=True)


def _is_of_the_compiler(error: Exception) -> bool:
    return isinstance(error, OSError) or "C++ Call Stack" in str(error)


def _explanation(fn: Callable[..., Any], error: Exception) -> str:
    name = getattr(fn, "__name__", type(fn).__name__)
    name = "The lambda" if name.startswith("lambda_") else name
    if isinstance(error, OSError):
        return (
            f"{name} has to be compiled for this gradient, and its source cannot be found. Define "
            "it in a file or a notebook cell."
        )
    text = str(error)
    reason = " ".join(text.partition("\n\n")[0].partition("\nFunctionGraph")[0].split())
    return (
        f"{name} has to be compiled for this gradient, because gradients are nested, ms.jit takes "
        f"part or Graph mode is on. MindSpore could not: {reason:.300}{_place(text)} "
        "Use MindSpore operators only on the way from the inputs to the result; to hold a value "
        "constant, write d2l_autograd.detach(y) instead of deepcopy, Tensor(y) or y.asnumpy()."
    )


def _place(text: str) -> str:
    text = re.sub(r"<lambda_\d+ at (.+?)>:\d+", r"\1", text)
    places = [
        place
        for place in re.findall(r"In file (.+?:\d+)", text)
        if not re.search(r"[/\\](mindspore|d2l_autograd)[/\\]", place)
    ]
    return f" (at {places[0]})." if places else "."
