"""What is to be computed: inputs of float32, and the right answers in closed form, in float64."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Arrays = tuple[Array, ...]

CHAIN_STEPS = 50
NORM_LIMIT = 1000
BATCH = 64
TOLERANCE = 1e-3  # of the largest entry; a wrong derivative is off by far more, float32 by less


@dataclass(frozen=True)
class Problem:
    """One computation at one size."""

    kind: str
    size: int
    title: str
    ours_only: bool = False

    @property
    def name(self) -> str:
        """Kind and size, as results are stored."""
        return f"{self.kind} {self.size}"

    def inputs(self) -> Arrays:
        """Return the arguments; derivatives are by the first, or by a network's four weights."""
        return _INPUTS[self.kind](np.random.RandomState(0), self.size)

    def answer(self) -> Arrays:
        """Return the derivatives, of float64."""
        return _ANSWERS[self.kind](*[array.astype(np.float64) for array in self.inputs()])

    def error(self, answer: Arrays) -> float:
        """Return an answer's largest error, as a part of the largest entry."""
        right = self.answer()
        if [array.shape for array in answer] != [array.shape for array in right]:
            return float("inf")
        pairs = zip(answer, right, strict=True)
        errors = [float(np.abs(ours - exact).max() / np.abs(exact).max()) for ours, exact in pairs]
        return float("inf") if np.isnan(errors).any() else max(errors)


PROBLEMS = [
    *[Problem("square", n, f"gradient of 2x·x, n = {n:,}") for n in (4, 100, 10_000, 1_000_000)],
    Problem("chain", 1000, f"gradient of {CHAIN_STEPS} sines, n = 1,000"),
    Problem("branches", 4, "gradient through a loop and a branch"),
    Problem("network", 64, "gradient of a small network, 64 wide"),
    *[Problem("jacobian", n, f"Jacobian, n = {n}") for n in (10, 100, 400)],
    *[Problem("hessian", n, f"Hessian, n = {n}") for n in (10, 100, 400)],
    Problem("hessian", 2000, "Hessian, n = 2,000", ours_only=True),
    Problem("hvp", 400, "Hessian times vector, n = 400"),
    Problem("per_sample", BATCH, f"gradients of {BATCH} samples"),
]


def find(name: str) -> Problem:
    """Return the problem of this name."""
    return next(problem for problem in PROBLEMS if problem.name == name)


def _normal(random: np.random.RandomState, *shape: int) -> Array:
    return random.standard_normal(shape).astype(np.float32)


def _matrix(random: np.random.RandomState, size: int) -> Array:
    return _normal(random, size, size) / np.float32(size**0.5)


def _network(random: np.random.RandomState, width: int) -> Arrays:
    features = 16
    weights = (_normal(random, features, width) / 4, _normal(random, width))
    outer = (_normal(random, width, 1) / 8, _normal(random, 1))
    return *weights, *outer, _normal(random, BATCH, features), _normal(random, BATCH, 1)


_INPUTS: dict[str, Callable[[np.random.RandomState, int], Arrays]] = {
    "square": lambda random, n: (_normal(random, n),),
    "chain": lambda random, n: (_normal(random, n),),
    "branches": lambda random, n: (_normal(random, n),),
    "network": _network,
    "jacobian": lambda random, n: (_normal(random, n), _matrix(random, n)),
    "hessian": lambda random, n: (_normal(random, n), _matrix(random, n)),
    "hvp": lambda random, n: (_normal(random, n), _matrix(random, n), _normal(random, n)),
    "per_sample": lambda random, n: (
        _normal(random, 16, 32) / 4,
        _normal(random, n, 16),
        _normal(random, n),
    ),
}


def _chain(x: Array) -> Arrays:
    gradient = np.ones_like(x)
    for _ in range(CHAIN_STEPS):
        gradient, x = gradient * np.cos(x), np.sin(x)
    return (gradient,)


def _branches(x: Array) -> Arrays:
    factor = 2
    while np.linalg.norm(factor * x) < NORM_LIMIT:
        factor *= 2
    return (np.full_like(x, factor if x.sum() > 0 else 100 * factor),)


def _network_gradient(w1: Array, b1: Array, w2: Array, b2: Array, x: Array, y: Array) -> Arrays:
    hidden = np.tanh(x @ w1 + b1)
    out = 2 * (hidden @ w2 + b2 - y) / len(x)
    inner = (out @ w2.T) * (1 - hidden**2)
    return x.T @ inner, inner.sum(0), hidden.T @ out, out.sum(0)


def _hessian(x: Array, a: Array) -> Array:
    return -a.T @ (np.sin(a @ x)[:, None] * a)


def _per_sample(w: Array, x: Array, y: Array) -> Arrays:
    hidden = np.tanh(x @ w)
    outer = 2 * (hidden.sum(1) - y)
    return (outer[:, None, None] * x[:, :, None] * (1 - hidden**2)[:, None, :],)


_ANSWERS: dict[str, Callable[..., Arrays]] = {
    "square": lambda x: (4 * x,),
    "chain": _chain,
    "branches": _branches,
    "network": _network_gradient,
    "jacobian": lambda x, a: (np.cos(a @ x)[:, None] * a,),
    "hessian": lambda x, a: (_hessian(x, a),),
    "hvp": lambda x, a, v: (_hessian(x, a) @ v,),
    "per_sample": _per_sample,
}
