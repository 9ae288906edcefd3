"""Answers to the exercises of chapter 5."""

from fractions import Fraction
from typing import Any

import numpy as np
from mindspore import ops

from d2l_autograd import attach_grad, backward, grad, zero_grad


def momentum(w: Any, v: Any, gradient: Any, rate: float = 0.1, mu: float = 0.9) -> Any:
    v = mu * v + gradient
    return w - rate * v, v


def momentum_in_numpy(w: Any, v: Any, gradient: Any) -> Any:
    w, v, gradient = (np.asarray(value) for value in (w, v, gradient))
    return [w - 0.1 * (0.9 * v + gradient), 0.9 * v + gradient]


def momentum_as_displacement(w: Any, v: Any, gradient: Any) -> Any:
    v = 0.9 * v - 0.1 * gradient
    return w + v, v


def adam(w: Any, m: Any, s: Any, gradient: Any, t: Any, rate: float = 0.1) -> Any:
    m = 0.9 * m + 0.1 * gradient
    s = 0.999 * s + 0.001 * gradient**2
    mean, square = m / (1 - 0.9**t), s / (1 - 0.999**t)
    return w - rate * mean / (square**0.5 + 1e-8), m, s


def adam_as_mindspore(w: Any, m: Any, s: Any, gradient: Any, t: Any) -> Any:
    m = m + (gradient - m) * (1 - 0.9)
    s = s + (gradient * gradient - s) * (1 - 0.999)
    rate = 0.1 * (1 - 0.999 ** float(t)) ** 0.5 / (1 - 0.9 ** float(t))
    return w - rate * m / (ops.sqrt(s) + 1e-8), m, s


def adam_uncorrected(w: Any, m: Any, s: Any, gradient: Any, t: Any) -> Any:
    m, s = 0.9 * m + 0.1 * gradient, 0.999 * s + 0.001 * gradient**2
    return w - 0.1 * m / (s**0.5 + 1e-8), m, s


def adam_rootless(w: Any, m: Any, s: Any, gradient: Any, t: Any) -> Any:
    m, s = 0.9 * m + 0.1 * gradient, 0.999 * s + 0.001 * gradient**2
    return w - 0.1 * (m / (1 - 0.9**t)) / (s / (1 - 0.999**t) + 1e-8), m, s


def adam_swapped(w: Any, m: Any, s: Any, gradient: Any, t: Any) -> Any:
    m, s = 0.999 * m + 0.001 * gradient, 0.9 * s + 0.1 * gradient**2
    return w - 0.1 * (m / (1 - 0.999**t)) / ((s / (1 - 0.9**t)) ** 0.5 + 1e-8), m, s


def adam_keeps_corrected(w: Any, m: Any, s: Any, gradient: Any, t: Any) -> Any:
    w, m, s = adam(w, m, s, gradient, t)
    return w, m / (1 - 0.9**t), s / (1 - 0.999**t)


def adam_unsquared(w: Any, m: Any, s: Any, gradient: Any, t: Any) -> Any:
    m, s = 0.9 * m + 0.1 * gradient, 0.999 * s + 0.001 * abs(gradient)
    return w - 0.1 * (m / (1 - 0.9**t)) / ((s / (1 - 0.999**t)) ** 0.5 + 1e-8), m, s


def train(
    loss: Any, start: Any, steps: int, rate: float, reset: bool = False, accumulate: bool = True
) -> Any:
    w = attach_grad(start)
    for _ in range(steps):
        if reset:
            zero_grad(w)
        backward(loss, w, accumulate=accumulate)
        ops.assign(w, w - rate * w.grad)
    return w


def train_by_grad(loss: Any, start: Any, steps: int, rate: float) -> Any:
    w = start
    for _ in range(steps):
        w = w - rate * grad(loss)(w)
    return w


def reset_at_the_end(loss: Any, start: Any, steps: int, rate: float) -> Any:
    w = attach_grad(start)
    for _ in range(steps):
        backward(loss, w, accumulate=True)
        ops.assign(w, w - rate * w.grad)
        zero_grad(w)
    return w.asnumpy()


def reset_before_the_loop(loss: Any, start: Any, steps: int, rate: float) -> Any:
    w = attach_grad(start)
    zero_grad(w)
    for _ in range(steps):
        backward(loss, w, accumulate=True)
        ops.assign(w, w - rate * w.grad)
    return w


def reset_too_early(loss: Any, start: Any, steps: int, rate: float) -> Any:
    w = attach_grad(start)
    for _ in range(steps):
        backward(loss, w, accumulate=True)
        zero_grad(w)
        ops.assign(w, w - rate * w.grad)
    return w


