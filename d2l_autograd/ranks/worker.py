"""What each of the processes runs: one rank, or the scheduler."""

import ctypes
import os
import re
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import cloudpickle

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux


def main(folder: Path) -> None:
    """Join the group, run the function that lies in the folder, and put its result there."""
    _end_with_the_caller()
    import mindspore as ms
    from mindspore.communication import get_rank, init

    ms.set_device("CPU")
    if os.environ["MS_ROLE"] == "MS_SCHED":
        init()
        return
    from d2l_autograd.session import prepare

    prepare(seed=0)
    init()
    rank = get_rank()
    try:
        fn, args = cloudpickle.loads((folder / "call").read_bytes())
        result = cloudpickle.dumps(fn(*args))
    except BaseException as error:
        _write(folder / f"error{rank}", _told(error).encode())
        os._exit(1)
    _write(folder / f"result{rank}", result)
    # What this rank has sent may still be on its way: it stays until all ranks have a result.
    threading.Event().wait()


def _end_with_the_caller() -> None:
    """Have this process end when the one that started it does, however that comes about."""

    def watch() -> None:
        sys.stdin.buffer.read()  # until the pipe from the caller is closed
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    # No thread runs while a collective operator waits; Linux ends a process from outside.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _write(path: Path, content: bytes) -> None:
    """Write a file that is there only once it is complete."""
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.rename(path)


def _told(error: BaseException) -> str:
    """Return what an error says, in a line, and where in the function it arose."""
    from d2l_autograd.mindspore_internals.failures import reason

    frames: Any = traceback.extract_tb(error.__traceback__)[1:]
    own = [f for f in frames if not re.search(r"[/\\]site-packages[/\\]", f.filename)]
    place = f" (line {own[-1].lineno} of {own[-1].name})" if own else ""
    return f"{type(error).__name__}: {reason(error)}{place}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
