"""A kernel that is watched: its death, its time limit and its flood of output are noticed."""

import logging
import time
from collections import deque
from collections.abc import Iterable
from queue import Empty
from typing import Any

import nbformat
import zmq
from jupyter_client.kernelspec import NoSuchKernel
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager, RunningKernel

from notebook_check.errors import CellError, NotebookError

Message = Any

_LOOK = 0.5  # seconds between two looks at whether the kernel lives
_GRACE = 5.0  # seconds a kernel has to stop after it was interrupted
_MOST_TEXT = 50_000_000  # characters a cell may send before it is stopped
_NOT_FOR_NBVAL = ("clear_output", "update_display_data")


def kernel_problem(name: str, language: str | None) -> str | None:
    """Say why a notebook in `language` cannot run with the kernel of a name, if it cannot."""
    manager = NbvalKernelspecManager()
    try:
        spec = manager.get_kernel_spec(name)
    except NoSuchKernel:
        there = ", ".join(sorted(manager.find_kernel_specs())) or "none"
        return (
            f"the kernel {name!r} is not installed here (there is: {there}); "
            "--nbval-current-env runs the notebook with this Python"
        )
    if language and spec.language.lower() != language.lower():
        shown = "this Python" if name == CURRENT_ENV_KERNEL_NAME else repr(name)
        return f"the notebook is in {language}, and the kernel, {shown}, runs {spec.language}"
    return None


class WatchedKernel(RunningKernel):
    """nbval's kernel, read while a cell runs, so that nothing is lost and nothing hangs."""

    def __init__(self, name: str, cwd: str, startup_timeout: float) -> None:
        """Start a kernel; a NotebookError where it does not come up."""
        self._unread: deque[Message] = deque()
        self._text_size = 0
        self._stop_at: float | None = None
        self._received: list[Message] = []  # since the last cell was sent
        self._msg_id = ""
        log = logging.getLogger("nbval")
        log.disabled = True  # it would print a traceback beside the one line below
        try:
            super().__init__(name, cwd=cwd, startup_timeout=startup_timeout)
        except Exception as error:  # whatever a kernel's command fails with
            line = str(error).strip().partition("\n")[0]
            raise NotebookError(f"the kernel {name!r} does not start: {line}") from None
        finally:
            log.disabled = False

    def execute_cell_input(self, source: str, allow_stdin: bool | None = None) -> str:
        """Send the code of a cell, and count and collect its messages from here.

        Unlike nbval's, the kernel keeps a history, as in Jupyter: without one, a semicolon at the
        end shows the value all the same, and `_` and `Out` stay empty.
        """
        self._text_size, self._stop_at, self._received = 0, None, []
        self._msg_id = self.kc.execute(
            source, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
        )
        return self._msg_id

    def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
        """Wait for the end of a cell, reading its outputs meanwhile.

        Raises:
            queue.Empty: The time is over.
            CellError: The kernel died, or sent more than can be compared.
        """
        end = time.monotonic() + (timeout or _GRACE)
        poller = zmq.Poller()
        for channel in (self.kc.shell_channel, self.kc.iopub_channel):
            poller.register(channel.socket, zmq.POLLIN)
        while True:
            left = end - time.monotonic()
            if left <= 0:
                self._stop_at = time.monotonic() + _GRACE
                raise Empty
            ready = dict(poller.poll(round(1000 * min(_LOOK, left))))
            if self.kc.iopub_channel.socket in ready:
                self._read()
            if self.kc.shell_channel.socket in ready:
                reply = self.kc.get_shell_msg(timeout=_LOOK)
                if reply["parent_header"].get("msg_id") == msg_id:
                    return
            elif not ready and not self.is_alive():
                raise CellError("the kernel died")

    def get_message(self, stream: str, timeout: float | None = None) -> Message:
        """Return the next message of a stream, the ones read before included."""
        if stream != "iopub":
            return super().get_message(stream, timeout)
        while True:
            if self._stop_at is not None and time.monotonic() > self._stop_at:
                raise Empty
            if not self._unread:
                self._unread.append(super().get_message(stream, timeout))
            message = self._unread.popleft()
            self._received.append(message)
            if message["msg_type"] not in _NOT_FOR_NBVAL:
                return message

    def outputs(self) -> list[Any]:
        """Return the outputs of the last cell as a notebook stores them."""
        own = (m for m in self._received if m["parent_header"].get("msg_id") == self._msg_id)
        return _outputs_of(own)

    def stop(self) -> None:
        """End the kernel, also one that is dead; once is enough."""
        if hasattr(self, "km"):
            super().stop()

    def _read(self) -> None:
        message = self.kc.get_iopub_msg(timeout=_LOOK)
        self._unread.append(message)
        if message["msg_type"] == "stream":
            self._text_size += len(message["content"]["text"])
        if self._text_size > _MOST_TEXT:
            self.stop()
            raise CellError(f"it printed more than {_MOST_TEXT:,} characters and was stopped")


def _outputs_of(messages: Iterable[Message]) -> list[Any]:
    outputs: list[Any] = []
    shown: dict[str, Any] = {}  # outputs that may be updated, by their display id
    clear_next = False
    for message in messages:
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            clear_next = content["wait"]
            if not clear_next:
                outputs.clear()
        elif kind == "update_display_data":
            if output := shown.get(content["transient"]["display_id"]):
                output.update(data=content["data"], metadata=content["metadata"])
        elif kind in ("stream", "display_data", "execute_result", "error"):
            if clear_next:
                outputs.clear()
                clear_next = False
            outputs.append(output := nbformat.v4.output_from_msg(message))
            if display_id := content.get("transient", {}).get("display_id"):
                shown[display_id] = output
    return outputs
