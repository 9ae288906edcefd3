"""Detaching: right in every mode, on tensors and on what holds them."""

from collections import namedtuple
from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from closeness import assert_tensor
from modes import MODES, run

from d2l_autograd import GradientError, attach_grad, detach, grad

X = np.array([1.0, 2.0, 3.0], "float32")


def tensor(x: Any) -> Any:
    return (detach(x * x) * x).sum()


def in_a_tuple(x: Any) -> Any:
    u, two = detach((x * x, 2.0))
    return (u * x * two / 2).sum()


def in_a_list(x: Any) -> Any:
    return (detach([x * x])[0] * x).sum()


def in_a_dict(x: Any) -> Any:
    return (detach({"u": x * x})["u"] * x).sum()


def nested(x: Any) -> Any:
    return (detach(({"u": [x, x * x]}, None))[0]["u"][1] * x).sum()


@pytest.mark.parametrize("raw", [False, True], ids=["grad", "mindspore.grad"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fn", [tensor, in_a_tuple, in_a_list, in_a_dict, nested])
def test_what_is_detached_is_constant(fn: Callable[[Any], Any], mode: str, raw: bool) -> None:
    def gradient(x: Any) -> Any:
        return ms.grad(fn)(x) if raw else grad(fn)(x)

    assert_tensor(run(mode, gradient, ms.Tensor(X)), X**2)


@pytest.mark.parametrize("mode", MODES)
def test_the_original_keeps_its_gradient(mode: str) -> None:
    def both(x: Any) -> Any:
        y = x * x
        return (detach(y) * x + y).sum()

    assert_tensor(run(mode, grad(both), ms.Tensor(X)), X**2 + 2 * X)


@pytest.mark.parametrize("mode", MODES)
def test_numbers_stay_the_same(mode: str) -> None:
    assert_tensor(run(mode, detach, ms.Tensor(X)), X)


@pytest.mark.parametrize("dtype", [ms.float64, ms.float16, ms.int32, ms.bool_])
def test_any_dtype(dtype: Any) -> None:
    x = ms.Tensor([1, 0], dtype)
    assert detach(x).dtype == dtype
    assert detach(x).asnumpy().tolist() == x.asnumpy().tolist()


def test_structure_is_kept() -> None:
    pair = namedtuple("pair", ["first", "second"])
    found = detach({"a": [pair(ms.Tensor(X), 1)], 2: (None, "text", 1.5, X)})
    assert list(found) == ["a", 2]
    assert type(found["a"][0]) is pair
    assert_tensor(found["a"][0].first, X)
    assert found["a"][0].second == 1
    assert found[2][:3] == (None, "text", 1.5)
    assert found[2][3] is X


def test_memory_is_shared() -> None:
    x = ms.Tensor(X)
    assert detach(x).data_ptr() == x.data_ptr()


def test_a_variable_becomes_a_tensor() -> None:
    assert not isinstance(detach(attach_grad(X)), ms.Parameter)


@pytest.mark.parametrize("given", [object(), {1, 2}, [object()], {"a": (object(),)}])
def test_what_is_not_known_is_refused(given: Any) -> None:
    with pytest.raises(GradientError, match=r"object of type .*pass the tensors"):
        detach(given)
