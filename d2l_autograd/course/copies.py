"""The reader's own copies of the chapters: brought up to date, and never written over."""

# nbformat is typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from notebook_check.files import write_atomically

MANIFEST = ".d2l-autograd.json"


@dataclass
class Copied:
    """What `copy_chapters` did, as paths relative to the reader's folder."""

    outputs: bool
    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@dataclass
class _Manifest:
    """What earlier calls put into a folder: whether with outputs, and the hash of each file."""

    outputs: bool = False
    hashes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> _Manifest:
        """Read it; where it cannot be read, every file in the folder is the reader's."""
        try:
            stored = json.loads(path.read_bytes())
        except (FileNotFoundError, ValueError):
            return cls()
        if not isinstance(stored, dict):
            return cls()
        if isinstance(stored.get("files"), dict):
            return cls(stored.get("outputs") is True, stored["files"])
        return cls(True, stored)  # as 0.1.0 wrote it, which copied outputs as well

    def write(self, path: Path) -> None:
        stored = {"outputs": self.outputs, "files": self.hashes}
        write_atomically(path, json.dumps(stored, indent=1).encode())


def copy_chapters(source: Path, target: Path, *, outputs: bool | None = None) -> Copied:
    """Bring ``target`` up to date with ``source`` without touching what the reader changed.

    A file is the reader's unless it is byte for byte what an earlier call put there; the
    manifest in ``target`` remembers that as hashes. The copies have the stored outputs or none;
    if ``outputs`` is None, as at the call before, and none at the first.
    """
    target.mkdir(parents=True, exist_ok=True)
    if target.samefile(source):  # a checkout's own folder, opened to edit the course
        return Copied(outputs=True)
    manifest = _Manifest.read(target / MANIFEST)
    if outputs is not None:
        manifest.outputs = outputs
    copied = Copied(manifest.outputs)
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if path.is_dir() or any(part.startswith((".", "__")) for part in relative.parts):
            continue
        data = path.read_bytes()
        if path.suffix == ".ipynb" and not manifest.outputs:
            data = without_outputs(data)
        name = relative.as_posix()
        before = manifest.hashes.get(name)
        getattr(copied, _copy(data, target / relative, before)).append(name)
        if name not in copied.kept:
            manifest.hashes[name] = _hash(data)
    manifest.write(target / MANIFEST)
    return copied


def _copy(data: bytes, path: Path, before: str | None) -> str:
    """Write ``data`` unless the file is the reader's; return the list of `Copied` it belongs to."""
    there = _hash(path.read_bytes()) if path.is_file() else None
    if there == _hash(data):
        return "same"
    if os.path.lexists(path) and (there is None or there != before):
        return "kept"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, data)
    return "new" if there is None else "updated"


def without_outputs(notebook: bytes) -> bytes:
    """Return a notebook as it is before anyone runs it; what is none, as it is."""
    try:
        content: Any = json.loads(notebook)
        cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError):
        return notebook
    for cell in cells:
        cell.update(outputs=[], execution_count=None)
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def sign(folder: Path, names: list[str]) -> None:
    """Tell Jupyter that these notebooks are trusted: it shows no stored drawing of others."""
    # Slow to import; listing chapters needs neither.
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    try:
        for name in names:
            if name.endswith(".ipynb"):
                notary.sign(nbformat.read(folder / name, as_version=4))
    finally:
        notary.store.close()


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
