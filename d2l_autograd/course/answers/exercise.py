"""An exercise, and what can be wrong with any answer to it."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from d2l_autograd.course.answers.hints import COMMON
from d2l_autograd.course.answers.limit import TimeUp, time_limit

SECONDS = 10.0  # compiling a second derivative takes half of one


@dataclass(frozen=True)
class Verdict:
    """What `d2l_autograd.check_answer` found; true if the answer is right.

    Attributes:
        exercise: the number of the exercise, ``"01.3"``.
        result: ``"right"``, ``"wrong"`` or ``"unanswered"``.
        hint: the hint that was printed; empty unless the answer is wrong.
    """

    exercise: str
    result: Literal["right", "wrong", "unanswered"]
    hint: str = ""

    def __bool__(self) -> bool:
        return self.result == "right"

    def __str__(self) -> str:
        if self.result == "unanswered":
            # In both languages: what a chapter stores is the same in both.
            return f"… {self.exercise} not answered yet · 还没有作答"
        return f"✓ {self.exercise}" if self.result == "right" else f"✗ {self.exercise}\n{self.hint}"

    def _ipython_display_(self) -> None:
        """Show nothing: a cell that ends with the check has printed it already."""


class Wrong(Exception):
    """What is wrong with an answer."""

    def __init__(self, key: str, **details: object) -> None:
        """Take the key of a hint, and what is to be filled in where its text has braces."""
        super().__init__(key)
        self.key = key
        self.details = details


@dataclass(frozen=True)
class Exercise:
    """An exercise that can be checked.

    Args:
        check: takes the answer; returns None when it is right, else the key of a hint. It may
            raise `Wrong` as well. An exception of the answer's own is for `mistake` to catch.
        hints: for each key, the hint by language: ``{"sign": {"en": "…", "zh": "…"}}``. Keys that
            are missing here are those of `d2l_autograd.course.answers.hints.COMMON`.
    """

    check: Callable[[Any], str | None]
    hints: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def hint(self, wrong: Wrong, lang: str) -> str:
        """The hint in one language."""
        text = (self.hints.get(wrong.key) or COMMON[wrong.key])[lang]
        return text.format(**wrong.details) if wrong.details else text


def mistake(exercise: Exercise, answer: Any) -> Wrong | None:
    """Return what is wrong with an answer, or None when it is right.

    Whatever the answer does, this returns: its exceptions are caught, its time is limited, and
    what it prints and warns of is dropped, since it is called more often than a reader would
    expect. It is called in eager mode, whatever the mode of the session.
    """
    try:
        with silence(), _eager_mode(), time_limit(SECONDS):
            if answer is None:
                return Wrong("nothing")
            if answer is ...:
                return Wrong("unanswered")
            key = exercise.check(answer)
            return None if key is None else Wrong(key)
    except Wrong as wrong:
        return wrong
    except TimeUp:
        return Wrong("slow", seconds=round(SECONDS))
    except (Exception, SystemExit) as error:
        return Wrong("raises", error=described(error))


def described(error: BaseException) -> str:
    """An exception on one line: its type, and the first line of its message, without its stop."""
    message = str(error).strip().partition("\n")[0].removesuffix(".")
    message = f"{message[:300]}…" if len(message) > 300 else message
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


@contextlib.contextmanager
def _eager_mode() -> Iterator[None]:
    import mindspore as ms

    if (mode := ms.get_context("mode")) == ms.PYNATIVE_MODE:
        yield
        return
    ms.set_context(mode=ms.PYNATIVE_MODE)
    try:
        yield
    finally:
        ms.set_context(mode=mode)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Show nothing of what is printed and warned of."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield
