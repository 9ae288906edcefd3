"""Ranks that MindSpore has joined: what they return, how they fail, and that nothing is left."""

import json
import os
import re
import shlex
import socket
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import mindspore as ms
import numpy as np
import pytest
from mindspore import ops
from mindspore.communication import get_rank
from processes import command_lines
from test_packaging import ROOT

from d2l_autograd import run_ranks

pytestmark = pytest.mark.usefixtures("ranks_leave_nothing")


def nothing() -> None:
    pass


def test_a_rank_that_raises_ends_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    def fails_on_one(numbers: Any) -> None:
        print("你好 from", get_rank())
        ops.AllReduce()(ms.Tensor([1.0])).asnumpy()  # both have printed
        if get_rank() == 1:
            subprocess.Popen(["sleep", "4711"])
            raise ValueError(f"no {numbers.sum()}")
        ops.AllReduce()(ms.Tensor([1.0]))

    with pytest.raises(RuntimeError) as caught:
        run_ranks(fails_on_one, np.ones(3))
    line = fails_on_one.__code__.co_firstlineno + 5
    assert str(caught.value) == (
        f"Rank 1 of 2 raised ValueError: no 3.0 (line {line} of fails_on_one). "
        "The other processes were ended."
    )
    assert capsys.readouterr().out == "rank 0: 你好 from 0\nrank 1: 你好 from 1\n"
    assert "sleep 4711 " not in command_lines().values()


def test_printing_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONVERBOSE", "2")  # tells of each file that an import looks for
    with pytest.raises(RuntimeError, match="printed more than a megabyte"):
        run_ranks(nothing)


def test_a_port_that_is_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        class Taken(socket.socket):
            def bind(self, address: Any) -> None:
                pass

            def getsockname(self) -> Any:
                return taken.getsockname()

        monkeypatch.setattr("d2l_autograd.ranks.run.socket.socket", Taken)
        with pytest.raises(RuntimeError, match="could not join the ranks") as caught:
            run_ranks(nothing)
    assert "C++" not in str(caught.value)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_chapter_10_has_one_script_for_more_machines(lang: str) -> None:
    assert _script_and_command(lang) == _script_and_command("en")


def _script_and_command(lang: str) -> tuple[str, str]:
    (path,) = (ROOT / "notebooks" / lang).glob("10_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    (text,) = ("".join(c["source"]) for c in cells if "average.py" in "".join(c["source"]))
    script, command = re.findall(r"^```(?:python|sh)\n(.*?)^```", text, re.S | re.M)
    return script, command


def test_script_of_chapter_10_runs_under_msrun(tmp_path_factory: pytest.TempPathFactory) -> None:
    script, command = _script_and_command("en")
    folder = tmp_path_factory.mktemp("msrun")
    (folder / "average.py").write_text(script, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    here = {"worker_num": 2, "local_worker_num": 2, "master_addr": "127.0.0.1", "master_port": port}
    for option, value in here.items():
        command, count = re.subn(rf"--{option}=\S+", f"--{option}={value}", command)
        assert count == 1
    scripts = sysconfig.get_path("scripts")
    done = subprocess.run(
        [Path(scripts) / "msrun", *shlex.split(command)[1:]],
        cwd=folder,
        env={**os.environ, "GLOG_v": "4", "PATH": os.pathsep.join([scripts, os.environ["PATH"]])},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for rank in (0, 1):
        log = (folder / "logs" / f"worker_{rank}.log").read_text(encoding="utf-8")
        assert f"rank {rank} of 2: the mean is 1.5\n" in log
