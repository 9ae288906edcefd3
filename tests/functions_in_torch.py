"""Compute the derivatives of the table of functions with PyTorch, and store them.

``pip install torch==2.13.0``, then ``python tests/functions_in_torch.py``. The numbers are rounded
to 12 digits, so that they do not depend on the machine.
"""

import json
from importlib import import_module
from typing import Any

from function_table import FUNCTIONS, REFUSED
from functions import STORED, Function, direction, weights

torch: Any = import_module("torch")


def derivatives(function: Function) -> dict[str, list[float]]:
    x, first = first_of(function)
    second = torch.zeros_like(x)
    if first.requires_grad:
        slope = (first * torch.tensor(direction(tuple(x.shape)))).sum()
        (found,) = torch.autograd.grad(slope, x, allow_unused=True)
        second = second if found is None else found
    return {"first": rounded(first), "second": rounded(second)}


def first_of(function: Function) -> tuple[Any, Any]:
    x = torch.tensor(function.at, requires_grad=True)
    y = function.twin(torch, x, *map(torch.tensor, function.constants))
    value = (y * torch.tensor(weights(tuple(y.shape)))).sum()
    (first,) = torch.autograd.grad(value, x, create_graph=True)
    return x, first


def rounded(x: Any) -> list[float]:
    return [float(f"{number:.12g}") for number in x.detach().flatten().tolist()]


def main() -> None:
    torch.set_default_dtype(torch.float64)
    rows = {function.name: derivatives(function) for function in FUNCTIONS}
    for function, _ in REFUSED:
        rows[function.name] = {"first": rounded(first_of(function)[1])}
    lines = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()]
    STORED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
