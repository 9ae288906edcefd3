"""One recorded run of a function in eager mode, which MindSpore differentiates afterwards."""

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import mindspore as ms
from mindspore.common.api import _pynative_executor
from mindspore.ops.composite import base
from mindspore.ops.function.grad import grad_func

from d2l_autograd.arguments.checks import require_scalar
from d2l_autograd.errors import GradientError
from d2l_autograd.mindspore_internals.failures import plainly, reason
from d2l_autograd.mindspore_internals.interrupts import take_interrupts_back


class NestedGradient(BaseException):
    """A gradient was asked for inside a recorded run, where MindSpore would get it wrong.

    Not an Exception, so that no handler in the differentiated function holds it up on its way to
    the outer gradient, which then compiles the function instead.
    """


class BackwardFailed(GradientError):
    """MindSpore ran the function, and cannot differentiate it in eager mode."""


class _State(threading.local):
    active = False
    nested = False
    error: BaseException | None = None


_state = _State()
_one_at_a_time = threading.RLock()
_PATIENCE = 60  # seconds
_MINDSPORE_SAYS = (
    "MindSpore ran the function and could not differentiate it: {}. Replace the operator by others "
    "that compute the same."
)


def recordable(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return fn for `record`: an error, or a value that is no scalar, waits for the end of it.

    MindSpore has no way out of a recording but its end: an exception that crosses it leaves the
    process recording for good.
    """

    def recorded(*args: Any, **kwargs: Any) -> Any:
        forward = base._pynative_func_grad_forward
        refusing = _refusing(forward)
        base._pynative_func_grad_forward = grad_func._pynative_func_grad_forward = refusing
        try:
            return require_scalar(fn(*args, **kwargs))
        except BaseException as error:
            _state.error = error
            return ms.Tensor(0.0, ms.float32)
        finally:
            base._pynative_func_grad_forward = grad_func._pynative_func_grad_forward = forward

    return recorded


def _refusing(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Return what MindSpore's own eager gradients run meanwhile: they are refused, as ours are.

    They do not tell that they are nested, and get the outer gradient wrong.
    """

    def refuse(*args: Any, **kwargs: Any) -> Any:
        compile_if_recording()
        return forward(*args, **kwargs)  # of another thread

    return refuse


def record(gradient: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call MindSpore's gradient of a recordable function and raise what the function raised."""
    # MindSpore records one function at a time, whichever thread asks.
    if not _one_at_a_time.acquire(timeout=_PATIENCE):
        raise GradientError(
            f"Another thread has been differentiating for {_PATIENCE} seconds, and MindSpore "
            "differentiates in one thread at a time. Take the gradients one after the other."
        )
    result = failure = None
    try:
        _state.active = True
        take_interrupts_back()
        result = gradient(*args, **kwargs)
    except Exception as raised:
        failure = raised
    finally:
        _state.active = False
        error, _state.error = _state.error, None
        nested, _state.nested = _state.nested, False
        _one_at_a_time.release()
    if nested:  # whatever the function made of it
        raise NestedGradient
    try:
        if error is not None:
            raise plainly(error)
        if failure is not None:
            raise BackwardFailed(_MINDSPORE_SAYS.format(reason(failure))) from None
        return result
    finally:
        del error, failure  # or the traceback would hold on to itself through this frame


def compile_if_recording() -> None:
    """Raise NestedGradient if a function is being recorded right now for a gradient of ours."""
    if _state.active:
        _state.nested = True
        raise NestedGradient


def refuse_nesting() -> None:
    """Raise NestedGradient, or GradientError, if a function is being recorded right now."""
    compile_if_recording()
    if is_recording():
        raise GradientError(
            "A gradient was asked for inside a function that mindspore.grad differentiates. "
            "In eager mode MindSpore would get the outer gradient wrong. Write "
            "d2l_autograd.grad for the outer one too."
        )


def is_recording() -> bool:
    """Say whether a function is being recorded right now, for a gradient of ours or MindSpore's."""
    if _state.active or not _pynative_executor.grad_flag():
        return _state.active
    # The flag stays set after an error in MindSpore's gradient, and it is that of any thread.
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_name != "_pynative_func_grad_forward":
        frame = frame.f_back
    return frame is not None
