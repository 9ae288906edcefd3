"""What no derivative can be taken of, or by: one paragraph with the remedy, or a right answer.

Neither a refusal nor a failure of the user's own function may harm the next derivative.
"""

# mypy: disable-error-code="arg-type"
# (wrong types are the cases)

from collections.abc import Callable, Iterator
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from calculus import C, X, assert_tree, tensor
from closeness import assert_tensor
from mindspore import ops

from d2l_autograd import (
    GradientError,
    attach_grad,
    backward,
    check_grads,
    detach,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    per_sample_grad,
    value_and_grad,
    vjp,
    zero_grad,
)

pytestmark = pytest.mark.quick

Call = Callable[[], Any]
x, c = tensor(X), tensor(C)
NAN, INF = float("nan"), float("inf")


def cubes(x: Any) -> Any:
    return (x**3).sum()


def squares(x: Any) -> Any:
    return x * x


def loss(w: Any, x: Any) -> Any:
    return (w * x).sum() ** 2


def counted(x: Any) -> Any:
    return (x > 0).sum()


def text(x: Any) -> Any:
    return "a value"


def nothing(x: Any) -> Any:
    (x * x).sum()


def nan_inside(x: Any) -> Any:
    return (ops.sqrt(x) * x).sum()


def integers(shape: tuple[int, ...] = (3,)) -> Any:
    return ms.Tensor(np.ones(shape, "int32"))


