"""An earlier commit of d2l_autograd, whose checkout the environment variable EARLIER names."""

import inspect
import os
import subprocess
import sys
from typing import Any

EARLIER = os.environ["EARLIER"]
sys.path.insert(0, EARLIER)

import d2l_autograd as d2l  # noqa: E402
from benchmarks.contestants import OURS  # noqa: E402

assert d2l.__file__.startswith(EARLIER)

from benchmarks.contestants import with_d2l  # noqa: E402  # with the package just imported

_LOG = ["git", "-C", EARLIER, "log", "-1", "--format=%h"]
PACKAGES = with_d2l.PACKAGES
COMMIT = {"commit": subprocess.run(_LOG, capture_output=True, text=True).stdout.strip()}
SOLUTIONS = {"earlier": dict(with_d2l.SOLUTIONS[OURS])}


def _backward(loss: Any, *weights: Any) -> Any:
    """Call a backward that gives each loss the variables as arguments."""
    return d2l.backward(lambda *_: loss(), *weights)


if "compile" not in inspect.signature(d2l.backward).parameters:
    SOLUTIONS["earlier"]["physics"] = with_d2l.physics(_backward)
