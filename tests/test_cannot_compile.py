"""What MindSpore cannot compile is refused with the line and the remedy, in our words."""

from collections import namedtuple
from collections.abc import Callable
from typing import Any

import mindspore as ms
import pytest

from d2l_autograd import GradientError, grad

X = ms.Tensor([1.0, 2.0, 3.0], ms.float32)
Line = namedtuple("Line", ["slope", "offset"])


def twice(fn: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def doubled(x: Any) -> Any:
        return (2 * fn(x)).sum()

    return doubled


def height(line: Any) -> Any:
    return (line.slope * 2 + line.offset).sum()


def through_a_lambda() -> Any:
    return grad(twice(lambda x: x * x), compile=True)(X)


def through_a_lambda_on_the_line_of_a_statement() -> Any:
    try: return grad(twice(lambda x: x * x), compile=True)(X)  # noqa: E701  # fmt: skip
    finally:
        pass


def through_names_of_a_tuple() -> Any:
    return grad(height, compile=True)(Line(X, X))


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (through_a_lambda, r"cannot read, .* on a line of its own"),
    (through_a_lambda_on_the_line_of_a_statement, r"cannot read, .* on a line of its own"),
    (through_names_of_a_tuple, r"no attribute: 'slope' \(at .*test_cannot_compile\.py:\d+\)\."),
]


@pytest.mark.parametrize(("call", "says"), REFUSED)
def test_refused(call: Callable[[], Any], says: str) -> None:
    with pytest.raises(GradientError, match=says) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    assert "C++" not in text
    assert "MS_DEV" not in text
    assert ".." not in text.replace("...,", "")
