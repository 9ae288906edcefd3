"""What has to hold before a function can be recorded."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import mindspore as ms
from mindspore import context
from mindspore.graph.api import _pynative_executor

from d2l_autograd.errors import GradientError

_process = os.getpid()
"""The process in which MindSpore was first used here: a forked child has another."""


_one_at_a_time = threading.RLock()
_LONGEST_TURN = 60  # seconds


def forked_unused() -> None:
    """Say that this process was forked from one that had imported MindSpore, and not used it."""
    global _process
    _process = os.getpid()


@contextmanager
def alone() -> Iterator[None]:
    """Have MindSpore to this thread alone: several at once end the process, now and then.

    Raises:
        GradientError: another thread has been at it for a minute.
    """
    if not _one_at_a_time.acquire(timeout=_LONGEST_TURN):
        raise GradientError(
            f"Another thread has been differentiating for {_LONGEST_TURN} seconds, and MindSpore "
            "differentiates in one thread at a time. Take the gradients one after the other."
        )
    try:
        yield
    finally:
        _one_at_a_time.release()


def require_ready() -> None:
    """Refuse what would hang, or be wrong without a word.

    Raises:
        GradientError: this process is a forked child, whose operators never return; or
            mindspore.grad differentiates the function that asked.
    """
    if os.getpid() != _process:
        raise GradientError(
            "This process was forked from one that had used MindSpore, and MindSpore's operators "
            'never return in such a child. Start it with multiprocessing.get_context("spawn").'
        )
    if is_recorded_by_mindspore():
        raise GradientError(
            "A gradient was asked for inside a function that mindspore.grad differentiates. "
            "In eager mode MindSpore would get the outer gradient wrong. Write "
            "d2l_autograd.grad for the outer one too."
        )


def is_recorded_by_mindspore() -> bool:
    """Say whether this thread is inside a function that mindspore.grad differentiates."""
    if not _pynative_executor.grad_flag():
        return False
    # The flag stays set after an error in MindSpore's gradient, and it is that of any thread.
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_name != "_pynative_func_grad_forward":
        frame = frame.f_back
    return frame is not None


def is_graph_mode() -> bool:
    """Say whether Graph mode is on; the public get_context takes twenty times as long."""
    return bool(context._get_mode() == ms.GRAPH_MODE)


def compiles_quietly() -> bool:
    """Say whether MindSpore compiles without a word on the screen or a trace in the folder.

    It warns of what concerns no reader, and if it fails, it says so at length and leaves a dump.
    `d2l_autograd.start` sees to both.
    """
    return os.environ.get("GLOG_v") == "4" and "MS_OM_PATH" in os.environ  # noqa: SIM112


@contextmanager
def eager_mode() -> Iterator[None]:
    """Run operators one by one for a while, in Graph mode as well."""
    if not is_graph_mode():
        yield
        return
    ms.set_context(mode=ms.PYNATIVE_MODE)
    try:
        yield
    finally:
        ms.set_context(mode=ms.GRAPH_MODE)
