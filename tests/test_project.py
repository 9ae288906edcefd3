"""check_project: each of its four lines passes for what is right and fails for what is not."""

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from mindspore import nn, ops

import d2l_autograd as d2l
from d2l_autograd.course import project as module

Function = Callable[..., Any]


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("D2L_AUTOGRAD_LANG", "en")
    monkeypatch.setattr(module, "CHEAP", np.inf)  # no test measures a clock
    monkeypatch.setattr(module, "POINTS", 2)


def number(value: Any) -> ms.Tensor:
    return ms.Tensor(value, ms.float64)


class Cube(nn.Cell):
    def construct(self, x: Any) -> Any:
        return x**3

    def bprop(self, x: Any, out: Any, dout: Any) -> Any:
        return 3 * x**2 * dout


class ForgetfulCube(Cube):
    """Right only where the gradient that arrives is 1."""

    def bprop(self, x: Any, out: Any, dout: Any) -> Any:
        return 3 * x**2 + 0 * dout


class Turn(nn.Cell):
    """Two outputs of two inputs."""

    def construct(self, x: Any, y: Any) -> Any:
        return x * y, x - y

    def bprop(self, x: Any, y: Any, out: Any, dout: Any) -> Any:
        return dout[0] * y + dout[1], dout[0] * x - dout[1]


class NumPyCube(Cube):
    def bprop(self, x: Any, out: Any, dout: Any) -> Any:
        raise RuntimeError("out of order")


def bowl(p: Any) -> Any:
    return (p["a"] - 1).square().sum() + (p["b"][0] - 3) ** 2


def with_bad_rule(x: Any) -> Any:
    return (ForgetfulCube()(x) - 1).square().sum()


def with_a_hidden_number(p: Any) -> Any:
    """Computes one of two terms where no gradient flows."""
    return (p[0] - 1) ** 2 + number(float((p[1].asnumpy() - 2) ** 2))


def quadratic(x: Any) -> Any:
    return (x - 1).square().sum()


def valley(p: Any) -> Any:
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


def root(x: Any) -> Any:
    """Not finite left of 0, where the first step of descent goes."""
    return (ops.sqrt(x) - 0.1) ** 2


START = np.array([2.0, 4.0])
LINES = [
    ("tree", bowl, {"a": START, "b": (0.0, "metres")}, Cube(), (number(2.0),), ""),
    ("float", quadratic, 4.0, Cube(), (2.0,), ""),
    ("float32", quadratic, ms.Tensor([3.0, 5.0]), Cube(), (ms.Tensor([1.0, 2.0]),), ""),
    ("several inputs", quadratic, START, Turn(), (START, START), ""),
    ("valley", valley, np.array([-1.2, 1.0]), Cube(), (2.0,), ""),
    ("edge of the domain", root, number(0.5), Cube(), (2.0,), ""),
    ("bad gradient", with_bad_rule, START, Cube(), (2.0,), "gradient"),
    ("bad rule", quadratic, START, ForgetfulCube(), (2.0,), "rule"),
    ("rule that fails", quadratic, START, NumPyCube(), (2.0,), "rule"),
    ("no rule", quadratic, START, None, (), "rule"),
    ("floor", lambda x: quadratic(x) + 50, START, Cube(), (2.0,), "fall"),
    ("flat", lambda x: 0 * x.sum() + 1, START, Cube(), (2.0,), "fall"),
    ("at its minimum", lambda x: quadratic(x) + 1, np.ones(2), Cube(), (2.0,), "fall"),
    ("below zero", lambda x: x.sum() - 20, START, Cube(), (2.0,), "fall"),
]


