"""The exercises of chapter 3, The computational graph."""

from __future__ import annotations

import math
from typing import Any

from mindspore import ops

from d2l_autograd.course.answers.checkers import (
    TOLERANCE,
    Box,
    Function,
    as_function,
    as_numbers,
    same_array,
    same_function,
)
from d2l_autograd.course.answers.exercise import Exercise, Wrong, described
from d2l_autograd.derivatives.detach import detach

# The gradients at u, v, x, y of w = uv + y, where u = xy and v = u - x, at x = 2 and y = 3.
_BACKWARDS = Exercise(
    same_array(
        [10, 6, 24, 21],
        traps={
            "values": [6, 4, 2, 3],
            "once": [4, 6, 6, 9],
            "sign": [10, 6, 36, 21],
            "once_by_v": [6, 6, 12, 13],
            "u_directly": [4, 6, 24, 21],
            "u_by_v": [6, 6, 24, 21],
            "direct": [10, 6, 24, 20],
            "x_once": [10, 6, 30, 21],
        },
    ),
    {
        "values": {
            "en": "These are the values of the four. The question is about their gradients.",
            "zh": "这是四个量的值。题目问的是它们的梯度。",
        },
        "once": {
            "en": "How many steps use u? Each of them sends something back.",
            "zh": "有几步用到了 u？每一步都会往回传一份。",
        },
        "once_by_v": {
            "en": "How many steps use u? Each of them sends something back.",
            "zh": "有几步用到了 u？每一步都会往回传一份。",
        },
        "u_directly": {
            "en": "How many steps use u? Each of them sends something back.",
            "zh": "有几步用到了 u？每一步都会往回传一份。",
        },
        "u_by_v": {
            "en": "How many steps use u? Each of them sends something back.",
            "zh": "有几步用到了 u？每一步都会往回传一份。",
        },
        "x_once": {
            "en": "u, v and y are right. How many steps use x?",
            "zh": "u、v、y 都对了。有几步用到了 x？",
        },
        "sign": {
            "en": "u, v and y are right. What is the derivative of v = u - x with respect to x?",
            "zh": "u、v、y 都对了。v = u - x 对 x 的局部导数是多少？",
        },
        "direct": {
            "en": "u, v and x are right. Look for every step that uses y.",
            "zh": "u、v、x 都对了。用到 y 的步骤都找全了吗？",
        },
    },
)

# The passes for a Jacobian from 200 inputs through 3 numbers to 500 outputs.
_PASSES = Exercise(
    same_array(
        [200, 500, 6],
        traps={
            "swapped": [500, 200, 6],
            "whole": [200, 500, 200],
            "one_half": [200, 500, 3],
            "wrong_way": [200, 500, 700],
        },
    ),
    {
        "swapped": {
            "en": "One pass forward starts at one input. Where does one pass in reverse start?",
            "zh": "前向走一遍，是从一个输入出发。反向走一遍，是从哪里出发？",
        },
        "whole": {
            "en": "The first two are right. For the third, take the two halves one at a time: "
            "which direction is cheap for each?",
            "zh": "前两个数对了。至于第三个，请把两半分开来看：每一半朝哪个方向走比较省？",
        },
        "one_half": {
            "en": "The first two are right. The third covers one half of the program; what about "
            "the other?",
            "zh": "前两个数对了。第三个数只够走完一半程序，另一半呢？",
        },
        "wrong_way": {
            "en": "The first two are right. For the third you walk each half in the direction "
            "that costs more.",
            "zh": "前两个数对了。至于第三个，两半都走了比较费的那个方向。",
        },
    },
)


def _check_hypotenuse(answer: Any) -> str | None:
    rule = as_function(answer)
    for a, b in ((3.0, 4.0), (-5.0, 12.0), (0.5, -0.25)):
        result = rule(a, b)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise Wrong("not_a_rule")
        value, slopes = float(as_numbers(result[0])), as_numbers(result[1])
        if slopes.shape != (2,):
            return "not_a_rule"
        h = math.hypot(a, b)
        if math.isclose(value, h * h, rel_tol=TOLERANCE):
            return "squared"
        if not math.isclose(value, h, rel_tol=TOLERANCE):
            return "value"
        if not _same_slopes(slopes, (a / h, b / h)):
            if _same_slopes(slopes, (b / h, a / h)):
                return "exchanged"
            if _same_slopes(slopes, (2 * a / h, 2 * b / h)):
                return "twice"
            if _same_slopes(slopes, (1 / (2 * h), 1 / (2 * h))):
                return "inner"
            return "slopes"
    return None


