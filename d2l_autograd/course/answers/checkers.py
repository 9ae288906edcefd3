"""Checks that exercises share: the same number, the same array, the same function."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import mindspore as ms
import numpy as np
import numpy.typing as npt

from d2l_autograd.course.answers.exercise import Wrong, described
from d2l_autograd.course.answers.names import uses
from d2l_autograd.derivatives.gradient import grad
from d2l_autograd.errors import GradientError

Array = npt.NDArray[np.float64]
Check = Callable[[Any], "str | None"]
Function = Callable[..., Any]

TOLERANCE = 1e-5  # float32 on the way is good enough
POINTS = 5


@dataclass(frozen=True)
class Box:
    """Where the random values of one input lie: numbers from lo to hi in an array of shape."""

    lo: float
    hi: float
    shape: tuple[int, ...] = ()


def same_number(
    expected: float,
    *,
    traps: Mapping[str, float] | None = None,
    tolerance: float = TOLERANCE,
) -> Check:
    """Return the check for one number, given as a number or a tensor with a single element.

    Args:
        expected: the right number.
        traps: wrong answers that get a hint of their own, by the key of the hint.
        tolerance: relative to the expected number, and absolute where that is below 1.
    """

    def check(answer: Any) -> str | None:
        given = as_numbers(answer)
        if given.size != 1:
            return "shape"
        return _compared(given.reshape(()), expected, traps or {}, "number", tolerance)

    return check


def same_array(
    expected: npt.ArrayLike,
    *,
    traps: Mapping[str, npt.ArrayLike] | None = None,
    tolerance: float = TOLERANCE,
) -> Check:
    """Return the check for an array, given as an array, a tensor or a list.

    Args:
        expected: the right array; the answer has the same shape, give or take axes of length 1.
        traps: wrong answers that get a hint of their own, by the key of the hint.
        tolerance: relative to the expected numbers, and absolute where these are below 1.
    """

    def check(answer: Any) -> str | None:
        given = as_numbers(answer)
        right = np.asarray(expected, np.float64)
        if not _alike(given.shape, right.shape):
            return _compared(given, right, traps or {}, "shape", tolerance)
        key = _compared(given.reshape(right.shape), right, traps or {}, "array", tolerance)
        return _where_wrong(given.reshape(right.shape), right, tolerance) if key == "array" else key

    return check


def same_function(
    reference: Function,
    *domain: Box,
    orders: tuple[int, ...] = (0, 1),
    traps: Mapping[str, Function] | None = None,
    points: Sequence[Sequence[npt.ArrayLike]] = (),
    tolerance: float = TOLERANCE,
) -> Check:
    """Return the check for a function, by its values and derivatives at random points.

    Inputs are float64 tensors of the shapes in domain, results tensors or numbers of any shape.
    Where only values are compared, a function that takes no tensors is given arrays. A derivative
    of order 1 is the gradient of a randomly weighted sum of the results, which no wrong entry of a
    Jacobian survives; that of order 2 is the same of the derivative of order 1.

    Args:
        reference: the right function, made of MindSpore operators.
        domain: a `Box` for each input, inside of which the function is smooth.
        orders: what to compare: 0 values, 1 and 2 derivatives.
        traps: wrong functions that get a hint of their own, by the key of the hint.
        points: more points, the hard ones: each with a value for every input, of any shape.
        tolerance: relative to the largest of the numbers that are compared, or to 1.
    """
    rng = np.random.default_rng(0)
    boxes = [
        [_as_array(rng.uniform(box.lo, box.hi, box.shape)) for box in domain] for _ in range(POINTS)
    ]
    hard = [[_as_array(value) for value in point] for point in points]
    everywhere = [*hard, *(boxes if domain else ())]

    def check(answer: Any) -> str | None:
        given = _Derivatives(as_function(answer), everywhere, by_value=not {*orders} - {0})
        key = given.difference(reference, orders, tolerance)
        if key is None:
            return None
        caught = (
            name for name, trap in (traps or {}).items() if given.is_like(trap, orders, tolerance)
        )
        return next(caught, key)

    return check


def same_results(
    reference: Function,
    names: Sequence[str],
    points: Sequence[Sequence[npt.ArrayLike]],
    *,
    traps: Mapping[str, Function] | None = None,
    tolerance: float = TOLERANCE,
) -> Check:
    """Return the check for a function with several results, by their values.

    Args:
        reference: the right function; it returns a tuple of tensors or numbers.
        names: what the results are called, one each, to say which of them is wrong.
        points: a value for every input, of any shape; see `same_function`.
        traps: wrong functions that get a hint of their own, by the key of the hint.
        tolerance: relative to the largest of the numbers that are compared, or to 1.
    """

    def check(answer: Any) -> str | None:
        fn = as_function(answer)
        arrays = [[_as_array(value) for value in point] for point in points]
        given = [_results(_by_value(fn, point), names) for point in arrays]
        for key, trap in {"": reference, **(traps or {})}.items():
            expected = [_results(_at(trap, point), names) for point in arrays]
            if _first_wrong(given, expected, tolerance) is None:
                return key or None
        expected = [_results(_at(reference, point), names) for point in arrays]
        wrong = _first_wrong(given, expected, tolerance)
        assert wrong is not None
        place, shapes = wrong
        if shapes[0] != shapes[1]:
            raise Wrong("result_shape", name=names[place], given=shapes[0], right=shapes[1])
        raise Wrong("result", name=names[place])

    return check


def same_outcomes(
    reference: Function,
    cases: Sequence[Sequence[Any]],
    *,
    traps: Mapping[str, Function] | None = None,
    tolerance: float = TOLERANCE,
) -> Check:
    """Return the check for a function of anything, of functions too, by what it returns.

    Args:
        reference: the right function; it returns a number, a tensor or an array.
        cases: the arguments of each call, handed over as they are.
        traps: wrong functions that get a hint of their own, by the key of the hint.
        tolerance: relative to the largest of the numbers that are compared, or to 1.
    """

    def check(answer: Any) -> str | None:
        given = _outcomes(as_function(answer), cases)
        if _all_equal(given, right := _outcomes(reference, cases), tolerance):
            return None
        for key, trap in (traps or {}).items():
            if _all_equal(given, _outcomes(trap, cases), tolerance):
                return key
        alike = all(_alike(one.shape, other.shape) for one, other in zip(given, right, strict=True))
        return "values" if alike else "returns_shape"

    return check


def _outcomes(fn: Function, cases: Sequence[Sequence[Any]]) -> list[Array]:
    found = (fn(*arguments) for arguments in cases)
    return [
        as_numbers(one, refusal="returns_no_numbers", nothing="returns_nothing") for one in found
    ]


def _all_equal(given: list[Array], right: list[Array], tolerance: float) -> bool:
    return all(
        _alike(one.shape, other.shape) and _equal([one], [other], tolerance)
        for one, other in zip(given, right, strict=True)
    )


def _results(found: Any, names: Sequence[str]) -> list[Array]:
    if found is ...:
        raise Wrong("unanswered")
    if found is None:
        raise Wrong("returns_nothing")
    if not isinstance(found, (tuple, list)) or len(found) != len(names):
        raise Wrong("results", count=len(names), names=", ".join(names))
    return [as_numbers(part, refusal="returns_no_numbers") for part in found]


def _first_wrong(
    given: list[list[Array]], expected: list[list[Array]], tolerance: float
) -> tuple[int, list[tuple[int, ...]]] | None:
    """Return the place of the first result that differs, and the two shapes."""
    for theirs, ours in zip(given, expected, strict=True):
        for place, pair in enumerate(zip(theirs, ours, strict=True)):
            one, other = pair
            shapes = [one.shape, other.shape]
            if one.shape != other.shape or not _equal([one], [other], tolerance):
                return place, shapes
    return None


def without(names: frozenset[str], check: Check) -> Check:
    """Return the check that also refuses what uses one of the names, as the exercise says."""

    def checked(answer: Any) -> str | None:
        return check(answer) or ("forbidden" if uses(answer, names) else None)

    return checked


def as_numbers(answer: Any, *, refusal: str = "not_numbers", nothing: str = "not_numbers") -> Array:
    """Return an answer as an array of float64, or raise `Wrong` for what is no array of numbers."""
    if answer is ...:
        raise Wrong("unanswered")
    if answer is None:
        raise Wrong(nothing)
    if isinstance(answer, (list, tuple)):
        parts = [as_numbers(part, refusal=refusal) for part in answer]
        if len({part.shape for part in parts}) > 1:
            raise Wrong("shape")
        return np.array(parts, np.float64)
    if isinstance(answer, ms.Tensor):
        answer = answer.astype(ms.float64).asnumpy() if answer.dtype != ms.bool_ else True
    elif isinstance(answer, (numbers.Real, Decimal)) and not isinstance(answer, (bool, np.generic)):
        answer = float(answer)  # a fraction among them
    is_array = hasattr(answer, "__array__") and not callable(answer)
    array = np.asarray(answer) if is_array or isinstance(answer, float) else None
    if array is None or array.dtype.kind not in "iuf":
        raise Wrong("not_value" if callable(answer) else refusal)
    return array.astype(np.float64)


def as_function(answer: Any) -> Function:
    """Return an answer that can be called, or raise `Wrong`."""
    if not callable(answer) or isinstance(answer, (ms.Tensor, type)):
        raise Wrong("not_function")
    function: Function = answer
    return function


def _compared(
    given: Array,
    expected: npt.ArrayLike,
    traps: Mapping[str, npt.ArrayLike],
    key: str,
    tolerance: float,
) -> str | None:
    if not np.isfinite(given).all():
        return "not_finite"
    if _close(given, np.asarray(expected, np.float64), tolerance):
        return None
    caught = (name for name, trap in traps.items() if _close(given, np.asarray(trap), tolerance))
    return next(caught, key)


def _close(given: Array, expected: Array, tolerance: float) -> bool:
    if given.shape != expected.shape:
        return False
    return bool(np.allclose(given, expected, rtol=tolerance, atol=tolerance))


def _alike(given: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    """Whether two shapes are the same, give or take axes of length 1: a row is a vector, too."""
    return [n for n in given if n != 1] == [n for n in expected if n != 1]


def _where_wrong(given: Array, right: Array, tolerance: float) -> str:
    """Say which of the numbers are wrong, if some are right."""
    wrong = ~np.isclose(given, right, rtol=tolerance, atol=tolerance)
    if right.ndim != 1 or wrong.all():
        return "array"
    places = ", ".join(str(place + 1) for place in np.flatnonzero(wrong))
    raise Wrong("some", size=right.size, places=places)


class _Derivatives:
    """The values and derivatives of an answer at some points, each computed once."""

    def __init__(self, fn: Function, points: list[list[Array]], *, by_value: bool = False) -> None:
        self._fn, self._points = fn, points
        self._call = _by_value if by_value else _at
        self._known: dict[tuple[int, int], list[Array]] = {}
        self._made: dict[Any, Function] = {}

    def difference(self, other: Function, orders: Any, tolerance: float) -> str | None:
        """Return the key of the first difference from another function."""
        theirs = _Derivatives(other, self._points)
        for place in range(len(self._points)):
            (given,), (expected,) = self.at(place, 0), theirs.at(place, 0)
            exact = bool({*orders} - {0}) and given.size > 1
            if not _alike(given.shape, expected.shape) or (exact and given.shape != expected.shape):
                return "returns_shape"
            if 0 in orders and not _equal([given], [expected], tolerance):
                return "values"
        for order in sorted({*orders} - {0}):
            for place in range(len(self._points)):
                if not _equal(self.at(place, order), theirs.at(place, order), tolerance):
                    return "derivative"
        return None

    def is_like(self, trap: Function, orders: Any, tolerance: float) -> bool:
        """Whether there is no difference from a trap, which itself may have no derivative."""
        try:
            return self.difference(trap, orders, tolerance) is None
        except Wrong:
            return False

    def at(self, place: int, order: int) -> list[Array]:
        """Return the value at a point, or the derivatives by all inputs."""
        if (place, order) not in self._known:
            self._known[place, order] = self._slopes(place, order) if order else self._value(place)
        return self._known[place, order]

    def _value(self, place: int) -> list[Array]:
        found = self._call(self._fn, self._points[place])
        return [as_numbers(found, refusal="returns_no_numbers", nothing="returns_nothing")]

    def _slopes(self, place: int, order: int) -> list[Array]:
        shapes = [np.shape(part) for part in (*self.at(place, 0), *self._points[place])]
        made = (*shapes, order)
        if made not in self._made:
            rng = np.random.default_rng(1)
            weights = [rng.uniform(1, 2, shape) for shape in shapes]
            self._made[made] = _derivative(self._fn, weights, order)
        try:
            return [as_numbers(slope) for slope in _at(self._made[made], self._points[place])]
        except GradientError as error:
            raise Wrong("not_differentiable", error=described(error)) from None


def _as_array(value: npt.ArrayLike) -> Any:
    """Return an input as an array of float64, or of whole numbers if it is made of these."""
    array = np.asarray(value)
    whole = isinstance(value, np.ndarray) and array.dtype.kind == "i"
    return array.astype(np.int32 if whole else np.float64)


def _at(fn: Function, point: list[Array]) -> Any:
    return fn(*(ms.Tensor(value) for value in point))


def _by_value(fn: Function, point: list[Array]) -> Any:
    """Call fn with tensors; or with numbers and arrays, if it takes these alone."""
    try:
        return _at(fn, point)
    except (TypeError, ValueError, AttributeError, RuntimeError):
        try:
            return fn(*(value.copy() if value.ndim else float(value) for value in point))
        except Exception:
            pass  # the first error is the one that the reader will see
        raise


def _equal(given: list[Array], expected: list[Array], tolerance: float) -> bool:
    sizes = (np.abs(part[np.isfinite(part)]).max(initial=0) for part in expected)
    scale = max(1.0, *map(float, sizes))
    pairs = zip(given, expected, strict=True)
    return all(
        np.allclose(one.reshape(other.shape), other, rtol=0, atol=tolerance * scale, equal_nan=True)
        for one, other in pairs
    )


def _derivative(fn: Function, weights: list[Array], order: int) -> Function:
    """Return the gradient, by all inputs, of a weighted sum of fn or of its own gradient."""
    positions = tuple(range(len(weights) - 1))
    of_result, *of_slopes = (ms.Tensor(weight, ms.float64) for weight in weights)

    def total(*args: Any) -> Any:
        return (fn(*args) * of_result).sum()

    # Where one of the two cannot be compiled, the error speaks of the reader's function.
    total.__name__ = getattr(fn, "__name__", "The function")
    first = grad(total, positions)
    if order == 1:
        return first

    def slopes_total(*args: Any) -> Any:
        slopes = first(*args)
        result = 0.0
        for index in positions:
            result = result + (slopes[index] * of_slopes[index]).sum()
        return result

    slopes_total.__name__ = total.__name__
    return grad(slopes_total, positions)
