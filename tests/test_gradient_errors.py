"""What has no gradient gets one clear paragraph, in every mode that can see it."""

import copy
from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from mindspore import nn, ops
from modes import MODES, graph_mode, run

from d2l_autograd import GradientError, grad, value_and_grad

pytestmark = pytest.mark.quick

X = ms.Tensor([1.0, 2.0, 3.0], ms.float32)


def total(x: Any) -> Any:
    return x.sum()


def nothing(x: Any) -> Any:
    return None


def a_number(x: Any) -> Any:
    return 3.0


def a_pair(x: Any) -> Any:
    return x.sum(), x


def a_text(x: Any) -> Any:
    return "sum"


def a_count(x: Any) -> Any:
    return (x > 1).sum()


def squares(x: Any) -> Any:
    return x * x


VALUES: list[tuple[Callable[[Any], Any], list[str]]] = [
    (squares, ["shape (3,)", ".sum()", "vector-Jacobian product", "Jacobian"]),
    (nothing, ["returned None", "Return one tensor"]),
    (a_number, ["float 3.0", "Return one tensor"]),
    (a_pair, ["a tuple", "Return one tensor"]),
    (a_text, ["str 'sum'", "Return one tensor"]),
    (a_count, ["int64", "floating point"]),
]


def assert_one_paragraph(error: BaseException, parts: list[str]) -> None:
    message = str(error)
    for part in parts:
        assert part in message
    assert "\n" not in message
    assert "C++" not in message
    assert len(message) < 800


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("derivative", [grad, value_and_grad])
@pytest.mark.parametrize(("fn", "parts"), VALUES)
def test_value_without_a_gradient(
    fn: Callable[[Any], Any], parts: list[str], derivative: Any, mode: str
) -> None:
    with pytest.raises(GradientError) as caught:
        run(mode, derivative(fn), X)
    assert_one_paragraph(caught.value, parts)


INPUTS = [
    (3, ["the int 3", "Write 3.0"]),
    (True, ["the bool True", "floating-point"]),
    (np.int64(3), ["Write 3.0"]),
    (np.arange(3), ["int64", "astype('float32')"]),
    (ms.Tensor([1, 2]), ["int64", "astype(mindspore.float32)"]),
    (ms.Tensor([True]), ["bool", "astype(mindspore.float32)"]),
    ([1.0, ms.Tensor([2])], ["Argument 0[1]", "int64", "astype"]),
    ({"a": {"b": 1j}}, ["Argument 0['a']['b']", "complex", "floating-point tensor"]),
    ([1, None], ["Argument 0", "a list", "holds nothing"]),
    ({}, ["Argument 0", "a dict", "holds nothing"]),
    ([(), {}], ["Argument 0", "a list", "holds nothing"]),
    ("1.0", ["the str '1.0'", "floating-point tensor"]),
    (None, ["None", "floating-point tensor"]),
    (1j, ["complex", "floating-point tensor"]),
    (np.array([1j]), ["complex128", "astype"]),
    (np.array(["a"]), ["str", "astype"]),
]


@pytest.mark.parametrize("mode", ["eager", "graph"])
@pytest.mark.parametrize(("x", "parts"), INPUTS, ids=lambda value: str(value)[:20])
def test_input_without_a_gradient(x: Any, parts: list[str], mode: str) -> None:
    with pytest.raises(GradientError) as caught:
        run(mode, grad(total), x)
    assert_one_paragraph(caught.value, parts)


def test_integer_tensor_under_jit() -> None:
    with pytest.raises(GradientError, match="int64"):
        run("jit", grad(total), ms.Tensor([1, 2]))


@pytest.mark.parametrize(
    ("argnums", "parts"),
    [
        ((), ["empty", "argnums=0"]),
        ([], ["empty", "argnums=0"]),
        (1.0, ["1.0", "whole number"]),
        (True, ["True", "whole number"]),
        ("x", ["'x'", "whole number"]),
        (None, ["None", "whole number"]),
        ((0, 0), ["(0, 0)", "twice"]),
        ((0, "x"), ["'x'", "whole number"]),
    ],
)
def test_bad_argnums(argnums: Any, parts: list[str]) -> None:
    with pytest.raises(GradientError) as caught:
        grad(total, argnums)
    assert_one_paragraph(caught.value, parts)


@pytest.mark.parametrize("mode", ["eager", "graph"])
@pytest.mark.parametrize(("argnums", "args"), [(1, (X,)), ((0, 2), (X, X)), (0, ())])
def test_position_that_the_call_does_not_have(argnums: Any, args: Any, mode: str) -> None:
    with pytest.raises(GradientError, match="positional argument"):
        run(mode, grad(total, argnums), *args)


@pytest.mark.parametrize("not_a_function", [None, 3.0, X, "sum", [total]])
@pytest.mark.parametrize("derivative", [grad, value_and_grad])
def test_not_a_function(not_a_function: Any, derivative: Any) -> None:
    with pytest.raises(GradientError, match="takes a function") as caught:
        derivative(not_a_function)
    assert_one_paragraph(caught.value, [derivative.__name__])


def by_deepcopy(x: Any) -> Any:
    return (copy.deepcopy(x * x) * x).sum()


def by_numpy(x: Any) -> Any:
    return (ms.Tensor((x * x).asnumpy()) * x).sum()


def by_new_tensor(x: Any) -> Any:
    return (ms.Tensor(x * x) * x).sum()


