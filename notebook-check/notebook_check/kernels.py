"""Which kernel a notebook runs with, and how that kernel is started and read.

Slow to import (jupyter_client).
"""

import asyncio
import os
import re
from collections.abc import Callable
from typing import Any

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from traitlets import Type, default

from notebook_check.errors import NotebookError

THIS_PYTHON = ":nbval-parent-env"
"""nbval's name for the kernel of the Python that runs the check."""

_OF_PYTEST = ("PYTEST_", "COV_CORE_")
_PYTHON = re.compile(r"i?python\d*")

Message = Any


class Kernels(KernelSpecManager):
    """Jupyter's kernels, with the one of this Python, and ``python`` for ``python3``."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return what starts a kernel; NoSuchKernel where there is none of the name."""
        if kernel_name == THIS_PYTHON:
            return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())
        try:
            return super().get_kernel_spec(kernel_name)
        except NoSuchKernel:
            if kernel_name != "python":
                raise
            return super().get_kernel_spec("python3")


class WatchedChannel(AsyncZMQSocketChannel):
    """A channel whose messages are shown to `watch` before they are handed out.

    Once `watch` says no, nothing more is read or handed out.
    """

    watch: Callable[[Message], bool] | None = None

    async def get_msg(  # type: ignore[override]
        self, timeout: float | None = None
    ) -> Message:
        """Return the next message; queue.Empty where none comes in time."""
        message = await super().get_msg(timeout)
        if self.watch is not None and not self.watch(message):
            await asyncio.Event().wait()
        return message


class WatchedClient(AsyncKernelClient):
    """A kernel's client that remembers the last request for execution."""

    iopub_channel_class = Type(WatchedChannel)
    last_request = ""

    def execute(self, *arguments: Any, **options: Any) -> str:
        """Send code, and return the id of the request."""
        self.last_request = str(super().execute(*arguments, **options))
        return self.last_request


class WatchedKernelManager(AsyncKernelManager):
    """Starts one of `Kernels`, and reads it with a `WatchedClient`."""

    client_factory = Type(WatchedClient)

    @default("kernel_spec_manager")
    def _kernels(self) -> Kernels:
        return Kernels()

    @default("transport_encryption")
    def _encrypt_where_possible(self) -> str:
        # Jupyter's default is not to, and then the kernel warns on stderr at every start.
        return "auto"


def kernel_environment() -> dict[str, str]:
    """Return the variables of a kernel: this process's, without those of pytest.

    In a process that pytest's variables name, ipykernel does not show what C code and child
    processes print.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith(_OF_PYTEST)}


def kernel_of(notebook: Any, forced: str | None = None) -> str:
    """Return the name of the kernel that a notebook is to run with.

    Raises:
        NotebookError: It names none, the one it names is not installed here, or that one runs
            another language than the notebook is in.
    """
    metadata = notebook.metadata
    spec = metadata.get("kernelspec") or {}
    name = forced or spec.get("name")
    if not name:
        raise NotebookError(
            "it names no kernel (kernelspec in its metadata): save it in Jupyter, "
            "or say with which kernel to run it"
        )
    language = spec.get("language") or (metadata.get("language_info") or {}).get("name")
    manager = Kernels()
    try:
        found = manager.get_kernel_spec(str(name))
    except NoSuchKernel:
        there = ", ".join(sorted(manager.find_kernel_specs())) or "none"
        raise NotebookError(
            f"the kernel {str(name)!r} is not installed here (there is: {there}); "
            "the kernel of this Python can run it instead"
        ) from None
    if language and _language(language) != _language(found.language):
        shown = "this Python" if name == THIS_PYTHON else repr(name)
        raise NotebookError(
            f"the notebook is in {language}, and the kernel, {shown}, runs {found.language}"
        )
    return str(name)


def _language(name: object) -> str:
    """A language's name, the same for all names of Python."""
    text = str(name).strip().lower()
    return "python" if _PYTHON.fullmatch(text) else text
