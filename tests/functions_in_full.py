"""Run the whole table of functions: all modes, both orders, both precisions, and print the errors.

``python tests/functions_in_full.py > docs/function-table.txt`` takes half an hour on two cores.
"""

import sys
from collections.abc import Callable
from typing import Any

import mindspore as ms
from function_checks import ROUGH, TOLERANCE, error_of_first, errors_of_jit, errors_of_nested
from function_table import FUNCTIONS, NO_FLOAT64, ROUGH_IN_FLOAT64
from functions import Function

CHECKS: list[Callable[[Function, Any], Any]] = [error_of_first, errors_of_nested, errors_of_jit]
COLUMNS = ("eager 1st", "nested 1st", "nested 2nd", "jit 1st", "jit 2nd")
WIDTH = max(len(function.name) for function in FUNCTIONS)


def errors_of(function: Function, dtype: Any) -> list[float]:
    found = [check(function, dtype) for check in CHECKS]
    return [found[0], *found[1], *found[2]]


def row_of(function: Function, dtype: Any) -> tuple[str, bool]:
    """Return the line of a function, and whether all is right in it."""
    start = f"{function.name:{WIDTH}}  {str(dtype).lower()}  "
    if dtype == ms.float64 and function.name in NO_FLOAT64:
        return start + "MindSpore has no float64 here", True
    try:
        errors = errors_of(function, dtype)
    except Exception as error:
        return start + f"{type(error).__name__}: {str(error).splitlines()[0]}", False
    exact = max(errors) < TOLERANCE[dtype]
    rough = dtype == ms.float64 and function.name in ROUGH_IN_FLOAT64
    right = not exact and max(errors) < ROUGH if rough else exact
    line = start + "".join(f"{error:12.0e}" for error in errors)
    return line + ("" if right else "  not as the table says"), right


def main() -> int:
    print(f"Errors of the derivatives of {len(FUNCTIONS)} functions, MindSpore {ms.__version__}.")
    print("Nested gradients were taken in eager mode and in Graph mode; the larger error counts.\n")
    print(" " * (WIDTH + 11) + "".join(f"{column:>12}" for column in COLUMNS))
    wrong = 0
    for function in FUNCTIONS:
        for dtype in (ms.float32, ms.float64):
            line, right = row_of(function, dtype)
            print(line, flush=True)
            wrong += not right
    print(f"\n{2 * len(FUNCTIONS)} rows, {wrong} not as the table says.")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
