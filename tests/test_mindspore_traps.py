"""The page of traps: each case still comes out as the page says.

A case that fails here may be one that MindSpore has mended: then the page is to be changed.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "mindspore-traps.md"
ALONE = "*Alone.*"
RULES = "MS_DEV_USE_PY_BPROP"  # the package sets it, for its own process
RUN_ALL = """
import contextlib, io, json, runpy, sys
for path in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        runpy.run_path(path)
    print(json.dumps(printed.getvalue()))
"""


class Trap(NamedTuple):
    title: str
    alone: bool
    code: str
    printed: str


def traps() -> list[Trap]:
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    return [trap_of(section) for section in sections]


def trap_of(section: str) -> Trap:
    match = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```\n\nRight is ", section, re.DOTALL)
    assert match, f"no code with its output, or no right answer: {section.splitlines()[0]}"
    return Trap(section.splitlines()[0], ALONE in section, match[1], match[2])


def printed_by(folder: Path, *cases: Trap) -> list[str]:
    """Run the cases one after the other in a process that the package has not touched."""
    paths = []
    for number, case in enumerate(cases):
        # A file of its own: MindSpore compiles a function from the lines of its source.
        path = folder / f"case{number}.py"
        path.write_text(case.code, encoding="utf-8")
        paths.append(str(path))
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, *paths],
        capture_output=True,
        text=True,
        timeout=300,
        env={name: value for name, value in os.environ.items() if name != RULES},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def together(tmp_path_factory: Any) -> dict[str, str]:
    cases = [trap for trap in traps() if not trap.alone]
    printed = printed_by(tmp_path_factory.mktemp("traps"), *cases)
    return {case.title: text for case, text in zip(cases, printed, strict=True)}


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap.title)
def test_it_still_comes_out_wrong(trap: Trap, together: dict[str, str], tmp_path: Path) -> None:
    printed = printed_by(tmp_path, trap)[0] if trap.alone else together[trap.title]
    assert lines(printed) == lines(trap.printed)


def test_a_case_without_an_answer_is_refused() -> None:
    with pytest.raises(AssertionError, match="no right answer"):
        trap_of("A title\n\n```python\nprint(1)\n```\n")
