"""What start() does for the speed of small eager gradients.

Times the gradient of 2 x.x, four numbers, in fresh processes that alternate between MindSpore's
default launch of operators and the blocking launch that start() sets, and prints medians and
their ratio: ``python benchmarks/launch.py [rounds]``.
"""

import os
import platform
import statistics
import subprocess
import sys

CALLS = 200
MEASURE = f"""
import statistics, sys, time
if sys.argv[1] == "started":
    import d2l_autograd
    d2l_autograd.start()
import mindspore as ms
from mindspore import ops
import d2l_autograd as d2l

def f(x):
    return 2 * ops.tensor_dot(x, x, 1)

def median_time(gradient):
    x = ms.Tensor([0.0, 1.0, 2.0, 3.0])
    times = []
    for call in range({CALLS} + 20):
        begin = time.perf_counter()
        gradient(x).asnumpy()
        times.append(time.perf_counter() - begin)
    return statistics.median(times[20:])

print(ms.__version__, median_time(ms.grad(f)), median_time(d2l.grad(f)))
"""


def measured(setting: str) -> tuple[str, list[float]]:
    """Return MindSpore's version and the median seconds of mindspore.grad and of our grad."""
    output = subprocess.run(
        [sys.executable, "-c", MEASURE, setting],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "GLOG_v": "4"},
    ).stdout
    version, *seconds = output.splitlines()[-1].split()
    return version, [float(number) for number in seconds]


def main(rounds: int) -> None:
    """Print the table."""
    default, started = [], []
    for _ in range(rounds):
        version, seconds = measured("default")
        default.append(seconds)
        started.append(measured("started")[1])
    print(f"MindSpore {version}, Python {platform.python_version()}, {os.cpu_count()} cores")
    print(f"{'gradient of 2 x.x, ms a call':<32}{'default':>10}{'start()':>10}{'ratio':>8}")
    columns = zip(zip(*default, strict=True), zip(*started, strict=True), strict=True)
    for name, (slow, fast) in zip(("mindspore.grad", "d2l_autograd.grad"), columns, strict=True):
        before, after = 1e3 * statistics.median(slow), 1e3 * statistics.median(fast)
        print(f"{name:<32}{before:>10.2f}{after:>10.2f}{before / after:>7.1f}x")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
