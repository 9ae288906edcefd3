"""Both derivatives, nested in eager and in Graph mode: reductions, matrices, indexing."""

import mindspore as ms
import pytest
from function_checks import TOLERANCE, errors_of_nested
from functions import Function
from functions_arrays import FUNCTIONS


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_nested(function: Function) -> None:
    assert max(errors_of_nested(function, ms.float32)) < TOLERANCE[ms.float32]
