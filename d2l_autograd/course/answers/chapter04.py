"""The exercises of chapter 4, Vectors and matrices."""

from __future__ import annotations

from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd.course.answers.checkers import (
    Function,
    as_function,
    as_numbers,
    same_array,
    same_function,
    same_results,
    without,
)
from d2l_autograd.course.answers.exercise import Exercise
from d2l_autograd.course.answers.names import DERIVATIVES, uses

_random = np.random.default_rng(4)
_AUTOMATIC = {
    "forbidden": {
        "en": "Right, and worked out by the machine. Now with matrices alone.",
        "zh": "结果是对的，不过是机器求的。请只用矩阵运算写出来。",
    },
}


def _normal(*shape: int) -> Any:
    return _random.normal(size=shape)


def _affine(W: Any, x: Any, c: Any, g: Any) -> Any:
    return g[:, None] * x, W.T @ g, g


# The backward rule of W x + c.
_AFFINE = Exercise(
    without(
        DERIVATIVES,
        same_results(
            _affine,
            names=("W", "x", "c"),
            points=[
                (_normal(m, n), _normal(n), _normal(m), _normal(m)) for m, n in ((3, 4), (5, 2))
            ],
            traps={
                "transposed": lambda W, x, c, g: (x[:, None] * g, W.T @ g, g),
                "value": lambda W, x, c, g: (g[:, None] * x, W.T @ g, c),
                "no_g": lambda W, x, c, g: (g[:, None] * x, W.T @ g, ops.ones_like(g)),
            },
        ),
    ),
    {
        "transposed": {
            "en": "The numbers at W are there, transposed: its gradient has the shape of W.",
            "zh": "W 处的数都有了，只是转置了：梯度的形状应与 W 相同。",
        },
        "value": {
            "en": "W and x are right. What arrives at c is a gradient, not a value.",
            "zh": "W 和 x 对了。传到 c 的是梯度，不是 c 的值。",
        },
        "no_g": {
            "en": "W and x are right. The local derivative at c is 1; times what arrives?",
            "zh": "W 和 x 对了。c 处的局部导数是 1，还要乘以传来的什么？",
        },
        **_AUTOMATIC,
    },
)


def _probabilities(scores: Any) -> Any:
    return ops.softmax(scores, -1)


def _truth(scores: Any, labels: Any) -> Any:
    return ms.Tensor(np.eye(scores.shape[1])[labels.asnumpy()])


def _scores_gradient(scores: Any, labels: Any) -> Any:
    return (_probabilities(scores) - _truth(scores, labels)) / len(labels)


# The gradient of the mean cross-entropy by the scores.
_SCORES = Exercise(
    without(
        DERIVATIVES,
        same_function(
            _scores_gradient,
            orders=(0,),
            points=[
                (_normal(4, 3), np.array([0, 2, 1, 1])),
                (_normal(2, 5), np.array([4, 0])),
                (np.array([[800.0, 0.0], [0.0, 1.0]]), np.array([1, 1])),
            ],
            traps={
                "sum": lambda s, t: _probabilities(s) - _truth(s, t),
                "sign": lambda s, t: (_truth(s, t) - _probabilities(s)) / len(t),
                "probabilities": lambda s, t: _probabilities(s),
                "by_classes": lambda s, t: (_probabilities(s) - _truth(s, t)) / s.shape[1],
                "by_entries": lambda s, t: (_probabilities(s) - _truth(s, t)) / s.size,
                "axis": lambda s, t: (ops.softmax(s, 0) - _truth(s, t)) / len(t),
                "no_truth": lambda s, t: _probabilities(s) / len(t),
            },
        ),
    ),
    {
        "sum": {
            "en": "This is the gradient of the sum of the losses. The exercise asks for the mean.",
            "zh": "这是损失之和的梯度。题目要的是平均损失的梯度。",
        },
        "sign": {
            "en": "One sign is wrong: the loss falls when the score of the right class grows.",
            "zh": "符号反了：正确类别的得分增大时，损失减小。",
        },
        "probabilities": {
            "en": "These are the probabilities. How far are they from the truth?",
            "zh": "这是概率。它们与真值相差多少？",
        },
        "by_classes": {
            "en": "Nearly: the mean is over the samples, not over the classes.",
            "zh": "差一点：平均是对样本取的，不是对类别取的。",
        },
        "by_entries": {
            "en": "Nearly: the mean is over the samples, not over all entries.",
            "zh": "差一点：平均是对样本取的，不是对所有元素取的。",
        },
        "axis": {
            "en": "Each row is one sample. Along which axis do its probabilities add up to 1?",
            "zh": "每一行是一个样本。它的概率沿哪个轴相加等于 1？",
        },
        "no_truth": {
            "en": "These are the probabilities, divided by the samples. How far are they from the "
            "truth?",
            "zh": "这是概率除以样本数。概率与真值相差多少？",
        },
        "values": {
            "en": "Not these numbers yet. If they are right for small scores, try a score of 800: "
            "does your function stay finite?",
            "zh": "数还不对。如果得分小的时候是对的，请用得分 800 试试：结果还是有限的数吗？",
        },
        **_AUTOMATIC,
    },
)

_WHOLE = frozenset({"jacobian", "jacrev", "jacfwd", "hessian", "grad", "per_sample_grad"})


