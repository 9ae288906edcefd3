"""The command line answers at once, says one sentence where it fails, and knows its Python."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from cli_process import Course, command

import d2l_autograd
from d2l_autograd.cli.python import unsupported_python

pytestmark = pytest.mark.quick

SLOW = {"IPython", "jupyter_client", "matplotlib", "mindspore", "nbclient", "nbconvert"} | {
    "nbformat",
    "numpy",
    "rich",
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course.install(tmp_path_factory.mktemp("course"))


@pytest.mark.parametrize("arguments", ["--help", "list", "run --help", "check --help"])
def test_what_answers_at_once_imports_nothing_slow(course: Course, arguments: str) -> None:
    code = (
        "import sys; from d2l_autograd.cli import main\n"
        f"sys.argv[1:] = {arguments.split()!r}; assert main() == 0\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=course.reader,
        env=course.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = done.stdout.splitlines()[-1].split()
    assert "d2l_autograd.cli.group" in imported
    assert SLOW & set(imported) == set()


@pytest.mark.parametrize("wheel", [True, False], ids=["wheel", "checkout"])
def test_list(tmp_path: Path, wheel: bool) -> None:
    course = Course.install(tmp_path, wheel=wheel)
    expected = "01_start     Start here\n02_autograd  Gradients\n"
    assert course.run("list").stdout == expected
    assert course.run("list", "--lang", "zh").stdout == "01_start  由此开始\n"
    assert course.run("list", LANG="zh_CN.UTF-8").stdout == "01_start  由此开始\n"
    assert course.run("list", "--lang", "en", LANG="zh_CN.UTF-8").stdout == expected


def test_list_on_a_terminal_without_chinese(course: Course) -> None:
    done = course.run("list", "--lang", "zh", PYTHONIOENCODING="latin-1")
    assert done.stdout == "01_start  ????\n"


def test_version(course: Course) -> None:
    assert d2l_autograd.__version__ in course.run("--version").stdout


@pytest.mark.parametrize("arguments", [["no-such-command"], ["list", "--lang", "fr"], ["run"]])
def test_wrong_argument_is_status_2(course: Course, arguments: list[str]) -> None:
    done = course.run(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_failure_is_a_sentence_and_a_traceback_only_with_debug(tmp_path: Path) -> None:
    course = Course.install(tmp_path)
    (course.chapters / "02_autograd.ipynb").write_text("{")
    done = course.run("list")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "02_autograd.ipynb is not a Jupyter notebook" in done.stderr

    debugged = course.run("--debug", "list")
    assert debugged.returncode == 1
    assert debugged.stderr.startswith("Traceback")
    assert debugged.stderr.endswith(done.stderr)


def test_unforeseen_failure_names_debug(tmp_path: Path) -> None:
    course = Course.install(tmp_path)
    source = course.site / "d2l_autograd" / "course" / "chapters.py"
    source.write_text(source.read_text() + "\ndef chapters(lang): 1 / 0\n")
    done = course.run("list")
    assert done.returncode == 1
    assert "ZeroDivisionError: division by zero" in done.stderr
    assert "--debug" in done.stderr
    assert "Traceback" not in done.stderr


def test_installation_without_chapters_says_so(tmp_path: Path) -> None:
    course = Course.install(tmp_path, wheel=False)
    (course.site / "notebooks").rename(course.site / "elsewhere")
    done = course.run("list")
    assert done.returncode == 1
    assert "no folder 'notebooks'" in done.stderr


def test_reader_of_the_output_who_leaves_is_no_error(course: Course) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$@" | true', "sh", *command("list")],
        cwd=course.reader,
        env=course.environment(),
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""


@pytest.mark.parametrize("version", [(3, 9), (3, 13)])
def test_unsupported_python_is_one_sentence(tmp_path: Path, version: tuple[int, int]) -> None:
    course = Course.install(tmp_path)
    course.pretend_python(version)
    done = course.run("run", "1")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"Python {version[0]}.{version[1]}" in done.stderr
    assert "3.10, 3.11 or 3.12" in done.stderr


def test_this_python_is_supported() -> None:
    assert unsupported_python() is None


def test_installed_script_is_this_command_line() -> None:
    script = Path(sysconfig.get_path("scripts"), "d2l-autograd")
    if not script.exists():
        pytest.skip("the package is not installed here")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"d2l-autograd, version {d2l_autograd.__version__}\n"
