"""What a function leaves behind for its caller is left at each call, also where graphs answer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mindspore import Tensor, nn

from d2l_autograd import detach, grad, hessian

pytestmark = pytest.mark.quick

Case = tuple[Callable[[Tensor], Tensor], Callable[[], Tensor]]
latest: Any = None


def squares(x: Tensor) -> Tensor:
    return (x * x).sum()


def in_a_global() -> Case:
    def fn(x: Tensor) -> Tensor:
        global latest
        latest = squares(x)
        return squares(x)

    return fn, lambda: latest


def in_an_enclosing_name() -> Case:
    last = Tensor(0.0)

    def fn(x: Tensor) -> Tensor:
        nonlocal last
        last = squares(x)
        return last

    return fn, lambda: last


def in_a_list() -> Case:
    seen = [Tensor(0.0)]

    def fn(x: Tensor) -> Tensor:
        seen[0] = squares(x)
        return seen[0]

    return fn, lambda: seen[0]


def deep_in_a_dict() -> Case:
    state = {"layers": [{"sum": Tensor(0.0)}]}

    def fn(x: Tensor) -> Tensor:
        state["layers"][0]["sum"] = squares(x)
        return squares(x)

    return fn, lambda: state["layers"][0]["sum"]


class Model:
    last = Tensor(0.0)

    def loss(self, x: Tensor) -> Tensor:
        self.last = squares(x)
        return squares(x)


def in_an_attribute() -> Case:
    model = Model()
    return model.loss, lambda: model.last


def in_an_attribute_of_a_class() -> Case:
    class Here(Model):
        pass

    def fn(x: Tensor) -> Tensor:
        setattr(Here, "last", squares(x))  # noqa: B010
        return squares(x)

    return fn, lambda: Here.last


def in_an_attribute_of_a_function() -> Case:
    def helper(x: Tensor) -> Tensor:
        return squares(x)

    def fn(x: Tensor) -> Tensor:
        setattr(helper, "last", squares(x))  # noqa: B010
        return squares(x)

    return fn, lambda: vars(helper)["last"]


def in_a_cell() -> Case:
    class Net(nn.Cell):
        def construct(self, x: Tensor) -> Tensor:
            self.activation = squares(x)
            return self.activation

    net = Net()
    return net, lambda: net.activation


def by_a_forward_hook() -> Case:
    layer = nn.ReLU()
    seen = [Tensor(0.0)]

    def keep(cell: Any, inputs: Any, output: Any) -> None:
        seen[0] = squares(inputs[0])

    layer.register_forward_hook(keep)
    return lambda x: squares(layer(x)) + squares(layer(-x)), lambda: seen[0]


def by_a_hook_of_a_tensor() -> Case:
    seen = [Tensor(0.0)]

    def fn(x: Tensor) -> Tensor:
        y = squares(x)
        y.register_hook(lambda gradient: seen.__setitem__(0, gradient * 0 + squares(x)))
        return y

    return fn, lambda: seen[0]


def in_an_array() -> Case:
    seen = np.zeros((), np.float32)

    def fn(x: Tensor) -> Tensor:
        seen[()] = detach(squares(x)).asnumpy()
        return squares(x)

    return fn, lambda: Tensor(seen)


CASES = [
    in_a_global,
    in_an_enclosing_name,
    in_a_list,
    deep_in_a_dict,
    in_an_attribute,
    in_an_attribute_of_a_class,
    in_an_attribute_of_a_function,
    in_a_cell,
    by_a_forward_hook,
    by_a_hook_of_a_tensor,
    in_an_array,
]


@pytest.mark.filterwarnings("ignore:.* runs in Python and not as a compiled graph")
@pytest.mark.parametrize("case", CASES)
def test_compiled(case: Callable[[], Case]) -> None:
    fn, look = case()
    assert_left(grad(fn, compile=True), look, 5)


@pytest.mark.usefixtures("graphs_come_soon")
@pytest.mark.parametrize("case", CASES)
def test_asked_often(case: Callable[[], Case]) -> None:
    fn, look = case()
    assert_left(hessian(fn), look, 7)


def test_an_object_that_is_passed() -> None:
    def fn(x: Tensor, model: Model) -> Tensor:
        model.last = squares(x)
        return model.last

    model = Model()
    derivative = grad(fn, compile=True)
    with pytest.warns(UserWarning, match="changes what it depends on"):
        derivative(Tensor(np.ones(2, np.float32)), model)
    assert_left(lambda x: derivative(x, model), lambda: model.last, 5)


def assert_left(
    derivative: Callable[[Tensor], Any], look: Callable[[], Tensor], calls: int
) -> None:
    for number in range(1, calls + 1):
        derivative(Tensor(np.array([number, 1], np.float32)))
        assert look().asnumpy() == number**2 + 1
