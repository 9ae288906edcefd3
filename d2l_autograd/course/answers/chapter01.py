"""The exercises of chapter 1, Derivatives."""

from __future__ import annotations

from functools import partial
from typing import Any

from mindspore import ops

from d2l_autograd.course.answers.checkers import (
    Box,
    Check,
    Function,
    as_function,
    same_array,
    same_function,
    same_number,
    without,
)
from d2l_autograd.course.answers.exercise import Exercise
from d2l_autograd.course.answers.names import DERIVATIVES
from d2l_autograd.derivatives.gradient import grad

# The slope of 1/x, worked out from its secants.
_RECIPROCAL = Exercise(
    without(
        DERIVATIVES,
        same_function(
            lambda x: -1 / (x * x),
            Box(0.5, 3),
            orders=(0,),
            traps={
                "sign": lambda x: 1 / (x * x),
                "power": lambda x: -1 / x,
                "area": lambda x: ops.log(x),
                "itself": lambda x: 1 / x,
                "cube": lambda x: 2 / (x * x * x),
            },
        ),
    ),
    {
        "sign": {
            "en": "Right in size. Does 1/x rise or fall as x grows?",
            "zh": "大小对了。不过 x 增大时，1/x 是上升还是下降？",
        },
        "power": {
            "en": "Close. Put the two fractions over a common denominator once more: how many "
            "factors does it have when h has gone to zero?",
            "zh": "很接近了。再把两个分式通分一次：h 趋于零之后，分母里有几个因子？",
        },
        "area": {
            "en": "You went the other way: the derivative of your function is 1/x.",
            "zh": "方向反了：你的函数求导之后才是 1/x。",
        },
        "itself": {
            "en": "This is the function itself. How fast does it change?",
            "zh": "这是函数本身。题目问的是它变化得有多快。",
        },
        "cube": {
            "en": "You have differentiated twice.",
            "zh": "你求了两次导。",
        },
        "forbidden": {
            "en": "Right, and d2l.grad worked it out for you. Now by hand, from the secants.",
            "zh": "结果是对的，不过是 d2l.grad 替你算的。请自己由割线推出来。",
        },
    },
)


def _central(fn: Function, h: float) -> tuple[Check, Function]:
    """Return the check for one function and one h, and what makes an answer its candidate."""

    def forward(x: Any) -> Any:
        return (fn(x + h) - fn(x)) / h

    def undivided(x: Any) -> Any:
        return (fn(x + h) - fn(x - h)) / h

    traps = {
        "forward": forward,
        "backward": lambda x: (fn(x) - fn(x - h)) / h,
        "width": undivided,
        "brackets": lambda x: undivided(x) / 2 * h * h,
        "undivided": lambda x: undivided(x) * h,
        "half": lambda x: (fn(x + h / 2) - fn(x - h / 2)) / h,
        "falling": lambda x: -undivided(x) / 2,
        "exact": grad(fn),
    }
    check = same_function(lambda x: undivided(x) / 2, Box(0.5, 2), orders=(0,), traps=traps)
    return check, lambda answer: lambda x: answer(fn, x, h)


def _check_central(answer: Any) -> str | None:
    central = as_function(answer)
    for check, candidate in (_central(_cube, 0.5), _central(ops.sin, 0.25)):
        if key := check(candidate(central)):
            return key
    return None


def _cube(x: Any) -> Any:
    return x * x * x


_CENTRED_SECANT = Exercise(
    _check_central,
    {
        "forward": {
            "en": "This secant starts at x. The one in question has x in its middle.",
            "zh": "这条割线以 x 为一端。题目要的割线，x 在正中间。",
        },
        "backward": {
            "en": "This secant ends at x. The one in question has x in its middle.",
            "zh": "这条割线以 x 为终点。题目要的割线，x 在正中间。",
        },
        "width": {
            "en": "The rise is right. How far apart are the two points?",
            "zh": "高度差对了。两个点之间的水平距离是多少？",
        },
        "brackets": {
            "en": "Python reads a / b * c from left to right. Put brackets around what you divide "
            "by.",
            "zh": "Python 对 a / b * c 是从左往右算的。请给除数整个加上括号。",
        },
        "undivided": {
            "en": "This is the rise alone. A slope is a rise divided by a distance.",
            "zh": "这只是高度差。斜率是高度差除以水平距离。",
        },
        "half": {
            "en": "x is in the middle, but the two points lie closer to it than the exercise says.",
            "zh": "x 在正中间，但两个点离 x 比题目要求的近。",
        },
        "falling": {
            "en": "One sign is wrong: where the curve rises, the slope is positive.",
            "zh": "有一个符号错了：曲线上升的地方，斜率是正的。",
        },
        "exact": {
            "en": "This is the derivative itself. The question is about the slope of the secant, "
            "which depends on h.",
            "zh": "这是导数本身。题目要的是割线的斜率，它与 h 有关。",
        },
    },
)

