"""What docs/conventions.md says comes out where there is no derivative."""

import re
from math import inf, nan
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from mindspore import ops
from test_packaging import ROOT

import d2l_autograd as d2l

PAGE = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "docs" / "conventions.zh.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(.+)` \| (.+) \| (.+) \| .+ \| .+ \|$", PAGE, re.M)
NAMES: dict[str, Any] = {"d2l": d2l, "inf": inf, "ms": ms, "nan": nan, "ops": ops}


def numbers(text: str) -> Any:
    return np.atleast_1d(np.float32(eval(text.replace("∞", "inf"), NAMES)))


@pytest.mark.parametrize("compile", [False, True], ids=["eager", "compiled"])
@pytest.mark.parametrize(("function", "at", "here"), ROWS, ids=[f"{f} at {x}" for f, x, _ in ROWS])
def test_gradient(function: str, at: str, here: str, compile: bool) -> None:
    fn = eval(f"lambda x: ({function}).sum()", NAMES)
    found = d2l.grad(fn, compile=compile)(ms.Tensor(numbers(at))).asnumpy()
    np.testing.assert_allclose(found, numbers(here), rtol=1e-3)


def test_there_are_rows_the_same_in_both_languages() -> None:
    assert len(ROWS) > 35
    rows = r"^\| `.+$"
    assert re.findall(rows, CHINESE, re.M) == re.findall(rows, PAGE, re.M)
