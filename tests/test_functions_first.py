"""The table of functions: first derivatives in eager mode, in both precisions."""

from typing import Any

import mindspore as ms
import pytest
from function_checks import EXPECTED, check_first
from function_table import FUNCTIONS, ONLY_FLOAT32, ROUGH_IN_FLOAT64
from functions import Function

NAMES = [function.name for function in FUNCTIONS]


def test_the_table_and_the_stored_derivatives_name_the_same_functions() -> None:
    assert sorted(NAMES) == sorted(EXPECTED)
    assert len(set(NAMES)) == len(NAMES) >= 150
    assert set(NAMES) >= ONLY_FLOAT32 | ROUGH_IN_FLOAT64


@pytest.mark.parametrize("function", FUNCTIONS, ids=NAMES)
def test_float32(function: Function) -> None:
    check_first(function, ms.float32, rough=False)


@pytest.mark.parametrize(
    "function", [f for f in FUNCTIONS if f.name not in ONLY_FLOAT32], ids=lambda f: f.name
)
def test_float64(function: Function) -> None:
    check_first(function, ms.float64, function.name in ROUGH_IN_FLOAT64)


def one_per_mille_off(function: Function) -> Function:
    return function._replace(fn=lambda x, *constants: 1.001 * function.fn(x, *constants))


@pytest.mark.parametrize("dtype", [ms.float32, ms.float64])
def test_a_derivative_that_is_off_by_one_per_mille_fails(dtype: Any) -> None:
    with pytest.raises(AssertionError):
        check_first(one_per_mille_off(FUNCTIONS[1]), dtype, rough=False)
