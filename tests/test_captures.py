"""What a function depends on besides its arguments: told apart, or known to be unknown."""

import collections
import enum
import itertools
import math
import operator
import os
import random
import sys
import threading
import time
import types
import warnings
from collections.abc import Callable
from functools import partial, reduce
from pathlib import Path
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from mindspore import nn, ops

from d2l_autograd import grad
from d2l_autograd.engine.captures import Captures, snapshot

pytestmark = pytest.mark.quick

X = np.array([1.0, 2.0], "float32")
settings = sys.modules["settings"] = types.ModuleType("settings")
vars(settings)["factor"] = 1.0
slot = object()


def helper(x: Any) -> Any:
    return 2 * x


Pair = collections.namedtuple("Pair", "x kind")
Kind = enum.Enum("Kind", "small large")


def holding(value: Any) -> Callable[[Any], Any]:
    return lambda x: (value, x)


def closing_over(module: Any) -> Callable[[Any], Any]:
    return lambda x: module.environ["SIZE"] * x


def local_import(x: Any) -> Any:
    import random

    return x * random.random()


UNKNOWN: dict[str, Callable[[Any], Any]] = {
    "set": holding({1, 2}),
    "bytearray": holding(bytearray(b"a")),
    "object": lambda x: (slot, x),
    "iterator": holding(iter([1])),
    "counter": holding(itertools.count()),
    "generator": holding(np.random.default_rng(0)),
    "numpy's random": lambda x: x * np.random.rand(),
    "random": lambda x: x * random.random(),
    "random, imported inside": local_import,
    "clock": lambda x: x * time.time(),
    "file": lambda x: x * float(open("factor.txt").read()),  # noqa: SIM115
    "array from a file": lambda x: x * np.load("factor.npy"),
    "eval": lambda x: eval("slot") * x,
    "printing": lambda x: print(x),
    "printing by another name": partial(lambda show, x: show(x), print),
    "warning": lambda x: warnings.warn("small", stacklevel=1),
    "folder": lambda x: os.mkdir("results"),
    "array to a file": lambda x: np.save("x.npy", np.zeros(2)),
    "class that writes": lambda x: Path("x.txt").write_text(""),
    "thread": lambda x: threading.Thread(target=helper),
    "seed": lambda x: ms.set_seed(1),
    "environment": lambda x: os.environ["SIZE"],
    "module in a closure": closing_over(os),
    "module in a list": holding([os]),
}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_unknown(kind: str) -> None:
    assert snapshot(UNKNOWN[kind]) is None


@pytest.mark.parametrize(
    "fn",
    [
        lambda x: ops.sin(x),
        lambda x: math.pi * np.float32(2) * x,
        lambda x: settings.factor * x,
        (lambda module: lambda x: module.sin(x))(ops),
        lambda x: helper(grad(helper)(x)),
        nn.Dense(2, 1),
        nn.Dense(2, 1).construct,
        lambda x: reduce(operator.mul, itertools.repeat(x, 3)),
        lambda x: [Pair(x, kind) for kind in list(Kind)],
    ],
)
def test_known(fn: Any) -> None:
    assert snapshot(fn) is not None


class Model:
    bias = 1.0

    def __init__(self) -> None:
        self.weight = X.copy()
        self.options = {"power": 2}
        self.layer = nn.Dense(2, 1)

    @property
    def power(self) -> int:
        return self.options["power"]

    def loss(self, x: Any) -> Any:
        return (self.weight * x**2).sum() + self.bias


@pytest.mark.parametrize(
    "change",
    [
        lambda m: setattr(m, "weight", m.weight + 1),
        lambda m: m.weight.fill(7),
        lambda m: m.options.update(power=3),
        lambda m: setattr(m, "another", 1),
        lambda m: m.layer.set_train(),
        lambda m: setattr(m.layer, "note", "of the user"),
        lambda m: setattr(type(m), "bias", 2.0),
        lambda m: setattr(type(m), "loss", helper),
    ],
)
def test_a_change_within_an_object_is_noticed(change: Callable[[Any], Any]) -> None:
    class Own(Model):
        loss = Model.loss

    model = Own()
    captures = Captures(lambda x: model.loss(x))
    before = captures.snapshot()
    assert before is not None
    assert captures.snapshot() is before
    change(model)
    assert captures.snapshot() not in (before, None)


def test_the_first_call_of_a_cell_is_no_change_and_a_hook_is() -> None:
    layer = nn.Dense(2, 1)
    captures = Captures(lambda x: layer(x))
    is_unchanged = captures.unchanged()
    layer(ms.Tensor(X[None]))
    assert is_unchanged()
    layer.register_forward_hook(lambda cell, given, found: None)
    assert not is_unchanged()


def test_other_numbers_in_a_tensor_are_no_change() -> None:
    layer = nn.Dense(2, 1)
    captures = Captures(lambda x: layer(x))
    before = captures.snapshot()
    assert [tensor.shape for tensor in captures.tensors] == [(1, 2), (1,)]
    layer.weight.set_data(layer.weight + 1)
    assert captures.snapshot() is before


def test_snapshots_of_the_same_code_with_the_same_values_are_equal() -> None:
    def make(k: Any) -> Callable[[Any], Any]:
        return lambda x: k * x

    def of(k: Any) -> Any:
        snapshots.append(snapshot(make(k)))
        return snapshots[-1]

    snapshots: list[Any] = []
    arrays = X, X.copy(), X.reshape(2, 1)
    gradients = grad(helper), grad(helper), grad(helper, 1)
    assert of(1.0) == of(1.0)
    assert of(1.0) != of(1)
    assert of(0.0) != of(-0.0)
    assert of(arrays[0]) == of(arrays[1])
    assert of(arrays[0]) != of(arrays[2])
    assert of(ms.Tensor(X)) == of(ms.Tensor(X + 1))
    assert of(gradients[0]) == of(gradients[1])
    assert of(gradients[0]) != of(gradients[2])
