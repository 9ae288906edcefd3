"""The exercises of chapter 5, Learning."""

from __future__ import annotations

from typing import Any

import mindspore as ms
import numpy as np

from d2l_autograd.course.answers.checkers import (
    Check,
    as_function,
    as_numbers,
    same_array,
    same_results,
)
from d2l_autograd.course.answers.exercise import Exercise

_GRADIENTS = np.array([[2.0, -0.3, 0.01], [1.5, 0.4, -0.02], [-0.5, 0.2, 0.03]])
_START = np.array([1.0, -2.0, 0.5])


def _momentum(w: Any, v: Any, gradient: Any, *, of_new: float = 1.0, sign: float = -1.0) -> Any:
    v = 0.9 * v + of_new * gradient
    return w + sign * 0.1 * v, v


def _old_velocity(w: Any, v: Any, gradient: Any) -> Any:
    return w - 0.1 * v, 0.9 * v + gradient


def _rate_inside(w: Any, v: Any, gradient: Any) -> Any:
    v = 0.9 * v + 0.1 * gradient
    return w - v, v


def _adam(
    w: Any,
    m: Any,
    s: Any,
    gradient: Any,
    t: Any,
    *,
    corrected: bool = True,
    root: bool = True,
    later: int = 0,
) -> Any:
    m = 0.9 * m + 0.1 * gradient
    s = 0.999 * s + 0.001 * gradient**2
    mean, square = m, s
    if corrected:
        mean, square = m / (1 - 0.9 ** (t + later)), s / (1 - 0.999 ** (t + later))
    return w - 0.1 * mean / ((square**0.5 if root else square) + 1e-8), m, s


def _adam_with_betas_swapped(w: Any, m: Any, s: Any, gradient: Any, t: Any) -> Any:
    m, s = 0.999 * m + 0.001 * gradient, 0.9 * s + 0.1 * gradient**2
    mean, square = m / (1 - 0.999**t), s / (1 - 0.9**t)
    return w - 0.1 * mean / (square**0.5 + 1e-8), m, s


def _adam_keeps_corrected(w: Any, m: Any, s: Any, gradient: Any, t: Any) -> Any:
    w, m, s = _adam(w, m, s, gradient, t)
    return w, m / (1 - 0.9**t), s / (1 - 0.999**t)


def _adam_uphill(w: Any, m: Any, s: Any, gradient: Any, t: Any) -> Any:
    stepped, m, s = _adam(w, m, s, gradient, t)
    return 2 * w - stepped, m, s


def _adam_without_square(w: Any, m: Any, s: Any, gradient: Any, t: Any) -> Any:
    s = 0.999 * s + 0.001 * abs(gradient)
    m = 0.9 * m + 0.1 * gradient
    mean, square = m / (1 - 0.9**t), s / (1 - 0.999**t)
    return w - 0.1 * mean / (square**0.5 + 1e-8), m, s


# Three steps of momentum and of Adam, each from where the right one would be.
def _points(step: Any, state: int, *, counted: bool) -> list[Any]:
    points, values = [], [_START, *(np.zeros(3) for _ in range(state))]
    for t, gradient in enumerate(_GRADIENTS, 1):
        points.append((*values, gradient, *([np.array(float(t))] if counted else [])))
        values = list(step(*values, gradient, *([t] if counted else [])))
    return points


_MOMENTUM = Exercise(
    same_results(
        _momentum,
        names=("w", "v"),
        points=_points(_momentum, 1, counted=False),
        traps={
            "uphill": lambda w, v, g: _momentum(w, v, g, sign=1.0),
            "average": lambda w, v, g: _momentum(w, v, g, of_new=0.1),
            "old_velocity": _old_velocity,
            "rate_inside": _rate_inside,
            "plain": lambda w, v, g: (w - 0.1 * g, 0.9 * v + g),
            "displacement": lambda w, v, g: (w + 0.9 * v - 0.1 * g, 0.9 * v - 0.1 * g),
            "memoryless": lambda w, v, g: (w - 0.1 * g, v),
            "swapped": lambda w, v, g: _momentum(w, v, g)[::-1],
        },
    ),
    {
        "uphill": {
            "en": "One sign is wrong: these steps climb.",
            "zh": "有一个符号错了：这样走是往上爬。",
        },
        "average": {
            "en": "This averages the gradients. The velocity of the chapter adds the whole "
            "gradient to what is left of the old velocity.",
            "zh": "这是对梯度取平均。本章的速度是在旧速度剩下的部分上加整个梯度。",
        },
        "old_velocity": {
            "en": "The velocity is right, but the step is taken with the old one.",
            "zh": "速度对了，但迈步时用的是旧的速度。",
        },
        "rate_inside": {
            "en": "The step is right, the velocity is not the chapter's: the rate belongs to the "
            "step.",
            "zh": "步子对了，但速度与本章的不同：学习率应当乘在迈步的时候。",
        },
        "displacement": {
            "en": "This velocity is a step downhill. The chapter's adds up gradients; the rate and "
            "the minus sign belong to the step.",
            "zh": "这里的速度已经是下坡的一步。本章的速度累加的是梯度，学习率和负号"
            "都放在迈步的时候。",
        },
        "memoryless": {
            "en": "The velocity stays what it was: nothing is ever added up in it.",
            "zh": "速度一直没有变：什么也没有累积进去。",
        },
        "plain": {
            "en": "The velocity is right, but the step goes by the gradient alone.",
            "zh": "速度对了，但迈步时只用了梯度。",
        },
        "swapped": {
            "en": "Both are right, in the wrong order.",
            "zh": "两个都对，次序反了。",
        },
    },
)

