"""The exercises of chapter 9, Differentiating a simulation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd.course.answers.checkers import (
    Array,
    Box,
    Function,
    as_function,
    as_numbers,
    same_array,
    same_function,
    same_number,
    same_outcomes,
    without,
)
from d2l_autograd.course.answers.exercise import Exercise, Wrong, described
from d2l_autograd.course.answers.names import DERIVATIVES
from d2l_autograd.derivatives.detach import detach
from d2l_autograd.derivatives.gradient import grad
from d2l_autograd.derivatives.matrices import jacobian
from d2l_autograd.derivatives.products import jvp
from d2l_autograd.errors import GradientError

_STEP = 0.05


def _landing(speed: float, drag: float = 0.02) -> float:
    """Return where a ball lands that is thrown at 45°, as the chapter simulates it."""
    p, v = np.zeros(2), speed * np.array([1.0, 1.0]) / 2**0.5
    while True:
        new = v + _STEP * (np.array([0.0, -10.0]) - drag * np.linalg.norm(v) * v)
        before, p, v = p, p + _STEP / 2 * (v + new), new
        if p[1] < 0:
            return float(before[0] + before[1] / (before[1] - p[1]) * (p[0] - before[0]))


def _speed_for(target: float) -> float:
    low, high = 5.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _landing(middle) < target else (low, middle)
    return low


_AIM = Exercise(
    same_number(
        _speed_for(30.0),
        tolerance=4e-4,
        traps={
            "no_air": 300**0.5,
            "other_target": _speed_for(25.0),
            "lands": 30.0,
            "landing": _landing(30.0),
        },
    ),
    {
        "no_air": {
            "en": "This speed is enough without air. Here the air takes some of it away.",
            "zh": "没有空气时，这个速度就够了。这里空气会消耗掉一部分。",
        },
        "other_target": {
            "en": "This lands at 25 metres, as in the chapter.",
            "zh": "这样落在 25 米处，和正文一样。",
        },
        "lands": {
            "en": "This is the place where the ball should land. At which speed does it?",
            "zh": "这是球应当落到的地方。题目问的是用多大的速度。",
        },
        "landing": {
            "en": "This is where a ball thrown at 30 metres a second lands. Asked is the other way "
            "round.",
            "zh": "这是以每秒 30 米抛出时的落点。题目问的正好相反。",
        },
        "number": {
            "en": "Not this speed: put it into landing, and see on which side of 30 it ends.",
            "zh": "不是这个速度：把它代入 landing，看落点在 30 的哪一边。",
        },
    },
)

_CONTACT = Exercise(
    without(
        DERIVATIVES,
        same_function(
            lambda h, e: (1 + 2 * e) / (2 * ops.sqrt(5 * h)),
            Box(0.5, 5),
            Box(0.3, 0.95),
            orders=(0,),
            traps={
                "first": lambda h, e: 1 / (2 * ops.sqrt(5 * h)) + 0 * e,
                "once": lambda h, e: (1 + e) / (2 * ops.sqrt(5 * h)),
                "value": lambda h, e: (1 + 2 * e) * ops.sqrt(h / 5),
                "third": lambda h, e: (1 + 2 * e + 2 * e * e) / (2 * ops.sqrt(5 * h)),
                "undivided": lambda h, e: (1 + 2 * e) / ops.sqrt(5 * h),
                "between": lambda h, e: 2 * e / (2 * ops.sqrt(5 * h)),
                "swapped": lambda e, h: (1 + 2 * e) / (2 * ops.sqrt(5 * h)),
            },
        ),
    ),
    {
        "first": {
            "en": "Right for the first contact. Afterwards the ball goes up once more.",
            "zh": "第一次着地是对的。之后球还要再弹起一次。",
        },
        "once": {
            "en": "After the bounce the ball goes up and comes down again.",
            "zh": "反弹之后，球先上升，还要再落下来。",
        },
        "value": {
            "en": "This is the time itself. Its derivative with respect to h is asked for.",
            "zh": "这是时刻本身。题目要的是它对 h 的导数。",
        },
        "third": {
            "en": "This is for the third contact. One bounce too many.",
            "zh": "这是第三次着地的。多算了一次反弹。",
        },
        "undivided": {
            "en": "Twice too large: what is the derivative of a root?",
            "zh": "大了一倍：平方根的导数是什么？",
        },
        "between": {
            "en": "This is for the time between the two contacts. The fall comes before it.",
            "zh": "这是两次着地之间的时间。之前还有下落的时间。",
        },
        "swapped": {
            "en": "The two inputs are swapped: first h, then e.",
            "zh": "两个输入反了：先 h，后 e。",
        },
        "forbidden": {
            "en": "Right, and worked out by the machine. Now as a formula.",
            "zh": "结果是对的，不过是机器求的。请写成公式。",
        },
    },
)

# How long the pieces between checkpoints are, and how many states are kept.
_PIECES = Exercise(
    same_array(
        [100, 200],
        traps={
            "swapped": [200, 100],
            "starts": [100, 100],
            "all": [1, 10_001],
            "half": [5_000, 5_002],
            "plain": [10_000, 10_001],
        },
    ),
    {
        "swapped": {
            "en": "The right two numbers in the wrong order.",
            "zh": "两个数对了，次序反了。",
        },
        "starts": {
            "en": "k is right. The sum has two parts.",
            "zh": "k 对了。和里有两部分。",
        },
        "all": {
            "en": "With pieces of one step, every state is the start of a piece, and is kept.",
            "zh": "一步一段时，每个状态都是一段的起点，都要保存。",
        },
        "half": {
            "en": "Two pieces are a beginning. The sum falls further with more of them.",
            "zh": "分成两段只是开始。段数再多些，和还会减小。",
        },
        "plain": {
            "en": "With a single piece all its steps are kept, as without checkpoints.",
            "zh": "只有一段时，它的每一步都要保存，和没有检查点一样。",
        },
    },
)


class _Counted:
    """A step that writes down at which states it has been run."""

    def __init__(self) -> None:
        self.states: list[Array] = []

    def __call__(self, x: Any) -> Any:
        self.states.append(detach(x).asnumpy())
        return x + 0.1 * ops.sin(2 * x) - 0.05 * x.sum()


def _repeated(step: Function, x: Any, times: int) -> Any:
    for _ in range(times):
        x = step(x)
    return x


def _check_checkpointed(answer: Any) -> str | None:
    fn = as_function(answer)
    faults = (_fault(fn, pieces, count) for pieces, count in ((4, 5), (3, 2)))
    return next(filter(None, faults), None)


def _fault(fn: Function, pieces: int, count: int) -> str | None:
    """Return what is wrong with checkpoints in the given pieces."""
    weights = ms.Tensor(np.array([1.0, -2.0, 0.5]))
    x = ms.Tensor(np.array([0.3, -0.4, 1.1]))
    forward, both, total = _Counted(), _Counted(), pieces * count

    def weighted(x: Any) -> Any:
        return (fn(both, x, pieces, count) * weights).sum()

    def in_full(x: Any) -> Any:
        return (_repeated(_Counted(), x, total) * weights).sum()

    value = as_numbers(
        fn(forward, x, pieces, count), refusal="returns_no_numbers", nothing="returns_nothing"
    )
    expected = _repeated(_Counted(), x, total).asnumpy()
    if value.shape != expected.shape:
        return "returns_shape"
    if not np.allclose(value, expected, rtol=1e-6, atol=1e-8):
        return "values"
    if not np.allclose(_slopes(weighted, x), _slopes(in_full, x), rtol=1e-5, atol=1e-8):
        return "derivative"
    if len(forward.states) > total or len(both.states) > 2 * total:
        return "too_often"
    if len(both.states) == total:
        return "plain"
    return "whole" if np.array_equal(both.states[total], x.asnumpy()) else None


def _slopes(fn: Callable[[Any], Any], x: Any) -> Array:
    try:
        return as_numbers(grad(fn)(x))
    except GradientError as error:
        raise Wrong("not_differentiable", error=described(error)) from None


_CHECKPOINTED = Exercise(
    _check_checkpointed,
    {
        "plain": {
            "en": "Value and gradient are right, but no step is run a second time: everything is "
            "still recorded.",
            "zh": "函数值和梯度都对，但没有哪一步运行了第二遍：一切仍然被记录着。",
        },
        "whole": {
            "en": "Value and gradient are right, but all steps are run again at once, and then all "
            "of them are on record. Go back piece by piece.",
            "zh": "函数值和梯度都对，但所有的步是一口气重新运行的，于是又全都记录着。"
            "请一段一段地往回走。",
        },
        "too_often": {
            "en": "Value and gradient are right, but some step runs three times or more. Each "
            "piece can start from where it began the first time.",
            "zh": "函数值和梯度都对，但有的步运行了三遍以上。每一段可以从它当初的起点开始。",
        },
        "values": {
            "en": "Not these values: the step is to be applied pieces · count times in all.",
            "zh": "函数值不对：step 一共要施行 pieces · count 次。",
        },
        "derivative": {
            "en": "The values are right, the gradient is not. What arrives at the end of a piece "
            "has to be pulled back through all its steps.",
            "zh": "函数值对了，梯度不对。传到一段末尾的梯度，要穿过这一段的每一步往回拉。",
        },
        "returns_shape": {
            "en": "The last state is asked for, of the shape of x.",
            "zh": "要的是最后的状态，形状与 x 相同。",
        },
    },
)


def _turning(x: Any) -> Any:
    return ops.stack([x[0] + 0.3 * x[1], x[1] - 0.3 * ops.sin(x[0]), x[2] * 0.9 + x[0] * x[1]])


def _growing(x: Any) -> Any:
    return x + 0.2 * x * (1 - x)


def _carried(
    step: Function, x: Any, s: Any, count: int, *, late: bool = False, turned: bool = False
) -> Array:
    s = s.asnumpy()
    for _ in range(count):
        before, x = x, step(x)
        J = jacobian(step)(x if late else before).asnumpy()
        s = J.T @ s if turned else J @ s
    return np.stack([x.asnumpy(), s])


def _renewed(step: Function, x: Any, s: Any, count: int) -> Array:
    found = np.stack([x.asnumpy(), s.asnumpy()])
    for _ in range(count):
        found[1] = jvp(step)(x, s).asnumpy()
        x = step(x)
    found[0] = x.asnumpy()
    return found


_CARRIED = Exercise(
    same_outcomes(
        _carried,
        [
            (_turning, ms.Tensor(np.array([0.5, 1.0, -0.3])), ms.Tensor(np.array([1.0, 0, 0])), 4),
            (_growing, ms.Tensor(np.array([0.2, 0.7])), ms.Tensor(np.array([0.5, -1.0])), 3),
        ],
        traps={
            "late": lambda *args: _carried(*args, late=True),
            "turned": lambda *args: _carried(*args, turned=True),
            "renewed": _renewed,
            "swapped": lambda *args: _carried(*args)[::-1],
            "frozen": lambda step, x, s, count: np.stack(
                [_repeated(step, x, count).asnumpy(), s.asnumpy()]
            ),
            "one": lambda step, x, s, count: _carried(step, x, s, 1),
        },
    ),
    {
        "late": {
            "en": "The states are right. s is taken through the step at the new state; the step "
            "began at the old one.",
            "zh": "状态对了。s 是在新状态处穿过这一步的，而这一步是从旧状态开始的。",
        },
        "turned": {
            "en": "The states are right. s went through the transposed matrix, which is the way "
            "back.",
            "zh": "状态对了。s 乘的是转置矩阵，那是往回走的方向。",
        },
        "renewed": {
            "en": "The states are right. s starts afresh at every step; it should go on from what "
            "the last one made of it.",
            "zh": "状态对了。s 每一步都从头开始；它应当接着上一步的结果继续。",
        },
        "swapped": {
            "en": "Both are right, in the wrong order.",
            "zh": "两个都对，次序反了。",
        },
        "frozen": {
            "en": "The states are right, and s is still what it was.",
            "zh": "状态对了，而 s 还是原来的 s。",
        },
        "one": {
            "en": "Right after one step. There are count of them.",
            "zh": "走一步是对的。一共要走 count 步。",
        },
        "returns_shape": {
            "en": "Two things are asked for, both of the shape of x: the state and its derivative.",
            "zh": "要返回两样东西，形状都与 x 相同：状态和它的导数。",
        },
    },
)

EXERCISES = {
    "09.1": _AIM,
    "09.2": _CONTACT,
    "09.3": _PIECES,
    "09.4": _CHECKPOINTED,
    "09.5": _CARRIED,
}
