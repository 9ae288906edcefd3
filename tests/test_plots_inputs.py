"""Every picture of natural and nasty inputs can be read, and shows nothing that is not there."""

from collections.abc import Callable
from string import Formatter
from typing import Any

import matplotlib
import mindspore as ms
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.ft2font import FT2Font
from mindspore import ops
from picture_checks import require_legible

from d2l_autograd import (
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
from d2l_autograd.course.chapters import LANGUAGES
from d2l_autograd.course.noto_sans_sc import FONT
from d2l_autograd.plots import words

pytestmark = pytest.mark.usefixtures("settings_are_kept")


def bowl(p: Any) -> Any:
    return p[0] ** 2 + 3 * p[1] ** 2


def rosenbrock(p: Any) -> Any:
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


def staircase(x: Any) -> Any:
    if x > 0:
        return x + 1
    return x


def shifted(by: int) -> Any:
    return lambda x: x + by


LONG = "a very long name of a function that nobody would write but somebody will"
RANDOM = np.random.default_rng(0)
CLOUD = RANDOM.normal(size=(40, 2))
NOISE = RANDOM.normal(size=300)

CURVES: dict[str, Any] = {
    "sin": (ops.sin, -6, 6),
    "cos": (ops.cos, 0, 1),
    "exp": (ops.exp, -1, 8),
    "fast": (lambda x: ops.sin(100 * x), -3, 3),
    "1/x": (lambda x: 1 / x, -3, 3),
    "1/x²": (lambda x: 1 / x**2, -3, 2),
    "tan": (ops.tan, -5, 5),
    "sqrt": (ops.sqrt, -1, 4),
    "log": (ops.log, -1, 4),
    "constant": (lambda x: 0 * x + 7, -1, 1),
    "rounding": (lambda x: ops.sin(x) ** 2 + ops.cos(x) ** 2, -3, 3),
    "zero": (lambda x: 0 * x, -1, 1),
    "line": (lambda x: 3 * x, -2, 2),
    "far up": (lambda x: ops.sin(x) + 1e6, 0, 6),
    "tiny": (lambda x: 1e-12 * ops.sin(x), 0, 6),
    "huge": (lambda x: 1e12 * x**2, -1, 1),
    "power 4": (lambda x: x**4, -10, 10),
    "narrow": (lambda x: ops.exp(-((50 * x) ** 2)), -1, 1),
    "sigmoid": (ops.sigmoid, -8, 8),
    "relu": (ops.relu, -2, 2),
    "abs": (ops.abs, -2, 2),
    "floor": (ops.floor, -3, 3),
    "x far right": (lambda x: (x - 1e4) ** 2, 1e4 - 1, 1e4 + 1),
    "small x": (ops.sin, 0, 1e-5),
    "hits nan": (lambda x: ops.sqrt(1 - x**2), -2, 2),
    "sin 1/x": (lambda x: ops.sin(1 / x), 0.002, 0.3),
    "spike between points": (lambda x: ops.exp(-((80 * (x - 0.3)) ** 2)), -2, 2),
    "chirp": (lambda x: ops.sin(20 * x**2), -2, 2),
    "cusp": (lambda x: ops.sqrt(ops.abs(x)), -2, 2),
    "softplus": (lambda x: ops.log(1 + ops.exp(x)), -5, 5),
}

OPTIONS: dict[str, Callable[[], Any]] = {
    "one order": lambda: plot_derivatives(ops.sin, -6, 6, orders=(2,)),
    "two points": lambda: plot_derivatives(ops.sin, 0, 1, points=2),
    "long name": lambda: plot_derivatives(ops.sin, -3, 3, labels=LONG),
    "Chinese name": lambda: plot_derivatives(ops.sin, -3, 3, labels="正弦函数"),
    "three functions": lambda: plot_derivatives([ops.sin, ops.cos, ops.tanh], -3, 3),
    "eight functions": lambda: plot_derivatives([shifted(k) for k in range(8)], 0, 1, orders=(0,)),
    "both logarithms": lambda: plot_derivatives(
        lambda x: 1 / x, 0.1, 10, xscale="log", yscale="log"
    ),
    "log of sin": lambda: plot_derivatives(ops.sin, 0, 6, yscale="log", orders=(0, 1)),
    "pointwise": lambda: plot_derivatives(staircase, -1, 1, orders=(0,), points=41),
    "float32 only": lambda: plot_derivatives(
        lambda x: x * ms.Tensor(2.0, ms.float32).astype(x.dtype), 0, 1, orders=(0, 1)
    ),
}

TANGENTS: dict[str, Callable[[], Any]] = {
    "default ends": lambda: plot_tangent(ops.exp, 1.0),
    "array": lambda: plot_tangent(ops.sin, np.linspace(-3, 3, 12)),
    "tensor": lambda: plot_tangent(ops.sin, ms.Tensor([0.0, 1.0])),
    "sqrt": lambda: plot_tangent(ops.sqrt, 4, lo=0.1, hi=9, label="square root"),
    "level": lambda: plot_tangent(ops.cos, 0.0),
    "steep": lambda: plot_tangent(lambda x: ops.tanh(1e4 * x), 0.0),
    "C1 only": lambda: plot_tangent(lambda x: x * ops.abs(x), 0.0),
    "at an end": lambda: plot_tangent(lambda x: x**2, 1.0, lo=0, hi=1),
    "cubic": lambda: plot_tangent(lambda x: x**3, (-1.0, 0.0, 1.0)),
    "pole": lambda: plot_tangent(lambda x: 1 / x, 1.0, lo=-2, hi=3),
    "long label": lambda: plot_tangent(ops.sin, 0.0, tangent_label=LONG + " {slope:.2f}"),
    "secants": lambda: plot_secants(lambda x: 20 * x - 5 * x**2, 1, (2, 1, 0.4), lo=0, hi=4),
    "ten secants": lambda: plot_secants(ops.exp, 0, [2.0**-k for k in range(10)]),
    "secants of abs": lambda: plot_secants(ops.abs, 0, (1, 0.5, -0.5, -1)),
    "secants of a jump": lambda: plot_secants(ops.sign, 0, (1, -1)),
    "one secant": lambda: plot_secants(ops.sin, 0.5, 1e-3),
    "secant of a constant": lambda: plot_secants(lambda x: 0 * x + 2, 0.0),
    "secants backwards": lambda: plot_secants(ops.exp, 0.0, (-1, -0.5)),
}

ERRORS_OF_STEPS: dict[str, Callable[[], Any]] = {
    "cube": lambda: plot_step_errors(lambda x: x**3, 1.1, derivative=3.63),
    "cos at 0": lambda: plot_step_errors(ops.cos, 0),
    "abs with derivative": lambda: plot_step_errors(ops.abs, 0, derivative=0.0),
    "constant": lambda: plot_step_errors(lambda x: 0 * x + 5, 1.0),
    "zero": lambda: plot_step_errors(lambda x: 0 * x, 1.0),
    "line": lambda: plot_step_errors(lambda x: 3 * x, 1.0),
    "square": lambda: plot_step_errors(lambda x: x**2, 1.0),
    "float32": lambda: plot_step_errors(ops.sin, 1.0, dtype="float32"),
    "large x": lambda: plot_step_errors(ops.sin, 1000.0),
    "log": lambda: plot_step_errors(ops.log, 0.1),
    "own steps": lambda: plot_step_errors(ops.sin, 1.0, steps=(0.1, 0.01, 1e-3)),
    "wrong derivative": lambda: plot_step_errors(ops.sin, 1.0, derivative=0.6),
}

PLANES: dict[str, Callable[[], Any]] = {
    "default": lambda: plot_gradient_field(bowl),
    "log": lambda: plot_gradient_field(lambda p: ops.log(p[0]) + p[1] ** 2),
    "constant": lambda: plot_gradient_field(lambda p: 0 * p[0] + 3),
    "wide": lambda: plot_gradient_field(bowl, (-10, 10), (-1, 1)),
    "tall": lambda: plot_gradient_field(bowl, (-1, 1), (-10, 10)),
    "plane": lambda: plot_gradient_field(lambda p: p[0] + p[1]),
    "rosenbrock": lambda: plot_gradient_field(rosenbrock, (-2, 2), (-1, 3)),
    "quantiles": lambda: plot_gradient_field(rosenbrock, (-2, 2), (-1, 3), contours="quantiles"),
    "pole": lambda: plot_gradient_field(lambda p: 1 / (p[0] ** 2 + p[1] ** 2)),
    "saddle": lambda: plot_gradient_field(lambda p: p[0] * p[1]),
    "waves": lambda: plot_gradient_field(lambda p: ops.sin(p[0]) * ops.cos(p[1]), (-4, 4), (-3, 3)),
    "ridge": lambda: plot_gradient_field(lambda p: ops.abs(p[0] - p[1])),
    "huge": lambda: plot_gradient_field(lambda p: 1e9 * bowl(p)),
    "tiny": lambda: plot_gradient_field(lambda p: 1e-9 * bowl(p)),
    "far away": lambda: plot_gradient_field(bowl, (1e5, 1e5 + 2), (1e5, 1e5 + 2)),
    "small": lambda: plot_gradient_field(bowl, (0, 1e-5), (0, 1e-5)),
    "two arrows": lambda: plot_gradient_field(bowl, arrows=2),
    "one step": lambda: plot_descent(bowl, (3, 1), steps=1),
    "diverges": lambda: plot_descent(bowl, (1, 1), rate=0.5),
    "at the minimum": lambda: plot_descent(bowl, (0.0, 0.0), steps=2),
    "many steps": lambda: plot_descent(bowl, (3, 1), steps=60, rate=0.02),
    "long labels": lambda: plot_descent(bowl, (3, 1), steps=3, labels=(LONG, LONG)),
    "from a saddle": lambda: plot_descent(lambda p: p[0] ** 2 - p[1] ** 2, (1.0, 0.001), steps=60),
    "where there is a disc": lambda: plot_gradient_field(
        lambda p: ops.sqrt(1 - p[0] ** 2 - p[1] ** 2)
    ),
    "spike": lambda: plot_gradient_field(lambda p: 1 / (p[0] - 0.01)),
    "goes in circles": lambda: plot_newton(lambda x: x**3 - 2 * x + 2, 0.0, steps=6),
    "zigzag": lambda: plot_descent(bowl, (3, 1), rate=0.32),
    "root": lambda: plot_newton(lambda x: x**3 - 20, 6.0, steps=4),
    "runs away": lambda: plot_newton(ops.atan, 1.5, steps=4),
    "found at once": lambda: plot_newton(lambda x: 2 * x - 1, 4.0, steps=2),
    "no root": lambda: plot_newton(lambda x: x**2 + 1, 0.6, steps=4),
    "minimum": lambda: plot_newton(bowl, (3, 1), steps=1, rate=0.1),
    "valley": lambda: plot_newton(
        lambda p: (1 - p[0]) ** 2 + 5 * (p[1] - p[0] ** 2) ** 2, (-1.2, 1.0), rate=0.03
    ),
}

TRAINING: dict[str, Callable[[], Any]] = {
    "one loss": lambda: plot_training([3.0, 2.0, 1.5]),
    "one number": lambda: plot_training([3.0]),
    "tensors": lambda: plot_training([ms.Tensor(3.0), ms.Tensor(2.0)]),
    "two": lambda: plot_training({"SGD": 0.9 ** np.arange(99.0), "Adam": 0.8 ** np.arange(99.0)}),
    "seven": lambda: plot_training({f"rate {k}": 0.9 ** (k * np.arange(9.0)) for k in range(1, 8)}),
    "noise": lambda: plot_training(5 + 0.3 * NOISE),
    "nan": lambda: plot_training([2.0, 1.0, float("nan"), float("nan")]),
    "nan at once": lambda: plot_training({"a": [float("nan"), 1.0], "b": [1.0, 2.0]}),
    "infinite at first": lambda: plot_training([float("inf"), 2.0, 1.0]),
    "spikes": lambda: plot_training(np.where(np.arange(99) == 50, 1e6, 1.0)),
    "down to 0": lambda: plot_training([1.0, 0.1, 0.01, 0.0]),
    "infinite": lambda: plot_training([2.0, 1e30, float("inf")]),
    "negative": lambda: plot_training([2.0, -1.0, -3.0]),
    "constant": lambda: plot_training([1.0] * 20),
    "long name": lambda: plot_training({LONG: [1.0, 2.0], LONG + "!": [2.0, 1.0]}),
    "two classes": lambda: plot_decision_boundary(lambda x: x[:, 0], CLOUD, CLOUD[:, 0] > 0),
    "column of scores": lambda: plot_decision_boundary(
        lambda x: x[:, :1] - x[:, 1:], CLOUD, CLOUD[:, 0] > 0
    ),
    "never crosses": lambda: plot_decision_boundary(lambda x: x[:, 0] * 0 + 1, CLOUD, [0, 1] * 20),
    "numpy": lambda: plot_decision_boundary(
        lambda x: np.sin(x.asnumpy()[:, 0]), CLOUD, [0, 1] * 20, names=("左", "右")
    ),
    "three classes": lambda: plot_decision_boundary(
        lambda x: ops.stack([x[:, 0], x[:, 1], -x[:, 0]], 1), CLOUD, np.arange(40) % 3
    ),
    "one class": lambda: plot_decision_boundary(lambda x: x[:, 0], CLOUD[:1], [0]),
    "network": lambda: plot_decision_boundary(ms.nn.Dense(2, 1), CLOUD, [0, 1] * 20),
}


@pytest.mark.parametrize("name", CURVES)
def test_curves(name: str) -> None:
    fn, lo, hi = CURVES[name]
    require_legible(plot_derivatives(fn, lo, hi, orders=(0, 1)).figure)


TABLES = (OPTIONS, TANGENTS, ERRORS_OF_STEPS, PLANES, TRAINING)
CALLS = {
    f"{group}-{name}": call for group, table in enumerate(TABLES) for name, call in table.items()
}


@pytest.mark.parametrize("name", CALLS)
def test_pictures(name: str) -> None:
    require_legible(CALLS[name]().figure)


def test_there_are_enough_inputs() -> None:
    assert len(CURVES) + len(CALLS) >= 120  # and those that are refused, in test_plots_errors


def test_a_curve_that_oscillates_gets_more_points() -> None:
    slow, fast = (
        plot_derivatives(fn, -3, 3, orders=(0,)).lines[0]
        for fn in (ops.sin, lambda x: ops.sin(100 * x))
    )
    assert len(slow.get_xdata()) == 401  # type: ignore[arg-type]
    assert len(fast.get_xdata()) > 1600  # type: ignore[arg-type]
    assert fast.get_label() == "f"


def test_a_curve_that_is_never_fine_says_so() -> None:
    ax = plot_derivatives(lambda x: ops.sin(1e5 * x), -3, 3, orders=(0,))
    assert ax.lines[0].get_label() == "f: finer than drawn"
    require_legible(ax.figure)


@pytest.mark.parametrize(
    ("fn", "ends", "panels"),
    [
        (ops.sin, (-3, 3), 1),
        (lambda x: ops.sin(100 * x), (-3, 3), 3),
        (lambda x: 1000 * x, (0, 1), 1),  # f″ is constant, and hides nothing
        (lambda x: ops.sin(x) ** 2 + ops.cos(x) ** 2, (-3, 3), 1),  # nor does rounding
        (lambda x: 1 / x, (-3, 3), 1),
    ],
)
def test_orders_get_panels_where_one_would_hide_another(fn: Any, ends: Any, panels: int) -> None:
    ax = plot_derivatives(fn, *ends)
    figure: Any = ax.figure
    assert len(figure.axes) == panels
    if panels > 1:
        assert [one.get_ylabel() for one in figure.axes] == ["f", "f′", "f″"]
    own = plt.figure().add_subplot()
    assert plot_derivatives(fn, *ends, ax=own) is own
    assert len(own.lines) == 3


def test_what_a_logarithmic_axis_leaves_out_is_said() -> None:
    ax = plot_derivatives(lambda x: 1 / x, 0.1, 10, xscale="log", yscale="log")
    assert [line.get_label() for line in ax.lines] == ["f", "f′: not above 0", "f″"]
    ax = plot_derivatives(ops.sin, 0.5, 6, yscale="log", orders=(0,))
    assert ax.lines[0].get_label() == "f where above 0"


def test_a_loss_says_where_it_is_not_finite() -> None:
    inf = float("inf")
    for losses, name in (([1.0, 2.0, inf], "inf from step 2"), ([inf, 1.0], "inf at step 0")):
        assert plot_training(losses).lines[0].get_label() == f"loss: {name}"


def test_rounding_of_a_constant_is_not_magnified() -> None:
    low, high = plot_derivatives(CURVES["rounding"][0], -3, 3, orders=(0,)).get_ylim()
    assert high - low > 1


def test_errors_never_leave_the_numbers_that_there_are() -> None:
    for fn, at in ((ops.cos, 0.0), (lambda x: 0 * x, 1.0), (lambda x: 3 * x, 1.0)):
        assert 1e-20 < plot_step_errors(fn, at).get_ylim()[0] < 1e-14


@pytest.mark.parametrize(
    ("fn", "at", "laws"),
    [
        (ops.sin, 1.0, ["rounding ∝ ε/h", "truncation ∝ h", "truncation ∝ h²"]),
        (lambda x: 3 * x, 1.0, ["rounding ∝ ε/h"]),
        (lambda x: x**2, 1.0, ["rounding ∝ ε/h", "truncation ∝ h"]),
        (ops.cos, 0.0, ["truncation ∝ h"]),
        (lambda x: 0 * x, 1.0, []),
    ],
)
def test_laws_are_drawn_where_errors_follow_them(fn: Any, at: float, laws: list[str]) -> None:
    assert [text.get_text() for text in plot_step_errors(fn, at).texts] == laws


def test_secants_at_a_corner_have_no_tangent() -> None:
    labels = [str(line.get_label()) for line in plot_secants(ops.abs, 0, (1, -1)).lines]
    assert [label for label in labels if "tangent" in label] == ["no tangent: slope -1 | 1"]
    labels = [str(line.get_label()) for line in plot_secants(ops.sign, 0, (1, -1)).lines]
    assert [label for label in labels if "tangent" in label] == ["no tangent: f jumps"]


WORDS_BY_LANGUAGE = {
    "en": ["h = 1: slope 3", "tangent: slope 2", "start", "after 2 steps", "step", "loss"],
    "zh": ["h = 1：斜率 3", "切线：斜率 2", "起点", "2 步之后", "步数", "损失"],
}


@pytest.mark.parametrize("lang", WORDS_BY_LANGUAGE)
def test_words_are_in_the_language_of_the_session(
    lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("D2L_AUTOGRAD_LANG", lang)
    secants = [str(line.get_label()) for line in plot_secants(lambda x: x**2, 1.0, (1,)).lines]
    path = [str(line.get_label()) for line in plot_descent(bowl, (1, 1), steps=2).lines]
    ax = plot_training([1.0, 2.0])
    shown = [secants[1], secants[3], *path[1:], ax.get_xlabel(), ax.get_ylabel()]
    assert shown == WORDS_BY_LANGUAGE[lang]


def test_every_word_has_every_language_with_the_same_values() -> None:
    for texts in words._WORDS.values():
        assert set(texts) == set(LANGUAGES)
        fields = [
            sorted(name for _, name, *_ in Formatter().parse(text) if name)
            for text in texts.values()
        ]
        assert fields[0] == fields[1]


def test_every_chinese_character_of_the_words_is_drawn() -> None:
    glyphs = FT2Font(str(FONT)).get_charmap()
    text = (
        "".join(text for texts in words._WORDS.values() for text in texts.values())
        + "梯度雅可比黑塞阈值"
    )
    assert [one for one in text if "\u4e00" <= one <= "\u9fff" and ord(one) not in glyphs] == []
    families = list(matplotlib.rcParams["font.family"])
    ax = plot_derivatives(ops.sin, 0, 1, labels="正弦", points=9)  # a missing glyph would warn
    ax.figure.canvas.draw()
    assert matplotlib.rcParams["font.family"] == families


def test_axes_of_the_reader_keep_their_size() -> None:
    figure, axes = plt.subplots(1, 2, figsize=(11, 4))
    for ax in axes:
        assert plot_secants(ops.exp, 0, [2.0**-k for k in range(6)], ax=ax) is ax
    assert tuple(figure.get_size_inches()) == (11, 4)
