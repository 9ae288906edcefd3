"""The exercises of chapter 8, Rules of your own."""

from __future__ import annotations

from typing import Any

import mindspore as ms
import numpy as np
from mindspore import nn, ops

from d2l_autograd.course.answers.checkers import (
    Array,
    Check,
    Function,
    as_function,
    as_numbers,
    same_function,
    same_outcomes,
    same_results,
    without,
)
from d2l_autograd.course.answers.exercise import Exercise, Wrong, described
from d2l_autograd.course.answers.names import DERIVATIVES
from d2l_autograd.derivatives.detach import detach
from d2l_autograd.derivatives.gradient import grad
from d2l_autograd.errors import GradientError

_random = np.random.default_rng(8)
_AUTOMATIC = {
    "forbidden": {
        "en": "Right, and worked out by the machine. Now from the equation alone.",
        "zh": "结果是对的，不过是机器求的。请只从方程出发写出来。",
    },
}
_CLASS = {
    "not_function": {
        "en": "An instance of a Cell is asked for, which can be called: MyCell(), with the "
        "parentheses.",
        "zh": "要交的是 Cell 的一个实例，它可以被调用：写 MyCell()，带括号。",
    },
}


def _array(value: Any) -> Array:
    found: Array = value.asnumpy()
    return found


def _solve_backward(A: Any, x: Any, g: Any) -> Any:
    u = np.linalg.solve(_array(A).T, _array(g))
    return -np.outer(u, _array(x)), u


def _systems(*sizes: int) -> list[Any]:
    return [
        (
            _random.normal(size=(n, n)) + 3 * np.eye(n),
            _random.normal(size=n),
            _random.normal(size=n),
        )
        for n in sizes
    ]


# The backward rule of the solution of A x = b.
_SOLVE = Exercise(
    without(
        DERIVATIVES,
        same_results(
            _solve_backward,
            names=("A", "b"),
            points=_systems(3, 2, 4),
            traps={
                "sign": lambda A, x, g: (
                    -_solve_backward(A, x, g)[0],
                    _solve_backward(A, x, g)[1],
                ),
                "transposed": lambda A, x, g: (
                    _solve_backward(A, x, g)[0].T,
                    _solve_backward(A, x, g)[1],
                ),
                "untransposed": lambda A, x, g: _solve_backward(A.T, x, g),
                "unsolved": lambda A, x, g: (-np.outer(_array(g), _array(x)), _array(g)),
                "arrived": lambda A, x, g: (
                    -np.outer(_array(g), _array(x)),
                    _solve_backward(A, x, g)[1],
                ),
                "swapped": lambda A, x, g: _solve_backward(A, x, g)[::-1],
            },
        ),
    ),
    {
        "sign": {
            "en": "b is right. At A the sign is wrong: for a number, what is the derivative of b/a "
            "with respect to a?",
            "zh": "b 处对了。A 处符号反了：若只是数，b/a 对 a 的导数是什么？",
        },
        "transposed": {
            "en": "b is right. The numbers at A are there, with rows and columns swapped.",
            "zh": "b 处对了。A 处的数都有了，但行与列对调了。",
        },
        "untransposed": {
            "en": "Right for a symmetric A. A question is pulled back by another matrix than a "
            "nudge is pushed by.",
            "zh": "A 对称时是对的。往回拉一个问题所用的矩阵，与往前推一个增量所用的不同。",
        },
        "unsolved": {
            "en": "The gradient that arrives at x has been passed on as it is. What does a change "
            "of b do to x?",
            "zh": "传到 x 的梯度被原样传了下去。b 变一点，x 会变多少？",
        },
        "arrived": {
            "en": "b is right. At A the same vector is needed that you have found for b.",
            "zh": "b 处对了。A 处要用的，正是你为 b 求出的那个向量。",
        },
        "swapped": {
            "en": "Both are right, in the wrong order.",
            "zh": "两个都对，次序反了。",
        },
        **_AUTOMATIC,
    },
)


class _Rule(nn.Cell):
    """A value and a rule that are given as functions."""

    def __init__(self, value: Function, rule: Function) -> None:
        super().__init__()
        self._value, self._rule = value, rule

    def construct(self, *inputs: Any) -> Any:
        return self._value(*inputs)

    def bprop(self, *args: Any) -> Any:
        return self._rule(*args)


def _heron(a: Any) -> Any:
    root = a
    while abs(root * root - a) > 1e-12 * a:
        root = (root + a / root) / 2
    return root


