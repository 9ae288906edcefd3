"""The exercises of chapter 2, Automatic differentiation."""

from __future__ import annotations

from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd.course.answers.checkers import (
    Box,
    as_function,
    as_numbers,
    same_array,
    same_function,
)
from d2l_autograd.course.answers.exercise import Exercise, Wrong
from d2l_autograd.derivatives.gradient import grad

# The gradient of the sum of the gradient of 2 x·x, for four numbers.
_SECOND = Exercise(
    same_array([4, 4, 4, 4], traps={"raw": [0, 0, 0, 0], "first": [0, 4, 8, 12]}),
    {
        "raw": {
            "en": "That is what nested ms.grad says in eager mode. Can it be right? The gradient "
            "is not the same everywhere.",
            "zh": "这是动态图模式下嵌套 ms.grad 给出的结果。可能对吗？梯度并不是处处相同的。",
        },
        "first": {
            "en": "This is the gradient itself. Add its entries up, and differentiate once more.",
            "zh": "这是梯度本身。把它的各分量加起来，再求一次导。",
        },
    },
)

# The slot after two calls, and after a third one that accumulates.
_TWICE = Exercise(
    same_array(
        [[0, 4, 8, 12], [0, 8, 16, 24]],
        traps={
            "adds": [[0, 8, 16, 24], [0, 12, 24, 36]],
            "overwrites": [[0, 4, 8, 12], [0, 4, 8, 12]],
        },
    ),
    {
        "adds": {
            "en": "This is how PyTorch does it. What does d2l.backward do to an old gradient "
            "unless it is told otherwise?",
            "zh": "PyTorch 才是这样。d2l.backward 在没有特别说明时，怎样处理原有的梯度？",
        },
        "overwrites": {
            "en": "The first row is right. The third call was told to do something else with the "
            "old gradient.",
            "zh": "第一行对了。第三次调用时，对原有的梯度另有要求。",
        },
    },
)


def _largest(values: Any) -> Any:
    return values.max()


def _smallest(values: Any) -> Any:
    return values.min()


def _climbing(limit_of: Any, factor: float) -> Any:
    def climb_sum(a: Any) -> Any:
        b = a
        while limit_of(b.abs()) < 100:
            b = 3 * b
        return (b if b.sum() > 0 else factor * b).sum()

    return climb_sum


def _check_climb(answer: Any) -> str | None:
    fn = as_function(answer)
    traps = {"every": _climbing(_smallest, 2.0), "branch": _climbing(_largest, 1.0)}
    for lo, hi, shape in ((1, 60, (3,)), (-60, -1, (3,)), (-60, -1, (2, 2))):
        right = _climbing(_largest, 2.0)
        if key := same_function(right, Box(lo, hi, shape), traps=traps)(fn):
            return key
    return None


_CLIMB = Exercise(
    _check_climb,
    {
        "every": {
            "en": "Your loop goes on until every entry is large. The question lets it stop as "
            "soon as one is.",
            "zh": "你的循环要等所有分量都够大才停。题目的要求是只要有一个够大就停。",
        },
        "branch": {
            "en": "Right while the sum is positive. What happens to the result where it is not?",
            "zh": "和为正数时是对的。和不是正数时，结果还要怎样处理？",
        },
    },
)


def _check_own(answer: Any) -> str | None:
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        raise Wrong("pair")
    fn, derivative = map(as_function, answer)
    slope = grad(fn)
    for a in (2.1, 3.7, 5.3, 8.9):
        point = ms.Tensor(a, ms.float64)
        found, known = as_numbers(slope(point)), as_numbers(derivative(point))
        if known.size != 1:
            return "returns_shape"
        if not np.isclose(found, known, rtol=1e-2, atol=1e-6).all():
            return "disagree"
    return None


_OWN = Exercise(
    _check_own,
    {
        "pair": {
            "en": "Hand in two functions, yours and its derivative: [f, df].",
            "zh": "请交两个函数，你的函数和它的导函数：[f, df]。",
        },
        "disagree": {
            "en": "The two do not agree between 2 and 9. Which one would you trust? A short "
            "secant through your function tells.",
            "zh": "两者在 2 到 9 之间不一致。该相信哪一个？在你的函数上取一小段割线就知道了。",
        },
    },
)

_SINE = Exercise(
    same_function(
        lambda x: ops.cos(x),
        Box(-6, 6, (7,)),
        orders=(0,),
        traps={"itself": lambda x: ops.sin(x), "sign": lambda x: -ops.cos(x)},
    ),
    {
        "itself": {
            "en": "This is the sine. The exercise asks for its derivative at each of the points.",
            "zh": "这是正弦函数本身。题目要的是它在各点处的导数。",
        },
        "sign": {
            "en": "One sign is wrong: does the sine rise or fall at 0?",
            "zh": "符号错了：正弦函数在 0 处是上升还是下降？",
        },
    },
)

EXERCISES = {
    "02.1": _SECOND,
    "02.2": _TWICE,
    "02.3": _CLIMB,
    "02.4": _OWN,
    "02.5": _SINE,
}
