"""The table of functions: first derivatives in eager mode, in both precisions."""

from typing import Any

import mindspore as ms
import pytest
from function_checks import EXPECTED, ROUGH, TOLERANCE, error_of_first, errors_of_nested
from function_table import FUNCTIONS, NO_FLOAT64, REFUSED, ROUGH_IN_FLOAT64, Refused
from functions import Function

from d2l_autograd import GradientError

BY_NAME = {function.name: function for function in FUNCTIONS}
ids = [function.name for function in FUNCTIONS]


def test_the_table_and_the_stored_derivatives_name_the_same_functions() -> None:
    assert len(BY_NAME) == len(FUNCTIONS) >= 150
    assert {*BY_NAME, *(row.function.name for row in REFUSED)} == set(EXPECTED)
    assert set(BY_NAME) >= NO_FLOAT64 | ROUGH_IN_FLOAT64


@pytest.mark.parametrize("function", FUNCTIONS, ids=ids)
def test_float32(function: Function) -> None:
    assert error_of_first(function, ms.float32) < TOLERANCE[ms.float32]


@pytest.mark.parametrize("name", sorted(set(BY_NAME) - NO_FLOAT64 - ROUGH_IN_FLOAT64))
def test_float64(name: str) -> None:
    assert error_of_first(BY_NAME[name], ms.float64) < TOLERANCE[ms.float64]


@pytest.mark.parametrize("name", sorted(ROUGH_IN_FLOAT64))
def test_float64_with_constants_of_float32(name: str) -> None:
    assert error_of_first(BY_NAME[name], ms.float64) < ROUGH


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.function.name)
def test_a_second_derivative_that_there_is_not_is_refused(row: Refused) -> None:
    assert error_of_first(row.function, ms.float32) < TOLERANCE[ms.float32]
    with pytest.raises(GradientError, match=row.words):
        errors_of_nested(row.function, ms.float32)


def one_per_mille_off(function: Function) -> Function:
    fn = function.fn
    return function._replace(fn=lambda x, *constants: 1.001 * fn(x, *constants))


@pytest.mark.parametrize("dtype", [ms.float32, ms.float64])
@pytest.mark.parametrize("function", FUNCTIONS[::16], ids=ids[::16])
def test_a_derivative_that_is_off_by_one_per_mille_fails(function: Function, dtype: Any) -> None:
    if dtype == ms.float32 or function.name not in NO_FLOAT64:
        assert error_of_first(one_per_mille_off(function), dtype) > TOLERANCE[dtype]
