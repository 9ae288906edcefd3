"""The processes of this machine, as tests look for what has been left."""

from contextlib import suppress
from pathlib import Path


def command_lines() -> list[str]:
    """Return the command lines of all processes that have not ended."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # ended meanwhile
            lines.append(file.read_bytes().replace(b"\0", b" ").decode())
    return lines


def running(folder: Path) -> list[str]:
    """Return the command lines of the ranks, and of their scheduler, that use the folder."""
    return [line for line in command_lines() if "ranks.worker" in line and str(folder) in line]
