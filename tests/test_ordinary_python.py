"""Derivatives of every order of whatever Python computes."""

import concurrent.futures
import functools
import math
import operator
import os
import signal
from collections.abc import Callable
from typing import Any, NamedTuple

import mindspore as ms
import numpy as np
import pytest
from mindspore import nn, ops
from modes import graph_mode

import d2l_autograd as d2l
from d2l_autograd import GradientError, grad, hessian, jacobian

X = np.array([1.0, 2.0, 3.0], np.float32)
POWERS: dict[str, Callable[[Any], Any]] = {"square": lambda v: v * v, "cube": lambda v: v**3}


class Power:
    """An object that is called."""

    def __init__(self, exponent: int) -> None:
        self.exponent = exponent

    def __call__(self, v: Any) -> Any:
        return (v**self.exponent).sum()

    def energy(self, v: Any) -> Any:
        return self(v)


class Line(NamedTuple):
    slope: Any
    offset: Any


def by_try(x: Any) -> Any:
    try:
        y = x**3
    finally:
        _ = f"{float(y.sum()):.2f}"
    return y.sum()


def by_an_exception(x: Any) -> Any:
    try:
        raise ValueError
    except ValueError:
        return (x**3).sum()


def by_while_else_and_walrus(x: Any) -> Any:
    n = 0
    while (n := n + 1) < 3:
        x = x * 1.0
    else:
        x = x * 1.0
    return (x**3).sum()


def by_appending(x: Any) -> Any:
    cubes = []
    for i in range(3):
        cubes.append(x[i] ** 3)
    return ops.stack(cubes).sum()


def by_looking(x: Any) -> Any:
    y, n = x, 0
    while float(y.sum()) < 100 and n < 5:
        y, n = y * 1.0, n + 1
    return (y**3).sum()


def by_match(x: Any) -> Any:
    total: Any = 0.0
    for kind in ("square", "cube", "other"):
        match kind:
            case "cube":
                total = total + POWERS[kind](x).sum()
            case _:
                pass
    return total


def by_a_generator(x: Any) -> Any:
    def cubes() -> Any:
        for part in x:
            yield part**3

    return functools.reduce(operator.add, cubes())


def by_nonlocal(x: Any) -> Any:
    total: Any = 0.0

    def add(part: Any) -> None:
        nonlocal total
        total = total + part**3

    for i in range(3):
        add(x[i])
    return total


def by_lambdas_made_in_a_loop(x: Any) -> Any:
    total: Any = 0.0
    for i in range(3):
        power = lambda v: v[i] ** 3  # noqa: B023, E731
        total = total + power(x)  # type: ignore[no-untyped-call]
    return total


def by_a_set_and_del(x: Any) -> Any:
    names = {"a", "b"}
    names.discard("a")
    y = dict.fromkeys(names, x**3)
    z = y["b"].sum()
    del y
    return z


def in_place(x: Any) -> Any:
    x *= 1.0
    y = ops.zeros(3)
    for i in range(3):
        y[i] = x[i] ** 3
    return y.sum()


def by_a_named_tuple(x: Any) -> Any:
    line = Line(slope=x * x, offset=x)
    return (line.slope * line.offset).sum()


CUBES: dict[str, Callable[[Any], Any]] = {
    "an array of tensors": lambda x: ms.numpy.array([x[0] ** 3, x[1] ** 3, x[2] ** 3]).sum(),
    "a lambda in a dict": lambda x: POWERS["cube"](x).sum(),
    "an object": Power(3),
    "a method": Power(3).energy,
    "a partial": functools.partial(lambda n, x: (x**n).sum(), 3),
    "a module as argument": functools.partial(lambda m, x: m.pow(x, 3).sum(), ops),
    "map": lambda x: sum(map(POWERS["cube"], x)),
    "a comprehension": lambda x: sum([part**3 for part in x]),
    "all": lambda x: (x**3).sum() if all(part > 0 for part in x) else x.sum(),
    "a conditional": lambda x: (x**3).sum() if x.sum() > 0 else (x**2).sum(),
    "a function under ms.jit": ms.jit(lambda x: (x**3).sum()),
    "eval": eval("lambda x: (x**3).sum()"),
    "code without source": eval(compile("lambda x: (x ** 3).sum()", "<nowhere>", "eval")),
    "raw mindspore.grad inside": lambda x: (ms.grad(lambda y: (y**4).sum())(x)).sum() / 4,
    "a number of NumPy's on the left": lambda x: np.log(np.e) * (x**3).sum() + np.float32(1) * 0,
    "math of constants": lambda x: (x**3).sum() * math.exp(0.0) * 2 * 2**-1,
    **{
        fn.__name__: fn
        for fn in (
            by_try,
            by_an_exception,
            by_while_else_and_walrus,
            by_appending,
            by_looking,
            by_match,
            by_a_generator,
            by_nonlocal,
            by_lambdas_made_in_a_loop,
            by_a_set_and_del,
            in_place,
            by_a_named_tuple,
        )
    },
}


