"""Ctrl-C, which MindSpore takes for itself."""

import signal
import threading
from typing import Any

# Without signal's enums around its numbers, on which it spends more time than on the signals.
_C: Any = getattr(signal, "_signal", signal)


def take_interrupts_back() -> None:
    """Have Ctrl-C raise KeyboardInterrupt again: MindSpore ends the process from each graph on."""
    handler = _C.getsignal(signal.SIGINT)
    if handler is not None and threading.current_thread() is threading.main_thread():
        _C.signal(signal.SIGINT, handler)