# A square root whose derivatives are right where Heron's loop does not run.
_ROOT = Exercise(
    same_function(
        ops.sqrt,
        orders=(0, 1, 2),
        points=[(1.0,), (2.0,), (0.09,), (400.0,)],
        traps={
            "heron": _heron,
            "no_half": _Rule(_heron, lambda a, root, dout: dout / root),
            "doubled": _Rule(_heron, lambda a, root, dout: dout * 2 * root),
            "ignores_arriving": _Rule(_heron, lambda a, root, dout: 1 / (2 * root)),
            "by_input": _Rule(_heron, lambda a, root, dout: dout / (2 * a)),
            "constant": _Rule(_heron, lambda a, root, dout: dout / (2 * detach(root))),
        },
    ),
    {
        "heron": {
            "en": "The values are right, and the gradient is still that of the steps that ran. "
            "Look at a = 1.",
            "zh": "函数值对了，但梯度仍然是运行过的那些步骤的梯度。看看 a = 1 处。",
        },
        "no_half": {
            "en": "The rule is off by a constant factor.",
            "zh": "规则差了一个常数倍。",
        },
        "doubled": {
            "en": "This multiplies where it should divide: the steeper the square, the flatter the "
            "root.",
            "zh": "该除的地方乘了：平方增长得越快，平方根增长得越慢。",
        },
        "ignores_arriving": {
            "en": "The first derivative is right, as long as nothing follows the root. The rule "
            "has to use the gradient that arrives, too.",
            "zh": "如果平方根之后什么也没有，一阶导数是对的。规则还要用到传来的梯度。",
        },
        "by_input": {
            "en": "Right at a = 1 alone. Is it the input or the output that is squared?",
            "zh": "只在 a = 1 处对。被平方的是输入，还是输出？",
        },
        "constant": {
            "en": "The first derivative is right, the second is not: something in the rule is held "
            "constant.",
            "zh": "一阶导数对了，二阶导数不对：规则里有什么被当成了常数。",
        },
        "derivative": {
            "en": "The values are right, the derivatives are not yet. From root² = a: what is the "
            "change of the root when a changes?",
            "zh": "函数值对了，导数还不对。由 root² = a 出发：a 变一点，root 变多少？",
        },
        **_CLASS,
    },
)


def _ternary(x: Any) -> Any:
    inside = ops.clamp(x, -1.0, 1.0)
    return inside + detach(ops.round(inside) - inside)


def _everywhere(x: Any) -> Any:
    return x + detach(ops.round(ops.clamp(x, -1.0, 1.0)) - x)


_TERNARY = Exercise(
    same_function(
        _ternary,
        points=[(np.array([0.3, -0.7, 1.4, -2.6, 0.8, -0.2]),), (np.array([[1.7], [0.6]]),)],
        traps={
            "everywhere": _everywhere,
            "nowhere": lambda x: ops.round(ops.clamp(x, -1.0, 1.0)) + 0 * x,
            "outside": lambda x: _everywhere(x) - _ternary(x) + detach(_ternary(x)),
            "unlimited": lambda x: (
                ops.clamp(x, -1.0, 1.0) + detach(ops.round(x) - ops.clamp(x, -1.0, 1.0))
            ),
            "signs": lambda x: (
                ops.clamp(x, -1.0, 1.0) + detach(ops.sign(x) - ops.clamp(x, -1.0, 1.0))
            ),
        },
    ),
    {
        "everywhere": {
            "en": "The values are right. Outside of −1 … 1 nothing should come back.",
            "zh": "函数值对了。在 −1 到 1 之外，不应当传回任何东西。",
        },
        "nowhere": {
            "en": "The values are right, and the gradient is the true one: zero. Between −1 and 1 "
            "it should pass.",
            "zh": "函数值对了，而梯度是真正的梯度：零。在 −1 与 1 之间应当让它通过。",
        },
        "outside": {
            "en": "The two regions are swapped: the gradient passes where it should stop.",
            "zh": "两个区域反了：该拦住的地方通过了。",
        },
        "unlimited": {
            "en": "A value of 2 or more came out. First bring x between −1 and 1.",
            "zh": "出现了 2 或更大的值。要先把 x 限制在 −1 与 1 之间。",
        },
        "signs": {
            "en": "0 never comes out: small numbers should become 0.",
            "zh": "从来得不到 0：小的数应当变成 0。",
        },
        "derivative": {
            "en": "The values are right. The gradient should be passed on as it arrives where x "
            "lies between −1 and 1, and be 0 elsewhere.",
            "zh": "函数值对了。x 在 −1 与 1 之间时，传来的梯度应当原样传下去，其余处为 0。",
        },
        **_CLASS,
    },
)


