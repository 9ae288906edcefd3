"""The exercises of chapter 6, When gradients lie: functions to mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd.course.answers.checkers import Function, same_function
from d2l_autograd.course.answers.exercise import Exercise
from d2l_autograd.derivatives.detach import detach

_STILL = {
    "broken": {
        "en": "This is still the broken function, as far as value and gradient tell.",
        "zh": "从函数值和梯度来看，这还是那个有毛病的函数。",
    },
}


def _mend(
    mended: Function,
    broken: Function | None,  # None where d2l.grad refuses it
    points: Sequence[Any],
    hints: Mapping[str, Mapping[str, str]],
    *,
    orders: tuple[int, ...] = (0, 1),
    **slips: Function,
) -> Exercise:
    """Return the exercise to mend a function, checked at points that make it fail."""
    check = same_function(
        mended,
        orders=orders,
        traps=slips if broken is None else {"broken": broken, **slips},
        points=[(np.array(point),) for point in points],
    )
    return Exercise(check, hints if broken is None else {**_STILL, **hints})


def _length(x: Any) -> Any:
    squares = (x * x).sum()
    return ops.sqrt(squares) if squares > 0 else squares


_LENGTH = _mend(
    _length,
    lambda x: ops.sqrt((x * x).sum()),
    [[3.0, 4.0], [-0.3, 0.1, 0.2], [1e-3, 0.0], [0.0, 0.0], [0.0, 0.0, 0.0]],
    {
        "shifted": {
            "en": "Nothing is nan any more, but the length of every other vector has changed a "
            "little, too.",
            "zh": "不再有 nan 了，可是其他向量的长度也都变了一点。",
        },
        "squared": {
            "en": "This is the square of the length.",
            "zh": "这是长度的平方。",
        },
        "derivative": {
            "en": "The values are right. Ask for the gradient at a zero vector, and at (3, 4).",
            "zh": "函数值对了。看一看零向量处和 (3, 4) 处的梯度。",
        },
    },
    shifted=lambda x: ops.sqrt((x * x).sum() + 1e-4),
    squared=lambda x: (x * x).sum(),
)


def _entropy_part(x: Any) -> Any:
    safe = ops.where(x > 0, x, ops.ones_like(x))
    return (safe * ops.log(safe)).mean()


def _entropy_broken(x: Any) -> Any:
    return ops.where(x > 0, x * ops.log(x), ops.zeros_like(x)).mean()


_ENTROPY = _mend(
    _entropy_part,
    _entropy_broken,
    [[0.2, 0.3, 0.5], [1.0, 0.0], [0.0, 0.4, 0.6, 0.0], [1e-8, 1.0]],
    {
        "shifted": {
            "en": "Nothing is nan any more, but the other entries have changed a little, too, and "
            "at 0 the gradient is huge.",
            "zh": "不再有 nan 了，可是其他分量也变了一点，而且 0 处的梯度非常大。",
        },
        "sum": {
            "en": "This is the sum over the entries. The exercise asks for their mean.",
            "zh": "这是各分量之和。题目要的是平均值。",
        },
        "fewer": {
            "en": "The mean is over all entries, also over those that are 0.",
            "zh": "平均是对所有分量取的，等于 0 的也要算进去。",
        },
        "derivative": {
            "en": "The values are right. Look at the gradient where an entry is 0: what does the "
            "branch that is not taken compute there?",
            "zh": "函数值对了。看一看有分量为 0 时的梯度：没有走的分支在那里算了什么？",
        },
    },
    shifted=lambda x: (x * ops.log(x + 1e-6)).mean(),
    sum=lambda x: _entropy_part(x) * x.size,
    fewer=lambda x: _entropy_part(x) * x.size / (x > 0).sum(),
)


def _logistic_loss(s: Any) -> Any:
    return (ops.relu(-s) + ops.log1p(ops.exp(-ops.abs(s)))).sum()


_LOGISTIC = _mend(
    _logistic_loss,
    lambda s: ops.log(1 + ops.exp(-s)).sum(),
    [[0.5, -1.0, 2.0], [1000.0, 3.0], [-1000.0, -3.0], [-800.0, 900.0, 1.0]],
    {
        "other_side": {
            "en": "One sign is the wrong way round: the loss is small where the score is large.",
            "zh": "有一个符号反了：得分大时，损失应当小。",
        },
        "mean": {
            "en": "This is the mean of the losses; the exercise adds them up.",
            "zh": "这是平均损失，题目要的是总和。",
        },
        "clipped": {
            "en": "Finite everywhere, but where the scores were cut off the gradient is 0: such a "
            "sample would never be learned.",
            "zh": "处处都有限了，可是得分被截断的地方梯度成了 0，那样的样本永远学不会。",
        },
        "values": {
            "en": "Not these values yet. Try scores of 1000 and of -1000, one at a time.",
            "zh": "函数值还不对。分别用得分 1000 和 -1000 试试。",
        },
        "derivative": {
            "en": "The values are right. Now the gradient at scores of 1000 and of -1000.",
            "zh": "函数值对了。再看看得分为 1000 和 -1000 时的梯度。",
        },
    },
    other_side=lambda s: _logistic_loss(-s),
    mean=lambda s: _logistic_loss(s) / s.size,
    clipped=lambda s: ops.log(1 + ops.exp(ops.clamp(-s, -50.0, 50.0))).sum(),
)


def _energy(x: Any) -> Any:
    return ((x - 1.0) ** 2).sum() / 2


_ENERGY = _mend(
    _energy,
    None,
    [[3.0, -1.0], [0.5, 1.0, 2.5], [[1.0, 2.0], [3.0, 4.0]]],
    {
        "values": {
            "en": "The mended function has to have the values of the old one.",
            "zh": "修好的函数，函数值应当与原来的相同。",
        },
    },
)


def _wave(x: Any) -> Any:
    return (ops.exp(-(x**2)) * ops.sin(3 * x)).sum()


_WAVE = _mend(
    _wave,
    None,
    [[0.3, -0.8], [1.5, 0.1, -0.4]],
    {
        "grows": {
            "en": "One sign is wrong: the envelope falls off on both sides of 0.",
            "zh": "有一个符号错了：包络应当向 0 的两侧衰减。",
        },
        "other_factor": {
            "en": "Now the envelope has its share of the gradient, and the sine has lost its own.",
            "zh": "现在梯度里有了包络的那一份，正弦的那一份却没有了。",
        },
        "derivative": {
            "en": "The values are right, the gradient is not complete. Through which steps does it "
            "not flow?",
            "zh": "函数值对了，梯度还不完整。哪些步骤它流不过去？",
        },
    },
    grows=lambda x: (ops.exp(x**2) * ops.sin(3 * x)).sum(),
    other_factor=lambda x: (ops.exp(-(x**2)) * detach(ops.sin(3 * x))).sum(),
)


def _curvature(x: Any) -> Any:
    return ops.ones_like(x) * (6 * x.size * x.sum())


_CURVATURE = _mend(
    _curvature,
    lambda x: ms.grad(ms.grad(lambda x: x.sum() ** 3))(x),
    [[1.0, 2.0, 3.0], [0.5, -0.2], [1.0, 1.0, 1.0, 1.0]],
    {
        "first": {
            "en": "This is the gradient. The exercise asks for that of its sum.",
            "zh": "这是梯度。题目要的是它的各分量之和的梯度。",
        },
        "diagonal": {
            "en": "Each entry has its own share, but there are others: how does the gradient at "
            "one entry change when another entry moves?",
            "zh": "每个分量自己的那一份有了，还有别的：另一个分量变动时，这个分量处的梯度怎样变？",
        },
        "returns_shape": {
            "en": "One number for each entry of x is asked for.",
            "zh": "要的是 x 的每个分量对应一个数。",
        },
    },
    orders=(0,),
    first=lambda x: ops.ones_like(x) * (3 * x.sum() ** 2),
    diagonal=lambda x: ops.ones_like(x) * (6 * x.sum()),
)

EXERCISES = {
    "06.1": _LENGTH,
    "06.2": _ENTROPY,
    "06.3": _LOGISTIC,
    "06.4": _ENERGY,
    "06.5": _WAVE,
    "06.6": _CURVATURE,
}
