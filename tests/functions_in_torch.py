"""Compute the derivatives of the table of functions with PyTorch, and store them.

``pip install torch==2.13.0``, then ``python tests/functions_in_torch.py``. The numbers are rounded
to 12 digits, so that they do not depend on the machine.
"""

import json
from importlib import import_module
from typing import Any

import functions_arrays
import functions_elementary
import functions_layers
from functions import STORED, Function, direction, weights

torch: Any = import_module("torch")


def derivatives(function: Function) -> dict[str, list[float]]:
    x = torch.tensor(function.at, requires_grad=True)
    y = function.twin(torch, x, *map(torch.tensor, function.constants))
    value = (y * torch.tensor(weights(tuple(y.shape)))).sum()
    (first,) = torch.autograd.grad(value, x, create_graph=True)
    second = torch.zeros_like(x)
    if first.requires_grad:
        slope = (first * torch.tensor(direction(tuple(x.shape)))).sum()
        (found,) = torch.autograd.grad(slope, x, allow_unused=True)
        second = second if found is None else found
    return {"first": rounded(first), "second": rounded(second)}


def rounded(x: Any) -> list[float]:
    return [float(f"{number:.12g}") for number in x.detach().flatten().tolist()]


def main() -> None:
    torch.set_default_dtype(torch.float64)
    modules = (functions_elementary, functions_arrays, functions_layers)
    lines = [
        f"{json.dumps(function.name)}: {json.dumps(derivatives(function))}"
        for module in modules
        for function in module.FUNCTIONS
    ]
    STORED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
