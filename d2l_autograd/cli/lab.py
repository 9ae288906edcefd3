"""``d2l-autograd lab``: the chapters in Jupyter Lab, as files that belong to the reader."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import click

from d2l_autograd.cli.language import language_option
from d2l_autograd.course.chapters import chapters, notebooks_root
from notebook_check.files import write_atomically

MANIFEST = ".d2l-autograd.json"


@dataclass
class Copied:
    """What `copy_chapters` did, as paths relative to the reader's folder."""

    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def copy_chapters(source: Path, target: Path) -> Copied:
    """Bring ``target`` up to date with ``source`` without touching what the reader changed.

    A file is the reader's unless it is byte for byte what an earlier call put there; the
    manifest in ``target`` remembers that as hashes.
    """
    copied = Copied()
    target.mkdir(parents=True, exist_ok=True)
    if target.samefile(source):  # a checkout's own folder, opened to edit the course
        return copied
    manifest = _read_manifest(target / MANIFEST)
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if path.is_dir() or any(part.startswith((".", "__")) for part in relative.parts):
            continue
        name, destination, data = relative.as_posix(), target / relative, path.read_bytes()
        there = _hash(destination.read_bytes()) if destination.is_file() else None
        if there is None and os.path.lexists(destination):
            copied.kept.append(name)
        elif there == _hash(data):
            manifest[name] = there
        elif there is not None and there != manifest.get(name):
            copied.kept.append(name)
        else:
            destination.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(destination, data)
            manifest[name] = _hash(data)
            (copied.new if there is None else copied.updated).append(name)
    write_atomically(target / MANIFEST, json.dumps(manifest, indent=1).encode())
    return copied


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read_manifest(path: Path) -> dict[str, str]:
    """What was copied before; without a readable manifest, every file is the reader's."""
    try:
        manifest = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def jupyter_command(folder: Path, first: str, *, port: int | None, browser: bool) -> list[str]:
    """The command that opens Jupyter Lab of this environment on ``folder``."""
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{first}",
        "--ServerApp.kernel_spec_manager_class=d2l_autograd.cli.kernel.EnvironmentKernels",
        # One Ctrl-C ends it, without a question that resumes the server after five seconds.
        "--ServerApp.answer_yes=True",
    ]
    if port is not None:
        command.append(f"--ServerApp.port={port}")
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return command


@click.command()
@language_option
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("d2l-autograd-notebooks"),
    show_default=True,
    help="Folder for your copy of the chapters; each language has its own folder in it.",
)
@click.option("--port", type=click.IntRange(0, 65535), help="Port of Jupyter Lab.")
@click.option("--no-browser", is_flag=True, help="Print the address, open no browser.")
def lab(lang: str, folder: Path, port: int | None, no_browser: bool) -> None:
    """Open your own copy of the chapters in Jupyter Lab.

    A chapter that you changed is kept as it is; the others follow the installed course.
    Jupyter Lab listens on this machine only and asks for its token. Ctrl-C ends it.
    """
    first = chapters(lang)[0]
    target = (folder / lang).absolute()
    try:
        copied = copy_chapters(notebooks_root() / lang, target)
    except OSError as error:
        raise click.ClickException(
            f"Cannot put the chapters into {target}: {error.strerror or error}. "
            "Name another folder with --dir."
        ) from error
    click.echo(f"Chapters in {target}: {len(copied.new)} new, {len(copied.updated)} updated.")
    if copied.kept:
        click.echo(f"Kept as you changed them: {', '.join(copied.kept)}.")
        click.echo("For the course's version of one, rename yours and open the lab again.")
    command = jupyter_command(target, first.path.name, port=port, browser=not no_browser)
    if "--allow-root" in command:
        click.echo(
            "You are root, which Jupyter refuses unless told otherwise (--allow-root); it is "
            "told so here, since it answers this machine only and asks for its token."
        )
    sys.stdout.flush()
    if sys.platform != "win32":
        # In place of this process, so that every signal and the exit status are Jupyter's own.
        os.execv(sys.executable, command)
    sys.exit(subprocess.call(command))
