"""start() and the import: what they change and what they leave alone. Each in a fresh process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from d2l_autograd import GradientError, start

CLEAN = {name: value for name, value in os.environ.items() if name not in ("GLOG_v", "MS_OM_PATH")}


def python(code: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    script = folder / "script.py"
    script.write_text(code)
    return subprocess.run(
        [sys.executable, script.name],
        cwd=folder,
        env={**CLEAN, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_import_changes_nothing(tmp_path: Path) -> None:
    code = """
import os, random, sys
before = dict(os.environ), random.getstate(), set(sys.modules)
import d2l_autograd
assert (dict(os.environ), random.getstate()) == before[:2]
added = {name.partition(".")[0] for name in set(sys.modules) - before[2]}
assert not added & {"mindspore", "numpy", "matplotlib", "IPython"}, added
import mindspore as ms, numpy as np
mode, numbers = ms.get_context("mode"), np.random.get_state()[1].tolist()
from d2l_autograd import attach_grad, backward, detach, grad, value_and_grad, zero_grad
assert ms.get_context("mode") == mode
assert np.random.get_state()[1].tolist() == numbers
assert dict(os.environ).get("GLOG_v") is None
"""
    result = python(code, tmp_path)
    assert result.returncode == 0, result.stderr


def test_random_numbers_start_over(tmp_path: Path) -> None:
    code = """
import sys
import d2l_autograd as d2l
def draw():
    import random
    import mindspore as ms, numpy as np
    return random.random(), np.random.rand(), ms.ops.standard_normal((2,)).asnumpy().tolist()
d2l.start(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
first = draw()
d2l.start()
second = draw()
d2l.start(1)
third = draw()
assert first == second, (first, second)
assert all(a != b for a, b in zip(first, third)), (first, third)
"""
    result = python(code, tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "Session ready: seed 0, eager mode, blocking launch.",
        "Session ready: seed 0, eager mode, blocking launch.",
        "Session ready: seed 1, eager mode, blocking launch.",
    ]


FAILED_COMPILE = """
import mindspore as ms
@ms.jit
def bad(x):
    try:
        return x
    except ValueError:
        return x
try:
    bad(ms.Tensor(1.0))
except RuntimeError:
    print("failed to compile")
"""


def test_log_is_quiet_and_debris_kept_out(tmp_path: Path) -> None:
    result = python(f"import d2l_autograd as d2l\nd2l.start()\n{FAILED_COMPILE}", tmp_path)
    assert "failed to compile" in result.stdout
    assert result.stderr == ""
    assert [path.name for path in tmp_path.iterdir()] == ["script.py"]


def test_without_start_there_is_log_and_debris(tmp_path: Path) -> None:
    result = python(f"import d2l_autograd\n{FAILED_COMPILE}", tmp_path)
    assert "WARNING" in result.stderr
    assert (tmp_path / "rank_0").exists()


def test_settings_of_the_user_are_kept_and_debris_is_removed(tmp_path: Path) -> None:
    code = """
import os
import d2l_autograd as d2l
d2l.start()
assert os.environ["GLOG_v"] == "2"
print(os.environ["MS_OM_PATH"])
"""
    kept = python(code, tmp_path, GLOG_v="2", MS_OM_PATH=str(tmp_path))
    assert kept.stdout.splitlines()[-1] == str(tmp_path), kept.stderr
    made = Path(python(code, tmp_path, GLOG_v="2").stdout.splitlines()[-1])
    assert made.name.startswith("d2l-autograd-")
    assert not made.exists()


def test_late_start_says_so_once(tmp_path: Path) -> None:
    code = "import mindspore, d2l_autograd as d2l\nd2l.start()\nd2l.start()"
    lines = python(code, tmp_path).stdout.splitlines()
    assert ["before importing" in line for line in lines] == [False, True, False]


def test_graph_mode_is_left(tmp_path: Path) -> None:
    code = """
import mindspore as ms
ms.set_context(mode=ms.GRAPH_MODE)
import d2l_autograd as d2l
d2l.start()
assert ms.get_context("mode") == ms.PYNATIVE_MODE
"""
    result = python(code, tmp_path)
    assert result.returncode == 0, result.stderr


ERROR_AT_ITS_LINE = """
import sys
import d2l_autograd as d2l
if "start" in sys.argv[1:] or START:
    d2l.start()
import mindspore as ms
from mindspore import ops
indices = ms.Tensor([7], ms.int32)
table = ms.ops.ones((2, 2), ms.float32)
line = "none"
try:
    line = "cause"
    y = ops.gather_d(table, 0, ms.Tensor([[7, 7]], ms.int64))
    line = "innocent"
    print(y)
except Exception:
    pass
print("raised at:", line)
"""


def test_an_error_is_raised_on_the_line_that_caused_it(tmp_path: Path) -> None:
    raised = {
        start: python(f"START = {start}\n{ERROR_AT_ITS_LINE}", tmp_path).stdout.splitlines()[-1]
        for start in (True, False)
    }
    assert raised == {True: "raised at: cause", False: "raised at: innocent"}


def test_figures_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    code = """
import io, sys
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
plt.rcParams["lines.linewidth"] = 9
import d2l_autograd as d2l
d2l.start()
def draw():
    figure, axes = plt.subplots()
    axes.plot([0, 1, 4])
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()
assert plt.rcParams["lines.linewidth"] == matplotlib.rcParamsDefault["lines.linewidth"]
assert matplotlib.get_backend() == "agg"
assert draw() == draw()
"""
    result = python(code, tmp_path)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("seed", [-1, 2**32, 1.0, True, None, "0"])
def test_bad_seed(seed: object) -> None:
    with pytest.raises(GradientError, match="whole number"):
        start(seed)  # type: ignore[arg-type]