# The derivative of x**2 sin(3x), by the rules.
_RULES = Exercise(
    same_function(
        lambda x: 2 * x * ops.sin(3 * x) + 3 * x * x * ops.cos(3 * x),
        Box(-2, 2),
        orders=(0,),
        traps={
            "factors": lambda x: 6 * x * ops.cos(3 * x),
            "inner": lambda x: 2 * x * ops.sin(3 * x) + x * x * ops.cos(3 * x),
            "sign": lambda x: 2 * x * ops.sin(3 * x) - 3 * x * x * ops.cos(3 * x),
            "first": lambda x: 2 * x * ops.sin(3 * x),
            "second": lambda x: 3 * x * x * ops.cos(3 * x),
            "argument": lambda x: 2 * x * ops.sin(x) + 3 * x * x * ops.cos(x),
            "argument_of_one": lambda x: 2 * x * ops.sin(3 * x) + 3 * x * x * ops.cos(x),
            "itself": lambda x: x * x * ops.sin(3 * x),
        },
    ),
    {
        "factors": {
            "en": "The derivative of a product is not the product of the derivatives.",
            "zh": "乘积的导数并不是导数的乘积。",
        },
        "inner": {
            "en": "The product rule is right. One of its factors is a function of a function.",
            "zh": "乘积法则用对了。不过其中一个因子是复合函数。",
        },
        "sign": {
            "en": "One sign is wrong. Look at the slope of the sine at 0.",
            "zh": "有一个符号错了。看看正弦函数在 0 处的斜率。",
        },
        "first": {
            "en": "Right for the part where the first factor moves. The second one moves as well.",
            "zh": "第一个因子变化的那一份对了。第二个因子也在变。",
        },
        "second": {
            "en": "Right for the part where the second factor moves. The first one moves as well.",
            "zh": "第二个因子变化的那一份对了。第一个因子也在变。",
        },
        "argument": {
            "en": "The two parts are there. Inside the sine stands more than x.",
            "zh": "两份都有了。不过正弦里面不只是 x。",
        },
        "argument_of_one": {
            "en": "Nearly. The outer slope is taken at the value of the inner function.",
            "zh": "差一点。外层的斜率要在内层函数值处取。",
        },
        "itself": {
            "en": "This is the function itself. The exercise asks for its derivative.",
            "zh": "这是函数本身。题目要的是它的导数。",
        },
    },
)


def _step(sign: float, fn: Function, x: Any) -> Any:
    return x + sign * fn(x) / grad(fn)(x)


def _newton(fn: Function) -> Check:
    return same_function(
        partial(_step, -1.0, fn),
        Box(1.5, 3),
        orders=(0,),
        traps={
            "away": partial(_step, 1.0, fn),
            "inverted": lambda x: x - grad(fn)(x) / fn(x),
            "only_step": lambda x: -fn(x) / grad(fn)(x),
            "product": lambda x: x - fn(x) * grad(fn)(x),
            "no_slope": lambda x: x - fn(x),
            "descent": lambda x: x - grad(fn)(x),
            "several": lambda x: _step(-1.0, fn, _step(-1.0, fn, x)),
        },
    )


def _check_newton(answer: Any) -> str | None:
    step = as_function(answer)
    for fn in (_cube_minus_20, ops.log):
        if key := _newton(fn)(partial(step, fn)):
            return key
    return None


def _cube_minus_20(x: Any) -> Any:
    return x * x * x - 20


