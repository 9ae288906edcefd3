"""Variables: the gradient slot, what is stored in it and when."""

import resource
import sys
from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from closeness import assert_tensor
from mindspore import nn, ops
from modes import graph_mode, run

from d2l_autograd import GradientError, attach_grad, backward, grad, zero_grad

ARRAY = np.arange(4, dtype="float32")
BACKWARD_MODES = ["eager", "graph"]


def variable(values: Any = ARRAY) -> ms.Parameter:
    return attach_grad(ms.Tensor(np.asarray(values)))


def twice_the_dot_product(x: Any) -> Any:
    return 2 * ops.tensor_dot(x, x, 1)


def total(x: Any) -> Any:
    return x.sum()


def product(a: Any, b: Any) -> Any:
    return (a * b * b).sum()


def test_slot_is_empty_at_first() -> None:
    x = variable()
    assert isinstance(x, ms.Parameter)
    assert x.grad is None
    assert_tensor(x.value(), ARRAY)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (2.0, np.float32(2)),
        (np.float64(2), np.float64(2)),
        (ARRAY, ARRAY),
        (ms.Tensor([[1.0]], ms.float64), np.array([[1.0]])),
    ],
)
def test_kinds_of_value(given: Any, expected: Any) -> None:
    assert_tensor(attach_grad(given).value(), expected)


def test_the_numbers_are_copied() -> None:
    tensor = ms.Tensor(ARRAY)
    x = attach_grad(tensor)
    x.copy_(tensor + 1)
    assert_tensor(tensor, ARRAY)
    assert_tensor(x.value(), ARRAY + 1)


def test_a_parameter_gets_the_slot_itself_and_keeps_it() -> None:
    parameter = ms.Parameter(ms.Tensor(ARRAY), name="p")
    x = attach_grad(parameter)
    assert x is parameter
    backward(total, x)
    assert_tensor(attach_grad(x).grad, np.ones(4, "float32"))


def test_names_are_distinct() -> None:
    assert variable().name != variable().name


@pytest.mark.parametrize("mode", BACKWARD_MODES)
def test_value_is_returned_and_gradient_stored(mode: str) -> None:
    x = variable()
    assert_tensor(run(mode, backward, twice_the_dot_product, x), np.float32(28))
    assert_tensor(x.grad, 4 * ARRAY)


@pytest.mark.parametrize("mode", BACKWARD_MODES)
def test_overwriting_accumulating_and_zeroing_use_one_buffer(mode: str) -> None:
    x = variable()
    run(mode, backward, twice_the_dot_product, x)
    slot, memory = x.grad, x.grad.data_ptr()
    run(mode, backward, total, x)
    assert_tensor(slot, np.ones(4, "float32"))
    for _ in range(2):
        run(mode, lambda: backward(twice_the_dot_product, x, accumulate=True))
    assert_tensor(slot, 1 + 8 * ARRAY)
    zero_grad(x)
    assert_tensor(slot, 0 * ARRAY)
    assert x.grad is slot
    assert x.grad.data_ptr() == memory


def test_accumulating_starts_from_nothing() -> None:
    x = variable()
    backward(total, x, accumulate=True)
    assert_tensor(x.grad, np.ones(4, "float32"))


def test_slot_shares_no_memory_with_an_operand() -> None:
    x, y = variable(), variable(ARRAY + 1)
    backward(lambda x, y: (x * y).sum(), x, y)
    y.copy_(y * 0)
    assert_tensor(x.grad, ARRAY + 1)


@pytest.mark.parametrize("mode", BACKWARD_MODES)
def test_two_variables(mode: str) -> None:
    a, b = variable(ARRAY), variable(ARRAY + 1)
    run(mode, backward, product, a, b)
    assert_tensor(a.grad, (ARRAY + 1) ** 2)
    assert_tensor(b.grad, 2 * ARRAY * (ARRAY + 1))


@pytest.mark.parametrize("mode", BACKWARD_MODES)
def test_the_same_variable_twice_gets_the_total(mode: str) -> None:
    x = variable()
    run(mode, backward, product, x, x)
    assert_tensor(x.grad, 3 * ARRAY**2)


@pytest.mark.parametrize("mode", BACKWARD_MODES)
def test_a_variable_used_without_being_passed_on_counts(mode: str) -> None:
    x = variable()

    def with_captured(a: Any) -> Any:
        return (a * x).sum()

    run(mode, backward, with_captured, x)
    assert_tensor(x.grad, 2 * ARRAY)


@pytest.mark.parametrize("mode", BACKWARD_MODES)
def test_an_unused_variable_gets_zeros(mode: str) -> None:
    a, b = variable(ARRAY), variable(ARRAY + 1)
    run(mode, backward, lambda a, b: (2 * a).sum(), a, b)
    assert_tensor(a.grad, np.full(4, 2, "float32"))
    assert_tensor(b.grad, np.zeros(4, "float32"))


