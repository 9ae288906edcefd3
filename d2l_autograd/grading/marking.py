"""Notebooks marked by several workers at a time: started, asked, ended, and replaced if need be."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from d2l_autograd.grading.processes import descendants, end_children, inherit_orphans
from d2l_autograd.grading.results import Marked

_WORKER = "from d2l_autograd.grading.worker import main; main()"
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH")
# One thread, and so nothing that a fork would tear apart.
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class CannotGrade(Exception):
    """No worker can be started."""


@dataclass(frozen=True)
class Settings:
    """How notebooks are marked.

    Attributes:
        lang: the language of the hints.
        seconds: what one cell, and the check of one answer, may compute.
        memory: the bytes that a notebook's processes may take.
        chapter: the number of the chapter, or None where each notebook tells.
        hidden: folders that submissions cannot see, where the system can hide them.
    """

    lang: str
    seconds: float
    memory: float
    chapter: str | None = None
    hidden: tuple[Path, ...] = ()

    def request(self, path: Path) -> dict[str, Any]:
        """What a worker is told of a notebook."""
        return {
            "path": str(path.absolute()),
            "chapter": self.chapter,
            "lang": self.lang,
            "seconds": self.seconds,
            "memory": self.memory,
            "hidden": list(map(str, self.hidden)),
        }


def hidden_with(folder: Path) -> tuple[Path, ...]:
    """The folder with the submissions, unless what their code needs lies in it as well."""
    needed = (sys.prefix, sys.base_prefix, tempfile.gettempdir(), *filter(None, sys.path))
    inside = (Path(path).resolve().is_relative_to(folder.resolve()) for path in needed)
    return () if any(inside) else (folder.resolve(),)


def mark_all(
    paths: Sequence[Path],
    settings: Settings,
    jobs: int,
    began: Callable[[Path], None] = lambda _: None,
    apart: Callable[[bool], None] = lambda _: None,
) -> Iterator[tuple[Path, Marked]]:
    """Yield each notebook with what marking it found, in the order in which they are done.

    In other threads, ``began`` is called when one is begun, and ``apart`` once, with whether the
    system keeps submissions from the network, from each other and from other processes. However
    this ends, no process of it is left. Raises `CannotGrade`.
    """
    inherit_orphans()
    others = frozenset(process.pid for process in descendants())
    waiting: queue.SimpleQueue[Path] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Path, Marked] | BaseException] = queue.SimpleQueue()
    for path in paths:
        waiting.put(path)
    stop = threading.Event()
    workers: list[Worker] = []
    threads: list[threading.Thread] = []

    def work(worker: Worker) -> None:
        try:
            kept = worker.wait()
            if worker is workers[0] and not stop.is_set():
                apart(kept)
            while not stop.is_set():
                path = waiting.get_nowait()
                began(path)
                done.put((path, worker.mark(settings.request(path))))
        except queue.Empty:
            pass
        except BaseException as error:
            done.put(error)

    try:
        for _ in range(min(jobs, len(paths))):
            workers.append(Worker())
            threads.append(threading.Thread(target=work, args=workers[-1:], daemon=True))
            threads[-1].start()
        for _ in paths:
            found = done.get()
            if isinstance(found, BaseException):
                raise found
            yield found
    finally:
        stop.set()
        for worker in workers:
            worker.end()
        for thread in threads:
            thread.join()
        for worker in workers:
            worker.close()
        end_children(but=others)


class Worker:
    """A process of `worker`, which is started again where a submission has ended it."""

    def __init__(self) -> None:
        """Start it; it is ready some seconds later."""
        self._ended = False
        self._process = self._started()

    def wait(self) -> bool:
        """Return when it is ready, with whether it keeps submissions apart."""
        ready = self._answer()
        if ready is None and not self._ended:
            raise CannotGrade(
                "The process that marks notebooks does not start. What is missing? "
                "`d2l-autograd doctor` tells."
            )
        return bool(ready and ready["apart"])

    def mark(self, request: dict[str, Any]) -> Marked:
        """Have a notebook marked."""
        with suppress(OSError):
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        found = self._answer()
        if found is not None:
            return Marked.from_data(found)
        if not self._ended:
            self.close()
            self._process = self._started()
            self.wait()
        return Marked(request["chapter"] or "", reason="watcher")

    def end(self) -> None:
        """End it; whoever waits for its answer gets none."""
        self._ended = True
        self._process.kill()

    def close(self) -> None:
        """End it, and with it the pipes, at which no one may wait any more."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # it did not read all
                pipe.close()

    def _answer(self) -> dict[str, Any] | None:
        line = self._process.stdout.readline()
        return dict(json.loads(line)) if line.endswith("\n") else None

    def _started(self) -> Any:
        return subprocess.Popen(
            [sys.executable, "-c", _WORKER],
            env={
                **{name: os.environ[name] for name in _KEPT if name in os.environ},
                **dict.fromkeys(_ONE_THREAD, "1"),
                "GLOG_v": "4",
                "PYTHONUTF8": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C comes to this process alone
        )
