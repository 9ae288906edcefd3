"""The execution of a notebook, the same for every command: by nbclient, in one new kernel.

Slow to import (nbclient).
"""

from __future__ import annotations

import asyncio
import copy
import logging
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from notebook_check.compare.outputs import arrange
from notebook_check.errors import NotebookError
from notebook_check.kernels import Message, WatchedKernelManager, kernel_environment
from notebook_check.sizes import size_of

Notebook = Any  # nbformat's NotebookNode, whose fields are attributes
Cell = Any

MOST_CHARACTERS = 50_000_000
"""How many characters a cell may send, in texts and in pictures, before it is stopped."""

_QUIET = 0.1  # seconds without a message after which a kernel has nothing left to say
_PATIENCE = 2.0  # seconds to wait for an output that is stored and may still come
_SHOWN = ("stream", "display_data", "execute_result", "error", "clear_output")

# Lets a kernel of this environment describe the figures that it displays.
_DESCRIBE = """
def _describe_figures():
    try:
        from notebook_check.figures.display import describe_displayed_figures
        describe_displayed_figures(get_ipython(), offered=True)
    except Exception:
        pass
_describe_figures()
del _describe_figures
"""


@dataclass(frozen=True)
class Raised:
    """An exception that a cell ended with, or showed."""

    name: str
    message: str
    traceback: str

    def __str__(self) -> str:
        """Return the exception as one line."""
        first = self.message.strip().partition("\n")[0]
        return f"it raised {self.name}: {first}" if first else f"it raised {self.name}"


@dataclass
class Execution:
    """A notebook that was executed: its new outputs, and what became of its cells."""

    notebook: Notebook
    """A copy with new outputs and counts in the cells that were executed."""

    raised: dict[int, Raised] = field(default_factory=dict)
    """Exceptions, by the index of the cell."""

    ended_at: int | None = None
    """The index of the cell after which no other was executed, where there is one."""

    reason: str = ""
    """Why no other was executed."""

    def reached(self, index: int) -> bool:
        """Say whether a cell of this index had its turn."""
        return self.ended_at is None or index <= self.ended_at


@dataclass(frozen=True)
class Plan:
    """How a notebook is to be executed."""

    kernel: str
    folder: Path
    timeout: Callable[[Cell], float]
    skips: Callable[[Cell], bool] = lambda cell: False
    may_raise: Callable[[Cell], bool] = lambda cell: False
    goes_on: bool = False
    """Whether the cells after an exception that nobody expected are executed as well."""
    startup_timeout: float = 60
    describe_figures: bool = True


def execute(
    notebook: Notebook,
    plan: Plan,
    *,
    before_cell: Callable[[int, Cell], None] = lambda index, cell: None,
    settled: Callable[[Notebook], bool] = lambda notebook: True,
    at_start: Callable[[NotebookClient], None] = lambda client: None,
    at_end: Callable[[NotebookClient], None] = lambda client: None,
) -> Execution:
    """Execute a copy of a notebook from top to bottom.

    Outputs are those that Jupyter would store: an update changes the output that it is for, what
    a task prints later belongs to the cell that started it, and a widget's state is kept.

    Args:
        notebook: it is left as it is.
        plan: the kernel, the limits, and which cells run.
        before_cell: called with the index of a cell and the cell, before it runs.
        settled: says of the executed notebook whether all outputs are there that are waited for.
        at_start: called with the client of the new kernel.
        at_end: called with it once more, if the kernel lives.

    Raises:
        NotebookError: The kernel does not start.
    """
    executed = copy.deepcopy(notebook)
    for cell in executed.cells:
        if _is_code(cell) and not plan.skips(cell):
            cell.update(outputs=[], execution_count=None)
    run = _Run(executed, plan)
    with run.kernel():
        at_start(run.client)
        for index, cell in enumerate(executed.cells):
            if _is_code(cell) and cell.source.strip() and not plan.skips(cell):
                before_cell(index, cell)
                run.execute(index, cell)
                if run.execution.ended_at is not None:
                    break
        else:
            run.drain(settled)
            at_end(run.client)
    for index, cell in enumerate(executed.cells):
        if _is_code(cell) and not plan.skips(cell) and run.execution.reached(index):
            cell.outputs = [NotebookNode(output) for output in arrange(cell.outputs)]
    run.client.set_widgets_metadata()
    return run.execution


def _is_code(cell: Cell) -> bool:
    return bool(cell.cell_type == "code")


