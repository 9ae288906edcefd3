"""The functions to differentiate, for libraries that speak NumPy; see tensor_functions."""

from types import SimpleNamespace
from typing import Any

from benchmarks.problems import CHAIN_STEPS, NORM_LIMIT


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

    return SimpleNamespace(
        square=square,
        chain=chain,
        branches=branches,
        network=network,
        layer=layer,
        wave=wave,
        sample_loss=sample_loss,
    )
