"""A limit on the time that code of a reader's may take."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType


class TimeUp(BaseException):
    """The time is up. Not an Exception, so that no handler in the reader's code holds it up."""


# Code that has to run to its end, or the timer stays on or MindSpore goes on recording.
_SPARED = (
    __name__,
    "contextlib",
    "d2l_autograd.engine.levels",
    "d2l_autograd.mindspore_internals.replacing",
    "d2l_autograd.course.answers.exercise",  # holds the with-statement itself, as does
    "d2l_autograd.course.project",
)
_LAST_ALARM = 3
_IDLE = 6  # times as long as it may compute, code may wait


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeUp` in the code of the with-block when it takes longer than that.

    What counts is the time for which the process computes, so that a busy machine makes no answer
    wrong; code that only waits is stopped later. An operating system's signal does it, which
    reaches Python's main thread only: elsewhere, and on Windows, there is no limit.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer"):
        yield
        return
    alarms, over = 0, False

    def time_is_up(_: int, frame: FrameType | None) -> None:
        nonlocal alarms
        if over or (frame is not None and frame.f_globals.get("__name__") in _SPARED):
            return
        alarms += 1
        if alarms == 1:
            signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2)
        elif alarms == _LAST_ALARM:
            # A bare except within a loop catches whatever comes, except between two rounds.
            signal.setitimer(signal.ITIMER_REAL, 2e-5, 2e-5)
        raise TimeUp

    timers = {signal.ITIMER_PROF: signal.SIGPROF, signal.ITIMER_REAL: signal.SIGALRM}
    before = [signal.signal(number, time_is_up) for number in timers.values()]
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.2)
        signal.setitimer(signal.ITIMER_REAL, _IDLE * seconds, 0.2)
        yield
    finally:
        over = True  # signal.signal is Python code itself, which an alarm may still reach
        for timer in timers:
            signal.setitimer(timer, 0)
        if alarms:
            time.sleep(0.01)  # for the last alarm, which may be on its way in another thread
        for number, handler in zip(timers.values(), before, strict=True):
            signal.signal(number, handler)