def _kepler(e: Any, E: Any, *, sign: float = -1.0) -> Any:
    by_M = 1 / (1 + sign * e * ops.cos(E))
    return by_M, ops.sin(E) * by_M


# The slopes of the solution of E = M + e sin E.
_KEPLER = Exercise(
    without(
        DERIVATIVES,
        same_results(
            _kepler,
            names=("M", "e"),
            points=[(0.2, 1.0), (0.6, 2.5), (0.9, 0.4), (0.0, 3.0)],
            traps={
                "explicit": lambda e, E: (ops.ones_like(E), ops.sin(E)),
                "half_explicit": lambda e, E: (_kepler(e, E)[0], ops.sin(E)),
                "sign": lambda e, E: _kepler(e, E, sign=1.0),
                "upside_down": lambda e, E: (
                    1 - e * ops.cos(E),
                    ops.sin(E) * (1 - e * ops.cos(E)),
                ),
                "sine": lambda e, E: (
                    1 / (1 - e * ops.sin(E)),
                    ops.sin(E) / (1 - e * ops.sin(E)),
                ),
                "swapped": lambda e, E: _kepler(e, E)[::-1],
            },
        ),
    ),
    {
        "explicit": {
            "en": "On the right-hand side E has been held constant. It changes as well.",
            "zh": "方程右边的 E 被当成了常数。它也会变。",
        },
        "half_explicit": {
            "en": "M is right. With respect to e, too, E changes on both sides.",
            "zh": "对 M 的对了。对 e 求导时，E 同样在方程两边都变。",
        },
        "sign": {
            "en": "One sign is wrong: bring all terms with the derivative to one side.",
            "zh": "有一个符号错了：把含有导数的项都移到一边。",
        },
        "upside_down": {
            "en": "The factor is right, the right way round it is not.",
            "zh": "因子是对的，但乘除反了。",
        },
        "sine": {
            "en": "What is the derivative of sin E?",
            "zh": "sin E 的导数是什么？",
        },
        "swapped": {
            "en": "Both are right, in the wrong order.",
            "zh": "两个都对，次序反了。",
        },
        **_AUTOMATIC,
    },
)


def _pulled(*arguments: Any) -> Any:
    """Return fn(*inputs), and the gradients of it times the weights by all inputs, in one array."""
    fn, *inputs, weights = arguments
    value = as_numbers(fn(*inputs), refusal="returns_no_numbers", nothing="returns_nothing")
    if value.shape != inputs[0].shape:
        raise Wrong("returns_shape")
    if not np.allclose(value, inputs[0].asnumpy(), rtol=1e-5, atol=1e-8):
        raise Wrong("changed")

    def total(*inputs: Any) -> Any:
        return (fn(*inputs) * weights).sum()

    try:
        slopes = grad(total, tuple(range(len(inputs))))(*inputs)
    except GradientError as error:
        raise Wrong("not_differentiable", error=described(error)) from None
    return np.concatenate([as_numbers(slope).ravel() for slope in slopes])


def _same_rule(rule: Function, cases: list[Any], traps: dict[str, Function]) -> Check:
    """Return the check for a Cell that lets its first input pass, by what its rule sends back."""
    inner = same_outcomes(
        rule,
        [[ms.Tensor(np.array(part, np.float64)) for part in case] for case in cases],
        traps=traps,
    )

    def check(answer: Any) -> str | None:
        fn = as_function(answer)
        key = inner(lambda *arguments: _pulled(fn, *arguments))
        return "derivative" if key == "values" else key

    return check


_PASSES = {
    "changed": {
        "en": "The value is to be x itself, unchanged.",
        "zh": "函数值应当就是 x 本身，原样返回。",
    },
}


def _reversed(x: Any, strength: Any, g: Any, *, sign: float = -1.0, by_strength: Any = 0.0) -> Any:
    return np.append(sign * float(strength) * _array(g), by_strength)