@pytest.mark.parametrize("name", CUBES)
def test_three_orders_of_a_sum_of_cubes(name: str) -> None:
    fn, x = CUBES[name], ms.Tensor(X)
    np.testing.assert_allclose(grad(fn)(x).asnumpy(), 3 * X**2, rtol=1e-5)
    np.testing.assert_allclose(hessian(fn)(x).asnumpy(), np.diag(6 * X), rtol=1e-5, atol=1e-5)
    third = grad(lambda x: grad(lambda x: grad(fn)(x).sum())(x).sum())
    np.testing.assert_allclose(third(x).asnumpy(), [6, 6, 6], rtol=1e-5)
    with graph_mode():
        np.testing.assert_allclose(hessian(fn)(x).asnumpy(), np.diag(6 * X), rtol=1e-5, atol=1e-5)
    assert x.asnumpy().tolist() == X.tolist()


def test_an_inner_gradient_captures_an_outer_argument() -> None:
    at = np.array([0.5, 0.25, 0.125])

    def f(x: Any, t: Any) -> Any:
        return (grad(lambda s: ops.tanh(x * s).sum())(t) ** 2).sum()

    x = ms.Tensor(at)
    fall = 1 - np.tanh(at * at) ** 2
    exact = 2 * at * fall * (fall - 2 * at * at * np.tanh(at * at) * fall)
    np.testing.assert_allclose(grad(f)(x, x).asnumpy(), exact, rtol=1e-9)


def test_inner_gradients_do_not_mistake_each_others_inputs() -> None:
    # d/dx (x d/dy (x + y)) = 1, and 2 if the two inputs are taken for one.
    assert grad(lambda x: x * grad(lambda y: x + y)(2.0))(1.0).asnumpy() == 1
    du = lambda a: grad(lambda x: a * x**3)  # noqa: E731
    assert grad(lambda a: du(a)(2.0) + du(a)(3.0))(1.0).asnumpy() == 3 * 4 + 3 * 9  # type: ignore[no-untyped-call]


def test_the_aux_of_an_inner_gradient_has_a_gradient() -> None:
    def f(x: Any) -> Any:
        return grad(lambda x: (x**2, x**3), has_aux=True)(x)[1]

    assert grad(f)(2.0).asnumpy() == 12


