"""What a kernel sends, as it is stored: one notebook, run once, and a few that end badly."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest

from notebook_check.errors import NotebookError
from notebook_check.execution import NotebookRun
from notebook_check.figures.description import MIME
from notebook_check.kernels import kernel_of
from notebook_check.rules import Project

v4 = nbformat.v4
Notebook = Any
WIDGET = "application/vnd.jupyter.widget-view+json"

OUTPUT_WIDGET = """
from comm import create_comm
def widget(name, **state):
    own = {"_model_name": name, "_model_module": "@jupyter-widgets/output", **state}
    return create_comm(target_name="jupyter.widget", data={"state": own})
out = widget("OutputModel", outputs=[], msg_id="")
display({"application/vnd.jupyter.widget-view+json": {"model_id": out.comm_id}}, raw=True)
"""
INTO_IT = """
request = get_ipython().kernel.get_parent()["header"]["msg_id"]
out.send({"method": "update", "state": {"msg_id": request}})
print("within")
import sys; sys.stdout.flush()
out.send({"method": "update", "state": {"msg_id": ""}})
print("outside")
"""
UNSEEN = """
shell = get_ipython()
shell.showtraceback, own = lambda *a, **k: None, shell.showtraceback
raise ValueError("unseen")
"""


class Case(NamedTuple):
    """The code of a cell, what it shows at the end, and the exception that it raised."""

    source: str
    shown: list[str] = []
    raised: str = ""
    tags: list[str] = []


CASES = {
    "a display that is updated later": Case("h = display('start', display_id='a')", ["'end'"]),
    "which shows nothing itself": Case("from IPython.display import update_display\n"
                                       "update_display('end', display_id='a')"),
    "child processes": Case(
        "import os, subprocess, sys\nsys.stdout.flush(); os.system('echo one')\n"
        "subprocess.run(['echo', 'two']); os.write(1, b'three\\n');", ["one\ntwo\nthree\n"]),
    "no variable of the test": Case("[k for k in os.environ if k.startswith('PYTEST_')]", ["[]"]),
    "a task that prints later": Case(
        "import asyncio\nasync def late():\n    await asyncio.sleep(0.3); print('late')\n"
        "task = asyncio.create_task(late())", ["late\n"]),
    "the cell that waits for it": Case("await task; print('done')", ["done\n"]),
    "an output widget": Case(OUTPUT_WIDGET, [""]),
    "what is printed in it": Case(INTO_IT, ["outside\n"]),
    "left out": Case("open('made', 'w')", tags=["skip-execution"]),
    "was it": Case("os.path.exists('made')", ["False"]),
    "no history of the reader's": Case("shell = get_ipython()\nshell.history_manager.hist_file",
                                       ["':memory:'"]),
    "a value of an earlier cell": Case("Out[4]", ["[]"]),
    "pieces of a text": Case("for i in range(3):\n    print(i, flush=True)", ["0\n1\n2\n"]),
    "stdout before stderr": Case("print('b', file=sys.stderr); print('a')", ["a\n", "b\n"]),
    "an exception that shows nothing": Case(UNSEEN, [], "ValueError: unseen"),
    "and one that is shown by %run": Case(
        "shell.showtraceback = own\nopen('bad.py', 'w').write('1/0');\n%run bad.py",
        ["ZeroDivisionError"], "ZeroDivisionError: division by zero"),
    "asked for input": Case("input()", ["StdinNotImplementedError"],
                            "StdinNotImplementedError: raw_input was called, but this frontend "
                            "does not support input requests."),
}  # fmt: skip


def notebook_of(*sources: str, **metadata: Any) -> Notebook:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [v4.new_code_cell(source) for source in sources]
    return v4.new_notebook(metadata={"kernelspec": kernel, **metadata}, cells=cells)


def shown(output: Any) -> str:
    if output.output_type == "error":
        return str(output.ename)
    return str(output.text if "text" in output else output.data.get("text/plain", ""))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Notebook, NotebookRun]:
    notebook = notebook_of(*(case.source for case in CASES.values()))
    for cell, case in zip(notebook.cells, CASES.values(), strict=True):
        cell.metadata["tags"] = case.tags
    folder = tmp_path_factory.mktemp("folder")
    run = Project(keep_going=True).rules(notebook).execute(notebook, folder=folder)
    return notebook, run


@pytest.mark.parametrize(("index", "name"), list(enumerate(CASES)), ids=CASES)
def test_cell(ran: tuple[Notebook, NotebookRun], index: int, name: str) -> None:
    notebook, run = ran
    case = CASES[name]
    assert list(map(shown, notebook.cells[index].outputs)) == case.shown
    if case.tags:
        assert index not in run.cells
    else:
        assert run.cells[index].raised == case.raised
        assert bool(run.cells[index].failure) is bool(case.raised)


def test_counts_are_those_of_jupyter(ran: tuple[Notebook, NotebookRun]) -> None:
    counts = [cell.execution_count for cell in ran[0].cells]
    assert [count for count in counts if count] == list(range(1, len(CASES)))


def test_widgets_shown_have_their_state(ran: tuple[Notebook, NotebookRun]) -> None:
    notebook = ran[0]
    (view,) = (
        output.data[WIDGET]
        for cell in notebook.cells
        for output in cell.outputs
        if WIDGET in output.get("data", {})
    )
    (state,) = notebook.metadata.widgets.values()
    outputs = state["state"][view["model_id"]]["state"]["outputs"]
    assert [output["text"] for output in outputs] == ["within\n"]


ENDINGS = {
    "a flood of displays": (
        "from IPython.display import HTML\nwhile True: display(HTML('x' * 1_000_000))",
        "its outputs have more than 50,000,000 characters",
    ),
    "a flood of prints": (
        "while True: print('x' * 1_000_000)",
        "its outputs have more than 50,000,000 characters",
    ),
    "a limit of its own": ("import time; time.sleep(60)", "not done after 0.5 s"),
    "a kernel that is killed": ("import os; os.kill(os.getpid(), 9)", "the kernel died"),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_what_ends_a_notebook_is_one_line(name: str, tmp_path: Path) -> None:
    source, reason = ENDINGS[name]
    notebook = notebook_of("print(1)", source, "print(2)")
    if "limit" in name:
        notebook.cells[1].metadata["nbval"] = {"timeout": 0.5}
    # Even where a run is to go on after a cell that raised: there is no kernel to go on in.
    run = Project(keep_going=True).rules(notebook).execute(notebook, folder=tmp_path)
    assert (run.ended_by, [*run.cells]) == (1, [0, 1])
    assert run.cells[1].failure.startswith(reason)
    assert "\n" not in run.cells[1].failure
    assert shown(notebook.cells[0].outputs[0]) == "1\n"
    assert notebook.cells[2].outputs == []


def test_errors_may_be_allowed_in_the_metadata(tmp_path: Path) -> None:
    notebook = notebook_of("1 / 0", "2", nbval={"allow_errors": True})
    run = Project().rules(notebook).execute(notebook, folder=tmp_path)
    assert [cell.failure for cell in run.cells.values()] == ["", ""]
    assert [shown(cell.outputs[0]) for cell in notebook.cells] == ["ZeroDivisionError", "2"]


@pytest.mark.parametrize("language", ["python", "Python", "python3", "ipython", "ipython3"])
@pytest.mark.parametrize("name", ["python3", "python"])
def test_names_of_this_python(name: str, language: str) -> None:
    notebook = notebook_of()
    notebook.metadata.kernelspec.update(name=name, language=language)
    assert kernel_of(notebook) == name


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"argv": ["false"], "display_name": "x", "language": "python"}', "does not start"),
        ('{"argv": ["no-such-command"], "display_name": "x", "language": "python"}', "not start"),
        ("{", "not installed as it should"),
        ('{"argv": [], "display_name": "x", "language": "julia"}', "'broken', runs julia"),
    ],
)
def test_a_kernel_that_cannot_be_used_is_one_line(
    content: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "kernels" / "broken" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(content)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    notebook = notebook_of("1")
    notebook.metadata.kernelspec.name = "broken"
    with pytest.raises(NotebookError, match=reason) as error:
        Project().rules(notebook).execute(notebook, folder=tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("source", "stored", "new", "settings"),
    [
        ("%%writefile a.py\n1", "Writing a.py\n", "Overwriting a.py\n", {}),
        ("warn()", "", "stderr", {"stderr": False}),
    ],
)
def test_what_depends_on_earlier_runs_is_no_difference(
    source: str, stored: str, new: str, settings: dict[str, Any]
) -> None:
    def outputs(text: str) -> list[Any]:
        name = "stderr" if text == "stderr" else "stdout"
        return [v4.new_output("stream", name=name, text=text)] if text else []

    notebook = notebook_of(source, nbval=settings)
    notebook.cells[0].outputs = outputs(stored)
    assert Project().rules(notebook).differences(notebook.cells[0], outputs(new)) == []
    other = notebook_of("other()")
    other.cells[0].outputs = outputs(stored)
    assert Project().rules(other).differences(other.cells[0], outputs(new))


@pytest.mark.parametrize("seal", [None, 3, "x", []])
def test_a_broken_description_of_a_figure_is_one_line(seal: Any) -> None:
    data = {MIME: {"axes": []}, "image/png": "iVBORw0KGgo="}
    notebook = notebook_of("plot()")
    notebook.cells[0].outputs = [v4.new_output("display_data", data, metadata={MIME: seal})]
    new = [v4.new_output("display_data", {MIME: seal, "image/png": "x"}, metadata={MIME: {}})]
    found = Project().rules(notebook).differences(notebook.cells[0], new)
    assert found
    assert all("\n" not in str(difference) for difference in found)


def test_the_tests_run_in_a_test() -> None:
    assert "PYTEST_CURRENT_TEST" in os.environ  # or the two cases above would prove nothing