_REVERSAL = Exercise(
    _same_rule(
        _reversed,
        [([1.0, -2.0, 0.5], 0.3, [2.0, 1.0, -1.0]), ([4.0, 5.0], 2.0, [-0.5, 3.0])],
        traps={
            "forward": lambda x, s, g: _reversed(x, s, g, sign=1.0),
            "full": lambda x, s, g: np.append(-_array(g), 0.0),
            "unchanged": lambda x, s, g: np.append(_array(g), 0.0),
            "derivative_of_product": lambda x, s, g: _reversed(
                x, s, g, by_strength=-float((x * g).sum())
            ),
            "one": lambda x, s, g: _reversed(x, s, g, by_strength=1.0),
            "ignores_arriving": lambda x, s, g: _reversed(x, s, ops.ones_like(g)),
        },
    ),
    {
        "forward": {
            "en": "The strength is there, the reversal is not: look at the sign.",
            "zh": "强度有了，反转没有：看看符号。",
        },
        "full": {
            "en": "Reversed, but always at full strength.",
            "zh": "反转了，但始终是全部强度。",
        },
        "unchanged": {
            "en": "The gradient comes back as if the Cell were not there.",
            "zh": "传回的梯度就像没有这个 Cell 一样。",
        },
        "derivative_of_product": {
            "en": "x is right. Zero is to be sent back to strength.",
            "zh": "x 处对了。传回 strength 的应当是零。",
        },
        "one": {
            "en": "x is right. Zero is to be sent back to strength.",
            "zh": "x 处对了。传回 strength 的应当是零。",
        },
        "ignores_arriving": {
            "en": "Something is sent back, but not the gradient that arrived.",
            "zh": "传回了一些东西，但不是传来的梯度。",
        },
        **_PASSES,
        **_CLASS,
    },
)


def _length(g: Any) -> Any:
    return float(np.linalg.norm(_array(g)))


_SHORTENING = Exercise(
    _same_rule(
        lambda x, g: _array(g) / max(1.0, _length(g)),
        [
            ([1.0, -2.0, 0.5], [2.0, 1.0, -2.0]),
            ([0.0, 3.0], [0.3, -0.2]),
            ([1.0, 1.0, 1.0, 1.0], [0.7, 0.7, 0.7, -0.7]),
            ([2.0, 5.0], [0.0, 0.0]),
        ],
        traps={
            "entries": lambda x, g: np.clip(_array(g), -1, 1),
            "always": lambda x, g: _array(g) / (_length(g) or 1.0),
            "squared": lambda x, g: _array(g) / max(1.0, _length(g) ** 2),
            "never": lambda x, g: _array(g),
            "largest": lambda x, g: _array(g) / max(1.0, float(np.abs(_array(g)).max())),
            "dropped": lambda x, g: _array(g) * (_length(g) <= 1),
            "smooth": lambda x, g: _array(g) / (1 + _length(g)),
        },
    ),
    {
        "entries": {
            "en": "Each entry is limited, and the direction changes. Limit the length of the "
            "whole.",
            "zh": "这样是逐个分量地限制，方向变了。要限制的是整个向量的长度。",
        },
        "always": {
            "en": "Long ones are right. A short gradient is to pass as it is, not to be made "
            "longer.",
            "zh": "长的对了。短的梯度应当原样通过，不要把它拉长。",
        },
        "squared": {
            "en": "Long ones come back too short. Of the sum of squares, the length is …?",
            "zh": "长的缩得过短了。长度是平方和的……？",
        },
        "never": {
            "en": "Nothing is shortened: a gradient of length 3 comes back with length 3.",
            "zh": "什么也没有缩短：长度为 3 的梯度，传回来还是 3。",
        },
        "largest": {
            "en": "The direction stays, but what is brought to 1 is the largest entry, not the "
            "length.",
            "zh": "方向没变，但变成 1 的是最大的分量，而不是长度。",
        },
        "dropped": {
            "en": "Long gradients vanish altogether; they should come back with length 1.",
            "zh": "长的梯度整个消失了；它们应当以长度 1 传回。",
        },
        "smooth": {
            "en": "Short gradients are changed as well; they should pass as they are.",
            "zh": "短的梯度也被改变了；它们应当原样通过。",
        },
        "derivative": {
            "en": "x comes back unchanged. Try the rule by itself with gradients of length 3, of "
            "length ½, and zero: nan must not come out.",
            "zh": "x 是原样返回的。单独用长度为 3、½ 和 0 的梯度试试这条规则：不能出现 nan。",
        },
        **_PASSES,
        **_CLASS,
    },
)

EXERCISES = {
    "08.1": _SOLVE,
    "08.2": _ROOT,
    "08.3": _TERNARY,
    "08.4": _KEPLER,
    "08.5": _REVERSAL,
    "08.6": _SHORTENING,
}
