"""A child without network, other processes and the folders of others, where Linux lets users do it.

That is what user namespaces are for. Some systems, and most containers, refuse them; there the
child has what every process of the user has, and `docs/grading.md` says so.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)

# Of Linux's headers sched.h, mount.h, if.h, sockios.h, prctl.h and capability.h.
_NEW_USER, _NEW_MOUNTS, _NEW_PROCESSES = 0x10000000, 0x00020000, 0x20000000
_NEW_NETWORK, _NEW_MESSAGES = 0x40000000, 0x08000000
_RECURSIVE, _PRIVATE = 0x4000, 0x40000
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
PARENT_DEATH_SIGNAL, _NO_NEW_PRIVILEGES = 1, 38
_CAPABILITY_VERSION = 0x20080522


def isolate(hidden: Iterable[Path]) -> bool:
    """Go on in namespaces of its own, as a child of this process, which ends when the child does.

    Returns whether that is so. The folders ``hidden`` are then empty for the child.
    """
    user, group = os.geteuid(), os.getegid()
    if not _apart(user, group):
        return False
    child = os.fork()
    if child:
        os.closerange(0, 4096)  # a pipe of the child's is closed when the child ends
        _end_like(os.waitpid(child, 0)[1])
    # When its parent ends, so does this process, and with it every other in its namespace.
    libc.prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
    _mount("none", "/", "", _RECURSIVE | _PRIVATE)
    _mount("proc", "/proc", "proc")
    for folder in hidden:
        _mount("none", str(folder), "tmpfs")
    with suppress(OSError):
        _open_loopback()
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    # The rights over these namespaces, with which all of it could be undone, are given up.
    none = (ctypes.c_uint32 * 6)()
    libc.capset((ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), none)
    return True


def _apart(user: int, group: int) -> bool:
    kinds = _NEW_USER | _NEW_MOUNTS | _NEW_PROCESSES | _NEW_NETWORK | _NEW_MESSAGES
    if libc.unshare(kinds):
        return False
    for file, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with suppress(OSError):
            Path("/proc/self", file).write_text(text)
    return True


def _mount(what: str, where: str, kind: str, flags: int = 0) -> None:
    libc.mount(what.encode(), where.encode(), kind.encode(), ctypes.c_ulong(flags), None)


def _open_loopback() -> None:
    """Let the child speak to itself: its ranks meet over a port of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(own, _GET_FLAGS, request))[1]
        fcntl.ioctl(own, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))


def _end_like(status: int) -> None:
    """End this process as its child has ended."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code not in (9, 19) else None
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 1)
