"""How long the package takes to import, where MindSpore is imported already.

It is the time of one processor, which other processes do not lengthen.
"""

import os
import statistics
import subprocess
import sys

_MEASURE = """
import sys, time
import mindspore
begin = time.thread_time()
exec(sys.argv[1])
print(time.thread_time() - begin)
"""
IMPORTS = [
    "import d2l_autograd",
    # The package imports its parts when they are first used: here, all that differentiates.
    "from d2l_autograd import grad, jacobian, hessian, hvp, jvp, vjp, per_sample_grad",
]


def import_seconds(statement: str, processes: int) -> float:
    """Return the median seconds of the statement in so many new processes."""
    _once(statement)  # after which there is bytecode
    return statistics.median(_once(statement) for _ in range(processes))


def _once(statement: str) -> float:
    output = subprocess.run(
        [sys.executable, "-c", _MEASURE, statement],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={name: x for name, x in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    ).stdout
    return float(output.splitlines()[-1])