def returns_in_the_loop(loss: Any, start: Any, steps: int, rate: float) -> Any:
    return train(loss, start, 1, rate, reset=True)


def forgets_to_return(loss: Any, start: Any, steps: int, rate: float) -> None:
    train(loss, start, steps, rate, reset=True)


RIGHT: dict[str, list[Any]] = {
    "05.1": [
        momentum,
        momentum_in_numpy,
        lambda w, v, g: (w - 0.1 * (0.9 * v + g), 0.9 * v + g),
    ],
    "05.2": [adam, adam_as_mindspore, lambda w, m, s, g, t: list(adam(w, m, s, g, t))],
    "05.3": [
        [3 / 8, 5 / 8],
        [0.375, 0.625],
        (Fraction(3, 8), Fraction(5, 8)),
        np.array([3, 5]) / 8,
    ],
    "05.4": [
        lambda loss, start, steps, rate: train(loss, start, steps, rate, reset=True),
        lambda loss, start, steps, rate: train(loss, start, steps, rate, accumulate=False),
        train_by_grad,
        reset_at_the_end,
    ],
}

# By the key of the hint.
WRONG: dict[str, list[tuple[str, Any]]] = {
    "05.1": [
        ("uphill", lambda w, v, g: (w + 0.1 * (0.9 * v + g), 0.9 * v + g)),
        ("average", lambda w, v, g: (w - 0.1 * (0.9 * v + 0.1 * g), 0.9 * v + 0.1 * g)),
        ("old_velocity", lambda w, v, g: (w - 0.1 * v, 0.9 * v + g)),
        ("rate_inside", lambda w, v, g: (w - 0.9 * v - 0.1 * g, 0.9 * v + 0.1 * g)),
        ("plain", lambda w, v, g: (w - 0.1 * g, 0.9 * v + g)),
        ("swapped", lambda w, v, g: momentum(w, v, g)[::-1]),
        ("displacement", momentum_as_displacement),
        ("memoryless", lambda w, v, g: (w - 0.1 * g, v)),
        ("result", lambda w, v, g: (w - 0.1 * (0.9 * v + g), v)),
        ("result", lambda w, v, g: (w, 0.9 * v + g)),
        ("results", lambda w, v, g: w - 0.1 * (0.9 * v + g)),
        ("raises", lambda w, v: (w, v)),
    ],
    "05.2": [
        ("uncorrected", adam_uncorrected),
        ("rootless", adam_rootless),
        ("keeps_corrected", adam_keeps_corrected),
        (
            "uphill",
            lambda w, m, s, g, t: (2 * w - adam(w, m, s, g, t)[0], *adam(w, m, s, g, t)[1:]),
        ),
        ("unsquared", adam_unsquared),
        ("swapped", adam_swapped),
        ("counts_from_2", lambda w, m, s, g, t: adam(w, m, s, g, t + 1)),
        ("result", lambda w, m, s, g, t: (w, *adam(w, m, s, g, t)[1:])),
        ("result", lambda w, m, s, g, t: (adam(w, m, s, g, t)[0], m, s)),
        ("results", lambda w, m, s, g, t: adam(w, m, s, g, t)[0]),
        ("results", lambda w, m, s, g, t: adam(w, m, s, g, t)[:2]),
    ],
    "05.3": [
        ("equal", [0.5, 0.5]),
        ("sum", [1, 1]),
        ("counts", [3, 5]),
        ("swapped", [5 / 8, 3 / 8]),
        ("inverse", [1 / 3, 1 / 5]),
        ("some", [3 / 8, 3 / 8]),
        ("array", [3 / 5, 5 / 3]),
    ],
    "05.4": [
        ("still_adds", train),
        ("still_adds", reset_before_the_loop),
        ("stands", reset_too_early),
        ("one_step", returns_in_the_loop),
        ("returns_nothing", forgets_to_return),
        ("values", lambda loss, start, steps, rate: train_by_grad(loss, start, steps, 2 * rate)),
        ("values", lambda loss, start, steps, rate: train_by_grad(loss, start, steps + 1, rate)),
    ],
}

# What no hint may say.
SECRETS = {
    "05.1": ["mu *", "0.9", "rate * v"],
    "05.2": ["0.999", "sqrt", "1 -"],
    "05.3": ["3/8", "5/8", "0.375"],
    "05.4": ["zero_grad", "accumulate=", "清零"],
}
