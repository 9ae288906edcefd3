"""``d2l-autograd lab``: the chapters in Jupyter Lab, as files that belong to the reader."""

from __future__ import annotations

import ipaddress
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from d2l_autograd import course
from d2l_autograd.cli.language import language_option
from d2l_autograd.course.chapters import chapters, notebooks_root
from d2l_autograd.course.copies import Copied, copy_chapters, sign

_OWN = "127.0.0.1"  # this machine, for itself alone
_SETTINGS = Path(course.__file__).with_name("jupyter")  # Jupyter Lab's: no news, and a language


def jupyter_command(
    folder: Path, first: str, *, ip: str, port: int | None, browser: bool, more: Sequence[str] = ()
) -> list[str]:
    """The command that opens Jupyter Lab of this environment on ``folder``."""
    # What JupyterHub starts has to know it.
    module = "jupyterhub.singleuser" if "JUPYTERHUB_API_TOKEN" in os.environ else "jupyterlab"
    command = [
        *(sys.executable, "-m", module),
        f"--ServerApp.ip={ip}",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{first}",
        "--ServerApp.kernel_spec_manager_class=notebook_check.kernels.EnvironmentKernels",
        # One Ctrl-C ends it, without a question that resumes the server after five seconds.
        "--ServerApp.answer_yes=True",
        # Jupyter's default is not to, and then each kernel warns of it.
        "--KernelManager.transport_encryption=auto",
        # The address is what stands last.
        "--Application.log_level=ERROR",
    ]
    if port is not None:
        command.append(f"--ServerApp.port={port}")
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return [*command, *more]


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
@click.option(
    "--fresh/--outputs",
    default=None,
    show_default="as they are; a new copy is fresh",
    help="Chapters without outputs, for you to run; or with those that the author got.",
)
@click.option(
    "--ip",
    default=_OWN,
    show_default=True,
    help="Address to listen on; 0.0.0.0 for every address, as in a container.",
)
@click.option("--port", type=click.IntRange(0, 65535), help="Port of Jupyter Lab.")
@click.option("--no-browser", is_flag=True, help="Print the address, open no browser.")
@click.argument("more", metavar="[-- OPTIONS OF JUPYTER]", nargs=-1, type=click.UNPROCESSED)
def lab(
    lang: str,
    folder: Path,
    fresh: bool | None,
    ip: str,
    port: int | None,
    no_browser: bool,
    more: tuple[str, ...],
) -> None:
    """Open your own copy of the chapters in Jupyter Lab.

    A chapter that you changed is kept as it is; the others follow the installed course.
    Jupyter Lab listens on this machine only, unless --ip says otherwise, and asks for its token.
    Ctrl-C ends it. Its own options follow after --.
    """
    if more and not more[0].startswith("-"):
        raise click.UsageError(f"'{more[0]}' is no option; what follows -- goes to Jupyter Lab.")
    first = chapters(lang)[0]
    target = (folder / lang).absolute()
    try:
        copied = copy_chapters(
            notebooks_root() / lang, target, outputs=None if fresh is None else not fresh
        )
    except OSError as error:
        raise click.ClickException(
            f"Cannot put the chapters into {target}: {error.strerror or error}. "
            "Name another folder with --dir."
        ) from error
    sign(target, copied.new + copied.updated + copied.same)
    _tell(copied, target)
    command = jupyter_command(
        target, first.path.name, ip=ip, port=port, browser=not no_browser, more=more
    )
    if "--allow-root" in command:
        click.echo(
            "You are root, which Jupyter refuses unless told otherwise (--allow-root); it is told "
            f"so here, since it asks for its token{_who_is_answered(ip)}."
        )
    click.echo("Starting Jupyter Lab. Ctrl-C ends it; its address is below.")
    sys.stdout.flush()
    paths = [str(_SETTINGS), str(_SETTINGS / lang), os.environ.get("JUPYTER_CONFIG_PATH")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    if sys.platform != "win32":
        # In place of this process, so that every signal and the exit status are Jupyter's own.
        os.execv(sys.executable, command)
    sys.exit(subprocess.call(command))


def _tell(copied: Copied, target: Path) -> None:
    counts = f"{len(copied.new)} new, {len(copied.updated)} updated"
    shape = "with their outputs" if copied.outputs else "without outputs (--outputs shows them)"
    click.echo(f"Chapters in {target}, {shape}: {counts}.")
    if copied.kept:
        click.echo(f"Kept as you changed them: {', '.join(copied.kept)}.")
        click.echo("For the course's version of one, rename yours and open the lab again.")


def _who_is_answered(ip: str) -> str:
    try:
        own = ipaddress.ip_address(ip).is_loopback
    except ValueError:  # a name
        own = ip == "localhost"
    return " and answers this machine only" if own else ""