async def _stop_reading() -> None:
    """End the task by which nbclient reads outputs, which it leaves behind at a time limit."""
    tasks = [
        task
        for task in asyncio.all_tasks()
        if getattr(task.get_coro(), "__name__", "") == "_async_poll_output_msg"
    ]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class _Run:
    """The state of an execution."""

    def __init__(self, notebook: Notebook, plan: Plan) -> None:
        self.execution = Execution(notebook)
        self._plan = plan
        self._requests: dict[str, int] = {}  # the index of the cell, by the id of its request
        self._now = -1
        self._size = 0
        self._reply: Mapping[str, Any] = {}
        self.client = NotebookClient(
            notebook,
            kernel_name=plan.kernel,
            kernel_manager_class=WatchedKernelManager,
            timeout_func=lambda cell: plan.timeout(cell),
            startup_timeout=plan.startup_timeout,
            record_timing=False,
            allow_errors=True,  # judged from the reply below
            skip_cells_with_tag="",
            shutdown_kernel="immediate",
            on_cell_executed=self._keep_reply,
        )

    @contextmanager
    def kernel(self) -> Iterator[None]:
        """Have a kernel for as long as the context is open."""
        # It tells a failed start to the log, with a traceback and PATH; below it is one line.
        log = logging.getLogger("traitlets")
        log.disabled = True
        try:
            with self._started():
                self._channel().watch = self._watch
                if self._plan.describe_figures:
                    self._execute_silently(_DESCRIBE)
                yield
        finally:
            log.disabled = False

    @contextmanager
    def _started(self) -> Iterator[None]:
        context = self.client.setup_kernel(
            cwd=str(self._plan.folder),
            env=kernel_environment(),
            # What it shows it sends; what child processes print, it would print here as well.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            context.__enter__()
        except Exception as error:  # whatever a kernel's command fails with
            line = str(error).strip().partition("\n")[0]
            raise NotebookError(
                f"the kernel {self._plan.kernel!r} does not start: {line}"
            ) from None
        try:
            yield
        finally:
            context.__exit__(None, None, None)

    def execute(self, index: int, cell: Cell) -> None:
        """Execute a cell, and note what became of it."""
        self._now, self._size, self._reply = index, 0, {}
        try:
            self.client.execute_cell(cell, index)
        except CellTimeoutError:
            run_sync(_stop_reading)()
            limit = self._plan.timeout(cell)
            self._end(f"not done after {limit:g} s, which is its time limit")
        except DeadKernelError:
            if self._size > MOST_CHARACTERS:
                self._end(f"it sent more than {MOST_CHARACTERS:,} characters and was stopped")
            else:
                self._end("the kernel died")
        else:
            self._requests.setdefault(self._kernel_client().last_request, index)
            self._note_exception(index, cell)

    def drain(self, settled: Callable[[Notebook], bool]) -> None:
        """Read what comes after the last cell, while something is waited for."""
        self._now = -1
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            try:
                run_sync(self._channel().get_msg)(timeout=_QUIET)
            except Empty:
                if settled(self.execution.notebook):
                    return

    def _note_exception(self, index: int, cell: Cell) -> None:
        shown = [output for output in cell.outputs if output["output_type"] == "error"]
        if self._reply.get("status") == "error":
            told: Mapping[str, Any] = self._reply
        elif shown:
            told = shown[-1]
        elif index not in self.execution.raised:
            return
        else:  # an output widget has it
            told = {}
        if told:
            self.execution.raised[index] = Raised(
                str(told.get("ename", "an exception")),
                str(told.get("evalue", "")),
                "\n".join(map(str, told.get("traceback", ()))),
            )
        if not (self._plan.goes_on or self._plan.may_raise(cell)):
            self._end(str(self.execution.raised[index]))

    def _end(self, reason: str) -> None:
        self.execution.ended_at, self.execution.reason = self._now, reason

    def _keep_reply(self, execute_reply: Any, **_: Any) -> None:
        self._reply = execute_reply["content"]

    def _kernel_client(self) -> Any:
        return self.client.kc

    def _channel(self) -> Any:
        return self._kernel_client().iopub_channel

    def _watch(self, message: Message) -> bool:
        """Look at a message before nbclient does: count it, and give late ones to their cell.

        Return whether to read on.
        """
        kind, parent = message["msg_type"], message["parent_header"].get("msg_id")
        if self._now >= 0 and parent == self._kernel_client().last_request:
            self._requests[parent] = self._now
            self._size += size_of(message["content"])
            if self._size > MOST_CHARACTERS:
                manager: Any = self.client.km
                self._killing = asyncio.ensure_future(manager.shutdown_kernel(now=True))
                return False
            if kind == "error":
                content = message["content"]
                self.execution.raised[self._now] = Raised(
                    content["ename"], content["evalue"], "\n".join(content["traceback"])
                )
        elif (index := self._requests.get(parent)) is not None and (
            kind in _SHOWN or kind == "update_display_data" or kind.startswith("comm_")
        ):
            self.client.process_message(message, self.execution.notebook.cells[index], index)
        return True

    def _execute_silently(self, source: str) -> None:
        client = self._kernel_client()
        request = client.execute(source, silent=True, store_history=False)
        run_sync(self.client.async_wait_for_reply)(request)