def test_cells_with_equal_parameter_names() -> None:
    a, b = nn.Dense(3, 1, has_bias=False), nn.Dense(3, 1, has_bias=False)
    a.weight.set_data(ms.Tensor([[1.0, 1.0, 1.0]]))
    b.weight.set_data(ms.Tensor([[1.0, 2.0, 3.0]]))
    found = hessian(lambda x: (a(x.reshape(1, 3)) * b(x.reshape(1, 3))).sum())(ms.Tensor(X))
    exact = np.add.outer([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    np.testing.assert_allclose(found.asnumpy(), exact, rtol=1e-6)


def test_noise_is_drawn_anew() -> None:
    random = np.random.RandomState(0)

    def f(x: Any) -> Any:
        return (x**2 * ms.Tensor(random.randn(3), ms.float32)).sum()

    draws = [hessian(f)(ms.Tensor(X)).asnumpy().diagonal() for _ in range(2)]
    again = np.random.RandomState(0)
    for draw in draws:
        np.testing.assert_allclose(draw, 2 * again.randn(3), rtol=1e-6)


RUNS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "grad": (grad, ()),
    "hessian": (hessian, ()),
    "hvp": (d2l.hvp, (ms.Tensor(X),)),
    "jvp": (d2l.jvp, (ms.Tensor(X),)),
    "vjp": (d2l.vjp, (ms.Tensor(1.0),)),
    "jacobian": (jacobian, ()),
}


@pytest.mark.parametrize("name", RUNS)
def test_fn_runs_once(name: str) -> None:
    derivative, more = RUNS[name]
    runs = []

    def f(x: Any) -> Any:
        runs.append(x)
        return (x**3).sum()

    derivative(f)(ms.Tensor(X), *more)
    assert len(runs) == 1


THROUGH_PYTHON: dict[str, Callable[[Any], Any]] = {
    "asnumpy": lambda x: ms.Tensor(np.sin(x.asnumpy())).sum(),
    "a list of tensors": lambda x: ms.Tensor([x[0], x[1]]).sum(),
    "float": lambda x: ms.Tensor(float(x.sum())) * 2,
    "item, times a tensor": lambda x: x.sum() * x.sum().item(),
    "tolist": lambda x: ms.Tensor(x.tolist()).sum(),
    "math of item": lambda x: ms.Tensor(math.sin(x.sum().item())),
    "a Parameter": lambda x: ms.Parameter(x * x, name="p").sum(),
}


@pytest.mark.parametrize("name", THROUGH_PYTHON)
@pytest.mark.parametrize("derivative", [grad, hessian])
def test_what_goes_through_python_is_refused(name: str, derivative: Any) -> None:
    with pytest.raises(GradientError) as caught:
        derivative(THROUGH_PYTHON[name])(ms.Tensor(X / 7))
    assert "MindSpore operators" in str(caught.value)


def test_what_python_only_looks_at_is_a_constant() -> None:
    scale = grad(lambda x: (x * d2l.detach(x)).sum())(ms.Tensor(X))
    assert scale.asnumpy().tolist() == X.tolist()
    assert grad(lambda x: (x * x).sum() if str(x) and len(x) else x)(ms.Tensor(X)).asnumpy()[0] == 2


@pytest.mark.parametrize("compile", [False, True], ids=["eager", "compiled"])
def test_a_branch_that_returns_a_constant(compile: bool) -> None:
    def root(x: Any) -> Any:
        squares = (x * x).sum()
        return ops.sqrt(squares) if squares > 0 else ms.Tensor(0.0)

    slope = grad(root, compile=compile)
    assert slope(ms.Tensor([0.0, 0.0])).asnumpy().tolist() == [0, 0]
    assert slope(ms.Tensor([3.0, 4.0])).asnumpy() == pytest.approx([0.6, 0.8])
    assert slope(ms.Tensor([0.0, 0.0])).asnumpy().tolist() == [0, 0]


@pytest.mark.parametrize("name", ["add_", "mul_", "sub_", "clamp_"])
def test_methods_that_change_nothing_are_refused(name: str) -> None:
    def f(x: Any) -> Any:
        y = x * x
        getattr(y, name)(*([x] if name != "clamp_" else [0.0, 1.0]))
        return y.sum()

    if not hasattr(ms.Tensor, name):
        pytest.skip(f"this MindSpore has no Tensor.{name}")
    with pytest.raises(GradientError, match=f"Tensor.{name} changes nothing"):
        grad(f)(ms.Tensor(X))


def test_nothing_of_mindspore_stays_changed() -> None:
    classes = (ms.Tensor, ms.Parameter, nn.Cell)
    before = [dict(vars(cls)) for cls in classes]
    grad(lambda x: (x[0] ** 2).sum())(ms.Tensor(X))
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: 1 / 0)(ms.Tensor(X))
    assert [dict(vars(cls)) for cls in classes] == before
    assert grad(lambda x: (x**2).sum())(ms.Tensor(X)).asnumpy().tolist() == [2, 4, 6]


class Pretending(nn.Cell):
    """A cell whose own rule is another than that of what it computes."""

    def construct(self, x: Any) -> Any:
        return x**3

    def bprop(self, x: Any, out: Any, gradient: Any) -> Any:
        return (gradient * 5 * x * x,)


class Function(ms.common._grad_function._Function):
    """A function with a rule of its own."""

    @staticmethod
    def forward(context: Any, x: Any) -> Any:
        context.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(context: Any, gradient: Any) -> Any:
        (x,) = context.saved_tensors
        return gradient * 5 * x * x


OWN_RULES: dict[str, Callable[[Any], Any]] = {
    "a cell": Pretending(),
    "a cell in a network": nn.SequentialCell(nn.Identity(), Pretending()),
    "a function": lambda x: Function.apply(x),
}