@pytest.mark.parametrize(("loss", "start", "rule", "inputs", "wrong"), [r[1:] for r in LINES])
def test_only_what_is_wrong_does_not_pass(
    loss: Function,
    start: Any,
    rule: Any,
    inputs: tuple[Any, ...],
    wrong: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = d2l.check_project(loss, start, rule, *inputs)
    assert [name for name, remedy in report.remedies.items() if remedy] == [wrong] * bool(wrong)
    assert bool(report) is not bool(wrong)
    shown = capsys.readouterr().out
    assert shown == f"{report}\n"
    marks = [line[:2] for line in shown.splitlines() if line[:1] in ("✓", "✗")]
    assert marks == ["✗ " if name == wrong else "✓ " for name in report.remedies]


def test_a_number_that_leaves_the_tensors_is_an_error_of_the_gradient() -> None:
    report = d2l.check_project(with_a_hidden_number, (number(3.0), number(5.0)))
    assert "asnumpy" in report.remedies["gradient"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Function:
    """A clock that only goes on when it is told to."""
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(module, "CHEAP", 0.05)
    monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    return wait


@pytest.mark.parametrize(
    ("forward", "backward", "passes"),
    [(1.0, 4.0, True), (1.0, 6.0, False), (0.001, 0.04, True), (0.01, 0.06, False)],
)
def test_cost(forward: float, backward: float, passes: bool, clock: Function) -> None:
    class Timed(nn.Cell):
        def construct(self, x: Any) -> Any:
            clock(forward)
            return x * 1

        def bprop(self, x: Any, out: Any, dout: Any) -> Any:
            clock(backward)
            return dout

    project = module._Project(lambda x: quadratic(Timed()(x)), START, None, ())
    said = "" if passes else f"{(forward + backward) / forward:.1f} runs"
    assert bool(project.remedy("cost")) is not passes
    assert said in project.remedy("cost")


def test_remedies_are_in_the_language_of_the_session(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("D2L_AUTOGRAD_LANG", "zh")
    d2l.check_project(lambda x: quadratic(x) + 50, START)
    assert "损失从 60 下降到 50" in capsys.readouterr().out
    assert all(set(texts) == {"en", "zh"} for texts in module._REMEDIES.values())


@pytest.mark.parametrize("given", [(..., 1.0), (quadratic, ...), (quadratic, 1.0, ...)])
def test_dots_are_not_answered_yet(given: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert not d2l.check_project(*given)
    assert capsys.readouterr().out == "… project not answered yet · 还没有作答\n"


def endless(x: Any) -> Any:
    while True:
        x = x * 1


def test_a_loss_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_OF_ONE_RUN", 0.3)
    with pytest.raises(d2l.GradientError, match="come to an end"):
        d2l.check_project(endless, 1.0)


def test_a_line_that_takes_too_long_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.3)
    report = d2l.check_project(lambda x: endless(x) if float(x) < 0.9 else x * 1, number(1.0))
    assert "longer than" in report.remedies["fall"]


def test_mode_and_output_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    def talkative(x: Any) -> Any:
        print("computing")
        return quadratic(x)

    mode = ms.get_context("mode")
    ms.set_context(mode=ms.GRAPH_MODE)
    try:
        d2l.check_project(talkative, START)
        assert ms.get_context("mode") == ms.GRAPH_MODE
    finally:
        ms.set_context(mode=mode)
    assert "computing" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((3, 1.0), "takes a function"),
        ((quadratic, 3), "Write 3.0"),
        ((quadratic, "x"), "The start is the str 'x'"),
        ((quadratic, (1, None)), "nothing to differentiate by"),
        ((lambda x: x, START), r"shape \(2,\)"),
        ((lambda x: 1.0, 1.0), "returned the float 1.0"),
        ((lambda x: x * np.nan, 1.0), "start is nan"),
        ((lambda x: x / 0, 1.0), "start is inf"),
        ((quadratic, 1.0, Cube), r"Make a Cell of it: Cube\(\)"),
        ((quadratic, 1.0, ops.sin, 2.0), "without a backward rule"),
        ((quadratic, 1.0, nn.ReLU(), 2.0), "without a backward rule"),
        ((quadratic, 1.0, Cube()), "without inputs"),
    ],
)
def test_what_cannot_be_checked_is_an_error(given: Any, said: str) -> None:
    with pytest.raises(d2l.GradientError, match=said):
        d2l.check_project(*given)


def test_what_the_loss_raises_at_the_start_comes_through() -> None:
    def broken(x: Any) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        d2l.check_project(broken, 1.0)
