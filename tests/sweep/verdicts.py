"""The verdict on a row: its derivatives of three orders against differences.

The row's function is made a number by fixed weights; its second and third derivatives are taken
along a fixed direction. In float64 the first derivative is compared with differences of values, the
second with differences of the first, the third with differences of the second; then those in
float32 with those in float64. Where MindSpore has no float64, steps in float32 are larger.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Tensor

from d2l_autograd import GradientError, grad

from . import differences
from .differences import Point
from .row import Row

RIGHT, REFUSED, WRONG, ERROR = "right", "refused", "WRONG", "error"
NOT_RUN = "-"  # MindSpore cannot run the function itself
UNKNOWN = "?"  # a lower order is not right, so that its differences tell nothing
ORDERS = (1, 2, 3)
STEPS = {ms.float64: (1e-2, 1e-3, 5e-2, 1e-5), ms.float32: (5e-2, 1e-1, 2e-2, 4e-3)}
TOLERANCE = {ms.float64: 1e-6, ms.float32: 5e-3}
ROUGH = 5e-4  # in float64, where MindSpore's values have constants, or steps, of float32
FLOAT32 = 2e-4  # how near float32 must come to float64
FLOOR = 0.1  # errors are relative to the largest derivative, or to this


@dataclass(frozen=True)
class Verdict:
    """One word for each order, and what there is to say."""

    row: Row
    words: tuple[str, ...]
    note: str = ""

    @property
    def is_right(self) -> bool:
        """All orders are right, or refused by name, or MindSpore cannot run the function."""
        return not {WRONG, ERROR} & set(self.words)


class Sample:
    """The function of a row in one dtype, and its derivatives at points near that of the row."""

    def __init__(self, row: Row, dtype: Any) -> None:
        self.fn = row.function()
        self.dtype = dtype
        self.at: Point = [np.asarray(x, np.float64) for x in row.inputs.values()]
        self.constants = [_constant(value, dtype) for value in row.constants.values()]
        self.plain = row.want is not None
        self.way = [self._pattern(np.sin, x.shape, 1.0) for x in self.at]
        self.factors = [
            self._pattern(np.cos, out.shape, 0.5) for out in self.outs(*self.inputs(self.at))
        ]
        self._weights = [Tensor(factor, dtype) for factor in self.factors]

    def value(self, at: Point) -> float:
        """Return the value at a point."""
        outs = [out.asnumpy().astype(np.float64) for out in self.outs(*self.inputs(at))]
        return sum((w * y).sum() for w, y in zip(self.factors, outs, strict=True))

    def outs(self, *inputs: Any) -> list[Any]:
        """Return the floating-point tensors that the function returns."""
        return _floats(self.fn(*inputs, *self.constants))

    def total(self, *inputs: Any) -> Any:
        """Return the number that is made of them."""
        pairs = zip(self.outs(*inputs), self._weights, strict=True)
        return _total([(out * weight).sum() for out, weight in pairs])

    def derivative(self, order: int) -> Callable[[Point], Point]:
        """Return the function that computes the derivative of an order at a point."""
        ways = [Tensor(way, self.dtype) for way in self.way]
        everywhere = tuple(range(len(self.at)))
        value = self.total

        def slope(fn: Callable[..., Any]) -> Callable[..., Any]:
            def along(*inputs: Any) -> Any:
                found = grad(fn, everywhere)(*inputs)
                return _total([(g * way).sum() for g, way in zip(found, ways, strict=True)])

            return along

        for _ in range(order - 1):
            value = slope(value)
        differentiated = grad(value, everywhere)

        def at_point(at: Point) -> Point:
            inputs = self.inputs(at)
            found = differentiated(*inputs)
            for g, x in zip(found, inputs, strict=True):
                if g.shape != x.shape or g.dtype != x.dtype:
                    raise AssertionError(f"a gradient {g.dtype}{g.shape} for {x.dtype}{x.shape}")
            return [g.asnumpy().astype(np.float64) for g in found]

        return at_point

    def inputs(self, at: Point) -> list[Any]:
        """Return the tensors that the function is given for a point."""
        return [Tensor(x, self.dtype) for x in at]

    def _pattern(self, wave: Any, shape: tuple[int, ...], start: float) -> Any:
        if self.plain:
            return np.ones(shape)
        return wave(np.arange(np.prod(shape, dtype=int)) + start).reshape(shape)


def verdict(row: Row) -> Verdict:
    """Return the verdict on a row."""
    np.seterr(all="ignore")
    try:
        single = Sample(row, ms.float32)
    except Exception as error:
        return Verdict(row, (NOT_RUN,) * 3, f"MindSpore does not run it: {_first_line(error)}")
    try:
        double = Sample(row, ms.float64)
    except Exception:
        double = None
    words: list[str] = []
    notes = [] if double else ["float32 only"]
    for order in ORDERS:
        if row.want is not None and order > len(row.want):
            words.append(UNKNOWN)
            continue
        if words and words[-1] != RIGHT and not row.want:
            words.append(REFUSED if words[-1] == REFUSED else UNKNOWN)
            continue
        word, note = _verdict(row, order, single, double)
        words.append(word)
        if note and note not in notes:
            notes.append(note)
    return Verdict(row, tuple(words), "; ".join(notes))


def _verdict(row: Row, order: int, single: Sample, double: Sample | None) -> tuple[str, str]:
    try:
        found = [s.derivative(order)(s.at) for s in (double, single) if s is not None]
    except GradientError as error:
        return REFUSED, _first_line(error)
    except Exception as error:
        return ERROR, f"{type(error).__name__}: {_first_line(error)}"
    if row.want is not None:
        return _compare_with_wanted(row, order, found)
    best = double or single
    off, shown = _compare_with_differences(row, order, best, found[0])
    if not off < max(ROUGH, TOLERANCE[best.dtype]):
        return WRONG, f"{_ordinal(order)}: {shown}"
    if double is not None and not error_of(found[1], found[0]) < FLOAT32:
        return WRONG, f"{_ordinal(order)} in float32: {_shown(found[1], found[0])}"
    return RIGHT, "" if off < TOLERANCE[best.dtype] else "float64 is rough"


def _compare_with_wanted(row: Row, order: int, found: list[Point]) -> tuple[str, str]:
    assert row.want is not None
    for point in found:
        want = np.broadcast_to(np.asarray(row.want[order - 1], np.float64), point[0].shape)
        if not np.allclose(point[0], want, rtol=FLOAT32, atol=1e-37, equal_nan=True):
            return WRONG, f"{_ordinal(order)}: {_shown(point, [want])}"
    return RIGHT, ""


def _compare_with_differences(
    row: Row, order: int, sample: Sample, found: Point
) -> tuple[float, str]:
    """Return the error of a derivative, with the step that is best, and where it is largest."""
    best, shown = np.inf, "no differences"
    for step in STEPS[sample.dtype]:
        near = _differences(row, order, sample, step)
        error = error_of(found, near)
        if error < best:
            best, shown = error, _shown(found, near)
        if error < max(ROUGH, TOLERANCE[sample.dtype]):
            break
    return best, shown


def _differences(row: Row, order: int, sample: Sample, step: float) -> Point:
    if row.exact is not None:
        return _exact_differences(row, order, sample, step)
    if order == 1:
        return differences.gradient(sample.value, sample.at, step)
    return differences.along(sample.derivative(order - 1), sample.at, sample.way, step)


def _exact_differences(row: Row, order: int, sample: Sample, step: float) -> Point:
    fn = row.function(row.exact)
    constants = list(row.constants.values())

    def value(at: Point) -> float:
        return float((fn(*at, *constants) * sample.factors[0]).sum())

    def derived(order: int) -> Callable[[Point], Point]:
        if order == 1:
            return lambda at: differences.gradient(value, at, step)
        return lambda at: differences.along(derived(order - 1), at, sample.way, step)

    return derived(order)(sample.at)


def error_of(found: Point, right: Point) -> float:
    """Return the largest error, relative to the largest derivative, or to 0.1; NaN counts inf."""
    f, r = (np.concatenate([x.ravel() for x in point]) for point in (found, right))
    known = ~np.isnan(r)
    if not f.size:
        return 0.0
    if not known.any() or np.isnan(f).any():
        return float("inf")
    worst = np.abs(f - r)[known].max() / max(FLOOR, np.abs(r[known]).max())
    return float(worst) if np.isfinite(worst) else float("inf")


def _shown(found: Point, right: Point) -> str:
    """Show the entry that is off the most."""
    f, r = (np.concatenate([x.ravel() for x in point]) for point in (found, right))
    if not f.size:
        return ""
    off = np.where(np.isnan(f), np.inf, np.nan_to_num(np.abs(f - r), nan=-1.0))
    place = int(off.argmax())
    return f"{f[place]:.4g} instead of {r[place]:.4g}"


def _floats(result: Any) -> list[Any]:
    """Return the floating-point tensors of a result, however it is nested."""
    if isinstance(result, Tensor):
        return [result] if result.dtype in (ms.float16, ms.float32, ms.float64) else []
    if isinstance(result, (tuple, list)):
        return [tensor for part in result for tensor in _floats(part)]
    return []


def _total(numbers: list[Any]) -> Any:
    total = numbers[0]
    for number in numbers[1:]:
        total = total + number
    return total


def _constant(value: Any, dtype: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    return Tensor(value, dtype) if value.dtype == np.float64 else Tensor(value)


def _ordinal(order: int) -> str:
    return ("1st", "2nd", "3rd")[order - 1]


def _first_line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip() and line[0] != "-"]
    return (lines or [type(error).__name__])[0].strip()[:160]
