"""``run`` executes a chapter, says which cell failed, and writes a whole notebook or nothing."""

import signal
import time
from pathlib import Path

import nbformat
import pytest
from cli_process import Course, write_notebook

from d2l_autograd.course.pages import notebook_page


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course.install(tmp_path)


def files(folder: Path) -> list[str]:
    """Every file below the folder, whatever it is called."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_good_notebook_is_executed_and_nothing_written(course: Course) -> None:
    path = write_notebook(
        course.reader / "good.ipynb", "x = 6", "", "assert x != 6", tag="raises-exception"
    )
    before = path.read_bytes()
    done = course.run("run", "good.ipynb")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("good: 2 cells in ")
    assert path.read_bytes() == before
    assert files(course.reader) == ["good.ipynb"]


def test_output_differs_from_the_source_in_outputs_only_and_again_not_at_all(
    course: Course,
) -> None:
    path = write_notebook(
        course.reader / "good.ipynb",
        "import sys\nfor i in range(50):\n    print(i, flush=True)\n    print(i, file=sys.stderr)",
        "6 * 7",
    )
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].metadata["execution"] = {"iopub.status.busy": "2020-01-01T00:00:00Z"}
    nbformat.write(notebook, path)

    written = []
    for folder in ("first", "second"):
        assert course.run("run", "good.ipynb", "--output", folder, "--html").returncode == 0
        assert files(course.reader / folder) == ["good.html", "good.ipynb"]
        written.append([path.read_bytes() for path in sorted((course.reader / folder).iterdir())])
    assert written[0] == written[1]
    assert b"Title" in written[0][0]
    assert b"42" in written[0][0]

    executed = nbformat.read(course.reader / "first" / "good.ipynb", as_version=4)
    assert [o["name"] for o in executed.cells[1].outputs] == ["stdout", "stderr"]
    assert executed.cells[2].outputs[0]["data"] == {"text/plain": "42"}
    assert [cell.execution_count for cell in executed.cells[1:]] == [1, 2]
    assert executed.metadata == notebook.metadata
    for cell in executed.cells:
        assert cell.metadata == {}


def test_broken_notebook_names_its_cell_and_error_and_leaves_the_old_output(
    course: Course,
) -> None:
    raising = "x = [1,\n     2]\nraise ValueError('\\x1b[31mred\\x1b[0m')"
    write_notebook(course.reader / "broken.ipynb", "print('fine')", raising, "never = 1")
    old = course.reader / "out" / "broken.ipynb"
    old.parent.mkdir()
    old.write_text("old")
    done = course.run("run", "broken.ipynb", "--output", "out", "--html")
    assert done.returncode == 1
    assert "broken failed in cell [2]:" in done.stderr
    assert "    x = [1,\n         2]\n    raise" in done.stderr
    assert done.stderr.endswith("\n\nValueError: red\n")
    assert "never" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    assert files(old.parent) == ["broken.ipynb"]
    assert old.read_text() == "old"


def test_debug_shows_the_traceback_of_the_cell(course: Course) -> None:
    write_notebook(course.reader / "broken.ipynb", "def f():\n    return 1 / 0", "f()")
    done = course.run("--debug", "run", "broken.ipynb")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert "----> 2     return 1 / 0" in done.stderr
    assert "\x1b" not in done.stderr


def test_kernel_that_dies_is_a_failed_cell(course: Course) -> None:
    write_notebook(course.reader / "broken.ipynb", "import os", "os._exit(3)")
    done = course.run("run", "broken.ipynb", "--output", "out")
    assert done.returncode == 1
    assert "failed in cell [2]" in done.stderr
    assert "the kernel died" in done.stderr
    assert files(course.reader / "out") == []


def test_cell_over_the_time_limit_is_a_failed_cell(course: Course) -> None:
    write_notebook(course.reader / "broken.ipynb", "while True: pass")
    done = course.run("run", "broken.ipynb", "--timeout", "1")
    assert done.returncode == 1
    assert "failed in cell [1]" in done.stderr
    assert "not done after 1 s; --timeout" in done.stderr


def alive(process_id: int) -> bool:
    try:
        # A zombie has ended, though nobody has asked for its status.
        return ") Z " not in Path(f"/proc/{process_id}/stat").read_text()
    except FileNotFoundError:
        return False


def test_ctrl_c_in_mid_run_is_one_line_and_leaves_no_file_and_no_kernel(course: Course) -> None:
    write_notebook(
        course.reader / "long.ipynb",
        "import os, pathlib, time",
        "pathlib.Path('part').write_text(str(os.getpid()))\npathlib.Path('part').rename('pid')\n"
        "time.sleep(300)",
    )
    log = course.reader.parent / "log"
    process = course.start("run", "long.ipynb", "--output", "out", "--html", log=log)
    pid = course.reader / "pid"
    deadline = time.monotonic() + 60
    while not pid.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    kernel = int(pid.read_text())
    assert alive(kernel)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert log.read_text().strip() == "Interrupted."
    assert files(course.reader / "out") == []
    while alive(kernel) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(kernel)


def test_chapters_by_name_run_in_a_copy_of_their_folder_with_the_environments_kernel(
    course: Course,
) -> None:
    environment = course.environment()
    kernel = Path(environment["JUPYTER_DATA_DIR"], "kernels", "python3", "kernel.json")
    kernel.parent.mkdir(parents=True)
    kernel.write_text('{"argv": ["false"], "display_name": "another Python", "language": "python"}')
    source = "from pathlib import Path\nPath('made').write_text(Path('data.txt').read_text())"
    write_notebook(course.chapters / "02_autograd.ipynb", source)
    (course.chapters / "data.txt").write_text("data")
    before = files(course.chapters)
    done = course.run("run", "start", "02", "--output", "out", JUPYTER_PREFER_ENV_PATH="0")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["01_start", "02_autograd"]
    assert files(course.reader / "out") == ["01_start.ipynb", "02_autograd.ipynb"]
    assert files(course.chapters) == before


def test_unknown_chapter_lists_those_that_exist_before_any_runs(course: Course) -> None:
    done = course.run("run", "01", "no-such-chapter", "--output", "out")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "'no-such-chapter'" in done.stderr
    assert "  01_start\n  02_autograd\n" in done.stderr
    assert files(course.reader) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "not JSON"), ("{", "not JSON"), ("{}", "not a notebook"), ("[]", "not a notebook")],
)
def test_file_that_is_no_notebook_is_a_sentence(course: Course, text: str, reason: str) -> None:
    (course.reader / "broken.ipynb").write_text(text)
    done = course.run("run", "broken.ipynb")
    assert done.returncode == 1
    assert f"broken.ipynb {reason}" in done.stderr
    assert "Traceback" not in done.stderr


def test_html_without_output_is_refused(course: Course) -> None:
    done = course.run("run", "01", "--html")
    assert done.returncode == 2
    assert "--output" in done.stderr


def test_two_notebooks_for_one_file_are_refused(course: Course) -> None:
    write_notebook(course.reader / "01_start.ipynb")
    done = course.run("run", "01", "01_start.ipynb", "--output", "out")
    assert done.returncode == 2
    assert "the same file" in done.stderr


def test_pages_of_one_command_link_to_each_other(course: Course) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        write_notebook(course.reader / f"{name}.ipynb", "1", title=f"[{other}]({other}.ipynb)")
    done = course.run("run", "a.ipynb", "b.ipynb", "--output", "out", "--html")
    assert (done.returncode, done.stderr) == (0, "")
    for name, other in (("a", "b"), ("b", "a")):
        page = (course.reader / "out" / f"{name}.html").read_text(encoding="utf-8")
        assert f'<a href="{other}.html">' in page


def test_progress_bar_shows_cells_and_the_cell_at_work(course: Course) -> None:
    write_notebook(course.reader / "good.ipynb", "1", "import time  # [wait]\ntime.sleep(2)", "3")
    status, shown = course.shown_on_terminal("run", "good.ipynb")
    assert status == 0
    assert b"1/3" in shown
    assert b"import time  # [wait]" in shown


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


def test_a_page_has_the_language_and_the_alternative_texts_of_the_notebook(tmp_path: Path) -> None:
    picture = nbformat.v4.new_output(
        "display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": "x < y，“高度”"}}
    )
    cells = [nbformat.v4.new_markdown_cell("# 导数是什么"), nbformat.v4.new_code_cell("1")]
    cells[1].outputs = [picture]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.write(notebook, tmp_path / "lesson.ipynb")
    page = notebook_page(notebook, tmp_path / "lesson.ipynb")
    assert '<html lang="zh">' in page
    assert 'alt="x &lt; y，“高度”"' in page
    assert "No description" not in page
