"""Jacobians and Hessians as matrices: by rows, by columns, many together, in chunks."""

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from calculus import assert_tree
from closeness import assert_tensor
from mindspore import ops

from d2l_autograd import hessian, jacobian
from d2l_autograd.derivatives import matrices as module

pytestmark = pytest.mark.quick

RANDOM = np.random.default_rng(0)
WIDE, TALL = RANDOM.normal(size=(2, 20)), RANDOM.normal(size=(20, 2))
SQUARE = RANDOM.normal(size=(12, 12))
Fn = Callable[[Any], Any]


def linear(matrix: Any) -> Fn:
    constant = ms.Tensor(matrix)
    return lambda x: ops.matmul(constant, x)


def n(count: int) -> Any:
    return np.linspace(-1.0, 2.0, count)


def gathered(x: Any) -> Any:
    return ops.gather(x, ms.Tensor([1, 2]), 0) ** 2


def by_gathering(x: Any) -> Any:
    y = ops.gather(x, ms.Tensor([1, 2, 1]), 0)
    return (y**3).sum() * x


def neighbours(x: Any) -> Any:
    return (x[1:] ** 2 * x[:-1]).sum()


def hessian_of_neighbours(x: Any) -> Any:
    exact = np.zeros((x.size, x.size))
    for i in range(x.size - 1):
        exact[i + 1, i + 1] += 2 * x[i]
        exact[i, i + 1] += 2 * x[i + 1]
        exact[i + 1, i] += 2 * x[i + 1]
    return exact


def jacobian_by_gathering(x: Any) -> Any:
    y = x[[1, 2, 1]]
    by_x = np.zeros(x.size)
    by_x[1], by_x[2] = 6 * x[1] ** 2, 3 * x[2] ** 2
    return np.eye(x.size) * (y**3).sum() + np.outer(x, by_x)


JACOBIANS: list[tuple[str, Fn, Any, Any]] = [
    ("numbers", lambda x: x**3, np.array(2.0), np.array(12.0)),
    ("n = 1", lambda x: ops.cat((x, x**2)), np.array([3.0]), np.array([[1.0], [6.0]])),
    ("m = 1", lambda x: (x**2).sum().reshape(1), n(4), 2 * n(4)[None]),
    ("number to vector", lambda x: x * ms.Tensor(n(3)), np.array(2.0), n(3)),
    ("wide", linear(WIDE), n(20), WIDE),
    ("tall", linear(TALL), n(2), TALL),
    ("square", linear(SQUARE), n(12), SQUARE),
    (
        "matrix to matrix",
        lambda x: x.T * 2,
        n(6).reshape(2, 3),
        2 * np.einsum("ik,jl->jikl", np.eye(2), np.eye(3)),
    ),
    ("gather", gathered, n(12), 2 * n(12)[[1, 2], None] * np.eye(12)[[1, 2]]),
    ("gather, many rows", by_gathering, n(12), jacobian_by_gathering(n(12))),
    ("slices", lambda x: x[1:] * x[:-1], n(12), np.diag(n(12)[1:]) @ np.eye(12)[:-1]
        + np.diag(n(12)[:-1]) @ np.eye(12)[1:]),
    ("relu", lambda x: ops.relu(x) * x, n(12), np.diag(2 * np.maximum(n(12), 0))),
    ("halves", lambda x: ops.chunk(x, 2)[0] * 2, n(12), 2 * np.eye(12)[:6]),
    ("columns", lambda x: ops.stack((x, 2 * x), 1)[1], n(3), np.array([[0, 1, 0], [0, 2.0, 0]])),
    ("two dtypes", lambda x: x.half() * x, np.arange(8.0), np.diag(np.arange(0, 16, 2.0))),
]  # fmt: skip


@pytest.mark.parametrize("mode", ["forward", "reverse", None])
@pytest.mark.parametrize(
    ("fn", "x", "exact"), [case[1:] for case in JACOBIANS], ids=[case[0] for case in JACOBIANS]
)
def test_by_rows_by_columns_and_by_choice(fn: Fn, x: Any, exact: Any, mode: Any) -> None:
    assert_tensor(jacobian(fn, mode=mode)(ms.Tensor(x)), exact)


@pytest.mark.parametrize(
    ("matrix", "way"), [(WIDE, "by_rows"), (TALL, "by_columns"), (SQUARE, "by_rows")]
)
def test_the_cheaper_way_is_taken(matrix: Any, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = {"by_rows": "by_columns", "by_columns": "by_rows"}[way]
    monkeypatch.delattr(module._Matrix, other)
    assert_tensor(jacobian(linear(matrix))(ms.Tensor(n(matrix.shape[1]))), matrix)


HESSIANS: list[tuple[str, Fn, Fn]] = [
    ("cubes", lambda x: (x**3).sum(), lambda x: np.diag(6 * x)),
    ("square of the sum", lambda x: x.sum() ** 2, lambda x: np.full((x.size, x.size), 2.0)),
    ("slices", neighbours, hessian_of_neighbours),
    (
        "gather",
        lambda x: (ops.gather(x, ms.Tensor([1, 2]), 0) ** 3).sum(),
        lambda x: np.diag(6 * x * np.isin(np.arange(x.size), [1, 2])),
    ),
    ("exponentials", lambda x: ops.exp(x).sum(), lambda x: np.diag(np.exp(x))),
    ("relu", lambda x: (ops.relu(x) ** 2).sum(), lambda x: np.diag(2.0 * (x > 0))),
]


@pytest.mark.parametrize("count", [2, 4, 20])
@pytest.mark.parametrize(
    ("fn", "exact"), [case[1:] for case in HESSIANS if case[0] != "gather"],
    ids=[case[0] for case in HESSIANS if case[0] != "gather"],
)  # fmt: skip
def test_hessians(fn: Fn, exact: Fn, count: int) -> None:
    assert_tensor(hessian(fn)(ms.Tensor(n(count))), exact(n(count)))


@pytest.mark.parametrize("count", [20, 37])
@pytest.mark.parametrize(
    ("fn", "exact"), [case[1:] for case in HESSIANS], ids=[case[0] for case in HESSIANS]
)
def test_hessians_in_chunks(fn: Fn, exact: Fn, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGEST_TENSOR", 1)
    monkeypatch.setattr(module, "_FEWEST", 16)  # rows at once: 2 or 3 chunks, the last partial
    assert_tensor(hessian(fn)(ms.Tensor(n(count))), exact(n(count)))


def test_trees_of_many_rows() -> None:
    def fn(tree: Any) -> Any:
        return {"product": tree["a"] * tree["b"][0], "sum": tree["a"].sum() * tree["b"][0]}

    a, b = n(12), np.array(2.0)
    found = jacobian(fn)({"a": ms.Tensor(a), "b": [ms.Tensor(b)]})
    assert_tree(
        found,
        {
            "product": {"a": b * np.eye(12), "b": [a]},
            "sum": {"a": b * np.ones(12), "b": [a.sum()]},
        },
    )


def test_aux_of_many_rows_comes_through() -> None:
    def fn(x: Any) -> Any:
        return (x**3).sum(), {"mean": x.mean(), "name": "cubes"}

    for count in (3, 12):
        exact = (np.diag(6 * n(count)), {"mean": n(count).mean(), "name": "cubes"})
        assert_tree(hessian(fn, has_aux=True)(ms.Tensor(n(count))), exact)
