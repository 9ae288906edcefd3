"""Compiled gradients follow the values that a function captures; and lambdas can be compiled."""

import inspect
import sys
import types
from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from closeness import assert_tensor
from d2l_autograd.engine.twins import named
from mindspore import nn, ops
from modes import graph_mode

from d2l_autograd import grad
from d2l_autograd.engine.captures import Captures, snapshot

factor: Any = 1.0
settings = sys.modules["settings"] = types.ModuleType("settings")
X = np.array([1.0, 2.0], "float32")


def helper(x: Any) -> Any:
    return factor * x


def uses_global(x: Any) -> Any:
    return (factor * x**3).sum()


def uses_helper(x: Any) -> Any:
    return (helper(x) * x * x).sum()


def uses_module(x: Any) -> Any:
    return (settings.factor * x**3).sum()


def set_global(value: Any) -> None:
    globals()["factor"] = value


def set_in_module(value: Any) -> None:
    vars(settings)["factor"] = value


def second_derivative(fn: Callable[[Any], Any]) -> Callable[[Any], Any]:
    first = grad(fn)

    def total_slope(x: Any) -> Any:
        return first(x).sum()

    return grad(total_slope)


def closure_and_setter() -> tuple[Callable[[Any], Any], Callable[[Any], None]]:
    k: Any = 1.0

    def fn(x: Any) -> Any:
        return (k * x**3).sum()

    def set_k(value: Any) -> None:
        nonlocal k
        k = value

    return fn, set_k


def container_and_setter() -> tuple[Callable[[Any], Any], Callable[[Any], None]]:
    config = {"factors": [1.0]}

    def fn(x: Any) -> Any:
        return (config["factors"][0] * x**3).sum()

    def set_first(value: Any) -> None:
        config["factors"][0] = value

    return fn, set_first


def tensor_and_setter() -> tuple[Callable[[Any], Any], Callable[[Any], None]]:
    k = ms.Tensor([1.0, 1.0])

    def fn(x: Any) -> Any:
        return (k * x**3).sum()

    def fill(value: Any) -> None:
        k[:] = value

    return fn, fill


def parameter_and_setter() -> tuple[Callable[[Any], Any], Callable[[Any], None]]:
    k = ms.Parameter(ms.Tensor([1.0, 1.0]), name="k")

    def fn(x: Any) -> Any:
        return (k * x**3).sum()

    return fn, lambda value: k.set_data(ms.Tensor([value, value]))


def object_and_setter() -> tuple[Callable[[Any], Any], Callable[[Any], None]]:
    class Config:
        factor = 1.0

    config = Config()

    def fn(x: Any) -> Any:
        return (config.factor * x**3).sum()

    def set_attribute(value: Any) -> None:
        config.factor = value

    return fn, set_attribute


CAPTURES = {
    "global": lambda: (uses_global, set_global),
    "global of a helper": lambda: (uses_helper, set_global),
    "attribute of a module": lambda: (
        uses_module,
        lambda value: setattr(settings, "factor", value),
    ),
    "closure": closure_and_setter,
    "container": container_and_setter,
    "tensor changed in place": tensor_and_setter,
    "parameter": parameter_and_setter,
    "attribute of an object": object_and_setter,
}


@pytest.mark.parametrize("kind", CAPTURES)
def test_second_derivative_follows_a_captured_value(kind: str) -> None:
    fn, set_value = CAPTURES[kind]()
    gradient = second_derivative(fn)
    for value in (1.0, 3.0):
        set_value(value)
        assert_tensor(gradient(ms.Tensor(X)), np.float32(value) * 6 * X)


@pytest.mark.parametrize("kind", CAPTURES)
def test_graph_mode_follows_a_captured_value(kind: str) -> None:
    fn, set_value = CAPTURES[kind]()
    gradient = grad(fn)
    with graph_mode():
        for value in (1.0, 3.0):
            set_value(value)
            assert_tensor(gradient(ms.Tensor(X)), np.float32(value) * 3 * X**2)


def test_a_default_value_is_the_one_of_its_definition() -> None:
    gradients = []
    for k in (1.0, 2.0):

        def fn(x: Any, k: float = k) -> Any:
            return (k * x**3).sum()

        gradients.append(second_derivative(fn))
    for gradient, k in zip(gradients, (1.0, 2.0), strict=True):
        assert_tensor(gradient(ms.Tensor(X)), np.float32(k) * 6 * X)


