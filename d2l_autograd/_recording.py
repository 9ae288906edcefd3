"""One recorded run of a function in eager mode, which MindSpore differentiates afterwards."""

import sys
import threading
from collections.abc import Callable
from typing import Any

import mindspore as ms

from d2l_autograd._checks import require_scalar
from d2l_autograd._errors import GradientError


class NestedGradient(BaseException):
    """A gradient was asked for inside a recorded run, where MindSpore would get it wrong.

    Not an Exception, so that no handler in the differentiated function holds it up on its way to
    the outer gradient, which then compiles the function instead.
    """


class _State(threading.local):
    active = False
    error: BaseException | None = None


_state = _State()


def recordable(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return fn for `record`: an error, or a value that is no scalar, waits for the end of it.

    MindSpore has no way out of a recording but its end: an exception that crosses it leaves the
    process recording for good.
    """

    def recorded(*args: Any, **kwargs: Any) -> Any:
        try:
            return require_scalar(fn(*args, **kwargs))
        except BaseException as error:
            _state.error = error
            return ms.Tensor(0.0, ms.float32)

    return recorded


def record(gradient: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call MindSpore's gradient of a recordable function and raise what the function raised."""
    _state.active = True
    try:
        result = gradient(*args, **kwargs)
    finally:
        _state.active = False
        error, _state.error = _state.error, None
    if error is None:
        return result
    try:
        raise error
    finally:
        del error  # or the traceback would hold on to itself through this frame


def refuse_nesting() -> None:
    """Raise NestedGradient, or GradientError, if a function is being recorded right now."""
    if _state.active:
        raise NestedGradient
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "_pynative_func_grad_forward":
            raise GradientError(
                "A gradient was asked for inside a function that mindspore.grad differentiates. "
                "In eager mode MindSpore would get the outer gradient wrong. Write "
                "d2l_autograd.grad for the outer one too."
            )
        frame = frame.f_back  # type: ignore[assignment]
