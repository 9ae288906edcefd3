"""Every exercise knows a right answer from a wrong one, and a hint gives nothing away."""

import re
import signal
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from mindspore import ops
from modes import graph_mode

from d2l_autograd import GradientError, check_answer, grad
from d2l_autograd.course import answers
from d2l_autograd.course.answers import exercise as exercise_module
from d2l_autograd.course.answers.checkers import Box, Check, same_array, same_function, same_number
from d2l_autograd.course.answers.exercise import Exercise, mistake
from d2l_autograd.course.answers.hints import COMMON
from d2l_autograd.course.chapters import LANGUAGES

CHAPTERS = answers.chapter_numbers()
CASES = {chapter: import_module(f"answers_chapter{chapter}") for chapter in CHAPTERS}
EXERCISES = {
    name: exercise
    for chapter in CHAPTERS
    for name, exercise in answers.exercises_of(chapter).items()
}
RIGHT = [(n, a) for cases in CASES.values() for n, given in cases.RIGHT.items() for a in given]
WRONG = [
    (n, key, a) for cases in CASES.values() for n, given in cases.WRONG.items() for key, a in given
]
SECRETS = {n: words for cases in CASES.values() for n, words in cases.SECRETS.items()}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "/course/en/01_derivatives.ipynb")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_exercise_has_answers_of_both_kinds(chapter: str) -> None:
    cases = CASES[chapter]
    names = list(answers.exercises_of(chapter))
    assert names == [f"{chapter}.{number}" for number in range(1, len(names) + 1)]
    assert [*cases.RIGHT] == [*cases.WRONG] == [*cases.SECRETS] == names
    assert all(given and words for given, words in zip(cases.RIGHT, cases.SECRETS, strict=True))
    assert all(len(given) >= 2 for given in cases.WRONG.values())


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_right_answer(name: str, answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    check_answer(name, answer)
    assert capsys.readouterr().out == f"✓ {name}\n"


@pytest.mark.parametrize(("name", "key", "answer"), WRONG)
def test_wrong_answer(name: str, key: str, answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    check_answer(name, answer)
    first, hint = capsys.readouterr().out.splitlines()
    assert first == f"✗ {name}"
    text = (EXERCISES[name].hints.get(key) or COMMON[key])["en"]
    assert re.fullmatch(".+".join(map(re.escape, re.split(r"\{\w+\}", text))), hint)


@pytest.mark.parametrize("name", EXERCISES)
def test_every_hint_of_an_exercise_is_given_for_some_answer(name: str) -> None:
    assert {*EXERCISES[name].hints} <= {key for n, key, _ in WRONG if n == name}


@pytest.mark.parametrize("name", EXERCISES)
def test_hints_are_in_every_language_and_keep_the_secret(name: str) -> None:
    for hint in EXERCISES[name].hints.values():
        assert [*hint] == [*LANGUAGES]
        for text in hint.values():
            assert [word for word in SECRETS[name] if word in text] == []


def test_common_hints_are_in_every_language() -> None:
    assert all([*hint] == [*LANGUAGES] for hint in COMMON.values())


def test_hint_in_the_language_of_the_notebook(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "/course/zh/01_derivatives.ipynb")
    check_answer("01.1", None)
    assert capsys.readouterr().out == f"✗ 01.1\n{COMMON['nothing']['zh']}\n"


@pytest.mark.parametrize("answer", [..., lambda x: ...])
def test_dots_are_not_answered_yet(answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    found = check_answer("01.1", answer)
    assert found.result == "unanswered"
    assert not found
    assert capsys.readouterr().out == "… 01.1 not answered yet · 还没有作答\n"


def test_what_was_found_is_returned_and_not_displayed(capsys: pytest.CaptureFixture[str]) -> None:
    right, wrong = check_answer("01.6", 0.1), check_answer("01.6", 1.0)
    assert (right.exercise, right.result, right.hint) == ("01.6", "right", "")
    assert (wrong.exercise, wrong.result) == ("01.6", "wrong")
    assert wrong.hint == EXERCISES["01.6"].hints["gentle"]["en"]
    printed = capsys.readouterr().out
    assert printed == f"{right}\n{wrong}\n"
    formatter: Any = DisplayFormatter()
    formatted, metadata = formatter.format(right)
    assert (formatted, metadata, capsys.readouterr().out) == ({}, {}, "")


def test_several_hundred_answers_are_known() -> None:
    assert len(RIGHT) + len(WRONG) >= 300


def test_number_may_be_short(capsys: pytest.CaptureFixture[str]) -> None:
    check_answer("1.6", 0.1)
    assert capsys.readouterr().out == "✓ 01.6\n"


# Whatever is handed in, the check comes to an end and says so in a sentence.


def endless(x: Any) -> Any:
    while True:
        x = x + 0.0


def stubborn(x: Any) -> Any:
    while True:
        try:  # noqa: SIM105
            endless(x)
        except:  # noqa: E722
            pass


def sleeping(x: Any) -> Any:
    time.sleep(60)


def endless_gradient(x: Any) -> Any:
    return grad(endless)(x)


def bottomless(x: Any) -> Any:
    return bottomless(x)


def leaving(x: Any) -> Any:
    raise SystemExit


def failing(x: Any) -> Any:
    raise RuntimeError("one line\nanother line")


def in_place(x: Any) -> Any:
    x += 1
    return -1 / (x - 1) ** 2


NUMBER = same_number(2.0)
ARRAY = same_array([[1.0, 2.0]])
FUNCTION = same_function(lambda x: -1 / (x * x), Box(1, 2))

MISUSE: list[tuple[str, Check, Any]] = [
    ("nothing", FUNCTION, None),
    ("returns_nothing", FUNCTION, lambda x: None),
    ("not_function", FUNCTION, ms.Tensor(1.0)),
    ("not_function", FUNCTION, "lambda x: x"),
    ("not_function", FUNCTION, float),
    ("returns_no_numbers", FUNCTION, lambda x: "x"),
    ("returns_no_numbers", FUNCTION, lambda x: x > 1),
    ("returns_shape", FUNCTION, lambda x: (x, x)),
    ("returns_shape", FUNCTION, lambda x: ops.ones((2, 3))),
    ("raises", FUNCTION, lambda: 1.0),
    ("raises", FUNCTION, lambda x, y: x),
    ("raises", FUNCTION, lambda x: 1 / 0),
    ("raises", FUNCTION, bottomless),
    ("raises", FUNCTION, leaving),
    ("raises", FUNCTION, failing),
    ("values", FUNCTION, lambda x: float("nan")),
    ("slow", FUNCTION, endless),
    ("slow", FUNCTION, stubborn),
    ("slow", FUNCTION, sleeping),
    ("slow", FUNCTION, endless_gradient),
    ("nothing", NUMBER, None),
    ("not_value", NUMBER, endless),
    ("not_numbers", NUMBER, "2"),
    ("not_numbers", NUMBER, True),
    ("not_numbers", NUMBER, 2 + 0j),
    ("not_numbers", NUMBER, ms.Tensor([True])),
    ("not_numbers", NUMBER, {"answer": 2.0}),
    ("not_finite", NUMBER, float("inf")),
    ("number", NUMBER, 2.001),
    ("shape", NUMBER, []),
    ("shape", ARRAY, 1.0),
    ("shape", ARRAY, [1.0, 2.0, 3.0]),
    ("shape", ARRAY, [[1.0], [1.0, 2.0]]),
    ("not_numbers", ARRAY, [[1.0, None]]),
    ("not_finite", ARRAY, [[1.0, float("nan")]]),
    ("array", ARRAY, [[2.0, 1.0]]),
    ("some", same_array([1.0, 2.0]), [1.0, 1.0]),
    ("unanswered", ARRAY, [[..., 1.0]]),
]


@pytest.mark.parametrize(("key", "check", "answer"), MISUSE)
def test_misuse_is_a_wrong_answer(
    key: str, check: Check, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exercise_module, "SECONDS", 0.5)
    exercise = Exercise(check)
    wrong = mistake(exercise, answer)
    assert wrong is not None
    assert wrong.key == key
    if key != "unanswered":
        assert all("\n" not in exercise.hint(wrong, lang) for lang in LANGUAGES)
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert float(grad(lambda x: x * x)(3.0)) == 6  # nothing is left of an interrupted gradient


def test_interrupting_the_kernel_is_no_answer() -> None:
    def interrupted(x: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_answer("01.1", interrupted)


def test_what_the_answer_prints_is_dropped(capfd: pytest.CaptureFixture[str]) -> None:
    def talking(x: Any) -> Any:
        print(x)
        np.log(-1.0)
        return -1 / x**2

    check_answer("01.1", talking)
    assert capfd.readouterr() == ("✓ 01.1\n", "")


def test_answers_are_checked_in_eager_mode(capsys: pytest.CaptureFixture[str]) -> None:
    def eager_only(x: Any) -> Any:
        return -1 / x**2 + 0 * float(np.max(x.asnumpy()))

    with graph_mode():
        check_answer("01.1", eager_only)
        assert ms.get_context("mode") == ms.GRAPH_MODE
    assert capsys.readouterr().out == "✓ 01.1\n"


def test_answer_that_changes_its_input() -> None:
    assert mistake(Exercise(same_function(lambda x: -1 / (x * x), Box(1, 2))), in_place) is None


@pytest.mark.parametrize(
    ("exercise", "parts"),
    [
        ("01.99", ['"01.99"', "Chapter 1", "01.1, 01.2"]),
        ("01.0", ['"01.0"', "Chapter 1"]),
        ("99.1", ['"99.1"', "chapters with exercises are 01"]),
        ("1", ["'1' is not", "quotation marks"]),
        (1.3, ["1.3 is not", "quotation marks"]),
        (None, ["NoneType"]),
        (endless, ["object of type function"]),
        ("x" * 10_000, ["is not the number"]),
    ],
)
def test_unknown_exercise(exercise: Any, parts: list[str]) -> None:
    with pytest.raises(GradientError) as caught:
        check_answer(exercise, 1.0)
    message = str(caught.value)
    assert all(part in message for part in parts)
    assert len(message) < 500


# The checkers themselves: an error of 0.1 % is found wherever it hides.


def scaled(x: Any) -> Any:
    return ops.sin(x) * x.sum()


def swapped(a: Any, b: Any) -> Any:
    return b @ a


def off(fn: Callable[..., Any], by: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return fn with a derivative that is off, its values as they were."""

    def changed(x: Any) -> Any:
        return fn(x) + by(x) - ops.stop_gradient(by(x))

    return changed


@pytest.mark.parametrize("orders", [(0,), (0, 1), (1,), (0, 1, 2)])
def test_function_of_a_vector(orders: tuple[int, ...]) -> None:
    check = same_function(scaled, Box(-1, 1, (3,)), orders=orders)
    assert check(lambda x: x.sum() * ops.sin(x)) is None
    assert check(lambda x: 1.001 * scaled(x)) == ("values" if 0 in orders else "derivative")
    wrong_slope = check(off(scaled, lambda x: 0.001 * x))
    assert wrong_slope == (None if orders == (0,) else "derivative")


def test_second_derivative_that_is_off() -> None:
    def straight(x: Any) -> Any:
        here = ops.stop_gradient(x)
        return ops.sin(here) + ops.cos(here) * (x - here)

    assert same_function(ops.sin, Box(1, 2))(straight) is None
    assert same_function(ops.sin, Box(1, 2), orders=(2,))(straight) == "derivative"


def test_function_of_two_inputs() -> None:
    check = same_function(swapped, Box(0, 1, (3,)), Box(1, 2, (2, 3)), orders=(0, 1, 2))
    assert check(lambda a, b: ops.matmul(b, a)) is None
    assert check(lambda a, b: ops.matmul(b, ops.stop_gradient(a))) == "derivative"
    assert check(lambda a, b: ops.matmul(ops.stop_gradient(b), a)) == "derivative"


def test_lambdas_have_second_derivatives() -> None:
    check = same_function(lambda x: x**3, Box(1, 2), orders=(0, 1, 2))
    assert [check(fn) for fn in (lambda x: x * x * x, lambda x: x**3)] == [None, None]


def test_trap_never_catches_a_right_answer() -> None:
    assert same_number(1.0, traps={"trap": 1.0})(1.0) is None
    assert same_array([1.0], traps={"trap": [1.0]})([1.0]) is None
    assert same_function(ops.sin, Box(0, 1), traps={"trap": ops.sin})(ops.sin) is None
