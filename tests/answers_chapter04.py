"""Answers to the exercises of chapter 4."""

from typing import Any

import mindspore as ms
import numpy as np
from mindspore import ops

from d2l_autograd import grad, jacobian, jvp, vjp


def affine(W: Any, x: Any, c: Any, g: Any) -> Any:
    return g[:, None] * x, W.T @ g, g


def affine_in_numpy(W: Any, x: Any, c: Any, g: Any) -> Any:
    W, x, g = (value.asnumpy() for value in (W, x, g))
    return [np.outer(g, x), g @ W, g.copy()]


def affine_by_vjp(W: Any, x: Any, c: Any, g: Any) -> Any:
    return vjp(lambda W, x, c: W @ x + c, (0, 1, 2))(W, x, c, g)


def truth(scores: Any, labels: Any) -> Any:
    return np.eye(scores.shape[1])[np.asarray(labels)]


def scores_gradient(scores: Any, labels: Any) -> Any:
    scores = np.asarray(scores)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (weights / weights.sum(axis=1, keepdims=True) - truth(scores, labels)) / len(scores)


def overflowing(scores: Any, labels: Any) -> Any:
    scores = np.asarray(scores)
    weights = np.exp(scores)
    return (weights / weights.sum(axis=1, keepdims=True) - truth(scores, labels)) / len(scores)


def in_a_loop(scores: Any, labels: Any) -> Any:
    rows = []
    for row, label in zip(scores.asnumpy(), labels.asnumpy(), strict=True):
        weights = np.exp(row - row.max())
        probabilities = weights / weights.sum()
        probabilities[label] -= 1
        rows.append(probabilities / len(labels.asnumpy()))
    return np.array(rows)


def by_machine(scores: Any, labels: Any) -> Any:
    return grad(lambda s: ops.cross_entropy(s, labels))(scores)


def rank_one(fn: Any, x: Any) -> Any:
    column = jvp(fn)(x, ops.ones_like(x))
    row = vjp(fn)(x, ops.ones_like(column))
    return column[:, None] * row / column.sum()


def rank_one_in_numpy(fn: Any, x: Any) -> Any:
    column = jvp(fn)(x, ops.ones_like(x)).asnumpy()
    row = vjp(fn)(x, ms.Tensor(np.ones_like(column))).asnumpy()
    return np.outer(column, row) / row.sum()


def undivided(fn: Any, x: Any) -> Any:
    column = jvp(fn)(x, ops.ones_like(x))
    return column[:, None] * vjp(fn)(x, ops.ones_like(column))


RIGHT: dict[str, list[Any]] = {
    "04.1": [
        affine,
        affine_in_numpy,
        lambda W, x, c, g: (ops.outer(g, x), ops.matmul(W.T, g), g),
        lambda W, x, c, g: (g.reshape(-1, 1) @ x.reshape(1, -1), g @ W, 1 * g),
        lambda W, x, c, g: (ops.expand_dims(g, 1) * x, (W * g[:, None]).sum(0), g),
    ],
    "04.2": [
        scores_gradient,
        in_a_loop,
        lambda s, t: (ops.softmax(s, axis=1) - ms.Tensor(truth(s, t))) / len(t),
        lambda s, t: ((ops.softmax(s, axis=1) - ms.Tensor(truth(s, t))) / len(t)).asnumpy(),
    ],
    "04.3": [rank_one, rank_one_in_numpy],
    "04.4": [[10_050_000, 5_050_000], (10050000.0, 5050000.0), np.array([10_050_000, 5_050_000])],
    "04.5": [
        lambda A, b, x: (A + A.T) @ x / 2 - b,
        lambda A, b, x: 0.5 * (A @ x) + 0.5 * (x @ A) - b,
        lambda A, b, x: ((np.asarray(A) + np.asarray(A).T) @ np.asarray(x)) / 2 - np.asarray(b),
    ],
}

