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
POWER_STEPS = 50
HEAT_STEPS = 20
BOUNCE_STEPS = 100
FALL, LOSS = 0.02, 0.8  # seconds of a step, and the part of the speed that a bounce leaves
LEARNING_RATE = 1e-6  # so small that all steps of a run have the gradient of the first
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
    Problem("second", 1, "second derivative of a small function"),
    Problem("physics", 20, "physics-informed training step, 1-16-1"),
    Problem("fit", 17, "Hessian of 17 parameters in a dict"),
    Problem("power", 4, f"Hessian of {POWER_STEPS} power iterations"),
    Problem("heat", 32, f"second derivative of {HEAT_STEPS} heat steps"),
    Problem("bounce", 1, f"second derivative of {BOUNCE_STEPS} ball steps"),
    Problem("fresh", 1000, "1,000 fresh second derivatives", ours_only=True),
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


def _inputs_of_physics(random: np.random.RandomState, points: int) -> Arrays:
    weights = (_normal(random, 1, 16), _normal(random, 16))
    outer = (_normal(random, 16, 1) / 4, _normal(random, 1))
    return *weights, *outer, np.linspace(-1, 1, points, dtype=np.float32)[:, None]


def _inputs_of_fit(random: np.random.RandomState, parameters: int) -> Arrays:
    terms = (parameters - 1) // 2
    rates = np.linspace(0.5, 2, terms, dtype=np.float32)
    times = np.linspace(0, 3, 30, dtype=np.float32)
    return _normal(random, terms), rates, _normal(random, 1), times, _normal(random, 30)


def _inputs_of_power(random: np.random.RandomState, size: int) -> Arrays:
    turn, _ = np.linalg.qr(random.standard_normal((size, size)))
    values = np.concatenate([[4], np.linspace(0.5, 1.5, size - 1)])
    return np.zeros(size, np.float32), ((turn * values) @ turn.T).astype(np.float32)


def _inputs_of_heat(random: np.random.RandomState, size: int) -> Arrays:
    each = np.eye(size, dtype=np.float32)
    exchange = np.roll(each, 1, 0) + np.roll(each, -1, 0) - 2 * each
    return np.array(0.2, np.float32), _normal(random, size), exchange


_INPUTS: dict[str, Callable[[np.random.RandomState, int], Arrays]] = {
    "square": lambda random, n: (_normal(random, n),),
    "chain": lambda random, n: (_normal(random, n),),
    "branches": lambda random, n: (_normal(random, n),),
    "network": _network,
    "jacobian": lambda random, n: (_normal(random, n), _matrix(random, n)),
    "hessian": lambda random, n: (_normal(random, n), _matrix(random, n)),
    "hvp": lambda random, n: (_normal(random, n), _matrix(random, n), _normal(random, n)),
    "second": lambda random, n: (np.array(1.3, np.float32),),
    "physics": _inputs_of_physics,
    "fit": _inputs_of_fit,
    "power": _inputs_of_power,
    "heat": _inputs_of_heat,
    "bounce": lambda random, n: (np.array(3.0, np.float32),),
    "fresh": lambda random, n: (np.array(1.3, np.float32),),
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


def _second(x: Array) -> Arrays:
    return (2 * np.sin(x) + 4 * x * np.cos(x) - x**2 * np.sin(x),)


def _physics_gradient(w1: Array, b1: Array, w2: Array, b2: Array, x: Array) -> Arrays:
    """Return the gradient of mean((u'' + u)^2), with u = tanh(x w1 + b1) w2 + b2."""
    out = np.tanh(x @ w1 + b1)
    first = 1 - out**2
    second = -2 * out * first
    third = -2 * first * (1 - 3 * out**2)
    by_w2 = w1**2 * second + out
    residual = by_w2 @ w2 + b2
    by_b1 = w2.T * (w1**2 * third + first)
    by_w1 = w2.T * 2 * w1 * second + by_b1 * x
    outer = 2 * residual / len(x)
    return (outer.T @ by_w1, (outer.T @ by_b1)[0], by_w2.T @ outer, outer.sum(0))


def _fit_hessian(a: Array, r: Array, c: Array, t: Array, y: Array) -> Arrays:
    """Return the nine blocks of the Hessian of mean((sum of a exp(-r t) + c - y)^2)."""
    decays = np.exp(-np.outer(t, r))
    slopes = -a * t[:, None] * decays
    columns = [decays, slopes, np.ones((len(t), 1))]
    blocks = {(i, j): columns[i].T @ columns[j] for i in range(3) for j in range(3)}
    error = decays @ a + c - y
    mixed = np.diag(error @ (-t[:, None] * decays))
    blocks[0, 1] = blocks[0, 1] + mixed
    blocks[1, 0] = blocks[1, 0] + mixed
    blocks[1, 1] = blocks[1, 1] + np.diag(error @ (a * t[:, None] ** 2 * decays))
    return tuple(2 * block / len(t) for block in blocks.values())


def _power_hessian(x: Array, a: Array) -> Arrays:
    """Return how the largest eigenvalue of a + diag(x) bends with x."""
    values, vectors = np.linalg.eigh(a + np.diag(x))
    mixed = vectors[:, -1:] * vectors[:, :-1]
    return (2 * (mixed / (values[-1] - values[:-1])) @ mixed.T,)


def _heat_second(k: Array, u: Array, exchange: Array) -> Arrays:
    """Return how the sum of squares bends with k, mode by mode of the periodic rod."""
    modes = np.abs(np.fft.fft(u)) ** 2 / len(u)
    decays = 2 * np.cos(2 * np.pi * np.arange(len(u)) / len(u)) - 2
    n = 2 * HEAT_STEPS
    return (np.asarray((modes * n * (n - 1) * decays**2 * (1 + k * decays) ** (n - 2)).sum()),)


def _bounce_second(v: Array) -> Arrays:
    """Return how the square of the height bends: the height is linear in v between bounces."""
    speed, y, by_v_of_y, by_v_of_v = float(v), 0.0, 0.0, 1.0
    for _ in range(BOUNCE_STEPS):
        speed -= 9.81 * FALL
        y, by_v_of_y = y + FALL * speed, by_v_of_y + FALL * by_v_of_v
        if y < 0:
            y, speed, by_v_of_y, by_v_of_v = -y, -LOSS * speed, -by_v_of_y, -LOSS * by_v_of_v
    return (np.asarray(2 * by_v_of_y**2),)


_ANSWERS: dict[str, Callable[..., Arrays]] = {
    "square": lambda x: (4 * x,),
    "chain": _chain,
    "branches": _branches,
    "network": _network_gradient,
    "jacobian": lambda x, a: (np.cos(a @ x)[:, None] * a,),
    "hessian": lambda x, a: (_hessian(x, a),),
    "hvp": lambda x, a, v: (_hessian(x, a) @ v,),
    "per_sample": _per_sample,
    "second": _second,
    "physics": _physics_gradient,
    "fit": _fit_hessian,
    "power": _power_hessian,
    "heat": _heat_second,
    "bounce": _bounce_second,
    "fresh": _second,
}
