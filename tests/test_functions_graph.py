"""The table of functions: first and second derivatives in Graph mode."""

from typing import Any

import pytest
from function_checks import DTYPES, check_modes, groups
from function_table import FUNCTIONS, ONLY_FLOAT32, ROUGH_IN_FLOAT64
from functions import Function

CASES = [case for dtype in DTYPES for case in groups(1, FUNCTIONS, dtype, ONLY_FLOAT32)]


@pytest.mark.parametrize(("functions", "dtype"), CASES)
def test_functions(functions: list[Function], dtype: Any) -> None:
    check_modes("graph", functions, dtype, ROUGH_IN_FLOAT64)
