"""``check`` says what differs and ends with a status that CI can read."""

import json
import os
import re
import signal
import time
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from cli_process import Course, write_notebook
from nbformat.v4 import new_output


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course.install(tmp_path)


def store(path: Path, source: str, printed: str, kernel: str = "python3") -> Path:
    """A notebook with one cell of code that printed a text when it was stored."""
    write_notebook(path, source)
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
    outputs = [new_output("stream", text=printed)]
    notebook.cells[1].update(outputs=outputs, execution_count=1)
    nbformat.write(notebook, path)
    return path


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_folder_of_anyones_notebooks(course: Course) -> None:
    folder = course.reader / "lessons"
    store(folder / "good.ipynb", "print('loss', 0.25)", "loss 0.2500001\n")
    store(folder / "deep" / "wrong.ipynb", "print('loss', 0.25)", "loss 0.26\n")
    (folder / "broken.ipynb").write_text("{")
    for hidden in (".ipynb_checkpoints", "venv/lib"):
        store(folder / hidden / "old.ipynb", "print(1)", "2\n")
    (folder / "venv" / "pyvenv.cfg").touch()
    before = files(folder)
    done = course.run("check", "lessons", "--report", "report")
    assert (done.returncode, done.stderr) == (1, "")
    assert files(folder) == before
    assert done.stdout.startswith("=")
    assert "stdout: line 1: 0.26 is now 0.25 (rel. 3.8e-02)" in done.stdout
    assert re.search(r"FAILED .*broken.ipynb::stored - not JSON", done.stdout)
    assert "no notebook-check.json here" in done.stdout
    assert "2 notebooks; cells: 2 compared, 0 skipped, 0 not compared" in done.stdout
    assert "2 failed, 3 passed" in done.stdout
    assert files(course.reader / "report") == ["index.html", "junit.xml"]
    assert (course.reader / "report" / "index.html").read_text().count("<section>") == 2
    (suite,) = ElementTree.parse(course.reader / "report" / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("5", "2")


def test_good_notebook_with_a_foreign_kernel_and_a_slow_cell(course: Course) -> None:
    source = "import time; time.sleep(2); print(1)"
    store(course.reader / "foreign.ipynb", source, "1\n", kernel="no-such-kernel")
    done = course.run("check", "foreign.ipynb")
    assert done.returncode == 1
    assert "the kernel 'no-such-kernel' is not installed here" in done.stdout

    done = course.run("check", "foreign.ipynb", "--current-kernel")
    assert (done.returncode, done.stderr) == (0, "")
    assert files(course.reader) == ["foreign.ipynb"]

    done = course.run("check", "foreign.ipynb", "--current-kernel", "--timeout", "1")
    assert done.returncode == 1
    assert "not done after 1 s" in done.stdout


def test_every_installed_chapter_is_checked_whatever_project_is_around_it(course: Course) -> None:
    (course.site / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    done = course.run("check")
    assert done.returncode == 1  # they are stored without outputs
    names = re.findall(r"^FAILED (?:.*/)?(\w+/\w+\.ipynb)::", done.stdout, re.MULTILINE)
    assert sorted(names) == ["en/01_start.ipynb", "en/02_autograd.ipynb", "zh/01_start.ipynb"]
    done = course.run("check", "autograd", "--lang", "en")
    assert "1 failed" in done.stdout


def test_the_project_around_a_notebook_has_its_say(course: Course) -> None:
    store(course.reader / "a.ipynb", "print(0.25)", "0.26\n")
    (course.reader / "pytest.ini").write_text("[pytest]\nnbval_rtol = 0.1\n")
    (course.reader / "notebook-check.json").write_text(json.dumps({"a.ipynb": 2}))
    done = course.run("check", "a.ipynb")
    assert done.returncode == 1
    assert "1 cells are compared, and notebook-check.json says 2" in done.stdout
    assert "1 failed, 1 passed" in done.stdout  # the cell itself, with the tolerance of the file


def test_maxfail_of_a_project_is_a_verdict(course: Course) -> None:
    for name in "ab":
        store(course.reader / f"{name}.ipynb", "print(1)", "2\n")
    (course.reader / "pytest.ini").write_text("[pytest]\naddopts = --maxfail=1 -n2\n")
    done = course.run("check", ".")
    assert done.returncode == 1
    assert "stdout: line 1: 2 is now 1" in done.stdout
    assert "Interrupted" not in done.stdout + done.stderr


def test_a_report_where_none_can_be_is_told_before_the_notebooks_run(course: Course) -> None:
    store(course.reader / "a.ipynb", "print(1)", "1\n")
    (course.reader / "file").touch()
    done = course.run("check", "a.ipynb", "--report", "file")
    assert (done.returncode, done.stderr) == (1, "No report: file: File exists.\n")
    assert "2 passed" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-chapter"], "No chapter is called 'no-such-chapter'"),
        (["no/such/folder"], "There is no file or folder no/such/folder"),
        (["no_such.ipynb"], "There is no file or folder no_such.ipynb"),
        (["empty"], "no notebook in the folder empty"),
        (["pytest.ini"], "pytest.ini is not a notebook"),
        (["a.ipynb", "--jobs", "0"], "--jobs"),
        (["a.ipynb"], "pytest's nbval options: not a number in rtol: much"),
    ],
)
def test_what_cannot_be_checked_is_a_sentence_and_status_2(
    course: Course, arguments: list[str], said: str
) -> None:
    (course.reader / "empty" / "more").mkdir(parents=True)
    store(course.reader / "a.ipynb", "print(1)", "1\n")
    (course.reader / "pytest.ini").write_text("[pytest]\nnbval_rtol = much\n")
    done = course.run("check", *arguments)
    assert (done.returncode, done.stdout.strip()) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


