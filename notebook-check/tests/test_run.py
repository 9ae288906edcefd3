"""Small notebooks, checked as pytest checks them: kernels, verdicts, reports."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import nbformat
import pytest

from notebook_check.pytest_plugin.ledger import NAME
from notebook_check.pytest_plugin.rendering import WIDTH

PAGE = (Path(__file__).parents[2] / "docs" / "check.md").read_text(encoding="utf-8")
PLUGINS = ("nbval.plugin", "xdist.plugin", "notebook_check.pytest_plugin.plugin")


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a process of its own, that knows nothing of the one of this test."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COLUMNS"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env=own | environment,
        capture_output=True,
        text=True,
        timeout=150,
    )


def check(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    plugins = [word for plugin in PLUGINS for word in ("-p", plugin)]
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    result = run(folder, *plugins, "--nbval-strict", *options, **environment)
    assert "Traceback" not in result.stderr
    return result


def printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def result(text: str) -> dict[str, Any]:
    return {
        "output_type": "execute_result",
        "execution_count": 1,
        "metadata": {},
        "data": {"text/plain": text},
    }


def display(text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {"text/plain": text}}


def exception(name: str, message: str, line: str) -> dict[str, Any]:
    traceback = [f"----> 1 {line}", "", f"{name}: {message}"]
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": traceback}


class Cell(NamedTuple):
    """A cell as it is stored, and the reason for which it has to fail, if it has to."""

    source: str
    outputs: list[dict[str, Any]] = []
    reason: str | None = None
    metadata: dict[str, Any] = {}
    was_run: bool = True


RAISES = {"tags": ["raises-exception"]}
WHY = {"reason": "needs a network"}

# One notebook: a name for each cell, the cell, its verdict.
CELLS = {
    "import": Cell("import sys\nfrom IPython.display import clear_output, display"),
    "same": Cell("print('梯度', 1.0)", [printed("梯度 1.0\n")]),
    "rounding": Cell("1 / 3", [result("0.333333334")]),
    "noise": Cell("6.12e-17", [result("6.13e-17")]),
    "no output": Cell("x = 1"),
    "a value kept back": Cell("x;"),
    "empty": Cell(" \n", was_run=False),
    "another number": Cell(
        "print('loss', 0.25)",
        [printed("loss 0.26\n")],
        "stdout: line 1: 0.26 is now 0.25 (rel. 3.8e-02)",
    ),
    "cleared": Cell("print(1)", [], "stored as never run", was_run=False),
    "outputs cleared": Cell("print(1)", [], "outputs: no output is now stdout"),
    "an output too many": Cell("1;", [printed("1\n")], "outputs: stdout is now no output"),
    "swapped": Cell(
        "display(1); print('a')",
        [printed("a\n"), display("1")],
        "outputs: stdout, display is now display, stdout",
    ),
    "in order": Cell("print('a'); display(1)", [printed("a\n"), display("1")]),
    "updated": Cell("handle = display(1, display_id=True); handle.update(2)", [display("2")], None),
    "cleared while it ran": Cell(
        "print('a'); clear_output(wait=True); print('b')", [printed("b\n")]
    ),
    "skipped on the quiet": Cell("1", [], "skipped without", {"tags": ["nbval-skip"]}),
    "skipped by a comment": Cell("# NBVAL_SKIP\n1", [], "skipped without"),
    "ignored on the quiet": Cell(
        "print(2)", [printed("1\n")], "not compared without", {"tags": ["nbval-ignore-output"]}
    ),
    "a blank reason": Cell(
        "1", [], "skipped without", {"tags": ["nbval-skip"], "nbval": {"reason": " "}}
    ),
    "skipped with a reason": Cell("boom", [], None, {"tags": ["nbval-skip"], "nbval": WHY}),
    "ignored with a reason": Cell(
        "print(2)", [printed("1\n")], None, {"tags": ["nbval-ignore-output"], "nbval": WHY}
    ),
    "an unknown tag": Cell("1;", [], "no tag 'nbval-skp'", {"tags": ["nbval-skp"]}),
    "an unknown comment": Cell("# NBVAL_SKP\n1;", [], "no marker 'NBVAL_SKP'"),
    "an unknown setting": Cell("1;", [], "no setting 'rtl'", {"nbval": {"rtl": 1}}),
    "tags that contradict": Cell(
        "1;", [], "Conflicting", {"tags": ["nbval-ignore-output", "nbval-check-output"]}
    ),
    "its own tolerance": Cell("1.05", [result("1.0")], None, {"nbval": {"rtol": 0.1}}),
    "a tolerance by a tag": Cell("1.05", [result("1.0")], None, {"tags": ["nbval-rtol=0.1"]}),
    "beyond its tolerance": Cell(
        "1.5", [result("1.0")], "1.0 is now 1.5", {"tags": ["nbval-rtol=0.1"]}
    ),
    "promised": Cell(
        "1 / 0", [exception("ZeroDivisionError", "division by zero", "1 / 0")], None, RAISES
    ),
    "promised and not raised": Cell(
        "print('fine')",
        [printed("fine\n")],
        "promises an exception by its tag, and raised none",
        RAISES,
    ),
    "not raised any more": Cell(
        "1;", [exception("ValueError", "no", "1;")], "and raised none", RAISES
    ),
    "another exception": Cell(
        "1 / 0", [exception("ValueError", "no", "1 / 0")], "is now ZeroDivisionError", RAISES
    ),
    "a traceback replaced": Cell(
        "1 / 0",
        [exception("ZeroDivisionError", "division by zero", "1 / 0") | {"traceback": ["oh"]}],
        "the traceback is not the one of this exception",
        RAISES,
    ),
    "raised and not promised": Cell(
        "1 / 0",
        [exception("ZeroDivisionError", "division by zero", "1 / 0")],
        "it raised ZeroDivisionError: division by zero",
    ),
    "after it": Cell("print(1)", [printed("2\n")], "not run: Cell 33 ended the notebook"),
}
assert list(CELLS).index("raised and not promised") == 33


def write(path: Path, *cells: Cell) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    count = 0
    for cell in cells:
        count += cell.was_run
        made = nbformat.v4.new_code_cell(cell.source, metadata=cell.metadata)
        made.update(outputs=cell.outputs, execution_count=count if cell.was_run else None)
        notebook.cells.append(made)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def verdicts(junit: Path) -> dict[str, tuple[str, str]]:
    """For each item, by its notebook's stem and its name, whether it passed, and what it says."""
    found = {}
    for case in ElementTree.parse(junit).iter("testcase"):
        told = [part for part in case if part.tag in ("failure", "error", "skipped")]
        status = told[0].tag if told else "passed"
        text = (told[0].get("message") or "") + (told[0].text or "") if told else ""
        stem = case.attrib["classname"].rpartition("/")[2].partition(".")[0]
        found[f"{stem}/{case.attrib['name']}"] = (status, text)
    return found


