"""The state of a notebook session: what a reader gets is what the author got."""

import atexit
import os
import random
import shutil
import sys
import tempfile
from typing import Any

from d2l_autograd.errors import GradientError

_QUIET = "4"  # MindSpore's log level for fatal errors only
_started = False


def start(seed: int = 0) -> None:
    """Prepare the process for a notebook that gives the same results each time it is run.

    Meant for the first cell, before MindSpore is imported. Calling it again starts the random
    numbers over and changes nothing else. It prints one line, and changes:

    - the seeds of Python's ``random``, of NumPy's global generator and of MindSpore;
    - MindSpore's mode: eager (``PYNATIVE_MODE``);
    - MindSpore's backward rules: those that it lacks or has wrong are supplied, for functions
      under ``ms.jit`` (the environment variable ``MS_DEV_USE_PY_BPROP`` names some of them);
    - on a CPU, the launch of operators: blocking (``mindspore.runtime.launch_blocking``), which
      makes small eager gradients many times faster and raises an operator's error on the line
      that caused it. MindSpore ignores the setting once it has run an operator;
    - the environment variable ``GLOG_v``, unless it is set: MindSpore's C++ log says nothing
      short of a fatal error. It is read when MindSpore is imported, and not again;
    - the environment variable ``MS_OM_PATH``, unless it is set: what a failed compilation leaves
      (``rank_0/``) goes to a temporary folder that is removed at the end of the process. With these
      two, derivatives that are computed often are compiled by themselves: nobody sees it;
    - Matplotlib's settings: its defaults, PNG figures of 100 dots per inch that carry no version
      or date, and the course's font for Chinese characters;
    - in a notebook, IPython's formatters: each Matplotlib figure that is displayed carries an
      alternative text with its picture, and a description of what it shows for `notebook_check`.

    Args:
        seed: a whole number from 0 to 2**32 - 1.

    Raises:
        GradientError: seed is something else.
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**32:
        raise GradientError(
            f"seed is {seed!r}. Give a whole number from 0 to 4294967295: start(seed=0)."
        )
    global _started
    late = "mindspore" in sys.modules and not _started
    _started = True
    blocking = prepare(seed)
    _fix_figures()
    launch = "blocking launch" if blocking else "asynchronous launch"
    print(f"Session ready: seed {seed}, eager mode, {launch}.")
    if late:
        print(
            "MindSpore was imported first: its C++ log may stay on, and its launch asynchronous. "
            "Call start() before importing it."
        )


def prepare(seed: int) -> bool:
    """Do what `start` does to Python, NumPy and MindSpore; return whether the launch blocks."""
    os.environ.setdefault("GLOG_v", _QUIET)
    if "MS_OM_PATH" not in os.environ:
        os.environ["MS_OM_PATH"] = debris = tempfile.mkdtemp(prefix="d2l-autograd-")
        atexit.register(shutil.rmtree, debris, ignore_errors=True)
    import mindspore as ms
    import numpy as np

    from d2l_autograd.engine.inside_jit.rules.install import supply_rules

    supply_rules()
    random.seed(seed)
    np.random.seed(seed)
    ms.set_seed(seed)
    ms.set_context(mode=ms.PYNATIVE_MODE)
    blocking = bool(ms.get_context("device_target") == "CPU")
    if blocking:
        ms.runtime.launch_blocking()
    return blocking


def _fix_figures() -> None:
    import matplotlib

    from d2l_autograd.course.fonts import with_chinese

    matplotlib.rcdefaults()
    matplotlib.rcParams.update({"figure.dpi": 100, "savefig.dpi": 100, "svg.hashsalt": "d2l"})
    matplotlib.rcParams["font.family"] = with_chinese(matplotlib.rcParams["font.family"])
    shell: Any = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None and hasattr(shell, "kernel"):
        from matplotlib_inline import backend_inline

        from d2l_autograd.plots.told import tell_displayed_figures
        from notebook_check.figures.display import describe_displayed_figures

        figures: Any = backend_inline
        figures.set_matplotlib_formats("png", bbox_inches="tight", metadata={"Software": None})
        describe_displayed_figures(shell)
        tell_displayed_figures(shell)
