"""The functions to differentiate, for libraries whose tensors have methods."""

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


def square(x: Any) -> Any:
    """2 x.x, of x of shape (n,)."""
    return 2 * (x @ x)


def chain(x: Any) -> Any:
    """Many operators, one after the other, each for every entry."""
    for _ in range(CHAIN_STEPS):
        x = x.sin()
    return x.sum()


def branches(x: Any) -> Any:
    """A loop and a branch that depend on the values."""
    y = x * 2
    while y.norm() < NORM_LIMIT:
        y = y * 2
    z = y if y.sum() > 0 else 100 * y
    return z.sum()


def network(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, y: Any) -> Any:
    """The mean square error of a network with one hidden layer, for a batch."""
    hidden = (x @ w1 + b1).tanh()
    return ((hidden @ w2 + b2 - y) ** 2).mean()


def layer(x: Any, a: Any) -> Any:
    """A vector of shape (n,) of a vector of shape (n,)."""
    return (a @ x).sin()


def wave(x: Any, a: Any) -> Any:
    """A scalar whose Hessian has no zeros."""
    return (a @ x).sin().sum()


def sample_loss(w: Any, x: Any, y: Any) -> Any:
    """The loss of one sample: x of shape (d,), y a scalar."""
    return ((x @ w).tanh().sum() - y) ** 2


def wiggle(x: Any) -> Any:
    """A function of one number."""
    return x.sin() * x**2


def output(x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """The sum of what a network computes for points of shape (n, 1)."""
    return ((x @ w1 + b1).tanh() @ w2 + b2).sum()


def misfit(parameters: Any, t: Any, y: Any) -> Any:
    """The mean square error of a sum of decays; parameters is a dict of a, r and c."""
    decays = (-t.reshape(-1, 1) * parameters["r"]).exp()
    return ((decays @ parameters["a"] + parameters["c"] - y) ** 2).mean()


def growth(x: Any, a: Any) -> Any:
    """The largest eigenvalue of a + diag(x), by power iteration."""
    vector = a.sum(0)
    for _ in range(POWER_STEPS):
        vector = a @ vector + x * vector
        vector = vector / (vector @ vector).sqrt()
    return vector @ (a @ vector + x * vector)


def warmth(k: Any, u: Any, exchange: Any) -> Any:
    """The sum of squares of a periodic rod's temperatures, after a while."""
    for _ in range(HEAT_STEPS):
        u = u + k * (exchange @ u)
    return (u * u).sum()


def height(v: Any) -> Any:
    """The square of a bouncing ball's height, after a while."""
    y = 0 * v
    for _ in range(BOUNCE_STEPS):
        v = v - 9.81 * FALL
        y = y + FALL * v
        if y < 0:
            y, v = -y, -LOSS * v
    return y * y
