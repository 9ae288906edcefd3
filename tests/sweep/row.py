"""What a row of the sweep is: a call of a function, and a point to differentiate it at."""

import linecache
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import mint, nn, ops
from mindspore import numpy as mnp

NAMES: dict[str, Any] = {
    "ms": ms, "np": np, "ops": ops, "mnp": mnp, "nn": nn, "mint": mint, "P": ops.operations
}  # fmt: skip
"""What a call may refer to beside its inputs."""


@dataclass(frozen=True)
class Row:
    """A call, and a point.

    Attributes:
        call: an expression of the inputs and constants, with one tensor or many as its value.
        at: the name of the point; empty for an ordinary one.
        inputs: by name: what to differentiate by, arrays of floating point.
        constants: by name: other arrays, and anything else that the call is given.
        want: first, second and third derivative of an elementwise call of one input, entry by
            entry, where differences cannot tell: at kinks, at the ends of the domain, far out.
            Those of higher order may be left out.
        exact: the call in NumPy's terms, where MindSpore's float64 is missing or wrong.
    """

    call: str
    at: str
    inputs: dict[str, Any]
    constants: dict[str, Any] = field(default_factory=dict)
    want: tuple[Any, ...] | None = None
    exact: str | None = None

    @property
    def name(self) -> str:
        """What the row is called; no two have the same name."""
        return f"{self.call} @ {self.at}" if self.at else self.call

    def function(self, expression: str | None = None) -> Callable[..., Any]:
        """Return the call as a function of the inputs and constants, by position."""
        code = expression or self.call
        lines = [f"def fn({', '.join([*self.inputs, *self.constants])}):\n", f"    return {code}\n"]
        file = f"<{self.name}>"
        linecache.cache[file] = (sum(map(len, lines)), None, lines, file)  # MindSpore reads source
        names = {**NAMES, "__name__": __name__}  # MindSpore wants a module
        exec(compile("".join(lines), file, "exec"), names)
        return names["fn"]


def rows(
    calls: str,
    at: str = "",
    *,
    constants: dict[str, Any] | None = None,
    want: tuple[Any, ...] | None = None,
    exact: str | None = None,
    **given: Any,
) -> list[Row]:
    """Return the rows of several calls at one point; each line of text is a call.

    What is given by name is an input if it is an array of floating point, else a constant.
    """
    inputs = {name: value for name, value in given.items() if _is_float(value)}
    others = {name: value for name, value in given.items() if name not in inputs}
    lines = [line.strip() for line in calls.splitlines()]
    constants = {**others, **(constants or {})}
    return [Row(line, at, inputs, constants, want, exact) for line in lines if line]


def _is_float(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == np.float64


def normal(seed: int, *shape: int) -> Any:
    """Return an array of normally distributed numbers."""
    return np.random.default_rng(seed).normal(size=shape)


def uniform(seed: int, low: float, high: float, *shape: int) -> Any:
    """Return an array of uniformly distributed numbers."""
    return np.random.default_rng(seed).uniform(low, high, size=shape)


# Points that many rows share.
ANY = np.array([-1.7, -0.6, 0.3, 0.8, 1.4, 2.3])
OTHER = np.array([0.9, -1.2, 1.6, 0.45, -0.65, 2.1])
POSITIVE = np.array([0.2, 0.7, 1.3, 1.9, 2.6, 3.1])
UNIT = np.array([-0.8, -0.45, -0.1, 0.25, 0.6, 0.85])
ABOVE_ONE = np.array([1.2, 1.5, 1.9, 2.4, 2.8, 3.3])
EMPTY = np.zeros(0)
SCALAR = np.array(0.7)
ONE = np.array([0.7])
ZERO = np.zeros(2)
