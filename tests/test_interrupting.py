"""Ctrl-C stops a function that never ends, and the process differentiates on."""

import gc
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mindspore import Tensor, ops

from d2l_autograd import grad, jacobian
from d2l_autograd.engine.levels import Level
from d2l_autograd.engine.watching import current_record

SCRIPT = """
import os, signal, sys, threading
import mindspore as ms
import d2l_autograd as d2l

signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background ignore it

def endless(x):
    threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
    while (x * x).sum() > -1:
        x = x * 1.0
    return x.sum()

def square(x):
    return (x * x).sum()

x = ms.Tensor([1.0, 2.0])
for compile in (False, True):
    assert d2l.grad(square, compile=compile)(x).asnumpy().tolist() == [2, 4]
try:
    d2l.grad(endless, compile=sys.argv[1] == "compiled")(x)
except KeyboardInterrupt:
    print("stopped")
for compile in (False, True):
    print(d2l.grad(square, compile=compile)(x).asnumpy())
"""


@pytest.mark.parametrize("way", ["eager", "compiled"])
def test_an_endless_function_can_be_stopped(way: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), way]
    found = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert found.stdout.splitlines() == ["stopped", "[2. 4.]", "[2. 4.]"], found.stderr[-2000:]
    assert found.returncode == 0


def wave(x: Tensor) -> Tensor:
    return (ops.sin(x) * x[::2].sum()).sum()


@pytest.mark.parametrize("place", ["__enter__", "_close"])
def test_an_interrupt_while_a_record_opens_or_closes(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = Tensor(np.array([0.3, -0.8, 1.2], np.float32))
    right = grad(wave)(x).asnumpy()
    found = dict(vars(Tensor))

    def interrupted(level: Level, *error: Any) -> None:
        if place == "__enter__":
            original(level)
        raise KeyboardInterrupt

    original = getattr(Level, place)
    with monkeypatch.context() as patch:
        patch.setattr(Level, place, interrupted)
        with pytest.raises(KeyboardInterrupt) as kept:  # as IPython keeps it, and all in its frames
            jacobian(wave)(x)
    assert current_record() is not None
    assert np.array_equal(grad(wave)(x).asnumpy(), right)
    assert current_record() is None
    assert dict(vars(Tensor)) == found
    del kept
    gc.collect()  # what was left open is closed once more, to no effect
    assert np.array_equal(grad(wave)(x).asnumpy(), right)


STORM = """
import signal, sys
import mindspore as ms
import numpy as np
import d2l_autograd as d2l
from d2l_autograd.engine.watching import current_record

d2l.start()
x = ms.Tensor(np.array([0.3, -0.8, 1.2], np.float32))
slope = d2l.grad(lambda x: (x.sin() * x).sum())
right = np.cos(x.asnumpy()) * x.asnumpy() + np.sin(x.asnumpy())
methods = dict(vars(ms.Tensor))
hits, is_armed = 0, False

def interrupt(number, frame):
    if is_armed:
        raise KeyboardInterrupt

signal.signal(signal.SIGALRM, interrupt)
for call in range(10_000):
    signal.setitimer(signal.ITIMER_REAL, 0.0005 + 0.00005 * (call % 60))
    try:
        is_armed = True
        found = slope(x)
        is_armed = False
    except KeyboardInterrupt:
        is_armed = False
        sys.last_value = sys.exc_info()[1]  # as IPython keeps it
        hits += 1
    else:
        assert np.allclose(found.asnumpy(), right, rtol=1e-5), (call, found)
    if hits == 150:
        break
assert np.allclose(slope(x).asnumpy(), right, rtol=1e-5)
assert np.allclose(d2l.hessian(lambda x: (x**3).sum())(x).asnumpy(), np.diag(6 * x.asnumpy()))
assert current_record() is None
print("methods as found:", dict(vars(ms.Tensor)) == methods)
"""


def test_a_storm_of_interrupts_leaves_derivatives_right(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(STORM)
    found = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=200
    )
    assert found.stdout.splitlines()[-1:] == ["methods as found: True"], found.stderr[-2000:]