_ADAM = Exercise(
    same_results(
        _adam,
        names=("w", "m", "s"),
        points=_points(_adam, 2, counted=True),
        traps={
            "uncorrected": lambda w, m, s, g, t: _adam(w, m, s, g, t, corrected=False),
            "rootless": lambda w, m, s, g, t: _adam(w, m, s, g, t, root=False),
            "keeps_corrected": _adam_keeps_corrected,
            "uphill": _adam_uphill,
            "unsquared": _adam_without_square,
            "swapped": _adam_with_betas_swapped,
            "counts_from_2": lambda w, m, s, g, t: _adam(w, m, s, g, t, later=1),
        },
    ),
    {
        "uncorrected": {
            "en": "m and s are right. They start from zero and are too small at first: what "
            "corrects them?",
            "zh": "m 和 s 对了。它们从零开始，起初偏小：用什么来修正？",
        },
        "rootless": {
            "en": "m and s are right. s is the mean of squares; by what of it is the step divided?",
            "zh": "m 和 s 对了。s 是平方的平均值，步子应当除以它的什么？",
        },
        "keeps_corrected": {
            "en": "w is right. Return m and s themselves: the corrected ones are for this step "
            "alone.",
            "zh": "w 对了。要返回的是 m 和 s 本身：修正后的只用于这一步。",
        },
        "uphill": {
            "en": "One sign is wrong: these steps climb.",
            "zh": "有一个符号错了：这样走是往上爬。",
        },
        "swapped": {
            "en": "m is to forget fast and s slowly: each has the other's β.",
            "zh": "m 应当忘得快，s 应当忘得慢：两个 β 用反了。",
        },
        "counts_from_2": {
            "en": "m and s are right. The first step has t = 1 already: nothing is to be added.",
            "zh": "m 和 s 对了。第一步的 t 已经是 1，不必再加。",
        },
        "unsquared": {
            "en": "s should average the squares of the gradient.",
            "zh": "s 应当是梯度平方的平均值。",
        },
    },
)

# The weights of pieces of 3 and 5 samples in a mean over 8.
_PIECES = Exercise(
    same_array(
        [3 / 8, 5 / 8],
        traps={
            "equal": [0.5, 0.5],
            "sum": [1, 1],
            "counts": [3, 5],
            "swapped": [5 / 8, 3 / 8],
            "inverse": [1 / 3, 1 / 5],
        },
    ),
    {
        "equal": {
            "en": "Right for pieces of equal size. Here a sample of the small piece would count "
            "more than one of the large piece.",
            "zh": "两块一样大时是对的。这里，小块里的样本就会比大块里的分量重。",
        },
        "sum": {
            "en": "Right if the losses were sums. They are means.",
            "zh": "如果损失是总和就对了。这里是平均值。",
        },
        "counts": {
            "en": "This gives the gradient of the sum over all samples. The exercise asks for the "
            "mean.",
            "zh": "这样得到的是全部样本损失之和的梯度。题目要的是平均值的梯度。",
        },
        "swapped": {
            "en": "The right two numbers in the wrong order.",
            "zh": "两个数对了，次序反了。",
        },
        "inverse": {
            "en": "The larger piece should weigh more, not less.",
            "zh": "大的那一块，权重应当更大，而不是更小。",
        },
    },
)


def _valley(w: Any) -> Any:
    return w[0] ** 2 + 10 * w[1] ** 2


def _bowl(w: Any) -> Any:
    return ((w - 1) ** 2).sum()


def _descended(scale: Any, start: Any, steps: int, rate: float, *, sums: bool = False) -> Any:
    w, centre = np.array(start), 0.0 if len(start) == 2 else 1.0
    total = np.zeros_like(w)
    for _ in range(steps):
        gradient = 2 * scale * (w - centre)
        total = total + gradient if sums else gradient
        w = w - rate * total
    return w


_RUNS: tuple[tuple[Any, Any, list[float], int, float], ...] = (
    (_valley, np.array([1.0, 10.0]), [3.0, 1.0], 4, 0.02),
    (_bowl, np.ones(3), [0.0, 2.0, 5.0], 3, 0.1),
)


def _check_train(answer: Any) -> str | None:
    train = as_function(answer)
    for loss, scale, start, steps, rate in _RUNS:
        found = train(loss, ms.Tensor(np.array(start)), steps, rate)
        w = as_numbers(found, refusal="returns_no_numbers", nothing="returns_nothing")
        right = _descended(scale, start, steps, rate)
        traps = {
            "still_adds": _descended(scale, start, steps, rate, sums=True),
            "one_step": _descended(scale, start, 1, rate),
            "stands": np.array(start),
        }
        if w.shape != right.shape:
            return "returns_shape"
        if np.allclose(w, right, rtol=1e-4, atol=1e-5):
            continue
        caught = (key for key, trap in traps.items() if np.allclose(w, trap, rtol=1e-4, atol=1e-5))
        return next(caught, "values")
    return None


_check: Check = _check_train
_RESET = Exercise(
    _check,
    {
        "still_adds": {
            "en": "The steps are still taken with the sum of all gradients so far.",
            "zh": "每一步用的仍然是迄今所有梯度之和。",
        },
        "one_step": {
            "en": "This is where the first step leads. The loop should go on.",
            "zh": "这是走了一步之后的位置。循环应当继续。",
        },
        "stands": {
            "en": "w has not moved from the start.",
            "zh": "w 还停在起点。",
        },
        "values": {
            "en": "It runs, and ends in another place than plain gradient descent. Take one step "
            "on paper, and compare.",
            "zh": "能运行，但终点与普通梯度下降的不同。在纸上走一步，比较一下。",
        },
    },
)

EXERCISES = {
    "05.1": _MOMENTUM,
    "05.2": _ADAM,
    "05.3": _PIECES,
    "05.4": _RESET,
}
