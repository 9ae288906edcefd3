"""Notebooks as students hand them in, in whatever state: for tests, and for the benchmark."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from d2l_autograd.course.chapters import find_chapter
from d2l_autograd.course.solutions import without_solutions

START = (
    "import d2l_autograd as d2l\nimport mindspore as ms\nfrom mindspore import ops\n\nd2l.start()"
)
CHECK = 'd2l.check_answer("{}", {})'


def notebook(*sources: str, **metadata: Any) -> bytes:
    """A notebook of these cells of code."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    return json.dumps(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    ).encode()


def answered(**answers: str) -> bytes:
    """A notebook with a start and a cell for each answer: ``e1="answer = 1"`` is of 01.1."""
    cells = [
        f"{code}\n{CHECK.format(f'01.{name[1:]}', 'answer')}" for name, code in answers.items()
    ]
    return notebook(START, *cells)


def filled_in(chapter: str, answers: Mapping[str, str], lang: str = "en") -> bytes:
    """The student's edition of a chapter, in which some cells of exercises are replaced."""
    content = json.loads(without_solutions(find_chapter(chapter, lang).path.read_bytes()))
    for cell in content["cells"]:
        source = "".join(cell["source"])
        for name, code in answers.items():
            if cell["cell_type"] == "code" and f'check_answer("{name}"' in source:
                cell["source"] = code
    return json.dumps(content).encode()


RIGHT_1 = "def answer(x):\n    return -1 / x**2"
RIGHT_2 = "def answer(fn, x, h):\n    return (fn(x + h) - fn(x - h)) / (2 * h)"
RIGHT_3 = """def answer(x):
    inner = 3 * x
    return 2 * x * ops.sin(inner) + inner * x * ops.cos(inner)"""
RIGHT_5 = "answer = [-3 / 5, -4 / 5]"
RIGHT_6 = "answer = 1 / 10"


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
