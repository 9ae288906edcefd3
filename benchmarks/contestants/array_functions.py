"""The functions to differentiate, for libraries that speak NumPy; see tensor_functions."""

from types import SimpleNamespace
from typing import Any

from benchmarks.problems import (
    BOUNCE_STEPS,
    CHAIN_STEPS,
    FALL,
    HEAT_STEPS,
    LOSS,
    NORM_LIMIT,
    POWER_STEPS,
)


def functions_of(np: Any) -> SimpleNamespace:
    """Return the functions, in the operations of a module that is like NumPy."""

    def square(x: Any) -> Any:
        return 2 * (x @ x)

    def chain(x: Any) -> Any:
        for _ in range(CHAIN_STEPS):
            x = np.sin(x)
        return np.sum(x)

    def branches(x: Any) -> Any:
        y = x * 2
        while np.linalg.norm(y) < NORM_LIMIT:
            y = y * 2
        z = y if np.sum(y) > 0 else 100 * y
        return np.sum(z)

    def network(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, y: Any) -> Any:
        hidden = np.tanh(x @ w1 + b1)
        return np.mean((hidden @ w2 + b2 - y) ** 2)

    def layer(x: Any, a: Any) -> Any:
        return np.sin(a @ x)

    def wave(x: Any, a: Any) -> Any:
        return np.sum(np.sin(a @ x))

    def sample_loss(w: Any, x: Any, y: Any) -> Any:
        return (np.sum(np.tanh(x @ w)) - y) ** 2

    def wiggle(x: Any) -> Any:
        return np.sin(x) * x**2

    def output(x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        return np.sum(np.tanh(x @ w1 + b1) @ w2 + b2)

    def misfit(parameters: Any, t: Any, y: Any) -> Any:
        decays = np.exp(-t[:, None] * parameters["r"])
        return np.mean((decays @ parameters["a"] + parameters["c"] - y) ** 2)

    def growth(x: Any, a: Any) -> Any:
        vector = a.sum(0)
        for _ in range(POWER_STEPS):
            vector = a @ vector + x * vector
            vector = vector / np.sqrt(vector @ vector)
        return vector @ (a @ vector + x * vector)

    def warmth(k: Any, u: Any, exchange: Any) -> Any:
        for _ in range(HEAT_STEPS):
            u = u + k * (exchange @ u)
        return np.sum(u * u)

    def height(v: Any) -> Any:
        y = 0 * v
        for _ in range(BOUNCE_STEPS):
            v = v - 9.81 * FALL
            y = y + FALL * v
            if y < 0:
                y, v = -y, -LOSS * v
        return y * y

    return SimpleNamespace(
        square=square,
        chain=chain,
        branches=branches,
        network=network,
        layer=layer,
        wave=wave,
        sample_loss=sample_loss,
        wiggle=wiggle,
        output=output,
        misfit=misfit,
        growth=growth,
        warmth=warmth,
        height=height,
    )
