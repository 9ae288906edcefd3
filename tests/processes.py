"""The processes of this machine, as tests look for what has been left."""

from contextlib import suppress
from pathlib import Path


def command_lines() -> dict[int, str]:
    """Return the command lines of all processes that have not ended, by their ids."""
    lines = {}
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # ended meanwhile
            lines[int(file.parent.name)] = file.read_bytes().replace(b"\0", b" ").decode()
    return lines


def running(folder: Path) -> dict[int, str]:
    """Return those of the ranks, and of their scheduler, that use the folder."""
    lines = command_lines().items()
    return {pid: line for pid, line in lines if "ranks.worker" in line and str(folder) in line}