class Run(NamedTuple):
    """A run of pytest: what it printed, what it says in XML, its HTML page."""

    stdout: str
    verdicts: dict[str, tuple[str, str]]
    page: str


def checked(folder: Path, *options: str) -> Run:
    done = check(folder, "--junitxml=j.xml", "--nbval-report=report", "-rfEx", *options)
    page = (folder / "report" / "index.html").read_text(encoding="utf-8")
    return Run(done.stdout, verdicts(folder / "j.xml"), page)


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("cells")
    write(folder / "cells.ipynb", *CELLS.values())
    (folder / NAME).write_text('{"cells.ipynb": 25}')
    return checked(folder)


@pytest.mark.parametrize(("number", "name"), list(enumerate(CELLS)), ids=CELLS)
def test_cell(cells: Run, number: int, name: str) -> None:
    status, text = cells.verdicts[f"cells/Cell {number}"]
    reason = CELLS[name].reason
    if reason is None:
        expected = "skipped" if name == "skipped with a reason" else "passed"
        assert (status, text) == (expected, text)
    else:
        assert status == ("skipped" if name == "after it" else "failure")
        assert reason in text


def test_summary_counts_what_was_left_out(cells: Run) -> None:
    line = next(line for line in cells.stdout.splitlines() if line.startswith("1 notebooks"))
    assert re.fullmatch(r"1 notebooks; cells: \d+ compared, 1 skipped, 1 not compared", line)


def test_failure_reads_well_in_80_columns(cells: Run) -> None:
    (shown,) = re.findall(r"_ cells.ipynb, Cell 7 _+\n(.*?)\n_+ ", cells.stdout, flags=re.DOTALL)
    assert "print('loss', 0.25)" in shown
    assert ">0.26<" in shown
    assert ">0.25<" in shown
    assert max(map(len, shown.splitlines())) <= WIDTH


def test_no_traceback_of_the_check_is_shown(cells: Run) -> None:
    assert "site-packages" not in cells.stdout
    assert "notebook_check/" not in cells.stdout


def test_html_report_has_every_failure(cells: Run) -> None:
    failures = [name for name, (status, _) in cells.verdicts.items() if status == "failure"]
    assert cells.page.count("<section>") == len(failures)
    assert '<td class="old">loss <mark>0.26</mark></td>' in cells.page
    assert "print(&#x27;loss&#x27;, 0.25)" in cells.page
    assert "<script" not in cells.page


