"""A process for code of a student's: made by a fork, watched from outside, and ended whole.

The process that forks has imported MindSpore and never used it, which makes the difference between
a tenth of a second and several: a child of a process that had used it would hang.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
import resource
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from d2l_autograd.grading.isolation import PARENT_DEATH_SIGNAL, isolate, libc

Send = Callable[..., None]
Work = Callable[[Send], None]

_PROCESSES = 32  # at once: ten times what chapter 10 starts
_MESSAGES = 50_000_000  # bytes that a child may send
_FILE = 500_000_000  # bytes of a file that it may write
_STARTS = 60  # of processes by Python, all in all
_THREADS = 200 + 20 * (os.cpu_count() or 1)  # of the user's, beyond those that are there
_WAITS = 6  # times as long as it may compute, it may wait
_PAUSE = 0.05  # seconds between two looks at it

_TICKS, _PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
_DUMPABLE, _SUBREAPER = 4, 36  # of Linux's prctl


@dataclass(frozen=True)
class Limits:
    """What a child may take: seconds for each step, and for all of them; bytes of memory."""

    seconds: float
    all_seconds: float
    memory: float


@dataclass(frozen=True)
class Ended:
    """Why a child ended before its work was done: the key of a reason, and its details."""

    reason: str
    details: dict[str, Any]


def inherit_orphans() -> None:
    """Make what the children of this process leave behind its own children."""
    libc.prctl(_SUBREAPER, 1)


def become_watcher() -> None:
    """Prepare this process: it ends with its parent, and no other of the user can look into it."""
    libc.prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)
    libc.prctl(_DUMPABLE, 0)
    inherit_orphans()


class Child:
    """A process at work, as an iterator over what it sends; `ended` says why it stopped early.

    What it sends are JSON objects, not to be trusted: the child runs code of a student's. A
    message that has "step" in it begins a step, whose time is counted anew.
    """

    def __init__(self, work: Work, limits: Limits, hidden: tuple[Path, ...] = ()) -> None:
        """Start it. The folders in ``hidden`` are not to be seen by it, where that can be had."""
        self.ended: Ended | None = None
        self._limits = limits
        self._folder = tempfile.TemporaryDirectory(prefix="d2l-grade-", ignore_cleanup_errors=True)
        self._pipe, theirs = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _be_the_child(work, theirs, Path(self._folder.name), hidden)
        os.close(theirs)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the messages; when the iterator is left, nothing of the child is left."""
        try:
            yield from self._watched()
        finally:
            end_children()
            os.close(self._pipe)
            self._folder.cleanup()

    def _watched(self) -> Iterator[dict[str, Any]]:
        began = step_began = looked = time.monotonic()
        step_cpu = 0.0
        received, done = 0, False
        line: list[bytes] = []  # in parts, up to where it has come
        while True:
            if select.select([self._pipe], [], [], _PAUSE)[0]:
                chunk = os.read(self._pipe, 1 << 20)
                if not chunk:
                    break
                received += len(chunk)
                *ends, rest = chunk.split(b"\n")
                for end in ends:
                    message = _parsed(b"".join([*line, end]))
                    line = []
                    if message is None:
                        continue
                    if "step" in message:
                        step_began, step_cpu = time.monotonic(), _cpu()
                    done = done or "done" in message
                    yield message
                line.append(rest)
                if received > _MESSAGES:
                    self.ended = Ended("messages", {"megabytes": _MESSAGES // 10**6})
                    return
            elif _has_ended(self._pid):
                break  # and another process of its own holds the pipe
            if (now := time.monotonic()) - looked > _PAUSE:
                looked = now
                self.ended = self._over(now - began, now - step_began, step_cpu)
                if self.ended:
                    return
        status = _status(self._pid)
        if not done:
            self.ended = Ended(*_why(status))

    def _over(self, total: float, step: float, step_cpu: float) -> Ended | None:
        """Say what limit is passed, if one is."""
        limits = self._limits
        family = descendants()
        if len(family) > _PROCESSES:
            return Ended("processes", {"most": _PROCESSES})
        resident = sum(process.resident for process in family)
        if resident > limits.memory and _proportional(family) > limits.memory:
            return Ended("memory", {"gigabytes": limits.memory / 1e9})
        cpu = sum(process.seconds for process in family)
        if cpu - step_cpu > limits.seconds:
            return Ended("time", {"seconds": limits.seconds})
        if step > _WAITS * limits.seconds:
            return Ended("waits", {"seconds": _WAITS * limits.seconds})
        if cpu > limits.all_seconds or total > _WAITS * limits.all_seconds:
            return Ended("total", {"seconds": limits.all_seconds})
        return None


def _be_the_child(work: Work, pipe: int, folder: Path, hidden: tuple[Path, ...]) -> None:
    """Do the work in this process, apart from the others, and end it."""
    status = 1
    try:
        os.setsid()
        libc.prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
        libc.prctl(_DUMPABLE, 1)  # or Linux refuses it what it needs for namespaces
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nothing, number)
        for number in map(int, os.listdir("/proc/self/fd")):
            if number > 2 and number != pipe:
                with suppress(OSError):  # that of the list itself
                    os.close(number)
        for name in ("home", "work", "tmp"):
            (folder / name).mkdir()
        os.environ.update(
            HOME=str(folder / "home"),
            TMPDIR=str(folder / "tmp"),
            MS_OM_PATH=str(folder / "tmp"),
            IPYTHONDIR=str(folder / "home" / "ipython"),
        )
        tempfile.tempdir = None
        os.chdir(folder / "work")
        apart = isolate(hidden)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _limit_threads()
        _limit_starts()
        resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE, _FILE))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # an OSError in place of the end
        own = os.getpid()

        def send(**message: Any) -> None:
            if os.getpid() != own:
                os._exit(0)  # a copy of this process, which a student made
            data = json.dumps(message).encode() + b"\n"
            while data:
                data = data[os.write(pipe, data) :]

        send(apart=apart)
        work(send)
        send(done=True)
        status = 0
    finally:
        os._exit(status)


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def _limit_starts() -> None:
    """Have Python refuse to start ever more processes, quicker than anyone could watch them."""
    started = mmap.mmap(-1, 2)  # which copies of this process have in common

    def hook(event: str, _: object) -> None:
        if event in ("os.fork", "os.forkpty", "os.posix_spawn", "subprocess.Popen"):
            count = int.from_bytes(started[:2], "big") + 1
            if count > _STARTS:
                raise BlockingIOError(errno.EAGAIN, f"{_STARTS} processes were started")
            started[:2] = count.to_bytes(2, "big")

    sys.addaudithook(hook)