KERNEL = {"name": "python3", "display_name": "Python 3"}
ODD = ["a[1].ipynb", "b::c.ipynb", "-d.ipynb", "e '$(f)'.ipynb", "梯度.ipynb", "g\n.ipynb"]


@pytest.mark.parametrize("command", ["check", "record"])
def test_one_bad_file_stops_no_other(course: Course, command: str) -> None:
    folder = course.reader / "lessons [1]"
    for name in ODD:
        store(folder / name, "print(1)", "1\n")
    odd = os.fsencode(folder) + b"/\xff.ipynb"
    os.rename(store(folder / "h.ipynb", "print(1)", "1\n"), odd)
    bad = {
        "dangling": "No such file or directory",
        "circle": "Too many levels of symbolic links",
        "pipe": "not a file with a text",
        "number": "cells.0.cell_type: '1.5' is not a text",
        "language": "metadata.kernelspec.language: '3' is not a text",
        "kernel": "the kernel 'broken' does not start",
        "metadata": "rtol is a number",
    }
    (folder / "dangling.ipynb").symlink_to("nowhere")
    (folder / "circle.ipynb").symlink_to("circle.ipynb")
    (folder / "up").symlink_to("..")
    os.mkfifo(folder / "pipe.ipynb")
    number = {"cells": [{"cell_type": 1.5, "metadata": {}, "source": ""}], "metadata": {}}
    language = {
        "cells": [],
        "metadata": {"kernelspec": {"name": "a", "display_name": "a", "language": 3}},
    }
    for name, content in (("number", number), ("language", language)):
        whole = content | {"nbformat": 4, "nbformat_minor": 4}
        (folder / f"{name}.ipynb").write_text(json.dumps(whole))
    store(folder / "kernel.ipynb", "print(1)", "1\n", kernel="broken")
    spec = Path(course.environment()["JUPYTER_DATA_DIR"], "kernels", "broken", "kernel.json")
    spec.parent.mkdir(parents=True)
    spec.write_text('{"argv": ["no-such-command"], "display_name": "B", "language": "python"}')
    notebook = json.loads(store(folder / "metadata.ipynb", "print(1)", "1\n").read_text())
    (folder / "metadata.ipynb").write_text(
        json.dumps(notebook | {"metadata": notebook["metadata"] | {"nbval": {"rtol": "much"}}})
    )

    arguments = ["--yes"] if command == "record" else ["-j2"]
    done = course.run(command, ".", *arguments, COLUMNS="200")
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert "Failed to run command" not in said  # with the PATH, by jupyter_client
    failures = [line for line in said.splitlines() if line.startswith(("FAILED", "Error:"))]
    for name, reason in bad.items():
        assert any(f"{name}.ipynb" in line and reason in line for line in failures), "\n".join(
            failures
        )
    good = len(ODD) + 1
    if command == "check":
        assert f"{len(bad)} failed, {2 * good + 1} passed" in said
    else:
        assert said.count("Stored already.") == good


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_is_one_line_and_leaves_no_kernel(course: Course, jobs: str) -> None:
    store(
        course.reader / "long.ipynb",
        "import os, pathlib, time\n"
        "pathlib.Path('part').write_text(str(os.getpid()))\npathlib.Path('part').rename('pid')\n"
        "time.sleep(300)",
        "1\n",
    )
    store(course.reader / "short.ipynb", "print(1)", "1\n")
    log = course.reader.parent / "log"
    process = course.start("check", ".", "--jobs", jobs, log=log, start_new_session=True)
    pid = course.reader / "pid"
    deadline = time.monotonic() + 60
    while not pid.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    kernel = int(pid.read_text())
    os.killpg(process.pid, signal.SIGINT)  # a terminal tells every process
    assert process.wait(timeout=30) == 130
    assert log.read_text().strip() == "Interrupted."
    while Path(f"/proc/{kernel}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{kernel}").exists()


def test_progress_bar_counts_cells_on_a_terminal(course: Course) -> None:
    store(course.reader / "a.ipynb", "import time; time.sleep(1); print(1)", "2\n")
    status, shown = course.shown_on_terminal("check", "a.ipynb")
    assert status == 1
    assert b"1 notebooks" in shown
    assert b"1/2" in shown
