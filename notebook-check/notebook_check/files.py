"""Writing files as a whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``; whoever stops this finds the old file or the new one."""
    write_all_atomically({path: data})


def write_all_atomically(files: Mapping[Path, bytes]) -> None:
    """Replace every file or, where one of them cannot be or someone interrupts, none."""
    # tempfile would make the files private to the reader; these are as the old ones, or follow
    # the umask.
    parts = {path: path.with_name(f".{secrets.token_hex(8)}.part") for path in files}
    replaced: dict[Path, bytes | None] = {}
    try:
        for path, part in parts.items():
            part.write_bytes(files[path])
            _make_like(part, path)
        for path, part in parts.items():
            replaced[path] = path.read_bytes() if path.is_file() else None
            os.replace(part, path)
    except BaseException:
        for part in parts.values():
            part.unlink(missing_ok=True)
        for path, old in replaced.items():
            _put_back(path, old)
        raise


def _make_like(part: Path, path: Path) -> None:
    """Give a file the mode and, where that is allowed, the owner of the one that it replaces."""
    try:
        old = path.stat()
    except FileNotFoundError:
        return
    with suppress(PermissionError):
        os.chown(part, old.st_uid, old.st_gid)
    part.chmod(stat.S_IMODE(old.st_mode))


def _put_back(path: Path, old: bytes | None) -> None:
    if old is None:
        path.unlink(missing_ok=True)
    elif path.read_bytes() != old:
        write_atomically(path, old)