def _same_slopes(given: Any, expected: tuple[float, ...]) -> bool:
    pairs = zip(given, expected, strict=True)
    return all(
        math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE) for one, other in pairs
    )


_RULE = Exercise(
    _check_hypotenuse,
    {
        "not_a_rule": {
            "en": "A rule returns two things: the value, and a list of two local derivatives. "
            'Compare RULES["*"](2.0, 3.0).',
            "zh": "规则要返回两样东西：函数值，以及由两个局部导数组成的列表。"
            '请对照 RULES["*"](2.0, 3.0) 的结果。',
        },
        "squared": {
            "en": "This value is the square of the length.",
            "zh": "这个值是长度的平方。",
        },
        "value": {
            "en": "The value is not the length of the hypotenuse. Try a = 3 and b = 4.",
            "zh": "函数值不是斜边的长度。代入 a = 3、b = 4 试试。",
        },
        "exchanged": {
            "en": "The value is right. Which of the two local derivatives comes first?",
            "zh": "函数值对了。两个局部导数，哪一个在前？",
        },
        "twice": {
            "en": "The value is right, the local derivatives are twice as large as they should "
            "be. What is the derivative of the square root?",
            "zh": "函数值对了，局部导数却大了一倍。平方根的导数是什么？",
        },
        "inner": {
            "en": "The value is right. The derivative of the square root is there; what stands "
            "under the root has a derivative, too.",
            "zh": "函数值对了。平方根的导数有了，可是根号里面的式子也要求导。",
        },
        "slopes": {
            "en": "The value is right, the local derivatives are not. Take the chain rule through "
            "the square root, or check them with a short secant.",
            "zh": "函数值对了，局部导数不对。对平方根用一次链式法则，或者拿一小段割线来检验。",
        },
    },
)

_X, _Y = (2.0, 3.0), (-1.5, 0.5)  # the values and the rates of x and y below
_DUAL: tuple[tuple[str, Function, float, float], ...] = (
    ("x + x", lambda x, y: x + x, 4.0, 6.0),
    ("x + y", lambda x, y: x + y, 0.5, 3.5),
    ("x + 1.5", lambda x, y: x + 1.5, 3.5, 3.0),
    ("1.5 + x", lambda x, y: 1.5 + x, 3.5, 3.0),
    ("2 + x", lambda x, y: 2 + x, 4.0, 3.0),
    ("x * 0.5", lambda x, y: x * 0.5, 1.0, 1.5),
    ("0.5 * x", lambda x, y: 0.5 * x, 1.0, 1.5),
    ("x * 3", lambda x, y: x * 3, 6.0, 9.0),
    ("x * x", lambda x, y: x * x, 4.0, 12.0),
    ("x * y", lambda x, y: x * y, -3.0, -3.5),
    ("y * x", lambda x, y: y * x, -3.0, -3.5),
    ("(x + 1.0) * x", lambda x, y: (x + 1.0) * x, 6.0, 15.0),
    ("x.sin()", lambda x, y: x.sin(), math.sin(2), 3 * math.cos(2)),
    ("(x * x).sin()", lambda x, y: (x * x).sin(), math.sin(4), 12 * math.cos(4)),
    (
        "x.sin() * y",
        lambda x, y: x.sin() * y,
        -1.5 * math.sin(2),
        0.5 * math.sin(2) - 4.5 * math.cos(2),
    ),
)


def _check_dual(answer: Any) -> str | None:
    if not isinstance(answer, type):
        return "not_class"
    make: Function = answer
    for code, fn, value, rate in _DUAL:
        told = {"code": code, "x": f"Dual{_X}", "y": f"Dual{_Y}"}
        x, y = make(*_X), make(*_Y)
        if not (hasattr(x, "value") and hasattr(x, "rate")):
            return "attributes"
        try:
            z = fn(x, y)
        except (AttributeError, TypeError) as error:
            raise Wrong("operation_raises", **told, error=described(error)) from None
        if not isinstance(z, type(x)):
            raise Wrong("returns_no_dual", **told)
        if not math.isclose(float(z.value), value, rel_tol=TOLERANCE):
            raise Wrong("value", **told)
        if not math.isclose(float(z.rate), rate, rel_tol=TOLERANCE):
            raise Wrong("rate", **told)
        if [(float(given.value), float(given.rate)) for given in (x, y)] != [_X, _Y]:
            raise Wrong("changed", **told)
    return None


