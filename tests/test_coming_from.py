"""The twenty things of docs/coming-from.md give what the page says, here and elsewhere."""

import importlib.util
import re
import subprocess
import sys

import numpy as np
import pytest
from test_packaging import ROOT, block

PAGE = ROOT / "docs" / "coming-from.md"
CHINESE = ROOT / "docs" / "coming-from.zh.md"
COLUMNS = ("here", "gives", "PyTorch", "JAX")

# What runs in a process of its own: `names`, and then the calls, whose results are printed.
TORCH = """
import torch
x, v, t = torch.tensor([1.0, 2.0]), torch.tensor([1.0, -1.0]), torch.tensor(2.0)
x64 = x.double().requires_grad_()
X = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
net = torch.nn.Linear(2, 2, bias=False)
"""
JAX = """
import jax, jax.test_util
x, v, t = jax.numpy.array([1.0, 2.0]), jax.numpy.array([1.0, -1.0]), jax.numpy.array(2.0)
X = jax.numpy.array([[1.0, 0.0], [1.0, 1.0]])
"""
PRINT = """
def told(result):
    if isinstance(result, (tuple, list)):
        return [told(part) for part in result]
    if result is None or isinstance(result, bool):
        return None
    for way in ("detach", "asnumpy", "tolist"):
        result = getattr(result, way, lambda result=result: result)()
    return getattr(result, "tolist", lambda: result)()

for call in calls:
    name, _, call = call.rpartition(" = ") if call.startswith("u = ") else ("", "", call)
    found = eval(call)
    if name:
        u = found
    print(repr(told(found)))
"""


def rows(page: str) -> list[dict[str, str]]:
    lines = re.findall(r"^\| (.+) \|$", page, re.M)[1:]
    cells = [[cell.strip("`") for cell in line.split(" | ")] for line in lines]
    return [dict(zip(("what", *COLUMNS, "d2l"), row, strict=True)) for row in cells]


ROWS = rows(PAGE.read_text(encoding="utf-8"))


def run(names: str, calls: list[str]) -> list[object]:
    code = f"{names}\ncalls = {calls!r}\n{PRINT}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return [eval(line) for line in done.stdout.splitlines() if not line.startswith("Session")]


def functions() -> str:
    lines = block("names", PAGE.read_text(encoding="utf-8"))
    return "\n".join(line for line in lines if " = lambda " in line)


@pytest.mark.parametrize(
    ("column", "module", "names"),
    [("here", "mindspore", None), ("PyTorch", "torch", TORCH), ("JAX", "jax", JAX)],
)
def test_calls_give_what_the_page_says(column: str, module: str, names: str | None) -> None:
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    given = "\n".join(block("names", PAGE.read_text(encoding="utf-8")))
    chosen = [row for row in ROWS if row[column] != "–"]
    found = run(f"{names}\n{functions()}" if names else given, [row[column] for row in chosen])
    assert len(found) == len(chosen)
    for row, result in zip(chosen, found, strict=True):
        if column == "PyTorch" and row["what"] in ("fill the slot", "empty the slot"):
            continue  # they return something else
        flat, right = (re.findall(r"-?[\d.]+|None", str(v)) for v in (result, row["gives"]))
        np.testing.assert_allclose(
            [float(n.replace("None", "nan")) for n in flat],
            [float(n.replace("None", "nan")) for n in right],
            rtol=1e-5,
            err_msg=row["what"],
        )


def test_twenty_things_in_both_languages() -> None:
    chinese = rows(CHINESE.read_text(encoding="utf-8"))
    assert len(ROWS) == 20
    for row, other in zip(ROWS, chinese, strict=True):
        assert [row[column] for column in COLUMNS] == [other[column] for column in COLUMNS]
    assert block("names", PAGE.read_text("utf-8")) == block("names", CHINESE.read_text("utf-8"))