def compilations(gradient: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    made: list[Any] = []
    jit = ms.jit

    def counted(*args: Any, **options: Any) -> Any:
        made.append(args)
        return jit(*args, **options)

    monkeypatch.setattr(ms, "jit", counted)
    return made


def test_compiled_once_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    gradient = second_derivative(lambda x: (2 * ops.sin(x)).sum())
    made = compilations(gradient, monkeypatch)
    for _ in range(3):
        gradient(ms.Tensor(X))
    assert len(made) == 1


@pytest.mark.parametrize("unknown", [{1, 2}, bytearray(b"a"), object(), iter([1])])
def test_what_cannot_be_known_is_no_snapshot(unknown: Any) -> None:
    assert snapshot(lambda x: (unknown, x)) is None
    assert snapshot(lambda x: eval("unknown") * x) is None
    assert snapshot(lambda x: ops.sin(x)) is not None


class Model:
    bias = 1.0

    def __init__(self) -> None:
        self.weight = ms.Tensor(X)
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
        lambda m: m.weight.asnumpy().fill(7),
        lambda m: m.options.update(power=3),
        lambda m: setattr(m, "another", 1),
        lambda m: m.layer.weight.set_data(m.layer.weight + 1),
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


def test_a_captured_tensor_may_be_held() -> None:
    inside, outside = ms.Tensor(X), ms.Tensor(X)
    holder = Model()
    holder.weight = inside
    found = {"method": [inside].append, "object": holder, "list": [[inside]], "default": None}
    for value in found.values():
        captures = Captures(lambda x, value=value: (value or inside, x))
        captures.need_compiling()
        assert captures.may_hold(inside)
        assert not captures.may_hold(outside)


def test_snapshots_of_the_same_code_with_the_same_values_are_equal() -> None:
    def make(k: Any) -> Callable[[Any], Any]:
        return lambda x: k * x

    assert snapshot(make(1.0)) == snapshot(make(1.0))
    assert snapshot(make(1.0)) != snapshot(make(1))
    assert snapshot(make(0.0)) != snapshot(make(-0.0))
    assert snapshot(make(X)) == snapshot(make(X.copy()))
    assert snapshot(make(X)) != snapshot(make(X.reshape(2, 1)))
    assert snapshot(make(grad(helper))) == snapshot(make(grad(helper)))
    assert snapshot(make(grad(helper))) != snapshot(make(grad(helper, 1)))


RAW: Callable[..., Any] = ms.grad(helper)
JITTED: Callable[..., Any] = ms.jit(helper)


@pytest.mark.parametrize(
    ("fn", "expected"),
    [
        (lambda x: ms.grad(helper)(x), True),
        (lambda x: ms.value_and_grad(helper)(x), True),
        (lambda x: ops.GradOperation()(helper)(x), True),
        (lambda x: RAW(x), True),
        (lambda x: JITTED(x), True),
        (lambda x: grad(helper)(x), False),
        (lambda x: ops.sin(helper(x)), False),
    ],
)
def test_what_must_be_compiled_is_found(fn: Callable[[Any], Any], expected: bool) -> None:
    assert Captures(fn).need_compiling() is expected


def difference() -> Callable[[int], Callable[[int], int]]:
    return lambda x: lambda y: x - y


def enclosing(k: int) -> Callable[[int], int]:
    return lambda x: x + k


two_on_a_line = [lambda x: x + 1, lambda x: x * 3]
TWINS: list[tuple[Callable[[int], Any], Any]] = [
    (lambda x: x - 1, 6),
    (two_on_a_line[0], 8),
    (two_on_a_line[1], 21),
    (enclosing(5), 12),
    (lambda x: "é文" + str(x), "é文7"),
    (lambda x, y=4: x * y, 28),  # type: ignore[misc]  # no type can be written for y
    (lambda x: 5, 5),
    (
        lambda x: x + 100,
        107,
    ),
]


@pytest.mark.parametrize(("fn", "expected"), TWINS)
def test_a_lambda_gets_a_twin_with_source_of_its_own(
    fn: Callable[[int], Any], expected: Any
) -> None:
    twin = named(fn)
    assert twin(7) == fn(7) == expected
    assert inspect.getsource(twin).startswith("def lambda_")


def test_a_lambda_within_a_lambda() -> None:
    assert named(difference())(7)(2) == 5
    assert named(difference()(7))(2) == 5
    assert "return x - y" in inspect.getsource(named(difference()(7)))


def test_twins_share_code_and_keep_their_captures() -> None:
    first, second = named(enclosing(1)), named(enclosing(2))
    assert first.__code__ is second.__code__
    assert (first(0), second(0)) == (1, 2)


def test_a_twin_behaves_like_its_original() -> None:
    for fn in (helper, eval("lambda x: x")):
        twin = named(fn)
        assert twin is not fn
        assert named(twin) is twin
        assert twin(3) == fn(3)
        assert twin.__code__ is not fn.__code__


def test_what_is_no_plain_function_stays() -> None:
    for fn in (abs, ms.jit(helper), ms.nn.ReLU(), grad(helper), "text".upper):
        assert named(fn) is fn


def test_second_derivative_of_lambdas_in_one_line() -> None:
    x = ms.Tensor(X)
    assert_tensor(grad(lambda x: grad(lambda z: (z**3).sum())(x).sum())(x), 6 * X)
