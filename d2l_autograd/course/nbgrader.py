"""Notebooks for nbgrader: after each exercise, a cell that fails unless the answer is right."""

from __future__ import annotations

import json
from typing import Any

from d2l_autograd.course.calls import checks_in

_SCHEMA = 3  # of nbgrader's metadata, since its version 0.6


def with_test_cells(notebook: bytes) -> bytes:
    """Return a notebook with a locked cell after each check of an exercise, worth a point.

    The cell with the exercise itself is none of nbgrader's, which leaves it as the student did.
    """
    content: Any = json.loads(notebook)
    cells: list[Any] = []
    for cell in content["cells"]:
        cells.append(cell)
        if cell["cell_type"] == "code":
            checks = dict(checks_in("".join(cell["source"])))
            cells += [_test_cell(number, answer, cell) for number, answer in checks.items()]
    content["cells"] = cells
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _test_cell(number: str, answer: str, after: dict[str, Any]) -> dict[str, Any]:
    name = f"exercise-{number.replace('.', '-')}"
    marks = {
        "schema_version": _SCHEMA,
        "grade": True,
        "solution": False,
        "locked": True,
        "task": False,
        "points": 1,
        "cell_type": "code",
        "grade_id": name,
    }
    cell: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {"nbgrader": marks},
        "source": f'assert d2l.check_answer("{number}", {answer})',
        "outputs": [],
        "execution_count": None,
    }
    return cell | ({"id": f"test-{name}"} if "id" in after else {})
