"""A kernel that is watched: its death, its time limit and its flood of output are noticed.

Slow to import (nbclient); the commands import it where they need it.
"""

# nbclient and jupyter_client are typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

import logging
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any

import zmq
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

from notebook_check.compare.streams import arrange
from notebook_check.errors import CellError, NotebookError
from notebook_check.kernels import Kernels

Message = Any

MOST_OF_A_CELL = 50_000_000
"""How many characters the outputs of one cell may have before it is stopped."""

MOST_OF_A_NOTEBOOK = 250_000_000

_LOOK = 0.5  # seconds between two looks at whether the kernel lives
_GRACE = 5.0  # seconds that the last messages of a cell have to arrive after its end
_OF_A_MESSAGE = 200  # characters that a message counts for besides its content
_SILENT = logging.Logger("notebook-check")  # what there is to say is in the errors
_SILENT.addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Reply:
    """How a cell ended: the exception it raised, if it did, and its traceback."""

    raised: str = ""
    traceback: str = ""


class Kernel(NotebookClient):
    """A kernel that runs the cells of a notebook and stores in them what they show.

    The outputs are collected by nbclient, which knows of displays that a later cell updates and
    of output widgets. What a cell's thread or task prints later goes to that cell, as in Jupyter
    Lab. Messages are waited for here, so that nothing is lost, nothing hangs and nothing grows
    without bound.
    """

    km: Any
    kc: Any

    def __init__(
        self,
        notebook: NotebookNode,
        name: str,
        folder: Path,
        startup: float,
        stop: threading.Event | None = None,
    ) -> None:
        """Start the kernel of a name in a folder; a NotebookError where it does not come up.

        ``stop``, set by another thread, ends the cell that runs.
        """
        manager = KernelManager(
            kernel_name=name,
            kernel_spec_manager=Kernels(),
            # Jupyter's default is not to, and then the kernel warns of it at every start.
            transport_encryption="auto",
            log=_SILENT,
        )
        super().__init__(notebook, km=manager, record_timing=False, log=_SILENT)
        self._stop = stop or threading.Event()
        self._cells: dict[str, int] = {}  # the index of the cell, by the request that it runs in
        self._size = self._cell_size = 0
        try:
            with _launched_in_silence():
                manager.start_kernel(
                    cwd=str(folder),
                    env=_environment(),
                    extra_arguments=_own_arguments(manager),
                    # What a child process writes is an output, and not to be echoed here as well.
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            self.kc = manager.client()
            self.kc.start_channels()
            self.kc.wait_for_ready(timeout=startup)
            self._listen(startup)
        except Exception as error:  # whatever a kernel's command fails with
            self.stop()
            line = str(error).strip().partition("\n")[0] or type(error).__name__
            raise NotebookError(f"the kernel {name!r} does not start: {line}") from None
        except BaseException:
            self.stop()
            raise

    def run(self, index: int, seconds: float) -> Reply:
        """Run a cell of the notebook, and keep what it shows.

        The kernel keeps a history, as in Jupyter: without one, a semicolon at the end shows the
        value all the same, and `_` and `Out` stay empty.

        Raises:
            CellError: The kernel died, or the cell took too long or showed too much.
        """
        cell = self.nb.cells[index]
        cell.outputs = []
        self.clear_before_next_output = False
        self._cell_size = 0
        request = self.kc.execute(cell.source, allow_stdin=False, stop_on_error=False)
        self._cells[request] = index
        reply = self._reply(request, seconds)
        cell.execution_count = reply.get("execution_count", cell.execution_count)
        if reply.get("status") != "error":
            return Reply()
        message = str(reply.get("evalue", "")).strip().partition("\n")[0]
        return Reply(
            f"{reply.get('ename', 'an error')}: {message}", "\n".join(reply.get("traceback", []))
        )

    @property
    def language(self) -> str:
        """What the kernel runs, as nbval asks it to measure coverage."""
        return str(self.km.kernel_spec.language)

    def await_idle(self, request: str, seconds: float) -> None:
        """Wait for the end of a request that is no cell's, as nbval's measure of coverage."""
        self._reply(request, seconds)

    def is_alive(self) -> bool:
        """Say whether the kernel still runs."""
        return self.km is not None and bool(self.km.is_alive())

    def finish(self) -> None:
        """Give the notebook its outputs in the form in which they are stored, and its widgets."""
        for cell in self.nb.cells:
            if cell.cell_type == "code":
                for output in cell.outputs:
                    if isinstance(output.get("text"), list):
                        output["text"] = "".join(output["text"])
                cell.outputs = [NotebookNode(output) for output in arrange(cell.outputs)]
        self.set_widgets_metadata()

    def stop(self) -> None:
        """End the kernel, also one that is dead; once is enough."""
        if self.kc is not None:
            self.kc.stop_channels()
            self.kc = None
        if self.km is not None:
            if self.km.has_kernel:
                self.km.shutdown_kernel(now=True)
            self.km.cleanup_resources()
            self.km = None

    def output(
        self, outs: list[NotebookNode], msg: Message, display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Keep an output; the pieces of a text become one, in time that grows with its length."""
        output = super().output(outs, msg, display_id, cell_index)
        if output is not None and output.output_type == "stream":
            last = outs[-2] if len(outs) > 1 else None
            if last is not None and last.get("name") == output.name:
                last["text"].append(output.text)
                outs.pop()
            else:
                output["text"] = [output.text]
        return output

    def _reply(self, request: str, seconds: float) -> Message:
        """Wait for the end of a request, and return the kernel's reply to it."""
        end = time.monotonic() + seconds
        reply, idle = None, False
        while reply is None or not idle:
            left = end - time.monotonic()
            if left <= 0:
                if reply is not None:
                    break
                raise CellError(
                    f"not done after {seconds:g} s; --timeout gives it more, "
                    'as does "nbval": {"timeout": …} in its metadata'
                )
            for message in self._arrived(min(_LOOK, left)):
                if message["parent_header"].get("msg_id") == request:
                    if message["msg_type"] == "execute_reply":
                        reply = message["content"]
                        end = time.monotonic() + _GRACE
                    idle = idle or _is_idle(message)
                self._keep(message)
        return reply

    def _arrived(self, seconds: float) -> Iterator[Message]:
        """The messages that are there, or come within some seconds; a CellError if none can."""
        channels = {c.socket: c for c in (self.kc.iopub_channel, self.kc.shell_channel)}
        poller = zmq.Poller()
        for socket in channels:
            poller.register(socket, zmq.POLLIN)
        ready = dict(poller.poll(round(1000 * seconds)))
        if self._stop.is_set():
            raise CellError("stopped")
        if not ready and not self.km.is_alive():
            raise CellError("the kernel died")
        for socket, channel in channels.items():
            if socket in ready:
                yield channel.get_msg(timeout=_LOOK)

    def _keep(self, message: Message) -> None:
        index = self._cells.get(message["parent_header"].get("msg_id", ""))
        if index is None or message["msg_type"] in ("status", "execute_reply"):
            return
        size = _OF_A_MESSAGE + _size(message)
        self._size += size
        self._cell_size += size
        if self._cell_size > MOST_OF_A_CELL:
            raise CellError(f"its outputs have more than {MOST_OF_A_CELL:,} characters")
        if self._size > MOST_OF_A_NOTEBOOK:
            raise CellError(
                f"the notebook's outputs have more than {MOST_OF_A_NOTEBOOK:,} characters"
            )
        try:
            self.process_message(message, self.nb.cells[index], index)
        except (AssertionError, AttributeError, KeyError, TypeError, ValueError) as error:
            # A widget, say, that does not speak as widgets do.
            name = type(error).__name__
            raise CellError(f"an output of it cannot be stored: {name}: {error}") from None

    def _listen(self, seconds: float) -> None:
        """Make sure that outputs arrive: a subscription is not there at once."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            request = self.kc.kernel_info()
            try:
                while True:
                    message = self.kc.get_iopub_msg(timeout=1)
                    if message["parent_header"].get("msg_id") == request and _is_idle(message):
                        return
            except Empty:
                continue
        raise TimeoutError(f"no output arrived within {seconds:g} s")


@contextmanager
def running_kernel(
    notebook: NotebookNode,
    name: str,
    folder: Path,
    startup: float,
    stop: threading.Event | None = None,
) -> Iterator[Kernel]:
    """A kernel that is ended at the end."""
    kernel = Kernel(notebook, name, folder, startup, stop)
    try:
        yield kernel
    finally:
        kernel.stop()


def _is_idle(message: Message) -> bool:
    kind, content = message["msg_type"], message["content"]
    return bool(kind == "status" and content["execution_state"] == "idle")


def _size(message: Message) -> int:
    """How much of the memory a message takes, roughly."""
    buffers = sum(map(len, message.get("buffers", ())))
    return buffers + _length(message["content"])


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_length, value.values())) + 2 * len(value)
    if isinstance(value, list):
        return sum(map(_length, value)) + 2 * len(value)
    return 8


def _environment() -> dict[str, str]:
    """The variables of this process, but none of pytest's.

    In a test, as PYTEST_CURRENT_TEST says, ipykernel would not show what child processes write.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}


@contextmanager
def _launched_in_silence() -> Iterator[None]:
    """Keep from the log a command that cannot be run: the error says so, without the PATH."""
    logger = logging.getLogger("traitlets")

    def not_of_the_launcher(record: logging.LogRecord) -> bool:
        return record.module != "launcher"

    logger.addFilter(not_of_the_launcher)
    try:
        yield
    finally:
        logger.removeFilter(not_of_the_launcher)


def _own_arguments(manager: KernelManager) -> list[str]:
    """What is said to ipykernel: the cells are not for the history in the reader's profile."""
    spec = manager.kernel_spec
    ours = spec is not None and any("ipykernel" in word for word in spec.argv)
    return ["--HistoryManager.hist_file=:memory:"] if ours else []
