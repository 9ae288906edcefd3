"""Gradients of single samples: few, many, in containers, and where MindSpore's vmap is wrong."""

from typing import Any

import mindspore as ms
import numpy as np
import pytest
from calculus import assert_tree, tensor
from closeness import assert_tensor
from mindspore import nn, ops

from d2l_autograd import grad, per_sample_grad

W = np.array([1.0, -2.0, 0.5], "float32")


def batch(size: int) -> tuple[Any, Any]:
    random = np.random.default_rng(size)
    return random.normal(size=(size, 3)).astype("float32"), random.normal(size=size).astype(
        "float32"
    )


def squared_error(w: Any, x: Any, y: Any) -> Any:
    return ((w * x).sum() - y) ** 2


def exact(w: Any, x: Any, y: Any) -> Any:
    return 2 * (x @ w - y)[:, None] * x


@pytest.mark.parametrize("size", [1, 2, 8, 9, 40])
def test_each_row_is_a_samples_gradient(size: int) -> None:
    x, y = batch(size)
    assert_tensor(per_sample_grad(squared_error)(W, x, y), exact(W, x, y))


def test_their_mean_is_the_gradient_of_the_mean() -> None:
    x, y = batch(12)

    def mean_loss(w: Any) -> Any:
        return ((ops.matmul(tensor(x), w) - tensor(y)) ** 2).mean()

    rows = per_sample_grad(squared_error)(W, x, y)
    assert_tensor(grad(mean_loss)(W), rows.asnumpy().mean(0))


@pytest.mark.parametrize("size", [3, 12])
def test_one_position_is_the_batch(size: int) -> None:
    x, _ = batch(size)
    found = per_sample_grad(squared_error, batched=1)(W, x, np.float32(2))
    assert_tensor(found, exact(W, x, np.full(size, 2, "float32")))


@pytest.mark.parametrize("size", [3, 12])
def test_containers(size: int) -> None:
    x, y = batch(size)

    def loss(model: Any, sample: Any) -> Any:
        return ((model["w"] * sample[0]).sum() + model["b"][0] - sample[1]) ** 2

    model = {"w": tensor(W), "b": [tensor(0.0)]}
    rows = exact(W, x, y)
    by_b = 2 * (x @ W - y)
    assert_tree(per_sample_grad(loss)(model, (x, y)), {"w": rows, "b": [by_b]})


@pytest.mark.parametrize("size", [3, 12])
def test_aux_is_stacked(size: int) -> None:
    x, y = batch(size)

    def loss(w: Any, x: Any, y: Any) -> Any:
        error = (w * x).sum() - y
        return error**2, {"error": error}

    found = per_sample_grad(loss, has_aux=True)(W, x, y)
    assert_tree(found, (exact(W, x, y), {"error": x @ W - y}))


@pytest.mark.parametrize("size", [3, 12])
def test_a_gather_by_each_sample(size: int) -> None:
    x, _ = batch(size)

    def loss(w: Any, x: Any) -> Any:
        return (ops.gather(w, ms.Tensor([1, 2]), 0) ** 2).sum() * x.sum()

    rows = x.sum(1)[:, None] * (2 * W * np.array([0, 1, 1], "float32"))
    assert_tensor(per_sample_grad(loss)(W, x), rows)


def test_by_the_samples_themselves() -> None:
    x, _ = batch(12)
    found = per_sample_grad(lambda x: (x**3).sum(), batched=0)(x)
    assert_tensor(found, 3 * x**2)


def test_through_a_cell() -> None:
    x, y = batch(12)
    layer = nn.Dense(3, 1)

    def loss(w: Any, x: Any, y: Any) -> Any:
        return (layer(w * x).sum() - y) ** 2

    weight, bias = layer.weight.asnumpy()[0], layer.bias.asnumpy()[0]
    errors = (x * W) @ weight + bias - y
    assert_tensor(per_sample_grad(loss)(W, x, y), 2 * errors[:, None] * weight * x)
