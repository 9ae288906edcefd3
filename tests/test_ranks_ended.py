"""Ranks end with their time and with their caller, and what cannot be run starts none."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mindspore import nn
from processes import running

from d2l_autograd import GradientError, run_ranks

pytestmark = [pytest.mark.quick, pytest.mark.usefixtures("ranks_leave_nothing")]


def nothing() -> None:
    pass


def using_a_cell() -> Callable[[], Any]:
    net = nn.Dense(2, 1)
    return lambda: net


def test_ranks_that_take_too_long_are_ended() -> None:
    with pytest.raises(TimeoutError, match=r"After 0\.5 s, rank 0 and 1 of 2 had not returned"):
        run_ranks(nothing, timeout=0.5)


def test_a_rank_that_is_killed_is_told(tmp_path: Path) -> None:
    def kill_rank_0() -> None:
        while len(running(tmp_path)) < 3:
            time.sleep(0.01)
        os.kill(min(running(tmp_path)), signal.SIGKILL)

    killer = threading.Thread(target=kill_rank_0, daemon=True)
    killer.start()
    with pytest.raises(RuntimeError, match=r"^Rank 0 of 2 was killed \(SIGKILL\)"):
        run_ranks(nothing)
    killer.join()


CALLER = """
import signal, tempfile, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background ignore it
tempfile.tempdir = sys.argv[1]
import d2l_autograd as d2l
print("begun", flush=True)
d2l.run_ranks(print, ranks=2)
"""


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGKILL])
def test_ranks_end_with_their_caller(ended_by: signal.Signals, tmp_path: Path) -> None:
    caller = subprocess.Popen(
        [sys.executable, "-c", CALLER, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while len(running(tmp_path)) < 3:
        assert caller.poll() is None
        time.sleep(0.05)
    caller.send_signal(ended_by)
    _, told = caller.communicate(timeout=60)
    assert (b"KeyboardInterrupt" in told) == (ended_by == signal.SIGINT)
    until = time.monotonic() + 60
    while running(tmp_path) and time.monotonic() < until:
        time.sleep(0.05)
    if ended_by == signal.SIGKILL:  # nobody was left to remove it
        (folder,) = tmp_path.iterdir()
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"fn": 3}, "run_ranks takes a function and was given 3"),
        ({"ranks": 0}, "ranks is 0. Give a whole number from 1 to 8"),
        ({"ranks": 9}, "there is MindSpore's msrun"),
        ({"ranks": True}, "ranks is True"),
        ({"ranks": 2.0}, "ranks is 2.0"),
        ({"timeout": 0}, "timeout is 0. Give a number of seconds"),
        ({"timeout": float("nan")}, "timeout is nan"),
        ({"timeout": "60"}, "timeout is '60'"),
        ({"fn": using_a_cell()}, "Make Cells and optimizers inside it"),
    ],
)
def test_what_cannot_be_run_starts_nothing(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(GradientError) as caught:
        run_ranks(**{"fn": nothing, **wrong})
    assert told in str(caught.value)
