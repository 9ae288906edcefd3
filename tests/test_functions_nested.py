"""The table of functions: second derivatives in eager mode, where nested gradients are compiled."""

from typing import Any

import pytest
from function_checks import DTYPES, check_modes, groups
from function_table import FUNCTIONS, ONLY_FLOAT32, ROUGH_IN_FLOAT64
from functions import Function

CASES = [case for dtype in DTYPES for case in groups(0, FUNCTIONS, dtype, ONLY_FLOAT32)]


@pytest.mark.parametrize(("functions", "dtype"), CASES)
def test_functions(functions: list[Function], dtype: Any) -> None:
    check_modes("eager", functions, dtype, ROUGH_IN_FLOAT64)