# What is asked for, and words of the answer.
REFUSED: list[tuple[str, Call, list[str]]] = [
    # no function
    ("grad of a value", lambda: grad(3.0), ["takes a function", "grad(f)", "float 3.0"]),
    ("value_and_grad of None", lambda: value_and_grad(None), ["takes a function", "None"]),
    ("vjp of a tensor", lambda: vjp(x), ["vjp takes a function", "tensor of shape (3,)"]),
    ("jvp of a text", lambda: jvp("cubes"), ["jvp takes a function", "'cubes'"]),
    ("jacobian of a list", lambda: jacobian([cubes]), ["jacobian takes a function", "a list"]),
    ("hessian of an array", lambda: hessian(X), ["hessian takes a function", "ndarray"]),
    ("hvp of a pair", lambda: hvp((cubes, x)), ["hvp takes a function", "a tuple"]),
    ("per_sample_grad of a value", lambda: per_sample_grad(1), ["takes a function", "int 1"]),
    ("check_grads of a value", lambda: check_grads(cubes(x), x), ["takes a function"]),
    ("backward of a value", lambda: backward(cubes(x), attach_grad(x)), ["takes a function"]),
    # positions
    ("vjp by -2", lambda: vjp(cubes, -2)(x, tensor(1.0)), ["position -2", "1 positional"]),
    ("jvp by a name", lambda: jvp(cubes, "x")(x, x), ["'x'", "whole number"]),
    ("jacobian by nothing", lambda: jacobian(squares, ())(x), ["argnums is empty"]),
    ("hessian by a bool", lambda: hessian(cubes, True)(x), ["True", "whole number"]),
    ("hvp by one twice", lambda: hvp(loss, (0, 0))(x, c, (x, x)), ["names a position twice"]),
    ("per_sample_grad by 0.5", lambda: per_sample_grad(loss, 0.5)(x, c), ["0.5", "whole number"]),
    ("hessian by a missing one", lambda: hessian(cubes, 1)(x), ["position 1", "1 positional"]),
    ("jacobian by a missing one", lambda: jacobian(squares, 2)(x), ["position 2"]),
    ("vjp by the vector", lambda: vjp(cubes, 1)(x, tensor(1.0)), ["position 1", "1 positional"]),
    ("no argument", lambda: grad(cubes)(), ["0 positional arguments"]),
    ("no input by keyword", lambda: grad(cubes)(y=x), ["0 positional", "to be differentiated"]),
    ("batch at a missing one", lambda: per_sample_grad(loss, batched=5)(x, c), ["position 5"]),
    ("batch by a name", lambda: per_sample_grad(loss, batched="x")(x, c), ["'x'", "whole number"]),
    # inputs
    ("an int", lambda: jacobian(squares)(3), ["the int 3", "Write 3.0"]),
    ("integers", lambda: hessian(cubes)(integers()), ["int32", "astype"]),
    ("bools", lambda: vjp(squares)(ms.Tensor([True]), tensor([1.0])), ["bool", "astype"]),
    ("an array of text", lambda: jvp(squares)(np.array(["a"]), x), ["str", "astype"]),
    ("an array of objects", lambda: grad(cubes)(np.array([None, x], object)), ["Argument 0"]),
    ("complex numbers", lambda: hvp(cubes)(np.array([1j]), x), ["complex128", "astype"]),
    ("an int in a list", lambda: jacobian(lambda p: p[0])([1]), ["holds nothing"]),
    ("None in a dict", lambda: hessian(lambda p: p["w"])({"w": None}), ["holds nothing"]),
    ("an empty tuple", lambda: grad(lambda p: x.sum())(()), ["holds nothing"]),
    ("an object", lambda: grad(cubes)(object()), ["type object", "floating-point tensor"]),
    ("a set", lambda: grad(cubes)({1.0}), ["type set", "floating-point tensor"]),
    ("a function", lambda: grad(cubes)(cubes), ["type function", "floating-point tensor"]),
    ("a range", lambda: value_and_grad(cubes)(range(3)), ["type range"]),
    # values
    ("a vector for grad", lambda: grad(squares)(x), [".sum()", "jacobian(f)", "vjp(f)"]),
    ("a vector for hessian", lambda: hessian(squares)(x), ["shape (3,)", ".sum()"]),
    ("a vector for hvp", lambda: hvp(squares)(x, x), ["shape (3,)", ".sum()"]),
    (
        "a vector for samples",
        lambda: per_sample_grad(lambda w, x: w * x)(c, tensor([X])),
        [".sum()"],
    ),
    ("a vector for backward", lambda: backward(squares, attach_grad(x)), ["shape (3,)", ".sum()"]),
    ("an empty value", lambda: grad(lambda x: x[:0])(x), ["shape (0,)", ".sum()"]),
    ("None for jacobian", lambda: jacobian(nothing)(x), ["returned None", "Return tensors"]),
    ("() for jacobian", lambda: jacobian(lambda x: ())(x), ["returned an empty tuple"]),
    ("None for vjp", lambda: vjp(nothing)(x, tensor(1.0)), ["returned None"]),
    ("None for hessian", lambda: hessian(nothing)(x), ["returned None", "Return one tensor"]),
    ("text for jvp", lambda: jvp(text)(x, x), ["str", "Return tensors"]),
    ("text for hvp", lambda: hvp(text)(x, x), ["str", "Return one tensor"]),
    ("a float", lambda: jacobian(lambda x: 2.0)(x), ["float 2.0", "Return tensors"]),
    ("a pair", lambda: grad(lambda x: (x.sum(), x))(x), ["a tuple", "has_aux=True"]),
    ("integers for jacobian", lambda: jacobian(counted)(x), ["int64", "floating point"]),
    ("bools for vjp", lambda: vjp(lambda x: x > 0)(x, x), ["bool", "floating point"]),
    ("no pair with aux", lambda: grad(cubes, has_aux=True)(x), ["pair", "has_aux"]),
    ("no pair with aux, jvp", lambda: jvp(cubes, has_aux=True)(x, x), ["pair", "has_aux"]),
    ("no pair with aux, hessian", lambda: hessian(cubes, has_aux=True)(x), ["pair", "has_aux"]),
    ("no pair with aux, jacobian", lambda: jacobian(cubes, has_aux=True)(x), ["pair", "has_aux"]),
    # vectors
    ("vjp without a vector", lambda: vjp(squares)(x), ["vjp(f)(x, v)", "1 positional"]),
    ("jvp without a vector", lambda: jvp(squares)(x), ["jvp(f)(x, v)", "1 positional"]),
    ("hvp without a vector", lambda: hvp(cubes)(x), ["hvp(f)(x, v)", "1 positional"]),
    ("vjp, vector too long", lambda: vjp(cubes)(x, x), ["shape (3,)", "shape ()"]),
    ("jvp, vector too short", lambda: jvp(squares)(x, x[:2]), ["shape (2,)", "shape (3,)"]),
    ("hvp, vector of another rank", lambda: hvp(cubes)(x, tensor([X])), ["(1, 3)", "(3,)"]),
    ("vjp, integer vector", lambda: vjp(squares)(x, integers()), ["The vector", "int32"]),
    ("jvp, vector is an int", lambda: jvp(squares)(x, 1), ["The vector", "Write 1.0"]),
    ("jvp, two vectors for one", lambda: jvp(squares)(x, (x, x)), ["2 tensors", "result of 1"]),
    ("hvp, one vector for two", lambda: hvp(loss, (0, 1))(x, c, x), ["1 tensors", "of 2"]),
    # modes, batches
    (
        "a mode there is not",
        lambda: jacobian(squares, mode="backward"),
        ["'backward'", '"reverse"'],
    ),
    ("no batch", lambda: per_sample_grad(cubes)(x), ["none is left to be the batch"]),
    ("a batch of numbers", lambda: per_sample_grad(loss)(x, 2.0), ["first axis", "batched"]),
    ("a batch without axis", lambda: per_sample_grad(loss)(x, tensor(1.0)), ["first axis"]),
    ("an empty batch", lambda: per_sample_grad(loss)(x, ops.zeros((0, 3))), ["at least one"]),
    (
        "batches of two sizes",
        lambda: per_sample_grad(lambda w, x, y: (w * x * y).sum())(
            c, tensor([X]), ops.ones((2, 3))
        ),
        ["same number of samples", "has 1", "has 2"],
    ),
    # the others
    ("attach_grad to an int", lambda: attach_grad(3), ["the int 3", "Write 3.0"]),
    ("attach_grad to integers", lambda: attach_grad(integers()), ["int32", "astype"]),
    ("backward without a variable", lambda: backward(cubes), ["no variable", "backward(f, x)"]),
    ("backward by a tensor", lambda: backward(cubes, x), ["gradient slot", "attach_grad(x)"]),
    ("zero_grad of a tensor", lambda: zero_grad(x), ["gradient slot", "attach_grad(x)"]),
    ("detach an object", lambda: detach(object()), ["type object", "pass the tensors"]),
    ("order 3", lambda: check_grads(cubes, x, order=3), ["order is 3", "order=1 or order=2"]),
    ("nothing to check", lambda: check_grads(cubes, integers()), ["float"]),
]