@pytest.mark.parametrize("name", OWN_RULES)
def test_rules_of_ones_own(name: str) -> None:
    def fn(x: Any) -> Any:
        return OWN_RULES[name](x).sum()

    assert grad(fn)(ms.Tensor(X)).asnumpy().tolist() == (5 * X**2).tolist()
    assert hessian(fn)(ms.Tensor(X)).asnumpy().tolist() == np.diag(10 * X).tolist()


class Doubling(nn.Cell):
    """A cell that takes hooks."""

    def construct(self, x: Any) -> Any:
        return x * 2


def test_hooks() -> None:
    calls = []

    def of_cell(cell: Any, by_inputs: Any, by_outputs: Any) -> Any:
        calls.append((by_inputs[0].asnumpy().tolist(), by_outputs[0].asnumpy().tolist()))
        return (by_inputs[0] * 100,)

    double = Doubling()
    double.register_backward_hook(of_cell)

    def fn(x: Any) -> Any:
        y = double(x)
        y.register_hook(lambda gradient: gradient * 10)
        return (y * y).sum()

    assert grad(fn)(ms.Tensor(X)).asnumpy().tolist() == (8000 * X).tolist()
    assert calls == [((80 * X).tolist(), (40 * X).tolist())]


def test_several_threads() -> None:
    def work(factor: float) -> bool:
        x = ms.Tensor([factor, 1.0])
        compiled = grad(lambda x: (x**3).sum(), compile=True)
        found = [hessian(lambda x: (x**3).sum())(x)[0, 0], compiled(x)[0], compiled(x)[0]]
        exact = [6 * factor, 3 * factor**2, 3 * factor**2]
        return np.allclose([float(number) for number in found], exact)

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        assert all(pool.map(work, [1.0, 2.0, 3.0] * 5))


@pytest.mark.parametrize("compile", [False, True])
def test_a_forked_child_is_told_to_be_spawned(compile: bool) -> None:
    gradient = grad(lambda x: (x**2).sum(), compile=compile)
    for _ in range(3):
        gradient(ms.Tensor(X))
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # ends a child that waits for ever
        try:
            gradient(ms.Tensor(X))
        except GradientError as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    assert "spawn" in os.read(reader, 1000).decode()


HELD = ms.Parameter(ms.Tensor([1.0, 1.0, 1.0]), name="held")


def by_assign(x: Any) -> Any:
    ops.assign(HELD, x * x)
    return (HELD * x).sum()


def by_assign_add(x: Any) -> Any:
    ops.assign(HELD, x * x)
    ops.assign_add(HELD, x)
    return (HELD * x - x * x).sum()


def by_assign_sub(x: Any) -> Any:
    ops.assign(HELD, x * x + x)
    ops.assign_sub(HELD, x)
    return (HELD * x).sum()


def by_assigning_the_input(x: Any) -> Any:
    ops.assign(x, x * x * x)
    return x.sum()


def by_copy(x: Any) -> Any:
    y = ops.zeros(3)
    y.copy_(x * x)
    return (y * x).sum()


def by_set_data(x: Any) -> Any:
    HELD.set_data(x * x)
    return (HELD * x).sum()


def by_slices(x: Any) -> Any:
    y = x * 1.0
    y[1:] = (x * x)[1:]
    y[0] = x[0] ** 2
    return (y * x).sum()


ASSIGNING = [
    by_assign,
    by_assign_add,
    by_assign_sub,
    by_assigning_the_input,
    by_copy,
    by_set_data,
    by_slices,
]


@pytest.mark.parametrize("fn", ASSIGNING)
def test_assignments(fn: Callable[[Any], Any]) -> None:
    np.testing.assert_allclose(grad(fn)(ms.Tensor(X)).asnumpy(), 3 * X**2, rtol=1e-5)
    np.testing.assert_allclose(hessian(fn)(ms.Tensor(X)).asnumpy(), np.diag(6 * X), rtol=1e-5)


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "**"])
def test_a_number_of_numpy_on_the_left_is_not_rounded(operator: str) -> None:
    fn = eval(f"lambda x: np.float64(0.1) {operator} x")
    x = ms.Tensor(1.5, ms.float64)
    value, slope = d2l.value_and_grad(fn)(x)
    exact = {
        "+": (1.6, 1.0),
        "-": (-1.4, -1.0),
        "*": (0.15, 0.1),
        "/": (0.1 / 1.5, -0.1 / 1.5**2),
        "**": (0.1**1.5, 0.1**1.5 * np.log(0.1)),
    }[operator]
    np.testing.assert_allclose([float(value), float(slope)], exact, rtol=1e-14)