_NEWTON = Exercise(
    _check_newton,
    {
        "away": {
            "en": "One sign is wrong: where the line is above the axis and rises, it met the axis "
            "on the left.",
            "zh": "有一个符号错了：如果切线在 x 轴上方，而且是上升的，那么它与 x 轴的交点在左边。",
        },
        "inverted": {
            "en": "Value and slope are both there. Which of them divides the other?",
            "zh": "函数值和斜率都用上了。应该用哪个除以哪个？",
        },
        "only_step": {
            "en": "This is how far the crossing lies from x. The question is where it lies.",
            "zh": "这是交点到 x 的距离。题目问的是交点在哪里。",
        },
        "product": {
            "en": "Value and slope are both there. A steep line needs a long or a short way down "
            "to the axis?",
            "zh": "函数值和斜率都用上了。切线越陡，到 x 轴要走的路是越长还是越短？",
        },
        "no_slope": {
            "en": "This takes the slope to be 1. d2l.grad knows the slope.",
            "zh": "这等于把斜率当成了 1。斜率要用 d2l.grad 来求。",
        },
        "descent": {
            "en": "This is a step of gradient descent, towards a minimum. Here the value should "
            "become 0.",
            "zh": "这是一步梯度下降，走向极小值点。这里要的是函数值变为 0。",
        },
        "several": {
            "en": "These are two steps. The exercise asks for one.",
            "zh": "这是两步。题目要的是一步。",
        },
    },
)

# The direction of steepest descent of x₁² + x₁x₂ + x₂³ at (1, 1).
_DOWNHILL = Exercise(
    same_array(
        [-0.6, -0.8],
        traps={
            "uphill": [0.6, 0.8],
            "length": [-3.0, -4.0],
            "gradient": [3.0, 4.0],
            "across": [0.8, -0.6],
            "swapped": [-0.8, -0.6],
            "sum_is_one": [-3 / 7, -4 / 7],
            "at_origin": [0.0, 0.0],
        },
    ),
    {
        "uphill": {
            "en": "A step this way leads up as steeply as can be.",
            "zh": "朝这个方向走，上升得最快。",
        },
        "length": {
            "en": "The direction is right. A direction is a vector of length 1.",
            "zh": "方向对了。不过这里的方向要用长度为 1 的向量来表示。",
        },
        "gradient": {
            "en": "This is the gradient. It points uphill, and its length is not 1.",
            "zh": "这是梯度：它指向上坡，长度也不是 1。",
        },
        "across": {
            "en": "A step this way stays on its contour, neither up nor down.",
            "zh": "朝这个方向走，是沿着等高线走，不上也不下。",
        },
        "swapped": {
            "en": "The right two numbers in the wrong order: the slope along x₁ comes first.",
            "zh": "两个数对了，次序反了：沿 x₁ 方向的斜率在前。",
        },
        "sum_is_one": {
            "en": "The direction is right. Length is the square root of the sum of squares, not "
            "the sum.",
            "zh": "方向对了。不过长度是平方和的平方根，不是各分量之和。",
        },
        "at_origin": {
            "en": "There is a direction. The gradient at (1, 1) is not zero.",
            "zh": "方向是有的：(1, 1) 处的梯度不是零。",
        },
    },
)

# The rate from which on gradient descent on x₁² + 10x₂² does not converge.
_RATE = Exercise(
    same_number(
        0.1,
        traps={"gentle": 1.0, "one_step": 0.05, "half": 0.2, "upside_down": 10.0},
        tolerance=1e-4,
    ),
    {
        "gentle": {
            "en": "This is the limit for x₁, the gentle direction. Which one gives way first?",
            "zh": "这是平缓方向 x₁ 的临界值。哪个方向先发散？",
        },
        "one_step": {
            "en": "At this rate x₂ arrives at 0 in a single step. It may overshoot and still "
            "converge.",
            "zh": "用这个学习率，x₂ 一步就到 0。即使越过了 0，也仍然可能收敛。",
        },
        "half": {
            "en": "By what number does one step multiply x₂? Convergence asks that its absolute "
            "value be below 1.",
            "zh": "走一步，x₂ 被乘上了什么数？要收敛，这个数的绝对值必须小于 1。",
        },
        "upside_down": {
            "en": "The steeper the valley, the smaller the rate has to be.",
            "zh": "山谷越陡，学习率就得越小。",
        },
    },
)

EXERCISES = {
    "01.1": _RECIPROCAL,
    "01.2": _CENTRED_SECANT,
    "01.3": _RULES,
    "01.4": _NEWTON,
    "01.5": _DOWNHILL,
    "01.6": _RATE,
}
