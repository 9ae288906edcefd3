"""Ctrl-C stops a function that never ends, and the process differentiates on."""

import subprocess
import sys
from pathlib import Path

import pytest

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
