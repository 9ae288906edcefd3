"""The functions to differentiate, for libraries whose tensors have methods."""

from typing import Any

from benchmarks.problems import CHAIN_STEPS, NORM_LIMIT


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
