"""Rules with a name, by which a project, a notebook and a cell say what is not to be compared."""

import configparser
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from notebook_check.compare.sanitizing import normaliser
from notebook_check.errors import NotebookError
from notebook_check.rules import Project
from notebook_check.settings import ini_settings

pytestmark = pytest.mark.quick
v4 = nbformat.v4
LINES = [r"day: \d{4}-\d\d-\d\d => DAY", r"host: (on) \w+ => \1 HOST"]


def ini(*lines: str) -> Any:
    return ini_settings(lambda name: list(lines) if name == "nbval_normalise" else "")


def differences(text: str, of_notebook: Any = None, of_cell: Any = None) -> list[str]:
    """How a printed text differs from the stored one, by the rules of `LINES` and others."""
    stored = v4.new_output("stream", name="stdout", text="2026-01-02 on ariel, run 7")
    cell = v4.new_code_cell("", outputs=[stored], execution_count=1)
    notebook = v4.new_notebook(cells=[cell])
    for node, own in ((notebook, of_notebook), (cell, of_cell)):
        if own is not None:
            node.metadata["nbval"] = {"normalise": own}
    new = v4.new_output("stream", name="stdout", text=text)
    rules = Project(settings=ini(*LINES)).rules(notebook)
    return [*map(str, rules.differences(cell, [new]))]


@pytest.mark.parametrize(
    ("text", "of_notebook", "of_cell", "said"),
    [
        ("2027-03-04 on prospero, run 7", None, None, ""),
        ("2027-03-04 on prospero, run 8", None, None, "7 is now 8"),
        ("2027-03-04 on prospero, run 8", {"run": [r"run \d+", "run N"]}, None, ""),
        ("2027-03-04 on prospero, run 8", None, {"run": [r"run \d+", "run N"]}, ""),
        ("2027-03-04 on ariel, run 7", {"day": None}, None, "2026 is now 2027"),
        ("2026-01-02 on prospero, run 7", None, {"host": None}, "ariel is now prospero"),
        ("2027-03-04 on ariel, run 7", {"day": None}, {"day": [r"20\d\d.{6}", "DAY"]}, ""),
    ],
)
def test_the_nearest_rule_of_a_name_counts(
    text: str, of_notebook: Any, of_cell: Any, said: str
) -> None:
    found = differences(text, of_notebook, of_cell)
    assert bool(found) is bool(said)
    assert said in "".join(found)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"day": ["(", "x"]}, "normalise: 'day': missing )"),
        ({"day": ["x", r"\1"]}, "normalise: 'day': invalid group reference"),
        ({"day": "x"}, "normalise: 'day' is [pattern, replacement] or null"),
        (["x"], "normalise is a table such as"),
    ],
)
def test_a_rule_that_is_none_is_one_line(own: Any, said: str) -> None:
    with pytest.raises(NotebookError, match=re.escape(said)) as failure:
        differences("", own)
    assert "\n" not in str(failure.value)


def test_a_line_that_is_none_is_named() -> None:
    with pytest.raises(NotebookError, match="expected 'name: pattern => replacement', found 'x'"):
        ini("x")


def test_the_example_of_the_page_does_what_its_names_say() -> None:
    page = (Path(__file__).parents[2] / "docs" / "check.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- normalise-example -->\n```ini\n(.*?)```", page, re.DOTALL)
    assert block
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.read_string(block[1])
    lines = parsed["pytest"]["nbval_normalise"].strip().splitlines()
    clean = normaliser(ini(*lines).normalise)
    assert clean("2026-11-26: 12.5 ms") == "DAY: TIME ms"
