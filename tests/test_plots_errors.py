"""What cannot be drawn gets one clear paragraph."""

from collections.abc import Callable, Iterator
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from matplotlib import pyplot as plt
from mindspore import ops

from d2l_autograd import (
    GradientError,
    animate_descent,
    plot_decision_boundary,
    plot_derivatives,
    plot_descent,
    plot_gradient_field,
    plot_newton,
    plot_secants,
    plot_step_errors,
    plot_tangent,
    plot_training,
)

pytestmark = pytest.mark.quick


@pytest.fixture(autouse=True)
def no_figure_is_left() -> Iterator[None]:
    plt.switch_backend("agg")
    yield
    assert plt.get_fignums() == []


def bowl(x: Any) -> Any:
    return (x * x).sum()


def triple(x: Any) -> Any:
    return ops.stack([x, x, x])


ERRORS: list[tuple[Callable[[], Any], list[str]]] = [
    (lambda: plot_derivatives(3.0, 0, 1), ["takes a function", "float 3.0"]),  # type: ignore[arg-type]
    (lambda: plot_derivatives([], 0, 1), ["no function"]),
    (lambda: plot_derivatives([ops.sin, None], 0, 1), ["None"]),  # type: ignore[list-item]
    (lambda: plot_derivatives(ops.sin, 1, 1), ["lo, hi is 1, 1", "larger"]),
    (lambda: plot_derivatives(ops.sin, 1, -1), ["lo, hi is 1, -1"]),
    (lambda: plot_derivatives(ops.sin, float("nan"), 1), ["nan", "finite"]),
    (lambda: plot_derivatives(ops.sin, "0", 1), ["'0'", "finite"]),  # type: ignore[arg-type]
    (lambda: plot_derivatives(ops.sin, 0, 1, orders=()), ["orders is ()", "orders=(0, 1)"]),
    (lambda: plot_derivatives(ops.sin, 0, 1, orders=(-1,)), ["orders is (-1,)"]),
    (lambda: plot_derivatives(ops.sin, 0, 1, orders=1), ["orders is 1", "(1,)"]),  # type: ignore[arg-type]
    (lambda: plot_derivatives(ops.sin, 0, 1, orders=(1, 1)), ["twice"]),
    (lambda: plot_derivatives(ops.sin, 0, 1, points=1), ["points is 1", "at least 2"]),
    (lambda: plot_derivatives(ops.sin, 0, 1, labels=["a", "b"]), ["labels", "1 text"]),
    (lambda: plot_derivatives(ops.sin, 0, 1, xscale="log"), ["lo is 0", "lo > 0"]),
    (lambda: plot_derivatives(ops.sin, 0, 1, yscale="logit"), ["'logit'", '"log"']),  # type: ignore[arg-type]
    (lambda: plot_derivatives(ops.sin, 0, 1, ax=3), ["ax is 3"]),  # type: ignore[arg-type]
    (lambda: plot_derivatives(ops.log, -2, -1), ["no finite value", "-2 and -1"]),
    (lambda: plot_derivatives(triple, 0, 1), ["shape (3,)", "one floating-point number"]),
    (lambda: plot_derivatives(lambda x: None, 0, 1), ["None", "single element"]),
    (lambda: plot_derivatives(lambda x: 3.0, 0, 1), ["float"]),
    (lambda: plot_derivatives(lambda x: x > 0, 0, 1), ["bool"]),
    (lambda: plot_tangent(ops.sin, 3.0, lo=0, hi=1), ["at holds 3", "lo=0"]),
    (lambda: plot_tangent(ops.sin, [], lo=0, hi=1), ["at is empty"]),
    (lambda: plot_tangent(ops.sqrt, 0.0, lo=0, hi=1), ["slope inf", "both are finite"]),
    (lambda: plot_tangent(ops.abs, 0.0), ["corner", "-1 on the left and 1 on the right"]),
    (lambda: plot_tangent(ops.relu, [1.0, 0.0]), ["At 0", "corner", "0 on the left and 1"]),
    (lambda: plot_tangent(ops.sign, 0.0), ["At 0", "jumps", "another point"]),
    (lambda: plot_tangent(ops.floor, 2.0), ["At 2", "jumps"]),
    (lambda: plot_tangent(lambda x: ops.clamp(x, -1, 1), 1.0), ["1 on the left and 0"]),
    (lambda: plot_tangent(lambda x: x + 0.01 * ops.abs(x), 0.0), ["corner", "0.99", "1.01"]),
    (lambda: plot_tangent(ops.sin, 0.0, tangent_label="{slop}"), ["'{slop}'", "{slope} and {at}"]),
    (lambda: plot_tangent(ops.sin, 0.0, tangent_label="{slope:q}"), ["cannot be filled in"]),
    (lambda: plot_tangent(ops.sin, 0.0, tangent_label="{"), ["braces are doubled"]),
    (lambda: plot_tangent(ops.sin, 0.0, hi=[1.0, 2.0]), ["upper end", "one finite number"]),  # type: ignore[arg-type]
    (lambda: plot_secants(ops.sin, np.zeros(3)), ["at is", "one finite number"]),  # type: ignore[arg-type]
    (lambda: plot_secants(ops.sin, 0.0, secant_label="{}"), ["secant_label", "{h} and {slope}"]),
    (lambda: plot_derivatives(ms.nn.Dense(1, 1), -3, 3), ["shape ()", "reshape(1, 1)"]),
    (lambda: plot_gradient_field(ms.nn.Dense(3, 1)), ["shape (2,)", "reshape(1, 2)"]),
    (lambda: plot_derivatives(lambda x: x.nothing, 0, 1), ["nothing", "AttributeError"]),
    (lambda: plot_gradient_field(bowl, contours="log"), ["'log'", 'contours="equal"']),  # type: ignore[arg-type]
    (lambda: plot_descent(bowl, (1.0, 1.0), labels=("{steps}", "{step}")), ["{step}", "{steps}"]),
    (lambda: plot_newton(lambda x: x**2 + 1, 0.0), ["after 0 steps", "slope 0"]),
    (lambda: plot_newton(ops.log, 3.0), ["after 1 steps", "value nan"]),
    (lambda: plot_newton(bowl, 3.0, rate=0.1), ["rate belongs"]),
    (lambda: plot_newton(bowl, (1.0, 2.0, 3.0)), ["two numbers"]),
    (lambda: plot_newton(lambda x: x[0] + x[1], (1.0, 2.0)), ["no inverse", "(1, 2)"]),
    (lambda: plot_newton(ops.sin, 1.0, steps=0), ["steps is 0"]),
    (lambda: plot_training([]), ["one number for each step"]),
    (lambda: plot_training({}), ["empty"]),
    (lambda: plot_training(["a"]), ["'a'", "float(loss)"]),
    (lambda: plot_training(3.0), ["3.0"]),
    (lambda: plot_training([float("nan")]), ["None of the losses is finite"]),
    (lambda: plot_training([1.0], yscale="symlog"), ["'symlog'"]),
    (lambda: plot_decision_boundary(bowl, [[1.0, 2.0, 3.0]], [0]), ["(1, 3)", "(n, 2)"]),
    (lambda: plot_decision_boundary(bowl, [[1.0, 2.0]], [0, 1]), ["labels", "1 points"]),
    (lambda: plot_decision_boundary(bowl, [[1.0, 2.0]], [0.5]), ["whole number"]),
    (lambda: plot_decision_boundary(bowl, [[1.0, 2.0]], [1]), ["scores of shape ()"]),
    (lambda: plot_decision_boundary(3, [[1.0, 2.0]], [1]), ["takes a function"]),  # type: ignore[arg-type]
    (lambda: plot_step_errors(ops.abs, 0.0), ["corner", "another point"]),
    (lambda: plot_secants(ops.sin, 0.0, (1, 0)), ["steps holds 0"]),
    (lambda: plot_secants(ops.sin, 0.0, ()), ["steps is empty"]),
    (lambda: plot_secants(ops.log, 1.0, (-2,)), ["no finite value", "[-1.0]"]),
    (lambda: plot_step_errors(ops.sin, 1.0, dtype="float16"), ["'float16'"]),  # type: ignore[arg-type]
    (lambda: plot_step_errors(ops.sin, 1.0, steps=(-1,)), ["above 0"]),
    (lambda: plot_step_errors(ops.log, -1.0), ["value nan"]),
    (lambda: plot_step_errors(ops.sin, 1.0, labels=("a",)), ["labels", "3 texts"]),
    (lambda: plot_gradient_field(bowl, (1, 0), (0, 1)), ["xlim is 1, 0"]),
    (lambda: plot_gradient_field(bowl, 3, (0, 1)), ["xlim is 3", "pair"]),  # type: ignore[arg-type]
    (lambda: plot_gradient_field(bowl, (0, 1), (0, 1), arrows=1), ["arrows is 1"]),
    (lambda: plot_gradient_field(lambda x: x, (0, 1), (0, 1)), ["shape (2,)"]),
    (lambda: plot_gradient_field(bowl, (0, 100), (0, 1)), ["100 wide and 1 high", "measure x₁"]),
    (lambda: plot_descent(bowl, (1, 1), xlim=(0, 2), ylim=(0, 90)), ["2 wide", "measure x₂"]),
    (lambda: plot_descent(bowl, (1.0,)), ["start is (1.0,)", "two numbers"]),
    (lambda: plot_descent(bowl, 1.0), ["start is 1.0"]),  # type: ignore[arg-type]
    (lambda: plot_descent(bowl, (1.0, 1.0), rate=0), ["rate is 0", "above 0"]),
    (lambda: plot_descent(bowl, (1.0, 1.0), steps=0), ["steps is 0", "at least 1"]),
    (lambda: plot_descent(bowl, (1.0, 1.0), steps=200, rate=9.0), ["diverges", "rate below 9"]),
    (lambda: animate_descent(bowl, (1.0, 1.0), seconds=0), ["seconds is 0"]),
]


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_clear_refusal(number: int) -> None:
    call, parts = ERRORS[number]
    with pytest.raises(GradientError) as caught:
        call()
    message = str(caught.value)
    assert [part for part in parts if part not in message] == []
    assert "\n" not in message
    assert len(message) < 400
