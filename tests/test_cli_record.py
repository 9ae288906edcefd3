"""``record`` stores what the check would miss, in every language of a chapter, or nothing."""

import copy
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from cli_process import Course, command, write_notebook
from nbformat.v4 import new_code_cell, new_notebook, new_output

from notebook_check.errors import NotebookError
from notebook_check.execution import CellFailed
from notebook_check.files import write_all_atomically
from notebook_check.storing import like_the_first, require_same_code, store_outputs

Notebook = Any


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course.install(tmp_path)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below the folder, whatever it is called, but none of Python's own cache."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def read(path: Path) -> Notebook:
    return nbformat.read(path, as_version=4)


def test_chapter_is_executed_and_stored_in_every_language(course: Course) -> None:
    chapters = course.chapters.parent
    count = "from pathlib import Path\nruns = Path(COUNT)\nruns.open('a').write(Path.cwd().name)"
    count += "\nlen(runs.name)"
    count = count.replace("COUNT", repr(str(course.reader / "runs")))
    for lang, title in (("en", "Start"), ("zh", "开始")):
        write_notebook(chapters / lang / "01_start.ipynb", count, "print(0.25)", title=title)
    ledger = course.site / "notebook-check.json"
    listed = {f"d2l_autograd/notebooks/{lang}/01_start.ipynb": 3 for lang in ("en", "zh")}
    ledger.write_text(json.dumps(listed | {"other.ipynb": 7}))

    done = course.run("record", "01", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert (course.reader / "runs").read_text() == "enzh" * 2  # the second time to see if it holds
    assert done.stdout.count("Cell 1 (cell-2)") == 1  # the same in both languages, and told once
    assert "en/01_start.ipynb: 3, now 2" in done.stdout
    en, zh = (read(chapters / lang / "01_start.ipynb") for lang in ("en", "zh"))
    assert en.cells[1:] == zh.cells[1:]
    assert zh.cells[0].source == "# 开始"
    assert zh.cells[2].outputs == [new_output("stream", text="0.25\n")]
    assert zh.metadata == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    assert json.loads(ledger.read_text()) == dict.fromkeys(listed, 2) | {"other.ipynb": 7}

    before = contents(course.site)
    done = course.run("record", chapters / "zh" / "01_start.ipynb", "--yes")
    assert "Stored already." in done.stdout
    assert contents(course.site) == before


def test_what_fails_is_left_and_the_others_are_stored(course: Course) -> None:
    write_notebook(course.reader / "a.ipynb", "1", "1 / 0", "2")
    write_notebook(course.reader / "b.ipynb", "3")
    write_notebook(course.reader / "c.ipynb", "4", tag="raises-exception")
    write_notebook(course.reader / "d.ipynb", "1 / 0", tag="nbval-raises-exception")
    write_notebook(course.reader / "e.ipynb", "5", tag="nbval-rtol=much")
    before = contents(course.reader)
    done = course.run("record", ".", "--yes")
    assert done.returncode == 1
    assert "a.ipynb failed in cell [2]:\n\n    1 / 0\n\nZeroDivisionError" in done.stderr
    assert "c.ipynb cannot be recorded: Cell 0 (cell-1): it promises an exception" in done.stderr
    assert "e.ipynb: the tag nbval-rtol=much: not a number" in done.stderr
    assert "e: executed" not in done.stdout
    assert "Traceback" not in done.stderr
    after = contents(course.reader)
    assert {name for name in after if after[name] != before.get(name)} == {"b.ipynb", "d.ipynb"}


def test_languages_with_other_code_are_refused(course: Course) -> None:
    write_notebook(course.chapters.parent / "zh" / "01_start.ipynb", "1 + 2", title="由此开始")
    before = contents(course.site)
    done = course.run("record", "--yes")
    assert done.returncode == 1
    assert "zh/01_start.ipynb: Cell 0 (cell-1) has another source there" in done.stderr
    assert "en/02_autograd.ipynb: executed" in done.stdout  # which is there in English alone
    after = contents(course.site)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"d2l_autograd/notebooks/en/02_autograd.ipynb"}