ENDINGS = {
    "raises": ("1 / 0", "it raised ZeroDivisionError: division by zero"),
    "dies": ("import os; os._exit(1)", "the kernel died"),
    "sleeps": ("import time; time.sleep(60)", "not done after 4 s"),
    "insists": (
        "while True:\n    try:\n        while True:\n            print(1, flush=True)\n"
        "    except KeyboardInterrupt:\n        pass",
        "not done after 4 s",
    ),
}


@pytest.fixture(scope="module")
def endings(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("endings")
    for name, (source, _) in ENDINGS.items():
        write(folder / f"{name}.ipynb", Cell("1;"), Cell(source), Cell("2;"), Cell("3;"))
    (folder / NAME).write_text(json.dumps({f"{name}.ipynb": 4 for name in ENDINGS}))
    return checked(folder, "-n2", "--dist=loadfile", "--nbval-cell-timeout=4")


@pytest.mark.parametrize("name", ENDINGS)
def test_end_of_a_notebook_is_told_once(endings: Run, name: str) -> None:
    assert endings.verdicts[f"{name}/Cell 0"][0] == "passed"
    status, text = endings.verdicts[f"{name}/Cell 1"]
    assert status == "failure"
    assert ENDINGS[name][1] in text
    for later in (2, 3):
        status, text = endings.verdicts[f"{name}/Cell {later}"]
        assert status == "skipped"
        assert "not run: Cell 1 ended the notebook" in text


def test_summary_over_several_workers(endings: Run) -> None:
    assert f"{len(ENDINGS)} notebooks; cells: " in endings.stdout
    assert endings.page.count("<section>") == len(ENDINGS)


def test_a_flood_is_stopped_before_its_time_is_over(tmp_path: Path) -> None:
    flood = "while True:\n    print('x' * 1_000_000)"
    write(tmp_path / "floods.ipynb", Cell(flood), Cell("2;"))
    (tmp_path / NAME).write_text('{"floods.ipynb": 2}')
    found = checked(tmp_path).verdicts
    assert "its outputs have more than 50,000,000 characters" in found["floods/Cell 0"][1]
    assert "not run: Cell 0 ended the notebook" in found["floods/Cell 1"][1]


WHOLE = [
    Cell("x = 1"),
    Cell("x += 1; print(x)", [printed("2\n")]),
    Cell("print(x)", [printed("2\n")]),
]
SHUFFLED = """
import pytest
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    items[:] = items[::2] + items[1::2][::-1]
"""


@pytest.mark.parametrize(
    "options",
    [
        ["-n2", "--dist=load"],
        ["-n2", "--dist=worksteal"],
        ["-n2", "--dist=loadgroup"],
        ["--nbval-jobs=2"],
        ["-k", "Cell and 2"],
        ["-p", "shuffled"],
    ],
    ids=" ".join,
)
def test_no_part_of_a_notebook_is_run_alone(tmp_path: Path, options: list[str]) -> None:
    for name in ("a", "b"):
        write(tmp_path / f"{name}.ipynb", *WHOLE)
    (tmp_path / NAME).write_text('{"a.ipynb": 3, "b.ipynb": 3}')
    (tmp_path / "shuffled.py").write_text(SHUFFLED)
    done = check(tmp_path, "-v", *options, PYTHONPATH=str(tmp_path))
    assert re.search(r"= (2|8) passed", done.stdout), done.stdout
    if "shuffled" in options:
        order = re.findall(r"^(\w)\.ipynb::(\S+ ?\d?) PASSED", done.stdout, re.MULTILINE)
        items = ["stored", "Cell 0", "Cell 1", "Cell 2"]
        assert order == [(name, item) for name in "ab" for item in items]


def test_jobs_leave_nothing_open(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / f"{name}.ipynb", *WHOLE)
    (tmp_path / NAME).write_text('{"a.ipynb": 3, "b.ipynb": 3}')
    done = check(tmp_path, "--nbval-jobs=2", "-Werror")
    assert done.returncode == 0, done.stdout + done.stderr


FAILING = [Cell("print(1)", [printed("2\n")]), Cell("1 / 0"), Cell("2"), Cell("[][0]")]


def test_options_of_a_run(tmp_path: Path) -> None:
    write(tmp_path / "lessons" / "a.ipynb", *FAILING)
    (tmp_path / NAME).write_text('{"lessons/a.ipynb": 4}')
    options = ("--nbval-execute-only", "--nbval-keep-going", "--nbval-executed=out")
    done = check(tmp_path, "-v", *options)
    told = re.findall(r"::(.*?) (PASSED|FAILED)", done.stdout)
    kinds = ["PASSED", "PASSED", "FAILED", "PASSED", "FAILED"]
    assert told == list(zip(["stored", "Cell 0", "Cell 1", "Cell 2", "Cell 3"], kinds, strict=True))
    executed = nbformat.read(tmp_path / "out" / "lessons" / "a.ipynb", as_version=4)
    assert executed.cells[0].outputs[0].text == "1\n"
    assert [cell.outputs[0].get("ename") for cell in executed.cells[1:]] == [
        "ZeroDivisionError",
        None,
        "IndexError",
    ]
    done = check(tmp_path, "--nbval-kernel-name=no-such-kernel")
    assert "the kernel 'no-such-kernel' is not installed here" in done.stdout
    assert "--nbval-current-env" in done.stdout


def test_what_is_not_run_fails_once_also_where_the_reason_is_left_out(tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", Cell("1 / 0"), Cell("2;"), Cell("3;"))
    (tmp_path / NAME).write_text('{"a.ipynb": 3}')
    done = check(tmp_path, "-k", "1 or 2")
    assert done.returncode == 1
    assert "FAILED a.ipynb::Cell 1 - not run: Cell 0 ended the notebook" in done.stdout
    assert "1 failed, 1 skipped" in done.stdout
    spec = tmp_path / "kernels" / "broken" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text('{"argv": ["no-such-command"], "display_name": "x", "language": "python"}')
    options = ("--nbval-kernel-name=broken", "-k", "Cell")
    done = check(tmp_path, *options, JUPYTER_PATH=str(tmp_path))
    assert "FAILED a.ipynb::Cell 0 - the kernel 'broken' does not start" in done.stdout
    assert "1 failed, 2 skipped" in done.stdout


def test_nothing_that_steers_a_terminal_is_told(tmp_path: Path) -> None:
    name = "a\x1b[2J\x07\x9b\nb.ipynb"
    tags, why = {"tags": ["nbval-skip"]}, {"nbval": {"reason": "wait\x1b[2J\nhere"}}
    write(
        tmp_path / name,
        Cell("1;", metadata=tags | why),
        Cell("2;", metadata={"tags": ["nbval-\x1b"]}),
    )
    (tmp_path / NAME).write_text(json.dumps({name: 0, "gone\x1b[2J.ipynb": 1}))
    done = check(tmp_path, "-v", "-rA", "--nbval-report=out\x1b[2J")
    assert done.returncode == 1
    assert not {*done.stdout} & {"\x1b", "\x07", "\x9b"}
    assert "a␛[2J␇<U+009B>⏎b.ipynb::Cell 0 SKIPPED (wait␛[2J⏎here)" in done.stdout
    assert "gone␛[2J.ipynb is in notebook-check.json, and gone" in done.stdout


def test_a_report_that_cannot_be_written_loses_no_verdict(tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", *WHOLE)
    (tmp_path / NAME).write_text('{"a.ipynb": 3}')
    (tmp_path / "file").touch()
    done = check(tmp_path, "--nbval-report=file")
    assert done.returncode == 1
    assert "no report in file: File exists" in done.stdout
    assert "4 passed" in done.stdout


HANDMADE = """{"cells": [
 {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Growth"]},
 {"cell_type": "code", "id": "b", "metadata": {}, "execution_count": 1,
  "source": ["import math\\n", "rate = math.log(2) / 7"], "outputs": []},
 {"cell_type": "code", "id": "c", "metadata": {}, "execution_count": 2,
  "source": ["print('rate', rate)\\n", "[round(math.exp(rate * day), 3) for day in (7, 14)]"],
  "outputs": [
   {"output_type": "stream", "name": "stdout", "text": ["rate 0.09902102579427789\\n"]},
   {"output_type": "execute_result", "execution_count": 2, "metadata": {},
    "data": {"text/plain": ["[2.0, 4.0]"]}}]}],
 "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
 "nbformat": 4, "nbformat_minor": 5}"""


def test_newcomer_gains_the_check_by_the_lines_of_the_readme(tmp_path: Path) -> None:
    block = re.search(r"<!-- check-commands -->\n```sh\n(.*?)```", PAGE, re.DOTALL)
    assert block
    install, *commands = (line.split() for line in block[1].splitlines())
    assert install == ["pip", "install", "./notebook-check"]  # it is, for this test
    notebook = tmp_path / "growth.ipynb"
    notebook.write_text(HANDMADE)
    for program, *options in commands:
        assert program == "pytest"
        done = run(tmp_path, *options)
        assert (done.returncode, done.stderr) == (0, "")
    assert "1 notebooks; cells: 2 compared, 0 skipped, 0 not compared" in done.stdout
    assert json.loads((tmp_path / NAME).read_text()) == {"growth.ipynb": 2}

    notebook.write_text(HANDMADE.replace("0.09902102579427789", "0.099"))
    done = run(tmp_path, *options)
    assert done.returncode == 1
    assert "0.099 is now 0.09902102579427789 (rel. 2.1e-04)" in done.stdout
