"""Gradients of single samples: few, many, in containers, and where MindSpore's vmap is wrong."""

from typing import Any

import mindspore as ms
import numpy as np
import pytest
from calculus import assert_tree, tensor
from closeness import assert_tensor
from mindspore import mint, nn, ops

from d2l_autograd import GradientError, detach, grad, per_sample_grad

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


def written(x: Any) -> Any:
    y = x * 1
    y[y > 0.5] = 0.0
    return (y**3).sum() * x.sum()


ROWS, COLUMNS = ms.Tensor([0, 2]), ms.Tensor([1, 1])
OF_A_SAMPLE: dict[str, Any] = {
    "a detached part": lambda x: (detach(x[0].sum()) - (x * x).sum()) ** 2,
    "a detached gradient": lambda x: (detach(grad(lambda v: (v**3).sum())(x)) * x).sum(),
    "detached numbers in Python": lambda x: (x * float(detach(x).sum())).sum(),
    "detached numbers in NumPy": lambda x: (x * ms.Tensor(detach(x).asnumpy() * 2)).sum(),
    "all of it detached": lambda x: detach((x * x).sum()),
    "what a mask selects": lambda x: (x[x > 0.5] ** 2).sum(),
    "how much a mask selects": lambda x: (x**2).sum() / x[x > 0.5].shape[0],
    "masked_select": lambda x: (ops.masked_select(x, x > 0.5) ** 2).mean(),
    "the number of places": lambda x: x.sum() * ops.nonzero(x > 0.4).shape[0],
    "written by a mask": written,
    "an index of two tensors": lambda x: (x[ROWS, COLUMNS] ** 2).sum() * x.sum(),
    "narrow": lambda x: (mint.narrow(x, 1, 1, 2) ** 2).sum() * x.sum(),
    "split": lambda x: (mint.split(x, [1, 2], 1)[1] ** 2).sum(),
    "unbind": lambda x: (mint.unbind(x, 0)[1] ** 2).sum(),
    "stack": lambda x: (ops.stack((x, x * x), -1).reshape(-1)[3:7] ** 2).sum(),
    "unstack": lambda x: (ops.unbind(x, 1)[1] ** 3).sum(),
    "unsqueeze": lambda x: (mint.unsqueeze(x, 0) ** 2 * x).sum(),
    "select": lambda x: (x.select(1, -1) ** 2).sum(),
    "softmin": lambda x: (ops.softmin(x, 1) ** 2).sum(),
    "prod": lambda x: (x.prod(1) ** 2).sum(),
    "tile": lambda x: (ops.tile(x, (2, 1, 3)) ** 2).sum() * x.sum(),
    "in place": lambda x: (ops.scatter_nd_max(x * 1, ROWS[:, None], x[:2] ** 2) ** 2).sum(),
}


def test_numbers_of_a_sample_that_is_a_constant_may_go_through_python() -> None:
    x, _ = batch(3)
    found = per_sample_grad(lambda w, x: (w * float(x.sum())).sum())(W, x)
    assert_tensor(found, np.repeat(x.sum(1, keepdims=True), 3, 1))


def test_numbers_of_the_input_may_not_go_through_python() -> None:
    with pytest.raises(GradientError, match="no gradient can flow"):
        per_sample_grad(lambda w, x: (w * x * float(w.sum())).sum())(1.3 * W, batch(3)[0])


@pytest.mark.parametrize("name", OF_A_SAMPLE)
def test_together_is_as_one_by_one(name: str) -> None:
    fn = OF_A_SAMPLE[name]
    x = np.random.default_rng(1).uniform(0, 1, (4, 3, 3)).astype("float32")
    found = per_sample_grad(fn, batched=0)(x)
    assert_tensor(found, np.stack([grad(fn)(one).asnumpy() for one in x]))