@pytest.mark.parametrize("edited", ["prose", "code"])
def test_what_is_saved_while_a_notebook_runs_is_kept(course: Course, edited: str) -> None:
    path = write_notebook(
        course.reader / "a.ipynb",
        "import pathlib, time\npathlib.Path('begun').touch()\n"
        "while not pathlib.Path('saved').exists(): time.sleep(0.05)",
        "print(1)",
        title="Before",
    )
    log = course.reader.parent / "log"
    process = course.start("record", "a.ipynb", "--yes", log=log)
    deadline = time.monotonic() + 60
    while not (course.reader / "begun").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    before, after = ("Before", "After") if edited == "prose" else ("print(1)", "print(2)")
    saved = path.read_text().replace(before, after)
    path.write_text(saved)
    (course.reader / "saved").touch()
    assert process.wait(timeout=60) == (edited == "code")
    if edited == "code":
        assert path.read_text() == saved
        assert "a.ipynb was saved with other code while it ran (Cell 1" in log.read_text()
    else:
        notebook = read(path)
        assert notebook.cells[0].source == "# After"
        assert notebook.cells[2].outputs == [printed("1\n")]


def test_a_project_and_a_notebook_say_the_same_to_record_and_check(course: Course) -> None:
    """Its tolerance, its time limit, its kernel, and how its file is written."""
    (course.reader / "pytest.ini").write_text(
        "[pytest]\nnbval_rtol = 1e-9\naddopts = --nbval-cell-timeout=3\n"
    )
    kernels = Path(course.environment()["JUPYTER_DATA_DIR"], "kernels", "own")
    kernels.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Own", "language": "python", "env": {"MARK": "own"}}
    (kernels / "kernel.json").write_text(json.dumps(spec))
    path = write_notebook(
        course.reader / "a.ipynb", "import os\nprint(os.environ.get('MARK'), 3.00001)"
    )
    notebook = read(path)
    notebook.metadata.update(
        kernelspec={"name": "own", "language": "python", "display_name": "Own"},
        language_info={"name": "python", "version": "3.9.1"},
        foreign={"b": 1, "a": "é"},
    )
    old = {"name": "stdout", "output_type": "stream", "text": ["own 3.00002\n"]}
    notebook.cells[1].update(execution_count=1, outputs=[old])
    path.write_bytes(json.dumps(notebook, indent=4).replace("\n", "\r\n").encode())
    path.chmod(0o600)
    before = path.read_bytes()
    assert course.run("check", "a.ipynb").returncode == 1
    done = course.run("record", "a.ipynb", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert path.read_bytes() == before.replace(b"3.00002", b"3.00001")
    assert path.stat().st_mode & 0o777 == 0o600
    assert course.run("check", "a.ipynb").returncode == 0

    write_notebook(course.reader / "slow.ipynb", "import time; time.sleep(5)")
    done = course.run("record", "slow.ipynb", "--yes")
    assert "not done after 3 s; --timeout gives it more" in done.stderr


def test_what_will_not_hold_is_named_and_each_cell_that_raised(course: Course) -> None:
    write_notebook(course.reader / "a.ipynb", "1 / 0", "print(1)", "[][0]")
    write_notebook(course.reader / "b.ipynb", "print(1)", "import time; print(time.time_ns())")
    write_notebook(course.reader / "c.ipynb", "print(1)")
    done = course.run("record", ".", "--yes", "-j3")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "failed in cell [3]:\n\n    [][0]\n\nIndexError" in done.stderr
    assert "b: executed again, it shows something else" in done.stderr
    assert "b.ipynb: Cell 1 (cell-2): stdout: line 1" in done.stderr
    assert "Cell 0 (cell-1)" not in done.stderr
    assert read(course.reader / "c.ipynb").cells[1].outputs == [printed("1\n")]


def test_without_a_terminal_nothing_is_executed(course: Course) -> None:
    write_notebook(course.reader / "a.ipynb", "open('made', 'w')")
    done = course.run("record", "a.ipynb")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no terminal to ask on: add --yes" in done.stderr
    assert list(contents(course.reader)) == ["a.ipynb"]


@pytest.mark.parametrize(("answer", "said"), [("n", "Nothing written."), ("y", "Written: a.ipynb")])
def test_it_shows_the_difference_and_asks_on_a_terminal(
    course: Course, answer: str, said: str
) -> None:
    path = write_notebook(course.reader / "a.ipynb", "print('loss', 0.25)")
    notebook = read(path)
    outputs = [new_output("stream", text="loss 0.26\n")]
    notebook.cells[1].update(execution_count=1, outputs=outputs)
    nbformat.write(notebook, path)
    before = path.read_bytes()
    terminal, ours = pty.openpty()
    os.write(terminal, f"{answer}\n".encode())
    done = subprocess.run(
        command("record", "a.ipynb"),
        cwd=course.reader,
        env=course.environment(),
        stdin=ours,
        capture_output=True,
        text=True,
        timeout=60,
    )
    os.close(terminal)
    os.close(ours)
    assert done.returncode == 0
    assert "stdout: line 1: 0.26 is now 0.25 (rel. 3.8e-02)" in done.stdout
    assert "loss >0.25<" in done.stdout
    assert said in done.stdout
    assert (path.read_bytes() == before) is (answer == "n")


def test_ctrl_c_leaves_the_files_untouched(course: Course) -> None:
    write_notebook(
        course.reader / "a.ipynb", "1", "open('begun', 'w').close()\nimport time; time.sleep(300)"
    )
    before = contents(course.reader)
    log = course.reader.parent / "log"
    process = course.start("record", "a.ipynb", "--yes", log=log)
    deadline = time.monotonic() + 60
    while not (course.reader / "begun").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert log.read_text().strip() == "Interrupted."
    assert contents(course.reader) == before | {"begun": b""}


# What is stored, decided without a kernel: a notebook as stored, and as it was executed.


def executed(
    *outputs: Any, source: str = "f()", count: int | None = 1, **metadata: Any
) -> Notebook:
    cell = new_code_cell(source, execution_count=count, outputs=list(outputs), metadata=metadata)
    return new_notebook(cells=[cell])


def printed(text: str) -> Any:
    return new_output("stream", text=text)


def result(text: str, count: int = 1) -> Any:
    return new_output("execute_result", data={"text/plain": text}, execution_count=count)


IGNORED: dict[str, Any] = {"tags": ["nbval-ignore-output"], "nbval": {"reason": "random"}}
SKIPPED: dict[str, Any] = {"tags": ["nbval-skip"], "nbval": {"reason": "needs a network"}}


@pytest.mark.parametrize(
    ("stored", "new", "is_new"),
    [
        (executed(printed("0.25")), executed(printed("0.26")), True),
        (executed(printed("1.0000001")), executed(printed("1.0000002")), False),
        (executed(), executed(printed("1")), True),
        (executed(printed("1")), executed(), True),
        (executed(printed("1"), count=None), executed(printed("1")), True),
        (executed(printed("1"), **IGNORED), executed(printed("2"), **IGNORED), False),
        (executed(count=None, **IGNORED), executed(printed("2"), **IGNORED), True),
        (executed(printed("1"), **SKIPPED), executed(count=None, **SKIPPED), False),
        (
            executed(printed("1.0"), nbval={"atol": 0.2}),
            executed(printed("1.1"), nbval={"atol": 0.2}),
            False,
        ),
    ],
)
@pytest.mark.parametrize("everything", [False, True])
def test_output_is_stored_where_the_check_would_see_it(
    stored: Notebook, new: Notebook, is_new: bool, everything: bool
) -> None:
    is_skipped = "nbval-skip" in stored.cells[0].metadata.get("tags", [])
    expected = new if (is_new or everything) and not is_skipped else stored
    outputs = copy.deepcopy(expected.cells[0].outputs)
    stored = copy.deepcopy(stored)
    recorded = store_outputs(stored, copy.deepcopy(new), everything=everything)
    assert stored.cells[0].outputs == outputs
    assert stored.cells[0].execution_count == (None if is_skipped else 1)
    assert len(recorded.changes) == is_new


def view(name: str) -> Any:
    data = {"text/plain": "IntSlider()", WIDGET: {"model_id": name}}
    return new_output("display_data", data=data)


WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.mark.parametrize("has_state", [True, False])
def test_a_widget_that_is_shown_has_its_state(has_state: bool) -> None:
    stored, new = (executed(view(name)) for name in ("old", "new"))
    for notebook, name in ((stored, "old"), (new, "new")):
        notebook.metadata["widgets"] = {
            "application/vnd.jupyter.widget-state+json": {"state": {name: {}}}
        }
    if not has_state:
        del stored.metadata["widgets"]
    store_outputs(stored, new)
    name = "old" if has_state else "new"
    assert stored.cells[0].outputs == [view(name)]
    (state,) = stored.metadata.widgets.values()
    assert [*state["state"]] == [name]


def test_languages_have_the_same_outputs_but_for_pictures() -> None:
    picture = new_output("display_data", data={"image/png": "zh"})
    first = executed(printed("0.1 s"), new_output("display_data", data={"image/png": "en"}))
    second = executed(printed("0.2 s"), picture)
    like_the_first(first, second)
    assert second.cells[0].outputs == [printed("0.1 s"), picture]


def test_numbers_beside_results_are_those_of_the_run() -> None:
    stored = executed(result("1.0", 7), count=7)
    recorded = store_outputs(stored, executed(result("1.0", 1)))
    assert stored.cells[0].execution_count == stored.cells[0].outputs[0].execution_count == 1
    assert (recorded.changes, recorded.kept) == ([], 0)


def test_metadata_is_the_authors_but_for_the_times_of_outputs_that_go() -> None:
    stored = executed(execution={"iopub.status.busy": "2020"}, tags=["mine"], papermill={})
    stored.metadata.update(papermill={"input_path": "/home/me"}, nbval={"rtol": 1e-3})
    before = copy.deepcopy(stored)
    store_outputs(stored, copy.deepcopy(stored))
    assert stored == before
    store_outputs(stored, executed(printed("1")))
    assert stored.cells[0].metadata == {"tags": ["mine"], "papermill": {}}
    assert stored.metadata == before.metadata


@pytest.mark.parametrize(
    "new",
    [
        executed(printed("x" * 6_000_000)),
        executed(new_output("display_data", data={"image/png": "garbage"})),
        executed(new_output("error", ename="E", evalue="", traceback=[])),
    ],
)
def test_what_the_check_could_never_accept_is_not_stored(new: Notebook) -> None:
    with pytest.raises(CellFailed, match="cannot be recorded: Cell 0"):
        store_outputs(executed(), new)


@pytest.mark.parametrize(
    "change",
    [
        lambda cell: cell.update(source="g()"),
        lambda cell: cell.update(id="other"),
        lambda cell: cell.metadata.update(tags=["raises-exception"]),
    ],
)
def test_a_cell_of_other_code_is_named(change: Callable[[Any], None]) -> None:
    one = executed()
    other = copy.deepcopy(one)
    other.cells[0].outputs = [printed("1")]
    require_same_code(one, other)
    change(other.cells[0])
    with pytest.raises(NotebookError, match=r"^Cell 0 \(\w+\) has another"):
        require_same_code(one, other)


def test_a_cell_too_many_is_told() -> None:
    one = executed()
    other = copy.deepcopy(one)
    other.cells.append(new_code_cell("1"))
    with pytest.raises(NotebookError, match="it has 2 cells of code there, and 1 here"):
        require_same_code(one, other)


@pytest.mark.parametrize("stop", [OSError, KeyboardInterrupt])
def test_all_files_are_written_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "c").write_bytes(b"old")
    replace = os.replace

    def stopped_at_c(source: Path, target: Path) -> None:
        if target.name == "c":
            raise stop
        replace(source, target)

    monkeypatch.setattr(os, "replace", stopped_at_c)
    with pytest.raises(stop):
        write_all_atomically({tmp_path / name: b"new" for name in "abc"})
    assert contents(tmp_path) == {"a": b"old", "c": b"old"}
    monkeypatch.undo()
    write_all_atomically({tmp_path / name: b"new" for name in "abc"})
    assert contents(tmp_path) == dict.fromkeys("abc", b"new")