def _rank_one(seed: int, n: int, m: int) -> tuple[Function, Any, Any]:
    """Return a function whose Jacobian has rank 1, a point, and the Jacobian there."""
    rng = np.random.default_rng(seed)
    column, row, x = (rng.uniform(0.5, 2, size) for size in (m, n, n))
    outer, inner = ms.Tensor(column), ms.Tensor(row)

    def fn(x: Any) -> Any:
        return outer * ops.tanh((inner * x).sum() / n)

    slope = 1 - np.tanh(row @ x / n) ** 2
    return fn, ms.Tensor(x), np.outer(column, row) * slope / n


def _check_rank_one(answer: Any) -> str | None:
    given = as_function(answer)
    for fn, x, jacobian in (_rank_one(1, 3, 4), _rank_one(2, 5, 2)):
        found = as_numbers(given(fn, x), refusal="returns_no_numbers", nothing="returns_nothing")
        right = {
            "transposed": jacobian.T,
            "undivided": jacobian * jacobian.sum(),
            "column": jacobian.sum(axis=1),
            "row": jacobian.sum(axis=0),
        }
        if found.shape == jacobian.shape and np.allclose(found, jacobian, rtol=1e-4):
            continue
        for key, trap in right.items():
            if found.shape == trap.shape and np.allclose(found, trap, rtol=1e-4):
                return key
        return "values" if found.shape == jacobian.shape else "returns_shape"
    return "forbidden" if uses(answer, _WHOLE) else None


_RANK_ONE = Exercise(
    _check_rank_one,
    {
        "transposed": {
            "en": "The numbers are right, transposed: row i belongs to output i.",
            "zh": "数对了，只是转置了：第 i 行属于第 i 个输出。",
        },
        "undivided": {
            "en": "The direction of every row is right, and all are too large by the same factor. "
            "Which number did both products pick up?",
            "zh": "每一行的方向都对了，但都大了同样的倍数。两个乘积里都多了哪个数？",
        },
        "column": {
            "en": "This is the one product. The other one gives the rows their direction.",
            "zh": "这是其中一个乘积。各行的方向要由另一个给出。",
        },
        "row": {
            "en": "This is the one product. The other one says how large each row is.",
            "zh": "这是其中一个乘积。各行的大小要由另一个给出。",
        },
        "returns_shape": {
            "en": "A Jacobian has one row for each output and one column for each input.",
            "zh": "雅可比矩阵每个输出占一行，每个输入占一列。",
        },
        "forbidden": {
            "en": "Right, but with a whole Jacobian. One product of each kind is enough.",
            "zh": "结果是对的，但求了整个雅可比矩阵。两种乘积各用一次就够了。",
        },
    },
)

# The multiplications of (AB)C and A(BC) for 10 × 1000, 1000 × 1000 and 1000 × 5.
_BRACKETS = Exercise(
    same_array(
        [10_050_000, 5_050_000],
        traps={
            "swapped": [5_050_000, 10_050_000],
            "first_only": [10_000_000, 5_000_000],
            "sizes": [20_000, 10_000],
        },
    ),
    {
        "swapped": {
            "en": "The right two numbers in the wrong order.",
            "zh": "两个数对了，次序反了。",
        },
        "first_only": {
            "en": "The first product of each is right. What is left to multiply afterwards?",
            "zh": "各自的第一次乘法对了。之后还剩下什么要乘？",
        },
        "sizes": {
            "en": "These are sizes of matrices. Each entry of a product takes as many "
            "multiplications as the row it comes from is long.",
            "zh": "这是矩阵的元素个数。乘积的每个元素，要做的乘法次数等于所用的那一行的长度。",
        },
    },
)

# The gradient of ½ xᵀAx − bᵀx.
_BOWL = Exercise(
    without(
        DERIVATIVES,
        same_function(
            lambda A, b, x: (A + A.T) @ x / 2 - b,
            orders=(0,),
            points=[(_normal(n, n), _normal(n), _normal(n)) for n in (3, 3, 5)],
            traps={
                "symmetric": lambda A, b, x: A @ x - b,
                "other_side": lambda A, b, x: A.T @ x - b,
                "no_half": lambda A, b, x: (A + A.T) @ x - b,
                "sign": lambda A, b, x: (A + A.T) @ x / 2 + b,
                "no_b": lambda A, b, x: (A + A.T) @ x / 2,
            },
        ),
    ),
    {
        "symmetric": {
            "en": "Right for a symmetric A. x stands on both sides of A; you have followed one.",
            "zh": "A 对称时是对的。x 在 A 的两边各出现一次，你只算了一边。",
        },
        "other_side": {
            "en": "Right for a symmetric A. x stands on both sides of A; you have followed one.",
            "zh": "A 对称时是对的。x 在 A 的两边各出现一次，你只算了一边。",
        },
        "no_half": {
            "en": "Nearly: what became of the ½?",
            "zh": "差一点：那个 ½ 到哪里去了？",
        },
        "sign": {
            "en": "One sign is wrong.",
            "zh": "有一个符号错了。",
        },
        "no_b": {
            "en": "The part with A is right. The rest of q depends on x, too.",
            "zh": "含 A 的部分对了。q 的其余部分也依赖于 x。",
        },
        **_AUTOMATIC,
    },
)

EXERCISES = {
    "04.1": _AFFINE,
    "04.2": _SCORES,
    "04.3": _RANK_ONE,
    "04.4": _BRACKETS,
    "04.5": _BOWL,
}