@pytest.mark.parametrize("mode", BACKWARD_MODES)
def test_a_frozen_variable_is_constant_and_its_slot_stays(mode: str) -> None:
    a, b = variable(ARRAY), variable(ARRAY + 1)
    run(mode, backward, product, a, b)
    b.requires_grad = False
    run(mode, backward, lambda a, b: 3 * product(a, b), a, b)
    assert_tensor(a.grad, 3 * (ARRAY + 1) ** 2)
    assert_tensor(b.grad, 2 * ARRAY * (ARRAY + 1))
    b.requires_grad = True
    run(mode, backward, total, b)
    assert_tensor(b.grad, np.ones(4, "float32"))


@pytest.mark.parametrize("mode", BACKWARD_MODES)
def test_a_step_of_descent_is_seen_by_the_next_call(mode: str) -> None:
    x = variable()
    for expected in (ARRAY, 0.5 * ARRAY, 0.25 * ARRAY):
        run(mode, backward, lambda x: (x * x).sum(), x)
        assert_tensor(x.grad, 2 * expected)
        x.copy_(x - 0.25 * x.grad)


def test_a_new_value_is_seen_in_graph_mode() -> None:
    x = variable()
    with graph_mode():
        backward(twice_the_dot_product, x)
        x.set_data(ms.Tensor(ARRAY + 1))
        backward(twice_the_dot_product, x)
    assert_tensor(x.grad, 4 * (ARRAY + 1))


def test_a_gradient_within_is_nested_rightly() -> None:
    x = variable()

    def total_slope(x: Any) -> Any:
        return grad(twice_the_dot_product)(x).sum()

    assert_tensor(backward(total_slope, x), np.float32(24))
    assert_tensor(x.grad, np.full(4, 4, "float32"))


def test_parameters_of_a_layer() -> None:
    layer = nn.Dense(3, 1)
    variables = [attach_grad(parameter) for parameter in layer.trainable_params()]
    batch = ms.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    backward(lambda *_: layer(batch).sum(), *variables)
    weight, bias = variables
    assert_tensor(weight.grad, np.array([[5, 7, 9]], "float32"))
    assert_tensor(bias.grad, np.array([2], "float32"))


def reshaped() -> ms.Parameter:
    x = variable()
    backward(total, x)
    x.set_data(ms.Tensor(np.ones(2, "float32")), slice_shape=True)
    return x


def test_a_new_shape_gets_a_new_slot() -> None:
    x = reshaped()
    backward(total, x)
    assert_tensor(x.grad, np.ones(2, "float32"))


def test_a_new_shape_is_not_added_to_the_old() -> None:
    x = reshaped()
    with pytest.raises(GradientError, match=r"shape \(4,\).*shape \(2,\)"):
        backward(total, x, accumulate=True)
    assert_tensor(x.grad, np.ones(4, "float32"))


def frozen() -> ms.Parameter:
    x = variable()
    x.requires_grad = False
    return x


BAD_CALLS: list[tuple[Callable[[], Any], str]] = [
    (lambda: attach_grad(3), r"the int 3.*Write 3\.0"),
    (lambda: attach_grad([1.0]), "a list.*Pass a floating-point tensor"),
    (lambda: attach_grad(np.arange(3)), "int64.*float32"),
    (lambda: attach_grad(ms.Parameter(ms.Tensor([1]), name="p")), "int64.*float32"),
    (lambda: backward(total), "no variable.*backward"),
    (lambda: backward(total, ms.Tensor(ARRAY)), "Tensor without a gradient slot.*attach_grad"),
    (lambda: backward(total, ms.Parameter(ms.Tensor(1.0), name="p")), "Parameter without.*attach"),
    (lambda: backward(total, ARRAY), "ndarray without a gradient slot.*attach_grad"),
    (lambda: backward(total, frozen()), "frozen.*requires_grad = True"),
    (lambda: backward(variable(), total), "takes a function"),
    (lambda: backward(lambda x: x * x, variable()), r"shape \(4,\).*\.sum\(\)"),
    (lambda: backward(lambda x: None, variable()), "returned None"),
    (lambda: zero_grad(ms.Tensor(ARRAY)), "without a gradient slot"),
    (lambda: ms.jit(lambda_free_call)(), "outside the compiled function"),
]


def lambda_free_call() -> Any:
    return backward(total, CAPTURED)


CAPTURED = variable()


@pytest.mark.parametrize(("call", "message"), BAD_CALLS)
def test_bad_calls(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(GradientError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_a_failure_leaves_the_slots_alone() -> None:
    x = variable()
    backward(twice_the_dot_product, x)
    with pytest.raises(GradientError):
        backward(lambda x: x * x, x)
    assert_tensor(x.grad, 4 * ARRAY)


def test_zeroing_an_empty_slot_keeps_it_empty() -> None:
    x = variable()
    zero_grad(x)
    assert x.grad is None


@pytest.mark.skipif(sys.platform != "linux", reason="the resident size is read from /proc")
def test_a_thousand_steps_take_no_memory() -> None:
    def resident() -> int:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()

    x = variable(np.ones(250_000, "float32"))  # 1 MB a gradient: 1 GB if each were kept
    for _ in range(200):
        backward(total, x)
    before = resident()
    for _ in range(1000):
        backward(total, x)
    assert resident() - before < 50e6
