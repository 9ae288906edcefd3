"""Ctrl-C, which MindSpore takes for itself."""

import signal
import threading


def take_interrupts_back() -> None:
    """Have Ctrl-C raise KeyboardInterrupt again: MindSpore ends the process from each graph on."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is not None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, handler)
