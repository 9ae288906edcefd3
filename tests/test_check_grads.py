"""The gradient checker: silent on what is right, and clear on each thing planted here."""

import copy
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

import mindspore as ms
import numpy as np
import pytest
from mindspore import nn, ops
from modes import graph_mode

from d2l_autograd import GradientError, attach_grad, check_grads, detach, grad
from d2l_autograd.gradient_check.differences import noise, slope

RANDOM = np.random.default_rng(1)
UP = RANDOM.uniform(0.2, 2, 5)
AROUND = RANDOM.uniform(-1, 1, 5)
WIDE = RANDOM.standard_normal((4, 3))
TALL = RANDOM.standard_normal((3, 6))
MIXED = WIDE @ WIDE.T + 4 * np.eye(4) + RANDOM.standard_normal((4, 4))
LARGE = RANDOM.standard_normal((30, 20))
X = ms.Tensor([1.0, 2.0, 3.0], ms.float32)
DTYPES = ["float64", "float32"]

SMOOTH: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "exp": (lambda x: x.exp().sum(), (UP,)),
    "log": (lambda x: x.log().sum(), (UP,)),
    "log near 0": (lambda x: x.log().sum(), (UP * 1e-5,)),
    "log over decades": (lambda x: x.log().sum(), (UP * 10.0 ** np.arange(-6, 4, 2),)),
    "sin": (lambda x: ops.sin(x).sum(), (UP * 100,)),
    "sin, fast": (lambda x: ops.sin(50 * x).sum(), (UP,)),
    "tan": (lambda x: ops.tan(x).sum(), (AROUND,)),
    "tanh": (lambda x: ops.tanh(x).sum(), (3 * AROUND,)),
    "erf": (lambda x: ops.erf(x).sum(), (AROUND,)),
    "atan2": (lambda y, x: ops.atan2(y, x).sum(), (UP, AROUND)),
    "sqrt": (lambda x: ops.sqrt(x).sum(), (UP,)),
    "reciprocal": (lambda x: (1 / x).sum(), (UP,)),
    "power": (lambda x, y: (x**y).sum(), (UP, AROUND)),
    "sigmoid": (lambda x: ops.sigmoid(x).sum(), (5 * AROUND,)),
    "softplus": (lambda x: ops.softplus(x).sum(), (AROUND,)),  # float32 inside
    "gelu": (lambda x: ops.gelu(x).sum(), (AROUND,)),
    "softmax, which adds up to 1": (lambda x: ops.softmax(x, -1).sum(), (UP,)),
    "softmax": (lambda x, y: (ops.softmax(x, -1) * y).sum(), (UP, AROUND)),
    "logsumexp": (lambda x: ops.logsumexp(x, 0), (30 * UP,)),
    "centred, which adds up to 0": (lambda x: (x - x.mean()).sum(), (UP,)),
    "variance": (lambda x: ((x - x.mean()) ** 2).mean(), (UP,)),
    "matmul": (lambda a, b: ((a @ b) ** 2).sum(), (WIDE, TALL)),
    "inverse": (lambda a: ops.inverse(a).sum(), (MIXED,)),
    "determinant": (lambda a: ops.det(a), (MIXED,)),
    "trace": (lambda a: ops.trace(a @ a), (MIXED,)),
    "norm": (lambda a: ops.norm(a), (WIDE,)),
    "mean square": (lambda a: (a**2).mean(), (LARGE,)),
    "rows": (lambda a: (a[1] * a[0]).sum(), (WIDE,)),
    "concat": (lambda x, y: (ops.concat([x, y]) ** 2).sum(), (UP, AROUND)),
    "cumsum": (lambda x: (ops.cumsum(x, 0) ** 2).sum(), (UP,)),
    "max": (lambda x: x.max(), (UP,)),
    "sort": (lambda x: (ops.sort(x)[0] * ops.arange(5)).sum(), (UP,)),
    "prod": (lambda x: x.prod(), (UP,)),
    "relu beside its kink": (lambda x: ops.relu(x).sum(), (AROUND,)),
    "floor between its jumps": (lambda x: (ops.floor(x) * x).sum(), (UP,)),
    "constant": (lambda x: (x - x).sum() + 3, (UP,)),
    "flat at 0": (lambda x: (x**2).sum(), (0 * UP,)),
    "large": (lambda x: (x**2).sum(), (1e6 * UP,)),
    "small": (lambda x: (x**2).sum(), (1e-6 * UP,)),
    "large value": (lambda x: 1e9 * (x**2).sum(), (UP,)),
    "small change": (lambda x: 1 + ops.sin(x).sum(), (1e-7 * UP,)),
    "Runge": (lambda x: (1 / (1 + 25 * x * x)).sum(), (AROUND,)),
    "squared error": (lambda x, y: ops.mse_loss(x, y), (UP, AROUND)),  # float32 inside
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SMOOTH)
def test_right_gradients_pass(name: str, dtype: str) -> None:
    fn, args = SMOOTH[name]
    check_grads(fn, *(arg.astype(dtype) for arg in args))


