"""Each check of the doctor passes here and fails on the condition that it is for."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from cli_process import Course, command

from d2l_autograd.cli import doctor
from d2l_autograd.cli.doctor import CHECKS, Trouble

NAMES = ["Python", "NumPy", "MindSpore", "Gradient", "Internals"]
NAMES += ["Kernel", "Disk", "Folder"]


def diagnosis(done: "subprocess.CompletedProcess[str]") -> dict[str, str]:
    """The lines of the doctor by the name of their check."""
    assert "Traceback" not in done.stderr
    return {line[2:].split(":")[0]: line for line in done.stdout.splitlines()}


def test_healthy_environment(tmp_path: Path) -> None:
    done = Course.install(tmp_path).run("doctor")
    lines = diagnosis(done)
    assert list(lines) == NAMES
    assert [name for name, line in lines.items() if line.startswith("✗")] == []
    assert done.returncode == 0


def test_numpy_2_is_named_and_every_other_check_has_its_say(tmp_path: Path) -> None:
    course = Course.install(tmp_path)
    course.add_module("numpy", "__version__ = '2.1.0'")
    done = course.run("doctor")
    lines = diagnosis(done)
    assert done.returncode == 1
    assert list(lines) == NAMES
    assert lines["NumPy"].startswith("✗ NumPy: 2.1.0")
    assert "pip install" in lines["NumPy"]
    assert "numpy<2" in lines["NumPy"]
    assert lines["MindSpore"].startswith("✗")
    assert lines["Kernel"].startswith("✓")


def test_no_kernel_and_no_folder_and_no_mindspore(tmp_path: Path) -> None:
    course = Course.install(tmp_path)
    course.add_module("ipykernel_launcher", "raise SystemExit(1)")
    course.add_module("mindspore", "raise ModuleNotFoundError(\"No module named 'mindspore'\")")
    done = subprocess.run(
        command("doctor"),
        cwd="/proc",  # where not even root can make a file
        env=course.environment(),
        capture_output=True,
        encoding="utf-8",
    )
    lines = diagnosis(done)
    assert done.returncode == 1
    assert list(lines) == NAMES
    failed = [name for name, line in lines.items() if line.startswith("✗")]
    assert failed[:4] == ["MindSpore", "Gradient", "Internals", "Kernel"]
    assert failed[-1] == "Folder"
    assert "No module named 'mindspore'" in lines["MindSpore"]
    assert all("Remedy: " in lines[name] for name in ("MindSpore", "Kernel", "Folder"))


def test_readers_own_numpy_py_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("__version__ = '0.0'")
    monkeypatch.chdir(tmp_path)
    assert CHECKS["NumPy"]().startswith("1.")


MINDSPORE = """
__version__ = '2.10.0'
float32 = None
class Tensor:
    def __init__(self, values, dtype): pass
    def asnumpy(self): return self
    def tolist(self): return {answer}
def grad(function): return lambda x: x
"""


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (MINDSPORE.format(answer=[0.0, 0.0, 0.0, 0.0]), r"is \[0.0, 0.0, 0.0, 0.0\], not"),
        ("import os; os.abort()", "Python crashed .SIGABRT."),
        ("1 / 0", "ZeroDivisionError"),
        ("import os; os._exit(1)", "without a word"),
    ],
    ids=["wrong", "crash", "error", "silence"],
)
def test_gradient_that_is_not_right(
    source: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mindspore.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(Trouble, match=text):
        CHECKS["Gradient"]()


def test_gradient_that_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LIMIT", 0.5)
    monkeypatch.setattr(doctor, "_GRADIENT", "import time; time.sleep(60)")
    with pytest.raises(Trouble, match=r"no answer within 0\.5 s"):
        CHECKS["Gradient"]()


def test_unsupported_python(tmp_path: Path) -> None:
    course = Course.install(tmp_path)
    course.pretend_python(
        (3, 13),
        before="from d2l_autograd.cli import doctor; "
        "doctor.CHECKS = {'Python': doctor.check_python}",
    )
    done = course.run("doctor")
    assert done.returncode == 1
    assert done.stdout.startswith("✗ Python: This is Python 3.13")
    assert "Remedy: conda create" in done.stdout


class Usage(NamedTuple):
    free: int


@pytest.mark.parametrize(("free", "enough"), [(10**9, True), (10**9 - 1, False), (0, False)])
def test_disk(free: int, enough: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free))
    if enough:
        assert CHECKS["Disk"]() == "1 GB free"
    else:
        with pytest.raises(Trouble, match="less than 1 GB"):
            CHECKS["Disk"]()


def test_one_failure_fails_the_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0))
    names = ("Python", "Disk", "Folder")
    monkeypatch.setattr(doctor, "CHECKS", {name: CHECKS[name] for name in names})
    assert not doctor.diagnose()
    assert [line[0] for line in capsys.readouterr().out.splitlines()] == ["✓", "✗", "✓"]


LOST = """
import mindspore as ms
import mindspore.graph.api, mindspore.common.dtype, mindspore.common.api
from mindspore import context
del mindspore.graph.api.ms_compile_cache, mindspore.common.dtype.TensorType
context._get_mode = lambda: "another"
mindspore.common.api._pynative_executor.grad_flag = lambda: False
"""


def test_lost_insides_of_mindspore_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_PROBES", LOST + doctor._PROBES)
    with pytest.raises(Trouble) as caught:
        CHECKS["Internals"]()
    faults, remedy = caught.value.args
    assert "set_jit_compile_phase and grad_jit, for running graphs by name" in faults
    assert "TensorType, for shapes" in faults
    assert "it differs from get_context('mode')" in faults
    assert "before, within and after a gradient it is [False, False, False]" in faults
    assert "mindspore" in remedy