@pytest.fixture(autouse=True)
def _the_next_derivative_is_right() -> Iterator[None]:
    yield
    assert_tensor(grad(cubes)(x), 3 * X**2)


def assert_one_paragraph(message: str, words: list[str]) -> None:
    for word in words:
        assert word in message
    assert "\n" not in message
    assert "C++" not in message
    assert len(message) < 800


@pytest.mark.parametrize(
    ("ask", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_refused(ask: Call, words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(GradientError) as caught:
        ask()
    assert_one_paragraph(str(caught.value), words)
    assert "C++" not in capfd.readouterr().err


def test_refusals_are_many_and_distinct() -> None:
    names = [name for name, *_ in REFUSED]
    assert len(set(names)) == len(names) >= 60


def mutating(x: Any) -> Any:
    y = x * 1
    y += 1
    return (y * x).sum()


def unused(x: Any) -> Any:
    return ms.Tensor(2.0) * 1


RATES = {"k": 2.0}


def by_rate(x: Any) -> Any:
    return RATES["k"] * (x**2).sum()


EMPTY = np.zeros((0,), "float32")
ANSWERED: list[tuple[str, Call, Any]] = [
    ("no entries", lambda: grad(cubes)(ops.zeros((0,))), EMPTY),
    ("an empty array", lambda: grad(cubes)(np.zeros((0,), "float32")), EMPTY),
    ("NaN", lambda: grad(cubes)(tensor([1.0, NAN])), np.array([3, NAN], "float32")),
    ("infinity", lambda: grad(cubes)(tensor([1.0, -INF])), np.array([3, INF], "float32")),
    ("NaN, Jacobian", lambda: jacobian(squares)(tensor([NAN])), np.array([[NAN]], "float32")),
    ("NaN, compiled", lambda: grad(cubes, compile=True)(tensor([NAN])), np.array([NAN], "float32")),
    ("beyond the domain", lambda: grad(nan_inside)(tensor([-1.0])), np.array([NAN], "float32")),
    ("a pole", lambda: grad(lambda x: (1 / x).sum())(tensor([0.0])), np.array([-INF], "float32")),
    ("never used", lambda: grad(unused)(x), 0 * X),
    ("never used, Jacobian", lambda: jacobian(unused)(x), 0 * X),
    ("never used, Hessian", lambda: hessian(unused)(x), np.zeros((3, 3), "float32")),
    ("never used, jvp", lambda: jvp(unused)(x, x), np.float32(0)),
    ("its own intermediate changed", lambda: grad(mutating)(x), 2 * X + 1),
    ("an array as second argument", lambda: grad(loss)(x, C), 2 * (X @ C) * C),
    ("a vector as array", lambda: vjp(squares)(X, C), 2 * X * C),
    ("a float as vector", lambda: vjp(cubes)(x, 2.0), 6 * X**2),
    (
        "detached numbers",
        lambda: detach({"a": 1.0, "b": [None, "s"]}),
        {"a": 1.0, "b": [None, "s"]},
    ),
]


@pytest.mark.parametrize(
    ("ask", "exact"), [case[1:] for case in ANSWERED], ids=[case[0] for case in ANSWERED]
)
def test_answered(ask: Call, exact: Any) -> None:
    with np.errstate(invalid="ignore"):
        assert_tree(ask(), exact)


def test_globals_that_change(monkeypatch: pytest.MonkeyPatch) -> None:
    eager, compiled = grad(by_rate), grad(by_rate, compile=True)
    for rate in (2.0, 5.0):
        monkeypatch.setitem(RATES, "k", rate)
        assert_tensor(eager(x), np.float32(2 * rate) * X)
        assert_tensor(compiled(x), np.float32(2 * rate) * X)


def overwriting(x: Any) -> Any:
    x += 1
    return (x * x).sum()


def test_an_input_that_is_overwritten() -> None:
    given = tensor(X)
    try:
        found = grad(overwriting)(given)
    except GradientError as error:
        assert_one_paragraph(str(error), [])
    else:
        assert_tensor(found, 2 * (X + 1))
    assert_tensor(given, X)


class OutOfData(Exception):
    pass


def raising(x: Any, *more: Any) -> Any:
    raise OutOfData("no data left")


CALLS: list[tuple[str, Call]] = [
    ("grad", lambda: grad(raising)(x)),
    ("grad, compiled", lambda: grad(raising, compile=True)(x)),
    ("value_and_grad", lambda: value_and_grad(raising)(x)),
    ("vjp", lambda: vjp(raising)(x, x)),
    ("jvp", lambda: jvp(raising)(x, x)),
    ("jacobian", lambda: jacobian(raising)(x)),
    ("hessian", lambda: hessian(raising)(x)),
    ("hvp", lambda: hvp(raising)(x, x)),
    ("per_sample_grad", lambda: per_sample_grad(raising)(x, x)),
    ("check_grads", lambda: check_grads(raising, x)),
    ("backward", lambda: backward(raising, attach_grad(x))),
]


@pytest.mark.parametrize("ask", [ask for _, ask in CALLS], ids=[name for name, _ in CALLS])
def test_an_exception_of_the_function_comes_through(ask: Call) -> None:
    with pytest.raises((OutOfData, GradientError)) as caught:
        ask()
    if isinstance(caught.value, GradientError):  # where it has to be compiled
        assert_one_paragraph(str(caught.value), ["raising has to be compiled"])
    else:
        assert str(caught.value) == "no data left"


def wrong_shapes(x: Any, *more: Any) -> Any:
    return (x @ ops.ones((2, 2), ms.float32)).sum()


SHAPES: list[tuple[str, Call]] = [
    ("grad", lambda: grad(wrong_shapes)(x)),
    ("vjp", lambda: vjp(wrong_shapes)(x, tensor(1.0))),
    ("jvp", lambda: jvp(wrong_shapes)(x, x)),
    ("hessian", lambda: hessian(wrong_shapes)(x)),
    ("jacobian", lambda: jacobian(wrong_shapes)(x)),
]


@pytest.mark.parametrize("ask", [ask for _, ask in SHAPES], ids=[name for name, _ in SHAPES])
def test_an_error_of_an_operator_is_told_without_a_stack(ask: Call) -> None:
    with pytest.raises((ValueError, RuntimeError)) as caught:
        ask()
    assert "C++" not in str(caught.value)
    assert "(2, 2)" in str(caught.value) or "shape" in str(caught.value)