@pytest.mark.parametrize(
    ("name", "dtype"), [("sin", "float64"), ("power", "float32"), ("matmul", "float64")]
)
def test_right_second_derivatives_pass(name: str, dtype: str) -> None:
    fn, args = SMOOTH[name]
    check_grads(fn, *(arg.astype(dtype) for arg in args), order=2)


@pytest.mark.parametrize("name", ["exp", "atan2", "rows"])
def test_right_gradients_pass_in_graph_mode(name: str) -> None:
    fn, args = SMOOTH[name]
    positions = tuple(range(len(args)))
    compiled = grad(fn, positions, compile=True)
    check_grads(fn, *args, argnums=positions, gradient=compiled)
    with graph_mode():
        check_grads(fn, *args)


def cube(x: Any) -> Any:
    return (x * x * x).sum()


def with_first(factor: float) -> Callable[[Any], Any]:
    """Return x³ with a first derivative that is wrong by the factor."""

    def fn(x: Any) -> Any:
        u = detach(x)
        return (u * u * u + 3 * factor * u * u * (x - u)).sum()

    return fn


def with_second(factor: float) -> Callable[[Any], Any]:
    """Return x³ with a second derivative that is wrong by the factor."""

    def fn(x: Any) -> Any:
        u = detach(x)
        d = x - u
        return (u * u * u + 3 * u * u * d + 3 * factor * u * d * d).sum()

    return fn


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "x",
    [pytest.param(np.array(1.5), marks=pytest.mark.quick), UP, LARGE, 1e-3 * UP, 1e3 * UP],
)
def test_first_derivative_off_by_a_thousandth(x: Any, dtype: str) -> None:
    check_grads(with_first(1.0), x.astype(dtype))
    for factor in (0.999, 1.001):
        with pytest.raises(GradientError, match=f"gradient of fn disagrees(.|\n)*{factor}"):
            check_grads(with_first(factor), x.astype(dtype))


@pytest.mark.parametrize(("x", "dtype"), [(np.array(1.5), "float64"), (UP, "float32")])
def test_second_derivative_off_by_a_thousandth(x: Any, dtype: str) -> None:
    check_grads(with_second(1.0), x.astype(dtype), order=2)
    check_grads(with_second(1.001), x.astype(dtype))  # the first one is right
    with pytest.raises(GradientError, match=r"second derivative of fn disagrees(.|\n)*1\.001"):
        check_grads(with_second(1.001), x.astype(dtype), order=2)