def _limit_threads() -> None:
    """Have the system refuse more threads than that to this user; root it refuses none."""
    mine, limit = os.getuid(), resource.getrlimit(resource.RLIMIT_NPROC)
    there = sum(process.threads for process in _processes() if process.user == mine)
    most = there + _THREADS
    if limit[0] == resource.RLIM_INFINITY or most < limit[0]:
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def end_children(but: frozenset[int] = frozenset()) -> None:
    """End every process below this one: those of a child that has ended have become its own."""
    while family := descendants(but):
        for process in family:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        for process in family:
            with suppress(ChildProcessError):
                os.waitpid(process.pid, os.WNOHANG)
        time.sleep(0.001)


@dataclass(frozen=True)
class Process:
    """A process as Linux tells of it: seconds that it has computed, and bytes that it holds."""

    pid: int
    parent: int
    user: int
    threads: int
    seconds: float
    resident: int


def descendants(but: frozenset[int] = frozenset()) -> list[Process]:
    """All processes below this one, without some of its children and what these started."""
    by_parent: dict[int, list[Process]] = {}
    for process in _processes():
        by_parent.setdefault(process.parent, []).append(process)
    found = [process for process in by_parent.get(os.getpid(), []) if process.pid not in but]
    for process in found:  # which grows meanwhile
        found += by_parent.get(process.pid, [])
    return found


def _processes() -> Iterator[Process]:
    for name in filter(str.isdecimal, os.listdir("/proc")):
        with suppress(OSError):  # it has ended meanwhile
            folder = f"/proc/{name}"
            with open(f"{folder}/stat", "rb") as file:
                fields = file.read().rpartition(b") ")[2].split()
            parent, *times = (int(fields[n]) for n in (1, 11, 12, 13, 14))
            user, threads = os.stat(folder).st_uid, int(fields[17])
            seconds, resident = sum(times) / _TICKS, int(fields[21]) * _PAGE
            yield Process(int(name), parent, user, threads, seconds, resident)


def _proportional(family: list[Process]) -> int:
    """The memory of processes, in which what they share is counted once."""
    total = 0
    for process in family:
        with suppress(OSError, IndexError):
            rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
            total += 1024 * int(rollup.partition("\nPss:")[2].split()[0])
    return total


def _cpu() -> float:
    return sum(process.seconds for process in descendants())


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _status(pid: int) -> int:
    """The exit status of a child that has closed its pipe, and may go on regardless."""
    until = time.monotonic() + 1
    while time.monotonic() < until:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(_PAUSE / 5)
    return 0


def _why(status: int) -> tuple[str, dict[str, Any]]:
    if status < 0:
        return "signal", {"signal": signal.Signals(-status).name}
    return "exit", {"status": status}
