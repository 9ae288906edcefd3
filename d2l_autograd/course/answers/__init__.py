"""Checking the answers of the exercises: right, or wrong with a hint and never the solution.

The exercises of chapter 1 are in the module ``chapter01``, and so on: a dictionary ``EXERCISES``
from the number of an exercise, ``"01.3"``, to the `Exercise`.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from d2l_autograd.course.answers.exercise import Exercise, Verdict, mistake
from d2l_autograd.course.languages import session_language
from d2l_autograd.errors import GradientError

_NUMBER = re.compile(r"(\d+)\.(\d+)")


def check_answer(exercise: str, answer: Any) -> Verdict:
    """Say whether an answer is right, and give a hint where it is not.

    What is tested is the mathematics and not the text: a number or an array within a tolerance, a
    function by its values and derivatives at random points that are the same each time. It prints

    - ``✓ 01.3`` for a right answer;
    - ``✗ 01.3`` and a hint, in the language of the chapter, for a wrong one;
    - ``… 01.3 not answered yet`` while the dots of the exercise, ``...``, are still in place.

    Where an exercise rules out a way, such as ``d2l.grad``, an answer that goes it is wrong. A
    function that raises, returns nothing or does not come to an end is a wrong answer. It is
    called in eager mode, and what it prints is not shown.

    Args:
        exercise: the number of an exercise as the chapter prints it, such as ``"01.3"``.
        answer: what the exercise asks for: a function, a number or an array.

    Returns:
        What was found, for those who count: ``check_answer(…).result`` is ``"right"``,
        ``"wrong"`` or ``"unanswered"``; it is true if the answer is right. A notebook does not
        display it.

    Raises:
        GradientError: there is no such exercise.
    """
    name, exercise_found = _find(exercise)
    found = mistake(exercise_found, answer)
    if found is None:
        verdict = Verdict(name, "right")
    elif found.key == "unanswered":
        verdict = Verdict(name, "unanswered")
    else:
        hint = exercise_found.hint(found, session_language())
        verdict = Verdict(name, "wrong", hint)
    print(verdict)
    return verdict


def chapter_numbers() -> list[str]:
    """The numbers of the chapters that have exercises, ``["01", …]``."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name.removeprefix("chapter") for name in names if name.startswith("chapter"))


def exercises_of(chapter: str) -> Mapping[str, Exercise]:
    """The exercises of one of the `chapter_numbers`."""
    exercises: Mapping[str, Exercise] = import_module(f"{__name__}.chapter{chapter}").EXERCISES
    return exercises


def _find(exercise: Any) -> tuple[str, Exercise]:
    """Return the exercise and its number in full."""
    parts = _NUMBER.fullmatch(exercise) if isinstance(exercise, str) else None
    if parts is None:
        raise GradientError(
            f"{_short(exercise)} is not the number of an exercise. Write the number as the chapter "
            'does, in quotation marks, and the answer after it: check_answer("01.1", answer).'
        )
    chapter, number = (int(part) for part in parts.groups())
    name = f"{chapter:02}.{number}"
    chapters = chapter_numbers()
    if f"{chapter:02}" not in chapters:
        raise GradientError(
            f'There is no exercise "{name}": the chapters with exercises are {", ".join(chapters)}.'
        )
    exercises = exercises_of(f"{chapter:02}")
    if name not in exercises:
        raise GradientError(
            f'There is no exercise "{name}". Chapter {chapter} has {", ".join(exercises)}.'
        )
    return name, exercises[name]


def _short(value: Any) -> str:
    known = isinstance(value, (str, int, float))
    return f"{value!r:.60}" if known else f"An object of type {type(value).__name__}"
