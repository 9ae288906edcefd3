"""The other end of worker processes: starts them, gives orders, and ends them."""

import json
import os
import select
import subprocess
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


class Failure(Exception):
    """A contestant raised, died or took too long; the message says which."""


class RemoteWorker:
    """A process with one library. Use it as a context; see benchmarks.worker for its orders."""

    def __init__(self, python: str, process: str, limit: float) -> None:
        """Start it, or raise Failure; each order may take as many seconds as the limit says."""
        self._limit = limit
        self._folder = tempfile.TemporaryDirectory(prefix="d2l-autograd-")
        self._errors = Path(self._folder.name, "stderr")
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [python, "-m", "benchmarks.worker", process],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self._folder.name,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(paths),
                    "GLOG_v": "4",  # MindSpore's log: nothing but what is fatal
                    "MS_OM_PATH": self._folder.name,  # where MindSpore leaves what did not compile
                },
            )
        try:
            self._answer()
        except Failure:
            self.close()
            raise

    def order(self, name: str, **arguments: Any) -> Any:
        """Return the worker's answer, or raise Failure."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps([name, arguments]).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Failure(self._death()) from None
        return self._answer()

    @property
    def alive(self) -> bool:
        """Whether it can take orders."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def __enter__(self) -> "RemoteWorker":
        """Return the worker, which runs already."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the process."""
        self.close()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], self._limit)
        if not ready:
            self._process.kill()
            self._process.wait()
            raise Failure(f"no answer within {self._limit:.0f} s")
        line = self._process.stdout.readline()
        if not line:
            raise Failure(self._death())
        answer = json.loads(line)
        if "failure" in answer:
            raise Failure(answer["failure"])
        return answer["answer"]

    def _death(self) -> str:
        code = self._process.wait()
        said = self._errors.read_text(errors="replace").strip().splitlines()
        return f"ended with {code}" + (f": {said[-1]}" if said else "")
