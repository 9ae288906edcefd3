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
    without,
)
from d2l_autograd.course.answers.exercise import Exercise, Wrong
from d2l_autograd.course.answers.names import DERIVATIVES, uses
from d2l_autograd.derivatives.gradient import grad
from d2l_autograd.graph_drawing.recorded import record_graph

# The gradient of the sum of the gradient of 2 x·x, for four numbers.
_SECOND = Exercise(
    same_array(
        [4, 4, 4, 4],
        traps={
            "raw": [0, 0, 0, 0],
            "first": [0, 4, 8, 12],
            "table": 4 * np.eye(4),
            "total": 16,
        },
    ),
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
        "table": {
            "en": "These are all second derivatives, the Hessian. The question is about the "
            "gradient of one number, the sum of the slopes.",
            "zh": "这是全部二阶导数，即黑塞矩阵。题目问的是一个数的梯度，这个数是各斜率之和。",
        },
        "total": {
            "en": "The sum of the answer. A gradient has one entry for each input.",
            "zh": "这是答案的各分量之和。梯度对每个输入各有一个分量。",
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
            "all_three": [[0, 4, 8, 12], [0, 12, 24, 36]],
            "one_row": [0, 8, 16, 24],
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
        "all_three": {
            "en": "The first row is right. What was in the slot just before the third call?",
            "zh": "第一行对了。第三次调用之前，x.grad 里是什么？",
        },
        "one_row": {
            "en": "Right for the third call. Hand in two rows, the second call's first.",
            "zh": "第三次调用之后的结果对了。请交两行，第二次调用之后的在前。",
        },
    },
)


def _climbing(
    *,
    magnitude: Any = lambda b: b.abs().max(),
    positive: Any = lambda b: b.sum() > 0,
    factor: float = 2.0,
    limit: Any = lambda size: size < 100,
    total: Any = lambda result: result.sum(),
) -> Any:
    def climb_sum(a: Any) -> Any:
        b = a
        while limit(magnitude(b)):
            b = 3 * b
        return total(b if positive(b) else factor * b)

    return climb_sum


_CLIMB_POINTS = (
    [1.0, -2.0, 4.0],  # mixed signs, for either sign of the sum and of the first entry
    [-1.0, 2.0, -4.0],
    [-1.0, -2.0, 40.0],
    [5.0, 1.0, -40.0],
    [3.0, 4.0, 5.0],
    [-3.0, -4.0, -5.0],
    [60.0, 60.0, 60.0],  # a length above 100 and no entry
    [-90.0, 20.0, 30.0],  # the largest magnitude is negative
    [2.0, -2.0],  # the sum is 0
    [100.0, -1.0],  # exactly large enough
    [[-1.0, 2.0], [3.0, -40.0]],
    [[50.0, 30.0], [-7.0, 1.0]],
)
_CLIMB_SLIPS = {
    "every": _climbing(magnitude=lambda b: b.abs().min()),
    "length": _climbing(magnitude=lambda b: (b * b).sum() ** 0.5),
    "branch": _climbing(factor=1.0),
    "first": _climbing(positive=lambda b: b.reshape((-1,))[0] > 0),
    "all": _climbing(positive=lambda b: (b > 0).all()),
    "any": _climbing(positive=lambda b: (b > 0).any()),
    "zero": _climbing(positive=lambda b: b.sum() >= 0),
    "at_limit": _climbing(limit=lambda size: size <= 100),
    "mean": _climbing(total=lambda result: result.mean()),
    "norm": _climbing(total=lambda result: (result * result).sum() ** 0.5),
}
_check_climb = same_function(
    _climbing(), traps=_CLIMB_SLIPS, points=[(np.array(point),) for point in _CLIMB_POINTS]
)


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
        "length": {
            "en": "Your loop stops by the length of the whole vector. The question goes by its "
            "entry of largest magnitude.",
            "zh": "你的循环看的是整个向量的长度。题目要看的是绝对值最大的那个分量。",
        },
        "first": {
            "en": "Your branch looks at the first entry. The question asks about the sum of all.",
            "zh": "你的分支看的是第一个分量。题目问的是所有分量之和。",
        },
        "all": {
            "en": "Your branch asks whether every entry is positive. With signs that differ, the "
            "sum may still be.",
            "zh": "你的分支看的是每个分量是不是都为正。各分量符号不同时，和仍然可能是正数。",
        },
        "any": {
            "en": "Your branch asks whether some entry is positive. With signs that differ, the "
            "sum may still be negative.",
            "zh": "你的分支看的是有没有分量为正。各分量符号不同时，和仍然可能是负数。",
        },
        "zero": {
            "en": "Nearly: a sum of 0 is not positive.",
            "zh": "差一点：和等于 0 时，不是正数。",
        },
        "at_limit": {
            "en": "Nearly: a magnitude of exactly 100 is large enough.",
            "zh": "差一点：绝对值恰好等于 100 时，已经够大了。",
        },
        "mean": {
            "en": "You return the mean of the entries. The question asks for their total.",
            "zh": "你返回的是各分量的平均值。题目要的是它们的总和。",
        },
        "norm": {
            "en": "You return the length of the vector. The question asks for the total of its "
            "entries.",
            "zh": "你返回的是向量的长度。题目要的是各分量的总和。",
        },
        "returns_shape": {
            "en": "The loop and the branch may be right, but the result has as many entries as "
            "the input. d2l.grad needs one number: what turns the entries into one?",
            "zh": "循环和分支也许都对了，但结果的分量与输入的一样多。d2l.grad 要的是一个数："
            "怎样把这些分量变成一个数？",
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
    if uses(derivative, DERIVATIVES):
        return "forbidden"
    return None if _loops_by_input(fn) else "no_loop"


def _loops_by_input(fn: Any) -> bool:
    """Whether the program that runs is another one at another input."""
    programs = set()
    for a in np.linspace(2.05, 8.95, 24):
        graph = record_graph(fn, ms.Tensor(a, ms.float64), gradients=False)
        programs.add(tuple(graph.nodes[node]["operator"] for node in graph))
        if len(programs) > 1:
            return True
    return False


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
        "no_loop": {
            "en": "The derivative is right, but your function does the same steps for every "
            "input. How often its loop runs should depend on the input.",
            "zh": "导数对了，但你的函数对每个输入做的都是同样的步骤。循环的次数应当随输入而变。",
        },
        "forbidden": {
            "en": "The second function asks for the derivative of the first. Take it from "
            "calculus, so that the two can check each other.",
            "zh": "第二个函数是对第一个函数自动求导得到的。请用微积分写出它，才能互相检验。",
        },
    },
)

_SINE = Exercise(
    without(
        frozenset({"cos"}),
        same_function(
            lambda x: ops.cos(x),
            Box(-6, 6, (7,)),
            orders=(0,),
            traps={
                "itself": lambda x: ops.sin(x),
                "sign": lambda x: -ops.cos(x),
                "second": lambda x: -ops.sin(x),
            },
        ),
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
        "second": {
            "en": "This is the second derivative. One differentiation is enough.",
            "zh": "这是二阶导数。求一次导就够了。",
        },
        "returns_shape": {
            "en": "The result has another shape than the points. The exercise asks for the "
            "derivative at each of them.",
            "zh": "结果的形状与那些点的不一样。题目要的是每个点处的导数。",
        },
        "forbidden": {
            "en": "Right, but the exercise does without that name. Let d2l.grad find it.",
            "zh": "结果是对的，但题目要求不写这个函数名。让 d2l.grad 去求。",
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