class Cube(nn.Cell):
    """A Cell that brings its own derivative."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def construct(self, x: Any) -> Any:
        return x * x * x

    def bprop(self, x: Any, out: Any, dout: Any) -> Any:
        return (3 * self.factor * x * x * dout,)


@pytest.mark.parametrize("mode", ["eager", "graph"])
def test_cell_with_its_own_derivative(mode: str) -> None:
    right, wrong = Cube(1.0), Cube(1.001)
    with graph_mode() if mode == "graph" else nullcontext():
        check_grads(lambda x: right(x).sum(), X)
        with pytest.raises(GradientError, match=r"1\.001 times"):
            check_grads(lambda x: wrong(x).sum(), X)


class Passed(nn.Cell):
    """Rounding, with a rule of its own that lets the gradient pass."""

    def construct(self, x: Any) -> Any:
        return ops.round(x)

    def bprop(self, x: Any, out: Any, dout: Any) -> Any:
        return (dout,)


PASSED = Passed()


@pytest.mark.parametrize(
    "fn",
    [
        lambda x: PASSED(x).sum(),
        lambda x: Passed()(x).sum(),
        lambda x: nn.SequentialCell(PASSED)(x).sum(),
    ],
)
def test_a_rule_that_is_not_the_derivative_is_named(fn: Any) -> None:
    with pytest.raises(GradientError) as caught:
        check_grads(fn, np.array([0.3, 1.4]))
    message = " ".join(str(caught.value).split())
    assert "The cause may be the rule of Passed: its bprop, line " in message
    assert "of test_check_grads.py." in message


def test_float32_weights() -> None:
    """The weights become float64 on the way into each operator, and stay as they are."""
    weights = ms.Tensor(TALL, ms.float32)

    def fn(x: Any) -> Any:
        return ops.tanh(x @ weights).sum()

    x = WIDE.astype("float32")
    check_grads(fn, x)
    with pytest.raises(GradientError, match=r"1\.01"):
        check_grads(fn, x, gradient=lambda x: 1.01 * ms.grad(fn)(x))
    assert weights.dtype == ms.float32
    assert (weights.asnumpy() == TALL.astype("float32")).all()


def by_numpy(x: Any) -> Any:
    squares = ms.Tensor(x.asnumpy() ** 2)
    return (squares * 2).sum() + 0 * x.sum()


def by_frozen_parameter(x: Any) -> Any:
    frozen = ms.Parameter(x, requires_grad=False)
    return (frozen * frozen).sum()


def by_detach(x: Any) -> Any:
    return (detach(x) * 2).sum() + 0 * x.sum()


def by_partial_detach(x: Any) -> Any:
    y = detach(x * x)
    return (x * y).sum()


def by_integer_cast(x: Any) -> Any:
    return (x * x.astype(ms.int32)).sum()


def whole_part(x: Any) -> Any:
    return x.astype(ms.int32).astype(ms.float32).sum()


def by_deepcopy(x: Any) -> Any:
    y = x * x
    return (3 * y + copy.deepcopy(y)).sum()


def unused_branch(x: Any) -> Any:
    return ops.where(x > 0, ops.sqrt(x), 0 * x).sum()


def relu(x: Any) -> Any:
    return ops.relu(x).sum()


def signed_root(x: Any) -> Any:
    return (ops.sign(x) * ops.sqrt(ops.abs(x))).sum()


def step(x: Any) -> Any:
    return ops.floor(x).sum()


PLANTED: list[tuple[Callable[[Any], Any], Any, list[str]]] = [
    (by_detach, X, ["No gradient flows", "detach makes a constant"]),
    (by_partial_detach, X, ["0.333333 times", "y = detach(x * x)"]),
    (by_integer_cast, X, ["jumps at this point", "x.astype(ms.int32)"]),
    (unused_branch, ms.Tensor([4.0, -1.0]), ["x      [1]    -1", "nan", "branch", "sqrt(where("]),
    (unused_branch, ms.Tensor([4.0, 0.0]), ["infinitely steep"]),
    (relu, ms.Tensor([1.0, 0.0]), ["[1]", "kink", "slope is 0 from the left and 1 from the"]),
    (signed_root, ms.Tensor([1.0, 0.0]), ["[1]", "infinitely steep"]),
    (step, ms.Tensor([1.5, 2.0]), ["[1]", "jumps at this point", "floor is constant"]),
    (ops.sqrt, 0.0, ["edge of the function's domain"]),
]


def flowing(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("fn", "x", "parts"), PLANTED)
def test_planted(fn: Callable[[Any], Any], x: Any, parts: list[str]) -> None:
    with pytest.raises(GradientError) as caught:
        check_grads(fn, x)
    message = str(caught.value)
    assert max(map(len, message.splitlines())) <= 80
    for part in parts:
        assert part in message or part in flowing(message)


def test_modes_disagree() -> None:
    check_grads(by_deepcopy, X, gradient=ms.grad(by_deepcopy))
    with graph_mode(), pytest.raises(GradientError) as caught:
        check_grads(by_deepcopy, X, gradient=ms.grad(by_deepcopy))
    message = flowing(str(caught.value))
    assert "gradient of by_deepcopy, computed in Graph mode, disagrees" in message
    assert "copy.deepcopy(y)" in message


@pytest.mark.parametrize("mode", ["eager", "graph"])
def test_what_goes_through_python_is_refused_in_either_mode(mode: str) -> None:
    def looking(x: Any) -> Any:
        x.asnumpy()
        return cube(x)

    with graph_mode() if mode == "graph" else nullcontext():
        check_grads(looking, X)
        for fn in (by_numpy, by_frozen_parameter):
            with pytest.raises(GradientError, match="no gradient can flow back through Python"):
                check_grads(fn, X)


POINTS = RANDOM.standard_normal((200, 2)).astype("float32")
DATA = ms.Tensor(POINTS)
CLASSES = ms.Tensor((POINTS @ [2.0, 1.7] + RANDOM.logistic(size=200) > 0).astype("float32"))


def cross_entropy(w: Any, b: Any) -> Any:
    z = DATA @ w + b
    return (ops.softplus(z) - CLASSES * z).mean()


def mean_tanh(w: Any, b: Any) -> Any:
    return ops.tanh(DATA @ w + b).mean()


compiled_cross_entropy = ms.jit(cross_entropy)  # float64 does not reach into it


def optimum() -> tuple[ms.Tensor, ms.Tensor]:
    """Return where the cross-entropy is least, and its gradient nothing but rounding."""
    w, b = ms.Tensor([2.0, 1.7], ms.float32), ms.Tensor(0.0, ms.float32)
    for _ in range(200):
        by_w, by_b = grad(cross_entropy, (0, 1))(w, b)
        w, b = w - 2 * by_w, b - 2 * by_b
    return w, b


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("fn", [cross_entropy, mean_tanh])
def test_smooth_losses_of_float32_data_pass(fn: Callable[..., Any], order: Any) -> None:
    far = ms.Tensor([2.0, 2.0]), ms.Tensor(0.0)
    for w, b in (far, optimum()):
        check_grads(fn, w, b, order=order)


def test_a_network_passes_and_keeps_its_weights() -> None:
    net = nn.SequentialCell(nn.Dense(2, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Dense(4, 1))
    net.set_train()
    before = [weight.asnumpy().copy() for weight in net.trainable_params()]
    check_grads(lambda x: (net(x) ** 2).mean(), DATA[:20])
    for weight, numbers in zip(net.trainable_params(), before, strict=True):
        assert weight.dtype == ms.float32
        assert (weight.asnumpy() == numbers).all()


ACCUSING = ("jumps at", "infinitely steep", "has a kink", "gradient is wrong.", "No gradient flows")


def message_of(fn: Callable[..., Any], *args: Any, **options: Any) -> str:
    with pytest.raises(GradientError) as caught:
        check_grads(fn, *args, **options)
    return flowing(str(caught.value))


def in_float32(x: Any) -> Any:
    """Return a value whose slope is lost in the rounding of a large constant."""
    return ms.Tensor(np.float32(1e5 + np.sin(x.asnumpy()).sum()))


def in_float32_as_float64(x: Any) -> Any:
    return in_float32(x).astype(ms.float64)


def noisy_in_float64(x: Any) -> Any:
    return ms.Tensor(1e14 + np.sin(x.asnumpy().astype("float64")).sum())


UNIT = ms.Tensor(np.eye(2), ms.float32)


def relu_of_product(x: Any) -> Any:
    return ops.relu(x @ UNIT).sum()


def cos_of_product(x: Any) -> Any:
    return (2 + ops.cos(x @ UNIT)).sum()


compiled_relu = ms.jit(relu_of_product)
compiled_smooth = ms.jit(cos_of_product)


def log_cross_entropy(w: Any, b: Any) -> Any:
    z = DATA @ w + b
    return (ops.log(1 + ops.exp(z)) - CLASSES * z).mean()


@pytest.mark.parametrize(
    ("fn", "point", "options", "parts"),
    [
        (
            in_float32_as_float64,
            lambda: (X,),
            {"gradient": ops.cos},
            ["cannot be confirmed", "does not say", "too coarse", "rounded to less"],
        ),
        (
            in_float32,
            lambda: (X,),
            {"gradient": ops.cos},
            ["cannot be confirmed", "does not say", "too coarse", "rounded to less"],
        ),
        (
            compiled_cross_entropy,
            optimum,
            {"atol": 0.0},
            ["cannot be confirmed", "too coarse", "float64 cannot be used here", "must be same"],
        ),
        (
            compiled_smooth,
            lambda: (ms.Tensor([1.0, 2.0]),),
            {"gradient": lambda x: -1.002 * ops.sin(x), "argnums": 0},
            ["cannot be confirmed", "unclear", "too coarse"],
        ),
        (
            compiled_relu,
            lambda: (ms.Tensor([1.0, 0.0]),),
            {},
            ["only float64 could show", "Choose another point"],
        ),
        (
            log_cross_entropy,
            lambda: (optimum()[0] + 1e-4, optimum()[1]),
            {"atol": 0.0},
            ["right but for rounding", "in float32 it does not", "allow more with rtol"],
        ),
        (
            noisy_in_float64,
            lambda: (X,),
            {"gradient": ops.cos},
            ["does not say", "too rough", "large constant"],
        ),
    ],
)
def test_rounding_is_no_fault(fn: Any, point: Any, options: Any, parts: list[str]) -> None:
    message = message_of(fn, *point(), **options)
    for part in parts:
        assert part in message
    for word in ACCUSING:
        assert word not in message


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_without_float64_a_clear_fault_is_told(factor: float) -> None:
    def gradient(w: Any, b: Any) -> Any:
        return factor * grad(cross_entropy)(w, b)

    point = ms.Tensor([0.5, -1.0]), ms.Tensor(0.0)
    check_grads(compiled_cross_entropy, *point, argnums=0)
    message = message_of(compiled_cross_entropy, *point, argnums=0, gradient=gradient)
    assert "disagrees" in message
    ratio = float(message.partition(" gradient is ")[2].partition(" times")[0])
    assert abs(ratio - factor) < 1e-3


def squares(x: Any) -> Any:
    return x * x


@pytest.mark.parametrize(
    ("gradient", "parts"),
    [
        (ms.grad(squares), ["shape (3,)", "the sum was taken silently", ".sum()"]),
        (lambda x: 3 * x, ["shape (3,)", "only a scalar has a gradient"]),
        (None, ["shape (3,)", "only a scalar has a gradient"]),
    ],
)
def test_function_with_several_values(gradient: Any, parts: list[str]) -> None:
    with pytest.raises(GradientError) as caught:
        check_grads(squares, X, gradient=gradient)
    for part in parts:
        assert part in str(caught.value)


def overwriting(x: Any) -> Any:
    x[0] = 5 * x[1]
    return cube(x)


def noisy(x: Any) -> Any:
    return ops.dropout(x, 0.5, True).sum() + float(np.random.default_rng().random())


def raising(x: Any) -> Any:
    raise LookupError("of the function itself")


def singular(x: Any) -> Any:
    return (x / (x - x)).sum()


@pytest.mark.parametrize(
    ("fn", "error", "parts"),
    [
        (overwriting, GradientError, "changes x in place"),
        (noisy, GradientError, "at the same point"),
        (singular, GradientError, "has the value inf"),
        (raising, LookupError, "of the function itself"),
        (lambda x: x @ x @ X[:2], GradientError, "refused its inputs"),
        (lambda x: None, GradientError, "returned None"),
    ],
)
def test_unusable_function(fn: Any, error: type[Exception], parts: str) -> None:
    before = X.asnumpy().copy()
    with pytest.raises(error, match=parts) as caught:
        check_grads(fn, X)
    assert "C++" not in str(caught.value)
    assert (X.asnumpy() == before).all()


@pytest.mark.parametrize(
    ("args", "options", "part"),
    [
        ((), {}, "None of the arguments"),
        ((3,), {}, "None of the arguments"),
        ((X,), {"argnums": 1}, "position 1"),
        ((X,), {"argnums": ()}, "argnums is empty"),
        ((X,), {"order": 3}, "order is 3"),
        ((X,), {"order": True}, "order is True"),
        ((X,), {"rtol": -1}, "rtol is -1"),
        ((X,), {"atol": "small"}, "atol is 'small'"),
        ((X,), {"gradient": 3}, "takes a function"),
        ((X,), {"gradient": cube, "order": 2}, "order=1 only"),
        ((X,), {"gradient": cube}, r"shape \(\), and x has shape \(3,\)"),
        ((X,), {"gradient": lambda x: None}, "gradient by x is None"),
        ((X,), {"gradient": lambda x: (x, x), "argnums": (0,)}, "a tuple of 2 where 1"),
    ],
)
def test_unusable_call(args: tuple[Any, ...], options: dict[str, Any], part: str) -> None:
    with pytest.raises(GradientError, match=part):
        check_grads(cube, *args, **options)


@pytest.mark.quick
def test_not_a_function() -> None:
    with pytest.raises(GradientError, match="check_grads takes a function"):
        check_grads(cube(X))


@pytest.mark.quick
def test_the_table() -> None:
    with pytest.raises(GradientError) as caught:
        check_grads(
            lambda x, weights, scale: (x * weights["w"][0] * scale).sum() * weights["b"].sum(),
            X,
            {"w": [2 * X], "b": X},
            scale=0.5,
            gradient=lambda x, weights, scale: (6 * x, {"w": [3 * x], "b": 14.07 + 0 * x}),
        )
    assert str(caught.value) == (
        "The gradient of the lambda disagrees with differences of its values:\n"
        "\n"
        "input         entry  at  gradient  differences  off by\n"
        "------------------------------------------------------\n"
        "weights['b']  [0]     1     14.07           14   0.5 %\n"
        "\n"
        "The whole gradient is 1.005 times what it should be."
    )


def test_one_wrong_entry_of_many_is_found() -> None:
    def gradient(x: Any) -> Any:
        found = (2 * x).asnumpy()
        found[17, 3] *= 1.001
        return found

    with pytest.raises(GradientError, match=r"x +\[17, 3\]"):
        check_grads(lambda x: (x * x).sum(), LARGE, gradient=gradient)


@pytest.mark.parametrize(
    "x",
    [
        2.5,
        np.float64(2.5),
        np.array([1.0, 2.0]),
        np.array([], "float32"),
        attach_grad(ms.Tensor([1.0, 2.0])),
        ms.Tensor([1.0, 2.0], ms.float16),
    ],
    ids=lambda x: f"{type(x).__name__} {getattr(x, 'dtype', '')}",
)
def test_inputs(x: Any) -> None:
    check_grads(lambda x: (x * x).sum(), x)


def test_argnums_and_keywords() -> None:
    def fn(x: Any, y: Any, *, power: int, shift: Any) -> Any:
        return (x**power * detach(y) + shift).sum()

    options = {"power": 3, "shift": X.asnumpy()}
    check_grads(fn, X, X, argnums=0, **options)
    check_grads(fn, X, X, argnums=(0,), **options)
    with pytest.raises(GradientError, match=r"\ny .*0 "):
        check_grads(fn, X, X, **options)


class Layer(NamedTuple):
    w: Any
    b: Any


@dataclass
class Model:
    layers: list[Layer]
    name: str = "model"


def test_containers() -> None:
    def fn(model: Model, *, scale: Any) -> Any:
        x = X
        for layer in model.layers:
            x = x * layer.w + layer.b
        return (x * scale).sum()

    def off_by_one(model: Model, scale: Any) -> Any:
        found = grad(fn)(model, scale=scale)
        last = found.layers[1]
        return Model([found.layers[0], Layer(last.w, last.b + ms.Tensor([1.0, 0.0, 0.0]))])

    model = Model([Layer(X, 2.0), Layer(0.5 * X, X)])
    check_grads(fn, model, scale=3.0)
    check_grads(fn, model, scale=3.0, order=2)
    with pytest.raises(GradientError, match=r"\nmodel\.layers\[1\]\.b +\[0\] "):
        check_grads(fn, model, scale=3.0, gradient=off_by_one)
    with pytest.raises(GradientError, match=r"no gradient by model\.layers\[0\]\.w"):
        check_grads(fn, model, scale=3.0, gradient=lambda model, scale: [X, X, X, X])


def test_inputs_by_keyword_and_from_the_end() -> None:
    def fn(x: Any, y: Any) -> Any:
        return (x * detach(y)).sum()

    check_grads(fn, X, y=X, argnums=0)
    check_grads(fn, X, X, argnums=-2)
    for options in ({"argnums": -1}, {"argnums": (1, 0)}):
        with pytest.raises(GradientError, match=r"\ny .*0 "):
            check_grads(fn, X, X, **options)
    with pytest.raises(GradientError, match=r"\ny .*0 "):
        check_grads(fn, X, y=X, argnums=1)


def test_a_parameter_that_is_passed_and_captured_is_refused() -> None:
    weight = ms.Parameter(X.asnumpy(), name="weight")
    with pytest.raises(GradientError, match="weight"):
        check_grads(lambda w: (weight * weight).sum(), weight)


def test_inside_a_derivative_it_is_refused() -> None:
    def checking(x: Any) -> Any:
        check_grads(cube, x)
        return cube(x)

    with pytest.raises(GradientError, match="Call it outside"):
        grad(checking)(X)


def test_tolerance() -> None:
    wrong = with_first(1.001)
    check_grads(wrong, X, rtol=0.01)
    check_grads(wrong, X, atol=1.0)
    with pytest.raises(GradientError):
        check_grads(with_first(1.00001), X, rtol=1e-6)


@pytest.mark.parametrize("factor", [1.0, 1.001])
def test_the_mode_is_what_it_was(factor: float) -> None:
    for mode in (ms.GRAPH_MODE, ms.PYNATIVE_MODE):
        ms.set_context(mode=mode)
        try:
            check_grads(with_first(factor), X)
        except GradientError:
            assert factor != 1.0
        finally:
            after = ms.get_context("mode")
            ms.set_context(mode=ms.PYNATIVE_MODE)
        assert after == mode


def test_ctrl_c_stops_it() -> None:
    calls = 0

    def interrupted(x: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 6:
            raise KeyboardInterrupt
        return cube(x)

    with graph_mode():
        with pytest.raises(KeyboardInterrupt):
            check_grads(interrupted, X)
        assert ms.get_context("mode") == ms.GRAPH_MODE
    check_grads(cube, X)


SLOPES: list[tuple[Callable[[float], float], float]] = [
    (np.sin, 1.0),
    (np.cos, 0.0),
    (lambda t: float(np.exp(30 * t)), 30.0),
    (lambda t: float(np.log(1 + 9.9 * t)), 9.9),
    (lambda t: 1e6 + float(np.tan(t)), 1.0),
    (lambda t: float(np.float32(np.sin(t + 1))), float(np.cos(1))),
]


@pytest.mark.parametrize(("along", "exact"), SLOPES)
def test_a_difference_knows_its_error(along: Callable[[float], float], exact: float) -> None:
    with np.errstate(invalid="ignore"):
        found = slope(along, noise(along, 2.0**-52), 1e-9)
    assert abs(found.value - exact) <= found.error < 0.02 * max(exact, 1e-9)


@pytest.mark.parametrize("fn", [by_integer_cast, whole_part])
def test_between_jumps_a_cast_is_constant(fn: Callable[..., Any]) -> None:
    check_grads(fn, X + 0.5)
