"""How far a picture is that takes a while: said on a terminal, and under a cell of Jupyter.

Nothing is said where nobody waits, in a file or in a notebook that is executed to be stored: what
is printed there would depend on the machine. And nothing stays: the line is taken away at the end.
"""

import os
import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar

from d2l_autograd.plots.words import word

_SILENCE = 2.0  # seconds without a word
_PAUSE = 0.5  # seconds from one word to the next

P = ParamSpec("P")
R = TypeVar("R")


def tells_progress(
    picture: Callable[P, R], said: Literal["computing", "recording"] = "computing"
) -> Callable[P, R]:
    """Let a picture function say, once it takes long, how many points or operators it has done."""

    @wraps(picture)
    def telling(*args: P.args, **kwargs: P.kwargs) -> R:
        global _current
        outer, _current = _current, _Waiting(said)
        try:
            return picture(*args, **kwargs)
        finally:
            _current.end()
            _current = outer

    return telling


def done(count: int) -> None:
    """Count points that were computed, or operators that ran, for the picture at work."""
    if _current is not None:
        _current.count(count)


class _Waiting:
    """The count of one picture, and the line that tells it."""

    def __init__(self, said: str) -> None:
        self._said = said
        self._started = time.monotonic()
        self._next = self._started + _SILENCE
        self._count = 0
        self._say: Callable[[str], None] | None = None

    def count(self, more: int) -> None:
        self._count += more
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _PAUSE
        self._say = self._say or _line()
        self._say(word(self._said, seconds=now - self._started, count=self._count))

    def end(self) -> None:
        if self._say is not None:
            self._say("")


_current: _Waiting | None = None


def _line() -> Callable[[str], None]:
    """Return what writes a text over the one before."""
    if "JPY_SESSION_NAME" in os.environ and "IPython" in sys.modules:  # a notebook that is open
        from IPython.display import display

        handle: Any = display({"text/plain": ""}, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        return lambda text: handle.update({"text/plain": text}, raw=True)
    if sys.stderr.isatty():
        return lambda text: print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    return lambda text: None
