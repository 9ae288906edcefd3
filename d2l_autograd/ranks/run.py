"""Start the ranks, watch them, and leave none behind."""

import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import cloudpickle

from d2l_autograd.errors import GradientError

_MOST_RANKS = 8
_MOST_OUTPUT = 1_000_000  # bytes of each rank
_PAUSE = 0.02  # seconds between two looks at the ranks


def run_ranks(
    fn: Callable[..., Any], *args: Any, ranks: int = 2, timeout: float = 120.0
) -> list[Any]:
    """Run a function on several new processes of this machine, and return what each returns.

    MindSpore joins the processes into a group, so that inside fn `get_rank`, `get_group_size`,
    ``ops.AllReduce`` and the other collective operators work, on the CPU. That is what
    MindSpore's command ``msrun`` does for a script: a process more, the scheduler, brings the
    ranks together over a free port of 127.0.0.1. Each rank starts as after ``start()``, with
    the seed 0. What the ranks print is shown when all are done, rank by rank.

    However the call ends, with an error or Ctrl-C as well, no process and no file is left.

    Args:
        fn: a function, which may be of a notebook's cell. What it uses from outside goes to the
            ranks as a copy: numbers, arrays, tensors, functions. A Cell is made inside fn.
        args: its arguments, the same for all ranks.
        ranks: how many processes, from 1 to 8. Each takes about half a gigabyte of memory.
        timeout: seconds after which they are ended, counted from the start of the processes;
            10 or more go into that start, in which MindSpore is imported.

    Returns:
        What fn returned on rank 0, on rank 1, and so on: a list of length ranks.

    Raises:
        GradientError: fn is no function or cannot be sent, or ranks or timeout is out of range.
        RuntimeError: a rank raised an error, ended without returning, or printed more than a
            megabyte; or MindSpore could not join the ranks. The message says which and why.
        TimeoutError: a rank had not returned after timeout seconds.
    """
    call = _packed(fn, args, ranks, timeout)
    with tempfile.TemporaryDirectory(prefix="d2l-autograd-") as name:
        folder = Path(name)
        (folder / "call").write_bytes(call)
        try:
            with _started(folder, ranks, timeout) as processes:
                _wait(processes, folder, timeout)
        finally:
            for rank in range(ranks):
                for line in _printed(folder, rank).splitlines():
                    print(f"rank {rank}: {line}")
        return [cloudpickle.loads((folder / f"result{r}").read_bytes()) for r in range(ranks)]


def _packed(fn: Any, args: tuple[Any, ...], ranks: Any, timeout: Any) -> bytes:
    """Return fn and args as they are sent to the ranks, once everything has been checked."""
    if not callable(fn):
        raise GradientError(
            f"run_ranks takes a function and was given {fn!r:.60}. Hand over the function itself, "
            "without calling it: run_ranks(f), not run_ranks(f())."
        )
    if not isinstance(ranks, int) or isinstance(ranks, bool) or not 1 <= ranks <= _MOST_RANKS:
        raise GradientError(
            f"ranks is {ranks!r}. Give a whole number from 1 to {_MOST_RANKS}: ranks=2. For more, "
            "and for several machines, there is MindSpore's msrun."
        )
    number = isinstance(timeout, (int, float)) and not isinstance(timeout, bool)
    if not number or not 0 < timeout < math.inf:
        raise GradientError(f"timeout is {timeout!r}. Give a number of seconds: timeout=120.")
    try:
        return bytes(cloudpickle.dumps((fn, args)))
    except Exception as error:
        raise GradientError(
            f"The function cannot be sent to other processes: {error}. What it uses from outside "
            "has to be numbers, arrays, tensors or functions. Make Cells and optimizers inside it."
        ) from None


@contextmanager
def _started(folder: Path, ranks: int, timeout: float) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start the processes, the scheduler as the last, and end them when the block is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = {
        **os.environ,
        "GLOG_v": "4",  # no log but of fatal errors
        "MS_OM_PATH": str(folder),
        "MS_WORKER_NUM": str(ranks),
        "MS_SCHED_HOST": "127.0.0.1",
        "MS_SCHED_PORT": str(port),
        "MS_TOPO_TIMEOUT": str(math.ceil(timeout)),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
    }
    roles = [
        {"MS_ROLE": "MS_WORKER", "MS_NODE_ID": str(r), "RANK_ID": str(r)} for r in range(ranks)
    ]
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for number, role in enumerate([*roles, {"MS_ROLE": "MS_SCHED"}]):
            with _output(folder, number).open("wb") as output:
                processes.append(
                    subprocess.Popen(
                        [sys.executable, "-u", "-m", "d2l_autograd.ranks.worker", str(folder)],
                        env={**common, **role},
                        stdin=subprocess.PIPE,  # closed if this process ends: so do they, then
                        stdout=output,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,  # Ctrl-C comes to this process alone
                    )
                )
        yield processes
    finally:
        for process in processes:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()


def _wait(processes: list[subprocess.Popen[bytes]], folder: Path, timeout: float) -> None:
    """Return when each rank has its result; raise if one never will."""
    *workers, scheduler = processes
    ranks, until = len(workers), time.monotonic() + timeout
    while True:
        ended = [worker.poll() is not None for worker in workers]
        alone = scheduler.poll() is not None
        missing = [r for r in range(ranks) if not (folder / f"result{r}").exists()]
        if not missing:
            return
        for rank in missing:
            if ended[rank]:
                raise RuntimeError(
                    f"Rank {rank} of {ranks} {_cause(folder, rank, workers[rank].returncode)}. "
                    "The other processes were ended."
                )
            if _output(folder, rank).stat().st_size > _MOST_OUTPUT:
                raise RuntimeError(
                    f"Rank {rank} of {ranks} printed more than a megabyte, and all were ended. "
                    "Print less, or return what you want to keep."
                )
        if alone:
            raise RuntimeError(
                "MindSpore could not join the ranks, since its scheduler ended: "
                f"{_printed(folder, ranks).strip()[-300:] or 'it gave no reason'}. "
                "Another program may have taken its port meanwhile. Run this again."
            )
        if time.monotonic() > until:
            late = " and ".join(str(rank) for rank in missing)
            raise TimeoutError(
                f"After {timeout:g} s, rank {late} of {ranks} had not returned, and all were "
                "ended. A rank waits for ever if another leaves out an all-reduce. Or does it "
                "take longer? Then write a larger timeout."
            )
        time.sleep(_PAUSE)


def _cause(folder: Path, rank: int, status: int) -> str:
    """Say why a rank has ended without a result."""
    error = folder / f"error{rank}"
    if error.exists():
        return f"raised {error.read_text(encoding='utf-8')}"
    if status < 0:
        return f"was killed ({signal.Signals(-status).name}) before it returned"
    return f"ended before it returned (exit status {status})"


def _output(folder: Path, number: int) -> Path:
    return folder / f"output{number}"


def _printed(folder: Path, number: int) -> str:
    path = _output(folder, number)
    text = path.read_bytes()[:_MOST_OUTPUT] if path.exists() else b""
    return text.decode("utf-8", errors="replace")
