"""Writing files as a whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


class FileChanged(Exception):
    """A file is no longer what it was when it was read; the message is its path."""


def write_atomically(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``; whoever stops this finds the old file or the new one."""
    write_all_atomically({path: data})


def write_all_atomically(
    files: Mapping[Path, bytes], expected: Mapping[Path, bytes] | None = None
) -> None:
    """Replace every file or, where one of them cannot be or someone interrupts, none.

    A file keeps its owner and its permissions, and a link stays one: what it leads to is replaced.

    Args:
        files: the new contents.
        expected: what is to be found in those files that somebody else may have changed.

    Raises:
        FileChanged: A file of `expected` has something else.
    """
    files = {path.resolve(): data for path, data in files.items()}
    expected = {path.resolve(): data for path, data in (expected or {}).items()}
    # tempfile would make the files private to the reader; these follow the umask.
    parts = {path: path.with_name(f".{secrets.token_hex(8)}.part") for path in files}
    replaced: dict[Path, bytes | None] = {}
    try:
        for path, part in parts.items():
            part.write_bytes(files[path])
            _take_over_rights(path, part)
        for path, part in parts.items():
            old = path.read_bytes() if path.is_file() else None
            if path in expected and old != expected[path]:
                raise FileChanged(str(path))
            replaced[path] = old
            os.replace(part, path)
    except BaseException:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)
        for path, old in replaced.items():
            _put_back(path, old)
        raise


def _take_over_rights(path: Path, part: Path) -> None:
    """Give the new file the permissions of the old one and, where this user may, its owner."""
    if not path.is_file():
        return
    old = path.stat()
    if (old.st_uid, old.st_gid) != (part.stat().st_uid, part.stat().st_gid):
        with suppress(OSError):
            os.chown(part, old.st_uid, old.st_gid)
    part.chmod(old.st_mode & 0o7777)


def _put_back(path: Path, old: bytes | None) -> None:
    if old is None:
        path.unlink(missing_ok=True)
    elif path.read_bytes() != old:
        write_atomically(path, old)
