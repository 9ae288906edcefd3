"""Checking a project of the reader's own: its gradient, the cost, the way down, and a rule."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any, Literal

import mindspore as ms
import numpy as np
import numpy.typing as npt
from mindspore import nn

from d2l_autograd.arguments.checks import (
    as_inputs,
    described,
    require_function,
    require_scalar,
    require_tensors,
)
from d2l_autograd.arguments.trees import leaves, mapped, tensors
from d2l_autograd.course.answers.exercise import described as described_error
from d2l_autograd.course.answers.exercise import silence
from d2l_autograd.course.answers.limit import TimeUp, time_limit
from d2l_autograd.course.languages import worded
from d2l_autograd.derivatives.gradient import grad
from d2l_autograd.engine.watching import current_record
from d2l_autograd.errors import GradientError
from d2l_autograd.gradient_check.check import check_grads
from d2l_autograd.mindspore_internals.failures import forget_failures
from d2l_autograd.mindspore_internals.modes import eager_mode, is_recorded_by_mindspore

Array = npt.NDArray[np.float64]

POINTS = 5
MOST_RUNS = 6.0  # of the loss, for one gradient
CHEAP = 0.05  # seconds: what a gradient may take in any case
FALL = 10.0
SECONDS_OF_ONE_RUN = 10.0
SECONDS = 60.0  # for each line of the table
_ROUNDS = 7  # in which a run and a gradient take turns
_STEPS = 200
_NAMES = {"gradient": "梯度", "cost": "代价", "fall": "下降", "rule": "规则"}

_REMEDIES = {
    "disagrees": {
        "en": "At point {number} of {POINTS}, the gradient is not what the values say. Find the "
        "operation that is to blame by checking parts of the loss.\n{found}",
        "zh": "在 {POINTS} 个点中的第 {number} 个，梯度与函数值不符。把损失拆成几部分分别检验，"
        "找出有问题的运算。\n{found}",
    },
    "dear": {
        "en": "A gradient takes as long as {cost:.1f} runs of the loss, and {MOST_RUNS:.0f} are "
        "plenty. Look for a derivative inside the loss, a loop in a rule, or an operation on "
        "single entries that could be one on the whole tensor.",
        "zh": "求一次梯度用的时间等于运行 {cost:.1f} 次损失，而 {MOST_RUNS:.0f} 次应当足够。看看"
        "损失里面有没有再求导，规则里有没有循环，有没有逐个元素的运算可以改为对整个张量进行。",
    },
    "flat": {
        "en": "The gradient at the start is zero, so there is no way down. Start elsewhere, or "
        "find out where the loss stops depending on its parameters.",
        "zh": "起点处的梯度为零，无路可下。换一个起点，或者找出损失从哪里开始不再依赖参数。",
    },
    "stuck": {
        "en": "From the start, descent took the loss from {first:.4g} to {last:.4g}, and not to a "
        "tenth. Start further from the answer if noise is all that is left; else plot the loss "
        "along each parameter and look for a local minimum, a jump, or a parameter without effect.",
        "zh": "从起点出发，损失从 {first:.4g} 下降到 {last:.4g}，不到十分之一。如果剩下的只是噪声，"
        "请从离答案更远处出发；否则沿各个参数画出损失，看看有没有局部极小值、跳跃或不起作用的参数。",
    },
    "negative": {
        "en": "The loss is {last:.4g}, and a tenfold fall needs a loss that is positive, with 0 as "
        "the best. Take the mean of the squared residuals.",
        "zh": "损失是 {last:.4g}，而下降到十分之一要求损失为正、最好时为 0。请用残差平方的平均值。",
    },
    "no rule": {
        "en": "There is no rule of your own yet. Write a Cell with a bprop, and pass it with "
        "inputs to check it at: check_project(loss, start, MyRule(), x).",
        "zh": "还没有自己的规则。写一个带 bprop 的 Cell，连同检验它的输入一起传入："
        "check_project(loss, start, MyRule(), x)。",
    },
    "rule": {
        "en": "The rule is not the derivative of what the Cell computes.\n{found}",
        "zh": "这条规则不是该 Cell 所计算的函数的导数。\n{found}",
    },
    "raises": {
        "en": "It ended with an error: {found}",
        "zh": "运行出错：{found}",
    },
    "slow": {
        "en": "It took longer than {SECONDS:.0f} seconds. Take fewer steps or less data while you "
        "check.",
        "zh": "用时超过 {SECONDS:.0f} 秒。检验时请减少步数或数据。",
    },
}


@dataclass(frozen=True)
class ProjectReport:
    """What `d2l_autograd.check_project` found; true if every line passed.

    Attributes:
        remedies: for ``"gradient"``, ``"cost"``, ``"fall"`` and ``"rule"``, what to do about it;
            empty where it passed. Without any, the project is not there yet.
    """

    remedies: dict[str, str]

    def __bool__(self) -> bool:
        return bool(self.remedies) and not any(self.remedies.values())

    def __str__(self) -> str:
        if not self.remedies:
            return "… project not answered yet · 还没有作答"
        # The names in both languages: what a chapter stores is the same in both.
        return "\n".join(
            f"✗ {name} · {_NAMES[name]}\n{remedy}" if remedy else f"✓ {name} · {_NAMES[name]}"
            for name, remedy in self.remedies.items()
        )

    def _ipython_display_(self) -> None:
        """Show nothing: a cell that ends with the check has printed it already."""


class _Fault(Exception):
    """Why a line of the table does not pass."""

    def __init__(self, key: str, **details: object) -> None:
        super().__init__(key)
        self.key = key
        self.details = details


def check_project(
    loss: Callable[[Any], Any], start: Any, rule: Any = None, *inputs: Any
) -> ProjectReport:
    """Say whether a project can be trusted: a loss, where to start, and a rule of one's own.

    It prints a table of four lines, each with ✓, or with ✗ and what to do about it, in the language
    of the chapter:

    - **gradient**: at the start and at four random points around it, where every number is moved
      by up to 10 % (a zero by up to 0.01), the slope in a random direction agrees with differences
      of the loss, as in `check_grads`;
    - **cost**: a gradient takes no longer than six runs of the loss, or a twentieth of a second.
      Both take turns, and medians are compared; on a busy machine the best of three attempts
      counts;
    - **fall**: quasi-Newton descent (BFGS) by the gradient takes the loss to a tenth or less;
    - **rule**: `check_grads` has nothing against the rule at the inputs given, whatever gradient
      arrives from further on.

    The loss runs some two hundred times, in eager mode; what it prints is not shown. A line that
    takes more than a minute of computing does not pass.

    Args:
        loss: a function of the parameters that returns a tensor with a single floating-point
            element, zero or more, and the same one for the same parameters.
        start: the parameters to start from: a tensor, a float, a NumPy array, or a tuple, list or
            dict of these, as `grad` takes them.
        rule: a Cell with a ``bprop``, such as the loss may use.
        *inputs: what the rule is called with.

    Returns:
        What was found, which is true if every line passed; ``remedies`` has the texts. A notebook
        does not display it. Where ``...`` stands for the loss, the start or the rule, it prints
        that the project is not answered yet.

    Raises:
        GradientError: the loss at the start is not a finite scalar or takes longer than ten
            seconds, or an argument is not as described. What the loss raises at the start comes
            through.
    """
    if any(given is ... for given in (loss, start, rule)):
        report = ProjectReport({})
    else:
        project = _Project(loss, start, rule, inputs)
        report = ProjectReport({name: project.remedy(name) for name in _NAMES})
    print(report)
    return report


class _Project:
    """A loss and a start that can be differentiated, and the checks of a project."""

    def __init__(self, loss: Any, start: Any, rule: Any, inputs: tuple[Any, ...]) -> None:
        if current_record() is not None or is_recorded_by_mindspore():
            raise GradientError(
                "check_project was called inside a function that is being differentiated. Call it "
                "outside, on that function."
            )
        require_function(loss, "check_project")
        _require_rule(rule, inputs)
        self._loss = loss
        self._start = as_inputs(start, "The start")
        self._rule = rule
        self._inputs = inputs
        given = tensors(self._start)
        self._at = [np.array(leaf.astype(ms.float64).asnumpy()) for leaf in given]
        self._scales = [np.where(at == 0, 0.01, 0.1 * np.abs(at)) for at in self._at]
        is_wide = all(leaf.dtype == ms.float64 for leaf in given)
        self._zero = ms.Tensor(0.0, ms.float64 if is_wide else ms.float32)
        self._random = np.random.default_rng(0)
        self._first = self._first_value()

    def remedy(self, name: Literal["gradient", "cost", "fall", "rule"] | str) -> str:
        """Return what to do about one line of the table, or nothing if it passes."""
        try:
            with silence(), eager_mode(), time_limit(SECONDS):
                getattr(self, name)()
        except _Fault as fault:
            key, details = fault.key, fault.details
        except TimeUp:
            key, details = "slow", {}
        except GradientError as error:
            key, details = "raises", {"found": str(error)}
        except (Exception, SystemExit) as error:
            key, details = "raises", {"found": described_error(error)}
        else:
            return ""
        limits = {"POINTS": POINTS, "MOST_RUNS": MOST_RUNS, "SECONDS": SECONDS}
        text = worded(_REMEDIES[key]).format(**limits, **details)
        return "\n".join(f"  {line}".rstrip() for line in text.splitlines())

    def gradient(self) -> None:
        for number in range(1, POINTS + 1):
            point = self._start if number == 1 else self._random_point()
            try:
                check_grads(self._along(self._random_step(), point), self._zero)
            except GradientError as error:
                raise _Fault(
                    "disagrees", number=number, found=self._explained(point, error)
                ) from None

    def cost(self) -> None:
        gradient = grad(self._loss)
        costs = []
        for _ in range(3):
            runs, gradients = [], []
            for _ in range(_ROUNDS):
                runs.append(_seconds(self._loss, self._start))
                gradients.append(_seconds(gradient, self._start))
            costs.append(median(gradients) / median(runs))
            if costs[-1] <= MOST_RUNS or median(gradients) <= CHEAP:
                return
        raise _Fault("dear", cost=min(costs))

    def fall(self) -> None:
        if self._first < 0:
            raise _Fault("negative", last=self._first)
        last = self._descended()
        if last < 0:
            raise _Fault("negative", last=last)
        if last > self._first / FALL:
            raise _Fault("stuck", first=self._first, last=last)

    def rule(self) -> None:
        if self._rule is None:
            raise _Fault("no rule")

        weights: list[ms.Tensor] = []

        def weighted(*inputs: Any) -> Any:
            out = self._rule(*inputs)
            require_tensors(out)
            if not weights:
                weights.extend(_weights(out))
            return sum((part * w).sum() for part, w in zip(leaves(out), weights, strict=True))

        weighted.__name__ = type(self._rule).__name__
        weighted.__signature__ = inspect.signature(self._rule.construct)  # type: ignore[attr-defined]
        try:
            check_grads(weighted, *self._inputs)
        except GradientError as error:
            raise _Fault("rule", found=error) from None

    def _first_value(self) -> float:
        try:
            with silence(), eager_mode(), time_limit(SECONDS_OF_ONE_RUN):
                value = float(require_scalar(self._loss(self._start)).asnumpy().item())
        except TimeUp:
            raise GradientError(
                f"The loss at the start took longer than {SECONDS_OF_ONE_RUN:.0f} seconds, and it "
                "has to run some two hundred times. Does it come to an end? If so, take fewer "
                "steps or less data while you check."
            ) from None
        if not np.isfinite(value):
            raise GradientError(
                f"The loss at the start is {value:g}. Start where it is finite, or look for a "
                "division by zero, a root or logarithm of what is negative, or steps that are too "
                "long on the way."
            )
        return value

    def _along(self, direction: list[Array], point: Any) -> Callable[[Any], Any]:
        """Return t ↦ the loss at the point moved by t times the direction."""
        given = zip(direction, tensors(point), strict=True)
        steps = [ms.Tensor(step, leaf.dtype) for step, leaf in given]

        def along(t: Any) -> Any:
            rest = iter(steps)
            return self._loss(
                _mapped_tensors(lambda leaf: leaf + t.astype(leaf.dtype) * next(rest), point)
            )

        return along

    def _moved(self, steps: list[Array]) -> Any:
        arrays = iter(at + step for at, step in zip(self._at, steps, strict=True))
        return _mapped_tensors(lambda leaf: ms.Tensor(next(arrays), leaf.dtype), self._start)

    def _random_step(self) -> list[Array]:
        return [scale * self._random.uniform(-1, 1, scale.shape) for scale in self._scales]

    def _random_point(self) -> Any:
        """Return parameters around the start, and closer to it where there is no finite loss."""
        steps = self._random_step()
        for _ in range(POINTS):
            point = self._moved(steps)
            if np.isfinite(self._value(point)):
                break
            steps = [step / 4 for step in steps]
        return point

    def _value(self, point: Any) -> float:
        """Return the loss; NaN where the parameters make it fail."""
        try:
            return float(self._loss(point).asnumpy().item())
        except Exception:  # outside of the domain
            forget_failures()
            return np.nan

    def _explained(self, point: Any, error: GradientError) -> GradientError:
        """Return what is wrong by each parameter; the error given where that finds nothing."""
        try:
            check_grads(self._loss, point)
        except GradientError as by_parameters:
            return by_parameters
        return error

    def _descended(self) -> float:
        """Return the loss after descent by BFGS, or as soon as it has fallen far enough.

        A step into where the loss is not finite is halved like one that is too long, which SciPy's
        line searches do not survive.
        """
        scale = np.concatenate([part.ravel() for part in self._scales])

        def point(u: Array) -> Any:
            parts = np.split(u * scale, np.cumsum([at.size for at in self._at])[:-1])
            return self._moved(
                [part.reshape(at.shape) for part, at in zip(parts, self._at, strict=True)]
            )

        def slopes(u: Array) -> Array:
            found = grad(self._loss)(point(u))
            return scale * np.concatenate(
                [leaf.astype(ms.float64).asnumpy().ravel() for leaf in tensors(found)]
            )

        u, value = np.zeros(scale.size), self._first
        g, inverse = slopes(u), np.eye(scale.size)
        if not g.any():
            raise _Fault("flat")
        for _ in range(_STEPS):
            if value <= self._first / FALL or not g.any():
                break
            step = -inverse @ g
            step *= min(1.0, 5 / float(np.linalg.norm(step)))
            while not (new := self._value(point(u + step))) <= value + 1e-4 * (g @ step):
                step /= 2
                if np.linalg.norm(step) < 1e-9:
                    return value
            u, value = u + step, new
            before, g = g, slopes(u)
            y = g - before
            if (curvature := step @ y) > 0:
                change = np.eye(u.size) - np.outer(step, y) / curvature
                inverse = change @ inverse @ change.T + np.outer(step, step) / curvature
        return value


def _require_rule(rule: Any, inputs: tuple[Any, ...]) -> None:
    if rule is None:
        return
    if isinstance(rule, type):
        raise GradientError(
            f"The rule is the class {rule.__name__}. Make a Cell of it: {rule.__name__}()."
        )
    if not isinstance(rule, nn.Cell) or not rule.has_bprop:
        raise GradientError(
            f"The rule is {described(rule)} without a backward rule. Pass a Cell with a method "
            "bprop: check_project(loss, start, MyRule(), x)."
        )
    if not inputs:
        raise GradientError(
            f"{type(rule).__name__} was given without inputs to check it at. Pass them after it: "
            "check_project(loss, start, MyRule(), x)."
        )


def _weights(out: Any) -> list[ms.Tensor]:
    """Return weights for what a rule computed: not all 1, since the rule has to use its dout."""
    random = np.random.default_rng(0)
    return [ms.Tensor(random.uniform(0.5, 2, part.shape), part.dtype) for part in leaves(out)]


def _mapped_tensors(function: Callable[[Any], Any], tree: Any) -> Any:
    return mapped(lambda leaf: function(leaf) if isinstance(leaf, ms.Tensor) else leaf, tree)


def _seconds(fn: Callable[[Any], Any], point: Any) -> float:
    began = perf_counter()
    for leaf in tensors(fn(point)):
        leaf.asnumpy()
    return perf_counter() - began