@pytest.mark.parametrize("fn", [by_deepcopy, by_new_tensor])
def test_a_copy_is_no_constant(fn: Callable[[Any], Any]) -> None:
    for function in (fn, ms.jit(fn), lambda x: 1.0 * fn(x)):
        assert grad(function)(X).asnumpy().tolist() == [3.0, 12.0, 27.0]
    with graph_mode():
        assert grad(fn)(X).asnumpy().tolist() == [3.0, 12.0, 27.0]


def test_no_silent_zeros_through_numpy() -> None:
    compiled = ms.jit(by_numpy)
    for gradient in (grad(by_numpy), grad(compiled), grad(lambda x: 2 * compiled(x))):
        with pytest.raises(GradientError) as caught:
            gradient(X)
        assert_one_paragraph(caught.value, ["MindSpore operators", "detach"])
    with pytest.raises(Exception, match=r"."):
        ms.jit(grad(by_numpy))(X)


def test_code_without_source() -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec("def cube(x): return x ** 3", namespace)
    assert float(grad(namespace["cube"])(2.0)) == 12.0
    assert float(grad(grad(namespace["cube"]))(2.0)) == 12.0


def test_raw_gradient_around_ours_is_refused() -> None:
    def total_slope(x: Any) -> Any:
        return grad(total)(x).sum()

    with pytest.raises(GradientError, match=r"d2l_autograd\.grad for the outer one"):
        ms.grad(total_slope)(X)
    assert grad(total)(X).asnumpy().tolist() == [1.0, 1.0, 1.0]


def boom(x: Any) -> Any:
    raise KeyError("boom")


def wrong_shapes(x: Any) -> Any:
    return ops.matmul(x, ops.ones((2, 2), ms.float32)).sum()


def test_an_error_of_the_function_is_its_own_and_leaves_no_trace() -> None:
    for _ in range(2):
        with pytest.raises(KeyError, match="boom") as caught:
            grad(boom)(X)
        assert caught.traceback[-1].name == "boom"
        assert grad(total)(X).asnumpy().tolist() == [1.0, 1.0, 1.0]


def test_an_error_of_an_operator_leaves_no_trace() -> None:
    with pytest.raises(GradientError, match="refused its inputs.*shape") as caught:
        grad(wrong_shapes)(X)
    assert "C++" not in str(caught.value)
    assert grad(total)(X).asnumpy().tolist() == [1.0, 1.0, 1.0]


def test_an_interrupt_passes_through() -> None:
    def interrupted(x: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grad(interrupted)(X)
    assert grad(total)(X).asnumpy().tolist() == [1.0, 1.0, 1.0]


def test_a_gradient_behind_a_handler_of_errors() -> None:
    def total_slope(x: Any) -> Any:
        try:
            return grad(lambda x: (x**3).sum())(x).sum()
        except Exception:
            return x.sum()

    assert grad(total_slope)(X).asnumpy().tolist() == [6.0, 12.0, 18.0]


class Failing(nn.Cell):
    """A cell whose own backward rule fails."""

    def construct(self, x: Any) -> Any:
        return 3 * x

    def bprop(self, x: Any, out: Any, gradient: Any) -> Any:
        raise ValueError("no slope here")


def test_an_error_of_a_rule_is_its_own_and_leaves_no_trace() -> None:
    failing = Failing()
    with pytest.raises(ValueError, match="no slope here"):
        grad(lambda x: failing(x).sum())(X)
    assert grad(total)(X).asnumpy().tolist() == [1.0, 1.0, 1.0]


class Given(nn.Cell):
    """A cell whose own backward rule returns what it is given."""

    def __init__(self, returned: Any) -> None:
        super().__init__()
        self.returned = returned

    def construct(self, x: Any, factor: Any) -> Any:
        return x * factor

    def bprop(self, x: Any, factor: Any, out: Any, gradient: Any) -> Any:
        return self.returned


@pytest.mark.parametrize(
    ("returned", "part"),
    [
        (None, "The bprop of Given returned None"),
        (X, "returned 1 of 2 gradients"),
        ((X,), "returned 1 of 2 gradients"),
        ((), "returned 0 of 2 gradients"),
        ((X, X), r"shape \(3,\) for input 2, which has shape \(\)"),
        ((X.sum(), X.sum()), r"shape \(\) for input 1, which has shape \(3,\)"),
        ((0.0, X.sum()), "object of type float for input 1"),
    ],
)
def test_a_rule_that_returns_no_gradients_says_what_it_lacks(returned: Any, part: str) -> None:
    given, factor = Given(returned), ms.Tensor(2.0)
    with pytest.raises(GradientError, match=part):
        grad(lambda x, factor: given(x, factor).sum(), (0, 1))(X, factor)


def test_a_rule_may_leave_an_input_out_by_none() -> None:
    given, factor = Given((X, None)), ms.Tensor(2.0)
    by_x, by_factor = grad(lambda x, factor: given(x, factor).sum(), (0, 1))(X, factor)
    assert (by_x.asnumpy().tolist(), float(by_factor)) == (X.asnumpy().tolist(), 0.0)


def test_a_passed_parameter_is_no_input_of_a_derivative_inside() -> None:
    weight = ms.Parameter(X, name="weight")

    def with_inner(w: Any) -> Any:
        return (grad(lambda v: (v**3).sum())(weight) * w).sum()

    with pytest.raises(GradientError, match="weight is passed as an input and reached"):
        grad(with_inner)(weight)