_FORWARD = Exercise(
    _check_dual,
    {
        "not_class": {
            "en": "Hand over the class itself, without calling it: Dual, not Dual(1.0, 0.0).",
            "zh": "请直接交类本身，不要调用它：写 Dual，不写 Dual(1.0, 0.0)。",
        },
        "attributes": {
            "en": "A Dual should have the attributes value and rate.",
            "zh": "Dual 应当有 value 和 rate 两个属性。",
        },
        "operation_raises": {
            "en": "For x = {x} and y = {y}, {code} raises an error: {error}.",
            "zh": "取 x = {x}、y = {y}，计算 {code} 时出错：{error}。",
        },
        "returns_no_dual": {
            "en": "For x = {x} and y = {y}, {code} should be a Dual as well.",
            "zh": "取 x = {x}、y = {y}，{code} 也应当是一个 Dual。",
        },
        "value": {
            "en": "For x = {x} and y = {y}, the value of {code} is wrong.",
            "zh": "取 x = {x}、y = {y}，{code} 的 value 不对。",
        },
        "rate": {
            "en": "For x = {x} and y = {y}, the value of {code} is right and the rate is wrong. "
            "Which rule of differentiation does this step ask for?",
            "zh": "取 x = {x}、y = {y}，{code} 的 value 对了，rate 不对。这一步该用哪条求导法则？",
        },
        "changed": {
            "en": "With x = {x} and y = {y}, computing {code} changed one of the two. Make a new "
            "Dual instead.",
            "zh": "取 x = {x}、y = {y}，计算 {code} 之后 x 或 y 自己变了。应当新造一个 Dual。",
        },
    },
)


def _straight_through(x: Any) -> Any:
    return x + detach(ops.round(x) - x)


# The value of rounding with the gradient of x.
_ROUNDED = Exercise(
    same_function(
        _straight_through,
        Box(-3, 3),
        points=[(0.5,), (1.5,), (-2.5,), ([-1.2, 0.4, 2.6],)],
        traps={
            "flat": ops.round,
            "half_up": lambda x: x + detach(ops.floor(x + 0.5) - x),
            "down": lambda x: x + detach(ops.floor(x) - x),
            "unrounded": lambda x: x,
            "shifted": lambda x: x + detach(ops.round(x)),
        },
    ),
    {
        "flat": {
            "en": "The value is right, and the gradient is 0, as rounding has it. Something has "
            "to lead the gradient around the rounding.",
            "zh": "函数值对了，可是梯度与舍入取整一样是 0。要另有一条路，让梯度绕过舍入取整。",
        },
        "half_up": {
            "en": "Right except at the halves: what is ms.Tensor(2.5).round()?",
            "zh": "除了恰为一半的数，都对了：ms.Tensor(2.5).round() 是多少？",
        },
        "down": {
            "en": "The gradient is right. This rounds down; x.round() goes to the nearest.",
            "zh": "梯度对了。不过这是向下取整，而 x.round() 取最近的整数。",
        },
        "unrounded": {
            "en": "The gradient is right. The value should be a whole number.",
            "zh": "梯度对了。函数值应当是整数。",
        },
        "shifted": {
            "en": "The gradient is right. The value has x in it once too often.",
            "zh": "梯度对了。函数值里多了一个 x。",
        },
        "derivative": {
            "en": "The value is right, the gradient is not 1. Which parts of your expression "
            "does the gradient reach, and what slope has each of them?",
            "zh": "函数值对了，梯度不是 1。梯度能传到表达式的哪些部分？每一部分的斜率是多少？",
        },
    },
)

EXERCISES = {
    "03.1": _BACKWARDS,
    "03.2": _PASSES,
    "03.3": _RULE,
    "03.4": _FORWARD,
    "03.5": _ROUNDED,
}
