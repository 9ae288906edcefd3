"""The exercises of chapter 7, Curvature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd.course.answers.checkers import (
    Array,
    Function,
    as_function,
    same_outcomes,
    without,
)
from d2l_autograd.course.answers.exercise import Exercise, Wrong
from d2l_autograd.derivatives.gradient import grad
from d2l_autograd.derivatives.matrices import hessian, jacobian

_WHOLE = frozenset({"hessian", "jacobian", "jacrev", "jacfwd"})
_SECOND = frozenset({"hessian", "hvp"})


def _point(*numbers: float) -> Any:
    return ms.Tensor(np.array(numbers, np.float64))


def _gradient(fn: Function, x: Any) -> Array:
    found: Array = grad(fn)(x).asnumpy()
    return found


def _hessian(fn: Function, x: Any) -> Array:
    found: Array = hessian(fn)(x).asnumpy()
    return found


def _form(*rows: list[float]) -> Function:
    """Return the function ½ xᵀAx, of which the Hessian is the symmetric matrix A, everywhere."""
    matrix = ms.Tensor(np.array(rows, np.float64))
    return lambda x: (x * (matrix @ x)).sum() / 2


# What a level place is.
_PLACES: list[tuple[Function, Any, str]] = [
    (lambda p: p[0] ** 2 + 3 * p[1] ** 2, _point(0, 0), "minimum"),
    (lambda p: ops.cos(p[0]) + ops.cos(p[1]), _point(0, 0), "maximum"),
    (lambda p: p[0] ** 2 - p[1] ** 2, _point(0, 0), "saddle"),
    (_form([1, 2], [2, 1]), _point(0, 0), "saddle"),
    (_form([-1, 2], [2, -1]), _point(0, 0), "saddle"),
    (_form([3, 1, 0], [1, 2, 0], [0, 0, 1]), _point(0, 0, 0), "minimum"),
    (_form([1, 0, 0], [0, -2, 0], [0, 0, -3]), _point(0, 0, 0), "saddle"),
    (_form([-1, 0, 0], [0, -2, 0], [0, 0, -3]), _point(0, 0, 0), "maximum"),
    (lambda p: p[0] ** 3 - 3 * p[0] + p[1] ** 2, _point(-1, 0), "saddle"),
    (lambda p: p[0] ** 3 - 3 * p[0] + p[1] ** 2, _point(1, 0), "minimum"),
]


def _by_signs(numbers: Array) -> str:
    if (numbers > 0).all():
        return "minimum"
    return "maximum" if (numbers < 0).all() else "saddle"


def _by_determinant(matrix: Array) -> str:
    if np.linalg.det(matrix) < 0:
        return "saddle"
    return "minimum" if matrix[0, 0] > 0 else "maximum"


_KIND_TRAPS: dict[str, Callable[[Array], str]] = {
    "upside_down": lambda H: _by_signs(-np.linalg.eigvalsh(H)),
    "diagonal": lambda H: _by_signs(np.diag(H)),
    "determinant": _by_determinant,
    "trace": lambda H: "minimum" if np.trace(H) > 0 else "maximum",
    "largest": lambda H: "minimum" if np.linalg.eigvalsh(H)[-1] > 0 else "maximum",
}


def _check_kind(answer: Any) -> str | None:
    given = as_function(answer)
    found = [given(fn, x) for fn, x, _ in _PLACES]
    if any(one is ... for one in found):
        raise Wrong("unanswered")
    if any(one is None for one in found):
        raise Wrong("returns_nothing")
    if not all(isinstance(one, str) and one in {"minimum", "maximum", "saddle"} for one in found):
        return "words"
    if found == [right for _, _, right in _PLACES]:
        return None
    for key, trap in _KIND_TRAPS.items():
        if found == [trap(_hessian(fn, x)) for fn, x, _ in _PLACES]:
            return key
    return "values"


_KIND = Exercise(
    _check_kind,
    {
        "words": {
            "en": 'One of three words is to be returned, "minimum", "maximum" or "saddle", and at '
            "some place yours returned something else.",
            "zh": '应当返回 "minimum"、"maximum"、"saddle" 三个词之一，'
            "而你的函数在某一点返回了别的东西。",
        },
        "upside_down": {
            "en": "Minimum and maximum are swapped: which sign belongs to a bowl, p·p?",
            "zh": "极小和极大反了：像 p·p 这样的碗，特征值是什么符号？",
        },
        "diagonal": {
            "en": "The diagonal tells about the directions of the axes alone. Try 4xy + x² + y².",
            "zh": "对角线只说明坐标轴方向上的情形。试试 4xy + x² + y²。",
        },
        "determinant": {
            "en": "Right for two variables. With three, two negative eigenvalues also have a "
            "positive product.",
            "zh": "两个变量时是对的。有三个变量时，两个负的特征值相乘也是正的。",
        },
        "trace": {
            "en": "The trace is the sum of the eigenvalues, and a sum does not show the sign of "
            "each.",
            "zh": "迹是特征值之和，从和看不出每一个的符号。",
        },
        "largest": {
            "en": "One eigenvalue has been looked at. What do the others say?",
            "zh": "只看了一个特征值。其余的怎么说？",
        },
        "values": {
            "en": "Not right at every place yet. Try x² − y², cos x + cos y, and x² + 3y², all at "
            "(0, 0).",
            "zh": "还不是每一点都对。用 x² − y²、cos x + cos y 和 x² + 3y² 在 (0, 0) 处试试。",
        },
    },
)


def _curvatures(fn: Function, x: Any) -> Array:
    return np.linalg.eigvalsh(_hessian(fn, x))


# The largest stable learning rate.
_LIMIT = Exercise(
    same_outcomes(
        lambda fn, x: 2 / _curvatures(fn, x)[-1],
        [
            (_form([2, 0], [0, 20]), _point(0, 0)),
            (_form([3, 1, 0], [1, 2, 1], [0, 1, 5]), _point(0, 0, 0)),
            (lambda p: (1 - p[0]) ** 2 + 5 * (p[1] - p[0] ** 2) ** 2, _point(1, 1)),
        ],
        traps={
            "half": lambda fn, x: 1 / _curvatures(fn, x)[-1],
            "gentle": lambda fn, x: 2 / _curvatures(fn, x)[0],
            "upside_down": lambda fn, x: _curvatures(fn, x)[-1] / 2,
            "diagonal": lambda fn, x: 2 / np.diag(_hessian(fn, x)).max(),
            "sum": lambda fn, x: 2 / np.trace(_hessian(fn, x)),
            "ratio": lambda fn, x: _curvatures(fn, x)[-1] / _curvatures(fn, x)[0],
        },
    ),
    {
        "half": {
            "en": "At this rate the steepest direction is done in a single step. How much further "
            "may a step go before it ends higher than it began?",
            "zh": "用这个学习率，最陡的方向一步就到了谷底。一步还可以再走多远，才会比出发时更高？",
        },
        "gentle": {
            "en": "This is what the gentlest direction would allow. The first to run away is "
            "another.",
            "zh": "这是最平缓的方向所允许的。最先发散的是另一个方向。",
        },
        "upside_down": {
            "en": "The right two numbers, divided the wrong way round: a steeper valley allows a "
            "smaller rate.",
            "zh": "两个数对了，除反了：山谷越陡，允许的学习率越小。",
        },
        "diagonal": {
            "en": "Right where the axes are the steepest and the gentlest direction. The valley "
            "may lie at a slant.",
            "zh": "坐标轴恰好是最陡和最平缓的方向时是对的。山谷也可以是斜的。",
        },
        "sum": {
            "en": "This rate is safe, but smaller than the limit: it adds up all the curvatures.",
            "zh": "这个学习率是安全的，但比临界值小：它把各个方向的曲率加了起来。",
        },
        "ratio": {
            "en": "This is the condition number. It says how slow the walk is, not when it runs "
            "away.",
            "zh": "这是条件数。它说明走得多慢，而不是什么时候发散。",
        },
    },
)


def _dominant(fn: Function, x: Any) -> Any:
    values = _curvatures(fn, x)
    return values[np.abs(values).argmax()]


def _from_ones(fn: Function, x: Any) -> Any:
    """Return where a power iteration from (1, 1, …) leads, if it meets no rounding errors."""
    values, vectors = np.linalg.eigh(_hessian(fn, x))
    reached = values[np.abs(vectors.sum(axis=0)) > 1e-9]
    return reached[np.abs(reached).argmax()]


# The eigenvalue that is largest in absolute value, without the matrix.
_DOMINANT = Exercise(
    without(
        _WHOLE,
        same_outcomes(
            _dominant,
            [
                (_form([1, 2, 0], [2, -9, 1], [0, 1, 4]), _point(0, 1, 0)),
                (_form([7, -5, 0], [-5, 7, 0], [0, 0, 1]), _point(0, 0, 0)),
                (lambda x: (ops.sin(x) * x).sum() - x.sum() ** 2, _point(0.3, -0.2, 1.0, 0.5)),
            ],
            traps={
                "length": lambda fn, x: abs(_dominant(fn, x)),
                "largest": lambda fn, x: _curvatures(fn, x)[-1],
                "smallest": lambda fn, x: _curvatures(fn, x)[0],
                "start": _from_ones,
            },
        ),
    ),
    {
        "length": {
            "en": "Right but for the sign, which a length cannot show. Compare the product with "
            "the vector itself.",
            "zh": "除了符号都对了，长度是看不出符号的。把乘积与向量本身比较一下。",
        },
        "largest": {
            "en": "This is the largest eigenvalue. Asked for is the one that is largest in "
            "absolute value: it may be negative.",
            "zh": "这是最大的特征值。题目要的是绝对值最大的那一个，它可能是负的。",
        },
        "smallest": {
            "en": "This is the smallest eigenvalue. Asked for is the one that is largest in "
            "absolute value.",
            "zh": "这是最小的特征值。题目要的是绝对值最大的那一个。",
        },
        "start": {
            "en": "Nearly always right. Your first vector can be at a right angle to the "
            "eigenvector that is looked for, and then it never turns towards it.",
            "zh": "几乎总是对的。但你的初始向量可能与要找的特征向量垂直，那就永远转不过去。",
        },
        "values": {
            "en": "Not these values yet. Is the vector made short again in every round, and are "
            "there enough rounds?",
            "zh": "值还不对。每一轮都把向量缩回单位长度了吗？轮数够吗？",
        },
        "returns_shape": {
            "en": "One number is asked for, the eigenvalue.",
            "zh": "要的是一个数，即特征值。",
        },
        "forbidden": {
            "en": "Right, but with the whole matrix. Products with vectors are enough.",
            "zh": "结果是对的，但求了整个矩阵。只用它与向量的乘积就够了。",
        },
    },
)


def _newton(
    fn: Function,
    x: Any,
    steps: int,
    *,
    sign: float = -1.0,
    frozen: bool = False,
    axes: bool = False,
) -> Array:
    x = x.asnumpy()
    first = _hessian(fn, ms.Tensor(x))
    for _ in range(steps):
        matrix = first if frozen else _hessian(fn, ms.Tensor(x))
        matrix = np.diag(np.diag(matrix)) if axes else matrix
        x = x + sign * np.linalg.solve(matrix, _gradient(fn, ms.Tensor(x)))
    found: Array = x
    return found


def _descent(fn: Function, x: Any, steps: int) -> Array:
    x = x.asnumpy()
    for _ in range(steps):
        x = x - _gradient(fn, ms.Tensor(x))
    found: Array = x
    return found


# Newton's method, in any number of variables.
_NEWTON = Exercise(
    same_outcomes(
        _newton,
        [
            (lambda p: (1 - p[0]) ** 2 + (p[1] - p[0] ** 2) ** 2, _point(0.5, 0.8), 2),
            (lambda x: ops.exp(x).sum() + x.sum() ** 2 - x[0], _point(0.3, -0.4, 0.6), 3),
            (_form([3, 1], [1, -2]), _point(1, 1), 1),
        ],
        traps={
            "uphill": lambda fn, x, steps: _newton(fn, x, steps, sign=1.0),
            "one": lambda fn, x, steps: _newton(fn, x, 1),
            "frozen": lambda fn, x, steps: _newton(fn, x, steps, frozen=True),
            "axes": lambda fn, x, steps: _newton(fn, x, steps, axes=True),
            "gradient": _descent,
            "stands": lambda fn, x, steps: x,
            "more": lambda fn, x, steps: _newton(fn, x, steps + 1),
        },
    ),
    {
        "uphill": {
            "en": "One sign is wrong: after the step, the gradient of the parabola should be zero.",
            "zh": "有一个符号错了：走完这一步，抛物面的梯度应当为零。",
        },
        "one": {
            "en": "This is where the first step leads. The number of steps is given.",
            "zh": "这是走了一步之后的位置。题目给定了步数。",
        },
        "frozen": {
            "en": "The first step is right. The later ones still use the Hessian of the start.",
            "zh": "第一步对了。后面几步用的还是起点处的黑塞矩阵。",
        },
        "axes": {
            "en": "Each entry of the gradient is divided by its own curvature. The entries beside "
            "the diagonal count as well.",
            "zh": "梯度的每个分量除以了各自的曲率。对角线以外的元素也要算进去。",
        },
        "gradient": {
            "en": "These are steps of gradient descent with the rate 1. Where does the Hessian "
            "come in?",
            "zh": "这是学习率为 1 的梯度下降。黑塞矩阵用在哪里？",
        },
        "stands": {
            "en": "x has not moved from the start.",
            "zh": "x 还停在起点。",
        },
        "more": {
            "en": "One step too many.",
            "zh": "多走了一步。",
        },
        "returns_shape": {
            "en": "The point reached is asked for, with as many numbers as x.",
            "zh": "要的是走到的那一点，数的个数与 x 相同。",
        },
    },
)

# The sum of the second derivatives in the directions of the axes.
_LAPLACIAN = Exercise(
    without(
        _WHOLE,
        same_outcomes(
            lambda fn, x: np.trace(_hessian(fn, x)),
            [
                (_form([3, 1, 0], [1, 2, 1], [0, 1, 7]), _point(1, 0, 2)),
                (lambda p: ops.exp(p[0]) * ops.sin(p[1]), _point(0.3, 0.7)),
                (lambda x: (ops.sin(x) * x).sum() - x.sum() ** 2, _point(0.3, -0.2, 1.0, 0.5)),
            ],
            traps={
                "everything": lambda fn, x: _hessian(fn, x).sum(),
                "mean": lambda fn, x: np.trace(_hessian(fn, x)) / len(x),
                "slopes": lambda fn, x: (_gradient(fn, x) ** 2).sum(),
                "divergence": lambda fn, x: _gradient(fn, x).sum(),
                "absolute": lambda fn, x: np.abs(np.diag(_hessian(fn, x))).sum(),
                "sign": lambda fn, x: -np.trace(_hessian(fn, x)),
                "entries": lambda fn, x: np.diag(_hessian(fn, x)),
            },
        ),
    ),
    {
        "everything": {
            "en": "This is the sum of all entries of the Hessian, the mixed derivatives among "
            "them.",
            "zh": "这是黑塞矩阵所有元素之和，混合偏导数也算进去了。",
        },
        "mean": {
            "en": "This is the mean of the second derivatives. Their sum is asked for.",
            "zh": "这是各个二阶导数的平均值。题目要的是和。",
        },
        "slopes": {
            "en": "These are squares of first derivatives.",
            "zh": "这是一阶导数的平方。",
        },
        "divergence": {
            "en": "This is the sum of the first derivatives.",
            "zh": "这是一阶导数之和。",
        },
        "absolute": {
            "en": "A second derivative may be negative, and then it lowers the sum.",
            "zh": "二阶导数可以是负的，那样它会使和减小。",
        },
        "sign": {
            "en": "The sign is the other way round.",
            "zh": "符号反了。",
        },
        "entries": {
            "en": "These are the second derivatives. What is left to do?",
            "zh": "各个二阶导数都有了。还差哪一步？",
        },
        "returns_shape": {
            "en": "One number is asked for.",
            "zh": "要的是一个数。",
        },
        "forbidden": {
            "en": "Right, but with the whole matrix.",
            "zh": "结果是对的，但求了整个矩阵。",
        },
    },
)


def _residuals(p: Any) -> Any:
    return ops.stack([p[0] * ops.exp(p[1]) - 1.0, p[0] + p[1] ** 2, ops.sin(p[1]), p[0] * p[1]])


def _bent(p: Any) -> Any:
    return ops.concat([p**2 - 1.0, (p[0] * p[1] * p[2])[None] + 0.5])


def _gauss_newton(
    residuals: Function, x: Any, *, length: float = -1.0, part: str = "point"
) -> Array:
    J, r = jacobian(residuals)(x).asnumpy(), residuals(x).asnumpy()
    step = np.linalg.solve(J.T @ J, J.T @ r)
    found: Array = x.asnumpy() + length * step if part == "point" else -step
    return found


def _full_newton(residuals: Function, x: Any) -> Array:
    return _newton(lambda x: (residuals(x) ** 2).sum() / 2, x, 1)


def _along_gradient(residuals: Function, x: Any) -> Array:
    found: Array = x.asnumpy() - _gradient(lambda x: (residuals(x) ** 2).sum() / 2, x)
    return found


# A step of least squares with first derivatives only.
_GAUSS_NEWTON = Exercise(
    without(
        _SECOND,
        same_outcomes(
            _gauss_newton,
            [(_residuals, _point(0.7, -0.3)), (_bent, _point(0.9, 1.2, -0.8))],
            traps={
                "step": lambda residuals, x: _gauss_newton(residuals, x, part="step"),
                "uphill": lambda residuals, x: _gauss_newton(residuals, x, length=1.0),
                "double": lambda residuals, x: _gauss_newton(residuals, x, length=-2.0),
                "short": lambda residuals, x: _gauss_newton(residuals, x, length=-0.5),
                "gradient": _along_gradient,
                "newton": _full_newton,
                "two": lambda residuals, x: _gauss_newton(
                    residuals, ms.Tensor(_gauss_newton(residuals, x))
                ),
            },
        ),
    ),
    {
        "step": {
            "en": "This is the step alone. The new parameters are asked for.",
            "zh": "这只是步子本身。题目要的是新的参数。",
        },
        "uphill": {
            "en": "One sign is wrong: this step leads away from the fit.",
            "zh": "有一个符号错了：这一步越走越偏。",
        },
        "double": {
            "en": "The direction is right, the step twice as long as it should be. The ½ in front "
            "of the sum takes care of the 2.",
            "zh": "方向对了，步子却长了一倍。求和号前面的 ½ 正好消去求导得到的 2。",
        },
        "short": {
            "en": "The direction is right, the step half as long as it should be: a 2 belongs to "
            "both sides or to neither.",
            "zh": "方向对了，步子却短了一半：2 要么两边都有，要么都没有。",
        },
        "gradient": {
            "en": "This is a step along the gradient. It still has to be divided by a matrix.",
            "zh": "这是沿梯度走的一步，还要除以一个矩阵。",
        },
        "newton": {
            "en": "This is the full Newton step. Which part of the matrix is left out here?",
            "zh": "这是完整的牛顿步。这里应当舍去矩阵的哪一部分？",
        },
        "two": {
            "en": "Two steps; one is asked for.",
            "zh": "走了两步，题目要的是一步。",
        },
        "forbidden": {
            "en": "Right, but with second derivatives on the way. First derivatives are enough.",
            "zh": "结果是对的，但途中用了二阶导数。只用一阶导数就够了。",
        },
    },
)

EXERCISES = {
    "07.1": _KIND,
    "07.2": _LIMIT,
    "07.3": _DOMINANT,
    "07.4": _NEWTON,
    "07.5": _LAPLACIAN,
    "07.6": _GAUSS_NEWTON,
}
