"""Both derivatives under ms.jit, of every eighth function: all of them are in the full table.

MindSpore compiles the same code there as where gradients nest in eager mode.
"""

import mindspore as ms
import pytest
from function_checks import TOLERANCE, errors_of_jit
from function_table import FUNCTIONS
from functions import Function


@pytest.mark.parametrize("function", FUNCTIONS[::8], ids=lambda function: function.name)
def test_jit(function: Function) -> None:
    assert max(errors_of_jit(function, ms.float32)) < TOLERANCE[ms.float32]
