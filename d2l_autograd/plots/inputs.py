"""What can be drawn: the rules for the arguments of the pictures."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from d2l_autograd.arguments.checks import require_function
from d2l_autograd.errors import GradientError


def require_functions(fns: Any, caller: str) -> list[Callable[[Any], Any]]:
    """Return one function or several as a list."""
    several = list(fns) if isinstance(fns, (list, tuple)) else [fns]
    if not several:
        raise GradientError(
            f"{caller} was given no function. Write {caller}(f, …) or {caller}([f, g], …)."
        )
    for fn in several:
        require_function(fn, caller)
    return several


def as_array(value: Any) -> np.ndarray[Any, Any]:
    """Return a number, a sequence, an array or a tensor as an array."""
    return np.asarray(value.asnumpy() if hasattr(value, "asnumpy") else value)


def require_number(value: Any, name: str) -> float:
    """Return value as a finite number."""
    try:
        number = float(value)
    except Exception:  # a tensor of several numbers raises what it likes
        number = math.nan
    if not math.isfinite(number) or isinstance(value, (bool, str)):
        raise GradientError(f"{name} is {value!r:.60}. Give one finite number, as in {name}=1.0.")
    return number


def require_positive(value: Any, name: str) -> float:
    """Return value as a number above 0."""
    number = require_number(value, name)
    if number <= 0:
        raise GradientError(f"{name} is {value!r}. Give a number above 0, as in {name}=0.1.")
    return number


def require_count(value: Any, name: str, least: int) -> int:
    """Return value if it is a whole number that is large enough."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise GradientError(
            f"{name} is {value!r:.60}. Give a whole number of at least {least}, as in "
            f"{name}={max(least, 20)}."
        )
    return value


def require_interval(lo: Any, hi: Any, name: str = "lo, hi") -> tuple[float, float]:
    """Return the ends of an interval that has an inside."""
    low, high = (
        _require_end(lo, "lower", name),
        _require_end(hi, "upper", name),
    )
    if low >= high:
        raise GradientError(
            f"{name} is {low:g}, {high:g}, which is no interval. Give the lower end first, and a "
            "larger number for the upper end."
        )
    return low, high


def _require_end(value: Any, which: str, name: str) -> float:
    try:
        return require_number(value, name)
    except GradientError:
        raise GradientError(
            f"The {which} end of {name} is {value!r:.60}. Give one finite number."
        ) from None


def require_limits(limits: Any, name: str) -> tuple[float, float]:
    """Return a pair as an interval."""
    if not isinstance(limits, (tuple, list, np.ndarray)) or len(limits) != 2:
        raise GradientError(f"{name} is {limits!r:.60}. Give a pair, as in {name}=(-2, 2).")
    return require_interval(limits[0], limits[1], name)


def require_choice(value: Any, name: str, choices: tuple[str, ...]) -> str:
    """Return value if it is one of the choices."""
    if not isinstance(value, str) or value not in choices:
        written = " or ".join(f'{name}="{choice}"' for choice in choices)
        raise GradientError(f"{name} is {value!r:.60}. Write {written}.")
    return value


def require_scale(scale: Any, name: str) -> str:
    """Return the name of a scale that an axis can have."""
    return require_choice(scale, name, ("linear", "log"))


def require_orders(orders: Any) -> tuple[int, ...]:
    """Return the orders of derivatives to draw."""
    given = tuple(orders) if isinstance(orders, (tuple, list, range)) else ()
    if not given or not all(
        isinstance(order, int) and not isinstance(order, bool) and order >= 0 for order in given
    ):
        raise GradientError(
            f"orders is {orders!r:.60}. Give whole numbers, 0 for the function itself and 1 for "
            "its derivative: orders=(0, 1), or orders=(1,) for the derivative alone."
        )
    if len(set(given)) < len(given):
        raise GradientError(f"orders={orders!r:.60} names an order twice. Name each one once.")
    return given


def require_numbers(values: Any, name: str) -> list[float]:
    """Return one number or several as a list."""
    if hasattr(values, "asnumpy") or isinstance(values, np.ndarray):
        values = as_array(values).tolist()
    several = list(values) if isinstance(values, (tuple, list, range)) else [values]
    if not several:
        raise GradientError(f"{name} is empty. Give a number or several: {name}=(0.0, 1.0).")
    return [require_number(value, name) for value in several]


def require_steps(steps: Any) -> list[float]:
    """Return the steps of difference quotients, none of which is 0."""
    numbers = require_numbers(steps, "steps")
    if 0.0 in numbers:
        raise GradientError(
            "steps holds 0, and a difference quotient divides by its step. Give steps that "
            "shrink and stay away from 0, as in steps=(1, 0.5, 0.1)."
        )
    return numbers


def require_point(value: Any, name: str) -> tuple[float, float]:
    """Return the two coordinates of a point in the plane."""
    value = value.asnumpy() if hasattr(value, "asnumpy") else value
    try:
        coordinates = [float(number) for number in value]
    except (TypeError, ValueError):
        coordinates = []
    if len(coordinates) != 2 or not all(map(math.isfinite, coordinates)):
        raise GradientError(
            f"{name} is {value!r:.60}. The function is drawn over a plane, so give a point of "
            f"two numbers: {name}=(1.0, -2.0)."
        )
    return coordinates[0], coordinates[1]


def require_texts(texts: Any, name: str, count: int) -> Sequence[str]:
    """Return that many texts."""
    given = [texts] if isinstance(texts, str) else texts
    if (
        not isinstance(given, (tuple, list))
        or len(given) != count
        or not all(isinstance(text, str) for text in given)
    ):
        raise GradientError(
            f"{name} is {texts!r:.60}. Give {count} text{'s' if count > 1 else ''}: "
            f"{name}=({', '.join(['…'.join(chr(34) * 2)] * count)},)."
        )
    return given