# By the key of the hint.
WRONG: dict[str, list[tuple[str, Any]]] = {
    "04.1": [
        ("transposed", lambda W, x, c, g: (x[:, None] * g, W.T @ g, g)),
        ("value", lambda W, x, c, g: (g[:, None] * x, W.T @ g, c)),
        ("no_g", lambda W, x, c, g: (g[:, None] * x, W.T @ g, ops.ones_like(g))),
        ("forbidden", affine_by_vjp),
        ("results", lambda W, x, c, g: g),
        ("results", lambda W, x, c, g: (g[:, None] * x, W.T @ g)),
        ("result", lambda W, x, c, g: (2 * g[:, None] * x, W.T @ g, g)),
        ("result", lambda W, x, c, g: (g[:, None] * x, 2 * (W.T @ g), g)),
        ("result", lambda W, x, c, g: (g[:, None] * x, W.T @ g, -g)),
        ("result_shape", lambda W, x, c, g: (g[:, None] * x, W.T @ g, g.sum())),
        ("result", lambda W, x, c, g: (W, W @ x, g)),
        ("raises", lambda W, x, c, g: (g * x, W @ g, g)),
        ("returns_nothing", lambda W, x, c, g: None),
    ],
    "04.2": [
        ("sum", lambda s, t: len(t) * scores_gradient(s, t)),
        ("sign", lambda s, t: -scores_gradient(s, t)),
        ("probabilities", lambda s, t: ops.softmax(s, axis=1)),
        ("by_classes", lambda s, t: len(t) * scores_gradient(s, t) / s.shape[1]),
        ("by_entries", lambda s, t: scores_gradient(s, t) / s.shape[1]),
        ("axis", lambda s, t: (ops.softmax(s, axis=0) - ms.Tensor(truth(s, t))) / len(t)),
        ("no_truth", lambda s, t: ops.softmax(s, axis=1) / len(t)),
        ("values", overflowing),
        ("values", lambda s, t: (s - ms.Tensor(truth(s, t))) / len(t)),
        ("forbidden", by_machine),
        ("returns_shape", lambda s, t: scores_gradient(s, t).sum()),
    ],
    "04.3": [
        ("transposed", lambda fn, x: rank_one(fn, x).T),
        ("undivided", undivided),
        ("column", lambda fn, x: jvp(fn)(x, ops.ones_like(x))),
        ("row", lambda fn, x: vjp(fn)(x, ops.ones_like(fn(x)))),
        ("forbidden", lambda fn, x: jacobian(fn)(x)),
        ("values", lambda fn, x: 2 * rank_one(fn, x)),
        ("returns_shape", lambda fn, x: rank_one(fn, x).sum()),
    ],
    "04.4": [
        ("swapped", [5_050_000, 10_050_000]),
        ("first_only", [10_000_000, 5_000_000]),
        ("sizes", [20_000, 10_000]),
        ("some", [10_050_000, 50_000]),
        ("array", [10_050, 5_050]),
    ],
    "04.5": [
        ("symmetric", lambda A, b, x: A @ x - b),
        ("other_side", lambda A, b, x: A.T @ x - b),
        ("no_half", lambda A, b, x: (A + A.T) @ x - b),
        ("sign", lambda A, b, x: (A + A.T) @ x / 2 + b),
        ("no_b", lambda A, b, x: (A + A.T) @ x / 2),
        ("forbidden", lambda A, b, x: grad(lambda x: (x * (A @ x)).sum() / 2 - (b * x).sum())(x)),
        ("values", lambda A, b, x: x),
    ],
}

# What no hint may say.
SECRETS = {
    "04.1": ["outer", "外积", ".T"],
    "04.2": ["minus", "减去", "one_hot"],
    "04.3": ["column *", "uᵀJv", "sum("],
    "04.4": ["10,050,000", "5,050,000", "10050000", "10_050"],
    "04.5": ["A.T", "Aᵀ", "+ A"],
}
